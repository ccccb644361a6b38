"""The errors a user meets, each with its place and its exit code.

Not for findings about data: those are rows of a table (``findings/table.py``) and do not stop a run.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path


class FileName(str):
    """How reports name a file, the same on every machine: relative to its study. ``path``: where it lies."""

    path: Path

    def __new__(cls, name: str, path: Path) -> FileName:
        name_with_path = super().__new__(cls, name)
        name_with_path.path = path
        return name_with_path

    def __reduce__(self) -> tuple[type[FileName], tuple[str, Path]]:
        return FileName, (str(self), self.path)


@dataclass(frozen=True)
class Place:
    """Where something stands in a text file; line and column count from 1, 0 when unknown."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return self._at(self.file)

    def shown(self) -> str:
        """The place for a terminal, which opens the file from the current folder."""
        return self._at(self.path)

    @property
    def path(self) -> str:
        """The file relative to the current folder, or its whole path where that is shorter."""
        if not isinstance(self.file, FileName):
            return self.file
        whole = self.file.path.absolute().as_posix()
        try:
            near = Path(os.path.relpath(self.file.path)).as_posix()
        except ValueError:  # another drive
            return whole
        return near if len(near) <= len(whole) else whole

    def _at(self, file: str) -> str:
        return f"{file}:{self.line}:{self.column or 1}" if self.line else str(file)


class Raw2AdamError(Exception):
    """Base of every error that ends a run with a message for the user; never shown with a traceback."""

    exit_code = 1


class UsageError(Raw2AdamError):
    """The command was called in a way that cannot work."""

    exit_code = 2


@dataclass(frozen=True)
class SpecProblem:
    """One mistake in a spec: where, what was found and expected, and the nearest valid name if there is one.

    ``refers_to``: the names that the mistake is about, as a source that is not there. Where one of them was left out
    for a mistake of its entry, this problem only follows from that mistake.
    """

    place: Place
    message: str
    dataset: str = ""
    variable: str = ""
    hint: str = ""
    severity: str = "error"  # error | warning | note
    refers_to: frozenset[str] = field(default=frozenset(), compare=False)

    def __str__(self) -> str:
        return self._text(str(self.place))

    def shown(self) -> str:
        """The same for a terminal, whose reader opens the file from the current folder."""
        return self._text(self.place.shown())

    def _text(self, place: str) -> str:
        subject = ".".join(part for part in (self.dataset, self.variable) if part)
        text = f"{place}: {self.severity}: " + (f"{subject}: " if subject else "") + self.message
        return f"{text} ({self.hint})" if self.hint else text


class SpecError(Raw2AdamError):
    """All mistakes of a study's specs at once."""

    exit_code = 2

    def __init__(self, problems: Sequence[SpecProblem]):
        self.problems = list(problems)
        super().__init__("\n".join(str(p) for p in self.problems))

    def shown(self) -> str:
        """The problems for a terminal."""
        return "\n".join(p.shown() for p in self.problems)


class InputError(Raw2AdamError):
    """An input file that cannot be read, or rows that cannot be reconciled."""

    exit_code = 3


class OutputError(Raw2AdamError):
    """An output that cannot be written, or a value that the output format cannot hold."""

    exit_code = 4


#: what the system answers where a file cannot be written -> what to do
_REFUSED = {
    errno.ENOSPC: "free space on the volume, or name a folder on another one",
    errno.EDQUOT: "free space within your quota, or name a folder on another volume",
    errno.EFBIG: "a file would be larger than the limit of the system or of the shell (ulimit -f) allows",
    errno.EROFS: "the volume can only be read; name a folder on another one",
    errno.EIO: "the volume reports an error; check it, or name a folder on another one",
}


def refused_write(out: object, error: OSError) -> OutputError | None:
    """The error for the user where the system refused to write below ``out``; None for an error of another kind."""
    advice = _REFUSED.get(error.errno or 0)
    return None if advice is None else OutputError(f"{out}: cannot be written: {error.strerror}; {advice}")


def visible(text: str) -> str:
    """A text for a terminal: control characters, which could move the cursor or hide text, are written as \\x1b.

    Line feeds and tabs stay. Marks that turn the direction of writing (Unicode bidi controls) are written out too.
    """
    return text.translate(_UNSEEN)


_UNSEEN = {
    c: f"\\x{c:02x}" if c < 256 else f"\\u{c:04x}"
    for c in (*range(32), *range(127, 160), *range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F)
    if chr(c) not in "\n\t"
}


def nearest(name: str, valid: Sequence[str], alike: float = 0.6) -> str:
    """A "did you mean" hint for ``name`` among ``valid``; empty when nothing is close. ``alike``: how close, to 1."""
    import difflib

    folded = {v.casefold(): v for v in valid}
    match = difflib.get_close_matches(name.casefold(), list(folded), n=1, cutoff=alike)
    return f"did you mean '{folded[match[0]]}'?" if match else ""
