"""Checks across records and datasets, and the way back from a record to its raw file, row and column.

Datasets and raw files are written by hand. Not for great-expectations (test_quality).
"""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from kit.command import build
from raw2adam.conformance.language.read import shipped_rules
from raw2adam.conformance.package import Package
from raw2adam.conformance.run import run_rules
from raw2adam.engine.columns.column import text_column
from raw2adam.engine.tables.dataset import Dataset, DatasetMetadata, VariableMetadata
from raw2adam.errors import SpecError
from raw2adam.findings.table import Findings
from raw2adam.runs.from_raw import Options
from raw2adam.validation.quality.study_checks import study_checks


def dataset(name: str, **columns) -> Dataset:
    variables = tuple(
        VariableMetadata(n, n, "text" if all(isinstance(x, str) for x in v) else "float") for n, v in columns.items()
    )
    frame = {v.name: columns[v.name] if v.is_numeric else text_column(columns[v.name]) for v in variables}
    return Dataset(DatasetMetadata(name, name, variables, ("USUBJID",), domain=name), pd.DataFrame(frame))


DATA = {
    "DM": dataset("DM", USUBJID=["1", "2", "3"], DTHDTC=["2021-05-10", "", "2021-05"], AGE=[40.0, 50.0, np.nan]),
    "EX": dataset(
        "EX",
        USUBJID=["1", "1", "2", "3", "3"],
        EXSTDTC=["2021-01-01", "2021-06-01", "2021-03-01", "", "2021-05-20"],
        EXDOSE=[10.0, 20.0, 30.0, 40.0, np.nan],
        EXLNO=["1", "3", "2", "1", "x"],
    ),
    "RS": dataset(
        "RS",
        USUBJID=["1", "1", "1", "2", "2", "9"],
        RSDTC=["2021-05-11", "2021-05-10", "2021-05", "2020-11-01", "2020-11-01", ""],
        RSSTRESC=["PR", "PR", "SD", "CR", "XX", ""],
    ),
}


@pytest.fixture
def failed(tmp_path):
    """``failed(check in YAML)``: the 1-based records that fail."""

    def run(check: str) -> list[int]:
        path = tmp_path / "c.yaml"
        path.write_text(f"checks:\n  - {{name: X, {check}}}\n", "utf-8")
        (result,) = study_checks([path], DATA)
        assert result.success is (not len(result.records)) and result.failed == len(result.records)
        return (result.records + 1).tolist()

    return run


@pytest.mark.parametrize(
    ("check", "expected"),
    [
        ("dataset: RS, fails: 'after(RSDTC, DM.DTHDTC)'", [1]),
        ("dataset: RS, fails: 'after(RSDTC, DM.DTHDTC)', where: \"RSSTRESC == 'SD'\"", []),
        ("dataset: DM, fails: 'after(LAST, DTHDTC)', with: {LAST: {last: EX.EXSTDTC}}", [1]),
        ("dataset: DM, fails: 'after(LAST, DTHDTC)', with: {LAST: {last: EX.EXSTDTC, where: EXDOSE < 15}}", []),
        ("dataset: DM, fails: \"FIRST == '2021-01-01'\", with: {FIRST: {first: EX.EXSTDTC}}", [1]),
        ("dataset: DM, fails: SUM > 35, with: {SUM: {last: EX.EXDOSE}}", [3]),
        ("dataset: DM, fails: N != 2, with: {N: {count: EX}}", [2]),
        ("dataset: RS, fails: N == 0, with: {N: {count: EX}}", [6]),
        ("dataset: RS, fails: 'days(FIRST, RSDTC) > 92', with: {FIRST: {first: EX.EXSTDTC}}", [4, 5]),
        ("dataset: EX, unbroken: EXLNO", [2, 3]),  # 1, 3; 2; 1, x
        ("dataset: EX, unbroken: EXLNO, where: EXDOSE < 30", [2]),
        ("dataset: EX, unbroken: EXLNO, by: [EXDOSE]", [2, 3]),
        ("dataset: RS, once: [USUBJID, RSDTC]", [4, 5]),
        ("dataset: RS, once: [USUBJID, RSDTC], where: \"RSSTRESC != 'XX'\"", []),
    ],
)
def test_checks(failed, check, expected):
    assert failed(check) == expected


@pytest.mark.parametrize(
    ("check", "at", "message"),
    [
        ("dataset: RS", "2:12", "exactly one of expect:, fails:, unbroken:, once:"),
        ("dataset: RS, fails: RSDTC == '', once: [RSDTC]", "2:12", "exactly one"),
        ("dataset: RS, fails: 'after(RSDTC, DM.DTHDTX)'", "2:49", "DM.DTHDTC"),
        ("dataset: RS, fails: RSDTC = 1", "2:41", "write =="),
        ("dataset: RS, fails: upper(RSDTC)", "2:35", "a condition is needed"),
        ("dataset: RS, unbroken: RSSEQ", "2:", "RS has no variable 'RSSEQ'"),
        ("dataset: RS, once: [RSDT]", "2:", "did you mean 'RSDTC'?"),
        ("dataset: RS, once: [RSDTC], at: RSX", "2:", "RS has no variable 'RSX'"),
        ("dataset: RS, fails: N > 1, with: {N: {count: EXX}}", "2:", "there is no dataset 'EXX'"),
        ("dataset: RS, fails: N > 1, with: {N: {last: EX.EXDOS}}", "2:", "did you mean 'EXDOSE'?"),
        ("dataset: RS, fails: N > 1, with: {N: {last: EX.EXDOSE, where: EXDOS > 1}}", "2:", "'EXDOS'"),
        ("dataset: RS, fails: N > 1, with: {N: {}}", "2:", "give one of first:, last:, count:"),
    ],
)
def test_mistakes(tmp_path, check, at, message):
    path = tmp_path / "c.yaml"
    path.write_text(f"checks:\n  - {{name: X, {check}}}\n", "utf-8")
    with pytest.raises(SpecError) as caught:
        study_checks([path], DATA)
    assert f"c.yaml:{at}" in str(caught.value) and message in str(caught.value)


def test_a_check_of_a_dataset_that_is_not_built_does_not_run(tmp_path):
    path = tmp_path / "c.yaml"
    path.write_text("checks:\n  - {name: X, dataset: RS, fails: 'after(RSDTC, ADSL.DTHDT)'}\n", "utf-8")
    assert study_checks([path], DATA, planned=["ADSL"]) == []


def test_partial_ends_before_their_start_are_found():
    ae = dataset(
        "AE",
        USUBJID=["1"] * 5,
        AESTDTC=["2021-04-02", "2021-04", "2021-04", "2021", "2021-04"],
        AEENDTC=["2021-03", "2021-03-31", "2021-04-01", "2020-12-31", ""],
    )
    findings = Findings()
    rule = {"R2A-CONF-014": shipped_rules()["R2A-CONF-014"]}
    run_rules(Package(standard="sdtm", datasets={"AE": ae}), rule, findings)
    assert findings.frame()["value"].tolist() == ["2021", "2021-04", "2021-04-02"]


STUDY = """\
study: {id: S, as_of: 2026-01-01}
subject: {columns: [SUBJ], usubjid: "{STUDYID}-{SUBJ}"}
dates: {formats: [dd/mm/yyyy, mm/yyyy]}
sources:
  enrol: {file: enrol.csv}
  death: {file: death.csv}
  ae: {file: ae.csv}
  dose: {file: dose.csv}
"""
DM = """\
dataset: DM
rows: {source: enrol, join: {source: death, cardinality: one-to-one}}
variables:
  RFSTDTC: {first: EX.EXSTDTC}
  DTHDTC: {date: death.DIED}
  COUNTRY: {value: FRA}
  SEX: {value: M}
  ARMCD: {value: A}
  ARM: {value: A}
  ACTARMCD: {value: A}
  ACTARM: {value: A}
"""
AE = """\
dataset: AE
rows: {source: ae, where: not missing(TERM)}
variables:
  AETERM: TERM
  AEDECOD: {value: X}
  AESTDTC: {date: [START, SEEN]}
  AEENDTC: {date: END}
"""
EX = """\
dataset: EX
rows: {source: dose}
variables:
  EXTRT: {value: X}
  EXSTDTC: {date: DAY}
"""
CHECKS = """\
checks:
  - {name: DEATH, dataset: DM, fails: 'after(RFSTDTC, DTHDTC)', at: DTHDTC}
  - {name: FIRST, dataset: DM, fails: 'after(RFSTDTC, DTHDTC)', at: RFSTDTC}
  - {name: EVENT, dataset: AE, fails: 'after(AESTDTC, DM.DTHDTC)', at: AESTDTC}
  - {name: MADE, dataset: AE, fails: AESEQ == 2, at: AEDECOD}
"""
FILES = {
    "enrol.csv": "SUBJ\n01\n02\n",
    "death.csv": "SUBJ,DIED\n02,05/05/2021\n01,01/01/2020\n",
    "ae.csv": "SUBJ,TERM,START,SEEN,END\n02,,,,\n02,late,01/06/2021,,\n02,seen,,06/2021,\n02,back,09/04/2021,,03/2021\n",
    "dose.csv": "SUBJ,DAY\n01,09/02/2020\n01,01/02/2020\n02,01/03/2021\n",
}


@pytest.mark.parametrize("partitions", [1, 2])
def test_a_further_record_of_a_subject_is_reported_at_its_row(tmp_path, partitions):
    study, raw = tmp_path / "study", tmp_path / "raw"
    for folder in (study / "sdtm", study / "checks", raw):
        folder.mkdir(parents=True)
    (study / "study.yaml").write_text(STUDY, "utf-8")
    (study / "checks" / "logic.yaml").write_text(
        "checks:\n  - {name: F, dataset: DM, fails: SEX == 'F', at: SEX}\n", "utf-8"
    )
    dm = "dataset: DM\nrows: {source: enrol}\nvariables: {RFSTDTC: DAY, SEX: SEX, COUNTRY: {value: FRA}}\n"
    (study / "sdtm" / "dm.yaml").write_text(dm, "utf-8")
    texts = {**FILES, "enrol.csv": "SUBJ,DAY,SEX\n01,2021-01-01,M\n02,2021-01-02,M\n02,2021-01-03,F\n"}
    for name, text in texts.items():
        (raw / name).write_text(text, "utf-8")
    build(str(study), raw, tmp_path / "out", Options(only="sdtm", partitions=partitions, quality=False))
    findings = json.loads((tmp_path / "out" / "reports" / "findings.json").read_text("utf-8"))["findings"]
    wanted = ("R2A-CONF-003", "R2A-CONF-009", "R2A-CHECK-F")
    places = [(f["rule"], f["subject"][-2:], f["source"]["file"], f["source"]["row"]) for f in findings]
    assert sorted(p for p in places if p[0] in wanted) == [
        ("R2A-CHECK-F", "02", "enrol.csv", 3),
        ("R2A-CONF-003", "02", "enrol.csv", 3),
        ("R2A-CONF-009", "02", "enrol.csv", 3),
    ]


@pytest.mark.parametrize("partitions", [1, 2])
def test_findings_about_records_name_file_row_and_column(tmp_path, partitions):
    study, raw = tmp_path / "study", tmp_path / "raw"
    for folder in (study / "sdtm", study / "checks", raw):
        folder.mkdir(parents=True)
    (study / "study.yaml").write_text(STUDY, "utf-8")
    (study / "checks" / "logic.yaml").write_text(CHECKS, "utf-8")
    for name, text in (("dm", DM), ("ae", AE), ("ex", EX)):
        (study / "sdtm" / f"{name}.yaml").write_text(text, "utf-8")
    for name, text in FILES.items():
        (raw / name).write_text(text, "utf-8")
    build(str(study), raw, tmp_path / "out", Options(only="sdtm", partitions=partitions, quality=False))
    findings = json.loads((tmp_path / "out" / "reports" / "findings.json").read_text("utf-8"))["findings"]
    wanted = ("R2A-CHECK-DEATH", "R2A-CHECK-FIRST", "R2A-CHECK-EVENT", "R2A-CHECK-MADE", "R2A-CONF-014")
    places = [
        (f["rule"], *(f["source"][k] for k in ("file", "row", "column")), f["value"])
        for f in findings
        if f["rule"] in wanted
    ]
    assert sorted(places) == [
        ("R2A-CHECK-DEATH", "death.csv", 2, "DIED", "2020-01-01"),  # through a join
        ("R2A-CHECK-EVENT", "ae.csv", 2, "START", "2021-06-01"),
        ("R2A-CHECK-EVENT", "ae.csv", 3, "SEEN", "2021-06"),  # the filled one of two columns
        ("R2A-CHECK-FIRST", "dose.csv", 2, "DAY", "2020-02-01"),  # through the earliest record of another dataset
        ("R2A-CHECK-MADE", "ae.csv", 3, "", "X"),  # a value without a cell: the row of the record
        ("R2A-CONF-014", "ae.csv", 4, "START", "2021-04-09"),
    ]
