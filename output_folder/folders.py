"""Steps of a swap on the file system: a free name, a new folder, to disk, renamed, deleted.

Not for their order (``swap.py``).
"""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

from ..errors import OutputError
from .journal import sync_folder
from .target import beside

_AT_A_TIME = 8  # files that the disk is asked to write
_WINDOWS_RETRIES = 5  # virus scanners hold new files open for a moment


def free_name(out: Path, kind: str) -> Path:
    """A name beside OUT that is free; the pid is for the reader, the lock excludes other runs."""
    path, again = beside(out, f"{kind}-{os.getpid()}"), 1
    while os.path.lexists(path):
        path, again = beside(out, f"{kind}-{os.getpid()}-{again}"), again + 1
    return path


def create_folder(folder: Path) -> None:
    """Create a folder. Raises OutputError if it exists or cannot be created."""
    try:
        folder.mkdir()
    except OSError as error:
        raise OutputError(f"{folder}: cannot be created: {error.strerror}") from error


def sync_tree(folder: Path) -> None:
    """Bring every file and folder below ``folder`` to disk. Raises OSError.

    The disk writes several files at a time, so that a run does not wait for each of them in turn.
    """
    from concurrent.futures import ThreadPoolExecutor

    below = list(os.walk(folder, topdown=False))
    with ThreadPoolExecutor(max_workers=_AT_A_TIME) as pool:
        done = [pool.submit(_sync_file, Path(where, name)) for where, _, files in below for name in files]
        done += [pool.submit(sync_folder, path) for path in (*(Path(where) for where, _, _ in below), folder.parent)]
        for one in done:
            one.result()


def _sync_file(file: Path) -> None:
    # Windows flushes only what is open for writing
    handle = os.open(file, os.O_RDWR if os.name == "nt" else os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def rename_folder(source: Path, goal: Path) -> None:
    """Rename a folder, on disk when this returns. Raises OSError; on Windows only after some retries."""
    for retries in reversed(range(_WINDOWS_RETRIES if os.name == "nt" else 1)):
        try:
            source.rename(goal)
            break
        except PermissionError:
            if not retries:
                raise
            time.sleep(0.2)
    sync_folder(goal.parent)


def delete_folder(folder: Path) -> bool:
    """Delete a folder and its content as far as possible; True if it no longer exists."""
    shutil.rmtree(folder, ignore_errors=True)
    return not os.path.lexists(folder)
