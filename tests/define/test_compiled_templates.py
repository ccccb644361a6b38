"""Compiled templates: a second process reads what the first one compiled; a changed template is compiled again."""

from __future__ import annotations

import sys

from jinja2 import DictLoader, Environment
from raw2adam.define.compiled_templates import CompiledTemplates


def page(folder, text: str) -> str:
    made = Environment(loader=DictLoader({"page.j2": text}), bytecode_cache=CompiledTemplates(folder))
    return made.get_template("page.j2").render(x=1)


def test_a_template_is_compiled_once_until_it_changes(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    (tmp_path / "__pycache__").mkdir()
    assert page(tmp_path, "a{{ x }}") == "a1"
    (file,) = (tmp_path / "__pycache__").iterdir()
    monkeypatch.setattr(Environment, "compile", lambda *_, **__: 1 / 0)
    assert page(tmp_path, "a{{ x }}") == "a1"
    monkeypatch.undo()
    assert page(tmp_path, "b{{ x }}") == "b1"
    file.write_bytes(b"no compiled template")
    assert page(tmp_path, "b{{ x }}") == "b1"


def test_a_folder_that_cannot_be_written_is_no_error(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    assert page(tmp_path / "absent", "a{{ x }}") == "a1"
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    (tmp_path / "__pycache__").mkdir()
    assert page(tmp_path, "a{{ x }}") == "a1"
    assert list((tmp_path / "__pycache__").iterdir()) == []
