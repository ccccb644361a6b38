"""The facts that the engine needs of each standard whose datasets it builds; each standard registers them.

The engine knows no name of a dataset or variable of a standard. Not for facts of single variables (mappings/facts/).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ..mappings.facts.terminology import Codelist
from ..mappings.models.derivation import DerivationSpec
from ..mappings.models.study import StudySpec


def _none(*_: object) -> bool:
    return False


def _no_names(_: str) -> tuple[str, ...]:
    return ()


class CodedResults(NamedTuple):
    """The variable with the codes of tests or parameters, that with their names, and the results by code.

    ``texts``: (numeric result, result with the text that a number stands for).
    """

    code: str
    name: str
    results: tuple[str, ...]
    texts: tuple[tuple[str, str], ...] = ()


def _no_results(_: Collection[str]) -> CodedResults | None:
    return None


@dataclass(frozen=True, kw_only=True)
class Standard:
    """A standard, by the ``name`` that is the kind of its planned datasets.

    ``purpose``: of its datasets, as Define-XML has it. ``reads_all``: its rules may read datasets of every standard.
    ``copied_origin``: the origin of a variable that is copied from one record. ``formats``: the ending of a numeric
    variable's name -> its display format, the first that fits. ``explains_assigned``: an assigned variable has a
    comment with its rule. ``code_names``: the names of variables that may have the codes of the texts of a variable.
    ``coded_results``: the results of a dataset with these variables, whose meaning depends on a code; None without one.
    ``is_category``: whether a variable of this name has categories, which are few and derived. ``unit_names``: the
    names of variables that may have the unit of a number.
    """

    name: str
    purpose: str = "Analysis"
    reads_all: bool = False
    copied_origin: str = ""
    formats: tuple[tuple[str, str], ...] = ()
    explains_assigned: bool = False
    code_names: Callable[[str], tuple[str, ...]] = _no_names
    coded_results: Callable[[Collection[str]], CodedResults | None] = _no_results
    is_category: Callable[[str], bool] = _none
    unit_names: Callable[[str], tuple[str, ...]] = _no_names


@dataclass(frozen=True, kw_only=True)
class Tabulation(Standard):
    """The standard of the collected data: each of its datasets is a domain, and other standards read them.

    ``subjects``: the dataset of the subjects of the study. ``design_class``: the class of the datasets whose records
    the protocol states. ``qualifier``, ``qualified_value``: the variables of a dataset of qualifiers that have the name
    and the value of a qualifier; ``qualifiers``: the dataset of the qualifiers of a dataset; ``qualified``: the dataset
    that such a dataset qualifies, '' for any other dataset; ``separate_width``: whether a variable
    (dataset, name) is only as long as its values in this dataset. ``is_date``, ``is_sequence``, ``is_whole_number``,
    ``is_result``: the kind of a variable by its name: an ISO 8601 date, the number of a record, a whole number, a
    result that may be a number beside the terms of its codelist. ``original_results``: the endings of the names of
    collected results. ``record_order``: the variables that order the records of a finished dataset. ``codelists``: the
    codelists of a variable in any dataset. ``study_codelists``: the parts of study.yaml that are codelists.
    ``date_rule``: the rule that reads a raw column as a date; ``is_study_date``: whether a rule gives every record a
    date of the study.
    """

    purpose: str = "Tabulation"
    subjects: str
    design_class: str
    qualifier: str
    qualified_value: str
    qualifiers: Callable[[str], str]
    qualified: Callable[[str], str]
    separate_width: Callable[[str, str], bool]
    is_date: Callable[[str], bool]
    is_sequence: Callable[[str], bool]
    is_whole_number: Callable[[str], bool]
    is_result: Callable[[str], bool]
    original_results: frozenset[str]
    record_order: Callable[[str], tuple[str, ...]]
    codelists: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    study_codelists: Callable[[StudySpec], dict[str, Codelist]]
    date_rule: Callable[[str], DerivationSpec]
    is_study_date: Callable[[Any], bool] = _none


_STANDARDS: dict[str, Standard] = {}


def register_standard(standard: Standard) -> None:
    """Register a standard; a module of the standard does so when it is imported."""
    _STANDARDS[standard.name] = standard


def standard_of(kind: str) -> Standard:
    """The standard of a kind of datasets; a plain one for datasets that follow none, such as inputs of a study."""
    return _STANDARDS.get(kind) or Standard(name=kind)


def tabulation() -> Tabulation:
    """The standard of the collected data. Raises LookupError before one is registered."""
    for standard in _STANDARDS.values():
        if isinstance(standard, Tabulation):
            return standard
    raise LookupError("no standard of collected data is registered; a module of the standard registers it")


def number_formats() -> tuple[tuple[str, str], ...]:
    """(ending of a name, display format) of numeric variables, of all standards."""
    return tuple(pair for name in standard_names() for pair in _STANDARDS[name].formats)


def code_pairs(names: Collection[str], purpose: str) -> list[tuple[str, str]]:
    """(variable with codes, variable with their texts) among the variables of a dataset of this purpose."""
    standards = [s for s in map(standard_of, standard_names()) if s.purpose == purpose]
    found = {(code, text): None for text in names for s in standards for code in s.code_names(text) if code in names}
    return list(found)


def coded_results(names: Collection[str], purpose: str) -> CodedResults | None:
    """The results that depend on a code among the variables of a dataset of this purpose; None for none."""
    standards = (s for s in map(standard_of, standard_names()) if s.purpose == purpose)
    return next((found for s in standards if (found := s.coded_results(names)) is not None), None)


def is_category(name: str, purpose: str) -> bool:
    """Whether a variable of a dataset of this purpose has categories by its name."""
    return any(s.is_category(name) for s in map(standard_of, standard_names()) if s.purpose == purpose)


def unit_names(number: str) -> tuple[str, ...]:
    """The names of variables that may have the unit of a number, by all standards."""
    return tuple(dict.fromkeys(u for n in standard_names() for u in _STANDARDS[n].unit_names(number)))


def standard_names() -> tuple[str, ...]:
    """The names of all standards, that of the collected data first."""
    names = sorted(_STANDARDS, key=lambda n: (not isinstance(_STANDARDS[n], Tabulation), n))
    return tuple(names)
