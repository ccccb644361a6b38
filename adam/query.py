"""Queries of terms, standardised or of the sponsor, as variables: SMQzzNAM, SMQzzCD, SMQzzSC, CQzzNAM, SDGzzNAM.

The rows of a query are a small table of the study (tables: of study.yaml). Not for coding terms (dictionaries/).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import ClassVar, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from ..engine.columns import column as col
from ..engine.derivations.derivation import Derivation, Derived
from ..engine.derivations.environment import Environment
from ..engine.expressions.sentence import condition_sentence
from ..engine.plan.plan import PlannedStudy
from ..errors import SpecProblem, nearest
from ..mappings.binding.bind import SpecModel, place_of
from ..mappings.expressions.number_text import number_text
from ..mappings.models.derivation import Example, register
from ..mappings.models.study_table import StudyTable
from ..mappings.models.wording import AS_WRITTEN, Wording, quoted

#: of two terms of a record in one query the narrow one counts
_NARROW = "NARROW"


class QueryColumns(SpecModel):
    """The columns of a table of queries; by default those of the R package admiral."""

    prefix: str = Field(default="PREFIX", description="The prefix of the variables, such as SMQ02.")
    name: str = Field(default="GRPNAME", description="The name of the query.")
    code: str = Field(default="GRPID", description="The code of the query; the table may lack it.")
    scope: str = Field(default="SCOPE", description="NARROW or BROAD; the table may lack it.")
    scope_number: str = Field(default="SCOPEN", description="The number of the scope; the table may lack it.")
    variable: str = Field(default="SRCVAR", description="The variable that has the term, such as AEDECOD.")
    term: str = Field(default="TERMCHAR", description="The term, for a text variable.")
    number: str = Field(default="TERMNUM", description="The code of the term, for a numeric variable.")


@register
class Query(Derivation):
    """The name, code or scope of a query on the records whose terms belong to it, else missing.

    A term matches without regard to case and to blanks around it; in a numeric variable its code matches. Of several
    terms of a record a narrow one counts. A term that is twice in one query, a query with two names or codes, and a
    source variable that of: does not list are mistakes of the spec.
    """

    verb: ClassVar[str] = "query"
    carries = "compared"
    example = Example(
        rule="{query: queries, prefix: SMQ02, of: [AEDECOD, AELLT], give: scope}",
        rows={
            "SUBJ": ["01", "02", "03", "04"],
            "PT": ["Rash", "Fever", "Cough", "rash"],
            "LLT": ["Red skin", "Hot", "Hives", "Hives"],
        },
        gives=["BROAD", "", "NARROW", "NARROW"],
        dataset="ADAE",
        variable="SMQ02SC",
        setting="AEDECOD: ARM\nAELLT: ACTARM",
        study="tables: {queries: {file: queries.csv}}",
        files={
            "queries.csv": "PREFIX,GRPNAME,GRPID,SCOPE,SRCVAR,TERMCHAR\n"
            "SMQ02,Skin,20000001,BROAD,AEDECOD,RASH\nSMQ02,Skin,20000001,NARROW,AELLT,HIVES\n"
            "CQ01,Fever,,,AEDECOD,FEVER\n"
        },
        datasets={"DM": "ARM: PT\nACTARM: LLT"},
    )

    query: str = Field(description="A table of tables: in study.yaml.")
    prefix: str = Field(description="The query: its prefix in the table.")
    of: tuple[str, ...] = Field(description="The variables whose terms are looked up.")
    give: Literal["name", "code", "scope", "scope_number"] = Field(
        default="name", description="The output: --NAM, --CD, --SC or --SCN."
    )
    columns: QueryColumns = Field(default_factory=QueryColumns, description="The columns of the table.")

    def reads(self) -> Iterator[tuple[str, str]]:
        for name in self.of:
            yield "of", name

    def gives(self) -> str:
        return "integer" if self.give in ("code", "scope_number") else ""

    def describe(self, target: str, words: Wording = AS_WRITTEN) -> str:
        what = {"name": "name", "code": "code", "scope": "scope", "scope_number": "number of the scope"}[self.give]
        return (
            f"{target} is the {what} of the query {quoted(self.prefix)} of the table {self.query} if "
            f"{words.names(self.of, ' or ')} is one of its terms{condition_sentence(self.when, words)}."
        )

    def derive(self, env: Environment) -> Derived:
        table = env.study.tables[self.query]
        rows = _rows(table, self.columns, self.prefix)
        best = np.full(env.n, np.inf)
        for name in self.of:
            column = env.column(name, "of")
            field = self.columns.number if col.is_number(column) else self.columns.term
            codes, texts = col.split_text(col.as_text(column))
            place = {_key(row[field]): float(rank) for rank, row in reversed(list(enumerate(rows))) if row[field]
                     and row[self.columns.variable] == name}  # fmt: skip
            ranks = np.array([place.get(_key(str(t)), np.inf) if str(t).strip() else np.inf for t in texts])
            best = np.minimum(best, ranks[codes]) if len(texts) else best
        wanted = getattr(self.columns, self.give)
        values = [row[wanted] for row in rows]
        found = np.where(np.isinf(best), len(values), best).astype("int64")
        if self.gives() == "integer" and env.variable is not None and env.variable.is_numeric:
            numbers = np.array([*(float(v) if v else np.nan for v in values), np.nan])
            return Derived(pd.Series(numbers[found]))
        return Derived(col.join_text(found, [*values, ""]))


def _key(text: str) -> str:
    return text.strip().casefold()


def _rows(table: StudyTable, columns: QueryColumns, prefix: str) -> list[dict[str, str]]:
    """The rows of a query, narrow ones first, then by their values; a column that the table lacks is empty."""
    names = list(columns.model_dump().values())
    cells = {n: _texts(table, n) for n in names}
    rows = [{n: cells[n][i] for n in names} for i in range(table.n) if cells[columns.prefix][i] == prefix]
    return sorted(rows, key=lambda row: (row[columns.scope].upper() != _NARROW, list(row.values())))


def _texts(table: StudyTable, name: str) -> list[str]:
    """The cells of a column as texts; a number as its shortest text."""
    if name in table.numbers:
        return [number_text(x) for x in table.numbers[name]]
    return list(table.columns.get(name, ("",) * table.n))


def query_problems(plan: PlannedStudy) -> Iterator[SpecProblem]:
    """Mistakes in the queries that rules name, each once."""
    for dataset in plan.datasets.values():
        for variable in dataset.every.values():
            for rule in (r for r in variable.rules if isinstance(r, Query)):
                for field, message, hint in _mistakes(rule, plan):
                    yield SpecProblem(place_of(rule, field), message, dataset.name, variable.name, hint)


def _mistakes(rule: Query, plan: PlannedStudy) -> Iterator[tuple[str, str, str]]:
    """(field, message, hint) of each mistake of a rule and of its rows."""
    table, columns = plan.tables.get(rule.query), rule.columns
    if table is None:
        hint = nearest(rule.query, list(plan.spec.tables))
        yield "query", f"tables: of study.yaml has no '{rule.query}'", hint
        return
    needed = [columns.prefix, columns.name, columns.variable, getattr(columns, rule.give)]
    for name in dict.fromkeys(n for n in needed if n not in table.columns):
        yield "query", f"the table {rule.query} has no column '{name}'", nearest(name, list(table.columns))
    rows = _rows(table, columns, rule.prefix)
    if not rows and columns.prefix in table.columns:
        known = list(dict.fromkeys(_texts(table, columns.prefix)))
        yield "prefix", f"the table {rule.query} has no query '{rule.prefix}'", nearest(rule.prefix, known)
    for field in ("name", "code"):
        values = {row[getattr(columns, field)] for row in rows}
        if len(values) > 1:
            listed = ", ".join(map(quoted, sorted(values)))
            yield "prefix", f"the query {rule.prefix} has several {field}s in the table {rule.query}: {listed}", ""
    for name in dict.fromkeys(row[columns.variable] for row in rows if row[columns.variable] not in rule.of):
        yield "of", f"the query {rule.prefix} has terms of '{name}', which of: does not list", ""
    for number in (False, True):
        field = columns.number if number else columns.term
        terms = Counter((row[columns.variable], _key(row[field])) for row in rows if row[field])
        for variable, term in (pair for pair, count in terms.items() if count > 1):
            yield "prefix", f"the query {rule.prefix} has the term '{term}' of {variable} twice in {rule.query}", ""
    if any(not row[columns.term] and not row[columns.number] for row in rows):
        yield "prefix", f"the query {rule.prefix} has a row without a term in the table {rule.query}", ""
