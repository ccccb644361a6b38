"""Which tables are in which file of the export, and which writer writes each format.

Not for the rules of a format: the other modules of synth/writers/.
"""

from __future__ import annotations

from datetime import date, datetime

from ..subjects.cohort import CUTOFF, EPOCH
from ..subjects.tables import Table
from .csv import csv_bytes
from .odm import odm_bytes
from .sav import sav_bytes
from .xlsx import xlsx_bytes
from .xpt import xpt_bytes

STUDY = "OBS16577"
#: the creation time in typed formats: never the clock
DECLARED = datetime.combine(date.fromordinal(CUTOFF + EPOCH), datetime.min.time())


def file_contents(tables: list[Table]) -> dict[str, bytes]:
    """File name -> its bytes, in the order of the tables; tables with the same name are parts of one file.

    Raises ValueError for a format that no writer has, or for several tables of one name in a format without parts.
    """
    grouped: dict[str, list[Table]] = {}
    for table in tables:
        grouped.setdefault(table.name, []).append(table)
    return {name: _content(name, parts) for name, parts in grouped.items()}


def _content(name: str, parts: list[Table]) -> bytes:
    kind = parts[0].format
    if kind == "odm":
        return odm_bytes(parts, STUDY, DECLARED)
    if len(parts) > 1:
        raise ValueError(f"{name}: {len(parts)} tables of one name; only an ODM snapshot has parts")
    if kind == "csv":
        return csv_bytes(parts[0])
    writers = {"xpt": xpt_bytes, "sav": sav_bytes, "xlsx": xlsx_bytes}
    if kind not in writers:
        raise ValueError(f"{name}: no writer of format {kind!r}")
    return writers[kind](parts[0], DECLARED)
