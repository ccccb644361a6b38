"""Writes the annotated CRF as PDF: the annotations are FreeText annotations, as a person would add them to a CRF.

The same pages give the same bytes: the file has no date. Texts can be searched. Not for the
places of things (layout.py). Sources: ISO 32000-1 12.5.6.6 (FreeText); CDISC MSG 2.0 (colours, bookmarks by visit and
by form).
"""

from __future__ import annotations

import io
from typing import Any

from .colors import fractions
from .lettering import ASIAN, BOLD, PLAIN, further_letters, runs, shown, width
from .pages import BOTTOM, HEIGHT, LEFT, RIGHT, WIDTH, AnnotatedCrf, Note, Page

#: of links
_BLUE = (0.0, 0.0, 0.75)


def crf_pdf(crf: AnnotatedCrf) -> bytes:
    """The file. Raises InputError for a font of the study that cannot be embedded."""
    with further_letters(crf.font):
        return _pdf(crf)


def _pdf(crf: AnnotatedCrf) -> bytes:
    from reportlab import rl_config
    from reportlab.pdfgen.canvas import Canvas

    from .lettering import fonts

    rl_config.useA85 = 0  # streams are bytes, not text that is a quarter longer

    fonts()
    out = io.BytesIO()
    canvas: Any = Canvas(
        out, pagesize=(WIDTH, HEIGHT), pageCompression=1, invariant=1, initialFontName=PLAIN, initialFontSize=9,
        pdfVersion=(1, 7), lang="en-US",
    )  # fmt: skip
    canvas._doc.info = _info()
    canvas._doc.info.invariant = 1
    canvas.setTitle(crf.title)
    canvas.setAuthor("")
    canvas.setSubject(f"Annotated CRF of {crf.study}")
    canvas.setCreator("raw2adam")
    for number, page in enumerate(crf.pages, 1):
        _draw(canvas, crf, page, number)
        canvas.bookmarkPage(page.key)
        for at, mark in enumerate(crf.bookmarks):  # the writer knows one title for a place: each has its place
            if mark.key == page.key:
                canvas.bookmarkPage(f"bookmark-{at}")
        canvas.showPage()
    for at, mark in enumerate(crf.bookmarks):
        canvas.addOutlineEntry(mark.title, f"bookmark-{at}", mark.level, mark.closed)
    canvas.showOutline()
    canvas.save()
    return out.getvalue()


def _info() -> Any:
    """The document information without a date."""
    from reportlab.pdfbase.pdfdoc import PDFDictionary, PDFInfo, PDFString

    class Undated(PDFInfo):
        def format(self, document: Any) -> Any:
            names = ("title", "subject", "creator", "producer")
            return PDFDictionary({n.capitalize(): PDFString(getattr(self, n)) for n in names}).format(document)

    return Undated()


def _draw(canvas: Any, crf: AnnotatedCrf, page: Page, number: int) -> None:
    for rule in page.rules:
        canvas.setStrokeGray(rule.grey)
        canvas.setLineWidth(0.5)
        canvas.line(rule.x, rule.y, rule.to, rule.y)
    for text in page.texts:
        if text.link:
            canvas.setFillColorRGB(*_BLUE)
        else:
            canvas.setFillGray(text.grey)
        x = text.x - width(text.text, text.font, text.size) if text.right else text.x
        _write(canvas, x, text.y, text.text, text.font, text.size)
    canvas.setFillGray(0.35)
    _write(canvas, LEFT, BOTTOM - 14, shown(f"{crf.study}: {crf.title}")[:110], PLAIN, 7.5)
    canvas.setFont(PLAIN, 7.5)
    canvas.drawRightString(RIGHT, BOTTOM - 14, f"Page {number} of {len(crf.pages)}")
    for link in page.links:
        canvas.linkRect("", link.key, link.rect, relative=0, thickness=0)
    for position, note in enumerate(page.notes):
        _annotate(canvas, note, f"a{number}-{position + 1}")


def _write(canvas: Any, x: float, y: float, text: str, font: str, size: float) -> None:
    """Write a text from the left; each part in its font."""
    for name, part in runs(text, font):
        canvas.setFont(name, size)
        canvas.drawString(x, y, part)
        x += size * len(part) if name in ASIAN else width(part, name, size)


def _annotate(canvas: Any, note: Note, name: str) -> None:
    """A FreeText annotation with its appearance, so that every reader shows the same."""
    from reportlab.pdfbase.pdfdoc import PDFArray, PDFDictionary, PDFName, PDFObjectReference, PDFString, xObjectName

    left, low, right, high = note.rect
    wide, tall = right - left, high - low
    canvas.beginForm(name, 0, 0, wide, tall)
    canvas.setFillColorRGB(*fractions(note.color))
    canvas.setStrokeGray(0)
    canvas.setLineWidth(0.6)
    if note.dashed:
        canvas.setDash(3, 2)
    canvas.rect(0.3, 0.3, wide - 0.6, tall - 0.6, fill=1)
    canvas.setFillGray(0)
    font = BOLD if note.bold else PLAIN
    step = note.size * 1.22
    for line, text in enumerate(note.lines):
        _write(canvas, 3, tall - 1.5 - note.size * 0.95 - line * step, text, font, note.size)
    canvas.setPageCompression(0)  # it is as long as its compressed form
    canvas.endForm()
    canvas.setPageCompression(1)
    border = {"W": 0.6, "S": PDFName("D" if note.dashed else "S")}
    entries = {
        "Type": PDFName("Annot"),
        "Subtype": PDFName("FreeText"),
        "Rect": PDFArray([round(v, 2) for v in note.rect]),
        "Contents": PDFString(annotation_text(note)),
        "NM": PDFString(name),
        "T": PDFString("raw2adam"),
        "Subj": PDFString(note.annotation.domain or note.annotation.kind),
        "F": 4,
        "C": PDFArray([round(v, 4) for v in fractions(note.color)]),
        "BS": PDFDictionary(border | ({"D": PDFArray([3, 2])} if note.dashed else {})),
        "DA": PDFString(f"0 g /Helv {note.size:g} Tf"),
        "AP": PDFDictionary({"N": PDFObjectReference(xObjectName(name))}),
    }
    canvas._addAnnotation(PDFDictionary(entries), name)


def annotation_text(note: Note) -> str:
    """The text of an annotation in one line."""
    return " ".join(note.lines)
