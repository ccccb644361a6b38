"""Attributes of an ODM-XML file that are not ODM's own, as columns: what a vendor writes beside the standard ones.

OpenClinica and LibreClinica write visit dates, sex and age so, Rave the subject's name, REDCap the name of the event.
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
    """The columns of a source that come from attributes. ``taken``: names that columns of the source have already.

    ``wanted``: attributes that the source declares; they are columns also where the file has none of them.
    """

    def __init__(self, odm: OdmFile, rows: OdmRows, taken: Collection[str], wanted: Collection[str]):
        self.odm, self.rows = odm, rows
        self.wanted = wanted
        self.names = self._names(set(taken))

    def _names(self, taken: set[str]) -> dict[tuple[str, str], str]:
        """(level, attribute) -> column: the attribute's own name where that tells it in the whole file.

        The level stands before it where several levels have an attribute of the name, or the source has a column of
        the name; the namespace too where one level has it from two vendors.
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
        """The columns that tell of subjects, events and forms: the same in all sources of a file."""
        return {column for (level, _), column in self.names.items() if level in CONTEXT_LEVELS}

    def columns(self) -> dict[str, pd.Categorical]:
        """The columns of all levels above the items, those of the outermost level first."""
        out = {}
        for (level, name), column in self.names.items():
            if level in CONTEXT_LEVELS:
                out[column] = from_unique(*self._of_context(level, name, column))
            elif level == "ItemGroupData" and not self.rows.merged:
                values, codes = self._of_group(name)
                if values:  # an attribute of another item group is none of this source
                    out[column] = from_unique(values, codes)
        return out

    def absent(self, columns: Collection[str]) -> dict[str, pd.Categorical]:
        """An empty column for each attribute that the source declares and the file does not have."""
        nothing = np.full(len(self.rows.record), -1)
        there = {local_name(n) for level, n in self.odm.attributes if level == "ItemData"}
        return {w: from_unique([], nothing) for w in self.wanted if w not in columns and w not in there}

    def _of_context(self, level: str, name: str, column: str) -> tuple[list[str], np.ndarray]:
        """Texts, and for each row the code of its text.

        A row of a snapshot has what its own element says; where that says nothing, what all elements of this subject,
        event or form say, if they agree. A row of a transactional file has what is said last of them.
        """
        codes: dict[str, int] = {}
        depth, at = CONTEXT_LEVELS[level]
        by_context = np.full(len(self.odm.contexts), -1, np.int64)
        for number in self.rows.contexts_used().tolist():
            key = self.odm.contexts[number]
            value = key[0] if name == STUDY else self._said(number, level, key[:depth], at, name)
            if value:
                by_context[number] = codes.setdefault(value, len(codes))
        return list(codes), self.rows.from_contexts(by_context, list(codes), column)

    def _said(self, context: int, level: str, key: tuple[str, ...], at: int, name: str) -> str | None:
        own = self.odm.stated[context][at]
        said = own.get(name) if own else None
        if level == "ClinicalData" or (said and not self.odm.transactional):
            return said
        entity = self.odm.entities.get((level, key), {})
        if self.odm.transactional or (level, key, name) not in self.odm.restated:
            return entity.get(name, said)
        return said

    def _of_group(self, name: str) -> tuple[list[str], np.ndarray]:
        codes = np.full(len(self.rows.record), -1, np.int64)
        values: list[str] = []
        for part in self.rows.parts:
            said = part.log.attributes.get(name)
            if said:
                self.rows.lay(part, said, codes, values)
        return values, codes

    def of_item(self, oid: str, column: str) -> dict[str, pd.Categorical]:
        """The columns of an item's own attributes that the source declares, ITEM.Attribute."""
        out = {}
        for name in [n for level, n in self.odm.attributes if level == "ItemData" and local_name(n) in self.wanted]:
            codes = np.full(len(self.rows.record), -1, np.int64)
            values: list[str] = []
            for part in self.rows.parts:
                log = part.log.items.get(oid)
                if log is not None and name in log.attributes:
                    self.rows.lay(part, log.attributes[name], codes, values)
            if values:
                out[f"{column}.{local_name(name)}"] = from_unique(values, codes)
        return out

    def report(self) -> None:
        """Note what of the attributes is not in the columns."""
        items: Counter[str] = Counter()
        for part in self.rows.parts:
            for log in part.log.items.values():
                for name, said in log.attributes.items():
                    if local_name(name) not in self.wanted:
                        items[self.prefixed(name)] += len(said)
            if self.rows.merged:
                for name, said in part.log.attributes.items():
                    items[f"{self.prefixed(name)} of ItemGroupData"] += len(said)
        if items:
            listed = ", ".join(f"{n} {name}" for name, n in sorted(items.items()))
            self.rows.notes.append(
                f"not used: attributes of items ({listed}); attributes: makes columns of those of ItemData"
            )
