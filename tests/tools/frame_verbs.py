"""Refuses the joins, groups, pivots and de-duplication of pandas: only engine/columns/verbs.py, which loses no row, calls them.

A script of ``make check``; test_house.py runs it too. Not for what those verbs do: engine/columns/verbs.py.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from kit.source_facts import facts_of_package

ALLOWED = {"engine/columns/verbs.py"}


def main() -> int:
    wrong = [found for found in facts_of_package().frame_verbs if found[0] not in ALLOWED]
    for name, line, verb in wrong:
        print(f"{name}:{line}: .{verb}( loses rows with missing keys in silence; use engine/columns/verbs.py")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
