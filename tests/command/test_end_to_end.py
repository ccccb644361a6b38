"""The shipped study from a synthetic raw export to a verified output, through the installed command: each step's exit
code, a trace down to file, row and cell, and the same bytes whatever machine settings and however divided."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import pytest
from kit.command import in_a_process, raw2adam
from kit.fuzzing import fuzzing
from kit.linted_study import RAW, SPECS
from kit.other_machine import on_another_machine, settings_of_another_machine
from kit.packs import AS_OF, clean_pack, crossover
from raw2adam.output_folder.journal import MOVE_NEW, Journal, write_journal


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return clean_pack(tmp_path_factory)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """OUT of the small study. A test that spoils it copies it."""
    folder = tmp_path_factory.mktemp("small")
    words = ("--out", folder / "out", "--no-quality", "--fail-on", "never")
    built = raw2adam("build", *small_study(folder), *words, pages=False)
    assert built.returncode == 0, built.stderr
    return folder / "out"


def small_study(folder: Path) -> tuple[object, ...]:
    """The words of the command for a study of a few rows, which is written into study/ and raw/ of a folder."""
    for name, text in {
        **{f"study/{n}": t for n, t in SPECS.items()},
        **{f"raw/{n}": t for n, t in RAW.items()},
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder / "study", "--raw", folder / "raw"


def files(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_output_is_whole(root: Path) -> None:
    out = root / "out"
    for name in ("dm", "ae", "ds", "ex", "rs", "suppae"):
        assert (out / "sdtm" / f"{name}.xpt").stat().st_size % 80 == 0
    for name in ("adsl", "adrs"):
        assert (out / "adam" / f"{name}.xpt").is_file()
    for kind in ("sdtm", "adam"):
        assert {"define.xml", "define.html", "define2-1.xsl"} <= {p.name for p in (out / kind).iterdir()}


def test_an_output_is_verified(tmp_path_factory) -> None:
    """Of the crossover trial; make fuzz verifies the large study."""
    out = crossover(tmp_path_factory) / "out"
    done = raw2adam("verify", out)
    assert (done.returncode, done.stdout.strip()) == (0, f"{out}: unchanged since the build")


@pytest.mark.parametrize("name", ["lineage/AE.parquet", "sdtm/ae.xpt", "lineage/raw/ae.parquet"])
def test_trace_of_a_damaged_output(small: Path, tmp_path: Path, name: str) -> None:
    out = shutil.copytree(small, tmp_path / "out")
    (out / name).write_bytes(b"cut")
    done = raw2adam("trace", out, "AE")
    assert (done.returncode, done.stdout) == (3, "")
    assert f"{out / name}: " in done.stderr
    assert "damaged" in done.stderr
    assert "Traceback" not in done.stderr


def test_verify_reports_all_damage(small: Path, tmp_path: Path) -> None:
    """A changed byte of a dataset, a define.xml that is cut off, a dataset that is not there; of a study that is small."""
    out = shutil.copytree(small, tmp_path / "out")
    path = out / "sdtm" / "dm.xpt"
    data = bytearray(path.read_bytes())
    data[-200] ^= 1
    path.write_bytes(data)
    (out / "sdtm" / "define.xml").write_bytes(b"cut")
    (out / "adam" / "adsl.xpt").unlink()
    done = raw2adam("verify", out)
    assert done.returncode == 3
    assert "sdtm/define.xml: define.xml:1:1: not well-formed XML" in done.stdout
    assert "adam/adsl.xpt: missing" in done.stdout
    assert "sdtm/dm.xpt: " in done.stdout


def test_a_replacement_that_was_killed_is_finished(small: Path, tmp_path: Path) -> None:
    """Power was cut after the old output was moved aside: the next command puts the new one in its place."""
    out, stage, old = (tmp_path / name for name in ("out", ".out.raw2adam-stage-1", ".out.raw2adam-old-1"))
    shutil.copytree(small, stage)
    shutil.copytree(small, old)
    write_journal(out, Journal(MOVE_NEW, stage.name, old.name))
    done = raw2adam("trace", out, "DM", "--limit", "1")
    assert done.returncode == 0, done.stderr
    assert "finished the replacement that was broken off" in done.stderr
    assert sorted(p.name for p in tmp_path.iterdir()) == ["out"]
    assert files(out) == files(small)


def traced(out: Path, dataset: str, variable: str, where: str) -> tuple[str, dict]:
    """The value of the one record where a condition holds, and its way back."""
    done = raw2adam("trace", out, dataset, "--where", where, "--format", "json", "--limit", "1")
    assert done.returncode == 0, done.stderr
    (record,) = json.loads(done.stdout)["records"]
    (value,) = [v for v in record["values"] if v["variable"] == variable]
    return value["value"], value


def cells(way: dict) -> list[dict]:
    """The raw cells that a way ends in."""
    found = [c for c in way["cells"] if "file" in c]
    return found + [raw for c in way["cells"] if "from" in c for raw in cells(c["from"])]


def raw_cell(root: Path, cell: dict) -> str:
    """What the raw file itself has at a cell's row and column, read by another reader."""
    encoding, separator = ("cp1252", ";") if cell["file"] == "ae.csv" else ("utf-8", ",")
    with (root / "raw" / cell["file"]).open(encoding=encoding, newline="") as file:
        return list(csv.DictReader(file, delimiter=separator))[cell["row"] - 1][cell["column"]]


@pytest.mark.parametrize(
    ("dataset", "variable", "where", "file", "column"),
    [
        ("AE", "AEDECOD", "AESEQ == 1", "ae.csv", "PT"),
        ("AE", "AESTDTC", "AESEQ == 2", "ae.csv", "ST_DT"),
        ("RS", "RSSTRESC", "RSSTRESC == 'PR'", "resp.csv", "RESP"),
        ("DM", "RFSTDTC", "not missing(RFSTDTC)", "isa.csv", "DOSE_DT"),
    ],
)
def test_trace_ends_at_the_raw_cell(
    root: Path, dataset: str, variable: str, where: str, file: str, column: str
) -> None:
    value, way = traced(root / "out", dataset, variable, where)
    found = [c for c in cells(way) if (c["file"], c["column"]) == (file, column)]
    assert len(found) == 1, way
    cell = found[0]
    assert cell["cell"] == raw_cell(root, cell) != ""
    assert way["place"].startswith(f"sdtm/{dataset.lower()}.yaml:")
    if variable.endswith("DTC"):
        assert set("".join(c if c.isdigit() else " " for c in cell["cell"]).split()) <= set(value[:10].split("-"))


def test_trace_lists_the_candidates_of_a_first_value(root: Path) -> None:
    value, way = traced(root / "out", "DM", "RFSTDTC", "not missing(RFSTDTC)")
    won = [c for c in way["candidates"] if c["outcome"] == "chosen"]
    assert [c["value"] for c in won] == [value]
    assert way["candidates"][0] is won[0]
    later = [c["value"] for c in way["candidates"] if c["outcome"].startswith("ranks after")]
    assert later
    assert all(v >= value for v in later)
    assert [c for c in way["candidates"] if c["outcome"].endswith("does not hold")]
    done = raw2adam("trace", root / "out", "DM", "--where", "not missing(RFSTDTC)", "--limit", "1")
    assert "chosen: EX record" in done.stdout


def test_trace_refuses_what_is_not_there(root: Path) -> None:
    done = raw2adam("trace", root / "out", "AEE")
    assert (done.returncode, "did you mean 'AE'?" in done.stderr) == (3, True)
    done = raw2adam("trace", root / "out", "AE", "--where", "AESEQQ == 1")
    assert (done.returncode, "'AESEQQ'" in done.stderr) == (2, True)
    done = raw2adam("trace", root / "raw", "AE")
    assert done.returncode == 3
    assert "Traceback" not in done.stderr


def check_every_file(other: Path, here: Path) -> None:
    expected, got = files(here), files(other)
    assert sorted(got) == sorted(expected)
    assert [name for name in expected if got[name] != expected[name]] == []


def test_every_file_of_a_study_is_the_same_on_a_machine_with_other_settings(tmp_path_factory) -> None:
    """Other time zone, language, hash seed, processor features, folders, two partitions.

    tests/engine/test_row_order.py compares the packages of the large study in the same way.
    """
    check_every_file(on_another_machine(tmp_path_factory, "study") / "out", crossover(tmp_path_factory) / "out")


@pytest.mark.in_fuzz
@pytest.mark.skipif(not fuzzing(), reason="builds the large study in another process: make fuzz runs it")
def test_every_file_of_the_large_study_is_the_same_on_a_machine_with_other_settings(root: Path, tmp_path: Path) -> None:
    raw = shutil.copytree(root / "raw", tmp_path / "elsewhere" / "export")
    home = tmp_path / "home"
    home.mkdir()
    words = ("--raw", raw, "--out", tmp_path / "other", "--partitions", "2", "--as-of", AS_OF, "--no-report")
    done = in_a_process("build", "obs16577", *words, cwd=home, **settings_of_another_machine(home))
    assert done.returncode == 0, done.stderr
    assert "building partition 2 of 2" in done.stderr
    assert list(home.iterdir()) == []
    check_every_file(tmp_path / "other", root / "out")
    done = raw2adam("verify", root / "out")
    assert (done.returncode, done.stdout.strip()) == (0, f"{root / 'out'}: unchanged since the build")


def test_the_expectations_of_data_quality_are_in_the_reports(root: Path) -> None:
    """Those of great-expectations."""
    assert b"<html" in (root / "out" / "reports" / "quality.html").read_bytes()


def test_lint(tmp_path: Path) -> None:
    done = raw2adam("lint", "obs16577")
    assert done.returncode == 0, done.stdout
    assert "obs16577: 0 errors" in done.stderr
    (tmp_path / "study.yaml").write_text("study: {id: X}\nsubjects: {}\n", encoding="utf-8")
    done = raw2adam("lint", tmp_path, "--format", "json")
    assert done.returncode == 2
    problems = json.loads(done.stdout)["problems"]
    (unknown,) = [p for p in problems if p["line"] == 2 and p["column"] == 1]
    assert "subjects" in unknown["message"]
    assert "'subject'" in unknown["hint"]


def test_spec_and_schema() -> None:
    done = raw2adam("spec", "obs16577")
    assert done.returncode == 0, done.stderr
    listing = done.stdout
    assert "RFSTDTC is the first EX.EXSTDTC of the subject" in listing
    assert "[sdtm/dm.yaml:" in listing
    done = raw2adam("schema")
    assert done.returncode == 0
    schema = json.loads(done.stdout)
    assert sorted(schema) == ["analysis", "checks", "dataset", "findings.yaml", "study.yaml"]
    assert "variables" in schema["dataset"]["properties"]


def test_trace_without_a_raw_copy_reads_the_raw_file_again(tmp_path: Path) -> None:
    """The verbatim cell comes from the raw file, once its sha256 is that of the build."""
    raw, out = tmp_path / "raw", tmp_path / "out"
    built = raw2adam(
        "build", *small_study(tmp_path), "--out", out, "--no-raw-copy", "--no-quality", "--fail-on", "never",
        "--only", "sdtm", pages=False,
    )  # fmt: skip
    assert built.returncode == 0, built.stderr
    assert not (out / "lineage" / "raw").exists()
    assert not (out / "adam").exists()
    bare = raw2adam("trace", out, "DM", "--limit", "1")
    assert "SEX" in bare.stdout and "enrol.csv row 1 SEX\n" in bare.stdout
    whole = raw2adam("trace", out, "DM", "--limit", "1", "--raw", raw)
    assert "enrol.csv row 1 (line 2) SEX = " in whole.stdout
    with (raw / "enrol.csv").open("a", encoding="utf-8") as file:
        file.write("\n")
    changed = raw2adam("trace", out, "DM", "--limit", "1", "--raw", raw)
    assert changed.returncode == 3
    assert "enrol.csv has changed since the build" in changed.stderr
