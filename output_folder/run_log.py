"""OUT.runs.jsonl: the user, time, host and command of each run into OUT; each line has the hash of the line before.

Not under the promise of identical bytes, and not a proof against somebody who rewrites the whole file and its head:
it shows accidents and edits, not a determined forger.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import getpass
import hashlib
import json
import os
import socket
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, cast

from ..errors import OutputError
from .journal import write_whole
from .locking import Holder, Lock, is_at_work, this_process
from .manifest import MANIFEST_NAME
from .target import beside, settle

_SCHEMA = 1
_START = "0" * 64  # "previous" of the first line
_LOCK_WAIT = 5.0  # seconds; a line is appended in milliseconds


def runs_path(out: Path) -> Path:
    """The run log of OUT. It lies beside OUT and so survives its replacement."""
    out = settle(out)
    return out.with_name(out.name + ".runs.jsonl")


def announce_run(out: Path, *, argv: Sequence[str], versions: Mapping[str, str], manifest_sha256: str) -> None:
    """Put the run log's line of a run on disk before its output is swapped in: a kill after the swap loses nothing.

    ``append_run`` removes it; where a killed run could not, ``complete_log`` appends it. Raises OSError.
    """
    entry = {"argv": list(argv), "versions": dict(versions), "manifest_sha256": manifest_sha256}
    when = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    holder = asdict(this_process())
    write_whole(_announced_path(settle(out)), {**entry, "when": when, "who": _user(), "holder": holder})


def withdraw_run(out: Path) -> None:
    """Remove the announcement of this process: its output is not in place."""
    with contextlib.suppress(OSError):
        _withdraw(_announced_path(settle(out)), "")


def complete_log(out: Path, built: str) -> list[str]:
    """Append the line of a run that was killed after its output was swapped in; the result in sentences.

    ``built``: sha256 of the manifest now in OUT, '' for none. The line's exit code is null: no run gave one. Changes
    nothing while the run that announced itself is at work. Raises OutputError as ``append_run``.
    """
    path = _announced_path(settle(out))
    if not path.exists():
        return []
    announced = _announced(path)
    if announced is not None:
        entry, holder, when = announced
        if is_at_work(holder):
            return []
        if built and entry["manifest_sha256"] == built and _last_built(runs_path(out)) != built:
            append_run(out, exit_code=None, when=when, where=holder.host, **entry)
            return [f"{runs_path(out)}: completed with the line of a run that ended before it could write it"]
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise OutputError(f"{path}: cannot be removed: {error.strerror}") from error
    return []


def tidy_log(out: Path) -> None:
    """Remove the lock and the half-written head of a run that was killed while it wrote the log.

    Changes nothing while another process writes it, or without the right to.
    """
    path = runs_path(out)
    lock, half = beside(settle(out), "runs-lock"), _head_path(path).with_name(_head_path(path).name + ".new")
    if lock.exists() or half.exists():
        with contextlib.suppress(OutputError, OSError), Lock(lock, purpose=str(path)):
            half.unlink(missing_ok=True)


def append_run(
    out: Path,
    *,
    argv: Sequence[str],
    versions: Mapping[str, str],
    exit_code: int | None,
    manifest_sha256: str = "",
    when: dt.datetime | None = None,
    who: str | None = None,
    where: str | None = None,
) -> None:
    """Append one line to the run log of OUT and bring it to disk.

    ``exit_code``: None for a run that was killed. ``manifest_sha256``: '' if the run has no output.
    ``when`` (aware), ``who`` and ``where`` are by default now,
    the user and the host. A line cut short by a crash stays in the file as it is; the new one starts below it.
    Raises OutputError: the log cannot be read or written, or is locked for more than 5 s; ValueError: ``when`` naive.
    """
    path = runs_path(out)
    moment = when or dt.datetime.now(dt.UTC)
    if moment.tzinfo is None:
        raise ValueError("the time of a run needs a time zone")
    entry: dict[str, Any] = {
        "schema": _SCHEMA,
        "when": moment.astimezone(dt.UTC).isoformat(timespec="seconds"),
        "who": _user() if who is None else who,
        "where": socket.gethostname() if where is None else where,
        "argv": list(argv),
        "versions": dict(versions),
        "exit_code": exit_code,
        "manifest_sha256": manifest_sha256,
    }
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with Lock(beside(settle(out), "runs-lock"), purpose=str(path), wait=_LOCK_WAIT):
            _append(path, entry)
            _withdraw(_announced_path(settle(out)), manifest_sha256)
    except OSError as error:
        raise OutputError(f"{path}: cannot be written: {error.strerror}") from error


def verify_chain(path: Path, *, manifest_sha256: str = "") -> list[str]:
    """Check a run log: one line per edited, removed, moved or cut off line; [] when it is as it was written.

    Lines missing at the end are found by the head (count and last hash) that lies hidden beside the log; without it,
    as when the log was copied elsewhere, only ``manifest_sha256`` can tell: the sha256 of the manifest.json now in
    OUT, which must be that of the last run with an output. Raises OutputError when the log cannot be read.
    """
    if not path.exists():
        return [f"{path}: missing"] if _read_head(path) or manifest_sha256 else []
    lines = _lines(path)
    problems, previous, built = [], _START, ""
    for number, line in enumerate(lines, start=1):
        entry = _parse(line)
        where = f"{path}:{number}"
        if entry is None:
            cut = not line.endswith(b"\n") or not line.rstrip().endswith(b"}")
            problems.append(f"{where}: cut short, as by a crash" if cut else f"{where}: not a line of a run log")
            continue
        if not line.endswith(b"\n"):
            problems.append(f"{where}: its end is cut off, as by a crash")
        if entry["hash"] != _hash(entry) or line.rstrip(b"\n") != _text(entry):
            problems.append(f"{where}: edited: it no longer agrees with its hash")
        if entry["previous"] != previous:
            problems.append(f"{where}: does not follow the line above: a line between was edited, removed or moved")
        previous = str(entry["hash"])
        built = str(entry.get("manifest_sha256") or "") or built
    head = _read_head(path)
    if head is not None and head[0] > len(lines):
        problems.append(
            f"{path}: {head[0]} lines were written and {len(lines)} are there: lines at the end were removed"
        )
    elif not _is_continued(head, lines):
        problems.append(f"{path}: does not end as it was written: lines were added, removed or edited")
    if manifest_sha256 and built != manifest_sha256:
        problems.append(f"{path}: the last run with an output is not the one that built the present {MANIFEST_NAME}")
    return problems


def _is_continued(head: tuple[int, str] | None, lines: list[bytes]) -> bool:
    """Whether the log ends at the line of the head. After a crash between the two, the log has one line more."""
    if head is None:
        return True
    count, last = head
    return count <= len(lines) <= count + 1 and _last_hash(lines[:count]) == last


def _last_hash(lines: list[bytes]) -> str:
    return next((entry["hash"] for entry in map(_parse, reversed(lines)) if entry is not None), _START)


def _last_built(path: Path) -> str:
    """sha256 of the manifest of the last run in a log that has an output; '' for none."""
    entries = [e for e in map(_parse, _lines(path) if path.exists() else []) if e is not None]
    return next((str(e["manifest_sha256"]) for e in reversed(entries) if e.get("manifest_sha256")), "")


def _announced(path: Path) -> tuple[dict[str, Any], Holder, dt.datetime] | None:
    """(fields of the line, process, time) of a run that announced itself; None where the file is damaged."""
    try:
        found = json.loads(path.read_bytes())
        entry = {k: found[k] for k in ("argv", "versions", "manifest_sha256", "who")}
        when = dt.datetime.fromisoformat(found["when"])
        return None if when.tzinfo is None else (entry, Holder(**found["holder"]), when)
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return None


def _withdraw(path: Path, manifest_sha256: str) -> None:
    """Remove the announcement of this process, or of the run whose line is in the log now."""
    announced = _announced(path)
    if announced and (announced[1].pid == os.getpid() or announced[0]["manifest_sha256"] == manifest_sha256):
        path.unlink(missing_ok=True)


def _announced_path(out: Path) -> Path:
    return beside(out, "run")


def _append(path: Path, entry: dict[str, Any]) -> None:
    lines, head = _lines(path) if path.exists() else [], _read_head(path)
    # the line that the head knows and the log lost stays the one to follow: appending does not heal a removal
    previous = _last_hash(lines) if head is None or _is_continued(head, lines) else head[1]
    if head is not None and len(lines) == head[0] + 1 and _is_continued(head, lines):  # catch up after a crash
        write_whole(_head_path(path), {"lines": len(lines), "hash": previous})
    entry = {**entry, "previous": previous}
    entry["hash"] = _hash(entry)
    start = b"\n" if lines and not lines[-1].endswith(b"\n") else b""
    with path.open("ab") as file:
        file.write(start + _text(entry) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    write_whole(_head_path(path), {"lines": len(lines) + 1, "hash": entry["hash"]})


def _lines(path: Path) -> list[bytes]:
    try:
        return path.read_bytes().splitlines(keepends=True)
    except OSError as error:
        raise OutputError(f"{path}: cannot be read: {error.strerror}") from error


def _text(entry: Mapping[str, Any]) -> bytes:
    return json.dumps(entry, sort_keys=True, separators=(",", ":")).encode("ascii")


def _hash(entry: Mapping[str, Any]) -> str:
    return hashlib.sha256(_text({key: value for key, value in entry.items() if key != "hash"})).hexdigest()


def _parse(line: bytes) -> dict[str, Any] | None:
    try:
        entry = json.loads(line)
        json.dumps(entry)  # nested too deep to be written is none of ours
    except (ValueError, RecursionError):
        return None
    if not isinstance(entry, dict) or not isinstance(entry.get("hash"), str) or "previous" not in entry:
        return None
    return cast("dict[str, Any]", entry)


def _head_path(path: Path) -> Path:
    return path.with_name(f".{path.name}.head")


def _read_head(path: Path) -> tuple[int, str] | None:
    try:
        head = json.loads(_head_path(path).read_bytes())
        count, last = head["lines"], head["hash"]
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return None
    return (count, last) if type(count) is int and count >= 1 and isinstance(last, str) else None


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # a container whose user has no name
        return f"uid {os.getuid()}" if hasattr(os, "getuid") else "unknown"
