"""Two records of a group within a number of days: literal histories, one subject each.

A history is a list of day:value; the expected flags or days are in the same order. A record is high from 3 on.
"""

from __future__ import annotations

import pytest

#: rule -> histories and what the rule gives, '-' for nothing
CASES = {
    "HIGHFL": [  # high, and another high one 7 to 28 days later
        ("0:3 7:3", "Y -"),
        ("0:3 6:3", "- -"),
        ("0:3 28:3", "Y -"),
        ("0:3 29:3", "- -"),
        ("0:3 3:3 10:3", "Y Y -"),  # not the first one that follows
        ("0:2 7:3", "- -"),
        ("0:3 x:3", "- -"),
        ("x:3 7:3", "- -"),
    ],
    "SAMEFL": [  # the same day or up to 2 days before: never the record itself
        ("5:3", "-"),
        ("5:3 5:3", "Y Y"),
        ("4:3 5:3", "- Y"),
        ("3:3 5:3 6:3", "- Y Y"),
        ("2:3 5:3", "- -"),
    ],
    "KEPTDT": [  # the first later high one, with no low one (1) between
        ("0:3 7:3", "7 -"),
        ("0:3 4:1 7:3", "- - -"),
        ("0:3 0:1 7:3", "7 - -"),  # not between
        ("0:3 7:3 7:1 9:3", "7 9 - -"),  # of the day of one of the two: not between
        ("0:3 4:2 7:3 8:3", "7 - 8 -"),
    ],
}
RULES = {
    "HIGHFL": "{paired: AVAL >= 3, with: AVAL >= 3, at_least: 7, at_most: 28, label: x}",
    "SAMEFL": "{paired: AVAL >= 3, with: AVAL >= 3, at_least: -2, at_most: 0, by: [USUBJID, PARAMCD], label: x}",
    "KEPTDT": "{paired: AVAL >= 3, with: AVAL >= 3, at_least: 1, without: AVAL == 1, give: date, label: x}",
}


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    from kit.tiny import HEAD, build_study, write_study
    from raw2adam.mappings.loader import load_study
    from raw2adam.runs.plan_study import plan_study

    lines = []
    for subject, (history, _) in enumerate((h for cases in CASES.values() for h in cases), 1):
        for number, part in enumerate(history.split()):
            day, value = part.split(":")
            date = "" if day == "x" else f"1960-01-{int(day) + 1:02}"
            lines.append(f"{subject},{number},{'' if day == 'x' else day},{date},{value}")
    rules = "".join(f"  {name}: {rule}\n" for name, rule in RULES.items())
    advs = (
        "dataset: ADVS\nclass: BASIC DATA STRUCTURE\nrows: {source: rs}\nvariables:\n  PARAMCD: {value: TEMP}\n"
        "  PARAM: {value: T}\n  AVAL: RESP\n  ADT: {compute: DAY, type: integer}\n  NUMBER: {compute: NO, label: No}\n"
        f"{rules}sort: [STUDYID, USUBJID, NUMBER]\n"
    )
    files = {"rs.csv": "SUBJ,NO,DAY,DATE,RESP\n" + "\n".join(lines) + "\n"}
    folder = tmp_path_factory.mktemp("paired")
    write_study(folder, HEAD, {"advs": advs}, files)
    return build_study(folder, plan_study(load_study(folder))[0], files)


LISTED = [(rule, *case) for rule, cases in CASES.items() for case in cases]


@pytest.mark.parametrize("number", range(len(LISTED)))
def test_histories(built, number):
    rule, history, expected = LISTED[number]
    mine = [r for r in built.data["ADVS"] if r["USUBJID"] == f"S1-{number + 1:02}"]
    shown = [r[rule] if r[rule] not in ("", None) else "-" for r in mine]
    assert [f"{x:.0f}" if isinstance(x, float) else str(x) for x in shown] == expected.split(), history


def test_a_record_without_a_date_is_a_finding(built):
    found = built.findings[built.findings["rule"] == "R2A-REC-005"]
    assert set(found["subject"]) == {"S1-07", "S1-08"}
