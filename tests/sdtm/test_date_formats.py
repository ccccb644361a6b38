"""One date text and its formats: what is read, what is impossible, what is refused before any data."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kit.fuzzing import examples
from raw2adam.engine.columns.iso_dates import possible_day
from raw2adam.sdtm.date_formats.ambiguity import ambiguous, format_problems
from raw2adam.sdtm.date_formats.clock import iso_time, read_time
from raw2adam.sdtm.date_formats.formats import FormatError, compile_format
from raw2adam.sdtm.date_formats.notation import Notation
from raw2adam.sdtm.date_formats.reading import Reading, iso_date, read_date
from raw2adam.sdtm.date_reader import ISO_FORMATS

MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
PLAIN = Notation()
WORDS = Notation.with_unknown(("UN", "UNK", "99"))


@pytest.mark.parametrize(
    ("text", "formats", "iso"),
    [
        ("05/03/2021", ("dd/mm/yyyy",), "2021-03-05"),
        ("5/3/2021", ("dd/mm/yyyy",), "2021-03-05"),
        ("3/5/2021", ("mm/dd/yyyy",), "2021-03-05"),
        ("05-MAR-2021", ("dd-mon-yyyy",), "2021-03-05"),
        ("5-march-2021", ("dd-mon-yyyy",), "2021-03-05"),
        ("05MAR2021", ("ddmonyyyy",), "2021-03-05"),
        ("20210305", ("yyyymmdd",), "2021-03-05"),
        ("2021-03-05", ("yyyy-mm-dd",), "2021-03-05"),
        ("05.03.2021 07:08", ("dd.mm.yyyy hh:mi",), "2021-03-05T07:08"),
        ("2021-03-05T07:08:09", ("yyyy-mm-ddThh:mi:ss",), "2021-03-05T07:08:09"),
        ("03/2021", ("dd/mm/yyyy", "mm/yyyy"), "2021-03"),
        ("2021", ("dd/mm/yyyy", "yyyy"), "2021"),
        ("29FEB2024", ("ddmonyyyy",), "2024-02-29"),
        ("29/02/2000", ("dd/mm/yyyy",), "2000-02-29"),
        (" 05/03/2021 ", ("dd/mm/yyyy",), "2021-03-05"),
        ("", ("dd/mm/yyyy",), ""),
    ],
)
def test_a_text_is_read_by_a_declared_format(text: str, formats: tuple[str, ...], iso: str):
    assert read_date(text, formats, WORDS) == Reading(iso)


@pytest.mark.parametrize(
    ("text", "formats", "iso"),
    [
        ("99UNK2020", ("ddmonyyyy",), "2020"),
        ("UN-MAR-2021", ("dd-mon-yyyy",), "2021-03"),
        ("un-mar-2021", ("dd-mon-yyyy",), "2021-03"),
        ("UN/UNK/2021", ("dd/mon/yyyy",), "2021"),
        ("15/99/2022", ("dd/mm/yyyy",), "2022---15"),
        ("15/03/UNK", ("dd/mm/yyyy",), "--03-15"),
        ("UN/03/UNK", ("dd/mm/yyyy",), "--03"),
        ("15/UN/UNK", ("dd/mm/yyyy",), "----15"),
        ("UN/UNK/UNK", ("dd/mm/yyyy",), ""),
        ("05/03/2021 UN:UN", ("dd/mm/yyyy hh:mi",), "2021-03-05"),
        ("05/03/2021 10:UN", ("dd/mm/yyyy hh:mi",), "2021-03-05T10"),
        ("05/03/2021 99:99", ("dd/mm/yyyy hh:mi",), "2021-03-05"),
    ],
)
def test_unknown_parts_are_written_as_sdtmig_4_4_2(text: str, formats: tuple[str, ...], iso: str):
    assert read_date(text, formats, WORDS) == Reading(iso)


@pytest.mark.parametrize(
    ("text", "form", "iso"),
    [
        ("UN/03/2021 UN:11", "dd/mm/yyyy hh:mi", "2021-03"),
        ("05/03/2021 UN:30", "dd/mm/yyyy hh:mi", "2021-03-05"),
        ("05/03/2021 UN:00", "dd/mm/yyyy hh:mi", "2021-03-05"),
        ("05/03/2021 10:UN:30", "dd/mm/yyyy hh:mi:ss", "2021-03-05T10"),
        ("05/03/2021 UN:UN:30", "dd/mm/yyyy hh:mi:ss", "2021-03-05"),
        ("05/03/2021 UN:30 PM", "dd/mm/yyyy hh:mi am", "2021-03-05"),
        ("05/03/2021 UN:UN PM", "dd/mm/yyyy hh:mi am", "2021-03-05"),
        ("05/03/2021 10:30 UN", "dd/mm/yyyy hh:mi am", "2021-03-05"),
        ("123/UN", "doy/yyyy", ""),  # which day it is depends on the year
    ],
)
def test_a_part_that_means_nothing_without_an_unknown_one_is_reported(text: str, form: str, iso: str):
    assert read_date(text, (form,), WORDS) == Reading(iso, "gap")


def test_iso_texts_with_a_hyphen_for_an_unknown_part_are_read_back():
    formats = ("yyyy-mm-dd", "yyyy-mm", "yyyy")
    assert read_date("2022---15", formats, Notation.with_unknown(("-",))).iso == "2022---15"
    assert read_date("--03-15", formats, Notation.with_unknown(("-",))).iso == "--03-15"


@pytest.mark.parametrize(
    ("text", "formats"),
    [
        ("30FEB2021", ("ddmonyyyy",)),
        ("29FEB2023", ("ddmonyyyy",)),
        ("29/02/1900", ("dd/mm/yyyy",)),
        ("31/04/2021", ("dd/mm/yyyy",)),
        ("00/04/2021", ("dd/mm/yyyy",)),
        ("05/13/2021", ("dd/mm/yyyy",)),
        ("01/01/0000", ("dd/mm/yyyy",)),
        ("30/02/UNK", ("dd/mm/yyyy",)),
        ("30/02/2021 10:00", ("dd/mm/yyyy hh:mi",)),
    ],
)
def test_a_text_that_fits_but_is_no_day_is_impossible(text: str, formats: tuple[str, ...]):
    assert read_date(text, formats, WORDS) == Reading("", "impossible")


@pytest.mark.parametrize(
    ("text", "formats"),
    [
        ("2021-03-05", ("dd/mm/yyyy",)),
        ("05/03/21", ("dd/mm/yyyy",)),
        ("5032021", ("ddmmyyyy",)),
        ("05-XYZ-2021", ("dd-mon-yyyy",)),
        ("05/03/2021x", ("dd/mm/yyyy",)),
        ("UNKNOWN", ("dd/mm/yyyy",)),
        ("--/03/2021", ("dd/mm/yyyy",)),
        ("٠٥/٠٣/٢٠٢١", ("dd/mm/yyyy",)),
        ("05/03/2021\n05/03/2021", ("dd/mm/yyyy",)),
    ],
)
def test_a_text_that_fits_no_format_is_unreadable(text: str, formats: tuple[str, ...]):
    assert read_date(text, formats, WORDS) == Reading("", "unreadable")


def test_a_second_format_may_read_what_the_first_finds_impossible():
    assert read_date("13/2021", ("mm/yyyy", "yyyy"), PLAIN) == Reading("", "impossible")
    assert read_date("2021-31-12", ("yyyy-mm-dd", "yyyy-dd-mm"), PLAIN).iso == "2021-12-31"


def test_whole_texts_for_no_date():
    assert read_date("NK", ("dd/mm/yyyy",), Notation(missing=("NK",))) == Reading("")


def test_day_first_and_month_first_together_are_ambiguous():
    first, second, text, date, other = ambiguous(("dd/mm/yyyy", "mm/dd/yyyy"), PLAIN) or ("",) * 5
    assert {first, second} == {"dd/mm/yyyy", "mm/dd/yyyy"}
    assert (date, other) == (read_date(text, (first,), PLAIN).iso, read_date(text, (second,), PLAIN).iso)
    assert date != other
    (problem,) = format_problems(("dd/mm/yyyy", "mm/dd/yyyy"), PLAIN)
    assert "as different days" in problem
    assert "by:" in problem


@pytest.mark.parametrize("formats", [("yyyymmdd", "yyyyddmm"), ("ddmmyyyy", "mmddyyyy"), ("yyyy-mm-dd", "yyyy-dd-mm")])
def test_other_ambiguous_sets(formats: tuple[str, ...]):
    assert ambiguous(formats, PLAIN) is not None


@pytest.mark.parametrize(
    "formats",
    [
        ("dd/mm/yyyy", "dd-mon-yyyy", "mm/yyyy", "yyyy"),
        ("dd/mm/yyyy", "mm-dd-yyyy"),
        ("dd/mm/yyyy", "dd/mm/yyyy"),
        ISO_FORMATS,
    ],
)
def test_sets_that_are_not_ambiguous(formats: tuple[str, ...]):
    assert ambiguous(formats, PLAIN) is None
    assert list(format_problems(formats, WORDS)) == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("dd/mm/yy", "yy"),
        ("dd/mm", "century"),
        ("hh:mi", "yyyy"),
        ("dd-mmm-yyyy", "'m'"),
        ("jj/mm/yyyy", "'jj'"),
        ("dd/dd/yyyy", "twice"),
        ("mm/mon/yyyy", "both mm and mon"),
        ("", "1 to 40"),
        ("y" * 41, "1 to 40"),
    ],
)
def test_formats_that_are_refused(text: str, words: str):
    with pytest.raises(FormatError, match=words):
        compile_format(text)


def test_parts_that_can_be_a_day():
    assert possible_day(None, 2, 29)
    assert not possible_day(None, 2, 30)
    assert possible_day(2021, None, 31)
    assert not possible_day(2021, None, 32)
    assert not possible_day(None, 4, 31)


def test_iso_times():
    assert iso_time(9, 5, None) == "09:05"
    assert iso_time(9, None, 5) == "09"
    assert iso_time(None, 5, 5) == ""
    assert iso_time(23, 59, 60) is None


@pytest.mark.parametrize(("text", "clock"), [("9:05", "09:05"), ("0905", "09:05"),
                                             ("23:59:58", "23:59:58"), ("24:00", None),
                                             ("9", None), ("9:5", None), ("9:05 PM", "21:05"), ("", "")])  # fmt: skip
def test_times_of_a_column(text: str, clock: str | None):
    assert read_time(text) == clock


FORMATS = (
    "dd/mm/yyyy",
    "mm/dd/yyyy",
    "dd-mon-yyyy",
    "ddmonyyyy",
    "yyyymmdd",
    "yyyy-mm-dd",
    "ddmmyyyy",
    "mon dd, yyyy",
    "dd.mm.yyyy",
)


def written(form: str, day: datetime.date) -> str:
    parts = {"yyyy": f"{day.year:04}", "mon": MONTHS[day.month - 1], "mm": f"{day.month:02}", "dd": f"{day.day:02}"}
    for name, value in parts.items():
        form = form.replace(name, value)
    return form


@settings(max_examples=examples(40), deadline=None)
@given(st.dates(), st.sampled_from(FORMATS))
def test_every_day_reads_back_from_every_format(day: datetime.date, form: str):
    assert read_date(written(form, day), (form,), Notation.with_unknown(("UN", "UNK"))) == Reading(day.isoformat())


@settings(max_examples=examples(40), deadline=None)
@given(st.integers(0, 9999), st.integers(0, 14), st.integers(0, 33))
def test_only_days_of_the_calendar_are_read(year: int, month: int, day: int):
    try:
        iso = datetime.date(year, month, day).isoformat()
    except ValueError:
        iso = ""
    assert read_date(f"{day:02}/{month:02}/{year:04}", ("dd/mm/yyyy",), PLAIN) == Reading(
        iso, "" if iso else "impossible"
    )


@settings(max_examples=examples(40), deadline=None)
@given(st.text(max_size=12), st.sampled_from(FORMATS))
def test_no_text_is_read_as_a_day_that_is_not_written_in_it(text: str, form: str):
    reading = read_date(text, (form,), PLAIN)
    if reading.iso:
        assert written(form, datetime.date.fromisoformat(reading.iso)).isascii()
        assert reading.iso[:4] in text


def test_iso_date_of_known_parts():
    assert iso_date(2022, None, 15) == "2022---15"
    assert iso_date(None, 3, 15) == "--03-15"
    assert iso_date(None, None, None) == ""
