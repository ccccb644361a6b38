"""All conformance rules of SDTM over synthetic datasets with a share of broken records; findings are materialised.

    python benchmarks/conformance_rules.py [--records 1000000] [--broken 0.01]

Makes DM, SV, SE, AE, EX, CM, VS, LB and SUPPAE in memory (not timed), runs every rule in one process, and prints the
records per second, the findings, the slowest rules and the peak memory. The target is 200,000 records/s and 2 GB.
"""

from __future__ import annotations

import argparse
import resource
import time

import numpy as np
import pandas as pd
from raw2adam.conformance.language.read import shipped_rules
from raw2adam.conformance.package import Package
from raw2adam.conformance.run import run_rules
from raw2adam.engine.columns import column as col
from raw2adam.engine.tables.dataset import Dataset, DatasetMetadata, VariableMetadata
from raw2adam.findings.table import Findings
from raw2adam.mappings.facts import facts

SHARES = {"LB": 0.46, "VS": 0.2, "CM": 0.1, "AE": 0.08, "EX": 0.06, "SV": 0.04, "SE": 0.01, "SUPPAE": 0.04}
TESTS = {
    "LB": [("HGB", "Hemoglobin", "g/L"), ("ALT", "Alanine Aminotransferase", "U/L"), ("CREAT", "Creatinine", "umol/L")],
    "VS": [
        ("SYSBP", "Systolic Blood Pressure", "mmHg"),
        ("PULSE", "Pulse Rate", "beats/min"),
        ("TEMP", "Temperature", "C"),
    ],
}
START = np.datetime64("2023-01-01")
Columns = dict[str, "np.ndarray | pd.Series"]


def texts(values: list[str], codes: np.ndarray) -> pd.Series:
    """A text column of codes into texts."""
    return col.join_text(codes.astype("int32"), np.array(values, dtype=object))


def dates(days: np.ndarray) -> pd.Series:
    """ISO 8601 texts of days since START."""
    unique, codes = np.unique(days, return_inverse=True)
    return texts([str(START + np.timedelta64(int(d), "D")) for d in unique], codes)


class Study:
    """The subjects of the benchmark, each with 500 records or so."""

    def __init__(self, records: int, broken: float) -> None:
        self.random = np.random.default_rng(7)
        self.broken = broken
        self.subjects = [f"S-{i:06d}" for i in range(max(records // 500, 2))]
        self.first = self.random.integers(0, 300, len(self.subjects))
        self.records = records

    def of(self, name: str) -> tuple[Columns, np.ndarray, np.ndarray, int]:
        """(identifiers, subject of each record, its day of the study, number of records) of a dataset."""
        n = max(int(self.records * SHARES[name]), len(self.subjects))
        subject = np.sort(self.random.integers(0, len(self.subjects), n))
        starts = np.searchsorted(subject, subject)
        sequence = (np.arange(n) - starts + 1).astype("float64")
        columns: Columns = {"STUDYID": col.constant("S", n), "DOMAIN": col.constant(name[:2], n)}
        columns |= {"USUBJID": texts(self.subjects, subject), f"{name[:2]}SEQ": sequence}
        day = np.minimum((np.arange(n) - starts) * 3, 360) + self.first[subject]
        return columns, subject, day, n

    def wrong(self, n: int) -> np.ndarray:
        """The records that are broken."""
        return self.random.random(n) < self.broken

    def day(self, subject: np.ndarray, day: np.ndarray) -> np.ndarray:
        """The study day, wrong in the broken records."""
        days = day - self.first[subject] + 1
        return np.where(self.wrong(len(days)), 0, days).astype("float64")


def findings_dataset(study: Study, name: str) -> Columns:
    columns, subject, day, n = study.of(name)
    test = study.random.integers(0, len(TESTS[name]), n)
    result = np.round(study.random.normal(80, 10, n), 1)
    value, code = np.unique(result, return_inverse=True)
    shown = texts([f"{v:g}" for v in value], code)
    codes, names, units = (list(t) for t in zip(*TESTS[name], strict=True))
    number = np.where(study.wrong(n), result + 1, result)
    columns |= {
        f"{name}TESTCD": texts(codes, test),
        f"{name}TEST": texts(names, test),
        f"{name}CAT": col.constant("A", n),
    }
    columns |= {f"{name}ORRES": shown, f"{name}ORRESU": texts(units, test), f"{name}STRESC": shown}
    columns |= {f"{name}STRESN": number, f"{name}STRESU": texts(units, test), f"{name}STAT": col.constant("", n)}
    columns |= {f"{name}LOBXFL": col.constant("", n), "VISITNUM": np.floor((day - study.first[subject]) / 30)}
    columns |= {"EPOCH": col.constant("TREATMENT", n), f"{name}DTC": dates(day), f"{name}DY": study.day(subject, day)}
    return columns


def periods_dataset(study: Study, name: str) -> Columns:
    columns, subject, day, n = study.of(name)
    words = [f"{name} TERM {i}" for i in range(500)]
    term = study.random.integers(0, 500, n)
    topic = {"AE": "TERM", "CM": "TRT", "EX": "TRT"}.get(name)
    if topic:
        columns[f"{name}{topic}"] = texts(words, term)
    if name == "AE":
        columns |= {
            "AEDECOD": texts(words, term),
            "AESER": texts(["N", "Y"], study.wrong(n)),
            "AEOUT": col.constant("", n),
        }
    if name == "SV":
        columns |= {"VISITNUM": columns.pop("SVSEQ"), "VISIT": col.constant("V", n)}
    if name == "SE":
        columns |= {"ETCD": col.constant("TRT", n), "ELEMENT": col.constant("Treatment", n)}
    columns |= {"EPOCH": col.constant("TREATMENT", n), f"{name}STDTC": dates(day), f"{name}ENDTC": dates(day + 3)}
    columns |= {f"{name}STDY": study.day(subject, day), f"{name}ENDY": study.day(subject, day + 3)}
    return columns


def subjects_dataset(study: Study) -> Columns:
    n = len(study.subjects)
    every = np.arange(n)
    columns: Columns = {"STUDYID": col.constant("S", n), "DOMAIN": col.constant("DM", n)}
    columns |= {"USUBJID": texts(study.subjects, every), "SUBJID": texts(study.subjects, every)}
    columns |= {"RFSTDTC": dates(study.first), "RFENDTC": dates(study.first + 365), "RFXSTDTC": dates(study.first)}
    columns |= {"DTHDTC": col.constant("", n), "DTHFL": col.constant("", n), "SITEID": col.constant("1", n)}
    columns |= {"AGE": study.random.integers(18, 90, n).astype("float64"), "AGEU": col.constant("YEARS", n)}
    columns |= {"SEX": texts(["F", "M"], every % 2), "ARMCD": col.constant("A", n), "ARM": col.constant("Drug A", n)}
    return columns


def supplement(study: Study, events: int) -> Columns:
    n = max(int(study.records * SHARES["SUPPAE"]), 2)
    subject = np.sort(study.random.integers(0, len(study.subjects), n))
    columns: Columns = {"STUDYID": col.constant("S", n), "RDOMAIN": col.constant("AE", n)}
    columns |= {"USUBJID": texts(study.subjects, subject), "IDVAR": col.constant("AESEQ", n)}
    number = study.random.integers(1, max(events // len(study.subjects), 2), n)
    columns |= {"IDVARVAL": texts([str(i) for i in range(number.max() + 1)], number)}
    columns |= {"QNAM": col.constant("AESPX", n), "QLABEL": col.constant("Label", n), "QVAL": col.constant("Y", n)}
    return columns


def dataset(name: str, columns: Columns) -> Dataset:
    series = {
        k: v if isinstance(v, pd.Series) else col.series(np.asarray(v, dtype="float64")) for k, v in columns.items()
    }
    variables = tuple(VariableMetadata(k, k, "float" if col.is_number(v) else "text") for k, v in series.items())
    known = facts.sdtm_dataset(name)
    keys = tuple(k for k in known.keys if k in series) if known is not None else ()
    metadata = DatasetMetadata(name, name, variables, keys, domain="" if name.startswith("SUPP") else name)
    return Dataset.of_columns(metadata, series, len(next(iter(series.values()))))


def package(records: int, broken: float) -> Package:
    """The datasets of the benchmark."""
    study = Study(records, broken)
    datasets = {"DM": dataset("DM", subjects_dataset(study))}
    datasets |= {n: dataset(n, periods_dataset(study, n)) for n in ("SV", "SE", "AE", "EX", "CM")}
    datasets |= {n: dataset(n, findings_dataset(study, n)) for n in TESTS}
    datasets["SUPPAE"] = dataset("SUPPAE", supplement(study, len(datasets["AE"])))
    return Package(standard="sdtm", datasets=datasets)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--broken", type=float, default=0.01)
    options = parser.parse_args()
    rules = {i: r for i, r in shipped_rules().items() if r.scope.standard != "adam" and r.check.verb != "define"}
    data = package(options.records, options.broken)
    count = sum(len(d) for d in data.datasets.values())
    findings = Findings()
    start = time.process_time()
    runs = run_rules(data, rules, findings)
    table = findings.frame()
    seconds = time.process_time() - start
    applied = sum(r.status == "applied" for r in runs)
    print(f"{count:,} records, {applied} rules that apply of {len(rules)}, {len(table):,} findings in {seconds:.2f} s")
    print(f"{count / seconds:,.0f} records/s; peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MB")
    for run in sorted(runs, key=lambda r: -r.seconds)[:8]:
        print(f"  {run.rule:14} {run.seconds:.3f} s, {run.findings:,} findings")


if __name__ == "__main__":
    main()
