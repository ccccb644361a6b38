"""Confirmed response after a minimum of days: literal histories.

RECIST 1.1 (Eisenhauer et al., Eur J Cancer 2009;45:228-47), section 4.6: CR and PR are confirmed at least 4 weeks later.
A history is a list of day:response; the expected levels are in the same order.
"""

from __future__ import annotations

import pytest

HISTORIES = [
    ("0:CR 28:CR", "CR -"),  # exactly 28 days
    ("0:CR 27:CR", "- -"),
    ("0:CR 14:CR 30:CR", "CR - -"),  # the first one at 28 days or more confirms
    ("0:PR 28:PR", "PR -"),
    ("0:PR 28:CR", "PR -"),
    ("0:CR 28:PR", "- -"),  # worse
    ("0:CR 14:PR 30:CR", "- - -"),  # no PR between
    ("0:PR 14:CR 30:PR", "- - -"),  # no PR after CR
    ("0:PR 14:CR 30:CR", "PR - -"),
    ("0:PR 10:NE 30:PR", "PR - -"),  # one NE
    ("0:PR 10:NE 20:NE 30:PR", "- - - -"),  # two
    ("0:PR 10:SD 30:PR", "- - -"),
    ("0:PR 28:PD", "- -"),
    ("0:PR", "-"),
    ("0:SD 28:PR 60:PR", "- PR -"),
    ("0:PR 30:NE 60:PR", "PR - -"),
    ("0:PR 40:PD 80:PR 120:PR", "- - PR -"),
    ("0:NE 28:CR 60:CR", "- CR -"),
    ("0:PR 28:PR 28:PD", "- - -"),  # of one day the worst counts
    ("0:PR 0:SD 28:PR", "- - -"),
    ("0:PR 28:PR 28:NE", "PR - -"),  # an evaluable one before NE
    ("0:PR x:PR 28:NE", "- - -"),  # no date
]
#: one NE and one SD between, at most 84 days
WIDER = [
    ("0:PR 10:SD 30:PR", "PR - -"),
    ("0:PR 10:SD 20:SD 30:PR", "- - - -"),
    ("0:PR 10:SD 20:NE 30:PR", "PR - - -"),
    ("0:PR 84:PR", "PR -"),
    ("0:PR 85:PR", "- -"),
]


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    from kit.tiny import HEAD, build_study, write_study
    from raw2adam.mappings.loader import load_study
    from raw2adam.runs.plan_study import plan_study

    lines = []
    for subject, (history, _) in enumerate([*HISTORIES, *WIDER], 1):
        for number, part in enumerate(history.split()):
            day, response = part.split(":")
            date = "" if day == "x" else f"2024-{int(day) // 28 + 1:02}-{int(day) % 28 + 1:02}"
            lines.append(f"{subject},{number},{day if day != 'x' else ''},{date},{response}")
    files = {"rs.csv": "SUBJ,NO,DAY,DATE,RESP\n" + "\n".join(lines) + "\n"}
    rule = "confirmed_response: AVALC, date: ADT, days: 28, between: {NE: 1}"
    wider = rule.replace("{NE: 1}", "{NE: 1, SD: 1}") + ", at_most: 84"
    adrs = (
        "dataset: ADRS\nclass: BASIC DATA STRUCTURE\nrows: {source: rs}\nvariables:\n  PARAMCD: {value: OVR}\n"
        "  PARAM: {value: Overall}\n  AVALC: {from: RESP, codelist: none}\n  ADT: {compute: DAY}\n"
        f"  RSSEQ: {{compute: NO, label: No}}\n  A: {{{rule}, label: a}}\n  B: {{{wider}, label: b}}\n"
        f"  C: {{{rule}, give: date, label: c}}\nsort: [STUDYID, USUBJID, RSSEQ]\n"
    )
    folder = tmp_path_factory.mktemp("confirmed")
    write_study(folder, HEAD, {"adrs": adrs}, files)
    return build_study(folder, plan_study(load_study(folder))[0], files)


@pytest.mark.parametrize("number", range(len(HISTORIES) + len(WIDER)))
def test_histories(built, number):
    history, expected = [*HISTORIES, *WIDER][number]
    mine = [r for r in built.data["ADRS"] if r["USUBJID"] == f"S1-{number + 1:02}"]
    variable = "A" if number < len(HISTORIES) else "B"
    assert [r[variable] or "-" for r in mine] == expected.split(), history


def test_the_date_of_the_confirming_assessment_and_the_findings(built):
    assert [r["C"] for r in built.data["ADRS"] if r["USUBJID"] == "S1-03"] == [30, None, None]
    rules = built.findings[built.findings["rule"].str.startswith("R2A-RESP")]
    assert set(zip(rules["rule"], rules["subject"], strict=True)) == {
        ("R2A-RESP-003", "S1-22"),
        ("R2A-RESP-004", "S1-19"),
        ("R2A-RESP-004", "S1-20"),
        ("R2A-RESP-004", "S1-21"),
        ("R2A-RESP-012", "S1-06"),  # PR after CR
        ("R2A-RESP-012", "S1-07"),
        ("R2A-RESP-012", "S1-08"),
    }
