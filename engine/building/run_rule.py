"""Runs one rule in its environment: its values, typed as the variable is, where they come from and what they read.

Not for when a rule runs or where its values are stored: dataset_build.py.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from ...mappings.binding.bind import place_of
from ...mappings.expressions.expression import ExpressionError, parse
from ...mappings.facts.document_pages import together
from ...mappings.models.derivation import DerivationSpec
from ..columns import column as col
from ..columns.choose import choose
from ..derivations.assign import From
from ..derivations.derivation import Derived, derivation
from ..derivations.environment import Environment
from ..derivations.numbers import numeric_values, with_points, written_with_point
from ..derivations.translation import translated, translates
from ..plan.plan import PlannedVariable
from ..standard import standard_of, tabulation
from ..tables.dataset import SAME_RECORD, SPEC, Origin, Predecessor, Reading, RuleUse
from ..tables.origins import stated_origin
from ..tables.raw_cells import RawCells
from ..tables.rows import BASE
from ..tables.table import LiteralTable, RawSlice
from .built_column import BuiltColumn
from .reshape import ASSIGNED, DERIVED
from .view import DatasetInBuild


def blank(numeric: bool, n: int) -> pd.Series:
    """``n`` missing values."""
    return col.series(np.full(n, np.nan)) if numeric else col.constant("", n)


def derive_variable(env: Environment, rule: DerivationSpec) -> BuiltColumn:
    """The environment's variable, in its type."""
    variable = env.variable
    assert variable is not None
    derived = _derived(env, rule)
    values = _typed(env, derived, variable, rule)
    if translates(env, rule):
        values = translated(env, rule, values)
    if not written_with_point(variable.name, rule) or variable.is_numeric:
        return _built(env, rule, derived, values, f"row:{variable.name}")
    collected = cells_of(env, rule, derived)
    pointed, cells = with_points(env, values, collected)
    built = _built(env, rule, derived, pointed, f"row:{variable.name}")
    built.cells, built.collected = cells, (values, collected)
    return built


def collected_text(env: Environment, rule: DerivationSpec) -> pd.Series:
    """The environment's variable as it was collected, before it is translated."""
    assert env.variable is not None
    return _typed(env, _derived(env, rule), env.variable, rule)


def derive_column(env: Environment, rule: DerivationSpec) -> BuiltColumn:
    """A further column of a block, in the type that its rule states or a copied column has."""
    derived = _derived(env, rule)
    assert env.variable is not None
    typed = rule.type is not None or env.variable.is_numeric
    values = _typed(env, derived, env.variable, rule) if typed else derived.values
    built = _built(env, rule, derived, values, f"column:{env.target}")
    built.cells = cells_of(env, rule, derived)  # now: a later column may have the name of one that this rule reads
    return built


def _derived(env: Environment, rule: DerivationSpec) -> Derived:
    """The result of the derivation where ``when:`` of the rule holds."""
    derived = derivation(rule).derive(env)
    if derived.picked is not None and isinstance(derived.picked[0], LiteralTable):  # the spec has the value, no data
        derived.picked, derived.picked_columns = None, ()
    if derived.choice is not None and derived.choice.table in env.study.tables:
        derived.choice = None
    if rule.when is not None:
        here = env.condition(rule.when)
        derived.values = choose(here, derived.values, blank(col.is_number(derived.values), env.n))
        if derived.picked is not None:
            derived.picked = (derived.picked[0], np.where(here, derived.picked[1], -1))
        if derived.coding is not None:
            derived.coding = (derived.coding[0], np.where(here, derived.coding[1], -1))
    return derived


def _built(env: Environment, rule: DerivationSpec, derived: Derived, values: pd.Series, node: str) -> BuiltColumn:
    """The values of a rule with what it read. ``node``: the lineage node of the row that it picked, if it picked one.

    A variable that has different rules in some blocks has a node in each: they may pick from different tables.
    """
    name, number = env.target, -1 if env.block is None else env.block
    planned = env.build.planned
    of_block = node == f"column:{name}" or number in planned.every[name].block_rules
    if of_block and len(planned.spec.blocks) > 1:
        node = f"{node}:{number}"
    reads = tuple(env.read)
    if derived.picked is not None:
        table = derived.picked[0]
        reads = tuple(Reading(node, table.name, table.shown(c)) for c in derived.picked_columns) + reads
        if isinstance(table, RawSlice):
            env.build.study.refer(*derived.picked)
    sentence = rule.method or derivation(rule).describe(name)
    choice = derived.choice and replace(derived.choice, node=node if derived.picked is not None else "")
    if choice is not None and derived.picked is not None and choice.column:
        choice = replace(choice, column=derived.picked[0].shown(choice.column))
    through = tuple(n for n in env.through if env.rows.column_sources[n].rule)
    use = RuleUse(
        variable=name,
        block=number,
        place=place_of(rule),
        sentence=sentence,
        reads=reads,
        choice=choice,
        through=through,
    )
    built = BuiltColumn(values, _origin(env, rule, derived, reads), use, derived.picked, env.unused, node)
    built.precision, built.coding = derivation(rule).precision, derived.coding
    return built


def _typed(env: Environment, derived: Derived, planned: PlannedVariable, rule: DerivationSpec) -> pd.Series:
    values = derived.values
    if planned.is_numeric:
        if col.is_number(values):
            return values if values.dtype == "float64" else values.astype("float64")
        picked = derived.picked if derived.picked_columns else None
        read: str | tuple[str, ...] = rule.columns if isinstance(rule, From) else ""
        shown = read or next((n for _, n in rule.reads()), next((r.column for r in env.read if r.item < 0), ""))
        if picked is not None:
            read = shown = derived.picked_columns[0]
        numbers, bad = numeric_values(env, values, cells_of(env, rule, derived), read, picked)
        env.report(
            "R2A-NUM-001",
            bad,
            f"{planned.name} is numeric and cannot hold this text: the value is missing",
            shown,
            col.objects(values),
            picked,
        )
        return col.series(numbers)
    return col.as_text(values)


def cells_of(env: Environment, rule: DerivationSpec, derived: Derived) -> RawCells:
    """The raw cells whose texts a rule gives."""
    if derived.picked is not None and derived.picked_columns:
        table, rows = derived.picked
        return RawCells.of(table, derived.picked_columns[0], rows, env.n)
    return derivation(rule).raw_cells(env, derived.values)


def _origin(env: Environment, rule: DerivationSpec, derived: Derived, reads: tuple[Reading, ...]) -> Origin:
    """The origin of a rule's values; of collected ones with the pages of the annotated CRF."""
    origin = _origin_of_rule(env, rule, derived)
    if origin.type != "Collected" or origin.documents:  # the spec has the pages
        return origin
    sources = env.build.study.plan.spec.sources
    carried = carried_reads(rule, _raw_reads(env, reads))
    pages = (sources[r.table].pages_of(r.column) for r in carried if r.table in sources)
    return replace(origin, documents=together(p for p in pages if p is not None))


def _raw_reads(env: Environment, reads: tuple[Reading, ...]) -> tuple[Reading, ...]:
    """The raw columns that were read; without any, those that the variables that were read have read."""
    sources = env.build.study.plan.spec.sources
    found = tuple(r for r in reads if r.table in sources)
    if found:
        return found
    others = (copied for r in reads for copied in copied_columns(env.build, env.block, r))
    uses = [other.use.reads for other in others if other.use is not None]
    return tuple(r for read in uses for r in read if r.table in sources)


def copied_columns(build: DatasetInBuild, block: int | None, read: Reading) -> list[BuiltColumn]:
    """The columns behind a variable that a rule has read: of the same record, or in all blocks of another dataset."""
    if read.node == SAME_RECORD:
        found = build.columns.by_block.get((read.column, block)) if block is not None else None
        return [found] if found is not None else []
    other = build.study.builds.get(read.table)
    return list(other.columns.of_variable(read.column)) if other is not None else []


def carried_reads(rule: DerivationSpec, reads: tuple[Reading, ...]) -> tuple[Reading, ...]:
    """The raw columns whose cells become the value: without those that only the conditions of the rule read.

    All of them where the rule reads nothing else.
    """
    named = {name for _, name in rule.reads()}
    asked: set[str] = set()
    for _, text in rule.conditions():
        try:
            asked |= set(parse(text).names) - named
        except ExpressionError:
            continue  # lint reports it
    return tuple(r for r in reads if not {r.column, f"{r.table}.{r.column}"} & asked) or reads


def _origin_of_rule(env: Environment, rule: DerivationSpec, derived: Derived) -> Origin:
    if rule.origin is not None:
        return stated_origin(rule.origin)
    if derived.origin is not None:
        return derived.origin
    default = derivation(rule).default_origin
    if default.type != "Collected":
        return default
    reads = [r for r in env.read if r.node != SPEC]
    of_columns = [env.rows.column_sources[n].origin for n in env.through]
    if DERIVED in of_columns or (not reads and ASSIGNED in of_columns):
        return DERIVED if DERIVED in of_columns else ASSIGNED
    if not reads and BASE in env.rows.nodes and isinstance(env.rows.nodes[BASE][0], LiteralTable):
        planned_design = env.build.planned.observation_class == tabulation().design_class
        return Origin("Protocol" if planned_design else "Assigned", "Sponsor")
    tables = list(dict.fromkeys(env.build.study.tables.get(r.table, r.table) for r in reads if r.node != SAME_RECORD))
    names = [r.column for r in reads]
    raw = [t for t in tables if isinstance(t, RawSlice)]
    if tables and len(raw) == len(tables):
        return Origin("Collected", env.build.study.plan.spec.sources[raw[0].name].origin)
    copied = standard_of(env.build.planned.kind).copied_origin
    changed = isinstance(rule, From) and not rule.is_copy
    if len(reads) == 1 and tables and copied and not changed:
        return Origin(copied, predecessors=(Predecessor(reads[0].table, reads[0].column),))
    if not tables and len(names) == 1:
        plain = isinstance(rule, From) and not rule.map
        of_copied = [c.origin.type for c in copied_columns(env.build, env.block, reads[0])] if plain else []
        return DERIVED if "Derived" in of_copied else ASSIGNED
    return Origin("Derived", "Sponsor")
