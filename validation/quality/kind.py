"""What every kind of check that raw2adam runs itself has in common: the names it reads, its words, its failing records.

Not for the kinds: conditions.py, date_kinds.py, value_kinds.py; nor for great-expectations (expectations.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol

import numpy as np

from ...mappings.facts.terminology import Codelist
from .scope import Scope

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class ReadName:
    """A name that a check reads. ``path``: where the check writes it, from its first key.

    ``wanted``: text or number where only such a variable can be checked, '' for any. ``outside``: whether it may be
    a name of another dataset (DM.DTHDTC) or one of with:.
    """

    name: str
    path: Path
    wanted: str = ""
    outside: bool = False


@dataclass(frozen=True)
class Mistake:
    """A mistake of a check. ``path``: where it is, from the first key of the check."""

    path: Path
    message: str
    hint: str = ""


@dataclass(frozen=True)
class Failing:
    """Records that fail for one reason. ``records``: 0-based, ascending; ``column``: the variable to look at.

    ``detail``: what is wrong with each of the records, '' for nothing beyond the message of the check.
    """

    records: np.ndarray
    column: str = ""
    detail: np.ndarray | None = None


@dataclass(frozen=True)
class Known:
    """What a check may name beside variables: tables with their variables, and codelists of the study by name."""

    tables: Mapping[str, Sequence[str]] = field(default_factory=dict)
    codelists: Mapping[str, Codelist] = field(default_factory=dict)


class Kind(Protocol):
    """A kind of check. ``verb``: its key in a check."""

    verb: ClassVar[str]

    def reads(self) -> Iterator[ReadName]:
        """The names of the dataset that it reads."""
        ...

    def mistakes(self, known: Known) -> Iterator[Mistake]:
        """What is wrong beside the names that it reads."""
        ...

    def words(self) -> str:
        """What it asks of a record, in one plain sentence without a full stop."""
        ...

    def failing(self, scope: Scope, inside: np.ndarray, known: Known) -> Iterator[Failing]:
        """The records that fail, among those where ``inside`` holds."""
        ...


def listed(names: Sequence[Any]) -> str:
    """A, B and C."""
    texts = [str(n) for n in names]
    return " and ".join(texts) if len(texts) < 3 else ", ".join(texts[:-1]) + f" and {texts[-1]}"
