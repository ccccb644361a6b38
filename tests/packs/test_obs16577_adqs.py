"""ADQS of the shipped study over hand-made questionnaires: windows, baselines of both types, change, completion."""

from __future__ import annotations

from pathlib import Path

import pytest
import raw2adam
import yaml
from kit.packs import shipped_study, study_yaml

PACK = Path(raw2adam.__file__).parent / "mappings" / "obs16577"
STUDY = """\
parents: [eortc-qlq]
study: {id: OBS16577, cutoff: 2020-12-31}
subject: {columns: [SUBJ], usubjid: "{STUDYID}-{SUBJ:02}"}
dates: {formats: [yyyy-mm-dd, yyyy-mm]}
sources: {dm: {file: dm.csv}, qol: {file: qol.csv}}
"""
DM = """\
dataset: DM
rows: {source: dm}
cutoff: none
variables: {SUBJID: SUBJ, SEX: {value: U}, COUNTRY: {value: DEU}, RFSTDTC: {date: FIRST}, RFICDTC: {date: CONSENT}, DTHDTC: {date: DIED}, DMDTC: {date: ENDED}}
"""
ADSL = """\
dataset: ADSL
rows: {from: DM}
core: [TRTSDT, SAFFL]
variables:
  SUBJID: SUBJID
  TRTSDT: {analysis_date: RFSTDTC}
  RFICDT: {analysis_date: RFICDTC, label: Consent}
  ENRLDT: {analysis_date: RFICDTC}
  EOSDT: {analysis_date: DMDTC}
  DTHDT: {analysis_date: DTHDTC}
  SAFFL: {cases: [{when: not missing(TRTSDT), value: Y}, {value: N}]}
"""
QS = """\
dataset: QS
rows:
  - source: qol
    where: missing(ND)
    keep_empty: true
    unpivot: {MYQ47: {result: Q47}, MYQ48: {result: Q48}, MYQ49: {result: Q49}, MYQ50: {result: Q50}}
    variables:
      QSTESTCD: {from: ITEM, codelist: QSTC}
      QSORRES: RESULT
      QSSTRESC: RESULT
      QSSTRESN: RESULT
      QSSTAT: {cases: [{when: missing(RESULT), value: NOT DONE}]}
  - source: qol
    where: not missing(ND)
    variables:
      QSTESTCD: {value: QSALL, codelist: QSTC}
      QSSTAT: {value: NOT DONE}
      QSREASND: ND
sort: [STUDYID, USUBJID, QSTESTCD, QSDTC, QSSEQ]
variables:
  QSCAT: {value: EORTC QLQ-MY20}
  QSDTC: {date: DAY}
  VISIT: VISIT
  VISITNUM: NUM
"""
#: day 1 is 2020-01-01 for all; 01 prospective; 02 retrospective, first form on day 20, leaves on day 275; 03 dies on day 100
SUBJECTS = "SUBJ,FIRST,CONSENT,DIED,ENDED\n1,2020-01-01,2019-12-15,,\n2,2020-01-01,2020-01-15,,2020-10-01\n3,2020-01-01,2019-12-31,2020-04-09,\n"
FORMS = """\
SUBJ,VISIT,NUM,DAY,Q47,Q48,Q49,Q50,ND
1,SCREENING,0,2019-12-16,4,1,1,1,
1,BASELINE,1,2020-01-01,2,2,2,2,
1,UNSCHEDULED,1.1,2020-01-20,1,1,1,1,
1,MONTH 3,2,2020-03-26,2,2,3,,
1,UNSCHEDULED,2.1,2020-04-05,2,1,1,1,
1,MONTH 6,3,,,,,,PATIENT REFUSED
1,MONTH 9,4,2020-10-01,2,,,1,
1,MONTH 12,5,2020-12,1,2,2,2,
2,MONTH 1,1,2020-01-20,1,2,2,2,
2,MONTH 3,2,2020-03-31,2,4,4,4,
3,BASELINE,1,2019-12-31,1,4,4,4,
"""
ADQS = (PACK / "adam" / "adqs.yaml").read_text("utf-8")
CODELIST = study_yaml("obs16577")["codelists"]["PARAMQS"]
CODES = yaml.safe_dump({"codelists": {"PARAMQS": CODELIST}})


@pytest.fixture(scope="module")
def built(tiny):
    return tiny({"dm.csv": SUBJECTS, "qol.csv": FORMS}, STUDY + CODES, {"dm": DM, "qs": QS, "adsl": ADSL, "adqs": ADQS})


def records(study, where: dict[str, str], *names: str) -> list[tuple]:
    """Records in their order; numbers to one decimal."""
    return [
        tuple(round(r[n], 1) if isinstance(r[n], float) else r[n] for n in names)
        for r in study.data["ADQS"]
        if all(r[k] == v for k, v in where.items())
    ]


ONE = {"USUBJID": "OBS16577-01", "PARAMCD": "MYFP"}
TWO = {"USUBJID": "OBS16577-02", "PARAMCD": "MYFP"}


def test_windows_and_the_record_of_each_visit(built):
    """Day 86 and day 96 are equally far from day 91: the earlier one counts. A partial date has no visit.

    Day 275 has one of three answers, so no score, and counts for no visit.
    """
    assert records(built, ONE, "ADY", "VISIT", "AVISIT", "AVISITN", "AWTARGET", "AWTDIFF", "ANL01FL") == [
        (None, "MONTH 12", "", None, None, None, ""),
        (-16.0, "SCREENING", "Baseline", 0.0, 1.0, 16.0, ""),
        (1.0, "BASELINE", "Baseline", 0.0, 1.0, 0.0, "Y"),
        (20.0, "UNSCHEDULED", "UNSCHEDULED", None, None, None, ""),
        (86.0, "MONTH 3", "Month 3", 3.0, 91.0, 5.0, "Y"),
        (96.0, "UNSCHEDULED", "Month 3", 3.0, 91.0, 5.0, ""),
        (275.0, "MONTH 9", "Month 9", 9.0, 274.0, 1.0, ""),
    ]


def test_change_from_the_last_score_up_to_day_one(built):
    """Threshold of MYFP 11 either way: 66.7 to 50 is worse by 16.7, 66.7 to 100 better by 33.3."""
    names = ("ADY", "AVAL", "NANSWER", "ABLFL", "BASE", "CHG", "PCHG", "CHGCAT1", "CRIT1", "CRIT1FL")
    assert records(built, ONE, *names) == [
        (None, 66.7, 3.0, "", 66.7, None, None, "", "", ""),
        (-16.0, 100.0, 3.0, "", 66.7, None, None, "", "", ""),
        (1.0, 66.7, 3.0, "Y", 66.7, None, None, "", "", ""),
        (20.0, 100.0, 3.0, "", 66.7, 33.3, 50.0, "IMPROVED", "CHG <= -11", "N"),
        (86.0, 50.0, 2.0, "", 66.7, -16.7, -25.0, "WORSENED", "CHG <= -11", "Y"),
        (96.0, 100.0, 3.0, "", 66.7, 33.3, 50.0, "IMPROVED", "CHG <= -11", "N"),
        (275.0, None, 1.0, "", 66.7, None, None, "", "", ""),
    ]


def test_baseline_types(built):
    """Who has a form up to day 1 is in FIRST DOSE only; who has none is there twice, without a baseline the first time."""
    names = ("BASETYPE", "ADY", "AVAL", "ABLFL", "BASE", "CHG", "CHGCAT1", "ANL01FL")
    assert records(built, TWO, *names) == [
        ("FIRST DOSE", 20.0, 66.7, "", None, None, "", ""),
        ("FIRST DOSE", 91.0, 0.0, "", None, None, "", "Y"),
        ("FIRST QUESTIONNAIRE", 20.0, 66.7, "Y", 66.7, None, "", ""),
        ("FIRST QUESTIONNAIRE", 91.0, 0.0, "", 66.7, -66.7, "WORSENED", "Y"),
    ]
    assert {r["USUBJID"] for r in built.data["ADQS"] if r["BASETYPE"] == "FIRST QUESTIONNAIRE"} == {"OBS16577-02"}
    assert records(built, {**TWO, "PARAMCD": "MYQ48"}, "BASETYPE", "ADY", "AVISIT", "AVAL", "BASE") == [
        ("FIRST DOSE", 20.0, "UNSCHEDULED", 2.0, None), ("FIRST DOSE", 91.0, "Month 3", 4.0, None),
    ]  # fmt: skip


def test_no_percent_change_from_a_baseline_of_zero(built):
    assert records(built, {"USUBJID": "OBS16577-03", "PARAMCD": "MYFP"}, "ADY", "AVAL", "BASE", "PCHG") == [
        (-1.0, 0.0, 0.0, None)
    ]


def test_completion_while_alive_and_on_study(built):
    """Cut-off on day 366; 02 consented on day 15 and left on day 275, 03 died on day 100. A form without a scale is no completed form."""
    names = ("USUBJID", "AVISIT", "AVALC", "AVAL", "ADY", "QSREASND", "PARAMTYP")
    assert records(built, {"PARAMCD": "MYCOMP"}, *names) == [
        ("OBS16577-01", "Month 6", "N", 0.0, None, "PATIENT REFUSED", "DERIVED"),
        ("OBS16577-01", "Month 12", "N", 0.0, None, "", "DERIVED"),
        ("OBS16577-01", "Baseline", "Y", 1.0, -16.0, "", "DERIVED"),
        ("OBS16577-01", "Month 3", "Y", 1.0, 86.0, "", "DERIVED"),
        ("OBS16577-01", "Month 9", "Y", 1.0, 275.0, "", "DERIVED"),
        ("OBS16577-02", "Month 6", "N", 0.0, None, "", "DERIVED"),
        ("OBS16577-02", "Month 9", "N", 0.0, None, "", "DERIVED"),
        ("OBS16577-02", "Month 3", "Y", 1.0, 91.0, "", "DERIVED"),
        ("OBS16577-03", "Month 3", "N", 0.0, None, "", "DERIVED"),
        ("OBS16577-03", "Baseline", "Y", 1.0, -1.0, "", "DERIVED"),
    ]
    assert {r["AVALC"] for r in built.data["ADQS"] if r["PARAMCD"] == "C30COMP"} == {"N"}


def test_base_leads_to_the_baseline_record(built):
    """Lineage of BASE is the position of the baseline record in ADQS itself."""
    data, rows = built.data["ADQS"], built.lineage["ADQS"].rows
    checked = 0
    for node in [c for c in rows.columns if c.startswith("row:BASE:")]:
        for at, base in enumerate(rows[node].tolist()):
            if base >= 0:
                assert (data[base]["ABLFL"], data[base]["AVAL"]) == ("Y", data[at]["BASE"])
                assert [data[base][k] for k in ("USUBJID", "PARAMCD", "BASETYPE")] == [
                    data[at][k] for k in ("USUBJID", "PARAMCD", "BASETYPE")
                ]
                checked += 1
    assert checked == sum(r["BASE"] is not None for r in data) > 0


@pytest.mark.parametrize("partitions", [3])
def test_partitions_and_the_order_of_rows_change_nothing(tiny, built, partitions):
    head, *rows = FORMS.splitlines(keepends=True)
    files = {"dm.csv": SUBJECTS, "qol.csv": head + "".join(reversed(rows))}
    again = tiny(files, STUDY + CODES, {"dm": DM, "qs": QS, "adsl": ADSL, "adqs": ADQS}, partitions)
    assert again.data["ADQS"] == built.data["ADQS"]


def test_the_codelist_has_the_parameters_that_the_instruments_give(built):
    """define.xml lists the codes of PARAMCD; they are written in study.yaml and come from the instruments."""
    terms = CODELIST["terms"]
    parameters = {r["PARAMCD"]: r["PARAM"] for r in built.data["ADQS"]}
    assert terms == terms | parameters
    instruments = shipped_study("obs16577").file.instruments.values()
    codes = [c for i in instruments for c in (*i.scores, *i.items)]
    assert sorted(terms) == sorted([*codes, "C30COMP", "MYCOMP"])
