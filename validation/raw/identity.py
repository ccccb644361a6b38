"""Identifiers in raw rows: subjects that are not enrolled, identifiers of an unusual form, zeros that were lost.

Not for identifying the subject of a row: engine/subjects/identity.py. Nothing is repaired here; a template with a width
adds the zeros.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np
import pandas as pd

from ...engine.columns import column as col
from ...engine.plan.plan import PlannedStudy
from .rules import RawColumn, RawReport

#: share of the rows of a column that one form must have for the others to be slips
USUAL = 0.9
_RUNS = re.compile(r"9+")
#: letters that look like digits
_LOOK_ALIKES = str.maketrans({"O": "0", "o": "0", "Q": "0", "I": "1", "l": "1", "S": "5", "B": "8", "Z": "2"})


def form_of(text: str) -> str:
    """The form of an identifier: digits as 9, letters as A, other characters as they are."""
    return "".join("9" if c in "0123456789" else "A" if c.isalpha() else c for c in text)


def check_forms(column: RawColumn, report: RawReport) -> None:
    """Identifiers whose form is not the usual one of their column."""
    bare = column.bare()
    forms = [form_of(t) for t in bare]
    counts: dict[str, int] = {}
    for form, n in zip(forms, column.counts.tolist(), strict=True):
        if form:
            counts[form] = counts.get(form, 0) + n
    if not counts:
        return
    usual = min(counts, key=lambda f: (-counts[f], f))
    if counts[usual] < USUAL * sum(counts.values()):
        return
    digits_only = _RUNS.sub("9", usual)
    short, odd, messages = [], [], []
    for text, form in zip(bare, forms, strict=True):
        slip = bool(form) and form != usual
        lost = slip and _RUNS.sub("9", form) == digits_only and len(form) < len(usual)
        short.append(lost)
        odd.append(slip and not lost)
        messages.append(_message(text, form, usual))
    message = f"shorter than the usual {len(usual)} characters: zeros in front may be lost"
    report.cells("R2A-RAW-042", column, np.array(short, dtype=bool), message)
    at = np.flatnonzero(np.array(odd, dtype=bool)[column.codes])
    report.rows("R2A-RAW-043", at, np.array(messages, dtype=object)[column.codes[at]], column)


def _message(text: str, form: str, usual: str) -> str:
    if form_of(text.translate(_LOOK_ALIKES)) == usual:
        return "a letter in place of a digit"
    return f"identifiers here are written {usual} (9: a digit, A: a letter)"


def enrolled_subjects(
    plan: PlannedStudy, identity: Mapping[str, Mapping[str, pd.Series]]
) -> tuple[list[str], set[str]]:
    """The sources of DM's records and the subjects they have; both empty for a study without DM."""
    dm = plan.datasets.get("DM")
    sources = [b.source for b in dm.spec.blocks if b.source] if dm is not None else list[str]()
    found: set[str] = set()
    for source in sources:
        subjects = identity.get(source, {}).get("USUBJID")
        if subjects is not None:
            found |= {str(t) for t in col.split_text(subjects)[1].tolist() if t}
    return list(dict.fromkeys(sources)), found


def check_enrolled(subjects: pd.Series, enrolled: set[str], source: str, column: str, report: RawReport) -> None:
    """Rows of subjects that the source of DM does not have."""
    codes, texts = col.split_text(subjects)
    unknown = np.array([bool(t) and t not in enrolled for t in texts.tolist()], dtype=bool)
    if not unknown.any():
        return
    at = np.flatnonzero(unknown[codes])
    message = f"this subject is not in {source}, which enrols subjects; the row is still mapped"
    report.rows("R2A-RAW-041", at, message, column, value=texts[codes[at]])
