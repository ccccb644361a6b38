"""Plans datasets and variables that ADaM reads and no spec of the study builds: inputs: of study.yaml names them.

Names and types are those of the standards, so that lint finds a misspelt name. Not for finding which of them a build
reads (needs.py) nor for existing files (adam_tables.py).
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
    study: StudySpec, planned: Mapping[str, PlannedDataset], study_codelists: dict[str, Codelist]
) -> tuple[dict[str, PlannedDataset], dict[str, PlannedDataset]]:
    """(the planned datasets, those that are only read) with all names under ``inputs:``.

    A dataset without a spec has the variables that its standard lists, and the further variables under ``inputs:``. A
    variable that the spec of its dataset does not derive is read and not submitted. A name that the standard does not
    have is not planned; needs.py reports it.
    """
    planned, inputs = dict(planned), dict[str, PlannedDataset]()
    facts = sdtm_dataset("DM")
    if "DM" not in planned and facts is not None and (study.inputs.required or study.inputs.optional):
        inputs["DM"] = _planned(
            study, "DM", facts, study_codelists, place_of(study, "inputs")
        )  # its records are the subjects
    for list_name in ("required", "optional"):
        for number, name in enumerate(getattr(study.inputs, list_name)):
            place = place_of(study.inputs, list_name, number)
            dataset, _, variable = name.partition(".")
            facts = dataset_facts(dataset)
            if facts is None or dataset.startswith("SUPP"):
                continue
            if dataset not in planned and dataset not in inputs:
                inputs[dataset] = _planned(study, dataset, facts, study_codelists, place)
            of = planned if dataset in planned else inputs
            if not variable or variable in of[dataset].every or of[dataset].kind == "adam":
                continue
            found = facts.variable(variable)
            if found is not None:
                further = {**of[dataset].working, variable: _variable(dataset, found, variable, study_codelists, place)}
                of[dataset] = replace(of[dataset], working=further)
    return planned, inputs


def dataset_facts(name: str) -> DatasetFacts | None:
    """The facts of the standard on a dataset of SDTM or, by its name, of ADaM."""
    if name.startswith("AD"):
        return adam_structure(_STRUCTURES.get(name, "BDS"))
    return sdtm_dataset(name)


def _planned(
    study: StudySpec, name: str, facts: DatasetFacts, study_codelists: dict[str, Codelist], place: Place
) -> PlannedDataset:
    listed = [v for v in facts.variables if v.name.isupper() and v.name.isalnum()]  # the others are patterns
    if name == "ADSL" and (dm := sdtm_dataset("DM")) is not None:  # copied unchanged from DM
        listed += [v for v in dm.variables if v.name not in facts.names]
    variables = {v.name: _variable(name, v, v.name, study_codelists, place) for v in listed}
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


def _variable(
    dataset: str, facts: VariableFacts, name: str, study_codelists: dict[str, Codelist], place: Place
) -> PlannedVariable:
    package = "" if dataset.startswith("AD") else "sdtm"
    return planned_variable(
        name,
        facts,
        study_codelists=study_codelists,
        place=place,
        problems=[],
        dataset=dataset,
        package=package,
        by_convention=True,
    )


def not_built(plan: PlannedStudy, findings: Findings) -> list[str]:
    """Report inputs of ADaM that a build from raw data does not have; the required ones are returned.

    Such a dataset has no records then, such a variable no values.
    """
    if not plan.inputs and all(v.rules for d in plan.analysis_inputs.values() for v in d.working.values()):
        return []
    needs, required = needs_of(plan), []
    for name, readers in needs.tables.items():
        if name in plan.inputs:
            if needs.required(name):
                required.append(name)
            message = f"no spec of the study builds {name} from raw data; these read it and are missing: "
            findings.add("R2A-GIVEN-001", message + shown_readers(readers), dataset=name)
            continue
        for variable, about in plan.datasets[name].working.items():
            if about.rules or (name, variable) not in needs.columns:
                continue
            if needs.required(name, variable):
                required.append(f"{name}.{variable}")
            message = f"no spec of the study derives {name}.{variable} from raw data; these read it and are missing: "
            findings.add(
                "R2A-GIVEN-002", message + shown_readers(needs.columns[name, variable]), severity="warning",
                dataset=name, variable=variable,
            )  # fmt: skip
    return required
