"""The annotations of raw columns, from the rules of the SDTM datasets as they ran over tables without rows.

So they cannot differ from a build. Not for what an annotation is (annotations.py) nor for running the rules
(dry_run.py).
"""

from __future__ import annotations

from collections.abc import Iterator

from ..engine.building.built_column import BuiltColumn
from ..engine.building.dataset_build import DatasetBuild
from ..engine.building.run_rule import carried_reads, copied_columns
from ..engine.building.study_build import StudyBuild
from ..engine.derivations.assign import From, Value
from ..engine.derivations.derivation import derivation
from ..engine.standard import tabulation
from ..engine.subjects.identity import identifying_columns
from ..engine.tables.dataset import Reading
from ..engine.tables.table import RawSlice
from ..mappings.binding.bind import place_of
from ..mappings.expressions.expression import ExpressionError, parse
from ..mappings.models.derivation import DerivationSpec
from ..mappings.models.row_block import RowBlock
from ..mappings.models.template import parse_template
from .annotations import (
    ASSIGNED,
    COLLECTED,
    CONSTANT,
    DERIVED,
    OF_TEST,
    RELATION,
    SELECTS,
    Annotation,
    Annotations,
    joined,
)
from .forms import RawColumn

#: the column of unpivot: with the code of the item
_ITEM = "ITEM"


def annotations_of(build: StudyBuild) -> Annotations:
    """The annotations of all raw columns that a build over no rows has read."""
    out = Annotations(domains={n: b.planned.label for n, b in build.builds.items()})
    for of_dataset in build.builds.values():
        reader = _Dataset(build, of_dataset)
        for column, annotation in reader.annotations():
            out.fields.setdefault(column, []).append(annotation)
        for column, annotation in reader.relations():
            out.fields.setdefault(column, []).append(annotation)
        for source, annotation in reader.constants():
            out.constants.setdefault(source, []).append(annotation)
    out.constants = {s: out.unnamed(found) for s, found in out.constants.items()}
    for column, annotation in _selecting(build):
        out.fields.setdefault(column, []).append(annotation)
    for name, source in build.plan.spec.sources.items():
        out.reasons |= {RawColumn(name, c): reason for c, reason in source.not_submitted.items()}
    for of_dataset in build.builds.values():
        tables = dict.fromkeys(t for b in of_dataset.blocks for t in (b.table, *(j.table for j in b.joins)))
        for column, reason in of_dataset.planned.spec.not_submitted.items():
            out.reasons |= {RawColumn(t, column): reason for t in tables if t in build.plan.spec.sources}
    out.fields = {c: joined(found) for c, found in out.fields.items()}
    return out


class _Dataset:
    """The rules of one dataset as they ran."""

    def __init__(self, study: StudyBuild, build: DatasetBuild):
        self.study, self.build, self.planned = study, build, build.planned
        self.name = build.planned.name
        self.test = f"{self.name}TESTCD"

    def annotations(self) -> Iterator[tuple[RawColumn, Annotation]]:
        """(raw column, annotation) of each variable and block, in the order of the plan."""
        for name in (*self.planned.variables, *self.planned.supplemental):
            if name == "USUBJID":
                continue
            for block in self.build.block_range():
                built = self._built(name, block)
                rule = self.planned.every[name].rule_in(block)
                if built is None or rule is None:
                    continue
                kind = _kind(rule, built, self._reads_raw(built))
                for column, item in dict.fromkeys(
                    self._raw(built, block, frozenset(), copies=kind == COLLECTED, rule=rule)
                ):
                    yield column, self._annotation(name, block, kind, built, item)

    def relations(self) -> Iterator[tuple[RawColumn, Annotation]]:
        """(raw column, annotation) of working variables by which relations between datasets link records."""
        for block in self.build.blocks:
            if block.relate is None:
                continue
            for name, variable in block.relate.datasets.items():
                linked = self.study.builds.get(name)
                if linked is None or variable not in linked.planned.working:
                    continue
                reader = _Dataset(self.study, linked)
                for of_linked in linked.block_range():
                    built = reader._built(variable, of_linked)
                    found = reader._raw(built, of_linked, frozenset(), copies=True) if built is not None else ()
                    for column, _ in found:
                        place = str(place_of(block.relate) or "")
                        value = tuple(block.relate.datasets)
                        yield column, Annotation(RELATION, self.name, value=value, place=place)

    def constants(self) -> Iterator[tuple[str, Annotation]]:
        """(source, annotation) of the variables that a block of a source sets to one text."""
        for number, block in enumerate(self.build.blocks):
            if block.source is None:
                continue
            for name, planned in self.planned.variables.items():
                rule = planned.rule_in(number)
                if not isinstance(rule, Value) or not rule.value or planned.by_convention:
                    continue
                origin, place = "Assigned (Sponsor)", str(place_of(rule) or "")
                found = Annotation(CONSTANT, self.name, (name,), value=(rule.value,), origin=origin, place=place)
                yield block.source, found

    def _reads_raw(self, built: BuiltColumn) -> bool:
        reads = built.use.reads if built.use is not None else ()
        return any(isinstance(self.study.tables.get(r.table), RawSlice) for r in reads)

    def _built(self, name: str, block: int) -> BuiltColumn | None:
        columns = self.build.columns
        return columns.by_block.get((name, block)) or (columns.whole.get(name) if block == 0 else None)

    def _annotation(self, name: str, block: int, kind: str, built: BuiltColumn, item: int) -> Annotation:
        place = str(built.use.place or "") if built.use is not None else ""
        origin = f"{built.origin.type} ({built.origin.source})" if built.origin.source else built.origin.type
        if name in self.planned.supplemental:
            standard = tabulation()
            where = standard.qualifier, name
            return Annotation(
                kind=kind,
                dataset=standard.qualifiers(self.name),
                variables=(standard.qualified_value,),
                where=where,
                value=(),
                origin=origin,
                place=place,
            )
        of_test = name.removeprefix(self.name[:2]) in OF_TEST
        code = self._code(block, item) if item >= 0 or of_test else ""
        return Annotation(
            kind=kind,
            dataset=self.name,
            variables=(name,),
            where=(self.test, code) if code else (),
            value=(),
            origin=origin,
            place=place,
        )

    def _code(self, block: int, item: int) -> str:
        """The test code of the records of a block, or of one of its items; '' where it is no text of the spec."""
        planned = self.planned.variables.get(self.test)
        rule = planned.rule_in(block) if planned is not None else None
        if planned is None or rule is None:
            return ""
        if isinstance(rule, Value):
            return rule.value
        items = list(self.build.blocks[block].unpivot.items())
        if isinstance(rule, From) and 0 <= item < len(items):
            named, texts = items[item][0], items[item][1].columns
            code = named if rule.columns == (_ITEM,) else texts.get(rule.columns[0], "")
            code = rule.map.get(code, code)
            known = planned.codelist.lookup() if planned.codelist is not None else {}
            return known.get(code.casefold(), code)
        return ""

    def _raw(
        self,
        built: BuiltColumn,
        block: int,
        seen: frozenset[tuple[str, str]],
        *,
        copies: bool,
        rule: DerivationSpec | None = None,
    ) -> Iterator[tuple[RawColumn, int]]:
        """(raw column, item) that a rule read, also through working variables. ``copies``: else through any."""
        reads = built.use.reads if built.use is not None else ()
        direct = [r for r in reads if isinstance(self.study.tables.get(r.table), RawSlice)]
        if rule is not None:
            direct = list(carried_reads(rule, tuple(direct)))
        for read in direct:
            yield from ((column, read.item) for column in self._columns(read))
        for read in reads:
            if (read.table, read.column) in seen or isinstance(self.study.tables.get(read.table), RawSlice):
                continue
            working = read.table == self.name and read.column in self.planned.working
            if working or (copies and not direct):
                for other in copied_columns(self.build, block, read):
                    of_other = other.use.block if other.use is not None else block
                    yield from self._raw(other, of_other, seen | {(read.table, read.column)}, copies=copies)

    def _columns(self, read: Reading) -> Iterator[RawColumn]:
        """The columns of the file behind a column; those that identify the subject for a part of the identity."""
        source = self.study.tables[read.table]
        assert isinstance(source, RawSlice)
        column = source.in_file(read.column) or ("" if read.column in _IDENTITY else read.column)
        if column:
            owner = self.study.plan.spec.sources[read.table].parts.get(column, column)
            yield RawColumn(read.table, owner)
            return
        yield from identity_columns(self.study, read.table, read.column)


_IDENTITY = {"USUBJID": "usubjid", "SUBJID": "subjid", "SITEID": "siteid"}


def identity_columns(study: StudyBuild, source: str, name: str) -> Iterator[RawColumn]:
    """The columns of a source that give a part of the identity of its subjects."""
    spec = study.plan.spec
    identifying = identifying_columns(spec.sources[source], spec)
    template = getattr(spec.subject, _IDENTITY.get(name, ""), None)
    named = dict(zip(spec.subject.columns, identifying, strict=False))  # the names of the study -> those of the source
    if template:
        mine = [named.get(c, c) for c in parse_template(template).names]
    else:
        mine = list(identifying[-1:] if name == "SUBJID" else identifying[:1])
    yield from (RawColumn(source, c) for c in ([c for c in mine if c in identifying] or identifying))


def _kind(rule: DerivationSpec, built: BuiltColumn, reads_raw: bool) -> str:
    """Whether the values are those of the field: also of a text that is translated, which is derived."""
    if built.origin.type == "Assigned":
        return ASSIGNED
    copied = reads_raw and derivation(rule).default_origin.type == "Collected"
    return COLLECTED if built.origin.type == "Collected" or copied else DERIVED


def _selecting(study: StudyBuild) -> Iterator[tuple[RawColumn, Annotation]]:
    """Columns that a condition or key of a block reads, beside all others that something has read."""
    named: dict[RawColumn, set[str]] = {}
    for name, build in study.builds.items():
        for block in build.blocks:
            for source, column in _of_block(block):
                if isinstance(study.tables.get(source), RawSlice):
                    named.setdefault(RawColumn(source, column), set()).add(name)
    for name, table in study.tables.items():
        if isinstance(table, RawSlice):
            for column in sorted(table.read_columns()):
                datasets = ", ".join(sorted(named.get(RawColumn(name, column), ())))
                yield RawColumn(name, column), Annotation(SELECTS, datasets)


def _of_block(block: RowBlock) -> Iterator[tuple[str, str]]:
    """(source, column) of the names in the condition, the joins and the items of a block."""
    tables = [block.table, *(j.table for j in block.joins)]
    names = _names(block.where)
    names |= {c for columns in block.exploded.values() for c in columns}
    for join in block.joins:
        pairs = join.on.items() if isinstance(join.on, dict) else [(n, n) for n in join.on]
        names |= {a for a, _ in pairs}
        yield from ((join.table, other) for _, other in pairs)
        yield from ((join.table, n.lstrip("-")) for n in join.order)
        yield from ((join.table, n) for n in _names(join.where))
    for name in names:
        table, dot, column = name.partition(".")
        if dot:
            yield table, column
        yield from ((t, name) for t in tables)


def _names(condition: str | None) -> set[str]:
    if condition is None:
        return set()
    try:
        return set(parse(condition).names)
    except ExpressionError:
        return set()
