"""Traces values of a built folder back to the rule, the raw file, row, column and verbatim cell.

Not for making lineage (engine/): this reads what a build left under OUT/lineage.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from .candidates import candidates, candidates_json
from .engine import columns as col
from .engine import kernels, verbs
from .engine.dataset import OWN, SUBJECT, Choice, Reading, RuleUse
from .engine.lineage_files import LINE, RECORD, SUBJECT_ID, StoredLineage
from .errors import InputError, UsageError, nearest
from .mappings.expression import ExpressionError, parse

DEPTH = 8
#: candidates with one outcome that the text shows; --format json has more
ALIKE = 3


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
    rules = store.rules(dataset)
    rows = store.rows(dataset)
    if len(rows) != len(frame):
        raise InputError(
            f"{out}: {dataset} has {len(frame)} records and a lineage of {len(rows)}; they are not of one build, so "
            "run raw2adam verify, and build again"
        )
    records = []
    for at in positions[:limit].tolist():
        block = int(rows["block"].iat[at])
        values = []
        for name in frame.columns:
            made = frame["QNAM"].iat[at] if name == "QVAL" and "QNAM" in frame.columns else name
            use = next((u for u in rules if u.variable == made and u.block in (block, -1)), None)
            value = frame[name].iat[at]
            text = value if isinstance(value, str) else col.number_text(float(value))
            values.append({"variable": name, "value": text, **store.way(dataset, at, use, 0)})
        records.append(
            {"dataset": dataset, "record": at + 1, "of": len(frame), "found": len(positions), "values": values}
        )
    return records


def _holds(frame: pd.DataFrame, where: str) -> np.ndarray:
    try:
        expression = parse(where)
    except ExpressionError as error:
        raise UsageError(f"--where, character {error.offset + 1}: {error.message}") from None
    types = {str(c): "number" if col.is_number(frame[c]) else "text" for c in frame.columns}
    for problem in expression.check(types)[1]:
        if problem.severity == "error":
            raise UsageError(f"--where, character {problem.offset + 1}: {problem.message} {problem.hint}".strip())
    return kernels.condition(expression, lambda name: frame[name], len(frame))


class _Folder:
    """A built folder: datasets and lineage, each read once."""

    def __init__(self, out: Path, raw: Path | None):
        self.out, self.raw_folder = out, raw
        self.stored = StoredLineage.open(out)
        self._frames: dict[str, pd.DataFrame] = {}
        self._rows: dict[str, pd.DataFrame] = {}
        self._rules: dict[str, list[RuleUse]] = {}
        self._raw: dict[str, pd.DataFrame | None] = {}

    def frame(self, dataset: str) -> pd.DataFrame:
        if dataset not in self._frames:
            import pyreadstat

            paths = [self.out / kind / f"{dataset.lower()}.xpt" for kind in ("sdtm", "adam")]
            path = next((p for p in paths if p.is_file()), None)
            if path is None:
                there = sorted(p.stem.upper() for kind in ("sdtm", "adam") for p in (self.out / kind).glob("*.xpt"))
                hint = nearest(dataset, there)
                raise InputError(
                    f"{self.out} has no dataset {dataset}; there is {', '.join(there)}" + (f" ({hint})" if hint else "")
                )
            try:
                data = pd.DataFrame(pyreadstat.read_xport(str(path), disable_datetime_conversion=True)[0])
            except (pyreadstat.ReadstatError, pyreadstat.PyreadstatError) as error:
                raise InputError(f"{path}: damaged ({error}); run raw2adam verify, and build again") from None
            texts = {
                c: col.text_column(data[c].fillna("").astype(str).to_numpy(object))
                for c in data
                if data[c].dtype.kind not in "fi"
            }
            self._frames[dataset] = data.assign(**texts)
        return self._frames[dataset]

    def rows(self, dataset: str) -> pd.DataFrame:
        if dataset not in self._rows:
            self._rows[dataset] = self.stored.rows(dataset)
        return self._rows[dataset]

    def rules(self, dataset: str) -> list[RuleUse]:
        if dataset not in self._rules:
            self._rules[dataset] = self.stored.rules(dataset)
        return self._rules[dataset]

    def way(self, dataset: str, at: int, use: RuleUse | None, depth: int) -> dict[str, Any]:
        """Rule, and the cells read, followed through datasets down to raw files."""
        if use is None:
            return {"rule": "", "place": "", "cells": []}
        out: dict[str, Any] = {"rule": use.sentence, "place": str(use.place or ""), "cells": []}
        if depth < DEPTH:
            out["cells"] = [c for r in use.reads for c in self._read(dataset, at, r, depth)]
        if use.choice is not None:
            out |= self._candidates(dataset, at, use.variable, use.choice)
        return out

    def _candidates(self, dataset: str, at: int, variable: str, choice: Choice) -> dict[str, Any]:
        """Every row that the value could have come from, where the table and the key are at hand."""
        raw = choice.table in self.stored.index["sources"]
        table = self._raw_frame(choice.table) if raw else self.frame(choice.table)
        if table is None:
            return {"candidates": [], "more": 0}
        table = table.rename(columns={SUBJECT_ID: "USUBJID"}) if raw else table
        rows, node = self.rows(dataset), f"row:{variable}"
        picked = int(rows[node].iat[at]) if node in rows.columns else -1
        own, key = self.frame(dataset), {}
        for mine, theirs in choice.keys:
            if theirs not in table.columns or not (picked >= 0 or mine in own.columns):
                return {"candidates": [], "more": 0}  # the key is a raw column of the record, and no row won
            column, row = (table[theirs], picked) if picked >= 0 else (own[mine], at)
            value = column.iat[row]
            key[theirs] = value.strip() if isinstance(value, str) else col.number_text(float(value))

        def place(position: int) -> dict[str, Any]:
            if not raw:
                return {"source": choice.table, "record": position + 1, "column": choice.column}
            return {k: v for k, v in self._raw_cells(choice.table, position, choice.column)[0].items() if k != "cell"}

        def elsewhere(name: str) -> pd.Series | None:
            prefix, _, column = name.partition(".")
            if prefix not in self.stored.index["datasets"] or "USUBJID" not in table.columns:
                return None
            other = self.frame(prefix)
            if column not in other.columns or "USUBJID" not in other.columns:
                return None
            return col.take(other[column], verbs.match_rows([table["USUBJID"]], [other["USUBJID"]]).right)

        return candidates_json(candidates(choice, table, key, picked, elsewhere), place)

    def _raw_frame(self, source: str) -> pd.DataFrame | None:
        if source not in self._raw:
            self._raw[source] = self.stored.raw(source, self.raw_folder)
        return self._raw[source]

    def _read(self, dataset: str, at: int, reading: Reading, depth: int) -> list[dict[str, Any]]:
        """The cell that one reading of a record saw."""
        table, column = reading.table, reading.column
        if reading.node == OWN:
            return [self._cell(dataset, at, column, depth)]
        raw = table in self.stored.index["sources"]
        if reading.node == SUBJECT:
            if raw:
                return [{"source": table, "note": f"{column} of the subject"}]
            subject = self.frame(dataset)["USUBJID"].iat[at] if "USUBJID" in self.frame(dataset) else ""
            found = np.flatnonzero((self.frame(table)["USUBJID"] == subject).to_numpy())
            return (
                [self._cell(table, int(found[0]), column, depth)]
                if len(found)
                else [{"source": table, "note": "no row was found"}]
            )
        rows = self.rows(dataset)
        position = int(rows[reading.node].iat[at]) if reading.node in rows.columns else -1
        if position < 0:
            return [{"source": table, "note": f"no row was found for {column}"}]
        return self._raw_cells(table, position, column) if raw else [self._cell(table, position, column, depth)]

    def _cell(self, dataset: str, at: int, name: str, depth: int) -> dict[str, Any]:
        """A value of a dataset, with its own way back."""
        cell: dict[str, Any] = {"source": dataset, "record": at + 1, "column": name}
        frame = self.frame(dataset)
        if name in frame.columns and at < len(frame):
            value = frame[name].iat[at]
            cell["cell"] = value if isinstance(value, str) else col.number_text(float(value))
            block = int(self.rows(dataset)["block"].iat[at])
            use = next((u for u in self.rules(dataset) if u.variable == name and u.block in (block, -1)), None)
            cell |= {"from": self.way(dataset, at, use, depth + 1)}
        return cell

    def _raw_cells(self, source: str, position: int, column: str) -> list[dict[str, Any]]:
        """The verbatim cell; for a made identifier the cells that tell it."""
        about = self.stored.index["sources"][source]
        raw = self._raw_frame(source)
        if raw is None:
            return [{"source": source, "file": about["file"], "row": position + 1, "column": column}]
        place = {
            "source": source,
            "file": about["file"],
            "row": int(raw[RECORD].iat[position]),
            "line": int(raw[LINE].iat[position]),
        }
        names = [column] if column in raw.columns else [c for c in about["identity"] if c in raw.columns]
        return [{**place, "column": c, "cell": str(raw[c].iat[position])} for c in names]


def trace_text(records: list[dict[str, Any]]) -> str:
    """The trace for people: a block per record, a line per variable, the cells below it."""
    if not records:
        return "no record where this holds"
    lines = []
    for record in records:
        lines.append(f"{record['dataset']} record {record['record']} of {record['of']} ({record['found']} match)")
        for v in record["values"]:
            lines.append(
                f"  {v['variable']:8} {v['value']!r:32} {v['rule']}" + (f"  [{v['place']}]" if v["place"] else "")
            )
            lines += _cell_lines(v["cells"], "           <- ")
            lines += _candidate_lines(v, "           ")
    return "\n".join(lines)


def _cell_lines(cells: list[dict[str, Any]], lead: str) -> list[str]:
    lines = []
    for c in cells:
        if "file" in c:
            text = f"{c['file']} row {c['row']}" + (f" (line {c['line']})" if c.get("line") else "") + f" {c['column']}"
        elif "note" in c:
            text = f"{c['source']}: {c['note']}"
        else:
            text = f"{c['source']} record {c.get('record', '?')} {c.get('column', '')}"
        lines.append(lead + text + (f" = {c['cell']!r}" if "cell" in c else ""))
        lines += _cell_lines(c.get("from", {}).get("cells", []), "   " + lead)
    return lines


def _candidate_lines(value: dict[str, Any], lead: str) -> list[str]:
    found = value.get("candidates", [])
    if len(found) < 2 and not any(c["outcome"] != "chosen" for c in found):
        return []  # the one row there was
    lines = [f"{lead}candidates, {len(found) + value['more']} with the key:"]
    alike: dict[str, list[dict[str, Any]]] = {}
    for c in found:
        alike.setdefault(c["outcome"], []).append(c)
    for outcome, those in alike.items():
        for c in those[:ALIKE]:
            where = f"{c['file']} row {c['row']}" if "file" in c else f"{c['source']} record {c['record']}"
            ranked = ", ".join(f"{n} {t!r}" for n, t in c["order"].items() if n != c["column"])
            lines.append(
                f"{lead}  {outcome}: {where} {c['column']} = {c['value']!r}" + (f" ({ranked})" if ranked else "")
            )
        if len(those) > ALIKE:
            lines.append(f"{lead}  and {len(those) - ALIKE} more: {outcome}")
    if value["more"]:
        lines.append(f"{lead}  and {value['more']} more that are not listed")
    return lines
