"""Partitions: plan -> build(partition) -> Summary; merge(Summaries) -> settled specs. Mostly there is one.

A partition is a contiguous range of sorted USUBJID. A Summary carries what crosses subjects, so that the bytes written
do not depend on how many partitions there were. Not for writing: runs/from_raw.py.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

import numpy as np
import pandas as pd

from ...sources.table import RawTable
from ..accounts.cells import SourceCells
from ..accounts.ledger import Ledger, SourceAccount
from ..accounts.outcomes import QuarantineReason, RowOutcome
from ..columns import column as col
from ..columns import verbs
from ..standard import tabulation
from ..tables.dataset import Dataset, DatasetMetadata, Finished, Lineage, ValueLevel, VariableMetadata
from ..tables.existing import ExistingDataset
from ..tables.table import ExistingDatasetTable, RawSlice, Table

#: distinct values of a variable with a codelist that a summary keeps; more are not a codelist's
MANY_TERMS = 10_000


@dataclass
class Summary:
    """What a partition tells about its datasets, by dataset and variable."""

    records: dict[str, int] = field(default_factory=dict)
    widths: dict[tuple[str, str], int] = field(default_factory=dict)  # longest text in bytes
    terms: dict[tuple[str, str], frozenset[str]] = field(default_factory=dict)
    #: most digits after the point, 0 for whole numbers
    fractions: dict[tuple[str, str], int] = field(default_factory=dict)
    #: further variables that the longest text took: COVAL1, COVAL2 ...
    further: dict[tuple[str, str], int] = field(default_factory=dict)
    gaps: set[tuple[str, str]] = field(default_factory=set)  # variables that a record has no value of
    filled: set[tuple[str, str]] = field(default_factory=set)  # variables, and qualifiers of their domain, with a value
    #: this partition's part of what all subjects decide together: (rule, first | last | count) -> text
    study_values: dict[tuple[str, str], str] = field(default_factory=dict)


def summarise(finished: Mapping[str, Finished]) -> Summary:
    """The summary of one partition; what splitting texts and the trial summary tell is put in by the caller."""
    out, standard = Summary(), tabulation()
    for name, done in finished.items():
        dataset = done.dataset
        out.records[name] = len(dataset)
        for v in dataset.metadata.variables:
            key = (name, v.name)
            column = dataset.frame[v.name]
            if v.is_numeric:
                values = column.to_numpy()
                filled = values[~np.isnan(values)]
                gap, some = len(filled) < len(values), bool(len(filled))
                unique = np.unique(filled)
                texts = [
                    _plain(x)
                    for x in (unique if len(unique) < MANY_TERMS or v.codelist else _deciding(unique)).tolist()
                ]
                out.fractions[key] = max((len(t.partition(".")[2]) for t in texts), default=0)
            else:
                codes, texts = col.split_text(column)
                occurs = np.flatnonzero(np.bincount(codes, minlength=len(texts)))
                texts = [t for t in map(str, texts[occurs]) if t]
                gap, some = len(texts) < len(occurs), bool(texts)
                out.widths[key] = max((len(t.encode()) for t in texts), default=0)
            if v.codelist is not None or v.name == standard.qualifier:
                out.terms[key] = frozenset(texts)
            if gap:
                out.gaps.add(key)
            if some:
                out.filled.add(key)
            if v.name == standard.qualifier:
                out.filled |= {(standard.qualified(name), t) for t in texts}
    return out


def _plain(x: float) -> str:
    text = col.number_text(x)
    return f"{Decimal(text):f}" if "e" in text else text  # 1e-08 has eight digits after the point


def _deciding(unique: np.ndarray) -> np.ndarray:
    """The numbers that decide digits among many: those with a fraction, and the extremes."""
    odd = unique[unique != np.trunc(unique)]
    return np.concatenate([unique[:1], unique[-1:], odd])


def merge(summaries: Sequence[Summary]) -> Summary:
    """The summary of the study; the order and number of partitions do not matter."""
    out = Summary()
    for s in summaries:
        for name, n in s.records.items():
            out.records[name] = out.records.get(name, 0) + n
        for key, text in s.study_values.items():
            out.study_values[key] = _together(key[1], out.study_values.get(key, ""), text)
        for mine, theirs in ((out.widths, s.widths), (out.fractions, s.fractions), (out.further, s.further)):
            for key, value in theirs.items():
                mine[key] = max(mine.get(key, 0), value)
        out.gaps |= s.gaps
        out.filled |= s.filled
        for key, value in s.terms.items():
            out.terms[key] = out.terms.get(key, frozenset()) | value
    # only here, over all partitions: a study in one partition and in many must leave out the same
    out.terms = {key: value for key, value in out.terms.items() if len(value) < MANY_TERMS}
    return out


def with_dataset(summary: Summary, dataset: Dataset) -> Summary:
    """The summary with what it tells about one dataset told anew, of all its records."""
    own = summarise({dataset.name: Finished(dataset, np.arange(len(dataset)))})
    return replace(
        summary,
        records={**summary.records, **own.records},
        widths={**summary.widths, **own.widths},
        terms={**summary.terms, **own.terms},
        fractions={**summary.fractions, **own.fractions},
        gaps={key for key in summary.gaps if key[0] != dataset.name} | own.gaps,
        filled={key for key in summary.filled if key[0] != dataset.name} | own.filled,
    )


def _together(what: str, one: str, other: str) -> str:
    """Two parts of a value that all subjects decide: the first or last of the texts, or the sum of the counts."""
    if what == "count":
        return str(int(one or "0") + int(other or "0"))
    filled = [t for t in (one, other) if t]
    return (min(filled) if what == "first" else max(filled)) if filled else ""


def settle(specs: Mapping[str, DatasetMetadata], summary: Summary) -> dict[str, DatasetMetadata]:
    """Specs with final lengths and number types.

    A text variable is as long as its longest value in any dataset that has it, as the agencies ask, but for those that
    the standard excepts; a number is an integer when no value has a fraction. ``gaps`` is what was seen.
    """
    longest: dict[tuple[str, str], int] = {}
    for (dataset, name), width in summary.widths.items():
        if dataset in specs:
            longest[_pool(specs[dataset], name)] = max(longest.get(_pool(specs[dataset], name), 0), width)
    out = {}
    for name, spec in specs.items():
        variables = tuple(_settled(spec, v, summary, longest) for v in spec.variables)
        values = tuple(v for v in spec.values if _occurs(name, v, summary))
        out[name] = replace(spec, variables=variables, values=values)
    return out


def _occurs(name: str, value: ValueLevel, summary: Summary) -> bool:
    """Whether a qualifier that value-level metadata are about has values; any other definition stays."""
    qualifier = tabulation().qualifier
    seen = summary.terms.get((name, qualifier))
    return seen is None or any(t in seen for check in value.where if check.variable == qualifier for t in check.values)


def _pool(spec: DatasetMetadata, name: str) -> tuple[str, str]:
    own = spec.name if tabulation().own_width(spec.name, name) else ""
    return f"{spec.purpose}{own}", name


def _settled(
    spec: DatasetMetadata, v: VariableMetadata, summary: Summary, longest: Mapping[tuple[str, str], int]
) -> VariableMetadata:
    key = (spec.name, v.name)
    v = replace(v, gaps=key in summary.gaps)
    if not v.is_numeric:
        return replace(v, length=max(v.length, longest.get(_pool(spec, v.name), 0), 1))
    after = summary.fractions.get(key, 0)
    if after == 0 and v.digits is None:
        return replace(v, type="integer", length=8)
    digits = v.digits if v.digits is not None else after
    return replace(v, type="float", digits=digits, length=8)


# subjects and slices


@dataclass
class Subjects:
    """All subjects of the study, sorted by code point, and for each source the rank of every row (-1: no subject)."""

    names: list[str]
    ranks: dict[str, np.ndarray]


def subjects_of(identity: Mapping[str, Mapping[str, pd.Series]], given: Mapping[str, ExistingDataset]) -> Subjects:
    """Ranks of the subjects over raw sources and given datasets, of which the records that count."""
    columns = {name: parts["USUBJID"] for name, parts in identity.items() if "USUBJID" in parts}
    columns |= {name: theirs for name, g in given.items() if (theirs := g.subjects()) is not None}
    split = {name: col.split_text(c) for name, c in columns.items()}
    names = sorted({str(t) for _, texts in split.values() for t in texts if t})
    rank = {n: i for i, n in enumerate(names)}
    ranks = {
        name: np.array([rank.get(str(t), -1) for t in texts], dtype="int32")[codes]
        if len(texts)
        else np.zeros(0, "int32")
        for name, (codes, texts) in split.items()
    }
    return Subjects(names, ranks)


def ranges(count: int, partitions: int) -> list[tuple[int, int]]:
    """``partitions`` contiguous ranges over ``count`` subjects; never an empty one, but for no subjects at all."""
    partitions = max(1, min(partitions, count))
    edges = [count * i // partitions for i in range(partitions + 1)]
    return list(itertools.pairwise(edges))


def open_ledger(
    tables: Mapping[str, RawTable],
    identity: Mapping[str, Mapping[str, pd.Series]],
    merging: frozenset[str],
    shared: Mapping[str, np.ndarray] | None = None,
) -> tuple[Ledger, dict[str, np.ndarray]]:
    """A ledger with quarantined rows (no subject) and merged ones (equal in every cell), and the rows left.

    ``shared``: source -> rows whose subject cannot be told from another one (engine/subjects/people.py).

    The positions of the rows left are in the order of all their cells, by the names of the columns. So every derivation
    meets the rows of a source in one order, however they stand in the file; in it, a tie is decided by values.

    See docs/semantics.md S8, S10.
    """
    ledger, left = Ledger(), {}
    for name, raw in tables.items():
        account = SourceAccount.of(name, raw.file, len(raw))
        keep = np.ones(len(raw), dtype=bool)
        if "USUBJID" in identity[name]:
            gone = col.missing(identity[name]["USUBJID"])
            same_usubjid = (shared or {}).get(name, np.zeros(0, "int64"))
            account.mark(same_usubjid, RowOutcome.QUARANTINED, QuarantineReason.SHARED_USUBJID)
            account.mark(np.flatnonzero(gone), RowOutcome.QUARANTINED, QuarantineReason.NO_SUBJECT)
            keep &= ~gone
        if name in merging and len(raw) and len(raw.frame.columns):
            first = verbs.same_as_earlier([raw.frame[c] for c in raw.frame.columns])
            again = keep & (first != np.arange(len(raw)))
            account.mark(np.flatnonzero(again), RowOutcome.MERGED, "equal in every cell to an earlier row")
            keep &= ~again
        ledger.sources[name] = account
        ledger.cells.sources[name] = SourceCells(raw)
        names = sorted(map(str, raw.frame.columns))
        by_value = verbs.value_order([raw.frame[c] for c in names]) if names else np.arange(len(raw))
        left[name] = by_value[keep[by_value]].astype("int32")
    return ledger, left


def slice_tables(
    tables: Mapping[str, RawTable],
    identity: Mapping[str, dict[str, pd.Series]],
    given: Mapping[str, ExistingDataset],
    subjects: Subjects,
    left: Mapping[str, np.ndarray],
    low: int,
    high: int,
    void: Mapping[str, Mapping[str, frozenset[str]]] | None = None,
) -> dict[str, Table]:
    """The tables of a partition: rows of subjects ``low`` to ``high`` (exclusive); all of a table without subjects.

    ``void``: source -> column -> texts that stand for no value.
    """
    out: dict[str, Table] = {}
    everyone = low == 0 and high >= len(subjects.names)
    for name, raw in tables.items():
        ids = left[name]
        if name in subjects.ranks and not everyone:
            rank = subjects.ranks[name][ids]
            ids = ids[(rank >= low) & (rank < high)]
        ids = None if _every(ids, len(raw)) else ids
        out[name] = RawSlice(raw, identity[name], ids, first=low == 0, void=(void or {}).get(name))
    for name, table in given.items():
        rank, ids = subjects.ranks.get(name), table.by_value
        if rank is not None:
            ids = ids[(rank[ids] >= low) & (rank[ids] < high)]
        out[name] = ExistingDatasetTable(table, None if _every(ids, len(table)) else ids, first=low == 0)
    return out


def _every(ids: np.ndarray, n: int) -> bool:
    """Whether these are all ``n`` rows of a table, as they stand."""
    return len(ids) == n and bool((ids == np.arange(n)).all())


def join_lineage(parts: Sequence[Lineage], offsets: Sequence[Mapping[str, int]]) -> Lineage:
    """The lineage of a dataset over partitions: row ids of datasets are moved by the records before the partition."""
    frames = []
    for part, offset in zip(parts, offsets, strict=True):
        rows = part.rows.copy()
        for column in rows.columns:
            if column in ("block", "item"):
                continue
            if column == "row":
                shift = np.array([offset.get(s, 0) for s in part.sources], dtype="int32")[rows["block"].to_numpy()]
            else:
                shift = offset.get(part.tables.get(column, ""), 0)
            ids = rows[column].to_numpy()
            rows[column] = np.where(ids < 0, -1, ids + shift).astype("int32")
        frames.append(rows)
    joined = pd.concat(frames, ignore_index=True).fillna(-1).astype("int32")
    tables = {k: v for p in parts for k, v in p.tables.items()}
    return Lineage(joined, parts[0].rules, parts[0].sources, tables, parts[0].columns, parts[0].steps)
