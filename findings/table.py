"""Findings: one columnar table of everything that a run reports about the data.

Every floor adds to it; nothing is formatted until it is printed. The printed forms (JSON, HTML, xlsx) live in
validation/. A finding is about a value or a record; a mistake in a spec is a SpecProblem (errors.py).
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from .catalogue import rule_of, superseded
from .identity import READ, identities
from .order import order_of
from .review import REVIEWED, Review, report_entries

#: column -> pandas dtype of what ``add`` takes. sequence, row: -1 where not applicable.
ADDED: dict[str, str] = {
    "rule": "object",
    "severity": "object",
    "dataset": "object",
    "subject": "object",
    "sequence": "int64",
    "variable": "object",
    "value": "object",
    "message": "object",
    "source": "object",
    "file": "object",
    "row": "int64",
    "column": "object",
    "keys": "object",
}
#: column -> pandas dtype of the table, in printed order
COLUMNS: dict[str, str] = {**ADDED, "id": "object", "follows": "object", **REVIEWED}


class CellTarget(NamedTuple):
    """The cells of a raw column, and the variable that reads them; dataset and variable '' for any."""

    source: str
    column: str
    dataset: str = ""
    variable: str = ""


class Findings:
    """An append-only table of findings. ``add`` takes scalars or equally long arrays; scalars are repeated."""

    def __init__(self) -> None:
        self._batches: list[dict[str, Any]] = []
        self._table: pd.DataFrame | None = None  # the frame, until a finding changes
        self._review: Review | None = None
        self._next = 0  # the number of the next finding

    def add(
        self,
        rule: str,
        message: Any,
        *,
        severity: str = "",
        dataset: Any = "",
        subject: Any = "",
        sequence: Any = -1,
        variable: Any = "",
        value: Any = "",
        source: Any = "",
        file: Any = "",
        row: Any = -1,
        column: Any = "",
        keys: Any = "",
        value_stays: bool = False,
        occurrence: Any = -1,
        follows: Any = -1,
    ) -> int:
        """Add one finding, or one per element where any argument is an array; the number of the first one.

        ``rule`` is an id of the catalogue, ``severity`` one of its severities, needed where it has several.
        ``source`` is the source whose table has the cell: a cell is known
        by source, row and column, since two sources may read one file, or files of one name. ``file`` is its path in
        the raw folder, ``row`` the data record number in it, from 1. ``keys``: the natural keys of the record as
        ``NAME=value`` joined with ``; ``, without sequence numbers (sdtm/natural_keys.py). ``value_stays``:
        the value stays as it is, so the finding never explains that a variable lacks it. ``occurrence``: in a dataset
        without a sequence number, the number of the record among those of its subject, from 1. ``follows``: the number
        of the finding that is the cause of this one, -1 for none.
        Raises ValueError when arrays differ in length, the rule is unknown, or the severity is none of the rule's.
        """
        severity = rule_of(rule).severity(severity)
        columns: dict[str, Any] = dict(  # noqa: C408 - names without quotes stay readable
            rule=rule, severity=severity, dataset=dataset, subject=subject, sequence=sequence, variable=variable,
            value=value, message=message, source=source, file=file, row=row, column=column,
            keys=keys,
        )  # fmt: skip
        arrays = {k: np.asarray(v, dtype=ADDED[k]) for k, v in columns.items() if _is_array(v)}
        lengths = {len(a) for a in arrays.values()}
        if len(lengths) > 1:
            raise ValueError(f"finding columns differ in length: {sorted(lengths)}")
        length = lengths.pop() if lengths else 1
        if length:
            about = {"_n": length, "_value_stays": value_stays, "_occurrence": occurrence, "_follows": follows}
            numbers = np.arange(self._next, self._next + length)
            self._batches.append({**columns, **arrays, **about, "_number": numbers})
            self._table = None
        self._next += length
        return self._next - length

    @property
    def next_number(self) -> int:
        """The number that the next finding will have."""
        return self._next

    @property
    def review(self) -> Review | None:
        """The entries of findings.yaml and the earlier output that the findings are compared with."""
        return self._review

    def reviewed(self, review: Review) -> None:
        """Give each finding its disposition and its state, those that are added later too."""
        self._review = review
        self._table = None

    def report_entries(self) -> None:
        """Report entries of findings.yaml without a finding, and findings that their entry calls fixed in source.

        It comes after all other findings.
        """
        if self._review is not None and self._review.entries:
            report_entries(self._review, self.frame(), lambda rule, text, value: self.add(rule, text, value=value))

    def extend(self, other: Findings, source: str = "") -> None:
        """Append all findings of another table; those that name no source are of ``source``."""
        for b in other._batches:
            named = source if source and isinstance(b["source"], str) and not b["source"] else b["source"]
            follows = np.where(np.asarray(b["_follows"]) < 0, -1, np.asarray(b["_follows"]) + self._next)
            moved = follows if follows.ndim else int(follows)
            self._batches.append({**b, "source": named, "_follows": moved, "_number": b["_number"] + self._next})
        self._next += other._next
        self._table = None

    def drop_repeated(self) -> None:
        """Keep one of the equal findings about a whole dataset or file: several partitions may report it."""
        first: dict[object, dict[str, Any]] = {}
        for number, batch in enumerate(self._batches):
            stated = {k: v for k, v in batch.items() if k != "_number"}
            plain = not any(isinstance(v, np.ndarray) for v in stated.values())
            whole = plain and batch["subject"] == "" and batch["row"] == -1 and batch["sequence"] == -1
            first.setdefault(tuple(stated.items()) if whole else number, batch)
        self._batches = list(first.values())
        self._table = None

    def __len__(self) -> int:
        return sum(b["_n"] for b in self._batches)

    def count(self, severity: str) -> int:
        """How many findings have this severity."""
        return sum(b["_n"] for b in self._batches if b["severity"] == severity)

    def fill(self, places: Callable[[Mapping[str, Any]], Mapping[str, Any]]) -> None:
        """Let ``places`` give source, file, row, column and keys of each batch without a file; {} changes nothing."""
        self._table = None
        for batch in self._batches:
            if isinstance(batch["file"], str) and not batch["file"] and not _is_array(batch["row"]):
                batch.update(places(batch))

    def name_parts(self, parts_of: Mapping[tuple[str, str], str]) -> None:
        """Add the column of the file to the message of a finding about a part of its cells.

        ``parts_of``: (source, part) -> the file's column.
        """
        self._table = None
        for b in self._batches if parts_of else ():
            count = b["_n"]
            cells = [
                b[n] if isinstance(b[n], np.ndarray) else np.full(count, b[n], object) for n in ("source", "column")
            ]
            whole = [parts_of.get((str(s), str(c)), "") for s, c in zip(*cells, strict=True)]
            if any(whole):
                message = b["message"] if isinstance(b["message"], np.ndarray) else np.full(count, b["message"], object)
                messages = [f"{m}; a part of {w}" if w else m for m, w in zip(message, whole, strict=True)]
                b["message"] = np.array(messages, dtype=object)

    def drop_superseded(self, further: Mapping[str, Collection[str]] | None = None) -> None:
        """Remove each finding about a cell that has a finding which supersedes it (FindingRule).

        ``further``: rule -> rules that supersede it in this study, in the order in which they are applied.
        """
        for rule in superseded():
            self._drop((rule.id,), rule.superseded_by)
        for rule_id, by in (further or {}).items():
            self._drop((rule_id,), by)

    def _drop(self, rules: Collection[str], superseding: Collection[str]) -> None:
        """Remove the findings of ``rules`` about a cell that a finding of ``superseding`` names as well."""
        at: dict[tuple[str, str], set[int]] = {}
        for source, column, row in self.cells(superseding):
            at.setdefault((source, column), set()).add(row)
        remaining = []
        for batch in self._batches:
            again = _again(batch, at) if batch["rule"] in rules else np.zeros(1, dtype=bool)
            if again.any():
                arrays = {k: v[~again] for k, v in batch.items() if isinstance(v, np.ndarray)}
                batch = {**batch, **arrays, "_n": int((~again).sum())}
            if batch["_n"]:
                remaining.append(batch)
        self._batches = remaining
        self._table = None

    def fold_not_collected(self, reasons: Mapping[tuple[str, str], str], rules: Collection[str] = ()) -> None:
        """Replace what is reported about missing values of variables that are not collected by one note for each.

        ``reasons``: (dataset, variable) -> why the study does not collect it; the note has it as its value.
        ``rules``: only their findings, and no note for a variable without any; by default all about a missing value.
        """
        folded = dict.fromkeys(reasons, 0)
        remaining = []
        for batch in self._batches if reasons else ():
            gone = np.zeros(1, dtype=bool)
            if not rules or batch["rule"] in rules:
                gone = _about_missing(batch, folded)
            if gone.any():
                arrays = {k: v[~gone] for k, v in batch.items() if isinstance(v, np.ndarray)}
                batch = {**batch, **arrays, "_n": int((~gone).sum())}
            if batch["_n"]:
                remaining.append(batch)
        if reasons:
            self._batches, self._table = remaining, None
        for (dataset, variable), number in folded.items():
            if number or not rules:
                text = f"not collected in this study; findings about its missing values: {number}"
                self.add("R2A-SPEC-004", text, dataset=dataset, variable=variable, value=reasons[dataset, variable])

    def cells(self, rules: Collection[str]) -> Iterator[tuple[str, str, int]]:
        """(source, column, row) of every finding of these rules that names a row of a source."""
        for b in self._batches:
            if b["rule"] in rules:
                names = ("source", "column", "row")
                parts = [b[n] if isinstance(b[n], np.ndarray) else [b[n]] * b["_n"] for n in names]
                yield from ((str(s), str(c), int(r)) for s, c, r in zip(*parts, strict=True) if s and r >= 0)

    def reported_cells(self, rules: Collection[str], *, by_variable: bool) -> dict[CellTarget, np.ndarray]:
        """The data records (from 1, sorted) whose cell a finding of ``rules`` names.

        By source, column, dataset and variable; without ``by_variable`` the last two are '': the finding is about the
        cell, for every variable that reads it. A finding whose value stays names none.
        """
        parts: dict[CellTarget, list[np.ndarray]] = {}
        for b in (b for b in self._batches if b["rule"] in rules and not b["_value_stays"]):
            row = b["row"] if isinstance(b["row"], np.ndarray) else np.full(b["_n"], b["row"], dtype="int64")
            fields = ("source", "column", *(("dataset", "variable") if by_variable else ()))
            names = [b[n] if isinstance(b[n], np.ndarray) else np.full(1, b[n], dtype=object) for n in fields]
            choices = [dict.fromkeys(map(str, n.tolist())) for n in names]
            for key in itertools.product(*choices):
                if not (key[0] and key[1]):
                    continue
                here = row >= 0
                for name, text in zip(names, key, strict=True):
                    here = here & (name == text)
                if here.any():
                    parts.setdefault(CellTarget(*key), []).append(row[here])
        return {key: np.unique(np.concatenate(found)) for key, found in parts.items()}

    def frame(self) -> pd.DataFrame:
        """The whole table, always in the same order: by severity, rule, dataset, file, row, subject.

        ``id`` is the identity of each finding (identity.py), ``follows`` that of its cause, '' for a cause.
        ``disposition``, ``explanation`` and ``state`` are '' and ``entry`` is -1 without a review (review.py).
        """
        if self._table is None:
            self._table = self._sorted()
        return self._table.copy(deep=False)

    def _sorted(self) -> pd.DataFrame:
        if not self._batches:
            return _no_findings().copy(deep=False)
        data = {}
        for name, dtype in ADDED.items():
            parts = [
                b[name] if isinstance(b[name], np.ndarray) else np.full(b["_n"], b[name], dtype=dtype)
                for b in self._batches
            ]
            data[name] = np.concatenate(parts)
        order = order_of(data)
        data = {name: values[order] for name, values in data.items()}
        data["id"] = identities({name: data[name] for name in READ})
        data["follows"] = self._causes(data["id"], order)
        return pd.DataFrame({**data, **(self._review or Review()).columns(data)})

    def _causes(self, ids: np.ndarray, order: np.ndarray) -> np.ndarray:
        """For each finding of the sorted table the identity of its cause, '' for none."""
        numbers = np.concatenate([b["_number"] for b in self._batches])[order]
        follows = np.concatenate([np.broadcast_to(b["_follows"], b["_n"]) for b in self._batches])[order]
        found = np.full(len(ids), "", dtype=object)
        at = np.flatnonzero(follows >= 0)
        if len(at):
            of_number = np.full(self._next + 1, "", dtype=object)
            of_number[numbers] = ids
            found[at] = of_number[follows[at]]
        return found


@cache
def _no_findings() -> pd.DataFrame:
    return pd.DataFrame({k: pd.Series(dtype=t) for k, t in COLUMNS.items()})


def _about_missing(batch: Mapping[str, Any], folded: dict[tuple[str, str], int]) -> np.ndarray:
    """Where a finding of a batch is about a missing value of a variable of ``folded``, whose counts grow."""
    dataset, variable, value = (
        np.broadcast_to(np.asarray(batch[n], object), batch["_n"]) for n in ("dataset", "variable", "value")
    )
    gone = np.zeros(batch["_n"], dtype=bool)
    for (of, name), number in folded.items():
        here = (dataset == of) & (variable == name) & (value == "")
        folded[of, name] = number + int(here.sum())
        gone |= here
    return gone


def _again(batch: Mapping[str, Any], at: Mapping[tuple[str, str], Collection[int]]) -> np.ndarray:
    """Where a finding of a batch names a cell of ``at``: (source, column) -> rows."""
    source, column, row = (np.broadcast_to(np.asarray(batch[n]), batch["_n"]) for n in ("source", "column", "row"))
    again = np.zeros(batch["_n"], dtype=bool)
    for (name, label), rows in at.items():
        here = (source == name) & (column == label) & bool(label)
        if here.any():
            again |= here & np.isin(row, np.fromiter(sorted(rows), "int64", len(rows)))
    return again


def _is_array(value: Any) -> bool:
    return isinstance(value, (np.ndarray, pd.Series, pd.Index, list, tuple)) or (
        isinstance(value, Iterable) and not isinstance(value, (str, bytes))
    )
