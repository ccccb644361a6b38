"""``python -m raw2adam``."""

from .cli import main

main()
