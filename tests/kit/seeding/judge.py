"""Which new findings an error raises, and whether one of them catches it. Not for the errors, nor for the rules."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import pandas as pd
from raw2adam.engine.tables.dataset import Dataset

from .seed import Seed
from .tables import Tables

#: datasets and the text of define.xml -> the table of findings (findings/table.py)
Checker = Callable[[Mapping[str, Dataset], str], pd.DataFrame]


@dataclass(frozen=True)
class New:
    """A finding that the clean data have not. ``cause``: it follows from no other finding."""

    rule: str
    dataset: str
    variable: str
    subject: str
    value: str
    cause: bool


@dataclass(frozen=True)
class Verdict:
    """What a checker reports of one error. ``caught``: the findings at its place; ``others``: further causes."""

    seed: Seed
    data: str
    caught: tuple[New, ...]
    others: tuple[New, ...]
    folded: int


def applied(seed: Seed, clean: Mapping[str, Dataset], define: str = "") -> Tables | None:
    """The data with the error; None where the data have no place for it."""
    tables = Tables(clean, define)
    try:
        seed.write(tables)
    except (KeyError, LookupError):
        return None
    return tables


def new_findings(clean: pd.DataFrame, broken: pd.DataFrame) -> list[New]:
    """The findings of the broken data that the clean data have not, or not as often."""
    names = ["rule", "dataset", "keys", "variable", "value", "message"]
    usual = Counter(map(tuple, clean[names].astype(str).to_numpy().tolist()))
    found = []
    for key, subject, follows in zip(
        map(tuple, broken[names].astype(str).to_numpy().tolist()),
        broken["subject"].tolist(),
        broken["follows"].tolist(),
        strict=True,
    ):
        if usual[key] > 0:
            usual[key] -= 1
        else:
            found.append(New(key[0], key[1], key[3], str(subject), key[4], follows == ""))
    return found


def judged(seed: Seed, data: str, found: Iterable[New]) -> Verdict:
    """One of the findings at the place of the error catches it; each further cause is another finding.

    A finding that follows from a cause counts with its cause. Several findings of one rule at one place are one.
    """
    every = list(found)
    caught = [n for n in every if (n.dataset, n.variable) in seed.at or ("*", "*") in seed.at]
    causes = {(n.rule, n.dataset, n.variable, n.subject): n for n in every if n.cause}
    catching = next((n for n in caught if n.cause), None)
    key = (catching.rule, catching.dataset, catching.variable, catching.subject) if catching else None
    others = [n for k, n in causes.items() if k != key]
    return Verdict(seed, data, tuple(caught), tuple(others), sum(not n.cause for n in every))
