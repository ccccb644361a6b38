"""The data type of a column of dates is that of its values: literal cases by Define-XML 2.1, 4.2.1."""

import pytest
from raw2adam.engine.columns.iso_types import iso_forms, iso_type


@pytest.mark.parametrize(
    ("texts", "kind"),
    [
        (["2022-05-10", "2023-01-31", ""], "date"),
        (["1956", "1961"], "partialDate"),
        (["2022-05-10", "2022-05"], "partialDate"),
        (["2022-05-10T08:30:00", "2022-05-11T00:00:00.5+02:00"], "datetime"),
        (["2022-05-10T08:30"], "partialDatetime"),
        (["2022-05-10T08:30:00", "2022-05-10"], "partialDatetime"),
        (["2022", "2022-05-10T08:30:00"], "partialDatetime"),
        (["--12-15"], "incompleteDatetime"),
        (["2003---15", "2003-12-15"], "incompleteDatetime"),
        (["2003-12-15T-:15"], "incompleteDatetime"),
        (["2003-12-01/2003-12-10"], "intervalDatetime"),
        (["2003-12-01/P3D"], "intervalDatetime"),
        (["2003-12-01/2003-12-10", "2003-12-01"], "text"),
        (["P3D", "PT8H"], "durationDatetime"),
        (["20220510"], "text"),
        (["10/05/2022"], "text"),
        (["05/2022"], "text"),
        (["yesterday", "2022-05-10"], "text"),
        (["-"], "text"),
        (["2022-05-10\n"], "text"),
        (["", ""], ""),
        ([], ""),
    ],
)
def test_a_column_of_dates_has_the_narrowest_type_that_holds_its_values(texts, kind):
    assert iso_type(iso_forms(texts)) == kind


@pytest.mark.parametrize(
    ("texts", "kind"),
    [
        (["08:30:00"], "time"),
        (["08:30", "08:30:15"], "partialTime"),
        (["08"], "partialTime"),
        (["-:30", "08:30"], "incompleteTime"),
    ],
)
def test_times_of_day(texts, kind):
    assert iso_type(iso_forms(texts, times=True)) == kind


def test_partitions_agree_since_forms_are_a_union():
    parts = [["2022-05-10"], ["2022-05"], [""]]
    assert iso_type(frozenset().union(*(iso_forms(p) for p in parts))) == "partialDate"
