"""The facts of a standard about one variable and about one dataset.

Not for reading the shipped files, nor for the metadata of a study's datasets (engine/tables/dataset.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property


@dataclass(frozen=True)
class VariableFacts:
    """One variable of a standard.

    ``label`` is '' where the standard leaves it to the study (NACTDT matches only the pattern *DT). ``codelist``:
    NCI codes, none, one or several. ``described``: 'ISO 8601 datetime or interval', 'MedDRA', 'LOINC' ... or ''.
    ``order`` sorts the variables of a dataset; it is a whole number for a listed variable and lies between those for
    one that was placed. ``values``: the only values that the standard permits, if it names them (Y; Y and N).
    ``group``: the table of the ADaM guide that lists the variable.
    """

    name: str
    label: str
    type: str  # Char | Num
    role: str = ""
    core: str = ""  # Req | Exp | Perm | Cond | ''
    codelist: tuple[str, ...] = ()
    described: str = ""
    order: float = 0.0
    values: tuple[str, ...] = ()
    group: str = ""


def _nothing(name: str) -> VariableFacts | None:
    return None


@dataclass(frozen=True)
class DatasetFacts:
    """One dataset or structure of a standard.

    ``variables``: those the guide lists, in its order. In ADaM a name with lower-case letters is a pattern (TRTxxP,
    CRITyFL), ``*DT`` a suffix, ``--SEQ`` a name that takes the prefix of an SDTM domain. ``keys``: natural keys, for
    sorting; may name a variable that a study does not have.
    """

    name: str
    label: str
    observation_class: str
    structure: str
    variables: tuple[VariableFacts, ...]
    keys: tuple[str, ...]
    standard: str = ""
    unlisted: Callable[[str], VariableFacts | None] = field(default=_nothing, repr=False, compare=False)

    def variable(self, name: str) -> VariableFacts | None:
        """The facts of ``name``: listed, or else permitted (a class variable, an indexed name, a copy); None if not."""
        return self._by_name.get(name) or self.unlisted(name)

    @cached_property
    def _by_name(self) -> dict[str, VariableFacts]:
        return {v.name: v for v in reversed(self.variables)}

    @property
    def names(self) -> list[str]:
        """Names of the listed variables, in order."""
        return [v.name for v in self.variables]


def placed_after(name: str, sequence: Sequence[str], listed: Iterable[VariableFacts]) -> float:
    """Order of an unlisted variable: behind the listed one that last precedes it in ``sequence``, 0.x if none does.

    Raises ValueError when ``name`` is not in ``sequence``.
    """
    orders = {v.name: v.order for v in listed}
    position = sequence.index(name)
    anchor = next((orders[n] for n in reversed(sequence[:position]) if n in orders), 0.0)
    return anchor + (position + 1) / 1000
