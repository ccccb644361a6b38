"""The records of the IMWG algorithm: categories, components with baseline and nadir, measurable disease.

Each has the record of SDTM that decided it, and nodes for lineage. Not for their values (response.py, parameters.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from ...engine.columns import column as col
from ...engine.columns import verbs
from ...engine.tables.dataset import Reading
from ...engine.tables.rows import ColumnSources, Rows
from ...mappings.models.record_step import StepColumn
from .components import Component, Source
from .evaluations import Evaluations, value_at
from .results import Results

#: columns of the step; a kind of record without a column has it missing
COLUMNS: dict[str, StepColumn] = {
    "PARAMCD": StepColumn(),
    "PARAM": StepColumn(),
    "PARCAT1": StepColumn(),
    "AVAL": StepColumn("float"),
    "AVALC": StepColumn(),
    "MCRIT1": StepColumn(),
    "MCRIT1ML": StepColumn(),
    "ADT": StepColumn("integer"),
    "VISIT": StepColumn(label="Visit Name"),
    "VISITNUM": StepColumn("float", label="Visit Number"),
    "ABLFL": StepColumn(),
    "BASE": StepColumn("float"),
    "CHG": StepColumn("float"),
    "PCHG": StepColumn("float"),
    "NADIR": StepColumn("float", label="Nadir Before the Record"),
    "NADIRDT": StepColumn("integer", label="Date of Nadir"),
    "CHGNAD": StepColumn("float", label="Change from Nadir"),
    "PCHGNAD": StepColumn("float", label="Percent Change from Nadir"),
    "DTYPE": StepColumn(),
    "IMWGREAS": StepColumn(label="Reason of the Algorithm"),
    "IFEINTFL": StepColumn(label="Possible Drug Interference Flag"),
    "SRCDOM": StepColumn(),
    "SRCVAR": StepColumn(),
    "SRCSEQ": StepColumn("integer"),
}
#: the columns that are read from the result, from the baseline, from the nadir
BY_RESULT = ("AVAL", "AVALC", "MCRIT1ML", "IMWGREAS", "IFEINTFL", "CHG", "PCHG", "CHGNAD", "PCHGNAD", "SRCVAR")
BY_BASE = ("BASE", "CHG", "PCHG", "MCRIT1ML")
#: the criterion of a component; its levels depend on the baseline: no category of AVAL (ADaMIG 1.3, 3.3.5)
CRITERION = "Response level that the component alone supports"
BY_NADIR = ("NADIR", "CHGNAD", "PCHGNAD")


@dataclass(frozen=True)
class Origin:
    """Records of one test from which a kind of record is derived: positions in the table, one per record."""

    test: str
    results: Results
    at: np.ndarray


@dataclass
class Batch:
    """Records of one kind. ``values``: column to one value per record, or one for all.

    ``origins``: role (``""`` result, ``baseline``, ``nadir``) to its origins; ``deciding``: those for SRCDOM, SRCVAR
    and SRCSEQ, the first that has a record. ``judged``: baselines and nadirs are part of the reason of the record, as
    of a category.
    """

    paramcd: str
    subject: np.ndarray
    values: dict[str, np.ndarray | pd.Series | str | float]
    origins: dict[str, list[Origin]] = field(default_factory=dict)
    deciding: list[Origin] = field(default_factory=list)
    judged: bool = False

    def __post_init__(self) -> None:
        n = len(self.subject)
        taken = np.zeros(n, bool)
        domain = np.full(n, "", dtype=object)
        variable, sequence = domain.copy(), np.full(n, np.nan)
        for origin in self.deciding:
            results = origin.results
            use = (origin.at >= 0) & ~taken
            if not use.any() or results.table is None:
                continue
            domain[use], variable[use] = results.table.name, results.column
            if results.number_column:
                numbers = col.to_number(results.table.column(results.number_column))[0]
                sequence[use] = numbers[origin.at[use]]
            taken |= use
        self.values |= {"SRCDOM": domain, "SRCVAR": variable, "SRCSEQ": sequence}

    def take(self, mask: np.ndarray) -> Batch:
        """Only the records where ``mask`` holds."""
        at = np.flatnonzero(mask)

        def cut(value: np.ndarray | pd.Series | str | float) -> np.ndarray | pd.Series | str | float:
            if isinstance(value, pd.Series):
                return col.take(value, at)
            return value[at] if isinstance(value, np.ndarray) else value

        origins = {role: [Origin(o.test, o.results, o.at[at]) for o in of] for role, of in self.origins.items()}
        deciding = [Origin(o.test, o.results, o.at[at]) for o in self.deciding]
        return Batch(
            self.paramcd, self.subject[at], {k: cut(v) for k, v in self.values.items()}, origins, deciding, self.judged
        )


def component_batches(
    paramcd: str, label: str, part: Component, level: np.ndarray | None, evaluations: Evaluations
) -> list[Batch]:
    """The baseline, every later result and the lowest value of each subject, for one component."""
    texts = np.array(["", "", "", "VGPR", "PR", "MR", "SD"], dtype=object)
    supported: np.ndarray | str = texts[level] if level is not None else ""
    subjects = np.arange(len(part.base))
    shared: dict[str, np.ndarray | pd.Series | str | float] = {"PARAM": label}
    base_origins = [Origin(s.test, s.results, s.base_at) for s in part.sources]
    baseline = Batch(
        paramcd,
        subjects,
        {**shared, "AVAL": part.base, "ADT": part.base_day, "ABLFL": "Y", "BASE": part.base, "IMWGREAS": "BASELINE"},
        {"": base_origins, "baseline": base_origins},
        _main_first(base_origins, part.main),
    ).take(~np.isnan(part.base))
    nadir_origins = [_from(s, part.nadir_from, evaluations.subject) for s in part.sources]
    results = [Origin(s.test, s.results, s.at) for s in part.sources]
    with np.errstate(divide="ignore", invalid="ignore"):
        percent = np.where(part.base_here != 0, part.change / part.base_here * 100, np.nan)
        over = np.where(part.nadir != 0, part.rise / part.nadir * 100, np.nan)
    later = Batch(
        paramcd,
        evaluations.subject,
        {
            **shared,
            "AVAL": part.value,
            "MCRIT1": np.where(supported != "", CRITERION, "").astype(object) if level is not None else "",
            "MCRIT1ML": supported,
            "ADT": part.day,
            "VISIT": evaluations.visit,
            "VISITNUM": evaluations.number,
            "BASE": part.base_here,
            "CHG": part.change,
            "PCHG": percent,
            "NADIR": part.nadir,
            "NADIRDT": part.nadir_day,
            "CHGNAD": part.rise,
            "PCHGNAD": over,
        },
        {
            "": results,
            "baseline": [Origin(o.test, o.results, o.at[evaluations.subject]) for o in base_origins],
            "nadir": nadir_origins,
        },
        _main_first(results, part.main[evaluations.subject]),
    ).take(part.known)
    return [baseline, later, _lowest(paramcd, shared, part, base_origins, evaluations)]


def _lowest(
    paramcd: str,
    shared: Mapping[str, np.ndarray | pd.Series | str | float],
    part: Component,
    base_origins: list[Origin],
    evaluations: Evaluations,
) -> Batch:
    """One record per subject: the lowest value of all, DTYPE MINIMUM."""
    subjects = np.arange(len(part.base))
    final = np.full(len(subjects), -1, "int64")  # last evaluation of each subject
    final[evaluations.subject] = np.arange(evaluations.n)
    value = np.where(final >= 0, value_at(part.lowest, final), part.base)
    of = np.where(final >= 0, value_at(part.lowest_from, final, -1), -1).astype("int64")
    day = np.where(of >= 0, value_at(part.day, of), part.base_day)
    origins = [_from(s, of, subjects) for s in part.sources]
    return Batch(
        paramcd,
        subjects,
        {**shared, "AVAL": value, "ADT": day, "BASE": part.base, "DTYPE": "MINIMUM", "IMWGREAS": "NADIR"},
        {"": origins, "baseline": base_origins},
        _main_first(origins, part.main),
    ).take(~np.isnan(value))


def references_of(part: Component, evaluations: Evaluations) -> dict[str, list[Origin]]:
    """The baseline and the nadir with which each evaluation of a component is compared."""
    return {
        "baseline": [
            Origin(s.test, s.results, value_at(s.base_at, evaluations.subject, -1).astype("int64"))
            for s in part.sources
        ],
        "nadir": [
            _from(s, np.where(np.isnan(part.nadir), -2, part.nadir_from), evaluations.subject) for s in part.sources
        ],
    }


def _from(source: Source, of: np.ndarray, subject: np.ndarray) -> Origin:
    """The source's records at evaluations ``of``, at the baseline of ``subject`` where that is -1, none at -2."""
    at = np.where(of >= 0, value_at(source.at, of, -1), value_at(source.base_at, subject, -1))
    at = np.where(of == -2, -1, at)
    return Origin(source.test, source.results, at.astype("int64"))


def _main_first(origins: Sequence[Origin], main: np.ndarray) -> list[Origin]:
    """The origins so that the main one of each record comes first."""
    first = [Origin(o.test, o.results, np.where(main == i, o.at, -1)) for i, o in enumerate(origins)]
    return [*first, *origins]


def assembled(rows: Rows, batches: Sequence[Batch]) -> Rows:
    """One record per element of every batch, sorted by subject and kind, with columns and lineage nodes."""
    subject = np.concatenate([b.subject for b in batches])
    kind = np.concatenate([np.full(len(b.subject), i) for i, b in enumerate(batches)])
    order = verbs.order_rows([subject, kind])
    columns: dict[str, pd.Series] = {}
    for name, about in COLUMNS.items():
        parts = [_column(b, name, about.type == "text") for b in batches]
        columns[name] = col.take(col.concat(parts), order)
    out = rows.take(subject[order])
    reads: dict[str, list[Reading]] = {name: [] for name in COLUMNS}
    nodes: dict[str, tuple[Results, list[np.ndarray]]] = {}
    for item, batch in enumerate(batches):
        for role, origins in batch.origins.items():
            for o in origins:
                if o.results.table is None:
                    continue
                node = f"{o.test} {role}".strip()
                every = nodes.setdefault(node, (o.results, [np.full(len(b.subject), -1) for b in batches]))[1]
                every[item] = o.at
                _read(reads, node, role, o.results, item, batch.judged)
    for node, (results, parts) in nodes.items():
        assert results.table is not None
        out = out.with_node(node, results.table, np.concatenate(parts)[order])
    sources = {name: ColumnSources(reads=tuple(dict.fromkeys(found))) for name, found in reads.items()}
    return out.with_columns(columns, kind[order].astype("int32"), sources)


def _read(reads: dict[str, list[Reading]], node: str, role: str, results: Results, item: int, judged: bool) -> None:
    """Add the cells that the columns of one kind of record read at one node."""
    assert results.table is not None
    table = results.table.name
    by = {"": BY_RESULT, "baseline": BY_BASE, "nadir": BY_NADIR}[role]
    if judged and role:
        by = ("AVALC", "IMWGREAS")
    for name in by:
        reads[name].append(Reading(f"row:{node}", table, results.column, item))
    if role == "nadir" and not judged:
        reads["NADIRDT"].append(Reading(f"row:{node}", table, results.date, item))
    if role == "":
        reads["ADT"].append(Reading(f"row:{node}", table, results.date, item))
        if results.number_column:
            reads["SRCSEQ"].append(Reading(f"row:{node}", table, results.number_column, item))


def _column(batch: Batch, name: str, text: bool) -> pd.Series:
    n = len(batch.subject)
    value = batch.paramcd if name == "PARAMCD" else "ALGORITHM" if name == "PARCAT1" else batch.values.get(name)
    if text:
        if isinstance(value, pd.Series):
            return value
        return col.constant(str(value or ""), n) if not isinstance(value, np.ndarray) else col.text_column(value)
    if isinstance(value, np.ndarray):
        return pd.Series(value.astype("float64"))
    return pd.Series(np.full(n, np.nan if value is None else float(value)))  # pyright: ignore[reportArgumentType]
