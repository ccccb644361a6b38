"""The shipped rules without their cases as one JSON file, which is read in a tenth of the time of the YAML.

It has the sha256 of each file of rules: where one differs, the YAML counts. ``make format`` writes it. Not for reading
the YAML (read.py).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from ..kinds import registered  # noqa: F401 - the modules register their kinds
from ..kinds.kind import KINDS
from .rule import Rule

FILE = Path(__file__).parents[1] / "rules.json"
_CASES = {"passes", "fails"}


def compiled_text(rules: Mapping[str, Rule], folder: Path) -> str:
    """The JSON of rules, one line for each file and each rule."""
    files = [f"{json.dumps(n)}: {json.dumps(h)}" for n, h in hashes(folder).items()]
    lines = [f"{json.dumps(id_)}: {json.dumps(_plain(rule), sort_keys=True)}" for id_, rule in rules.items()]
    return '{"files": {\n' + ",\n".join(files) + '\n},\n"rules": {\n' + ",\n".join(lines) + "\n}}\n"


def hashes(folder: Path) -> dict[str, str]:
    """The sha256 of each file of rules in a folder, by name."""
    return {path.name: sha256(path.read_bytes()).hexdigest() for path in sorted(folder.glob("*.yaml"))}


def compiled_rules(folder: Path) -> dict[str, Rule] | None:
    """The rules without cases, by id; None where the file is not there or not of these files of rules."""
    try:
        content = json.loads(FILE.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if content.get("files") != hashes(folder):
        return None
    return {id_: _rule(fields) for id_, fields in content["rules"].items()}


def _plain(rule: Rule) -> dict[str, Any]:
    fields = rule.model_dump(mode="json", by_alias=True, exclude_defaults=True, exclude={*_CASES, "check"})
    check = rule.check.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return {**fields, "check": [rule.check.verb, check]}


def _rule(fields: dict[str, Any]) -> Rule:
    verb, check = fields["check"]
    return Rule.model_validate({**fields, "check": KINDS[verb].model_validate(check)})
