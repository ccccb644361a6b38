"""The results of a report, computed again by the second program from the machine-readable file and the datasets."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from raw2adam.analyses.compute import compute_analyses
from raw2adam.analyses.counted_numbers import COUNTS
from raw2adam.analyses.masking import masked
from raw2adam.analyses.results import ComputedAnalyses
from raw2adam.mappings.loader import load_analyses
from raw2adam.report.ars import ars_bytes
from tools.recompute_results import Recomputed

HEAD = "name: T\ndescription: D\nreason: SPECIFIED IN SAP\npurpose: PRIMARY OUTCOME MEASURE\npopulation: SAF\ncolumns: ARM\n"
SPECS = {
    "groups.yaml": "populations: {SAF: {where: SAFFL == 'Y', label: Safety}}\ncolumns: {ARM: {variable: TRT01A, order: [A, B]}}\n",
    "a.yaml": "display: SUBJECTS\n" + HEAD + """
results:
  AGE: {description: Age, dataset: ADSL, summary: {variable: AGE}}
  SEX: {description: Sex, dataset: ADSL, counts: {variable: SEX, order: [F, M]}}
  OLD: {description: Old, dataset: ADSL, counts: {conditions: {Over 60: AGE > 60, Not F: SEX != 'F'}}}
  SHIFT: {description: Shift, dataset: ADSL, shift: {first: SEX, second: GRADE, order: [F, M]}}
""",
    "b.yaml": "display: EVENTS\n" + HEAD + """
results:
  TERMS: {description: Terms, dataset: ADAE, where: TRTEMFL == 'Y', occurrences: {terms: [AEBODSYS, AEDECOD]}}
  GRADE: {description: Grades, dataset: ADAE, occurrences: {terms: [AEBODSYS], grade: AETOXGR, grade_order: ['1', '2']}}
  RATE: {description: Rate, dataset: ADAE, where: TRTEMFL == 'Y', rate: {exposure: TRTDURD}}
  RESP: {description: Response, dataset: ADTTE, parameter: PFS, proportion: {condition: CNSR == 0, label: Progressed}}
  PFS: {description: PFS, dataset: ADTTE, parameter: PFS, kaplan_meier: {landmarks: [6, 12, 90], follow_up: true}}
  INC: {description: Incidence, dataset: ADTTE, parameter: PFS, cumulative_incidence: {event: CNSR == 0, competing: CNSR == 1, landmarks: [6]}}
  QOL: {description: Scores, dataset: ADQS, parameter: QL2, change: {}}
  DONE: {description: Compliance, dataset: ADQS, parameter: QL2, proportion: {condition: AVAL >= 0, by: AVISIT, by_order: AVISITN, percent_of: records}}
""",
}  # fmt: skip


def datasets() -> dict[str, pd.DataFrame]:
    """Sixty subjects; some texts and numbers are missing."""
    draw = np.random.default_rng(16577)
    subjects = [f"S{i:02}" for i in range(60)]
    ae = draw.integers(0, 60, 150)
    visits = np.repeat(np.arange(60), 3)
    score = np.round(draw.normal(60, 15, 180))
    return {
        "ADSL": pd.DataFrame(
            {
                "USUBJID": subjects,
                "SAFFL": draw.choice(["Y", "Y", "Y", "N"], 60),
                "TRT01A": draw.choice(["A", "B"], 60),
                "AGE": np.where(draw.random(60) < 0.1, np.nan, draw.integers(40, 90, 60)),
                "SEX": draw.choice(["F", "M", ""], 60, p=(0.5, 0.4, 0.1)),
                "GRADE": draw.choice(["F", "M", ""], 60),
                "TRTDURD": draw.integers(1, 400, 60).astype(float),
            }
        ),
        "ADAE": pd.DataFrame(
            {
                "USUBJID": np.array(subjects)[ae],
                "TRTEMFL": draw.choice(["Y", ""], 150, p=(0.8, 0.2)),
                "AEBODSYS": draw.choice(["Eye", "Skin"], 150),
                "AEDECOD": draw.choice(["P", ""], 150),
                "AETOXGR": draw.choice(["1", "2", ""], 150),
            }
        ),
        "ADTTE": pd.DataFrame(
            {
                "USUBJID": subjects,
                "PARAMCD": "PFS",
                "AVAL": np.where(draw.random(60) < 0.05, np.nan, draw.integers(1, 700, 60)),
                "CNSR": draw.integers(0, 3, 60).astype(float),
            }
        ),
        "ADQS": pd.DataFrame(
            {
                "USUBJID": np.array(subjects)[visits],
                "PARAMCD": "QL2",
                "AVISIT": np.tile(["Baseline", "Month 3", "Month 6"], 60),
                "AVISITN": np.tile([0.0, 3, 6], 60),
                "AVAL": np.where(draw.random(180) < 0.2, np.nan, score),
                "CHG": np.where(np.tile([0, 3, 6], 60) == 0, np.nan, score - score[visits * 3]),
            }
        ),
    }


@pytest.fixture(scope="module")
def computed(tmp_path_factory: pytest.TempPathFactory) -> ComputedAnalyses:
    folder: Path = tmp_path_factory.mktemp("analyses")
    for name, text in SPECS.items():
        (folder / name).write_text(text, encoding="utf-8")
    loaded = load_analyses(folder)
    assert [p.shown() for p in loaded.problems] == []
    return compute_analyses(loaded.displays, loaded.groups, datasets().get, study="S")


@pytest.fixture(scope="module")
def event(computed) -> dict:
    return json.loads(ars_bytes(computed))


@pytest.fixture(scope="module")
def read() -> dict[str, pd.DataFrame]:
    """The datasets as the second program reads them."""
    return {n: f.astype({c: object for c in f.columns if f[c].dtype.kind != "f"}) for n, f in datasets().items()}


def test_a_second_program_computes_the_same_results(event, read):
    counts, different = Recomputed(event, read.get).compare()
    assert different == []
    assert {m: f["equal"] for m, f in counts.items()} == {
        "subjects": 3,
        "summary": 27,
        "counts": 45,
        "shift": 108,
        "occurrences": 201,
        "rate": 24,
        "proportion": 66,
        "kaplan_meier": 105,
        "cumulative_incidence": 51,
        "change": 75,
    }
    assert {m: f["not computed"] for m, f in counts.items() if f["not computed"]} == {
        "cumulative_incidence": 6
    }  # its limits


def test_it_sees_a_number_that_is_changed(event, read):
    of_age = next(a for a in event["analyses"] if a["id"] == "SUBJECTS.AGE")
    first, *others = of_age["results"]
    changed = {**of_age, "results": [{**first, "rawValue": str(int(first["rawValue"]) + 1)}, *others]}
    _, different = Recomputed({**event, "analyses": [changed]}, read.get).compare()
    assert len(different) == 1


def shown_counts(analyses: ComputedAnalyses) -> dict[str, dict[str, list[float | None]]]:
    """Result -> row -> the count of each column; None where it is masked."""
    return {
        result.id: {
            row.id: [next((v.number for v in c.values if v.name in COUNTS), None) for c in row.cells]
            for row in result.rows
        }
        for display in analyses.displays
        for result in display.results
    }


@pytest.mark.parametrize("below", [3, 5, 8, 12])
def test_no_masked_count_follows_from_a_total(computed, below):
    whole, shown = shown_counts(computed), shown_counts(masked(computed, below))
    hidden = [
        (r, row, c)
        for r, rows in shown.items()
        for row, of in rows.items()
        for c, n in enumerate(of)
        if n is None and whole[r][row][c] is not None
    ]
    assert hidden
    assert all(not 0 < n < below for rows in shown.values() for of in rows.values() for n in of if n is not None)

    def follows(total: float | None, parts: list[float | None], true: list[float]) -> bool:
        """Whether the masked parts are together the total without the shown ones, and that is small."""
        if total is None or None not in parts or total != sum(true):
            return False
        rest = total - sum(p for p in parts if p is not None)
        return 0 < rest < below

    for result, rows in shown.items():
        true = whole[result]
        for row, (total, *groups) in rows.items():
            if None not in true[row]:
                assert not follows(total, groups, true[row][1:]), (result, row)
        for total, parts in (
            ("subjects", ("events", "competing", "censored")),
            ("", ("n", "missing")),
            ("", ("F", "M", "MISSING")),
        ):
            there = [p for p in parts if p in rows]
            for column in range(3) if len(there) > 1 else ():
                of = [true[p][column] for p in there]
                known = rows[total][column] if total else sum(of)
                assert not follows(known, [rows[p][column] for p in there], of), (result, column)
