"""How fast a million laboratory records become Dataset-JSON, NDJSON, DSJC, Parquet and XPT, and are read again.

Not a test: it prints records and MB of file per second of processor time, best of several runs, after checking that all
files are equal.

    python benchmarks/dataset_json.py [records]
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd
from raw2adam.engine.tables.dataset import DatasetMetadata, VariableMetadata
from raw2adam.transport.dataset_writer import FileContext
from raw2adam.transport.equality import unequal_files
from raw2adam.transport.output_formats import OUTPUT_FORMATS, write_dataset, written_files
from raw2adam.transport.xpt_text import text_width
from xpt_write import NUMBERS, laboratory

WHOLE = ("LBSEQ", "LBDY")
RUNS = 3


def seconds(work: Callable[[], object], runs: int = RUNS) -> float:
    """The shortest of ``runs``."""
    found = []
    for _ in range(runs):
        start = time.process_time()
        work()
        found.append(time.process_time() - start)
    return min(found)


def representable(frame: pd.DataFrame) -> pd.DataFrame:
    """Texts as the engine has them, with a numeric date, and decimals that XPT holds exactly."""
    frame = frame.assign(ADT=np.floor(frame["LBSEQ"] % 20_000), LBSTRESN=frame["LBSTRESN"].round(3))
    return frame.astype({n: "category" for n in frame.columns if n not in (*NUMBERS, "ADT")})


def described(frame: pd.DataFrame) -> DatasetMetadata:
    """Metadata of the laboratory dataset."""
    variables = []
    for name in map(str, frame.columns):
        if name == "ADT":
            variables.append(VariableMetadata(name, "Analysis Date", "integer", 8, format="DATE9."))
        elif name in NUMBERS:
            variables.append(VariableMetadata(name, name, "integer" if name in WHOLE else "float", 8))
        else:
            variables.append(VariableMetadata(name, name, "text", max(text_width(frame[name]), 1)))
    return DatasetMetadata("LB", "Laboratory Test Results", tuple(variables), ("USUBJID", "LBSEQ"))


def main() -> None:
    records = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    frame = representable(laboratory(records))
    metadata = described(frame)
    context = FileContext(declared=datetime(2025, 12, 31))
    print(f"{records:,} records x {len(metadata.variables)} variables")
    print(f"{'format':<10}{'MB':>8}{'write, records/s':>20}{'MB/s':>8}{'read, records/s':>20}{'MB/s':>8}")
    with tempfile.TemporaryDirectory() as folder:
        for form in OUTPUT_FORMATS:
            path = Path(folder) / form.file(metadata.name)

            def write(form=form) -> None:
                write_dataset(Path(folder), metadata, [frame], records=records, context=context, formats=[form])

            wrote = seconds(write)
            read = seconds(lambda form=form, path=path: form.read(path))
            size = path.stat().st_size / 1e6
            print(
                f"{form.name:<10}{size:>8.0f}{records / wrote:>20,.0f}{size / wrote:>8.0f}"
                f"{records / read:>20,.0f}{size / read:>8.0f}"
            )
        first, *others = written_files(Path(folder))
        problems = unequal_files(first, others)
    print("all cells are equal" if not problems else "\n".join(text for _, text in problems))


if __name__ == "__main__":
    main()
