"""What verify promises of define.xml and the values of the files: each kind of difference is found, and only that."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pandas as pd
import pyreadstat
import pytest
import raw2adam.sdtm.standard  # noqa: F401
from raw2adam.define.document import DefineDataset, DefineStudy, define_xml
from raw2adam.engine.tables.dataset import DatasetMetadata, Origin, RangeCheck, ValueLevel, VariableMetadata
from raw2adam.mappings.facts.terminology import Codelist, Term
from raw2adam.runs.verify_define import define_against_values

STUDY = DefineStudy("S", "S", "A study", "S", (), datetime(2025, 12, 31))
SUBJECT = VariableMetadata("USUBJID", "Subject", length=1)
NUMBER = VariableMetadata("VSSTRESN", "Result", "float", 8, digits=1, whole_digits=3)
DATE = VariableMetadata("VSDTC", "Date", "partialDate", 10)
EMPTY = VariableMetadata("VSPOS", "Position", length=1, empty=True)
FIRST_GAP = "1 records have no value; the first is record 2"
NUMBERS, DATES = [120.5, 80.0], ["2022-05", "2022-05-10"]


def differences(folder, *variables, repeating=True, **columns):
    """The differences of a VS of two records of one subject."""
    keys = ("USUBJID", "VSDTC") if repeating else ("USUBJID",)
    spec = DatasetMetadata("VS", "Vital Signs", (SUBJECT, *variables), keys, "Findings", domain="VS")
    frame = pd.DataFrame({"USUBJID": ["1", "1" if repeating else "2"], **columns})
    pyreadstat.write_xport(frame, str(folder / "vs.xpt"), table_name="VS", file_format_version=5)
    return define_against_values(define_xml(STUDY, [DefineDataset(spec, 2, {}, "vs.xpt")]), folder)


def test_a_define_of_its_values_has_no_differences(tmp_path):
    assert differences(tmp_path, NUMBER, DATE, EMPTY, VSSTRESN=NUMBERS, VSDTC=DATES, VSPOS=["", ""]) == []


@pytest.mark.parametrize(
    ("variable", "values", "expected"),
    [
        (replace(NUMBER, type="integer"), NUMBERS, " 'integer': values have 1 digits after the point (R2A-DEF-503)"),
        (NUMBER, [120.25, 80.0], " '1': values have 2 digits after the point (R2A-DEF-504)"),
        (NUMBER, [20.5, 80.0], " '4': the values have 3 digits (R2A-DEF-501)"),
        (NUMBER, [1120.5, 80.0], " '4': the values have 5 digits (R2A-DEF-501)"),
        (replace(NUMBER, core="Req"), [120.5, None], f": Mandatory is Yes, and {FIRST_GAP} (R2A-DEF-413)"),
        (
            replace(NUMBER, empty=True),
            [120.5, None],
            ": def:HasNoData is Yes, and 1 records have a value (R2A-DEF-411)",
        ),
        (NUMBER, [None, None], ": no record has a value, and def:HasNoData is not Yes (R2A-DEF-411)"),
    ],
)
def test_numbers(tmp_path, variable, values, expected):
    found = differences(tmp_path, variable, DATE, VSSTRESN=pd.Series(values, dtype="float64"), VSDTC=DATES)
    assert found == [f"VS.VSSTRESN{expected}"]


def test_a_mandatory_value_that_a_finding_misses_is_no_difference(tmp_path):
    required = replace(NUMBER, core="Req")
    differences(tmp_path, required, DATE, VSSTRESN=pd.Series([120.5, None]), VSDTC=DATES)
    spec = DatasetMetadata(
        "VS", "Vital Signs", (SUBJECT, required, DATE), ("USUBJID", "VSDTC"), "Findings", domain="VS"
    )
    xml = define_xml(STUDY, [DefineDataset(spec, 2, {}, "vs.xpt")])
    assert define_against_values(xml, tmp_path, {("VS", "VSSTRESN"): 1}) == []
    assert len(define_against_values(xml, tmp_path, {("LB", "VSSTRESN"): 1, ("VS", "VSPOS"): 1})) == 1


@pytest.mark.parametrize(
    ("kind", "values", "found"),
    [
        ("date", DATES, "partialDate"),
        ("partialDate", ["2022-05-09", "2022-05-10"], "date"),
        ("datetime", ["2022-05-09", "2022-05-10T10:00:00"], "partialDatetime"),
        ("date", ["10 May", "9 May"], "text"),
    ],
)
def test_dates(tmp_path, kind, values, found):
    wrong = differences(tmp_path, replace(DATE, type=kind), VSDTC=values)
    assert wrong == [f"VS.VSDTC '{kind}': the values are {found} (R2A-DEF-503)"]


def test_a_subject_with_two_records_repeats(tmp_path):
    assert differences(tmp_path, DATE, repeating=False, VSDTC=DATES) == []
    spec = DatasetMetadata("VS", "Vital Signs", (SUBJECT, DATE), ("USUBJID",), "Findings", domain="VS")
    frame = pd.DataFrame({"USUBJID": ["1", "1"], "VSDTC": DATES})
    pyreadstat.write_xport(frame, str(tmp_path / "vs.xpt"), table_name="VS", file_format_version=5)
    xml = define_xml(STUDY, [DefineDataset(spec, 2, {}, "vs.xpt")])
    assert define_against_values(xml, tmp_path) == [
        "VS 'USUBJID': 1 records repeat the keys of an earlier one; the first is record 2 (R2A-DEF-414)",
        "VS: Repeating is No, and 1 records repeat a subject (R2A-DEF-416)",
    ]


def test_the_keys_are_the_order_of_the_records_and_identify_them(tmp_path):
    assert differences(tmp_path, DATE, VSDTC=["2022-05", "2022-05-10"]) == []
    assert differences(tmp_path, DATE, VSDTC=["2022-05-10", "2022-05"]) == [
        "VS 'USUBJID, VSDTC': 2 records are not in the order of the keys; the first is record 1 (R2A-DEF-415)"
    ]
    assert differences(tmp_path, replace(DATE, type="date"), VSDTC=["2022-05-10", "2022-05-10"]) == [
        "VS 'USUBJID, VSDTC': 1 records repeat the keys of an earlier one; the first is record 2 (R2A-DEF-414)"
    ]


def test_a_truncated_file_is_a_problem_and_not_an_error(tmp_path):
    assert differences(tmp_path, DATE, VSDTC=DATES) == []
    whole = (tmp_path / "vs.xpt").read_bytes()
    (tmp_path / "vs.xpt").write_bytes(whole[:700])
    spec = DatasetMetadata("VS", "Vital Signs", (SUBJECT, DATE), ("USUBJID", "VSDTC"), "Findings", domain="VS")
    (problem,) = define_against_values(define_xml(STUDY, [DefineDataset(spec, 2, {}, "vs.xpt")]), tmp_path)
    assert problem.startswith("VS: ") and "vs.xpt" in problem


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, []),
        ({"type": "integer"}, [" IT.LB.LBORRES.ALB 'integer': a value is 'low' (R2A-DEF-705)"]),
        ({"length": 2}, [" IT.LB.LBORRES.ALB '2': a value has 3 bytes (R2A-DEF-706)"]),
        (
            {"codelist": Codelist("L", "Levels", (Term("41"),))},
            [" IT.LB.LBORRES.ALB 'low': no term of the codelist CL.L (R2A-DEF-708)"],
        ),
        (
            {"where": (RangeCheck("LBTESTCD", "EQ", ("PROT",)),)},
            [": 2 records with a value have no value-level definition; the first is record 1 (R2A-DEF-702)"],
        ),
        (
            {"where": (RangeCheck("LBTESTCD", "IN", ("ALB", "IFE")),)},
            [": 1 records with a value have more than one value-level definition; the first is record 3 (R2A-DEF-703)"],
        ),
    ],
)
def test_verify_compares_the_definitions_with_the_records(tmp_path, changed, expected):
    frame = pd.DataFrame({"USUBJID": ["1", "2", "3"], "LBTESTCD": ["ALB", "ALB", "IFE"], "LBORRES": ["41", "low", "9"]})
    pyreadstat.write_xport(frame, str(tmp_path / "lb.xpt"), table_name="LB", file_format_version=5)
    first = ValueLevel(
        "LBORRES", (RangeCheck("LBTESTCD", "EQ", ("ALB",)),), length=3, origin=Origin("Collected", "Investigator")
    )
    second = ValueLevel(
        "LBORRES", (RangeCheck("LBTESTCD", "EQ", ("IFE",)),), "integer", 1, origin=Origin("Collected", "Investigator")
    )
    variables = (
        SUBJECT,
        VariableMetadata("LBTESTCD", "Test Code", length=4),
        VariableMetadata("LBORRES", "Result", length=3),
    )
    values = (replace(first, **changed), second)
    spec = DatasetMetadata("LB", "Laboratory", variables, ("USUBJID",), "Findings", domain="LB", values=values)
    xml = define_xml(STUDY, [DefineDataset(spec, 3, {}, "lb.xpt")])
    assert define_against_values(xml, tmp_path) == [f"LB.LBORRES{text}" for text in expected]
