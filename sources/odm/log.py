"""The item groups and items of an ODM-XML file as compact logs, in document order.

elements.py fills the logs, rows.py builds columns from them. Not for reading the XML.
"""

from __future__ import annotations

from array import array
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from .metadata import Versions

VALUE, REMOVED, CONTEXT = 0, 1, 2  # what a log entry of an item does
#: level of a removal -> the element that removed the row
LEVELS = {1: "item group", 6: "form", 4: "study event", 2: "subject"}
#: element above item groups -> how many parts of a context's key identify it, and its place in OdmFile.stated
CONTEXT_LEVELS = {"ClinicalData": (1, 0), "SubjectData": (2, 1), "StudyEventData": (4, 2), "FormData": (6, 3)}
#: attributes of an element that ODM does not define: name with namespace -> value
Attributes = dict[str, str]


@dataclass
class ItemLog:
    """All entries of one item in one item group, in document order. ``element``: position in the group's log."""

    element: array[int] = field(default_factory=lambda: array("i"))
    code: array[int] = field(default_factory=lambda: array("i"))
    kinds: list[tuple[int, int]] = field(default_factory=list)  # entry and kind of entries other than VALUE
    unit_element: array[int] = field(default_factory=lambda: array("i"))
    unit_code: array[int] = field(default_factory=lambda: array("i"))
    # element and value of items with IsNull="Yes" and a value
    null_filled: list[tuple[int, str]] = field(default_factory=list)
    values: dict[str, int] = field(default_factory=dict)
    units: dict[str, int] = field(default_factory=dict)
    attributes: dict[str, list[tuple[int, str]]] = field(default_factory=dict)  # name -> element and value


@dataclass
class GroupLog:
    """All ItemGroupData elements of one item group, and the rows that they create."""

    context: array[int] = field(default_factory=lambda: array("i"))  # per element: index into OdmFile.contexts
    ordinal: array[int] = field(default_factory=lambda: array("i"))  # per element: position among all of the file
    row: array[int] = field(default_factory=lambda: array("i"))  # per element: its row, -1 for none
    repeat: array[int] = field(default_factory=lambda: array("i"))  # per element: index into ``repeats``
    created_by: array[int] = field(default_factory=lambda: array("i"))  # per row: the element that created it
    removed: array[int] = field(default_factory=lambda: array("b"))  # per row: 0, or the level that removed it
    repeats: dict[str, int] = field(default_factory=dict)
    items: dict[str, ItemLog] = field(default_factory=dict)
    again: dict[int, int] = field(default_factory=dict)  # snapshot: row -> the earlier row of the same keys
    reinserted: list[int] = field(default_factory=list)  # elements that insert a row that exists already
    orphans: list[int] = field(default_factory=list)  # elements that remove a row that the file does not have
    attributes: dict[str, list[tuple[int, str]]] = field(default_factory=dict)  # name -> element and value
    unnamed: list[tuple[int, str]] = field(default_factory=list)  # element and value of items without ItemOID


@dataclass
class OdmFile:
    """A file as read. ``contexts``: (study, subject, event, its repeat key, form, its repeat key, site).

    ``stated``: for each context the attributes of its ClinicalData, SubjectData, StudyEventData and FormData that ODM
    does not define. ``attributes``: (element, name) of all of them, in order of the file. ``entities``: (element, key)
    -> the last attributes of a subject, event or form. ``restated``: (element, key, name) with several values there.
    ``unnamed``: element without the OID that identifies it -> lines. ``comments``: (line, text) of annotations.
    """

    path: Path
    sha256: str = ""
    transactional: bool = False
    metadata: Versions = field(default_factory=Versions)
    contexts: list[tuple[str, ...]] = field(default_factory=list)
    stated: list[tuple[Attributes | None, ...]] = field(default_factory=list)
    attributes: dict[tuple[str, str], None] = field(default_factory=dict)
    entities: dict[tuple[str, tuple[str, ...]], Attributes] = field(default_factory=dict)
    restated: set[tuple[str, tuple[str, ...], str]] = field(default_factory=set)
    unnamed: dict[str, list[int]] = field(default_factory=dict)
    comments: list[tuple[int, str]] = field(default_factory=list)
    groups: dict[str, GroupLog] = field(default_factory=dict)
    used_versions: dict[tuple[str, str], None] = field(default_factory=dict)
    unused: Counter[str] = field(default_factory=Counter)  # content of the file that is not read -> how often
    prefixes: dict[str, str] = field(default_factory=dict)  # namespace of a vendor -> its prefix
    notes: list[str] = field(default_factory=list)
    lines: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int32))  # per ItemGroupData element of the file
