"""How the process uses memory: it reuses freed arrays and does not return them to the system.

Only for the command, never for a program that imports raw2adam. Each column of a large dataset is an array that glibc
requests from the system and returns; the system clears it each time. On virtual machines this can cost more than the
work.
"""

from __future__ import annotations

import ctypes
import platform

# <malloc.h>
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3


def keep_freed_memory() -> None:
    """Ask glibc to keep freed blocks of up to 1 GB, up to 2 GB in total; do nothing on other systems."""
    if platform.libc_ver()[0] != "glibc":
        return
    mallopt = ctypes.CDLL(None).mallopt
    mallopt(_M_MMAP_THRESHOLD, 1 << 30)
    mallopt(_M_TRIM_THRESHOLD, (1 << 31) - 1)
