"""Time of the step ``confirm``: confirmed response at each time point, with the traceability columns on.

    python benchmarks/confirmed_response.py [--subjects 100000] [--repeat 3]

Random histories of ten assessments a subject (levels, progressions with and without type, not evaluable, new therapy,
death) stand in memory as a raw source; what is timed is everything from its columns to the records of ADRS with level,
reason, date and number of the confirming assessment, date of what is carried, and the rows of both in the lineage.
Prints assessments per second by the clock and by processor time. The target is 1,000,000 a second on two cores.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
from raw2adam.engine.accounts.ledger import Ledger
from raw2adam.engine.building.study_build import StudyBuild
from raw2adam.engine.columns import column as col
from raw2adam.engine.derivations.environment import Environment
from raw2adam.engine.derivations.step import record_step
from raw2adam.engine.tables.rows import Rows
from raw2adam.engine.tables.table import RawSlice
from raw2adam.findings.table import Findings
from raw2adam.mappings.loader import load_study
from raw2adam.runs.allocation import keep_freed_memory
from raw2adam.runs.plan_study import plan_study
from raw2adam.sdtm.supplemental import supplemental_dataset
from raw2adam.sources.table import RawTable

STUDY = """\
study: {id: B}
subject: {columns: [SUBJ], usubjid: "{STUDYID}-{SUBJ}"}
sources: {resp: {file: resp.csv}}
"""
ADRS = """\
dataset: ADRS
class: BASIC DATA STRUCTURE
rows:
  source: resp
  derive:
    confirm: RESP
    date: DAY
    sequence: NO
    start: START
    until: NEW
    death: DIED
    cause: CAUSE
    causes: [MULTIPLE MYELOMA]
    responses: [sCR, CR, VGPR, PR, MR]
    type: TYPE
    alone: [IMAGING, CLINICAL]
    repeat: [LABORATORY]
variables:
  PARAMCD: {value: COVR}
  PARAM: {value: Confirmed Response}
"""
GIVEN = ("AVALC", "CONFREAS", "CNFDT", "CNFSEQ", "CARRYDT")
VISITS = 10


def histories(subjects: int) -> tuple[pd.DataFrame, dict[str, pd.Series]]:
    """Cells of the source, sorted by subject and date, and its identity columns."""
    rng = np.random.default_rng(1)
    n = subjects * VISITS
    of = np.repeat(np.arange(subjects), VISITS)
    first = np.datetime64("2021-01-01")
    days = np.arange(2000).astype("timedelta64[D]") + first
    texts = np.append(days.astype(str).astype(object), "")

    def dates(numbers: np.ndarray, known: np.ndarray) -> pd.Series:
        return col.compact(col.join_text(np.where(known, numbers, len(days)), texts))

    levels = ["sCR", "CR", "VGPR", "PR", "MR", "SD", "PD", "NE"]
    response = rng.choice(8, n, p=[0.03, 0.05, 0.25, 0.3, 0.12, 0.12, 0.1, 0.03])
    kind = np.where(response == 6, rng.integers(1, 4, n), 0)
    when = np.tile(np.arange(1, VISITS + 1) * 91, subjects) + rng.integers(0, 30, n)
    some, dead = rng.random(subjects) < 0.3, rng.random(subjects) < 0.3
    new, died = rng.integers(100, 1000, subjects), rng.integers(1000, 1500, subjects)
    frame = pd.DataFrame(
        {
            "RESP": col.join_text(response, levels),
            "TYPE": col.join_text(kind, ["", "LABORATORY", "IMAGING", "CLINICAL"]),
            "NO": col.join_text(np.tile(np.arange(VISITS), subjects), [str(i + 1) for i in range(VISITS)]),
            "DAY": dates(when, np.ones(n, dtype=bool)),
            "START": col.constant("2021-01-01", n),
            "NEW": dates(new[of], some[of]),
            "DIED": dates(died[of], dead[of]),
            "CAUSE": col.join_text(dead[of].astype("int8"), ["", "MULTIPLE MYELOMA"]),
        }
    )
    names = [f"B-{i:07}" for i in range(subjects)]
    identity = {"USUBJID": col.join_text(of, names), "STUDYID": col.constant("B", n)}
    return frame, identity | {"SUBJID": identity["USUBJID"], "SITEID": identity["STUDYID"]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--subjects", type=int, default=100_000)
    parser.add_argument("--repeat", type=int, default=3)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "adam").mkdir()
        (folder / "study.yaml").write_text(STUDY, "utf-8")
        (folder / "adam" / "adrs.yaml").write_text(ADRS, "utf-8")
        plan, _ = plan_study(load_study(folder))
    frame, identity = histories(given.subjects)
    numbers = np.arange(len(frame), dtype="int32")
    raw = RawTable("resp", Path("resp.csv"), "0" * 64, frame, numbers, numbers)
    best, least = np.inf, np.inf
    for _ in range(given.repeat):
        study = StudyBuild(plan, {"resp": RawSlice(raw, identity)}, Ledger(), Findings(), supplemental_dataset)
        build = study.builds["ADRS"]
        begin, used = time.perf_counter(), time.process_time()
        step = plan.datasets["ADRS"].spec.blocks[0].steps[0]
        assert step is not None
        rows = Rows.of(study.tables["resp"])
        out = record_step(step).make(Environment(build, rows, 0, None, step), rows)
        for column in GIVEN:
            out.column("", column)
        best, least = min(best, time.perf_counter() - begin), min(least, time.process_time() - used)
    n = len(frame)
    print(f"{n:,} assessments of {given.subjects:,} subjects, {out.n:,} time points")
    print(f"{best:.2f} s by the clock: {n / best:,.0f} assessments/s")
    print(f"{least:.2f} s of processor time: {n / least:,.0f} assessments/s")


if __name__ == "__main__":
    keep_freed_memory()  # as the command does
    main()
