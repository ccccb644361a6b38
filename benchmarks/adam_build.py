"""ADSL, ADPRIOR, ADRS, ADTTE, ADQS and ADAE of 1,200 synthetic subjects, from their SDTM in memory.

    python benchmarks/adam_build.py [--subjects 1200] [--sdtm DIR] [--repeat 2]

Makes the SDTM of a clean synthetic export with the installed command (not timed), or takes a folder of it, and prints
the best run's seconds of making the six datasets with lineage and findings, of reading and checking the SDTM before
it, and of the whole `build --only adam --sdtm`, which also writes XPT, define.xml and reports. The target for the
datasets is 5 s on two cores.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from raw2adam.existing_sdtm.needs import only_adam
from raw2adam.findings.table import Findings
from raw2adam.mappings.loader import PACKS, load_study
from raw2adam.runs.allocation import keep_freed_memory
from raw2adam.runs.build_partitions import build_partitions
from raw2adam.runs.plan_study import plan_study
from raw2adam.runs.read_existing import read_existing

COMMAND = [sys.executable, "-m", "raw2adam"]


def run(*arguments: str) -> float:
    """Seconds of a command, whatever it found."""
    start = time.perf_counter()
    done = subprocess.run([*COMMAND, *arguments], capture_output=True, check=False, encoding="utf-8", errors="replace")
    if done.returncode:
        sys.exit(done.stderr)
    return time.perf_counter() - start


def sdtm_of(subjects: int, folder: Path) -> Path:
    """SDTM of a synthetic export."""
    raw, out = folder / "raw", folder / "sdtm"
    run("synth", "obs16577", "--subjects", str(subjects), "--seed", "1", "--dirt", "none", "--out", str(raw))
    run(
        "build",
        "obs16577",
        "--raw",
        str(raw),
        "--out",
        str(out),
        "--only",
        "sdtm",
        "--no-quality",
        "--fail-on",
        "never",
    )
    return out / "sdtm"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--subjects", type=int, default=1200)
    parser.add_argument("--sdtm", type=Path)
    parser.add_argument("--repeat", type=int, default=2)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as text:
        folder = Path(text)
        sdtm = given.sdtm or sdtm_of(given.subjects, folder)
        plan, _ = plan_study(load_study(PACKS / "obs16577"))
        read, made, used, records = [], [], [], {}
        for _ in range(given.repeat):
            findings, start = Findings(), time.perf_counter()
            tables = read_existing(plan, sdtm, findings).tables
            read.append(time.perf_counter() - start)
            start, processor = time.perf_counter(), time.process_time()
            built = build_partitions(
                only_adam(plan), {}, {}, findings, partitions=1, say=lambda _: None, existing=tables
            )  # fmt: skip
            made.append(time.perf_counter() - start)
            used.append(time.process_time() - processor)
            records = built.summary.records
        print(", ".join(f"{name} {count:,}" for name, count in records.items()))
        print(f"the datasets: {min(made):.1f} s, {min(used):.1f} s of processor time; reading SDTM: {min(read):.1f} s")
        arguments = ("--only", "adam", "--sdtm", str(sdtm), "--no-quality", "--fail-on", "never")
        print(f"the whole command: {run('build', 'obs16577', *arguments, '--out', str(folder / 'adam')):.1f} s")


if __name__ == "__main__":
    keep_freed_memory()  # as the command does
    main()
