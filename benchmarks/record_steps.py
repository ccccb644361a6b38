"""How many records a second the steps read that derive records from records: computed, summary, extreme ...

The rate counts the records that are read or derived, whichever are more.

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
STUDY += """\
tables:
  weeks:
    rows: [{TEST: SYSBP, WEEK: "21"}, {TEST: "", WEEK: "21"}, {TEST: "", WEEK: "22"}]
    numbers: [WEEK]
"""
VS = """\
dataset: VS
rows: {source: vs}
variables:
  {VSTESTCD: T, VSTEST: T, VSORRES: R, VSSTRESN: R, VSSTRESU: U, VISITNUM: V, VISIT: V, VSTPT: T, VSDTC: D, VSENDTC: D}
"""
DM = "dataset: DM\nrows: {source: vs}\nvariables: {SEX: S, COUNTRY: S}\n"
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
  - from: VS
    derive:
      carry_forward: last
      by: [VSTESTCD]
      visit: VISITNUM
      order: [VSSEQ]
      value: VSSTRESN
      visits: {from: weeks, variables: {VISITNUM: WEEK}, on: {VSTESTCD: TEST}}
  - from: VS
    derive: {expected_records: [{VISITNUM: 20}, {VISITNUM: 21}], by: [VSTESTCD], visit: VISITNUM}
  - from: VS
    derive: {expand: day, start: VSDTC, end: VSENDTC}
  - from: VS
    derive: {expand: dose, start: VSDTC, end: VSENDTC, frequency: VSTPT}
  - from: DM
    derive:
      combined:
        - {from: VS, name: A, where: VISITNUM <= 12, flag: AFL, order: [VSDTC],
           variables: {PARAMCD: VSTESTCD, AVISITN: VISITNUM, AVAL: VSSTRESN}, date: VSDTC}
        - {from: VS, name: B, where: VISITNUM >= 10, flag: BFL,
           variables: {PARAMCD: VSTESTCD, AVISITN: VISITNUM, AVAL: VSSTRESN}, date: VSDTC}
      by: [PARAMCD, AVISITN]
      agree: [AVAL]
  - from: DM
    derive:
      events:
        - from: VS
          where: VSTESTCD == 'SYSBP' and VSSTRESN >= 150
          date: VSDTC
          order: [VSDTC, VSSEQ]
          values: {AVALC: HIGH}
        - from: VS
          where: VSTESTCD == 'DIABP' and VSSTRESN >= 100
          date: VSDTC
          order: [VSDTC, VSSEQ]
          values: {AVALC: LOW}
      choose: earliest
      otherwise: {AVALC: NONE}
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
    days = (np.arange(300).astype("timedelta64[D]") + np.datetime64("2021-01-01")).astype(str).astype(object)
    units = ["mmHg", "mmHg", "beats/min", "C", "breaths/min"]
    return pd.DataFrame(
        {
            "USUBJID": col.join_text(at // each, [f"S-{i:06}" for i in range(subjects)]),
            "VSSEQ": (at % each + 1).astype("float64"),
            "VSTESTCD": col.join_text(test, TESTS),
            "VSSTRESN": values,
            "VSSTRESU": col.join_text(test, units),
            "VSDTC": col.join_text(at % VISITS * 14, days),
            "VSENDTC": col.join_text(at % VISITS * 14 + 9, days),
            "VSTPT": col.join_text(test, ["QD", "BID", "QOD", "EVERY WEEK", "TID"]),
            "VISITNUM": (at % VISITS + 1).astype("float64"),
        }
    )


def existing(name: str, frame: pd.DataFrame) -> ExistingDataset:
    """A finished domain."""
    types = [VariableMetadata(n, n, "float" if frame[n].dtype.kind == "f" else "text") for n in frame.columns]
    dataset = Dataset(DatasetMetadata(name, name, tuple(types), ()), frame)
    return ExistingDataset(dataset, (ExistingFile(f"{name.lower()}.xpt", "", 0, name, 0),))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--repeat", type=int, default=3)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as text:
        folder = Path(text)
        for name, content in (
            ("study.yaml", STUDY),
            ("sdtm/dm.yaml", DM),
            ("sdtm/vs.yaml", VS),
            ("adam/advs.yaml", ADVS),
        ):
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_text(content, "utf-8")
        plan, _ = plan_study(load_study(folder))
    plan = replace(plan, datasets={"ADVS": plan.datasets["ADVS"]})
    frame = vital_signs(given.records)
    subjects = pd.DataFrame({"USUBJID": frame["USUBJID"].drop_duplicates().reset_index(drop=True)})
    domains = {"VS": existing("VS", frame), "DM": existing("DM", subjects)}
    for number, block in enumerate(plan.datasets["ADVS"].spec.blocks):
        (step,) = block.steps
        best, made = float("inf"), None
        for _ in range(given.repeat):
            tables = {name: ExistingDatasetTable(domain) for name, domain in domains.items()}
            study = StudyBuild(plan, tables, Ledger({}), Findings(), supplemental_dataset)
            rows = Rows.of(tables[block.table])
            env = Environment(study.builds["ADVS"], rows, number, None, step)
            start = time.perf_counter()
            made = record_step(step).make(env, rows)
            best = min(best, time.perf_counter() - start)
        assert made is not None
        of = ", ".join(str(v) for v in step.arguments().values() if isinstance(v, str))[:30]
        most = max(len(frame), made.n)
        line = f"{len(frame):,} records to {made.n:,} in {best:.2f} s, {most / best:,.0f} records/s"
        print(f"{step.verb:14} {of:30} {line}")


if __name__ == "__main__":
    keep_freed_memory()  # as the command does
    main()
