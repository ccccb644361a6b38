"""The list of verbs of runs/registered.py: every module that registers a derivation or a step is in it with its verbs."""

from __future__ import annotations

import pytest
from kit.package_files import ROOT
from raw2adam.mappings.models.verbs import Verbs
from raw2adam.runs.registered import OF_DERIVATIONS, OF_STEPS


def registering(decorator: str) -> list[str]:
    """The modules of the package with the decorator."""
    rooms = [path for room in ("engine", "sdtm", "adam") for path in (ROOT / room).rglob("*.py")]
    found = [path for path in rooms if f"\n@{decorator}\n" in path.read_text(encoding="utf-8")]
    return sorted(path.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".") for path in found)


@pytest.mark.parametrize(("decorator", "listed"), [("register", OF_DERIVATIONS), ("register_step", OF_STEPS)])
def test_each_module_with_a_verb_is_in_the_list(decorator, listed):
    assert sorted(listed) == registering(decorator)


@pytest.mark.parametrize(("of", "listed"), [("derivation", OF_DERIVATIONS), ("record_step", OF_STEPS)])
def test_each_module_has_the_verbs_of_the_list(of, listed):
    import raw2adam.mappings.models.derivation as derivation
    import raw2adam.mappings.models.record_step as record_step

    verbs = {"derivation": derivation.DERIVATIONS, "record_step": record_step.STEPS}[of]
    found: dict[str, set[str]] = {}
    for verb in verbs:
        found.setdefault(verbs[verb].__module__.partition(".")[2], set()).add(verb)
    ours = {module: names for module, names in found.items() if module in listed}
    assert ours == {module: set(names.split()) for module, names in listed.items()}


def test_a_verb_is_imported_when_its_class_is_read():
    verbs: Verbs[object] = Verbs()
    loaded = []
    verbs.announce(["a", "b"], lambda: loaded.append(1) or verbs.add("a", int))
    assert ("a" in verbs, "c" in verbs, list(verbs), len(verbs), loaded) == (True, False, ["a", "b"], 2, [])
    assert verbs["a"] is int
    assert loaded == [1]
    assert verbs.get("c") is None
    verbs.add("c", str)
    assert list(verbs) == ["a", "b", "c"]
    with pytest.raises(ValueError, match="verb 'c' is already taken by str"):
        verbs.add("c", float)
