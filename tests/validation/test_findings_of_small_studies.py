"""Findings of whole small builds: which raw row a finding names, and findings that a sound study does not have."""

from __future__ import annotations

import json
from pathlib import Path

from kit.command import build
from raw2adam.runs.from_raw import Options

HEAD = """\
study: {id: S1}
subject: {columns: [SUBJ], usubjid: "{STUDYID}-{SUBJ}"}
dates: {formats: [yyyy-mm-dd]}
"""
DM = "dataset: DM\nrows: {source: dm}\nvariables: {SEX: SEX, COUNTRY: {value: DEU}}\n"


def findings(folder: Path, study: str, sdtm: dict[str, str], raw: dict[str, str], partitions: int = 1) -> list[dict]:
    """The findings of a build of SDTM, as findings.json has them."""
    files = {"study/study.yaml": HEAD + study, **{f"study/sdtm/{n}.yaml": t for n, t in sdtm.items()}}
    for name, text in {**files, **{f"raw/{n}.csv": t for n, t in raw.items()}}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    options = Options(only="sdtm", quality=False, partitions=partitions)
    build(str(folder / "study"), folder / "raw", folder / "out", options)
    return json.loads((folder / "out" / "reports" / "findings.json").read_text("utf-8"))["findings"]


def test_a_further_record_of_a_subject_is_named_by_its_own_row(tmp_path: Path):
    """DM has no sequence number: which record of the subject it is decides the row, in one partition and in two."""
    raw = {"dm": "SUBJ,SEX\n01,F\n02,F\n02,M\n03,F\n03,M\n03,U\n"}
    for partitions in (1, 2):
        found = findings(tmp_path / str(partitions), "sources: {dm: {file: dm.csv}}\n", {"dm": DM}, raw, partitions)
        rows = {r: [f["source"]["row"] for f in found if f["rule"] == r] for r in ("R2A-CONF-003", "R2A-CONF-009")}
        assert rows == {"R2A-CONF-003": [3, 5, 6], "R2A-CONF-009": [3, 5, 6]}


def test_a_source_of_visit_dates_is_read(tmp_path: Path):
    study = """\
sources: {dm: {file: dm.csv}, vs: {file: vs.csv}, visit: {file: visit.csv}}
visits: {BASELINE: {num: 1}, UNSCHEDULED: {unscheduled: true}}
visit_dates: [{source: visit, visit: VISIT, date: DAY}]
"""
    vs = "dataset: VS\nrows: {source: vs}\nvariables:\n  VSTESTCD: {value: PULSE}\n  VSTEST: {value: Pulse Rate}\n  VSORRES: P\n  VSDTC: {date: DAY}\n  VISIT: {visit: WHEN}\n"
    raw = {
        "dm": "SUBJ,SEX\n01,F\n",
        "vs": "SUBJ,DAY,WHEN,P\n01,2024-01-20,UNSCHEDULED,60\n",
        "visit": "SUBJ,VISIT,DAY\n01,BASELINE,2024-01-10\n01,UNSCHEDULED,2024-01-20\n",
    }
    found = findings(tmp_path, study, {"dm": DM, "vs": vs}, raw)
    assert [(f["severity"], f["message"]) for f in found if f["rule"] == "R2A-ROW-002"] == [
        ("note", "2 rows: no record needed it")
    ]


def test_relations_of_datasets_leave_their_identifiers_empty(tmp_path: Path):
    """SDTMIG 3.4 section 8.3: between datasets USUBJID and IDVARVAL are blank."""
    tu = "dataset: TU\nrows: {source: tu, where: KIND == 'TU'}\nvariables: {TUTESTCD: {value: TUMIDENT}, TULNKID: LESION, TUORRES: {value: TARGET}}\n"
    tr = "dataset: TR\nrows: {source: tu, where: KIND == 'TR'}\nvariables: {TRTESTCD: {value: LDIAM}, TRLNKID: LESION, TRORRES: {value: '12'}}\n"
    relrec = "dataset: RELREC\nrows:\n  - relate: {datasets: {TU: TULNKID, TR: TRLNKID}, id: TUTR, between: datasets}\n"
    raw = {"dm": "SUBJ,SEX\n01,F\n", "tu": "SUBJ,KIND,LESION\n01,TU,P1\n01,TR,P1\n"}
    sources = "sources: {dm: {file: dm.csv}, tu: {file: tu.csv}}\n"
    found = findings(tmp_path, sources, {"dm": DM, "tu": tu, "tr": tr, "relrec": relrec}, raw)
    assert [f["variable"] for f in found if f["dataset"] == "RELREC"] == []
