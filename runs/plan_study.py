"""Plans a whole study: SDTM, then ADaM, with the codelists of both; all problems at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial

from ..adam.planning import plan_adam
from ..engine.checks.check import check_study
from ..engine.checks.document_check import display_document_problems
from ..engine.derivations.coded import coded_problems
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
from ..mappings.facts.terminology import Codelist
from ..mappings.loader import LoadedStudy, follows
from ..mappings.models.study import StudySpec
from ..programs.analysis_code import with_code
from ..sdtm.date_checks import declared_format_problems, rule_format_problems
from ..sdtm.planning import plan_sdtm
from ..sdtm.trial.checks import design_problems
from ..sdtm.trial.summary import summary_problems
from .registered import rule_problems

#: what is wrong with the rules of a planned study, each kind of rule by the room that has it
OF_A_PLAN: tuple[Callable[[PlannedStudy], Iterable[SpecProblem]], ...] = (
    rule_format_problems,
    rule_problems,
    term_problems,
    coded_problems,
)


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
    file = loaded.file
    problems = [*loaded.problems, *package_problems(file), *declared_format_problems(file)]
    codelists = study_codelists(file, problems)
    planned = _planned_datasets(loaded, kinds, codelists, problems)
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
    problems += input_problems(plan) if "sdtm" in kinds else []
    for examine in OF_A_PLAN:
        problems += examine(plan)
    not_planned = {n.upper() for n in loaded.left_out} | loaded.left_out
    problems = loaded.problems + [p for p in problems if p not in loaded.problems and not follows(p, not_planned)]
    problems = sorted(dict.fromkeys(problems), key=lambda p: (p.place.file, p.place.line, p.place.column))
    return plan, problems


def _planned_datasets(
    loaded: LoadedStudy, kinds: tuple[str, ...], codelists: dict[str, Codelist], problems: list[SpecProblem]
) -> dict[str, PlannedDataset]:
    """The datasets of the study by name: those of SDTM, then ADSL, then those that read it."""
    file, planned = loaded.file, dict[str, PlannedDataset]()
    names = {d.dataset for _, d in loaded.datasets}
    for dataset in (d for kind, d in loaded.datasets if kind == "sdtm" and kind in kinds):
        dataset_plan = plan_sdtm(dataset, file, codelists, problems, names)
        if dataset_plan is not None:
            planned[dataset_plan.name] = dataset_plan
    if "sdtm" in kinds:
        problems += design_problems(file, names, set(planned["DM"].every) if "DM" in planned else set())
        problems += summary_problems(file.trial, planned)
    of_adam = (d for kind, d in loaded.datasets if kind == "adam" and kind in kinds)
    for dataset in sorted(of_adam, key=lambda d: d.dataset != "ADSL"):
        dataset_plan = plan_adam(dataset, file, codelists, problems, planned.get("ADSL"))
        if dataset_plan is not None:
            planned[dataset_plan.name] = dataset_plan
    return planned


def package_problems(file: StudySpec) -> list[SpecProblem]:
    """Packages of controlled terminology that the study names and that do not ship."""
    problems, shipped = [], packages()
    for package in ("sdtm", "adam"):
        wanted = getattr(file.study.ct, package)
        if wanted != shipped[package]:
            place = place_of(file.study.ct, package) if "ct" in file.study.model_fields_set else place_of(file.study)
            problems.append(SpecProblem(place, f"{package.upper()} CT {wanted} is not shipped; {shipped[package]} is"))
    return problems


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
