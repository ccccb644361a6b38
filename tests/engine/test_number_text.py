"""Number texts by declared marks: what is read, what is refused, exact decimals; and the same in whole columns."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from raw2adam.engine.columns.number_text import decimal_text, read_number, rounded, written_digits


@pytest.mark.parametrize(
    ("text", "decimal", "thousands", "value", "sign"),
    [
        ("12", ".", "", "12", ""),
        (" -1.5 ", ".", "", "-1.5", ""),
        (".5", ".", "", "0.5", ""),
        ("5.", ".", "", "5", ""),
        ("1e3", ".", "", "1000", ""),
        ("1,25", ",", "", "1.25", ""),
        (",5", ",", "", "0.5", ""),
        ("<0,1", ",", "", "0.1", "<"),
        ("< 0.1", ".", "", "0.1", "<"),
        (">80", ",", "", "80", ">"),
        ("≤ 5", ".", "", "5", "<="),
        ("=>5", ".", "", "5", ">="),
        ("1.250,5", ",", ".", "1250.5", ""),
        ("1 250", ".", " ", "1250", ""),
        ("1\u00a0250,5", ",", " ", "1250.5", ""),
        ("12'345", ".", "'", "12345", ""),
        ("１．２５", ".", "", "1.25", ""),
        ("＜０．１", ".", "", "0.1", "<"),
        ("\u22121.5", ".", "", "-1.5", ""),
        ("007", ".", "", "7", ""),
    ],
)
def test_a_number_is_read_by_its_marks(text: str, decimal: str, thousands: str, value: str, sign: str):
    """See docs/semantics.md S12."""
    read = read_number(text, decimal, thousands)
    assert (read.value, read.sign) == (Decimal(value), sign)


@pytest.mark.parametrize(
    ("text", "decimal", "thousands"),
    [
        ("1,25", ".", ""),  # a comma where the point is declared
        ("1.25", ",", ""),  # may be one and a quarter or a hundred and twenty-five
        ("1.250,5", ",", ""),  # groups are read only where they are declared
        ("1 250", ".", ""),
        ("12 50", ".", " "),  # a group of two digits
        ("1.2.3", ".", ""),
        ("2+", ".", ""),
        ("approx 3", ".", ""),
        ("ca. 3", ".", ""),
        ("neg", ".", ""),
        ("", ".", ""),
        (".", ".", ""),
        ("-", ".", ""),
        ("<", ".", ""),
        ("<>1", ".", ""),
        ("1_000", ".", ""),
        ("0x1F", ".", ""),
        ("nan", ".", ""),
        ("inf", ".", ""),
        ("5²", ".", ""),  # not fifty-two
        ("½", ".", ""),
        ("٣", ".", ""),
        ("1e400", ".", ""),
        ("1.2 g/dL", ".", ""),
    ],
)
def test_any_other_text_is_no_number(text: str, decimal: str, thousands: str):
    """See docs/semantics.md S12."""
    assert read_number(text, decimal, thousands).value is None


def test_full_width_characters_are_reported():
    assert read_number("１２").widened
    assert not read_number("12").widened


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**9), max_value=10**9))
def test_a_number_survives_writing_and_reading(number: Decimal):
    plain = decimal_text(number)
    assert read_number(plain).value == number
    assert read_number(plain.replace(".", ","), ",").value == number
    assert "E" not in plain
    assert not (("." in plain) and plain.endswith("0"))


@given(st.text(max_size=12))
def test_no_text_breaks_the_reader(text: str):
    for decimal, thousands in ((".", ""), (",", "."), (",", " "), (".", "'")):
        read = read_number(text, decimal, thousands)
        assert read.value is None or any(c.isdigit() for c in text)


def test_zeros_at_the_end_go_and_small_numbers_stay_plain():
    assert [decimal_text(Decimal(x)) for x in ("3.50", "0.00001", "1E+3", "-0", "100")] == [
        "3.5", "0.00001", "1000", "0", "100",
    ]  # fmt: skip


def test_rounding_is_half_up_on_significant_digits():
    assert [str(rounded(Decimal(x), 3)) for x in ("1.2345", "1.235", "0.0012355")] == ["1.23", "1.24", "0.00124"]
    assert [written_digits(Decimal(x)) for x in ("88", "1.50", "100", "0.05")] == [2, 3, 3, 1]


STUDY = """\
sources: {site: {file: site.csv, subject: none}, vs: {file: vs.csv}}
numbers: {by: site.COUNTRY, when: {FRA: ',', DEU: {decimal: ',', thousands: '.'}}, missing_numbers: {WT: ["999", "-9"]}}
"""
EX = "dataset: EX\nrows: {source: vs}\nsort: [SOURCE]\nvariables:\n  EXTRT: {value: A}\n  EXDOSE: WT\n  EXDOSU: {value: mg}\n"
SITES = "SITE,COUNTRY\nF,FRA\nD,DEU\nG,GBR\n"
HEAD = "study: {id: S1}\nsubject: {columns: [SITE, SUBJ], usubjid: '{SITE}-{SUBJ}', siteid: '{SITE}'}\n"


def weights(tiny, *rows: str):
    text = "SITE,SUBJ,WT\n" + "".join(f"{r}\n" for r in rows)
    return tiny({"site.csv": SITES, "vs.csv": text}, HEAD + STUDY, {"ex": EX})


def test_each_country_writes_numbers_in_its_notation(tiny):
    study = weights(tiny, 'F,1,"72,5"', "F,2,72.5", 'D,1,"1.072,5"', "G,1,72.5", 'G,2,"72,5"', "F,3,80")
    assert study.values("EX", "EXDOSE") == [1072.5, 72.5, None, 80.0, 72.5, None]  # D-1, F-1, F-2, F-3, G-1, G-2
    assert study.found("R2A-NUM-001") == [("vs.csv", 2, "WT", "72.5"), ("vs.csv", 5, "WT", "72,5")]


def test_a_number_declared_missing_is_missing_and_reported(tiny):
    study = weights(tiny, "G,1,999", "G,2,-9", "G,3,99", "G,4,999.0")
    assert study.values("EX", "EXDOSE") == [None, None, 99.0, None]
    assert [f[1] for f in study.found("R2A-NUM-004")] == [1, 2, 4]
    assert study.found("R2A-NUM-001") == []


def test_full_width_numbers_are_read_and_reported(tiny):
    study = weights(tiny, "G,1,７２．５")
    assert study.values("EX", "EXDOSE") == [72.5]
    assert study.found("R2A-NUM-002") == [("vs.csv", 1, "WT", "７２．５")]


def test_a_number_of_the_spec_is_plain_in_every_country(tiny):
    spec = EX.replace("EXDOSE: WT", "EXDOSE: {from: WT, map: {low: '0.5', high: '1.5'}, default: '2.5'}")
    text = 'SITE,SUBJ,WT\nF,1,low\nF,2,"7,5"\nF,3,\nG,1,high\n'
    study = tiny({"site.csv": SITES, "vs.csv": text}, HEAD + STUDY, {"ex": spec})
    assert study.values("EX", "EXDOSE") == [0.5, 7.5, 2.5, 1.5]


def test_a_value_from_another_source_is_read_as_its_rows_site_writes_it(tiny):
    spec = "dataset: DM\nrows: {source: dm}\nvariables:\n  AGE: {last: vs.WT, order: [NO]}\n  SEX: {value: U}\n  COUNTRY: {value: DEU}\n"
    files = {
        "site.csv": SITES,
        "dm.csv": "SITE,SUBJ\nF,1\nG,1\n",
        "vs.csv": 'SITE,SUBJ,WT,NO\nF,1,"7,5",1\nG,1,7.25,1\n',
    }
    study = tiny(
        files, HEAD + STUDY.replace("vs: {file: vs.csv}", "vs: {file: vs.csv}, dm: {file: dm.csv}"), {"dm": spec}
    )
    assert study.values("DM", "AGE") == [7.5, 7.25]


def test_a_source_and_a_column_may_have_other_marks(tiny):
    study = HEAD + STUDY.replace(
        "vs: {file: vs.csv}", "vs: {file: vs.csv, numbers: {decimal: ',', columns: {WT2: '.'}}}"
    )
    spec = EX + "  EXDOSTOT: WT2\n"
    text = 'SITE,SUBJ,WT,WT2\nG,1,"7,5",7.5\n'
    built = tiny({"site.csv": SITES, "vs.csv": text}, study, {"ex": spec})
    assert (built.values("EX", "EXDOSE"), built.values("EX", "EXDOSTOT")) == ([7.5], [7.5])


@pytest.mark.parametrize(
    ("numbers", "message"),
    [
        ("{decimal: ';'}", "';'"),
        ("{decimal: ',', thousands: ','}", "the same"),
        ("{when: {FRA: {decimal: ',', thousands: ','}}}", "the same"),
        ("{decimals: ','}", "unknown key"),
    ],
)
def test_marks_that_cannot_be_are_refused(spec_problems, numbers: str, message: str):
    problems = spec_problems(f"sources: {{vs: {{file: vs.csv}}}}\nnumbers: {numbers}\n", {})
    assert any(message in p.message for p in problems)
