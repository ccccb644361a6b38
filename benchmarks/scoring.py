"""Scoring of questionnaires: item records in, long frame of scores with lineage out.

    python benchmarks/scoring.py [--items 5000000] [--repeat 3]

Makes item records of the QLQ-C30 and QLQ-MY20 (50 of a form, ten forms of a subject, one answer of fifty missing), as
SDTM holds them: coded text, sorted by subject, test and date. Times the step ``score`` as a block of ADQS runs it:
telling forms apart, checks of answers and forms, 20 scores of a form, columns of every record, --SEQ and the item
records of each score. Prints the best run's seconds (wall, user and system of this process, one thread), items a
second, and the peak of resident memory; the first run also pays for memory that the machine has not handed out yet.
The target is 5,000,000 items a second on two cores.
"""

from __future__ import annotations

import argparse
import resource
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

STUDY = (
    "parents: [eortc-qlq]\nstudy: {id: S}\nsubject: {columns: [SUBJ], usubjid: '{SUBJ}'}\nsources: {q: {file: q.csv}}\n"
)
QS = """\
dataset: QS
rows: {source: q}
variables:
  QSTESTCD: {from: A, codelist: none}
  QSTEST: A
  QSCAT: {from: A, codelist: none}
  QSORRES: A
  QSSTRESC: A
  QSSTRESN: A
  QSDTC: {date: A}
  VISIT: A
"""
ADQS = """\
dataset: ADQS
label: Quality of Life
rows: {from: QS, derive: {score: [qlq-c30-v3, qlq-my20]}}
keys: [USUBJID, PARAMCD]
"""
FORMS_OF_SUBJECT = 10
QS_FILE = ExistingFile("qs.xpt", "", 0, "QS", 0)


def item_records(items: int, codes: list[str], categories: list[str], high: np.ndarray) -> pd.DataFrame:
    """Item records in the order of SDTM: subject, test, form."""
    subjects = max(items // (len(codes) * FORMS_OF_SUBJECT), 1)
    n = subjects * len(codes) * FORMS_OF_SUBJECT
    position = np.arange(n)
    subject = position // (len(codes) * FORMS_OF_SUBJECT)
    test = position // FORMS_OF_SUBJECT % len(codes)
    form = position % FORMS_OF_SUBJECT
    random = np.random.default_rng(1)
    answer = (random.random(n) * high[test]).astype("int64") + 1
    answer[test == codes.index("MYQ41")] = 2  # so that the next item is asked
    blank = random.random(n) < 0.02
    day = (subject * 7 + form * 91) % 1800
    dates = [str(d) for d in np.datetime64("2020-01-01") + np.arange(1800)]
    return pd.DataFrame(
        {
            "USUBJID": col.join_text(subject, [f"S-{i:06}" for i in range(subjects)]),
            "QSSEQ": (position % (len(codes) * FORMS_OF_SUBJECT) + 1).astype("float64"),
            "QSTESTCD": col.join_text(test, codes),
            "QSCAT": col.join_text(test, categories),
            "QSSTRESC": col.join_text(np.where(blank, 0, answer), ["", *"1234567"]),
            "QSSTRESN": np.where(blank, np.nan, answer),
            "QSSTAT": col.join_text(blank.astype("int8"), ["", "NOT DONE"]),
            "VISIT": col.join_text(form, [f"VISIT {i}" for i in range(FORMS_OF_SUBJECT)]),
            "QSDTC": col.join_text(day, dates),
        }
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=int, default=5_000_000)
    parser.add_argument("--repeat", type=int, default=3)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as text:
        folder = Path(text)
        for name, content in (("study.yaml", STUDY), ("sdtm/qs.yaml", QS), ("adam/adqs.yaml", ADQS)):
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_text(content, "utf-8")
        plan, _ = plan_study(load_study(folder))
    plan = replace(plan, datasets={"ADQS": plan.datasets["ADQS"]})
    instruments = plan.spec.instruments
    about = [(c, i.category, w[1]) for i in instruments.values() for c, w in i.items.items()]
    frame = item_records(
        given.items, [c for c, _, _ in about], [k for _, k, _ in about], np.array([h for *_, h in about])
    )
    types = [VariableMetadata(n, n, "float" if frame[n].dtype.kind == "f" else "text") for n in frame.columns]
    table = ExistingDatasetTable(
        ExistingDataset(Dataset(DatasetMetadata("QS", "QS", tuple(types), ()), frame), (QS_FILE,))
    )
    best, made = (float("inf"), 0.0, 0.0), None
    for _ in range(given.repeat):
        made = None  # two results at a time would double the peak
        study = StudyBuild(plan, {"QS": table}, Ledger({}), Findings(), supplemental_dataset)
        build = study.builds["ADQS"]
        step = build.blocks[0].steps[0]
        assert step is not None
        rows = Rows.of(table)
        wall, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF)
        made = record_step(step).make(Environment(build, rows, 0, None, step), rows)
        wall, after = time.perf_counter() - wall, resource.getrusage(resource.RUSAGE_SELF)
        best = min(best, (wall, after.ru_utime - before.ru_utime, after.ru_stime - before.ru_stime))
    assert made is not None
    wall, user, system = best
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{len(frame):,} items to {made.n:,} scores of {len(made.nodes) - 1} item nodes")
    print(f"wall {wall:.2f} s, user {user:.2f} s, system {system:.2f} s, {len(frame) / wall:,.0f} items/s")
    print(f"peak {peak:,.0f} MB, of which the item records {frame.memory_usage().sum() / 1e6:,.0f} MB")


if __name__ == "__main__":
    keep_freed_memory()  # as the command does
    main()
