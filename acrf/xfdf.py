"""The annotations as XFDF, which PDF editors import as comments into another PDF of the same CRF.

With the PDF of a sponsor the annotations lie beside the questions that were found in it. If study.yaml names its pages
(crf: of a source), they lie on those pages, in the right margin from top to bottom in the order of the fields. Else
they lie where the generated PDF has them.
Source: XML Forms Data Format 3.0 (ISO 19444-1), freetext. Not for the PDF (pdf.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from xml.etree import ElementTree

from ..mappings.models.documents import CrfSpec
from ..mappings.models.study import StudySpec
from .annotations import NOT_SUBMITTED, Annotation, Annotations
from .colors import NEUTRAL, WHITE
from .forms import CrfField, CrfForm
from .lettering import PLAIN, printable, width
from .pages import AnnotatedCrf, Note
from .sponsor_pdf import Line, SponsorPdf

_NAMESPACE = "http://ns.adobe.com/xfdf/"
#: the right margin of a page of the sponsor: Letter and A4 have it
_MARGIN, _HIGHEST, _LOWEST, _STEP = 570.0, 760.0, 40.0, 16.0


def crf_xfdf(notes: Sequence[tuple[int, Note]], file: str) -> bytes:
    """The file. ``notes``: (page from 1, annotation); ``file``: name of the PDF that they are for."""
    root = ElementTree.Element("xfdf", {"xmlns": _NAMESPACE, "xml:space": "preserve"})
    ElementTree.SubElement(root, "f", {"href": file})
    found = ElementTree.SubElement(root, "annots")
    for number, (page, note) in enumerate(notes, 1):
        _freetext(found, page, note, f"raw2adam-{number}")
    text: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return text + b"\n"


def _freetext(parent: ElementTree.Element, page: int, note: Note, name: str) -> None:
    about = {
        "page": str(page - 1),
        "rect": ",".join(f"{v:.2f}" for v in note.rect),
        "color": note.color,
        "flags": "print",
        "name": name,
        "title": "raw2adam",
        "subject": printable(note.annotation.domain or note.annotation.kind),
        "width": "0.6",
        "style": "dash" if note.dashed else "solid",
    }
    if note.dashed:
        about["dashes"] = "3,2"
    element = ElementTree.SubElement(parent, "freetext", about)
    ElementTree.SubElement(element, "contents").text = printable(" ".join(note.lines))
    ElementTree.SubElement(element, "defaultappearance").text = f"0 g /Helv {note.size:g} Tf"
    style = f"font: Helvetica,sans-serif {note.size:.1f}pt; text-align:left; color:#000000"
    ElementTree.SubElement(element, "defaultstyle").text = style


def generated_notes(crf: AnnotatedCrf) -> list[tuple[int, Note]]:
    """The annotations of the forms as the generated PDF has them; those of the legend are left out."""
    first = min((pages[0] for pages in crf.forms.values()), default=len(crf.pages) + 1)
    return [(n, note) for n, page in enumerate(crf.pages, 1) if n >= first for note in page.notes]


def has_sponsor_pages(spec: StudySpec) -> bool:
    """Whether study.yaml names pages of the sponsor's PDF."""
    return any(isinstance(s.crf, CrfSpec) and s.crf.has_pages for s in spec.sources.values())


def sponsor_notes(
    spec: StudySpec, forms: Sequence[CrfForm], annotations: Annotations, colors: Mapping[str, str]
) -> tuple[list[tuple[int, Note]], int]:
    """The annotations on the pages that study.yaml names, and the number of fields without a page number."""
    lowest: dict[int, float] = {}
    out: list[tuple[int, Note]] = []
    without = 0
    for form in forms:
        for crf_field in form.fields:
            page = _first_page(spec, crf_field)
            without += page is None
            for annotation in annotations.of_field(crf_field) if page is not None else ():
                assert page is not None
                y = lowest.get(page, _HIGHEST)
                lowest[page] = y - _STEP if y - _STEP > _LOWEST else _HIGHEST
                out.append((page, _in_margin(annotation, _MARGIN, y, colors)))
    return out, without


def found_notes(
    pdf: SponsorPdf,
    found: Mapping[tuple[int, int], Line],
    forms: Sequence[CrfForm],
    annotations: Annotations,
    colors: Mapping[str, str],
) -> list[tuple[int, Note]]:
    """The annotations at the right margin of the sponsor's pages, at the height of the questions; none overlap."""
    lowest: dict[int, float] = {}
    out: list[tuple[int, Note]] = []
    for (number, at), line in sorted(found.items(), key=lambda item: (item[1].page, -item[1].y, item[0])):
        for annotation in annotations.of_field(forms[number].fields[at]):
            y = min(line.y + 11, lowest.get(line.page, line.y + 11))
            lowest[line.page] = y - _STEP
            out.append((line.page, _in_margin(annotation, pdf.sizes[line.page - 1][0] - 24, y, colors)))
    return out


def _in_margin(annotation: Annotation, right: float, y: float, colors: Mapping[str, str]) -> Note:
    """An annotation of one line that ends at ``right``, with its upper end at ``y``."""
    text = annotation.text
    color = colors.get(annotation.domain, WHITE) if annotation.kind != NOT_SUBMITTED else NEUTRAL
    rect = (right - min(width(text, PLAIN, 9), 400.0) - 8, y - _STEP + 2, right, y)
    return Note(rect, annotation, (text,), color, not annotation.solid)


def _first_page(spec: StudySpec, crf_field: CrfField) -> int | None:
    return next(_pages(spec, crf_field), None)


def _pages(spec: StudySpec, crf_field: CrfField) -> Iterator[int]:
    for column in crf_field.columns:
        found = spec.sources[column.source].pages_of(column.column)
        yield from found.pages if found is not None else ()
