"""The values of variables: a list, a codelist, a pattern, ISO 8601; required values; pairs of a code and its decode.

Each different value of a variable is judged one time. Not for conditions over several variables (condition.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Literal

import numpy as np
from pydantic import Field, model_validator

from ...engine.columns import column as col
from ...mappings.binding.bind import FieldMistake
from ...mappings.facts import facts
from ..iso_text import TEMPORAL, is_iso
from ..package import Package
from ..table import Table, among
from .expression import Condition, checked, missing_names, true
from .kind import Check, Hit, Name, absent, register_check
from .variables import standard_facts

_DESCRIBED = {
    "ISO 8601 datetime or interval": "datetime",
    "ISO 8601 datetime": "datetime",
    "ISO 8601 date": "date",
    "ISO 8601 duration": "durationDatetime",
    "ISO 8601 duration or interval": "durationDatetime",
}


@register_check
class ValuesCheck(Check):
    """A filled value is one of a list, or fits a pattern; or it is none of a list."""

    verb = "values"

    values: tuple[Name, ...] = Field(description="The variables; * stands for any letters.", min_length=1)
    among: tuple[str, ...] = Field(default=(), description="The values that are allowed.")
    none_of: tuple[str, ...] = Field(default=(), description="Values that are not allowed.")
    pattern: str | None = Field(default=None, description="A regular expression that the whole value matches.")
    no_pattern: str | None = Field(default=None, description="A regular expression that is not in the value.")
    codelist: tuple[str, ...] = Field(default=(), description="Codelists by NCI code; the value is a term of one.")
    domain_name: bool = Field(default=False, description="The value is the domain of the dataset.")
    by: Mapping[Name, Mapping[str, str]] = Field(
        default_factory=dict,
        description="Another variable: its value -> the codelist of the records that have it; a term of one of the "
        "other codelists is a finding.",
    )
    when: Condition | None = Field(default=None, description="Records that the check is about; without it all.")
    filled: bool = Field(default=True, description="A missing value is not judged.")

    @model_validator(mode="after")
    def _readable(self) -> ValuesCheck:
        checked({"when": self.when})
        kinds = (self.among, self.none_of, self.pattern, self.no_pattern, self.codelist, self.by, self.domain_name)
        if sum(bool(g) for g in kinds) != 1:
            raise FieldMistake("values: needs one of among, none_of, pattern, no_pattern, codelist, by, domain_name")
        for field in ("pattern", "no_pattern"):
            try:
                re.compile(getattr(self, field) or "")
            except re.error as error:
                raise FieldMistake(f"no regular expression: {error}", field) from None
        return self

    def applies(self, table: Table) -> str:
        if not any(table.matching(n) for n in self.values):
            return f"none of {', '.join(map(table.expanded, self.values))} is in {table.name}"
        return absent(table, *map(table.expanded, self.by)) or missing_names(table, (self.when,))

    def hits(self, table: Table, package: Package) -> Iterator[Hit]:
        for name in dict.fromkeys(n for pattern in self.values for n in table.matching(pattern)):
            if self.by:
                yield from self._by(table, name)
                continue
            found = self._odd(table, name, self._judge(table))
            if found is not None:
                yield Hit(rows=found, variable=name)

    def _judge(self, table: Table) -> Callable[[str], bool]:
        """Whether a value is wrong."""
        if self.domain_name:
            return lambda text: text != table.domain
        if self.among:
            allowed = frozenset(self.among)
            return lambda text: text not in allowed
        if self.none_of:
            refused = frozenset(self.none_of)
            return lambda text: text in refused
        if self.codelist:
            lists = [c for code in self.codelist if (c := facts.codelist(code)) is not None]
            return lambda text: not any(text in c.values for c in lists)
        pattern = re.compile(self.pattern or self.no_pattern or "", re.ASCII)
        if self.pattern:
            return lambda text: pattern.fullmatch(text) is None
        return lambda text: pattern.search(text) is not None

    def _odd(self, table: Table, name: str, wrong: Callable[[str], bool]) -> np.ndarray | None:
        codes, texts = col.split_text(col.as_text(table.columns[name]))
        judged = np.array([bool(t or not self.filled) and wrong(t) for t in texts], dtype=bool)
        found = among(codes, judged)
        if found is None or self.when is None:
            return None if found is None else np.flatnonzero(found)
        where = true(table, self.when)
        rows = np.flatnonzero(found & where) if where is not None else np.zeros(0, dtype="int64")
        return rows if len(rows) else None

    def _by(self, table: Table, name: str) -> Iterator[Hit]:
        (other, lists), *_ = self.by.items()
        codes, texts = table.texts(table.expanded(other))
        for number, text in enumerate(texts):
            codelist = facts.codelist(lists[text]) if text in lists else None
            here = codes == number
            if codelist is None or not here.any():
                continue
            others = frozenset().union(*(c.values for c in map(facts.codelist, lists.values()) if c is not None))
            rows = self._odd(table, name, lambda t, among=codelist.values, all_=others: t not in among and t in all_)
            rows = rows[here[rows]] if rows is not None else ()
            if len(rows):
                yield Hit(rows=np.asarray(rows), variable=name)


@register_check
class TermPairsCheck(Check):
    """A code and its text are one term: the terms of both codelists have one NCI code."""

    verb = "term_pairs"

    term_pairs: tuple[Name, Name] = Field(description="The variable with the code, and that with the text.")
    codelists: tuple[str, str] | None = Field(default=None, description="Their codelists, by default the guide's.")

    def parts(self) -> frozenset[str]:
        return frozenset({"code", "expected"})

    def applies(self, table: Table) -> str:
        return absent(table, *map(table.expanded, self.term_pairs))

    def hits(self, table: Table, package: Package) -> Iterator[Hit]:
        code, text = map(table.expanded, self.term_pairs)
        lists = self._lists(table, code, text)
        if not lists:
            return
        expected = {short: by_code[c] for shorts, by_code in lists for short, c in shorts.items() if c in by_code}
        codes, shorts = table.texts(code)
        others, texts = table.texts(text)
        at, size = col.combined([(codes, max(len(shorts), 1)), (others, max(len(texts), 1))], table.n)
        first = col.first_positions(at, size)
        wrong: dict[int, str] = {}
        for pair, row in enumerate(first.tolist()):
            short, long = shorts[codes[row]], texts[others[row]]
            if row >= 0 and long and expected.get(short, long) != long:
                wrong[pair] = expected[short]
        if wrong:
            shown = np.array([wrong.get(p, "") for p in range(size)], dtype=object)
            rows = np.flatnonzero((shown != "")[at])
            yield Hit(rows=rows, variable=text, parts={"code": shorts[codes[rows]], "expected": shown[at[rows]]})

    def _lists(self, table: Table, code: str, text: str) -> list[tuple[dict[str, str], dict[str, str]]]:
        """(term -> its NCI code of the first list, NCI code -> term of the second) for each pair of lists."""
        if self.codelists:
            pairs = [self.codelists]
        else:
            known = standard_facts(table)
            if code not in known or text not in known:
                return []
            pairs = list(zip(known[code].codelist, known[text].codelist, strict=False))
        found = []
        for one, other in pairs:
            first, second = facts.codelist(one), facts.codelist(other)
            if first is not None and second is not None:
                found.append(({t.value: t.code for t in first.terms}, {t.code: t.value for t in second.terms}))
        return found


@register_check
class IsoCheck(Check):
    """Dates, times and durations are written in ISO 8601."""

    verb = "iso8601"

    iso8601: tuple[Name, ...] = Field(description="Further variables beside those whose type or guide asks for it.")
    type: Literal["datetime", "durationDatetime"] = Field(default="datetime", description="What these hold.")

    def parts(self) -> frozenset[str]:
        return frozenset({"wanted"})

    def hits(self, table: Table, package: Package) -> Iterator[Hit]:
        for name, kind in self._kinds(table).items():
            found = table.where(name, lambda t, kind=kind: bool(t) and not is_iso(t, kind))
            if found is not None:
                yield Hit(rows=np.flatnonzero(found), variable=name, parts={"wanted": TEMPORAL[kind]})

    def _kinds(self, table: Table) -> dict[str, str]:
        known = standard_facts(table) if table.standard == "sdtm" else {}
        further = {n for pattern in self.iso8601 for n in table.matching(pattern)}
        found: dict[str, str] = {}
        for name, v in table.about.items():
            if table.is_number(name):
                continue
            described = _DESCRIBED.get(known[name].described) if name in known else None
            kind = v.type if v.type in TEMPORAL else described or (self.type if name in further else None)
            if kind:
                found[name] = kind
        return found


@register_check
class RequiredValuesCheck(Check):
    """A required variable has a value in every record; of ADaM only what identifies a record."""

    verb = "required_values"

    required_values: tuple[Name, ...] = Field(
        description="Variables of ADaM that always have one; of SDTM the guide and the metadata decide."
    )

    def hits(self, table: Table, package: Package) -> Iterator[Hit]:
        if table.standard == "adam":
            names = {n for pattern in self.required_values for n in table.matching(pattern)}
        else:
            listed = table.facts.variables if table.facts is not None else ()
            names = {n for n, v in table.about.items() if v.core == "Req"} | {f.name for f in listed if f.core == "Req"}
        for name in table.columns:
            if name in names and table.missing(name).any():
                yield Hit(rows=np.flatnonzero(table.missing(name)), variable=name)


@register_check
class ContainsCheck(Check):
    """A variable has certain values in some record of the dataset."""

    verb = "contains"

    contains: tuple[str, ...] = Field(description="The values.", min_length=1)
    variable: Name = Field(description="The variable.")
    if_contains: tuple[str, ...] = Field(default=(), description="Only in a dataset with one of these values.")
    when: Condition | None = Field(default=None, description="Only if at least one record meets this.")

    def applies(self, table: Table) -> str:
        return absent(table, table.expanded(self.variable)) or missing_names(table, (self.when,))

    def hits(self, table: Table, package: Package) -> Iterator[Hit]:
        name = table.expanded(self.variable)
        codes, texts = table.texts(name)
        there = set(texts[np.unique(codes)])
        if (self.if_contains and not there & set(self.if_contains)) or true(table, self.when) is None:
            return
        for value in self.contains:
            if value not in there:
                yield Hit(variable=name, value=value)
