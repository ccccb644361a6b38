"""The type of analysis variables that neither the spec nor the standard has: numbers stay numbers, texts stay texts."""

from __future__ import annotations

import pytest

NUMBERS = {
    "{compute: AVAL + 1}": [81.5, 181.0, None],
    "{from: AVAL}": [80.5, 180.0, None],
    "{from: AVAL, default: '0'}": [80.5, 180.0, 0.0],
    "{from: XX1}": [80.5, 180.0, None],  # a copy of a copy
    "{from: VSSTRESN}": [80.5, 180.0, None],  # of the records that the block reads
    "{from: ADT}": [21916.0, 21917.0, 21918.0],
    "{first: VS.VSSTRESN, order: [VSSTRESN]}": [80.5, 80.5, 80.5],
    "{previous: AVAL, by: [USUBJID], order: [ADT]}": [None, 80.5, 180.0],
    "{next: AVAL, by: [USUBJID], order: [ADT]}": [180.0, None, None],
    "{lookup: ADSL.AGE}": [60.0, 60.0, 60.0],
    "{cases: [{when: AVAL > 100, from: AVAL}, {compute: AVAL * 2}]}": [161.0, 180.0, None],
    "{base_value: AVAL, by: [USUBJID], where: AVAL > 100}": [180.0, 180.0, 180.0],
}
TEXTS = {
    "{from: VSORRES}": ["80.5", "180", ""],
    "{from: AVAL, map: {'1': ONE}}": ["80.5", "180", ""],
    "{from: AVAL, prefix: ca.}": ["ca.80.5", "ca.180", ""],
    "{from: AVAL, default: ND}": ["80.5", "180", "ND"],
    "{from: [AVAL, VSORRES]}": ["80.5", "180", ""],
    "{compute: \"concat(PARAMCD, 'x')\"}": ["WTx", "HTx", "PULSEx"],
    "{cases: [{when: AVAL > 100, from: AVAL}, {value: LOW}]}": ["LOW", "180", "LOW"],
    "{from: AVAL, type: text}": ["80.5", "180", ""],
}
NAMES = {rule: f"XX{n}" for n, rule in enumerate([*NUMBERS, *TEXTS])}


@pytest.fixture(scope="module")
def built(tiny):
    rules = "".join(f"  {name}: {rule[:-1]}, label: x}}\n" for rule, name in NAMES.items())
    datasets = {
        "dm": "dataset: DM\nrows: {source: dm}\nvariables: {AGE: AGE, SEX: {value: F}, COUNTRY: {value: DEU}}\n",
        "vs": "dataset: VS\nrows: {source: vs}\nvariables: {VSTESTCD: TEST, VSTEST: TEST, VSORRES: RES, VSSTRESC: RES, "
        "VSSTRESN: {compute: number(RES)}, VSDTC: {date: DAY}}\n",
        "adsl": "dataset: ADSL\nrows: {from: DM}\nvariables: {AGE: AGE}\n",
        "advs": "dataset: ADVS\nrows: {from: VS}\nkeys: [USUBJID, ADT]\nvariables:\n  PARAMCD: VSTESTCD\n  PARAM: VSTEST\n  AVAL: VSSTRESN\n"
        f"  ADT: {{analysis_date: VSDTC}}\n{rules}",
    }
    vs = "SUBJ,TEST,RES,DAY\n01,WT,80.5,2020-01-02\n01,HT,180,2020-01-03\n01,PULSE,,2020-01-04\n"
    sources = "sources: {dm: {file: dm.csv}, vs: {file: vs.csv}}\ndates: {formats: [yyyy-mm-dd]}\n"
    return tiny({"dm.csv": "SUBJ,AGE\n01,60\n", "vs.csv": vs}, sources, datasets)


@pytest.mark.parametrize(("rule", "wanted"), (NUMBERS | TEXTS).items(), ids=list(NAMES))
def test_a_number_that_a_rule_copies_or_computes_stays_a_number(built, rule, wanted):
    values = built.values("ADVS", NAMES[rule])
    assert values == wanted
    assert {type(value) for value in values if value is not None} == {float if rule in NUMBERS else str}


def test_a_qualifier_of_collected_data_is_text(tiny):
    vs = "rows: {source: vs}\nvariables: {VSTESTCD: TEST, VSTEST: TEST, VSSTRESN: {compute: number(RES)}}\nsupplemental: {TWICE: {compute: VSSTRESN * 2, label: x}}\n"
    built = tiny(
        {"vs.csv": "SUBJ,TEST,RES\n01,WT,80.5\n"}, "sources: {vs: {file: vs.csv}}\n", {"vs": f"dataset: VS\n{vs}"}
    )
    assert built.values("SUPPVS", "QVAL") == ["161"]
