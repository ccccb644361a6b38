"""The typed models of an analysis: a table or figure, its results, and the records and variables that they are of.

One file under analyses/ is one display. The JSON Schema and the reference page are generated from these models, so
every field has a description. Not for the names in them (engine/plan/analyses.py) nor for define.xml (define/).
Source of the terms: Analysis Results Metadata 1.0 for Define-XML.
"""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import Field, field_validator, model_validator

from ..binding.bind import ExpressionText, FieldMistake, SpecModel
from .documents import CommentSpec, CommentText, Pages, page_problem
from .documents import listed as listed_pages

_ID = re.compile(r"[A-Za-z][A-Za-z0-9_-]*", re.ASCII)
#: the published reasons and purposes; others are allowed
REASONS = ("SPECIFIED IN PROTOCOL", "SPECIFIED IN SAP", "DATA DRIVEN", "REQUESTED BY REGULATORY AGENCY")
PURPOSES = ("PRIMARY OUTCOME MEASURE", "SECONDARY OUTCOME MEASURE", "EXPLORATORY OUTCOME MEASURE")


class DisplayDocumentSpec(SpecModel):
    """A document with a display, as the tables of a study report."""

    document: str = Field(description="Document by its id in documents: of study.yaml.")
    pages: Pages = Field(default=(), description="Pages with the display: 12, 12-14, or named destinations of the PDF.")

    @field_validator("pages")
    @classmethod
    def _pages_are_pages(cls, value: Pages) -> Pages:
        for page in listed_pages(value):
            if problem := page_problem(page):
                raise ValueError(problem)
        return value


class AnalysisDatasetSpec(SpecModel):
    """The records of a dataset that an analysis uses, and the variables that it analyses."""

    dataset: str = Field(description="An ADaM dataset.")
    where: Annotated[str, ExpressionText()] | None = Field(
        default=None, description="The records: comparisons with literals, joined by and."
    )
    variables: tuple[str, ...] = Field(default=(), description="The analysis variables, as AVALC or AVAL and CNSR.")


class AnalysisCodeSpec(SpecModel):
    """The code of an analysis: its text, or the document that has it."""

    context: str = Field(description="The language or software that reads the code: SAS 9.4, R 4.4.")
    text: str = Field(default="", description="The statements that give the result.")
    document: str | None = Field(default=None, description="Document with the program, by its id in documents:.")
    pages: Pages = Field(default=(), description="Pages of the document.")

    @model_validator(mode="after")
    def _has_code(self) -> AnalysisCodeSpec:
        if not self.text.strip() and self.document is None:
            raise FieldMistake("code: has text:, the statements, or document:, the program", "context")
        if self.pages != () and self.document is None:
            raise FieldMistake("pages: needs document:, the document that has the pages", "pages")
        return self


class AnalysisResultSpec(SpecModel):
    """One result of a display."""

    description: str = Field(description="The result in a sentence.")
    reason: str = Field(description=f"Why it is analysed: {', '.join(REASONS)}, or another text.")
    purpose: str = Field(description=f"What it is for: {', '.join(PURPOSES)}, or another text.")
    parameter: str | tuple[str, ...] = Field(
        default=(),
        description="PARAMCD that is analysed, or several. The records of a dataset with PARAMCD are those of it, "
        "unless its where: names PARAMCD.",
    )
    datasets: tuple[AnalysisDatasetSpec, ...] = Field(description="The datasets, the analysed one first.")
    join: CommentText | None = Field(default=None, description="How the records of several datasets are joined.")
    documentation: CommentText | None = Field(
        default=None, description="The method: a text, or {text:, document:, pages:}."
    )
    code: AnalysisCodeSpec | None = Field(default=None, description="The code that gives the result.")

    @field_validator("reason", "purpose")
    @classmethod
    def _published(cls, value: str) -> str:
        if not value.strip():
            raise ValueError("the text is empty")
        return next((t for t in (*REASONS, *PURPOSES) if t.casefold() == value.strip().casefold()), value)

    @model_validator(mode="after")
    def _of_datasets(self) -> AnalysisResultSpec:
        if not self.datasets:
            raise FieldMistake("a result is of at least one dataset", "datasets")
        if not self.description.strip():
            raise FieldMistake("the description is empty", "description")
        if self.join is not None and len(self.datasets) < 2:
            raise FieldMistake("join: is for results of several datasets", "join")
        return self

    @property
    def parameters(self) -> tuple[str, ...]:
        return (self.parameter,) if isinstance(self.parameter, str) else self.parameter


class DisplaySpec(SpecModel):
    """A table, figure or listing: one file under analyses/."""

    display: str = Field(description="Identifier of the display: letters, digits, - and _, a letter first.")
    name: str = Field(description="Name, as readers call it: Table 14.2.1.")
    description: str = Field(description="Title of the display.")
    documents: tuple[DisplayDocumentSpec, ...] = Field(default=(), description="Documents that have the display.")
    results: dict[str, AnalysisResultSpec] = Field(description="Identifier of a result to the result.")

    @model_validator(mode="after")
    def _has_results(self) -> DisplaySpec:
        for name, path in ((self.display, ("display",)), *((r, ("results", r)) for r in self.results)):
            if not _ID.fullmatch(name):
                message = f"'{name}' is no identifier: it has letters, digits, '-' and '_', a letter first"
                raise FieldMistake(message, *path)
        if not self.results:
            raise FieldMistake("a display has at least one result", "results")
        for text, key in ((self.name, "name"), (self.description, "description")):
            if not text.strip():
                raise FieldMistake(f"{key}: is empty", key)
        return self


def documents_named(display: DisplaySpec) -> list[tuple[SpecModel, str]]:
    """(owner of the name, document) for each document that a display names."""
    found: list[tuple[SpecModel, str]] = [(d, d.document) for d in display.documents]
    for result in display.results.values():
        texts = [t for t in (result.join, result.documentation) if isinstance(t, CommentSpec)]
        found += [(t, t.document) for t in texts if t.document is not None]
        if result.code is not None and result.code.document is not None:
            found.append((result.code, result.code.document))
    return found
