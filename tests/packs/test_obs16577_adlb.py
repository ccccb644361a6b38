"""ADLB and ADVS of the clean build, computed a second time from its SDTM in plain Python.

Bounds of grades are typed from NCI CTCAE 5.0. The rules are those of docs/companions.md; the specs of the pack are not read.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pytest
from kit.pack_records import Records, by_subject, day, of_clean_pack

VISITS = [(1, "Baseline"), (46, "Month 1"), (76, "Month 2"), (136, "Month 3"), (228, "Month 6"), (319, "Month 9")]
#: parameter -> (lower bound of LLN, bounds of grades 2, 3, 4 as "below")
LOW = {"HGB": (10, 8, None), "NEUT": (1.5, 1.0, 0.5), "PLAT": (75, 50, 25), "WBC": (3, 2, 1), "ALB": (3, 2, None)}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory):
    return of_clean_pack(tmp_path_factory)


def visit(study_day: int | None) -> str:
    if study_day is None:
        return ""
    for last, name in VISITS:
        if study_day <= last:
            return name
    return f"Month {12 + 3 * int((study_day - 320) // 91)}"


def study_day(date: int | None, first: int | None) -> int | None:
    return None if date is None or first is None else date - first + (date >= first)


def first_infusion(data: Any) -> dict[Any, str]:
    """Subject -> date and time of the first infusion above 0 mg."""
    found: dict[Any, str] = {}
    for r in data("ex"):
        if r["EXTRT"] == "ISATUXIMAB" and r["EXDOSE"] > 0:
            found[r["USUBJID"]] = min(found.get(r["USUBJID"], "9999"), r["EXSTDTC"])
    return found


def before(sample: str, dose: str | None) -> bool:
    """As exactly as the coarser of the two is known, not after the dose."""
    return dose is not None and sample[: len(dose)] <= dose[: len(sample)]


def test_baseline_change_and_visit_of_laboratory_values(data):
    doses, subjects = first_infusion(data), {r["USUBJID"]: r for r in data("adsl")}
    groups: dict[Any, Records] = defaultdict(list)
    for r in data("adlb"):
        groups[r["USUBJID"], r["PARAMCD"]].append(r)
    changes = 0
    for (subject, _), records in groups.items():
        dose, start = doses.get(subject), subjects[subject]["TRTSDT"]
        values = [r for r in records if r["AVAL"] is not None or r["AVALC"]]
        earlier = [r for r in values if before(r["LBDTC"], dose)]
        base = max(earlier, key=lambda r: (r["LBDTC"], r["LBSEQ"]), default=None)
        assert [r["LBSEQ"] for r in records if r["ABLFL"] == "Y"] == ([base["LBSEQ"]] if base else [])
        for r in records:
            assert r["ADY"] == study_day(day(r["LBDTC"]), start)
            assert r["AVISIT"] == visit(r["ADY"])
            change = None
            later = dose is not None and not before(r["LBDTC"], dose)
            if later and base and None not in (base["AVAL"], r["AVAL"]):
                change = pytest.approx(r["AVAL"] - base["AVAL"])
                changes += 1
            assert r["CHG"] == change
            assert r["BASE"] == (base["AVAL"] if base else None)
            low, high, value = r["ANRLO"], r["ANRHI"], r["AVAL"]
            if value is not None and None not in (low, high):
                assert r["ANRIND"] == ("LOW" if value < low else "HIGH" if value > high else "NORMAL")
    assert changes > 500
    assert len(data("adlb")) == len(data("lb")) + sum(r["PARAMCD"] == "CACORR" for r in data("adlb"))


def test_grades_of_low_values(data):
    seen = set()
    for r in data("adlb"):
        if r["PARAMCD"] in LOW:
            value, bounds = r["AVAL"], LOW[r["PARAMCD"]]
            grade = 1 if value < r["ANRLO"] else 0
            for number, bound in enumerate(bounds, 2):
                if bound is not None and value < bound:
                    grade = number
            assert (r["ATOXGRL"], r["PARAMCD"], value) == (str(grade), r["PARAMCD"], value)
            seen.add(grade)
    assert {0, 1, 2} <= seen


def test_grades_of_creatinine_and_corrected_calcium(data):
    albumin = {(r["USUBJID"], r["LBDTC"]): r["LBSTRESN"] for r in data("lb") if r["LBTESTCD"] == "ALB"}
    calcium = {(r["USUBJID"], r["LBSEQ"]): r for r in data("lb") if r["LBTESTCD"] == "CA"}
    corrected = 0
    for r in data("adlb"):
        value, upper, base = r["AVAL"], r["ANRHI"], r["BASE"]
        if r["PARAMCD"] == "CREAT" and base is not None:
            worst = max(value / upper, value / base if base else 0)
            grade = 4 if value > 6 * upper else 3 if worst > 3 else 2 if worst > 1.5 else 1 if value > upper else 0
            assert (r["ATOXGRH"], value, base) == (str(grade), value, base)
        elif r["PARAMCD"] == "CACORR":
            raw = calcium[r["USUBJID"], r["LBSEQ"]]
            assert value == pytest.approx(raw["LBSTRESN"] + 0.8 * (4 - albumin[r["USUBJID"], raw["LBDTC"]]))
            high = 4 if value > 13.5 else 3 if value > 12.5 else 2 if value > 11.5 else 1 if value > upper else 0
            low = 4 if value < 6 else 3 if value < 7 else 2 if value < 8 else 1 if value < r["ANRLO"] else 0
            assert (r["ATOXGRL"], r["ATOXGRH"], value) == (str(low), str(high), value)
            corrected += 1
    assert corrected == sum((r["USUBJID"], r["LBDTC"]) in albumin for r in calcium.values())


def test_the_worst_grade_on_treatment_and_the_record_of_a_visit(data):
    worst: dict[Any, Any] = {}
    visits: dict[Any, Any] = {}
    for r in data("adlb"):
        key = (r["USUBJID"], r["PARAMCD"])
        if r["ONTRTFL"] == "Y" and r["ATOXGRL"]:
            worst.setdefault(key, []).append((-int(r["ATOXGRL"]), r["ADT"], r["LBSEQ"]))
        if r["AVISIT"] not in ("", "Baseline") and (r["AVAL"] is not None or r["AVALC"]):
            visits.setdefault((*key, r["AVISIT"]), []).append((r["AWTDIFF"], r["LBDTC"], r["LBSEQ"]))
    flagged = {(r["USUBJID"], r["PARAMCD"]): r["LBSEQ"] for r in data("adlb") if r["ANL02FL"] == "Y"}
    assert flagged == {k: min(v)[2] for k, v in worst.items()}
    of_visit = {
        (r["USUBJID"], r["PARAMCD"], r["AVISIT"]): r["LBSEQ"]
        for r in data("adlb")
        if r["ANL01FL"] == "Y" and r["AVISIT"] != "Baseline"
    }
    assert of_visit == {k: min(v)[2] for k, v in visits.items()}


def test_vital_signs(data):
    doses, subjects = first_infusion(data), {r["USUBJID"]: r for r in data("adsl")}
    for subject, records in by_subject(data("advs")).items():
        sl = subjects[subject]
        base = {r["PARAMCD"]: r["AVAL"] for r in records if r["ABLFL"] == "Y"}
        assert base.get("WEIGHT") == sl["WEIGHTBL"]
        assert base.get("HEIGHT") == sl["HEIGHTBL"]
        for r in records:
            value, start = r["AVAL"], base.get(r["PARAMCD"])
            later = subject in doses and not before(r["VSDTC"], doses[subject])
            percent = 100 * (value - start) / start if later and start else None
            assert r["PCHG"] == (None if percent is None else pytest.approx(percent, abs=1e-9))
            if r["PARAMCD"] == "WEIGHT" and percent is not None:
                lost = next((n for n in (20, 10, 5) if percent <= -n), 0)
                assert r["PCHGCAT1"].startswith(f"LOSS OF {lost} ") == bool(lost)
            if r["PARAMCD"] == "SYSBP":
                bound = sum(value >= b for b in (120, 140, 160))
                names = ("<120 mmHg", "120 to <140 mmHg", "140 to <160 mmHg", ">=160 mmHg")
                assert r["AVALCAT1"] == names[bound]
    weights = [r for r in data("advs") if r["PARAMCD"] == "WEIGHT"]
    height = {s: r["HEIGHTBL"] for s, r in subjects.items()}
    expected = {(r["USUBJID"], r["VSSEQ"]): r["AVAL"] / (height[r["USUBJID"]] / 100) ** 2 for r in weights}
    got = {(r["USUBJID"], r["VSSEQ"]): r["AVAL"] for r in data("advs") if r["PARAMCD"] == "BMI"}
    assert got == pytest.approx(expected)
