"""The temporary files of the tests lie in memory, where the system has room for them there.

A test creates and removes a few small folders, and a disk may need ten milliseconds for each. TMPDIR, where it is set,
is used as it is.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import pytest

MEMORY = Path("/dev/shm")
PREFIX = "raw2adam-tests-"
#: so many bytes must be free: several times what a run of the suite writes
NEEDED = 4 * 2**30


def use_memory(config: pytest.Config) -> None:
    """Let the temporary files of this process, and of those that it starts, lie in a new folder in memory.

    pytest removes it when it ends. Without room nothing changes.
    """
    if os.environ.get("TMPDIR") or not has_room(MEMORY):
        return
    _remove_abandoned(MEMORY)
    folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=MEMORY))

    def end() -> None:
        shutil.rmtree(folder, ignore_errors=True)
        del os.environ["TMPDIR"]
        tempfile.tempdir = None

    config.add_cleanup(end)
    os.environ["TMPDIR"] = str(folder)
    tempfile.tempdir = None  # it is asked for again


def has_room(place: Path) -> bool:
    """Whether a folder of a system in memory can hold the files of the tests, and run programs from there."""
    if not (place.is_dir() and os.access(place, os.W_OK | os.X_OK)):
        return False
    found = os.statvfs(place)
    return found.f_bavail * found.f_frsize >= NEEDED and not found.f_flag & getattr(os, "ST_NOEXEC", 8)


def _remove_abandoned(place: Path) -> None:
    """Remove the folders of runs that were killed."""
    for folder in place.glob(f"{PREFIX}*"):
        process = folder.name.removeprefix(PREFIX).partition("-")[0]
        if process.isdecimal() and not Path("/proc", process).exists():
            shutil.rmtree(folder, ignore_errors=True)
