"""A kind of check: its arguments in a rule, the tables it applies to, and the records that break it.

Not for the kinds themselves (beside this module) nor for the rule around a check (conformance/language/).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar, TypeVar

import numpy as np
from pydantic import Field

from ...mappings.binding.bind import Binder, SpecModel
from ...mappings.binding.verb import bind_verb
from ...mappings.yaml.read import Node
from ..package import Package
from ..table import Table

#: the name of a variable in a rule: ``--`` stands for the letters of the domain
Name = Annotated[str, Field(pattern=r"^(--)?[A-Z0-9_*]+$")]


@dataclass(frozen=True, kw_only=True)
class Hit:
    """Records of one table that break a check, for one reason.

    ``rows``: positions, sorted; None where the dataset is wrong as a whole. ``variable``: whose value is shown.
    ``parts``: the words that the message of the rule names in braces; an array has one text for each row.
    ``value``: of a finding about the dataset. ``dataset``: the name of a dataset that is not in the package.
    """

    rows: np.ndarray | None = None
    variable: str = ""
    parts: Mapping[str, Any] = field(default_factory=dict)
    value: str = ""
    dataset: str = ""


class Check(SpecModel):
    """Base of the kinds. ``verb``: its key in a rule.

    ``of_package``: it looks at the package as a whole, one time, by ``package_hits``; else at each table.
    """

    verb: ClassVar[str] = ""
    of_package: ClassVar[bool] = False

    @classmethod
    def __bind__(cls, node: Node, binder: Binder) -> Any:
        return bind_verb(node, KINDS, binder)

    def applies(self, table: Table) -> str:
        """'' if the check applies to the table, else the reason why not."""
        return ""

    def hits(self, table: Table, package: Package) -> Iterator[Hit]:
        """What breaks the check in one table."""
        raise NotImplementedError(self.verb)  # every registered kind of tables defines it

    def package_applies(self, package: Package) -> str:
        """'' if the check applies to the package, else the reason why not."""
        return ""

    def package_hits(self, package: Package) -> Iterator[Hit]:
        """What breaks the check in the whole package."""
        raise NotImplementedError(self.verb)  # every registered kind of packages defines it

    def parts(self) -> frozenset[str]:
        """The words that its hits give to the message, beside the variables of the record."""
        return frozenset()


#: verb -> kind
KINDS: dict[str, type[Check]] = {}
C = TypeVar("C", bound=type[Check])


def register_check(kind: C) -> C:
    """Add a kind to the rule language. Raises ValueError where another one has its verb."""
    if KINDS.setdefault(kind.verb, kind) is not kind:
        raise ValueError(f"two kinds of checks have the verb {kind.verb}")
    return kind


def rows_of(mask: np.ndarray | None) -> np.ndarray | None:
    """The positions of a mask; None where it has none."""
    if mask is None:
        return None
    at = np.flatnonzero(mask)
    return at if len(at) else None


def absent(table: Table, *names: str) -> str:
    """'' if the table has all these variables, else the reason that names the first it has not."""
    return next((f"{n} is not in {table.name}" for n in names if n not in table.names), "")
