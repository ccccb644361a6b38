"""Times to event of many subjects, with the traceability variables on: parameters of the shipped study's ADTTE.

    python benchmarks/time_to_event.py [subjects] [OUT]

prints subjects per second for each parameter (making its records and STARTDT, ADT, AVAL, CNSR, EVNTDESC, CNSDTDSC,
SRCDOM, SRCVAR, SRCSEQ), by the clock and by processor time, in one process. OUT: a folder of `raw2adam build obs16577`,
whose ADSL, ADRS and ADQS are replicated; without it they are invented here, with 10 assessments and 19 records of
derived parameters per subject. Not timed: reading and replicating. To compare: admiral 1.5 takes 6.3 s for 12,000
subjects and 3 parameters.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from raw2adam.adam.time_to_event.step import TimeToEvent
from raw2adam.engine.accounts.ledger import Ledger
from raw2adam.engine.building.study_build import StudyBuild
from raw2adam.engine.columns import column as col
from raw2adam.engine.tables.table import Table
from raw2adam.findings.table import Findings
from raw2adam.mappings.loader import PACKS, load_study
from raw2adam.runs.allocation import keep_freed_memory
from raw2adam.runs.plan_study import plan_study
from raw2adam.sdtm.supplemental import supplemental_dataset

STUDY = """\
study: {id: BENCH, cutoff: 2025-12-31}
subject: {columns: [SUBJ], usubjid: "{STUDYID}-{SUBJ}"}
sources: {any: {file: any.csv}}
"""
#: dataset -> its columns that ADTTE reads: text or number
READ = {
    "ADSL": {"TRTSDT": 1, "TRTEDT": 1, "DTHDT": 1, "DTHFL": 0, "LSTALVDT": 1, "NACTDT": 1, "RFICDT": 1, "EOTSTT": 0,
             "DCSREAS": 0, "SAFFL": 0},
    "ADRS": {"PARAMCD": 0, "AVALC": 0, "ADT": 1, "ANL01FL": 0, "SRCDOM": 0, "SRCVAR": 0, "SRCSEQ": 1, "ASEQ": 1},
    "ADQS": {"PARAMCD": 0, "BASETYPE": 0, "ADT": 1, "AVAL": 1, "CHG": 1, "CHGCAT1": 0, "ASEQ": 1},
}  # fmt: skip
PARAMETERS = ("OVR BOR CBOR RSP CRSP VGPRRSP CVGPRRSP CRRSP CCRRSP RSP12 CRSP12 VGPR12 CR12 PD CPD DEATH LSTA NEWTX "
              "COVR")  # fmt: skip


def study_files(folder: Path) -> None:
    """A study with the shipped adtte.yaml, and the other datasets as far as it reads them."""
    (folder / "adam").mkdir()
    (folder / "study.yaml").write_text(STUDY)
    (folder / "adam" / "adtte.yaml").write_text(
        (PACKS / "obs16577" / "adam" / "adtte.yaml").read_text("utf-8"), "utf-8"
    )
    for name, columns in READ.items():
        rules = [
            f"  {c}: {{compute: number(RAW_{c}), label: {c}}}\n"
            if numeric
            else f"  {c}: {{from: RAW_{c}, label: {c}}}\n"
            for c, numeric in columns.items()
            if c != "ASEQ"
        ]
        head = f"dataset: {name}\nlabel: {name}\n" + ("" if name == "ADSL" else "class: BASIC DATA STRUCTURE\n")
        (folder / "adam" / f"{name.lower()}.yaml").write_text(
            f"{head}rows: {{source: any}}\nvariables:\n{''.join(rules)}"
        )


def text(values: list[str], codes: np.ndarray) -> pd.Series:
    return col.join_text(codes, values)


def invented(subjects: int) -> dict[str, pd.DataFrame]:
    """ADSL, ADRS and ADQS of invented subjects, in the order of their keys."""
    rng = np.random.default_rng(1)
    names = [f"BENCH-{i:07}" for i in range(subjects)]
    start = rng.integers(21915, 23000, subjects).astype(float)
    died = rng.random(subjects) < 0.4
    death = np.where(died, start + rng.integers(1, 900, subjects), np.nan)
    new = np.where(rng.random(subjects) < 0.3, start + rng.integers(100, 700, subjects), np.nan)
    alive = np.where(died, death, start + rng.integers(300, 900, subjects))
    everyone = np.arange(subjects)
    adsl = {
        "USUBJID": text(names, everyone), "TRTSDT": start, "TRTEDT": start + rng.integers(1, 300, subjects),
        "DTHDT": death,
        "DTHFL": text(["", "Y"], died.astype("int8")), "LSTALVDT": alive, "NACTDT": new,
        "RFICDT": start + rng.integers(-30, 90, subjects),
        "EOTSTT": text(["ONGOING", "DISCONTINUED"], rng.integers(0, 2, subjects)),
        "DCSREAS": text(["", "LOST TO FOLLOW-UP", "WITHDRAWAL BY SUBJECT"], rng.integers(0, 3, subjects)),
        "SAFFL": text(["Y"], np.zeros(subjects, dtype="int8")),
    }  # fmt: skip
    codes = PARAMETERS.split()
    per = np.array([10, *[1] * 17, 10])  # records of each parameter: OVR and COVR have one per assessment
    parameter = np.tile(np.repeat(np.arange(len(codes)), per), subjects)
    who = np.repeat(everyone, int(per.sum()))
    visit = np.tile(np.concatenate([np.arange(1, n + 1) for n in per]), subjects)
    n = len(who)
    several = np.isin(parameter, [0, len(codes) - 1])
    yes = rng.random(n) < 0.6
    adt = start[who] + np.where(several, visit * 84, rng.integers(30, 700, n))
    values = ["N", "Y", "sCR", "CR", "VGPR", "PR", "MR", "SD", "PD", "NE"]
    adrs = {
        "USUBJID": text(names, who), "PARAMCD": text(codes, parameter),
        "AVALC": text(values, np.where(several | (parameter == 1), rng.integers(2, 10, n), yes)),
        "ADT": np.where(several | yes, adt, np.nan),
        "ANL01FL": text(["", "Y"], (several & (rng.random(n) < 0.95)).view("int8")),
        "SRCDOM": text(["RS"], np.zeros(n, dtype="int8")), "SRCVAR": text(["RSDTC"], np.zeros(n, dtype="int8")),
        "SRCSEQ": visit.astype(float), "ASEQ": np.tile(np.arange(1.0, per.sum() + 1), subjects),
    }  # fmt: skip
    scales = ["QL2", "PF2", "FA", "MYDS"]
    per_subject = 8 * len(scales)
    who = np.repeat(everyone, per_subject)
    visit = np.tile(np.tile(np.arange(8), len(scales)), subjects)
    n = len(who)
    adqs = {
        "USUBJID": text(names, who), "PARAMCD": text(scales, np.tile(np.repeat(np.arange(len(scales)), 8), subjects)),
        "BASETYPE": text(["FIRST DOSE"], np.zeros(n, dtype="int8")), "ADT": start[who] + visit * 91.0,
        "AVAL": rng.integers(0, 101, n).astype(float), "CHG": np.where(visit > 0, rng.integers(-50, 51, n), np.nan),
        "CHGCAT1": text(["STABLE", "WORSENED", "IMPROVED"], rng.integers(0, 3, n)),
        "ASEQ": np.tile(np.arange(1.0, per_subject + 1), subjects),
    }  # fmt: skip
    return {n: pd.DataFrame(d) for n, d in (("ADSL", adsl), ("ADRS", adrs), ("ADQS", adqs))}


def replicated(out: Path, subjects: int) -> dict[str, pd.DataFrame]:
    """The datasets of a built folder, every subject as often as it takes."""
    import pyreadstat

    read = {
        n: pyreadstat.read_xport(str(out / "adam" / f"{n.lower()}.xpt"), disable_datetime_conversion=True)[0]
        for n in READ
    }
    times = -(-subjects // len(read["ADSL"]))
    frames = {}
    for name, frame in read.items():
        n = len(frame)
        columns = {}
        for column in ("USUBJID", *READ[name]):
            values = frame[column]
            if column == "USUBJID":
                codes, texts = col.split_text(values)
                every = [f"{t}-{i}" for i in range(times) for t in texts]
                columns[column] = text(every, np.concatenate([codes + i * len(texts) for i in range(times)]))
            elif READ[name].get(column):
                columns[column] = np.tile(values.to_numpy(dtype="float64"), times)
            else:
                columns[column] = col.take(
                    col.text_column(values.fillna("").to_numpy(object)), np.tile(np.arange(n), times)
                )
        frames[name] = pd.DataFrame(columns)
    return frames


class Frame(Table):
    """A finished dataset as a table."""

    def __init__(self, name: str, frame: pd.DataFrame):
        self.name, self.frame, self.n = name, frame, len(frame)

    def names(self) -> list[str]:
        return [*map(str, self.frame.columns)]

    def column(self, name: str) -> pd.Series:
        return self.frame[name]


def cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def timed(what: Callable[[], object]) -> tuple[float, float]:
    """(seconds by the clock, seconds of processor time)."""
    clock, used = time.perf_counter(), cpu()
    what()
    return time.perf_counter() - clock, cpu() - used


def main() -> None:
    subjects = int(sys.argv[1]) if len(sys.argv) > 1 else 300_000
    frames = replicated(Path(sys.argv[2]), subjects) if len(sys.argv) > 2 else invented(subjects)
    subjects = len(frames["ADSL"])
    with tempfile.TemporaryDirectory() as name:
        study_files(Path(name))
        plan, _ = plan_study(load_study(Path(name)))
    planned = plan.datasets["ADTTE"]
    alone = replace(plan, datasets={"ADTTE": planned})
    tables = {n: Frame(n, f) for n, f in frames.items()}
    print(f"{subjects:,} subjects, {len(frames['ADRS']):,} ADRS and {len(frames['ADQS']):,} ADQS records")
    build = StudyBuild(alone, tables, Ledger(), Findings(), supplemental_dataset).builds["ADTTE"]
    total = np.zeros(2)
    for number, block in enumerate(planned.spec.blocks):
        step = block.steps[0] if block.steps else None
        assert isinstance(step, TimeToEvent)

        def make(number: int = number, step: TimeToEvent = step) -> None:
            for column in step.columns():
                build.value(column, number)

        clock, used = timed(make)
        total += clock, used
        records = build.rows(number).n
        print(
            f"{step.parameter:8} {records:9,} records {clock:6.2f} s, {used:6.2f} s of processor: "
            f"{subjects / clock:12,.0f} subjects/s, {subjects / used:12,.0f} by processor time"
        )
    count = len(planned.spec.blocks)
    every = count * subjects / total
    print(f"all {count} parameters: {every[0]:,.0f} subjects/s per parameter, {every[1]:,.0f} by processor time")
    print(f"peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.2f} GB")


if __name__ == "__main__":
    keep_freed_memory()  # as the command does
    main()
