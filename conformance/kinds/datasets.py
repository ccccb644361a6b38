"""Which datasets a package has: those that it needs, those that come together, those that are known."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from ...mappings.facts.facts import sdtm_names
from ..package import Package
from .kind import Check, Hit, register_check


@register_check
class DatasetsCheck(Check):
    """Datasets that a package has. A package that is not complete is judged only beside the datasets of ``with``."""

    verb = "datasets"
    of_package = True

    datasets: tuple[str, ...] = Field(description="Domains that must be there.", min_length=1)
    with_: tuple[str, ...] = Field(default=(), alias="with", description="Only in a package with one of these domains.")
    with_variable: tuple[str, ...] = Field(default=(), description="Only if some dataset has one of these variables.")

    def package_applies(self, package: Package) -> str:
        if not package.complete:
            return "the package may be a part of a study"
        if self.with_ and not any(n in package.by_domain for n in self.with_):
            return f"none of {', '.join(self.with_)} is in the package"
        wanted = set(self.with_variable)
        if wanted and not any(wanted & table.names for table in package.tables.values()):
            return f"no dataset has {' or '.join(self.with_variable)}"
        return ""

    def package_hits(self, package: Package) -> Iterator[Hit]:
        for name in self.datasets:
            if name not in package.by_domain and name not in package.tables:
                yield Hit(dataset=name)


@register_check
class DatasetNamesCheck(Check):
    """The name of every dataset, and its domain."""

    verb = "dataset_names"
    of_package = True

    dataset_names: Literal["known", "split", "length", "supplement", "records"] = Field(
        description="known: the domain is one of the guide, or has the variables of a class; split: the name of a part "
        "of a domain begins with it; length: and has one or two letters more; supplement: SUPP-- has its parent; "
        "records: the dataset is not empty."
    )

    def package_hits(self, package: Package) -> Iterator[Hit]:
        if self.dataset_names == "records":
            yield from (Hit(dataset=n) for n, d in package.datasets.items() if not len(d))
            return
        for table in package.tables.values():
            if self._is_wrong(package, table.name):
                yield Hit(dataset=table.name, value=table.domain)

    def _is_wrong(self, package: Package, name: str) -> bool:
        table = package.tables[name]
        if self.dataset_names == "supplement":
            parent = name.removeprefix("SUPP")
            return table.is_supplement and package.complete and package.table(parent) is None and not any(
                t.name == parent or parent in package.by_domain for t in package.tables.values()
            )  # fmt: skip
        if table.is_supplement or (table.domain in sdtm_names() and self.dataset_names == "known"):
            return False
        if self.dataset_names == "known":
            return not table.observation_class and not table.domain.startswith("AP")
        if self.dataset_names == "length":
            return name != table.domain and len(name) not in (len(table.domain) + 1, len(table.domain) + 2)
        return not name.startswith(table.domain)
