"""The tests of a local laboratory: how sites name them, their units and their reference ranges.

Ranges are rounded textbook ranges of adults, for demonstration only.
"""

from __future__ import annotations

from dataclasses import dataclass

GRAMS_PER_LITRE = ("BEL", "SWE", "NLD", "CZE")  # haemoglobin
MILLIGRAMS = ("USA", "JPN")  # immunoglobulins
COUNT_UNITS = ("10^9/L", "/nL", "G/l")  # by style of the site


@dataclass(frozen=True)
class Unit:
    """How a value or a limit of its range is written: times ``times`` / ``per``, rounded to ``places`` decimals."""

    name: str
    places: int
    times: int = 1
    per: int = 1


@dataclass(frozen=True)
class Test:
    """``low``, ``high``: reference range in the base numbers of the values; -1: none. ``often``: permille of visits.

    ``english``: British, American name. ``local``: names in the order of LANGUAGES (events.py).
    """

    code: str
    low: int
    high: int
    often: int
    english: tuple[str, str]
    local: tuple[str, str, str, str, str, str]
    here: Unit  # in the countries of ``there`` the other unit
    elsewhere: Unit
    there: tuple[str, ...] = ()


#: base numbers: HGB tenths of g/dL, ALB g/L, CREAT umol/L, CA hundredths of mmol/L, LDH U/L, B2MICG tenths of mg/L,
#: NEUT and WBC hundredths of 10^9/L, PLAT 10^9/L, immunoglobulins hundredths of g/L
NOT_EUROPE = ("JPN", "KOR", "BRA", "MEX", "USA")
_COUNT = Unit("", 2)
_IG = Unit("g/L", 2), Unit("mg/dL", 0)
TESTS = (
    Test(
        "HGB", 120, 165, 960, ("Haemoglobin", "Hemoglobin"),
        ("Haemoglobin", "Hémoglobine", "Hämoglobin", "Hemoglobina", "Emoglobina", "Hemoglobina"),
        Unit("g/dL", 1), Unit("g/L", 0), GRAMS_PER_LITRE,
    ),
    Test(
        "ALB", 35, 50, 640, ("Albumin", "Albumin"),
        ("Albumin", "Albumine", "Albumin", "Albúmina", "Albumina", "Albumina"),
        Unit("g/L", 0), Unit("g/dL", 1), NOT_EUROPE,
    ),
    Test(
        "CREAT", 50, 105, 930, ("Creatinine", "Creatinine"),
        ("Creatinine", "Créatinine", "Kreatinin", "Creatinina", "Creatinina", "Creatinina"),
        Unit("umol/L", 0), Unit("mg/dL", 2, 10000, 8842), NOT_EUROPE,
    ),
    Test(
        "CA", 215, 260, 780, ("Calcium", "Calcium"),
        ("Calcium", "Calcium", "Kalzium", "Calcio", "Calcio", "Cálcio"),
        Unit("mmol/L", 2), Unit("mg/dL", 1, 4008, 10000), NOT_EUROPE,
    ),
    Test(
        "LDH", 120, 250, 660, ("Lactate dehydrogenase", "Lactate dehydrogenase"),
        ("Lactate dehydrogenase", "LDH (lactate déshydrogénase)", "Laktatdehydrogenase", "Lactato deshidrogenasa",
         "Lattato deidrogenasi", "Desidrogenase láctica"),
        Unit("U/L", 0), Unit("U/L", 0),
    ),
    Test(
        "B2MICG", 10, 24, 300, ("Beta-2 microglobulin", "Beta-2 microglobulin"),
        ("Beta-2 microglobulin", "Bêta-2 microglobuline", "Beta-2-Mikroglobulin", "Beta-2 microglobulina",
         "Beta-2 microglobulina", "Beta-2 microglobulina"),
        Unit("mg/L", 1), Unit("mg/L", 1),
    ),
    Test(
        "NEUT", 180, 750, 900, ("Neutrophils", "Neutrophils"),
        ("Neutrophils", "Neutrophiles", "Neutrophile", "Neutrófilos", "Neutrofili", "Neutrófilos"), _COUNT, _COUNT,
    ),
    Test(
        "PLAT", 150, 400, 930, ("Platelets", "Platelets"),
        ("Platelets", "Plaquettes", "Thrombozyten", "Plaquetas", "Piastrine", "Plaquetas"), Unit("", 0), Unit("", 0),
    ),
    Test(
        "WBC", 400, 1000, 930, ("White blood cells", "White blood cells"),
        ("White blood cells", "Leucocytes", "Leukozyten", "Leucocitos", "Leucociti", "Leucócitos"), _COUNT, _COUNT,
    ),
    Test("IGG", 700, 1600, 420, ("Immunoglobulin G", "Immunoglobulin G"), ("IgG",) * 6, *_IG, MILLIGRAMS),
    Test("IGA", 70, 400, 420, ("Immunoglobulin A", "Immunoglobulin A"), ("IgA",) * 6, *_IG, MILLIGRAMS),
    Test("IGM", 40, 230, 420, ("Immunoglobulin M", "Immunoglobulin M"), ("IgM",) * 6, *_IG, MILLIGRAMS),
)  # fmt: skip
#: words of a country for a result below the limit of detection; some sites write them instead of a number
NOTHING_FOUND = {"DEU": "nicht nachweisbar", "FRA": "non detectable", "BEL": "non detectable"}
