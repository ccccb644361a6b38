"""Time and memory of the whole registry: 1,200 synthetic subjects with typical dirt, every source, to SDTM.

    python benchmarks/registry_build.py [--subjects 1200] [--partitions 1 8] [--quality]

Runs the installed command in a process of its own per number of partitions, with ledger, lineage, conformance, define
and reports; great-expectations only with --quality. Prints seconds, the peak of resident memory, and whether the output
folders are equal byte by byte. The target is 15 s and 1.5 GB on two cores, and less memory with more partitions.
"""

from __future__ import annotations

import argparse
import filecmp
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

COMMAND = [sys.executable, "-m", "raw2adam"]


def timed(arguments: list[str]) -> tuple[float, float]:
    """Seconds and peak resident memory (MB) of a command."""
    start = time.perf_counter()
    process = subprocess.Popen([*COMMAND, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    assert process.stderr is not None
    told = process.stderr.read().decode(errors="replace")
    _, status, usage = os.wait4(process.pid, 0)  # of this process alone; not on Windows
    if os.waitstatus_to_exitcode(status):
        sys.exit(told)
    return time.perf_counter() - start, usage.ru_maxrss / 1024


def differing(one: Path, other: Path) -> list[str]:
    """Files that are not the same in both folders."""
    names = sorted({str(p.relative_to(f)) for f in (one, other) for p in f.rglob("*") if p.is_file()})
    return [n for n in names if not (one / n).is_file() or not (other / n).is_file()
            or not filecmp.cmp(one / n, other / n, shallow=False)]  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--subjects", type=int, default=1200)
    parser.add_argument("--partitions", type=int, nargs="+", default=[1, 8])
    parser.add_argument("--quality", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        raw = Path(folder) / "raw"
        seconds, peak = timed(
            [
                "synth",
                "obs16577",
                "--subjects",
                str(given.subjects),
                "--seed",
                "1",
                "--dirt",
                "typical",
                "--out",
                str(raw),
            ]
        )
        print(f"synth: {seconds:.1f} s, {peak:.0f} MB")
        built = []
        for count in given.partitions:
            out = Path(folder) / f"out{count}"
            quality = "--quality" if given.quality else "--no-quality"
            arguments = ["build", "obs16577", "--raw", str(raw), "--out", str(out), "--only", "sdtm", quality]
            seconds, peak = timed(
                [*arguments, "--partitions", str(count), "--fail-on", "never", "--as-of", "2026-01-31"]
            )
            print(f"build, {count} partitions: {seconds:.1f} s, {peak:.0f} MB")
            built.append(out)
        for out in built[1:]:
            changed = differing(built[0], out)
            print(f"{out.name} against {built[0].name}: " + (", ".join(changed) if changed else "the same bytes"))


if __name__ == "__main__":
    main()
