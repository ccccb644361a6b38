"""Keys are natural, are the order of the records, and have values: literal cases."""

import pytest
from raw2adam.engine.plan.planning import ordered_keys, record_sort
from raw2adam.mappings.models.dataset import DatasetSpec

STANDARD = ("STUDYID", "USUBJID", "AEDECOD", "AESTDTC", "AETERM", "AESEQ")


@pytest.mark.parametrize(
    ("declared", "keys", "sort"),
    [
        ({}, STANDARD[:5], (*STANDARD[1:5], "AESEQ")),
        (
            {"sort": ["USUBJID", "AESTDTC", "AESEQ"]},
            ("STUDYID", "USUBJID", "AESTDTC", "AEDECOD", "AETERM"),
            ("USUBJID", "STUDYID", "AESTDTC", "AEDECOD", "AETERM", "AESEQ"),
        ),
        (
            {"keys": ["STUDYID", "USUBJID", "AESEQ"], "sort": ["AESTDTC", "AESEQ"]},
            ("STUDYID", "USUBJID", "AESTDTC", "AESEQ"),
            ("USUBJID", "STUDYID", "AESTDTC", "AESEQ"),
        ),
        ({"sort": ["-AESTDTC"]}, STANDARD[:5], ("USUBJID", "-AESTDTC", "AESEQ")),
        ({"sort": ["SOURCE"]}, STANDARD[:5], ("USUBJID", "SOURCE", "AESEQ")),
    ],
)
def test_the_keys_are_the_order_of_the_records(declared, keys, sort):
    file = DatasetSpec.model_validate({"dataset": "AE", "rows": {"source": "ae"}, **declared})
    assert ordered_keys(file, STANDARD, "AESEQ") == keys
    assert [n for n in record_sort(file, keys, "AESEQ") if n != "STUDYID"] == [n for n in sort if n != "STUDYID"]


def test_the_number_of_a_record_without_subject_is_a_natural_key():
    file = DatasetSpec.model_validate({"dataset": "TS", "rows": {"source": "ts"}})
    assert ordered_keys(file, ("STUDYID", "TSPARMCD", "TSSEQ"), "TSSEQ") == ("STUDYID", "TSPARMCD", "TSSEQ")


DM = "dataset: DM\nrows: {source: dm}\nvariables:\n  SEX: {value: U}\n  COUNTRY: {value: DEU}\n"
AE = "dataset: AE\nrows: {source: ae}\nvariables:\n  AETERM: TERM\n  AEDECOD: TERM\n  AESTDTC: {date: DAY}\n"
DATES = "dates: {formats: [yyyy-mm-dd]}\n"


@pytest.mark.parametrize("partitions", [1, 2])
def test_keys_have_values_and_end_in_the_number_where_they_do_not_identify_a_record(tiny, partitions):
    def built(lines: str):
        return tiny({"dm": "SUBJ\n1\n2\n", "ae": f"SUBJ,TERM,DAY\n{lines}"}, DATES, {"DM": DM, "AE": AE}, partitions)

    natural = built("1,rash,2020-01-01\n2,rash,2020-01-01\n")
    assert natural.specs["AE"].keys == ("STUDYID", "USUBJID", "AEDECOD", "AESTDTC", "AETERM")
    undated = built("1,rash,\n2,rash,\n")
    assert undated.specs["AE"].keys == ("STUDYID", "USUBJID", "AEDECOD", "AETERM")
    twice = built("1,rash,2020-01-01\n2,rash,2020-01-01\n2,rash,2020-01-01\n")
    assert twice.specs["AE"].keys[-1] == "AESEQ"
