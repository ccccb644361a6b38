"""Conditions and formulas over columns: the tables of docs/expressions.md, literal cases, and a slow second opinion."""

from __future__ import annotations

import itertools
import math
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kit.fuzzing import examples
from raw2adam.engine.columns.column import missing
from raw2adam.engine.columns.moments import after_each
from raw2adam.engine.expressions.kernels import compute, condition, unreadable
from raw2adam.mappings.expressions.expression import ExpressionError, parse
from raw2adam.mappings.expressions.tree import (
    Arithmetic,
    Between,
    Call,
    Compare,
    In,
    Junction,
    Literal,
    Name,
    Negate,
    Node,
    Not,
)
from raw2adam.mappings.expressions.words import source_text

PAGE = (Path(__file__).parents[2] / "docs" / "expressions.md").read_text(encoding="utf-8")
NUMBERS = ("AGE", "DOSE")
TEXTS = ("SEX", "AESEV", "AETERM", "AESTDTC", "AEENDTC", "Date of visit")


def text_column(values, form="category"):
    series = pd.Series(list(values), dtype="str")
    return series.astype("category") if form == "category" else series


def doc_rows(header: str) -> list[tuple[str, ...]]:
    """The rows of every table of the page under this header; cells are split at ' | '."""
    rows, inside = [], False
    for line in PAGE.splitlines():
        if line == header:
            inside = True
        elif not line.startswith("|"):
            inside = False
        elif inside and not line.startswith("|---"):
            rows.append(tuple(cell.strip() for cell in line.strip("|").split(" | ")))
    return rows


def code(cell: str) -> str:
    """The text between the backticks of a Markdown cell, one or two on each side."""
    return (cell[2:-2].strip() if cell.startswith("``") else cell[1:-1]).replace("\\|", "|")


def value(written: str) -> str | float:
    if written[0] in "'\"":
        return written[1:-1]
    return math.nan if written == "missing" else float(written)


def record(cell: str) -> dict[str, pd.Series | np.ndarray]:
    given_values = dict(re.findall(r"([A-Za-z ]+?)=('[^']*'|\"[^\"]*\"|[^,]+)(?:, |$)", cell))
    assert set(given_values) <= {*NUMBERS, *TEXTS}, cell
    columns: dict[str, pd.Series | np.ndarray] = {n: np.array([value(given_values.get(n, "missing"))]) for n in NUMBERS}
    return columns | {t: text_column([value(given_values.get(t, "''"))]) for t in TEXTS}


EXAMPLES = doc_rows("| Expression | Record | Gives |")
MISTAKES = doc_rows("| Not accepted | Column | Message |")


def test_the_page_has_its_examples():
    assert len(EXAMPLES) >= 80
    assert len(MISTAKES) >= 20
    assert all(len(row) == 3 for row in EXAMPLES)


@pytest.mark.parametrize(("expression", "cell", "gives"), EXAMPLES)
def test_every_example_of_the_page(expression, cell, gives):
    columns = record(cell)
    parsed = parse(code(expression))
    if gives in ("true", "false"):
        assert condition(parsed, columns.__getitem__, 1).tolist() == [gives == "true"]
        return
    [found] = compute(parsed, columns.__getitem__, 1).tolist()
    wanted = value(gives)
    assert type(found) is type(wanted)
    assert found == wanted or (found != found and wanted != wanted)


@pytest.mark.parametrize(("expression", "column", "expected"), MISTAKES)
def test_every_mistake_of_the_page(expression, column, expected):
    types = dict.fromkeys(NUMBERS, "number") | dict.fromkeys(TEXTS, "text")
    try:
        error = parse(code(expression)).check(types, "condition")[1][0]
    except ExpressionError as caught:
        error = caught
    assert expected in f"{error.message} ({error.hint})"
    assert error.offset + 1 == int(column)


@pytest.mark.parametrize(("a", "b", "both", "either", "opposite"), doc_rows("| a | b | a and b | a or b | not a |"))
def test_the_truth_table_of_the_page(a, b, both, either, opposite):
    """Unknown differs from false by its opposite, which is not true either. See docs/semantics.md S5."""
    stand_in = {"true": "1 == X", "false": "2 == X", "unknown": "1 == M"}
    columns = {"X": np.array([1.0]), "M": np.array([math.nan])}

    def truth(text):
        yes, no = (bool(condition(parse(t), columns.__getitem__, 1)[0]) for t in (text, f"not ({text})"))
        return "true" if yes else "false" if no else "unknown"

    left, right = stand_in[a], stand_in[b]
    assert truth(f"{left} and {right}") == both
    assert truth(f"{left} or {right}") == either
    assert truth(f"not {left}") == opposite


FRAME = {
    "SEX": ["M", "F", "", "M", "F"],
    "ARM": ["F", "F", "", "", "A"],
    "AGE": [17.0, 64.0, math.nan, 18.0, 99.0],
    "DOSE": [1.0, 0.0, 5.0, math.nan, 2.5],
    "RAW": ["1,5", " 7 ", "", "2e3", "1_0"],
}


def columns_of(frame, form="category"):
    columns = {k: np.array(v) if isinstance(v[0], float) else text_column(v, form) for k, v in frame.items()}
    return columns.__getitem__


@pytest.mark.parametrize("form", ["category", "str"])
@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("SEX == 'M'", "10010"),
        ("SEX == ARM", "01000"),
        ("SEX != ARM", "10001"),
        ("SEX > ARM", "10001"),
        ("SEX <= ARM", "01000"),
        ("not SEX == ARM", "10001"),
        ("missing(SEX) or AGE > 64", "00101"),
        ("AGE / DOSE > 20", "00001"),
        ("not AGE / DOSE > 20", "10000"),
        ("number(RAW) >= 7", "01010"),
        ("concat(SEX, ARM) in ['FF', 'M']", "01010"),
        ("if(AGE >= 18, SEX, ARM) == 'F'", "11001"),
        ("contains(concat(SEX, '-', ARM, '-', text(AGE)), 'F-6')", "01000"),
        ("1 == 1", "11111"),
        ("missing(concat(SEX, ' '))", "00100"),
        ("concat(SEX, ' ') == SEX", "11011"),
        ("AGE in [17, 99]", "10001"),
        ("AGE not in [17, 99]", "01010"),
        ("min(AGE, DOSE, 3) == 3", "00110"),
        ("matches(SEX, 'M|F') and not matches(ARM, 'F')", "00001"),
    ],
)
def test_conditions(text, rows, form):
    found = condition(parse(text), columns_of(FRAME, form), 5)
    assert found.dtype == bool
    assert "".join("01"[int(x)] for x in found) == rows


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("concat(SEX, ARM)", ["MF", "FF", "", "M", "FA"]),
        ("coalesce(ARM, SEX, 'none')", ["F", "F", "none", "M", "A"]),
        ("max(SEX, ARM)", ["M", "F", "", "M", "F"]),
        ("min(SEX, ARM)", ["F", "F", "", "M", "A"]),
        ("text(AGE)", ["17", "64", "", "18", "99"]),
        ("if(DOSE > 0, concat(text(DOSE), ' mg'), '')", ["1 mg", "", "5 mg", "", "2.5 mg"]),
        ("'x'", ["x"] * 5),
        ("concat(SEX, '  ')", ["M", "F", "", "M", "F"]),
        ("substr(RAW, AGE - 16, DOSE)", ["1", "", "", "", ""]),
    ],
)
def test_text_formulas_give_categories_without_trailing_blanks(text, values):
    found = compute(parse(text), columns_of(FRAME), 5)
    assert isinstance(found.dtype, pd.CategoricalDtype)
    assert found.tolist() == values


def test_number_formulas():
    found = compute(parse("AGE * 2 - DOSE"), columns_of(FRAME), 5)
    assert found.dtype == "float64"
    np.testing.assert_array_equal(found, [33.0, 128.0, math.nan, math.nan, 195.5])
    np.testing.assert_array_equal(compute(parse("2 + 3"), columns_of(FRAME), 5), [5.0] * 5)


def test_numbers_that_overflow_are_missing_and_zero_has_no_sign():
    """See docs/semantics.md S16."""
    columns = {"X": np.array([1e200, 0.0, -0.2, np.inf])}.__getitem__
    np.testing.assert_array_equal(compute(parse("X * X"), columns, 4)[:1], [math.nan])
    assert not np.signbit(compute(parse("-X"), columns, 4)[1])
    assert not np.signbit(compute(parse("round(X)"), columns, 4)[2])
    assert compute(parse("text(X)"), columns, 4)[3] == ""


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("number(RAW) > 1", {0: "1,5", 4: "1_0"}),
        ("if(SEX == 'M', number(RAW), 0)", {0: "1,5"}),
        ("if(SEX == 'M', 0, number(RAW))", {4: "1_0"}),
        ("SEX == 'F' and number(RAW) > 1", {4: "1_0"}),
        ("SEX == 'F' or number(RAW) > 1", {0: "1,5"}),
        ("number(upper(RAW)) > 1 and matches(RAW, '^[0-9_]+$')", {4: "1_0"}),
        ("matches(RAW, '^[0-9]+$') and number(RAW) > 1", {}),
        ("AGE > 1", {}),
    ],
)
def test_texts_that_are_no_numbers_are_listed_where_they_matter(text, found):
    entries = unreadable(parse(text), columns_of(FRAME), 5)
    assert len(entries) == (1 if found else 0)
    for entry in entries:
        assert dict(zip(np.flatnonzero(entry.rows).tolist(), entry.texts.tolist(), strict=True)) == found
        assert text[entry.offset :].startswith("number(")
        assert text[entry.offset :].startswith(f"number({entry.argument})")


def test_columns_that_do_not_fit():
    with pytest.raises(ExpressionError, match="column 13: there is no column 'AGEE'"):
        condition(parse("AGE > 1 and AGEE > 2"), columns_of(FRAME), 5)
    with pytest.raises(ExpressionError, match="write number"):
        condition(parse("SEX > 1"), columns_of(FRAME), 5)
    with pytest.raises(ExpressionError, match="a condition is needed"):
        condition(parse("AGE + 1"), columns_of(FRAME), 5)
    with pytest.raises(ExpressionError, match="this is a condition"):
        compute(parse("AGE > 1"), columns_of(FRAME), 5)
    with pytest.raises(ValueError, match="AGE has 5 values, expected 4"):
        condition(parse("AGE > 1"), columns_of(FRAME), 4)


def test_no_records_missing_codes_and_unused_categories():
    empty = columns_of({"SEX": [""], "AGE": [1.0]})
    none = {"SEX": empty("SEX")[:0], "AGE": empty("AGE")[:0]}.__getitem__
    assert condition(parse("matches(upper(SEX), 'M') or AGE > 1 or round(AGE, 1) == 2"), none, 0).tolist() == []
    assert compute(parse("concat(SEX, text(AGE))"), none, 0).tolist() == []
    assert compute(parse("'x'"), none, 0).tolist() == []
    gaps = pd.Series(pd.Categorical(["b", None, "a"], categories=pd.Index(["zz", "b", "a", *map(str, range(50))])))
    assert condition(parse("missing(X) or X == 'a'"), {"X": gaps}.__getitem__, 3).tolist() == [False, True, True]
    assert compute(parse("upper(X)"), {"X": gaps}.__getitem__, 3).tolist() == ["B", "", "A"]


def test_a_text_of_white_space_is_missing_for_conditions_and_for_rules():
    """docs/semantics.md S1."""
    texts = text_column(["", "  ", "\t", "\u00a0", " x "])
    expected = [True, True, True, True, False]
    assert condition(parse("missing(X)"), {"X": texts}.__getitem__, 5).tolist() == expected
    assert missing(texts).tolist() == expected


def test_many_different_texts_meet_without_losing_a_pair():
    n = 5_000
    left, right = [f"a{i % 977}" for i in range(n)], [f"b{i % 991}" for i in range(n)]
    columns = {"L": text_column(left), "R": text_column(right), "N": np.arange(n) % 7.0}.__getitem__
    found = compute(parse("concat(L, R, '/', text(N))"), columns, n).tolist()
    assert found == [f"{x}{y}/{i % 7}" for i, (x, y) in enumerate(zip(left, right, strict=True))]


# --- a slow second opinion: one record at a time, straight from the tables of the page. None is missing or unknown.

Row = dict[str, "str | float | None"]


def slow(node: Node, row: Row):
    if isinstance(node, Literal):
        return node.value if node.value != "" else None
    if isinstance(node, Name):
        return row[node.name]
    if isinstance(node, Not):
        inner = slow(node.operand, row)
        return None if inner is None else not inner
    if isinstance(node, Junction):
        items = [slow(i, row) for i in node.items]
        decides = node.word == "or"
        if decides in items:
            return decides
        return None if None in items else not decides
    if isinstance(node, Compare):
        return slow_compare(node, row)
    if isinstance(node, In):
        tests = [slow(Compare("==", node.operand, v), row) for v in node.values]
        found = True if True in tests else None if None in tests else False
        return found if found is None or not node.negated else not found
    if isinstance(node, Between):
        ends = [slow(Compare(">=", node.operand, node.low), row), slow(Compare("<=", node.operand, node.high), row)]
        found = False if False in ends else None if None in ends else True
        return found if found is None or not node.negated else not found
    if isinstance(node, Negate):
        inner = slow(node.operand, row)
        return None if inner is None else -inner
    if isinstance(node, Arithmetic):
        total = slow(node.first, row)
        for sign, operand in node.rest:
            total = slow_arithmetic(sign, total, slow(operand, row))
        return total
    assert isinstance(node, Call)
    return slow_call(node, [slow(a, row) for a in node.arguments])


def slow_compare(node: Compare, row: Row):
    left, right = slow(node.left, row), slow(node.right, row)
    for side, other in ((node.left, right), (node.right, left)):
        if node.operator in ("==", "!=") and isinstance(side, Literal) and side.value == "":
            return (other is None) == (node.operator == "==")
    if left is None or right is None:
        return None
    outcomes = {"==": left == right, "!=": left != right, "<": left < right, "<=": left <= right}
    outcomes |= {">": left > right, ">=": left >= right}
    return outcomes[node.operator]


def slow_arithmetic(sign, a, b):
    if a is None or b is None or (sign == "/" and b == 0):
        return None
    return {"+": lambda: a + b, "-": lambda: a - b, "*": lambda: a * b, "/": lambda: a / b}[sign]()


def slow_call(node: Call, given_values: list):
    name, first = node.function, given_values[0]
    present = [v for v in given_values if v is not None]
    if name == "missing":
        return first is None
    if name == "coalesce":
        return present[0] if present else None
    if name in ("min", "max"):
        return (min if name == "min" else max)(present) if present else None
    if name == "concat":
        return "".join(present) or None
    if name == "if":
        return given_values[1] if first is True else given_values[2]
    if name == "length":
        return float(len(first or ""))
    if name == "upper":
        return first and first.upper()
    if name == "number":
        return float(first) if first is not None and first.isdigit() else None
    if name == "abs":
        return None if first is None else abs(first)
    assert name in ("contains", "starts_with")
    if len(present) < 2:
        return None
    return present[1] in present[0] if name == "contains" else present[0].startswith(present[1])


text_values = st.sampled_from(["", "a", "A", "ab", "b", "1", "12"])
number_values = st.sampled_from([0.0, 1.0, -1.0, 2.0, 12.0])


def _typed(depth: int, kind: str) -> st.SearchStrategy[Node]:
    """Random expressions of one type, over small whole numbers so that both evaluators compute exactly."""
    leaves = {
        "text": st.sampled_from(["S", "T"]).map(Name) | text_values.map(Literal),
        "number": st.sampled_from(["X", "Y"]).map(Name) | number_values.map(Literal),
    }
    if depth == 0:
        return (
            leaves[kind]
            if kind != "boolean"
            else st.builds(Call, st.just("missing"), leaves["text"].map(lambda n: (n,)))
        )
    text, number, boolean = (_typed(depth - 1, k) for k in ("text", "number", "boolean"))

    def calls(kinds, *names):
        return st.builds(Call, st.sampled_from(names), st.tuples(*kinds))

    signs = st.lists(st.tuples(st.sampled_from("+-"), number), min_size=1, max_size=2).map(tuple)
    products = st.tuples(st.tuples(st.sampled_from("*/"), number))
    if kind == "text":
        return st.one_of(
            leaves["text"],
            calls([text, text], "concat", "min", "max", "coalesce"),
            calls([text], "upper"),
            calls([boolean, text, text], "if"),
        )
    if kind == "number":
        return st.one_of(
            leaves["number"],
            st.builds(Arithmetic, number, signs | products),
            st.builds(Negate, number),
            calls([number, number], "min", "max", "coalesce"),
            calls([number], "abs"),
            calls([text], "length", "number"),
            calls([boolean, number, number], "if"),
        )
    equal, ordered = st.sampled_from(["==", "!="]), st.sampled_from(["<", "<=", ">", ">="])
    words = text.filter(lambda n: not (isinstance(n, Literal) and n.value == ""))
    in_texts = st.lists(text_values.map(Literal), min_size=1, max_size=3).map(tuple)
    in_numbers = st.lists(number_values.map(Literal), min_size=1, max_size=3).map(tuple)
    return st.one_of(
        st.builds(Compare, equal, text, text),
        st.builds(Compare, ordered, words, words),
        st.builds(Compare, equal | ordered, number, number),
        st.builds(In, words, in_texts, st.booleans()),
        st.builds(In, number, in_numbers, st.booleans()),
        st.builds(Between, words, words, words, st.booleans()),
        st.builds(Between, number, number, number, st.booleans()),
        st.builds(Not, boolean),
        st.builds(Junction, st.sampled_from(["and", "or"]), st.lists(boolean, min_size=2, max_size=3).map(tuple)),
        calls([text], "missing"),
        calls([number], "missing"),
        calls([text, words.filter(lambda n: not isinstance(n, Literal))], "contains", "starts_with"),
        calls([text, st.just(Literal("a"))], "contains", "starts_with"),
    )


frames = st.lists(
    st.fixed_dictionaries(
        {
            "S": text_values,
            "T": text_values,
            "X": number_values | st.just(math.nan),
            "Y": number_values | st.just(math.nan),
        }
    ),
    min_size=1,
    max_size=6,
)
CONDITIONS, WORDS, AMOUNTS = (_typed(2, k) for k in ("boolean", "text", "number"))


def _columns_and_rows(records):
    columns = {k: text_column([r[k] for r in records]) for k in "ST"} | {
        k: np.array([r[k] for r in records]) for k in "XY"
    }
    absent = [{k: None if v == "" or v != v else v for k, v in r.items()} for r in records]
    return columns.__getitem__, absent


def _read(node: Node):
    return parse(source_text(node))


@settings(max_examples=examples(50), deadline=None)
@given(CONDITIONS, frames)
def test_conditions_agree_with_the_slow_reference(node, records):
    column, absent = _columns_and_rows(records)
    expression = _read(node)
    assert condition(expression, column, len(records)).tolist() == [slow(node, r) is True for r in absent]
    opposite = condition(_read(Not(node)), column, len(records)).tolist()
    assert opposite == [slow(node, r) is False for r in absent]


@settings(max_examples=examples(40), deadline=None)
@given(WORDS | AMOUNTS, frames)
def test_formulas_agree_with_the_slow_reference(node, records):
    column, absent = _columns_and_rows(records)
    found = compute(_read(node), column, len(records)).tolist()
    found = [None if v == "" or v != v else v for v in found]
    assert found == [
        v if (v := slow(node, r)) is None else pytest.approx(v) if isinstance(v, float) else v for r in absent
    ]


_DATES = ["2021", "2021-04", "2021-04-01", "2021-03-31", "2021-04-01T08:00", "2021-04-01T09", "2021-04-01T08:30:10",
          "2020---15", "--04-01", "x", "2021-0", "20211", "2022-01", "1999-12-31T23:59", ""]  # fmt: skip


def test_many_dates_are_compared_as_one_by_one():
    pairs = list(itertools.product(_DATES, _DATES))
    first, second = (np.array(side, dtype=object) for side in zip(*pairs, strict=True))
    one_by_one = [bool(after_each(first[i : i + 1], second[i : i + 1])[0]) for i in range(len(pairs))]
    assert after_each(first, second).tolist() == one_by_one
    assert after_each(first[:0], second[:0]).tolist() == []


@pytest.mark.parametrize(
    ("value", "text", "holds"),
    [
        # the sum of thirds is 74.99999999999999 in binary, and 75 in the output
        (74.99999999999999, "AGE < 75", False),
        (74.99999999999999, "AGE >= 75", True),
        (74.99999999999999, "AGE == 75", True),
        (74.99999999999999, "AGE != 75", False),
        (74.99999999999999, "AGE in [75, 80]", True),
        (74.99999999999999, "AGE between 75 and 80", True),
        # the eleventh digit counts, and every digit of a whole number
        (74.999999999, "AGE < 75", True),
        (74.999999999, "AGE in [75]", False),
        (1234567890123456.0, "AGE == 1234567890123457", False),
        (0.0, "AGE < 1e-300", True),
        (float("inf"), "AGE > 75", True),
    ],
)
def test_numbers_with_the_same_twelve_digits_are_equal(value, text, holds):
    """docs/semantics.md S13: a condition sees a number as it is in the output."""
    assert condition(parse(text), lambda name: pd.Series([value]), 1).tolist() == [holds]
