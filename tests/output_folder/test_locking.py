"""The lock: one holder, dead ones are replaced with a note, doubtful ones are not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from raw2adam.errors import OutputError
from raw2adam.output_folder import locking
from raw2adam.output_folder.locking import Lock


def hold(path: Path, wait: float = 0.0) -> Lock:
    return Lock(path, purpose="OUT", wait=wait)


def dead_process() -> int:
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait(20)
    return child.pid


def rewrite(path: Path, **changes: object) -> None:
    """Leave a lock as this process would, with ``changes``."""
    with hold(path):
        content = json.loads(path.read_bytes())
    path.write_text(json.dumps({**content, "token": "f00d", **changes}))


def test_a_second_holder_is_refused_with_pid_and_host(tmp_path: Path):
    with hold(tmp_path / "lock") as first:
        assert first.notes == []
        content = json.loads((tmp_path / "lock").read_bytes())
        with pytest.raises(OutputError) as caught, hold(tmp_path / "lock"):
            pass
        assert f"OUT is in use by process {os.getpid()} on host {content['host']}" in str(caught.value)
        assert json.loads((tmp_path / "lock").read_bytes()) == content
    assert list(tmp_path.iterdir()) == []


def test_released_after_an_error(tmp_path: Path):
    with pytest.raises(KeyboardInterrupt), hold(tmp_path / "lock"):
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []


def test_a_dead_holder_is_replaced_with_a_note(tmp_path: Path):
    pid = dead_process()
    rewrite(tmp_path / "lock", pid=pid)
    with hold(tmp_path / "lock") as lock:
        (note,) = lock.notes
        assert f"took over the lock of process {pid} on host" in note
        assert json.loads((tmp_path / "lock").read_bytes())["pid"] == os.getpid()
        assert [p.name for p in tmp_path.iterdir()] == ["lock"]
    assert list(tmp_path.iterdir()) == []


def test_a_pid_given_to_another_process_since_is_a_dead_holder(tmp_path: Path):
    if not locking._process_mark(os.getpid()):
        pytest.skip("this platform does not show when a process began")
    rewrite(tmp_path / "lock", mark="an earlier boot:77")
    with hold(tmp_path / "lock") as lock:
        assert len(lock.notes) == 1


def test_a_process_that_ended_but_was_not_yet_buried_is_dead(tmp_path: Path):
    if not Path("/proc/self/stat").exists():
        pytest.skip("needs /proc")
    child = subprocess.Popen([sys.executable, "-c", ""])
    try:
        rewrite(tmp_path / "lock", pid=child.pid, mark="")
        give_up = time.monotonic() + 20
        while locking._process_mark(child.pid) is not None:
            assert time.monotonic() < give_up
            time.sleep(0.01)
        with hold(tmp_path / "lock") as lock:
            assert len(lock.notes) == 1
    finally:
        child.wait(20)


@pytest.mark.parametrize("change", [{"host": "elsewhere"}, {"namespace": "pid:[1]"}])
def test_a_holder_on_another_host_is_never_replaced(tmp_path: Path, change: dict[str, str]):
    rewrite(tmp_path / "lock", pid=dead_process(), **change)
    before = (tmp_path / "lock").read_bytes()
    with pytest.raises(OutputError, match=r"if you are sure that it does not, remove .*lock and"):
        hold(tmp_path / "lock").__enter__()
    assert (tmp_path / "lock").read_bytes() == before


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"12",
        b'{"pid": 1}',
        b'{"pid":0,"host":"h","namespace":"","mark":"","time":"","token":"a"}',
        b'{"pid":-1,"host":"h","namespace":"","mark":"","time":"","token":"a"}',
        b'{"pid":true,"host":"h","namespace":"","mark":"","time":"","token":"a"}',
        b'{"pid":5,"host":"h","namespace":"","mark":"","time":"","token":"../../a"}',
        b'{"pid":5,"host":null,"namespace":"","mark":"","time":"","token":"a"}',
    ],
)
def test_a_file_that_is_no_lock_is_left_alone(tmp_path: Path, content: bytes, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(locking, "_WRITE_GRACE", 0.05)
    (tmp_path / "lock").write_bytes(content)
    with pytest.raises(OutputError, match="not a lock file that raw2adam can read"):
        hold(tmp_path / "lock").__enter__()
    assert (tmp_path / "lock").read_bytes() == content


def test_a_lock_that_is_just_being_written_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    rewrite(tmp_path / "lock", pid=dead_process())
    whole = (tmp_path / "lock").read_bytes()
    (tmp_path / "lock").write_bytes(b"")
    monkeypatch.setattr(locking.time, "sleep", lambda seconds: (tmp_path / "lock").write_bytes(whole))
    with hold(tmp_path / "lock") as lock:
        assert len(lock.notes) == 1


def test_a_live_holder_can_be_waited_for(tmp_path: Path):
    code = (
        "import sys, time; from pathlib import Path; from raw2adam.output_folder.locking import Lock\n"
        "with Lock(Path(sys.argv[1]), purpose='OUT'): print('held', flush=True); time.sleep(0.5)"
    )
    child = subprocess.Popen([sys.executable, "-c", code, str(tmp_path / "lock")], stdout=subprocess.PIPE)
    assert child.stdout is not None and child.stdout.readline().strip() == b"held"
    with pytest.raises(OutputError, match=f"process {child.pid} "):
        hold(tmp_path / "lock").__enter__()
    with hold(tmp_path / "lock", wait=20) as lock:
        assert lock.notes == []
    assert child.wait(20) == 0
    child.stdout.close()


def test_release_leaves_the_lock_of_another_run(tmp_path: Path):
    with hold(tmp_path / "lock"):
        (tmp_path / "lock").unlink()  # as the message to somebody on another host says
        rewrite(tmp_path / "lock", host="elsewhere")
    assert (tmp_path / "lock").exists()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs a fork")
def test_of_many_that_see_a_dead_holder_one_at_a_time_gets_the_lock(tmp_path: Path):
    rewrite(tmp_path / "lock", pid=dead_process())
    # each makes a file with O_EXCL while it holds the lock: two holders at once would be an error
    code = (
        "import os, sys, time; from pathlib import Path; from raw2adam.output_folder.locking import Lock\n"
        "p = Path(sys.argv[1])\n"
        "if all(os.fork() for _ in range(6)):\n"
        "    sys.exit([os.wait()[1] for _ in range(6)] != [0] * 6)\n"
        "with Lock(p / 'lock', purpose='OUT', wait=20) as lock:\n"
        "    os.close(os.open(p / 'alone', os.O_CREAT | os.O_EXCL)); time.sleep(0.02); (p / 'alone').unlink()\n"
        "print(len(lock.notes))"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, timeout=300, check=True)
    assert sorted(done.stdout.split()) == [b"0"] * 5 + [b"1"]
    assert list(tmp_path.iterdir()) == []


def test_a_takeover_that_lost_the_race_steps_back(tmp_path: Path):
    rewrite(tmp_path / "lock", pid=dead_process())
    dead = locking._parse(tmp_path / "lock")
    assert dead is not None
    with hold(tmp_path / "lock") as winner:
        assert len(winner.notes) == 1
        content = (tmp_path / "lock").read_bytes()
        # a second process read the dead holder before the first replaced it, and only now goes on
        assert hold(tmp_path / "lock")._take_over(dead, locking.this_process()) is False
        assert (tmp_path / "lock").read_bytes() == content
        assert [p.name for p in tmp_path.iterdir()] == ["lock"]


def test_a_takeover_that_was_broken_off_names_both_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    rewrite(tmp_path / "lock", pid=dead_process())
    (tmp_path / "lock.f00d").touch()
    monkeypatch.setattr(locking, "_WRITE_GRACE", 0.1)
    with pytest.raises(OutputError, match=r"a takeover of the lock .*lock was broken off.*lock\.f00d"):
        hold(tmp_path / "lock").__enter__()


def test_no_place_for_a_lock(tmp_path: Path):
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="cannot make the lock file"):
        hold(tmp_path / "file" / "lock").__enter__()
