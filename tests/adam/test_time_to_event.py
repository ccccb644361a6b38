"""Parameters of time to event: which date counts, ties, the data cut-off, what cannot be used, mistakes of a spec."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from kit.command import build
from raw2adam.errors import SpecError
from raw2adam.mappings.models.record_step import STEPS
from raw2adam.runs.from_raw import Options
from raw2adam.trace.records import trace_records
from raw2adam.trace.text import trace_text

ADSL = """\
dataset: ADSL
rows: {source: sl}
variables:
  TRTSDT: {analysis_date: START}
  DTHDT: {analysis_date: DEATH}
  SAFFL: SAF
"""
ADRS = """\
dataset: ADRS
label: Responses
class: BASIC DATA STRUCTURE
rows: {source: rs}
sort: [PARAMCD, ADT, ORDER]
variables:
  PARAMCD: KIND
  PARAM: KIND
  AVALC: VALUE
  ADT: {analysis_date: DAY}
  ORDER: {compute: number(NO), label: Number, type: integer}
"""
HEAD = "dataset: ADTTE\nparameters:\n  PFS:\n    PARAM: Progression-Free Survival (days)\n"
PFS = """\
    population: SAFFL == 'Y'
    start: ADSL.TRTSDT
    events:
      - {from: ADRS, where: KIND == 'PD', date: ADT, EVNTDESC: PROGRESSION}
      - {from: ADSL, date: DTHDT, EVNTDESC: DEATH}
    censor:
      - {from: ADRS, where: "KIND == 'SD' and ADT > ADSL.TRTSDT", date: ADT, CNSR: 2, EVNTDESC: NO EVENT, CNSDTDSC: LAST ASSESSMENT}
      - {from: ADSL, date: TRTSDT, CNSR: 1, EVNTDESC: NOT ASSESSED, CNSDTDSC: FIRST DOSE}
""".replace("KIND", "PARAMCD")


def study_of(tiny, subjects: str, records: str, parameter: str = PFS, study: str = "", partitions: int = 1):
    """``subjects``: lines of subject, start, death, SAFFL; ``records``: lines of subject, kind, date, value, number."""
    files = {"sl.csv": "SUBJ,START,DEATH,SAF\n" + _lines(subjects, 4), "rs.csv": "SUBJ,KIND,DAY,VALUE,NO\n" + _lines(records, 5)}  # fmt: skip
    return tiny(files, study, {"adsl": ADSL, "adrs": ADRS, "adtte": HEAD + parameter}, partitions)


def _lines(text: str, width: int) -> str:
    rows = [[c.strip() for c in line.split(",")] for line in text.strip().splitlines()]
    return "".join(",".join(r + [""] * (width - len(r))) + "\n" for r in rows if r != [""])


def records_of(built, *names: str) -> dict[str, tuple]:
    return {str(r["USUBJID"])[3:]: tuple(r[n] for n in names) for r in built.data["ADTTE"]}


def findings(built, rule: str) -> list[tuple]:
    table = built.findings[built.findings["rule"] == rule]
    return list(zip(table["dataset"], table["subject"], table["variable"], table["value"], table["sequence"].tolist(), strict=True))  # fmt: skip


DAY_1 = 21915.0  # 2020-01-01 in days since 1960-01-01


def test_a_record_and_the_source_of_its_date(tiny):
    built = study_of(tiny, "1, 2020-01-01, 2020-06-01, Y", "1, SD, 2020-02-01\n1, PD, 2020-03-01\n1, PD, 2020-02-20")
    (record,) = built.data["ADTTE"]
    assert record == {
        "STUDYID": "S1", "USUBJID": "S1-01", "ASEQ": 1.0, "ADT": DAY_1 + 50, "PARAM": "Progression-Free Survival (days)",
        "PARAMCD": "PFS", "AVAL": 51.0, "STARTDT": DAY_1, "CNSR": 0.0, "EVNTDESC": "PROGRESSION", "CNSDTDSC": "",
        "SRCDOM": "ADRS", "SRCVAR": "ADT", "SRCSEQ": 1.0,
    }  # fmt: skip
    assert built.data["ADRS"][0]["ADT"] == DAY_1 + 50
    assert built.traced("ADTTE", "row:ADRS") == [0]
    assert built.traced("ADTTE", "item") == [0]


def test_of_two_events_on_one_day_the_one_listed_first(tiny):
    subjects, records = "1, 2020-01-01, 2020-03-01, Y", "1, PD, 2020-03-01"
    assert records_of(study_of(tiny, subjects, records), "EVNTDESC", "SRCDOM") == {"01": ("PROGRESSION", "ADRS")}
    lines = PFS.splitlines(keepends=True)
    turned = "".join([*lines[:3], lines[4], lines[3], *lines[5:]])
    assert records_of(study_of(tiny, subjects, records, turned), "EVNTDESC", "SRCDOM") == {"01": ("DEATH", "ADSL")}


@pytest.mark.parametrize(("take", "sequence"), [("first", 2.0), ("last", 3.0)])
def test_of_two_records_on_one_day_the_sequence_number_decides(tiny, take: str, sequence: float):
    events = f"""\
    start: ADSL.TRTSDT
    events: [{{from: ADRS, where: "AVALC == 'Y'", date: ADT, take: {take}, EVNTDESC: X}}]
    censor: [{{from: ADSL, date: TRTSDT, CNSR: 1, EVNTDESC: NONE}}]
"""
    # ADRS is numbered along NO
    records = "1, PD, 2020-03-01, Y, 3\n1, PD, 2020-03-01, N, 1\n1, PD, 2020-03-01, Y, 2"
    assert records_of(study_of(tiny, "1, 2020-01-01", records, events), "SRCSEQ") == {"01": (sequence,)}


ENDS = """\
    start: ADSL.TRTSDT
    CENSORING
    censor:
      - {from: ADRS, where: PARAMCD == 'A', date: ADT, CNSR: 1, EVNTDESC: A}
      - {from: ADRS, where: PARAMCD == 'B', date: ADT, CNSR: 2, EVNTDESC: B}
      - {from: ADSL, date: TRTSDT, CNSR: 3, EVNTDESC: C}
"""
ENDED = "1, A, 2020-02-01\n1, B, 2020-03-01\n2, A, 2020-03-01\n2, B, 2020-03-01\n3, B, 2020-02-01\n4, A,\n"


@pytest.mark.parametrize(("censoring", "first"), [("listed", ("A", 1.0)), ("latest", ("B", 2.0))])
def test_ends_of_observation_as_listed_or_the_latest(tiny, censoring: str, first: tuple):
    subjects = "1, 2020-01-01\n2, 2020-01-01\n3, 2020-01-01\n4, 2020-01-01"
    built = study_of(tiny, subjects, ENDED, ENDS.replace("CENSORING", f"censoring: {censoring}"))
    assert records_of(built, "EVNTDESC", "CNSR") == {"01": first, "02": ("A", 1.0), "03": ("B", 2.0), "04": ("C", 3.0)}


def test_an_end_before_any_event_and_a_date_of_several_places(tiny):
    parameter = """\
    start: ADSL.TRTSDT
    options: {LIMIT: 30}
    dates:
      SEEN:
        - {from: ADRS, where: PARAMCD == 'SD' and ADT <= EVENTDT, date: ADT, CNSDTDSC: SEEN}
        - {from: ADSL, date: TRTSDT, CNSDTDSC: STARTED}
    events: [{from: ADSL, date: DTHDT, EVNTDESC: DEATH}]
    censor:
      - {over_event: true, at: SEEN, when: EVENTDT - SEEN > LIMIT, CNSR: 2, EVNTDESC: LATE DEATH}
      - {from: ADSL, date: TRTSDT, CNSR: 1, EVNTDESC: ALIVE, CNSDTDSC: OTHER}
"""
    subjects = "1, 2020-01-01, 2020-03-02\n2, 2020-01-01, 2020-03-03\n3, 2020-01-01, 2020-03-01\n4, 2020-01-01\n"
    records = "1, SD, 2020-02-01\n2, SD, 2020-02-01\n2, SD, 2020-04-01"
    built = study_of(tiny, subjects, records, parameter)
    assert records_of(built, "CNSR", "EVNTDESC", "CNSDTDSC", "ADT") == {
        "01": (0.0, "DEATH", "", DAY_1 + 61),
        "02": (2.0, "LATE DEATH", "SEEN", DAY_1 + 31),
        "03": (2.0, "LATE DEATH", "STARTED", DAY_1),
        "04": (1.0, "ALIVE", "OTHER", DAY_1),
    }


def test_a_parameter_of_each_item_fills_its_rules_too(tiny):
    parameters = (
        PFS
        + """\
  "T{ITEM}":
    each: {A: One, B: Two}
    PARAM: Time to {LABEL}
    start: ADSL.TRTSDT
    events: [{from: ADRS, where: "PARAMCD == '{ITEM}'", date: ADT, EVNTDESC: "{LABEL}"}]
    variables:
      PARCAT1: {value: "{LABEL}"}
      PARCAT2: {cases: [{when: "'{ITEM}' == 'A'", value: "first {LABEL}"}, {value: "later {LABEL}"}]}
      PARCAT3: {template: "{ITEM} of {USUBJID}"}
"""
    )
    built = study_of(tiny, "1, 2020-01-01", "1, A, 2020-02-01\n1, B, 2020-03-01", parameters)
    names = ("PARAMCD", "EVNTDESC", "PARCAT1", "PARCAT2", "PARCAT3")
    assert [tuple(r[n] for n in names) for r in built.data["ADTTE"] if r["PARAMCD"] != "PFS"] == [
        ("TA", "One", "One", "first One", "A of S1-01"),
        ("TB", "Two", "Two", "later Two", "B of S1-01"),
    ]


def test_months(tiny):
    """See docs/semantics.md S24."""
    built = study_of(tiny, "1, 2020-01-01, , Y", "1, PD, 2021-12-31", PFS + "    unit: MONTHS\n")
    assert records_of(built, "AVAL") == {"01": (pytest.approx(731 / 30.4375, rel=1e-11),)}
    method = built.plan.datasets["ADTTE"].variables["AVAL"].rules[0].describe("AVAL")
    assert method == "AVAL is (ADT - STARTDT + 1) / 30.4375, in months."


def test_a_start_of_another_dataset(tiny):
    parameter = """\
    population: not missing(BEGUN)
    start: BEGUN
    dates: {BEGUN: {from: ADRS, where: PARAMCD == 'RSP', date: ADT, take: first}}
    events: [{from: ADRS, where: PARAMCD == 'PD', date: ADT, EVNTDESC: PD}]
    censor: [{from: ADSL, date: TRTSDT, CNSR: 1, EVNTDESC: X}]
"""
    built = study_of(tiny, "1, 2020-01-01\n2, 2020-01-01", "1, RSP, 2020-02-01\n1, RSP, 2020-02-09\n1, PD, 2020-02-02", parameter)  # fmt: skip
    assert records_of(built, "STARTDT", "AVAL") == {"01": (DAY_1 + 31, 2.0)}
    position = built.traced("ADTTE", "row:STARTDT")[0]
    assert built.data["ADRS"][position]["ADT"] == DAY_1 + 31
    assert built.data["ADRS"][position]["PARAMCD"] == "RSP"


def test_the_variable_of_an_sdtm_date_and_another_variable(tiny):
    parameter = """\
    start: ADSL.TRTSDT
    events: [{from: CM, where: CMCAT == 'NEW', date: CMSTDTC, EVNTDESC: NEW THERAPY}]
    censor: [{from: ADSL, date: TRTSDT, CNSR: 1, EVNTDESC: NONE}]
    variables: {PARCAT1: {value: THERAPY}}
"""
    files = {"sl.csv": "SUBJ,START,DEATH,SAF\n1,2020-01-01,,\n2,2020-01-01,,\n", "rs.csv": "SUBJ,KIND,DAY,VALUE,NO\n",
             "cm.csv": "SUBJ,DRUG,KIND,DAY\n1,A,OLD,2019-01-01\n1,B,NEW,2020-03-01\n1,C,NEW,2020-02\n2,D,NEW,2020\n"}  # fmt: skip
    cm = (
        "dataset: CM\nrows: {source: cm}\nsort: [SOURCE]\nvariables: {CMTRT: DRUG, CMCAT: KIND, CMSTDTC: {date: DAY}}\n"
    )
    study = "dates: {formats: [yyyy-mm-dd, yyyy-mm, yyyy]}\n"
    built = tiny(files, study, {"adsl": ADSL, "adrs": ADRS, "cm": cm, "adtte": HEAD + parameter})
    assert records_of(built, "AVAL", "SRCDOM", "SRCVAR", "SRCSEQ", "PARCAT1") == {
        "01": (61.0, "CM", "CMSTDTC", 3.0, "THERAPY"), "02": (1.0, "ADSL", "TRTSDT", None, "THERAPY"),
    }  # fmt: skip
    # a partial date is no date of an event, and is reported at its record
    assert findings(built, "R2A-TTE-005") == [
        ("CM", "S1-01", "CMSTDTC", "2020-02", 2), ("CM", "S1-02", "CMSTDTC", "2020", 1),
    ]  # fmt: skip


def test_dates_after_the_cutoff_do_not_count_and_have_one_finding(tiny):
    head = 'study: {id: S1, cutoff: 2020-03-31}\nsubject: {columns: [SUBJ], usubjid: "{STUDYID}-{SUBJ:02}"}\n'
    two = PFS + "  OS:\n    PARAM: Overall Survival (days)\n" + PFS
    subjects = "1, 2020-01-01, 2020-04-01, Y\n2, 2020-01-01, 2020-03-31, Y\n3, 2020-01-01, , Y"
    records = "1, PD, 2020-04-01\n1, SD, 2020-02-01\n3, SD, 2020-04-01\n3, SD, 2020-03-01"
    built = study_of(tiny, subjects, records, two, head)
    assert [(r["USUBJID"], r["CNSR"], r["ADT"]) for r in built.data["ADTTE"] if r["PARAMCD"] == "PFS"] == [
        ("S1-01", 2.0, DAY_1 + 31), ("S1-02", 0.0, DAY_1 + 90), ("S1-03", 2.0, DAY_1 + 60),
    ]  # fmt: skip
    assert sorted(findings(built, "R2A-TTE-004")) == [
        ("ADRS", "S1-01", "ADT", "2020-04-01", 1), ("ADRS", "S1-03", "ADT", "2020-04-01", 2),
        ("ADSL", "S1-01", "DTHDT", "2020-04-01", -1),
    ]  # fmt: skip


def test_a_date_before_the_start_is_kept_and_reported(tiny):
    built = study_of(tiny, "1, 2020-01-10, 2020-01-08, Y\n2, 2020-01-10, 2020-01-09, Y", "")
    assert records_of(built, "AVAL", "CNSR") == {"01": (-1.0, 0.0), "02": (0.0, 0.0)}
    assert findings(built, "R2A-TTE-001") == [
        ("ADTTE", "S1-01", "ADT", "2020-01-08", -1), ("ADTTE", "S1-02", "ADT", "2020-01-09", -1),
    ]  # fmt: skip


def test_without_a_start_or_an_end_there_is_no_record_but_a_finding(tiny):
    only = PFS[: PFS.index("      - {from: ADSL, date: TRTSDT")]
    subjects = "1, , 2020-03-01, Y\n2, 2020-01-01, , Y\n3, 2020-01-01, , N\n4, 2020-01-01, 2020-02-01, Y"
    built = study_of(tiny, subjects, "", only)
    assert set(records_of(built, "AVAL")) == {"04"}
    assert findings(built, "R2A-TTE-002") == [("ADTTE", "S1-01", "STARTDT", "", -1)]
    assert findings(built, "R2A-TTE-003") == [("ADTTE", "S1-02", "ADT", "", -1)]


def test_records_of_a_subject_who_is_not_in_adsl_count_for_nobody(tiny):
    built = study_of(tiny, "2, 2020-01-01, , Y", "1, PD, 2020-02-01\n3, PD, 2020-02-01\n2, SD, 2020-02-02")
    assert records_of(built, "AVAL") == {"02": (33.0,)}


def test_no_records_at_all(tiny):
    built = study_of(tiny, "1, 2020-01-01, , N", "1, PD, 2020-02-01")
    assert built.data["ADTTE"] == []


def test_as_a_step_of_a_block_after_other_rows(tiny):
    text = """\
dataset: ADTTE
rows:
  - from: ADSL
    where: SAFFL == 'Y'
    derive:
      time_to_event: ADSL.TRTSDT
      events: [{from: ADSL, date: DTHDT, EVNTDESC: DEATH}, {from: ADRS, where: PARAMCD == 'PD', date: ADT, EVNTDESC: PD}]
      censor: [{from: ADSL, date: TRTSDT, CNSR: 1, EVNTDESC: NONE}]
    variables: {PARAMCD: {value: X}, PARAM: {value: Time (days)}}
"""
    files = {"sl.csv": "SUBJ,START,DEATH,SAF\n1,2020-01-01,2020-02-01,N\n2,2020-01-01,2020-02-01,Y\n3,2020-01-01,,Y\n",
             "rs.csv": "SUBJ,KIND,DAY,VALUE,NO\n3,PD,2020-01-03,,\n2,PD,2020-02-03,,\n1,PD,2020-01-02,,\n"}  # fmt: skip
    built = tiny(files, "", {"adsl": ADSL, "adrs": ADRS, "adtte": text})
    assert records_of(built, "AVAL", "EVNTDESC") == {"02": (32.0, "DEATH"), "03": (3.0, "PD")}


@pytest.mark.parametrize("partitions", [3])
def test_partitions_and_the_order_of_rows_change_nothing(tiny, partitions: int):
    subjects = "1, 2020-01-01, 2020-03-01, Y\n2, 2020-01-01, , Y\n3, 2020-01-05, , Y"
    records = "1, PD, 2020-02-01, , 1\n2, SD, 2020-02-01, , 1\n2, SD, 2020-02-01, , 2\n3, PD, 2020-02-01, , 1"
    one = study_of(tiny, subjects, records)
    many = study_of(tiny, subjects, "\n".join(reversed(records.splitlines())), partitions=partitions)
    assert many.data["ADTTE"] == one.data["ADTTE"]
    assert many.lineage["ADTTE"].rows.equals(one.lineage["ADTTE"].rows)


def test_the_rule_of_a_parameter_is_its_value_level_method(tiny):
    built = study_of(tiny, "1, 2020-01-01, , Y", "")
    (level,) = built.specs["ADTTE"].values
    assert level.where[0].values == ("PFS",)
    assert level.method == (
        "The time is counted from ADSL.TRTSDT.\n"
        "Subjects: SAFFL equals 'Y'.\n"
        "Event (CNSR 0), the earliest, on one day the one named first: 'PROGRESSION' on the first ADRS.ADT where PARAMCD "
        "equals 'PD'; 'DEATH' on ADSL.DTHDT.\n"
        "Otherwise censored, the first that applies: CNSR 2 'NO EVENT' on the last ADRS.ADT where PARAMCD equals 'SD' and "
        "ADT is greater than ADSL.TRTSDT; CNSR 1 'NOT ASSESSED' on ADSL.TRTSDT."
    )


# mistakes of a spec

EVENT = "{from: ADRS, where: PARAMCD == 'PD', date: ADT, EVNTDESC: X}"
EACH = EVENT.replace("PARAMCD == 'PD'", "\"PARAMCD == '{ITEM}'\"")
CENSOR = "{from: ADSL, date: TRTSDT, CNSR: 1, EVNTDESC: X}"


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        (f"start: ADSL.TRTSD\n    events: [{EVENT}]", "5:12", "there is no column or variable 'ADSL.TRTSD'"),
        (f"start: ADSL.TRTSDT\n    population: SAFL == 'Y'\n    events: [{EVENT}]", "6:17", "'SAFL'"),
        (f"start: ADSL.TRTSDT\n    events: [{EVENT.replace('ADRS', 'ADRSS')}]", "6:21", "there is no dataset 'ADRSS'"),
        (f"start: ADSL.TRTSDT\n    events: [{EVENT.replace('date: ADT', 'date: ADTT')}]", "6:57", "ADRS has no column 'ADTT'"),
        (f"start: ADSL.TRTSDT\n    events: [{EVENT.replace('PARAMCD', 'PARMCD')}]", "6:34", "'PARMCD'"),
        (f"start: ADSL.TRTSDT\n    events: [{EVENT.replace('PARAMCD', 'SAFFL')}]", "6:34", "'SAFFL'"),
        (f"start: ADSL.TRTSDT\n    events: [{EVENT.replace('==', '= =')}]", "6:42", "'=' is not part"),
        (f"start: ADSL.TRTSDT\n    events: [{EVENT[:-1]}, when: EVENTDT > 1}}]", "6:81", "EVENTDT is not known"),
        (f"start: ADSL.TRTSDT\n    events: [{EVENT[:-1]}, at: X}}]", "6:14", "declare either from: with date:, or at:"),
        (f"start: ADSL.TRTSDT\n    events: [{EVENT[:-1]}, SRCVAR: ADTM}}]", "6:83", "ADRS has no column 'ADTM'"),
        ("start: ADSL.TRTSDT\n    events: [{at: X, EVNTDESC: X}]", "6:19", "dates: has no 'X'"),
        (f"start: ADSL.TRTSDT\n    censor: [{CENSOR.replace('CNSR: 1', 'CNSR: 0')}]", "6:47", "must be 1 or more"),
        (f"start: ADSL.TRTSDT\n    censor: [{CENSOR[:-1]}, when: DTHDT > 1 and XX > 1}}]", "6:83", "'XX'"),
        (f"start: ADSL.TRTSDT\n    censor: [{CENSOR[:-1]}, when: CNSR > 1}}]", "6:69", "'CNSR'"),
        ("start: ADSL.TRTSDT", "4:5", "events: and censor: are missing"),
        (f"start: LATE\n    dates: {{LATE: {{from: ADSL, where: DTHDT > EVENTDT, date: DTHDT}}}}\n    events: [{EVENT}]", "5:12", "LATE is not known before the events are: it reads EVENTDT"),
        (f"start: ADSL.TRTSDT\n    dates: {{EVENTDT: {{from: ADSL, date: DTHDT}}}}\n    events: [{EVENT}]", "6:12", "EVENTDT has a meaning already"),
        (f"events: [{EVENT}]", "4:5", "the key 'start' is missing"),
    ],
)  # fmt: skip
def test_a_mistake_is_reported_at_its_place(spec_problems, text: str, place: str, words: str):
    problems = spec_problems("", {"adsl": ADSL, "adrs": ADRS, "adtte": HEAD + f"    {text}\n"}, ("sl.csv", "rs.csv"))
    got = [(str(p.place), p.message) for p in problems if p.severity == "error"]
    assert any(where == f"adam/adtte.yaml:{place}" and words in message for where, message in got), got


def test_mistakes_of_codes_and_places(spec_problems):
    text = f"""\
dataset: ADTTE
parameters:
  toolongcode:
    PARAM: A
    start: ADSL.TRTSDT
    events: [{EVENT}]
  T{{ITEM}}:
    each: {{A: One, B: Two}}
    PARAM: "{{LABEL}}"
    start: ADSL.TRTSDT
    events: [{EACH}]
  TA: {{PARAM: Again, start: ADSL.TRTSDT, events: [{EVENT}]}}
"""
    files = ("sl.csv", "rs.csv")
    got = [(str(p.place), p.message) for p in spec_problems("", {"adsl": ADSL, "adrs": ADRS, "adtte": text}, files)]
    assert got == [
        ("adam/adtte.yaml:3:3", "'toolongcode' is no PARAMCD: 1 to 8 capital letters and digits, a letter first"),
        ("adam/adtte.yaml:12:3", "the parameter TA is there already"),
    ]
    sdtm = text.replace("ADTTE", "AE")
    assert any("parameters: is for ADaM datasets" in p.message for p in spec_problems("", {"ae": sdtm}, files))
    assert any("'rows' is missing" in p.message for p in spec_problems("", {"ae": "dataset: AE\n"}, files))


def test_a_step_without_data_needs_no_spec_place():
    step = STEPS["time_to_event"].model_validate({"time_to_event": "ADSL.X", "events": [{"from": "ADSL", "date": "D", "EVNTDESC": "E"}]})  # fmt: skip
    assert list(step.problems()) == []
    assert STEPS["time_to_event"].model_validate(json.loads(json.dumps(step.arguments()))) == step


def test_names_only_the_data_show(tiny):
    text = HEAD + PFS.replace("where: PARAMCD == 'PD'", "where: PARAMCD > 3")
    with pytest.raises(SpecError, match=r"adtte\.yaml:8:"):
        tiny({"sl.csv": "SUBJ,START,DEATH,SAF\n", "rs.csv": "SUBJ,KIND,DAY,VALUE,NO\n"}, "", {"adsl": ADSL, "adrs": ADRS, "adtte": text})  # fmt: skip


# trace

STUDY = """\
study: {id: S1, cutoff: 2020-12-31, sdtmig: "3.4"}
subject: {columns: [SUBJ], usubjid: "{STUDYID}-{SUBJ}"}
dates: {formats: [dd/mm/yyyy]}
sources: {dm: {file: dm.csv}, rs: {file: rs.csv}}
"""
SPECS = {
    "sdtm/dm.yaml": """\
dataset: DM
rows: {source: dm}
variables:
  SEX: SEX
  COUNTRY: {value: FRA}
  ARMNRS: {value: NOT ASSIGNED}
  RFSTDTC: {date: DOSE}
  DTHDTC: {date: DIED}
""",
    "sdtm/rs.yaml": """\
dataset: RS
rows: {source: rs}
variables:
  RSTESTCD: {value: OVRLRESP}
  RSCAT: {value: KUMAR IMWG 2016, codelist: none}
  RSORRES: RESP
  RSSTRESC: RSORRES
  RSDTC: {date: ASSESSED}
""",
    "adam/adsl.yaml": """\
dataset: ADSL
rows: {from: DM}
core: [TRTSDT]
variables:
  TRTSDT: {analysis_date: RFSTDTC}
  DTHDT: {analysis_date: DTHDTC}
  SAFFL: {value: Y}
""",
    "adam/adrs.yaml": """\
dataset: ADRS
label: Responses
class: BASIC DATA STRUCTURE
rows:
  - from: RS
    variables: {PARAMCD: {value: OVR}, PARAM: {value: Response}, AVALC: RSSTRESC, ADT: {analysis_date: RSDTC}}
  - from: RS
    where: RSSTRESC == 'PD'
    variables: {PARAMCD: {value: PD}, PARAM: {value: Progression}, AVALC: {value: Y}, ADT: {analysis_date: RSDTC}}
""",
    "adam/adtte.yaml": HEAD
    + PFS.replace("PARAMCD == 'SD'", "PARAMCD == 'OVR'").replace("      - {from: ADSL, date: TRTSDT", "      - {over_event: true, when: EVENTDT - STARTDT > 300, from: ADSL, date: TRTSDT, CNSR: 9, EVNTDESC: TOO LATE}\n      - {from: ADSL, date: TRTSDT"),
}  # fmt: skip
RAW = {
    "dm.csv": "SUBJ,SEX,DOSE,DIED\n1,M,01/01/2020,01/03/2020\n2,F,01/01/2020,\n3,F,01/01/2020,02/12/2020\n4,F,01/01/2020,\n",
    "rs.csv": "SUBJ,RESP,ASSESSED\n1,SD,01/02/2020\n1,PD,01/03/2020\n1,PD,02/03/2020\n2,SD,01/02/2020\n2,PR,05/02/2020\n"
    "2,PR,01/02/2021\n",
}  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("tte")
    for name, text in {"study/study.yaml": STUDY, **{f"study/{n}": t for n, t in SPECS.items()}, **{f"raw/{n}": t for n, t in RAW.items()}}.items():  # fmt: skip
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, "utf-8")
    build(str(root / "study"), root / "raw", root / "out", Options(quality=False))
    return root / "out"


def lines(folder: Path, subject: str) -> list[str]:
    text = trace_text(trace_records(folder, "ADTTE", f"USUBJID == '{subject}'", 1))
    start = text.index("how PFS was decided")
    return [line.strip() for line in text[start : text.index("  STUDYID")].strip().splitlines()]


def test_a_trace_lists_every_candidate_and_why_one_counts(folder: Path):
    assert lines(folder, "S1-1") == [
        "how PFS was decided: PROGRESSION is the earliest event; DEATH on the same day is listed after it",
        "-> event PROGRESSION: 2020-03-01 ADRS record 4 ADT; counts",
        "event PROGRESSION: 2020-03-02 ADRS record 5 ADT; not the first of these records",
        "event DEATH: 2020-03-01 ADSL record 1 DTHDT; on the same day as PROGRESSION, which is listed first",
        "CNSR 2 NO EVENT: 2020-03-02 ADRS record 3 ADT; there is an event",
        "CNSR 2 NO EVENT: 2020-02-01 ADRS record 1 ADT; not the last of these records",
        "CNSR 2 NO EVENT: 2020-03-01 ADRS record 2 ADT; not the last of these records",
        "CNSR 9 TOO LATE: 2020-01-01 ADSL record 1 TRTSDT; EVENTDT - STARTDT > 300 does not hold",
        "CNSR 1 NOT ASSESSED: 2020-01-01 ADSL record 1 TRTSDT; there is an event",
    ]


def test_a_trace_of_a_censored_record(folder: Path):
    records_of = lines(folder, "S1-2")
    assert records_of[0] == "how PFS was decided: no event; CNSR 2 NO EVENT is the first listed end that applies"
    assert records_of[1:5] == [
        "-> CNSR 2 NO EVENT: 2020-02-05 ADRS record 7 ADT; counts",
        "event PROGRESSION: ADRS; no record where PARAMCD == 'PD'",
        "event DEATH: ADSL record 2 DTHDT; DTHDT is missing or not complete",
        "CNSR 2 NO EVENT: 2020-02-01 ADRS record 6 ADT; not the last of these records",
    ]


def test_a_trace_of_an_end_that_comes_before_the_event(folder: Path):
    records_of = lines(folder, "S1-3")
    assert records_of[0] == (
        "how PFS was decided: CNSR 9 TOO LATE comes before any event, and is the first of those that applies "
        "(EVENTDT - STARTDT > 300)"
    )
    assert (
        "event DEATH: 2020-12-02 ADSL record 3 DTHDT; CNSR 9 TOO LATE applies, which comes before any event"
        in records_of
    )


def test_a_progression_goes_down_to_its_raw_cell(folder: Path):
    (record,) = trace_records(folder, "ADTTE", "USUBJID == 'S1-1'", 1)
    (adt,) = [v for v in record["values"] if v["variable"] == "ADT"]
    (cell,) = adt["cells"]
    assert (cell["source"], cell["column"]) == ("ADRS", "ADT")
    (of_rs,) = cell["from"]["cells"]
    assert (of_rs["source"], of_rs["column"], of_rs["cell"]) == ("RS", "RSDTC", "2020-03-01")
    (raw,) = of_rs["from"]["cells"]
    assert (raw["file"], raw["row"], raw["column"], raw["cell"]) == ("rs.csv", 2, "ASSESSED", "01/03/2020")


def test_a_working_variable_cannot_be_explained(folder: Path, tmp_path: Path):
    import shutil

    out = tmp_path / "out"
    shutil.copytree(folder, out)
    path = out / "lineage" / "rules.json"
    path.write_text(path.read_text("ascii").replace("PARAMCD == 'PD'", "SECRET == 'PD'"), "ascii")
    manifest = json.loads((out / "manifest.json").read_bytes())  # as if the build had written it so
    manifest["outputs"]["lineage/rules.json"] = {
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "bytes": path.stat().st_size,
    }
    (out / "manifest.json").write_text(json.dumps(manifest))
    (record,) = trace_records(out, "ADTTE", "USUBJID == 'S1-1'", 1)
    assert record["decision"]["why"] == "the decision cannot be repeated, because the folder has no SECRET"
