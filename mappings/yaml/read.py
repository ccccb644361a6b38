"""Reads YAML into nodes that have every scalar as its written text, with its place.

Nothing here becomes a number, a date or a Python object. Not for binding nodes to models (mappings/binding/bind.py).
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from ...errors import FileName, Place, SpecError, SpecProblem
from .composer import MAX_PROBLEMS, Composer
from .nodes import Mapping, Node, Scalar, Sequence, node_data, shown

__all__ = [
    "Mapping", "Node", "Scalar", "Sequence", "examine_file", "examine_text", "file_name", "node_data", "parse_yaml",
    "read_yaml", "shown",
]  # fmt: skip

MAX_BYTES = 5_000_000
_BREAK = re.compile(r"\r\n|\r|\n")
# C0 and C1 controls but tab and line ends; U+0085, U+2028, U+2029, which YAML 1.1 counts as line ends and editors do
# not, so that every later line number would be wrong; byte order marks inside the text; lone surrogates
_UNWANTED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")


def read_yaml(path: Path, root: Path) -> Node:
    """The document in ``path``; places name the file relative to ``root``. SpecError with every problem found."""
    node, problems = examine_file(path, root)
    return _whole(node, problems)


def parse_yaml(text: str, file: str) -> Node:
    """The document in ``text``; an empty one is a null Scalar at 1:1. SpecError with every problem found."""
    node, problems = examine_text(text, file)
    return _whole(node, problems)


def examine_file(path: Path, root: Path) -> tuple[Node | None, list[SpecProblem]]:
    """Like ``read_yaml``, but returns the readable part and the problems, so that checks can continue."""
    file = FileName(file_name(path, root), path)
    data = _read_bytes(path, file)
    if isinstance(data, SpecProblem):
        return None, [data]
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        return None, [_encoding_problem(data, error.start, file)]
    node, problems = _composed(text, file, path)
    return node, list(problems)


@lru_cache(maxsize=256)
def _composed(text: str, file: FileName, path: Path) -> tuple[Node | None, tuple[SpecProblem, ...]]:
    """A file of this text; a process reads the shipped files that a study continues for every study."""
    node, problems = examine_text(text, file)
    return node, tuple(problems)


def examine_text(text: str, file: str) -> tuple[Node | None, list[SpecProblem]]:
    """Like ``parse_yaml``, but returns the readable part and the problems. None: nothing is reliable."""
    text = text.removeprefix("\ufeff")
    found = [match.start() for match, _ in zip(_UNWANTED.finditer(text), range(MAX_PROBLEMS), strict=False)]
    problems = [_unwanted_problem(text, offset, file) for offset in found]
    if problems:
        return None, problems
    composer = Composer(text, file)
    return composer.compose(), composer.problems


def file_name(path: Path, root: Path) -> str:
    """The name of ``path`` in messages: relative to ``root`` with forward slashes; else the whole path."""
    try:
        if ".." not in path.parts and path.is_relative_to(root):
            return path.relative_to(root).as_posix()
        return path.resolve().relative_to(root.resolve()).as_posix()
    except (ValueError, OSError, RuntimeError):
        return path.as_posix()


def _whole(node: Node | None, problems: list[SpecProblem]) -> Node:
    if problems or node is None:
        raise SpecError(problems)
    return node


def _read_bytes(path: Path, file: str) -> bytes | SpecProblem:
    try:
        if not path.exists():
            return SpecProblem(Place(file), "there is no such file")
        if path.is_dir():
            return SpecProblem(Place(file), "this is a folder; a YAML file is expected")
        if not path.is_file():  # a pipe or a device could block for ever
            return SpecProblem(Place(file), "this is not a regular file; a YAML file is expected")
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        hint = "check its permissions" if isinstance(error, PermissionError) else ""
        return SpecProblem(Place(file), f"the file cannot be read: {reason}", hint=hint)
    if len(data) > MAX_BYTES:
        return SpecProblem(
            Place(file), f"the file is larger than {MAX_BYTES:,} bytes", hint="data does not go into a spec"
        )
    return data


def _encoding_problem(data: bytes, offset: int, file: str) -> SpecProblem:
    place = _place_in(data[:offset].decode("utf-8").removeprefix("\ufeff"), offset, file)
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return SpecProblem(Place(file, 1, 1), "the file is UTF-16; a spec is UTF-8", hint="save it again as UTF-8")
    message = f"the byte 0x{data[offset]:02X} at byte offset {offset} is not UTF-8"
    return SpecProblem(place, message, hint="save the file again as UTF-8; it may be Windows-1252 or Latin-1 now")


def _unwanted_problem(text: str, offset: int, file: str) -> SpecProblem:
    code = f"{ord(text[offset]):04X}"
    hint = "" if text[offset] == "\0" else f'where it is meant, write "\\u{code}" in double quotes'
    return SpecProblem(_place_in(text, offset, file), f"the character U+{code} is not allowed in a spec", hint=hint)


def _place_in(text: str, offset: int, file: str) -> Place:
    ends = [match.end() for match in _BREAK.finditer(text, 0, min(offset, len(text)))]
    start = ends[-1] if ends else 0
    return Place(file, len(ends) + 1, min(offset, len(text)) - start + 1)
