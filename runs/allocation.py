"""How the process keeps memory: freed arrays stay with it and are used again, instead of going back to the system.

Only for the command, never for who imports raw2adam. Each column of a large dataset is an array that glibc asks the
system for and gives back; the system clears it anew each time, which on virtual machines can cost more than the work.
"""

from __future__ import annotations

import ctypes
import platform

# <malloc.h>
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3


def keep_freed_memory() -> None:
    """Ask glibc to keep freed blocks of up to 1 GB, and up to 2 GB of them; nothing on other systems."""
    if platform.libc_ver()[0] != "glibc":
        return
    mallopt = ctypes.CDLL(None).mallopt
    mallopt(_M_MMAP_THRESHOLD, 1 << 30)
    mallopt(_M_TRIM_THRESHOLD, (1 << 31) - 1)
