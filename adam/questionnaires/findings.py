"""Findings of questionnaires: answers that cannot be used, forms without a date or twice a day, unknown subjects.

Not for scores. The checks of the raw data ask the site about an answer out of range.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from ...engine.columns import column as col
from ...engine.columns import verbs
from ...engine.columns.iso_dates import days_of_text
from ...engine.derivations.environment import Environment
from ...mappings.models.instrument import InstrumentSpec
from .forms import Forms, ItemCodes

WHOLE_FORM = "ALL"  # --TESTCD of a form that was not filled in: QSALL


def column_or_blank(env: Environment, name: str) -> pd.Series:
    """A variable as text; missing in every record where existing SDTM does not have it."""
    found = env.rows.find(name, joined=False) is not None
    return col.as_text(env.column(name)) if found else col.constant("", env.n)


def report_answers(
    env: Environment,
    domain: str,
    instruments: Sequence[InstrumentSpec],
    codes: ItemCodes,
    usable: np.ndarray,
    not_done: np.ndarray,
) -> None:
    """Answers that cannot be scored (R2A-SCORE-001), and records that are no item of their instrument (006)."""
    item = codes.instrument >= 0
    values, _ = col.to_number(env.column(f"{domain}STRESN"))
    text = f"{domain}STRESC"
    filled = item & (~np.isnan(values) | ~col.missing(env.column(text)))
    message = "the answer is no whole number in the range of the item: it is missing in the analysis"
    env.report("R2A-SCORE-001", filled & ~usable & ~not_done, message, text)
    message = "an answer on a record with the status NOT DONE: it is missing in the analysis"
    env.report("R2A-SCORE-001", filled & not_done, message, text)
    test, names = col.split_text(env.column(f"{domain}TESTCD"))
    known = {s.code for i in instruments for s in i.scales.values() if s.code} | {domain + WHOLE_FORM}
    other = np.array([bool(t) and t not in known for t in names], dtype=bool)
    category, categories = col.split_text(env.column(f"{domain}CAT"))
    mine = np.isin(categories.astype(str), [i.category for i in instruments])
    unknown = ~item & other[test] & mine[category]
    env.report("R2A-SCORE-006", unknown, "the instrument has no such item: it is not scored", f"{domain}TESTCD")


def report_forms(env: Environment, domain: str, instrument: InstrumentSpec, forms: Forms, day: pd.Series) -> None:
    """Forms without a complete date (002), further ones of a day (003); answers to items that are not asked (005).

    ``day``: the date text of each record, without the time of day.
    """
    if not len(forms.first):
        return
    date, label = f"{domain}DTC", instrument.label
    days = days_of_text(col.take(day, forms.first))
    message = f"a {label} without a complete date: it is scored, but has no analysis visit and no change from baseline"
    env.report("R2A-SCORE-002", _marked(env.n, forms.first[np.isnan(days)]), message, date)
    (same,) = verbs.key_codes([col.take(env.subject(), forms.first), pd.Series(days)])
    order = verbs.order_rows([same, forms.first])
    further = np.concatenate([order[verbs.later(same[order])], np.flatnonzero(forms.again)])
    message = f"a further {label} of the subject on one day: both are scored, and one visit has the worse score"
    env.report("R2A-SCORE-003", _marked(env.n, forms.first[further]), message, date)
    place = {code: i for i, code in enumerate(instrument.items)}
    for item, spec in instrument.conditional.items():
        low = instrument.items[spec.after][0]
        not_asked = np.isin(forms.steps[place[spec.after]], [a - low + 1 for a in spec.not_after])
        odd = forms.rows[place[item]][not_asked & (forms.steps[place[item]] > 0)]
        message = f"the item is not asked after this answer to {spec.after} and has an answer: the answer is scored"
        env.report("R2A-SCORE-005", _marked(env.n, odd), message, f"{domain}STRESC")


def report_subjects(env: Environment, item: np.ndarray) -> None:
    """Subjects with questionnaires that ADSL does not have (004). ``item``: the records that are items."""
    if "ADSL" not in env.study.datasets:
        return
    rows = np.flatnonzero(item)
    unknown = rows[env.subject_rows(env.table("ADSL"))[rows] < 0]
    if len(unknown):
        (codes,) = verbs.key_codes([col.take(env.subject(), unknown)])
        first = np.delete(unknown, verbs.later(codes))
        message = "the subject has questionnaires and is not in ADSL: they are scored, but have no analysis visit"
        env.report("R2A-SCORE-004", _marked(env.n, first), message)


def _marked(n: int, at: np.ndarray) -> np.ndarray:
    where = np.zeros(n, dtype=bool)
    where[at] = True
    return where
