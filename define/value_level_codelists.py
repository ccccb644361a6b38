"""The codelist of a result in the records of one test or parameter: the terms that it has there.

Its values are those that the rules of its records can give, where the spec states each; else those that occur. Not for
the definitions that have the lists (value_lists.py) nor for the lists of variables (derived_lists.py). The first that
applies:

- the values as terms of the list of the variable;
- Y or N, and other terms of the published list NY beside them;
- a copy has its values as terms of the shortest list of its origin that has all of them;
- numbers that stand for texts (AVAL of AVALC) are a list of the study with the texts as decodes;
- values that rules of the spec state, and at most 20 texts that an analysis value derives, are a list of the study.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ..engine.building.code_levels import CodeFacts
from ..engine.tables.dataset import BlockRule, DatasetMetadata, VariableMetadata
from ..mappings.facts import facts as facts_of_standards
from ..mappings.facts.terminology import Codelist, Term
from .codelists import SHORT_LIST
from .derived_lists import YES_NO, yes_no

#: a longer list of terms is named by its variable
_LONGEST_NAME = 60


@dataclass
class LevelLists:
    """The lists so far, by what they are part of and their terms: equal ones are one. ``specs``: all datasets."""

    specs: Mapping[str, DatasetMetadata]
    _known: dict[tuple[str, str, tuple[Term, ...]], Codelist] = field(default_factory=dict)

    def of_code(
        self,
        spec: DatasetMetadata,
        variable: VariableMetadata,
        code: str,
        facts: CodeFacts,
        rules: Sequence[BlockRule],
    ) -> Codelist | None:
        """The list of a variable for one code, whose records have ``rules``; None for no list."""
        declared = variable.codelist
        if variable.dictionary is not None:
            return None
        if declared is None and facts.meanings:
            pairs = sorted(facts.meanings, key=lambda p: float(p[0]))
            return self._of_study(spec, variable, code, tuple(Term(n, decode=t) for n, t in pairs))
        if not facts.texts:
            return declared
        stated = _stated(rules, facts.texts)
        texts = frozenset(stated) if stated is not None else facts.texts
        meanings = {t: m for t, m in (stated or {}).items() if m}
        if declared is not None and not meanings:
            return self._part(declared, texts, variable, code) if texts <= declared.values else declared
        if texts <= {"Y", "N"}:
            return yes_no(texts)
        answers = facts_of_standards.codelist(YES_NO)
        if answers is not None and texts <= answers.values and texts & {"Y", "N"}:
            return self._part(answers, texts, variable, code)
        copied = [c for r in rules for c in self._of_origin(r, texts)]
        if copied and not facts.number:
            return self._part(min(copied, key=lambda c: len(c.terms)), texts, variable, code)
        derived = spec.purpose == "Analysis" and bool(rules) and all(r.origin.type == "Derived" for r in rules)
        if stated is None and (not derived or facts.number or len(texts) > SHORT_LIST):
            return None
        return self._of_study(spec, variable, code, tuple(Term(t, decode=meanings.get(t, "")) for t in sorted(texts)))

    def as_published(
        self, found: Codelist, others: Iterable[Codelist], variable: VariableMetadata, code: str
    ) -> Codelist:
        """A list of the study as terms of the published list of ``others``, if it has all terms and shares some."""
        texts = found.values
        for other in others:
            whole = facts_of_standards.codelist(other.code) if other.code else None
            if not found.code and whole is not None and texts <= whole.values and texts & other.values:
                return self._part(whole, texts, variable, code)
        return found

    def _of_study(
        self, spec: DatasetMetadata, variable: VariableMetadata, code: str, terms: tuple[Term, ...]
    ) -> Codelist:
        shown = frozenset(t.decode or t.value for t in terms)
        new = Codelist(f"{spec.name}-{variable.name}-{code}", _label("", shown, variable, code), terms)
        return self._known.setdefault((spec.name, variable.name, terms), new)

    def _part(self, whole: Codelist, texts: frozenset[str], variable: VariableMetadata, code: str) -> Codelist:
        """The terms of a list with these values; the whole list where it has no others."""
        terms = tuple(t for t in whole.terms if t.value in texts)
        if len(terms) == len(whole.terms) or len(terms) < len(texts):
            return whole
        name = whole.name if whole.code else f"{whole.name}-{code}"
        part = replace(whole, name=name, label=_label(whole.code, texts, variable, code), terms=terms)
        return self._known.setdefault((whole.name, whole.code, terms), part)

    def _of_origin(self, rule: BlockRule, texts: frozenset[str]) -> Iterator[Codelist]:
        """The lists of the variable that a block copies which have all values."""
        copied = rule.origin.predecessor
        spec = self.specs.get(copied.dataset) if copied is not None else None
        if copied is None or spec is None or copied.key:
            return
        of_variable = [v.codelist for v in spec.variables if v.name == copied.variable]
        of_values = [v.codelist for v in spec.values if v.variable == copied.variable and not v.automatic]
        for codelist in dict.fromkeys([*of_variable, *of_values]):
            if codelist is not None and texts <= codelist.values:
                yield codelist


def _stated(rules: Sequence[BlockRule], seen: frozenset[str]) -> dict[str, str] | None:
    """The values that the rules state, with their meanings; None where a rule or a value is not of the spec."""
    found: dict[str, str] = {}
    for rule in rules:
        if rule.texts is None:
            return None
        found |= {text: meaning for text, meaning in rule.texts if text}
    return found if found and seen <= found.keys() else None


def _label(published: str, texts: frozenset[str], variable: VariableMetadata, code: str) -> str:
    """The terms of a short list; a published one has the name of the list before them."""
    shown = ", ".join(sorted(texts))
    if len(shown) > _LONGEST_NAME:
        return f"{variable.label} of {code}"
    return shown if published else f"{variable.label} ({shown})"
