"""Plans a whole study: SDTM, then ADaM, with the codelists of both; all problems at once.

It imports the modules of sdtm/ and adam/ so that their derivations are registered.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from ..adam import criterion as _criterion  # noqa: F401 - registers its derivation
from ..adam import on_treatment as _on_treatment  # noqa: F401 - registers its derivation
from ..adam import paired as _paired  # noqa: F401 - registers its derivation
from ..adam import period as _period  # noqa: F401 - registers its derivation
from ..adam import standard as _adam_standard  # noqa: F401 - registers the standard
from ..adam import treatment_emergent as _treatment_emergent  # noqa: F401 - registers its derivations
from ..adam.baseline import base_value as _base_value  # noqa: F401 - registers its derivation
from ..adam.baseline import change as _change  # noqa: F401 - registers its derivation
from ..adam.baseline import shift as _shift  # noqa: F401 - registers its derivation
from ..adam.baseline import threshold_category as _threshold_category  # noqa: F401 - registers its derivation
from ..adam.dates import analysis_date as _adam_dates  # noqa: F401 - registers its derivations
from ..adam.dates import extreme_date as _extreme_date  # noqa: F401 - registers its derivations
from ..adam.dates import first_imputed as _first_imputed  # noqa: F401 - registers its derivations
from ..adam.dates import imputation_flags as _imputation_flags  # noqa: F401 - registers its derivations
from ..adam.dates import impute as _impute  # noqa: F401 - registers its derivation
from ..adam.dates.imputed_names import imputed_name_problems
from ..adam.grading import combined_grade as _combined_grade  # noqa: F401 - registers its derivation
from ..adam.grading import range_indicator as _analysis_range  # noqa: F401 - registers its derivation
from ..adam.grading import toxicity as _toxicity  # noqa: F401 - registers its derivation
from ..adam.grading.reference_score import reference_problems  # its import registers its derivation
from ..adam.imwg import step as _imwg  # noqa: F401 - registers its step
from ..adam.lesions import step as _lesions  # noqa: F401 - registers its step
from ..adam.planning import plan_adam
from ..adam.query import query_problems  # its import registers its derivation
from ..adam.questionnaires import expected_visits as _expected_visits  # noqa: F401 - registers its step
from ..adam.questionnaires.instrument_checks import (
    instrument_problems,  # its import registers the steps of questionnaires
)
from ..adam.records import carry_forward as _carry_forward  # noqa: F401 - registers its step
from ..adam.records import computed as _computed  # noqa: F401 - registers its step
from ..adam.records import events as _events  # noqa: F401 - registers its step
from ..adam.records import expand as _expand  # noqa: F401 - registers its step
from ..adam.records import extreme as _extreme  # noqa: F401 - registers its step
from ..adam.records import summary as _summary  # noqa: F401 - registers its step
from ..adam.records.number_problems import number_problems
from ..adam.records.source_problems import source_problems  # its import registers the step
from ..adam.records.visits import visit_table_problems
from ..adam.response import bone_response as _bone_response  # noqa: F401 - registers its derivation
from ..adam.response import ca125_response as _ca125_response  # noqa: F401 - registers its derivation
from ..adam.response import confirmation as _confirmation  # noqa: F401 - registers its step
from ..adam.response import confirmed_level as _confirmed_level  # noqa: F401 - registers its derivation
from ..adam.response import immune_response as _immune_response  # noqa: F401 - registers its derivation
from ..adam.response import level_by_change as _level_by_change  # noqa: F401 - registers its derivation
from ..adam.response import overall_response as _overall_response  # noqa: F401 - registers its derivation
from ..adam.visits import visit_windows as _visit_windows  # noqa: F401 - registers its derivations
from ..adam.visits import windows as _windows  # noqa: F401 - registers its derivations
from ..conformance.language import read as _conformance  # noqa: F401 - its rules are read at first need
from ..engine.building import original_text  # noqa: F401 - register their derivations
from ..engine.checks.check import check_study
from ..engine.checks.document_check import display_document_problems
from ..engine.derivations import (  # noqa: F401 - register their derivations
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
from ..engine.plan.analyses import planned_displays
from ..engine.plan.codelists import study_codelists
from ..engine.plan.copied_types import with_copied_types
from ..engine.plan.plan import PlannedDataset, PlannedStudy, is_number_of
from ..errors import SpecError, SpecProblem, nearest
from ..existing_sdtm.declared import with_inputs
from ..existing_sdtm.needs import input_problems
from ..findings.catalogue import rule_of, rules
from ..linting.terms import term_problems
from ..mappings.binding.bind import key_place_of, place_of
from ..mappings.facts.facts import packages
from ..mappings.loader import LoadedStudy, follows
from ..mappings.models.study import StudySpec
from ..programs.analysis_code import with_code
from ..sdtm import standard as _sdtm_standard  # noqa: F401 - registers the standard
from ..sdtm.date_checks import declared_format_problems, rule_format_problems
from ..sdtm.derivations import agreed_dates as _agreed_dates  # noqa: F401 - registers its derivation
from ..sdtm.derivations import days_after as _days_after  # noqa: F401 - registers its derivation
from ..sdtm.derivations import range_indicator as _range_indicator  # noqa: F401 - registers its derivations
from ..sdtm.derivations import relative as _relative  # noqa: F401 - registers its derivations
from ..sdtm.derivations import results as _results  # noqa: F401 - registers its derivations
from ..sdtm.derivations import timing as _timing  # noqa: F401 - registers its derivations
from ..sdtm.derivations import visits as _visits  # noqa: F401 - registers its derivations
from ..sdtm.derivations.limits import limit_problems  # its import registers its derivation
from ..sdtm.planning import plan_sdtm
from ..sdtm.trial.checks import design_problems
from ..sdtm.trial.summary import summary_problems


def plan_study(
    loaded: LoadedStudy, kinds: tuple[str, ...] = ("sdtm", "adam"), *, headers_follow: bool = False
) -> tuple[PlannedStudy, list[SpecProblem]]:
    """The planned study and its warnings. Raises SpecError with every mistake that the specs alone show."""
    plan, problems = examine_study(loaded, kinds, headers_follow=headers_follow)
    if any(p.severity == "error" for p in problems):
        raise SpecError(problems)
    return plan, problems


def examine_study(
    loaded: LoadedStudy, kinds: tuple[str, ...] = ("sdtm", "adam"), *, headers_follow: bool = False
) -> tuple[PlannedStudy, list[SpecProblem]]:
    """The study as far as it can be planned, and all problems of its specs; with an error it cannot be built.

    ``headers_follow``: the caller checks the names again with the headers of the raw files.
    """
    problems = list(loaded.problems)
    file = loaded.file
    shipped = packages()
    for package in ("sdtm", "adam"):
        wanted = getattr(file.study.ct, package)
        if wanted != shipped[package]:
            place = place_of(file.study.ct, package) if "ct" in file.study.model_fields_set else place_of(file.study)
            problems.append(SpecProblem(place, f"{package.upper()} CT {wanted} is not shipped; {shipped[package]} is"))
    problems += declared_format_problems(file)
    codelists = study_codelists(file, problems)
    names = {d.dataset for _, d in loaded.datasets}
    planned: dict[str, PlannedDataset] = {}
    for kind, dataset in loaded.datasets:
        if kind == "sdtm" and kind in kinds:
            dataset_plan = plan_sdtm(dataset, file, codelists, problems, names)
            if dataset_plan is not None:
                planned[dataset_plan.name] = dataset_plan
    if "sdtm" in kinds:
        problems += design_problems(file, names, set(planned["DM"].every) if "DM" in planned else set())
        problems += summary_problems(file.trial, planned)
    adsl_first = sorted(
        (d for k, d in loaded.datasets if k == "adam" and k in kinds), key=lambda d: d.dataset != "ADSL"
    )
    for dataset in adsl_first:
        dataset_plan = plan_adam(dataset, file, codelists, problems, planned.get("ADSL"))
        if dataset_plan is not None:
            planned[dataset_plan.name] = dataset_plan
    inputs = {}
    if "sdtm" in kinds:
        planned, inputs = with_inputs(file, planned, codelists)
    planned = with_copied_types(file, planned, inputs)
    problems += translation_problems(file, planned) if "sdtm" in kinds else []
    problems += guide_problems(file, planned)
    displays = ()
    if "adam" in kinds:
        displays = planned_displays(loaded.analyses, loaded.groups, planned, file.documents, problems)
        displays = with_code(displays, partial(is_number_of, planned), loaded.groups.language)
    problems += display_document_problems(loaded.analyses, file.documents)
    plan = PlannedStudy(
        file,
        planned,
        codelists,
        inputs,
        loaded.translations,
        questions=loaded.questions,
        displays=displays,
        phrases=loaded.phrases,
        define_texts=loaded.define_texts,
        tables=loaded.tables,
    )
    problems += check_study(plan, headers_follow=headers_follow)
    problems += rule_format_problems(plan)
    if "sdtm" in kinds:
        problems += input_problems(plan)
    problems += instrument_problems(plan)
    problems += query_problems(plan)
    problems += reference_problems(plan)
    problems += visit_table_problems(plan)
    problems += source_problems(plan)
    problems += number_problems(plan)
    problems += imputed_name_problems(plan)
    problems += limit_problems(plan)
    problems += term_problems(plan)
    problems += coded.coded_problems(plan)
    not_planned = {n.upper() for n in loaded.left_out} | loaded.left_out
    problems = loaded.problems + [p for p in problems if p not in loaded.problems and not follows(p, not_planned)]
    problems = sorted(dict.fromkeys(problems), key=lambda p: (p.place.file, p.place.line, p.place.column))
    return plan, problems


def translation_problems(file: StudySpec, planned: Mapping[str, PlannedDataset]) -> list[SpecProblem]:
    """Variables that translations: of study.yaml names and the study does not have."""
    spec = file.translations
    if spec is None:
        return []
    known = {f"{d.name}.{v}": v for d in planned.values() if d.kind == "sdtm" for v in d.variables}
    place = place_of(spec, "variables")
    return [
        SpecProblem(
            place,
            f"no SDTM dataset of the study has '{name}'",
            hint=nearest(name, sorted(known)),
            refers_to=frozenset({name, *name.split(".")}),
        )
        for name in spec.variables
        if name not in known
    ]


def guide_problems(file: StudySpec, planned: Mapping[str, PlannedDataset]) -> list[SpecProblem]:
    """Datasets that guide: of study.yaml has texts for and the study does not have, and rules that do not exist."""
    problems = []
    for kind, name, spec in (("sdtm", "SDTM", file.guide.sdtm), ("adam", "ADaM", file.guide.adam)):
        known = sorted(d.name for d in planned.values() if d.kind == kind)
        for dataset in spec.datasets if known else ():
            if dataset not in known:
                place = key_place_of(spec, "datasets", dataset)
                message, hint = f"the study has no {name} dataset '{dataset}'", nearest(dataset, known)
                problems.append(SpecProblem(place, message, hint=hint, refers_to=frozenset({dataset})))
    for entry in file.guide.explanations:
        try:
            rule_of(entry.rule)
        except ValueError:
            message = f"'{entry.rule}' is no rule of findings; docs/findings.md lists them"
            hint = nearest(entry.rule, [r.id for r in rules()])
            problems.append(SpecProblem(place_of(entry, "rule"), message, hint=hint))
    return problems
