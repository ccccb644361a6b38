"""One holder at a time: a lock file that names its process, host and time.

Not for threads of one process. No fcntl and no Windows locking call: a file made with O_EXCL works on both, and on
network drives a second host sees it. Written for Windows too, but not tested there.

The library filelock (read and tried in version 4.3.1) does not keep these promises. Its FileLock leaves an empty lock
file behind and never names a holder, and flock on a network drive may hold on one host only. Its SoftFileLock names a
holder on another host, but not one on this host. It takes over the lock of a dead process without a note that the run
could report. It replaces a file that is no lock of its own after two seconds, where this module refuses and asks. The
run log needs the holder's record and whether it still runs, which filelock keeps private. So most of this module would
stay beside the library.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import secrets
import socket
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType

from ..errors import OutputError

_READ_PAUSE = 0.05  # seconds between two readings of a lock file
_WRITE_GRACE = 1.0  # seconds that another process may take between creating its lock file and filling it


@dataclass(frozen=True)
class Holder:
    """The holder of a lock. ``mark`` differs from that of a later process with the same pid ('' if it is not known)."""

    pid: int
    host: str
    namespace: str  # Linux: the pid namespace, because a pid has no meaning in another container
    mark: str
    time: str  # UTC, ISO 8601
    token: str

    def __str__(self) -> str:
        return f"process {self.pid} on host {self.host}, since {self.time}"


class Lock:
    """A context manager that holds the lock file ``path``.

    ``purpose`` completes the sentence "<purpose> is in use by process 1 on host x". ``wait``: seconds to wait for a
    live holder before giving up. After entering, ``notes`` has a sentence if the lock of a dead process was taken over.

    Raises OutputError: a live holder; a holder on another host (its life cannot be checked from here); a lock file
    that cannot be read or created.
    """

    def __init__(self, path: Path, *, purpose: str, wait: float = 0.0):
        self.path = path
        self.purpose = purpose
        self.wait = wait
        self.notes: list[str] = []
        self._me: Holder | None = None

    def __enter__(self) -> Lock:
        self._me = me = this_process()
        give_up = time.monotonic() + self.wait
        while not self._make(me):
            other = self._read()
            if other is None:
                continue  # released between our two looks
            if _is_elsewhere(other, me):
                raise OutputError(
                    f"{self.purpose} is in use by {other}. This host cannot check whether that process still runs "
                    f"({me.host}): if you are sure that it does not, remove {self.path} and start again"
                )
            if _is_running(other):
                if time.monotonic() < give_up:
                    time.sleep(_READ_PAUSE)
                    continue
                raise OutputError(f"{self.purpose} is in use by {other}: wait until it ends, or end it")
            if self._take_over(other, me):
                self.notes.append(f"{self.purpose}: took over the lock of {other}, which no longer runs")
                break
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None):
        # only the lock of this process: a user may have removed the file by hand and started another run
        if self._me is not None and _parse(self.path) == self._me:
            with contextlib.suppress(OSError):
                self.path.unlink()
        self._me = None

    def _make(self, me: Holder) -> bool:
        try:
            handle = os.open(self.path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644)
        except FileExistsError:
            return False
        except OSError as error:
            raise OutputError(f"cannot make the lock file {self.path}: {error.strerror}") from error
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(_text(me))
        except OSError as error:
            self.path.unlink(missing_ok=True)
            raise OutputError(f"cannot write the lock file {self.path}: {error.strerror}") from error
        return True

    def _read(self) -> Holder | None:
        """The holder; None when the file is gone. A file that stays unreadable is an OutputError."""
        give_up = time.monotonic() + _WRITE_GRACE
        while True:
            holder = _parse(self.path)
            if holder is not None:
                return holder
            if not os.path.lexists(self.path):
                return None
            if time.monotonic() >= give_up:
                raise OutputError(
                    f"{self.path} is not a lock file that raw2adam can read: if no raw2adam run is at work there, "
                    "remove it and start again"
                )
            time.sleep(_READ_PAUSE)

    def _take_over(self, dead: Holder, me: Holder) -> bool:
        """Replace the lock of a dead process; False when another process was quicker.

        Only the maker of the guard file for this very lock (its token) may replace it, and looks again first. So of
        two processes that both saw the dead holder, the second cannot remove the lock of the first.
        """
        guard = self.path.with_name(f"{self.path.name}.{dead.token}")
        filled = self.path.with_name(f"{self.path.name}.{me.token}.new")
        try:
            os.close(os.open(guard, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644))
        except FileExistsError:
            time.sleep(_READ_PAUSE)
            if _parse(self.path) != dead or not guard.exists():
                return False
            # _WRITE_GRACE is far more than the two file operations below take
            if time.time() - guard.stat().st_mtime < _WRITE_GRACE:
                return False
            raise OutputError(
                f"a takeover of the lock {self.path} was broken off: if no raw2adam run is at work there, remove it "
                f"and {guard}, and start again"
            ) from None
        except OSError as error:
            raise OutputError(f"cannot take over the lock {self.path} of {dead}: {error.strerror}") from error
        try:
            if _parse(self.path) != dead:
                return False
            filled.write_bytes(_text(me))
            filled.replace(self.path)
            return True
        except OSError as error:
            filled.unlink(missing_ok=True)
            raise OutputError(f"cannot take over the lock {self.path} of {dead}: {error.strerror}") from error
        finally:
            guard.unlink(missing_ok=True)


def this_process() -> Holder:
    now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    pid = os.getpid()
    return Holder(pid, socket.gethostname(), _namespace(), _process_mark(pid) or "", now, secrets.token_hex(8))


def is_at_work(holder: Holder) -> bool:
    """Whether a process may still run: one of another host or container counts as running, for nobody here can see."""
    return _is_elsewhere(holder, this_process()) or _is_running(holder)


def _text(holder: Holder) -> bytes:
    return json.dumps(asdict(holder), sort_keys=True).encode("ascii") + b"\n"


def _parse(path: Path) -> Holder | None:
    """The holder that a lock file names; None when the file is missing, half written or not a lock file."""
    try:
        fields = json.loads(path.read_bytes())
        holder = Holder(**fields)
    except (OSError, ValueError, TypeError, RecursionError):
        return None
    texts = (holder.host, holder.namespace, holder.mark, holder.time, holder.token)
    # pid 0 and below address process groups in kill(); the token becomes part of a file name
    if type(holder.pid) is not int or holder.pid <= 0 or not all(isinstance(t, str) for t in texts):
        return None
    return holder if holder.token.isalnum() and holder.token.isascii() else None


def _is_elsewhere(other: Holder, me: Holder) -> bool:
    return (other.host.casefold(), other.namespace) != (me.host.casefold(), me.namespace)


def _is_running(holder: Holder) -> bool:
    if sys.platform == "win32":
        return _is_running_windows(holder.pid)
    try:
        os.kill(holder.pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        pass  # it runs, as another user
    mark = _process_mark(holder.pid)
    if mark is None:
        return False
    return not (mark and holder.mark and mark != holder.mark)


def _namespace() -> str:
    try:
        return str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        return ""


def _process_mark(pid: int) -> str | None:
    """Boot and start time of a process; '' where the platform does not say; None for a process that has ended."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
        # proc(5): the name (in brackets, may hold anything), then state as field 3 and start time as field 22
        fields = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
    except OSError:
        return ""
    if len(fields) < 20:
        return ""
    return None if fields[0] in (b"Z", b"X") else f"{boot}:{fields[19].decode('ascii')}"


def _is_running_windows(pid: int) -> bool:
    """On Windows os.kill(pid, 0) would end the process, so the kernel is asked. Not tested."""
    import ctypes

    kernel: object = ctypes.WinDLL("kernel32", use_last_error=True)  # pyright: ignore[reportAttributeAccessIssue]
    kernel.OpenProcess.restype = ctypes.c_void_p  # pyright: ignore[reportAttributeAccessIssue]
    kernel.WaitForSingleObject.argtypes = [ctypes.c_void_p, ctypes.c_uint32]  # pyright: ignore[reportAttributeAccessIssue]
    kernel.CloseHandle.argtypes = [ctypes.c_void_p]  # pyright: ignore[reportAttributeAccessIssue]
    synchronize, access_denied, wait_timeout = 0x00100000, 5, 0x102
    handle = kernel.OpenProcess(synchronize, False, pid)  # pyright: ignore[reportAttributeAccessIssue]
    if not handle:
        return ctypes.get_last_error() == access_denied  # pyright: ignore[reportAttributeAccessIssue]
    try:
        return kernel.WaitForSingleObject(handle, 0) == wait_timeout  # pyright: ignore[reportAttributeAccessIssue]
    finally:
        kernel.CloseHandle(handle)  # pyright: ignore[reportAttributeAccessIssue]
