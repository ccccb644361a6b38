"""The typed models of documents beside define.xml: the documents, pages of the annotated CRF, comments.

The JSON Schema and the reference page are generated from these models, so every field has a description. Not for
finding and copying the files (runs/documents.py) nor for writing define.xml (define/).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Literal

from pydantic import Field, field_validator, model_validator

from ...errors import nearest
from ..binding.bind import FieldMistake, SpecModel
from ..facts.document_pages import DocumentPages
from ..facts.windows_names import is_device
from .item_range import expand_range

#: a file beside define.xml: no folder, nothing that an address would have to escape
_FILE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*", re.ASCII)
_ID = re.compile(r"[A-Za-z][A-Za-z0-9_-]*", re.ASCII)
_DESTINATION = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*", re.ASCII)
_RANGE = re.compile(r"([0-9]{1,5})-([0-9]{1,5})", re.ASCII)
_NUMBER = re.compile(r"[0-9]{1,5}", re.ASCII)
#: what an eCTD publisher accepts beside the datasets
SUFFIXES = (".pdf", ".docx", ".txt")
#: what the folder misc may have beside that: a transport file
MISC_SUFFIXES = (*SUFFIXES, ".xpt")

Pages = int | str | tuple[int | str, ...]
PAGES = "page numbers (12), ranges of them (12-14) or named destinations of the PDF"


def page_problem(page: int | str) -> str:
    """Why a text is no page, no range and no named destination; '' if it is one."""
    text = str(page)
    if _NUMBER.fullmatch(text):
        return "" if int(text) >= 1 else f"page {text}: pages count from 1"
    if (ends := _RANGE.fullmatch(text)) is not None:
        return "" if 1 <= int(ends[1]) < int(ends[2]) else f"the range of pages {text} must rise, from 1"
    if _DESTINATION.fullmatch(text):
        return ""
    return (
        f"'{text}' is neither a page (12) nor a range (12-14) nor a named destination; a destination has "
        "letters, digits, '.', '-' and '_', a letter or '_' first"
    )


def listed(pages: Pages) -> tuple[int | str, ...]:
    """Pages as a list, however they are written."""
    return pages if isinstance(pages, tuple) else (pages,)


def document_pages(document: str, pages: Pages) -> DocumentPages:
    """The pages that a spec writes, ranges as their pages. The models have checked them."""
    numbers: set[int] = set()
    names: set[str] = set()
    for page in map(str, listed(pages)):
        if _NUMBER.fullmatch(page):
            numbers.add(int(page))
        elif (ends := _RANGE.fullmatch(page)) is not None:
            numbers.update(range(int(ends[1]), int(ends[2]) + 1))
        else:
            names.add(page)
    return DocumentPages(document, tuple(sorted(numbers)), tuple(sorted(names)))


class DocumentSpec(SpecModel):
    """A document that define.xml refers to, or a file of the folder misc. A build copies its file."""

    file: str = Field(
        description="Plain file name (.pdf, .docx, .txt; .xpt too with role: misc). The file lies in the folder that "
        "--documents names, else in the study folder."
    )
    title: str = Field(description="The title that readers of define.xml see.")
    role: Literal["crf", "supplement", "misc"] = Field(
        default="supplement",
        description="crf: the annotated CRF; supplement: a reviewer's guide or another document; misc: a file of the "
        "folder misc, such as a lookup table, which no define.xml has.",
    )
    of: Literal["sdtm", "adam"] | None = Field(
        default=None,
        description="The define.xml that lists it; by default a crf is listed in that of SDTM, a supplement in both. "
        "A define.xml that refers to another document has it too.",
    )

    generated: Literal["acrf", "csdrg", "adrg"] | None = Field(
        default=None,
        description="acrf: a build writes it from the specs and fills the pages of the sources (docs/acrf.md). csdrg, "
        "adrg: a build drafts the reviewer's guide (docs/guides.md). The file need not exist.",
    )

    questions: str | None = Field(
        default=None,
        description="generated: acrf: CSV in the study folder, UTF-8, with questions and choices of fields, for raw "
        "files that have none: the columns source, column, question, choices (Y = Yes | N = No).",
    )

    font: str | None = Field(
        default=None,
        description="generated: acrf: TrueType font (.ttf, .ttc) in the study folder with letters that DejaVu Sans "
        "lacks, such as Chinese, Japanese or Korean ones. The letters that the document uses are embedded.",
    )

    @field_validator("title")
    @classmethod
    def _has_a_title(cls, value: str) -> str:
        if not value.strip():
            raise ValueError("the title is empty; write the title that readers of define.xml see")
        return value

    @model_validator(mode="after")
    def _plain_file(self) -> DocumentSpec:
        suffixes = MISC_SUFFIXES if self.is_misc else SUFFIXES
        if not _FILE.fullmatch(self.file) or not self.file.lower().endswith(suffixes):
            message = (
                f"'{self.file}' is not the plain name of a document: letters, digits, '.', '-' and '_', no folder, "
                f"ending in {', '.join(suffixes)}"
            )
            raise FieldMistake(message, "file")
        if is_device(self.file):
            raise FieldMistake(f"Windows accepts no file of the name '{self.file}'; choose another one", "file")
        if self.is_misc and self.of is not None:
            raise FieldMistake("of: names a define.xml, and no define.xml has a file with role: misc", "of")
        if self.role == "crf" and not self.is_pdf:
            raise FieldMistake(f"the annotated CRF is a PDF, and '{self.file}' is not", "file")
        if self.guide_of and (self.role != "supplement" or not self.file.lower().endswith(".docx")):
            message = f"generated: {self.generated} needs role: supplement and a file that ends in .docx"
            raise FieldMistake(message, "generated")
        if self.questions is not None and self.generated != "acrf":
            raise FieldMistake("questions: is for a document with generated: acrf", "questions")
        if self.font is not None and self.generated != "acrf":
            raise FieldMistake("font: is for a document with generated: acrf", "font")
        if self.generated == "acrf" and self.role != "crf":
            raise FieldMistake(
                "generated: acrf needs role: crf, because define.xml lists it as annotated CRF", "generated"
            )
        return self

    @property
    def guide_of(self) -> str:
        """sdtm or adam, whose reviewer's guide the build drafts into this document; '' for any other document."""
        return {"csdrg": "sdtm", "adrg": "adam"}.get(self.generated or "", "")

    @property
    def is_pdf(self) -> bool:
        return self.file.lower().endswith(".pdf")

    @property
    def is_misc(self) -> bool:
        """Whether it is a file of the folder misc, which no define.xml has."""
        return self.role == "misc"

    def listed_in(self, kind: str) -> bool:
        """Whether define.xml of sdtm or adam lists it."""
        return not self.is_misc and kind == (self.guide_of or self.of or ("sdtm" if self.role == "crf" else kind))


class CrfSpec(SpecModel):
    """The form of a source, and where the annotated CRF has its fields."""

    document: str | None = Field(
        default=None, description="Document by its id; by default the only one with role: crf."
    )
    pages: Pages = Field(default=(), description=f"Pages of all columns that columns: does not name: {PAGES}.")
    columns: dict[str, Pages] = Field(
        default_factory=dict,
        description="Column, or Q1..Q9, to its pages, in place of those of the source; [] for a column that is not on "
        "the CRF.",
    )
    form: bool | None = Field(
        default=None,
        description="Whether a generated annotated CRF prints the source as a form; by default it does, unless the "
        "source has no subjects or its origin is Vendor.",
    )
    title: str = Field(default="", description="Generated annotated CRF: title of the form.")
    labels: dict[str, str] = Field(
        default_factory=dict, description="Generated annotated CRF: column to the question of its field."
    )
    visits: Literal["all"] | tuple[str, ...] = Field(
        default=(),
        description="Generated annotated CRF: visits that have the form, for the bookmarks; all: every planned visit.",
    )

    @model_validator(mode="after")
    def _pages_are_pages(self) -> CrfSpec:
        for path, pages in ((("pages",), self.pages), *((("columns", c), p) for c, p in self.columns.items())):
            refuse_pages(pages, *path)
        return self

    @field_validator("columns")
    @classmethod
    def _ranges(cls, value: dict[str, Pages]) -> dict[str, Pages]:
        return {n: v for name, v in value.items() for n in expand_range(name)}

    @property
    def has_pages(self) -> bool:
        return self.pages != () or any(p != () for p in self.columns.values())

    def pages_of(self, column: str) -> DocumentPages | None:
        """The pages of a column; None if it has none."""
        pages = self.columns.get(column, self.pages)
        return None if pages == () or self.document is None else document_pages(self.document, pages)


class CommentSpec(SpecModel, defer_build=False):  # every rule has it: built once, not again for each
    """A comment for define.xml that refers to a document."""

    text: str = Field(description="The comment.")
    document: str | None = Field(default=None, description="Document by its id in documents: of study.yaml.")
    pages: Pages = Field(default=(), description=f"Pages of the document: {PAGES}.")

    @model_validator(mode="after")
    def _pages_of_a_document(self) -> CommentSpec:
        if not self.text.strip():
            raise FieldMistake("the comment is empty", "text")
        if self.pages != () and self.document is None:
            raise FieldMistake("pages: needs document:, the document that has the pages", "pages")
        refuse_pages(self.pages, "pages")
        return self


CommentText = str | CommentSpec


def comment_text(comment: CommentText | None) -> str:
    """The text of a comment; '' for none."""
    return comment.text if isinstance(comment, CommentSpec) else comment or ""


def comment_pages(comments: Iterable[CommentText | None]) -> tuple[DocumentPages, ...]:
    """The documents that comments refer to."""
    return tuple(
        document_pages(c.document, c.pages) for c in comments if isinstance(c, CommentSpec) and c.document is not None
    )


class StandardComments(SpecModel):
    """Comments on the standards that define.xml lists, and on a define.xml as a whole."""

    sdtm: CommentText | None = Field(default=None, description="On define.xml of SDTM as a whole.")
    adam: CommentText | None = Field(default=None, description="On define.xml of ADaM as a whole.")
    sdtmig: CommentText | None = Field(default=None, description="On SDTMIG.")
    adamig: CommentText | None = Field(default=None, description="On ADaMIG.")
    sdtm_ct: CommentText | None = Field(default=None, description="On the SDTM terminology.")
    adam_ct: CommentText | None = Field(default=None, description="On the ADaM terminology.")


def annotated_crf(
    documents: Mapping[str, DocumentSpec], crf: Pages | CrfSpec, parts: Mapping[str, str], *path: str
) -> CrfSpec:
    """``crf`` of a source with its document, and with pages for the parts of divided columns.

    ``parts``: part -> its column. Raises FieldMistake at ``path`` for wrong pages, or if the document is not certain.
    """
    if not isinstance(crf, CrfSpec):
        refuse_pages(crf, *path)
        crf = CrfSpec(pages=crf, form=None if crf != () else False)
    known = [name for name, document in documents.items() if document.role == "crf"]
    if crf.document is not None and crf.document not in known:
        message = f"'{crf.document}' is no document with role: crf of documents:"
        raise FieldMistake(message, *path, "document", hint=nearest(crf.document, known), refers_to={crf.document})
    if crf.document is None and len(known) != 1:
        if not crf.has_pages:
            return crf
        message = (
            f"documents: has several with role: crf ({', '.join(known)}); name one by document:"
            if known
            else "the annotated CRF is missing: declare it in documents: with role: crf"
        )
        # a document with a mistake is left out, and the pages then follow from that mistake
        raise FieldMistake(message, *path, refers_to={"documents", *DocumentSpec.model_fields})
    if crf.has_pages and documents[crf.document or known[0]].generated:
        message = (
            f"a build counts the pages of {crf.document or known[0]}; remove the pages, or generated: of the document"
        )
        raise FieldMistake(message, *path)
    of_parts = {part: crf.columns[column] for part, column in parts.items() if column in crf.columns}
    return crf.model_copy(update={"document": crf.document or known[0], "columns": {**of_parts, **crf.columns}})


def documents_problem(documents: Mapping[str, DocumentSpec]) -> None:
    """Raise FieldMistake for an id that define.xml cannot have, for two documents with one file or both generated."""
    whose: dict[str, str] = {}
    for name, document in documents.items():
        if not _ID.fullmatch(name):
            message = f"'{name}' is no id of a document: it has letters, digits, '-' and '_', a letter first"
            raise FieldMistake(message, "documents", name)
        other = whose.setdefault(document.file.lower(), name)
        if other != name:
            message = f"the file {document.file} is that of the document {other}; upper and lower case do not differ"
            raise FieldMistake(message, "documents", name, "file")
    first: dict[str, str] = {}
    for name, document in documents.items():
        if document.generated and first.setdefault(document.generated, name) != name:
            what = "annotated CRF" if document.generated == "acrf" else document.generated
            message = f"{first[document.generated]} is the generated {what} already; a study has one"
            raise FieldMistake(message, "documents", name, "generated")


def refuse_pages(pages: Pages, *path: str) -> None:
    """Raise FieldMistake at ``path`` for a text that is no page."""
    for number, page in enumerate(listed(pages)):
        if problem := page_problem(page):
            raise FieldMistake(problem, *path, *((number,) if isinstance(pages, tuple) else ()))
