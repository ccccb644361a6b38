"""Codelists of define.xml that neither a standard nor the study declares: flags, pairs, groups, copies.

Not for the elements of the lists (codelists.py). A variable without a codelist gets, the first that applies:

- a copy (Predecessor) has the list of its origin;
- DOMAIN and RDOMAIN have the published list of domains;
- a flag, whose name ends in FL, with only Y or N as values, has these terms of the published list NY (ADaMIG 1.3,
  3.1.4; SDTMIG 3.4, 4.3.2);
- a variable that has one declared or copied list in other datasets, of this document or else of that from which these
  copy, has this list, if the list has its values;
- a variable with a code in another one (ARM and ARMCD, VISIT and VISITNUM, AVISIT and AVISITN) has the values of the
  data as its list; so has the code, with the texts as decodes. Both need one text for each code;
- a number that the spec maps from another variable has the values of the map, with those of the other as decodes, if
  each number has one text;
- a variable whose rules are constants of the spec has these and the values of the data as its list; so has one that
  its name makes a category (PARCAT1, AVALCAT1), if it has at most 20 values. An identifier has none.

Lists of the last two kinds are the same for all datasets of a document that have the variable. Each dataset has its
list where the datasets differ in the text of a code, and of QNAM, which each dataset defines.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace

from ..engine.standard import code_pairs, is_category, tabulation
from ..engine.tables.dataset import DatasetMetadata, RangeCheck, VariableMetadata
from ..mappings.facts import facts
from ..mappings.facts.terminology import Codelist, Term
from .codelists import DOMAINS, SHORT_LIST
from .document import DefineDataset

_FLAG, YES_NO = "FL", "C66742"
#: variables of any dataset -> their published list
_PUBLISHED = {"DOMAIN": DOMAINS, "RDOMAIN": DOMAINS}


def with_lists(
    datasets: Sequence[DefineDataset], others: Mapping[str, DatasetMetadata] | None = None
) -> list[DefineDataset]:
    """The datasets of a document with the codelists above.

    ``others``: datasets of another document, from which these copy.
    """
    lists = _Lists(datasets, others or {})
    return [
        replace(d, spec=replace(d.spec, variables=tuple(lists.listed(d.spec, v) for v in d.spec.variables)))
        for d in datasets
    ]


@dataclass
class _Lists:
    """The lists by variable. ``fixed``: variable name -> its list; ``paired``: besides (dataset, name) -> its list.

    ``elsewhere``: variable name -> the lists that are declared or copied.
    """

    datasets: Sequence[DefineDataset]
    others: Mapping[str, DatasetMetadata]
    specs: dict[str, DatasetMetadata] = field(init=False)
    terms: dict[tuple[str, str], tuple[str, ...]] = field(init=False)
    paired: dict[str | tuple[str, str], Codelist] = field(init=False)
    fixed: dict[str, Codelist] = field(init=False)
    elsewhere: dict[str, set[Codelist]] = field(init=False)

    def __post_init__(self) -> None:
        self.specs = {**self.others, **{d.spec.name: d.spec for d in self.datasets}}
        self.terms = {(d.spec.name, v): values for d in self.datasets for v, values in d.terms.items()}
        self.paired = dict(_paired(self.datasets))
        self.fixed = dict(_fixed(self.datasets))
        self.elsewhere = {}  # finding the copied lists asks it, and nothing is known yet
        declared: dict[str, set[Codelist]] = {}
        for d in self.datasets:
            for v in d.spec.variables:
                if (found := self._copied(d.spec, v, frozenset())) is not None:
                    declared.setdefault(v.name, set()).add(found)
        of_others: dict[str, dict[tuple[Term, ...], Codelist]] = {}
        for spec in self.others.values():
            for v in spec.variables:
                if v.codelist is not None and v.name not in declared:  # one list may be there in two data types
                    of_others.setdefault(v.name, {}).setdefault(v.codelist.terms, v.codelist)
        declared |= {name: set(lists.values()) for name, lists in of_others.items()}
        self.elsewhere = declared

    def listed(self, spec: DatasetMetadata, variable: VariableMetadata) -> VariableMetadata:
        """The variable with its list, if it has one."""
        if variable.codelist is not None or variable.dictionary is not None:
            return variable
        origin = self._origin(variable)
        if origin is not None and origin[1].dictionary is not None:
            return replace(variable, dictionary=origin[1].dictionary)
        found = self._copied(spec, variable, frozenset()) or self._derived(spec, variable)
        return variable if found is None else replace(variable, codelist=found)

    def _copied(
        self, spec: DatasetMetadata, variable: VariableMetadata, seen: frozenset[tuple[str, str]]
    ) -> Codelist | None:
        """The declared list of the variable, else the list of the variable that it copies."""
        key = (spec.name, variable.name)
        if variable.codelist is not None or key in seen:
            return variable.codelist
        if (of_qualifier := self._qualifier(variable)) is not None:
            return of_qualifier
        origin = self._origin(variable)
        if origin is None:
            return None
        copied = self._copied(*origin, seen | {key})
        return copied or (self._derived(*origin) if origin[0].name not in self.others else None)

    def _derived(self, spec: DatasetMetadata, variable: VariableMetadata) -> Codelist | None:
        """The list that the name, the values and the rules of a variable give."""
        values, name = set(self.terms.get((spec.name, variable.name), ())), variable.name
        if values and name in _PUBLISHED:
            return facts.codelist(_PUBLISHED[name])
        if not values or variable.role == "Identifier":
            return None
        if name.endswith(_FLAG) and values <= {"Y", "N"}:
            return yes_no(values)
        elsewhere = self.elsewhere.get(name, set())
        if len(elsewhere) == 1 and values <= next(iter(elsewhere)).values:
            return next(iter(elsewhere))
        paired = self.paired.get((spec.name, name)) or self.paired.get(name)
        category = is_category(name, spec.purpose)
        one_text = _decides(variable.mapped)
        if variable.is_numeric and paired is None and one_text and values <= {value for value, _ in variable.mapped}:
            return Codelist(
                name, variable.label, tuple(Term(v, decode=t) for v, t in sorted(variable.mapped, key=_code))
            )
        found = paired or (self.fixed.get(name) if variable.constant or category else None)
        return yes_no(values) if found is not None and not paired and values <= {"Y", "N"} else found

    def _qualifier(self, variable: VariableMetadata) -> Codelist | None:
        """The list of the supplemental qualifier that a variable copies."""
        copied = variable.origin.predecessor
        spec = self.specs.get(copied.dataset) if copied is not None else None
        if copied is None or spec is None or not copied.key:
            return None
        where = (RangeCheck(copied.key, "EQ", (copied.value,)),)
        return next((v.codelist for v in spec.values if v.variable == copied.variable and v.where == where), None)

    def _origin(self, variable: VariableMetadata) -> tuple[DatasetMetadata, VariableMetadata] | None:
        copied = variable.origin.predecessor
        spec = self.specs.get(copied.dataset) if copied is not None else None
        if copied is None or spec is None or copied.key or copied.variable not in spec.names:
            return None
        return spec, spec.variable(copied.variable)


def yes_no(values: Set[str]) -> Codelist | None:
    """Y, or Y and N, of the published list NY."""
    published = facts.codelist(YES_NO)
    if published is None:
        return None
    terms = tuple(t for t in published.terms if t.value in values or (t.value == "Y" and "N" in values))
    return replace(published, label=", ".join(t.value for t in terms), terms=terms)


def _paired(datasets: Sequence[DefineDataset]) -> Iterator[tuple[str | tuple[str, str], Codelist]]:
    """(variable, or dataset and variable, its list) of both sides of each pair that has one text for each code."""
    together: dict[tuple[str, str], set[tuple[str, str]]] = {}
    labels: dict[str, str] = {}
    for d in datasets:
        for v in d.spec.variables:
            labels.setdefault(v.name, v.label)
        for pair in code_pairs(d.spec.names, d.spec.purpose):
            if pair[0] != tabulation().qualifier:
                together.setdefault(pair, set()).update(d.pairs.get(pair) or ())
                together[pair].update(_mapped(d, pair))
    for pair, values in together.items():
        if _decides(values):
            yield from zip(pair, _lists(pair, values, labels, ""), strict=True)
    for d in datasets:
        for pair in code_pairs(d.spec.names, d.spec.purpose):
            values = {*(d.pairs.get(pair) or ()), *_without_records(d.spec, pair), *_mapped(d, pair)}
            if _decides(values) and not _decides(together.get(pair, ())):
                for name, codelist in zip(pair, _lists(pair, values, labels, d.spec.name), strict=True):
                    yield (d.spec.name, name), codelist


def _mapped(data: DefineDataset, pair: tuple[str, str]) -> Iterator[tuple[str, str]]:
    """The pairs that the rule of the code states, if the data have some of them and no other."""
    code = data.spec.variable(pair[0])
    seen = set(data.pairs.get(pair) or ())
    if code.mapped_from == pair[1] and seen and seen <= set(code.mapped):
        yield from code.mapped


def _without_records(spec: DatasetMetadata, pair: tuple[str, str]) -> Iterator[tuple[str, str]]:
    """Name and label of the qualifiers that the dataset defines and no record has."""
    if pair[0] == tabulation().qualifier:
        for value in spec.values:
            if value.empty:
                yield from ((name, value.label) for c in value.where if c.variable == pair[0] for name in c.values)


def _decides(values: Collection[tuple[str, str]]) -> bool:
    """Whether the pairs have one text for each code."""
    return bool(values) and len({code for code, _ in values}) == len(values)


def _lists(
    pair: tuple[str, str], values: Collection[tuple[str, str]], labels: Mapping[str, str], dataset: str
) -> tuple[Codelist, Codelist]:
    """The list of the codes, with the texts as decodes, and the list of the texts. ``dataset``: the only one, or ''."""
    ordered = sorted(values, key=lambda p: _rank(p[0]))
    code_terms = tuple(Term(c, decode=t) for c, t in ordered)
    text_terms = tuple(Term(t) for t in dict.fromkeys(t for _, t in ordered))
    code, text = (
        Codelist(f"{dataset}-{n}", f"{labels[n]} ({dataset})", terms) if dataset else Codelist(n, labels[n], terms)
        for n, terms in zip(pair, (code_terms, text_terms), strict=True)
    )
    return code, text


def _code(pair: tuple[str, str]) -> tuple[int, float, str]:
    return _rank(pair[0])


def _rank(code: str) -> tuple[int, float, str]:
    """Numbers in their order, then texts."""
    try:
        return 0, float(code), code
    except ValueError:
        return 1, 0.0, code


def _listable(data: DefineDataset, variable: VariableMetadata) -> bool:
    """Whether the values of a variable are its list: constants of the spec, or few values of a category."""
    if variable.codelist is not None or variable.role == "Identifier":
        return False
    category = is_category(variable.name, data.spec.purpose) and not variable.is_numeric
    return variable.constant or (category and 0 < len(data.terms.get(variable.name, ())) <= SHORT_LIST)


def _fixed(datasets: Sequence[DefineDataset]) -> Iterator[tuple[str, Codelist]]:
    """(variable, its list) of the variables whose rules are constants."""
    values: dict[str, set[str]] = {}
    labels: dict[str, str] = {}
    for d in datasets:
        for v in d.spec.variables:
            if _listable(d, v):
                labels.setdefault(v.name, v.label)
                stated = {text for b in v.blocks for text, _ in b.texts or () if text}
                values.setdefault(v.name, set()).update(d.terms.get(v.name, ()), stated)
    for name, found in values.items():
        if found:
            yield name, Codelist(name, labels[name], tuple(Term(t) for t in sorted(found, key=_rank)))
