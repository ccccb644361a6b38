"""Traces values of a built folder back to the rule, the raw file, row, column and verbatim cell.

Not for writing lineage (engine/, runs/lineage_files.py), for reading it (built_folder.py) nor for printing (text.py).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ..engine.columns import column as col
from ..engine.columns import verbs
from ..engine.expressions import kernels
from ..engine.subjects.identity import IDENTITY_COLUMNS
from ..engine.tables.dataset import SAME_RECORD, SPEC, STUDY, SUBJECT, Choice, Reading, RuleUse, coding_node
from ..engine.tables.table import identity_column_name
from ..errors import InputError, UsageError
from ..mappings.expressions.expression import ExpressionError, parse
from ..runs.lineage_files import CONTINUES, ENROLLED, SUBJECT_ID
from .built_folder import BuiltFolder
from .other_rows import candidates, candidates_json
from .time_to_event import explain

DEPTH = 8


def trace_records(out: Path, dataset: str, where: str, limit: int, raw: Path | None = None) -> list[dict[str, Any]]:
    """The first ``limit`` records of a dataset where a condition holds, each value with its way back.

    ``raw``: the raw folder, for a build without a copy of the raw cells.

    Raises InputError if the folder has no such dataset or no lineage, UsageError for a wrong condition.
    """
    built = BuiltFolder(out, raw)
    way_of, frame = _Way(built), built.frame(dataset)
    positions = np.arange(len(frame))
    if where:
        positions = np.flatnonzero(_holds(frame, where))
    rows = built.rows(dataset)
    if len(rows) != len(frame):
        raise InputError(
            f"{out}: {dataset} has {len(frame)} records and a lineage of {len(rows)}; they are not of one build: "
            "run raw2adam verify, and build again"
        )
    records = []
    for at in positions[:limit].tolist():
        values = []
        for name in frame.columns:
            variable = frame["QNAM"].iat[at] if name == "QVAL" and "QNAM" in frame.columns else name
            use = built.rule(dataset, at, variable)
            way = way_of.value(dataset, at, use, 0) if use else way_of.no_rule(dataset, at)
            values.append({"variable": name, "value": _text(frame[name].iat[at]), **way})
        record = {"dataset": dataset, "record": at + 1, "of": len(frame), "found": len(positions), "values": values}
        records.append(record | way_of.decision(dataset, at))
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


class _Way:
    """The way of a value: from a record of a built folder through the rules to raw cells."""

    def __init__(self, built: BuiltFolder):
        self.built = built

    def no_rule(self, dataset: str, at: int) -> dict[str, Any]:
        """The way of a variable that no rule derives in a record."""
        source = self.built.block_source(dataset, at)
        return {"rule": f"No rule derives it in records of {source}.", "place": "", "cells": []}

    def value(self, dataset: str, at: int, use: RuleUse, depth: int) -> dict[str, Any]:
        """The rule, and the cells that it read, through datasets down to raw files."""
        rows = self.built.rows(dataset)
        item = int(rows["item"].iat[at]) if "item" in rows.columns else -1
        reads = [r for r in use.reads if r.item in (-1, item)]
        out: dict[str, Any] = {"rule": use.sentence, "place": str(use.place or ""), "cells": []}
        if use.through:
            out["through"] = [self._step(dataset, at, name) for name in use.through]
        if depth < DEPTH:
            out["cells"] = [c for r in reads for c in self._read(dataset, at, r, depth)]
        if use.reads and not reads:
            out["cells"] = [{"source": dataset, "note": "the rule names no column for the item of this record"}]
        out["cells"] += self._coding(dataset, at, use.variable)
        if use.choice is not None:
            out |= self._candidates(dataset, at, use.choice)
        return out

    def _coding(self, dataset: str, at: int, variable: str) -> list[dict[str, Any]]:
        """The row of a coding file and the entry of a dictionary that coded a value."""
        rows, node = self.built.rows(dataset), coding_node(variable)
        if node not in rows.columns or int(rows[node].iat[at]) < 0:
            return []
        table = self.built.stored.index["datasets"][dataset]["tables"][node]
        found = self.built.stored.coding(table, int(rows[node].iat[at]))
        if found is None:
            return []
        texts = [("codes the term", found["coding"]), ("is the entry", found["entry"])]
        note = ", ".join(f"{place} {what}" for what, place in texts if place)
        return [{"source": found["name"], "coding": found["coding"], "entry": found["entry"], "note": note}]

    def decision(self, dataset: str, at: int) -> dict[str, Any]:
        """The decision of the step that built a record, which runs again for its subject. {} for other records."""
        step = self.built.step(dataset, at)
        if step is None:
            return {}

        def stored(name: str) -> pd.DataFrame:
            found = self.built.records(name)
            if found is None:
                raise InputError(f"{self.built.out} has no copy of {name}")
            return found

        return {"decision": explain(step, dataset, self.built.frame(dataset), at, stored)}

    def _step(self, dataset: str, at: int, name: str) -> dict[str, Any]:
        """The rule of a further column of the block; the cells that it read are among those of the variable."""
        use = self.built.column_rule(dataset, at, name)
        if use is None:
            return {"column": name, "rule": "", "place": "", "cells": []}
        out: dict[str, Any] = {"column": name, "rule": use.sentence, "place": str(use.place or ""), "cells": []}
        if use.through:
            out["through"] = [self._step(dataset, at, n) for n in use.through]
        return out | (self._candidates(dataset, at, use.choice) if use.choice is not None else {})

    def _candidates(self, dataset: str, at: int, choice: Choice) -> dict[str, Any]:
        """Every row that the rule could have chosen; none without the table or the key."""
        raw = self.built.source(choice.table) is not None
        table = self.built.raw(choice.table) if raw else self.built.records(choice.table)
        if table is None:
            return {"candidates": [], "more": 0}
        if raw:  # the file may have a column USUBJID, which is not the subject of the row
            of_file = {f"{choice.table}.{n}": table[n] for n in IDENTITY_COLUMNS if n in table.columns}
            unnamed = table.drop(columns="USUBJID", errors="ignore") if SUBJECT_ID in table.columns else table
            table = unnamed.assign(**of_file).rename(columns={SUBJECT_ID: "USUBJID"})
        compared = [choice.column, *(n.lstrip("-") for n in choice.order)]
        if any(n and n not in table.columns for n in compared):
            return {"candidates": [], "more": 0}  # a qualifier, which the dataset itself does not have
        rows = self.built.rows(dataset)
        picked = int(rows[choice.node].iat[at]) if choice.node in rows.columns else -1
        frame, key = self.built.frame(dataset), {}
        for name, theirs in choice.keys:
            if theirs not in table.columns or not (picked >= 0 or name in frame.columns):
                return {"candidates": [], "more": 0}  # the key is a raw column of the record, and no row won
            column, row = (table[theirs], picked) if picked >= 0 else (frame[name], at)
            key[theirs] = _text(column.iat[row]).strip()

        def place(position: int) -> dict[str, Any]:
            if self.built.existing.has(choice.table):
                return self.built.existing.place(choice.table, position, choice.column)
            if not raw:
                return {"source": choice.table, "record": position + 1, "column": choice.column}
            if not choice.column:
                return self.built.raw_place(choice.table, position) | {"column": ""}
            return {k: v for k, v in self._raw_cells(choice.table, position, choice.column)[0].items() if k != "cell"}

        def elsewhere(name: str) -> pd.Series | None:
            prefix, _, column = name.partition(".")
            there = self.built.existing.has(prefix) or prefix in self.built.stored.index["datasets"]
            if not there or "USUBJID" not in table.columns:
                return None
            other = self.built.records(prefix)
            if other is None or column not in other.columns or "USUBJID" not in other.columns:
                return None
            return col.take(other[column], verbs.match_rows([table["USUBJID"]], [other["USUBJID"]]).right)

        ranks = self.built.stored.order(choice.table) if raw else None
        among = self.built.rows(choice.table)["block"].to_numpy() < choice.before if choice.before >= 0 else None
        return candidates_json(candidates(choice, table, key, picked, elsewhere, ranks=ranks, among=among), place)

    def _read(self, dataset: str, at: int, reading: Reading, depth: int) -> list[dict[str, Any]]:
        """The cell that a rule read for a record."""
        table, column = reading.table, reading.column
        if reading.node == SPEC:
            return [{"source": table or "specification", "note": f"the specification has {column}"}]
        if reading.node == STUDY:
            return [{"source": table or "specification", "note": column}]
        if reading.node == SAME_RECORD:
            return [self._cell(dataset, at, column, depth)]
        raw = self.built.source(table) is not None
        if self.built.existing.is_absent(table):
            return [{"source": table, "note": f"{table} is not in the existing SDTM, so there is no {column}"}]
        if reading.node == SUBJECT:
            frame = self.built.frame(dataset)
            subject = frame["USUBJID"].iat[at] if "USUBJID" in frame else ""
            records = self.built.records(table)
            if records is None:
                return [{"source": table, "note": f"{column} of the subject's record"}]
            found = np.flatnonzero((records["USUBJID"] == subject).to_numpy())
            return (
                [self._cell(table, int(found[0]), column, depth)]
                if len(found)
                else [{"source": table, "note": f"the subject has no record there, so there is no {column}"}]
            )
        rows = self.built.rows(dataset)
        position = int(rows[reading.node].iat[at]) if reading.node in rows.columns else -1
        if position < 0:
            return [{"source": table, "note": f"no row was found for {column}"}]
        return self._raw_cells(table, position, column) if raw else [self._cell(table, position, column, depth)]

    def _cell(self, dataset: str, at: int, name: str, depth: int) -> dict[str, Any]:
        """A value of a dataset, with its way back."""
        if self.built.existing.has(dataset):
            return self.built.existing.cell(dataset, at, name)
        cell: dict[str, Any] = {"source": dataset, "record": at + 1, "column": name}
        frame = self.built.frame(dataset)
        if at >= len(frame):
            return cell
        if name in frame.columns:
            cell["cell"] = _text(frame[name].iat[at])
        use = self.built.rule(dataset, at, name)  # a qualifier or working variable is no column of the dataset
        return cell | {"from": self.value(dataset, at, use, depth + 1) if use else self.no_rule(dataset, at)}

    def _raw_cells(self, source: str, position: int, column: str) -> list[dict[str, Any]]:
        """The verbatim cell; for a derived identifier the cells that it is derived from."""
        raw, place = self.built.raw(source), self.built.raw_place(source, position)
        if raw is None:
            return [place | {"column": column}]
        about = self.built.stored.index["sources"][source]
        column = about.get("parts", {}).get(column, column)  # the whole cell
        if column in raw.columns:
            return [place | {"column": column, "cell": str(raw[column].iat[position])}]
        names = [c for c in about["identity"] if c in raw.columns]
        cells = [place | {"column": c, "cell": str(raw[c].iat[position])} for c in names]
        return cells + (
            self._continued(source, position) if column in ("USUBJID", identity_column_name("USUBJID")) else []
        )

    def _continued(self, source: str, position: int) -> list[dict[str, Any]]:
        """The enrolments that lead from the subject of a row to the first one: after a transfer or re-screening.

        The build joined them; the raw copy in the lineage has, for each enrolment, the one that it continues.
        """
        index = self.built.stored.index
        spec = index.get("continues", {})
        raw, enrolled = self.built.raw(source), self.built.raw(spec["source"]) if spec else None
        if raw is None or enrolled is None or ENROLLED not in raw.columns or CONTINUES not in enrolled.columns:
            return []
        before = spec["columns"]
        columns = [c for c in index["sources"][spec["source"]]["identity"] if c not in before]
        subject, continues = (enrolled[name].astype(str).to_numpy() for name in (ENROLLED, CONTINUES))
        cells: list[dict[str, Any]] = []
        of = str(raw[ENROLLED].iat[position])
        while len(rows := np.flatnonzero((subject == of) & (continues != ""))):  # no chain returns: R2A-CONT-006
            at, of = int(rows[0]), str(continues[rows[0]])
            place = self.built.raw_place(spec["source"], at)
            cells += [place | {"column": c, "cell": str(enrolled[c].iat[at])} for c in (*columns, *before)]
        return cells
