"""The IMWG algorithm against a slow classifier of one subject, written from the criteria alone, on random histories."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kit import imwg_subjects as imwg
from kit.fuzzing import examples

ORDER = ["sCR", "CR", "VGPR", "PR", "MR", "SD"]


def share(part: Any, whole: Any) -> Fraction:
    return Fraction(str(part)) / Fraction(str(whole))


def difference(a: Any, b: Any) -> Fraction:
    return Fraction(str(a)) - Fraction(str(b))


def first_of(rules: list[tuple[str, bool]]) -> str:
    return next((level for level, holds in rules if holds), "SD")


def classify(subject: dict[int, dict[str, Any]]) -> list[str]:
    """Category of each day after 0, day by day, by the decisions of docs/imwg-algorithm.md with their defaults."""
    base = subject.get(0, {})
    serum, urine = base.get("serum"), base.get("urine")
    chains = "kappa" in base
    ms, mu = serum is not None and serum >= 1, urine is not None and urine >= 200
    count_chains = not ms and not mu and serum is not None
    ratio = share(base["kappa"], base["lambda"]) if chains else None
    high = ratio is not None and ratio > Fraction("1.65")
    low = ratio is not None and ratio < Fraction("0.26")
    involved = "kappa" if high else "lambda" if low else None
    other = {"kappa": "lambda", "lambda": "kappa"}.get(involved or "")
    mf = count_chains and involved is not None and base[involved] >= 10
    count_marrow = count_chains and not mf and chains
    mb = count_marrow and base.get("marrow", 0) >= 30

    def excess(tests: dict[str, Any]) -> Fraction | None:
        return difference(tests[involved], tests[other]) if involved and "kappa" in tests else None

    history: list[dict[str, Any]] = [base]
    clean_marrow: Any = None
    clonal: Any = None
    out = []
    for day in sorted(d for d in subject if d > 0):
        now = subject[day]
        lowest = {}
        for name in ("serum", "urine", "marrow"):
            known = [Fraction(str(t[name])) for t in history if name in t]
            lowest[name] = min(known) if known else None
        known = [x for t in history if (x := excess(t)) is not None]
        lowest["dflc"] = min(known) if known else None
        value = {n: Fraction(str(now[n])) for n in ("serum", "urine", "marrow") if n in now}
        if (x := excess(now)) is not None:
            value["dflc"] = x

        def over(name: str, absolute: str, strict: bool = False, percent: bool = True) -> bool:
            if name not in value or lowest[name] is None:  # noqa: B023
                return False
            rise, nadir = value[name] - lowest[name], lowest[name]  # noqa: B023
            if percent and nadir > 0 and rise / nadir < Fraction(25, 100):
                return False
            return rise > Fraction(absolute) if strict else rise >= Fraction(absolute)

        progressed = (
            over("serum", "0.5")
            or (lowest["serum"] is not None and lowest["serum"] >= 5 and over("serum", "1", percent=False))
            or over("urine", "200")
            or (count_chains and over("dflc", "10", strict=True))
            or (count_marrow and over("marrow", "10"))
        )
        if progressed:
            clean_marrow = clonal = None
        elif "marrow" in now:
            clean_marrow = now["marrow"]
        if "clonal" in now and not progressed:
            clonal = now["clonal"]
        levels = []
        measured = False
        missing = 0
        if ms or mu:
            if ms:
                if "serum" in value:
                    down = 1 - share(now["serum"], serum)
                    levels.append(
                        first_of(
                            [
                                ("VGPR", down >= Fraction(9, 10) or value["serum"] == 0),
                                ("PR", down >= Fraction(1, 2)),
                                ("MR", down >= Fraction(1, 4)),
                            ]
                        )
                    )
                    measured = True
                elif now.get("sife") == "NEG":
                    levels.append("VGPR")
                    measured = True
                else:
                    missing += 1
            if mu:
                if "urine" in value:
                    down = 1 - share(now["urine"], urine)
                    levels.append(
                        first_of(
                            [
                                ("VGPR", value["urine"] < 100),
                                ("PR", down >= Fraction(9, 10) or value["urine"] < 200),
                                ("MR", down >= Fraction(1, 2)),
                            ]
                        )
                    )
                    measured = True
                elif now.get("uife") == "NEG":
                    levels.append("VGPR")
                    measured = True
                else:
                    missing += 1
            elif "urine" in value:
                levels.append(first_of([("VGPR", value["urine"] < 100), ("PR", value["urine"] < 200)]))
            elif now.get("uife") != "NEG" and urine is None and any(t.get("urine", 0) >= 200 for t in history):
                levels.append("PR")
        elif mf and "dflc" in value:
            down = 1 - value["dflc"] / excess(base)  # pyright: ignore[reportOperatorIssue]
            levels.append(first_of([("VGPR", down >= Fraction(9, 10)), ("PR", down >= Fraction(1, 2))]))
            measured = True
        elif mb and "marrow" in value:
            levels.append("PR" if share(now["marrow"], base["marrow"]) <= Fraction(1, 2) else "SD")
            measured = True
        today = share(now["kappa"], now["lambda"]) if "kappa" in now else None
        normal = today is not None and Fraction("0.26") <= today <= Fraction("1.65")
        if progressed:
            category = "PD"
        elif not measured:
            category = "NE"
        else:
            category = ORDER[min(max(ORDER.index(x) for x in levels) + min(missing, 1), 5)]
            complete = (
                now.get("sife") == "NEG"
                and now.get("uife") == "NEG"
                and clean_marrow is not None
                and clean_marrow < 5
                and not value.get("serum", 0) > 0
                and not value.get("urine", 0) > 0
                and (normal or not mf)
                and not missing
            )
            if complete:
                category = "sCR" if normal and clonal == "N" else "CR"
        out.append(category)
        history.append(now)
    return out


SERUM = st.sampled_from([0, 0.05, 0.3, 0.5, 0.8, 1.0, 1.2, 1.3, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 6.25])
URINE = st.sampled_from([0, 50, 99, 100, 150, 199, 200, 250, 300, 400, 500, 1000, 1250])
CHAIN = st.sampled_from([0.5, 1, 1.2, 1.65, 2, 9, 10, 11, 11.5, 12, 21, 31.1, 50, 101])
RESULTS = {
    "serum": SERUM,
    "urine": URINE,
    "chains": st.tuples(CHAIN, CHAIN),
    "sife": st.sampled_from(["NEG", "POS"]),
    "uife": st.sampled_from(["NEG", "POS"]),
    "marrow": st.sampled_from([0, 3, 4.9, 5, 10, 15, 20, 29, 30, 40, 50, 60]),
    "clonal": st.sampled_from(["N", "Y"]),
}


@st.composite
def a_day(draw: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, results in RESULTS.items():
        if draw(st.integers(0, 9)) < 7:
            result = draw(results)
            if name == "chains":
                found |= {"kappa": result[0], "lambda": result[1]}
            else:
                found[name] = result
    return found


@pytest.mark.slow_examples
@settings(max_examples=examples(6), deadline=None)
@given(st.lists(st.tuples(a_day(), st.lists(a_day(), max_size=5)), min_size=5, max_size=12))
def test_the_algorithm_agrees_with_the_slow_classifier(drawn):
    subjects = [{0: base} | {30 * i: t for i, t in enumerate(later, 1) if t} for base, later in drawn]
    assert imwg.categories(subjects) == [classify(s) for s in subjects]
