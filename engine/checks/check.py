"""Static checks of a planned study: every name a rule reads exists, every condition parses and fits its types.

Without the raw headers the columns of raw sources are taken on trust; with them, every name is checked at its line.
"""

from __future__ import annotations

import copy
from collections import ChainMap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal, cast

from ...errors import SpecProblem, nearest
from ...mappings.binding.bind import SpecModel, expression_place, place_of
from ...mappings.expressions.expression import ExpressionError, parse
from ...mappings.models.derivation import DerivationSpec
from ...mappings.models.record_step import StepRead
from ...mappings.models.row_block import JoinSpec, UnpivotItem
from ..building.continuity import continuity_problems
from ..derivations.from_other_records import FromTable
from ..plan.plan import PlannedDataset, PlannedStudy
from ..subjects.identity import identifying_columns
from ..subjects.identity import name_problems as identifier_problems
from .circles import circle_problems
from .comparison_check import comparison_problems
from .name_check import source_name_problems, taken_name_problems
from .order_check import order_problems

#: source -> name -> why its file does not give it; the name '' is any name
Unreadable = Mapping[str, Mapping[str, str]]
IDENTITY = ("USUBJID", "SUBJID", "SITEID", "STUDYID")
MADE = ("ITEM", "RESULT", "UNIT")
#: what the text of a field must be; one of cases: may be either
_WANTED: dict[str, Literal["condition", "formula"]] = {
    "when": "condition", "where": "condition", "flag_up_to": "condition", "compute": "formula",
}  # fmt: skip


class StudyNames:
    """The columns of every table of a study, computed once for all blocks.

    ``headers``: source -> column names, None where no raw data are at hand.
    """

    def __init__(self, plan: PlannedStudy, headers: Mapping[str, list[str]] | None, unreadable: Unreadable):
        self.plan, self.headers, self.unreadable = plan, headers, unreadable
        self._known = {kind: plan.known_to(kind) for kind in {d.kind for d in plan.datasets.values()}}
        self._columns: dict[str, dict[str, str]] = {}
        self._required: dict[str, set[str]] = {}
        self._qualified: dict[str, dict[str, str]] = {}

    def known(self, kind: str) -> Mapping[str, PlannedDataset]:
        """The datasets that rules of an SDTM or an ADaM dataset can read."""
        return self._known[kind]

    def columns(self, table: str) -> dict[str, str]:
        """Column -> 'text' or 'number' of a dataset or source. KeyError for a name that is neither."""
        if table not in self._columns:
            planned = self.plan.datasets.get(table) or self.plan.inputs.get(table)
            if planned is not None:
                self._columns[table] = {n: _type(v.is_numeric) for n, v in planned.every.items()}
            elif table in self.plan.spec.sources:
                names = (self.headers or {}).get(table, [])
                self._columns[table] = dict.fromkeys((*names, *IDENTITY), "text")
            else:
                raise KeyError(table)
        return self._columns[table]

    def required(self, table: str) -> set[str]:
        """The variables of a dataset that its standard requires; none for a source."""
        if table not in self._required:
            planned = self.plan.datasets.get(table) or self.plan.inputs.get(table)
            variables = planned.variables.values() if planned is not None else ()
            self._required[table] = {v.name for v in variables if v.core == "Req"}
        return self._required[table]

    def qualified(self, kind: str) -> dict[str, str]:
        """TABLE.NAME -> 'text' or 'number' of all columns that rules of SDTM or ADaM datasets can read."""
        if kind not in self._qualified:
            tables = dict.fromkeys((*self._known[kind], *self.plan.spec.sources))
            self._qualified[kind] = {f"{t}.{n}": type_ for t in tables for n, type_ in self.columns(t).items()}
        return self._qualified[kind]


class Names:
    """The names that rules of one block can read: name -> 'text' | 'number'.

    ``open``: raw columns are not known, any name may be one; ``absent``: sources whose header is not at hand.
    """

    def __init__(self, study: StudyNames, dataset: PlannedDataset, number: int):
        self.study = study
        #: of the dataset, for what no spec has written
        self.place = place_of(dataset.spec, "dataset")
        plan = study.plan
        self.open = False
        self.headers_follow = False
        self.absent: set[str] = set()
        #: what its standard requires, of another table; what study.yaml requires, of the block's own source
        self.never_missing = _filled(plan, dataset.spec.blocks[number].source)
        #: names that a header does not give for a reason of its own -> that reason; of any name of a table: ``table.``
        self.reasons: dict[str, str] = {}
        known = study.known(dataset.kind)
        self.datasets = set(known)
        own = study.columns(dataset.name)
        self.qualified: Mapping[str, str] = study.qualified(dataset.kind)
        bare: dict[str, str] = {}
        more: dict[str, str] = {}  # qualified names of joins that are called otherwise than their table
        block = dataset.spec.blocks[number]
        for join in reversed(block.joins):
            bare |= self._columns(join.table, join.name)
            if join.name != join.table and (join.table in self.datasets or join.table in plan.spec.sources):
                more |= {f"{join.name}.{n}": t for n, t in study.columns(join.table).items()}
        bare |= own
        bare |= self._columns(block.table, block.table)
        for name in [
            *block.explode,
            *block.each,
            *(key for record in block.records for key in record),
            *(MADE if block.unpivot else ()),
            *(("ITEM",) if block.explode else ()),
        ]:
            bare[name] = "text"
        for item in block.unpivot.values():
            bare |= dict.fromkeys(item.columns, "text")
        bare |= {n: _type(r.type in ("integer", "float")) for n, r in block.columns.items()}
        #: what the step can read: the rows as they are before it, no variable of the dataset itself
        theirs = known[block.table].every if block.table in known else {}
        self.before = {n: t for n, t in bare.items() if n not in own or n in theirs}
        if block.derive is not None:
            bare |= {n: _type(c.type != "text") for n, c in block.derive.columns().items()}
        more |= {n: t for n, t in bare.items() if "." in n}  # raw columns may be called so
        if more:
            self.qualified = ChainMap(more, study.qualified(dataset.kind))
        self.types: Mapping[str, str] = ChainMap(bare, self.qualified)
        #: datasets and sources whose columns can be read
        self.tables = dict.fromkeys((dataset.name, *known, *plan.spec.sources))
        for name in plan.spec.sources:
            if name not in self.datasets:
                self._note_source(name, name, bare=False)

    def of_step(self, read: StepRead) -> Names:
        """The names that a part of the block's step can read."""
        if not read.table:
            return self._only({**self.before, **read.further}, read.table in self.absent)
        columns = self.study.columns(read.table) if read.table in self.tables else {}
        return self._only({**read.further, **columns}, read.table in self.absent)

    def of_table(self, table: str) -> Names:
        """The names that a condition on the rows of another table can read: its columns, and others by subject."""
        found = self._only(self.study.columns(table) if table in self.tables else {}, table in self.absent)
        found.never_missing = self.study.required(table)
        return found

    def of_dataset(self, name: str) -> Names:
        """The names that a rule over all records of the dataset can read: its variables, and others by subject."""
        return self._only(self.study.columns(name), False)

    def _only(self, bare: Mapping[str, str], unknown: bool) -> Names:
        found = copy.copy(self)
        found.types = ChainMap(cast(dict[str, str], bare), cast(dict[str, str], self.qualified))
        found.open = unknown
        return found

    def _columns(self, table: str, name: str) -> Mapping[str, str]:
        """The columns of a table of the block, which are there without its name too. ``name``: its name there."""
        if table in self.study.plan.spec.sources and table not in self.datasets:
            self._note_source(table, name, bare=True)
        elif table not in self.datasets:
            self.open = True  # there is no such table; that is reported, and what its columns might be is not
            self.absent.add(name or table)
            return {}
        return self.study.columns(table)

    def _note_source(self, source: str, name: str, *, bare: bool) -> None:
        """Note whether the columns of a source are known, and why its file does not give some of them."""
        headers = self.study.headers
        if headers is None or source not in headers:
            # no raw data yet, or an optional source that is not in this data cut
            self.open |= bare or headers is None
            self.absent |= {source, name or source}
        for column, reason in self.study.unreadable.get(source, {}).items():
            self.reasons |= {f"{name or source}.{column}": reason} | ({column: reason} if bare else {})

    def why_not(self, name: str) -> str:
        """Why a raw file does not give a name, where its header has one of it; '' otherwise."""
        return self.reasons.get(name) or self.reasons.get(name.partition(".")[0] + "." if "." in name else "", "")


def _filled(plan: PlannedStudy, source: str | None) -> set[str]:
    """Columns of a source that are filled in every row: those that tell the subject, and required ones."""
    spec = plan.spec.sources.get(source or "")
    if spec is None:
        return set()
    return {*identifying_columns(spec, plan.spec), *(c for c, when in spec.required.items() if not when.strip())}


def _type(numeric: bool) -> str:
    return "number" if numeric else "text"


def check_study(
    plan: PlannedStudy,
    headers: Mapping[str, list[str]] | None = None,
    unreadable: Unreadable | None = None,
    *,
    headers_follow: bool = False,
) -> list[SpecProblem]:
    """All problems of names and conditions. ``headers``: source -> column names, when the raw data are at hand.

    ``headers_follow``: they will be, and a raw column may be called like a variable of a dataset, as AE.TERM.
    """
    problems: list[SpecProblem] = continuity_problems(plan.spec, headers)
    problems += identifier_problems(plan.spec, headers or {})
    problems += source_name_problems(plan) if headers is None else taken_name_problems(plan, headers)
    problems += circle_problems(plan, headers or {})
    problems += order_problems(plan)
    problems += comparison_problems(plan)
    problems += _visit_date_problems(plan, headers or {})
    problems += _country_problems(plan, headers or {})
    study = StudyNames(plan, headers, unreadable or {})
    for dataset in plan.datasets.values():
        for number in range(len(dataset.spec.blocks)):
            names = Names(study, dataset, number)
            names.headers_follow = headers_follow
            problems += _block_problems(dataset, number, names)
            for variable in dataset.every.values():
                rule = variable.rule_in(number)
                if rule is not None:
                    problems += rule_names(rule, names, dataset.name, variable.name)
    return list(dict.fromkeys(problems))


def _visit_date_problems(plan: PlannedStudy, headers: Mapping[str, list[str]]) -> Iterator[SpecProblem]:
    for spec in plan.spec.visit_dates:
        known = headers.get(spec.source)
        for field in ("visit", "date"):
            name = getattr(spec, field)
            if known is not None and name not in known:
                message = f"{spec.source} has no column '{name}'"
                about = frozenset({spec.source, name})
                yield SpecProblem(place_of(spec, field), message, hint=nearest(name, known), refers_to=about)


def _country_problems(plan: PlannedStudy, headers: Mapping[str, list[str]]) -> Iterator[SpecProblem]:
    spec = plan.spec.subject
    source, dot, column = (spec.country or "").partition(".")
    if spec.country is None:
        return
    if not dot or source not in plan.spec.sources:
        hint = nearest(source, list(plan.spec.sources))
        message = f"'{spec.country}' is not source.COLUMN with a source of this study"
        yield SpecProblem(place_of(spec, "country"), message, hint=hint, refers_to=frozenset({source, spec.country}))
    elif source in headers and column not in headers[source]:
        message = f"{source} has no column '{column}'"
        about = frozenset({source, column})
        yield SpecProblem(place_of(spec, "country"), message, hint=nearest(column, headers[source]), refers_to=about)


def _block_problems(dataset: PlannedDataset, number: int, names: Names) -> Iterator[SpecProblem]:
    block = dataset.spec.blocks[number]
    if block.where is not None:
        yield from condition_problems(block, "where", block.where, names, dataset.name, "")
    for columns in block.exploded.values():
        for column in columns:
            yield from name_problems(block, "explode", column, names, dataset.name, "")
    for item in block.unpivot.values():
        yield from name_problems(item, "result", item.result, names, dataset.name, "")
        raw = names.study.columns(block.source) if block.source in names.tables else {}
        yield from _constant_problems(item, raw, dataset.name)
    for name, rule in block.columns.items():
        yield from rule_names(rule, names, dataset.name, name)
    for join in block.joins:
        yield from _join_problems(join, names, dataset.name)
    if (step := block.derive) is not None:
        for field, name in step.reads():
            yield from name_problems(step, field, name, names, dataset.name, "")
        for field, text in step.conditions():
            yield from condition_problems(step, field, text, names, dataset.name, "")
        for read in step.parts():
            yield from _part_problems(read, names, dataset.name)


def _constant_problems(item: UnpivotItem, raw: Mapping[str, str], dataset: str) -> Iterator[SpecProblem]:
    """Constant texts of an item that are the name of a raw column, whose cells may be meant. ``raw``: its columns."""
    texts = [("columns", text) for text in item.columns.values()]
    if isinstance(item.unit, str):
        texts.append(("unit", item.unit))
    for field, text in ((f, t) for f, t in texts if t in raw):
        message = f"'{text}' is the text itself here, and the raw file has a column of this name"
        hint = f"write {{from: {text}}} for its cells" if field == "unit" else "columns: of the block reads its cells"
        yield SpecProblem(place_of(item, field), message, dataset, "", hint, "warning")


def _join_problems(join: JoinSpec, names: Names, dataset: str) -> Iterator[SpecProblem]:
    """Keys of both sides, order and condition of a join."""
    if join.table not in names.tables:
        return  # there is no such table; the loader reports it
    theirs = names.of_table(join.table)
    yield from _key_problems(join, join.on, names, join.table, dataset, "")
    yield from _column_problems(join, "order", [n.lstrip("-") for n in join.order], theirs, join.table, dataset, "")
    if join.where is not None:
        yield from condition_problems(join, "where", join.where, theirs, dataset, "")


def _table_problems(rule: FromTable, names: Names, dataset: str, variable: str) -> Iterator[SpecProblem]:
    """What a rule that takes values of another table says of that table: its name, columns, keys and order."""
    table, _, column = rule.target_column().partition(".")
    if table not in names.tables:
        if table not in names.absent and not column:  # a name with a column is reported with what the rule reads
            hint = nearest(table, list(names.tables))
            message = f"there is no dataset or source '{table}'"
            yield SpecProblem(place_of(rule, rule.verb), message, dataset, variable, hint, refers_to=frozenset({table}))
        return
    theirs = names.of_table(table)
    yield from _key_problems(rule, rule.on, names, table, dataset, variable)
    for field in ("order", "distinct"):
        listed = getattr(rule, field, None) or ()
        listed = [n.lstrip("-") for n in ((listed,) if isinstance(listed, str) else listed)]
        yield from _column_problems(rule, field, listed, theirs, table, dataset, variable)
    if rule.where is not None:
        yield from condition_problems(rule, "where", rule.where, theirs, dataset, variable)


def _key_problems(
    owner: SpecModel, on: Sequence[str] | Mapping[str, str], names: Names, table: str, dataset: str, variable: str
) -> Iterator[SpecProblem]:
    pairs = list(on.items()) if isinstance(on, Mapping) else [(n, n) for n in on]
    theirs = names.of_table(table)
    for own, other in pairs:
        if own == "USUBJID" and other == "USUBJID":
            continue
        found = list(name_problems(owner, "on", own, names, dataset, variable)) if own != "USUBJID" else []
        yield from found
        if not (found and own == other):  # one mistake, one message
            yield from _column_problems(owner, "on", [other], theirs, table, dataset, variable)


def _column_problems(
    owner: SpecModel, field: str, columns: Iterable[str], theirs: Names, table: str, dataset: str, variable: str
) -> Iterator[SpecProblem]:
    """Columns that another table does not have. ``theirs``: the names of that table."""
    for name in columns:
        if name not in theirs.types and not theirs.open:
            hint = nearest(name, [n for n in theirs.types if "." not in n])
            message = f"{table} has no column '{name}'"
            about = frozenset({table, name})
            yield SpecProblem(place_of(owner, field), message, dataset, variable, hint, refers_to=about)


def _part_problems(read: StepRead, names: Names, dataset: str) -> Iterator[SpecProblem]:
    if read.table and read.table not in names.tables:
        message = f"there is no dataset '{read.table}'"
        hint, about = nearest(read.table, sorted(names.datasets)), frozenset({read.table})
        yield SpecProblem(place_of(read.owner, "from_"), message, dataset, "", hint, refers_to=about)
    elif read.condition:
        yield from condition_problems(read.owner, read.field, read.text, names.of_step(read), dataset, "")
    elif read.table and read.text not in names.study.columns(read.table) and read.table not in names.absent:
        message = f"{read.table} has no column '{read.text}'"
        hint = nearest(read.text, list(names.study.columns(read.table)))
        about = frozenset({read.table, read.text})
        yield SpecProblem(place_of(read.owner, read.field), message, dataset, "", hint, refers_to=about)
    elif not read.table:
        yield from name_problems(read.owner, read.field, read.text, names.of_step(read), dataset, "")


def rule_names(rule: DerivationSpec, names: Names, dataset: str, variable: str) -> Iterator[SpecProblem]:
    """Names and conditions of one rule."""
    for field, name in rule.reads():
        yield from name_problems(rule, field, name, names, dataset, variable)
    of_records = names.of_dataset(dataset) if getattr(rule, "whole", False) else names
    for field, text in rule.conditions():
        yield from condition_problems(rule, field, text, of_records, dataset, variable)
    if isinstance(rule, FromTable):
        yield from _table_problems(rule, names, dataset, variable)


def name_problems(
    owner: SpecModel, field: str, name: str, names: Names, dataset: str, variable: str
) -> Iterator[SpecProblem]:
    if name in names.types or name.endswith("."):
        return
    prefix, dot, _ = name.partition(".")
    if prefix in names.absent or (names.open and (names.headers_follow or not (dot and prefix in names.datasets))):
        return  # may be a column of a raw source whose header is not at hand
    hint = nearest(name, list(names.types))
    message = f"there is no column or variable '{name}' here"
    if reason := names.why_not(name):
        message, hint = f"{message}: {reason}", ""
    place = place_of(owner, field)
    if not place.file:  # a rule that no spec has written
        place, hint = names.place, f"{variable} comes by convention; {variable}: null leaves it out"
    yield SpecProblem(place, message, dataset, variable, hint, refers_to=_parts(name))


def _parts(name: str) -> frozenset[str]:
    """A name, and the table and column that it consists of."""
    table, _, column = name.partition(".")
    return frozenset({name, table, column} - {""})


def condition_problems(
    owner: SpecModel, field: str, text: str, names: Names, dataset: str, variable: str
) -> Iterator[SpecProblem]:
    try:
        expression = parse(text)
    except ExpressionError as error:
        yield SpecProblem(_expression_place(owner, field, error.offset), error.message, dataset, variable, error.hint)
        return
    unknown = {n for n in expression.names if n not in names.types}
    if unknown and (names.open or any(n.partition(".")[0] in names.absent for n in unknown)):
        return
    for name in sorted(unknown):
        if reason := names.why_not(name):
            place = _expression_place(owner, field, max(text.find(name), 0))
            message = f"there is no column or variable '{name}' here: {reason}"
            yield SpecProblem(place, message, dataset, variable, refers_to=_parts(name))
            return
    for problem in expression.check(names.types, _WANTED.get(field), names.never_missing)[1]:
        place = _expression_place(owner, field, problem.offset)
        about = frozenset().union(*map(_parts, problem.names))
        yield SpecProblem(place, problem.message, dataset, variable, problem.hint, problem.severity, about)


def _expression_place(owner: SpecModel, field: str, offset: int):
    try:
        return expression_place(owner, field, offset)
    except (KeyError, TypeError, ValueError):
        return place_of(owner, field)
