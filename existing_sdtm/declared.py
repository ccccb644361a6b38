"""Plans what ADaM reads and no spec of the study makes: datasets and variables that inputs: of study.yaml names.

Names and types are those of the standards, so that a misspelt name is found as if the study had the dataset. Not for
what a build reads of them (needs.py) nor for given files (adam_tables.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ..engine.plan.plan import PlannedDataset, PlannedStudy, PlannedVariable
from ..engine.plan.planning import planned_variable
from ..errors import Place
from ..findings.table import Findings
from ..mappings.binding.bind import place_of
from ..mappings.facts.facts import DatasetFacts, VariableFacts, adam_structure, sdtm_dataset
from ..mappings.facts.terminology import Codelist
from ..mappings.models.dataset import DatasetSpec
from ..mappings.models.study import StudySpec
from .needs import needs_of, shown_readers

#: ADaM datasets by name -> structure; any other name that begins with AD is of the basic data structure
_STRUCTURES = {"ADSL": "ADSL", "ADAE": "ADAE", "ADTTE": "TTE"}


def with_inputs(
    study: StudySpec, planned: Mapping[str, PlannedDataset], own: dict[str, Codelist]
) -> tuple[dict[str, PlannedDataset], dict[str, PlannedDataset]]:
    """(the planned datasets, those that are only read) with all that ``inputs:`` names.

    A dataset that no spec makes has the variables that its standard lists, and the further ones that are named. A
    variable that the spec of a dataset does not make becomes one that is read and not submitted. A name that the
    standard does not know is left out; needs.py tells it.
    """
    planned, inputs = dict(planned), dict[str, PlannedDataset]()
    facts = sdtm_dataset("DM")
    if "DM" not in planned and facts is not None and (study.inputs.required or study.inputs.optional):
        inputs["DM"] = _planned(study, "DM", facts, own, place_of(study, "inputs"))  # it says who the subjects are
    for list_name in ("required", "optional"):
        for number, name in enumerate(getattr(study.inputs, list_name)):
            place = place_of(study.inputs, list_name, number)
            dataset, _, variable = name.partition(".")
            facts = dataset_facts(dataset)
            if facts is None or dataset.startswith("SUPP"):
                continue
            if dataset not in planned and dataset not in inputs:
                inputs[dataset] = _planned(study, dataset, facts, own, place)
            of = planned if dataset in planned else inputs
            if not variable or variable in of[dataset].every or of[dataset].kind == "adam":
                continue
            found = facts.variable(variable)
            if found is not None:
                further = {**of[dataset].working, variable: _variable(dataset, found, variable, own, place)}
                of[dataset] = replace(of[dataset], working=further)
    return planned, inputs


def dataset_facts(name: str) -> DatasetFacts | None:
    """What its standard says of a dataset of SDTM or, by its name, of ADaM."""
    if name.startswith("AD"):
        return adam_structure(_STRUCTURES.get(name, "BDS"))
    return sdtm_dataset(name)


def _planned(
    study: StudySpec, name: str, facts: DatasetFacts, own: dict[str, Codelist], place: Place
) -> PlannedDataset:
    listed = [v for v in facts.variables if v.name.isupper() and v.name.isalnum()]  # the others are patterns
    if name == "ADSL" and (dm := sdtm_dataset("DM")) is not None:  # copied as they are in DM
        listed += [v for v in dm.variables if v.name not in facts.names]
    variables = {v.name: _variable(name, v, v.name, own, place) for v in listed}
    guide = f"ADaMIG {study.study.adamig}" if name.startswith("AD") else f"SDTMIG {study.study.sdtmig}"
    return PlannedDataset(
        name=name,
        label=facts.label,
        kind="input",
        observation_class=facts.observation_class,
        structure=facts.structure,
        standard=guide,
        spec=DatasetSpec(dataset=name, rows=()),
        place=place,
        variables=variables,
        keys=tuple(k for k in facts.keys if k in variables),
    )


def _variable(dataset: str, facts: VariableFacts, name: str, own: dict[str, Codelist], place: Place) -> PlannedVariable:
    package = "" if dataset.startswith("AD") else "sdtm"
    return planned_variable(name, facts, None, {}, own, place, [], dataset, package, by_convention=True)


def not_built(plan: PlannedStudy, findings: Findings) -> list[str]:
    """What ADaM reads and a build from raw data does not have, each with a finding; the required ones are returned.

    A dataset of ``inputs`` has no records then, a variable that no rule makes no values.
    """
    if not plan.inputs and all(v.rules for d in plan.analysis_inputs.values() for v in d.working.values()):
        return []
    needs, required = needs_of(plan), []
    for name, readers in needs.tables.items():
        if name in plan.inputs:
            if needs.required(name):
                required.append(name)
            message = f"no spec of the study makes {name} of raw data; what it would have fed is missing: "
            findings.add("R2A-GIVEN-001", message + shown_readers(readers), dataset=name)
            continue
        for variable, about in plan.datasets[name].working.items():
            if about.rules or (name, variable) not in needs.columns:
                continue
            if needs.required(name, variable):
                required.append(f"{name}.{variable}")
            message = f"no spec of the study makes {name}.{variable} of raw data; what it would have fed is missing: "
            findings.add(
                "R2A-GIVEN-002", message + shown_readers(needs.columns[name, variable]), severity="warning",
                dataset=name, variable=variable,
            )  # fmt: skip
    return required
