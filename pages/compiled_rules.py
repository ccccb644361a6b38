"""The conformance rules as one JSON file, which is read faster than their YAML: conformance/rules.json.

``python -m raw2adam.pages.compiled_rules FILE`` writes it.
"""

from __future__ import annotations

import sys

from ..conformance.language.compiled import compiled_text
from ..conformance.language.read import FOLDER, cased_rules
from .page import write_page


def main(arguments: list[str]) -> int:
    """``[--check] FILE``: see page.py."""
    return write_page("pages.compiled_rules", compiled_text(cased_rules(), FOLDER), arguments)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
