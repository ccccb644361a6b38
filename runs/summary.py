"""The lines that a command prints after a build: datasets, rows, findings, and where to look; about ten.

Not for the reports of the output folder (write_reports.py) nor for printing (commands/).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from ..engine.accounts.ledger import Ledger
from ..findings.catalogue import rule_of
from ..findings.review import Counts
from ..findings.rule import SEVERITIES
from .outcome import Outcome

#: so many datasets of SDTM or ADaM are named with their records; of more, so many of the largest
NAMED, LARGEST = 12, 6
#: rules that are named
WORST = 3


def summary_lines(outcome: Outcome) -> Iterator[str]:
    """What the run built, what became of the raw rows, which findings there are, and where to look."""
    yield f"{outcome.study}: built into {outcome.out}"
    for kind in dict.fromkeys(outcome.kinds.values()):
        yield f"  {_records(kind, {n: r for n, r in outcome.records.items() if outcome.kinds[n] == kind})}"
    yield from _rows(outcome)
    for line in outcome.existing:
        yield f"  {line}"
    table, counts = outcome.reviewed
    yield f"  findings: {_severities(table)}{_states(outcome, counts)}"
    if counts.dispositions:
        yield f"  {_dispositions(table, counts)}"
    if len(table):
        yield from (f"    {line}" for line in _worst(table))
    if outcome.waiting.rules:
        yield f"  {_waiting(outcome)}"
    reports = outcome.out / "reports"
    if (reports / "objectives.html").is_file():
        yield f"  tables and figures: {reports / 'objectives.html'}"
    yield f"  look at {outcome.out / 'index.html'}, {reports / 'findings.html'}, or raw2adam findings {outcome.out}"


def _waiting(outcome: Outcome) -> str:
    """Which rules a part of a study does not run, and why."""
    number, absent = len(outcome.waiting.rules), " and ".join(outcome.waiting.absent)
    waiting = f"{number} rules for whole studies wait; raw2adam check {outcome.out} runs them"
    return f"a part of a study, without {absent}: {waiting}"


def _records(kind: str, records: dict[str, int]) -> str:
    """sdtm: 3 datasets, 9 records: AE 3, DM 3, VS 3."""
    text = f"{kind}: {count(len(records), 'dataset')}, {count(sum(records.values()), 'record')}"
    if len(records) <= NAMED:
        return f"{text}: {', '.join(f'{n} {r:,}' for n, r in records.items())}"
    largest = sorted(records, key=lambda n: (-records[n], n))[:LARGEST]
    return f"{text}; the largest are {', '.join(f'{n} {records[n]:,}' for n in largest)}"


def _rows(outcome: Outcome) -> Iterator[str]:
    """The balance of all raw rows; of a source alone where rows are quarantined or corrected."""
    sources = outcome.ledger.sources
    if not sources:
        return
    totals = [account.totals() for account in sources.values()]
    yield f"  raw: {count(len(sources), 'source')}, {_balance({n: sum(t[n] for t in totals) for n in totals[0]})}"
    for name, account in _concerned(outcome.ledger):
        yield f"  {name} ({account.file}): {_balance(account.totals())}"
        if account.corrected[0]:
            yield f"  {name}: {account.corrected[0]} rows corrected, {account.corrected[1]} cells"
        if account.totals()["quarantined"]:
            yield f"  quarantined rows of {name}: {outcome.out / 'quarantine' / f'{name}.csv'}"


def _concerned(ledger: Ledger) -> list[tuple[str, Any]]:
    return [(n, a) for n, a in ledger.sources.items() if a.totals()["quarantined"] or a.corrected[0]]


def _balance(totals: dict[str, int]) -> str:
    return (
        f"{totals['rows']:,} rows = {totals['mapped']:,} mapped + {totals['excluded']:,} excluded + "
        f"{totals['merged']:,} merged + {totals['quarantined']:,} quarantined"
        + (f" + {totals['after_cutoff']:,} after the cut-off" if totals["after_cutoff"] else "")
    )


def _severities(table: pd.DataFrame) -> str:
    severity = np.asarray(table["severity"], dtype=object)
    return ", ".join(count(int((severity == s).sum()), s) for s in SEVERITIES)


def _states(outcome: Outcome, counts: Counts) -> str:
    """; 2 new, 40 recurring, 3 resolved since the output that this one replaced."""
    if not counts.compared:
        return ""
    review = outcome.findings.review
    named = review is not None and review.previous is not None
    since = "the output of --compare" if named else "the output that this one replaced"
    return f"; {counts.new:,} new, {counts.recurring:,} recurring, {counts.resolved:,} resolved since {since}"


def _dispositions(table: pd.DataFrame, counts: Counts) -> str:
    """dispositions: 12 explained, 3 without one (1 error)."""
    severity, disposition = (np.asarray(table[n], dtype=object) for n in ("severity", "disposition"))
    errors = int(((severity == "error") & (disposition == "")).sum())
    parts = [f"{number:,} {word}" for word, number in counts.dispositions.items()]
    parts.append(f"{counts.undisposed:,} without one" + (f" ({count(errors, 'error')})" if errors else ""))
    return f"dispositions: {', '.join(parts)}"


def _worst(table: pd.DataFrame) -> Iterator[str]:
    """The rules with findings without a disposition, else with any: the worst severity first, then the most."""
    of_rule: dict[tuple[int, str], int] = {}
    undisposed = np.asarray(table["disposition"], dtype=object) == ""
    shown = table[undisposed] if undisposed.any() else table
    codes, keys = pd.factorize(np.asarray(shown["severity"] + "\0" + shown["rule"], dtype=object))
    for key, number in zip(keys, np.bincount(codes).tolist(), strict=True):
        severity, rule = str(key).split("\0")
        of_rule[SEVERITIES.index(severity), rule] = number
    for (severity, rule), number in sorted(of_rule.items(), key=lambda i: (i[0][0], -i[1], i[0][1]))[:WORST]:
        yield f"{rule}: {count(number, SEVERITIES[severity])}: {rule_of(rule).title}"


def count(number: int, one: str) -> str:
    """1 record, 1,234 records."""
    return f"{number:,} {one}" if number == 1 else f"{number:,} {one}s"
