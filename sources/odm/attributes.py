"""Attributes that vendors add to the elements of an ODM-XML file, as columns of a source.

OpenClinica and LibreClinica write visit dates, sex and age in such attributes, Rave the subject's name, REDCap the name
of the event.
Not for reading the XML (stream.py) nor for items (rows.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection

import numpy as np
import pandas as pd

from ..text_columns import from_unique
from .log import CONTEXT_LEVELS, OdmFile
from .rows import OdmRows

STUDY = "StudyOID"


def local_name(name: str) -> str:
    """An attribute's name without its namespace."""
    return name.rpartition("}")[2]


class OdmAttributes:
    """The columns of a source that come from attributes. ``taken``: names of other columns of the source.

    ``wanted``: attributes that the source declares. Each is a column, also if the file does not have it.
    """

    def __init__(self, odm: OdmFile, rows: OdmRows, taken: Collection[str], wanted: Collection[str]):
        self.odm, self.rows = odm, rows
        self.wanted = wanted
        self.names = self._names(set(taken))

    def _names(self, taken: set[str]) -> dict[tuple[str, str], str]:
        """(level, attribute) -> column: the attribute's local name if that is unique in the file.

        LEVEL.name if several levels have an attribute of the name, or the source has a column of the name.
        LEVEL.prefix:name if one level has it from two vendors.
        """
        found = list(self.odm.attributes)
        if len({c[0] for c in self.odm.contexts}) > 1:
            found.insert(0, ("ClinicalData", STUDY))
        often = Counter(local_name(n) for _, n in found)
        at_level = Counter((level, local_name(n)) for level, n in found)
        out: dict[tuple[str, str], str] = {}
        for level, name in found:
            local = local_name(name)
            column = local
            if often[local] > 1 or local in taken:
                column = f"{level}.{local}"
            if at_level[level, local] > 1 or column in taken:
                column = f"{level}.{self.prefixed(name)}"
            out[level, name] = column
        return out

    def prefixed(self, name: str) -> str:
        """An attribute's name with the prefix of its namespace."""
        space = name.rpartition("}")[0].removeprefix("{")
        prefix = self.odm.prefixes.get(space, space)
        return f"{prefix}:{local_name(name)}" if prefix else name

    @property
    def of_contexts(self) -> set[str]:
        """The columns about subjects, events and forms: they are the same in all sources of a file."""
        return {column for (level, _), column in self.names.items() if level in CONTEXT_LEVELS}

    def columns(self) -> dict[str, pd.Categorical]:
        """The columns of all levels above the items, those of the outermost level first."""
        out = {}
        for (level, name), column in self.names.items():
            if level in CONTEXT_LEVELS:
                out[column] = from_unique(*self._of_context(level, name, column))
            elif level == "ItemGroupData" and not self.rows.merged:
                values, codes = self._of_group(name)
                if values:  # an attribute of another item group is not a column of this source
                    out[column] = from_unique(values, codes)
        return out

    def absent(self, columns: Collection[str]) -> dict[str, pd.Categorical]:
        """An empty column for each attribute that the source declares and the file does not have."""
        nothing = np.full(len(self.rows.record), -1)
        there = {local_name(n) for level, n in self.odm.attributes if level == "ItemData"}
        return {w: from_unique([], nothing) for w in self.wanted if w not in columns and w not in there}

    def _of_context(self, level: str, name: str, column: str) -> tuple[list[str], np.ndarray]:
        """Texts, and for each row the code of its text.

        A row of a snapshot has the value of its element. Without one it has the value of all elements of this subject,
        event or form, if they agree. A row of a transactional file has the last value of its subject, event or form.
        """
        codes: dict[str, int] = {}
        depth, at = CONTEXT_LEVELS[level]
        by_context = np.full(len(self.odm.contexts), -1, np.int64)
        for number in self.rows.contexts_used().tolist():
            key = self.odm.contexts[number]
            value = key[0] if name == STUDY else self._value_of(number, level, key[:depth], at, name)
            if value:
                by_context[number] = codes.setdefault(value, len(codes))
        return list(codes), self.rows.from_contexts(by_context, list(codes), column)

    def _value_of(self, context: int, level: str, key: tuple[str, ...], at: int, name: str) -> str | None:
        attributes = self.odm.stated[context][at]
        value = attributes.get(name) if attributes else None
        if level == "ClinicalData" or (value and not self.odm.transactional):
            return value
        entity = self.odm.entities.get((level, key), {})
        if self.odm.transactional or (level, key, name) not in self.odm.restated:
            return entity.get(name, value)
        return value

    def _of_group(self, name: str) -> tuple[list[str], np.ndarray]:
        codes = np.full(len(self.rows.record), -1, np.int64)
        values: list[str] = []
        for part in self.rows.parts:
            texts = part.log.attributes.get(name)
            if texts:
                self.rows.overwrite(part, texts, codes, values)
        return values, codes

    def of_item(self, oid: str, column: str) -> dict[str, pd.Categorical]:
        """The columns of an item's attributes that the source declares, ITEM.Attribute."""
        out = {}
        for name in [n for level, n in self.odm.attributes if level == "ItemData" and local_name(n) in self.wanted]:
            codes = np.full(len(self.rows.record), -1, np.int64)
            values: list[str] = []
            for part in self.rows.parts:
                log = part.log.items.get(oid)
                if log is not None and name in log.attributes:
                    self.rows.overwrite(part, log.attributes[name], codes, values)
            if values:
                out[f"{column}.{local_name(name)}"] = from_unique(values, codes)
        return out

    def report(self) -> None:
        """Note the attributes that are not in the columns."""
        items: Counter[str] = Counter()
        for part in self.rows.parts:
            for log in part.log.items.values():
                for name, texts in log.attributes.items():
                    if local_name(name) not in self.wanted:
                        items[self.prefixed(name)] += len(texts)
            if self.rows.merged:
                for name, texts in part.log.attributes.items():
                    items[f"{self.prefixed(name)} of ItemGroupData"] += len(texts)
        if items:
            listed = ", ".join(f"{n} {name}" for name, n in sorted(items.items()))
            self.rows.notes.append(
                f"not used: attributes of items ({listed}); those of ItemData become columns if attributes: names them"
            )
