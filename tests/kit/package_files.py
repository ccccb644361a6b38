"""The files of the repository, without those of environments, caches and outputs: a walk that does not enter them."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).parents[2]
#: folders of the repository that are no part of the package
OUTSIDE = frozenset({"tests", "benchmarks", "docs", "demo", "build", "dist"})


def package_files(root: Path = ROOT, ending: str = ".py", outside: frozenset[str] = OUTSIDE) -> list[Path]:
    """The files below ``root`` with this ending, sorted: none of the folders ``outside`` of the root nor of hidden ones."""
    found = []
    for folder, below, names in os.walk(root):
        skipped = outside if Path(folder) == root else ()
        below[:] = [n for n in below if not n.startswith(".") and n != "__pycache__" and n not in skipped]
        found += [Path(folder, n) for n in names if n.endswith(ending) and not n.startswith(".")]
    return sorted(found)
