"""Where a run may put its output: which folder OUT really is, and every reason not to replace it.

Not for the replacing (``swap.py``).
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from ..errors import InputError, OutputError
from .manifest import MANIFEST_NAME, files_of, read_manifest

#: files that file managers add to any folder that was opened
_DROPPINGS = {".DS_Store", "Thumbs.db", "desktop.ini"}


def settle(out: Path) -> Path:
    """OUT as an absolute path, links above it followed; a link at its end stays, so that it can be refused.

    Raises OutputError: a NUL in the name, a loop of links above it.
    """
    if "\0" in str(out):
        raise OutputError(f"{str(out)!r}: holds a NUL character, which no file name may")
    try:
        if out.name in ("", ".."):
            return out.resolve()
        return out.parent.resolve() / out.name
    except (OSError, RuntimeError) as error:
        raise OutputError(f"{out}: not a path that can be written to: {error}") from error


def beside(out: Path, kind: str) -> Path:
    """The path of a file or folder of raw2adam beside OUT during a run (lock, journal, stage-<pid>, old-<pid>)."""
    return out.parent / f".{out.name}.raw2adam-{kind}"


def check_target(out: Path, inputs: Sequence[Path]) -> None:
    """Raise OutputError when ``out`` (settled) may not be replaced by a run that reads ``inputs``."""
    if out == out.parent:
        raise OutputError(f"{out}: is the root of a volume; name a folder below it")
    if out.is_symlink():
        raise OutputError(f"{out}: is a link to {out.readlink()}; name that folder itself, or remove the link")
    try:
        exists = out.exists()
    except OSError as error:
        raise OutputError(f"{out}: not a path that can be written to: {error}") from error
    if exists and not out.is_dir():
        raise OutputError(f"{out}: is a file, and the output is a folder; name another, or move the file elsewhere")
    if exists and out.is_mount():
        raise OutputError(f"{out}: is a mount point, which cannot be replaced as a whole; name a folder below it")
    here = Path.cwd()
    if _contains(out, here):
        raise OutputError(f"{out}: is the current folder or above it ({here}); name a folder below or beside it")
    for path in inputs:
        source = settle(path).resolve()
        if _contains(out, source):
            raise OutputError(
                f"{out}: replacing it would delete the input {path}, which is this folder or is in it; name another"
            )
        if _contains(source, out):
            raise OutputError(f"{out}: is in the input folder {path}; name a folder beside it, not below")
    if exists:
        _check_content(out)


def _check_content(out: Path) -> None:
    """Only an output of raw2adam may be replaced: an empty folder, or one with a manifest and no other files."""
    names = [name for name in files_of(out) if name.rpartition("/")[2] not in _DROPPINGS]
    if not names and not os.path.lexists(out / MANIFEST_NAME):
        return
    elsewhere = "Name a new folder, or move these files elsewhere"
    try:
        manifest = read_manifest(out)
    except InputError as error:
        raise OutputError(
            f"{out}: holds files and no sound {MANIFEST_NAME}, so it is not replaced ({error}). {elsewhere}"
        ) from error
    strange = [name for name in names if name not in manifest.outputs]
    if strange:
        shown = ", ".join(islice(strange, 5)) + (f" and {len(strange) - 5} more" if len(strange) > 5 else "")
        raise OutputError(
            f"{out}: holds files that raw2adam did not write, so it is not replaced: {shown}. {elsewhere}"
        )


def _contains(folder: Path, other: Path) -> bool:
    """Whether ``other`` is ``folder`` or lies in it: by name, and by identity where letter case or mounts hide it."""
    chain = (other, *other.parents)
    if folder in chain:
        return True
    identity = _identity(folder)
    return identity is not None and identity in map(_identity, chain)


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return (found.st_dev, found.st_ino) if found.st_ino else None


def probe_parent(out: Path) -> None:
    """Make the folders above ``out`` and try there, on a small scale, the steps of a run. Raises OutputError."""
    probe, moved = beside(out, f"probe-{os.getpid()}"), beside(out, f"probe-{os.getpid()}-1")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        probe.mkdir()
        with (probe / "probe").open("wb") as file:
            file.write(b"raw2adam")
            file.flush()
            os.fsync(file.fileno())
        probe.rename(moved)
        shutil.rmtree(moved)
    except OSError as error:
        raise OutputError(
            f"{out}: cannot be written: {error.strerror} ({error.filename or out.parent}); name a folder where you may "
            "make, rename and delete folders"
        ) from error
    finally:
        shutil.rmtree(probe, ignore_errors=True)
        shutil.rmtree(moved, ignore_errors=True)
