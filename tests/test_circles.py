"""Values that need each other are refused with the names of the circle, at the line of a rule in it."""

from __future__ import annotations

import pytest
from raw2adam.errors import SpecError

CM = "dataset: CM\nrows: {source: cm}\nvariables:\n  CMTRT: DRUG\n"
FILES = {"cm.csv": "SUBJ,DRUG\n1,a\n"}


def circle(tiny, datasets: dict[str, str]) -> tuple[str, str]:
    with pytest.raises(SpecError) as error:
        tiny(FILES, "", datasets)
    (problem,) = error.value.problems
    return problem.message, f"{problem.place.file.rpartition('/')[2]}:{problem.place.line}"


def test_two_variables_of_a_dataset(tiny):
    message, place = circle(tiny, {"cm": CM + "  CMCAT: CMSCAT\n  CMSCAT: CMCAT\n"})
    assert message == "this goes in a circle: CM.CMCAT needs CM.CMSCAT needs CM.CMCAT"
    assert place == "cm.yaml:5"


def test_variables_of_two_datasets(tiny):
    ex = "dataset: EX\nrows: {source: cm}\nvariables:\n  EXTRT: {first: CM.CMCAT}\n  EXDOSU: {value: mg}\n"
    message, _ = circle(tiny, {"cm": CM + "  CMCAT: {first: EX.EXTRT}\n", "ex": ex})
    assert message == "this goes in a circle: CM.CMCAT needs EX.EXTRT needs CM.CMCAT"


def test_records_of_two_datasets(tiny):
    adsl = "dataset: ADSL\nrows: {from: ADCM}\n"
    adcm = (
        "dataset: ADCM\nlabel: X\nclass: BASIC DATA STRUCTURE\nrows: {from: ADSL}\nvariables: {PARAMCD: {value: A}}\n"
    )
    message, _ = circle(tiny, {"adsl": adsl, "adcm": adcm})
    assert "this goes in a circle" in message
    assert "the records of ADSL" in message
    assert "the records of ADCM" in message


def test_datasets_may_need_each_other_without_a_circle(tiny):
    ex = "dataset: EX\nrows: {source: cm}\nvariables:\n  EXTRT: {first: CM.CMTRT}\n  EXDOSU: {value: mg}\n"
    study = tiny(FILES, "", {"cm": CM + "  CMCAT: {first: EX.EXDOSU}\n", "ex": ex})
    assert (study.values("CM", "CMCAT"), study.values("EX", "EXTRT")) == (["mg"], ["a"])
