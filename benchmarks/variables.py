"""Derivations of variables: how many records a second each derives.

    python benchmarks/variables.py [--records 1000000] [--repeat 3]

Builds ADLB records (twenty visits of fifty parameters of each subject) with values, categories and dates, and runs each
rule of ``RULES`` alone. Prints for each the best run's seconds and records a second. The target is 1,000,000 records a
second on one core.
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
from raw2adam.engine.derivations.derivation import derivation
from raw2adam.engine.derivations.environment import Environment
from raw2adam.engine.tables.dataset import Dataset, DatasetMetadata, VariableMetadata
from raw2adam.engine.tables.existing import ExistingDataset, ExistingFile
from raw2adam.engine.tables.rows import Rows
from raw2adam.engine.tables.table import ExistingDatasetTable
from raw2adam.findings.table import Findings
from raw2adam.mappings.loader import load_study
from raw2adam.runs.allocation import keep_freed_memory
from raw2adam.runs.plan_study import plan_study
from raw2adam.sdtm.supplemental import supplemental_dataset

VISITS, PARAMETERS = 20, 50
STUDY = "study: {id: S}\nsubject: {columns: [SUBJ], usubjid: '{SUBJ}'}\nsources: {q: {file: q.csv}}\n"
TABLES = "".join(
    f"      - {{LBTESTCD: T{i:02}, LOW: '{low}', HIGH: '{low + 99}', NAME: {name}}}\n"
    for i in range(PARAMETERS)
    for low, name in ((0, "low"), (100, "high"))
)
STUDY += f"tables:\n  ranges:\n    numbers: [LOW, HIGH]\n    rows:\n{TABLES}  terms:\n    rows:\n" + "".join(
    f"      - {{PREFIX: CQ01, GRPNAME: Query, SRCVAR: PARAMCD, TERMCHAR: T{i:02}}}\n" for i in range(0, PARAMETERS, 2)
)
STUDY += "  chart:\n    numbers: [AGE, L, M, S]\n    rows:\n" + "".join(
    f"      - {{TEST: T{i:02}, AGE: '{at}', L: '1.1', M: '{90 + at / 10}', S: '0.3'}}\n"
    for i in range(PARAMETERS)
    for at in range(0, 150, 10)
)
#: variable -> its rule
RULES = {
    "MEAN": "{statistic: LB.LBSTRESN, of: mean, on: [USUBJID, LBTESTCD], label: X}",
    "MEDIAN": "{statistic: LB.LBSTRESN, of: median, on: [USUBJID, LBTESTCD], label: X}",
    "GRPMAX": "{group_statistic: AVAL, of: max, by: [USUBJID, PARAMCD], label: X}",
    "NADIR": "{group_statistic: AVAL, of: min, by: [USUBJID, PARAMCD], order: [ADY], over: before, label: X}",
    "PREV": "{previous: AVAL, by: [USUBJID, PARAMCD], order: [ADY], type: float, label: X}",
    "BASE": "{base_value: AVAL, by: [USUBJID, PARAMCD]}",
    "CHG": "{change: AVAL, from: LBSTNRHI}",
    "PCHG": "{change: AVAL, from: LBSTNRHI, as: percent}",
    "SHIFT1": "{shift: BNRIND, to: ANRIND}",
    "CRIT1FL": "{criterion: AVAL > 100 and ADY > 1}",
    "ONTRTFL": "{on_treatment: ADY, first_dose: LBSTNRHI, last_dose: LBSTNRHI, days: 30, pre_dose: AVAL > 100}",
    "YEARS": "{duration: ADY, since: LBSTNRHI, unit: years, floor: true, report: false, label: X}",
    "RANGE": "{lookup: ranges.NAME, on: [LBTESTCD], between: {value: AVAL, from: LOW, to: HIGH}, label: X}",
    "NEAR": "{lookup: LB.LBSTRESN, on: [USUBJID, LBTESTCD], nearest: {value: ADY, to: LBDY}, label: X}",
    "LIMIT": "{lookup: ranges.LOW, on: [LBTESTCD], where: NAME == 'low', type: float, label: X}",
    "JOINED": "{text_joined: LB.LBNRIND, on: [USUBJID, LBTESTCD], label: X}",
    "CQ01NAM": "{query: terms, prefix: CQ01, of: [PARAMCD]}",
    "APERIOD": "{period: ADY, start: 'P{xx}S', end: 'P{xx}E', count: 2}",
    "ZSCORE": "{reference_score: AVAL, table: chart, at: ADY, by: {PARAMCD: TEST}, label: X}",
    "LASTDT": "{latest: [{date: LB.LBDY}, {date: ADY}], label: X}",
}
ADLB = """\
dataset: ADLB
rows: {from: LB}
variables:
  LBTESTCD: LBTESTCD
  PARAMCD: LBTESTCD
  PARAM: LBTESTCD
  AVAL: LBSTRESN
  ADY: LBDY
  ANRIND: LBNRIND
  BNRIND: LBNRIND
  ABLFL: LBLOBXFL
  P01S: {compute: "1", type: integer, label: X}
  P01E: {compute: "50", type: integer, label: X}
  P02S: {compute: "51", type: integer, label: X}
  P02E: {compute: "120", type: integer, label: X}
"""
LB = """\
dataset: LB
rows: {source: q}
variables:
  LBTESTCD: {from: A, codelist: none}
  LBSTRESN: A
  LBSTNRHI: A
  LBNRIND: A
  LBLOBXFL: A
  LBDY: {compute: "1"}
"""
LB_FILE = ExistingFile("lb.xpt", "", 0, "LB", 0)


def laboratory(records: int) -> pd.DataFrame:
    """Records in the order of SDTM: subject, test, visit; one value of fifty is missing."""
    subjects = max(records // (PARAMETERS * VISITS), 1)
    n = subjects * PARAMETERS * VISITS
    at, random = np.arange(n), np.random.default_rng(1)
    visit = at % VISITS
    values = np.round(random.random(n) * 200, 1)
    values[random.random(n) < 0.02] = np.nan
    return pd.DataFrame(
        {
            "STUDYID": col.constant("S", n),
            "USUBJID": col.join_text(at // (PARAMETERS * VISITS), [f"S-{i:06}" for i in range(subjects)]),
            "LBTESTCD": col.join_text(at // VISITS % PARAMETERS, [f"T{i:02}" for i in range(PARAMETERS)]),
            "LBSTRESN": values,
            "LBSTNRHI": np.full(n, 90.0),
            "LBNRIND": col.join_text((random.random(n) * 3).astype("int8"), ["LOW", "NORMAL", "HIGH"]),
            "LBLOBXFL": col.join_text((visit == 0).astype("int8"), ["", "Y"]),
            "LBDY": visit * 7.0 + 1,
        }
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--repeat", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as text:
        folder = Path(text)
        rules = "".join(f"  {name}: {rule}\n" for name, rule in RULES.items())
        for name, content in (("study.yaml", STUDY), ("sdtm/lb.yaml", LB), ("adam/adlb.yaml", ADLB + rules)):
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_text(content, "utf-8")
        plan, _ = plan_study(load_study(folder))
    plan = replace(plan, datasets={"ADLB": plan.datasets["ADLB"]})
    frame = laboratory(options.records)
    types = [VariableMetadata(n, n, "float" if frame[n].dtype.kind == "f" else "text") for n in frame.columns]
    dataset = Dataset(DatasetMetadata("LB", "LB", tuple(types), ()), frame)
    table = ExistingDatasetTable(ExistingDataset(dataset, (LB_FILE,)))
    print(f"{len(frame):,} records")
    for name in RULES:
        best = min(_seconds(plan, table, name) for _ in range(options.repeat))
        print(f"{name:<10}{best:8.3f} s {len(frame) / best:14,.0f} records/s")


def _seconds(plan, table: ExistingDatasetTable, name: str) -> float:
    """The seconds of one rule, after the variables that it reads are there."""
    study = StudyBuild(plan, {"LB": table}, Ledger({}), Findings(), supplemental_dataset)
    build = study.builds["ADLB"]
    variable = plan.datasets["ADLB"].variables[name]
    rule = derivation(variable.rule)
    rows = build.rows(0)
    for other in plan.datasets["ADLB"].variables:
        if other not in RULES:
            build.value(other, 0)
    env = Environment(build, Rows(rows.n, {}) if rule.whole else rows, None if rule.whole else 0, variable, rule)
    start = time.perf_counter()
    rule.derive(env)
    return time.perf_counter() - start


if __name__ == "__main__":
    keep_freed_memory()  # as the command does
    main()
