"""Lengths, digits, data types and empty variables are those of the values, over all partitions."""

from dataclasses import replace

import pandas as pd
import pytest
import raw2adam.sdtm.standard  # noqa: F401 - registers SDTM
from raw2adam.engine.building.summaries import merge, settle, summarise
from raw2adam.engine.tables.dataset import Dataset, DatasetMetadata, Finished, VariableMetadata

SUBJECT = VariableMetadata("USUBJID", "Subject")


def settled(variable: VariableMetadata, *parts: list) -> VariableMetadata:
    """The variable after a study whose partitions have these values."""
    spec = DatasetMetadata("LB", "Laboratory", (SUBJECT, variable), ("USUBJID",))
    summaries = []
    for values in parts:
        column = pd.Series(values, dtype="float64" if variable.is_numeric else "str")
        frame = pd.DataFrame({"USUBJID": ["1"] * len(values), variable.name: column})
        summaries.append(summarise({"LB": Finished(Dataset(spec, frame), column.index.to_numpy())}))
    return settle({"LB": spec}, merge(summaries))["LB"].variable(variable.name)


@pytest.mark.parametrize(
    ("values", "kind", "length", "digits"),
    [
        ([[7.0, 12.0]], "integer", 2, None),
        ([[0.0]], "integer", 1, None),
        ([[-112.0, 9.0]], "integer", 3, None),
        ([[7.25, 120.5]], "float", 5, 2),
        ([[0.001]], "float", 4, 3),
        ([[1e-8]], "float", 9, 8),
        ([[1200.0], [0.5]], "float", 5, 1),
        ([[1.0], [float("nan")], [123456.0]], "integer", 6, None),
    ],
)
def test_a_number_has_the_digits_of_its_values(values, kind, length, digits):
    found = settled(VariableMetadata("LBSTRESN", "Result", "float"), *values)
    assert (found.type, found.shown_length, found.digits) == (kind, length, digits)
    assert found.length == 8  # the width in the file


def test_declared_digits_are_the_least():
    declared = VariableMetadata("LBSTRESN", "Result", "float", digits=2)
    assert [settled(declared, v).digits for v in ([1.0], [1.5], [1.125])] == [2, 2, 3]
    assert settled(declared, [10.0]).shown_length == 4


def test_a_number_of_unknown_digits_has_the_width_of_the_file():
    assert VariableMetadata("AGE", "Age", "integer", 8).shown_length == 8


@pytest.mark.parametrize(
    ("parts", "kind"),
    [
        ([["2022-05-10"], ["2022-05-11"]], "date"),
        ([["2022-05-10"], ["2022-05"]], "partialDate"),
        ([["2022-05-10"], ["2022-05-10T10:00"]], "partialDatetime"),
        ([[""], [""]], "datetime"),
    ],
)
def test_a_date_has_the_type_of_its_values(parts, kind):
    assert settled(VariableMetadata("LBDTC", "Date", "datetime"), *parts).type == kind


@pytest.mark.parametrize("text", ["2022-05-10", "10"])
def test_other_texts_and_durations_keep_their_type(text):
    assert settled(VariableMetadata("LBORRES", "Result"), [text]).type == "text"
    assert settled(VariableMetadata("LBDUR", "Duration", "durationDatetime"), ["PT1H"]).type == "durationDatetime"


@pytest.mark.parametrize(("parts", "empty"), [([[""], [""]], True), ([["x"], [""]], False), ([[], []], False)])
def test_a_variable_is_empty_where_records_exist_and_none_has_a_value(parts, empty):
    assert settled(VariableMetadata("LBORRES", "Result"), *parts).empty is empty


def test_an_empty_number_is_empty_too():
    nan = float("nan")
    found = settled(replace(VariableMetadata("LBSTRESN", "Result", "float")), [nan, nan])
    assert (found.empty, found.type, found.shown_length) == (True, "integer", 8)


def lengths(existing: dict[str, int] | None = None, **columns: list[str]) -> dict[str, int]:
    """DATASET_VARIABLE -> its length in a study of these datasets; AD... is ADaM. Each has USUBJID and its columns."""
    specs, finished = {}, {}
    for key, values in columns.items():
        dataset, _, variable = key.partition("_")
        purpose = "Analysis" if dataset.startswith("AD") else "Tabulation"
        spec = DatasetMetadata(
            dataset, dataset, (SUBJECT, VariableMetadata(variable, "x")), ("USUBJID",), purpose=purpose
        )
        frame = pd.DataFrame({"USUBJID": ["1"] * len(values), variable: pd.Series(values, dtype="str")})
        specs[dataset], finished[dataset] = spec, Finished(Dataset(spec, frame), frame.index.to_numpy())
    found = settle(specs, merge([summarise(finished)]), existing)
    assert list(found) == list(specs)
    return {key: found[key.split("_")[0]].variable(key.split("_")[1]).length for key in columns}


def test_a_text_has_one_length_in_all_datasets_and_a_copy_that_of_sdtm():
    found = lengths(
        ADQS_VISIT=["BL"],
        ADRS_VISIT=["MONTH 3"],
        QS_VISIT=["BASELINE"],
        TV_VISIT=["END OF STUDY"],
        ADTTE_EVNTDESC=["x"],
    )
    assert found == {"ADQS_VISIT": 12, "ADRS_VISIT": 12, "QS_VISIT": 12, "TV_VISIT": 12, "ADTTE_EVNTDESC": 1}


def test_a_text_of_supp_has_the_length_of_its_dataset():
    assert lengths(SUPPAE_QNAM=["LINE"], SUPPCM_QNAM=["REGIMEN"], ADAE_QNAM=["X"]) == {
        "SUPPAE_QNAM": 4, "SUPPCM_QNAM": 7, "ADAE_QNAM": 1,
    }  # fmt: skip


def test_a_copy_of_existing_sdtm_has_its_length():
    assert lengths({"VISIT": 20}, ADQS_VISIT=["BL"], ADRS_AVISIT=["BL"]) == {"ADQS_VISIT": 20, "ADRS_AVISIT": 2}


def test_a_dataset_without_records_gives_no_length():
    assert lengths(QS_VISIT=[], ADQS_VISIT=["BL"])["ADQS_VISIT"] == 2
