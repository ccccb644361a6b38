"""iRECIST: literal courses. Seymour et al., Lancet Oncol 2017;18:e143-52, figure 2 and table 2.

A course is a list of day:response; + after PD is further progression since the assessment before.
"""

from __future__ import annotations

import pytest

COURSES = [
    ("0:SD 42:PR 84:CR", "iSD iPR iCR"),
    ("0:PR 42:PD", "iPR iUPD"),  # not confirmed
    ("0:PR 42:PD 84:PD+", "iPR iUPD iCPD"),
    ("0:PR 42:PD+ 84:PD", "iPR iUPD iUPD"),  # the first progression needs a second one; no further growth
    ("0:SD 42:PD 84:PD 126:PD+", "iSD iUPD iUPD iCPD"),
    ("0:SD 42:PD 84:PR 126:PD+", "iSD iUPD iPR iUPD"),  # reset by the response
    ("0:SD 42:PD 84:SD 126:PD 168:PD+", "iSD iUPD iSD iUPD iCPD"),
    ("0:SD 42:PD 84:NE 126:PD+", "iSD iUPD NE iCPD"),  # not evaluable between
    ("0:SD 42:PD 69:PD+", "iSD iUPD iUPD"),  # after 27 days: too early
    ("0:SD 42:PD 70:PD+", "iSD iUPD iCPD"),  # after 28
    ("0:PD 14:PD+ 30:PD+", "iUPD iUPD iCPD"),  # the days count from the first iUPD
    ("0:PD 14:PD+ 20:NE 27:PD+ 28:PD+", "iUPD iUPD NE iUPD iCPD"),
    ("0:PD 20:SD 30:PD 50:PD+ 58:PD+", "iUPD iSD iUPD iUPD iCPD"),  # ... since it was reset
    ("0:PD+ 42:PD+ 84:SD 126:NE", "iUPD iCPD iCPD NE"),  # once confirmed it stays
    ("0:NON-CR/NON-PD 42:PD 84:CR", "NON-iCR/NON-iUPD iUPD iCR"),
    ("0:PR 0:PD 42:PD+", "- iUPD iCPD"),  # of one day the progression counts
    ("0:XX 42:PD", "NE iUPD"),
    ("x:PD 42:PD+", "- iUPD"),  # no date
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
            day, response = part.split(":")
            date = "" if day == "x" else (datetime.date(2024, 1, 1) + datetime.timedelta(int(day))).isoformat()
            more = "Y" if response.endswith("+") else ""
            lines.append(f"{subject},{number},{date},{response.rstrip('+')},{more}")
    files = {"rs.csv": "SUBJ,NO,DATE,RESP,MORE\n" + "\n".join(lines) + "\n"}
    adrs = (
        "dataset: ADRS\nclass: BASIC DATA STRUCTURE\nrows: {source: rs}\nvariables:\n  PARAMCD: {value: OVR}\n"
        "  PARAM: {value: Overall}\n  AVALC: {from: RESP, codelist: none}\n  ADT: {analysis_date: DATE}\n"
        "  RSSEQ: {compute: NO, label: No}\n  FURTHFL: {from: MORE, label: f}\n"
        "  ONSET: {immune_response: AVALC, further: FURTHFL == 'Y', give: onset, label: o}\n"
        "  IRESP: {immune_response: AVALC, further: FURTHFL == 'Y', label: i}\nsort: [STUDYID, USUBJID, RSSEQ]\n"
    )
    folder = tmp_path_factory.mktemp("immune")
    write_study(folder, HEAD, {"adrs": adrs}, files)
    return build_study(folder, plan_study(load_study(folder))[0], files)


@pytest.mark.parametrize("number", range(len(COURSES)))
def test_courses(built, number):
    course, expected = COURSES[number]
    mine = [r for r in built.data["ADRS"] if r["USUBJID"] == f"S1-{number + 1:02}"]
    assert [r["IRESP"] or "-" for r in mine] == expected.split(), course


def test_findings(built):
    rules = built.findings[built.findings["rule"].str.startswith("R2A-RESP")]
    assert sorted(set(zip(rules["rule"], rules["subject"], strict=True))) == [
        ("R2A-RESP-001", "S1-17"),
        ("R2A-RESP-003", "S1-18"),
        ("R2A-RESP-004", "S1-16"),
    ]


#: number of the course, and the day of the first iUPD at each assessment
ONSETS = {
    4: "- 42 42 42",  # SD, iUPD, iUPD, iCPD
    6: "- 42 - 126 126",  # reset between
    7: "- 42 - 42",  # not evaluable between
    10: "0 0 0",  # the first one counts
    13: "0 0 0 -",  # after iCPD it stays
}


def test_onset_of_progression(built):
    """As days since 1 January 2024, which is day 23376."""
    for number, expected in ONSETS.items():
        mine = [r["ONSET"] for r in built.data["ADRS"] if r["USUBJID"] == f"S1-{number + 1:02}"]
        shown = ["-" if x is None else f"{x - 23376:g}" for x in mine]
        assert " ".join(shown) == expected, COURSES[number]
