"""How fast a million records become a transport file: ours in one thread, from both kinds of text, and pyreadstat.

Not a test: it prints MB of file per second, best of several runs, after checking that all files read back equal.

    python benchmarks/xpt_write.py [records]
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyreadstat
from raw2adam.transport.xpt import XptVariable, XptWriter, text_width

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
NUMBERS = ["LBSEQ", "LBSTRESN", "LBDY", "VISITNUM", "LBORNRHI"]


def laboratory(records: int) -> pd.DataFrame:
    """A laboratory dataset: text of one, a few, a thousand and 800,000 values; whole, decimal, missing numbers."""
    draw = np.random.default_rng(16577)
    subject = np.arange(records) * 1000 // records
    result = draw.lognormal(3, 2, records)
    return pd.DataFrame(
        {
            "STUDYID": np.full(records, "OBS16577"),
            "USUBJID": np.char.add("OBS16577-", np.char.zfill(subject.astype(str), 7)),
            "LBTEST": draw.choice(["Hemoglobin", "Creatinine", "Lactate Dehydrogenase", "M Protein", ""], records),
            "LBORRES": np.char.mod("%.6g", result),
            "LBDTC": np.datetime_as_string(
                np.datetime64("2019-01-01T00:00") + draw.integers(0, 500_000, records), unit="m"
            ),
            "LBSEQ": np.arange(records, dtype="float64"),
            "LBSTRESN": np.where(draw.random(records) < 0.1, np.nan, result),
            "LBDY": draw.integers(-30, 900, records).astype("float64"),
            "VISITNUM": draw.integers(1, 20, records) / 10,
            "LBORNRHI": np.where(draw.random(records) < 0.5, np.nan, -result),
        }
    )


def best(write: Callable[[], None], path: Path, runs: int) -> float:
    """MB/s of file bytes, best of ``runs``."""
    seconds = []
    for _ in range(runs):
        path.unlink(missing_ok=True)  # emptying a file of this size takes time that is not the writer's
        start = time.perf_counter()
        write()
        seconds.append(time.perf_counter() - start)
    return path.stat().st_size / 1e6 / min(seconds)


def main() -> None:
    records = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    if any(os.environ.get(name) != "1" for name in THREADS):  # they are read when numpy is imported
        os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, **dict.fromkeys(THREADS, "1")})
    pa.set_cpu_count(1)
    text = laboratory(records)
    category = text.astype({n: "category" for n in text.columns if n not in NUMBERS})
    variables = [
        XptVariable(n, n, n in NUMBERS, 8 if n in NUMBERS else max(text_width(text[n]), 1)) for n in text.columns
    ]

    def ours(frame: pd.DataFrame, path: Path) -> None:
        with XptWriter(path, "LB", "Laboratory Test Results", variables, datetime(2025, 12, 31)) as out:
            out.append(frame)

    with tempfile.TemporaryDirectory() as folder:
        as_str, as_category, theirs = (Path(folder) / f"{n}.xpt" for n in ("str", "category", "pyreadstat"))
        speeds = {
            "raw2adam, str columns": best(lambda: ours(text, as_str), as_str, 7),
            "raw2adam, category columns": best(lambda: ours(category, as_category), as_category, 7),
            "pyreadstat.write_xport": best(
                lambda: pyreadstat.write_xport(text, str(theirs), table_name="LB", file_format_version=5), theirs, 1
            ),
        }
        size = as_str.stat().st_size / 1e6
        if as_str.read_bytes() != as_category.read_bytes():
            raise SystemExit("str and category columns give different files")
        for path in (as_str, theirs):
            back, _ = pyreadstat.read_xport(str(path))
            pd.testing.assert_frame_equal(back, text, check_dtype=False, check_exact=True)
    print(f"{records:,} records x {len(variables)} variables, {size:.0f} MB, one thread; all read back equal")
    for name, speed in speeds.items():
        print(f"  {name:<28}{speed:8.0f} MB/s")


if __name__ == "__main__":
    main()
