"""The method of a variable, as a person reads it: the rule of each block, with what it reads defined in place.

A method is lines. A sentence begins with the name that it defines, so a working variable that the rule reads is a
further line of the same method. Blocks with different rules give a paragraph each, under a line that names them.
Not for the words of a name (method_words.py) nor for origins (dataset_metadata.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from ...mappings.models.derivation import DerivationSpec
from ...mappings.models.wording import quoted
from ..derivations.assign import Value
from ..derivations.derivation import derivation
from ..derivations.environment import Environment
from ..derivations.step import NotDerived
from ..expressions.sentence import plain
from ..plan.plan import PlannedVariable
from ..tables.rows import Rows
from .method_words import PARAGRAPH, MethodWords, Term, copies, qualifier_of, with_forms
from .original_text import OriginalText
from .view import DatasetInBuild


def method_of(build: DatasetInBuild, name: str) -> str:
    """The method of a variable, a qualifier or a working variable: one line per sentence; '' without a rule.

    It is the same in all partitions, and the study takes that of the first one: '' in any other.
    """
    if not build.study.first:
        return ""
    planned = build.planned.every[name]
    coded = _coded(build)
    listed: list[str] = []
    found: dict[str, _Paragraph] = {}
    for block, rule in _rules(build, planned):
        constant = _constant(build, name, block) if block is not None and name == coded else ""
        if constant and rule.method is None:
            listed.append(quoted(constant))
            continue
        sentence, *definitions = _lines(build, planned, rule, block)
        found.setdefault(sentence, _Paragraph()).add(block, definitions)
    lines = [f"{name} is {', '.join(dict.fromkeys(listed))}: one for each set of records."] if listed else []
    several = len(found) + bool(listed) > 1
    # records that are named as the others come after those that are named
    for sentence, paragraph in sorted(found.items(), key=lambda item: _has_rest(build, item[1].blocks, coded)):
        if several:
            lines += _heading(build, paragraph.blocks, "" if name == coded else coded)
        lines.append(sentence)
        lines += paragraph.definitions(build, coded, lines)
    return with_forms("\n".join(lines))


def methods_by_block(build: DatasetInBuild, name: str) -> dict[int, tuple[str, str]]:
    """Block -> (the line that names its records, the method of a variable there); {} in all but the first partition."""
    if not build.study.first:
        return {}
    planned, coded = build.planned.every[name], _coded(build)
    found: dict[int, tuple[str, str]] = {}
    for block, rule in _rules(build, planned):
        text = with_forms("\n".join(dict.fromkeys(_lines(build, planned, rule, block))))
        rest = [b for b in build.block_range() if b not in planned.block_rules]
        for b in rest if block is None else [block]:
            found[b] = with_forms("\n".join(_heading(build, [b], coded))), text
    return found


@dataclass
class _Paragraph:
    """The blocks that have one sentence, and the definitions that it needs, each with the blocks that have it."""

    blocks: list[int] = field(default_factory=list)
    needed: dict[str, list[int]] = field(default_factory=dict)

    def add(self, block: int | None, definitions: list[str]) -> None:
        """Add a block; None for the rule of all records."""
        here = [block] if block is not None else []
        self.blocks += here
        for line in definitions:
            self.needed.setdefault(line, []).extend(here)

    def definitions(self, build: DatasetInBuild, coded: str, written: list[str]) -> list[str]:
        """The lines that are not written yet; those that hold for some of the blocks only, under these blocks."""
        shared = [line for line, blocks in self.needed.items() if len(blocks) == len(self.blocks)]
        lines = dict.fromkeys(line for line in shared if line not in written)
        some: dict[tuple[int, ...], list[str]] = {}
        for line, blocks in self.needed.items():
            if len(blocks) < len(self.blocks):
                some.setdefault(tuple(blocks), []).append(line)
        for blocks, of_blocks in some.items():
            terms: dict[Term, None] = {}
            lines[f"Of these, for {_named(build, list(blocks), coded, terms)}:"] = None
            lines |= dict.fromkeys([*of_blocks, *_definitions(build, terms)])
        return list(lines)


def _rules(build: DatasetInBuild, planned: PlannedVariable) -> Iterator[tuple[int | None, DerivationSpec]]:
    """(block, rule) of a variable; block None for a rule that sees all records of the dataset."""
    whole = planned.rule is not None and derivation(planned.rule).whole
    if whole and planned.rule is not None and len(planned.block_rules) < len(build.blocks):
        yield None, planned.rule
    for block in build.block_range():
        rule = planned.rule_in(block)
        if rule is not None and not (whole and rule is planned.rule) and not isinstance(rule, NotDerived):
            yield block, rule


def _lines(build: DatasetInBuild, planned: PlannedVariable, rule: DerivationSpec, block: int | None) -> Iterator[str]:
    """The sentence of a rule in one block, then the definitions that it needs."""
    terms: dict[Term, None] = {}
    yield _sentence(build, planned, rule, block, terms)
    yield from _translation(build, planned.name, rule)
    yield from _definitions(build, terms)


def _translation(build: DatasetInBuild, name: str, rule: DerivationSpec) -> Iterator[str]:
    """That a collected text is translated, and which qualifier has the text as it was collected."""
    spec, dataset = build.study.plan.spec.translations, build.planned.name
    if spec is None or rule.method is not None or rule.verb != "from" or f"{dataset}.{name}" not in spec.variables:
        return
    rules = ((n, r) for n, q in build.planned.supplemental.items() for r in q.rules)
    original = next((n for n, r in rules if isinstance(r, OriginalText) and r.original_text == name), "")
    has = f"; {qualifier_of(dataset, original)} has the text as collected" if original else ""
    yield f"A text in another language is translated into English{has}."


def _definitions(build: DatasetInBuild, terms: dict[Term, None]) -> Iterator[str]:
    """A line for each term, and for the terms that these need."""
    done = 0
    while done < len(terms):
        term = list(terms)[done]
        done += 1
        yield from _definition(build, term, terms)


def _definition(build: DatasetInBuild, term: Term, terms: dict[Term, None]) -> Iterator[str]:
    if term.text:
        yield term.text
        return
    of_term = build.study.builds.get(term.dataset)
    if of_term is None:
        return
    if term.kind == "working":
        yield from _working(of_term, term, terms)
        return
    block = of_term.blocks[term.block or 0]
    rows = of_term.rows(term.block or 0)
    if term.kind == "column":
        rule = block.columns[term.name]
        column = PlannedVariable(term.name, term.name)
        env = Environment(of_term, rows.without_column(term.name), term.block, column, rule)
        yield rule.method or derivation(rule).describe(term.name, MethodWords(of_term, env, terms))
        return
    words = MethodWords(of_term, Environment(of_term, rows, term.block, None, block), terms)
    if term.kind == "step" and term.name in block.step_columns:
        yield block.step_columns[term.name][0].describe(term.name, words)
    elif term.kind == "source_record":
        inner = words.of_table(term.dataset)
        where = plain(block.where, inner) if block.where is not None else ""
        chosen = next((c for step in block.steps if (c := step.chosen(inner))), "")
        if chosen:
            among = f", among records where {where}" if where else ""
            yield f"The source record is {chosen} in {term.dataset}{among}."
        else:
            among = f" where {where}" if where else ""
            yield f"The source record is the record of {term.dataset} from which the record is derived{among}."


def _working(build: DatasetInBuild, term: Term, terms: dict[Term, None]) -> Iterator[str]:
    """The definition of a working variable; of all blocks, each different rule with the blocks that have it."""
    planned = build.planned.every[term.name]
    found: dict[str, list[int]] = {}
    for block, rule in _rules(build, planned):
        if term.block is None or block is None or block == term.block:
            sentence = _sentence(build, planned, rule, block, terms)
            found.setdefault(sentence, []).extend([block] if block is not None else [])
    for sentence, blocks in found.items():
        here = f", for {_named(build, blocks, _coded(build), terms)}." if len(found) > 1 and blocks else "."
        yield f"{sentence.removesuffix('.')}{here}"


def _sentence(
    build: DatasetInBuild, planned: PlannedVariable, rule: DerivationSpec, block: int | None, terms: dict[Term, None]
) -> str:
    if rule.method is not None:
        return rule.method
    rows = build.rows(block) if block is not None else Rows(0, {})
    words = MethodWords(build, Environment(build, rows, block, planned, rule), terms)
    columns = build.blocks[block].step_columns if block is not None else {}
    if copies(rule) == planned.name and planned.name in columns:
        return columns[planned.name][0].describe(planned.name, words)
    return derivation(rule).describe(planned.name, words)


# what tells the blocks apart


def _constant(build: DatasetInBuild, name: str, block: int) -> str:
    """The one text that a variable has in a block; '' for another rule."""
    planned = build.planned.variables.get(name)
    rule = planned.rule_in(block) if planned is not None else None
    if isinstance(rule, Value):
        return rule.value
    texts = build.blocks[block].each.get(copies(rule), ()) if rule is not None else ()
    return texts[0] if len(texts) == 1 else ""


#: the key of each dataset that is being built: every method of it asks
_CODED: WeakKeyDictionary[DatasetInBuild, str] = WeakKeyDictionary()


def _coded(build: DatasetInBuild) -> str:
    """The key whose constants tell most blocks apart; '' where none does, or where two blocks have the same one."""
    if build not in _CODED:
        _CODED[build] = _key_of_blocks(build)
    return _CODED[build]


def _key_of_blocks(build: DatasetInBuild) -> str:
    found = {name: [c for b in build.block_range() if (c := _constant(build, name, b))] for name in build.planned.keys}
    best = max(found, key=lambda name: len(set(found[name])), default="")
    return best if best and len(found[best]) == len(set(found[best])) > 1 else ""


def _heading(build: DatasetInBuild, blocks: list[int], coded: str) -> Iterator[str]:
    """The line above the rules of some blocks, and what it needs to be understood."""
    if not blocks:
        yield f"{PARAGRAPH}For all other records:"
        return
    terms: dict[Term, None] = {}
    yield f"{PARAGRAPH}For {_named(build, blocks, coded, terms)}:"
    yield from _definitions(build, terms)


def _named(build: DatasetInBuild, blocks: list[int], coded: str, terms: dict[Term, None]) -> str:
    """The records of some blocks: by the key that tells blocks apart, else by where they come from."""
    codes = {b: c for b in blocks if coded and (c := _constant(build, coded, b))}
    listed = ", ".join(map(quoted, dict.fromkeys(codes.values())))
    parts = [f"{coded} {listed}"] if codes else []
    return " and ".join(dict.fromkeys([*parts, *(_records(build, b, blocks, terms) for b in blocks if b not in codes)]))


def _records(build: DatasetInBuild, number: int, blocks: list[int], terms: dict[Term, None]) -> str:
    """The records of one of ``blocks``: its table and step; what tells it from other blocks with the same ones."""
    block = build.blocks[number]
    if not block.table:
        return "records that the specification states"
    words = MethodWords(build, Environment(build, build.rows(number), number, None, block), terms)
    text = f"{_title(build, number)} from {words.table(block.table)}"
    same = _alike(build, number, blocks)
    if not same:
        return text
    name = _telling(build, number, same)
    if name:
        return f"{text} with {name} {quoted(_constant(build, name, number))}"
    if _has_another_condition(build, number, same):
        return f"{text} where {plain(block.where, words)}"
    return f"other {text}" if len(same) == 1 else f"{text} (part {number + 1} of the specification)"


def _alike(build: DatasetInBuild, number: int, blocks: list[int]) -> list[int]:
    """The blocks with the table and the step of another one, without ``blocks``."""
    table, title = build.blocks[number].table, _title(build, number)
    others = (b for b in build.block_range() if b not in blocks)
    return [b for b in others if build.blocks[b].table == table and _title(build, b) == title]


def _telling(build: DatasetInBuild, number: int, same: list[int]) -> str:
    """The first variable that is a constant in one block and no such one in others; '' for none."""
    for name in build.planned.variables:
        constant = _constant(build, name, number)
        if constant and all(_constant(build, name, b) != constant for b in same):
            return name
    return ""


def _has_another_condition(build: DatasetInBuild, number: int, same: list[int]) -> bool:
    where = build.blocks[number].where
    return where is not None and all(build.blocks[b].where != where for b in same)


def _has_rest(build: DatasetInBuild, blocks: list[int], coded: str) -> bool:
    """Whether some of the blocks are named as the other records of a table, or all records without a rule there."""
    for number in blocks:
        same = _alike(build, number, blocks) if build.blocks[number].table else []
        named = coded and _constant(build, coded, number)
        if same and not named and not _telling(build, number, same):
            return not _has_another_condition(build, number, same)
    return not blocks


def _title(build: DatasetInBuild, number: int) -> str:
    steps = build.blocks[number].steps
    return steps[-1].title if steps else "records"
