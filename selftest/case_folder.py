"""The folder in which cases run one after the other: between two of them only the files that differ are written.

Most cases change one file of the study of their area. Not for the content of files (``files.py``).
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from .files import WRITERS, Content, write_files

#: what changes when a file is written: its number on the volume, its size, its times of change
Identity = tuple[int, int, int, int]


@dataclass
class CaseFolder:
    """``work``: the folder around ``work/case``; what a command writes beside its folder is removed too.

    ``written``: path below ``work/case`` -> its content, and the file as it was written.
    """

    work: Path
    written: dict[str, tuple[Content, Identity]] = field(default_factory=dict)

    @property
    def case(self) -> Path:
        return self.work / "case"

    def clear(self) -> None:
        """Remove everything; what is written now without ``fill`` is removed by the next ``fill``."""
        self.written.clear()
        shutil.rmtree(self.work, ignore_errors=True)
        self.case.mkdir(parents=True)

    def fill(self, files: Mapping[str, Content]) -> None:
        """Make the folder hold ``files`` and nothing else. Raises as ``write_files``."""
        if not all(map(_is_file, files.values())):
            self.clear()
            write_files(self.case, files)
            return
        present = self._remaining(files)
        missing = {name: content for name, content in files.items() if name not in present}
        write_files(self.case, missing)
        self.written = {name: self.written[name] for name in present}
        self.written |= {name: (content, _identity((self.case / name).stat())) for name, content in missing.items()}

    def _remaining(self, files: Mapping[str, Content]) -> set[str]:
        """Remove everything but the files that are there as they shall be; these files."""
        folders = {parent for name in files for parent in _parents(name)}
        found: set[str] = set()

        def visit(entry: os.DirEntry[str], name: str) -> None:
            if not entry.is_dir(follow_symlinks=False):
                if self.written.get(name) == (files.get(name), _identity(entry.stat(follow_symlinks=False))):
                    found.add(name)
                else:
                    Path(entry.path).unlink()
            elif name in folders:
                for inner in _entries(entry.path):
                    visit(inner, f"{name}/{inner.name}")
            else:
                shutil.rmtree(entry.path)

        try:
            for entry in _entries(self.work):
                if entry.name != self.case.name:
                    visit(entry, "")
            for entry in _entries(self.case):
                visit(entry, entry.name)
        except OSError:  # a system that does not remove some of it
            self.clear()
            return set()
        return found


def _entries(folder: str | Path) -> list[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        return list(entries)


def _is_file(content: Content) -> bool:
    """Whether a content is the bytes of a file, which depend on nothing else."""
    return isinstance(content, str) or not WRITERS.keys().isdisjoint(content)


def _parents(name: str) -> list[str]:
    parts = name.split("/")[:-1]
    return ["/".join(parts[: n + 1]) for n in range(len(parts))]


def _identity(found: os.stat_result) -> Identity:
    return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns
