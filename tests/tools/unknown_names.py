"""Lists the keys of derivations and steps in which lint accepts a wrong name: of nothing, or of a text.

    python tests/tools/unknown_names.py [--type] [VERB ...]

Each text of the example of a verb is replaced by an unknown name, one after the other, and each key that the example
lacks is added with one. Lint knows the raw columns. Printed are the keys without an error that names it: literal texts,
as labels, and keys that no check reads. The time is that of some thousand plans. With --type the name is USUBJID, a text,
and printed is where lint accepts it and a build stops.
"""

from __future__ import annotations

import argparse
import copy
import csv
import io
import re
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from raw2adam.engine.checks.check import check_study
from raw2adam.errors import SpecError
from raw2adam.mappings.binding.spec_model import fields_by_key
from raw2adam.mappings.loader import load_study
from raw2adam.mappings.models.derivation import DERIVATIONS, DerivationSpec
from raw2adam.mappings.models.example import example_files
from raw2adam.mappings.models.record_step import STEPS
from raw2adam.mappings.models.step_example import step_example_files
from raw2adam.runs.plan_study import examine_study
from raw2adam.selftest.examples import _built
from raw2adam.selftest.files import write_files

UNKNOWN = "ZZNOTHERE"
_NAME = re.compile(r"(?<!['\w.])(?!(?:and|or|not|in|missing|between)\b)[A-Za-z_]\w*(?:\.\w+)?(?![\w'(])")
_SHARED = {*fields_by_key(DerivationSpec)} - {"when"}


def texts(tree: Any, path: tuple = ()) -> Iterator[tuple[tuple, str, bool]]:
    """(path, text, whether it is a key) of each text in a tree of YAML."""
    if isinstance(tree, dict):
        for key, value in tree.items():
            if path:  # the keys of the rule itself are those of the language
                yield (*path, key), key, True
            yield from texts(value, (*path, key))
    elif isinstance(tree, list):
        for at, value in enumerate(tree):
            yield from texts(value, (*path, at))
    else:
        yield path, str(tree), False


def changed(tree: Any, path: tuple, text: str, is_key: bool) -> Any:
    """The tree with another text at a path."""
    tree = copy.deepcopy(tree)
    inner = tree
    for step in path[:-1]:
        inner = inner[step]
    if is_key:
        items = [(text if k == path[-1] else k, v) for k, v in inner.items()]
        inner.clear()
        inner.update(items)
    else:
        inner[path[-1]] = text
    return tree


def mutants(rule: dict[str, Any], model: type) -> Iterator[tuple[str, Any]]:
    """(what was changed, the rule) of each change."""
    for path, text, is_key in texts(rule):
        where = ".".join(map(str, path)) + (" (key)" if is_key else "")
        for found in _NAME.finditer(text):
            table, dot, _ = found.group().partition(".")
            new = f"{table}.{UNKNOWN}" if dot else UNKNOWN
            yield f"{where} = {text}", changed(rule, path, text[: found.start()] + new + text[found.end() :], is_key)
    for key, (_, about) in fields_by_key(model).items():
        if key in rule or key in _SHARED:
            continue
        shown = str(about.annotation)
        for value in (UNKNOWN, [UNKNOWN], {UNKNOWN: UNKNOWN}, f"{UNKNOWN} == 'A'"):
            if (isinstance(value, list) and "tuple" not in shown) or (isinstance(value, dict) and "dict" not in shown):
                continue
            yield f"+{key}: {value}", {**rule, key: value}


def headers(files: Mapping[str, str]) -> dict[str, list[str]]:
    return {
        Path(name).stem: next(csv.reader(io.StringIO(text))) for name, text in files.items() if name.startswith("raw/")
    }


def accepted(files: Mapping[str, str], folder: Path) -> str:
    """What lint reports about the unknown name: '' for an error with its place."""
    write_files(folder, files)
    try:
        loaded = load_study(folder)
        plan, problems = examine_study(loaded, headers_follow=True)
        problems = [*problems, *check_study(plan, headers(files))]
    except SpecError as error:
        problems = error.problems
    errors = [p for p in problems if p.severity == "error"]
    named = [p for p in errors if UNKNOWN in str(p)]
    if any(p.place.line and p.place.column for p in named):
        return ""
    if named:
        return f"without a place: {named[0]}"
    return f"other error: {errors[0]}" if errors else "accepted"


def stops(files: Mapping[str, str], folder: Path) -> str:
    """How a build stops with a text in place of a name, which lint accepts; '' if it does not."""
    files = {n: text.replace(UNKNOWN, "USUBJID") for n, text in files.items()}
    if accepted(files, folder) != "accepted":
        return ""
    try:
        _built(files, folder)
    except SpecError as error:
        return f"stops: {error.problems[0]}"
    except Exception as error:
        return f"CRASH: {type(error).__name__} {error}"
    return ""


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("verbs", nargs="*")
    parser.add_argument("--type", action="store_true")
    options = parser.parse_args(arguments)
    wanted = options.verbs
    for verb, model in (*sorted(DERIVATIONS.items()), *sorted(STEPS.items())):
        example = model.example
        if example is None or (wanted and verb not in wanted):
            continue
        is_step = verb in STEPS
        for what, rule in _rules(example, model, is_step):
            with tempfile.TemporaryDirectory() as folder:
                files = step_example_files(rule) if is_step else example_files(rule)
                found = stops(files, Path(folder)) if options.type else accepted(files, Path(folder))
            if found:
                print(f"{verb:24} {what:60.60} {found[:200]}", flush=True)


def _rules(example: Any, model: type, is_step: bool) -> Iterator[tuple[str, Any]]:
    """(what was changed, the example with the change)."""
    if not is_step:
        rule = yaml.load(example.rule, yaml.BaseLoader)
        rule = {"from": rule} if isinstance(rule, str) else rule
        for what, new in mutants(rule, model):
            yield what, example.model_copy(update={"rule": _flow(new)})
        return
    blocks = yaml.load(example.rows, yaml.BaseLoader)
    blocks = [blocks] if isinstance(blocks, dict) else blocks
    number = max(n for n, block in enumerate(blocks) if "derive" in block)
    for what, new in mutants(blocks[number]["derive"], model):
        changed_blocks = [{**b, "derive": new} if n == number else b for n, b in enumerate(blocks)]
        yield (
            what,
            example.model_copy(update={"rows": yaml.safe_dump(_plain(changed_blocks), sort_keys=False, width=9999)}),
        )


def _plain(tree: Any) -> Any:
    """The tree with whole numbers, null, true and false as YAML writes them."""
    if isinstance(tree, dict):
        return {k: _plain(v) for k, v in tree.items()}
    if isinstance(tree, list):
        return [_plain(v) for v in tree]
    words = {"null": None, "true": True, "false": False}
    return words[tree] if tree in words else int(tree) if str(tree).isdigit() and str(int(tree)) == tree else tree


def _flow(rule: Any) -> str:
    return yaml.safe_dump(_plain(rule), default_flow_style=True, sort_keys=False, width=9999).strip()


if __name__ == "__main__":
    main()
