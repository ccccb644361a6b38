"""Jobs that the runner of the suite begins, so that they run beside the tests before those that ask for their files.

Each has a folder beside the queue of the workers. Not for what a test builds when it asks for it (packs.py).
"""

from __future__ import annotations

import time
from pathlib import Path

from .file_queue import shared_folder

#: suffixes of the name of a job: what it prints, and its exit code once it has ended
LOG, ENDED = ".log", ".ended"
#: a job has ended after so many seconds, also on a machine that does much else
LONGEST = 1800


def begun(name: str) -> Path | None:
    """The folder of a job, once it has ended; None where no runner has begun it, as for a test file that runs by itself."""
    shared = shared_folder()
    if shared is None or not (shared / name).is_dir():
        return None
    ended, end = shared / f"{name}{ENDED}", time.monotonic() + LONGEST
    while not ended.exists():
        assert time.monotonic() < end, f"{name} has not ended"
        time.sleep(0.1)
    code = ended.read_text("utf-8")
    assert code == "0", (shared / f"{name}{LOG}").read_text("utf-8", errors="replace")[-3000:]
    return shared / name
