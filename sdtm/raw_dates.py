"""Dates of whole raw columns, read as the date derivation reads them, before any record is built.

Not for records (sdtm/derivations/dates.py). The group of a row is what selects its formats: the country of its site,
for one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..engine.columns import column as col
from ..engine.columns import verbs
from ..engine.subjects.identity import padded
from ..mappings.models.dates import DatesSpec
from ..mappings.models.study import StudySpec
from .date_formats.notation import Notation
from .date_formats.reading import Reading, read_date
from .date_reader import ISO_FORMATS


@dataclass(frozen=True)
class ReadDates:
    """``readings`` of the pairs of format group and text that occur, and the pair of every row."""

    pairs: np.ndarray
    readings: list[Reading]

    def where(self, test: list[bool]) -> np.ndarray:
        """Rows whose reading passes a test, which is done one time per pair."""
        return np.array(test, dtype=bool)[self.pairs] if test else np.zeros(len(self.pairs), dtype=bool)


def format_groups(
    by: str | None,
    frame: Mapping[str, pd.Series],
    others: Mapping[str, Mapping[str, pd.Series]],
    study: StudySpec,
) -> pd.Series | None:
    """The text of every row that selects its formats; None where nothing does.

    ``by``: a column of the source, or source.COLUMN found by subject or by a shared identifier. ``frame`` and
    ``others`` hold the columns of a source beside its identity columns.
    """
    if not by:
        return None
    if by in frame:
        return frame[by]
    source, _, name = by.partition(".")
    other = others.get(source)
    if other is None or name not in other:
        return None
    shared = study.subject.names
    keys = ("USUBJID",) if "USUBJID" in other and "USUBJID" in frame else shared
    keys = tuple(k for k in keys if k in frame and k in other)
    if not keys:
        return None
    match = verbs.match_rows([padded(frame[k], k, study) for k in keys], [padded(other[k], k, study) for k in keys])
    return col.take(other[name], match.right)


def read_column(
    column: str,
    codes: np.ndarray,
    texts: list[str],
    spec: DatesSpec,
    groups: pd.Series | None,
    formats: tuple[str, ...],
) -> ReadDates:
    """Every cell of a raw column, read one time per group and text. ``texts`` are without surrounding blanks.

    ``formats``: those of the rule that reads the column; () for those of its source or study.
    """
    notation, whole = Notation.of(spec), formats or spec.whole(column)
    if groups is None or whole is not None:
        formats = whole or spec.formats or ISO_FORMATS
        return ReadDates(codes, [read_date(t, formats, notation) for t in texts])
    group_codes, names = col.split_text(groups)
    pairs, inverse = np.unique(group_codes.astype("int64") * len(texts) + codes, return_inverse=True)
    readings = []
    for pair in pairs.tolist():
        formats = spec.of(column, str(names[pair // len(texts)]).strip()) or ISO_FORMATS
        readings.append(read_date(texts[pair % len(texts)], formats, notation))
    return ReadDates(inverse, readings)
