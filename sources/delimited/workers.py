"""The threads that hash and parse a text file: none for a small file, which is read before a thread has started.

Not for what they do (blocks.py, read.py).
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from typing import Any

#: a file of fewer bytes is read without threads
SMALL = 256 * 1024


class CallingThread(Executor):
    """Runs each task at once, in the thread that submits it."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


def workers(number: int, size: int) -> Executor:
    """``number`` threads for a file of ``size`` bytes; for a small file the calling thread."""
    return CallingThread() if size < SMALL else ThreadPoolExecutor(number)
