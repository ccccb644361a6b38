"""Dates of raw cells: what study.yaml declares for their columns, and the reading of one text by it.

Registered with the engine, which reads raw dates in conditions, formulas and sort keys. Not for formats
(date_formats/) nor for the rule ``date`` (sdtm/derivations/dates.py).
"""

from __future__ import annotations

from typing import NamedTuple

from ..engine.columns.iso_dates import is_iso
from ..engine.readers.cell_readers import register_reader
from ..mappings.models.dates import DatesSpec
from ..mappings.models.study import StudySpec
from .date_formats.advice import IMPOSSIBLE, unreadable
from .date_formats.notation import Notation
from .date_formats.reading import Reading, read_date

#: the formats of ISO 8601, for dates without declared formats
ISO_FORMATS = (
    "yyyy-mm-dd", "yyyy-mm-ddThh", "yyyy-mm-ddThh:mi", "yyyy-mm-ddThh:mi:ss", "yyyy-mm-ddThh:mitz",
    "yyyy-mm-ddThh:mi:sstz", "yyyy-mm", "yyyy",
)  # fmt: skip


class DateSetting(NamedTuple):
    """The declarations of date texts: their formats, and their notation."""

    formats: tuple[str, ...] = ISO_FORMATS
    notation: Notation = Notation()


class DateReader:
    """Reads date texts as ISO 8601 by ``dates:`` of their source, else of the study."""

    def declared(self, study: StudySpec, source: str) -> DatesSpec:
        return study.sources[source].dates or study.dates

    def fixed(self, study: StudySpec, source: str, column: str) -> bool:
        return self.declared(study, source).whole(column) is not None

    def setting(self, study: StudySpec, source: str, column: str, group: str) -> DateSetting:
        spec = self.declared(study, source)
        formats = spec.whole(column)
        if formats is None:
            formats = spec.of(column, group)
        return DateSetting(formats or ISO_FORMATS, Notation.of(spec))

    def read(self, text: str, setting: DateSetting) -> Reading:
        return read_date(text, setting.formats, setting.notation)

    def read_plain(self, text: str) -> Reading:
        return Reading(text) if not text.strip() or is_iso(text) else Reading("", "unreadable")

    def undecided(self, text: str) -> Reading:
        return Reading("", "unreadable")

    def value(self, reading: Reading) -> str:
        return reading.iso

    def refused(self, reading: Reading, text: str) -> str:
        if reading.problem not in ("unreadable", "impossible"):
            return ""
        return IMPOSSIBLE if reading.problem == "impossible" else unreadable(text)

    def shortened(self, reading: Reading) -> str:
        return ""

    def declared_columns(self, study: StudySpec) -> frozenset[tuple[str, str]]:
        found = {(name, column) for name in study.sources for column in self.declared(study, name).columns}
        found |= {(name, column) for name, source in study.sources.items() for column in source.cutoff_columns}
        found |= {(spec.source, spec.date) for spec in study.visit_dates}
        return frozenset(found)


register_reader("date", DateReader())


def study_setting(study: StudySpec) -> DateSetting:
    """The declarations of dates without a raw source, such as those that a formula builds."""
    return DateSetting(study.dates.formats or ISO_FORMATS, Notation.of(study.dates))
