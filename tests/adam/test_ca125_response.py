"""Response by CA-125 and its combination with RECIST 1.1: literal courses and tables by GCIG.

Rustin et al., Int J Gynecol Cancer 2011;21:419-23. A course is a list of day:value, the first dose is on day 0, the upper
limit of normal 35 unless :limit follows. A value with x is excluded, - is a sample without a value.
"""

from __future__ import annotations

import pytest

COURSES = [
    # half of the pretreatment value, confirmed 28 days later: the response begins with the first such value
    ("-7:200 21:100 49:90", "- PR PR", "Y"),
    ("-7:200 21:100.1 49:90", "- SD SD", "Y"),
    ("-7:200 21:100 48:90", "- SD SD", "Y"),  # 27 days
    ("-7:200 21:100 42:80 49:70", "- PR PR PR", "Y"),
    # evaluable: at least twice the limit, at most 14 days before the first dose
    ("-14:70 21:30 49:30", "- CR CR", "Y"),
    ("-14:69.9 21:30 49:30", "- - -", "N"),
    ("-15:200 21:100 49:90", "- - -", "N"),
    ("0:200 21:100 49:90", "- PR PR", "Y"),  # the day of the first dose
    ("-7:200 -2:60 21:30 49:30", "- - - -", "N"),  # the last value before treatment counts
    ("21:100 49:50", "- -", "N"),
    # the samples between and the confirming one are not higher than the one before, but for 10 percent
    ("-7:200 21:80 35:88 49:88", "- PR PR PR", "Y"),
    ("-7:200 21:80 35:88.1 49:88", "- SD SD SD", "Y"),
    ("-7:200 21:80 35:90 63:85", "- SD PR PR", "Y"),  # a response that begins again
    # ... and variations within the normal range do not interfere
    ("-7:200 21:10 35:34 49:20", "- CR CR CR", "Y"),
    ("-7:200 21:10 35:36 49:20", "- NORMAL SD NORMAL", "Y"),
    # CR is within the normal range: the limit itself is
    ("-7:200 21:36 35:35 63:35", "- PR CR CR", "Y"),
    # normal without a response: it is not confirmed
    ("-7:200 21:30", "- NORMAL", "Y"),
    # A: elevated, normal since: twice the limit, on two occasions at least 7 days apart, from the first of them
    ("-7:200 21:30 60:70 67:70", "- NORMAL PD PD", "Y"),
    ("-7:200 21:30 60:70 66:70", "- NORMAL SD SD", "Y"),
    ("-7:200 21:30 60:69.9 67:70 74:70", "- NORMAL SD PD PD", "Y"),
    ("-7:200 21:30 60:70 64:60 71:70", "- NORMAL SD SD SD", "Y"),  # lower between: no serial elevation
    ("-7:200 21:30 60:70 64:75 71:72", "- NORMAL PD PD PD", "Y"),
    ("-7:200 21:30 60:70", "- NORMAL SD", "Y"),  # one value
    ("-7:200 21:30 60:70 67:70 100:20", "- NORMAL PD PD PD", "Y"),  # after it all are
    # B: elevated, never normal: twice the nadir
    ("-7:200 21:50 60:99.9 67:100 74:100", "- SD SD PD PD", "Y"),
    ("-7:200 21:250 60:400 67:400", "- SD PD PD", "Y"),  # the pretreatment value is the nadir
    # C: normal before treatment: not evaluable for response, but for progression
    ("-7:20 21:40 60:70 67:80", "- - PD PD", "N"),
    ("-7:20 21:40 60:69 67:80", "- - - -", "N"),
    # without a value before treatment: what is progression in every category
    ("21:50 60:99 67:99", "- - -", "N"),
    ("21:50 60:100 67:100", "- PD PD", "N"),
    # not evaluable samples confirm nothing and do not interfere
    ("-7:200 21:100 30:500x 49:90", "- PR NE PR", "Y"),
    ("-7:200 21:100 49:90x", "- SD NE", "Y"),
    ("-7:200 21:100 30:- 49:90", "- PR NE PR", "Y"),
    ("-7:69 21:30 49:-", "- - -", "N"),
    # the limit of each sample; without a limit a sample is not evaluable
    ("-7:200 21:30 60:70:30 67:70:36", "- NORMAL SD SD", "Y"),
    ("-7:200 21:90 40:80:0 49:90", "- PR NE PR", "Y"),
    # of one day the highest
    ("-7:200 21:100 49:150 49:90", "- SD SD -", "Y"),
]
#: at each sample
CATEGORIES = [("-7:200 21:50 30:30 60:70", "- B B A"), ("-7:35 21:20 60:70", "- C C"), ("21:20 60:70", "- -")]
#: target, non-target, new lesion, CA-125; overall response. Both tables of best overall response, each row
TABLE = [
    ("CR CR N NORMAL", "CR"),
    ("CR CR N CR", "CR"),
    ("CR NON-CR/NON-PD N CR", "PR"),
    ("CR NON-CR/NON-PD N SD", "PR"),
    ("CR CR N PR", "PR"),
    ("CR NE N PR", "PR"),
    ("PR NON-CR/NON-PD N SD", "PR"),
    ("PR CR N PR", "PR"),
    ("PR NE N NORMAL", "PR"),
    ("NE NON-CR/NON-PD N PR", "PR"),
    ("NE CR N CR", "PR"),
    ("SD NON-CR/NON-PD N PR", "PR"),
    ("SD NON-CR/NON-PD N SD", "SD"),
    ("SD NE N SD", "SD"),
    ("SD CR N NORMAL", "SD"),
    ("PD CR N CR", "PD"),
    ("PD NE Y PR", "PD"),
    ("CR PD N CR", "PD"),
    ("NE PD Y NE", "PD"),
    ("CR CR Y CR", "PD"),
    ("PR CR N PD", "PD"),
    ("NE NE Y PD", "PD"),
    # without measurable disease
    ("NONE CR N CR", "CR"),
    ("NONE NON-CR/NON-PD N CR", "PR"),
    ("NONE NON-CR/NON-PD N PR", "PR"),
    ("NONE CR N PR", "PR"),
    ("NONE NON-CR/NON-PD N NORMAL", "SD"),
    ("NONE CR N SD", "SD"),
    ("NONE NON-CR/NON-PD N PD", "PD"),
    ("NONE PD N CR", "PD"),
    ("NONE CR Y CR", "PD"),
    # what the tables do not have: what is not evaluated is no response
    ("CR CR N NE", "PR"),
    ("CR CR N SD", "PR"),
    ("SD NE N PR", "SD"),
    ("NE NE N PR", "NE"),
    ("NE CR N SD", "NE"),
    ("NONE NE N PR", "NE"),
    ("NONE CR N NE", "NE"),
    ("NONE NONE N CR", "CR"),
    ("NONE NONE N PR", "PR"),
    # CA-125 cannot be evaluated: RECIST 1.1, and progression by CA-125
    ("CR CR N NONE", "CR"),
    ("CR NE N NONE", "PR"),
    ("SD NE N NONE", "SD"),
    ("NE CR N NONE", "NE"),
    ("NONE CR N NONE", "CR"),
    ("NONE NON-CR/NON-PD N NONE", "NON-CR/NON-PD"),
    ("NONE NE N NONE", "NE"),
    ("NONE NONE N NONE", "NED"),
    ("NONE NONE N PD", "PD"),
]
ADLB = """\
dataset: ADLB
class: BASIC DATA STRUCTURE
rows: {source: lb}
variables:
  PARAMCD: {value: CA125}
  PARAM: {value: CA-125 (U/mL)}
  AVAL: VALUE
  ADT: {analysis_date: DATE}
  ANRHI: {from: LIMIT, type: float}
  LBSEQ: {from: NO, type: integer, label: No}
  TRTSDT: {analysis_date: START, label: First Dose}
  OUT: {from: OUT, label: x}
  LEVEL: {ca125_response: AVAL, exclude: OUT == 'Y', label: l}
  EVALFL: {ca125_response: AVAL, exclude: OUT == 'Y', give: evaluable, label: e}
  GROUP: {ca125_response: AVAL, give: category, label: c}
sort: [STUDYID, USUBJID, LBSEQ]
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    import datetime

    from kit.tiny import HEAD, build_study, write_study
    from raw2adam.mappings.loader import load_study
    from raw2adam.runs.plan_study import plan_study

    lines = []
    for subject, course in enumerate([c for c, *_ in COURSES + CATEGORIES], 1):
        for number, part in enumerate(course.split()):
            day, value, *limit = part.split(":")
            date = (datetime.date(2024, 3, 1) + datetime.timedelta(int(day))).isoformat()
            mark = "Y" if value.endswith("x") else ""
            lines.append(f"{subject},{number},{date},{value.rstrip('x-')},{(limit or [35])[0]},2024-03-01,{mark}")
    files = {"lb.csv": "SUBJ,NO,DATE,VALUE,LIMIT,START,OUT\n" + "\n".join(lines) + "\n"}
    folder = tmp_path_factory.mktemp("ca125")
    write_study(folder, HEAD, {"adlb": ADLB}, files)
    return build_study(folder, plan_study(load_study(folder))[0], files)


def of_subject(built, number):
    return [r for r in built.data["ADLB"] if r["USUBJID"] == f"S1-{number:02}"]


def test_courses(built):
    got = []
    for number, (course, *_) in enumerate(COURSES, 1):
        mine = of_subject(built, number)
        (evaluable,) = {r["EVALFL"] for r in mine}
        got.append((course, " ".join(r["LEVEL"] or "-" for r in mine), evaluable))
    assert got == COURSES


def test_categories_of_progression(built):
    first = len(COURSES) + 1
    got = [" ".join(r["GROUP"] or "-" for r in of_subject(built, first + i)) for i in range(len(CATEGORIES))]
    assert got == [expected for _, expected in CATEGORIES]


def test_findings(built):
    """The sample without a limit, and the lower one of two on a date: once for each of the rules that read them."""
    found = built.findings[built.findings["rule"].str.startswith("R2A-RESP")]
    limit, twice = len(COURSES) - 1, len(COURSES)
    assert set(zip(found["rule"], found["subject"], strict=True)) == {
        ("R2A-RESP-011", f"S1-{limit}"),
        ("R2A-RESP-004", f"S1-{twice}"),
    }


def test_combined_with_recist():
    from raw2adam.mappings.models.tumor_criteria import tumor_criteria

    table = tumor_criteria("gcig-2011").overall
    assert table is not None
    names, rows, got = list(table.components.values()), table.table(), []
    for values, _ in TABLE:
        place = tuple(of.index(v) for of, v in zip(names, values.split(), strict=True))
        got.append((values, table.rows[rows[place]].gives))
    assert got == TABLE
