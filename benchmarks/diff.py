"""raw2adam diff of two datasets of 1,000,000 records and 20 variables (10 numbers, 10 texts), in one process.

    python benchmarks/diff.py [records]

The second one has its records in another order, 1,000 changed cells and 10 records less. Prints rows/s of the
comparison alone (records of one side / seconds), the seconds of reading, and peak memory. All data are invented here.
"""

from __future__ import annotations

import datetime as dt
import resource
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
from raw2adam.comparison.accepted import AcceptedDifferences
from raw2adam.comparison.attributes import Side
from raw2adam.comparison.compare_datasets import compare_datasets
from raw2adam.comparison.options import Options
from raw2adam.runs.allocation import keep_freed_memory
from raw2adam.transport.dataset_files import read_records
from raw2adam.transport.xpt import XptVariable, XptWriter

KEY = ("USUBJID", "PARAMCD", "AVISITN")
PARAMS, VISITS = 20, 5


def make(records: int) -> tuple[list[XptVariable], pd.DataFrame]:
    """An ADLB of invented records, in the order of its key."""
    rng = np.random.default_rng(1)
    at = np.arange(records)
    subject, rest = at // (PARAMS * VISITS), at % (PARAMS * VISITS)
    few = [f"TERM {i}" for i in range(40)]

    def text(codes: np.ndarray, values: list[str]) -> pd.Categorical:
        return pd.Categorical.from_codes(codes, categories=values)

    columns: dict[str, object] = {
        "USUBJID": text(subject, [f"OBS-{i % 300:03}-{i:06}" for i in range(int(subject[-1]) + 1)]),
        "PARAMCD": text(rest // VISITS, [f"PAR{i:02}" for i in range(PARAMS)]),
        "AVISITN": (rest % VISITS).astype("float64"),
        "ADT": 20000.0 + rng.integers(0, 2000, records),
        "AVAL": rng.normal(50, 12, records),
        "BASE": rng.normal(50, 12, records),
        "CHG": rng.normal(0, 3, records),
        "PCHG": np.where(rng.random(records) < 0.2, np.nan, rng.normal(0, 5, records)),
        "AGE": rng.integers(30, 90, records).astype("float64"),
        "TRTSDT": 20000.0 + rng.integers(0, 900, records),
        "A1HI": rng.normal(100, 1, records).round(2),
        "A1LO": rng.normal(10, 1, records).round(2),
        "AVALC": text(rng.integers(0, 50_000, records), [f"{i / 100:.2f}" for i in range(50_000)]),
    }
    for name in ("PARAM", "AVISIT", "SEX", "RACE", "TRT01A", "ANRIND", "BNRIND"):
        columns[name] = text(rng.integers(0, len(few), records), few)
    frame = pd.DataFrame(columns)
    variables = [
        XptVariable(str(n), f"Label of {n}", frame[n].dtype == "float64", 8 if frame[n].dtype == "float64" else 16)
        for n in frame
    ]
    return variables, frame


def clocks() -> tuple[float, float]:
    """Wall clock and processor time: on a machine with other work they differ."""
    return time.perf_counter(), time.process_time()


def seconds_since(start: tuple[float, float]) -> str:
    wall, cpu = (b - a for a, b in zip(start, clocks(), strict=True))
    return f"{wall:.2f} s ({cpu:.2f} s of processor time)"


def main() -> None:
    records = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    variables, base = make(records)
    rng = np.random.default_rng(2)
    compare = base.copy()
    changed = rng.choice(records, 1000, replace=False)
    values = compare["AVAL"].to_numpy().copy()
    values[changed] += 1
    compare["AVAL"] = values
    compare = compare.iloc[rng.permutation(records)[10:]].reset_index(drop=True)
    with tempfile.TemporaryDirectory() as folder:
        sides = []
        for name, frame in (("base", base), ("compare", compare)):
            path = Path(folder) / f"{name}.xpt"
            with XptWriter(path, "ADLB", "Laboratory", variables, dt.datetime(2026, 1, 1)) as out:
                out.append(frame)
            start = clocks()
            sides.append(Side(path, *read_records(path)))
            print(f"read {name}.xpt ({path.stat().st_size / 1e6:.0f} MB): {seconds_since(start)}")
        del base, compare
        for what, one, two in (("shuffled, with differences", sides[0], sides[1]), ("with itself", sides[0], sides[0])):
            start = clocks()
            result = compare_datasets(one, two, KEY, Options(), AcceptedDifferences())
            wall, cpu = (records / (b - a) for a, b in zip(start, clocks(), strict=True))
            print(
                f"compared {what}: {seconds_since(start)}; {wall:,.0f} rows/s, {cpu:,.0f} rows/s of processor time; "
                f"{result.cells_different} cells differ, {result.only_base.count} records only in base"
            )
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    keep_freed_memory()  # as the command does
    main()
