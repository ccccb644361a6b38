"""The path of a source's file: inside the raw folder, readable, a regular file. Not for reading it."""

from __future__ import annotations

import os
import re
from pathlib import Path, PurePosixPath

from ..errors import InputError, nearest


def locate(folder: Path, file: str) -> Path:
    """The path of ``file`` in the raw folder. Raises InputError if it is outside the folder or no regular file."""
    outside = InputError(f"{file}: a source's file is named relative to the raw folder and lies inside it")
    parts = PurePosixPath(file.replace("\\", "/")).parts
    if not file.strip() or "\0" in file or ".." in parts:
        raise outside
    if PurePosixPath(file).is_absolute() or file.startswith("\\") or re.match(r"[A-Za-z]:", file):
        raise outside
    path = folder / file
    if not folder.is_dir():
        raise InputError(f"{file}: the raw folder '{folder}' does not exist; name it with --raw")
    try:
        if not path.exists():
            raise InputError(_missing(folder, file))
        if not path.resolve().is_relative_to(folder.resolve()):
            raise outside
    except (OSError, RuntimeError) as error:  # a loop of links, a name too long, a folder without permission
        raise InputError(f"{file}: cannot be reached ({error.__class__.__name__}); check the path") from None
    if path.is_dir():
        raise InputError(f"{file}: a folder, not a file; name the file inside it")
    if not path.is_file():
        raise InputError(f"{file}: not a regular file; copy the data to a file")
    if not os.access(path, os.R_OK):
        raise InputError(f"{file}: no permission to read the file; ask for it, or copy the file")
    return path


def _missing(folder: Path, file: str) -> str:
    present = sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())
    for other in present:
        if other.casefold() == file.casefold():
            return f"{file}: no such file in the raw folder, but '{other}': upper and lower case count on this system"
    near = nearest(file, present)
    listed = near or (f"it has {', '.join(present[:8])}" if present else "the folder is empty")
    return f"{file}: no such file in the raw folder ({listed}); if it is not in this data cut, declare optional: true"
