"""Lineage on disk: a row-id table per dataset, the rules in one JSON, and a text copy of the raw data.

Not for answering questions from it: trace.py.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from ..errors import InputError
from ..findings import Findings
from ..sources.options import SourceOptions
from ..sources.read import read_source
from ..sources.table import RawTable
from .dataset import Choice, Lineage, Reading, RuleUse, StepUse
from .given import GivenFile, GivenTable, file_places

RULES = "rules.json"
RECORD, LINE, SUBJECT_ID = "__record__", "__line__", "__usubjid__"
QUALIFIER = "__supplemental__"


def write_lineage(
    folder: Path,
    lineage: Mapping[str, Lineage],
    tables: Mapping[str, RawTable],
    identity: Mapping[str, tuple[str, ...]],
    options: Mapping[str, SourceOptions],
    subjects: Mapping[str, pd.Series],
    raw_copy: bool,
    continues: tuple[str, tuple[str, ...]] | None = None,
    *,
    given: Mapping[str, GivenTable] | None = None,
    supplemental: GivenTable | None = None,
    orders: Mapping[str, pd.DataFrame] | None = None,
) -> None:
    """Write OUT/lineage: <DATASET>.parquet, rules.json and, unless refused, raw/<source>.parquet.

    ``identity``: source -> the columns that tell its subject, for tracing USUBJID. ``options``: source -> how its file
    was read, so that it can be opened again where there is no copy. ``subjects``: source -> USUBJID of each row, where
    the source has subjects. ``continues``: the source and columns that tell which enrolment goes on which. ``given``:
    datasets made elsewhere that the build started from, and all their ``supplemental`` records; a copy of each domain
    becomes given/<DOMAIN>.parquet. ``orders``: source -> the ranks of its rows in choices (choice_order.py), which
    become order/<source>.parquet.
    """
    folder.mkdir(parents=True, exist_ok=True)
    index: dict[str, Any] = {"schema": 1, "datasets": {}, "sources": {}}
    if continues is not None:
        index["continues"] = {"source": continues[0], "columns": list(continues[1])}
    for name, line in lineage.items():
        write_parquet(folder / f"{name}.parquet", line.rows)
        index["datasets"][name] = {
            "sources": list(line.sources),
            "tables": line.tables,
            "rules": [_use_json(u) for u in line.rules],
            "columns": [_use_json(u) for u in line.columns],
            **({"steps": {str(n): asdict(s) for n, s in line.steps.items()}} if line.steps else {}),
        }
    for name, raw in tables.items():
        index["sources"][name] = {
            "file": raw.file,
            "sha256": raw.sha256,
            "rows": len(raw),
            "identity": list(identity.get(name, ())),
            "options": asdict(options[name]),
            **({"parts": raw.parts_of} if raw.parts_of else {}),
        }
        if raw_copy and raw.present:
            (folder / "raw").mkdir(exist_ok=True)
            told = {SUBJECT_ID: subjects[name]} if name in subjects else {}
            frame = raw.frame.assign(**{RECORD: raw.record, LINE: raw.line, **told})
            write_parquet(folder / "raw" / f"{name}.parquet", frame)
    for name, ranks in (orders or {}).items():
        (folder / "order").mkdir(exist_ok=True)
        write_parquet(folder / "order" / f"{name}.parquet", ranks)
    if given is not None:
        index["given"] = {n: _given_json(t) for n, t in given.items()}
        index["supplemental"] = _given_json(supplemental) if supplemental is not None else {"files": []}
    for name, table in (given or {}).items() if raw_copy else ():
        (folder / "given").mkdir(exist_ok=True)
        write_parquet(folder / "given" / f"{name}.parquet", given_frame(table))
    text = json.dumps(index, indent=1, sort_keys=True, ensure_ascii=True)
    (folder / RULES).write_text(text + "\n", encoding="ascii", newline="\n")


def given_frame(table: GivenTable) -> pd.DataFrame:
    """The records of a given dataset, and for each qualifier the position of its supplemental record (-1: none)."""
    at = {f"{QUALIFIER}{n}": p.astype("int32") for n, p in table.qualifiers.items()}
    return table.dataset.frame.assign(**at)


def _given_json(table: GivenTable) -> dict[str, Any]:
    return {"files": [asdict(f) for f in table.files]}


def _use_json(use: RuleUse) -> dict[str, Any]:
    return {
        "variable": use.variable,
        "block": use.block,
        "place": str(use.place or ""),
        "sentence": use.sentence,
        "reads": [[r.node, r.table, r.column, *([r.item] if r.item >= 0 else [])] for r in use.reads],
        **({"choice": asdict(use.choice)} if use.choice else {}),
        **({"through": list(use.through)} if use.through else {}),
    }


def write_parquet(path: Path, frame: pd.DataFrame) -> None:
    """A compressed Parquet file without the clock or the machine in it."""
    table = pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(None)
    texts = [f.name for f in table.schema if pa.types.is_dictionary(f.type)]
    numbers = {f.name: "DELTA_BINARY_PACKED" for f in table.schema if pa.types.is_integer(f.type)}
    pq.write_table(
        table,
        path,
        compression="zstd",
        write_statistics=False,
        store_schema=True,
        use_dictionary=texts,  # pyright: ignore[reportArgumentType] - a list of columns is taken too
        column_encoding=numbers,
    )


@dataclass
class StoredLineage:
    """Lineage read back from an output folder."""

    folder: Path
    index: dict[str, Any]
    check: Callable[[Path], None] = lambda _: None

    @classmethod
    def open(cls, out: Path, check: Callable[[Path], None] = lambda _: None) -> StoredLineage:
        """``check`` is called with each file before it is read, and raises InputError for one that was changed.

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
        """How every variable was made."""
        return self._uses(dataset, "rules")

    def columns(self, dataset: str) -> list[RuleUse]:
        """How the further columns of the blocks were made."""
        return self._uses(dataset, "columns")

    def step(self, dataset: str, block: int) -> StepUse | None:
        """The step that made the records of a block, where it can be run again."""
        stored = self.index["datasets"][dataset].get("steps", {}).get(str(block))
        return StepUse(**stored) if stored is not None else None

    def _uses(self, dataset: str, kind: str) -> list[RuleUse]:
        return [
            RuleUse(
                r["variable"],
                r["block"],
                r["place"],
                r["sentence"],
                tuple(Reading(*x) for x in r["reads"]),
                _choice(r["choice"]) if "choice" in r else None,
                tuple(r.get("through", ())),
            )
            for r in self.index["datasets"][dataset].get(kind, ())
        ]

    def raw(self, source: str, raw_folder: Path | None = None) -> pd.DataFrame | None:
        """Cells of a raw source with their record and line: the copy, else the raw file itself if its folder is given.

        None without either. Raises InputError when the file is not the one that was built from.
        """
        path = self.folder / "raw" / f"{source}.parquet"
        if path.is_file():
            return self._parquet(path)
        if raw_folder is None:
            return None
        about = self.index["sources"][source]
        given = {k: tuple(v) if isinstance(v, list) else v for k, v in about["options"].items()}
        table = read_source(source, raw_folder, SourceOptions(**given), Findings())
        if table.sha256 != about["sha256"]:
            raise InputError(
                f"{table.file} has changed since the build (sha256 {table.sha256[:12]}...); it cannot be traced"
            )
        return table.frame.assign(**{RECORD: table.record, LINE: table.line})

    def order(self, source: str) -> pd.DataFrame:
        """The ranks of a raw source's rows in choices, by ``rank_name``; no columns where none was ordered."""
        path = self.folder / "order" / f"{source}.parquet"
        return self._parquet(path) if path.is_file() else pd.DataFrame()

    def given_files(self, dataset: str = "") -> list[GivenFile]:
        """The files of a given dataset, in order; of '' those of SUPP--. [] for one that was not given."""
        about = self.index.get("given", {}).get(dataset) if dataset else self.index.get("supplemental")
        return [GivenFile(**f) for f in (about or {"files": []})["files"]]

    def given(self, dataset: str) -> pd.DataFrame | None:
        """The copy of a given dataset, as given_frame made it; None where the build kept none."""
        path = self.folder / "given" / f"{dataset}.parquet"
        return self._parquet(path) if path.is_file() else None

    def _parquet(self, path: Path) -> pd.DataFrame:
        if path.is_file():
            self.check(path)
        return _read_parquet(path)

    def given_place(self, dataset: str, position: int) -> dict[str, Any]:
        """File and data record of a position in a given dataset; of '' in SUPP--."""
        file, record = file_places(self.given_files(dataset), np.array([position]))
        return {"file": str(file[0]), "row": int(record[0])}


def _choice(stored: dict[str, Any]) -> Choice:
    keys = tuple((own, theirs) for own, theirs in stored["keys"])
    return Choice(**{**stored, "keys": keys, "order": tuple(stored["order"]), "kinds": tuple(stored.get("kinds", ()))})


def _read_parquet(path: Path) -> pd.DataFrame:
    try:
        return pd.read_parquet(path)
    except (OSError, pa.ArrowException) as error:
        reason = str(error).splitlines()[0]
        raise InputError(f"{path}: missing or damaged ({reason}); run raw2adam verify, and build again") from None
