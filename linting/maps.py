"""Maps compared with the data: keys that no cell and no dictionary has, and texts of the data without a key.

Not for the values of a map (terms.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from ..engine.columns import column as col
from ..engine.derivations.assign import From
from ..engine.expressions.kernels import condition
from ..engine.plan.plan import PlannedDataset, PlannedVariable
from ..errors import SpecProblem, nearest
from ..mappings.binding.bind import key_place_of, place_of
from ..mappings.expressions.expression import ExpressionError, parse
from ..mappings.expressions.tree import Junction, Name, walk
from ..mappings.expressions.words import source_text
from ..mappings.models.derivation import DerivationSpec
from ..sdtm.derivations.standardise import ResultRule
from .conditions import SHOWN
from .known_texts import KnownTexts

#: from this share of the filled cells of a column on, a text without a key is a gap of the spec, not a typing error
SHARE = 0.05
#: from this similarity on, a key and a text are spellings of the same word
SLIP = 0.8


@dataclass
class _Use:
    """A map and its raw cells. ``cells``: text -> number; ``labels``: text -> its label in a dictionary of the file.

    ``listed``: the texts of dictionaries.
    """

    rule: From | ResultRule
    dataset: str
    variable: PlannedVariable
    cells: dict[str, int]
    labels: dict[str, str]
    listed: set[str]


def map_problems(known: KnownTexts, labels: Mapping[str, Mapping[str, Mapping[str, str]]]) -> list[SpecProblem]:
    """Every map of raw cells, and every copy of raw cells to a closed codelist.

    ``labels``: source -> column -> code -> label, as the files themselves define them.

    A key that no cell has is a warning in three cases: the column contains a similar text without a key, no key is
    found at all, or a dictionary lists the column's texts. A key for a text that only this export lacks is no problem.
    """
    problems: dict[str, SpecProblem] = {}
    for use in _uses(known, labels):
        for problem in (*_odd_keys(use), *_texts_without_key(use)):
            problems.setdefault(str(problem), problem)
    return list(problems.values())


def code_problems(known: KnownTexts) -> list[SpecProblem]:
    """Texts of the data that codes: of their source does not list: a warning if they are frequent, else a note."""
    problems = []
    for name, source in known.plan.spec.sources.items():
        for column, codes in source.codes.items():
            cells = known.cells(name, column)
            others = sorted(((t, n) for t, n in cells.items() if t and t not in codes), key=lambda e: (-e[1], e[0]))
            if not others:
                continue
            message = f"{column} holds texts that codes: does not list: {_counted(others)}"
            hint = next((h for c in codes if c not in cells and (h := nearest(c, [t for t, _ in others]))), "")
            severity = _severity(others, sum(n for t, n in cells.items() if t))
            problems.append(SpecProblem(key_place_of(source, "codes", column), message, "", "", hint, severity))
    return problems


def _counted(texts: list[tuple[str, int]]) -> str:
    """Texts with their numbers of cells, for a message."""
    return ", ".join(f"{t!r} ({n} cells)" for t, n in texts[:SHOWN]) + (" ..." if texts[SHOWN:] else "")


def _severity(texts: list[tuple[str, int]], cells: int) -> str:
    return "warning" if any(n >= 2 and n >= SHARE * cells for _, n in texts) else "note"


def _uses(known: KnownTexts, labels: Mapping[str, Mapping[str, Mapping[str, str]]]) -> Iterator[_Use]:
    for dataset in known.plan.datasets.values():
        for variable in dataset.every.values():
            for rule in variable.rules:
                mine = [b for b in range(len(dataset.spec.blocks)) if variable.rule_in(b) is rule]
                yield from _of_rule(known, labels, rule, dataset, variable, mine)
        for number, block in enumerate(dataset.spec.blocks):
            for name, rule in block.columns.items():
                yield from _of_rule(known, labels, rule, dataset, PlannedVariable(name, name), [number])


def _of_rule(
    known: KnownTexts,
    labels: Mapping[str, Mapping[str, Mapping[str, str]]],
    rule: DerivationSpec,
    dataset: PlannedDataset,
    variable: PlannedVariable,
    blocks: list[int],
) -> Iterator[_Use]:
    if not isinstance(rule, From | ResultRule) or not (rule.map or _copies_to_closed(rule, variable)):
        return
    names = rule.columns if isinstance(rule, From) else (rule.standard_result,)
    cells: dict[str, int] = {}
    listed: set[str] = set()
    stated: dict[str, str] = {}
    nothing = () if rule.map else _folded([*known.plan.spec.quality.placeholders])
    for block in blocks:
        for name in names:
            places = known.raw_columns(name, dataset, block)
            if places is None:
                return  # it also reads other columns, or a file is missing
            for source, column in places:
                counted = known.cells(source, column)
                spec = dataset.spec.blocks[block]
                if spec.where is not None and (source, column) == (spec.source, name):
                    counted = _of_rows(spec.where, name, counted)
                for text, count in counted.items():
                    if text.strip().casefold() not in nothing:
                        cells[text] = cells.get(text, 0) + count
                defined = labels.get(source, {}).get(column, {})
                stated |= defined
                listed |= {*defined, *defined.values(), *known.plan.spec.sources[source].codes.get(column, ())}
    if any(t for t in cells):
        yield _Use(rule, dataset.name, variable, {t: n for t, n in cells.items() if t}, stated, listed)


def _of_rows(where: str, column: str, counted: Mapping[str, int]) -> Mapping[str, int]:
    """The texts of a column in the rows of a block, as far as its where: tests this column alone.

    ``counted``: text -> number of cells. Of ``A in [...] and B > 1`` the first condition chooses among the texts of A.
    """
    try:
        root = parse(where).root
        parts = root.items if isinstance(root, Junction) and root.word == "and" else (root,)
        texts = list(counted)
        column_of = {column: col.text_column(texts)}
        chosen = np.ones(len(texts), dtype=bool)
        for part in parts:
            if {node.name for node, _ in walk(part) if isinstance(node, Name)} == {column}:
                chosen &= condition(parse(source_text(part)), column_of.__getitem__, len(texts))
    except ExpressionError:  # lint reports it where it is written
        return counted
    return {text: counted[text] for text, here in zip(texts, chosen.tolist(), strict=True) if here}


def _copies_to_closed(rule: From | ResultRule, variable: PlannedVariable) -> bool:
    """Whether a rule without a map copies texts to a variable whose codelist has every permitted term."""
    codelist = variable.codelist
    plain = isinstance(rule, From) and not rule.prefix and not variable.is_numeric
    return plain and codelist is not None and not codelist.extensible and not codelist.unshipped


def _odd_keys(use: _Use) -> Iterator[SpecProblem]:
    texts = _folded([*use.cells, *use.listed])
    keys = {k: k.strip().casefold() for k in use.rule.map}
    unused = [k for k, folded in keys.items() if folded not in texts]
    if not unused:
        return
    have_key = set(keys.values())
    without_key = [t for t in use.cells if t.strip().casefold() not in have_key]
    none_used = len(unused) == len(keys) and bool(_open_texts(use))
    for key in unused:
        near = nearest(key, without_key, SLIP)
        if not (near or none_used or use.listed):
            continue
        place = key_place_of(use.rule, "map", key)
        has = ", ".join(repr(t) for t in sorted(use.cells)[:SHOWN])
        message = f"no cell of {_columns(use.rule)} holds '{key}'"
        yield SpecProblem(place, message, use.dataset, use.variable.name, near or f"it holds {has}", "warning")


def _texts_without_key(use: _Use) -> Iterator[SpecProblem]:
    found = _open_texts(use)
    if not found or isinstance(use.rule, ResultRule):
        return
    codelist = use.variable.codelist
    no_key = f"neither map: nor codelist {codelist.name} has" if codelist is not None else "map: does not have"
    if codelist is not None and not use.rule.map:
        no_key = f"codelist {codelist.name} does not have"
    message = f"{_columns(use.rule)} holds texts that {no_key}: {_counted(found)}"
    severity = _severity(found, sum(use.cells.values()))
    labels = [f"{t} = {use.labels[t]}" for t, _ in found[:SHOWN] if use.labels.get(t, t) != t]
    write = "" if use.rule.map else f"write {{from: {_columns(use.rule)}, map: {{...}}}}"
    hint = "; ".join(filter(None, [f"the file states {', '.join(labels)}" if labels else "", write]))
    place = place_of(use.rule, "map" if use.rule.map else "from")
    yield SpecProblem(place, message, use.dataset, use.variable.name, hint, severity)


def _open_texts(use: _Use) -> list[tuple[str, int]]:
    """Texts that are neither a key nor in the variable's codelist, the most frequent first."""
    known = _folded(use.rule.map)
    codelist = use.variable.codelist
    if codelist is not None:
        if codelist.unshipped:
            return []
        known |= set(codelist.lookup()) | _folded(codelist.values)
    found = [(t, n) for t, n in use.cells.items() if t.strip().casefold() not in known]
    if isinstance(use.rule, ResultRule) or use.variable.is_numeric:
        found = [(t, n) for t, n in found if not any(c.isdigit() for c in t)]
    return sorted(found, key=lambda entry: (-entry[1], entry[0]))


def _folded(texts: Mapping[str, str] | set[str] | frozenset[str] | list[str]) -> set[str]:
    return {t.strip().casefold() for t in texts}


def _columns(rule: From | ResultRule) -> str:
    return ", ".join(rule.columns) if isinstance(rule, From) else rule.standard_result
