"""Counts of different values, sums and weighted sums of other records, and tables that a block joins more than once."""

from __future__ import annotations

import pytest

DM = "dataset: DM\nrows: {source: dm}\nsort: [SOURCE]\nvariables:\n  SEX: {value: U}\n  COUNTRY: {value: DEU}\n"
FILES = {
    "dm.csv": "SUBJ\n2\n1\n3\n",
    "cond.csv": "SUBJ,ITEM,MG\n1,1,10\n1,14,2.5\n1,14,1\n2,,4\n2,99,x\n2,16,\n",
}
SOURCES = "sources:\n  dm: {file: dm.csv}\n  cond: {file: cond.csv}\n"


def adsl(tiny, rule: str):
    return tiny(FILES, SOURCES, {"dm": DM, "adsl": f"dataset: ADSL\nrows: {{from: DM}}\nvariables: {{X: {rule}}}\n"})


@pytest.mark.parametrize(
    ("rule", "subjects_1_2_3"),
    [
        ("{count: cond, distinct: ITEM, label: X}", [2.0, 2.0, 0.0]),
        ("{count: cond, distinct: ITEM, where: \"ITEM != '99'\", label: X}", [2.0, 1.0, 0.0]),
        ("{total: cond.MG, label: X}", [13.5, 4.0, 0.0]),
        ("{total: cond.MG, where: ITEM == '14', label: X}", [3.5, 0.0, 0.0]),
        ("{total: cond.ITEM, weights: {'1': 1, '14': 2, '16': 6}, label: X}", [3.0, 6.0, 0.0]),
    ],
)
def test_values_of_other_records(tiny, rule: str, subjects_1_2_3: list[float]):
    assert adsl(tiny, rule.replace("ITEM == '14'", "\"ITEM == '14'\"")).values("ADSL", "X") == subjects_1_2_3


def test_a_value_that_cannot_be_added_is_reported(tiny):
    assert [f[3] for f in adsl(tiny, "{total: cond.MG, label: X}").found("R2A-NUM-006")] == ["x"]
    assert [
        f[3]
        for f in adsl(tiny, "{total: cond.ITEM, weights: {'1': 1, '14': 2, '16': 6}, label: X}").found("R2A-NUM-006")
    ] == ["99"]


def test_a_table_joined_twice_under_two_names(tiny):
    rows = (
        "rows:\n  from: DM\n  join:\n"
        "    - {source: cond, as: LOW, take: first, order: [MG], where: not missing(MG)}\n"
        "    - {source: cond, as: HIGH, take: last, order: [MG], where: not missing(MG)}\n"
    )
    spec = f"dataset: ADSL\n{rows}variables: {{A: {{from: LOW.MG, label: A}}, B: {{from: HIGH.MG, label: B}}}}\n"
    study = tiny(FILES, SOURCES, {"dm": DM, "adsl": spec})
    assert study.values("ADSL", "A") == ["1", "4", ""]
    assert study.values("ADSL", "B") == ["2.5", "x", ""]


def test_the_same_join_twice_needs_a_name(spec_problems):
    rows = "rows:\n  from: DM\n  join: [{source: cond}, {source: cond}]\n"
    problems = spec_problems(SOURCES, {"dm": DM, "adsl": f"dataset: ADSL\n{rows}"}, tuple(FILES))
    again = "cond is joined twice; give the second join another name, as: NAME"
    assert [str(p.place) for p in problems if again in p.message] == ["adam/adsl.yaml:3:3"]


def test_texts_of_several_records_are_joined(tiny):
    files = {
        "dm.csv": "SUBJ\n1\n2\n3\n",
        "cond.csv": "SUBJ,ITEM,MG\n1,pear,10\n1,apple,9\n1,pear,8\n1,,7\n2,fig,1\n2,elderberry,2\n",
    }
    spec = """\
dataset: ADSL
rows: {from: DM}
variables:
  SORTED: {text_joined: cond.ITEM, label: A}
  BY: {text_joined: cond.ITEM, order: [MG], separator: "; ", label: B}
  DOWN: {text_joined: cond.ITEM, order: [-MG], repeat: true, label: C}
  SHORT: {text_joined: cond.ITEM, limit: 10, label: D}
  SOME: {text_joined: cond.ITEM, where: "ITEM != 'pear'", label: E}
  FRUIT: {any: cond, where: ITEM == 'apple', none: "", label: F}
"""
    sources = SOURCES.replace("{file: cond.csv}", "{file: cond.csv, types: {MG: number}}")
    study = tiny(files, sources, {"dm": DM, "adsl": spec})
    assert [study.values("ADSL", name) for name in ("SORTED", "BY", "DOWN", "SHORT", "SOME", "FRUIT")] == [
        ["apple, pear", "elderberry, fig", ""],
        ["pear; apple", "fig; elderberry", ""],
        ["pear, apple, pear", "elderberry, fig", ""],
        ["apple", "elderberry", ""],
        ["apple", "elderberry, fig", ""],
        ["Y", "N", ""],
    ]
    cut = study.findings[study.findings["rule"] == "R2A-TEXT-006"]
    assert cut["subject"].tolist() == ["S1-01", "S1-02"] and set(cut["variable"]) == {"SHORT"}
