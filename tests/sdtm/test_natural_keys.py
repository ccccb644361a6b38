"""The natural keys of records as text, written by hand."""

import numpy as np
from kit.datasets import table
from raw2adam.sdtm.natural_keys import natural_keys, sequence_name

AE = table(
    "AE", "STUDYID USUBJID AESEQ:integer AETERM AESTDTC", ("S", "1", 1, "rash", "2022-03"), ("S", "1", 2, "pain", ""),
    ("S", "2", 1, "rash", "2022"), keys=("STUDYID", "USUBJID", "AETERM", "AESTDTC", "AESEQ"), domain="AE",
)  # fmt: skip
ALL = np.arange(3)


def test_keys_have_neither_constants_nor_sequence_numbers_nor_missing_values():
    assert sequence_name(AE) == "AESEQ"
    assert natural_keys(AE, ALL).tolist() == [
        "USUBJID=1; AETERM=rash; AESTDTC=2022-03",
        "USUBJID=1; AETERM=pain",
        "USUBJID=2; AETERM=rash; AESTDTC=2022",
    ]
    assert natural_keys(AE, np.array([1])).tolist() == ["USUBJID=1; AETERM=pain"]
    assert natural_keys(AE, np.array([], dtype="int64")).tolist() == []


def test_a_supplemental_record_has_the_keys_of_its_parent():
    supp = table(
        "SUPPAE", "STUDYID RDOMAIN USUBJID IDVAR IDVARVAL QNAM",
        ("S", "AE", "1", "AESEQ", "2", "REL"), ("S", "AE", "1", "AESEQ", "9", "REL"), ("S", "AE", "2", "", "", "NOTE"),
        keys=("STUDYID", "RDOMAIN", "USUBJID", "IDVAR", "IDVARVAL", "QNAM"),
    )  # fmt: skip
    assert natural_keys(supp, ALL, {"AE": AE}).tolist() == [
        "RDOMAIN=AE; USUBJID=1; AETERM=pain; QNAM=REL",
        "RDOMAIN=AE; USUBJID=1; QNAM=REL",
        "RDOMAIN=AE; USUBJID=2; QNAM=NOTE",
    ]
    assert natural_keys(supp, ALL).tolist()[0] == "RDOMAIN=AE; USUBJID=1; QNAM=REL"


def test_another_idvar_is_a_key_itself():
    supp = table(
        "SUPPLB", "USUBJID RDOMAIN IDVAR IDVARVAL QNAM", ("1", "LB", "VISIT", "WEEK 2", "FAST"),
        keys=("RDOMAIN", "USUBJID", "IDVAR", "IDVARVAL", "QNAM"),
    )  # fmt: skip
    assert natural_keys(supp, np.array([0])).tolist() == ["RDOMAIN=LB; USUBJID=1; VISIT=WEEK 2; QNAM=FAST"]


def test_an_analysis_record_has_iso_dates_and_the_keys_of_its_source():
    adae = table(
        "ADAE", "USUBJID ASTDT:integer AESEQ:integer AVAL:float", ("1", 22705, 2, 1.5), ("2", float("nan"), 7, 2),
        keys=("USUBJID", "ASTDT", "AESEQ", "AVAL"), details={"ASTDT": {"format": "DATE9."}}, purpose="Analysis",
    )  # fmt: skip
    assert natural_keys(adae, np.arange(2), {"AE": AE}).tolist() == [
        "USUBJID=1; ASTDT=2022-03-01; AETERM=pain; AVAL=1.5",
        "USUBJID=2; AVAL=2",
    ]


def test_a_dataset_without_keys_has_its_subject():
    assert natural_keys(table("XX", "USUBJID XXVAL", ("1", "a")), np.array([0])).tolist() == ["USUBJID=1"]
    assert natural_keys(table("XX", "XXVAL", ("a",)), np.array([0])).tolist() == [""]
