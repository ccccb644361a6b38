"""Plans ADaM datasets: attributes from ADaMIG, or SDTM for copied variables; ADSL's core variables in the others."""

from __future__ import annotations

from ..engine.derivations.assign import From
from ..engine.derivations.from_other_records import Lookup
from ..engine.derivations.sequence import Sequence
from ..engine.derivations.step import OfStep
from ..engine.plan.plan import PlannedDataset, PlannedVariable
from ..engine.plan.planning import (
    collected_rules,
    label_problems,
    place_of_variable,
    planned_variable,
    removed,
    rule_problems,
    value_levels,
    working_variables,
)
from ..errors import Place, SpecProblem, nearest
from ..mappings.binding.bind import place_of, standing_at
from ..mappings.facts.facts import DatasetFacts, VariableFacts, adam_structure, sdtm_dataset
from ..mappings.facts.terminology import Codelist
from ..mappings.models.dataset import DatasetSpec
from ..mappings.models.derivation import DerivationSpec, OriginSpec
from ..mappings.models.study import StudySpec
from .parameters import written_out

#: dataset or class -> (structure of the facts, Define-XML class, structure text)
STRUCTURES = {
    "ADSL": ("ADSL", "SUBJECT LEVEL ANALYSIS DATASET", "One record per subject"),
    "ADAE": ("ADAE", "OCCURRENCE DATA STRUCTURE", "One record per subject per adverse event"),
    "ADTTE": ("TTE", "BASIC DATA STRUCTURE", "One record per subject per parameter"),
    "BASIC DATA STRUCTURE": (
        "BDS",
        "BASIC DATA STRUCTURE",
        "One record per subject per parameter per analysis timepoint",
    ),
    "OCCURRENCE DATA STRUCTURE": ("OCCDS", "OCCURRENCE DATA STRUCTURE", "One record per subject per occurrence"),
}


def plan_adam(
    file: DatasetSpec,
    study: StudySpec,
    own: dict[str, Codelist],
    problems: list[SpecProblem],
    adsl: PlannedDataset | None,
) -> PlannedDataset | None:
    """A planned ADaM dataset. ``adsl``: planned already, unless this is ADSL itself."""
    file, own = written_out(file, own, problems)
    if not file.blocks:
        return None  # what would have given the records is wrong, and has been told
    name = file.dataset
    kind = name if name in STRUCTURES else (file.class_ or "BASIC DATA STRUCTURE").upper()
    if kind not in STRUCTURES:
        problems.append(
            SpecProblem(
                place_of(file, "class"), f"'{file.class_}' is no ADaM class", name, hint=nearest(kind, list(STRUCTURES))
            )
        )
        return None
    structure, class_, text = STRUCTURES[kind]
    facts = adam_structure(structure)
    assert facts is not None
    problems += label_problems(file)
    rules = collected_rules(file)
    off = removed(file)
    place = place_of(file, "dataset")
    for conventional in ("STUDYID", "USUBJID"):
        rules.setdefault(conventional, (From.model_validate({"from": conventional}), {}, place))
    sequence = ""
    if name != "ADSL":
        made = rules.keys() - {"STUDYID", "USUBJID", "ASEQ"}
        wanted = file.sequence or file.sort or file.keys or ("PARAMCD", "ADT")
        keys = tuple(k for k in wanted if k.lstrip("-") in made)
        if structure in ("BDS", "TTE", "ADAE", "OCCDS") and "ASEQ" not in off:
            rules.setdefault("ASEQ", (Sequence(sequence=keys), {}, place))
            sequence = "ASEQ"
        for core in adsl.spec.core if adsl else ():
            if core not in off:
                origin = OriginSpec(type="Predecessor", description=f"ADSL.{core}")
                rules.setdefault(core, (Lookup(lookup=f"ADSL.{core}", origin=origin), {}, place))
    _given_by_steps(file, facts, rules, off, problems)
    variables: dict[str, PlannedVariable] = {}
    order: dict[str, float] = {}
    for i, (variable, (rule, blocks, _)) in enumerate(rules.items()):
        found = variable_facts(variable, facts, file, adsl)
        here = place_of_variable(file, variable)
        inherited = adsl.variables.get(variable) if adsl and name != "ADSL" else None
        if (found is None or not found.label) and inherited is not None:
            found = VariableFacts(
                variable, inherited.label, "Num" if inherited.is_numeric else "Char", "", "", (), "", 9_000 + i
            )
        variables[variable] = planned_variable(
            variable,
            found,
            rule,
            blocks,
            own,
            here,
            problems,
            name,
            "",
            by_convention=variable not in file.variables and not blocks,
        )
        order[variable] = found.order if found else 10_000 + i
        if len(variable) > 8:
            problems.append(SpecProblem(here, f"'{variable}' has more than 8 characters", name, variable))
    for number, v in enumerate(("STUDYID", "USUBJID")):
        order[v] = number - 10
    variables = dict(sorted(variables.items(), key=lambda kv: order[kv[0]]))
    problems += rule_problems([(n, r) for n, v in variables.items() for r in v.rules], name)
    keys = tuple(
        k
        for k in (file.keys or ("STUDYID", "USUBJID", *(("PARAMCD", "ADT", "ASEQ") if sequence else ())))
        if k in variables
    )
    for block in file.blocks:
        for field_name in ("records", "trial", "relate"):
            if getattr(block, field_name):
                problems.append(SpecProblem(place_of(block, field_name), f"{field_name}: is for SDTM datasets", name))
    working = working_variables(file, own, variables, problems, "")
    problems += rule_problems([(n, r) for n, v in working.items() for r in v.rules], name)
    sort = file.sort or keys
    sort = ("USUBJID", *(k for k in sort if k != "USUBJID"))  # a partition is a range of subjects, so they come first
    return PlannedDataset(
        name=name,
        label=file.label or facts.label,
        kind="adam",
        observation_class=class_,
        structure=file.structure or text,
        standard=f"ADaMIG {study.study.adamig}",
        spec=file,
        place=place,
        variables=variables,
        supplemental={},
        keys=keys,
        sort=tuple(sort),
        sequence=sequence,
        topic="",
        values=value_levels(file, own, problems),
        working=working,
    )


def _given_by_steps(
    file: DatasetSpec,
    facts: DatasetFacts,
    rules: dict[str, tuple[DerivationSpec | None, dict[int, DerivationSpec], Place]],
    off: set[str],
    problems: list[SpecProblem],
) -> None:
    """Adds the variables that the steps of blocks give, where neither block nor dataset has a rule for them."""
    for number, block in enumerate(file.blocks):
        if (step := block.derive) is None:
            continue
        problems += [SpecProblem(place_of(m, f), text, file.dataset) for m, f, text in step.problems()]
        for column, about in step.columns().items():
            shared, blocks, place = rules.get(column, (None, {}, place_of(step)))
            if not about.variable or column in off or shared is not None or number in blocks:
                continue
            found = variable_facts(column, facts, file, None)
            own: dict[str, str | None] = {} if found else {"type": about.type}
            if found is None or not found.label:  # a name that only its ending gives away has no label in the guide
                own["label"] = about.label or None
            rule = standing_at(OfStep.model_validate({"column": column, "step": step, **own}), step)
            rules[column] = (None, {**blocks, number: rule}, place)


def variable_facts(
    name: str, facts: DatasetFacts, file: DatasetSpec, adsl: PlannedDataset | None
) -> VariableFacts | None:
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
