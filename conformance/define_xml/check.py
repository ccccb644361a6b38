"""A check of a define.xml: a function with a name, and what it needs; and what it reads.

Not for the checks (the modules beside this one) nor for their ids, severities and sources (rules/define-*.yaml).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from ...define.content import DatasetContent, DefineContent, Item
from ...engine.tables.dataset import Dataset

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class DefineProblem:
    """One difference. ``place``: the OID of the element, '' for that of the dataset or variable.

    ``records``: how many records have it, 0 where it is not about records.
    """

    message: str
    dataset: str = ""
    variable: str = ""
    value: str = ""
    place: str = ""
    records: int = 0


class Needs(Enum):
    """What a check reads beside define.xml. Without it the check does not apply."""

    WHOLE = "the check reads one file of a folder"
    DATA = "the package has no dataset that define.xml describes"
    FOLDER = "the folder of define.xml is not known"
    ANALYSES = "define.xml has no analysis results"
    VALUE_LEVEL = "define.xml has no value-level metadata"
    SDTM = "the datasets are not SDTM"
    SOURCES = "the define.xml of the SDTM datasets is not in the package"
    VERSION_2_1 = "define.xml is not Define-XML 2.1"
    STANDARDS = "define.xml names no guide of which raw2adam has the facts"


@dataclass(frozen=True, kw_only=True)
class DefineView:
    """What the checks read: a define.xml, and the datasets of its folder, each with all its records.

    ``xml``: its bytes; ``folder``: where it lies; ``standard``: sdtm or adam; ``sources``: the define.xml of SDTM
    where this one is of ADaM. ``files``: file names relative to the folder, of the datasets that are there.
    ``complete``: every dataset of the folder is here. ``exact``: define.xml was written from these values, so that its
    types and lengths are theirs, and none is wider than they need.
    """

    content: DefineContent
    datasets: Mapping[str, Dataset] = field(default_factory=dict)
    xml: bytes = b""
    folder: Path | None = None
    standard: str = "sdtm"
    sources: DefineContent | None = None
    source_xml: bytes = b""
    files: Mapping[str, str] = field(default_factory=dict)
    complete: bool = True
    exact: bool = False
    _computed: dict[Hashable, Any] = field(default_factory=dict, repr=False, compare=False)

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        """``make()``, computed one time for ``key``: several checks read the values of one variable."""
        if key not in self._computed:
            self._computed[key] = make()
        return self._computed[key]

    @cached_property
    def described(self) -> tuple[tuple[DatasetContent, Dataset], ...]:
        """The datasets that both define.xml and the folder have; a dataset that is described twice counts once."""
        found = {d.name.upper(): d for d in reversed(self.content.datasets)}
        return tuple((found[n], self.datasets[n]) for n in sorted(found) if n in self.datasets)

    @cached_property
    def undescribed(self) -> str:
        """The only dataset of the folder that define.xml does not describe; '' for none or several.

        What is left over in define.xml follows from its absence.
        """
        names = sorted(set(self.datasets) - {d.name.upper() for d in self.content.datasets})
        return names[0] if len(names) == 1 else ""

    @cached_property
    def items(self) -> tuple[tuple[str, Item], ...]:
        """(dataset, item) of every variable that an ItemDef defines, in the order of define.xml."""
        missing = set(self.content.unresolved)
        return tuple((d.name, i) for d in self.content.datasets for i in d.items if i.oid not in missing)

    @cached_property
    def value_items(self) -> tuple[tuple[str, str, Item], ...]:
        """(dataset, variable, item) of every value-level definition of a variable."""
        missing = set(self.content.unresolved)
        return tuple(
            (dataset, item.name, level)
            for dataset, item in self.items
            for level in self.content.value_lists.get(item.value_list, ())
            if level.oid not in missing
        )

    @cached_property
    def all_items(self) -> tuple[tuple[str, str, Item], ...]:
        """(dataset, variable, item) of the variables and of the value-level definitions."""
        return (*((d, i.name, i) for d, i in self.items), *self.value_items)

    def lacks(self, needs: Needs) -> bool:
        """Whether the package does not have what a check needs."""
        content = self.content
        return {
            Needs.WHOLE: lambda: not self.complete,
            Needs.DATA: lambda: not self.described,
            Needs.FOLDER: lambda: self.folder is None,
            Needs.ANALYSES: lambda: not content.displays,
            Needs.VALUE_LEVEL: lambda: not content.value_lists,
            Needs.SDTM: lambda: self.standard != "sdtm",
            Needs.SOURCES: lambda: self.standard != "sdtm" and self.sources is None,
            Needs.VERSION_2_1: lambda: not content.version.startswith("2.1"),
            Needs.STANDARDS: lambda: not {s.name for s in content.standards.values()} & {"SDTMIG", "ADaMIG"},
        }[needs]()


Find = Callable[[DefineView], Iterable[DefineProblem]]


@dataclass(frozen=True)
class DefineCheck:
    """A check by its name in rules/define-*.yaml."""

    name: str
    find: Find
    needs: tuple[Needs, ...]

    def not_applicable(self, view: DefineView) -> str:
        """Why the check does not apply, '' where it does."""
        return next((n.value for n in self.needs if view.lacks(n)), "")

    def found(self, view: DefineView) -> Iterator[DefineProblem]:
        """The differences in one define.xml, each once."""
        yield from dict.fromkeys(self.find(view))


_CHECKS: dict[str, DefineCheck] = {}


def define_check(*needs: Needs) -> Callable[[Find], Find]:
    """Register a function as the check of its name. Raises ValueError where another check has it."""

    def register(find: Find) -> Find:
        name = getattr(find, "__name__", "")
        if name in _CHECKS:
            raise ValueError(f"two checks of define.xml are called {name}")
        _CHECKS[name] = DefineCheck(name, find, needs)
        return find

    return register


def registered() -> Mapping[str, DefineCheck]:
    """The checks of the modules that have been imported, by name."""
    return dict(sorted(_CHECKS.items()))
