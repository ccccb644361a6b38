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


@pytest.mark.parametrize(
    ("rows", "rules", "place", "expected"),
    [
        ("", "CMCAT: CMCAT", "5:10", "CMCAT is derived from itself"),
        ("", "CMCAT: {template: '{CMCAT}'}", "5:21", "CMCAT is derived from itself"),
        ("", "CMCAT: {compute: \"concat(CMCAT, 'a')\"}", "5:28", "CMCAT is derived from itself"),
        ("", "CMCAT: {value: A, when: \"CMCAT == 'A'\"}", "5:28", "CMCAT is derived from itself"),
        (", explode: {X: [X, DRUG]}", "CMCAT: X", "2:29", "X is derived from itself"),
        (", columns: {X: {from: X}}", "CMCAT: X", "2:40", "X is derived from itself"),
        (", columns: {X: {from: Y}, Y: {from: X}}", "CMCAT: X", "2:40", "Y is derived after X; put it before"),
        (", columns: {X: {from: CMCAT}}", "CMCAT: DRUG", "2:40", "CMCAT is a variable of CM, built from"),
        (", where: \"CMCAT == 'A'\"", "CMCAT: DRUG", "2:28", "CMCAT is a variable of CM, built from"),
        (", explode: {X: [CMCAT]}", "CMCAT: DRUG", "2:29", "CMCAT is a variable of CM, built from"),
    ],
)
def test_a_name_that_is_derived_from_itself_is_an_error_at_its_place(tiny, rows, rules, place, expected):
    spec = f"dataset: CM\nrows: {{source: cm{rows}}}\nvariables:\n  CMTRT: DRUG\n  {rules}\n"
    with pytest.raises(SpecError) as error:
        tiny(FILES, "", {"cm": spec})
    (problem,) = error.value.problems
    assert problem.message.startswith(expected)
    assert f"{problem.place.line}:{problem.place.column}" == place


@pytest.mark.parametrize(
    ("rows", "rule", "values"),
    [
        (", explode: {DRUG: [DRUG, MORE]}", "DRUG", ["a", "b"]),
        (", explode: {DRUG: [MORE], MORE: [DRUG]}", "concat", ["ba"]),
        (", columns: {DRUG: {from: DRUG, prefix: x}}", "DRUG", ["xa"]),
        (", columns: {DRUG: {compute: \"concat(DRUG, 'x')\"}}", "DRUG", ["ax"]),
        (", columns: {DRUG: {from: MORE}, MORE: {from: DRUG}}", "concat", ["bb"]),
    ],
)
def test_a_new_column_may_have_the_name_of_its_raw_column(tiny, rows, rule, values):
    rule = '{compute: "concat(DRUG, MORE)"}' if rule == "concat" else rule
    files = {"cm.csv": "SUBJ,DRUG,MORE\n1,a,b\n"}
    spec = f"dataset: CM\nrows: {{source: cm{rows}}}\nvariables:\n  CMTRT: {rule}\n"
    built = tiny(files, "", {"cm": spec})
    assert built.values("CM", "CMTRT") == values
    assert not built.ledger.reconciled()
