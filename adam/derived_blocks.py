"""The rules of the variables in blocks whose records are derived from records: of the same dataset, or by a step.

A rule of the dataset for all records may read columns that only other blocks have, as VSSTRESN of VS. In a block of
derived records it runs where it reads nothing but variables of the dataset and values of the subject. Otherwise the
variable has the value of the record above, if the record is a copy of one, else none. Not for the columns of the step
itself (planning.py) nor for the records (records/, engine/building/records.py).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from ..engine.derivations.assign import From
from ..engine.derivations.derivation import derivation
from ..engine.derivations.from_other_records import FromTable
from ..engine.derivations.step import NotDerived
from ..mappings.binding.bind import SpecModel, with_place_of
from ..mappings.expressions.expression import ExpressionError, parse
from ..mappings.models.dataset import DatasetSpec
from ..mappings.models.derivation import DerivationSpec
from ..mappings.models.row_block import RowBlock

#: variables that every record has from its row
_IDENTITY = ("STUDYID", "USUBJID")


def derived_rules(
    file: DatasetSpec,
    rules: Mapping[str, tuple[DerivationSpec | None, Mapping[int, DerivationSpec]]],
    names: Collection[str],
) -> Iterator[tuple[str, int, DerivationSpec]]:
    """(variable, block, rule) of each variable that the dataset has no usable rule for in a block of derived records.

    ``rules``: variable -> (its rule for all records, its rules of single blocks). ``names``: all variables, working
    ones too.
    """
    finished = next((n for n, b in enumerate(file.blocks) if b.finished), len(file.blocks))
    for number, block in enumerate(file.blocks):
        same_dataset = block.from_ == file.dataset
        copies = same_dataset and all(step.copies for step in block.steps)
        derived = copies or any(step.overrides and not step.copies for step in block.steps)
        if not derived and number < finished:
            continue
        known = _Known(file, block, names)
        for name, (rule, of_blocks) in rules.items():
            if number in of_blocks or name in _IDENTITY:
                continue
            whole = rule is not None and derivation(rule).whole
            if whole and (number < finished or derivation(rule).numbers):
                continue
            if rule is not None and not whole and (not derived or known.readable(name, rule)):
                continue
            if copies and not any(name in step.not_copied for step in block.steps):
                yield name, number, with_place_of(From.model_validate({"from": name}), _owner(block))
            elif rule is not None or copies:
                yield name, number, with_place_of(NotDerived(), _owner(block))


def _owner(block: RowBlock) -> SpecModel:
    return block.steps[-1] if block.steps else block


class _Known:
    """The names that a rule can read in a derived record."""

    def __init__(self, file: DatasetSpec, block: RowBlock, names: Collection[str]):
        self.dataset = file.dataset
        self.names = {*names, *block.columns, *block.each, *block.step_columns}
        self.here = {block.table, *(j.name for j in block.joins), *(n for s in block.steps for n in s.nodes())}
        blocks = [b for b in file.blocks if b is not block]
        self.elsewhere = {b.table for b in blocks} | {j.name for b in blocks for j in b.joins}

    def readable(self, target: str, rule: DerivationSpec) -> bool:
        """Whether the rule reads nothing but variables, columns of the block and values of the subject."""
        return all(self._has(target, name) for name in _read(rule))

    def _has(self, target: str, name: str) -> bool:
        table, dot, column = name.partition(".")
        if not dot or table == self.dataset:
            variable = column if dot else name
            return variable in self.names and variable != target
        return table in self.here or table not in self.elsewhere


def _read(rule: DerivationSpec) -> Iterator[str]:
    """The names that a rule reads in its record."""
    of_table = isinstance(rule, FromTable)
    if of_table:
        yield from rule.on
    else:
        yield from (name for _, name in rule.reads() if name)
    for field, text in rule.conditions():
        if not (of_table and field == "where"):
            try:
                yield from parse(text).names
            except ExpressionError:
                continue  # lint reports it
