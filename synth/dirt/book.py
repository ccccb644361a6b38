"""The clean files of an export, and what the injector compares between them: subjects, dates, habits of sites.

Not for choosing cells (apply.py), nor for the meaning of a date in another file.
"""

from __future__ import annotations

from datetime import date, datetime

import numpy as np

from ..terms.countries import COUNTRIES
from .csv import CsvFile
from .file import Edits, Layout, RawFile
from .fixed import SavFile, XptFile
from .odm import OdmFile
from .values import parse_date, parse_number, write_date
from .xlsx import XlsxFile

_SITES, _ENROLMENT = "sites.csv", "enrol.csv"
_HABITS = {c.code: c for c in COUNTRIES}
Place = tuple[str, str]  # file and part


def open_file(content: bytes, layout: Layout, declared: datetime) -> RawFile:
    """A clean file ready for edits. Raises ValueError for a format that has no editor."""
    if layout.format == "csv":
        return CsvFile(content, layout.encoding, layout.delimiter)
    if layout.format == "xpt":
        return XptFile(content)
    if layout.format == "sav":
        return SavFile(content)
    if layout.format == "xlsx":
        return XlsxFile(content, declared)
    if layout.format == "odm":
        return OdmFile(content, layout.part)
    raise ValueError(f"{layout.file}: no editor of format {layout.format!r}")


class Book:
    """All files of a clean export; ``free`` marks the records that have no defect yet."""

    def __init__(self, contents: dict[str, bytes], layouts: list[Layout], declared: datetime):
        self.layouts = {(lay.file, lay.part): lay for lay in layouts}
        self.files = {place: open_file(contents[place[0]], lay, declared) for place, lay in self.layouts.items()}
        self.free = {place: np.ones(len(file), dtype=bool) for place, file in self.files.items()}
        self.edits = {place: Edits() for place in self.files}
        self._cells: dict[tuple[Place, str], list[str]] = {}
        self._dates: dict[tuple[Place, str], np.ndarray] = {}
        self._ordinals: dict[tuple[str, str], int] = {}  # of a text in a format
        self._filled: dict[tuple[Place, str], np.ndarray] = {}
        self._numbers: dict[tuple[Place, str], np.ndarray] = {}
        self._subjects: dict[Place, list[str]] = {}
        sites = self.files.get((_SITES, ""))
        pairs = zip(sites.cells("SITE_ID"), sites.cells("COUNTRY"), strict=True) if sites else []
        self.country = dict(pairs)

    def has(self, place: Place, *columns: str) -> bool:
        """Whether the export has the file, and the columns in it."""
        return place in self.files and set(columns) - {""} <= set(self.files[place].columns)

    def cells(self, place: Place, column: str) -> list[str]:
        """The clean cells of a column."""
        if (place, column) not in self._cells:
            self._cells[place, column] = self.files[place].cells(column)
        return self._cells[place, column]

    def filled(self, place: Place, column: str) -> np.ndarray:
        """Where the clean cells of a column have a text."""
        if (place, column) not in self._filled:
            self._filled[place, column] = np.array(self.cells(place, column), dtype=object).astype(bool)
        return self._filled[place, column]

    def numbers(self, place: Place, column: str) -> np.ndarray:
        """The number in each clean cell of a column, NaN where there is none."""
        if (place, column) not in self._numbers:
            texts = self.cells(place, column)
            known = {t: parse_number(t) for t in set(texts)}
            self._numbers[place, column] = np.array([known[t] for t in texts], dtype=np.float64)
        return self._numbers[place, column]

    def subjects(self, place: Place) -> list[str]:
        """Site and number of the subject of each record, 0101-0001; '' in a file without subjects."""
        if place not in self._subjects:
            columns = self.files[place].columns
            if "PATNUM" in columns:
                self._subjects[place] = self.cells(place, "PATNUM")
            elif "SUBJ_ID" in columns:
                pairs = zip(self.cells(place, "SITE_ID"), self.cells(place, "SUBJ_ID"), strict=True)
                self._subjects[place] = [f"{site}-{number}" for site, number in pairs]
            else:
                self._subjects[place] = [""] * len(self.files[place])
        return self._subjects[place]

    def habits(self, place: Place, site: str) -> tuple[str, bool]:
        """How dates are written in the records of a site, and whether its decimal sign is a comma."""
        kind = self.layouts[place].format
        if kind == "xpt":
            return "yyyymmdd", False
        if kind != "csv" or site not in self.country:
            return "yyyy-mm-dd", False
        country = _HABITS[self.country[site]]
        return country.dates, country.comma

    def alike(self, one: str, other: str) -> bool:
        """Whether the sites of two countries write dates, decimals and sexes in one way."""
        a, b = _HABITS.get(one), _HABITS.get(other)
        return a is not None and b is not None and (a.dates, a.comma, a.sexes) == (b.dates, b.comma, b.sexes)

    def dates(self, place: Place, column: str) -> np.ndarray:
        """Ordinal of the date in each cell, 0 where there is none."""
        if (place, column) not in self._dates:
            sites = [subject[:4] for subject in self.subjects(place)]
            form = {site: self.habits(place, site)[0] for site in set(sites)}
            written = [(text, form[site]) for text, site in zip(self.cells(place, column), sites, strict=True)]
            for cell in set(written) - set(self._ordinals):
                day = parse_date(*cell)
                self._ordinals[cell] = day.toordinal() if day else 0
            self._dates[place, column] = np.array([self._ordinals[cell] for cell in written], dtype=np.int64)
        return self._dates[place, column]

    def write(self, place: Place, row: int, day: int) -> str:
        """The ordinal ``day`` as the record's site writes it."""
        return write_date(date.fromordinal(day), self.habits(place, self.subjects(place)[row][:4])[0])

    def moved(self) -> set[str]:
        """Subjects that changed site or number, under both identifiers: each has a part of their dates."""
        place = (_ENROLMENT, "")
        if not self.has(place, "PREV_SITE_ID", "PREV_SUBJ_ID"):
            return set()
        before = zip(self.cells(place, "PREV_SITE_ID"), self.cells(place, "PREV_SUBJ_ID"), strict=True)
        out = set()
        for subject, (site, number) in zip(self.subjects(place), before, strict=True):
            if number:
                out |= {subject, f"{site}-{number}"}
        return out

    def records(self, place: Place) -> tuple[np.ndarray, dict[int, int]]:
        """Record numbers in the edited file, from 1: of each clean row, and of the copy of each copied row."""
        edits, n = self.edits[place], len(self.files[place])
        copied = np.zeros(n, dtype=np.int64)
        copied[list(edits.copies)] = 1
        number = np.arange(1, n + 1) + np.cumsum(copied) - copied
        return number, {row: int(number[row]) + 1 for row in edits.copies}

    def contents(self, clean: dict[str, bytes], declared: datetime) -> dict[str, bytes]:
        """All files with their edits."""
        out = dict(clean)
        for (file, part), edits in self.edits.items():
            if not edits:
                continue
            # the parts of one file are edited one after the other: each edits the result of the one before
            again = out[file] is not clean[file]
            raw = open_file(out[file], self.layouts[file, part], declared) if again else self.files[file, part]
            out[file] = raw.edited(edits)
        return out
