"""The reference page: each derivation explains itself, its example gives what was written by hand."""

from __future__ import annotations

from pathlib import Path

import pytest
from raw2adam.mappings.models.dataset import DatasetSpec
from raw2adam.mappings.models.derivation import DERIVATIONS
from raw2adam.mappings.models.example import csv_text, example_files
from raw2adam.mappings.models.record_step import STEPS
from raw2adam.mappings.models.step_example import step_example_files
from raw2adam.mappings.models.study import StudySpec
from raw2adam.pages import spec_reference
from raw2adam.runs import plan_study as planning  # noqa: F401 - planning makes the derivations known
from raw2adam.selftest.examples import run_example, run_step_example

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "spec-reference.md"


@pytest.fixture(scope="module")
def page() -> str:
    return spec_reference.reference_page()


@pytest.mark.parametrize("verb", sorted(DERIVATIONS))
def test_every_derivation_has_an_example_with_its_values(verb, same_folder):
    example = DERIVATIONS[verb].example
    assert example is not None, f"{verb} has no example; give its class one: example = Example(...)"
    assert run_example(example, same_folder) == example.gives


@pytest.mark.parametrize("verb", sorted(STEPS))
def test_every_step_has_an_example_with_its_records(verb, same_folder):
    example = STEPS[verb].example
    assert example is not None, f"{verb} has no example; give its class one: example = StepExample(...)"
    assert run_step_example(example, same_folder) == dict(example.gives)
    lines = sum(text.count("\n") for text in step_example_files(example).values())
    assert lines <= 75, f"the example of {verb} has {lines} lines; make it smaller"


@pytest.mark.parametrize("verb", sorted(DERIVATIONS))
def test_every_derivation_and_field_is_described(verb):
    rule = DERIVATIONS[verb]
    assert rule.__doc__
    assert rule.__doc__.strip().endswith(".")
    assert [n for n, f in rule.model_fields.items() if not f.description] == []
    lines = sum(text.count("\n") for text in example_files(rule.example).values())
    assert lines <= 45, f"the example of {verb} has {lines} lines; make it smaller"


def test_a_wrong_example_fails_and_a_right_one_passes(tmp_path):
    right = DERIVATIONS["value"].example
    wrong = right.model_copy(update={"rule": "{value: ADVERSE EVENTS}"})
    assert run_example(right, tmp_path / "right") == ["ADVERSE EVENT", "ADVERSE EVENT"]
    assert run_example(wrong, tmp_path / "wrong") == ["ADVERSE EVENTS", "ADVERSE EVENTS"]


def test_csv_text_quotes_and_adds_the_subject():
    assert csv_text({"A": ['x, "y"', ""], "B": ["1", "2"]}) == 'SUBJ,A,B\n01,"x, ""y""",1\n01,,2\n'
    assert csv_text({"SUBJ": ["07"], "A": ["x"]}) == "SUBJ,A\n07,x\n"


def test_the_page_is_current(page):
    assert PAGE.read_text(encoding="utf-8") == page, "make format writes it anew"


def test_check_mode_finds_an_old_page(page, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(spec_reference, "reference_page", lambda: page)
    old = tmp_path / "old.md"
    old.write_text("# something else\n", encoding="utf-8")
    assert spec_reference.main(["--check", str(old)]) == 1
    assert "old.md" in capsys.readouterr().err
    assert spec_reference.main([str(old)]) == 0
    assert old.read_text(encoding="utf-8") == page
    assert spec_reference.main(["--check", str(old)]) == 0


def test_the_page_names_every_field_of_the_models():
    text = PAGE.read_text(encoding="utf-8")
    for model in (StudySpec, DatasetSpec):
        for name, field in model.model_fields.items():
            assert f"| `{field.alias or name}` |" in text
    for verb in DERIVATIONS:
        assert f"\n### {verb}\n" in text
