"""A further column of a block has the type that its rule states, or that of the column that it copies.

Lint and the build read the same: a condition that lint accepts is one that the build can decide.
"""

from __future__ import annotations

import pytest

#: columns: of a block over VS, and the condition -> VSSEQ of the records that it selects; by hand
#: VS has VSSTRESN 90, 100, 1000 and VSSPID 2, 10, x
CASES = {
    # text compares character by character: '10' < '2'
    "stated": ("{W: {from: VSSPID, type: integer}}", "W >= 2", [1, 2]),
    "stated text": ("{W: {from: VSSTRESN, type: text}}", "W in ['100', '1000']", [2, 3]),
    "copied": ("{W: {from: VSSTRESN}}", "W >= 95", [2, 3]),
    "copied twice": ("{W: {from: VSSTRESN}, V: {from: W}}", "V < 95", [1]),
    "mapped": ("{W: {from: VSSTRESN, map: {'90': LOW}}}", "W == 'LOW'", [1]),
    "computed": ("{W: {compute: VSSTRESN / 10}}", "W > 9.5", [2, 3]),
    "counted": ("{W: {count: VS}}", "W == 3", [1, 2, 3]),
    "numbered": ("{W: {sequence: [VSSTRESN], within: [USUBJID]}}", "W > 1", [2, 3]),
}
VS = """\
dataset: VS
rows: {source: vs}
sort: [VSSTRESN]
variables: {VSTESTCD: {value: SYSBP}, VSORRES: {from: VALUE}, VSSTRESN: VALUE, VSSPID: {from: WEEK}}
"""


@pytest.fixture(scope="module")
def study(tiny):
    blocks = "".join(
        f"  - from: VS\n    columns: {columns}\n    where: {where}\n"
        f"    variables: {{PARAMCD: {{value: P{number}}}, AVAL: VSSEQ}}\n"
        for number, (columns, where, _) in enumerate(CASES.values())
    )
    return tiny(
        {"dm.csv": "SUBJ\n01\n", "vs.csv": "SUBJ,VALUE,WEEK\n01,90,2\n01,100,10\n01,1000,x\n"},
        "",
        {
            "dm": "dataset: DM\nrows: {source: dm}\nvariables: {SEX: {value: F}, COUNTRY: {value: DEU}}\n",
            "vs": VS,
            "adsl": "dataset: ADSL\nrows: {from: DM}\n",
            "advs": f"dataset: ADVS\nrows:\n{blocks}variables: {{PARAM: PARAMCD}}\nsort: [PARAMCD, AVAL]\n",
        },
    )


@pytest.mark.parametrize("case", CASES)
def test_the_condition_reads_the_column_in_its_type(study, case: str) -> None:
    number = list(CASES).index(case)
    assert [r["AVAL"] for r in study.data["ADVS"] if r["PARAMCD"] == f"P{number}"] == CASES[case][2]


def test_a_text_that_is_no_number_is_a_finding(study) -> None:
    assert study.found("R2A-NUM-001") == [("vs.csv", 3, "VSSPID", "x")]
