"""``python -m raw2adam``."""

from raw2adam.cli import main

main()
