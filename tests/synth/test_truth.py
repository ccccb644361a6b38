"""The findings of a build about a hostile and a clean export: every defect has a finding, clean rows have none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from kit.packs import AS_OF, clean_pack
from kit.parts_of_a_run import ReportsRun
from raw2adam.conformance.language.read import shipped_rules
from raw2adam.runs.options import Options
from raw2adam.synth.export import synthesise
from tools import compare_truth

CLASSES = """
    partial_date unknown_date missing_date impossible_date sentinel_date trailing_blanks lower_case unmapped_code
    exact_duplicate conflicting_duplicate unknown_subject query_text blank_item foreign_date two_digit_year future_date
    ambiguous_part decimal_comma thousands full_width approximate number_sentinel wrong_unit missing_unit implausible
    lost_zeros letter_for_digit nbsp_padding duplicate_subject excel_error mojibake out_of_range_item end_before_start
    death_before_dose response_before_dose progression_after_death consent_after_death exposure_too_early line_gap
    unknown_visit swapped_result_unit
"""


def build(root: Path, dirt: str, subjects: int) -> dict[str, Any]:
    """Truth, findings and accounting of an export that this test builds."""
    raw, out = root / f"raw-{dirt}", root / f"out-{dirt}"
    synthesise(raw, subjects=subjects, seed=1, dirt=dirt)
    options = Options(as_of=AS_OF, quality=False, raw_copy=False, only="sdtm")
    ReportsRun("obs16577", raw, out, options).execute()
    places = {
        "truth": raw / "truth.json",
        "findings": out / "reports" / "findings.json",
        "accounting": out / "reports" / "accounting.json",
    }
    return {name: json.loads(path.read_text(encoding="utf-8")) for name, path in places.items()}


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return build(tmp_path_factory.mktemp("hostile"), "hostile", 62)


def test_every_injected_defect_is_found(hostile: dict[str, Any]):
    classes = compare_truth.compare(**hostile).classes
    assert sorted(classes) == sorted(CLASSES.split())
    assert {n: t.missed for n, t in classes.items() if t.missed} == {}


def test_at_most_one_false_alarm_per_thousand_clean_rows(hostile: dict[str, Any]):
    result = compare_truth.compare(**hostile)
    assert result.clean > 10_000
    assert result.rate <= 1, "\n".join(compare_truth.report(result, True))


@pytest.mark.parametrize(
    ("rules", "missed"),
    [
        ({"R2A-CHECK-DEATHDOSE"}, "death_before_dose"),
        ({"R2A-RAW-034", "R2A-CHECK-DXFORM", "R2A-CHECK-NODOSE"}, "duplicate_subject"),
        ({"R2A-UNIT-002"}, "wrong_unit"),
        ({"R2A-VISIT-001"}, "unknown_visit"),
    ],
    ids=["death", "subject", "unit", "visit"],
)
def test_without_its_rules_a_defect_is_missed(hostile: dict[str, Any], rules: set[str], missed: str):
    others = shipped_rules()  # of conformance, which see some defects again in the datasets
    reported = [f for f in hostile["findings"]["findings"] if f["rule"] not in rules and f["rule"] not in others]
    classes = compare_truth.compare(hostile["truth"], {"findings": reported}, hostile["accounting"]).classes
    assert classes[missed].missed


def test_a_cell_has_one_finding_only(hostile: dict[str, Any]):
    again = {"R2A-CONF-004": "R2A-CT-001", "R2A-CONF-005": "R2A-CT-001", "R2A-RAW-015": "R2A-NUM-001"}
    cells: dict[str, set[tuple[str, int, str]]] = {}
    for f in hostile["findings"]["findings"]:
        source = f["source"] or {}
        if source.get("row"):
            cells.setdefault(f["rule"], set()).add((source["file"], source["row"], source["column"]))
    for rule, first in again.items():
        assert cells[first]
        assert cells.get(rule, set()) & cells[first] == set()


def test_a_clean_export_has_no_error_and_no_warning(tmp_path_factory: pytest.TempPathFactory):
    root = clean_pack(tmp_path_factory)
    assert json.loads((root / "raw" / "truth.json").read_text("utf-8"))["defects"] == []
    found = json.loads((root / "out" / "reports" / "findings.json").read_text("utf-8"))["findings"]
    assert [f for f in found if f["severity"] != "note"] == []
