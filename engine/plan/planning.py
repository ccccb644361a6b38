"""The planning that SDTM and ADaM share: a variable from the facts of its standard and the settings of its rules.

Not for a whole dataset: sdtm/planning.py, adam/planning.py.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence

from ...errors import Place, SpecProblem, nearest
from ...mappings.binding.bind import expression_place, key_place_of, place_of
from ...mappings.expressions.expression import ExpressionError, parse
from ...mappings.facts.terminology import Codelist
from ...mappings.models.dataset import DatasetSpec
from ...mappings.models.derivation import DATA_TYPES, DerivationSpec
from ...mappings.models.documents import comment_pages, comment_text
from ..tables.dataset import RangeCheck, ValueLevel
from ..tables.origins import stated_origin
from .codelists import published
from .plan import PlannedVariable
from .planned_variable import planned_variable


def label_problems(file: DatasetSpec) -> list[SpecProblem]:
    """Problems of a label of a dataset that XPT cannot hold."""
    label = file.label or ""
    if len(label) <= 40 and label.isascii() and label.isprintable():
        return []
    message = f"the label '{label}' has {len(label)} characters; XPT holds 40, of printable ASCII"
    return [SpecProblem(place_of(file, "label"), message, file.dataset)]


def collected_rules(file: DatasetSpec) -> dict[str, tuple[DerivationSpec | None, dict[int, DerivationSpec], Place]]:
    """Variable -> (rule for all blocks, rules of single blocks, place), in the order of the spec."""
    out: dict[str, tuple[DerivationSpec | None, dict[int, DerivationSpec], Place]] = {}
    for name, rule in file.variables.items():
        if rule is not None:
            out[name] = (rule, {}, place_of(rule))
    for number, block in enumerate(file.blocks):
        for name, rule in block.variables.items():
            shared, of_blocks, place = out.get(name, (None, {}, place_of(rule)))
            out[name] = (shared, {**of_blocks, number: rule}, place)
    return out


def working_variables(
    file: DatasetSpec,
    study_codelists: dict[str, Codelist],
    taken: Container[str],
    problems: list[SpecProblem],
    package: str,
) -> dict[str, PlannedVariable]:
    """The variables that other rules read and that are not submitted."""
    collected: dict[str, tuple[DerivationSpec | None, dict[int, DerivationSpec]]] = {
        n: (r, {}) for n, r in file.working.items()
    }
    for number, block in enumerate(file.blocks):
        for name, rule in block.working.items():
            collected.setdefault(name, (None, {}))[1][number] = rule
    out = {}
    for name, (shared, blocks) in collected.items():
        place = place_of(next(r for r in (shared, *blocks.values()) if r is not None))
        if name in taken:
            message = f"{name} is a variable of the dataset already; a working variable needs another name"
            problems.append(SpecProblem(place, message, file.dataset, name))
            continue
        out[name] = planned_variable(
            name,
            None,
            rule=shared,
            block_rules=blocks,
            study_codelists=study_codelists,
            place=place,
            problems=[],
            dataset=file.dataset,
            package=package,
        )
    return out


def ordered_keys(file: DatasetSpec, standard: Sequence[str], sequence: str) -> tuple[str, ...]:
    """The keys of a dataset in the order of its records, which are those of the spec or else the natural ones.

    ``standard``: the keys of the standard. ``sequence``: the variable that only numbers the records of a subject: it
    is no natural key. The variables of sort: come before the other keys, since KeySequence of Define-XML is the order
    of the records.
    """
    keys = file.keys or tuple(k for k in standard if k != sequence or "USUBJID" not in standard)
    if not _along_variables(file):
        return keys
    first = [k for k in ("STUDYID", "USUBJID") if k in keys]
    return tuple(dict.fromkeys([*first, *(s for s in file.sort if s != sequence or s in file.keys), *keys]))


def _along_variables(file: DatasetSpec) -> bool:
    """Whether sort: is an order that keys can have: not that of the source, nor a descending one."""
    return not any(s.startswith("-") or s == "SOURCE" for s in file.sort)


def record_sort(file: DatasetSpec, keys: Sequence[str], sequence: str) -> tuple[str, ...]:
    """The variables that order the records: the subject, since a partition is a range of subjects, then the keys.

    Records with equal keys follow their number. ``keys``: from ``ordered_keys``.
    """
    along = keys if _along_variables(file) else file.sort
    first = ("USUBJID",) if "USUBJID" in keys or "USUBJID" in along else ()
    return tuple(dict.fromkeys([*first, *along, *([sequence] if sequence else [])]))


def removed(file: DatasetSpec) -> set[str]:
    """Variables that the spec removes by null."""
    return {name for name, rule in file.variables.items() if rule is None}


def rule_problems(rules: Iterable[tuple[str, DerivationSpec]], dataset: str) -> list[SpecProblem]:
    """Problems of the arguments of rules, and data types that Define-XML does not have."""
    problems = []
    for name, rule in rules:
        for severity, found in (("error", rule.problems()), ("warning", rule.doubts())):
            for field, message, *path in found:
                place = key_place_of(rule, field, *path) if path else place_of(rule, field)
                problems.append(SpecProblem(place, message, dataset, name, "", severity))
        if rule.type is not None and rule.type not in DATA_TYPES:
            message = f"'{rule.type}' is no data type of Define-XML"
            hint = nearest(rule.type, DATA_TYPES) or f"one of {', '.join(DATA_TYPES)}"
            problems.append(SpecProblem(place_of(rule, "type"), message, dataset, name, hint))
    return problems


def value_levels(
    file: DatasetSpec, study_codelists: dict[str, Codelist], problems: list[SpecProblem]
) -> tuple[ValueLevel, ...]:
    """Value-level metadata of a spec, its conditions as range checks."""
    out = []
    for spec in file.values:
        try:
            checks = tuple(RangeCheck(v, c, tuple(values)) for v, c, values in parse(spec.where).range_checks())
        except ExpressionError as error:
            problems.append(
                SpecProblem(
                    expression_place(spec, "where", error.offset),
                    error.message,
                    file.dataset,
                    spec.variable,
                    error.hint,
                )
            )
            continue
        listed = (
            (study_codelists.get(spec.codelist) or published(spec.codelist, place_of(spec, "codelist"), problems))
            if spec.codelist
            else None
        )
        dictionary = listed.dictionary if listed is not None else None
        of = spec.origin
        origin = stated_origin(of) if of is not None else None
        out.append(
            ValueLevel(
                variable=spec.variable,
                where=checks,
                type=spec.type,
                length=0,
                digits=spec.digits,
                format=spec.format,
                codelist=listed if listed is None or listed.terms or dictionary is None else None,
                origin=origin,
                method=spec.method,
                comment=comment_text(spec.comment),
                label=spec.label,
                comment_documents=comment_pages([spec.comment]),
                dictionary=dictionary,
                further_origins=tuple(map(stated_origin, of.further)) if of is not None else (),
            )
        )
    return tuple(out)


def place_of_variable(file: DatasetSpec, name: str) -> Place:
    """The line of a variable in the spec; the line of the dataset for a variable that only a convention has."""
    holders = (file, *file.blocks)
    holder = next((h for h in holders if name in h.variables), None)
    return key_place_of(holder, "variables", name) if holder is not None else place_of(file, "dataset")
