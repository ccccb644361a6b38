"""define.xml against the values of the transport files: each kind of difference is found, and only that."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pandas as pd
import pyreadstat
import pytest
from raw2adam.define.data_checks import define_against_values
from raw2adam.define.document import DefineDataset, DefineStudy, define_xml
from raw2adam.engine.tables.dataset import DatasetMetadata, VariableMetadata

STUDY = DefineStudy("S", "S", "A study", "S", (), datetime(2025, 12, 31))
SUBJECT = VariableMetadata("USUBJID", "Subject", length=1)
NUMBER = VariableMetadata("VSSTRESN", "Result", "float", 8, digits=1, whole_digits=3)
DATE = VariableMetadata("VSDTC", "Date", "partialDate", 10)
EMPTY = VariableMetadata("VSPOS", "Position", length=1, empty=True)
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
        (replace(NUMBER, type="integer"), NUMBERS, "integer in define.xml, values have 1 digits after the point"),
        (NUMBER, [120.25, 80.0], "SignificantDigits 1 in define.xml, values have 2"),
        (NUMBER, [20.5, 80.0], "length 4 in define.xml, the values need 3 digits"),
        (NUMBER, [1120.5, 80.0], "length 4 in define.xml, the values need 5 digits"),
        (replace(NUMBER, core="Req"), [120.5, None], "Mandatory in define.xml, and 1 records have no value"),
        (replace(NUMBER, empty=True), [120.5, None], "define.xml has HasNoData, and 1 records have a value"),
        (NUMBER, [None, None], "define.xml has no HasNoData, and 0 records have a value"),
    ],
)
def test_numbers(tmp_path, variable, values, expected):
    found = differences(tmp_path, variable, DATE, VSSTRESN=pd.Series(values, dtype="float64"), VSDTC=DATES)
    assert found == [f"VS: VSSTRESN: {expected}"]


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
    assert wrong == [f"VS: VSDTC: {kind} in define.xml, the values are {found}"]


def test_a_subject_with_two_records_repeats(tmp_path):
    assert differences(tmp_path, DATE, repeating=False, VSDTC=DATES) == []
    spec = DatasetMetadata("VS", "Vital Signs", (SUBJECT, DATE), ("USUBJID",), "Findings", domain="VS")
    frame = pd.DataFrame({"USUBJID": ["1", "1"], "VSDTC": DATES})
    pyreadstat.write_xport(frame, str(tmp_path / "vs.xpt"), table_name="VS", file_format_version=5)
    xml = define_xml(STUDY, [DefineDataset(spec, 2, {}, "vs.xpt")])
    assert define_against_values(xml, tmp_path) == [
        "VS: 1 records repeat the keys USUBJID of an earlier one",
        "VS: Repeating is No in define.xml, and 1 records repeat a subject",
    ]


def test_the_keys_are_the_order_of_the_records_and_identify_them(tmp_path):
    assert differences(tmp_path, DATE, VSDTC=["2022-05", "2022-05-10"]) == []
    assert differences(tmp_path, DATE, VSDTC=["2022-05-10", "2022-05"]) == [
        "VS: 2 records are not in the order of the keys USUBJID, VSDTC"
    ]
    assert differences(tmp_path, replace(DATE, type="date"), VSDTC=["2022-05-10", "2022-05-10"]) == [
        "VS: 1 records repeat the keys USUBJID, VSDTC of an earlier one"
    ]


def test_a_truncated_file_is_a_problem_and_not_an_error(tmp_path):
    assert differences(tmp_path, DATE, VSDTC=DATES) == []
    whole = (tmp_path / "vs.xpt").read_bytes()
    (tmp_path / "vs.xpt").write_bytes(whole[:700])
    spec = DatasetMetadata("VS", "Vital Signs", (SUBJECT, DATE), ("USUBJID", "VSDTC"), "Findings", domain="VS")
    (problem,) = define_against_values(define_xml(STUDY, [DefineDataset(spec, 2, {}, "vs.xpt")]), tmp_path)
    assert problem.startswith("VS: ") and "vs.xpt" in problem
