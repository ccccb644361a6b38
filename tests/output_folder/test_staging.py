"""Outputs appear whole or not at all: killed at every step, broken at every call, and never over what is not ours."""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path

import pytest
from kit.killed_runs import CASES, NEW, OLD, fill, killed_runs, place, run
from raw2adam.errors import OutputError
from raw2adam.output_folder import interruption, swap, target
from raw2adam.output_folder.manifest import read_manifest
from raw2adam.output_folder.run_log import announce_run, append_run, runs_path, verify_chain
from raw2adam.output_folder.swap import STEPS, OutputFolder, recover


@pytest.fixture(autouse=True)
def interruptible() -> Iterator[None]:
    """Signals as a terminal has them: a shell that starts the tests in the background leaves them ignored."""
    usual = {"SIGINT": signal.default_int_handler, "SIGHUP": signal.SIG_DFL}  # Windows has no SIGHUP
    before = {n: signal.signal(getattr(signal, n), usual[n]) for n in usual if hasattr(signal, n)}
    yield
    for name, handler in before.items():
        signal.signal(getattr(signal, name), handler)


def content(folder: Path) -> dict[str, bytes]:
    found = {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}
    assert found.pop("manifest.json")
    return found


def beside(out: Path) -> list[str]:
    return sorted(p.name for p in out.parent.iterdir() if p != out)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "OUT"


@pytest.fixture
def built(out: Path) -> Path:
    run(out, OLD)
    return out


class Crash(BaseException):
    """Stands for a kill where nothing of ours runs afterwards."""


# ---------------------------------------------------------------------------------------------------- a run that ends


@pytest.mark.parametrize("before", ["nothing", "empty folder", "old output"])
def test_a_run_that_ends_leaves_the_new_output_and_nothing_else(out: Path, before: str):
    if before == "empty folder":
        out.mkdir()
    if before == "old output":
        fill(out, OLD)
    steps: list[str] = []
    folder = OutputFolder(out, on_step=steps.append)
    with folder.stage() as stage:
        assert stage.path == out.parent / f".OUT.raw2adam-stage-{os.getpid()}"
        assert list(stage.path.iterdir()) == []
        fill(stage.path, NEW)
        assert out.exists() == (before != "nothing")
    assert content(out) == NEW
    assert beside(out) == []
    assert tuple(steps) == STEPS
    assert folder.notes == []


def test_folders_above_are_created(tmp_path: Path):
    run(tmp_path / "a" / "b" / "OUT")
    assert content(tmp_path / "a" / "b" / "OUT") == NEW


def test_the_path_is_settled_before_the_folder_changes(built: Path, monkeypatch: pytest.MonkeyPatch):
    (built.parent / "work").mkdir()
    monkeypatch.chdir(built.parent / "work")
    with OutputFolder(Path("../OUT")).stage() as stage:
        monkeypatch.chdir("/")
        fill(stage.path, NEW)
    assert content(built) == NEW


def test_all_is_brought_to_disk_before_the_swap_begins(built: Path, monkeypatch: pytest.MonkeyPatch):
    synced: set[int] = set()
    fsync = os.fsync

    def note(handle: int) -> None:
        synced.add(os.fstat(handle).st_ino)
        fsync(handle)

    inodes: set[int] = set()

    def on_step(step: str) -> None:
        if step == "staged":
            (stage,) = built.parent.glob(".OUT.raw2adam-stage-*")
            inodes.update(p.stat().st_ino for p in [stage, *stage.rglob("*")])
        if step == "synced":
            assert len(inodes) == 5 and inodes <= synced  # stage, sub, three files

    monkeypatch.setattr(os, "fsync", note)
    run(built, on_step=on_step)


# --------------------------------------------------------------------------------------------------- a run that fails


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit, Crash])
@pytest.mark.parametrize("had_old", [True, False])
def test_a_run_that_raises_leaves_the_previous_output(out: Path, error: type[BaseException], had_old: bool):
    if had_old:
        fill(out, OLD)
    with pytest.raises(error), OutputFolder(out).stage() as stage:
        fill(stage.path, NEW)
        raise error
    assert beside(out) == []
    assert content(out) == OLD if had_old else not out.exists()


@pytest.mark.parametrize(("step", "had_old"), [*product(STEPS[: STEPS.index("journal delete-old")], (True, False))])
@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "No space left on device"), Crash()])
def test_an_error_before_the_new_output_counts_brings_the_old_one_back(
    out: Path, step: str, had_old: bool, error: BaseException
):
    if had_old:
        fill(out, OLD)

    def on_step(now: str) -> None:
        if now == step:
            raise error

    with pytest.raises((OutputError, OSError, Crash)):
        run(out, on_step=on_step)
    assert beside(out) == []
    assert content(out) == OLD if had_old else not out.exists()


def test_an_error_in_the_swap_is_an_output_error_in_words(built: Path, monkeypatch: pytest.MonkeyPatch):
    rename = Path.rename

    def busy(self: Path, goal: Path) -> Path:
        if "-stage-" in self.name:
            raise PermissionError(errno.EACCES, "in use by another program")
        return rename(self, goal)

    monkeypatch.setattr(Path, "rename", busy)
    with pytest.raises(OutputError, match=r"could not be replaced: in use by another program\. It is unchanged"):
        run(built)
    assert (content(built), beside(built)) == (OLD, [])


def test_what_cannot_be_put_back_at_once_is_put_back_by_the_next_command(built: Path, monkeypatch: pytest.MonkeyPatch):
    rename = Path.rename

    def gone(self: Path, goal: Path) -> Path:
        if "raw2adam-probe" not in self.name and self != built:
            raise OSError(errno.EIO, "input/output error")
        return rename(self, goal)

    monkeypatch.setattr(Path, "rename", gone)
    with pytest.raises(OutputError, match=r"Nothing is lost .*the next raw2adam command on .* repairs it"):
        run(built)
    assert not built.exists()
    monkeypatch.undo()
    assert recover(built) == [f"{built}: finished the replacement that was broken off"]
    assert (content(built), beside(built)) == (NEW, [])


def test_an_old_output_that_cannot_be_deleted_does_not_spoil_the_new_one(built: Path, monkeypatch: pytest.MonkeyPatch):
    delete = swap.delete_folder
    monkeypatch.setattr(swap, "delete_folder", lambda folder: "-old-" not in folder.name and delete(folder))
    folder = run(built)
    assert content(built) == NEW
    assert len(folder.notes) == 1 and "the next command tries again" in folder.notes[0]
    assert len(recover(built)) == 2
    monkeypatch.undo()
    assert recover(built) == [f"{built}: finished the replacement that was broken off"]
    assert (content(built), beside(built)) == (NEW, [])


def test_a_stage_without_a_manifest_or_with_later_files_is_refused(built: Path):
    with pytest.raises(OutputError, match=r"wrote no valid manifest\.json"), OutputFolder(built).stage() as stage:
        (stage.path / "dm.xpt").write_bytes(b"new")
    with (
        pytest.raises(OutputError, match=r"after the manifest was written: ae\.xpt"),
        OutputFolder(built).stage() as stage,
    ):
        fill(stage.path, NEW)
        (stage.path / "ae.xpt").write_bytes(b"new")
    assert (content(built), beside(built)) == (OLD, [])


# ------------------------------------------------------------------------------------------- killed, and then repaired


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[tuple[str, bool], int]]:
    """The folder of all runs that are killed at a step, and how each ended."""
    folder = tmp_path_factory.mktemp("killed")
    return folder, killed_runs(folder)


def whole_after(step: str, had_old: bool) -> str:
    """Until the old output is moved it stays; after that the new one replaces it."""
    if had_old:
        return "old" if STEPS.index(step) < STEPS.index("moved old") else "new"
    return "nothing" if STEPS.index(step) < STEPS.index("journal move-old") else "new"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs SIGKILL and a fork")
@pytest.mark.parametrize(("step", "had_old"), CASES)
def test_killed_at_each_step(killed: tuple[Path, dict[tuple[str, bool], int]], step: str, had_old: bool):
    out = place(killed[0], step, had_old)
    assert killed[1][step, had_old] == -signal.SIGKILL
    assert ".OUT.raw2adam-lock" in beside(out)
    notes = recover(out)
    expected = whole_after(step, had_old)
    if expected == "nothing":
        assert not out.exists()
    else:
        assert content(out) == (OLD if expected == "old" else NEW)
    assert beside(out) == []
    assert notes != []  # of the lock alone, once all steps were done
    folder = run(out, {"third.xpt": b""})
    assert content(out) == {"third.xpt": b""}
    assert beside(out) == []
    assert folder.notes == []


@pytest.mark.parametrize("kind", ["journal.new", "run.new"])
def test_a_small_file_that_a_kill_broke_off_is_removed(out: Path, kind: str):
    fill(out, OLD)
    (out.parent / f".OUT.raw2adam-{kind}").write_bytes(b'{"sche')
    assert recover(out) == []
    assert (content(out), beside(out)) == (OLD, [])


STATES = {  # what lies there after a kill: OUT, old, stage, journal step, what recover must leave
    "before the move": ("old", None, "new", "move-old", OLD),
    "before the move, stage half deleted": ("old", None, "half", "move-old", OLD),
    "before the move, stage deleted": ("old", None, None, "move-old", OLD),
    "old moved": (None, "old", "new", "move-old", NEW),
    "old moved, journaled": (None, "old", "new", "move-new", NEW),
    "old moved, stage spoiled": (None, "old", "half", "move-new", OLD),
    "old moved, stage lost": (None, "old", None, "move-new", OLD),
    "empty folder old moved": (None, "empty", "new", "move-new", NEW),
    "moved in": ("new", "old", None, "move-new", NEW),
    "moved in, journaled": ("new", "old", None, "delete-old", NEW),
    "old half deleted": ("new", "half", None, "delete-old", NEW),
    "old deleted": ("new", None, None, "delete-old", NEW),
    "first run, before the move": (None, None, "new", "move-new", NEW),
    "first run, stage spoiled": (None, None, "half", "move-new", None),
    "first run, moved in": ("new", None, None, "move-new", NEW),
    "nothing exists": (None, None, None, "move-new", None),
    "new one removed by hand": (None, "old", None, "delete-old", OLD),
}


def lay_out(out: Path, state: str) -> dict[str, bytes] | None:
    *kinds, step, expected = STATES[state]
    for name, kind in zip(("OUT", ".OUT.raw2adam-old-7", ".OUT.raw2adam-stage-7-1"), kinds, strict=True):
        if kind is None:
            continue
        folder = out.parent / name
        folder.mkdir()
        if kind != "empty":
            fill(folder, {"old": OLD, "new": NEW, "half": NEW}[str(kind)])
        if kind == "half":
            (folder / "dm.xpt").unlink()
    journal = {"schema": 1, "step": step, "stage": ".OUT.raw2adam-stage-7-1", "old": ".OUT.raw2adam-old-7"}
    (out.parent / ".OUT.raw2adam-journal").write_text(json.dumps(journal))
    return expected


def check(out: Path, expected: dict[str, bytes] | None) -> None:
    assert beside(out) == []
    assert content(out) == expected if expected is not None else not out.exists()


@pytest.mark.parametrize("state", STATES)
def test_each_journal_state_is_repaired_once_and_for_all(out: Path, state: str):
    expected = lay_out(out, state)
    assert recover(out)
    check(out, expected)
    assert recover(out) == []


@pytest.mark.parametrize("state", STATES)
def test_a_repair_that_is_itself_killed_is_repaired(out: Path, state: str, monkeypatch: pytest.MonkeyPatch):
    """Kill the repair before and after each of its changes on disk; deletions also half way."""
    calls, limit = 0, 0

    def dying(name: str) -> Callable[..., object]:
        sound = getattr(swap, name)

        def call(*options: Path) -> object:
            nonlocal calls
            calls += 1
            if calls == limit:
                raise Crash
            if name == "delete_folder" and calls + 1 == limit and (options[0] / "manifest.json").exists():
                (options[0] / "manifest.json").unlink()
                raise Crash
            return sound(*options)

        return call

    for name in ("rename_folder", "delete_folder", "write_journal", "remove_journal"):
        monkeypatch.setattr(swap, name, dying(name))
    expected = lay_out(out, state)
    crashes = 0
    while True:
        calls, limit = 0, crashes + 1
        try:
            recover(out)
        except Crash:
            crashes += 1
            limit = 0
            recover(out)
            check(out, expected)
            if out.exists():
                shutil.rmtree(out)
            lay_out(out, state)
            continue
        break
    assert crashes >= 2
    check(out, expected)


@pytest.mark.parametrize(
    ("state", "spoil", "message"),
    [
        ("old moved", lambda out: fill(out, {"mine.xpt": b""}), "all exist"),
        ("moved in", lambda out: (out / "dm.xpt").write_bytes(b"edited"), "all exist"),
        ("old half deleted", lambda out: shutil.rmtree(out), "only a part of the previous output"),
        ("old moved", lambda out: (out.parent / ".OUT.raw2adam-journal").write_bytes(b'{"sch'), "journal: damaged"),
        (
            "old moved",
            lambda out: (out.parent / ".OUT.raw2adam-journal").write_text(
                '{"schema":1,"step":"delete-old","stage":".OUT.raw2adam-stage-7-1","old":"../../home"}'
            ),
            "journal: damaged",
        ),
    ],
)
def test_where_it_is_not_clear_nothing_is_changed(out: Path, state: str, spoil: Callable[[Path], object], message: str):
    lay_out(out, state)
    spoil(out)
    before = {p: p.read_bytes() for p in out.parent.rglob("*") if p.is_file()}
    for command in (recover, run):
        with pytest.raises(OutputError, match=message) as caught:
            command(out)
        assert "start again" in str(caught.value)
        assert {p: p.read_bytes() for p in out.parent.rglob("*") if p.is_file()} == before


def test_a_half_deleted_old_output_never_comes_back(out: Path, monkeypatch: pytest.MonkeyPatch):
    lay_out(out, "old moved")

    def half(folder: Path) -> bool:
        (folder / "dm.xpt").unlink()
        raise Crash

    monkeypatch.setattr(swap, "delete_folder", half)
    with pytest.raises(Crash):
        recover(out)  # killed while it deletes the old output, with the new one in place
    monkeypatch.undo()
    assert content(out) == NEW
    shutil.rmtree(out)  # and then the new one is removed by hand
    with pytest.raises(OutputError, match="only a part of the previous output"):
        recover(out)
    assert not out.exists()


def test_recover_needs_no_right_to_write_where_nothing_is_broken(built: Path, monkeypatch: pytest.MonkeyPatch):
    def refuse(*options: object, **named: object) -> int:
        raise PermissionError(errno.EACCES, "read-only")

    monkeypatch.setattr(os, "open", refuse)
    monkeypatch.setattr(os, "mkdir", refuse)
    assert recover(built) == []
    assert recover(built.parent / "nothing here") == []


def test_readers_beside_a_run_that_is_at_work(built: Path):
    with OutputFolder(built).stage() as stage:
        (note,) = recover(built)
        assert "not cleaned up" in note and f"process {os.getpid()}" in note
        assert stage.path.is_dir()
        fill(stage.path, NEW)
    with pytest.raises(OutputError, match="is in use by process"), OutputFolder(built.parent / "FIRST").stage():
        recover(built.parent / "FIRST")


def test_folders_that_only_look_like_ours_are_left_alone(built: Path):
    names = [".OUT.raw2adam-stage-x", ".OUT.raw2adam-stage-12-3-4", ".OUTER.raw2adam-stage-1", ".OUT.raw2adam-stage-1"]
    for name in names:
        (built.parent / name).mkdir()
    (built.parent / ".OUT.raw2adam-stage-2").symlink_to(built.parent)
    (built.parent / ".OUT.raw2adam-old-2").mkdir()
    assert recover(built) == [f"removed the unfinished output of a run that was broken off: {built.parent / names[3]}"]
    run(built)
    assert beside(built) == sorted([*names[:3], ".OUT.raw2adam-stage-2", ".OUT.raw2adam-old-2"])


# --------------------------------------------------------------------------------------------------- signals and locks


@pytest.mark.skipif(os.name == "nt", reason="needs POSIX signals")
@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP", "SIGINT"])
def test_a_signal_in_the_work_ends_the_run_in_order(built: Path, name: str):
    before = [signal.getsignal(getattr(signal, n)) for n in interruption._SIGNALS]
    with pytest.raises(KeyboardInterrupt), OutputFolder(built).stage() as stage:
        fill(stage.path, NEW)
        os.kill(os.getpid(), getattr(signal, name))
        time.sleep(5)
    assert (content(built), beside(built)) == (OLD, [])
    assert [signal.getsignal(getattr(signal, n)) for n in interruption._SIGNALS] == before


@pytest.mark.skipif(os.name == "nt", reason="needs POSIX signals")
@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT"])
def test_a_signal_in_the_swap_waits_for_its_end(built: Path, name: str):
    def on_step(step: str) -> None:
        if step == "moved old":
            os.kill(os.getpid(), getattr(signal, name))

    with pytest.raises(KeyboardInterrupt):
        run(built, on_step=on_step)
    assert (content(built), beside(built)) == (NEW, [])


def test_a_handler_of_somebody_else_stays(built: Path):
    arrived: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, frame: arrived.append(number))
    try:
        with OutputFolder(built).stage() as stage:
            signal.raise_signal(signal.SIGTERM)
            fill(stage.path, NEW)
    finally:
        signal.signal(signal.SIGTERM, before)
    assert arrived == [signal.SIGTERM]
    assert content(built) == NEW


def test_a_run_in_another_thread(built: Path):
    thread = threading.Thread(target=run, args=(built,))
    thread.start()
    thread.join(20)
    assert (content(built), beside(built)) == (NEW, [])


def test_one_run_at_a_time(built: Path):
    with OutputFolder(built).stage() as stage:
        with pytest.raises(OutputError, match=f"OUT is in use by process {os.getpid()} on host "):
            run(built)
        assert stage.path.is_dir(), "the second run must not tidy up the stage of the first"
        fill(stage.path, NEW)
    assert content(built) == NEW


# ------------------------------------------------------------------------------------------- what may not be replaced


def refused(out: Path, inputs: list[Path] | None = None) -> str:
    """The message of check_writable, which stage gives too; nothing may have changed."""
    messages = []
    before = sorted(out.parent.rglob("*")) if out.parent != out and out.parent.name != "" else []
    folder = OutputFolder(out, inputs=inputs or [])
    for attempt in (folder.check_writable, lambda: folder.stage().__enter__()):
        with pytest.raises(OutputError) as caught:
            attempt()
        messages.append(str(caught.value))
    if before:
        assert sorted(out.parent.rglob("*")) == before
    assert messages[0] == messages[1]
    return messages[0]


def test_a_folder_that_is_not_ours(out: Path):
    out.mkdir()
    (out / "thesis.docx").touch()
    assert "holds files and no sound manifest.json, so it is not replaced" in refused(out)
    (out / "manifest.json").write_text('{"name": "a web app"}')
    assert 'expected "tool": "raw2adam"' in refused(out)
    (out / "thesis.docx").unlink()
    assert "Name a new folder, or move these files elsewhere" in refused(out)


def test_our_folder_with_files_of_somebody_else_in_it(built: Path):
    for n in range(7):
        (built / f"notes{n}.docx").touch()
    assert refused(built).endswith(
        "did not write, so it is not replaced: notes0.docx, notes1.docx, notes2.docx, notes3.docx, notes4.docx "
        "and 2 more. Name a new folder, or move these files elsewhere"
    )
    for n in range(7):
        (built / f"notes{n}.docx").unlink()
    (built / "sub" / ".DS_Store").touch()
    run(built)
    assert content(built) == NEW


def test_files_that_came_during_the_run_are_not_lost(built: Path):
    with pytest.raises(OutputError, match=r"notes\.docx"), OutputFolder(built).stage() as stage:
        fill(stage.path, NEW)
        (built / "notes.docx").write_bytes(b"mine")
    assert content(built) == {**OLD, "notes.docx": b"mine"}
    assert beside(built) == []


def test_what_is_no_folder(tmp_path: Path, out: Path):
    out.write_bytes(b"")
    assert "is a file, and the output is a folder" in refused(out)
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    assert f"is a link to {tmp_path / 'elsewhere'}" in refused(tmp_path / "link")
    assert "is the root of a volume" in refused(Path(tmp_path.anchor))
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    assert "link to" in refused(tmp_path / "loop")


def test_a_link_above_is_followed(tmp_path: Path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    run(tmp_path / "link" / "OUT")
    assert content(tmp_path / "real" / "OUT") == NEW


def test_a_mount_point(out: Path, monkeypatch: pytest.MonkeyPatch):
    out.mkdir()
    monkeypatch.setattr(Path, "is_mount", lambda self: self == out)
    assert "is a mount point" in refused(out)


@pytest.mark.parametrize("spelling", [".", "..", "../..", "../b", "../../a"])
def test_the_current_folder_and_above(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spelling: str):
    (tmp_path / "a" / "b").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "a" / "b")
    with pytest.raises(OutputError, match="is the current folder or above it"):
        OutputFolder(Path(spelling)).check_writable()


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("raw", "replacing it would delete the input"),
        (".", "replacing it would delete the input"),
        ("raw/OUT", "is in the input folder"),
        ("raw/x/y", "is in the input folder"),
        ("link/OUT", "is in the input folder"),
        ("study/../raw/OUT", "is in the input folder"),
    ],
)
def test_inputs_are_never_replaced(tmp_path: Path, name: str, message: str):
    base = tmp_path / "base"
    (base / "raw").mkdir(parents=True)
    (base / "study").mkdir()
    (base / "link").symlink_to(base / "raw")
    assert message in refused(base / name, inputs=[base / "study", base / "raw"])


def test_an_input_given_through_a_link_or_as_a_file(tmp_path: Path, built: Path):
    (tmp_path / "link").symlink_to(built)
    assert "replacing it would delete the input" in refused(built, inputs=[tmp_path / "link"])
    assert "replacing it would delete the input" in refused(built, inputs=[built / "dm.xpt"])
    run(built, inputs=[tmp_path / "OUTER", tmp_path / "raw"])  # neither is there; a name that begins alike is another


def test_the_same_folder_under_two_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "OUT").mkdir()
    (tmp_path / "out").mkdir(exist_ok=True)  # as on a file system where letter case does not count
    monkeypatch.setattr(target, "_identity", lambda path: (1, 1) if path.name.lower() == "out" else None)
    assert "replacing it would delete the input" in refused(tmp_path / "OUT", inputs=[tmp_path / "out" / "raw"])


# ------------------------------------------------------------------------------------------------ where nothing can be


def test_below_a_file(tmp_path: Path):
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match=r"cannot be written: (Not a directory|File exists)"):
        OutputFolder(tmp_path / "file" / "OUT").check_writable()
    with pytest.raises(OutputError, match="cannot be written: Not a directory"):
        OutputFolder(tmp_path / "file" / "deeper" / "OUT").check_writable()


@pytest.mark.parametrize("call", ["mkdir", "rename", "fsync"])
def test_a_place_without_the_rights_that_a_run_needs(built: Path, call: str, monkeypatch: pytest.MonkeyPatch):
    def refuse(*options: object, **named: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system", str(built.parent))

    monkeypatch.setattr(os, call, refuse)
    work = []
    with pytest.raises(OutputError, match="cannot be written: Read-only file system"), OutputFolder(built).stage():
        work.append("begun")
    monkeypatch.undo()
    assert work == []
    assert (content(built), beside(built)) == (OLD, [])


def test_names_that_are_too_long_or_hold_a_nul(tmp_path: Path):
    with pytest.raises(OutputError, match="name too long"):
        OutputFolder(tmp_path / ("x" * 240)).check_writable()
    with pytest.raises(OutputError, match="holds a NUL character"):
        OutputFolder(tmp_path / "a\0b").check_writable()


def test_check_writable_leaves_nothing(out: Path):
    OutputFolder(out).check_writable()
    assert (out.exists(), beside(out)) == (False, [])


# ------------------------------------------------------------------------------------- what the system refuses, a kill


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EFBIG, errno.EROFS, errno.EIO])
def test_a_write_that_the_system_refuses_is_an_output_error_with_advice(built: Path, code: int):
    with pytest.raises(OutputError) as error, OutputFolder(built).stage() as stage:
        fill(stage.path, NEW)
        raise OSError(code, os.strerror(code))
    assert os.strerror(code) in str(error.value)
    assert "; " in str(error.value)
    assert content(built) == OLD
    assert beside(built) == []


def test_an_error_of_the_system_about_something_else_stays_what_it_is(built: Path):
    with pytest.raises(FileNotFoundError), OutputFolder(built).stage():
        raise FileNotFoundError(errno.ENOENT, "no such thing")


def test_the_probe_of_a_killed_run_is_removed_by_the_next_command(built: Path):
    for name in ("probe-4711", "probe-4711-1"):
        (built.parent / f".OUT.raw2adam-{name}").mkdir()
    recover(built)
    assert beside(built) == []


def announced(out: Path, pid: int) -> Path:
    """What a run leaves that was killed after the swap: its announcement, by a process of that number."""
    announce_run(out, argv=["raw2adam", "build"], versions={"x": "1"}, manifest_sha256=read_manifest(out).sha256)
    path = out.parent / ".OUT.raw2adam-run"
    entry = json.loads(path.read_bytes())
    entry["holder"] |= {"pid": pid, "mark": "another boot:1"}
    path.write_text(json.dumps(entry))
    return path


def test_the_run_log_of_a_run_killed_after_the_swap_is_completed(built: Path):
    announced(built, os.getpid())
    notes = recover(built)
    assert len(notes) == 1
    assert "completed with the line of a run" in notes[0]
    line = json.loads(runs_path(built).read_bytes())
    assert (line["argv"], line["exit_code"]) == (["raw2adam", "build"], None)
    assert verify_chain(runs_path(built), manifest_sha256=read_manifest(built).sha256) == []
    assert recover(built) == []
    assert beside(built) == [".OUT.runs.jsonl.head", "OUT.runs.jsonl"]


def test_the_announcement_of_a_run_at_work_stays(built: Path):
    announce_run(built, argv=["raw2adam"], versions={}, manifest_sha256=read_manifest(built).sha256)
    assert recover(built) == []
    assert beside(built) == [".OUT.raw2adam-run"]


@pytest.mark.parametrize("fault", ["another output", "damaged"])
def test_an_announcement_that_is_not_of_this_output_goes(built: Path, fault: str):
    path = announced(built, os.getpid())
    entry = json.loads(path.read_bytes()) | {"manifest_sha256": "0" * 64}
    path.write_text(json.dumps(entry) if fault == "another output" else "{")
    recover(built)
    assert beside(built) == []


def test_a_run_announces_itself_before_the_swap_and_its_log_line_ends_that(out: Path):
    seen: list[list[str]] = []
    folder = OutputFolder(out, argv=["raw2adam", "build"], on_step=lambda step: seen.append(beside(out)))
    with folder.stage() as stage:
        fill(stage.path, NEW)
    assert ".OUT.raw2adam-run" not in seen[1]
    assert ".OUT.raw2adam-run" in seen[2]
    append_run(out, argv=["raw2adam"], versions={}, exit_code=0, manifest_sha256=read_manifest(out).sha256)
    assert beside(out) == [".OUT.runs.jsonl.head", "OUT.runs.jsonl"]


def test_a_failed_run_does_not_end_the_announcement_of_a_killed_one(built: Path):
    path = announced(built, 999_999_999)
    append_run(built, argv=["raw2adam"], versions={}, exit_code=2)
    assert path.exists()
    recover(built)
    assert verify_chain(runs_path(built), manifest_sha256=read_manifest(built).sha256) == []
