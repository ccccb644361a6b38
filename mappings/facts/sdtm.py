"""SDTM datasets as SDTMIG 3.4 lists them, and the further variables that the SDTM 2.0 classes permit.

Not for ADaM (adam.py) nor for terminology (published_terms.py).
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache, partial
from typing import Any

from ...errors import nearest
from .standard_files import standard_file
from .variable import DatasetFacts, VariableFacts, placed_after

SDTMIG_VERSIONS = ("3.4",)
_GUIDE = "sdtmig-3-4.json"
_MODEL = "sdtm-2-0.json"
_SUPPLEMENTAL = re.compile(r"SUPP[A-Z][A-Z0-9]{1,3}")
_DOMAIN = re.compile(r"[A-Z][A-Z0-9]")
#: classes whose datasets may take further variables of the model; the others are complete as listed
OBSERVATION_CLASSES = ("Interventions", "Events", "Findings", "Findings About")
#: SDTM 2.0, section 3.1: the topic variables that a dataset of a general observation class must have
_TOPICS = frozenset({"--TRT", "--TERM", "--TESTCD", "--TEST", "--OBJ"})
_ALWAYS = frozenset({"STUDYID", "DOMAIN", "USUBJID", "--SEQ"}) | _TOPICS


def sdtm_names() -> tuple[str, ...]:
    """Names of the datasets of the guide, sorted; SUPPQUAL for all SUPP--."""
    return tuple(sorted(standard_file(_GUIDE)["datasets"]))


def sdtm_dataset(name: str, version: str = "3.4") -> DatasetFacts | None:
    """The facts of an SDTMIG dataset; None when the guide has none of that name.

    SUPPAE has the facts of SUPPQUAL with the name SUPPAE. For a custom domain use sdtm_class_dataset.
    Raises ValueError for a version of the guide that is not shipped.
    """
    if version not in SDTMIG_VERSIONS:
        raise ValueError(f"SDTMIG {version} is not shipped; shipped: SDTMIG {', '.join(SDTMIG_VERSIONS)}")
    return _dataset(name)


@cache
def _dataset(name: str) -> DatasetFacts | None:
    datasets = standard_file(_GUIDE)["datasets"]
    source = "SUPPQUAL" if name not in datasets and _SUPPLEMENTAL.fullmatch(name) else name
    facts = datasets.get(source)
    if facts is None:
        return None
    label = facts["label"]
    if source == "SUPPQUAL" and name != source:
        label = label.replace("[domain name]", name.removeprefix("SUPP"))
    variables = tuple(_listed(i, row) for i, row in enumerate(facts["variables"], 1))
    open_class = facts["class"] in OBSERVATION_CLASSES
    return DatasetFacts(
        name=name,
        label=label,
        observation_class=facts["class"],
        structure=facts["structure"],
        variables=variables,
        keys=_keys(source, facts["class"]),
        standard="SDTMIG 3.4",
        unlisted=partial(_class_variable, name, facts["class"], variables) if open_class else _none,
    )


def custom_domain_name(name: str) -> bool:
    """Whether a custom domain can have this name: two characters, and not a domain of the guide."""
    return bool(_DOMAIN.fullmatch(name)) and name not in standard_file(_GUIDE)["datasets"]


@cache
def sdtm_class_dataset(name: str, observation_class: str, label: str) -> DatasetFacts:
    """A custom two-letter domain: all variables of its class; those that it must have are Req.

    ``observation_class``: Interventions, Events, Findings or Findings About, in any case. Raises ValueError for
    another class, for a name that is not two capitals (or a capital and a digit), and for a domain of the guide.
    """
    if not _DOMAIN.fullmatch(name):
        raise ValueError(f"domain {name!r}: a domain code is two characters, a capital letter and a letter or digit")
    if name in standard_file(_GUIDE)["datasets"]:
        raise ValueError(f"domain {name} is one of SDTMIG 3.4 already; its class and label come from there")
    folded = {c.casefold(): c for c in OBSERVATION_CLASSES}
    known = folded.get(observation_class.replace("-", " ").casefold())
    if known is None:
        hint = nearest(observation_class, OBSERVATION_CLASSES)
        raise ValueError(
            f"domain {name}: class {observation_class!r} is none of {', '.join(OBSERVATION_CLASSES)}"
            + (f"; {hint}" if hint else "")
        )
    variables = tuple(
        replace(_from_model(name, row), order=float(i), core="Req" if row[0] in _ALWAYS else "Perm")
        for i, row in enumerate(_model(known), 1)
    )
    unit = {"Interventions": "intervention", "Events": "event"}.get(known, "finding")
    per_object = " per object" if known == "Findings About" else ""
    return DatasetFacts(
        name=name,
        label=label,
        observation_class=known,
        structure=f"One record per {unit}{per_object} per subject",
        variables=variables,
        keys=_keys(name, known),
        standard="SDTMIG 3.4",
    )


def general_timing(name: str) -> VariableFacts | None:
    """A variable with one name in all general observation datasets (VISITNUM, VISIT, EPOCH, TAETORD), or None."""
    for position, row in enumerate(standard_file(_MODEL)["classes"]["General Observations"]["variables"], 1):
        if row[0] == name and not name.startswith("--"):
            return replace(_from_model("", row), order=float(position))
    return None


def _none(name: str) -> VariableFacts | None:
    return None


def _listed(order: int, row: list[Any]) -> VariableFacts:
    """Facts of a row of the guide, which may end before its codelists, described and values."""
    name, label, type_, role, core, *rest = row
    codelists, described, values = *rest, *((), "", ())[len(rest) :]
    return VariableFacts(
        name=name,
        label=label,
        type=type_,
        role=role,
        core=core,
        codelist=tuple(codelists),
        described=described,
        order=float(order),
        values=tuple(values),
    )


def _from_model(prefix: str, row: list[Any]) -> VariableFacts:
    """Facts of a row of the model, which may end before its codelists and described."""
    name, label, type_, role, *rest = row
    codelists = tuple(rest[0]) if rest else ()
    described = rest[1] if len(rest) > 1 else ""
    values = (prefix,) if name == "DOMAIN" and prefix else ()
    return VariableFacts(
        name=name.replace("--", prefix),
        label=label,
        type=type_,
        role=role,
        core="Perm",
        codelist=codelists,
        described=described,
        values=values,
    )


@cache
def _model(observation_class: str) -> tuple[list[Any], ...]:
    """The model's variables for a class in their order: identifiers, those of the class, timing."""
    classes = standard_file(_MODEL)["classes"]
    general = classes["General Observations"]["variables"]
    if observation_class == "Findings About":
        of_class = list(classes["Findings"]["variables"])
        after_test = next(i for i, row in enumerate(of_class) if row[0] == "--TEST") + 1
        of_class[after_test:after_test] = classes["Findings About"]["variables"]
    else:
        of_class = classes[observation_class]["variables"]
    return (
        *(row for row in general if row[3] == "Identifier"),
        *of_class,
        *(row for row in general if row[3] != "Identifier"),
    )


def _class_variable(
    domain: str, observation_class: str, listed: tuple[VariableFacts, ...], name: str
) -> VariableFacts | None:
    rows = _model(observation_class)
    names = [row[0].replace("--", domain) for row in rows]
    if name not in names:
        return None
    facts = _from_model(domain, rows[names.index(name)])
    return replace(facts, order=placed_after(name, names, listed))


def _keys(name: str, observation_class: str) -> tuple[str, ...]:
    keys = standard_file("keys.json")
    found = keys["datasets"].get(name) or keys["classes"][observation_class]
    return tuple(k.replace("--", name) for k in found)
