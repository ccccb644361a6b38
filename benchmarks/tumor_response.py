"""Time of the step ``tumor_burden`` and of the derivations of tumor response.

    python benchmarks/tumor_response.py [--subjects 20000] [--repeat 3]

Random measurements of five lesions at ten evaluations a subject stand in memory as a raw source. Prints records per
second of processor time. The target is 1,000,000 a second.
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
sources: {tr: {file: tr.csv}}
"""
ADTR = """\
dataset: ADTR
class: BASIC DATA STRUCTURE
rows:
  source: tr
  derive:
    tumor_burden: SIZE
    text: STATE
    lesion: LESION
    date: DAY
    evaluation: [VISIT]
    start: START
    target: KIND == 'TARGET'
    non_target: KIND == 'NON-TARGET'
    new: KIND == 'NEW'
variables:
  PARAMCD: {value: SDIAM}
  PARAM: {value: Sum of Diameters}
"""
ADNODE = """\
dataset: ADNODE
class: BASIC DATA STRUCTURE
rows:
  source: tr
  derive:
    tumor_burden: SIZE
    perpendicular: SIDE == 'P'
    criteria: lugano-2014-ct
    lesion: NODE
    date: DAY
    evaluation: [VISIT]
    start: START
    target: SIDE == 'L'
    nodal: SIDE == 'L'
variables:
  PARAMCD: {value: SPD}
  PARAM: {value: Sum of Products}
"""
ADRS = """\
dataset: ADRS
class: BASIC DATA STRUCTURE
rows: {source: tr}
variables:
  PARAMCD: {value: OVR}
  PARAM: {value: Overall Response}
  LEVEL:
    level_by_change: SIZE
    criteria: recist-1.1
    measurement: target
    base: BASE
    nadir: NADIR
    complete: KIND == ''
    label: x
  OVERALL: {overall_response: {target: TARGET, non_target: OTHER, new: NEWLES}, criteria: recist-1.1, label: x}
  GROWN: {from: GROWN, label: x}
  IMMUNE: {immune_response: RESP, date: DAY, days: 28, further: GROWN == 'Y', by: [USUBJID, LESION], label: x}
  BONE: {bone_response: SIZE, date: DAY, by: [USUBJID, LESION], label: x}
  MARKER: {ca125_response: SIZE, date: DAY, upper: LIMIT, start: START, by: [USUBJID, LESION], label: x}
  CONFIRM: {confirmed_response: RESP, date: DAY, days: 28, between: {NE: 1}, by: [USUBJID, LESION], label: x}
"""
VISITS, LESIONS = 10, 5


def measurements(subjects: int) -> tuple[pd.DataFrame, dict[str, pd.Series]]:
    """Cells of the source, and its identity columns."""
    rng = np.random.default_rng(1)
    n = subjects * VISITS * LESIONS
    of = np.repeat(np.arange(subjects), VISITS * LESIONS)
    visit = np.tile(np.repeat(np.arange(VISITS), LESIONS), subjects)
    days = (np.arange(2000).astype("timedelta64[D]") + np.datetime64("2021-01-01")).astype(str).astype(object)
    numbers = [str(x) for x in range(120)]
    lesion = np.tile(np.arange(LESIONS), subjects * VISITS)
    frame = pd.DataFrame(
        {
            "SIZE": col.join_text(rng.integers(0, 120, n), numbers),
            "BASE": col.join_text(rng.integers(0, 120, n), numbers),
            "NADIR": col.join_text(rng.integers(0, 120, n), numbers),
            "RESP": col.join_text(rng.integers(0, 5, n), ["CR", "PR", "SD", "PD", "NE"]),
            "TARGET": col.join_text(rng.integers(0, 5, n), ["CR", "PR", "SD", "PD", "NE"]),
            "OTHER": col.join_text(rng.integers(0, 4, n), ["CR", "NON-CR/NON-PD", "PD", ""]),
            "NEWLES": col.join_text(rng.integers(0, 2, n), ["Y", "N"]),
            "GROWN": col.join_text(rng.integers(0, 2, n), ["Y", ""]),
            "STATE": col.join_text(rng.integers(0, 2, n), ["PRESENT", "ABSENT"]),
            "LESION": col.join_text(lesion, [f"T{i:02}" for i in range(LESIONS)]),
            "KIND": col.join_text(lesion, ["TARGET", "TARGET", "TARGET", "NON-TARGET", "NON-TARGET"]),
            "NODE": col.join_text(lesion // 2, [f"N{i:02}" for i in range(LESIONS)]),
            "SIDE": col.join_text(lesion % 2, ["L", "P"]),
            "DAY": col.join_text(visit * 42 + 10, days),
            "VISIT": col.join_text(visit, numbers),
            "LIMIT": col.constant("35", n),
            "START": col.constant("2021-01-12", n),
        }
    )
    subject = col.join_text(of, [f"B-{i:07}" for i in range(subjects)])
    study = col.constant("B", n)
    return frame, {"USUBJID": subject, "STUDYID": study, "SUBJID": subject, "SITEID": study}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--subjects", type=int, default=20_000)
    parser.add_argument("--repeat", type=int, default=3)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "adam").mkdir()
        (folder / "study.yaml").write_text(STUDY, "utf-8")
        for dataset, text in (("adtr", ADTR), ("adnode", ADNODE), ("adrs", ADRS)):
            (folder / "adam" / f"{dataset}.yaml").write_text(text, "utf-8")
        plan, _ = plan_study(load_study(folder))
    frame, identity = measurements(wanted.subjects)
    numbers = np.arange(len(frame), dtype="int32")
    raw = RawTable("tr", Path("tr.csv"), "0" * 64, frame, numbers, numbers)
    rules = ("LEVEL", "OVERALL", "IMMUNE", "BONE", "MARKER", "CONFIRM")
    best = dict.fromkeys(("tumor_burden", "with products", *rules), np.inf)
    evaluations = 0
    for _ in range(wanted.repeat):
        study = StudyBuild(plan, {"tr": RawSlice(raw, identity)}, Ledger(), Findings(), supplemental_dataset)
        for name, dataset in (("tumor_burden", "ADTR"), ("with products", "ADNODE")):
            step = plan.datasets[dataset].spec.blocks[0].derive
            assert step is not None
            steps = [step] if not isinstance(step, tuple) else list(step)
            rows = Rows.of(study.tables["tr"])
            begin = time.process_time()
            out = record_step(steps[0]).make(Environment(study.builds[dataset], rows, 0, None, steps[0]), rows)
            best[name] = min(best[name], time.process_time() - begin)
            evaluations = out.n
        for name in rules:
            variable = plan.datasets["ADRS"].variables[name]
            assert variable.rule is not None
            rule, table = derivation(variable.rule), Rows.of(study.tables["tr"])
            begin = time.process_time()
            rule.derive(Environment(study.builds["ADRS"], table, 0, variable, rule))
            best[name] = min(best[name], time.process_time() - begin)
    print(f"{len(frame):,} measurements of {wanted.subjects:,} subjects, {evaluations:,} evaluations")
    for name, seconds in best.items():
        print(f"{name:14} {seconds:.2f} s: {len(frame) / seconds:,.0f} records/s")


if __name__ == "__main__":
    keep_freed_memory()  # as the command does
    main()
