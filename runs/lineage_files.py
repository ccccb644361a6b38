"""Lineage on disk: a row-id table per dataset, the rules in one JSON, and a text copy of the raw data.

Not for reading it back (trace/stored_lineage.py).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from ..dictionaries.study_dictionary import StudyDictionary
from ..engine.tables.dataset import Choice, Lineage, RuleUse, coding_table
from ..engine.tables.existing import ExistingDataset
from ..sources.options import SourceOptions
from ..sources.table import RawTable

RULES = "rules.json"
RECORD, LINE, SUBJECT_ID = "__record__", "__line__", "__usubjid__"
#: the USUBJID of a row before enrolments were joined, and the one that the enrolment of a row continues
ENROLLED, CONTINUES = "__enrolled__", "__continues__"
QUALIFIER = "__supplemental__"


@dataclass(frozen=True, kw_only=True)
class LineageFiles:
    """The contents of a lineage folder.

    ``identity``: source -> the columns that identify its subject, for tracing USUBJID. ``options``: source -> how its
    file was read, so that a trace can open it again without a copy. ``subjects``: source -> USUBJID of each row,
    where the source has subjects. ``continues``: the source and columns that name which enrolment continues which.
    ``enrolled``: source -> the USUBJID of each row before enrolments were joined. ``previous``: for each row of the
    source of enrolments the USUBJID that its enrolment continues.
    ``existing``: datasets of existing SDTM that the build started from, and all their ``supplemental`` records; a copy
    of each domain becomes given/<DOMAIN>.parquet; None for a build from raw data. ``orders``: source -> the ranks of
    its rows in choices (engine/derivations/choice_order.py), which become order/<source>.parquet. ``dictionaries``:
    those that coded values; coding/<name>.parquet has the places of their rows that did.
    """

    lineage: Mapping[str, Lineage]
    raw_copy: bool
    tables: Mapping[str, RawTable] = field(default_factory=dict)
    identity: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    options: Mapping[str, SourceOptions] = field(default_factory=dict)
    subjects: Mapping[str, pd.Series] = field(default_factory=dict)
    continues: tuple[str, tuple[str, ...]] | None = None
    enrolled: Mapping[str, pd.Series] = field(default_factory=dict)
    previous: pd.Series | None = None
    existing: Mapping[str, ExistingDataset] | None = None
    supplemental: ExistingDataset | None = None
    orders: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    dictionaries: Mapping[str, StudyDictionary] = field(default_factory=dict)


def write_lineage(folder: Path, files: LineageFiles) -> None:
    """Write OUT/lineage: <DATASET>.parquet, rules.json and, with ``raw_copy``, raw/<source>.parquet."""
    folder.mkdir(parents=True, exist_ok=True)
    index: dict[str, Any] = {"schema": 1, "datasets": {}, "sources": {}}
    if files.continues is not None:
        index["continues"] = {"source": files.continues[0], "columns": list(files.continues[1])}
    for name, line in files.lineage.items():
        write_parquet(folder / f"{name}.parquet", line.rows)
        index["datasets"][name] = {
            "sources": list(line.sources),
            "tables": line.tables,
            "rules": [_use_json(u) for u in line.rules],
            "columns": [_use_json(u) for u in line.columns],
            **({"steps": {str(n): asdict(s) for n, s in line.steps.items()}} if line.steps else {}),
        }
    for name, raw in files.tables.items():
        index["sources"][name] = {
            "file": raw.file,
            "sha256": raw.sha256,
            "rows": len(raw),
            "identity": list(files.identity.get(name, ())),
            "options": asdict(files.options[name]),
            **({"parts": raw.parts_of} if raw.parts_of else {}),
        }
        if files.raw_copy and raw.present:
            (folder / "raw").mkdir(exist_ok=True)
            further = {SUBJECT_ID: files.subjects[name]} if name in files.subjects else {}
            if name in files.enrolled:
                further[ENROLLED] = files.enrolled[name]
            if files.previous is not None and files.continues is not None and name == files.continues[0]:
                further[CONTINUES] = files.previous
            frame = raw.frame.assign(**{RECORD: raw.record, LINE: raw.line, **further})
            write_parquet(folder / "raw" / f"{name}.parquet", frame)
    index |= _write_codings(folder, files)
    for name, ranks in files.orders.items():
        (folder / "order").mkdir(exist_ok=True)
        write_parquet(folder / "order" / f"{name}.parquet", ranks)
    if files.existing is not None:
        index["given"] = {n: _files_json(t) for n, t in files.existing.items()}
        index["supplemental"] = _files_json(files.supplemental) if files.supplemental is not None else {"files": []}
    for name, table in (files.existing or {}).items() if files.raw_copy else ():
        (folder / "given").mkdir(exist_ok=True)
        write_parquet(folder / "given" / f"{name}.parquet", existing_frame(table))
    text = json.dumps(index, indent=1, sort_keys=True, ensure_ascii=True)
    (folder / RULES).write_text(text + "\n", encoding="ascii", newline="\n")


def _write_codings(folder: Path, files: LineageFiles) -> dict[str, Any]:
    """Write the places of the codings of all records; their part of rules.json."""
    about: dict[str, Any] = {}
    for name, dictionary in files.dictionaries.items():
        used = [
            line.rows[node].to_numpy()
            for line in files.lineage.values()
            for node, table in line.tables.items()
            if table == coding_table(name) and node in line.rows
        ]
        positions = np.unique(np.concatenate(used)) if used else np.zeros(0, dtype="int32")
        positions = positions[positions >= 0]
        places = [dictionary.place_of(int(p)) for p in positions]
        if not places:
            continue
        (folder / "coding").mkdir(exist_ok=True)
        columns = {
            "position": positions.astype("int32"),
            "coding": [c for c, _ in places],
            "entry": [e for _, e in places],
        }
        write_parquet(folder / "coding" / f"{name}.parquet", pd.DataFrame(columns))
        about[coding_table(name)] = {"file": name, "name": f"{dictionary.spec.name} {dictionary.spec.version}"}
    return {"codings": about} if about else {}


def existing_frame(table: ExistingDataset) -> pd.DataFrame:
    """The records of an existing dataset, and for each qualifier the position of its supplemental record (-1: none)."""
    at = {f"{QUALIFIER}{n}": p.astype("int32") for n, p in table.qualifiers.items()}
    return table.dataset.frame.assign(**at)


def _files_json(table: ExistingDataset) -> dict[str, Any]:
    return {"files": [asdict(f) for f in table.files]}


def _choice(choice: Choice) -> dict[str, Any]:
    """A choice; with the block before which it read, if it read its own dataset."""
    return {k: v for k, v in asdict(choice).items() if k != "before" or v >= 0}


def _use_json(use: RuleUse) -> dict[str, Any]:
    return {
        "variable": use.variable,
        "block": use.block,
        "place": str(use.place or ""),
        "sentence": use.sentence,
        "reads": [[r.node, r.table, r.column, *([r.item] if r.item >= 0 else [])] for r in use.reads],
        **({"choice": _choice(use.choice)} if use.choice else {}),
        **({"through": list(use.through)} if use.through else {}),
    }


def write_parquet(path: Path, frame: pd.DataFrame) -> None:
    """Write a compressed Parquet file that names neither the time nor the machine."""
    table = _large_texts(pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(None))
    texts = [f.name for f in table.schema if pa.types.is_dictionary(f.type)]
    numbers = {f.name: "DELTA_BINARY_PACKED" for f in table.schema if pa.types.is_integer(f.type)}
    pq.write_table(
        table,
        path,
        compression="zstd",
        write_statistics=False,
        store_schema=True,
        use_dictionary=texts,  # pyright: ignore[reportArgumentType] - pyarrow accepts a list of columns too
        column_encoding=numbers,
    )


def _large_texts(table: pa.Table) -> pa.Table:
    """The table with one type of text in all its dictionaries, whatever pandas holds their texts in."""
    types = [
        pa.dictionary(f.type.index_type, pa.large_string()) if pa.types.is_dictionary(f.type) else f.type
        for f in table.schema
    ]
    return table.cast(pa.schema([pa.field(f.name, t) for f, t in zip(table.schema, types, strict=True)]))
