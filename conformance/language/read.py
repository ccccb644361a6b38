"""Reads the files of rules, and enters the rules in the catalogue of findings.

Not for the model of a rule (rule.py).
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path

from ...errors import SpecError, SpecProblem
from ...findings import catalogue
from ...mappings.binding.bind import Binder, place_of
from ...mappings.yaml.read import examine_file
from ..kinds import registered  # noqa: F401 - the modules register their kinds
from .compiled import compiled_rules
from .rule import Rule, RuleFile

FOLDER = Path(__file__).parents[1] / "rules"


@cache
def cased_rules() -> dict[str, Rule]:
    """The rules that ship with their literal cases, by id, sorted."""
    return read_rules(sorted(FOLDER.glob("*.yaml")))


@cache
def shipped_rules() -> dict[str, Rule]:
    """The rules that ship without their cases, by id, sorted; each is in the catalogue of findings afterwards."""
    rules = compiled_rules(FOLDER) or cased_rules()
    for id_, rule in rules.items():
        catalogue.register(rule.record(id_))
    return rules


def read_rules(files: Iterable[Path]) -> dict[str, Rule]:
    """The rules of files, by id, sorted. Raises SpecError with every mistake at its file, line and column."""
    found: dict[str, Rule] = {}
    problems: list[SpecProblem] = []
    for path in files:
        node, mistakes = examine_file(path, path.parent)
        binder = Binder()
        content = binder.bind(node, RuleFile) if node is not None and not mistakes else None
        problems += [*mistakes, *binder.problems]
        for id_, rule in content.rules.items() if content is not None else ():
            if id_ in found:
                problems.append(SpecProblem(place_of(rule), f"another rule has the id {id_}"))
            found[id_] = rule
    problems += _unknown_causes(found)
    if problems:
        raise SpecError(problems)
    return dict(sorted(found.items()))


def _unknown_causes(rules: dict[str, Rule]) -> list[SpecProblem]:
    return [
        SpecProblem(place_of(follows), f"there is no rule {follows.rule}")
        for rule in rules.values()
        for follows in rule.follows
        if follows.rule not in rules
    ]


catalogue.register_later(shipped_rules)
