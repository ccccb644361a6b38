"""The attributes of variables and datasets: names, labels, types, lengths, the order of the variables."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from typing import Literal

import numpy as np
from pydantic import Field

from ...engine.columns import column as col
from ..package import Package
from ..table import Table, among
from .kind import Check, Hit, Name, register_check
from .variables import standard_facts

MAX_LABEL = 40  # bytes: SAS XPORT version 5
_NAME = re.compile(r"[A-Z][A-Z0-9_]{0,7}", re.ASCII)
_SUPPLIED = re.compile(r"[<\[{]")  # a label of the guide with a part that the study writes


@register_check
class NameCheck(Check):
    """The names of the dataset and its variables are 1 to 8 capitals, digits and underscores."""

    verb = "names"

    names: Literal["usable"]

    def hits(self, table: Table, package: Package) -> Iterator[Hit]:
        if not _NAME.fullmatch(table.name):
            yield Hit(value=table.name)
        for name in table.columns:
            if not _NAME.fullmatch(name):
                yield Hit(variable=name, value=name)


@register_check
class LabelCheck(Check):
    """The labels of a dataset and its variables."""

    verb = "labels"

    labels: Literal["standard", "short", "present"] = Field(
        description="standard: of a variable, as the guide; short: at most 40 bytes; present: not empty."
    )

    def parts(self) -> frozenset[str]:
        return frozenset({"standard" if self.labels == "standard" else "about"})

    def applies(self, table: Table) -> str:
        if self.labels == "standard" and table.facts is None:
            return f"the guide does not list {table.domain}"
        if self.labels != "present" and not any(v.label for v in table.about.values()):
            return f"the labels of {table.name} are not known"
        return ""

    def hits(self, table: Table, package: Package) -> Iterator[Hit]:
        spec = table.dataset.metadata
        if self.labels == "standard":
            yield from self._other_labels(table)
            return
        for name, label in (("", spec.label), *((v.name, v.label) for v in spec.variables)):
            wrong = len(label.encode()) > MAX_LABEL if self.labels == "short" else not label.strip()
            if wrong:
                about = f"{name} of {table.name}" if name else table.name
                yield Hit(variable=name, value=label, parts={"about": about})

    def _other_labels(self, table: Table) -> Iterator[Hit]:
        known = standard_facts(table)
        for name, v in table.about.items():
            fact = known.get(name)
            if (
                fact is not None
                and v.label
                and fact.label
                and v.label != fact.label
                and not _SUPPLIED.search(fact.label)
            ):
                yield Hit(variable=name, value=v.label, parts={"standard": fact.label})


@register_check
class TypeCheck(Check):
    """A variable is numeric or character as the guide states."""

    verb = "types"

    types: Literal["standard"]

    def applies(self, table: Table) -> str:
        return "" if table.facts is not None else f"the guide does not list {table.domain}"

    def hits(self, table: Table, package: Package) -> Iterator[Hit]:
        known = standard_facts(table)
        for name in table.columns:
            fact = known.get(name)
            if fact is not None and (fact.type == "Num") != table.is_number(name):
                yield Hit(variable=name, parts={"standard": "numeric" if fact.type == "Num" else "character"})

    def parts(self) -> frozenset[str]:
        return frozenset({"standard"})


@register_check
class VariableOrderCheck(Check):
    """The variables that the guide lists are in its order."""

    verb = "variable_order"

    variable_order: Literal["standard"]

    def applies(self, table: Table) -> str:
        return "" if table.facts is not None else f"the guide does not list {table.domain}"

    def hits(self, table: Table, package: Package) -> Iterator[Hit]:
        listed = {name: i for i, name in enumerate(table.facts.names)} if table.facts is not None else {}
        names = [n for n in table.columns if n in listed]
        for before, name in itertools.pairwise(names):
            if listed[name] < listed[before]:
                yield Hit(variable=name, parts={"before": before})
                return

    def parts(self) -> frozenset[str]:
        return frozenset({"before"})


@register_check
class EmptyCheck(Check):
    """A variable has a value in at least one record."""

    verb = "not_empty"

    not_empty: Literal["Perm", "Exp", "Req"] = Field(description="The core status of the variables that are judged.")
    but: tuple[Name, ...] = Field(default=(), description="Variables that are not judged.")

    def applies(self, table: Table) -> str:
        return "" if table.facts is not None else f"the guide does not list {table.domain}"

    def hits(self, table: Table, package: Package) -> Iterator[Hit]:
        known = standard_facts(table)
        for name in table.columns:
            fact = known.get(name)
            if fact is None or fact.core != self.not_empty or name in self.but:
                continue
            if table.missing(name).all():
                yield Hit(variable=name)


@register_check
class LengthCheck(Check):
    """A text is not longer than a number of bytes."""

    verb = "max_bytes"

    max_bytes: int = Field(description="Bytes of the longest text in UTF-8.")

    def hits(self, table: Table, package: Package) -> Iterator[Hit]:
        for name in table.columns:
            if table.is_number(name):
                continue
            codes, texts = table.texts(name)
            lengths = col.computed_once(texts, _bytes)
            long = lengths > self.max_bytes
            if long.any():
                rows = np.flatnonzero(long[codes])
                if len(rows):
                    yield Hit(rows=rows, variable=name)


@register_check
class TextsCheck(Check):
    """No text of the dataset begins with a blank, is only a full stop, or has a character that is not printed."""

    verb = "texts"

    texts: Literal["begin", "full_stop", "printable"] = Field(
        description="begin: no blank at the start; full_stop: no text is only one; printable: no control character."
    )

    def hits(self, table: Table, package: Package) -> Iterator[Hit]:
        judged = {"begin": _begins_blank, "full_stop": _is_full_stop, "printable": _is_unprintable}[self.texts]
        for name in table.columns:
            if table.is_number(name):
                continue
            codes, texts = table.texts(name)
            found = among(codes, col.computed_once(texts, judged))
            if found is not None:
                yield Hit(rows=np.flatnonzero(found), variable=name)


@register_check
class SizeCheck(Check):
    """The records of a dataset, as wide as its variables, are not larger than a number of bytes."""

    verb = "max_size"

    max_size: int = Field(description="Bytes.")

    def hits(self, table: Table, package: Package) -> Iterator[Hit]:
        width = sum(8 if v.is_numeric else v.length for v in table.about.values())
        if width * table.n > self.max_size:
            yield Hit(value=str(width * table.n))


@register_check
class NotLabelCheck(Check):
    """A value is not the label of its dataset."""

    verb = "not_dataset_label"

    not_dataset_label: tuple[Name, ...] = Field(description="The variables.")

    def applies(self, table: Table) -> str:
        there = any(table.expanded(n) in table.names for n in self.not_dataset_label)
        return "" if there else f"{table.name} has none of the variables"

    def hits(self, table: Table, package: Package) -> Iterator[Hit]:
        label = table.dataset.metadata.label.upper()
        for name in map(table.expanded, self.not_dataset_label):
            found = table.where(name, lambda t: bool(t) and t.upper() == label) if name in table.names else None
            if found is not None:
                yield Hit(rows=np.flatnonzero(found), variable=name)


def _begins_blank(texts: np.ndarray) -> np.ndarray:
    return np.array([t[:1].isspace() for t in texts], dtype=bool)


def _is_full_stop(texts: np.ndarray) -> np.ndarray:
    return np.array([t == "." for t in texts], dtype=bool)


def _is_unprintable(texts: np.ndarray) -> np.ndarray:
    return np.array([not t.isprintable() for t in texts], dtype=bool)


def _bytes(texts: np.ndarray) -> np.ndarray:
    return np.array([len(t) if t.isascii() else len(t.encode("utf-8", "surrogatepass")) for t in texts], dtype="int64")
