"""Small tables of the study, from a CSV in its folder or from study.yaml, which rules look up."""

from __future__ import annotations

DM = "dataset: DM\nrows: {source: dm}\nsort: [SOURCE]\nvariables:\n  SEX: SEX\n  COUNTRY: {value: DEU}\n"
STUDY = """\
tables:
  limits: {file: limits.csv, numbers: [LOW, HIGH]}
  groups:
    rows: [{SEX: F, GROUP: Women, N: "1"}, {SEX: M, GROUP: Men, N: "2"}]
    numbers: [N]
  periods: {rows: [{USUBJID: S1-01, NAME: one}, {USUBJID: S1-02, NAME: two}]}
sources: {dm: {file: dm.csv}}
"""
ADSL = """\
dataset: ADSL
rows: {from: DM}
variables:
  SEX: SEX
  LOW: {lookup: limits.LOW, on: [SEX], where: LOW > 0 or HIGH > 15, type: float, label: A}
  SUM: {total: limits.HIGH, on: [SEX], label: B}
  GROUP: {lookup: groups.GROUP, on: [SEX], label: C}
  GROUPN: {lookup: groups.N, on: [SEX], type: integer, label: D}
  PERIOD: {from: periods.NAME, label: E}
  LIMITS: {any: limits, on: [SEX], where: HIGH > 15, label: F}
"""


def test_rules_look_up_a_table(tiny):
    limits = "SEX, LOW,HIGH\nF,11.5,15\nM,13,\nM,,17\n"
    files = {"dm.csv": "SUBJ,SEX\n1,F\n2,M\n3,U\n"}
    study = tiny(files, STUDY, {"dm": DM, "adsl": ADSL}, extra={"limits.csv": limits})
    assert [study.values("ADSL", v) for v in ("LOW", "SUM", "GROUP", "GROUPN", "PERIOD", "LIMITS")] == [
        [11.5, 13, None],
        [15, 17, 0],
        ["Women", "Men", ""],
        [1, 2, None],
        ["one", "two", ""],
        ["N", "Y", "N"],
    ]
    # where: makes the key unique or not, which only a build knows; without it lint refuses the table
    assert set(study.findings[study.findings["rule"] == "R2A-JOIN-002"]["subject"]) == {"S1-02"}
    methods = {v.name: v.method for v in study.specs["ADSL"].variables}
    assert methods["GROUP"] == "GROUP is groups.GROUP with the same SEX."
