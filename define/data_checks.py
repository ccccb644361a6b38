"""Is define.xml right about the values of the transport files: data types, digits, HasNoData, Mandatory, Repeating.

Not for what the headers of the files decide (checks.py), nor for the conformance of the data (validation/).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import numpy as np
import pandas as pd

from ..engine.columns import column as col
from ..engine.columns.iso_types import ISO_TYPES, TIMES, iso_forms, iso_type
from ..engine.columns.point_digits import digits_of
from ..engine.columns.verbs import has_earlier, order_rows, record_codes
from ..engine.tables.dataset import NUMERIC_TYPES
from ..errors import InputError
from ..transport.dataset_files import read_records
from .value_level_checks import ValueLevelElements
from .xml_tree import parsed

_ODM = "{http://www.cdisc.org/ns/odm/v1.3}"
_DEF = "{http://www.cdisc.org/ns/def/v2.1}"
_HREF = "{http://www.w3.org/1999/xlink}href"


def define_against_values(xml: bytes, folder: Path, reported: Mapping[tuple[str, str], int] | None = None) -> list[str]:
    """The differences between define.xml and the values in the transport files of ``folder``, the folder of define.xml.

    ``reported``: dataset and variable -> records without a value that the findings of the build report: a mandatory
    variable may miss it there, and in no other record. A variable or file that only one of them has is no difference
    here: ``checks.define_against_data`` reports it.
    """
    root = parsed(xml).getroot()
    items = {item.get("OID"): item for item in root.iter(f"{_ODM}ItemDef")}
    levels = ValueLevelElements(root)
    problems = []
    for group in root.iter(f"{_ODM}ItemGroupDef"):
        leaf = group.find(f"{_DEF}leaf")
        path = folder / unquote(leaf.get(_HREF, "")) if leaf is not None else None
        if path is None or not path.is_file():
            continue
        name = group.get("Name", "")
        try:
            frame = read_records(path)[1]
        except InputError as error:
            problems.append(f"{name}: {error}")
            continue
        gaps = {variable: n for (dataset, variable), n in (reported or {}).items() if dataset == name}
        problems += [f"{name}: {text}" for text in _of_dataset(group, items, frame, gaps)]
        problems += [f"{name}: {text}" for text in levels.problems(group, frame)]
    return problems


def _of_dataset(
    group: Any, items: dict[str | None, Any], frame: pd.DataFrame, reported: Mapping[str, int]
) -> Iterator[str]:
    for ref in group.findall(f"{_ODM}ItemRef"):
        item = items.get(ref.get("ItemOID"))
        name = item.get("Name", "") if item is not None else ""
        if item is None or name not in frame:
            continue
        column = pd.Series(frame[name])
        yield from (f"{name}: {text}" for text in _of_reference(ref, column, reported.get(name, 0)))
        yield from (f"{name}: {text}" for text in _of_values(item, column))
    yield from _of_keys(group, items, frame)
    if "USUBJID" in frame and group.get("Repeating") == "No":
        again = int(has_earlier(record_codes([pd.Series(frame["USUBJID"])])).sum())
        if again:
            yield f"Repeating is No in define.xml, and {again} records repeat a subject"


def _of_keys(group: Any, items: dict[str | None, Any], frame: pd.DataFrame) -> Iterator[str]:
    """The keys are the order of the records, and identify each of them."""
    refs = sorted(
        (ref for ref in group.findall(f"{_ODM}ItemRef") if ref.get("KeySequence")),
        key=lambda ref: int(ref.get("KeySequence")),
    )
    keyed = (items.get(ref.get("ItemOID")) for ref in refs)
    keys = [name for item in keyed if item is not None and (name := item.get("Name", "")) in frame]
    columns = [pd.Series(frame[k]) for k in keys]
    if not columns:
        return
    moved = int((order_rows(columns) != np.arange(len(frame))).sum())
    if moved:
        yield f"{moved} records are not in the order of the keys {', '.join(keys)}"
    again = int(has_earlier(record_codes(columns)).sum())
    if again:
        yield f"{again} records repeat the keys {', '.join(keys)} of an earlier one"


def _of_reference(ref: Any, column: pd.Series, reported: int) -> Iterator[str]:
    gaps = col.missing(column)
    no_data = ref.get(f"{_DEF}HasNoData") == "Yes"
    if len(gaps) and no_data != bool(gaps.all()):
        yield f"define.xml has {'' if no_data else 'no '}HasNoData, and {int((~gaps).sum())} records have a value"
    unreported = int(gaps.sum()) - reported
    if ref.get("Mandatory") == "Yes" and unreported > 0:
        yield f"Mandatory in define.xml, and {unreported} records have no value"


def _of_values(item: Any, column: pd.Series) -> Iterator[str]:
    kind = item.get("DataType", "")
    if kind in NUMERIC_TYPES and col.is_number(column):
        yield from _of_numbers(item, kind, column.to_numpy("float64"))
    elif kind in ISO_TYPES and not col.is_number(column):
        codes, texts = col.split_text(column)
        used = texts[np.flatnonzero(np.bincount(codes, minlength=len(texts)))]
        found = iso_type(iso_forms(map(str, used), times=kind in TIMES))
        if found and found != kind:
            yield f"{kind} in define.xml, the values are {found}"


def _of_numbers(item: Any, kind: str, numbers: np.ndarray) -> Iterator[str]:
    whole, fraction = digits_of(numbers)
    if not whole:
        return
    digits = int(item.get("SignificantDigits") or 0)
    if kind == "integer" and fraction:
        yield f"integer in define.xml, values have {fraction} digits after the point"
    elif fraction > digits:
        yield f"SignificantDigits {digits} in define.xml, values have {fraction}"
    elif int(item.get("Length") or 0) != whole + digits:
        yield f"length {item.get('Length')} in define.xml, the values need {whole + digits} digits"
