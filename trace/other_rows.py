"""The rows that a rule could have chosen, and the reason why it chose one of them.

first, last and lookup take one row among several. The lineage has the row that was taken; this lists the other rows of
its key, from the built folder. Not for choosing (engine/derivations/from_other_records.py) nor for the rest of a trace
(records.py).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import numpy as np
import pandas as pd

from ..engine.columns import column as col
from ..engine.columns import verbs
from ..engine.derivations.choice_order import as_chosen, rank_name
from ..engine.expressions import kernels
from ..engine.tables.dataset import Choice
from ..mappings.expressions.expression import parse

#: candidates that are listed; the rest are counted
MOST = 100
#: rules whose value is of all filled rows, so that none is chosen
_OF_ALL_ROWS = frozenset({"total", "statistic", "text_joined"})


class Chance(IntEnum):
    """Whether a row won, could have won, or could not; candidates are listed in this order."""

    WON = 0
    COULD_WIN = 1
    COULD_NOT = 2


@dataclass(frozen=True)
class Candidate:
    """One row of the key: its position in the table, its value, its ranking values, and its outcome in words."""

    position: int
    value: str
    order: dict[str, str]
    outcome: str
    chance: Chance


def candidates(
    choice: Choice,
    table: pd.DataFrame,
    key: dict[str, str],
    picked: int,
    elsewhere: Callable[[str], pd.Series | None],
    *,
    ranks: pd.DataFrame | None = None,
    among: np.ndarray | None = None,
) -> list[Candidate]:
    """Every row of ``table`` with the key, in the order of the rule.

    ``key``: column of the table to the record's value; ``picked``: position of the row that won, -1 if none did;
    ``elsewhere``: a column that the condition reads in another table, one value per row here, None if it cannot be
    read. ``ranks``: the ranks that raw columns had in the build, one row per row of the table
    (engine/derivations/choice_order.py). ``among``: the rows that the rule could read, None for all.
    """
    inside = np.ones(len(table), dtype=bool) if among is None else among.copy()
    for name, value in key.items():
        inside &= _texts(table[name]) == value
    at = np.flatnonzero(inside)
    rows = table.iloc[at].reset_index(drop=True)
    values = _texts(rows[choice.column]) if choice.column else np.full(len(rows), "", dtype=object)
    filled = (values != "") | (choice.column == "")
    holds = _holds(choice, rows, at, elsewhere)
    names = list(choice.order)
    if names:
        ordered = verbs.order_rows(_sort_keys(choice, rows, ranks, at))
        ordered = ordered if choice.verb != "last" else ordered[::-1]
    else:
        ordered = np.arange(len(rows))
    ranking = {n.lstrip("-"): _texts(rows[n.lstrip("-")]) for n in names}
    winner = {n: str(texts[at == picked][0]) for n, texts in ranking.items()} if picked in at else {}
    found = []
    for i in ordered.tolist():
        order = {n: str(texts[i]) for n, texts in ranking.items()}
        if at[i] == picked:
            chance, outcome = Chance.WON, "chosen"
        elif not filled[i] and choice.verb != "lookup":
            chance, outcome = Chance.COULD_NOT, f"{choice.column} is missing"
        elif holds is None:
            outcome = f"not chosen; whether '{choice.where}' holds needs a table that the folder does not have"
            chance = Chance.COULD_NOT
        elif not holds[i]:
            chance, outcome = Chance.COULD_NOT, f"{choice.where} does not hold"
        elif (used := _without_choice(choice)) or picked >= 0:
            chance, outcome = Chance.COULD_WIN, used or _ranked(choice, equal=bool(names) and order == winner)
        else:
            chance, outcome = Chance.COULD_NOT, "not chosen"
        found.append(Candidate(int(at[i]), str(values[i]), order, outcome, chance))
    return sorted(found, key=lambda c: c.chance)


def _without_choice(choice: Choice) -> str:
    """What a rule does with each row that its condition has; '' for a rule that takes one of them."""
    if not choice.column:
        return "counted" if choice.verb == "count" else "there is this one"
    if choice.verb == "summary":
        return "used"
    return "it counts" if choice.verb in _OF_ALL_ROWS else ""


def _ranked(choice: Choice, *, equal: bool) -> str:
    """How a row that was not taken ranks beside the one that was."""
    if equal:
        return f"ranks equal to the chosen row, which is the {choice.verb} of them by all its values"
    by = ", ".join(n.lstrip("-") for n in choice.order)
    return f"ranks after the chosen row by {by}" if by else "comes after the chosen row"


def _sort_keys(choice: Choice, rows: pd.DataFrame, ranks: pd.DataFrame | None, at: np.ndarray) -> list[np.ndarray]:
    """The rising sort keys of the candidates: the ranks of the build where it read a raw column, else its values."""
    keys = []
    kinds = choice.kinds or ("",) * len(choice.order)
    for name, kind in zip(choice.order, kinds, strict=True):
        column, down = rank_name(name, kind), name.startswith("-")
        if ranks is not None and column in ranks.columns:
            keys.append(as_chosen(ranks[column].to_numpy()[at], down, choice.verb))
        else:
            of_values = col.ranks(rows[name.lstrip("-")]).astype("float64")
            keys.append(-of_values if down else of_values)
    return keys


def _texts(column: pd.Series) -> np.ndarray:
    codes, texts = col.split_text(col.as_text(column))
    return np.array([str(t).strip() for t in texts], dtype=object)[codes] if len(texts) else np.zeros(0, dtype=object)


def _holds(
    choice: Choice, rows: pd.DataFrame, at: np.ndarray, elsewhere: Callable[[str], pd.Series | None]
) -> np.ndarray | None:
    """Where the condition of the rule holds; None if a column that it reads cannot be read."""
    if not choice.where:
        return np.ones(len(rows), dtype=bool)
    known: dict[str, pd.Series] = {}
    expression = parse(choice.where)
    for name in expression.names:
        here = name if name in rows.columns else name.removeprefix(f"{choice.table}.")
        column = rows[here] if here in rows.columns else elsewhere(name)
        if column is None:
            return None
        column = column if here in rows.columns else col.take(column, at)
        known[name] = column if col.is_number(column) else col.text_column(_texts(column))
    return kernels.condition(expression, known.__getitem__, len(rows))


def candidates_json(found: list[Candidate], place: Callable[[int], dict[str, Any]]) -> dict[str, Any]:
    """The candidates for a trace; ``place`` gives the place of the row at a position."""
    listed = [
        {
            **place(c.position),
            "value": c.value,
            "order": c.order,
            "chosen": c.chance is Chance.WON,
            "outcome": c.outcome,
        }
        for c in found[:MOST]
    ]
    return {"candidates": listed, "more": max(0, len(found) - MOST)}
