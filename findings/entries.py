"""The entries of findings.yaml as the table of findings is compared with them: a pattern or identities, and a decision.

Not for reading findings.yaml (mappings/models/dispositions.py) nor for the table (table.py).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from .catalogue import FAMILIES, rules

#: what a team may decide about findings, in the words of findings.yaml
DISPOSITIONS = ("fixed in source", "explained", "accepted", "query sent")
#: the word of an entry that nobody has decided yet
OPEN = "open"
FIXED = "fixed in source"
#: the columns that a pattern names, where * is any text
PATTERNS = ("rule", "dataset", "variable", "source", "column", "subject")


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One entry. Without ``ids`` a finding belongs to it if all parts of the pattern hold; '' for any.

    ``value``: the exact value, None for any. ``keys``: natural keys that the finding has. ``place``: file:line:column.
    """

    ids: tuple[str, ...] = ()
    rule: str = ""
    dataset: str = ""
    variable: str = ""
    source: str = ""
    column: str = ""
    subject: str = ""
    value: str | None = None
    keys: Mapping[str, str] = field(default_factory=dict)
    disposition: str = OPEN
    explanation: str = ""
    by: str = ""
    on: str = ""
    place: str = ""

    def data(self) -> dict[str, Any]:
        """The entry for JSON: only the parts of the pattern that it has."""
        return {
            **({"ids": list(self.ids)} if self.ids else {}),
            **{n: getattr(self, n) for n in PATTERNS if getattr(self, n)},
            **({"value": self.value} if self.value is not None else {}),
            **({"keys": dict(self.keys)} if self.keys else {}),
            "disposition": self.disposition, "explanation": self.explanation, "by": self.by, "on": self.on,
        }  # fmt: skip

    @property
    def words(self) -> str:
        """The pattern on one line, for people."""
        parts = [f"{n}: {getattr(self, n)}" for n in PATTERNS if getattr(self, n)]
        parts += [f"value: {self.value}"] if self.value is not None else []
        parts += [f"{name}: {value}" for name, value in self.keys.items()]
        return ", ".join([*(f"id: {i}" for i in self.ids), *parts])


def rules_like(pattern: str) -> bool:
    """Whether a rule of the catalogue has an id like this; any id of a family is one, since a study completes it."""
    if any(pattern.startswith(f) for f in FAMILIES):
        return True
    like = glob(pattern)
    return any(like.fullmatch(r.id) for r in rules())


def glob(pattern: str) -> re.Pattern[str]:
    """A pattern in which * is any text, as a regular expression for whole texts."""
    return re.compile(".*".join(re.escape(p) for p in pattern.split("*")), re.DOTALL)


class Assignment:
    """Which entry each finding belongs to. ``table``: columns of the table of findings, as in Findings.frame.

    ``entry``: per finding the number of its entry from 0, -1 for none. An entry with the identity of a finding comes
    first; of several patterns the first in the file. ``counts``: per entry the findings that it describes, whichever
    entry they belong to.
    """

    def __init__(self, table: Mapping[str, Any], entries: Sequence[Entry]):
        self._columns = {n: pd.factorize(np.asarray(table[n], dtype=object)) for n in (*PATTERNS, "value", "keys")}
        self._of_rule = _positions(*self._columns["rule"])
        identity = np.asarray(table["id"], dtype=object)
        self.entry = np.full(len(identity), -1, dtype="int64")
        self.counts = np.zeros(len(entries), dtype="int64")
        exact = [(i, number) for number, e in enumerate(entries) for i in e.ids]
        if exact:
            where = {i: at for at, i in enumerate(identity.tolist())}
            for i, number in exact:
                if (at := where.get(i, -1)) >= 0:
                    self.counts[number] += 1
                    self.entry[at] = number if self.entry[at] < 0 else self.entry[at]
        for number, entry in enumerate(entries):
            if not entry.ids:
                at = self._matching(entry)
                self.counts[number] = len(at)
                free = at[self.entry[at] < 0]
                self.entry[free] = number

    def _matching(self, entry: Entry) -> np.ndarray:
        """The positions of the findings that a pattern describes."""
        like = glob(entry.rule or "*")
        at = [p for name, p in self._of_rule.items() if like.fullmatch(name)]
        found = np.sort(np.concatenate(at)) if at else np.zeros(0, dtype="int64")
        for name in PATTERNS[1:]:
            if pattern := getattr(entry, name):
                found = self._where(found, name, pattern)
        if entry.value is not None and len(found):
            codes, texts = self._columns["value"]
            found = found[np.array([t == entry.value for t in texts], dtype=bool)[codes[found]]]
        if entry.keys and len(found):
            codes, texts = self._columns["keys"]
            there, again = np.unique(codes[found], return_inverse=True)
            holds = [_has_keys(str(texts[c]), entry.keys) for c in there.tolist()]
            found = found[np.array(holds, dtype=bool)[again]]
        return found

    def _where(self, found: np.ndarray, name: str, pattern: str) -> np.ndarray:
        if not len(found):
            return found
        codes, texts = self._columns[name]
        there, again = np.unique(codes[found], return_inverse=True)
        like = glob(pattern)
        holds = [like.fullmatch(str(texts[c])) is not None for c in there.tolist()]
        return found[np.array(holds, dtype=bool)[again]]


def _positions(codes: np.ndarray, names: Any) -> dict[str, np.ndarray]:
    order = np.argsort(codes, kind="stable")
    ends = np.cumsum(np.bincount(codes, minlength=len(names))) if len(names) else np.zeros(0, dtype="int64")
    return {str(n): order[(ends[i - 1] if i else 0) : ends[i]] for i, n in enumerate(names)}


def _has_keys(text: str, keys: Mapping[str, str]) -> bool:
    """Whether the keys of a finding, ``NAME=value; NAME=value``, contain these."""
    whole = f"; {text}; "
    return all(f"; {name}={value}; " in whole for name, value in keys.items())
