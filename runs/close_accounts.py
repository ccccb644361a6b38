"""Closes the accounts when a build is done: the last outcome of every raw row and column, and the findings on them.

Not for the ledger itself (engine/accounts/ledger.py) nor for printing it (validation/reports/accounting.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ..engine.accounts.cells import Target
from ..engine.accounts.ledger import ColumnAccount, ColumnOutcome, Ledger, SourceAccount
from ..engine.accounts.outcomes import CellOutcome, QuarantineReason, RowOutcome
from ..engine.accounts.settle import settle_cells
from ..engine.columns import column as col
from ..engine.plan.plan import PlannedStudy
from ..engine.subjects.identity import identifying_columns
from ..engine.tables.dataset import Lineage
from ..findings.catalogue import explaining
from ..findings.table import CellTarget, Findings
from ..mappings.binding.bind import place_of
from ..sources.table import RawTable


def count_blocks(plan: PlannedStudy, lineage: Mapping[str, Lineage], ledger: Ledger) -> None:
    """Count the records from raw rows in the ledger, by dataset and source."""
    for name, line in lineage.items():
        if name not in plan.datasets:
            continue
        blocks = np.bincount(col.arrays_of(line.rows)["block"], minlength=len(line.sources))
        places = [str(place_of(b)) for b in plan.datasets[name].spec.blocks]
        counted = zip(line.sources, places, map(int, blocks), strict=True)
        ledger.blocks[name] = list(counted)
        for source, n in zip(line.sources, blocks, strict=True):
            if source in ledger.sources:
                counts = ledger.datasets.setdefault(name, {})
                counts[source] = counts.get(source, 0) + int(n)


def account_columns(
    plan: PlannedStudy,
    tables: Mapping[str, RawTable],
    lineage: Mapping[str, Lineage],
    read_columns: Mapping[str, set[str]],
    ledger: Ledger,
    findings: Findings,
) -> None:
    """Enter the outcome of every raw column: mapped, read, not submitted for a reason, or reported as unread."""
    targets: dict[tuple[str, str], dict[str, None]] = {}
    for name, line in lineage.items():
        for use in line.rules:
            for r in use.reads:
                targets.setdefault((r.table, r.column), {})[f"{name}.{use.variable}"] = None
    reasons: dict[tuple[str, str], str] = {}
    for name, source in plan.spec.sources.items():
        reasons |= {(name, c): r for c, r in source.not_submitted.items()}
    for dataset in plan.datasets.values():
        read = [t for b in dataset.spec.blocks for t in (b.source, *(j.source for j in b.joins))]
        for table in dict.fromkeys(t for t in read if t):
            reasons |= {(table, c): r for c, r in dataset.spec.not_submitted.items()}
    shared: dict[tuple[Path, str], list[str]] = {}  # a column that every source of a file has -> the sources
    for name, raw in tables.items():
        for column, read_by in raw.doubled.items():
            if (name, column) in reasons:  # a reason for a name that several columns have is one for each of them
                reasons |= {(name, c): reasons[name, column] for c in read_by}
        account = ledger.sources[name]
        for column in map(str, raw.frame.columns):
            if column in raw.shared_columns:
                shared.setdefault((raw.path, column), []).append(name)
            if (name, column) in targets:
                account.columns[column] = ColumnAccount(ColumnOutcome.MAPPED, ", ".join(sorted(targets[name, column])))
            elif (name, column) in reasons:
                account.columns[column] = ColumnAccount(ColumnOutcome.NOT_SUBMITTED, reasons[name, column])
            elif (
                column in read_columns[name] or column in identifying(plan, name) or column in plan.spec.subject.columns
            ):
                account.columns[column] = ColumnAccount(ColumnOutcome.READ)
            elif column in raw.parts_of.values():
                parts = ", ".join(part for part, of in raw.parts_of.items() if of == column)
                account.columns[column] = ColumnAccount(ColumnOutcome.DIVIDED, parts)
            else:
                account.columns[column] = ColumnAccount(ColumnOutcome.NOT_MAPPED)
                if column not in raw.shared_columns:
                    _report_unread(raw, column, findings)
    for (_, column), names in shared.items():
        unread = [n for n in names if ledger.sources[n].columns[column].outcome is ColumnOutcome.NOT_MAPPED]
        if len(unread) < len(names):
            (reader, *_) = [n for n in names if n not in unread]
            for name in unread:
                elsewhere = f"source {reader} of the same file reads it"
                ledger.sources[name].columns[column] = ColumnAccount(ColumnOutcome.NOT_MAPPED, elsewhere)
        elif any(not col.missing(tables[n].frame[column]).all() for n in names):
            _report_unread(tables[names[0]], column, findings)


def _report_unread(raw: RawTable, column: str, findings: Findings) -> None:
    text = "no spec reads this column; map it, or give the reason under not_submitted:"
    findings.add("R2A-COL-001", text, source=raw.name, file=raw.file, column=column, dataset="")


def identifying(plan: PlannedStudy, name: str) -> tuple[str, ...]:
    """The columns of a source that identify its subject, and those that name the enrolment it continues."""
    if plan.spec.sources[name].subject == "none":
        return ()
    continues = plan.spec.subject.continues
    more = continues.columns if continues is not None and continues.source == name else ()
    return (*identifying_columns(plan.spec.sources[name], plan.spec), *more)


def report_rows(plan: PlannedStudy, tables: Mapping[str, RawTable], ledger: Ledger, findings: Findings) -> None:
    """Findings for quarantined rows, for rows that no record needs, and for excluded rows whose topic is filled."""
    for name, account in ledger.sources.items():
        raw = tables[name]
        at = account.quarantined(QuarantineReason.NO_SUBJECT)
        if len(at):
            findings.add(
                "R2A-SUBJ-001",
                "this row does not identify a subject: quarantined",
                source=raw.name,
                file=raw.file,
                row=raw.record[at],
            )
        unread = np.flatnonzero(account.outcome == RowOutcome.UNREAD)
        if len(unread):
            used = name in {b.source for d in plan.datasets.values() for b in d.spec.blocks}
            reason = "no record needed it" if used or _joined(plan, name) else "no spec reads this source"
            account.mark(unread, RowOutcome.EXCLUDED, reason)
            findings.add(
                "R2A-ROW-002",
                f"{len(unread)} rows: {reason}",
                severity="warning" if not _joined(plan, name) else "note",
                source=raw.name,
                file=raw.file,
            )
        _report_undecided(account, raw, findings)
        topics = topic_columns(plan, name)
        out = np.flatnonzero(account.outcome == RowOutcome.EXCLUDED)
        if topics and len(out):
            filled = np.zeros(len(raw), dtype=bool)
            for column in topics:
                if column in raw.frame.columns:  # not a column that a join or the block adds
                    filled |= ~col.missing(raw.frame[column])
            out = out[filled[out]]
            adverse = any(d.name == "AE" for d in plan.datasets.values() for b in d.spec.blocks if b.source == name)
            for reason in sorted(set(account.reason[out].tolist()), key=account.reasons.__getitem__):
                _report_excluded(
                    raw, topics[0], account.reasons[reason], out[account.reason[out] == reason], adverse, findings
                )


#: rows, and values of their topic, that the finding about excluded rows names
_NAMED = 6


def _report_excluded(
    raw: RawTable, topic: str, reason: str, rows: np.ndarray, adverse: bool, findings: Findings
) -> None:
    """The finding about rows that one condition excludes though their topic is filled: one for all of them.

    ``rows``: their positions. Each lost adverse event has its own finding, an error.
    """
    values = col.objects(raw.frame[topic])[rows]
    place: dict[str, Any] = {"source": raw.name, "file": raw.file, "column": topic}
    if adverse or len(rows) == 1:
        message = f"excluded though its topic is filled: {reason}"
        severity = "error" if adverse else "warning"
        findings.add("R2A-ROW-001", message, severity=severity, row=raw.record[rows], value=values, **place)
        return
    texts, counts = np.unique(values[values != ""].astype(str), return_counts=True)
    most = np.argsort(-counts, kind="stable")[:_NAMED]
    topics = ", ".join(f"'{texts[i]}' {counts[i]:,}" for i in most.tolist())
    numbers = ", ".join(map(str, raw.record[rows[:_NAMED]].tolist()))
    message = (
        f"{len(rows):,} rows are excluded though their topic is filled: {reason}; {topic} is {topics}"
        f"{', ...' if len(texts) > _NAMED else ''}; rows {numbers}{', ...' if len(rows) > _NAMED else ''}"
    )
    findings.add("R2A-ROW-001", message, severity="warning", **place)


def _report_undecided(account: SourceAccount, raw: RawTable, findings: Findings) -> None:
    """A note for each condition that excluded rows because a cell was empty; rows of another record are not counted."""
    for condition, rows in account.undecided.items():
        count = int((rows & np.isin(account.outcome, (RowOutcome.EXCLUDED, RowOutcome.REFERRED))).sum())
        if count:
            read = f"{'one of ' if len(condition.columns) > 1 else ''}{', '.join(condition.columns)} is empty"
            findings.add(
                "R2A-EXPR-004",
                f"{condition.place}: {count} rows are excluded: '{condition.condition}' is unknown, since {read}",
                dataset=condition.dataset,
                source=raw.name,
                file=raw.file,
            )


def report_unread_parts(tables: Mapping[str, RawTable], findings: Findings) -> None:
    """A finding for each part of a file (item group, instrument) that holds rows and that no source reads."""
    files: dict[Path, list[RawTable]] = {}
    for table in tables.values():
        if table.present:
            files.setdefault(table.path, []).append(table)
    for parts in files.values():
        for label, rows in parts[0].others.items():
            if all(label in p.others for p in parts):
                text = f"{label}: {rows} rows that no source reads; declare a source for it"
                findings.add("R2A-SRC-019", text, file=parts[0].file)


#: outcome of a column -> outcome of its cells that no variable carries
_OF_COLUMN = {
    ColumnOutcome.MAPPED: CellOutcome.USED,
    ColumnOutcome.READ: CellOutcome.USED,
    ColumnOutcome.DIVIDED: CellOutcome.USED,
    ColumnOutcome.NOT_SUBMITTED: CellOutcome.NOT_SUBMITTED,
    ColumnOutcome.NOT_MAPPED: CellOutcome.NOT_MAPPED,
}


def account_cells(
    plan: PlannedStudy,
    tables: Mapping[str, RawTable],
    identity: Mapping[str, Mapping[str, pd.Series]],
    ledger: Ledger,
    findings: Findings,
) -> None:
    """Settle the cell account: every filled cell has its outcome; a cell that is lost without a finding becomes one.

    Call it when all other findings about cells are complete.
    """
    read = {(t.source, t.column) for t in ledger.cells.targets}
    of_columns: dict[tuple[str, str], CellOutcome] = {}
    for name, account in ledger.sources.items():
        for column, became in account.columns.items():
            if (name, column) not in read:
                of_columns[name, column] = _OF_COLUMN[became.outcome]
    rows = {name: account.outcome for name, account in ledger.sources.items()}
    of_cells = findings.reported_cells(explaining("cell"), by_variable=False)
    of_variables = findings.reported_cells(explaining("variable"), by_variable=True)

    def reported(target: Target) -> np.ndarray:
        """The records where a finding gives the reason why this variable lacks the value of the cell."""
        variable = CellTarget(target.source, target.column, target.dataset, target.variable)
        none = np.zeros(0, "int64")
        whole = of_cells.get(CellTarget(target.source, target.column), none)
        return np.concatenate([whole, of_variables.get(variable, none)])

    for target, ids in settle_cells(ledger.cells, rows, of_columns, reported):
        raw = tables[target.source]
        place = ledger.cells.targets[target].place
        subject: object = ""
        if "USUBJID" in identity[target.source]:
            subject = col.objects(col.take(identity[target.source]["USUBJID"], ids))
        findings.add(
            "R2A-CELL-001",
            f"the cell is filled, but {target.dataset}.{target.variable} is empty and no finding gives the reason; "
            f"its rule: {place}",
            dataset=target.dataset,
            subject=subject,
            variable=target.variable,
            value=col.objects(col.take(raw.frame[target.column], ids)),
            source=raw.name,
            file=raw.file,
            row=raw.record[ids],
            column=target.column,
        )


def _joined(plan: PlannedStudy, name: str) -> bool:
    joins = {j.source for d in plan.datasets.values() for b in d.spec.blocks for j in b.joins}
    by = {s.dates.by.partition(".")[0] for s in [*plan.spec.sources.values(), plan.spec] if s.dates and s.dates.by}
    reads = {
        n.partition(".")[0]
        for d in plan.datasets.values()
        for v in d.every.values()
        for r in v.rules
        for _, n in r.reads()
    }
    dated = {visits.source for visits in plan.spec.visit_dates}
    return name in joins | by | reads | dated


def topic_columns(plan: PlannedStudy, source: str) -> list[str]:
    """Raw columns that fill the topic variable of the datasets a source feeds."""
    found: dict[str, None] = {}
    for dataset in plan.datasets.values():
        for number, block in enumerate(dataset.spec.blocks):
            rule = (
                dataset.variables[dataset.topic].rule_in(number) if dataset.topic and block.source == source else None
            )
            for _, name in rule.reads() if rule else ():
                if name in ("ITEM", "RESULT") and block.unpivot:  # from the columns of the items
                    found |= dict.fromkeys(item.result for item in block.unpivot.values())
                else:
                    found |= dict.fromkeys(block.exploded.get(name, (name,)))
    return list(found)
