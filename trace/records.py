"""Traces values of a built folder back to the rule, the raw file, row, column and verbatim cell.

Not for making lineage (engine/) nor for printing the way (text.py): this reads what a build left under
OUT/lineage.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ..engine.columns import column as col
from ..engine.columns import verbs
from ..engine.expressions import kernels
from ..engine.subjects.identity import MADE as IDENTITY
from ..engine.tables.dataset import SAME_RECORD, SPEC, STUDY, SUBJECT, Choice, Reading, RuleUse
from ..engine.tables.table import identity_column_name
from ..errors import InputError, UsageError, nearest
from ..mappings.expressions.expression import ExpressionError, parse
from ..output_folder.manifest import BuiltFiles
from ..runs.lineage_files import CONTINUES, ENROLLED, LINE, RECORD, SUBJECT_ID
from ..transport.dataset_files import read_records
from ..transport.output_formats import built_dataset, built_names
from .existing_sdtm import ExistingData
from .other_rows import candidates, candidates_json
from .stored_lineage import StoredLineage
from .time_to_event import run_again

DEPTH = 8


def trace_records(out: Path, dataset: str, where: str, limit: int, raw: Path | None = None) -> list[dict[str, Any]]:
    """The first ``limit`` records of a dataset where a condition holds, each value with its way back.

    ``raw``: the raw folder, for a build that kept no copy of the raw cells.

    Raises InputError when the folder holds no such dataset or no lineage, UsageError for a condition that is wrong.
    """
    store = _Folder(out, raw)
    frame = store.frame(dataset)
    positions = np.arange(len(frame))
    if where:
        positions = np.flatnonzero(_holds(frame, where))
    rows = store.rows(dataset)
    if len(rows) != len(frame):
        raise InputError(
            f"{out}: {dataset} has {len(frame)} records and a lineage of {len(rows)}; they are not of one build, so "
            "run raw2adam verify, and build again"
        )
    records = []
    for at in positions[:limit].tolist():
        values = []
        for name in frame.columns:
            made = frame["QNAM"].iat[at] if name == "QVAL" and "QNAM" in frame.columns else name
            use = store.use(dataset, at, made)
            way = store.way(dataset, at, use, 0) if use else store.no_rule(dataset, at)
            values.append({"variable": name, "value": _text(frame[name].iat[at]), **way})
        record = {"dataset": dataset, "record": at + 1, "of": len(frame), "found": len(positions), "values": values}
        records.append(record | store.decision(dataset, at))
    return records


def _text(value: object) -> str:
    return value if isinstance(value, str) else col.number_text(float(value))  # pyright: ignore[reportArgumentType]


def _wrong_condition(offset: int, message: str, hint: str) -> UsageError:
    return UsageError(f"--where, character {offset + 1}: {message}" + (f" ({hint})" if hint else ""))


def _holds(frame: pd.DataFrame, where: str) -> np.ndarray:
    try:
        expression = parse(where)
    except ExpressionError as error:
        raise _wrong_condition(error.offset, error.message, error.hint) from None
    types = {str(c): "number" if col.is_number(frame[c]) else "text" for c in frame.columns}
    for problem in expression.check(types)[1]:
        if problem.severity == "error":
            raise _wrong_condition(problem.offset, problem.message, problem.hint)
    return kernels.condition(expression, lambda name: frame[name], len(frame))


class _Folder:
    """A built folder: datasets and lineage, each read once."""

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
        if dataset not in self._frames:
            folders = [self.out / kind for kind in ("sdtm", "adam")]
            path = built_dataset(folders, dataset)
            if path is None:
                there = built_names(folders)
                hint = nearest(dataset, there)
                raise InputError(
                    f"{self.out} has no dataset {dataset}; there is {', '.join(there)}" + (f" ({hint})" if hint else "")
                )
            self.files.check(path)
            self._frames[dataset] = read_records(path)[1]
        return self._frames[dataset]

    def records(self, dataset: str) -> pd.DataFrame | None:
        """The records of a dataset that was built or given; None where they are not at hand."""
        if self.existing.has(dataset):
            return self.existing.frame(dataset)
        return None if self.existing.is_absent(dataset) else self.frame(dataset)

    def rows(self, dataset: str) -> pd.DataFrame:
        if dataset not in self._rows:
            self._rows[dataset] = self.stored.rows(dataset)
        return self._rows[dataset]

    def rules(self, dataset: str) -> list[RuleUse]:
        if dataset not in self._rules:
            self._rules[dataset] = self.stored.rules(dataset)
        return self._rules[dataset]

    def use(self, dataset: str, at: int, variable: str) -> RuleUse | None:
        """How a variable of a record was made."""
        return self._of_record(self.rules(dataset), dataset, at, variable)

    def _of_record(self, uses: list[RuleUse], dataset: str, at: int, name: str) -> RuleUse | None:
        block = int(self.rows(dataset)["block"].iat[at])
        return next((u for u in uses if u.variable == name and u.block in (block, -1)), None)

    def no_rule(self, dataset: str, at: int) -> dict[str, Any]:
        """What is told of a variable that no rule makes in a record."""
        sources = self.stored.index["datasets"][dataset]["sources"]
        block = int(self.rows(dataset)["block"].iat[at])
        of = sources[block] if block < len(sources) else ""
        return {"rule": f"No rule gives it in records of {of or dataset}.", "place": "", "cells": []}

    def way(self, dataset: str, at: int, use: RuleUse, depth: int) -> dict[str, Any]:
        """Rule, and the cells read, followed through datasets down to raw files."""
        item = int(self.rows(dataset)["item"].iat[at]) if "item" in self.rows(dataset).columns else -1
        reads = [r for r in use.reads if r.item in (-1, item)]
        out: dict[str, Any] = {"rule": use.sentence, "place": str(use.place or ""), "cells": []}
        if use.through:
            out["through"] = [self._step(dataset, at, name) for name in use.through]
        if depth < DEPTH:
            out["cells"] = [c for r in reads for c in self._read(dataset, at, r, depth)]
        if use.reads and not reads:
            out["cells"] = [{"source": dataset, "note": "nothing is named for the item of this record"}]
        if use.choice is not None:
            out |= self._candidates(dataset, at, use.choice)
        return out

    def decision(self, dataset: str, at: int) -> dict[str, Any]:
        """Why the step that made a record gave what it gave: run again for its subject. {} where it tells nothing."""
        step = self.stored.step(dataset, int(self.rows(dataset)["block"].iat[at]))
        if step is None:
            return {}

        def kept(name: str) -> pd.DataFrame:
            found = self.records(name)
            if found is None:
                raise InputError(f"{self.out} has no copy of {name}")
            return found

        return {"decision": run_again(step, dataset, self.frame(dataset), at, kept)}

    def _step(self, dataset: str, at: int, name: str) -> dict[str, Any]:
        """The rule of a further column of the block; what it read is among the cells of the variable."""
        if dataset not in self._columns:
            self._columns[dataset] = self.stored.columns(dataset)
        use = self._of_record(self._columns[dataset], dataset, at, name)
        if use is None:
            return {"column": name, "rule": "", "place": "", "cells": []}
        out: dict[str, Any] = {"column": name, "rule": use.sentence, "place": str(use.place or ""), "cells": []}
        if use.through:
            out["through"] = [self._step(dataset, at, n) for n in use.through]
        return out | (self._candidates(dataset, at, use.choice) if use.choice is not None else {})

    def _candidates(self, dataset: str, at: int, choice: Choice) -> dict[str, Any]:
        """Every row that the value could have come from, where the table and the key are at hand."""
        raw = choice.table in self.stored.index["sources"]
        table = self._raw_frame(choice.table) if raw else self.records(choice.table)
        if table is None:
            return {"candidates": [], "more": 0}
        if raw:  # the file may have a column USUBJID, which is not who the row is about
            own = {f"{choice.table}.{n}": table[n] for n in IDENTITY if n in table.columns}
            unnamed = table.drop(columns="USUBJID", errors="ignore") if SUBJECT_ID in table.columns else table
            table = unnamed.assign(**own).rename(columns={SUBJECT_ID: "USUBJID"})
        rows = self.rows(dataset)
        picked = int(rows[choice.node].iat[at]) if choice.node in rows.columns else -1
        own, key = self.frame(dataset), {}
        for mine, theirs in choice.keys:
            if theirs not in table.columns or not (picked >= 0 or mine in own.columns):
                return {"candidates": [], "more": 0}  # the key is a raw column of the record, and no row won
            column, row = (table[theirs], picked) if picked >= 0 else (own[mine], at)
            key[theirs] = _text(column.iat[row]).strip()

        def place(position: int) -> dict[str, Any]:
            if self.existing.has(choice.table):
                return self.existing.place(choice.table, position, choice.column)
            if not raw:
                return {"source": choice.table, "record": position + 1, "column": choice.column}
            if not choice.column:
                return self._raw_place(choice.table, position) | {"column": ""}
            return {k: v for k, v in self._raw_cells(choice.table, position, choice.column)[0].items() if k != "cell"}

        def elsewhere(name: str) -> pd.Series | None:
            prefix, _, column = name.partition(".")
            there = self.existing.has(prefix) or prefix in self.stored.index["datasets"]
            if not there or "USUBJID" not in table.columns:
                return None
            other = self.records(prefix)
            if other is None or column not in other.columns or "USUBJID" not in other.columns:
                return None
            return col.take(other[column], verbs.match_rows([table["USUBJID"]], [other["USUBJID"]]).right)

        typed = self.stored.order(choice.table) if raw else None
        return candidates_json(candidates(choice, table, key, picked, elsewhere, typed), place)

    def _raw_frame(self, source: str) -> pd.DataFrame | None:
        if source not in self._raw:
            self._raw[source] = self.stored.raw(source, self.raw_folder)
        return self._raw[source]

    def _read(self, dataset: str, at: int, reading: Reading, depth: int) -> list[dict[str, Any]]:
        """The cell that one reading of a record saw."""
        table, column = reading.table, reading.column
        if reading.node == SPEC:
            return [{"source": table or "specification", "note": f"{column} stands in the specification"}]
        if reading.node == STUDY:
            return [{"source": table or "specification", "note": column}]
        if reading.node == SAME_RECORD:
            return [self._cell(dataset, at, column, depth)]
        raw = table in self.stored.index["sources"]
        if self.existing.is_absent(table):
            return [{"source": table, "note": f"{table} is not in the existing SDTM, so there is no {column}"}]
        if reading.node == SUBJECT:
            subject = self.frame(dataset)["USUBJID"].iat[at] if "USUBJID" in self.frame(dataset) else ""
            records = self.records(table)
            if records is None:
                return [{"source": table, "note": f"{column} of the subject's record"}]
            found = np.flatnonzero((records["USUBJID"] == subject).to_numpy())
            return (
                [self._cell(table, int(found[0]), column, depth)]
                if len(found)
                else [{"source": table, "note": f"the subject has no record there, so there is no {column}"}]
            )
        rows = self.rows(dataset)
        position = int(rows[reading.node].iat[at]) if reading.node in rows.columns else -1
        if position < 0:
            return [{"source": table, "note": f"no row was found for {column}"}]
        return self._raw_cells(table, position, column) if raw else [self._cell(table, position, column, depth)]

    def _cell(self, dataset: str, at: int, name: str, depth: int) -> dict[str, Any]:
        """A value of a dataset, with its own way back."""
        if self.existing.has(dataset):
            return self.existing.cell(dataset, at, name)
        cell: dict[str, Any] = {"source": dataset, "record": at + 1, "column": name}
        frame = self.frame(dataset)
        if at >= len(frame):
            return cell
        if name in frame.columns:
            cell["cell"] = _text(frame[name].iat[at])
        use = self.use(dataset, at, name)  # also of a qualifier or a working variable, which the dataset does not have
        return cell | {"from": self.way(dataset, at, use, depth + 1) if use else self.no_rule(dataset, at)}

    def _raw_cells(self, source: str, position: int, column: str) -> list[dict[str, Any]]:
        """The verbatim cell; for a made identifier the cells that tell it."""
        raw, place = self._raw_frame(source), self._raw_place(source, position)
        if raw is None:
            return [place | {"column": column}]
        column = self.stored.index["sources"][source].get("parts", {}).get(column, column)  # the whole cell
        if column in raw.columns:
            return [place | {"column": column, "cell": str(raw[column].iat[position])}]
        names = [c for c in self.stored.index["sources"][source]["identity"] if c in raw.columns]
        own = {c: str(raw[c].iat[position]) for c in names}
        cells = [place | {"column": c, "cell": text} for c, text in own.items()]
        return cells + (
            self._continued(source, position) if column in ("USUBJID", identity_column_name("USUBJID")) else []
        )

    def _raw_place(self, source: str, position: int) -> dict[str, Any]:
        about, raw = self.stored.index["sources"][source], self._raw_frame(source)
        place: dict[str, Any] = {"source": source, "file": about["file"], "row": position + 1}
        if raw is not None:
            place |= {"row": int(raw[RECORD].iat[position]), "line": int(raw[LINE].iat[position])}
        return place | {k: about["options"][k] for k in ("sheet", "member") if about["options"].get(k)}

    def _continued(self, source: str, position: int) -> list[dict[str, Any]]:
        """The enrolments that lead from the subject of a row to the first one: after a transfer or re-screening.

        The build has joined them; the raw copy of the lineage keeps which enrolment continues which.
        """
        spec = self.stored.index.get("continues", {})
        raw, enrolled = self._raw_frame(source), self._raw_frame(spec["source"]) if spec else None
        if raw is None or enrolled is None or ENROLLED not in raw.columns or CONTINUES not in enrolled.columns:
            return []
        before = spec["columns"]
        columns = [c for c in self.stored.index["sources"][spec["source"]]["identity"] if c not in before]
        subject, continues = (enrolled[name].astype(str).to_numpy() for name in (ENROLLED, CONTINUES))
        cells: list[dict[str, Any]] = []
        of = str(raw[ENROLLED].iat[position])
        while len(rows := np.flatnonzero((subject == of) & (continues != ""))):  # no chain returns: R2A-CONT-006
            at, of = int(rows[0]), str(continues[rows[0]])
            place = self._raw_place(spec["source"], at)
            cells += [place | {"column": c, "cell": str(enrolled[c].iat[at])} for c in (*columns, *before)]
        return cells
