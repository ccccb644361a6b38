"""A trace of USUBJID names the enrolments that the identity rule joined, and no other that only looks alike."""

from __future__ import annotations

from pathlib import Path

from kit.command import build
from raw2adam.runs.from_raw import Options
from raw2adam.trace.records import trace_records

STUDY = """\
study: {id: S}
subject: {columns: [SITE, NO], usubjid: "{STUDYID}-{SITE}-{NO}", continues: {source: enrol, columns: [P_SITE, P_NO]}}
dates: {formats: [yyyy-mm-dd]}
sources:
  enrol: {file: enrol.csv}
  ae: {file: ae.csv, subject: {split: PATIENT, as: "{SITE}-{NO}"}}
"""
DM = "dataset: DM\nrows: {source: enrol, where: missing(P_NO)}\nvariables: {SEX: {value: U}, COUNTRY: {value: FRA}}\n"
AE = "dataset: AE\nrows: {source: ae}\nvariables: {AETERM: TERM, AEDECOD: TERM}\n"
#: one person: 01-1, then 02-7, then 01-11, whose text contains that of 01-1
ENROLMENTS = "SITE,NO,P_SITE,P_NO\n01,1,,\n02,7,01,1\n01,11,02,7\n03,1,,\n"
EVENTS = "PATIENT,TERM\n01-11,fever\n02-7,rash\n01-1,cough\n03-1,nausea\n"


def steps(out: Path, term: str) -> list[tuple[str, int, str, str]]:
    """(file, row, column, cell) of USUBJID of the event with this term."""
    (record,) = trace_records(out, "AE", f"AETERM == '{term}'", 9)
    way = next(v for v in record["values"] if v["variable"] == "USUBJID")
    return [(c["file"], c["row"], c["column"], c["cell"]) for c in way["cells"]]


def test_a_transfer_is_known_by_the_rule_that_joined_it(tmp_path: Path):
    study, raw = tmp_path / "study", tmp_path / "raw"
    (study / "sdtm").mkdir(parents=True)
    raw.mkdir()
    (study / "study.yaml").write_text(STUDY, "utf-8")
    (study / "sdtm" / "dm.yaml").write_text(DM, "utf-8")
    (study / "sdtm" / "ae.yaml").write_text(AE, "utf-8")
    (raw / "enrol.csv").write_text(ENROLMENTS, "utf-8")
    (raw / "ae.csv").write_text(EVENTS, "utf-8")
    out = tmp_path / "out"
    build(str(study), raw, out, Options(quality=False))
    first = [("enrol.csv", 2, "SITE", "02"), ("enrol.csv", 2, "NO", "7")]
    first += [("enrol.csv", 2, "P_SITE", "01"), ("enrol.csv", 2, "P_NO", "1")]
    second = [("enrol.csv", 3, "SITE", "01"), ("enrol.csv", 3, "NO", "11")]
    second += [("enrol.csv", 3, "P_SITE", "02"), ("enrol.csv", 3, "P_NO", "7")]
    assert steps(out, "cough") == [("ae.csv", 3, "PATIENT", "01-1")]
    assert steps(out, "rash") == [("ae.csv", 2, "PATIENT", "02-7"), *first]
    assert steps(out, "fever") == [("ae.csv", 1, "PATIENT", "01-11"), *second, *first]
    assert steps(out, "nausea") == [("ae.csv", 4, "PATIENT", "03-1")]
