"""The metadata of a built dataset: origin, digits and method of each variable.

Not for lengths and number types, which all partitions decide together (summaries.py), nor for define.xml (define/).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from ...mappings.facts.document_pages import together
from ...mappings.facts.terminology import ExternalDictionary
from ...mappings.models.documents import comment_pages, comment_text
from ..columns.rounding import COLLECTED_DIGITS, DIGITS
from ..derivations.assign import From
from ..derivations.derivation import derivation
from ..plan.plan import PlannedVariable
from ..standard import coded_results, standard_of
from ..tables.dataset import BlockRule, DatasetMetadata, Origin, VariableMetadata
from .built_column import BuiltColumn
from .methods import method_of, methods_by_block
from .predecessors import block_origin, origins_by_block, submitted_origin
from .view import DatasetInBuild

_ONE_FOR_EACH = "The sponsor assigns one value to each kind of record."


class Precisions:
    """The significant digits of the numeric variables of one dataset. See engine/columns/rounding.py."""

    def __init__(self, build: DatasetInBuild):
        self.build = build
        self._digits: dict[str, int] = {}

    def of_variable(self, name: str) -> int:
        """The significant digits that a number keeps: those of the block that keeps most."""
        if name not in self._digits:
            self._digits[name] = DIGITS  # during the search: a later block may copy an earlier one
            columns = self.build.columns.of_variable(name)
            self._digits[name] = max((self.of_column(built) for built in columns), default=DIGITS)
        return self._digits[name]

    def of_column(self, built: BuiltColumn) -> int:
        """12 for a computed number, 15 for a collected one; a copy of a variable has the digits of that variable."""
        if built.precision:
            return built.precision
        choice = built.use.choice if built.use is not None and built.picked is not None else None
        if choice is not None and choice.verb in ("first", "last", "lookup"):
            return self._of_copied(choice.table, choice.column)
        if built.origin.type == "Derived":
            return DIGITS
        reads = built.use.reads if built.use is not None and built.origin.type == "Predecessor" else ()
        return self._of_copied(reads[0].table, reads[0].column) if reads else COLLECTED_DIGITS

    def _of_copied(self, table: str, column: str) -> int:
        """The digits of a column that is copied: those of the variable, 15 of a raw cell."""
        other = self.build.study.builds.get(table)
        if other is None or column not in other.planned.every:
            return COLLECTED_DIGITS
        other.value(column, None)
        return other.precision(column)


def metadata_of(build: DatasetInBuild) -> DatasetMetadata:
    """The metadata of the finished dataset, before the partitions are merged."""
    planned = build.planned
    coded = coded_results(planned.variables, planned.purpose)
    results = coded.results if coded is not None else ()
    return DatasetMetadata(
        name=planned.name,
        label=planned.label,
        variables=tuple(_explained(build, _variable(build, v, results)) for v in planned.variables.values()),
        keys=planned.keys,
        observation_class=planned.observation_class,
        structure=planned.structure,
        standard=planned.standard,
        purpose=planned.purpose,
        domain=planned.domain,
        values=planned.values,
        comment=comment_text(planned.spec.comment),
        place=planned.place,
        sequence=planned.sequence,
        comment_documents=comment_pages([planned.spec.comment]),
    )


def _explained(build: DatasetInBuild, variable: VariableMetadata) -> VariableMetadata:
    """An assigned variable with a comment that has its rule, where its standard wants one."""
    standard = standard_of(build.planned.kind)
    if variable.comment or variable.origin.type != "Assigned" or not standard.explains_assigned:
        return variable
    rules = build.planned.variables[variable.name].rules
    sentences = dict.fromkeys(r.method or derivation(r).describe(variable.name) for r in rules)
    comment = _ONE_FOR_EACH if len(sentences) > 1 else method_of(build, variable.name)
    return replace(variable, comment=comment)


def _variable(build: DatasetInBuild, planned: PlannedVariable, results: Collection[str]) -> VariableMetadata:
    """``results``: the variables whose meaning depends on a code of the record."""
    origin, *further = origins_by_block(build, planned.name, submitted_origin(build, planned.name))
    rules = planned.rules
    comments = [r.comment for r in rules if r.comment is not None]
    return VariableMetadata(
        name=planned.name,
        label=planned.label,
        type=planned.type,
        length=planned.length,
        digits=planned.digits,
        format=planned.format,
        codelist=planned.codelist,
        role=planned.role,
        core=planned.core,
        origin=origin,
        method=method_of(build, planned.name) if origin.type == "Derived" else "",
        comment=planned.not_collected or " ".join(dict.fromkeys(filter(None, map(comment_text, comments)))),
        comment_documents=together(comment_pages(comments)) if comments else (),
        rule=planned.place,
        precision=build.precision(planned.name) if planned.is_numeric else 0,
        dictionary=planned.dictionary or _copied_dictionary(build, planned.name, origin),
        constant=bool(rules) and all(derivation(r).texts() is not None for r in rules),
        further_origins=tuple(further),
        blocks=_block_rules(build, planned.name) if planned.name in results else (),
        **_mapping(build, planned),
    )


def _mapping(build: DatasetInBuild, planned: PlannedVariable) -> dict[str, Any]:
    """The variable that the one rule of another one maps, and the pairs of values; nothing for any other rule."""
    rule = planned.rules[0] if len(planned.rules) == 1 else None
    if not isinstance(rule, From) or not rule.map or len(rule.columns) != 1 or rule.columns[0] == planned.name:
        return {}
    known = rule.columns[0] in build.planned.variables
    pairs = tuple((value, text) for text, value in rule.map.items())
    return {"mapped_from": rule.columns[0], "mapped": pairs} if known else {}


def _block_rules(build: DatasetInBuild, name: str) -> tuple[BlockRule, ...]:
    """How each block has a variable."""
    planned, columns, methods = build.planned.every[name], build.columns, methods_by_block(build, name)
    found = []
    for block in build.block_range():
        built = columns.by_block.get((name, block)) or columns.whole.get(name)
        origin = block_origin(build, name, built) if built is not None else Origin("Not Available", "Sponsor")
        records, method = methods.get(block, ("", ""))
        rule = planned.rule_in(block)
        texts = derivation(rule).texts() if rule is not None else None
        stated = tuple(texts.items()) if texts is not None else None
        found.append(BlockRule(origin, method if origin.type == "Derived" else "", records, stated))
    return tuple(found)


def _copied_dictionary(build: DatasetInBuild, name: str, origin: Origin) -> ExternalDictionary | None:
    """The dictionary of the variable that this one copies; None if it copies none, or different ones."""
    if origin.type != "Predecessor":
        return None
    plan = build.study.plan
    datasets = {**plan.inputs, **plan.datasets}
    found: set[ExternalDictionary | None] = set()
    for built in build.columns.of_variable(name):
        read = built.use.reads[0] if built.use is not None and built.use.reads else None
        dataset = datasets.get(read.table) if read is not None else None
        copied = dataset.every.get(read.column) if dataset is not None and read is not None else None
        found.add(copied.dictionary if copied is not None else None)
    return found.pop() if len(found) == 1 else None
