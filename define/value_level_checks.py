"""Is the value-level metadata of define.xml right about the records: coverage, types, lengths, digits, terms.

Not for the metadata of variables (data_checks.py). A where clause is read as define.xml has it: the checks of one
clause all hold, and one of several clauses holds.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from ..engine.columns import column as col
from ..engine.columns.point_digits import digits_of, point_digits, without_exponent
from ..engine.tables.dataset import NUMERIC_TYPES, RangeCheck
from ..engine.tables.range_checks import holds

_ODM = "{http://www.cdisc.org/ns/odm/v1.3}"
_DEF = "{http://www.cdisc.org/ns/def/v2.1}"


class ValueLevelElements:
    """The elements of one define.xml that value-level metadata consist of, by OID."""

    def __init__(self, root: Any):
        self.items = {e.get("OID"): e for e in root.iter(f"{_ODM}ItemDef")}
        self.lists = {e.get("OID"): e for e in root.iter(f"{_DEF}ValueListDef")}
        self.clauses = {e.get("OID"): e for e in root.iter(f"{_DEF}WhereClauseDef")}
        self.codelists = {e.get("OID"): e for e in root.iter(f"{_ODM}CodeList")}

    def problems(self, group: Any, frame: pd.DataFrame) -> Iterator[str]:
        """The differences between the value-level metadata of a dataset and its records."""
        names = {ref.get("ItemOID"): self._name(ref) for ref in group.findall(f"{_ODM}ItemRef")}
        for oid, name in names.items():
            item = self.items.get(oid)
            found = item.find(f"{_DEF}ValueListRef") if item is not None else None
            levels = self.lists.get(found.get("ValueListOID")) if found is not None else None
            if levels is not None and name in frame:
                yield from (f"{name}: {text}" for text in self._of_list(levels, name, names, frame))

    def _name(self, ref: Any) -> str:
        item = self.items.get(ref.get("ItemOID"))
        return item.get("Name", "") if item is not None else ""

    def _of_list(self, levels: Any, name: str, names: dict[str, str], frame: pd.DataFrame) -> Iterator[str]:
        column = pd.Series(frame[name])
        filled = ~np.asarray(col.missing(column))
        count = np.zeros(len(frame), dtype="int64")
        for ref in levels.findall(f"{_ODM}ItemRef"):
            item = self.items.get(ref.get("ItemOID"))
            here = self._records(ref, names, frame)
            if item is None or here is None:
                return  # another dataset decides; references.py and the schema report what is not there
            count += here
            oid, values = ref.get("ItemOID"), int((here & filled).sum())
            if values and ref.get(f"{_DEF}HasNoData") == "Yes":
                yield f"{oid}: define.xml has HasNoData, and {values} records have a value"
            yield from (f"{oid}: {text}" for text in self._of_values(item, column, np.flatnonzero(here & filled)))
        outside, twice = int(((count == 0) & filled).sum()), int(((count > 1) & filled).sum())
        if outside:
            yield f"{outside} records with a value have no value-level definition; add one to values: of the spec"
        if twice:
            yield f"{twice} records with a value have more than one value-level definition"

    def _records(self, ref: Any, names: dict[str, str], frame: pd.DataFrame) -> np.ndarray | None:
        """Where one of the where clauses holds; None if a clause needs another dataset."""
        found = np.zeros(len(frame), dtype=bool)
        for of_ref in ref.findall(f"{_DEF}WhereClauseRef"):
            clause = self.clauses.get(of_ref.get("WhereClauseOID"))
            here = np.ones(len(frame), dtype=bool)
            for element in clause.findall(f"{_ODM}RangeCheck") if clause is not None else ():
                name = names.get(element.get(f"{_DEF}ItemOID"), "")
                if name not in frame:
                    return None
                values = tuple(v.text or "" for v in element.findall(f"{_ODM}CheckValue"))
                here &= holds(RangeCheck(name, element.get("Comparator", ""), values), pd.Series(frame[name]))
            found |= here
        return found

    def _of_values(self, item: Any, column: pd.Series, rows: np.ndarray) -> Iterator[str]:
        """The differences between a definition and the values of its records, all filled."""
        if not len(rows):
            return
        if col.is_number(column):
            numbers = np.unique(column.to_numpy("float64")[rows])
            texts, digits = [without_exponent(x) for x in numbers.tolist()], digits_of(numbers)
        else:
            codes, known = col.split_text(column)
            texts = [str(t) for t in known[np.unique(np.asarray(codes)[rows])]]
            digits = point_digits(texts)
        kind, length = item.get("DataType", ""), int(item.get("Length") or 0)
        if kind in NUMERIC_TYPES:
            wrong = next((t for t in texts if not _is_number(t)), None)
            if wrong is not None:
                yield f"{kind} in define.xml, a value is {wrong!r}"
                return
            stated = int(item.get("SignificantDigits") or 0)
            if digits[1] > stated:
                yield f"{stated} digits after the point in define.xml, values have {digits[1]}"
            elif length < digits[0] + stated:
                yield f"length {length} in define.xml, the values need {digits[0] + stated} digits"
        elif length and length < max(len(t.encode()) for t in texts):
            yield f"length {length} in define.xml, a value has {max(len(t.encode()) for t in texts)} bytes"
        yield from self._outside(item, texts)

    def _outside(self, item: Any, texts: list[str]) -> Iterator[str]:
        found = item.find(f"{_ODM}CodeListRef")
        codelist = self.codelists.get(found.get("CodeListOID")) if found is not None else None
        if codelist is None or codelist.find(f"{_ODM}ExternalCodeList") is not None:
            return
        terms = {e.get("CodedValue") for e in codelist if e.tag in (f"{_ODM}CodeListItem", f"{_ODM}EnumeratedItem")}
        outside = sorted(set(texts) - terms)
        if outside:
            yield f"the codelist {codelist.get('OID')} lacks {', '.join(map(repr, outside[:3]))}"


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
