"""docs/semantics.md S28: which of two dates ranks first where they are exact to other parts, and the finding about it."""

from __future__ import annotations

import pytest
from raw2adam.findings.catalogue import rule_of

#: subject, (date, number of the row) of its rows; the number that first: and last: take; whether their order is uncertain
CASES = {
    "complete": ([("2020-03-20", 1), ("2020-03-15", 2)], 2, 1, False, False),
    "month among its days": ([("2020-03", 1), ("2020-03-15", 2)], 1, 2, True, True),
    "month before other days": ([("2020-02", 1), ("2020-03-15", 2)], 1, 2, False, False),
    "month after other days": ([("2020-03-15", 1), ("2020-04", 2)], 1, 2, False, False),
    "year and month": ([("2020", 1), ("2020-01", 2)], 1, 2, True, True),
    "partial in the middle": ([("2020-01-01", 1), ("2020-03", 2), ("2020-12-01", 3)], 1, 3, False, False),
    "partial near the last": ([("2020-01-01", 1), ("2020-03", 2), ("2020-03-31", 3)], 1, 3, False, True),
    "day and time": ([("2020-03-15T08:00", 1), ("2020-03-15", 2)], 2, 1, False, False),
    "other days with and without a time": ([("2020-03-15", 1), ("2020-03-16T08:00", 2)], 1, 2, False, False),
    "month and time": ([("2020-03-15T08:00", 1), ("2020-03", 2)], 2, 1, True, True),
    "offsets": ([("2020-03-15T09:00Z", 1), ("2020-03-15T10:00+02:00", 2)], 1, 2, True, True),
    "alone": ([("2020-03", 1)], 1, 1, False, False),
}
AE = """\
dataset: AE
rows: {source: ae}
variables:
  AETERM: NR
  AEDECOD: NR
  AESTDTC: {date: DAY}
"""
ADSL = """\
dataset: ADSL
rows: {from: DM}
variables:
  FIRSTNO: {first: AE.AETERM, order: [AESTDTC], label: First}
  LASTNO: {last: AE.AETERM, order: [AESTDTC], label: Last}
  OFRAW: {first: ae.NR, order: [DAY], label: First of the Raw Rows}
"""
ADAE = """\
dataset: ADAE
rows:
  - from: AE
  - from: ADAE
    derive: {extreme: first, order: [AESTDTC], dtype: FIRST}
variables:
  AETERM: AE.AETERM
  AESTDTC: AE.AESTDTC
  AOCCFL: {flag: first, order: [AESTDTC], where: missing(DTYPE)}
  BEFORE: {previous: AETERM, order: [AESTDTC], where: missing(DTYPE), label: Event Before}
"""
STUDY = "sources: {dm: {file: dm.csv}, ae: {file: ae.csv, types: {DAY: date}}}\n"


@pytest.fixture(scope="module")
def built(tiny):
    subjects = dict(enumerate(CASES.values(), start=1))
    events = [f"{number},{day},{row}" for number, (rows, *_) in subjects.items() for day, row in rows]
    files = {"dm.csv": "SUBJ\n" + "\n".join(map(str, subjects)), "ae.csv": "SUBJ,DAY,NR\n" + "\n".join(events)}
    dm = "dataset: DM\nrows: {source: dm}\nvariables:\n  SEX: {value: F}\n  COUNTRY: {value: DEU}\n"
    return tiny(files, STUDY, {"dm": dm, "ae": AE, "adsl": ADSL, "adae": ADAE})


@pytest.fixture(scope="module")
def reported(built) -> set[tuple[str, str, int]]:
    """(dataset, variable, number of the subject) of each finding."""
    table = built.findings[built.findings["rule"] == "R2A-ORDER-003"]
    numbers = [int(subject.split("-")[-1]) for subject in table["subject"]]
    return set(zip(table["dataset"], table["variable"], numbers, strict=True))


@pytest.mark.parametrize("number", range(1, len(CASES) + 1), ids=list(CASES))
def test_a_date_with_fewer_parts_is_the_earlier_one_and_a_choice_that_depends_on_it_is_a_finding(
    built, reported, number
):
    _, first, last, first_uncertain, last_uncertain = list(CASES.values())[number - 1]
    record = built.data["ADSL"][number - 1]
    assert (record["FIRSTNO"], record["LASTNO"]) == (str(first), str(last))
    found = (("ADSL", "FIRSTNO", number) in reported, ("ADSL", "LASTNO", number) in reported)
    assert found == (first_uncertain, last_uncertain)
    assert (("ADAE", "AOCCFL", number) in reported) == first_uncertain
    assert (("ADAE", "BEFORE", number) in reported) == (first_uncertain or last_uncertain)


def test_a_raw_column_of_dates_ranks_alike(built, reported):
    assert built.values("ADSL", "OFRAW") == [str(case[1]) for case in CASES.values()]
    uncertain = {number for number, case in enumerate(CASES.values(), start=1) if case[3]}
    assert {number for _, variable, number in reported if variable == "OFRAW"} == uncertain


def test_the_copy_of_the_first_record_has_the_finding_of_the_flag(built):
    copies = {int(r["USUBJID"][-2:]): r["AETERM"] for r in built.data["ADAE"] if r["DTYPE"] == "FIRST"}
    assert copies == {number: str(case[1]) for number, case in enumerate(CASES.values(), start=1)}
    table = built.findings[(built.findings["rule"] == "R2A-ORDER-003") & (built.findings["dataset"] == "ADAE")]
    assert table["message"].iloc[0] == (
        "ae.csv rows 3, 4 have dates in AESTDTC that do not state which is earlier, and differ in AETERM, AESTDTC: "
        "the order of the texts decides"
    )


def test_no_site_is_asked_about_the_variable_of_a_choice():
    assert not rule_of("R2A-ORDER-003").ask
