"""One variable in several datasets: the same label and type everywhere; the label of a dataset."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import numpy as np
from pydantic import Field

from ..package import Package
from ..table import Table
from .kind import Check, Hit, Name, register_check


@register_check
class SameAttributeCheck(Check):
    """A variable of several datasets has one label, or one type. The datasets with the rarer one are the findings."""

    verb = "same_attribute"
    of_package = True

    same_attribute: Literal["label", "type"] = Field(description="label, or type: numeric or character.")
    not_variables: tuple[Name, ...] = Field(default=(), description="Variables that the check is not about.")

    def parts(self) -> frozenset[str]:
        return frozenset({"usual", "others"})

    def package_applies(self, package: Package) -> str:
        return "" if len(package.tables) > 1 else "the package has one dataset"

    def package_hits(self, package: Package) -> Iterator[Hit]:
        stated: dict[str, dict[str, list[str]]] = {}
        for table in package.tables.values():
            for name in table.columns:
                text = self._stated(table, name)
                if text and name not in self.not_variables:
                    stated.setdefault(name, {}).setdefault(text, []).append(table.name)
        for name, texts in sorted(stated.items()):
            if len(texts) < 2:
                continue
            subjects = {"ADSL", "DM"}
            usual = min(texts, key=lambda t: (not subjects & set(texts[t]), -len(texts[t]), t))
            for text in sorted(set(texts) - {usual}):
                for dataset in texts[text]:
                    parts = {"usual": usual, "others": ", ".join(texts[usual][:3])}
                    yield Hit(dataset=dataset, variable=name, value=text, parts=parts)

    def _stated(self, table: Table, name: str) -> str:
        if self.same_attribute == "label":
            return table.about[name].label
        return "numeric" if table.is_number(name) else "character"


@register_check
class DatasetLabelCheck(Check):
    """The label of a dataset is that of the guide."""

    verb = "dataset_label"

    dataset_label: Literal["standard"]

    def parts(self) -> frozenset[str]:
        return frozenset({"standard"})

    def applies(self, table: Table) -> str:
        if table.facts is None or table.is_supplement or table.name != table.domain:
            return f"the guide has no label of {table.name}"
        return "" if table.dataset.metadata.label else f"the label of {table.name} is not known"

    def hits(self, table: Table, package: Package) -> Iterator[Hit]:
        wanted = table.facts.label if table.facts is not None else ""
        label = table.dataset.metadata.label
        if label.strip().casefold() != wanted.casefold():
            yield Hit(value=label, parts={"standard": wanted})


@register_check
class AsciiCheck(Check):
    """A text has only characters of ASCII."""

    verb = "ascii"

    ascii: Literal[True]

    def hits(self, table: Table, package: Package) -> Iterator[Hit]:
        for name in table.columns:
            if not table.is_number(name):
                found = table.where(name, lambda text: not text.isascii())
                if found is not None:
                    yield Hit(rows=np.flatnonzero(found), variable=name)
