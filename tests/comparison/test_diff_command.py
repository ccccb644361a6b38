"""raw2adam diff from the command line: files of mixed formats, exit codes, accepted differences, JSON and HTML."""

from __future__ import annotations

import copy
import datetime as dt
import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from kit.command import Done, raw2adam
from raw2adam.comparison.command import DiffRequest, run_diff
from raw2adam.errors import InputError, OutputError, SpecError, UsageError
from raw2adam.transport.xpt import XptVariable, XptWriter

ROWS = [["S-1", 1, "HEADACHE", 1.5], ["S-1", 2, "NAUSEA", None], ["S-2", 1, "COUGH", 3.0]]
COLUMNS = [
    {"itemOID": "1", "name": "USUBJID", "label": "Subject", "dataType": "string", "length": 8},
    {"itemOID": "2", "name": "AESEQ", "label": "Sequence", "dataType": "integer"},
    {"itemOID": "3", "name": "AETERM", "label": "Term", "dataType": "string", "length": 40},
    {"itemOID": "4", "name": "AVAL", "label": "Value", "dataType": "float"},
]


def write_json(path: Path, rows: list[list[object]] = ROWS, name: str = "ADAE", **column: dict) -> Path:
    columns = copy.deepcopy(COLUMNS)
    for c in columns:
        c.update(column.get(c["name"], {}))
    document = {
        "datasetJSONVersion": "1.1.0", "records": len(rows), "name": name, "label": "Adverse Events",
        "columns": columns, "rows": rows,
    }  # fmt: skip
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document), "utf-8")
    return path


def write_xpt(path: Path) -> Path:
    variables = [
        XptVariable("USUBJID", "Subject", False, 8, ""),
        XptVariable("AESEQ", "Sequence", True, 8, ""),
        XptVariable("AETERM", "Term", False, 40, ""),
        XptVariable("AVAL", "Value", True, 8, ""),
    ]
    columns = list(zip(*ROWS, strict=True))
    frame = pd.DataFrame(
        {
            "USUBJID": pd.Categorical(columns[0]),
            "AESEQ": np.array(columns[1], dtype="float64"),
            "AETERM": pd.Categorical(columns[2]),
            "AVAL": np.array(columns[3], dtype="float64"),
        }
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    with XptWriter(path, "ADAE", "Adverse Events", variables, dt.datetime(2025, 1, 1)) as out:
        out.append(frame)
    return path


def write_parquet(path: Path) -> Path:
    names = [c["name"] for c in COLUMNS]
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(dict(zip(names, zip(*ROWS, strict=True), strict=True))), path)
    return path


def edited(*changes: tuple[int, int, object]) -> list[list[object]]:
    rows = copy.deepcopy(ROWS)
    for row, column, value in changes:
        rows[row][column] = value
    return rows


def diff(base: Path, compare: Path, keys: str = "USUBJID,AESEQ", **options) -> tuple[bool, str]:
    return run_diff(DiffRequest(base, compare, (keys,) if keys else (), **options))


def as_json(base: Path, compare: Path, **options) -> dict:
    return json.loads(diff(base, compare, format="json", **options)[1])


def accept(path: Path, text: str) -> Path:
    path.write_text(text, "utf-8")
    return path


# --- the command -----------------------------------------------------------------------------------------------------


def command(*words: object, cwd: Path) -> Done[str]:
    return raw2adam("diff", *words, cwd=cwd)


def test_exit_codes(tmp_path: Path) -> None:
    write_xpt(tmp_path / "a" / "adae.xpt")
    write_json(tmp_path / "b" / "adae.json")
    write_json(tmp_path / "c" / "adae.json", edited((0, 2, "MIGRAINE")))
    equal = command("a", "b", "--keys", "USUBJID,AESEQ", cwd=tmp_path)
    assert (equal.returncode, equal.stderr) == (0, "")
    assert equal.stdout.splitlines()[-1] == "EQUAL: 1 dataset compared"
    other = command("a", "c", "--keys", "ADAE=USUBJID,AESEQ", "--html", "d.html", "--json", "d.json", cwd=tmp_path)
    assert (other.returncode, other.stderr) == (1, "")
    assert "USUBJID='S-1', AESEQ=1: AETERM 'HEADACHE' -> 'MIGRAINE'" in other.stdout
    assert (tmp_path / "d.html").is_file()
    assert json.loads((tmp_path / "d.json").read_text())["summary"]["differences"] == 1
    wrong = command("a", "b", cwd=tmp_path)
    assert wrong.returncode == 2
    assert "ADAE: the key of its records is unknown" in wrong.stderr
    (tmp_path / "b" / "adae.json").write_text("{", "utf-8")
    broken = command("a", "b", "--keys", "USUBJID,AESEQ", "--format", "json", cwd=tmp_path)
    assert broken.returncode == 3
    assert "adae.json: not JSON" in broken.stderr
    for done in (equal, other, wrong, broken):
        assert "Traceback" not in done.stderr


# --- files -----------------------------------------------------------------------------------------------------------


def test_formats_may_be_mixed(tmp_path: Path) -> None:
    files = [
        write_xpt(tmp_path / "adae.xpt"),
        write_json(tmp_path / "adae.json"),
        write_parquet(tmp_path / "adae.parquet"),
    ]
    for one in files:
        for two in files:
            equal, text = diff(one, two)
            assert equal, text


def test_datasets_of_one_side_and_the_choice_of_datasets(tmp_path: Path) -> None:
    write_json(tmp_path / "a" / "adae.json")
    write_json(tmp_path / "a" / "adcm.json", name="ADCM")
    write_json(tmp_path / "b" / "adae.json")
    write_json(tmp_path / "b" / "adlb.json", name="ADLB")
    equal, text = diff(tmp_path / "a", tmp_path / "b")
    assert not equal
    assert "ADCM  different\n  dataset only in BASE" in text
    assert "ADLB  different\n  dataset only in COMPARE" in text
    assert diff(tmp_path / "a", tmp_path / "b", only=("ADAE",))[0]
    with pytest.raises(UsageError, match=r"--only ADEA: neither folder has it \(did you mean 'ADAE'\?\)"):
        diff(tmp_path / "a", tmp_path / "b", only=("ADEA",))


def test_two_files_of_another_name_are_compared_and_the_names_noted(tmp_path: Path) -> None:
    one, two = write_json(tmp_path / "adae.json"), write_json(tmp_path / "qc.json", name="QCADAE")
    equal, text = diff(one, two)
    assert equal
    assert "note: the datasets are named ADAE in BASE and QCADAE in COMPARE" in text


def test_wrong_usage_and_unreadable_input(tmp_path: Path) -> None:
    one = write_json(tmp_path / "a" / "adae.json")
    with pytest.raises(UsageError, match="a folder and a file"):
        diff(tmp_path / "a", one)
    with pytest.raises(InputError, match="no such file or folder"):
        diff(tmp_path / "a", tmp_path / "b")
    with pytest.raises(UsageError, match="--only"):
        diff(one, one, only=("ADAE",))
    with pytest.raises(OutputError, match="cannot be written"):
        diff(one, one, html=tmp_path / "none" / "d.html")


def test_all_datasets_without_a_key_are_reported_together(tmp_path: Path) -> None:
    for side in ("a", "b"):
        write_json(tmp_path / side / "adae.json")
        write_json(tmp_path / side / "adcm.json", name="ADCM")
    with pytest.raises(UsageError) as caught:
        diff(tmp_path / "a", tmp_path / "b", keys="")
    assert "ADAE: the key of its records" in str(caught.value)
    assert "ADCM: the key of its records" in str(caught.value)
    with pytest.raises(UsageError, match="ADCM: the key of its records"):
        diff(tmp_path / "a", tmp_path / "b", keys="ADAE=USUBJID,AESEQ")


def test_keys_of_the_study_and_of_dataset_json(tmp_path: Path) -> None:
    study = tmp_path / "study"
    (study / "sdtm").mkdir(parents=True)
    (study / "study.yaml").write_text(
        'study: {id: S1}\nsubject: {columns: [SUBJ], usubjid: "{STUDYID}-{SUBJ:02}"}\nsources: {ae: {file: ae.csv}}\n'
    )
    (study / "sdtm" / "ae.yaml").write_text(
        "dataset: AE\nrows: {source: ae}\nkeys: [USUBJID, AESEQ]\nvariables: {AETERM: TERM, AEDECOD: PT}\n"
    )
    one = write_json(tmp_path / "ae.json", name="AE")
    equal, text = diff(one, one, keys="", study=str(study))
    assert equal
    assert "key USUBJID, AESEQ (from --study)" in text
    keyed = write_json(tmp_path / "t.json", AESEQ={"keySequence": 2}, USUBJID={"keySequence": 1})
    assert "key USUBJID, AESEQ (from t.json of BASE)" in diff(keyed, keyed, keys="")[1]


# --- accepted differences --------------------------------------------------------------------------------------------

ACCEPTED = """\
- dataset: ADAE
  variable: AVAL
  where: AETERM == 'HEADACHE'
  reason: rounded by the other program
- {dataset: ADAE, variable: AETERM, kind: label, reason: shorter label agreed}
- {dataset: ADAE, kind: record, where: USUBJID == 'S-9', reason: enrolled after the snapshot}
- {dataset: ADCM, kind: dataset, reason: not double programmed}
- {dataset: ADAE, variable: AETERM, where: AESEQ > 5, reason: long gone}
"""


def test_accepted_differences_have_their_count_and_stale_ones_are_reported(tmp_path: Path) -> None:
    one = write_json(tmp_path / "a" / "adae.json")
    write_json(tmp_path / "a" / "adcm.json", name="ADCM")
    more = [*edited((0, 3, 1.75)), ["S-9", 1, "RASH", None]]
    two = write_json(tmp_path / "b" / "adae.json", more, AETERM={"label": "Reported Term"})
    file = accept(tmp_path / "accepted.yaml", ACCEPTED)
    equal, text = diff(one.parent, two.parent, accept=file)
    assert equal
    assert text.endswith("EQUAL: 2 datasets compared; 4 differences accepted")
    assert re.search(r"accepted\.yaml:8:3: cell of ADAE\.AETERM where AESEQ > 5: none, this entry is stale", text)
    assert re.search(r"accepted\.yaml:1:3: cell of ADAE\.AVAL where .*: 1\. rounded by the other program", text)
    found = as_json(one.parent, two.parent, accept=file)
    assert [(e["matched"], e["took"]) for e in found["accepted"]] == [(1, 1), (1, 1), (1, 1), (1, 1), (0, 0)]
    assert found["summary"] == {
        "equal": True, "differences": 0, "accepted": 4, "stale": 1, "datasets": 2, "different": [],
    }  # fmt: skip
    assert found["datasets"][0]["cells"]["listed"] == [
        {"key": {"USUBJID": "S-1", "AESEQ": 1}, "variable": "AVAL", "base": 1.5, "compare": 1.75,
         "reason": "rounded by the other program"}
    ]  # fmt: skip
    # what no entry names stays a difference
    write_json(two, [*edited((0, 3, 1.75), (2, 3, 4.0)), ["S-9", 1, "RASH", None]], AETERM={"label": "Reported Term"})
    found = as_json(one.parent, two.parent, accept=file)
    assert (found["summary"]["differences"], found["summary"]["accepted"]) == (1, 4)


def test_the_first_entry_takes_and_the_next_is_not_stale(tmp_path: Path) -> None:
    one, two = write_json(tmp_path / "a.json"), write_json(tmp_path / "b.json", edited((0, 3, 2.0), (2, 3, 2.0)))
    file = accept(
        tmp_path / "x.yaml",
        "- {dataset: ADAE, variable: AVAL, where: AESEQ == 1, reason: first}\n- {dataset: ADAE, reason: any cell}\n",
    )
    found = as_json(one, two, accept=file)
    assert [(e["matched"], e["took"]) for e in found["accepted"]] == [(2, 2), (2, 0)]
    assert found["summary"]["stale"] == 0


def test_repeated_keys_can_be_accepted(tmp_path: Path) -> None:
    one = write_json(tmp_path / "a.json", [ROWS[0], ROWS[0]])
    assert not diff(one, one)[0]
    assert diff(one, one, accept=accept(tmp_path / "x.yaml", "- {dataset: ADAE, kind: key, reason: known}\n"))[0]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- {dataset: ADAE, variable: AVAL}\n", "x.yaml:1:3: error: ADAE.AVAL: the key 'reason' is missing"),
        ("- {dataset: ADAE, reason: ' '}\n", "x.yaml:1:19: error: ADAE: a reason is needed"),
        ("- {dataset: ADAE, reason: r, wehre: X == 1}\n", "x.yaml:1:30: error: ADAE"),
        ("- {dataset: ADAE, kind: cels, reason: r}\n", "x.yaml:1:25: error: ADAE"),
        ("- {dataset: ADAE, reason: r, where: AESEQ = 1}\n", "x.yaml:1:43: error: ADAE"),
        ("- {dataset: ADAE, reason: r, where: AESQE == 1}\n", "x.yaml:1:37: error: ADAE: there is no variable 'AESQE'"),
        ("- {dataset: ADAE, reason: r, where: AETERM > 1}\n", "x.yaml:1:37: error: ADAE"),
        ("- {dataset: ADAE, reason: r, where: AESEQ + 1}\n", "x.yaml:1:37: error: ADAE"),
        (
            "- {dataset: ADAE, kind: label, where: X == 1, reason: r}\n",
            "x.yaml:1:32: error: ADAE: where: is a condition",
        ),
        (
            "- {dataset: ADAE, kind: record, variable: X, reason: r}\n",
            "x.yaml:1:33: error: ADAE.X: kind record concerns",
        ),
        ("dataset: ADAE\n", "x.yaml:1:1: error: a list is expected"),
        ("", "x.yaml:1:1: error"),
        ("- [\n", "x.yaml:"),
    ],
)
def test_mistakes_in_the_file_of_accepted_differences(tmp_path: Path, monkeypatch, text: str, message: str) -> None:
    monkeypatch.chdir(tmp_path)
    one, two = write_json(tmp_path / "a.json"), write_json(tmp_path / "b.json", edited((0, 3, 2.0)))
    with pytest.raises(SpecError) as caught:
        diff(one, two, accept=accept(tmp_path / "x.yaml", text))
    assert caught.value.exit_code == 2
    assert message in str(caught.value), str(caught.value)


def test_all_mistakes_come_together_and_a_missing_file_is_refused(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    one = write_json(tmp_path / "a.json")
    with pytest.raises(SpecError) as caught:
        diff(one, one, accept=accept(tmp_path / "x.yaml", "- {dataset: A}\n- {dataset: B, reason: ''}\n- 7\n"))
    assert [p.place.line for p in caught.value.problems] == [1, 2, 3]
    with pytest.raises(SpecError, match=r"none\.yaml"):
        diff(one, one, accept=tmp_path / "none.yaml")


# --- reports ---------------------------------------------------------------------------------------------------------


def test_json_report_has_full_counts_and_the_limit(tmp_path: Path) -> None:
    rows = [[f"S-{i:03}", 1, "X", float(i)] for i in range(50)]
    one = write_json(tmp_path / "a.json", rows)
    two = write_json(tmp_path / "b.json", [[s, n, t, v + 1] for s, n, t, v in rows])
    found = as_json(one, two, limit=5)
    dataset = found["datasets"][0]
    assert (found["schema"], found["options"]["method"], found["options"]["criterion"]) == (1, "absolute", 1e-8)
    assert dataset["cells"]["different"] == 50
    assert [c["key"]["USUBJID"] for c in dataset["cells"]["listed"]] == [f"S-{i:03}" for i in range(5)]
    assert dataset["variables"][1] == {
        "name": "AVAL", "numeric": True, "compared": 50, "different": 50, "accepted": 0, "base_missing": 0,
        "compare_missing": 0, "largest": 1.0, "share_equal": 0.0,
    }  # fmt: skip
    assert len(as_json(one, two, limit=0)["datasets"][0]["cells"]["listed"]) == 50


def test_hostile_text_stays_text_in_html(tmp_path: Path) -> None:
    evil = "</td><script>alert(1)</script>\x1b[31m\u202e"
    one = write_json(tmp_path / "a.json", AETERM={"label": "<img src=x onerror=alert(1)>"})
    two = write_json(tmp_path / "b.json", [*edited((0, 2, evil)), ["<b>S-9</b>", 1, "X", None]])
    reason = accept(tmp_path / "x.yaml", "- {dataset: ADAE, kind: record, reason: '<script>alert(2)</script>'}\n")
    diff(one, two, html=tmp_path / "d.html", accept=reason)
    page = (tmp_path / "d.html").read_text("utf-8")
    assert "<script" not in page
    assert "<img" not in page
    assert "<b>S-9" not in page
    assert "\x1b" not in page and "\u202e" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;\\x1b[31m\\u202e" in page
    assert "&lt;b&gt;S-9&lt;/b&gt;" in page
    assert "script-src 'none'" in page
    assert "key USUBJID, AESEQ (from --keys)" in page
    assert "http" not in page.replace("http-equiv", "")


def test_html_stops_and_says_how_many_more(tmp_path: Path) -> None:
    rows = [[f"S-{i:05}", 1, "X", float(i)] for i in range(1500)]
    one = write_json(tmp_path / "a.json", rows)
    two = write_json(tmp_path / "b.json", [[s, n, t, v + 1] for s, n, t, v in rows])
    diff(one, two, html=tmp_path / "d.html", limit=0)
    page = (tmp_path / "d.html").read_text("utf-8")
    assert page.count("<td>AVAL</td>") == 1000 + 1  # cells, and the line of the variable
    assert "500 more are not shown here" in page


def test_reports_are_the_same_bytes_each_time(tmp_path: Path) -> None:
    one, two = write_json(tmp_path / "a.json"), write_json(tmp_path / "b.json", edited((0, 2, "X"), (2, 3, 9.0)))
    for name in ("1", "2"):
        diff(one, two, html=tmp_path / f"{name}.html", json=tmp_path / f"{name}.json")
    assert (tmp_path / "1.html").read_bytes() == (tmp_path / "2.html").read_bytes()
    assert (tmp_path / "1.json").read_bytes() == (tmp_path / "2.json").read_bytes()
