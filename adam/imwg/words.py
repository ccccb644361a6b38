"""The algorithm in words, for the methods of AVAL and AVALC: what each parameter has, and the rules of each category.

The numbers are those of the criteria file, the choices those of the options. Not for the algorithm (response.py).
"""

from __future__ import annotations

from collections.abc import Iterator

from ...mappings.models.response_criteria import ImwgCriteria, LevelLimits, Limit, Progression
from ...mappings.models.wording import quoted
from .options import ImwgOptions

_COMPARED = {"at_least": "at least", "above": "more than", "below": "less than", "at_most": "at most"}
_TESTS = ("serum", "urine", "dflc", "marrow", "plasmacytoma")
_NAMES = {
    "serum": "serum M-protein",
    "urine": "urine M-protein",
    "dflc": "involved minus uninvolved free light chain",
    "marrow": "plasma cells in bone marrow",
    "plasmacytoma": "the sum of products of plasmacytomas",
}


def values_by_parameter(criteria: ImwgCriteria) -> Iterator[str]:
    """The lines of AVAL: the result of each parameter with its unit."""
    unit = {key: analyte.unit for key, analyte in criteria.analytes.items()}
    yield f"AVAL is the result that PARAMCD names, by the criteria {quoted(criteria.criteria)}:"
    yield (
        f"'IMSERUM' the M-protein of serum ({unit['serum']}); 'IMURINE' that of urine ({unit['urine']}); 'IMDFLC' the "
        f"involved minus the uninvolved free light chain ({unit['kappa']}); 'IMRATIO' kappa divided by lambda; "
        f"'IMMARROW' plasma cells in bone marrow ({unit['marrow']}), the higher of aspirate and biopsy; 'IMBLOOD' "
        f"plasma cells in blood ({unit['blood']}); 'IMSPD' the sum of products of the diameters of the plasmacytomas "
        f"of the baseline ({unit['diameter']}2)."
    )
    yield (
        "1 for 'POSITIVE' and 0 for 'NEGATIVE' of 'IMSIFE' and 'IMUIFE'; 1 for 'Y' and 0 for 'N' of 'IMNEWLES', "
        "'IMWGMS', 'IMWGMU', 'IMWGMF' and 'IMWGMB'; 1 for 'sCR' to 8 for 'NE' of 'IMWG'."
    )


def categories_by_rule(criteria: ImwgCriteria, options: ImwgOptions, start: str) -> Iterator[str]:
    """The lines of AVALC: what is measurable, the levels of response, complete response, progression, the rest."""
    ratio = criteria.ratio_ranges["standard"]
    yield (
        "AVALC is the result that PARAMCD names. For 'IMWG' it is the category of an evaluation by the criteria "
        f"{quoted(criteria.criteria)}: 'PD' if a test shows progression, else the worst level of the tests that count, "
        "else 'SD'; 'NE' without a test that was measurable at baseline."
    )
    yield (
        f"Baseline is the last value on or before {start}. An evaluation has the results of one visit within "
        f"{options.window} days."
    )
    serum = criteria.measurable["serum"] if options.serum_measurable is None else None
    lowest = _limit(serum) if serum is not None else f"at least {options.serum_measurable}"
    yield (
        f"Measurable at baseline: serum M-protein {lowest} g/dL; urine M-protein "
        f"{_limit(criteria.measurable['urine'])} mg/day; without both, the involved free light chain "
        f"{_limit(criteria.measurable['chain'])} mg/dL with a kappa/lambda ratio outside {ratio.low} to {ratio.high}; "
        f"without these, plasma cells in bone marrow {_limit(criteria.measurable['marrow'])} %."
    )
    for level in ("VGPR", "PR", "MR"):
        listed = "; ".join(_response(criteria, options, level))
        yield f"{quoted(level)} needs of each test that counts, as percent below baseline: {listed}."
    yield (
        "'CR' needs negative immunofixation of serum and urine, no plasmacytoma, and plasma cells in bone marrow "
        f"{_limit(criteria.complete_marrow)} %; where light chains alone were measurable, a ratio of {ratio.low} to "
        f"{ratio.high} too. 'sCR' needs 'CR', a ratio of {ratio.low} to {ratio.high} and no clonal cells."
    )
    listed = "; ".join(_progressions(criteria, options))
    yield f"'PD' is any of these, over the lowest value so far: {listed}; a new lesion."


def _response(criteria: ImwgCriteria, options: ImwgOptions, level: str) -> Iterator[str]:
    amount = getattr(criteria.response["urine_amount"], level)
    other = {"VGPR": options.plasmacytoma_vgpr == 50, "MR": options.plasmacytoma_mr == 25}.get(level, False)
    for test in _TESTS:
        limits: LevelLimits = criteria.response["plasmacytoma_other" if test == "plasmacytoma" and other else test]
        limit: Limit | None = getattr(limits, level)
        parts = [f"{_limit(limit)} %"] if limit is not None else []
        if test == "urine" and amount is not None:
            parts.append(f"{_limit(amount)} mg/day")
        if test == "serum" and level == "VGPR":
            parts.append("not visible on electrophoresis")
        if parts:
            yield f"{_NAMES[test]} {' or '.join(parts)}"


def _progressions(criteria: ImwgCriteria, options: ImwgOptions) -> Iterator[str]:
    rules = criteria.progression
    yield f"serum M-protein {_rise(rules['serum'], 'g/dL')}, or {_rise(rules['serum_high'], 'g/dL')}"
    yield f"urine M-protein {_rise(rules['urine'], 'mg/day')}"
    yield f"{_NAMES['dflc']} {_rise(rules['dflc'], 'mg/dL')}, without measurable M-protein"
    yield f"{_NAMES['marrow']} {_rise(rules['marrow'], 'percentage points')}, where nothing else was measurable"
    yield f"{_NAMES['plasmacytoma']} {_rise(rules['spd'], '')} for more than one"
    yield f"the diameter of a lesion {_rise(rules['diameter'], '', 'the short axis', ' mm')}"
    yield f"plasma cells in blood {_rise(rules['blood'], '', 'the number', '/uL')}, as the only measure"
    if options.hypercalcaemia_is_pd:
        size = rules["calcium"].size
        yield f"corrected calcium {_limit(size)} mg/dL"


def _rise(rule: Progression, unit: str, size: str = "", size_unit: str = "") -> str:
    parts = [f"{_limit(rule.percent)} %"] if rule.percent is not None else []
    parts += [f"{_limit(rule.absolute)} {unit}"] if rule.absolute is not None else []
    parts += [f"{size} {_limit(rule.size)}{size_unit}"] if rule.size is not None else []
    if rule.nadir is not None:
        parts.append(f"the lowest value {_limit(rule.nadir)} {unit}")
    return " and ".join(parts)


def _limit(limit: Limit | None) -> str:
    """A number with its comparison, as ``at least 25``."""
    found = ((words, getattr(limit, name)) for name, words in _COMPARED.items())
    return next((f"{words} {value:g}" for words, value in found if value is not None), "")
