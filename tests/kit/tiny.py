"""A study so small that its tables stand in the test, built by the loop that builds every study.

Not for reading raw files or writing outputs: the cells are handed to the engine as text, as sources/ would.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
from raw2adam.engine.accounts.ledger import Ledger
from raw2adam.engine.building.summaries import Summary
from raw2adam.engine.columns import column as col
from raw2adam.engine.plan.plan import PlannedStudy
from raw2adam.engine.tables.dataset import Dataset, DatasetMetadata, Lineage
from raw2adam.findings.table import Findings
from raw2adam.runs.build_partitions import Built, build_partitions
from raw2adam.runs.close_accounts import account_cells
from raw2adam.runs.dictionaries import with_dictionaries
from raw2adam.runs.read_raw import identified
from raw2adam.selftest.source_order import in_source_order, whole_columns
from raw2adam.sources.table import RawTable

HEAD = """\
study: {id: S1}
subject: {columns: [SUBJ], usubjid: "{STUDYID}-{SUBJ:02}"}
"""


@dataclass
class Tiny:
    """A built study. ``datasets``: as they were built, by partition. What a test does not read is not put in order."""

    built: Built
    plan: PlannedStudy
    datasets: list[dict[str, Dataset]]
    reported: Findings

    @cached_property
    def data(self) -> dict[str, list[dict[str, object]]]:
        """Dataset -> its records as plain Python values; numbers are float or None.

        Records that the sort keys of a dataset do not tell apart are listed in the order of the source rows.
        """
        return self._in_source_order[0]

    @cached_property
    def lineage(self) -> dict[str, Lineage]:
        """Of every dataset over all partitions, in the order of ``data``."""
        return self._in_source_order[1]

    @cached_property
    def _in_source_order(self) -> tuple[dict[str, list[dict[str, object]]], dict[str, Lineage]]:
        data = {n: [r for part in self.datasets for r in records(part[n])] for n in self.datasets[0]}
        columns = whole_columns([{n: d.columns for n, d in part.items()} for part in self.datasets])
        return in_source_order(self.plan, data, columns, self.built.lineage)

    @cached_property
    def findings(self) -> pd.DataFrame:
        """All but those about columns that no spec reads: most tests leave columns out."""
        found = self.reported.frame()
        return found[found["rule"] != "R2A-COL-001"].reset_index(drop=True)

    @property
    def ledger(self) -> Ledger:
        return self.built.ledger

    @property
    def specs(self) -> dict[str, DatasetMetadata]:
        return self.built.specs

    @property
    def summary(self) -> Summary:
        return self.built.summary

    def values(self, dataset: str, variable: str) -> list[object]:
        """One variable of a dataset, in the order of its records."""
        return [record[variable] for record in self.data[dataset]]

    def found(self, rule: str) -> list[tuple[str, int, str, str]]:
        """(file, row, column, value) of each finding of a rule, in the order of the findings table."""
        table = self.findings[self.findings["rule"] == rule]
        return list(zip(table["file"], table["row"].tolist(), table["column"], table["value"], strict=True))

    def traced(self, dataset: str, node: str = "row") -> list[int]:
        """Row ids of one lineage node."""
        return self.lineage[dataset].rows[node].tolist()


def raw_table(name: str, file: str, text: str) -> RawTable:
    """A raw table of CSV text whose cells are kept as they stand."""
    header, *rows = list(csv.reader(io.StringIO(text)))
    columns = {c: col.text_column([r[i] for r in rows]).array for i, c in enumerate(header)}
    frame = col.frame_of(columns, len(rows))
    numbers = np.arange(1, len(rows) + 1, dtype="int32")
    return RawTable(name, Path(file), "0" * 64, frame, numbers, numbers + 1, file=file)


def write_study(folder: Path, study: str, datasets: Mapping[str, str], files: Mapping[str, str]) -> None:
    """The files of a study; sources that ``study`` does not name are declared as they stand."""
    if not study.startswith(("study:", "parents:")):
        study = HEAD + study
    if "sources:" not in study:
        study += "sources:\n" + "".join(f"  {Path(f).stem}: {{file: {f}}}\n" for f in files)
    (folder / "study.yaml").write_text(study, "utf-8")
    for name, text in datasets.items():
        path = (
            folder / f"{name}.yaml"
            if "/" in name
            else folder / ("adam" if name.startswith("ad") else "sdtm") / f"{name}.yaml"
        )
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_text(text, "utf-8")


def build_study(folder: Path, plan: PlannedStudy, files: Mapping[str, str], partitions: int = 1) -> Tiny:
    """Build a planned study over CSV texts."""
    findings = Findings()
    tables = {n: raw_table(n, s.file, files[s.file]) for n, s in plan.spec.sources.items() if s.file in files}
    for name, source in plan.spec.sources.items():
        if name not in tables:
            assert source.optional, f"the test gives no {source.file}"
            nothing = np.zeros(0, "int32")
            tables[name] = RawTable(name, Path(source.file), "", pd.DataFrame(), nothing, nothing, present=False)
    plan, _ = with_dictionaries(plan, [folder], folder, findings)
    read = identified(plan, folder, tables, findings)
    built = build_partitions(
        plan,
        read.tables,
        read.identity,
        findings,
        partitions=partitions,
        shared=read.shared,
        submission=False,
    )
    account_cells(plan, read.tables, read.identity, built.ledger, findings)
    return Tiny(built, plan, [built.stored.part(i) for i in range(len(built.stored))], findings)


def records(dataset: Dataset) -> list[dict[str, object]]:
    """The records of a dataset as plain values: text, float, None for a missing number."""
    columns = values_of(dataset)
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def values_of(dataset: Dataset) -> dict[str, list[object]]:
    """The variables of a dataset as such values, in the order of the records."""
    columns: dict[str, list[object]] = {}
    for v in dataset.metadata.variables:
        column = dataset.columns[v.name]
        values = column.tolist() if v.is_numeric else col.objects(column).tolist()
        columns[v.name] = [None if v.is_numeric and x != x else x for x in values]
    return columns
