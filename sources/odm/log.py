"""What an ODM-XML file says of its item groups and items, in document order and compact. Not for reading the XML.

stream.py fills the logs, rows.py makes columns of them.
"""

from __future__ import annotations

from array import array
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from .metadata import Versions

VALUE, REMOVED, CONTEXT = 0, 1, 2  # what a log entry of an item does
#: how a row was removed
LEVELS = {1: "item group", 6: "form", 4: "study event", 2: "subject"}
#: element above item groups -> how much of a context's key tells it, and its place in OdmFile.stated
CONTEXT_LEVELS = {"ClinicalData": (1, 0), "SubjectData": (2, 1), "StudyEventData": (4, 2), "FormData": (6, 3)}
#: attributes of an element (name with namespace -> value) that are not ODM's own
Attributes = dict[str, str]


@dataclass
class ItemLog:
    """All entries of one item in one item group, in document order. ``element``: position in the group's log."""

    element: array[int] = field(default_factory=lambda: array("i"))
    code: array[int] = field(default_factory=lambda: array("i"))
    kinds: list[tuple[int, int]] = field(default_factory=list)  # entry and kind of those that are no plain VALUE
    unit_element: array[int] = field(default_factory=lambda: array("i"))
    unit_code: array[int] = field(default_factory=lambda: array("i"))
    # element and value of an IsNull="Yes" with a value
    null_filled: list[tuple[int, str]] = field(default_factory=list)
    values: dict[str, int] = field(default_factory=dict)
    units: dict[str, int] = field(default_factory=dict)
    attributes: dict[str, list[tuple[int, str]]] = field(default_factory=dict)  # name -> element and value


@dataclass
class GroupLog:
    """All ItemGroupData elements of one item group, and the rows that they make."""

    context: array[int] = field(default_factory=lambda: array("i"))  # per element: index into OdmFile.contexts
    ordinal: array[int] = field(default_factory=lambda: array("i"))  # per element: position among all of the file
    row: array[int] = field(default_factory=lambda: array("i"))  # per element: its row, -1 for none
    repeat: array[int] = field(default_factory=lambda: array("i"))  # per element: index into ``repeats``
    made_by: array[int] = field(default_factory=lambda: array("i"))  # per row: the element that made it
    removed: array[int] = field(default_factory=lambda: array("b"))  # per row: 0, or the level that removed it
    repeats: dict[str, int] = field(default_factory=dict)
    items: dict[str, ItemLog] = field(default_factory=dict)
    again: dict[int, int] = field(default_factory=dict)  # snapshot: row -> the earlier row of the same keys
    reinserted: list[int] = field(default_factory=list)  # elements that insert a row that is there already
    orphans: list[int] = field(default_factory=list)  # elements that remove a row that the file does not have
    attributes: dict[str, list[tuple[int, str]]] = field(default_factory=dict)  # name -> element and value
    unnamed: list[tuple[int, str]] = field(default_factory=list)  # element and value of items without ItemOID


@dataclass
class OdmFile:
    """A file as read. ``contexts``: (study, subject, event, its repeat key, form, its repeat key, site).

    ``stated``: for each context the attributes of its ClinicalData, SubjectData, StudyEventData and FormData that are
    not ODM's own. ``attributes``: (element, name) of all of them, in order of the file. ``entities``: (element, key) ->
    what was said last of a subject, event or form; ``restated``: (element, key, name) that has several values there.
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
    aside: Counter[str] = field(default_factory=Counter)  # what is in the file and not read -> how often
    prefixes: dict[str, str] = field(default_factory=dict)  # namespace of a vendor -> its prefix
    notes: list[str] = field(default_factory=list)
    lines: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int32))  # per ItemGroupData element of the file
