"""Finds the fields of forms in the PDF of a sponsor: the page and the height of each question.

A form is on the pages from one with its title to the one before the next title. A field is at the first line there that
begins with its question, else with its name. A field that is not found for certain is not guessed. Not for placing
annotations (xfdf.py).
"""

from __future__ import annotations

import io
import json
import logging
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import InputError
from .forms import CrfForm

#: the title of a form is one of so many lines at the top of a page
_TOP = 5
#: lines of a page lie at least so far from each other, in points
_APART = 3.0


@dataclass(frozen=True)
class Line:
    """A line of text on a page. ``page`` from 1; ``y`` from the lower end, in points; ``text`` as compared."""

    page: int
    y: float
    text: str


@dataclass(frozen=True)
class SponsorPdf:
    """The lines of a PDF from top to bottom, and the size of each page."""

    lines: list[Line]
    sizes: list[tuple[float, float]]


def read_pdf(path: Path) -> SponsorPdf:
    """Read the text of a PDF. Raises InputError for a file that is none, is damaged or encrypted, or has no text."""
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror or error}") from None
    if b"%PDF-" not in data[:1024]:
        raise InputError(f"{path}: is no PDF")
    logging.getLogger("pypdf").setLevel(logging.ERROR)  # what it repairs by itself is no message to a user
    lines: list[Line] = []
    sizes = []
    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted:
            raise InputError(f"{path}: is encrypted; save it without a password")
        for number, page in enumerate(reader.pages, 1):
            sizes.append((float(page.mediabox.width), float(page.mediabox.height)))
            lines += _lines(page, number)
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise InputError(f"{path}: the PDF is damaged ({type(error).__name__}); save it again") from None
    if not lines:
        raise InputError(f"{path}: no page has text; a scanned CRF needs text recognition first")
    return SponsorPdf(lines, sizes)


def _lines(page: Any, number: int) -> Iterator[Line]:
    """The lines of a page from top to bottom; pieces of text at one height are one line."""
    pieces: list[tuple[float, float, str]] = []

    def visit(text: str, matrix: list[float], of_text: list[float], *_: object) -> None:
        if text.strip():
            x = of_text[4] * matrix[0] + of_text[5] * matrix[2] + matrix[4]
            y = of_text[4] * matrix[1] + of_text[5] * matrix[3] + matrix[5]
            pieces.append((y, x, text))

    page.extract_text(visitor_text=visit)
    rows: list[list[tuple[float, float, str]]] = []
    for piece in sorted(pieces, key=lambda p: (-p[0], p[1])):
        if rows and rows[-1][0][0] - piece[0] < _APART:
            rows[-1].append(piece)
        else:
            rows.append([piece])
    for row in rows:
        text = compared(" ".join(t for _, _, t in sorted(row, key=lambda p: p[1])))
        if text:
            yield Line(number, row[0][0], text)


def compared(text: str) -> str:
    """A text as it is compared: letters and digits in lower case, single blanks for all else."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return " ".join("".join(c if c.isalnum() else " " for c in plain).split())


def find_fields(pdf: SponsorPdf, forms: Sequence[CrfForm]) -> dict[tuple[int, int], Line]:
    """Number of form and field -> the line of its question. Equal lines come first, then beginnings, then names."""
    found: dict[tuple[int, int], Line] = {}
    for number, first, last in _pages_of_forms(pdf, forms):
        free = [line for line in pdf.lines if first <= line.page <= last]
        fields = forms[number].fields
        questions = {at: compared(f.label) for at, f in enumerate(fields)}
        names = {at: compared(f.name) for at, f in enumerate(fields)}
        for wanted, whole in ((questions, True), (questions, False), (names, True), (names, False)):
            for at, text in wanted.items():
                if not text or (number, at) in found:
                    continue
                line = next((x for x in free if (x.text == text if whole else _begins(x.text, text))), None)
                if line is not None:
                    free.remove(line)
                    found[number, at] = line
    return found


def pages_yaml(found: Mapping[tuple[int, int], Line], forms: Sequence[CrfForm], file: str) -> str:
    """The pages of the fields as ``crf:`` of the sources, for study.yaml."""
    pages: dict[str, dict[str, int]] = {}
    for (number, at), line in sorted(found.items()):
        for column in forms[number].fields[at].columns:
            pages.setdefault(column.source, {})[column.column] = line.page
    out = [f"# pages of {json.dumps(file, ensure_ascii=False)}, for study.yaml; check them", "sources:"]
    for source, columns in pages.items():
        listed = ", ".join(f"{json.dumps(c, ensure_ascii=False)}: {page}" for c, page in columns.items())
        out += [f"  {json.dumps(source, ensure_ascii=False)}:", f"    crf: {{columns: {{{listed}}}}}"]
    return "\n".join(out) + "\n"


def _pages_of_forms(pdf: SponsorPdf, forms: Sequence[CrfForm]) -> Iterator[tuple[int, int, int]]:
    """(form, first page, last page) of the forms whose title is at the top of a page: a line, or its beginning."""
    tops: dict[int, list[str]] = {}
    for line in pdf.lines:
        tops.setdefault(line.page, []).append(line.text)
    starts: dict[int, int] = {}
    for number, form in enumerate(forms):
        title = compared(form.title)
        equal = [page for page, texts in tops.items() if title in texts[:_TOP]]
        begin = [page for page, texts in tops.items() if title and any(_begins(t, title) for t in texts[:_TOP])]
        pages = equal or begin
        if title and pages and pages[-1] - pages[0] == len(pages) - 1:  # once, or on pages that follow each other
            starts[number] = pages[0]
    for number, first in starts.items():
        later = [page for page in starts.values() if page > first]
        yield number, first, max(first, min(later, default=len(pdf.sizes) + 1) - 1)


def _begins(line: str, wanted: str) -> bool:
    """Whether a line begins with these words, as whole words; a number of the question may come before them."""
    words, sought = line.split(), wanted.split()
    start = 1 if words and words[0].isdigit() and not sought[0].isdigit() else 0
    return words[start : start + len(sought)] == sought
