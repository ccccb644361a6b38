"""The origin of a variable over all its blocks, and its predecessors as define.xml names them.

A predecessor is a submitted variable of another dataset, or a supplemental qualifier. A copy of a variable of the same
dataset, or of a working variable, has the predecessors of that variable; without any it is derived.
Not for methods (methods.py).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ...mappings.facts.document_pages import together
from ..derivations.derivation import derivation
from ..plan.plan import PlannedVariable
from ..tables.dataset import Origin, Predecessor
from ..tables.origins import ranked_origins, stated_origin
from ..tables.table import ExistingDatasetTable
from .built_column import BuiltColumn
from .method_words import is_absent, qualifier_of
from .view import DatasetInBuild

#: types of origin: of a variable with several, the first of these
_RANKED_ORIGINS = ("Derived", "Predecessor", "Collected", "Assigned", "Protocol", "Other", "Not Available")
_RANK = {origin_type: rank for rank, origin_type in enumerate(_RANKED_ORIGINS)}
_COPIED = "Predecessor"


def origin_of(build: DatasetInBuild, name: str) -> Origin:
    """The origin of a variable over all its blocks: derived wins over collected, anything over not available."""
    origins = [built.origin for built in build.columns.of_variable(name)]
    if not origins:
        return Origin("Not Available", "Sponsor")
    first = min(origins, key=lambda o: (_RANK.get(o.type, 9), o.source, o.description))
    documents = together(d for o in origins if o.type == first.type for d in o.documents)
    return first if documents == first.documents else replace(first, documents=documents)


def submitted_origin(build: DatasetInBuild, name: str) -> Origin:
    """The origin of a variable in define.xml: each predecessor is one that a reader finds in the package."""
    origin = origin_of(build, name)
    if origin.type != _COPIED or any(r.origin is not None for r in build.planned.every[name].rules):
        return origin
    found = _predecessors(build, name, frozenset())
    return Origin(_COPIED, predecessors=tuple(found)) if found else Origin("Derived", "Sponsor")


def origins_by_block(build: DatasetInBuild, name: str, first: Origin) -> list[Origin]:
    """The different origins of a variable in define.xml, over its blocks that can have a value.

    ``first``: from ``submitted_origin``, the only one of a variable whose rule sees all records.
    """
    planned = build.planned.every[name]
    stated = further_origins(planned)
    if stated:
        return list(dict.fromkeys([first, *stated]))
    if name in build.columns.whole or len(build.blocks) < 2:
        return [first]
    found: list[Origin] = []
    for block in build.block_range():
        built, rule = build.columns.by_block.get((name, block)), planned.rule_in(block)
        texts = derivation(rule).texts() if rule is not None else {}
        if built is not None and (texts is None or any(texts)):
            found.append(block_origin(build, name, built))
    if len({o.type for o in found}) < 2 and len({o.source for o in found}) < 2:
        return [first]
    return ranked_origins(found)


def further_origins(planned: PlannedVariable) -> tuple[Origin, ...]:
    """The further origins that the rules of a variable state, in their order."""
    stated = (o for r in planned.rules if r.origin is not None for o in r.origin.further)
    return tuple(dict.fromkeys(map(stated_origin, stated)))


def block_origin(build: DatasetInBuild, name: str, built: BuiltColumn) -> Origin:
    """The origin of a variable in one block, in define.xml."""
    origin = built.origin
    if origin.type != _COPIED or any(r.origin is not None for r in build.planned.every[name].rules):
        return origin
    if origin.predecessors == (Predecessor(build.planned.name, name),):  # the same values again, of an earlier block
        return submitted_origin(build, name)
    found = _predecessors(build, name, frozenset(), [built])
    return Origin(_COPIED, predecessors=tuple(found)) if found else Origin("Derived", "Sponsor")


def _predecessors(
    build: DatasetInBuild, name: str, seen: frozenset[tuple[str, str]], columns: Iterable[BuiltColumn] | None = None
) -> list[Predecessor]:
    """The predecessors of a variable in all its blocks; [] where a value of it comes from anything else.

    ``columns``: the variable in some blocks alone.
    """
    dataset = build.planned.name
    found: dict[Predecessor, None] = {}
    for built in build.columns.of_variable(name) if columns is None else columns:
        origin = built.origin
        if built.use is None:
            continue  # no rule in this block
        if origin.type != _COPIED or not origin.predecessors:
            return []
        for copied in origin.predecessors:
            column = (copied.dataset, copied.variable)
            if column in seen or column == (dataset, name):
                continue  # the same values again, of an earlier block
            of_column = _of_column(build, *column, seen | {(dataset, name)})
            if not of_column:
                return []
            found |= dict.fromkeys(of_column)
    return list(found)


def _of_column(build: DatasetInBuild, table: str, column: str, seen: frozenset[tuple[str, str]]) -> list[Predecessor]:
    """The predecessors that a copy of a column has."""
    plan = build.study.plan
    planned = plan.datasets.get(table) or plan.inputs.get(table)
    source = build.study.tables.get(table)
    if planned is None and isinstance(source, ExistingDatasetTable) and source.has(column):
        return [qualifier_of(table, column) if column in source.existing.qualifiers else Predecessor(table, column)]
    if planned is None or is_absent(build.study, planned, column):
        return []
    if column in planned.supplemental:
        return [qualifier_of(table, column)]
    if column in planned.variables and planned is not build.planned:
        return [Predecessor(table, column)]
    other = build.study.builds.get(table)
    if other is None:
        return [Predecessor(table, column)]
    return _predecessors(other, column, seen) if column in planned.every else []
