"""How many records a second the steps read that derive records from records: computed, summary, extreme ...

python benchmarks/record_steps.py --records 1000000
"""

from __future__ import annotations

import argparse
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from raw2adam.engine.accounts.ledger import Ledger
from raw2adam.engine.building.study_build import StudyBuild
from raw2adam.engine.columns import column as col
from raw2adam.engine.derivations.environment import Environment
from raw2adam.engine.derivations.step import record_step
from raw2adam.engine.tables.dataset import Dataset, DatasetMetadata, VariableMetadata
from raw2adam.engine.tables.existing import ExistingDataset, ExistingFile
from raw2adam.engine.tables.rows import Rows
from raw2adam.engine.tables.table import ExistingDatasetTable
from raw2adam.findings.table import Findings
from raw2adam.mappings.loader import load_study
from raw2adam.runs.allocation import keep_freed_memory
from raw2adam.runs.plan_study import plan_study
from raw2adam.sdtm.supplemental import supplemental_dataset

STUDY = "study: {id: B}\nsubject: {columns: [SUBJ], usubjid: '{SUBJ}'}\nsources: {vs: {file: vs.csv}}\n"
VS = """\
dataset: VS
rows: {source: vs}
variables: {VSTESTCD: T, VSTEST: T, VSORRES: R, VSSTRESN: R, VSSTRESU: U, VISITNUM: V, VISIT: V, VSDTC: D}
"""
ADVS = """\
dataset: ADVS
class: BASIC DATA STRUCTURE
label: B
rows:
  - from: VS
    derive: {computed: MAP, parameter: VSTESTCD, value: VSSTRESN, unit: VSSTRESU, by: [VISITNUM]}
  - from: VS
    derive: {summary: {VSSTRESN: mean}, by: [VSTESTCD, VISITNUM]}
  - from: VS
    derive: {summary: {VSSTRESN: median}, by: [VSTESTCD]}
  - from: VS
    derive: {extreme: last, by: [VSTESTCD], order: [VISITNUM, VSSEQ]}
  - from: VS
    derive:
      carry_forward: last
      by: [VSTESTCD]
      visit: VISITNUM
      order: [VSSEQ]
      value: VSSTRESN
      visits: [{VISITNUM: 21}, {VISITNUM: 22}]
variables: {PARAMCD: {value: X}, PARAM: {value: X}}
"""
VISITS, TESTS = 20, ("SYSBP", "DIABP", "PULSE", "TEMP", "RESP")


def vital_signs(records: int) -> pd.DataFrame:
    """Records by subject, test and visit."""
    each = VISITS * len(TESTS)
    subjects = max(records // each, 1)
    at = np.arange(subjects * each)
    values = np.random.default_rng(1).integers(50, 160, len(at)).astype("float64")
    test = at // VISITS % len(TESTS)
    units = ["mmHg", "mmHg", "beats/min", "C", "breaths/min"]
    return pd.DataFrame(
        {
            "USUBJID": col.join_text(at // each, [f"S-{i:06}" for i in range(subjects)]),
            "VSSEQ": (at % each + 1).astype("float64"),
            "VSTESTCD": col.join_text(test, TESTS),
            "VSSTRESN": values,
            "VSSTRESU": col.join_text(test, units),
            "VISITNUM": (at % VISITS + 1).astype("float64"),
        }
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--repeat", type=int, default=3)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as text:
        folder = Path(text)
        for name, content in (("study.yaml", STUDY), ("sdtm/vs.yaml", VS), ("adam/advs.yaml", ADVS)):
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_text(content, "utf-8")
        plan, _ = plan_study(load_study(folder))
    plan = replace(plan, datasets={"ADVS": plan.datasets["ADVS"]})
    frame = vital_signs(given.records)
    types = [VariableMetadata(n, n, "float" if frame[n].dtype.kind == "f" else "text") for n in frame.columns]
    existing = ExistingDataset(
        Dataset(DatasetMetadata("VS", "VS", tuple(types), ()), frame), (ExistingFile("vs.xpt", "", 0, "VS", 0),)
    )
    for number, block in enumerate(plan.datasets["ADVS"].spec.blocks):
        (step,) = block.steps
        best, made = float("inf"), None
        for _ in range(given.repeat):
            table = ExistingDatasetTable(existing)
            study = StudyBuild(plan, {"VS": table}, Ledger({}), Findings(), supplemental_dataset)
            rows = Rows.of(table)
            env = Environment(study.builds["ADVS"], rows, number, None, step)
            start = time.perf_counter()
            made = record_step(step).make(env, rows)
            best = min(best, time.perf_counter() - start)
        assert made is not None
        of = ", ".join(str(v) for v in step.arguments().values() if isinstance(v, str))[:30]
        rate = len(frame) / best
        print(f"{step.verb:14} {of:30} {len(frame):,} records to {made.n:,} in {best:.2f} s, {rate:,.0f} records/s")


if __name__ == "__main__":
    keep_freed_memory()  # as the command does
    main()
