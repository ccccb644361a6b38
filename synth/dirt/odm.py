"""Edits items of one form of an ODM-XML snapshot; the rest of the document stays the same.

Not for choosing what to change. A record is an item group, in document order. Item groups cannot be copied: their keys
would not be unique, and no data capture system exports such keys.
"""

from __future__ import annotations

from typing import Any

from .file import Edits, RawFile

_NS = "{http://www.cdisc.org/ns/odm/v1.3}"
_KEYS = ("SITE_ID", "SUBJ_ID", "VISIT")


class OdmFile(RawFile):
    """The item groups IG.<part>; their subject and event are columns that can be read, but not changed."""

    def __init__(self, content: bytes, part: str):
        from lxml import etree  # pyright: ignore[reportAttributeAccessIssue]

        self._etree, self._part = etree, part
        self._content = content
        root = etree.fromstring(content)
        names = [d.get("Name") for d in root.iter(f"{_NS}ItemDef") if d.get("OID").startswith(f"I.{part}.")]
        self.columns = (*_KEYS, *names)
        self._groups = self._item_groups(root)
        self._keys: list[dict[str, str]] = []
        for group in self._groups:
            event = group.getparent().getparent()
            site, _, subject = event.getparent().get("SubjectKey").partition("-")
            visit = event.get("StudyEventOID").removeprefix("SE.")
            self._keys.append({"SITE_ID": site, "SUBJ_ID": subject, "VISIT": visit})

    def __len__(self) -> int:
        return len(self._groups)

    def cells(self, column: str) -> list[str]:
        if column in _KEYS:
            return [keys[column] for keys in self._keys]
        return [_text(self._item(group, column)) for group in self._groups]

    def fits(self, column: str, text: str) -> bool:
        return column not in _KEYS and text.isprintable()

    def edited(self, edits: Edits) -> bytes:
        if edits.copies or edits.appended:
            raise ValueError("an item group of a snapshot cannot be copied")
        root = self._etree.fromstring(self._content)
        groups = self._item_groups(root)
        for row, changed in edits.cells.items():
            for column, text in changed.items():
                self._put(groups[row], column, text)
        return self._etree.tostring(root, xml_declaration=True, encoding="UTF-8") + b"\n"

    def _item_groups(self, root: Any) -> list[Any]:
        wanted = f"IG.{self._part}"
        return [g for g in root.iter(f"{_NS}ItemGroupData") if g.get("ItemGroupOID") == wanted]

    def _item(self, group: Any, column: str) -> Any:
        wanted = f"I.{self._part}.{column}"
        for item in group:
            if item.get("ItemOID") == wanted and item.get("TransactionType") != "Remove":
                return item
        return None

    def _put(self, group: Any, column: str, text: str) -> None:
        item = self._item(group, column)
        if not text:
            group.remove(item)
            return
        for typed in [i for i in group if i.tag != f"{_NS}ItemData"]:  # a typed item holds nothing of another type
            plain = self._etree.Element(f"{_NS}ItemData", ItemOID=typed.get("ItemOID"), Value=typed.text)
            plain.tail = typed.tail
            group.replace(typed, plain)
        self._item(group, column).set("Value", text)


def _text(item: Any) -> str:
    if item is None:
        return ""
    return item.get("Value", "") if item.tag == f"{_NS}ItemData" else item.text or ""
