"""The parts of an Excel workbook beside its cells: package, sheets, shared texts, number formats, the date system.

Not for the cells of a sheet (read.py). Parts are read from their XML, in the transitional and the strict namespaces
of ECMA-376 part 1.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from ...errors import InputError

_OLD_BINARY = b"\xd0\xcf\x11\xe0"  # OLE compound file: .xls, and .xlsx under a password
_MAX_UNPACKED = 4 * 2**30  # bytes
_MAX_RATIO, _RATIO_FROM = 250, 64 * 2**20  # sheets pack 10 to 50 times; beyond this, from 64 MB, it is a zip bomb
_MAX_FORMATS = 2 * 65_490  # cell formats in use and in styles; the limit of Excel is 65,490
_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
#: number formats that a workbook names by number only: ECMA-376 part 1, 18.8.30. From 27 on they are dates and times
#: of East Asian languages
_BUILT_IN = {
    0: "General", 1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 5: '"$"#,##0_);("$"#,##0)',
    6: '"$"#,##0_);[Red]("$"#,##0)', 7: '"$"#,##0.00_);("$"#,##0.00)', 8: '"$"#,##0.00_);[Red]("$"#,##0.00)',
    9: "0%", 10: "0.00%", 11: "0.00E+00", 12: "# ?/?", 13: "# ??/??", 14: "mm-dd-yy", 15: "d-mmm-yy", 16: "d-mmm",
    17: "mmm-yy", 18: "h:mm AM/PM", 19: "h:mm:ss AM/PM", 20: "h:mm", 21: "h:mm:ss", 22: "m/d/yy h:mm",
    37: "#,##0_);(#,##0)", 38: "#,##0_);[Red](#,##0)", 39: "#,##0.00_);(#,##0.00)", 40: "#,##0.00_);[Red](#,##0.00)",
    41: '_(* #,##0_);_(* (#,##0);_(* "-"_);_(@_)', 42: '_("$"* #,##0_);_("$"* (#,##0);_("$"* "-"_);_(@_)',
    43: '_(* #,##0.00_);_(* (#,##0.00);_(* "-"??_);_(@_)',
    44: '_("$"* #,##0.00_);_("$"* (#,##0.00);_("$"* "-"??_);_(@_)',
    45: "mm:ss", 46: "[h]:mm:ss", 47: "mm:ss.0", 48: "##0.0E+0", 49: "@",
    **dict.fromkeys((27, 28, 29, 30, 31, 36, 50, 51, 52, 53, 54, 57, 58), "yyyy-mm-dd"),
    **dict.fromkeys((32, 33, 34, 35, 55, 56), "h:mm:ss"),
}  # fmt: skip


@dataclass(frozen=True)
class Sheet:
    """A worksheet: its name and its part in the package."""

    name: str
    part: str


class Workbook:
    """An open workbook. ``sheets`` in the order of their tabs; ``from_1904``: days count from 1904-01-01."""

    def __init__(self, package: zipfile.ZipFile, file: str):
        self.package, self.file = package, file
        main = next((t for k, t in self._related("", "_rels/.rels") if k == "officeDocument"), "xl/workbook.xml")
        related = dict(self._relations(main))
        kinds = dict(self._related(main, _rels(main)))
        self.sheets: list[Sheet] = []
        self.from_1904 = False
        for element in self.elements(main, "workbookPr", "sheet"):
            if _local(element) == "workbookPr":
                self.from_1904 = element.get("date1904") in ("1", "true")
                continue
            identifier = next((v for k, v in element.attrib.items() if k.endswith("}id")), "")
            if identifier in related and related[identifier][0] == "worksheet":
                self.sheets.append(Sheet(unescaped(element.get("name", "")), related[identifier][1]))
        self.struck_texts: set[int] = set()
        self._shared = kinds.get("sharedStrings")
        self._styles = kinds.get("styles")

    @cached_property
    def texts(self) -> list[str]:
        """The shared texts; their runs joined, without phonetic guides."""
        if self._shared is None or self._shared not in self.package.namelist():
            return []
        found: list[str] = []
        for item in self.elements(self._shared, "si"):
            if is_struck(item):
                self.struck_texts.add(len(found))
            found.append(text_of(item))
        return found

    @cached_property
    def formats(self) -> list[str]:
        """The number format of each cell format, by its position."""
        if self._styles is None or self._styles not in self.package.namelist():
            return ["General"]
        defined: dict[int, str] = {}
        used: list[int] = []
        for element in self.elements(self._styles, "numFmt", "xf"):
            parent = element.getparent()
            if _local(element) == "numFmt":
                if parent is not None and _local(parent) == "numFmts":
                    defined[int(element.get("numFmtId", "0"))] = unescaped(element.get("formatCode", ""))
            elif parent is not None and _local(parent) == "cellXfs":
                used.append(int(element.get("numFmtId", "0")))
        return [defined.get(n) or _BUILT_IN.get(n, "General") for n in used]

    @cached_property
    def struck(self) -> frozenset[int]:
        """The positions of cell formats whose font strikes the text out: 18.8.22 of ECMA-376 part 1."""
        if self._styles is None or self._styles not in self.package.namelist():
            return frozenset()
        fonts: list[bool] = []
        used: list[int] = []
        for element in self.elements(self._styles, "font", "xf"):
            parent = element.getparent()
            if _local(element) == "font":
                if parent is not None and _local(parent) == "fonts":
                    fonts.append(_strikes(element))
            elif parent is not None and _local(parent) == "cellXfs":
                used.append(int(element.get("fontId", "0")))
        return frozenset(i for i, font in enumerate(used) if font < len(fonts) and fonts[font])

    def comments(self, sheet: Sheet) -> list[tuple[str, str]]:
        """(cell, text) of the comments on a sheet, in the order of the file; a thread is one text."""
        parts = [t for k, t in self._related(sheet.part, _rels(sheet.part)) if k == "comments"]
        found = []
        for part in parts:
            if part in self.package.namelist():
                for comment in self.elements(part, "comment"):
                    texts = [text_of(child) for child in comment if _local(child) == "text"]
                    found.append((comment.get("ref", "?"), " ".join("".join(texts).split())))
        return found

    def elements(self, part: str, *names: str) -> Iterator[Any]:
        """The elements of these local names in a part, each complete. Earlier elements are freed."""
        from lxml import etree  # pyright: ignore[reportAttributeAccessIssue]

        with self.package.open(part) as xml:
            tags = ["{*}" + n for n in names]
            for _, element in etree.iterparse(xml, tag=tags, resolve_entities=False, no_network=True):
                yield element
                element.clear()
                parent = element.getparent()
                while parent is not None and element.getprevious() is not None:
                    del parent[0]

    def _relations(self, part: str) -> Iterator[tuple[str, tuple[str, str]]]:
        rels = _rels(part)
        if rels in self.package.namelist():
            for element in self.elements(rels, "Relationship"):
                kind = element.get("Type", "").rpartition("/")[2]
                yield element.get("Id", ""), (kind, _resolved(part, element.get("Target", "")))

    def _related(self, part: str, rels: str) -> Iterator[tuple[str, str]]:
        if rels in self.package.namelist():
            for element in self.elements(rels, "Relationship"):
                yield element.get("Type", "").rpartition("/")[2], _resolved(part, element.get("Target", ""))


def _rels(part: str) -> str:
    folder, _, name = part.rpartition("/")
    return f"{folder}/_rels/{name}.rels" if folder else f"_rels/{name}.rels"


def _resolved(part: str, target: str) -> str:
    """The part that a relationship of ``part`` points to."""
    if target.startswith("/"):
        return target[1:]
    steps = part.split("/")[:-1]
    for step in target.split("/"):
        if step == "..":
            steps = steps[:-1]
        elif step not in ("", "."):
            steps.append(step)
    return "/".join(steps)


def _local(element: Any) -> str:
    return element.tag.rpartition("}")[2]


def text_of(item: Any) -> str:
    """The text of a shared or inline string: that of its runs, without its phonetic guides."""
    parts = []
    for child in item:
        name = _local(child)
        if name == "t":
            parts.append(child.text or "")
        elif name == "r":
            parts += [t.text or "" for t in child if _local(t) == "t"]
    return unescaped("".join(parts))


def is_struck(item: Any) -> bool:
    """Whether a run of a shared or inline string is struck out."""
    runs = [r for r in item if _local(r) == "r"]
    return any(_local(p) == "rPr" and _strikes(p) for r in runs for p in r)


def _strikes(properties: Any) -> bool:
    """Whether the properties of a font strike its text out."""
    return any(_local(e) == "strike" and e.get("val", "1") not in ("0", "false") for e in properties)


def unescaped(text: str) -> str:
    """The text with its escapes _xHHHH_ decoded, as ECMA-376 part 1, 22.9.2.19 (ST_Xstring) has them.

    A pair of surrogates is one character. A single surrogate and NUL are in no text, so their escapes remain.
    """
    if "_x" not in text:
        return text
    decoded = _ESCAPE.sub(lambda m: chr(int(m[1], 16)), text)
    if any("\ud800" <= c <= "\udfff" for c in decoded):
        decoded = decoded.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
    return "".join(f"_x{ord(c):04X}_" if "\ud800" <= c <= "\udfff" or c == "\0" else c for c in decoded)


def check_package(path: Path, file: str, advice: str = "copy it again, or declare format: csv for text") -> None:
    """Raises InputError for a file that is no workbook of this kind, is cut short, or could do harm."""
    with path.open("rb") as opened:
        start = opened.read(8)
    if not start:
        raise InputError(f"{file}: the file is empty (0 bytes); an Excel workbook was expected")
    if start.startswith(_OLD_BINARY):
        raise InputError(f"{file}: an old binary (.xls) or password-protected workbook; save it as .xlsx, no password")
    try:
        with zipfile.ZipFile(path) as package:
            members = package.infolist()
            names = {m.filename for m in members}
            if sum(m.file_size for m in members) > _MAX_UNPACKED or any(
                m.file_size > _RATIO_FROM and m.file_size > _MAX_RATIO * max(m.compress_size, 1) for m in members
            ):
                raise InputError(f"{file}: unpacks to far more than a workbook holds (a zip bomb?); not read")
            if any(n.endswith("workbook.bin") for n in names):
                raise InputError(f"{file}: a binary workbook (.xlsb); save it as .xlsx")
            if "[Content_Types].xml" not in names:
                raise InputError(f"{file}: a zip file, but not an Excel workbook; save it as .xlsx")
            for m in members:
                if m.filename.endswith((".xml", ".rels")):
                    with package.open(m) as part:
                        if b"<!DOCTYPE" in part.read(2**16):
                            raise InputError(
                                f"{file}: {m.filename} declares a DOCTYPE, which no workbook has; not read"
                            )
            if "xl/styles.xml" in names:
                _check_styles(package, file)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError) as error:
        raise InputError(f"{file}: not an Excel workbook, or cut short ({error}); {advice}") from None


def _check_styles(package: zipfile.ZipFile, file: str) -> None:
    """Refuse more formats than Excel allows: some files hold millions, which take minutes."""
    count = 0
    with package.open("xl/styles.xml") as part:
        while block := part.read(2**20):
            count += block.count(b"<xf ") + block.count(b"<numFmt ")
            if count > _MAX_FORMATS:
                raise InputError(f"{file}: more than {_MAX_FORMATS} cell formats; Excel holds fewer. Save it again")
