"""Counts the literal cases of each derivation and step: who derives it, with which expected values, and which bad input.

    python tests/tools/literal_cases.py [--missing]

Read are the texts of the tests, nothing runs. Printed is a table of Markdown, one row for each verb:

- example: the expected values of the example of its class, which the tests and ``raw2adam selftest`` derive;
- recipes: the recipes of docs/cookbook.md that use it;
- tests: test functions, each as often as its literal parameters, that name a variable with the verb in its study, or that reach a study with the step;
- refusals: the cases of tests/refusals/ whose mistake is in a rule with the verb;
- findings: the tests above that name a rule of findings or an error.

``--missing`` prints the verbs without an expected value of a test, without a recipe or without bad input, and exits with 1 if there is one.
"""

from __future__ import annotations

import argparse
import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import yaml
from raw2adam.mappings.models.derivation import DERIVATIONS
from raw2adam.mappings.models.record_step import STEPS
from raw2adam.runs import plan_study  # noqa: F401 - registers derivations and steps

TESTS = Path(__file__).parents[1]
#: the verbs that planning writes and no spec does, with the verb of the spec
PLANNED = {"not_derived", "of_step"}
#: a rule that is still to be written derives nothing
NOTHING = {"to_write"}
_VERBS = sorted({*DERIVATIONS} - PLANNED, key=len, reverse=True)
#: a variable and the verb of its rule: ``AVAL: {change: ...`` in flow style, or on the next line
_RULE = re.compile(rf"\b(\w+):\s*\{{?\s*\n?\s*\b({'|'.join(_VERBS)}):")
#: a rule without its variable, as the parameters of tests and the changes of refusals have it
_ALONE = re.compile(rf"(?:^|[\"'\[ ])\{{({'|'.join(_VERBS)}):", re.MULTILINE)
_STEP = re.compile(rf"(?:derive:\s*\[?\s*|-\s*)\{{?\s*({'|'.join(sorted(STEPS, key=len, reverse=True))}):")
#: the begin of a text that is a rule or a step; short verbs begin other texts too
_BEGIN = re.compile(
    rf"(?:^|[\"'}}])(?:\\?\n)?\s*({'|'.join(v for v in [*_VERBS, *STEPS] if len(v) > 6)}):", re.MULTILINE
)
#: verb -> the key from which planning writes its rule, and the variable of the test that has it ('' for a step)
_PLANNED = {
    "coded": (re.compile(r"\bcoding:"), "AEBODSYS AEDECOD CMDECOD CMCLAS"),
    "element": (re.compile(r"\btrial: SE\b"), "SE SESTDTC SEENDTC"),
    "epoch": (re.compile(r"^epochs:", re.MULTILINE), "EPOCH"),
    "original_text": (re.compile(r"^translations:", re.MULTILINE), "AETERM CMTRT"),
    "range_indicator": (re.compile(r"\bLBORNRLO:"), "LBNRIND"),
    "standard_limit": (re.compile(r"\bstandard_result:"), "LBSTNRLO LBSTNRHI"),
    "standard_number": (re.compile(r"\bstandard_result:"), "LBSTRESN VSSTRESN"),
    "standard_unit": (re.compile(r"\bstandard_result:"), "LBSTRESU VSSTRESU"),
    "time_to_event": (re.compile(r"^parameters:", re.MULTILINE), ""),
}
_BAD = re.compile(r"R2A-[A-Z]+-\d{3}|Error\b|problems|\berror:")


@dataclass
class Cases:
    """The literal cases of one verb."""

    example: int = 0
    recipes: int = 0
    tests: int = 0
    refusals: int = 0
    findings: int = 0

    @property
    def missing(self) -> list[str]:
        """What the verb lacks."""
        return [
            what
            for what, lacks in (
                ("test with an expected value", not self.tests),
                ("recipe", not self.recipes),
                ("bad input", not self.refusals + self.findings),
            )
            if lacks
        ]


@dataclass
class Part:
    """A function or a constant of a module.

    ``cases``: the text of each literal case with which its decorators run it, one '' for a test without parameters.
    """

    name: str
    text: str
    cases: list[str]

    @cached_property
    def words(self) -> set[str]:
        return set(re.findall(r"\w+", self.text))


@cache
def rules(text: str) -> frozenset[tuple[str, str]]:
    """(variable, verb) of each rule in a text of YAML; the variable is '' for a rule alone and for a step."""
    found = {
        *_RULE.findall(text),
        *(("", verb) for verb in _ALONE.findall(text) + _STEP.findall(text) + _BEGIN.findall(text)),
    }
    for verb, (key, variables) in _PLANNED.items():
        if key.search(text):
            found |= {(variable, verb) for variable in variables.split() or [""]}
    return frozenset(found)


def parts(path: Path) -> dict[str, Part]:
    """The functions and constants of a module by name."""
    source = path.read_text(encoding="utf-8")
    lines = source.splitlines()
    found: dict[str, Part] = {}
    elements: dict[str, list[str]] = {}
    for node in ast.parse(source).body:
        names = [t.id for t in getattr(node, "targets", []) if isinstance(t, ast.Name)] or [getattr(node, "name", "")]
        elements[names[0]] = _elements(getattr(node, "value", None), lines)
        cases = [""]
        for mark in getattr(node, "decorator_list", []):
            cases = [a + "\n" + b for a in cases for b in _parameters(mark, elements, lines)]
        found[names[0]] = Part(names[0], _text_of(node, lines), cases)
    return found


def _text_of(node: ast.AST, lines: list[str], last: ast.AST | None = None) -> str:
    """The source of a node, or of a node to another one, with the ends of lines that its texts write as a backslash and n."""
    text = "\n".join(lines[node.lineno - 1 : (last or node).end_lineno])
    return text.replace("\\n", "\n").replace("{{", "{")


def _elements(value: ast.expr | None, lines: list[str]) -> list[str]:
    """The text of each element of a literal list or mapping."""
    if isinstance(value, ast.Dict):
        return [_text_of(k or v, lines, v) for k, v in zip(value.keys, value.values, strict=True)]
    if isinstance(value, ast.List | ast.Tuple):
        return [_text_of(e, lines) for e in value.elts]
    return []


def _parameters(mark: ast.expr, elements: dict[str, list[str]], lines: list[str]) -> list[str]:
    """The text of each case that a decorator makes of a test."""
    if not isinstance(mark, ast.Call):
        return [""]
    if not (isinstance(mark.func, ast.Attribute) and mark.func.attr == "parametrize"):
        return [_text_of(mark, lines)]
    values = mark.args[1] if len(mark.args) > 1 else None
    named = [n.id for n in ast.walk(values) if isinstance(n, ast.Name)] if values else []
    return _elements(values, lines) or next((elements[n] for n in named if elements.get(n)), [""])


def tests_of(path: Path) -> Iterator[tuple[bool, set[str]]]:
    """(whether it has bad input, its verbs) of each literal case of a module."""
    every = parts(path)
    for name, test in every.items():
        if not name.startswith("test_"):
            continue
        reached, wanted = {name: test}, [test]
        while wanted:
            new = {w for w in wanted.pop().words if w in every} - {*reached}
            reached |= {w: every[w] for w in new}
            wanted += [every[w] for w in new]
        words = {w for part in reached.values() if not part.name.isupper() for w in part.words if not _is_study(part)}
        found = {r for part in reached.values() for r in rules(part.text)}
        for case in test.cases:
            here = words | test.words | set(re.findall(r"\w+", case))
            verbs = {verb for variable, verb in found | rules(case) if not variable or variable in here}
            yield bool(_BAD.search(test.text + case)), verbs


def _is_study(part: Part) -> bool:
    """Whether a fixture has rules: its names are those of the study, not those that a test looks at."""
    return bool(rules(part.text))


def refused() -> Iterator[set[str]]:
    """The verbs in whose rule each case of tests/refusals/ has its mistake."""
    for file in sorted((TESTS / "refusals").glob("*.yaml")):
        area = yaml.load(file.read_text(encoding="utf-8"), yaml.CSafeLoader)
        base = rules(_text(area.get("files", {})))
        for case in area.get("refusals", []):
            changed = {k: v for k, v in case.items() if k not in {"name", "why", "says", "exit", "run"}}
            found = {verb for _, verb in rules(_text(changed))}
            named = set(re.findall(r"\w+", str(case.get("says", ""))))
            yield found or {verb for variable, verb in base if variable in named}


def _text(tree: Any) -> str:
    """The keys and texts of a tree of YAML, one a line."""
    if isinstance(tree, dict):
        return "\n".join(f"{_text(k)}\n{_text(v)}" for k, v in tree.items())
    if isinstance(tree, list):
        return "\n".join(map(_text, tree))
    return str(tree)


def count() -> dict[str, Cases]:
    """Verb -> its literal cases."""
    cases = {verb: Cases() for verb in [*DERIVATIONS, *STEPS] if verb not in PLANNED}
    for verb, model in {**DERIVATIONS, **STEPS}.items():
        if verb in cases and (example := getattr(model, "example", None)) is not None:
            gives = example.gives
            cases[verb].example = len(gives) if isinstance(gives, list | tuple) else sum(map(len, gives.values()))
    page = (TESTS.parent / "docs" / "cookbook.md").read_text(encoding="utf-8")
    for recipe in re.split(r"^### ", page, flags=re.MULTILINE)[1:]:
        for verb in {verb for _, verb in rules("\n".join(re.findall(r"```yaml\n(.*?)```", recipe, re.DOTALL)))}:
            cases[verb].recipes += 1
    for path in sorted(TESTS.glob("*/test_*.py")):
        for bad, verbs in tests_of(path):
            for verb in verbs:
                cases[verb].tests += 1
                cases[verb].findings += bad
    for verbs in refused():
        for verb in verbs:
            cases[verb].refusals += 1
    return cases


def main() -> int:
    """Print the table, or what is missing."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--missing", action="store_true")
    only_missing = parser.parse_args().missing
    cases = count()
    lacking = {verb: c.missing for verb, c in cases.items() if c.missing and verb not in NOTHING}
    if only_missing:
        for verb, what in lacking.items():
            print(f"{verb}: no {', no '.join(what)}")
        return 1 if lacking else 0
    print("| verb | example | recipes | tests | refusals | findings |\n|---|---|---|---|---|---|")
    for verb, c in sorted(cases.items()):
        print(f"| `{verb}` | {c.example} | {c.recipes} | {c.tests} | {c.refusals} | {c.findings} |")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
