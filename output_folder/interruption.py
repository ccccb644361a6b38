"""What Ctrl-C, SIGTERM and a closed terminal do to a run: they end it in order, and never in the midst of a swap.

Not for what is tidied up then (``swap.py``). Outside the main thread nothing is changed: signals do not come there.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")  # SIGHUP: the terminal or the ssh session went away


@contextmanager
def terminable() -> Iterator[None]:
    """SIGTERM and SIGHUP raise KeyboardInterrupt as Ctrl-C does, where nobody else handles them. Main thread only."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    numbers = [getattr(signal, name) for name in _SIGNALS[1:] if hasattr(signal, name)]
    ours = [number for number in numbers if signal.getsignal(number) is signal.SIG_DFL]
    for number in ours:
        signal.signal(number, signal.default_int_handler)
    try:
        yield
    finally:
        for number in ours:
            signal.signal(number, signal.SIG_DFL)


@contextmanager
def deferred_signals() -> Iterator[None]:
    """Hold back Ctrl-C and the like; KeyboardInterrupt comes at the end, unless another error is under way."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    arrived: list[int] = []
    before = {}
    for number in [getattr(signal, name) for name in _SIGNALS if hasattr(signal, name)]:
        if signal.getsignal(number) not in (None, signal.SIG_IGN):
            before[number] = signal.signal(number, lambda got, frame: arrived.append(got))
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if arrived:
        raise KeyboardInterrupt
