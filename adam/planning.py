"""Plans ADaM datasets: attributes from ADaMIG, or SDTM for copied variables; the others have ADSL's core variables.

Not for writing out ``parameters:`` (parameters.py).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import NamedTuple

from ..engine.derivations.assign import From
from ..engine.derivations.lookup import Lookup
from ..engine.derivations.sequence import Sequence
from ..engine.derivations.step import OfStep
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
from ..errors import Place, SpecProblem, nearest
from ..mappings.binding.bind import key_place_of, place_of, with_place_of
from ..mappings.facts.facts import DatasetFacts, VariableFacts, adam_structure, sdtm_dataset
from ..mappings.facts.terminology import Codelist
from ..mappings.models.dataset import DatasetSpec
from ..mappings.models.derivation import DerivationSpec, OriginSpec
from ..mappings.models.study import StudySpec
from .derived_blocks import derived_rules
from .parameters import written_out

#: variable -> (rule for all blocks, rules of single blocks, place)
Rules = dict[str, tuple[DerivationSpec | None, dict[int, DerivationSpec], Place]]


class AdamStructure(NamedTuple):
    """A kind of ADaM dataset: its structure in the facts, its class in Define-XML, and the structure as text."""

    facts: str
    observation_class: str
    text: str


#: dataset or class -> its kind
STRUCTURES = {
    "ADSL": AdamStructure("ADSL", "SUBJECT LEVEL ANALYSIS DATASET", "One record per subject"),
    "ADAE": AdamStructure("ADAE", "OCCURRENCE DATA STRUCTURE", "One record per subject per adverse event"),
    "ADTTE": AdamStructure("TTE", "BASIC DATA STRUCTURE", "One record per subject per parameter"),
    "BASIC DATA STRUCTURE": AdamStructure(
        "BDS", "BASIC DATA STRUCTURE", "One record per subject per parameter per analysis timepoint"
    ),
    "OCCURRENCE DATA STRUCTURE": AdamStructure(
        "OCCDS", "OCCURRENCE DATA STRUCTURE", "One record per subject per occurrence"
    ),
}
#: structures whose records ASEQ numbers
NUMBERED = ("BDS", "TTE", "ADAE", "OCCDS")


def plan_adam(
    file: DatasetSpec,
    study: StudySpec,
    study_codelists: dict[str, Codelist],
    problems: list[SpecProblem],
    adsl: PlannedDataset | None,
) -> PlannedDataset | None:
    """A planned ADaM dataset; None (with problems) when its class is not known.

    ``adsl``: planned already, unless this is ADSL itself.
    """
    file, codelists = written_out(file, study_codelists, problems)
    if not file.blocks:
        return None  # the mistake that removed the blocks is reported already
    structure = _structure(file, problems)
    if structure is None:
        return None
    name = file.dataset
    facts = adam_structure(structure.facts)
    assert facts is not None
    problems += label_problems(file)
    variables = _variables(file, facts, structure, codelists, problems, adsl=None if name == "ADSL" else adsl)
    if name != "ADSL" and adsl is not None:
        problems += _core_problems(file, adsl.spec.core)
    sequence = "ASEQ" if name != "ADSL" and structure.facts in NUMBERED and "ASEQ" not in removed(file) else ""
    problems += rule_problems([(n, r) for n, v in variables.items() for r in v.rules], name)
    keys = tuple(k for k in ordered_keys(file, facts.keys, "ASEQ") if k in variables)
    for block in file.blocks:
        for field_name in ("records", "trial", "relate"):
            if getattr(block, field_name):
                problems.append(SpecProblem(place_of(block, field_name), f"{field_name}: is for SDTM datasets", name))
    working = working_variables(_with_derived_working(file, variables), codelists, variables, problems, "")
    problems += rule_problems([(n, r) for n, v in working.items() for r in v.rules], name)
    return PlannedDataset(
        name=name,
        label=file.label or facts.label,
        kind="adam",
        observation_class=structure.observation_class,
        structure=file.structure or structure.text,
        standard=f"ADaMIG {study.study.adamig}",
        spec=file,
        place=place_of(file, "dataset"),
        variables=variables,
        supplemental={},
        keys=keys,
        sort=record_sort(file, keys, sequence),
        sequence=sequence,
        topic="",
        values=value_levels(file, codelists, problems),
        working=working,
    )


def _core_problems(file: DatasetSpec, known: tuple[str, ...]) -> Iterator[SpecProblem]:
    """Core variables of a dataset that are none of ADSL."""
    for core in file.core:
        if core not in known:
            message, hint = f"core: '{core}' is no core variable of ADSL", nearest(core, known)
            yield SpecProblem(place_of(file, "core"), message, file.dataset, core, hint=hint)


def _structure(file: DatasetSpec, problems: list[SpecProblem]) -> AdamStructure | None:
    name = file.dataset
    kind = name if name in STRUCTURES else (file.class_ or "BASIC DATA STRUCTURE").upper()
    if kind not in STRUCTURES:
        message, hint = f"'{file.class_}' is no ADaM class", nearest(kind, list(STRUCTURES))
        problems.append(SpecProblem(place_of(file, "class"), message, name, hint=hint))
    return STRUCTURES.get(kind)


def _variables(
    file: DatasetSpec,
    facts: DatasetFacts,
    structure: AdamStructure,
    codelists: dict[str, Codelist],
    problems: list[SpecProblem],
    *,
    adsl: PlannedDataset | None,
) -> dict[str, PlannedVariable]:
    """The variables of a dataset in the order of the standard. ``adsl``: None for ADSL itself."""
    name = file.dataset
    rules, off = collected_rules(file), removed(file)
    _add_conventions(file, structure, facts, rules, off, adsl=adsl)
    _add_columns_of_steps(file, facts, rules, off, problems)
    supplied = {n for n, (_, blocks, _) in rules.items() if n not in file.variables and not blocks}
    names = {*rules, *file.working, *(n for b in file.blocks for n in b.working)}
    for variable, number, rule in list(derived_rules(file, {n: r[:2] for n, r in rules.items()}, names)):
        shared, blocks, place = rules[variable]
        rules[variable] = shared, {**blocks, number: rule}, place
    problems += not_collected_problems(file, _absence(file, facts), set(rules))
    variables: dict[str, PlannedVariable] = {}
    order: dict[str, float] = {}
    for i, (variable, (rule, blocks, _)) in enumerate(rules.items()):
        found = variable_facts(variable, facts, file)
        if found is None or not found.label:
            found = _inherited(variable, adsl, order=9_000 + i) or found
        place = place_of_variable(file, variable)
        variables[variable] = planned_variable(
            variable,
            found,
            rule=rule,
            block_rules=blocks,
            study_codelists=codelists,
            place=place,
            problems=problems,
            dataset=name,
            package="",
            by_convention=variable in supplied,
        )
        order[variable] = found.order if found else 10_000 + i
        if len(variable) > 8:
            problems.append(SpecProblem(place, f"'{variable}' has more than 8 characters", name, variable))
    for variable, found in _not_collected(file, facts).items():
        if variable not in variables:  # else a mistake that is reported already
            planned = planned_variable(
                variable,
                found,
                study_codelists=codelists,
                place=key_place_of(file, "not_collected", variable),
                problems=problems,
                dataset=name,
                package="",
                by_convention=True,
            )
            variables[variable] = replace(planned, not_collected=reason_of(file, variable))
            order[variable] = found.order
    for number, v in enumerate(("STUDYID", "USUBJID")):
        order[v] = number - 10
    return dict(sorted(variables.items(), key=lambda kv: order[kv[0]]))


def _inherited(variable: str, adsl: PlannedDataset | None, *, order: float) -> VariableFacts | None:
    """The facts of a variable that ADaMIG does not have, where ADSL has it."""
    of_adsl = adsl.variables.get(variable) if adsl else None
    if of_adsl is None:
        return None
    return VariableFacts(
        name=variable,
        label=of_adsl.label,
        type="Num" if of_adsl.is_numeric else "Char",
        role="",
        core="",
        codelist=(),
        described="",
        order=order,
    )


def _not_collected(file: DatasetSpec, facts: DatasetFacts) -> dict[str, VariableFacts]:
    """The facts of the variables of not_collected:; a name that the standard does not have is reported elsewhere."""
    found = {name: variable_facts(name, facts, file) for name in file.not_collected}
    return {name: about for name, about in found.items() if about is not None}


def _absence(file: DatasetSpec, facts: DatasetFacts) -> Absence:
    """What ADaMIG lets a study leave without values: required and conditional variables that identify no record."""
    return Absence(
        guide="ADaMIG",
        cores=frozenset({"Req", "Cond", "Exp"}),
        facts=lambda name: variable_facts(name, facts, file),
        listed=facts.names,
        identifies=lambda name: name in ("STUDYID", "USUBJID", "PARAMCD", "PARAM") or name.endswith("SEQ"),
    )


def _add_conventions(
    file: DatasetSpec,
    structure: AdamStructure,
    facts: DatasetFacts,
    rules: Rules,
    off: set[str],
    *,
    adsl: PlannedDataset | None,
) -> None:
    """Adds STUDYID and USUBJID, and outside ADSL also ASEQ and the core variables of ADSL."""
    place = place_of(file, "dataset")
    for conventional in ("STUDYID", "USUBJID"):
        rules.setdefault(conventional, (From.model_validate({"from": conventional}), {}, place))
    if file.dataset == "ADSL":
        return
    of_steps = {n for b in file.blocks for n, (_, about) in b.step_columns.items() if about.variable and about.new}
    derived = (rules.keys() | of_steps | _working_names(file)) - off - {"STUDYID", "USUBJID", "ASEQ"}
    wanted = file.sequence or record_sort(file, ordered_keys(file, facts.keys, "ASEQ"), "")
    if structure.facts in NUMBERED and "ASEQ" not in off:
        keys = tuple(k for k in wanted if k.lstrip("-") in derived)
        rules.setdefault("ASEQ", (Sequence(sequence=keys), {}, place))
    for core in _core(file, adsl):
        if core not in off:
            origin = OriginSpec(type="Predecessor", description=f"ADSL.{core}")
            rules.setdefault(core, (Lookup(lookup=f"ADSL.{core}", origin=origin), {}, place))


def _working_names(file: DatasetSpec) -> set[str]:
    return {n for rules in (file.working, *(b.working for b in file.blocks)) for n in rules}


def _core(file: DatasetSpec, adsl: PlannedDataset | None) -> tuple[str, ...]:
    """The core variables of ADSL that the dataset has: those of its ``core:``, or all."""
    every = adsl.spec.core if adsl else ()
    return tuple(n for n in every if n in file.core) if file.core else every


def _with_derived_working(file: DatasetSpec, variables: Collection[str]) -> DatasetSpec:
    """The dataset with rules for its working variables in blocks of derived records."""
    rules: dict[str, tuple[DerivationSpec | None, dict[int, DerivationSpec]]] = {
        n: (r, {}) for n, r in file.working.items()
    }
    for number, block in enumerate(file.blocks):
        for name, rule in block.working.items():
            rules.setdefault(name, (None, {}))[1][number] = rule
    found: dict[int, dict[str, DerivationSpec]] = {}
    for name, number, rule in derived_rules(file, rules, {*variables, *rules}):
        found.setdefault(number, {})[name] = rule
    if not found:
        return file
    blocks = [b.model_copy(update={"working": {**b.working, **found.get(n, {})}}) for n, b in enumerate(file.blocks)]
    return file.model_copy(update={"rows": tuple(blocks)})


def _add_columns_of_steps(
    file: DatasetSpec, facts: DatasetFacts, rules: Rules, off: set[str], problems: list[SpecProblem]
) -> None:
    """Adds the variables that the steps of blocks derive, where neither block nor dataset has a rule for them."""
    for number, block in enumerate(file.blocks):
        for step in block.steps:
            problems += [SpecProblem(place_of(m, f), text, file.dataset) for m, f, text in step.problems()]
        for column, (step, about) in block.step_columns.items():
            shared, blocks, place = rules.get(column, (None, {}, place_of(step)))
            if not about.variable or column in off or number in blocks or (not about.new and column not in rules):
                continue
            if shared is not None and not step.overrides:
                continue
            found = variable_facts(column, facts, file)
            attributes: dict[str, str | None] = {} if found or shared is not None else {"type": about.type}
            if (found is None or not found.label) and shared is None:
                attributes["label"] = about.label or None  # the guide has none for a name that it knows by its ending
            rule = with_place_of(OfStep.model_validate({"column": column, "step": step, **attributes}), step)
            rules[column] = (shared, {**blocks, number: rule}, place)


def variable_facts(name: str, facts: DatasetFacts, file: DatasetSpec) -> VariableFacts | None:
    """Facts of a variable: ADaMIG's, else those of the SDTM dataset that the rows come from, else DM's."""
    found = facts.variable(name)
    if found is not None:
        return found
    for table in dict.fromkeys([*(b.table for b in file.blocks), "DM"]):
        source = sdtm_dataset(table)
        copied = next((v for v in source.variables if v.name == name), None) if source else None
        if copied is not None:
            return copied
    return None
