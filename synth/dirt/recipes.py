"""Which defects, in which column of which file, and how many: all that the injector knows of the study.

Not for the text of a defect (values.py). A recipe without its file, column or a fitting cell does nothing.
Append new recipes: a record has one defect at most, so an earlier recipe limits the later ones.
"""

from __future__ import annotations

from dataclasses import dataclass

UNKNOWN_SUBJECT = "9999"
COPIES = frozenset({"exact_duplicate", "conflicting_duplicate", "unknown_subject"})


@dataclass(frozen=True)
class Recipe:
    """``count`` defects per 120 subjects in one column ('' for a whole record). ``value``: texts divided by |, or a
    factor, see values.py. ``where``: columns of the record, each with the texts that it may have. ``number``: a
    column, and the range of its number."""

    defect: str
    file: str
    column: str
    count: int
    value: str = ""
    where: tuple[tuple[str, tuple[str, ...]], ...] = ()
    number: tuple[str, float, float] | None = None
    part: str = ""


@dataclass(frozen=True)
class Relation:
    """``count`` dates per 120 subjects, replaced by another date of the same subject plus ``shift`` days.

    ``anchor``: file, column, and which date: first or last of the subject, or same (record). ``least_after``: file,
    column, and the least number of dates of the subject after the new date. ``own_first``: only the first date of the
    subject in the column.
    """

    defect: str
    file: str
    column: str
    count: int
    anchor: tuple[str, str, str]
    shift: int
    where: tuple[tuple[str, tuple[str, ...]], ...] = ()
    least_after: tuple[str, str, int] | None = None
    own_first: bool = False


@dataclass(frozen=True)
class LineGap:
    """``count`` subjects with three or more lines; the last number is one too high: 1, 2, 4."""

    file: str
    column: str
    count: int
    defect: str = "line_gap"


@dataclass(frozen=True)
class TwinSubject:
    """``count`` subjects with one record in each of ``files``: a copy of it has another site and an unused number."""

    files: tuple[str, ...]
    count: int
    defect: str = "duplicate_subject"


@dataclass(frozen=True)
class Swap:
    """``count`` records with the texts of two columns exchanged; ``where`` and ``number`` as in a Recipe."""

    file: str
    columns: tuple[str, str]
    count: int
    number: tuple[str, float, float] | None = None
    defect: str = "swapped_result_unit"


AnyRecipe = Recipe | Relation | LineGap | TwinSubject | Swap

_HGB = (
    "TEST",
    ("HGB", "Haemoglobin", "Hemoglobin", "Hämoglobin", "Hémoglobine", "Hemoglobina", "Emoglobina"),
)
_CA = ("TEST", ("CA", "Calcium", "Kalzium", "Calcio", "Cálcio"))
_MPROT = (("TESTCD", ("MPROT",)), ("UNITS", ("g/L",)))
_RESPONDERS = ("RESP", ("VGPR", "Very good partial response", "Very good PR", "PR"))
_ADMINISTERED = ("GIVEN_YN", ("Y",))
_DONE = ("NOT_DONE", ("",))
_QUERIES = "[QUERY OPEN] please confirm|???|see comment|to be confirmed"

TYPICAL: tuple[AnyRecipe, ...] = (
    Recipe("partial_date", "ae.csv", "ST_DT", 3, "day"),
    Recipe("partial_date", "ae.csv", "EN_DT", 2, "year"),
    Recipe("partial_date", "combo.csv", "ST_DT", 2, "day"),
    Recipe("partial_date", "resp.csv", "ASSESS_DT", 2, "day"),
    Recipe("partial_date", "death.csv", "DTH_DT", 1, "day"),
    Recipe("unknown_date", "ae.csv", "EN_DT", 2),
    Recipe("unknown_date", "subtx.csv", "ST_DT", 1),
    Recipe("missing_date", "ae.csv", "ST_DT", 2),
    Recipe("missing_date", "resp.csv", "ASSESS_DT", 2),
    Recipe("missing_date", "isa.csv", "DOSE_DT", 1),
    Recipe("trailing_blanks", "resp.csv", "RESP", 4),
    Recipe("trailing_blanks", "ae.csv", "TERM", 4),
    Recipe("trailing_blanks", "demo.csv", "SUBJ_ID", 1),
    Recipe("lower_case", "resp.csv", "RESP", 4),
    Recipe("lower_case", "enrol.csv", "COHORT", 2),
    Recipe("lower_case", "combo.csv", "DRUG", 2),
    Recipe("unmapped_code", "resp.csv", "RESP", 2, "stable"),
    Recipe("unmapped_code", "ae.csv", "OUTCOME", 1, "improved"),
    Recipe("exact_duplicate", "ae.csv", "", 2),
    Recipe("conflicting_duplicate", "resp.csv", "RESP", 2, "SD", (_RESPONDERS,)),
    Recipe("conflicting_duplicate", "isa.csv", "ACT_DOSE_MG", 1, "1234"),
    Recipe("unknown_subject", "ae.csv", "SUBJ_ID", 1, UNKNOWN_SUBJECT),
    Recipe("impossible_date", "ae.csv", "ST_DT", 1, "30FEB"),
    Recipe("impossible_date", "isa.csv", "DOSE_DT", 1, "30FEB"),
    Recipe("query_text", "demo.csv", "WEIGHT", 1, "[QUERY OPEN] please confirm"),
    Recipe("query_text", "ae.csv", "GRADE", 1, "???"),
    Recipe("partial_date", "priortx.txt", "ST_DT", 5, "day"),
    Recipe("partial_date", "priortx.txt", "EN_DT", 4, "year"),
    Recipe("partial_date", "comorb.csv", "DX_DT", 5, "year"),
    Recipe("partial_date", "mmdiag.csv", "DX_DT", 2, "day"),
    Recipe("partial_date", "proc.csv", "ST_DT", 1, "day"),
    Recipe("unknown_date", "priortx.txt", "PD_DT", 2),
    Recipe("unknown_date", "comorb.csv", "DX_DT", 2),
    Recipe("missing_date", "visit.csv", "VISIT_DT", 2),
    Recipe("missing_date", "lab_local.csv", "LAB_DT", 2),
    Recipe("impossible_date", "lab_local.csv", "LAB_DT", 1, "site"),
    Recipe("impossible_date", "lab_central.xpt", "COLLDT", 1, "vendor"),
    Recipe("impossible_date", "conmed.xlsx", "ST_DT", 1, "30FEB"),
    Recipe("sentinel_date", "ae.csv", "EN_DT", 2),
    Recipe("sentinel_date", "priortx.txt", "EN_DT", 2),
    Recipe("sentinel_date", "mmdiag.csv", "FISH_DT", 1),
    Recipe("sentinel_date", "conmed.xlsx", "EN_DT", 1),
    Recipe("trailing_blanks", "lab_local.csv", "TEST", 3),
    Recipe("trailing_blanks", "priortx.txt", "DRUG_1", 2),
    Recipe("lower_case", "priortx.txt", "STOP_REASON", 2),
    Recipe("lower_case", "lab_central.xpt", "SPEC", 2),
    Recipe("unmapped_code", "mmdiag.csv", "DEL17P", 1, "17p-: 60%"),
    Recipe("unmapped_code", "mmdiag.csv", "IG_TYPE", 1, "IgG/IgA?"),
    Recipe("unmapped_code", "visit.csv", "ECOG", 1, "1-2"),
    Recipe("exact_duplicate", "lab_local.csv", "", 2),
    Recipe("exact_duplicate", "conmed.xlsx", "", 1),
    Recipe("conflicting_duplicate", "lab_local.csv", "RESULT", 1, "1.3"),
    Recipe("unknown_subject", "lab_local.csv", "SUBJ_ID", 1, UNKNOWN_SUBJECT),
    Recipe("query_text", "lab_local.csv", "RESULT", 2, _QUERIES),
    Recipe("query_text", "lab_central.xpt", "RESULT", 1, "???|see comment"),
    Recipe("query_text", "priortx.txt", "EN_DT", 1, _QUERIES),
    Recipe("query_text", "snapshot.xml", "WEIGHT", 1, _QUERIES, part="VS"),
    Recipe("blank_item", "qol.sav", "Q3", 2, "", (("NOT_DONE", ("",)),)),
    Recipe("blank_item", "qol.sav", "Q17", 2, "", (("NOT_DONE", ("",)),)),
    Recipe("blank_item", "qol.sav", "Q35", 2, "", (("NOT_DONE", ("",)),)),
)

HOSTILE: tuple[AnyRecipe, ...] = (
    # between forms; these come first, while no record has a defect
    TwinSubject(("enrol.csv", "demo.csv"), 5),
    Relation(
        "death_before_dose", "death.csv", "DTH_DT", 5, ("death.csv", "DTH_DT", "same"), -400,
        least_after=("isa.csv", "DOSE_DT", 3),
    ),
    Relation("consent_after_death", "enrol.csv", "ICF_DT", 5, ("death.csv", "DTH_DT", "first"), 30),
    Relation(
        "progression_after_death", "resp.csv", "ASSESS_DT", 5, ("death.csv", "DTH_DT", "first"), 25,
        (("PD_TYPE", ("biochemical", "imaging", "clinical")),),
    ),
    Relation("response_before_dose", "resp.csv", "ASSESS_DT", 6, ("isa.csv", "DOSE_DT", "first"), -20),
    Relation(
        "exposure_too_early", "isa.csv", "DOSE_DT", 5, ("enrol.csv", "ICF_DT", "first"), -120, (_ADMINISTERED,),
        own_first=True,
    ),
    Relation("end_before_start", "ae.csv", "EN_DT", 4, ("ae.csv", "ST_DT", "same"), -10),
    Relation("end_before_start", "combo.csv", "EN_DT", 2, ("combo.csv", "ST_DT", "same"), -14),
    Relation("end_before_start", "priortx.txt", "EN_DT", 2, ("priortx.txt", "ST_DT", "same"), -30),
    Relation("end_before_start", "conmed.xlsx", "EN_DT", 2, ("conmed.xlsx", "ST_DT", "same"), -5),
    LineGap("priortx.txt", "LINE_NO", 6),
    *TYPICAL,
    # dates
    Recipe("partial_date", "ae.csv", "ST_DT", 6, "year"),
    Recipe("unknown_date", "comorb.csv", "EN_DT", 3),
    Recipe("missing_date", "priortx.txt", "ST_DT", 3),
    Recipe("impossible_date", "resp.csv", "ASSESS_DT", 3, "site"),
    Recipe("impossible_date", "snapshot.xml", "VS_DT", 2, "site", part="VS"),
    Recipe("sentinel_date", "isa.csv", "DOSE_DT", 2),
    Recipe("sentinel_date", "resp.csv", "ASSESS_DT", 2),
    Recipe("foreign_date", "resp.csv", "ASSESS_DT", 7),
    Recipe("foreign_date", "ae.csv", "ST_DT", 5),
    Recipe("foreign_date", "isa.csv", "DOSE_DT", 5),
    Recipe("foreign_date", "priortx.txt", "ST_DT", 6),
    Recipe("foreign_date", "lab_local.csv", "LAB_DT", 5),
    Recipe("foreign_date", "conmed.xlsx", "ST_DT", 4),
    Recipe("foreign_date", "lab_central.xpt", "COLLDT", 3),
    Recipe("foreign_date", "qol.sav", "FORM_DT", 2),
    Recipe("two_digit_year", "ae.csv", "ST_DT", 3),
    Recipe("two_digit_year", "visit.csv", "VISIT_DT", 3),
    Recipe("two_digit_year", "combo.csv", "ST_DT", 2),
    Recipe("future_date", "ae.csv", "ST_DT", 2),
    Recipe("future_date", "visit.csv", "VISIT_DT", 2),
    Recipe("future_date", "lab_central.xpt", "COLLDT", 2),
    Recipe("future_date", "snapshot.xml", "FU_DT", 2, part="FU"),
    Recipe("ambiguous_part", "ae.csv", "EN_DT", 3),
    Recipe("ambiguous_part", "comorb.csv", "DX_DT", 3),
    Recipe("ambiguous_part", "conmed.xlsx", "ST_DT", 2),
    # numbers
    Recipe("decimal_comma", "demo.csv", "WEIGHT", 3),
    Recipe("decimal_comma", "lab_local.csv", "RESULT", 4),
    Recipe("decimal_comma", "lab_central.xpt", "RESULT", 3),
    Recipe("decimal_comma", "snapshot.xml", "WEIGHT", 2, part="VS"),
    Recipe("thousands", "isa.csv", "PLAN_DOSE_MG", 4),
    Recipe("thousands", "lab_local.csv", "RESULT", 4),
    Recipe("full_width", "demo.csv", "WEIGHT", 2),
    Recipe("full_width", "isa.csv", "ACT_DOSE_MG", 3),
    Recipe("full_width", "snapshot.xml", "PULSE", 2, part="VS"),
    Recipe("full_width", "mmdiag.csv", "BMPC", 2),
    Recipe("approximate", "lab_local.csv", "RESULT", 3),
    Recipe("approximate", "demo.csv", "WEIGHT", 2),
    Recipe("approximate", "marrow.csv", "ASPIRATE_PCT", 2),
    Recipe("approximate", "isa.csv", "ACT_DOSE_MG", 2),
    Recipe("number_sentinel", "demo.csv", "HEIGHT", 2, "999|888|-9"),
    Recipe("number_sentinel", "demo.csv", "WEIGHT", 2, "-9|999|888"),
    Recipe("number_sentinel", "lab_local.csv", "RESULT", 3, "999|-9|888", (_HGB,)),
    Recipe("number_sentinel", "snapshot.xml", "PULSE", 2, "999|-9|888", part="VS"),
    Recipe("wrong_unit", "lab_central.xpt", "UNITS", 4, "g/dL", _MPROT, ("RESULT", 15, 99)),
    Recipe("wrong_unit", "lab_local.csv", "RESULT", 3, "10", (_HGB, ("UNIT", ("g/dL",))), ("RESULT", 6, 20)),
    Recipe("wrong_unit", "lab_local.csv", "UNIT", 2, "g/dL", (_HGB, ("UNIT", ("g/L", "G/L"))), ("RESULT", 60, 200)),
    Recipe("wrong_unit", "lab_local.csv", "RESULT", 2, "4", (_CA, ("UNIT", ("mmol/L",))), ("RESULT", 1.5, 4)),
    Recipe("wrong_unit", "demo.csv", "HEIGHT", 2, "0.01", (), ("HEIGHT", 120, 220)),
    Recipe("missing_unit", "lab_local.csv", "UNIT", 4),
    Recipe("missing_unit", "lab_central.xpt", "UNITS", 2, "", (("TESTCD", ("MPROT", "KAPPA", "LAMBDA")),)),
    Recipe("missing_unit", "snapshot.xml", "WEIGHT_UNIT", 2, part="VS"),
    Recipe("missing_unit", "combo.csv", "UNIT", 2),
    Recipe("implausible", "demo.csv", "WEIGHT", 2, "720|7|450"),
    Recipe("implausible", "demo.csv", "AGE", 2, "7|171"),
    Recipe("implausible", "snapshot.xml", "WEIGHT", 2, "720|7.2", part="VS"),
    Recipe("implausible", "snapshot.xml", "HEIGHT", 1, "1720|17", part="VS"),
    # identity
    Recipe("lost_zeros", "isa.csv", "SITE_ID", 2),
    Recipe("lost_zeros", "ae.csv", "SUBJ_ID", 2),
    Recipe("lost_zeros", "lab_local.csv", "SUBJ_ID", 2),
    Recipe("lost_zeros", "conmed.xlsx", "SITE_ID", 2),
    Recipe("letter_for_digit", "resp.csv", "SUBJ_ID", 2),
    Recipe("letter_for_digit", "priortx.txt", "SITE_ID", 2),
    Recipe("letter_for_digit", "lab_central.xpt", "PATNUM", 2),
    Recipe("nbsp_padding", "combo.csv", "SUBJ_ID", 2),
    Recipe("nbsp_padding", "ae.csv", "OUTCOME", 2),
    Recipe("nbsp_padding", "resp.csv", "RESP", 2),
    Recipe("unknown_subject", "conmed.xlsx", "SUBJ_ID", 2, UNKNOWN_SUBJECT),
    Recipe("unknown_subject", "resp.csv", "SUBJ_ID", 2, UNKNOWN_SUBJECT),
    # text
    Recipe("excel_error", "lab_local.csv", "RESULT", 3),
    Recipe("excel_error", "conmed.xlsx", "DOSE", 2),
    Recipe("excel_error", "demo.csv", "WEIGHT", 1),
    Recipe("excel_error", "isa.csv", "ACT_DOSE_MG", 2),
    Recipe("mojibake", "ae.csv", "TERM", 4),
    Recipe("mojibake", "comorb.csv", "TERM", 3),
    Recipe("query_text", "resp.csv", "RESP", 2, _QUERIES),
    Recipe("unmapped_code", "conmed.xlsx", "ROUTE", 2, "p.o.?|via sonde"),
    Recipe("unmapped_code", "lab_local.csv", "TEST", 2, "XYZ-17|Labor 3"),
    Recipe("unknown_visit", "resp.csv", "VISIT", 3, "MONTH 99|Visit 7b|???"),
    Recipe("unknown_visit", "lab_local.csv", "VISIT", 2, "MONTH 99|Visit 7b"),
    Recipe("unknown_visit", "visit.csv", "VISIT", 2, "MONTH 99|Visit 7b"),
    Recipe("unknown_visit", "qol.sav", "VISIT", 2, "MONTH 99"),
    Recipe("out_of_range_item", "qol.sav", "Q5", 2, "5|2.5", (_DONE,)),
    Recipe("out_of_range_item", "qol.sav", "Q12", 2, "2.5|5", (_DONE,)),
    Recipe("out_of_range_item", "qol.sav", "Q29", 2, "8|0", (_DONE,)),
    Recipe("blank_item", "qol.sav", "Q30", 2, "", (_DONE,)),
    Swap("lab_local.csv", ("RESULT", "UNIT"), 6),
    # whole records
    Recipe("exact_duplicate", "priortx.txt", "", 2),
    Recipe("exact_duplicate", "qol.sav", "", 2),
    Recipe("exact_duplicate", "lab_central.xpt", "", 2),
    Recipe("conflicting_duplicate", "lab_local.csv", "RESULT", 3, "1.4"),
    Recipe("conflicting_duplicate", "conmed.xlsx", "DOSE", 1, "2.5"),
)  # fmt: skip
