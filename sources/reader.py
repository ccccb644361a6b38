"""The readers of raw formats: one record each, and the registry that sources/read.py looks into.

Not for a format's name, suffixes and keys (mappings/facts/raw_formats.py), nor for reading.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from ..findings.table import Findings
from ..mappings.facts.raw_formats import RAW_FORMATS, RawFormat
from .options import SourceOptions
from .table import RawTable

T = TypeVar("T")


class ParsedFiles:
    """Files that several sources of a run read parts of, each parsed once."""

    def __init__(self) -> None:
        self._files: dict[tuple[type, Hashable], object] = {}

    def get(self, kind: type[T], key: Hashable, parse: Callable[[], T]) -> T:
        """The parsed file of a key; ``parse`` reads it if no source has read it yet.

        ``kind``: the class of parsed files; files of two classes never share a key.
        """
        if (kind, key) not in self._files:
            self._files[kind, key] = parse()
        found = self._files[kind, key]
        assert isinstance(found, kind)
        return found


@dataclass(frozen=True, kw_only=True)
class SourceFile:
    """One source to read. ``folder``: the raw folder, for files beside it; ``path``: its own file, checked."""

    source: str
    folder: Path
    path: Path
    options: SourceOptions
    findings: Findings = field(default_factory=Findings)
    parsed: ParsedFiles = field(default_factory=ParsedFiles)


@dataclass(frozen=True, kw_only=True)
class Reader:
    """How a format is read, and the findings about a file that it may report."""

    format: RawFormat
    read: Callable[[SourceFile], RawTable]
    findings: frozenset[str]


#: format -> its reader; a module of sources/<room>/read.py registers it when it is imported
READERS: dict[str, Reader] = {}


def reads(
    *formats: str, findings: tuple[str, ...]
) -> Callable[[Callable[[SourceFile], RawTable]], Callable[[SourceFile], RawTable]]:
    """Registers the decorated function as the reader of ``formats``."""

    def register(function: Callable[[SourceFile], RawTable]) -> Callable[[SourceFile], RawTable]:
        for name in formats:
            READERS[name] = Reader(format=RAW_FORMATS[name], read=function, findings=frozenset(findings))
        return function

    return register
