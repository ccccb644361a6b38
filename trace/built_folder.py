"""The contents of a built folder for a trace: datasets, lineage, rules, raw cells. Each is read once.

Not for following a value from one to the next (records.py).
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from ..engine.tables.dataset import RuleUse, StepUse
from ..errors import InputError, nearest
from ..output_folder.layout import datasets_folders, layout_of_output
from ..output_folder.manifest import BuiltFiles
from ..runs.lineage_files import LINE, RECORD
from ..transport.dataset_files import read_records
from ..transport.output_formats import built_dataset, built_names
from .existing_sdtm import ExistingData
from .stored_lineage import StoredLineage


class BuiltFolder:
    """A built folder. ``raw``: the folder of the raw export or of the existing SDTM, for a build without a copy."""

    def __init__(self, out: Path, raw: Path | None):
        self.out, self.raw_folder = out, raw
        self.files = BuiltFiles(out)
        self.stored = StoredLineage.open(out, self.files.check)
        self.existing = ExistingData(self.stored, raw)
        self._frames: dict[str, pd.DataFrame] = {}
        self._rows: dict[str, pd.DataFrame] = {}
        self._rules: dict[str, list[RuleUse]] = {}
        self._columns: dict[str, list[RuleUse]] = {}
        self._raw: dict[str, pd.DataFrame | None] = {}

    def frame(self, dataset: str) -> pd.DataFrame:
        """The records of a dataset that was built. Raises InputError if there is none, or its file has changed."""
        if dataset not in self._frames:
            path = built_dataset(self._folders, dataset)
            if path is None:
                there = built_names(self._folders)
                hint = nearest(dataset, there)
                raise InputError(
                    f"{self.out} has no dataset {dataset}; there is {', '.join(there)}" + (f" ({hint})" if hint else "")
                )
            self.files.check(path)
            self._frames[dataset] = read_records(path)[1]
        return self._frames[dataset]

    @cached_property
    def _folders(self) -> list[Path]:
        placed = datasets_folders(self.out, layout_of_output(self.files.manifest)).values()
        return list(dict.fromkeys(folder for pair in placed for folder in pair))

    def records(self, dataset: str) -> pd.DataFrame | None:
        """The records of a dataset, built or existing; None if the folder has no copy, or if there were none."""
        if self.existing.has(dataset):
            return self.existing.frame(dataset)
        # a dataset without records has no file
        empty = dataset in self.stored.index["datasets"] and built_dataset(self._folders, dataset) is None
        return None if empty or self.existing.is_absent(dataset) else self.frame(dataset)

    def rows(self, dataset: str) -> pd.DataFrame:
        """The row ids of the lineage of a dataset, one row for each record."""
        if dataset not in self._rows:
            self._rows[dataset] = self.stored.rows(dataset)
        return self._rows[dataset]

    def rule(self, dataset: str, at: int, variable: str) -> RuleUse | None:
        """The rule that derived a variable of a record; None if no rule did."""
        if dataset not in self._rules:
            self._rules[dataset] = self.stored.rules(dataset)
        return self._of_record(self._rules[dataset], dataset, at, variable)

    def column_rule(self, dataset: str, at: int, column: str) -> RuleUse | None:
        """The rule of a further column of the block of a record."""
        if dataset not in self._columns:
            self._columns[dataset] = self.stored.columns(dataset)
        return self._of_record(self._columns[dataset], dataset, at, column)

    def _of_record(self, uses: list[RuleUse], dataset: str, at: int, name: str) -> RuleUse | None:
        block = self.block(dataset, at)
        found = [u for u in uses if u.variable == name and u.block in (block, -1)]
        return max(found, key=lambda u: u.block, default=None)

    def block(self, dataset: str, at: int) -> int:
        """The block of the spec that built a record."""
        return int(self.rows(dataset)["block"].iat[at])

    def block_source(self, dataset: str, at: int) -> str:
        """The table of the block of a record; the dataset itself for a block without one."""
        sources, block = self.stored.index["datasets"][dataset]["sources"], self.block(dataset, at)
        return (sources[block] if block < len(sources) else "") or dataset

    def step(self, dataset: str, at: int) -> StepUse | None:
        """The step that built a record, if it can run again."""
        return self.stored.step(dataset, self.block(dataset, at))

    def source(self, name: str) -> dict[str, Any] | None:
        """The facts of a raw source in the index of the lineage; None for a table that is no raw source."""
        return self.stored.index["sources"].get(name)

    def raw(self, source: str) -> pd.DataFrame | None:
        """The cells of a raw source; None without a copy and without the raw folder."""
        if source not in self._raw:
            self._raw[source] = self.stored.raw(source, self.raw_folder)
        return self._raw[source]

    def raw_place(self, source: str, position: int) -> dict[str, Any]:
        """The file and row of a raw row, and its line, sheet or member where there is one."""
        about, raw = self.stored.index["sources"][source], self.raw(source)
        place: dict[str, Any] = {"source": source, "file": about["file"], "row": position + 1}
        if raw is not None:
            place |= {"row": int(raw[RECORD].iat[position]), "line": int(raw[LINE].iat[position])}
        return place | {k: about["options"][k] for k in ("sheet", "member") if about["options"].get(k)}
