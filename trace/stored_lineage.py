"""The lineage of a build, read back from its output folder.

Not for answering questions from it (records.py) nor for writing it (runs/lineage_files.py).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from ..engine.tables.dataset import Choice, Reading, RuleUse, StepUse
from ..engine.tables.existing import ExistingFile, file_places
from ..errors import InputError
from ..findings.table import Findings
from ..runs.lineage_files import LINE, RECORD, RULES
from ..sources.options import SourceOptions
from ..sources.read import read_source


@dataclass
class StoredLineage:
    """Lineage read back from an output folder."""

    folder: Path
    index: dict[str, Any]
    check: Callable[[Path], None] = lambda _: None

    @classmethod
    def open(cls, out: Path, check: Callable[[Path], None] = lambda _: None) -> StoredLineage:
        """``check`` is called with each file before it is read, and raises InputError for a file that has changed.

        Raises InputError when the folder has no lineage.
        """
        path = out / "lineage" / RULES
        try:
            text = path.read_text(encoding="ascii")
            check(path)
            return cls(path.parent, json.loads(text), check)
        except FileNotFoundError:
            raise InputError(
                f"{out} has no lineage/{RULES}; trace needs the output folder of a raw2adam build"
            ) from None
        except (OSError, ValueError) as error:
            raise InputError(f"{path}: cannot be read: {error}") from None

    def rows(self, dataset: str) -> pd.DataFrame:
        """Row ids of a dataset. Raises InputError when the file is missing or damaged, as ``raw`` does."""
        return self._parquet(self.folder / f"{dataset}.parquet")

    def rules(self, dataset: str) -> list[RuleUse]:
        """The rule of every variable."""
        return self._uses(dataset, "rules")

    def columns(self, dataset: str) -> list[RuleUse]:
        """The rules of the further columns of the blocks."""
        return self._uses(dataset, "columns")

    def step(self, dataset: str, block: int) -> StepUse | None:
        """The step that built the records of a block, if it can run again."""
        stored = self.index["datasets"][dataset].get("steps", {}).get(str(block))
        return StepUse(**stored) if stored is not None else None

    def _uses(self, dataset: str, kind: str) -> list[RuleUse]:
        return [
            RuleUse(
                variable=r["variable"],
                block=r["block"],
                place=r["place"],
                sentence=r["sentence"],
                reads=tuple(Reading(*x) for x in r["reads"]),
                choice=_choice(r["choice"]) if "choice" in r else None,
                through=tuple(r.get("through", ())),
            )
            for r in self.index["datasets"][dataset].get(kind, ())
        ]

    def raw(self, source: str, raw_folder: Path | None = None) -> pd.DataFrame | None:
        """Cells of a raw source with their record and line: the copy, else the raw file in ``raw_folder``.

        None without either. Raises InputError if the file is not the one that the build read.
        """
        path = self.folder / "raw" / f"{source}.parquet"
        if path.is_file():
            return self._parquet(path)
        if raw_folder is None:
            return None
        about = self.index["sources"][source]
        options = {k: tuple(v) if isinstance(v, list) else v for k, v in about["options"].items()}
        table = read_source(source, raw_folder, SourceOptions(**options), Findings())
        if table.sha256 != about["sha256"]:
            raise InputError(
                f"{table.file} has changed since the build (sha256 {table.sha256[:12]}...); it cannot be traced"
            )
        return table.frame.assign(**{RECORD: table.record, LINE: table.line})

    def order(self, source: str) -> pd.DataFrame:
        """The ranks of a raw source's rows in choices, by ``rank_name``; no columns if no choice orders them."""
        path = self.folder / "order" / f"{source}.parquet"
        return self._parquet(path) if path.is_file() else pd.DataFrame()

    def coding(self, table: str, position: int) -> dict[str, str] | None:
        """The dictionary and the places of a coding: ``name``, ``coding`` (row of a coding file), ``entry``.

        None where the lineage has no such coding.
        """
        about = self.index.get("codings", {}).get(table)
        if about is None:
            return None
        places = self._parquet(self.folder / "coding" / f"{about['file']}.parquet")
        found = places[places["position"] == position]
        if not len(found):
            return None
        return {"name": about["name"], "coding": str(found["coding"].iat[0]), "entry": str(found["entry"].iat[0])}

    def existing_files(self, dataset: str = "") -> list[ExistingFile]:
        """The files of an existing dataset, in order; of '' those of SUPP--. [] for an absent dataset."""
        about = self.index.get("given", {}).get(dataset) if dataset else self.index.get("supplemental")
        return [ExistingFile(**f) for f in (about or {"files": []})["files"]]

    def existing(self, dataset: str) -> pd.DataFrame | None:
        """The copy of an existing dataset, in the columns of existing_frame; None for a build without a copy."""
        path = self.folder / "given" / f"{dataset}.parquet"
        return self._parquet(path) if path.is_file() else None

    def _parquet(self, path: Path) -> pd.DataFrame:
        if path.is_file():
            self.check(path)
        return _read_parquet(path)

    def existing_place(self, dataset: str, position: int) -> dict[str, Any]:
        """File and data record of a position in an existing dataset; of '' in SUPP--."""
        file, record = file_places(self.existing_files(dataset), np.array([position]))
        return {"file": str(file[0]), "row": int(record[0])}


def _choice(stored: dict[str, Any]) -> Choice:
    keys = tuple((name, theirs) for name, theirs in stored["keys"])
    return Choice(**{**stored, "keys": keys, "order": tuple(stored["order"]), "kinds": tuple(stored.get("kinds", ()))})


def _read_parquet(path: Path) -> pd.DataFrame:
    try:
        with pq.ParquetFile(path) as file:  # pandas looks for a data set of many files first
            return file.read().to_pandas()
    except (OSError, pa.ArrowException) as error:
        reason = str(error).splitlines()[0]
        raise InputError(f"{path}: missing or damaged ({reason}); run raw2adam verify, and build again") from None
