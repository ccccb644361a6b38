"""Notations of dates that a spec can declare, each held to a table written by hand, and what lint refuses."""

from __future__ import annotations

import datetime
import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kit.fuzzing import examples
from raw2adam.sdtm.date_formats.advice import unreadable
from raw2adam.sdtm.date_formats.ambiguity import format_problems
from raw2adam.sdtm.date_formats.clock import read_time
from raw2adam.sdtm.date_formats.formats import FormatError, compile_format
from raw2adam.sdtm.date_formats.month_names import LANGUAGES, month_name, month_numbers
from raw2adam.sdtm.date_formats.notation import Notation
from raw2adam.sdtm.date_formats.reading import Reading, read_date

PLAIN = Notation()
DEFAULT = Notation.with_unknown(("UN", "UNK", "--", "---", "----", "??", "???", "????"))
BY_PART = Notation(unknown=(("UNK",), ("UNK",), ("UN",), ("UN",)))


def read(text: str, *formats: str, notation: Notation = PLAIN) -> Reading:
    return read_date(text, formats, notation)


@pytest.mark.parametrize(
    ("text", "pivot", "iso"),
    [
        ("17-Feb-21", 1940, "2021-02-17"),
        ("17-FEB-40", 1940, "1940-02-17"),
        ("17-FEB-39", 1940, "2039-02-17"),
        ("01-JAN-00", 1940, "2000-01-01"),
        ("01-JAN-99", 1925, "1999-01-01"),
        ("01-JAN-24", 1925, "2024-01-01"),
        ("01-JAN-25", 1925, "1925-01-01"),
        ("29-FEB-23", 1940, ""),
    ],
)
def test_a_year_of_two_digits_lies_in_the_hundred_years_from_the_pivot(text: str, pivot: int, iso: str):
    assert read(text, "dd-mon-yy", notation=Notation(pivot=pivot)).iso == iso


def test_a_year_of_two_digits_needs_a_pivot():
    with pytest.raises(FormatError, match="pivot:"):
        compile_format("dd-mon-yy")
    assert read("17-Feb-21", "dd-mon-yyyy") == Reading("", "unreadable")
    assert "declare yyyy-mm-dd)" in unreadable("2024-03-01")
    assert "declare yyyy-mm-ddThh:mi:ss)" in unreadable("2024-03-01T08:30:00")
    assert "yyyy-mm-dd'T00:00:00' for the day alone" in unreadable("2024-03-01T00:00:00")
    assert "yy, and pivot:" in unreadable("17-Feb-21") and "yy, and pivot:" in unreadable("UN-UNK-21")


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("06-MAR-2024 2:30 PM", "2024-03-06T14:30"),
        ("06-MAR-2024 2:30 am", "2024-03-06T02:30"),
        ("06-MAR-2024 12:05 AM", "2024-03-06T00:05"),
        ("06-MAR-2024 12:05 PM", "2024-03-06T12:05"),
        ("06-MAR-2024 11:59 p.m.", "2024-03-06T23:59"),
        ("06-MAR-2024 11:59 p. m.", "2024-03-06T23:59"),
        ("06-MAR-2024 14:30 PM", "2024-03-06"),
        ("06-MAR-2024 0:30 PM", "2024-03-06"),
    ],
)
def test_am_and_pm(text: str, iso: str):
    reading = read(text, "dd-mon-yyyy hh:mi am")
    assert reading == Reading(iso, "" if "T" in iso else "time")


@pytest.mark.parametrize(
    ("languages", "texts"),
    [
        ("en", "5-Jan-2022 5-February-2022 5-MAR-2022 5-apr-2022 5-May-2022 5-June-2022 5-Jul.-2022 5-August-2022 "
         "5-Sept-2022 5-Oct-2022 5-Nov-2022 5-December-2022"),
        ("de", "5-Jänner-2022 5-Feb-2022 5-Mär-2022 5-April-2022 5-MAI-2022 5-Juni-2022 5-Juli-2022 5-Aug.-2022 "
         "5-Sept.-2022 5-Okt-2022 5-NOV-2022 5-Dez-2022"),
        ("fr", "5-janv.-2022 5-févr.-2022 5-mars-2022 5-AVR-2022 5-mai-2022 5-juin-2022 5-juil.-2022 5-août-2022 "
         "5-SEPT-2022 5-octobre-2022 5-nov-2022 5-DÉC-2022"),
        ("es", "5-ENE-2022 5-febrero-2022 5-mar-2022 5-abr.-2022 5-mayo-2022 5-junio-2022 5-jul-2022 5-AGO-2022 "
         "5-setiembre-2022 5-oct-2022 5-nov-2022 5-dic-2022"),
        ("it", "5-gen-2022 5-febbraio-2022 5-MAR-2022 5-aprile-2022 5-mag-2022 5-GIU-2022 5-lug-2022 5-agosto-2022 "
         "5-sett-2022 5-ott-2022 5-novembre-2022 5-dic-2022"),
        ("pt", "5-jan-2022 5-fev-2022 5-março-2022 5-ABR-2022 5-maio-2022 5-junho-2022 5-jul-2022 5-ago-2022 "
         "5-set-2022 5-OUT-2022 5-nov-2022 5-dezembro-2022"),
        ("ja", "5-1月-2022 5-2月-2022 5-三月-2022 5-4月-2022 5-5月-2022 5-六月-2022 5-7月-2022 5-8月-2022 5-九月-2022 "
         "5-十月-2022 5-十一月-2022 5-12月-2022"),
    ],
)  # fmt: skip
def test_months_of_declared_languages(languages: str, texts: str):
    notation = Notation(languages=(languages,))
    found = [read(text, "dd-mon-yyyy", notation=notation).iso for text in texts.split()]
    assert found == [f"2022-{month:02}-05" for month in range(1, 13)]


def test_letters_with_and_without_accents_are_one():
    german, french = Notation(languages=("de",)), Notation(languages=("en", "fr"))
    for text in ("05.März 2022", "05.MÄRZ 2022", "05.Marz 2022", "05.Mrz. 2022", "05.Ma\u0308rz 2022", "05.Maerz 2022"):
        assert read(text, "dd.mon yyyy", notation=german).iso == "2022-03-05", text
    for text in ("5 août 2022", "5 AOUT 2022", "5 aou 2022", "5 August 2022"):
        assert read(text, "dd mon yyyy", notation=french).iso == "2022-08-05", text
    assert read("5 jui 2022", "dd mon yyyy", notation=french).problem == "unreadable"  # June or July
    assert read("15-Okt-2022", "dd-mon-yyyy").problem == "unreadable"
    assert "German" in unreadable("15-Okt-2022") and "languages: [de]" in unreadable("15-Okt-2022")


def test_no_name_means_two_months():
    together = month_numbers(LANGUAGES)
    for language in LANGUAGES:
        assert {n: together[n] for n in month_numbers((language,))} == month_numbers((language,))
        assert sorted(set(month_numbers((language,)).values())) == list(range(1, 13))


@pytest.mark.parametrize(
    ("text", "formats", "iso"),
    [
        ("2024年3月9日", ("yyyy年mm月dd日",), "2024-03-09"),
        ("15 de marzo de 2024", ("dd 'de' mon 'de' yyyy",), "2024-03-15"),
        ("2024069", ("yyyydoy",), "2024-03-09"),
        ("2024-366", ("yyyy-doy",), "2024-12-31"),
        ("2023-366", ("yyyy-doy",), ""),
        ("MAR2024", ("monyyyy",), "2024-03"),
        ("03.2024", ("mm.yyyy",), "2024-03"),
        ("20240309143005", ("yyyymmddhhmiss",), "2024-03-09T14:30:05"),
        ("20240309T1430", ("yyyymmddThhmi",), "2024-03-09T14:30"),
        ("09MAR2024:14:30:05.25", ("ddmonyyyy:hh:mi:ss",), "2024-03-09T14:30:05.25"),
        ("2024-03-09 14:30:05,250", ("yyyy-mm-dd hh:mi:ss",), "2024-03-09T14:30:05.250"),
        ("2024-03-09 00:00", ("yyyy-mm-dd hh:mi",), "2024-03-09T00:00"),
        ("2024-03-09 14h30", ("yyyy-mm-dd hh'h'mi",), "2024-03-09T14:30"),
    ],
)
def test_further_notations(text: str, formats: tuple[str, ...], iso: str):
    assert read(text, *formats, notation=Notation(languages=("en", "es"))).iso == iso


@pytest.mark.parametrize(
    ("form", "text", "iso"),
    [
        ("excel-1900", "1", "1900-01-01"),
        ("excel-1900", "59", "1900-02-28"),
        ("excel-1900", "61", "1900-03-01"),
        ("excel-1900", "45360", "2024-03-09"),
        ("excel-1900", "45360.0", "2024-03-09"),
        ("excel-1900", "45360.3541666667", "2024-03-09T08:30:00"),
        ("excel-1900", "45360.9999999999", "2024-03-10T00:00:00"),
        ("excel-1904", "0", "1904-01-01"),
        ("excel-1904", "43898", "2024-03-09"),
        ("days since 1960-01-01", "23446", "2024-03-11"),
        ("days since 1960-01-01", "-1", "1959-12-31"),
        ("days since 1960-01-01", "0", "1960-01-01"),
        ("seconds since 1960-01-01", "2025734400", "2024-03-11T00:00:00"),
        ("seconds since 1960-01-01", "2025734400.5", "2024-03-11T00:00:00.5"),
        ("seconds since 1970-01-01", "1710145800", "2024-03-11T08:30:00"),
        ("milliseconds since 1970-01-01", "1710145800250", "2024-03-11T08:30:00.25"),
        ("seconds since 1582-10-14", "13929494400", "2024-03-11T00:00:00"),
    ],
)
def test_numbers_that_count(form: str, text: str, iso: str):
    assert read(text, form) == Reading(iso)


def test_numbers_that_count_no_day():
    assert read("60", "excel-1900") == Reading("", "impossible")  # the 1900 system counts 29 February 1900
    for text in ("0", "-5", "045360", "4.5e4", "٤٥٣٦٠", "99999999", "45360x"):
        assert read(text, "excel-1900").problem == "unreadable", text
    recent = Notation(counted=(datetime.date(2000, 1, 1), datetime.date(2030, 12, 31)))
    assert read("2021", "excel-1900", notation=recent).problem == "unreadable"
    with pytest.raises(FormatError, match="does not have"):
        compile_format("days since 1960-02-30")


def test_texts_and_serials_in_one_column():
    formats = ("dd-mon-yyyy", "excel-1900")
    assert [read(t, *formats).iso for t in ("09-MAR-2024", "45360")] == ["2024-03-09"] * 2


@pytest.mark.parametrize(
    ("text", "keep", "drop"),
    [
        ("2019-04-30T14:32:41.000+02:00", "2019-04-30T14:32:41.000+02:00", "2019-04-30T14:32:41.000"),
        ("2019-04-30T14:32:41Z", "2019-04-30T14:32:41Z", "2019-04-30T14:32:41"),
        ("2019-04-30T14:32:41-0330", "2019-04-30T14:32:41-03:30", "2019-04-30T14:32:41"),
        ("2019-04-30T14:32:41+02", "2019-04-30T14:32:41+02:00", "2019-04-30T14:32:41"),
        ("2019-04-30T14:32:41+27:00", "2019-04-30", "2019-04-30"),
    ],
)
def test_an_offset_is_kept_or_dropped_and_the_clock_stays(text: str, keep: str, drop: str):
    assert read(text, "yyyy-mm-ddThh:mi:sstz").iso == keep
    assert read(text, "yyyy-mm-ddThh:mi:sstz", notation=Notation(offset="drop")).iso == drop


# times that are none, and unknown ones


@pytest.mark.parametrize("clock", ["25:10", "24:30", "12:75", "24:00", "99:99"])
def test_an_impossible_time_keeps_the_day(clock: str):
    assert read(f"06-MAR-2024 {clock}", "dd-mon-yyyy hh:mi") == Reading("2024-03-06", "time")
    assert read(f"30-FEB-2024 {clock}", "dd-mon-yyyy hh:mi") == Reading("", "impossible")


def test_zero_is_an_hour_and_a_minute_whatever_is_declared_for_days():
    zeros = Notation.with_unknown(("00", "99", "UN"))
    assert read("06-MAR-2024 00:00", "dd-mon-yyyy hh:mi", notation=zeros).iso == "2024-03-06T00:00"
    assert read("00-MAR-2024 10:00", "dd-mon-yyyy hh:mi", notation=zeros) == Reading("2024-03", "undated")
    assert read("06-MAR-2024 99:99", "dd-mon-yyyy hh:mi", notation=zeros) == Reading("2024-03-06")
    assert read("06-MAR-2024 10:99", "dd-mon-yyyy hh:mi", notation=zeros) == Reading("2024-03-06T10")
    assert read("15/03/99", "dd/mm/yyyy", notation=zeros).problem == "unreadable"  # 1999, or not known
    assert read_time("00:00", zeros) == "00:00"
    assert (read_time("10:UN", zeros), read_time("UN:UN", zeros), read_time("UN", zeros)) == ("10", "", "")


@pytest.mark.parametrize(
    ("text", "clock"),
    [
        ("00:00", "00:00"), ("14:30:05.250", "14:30:05.250"), ("143005", "14:30:05"), ("2:30PM", "14:30"),
        ("14:30+02:00", "14:30+02:00"), ("24:00", None), ("25:10", None), ("12:75", None), ("13:00 AM", None),
        ("١٤:٣٠", None),
    ],
)  # fmt: skip
def test_times_of_another_column(text: str, clock: str | None):
    assert read_time(text) == clock


def test_unknown_parts_never_make_two_dates_of_one_text():
    formats = ("dd-mon-yyyy", "yyyy-mm-dd")
    assert list(format_problems(formats, DEFAULT)) == []
    assert read("UN-UNK-21", *formats, notation=DEFAULT) == Reading("", "unreadable")  # the year 21, or the day?
    assert read("UN-UNK-1995", *formats, notation=DEFAULT) == Reading("1995")
    assert read("UN-03-UNK", "dd-mm-yyyy", "yyyy-mm-dd", notation=DEFAULT) == Reading("--03")
    assert read("15-UN-UNK", "dd-mm-yyyy", notation=DEFAULT) == Reading("----15")


def test_two_formats_that_differ_keep_the_parts_that_agree():
    """See docs/semantics.md S19."""
    assert read("02/UN/2001", "mm/dd/yyyy", "dd/mon/yyyy", notation=DEFAULT) == Reading("2001", "ambiguous")
    assert read("02/UN/2001", "mm/dd/yyyy", "dd/mon/yyyy", notation=BY_PART) == Reading("2001-02")
    assert read("02/UNK/2001", "mm/dd/yyyy", "dd/mon/yyyy", notation=BY_PART) == Reading("2001---02")


@pytest.mark.parametrize(
    ("formats", "notation", "words"),
    [
        (("mm/dd/yyyy", "dd/mon/yyyy"), DEFAULT, "unknown: {year"),
        (("dd-mon-yy", "yyyy-mm-dd"), Notation(DEFAULT.unknown, pivot=1940), "unknown: {year"),
        (("dd-mon-yy", "yy-mon-dd"), Notation(pivot=1940), "by: or columns:"),
        (("dd/mm/yy", "mm/dd/yyyy", "yy/mm/dd"), Notation(pivot=1940), "by: or columns:"),
        (("yyyymm", "yymmdd"), Notation(pivot=1940), "as different days"),
        (("yyyy", "excel-1900"), PLAIN, "counted:"),
        (("excel-1900", "excel-1904"), PLAIN, "counted:"),
        (("excel-1900", "days since 1960-01-01"), PLAIN, "counted:"),
        (("seconds since 1960-01-01", "seconds since 1970-01-01"), PLAIN, "counted:"),
        (("yyyymmdd", "seconds since 1960-01-01"), PLAIN, "counted:"),
        (("dd-mon-yy",), DEFAULT, "pivot:"),
        (("dd-mm-yy",), Notation(unknown=(("99",), (), (), ()), pivot=1940), "both a year and an unknown part"),
        (("dd/mm/yyyy hh:mm",), PLAIN, "minutes are mi"),
        (("dd/mm/yyyy am",), PLAIN, "am without hh"),
        (("yyyy-doy-mm",), PLAIN, "both doy and mm"),
        (("dd de mon yyyy",), PLAIN, "put words between"),
        (("dd-mon-yyyy hh24:mi",), PLAIN, "'2' in dd-mon-yyyy hh24:mi is a digit"),
    ],
)
def test_sets_that_lint_refuses(formats: tuple[str, ...], notation: Notation, words: str):
    assert any(words in problem for problem in format_problems(formats, notation))


@pytest.mark.parametrize(
    ("formats", "notation"),
    [
        (("dd-mon-yyyy", "dd-mon-yy", "dd-mon-yyyy hh:mi am", "yyyy-mm-dd", "excel-1900"), Notation(pivot=1940)),
        (("dd-mon-yy", "yyyy-mm-dd"), Notation(unknown=((), ("UNK",), ("UN",), ()), pivot=1940)),
        (("yyyy", "excel-1900"), Notation(counted=(datetime.date(1950, 1, 1), datetime.date(2049, 12, 31)))),
        (("mm/dd/yyyy", "dd/mon/yyyy"), BY_PART),
        (("dd/mm/yyyy", "mm/yyyy", "yyyy", "yyyydoy"), DEFAULT),
    ],
)
def test_sets_that_are_read_in_one_way(formats: tuple[str, ...], notation: Notation):
    assert list(format_problems(formats, notation)) == []


# every day, in every notation

_WRITTEN = {
    "dd-mon-yyyy": lambda d: f"{d.day:02}-{month_name(d.month, 'en')}-{d.year:04}",
    "yyyy-mm-dd": lambda d: d.isoformat(),
    "dd/mm/yyyy": lambda d: f"{d.day:02}/{d.month:02}/{d.year:04}",
    "mm/dd/yyyy": lambda d: f"{d.month:02}/{d.day:02}/{d.year:04}",
    "dd-mon-yy": lambda d: f"{d.day:02}-{month_name(d.month, 'en')}-{d.year % 100:02}",
    "mm/dd/yy": lambda d: f"{d.month:02}/{d.day:02}/{d.year % 100:02}",
    "yyyydoy": lambda d: f"{d.year:04}{d.timetuple().tm_yday:03}",
    "yyyymmdd": lambda d: f"{d.year:04}{d.month:02}{d.day:02}",
    "excel-1900": lambda d: str((d - datetime.date(1899, 12, 30)).days),
    "days since 1960-01-01": lambda d: str((d - datetime.date(1960, 1, 1)).days),
}
_NOTATION = Notation(pivot=1950, counted=(datetime.date(1950, 1, 1), datetime.date(2049, 12, 31)))


def sets_that_lint_takes() -> list[tuple[str, ...]]:
    return [f for f in itertools.combinations(_WRITTEN, 3) if not list(format_problems(f, _NOTATION))]


@settings(max_examples=examples(50), deadline=None)
@given(
    st.dates(datetime.date(1950, 1, 1), datetime.date(2049, 12, 31)),
    st.deferred(lambda: st.sampled_from(sets_that_lint_takes())),
    st.integers(0, 2),
)
def test_a_day_in_a_format_of_a_set_that_lint_takes_is_read_as_that_day(day, formats, position):
    text = _WRITTEN[formats[position]](day)
    assert read_date(text, formats, _NOTATION) == Reading(day.isoformat())


@settings(max_examples=examples(40), deadline=None)
@given(st.dates(), st.sampled_from(LANGUAGES))
def test_a_day_with_a_month_of_a_language_is_read_as_that_day(day, language):
    text = f"{day.day} {month_name(day.month, language)} {day.year:04}"
    assert read_date(text, ("dd mon yyyy",), Notation(languages=(language,))) == Reading(day.isoformat())
