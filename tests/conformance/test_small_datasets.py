"""Conformance rules on small hand-written SDTM and ADaM datasets: each rule found where it is broken, and only there.

Not for the reports that print findings (test_findings_reports).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kit.fuzzing import examples
from raw2adam.conformance.iso_text import is_iso
from raw2adam.conformance.language.read import shipped_rules
from raw2adam.conformance.package import Package
from raw2adam.conformance.run import run_rules
from raw2adam.engine.columns.column import text_column
from raw2adam.engine.tables.dataset import Dataset, DatasetMetadata, RangeCheck, ValueLevel, VariableMetadata
from raw2adam.findings.table import Findings
from raw2adam.mappings.facts.terminology import Codelist, Term

NY = Codelist("NY", "No Yes Response", (Term("N"), Term("Y")), "C66742", False)
SEVERITY = Codelist("AESEV", "Severity", (Term("MILD"), Term("SEVERE")), "C66769", True)

AE = (
    VariableMetadata("STUDYID", "Study Identifier", core="Req"),
    VariableMetadata("DOMAIN", "Domain Abbreviation", core="Req"),
    VariableMetadata("USUBJID", "Unique Subject Identifier", core="Req"),
    VariableMetadata("AESEQ", "Sequence Number", "integer", core="Req"),
    VariableMetadata("AETERM", "Reported Term", core="Req"),
    VariableMetadata("AEDECOD", "Dictionary-Derived Term", core="Req"),
    VariableMetadata("AESER", "Serious Event", codelist=NY),
    VariableMetadata("AESEV", "Severity", codelist=SEVERITY),
    VariableMetadata("AESTDTC", "Start", "datetime"),
    VariableMetadata("AEENDTC", "End", "datetime"),
)
GOOD = {
    "STUDYID": ["S", "S", "S"], "DOMAIN": ["AE"] * 3, "USUBJID": ["S-1", "S-1", "S-2"], "AESEQ": [1, 2, 1],
    "AETERM": ["fever", "rash", "fever"], "AEDECOD": ["Pyrexia", "Rash", "Pyrexia"], "AESER": ["N", "Y", ""],
    "AESEV": ["MILD", "", "SEVERE"], "AESTDTC": ["2022-03-05", "2022-03", ""],
    "AEENDTC": ["2022-03-05T10:30", "2022", "2022-01"],
}  # fmt: skip


def dataset(name, variables, data, keys=(), **spec):
    frame = pd.DataFrame({v.name: data[v.name] if v.is_numeric else text_column(data[v.name]) for v in variables})
    return Dataset(DatasetMetadata(name, spec.pop("label", name), tuple(variables), keys, **spec), frame)


def ae(**changes):
    return dataset(
        "AE",
        AE,
        {**GOOD, **changes},
        ("STUDYID", "USUBJID", "AEDECOD", "AESTDTC"),
        domain="AE",
        structure="One record per event",
    )


def dm(*subjects):
    columns = {"STUDYID": ["S"] * len(subjects), "DOMAIN": ["DM"] * len(subjects), "USUBJID": list(subjects)}
    return dataset("DM", AE[:3], columns, domain="DM")


RULES = {id_: rule for id_, rule in shipped_rules().items() if id_.startswith("R2A-CONF-")}


def found(data, *, dm=None, others=None):
    """The findings of the rules R2A-CONF in one dataset beside others, without those that follow from another one."""
    datasets = {d.name: d for d in (*([dm] if dm is not None else []), *(others or {}).values(), data)}
    adam = data.metadata.purpose == "Analysis"
    findings = Findings()
    run_rules(Package(standard="adam" if adam else "sdtm", datasets=datasets, planned=True), RULES, findings)
    rows = findings.frame()
    rows = rows[(rows["dataset"] == data.name) & (rows["follows"] == "")]
    return [(r.rule[-3:], r.subject, r.sequence, r.variable, r.value) for r in rows.itertuples()]


def test_good_records_have_no_findings():
    assert found(ae(), dm=dm("S-1", "S-2")) == []


BROKEN = [
    ({"AETERM": ["fever", "", "fever"]}, ("001", "S-1", 2, "AETERM", "")),
    ({"AESEQ": [1, np.nan, 1]}, ("001", "S-1", -1, "AESEQ", "")),
    ({"AESER": ["N", "YES", ""]}, ("004", "S-1", 2, "AESER", "YES")),
    ({"AESEV": ["MILD", "", "=cmd()"]}, ("005", "S-2", 1, "AESEV", "=cmd()")),
    ({"AESTDTC": ["2022-03-05", "05MAR2022", ""]}, ("006", "S-1", 2, "AESTDTC", "05MAR2022")),
    ({"AETERM": ["fever", "rash", "é" * 101]}, ("010", "S-2", 1, "AETERM", "é" * 101)),
    ({"AESTDTC": ["2022-03-05T10:31", "2022-03", ""]}, ("014", "S-1", 1, "AESTDTC", "2022-03-05T10:31")),
    ({"AESTDTC": ["2022-03-06", "2022-03", ""]}, ("014", "S-1", 1, "AESTDTC", "2022-03-06")),
    ({"AESEQ": [1, 1, 1]}, ("015", "S-1", 1, "AESEQ", "1")),
    ({"STUDYID": ["S", "S", "T"]}, ("016", "S-2", 1, "STUDYID", "T")),
    ({"DOMAIN": ["AE", "CE", "AE"]}, ("021", "S-1", 2, "DOMAIN", "CE")),
]


@pytest.mark.parametrize(("changes", "expected"), BROKEN)
def test_one_broken_value_is_one_finding(changes, expected):
    assert found(ae(**changes)) == [expected]


def test_same_keys_even_where_one_is_missing():
    again = ae(
        USUBJID=["S-1", "S-1", "S-1"],
        AESEQ=[1, 2, 3],
        AEDECOD=["Rash"] * 3,
        AESTDTC=["2022", "", ""],
        AEENDTC=["", "", ""],
    )
    assert found(again) == [("003", "S-1", 3, "", "")]


def test_unknown_subjects_but_not_missing_ones():
    assert ("007", "S-2", 1, "USUBJID", "S-2") in found(ae(), dm=dm("S-1"))
    assert [r[0] for r in found(ae(USUBJID=["S-1", "S-1", ""]), dm=dm("S-1"))] == ["001"]


def test_a_published_codelist_whose_terms_do_not_ship_decides_nothing():
    for extensible in (True, False):
        unshipped = Codelist("CHSFPC", "Parameter Code", (), "C187458", extensible, "ADaM CT 2026-03-27")
        variables = [*AE[:7], replace(AE[7], codelist=unshipped), *AE[8:]]
        assert found(dataset("AE", variables, {**GOOD, "AESEV": ["other", "", ""]}, domain="AE")) == []


def test_a_dictionary_without_terms_is_no_codelist():
    variables = [*AE[:5], replace(AE[5], codelist=Codelist("MEDDRA", "28.0", ())), *AE[6:]]
    assert found(dataset("AE", variables, GOOD, domain="AE")) == []


def test_numbers_are_looked_up_only_where_the_terms_are_numbers():
    grades = Codelist("GRADE", "Grade", (Term("1"), Term("2")), "", False)
    for codelist, rules in [(grades, ["004"]), (NY, [])]:
        data = dataset(
            "XX", [VariableMetadata("XXGRADE", "Grade", "integer", codelist=codelist)], {"XXGRADE": [1.0, 5.0, np.nan]}
        )
        assert [r[0] for r in found(data)] == rules


def test_absent_required_variables_have_one_finding():
    rows = found(dataset("AE", AE[:4], GOOD, domain="AE"))
    assert [r[3] for r in rows if r[0] == "002"] == ["AEDECOD", "AETERM"]


def test_dm_has_one_record_per_subject():
    assert [r for r in found(dm("S-1", "S-2", "S-1")) if r[0] == "009"] == [("009", "S-1", -1, "USUBJID", "S-1")]


def test_names_labels_and_codes_that_no_transport_file_holds():
    variables = [VariableMetadata("TOOLONGNAME", "x"), VariableMetadata("XXTESTCD", "y" * 41)]
    rows = found(
        dataset("XX", variables, {"TOOLONGNAME": ["a"] * 3, "XXTESTCD": ["1ABC", "ABCDEFGHI", "HGB"]}, label="z" * 41)
    )
    assert [(r[0], r[3]) for r in rows] == [
        ("011", "TOOLONGNAME"), ("012", ""), ("012", "XXTESTCD"), ("013", "XXTESTCD"), ("013", "XXTESTCD"),
    ]  # fmt: skip


def test_supplemental_records_without_parent():
    names = ("RDOMAIN", "USUBJID", "IDVAR", "IDVARVAL", "QNAM")
    supp = dataset(
        "SUPPAE", [VariableMetadata(n, n) for n in names],
        {
            "RDOMAIN": ["AE"] * 5, "USUBJID": ["S-1", "S-2", "S-2", "S-9", "S-1"], "IDVAR": ["AESEQ", "AESEQ", "", "", "AENO"],
            "IDVARVAL": ["2", "2", "", "", "7"], "QNAM": ["A", "B", "C", "D", "E"],
        },
    )  # fmt: skip
    rows = [(r[0], r[1], r[3], r[4]) for r in found(supp, others={"AE": ae(), "SUPPAE": supp})]
    assert [r for r in rows if r[0] == "008"] == [
        ("008", "S-2", "IDVARVAL", "2"), ("008", "S-9", "USUBJID", "S-9"),
    ]  # fmt: skip


ADTTE = (
    VariableMetadata("USUBJID", "Subject"), VariableMetadata("ASEQ", "Sequence", "integer"), VariableMetadata("PARAMCD", "Code"),
    VariableMetadata("PARAM", "Parameter"), VariableMetadata("AVAL", "Value", "float"), VariableMetadata("STARTDT", "Start", "integer"),
    VariableMetadata("ADT", "Date", "integer"), VariableMetadata("CNSR", "Censor", "integer"), VariableMetadata("CNSDTDSC", "Censor date"),
)  # fmt: skip
TIMES = {
    "USUBJID": ["1", "2", "3"],
    "ASEQ": [1, 1, 1],
    "PARAMCD": ["PFS"] * 3,
    "PARAM": ["Progression-free survival"] * 3,
    "AVAL": [1, 2, 3],
    "STARTDT": [100, 100, 100],
    "ADT": [100, 99, np.nan],
    "CNSR": [0, 1, 2],
    "CNSDTDSC": ["", "", "LAST"],
}
BDS = {"purpose": "Analysis", "observation_class": "BASIC DATA STRUCTURE", "standard": "ADaMIG 1.3"}


def test_time_to_event():
    assert found(dataset("ADTTE", ADTTE, TIMES, **BDS)) == [
        ("019", "2", 1, "ADT", "99"), ("020", "2", 1, "CNSDTDSC", ""),
    ]  # fmt: skip


def test_censoring_without_its_description_at_all():
    assert ("020", "2", 1, "CNSDTDSC", "") in found(dataset("ADTTE", ADTTE[:-1], TIMES, **BDS))


def test_parameters_are_one_to_one():
    data = {**TIMES, "PARAM": ["PFS", "PFS (days)", "PFS (days)"], "ADT": [100] * 3, "CNSDTDSC": ["x"] * 3}
    assert [(r[0], r[1], r[3]) for r in found(dataset("ADTTE", ADTTE, data, **BDS))] == [("018", "1", "PARAM")]


def test_a_parameter_dataset_without_parameters():
    rows = found(dataset("ADLB", ADTTE[:2], TIMES, **BDS))
    assert [(r[0], r[3]) for r in rows] == [("017", "AVAL"), ("017", "PARAM"), ("017", "PARAMCD")]


def test_an_empty_dataset_passes_every_rule_about_records():
    assert found(dataset("AE", AE, {k: [] for k in GOOD}, domain="AE"), dm=dm()) == []


@pytest.mark.parametrize(
    "text",
    ["2022", "2022-03", "2022-03-05", "2022---15", "--03-15", "----15", "2022-03-05T10:30", "2022-03-05T10:30:15.5",
     "2022-03-05T-:30", "-----T07:15", "2024-02-29", "2022-03-05T10:30Z", "2022-03/2022-05", "2022-03-05/P3D"],
)  # fmt: skip
def test_partial_dates_of_sdtm_are_valid(text):
    assert is_iso(text, "datetime")


@pytest.mark.parametrize(
    "text",
    ["", "22", "2022-3-5", "2022-13", "2022-00", "2022-02-30", "2023-02-29", "2022-03-05T24:00", "2022-03-05T10:60",
     "2022-",      "2022---", "-", "UN", "2022-03-05 10:30", "２０２２", "2022-03-05\n", "--02-30", "2022/x"],
)  # fmt: skip
def test_what_is_no_date(text):
    assert not is_iso(text, "datetime")


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        ("P3D", True),
        ("PT4H30M", True),
        ("P2W", True),
        ("P1Y2M3DT4H", True),
        ("-PT1H", True),
        ("P", False),
        ("PT", False),
        ("P3", False),
        ("P1DT", False),
        ("3D", False),
    ],
)
def test_durations(text, valid):
    assert is_iso(text, "durationDatetime") is valid


@settings(max_examples=examples(25), deadline=None)
@given(st.dates())
def test_every_calendar_day_and_its_first_parts_are_valid(day):
    text = day.isoformat()
    assert is_iso(text, "date") and is_iso(text[:7], "date") and is_iso(text[:4], "date")


@settings(max_examples=examples(25), deadline=None)
@given(st.lists(st.tuples(st.sampled_from("AB"), st.sampled_from([1.0, 2.0, 3.0])), max_size=12))
def test_repeated_sequence_numbers_against_a_plain_count(records):
    seen, expected = set(), 0
    for record in records:
        expected += record in seen
        seen.add(record)
    data = dataset(
        "XX", [VariableMetadata("USUBJID", "s"), VariableMetadata("XXSEQ", "n", "integer")],
        {"USUBJID": [r[0] for r in records], "XXSEQ": [r[1] for r in records]}, domain="XX",
    )  # fmt: skip
    assert [r[0] for r in found(data)].count("015") == expected


def test_value_level_codelists_hold_where_their_clause_does():
    """Stage IV of ISS is no stage; NOT of MRD is outside the list that may be extended; the response has no clause."""
    stage = Codelist("STAGE", "Stages", (Term("I"), Term("II"), Term("III")), "", False)
    mrd = Codelist("MRD", "Residual disease", (Term("NEGATIVE"), Term("POSITIVE")), "C1", True)
    data = {
        "STUDYID": ["S"] * 6, "DOMAIN": ["RS"] * 6, "USUBJID": ["S-1"] * 6, "RSSEQ": [1, 2, 3, 4, 5, 6],
        "RSTESTCD": ["ISSSTG", "RISSSTG", "MRDRESP", "OVRLRESP", "ISSSTG", "MRDRESP"],
        "RSTEST": ["a", "b", "c", "d", "a", "c"],
        "RSSTRESC": ["IV", "III", "NOT", "PR", "", "POSITIVE"], "RSSTRESN": [4, 3, 9, np.nan, np.nan, 1],
    }  # fmt: skip
    variables = (
        *(v for v in AE[:3]),
        VariableMetadata("RSSEQ", "Sequence Number", "integer", core="Req"),
        VariableMetadata("RSTESTCD", "Short Name", core="Req"),
        VariableMetadata("RSTEST", "Name", core="Req"),
        VariableMetadata("RSSTRESC", "Result"),
        VariableMetadata("RSSTRESN", "Result as Number", "integer"),
    )
    values = (
        ValueLevel("RSSTRESC", (RangeCheck("RSTESTCD", "IN", ("ISSSTG", "RISSSTG")),), codelist=stage),
        ValueLevel("RSSTRESC", (RangeCheck("RSTESTCD", "EQ", ("MRDRESP",)),), codelist=mrd),
        ValueLevel(
            "RSSTRESC",
            (RangeCheck("RSTESTCD", "NOTIN", ("ISSSTG", "OVRLRESP")), RangeCheck("RSSTRESN", "GT", ("3",))),
            codelist=mrd,
        ),
    )
    rs = dataset("RS", variables, data, domain="RS", values=values)
    assert found(rs) == [
        ("022", "S-1", 1, "RSSTRESC", "IV"),
        ("023", "S-1", 3, "RSSTRESC", "NOT"),
        ("023", "S-1", 3, "RSSTRESC", "NOT"),
    ]
