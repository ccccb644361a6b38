"""Plans SDTM datasets: attributes from the facts of the standard, rules from the spec and from conventions.

A variable that the standard expects (core Exp) and no rule derives is there, empty: SDTMIG 3.4 section 4.1.5 wants its
column. Not for the rules of conventions (conventions.py), qualifiers (qualifiers.py) nor the data cut-off
(planned_cutoff.py).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from ..engine.plan.not_collected import Absence, not_collected_problems, reason_of
from ..engine.plan.plan import PlannedDataset, PlannedVariable
from ..engine.plan.planned_variable import planned_variable
from ..engine.plan.planning import (
    collected_rules,
    label_problems,
    ordered_keys,
    place_of_variable,
    record_sort,
    removed,
    rule_problems,
    value_levels,
    working_variables,
)
from ..errors import SpecProblem, nearest
from ..mappings.binding.bind import place_of
from ..mappings.facts.facts import DatasetFacts, custom_domain_name, sdtm_class_dataset, sdtm_dataset
from ..mappings.facts.terminology import Codelist
from ..mappings.models.dataset import DatasetSpec
from ..mappings.models.study import StudySpec
from .coding import with_coding
from .conventions import add_unpivoted, conventions
from .derivations.results import StandardResult
from .planned_cutoff import planned_cut
from .qualifiers import idvar_problems, planned_qualifiers, with_originals
from .trial.design import written_out

#: the variable whose filled source cell makes an excluded row worth a finding
TOPICS = ("TERM", "TRT", "TESTCD", "ORRES")


def plan_sdtm(
    file: DatasetSpec,
    study: StudySpec,
    study_codelists: dict[str, Codelist],
    problems: list[SpecProblem],
    datasets: set[str],
) -> PlannedDataset | None:
    """A planned SDTM dataset; None (with problems) when its domain is not known.

    ``datasets``: the names of the SDTM datasets of the study.
    """
    facts = _facts(file, problems)
    if facts is None:
        return None
    file = written_out(file, study, facts, problems, datasets)
    problems += _adam_keys(file)
    if not file.blocks:
        return None  # the mistake that removed the blocks is reported already
    problems += label_problems(file)
    file = with_coding(file, study, facts, problems)
    variables = _variables(file, study, facts, study_codelists, problems, datasets=datasets)
    file = with_originals(file, study, facts, variables)
    supplemental = planned_qualifiers(file, facts, variables, study_codelists, problems)
    problems += idvar_problems(supplemental, variables, list(variables), file.dataset)
    working = working_variables(file, study_codelists, {**variables, **supplemental}, problems, "sdtm")
    every = {**variables, **supplemental, **working}
    problems += rule_problems([(n, r) for n, v in every.items() for r in v.rules], file.dataset)
    prefix = file.dataset[:2]
    sequence = f"{prefix}SEQ" if f"{prefix}SEQ" in variables else ""
    keys = tuple(k for k in ordered_keys(file, facts.keys, f"{prefix}SEQ") if k in variables)
    return PlannedDataset(
        name=file.dataset,
        label=file.label or facts.label,
        kind="sdtm",
        observation_class=facts.observation_class,
        structure=file.structure or facts.structure,
        standard=f"SDTMIG {study.study.sdtmig}",
        spec=file,
        place=place_of(file, "dataset"),
        variables=variables,
        supplemental=supplemental,
        keys=keys,
        sort=record_sort(file, keys, sequence),
        sequence=sequence,
        topic=next((f"{prefix}{t}" for t in TOPICS if f"{prefix}{t}" in variables), ""),
        values=value_levels(file, study_codelists, problems),
        working=working,
        cut=planned_cut(file, facts, every, problems),
    )


def _adam_keys(file: DatasetSpec) -> list[SpecProblem]:
    """Keys of the spec that only ADaM datasets have."""
    problems = []
    if file.parameters:
        problems.append(SpecProblem(place_of(file, "parameters"), "parameters: is for ADaM datasets", file.dataset))
    for block in file.blocks:
        for field in ("derive", "finished"):
            if getattr(block, field):
                problems.append(SpecProblem(place_of(block, field), f"{field}: is for ADaM datasets", file.dataset))
    return problems


def _variables(
    file: DatasetSpec,
    study: StudySpec,
    facts: DatasetFacts,
    study_codelists: dict[str, Codelist],
    problems: list[SpecProblem],
    *,
    datasets: set[str],
) -> dict[str, PlannedVariable]:
    """The variables of a dataset in the order of the standard."""
    name = file.dataset
    rules, off = collected_rules(file), removed(file)
    add_unpivoted(file, facts, rules, off)
    absence = Absence(
        guide="SDTMIG",
        cores=frozenset({"Req", "Exp"}),
        facts=facts.variable,
        listed=facts.names,
        identifies=_identifies,
    )
    problems += not_collected_problems(file, absence, set(rules))
    off |= file.not_collected.keys()
    for conventional, rule in conventions(file, study, facts, rules, datasets).items():
        if conventional not in off and conventional not in rules:
            rules[conventional] = (rule, {}, place_of(file, "dataset"))
    variables: dict[str, PlannedVariable] = {}
    for variable, (rule, blocks, _) in rules.items():
        found = facts.variable(variable)
        place = place_of_variable(file, variable)
        written = [r for r in (rule, *blocks.values()) if r is not None]
        if found is None and not any(r.label for r in written):
            message = (
                f"{variable} is no variable of {name} in SDTMIG {study.study.sdtmig}; "
                "give it a label:, or put it under supplemental:"
            )
            hint = nearest(variable, [v.name for v in facts.variables])
            problems.append(SpecProblem(place, message, name, variable, hint))
            continue
        variables[variable] = planned_variable(
            variable,
            found,
            rule=rule,
            block_rules=blocks,
            study_codelists=study_codelists,
            place=place,
            problems=problems,
            dataset=name,
            package="sdtm",
            by_convention=variable not in file.variables and not blocks,
        )
        if any(isinstance(r, StandardResult) for r in written) and not any(r.codelist for r in written):
            # numbers are no terms: the standard's codelist of texts belongs to value-level metadata of single tests
            variables[variable] = replace(variables[variable], codelist=None)
    variables |= _without_rule(file, facts, study_codelists, problems, known=variables.keys(), off=off)
    return {n: variables[n] for n in _order(facts, list(variables))}


def _without_rule(
    file: DatasetSpec,
    facts: DatasetFacts,
    study_codelists: dict[str, Codelist],
    problems: list[SpecProblem],
    *,
    known: Collection[str],
    off: set[str],
) -> dict[str, PlannedVariable]:
    """The variables of the standard that no rule derives and that are there, empty: expected and not collected ones.

    A required one without a reason is a mistake.
    """
    name, place = file.dataset, place_of(file, "dataset")
    found = {}
    for v in (v for v in facts.variables if v.name not in known):
        reason = reason_of(file, v.name)
        if v.core == "Req" and not reason:
            message = (
                f"{v.name} is required in {name} and has no rule; write one, or the reason why it has no values under "
                "not_collected:"
            )
            problems.append(SpecProblem(place, message, name, v.name))
        if reason or (v.core == "Exp" and v.name not in off):
            planned = planned_variable(
                v.name,
                v,
                study_codelists=study_codelists,
                place=place,
                problems=problems,
                dataset=name,
                package="sdtm",
                by_convention=True,
            )
            found[v.name] = replace(planned, not_collected=reason) if reason else planned
    return found


def _identifies(variable: str) -> bool:
    """Whether records are identified by a variable."""
    return variable in ("STUDYID", "DOMAIN", "USUBJID", "RDOMAIN") or variable.endswith("SEQ")


def _facts(file: DatasetSpec, problems: list[SpecProblem]) -> DatasetFacts | None:
    facts = sdtm_dataset(file.dataset)
    if facts is not None:
        if file.class_ and file.class_.casefold() != facts.observation_class.casefold():
            message = f"{file.dataset} is of the class {facts.observation_class} in SDTMIG 3.4; leave out class:"
            problems.append(SpecProblem(place_of(file, "class"), message, file.dataset))
        return facts
    if file.class_ and file.label:
        try:
            return sdtm_class_dataset(file.dataset, file.class_, file.label)
        except ValueError as error:
            field = "class" if custom_domain_name(file.dataset) else "dataset"
            problems.append(SpecProblem(place_of(file, field), str(error), file.dataset))
            return None
    message = f"{file.dataset} is no SDTMIG 3.4 dataset; a custom domain needs class: and label:"
    problems.append(SpecProblem(place_of(file, "dataset"), message, file.dataset))
    return None


def _order(facts: DatasetFacts, names: list[str]) -> list[str]:
    """Variables in the order of the standard; other variables come last, in the order of the spec.

    A --STDY or --ENDY that the guide does not list with the domain follows the dates, as in every other domain.
    """
    found = {n: facts.variable(n) for n in names}
    known = sorted((n for n in names if found[n] is not None), key=lambda n: found[n].order)  # pyright: ignore[reportOptionalMemberAccess]
    others = [n for n in names if found[n] is None]
    prefix = facts.name[:2]
    days = [n for n in (f"{prefix}STDY", f"{prefix}ENDY") if n in others]
    dates = [i for i, n in enumerate(known) if n in (f"{prefix}STDTC", f"{prefix}ENDTC", f"{prefix}DTC", f"{prefix}DY")]
    if days and dates:
        known[dates[-1] + 1 : dates[-1] + 1] = days
    return [*known, *(n for n in others if n not in days)]
