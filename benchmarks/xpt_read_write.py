"""Reading and writing a million laboratory records as XPT: raw2adam, pyreadstat and pandas, and their peak memory.

Not a test: it prints records and MB of file per second of one run, and the memory that it took beyond what was there
before, each in a process of its own. It then compares the cells that they read.

    python benchmarks/xpt_read_write.py [records]
"""

from __future__ import annotations

import gc
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from xpt_write import NUMBERS, laboratory

TASKS = ("write, raw2adam", "write, pyreadstat", "read, raw2adam", "read, pyreadstat", "read, pandas")


def memory(line: str) -> float:
    """VmRSS (now) or VmHWM (the most since it was reset) of this process, in MB."""
    status = Path("/proc/self/status").read_text().splitlines()
    return next(int(text.split()[1]) / 1e3 for text in status if text.startswith(f"{line}:"))


def measured(work: Callable[[], Any]) -> tuple[Any, float, float]:
    """The result of some work, its seconds, and the MB that it took at most beyond those before (Linux)."""
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5")  # resets VmHWM
    before, start = memory("VmRSS"), time.perf_counter()
    done = work()
    return done, time.perf_counter() - start, memory("VmHWM") - before


def task(name: str, path: Path, records: int) -> Callable[[], Any]:
    """The work of a task, with its data and its imports ready."""
    if name == "write, raw2adam":
        from raw2adam.transport.xpt import XptVariable, XptWriter, text_width

        frame = laboratory(records)
        frame = frame.astype({n: "category" for n in frame.columns if n not in NUMBERS})
        variables = [
            XptVariable(n, n, n in NUMBERS, 8 if n in NUMBERS else max(text_width(frame[n]), 1)) for n in frame.columns
        ]

        def write() -> None:
            with XptWriter(path, "LB", "Laboratory Test Results", variables, datetime(2025, 12, 31)) as out:
                out.append(frame)

        return write
    if name == "write, pyreadstat":
        import pyreadstat

        texts = laboratory(records)
        return lambda: pyreadstat.write_xport(texts, str(path), table_name="LB", file_format_version=5)
    if name == "read, raw2adam":
        from raw2adam.transport.dataset_files import read_records

        return lambda: read_records(path)[1]
    if name == "read, pyreadstat":
        import pyreadstat

        return lambda: pyreadstat.read_xport(str(path))[0]
    return lambda: pd.read_sas(path, format="xport", encoding="ascii")


def one(name: str, path: Path, records: int) -> None:
    """Run a task, and print its seconds, its memory and the sums of what was read."""
    done, seconds, most = measured(task(name, path, records))
    sums = {}
    if done is not None:
        numbers = {n: np.nan_to_num(done[n].to_numpy("float64")) for n in NUMBERS}
        sums = {
            n: float(np.where(np.abs(v) < 1e-70, 0, v).sum()) for n, v in numbers.items()
        }  # pandas reads 0 as 5e-79
        sums["longest"] = int(done["LBORRES"].astype("str").str.len().max())
        sums["records"] = len(done)
    print(json.dumps({"seconds": seconds, "memory": most, "sums": sums}))


def main() -> None:
    records = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    found: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as folder:
        print(f"{'':<20}{'records/s':>12}{'MB/s':>8}{'peak memory, MB':>18}")
        for name in TASKS:
            path = Path(folder) / ("pyreadstat.xpt" if name == "write, pyreadstat" else "raw2adam.xpt")
            command = [sys.executable, __file__, "--one", name, str(path), str(records)]
            answer = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
            size = path.stat().st_size / 1e6
            rates = f"{records / answer['seconds']:>12,.0f}{size / answer['seconds']:>8.0f}"
            print(f"{name:<20}{rates}{answer['memory']:>18,.0f}")
            found += [answer["sums"]] if answer["sums"] else []
        print(f"{records:,} records, {size:.0f} MB; " + ("equal" if all(s == found[0] for s in found) else f"{found}"))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        one(sys.argv[2], Path(sys.argv[3]), int(sys.argv[4]))
    else:
        main()
