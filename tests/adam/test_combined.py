"""Records combined from several datasets: which source counts for a key, the flags, and what is a finding.

One study has all cases. Every expected value was worked out by hand. Three sources measure the weight of a visit: the
central one (VS), the local one (LB), the diary (QS).
"""

from __future__ import annotations

import pytest

DM = "dataset: DM\nrows: {source: dm}\nvariables: {SEX: {value: F}, COUNTRY: {value: DEU}}\n"


def domain(name: str, more: str = "") -> str:
    codes = f"  {name}TESTCD: {{value: WEIGHT}}\n  {name}STRESN: VALUE\n  {name}ORRES: VALUE\n  {name}STRESU: {{from: UNIT, codelist: none}}\n"
    return f"dataset: {name}\nrows: {{source: {name.lower()}}}\nsort: [SOURCE]\nvariables:\n{codes}  VISITNUM: NUM\n  {name}DTC: {{date: DAY}}\n{more}"


def sources(more: str = "") -> str:
    lines = []
    for name, called, extra in (
        ("VS", "CENTRAL", more),
        ("LB", "LOCAL", ""),
        ("QS", "DIARY", ", order: [QSDTC], take: last"),
    ):
        flag = f", flag: {called[:6]}FL"
        lines.append(
            f"        - {{from: {name}, name: {called}, variables: {{AVAL: {name}STRESN, AVALU: {name}STRESU, AVISITN: VISITNUM}}, "
            f"date: {name}DTC{flag}{extra}}}\n"
        )
    return "".join(lines)


def block(code: str, keys: str, more: str = "") -> str:
    return (
        f"  - from: ADSL\n    derive:\n      combined:\n{sources(more)}{keys}"
        f"    variables: {{PARAMCD: {{value: {code}}}, DIFF: {{compute: CENTRAL.VSSTRESN - LOCAL.LBSTRESN, label: Difference, type: float}}}}\n"
    )


KEYS = "      by: [AVISITN]\n      source: SRC\n"
ADWT = (
    "dataset: ADWT\nclass: BASIC DATA STRUCTURE\nlabel: Weight\nrows:\n"
    + block("LISTED", KEYS + "      agree: [AVAL, AVALU]\n")
    + block("FILLED", KEYS + "      choose: filled\n", ", where: VISITNUM != 9")
    + block("EVERY", KEYS + "      choose: every\n")
    + "variables: {PARAM: {from: PARAMCD}, AVALU: {from: AVALU, codelist: none, label: Unit}}\nkeys: [STUDYID, USUBJID, PARAMCD, AVISITN, SRC, ADT]\n"
)
ROWS = {
    "vs": [
        "1,70,kg,1,2024-01-01",
        "1,,kg,2,2024-01-08",  # no value: filled takes the local one, with its own unit where it has one
        "1,73,kg,3,2024-01-15",
        "2,80,kg,1,2024-01-01",
        "2,81,kg,1,2024-01-02",  # two central records of a visit
        "3,90,kg,,2024-01-01",  # no visit
    ],
    "lb": [
        "1,70,kg,1,2024-01-01",  # agrees
        "1,71.5,kg,2,2024-01-09",
        "1,161,LB,3,2024-01-15",  # differs
        "3,91,kg,,2024-01-01",  # no visit: not the same as that of the central source
        "9,50,kg,1,2024-01-01",  # not in ADSL
    ],
    "qs": [
        "1,74,kg,4,2024-01-22",
        "1,75,kg,4,2024-01-23",  # the last one
        "2,82,kg,2,2024-01",  # a partial date
        "3,92,kg,5,2024-02-01",
        "3,93,kg,5,2024-02-01",  # a tie
    ],
}  # fmt: skip
#: PARAMCD -> subject -> (AVISITN, AVAL, AVALU, ADT, SRC, CENTRALF, LOCALFL, DIARYFL)
WANTED = {
    "LISTED": {
        "1": [
            (1, 70, "kg", "2024-01-01", "CENTRAL", "YY-"),
            (2, None, "kg", "2024-01-08", "CENTRAL", "YY-"),
            (3, 73, "kg", "2024-01-15", "CENTRAL", "YY-"),
            (4, 75, "kg", "2024-01-23", "DIARY", "--Y"),
        ],
        "2": [(1, 80, "kg", "2024-01-01", "CENTRAL", "Y--"), (2, 82, "kg", "", "DIARY", "--Y")],
        "3": [
            (None, 90, "kg", "2024-01-01", "CENTRAL", "Y--"),
            (None, 91, "kg", "2024-01-01", "LOCAL", "-Y-"),
            (5, 93, "kg", "2024-02-01", "DIARY", "--Y"),
        ],
    },
    "FILLED": {
        "1": [
            (1, 70, "kg", "2024-01-01", "CENTRAL", "YY-"),
            (2, 71.5, "kg", "2024-01-08", "CENTRAL", "YY-"),
            (3, 73, "kg", "2024-01-15", "CENTRAL", "YY-"),
            (4, 75, "kg", "2024-01-23", "DIARY", "--Y"),
        ],
        "2": [(1, 80, "kg", "2024-01-01", "CENTRAL", "Y--"), (2, 82, "kg", "", "DIARY", "--Y")],
        # a condition that is unknown excludes the central record without a visit
        "3": [(None, 91, "kg", "2024-01-01", "LOCAL", "-Y-"), (5, 93, "kg", "2024-02-01", "DIARY", "--Y")],
    },
    "EVERY": {
        "1": [
            (1, 70, "kg", "2024-01-01", "CENTRAL", "YY-"),
            (1, 70, "kg", "2024-01-01", "LOCAL", "YY-"),
            (2, None, "kg", "2024-01-08", "CENTRAL", "YY-"),
            (2, 71.5, "kg", "2024-01-09", "LOCAL", "YY-"),
            (3, 73, "kg", "2024-01-15", "CENTRAL", "YY-"),
            (3, 161, "LB", "2024-01-15", "LOCAL", "YY-"),
            (4, 74, "kg", "2024-01-22", "DIARY", "--Y"),
            (4, 75, "kg", "2024-01-23", "DIARY", "--Y"),
        ],
        "2": [
            (1, 80, "kg", "2024-01-01", "CENTRAL", "Y--"),
            (1, 81, "kg", "2024-01-02", "CENTRAL", "Y--"),
            (2, 82, "kg", "", "DIARY", "--Y"),
        ],
        "3": [
            (None, 90, "kg", "2024-01-01", "CENTRAL", "Y--"),
            (None, 91, "kg", "2024-01-01", "LOCAL", "-Y-"),
            (5, 92, "kg", "2024-02-01", "DIARY", "--Y"),
            (5, 93, "kg", "2024-02-01", "DIARY", "--Y"),
        ],
    },
}


@pytest.fixture(scope="module")
def built(tiny):
    files = {f"{n}.csv": "SUBJ,VALUE,UNIT,NUM,DAY\n" + "".join(f"{r}\n" for r in rows) for n, rows in ROWS.items()}
    specs = {
        "dm": DM,
        "vs": domain("VS"),
        "lb": domain("LB"),
        "qs": domain("QS", "  QSCAT: {value: DIARY, codelist: none}\n"),
    }
    adsl = "dataset: ADSL\nrows: {from: DM}\n"
    return tiny(
        {"dm.csv": "SUBJ\n1\n2\n3\n", **files},
        "dates: {formats: [yyyy-mm-dd, yyyy-mm]}\n",
        {**specs, "adsl": adsl, "adwt": ADWT},
    )


def day(value: object) -> str:
    import numpy as np

    return "" if value is None else str(np.datetime64("1960-01-01") + int(value))


@pytest.mark.parametrize("code", WANTED)
@pytest.mark.parametrize("subject", "123")
def test_the_records(built, code: str, subject: str) -> None:
    flags = ("CENTRAFL", "LOCALFL", "DIARYFL")
    assert [
        (r["AVISITN"], r["AVAL"], r["AVALU"], day(r["ADT"]), r["SRC"], "".join(r[f] or "-" for f in flags))
        for r in built.data["ADWT"]
        if r["PARAMCD"] == code and r["USUBJID"] == f"S1-0{subject}"
    ] == WANTED[code][subject]


def test_both_records_of_a_key_can_be_read(built) -> None:
    found = {
        r["AVISITN"]: r["DIFF"] for r in built.data["ADWT"] if r["PARAMCD"] == "LISTED" and r["USUBJID"] == "S1-01"
    }
    assert found == {1: 0, 2: None, 3: -88, 4: None}


def test_what_is_not_clear_is_a_finding(built) -> None:
    found = built.findings

    def of(rule: str) -> list[tuple[str, str, str]]:
        table = found[found["rule"] == rule]
        return sorted(set(zip(table["subject"], table["value"], table["message"], strict=True)))

    assert of("R2A-REC-013") == [
        ("S1-02", "81", "CENTRAL has several records of the key: the first one by the order of VS counts")
    ]
    assert of("R2A-REC-014") == [
        ("S1-03", "", "a record of CENTRAL has no AVISITN: it combines with no other"),
        ("S1-03", "", "a record of LOCAL has no AVISITN: it combines with no other"),
    ]
    assert of("R2A-REC-015") == [
        ("S1-01", "73", "AVAL is 73 in CENTRAL and 161 in LOCAL"),
        ("S1-01", "kg", "AVALU is kg in CENTRAL and LB in LOCAL"),
    ]
    assert [(s, m.partition(" rank")[0]) for s, _, m in of("R2A-TIE-001")] == [("S1-03", "qs.csv rows 4, 5")]


def test_the_method_names_the_sources(built) -> None:
    methods = {v.name: v.method.splitlines() for v in built.specs["ADWT"].variables if v.name in ("AVAL", "CENTRAFL")}
    assert methods["AVAL"][1::2] == [
        "AVAL is that of the first of these sources that has a record of the subject with the same AVISITN: VSSTRESN of "
        "VS; LBSTRESN of LB; QSSTRESN of QS.",
        "AVAL is that of the first of these sources that has a value in a record of the subject with the same AVISITN: "
        "VSSTRESN of VS where VISITNUM does not equal 9; LBSTRESN of LB; QSSTRESN of QS.",
        "AVAL is that of the source of the record: VSSTRESN of VS; LBSTRESN of LB; QSSTRESN of QS.",
    ]
    assert methods["CENTRAFL"][1] == "CENTRAFL is 'Y' if there is a record of the subject with the same AVISITN in VS."
