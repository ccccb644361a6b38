"""The journal of a swap: a small JSON beside OUT that names the next step, on disk before the step is done.

Not for repairing a broken swap (``swap.py``).
"""

from __future__ import annotations

import contextlib
import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from ..errors import OutputError
from .target import beside

MOVE_OLD, MOVE_NEW, DELETE_OLD = "move-old", "move-new", "delete-old"
_SCHEMA = 1


@dataclass(frozen=True)
class Journal:
    """The step that comes next, and the names beside OUT of the new output and of the previous one."""

    step: str
    stage: str
    old: str


def read_journal(out: Path) -> Journal | None:
    """The journal beside OUT; None when there is none.

    Raises OutputError when it is damaged: its names are moved and deleted, so they must be names that we gave.
    """
    path = beside(out, "journal")
    try:
        content = json.loads(path.read_bytes())
    except FileNotFoundError:
        return None
    except OSError as error:
        raise OutputError(f"{path}: cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError):
        content = None
    if isinstance(content, dict):
        fields = cast("dict[str, object]", content)
        stage, old, step = fields.get("stage"), fields.get("old"), fields.get("step")
        sound = (
            fields.get("schema") == _SCHEMA
            and step in (MOVE_OLD, MOVE_NEW, DELETE_OLD)
            and _is_ours(out, "stage", stage)
            and _is_ours(out, "old", old)
        )
        if sound:
            return Journal(str(step), str(stage), str(old))
    found = [out] if os.path.lexists(out) else []
    found += leftovers(out, "old") + leftovers(out, "stage")
    raise OutputError(
        f"{path}: damaged, so the replacement of {out} that was broken off cannot be repaired by itself. There are: "
        f"{', '.join(str(f) for f in found) or 'no folders of it'}. Keep the one you want under the name {out.name}, "
        "move the others elsewhere, remove the journal and start again"
    )


def write_journal(out: Path, journal: Journal) -> None:
    """Put the journal on disk before its step is done. Raises OSError."""
    write_whole(beside(out, "journal"), {"schema": _SCHEMA, **vars(journal)})


def remove_journal(out: Path) -> None:
    """Remove the journal, for good. Raises OSError."""
    beside(out, "journal").unlink(missing_ok=True)
    beside(out, "journal.new").unlink(missing_ok=True)
    sync_folder(out.parent)


def leftovers(out: Path, kind: str) -> list[Path]:
    """The stage or old folders ("stage", "old") of runs on OUT that lie beside it, sorted; links are none."""
    try:
        found = [p for p in out.parent.iterdir() if _is_ours(out, kind, p.name) and p.is_dir() and not p.is_symlink()]
    except OSError:
        return []
    return sorted(found)


def write_whole(path: Path, content: dict[str, object]) -> None:
    """Write a small JSON file that is there as before or altogether new, also after a power cut. Raises OSError."""
    new = path.with_name(path.name + ".new")
    with new.open("wb") as file:
        file.write(json.dumps(content, sort_keys=True).encode("ascii") + b"\n")
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Bring the names in a folder to disk. Windows cannot and need not; some network drives refuse."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):
            os.fsync(handle)
    finally:
        os.close(handle)


def _is_ours(out: Path, kind: str, name: object) -> bool:
    prefix = beside(out, kind).name
    return isinstance(name, str) and name.startswith(prefix) and bool(re.fullmatch(r"-\d+(-\d+)?", name[len(prefix) :]))
