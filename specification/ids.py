"""IDs of a workbook and OIDs of define.xml: an ID is the OID without the prefix of its kind, MT.AE.AESTDY as AE.AESTDY.

Not for OIDs of datasets that raw2adam writes (transport/oids.py).
"""

from __future__ import annotations

from collections.abc import Iterable

from .sheets import PREFIXES


def ids_of(oids: Iterable[str], kind: str) -> dict[str, str]:
    """OID -> its ID, distinct also without regard to case."""
    prefix = PREFIXES[kind]
    taken: set[str] = set()
    found: dict[str, str] = {}
    for oid in oids:
        name = plain = (oid.removeprefix(prefix).strip() or oid).replace("\n", " ")
        number = 1
        while name.casefold() in taken:
            number += 1
            name = f"{plain}.{number}"
        taken.add(name.casefold())
        found[oid] = name
    return found


def oid_of(name: str, kind: str) -> str:
    """The OID of an ID, unless its row has another one."""
    return f"{PREFIXES[kind]}{name}"
