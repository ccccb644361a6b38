"""Changing one key of a YAML text: comments, layout and everything else stay."""

from __future__ import annotations

import pytest
from raw2adam.mappings.yaml.edit import EditError, NoSuchKey, add_item, remove, set_key
from raw2adam.mappings.yaml.read import node_data, parse_yaml
from raw2adam.specification.yaml_text import entry_lines, flow

TEXT = """\
# head
dataset: AE
rows: {from: DM}   # records
variables:
  AETERM: TERM  # as written
  AESEV: {from: GRADE, map: {1: MILD}}
  AEDUR: {}
  AESTDTC:
    date: START
    method: |-
      First line.
      Second line.

  # the end
  AEENDTC:
    date: END   # the last key
values:
- {where: AESEV == 'MILD', variable: AEDUR}
- where: AESEV == 'SEVERE'
  variable: AEDUR
"""


def changed(path, key, value, text=TEXT):
    return set_key(text, path, key, flow(value), entry_lines(key, value), shorthand="from")


@pytest.mark.parametrize(
    ("path", "key", "value", "old", "new"),
    [
        (("variables", "AETERM"), "label", "A: b", "AETERM: TERM  #", 'AETERM: {from: TERM, label: "A: b"}  #'),
        (("variables", "AESEV"), "label", "Severity", "{1: MILD}}", "{1: MILD}, label: Severity}"),
        (("variables", "AESEV"), "from", "G", "{from: GRADE,", "{from: G,"),
        (("variables", "AESEV", "map"), "1", "MODERATE", "{1: MILD}", "{1: MODERATE}"),
        (("variables", "AEDUR"), "label", "Days", "AEDUR: {}", "AEDUR: {label: Days}"),
        (
            ("variables", "AESTDTC"), "method", "Other.",
            "method: |-\n      First line.\n      Second line.\n", "method: Other.\n",
        ),
        (
            ("variables", "AESTDTC"), "method", "One.\nTwo.",
            "      First line.\n      Second line.\n", "      One.\n      Two.\n",
        ),
        (("variables", "AESTDTC"), "label", "Start", "      Second line.\n", "      Second line.\n    label: Start\n"),
        (("variables", "AEENDTC"), "label", "End", "# the last key\n", "# the last key\n    label: End\n"),
        (("variables", "AEENDTC"), "date", "STOP", "date: END   #", "date: STOP   #"),
        ((), "label", "Adverse Events", "dataset: AE\n", "dataset: AE\nlabel: Adverse Events\n"),
        (("values", 0), "label", "Mild", "variable: AEDUR}", "variable: AEDUR, label: Mild}"),
        (("values", 1), "label", "Severe", "  variable: AEDUR\n", "  variable: AEDUR\n  label: Severe\n"),
    ],
)  # fmt: skip
def test_one_key_changes(path, key, value, old, new):
    assert TEXT.count(old) == 1
    assert changed(path, key, value) == TEXT.replace(old, new)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("a: &x [1]\nb: {c: *x}  # d\n", "a: &x [1]\nb: {c: *x, e: f}  # d\n"),
        ("a: &x [1]\nb:\n  c: *x\n", "a: &x [1]\nb:\n  c: *x\n  e: f\n"),
        ("a: &x [1]\nb: {c: {d: *x}}\n", "a: &x [1]\nb: {c: {d: *x}, e: f}\n"),
        ("b: {c: &x [1], d: 2}\n", "b: {c: &x [1], d: 2, e: f}\n"),
        ("b: &y {}\n", "b: &y {e: f}\n"),
    ],
)
def test_an_entry_behind_an_alias(text, wanted):
    assert changed(("b",), "e", "f", text) == wanted


def test_the_last_line_of_a_file_without_a_line_end():
    assert changed(("a",), "c", "x", "a:\n  b: 1") == "a:\n  b: 1\n  c: x"


def test_an_empty_value_gets_a_text():
    assert changed((), "b", "x", "a: 1\nb:\n") == "a: 1\nb: x\n"


@pytest.mark.parametrize(
    ("text", "path", "key", "reason"),
    [
        ("a: &x {b: 1}\nc: *x\n", ("c",), "b", "an alias"),
        ("a: &x 1\nc: {b: *x}\n", ("c",), "b", "an alias"),
        ("a: {b: &x 1}\nc: *x\n", ("a",), "b", "an alias"),
        ("a: &x 1\nc: *x\n", ("c",), "b", "an alias"),
        ("a: &x {b: {c: 1}}\nd: *x\n", ("a", "b"), "c", "an alias"),
        ("a: &x {b: {c: 1}}\nd: *x\n", ("d", "b"), "c", "an alias"),
        ("a: [1]\n", ("a",), "b", "no mapping"),
        ("a:\n", ("a",), "b", "no mapping"),
        ("a: 1\n", ("d", "e"), "b", "there is no key d"),
    ],
)
def test_what_cannot_be_changed_for_certain_is_refused(text, path, key, reason):
    with pytest.raises(EditError, match=reason):
        changed(path, key, "x", text)


def test_a_place_that_is_not_there():
    with pytest.raises(NoSuchKey, match="there is no key GONE"):
        changed(("variables", "GONE"), "label", "x")


def test_values_of_every_kind_are_read_back():
    value = {"text": "a: b\nc", "pages": ["7", "9-11"], "document": "acrf"}
    for path in ((), ("variables", "AETERM"), ("variables", "AESTDTC"), ("values", 0)):
        data = node_data(parse_yaml(changed(path, "comment", value), "x.yaml"))
        for step in path:
            data = data[step]
        assert data["comment"] == value


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        (("variables", "AETERM"), "  AETERM: TERM  # as written\n", ""),
        (("variables", "AEENDTC"), "  AEENDTC:\n    date: END   # the last key\n", ""),
        (("variables", "AESTDTC", "method"), "    method: |-\n      First line.\n      Second line.\n", ""),
        (("variables", "AESEV", "map"), "{from: GRADE, map: {1: MILD}}", "{from: GRADE}"),
        (("variables", "AESEV", "from"), "{from: GRADE, map", "{map"),
        (("variables", "AESEV", "map", "1"), "{1: MILD}", "{}"),
        (("variables", "AEENDTC", "date"), "  AEENDTC:\n    date: END   # the last key\n", "  AEENDTC: {}\n"),
        (("values", 0), "- {where: AESEV == 'MILD', variable: AEDUR}\n", ""),
        (("values", 1), "- where: AESEV == 'SEVERE'\n  variable: AEDUR\n", ""),
    ],
)
def test_an_entry_is_removed(path, old, new):
    assert TEXT.count(old) == 1
    assert remove(TEXT, path) == TEXT.replace(old, new)


@pytest.mark.parametrize(
    ("text", "path", "new"),
    [
        ("a:\n- b   # c\nd: e\n", ("a", 0), "a: []\nd: e\n"),
        ("a:\n  # b\n  - c\n", ("a", 0), "a: []\n  # b\n"),
        ("a: [b]\n", ("a", 0), "a: []\n"),
        ("a: [b, c]\n", ("a", 1), "a: [b]\n"),
        ("a: {b: 1}", ("a", "b"), "a: {}"),
    ],
)
def test_the_last_entry_leaves_an_empty_value(text, path, new):
    assert remove(text, path) == new
    assert node_data(parse_yaml(new, "")).get("a") in ([], {}, ["b"])


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("- a: 1\n  b: 2\n", (0, "a")),
        ("- a: 1\n", (0, "a")),
        ("a: &x 1\nb: *x\n", ("a",)),
        ("a: &x 1\nb: *x\n", ("b",)),
        ("a: 1\n", ("b",)),
        ("a: 1\n", ("a", "b")),
    ],
)
def test_an_entry_that_cannot_be_removed_for_certain(text, path):
    with pytest.raises(EditError):
        remove(text, path)


@pytest.mark.parametrize(
    ("text", "new"),
    [
        ("a:\n- b   # c\nd: e\n", "a:\n- b   # c\n- {f: g}\nd: e\n"),
        ("a:\n  - b: 1\n    c: 2", "a:\n  - b: 1\n    c: 2\n  - {f: g}"),
        ("a: [b]\n", "a: [b, {f: g}]\n"),
        ("a: []\n", "a: [{f: g}]\n"),
    ],
)
def test_an_item_is_added_at_the_end(text, new):
    assert add_item(text, ("a",), "{f: g}", ["- {f: g}"]) == new


def test_an_item_needs_a_list():
    with pytest.raises(EditError, match="no list"):
        add_item("a: {}\n", ("a",), "b", ["- b"])
