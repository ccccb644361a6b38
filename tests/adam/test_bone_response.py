"""The 2+2 rule of PCWG3 (Scher et al., J Clin Oncol 2016;34:1402-18): literal courses of bone scans.

A course is a list of day:lesions that the baseline does not have; - is a scan that could not be evaluated.
"""

from __future__ import annotations

import pytest

COURSES = [
    ("60:2 102:4", "PD PD"),  # two, then two more, 42 days later
    ("60:2 102:3", "NON-PD NON-PD"),  # a flare: one more
    ("60:2 102:2 144:2", "NON-PD NON-PD NON-PD"),
    ("60:2 101:4", "PDu PDu"),  # 41 days: no scan confirms
    ("60:2 101:4 143:4", "PD PD PD"),  # the scan after 42 days or more
    ("60:2", "PDu"),
    ("60:1 102:2", "NON-PD NON-PD"),  # one new lesion against the first scan
    ("60:0 102:2 144:2", "NON-PD PD PD"),  # outside the flare: still there
    ("60:0 102:2 144:1", "NON-PD NON-PD NON-PD"),
    ("60:0 102:2", "NON-PD PDu"),
    ("60:3 102:4 144:5 186:5", "NON-PD NON-PD PD PD"),  # one more is a flare; against the first scan one, two, two
    ("60:2 80:- 102:4", "PD NE PD"),
    ("60:0 60:2 102:4", "- PD PD"),  # of one day the one with more
    ("60:0z 102:0", "NED NON-PD"),  # no lesion at all
    # the first scan is after the flare window of 12 weeks: against the baseline, and still there
    ("85:2 127:2 169:2", "PD PD PD"),
    ("85:2 127:1", "NON-PD NON-PD"),
    ("85:1 127:2 169:3", "NON-PD PD PD"),
    ("84:2 126:2 168:4", "NON-PD NON-PD PDu"),
]


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    import datetime

    from kit.tiny import HEAD, build_study, write_study
    from raw2adam.mappings.loader import load_study
    from raw2adam.runs.plan_study import plan_study

    lines = []
    for subject, (course, _) in enumerate(COURSES, 1):
        for number, part in enumerate(course.split()):
            day, new = part.split(":")
            date = (datetime.date(2024, 1, 1) + datetime.timedelta(int(day))).isoformat()
            lines.append(f"{subject},{number},{date},{new.rstrip('z-')},{'Y' if new.endswith('z') else ''}")
    files = {"rs.csv": "SUBJ,NO,DATE,NEW,NONE\n" + "\n".join(lines) + "\n"}
    adrs = (
        "dataset: ADRS\nclass: BASIC DATA STRUCTURE\nrows: {source: rs}\nvariables:\n  PARAMCD: {value: BONE}\n"
        "  PARAM: {value: New Lesions}\n  AVAL: NEW\n  ADT: {analysis_date: DATE}\n  RSSEQ: {compute: NO, label: No}\n"
        "  NONE: {from: NONE, label: n}\n  BONE: {bone_response: AVAL, none: NONE == 'Y', flare: 'ADT <= 23460', label: b}\n"
        "sort: [STUDYID, USUBJID, RSSEQ]\n"
    )
    folder = tmp_path_factory.mktemp("bone")
    write_study(folder, HEAD, {"adrs": adrs}, files)
    return build_study(folder, plan_study(load_study(folder))[0], files)


@pytest.mark.parametrize("number", range(len(COURSES)))
def test_courses(built, number):
    course, expected = COURSES[number]
    mine = [r for r in built.data["ADRS"] if r["USUBJID"] == f"S1-{number + 1:02}"]
    assert [r["BONE"] or "-" for r in mine] == expected.split(), course
