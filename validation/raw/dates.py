"""Dates in raw columns: stand-ins, dates in the future, partial and unknown dates, texts that no rule has read.

A stand-in is read as missing; every other cell stays as it is. Not for reading dates into records:
sdtm/derivations/dates.py.
"""

from __future__ import annotations

import datetime
import re

import numpy as np
import pandas as pd

from ...engine.columns import column as col
from ...findings.table import Findings
from ...mappings.models.dates import DatesSpec
from ...mappings.models.quality import QualitySpec
from ...sdtm.date_formats.advice import IMPOSSIBLE, PARTLY_READ, unreadable
from ...sdtm.date_formats.notation import Notation
from ...sdtm.date_formats.reading import read_date
from ...sdtm.date_reader import ISO_FORMATS
from ...sdtm.raw_dates import ReadDates, read_column
from .kinds import ENOUGH
from .rules import RawColumn, RawReport

_DIGITS = re.compile(r"[^0-9]")
_MIDNIGHT = re.compile(r"T00(?::00)?(?::00)?(?:\.0+)?(?:Z|[+-][0-9:]+)?$")
_COMPLETE = re.compile(r"\d{4}-\d\d-\d\d(?:T.*)?$")
#: share of the filled rows that must be complete dates for a column to be one of dates
MOSTLY_DATES = 0.8
#: notations in which a stand-in is known in addition to the declared formats
COMMON = ("yyyy-mm-dd", "dd/mm/yyyy", "dd.mm.yyyy", "dd-mm-yyyy", "yyyy/mm/dd", "yyyy.mm.dd", "yyyymmdd")
COMMON += ("dd-mon-yyyy", "ddmonyyyy", "dd/mon/yyyy", "dd mon yyyy")


class DateCheck:
    """The checks of one column of dates. ``read``: its cells, read by the formats declared for it.

    ``formats``: those of the rule that reads the column; () for the formats of its source or study. ``timed``: the
    times of the column do not reach a dataset, or another column has them.
    """

    def __init__(
        self,
        column: RawColumn,
        spec: DatesSpec,
        groups: pd.Series | None,
        formats: tuple[str, ...],
        quality: QualitySpec,
        today: datetime.date,
    ):
        self.column, self.quality = column, quality
        self.limit = (today + datetime.timedelta(days=quality.future_days)).isoformat()
        self.sentinels = frozenset(d.isoformat() for d in quality.sentinel_dates)
        self.bare = column.bare()
        self.notation = Notation.of(spec)
        self.missing = self.notation.every_word
        self.timed = False
        self.formats = tuple(dict.fromkeys(formats or spec.every(column.name) or ISO_FORMATS))
        self.read: ReadDates = read_column(column.name, column.codes, self.bare, spec, groups, formats)

    def run(self, report: RawReport) -> None:
        """Report, and mark the stand-ins, which are read as missing."""
        column = self.column
        stand_in = np.array([self._means_no_date(t) for t in self.bare], dtype=bool)
        stand_in &= np.array([t not in column.void for t in self.bare], dtype=bool)
        report.cells("R2A-RAW-021", column, stand_in, "a code for no date; it is read as missing")
        column.treat_as_missing(stand_in)
        usable = ~np.array([t in column.void for t in self.bare], dtype=bool)[column.codes]
        future = self.read.where([self._late(r.iso) for r in self.read.readings]) & usable
        message = f"the date lies after {self.limit}, in the future; a record that starts then leaves with a cut-off"
        report.rows("R2A-RAW-022", np.flatnonzero(future), message, column)
        days = any("dd" in f.lower() or "doy" in f.lower() for f in self.formats)
        part = self.read.where([bool(r.iso) and not _COMPLETE.match(r.iso) for r in self.read.readings]) & usable
        if days:
            report.rows(
                "R2A-RAW-023", np.flatnonzero(part), "only part of the date is known; the partial date is kept", column
            )
        unknown = np.array([bool(t) and t.casefold() in self.missing for t in self.bare], dtype=bool)
        unknown |= self._all_unknown()
        report.cells("R2A-RAW-024", column, unknown & ~stand_in, "the text states that the date is unknown")
        self._midnight(usable, report)

    def _midnight(self, usable: np.ndarray, report: RawReport) -> None:
        """One finding for a column in which two or more dates have a time, and each of these times is midnight."""
        timed = self.read.where(["T" in r.iso for r in self.read.readings]) & usable
        other = self.read.where(["T" in r.iso and not _MIDNIGHT.search(r.iso) for r in self.read.readings]) & usable
        if self.timed or other.any() or timed.sum() < 2:
            return
        first = str(self.column.texts[self.column.codes[np.flatnonzero(timed)[0]]]).strip()
        known = re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(T.*)", first)
        write = f"yyyy-mm-dd'{known[1]}'" if known else "the time as a word in apostrophes"
        report.findings.add(
            "R2A-RAW-025",
            f"each of the {int(timed.sum())} times of the column is midnight, as in '{first}'; a format with "
            f"{write} reads the days without a time",
            source=report.table.name,
            file=report.table.file,
            column=self.column.name,
        )

    def _all_unknown(self) -> np.ndarray:
        """Texts in which every part is a declared stand-in for an unknown part, such as UN/UNK/UNK."""
        out = np.zeros(len(self.bare), dtype=bool)
        for r, first in zip(self.read.readings, _firsts(self.read), strict=True):
            if first < 0:  # no record has the text
                continue
            code = self.column.codes[first]
            out[code] = out[code] or (not r.iso and not r.problem and bool(self.bare[code]))
        return out

    def _means_no_date(self, text: str) -> bool:
        if len(text) < 4:
            return False
        digits = _DIGITS.sub("", text)
        if len(digits) < 4:
            return False
        alike = digits == digits[0] * len(digits)
        if len(digits) >= 6 and alike and digits[0] in "089" and not any(map(str.isalpha, text)):
            return True  # 99/99/9999, 00.00.0000: no day, in any notation
        q = self.quality
        for formats in (self.formats, COMMON):
            reading = read_date(text, formats, self.notation)
            if reading.iso:
                break
        else:
            return False
        iso = reading.iso[:10]
        year = iso[:4]
        if not year.isdigit():
            return False
        if len(iso) == 10 and iso in self.sentinels:
            return True
        return iso < q.earliest.isoformat()[: len(iso)] or iso >= q.latest.isoformat()[: len(iso)]

    def _late(self, iso: str) -> bool:
        known = iso[:10].split("--")[0]  # up to the first part that is not known
        return bool(known) and known[0] != "-" and known > self.limit[: len(known)]

    def report_unreported(self, reported: np.ndarray, report: RawReport, findings: Findings) -> None:
        """Findings for texts that no rule has read: in rows without a record, in columns that no rule reads as dates.

        ``reported``: rows whose cell a rule of the build has reported already.
        """
        column = self.column
        usable = ~reported & ~np.array([t in column.void for t in self.bare], dtype=bool)[column.codes]
        package, form = report.table.shown_as(column.name)
        problems = {"unreadable": ("R2A-DATE-001", ""), "impossible": ("R2A-DATE-002", IMPOSSIBLE)}
        for problem, (rule, message) in {**problems, **PARTLY_READ}.items():
            at = np.flatnonzero(self.read.where([r.problem == problem for r in self.read.readings]) & usable)
            if len(at):
                texts = column.texts[column.codes[at]]
                messages = [message or unreadable(t, package, form) for t in texts.tolist()]
                findings.add(
                    rule,
                    np.array(messages, dtype=object),
                    source=report.table.name,
                    file=report.table.file,
                    row=report.table.record[at].astype("int64"),
                    column=column.name,
                    value=texts,
                )


def _firsts(read: ReadDates) -> list[int]:
    """The first row of each pair."""
    return col.first_positions(read.pairs, len(read.readings)).tolist()


def looks_like_dates(check: DateCheck) -> bool:
    """Whether nearly all filled cells of a column are complete dates in its declared formats."""
    filled = np.array([bool(t) for t in check.bare], dtype=bool)
    filled = filled[check.column.codes] if len(filled) else np.zeros(0, dtype=bool)
    complete = check.read.where([bool(_COMPLETE.match(r.iso)) for r in check.read.readings])
    return int(filled.sum()) >= ENOUGH and float(complete.sum()) >= MOSTLY_DATES * float(filled.sum())
