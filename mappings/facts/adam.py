"""ADaM structures: listed variables, the guide's name patterns, and variables copied from ADSL or SDTM.

Not for SDTM datasets (sdtm.py) nor for the values of variables (published_terms.py).
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache, lru_cache, partial
from typing import Any

from .sdtm import general_timing, sdtm_dataset, sdtm_names
from .standard_files import standard_file
from .variable import DatasetFacts, VariableFacts, placed_after

_FILE = "adamig-1-3.json"
ADAM_STRUCTURES = ("ADSL", "BDS", "TTE", "OCCDS", "ADAE")
#: ADaMIG 1.3, 3.1: xx and zz are two digits from 01; y is 1 to 99 and w 1 to 9 without leading zero
_INDEX = {"xx": r"(0[1-9]|[1-9]\d)", "zz": r"(0[1-9]|[1-9]\d)", "y": r"([1-9]\d?)", "w": r"([1-9])"}
_IN_NAME = re.compile(r"xx|zz|y|w|--|\*|[A-Z0-9]+")
_IN_LABEL = re.compile(r"\b(xx|zz|y|w)\b")
#: name endings that ADaMIG 1.3 reserves (3.1): flags and groupings; they are in none of its variable tables
_RESERVED = (
    (re.compile(r"[A-Z]\w*(FL|GR[1-9]\d?)"), "Char"),
    (re.compile(r"[A-Z]\w*(FN|GR[1-9]\d?N)"), "Num"),
)
_LONGEST_NAME = 8
_DRUG_TABLES = ("WHO Drug", "Concomitant Medications Descriptive", "Original or Prior WHO Drug")
_EVENT_TABLES = ("MedDRA", "Adverse Event", "Original or Prior MedDRA", "Standardized MedDRA")


@cache
def adam_structure(name: str, domain: str = "") -> DatasetFacts | None:
    """The facts of ADSL, BDS, TTE, OCCDS or ADAE; None for another name.

    TTE is BDS with AVAL required. ``domain``: the SDTM domain from which an OCCDS dataset is derived (CM, MH); it fills
    the prefix of the -- variables and excludes the tables for other domains. ADAE has AE by default.
    """
    source = standard_file(_FILE)["structures"].get("BDS" if name == "TTE" else name)
    if source is None:
        return None
    domain = "AE" if name == "ADAE" else domain
    rows = [row for row in source["variables"] if not domain or not _other_domain(row[4], domain)]
    variables = tuple(_listed(i, row, domain) for i, row in enumerate(rows, 1))
    if name == "TTE":
        variables = tuple(replace(v, core="Req") if v.name == "AVAL" else v for v in variables)
    keys = standard_file("keys.json")["adam"][name]
    return DatasetFacts(
        name=name,
        label="Time-to-Event Analysis Dataset" if name == "TTE" else source["label"],
        observation_class=source["class"],
        structure="One record per subject per parameter" if name == "TTE" else source["structure"],
        variables=variables,
        keys=tuple(k.replace("--", domain) if domain else k for k in keys if domain or not k.startswith("--")),
        standard=source["standard"],
        unlisted=lru_cache(maxsize=4096)(partial(_unlisted, name, _Listed(variables))),
    )


def sdtm_copy(name: str) -> tuple[str, VariableFacts] | None:
    """The SDTM dataset that a copied variable comes from by its name, and its facts there; None if no dataset has it.

    AESEQ is AE's by its prefix, AGE is DM's; the dataset is '' for one that many have (VISITNUM, EPOCH).
    """
    for dataset in (name[:2], "DM"):
        facts = sdtm_dataset(dataset) if len(dataset) == 2 and dataset in sdtm_names() else None
        found = facts.variable(name) if facts else None
        if found and found.name != "DOMAIN":
            return dataset, found
    general = general_timing(name)
    return ("", general) if general and general.role == "Timing" else None


def _other_domain(table: str, domain: str) -> bool:
    return table.startswith(_EVENT_TABLES if domain == "CM" else _DRUG_TABLES)


def _listed(order: int, row: list[Any], domain: str) -> VariableFacts:
    facts = _from_row(float(order), row)
    return _with_prefix(facts, domain) if domain and facts.name.startswith("--") else facts


def _from_row(order: float, row: list[Any]) -> VariableFacts:
    """Facts of a row of the guide, which may end before its codelists, described and values."""
    name, label, type_, core, group, *rest = row
    codelists, described, values = *rest, *((), "", ())[len(rest) :]
    return VariableFacts(
        name=name,
        label=label,
        type=type_,
        role="",
        core=core,
        codelist=tuple(codelists),
        described=described,
        order=order,
        values=tuple(values),
        group=group,
    )


def _with_prefix(facts: VariableFacts, domain: str) -> VariableFacts:
    """A -- variable with its domain's prefix; a copy has the SDTM facts of the variable."""
    name = facts.name.replace("--", domain)
    copied = sdtm_dataset(domain)
    source = copied.variable(name) if copied else None
    if source is None:
        return replace(facts, name=name)
    described = source.described or facts.described
    return replace(facts, name=name, label=source.label, codelist=source.codelist, described=described)


@cache
def _pattern(name: str) -> tuple[str, tuple[str, ...]]:
    """The regular expression of a pattern name, and its placeholders in the order of the groups."""
    tokens = _IN_NAME.findall(name)
    expression = ""
    for token in tokens:
        if token == "*":
            expression += r"[A-Z][A-Z0-9_]*"
        elif token == "--":
            expression += r"([A-Z][A-Z0-9])"
        else:
            expression += _INDEX.get(token) or token
    return expression, tuple(t for t in tokens if t in _INDEX or t == "--")


def _filled(facts: VariableFacts, name: str) -> VariableFacts | None:
    """``facts`` of a pattern for one name, with the index in the label; None when the name is not of the pattern."""
    expression, placeholders = _pattern(facts.name)
    match = re.fullmatch(expression, name)
    if not match:
        return None
    found = dict(zip(placeholders, match.groups(), strict=True))
    if "--" in found:
        return _with_prefix(facts, found["--"])
    label = _IN_LABEL.sub(lambda m: found.get(m[1], m[1]), facts.label)
    index = next((int(i) for i in found.values()), 0)
    return replace(facts, name=name, label=label, order=facts.order + index / 1000)


class _Listed:
    """Listed variables by name, and those whose name is an indexed pattern; not a mere suffix."""

    def __init__(self, variables: tuple[VariableFacts, ...]):
        self.variables = variables
        self.names = {v.name: v for v in reversed(variables)}
        indexed = (v for v in variables if not v.name.startswith("*"))
        self.patterns = [v for v in indexed if not v.name.isupper() or v.name.startswith("--")]
        # most names are of no pattern: one expression finds that out
        self._of_any = re.compile("|".join(_pattern(v.name)[0] for v in self.patterns) or "(?!)")

    def find(self, name: str) -> VariableFacts | None:
        """A listed variable, or one of an indexed pattern; of several the first."""
        listed = self.names.get(name)
        if listed or not self._of_any.fullmatch(name):
            return listed
        return next((f for v in self.patterns if (f := _filled(v, name))), None)


@cache
def _of_every_domain(structure: str) -> _Listed:
    """The variables of a structure without those that take the prefix of a domain."""
    facts = adam_structure(structure)
    return _Listed(tuple(v for v in facts.variables if not v.name.startswith("--")) if facts else ())


def _unlisted(structure: str, of_structure: _Listed, name: str) -> VariableFacts | None:
    """An indexed name, a variable of another structure, a copy from SDTM, or a reserved suffix, in this order."""
    if not re.fullmatch(r"[A-Z][A-Z0-9_]*", name) or len(name) > _LONGEST_NAME:
        return None
    found = of_structure.find(name)
    if found:
        return found
    listed = of_structure.variables
    identifiers = sum(1 for v in listed if v.group in ("Identifier", "Row Identifier"))
    end = len(listed) + 1
    # a record of ADSL is neither of a parameter nor of an occurrence
    for other in () if structure == "ADSL" else ("ADSL", "BDS", "OCCDS"):
        found = _of_every_domain(other).find(name) if other != structure else None
        if found:
            # subject-level variables follow the identifiers, all others follow the variables that the guide lists
            order = identifiers + found.order / 1000 if other == "ADSL" else end + found.order / 1000
            return replace(found, core="Perm", order=order)
    copied = sdtm_copy(name)
    if copied:
        order = _order_of_copy(structure, listed, identifiers, *copied)
        return replace(copied[1], role="", core="Perm", order=order)
    return _by_suffix(name, end)


def _order_of_copy(
    structure: str, listed: tuple[VariableFacts, ...], identifiers: int, dataset: str, facts: VariableFacts
) -> float:
    source = sdtm_dataset(dataset) if structure == "ADSL" and dataset == "DM" else None
    if source:
        return placed_after(facts.name, source.names, listed)
    return (len(listed) + 1 if structure == "ADSL" else identifiers + 0.5) + facts.order / 1000


@cache
def _suffixes() -> tuple[VariableFacts, ...]:
    """The variables that the guide lists by the end of their names, long ends first."""
    bds = adam_structure("BDS")
    suffixes = [v for v in bds.variables if v.name.startswith("*")] if bds else []
    return tuple(sorted(suffixes, key=lambda v: -len(v.name)))


def _by_suffix(name: str, end: float) -> VariableFacts | None:
    """Type and codelist of a name that only its ending gives away; the label is the study's to give."""
    for v in _suffixes():
        if re.fullmatch(_pattern(v.name)[0], name):
            return replace(v, name=name, core="Perm", order=end + v.order / 1000)
    for expression, type_ in _RESERVED:
        if expression.fullmatch(name):
            return VariableFacts(name, "", type_, core="Perm", order=end + 0.9, group="Reserved suffixes")
    return None
