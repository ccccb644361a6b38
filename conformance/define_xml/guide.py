"""Checks of define.xml against SDTMIG 3.4 and ADaMIG 1.3: classes, required variables, labels, roles.

Not for codelists (codelists.py).
"""

from __future__ import annotations

from collections.abc import Iterator

from ...define.content import DatasetContent
from ...mappings.facts.facts import sdtm_dataset
from .check import DefineProblem, DefineView, Needs, define_check


def _of(dataset: DatasetContent, message: str, variable: str = "", value: str = "") -> DefineProblem:
    return DefineProblem(message=message, dataset=dataset.name, variable=variable, value=value)


#: Define-XML CT, C103329: the classes of ADaM
_OF_ADAM = frozenset(
    {
        "SUBJECT LEVEL ANALYSIS DATASET",
        "BASIC DATA STRUCTURE",
        "OCCURRENCE DATA STRUCTURE",
        "ADAM OTHER",
        "DEVICE LEVEL ANALYSIS DATASET",
        "MEDICAL DEVICE BASIC DATA STRUCTURE",
        "MEDICAL DEVICE OCCURRENCE DATA STRUCTURE",
    }
)


@define_check()
def classes_of_domains(view: DefineView) -> Iterator[DefineProblem]:
    """A domain of SDTMIG 3.4 has the class of the guide, an ADaM dataset one of ADaM."""
    if view.standard != "sdtm":
        for dataset in view.content.datasets:
            if dataset.class_name and dataset.class_name.upper() not in _OF_ADAM:
                yield _of(dataset, "no class of ADaM", value=dataset.class_name)
        return
    for dataset in view.content.datasets:
        facts = sdtm_dataset(dataset.name)
        wanted = facts.observation_class.upper() if facts else ""
        if wanted and dataset.class_name and dataset.class_name.upper() != wanted:
            yield _of(dataset, f"the guide has the class {wanted}", value=dataset.class_name)


@define_check(Needs.SDTM)
def mandatory_of_core(view: DefineView) -> Iterator[DefineProblem]:
    """A variable that SDTMIG requires is Mandatory."""
    for dataset in view.content.datasets:
        facts = sdtm_dataset(dataset.name)
        required = {v.name for v in facts.variables if v.core == "Req"} if facts else set()
        for item in dataset.items:
            if item.name in required and not item.mandatory:
                yield _of(dataset, "SDTMIG requires the variable, and Mandatory is No", item.name)


@define_check(Needs.SDTM)
def labels_of_guide(view: DefineView) -> Iterator[DefineProblem]:
    """A variable or a dataset of SDTMIG 3.4 has the label of the guide."""
    for dataset in view.content.datasets:
        facts = sdtm_dataset(dataset.name)
        if facts is None:
            continue
        for item in dataset.items:
            known = facts.variable(item.name)
            if known and known.label and item.label and item.label != known.label:
                yield _of(dataset, f"the guide has the label {known.label!r}", item.name, item.label)


@define_check(Needs.SDTM)
def roles_of_guide(view: DefineView) -> Iterator[DefineProblem]:
    """A variable of SDTMIG that has a Role has the role of the guide; in a version before 3.4 any kind of qualifier."""
    whole = any(s.name == "SDTMIG" and s.version == "3.4" for s in view.content.standards.values())
    for dataset in view.content.datasets:
        facts = sdtm_dataset(dataset.name)
        for item in dataset.items if facts else ():
            known = facts.variable(item.name) if facts else None
            if known is None or not known.role or item.role.lower() in ("", known.role.lower()):
                continue
            if whole or not (known.role.endswith("Qualifier") and item.role.lower().endswith("qualifier")):
                yield _of(dataset, f"the guide has the role {known.role}", item.name, item.role)
