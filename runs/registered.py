"""Registers the derivations and steps of all rooms, the standards and the rules of conformance: an import is enough.

A new module with a derivation or a step has a name here. Not for planning with them (plan_study.py).
"""

# ruff: noqa: F401

from __future__ import annotations

from ..adam import criterion, on_treatment, paired, period, query, treatment_emergent
from ..adam import standard as _adam
from ..adam.baseline import base_value, change, shift, threshold_category
from ..adam.dates import analysis_date, extreme_date, first_imputed, imputation_flags, impute
from ..adam.grading import combined_grade, reference_score, toxicity
from ..adam.grading import range_indicator as _analysis_range
from ..adam.imwg import step as _imwg
from ..adam.lesions import step as _lesions
from ..adam.questionnaires import expected_visits, items, scoring
from ..adam.records import carry_forward, combined, computed, events, expand, extreme, summary
from ..adam.response import (
    bone_response,
    ca125_response,
    confirmation,
    confirmed_level,
    immune_response,
    level_by_change,
    overall_response,
)
from ..adam.time_to_event import step as _time_to_event
from ..adam.visits import visit_windows, windows
from ..conformance.language import read as _conformance  # its rules are read at first need
from ..engine.building import original_text
from ..engine.derivations import (
    assign,
    cases,
    coded,
    cut,
    decode,
    duration,
    from_other_records,
    lookup,
    neighbours,
    sequence,
    statistic,
    text_joined,
    to_write,
    totals,
)
from ..sdtm import relations
from ..sdtm import standard as _sdtm
from ..sdtm.derivations import (
    agreed_dates,
    dates,
    days_after,
    elements,
    limits,
    range_indicator,
    relative,
    results,
    timing,
    visits,
)
