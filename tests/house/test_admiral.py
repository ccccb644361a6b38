"""docs/admiral.md names keys that exist, and each function of a package once."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from raw2adam.mappings.binding.spec_model import fields_by_key
from raw2adam.mappings.models.derivation import DERIVATIONS
from raw2adam.mappings.models.record_step import STEPS
from raw2adam.mappings.models.row_block import JoinSpec, RowBlock
from raw2adam.mappings.models.study import StudySpec
from raw2adam.runs import plan_study  # noqa: F401 - registers derivations and steps

PAGE = (Path(__file__).parents[2] / "docs" / "admiral.md").read_text(encoding="utf-8")
SECTIONS = re.split(r"^## ", PAGE, flags=re.MULTILINE)[1:]


def rows(section: str) -> list[tuple[str, str]]:
    return re.findall(r"^\| (`.*?) \| (.*) \|$", section, re.MULTILINE)


def test_every_key_and_step_exists():
    models = [*DERIVATIONS.values(), *STEPS.values(), RowBlock, JoinSpec, StudySpec]
    known = {*DERIVATIONS, *STEPS, "parameters"}.union(*(fields_by_key(model) for model in models))
    here = " ".join(text for section in SECTIONS for _, text in rows(section)) + SECTIONS[0]
    keys = set(re.findall(r"`([a-z_]+):", here)) | set(re.findall(r"step `([a-z_]+)`", here))
    assert len(keys) > 40
    assert keys - known == set()


def test_each_function_of_a_package_has_one_row():
    packages = ["".join(SECTIONS[:5]), *SECTIONS[5:]]
    for package in packages:
        names = [name for functions, _ in rows(package) for name in re.findall(r"`([^`]+?)(?:\(\))?`", functions)]
        assert [name for name, count in Counter(names).items() if count > 1] == []
    assert sum(len(rows(section)) for section in SECTIONS) > 80
