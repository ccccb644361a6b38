"""The run log: every edited, removed, moved or cut off line is found, and no append hides it."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kit.fuzzing import examples
from raw2adam.errors import OutputError
from raw2adam.output_folder import run_log
from raw2adam.output_folder.locking import Lock, this_process
from raw2adam.output_folder.run_log import append_run, runs_path, tidy_log, verify_chain


def log(folder: Path, runs: int) -> Path:
    out = folder / "OUT"
    for number in range(runs):
        append_run(out, argv=["raw2adam", "build", f"n{number}"], versions={"raw2adam": "0.1.0"}, exit_code=0)
    return runs_path(out)


def rehashed(entry: dict[str, object]) -> bytes:
    """A line as a careful forger would write it, after our description of the format."""
    body = {key: value for key, value in entry.items() if key != "hash"}
    text = json.dumps(body, sort_keys=True, separators=(",", ":")).encode()
    body["hash"] = hashlib.sha256(text).hexdigest()
    return json.dumps(body, sort_keys=True, separators=(",", ":")).encode() + b"\n"


def test_the_content_of_a_line(tmp_path: Path):
    paris = dt.timezone(dt.timedelta(hours=2))
    append_run(
        tmp_path / "OUT",
        argv=["raw2adam", "build", "s"],
        versions={"pandas": "3.0.0"},
        exit_code=1,
        manifest_sha256="ab",
        when=dt.datetime(2026, 3, 1, 14, 5, 6, tzinfo=paris),
        who="ann",
        where="box",
    )
    path = tmp_path / "OUT.runs.jsonl"
    (line,) = path.read_bytes().splitlines(keepends=True)
    entry = json.loads(line)
    assert line == rehashed(entry)
    assert entry.pop("hash")
    assert entry == {
        "schema": 1,
        "when": "2026-03-01T12:05:06+00:00",
        "who": "ann",
        "where": "box",
        "argv": ["raw2adam", "build", "s"],
        "versions": {"pandas": "3.0.0"},
        "exit_code": 1,
        "manifest_sha256": "ab",
        "previous": "0" * 64,
    }
    assert verify_chain(path) == []


def test_defaults_and_chaining(tmp_path: Path):
    path = log(tmp_path, 3)
    entries = [json.loads(line) for line in path.read_bytes().splitlines()]
    assert [e["previous"] for e in entries[1:]] == [e["hash"] for e in entries[:2]]
    assert all(e["who"] and e["where"] and e["when"].endswith("+00:00") for e in entries)
    assert verify_chain(path) == []


def test_naive_time_is_refused(tmp_path: Path):
    with pytest.raises(ValueError, match="time zone"):
        append_run(tmp_path / "OUT", argv=[], versions={}, exit_code=0, when=dt.datetime(2026, 1, 1))


@given(st.data())
@settings(max_examples=examples(15), deadline=None)
def test_any_other_order_or_choice_of_the_lines_is_found(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject):
    path = log(tmp_path_factory.mktemp("r"), 4)
    lines = path.read_bytes().splitlines(keepends=True)
    chosen = data.draw(st.lists(st.integers(0, 3), max_size=5).filter(lambda c: c != [0, 1, 2, 3]))
    path.write_bytes(b"".join(lines[i] for i in chosen))
    assert verify_chain(path) != []
    append_run(path.parent / "OUT", argv=[], versions={}, exit_code=0)
    assert verify_chain(path) != [], "a later run must not hide it"


@given(st.data())
@settings(max_examples=examples(15), deadline=None)
def test_any_changed_byte_is_found(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject):
    path = log(tmp_path_factory.mktemp("r"), 3)
    raw = bytearray(path.read_bytes())
    at = data.draw(st.integers(0, len(raw) - 1))
    raw[at] = data.draw(st.integers(0, 255).filter(lambda b: b != raw[at]))
    path.write_bytes(raw)
    assert verify_chain(path) != []


@pytest.mark.parametrize(
    ("line", "problem"), [(0, ":2: does not follow"), (1, ":3: does not follow"), (2, "not end as")]
)
def test_an_edit_with_a_recomputed_hash_is_found(tmp_path: Path, line: int, problem: str):
    path = log(tmp_path, 3)
    lines = path.read_bytes().splitlines(keepends=True)
    lines[line] = rehashed({**json.loads(lines[line]), "who": "somebody else"})
    path.write_bytes(b"".join(lines))
    (found,) = verify_chain(path)
    assert problem in found


def test_plain_edit_names_the_line(tmp_path: Path):
    path = log(tmp_path, 3)
    path.write_bytes(path.read_bytes().replace(b'"n1"', b'"n9"'))
    assert verify_chain(path) == [f"{path}:2: edited: it no longer agrees with its hash"]


def test_a_line_written_anew_with_the_same_meaning_is_found(tmp_path: Path):
    path = log(tmp_path, 1)
    path.write_bytes(
        json.dumps(json.loads(path.read_bytes()), indent=None).encode() + b"\n"
    )  # as an editor may save it
    assert verify_chain(path) == [f"{path}:1: edited: it no longer agrees with its hash"]


def test_removed_last_line_is_found_with_and_without_the_head(tmp_path: Path):
    out = tmp_path / "OUT"
    append_run(out, argv=[], versions={}, exit_code=0, manifest_sha256="aa")
    append_run(out, argv=[], versions={}, exit_code=0, manifest_sha256="bb")
    path = runs_path(out)
    assert verify_chain(path, manifest_sha256="bb") == []
    path.write_bytes(path.read_bytes().splitlines(keepends=True)[0])
    assert verify_chain(path) == [
        f"{path}: 2 lines were written and 1 are there: lines at the end were removed",
    ]
    (tmp_path / ".OUT.runs.jsonl.head").unlink()
    assert verify_chain(path) == []
    (problem,) = verify_chain(path, manifest_sha256="bb")
    assert "the last run with an output is not the one that built" in problem


def test_a_failed_run_after_the_build_does_not_hide_its_output(tmp_path: Path):
    append_run(tmp_path / "OUT", argv=[], versions={}, exit_code=0, manifest_sha256="aa")
    append_run(tmp_path / "OUT", argv=[], versions={}, exit_code=3)
    assert verify_chain(runs_path(tmp_path / "OUT"), manifest_sha256="aa") == []


def test_a_removed_log_is_found_also_after_the_next_run(tmp_path: Path):
    path = log(tmp_path, 2)
    path.unlink()
    assert verify_chain(path) == [f"{path}: missing"]
    append_run(tmp_path / "OUT", argv=[], versions={}, exit_code=0)
    (problem,) = verify_chain(path)
    assert ":1: does not follow the line above" in problem


def test_no_log_is_no_problem_when_nothing_was_built(tmp_path: Path):
    assert verify_chain(tmp_path / "OUT.runs.jsonl") == []
    assert verify_chain(tmp_path / "OUT.runs.jsonl", manifest_sha256="aa") != []


def test_a_line_cut_short_by_a_crash_stays_and_the_chain_goes_on(tmp_path: Path):
    path = log(tmp_path, 2)
    with path.open("ab") as file:
        file.write(b'{"argv":["raw2a')
    problem = f"{path}:3: cut short, as by a crash"
    assert verify_chain(path) == [problem]
    for _ in range(2):
        append_run(tmp_path / "OUT", argv=[], versions={}, exit_code=0)
        assert verify_chain(path) == [problem]
    assert len(path.read_bytes().splitlines()) == 5


@pytest.mark.parametrize("keep", [1, 10, 200])
def test_a_truncated_last_line_is_found(tmp_path: Path, keep: int):
    path = log(tmp_path, 3)
    raw = path.read_bytes()
    start = raw.rindex(b"\n", 0, -1) + 1
    path.write_bytes(raw[: start + keep])
    assert f"{path}:3: cut short, as by a crash" in verify_chain(path)
    path.write_bytes(raw[:-1])
    assert verify_chain(path) == [f"{path}:3: its end is cut off, as by a crash"]


def test_crashes_between_line_and_head(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = log(tmp_path, 2)
    sound = run_log.write_whole
    for heads_before_crash in (0, 1):  # twice in a row: the second append first catches up
        remaining = [heads_before_crash]

        def crash(where: Path, content: dict[str, object], remaining: list[int] = remaining) -> None:
            if not remaining[0]:
                raise KeyboardInterrupt
            remaining[0] -= 1
            sound(where, content)

        monkeypatch.setattr(run_log, "write_whole", crash)
        with pytest.raises(KeyboardInterrupt):
            append_run(tmp_path / "OUT", argv=[], versions={}, exit_code=0)
        assert verify_chain(path) == []
    monkeypatch.undo()
    append_run(tmp_path / "OUT", argv=[], versions={}, exit_code=0)
    assert verify_chain(path) == []
    assert len(path.read_bytes().splitlines()) == 5


@pytest.mark.parametrize(
    "line", [b"\n", b"null\n", b"{}\n", b"\xff\n", b"[" * 60_000 + b"\n", b'{"hash":1,"previous":2}\n']
)
def test_foreign_lines_are_found_and_do_not_stop_the_next_run(tmp_path: Path, line: bytes):
    path = log(tmp_path, 1)
    path.write_bytes(path.read_bytes() + line)
    assert any(p.startswith(f"{path}:2: ") for p in verify_chain(path))
    append_run(tmp_path / "OUT", argv=[], versions={}, exit_code=0)
    assert any(p.startswith(f"{path}:2: ") for p in verify_chain(path))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs a fork")
def test_runs_at_the_same_time_each_get_a_line(tmp_path: Path):
    code = (
        "import os, sys; from pathlib import Path; from raw2adam.output_folder.run_log import append_run\n"
        "if all(os.fork() for _ in range(3)):\n"
        "    sys.exit([os.wait()[1] for _ in range(3)] != [0] * 3)\n"
        "for n in range(5): append_run(Path(sys.argv[1]), argv=[str(n)], versions={}, exit_code=0)"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "OUT")], timeout=90, check=True)
    path = tmp_path / "OUT.runs.jsonl"
    assert len(path.read_bytes().splitlines()) == 15
    assert verify_chain(path) == []


def test_a_log_that_cannot_be_written(tmp_path: Path):
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="cannot be written"):
        append_run(tmp_path / "file" / "OUT", argv=[], versions={}, exit_code=0)
    (tmp_path / "OUT.runs.jsonl").mkdir()
    with pytest.raises(OutputError, match=r"OUT\.runs\.jsonl: cannot be read"):
        append_run(tmp_path / "OUT", argv=[], versions={}, exit_code=0)
    with pytest.raises(OutputError, match=r"OUT\.runs\.jsonl: cannot be read"):
        verify_chain(tmp_path / "OUT.runs.jsonl")


def test_a_user_without_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def nobody() -> str:
        raise KeyError("getpwuid(): uid not found: 4711")

    monkeypatch.setattr(run_log.getpass, "getuser", nobody)
    path = log(tmp_path, 1)
    assert json.loads(path.read_bytes())["who"].startswith("uid ")


def test_a_kill_while_the_log_is_written_leaves_nothing_for_long(tmp_path):
    out = tmp_path / "OUT"
    lock = tmp_path / ".OUT.raw2adam-runs-lock"
    dead = replace(this_process(), pid=4_194_303, token="0" * 16)
    lock.write_text(json.dumps(asdict(dead)), "ascii")
    (tmp_path / ".OUT.runs.jsonl.head.new").write_bytes(b"{")
    assert lock.exists()
    tidy_log(out)
    assert list(tmp_path.iterdir()) == []
    with Lock(lock, purpose="another process"):
        (tmp_path / ".OUT.runs.jsonl.head.new").write_bytes(b"{")
        tidy_log(out)  # somebody writes it
        assert (tmp_path / ".OUT.runs.jsonl.head.new").exists()
