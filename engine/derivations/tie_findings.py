"""The finding about a tie: records that a choice ranks alike, though they differ in the value that is taken.

Not for finding ties (engine/columns/ties.py).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..columns import column as col
from ..columns import verbs
from ..columns.ties import Tie
from ..tables.table import Table
from .environment import Environment
from .raw_rows import raw_rows

RULE, BY_DATES = "R2A-TIE-001", "R2A-ORDER-003"
#: rows of a tie that its finding names
NAMED = 6


def report_tie(
    env: Environment, table: Table, rows: np.ndarray, tie: Tie, *, ranked: str, differing: Sequence[str], which: str
) -> None:
    """One finding per subject for the records of ``env`` whose row of ``table`` (``rows``, -1: none) has a tie.

    A tie by dates (``Tie.by_dates``) has another rule and sentence.

    ``ranked``: what the rows were ranked by. ``differing``: the columns in which they differ. ``which``: first or last.
    """
    if not len(tie.rows):
        return
    has = np.flatnonzero(np.isin(rows, tie.groups))
    if not len(has):
        return
    subject = verbs.key_codes([col.take(env.subject(), has)])[0] if env.has_subject else np.arange(len(has))
    first_of_subject = np.delete(has, verbs.later(subject))
    what = ", ".join(differing[:NAMED]) + (f" and {len(differing) - NAMED} more" if len(differing) > NAMED else "")
    message = np.full(env.n, "", dtype=object)
    by_chosen = np.argsort(tie.chosen, kind="stable")
    starts = np.searchsorted(tie.chosen[by_chosen], rows[first_of_subject])
    ends = np.searchsorted(tie.chosen[by_chosen], rows[first_of_subject], side="right")
    for at, start, end in zip(first_of_subject.tolist(), starts.tolist(), ends.tolist(), strict=True):
        alike = np.append(rows[at], tie.rows[by_chosen[start:end]])
        message[at] = (
            f"{_named(table, alike)} have dates in {ranked} that do not state which is earlier, and differ in {what}: "
            f"the order of the texts decides"
            if tie.by_dates
            else f"{_named(table, alike)} rank alike by {ranked} and differ in {what}: "
            f"the {which} of them by all values is used"
        )
    where = np.zeros(env.n, dtype=bool)
    where[first_of_subject] = True
    env.report(BY_DATES if tie.by_dates else RULE, where, message)


def _named(table: Table, rows: np.ndarray) -> str:
    """The rows in words: ex.csv rows 3 and 7."""
    files, numbers = raw_rows(table, rows)
    found = sorted(dict.fromkeys(zip(files.tolist(), numbers.tolist(), strict=True)))
    if len(found) < len(rows) and all(number >= 0 for _, number in found):  # some are derived from others
        shown = ", ".join(f"{file} row {number}" for file, number in found[:NAMED])
        return f"{len(rows)} records of {table.name} that come from {shown}"
    words = []
    for file in dict.fromkeys(f for f, _ in found):
        here = [str(n) for f, n in found if f == file and n >= 0]
        more = f" and {len(here) - NAMED} more" if len(here) > NAMED else ""
        words.append(f"{file} rows {', '.join(here[:NAMED])}{more}" if here else f"{len(rows)} records of {table.name}")
    return "; ".join(words)
