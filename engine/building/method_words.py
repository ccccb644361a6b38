"""The words for the names of a rule, for a reader who has only the datasets: raw columns, qualifiers, other records.

A name means what it means when the rule runs (engine/derivations/record_names.py). What a reader cannot look up, such
as a working variable, is defined once in the method: ``MethodWords.terms`` collects it. Not for putting a method
together (methods.py).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from ...mappings.models.derivation import DerivationSpec
from ...mappings.models.documents import CrfSpec
from ...mappings.models.instrument import InstrumentSpec
from ...mappings.models.row_block import JoinSpec
from ...mappings.models.source import SourceSpec
from ...mappings.models.wording import Wording
from ..derivations.environment import Environment
from ..expressions.sentence import plain
from ..plan.plan import PlannedDataset
from ..standard import tabulation
from ..tables.dataset import Predecessor
from ..tables.rows import BASE
from ..tables.table import ExistingDatasetTable, LiteralTable, RawSlice, Table
from .view import DatasetInBuild, PartitionBuild

#: marks around the title of a form: where it may be left out, where it is written, and where a new paragraph begins
_OF_FORM, _FORM, _END, PARAGRAPH = "\x02", "\x03", "\x04", "\x05"
_MARKS = re.compile(f"{PARAGRAPH}|([{_OF_FORM}{_FORM}])([^{_END}]*){_END}")


@dataclass(frozen=True)
class Term:
    """What a method defines: a working variable or a column of a block, or with ``text`` its definition itself.

    ``block``: the block whose rule it has, None for the rules of all blocks. ``kind``: what it is.
    """

    dataset: str
    name: str
    block: int | None = None
    kind: Literal["working", "column", "step", "source_record", "joined_record"] = "working"
    text: str = ""


#: the words for a join without another name
JOINED = "the joined record of"


class MethodWords(Wording):
    """The words for the names that a rule of ``env`` reads. ``terms``: what the method has to define."""

    def __init__(self, build: DatasetInBuild, env: Environment, terms: dict[Term, None] | None = None):
        self.env, self.study = env, build.study
        self.terms: dict[Term, None] = {} if terms is None else terms
        self.planned = build.planned

    def name(self, name: str) -> str:
        env = self.env
        variable = env.other_variable(name)
        if variable is not None:
            return self.of_planned(self.planned, variable, env.block, qualified=False)
        found = env.rows.find(name, joined=False) or env.rows.find(name)
        if found is not None:
            node, column = found
            return self._of_rows(column) if not node else self._of_node(node, column)
        table, dot, column = name.partition(".")
        return self.column_of(table, column) if dot and env.build.study.has_table(table) else name

    def column_of(self, table: str, column: str) -> str:
        if not column:
            return self.table(table)
        planned = self.dataset_of(table)
        if planned is not None and column in planned.every:
            return self.of_planned(planned, column, None, qualified=True)
        source = self.study.tables.get(table)
        return self.table_column(source, column) if source is not None else f"{table}.{column}"

    def table(self, table: str) -> str:
        sources = self.study.plan.spec.sources
        if self.dataset_of(table) is not None or table not in sources:
            return table
        title = form_title(sources, table)
        return f"{_FORM}{title}{_END}" if title else f"the raw table {table}"

    def _raw(self, names: str, table: str) -> str:
        """``names`` of fields of a form, or of columns of a file that is no form."""
        title = form_title(self.study.plan.spec.sources, table)
        if title:
            return f"the field {names}{_OF_FORM}{title}{_END}"
        return f"the raw column {names} of {table}" if table else f"the raw column {names}"

    def table_of(self, variable: str) -> str:
        planned = self.planned.every.get(variable)
        rule = planned.rule_in(self.env.block or 0) if planned is not None else None
        return next((n.partition(".")[0] for _, n in rule.reads() if "." in n), "") if rule is not None else ""

    def instrument(self, name: str) -> InstrumentSpec | None:
        return self.study.plan.spec.instruments.get(name)

    def of_table(self, table: str) -> Wording:
        return _OfTable(self, table) if table else self

    # what a name means

    def dataset_of(self, name: str) -> PlannedDataset | None:
        """The planned dataset of a name; None for a raw source."""
        plan = self.study.plan
        return plan.datasets.get(name) or plan.inputs.get(name)

    def of_planned(self, planned: PlannedDataset, name: str, block: int | None, *, qualified: bool) -> str:
        """The words for a variable, a qualifier or a working variable of a dataset."""
        if is_absent(self.study, planned, name):
            return f"'{planned.name}.{name}', which the package does not have"
        if name in planned.variables:
            return f"{planned.name}.{name}" if qualified else name
        if name in planned.supplemental:
            return f"({qualifier_of(planned.name, name)})"
        if planned.name not in self.study.builds:
            return f"{planned.name}.{name}"
        self.terms[Term(planned.name, name, block if planned is self.planned else None)] = None
        return name

    def _of_rows(self, name: str) -> str:
        """The words for a column that was built for the block."""
        block = self.planned.spec.blocks[self.env.block or 0]
        sources = self.env.rows.column_sources.get(name)
        if name in block.columns:
            self.terms[Term(self.planned.name, name, self.env.block, "column")] = None
            return name
        if name in block.step_columns:
            if name not in self.planned.variables:
                self.terms[Term(self.planned.name, name, self.env.block, "step")] = None
            return name
        if name in block.each:
            variable = self.planned.variables.get(name)
            rule = variable.rule_in(self.env.block or 0) if variable is not None and name != self.env.target else None
            if rule is not None and copies(rule) == name:
                return name
            texts = [f"'{t}'" for t in block.each[name]]
            return texts[0] if len(texts) == 1 else f"each of {', '.join(texts)}"
        if name in block.unpivot or name == "ITEM":
            return "the name of the item"
        carried = list(dict.fromkeys(c for c in (sources.carried if sources is not None else ()) if c))
        if not carried:
            return f"the {name.lower()} that the specification states for the item"
        return self._carried(carried)

    def _carried(self, names: list[str]) -> str:
        """The words for the raw columns of the items of a block."""
        first = self.env.rows.find(names[0], further=False)
        table = self.env.rows.nodes[first[0]][0].name if first is not None else ""
        if len(names) == 1:
            return self._raw(f"'{names[0]}'", table)
        shown = ", ".join(f"'{n}'" for n in names) if len(names) <= 4 else f"'{names[0]}' to '{names[-1]}'"
        return self._raw(f"of the item ({shown})", table)

    def _of_node(self, node: str, column: str) -> str:
        """The words for a column of the base table or of a joined one."""
        table = self.env.rows.nodes[node][0]
        block = self.planned.spec.blocks[self.env.block or 0]
        if node == BASE and isinstance(table, LiteralTable):
            return f"the {column} that the specification states" if column != "USUBJID" else column
        variable = self.planned.variables.get(column)
        rule = variable.rule_in(self.env.block or 0) if variable is not None and column != self.env.target else None
        if node == BASE and rule is not None and copies(rule) in (column, f"{table.name}.{column}"):
            return column
        words = self.table_column(table, column)
        if node == BASE:
            if table.name != self.planned.name or isinstance(table, LiteralTable):
                return words
            self.terms[Term(self.planned.name, "", self.env.block, "source_record")] = None
            return f"{column} of the source record"
        join = next((j for j in block.joins if j.name == node.strip()), None)
        if join is None or (join.where is None and join.take is None) or isinstance(table, RawSlice):
            return words
        record = f"record {join.name}" if join.name != join.table else f"{JOINED} {join.table}"
        text = self._joined(join, record)
        self.terms[Term(self.planned.name, join.name, self.env.block, "joined_record", text)] = None
        return f"{words} of {record}"

    def _joined(self, join: JoinSpec, record: str) -> str:
        """The definition of a joined record."""
        inner = self.of_table(join.table)
        keys = [join.on] if isinstance(join.on, str) else list(join.on)
        by = "of the subject" if keys == ["USUBJID"] else f"with the same {self.names(keys)}"
        which = f"the {join.take} record" if join.take else "the record"
        along = f" by {inner.order(join.order)}" if join.order else ""
        among = f", among records where {plain(join.where, inner)}" if join.where else ""
        named = join.name if join.name != join.table else f"{record[0].upper()}{record[1:]}"
        return f"{named} is {which} of {join.table} {by}{along}{among}."

    def table_column(self, table: Table, column: str) -> str:
        """The words for a column of a table, by what the table is."""
        if isinstance(table, LiteralTable):
            return f"the {column} that the specification states"
        if isinstance(table, RawSlice):
            raw = table.in_file(column)
            return self._raw(f"'{raw}'", table.name) if raw else column
        planned = self.dataset_of(table.name)
        if planned is not None and column in planned.every:
            return self.of_planned(planned, column, None, qualified=True)
        if isinstance(table, ExistingDatasetTable) and column in table.existing.qualifiers:
            return f"({qualifier_of(table.name, column)})"
        return f"{table.name}.{column}"


class _OfTable(Wording):
    """The names of a condition on the rows of another table: its columns, else columns of other tables by subject."""

    def __init__(self, words: MethodWords, table: str):
        self.words, self.of = words, table

    def name(self, name: str) -> str:
        column = name.removeprefix(f"{self.of}.")
        planned = self.words.dataset_of(self.of)
        if planned is not None and column in planned.every:
            return self.words.of_planned(planned, column, None, qualified=False)
        source = self.words.study.tables.get(self.of)
        found = source.qualified(column) if source is not None else None
        if source is not None and found is not None:
            existing = isinstance(source, ExistingDatasetTable) and found not in source.existing.qualifiers
            return found if existing else self.words.table_column(source, found)
        table, dot, rest = name.partition(".")
        return self.words.column_of(table, rest) if dot else name

    def column_of(self, table: str, column: str) -> str:
        return self.words.column_of(table, column)

    def table(self, table: str) -> str:
        return self.words.table(table)

    def of_table(self, table: str) -> Wording:
        return self.words.of_table(table)


def with_forms(text: str) -> str:
    """A method whose fields have the form that was named last in its paragraph without a repetition of the title."""
    current = ""

    def written(mark: re.Match[str]) -> str:
        nonlocal current
        kind, title = mark[1], mark[2]
        if kind is None:
            current = ""
            return ""
        known, current = title == current, title
        if kind == _FORM:
            return f"the form '{title}'"
        return "" if known else f" of the form '{title}'"

    return _MARKS.sub(written, text)


def form_title(sources: Mapping[str, SourceSpec], table: str) -> str:
    """The title of the form that a source is; '' for none, and for a title that several sources have."""
    titles = {n: s.crf.title for n, s in sources.items() if isinstance(s.crf, CrfSpec) and s.crf.title}
    title = titles.get(table, "")
    return title if list(titles.values()).count(title) == 1 else ""


def is_absent(study: PartitionBuild, planned: PlannedDataset, name: str) -> bool:
    """Whether a variable that the study declares as an input is not there in this run."""
    if planned.name in study.builds:
        return name in planned.working and not planned.working[name].rules
    table = study.tables.get(planned.name)
    return isinstance(table, ExistingDatasetTable) and (not table.existing.files or not table.has(name))


def qualifier_of(dataset: str, name: str) -> Predecessor:
    """A supplemental qualifier: its value in the dataset of qualifiers."""
    standard = tabulation()
    return Predecessor(standard.qualifiers(dataset), standard.qualified_value, standard.qualifier, name)


def copies(rule: DerivationSpec) -> str:
    """The one name that a rule copies unchanged; '' for any other rule."""
    names = [n for _, n in rule.reads()]
    plain_copy = rule.verb == "from" and len(names) == 1 and rule.when is None
    return names[0] if plain_copy else ""
