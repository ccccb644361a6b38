"""Exact intervals, rates, descriptions and agreement: values of their sources, and the edges."""

from __future__ import annotations

import numpy as np
import pytest
from raw2adam.statistics.agreement import agreement, kappa
from raw2adam.statistics.description import describe, describe_groups, quantiles
from raw2adam.statistics.proportions import clopper_pearson
from raw2adam.statistics.rates import incidence_rate

NAN = float("nan")


def test_exact_limits_of_proportions():
    # R 4.2: binom.test
    cases = [
        (0, 10, 0, 0.30849711),
        (5, 10, 0.18708603, 0.81291397),
        (10, 10, 0.69150289, 1),
        (1, 3, 0.00840376, 0.90570068),
        (62, 107, 0.48013608, 0.67423100),
        (720, 1200, 0.57164791, 0.62786076),
        (0, 1200, 0, 0.00306935),
        (0, 0, NAN, NAN),
    ]
    events, subjects, lower, upper = map(list, zip(*cases, strict=True))
    found = clopper_pearson(events, subjects)
    assert np.array_equal(found[0].round(8), lower, equal_nan=True)
    assert np.array_equal(found[1].round(8), upper, equal_nan=True)


@pytest.mark.parametrize("counts", [(3, 2), (-1, 2)])
def test_a_proportion_above_1_is_refused(counts):
    with pytest.raises(ValueError, match="more events than subjects"):
        clopper_pearson(*counts)


def test_exact_limits_of_poisson_counts():
    # the table of Garwood (1936), with R 4.2: poisson.test
    found = incidence_rate([0, 1, 5, 10, 50], 1, per=1)
    assert found.lower.round(4).tolist() == [0, 0.0253, 1.6235, 4.7954, 37.1110]
    assert found.upper.round(4).tolist() == [3.6889, 5.5716, 11.6683, 18.3904, 65.9188]
    years = incidence_rate([3, 0, 2], [2.5, 10, 0])
    assert np.array_equal(years.rate, [120, 0, NAN], equal_nan=True)
    assert np.isnan(years.upper).tolist() == [False, False, True]
    with pytest.raises(ValueError, match="negative"):
        incidence_rate(1, -1)


def test_the_sleep_of_student():
    # Student, Biometrika 1908;6:1-25: the additional hours; limits of R 4.2, t.test
    found = describe([1.2, 2.4, 1.3, 1.3, 0.0, 1.0, 1.8, 0.8, 4.6, 1.4])
    assert (found.n, found.missing) == (10, 0)
    assert [found.mean, found.sd, found.lower, found.upper] == pytest.approx(
        [1.58, 1.229995, 0.7001142, 2.4598858], abs=1e-6
    )
    assert (found.minimum, found.q1, found.median, found.q3, found.maximum) == (0.0, 1.0, 1.3, 1.8, 4.6)


@pytest.mark.parametrize(
    ("definition", "expected"),
    [(1, [2.5, 5, 7.5]), (2, [2, 5, 8]), (3, [3, 5, 8]), (4, [2.75, 5.5, 8.25]), (5, [3, 5.5, 8])],
)
def test_quartiles_of_1_to_10_by_the_five_definitions_of_sas(definition, expected):
    assert quantiles(np.arange(1.0, 11), (0.25, 0.5, 0.75), definition=definition).tolist() == expected


def test_descriptions_of_no_number_one_number_and_equal_numbers():
    empty = describe([NAN, np.inf])
    assert (empty.n, empty.missing) == (0, 2)
    assert np.isnan([empty.mean, empty.sd, empty.median, empty.minimum, empty.upper]).all()
    one = describe([7])
    assert (one.n, one.mean, one.median, one.minimum, one.maximum) == (1, 7, 7, 7, 7)
    assert np.isnan([one.sd, one.lower, one.upper]).all()
    equal = describe([2, 2, 2])
    assert (equal.sd, equal.lower, equal.upper) == (0, 2, 2)
    with pytest.raises(ValueError, match="PCTLDEF is 1 to 5"):
        quantiles(np.array([1.0]), (0.5,), definition=6)


def test_descriptions_by_group():
    value = np.array([1, -2, NAN, NAN, NAN])
    first, second, third = describe_groups(value, np.array([0, 0, 1, -1, 0]), 3)
    assert (first.n, first.missing, first.mean) == (2, 1, -0.5)
    assert (second.n, second.missing, third.n, third.missing) == (0, 1, 0, 0)
    with pytest.raises(ValueError, match="outside of -1 to 1"):
        describe_groups(value, np.array([1, 0, 2, 0, 1]), 2)


# two dermatologists rate 88 patients: example of PROC FREQ in SAS/STAT, with its results
SKIN = [[10, 4, 1, 0], [5, 10, 12, 2], [2, 4, 12, 5], [0, 2, 6, 13]]


@pytest.mark.parametrize(
    ("weights", "expected"),
    [(None, [0.3449, 0.0724, 0.2030, 0.4868]), ("linear", [0.5082, 0.0655, 0.3798, 0.6366])],
)
def test_kappa_of_the_two_dermatologists(weights, expected):
    found = kappa(np.array(SKIN), weights)
    assert [round(v, 4) for v in (found.kappa, found.error, found.lower, found.upper)] == expected


def test_quadratic_weights_of_three_categories_by_hand():
    # weights of distance: 0, 1/4, 1. Observed 3 x 1/4 / 10; expected: margins (.4, .3, .3) and (.3, .4, .3)
    table = np.array([[3, 1, 0], [0, 2, 1], [0, 1, 2]])
    expected = (0.4 * 0.4 + 0.3 * 0.3 + 0.3 * 0.3 + 0.3 * 0.4) / 4 + 0.4 * 0.3 + 0.3 * 0.3
    assert kappa(table, "quadratic").kappa == pytest.approx(1 - 0.075 / expected)


@pytest.mark.parametrize("weights", [None, "linear", "quadratic"])
def test_kappa_where_ratings_are_all_equal_or_only_one_is_used(weights):
    perfect = kappa(np.array([[4, 0, 0], [0, 3, 0], [0, 0, 0]]), weights)
    assert (perfect.kappa, perfect.error, perfect.lower, perfect.upper) == (1, 0, 1, 1)
    for table in ([[0, 0], [0, 0]], [[0, 0], [0, 9]], [[5]]):
        assert np.isnan(kappa(np.array(table), weights).kappa)


def test_the_table_of_agreement_counts_who_has_one_rating_only():
    found = agreement(np.array([0, 0, 1, 2, -1, 1]), np.array([0, 1, 1, 2, 1, -1]), 3)
    assert found.table.tolist() == [[1, 1, 0], [0, 1, 0], [0, 0, 1]]
    assert (found.n, found.equal, found.missing) == (4, 3, 2)
    with pytest.raises(ValueError, match="outside of -1 to 1"):
        agreement(np.array([0, 2]), np.array([0, 1]), 2)
    with pytest.raises(ValueError, match="as many rows as columns"):
        kappa(np.ones((2, 3)))
