"""Imputation of partial dates: literal tables for ISO 8601 partials, references, start and end jointly, and flags.

The decided table of the study is in the second half, one test per row.
"""

from __future__ import annotations

import datetime

import pytest
from raw2adam.adam.dates.partial_dates import bounds
from raw2adam.errors import SpecError

HEAD = "study: {id: S1, cutoff: 2021-06-30}\nsubject: {columns: [SUBJ], usubjid: '{STUDYID}-{SUBJ:02}'}\n"
DM = "dataset: DM\nrows: {source: dm}\nvariables:\n  SEX: {value: F}\n  COUNTRY: {value: DEU}\n"


def day(number: object) -> str:
    """A numeric date in ISO 8601; '' for missing."""
    if number is None:
        return ""
    assert isinstance(number, float)
    return (datetime.date(1960, 1, 1) + datetime.timedelta(days=number)).isoformat()


def reported(study) -> list[tuple[str, ...]]:
    """Rule, subject, variable and value of each finding on a numeric date."""
    found = study.findings[study.findings["rule"].str.match("R2A-(IMP|ADAM)")]
    return sorted(found[["rule", "subject", "variable", "value"]].itertuples(index=False, name=None))


def moment(number: object) -> str:
    if number is None:
        return ""
    assert isinstance(number, float)
    return (datetime.datetime(1960, 1, 1) + datetime.timedelta(seconds=number)).isoformat()


def subjects(tiny, lines: list[str], adsl: str, dm: str = "", partitions: int = 1, head: str = HEAD):
    """ADSL over one DM record for each line: cells A, B, C are --DTC texts."""
    rows = "".join(f"{i},{line}\n" for i, line in enumerate(lines, 1))
    spec = DM + dm + "".join(f"  {v}: {c}\n" for v, c in (("RFSTDTC", "A"), ("RFENDTC", "B"), ("RFXSTDTC", "C")))
    text = "dataset: ADSL\nrows: {from: DM}\nvariables:\n" + adsl
    return tiny({"dm.csv": "SUBJ,A,B,C\n" + rows}, head, {"dm": spec, "adsl": text}, partitions)


# what a text can mean


@pytest.mark.parametrize(
    ("text", "low", "high", "level"),
    [
        ("2021-03-15", "2021-03-15", "2021-03-15", 0),
        ("2021-03-15T08:30", "2021-03-15", "2021-03-15", 0),
        ("2021-02", "2021-02-01", "2021-02-28", 4),
        ("2020-02", "2020-02-01", "2020-02-29", 4),
        ("2021", "2021-01-01", "2021-12-31", 5),
        ("2021---15", "2021-01-01", "2021-12-31", 5),  # a day without its month is not used
        ("2021-3", None, None, -1),
        ("2021-02-30", None, None, -1),
        ("2021-13", None, None, -1),
        ("12MAR2021", None, None, -1),
    ],
)
def test_what_a_text_can_mean(text, low, high, level):
    """See docs/semantics.md S26."""
    first, last, _, found, unused = bounds(text, "first", None)
    if low is not None:
        assert (day(first), day(last)) == (low, high)
    else:
        assert first != first and last != last
    assert (found, unused) == (level, text == "2021---15")


@pytest.mark.parametrize("text", ["", "--03-15", "----15"])
def test_a_date_without_a_year_can_be_any_day(text):
    assert bounds(text, "first", None)[:2] == (float("-inf"), float("inf"))


@pytest.mark.parametrize(
    ("text", "low", "high", "level"),
    [
        ("2021-03-01T08:30:15", "2021-03-01T08:30:15", "2021-03-01T08:30:15", 0),
        ("2021-03-01T08:30", "2021-03-01T08:30:00", "2021-03-01T08:30:59", 1),
        ("2021-03-01T08", "2021-03-01T08:00:00", "2021-03-01T08:59:59", 2),
        ("2021-03-01", "2021-03-01T00:00:00", "2021-03-01T23:59:59", 3),
        ("2021-03-01T-:30", "2021-03-01T00:00:00", "2021-03-01T23:59:59", 3),
        ("2021-03-01T08:30:15+09:00", "2021-03-01T08:30:15", "2021-03-01T08:30:15", 0),  # local time stays
        ("2021-03", "2021-03-01T00:00:00", "2021-03-31T23:59:59", 4),
        ("2021", "2021-01-01T00:00:00", "2021-12-31T23:59:59", 5),
    ],
)
def test_what_a_text_can_mean_as_a_datetime(text, low, high, level):
    first, last, _, found, _ = bounds(text, "first", "first")
    assert (moment(first), moment(last), found) == (low, high, level)


@pytest.mark.parametrize("text", ["2021-03-01T24:10", "2021-03-01T8", "2021-03-01T08:61", "2021-03-01T"])
def test_an_impossible_time_is_no_datetime(text):
    assert bounds(text, "first", "first")[3] == -1


# options

PARTIALS = ["2021-03-15,,", "2021-02,,", "2021,,", "2021---15,,", "--03-15,,", ",,"]


@pytest.mark.parametrize(
    ("options", "gives", "flags"),
    [
        ("highest: never", ["2021-03-15", "", "", "", "", ""], ["", "", "", "", "", ""]),
        ("highest: day", ["2021-03-15", "2021-02-01", "", "", "", ""], ["", "D", "", "", "", ""]),
        ("highest: month", ["2021-03-15", "2021-02-01", "2021-01-01", "2021-01-01", "", ""], ["", "D", "M", "M", "", ""]),
        ("highest: month, to: last", ["2021-03-15", "2021-02-28", "2021-12-31", "2021-12-31", "", ""], ["", "D", "M", "M", "", ""]),
        ("highest: month, to: 06-15", ["2021-03-15", "2021-02-15", "2021-06-15", "2021-06-15", "", ""], ["", "D", "M", "M", "", ""]),
        ("highest: month, to: middle", ["2021-03-15", "2021-02-15", "2021-06-30", "2021-06-30", "", ""], ["", "D", "M", "M", "", ""]),
        ("highest: month, to: 07-31", ["2021-03-15", "2021-02-28", "2021-07-31", "2021-07-31", "", ""], ["", "D", "M", "M", "", ""]),
        # a date that is not known at all comes from a reference
        ("highest: year, to: last, cutoff: true", ["2021-03-15", "2021-02-28", "2021-06-30", "2021-06-30", "2021-06-30", "2021-06-30"], ["", "D", "M", "M", "Y", "Y"]),
    ],
)  # fmt: skip
def test_how_much_is_imputed_and_to_what(tiny, options, gives, flags):
    """See docs/semantics.md S26, S27."""
    adsl = f"  TRTSDT: {{impute: RFSTDTC, {options}}}\n  TRTSDTF: {{imputation_flag: TRTSDT}}\n"
    study = subjects(tiny, PARTIALS, adsl)
    assert [day(v) for v in study.values("ADSL", "TRTSDT")] == gives
    assert study.values("ADSL", "TRTSDTF") == flags


def test_a_date_that_cannot_be_imputed_is_reported(tiny):
    lines = [*PARTIALS, "2021-02-30,,"]
    study = subjects(tiny, lines, "  TRTSDT: {impute: RFSTDTC, highest: day}\n")
    assert reported(study) == [
        ("R2A-ADAM-001", "S1-03", "TRTSDT", "2021"),
        ("R2A-ADAM-001", "S1-04", "TRTSDT", "2021---15"),
        ("R2A-ADAM-001", "S1-05", "TRTSDT", "--03-15"),
        ("R2A-IMP-005", "S1-07", "TRTSDT", "2021-02-30"),
    ]
    study = subjects(tiny, lines[:4], "  TRTSDT: {impute: RFSTDTC, highest: month}\n")
    assert reported(study) == [("R2A-IMP-001", "S1-04", "TRTSDT", "2021---15")]


def test_references_count_where_they_are_possible(tiny):
    """A: the date, B and C: references. The latest not_before and the earliest not_after that are possible count.

    See docs/semantics.md S26.
    """
    lines = [
        "2021-03,2021-03-10,2021-03-05",  # both possible
        "2021-03,2021-02-10,2021-03-05",  # one lies before the month: no effect
        "2021-03,2021-04-10,",  # later than all the date can mean; the other is missing
        "2021-03,2021-03,",  # a partial reference does not count
        "2021-03-01,2021-03-10,",  # a complete date is never changed
        "2021,2021-03-10,2022-01-01",
    ]
    first = "highest: month, not_before: [RFENDTC, RFXSTDTC]"
    last = "highest: month, to: last, not_after: [RFENDTC, RFXSTDTC]"
    adsl = (
        f"  AP01SDT: {{impute: RFSTDTC, {first}}}\n  AP01EDT: {{impute: RFSTDTC, {last}}}\n"
        f"  AP02SDT: {{impute: RFSTDTC, {first}, if_later: take}}\n"
        f"  AP02EDT: {{impute: RFSTDTC, {last}, if_earlier: take}}\n"
    )
    study = subjects(tiny, lines, adsl)
    got = [tuple(day(r[v]) for v in ("AP01SDT", "AP01EDT", "AP02SDT", "AP02EDT")) for r in study.data["ADSL"]]
    assert got == [
        ("2021-03-10", "2021-03-05", "2021-03-10", "2021-03-05"),
        ("2021-03-05", "2021-03-05", "2021-03-05", "2021-02-10"),
        ("2021-03-01", "2021-03-31", "2021-04-10", "2021-03-31"),
        ("2021-03-01", "2021-03-31", "2021-03-01", "2021-03-31"),
        ("2021-03-01", "2021-03-01", "2021-03-01", "2021-03-01"),
        ("2021-03-10", "2021-03-10", "2022-01-01", "2021-03-10"),
    ]
    assert reported(study) == [
        ("R2A-IMP-002", "S1-03", "AP02SDT", "2021-03"),
        ("R2A-IMP-002", "S1-05", "AP02SDT", "2021-03-01"),
        ("R2A-IMP-002", "S1-06", "AP02SDT", "2021"),
        ("R2A-IMP-003", "S1-02", "AP01EDT", "2021-03"),
        ("R2A-IMP-003", "S1-02", "AP02EDT", "2021-03"),
    ]


def test_start_and_end_jointly(tiny):
    """A: start, B: end, C: a date that the start does not lie before. The end is never before the start."""
    lines = [
        "2021-03,2021-03,2021-03-20",  # the reference may be the start; the end of the month follows
        "2021-03,2021-03-10,2021-03-20",  # it ended before the reference: the start is not moved to it
        "2021,2021-03,2021-06-10",
        "2021-03-15,2021-03,",  # the end of the month, on or after the start
        "2021-03-15,2021-02-10,",  # complete and before the start: a finding, nothing is altered
        "2021-03-15,2021-02,",  # partial and before the start: the start, with a finding
        "2021-03-15,,",
        ",2021-03,",
    ]
    adsl = (
        "  TRTSDT: {impute: RFSTDTC, highest: month, not_before: [RFXSTDTC], end: RFENDTC}\n"
        "  TRTEDT: {impute: RFENDTC, highest: month, to: last, start: TRTSDT}\n"
        "  AP01SDT: {impute: RFENDTC, highest: month, to: first, start: TRTSDT}\n"
    )
    study = subjects(tiny, lines, adsl)
    assert [tuple(day(r[v]) for v in ("TRTSDT", "TRTEDT", "AP01SDT")) for r in study.data["ADSL"]] == [
        ("2021-03-20", "2021-03-31", "2021-03-20"),
        ("2021-03-01", "2021-03-10", "2021-03-10"),
        ("2021-01-01", "2021-03-31", "2021-03-01"),
        ("2021-03-15", "2021-03-31", "2021-03-15"),
        ("2021-03-15", "2021-02-10", "2021-02-10"),
        ("2021-03-15", "2021-03-15", "2021-03-15"),
        ("2021-03-15", "", ""),
        ("", "2021-03-31", "2021-03-01"),
    ]
    assert [found for found in reported(study) if found[2] == "TRTEDT"] == [
        ("R2A-IMP-004", "S1-05", "TRTEDT", "2021-02-10"),
        ("R2A-IMP-004", "S1-06", "TRTEDT", "2021-02"),
    ]


def test_references_that_contradict_each_other_are_a_finding(tiny):
    """A: the date, B: not before, C: not after. The later step of the order counts, and it is reported."""
    lines = [
        "2021-03,2021-03-20,2021-03-10",
        "2021-03,2021-03-10,2021-03-20",
        "2021-03-15,2021-03-20,2021-03-10",  # a complete date is not imputed
        "2021,2021-08-01,2021-02-01",  # the year may not be imputed
        "2021-03,2021-02-20,2021-02-10",  # both before the month: a finding of not_after
    ]
    adsl = "  TRTSDT: {impute: RFSTDTC, highest: day, not_before: [RFENDTC], not_after: [RFXSTDTC]}\n"
    study = subjects(tiny, lines, adsl)
    assert [day(v) for v in study.values("ADSL", "TRTSDT")] == [
        "2021-03-10", "2021-03-10", "2021-03-15", "", "2021-03-01",
    ]  # fmt: skip
    contradicting = [found for found in reported(study) if found[0] == "R2A-IMP-002"]
    assert contradicting == [("R2A-IMP-002", "S1-01", "TRTSDT", "2021-03")]
    pair = "  TRTEDT: {impute: RFSTDTC, highest: day, to: last, start: RFENDTC, not_after: [RFXSTDTC]}\n"
    study = subjects(tiny, lines[:2], pair)
    assert [day(v) for v in study.values("ADSL", "TRTEDT")] == ["2021-03-20", "2021-03-20"]
    assert reported(study) == [("R2A-IMP-002", "S1-01", "TRTEDT", "2021-03")]


def test_datetimes_and_their_flags(tiny):
    """A datetime: time to the last or to a stated time; a reference of a day allows the whole of that day.

    See docs/semantics.md S27.
    """
    lines = [
        "2021-03-01T08:30:15,2021-03-01,",
        "2021-03-01T08:30,2021-03-01,",
        "2021-03-01T08,2021-03-01,",
        "2021-03-01,2021-03-01T10:00:00,",
        "2021-03,2021-03-20,",
        "2021,,",
    ]
    adsl = (
        "  TRTSDTM: {impute: RFSTDTC, highest: day, time: first, not_before: [RFENDTC]}\n"
        "  TRTSDTF: {imputation_flag: TRTSDTM}\n  TRTSTMF: {time_imputation_flag: TRTSDTM}\n"
        "  TRTEDTM: {impute: RFSTDTC, highest: month, to: last, time: '12:30', not_after: [RFENDTC]}\n"
        "  TRTETMF: {time_imputation_flag: TRTEDTM, seconds: false}\n"
    )
    study = subjects(tiny, lines, adsl)
    got = [
        (moment(r["TRTSDTM"]), r["TRTSDTF"], r["TRTSTMF"], moment(r["TRTEDTM"]), r["TRTETMF"])
        for r in study.data["ADSL"]
    ]
    assert got == [
        ("2021-03-01T08:30:15", "", "", "2021-03-01T08:30:15", ""),
        ("2021-03-01T08:30:00", "", "S", "2021-03-01T08:30:00", ""),
        ("2021-03-01T08:00:00", "", "M", "2021-03-01T08:30:00", "M"),
        ("2021-03-01T10:00:00", "", "H", "2021-03-01T10:00:00", "H"),
        ("2021-03-20T00:00:00", "D", "H", "2021-03-20T23:59:59", "H"),
        ("", "", "", "2021-12-31T12:30:00", "H"),
    ]


def test_mistakes_in_a_spec_are_reported_at_their_line(tiny, spec_problems):
    def problem(rule: str) -> str:
        dm = DM + "  RFSTDTC: A\n"
        adsl = f"dataset: ADSL\nrows: {{from: DM}}\nvariables:\n  TRTSDT: {{impute: RFSTDTC, {rule}}}\n"
        return "\n".join(map(str, spec_problems(HEAD, {"dm": dm, "adsl": adsl}, ("dm.csv",))))

    assert "'centre' is not first, middle, last or a month and day" in problem("highest: day, to: centre")
    assert "'noon' is not first, last or a time" in problem("highest: day, time: noon")
    assert "a date has no hour; time: gives a datetime" in problem("highest: hour")
    assert "needs to: first and not_before:" in problem("highest: year")
    assert "adsl.yaml:4" in problem("highest: year, to: last")
    assert "there is no column or variable 'DM.LSTALVD' here" in problem("highest: day, not_before: [DM.LSTALVD]")
    with pytest.raises(SpecError, match="the study has no data cut-off"):
        subjects(
            tiny, ["2021,,"], "  TRTSDT: {impute: RFSTDTC, highest: month, cutoff: true}\n",
            head=HEAD.replace(", cutoff: 2021-06-30", ""),
        )  # fmt: skip
    with pytest.raises(SpecError, match="no variable of ADSL that impute: or first_imputed: derives") as error:
        adsl = "  TRTSDT: {analysis_date: RFSTDTC}\n  TRTSDTF: {imputation_flag: TRTSDT}\n"
        subjects(tiny, ["2021,,"], adsl)
    assert error.value.problems[0].place.line == 5


def test_a_rule_describes_itself(tiny):
    adsl = (
        "  TRTSDT: {impute: RFSTDTC, highest: month, not_before: [RFXSTDTC], end: RFENDTC}\n"
        "  TRTEDT: {impute: RFENDTC, highest: day, to: last, not_after: [RFXSTDTC], cutoff: true, if_earlier: take, start: TRTSDT}\n"
        "  AP01SDT: {impute: RFSTDTC, highest: never}\n"
        "  TRTSDTM: {impute: RFSTDTC, highest: day, to: 06-15, time: last}\n"
    )
    study = subjects(tiny, ["2021,,"], adsl)
    methods = {v.name: v.method for v in study.specs["ADSL"].variables}
    assert methods["TRTSDT"] == (
        "TRTSDT is DM.RFSTDTC as a numeric date; a missing month or day is imputed to the first possible day, but not before "
        "DM.RFXSTDTC if that is among the possible days; missing if more is missing; not after what DM.RFENDTC can mean."
    )
    assert methods["TRTEDT"] == (
        "TRTEDT is DM.RFENDTC as a numeric date; a missing day is imputed to the last possible day, but not after any of "
        "DM.RFXSTDTC, the data cut-off if that is among the possible days or earlier; missing if more is missing; never before "
        "TRTSDT."
    )
    assert methods["AP01SDT"] == "AP01SDT is DM.RFSTDTC as a numeric date; missing if it is not complete."
    assert methods["TRTSDTM"] == (
        "TRTSDTM is DM.RFSTDTC as a numeric datetime; a missing day, or time, is imputed to month and day 06-15, last "
        "possible time; missing if more is missing."
    )


# the decided table of the study


def test_decided_death(tiny):
    """6.1: month known, the later of its first day and LSTALVDT if that lies in it or before it; a LSTALVDT after that
    month is a finding; year only: missing and a finding. A: death, B: last known alive."""
    lines = [
        "2021-03-15,2021-03-10,",
        "2021-03,2021-02-20,",
        "2021-03,2021-03-10,",
        "2021-03,2021-03-31,",
        "2021-03,2021-04-01,",
        "2021-03,,",
        "2021,2021-03-10,",
        ",2021-03-10,",
    ]
    adsl = (
        "  LSTALVDT: {impute: RFENDTC, highest: never}\n"
        "  DTHDT: {impute: RFSTDTC, highest: day, not_before: [LSTALVDT], if_later: report}\n"
        "  DTHDTF: {imputation_flag: DTHDT}\n"
    )
    study = subjects(tiny, lines, adsl)
    assert [(day(r["DTHDT"]), r["DTHDTF"]) for r in study.data["ADSL"]] == [
        ("2021-03-15", ""),
        ("2021-03-01", "D"),
        ("2021-03-10", "D"),
        ("2021-03-31", "D"),
        ("2021-03-01", "D"),
        ("2021-03-01", "D"),
        ("", ""),
        ("", ""),
    ]
    assert reported(study) == [("R2A-ADAM-001", "S1-07", "DTHDT", "2021"), ("R2A-IMP-002", "S1-05", "DTHDT", "2021-03")]


@pytest.mark.parametrize("variable", ["ADT", "TRTSDT"])
def test_decided_response_and_first_dose(tiny, variable):
    """6.1: an RS date and the first dose are never imputed; a partial one is not used and is a finding."""
    rule = f"  {variable}: {{impute: RFSTDTC, highest: never, label: Date, type: float}}\n"
    study = subjects(tiny, ["2021-03-15,,", "2021-03,,", ",,"], rule)
    assert [day(v) for v in study.values("ADSL", variable)] == ["2021-03-15", "", ""]
    assert reported(study) == [("R2A-ADAM-001", "S1-02", variable, "2021-03")]


def test_decided_start_of_events_and_medication(tiny):
    """6.1: first of the period, but not before TRTSDT when TRTSDT lies in the period. A: start, B: TRTSDT."""
    lines = [
        "2021-03,2021-03-10,",
        "2021-03,2021-03-01,",
        "2021-03,2021-02-10,",
        "2021-03,2021-04-10,",
        "2021,2021-03-10,",
        "2021,2020-12-31,",
        "2020,2021-01-01,",
        "2021-03-05,2021-03-10,",
        ",2021-03-10,",
        "2021-03,,",
    ]
    adsl = (
        "  TRTSDT: {impute: RFENDTC, highest: never}\n"
        "  AP01SDT: {impute: RFSTDTC, highest: month, to: first, not_before: [TRTSDT]}\n"
        "  AP01SDTF: {imputation_flag: AP01SDT}\n"
    )
    study = subjects(tiny, lines, adsl)
    assert [(day(r["AP01SDT"]), r["AP01SDTF"]) for r in study.data["ADSL"]] == [
        ("2021-03-10", "D"),
        ("2021-03-01", "D"),
        ("2021-03-01", "D"),
        ("2021-03-01", "D"),
        ("2021-03-10", "M"),
        ("2021-01-01", "M"),
        ("2020-01-01", "M"),
        ("2021-03-05", ""),
        ("", ""),
        ("2021-03-01", "D"),
    ]
    assert reported(study) == []


def test_decided_end_of_events_and_medication(tiny):
    """6.1: last of the period, capped at death and cut-off (2021-06-30), never before the start. A: start, B: end,
    C: death."""
    lines = [
        "2021-01-01,2021-03,",
        "2021-01-01,2021-06,",
        "2021-01-01,2021,",
        "2021-01-01,2021-03,2021-03-10",
        "2021-01-01,2021,2021-03-10",
        "2021-01-01,2021-03,2021-02-10",  # death before the month: capped all the same, and reported
        "2021-03-20,2021-03,2021-03-10",  # death before the start: the start wins, and it is reported
        "2021-01-01,2021-03-15,2021-03-10",  # a complete date stays, and is reported
        "2021-05-10,2021,2021-12-01",
    ]
    adsl = (
        "  DTHDT: {impute: RFXSTDTC, highest: never}\n  TRTSDT: {impute: RFSTDTC, highest: never}\n"
        "  TRTEDT: {impute: RFENDTC, highest: month, to: last, not_after: [DTHDT], cutoff: true, if_earlier: take, start: TRTSDT}\n"
        "  TRTEDTF: {imputation_flag: TRTEDT}\n"
    )
    study = subjects(tiny, lines, adsl)
    assert [(day(r["TRTEDT"]), r["TRTEDTF"]) for r in study.data["ADSL"]] == [
        ("2021-03-31", "D"),
        ("2021-06-30", "D"),
        ("2021-06-30", "M"),
        ("2021-03-10", "D"),
        ("2021-03-10", "M"),
        ("2021-02-10", "D"),
        ("2021-03-20", "D"),
        ("2021-03-15", ""),
        ("2021-06-30", "M"),
    ]
    assert reported(study) == [
        ("R2A-IMP-002", "S1-07", "TRTEDT", "2021-03"),
        ("R2A-IMP-003", "S1-06", "TRTEDT", "2021-03"),
        ("R2A-IMP-003", "S1-08", "TRTEDT", "2021-03-15"),
    ]


def test_decided_start_of_the_next_therapy(tiny):
    """3.3: the later of the first of the month and the day after the last isatuximab dose; over several records the
    first counts after imputation, not the first text."""
    files = {
        "dm.csv": "SUBJ,A\n1,2021-03-09\n2,2021-03-09\n3,2021-02-09\n4,2021-03-09\n5,2021-03-09\n6,2021-03-09\n",
        "cm.csv": "SUBJ,DRUG,DAY\n1,A,2021-03\n2,A,2021-03\n2,B,2021-03-12\n2,B,2021-03-05\n3,A,2021-03\n"
        "4,A,2021\n4,B,2021-05\n5,A,2021-02\n5,A,\n6,B,2021-03-01\n",
    }
    dm = DM + "  RFENDTC: A\n"
    cm = "dataset: CM\nrows: {source: cm}\nsort: [SOURCE]\nvariables:\n  CMTRT: DRUG\n  CMSTDTC: DAY\n"
    adsl = (
        "dataset: ADSL\nrows: {from: DM}\nworking:\n  NEXTDT: {compute: TRTEDT + 1, type: integer}\nvariables:\n"
        "  TRTEDT: {impute: RFENDTC, highest: never}\n"
        "  NACTDT: {first_imputed: CM.CMSTDTC, where: \"CMTRT == 'A' or CMSTDTC != '2021-03-05' and USUBJID != 'S1-06'\","
        " highest: day, not_before: [NEXTDT], if_later: report, label: Next}\n"
        "  NACTDTF: {imputation_flag: NACTDT, label: Flag}\n"
    )
    study = tiny(files, HEAD, {"dm": dm, "cm": cm, "adsl": adsl})
    assert [(day(r["NACTDT"]), r["NACTDTF"]) for r in study.data["ADSL"]] == [
        ("2021-03-10", "D"),
        ("2021-03-10", "D"),  # imputed to the 10th, before the complete 12th
        ("2021-03-01", "D"),
        ("2021-05-01", "D"),  # the date with a year only cannot be used, and is reported
        ("2021-02-01", "D"),  # the last dose lies after that month: reported
        ("", ""),
    ]
    assert study.lineage["ADSL"].rows["row:NACTDT"].tolist() == [0, 1, 4, 6, 7, -1]
    assert reported(study) == [
        ("R2A-ADAM-001", "S1-04", "NACTDT", "2021"),
        ("R2A-IMP-002", "S1-05", "NACTDT", "2021-02"),
    ]
    for partitions in (2, 6):
        again = tiny(files, HEAD, {"dm": dm, "cm": cm, "adsl": adsl}, partitions)
        assert again.data["ADSL"] == study.data["ADSL"]


def test_a_column_of_the_record_that_gave_the_date(tiny):
    """Only the first block has the date; a variable that first_imputed: does not make, and no column, are mistakes."""
    files = {"dm.csv": "SUBJ,A\n1,2021-03-09\n2,2021-03-09\n", "cm.csv": "SUBJ,DRUG,DAY\n1,A,2021-03\n1,B,2021-03-05\n"}
    cm = "dataset: CM\nrows: {source: cm}\nvariables:\n  CMTRT: DRUG\n  CMSTDTC: DAY\n"

    def build(of: str = "NEXTDT", column: str = "CMTRT"):
        adsl = (
            "dataset: ADSL\nrows:\n  - from: DM\n    where: \"USUBJID == 'S1-01'\"\n    variables:\n"
            "      TRTEDT: {analysis_date: RFENDTC}\n"
            "      NEXTDT: {first_imputed: CM.CMSTDTC, highest: day, not_before: [TRTEDT], label: Next}\n"
            "  - {from: DM, where: \"USUBJID == 'S1-02'\"}\n"
            f"variables:\n  NEXTTRT: {{of_record: {of}, column: {column}, label: Next}}\n"
        )
        return tiny(files, HEAD, {"dm": DM + "  RFENDTC: A\n", "cm": cm, "adsl": adsl})

    # the date without a day is the 9th at the earliest
    assert [(day(r["NEXTDT"]), r["NEXTTRT"]) for r in build().data["ADSL"]] == [("2021-03-05", "B"), ("", "")]
    with pytest.raises(SpecError, match="'TRTEDT' is no variable of ADSL that first_imputed: derives"):
        build("TRTEDT")
    with pytest.raises(SpecError, match="CM has no column 'CMTTR'"):
        build(column="CMTTR")


def test_records_of_the_date_that_was_taken_are_a_tie_where_they_differ(tiny):
    """S1-01: two of one day with two drugs. S1-02: of another day, or a day that was imputed. S1-03: the same drug."""
    files = {
        "dm.csv": "SUBJ,A\n1,2021-03-05\n2,2021-03-05\n3,2021-03-05\n",
        "cm.csv": "SUBJ,DRUG,DAY\n1,B,2021-03-05\n1,A,2021-03-05\n1,C,2021-03-09\n2,B,2021-03\n2,A,2021-03-05\n"
        "3,A,2021-03-05\n3,A,2021-03-05\n",
    }
    cm = "dataset: CM\nrows: {source: cm}\nsort: [SOURCE]\nvariables:\n  CMTRT: DRUG\n  CMSTDTC: DAY\n"
    adsl = (
        "dataset: ADSL\nrows: {from: DM}\nvariables:\n  TRTEDT: {analysis_date: RFENDTC}\n"
        "  NEXTDT: {first_imputed: CM.CMSTDTC, highest: day, not_before: [TRTEDT], label: Next}\n"
        "  NEXTTRT: {of_record: NEXTDT, column: CMTRT, label: Next}\n"
        "  NEXTSEQ: {of_record: NEXTDT, column: CMSEQ, type: integer, label: Next}\n"
    )
    study = tiny(files, HEAD, {"dm": DM + "  RFENDTC: A\n", "cm": cm, "adsl": adsl})
    assert study.values("ADSL", "NEXTTRT") == ["A", "A", "A"]
    ties = study.findings[study.findings["rule"] == "R2A-TIE-001"]
    assert ties[["severity", "subject", "variable"]].to_numpy().tolist() == [["warning", "S1-01", "NEXTTRT"]]
    (message,) = ties["message"]
    assert message == (
        "cm.csv rows 1, 2 rank alike by the date of NEXTDT and differ in CMTRT: the first of them by all values is used"
    )


def test_contradicting_references_of_the_first_of_several_dates(tiny):
    """The date that was taken cannot lie on or after A and on or before B, which is earlier."""
    files = {
        "dm.csv": "SUBJ,A,B\n1,2021-03-20,2021-03-10\n2,2021-03-10,2021-03-20\n",
        "cm.csv": "SUBJ,DAY\n1,2021-03\n2,2021-03\n",
    }
    cm = "dataset: CM\nrows: {source: cm}\nsort: [SOURCE]\nvariables:\n  CMTRT: {value: X}\n  CMSTDTC: DAY\n"
    adsl = (
        "dataset: ADSL\nrows: {from: DM}\nvariables:\n"
        "  NACTDT: {first_imputed: CM.CMSTDTC, highest: day, not_before: [RFSTDTC], not_after: [RFENDTC], label: Next}\n"
    )
    study = tiny(files, HEAD, {"dm": DM + "  RFSTDTC: A\n  RFENDTC: B\n", "cm": cm, "adsl": adsl})
    assert [day(v) for v in study.values("ADSL", "NACTDT")] == ["2021-03-10", "2021-03-10"]
    assert reported(study) == [("R2A-IMP-002", "S1-01", "NACTDT", "2021-03")]
