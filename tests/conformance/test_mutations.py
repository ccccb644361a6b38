"""One broken value in clean data is one new finding, of the rule that it breaks; what follows from it is folded.

One mutation for each kind of check that compares records. Not for the literal cases of the rules (test_rules.py).
"""

from __future__ import annotations

import pytest
from raw2adam.conformance.language.cases import package_of
from raw2adam.conformance.language.read import shipped_rules
from raw2adam.conformance.language.rule import Case
from raw2adam.conformance.run import run_rules
from raw2adam.findings.table import Findings

RULES = {i: r for i, r in shipped_rules().items() if r.scope.standard != "adam" and r.check.verb != "define"}
Data = dict[str, dict[str, list[str]]]

CLEAN: Data = {
    "DM": {
        "STUDYID": ["S", "S"], "DOMAIN": ["DM", "DM"], "USUBJID": ["1", "2"], "SUBJID": ["1", "2"],
        "RFSTDTC": ["2024-01-10", "2024-02-10"], "RFENDTC": ["2024-03-01", "2024-04-01"],
        "RFXSTDTC": ["2024-01-10", "2024-02-10"], "RFXENDTC": ["2024-02-20", "2024-03-20"], "DTHFL": ["", ""],
        "ARMCD": ["A", "A"], "ARM": ["Drug A", "Drug A"], "ACTARMCD": ["A", "A"], "ACTARM": ["Drug A", "Drug A"],
        "ARMNRS": ["", ""], "SEX": ["F", "M"], "COUNTRY": ["DEU", "FRA"],
    },
    "TA": {"STUDYID": ["S"] * 2, "ARMCD": ["A"] * 2, "ARM": ["Drug A"] * 2, "TAETORD": ["1", "2"], "ETCD": ["SCR", "TRT"],
           "ELEMENT": ["Screening", "Treatment"], "EPOCH": ["SCREENING", "TREATMENT"]},
    "SE": {
        "STUDYID": ["S"] * 4, "DOMAIN": ["SE"] * 4, "USUBJID": ["1", "1", "2", "2"], "SESEQ": ["1", "2", "1", "2"],
        "ETCD": ["SCR", "TRT"] * 2, "ELEMENT": ["Screening", "Treatment"] * 2, "TAETORD": ["1", "2"] * 2,
        "SESTDTC": ["2024-01-01", "2024-01-10", "2024-02-01", "2024-02-10"],
        "SEENDTC": ["2024-01-10", "2024-03-01", "2024-02-10", "2024-04-01"], "EPOCH": ["SCREENING", "TREATMENT"] * 2,
    },
    "EX": {
        "STUDYID": ["S"] * 2, "DOMAIN": ["EX"] * 2, "USUBJID": ["1", "2"], "EXSEQ": ["1", "1"], "EXTRT": ["DRUG", "DRUG"],
        "EXDOSE": ["5", "5"], "EXDOSU": ["mg", "mg"], "EXSTDTC": ["2024-01-10", "2024-02-10"],
        "EXENDTC": ["2024-02-20", "2024-03-20"], "EPOCH": ["TREATMENT"] * 2,
    },
    "AE": {
        "STUDYID": ["S"] * 3, "DOMAIN": ["AE"] * 3, "USUBJID": ["1", "1", "2"], "AESEQ": ["1", "2", "1"],
        "AETERM": ["Rash", "Pain", "Rash"], "AEDECOD": ["Rash", "Pain", "Rash"], "AESER": ["N", "N", "N"],
        "AESTDTC": ["2024-01-12", "2024-01-20", "2024-02-15"], "AEENDTC": ["2024-01-15", "", "2024-02-16"],
        "AESTDY": ["3", "11", "6"], "AEENDY": ["6", "", "7"], "EPOCH": ["TREATMENT"] * 3,
    },
    "VS": {
        "STUDYID": ["S"] * 6, "DOMAIN": ["VS"] * 6, "USUBJID": ["1", "1", "1", "1", "2", "2"],
        "VSSEQ": ["1", "2", "3", "4", "1", "2"], "VSTESTCD": ["SYSBP", "PULSE"] * 3,
        "VSTEST": ["Systolic Blood Pressure", "Pulse Rate"] * 3, "VSORRES": ["120", "70", "121", "71", "130", "60"],
        "VSORRESU": ["mmHg", "beats/min"] * 3, "VSSTRESC": ["120", "70", "121", "71", "130", "60"],
        "VSSTRESN": ["120", "70", "121", "71", "130", "60"], "VSSTRESU": ["mmHg", "beats/min"] * 3,
        "VSDTC": ["2024-01-10", "2024-01-10", "2024-01-11", "2024-01-11", "2024-02-10", "2024-02-10"],
        "VSDY": ["1", "1", "2", "2", "1", "1"], "EPOCH": ["TREATMENT"] * 6,
    },
    "SUPPAE": {
        "STUDYID": ["S"] * 3, "RDOMAIN": ["AE"] * 3, "USUBJID": ["1", "1", "2"], "IDVAR": ["AESEQ"] * 3,
        "IDVARVAL": ["1", "2", "1"], "QNAM": ["AESPX"] * 3, "QLABEL": ["A label"] * 3, "QVAL": ["x", "y", "z"],
        "QORIG": ["Collected"] * 3,
    },
    "RELREC": {
        "STUDYID": ["S"] * 2, "RDOMAIN": ["AE", "EX"], "USUBJID": ["1", "1"], "IDVAR": ["AESEQ", "EXSEQ"],
        "IDVARVAL": ["1", "1"], "RELTYPE": ["", ""], "RELID": ["A", "A"],
    },
}  # fmt: skip

#: kind of check, dataset, variable, record from 1, its new value, the rule that finds it
BROKEN = [
    ("values", "DM", "DTHFL", 1, "N", "R2A-DM-001"),
    ("codelists", "DM", "SEX", 1, "X", "R2A-CONF-004"),
    ("condition", "AE", "AESER", 1, "", None),
    ("iso8601", "AE", "AEENDTC", 1, "15JAN2024", "R2A-CONF-006"),
    ("order", "DM", "RFENDTC", 1, "2024-01-01", "R2A-DM-028"),
    ("extreme", "DM", "RFXSTDTC", 1, "2024-01-09", "R2A-DM-033"),
    ("required_values", "AE", "AETERM", 1, "", "R2A-CONF-001"),
    ("unique", "VS", "VSSEQ", 2, "1", "R2A-CONF-015"),
    ("one_value", "VS", "VSSTRESU", 3, "beats/min", "R2A-RSLT-008"),
    ("term_pairs", "VS", "VSTEST", 3, "Pulse Rate", "R2A-TERM-001"),
    ("one_to_one", "SUPPAE", "QLABEL", 2, "B label", "R2A-SUPP-009"),
    ("record_in", "VS", "USUBJID", 6, "9", "R2A-CONF-007"),
    ("points_to", "SUPPAE", "IDVARVAL", 1, "7", "R2A-CONF-008"),
    ("qualifier", "SUPPAE", "QNAM", 1, "1BAD", "R2A-SUPP-007"),
    ("relation", "RELREC", "RELTYPE", 1, "ONE", "R2A-RLRC-005"),
    ("study_day", "AE", "AESTDY", 2, "10", "R2A-TIME-002"),
    ("epoch", "AE", "EPOCH", 2, "SCREENING", "R2A-TIME-009"),
    ("number_of", "VS", "VSSTRESN", 1, "121", "R2A-RSLT-004"),
    ("chain", "SE", "SEENDTC", 1, "2024-01-09", "R2A-TRIAL-029"),
    ("in_arm", "SE", "TAETORD", 2, "3", "R2A-TRIAL-032"),
    ("max_bytes", "AE", "AETERM", 1, "x" * 201, "R2A-CONF-010"),
    ("texts", "AE", "AETERM", 1, ".", "R2A-GEN-010"),
]  # fmt: skip


def causes(data: Data) -> set[tuple[str, str, str, str]]:
    """(rule, dataset, variable, keys) of the findings that follow from no other one."""
    findings = Findings()
    case = Case(data={n: {v: tuple(c) for v, c in columns.items()} for n, columns in data.items()})
    run_rules(package_of(case, "sdtm"), RULES, findings)
    table = findings.frame()
    table = table[table["follows"] == ""]
    return set(zip(table["rule"], table["dataset"], table["variable"], table["keys"], strict=True))


BEFORE = causes(CLEAN)


def test_the_clean_data_have_no_error_but_absent_variables() -> None:
    assert {rule for rule, _, _, keys in BEFORE if keys} == set()


@pytest.mark.parametrize(("kind", "dataset", "variable", "record", "value", "rule"), BROKEN)
def test_one_broken_value_is_one_finding(
    kind: str, dataset: str, variable: str, record: int, value: str, rule: str | None
) -> None:
    data = {n: {v: list(c) for v, c in columns.items()} for n, columns in CLEAN.items()}
    data[dataset][variable][record - 1] = value
    assert rule is None or RULES[rule].check.verb == kind
    found = causes(data) - BEFORE
    assert sorted({r for r, _, _, _ in found}) == ([rule] if rule else [])


def test_a_doubled_subject_is_one_finding() -> None:
    data = {**CLEAN, "DM": {v: [*c, c[0]] for v, c in CLEAN["DM"].items()}}
    assert sorted({r for r, _, _, _ in causes(data) - BEFORE}) == ["R2A-CONF-009"]
