"""The typed models of an analysis: a table or figure, its results, and the records and variables that they are of.

One file under analyses/ is one display. The JSON Schema and the reference page are generated from these models, so
every field has a description. Not for the names in them (engine/plan/analyses.py) nor for define.xml (define/).
Source of the terms: Analysis Results Metadata 1.0 for Define-XML.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from ...errors import SpecProblem
from ..binding.bind import ExpressionText, FieldMistake, SpecModel, place_of, with_place_of
from ..facts.windows_names import is_device
from .analysis_groups import ColumnsSpec, DisplayGroups, GroupsFile, PopulationSpec, SubgroupSpec, named, named_list
from .documents import CommentSpec, CommentText, Pages, page_problem
from .documents import listed as listed_pages
from .statistic import StatisticSpec
from .statistics import (
    STATISTICS,
    AgreementSpec,
    ChangeSpec,
    CountsSpec,
    CumulativeIncidenceSpec,
    KaplanMeierSpec,
    OccurrencesSpec,
    ProportionSpec,
    RateSpec,
    ShiftSpec,
    SummarySpec,
    SwimmerSpec,
    WaterfallSpec,
)

_ID = re.compile(r"[A-Za-z][A-Za-z0-9_-]*", re.ASCII)
#: letters of an identifier of a display, which names its files
LONGEST_ID = 64
#: the published reasons and purposes; others are allowed
REASONS = ("SPECIFIED IN PROTOCOL", "SPECIFIED IN SAP", "DATA DRIVEN", "REQUESTED BY REGULATORY AGENCY")
PURPOSES = ("PRIMARY OUTCOME MEASURE", "SECONDARY OUTCOME MEASURE", "EXPLORATORY OUTCOME MEASURE")
_FOR = {"reason": ", ".join(REASONS), "purpose": ", ".join(PURPOSES)}
#: the kinds of figures
FIGURES = (
    "kaplan_meier", "cumulative_incidence", "means_by_visit", "forest", "swimmer", "waterfall", "stacked_bars",
    "response_over_time", "bars", "tornado",
)  # fmt: skip
Figure = Literal[
    "kaplan_meier", "cumulative_incidence", "means_by_visit", "forest", "swimmer", "waterfall", "stacked_bars",
    "response_over_time", "bars", "tornado",
]  # fmt: skip


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


_REASON = f"Why it is analysed: {', '.join(REASONS)}, or another text."
_PURPOSE = f"What it is for: {', '.join(PURPOSES)}, or another text."


def published(value: str) -> str:
    if not value.strip():
        raise ValueError("the text is empty")
    return next((t for t in (*REASONS, *PURPOSES) if t.casefold() == value.strip().casefold()), value)


class AnalysisResultSpec(SpecModel):
    """One result of a display. Its statistic is the verb that it has; a result without a verb is described only."""

    description: str = Field(description="The result in a sentence.")
    reason: str = Field(default="", description=f"{_REASON} By default that of the display.")
    purpose: str = Field(default="", description=f"{_PURPOSE} By default that of the display.")
    parameter: str | tuple[str, ...] = Field(
        default=(),
        description="PARAMCD that is analysed, or several. The records of a dataset with PARAMCD are those of it, "
        "unless its where: names PARAMCD.",
    )
    dataset: str = Field(default="", description="The analysed dataset, where it is the only one; else datasets:.")
    where: Annotated[str, ExpressionText()] | None = Field(
        default=None, description="The records of dataset:, as where: of datasets:."
    )
    datasets: tuple[AnalysisDatasetSpec, ...] = Field(default=(), description="The datasets, the analysed one first.")
    join: CommentText | None = Field(default=None, description="How the records of several datasets are joined.")
    documentation: CommentText | None = Field(
        default=None,
        description="The method: a text, or {text:, document:, pages:}. By default the sentences of the statistic.",
    )
    code: AnalysisCodeSpec | None = Field(
        default=None, description="The code that gives the result. By default the statements in SAS of the statistic."
    )
    counts: CountsSpec | None = Field(default=None, description="Subjects by category, n (%).")
    proportion: ProportionSpec | None = Field(default=None, description="A proportion with its exact interval.")
    summary: SummarySpec | None = Field(default=None, description="Mean, median, range and others of a number.")
    kaplan_meier: KaplanMeierSpec | None = Field(default=None, description="Time to an event.")
    cumulative_incidence: CumulativeIncidenceSpec | None = Field(
        default=None, description="Time to an event with a competing event."
    )
    change: ChangeSpec | None = Field(default=None, description="Means and changes from baseline by visit.")
    occurrences: OccurrencesSpec | None = Field(default=None, description="Subjects and events by nested terms.")
    rate: RateSpec | None = Field(default=None, description="Events per time of exposure.")
    agreement: AgreementSpec | None = Field(default=None, description="Agreement of two assessments, with kappa.")
    shift: ShiftSpec | None = Field(default=None, description="Subjects by a category before and after.")
    swimmer: SwimmerSpec | None = Field(default=None, description="A line over time for each subject.")
    waterfall: WaterfallSpec | None = Field(default=None, description="The best value of each subject.")

    @field_validator("reason", "purpose")
    @classmethod
    def _published(cls, value: str) -> str:
        return published(value)

    @model_validator(mode="after")
    def _of_datasets(self) -> AnalysisResultSpec:
        if bool(self.datasets) == bool(self.dataset):
            raise FieldMistake("a result is of at least one dataset: it has either dataset:, or datasets:", "datasets")
        if self.where is not None and not self.dataset:
            raise FieldMistake("where: is for dataset:; an entry of datasets: has its where:", "where")
        if not self.description.strip():
            raise FieldMistake("the description is empty", "description")
        if self.join is not None and len(self.datasets) < 2:
            raise FieldMistake("join: is for results of several datasets", "join")
        verbs = [v for v in STATISTICS if getattr(self, v) is not None]
        if len(verbs) > 1:
            raise FieldMistake(f"{verbs[0]}: and {verbs[1]}: exclude each other: a result has one statistic", verbs[1])
        return self

    @property
    def parameters(self) -> tuple[str, ...]:
        return (self.parameter,) if isinstance(self.parameter, str) else self.parameter

    @property
    def statistic(self) -> StatisticSpec | None:
        """The statistic of the result; None for a result that is described only."""
        return next((s for v in STATISTICS if (s := getattr(self, v)) is not None), None)

    @property
    def analysed(self) -> tuple[AnalysisDatasetSpec, ...]:
        """The datasets, however they are written."""
        if self.datasets:
            return self.datasets
        return (with_place_of(AnalysisDatasetSpec(dataset=self.dataset, where=self.where), self),)


class DisplaySpec(SpecModel):
    """A table, figure or listing: one file under analyses/."""

    display: str = Field(
        description="Identifier of the display, and the name of its files: at most 64 letters, digits, - and _, a "
        "letter first. Upper and lower case do not differ."
    )
    name: str = Field(description="Name, as readers call it: Table 14.2.1.")
    description: str = Field(description="Title of the display.")
    section: str = Field(default="", description="Section of the page of results: Effectiveness, Safety.")
    headline: bool = Field(default=False, description="Whether its first result is a headline number of the page.")
    figure: Figure | None = Field(default=None, description=f"The figure that the display has: {', '.join(FIGURES)}.")
    figure_results: tuple[str, ...] = Field(
        default=(),
        description="The results that the figure shows, each in a panel; by default all whose statistic it can show.",
    )
    population: str | PopulationSpec | None = Field(
        default=None,
        description="The subjects that are counted: a population, or the name of one in analyses/groups.yaml. A "
        "display with statistics needs it.",
    )
    columns: str | ColumnsSpec | None = Field(
        default=None, description="The columns, or the name of columns in analyses/groups.yaml; else all subjects."
    )
    subgroups: str | tuple[SubgroupSpec, ...] = Field(
        default=(),
        description="Subgroups of the forest plot of proportion and kaplan_meier, or the name of a list of them in "
        "analyses/groups.yaml.",
    )
    notes: tuple[str, ...] = Field(default=(), description="Footnotes of the display.")
    reason: str = Field(default="", description=f"{_REASON} For results without reason:.")
    purpose: str = Field(default="", description=f"{_PURPOSE} For results without purpose:.")
    documents: tuple[DisplayDocumentSpec, ...] = Field(default=(), description="Documents that have the display.")
    results: dict[str, AnalysisResultSpec] = Field(description="Identifier of a result to the result.")

    @model_validator(mode="after")
    def _has_results(self) -> DisplaySpec:
        for name, path in ((self.display, ("display",)), *((r, ("results", r)) for r in self.results)):
            if not _ID.fullmatch(name):
                message = f"'{name}' is no identifier: it has letters, digits, '-' and '_', a letter first"
                raise FieldMistake(message, *path)
        if len(self.display) > LONGEST_ID or is_device(self.display):
            why = (
                "Windows accepts no file of this name"
                if is_device(self.display)
                else f"it has more than {LONGEST_ID} characters"
            )
            raise FieldMistake(f"'{self.display}' names the files of the display: {why}; choose another one", "display")
        if not self.results:
            raise FieldMistake("a display has at least one result", "results")
        if self.figure_results and self.figure is None:
            raise FieldMistake(
                "figure_results: chooses results of a figure, and the display has no figure:", "figure_results"
            )
        for text, key in ((self.name, "name"), (self.description, "description")):
            if not text.strip():
                raise FieldMistake(f"{key}: is empty", key)
        for result, spec in self.results.items():
            if spec.statistic is not None and self.population is None:
                message = "the statistics of a display count the subjects of its population:, which is missing"
                raise FieldMistake(message, "results", result, spec.statistic.verb)
            for key in ("reason", "purpose"):
                if not getattr(spec, key) and not getattr(self, key):
                    message = f"{key}: is missing, in the result and in the display ({_FOR[key]}, or another text)"
                    raise FieldMistake(message, "results", result)
        return self

    @field_validator("reason", "purpose")
    @classmethod
    def _published(cls, value: str) -> str:
        return published(value)


def display_groups(display: DisplaySpec, shared: GroupsFile, problems: list[SpecProblem]) -> DisplayGroups:
    """The population, columns and subgroups of a display; ``problems`` gets names that groups.yaml does not have."""
    return DisplayGroups(
        population=named(display, "population", shared.populations, problems),
        columns=named(display, "columns", shared.columns, problems),
        subgroups=named_list(display, "subgroups", shared.subgroups, problems),
    )


def repeated_displays(displays: Iterable[DisplaySpec]) -> Iterator[tuple[DisplaySpec, SpecProblem]]:
    """(display, problem) for each display whose identifier an earlier one has; both would write the same files.

    Identifiers that differ by case only are one: so are their files on Windows and on macOS.
    """
    seen: dict[str, DisplaySpec] = {}
    for display in displays:
        other = seen.setdefault(display.display.casefold(), display)
        if other is display:
            continue
        message = f"the display {display.display} is defined already, at {place_of(other, 'display')}"
        if other.display != display.display:
            message = (
                f"the displays {other.display}, at {place_of(other, 'display')}, and {display.display} differ by case "
                "only: on some systems their files are one"
            )
        yield display, SpecProblem(place_of(display, "display"), message)


def documents_named(display: DisplaySpec) -> list[tuple[SpecModel, str]]:
    """(owner of the name, document) for each document that a display names."""
    found: list[tuple[SpecModel, str]] = [(d, d.document) for d in display.documents]
    for result in display.results.values():
        texts = [t for t in (result.join, result.documentation) if isinstance(t, CommentSpec)]
        found += [(t, t.document) for t in texts if t.document is not None]
        if result.code is not None and result.code.document is not None:
            found.append((result.code, result.code.document))
    return found
