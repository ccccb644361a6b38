"""The base of every rule that derives a variable.

A derivation is one class: its arguments (a spec model), what it reads, its sentence, and ``derive``.
Not for the derivations themselves: assign.py, cases.py, from_other_records.py, sequence.py ..., and those of sdtm/ and
adam/.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
import pandas as pd

from ...mappings.models.derivation import DerivationSpec
from ..accounts.changes import ChangeKind
from ..tables.dataset import Choice, Origin
from ..tables.raw_cells import RawCells
from ..tables.table import Table
from .environment import Environment


@dataclass
class Derived:
    """The result of a derivation: one value per record (text column or numbers).

    ``picked``: for values of another table, the table and the position there of the chosen row (-1: none); it becomes
    a node of the lineage. ``choice``: how that row was chosen. ``coding``: a dictionary, and for each record the
    position of its coding there (StudyDictionary.place_of), -1 for none.
    """

    values: pd.Series
    picked: tuple[Table, np.ndarray] | None = None
    picked_columns: tuple[str, ...] = ()
    origin: Origin | None = None
    choice: Choice | None = None
    coding: tuple[str, np.ndarray] | None = None


class Derivation(DerivationSpec):
    """A rule that can run. ``whole``: it sees all records of the dataset at once, not block by block.

    ``numbers``: it numbers all records, also those of blocks that read the others as finished.
    """

    whole: ClassVar[bool] = False
    numbers: ClassVar[bool] = False
    #: what a filled cell read by name must lead to: ``value``, a filled variable; ``first``, the same unless an earlier
    #: column of the field is filled; ``choice``, nothing unless the value is that of the cell; ``compared``, nothing:
    #: a condition reads the cell
    carries: ClassVar[Literal["value", "first", "choice", "compared"]] = "value"
    #: field -> kind of value (number, date) as which the rule reads the raw columns that the field names
    kinds: ClassVar[Mapping[str, str]] = {}
    #: kind of change that the cell account states for a cell whose text the rule changed
    change: ClassVar[ChangeKind] = ChangeKind.CHANGED
    default_origin: ClassVar[Origin] = Origin("Derived", "Sponsor")
    #: significant digits of the numbers that the rule gives, 0 for those of their origin (engine/columns/rounding.py)
    precision: ClassVar[int] = 0

    def derive(self, env: Environment) -> Derived:
        """Values for the records of ``env``. Raises SpecError for a mistake that only the types of the data show."""
        raise NotImplementedError(self.verb)  # every registered verb defines it

    def reads_as(self, numeric: bool) -> Iterator[tuple[str, str]]:
        """(name, kind of value) of the names that the rule reads as another kind than text.

        ``numeric``: the variable that it derives is a number.
        """
        for field, name in self.reads():
            if field in self.kinds:
                yield name, self.kinds[field]

    def of_table(self) -> tuple[str, str] | None:
        """(table, condition) of the condition on the rows of another table, if the rule has one."""
        return None

    def date_unit(self) -> Literal["", "days", "seconds"]:
        """What the numbers that it gives count, where the rule alone makes them dates or datetimes."""
        return ""

    def texts(self) -> dict[str, str] | None:
        """Every value that it can give to its meaning ('' for none), if each is of the spec; None for another rule."""
        return None

    def raw_cells(self, env: Environment, values: pd.Series) -> RawCells:
        """The raw cells whose texts are ``values``, the result of ``derive``; none for new texts.

        For rules that copy a text unchanged: the declarations of its column still apply to it. ``Derived.picked``
        has the cells of a row of another table.
        """
        return RawCells(env.n)


def derivation(rule: DerivationSpec) -> Derivation:
    """A rule as something that runs; TypeError for a rule class without ``derive``."""
    if not isinstance(rule, Derivation):
        raise TypeError(f"{type(rule).__name__} is no derivation")
    return rule
