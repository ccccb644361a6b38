"""Runs the test data that CDISC publishes with its CORE rules through the rules that implement them.

    git clone https://github.com/cdisc-org/cdisc-open-rules
    python tests/tools/published_cases.py cdisc-open-rules [--only CORE-000206] [--show missed]

Each published rule has folders of CSV files: `negative` data break it, `positive` data do not. A negative case is found
if one of our rules with the published id has a finding in it; a positive case is false if one has. Where the folder has
results, their records are compared too. The script prints a line for each case that differs, and a table.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
from raw2adam.conformance.language.published import coverage
from raw2adam.conformance.language.read import shipped_rules
from raw2adam.conformance.language.rule import Rule
from raw2adam.conformance.package import Package
from raw2adam.conformance.run import run_rules
from raw2adam.define.reading import read_define
from raw2adam.engine.columns import column as col
from raw2adam.engine.tables.dataset import Dataset, DatasetMetadata, VariableMetadata
from raw2adam.errors import InputError
from raw2adam.findings.table import Findings

#: places of the rules in a clone, the newest first
PLACES = ("Published", "Deprecated", "Unpublished")


@dataclass(frozen=True, kw_only=True)
class Published:
    """One folder of data. ``records``: (dataset, record from 1) that the published engine reports; None: not stated."""

    rule: str
    kind: str
    folder: Path
    records: frozenset[tuple[str, int]] | None


@dataclass
class Outcome:
    """What our rules find in a case. ``error``: why it could not be read."""

    case: Published
    rules: set[str] = field(default_factory=set)
    messages: list[str] = field(default_factory=list)
    reasons: set[str] = field(default_factory=set)
    error: str = ""

    @property
    def right(self) -> bool:
        return bool(self.rules) == (self.case.kind == "negative")


def cases_of(clone: Path, rule: str) -> Iterator[Published]:
    place = next((clone / p / rule for p in PLACES if (clone / p / rule).is_dir()), None)
    for kind in ("negative", "positive") if place is not None else ():
        for folder in sorted((place / kind).glob("*/data")):
            results = folder.parent / "results" / "results.csv"
            yield Published(rule=rule, kind=kind, folder=folder, records=_records(results))


def _records(path: Path) -> frozenset[tuple[str, int]] | None:
    if not path.exists():
        return None
    rows = _rows(path)
    return frozenset((r["Dataset"], int(float(r["Record"] or 0))) for r in rows)


def _rows(path: Path) -> list[dict[str, str]]:
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            with path.open(encoding=encoding, newline="") as file:
                return [{k: v or "" for k, v in r.items() if k} for r in csv.DictReader(file)]
        except UnicodeDecodeError:
            continue
    raise ValueError(f"{path}: unknown encoding")


def package_of(folder: Path) -> Package:
    """The datasets of a case, with the define.xml of the folder if it has one."""
    about = defaultdict(dict)
    for row in _rows(folder / "_variables.csv") if (folder / "_variables.csv").exists() else ():
        about[row["dataset"].lower()][row["variable"]] = row
    labels = {r["Filename"].lower(): r.get("Label", "") for r in _rows(folder / "_datasets.csv")}
    datasets = {}
    for path in sorted(folder.glob("*.csv")):
        if path.name.startswith("_"):
            continue
        name = path.stem.upper()
        datasets[name] = dataset_of(name, labels.get(path.stem.lower(), ""), _table(path), about[path.stem.lower()])
    define = next(iter(sorted(folder.glob("*.xml"))), None)
    content = read_define(define.read_bytes()) if define is not None else None
    return Package(standard="sdtm", datasets=datasets, define=content, complete=True,
                   define_xml=define.read_bytes() if define is not None else b"")  # fmt: skip


def _table(path: Path) -> pd.DataFrame:
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return pd.read_csv(path, dtype=str, keep_default_na=False, encoding=encoding)
        except UnicodeDecodeError:
            continue
    raise ValueError(f"{path}: unknown encoding")


def dataset_of(name: str, label: str, frame: pd.DataFrame, about: dict[str, dict[str, str]]) -> Dataset:
    variables, columns = [], {}
    for variable in frame.columns:
        facts = about.get(variable, {})
        numbers = pd.to_numeric(frame[variable], errors="coerce")
        numeric = facts.get("type") == "Num" and bool((numbers.notna() | (frame[variable].str.strip() == "")).all())
        variables.append(VariableMetadata(variable, facts.get("label", ""), "float" if numeric else "text"))
        columns[variable] = (
            numbers.to_numpy(dtype="float64") if numeric else col.text_column(frame[variable].str.rstrip(" ").tolist())
        )
    metadata = DatasetMetadata(
        name=name, label=label, variables=tuple(variables), keys=(), sequence="", structure="", observation_class="",
        purpose="Tabulation",
    )  # fmt: skip
    return Dataset.of_clean(metadata, pd.DataFrame(columns, index=np.arange(len(frame)), copy=False))


def outcome_of(case: Published, rules: dict[str, Rule]) -> Outcome:
    outcome = Outcome(case)
    try:
        package = package_of(case.folder)
    except (InputError, ValueError, KeyError, csv.Error, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        outcome.error = f"{type(error).__name__}: {str(error)[:120]}"
        return outcome
    findings = Findings()
    runs = run_rules(package, rules, findings)
    frame = findings.frame()
    outcome.rules = set(frame["rule"])
    outcome.reasons = {r.reason for r in runs if r.reason}
    outcome.messages = list(
        dict.fromkeys(f"{f.rule} {f.dataset}.{f.variable}: {f.message}" for f in frame.itertuples())
    )
    return outcome


def line(outcome: Outcome) -> str:
    case = outcome.case
    what = outcome.error or "; ".join(outcome.messages[:3] or sorted(outcome.reasons))
    stated = "no results" if case.records is None else f"{len(case.records)} records stated"
    return f"{case.rule} {case.kind} {case.folder.parent.name} ({stated}): {what or 'nothing found'}"


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description="Run the published cases of CDISC CORE.")
    parser.add_argument("clone", type=Path)
    parser.add_argument("--only", default="", help="one published id")
    chosen = parser.parse_args(arguments)
    rules = shipped_rules()
    counts: Counter[tuple[str, str]] = Counter()
    for published in coverage(rules):
        if chosen.only not in published.id:
            continue
        for case in cases_of(chosen.clone, published.id):
            if not published.rules:
                counts[case.kind, published.status] += 1
                continue
            outcome = outcome_of(case, {i: rules[i] for i in published.rules})
            state = "not read" if outcome.error else "right" if outcome.right else "differs"
            counts[case.kind, state] += 1
            if state != "right":
                print(line(outcome), flush=True)
    for (kind, state), number in sorted(counts.items()):
        print(f"{kind:9} {state:15} {number:5}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
