"""Conditions and formulas in R and SAS, written by hand: true for the same records, missing values included."""

from __future__ import annotations

import pytest
from raw2adam.programs.language import Names, NoEqual
from raw2adam.programs.r import R
from raw2adam.programs.sas import Sas

TYPES = {"AGE": True, "DOSE": True, "SEX": False, "AESEV": False, "AESTDTC": False, "EOT.DSDECOD": False}

# In R a comparison with NA is NA, which a filter and case_when take as false. In SAS a missing number is the smallest,
# and two missing values are equal: there each comparison that they would make true has a test.
CONDITIONS = [
    ("AGE >= 18", "AGE >= 18", "AGE >= 18"),
    ("AGE < 18", "AGE < 18", "(not missing(AGE) and AGE < 18)"),
    ("18 < AGE", "18 < AGE", "18 < AGE"),
    ("18 > AGE", "18 > AGE", "(not missing(AGE) and 18 > AGE)"),
    ("AGE == 18", "AGE == 18", "AGE = 18"),
    ("AGE != 18", "AGE != 18", "(not missing(AGE) and AGE ne 18)"),
    ("not AGE > 18", "AGE <= 18", "(not missing(AGE) and AGE <= 18)"),
    ("AGE == DOSE", "AGE == DOSE", "(not missing(AGE) and not missing(DOSE) and AGE = DOSE)"),
    ("SEX == 'F'", 'SEX == "F"', "SEX = 'F'"),
    ("SEX != 'F'", 'SEX != "F"', "(not missing(SEX) and SEX ne 'F')"),
    ("SEX == ''", "is.na(SEX)", "missing(SEX)"),
    ("SEX != ''", "!is.na(SEX)", "not missing(SEX)"),
    ("not missing(AGE)", "!is.na(AGE)", "not missing(AGE)"),
    ("AESEV in ['MILD', 'SEVERE']", 'AESEV %in% c("MILD", "SEVERE")', "AESEV in ('MILD', 'SEVERE')"),
    # NA %in% c("MILD") is FALSE in R, and its negation would be true
    (
        "AESEV not in ['MILD']",
        '(!is.na(AESEV) & !(AESEV %in% c("MILD")))',
        "(not missing(AESEV) and AESEV not in ('MILD'))",
    ),
    ("AESEV in ['MILD', '']", '(is.na(AESEV) | AESEV %in% c("MILD"))', "(missing(AESEV) or AESEV in ('MILD'))"),
    ("AESEV in ['']", "is.na(AESEV)", "missing(AESEV)"),
    ("AGE between 1 and 5", "AGE >= 1 & AGE <= 5", "AGE >= 1 and (not missing(AGE) and AGE <= 5)"),
    ("not AGE between 1 and 5", "AGE < 1 | AGE > 5", "(not missing(AGE) and AGE < 1) or AGE > 5"),
    # not turns and into or
    (
        "not (AGE > 18 and SEX == 'F')",
        'AGE <= 18 | SEX != "F"',
        "(not missing(AGE) and AGE <= 18) or (not missing(SEX) and SEX ne 'F')",
    ),
    (
        "AGE > 1 and (SEX == 'F' or DOSE > 0)",
        'AGE > 1 & (SEX == "F" | DOSE > 0)',
        "AGE > 1 and (SEX = 'F' or DOSE > 0)",
    ),
    (
        "not contains(AESEV, 'a')",
        '(!is.na(AESEV) & !grepl("a", AESEV, fixed = TRUE))',
        "(not missing(AESEV) and not (index(AESEV, 'a') > 0))",
    ),
    ("SEX == 'Crohn''s \"x\"'", 'SEX == "Crohn\'s \\"x\\""', "SEX = 'Crohn''s \"x\"'"),
    ("EOT.DSDECOD == 'DEATH'", 'EOT_DSDECOD == "DEATH"', "EOT_DSDECOD = 'DEATH'"),
]


@pytest.mark.parametrize(("text", "r", "sas"), CONDITIONS)
def test_a_condition_is_true_for_the_same_records(text, r, sas):
    names = Names(TYPES.get)
    assert (R(names).condition(text), Sas(names).condition(text)) == (r, sas)
    assert names.merged == ({"EOT_DSDECOD": "EOT.DSDECOD"} if "EOT" in text else {})


FORMULAS = [
    ("AGE / DOSE", "(AGE / na_if(DOSE, 0))", "(AGE / DOSE)"),
    ("AGE - DOSE + 1", "(AGE - DOSE + 1)", "(AGE - DOSE + 1)"),
    ("-AGE * 2", "(-(AGE) * 2)", "(-(AGE) * 2)"),
    ("max(AGE, DOSE)", "pmax(AGE, DOSE, na.rm = TRUE)", "max(AGE, DOSE)"),
    ("coalesce(SEX, 'U')", 'coalesce(SEX, "U")', "coalescec(SEX, 'U')"),
    ("coalesce(AGE, 0)", "coalesce(AGE, 0)", "coalesce(AGE, 0)"),
    ("round(AGE, 1)", "sign(AGE) * floor(abs(AGE) * 10^1 + 0.5) / 10^1", "round(AGE, 1E-1)"),
    ("if(AGE < 65, 'A', 'B')", 'if_else(AGE < 65, "A", "B", missing = "B")', "ifc((not missing(AGE) and AGE < 65), 'A', 'B')"),
    ("concat(SEX, '-', AESEV)", 'na_if(paste0(coalesce(SEX, ""), "-", coalesce(AESEV, "")), "")', "cat(trimn(SEX), '-', trimn(AESEV))"),
    ("upper(SEX)", "toupper(SEX)", "upcase(SEX)"),
    ("title(SEX)", r"""gsub("(?<![\\w'])([a-z])", "\\U\\1", tolower(SEX), perl = TRUE)""", "propcase(SEX)"),
    ("sqrt(exp(log(AGE)))", "sqrt(exp(log(AGE)))", "sqrt(exp(log(AGE)))"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "r", "sas"), FORMULAS)
def test_a_formula_has_the_same_value(text, r, sas):
    names = Names(TYPES.get)
    assert (R(names).formula(text), Sas(names).formula(text)) == (r, sas)


#: R has dates as Date: days from 1970, where SAS and the formula count from 1960. A difference of two is in days.
DATES = [
    ("ADT - TRTSDT + 1", "", "(as.numeric(ADT - TRTSDT) + 1)"),
    ("ADT - TRTSDT", "", "as.numeric(ADT - TRTSDT)"),
    ("ADT + 30", "date", "(ADT + 30)"),
    ("ADT", "date", "ADT"),
    ("ADT", "", 'as.numeric(ADT - as.Date("1960-01-01"))'),
    ("22000", "date", 'as.Date(22000, origin = "1960-01-01")'),
    ("max(ADT, TRTSDT)", "date", "pmax(ADT, TRTSDT, na.rm = TRUE)"),
    ("coalesce(ADT, 0)", "", 'coalesce(as.numeric(ADT - as.Date("1960-01-01")), 0)'),
    ("if(ADT > TRTSDT, AGE, 0)", "", "if_else(ADT > TRTSDT, AGE, 0, missing = 0)"),
    ("if(ADT > 22000, 1, 0)", "", 'if_else(as.numeric(ADT - as.Date("1960-01-01")) > 22000, 1, 0, missing = 0)'),
]


def test_a_date_of_r_is_a_number_only_where_it_is_converted():
    types = dict.fromkeys(["ADT", "TRTSDT", "AGE", "BASEDT"], True)
    moments = {"ADT": "date", "TRTSDT": "date"}
    names = Names(types.get, {}, lambda n: moments.get(n, ""), lambda n: n == "TRTSDT", lambda n: n != "BASEDT")
    language = R(names)
    assert [language.formula_of(text, moment) for text, moment, _ in DATES] == [code for _, _, code in DATES]
    for condition in ("ADT > BASEDT", "ADT in [22000]"):  # whether BASEDT is a Date is not known
        with pytest.raises(NoEqual):
            language.condition(condition)
    assert language.ordered(["ADT", "-AGE", "TRTSDT"]) == ["!is.na(ADT)", "ADT", "desc(AGE)", "TRTSDT"]


@pytest.mark.parametrize(
    "text",
    [
        "AESTDTC > '2020-01-01'",  # dates as texts: another order where one is partial
        "after(AESTDTC, '2020-01-01')",
        "AGE > UNKNOWN",  # its type is not known
        "max(AESTDTC, SEX) == '1'",
        "`Date of visit` == '1'",
        "SEX == 'a\tb'",
    ],
)
def test_what_has_no_certain_equal_is_not_written(text):
    for language in (R, Sas):
        with pytest.raises(NoEqual):
            language(Names(TYPES.get)).condition(text)
