"""What agencies allow as names of folders and files in an eCTD, and how long a path may be.

Sources: ICH eCTD specification 3.2.2, appendix 2, for characters, lower case, one extension and the 64 characters of a
name; eCTD 4.0, by secondary sources, for the 180 characters of a path (version 3.2.2 allows 230); FDA Study Data
Technical Conformance Guide for the 8 characters of a dataset. Not for where a file lies (``layout.py``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

NAME_LENGTH = 64
PATH_LENGTH = 180
#: the folder of the sequence, which the publisher puts before m5, with its '/'
SEQUENCE = len("0000/")
_NAME = re.compile(r"[a-z0-9-]+", re.ASCII)
_FILE = re.compile(r"[a-z0-9-]+\.[a-z0-9]+", re.ASCII)
_DATASET = re.compile(r"[a-z][a-z0-9]{0,7}\.xpt", re.ASCII)


def path_problems(paths: Iterable[str]) -> list[str]:
    """What is wrong with paths from ``m5/`` on, a sentence each; [] if all follow the rules."""
    return [f"{path}: {problem}" for path in paths for problem in _problems(path)]


def _problems(path: str) -> Iterator[str]:
    *folders, file = PurePosixPath(path).parts
    for name in folders:
        if not _NAME.fullmatch(name):
            yield f"the folder '{name}' has other characters than a to z, 0 to 9 and '-'"
    if not _FILE.fullmatch(file):
        yield f"the name '{file}' has other characters than a to z, 0 to 9 and '-', or not exactly one extension"
    elif file.endswith(".xpt") and not _DATASET.fullmatch(file):
        yield f"'{file}' is no name of a dataset: a letter, then up to 7 letters and digits"
    for name in (*folders, file):
        if len(name) > NAME_LENGTH:
            yield f"'{name}' has {len(name)} characters, and {NAME_LENGTH} are allowed"
    length = SEQUENCE + len(path)
    if length > PATH_LENGTH:
        yield f"the path has {length} characters with the folder of the sequence, and {PATH_LENGTH} are allowed"
