"""SDTM build of 1,000,000 AE rows (20,000 subjects, 20 variables) to XPT, with lineage and ledger, in one process.

    python benchmarks/sdtm_ae.py [rows]

prints seconds, rows/s and peak memory of the whole build (reading the CSV, mapping, conformance, XPT, define.xml,
reports, lineage with the raw copy). great-expectations is left out (--no-quality). All data are invented here.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

STUDY = """\
study: {id: BENCH, as_of: 2026-01-01}
subject: {columns: [SITE, SUBJ], usubjid: "{STUDYID}-{SITE}-{SUBJ}"}
dates: {formats: [dd/mm/yyyy]}
sources:
  dm: {file: dm.csv}
  ae: {file: ae.csv}
"""
DM = """\
dataset: DM
rows: {source: dm}
variables:
  RFSTDTC: {date: FIRST}
  SEX: SEX
  COUNTRY: {value: FRA}
  ARMCD: {value: A}
  ARM: {value: A}
  ACTARMCD: {value: A}
  ACTARM: {value: A}
"""
AE = """\
dataset: AE
rows: {source: ae}
variables:
  AETERM: TERM
  AEDECOD: PT
  AEBODSYS: SOC
  AESEV: {from: SEV, map: {Mild: MILD, Moderate: MODERATE, Severe: SEVERE}}
  AESER: SER
  AEACN: {from: ACTION, map: {None: DOSE NOT CHANGED, Stopped: DRUG WITHDRAWN}}
  AEREL: REL
  AEOUT: {from: OUTCOME, map: {Recovered: RECOVERED/RESOLVED, Ongoing: NOT RECOVERED/NOT RESOLVED}}
  AESDTH: DTH
  AESHOSP: HOSP
  AESLIFE: LIFE
  AETOXGR: GRADE
  AESTDTC: {date: ST}
  AEENDTC: {date: EN}
sort: [STUDYID, USUBJID, AESTDTC, AESEQ]
"""
OFF = ["AELLT", "AELLTCD", "AEPTCD", "AEHLT", "AEHLTCD", "AEHLGT", "AEHLGTCD", "AEBDSYCD", "AESOC", "AESOCCD"]
OFF += ["AESCONG", "AESDISAB", "AESMIE", "AESCAN", "AESOD", "AEACNOTH", "AEPATT"]


def write_study(folder: Path, rows: int) -> None:
    """The study and its invented raw files."""
    (folder / "study" / "sdtm").mkdir(parents=True)
    (folder / "raw").mkdir()
    (folder / "study" / "study.yaml").write_text(STUDY)
    (folder / "study" / "sdtm" / "dm.yaml").write_text(DM)
    (folder / "study" / "sdtm" / "ae.yaml").write_text(AE + "".join(""))
    text = (folder / "study" / "sdtm" / "ae.yaml").read_text()
    text = text.replace("sort:", "".join(f"  {v}: null\n" for v in OFF) + "sort:")
    (folder / "study" / "sdtm" / "ae.yaml").write_text(text)
    rng = np.random.default_rng(1)
    days = np.array([f"{d:02}/{m:02}/{y}" for y in (2021, 2022, 2023) for m in range(1, 13) for d in range(1, 29)])
    subjects = max(rows // 50, 1)
    site = rng.integers(1, 200, subjects)
    ids = [f"{s:03},{i:06}" for i, s in enumerate(site)]
    first = rng.choice(days[:300], subjects)
    dm = "\n".join(f"{i},{f},{x}" for i, f, x in zip(ids, first, rng.choice(["M", "F"], subjects), strict=True))
    (folder / "raw" / "dm.csv").write_text("SITE,SUBJ,FIRST,SEX\n" + dm + "\n")
    terms = np.array([f"invented event number {i} of the benchmark" for i in range(4_000)])
    socs = np.array([f"Invented system organ class number {i}" for i in range(27)])
    who = rng.integers(0, subjects, rows)
    term = rng.integers(0, len(terms), rows)
    columns = [
        np.array(ids)[who],
        terms[term],
        np.char.capitalize(terms)[term],
        socs[term % 27],
        rng.choice(["Mild", "Moderate", "Severe"], rows),
        rng.choice(["Y", "N"], rows),
        rng.choice(["None", "Stopped"], rows),
        rng.choice(["RELATED", "NOT RELATED"], rows),
        rng.choice(["Recovered", "Ongoing"], rows),
        rng.choice(["Y", "N"], rows),
        rng.choice(["Y", "N"], rows),
        rng.choice(["Y", "N"], rows),
        rng.choice(["1", "2", "3", "4"], rows),
        rng.choice(days[:600], rows),
        rng.choice(days[600:], rows),
    ]
    header = "SITE,SUBJ,TERM,PT,SOC,SEV,SER,ACTION,REL,OUTCOME,DTH,HOSP,LIFE,GRADE,ST,EN\n"
    with (folder / "raw" / "ae.csv").open("w") as file:
        file.write(header)
        for start in range(0, rows, 100_000):
            part = [c[start : start + 100_000].tolist() for c in columns]
            file.write("\n".join(map(",".join, zip(*part, strict=True))) + "\n")


def main() -> None:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_study(folder, rows)
        from raw2adam.runs import from_raw  # after the data are made: their memory is not the build's

        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        start = time.perf_counter()
        options = from_raw.Options(
            quality=False, say=lambda text: print(f"{time.perf_counter() - start:6.2f} s  {text}")
        )
        outcome = from_raw.build(str(folder / "study"), folder / "raw", folder / "out", options)
        seconds = time.perf_counter() - start
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        size = sum(f.stat().st_size for f in (folder / "out").rglob("*.xpt"))
    print(f"{outcome.records}, {size / 1e6:.0f} MB of XPT")
    print(
        f"{seconds:.2f} s, {rows / seconds:,.0f} AE rows/s; "
        f"peak {peak / 1e6:.2f} GB ({before / 1e6:.2f} GB before the build)"
    )


if __name__ == "__main__":
    main()
