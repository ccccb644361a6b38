"""YAML is read as text with exact places; every refusal names its place and says what to do."""

from __future__ import annotations

import os
import sys

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from kit.fuzzing import examples
from raw2adam.errors import Place, SpecError
from raw2adam.mappings.yaml import composer
from raw2adam.mappings.yaml.read import Mapping, Scalar, Sequence, node_data, parse_yaml, read_yaml


@pytest.fixture(params=["libyaml", "python"])
def parser(request, monkeypatch):
    if request.param == "python":
        monkeypatch.setattr(composer, "_EVENTS", yaml.SafeLoader)
    elif not hasattr(yaml, "CSafeLoader"):
        pytest.skip("PyYAML was built without libyaml")
    return request.param


def problems(text: str) -> list[tuple[int, int, str, str]]:
    with pytest.raises(SpecError) as caught:
        parse_yaml(text, "s.yaml")
    assert all(p.place.file == "s.yaml" for p in caught.value.problems)
    return [(p.place.line, p.place.column, p.message, p.hint) for p in caught.value.problems]


def test_scalars_stay_text(parser):
    text = "[Y, NO, 12:30, 2025-03-28, 1e3, 0012, 0x1F, .5, true, 'null', \"~\", a b, 1_000, '']"
    assert node_data(parse_yaml(text, "s.yaml")) == [
        "Y", "NO", "12:30", "2025-03-28", "1e3", "0012", "0x1F", ".5", "true", "null", "~", "a b", "1_000", "",
    ]  # fmt: skip


def test_plain_null_forms_are_null_and_keep_their_source():
    node = parse_yaml("[null, Null, NULL, ~, nULL, {a: }]", "s.yaml")
    assert node_data(node) == [None, None, None, None, "nULL", {"a": None}]
    assert isinstance(node, Sequence) and [n.source for n in node.items[:4] if isinstance(n, Scalar)] == [
        "null", "Null", "NULL", "~",
    ]  # fmt: skip


def test_keys_are_text_even_where_a_value_would_be_null(parser):
    assert node_data(parse_yaml("{1: a, 1.0: b, true: c, NULL: d, ~: e, 2025-03-28: f, '': g}", "s")) == {
        "1": "a", "1.0": "b", "true": "c", "NULL": "d", "~": "e", "2025-03-28": "f", "": "g",
    }  # fmt: skip


def test_places_count_from_one_in_characters(parser):
    node = parse_yaml("a: 1\nbé𝄞:\n  - {x: 'y', z: w}\n", "s.yaml")
    assert isinstance(node, Mapping)
    key = node.key("bé𝄞")
    assert key is not None and key.place == Place("s.yaml", 2, 1)
    items = node.get("bé𝄞")
    assert isinstance(items, Sequence) and items.place == Place("s.yaml", 3, 3)
    inner = items.items[0]
    assert isinstance(inner, Mapping) and inner.place == Place("s.yaml", 3, 5)
    assert [(k.place.column, v.place.column) for k, v in inner.entries] == [(6, 9), (14, 17)]
    assert node.get("c") is None and node.keys == ["a", "bé𝄞"]


@pytest.mark.parametrize(
    ("text", "offset", "place"),
    [
        ("w: a == 1", 5, (1, 9)),
        ("w: 'a == 1'", 5, (1, 10)),
        ('w: "a == 1"', 5, (1, 10)),
        ("w: 'it''s'", 3, (1, 4)),  # an escaped quote: the start
        ('w: "a\\tb"', 2, (1, 4)),
        ("w: a\n  b", 3, (1, 4)),  # folded
        ("w: |\n  a == 1", 2, (1, 4)),
        ("é: &x a", 0, (1, 4)),  # the anchor comes first
    ],
)
def test_place_of_an_offset_in_a_text(parser, text, offset, place):
    node = parse_yaml(text, "s.yaml")
    assert isinstance(node, Mapping)
    value = node.entries[0][1]
    assert isinstance(value, Scalar)
    assert value.place_at(offset) == Place("s.yaml", *place)


def test_empty_text_is_null_and_a_byte_order_mark_is_passed_over(tmp_path):
    assert parse_yaml("", "s.yaml") == Scalar(None, True, Place("s.yaml", 1, 1))
    assert parse_yaml("# only a comment\n", "s.yaml") == Scalar(None, True, Place("s.yaml", 1, 1))
    (tmp_path / "b.yaml").write_bytes(b"\xef\xbb\xbfa: 1\r\nb: 2\r\n")
    node = read_yaml(tmp_path / "b.yaml", tmp_path)
    assert isinstance(node, Mapping)
    assert [k.place for k, _ in node.entries] == [Place("b.yaml", 1, 1), Place("b.yaml", 2, 1)]


def test_an_alias_is_the_node_it_names():
    node = parse_yaml("a: &x [1, 2]\nb: *x\n? &k c\n: 3\nd: {*k : 4}", "s.yaml")
    assert node_data(node) == {"a": ["1", "2"], "b": ["1", "2"], "c": "3", "d": {"c": "4"}}


TAG = "is not allowed: a spec holds only text, lists and mappings"
REFUSED = [
    ("a: 1\nb: 2\na: 3\n", 3, 1, "the key 'a' is there twice; the first is at line 1, column 1"),
    ('m: {x: 1, "x": 2}', 1, 11, "the key 'x' is there twice; the first is at line 1, column 5"),
    ("~: 1\n'~': 2", 2, 1, "the key '~' is there twice; the first is at line 1, column 1"),
    ("a: 1\n? [b]\n: 2", 2, 3, "a key must be one text; this key is a list or a mapping"),
    ("x: {{A}: 1}", 1, 5, "a key must be one text; this key is a list or a mapping"),
    ("?\n: 1", 1, 2, "there is no key before this ':'"),
    ("a: !!python/object:os.system x", 1, 4, f"the tag '!!python/object:os.system' {TAG}"),
    ("a: !!binary aGk=", 1, 4, f"the tag '!!binary' {TAG}"),
    ("a: !mine [1]", 1, 4, f"the tag '!mine' {TAG}"),
    ("a: !!str 1", 1, 4, f"the tag '!!str' {TAG}"),
    ("- ! x", 1, 3, f"the tag '!' {TAG}"),
    ("a: &b {c: 1}\nd:\n  <<: *b", 3, 3, "merge keys (<<) are not allowed"),
    ("a: 1\n---\nb: 2", 2, 1, "a second document starts here; a spec is one document"),
    ("a: *nowhere", 1, 4, "the alias '*nowhere' has no anchor above it"),
    ("a: &x [1, *x]", 1, 11, "the alias '*x' is inside its own anchor"),
    ("[" * 100_000, 1, 31, "lists and mappings are nested deeper than 30 levels"),
    ("{a: " * 100_000, 1, 121, "lists and mappings are nested deeper than 30 levels"),
    ("- " * 100_000, 1, 61, "lists and mappings are nested deeper than 30 levels"),
    ("a:\n\tb: 1", 2, 1, "a tab is not allowed here: only blanks can indent"),
    ("a: 1\n\tb: 1", 2, 1, "a tab is not allowed here: only blanks can indent"),
    ("a: 'x\nb: 1\n", 1, 4, "the quote opened here is not closed"),
    ("a: [1, 2", 1, 4, "the list opened here is not closed"),
    ("a: {x: 1", 1, 4, "the mapping opened here is not closed"),
    ("a: [1, 2\nb: 3", 2, 2, "',' or ']' is expected here, in the list opened at line 1, column 4"),
    ("a: {x: 'y' z: 1}", 1, 12, "',' or '}' is expected here, in the mapping opened at line 1, column 4"),
    ("a: b: c", 1, 5, "a ':' is not expected here"),
    ("where: `ST DT` > 1", 1, 8, "an unquoted value cannot start with '`'"),
    ("a: @x", 1, 4, "an unquoted value cannot start with '@'"),
    ("- a\nb: 1", 2, 1, "a list item is expected here, in the list that starts at line 1, column 1"),
    ("a: 'b' c", 1, 8, "a key is expected here, in the mapping that starts at line 1, column 1"),
    ("a: *\n", 1, 4, "a name is expected after & or *"),
    ("a: |x\n b", 1, 5, "after | or > only a line end or a comment can follow"),
    ("a: - b", 1, 4, "a list item cannot start here"),
    ("a: ? b", 1, 4, "a '?' key cannot start here"),
    ("a: ]", 1, 4, "a value is expected here, not ']'"),
    ("a: 1\nb\nc: 2", 2, 1, "a ':' is expected after this key"),
    ("%YAML 2.0\n---\na", 1, 1, "lines that start with % have no meaning in a spec"),
    ("{a: 1}}", 1, 7, "nothing more is expected here: the document has ended"),
    ("a: !e!x y", 1, 4, "this tag is not allowed: a spec holds only text, lists and mappings"),
    ('a: "x\\0"', 1, 4, "the text holds an escaped NUL or half of a surrogate pair"),
    ("a: 1\nb: \x00", 2, 4, "the character U+0000 is not allowed in a spec"),
    ("a: \x1b[1m", 1, 4, "the character U+001B is not allowed in a spec"),
    ("a\r\nb\u2028", 2, 2, "the character U+2028 is not allowed in a spec"),
    ("a: \ud800", 1, 4, "the character U+D800 is not allowed in a spec"),
    ("a: x\ufeff", 1, 5, "the character U+FEFF is not allowed in a spec"),
]


@pytest.mark.parametrize(("text", "line", "column", "message"), REFUSED, ids=[r[3][:40] for r in REFUSED])
def test_refused(parser, text, line, column, message):
    assert [p[:3] for p in problems(text)] == [(line, column, message)]


def test_an_unknown_escape_is_refused_with_advice():
    [(line, column, message, hint)] = problems(r'a: "\d+"')
    assert (line, column) == (1, 5)
    assert message == "the escape after this backslash is not one that YAML knows"
    assert hint == "use single quotes, where a backslash is an ordinary character"


def test_merge_keys_point_to_parents():
    assert problems("<<: {a: 1}")[0][3] == "use parents: to build on another spec"


def test_all_problems_at_once_in_order(parser):
    text = "a: 1\na: 2\nb: {c: 1, c: 2}\n<<: {x: 1}\n[1]: 2\nd: !!binary x\ne: *g\n"
    assert [p[:2] for p in problems(text)] == [(2, 1), (3, 11), (4, 1), (5, 1), (6, 4), (7, 4)]


def test_many_problems_stop_the_reading():
    found = problems("a: b\n" * 5_000)
    assert len(found) == composer.MAX_PROBLEMS + 1
    assert found[-1][2] == "too many problems in this file; reading stops here"


def test_aliases_that_multiply_are_refused():
    laughs = "a0: &a0 [x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"a{i}: &a{i} [{','.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 12)
    )
    [(line, _, message, _)] = problems(laughs)
    assert (line, message) == (6, "the file holds more than 100,000 keys and values, each alias counted in full")
    chain = "".join(f"a{i}: &a{i} [{f'*a{i - 1}' if i else ''}]\n" for i in range(40))
    [(line, _, message, _)] = problems(chain)
    assert (line, message) == (30, "lists and mappings are nested deeper than 30 levels, aliases included")


def test_limits_let_through_what_they_promise():
    assert parse_yaml("[" * 30 + "]" * 30, "s") is not None
    assert problems("[" * 31 + "]" * 31)[0][:2] == (1, 31)
    full = "&a [" + "x," * 999 + "]," + "*a," * 98  # 99 lists of 999: with the list around them and 999 more, 100,000
    assert parse_yaml("[" + full + "x," * 999 + "]", "s") is not None
    assert problems("[" + full + "x," * 1_000 + "]")[0][2].startswith("the file holds more than 100,000")


def file_problem(path, root):
    with pytest.raises(SpecError) as caught:
        read_yaml(path, root)
    [problem] = caught.value.problems
    return str(problem)


def test_files_that_cannot_be_read(tmp_path, monkeypatch):
    (tmp_path / "sdtm").mkdir()
    assert file_problem(tmp_path / "sdtm" / "ae.yaml", tmp_path) == "sdtm/ae.yaml: error: there is no such file"
    assert file_problem(tmp_path / "sdtm", tmp_path) == "sdtm: error: this is a folder; a YAML file is expected"
    (tmp_path / "big.yaml").write_bytes(b"a" * 5_000_001)
    assert file_problem(tmp_path / "big.yaml", tmp_path).startswith(
        "big.yaml: error: the file is larger than 5,000,000"
    )
    if sys.platform == "linux":
        assert file_problem(tmp_path / ("x" * 300), tmp_path).endswith("the file cannot be read: File name too long")
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe")
        assert file_problem(tmp_path / "pipe", tmp_path).startswith("pipe: error: this is not a regular file")
    (tmp_path / "locked.yaml").write_text("a: 1")

    def refuse(*args, **kwargs):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(type(tmp_path), "open", refuse)
    assert file_problem(tmp_path / "locked.yaml", tmp_path) == (
        "locked.yaml: error: the file cannot be read: Permission denied (check its permissions)"
    )


def test_a_wrong_encoding_gives_byte_offset_and_line(tmp_path):
    (tmp_path / "w.yaml").write_bytes("a: ü\r\nname: München".encode()[:-7] + b"\xfcnchen")
    text = file_problem(tmp_path / "w.yaml", tmp_path)
    assert text.startswith("w.yaml:2:8: error: the byte 0xFC at byte offset 14 is not UTF-8 (save the file again")
    (tmp_path / "u.yaml").write_bytes("a: 1".encode("utf-16"))
    assert file_problem(tmp_path / "u.yaml", tmp_path).startswith("u.yaml:1:1: error: the file is UTF-16")
    (tmp_path / "t.yaml").write_bytes(b"a: \xc3")  # cut in the middle of a character
    assert "t.yaml:1:4: error: the byte 0xC3 at byte offset 3" in file_problem(tmp_path / "t.yaml", tmp_path)


TEXT = st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\0"), max_size=20) | st.sampled_from(
    [
        "",
        "null",
        "~",
        "<<",
        "=",
        "Y",
        "no",
        "12:30",
        "2025-03-28",
        "1e3",
        "0012",
        "- a",
        "a: b",
        "#",
        "'",
        '"',
        "\t",
        "!x",
    ]
)
DATA = st.recursive(
    TEXT | st.none(), lambda d: st.lists(d, max_size=4) | st.dictionaries(TEXT, d, max_size=4), max_leaves=12
)


@settings(max_examples=examples(50), deadline=None)
@given(DATA, st.booleans())
def test_what_pyyaml_writes_comes_back_as_text(data, flow):
    assert node_data(parse_yaml(yaml.safe_dump(data, default_flow_style=flow, width=40), "s")) == data


MARKS = st.text(st.sampled_from(list("[]{}:,-?&*!|>'\"%@`#~ \n\tab<.\\x0")), max_size=40)


@settings(max_examples=examples(100), deadline=None)
@given(MARKS)
def test_no_text_raises_anything_but_a_spec_error(text):
    for events in {composer._EVENTS, yaml.SafeLoader}:
        original, composer._EVENTS = composer._EVENTS, events
        try:
            parse_yaml(text, "s.yaml")
        except SpecError as error:
            assert error.problems and all(p.place.line >= 1 and p.message for p in error.problems)
        finally:
            composer._EVENTS = original


@settings(max_examples=examples(50), deadline=None)
@given(data=st.binary(max_size=60))
def test_no_bytes_raise_anything_but_a_spec_error(tmp_path_factory, data):
    folder = tmp_path_factory.getbasetemp()
    (folder / "random.yaml").write_bytes(data)
    try:
        read_yaml(folder / "random.yaml", folder)
    except SpecError as error:
        assert error.problems and all(p.place.file == "random.yaml" for p in error.problems)
