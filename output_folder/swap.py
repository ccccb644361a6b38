"""Outputs appear complete or not at all: a run writes into a stage beside OUT, and a journaled swap replaces OUT.

Not for the files (``manifest.py`` and the writers), nor for the check whether OUT may be a target (``target.py``).
Written for Windows too, but not tested there.

The swap: everything in the stage is on disk (fsync), then journal "move-old", OUT -> old, journal "move-new",
stage -> OUT, journal "delete-old", old deleted, journal removed. An entry is on disk before the step that it names.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from ..errors import InputError, OutputError, refused_write
from .folders import create_folder, delete_folder, free_name, rename_folder, sync_tree
from .interruption import deferred_signals, terminable
from .journal import (
    DELETE_OLD,
    MOVE_NEW,
    MOVE_OLD,
    Journal,
    leftovers,
    read_journal,
    remove_journal,
    write_journal,
)
from .locking import Lock
from .manifest import MANIFEST_NAME, files_of, read_manifest, verify_manifest
from .run_log import announce_run, complete_log, tidy_log, withdraw_run
from .target import beside, check_target, probe_parent, settle

#: the steps that ``on_step`` is called with, in order, each after it is done
STEPS = (
    "staged",
    "synced",
    "journal move-old",
    "moved old",
    "journal move-new",
    "moved new",
    "journal delete-old",
    "deleted old",
    "journal removed",
)


#: small files whose writing a kill can break off; they are whole under their names without the suffix
_HALF_WRITTEN = ("journal.new", "run.new")


@dataclass(frozen=True)
class Stage:
    """The folder that a run writes into: new, empty, on the same volume as OUT."""

    path: Path


class OutputFolder:
    """An output folder OUT that a run replaces as a whole.

        folder = OutputFolder(out, inputs=[raw, study])
        folder.check_writable()                  # before any work
        with folder.stage() as stage:
            ...                                  # write into stage.path; last of all write_manifest(stage.path, ...)

    ``inputs``: folders and files that the run reads; OUT may be neither of them, nor above, nor below. ``argv``:
    the command, announced to the run log before the swap; () for no run log. ``on_step`` is
    called with each of STEPS as it is done (for tests). ``notes``: sentences on what was found and repaired.
    """

    def __init__(
        self,
        out: Path,
        *,
        inputs: Sequence[Path] = (),
        argv: Sequence[str] = (),
        on_step: Callable[[str], None] | None = None,
    ):
        self.out = settle(out)
        self.argv = tuple(argv)
        self.inputs = tuple(inputs)
        self.notes: list[str] = []
        self._on_step = on_step or (lambda step: None)

    def check_writable(self) -> None:
        """Raise OutputError, with the reason and what to do, when OUT may not be replaced or cannot be written.

        Creates the folders above OUT, and nothing else.
        """
        check_target(self.out, self.inputs)
        probe_parent(self.out)

    @contextmanager
    def stage(self) -> Iterator[Stage]:
        """Lock OUT, repair a broken run, yield a new stage, and replace OUT with it at the end.

        If the body raises (also by Ctrl-C and SIGTERM), the stage is removed and OUT does not change. Raises
        OutputError: as ``check_writable``; another run is at work on OUT; the stage has no manifest; the swap failed
        (OUT is then unchanged, or the message states what the next command will do).
        """
        self.check_writable()
        with Lock(beside(self.out, "lock"), purpose=str(self.out)) as lock, terminable():
            self.notes += lock.notes
            self.notes += _repair(self.out)
            check_target(self.out, self.inputs)
            stage = free_name(self.out, "stage")
            try:
                create_folder(stage)
                yield Stage(stage)
                self._commit(stage)
            except BaseException as error:
                # with a journal, the stage may be the only output: the next command decides
                with deferred_signals():
                    if not beside(self.out, "journal").exists():
                        delete_folder(stage)
                        withdraw_run(self.out)
                if isinstance(error, OSError) and (refused := refused_write(self.out, error)) is not None:
                    raise refused from error
                raise

    def _commit(self, stage: Path) -> None:
        self._on_step("staged")
        try:
            manifest = read_manifest(stage)
        except InputError as error:
            raise OutputError(f"the run wrote no valid {MANIFEST_NAME}, so its output was removed: {error}") from error
        if differing := sorted(set(manifest.outputs).symmetric_difference(files_of(stage))):
            raise OutputError(
                f"{stage}: files appeared or disappeared after the manifest was written: {', '.join(differing)}"
            )
        check_target(self.out, self.inputs)  # the run may have taken hours
        try:
            sync_tree(stage)
        except OSError as error:
            raise OutputError(f"{stage}: could not be written to disk: {error.strerror}") from error
        self._on_step("synced")
        if self.argv:
            try:
                announce_run(self.out, argv=self.argv, versions=manifest.packages, manifest_sha256=manifest.sha256)
            except OSError as error:
                raise OutputError(f"{self.out}: cannot be written: {error.strerror}") from error
        with deferred_signals():
            self._swap(stage)

    def _swap(self, stage: Path) -> None:
        out, had_old = self.out, os.path.lexists(self.out)
        old = free_name(out, "old")
        try:
            self._enter(MOVE_OLD, stage, old)
            if had_old:
                rename_folder(out, old)
            self._on_step("moved old")
            self._enter(MOVE_NEW, stage, old)
            rename_folder(stage, out)
            self._on_step("moved new")
            self._enter(DELETE_OLD, stage, old)
        except BaseException as error:
            _undo(out, stage, old, had_old, error)
            if isinstance(error, OSError):
                raise OutputError(
                    f"{out}: could not be replaced: {error.strerror}. It is unchanged; close the programs "
                    "that have its files open and run again"
                ) from error
            raise
        # from here on the new output is in place; only the cleaning up can fail
        if had_old and not delete_folder(old):
            self.notes.append(
                f"{old}: the previous output could not be deleted completely; the next command tries again"
            )
            return
        self._on_step("deleted old")
        try:
            remove_journal(out)
        except OSError as error:
            self.notes.append(f"{beside(out, 'journal')}: could not be removed: {error.strerror}")
            return
        self._on_step("journal removed")

    def _enter(self, step: str, stage: Path, old: Path) -> None:
        write_journal(self.out, Journal(step, stage.name, old.name))
        self._on_step(f"journal {step}")


def recover(out: Path) -> list[str]:
    """Finish or undo the swap of a killed run, and remove its stage and lock; the result in sentences.

    For every command that reads OUT. Without anything to repair it changes nothing and needs no right to write.
    If the old output was moved already, the new one replaces it if it agrees with its manifest; else the old one comes
    back. Raises OutputError if OUT does not exist and cannot come back, or if it is not clear which folder is right.
    """
    out = settle(out)
    broken = any(beside(out, kind).exists() for kind in ("journal", "lock", *_HALF_WRITTEN))
    if not broken and not any(leftovers(out, kind) for kind in ("stage", "probe")):
        return _completed(out)
    try:
        with Lock(beside(out, "lock"), purpose=str(out)) as lock, deferred_signals():
            return lock.notes + _repair(out)
    except OutputError as error:
        # OUT is only moved as a whole: if it exists it can be read, also while another run works beside it
        journal = read_journal(out)
        if os.path.lexists(out) and (journal is None or journal.step == DELETE_OLD):
            return [f"not cleaned up beside {out}: {error}"]
        raise


def _repair(out: Path) -> list[str]:
    """``recover``, with the lock held."""
    journal = read_journal(out)
    try:
        notes = [] if journal is None else _finish(out, journal)
    except OSError as error:
        raise OutputError(f"{out}: the replacement that was broken off could not be repaired: {error}") from error
    for folder in leftovers(out, "probe"):
        delete_folder(folder)
    for kind in _HALF_WRITTEN:
        with suppress(OSError):
            beside(out, kind).unlink(missing_ok=True)
    for folder in leftovers(out, "stage"):
        done = "removed" if delete_folder(folder) else "could not be removed:"
        notes.append(f"{done} the unfinished output of a run that was broken off: {folder}")
    if not os.path.lexists(out):
        notes += [
            f"{folder}: a previous output; rename it to {out} if you want it back" for folder in leftovers(out, "old")
        ]
    return notes + _completed(out)


def _finish(out: Path, journal: Journal) -> list[str]:
    stage, old = out.parent / journal.stage, out.parent / journal.old
    has_out, has_stage, has_old = os.path.lexists(out), stage.is_dir(), old.is_dir()
    if has_out and has_old and (has_stage or not _is_whole(out)):
        raise _undecidable(out, f"{out}, {old}" + (f" and {stage}" if has_stage else "") + " all exist")
    if has_out and has_stage:
        note = f"{out}: is unchanged; the run that would replace it was broken off"
    elif has_out:
        note = f"{out}: finished the replacement that was broken off"
    elif has_stage and _is_whole(stage):
        rename_folder(stage, out)
        note = f"{out}: finished the replacement that was broken off"
    elif has_old and journal.step == DELETE_OLD and not _is_whole(old):
        raise _undecidable(out, f"{out} does not exist, and {old} is only a part of the previous output")
    elif has_old:
        rename_folder(old, out)
        note = f"{out}: restored the previous output, because the new one was not complete"
    else:
        note = f"{out}: does not exist; the run that was broken off has no complete output either"
    if os.path.lexists(out) and not stage.is_dir() and old.is_dir():
        write_journal(out, Journal(DELETE_OLD, journal.stage, journal.old))
        if not delete_folder(old):
            return [note, f"{old}: the previous output could not be deleted completely; the next command tries again"]
    if not delete_folder(stage):
        return [note, f"{stage}: could not be deleted completely; the next command tries again"]
    remove_journal(out)
    return [note]


def _undecidable(out: Path, found: str) -> OutputError:
    return OutputError(
        f"a replacement of {out} was broken off, and {found}. raw2adam deletes none of them: keep the one you want "
        f"under the name {out.name}, move the others elsewhere, remove {beside(out, 'journal')} and start again"
    )


def _undo(out: Path, stage: Path, old: Path, had_old: bool, cause: BaseException) -> None:
    """Restore the state before the swap, at any step before "delete-old". Raises OutputError if it cannot."""
    try:
        if not stage.exists() and os.path.lexists(out):
            rename_folder(out, stage)
        if had_old and not os.path.lexists(out):
            rename_folder(old, out)
        remove_journal(out)
    except OSError as error:
        remaining = ", ".join(str(path) for path in (stage, old) if path.exists())
        raise OutputError(
            f"{out}: could not be replaced ({cause}), nor restored ({error}). Nothing is lost ({remaining}): "
            f"the next raw2adam command on {out} repairs it"
        ) from cause


def _completed(out: Path) -> list[str]:
    """``complete_log`` for the output that is in OUT now. A log that cannot be written does not stop a reader."""
    tidy_log(out)
    try:
        built = read_manifest(out).sha256
    except InputError:
        built = ""
    try:
        return complete_log(out, built)
    except OutputError as error:
        return [str(error)]


def _is_whole(folder: Path) -> bool:
    try:
        return not verify_manifest(folder)
    except (InputError, OutputError):
        return False
