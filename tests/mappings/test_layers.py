"""Layers merge into one spec, parents are found or refused at their line, and the JSON Schema agrees with binding."""

from __future__ import annotations

import json
from enum import Enum
from typing import Any, Literal

import jsonschema
import pytest
from pydantic import Field
from raw2adam.errors import SpecError
from raw2adam.mappings.binding.bind import Binder, SpecModel
from raw2adam.mappings.binding.layers import json_schema, merge_layers, resolve_parents
from raw2adam.mappings.binding.verb import bind_verb
from raw2adam.mappings.yaml.read import Mapping, Node, node_data, parse_yaml


def merged(*texts: str) -> Node:
    return merge_layers([parse_yaml(text, f"layer{i}.yaml") for i, text in enumerate(texts)])


def test_mappings_merge_key_by_key_and_the_child_wins():
    node = merged(
        "a: 1\nb: {x: 1, y: {p: 1, q: 2}}\nc: [1, 2]\nd: {k: 1}\n",
        "b: {z: 3, y: {q: 5}}\nc: [9]\ne: new\nd: text\n",
        "a: 7\nb: {x: ~}\n",
    )
    assert node_data(node) == {
        "a": "7",
        "b": {"y": {"p": "1", "q": "5"}, "z": "3"},
        "c": ["9"],
        "d": "text",
        "e": "new",
    }
    assert list(node_data(node)) == ["a", "b", "c", "d", "e"]


def test_each_node_keeps_its_own_file():
    node = merged("a: 1\nb: {x: 1}", "# study\nb: {y: 2}")
    assert isinstance(node, Mapping)
    inner = node.get("b")
    assert isinstance(inner, Mapping)
    assert [str(k.place) for k, _ in node.entries] == ["layer0.yaml:1:1", "layer1.yaml:2:1"]
    assert [str(v.place) for _, v in inner.entries] == ["layer0.yaml:2:8", "layer1.yaml:2:8"]


def test_a_null_removes_a_key_of_a_parent_and_remains_without_one():
    assert node_data(merged("{a: 1, b: 2}", "{a: ~, c: ~}")) == {"b": "2", "c": None}
    assert node_data(merged("{a: 1}", "{a: 'null'}")) == {"a": "null"}
    assert node_data(merged("{a: 1}", "{a: ~}", "{a: 2}")) == {"a": "2"}


def test_an_empty_layer_changes_nothing():
    assert node_data(merged("a: 1", "")) == {"a": "1"}
    assert node_data(merged("# nothing", "a: 1")) == {"a": "1"}
    with pytest.raises(ValueError, match="no layer"):
        merge_layers([])


@pytest.fixture
def study(tmp_path):
    def make(files: dict[str, str]):
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return tmp_path

    return make


def parents(base, *, allowed=()):
    found = resolve_parents(base / "study" / "study.yaml", base / "study", [base / a for a in allowed])
    return [p.relative_to(base.resolve()).as_posix() for p in found]


def refused(base, *, allowed=()):
    with pytest.raises(SpecError) as caught:
        parents(base, allowed=allowed)
    return [str(p) for p in caught.value.problems]


def test_parents_come_furthest_first_and_each_once(study):
    base = study({
        "study/study.yaml": "parents: [org, site/uk, myeloma]\n",
        "study/org/study.yaml": "parents: [base]",
        "study/org/base/study.yaml": "a: 1",
        "study/site/uk/study.yaml": "parents: [../../org]\n",
        "shipped/myeloma/sdtm/ae.yaml": "dataset: AE",  # a layer of dataset files alone
    })  # fmt: skip
    assert parents(base, allowed=["shipped"]) == [
        "study/org/base", "study/org", "study/site/uk", "shipped/myeloma", "study",
    ]  # fmt: skip


def test_a_study_without_parents_is_its_own_only_layer(study):
    assert parents(study({"study/study.yaml": "study: {id: X}"})) == ["study"]
    assert parents(study({"study/study.yaml": "parents:\n"})) == ["study"]
    assert parents(study({"study/study.yaml": "just text"})) == ["study"]


def test_a_folder_beside_the_study_only_where_it_is_allowed(study):
    base = study({"study/study.yaml": "a: 1\nparents:\n  - ../org\n", "org/study.yaml": "b: 1", "other/x.yaml": ""})
    assert refused(base, allowed=["other"]) == [
        "study.yaml:3:5: error: the parent '../org' lies outside the study folder (move the layer into it)"
    ]
    assert parents(base, allowed=["org"]) == ["org", "study"]


@pytest.mark.parametrize("text", ["..", "/", "/etc", "org/../../other", "link"])
def test_other_ways_out_of_the_study_folder(study, text):
    base = study({"study/study.yaml": f"parents: [{text}]\n", "study/org/x.yaml": "", "other/study.yaml": "a: 1"})
    (base / "study" / "link").symlink_to(base / "other", target_is_directory=True)
    assert refused(base)[0].startswith(f"study.yaml:1:11: error: the parent '{text}' lies outside the study folder")


def test_a_missing_parent_has_a_hint(study):
    base = study({"study/study.yaml": "parents: [mieloma, qqq]\n", "shipped/myeloma/study.yaml": "a: 1"})
    assert refused(base, allowed=["shipped"]) == [
        "study.yaml:1:11: error: there is no folder or shipped layer 'mieloma' (did you mean 'myeloma'?)",
        "study.yaml:1:20: error: there is no folder or shipped layer 'qqq' (shipped layers: myeloma)",
    ]


def test_a_cycle_is_named(study):
    base = study({
        "study/study.yaml": "parents: [a]\n",
        "study/a/study.yaml": "parents: [../b]\n",
        "study/b/study.yaml": "x: 1\nparents: [../a]\n",
    })  # fmt: skip
    assert refused(base) == ["b/study.yaml:2:11: error: the parent '../a' leads back to itself: a -> b -> a"]
    base = study({"study/study.yaml": "parents: [.]\n"})
    assert refused(base) == ["study.yaml:1:11: error: the parent '.' leads back to itself: study -> study"]


def test_too_many_levels(study):
    files = {"study/study.yaml": "parents: [l0]\n"}
    files |= {
        "study/" + "/".join(f"l{j}" for j in range(i + 1)) + "/study.yaml": f"parents: [l{i + 1}]" for i in range(22)
    }
    assert refused(study(files))[0].endswith("there are more than 20 levels of parents")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("parents: org", "1:10: error: a list is expected, found 'org' (write [org])"),
        ("parents: {a: 1}", "1:10: error: a list is expected, found a mapping"),
        ("parents: [[a]]", "1:11: error: a text is expected, found a list"),
        ("parents: [~]", "1:11: error: a text is expected, found ~ (no value)"),
        ("parents: ['..\\org']", "1:11: error: the parent '..\\org' contains a backslash (write folders with /)"),
        (f"parents: [{'x' * 400}]", f"1:11: error: there is no folder or shipped layer '{'x' * 57}...'"),
        ("a: 1\na: 2", "2:1: error: the key 'a' is there twice; the first is at line 1, column 1 (remove one of them)"),
    ],
)
def test_parents_that_are_no_list_of_names(study, text, message):
    assert refused(study({"study/study.yaml": text})) == ["study.yaml:" + message]


def test_the_study_itself_must_be_there_and_broken_layers_name_their_own_file(study):
    assert refused(study({"study/x.yaml": ""})) == ["study.yaml: error: there is no such file"]
    base = study({"study/study.yaml": "parents: [org]", "shipped/org/study.yaml": "a: [1"})
    assert refused(base, allowed=["shipped"])[0].startswith("org/study.yaml:1:4: error: the list opened here")


class Size(Enum):
    ONE = "1"
    BIG = "big"


class DerivationSpec(SpecModel):
    """What makes a variable."""

    @classmethod
    def __bind__(cls, node: Node, binder: Binder) -> Any:
        return bind_verb(node, {"from": From, "all": All}, binder, shorthand="from")

    @classmethod
    def __schema__(cls) -> list[Any]:
        return [From, All, str]


class From(DerivationSpec):
    from_: str = Field(alias="from", description="Column.")


class All(DerivationSpec):
    all: list[DerivationSpec]


class Doc(SpecModel):
    name: str
    code: str | None = Field(None, min_length=2)
    number: int = 0
    kind: Literal["1", "yes", "true"] = "1"
    size: Size = Size.BIG
    terms: dict[str, str] = Field(default_factory=dict)
    by: dict[Literal["a", "b"], int] = Field(default_factory=dict)
    rules: dict[str, DerivationSpec] = Field(default_factory=dict)


SCHEMA = json_schema(Doc)
# what an editor's YAML makes of the text (its own numbers and booleans), and the YAML itself
CASES = [
    ({"name": 12}, "name: 12", True),
    ({"name": 1000.0}, "name: 1e3", True),
    ({"name": True}, "name: true", True),
    ({"name": None}, "name: ~", False),
    ({"name": ["a"]}, "name: [a]", False),
    ({"name": "a", "number": "b"}, "{name: a, number: b}", False),
    ({"name": "a", "kind": 1}, "{name: a, kind: 1}", True),
    ({"name": "a", "kind": True}, "{name: a, kind: true}", True),
    ({"name": "a", "kind": "no"}, "{name: a, kind: no}", False),
    ({"name": "a", "size": 1}, "{name: a, size: 1}", True),
    ({"name": "a", "code": None}, "{name: a, code: ~}", True),
    ({"name": "a", "code": "x"}, "{name: a, code: x}", False),
    ({"name": "a", "terms": {"1": 1}}, "{name: a, terms: {1: 1}}", True),
    ({"name": "a", "by": {"c": 1}}, "{name: a, by: {c: 1}}", False),
    ({"name": "a", "qqq": 1}, "{name: a, qqq: 1}", False),
    ({}, "{}", False),
    ({"name": "a", "rules": {"X": "COL"}}, "{name: a, rules: {X: COL}}", True),
    ({"name": "a", "rules": {"X": {"from": 1}}}, "{name: a, rules: {X: {from: 1}}}", True),
    ({"name": "a", "rules": {"X": {"from_": "A"}}}, "{name: a, rules: {X: {from_: A}}}", False),
    (
        {"name": "a", "rules": {"X": {"all": ["A", {"from": "B"}]}}},
        "{name: a, rules: {X: {all: [A, {from: B}]}}}",
        True,
    ),
    ({"name": "a", "rules": {"X": {"all": [{"frm": "B"}]}}}, "{name: a, rules: {X: {all: [{frm: B}]}}}", False),
]


@pytest.mark.parametrize(("value", "text", "valid"), CASES, ids=[c[1] for c in CASES])
def test_the_json_schema_and_the_binder_agree(value, text, valid):
    assert jsonschema.Draft202012Validator(SCHEMA).is_valid(value) is valid
    binder = Binder()
    binder.bind(parse_yaml(text, "s.yaml"), Doc)
    assert (not binder.problems) is valid


def test_the_json_schema_is_one_text_and_describes_itself():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert json.dumps(json_schema(Doc)) == json.dumps(SCHEMA)
    assert list(SCHEMA["properties"]) == list(Doc.model_fields)
    rule = SCHEMA["$defs"]["DerivationSpec"]
    assert rule["description"] == "What makes a variable."
    assert rule["anyOf"] == [
        {"$ref": "#/$defs/From"}, {"$ref": "#/$defs/All"}, {"type": ["string", "number", "boolean"]},
    ]  # fmt: skip
    assert SCHEMA["$defs"]["From"]["properties"]["from"]["description"] == "Column."
    assert "_origin" not in json.dumps(SCHEMA)
