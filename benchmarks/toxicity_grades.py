"""Time of the derivations ``toxicity_grade`` and ``analysis_range_indicator``.

    python benchmarks/toxicity_grades.py [--records 1000000] [--repeat 3]

Random values of all terms of CTCAE 5.0 with limits, baselines and units stand in memory as a raw source; what
is timed are the variables ANRIND, ATOXGRL and ATOXGRH from its columns. Prints records per second of processor time.
The target is 1,000,000 a second.
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
from raw2adam.engine.derivations.derivation import derivation
from raw2adam.engine.derivations.environment import Environment
from raw2adam.engine.tables.rows import Rows
from raw2adam.engine.tables.table import RawSlice
from raw2adam.findings.table import Findings
from raw2adam.mappings.loader import load_study
from raw2adam.mappings.models.toxicity_scale import scale_terms
from raw2adam.runs.allocation import keep_freed_memory
from raw2adam.runs.plan_study import plan_study
from raw2adam.sdtm.supplemental import supplemental_dataset
from raw2adam.sources.table import RawTable

STUDY = """\
study: {id: B}
subject: {columns: [SUBJ], usubjid: "{STUDYID}-{SUBJ}"}
sources: {lab: {file: lab.csv}}
"""
ADLB = """\
dataset: ADLB
class: BASIC DATA STRUCTURE
rows: {source: lab}
variables:
  PARAMCD: {value: X}
  PARAM: {value: X}
  ANRIND: {analysis_range_indicator: AVAL}
  ATOXGRL: {toxicity_grade: AVAL, scale: ctcae-5.0, direction: low, term: ATOXDSCL, unit: UNIT}
  ATOXGRH: {toxicity_grade: AVAL, scale: ctcae-5.0, direction: high, term: ATOXDSCH, unit: UNIT}
"""
TIMED = ("ANRIND", "ATOXGRL", "ATOXGRH")


def values(n: int) -> tuple[pd.DataFrame, dict[str, pd.Series]]:
    """Cells of the source, and its identity columns."""
    rng = np.random.default_rng(1)
    numbers = [f"{x / 10:g}" for x in range(1, 2000)]

    def number(below: int) -> pd.Series:
        return col.join_text(rng.integers(0, below, n), numbers)

    low, high = ([*scale_terms("ctcae-5.0", direction)] for direction in ("low", "high"))
    frame = pd.DataFrame(
        {
            "AVAL": number(1999),
            "ANRLO": number(100),
            "ANRHI": col.join_text(rng.integers(100, 1999, n), numbers),
            "BASE": number(1999),
            "BNRIND": col.join_text(rng.integers(0, 4, n), ["", "LOW", "NORMAL", "HIGH"]),
            "UNIT": col.join_text(rng.integers(0, 5, n), ["g/dL", "mg/dL", "mmol/L", "10^9/L", "/uL"]),
            "ATOXDSCL": col.join_text(rng.integers(0, len(low), n), low),
            "ATOXDSCH": col.join_text(rng.integers(0, len(high), n), high),
        }
    )
    subject = col.join_text(np.arange(n) % 1000, [f"B-{i:04}" for i in range(1000)])
    study = col.constant("B", n)
    return frame, {"USUBJID": subject, "STUDYID": study, "SUBJID": subject, "SITEID": study}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--repeat", type=int, default=3)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "adam").mkdir()
        (folder / "study.yaml").write_text(STUDY, "utf-8")
        (folder / "adam" / "adlb.yaml").write_text(ADLB, "utf-8")
        plan, _ = plan_study(load_study(folder))
    frame, identity = values(wanted.records)
    rows = np.arange(len(frame), dtype="int32")
    raw = RawTable("lab", Path("lab.csv"), "0" * 64, frame, rows, rows)
    best = dict.fromkeys(TIMED, np.inf)
    for _ in range(wanted.repeat):
        study = StudyBuild(plan, {"lab": RawSlice(raw, identity)}, Ledger(), Findings(), supplemental_dataset)
        build, table = study.builds["ADLB"], Rows.of(study.tables["lab"])
        for name in TIMED:
            variable = plan.datasets["ADLB"].variables[name]
            rule = derivation(variable.rule)
            begin = time.process_time()
            rule.derive(Environment(build, table, 0, variable, rule))
            best[name] = min(best[name], time.process_time() - begin)
    print(f"{len(frame):,} values of {len({*scale_terms('ctcae-5.0', 'low')})} low and high terms")
    for variable, seconds in best.items():
        print(f"{variable:8} {seconds:.2f} s: {len(frame) / seconds:,.0f} records/s")


if __name__ == "__main__":
    keep_freed_memory()  # as the command does
    main()
