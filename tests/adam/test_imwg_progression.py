"""Progression by the IMWG algorithm: every line of the criteria, both sides of its limits, over the nadir.

The tables are written by hand from the criteria (Kumar 2016, Table 4), never from the code.
"""

from __future__ import annotations

from typing import Any

import pytest
from kit import imwg_subjects as imwg

last, why, categories, algorithm, GONE, New = (
    imwg.last, imwg.why, imwg.categories, imwg.algorithm, imwg.GONE, imwg.New
)  # fmt: skip

SERUM = {0: {"serum": 4.0, "urine": 0}}
CHAINS = {0: {"serum": 0.2, "urine": 50, "kappa": 101, "lambda": 1}}
MARROW = {0: {"serum": 0, "urine": 0, "kappa": 1, "lambda": 1, "marrow": 60}}


def is_pd(subject: dict[int, Any], **options: Any) -> bool:
    return last(subject, **options) == "PD"


SERUM_RISE = [
    (2.0, 2.5, True),  # 25 % and 0.5 g/dL
    (2.0, 2.49, False),  # 24.5 %, 0.49
    (2.4, 2.99, False),  # 24.6 % though 0.59
    (2.4, 3.0, True),  # 25 %
    (1.0, 1.49, False),  # 49 % though only 0.49
    (1.0, 1.5, True),
    (0.7, 1.2, True),  # 0.5 exactly, 0.49999999999999994 in binary
    (0.0, 0.5, True),  # zero nadir: the percentage counts as met
    (0.0, 0.49, False),
    # nadir of 5 g/dL or more: 1 g/dL is enough
    (5.0, 6.0, True),  # 20 %
    (5.0, 5.99, False),
    (4.99, 5.99, False),  # below 5: 20 % is too little
    (8.0, 9.0, True),
]
serum_rise = imwg.AtOnce(
    SERUM_RISE,
    lambda nadir, now: {
        0: {"serum": 8.0, "urine": 0},
        30: {"serum": nadir, "urine": 0},
        60: {"serum": now, "urine": 0},
    },
)


@pytest.mark.parametrize(("nadir", "now", "expected"), SERUM_RISE)
def test_serum(nadir, now, expected):
    assert (serum_rise(nadir, now) == "PD") is expected


def test_serum_high_nadir_by_option():
    subject = {0: {"serum": 5.0}, 30: {"serum": 6.0}}
    assert is_pd(subject)
    assert not is_pd(subject, high_nadir_needs_percent=True)
    assert is_pd({0: {"serum": 5.0}, 30: {"serum": 6.25}}, high_nadir_needs_percent=True)


URINE_RISE = [
    (800, 1000, True),  # 25 % and 200 mg
    (800, 999, False),
    (900, 1124, False),  # 24.9 % though 224 mg
    (100, 299, False),  # 199 mg
    (100, 300, True),
    (0, 200, True),  # zero nadir
    (0, 199, False),
]
urine_rise = imwg.AtOnce(
    URINE_RISE,
    lambda nadir, now: {
        0: {"serum": 4.0, "urine": 1000},
        30: {"serum": 4.0, "urine": nadir},
        60: {"serum": 4.0, "urine": now},
    },
)


@pytest.mark.parametrize(("nadir", "now", "expected"), URINE_RISE)
def test_urine(nadir, now, expected):
    assert (urine_rise(nadir, now) == "PD") is expected


def test_urine_and_serum_count_whether_measurable_or_not():
    assert is_pd({**SERUM, 30: {"serum": 4.0, "urine": 200}})
    assert is_pd({0: {"serum": 0.2, "urine": 1000}, 30: {"serum": 0.7, "urine": 1000}})
    # and without a baseline, over the lowest later value; the first value has no nadir
    assert categories([{30: {"serum": 1.0}, 60: {"serum": 1.5}}]) == [["NE", "PD"]]


def chain_pair(pair: tuple[float, float]) -> dict[str, float]:
    return {"kappa": pair[0], "lambda": pair[1]}


CHAIN_RISE = [  # kappa, lambda: dFLC over its nadir by 25 % and strictly more than 10 mg/dL
    ((21, 1), (31, 1), False),  # 10 mg/dL exactly
    ((21, 1), (31.01, 1), True),
    ((61, 1), (75.9, 1), False),  # 24.8 % though 14.9 mg/dL
    ((61, 1), (76, 1), True),
    ((1, 3), (9, 1), False),  # negative nadir -2: 10 mg/dL exactly
    ((1, 3), (9.1, 1), True),
    ((1, 1), (11.1, 1), True),  # zero nadir
]
chain_rise = imwg.AtOnce(CHAIN_RISE, lambda nadir, now: {**CHAINS, 30: chain_pair(nadir), 60: chain_pair(now)})


@pytest.mark.parametrize(("nadir", "now", "expected"), CHAIN_RISE)
def test_light_chains(nadir, now, expected):
    assert (chain_rise(nadir, now) == "PD") is expected


def test_light_chains_count_only_without_measurable_m_protein():
    rise = {30: {"kappa": 21, "lambda": 1}, 60: {"kappa": 91, "lambda": 1}}
    assert is_pd({**CHAINS, **rise})
    assert last({0: {**CHAINS[0], "serum": 1.0}, **rise}) == "NE"
    assert last({0: {**CHAINS[0], "urine": 200}, **rise}) == "NE"
    # whether M-protein could be measured is not known
    unknown = {0: {"kappa": 101, "lambda": 1}, **rise}
    assert last(unknown) == "NE"
    assert is_pd(unknown, unknown_baseline="pass")
    # another chain than that of the baseline is none of the disease's
    assert not is_pd({**CHAINS, 30: {"kappa": 1, "lambda": 1}, 60: {"kappa": 1, "lambda": 50}})


MARROW_RISE = [
    (40, 50, True),  # 25 % and 10 points
    (40, 49.9, False),
    (44, 54, False),  # 10 points, 22.7 %
    (20, 29, False),  # 45 %, 9 points
    (20, 30, True),
    (0, 10, True),
    (0, 9.9, False),
]
marrow_rise = imwg.AtOnce(MARROW_RISE, lambda nadir, now: {**MARROW, 30: {"marrow": nadir}, 60: {"marrow": now}})


@pytest.mark.parametrize(("nadir", "now", "expected"), MARROW_RISE)
def test_marrow(nadir, now, expected):
    assert (marrow_rise(nadir, now) == "PD") is expected


def test_marrow_counts_only_where_nothing_else_can_be_measured():
    rise = {30: {"marrow": 20}, 60: {"marrow": 80}}
    assert last({0: {**MARROW[0], "serum": 1.0}, **rise}) == "NE"
    assert last({0: {**MARROW[0], "kappa": 50}, **rise}) == "NE"
    # marrow that was not measurable at baseline still counts: nothing else is
    assert is_pd({0: {**MARROW[0], "marrow": 10}, **rise})


STABLE = {"serum": 4.0, "urine": 0}


@pytest.mark.parametrize(
    ("baseline", "nadir", "now", "expected"),
    [
        # sum of products of more than one lesion: >= 50 % over the nadir
        ({"P1": (20, 10), "P2": (20, 10)}, {}, {"P1": (20, 15), "P2": (20, 15)}, True),
        ({"P1": (20, 10), "P2": (20, 10)}, {}, {"P1": (20, 15), "P2": (20, 14.9)}, False),
        ({"P1": (20, 10)}, {}, {"P1": (20, 15)}, False),  # one lesion is no sum
        # longest diameter >= 50 % up, short axis above 10 mm before
        ({"P1": (20, 10.1)}, {}, {"P1": (30, 10.1)}, True),
        ({"P1": (20, 10.1)}, {}, {"P1": (29.9, 10.1)}, False),
        ({"P1": (20, 10)}, {}, {"P1": (30, 10)}, False),  # 10 mm is not above 10 mm
        ({"B1": (20, 12)}, {}, {"B1": (30, 12)}, True),  # a bone lesion too
        # over the nadir
        ({"P1": (60, 40)}, {"P1": (20, 12)}, {"P1": (30, 20)}, True),
        ({"P1": (60, 40)}, {"P1": (20, 9)}, {"P1": (30, 20)}, False),  # too small at its nadir
    ],
)
def test_lesions_that_grow(baseline, nadir, now, expected):
    subject = {0: {**STABLE, **baseline}, 60: {**STABLE, **now}}
    if nadir:
        subject[30] = {**STABLE, **nadir}
    assert is_pd(dict(sorted(subject.items()))) is expected


def test_lesion_axis_by_option():
    subject = {0: {**STABLE, "P1": (60, 40)}, 30: {**STABLE, "P1": (20, 9)}, 60: {**STABLE, "P1": (30, 20)}}
    assert not is_pd(subject)
    assert is_pd(subject, lesion_axis="ever")


def test_a_new_lesion_is_a_progression_until_an_image_without_it():
    new = {**STABLE, "P2": New((20, 20))}
    subject = {**SERUM, 30: new, 60: STABLE, 90: {**STABLE, "P2": (20, 20)}}
    assert categories([subject]) == [["PD", "PD", "SD"]]
    assert why({**SERUM, 30: new}) == "PD: NEW LESION"
    # found on or before the first dose it is not new
    assert last({0: {**STABLE, "P2": New((20, 20))}, 30: STABLE}) != "PD"


def test_a_lesion_that_was_gone_and_is_back_is_new():
    subject = {0: {**STABLE, "P1": (20, 8)}, 30: {**STABLE, "P1": GONE}, 60: {**STABLE, "P1": (8, 8)}}
    assert categories([subject]) == [["SD", "PD"]]
    assert categories([subject], reappearing_is_new=False)[0][1] != "PD"


@pytest.mark.parametrize(
    ("nadir", "now", "expected"),
    [(200, 300, True), (200, 299, False), (100, 199, False), (100, 200, True)],
)
def test_circulating_cells_count_as_the_only_measure(nadir, now, expected):
    nothing = {"serum": 0, "urine": 0, "kappa": 1, "lambda": 1, "marrow": 10}
    subject = {0: {**nothing, "blood": 500}, 30: {"blood": nadir}, 60: {"blood": now}}
    assert is_pd(subject) is expected
    assert not is_pd({**subject, 0: {**nothing, "blood": 500, "marrow": 30}})


def test_hypercalcaemia_by_option():
    def now(calcium: float, **more: float) -> dict[int, Any]:
        return {**SERUM, 30: {**STABLE, "calcium": calcium, **more}}

    assert not is_pd(now(12.0, albumin=4.0))
    assert is_pd(now(11.51, albumin=4.0), hypercalcaemia_is_pd=True)
    assert not is_pd(now(11.5, albumin=4.0), hypercalcaemia_is_pd=True)
    assert is_pd(now(10.8, albumin=3.0), hypercalcaemia_is_pd=True)  # 10.8 + 0.8 = 11.6
    assert not is_pd(now(12.0, albumin=5.0), hypercalcaemia_is_pd=True)  # 11.2
    assert not is_pd(now(12.0), hypercalcaemia_is_pd=True)  # not corrected


def test_the_nadir_is_the_lowest_value_or_the_lowest_confirmed_one():
    subject = {**SERUM, 30: {"serum": 1.0}, 60: {"serum": 1.4}, 90: {"serum": 1.5}}
    assert categories([subject]) == [["PR", "PR", "PD"]]
    # 1.0 is followed by 1.4: what is confirmed is 1.4
    assert categories([subject], nadir="confirmed") == [["PR", "PR", "PR"]]
    lowest = algorithm([subject]).components["serum"]
    assert lowest.nadir.tolist() == [4.0, 1.0, 1.0]
    assert lowest.nadir_from.tolist() == [-1, 0, 0]
    assert lowest.nadir_day.tolist() == [0.0, 30.0, 30.0]
    assert algorithm([subject], nadir="confirmed").components["serum"].nadir.tolist() == [4.0, 4.0, 1.4]


def test_progression_comes_before_any_response():
    # 90 % down from baseline and over the nadir all the same
    subject = {0: {"serum": 10.0, "urine": 0}, 30: {"serum": 0.2, "urine": 0}, 60: {"serum": 0.8, "urine": 0}}
    assert categories([subject]) == [["VGPR", "PD"]]
    assert why(subject) == "PD: SERUM >= 25 % AND >= 0.5 G/DL OVER NADIR"


def test_reasons_name_every_line_that_is_met_and_fit_200_bytes():
    low = {"serum": 5.0, "urine": 0, "P1": (20, 12), "P2": (20, 12)}
    high = {"serum": 8.0, "urine": 900, "P1": (40, 30), "P2": (40, 30), "P3": New((9, 9)), "calcium": 13, "albumin": 4}
    text = why({0: low, 30: high}, hypercalcaemia_is_pd=True)
    assert text.startswith(
        "PD: SERUM >= 25 % AND >= 0.5 G/DL OVER NADIR; SERUM >= 1 G/DL OVER NADIR OF >= 5 G/DL; "
        "URINE >= 25 % AND >= 200 MG/DAY OVER NADIR; NEW LESION"
    )
    assert text.endswith("MORE")
    assert len(text) <= 200


def test_a_subject_without_results_has_no_evaluation():
    assert categories([{}, SERUM, {**SERUM, 30: {"serum": 4.0}}]) == [[], [], ["SD"]]
