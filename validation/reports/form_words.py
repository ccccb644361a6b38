"""How a site knows a raw cell: title of the form, page of the annotated CRF, visit, record, and label of the field.

Not for the questions (queries.py) nor for drawing forms (acrf/).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from ...engine.columns import column as col
from ...engine.tables.dataset import DatasetMetadata
from ...mappings.models.crf_questions import CrfQuestions
from ...mappings.models.documents import CrfSpec
from ...mappings.models.study import StudySpec
from ...sources.table import RawTable
from .finding_traces import Traces
from .page import printable


class Cell(NamedTuple):
    """A raw cell in the words of a site. ``visit``, ``record``: of its row; '' where they are not known."""

    form: str
    page: str
    visit: str
    record: str
    label: str


@dataclass(frozen=True, kw_only=True)
class FormWords:
    """``titles``: source -> title of its form. ``labels``: (source, column) -> question of the field.

    ``pages``: (source, column) -> pages of the annotated CRF. ``visits``, ``records``: source -> the columns that name
    the visit of a row, and those that tell its record from others of the form. ``visit_names``: text of a raw file, in
    small letters -> visit of the study. ``datasets``: name -> label of those
    that a site can know. ``variables``: (dataset, variable) -> label. ``analysis``: datasets that a site does not know.
    """

    titles: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[tuple[str, str], str] = field(default_factory=dict)
    pages: Mapping[tuple[str, str], str] = field(default_factory=dict)
    visits: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    records: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    visit_names: Mapping[str, str] = field(default_factory=dict)
    datasets: Mapping[str, str] = field(default_factory=dict)
    variables: Mapping[tuple[str, str], str] = field(default_factory=dict)
    analysis: Collection[str] = ()
    tables: Mapping[str, RawTable] = field(default_factory=dict)

    def label(self, source: str, column: str) -> str:
        """The question of a field; the name of its column where there is none."""
        return self.labels.get((source, column)) or column

    def visit_of(self, source: str, rows: np.ndarray) -> list[str]:
        """The visit of each data record (from 1), by its name in the study, else as the form writes it; '' for none."""
        cells = self.cells(source, self.visits.get(source, ()), rows)
        if not cells:
            return [""] * len(rows)
        written = [next((c for c in of_row if c), "") for of_row in zip(*cells, strict=True)]
        return [self.visit_names.get(c.casefold(), c) for c in written]

    def record_of(self, source: str, rows: np.ndarray) -> list[str]:
        """What tells each data record from others of its form: ``Date: 2021-07-17; Test: HGB``."""
        names = self.records.get(source, ())
        labels = [self.label(source, n) for n in names]
        cells = self.cells(source, names, rows)
        if not cells:
            return [""] * len(rows)
        return [
            "; ".join(f"{label}: {cell}" for label, cell in zip(labels, of_row, strict=True) if cell)
            for of_row in zip(*cells, strict=True)
        ]

    def cells(self, source: str, names: Collection[str], rows: np.ndarray) -> list[list[str]]:
        """For each of the columns that the file has, the texts of data records (from 1); [] without the file."""
        table = self.tables.get(source)
        if table is None or not len(table) or not len(rows):
            return []
        at = np.minimum(np.searchsorted(table.record, rows), len(table) - 1)
        there = table.record[at] == rows
        found = []
        for name in names:
            if name in table.frame.columns:
                texts = col.objects(col.take(table.frame[name], at))
                found.append([printable(str(t).strip()) for t in np.where(there, texts, "").tolist()])
        return found


def form_words(
    spec: StudySpec,
    tables: Mapping[str, RawTable],
    questions: CrfQuestions,
    traces: Traces,
    *,
    datasets: Mapping[str, DatasetMetadata],
    analysis: Collection[str],
) -> FormWords:
    """The words of a study. A declared title or label comes before that of the file. ``datasets``: those of SDTM."""
    titles, labels, pages, records = {}, {}, {}, {}
    for name, table in tables.items():
        source = spec.sources[name]
        crf = source.crf if isinstance(source.crf, CrfSpec) else CrfSpec()
        fields = {c: f.label for form in table.forms for f in form.fields for c in f.columns if f.label}
        titles[name] = crf.title or (table.forms[0].title if len(table.forms) == 1 else "")
        for column in table.frame.columns:
            whole = table.parts_of.get(column, column)
            question = questions.get((name, whole))
            label = (
                crf.labels.get(whole)
                or (question.question if question is not None else "")
                or fields.get(whole, "")
                or table.column_labels.get(whole, "")
            )
            if label:
                labels[name, column] = printable(label)
            if (found := source.pages_of(column)) is not None:
                pages[name, column] = ", ".join([*map(str, found.pages), *found.destinations])
        records[name] = tuple(source.key)
    visits: dict[str, list[str]] = {}
    for (name, column), reached in traces.reached.items():
        variables = [v.partition(".")[2] for v in reached]
        # the date of an unscheduled visit numbers it, but does not name it
        if name in tables and "VISIT" in variables and not any(v.endswith("DTC") for v in variables):
            visits.setdefault(name, []).append(column)
    return FormWords(
        titles={n: printable(t) for n, t in titles.items() if t},
        labels=labels,
        pages=pages,
        visits={n: tuple(c) for n, c in visits.items()},
        records={n: tuple(c for c in key if c not in visits.get(n, ())) for n, key in records.items()},
        visit_names={t.casefold(): visit for visit, about in spec.visits.items() for t in (visit, *about.labels)},
        datasets={n: printable(d.label) for n, d in datasets.items()},
        variables={(n, v.name): printable(v.label) for n, d in datasets.items() for v in d.variables if v.label},
        analysis=analysis,
        tables=tables,
    )
