"""Refuses the joins, groups, pivots and de-duplication of pandas: only engine/columns/verbs.py, which loses no row, calls them.

A script of ``make check``; test_house.py runs it too. Not for what those verbs do: engine/columns/verbs.py.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests"))

from kit.package_files import package_files  # noqa: E402

ALLOWED = {"engine/columns/verbs.py"}
REFUSED = {
    "merge", "merge_asof", "merge_ordered", "groupby", "pivot", "pivot_table", "crosstab", "melt", "wide_to_long",
    "drop_duplicates",
}  # fmt: skip
#: arguments that only a join of frames has; a join of texts takes none by name
JOIN_ARGUMENTS = {"on", "how", "lsuffix", "rsuffix", "sort", "validate", "other"}


def raw_verbs(source: str) -> Iterator[tuple[int, str]]:
    """(line, name) of each call of a raw pandas verb in a Python source text."""
    for node in ast.walk(ast.parse(source)):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        name = node.func.attr
        if name in REFUSED or (name == "join" and JOIN_ARGUMENTS & {k.arg for k in node.keywords}):
            yield node.lineno, name


def main() -> int:
    wrong = 0
    for path in package_files(ROOT):
        name = path.relative_to(ROOT).as_posix()
        for line, verb in raw_verbs(path.read_text(encoding="utf-8")) if name not in ALLOWED else ():
            print(f"{name}:{line}: .{verb}( loses rows with missing keys in silence; use engine/columns/verbs.py")
            wrong += 1
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
