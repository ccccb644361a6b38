"""Models are filled from YAML nodes; every mistake is reported at its place, all at once."""

from __future__ import annotations

import datetime
import math
import pickle
from enum import Enum
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kit.fuzzing import examples
from pydantic import BaseModel, Field, field_validator, model_validator
from raw2adam.errors import Place
from raw2adam.mappings.binding.bind import (
    Binder,
    ExpressionText,
    FieldMistake,
    Names,
    SpecModel,
    expression_place,
    key_place_of,
    place_of,
)
from raw2adam.mappings.binding.verb import bind_verb
from raw2adam.mappings.yaml.read import Node, parse_yaml


class Color(Enum):
    RED = "red"
    BLUE = "blue"


class Inner(SpecModel):
    size: int
    where: Annotated[str, ExpressionText()] | None = None

    @field_validator("where")
    @classmethod
    def _no_bang(cls, value: str | None) -> str | None:
        if value and "!" in value:
            raise FieldMistake("'!' is no operator", offset=value.index("!"), hint="write not")
        return value


class DerivationSpec(SpecModel):
    label: str | None = None

    @classmethod
    def __bind__(cls, node: Node, binder: Binder) -> Any:
        return bind_verb(node, VERBS, binder, shorthand="from")


class FromRule(DerivationSpec):
    from_: str | list[str] = Field(alias="from")
    map: dict[str, str] = Field(default_factory=dict)


class ValueRule(DerivationSpec):
    value: str


class CutRule(DerivationSpec):
    cut: str
    groups: dict[str, tuple[float, float | None]]
    value: str = ""


VERBS: dict[str, type[DerivationSpec]] = {"from": FromRule, "value": ValueRule, "cut": CutRule}


class Spec(SpecModel):
    dataset: Annotated[str, Names("dataset")]
    from_: str | None = Field(None, alias="from")
    count: int = 0
    ratio: float = Field(0.0, ge=0)
    flag: bool = False
    day: datetime.date | None = None
    kind: Literal["one", "two", "3"] = "one"
    color: Color = Color.RED
    items: tuple[Inner, ...] | Inner = ()
    names: str | list[str] = ""
    unit: str | DerivationSpec | None = None
    limit: int | Literal["none"] = 0
    pair: tuple[int, str] | None = None
    by_kind: dict[Literal["a", "b"], int] = Field(default_factory=dict)
    variables: Annotated[dict[str, DerivationSpec | None], Names("variable")] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _together(self) -> Spec:
        if self.flag and not self.count:
            raise ValueError("flag: needs count:")
        if self.count > 100:
            raise FieldMistake("count: is too high", "count")
        return self


def bound(text: str, annotation: Any = Spec, **context: str) -> Any:
    binder = Binder(**context)
    value = binder.bind(parse_yaml(text, "s.yaml"), annotation)
    assert binder.problems == [], [str(p) for p in binder.problems]
    return value


def mistakes(text: str, annotation: Any = Spec, **context: str) -> list[str]:
    binder = Binder(**context)
    assert binder.bind(parse_yaml(text, "s.yaml"), annotation) is None
    return [str(p).removeprefix("s.yaml:") for p in binder.problems]


def test_a_whole_spec():
    spec = bound("""\
dataset: AE
from: NO
count: -3
ratio: 1e-3
flag: true
day: 2025-03-28
kind: 3
color: blue
items: {size: 0012, where: a == 1}
names: [Y, 12:30, 1e3]
limit: none
pair: [1, 2]
by_kind: {a: 1}
variables:
  AETERM: TERM
  AEX: {from: [A, B], map: {NULL: x, 1: y}}
  AEY: {cut: AGE, groups: {"<65": [0, 65], 65+: [65, null]}}
  AEZ:
""")
    assert spec.from_ == "NO" and spec.count == -3 and spec.ratio == 0.001 and spec.flag is True
    assert spec.day == datetime.date(2025, 3, 28) and spec.kind == "3" and spec.color is Color.BLUE
    assert spec.items == Inner(size=12, where="a == 1") and spec.names == ["Y", "12:30", "1e3"]
    assert spec.limit == "none" and spec.pair == (1, "2") and spec.by_kind == {"a": 1}
    assert spec.variables == {
        "AETERM": FromRule(from_="TERM"),
        "AEX": FromRule(from_=["A", "B"], map={"NULL": "x", "1": "y"}),
        "AEY": CutRule(cut="AGE", groups={"<65": (0, 65), "65+": (65, None)}),
        "AEZ": None,
    }


@pytest.mark.parametrize(
    ("text", "annotation", "value"),
    [
        ("0012", str, "0012"), ("0012", int, 12), ("+7", int, 7), ("5", float, 5.0), (".5", float, 0.5),
        ("-1.5E+2", float, -150.0), (".inf", float, math.inf), ("FALSE", bool, False), ("5", int | str, 5),
        ("'5'", int | str, "5"), ("x", int | str, "x"), ("1.5", int | float, 1.5), ("true", bool | str, True),
        ("~", int | None, None), ("5", list[int] | int, 5), ("[5]", list[int] | int, [5]), ("[1, 2]", set[int], {1, 2}),
        ("{1: 2}", dict[int, str], {1: "2"}), ("{a: [1, ~]}", Any, {"a": ["1", None]}), ("2", Literal[1, 2], 2),
        ("true", Literal[True, "x"], True),
    ],
)  # fmt: skip
def test_scalars_and_unions(text, annotation, value):
    result = bound(text, annotation)
    assert result == value and type(result) is type(value)


SCALARS = [
    ("", str, "1:1: error: a text is expected, found nothing (write '' for an empty text)"),
    ("NULL", str,
     '1:1: error: a text is expected, found NULL (no value) (write "NULL" in quotes if this text is meant)'),
    ("1.5", int, "1:1: error: a whole number is expected, found '1.5'"),
    ("'5'", int, "1:1: error: a whole number is expected, found the quoted text '5' (remove the quotes)"),
    ("0x1F", int, "1:1: error: a whole number is expected, found '0x1F'"),
    ("1_000", int, "1:1: error: a whole number is expected, found '1_000'"),
    ("٣", int, "1:1: error: a whole number is expected, found '٣'"),
    ("1e999", float, "1:1: error: a number is expected, found '1e999'"),
    ("nan", float, "1:1: error: a number is expected, found 'nan'"),
    ("yes", bool, "1:1: error: true or false is expected, found 'yes'"),
    ("2025-02-30", datetime.date, "1:1: error: '2025-02-30' is not a day of the calendar"),
    ("28/03/2025", datetime.date, "1:1: error: a date YYYY-MM-DD is expected, found '28/03/2025'"),
    ("{a: 1}", str, "1:1: error: a text is expected, found a mapping"),
    ("[1]", int | None, "1:1: error: a whole number is expected, found a list"),
    ("x", list[str], "1:1: error: a list is expected, found 'x' (write [x])"),
    ("x", dict[str, str], "1:1: error: a mapping is expected, found 'x'"),
    ("[1]", tuple[int, int], "1:1: error: a list of 2 is expected, found 1"),
    ("{01: a, 1: b}", dict[int, str], "1:9: error: the key '1' means the same as a key above it"),
    ("tow", Literal["one", "two"], "1:1: error: one of 'one', 'two' is expected, found 'tow' (did you mean 'two'?)"),
    ("blu", Color, "1:1: error: one of 'red', 'blue' is expected, found 'blu' (did you mean 'blue'?)"),
    ("nine", int | Literal["none"],
     "1:1: error: a whole number or 'none' is expected, found 'nine' (did you mean 'none'?)"),
    ("-1", Annotated[int, Field(ge=0)], "1:1: error: the value must be 0 or more (found '-1')"),
    ("[3, -1]", list[Annotated[int, Field(ge=0)]],
     "1:5: error: the value must be 0 or more (found '-1')"),
    ("x", None, "1:1: error: nothing is expected, found 'x'"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "annotation", "message"), SCALARS, ids=[s[2][12:60] for s in SCALARS])
def test_refused_values(text, annotation, message):
    assert mistakes(text, annotation) == [message]


def test_all_mistakes_at_once_with_their_context():
    assert mistakes("""\
dataset: AE
form: x
qqq: 1
count: many
ratio: -1
kind: tow
items: [{size: 1, where: a ! b}, {whre: c}]
variables:
  AETERM: {frm: x}
  AEX: {from: x, value: y}
  AEY: {value: y, lable: z}
  AEZ: []
  AEW: {cut: A, groups: {a: [1, x]}}
""") == [
        "2:1: error: AE: unknown key 'form' (did you mean 'from'?)",
        "3:1: error: AE: unknown key 'qqq' (valid keys: dataset, from, count, ratio, flag, day, kind, color, items, "
        "names, unit, limit, pair, by_kind, variables)",
        "4:8: error: AE: a whole number is expected, found 'many'",
        "6:7: error: AE: one of 'one', 'two', '3' is expected, found 'tow' (did you mean 'two'?)",
        "7:28: error: AE: '!' is no operator (write not)",
        "7:35: error: AE: unknown key 'whre' (did you mean 'where'?)",
        "7:34: error: AE: the key 'size' is missing",
        "9:11: error: AE.AETERM: none of the keys is a verb, which says what to do (did you mean 'from'?)",
        "10:18: error: AE.AEX: 'from' and 'value' exclude each other: one rule has one of them (keep one)",
        "11:19: error: AE.AEY: unknown key 'lable' (did you mean 'label'?)",
        "12:8: error: AE.AEZ: a mapping with one of these keys is expected, found a list (cut, from, value)",
        "13:33: error: AE.AEW: a number is expected, found 'x'",
        "5:8: error: AE: 'ratio' must be 0 or more (found '-1')",
    ]  # fmt: skip


def test_validators_of_a_model_land_at_their_place():
    assert mistakes("dataset: AE\nflag: true\n") == ["1:1: error: AE: flag: needs count:"]
    assert mistakes("dataset: AE\ncount: 101\n") == ["2:8: error: AE: count: is too high"]
    # not run on a model with a mistake elsewhere: what they would say may be wrong
    assert mistakes("dataset: AE\nflag: true\ncount: x\n") == ["3:8: error: AE: a whole number is expected, found 'x'"]


def test_missing_keys_and_what_is_no_mapping():
    assert mistakes("count: 1", dataset="DM", variable="AGE") == ["1:1: error: DM.AGE: the key 'dataset' is missing"]
    assert mistakes("", Inner) == ["1:1: error: a mapping is expected, found nothing (its keys: size, where)"]
    assert mistakes("[a]", Inner) == ["1:1: error: a mapping is expected, found a list (its keys: size, where)"]


def test_a_second_verb_counts_where_one_model_has_it_as_a_field():
    assert bound("{cut: A, groups: {}, value: x}", DerivationSpec) == CutRule(cut="A", groups={}, value="x")


def test_a_scalar_is_a_text_before_it_is_a_shorthand():
    assert bound("{dataset: A, unit: mg}").unit == "mg"
    assert bound("{dataset: A, unit: {from: U}}").unit == FromRule(from_="U")


def test_of_two_models_the_one_whose_keys_fit():
    assert bound("{cut: A, groups: {}}", ValueRule | CutRule) == CutRule(cut="A", groups={})
    assert mistakes("{cut: A, grups: {}}", ValueRule | CutRule) == [
        "1:10: error: unknown key 'grups' (did you mean 'groups'?)",
        "1:1: error: the key 'groups' is missing",
    ]


def test_a_key_that_is_only_a_little_alike_lists_the_valid_ones_too():
    (message, _) = mistakes("{cut: A, gruppen: {}}", CutRule)
    assert message.startswith("1:10: error: unknown key 'gruppen' (did you mean 'groups'? valid keys: ")


def test_places_of_models_and_fields():
    spec = bound("dataset: AE\nfrom: X\nitems:\n  - {size: 1}\n  - {size: 2, where: 'a == b'}\nvariables: {A: T}\n")
    assert place_of(spec) == Place("s.yaml", 1, 1)
    assert place_of(spec, "from_") == Place("s.yaml", 2, 7)
    assert key_place_of(spec, "from_") == Place("s.yaml", 2, 1)
    assert place_of(spec, "items", 1) == place_of(spec.items[1]) == Place("s.yaml", 5, 5)
    assert place_of(spec.items[1], "where") == Place("s.yaml", 5, 22)
    assert expression_place(spec.items[1], "where", 5) == Place("s.yaml", 5, 28)
    assert place_of(spec, "variables", "A") == Place("s.yaml", 6, 16)
    assert place_of(spec.variables["A"], "from_") == Place("s.yaml", 6, 16)
    assert key_place_of(spec, "variables", "A") == Place("s.yaml", 6, 13)
    assert place_of(spec, "count") == place_of(spec)  # not written: the model's place
    assert place_of(Inner(size=1)) == Place("")


def test_models_compare_by_value_and_pickle_with_their_places():
    one, other = bound("size: 1", Inner), bound("\n\n  size: 1", Inner)
    assert one == other == Inner(size=1) and hash(one) == hash(other) and one != bound("size: 2", Inner)
    copy = pickle.loads(pickle.dumps(other))
    assert copy == one and place_of(copy) == place_of(other) == Place("s.yaml", 3, 3)
    with pytest.raises(ValueError, match="frozen"):
        one.size = 3


def test_a_plain_pydantic_model_and_an_impossible_annotation():
    class Loose(BaseModel):
        model_config = {"extra": "allow"}
        from_: int = Field(alias="from")

    loose = bound("{from: 1, b: [2]}", Loose)
    assert loose.from_ == 1 and loose.model_extra == {"b": ["2"]}
    with pytest.raises(TypeError, match="YAML cannot fill"):
        Binder().bind(parse_yaml("a", "s"), "no type")


KEYS = st.sampled_from(sorted({*Spec.model_fields, "from", "value", "cut", "size", "where"} - {"dataset"}))
TREES = st.recursive(
    st.sampled_from(["x", "1", "~", "'1'", "true", "2025-01-01", "''"]),
    lambda d: (
        st.lists(d, max_size=3).map(lambda v: "[" + ", ".join(v) + "]")
        | st.dictionaries(KEYS, d, max_size=5).map(
            lambda v: "{" + ", ".join(f"{k}: {x}" for k, x in v.items()) + "}"
        )
    ),
    max_leaves=12,
)  # fmt: skip


@settings(max_examples=examples(50), deadline=None)
@given(TREES)
def test_any_yaml_is_bound_or_has_a_problem_with_a_place(text):
    binder = Binder()
    value = binder.bind(
        parse_yaml("{dataset: A, " + text[1:] if text.startswith("{") else text, "s"), dict[str, DerivationSpec] | Spec
    )
    assert (value is None) == bool(binder.problems)
    assert all(p.place.line == 1 and p.place.column >= 1 and p.message for p in binder.problems)
