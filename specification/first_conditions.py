"""Where clauses of define.xml as conditions of a spec.

Not for reading conditions (mappings/expressions/).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from ..define.content import Check, Item, WhereClause
from ..engine.tables.dataset import NUMERIC_TYPES

_SIGNS = {"EQ": "==", "NE": "!=", "LT": "<", "LE": "<=", "GT": ">", "GE": ">=", "IN": "in", "NOTIN": "not in"}
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?", re.ASCII)


def condition(clause: WhereClause, dataset: str, items: Mapping[str, tuple[str, Item]]) -> str:
    """The condition of a where clause; '' where a spec cannot express it. ``items``: OID -> (dataset, item)."""
    parts = [_part(check, dataset, items) for check in clause.checks]
    return " and ".join(parts) if parts and all(parts) else ""


def _part(check: Check, dataset: str, items: Mapping[str, tuple[str, Item]]) -> str:
    found = items.get(check.item)
    if found is None or check.comparator not in _SIGNS or not check.values:
        return ""
    owner, item = found
    name = item.name if owner == dataset else f"{owner}.{item.name}"
    values = [_value(v, item) for v in check.values]
    if not all(values):
        return ""
    sign = _SIGNS[check.comparator]
    if check.comparator in ("IN", "NOTIN"):
        return f"{name} {sign} [{', '.join(values)}]"
    return f"{name} {sign} {values[0]}" if len(values) == 1 else ""


def _value(text: str, item: Item) -> str:
    if item.data_type in NUMERIC_TYPES:
        return text if _NUMBER.fullmatch(text) else ""
    return "" if "\n" in text or not text.strip() else "'" + text.replace("'", "''") + "'"
