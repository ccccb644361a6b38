"""Response by the IMWG algorithm: measurable disease and the level of each evaluation, both sides of every threshold.

The tables are written by hand from the criteria (Kumar 2016, Table 4; measurable disease), never from the code.
"""

from __future__ import annotations

from typing import Any

import pytest
from kit import imwg_subjects as imwg

last, why, categories, algorithm, GONE, New = (
    imwg.last, imwg.why, imwg.categories, imwg.algorithm, imwg.GONE, imwg.New
)  # fmt: skip

SERUM = {0: {"serum": 4.0, "urine": 0}}  # measurable by serum alone
BOTH = {0: {"serum": 4.0, "urine": 1000}}
URINE = {0: {"serum": 0.0, "urine": 1000}}
CHAINS = {0: {"serum": 0.2, "urine": 50, "kappa": 101, "lambda": 1}}  # dFLC 100 mg/dL
MARROW = {0: {"serum": 0, "urine": 0, "kappa": 1, "lambda": 1, "marrow": 60}}
DONE = {"sife": "NEG", "urine": 0, "uife": "NEG", "marrow": 4.9}


def at_baseline(tests: dict[str, Any], renal: bool = False, **options: Any) -> tuple[list[int], int]:
    m = algorithm([{0: tests, 30: {"serum": 1}}], renal=renal, **options).measurable
    return [int(getattr(m, k)[0]) for k in ("serum", "urine", "chains", "marrow")], int(m.involved[0])


NONE, KAPPA, LAMBDA, UNKNOWN = range(4)


@pytest.mark.parametrize(
    ("tests", "flags", "chain"),
    [
        # MS serum >= 1.0 g/dL; MU urine >= 200 mg/24 h
        ({"serum": 1.0, "urine": 199}, [1, 0, 0, 0], UNKNOWN),
        ({"serum": 0.99, "urine": 200}, [0, 1, 0, 0], UNKNOWN),
        ({"serum": 1.0, "urine": 200, "kappa": 50, "lambda": 1}, [1, 1, 0, 0], KAPPA),
        # MF involved chain >= 10 mg/dL and abnormal ratio, only if neither MS nor MU
        ({"serum": 0.99, "urine": 199, "kappa": 10, "lambda": 1}, [0, 0, 1, 0], KAPPA),
        ({"serum": 0.99, "urine": 199, "kappa": 9.99, "lambda": 1}, [0, 0, 0, -1], KAPPA),
        ({"serum": 0.5, "urine": 0, "kappa": 1, "lambda": 10}, [0, 0, 1, 0], LAMBDA),
        # the ratio is normal from 0.26 to 1.65, both limits normal
        ({"serum": 0.5, "urine": 0, "kappa": 16.5, "lambda": 10, "ratio": 1.65}, [0, 0, 0, -1], NONE),
        ({"serum": 0.5, "urine": 0, "kappa": 16.6, "lambda": 10, "ratio": 1.66}, [0, 0, 1, 0], KAPPA),
        ({"serum": 0.5, "urine": 0, "kappa": 2.6, "lambda": 10, "ratio": 0.26}, [0, 0, 0, -1], NONE),
        ({"serum": 0.5, "urine": 0, "kappa": 2.5, "lambda": 10, "ratio": 0.25}, [0, 0, 1, 0], LAMBDA),
        # MB marrow >= 30 %, only if none of the others
        ({"serum": 0, "urine": 0, "kappa": 1, "lambda": 1, "marrow": 30}, [0, 0, 0, 1], NONE),
        ({"serum": 0, "urine": 0, "kappa": 1, "lambda": 1, "marrow": 29.9}, [0, 0, 0, 0], NONE),
        ({"serum": 2, "urine": 0, "kappa": 1, "lambda": 1, "marrow": 60}, [1, 0, 0, 0], NONE),
        # a baseline that is missing is not known, and what depends on it neither
        ({"kappa": 50, "lambda": 1, "marrow": 60}, [-1, -1, -1, -1], KAPPA),
        ({"serum": 0, "marrow": 60}, [0, -1, -1, -1], UNKNOWN),
        ({"serum": 0, "kappa": 50, "lambda": 1}, [0, -1, 1, 0], KAPPA),
    ],
)
def test_measurable_disease(tests, flags, chain):
    assert at_baseline(tests) == (flags, chain)


def test_measurable_disease_by_options():
    assert at_baseline({"serum": 0.5, "urine": 0}, serum_measurable=0.5)[0][0] == 1
    assert at_baseline({"serum": 0.49, "urine": 0}, serum_measurable=0.5)[0][0] == 0
    assert at_baseline({"kappa": 50, "lambda": 1}, unknown_baseline="pass")[0] == [-1, -1, 1, 0]
    assert at_baseline({"serum": 0, "marrow": 60}, unknown_baseline="pass")[0] == [0, -1, -1, 1]
    # extended range for reduced kidney function: 0.37 to 3.1
    tests = {"serum": 0.5, "urine": 0, "kappa": 31, "lambda": 10}
    assert at_baseline(tests)[1] == KAPPA
    assert at_baseline(tests, renal=True)[1] == NONE
    assert at_baseline({**tests, "kappa": 32}, renal=True)[1] == KAPPA


def test_the_baseline_is_the_last_value_on_or_before_the_first_dose():
    subject = {-40: {"serum": 6.0}, -1: {"serum": 4.0}, 30: {"serum": 2.0, "urine": 0}}
    assert last(subject) == "PR"  # 50 % of 4.0, 67 % of 6.0
    assert last({**subject, 0: {"serum": 2.2}}) == "SD"  # the day of the first dose is baseline
    assert algorithm([{-40: {"serum": 6.0}, 30: {"serum": 2.0}}]).measurable.serum.tolist() == [1]
    assert algorithm([{-40: {"serum": 6.0}, 30: {"serum": 2.0}}], baseline_days=28).measurable.serum.tolist() == [-1]


LEVELS = [
    # serum alone: >= 90, >= 50, >= 25 % down
    (SERUM, {"serum": 0.40, "urine": 0}, "VGPR"),
    (SERUM, {"serum": 0.404, "urine": 0}, "PR"),  # 89.9 %
    (SERUM, {"serum": 2.0, "urine": 0}, "PR"),
    (SERUM, {"serum": 2.004, "urine": 0}, "MR"),  # 49.9 %
    (SERUM, {"serum": 3.0, "urine": 0}, "MR"),
    (SERUM, {"serum": 3.004, "urine": 0}, "SD"),  # 24.9 %
    (SERUM, {"serum": 4.0, "urine": 0}, "SD"),
    # VGPR needs urine below 100 mg/24 h where it was done; PR below 200 where it was not measurable
    (SERUM, {"serum": 0.4, "urine": 99.9}, "VGPR"),
    (SERUM, {"serum": 0.4, "urine": 100}, "PR"),
    (SERUM, {"serum": 0.4, "urine": 199.9}, "PR"),
    (SERUM, {"serum": 0.4}, "VGPR"),  # missing urine does not block: baseline below 200
    ({0: {"serum": 4.0}}, {"serum": 0.4}, "VGPR"),  # nor where urine was never done
    # visible on immunofixation, not on electrophoresis
    (SERUM, {"serum": 0.0, "urine": 0, "sife": "POS"}, "VGPR"),
    # urine alone: VGPR < 100; PR >= 90 % down or < 200; MR 50-89 % down
    (URINE, {"urine": 99.9}, "VGPR"),
    (URINE, {"urine": 100}, "PR"),
    ({0: {"serum": 0, "urine": 3000}}, {"urine": 300}, "PR"),  # 90 %
    ({0: {"serum": 0, "urine": 3000}}, {"urine": 303}, "MR"),  # 89.9 %
    (URINE, {"urine": 199.9}, "PR"),
    (URINE, {"urine": 200}, "MR"),
    (URINE, {"urine": 500}, "MR"),
    (URINE, {"urine": 501}, "SD"),
    # both: the worst decides
    (BOTH, {"serum": 0.4, "urine": 50}, "VGPR"),
    (BOTH, {"serum": 0.4, "urine": 150}, "PR"),
    (BOTH, {"serum": 0.4, "urine": 300}, "MR"),
    (BOTH, {"serum": 0.4, "urine": 600}, "SD"),
    (BOTH, {"serum": 2.5, "urine": 50}, "MR"),
    (BOTH, {"serum": 3.5, "urine": 50}, "SD"),
    # a measurable test is missing: the next lower level
    (BOTH, {"serum": 0.4}, "PR"),
    (BOTH, {"serum": 2.0}, "MR"),
    (BOTH, {"serum": 3.0}, "SD"),
    (BOTH, {"serum": 3.5}, "SD"),
    (BOTH, {"urine": 50}, "PR"),
    # nothing that can be measured was measured
    (BOTH, {"marrow": 3}, "NE"),
    (SERUM, {"urine": 0}, "NE"),
    (URINE, {"serum": 0}, "NE"),
    # light chains alone: >= 90, >= 50 % down; no MR; the involved chain is that of the baseline
    (CHAINS, {"kappa": 11, "lambda": 1}, "VGPR"),
    (CHAINS, {"kappa": 11.1, "lambda": 1}, "PR"),
    (CHAINS, {"kappa": 51, "lambda": 1}, "PR"),
    (CHAINS, {"kappa": 51.1, "lambda": 1}, "SD"),
    (CHAINS, {"kappa": 71, "lambda": 1}, "SD"),  # 30 % is no MR
    (CHAINS, {"kappa": 1, "lambda": 4}, "VGPR"),  # dFLC is negative: more than 100 % down
    (CHAINS, {"kappa": 11}, "NE"),  # one chain is no difference
    (CHAINS, {"serum": 0.1, "urine": 0}, "NE"),
    # marrow alone: >= 50 % down is PR; no VGPR, no MR
    (MARROW, {"marrow": 30}, "PR"),
    (MARROW, {"marrow": 30.1}, "SD"),
    (MARROW, {"marrow": 6}, "PR"),
    (MARROW, {"marrow": 42}, "SD"),
    (MARROW, {"serum": 0}, "NE"),
    # nothing measurable at baseline, or no baseline
    ({0: {"serum": 0.3, "urine": 0, "kappa": 1, "lambda": 1, "marrow": 5}}, {"serum": 0, "urine": 0}, "NE"),
    ({}, {"serum": 1.0, "urine": 0}, "NE"),
]
levels = imwg.AtOnce(LEVELS, lambda baseline, now: {**baseline, 30: now})


@pytest.mark.parametrize(("baseline", "now", "expected"), LEVELS)
def test_levels(baseline, now, expected):
    assert levels(baseline, now) == expected


COMPLETE = [
    (SERUM, {"serum": 0, **DONE}, "CR"),
    (SERUM, {"serum": 0, **DONE, "marrow": 5.0}, "VGPR"),  # 5.0 % is not CR
    (SERUM, {"serum": 0, **DONE, "marrow": [4.0, 6.0]}, "VGPR"),  # the higher of aspirate and biopsy
    (SERUM, {"serum": 0, **DONE, "sife": "POS"}, "VGPR"),
    (SERUM, {"serum": 0, **DONE, "uife": "POS"}, "VGPR"),
    (SERUM, {"serum": 0, "sife": "NEG", "urine": 0, "marrow": 2}, "VGPR"),  # immunofixation of urine missing
    (SERUM, {"serum": 0, "urine": 0, "uife": "NEG", "marrow": 2}, "VGPR"),  # of serum missing
    (SERUM, {"serum": 0, "sife": "NEG", "urine": 0, "uife": "NEG"}, "VGPR"),  # marrow missing
    (SERUM, DONE, "CR"),  # electrophoresis was not done, immunofixation shows nothing
    (SERUM, {"serum": 0.3, **DONE}, "VGPR"),  # a band beside a negative immunofixation
    (SERUM, {"serum": 0.1, **DONE, "sife": "CORRECTED NEG"}, "CR"),  # the band is the drug's
    (SERUM, {"serum": "<0.05", **DONE}, "CR"),
    (URINE, {"serum": 0, **DONE}, "CR"),
    (URINE, {**DONE, "urine": 20}, "VGPR"),
    # light chains alone need a normal ratio too
    (CHAINS, {**DONE, "kappa": 1.65, "lambda": 1}, "CR"),
    (CHAINS, {**DONE, "kappa": 1.66, "lambda": 1}, "VGPR"),
    (MARROW, {"serum": 0, **DONE}, "CR"),
    (MARROW, {"serum": 0, **DONE, "marrow": 5}, "PR"),
    # sCR: CR, normal ratio, no clonal cells
    (SERUM, {"serum": 0, **DONE, "kappa": 1, "lambda": 1, "clonal": "N"}, "sCR"),
    (SERUM, {"serum": 0, **DONE, "kappa": 1, "lambda": 1, "clonal": "Y"}, "CR"),
    (SERUM, {"serum": 0, **DONE, "kappa": 1, "lambda": 1}, "CR"),
    (SERUM, {"serum": 0, **DONE, "kappa": 2, "lambda": 1, "clonal": "N"}, "CR"),
    (SERUM, {"serum": 0, **DONE, "clonal": "N"}, "CR"),
    (SERUM, {"serum": 0, **DONE, "ratio": 0.26, "clonal": "N"}, "sCR"),
    (SERUM, {"serum": 0, **DONE, "ratio": 0.25, "clonal": "N"}, "CR"),
    (CHAINS, {**DONE, "kappa": 1, "lambda": 1, "clonal": "N"}, "sCR"),
    (MARROW, {"serum": 0, **DONE, "kappa": 1, "lambda": 1, "clonal": "N"}, "sCR"),
]
complete = imwg.AtOnce(COMPLETE, lambda baseline, now: {**baseline, 30: now})


@pytest.mark.parametrize(("baseline", "now", "expected"), COMPLETE)
def test_complete_response(baseline, now, expected):
    assert complete(baseline, now) == expected


def test_no_second_marrow_is_needed_until_a_progression():
    clean = {"serum": 0, "sife": "NEG", "urine": 0, "uife": "NEG"}
    subject = {**SERUM, 30: {**clean, "marrow": 2}, 60: clean, 90: clean}
    assert categories([subject]) == [["CR", "CR", "CR"]]
    assert categories([subject], marrow_carry=30) == [["CR", "CR", "VGPR"]]
    assert categories([{**subject, 60: {"serum": 1.0}}]) == [["CR", "PD", "VGPR"]]
    assert categories([{**subject, 60: {"marrow": 7}}]) == [["CR", "NE", "VGPR"]]
    # a marrow before the first dose proves nothing
    assert last({0: {**SERUM[0], "marrow": 3}, 30: clean}) == "VGPR"


PLASMA = {0: {**SERUM[0], "P1": (50, 40)}}  # 2000 mm2
DEEP = {"serum": 0.2, "urine": 0}


PLASMACYTOMAS = [
    ({**DEEP, "P1": (14, 14)}, "VGPR"),  # 196 mm2: 90.2 % down
    ({**DEEP, "P1": (20, 10)}, "PR"),  # exactly 90 % is not more than 90 %
    ({**DEEP, "P1": (40, 25)}, "PR"),  # 50 %
    ({**DEEP, "P1": (40, 25.1)}, "SD"),  # 49.8 %: MR takes 50 % too
    ({**DEEP, "P1": (50, 40)}, "SD"),
    ({**DEEP, "P1": GONE}, "VGPR"),
    ({"serum": 2.0, "urine": 0, "P1": GONE}, "PR"),
    ({"serum": 0, **DONE, "P1": GONE}, "CR"),
    ({"serum": 0, **DONE, "P1": (4, 4)}, "VGPR"),
    (DEEP, "PR"),  # not imaged since: the next lower level
    ({"serum": 0, **DONE}, "PR"),
    ({**DEEP, "P1": None}, "PR"),  # seen and not measured
]
plasmacytomas = imwg.AtOnce(PLASMACYTOMAS, lambda now: {**PLASMA, 30: now})


@pytest.mark.parametrize(("now", "expected"), PLASMACYTOMAS)
def test_plasmacytomas(now, expected):
    assert plasmacytomas(now) == expected


def test_plasmacytomas_by_options():
    def now(size: tuple[float, float]) -> dict[int, Any]:
        return {**PLASMA, 30: {**DEEP, "P1": size}}

    assert last(now((20, 10)), plasmacytoma_vgpr=50) == "VGPR"
    assert last(now((40, 25)), plasmacytoma_vgpr=50) == "VGPR"
    assert last(now((40, 25.1)), plasmacytoma_mr=25) == "MR"
    assert last(now((50, 30)), plasmacytoma_mr=25) == "MR"  # 25 %
    assert last(now((50, 30.1)), plasmacytoma_mr=25) == "SD"
    missing = {**PLASMA, 30: DEEP}
    assert last(missing, missing_imaging="not_evaluable") == "NE"
    assert last(missing, missing_imaging="ignore") == "VGPR"


def test_an_image_counts_until_the_next():
    subject = {**PLASMA, 30: {**DEEP, "P1": GONE}, 60: DEEP, 90: {**DEEP, "P1": (30, 30)}, 120: DEEP}
    assert categories([subject], reappearing_is_new=False) == [["VGPR", "VGPR", "PR", "PR"]]
    assert categories([subject], imaging_carry=20, reappearing_is_new=False) == [["VGPR", "PR", "PR", "PR"]]


def test_all_plasmacytomas_of_the_baseline_count():
    two = {0: {**SERUM[0], "P1": (50, 40), "P2": (20, 20)}}  # 2400 mm2
    assert last({**two, 30: {**DEEP, "P1": (12, 12), "P2": (9, 9)}}) == "VGPR"  # 225: 90.6 %
    assert last({**two, 30: {**DEEP, "P1": (12, 12), "P2": (10, 10)}}) == "PR"  # 244: 89.8 %
    assert last({**two, 30: {**DEEP, "P1": (12, 12)}}) == "PR"  # the other was not imaged
    # a bone lesion is no soft-tissue plasmacytoma
    assert last({0: {**SERUM[0], "B1": (20, 20)}, 30: {**DEEP, "B1": (20, 20)}}) == "VGPR"


def test_policies_for_what_is_missing():
    both = {**BOTH, 30: {"serum": 0.4}}
    assert last(both, missing_measurable="not_evaluable") == "NE"
    assert last(both, missing_measurable="ignore") == "VGPR"
    assert last({**SERUM, 30: {"serum": 0.4}}, missing_urine="block") == "PR"
    # urine that once was 200 mg/day or more was positive: its absence blocks, where there is no baseline
    positive = {0: {"serum": 4.0}, 30: {"serum": 0.4, "urine": 200}, 60: {"serum": 0.4}}
    assert categories([positive]) == [["SD", "PR"]]
    negative = {0: {"serum": 4.0}, 30: {"serum": 0.4, "urine": 20}, 60: {"serum": 0.4}}
    assert categories([negative]) == [["VGPR", "VGPR"]]
    no_urine = {**SERUM, 30: {"serum": 0, "sife": "NEG", "urine": 0, "marrow": 2}}
    assert last(no_urine, missing_urine_ife="accept") == "CR"
    no_marrow = {**SERUM, 30: {"serum": 0, "sife": "NEG", "urine": 0, "uife": "NEG"}}
    assert last(no_marrow, missing_marrow="accept") == "CR"
    band = {**SERUM, 30: {"serum": 0.3, **DONE}}
    assert last(band, band_with_negative_ife="ignore") == "CR"


def test_reasons_name_what_decided_and_what_is_lacking():
    assert why({**SERUM, 30: {"serum": 2.0, "urine": 0}}) == "PR: SERUM >= 50 % DOWN"
    assert why({**BOTH, 30: {"serum": 0.4, "urine": 150}}) == "PR: URINE >= 90 % DOWN OR < 200 MG/DAY"
    assert why({**BOTH, 30: {"serum": 2.0}}) == "MR: URINE MISSING: ONE LEVEL LOWER"
    assert why({**SERUM, 30: {"serum": 0, **DONE, "marrow": 5}}) == (
        "VGPR: SERUM >= 90 % DOWN; NO CR: MARROW NOT < 5 %"
    )
    assert why({**SERUM, 30: {"marrow": 5}}) == "NE: M-PROTEIN NOT MEASURED"
    assert why({30: {"serum": 1}}) == "NE: BASELINE NOT KNOWN"
    nothing = {0: {"serum": 0.3, "urine": 0, "kappa": 1, "lambda": 1, "marrow": 5}, 30: {"serum": 0.3}}
    assert why(nothing) == "NE: NO MEASURABLE DISEASE AT BASELINE"
    assert why({**SERUM, 30: {"serum": 0, **DONE}}).endswith(
        "NO SCR: RATIO NOT MEASURED; NO SCR: CLONAL CELLS NOT TESTED"
    )


def test_a_faint_band_of_the_drugs_kind_is_flagged():
    def flag(now: dict[str, Any]) -> bool:
        return bool(algorithm([{**SERUM, 30: {"urine": 0, **now}}]).response.interference[0])

    assert flag({"serum": 0.2, "sife": "IGG KAPPA"})
    assert not flag({"serum": 0.21, "sife": "IGG KAPPA"})
    assert not flag({"serum": 0.2, "sife": "POS"})  # a band of another kind
    assert not flag({"serum": 0.2, "sife": ["IGG KAPPA", "CORRECTED NEG"]})


def test_a_result_below_the_limit_counts_as_the_limit():
    small = {0: {"serum": 1.0, "urine": 0}, 30: {"serum": "<0.3", "urine": 0}}
    # not visible on electrophoresis, so VGPR whatever the limit; the nadir is the limit
    assert last(small) == "VGPR"
    assert algorithm([{**small, 60: {"serum": 0.7}}]).components["serum"].nadir.tolist()[1] == 0.3


def test_the_worked_subject_of_the_page():
    clean = {"serum": 0, "sife": "NEG", "urine": 0, "uife": "NEG"}
    subject = {
        0: {"serum": 4.0, "urine": 0},
        31: {"serum": 2.0, "urine": 10},
        61: {"serum": 0.3},
        92: {**clean, "marrow": 3},
        183: clean,
        275: {"serum": 0.49},
        300: {"serum": 0.5},
    }
    assert categories([subject]) == [["PR", "VGPR", "CR", "CR", "PR", "PD"]]
