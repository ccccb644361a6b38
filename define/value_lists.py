"""Value-level metadata that no spec declares: what a result is for each test or parameter, from its own records.

A result is a variable whose meaning depends on the code of the record: the results and units of a --TESTCD, TSVAL of a
TSPARMCD, the analysis values of a PARAMCD (``engine.standard.coded_results``). Rules:

- a definition has the type, length, digits, codelist, origin and method of the records of its code. A text that is a
  number in all of them is an integer or a float;
- definitions of the spec win: a code that one of them describes gets no other;
- a variable whose definitions differ in nothing but the length of texts gets none;
- codes whose definitions are equal share one, with IN, if they have a codelist or are derived analysis values;
- analysis values of one method, of which one has more than six digits after the point, are results of a division:
  their digits are chance, and they share the most digits;
- records outside of the definitions of a spec get one for the rest (remainder.py);
- a variable whose method only repeats those of its definitions refers to them.

Not for the facts (engine/building/code_levels.py), nor for the elements (items.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ..engine.building.code_levels import CodeFacts
from ..engine.standard import CodedResults, coded_results, tabulation
from ..engine.tables.dataset import (
    NUMERIC_TYPES,
    BlockRule,
    DatasetMetadata,
    RangeCheck,
    ValueLevel,
    VariableMetadata,
)
from ..engine.tables.origins import ranked_origins
from .document import DefineDataset
from .items import value_level_name
from .meanings import with_joined_meanings
from .remainder import remainder
from .value_level_codelists import LevelLists

#: the method of a variable whose definitions have the methods
_BY_VALUE = "The method of each {} is that of its value-level definition."
#: a label has the names of at most so many codes
_NAMED = 3
_LONG_FRACTION = 6


def with_value_lists(
    datasets: Sequence[DefineDataset], others: Mapping[str, DatasetMetadata] | None = None
) -> list[DefineDataset]:
    """The datasets of a document with the definitions above.

    ``others``: datasets of another document, from which these copy.
    """
    lists = LevelLists({**(others or {}), **{d.spec.name: d.spec for d in datasets}})
    return [_Levels(d, lists).described() for d in datasets]


@dataclass
class _Levels:
    """The definitions of one dataset. ``names``: code -> name of the test or parameter."""

    data: DefineDataset
    lists: LevelLists
    coded: CodedResults | None = field(init=False)
    names: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        spec = self.data.spec
        self.coded = coded_results(spec.names, spec.purpose)
        pairs = self.data.pairs.get(self.coded[:2], ()) if self.coded is not None else ()
        self.names = dict(pairs) if len(dict(pairs)) == len(pairs) else {}

    def described(self) -> DefineDataset:
        """The dataset with all its definitions, and the values of each with a codelist."""
        spec, terms = self.data.spec, dict(self.data.terms)
        values: list[ValueLevel] = [self._named(v) for v in spec.values]
        for variable in spec.variables:
            for value, texts in [*self._of_variable(variable), *self._rest(variable)]:
                values.append(value)
                if value.codelist is not None and texts:
                    terms[value_level_name(value)] = tuple(sorted(texts))
        variables = tuple(self._referring(self._qualified(v), values) for v in spec.variables)
        return replace(self.data, spec=replace(spec, values=tuple(values), variables=variables), terms=terms)

    def _referring(self, variable: VariableMetadata, values: Sequence[ValueLevel]) -> VariableMetadata:
        """A result with the method of each code in its definitions, if these have every code and every sentence."""
        of_variable = [v for v in values if v.variable == variable.name]
        methods = {v.method for v in of_variable}
        if self.coded is None or not variable.blocks or variable.method in methods or len(methods) < 2:
            return variable
        by_code = [v.where[0] for v in of_variable if len(v.where) == 1 and not v.or_where]
        described = {c for check in by_code if check.comparator in ("EQ", "IN") for c in check.values}
        occurring = {c for name, c in self.data.codes if name == variable.name}
        complete = all(any(b.method in m for m in methods) for b in variable.blocks if b.method)
        if not complete or not occurring <= described or {c.variable for c in by_code} != {self.coded.code}:
            return variable
        return replace(variable, method=_BY_VALUE.format(self.coded.code))

    def _qualified(self, variable: VariableMetadata) -> VariableMetadata:
        """The value of qualifiers with the origins of all of them."""
        spec, standard = self.data.spec, tabulation()
        if not standard.qualified(spec.name) or variable.name != standard.qualified_value:
            return variable
        filled = [v for v in spec.values if not v.empty]
        origins = ranked_origins(v.origin for v in filled if v.origin is not None)
        methods = any(v.method for v in filled)
        method = _BY_VALUE.format(standard.qualifier) if methods else ""
        if not origins:
            return variable
        return replace(variable, origin=origins[0], further_origins=tuple(origins[1:]), method=method)

    def _named(self, value: ValueLevel) -> ValueLevel:
        """A definition of the spec with the name of its test in place of the label of the variable."""
        variable = next((v for v in self.data.spec.variables if v.name == value.variable), None)
        check = value.where[0] if len(value.where) == 1 else None
        by_code = self.coded is not None and check is not None and check.variable == self.coded.code
        if by_code and check is not None and check.comparator in ("EQ", "IN") and variable is not None:
            return replace(value, label=self._label(check.values, variable)) if value.label == variable.label else value
        return value

    # codes that the spec does not describe

    def _of_variable(self, variable: VariableMetadata) -> Iterator[tuple[ValueLevel, frozenset[str]]]:
        """The definitions of a variable, with the values that occur."""
        if self.coded is None:
            return
        facts = with_joined_meanings(
            {c: f for (v, c), f in sorted(self.data.codes.items()) if v == variable.name and c}
        )
        levels = {c: self._level(variable, c, f) for c, f in facts.items() if not f.declared}
        levels = self._published(self._divided(levels), variable)
        declared = any(v.variable == variable.name for v in self.data.spec.values)
        if not declared and len({_what_differs(v) for v in levels.values()}) < 2:
            return
        groups: dict[tuple[ValueLevel, str], list[str]] = {}
        for code, level in levels.items():
            groups.setdefault((level, "" if self._shared(level) else code), []).append(code)
        for (level, _), codes in groups.items():
            check = RangeCheck(self.coded.code, "EQ" if len(codes) == 1 else "IN", tuple(codes))
            texts = [facts[c].texts for c in codes]
            known = frozenset[str]().union(*(t for t in texts if t is not None))
            yield replace(level, where=(check,), label=self._label(codes, variable)), known

    def _shared(self, level: ValueLevel) -> bool:
        """Whether codes with this definition share it."""
        return level.codelist is not None or bool(level.method and self.data.spec.purpose == "Analysis")

    def _divided(self, levels: Mapping[str, ValueLevel]) -> dict[str, ValueLevel]:
        """The definitions, results of a division with the most digits of all codes with their method."""
        found = dict(levels)
        methods: dict[str, list[str]] = {}
        for code, level in levels.items():
            if level.type in NUMERIC_TYPES and level.codelist is None and self._shared(level):
                methods.setdefault(level.method, []).append(code)
        for codes in methods.values():
            digits = max(levels[c].digits or 0 for c in codes)
            if digits > _LONG_FRACTION:
                whole = max(levels[c].length - (levels[c].digits or 0) for c in codes)
                for code in codes:
                    found[code] = replace(levels[code], type="float", length=whole + digits, digits=digits)
        return found

    def _published(self, levels: Mapping[str, ValueLevel], variable: VariableMetadata) -> dict[str, ValueLevel]:
        """The definitions, a list of the study as terms of the published list of another code if it is one."""
        others = list(dict.fromkeys(v.codelist for v in levels.values() if v.codelist is not None and v.codelist.code))
        found = dict(levels)
        for code, level in levels.items():
            if level.codelist is not None and not variable.is_numeric:
                found[code] = replace(level, codelist=self.lists.as_published(level.codelist, others, variable, code))
        return found

    def _label(self, codes: Sequence[str], variable: VariableMetadata) -> str:
        names = [self.names.get(c, "") for c in codes]
        return "; ".join(names) if len(names) <= _NAMED and all(names) else variable.label

    def _level(self, variable: VariableMetadata, code: str, facts: CodeFacts) -> ValueLevel:
        """The definition of a variable for one code, without label and where clause: what equal codes share."""
        rules = [variable.blocks[b] for b in sorted(facts.blocks) if b < len(variable.blocks)]
        origins = ranked_origins(r.origin for r in rules) or [variable.origin, *variable.further_origins]
        found = self.lists.of_code(self.data.spec, variable, code, facts, rules)
        kind, length, digits = _shape(variable, facts, listed=found is not None)
        return ValueLevel(
            variable=variable.name,
            where=(),
            type=kind,
            length=length,
            digits=digits,
            format=variable.format if variable.is_numeric else "",
            codelist=found,
            origin=origins[0],
            method=_method(rules) if rules else variable.method,
            dictionary=variable.dictionary,
            further_origins=tuple(origins[1:]),
            automatic=True,
        )

    # the rest of what a spec describes

    def _rest(self, variable: VariableMetadata) -> Iterator[tuple[ValueLevel, frozenset[str]]]:
        declared = [v for v in self.data.spec.values if v.variable == variable.name]
        facts = self.data.codes.get((variable.name, ""))
        if not declared or facts is None:
            return
        if self.coded is not None and variable.name in self.coded.results:
            for (name, code), of_code in sorted(self.data.codes.items()):
                if name == variable.name and code and of_code.declared and of_code.open:
                    yield from self._rest_of_code(variable, declared, code)
            return
        clauses = remainder([v.where for v in declared])
        if clauses:
            kind, length, digits = _shape(variable, facts, listed=False)
            origin, method = variable.origin, variable.method
            yield (
                ValueLevel(
                    variable=variable.name,
                    where=clauses[0],
                    type=kind,
                    length=length,
                    digits=digits,
                    format=variable.format,
                    codelist=variable.codelist,
                    origin=origin,
                    method=method,
                    label=variable.label,
                    dictionary=variable.dictionary,
                    automatic=True,
                    or_where=clauses[1:],
                ),
                facts.texts or frozenset(),
            )

    def _rest_of_code(
        self, variable: VariableMetadata, declared: Sequence[ValueLevel], code: str
    ) -> Iterator[tuple[ValueLevel, frozenset[str]]]:
        """The records of a code that its definitions do not describe."""
        assert self.coded is not None
        further = []
        for value in declared:
            of_code = [c for c in value.where if c.variable == self.coded.code]
            if all(c.comparator in ("EQ", "IN") and code in c.values for c in of_code):
                further.append(tuple(c for c in value.where if c not in of_code))
        clauses = [(RangeCheck(self.coded.code, "EQ", (code,)), *clause) for clause in remainder(further)]
        if clauses:
            level = self._level(variable, code, self.data.codes[variable.name, code])
            label = self._label([code], variable)
            yield replace(level, where=clauses[0], or_where=tuple(clauses[1:]), label=label), frozenset()


def _what_differs(value: ValueLevel) -> ValueLevel:
    """A definition without what a reviewer does not need: the length of a text, that of whole numbers."""
    return replace(value, length=0)


def _shape(variable: VariableMetadata, facts: CodeFacts, *, listed: bool) -> tuple[str, int, int | None]:
    """Data type, length and digits of the values of a code."""
    if variable.is_numeric or (facts.number and not listed and variable.type == "text"):
        if not facts.fraction:
            return "integer", facts.whole, None
        return "float", facts.whole + facts.fraction, facts.fraction
    return variable.type, facts.width, None


def _method(rules: Sequence[BlockRule]) -> str:
    """The method of some blocks: of blocks with different ones each under the line that names its records."""
    by_text: dict[str, list[str]] = {}
    for rule in rules:
        if rule.method:
            by_text.setdefault(rule.method, []).append(rule.records)
    if len(by_text) == 1:
        return next(iter(by_text))
    return "\n".join(f"{records}\n{text}" for text, lines in by_text.items() for records in dict.fromkeys(lines[:1]))
