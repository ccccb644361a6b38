"""Kaplan-Meier and cumulative incidence: published data, cases worked out by hand, and the edges."""

from __future__ import annotations

import numpy as np
import pytest
from raw2adam.statistics.incidence import cumulative_incidence, incidence_at_times
from raw2adam.statistics.survival import (
    at_times,
    follow_up,
    kaplan_meier,
    numbers_at_risk,
    quantile,
)

# remission in weeks under 6-mercaptopurine: Freireich et al., Blood 1963;21:699-716
SIX_MP = ([6, 6, 6, 7, 10, 13, 16, 22, 23, 6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35], [1] * 9 + [0] * 12)
# maintained chemotherapy in acute myelogenous leukemia: Miller, Survival Analysis, 1981 (aml of R)
AML = ([9, 13, 13, 18, 23, 28, 31, 34, 45, 48, 161], [1, 1, 0, 1, 1, 0, 1, 1, 0, 1, 0])
NAN = float("nan")


def test_the_6_mp_group_has_the_textbook_curve():
    curve = kaplan_meier(*SIX_MP)
    assert (curve.subjects, curve.events, curve.excluded, curve.last) == (21, 9, 0, 35)
    assert curve.time.tolist() == [6, 7, 10, 13, 16, 22, 23]
    assert curve.at_risk.tolist() == [21, 17, 15, 12, 11, 7, 6]
    assert curve.died.tolist() == [3, 1, 1, 1, 1, 1, 1]
    assert curve.estimate.round(3).tolist() == [0.857, 0.807, 0.753, 0.690, 0.627, 0.538, 0.448]
    assert curve.error.round(4).tolist() == [0.0764, 0.0869, 0.0963, 0.1068, 0.1141, 0.1282, 0.1346]
    # R 4.2, survival 3.5.3, conf.type = "log-log"
    assert curve.lower.round(3).tolist() == [0.620, 0.563, 0.503, 0.432, 0.368, 0.268, 0.188]
    assert curve.upper.round(3).tolist() == [0.952, 0.923, 0.889, 0.849, 0.805, 0.747, 0.680]
    assert curve.censored.tolist() == [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]


@pytest.mark.parametrize(
    ("data", "share", "expected"),
    [
        (SIX_MP, 0.25, (13, 6, 22)),
        (SIX_MP, 0.5, (23, 13, NAN)),
        (SIX_MP, 0.75, (NAN, 23, NAN)),
        (AML, 0.25, (18, 9, 34)),
        (AML, 0.5, (31, 13, NAN)),
        (AML, 0.75, (48, 31, NAN)),
    ],
)
def test_quantiles_have_the_limits_of_brookmeyer_and_crowley(data, share, expected):
    found = quantile(kaplan_meier(*data), share)
    assert np.array_equal([found.time, found.lower, found.upper], expected, equal_nan=True)


def test_follow_up_reverses_events_and_censorings():
    found = quantile(follow_up(*SIX_MP))  # R: survfit(Surv(time, 1 - status) ~ 1, conf.type = "log-log")
    assert (found.time, found.lower, found.upper) == (25, 11, 32)


@pytest.mark.parametrize(
    ("times", "events", "median"),
    [
        ([1, 2, 5, 7], [1, 1, 1, 1], 3.5),  # S is 0.5 from 2 to 5
        ([1, 2, 3, 8], [1, 1, 0, 0], 5.0),  # S is 0.5 from 2 to the last time, 8
        ([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], [1, 1, 1, 1, 1, 0, 0, 0, 1, 0], 7.0),  # by tenths, which are not binary
        ([3], [1], 3.0),
        ([3], [0], NAN),
        ([2, 2], [0, 0], NAN),
        ([4, 4, 4], [1, 1, 1], 4.0),
        ([], [], NAN),
    ],
)
def test_the_median_of_small_groups(times, events, median):
    assert np.array_equal(quantile(kaplan_meier(times, events)).time, median, equal_nan=True)


def test_events_come_before_censorings_at_the_same_time():
    assert kaplan_meier([2, 2, 2, 2], [1, 0, 0, 0]).estimate.tolist() == [0.75]


def test_landmarks_are_estimable_to_the_last_time_only():
    found = at_times(kaplan_meier([1, 2, 3, 8], [1, 1, 0, 0]), [0, 1, 1.9, 2, 8, 8.1])
    assert np.array_equal(found.estimate, [1, 0.75, 0.75, 0.5, 0.5, NAN], equal_nan=True)
    assert np.isnan(found.lower).tolist() == [True, False, False, False, False, True]
    assert found.at_risk.tolist() == [4, 4, 3, 3, 1, 0]
    everybody = at_times(kaplan_meier([1, 2], [1, 1]), [2, 3])
    assert everybody.estimate.tolist() == [0, 0]
    assert np.isnan(everybody.lower).all()
    assert np.isnan(everybody.upper).all()


def test_nobody_and_nobody_with_an_event_give_no_curve():
    nobody = kaplan_meier([], [])
    assert (nobody.subjects, nobody.events, len(nobody.time)) == (0, 0, 0)
    assert np.isnan([nobody.last, *at_times(nobody, [0, 1]).estimate]).all()
    censored = at_times(kaplan_meier([2, 5], [0, 0]), [0, 5, 6])
    assert np.array_equal(censored.estimate, [1, 1, NAN], equal_nan=True)
    assert np.isnan(censored.lower).all()
    assert censored.at_risk.tolist() == [2, 1, 0]


def test_times_that_are_missing_infinite_or_negative_are_excluded_and_counted():
    curve = kaplan_meier([NAN, -1, np.inf, 0, 5, 7], [1, 1, 0, 1, 1, 0])
    assert (curve.subjects, curve.events, curve.excluded) == (3, 2, 3)
    assert curve.time.tolist() == [0, 5]  # time 0 is a time
    assert curve.estimate.tolist() == pytest.approx([2 / 3, 1 / 3])


def test_numbers_at_risk_count_who_is_there_just_before_a_time():
    assert numbers_at_risk(np.array([1.0, 2.0, 2.0]), [0, 2, 3]).tolist() == [3, 2, 0]


def test_incidence_of_six_subjects_by_hand():
    curve = cumulative_incidence([1, 2, 3, 4, 4, 5], [1, 2, 1, 1, 0, 2])
    assert (curve.subjects, curve.events, curve.competing, curve.excluded) == (6, 3, 2, 0)
    assert curve.at_risk.tolist() == [6, 5, 4, 3, 1]
    # 1/6; no change; + 4/6 x 1/4; + 3/6 x 1/3; no change
    assert curve.estimate.tolist() == pytest.approx([1 / 6, 1 / 6, 1 / 3, 1 / 2, 1 / 2])
    # nobody is censored before 4: the variance is p (1 - p) / 6
    assert (curve.error**2 * 6).tolist() == pytest.approx([5 / 36, 5 / 36, 2 / 9, 1 / 4, 1 / 4])
    found = incidence_at_times(curve, [0, 4, 9])
    assert found.estimate.tolist() == pytest.approx([0, 1 / 2, 1 / 2])  # nobody is without an event after 5
    assert np.isnan(found.lower).tolist() == [True, False, False]


def test_incidence_after_the_last_censoring_is_not_estimable():
    curve = cumulative_incidence([1, 2, 6], [1, 2, 0])
    assert np.array_equal(incidence_at_times(curve, [6, 7]).estimate, [1 / 3, NAN], equal_nan=True)


@pytest.mark.parametrize("cause", [[], [0, 0], [2, 2], [1, 1]])
def test_incidence_of_groups_with_one_kind_of_subjects(cause):
    curve = cumulative_incidence(list(range(1, len(cause) + 1)), cause)
    estimate = incidence_at_times(curve, [2]).estimate[0]
    assert np.array_equal(estimate, {0: NAN}.get(len(cause), float(cause.count(1) == 2)), equal_nan=True)
    assert np.isnan(curve.upper[-1:]).all()  # 0 and 1 have no log-log limits


def test_curves_agree_with_statsmodels():
    from statsmodels.duration.survfunc import CumIncidenceRight, SurvfuncRight

    draw = np.random.default_rng(16577)
    time, cause = draw.integers(1, 40, 90), draw.integers(0, 3, 90)
    time[0], cause[0] = 41, 0  # statsmodels has no variance where the last subjects at risk have events
    curve, theirs = kaplan_meier(time, cause == 1), SurvfuncRight(time, (cause == 1).astype(int))
    assert curve.time.tolist() == theirs.surv_times.tolist()
    assert np.abs(curve.estimate - theirs.surv_prob).max() < 1e-12
    assert np.abs(curve.error - theirs.surv_prob_se).max() < 1e-12
    incidence, other = cumulative_incidence(time, cause), CumIncidenceRight(time, cause)
    here = np.isin(other.times, incidence.time)
    assert np.abs(incidence.estimate - other.cinc[0][here]).max() < 1e-12
    assert np.abs(incidence.error - other.cinc_se[0][here]).max() < 1e-12


def test_kappa_agrees_with_statsmodels():
    from raw2adam.statistics.agreement import kappa
    from statsmodels.stats.inter_rater import cohens_kappa  # here, since another test of this file loads most of it

    tables = ([[22, 2, 2, 0], [5, 7, 14, 0], [0, 2, 36, 0], [0, 1, 17, 10]], [[1, 6, 0], [7, 0, 0], [0, 0, 0]])
    for table in tables:
        for weights in (None, "linear", "quadratic"):
            found, theirs = kappa(np.array(table), weights), cohens_kappa(np.array(table), wt=weights)
            assert abs(found.kappa - theirs["kappa"]) < 1e-12
            assert abs(found.error - theirs["std_kappa"]) < 1e-12
