"""The agreement of investigator and algorithm: which records are paired, and what is counted."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from raw2adam.engine.columns import column as col
from raw2adam.validation.reports.response_agreement import agreement_html, agreement_json, response_agreement


def adrs(*rows: tuple[str, str, str, float | None, str]) -> pd.DataFrame:
    """Records (subject, parameter, category, day, visit); every first dose is on day 0."""
    subject, paramcd, avalc, day, visit = zip(*rows, strict=True)
    return pd.DataFrame(
        {
            "USUBJID": col.text_column(list(subject)),
            "PARAMCD": col.text_column(list(paramcd)),
            "AVALC": col.text_column(list(avalc)),
            "ADT": np.array([np.nan if d is None else d for d in day], dtype="float64"),
            "VISIT": col.text_column(list(visit)),
            "TRTSDT": np.zeros(len(rows)),
        }
    )


def pairs(*rows: tuple[str, str, str, float | None, str]) -> dict[tuple[str, str], int]:
    found = response_agreement(adrs(*rows))
    assert found is not None
    return found.counts


def test_the_same_visit_comes_before_the_nearest_day():
    assert pairs(
        ("1", "OVR", "PR", 30, "M1"), ("1", "IMWG", "SD", 30, "M2"), ("1", "IMWG", "PR", 40, "M1")
    ) == {("PR", "PR"): 1}  # fmt: skip
    # a visit of the same name that is too far away is another one
    assert pairs(
        ("1", "OVR", "PR", 30, "UNSCHEDULED"), ("1", "IMWG", "SD", 31, ""), ("1", "IMWG", "PR", 45, "UNSCHEDULED")
    ) == {("PR", "SD"): 1}  # fmt: skip


@pytest.mark.parametrize(("day", "expected"), [(44, 1), (45, 0), (16, 1), (15, 0)])
def test_a_pair_is_at_most_14_days_apart(day, expected):
    found = response_agreement(adrs(("1", "OVR", "PR", 30, ""), ("1", "IMWG", "PR", day, "")))
    assert found is not None
    assert (found.pairs, found.alone, found.unmatched) == (expected, 1 - expected, 1 - expected)


def test_the_nearest_then_the_earlier_day():
    assert pairs(("1", "OVR", "PR", 30, ""), ("1", "IMWG", "SD", 25, ""), ("1", "IMWG", "PR", 34, "")) == {
        ("PR", "PR"): 1
    }
    assert pairs(("1", "OVR", "PR", 30, ""), ("1", "IMWG", "PR", 35, ""), ("1", "IMWG", "SD", 25, "")) == {
        ("PR", "SD"): 1
    }


def test_other_subjects_baselines_and_undated_records_are_excluded():
    found = response_agreement(
        adrs(
            ("1", "OVR", "PR", 0, ""), ("1", "IMWG", "PR", 5, ""), ("2", "OVR", "SD", 5, ""), ("2", "OVR", "SD", None, ""),
            ("2", "BOR", "PR", 5, ""),
        )
    )  # fmt: skip
    assert found is not None
    assert (found.counts, found.alone, found.unmatched) == ({}, 1, 1)


def test_measures():
    rows = []
    table = {
        ("PR", "PR"): 20,
        ("PR", "SD"): 5,
        ("SD", "PR"): 10,
        ("SD", "SD"): 15,
        ("VGPR", "NE"): 4,
        ("VGPR", "PR"): 6,
    }
    for number, ((a, b), n) in enumerate(table.items()):
        for i in range(n):
            rows += [(f"{number}-{i}", "OVR", a, 30.0, ""), (f"{number}-{i}", "IMWG", b, 30.0, "")]
    found = response_agreement(adrs(*rows))
    assert found is not None
    assert found.counts == table
    data = json.loads(agreement_json(found))
    # of 56 pairs without NE 35 agree; response or not: 41 of 56, by chance (31 x 36 + 25 x 20) / 56^2 = 0.5153
    assert [(m["agree"], m["pairs"]) for m in data["measures"]] == [(35, 60), (35, 56), (41, 56)]
    assert data["measures"][2]["kappa"] == pytest.approx((41 / 56 - 1616 / 3136) / (1 - 1616 / 3136), abs=1e-4)
    page = agreement_html(found, "A & B").decode()
    assert "A &amp; B" in page
    assert "<script" not in page
    assert "73.2 %" in page


def test_a_2_by_2_table_worked_by_hand():
    """Cohen's example: 20, 5, 10, 15 of 50: observed 0.70, expected 0.50, kappa 0.40."""
    rows = []
    for (a, b), n in {("PR", "PR"): 20, ("PR", "SD"): 5, ("SD", "PR"): 10, ("SD", "SD"): 15}.items():
        for i in range(n):
            rows += [(f"{a}{b}{i}", "OVR", a, 30.0, ""), (f"{a}{b}{i}", "IMWG", b, 30.0, "")]
    found = response_agreement(adrs(*rows))
    assert found is not None
    assert [m[1:] for m in found.measures()] == [(35, 50, 0.4)] * 3


def test_one_category_alone_has_no_kappa_and_one_parameter_alone_no_page():
    found = response_agreement(adrs(("1", "OVR", "PR", 30, ""), ("1", "IMWG", "PR", 30, "")))
    assert found is not None
    assert [m[3] for m in found.measures()] == [None, None, None]
    assert response_agreement(adrs(("1", "OVR", "PR", 30, ""))) is None
    assert response_agreement(adrs(("1", "OVR", "PR", 30, "")).drop(columns=["ADT"])) is None


def test_the_order_of_records_does_not_matter():
    rows = [("1", "OVR", "PR", 30.0, "A"), ("1", "IMWG", "SD", 25.0, ""), ("1", "IMWG", "PR", 35.0, ""),
            ("1", "IMWG", "MR", 33.0, "A"), ("2", "OVR", "NE", 9.0, ""), ("2", "IMWG", "CR", 9.0, "")]  # fmt: skip
    assert pairs(*rows) == pairs(*reversed(rows)) == {("PR", "MR"): 1, ("NE", "CR"): 1}


def test_pairs_that_differ_are_listed_by_subject_and_date():
    found = response_agreement(
        adrs(
            ("2", "OVR", "PR", 40, "M1"), ("2", "IMWG", "SD", 41, "M1"),
            ("1", "OVR", "<b>", 366, "M2"), ("1", "IMWG", "PR", 365, ""),
            ("1", "OVR", "CR", 30, "M1"), ("1", "IMWG", "CR", 30, "M1"),
        )
    )  # fmt: skip
    assert found is not None
    shown = [(p.subject, p.visit, p.date, p.investigator, p.algorithm, p.algorithm_date) for p in found.differing]
    assert shown == [
        ("1", "M2", "1961-01-01", "<b>", "PR", "1960-12-31"), ("2", "M1", "1960-02-10", "PR", "SD", "1960-02-11")
    ]  # fmt: skip
    assert json.loads(agreement_json(found))["differing"][0]["investigator"] == "<b>"
    page = agreement_html(found, "x").decode()
    assert "no category of the criteria: &lt;b&gt; (1 pair)" in page and "<b>&lt;" not in page
    # the text is in the list, and in no count
    assert found.unknown == {"<b>": 1} and found.counts == {("PR", "SD"): 1, ("CR", "CR"): 1}
    assert page.count('class="s5') == 2  # each row has one cell with all of its pairs


def test_sites_and_reasons_are_counted():
    frame = adrs(
        ("1", "OVR", "PR", 30, ""), ("1", "IMWG", "NE", 30, ""), ("1", "OVR", "CR", 90, ""), ("1", "IMWG", "CR", 90, ""),
        ("2", "OVR", "SD", 30, ""), ("2", "IMWG", "SD", 30, ""), ("3", "OVR", "??", 30, ""), ("3", "IMWG", "SD", 30, ""),
    )  # fmt: skip
    frame["SITEID"] = col.text_column(["10"] * 4 + ["20"] * 2 + ["30"] * 2)
    frame["IMWGREAS"] = col.text_column(["", "NE: NO M-PROTEIN", *[""] * 6])
    found = response_agreement(frame)
    assert found is not None
    assert [(s.site, s.pairs, s.same) for s in found.sites] == [("10", 2, 1), ("20", 1, 1)]
    assert found.reasons == {"NE: NO M-PROTEIN": 1}
    assert [(p.subject, p.site, p.reason) for p in found.differing] == [
        ("1", "10", "NE: NO M-PROTEIN"),
        ("3", "30", ""),
    ]
    data = json.loads(agreement_json(found))
    assert data["unknown"] == {"??": 1} and data["sites"][0] == {"site": "10", "pairs": 2, "same": 1}
    page = agreement_html(found, "x", reported={"1"}).decode()
    assert "NE: NO M-PROTEIN" in page and "50 %" in page and "href" not in page.split("<main")[1]
