"""A guide as a Word document: the same bytes for the same guide and date.

python-docx gives the package, its styles and properties; the body is written as WordprocessingML, since tables of many
rows take long otherwise. Not for the content (document.py) nor for the page (page.py).
"""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Callable, Iterable, Sequence
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from ..validation.reports.page import printable
from .document import (
    Block,
    Bullets,
    Cell,
    Code,
    Guide,
    Link,
    NumberedSection,
    Paragraph,
    Part,
    Table,
    ToWrite,
    as_parts,
    missing_lines,
    missing_sentence,
)

#: address of a target in the output folder, from the document; '' for a text without a link
Address = Callable[[str], str]

MARK = "To be written by the team: "
_ZIP_TIME = (1980, 1, 1, 0, 0, 0)
_FONT, _CODE_FONT = "Arial", "Courier New"
#: of Chinese, Japanese and Korean letters; Word takes another one that has them where it is absent
_EAST_ASIAN_FONT = "SimSun"
_WIDTH = 13536  # twentieths of a point of a table: Letter, landscape, margins of 0.8 inches
_MARGIN, _INDENT = 0.8, 360  # inches, twentieths of a point
_CELL_SIZE = 16  # half points
_LINK = '<w:color w:val="0B5394"/>'
_BORDERS = "".join(f'<w:{side} w:val="single" w:sz="4" w:color="A9B4BF"/>' for side in
                   ("top", "left", "bottom", "right", "insideH", "insideV"))  # fmt: skip
_PADDING = "".join(f'<w:{side} w:w="{w}" w:type="dxa"/>' for side, w in
                   (("top", 30), ("left", 70), ("bottom", 30), ("right", 70)))  # fmt: skip


def word_bytes(guide: Guide, declared: dt.datetime, address: Address) -> bytes:
    """The guide as a .docx file. ``declared``: the date of the run, which the properties of the file have."""
    import docx

    document = docx.Document()
    _set_up(document, guide, declared)
    body = _Body(lambda target: _relation(document, address(target)))
    _fill(document, body.whole(guide))
    out = io.BytesIO()
    document.save(out)
    return _without_times(out.getvalue())


class _Body:
    """The elements of the body as text. ``relation``: the identifier of the link to a target, '' for none."""

    def __init__(self, relation: Callable[[str], str]):
        self.relation = relation
        self._bookmarks = 0

    def whole(self, guide: Guide) -> list[str]:
        """The first page, then every section."""
        elements = self._first_page(guide)
        for section in guide.numbered():
            elements.append(self._heading(section))
            for block in section.section.blocks:
                elements += self._block(block)
        return elements

    def _first_page(self, guide: Guide) -> list[str]:
        """Title, facts of the run, how many texts are missing, and the contents."""
        study = f"{guide.study} {guide.study_title}".strip()
        elements = [_paragraph(_run(guide.title), style="Title"), _paragraph(_run(study))]
        elements += self._block(Table("Run", ("Fact", "Value"), guide.facts, (1, 4)))
        missing = guide.to_write()
        state = missing_sentence(len(missing)) if missing else "No text of the team is missing."
        elements.append(_paragraph(_run(f"This is a draft from the run. {state}", bold=True)))
        for section, line in missing_lines(guide):
            text = _inner_link(section) + _run(f": {line}")
            elements.append(_paragraph(text, style="ListBullet"))
        elements.append(_paragraph(_run("Contents", bold=True)))
        for section in guide.numbered():
            layout = f'<w:spacing w:after="0"/><w:ind w:left="{_INDENT * (section.depth - 1)}"/>'
            elements.append(_paragraph(_inner_link(section), layout=layout))
        return elements

    def _heading(self, section: NumberedSection) -> str:
        self._bookmarks += 1
        bookmark = quoteattr(_bookmark(section.anchor))
        text = (
            f'<w:bookmarkStart w:id="{self._bookmarks}" w:name={bookmark}/>{_run(section.heading)}'
            f'<w:bookmarkEnd w:id="{self._bookmarks}"/>'
        )
        layout = "<w:pageBreakBefore/>" if section.depth == 1 else ""
        return _paragraph(text, style=f"Heading{min(section.depth, 3)}", layout=layout)

    def _block(self, block: Block) -> list[str]:
        if isinstance(block, Paragraph):
            lead = [_paragraph(_run(block.lead, bold=True), layout="<w:keepNext/>")] if block.lead else []
            return [*lead, _paragraph(self._parts(block.parts))]
        if isinstance(block, Bullets):
            return [_paragraph(self._parts(item), style="ListBullet") for item in block.items]
        return self._table(block)

    def _table(self, table: Table) -> list[str]:
        weights = table.widths + (1,) * (len(table.headings) - len(table.widths))
        widths = [_WIDTH * w // sum(weights) for w in weights]
        numbers = [bool(table.rows) and all(isinstance(r[i], int) for r in table.rows) for i in range(len(widths))]
        rows = [self._row(table.headings, widths, right=numbers, head=True)]
        rows += [self._row(r, widths, right=[isinstance(c, int) for c in r]) for r in table.rows]
        grid = "".join(f'<w:gridCol w:w="{w}"/>' for w in widths)
        caption = _paragraph(_run(table.caption, bold=True, size=18), layout='<w:keepNext/><w:spacing w:after="40"/>')
        whole = (
            f'<w:tbl><w:tblPr><w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:tblBorders>{_BORDERS}</w:tblBorders>'
            f'<w:tblLayout w:type="fixed"/><w:tblCellMar>{_PADDING}</w:tblCellMar></w:tblPr>'
            f"<w:tblGrid>{grid}</w:tblGrid>{''.join(rows)}</w:tbl>"
        )
        return [caption, whole, _paragraph("", layout='<w:spacing w:after="0"/>')]

    def _row(self, cells: Sequence[Cell], widths: Sequence[int], *, right: Sequence[bool], head: bool = False) -> str:
        shade = '<w:shd w:val="clear" w:color="auto" w:fill="E9EEF3"/>' if head else ""
        written = []
        for cell, width, aligned in zip(cells, widths, right, strict=True):
            side = '<w:jc w:val="right"/>' if aligned else ""
            # the mark of the paragraph has the size too, so that an empty cell is no higher than the others
            layout = f'<w:spacing w:after="0"/>{side}<w:rPr><w:sz w:val="{_CELL_SIZE}"/></w:rPr>'
            line = _paragraph(self._parts(as_parts(cell), size=_CELL_SIZE, bold=head), layout=layout)
            written.append(f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{shade}</w:tcPr>{line}</w:tc>')
        repeated = "<w:tblHeader/>" if head else ""
        return f"<w:tr><w:trPr><w:cantSplit/>{repeated}</w:trPr>{''.join(written)}</w:tr>"

    def _parts(self, parts: Iterable[Part], *, size: int = 0, bold: bool = False) -> str:
        return "".join(self._part(p, size, bold) for p in parts)

    def _part(self, part: Part, size: int, bold: bool) -> str:
        if isinstance(part, ToWrite):
            marked = _run(f"{MARK}{part.ask}", size=size, more='<w:highlight w:val="yellow"/>')
            return marked + _run(f" ({part.key})", size=size)
        if isinstance(part, Code):
            return _run(part.text, size=size, font=_CODE_FONT)
        if isinstance(part, Link):
            relation = self.relation(part.target)
            if relation:
                return f'<w:hyperlink r:id="{relation}">{_run(part.text, size=size, colour=_LINK)}</w:hyperlink>'
            return _run(part.text, size=size, bold=bold)
        return _run(part, size=size, bold=bold)


def _run(text: str, *, bold: bool = False, size: int = 0, font: str = "", colour: str = "", more: str = "") -> str:
    """A run; line feeds become breaks. ``size``: in half points, 0 for that of the style."""
    asian = f' w:eastAsia="{_EAST_ASIAN_FONT}"'
    fonts = f'<w:rFonts w:ascii="{font}" w:hAnsi="{font}"{asian} w:cs="{font}"/>' if font else ""
    sizes = f'<w:sz w:val="{size}"/>' if size else ""
    lines = (f'<w:t xml:space="preserve">{escape(line)}</w:t>' for line in printable(text).split("\n"))
    properties = f"{fonts}{'<w:b/>' if bold else ''}{colour}{sizes}{more}"
    return f"<w:r><w:rPr>{properties}</w:rPr>{'<w:br/>'.join(lines)}</w:r>"


def _paragraph(runs: str, *, style: str = "", layout: str = "") -> str:
    named = f'<w:pStyle w:val="{style}"/>' if style else ""
    return f"<w:p><w:pPr>{named}{layout}</w:pPr>{runs}</w:p>"


def _inner_link(section: NumberedSection) -> str:
    anchor = quoteattr(_bookmark(section.anchor))
    return f"<w:hyperlink w:anchor={anchor}>{_run(section.heading, colour=_LINK)}</w:hyperlink>"


def _bookmark(anchor: str) -> str:
    """A name that Word accepts: letters, digits and '_'."""
    return anchor.replace("-", "_").replace(".", "_")


def _set_up(document: Any, guide: Guide, declared: dt.datetime) -> None:
    """Page, fonts, properties, header and footer."""
    from docx.enum.section import WD_ORIENT
    from docx.oxml import parse_xml
    from docx.oxml.ns import nsdecls, qn
    from docx.shared import Inches, Pt, RGBColor

    page = document.sections[0]
    page.orientation = WD_ORIENT.LANDSCAPE
    page.page_width, page.page_height = Inches(11), Inches(8.5)
    page.left_margin = page.right_margin = page.top_margin = page.bottom_margin = Inches(_MARGIN)
    for name, size in (("Normal", 10), ("Title", 24), ("Heading 1", 16), ("Heading 2", 13), ("Heading 3", 11)):
        style = document.styles[name]
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        fonts.attrib.clear()
        for script in ("ascii", "hAnsi", "cs"):
            fonts.set(qn(f"w:{script}"), _FONT)
        fonts.set(qn("w:eastAsia"), _EAST_ASIAN_FONT)
        style.font.size = Pt(size)
        if name != "Normal":
            style.font.color.rgb = RGBColor(0x1D, 0x27, 0x33)
    document.styles["Normal"].paragraph_format.space_after = Pt(6)
    properties = document.core_properties
    properties.title = printable(f"{guide.study}: {guide.title}")[:255]
    properties.subject, properties.comments, properties.keywords = printable(guide.study_title)[:255], "", ""
    properties.author = properties.last_modified_by = "raw2adam"
    properties.created = properties.modified = declared
    properties.revision = 1
    page.header.paragraphs[0].text = printable(f"{guide.study}   {guide.title}   draft")
    footer = page.footer.paragraphs[0]
    for code, before in (("PAGE", ""), ("NUMPAGES", " / ")):
        footer.add_run(before)
        footer._p.append(parse_xml(f'<w:fldSimple {nsdecls("w")} w:instr="{code}"/>'))


def _relation(document: Any, address: str) -> str:
    from docx.opc.constants import RELATIONSHIP_TYPE

    return document.part.relate_to(address, RELATIONSHIP_TYPE.HYPERLINK, is_external=True) if address else ""


def _fill(document: Any, elements: Sequence[str]) -> None:
    """Put the elements before the properties of the page, which end the body."""
    from docx.oxml import parse_xml
    from docx.oxml.ns import nsdecls

    whole = parse_xml(f"<w:body {nsdecls('w', 'r')}>{''.join(elements)}</w:body>")
    body = document.element.body
    whole.append(body.sectPr)
    document.element.replace(body, whole)  # one element moves, not each of many


def _without_times(data: bytes) -> bytes:
    """The same zip file with a fixed time, in the same order, for each part."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for info in source.infolist():
            fixed = zipfile.ZipInfo(info.filename, _ZIP_TIME)
            fixed.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(fixed, source.read(info))
    return out.getvalue()
