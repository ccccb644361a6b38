"""Registers the verbs of rules and steps, the standards and the rules of conformance: an import is enough.

A new module with a derivation or a step has a line here. A build imports the modules whose verbs its specs name, not
all of them. Not for planning with them (plan_study.py).
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from functools import partial
from importlib import import_module

from ..adam import standard as _adam  # noqa: F401 - registers the standard
from ..conformance.language import read as _conformance  # noqa: F401 - its rules are read at first need
from ..engine.plan.plan import PlannedStudy
from ..errors import SpecProblem
from ..mappings.models.derivation import DERIVATIONS
from ..mappings.models.record_step import STEPS
from ..sdtm import standard as _sdtm  # noqa: F401 - registers the standard

_PACKAGE = __name__.partition(".")[0]

#: module -> the verbs of its derivations
OF_DERIVATIONS = {
    "adam.criterion": "criterion",
    "adam.on_treatment": "on_treatment",
    "adam.paired": "paired",
    "adam.period": "period",
    "adam.treatment_emergent": "treatment_emergent",
    "engine.derivations.assign": "value from compute template",
    "adam.baseline.base_value": "base_value",
    "adam.baseline.change": "change",
    "adam.baseline.shift": "shift",
    "adam.baseline.threshold_category": "threshold_category",
    "adam.dates.analysis_date": "analysis_date",
    "adam.dates.extreme_date": "latest earliest date_source",
    "engine.derivations.from_other_records": "first last",
    "adam.dates.first_imputed": "first_imputed of_record",
    "adam.dates.imputation_flags": "imputation_flag time_imputation_flag",
    "adam.dates.impute": "impute",
    "adam.grading.combined_grade": "combined_grade",
    "adam.grading.range_indicator": "analysis_range_indicator",
    "adam.grading.toxicity": "toxicity_grade",
    "adam.grading.reference_score": "reference_score",
    "engine.derivations.lookup": "lookup",
    "engine.derivations.sequence": "sequence flag flag_up_to",
    "adam.query": "query",
    "adam.visits.visit_windows": "analysis_window",
    "adam.response.bone_response": "bone_response",
    "adam.response.ca125_response": "ca125_response",
    "adam.response.confirmed_level": "confirmed_response",
    "adam.response.immune_response": "immune_response",
    "adam.response.level_by_change": "level_by_change",
    "adam.response.overall_response": "overall_response",
    "adam.visits.windows": "window_end event_date",
    "engine.building.original_text": "original_text",
    "engine.derivations.totals": "count any total",
    "engine.derivations.to_write": "to_write",
    "engine.derivations.cases": "cases",
    "engine.derivations.coded": "coded",
    "engine.derivations.cut": "cut",
    "engine.derivations.decode": "decode",
    "engine.derivations.duration": "duration",
    "engine.derivations.neighbours": "previous next",
    "engine.derivations.statistic": "statistic group_statistic",
    "engine.derivations.text_joined": "text_joined",
    "sdtm.derivations.dates": "date",
    "sdtm.derivations.agreed_dates": "agreed_date",
    "sdtm.derivations.days_after": "days_after",
    "sdtm.derivations.results": "original_unit standard_result standard_number standard_unit",
    "sdtm.derivations.limits": "standard_limit",
    "sdtm.derivations.range_indicator": "range_indicator",
    "sdtm.derivations.relative": "relative study_date",
    "sdtm.derivations.elements": "element",
    "sdtm.derivations.timing": "study_day epoch baseline",
    "sdtm.derivations.visits": "visit visitnum",
    "sdtm.relations": "related",
}
#: module -> the verb of its step
OF_STEPS = {
    "adam.imwg.step": "imwg_response",
    "adam.lesions.step": "tumor_burden",
    "adam.time_to_event.step": "time_to_event",
    "adam.questionnaires.expected_visits": "expected_visits",
    "adam.questionnaires.scoring": "score",
    "adam.questionnaires.items": "items",
    "adam.records.carry_forward": "carry_forward",
    "adam.records.computed": "computed",
    "adam.records.events": "events",
    "adam.records.expand": "expand",
    "adam.records.expected_records": "expected_records",
    "adam.records.extreme": "extreme",
    "adam.records.summary": "summary",
    "adam.records.combined": "combined",
    "adam.response.confirmation": "confirm",
}
#: check of a plan -> the modules of the rules that it looks at
_CHECKS = {
    ("adam.questionnaires.instrument_checks", "instrument_problems"): (
        "adam.baseline.threshold_category", "adam.questionnaires.item_records",
    ),
    ("adam.query", "query_problems"): ("adam.query",),
    ("adam.grading.reference_score", "reference_problems"): ("adam.grading.reference_score",),
    ("adam.records.visits", "visit_table_problems"): ("adam.records.visits",),
    ("adam.records.source_problems", "source_problems"): ("adam.records.combined", "adam.records.events"),
    ("adam.records.number_problems", "number_problems"): (
        "adam.records.carry_forward", "adam.records.computed", "adam.records.expected_records", "adam.records.summary",
    ),
    ("adam.dates.imputed_names", "imputed_name_problems"): (
        "adam.dates.extreme_date", "adam.dates.first_imputed", "adam.dates.imputation_flags",
    ),
    ("sdtm.derivations.limits", "limit_problems"): ("sdtm.derivations.limits",),
}  # fmt: skip


def _announce() -> None:
    """Make all verbs known. The modules are imported when a spec names their verbs."""
    for verbs, modules in ((DERIVATIONS, OF_DERIVATIONS), (STEPS, OF_STEPS)):
        for module, names in modules.items():
            verbs.announce(names.split(), partial(import_module, f"{_PACKAGE}.{module}"))


def rule_problems(plan: PlannedStudy) -> Iterator[SpecProblem]:
    """The mistakes that the checks of the used rules find in a plan."""
    for (module, check), of in _CHECKS.items():
        if _is_imported(of):
            yield from getattr(import_module(f"{_PACKAGE}.{module}"), check)(plan)


def _is_imported(modules: Iterable[str]) -> bool:
    """Whether one of the modules is imported: no plan has rules of other ones."""
    return any(f"{_PACKAGE}.{module}" in sys.modules for module in modules)


_announce()
