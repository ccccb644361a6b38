"""The condition and formula language before any data: syntax, types, sentences, range checks."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from kit.fuzzing import examples
from raw2adam.mappings.expressions.expression import Expression, ExpressionError, parse
from raw2adam.mappings.expressions.tree import (
    FUNCTIONS,
    Arithmetic,
    Between,
    Call,
    Compare,
    In,
    Junction,
    Literal,
    Name,
    Negate,
    Not,
)
from raw2adam.mappings.expressions.words import source_text

A, B, C = Name("A"), Name("B"), Name("C")
TYPES = {"SEX": "text", "TERM": "text", "IT.AETERM": "text", "AGE": "number", "DOSE": "number", "my age": "number"}


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("A or B and C", Junction("or", (A, Junction("and", (B, C))))),
        ("A and B or C", Junction("or", (Junction("and", (A, B)), C))),
        ("not A == B and C", Junction("and", (Not(Compare("==", A, B)), C))),
        ("A and B and C", Junction("and", (A, B, C))),
        ("A and (B and C)", Junction("and", (A, Junction("and", (B, C))))),
        ("A - B - C", Arithmetic(A, (("-", B), ("-", C)))),
        ("A - (B - C)", Arithmetic(A, (("-", Arithmetic(B, (("-", C),))),))),
        ("A + B * C", Arithmetic(A, (("+", Arithmetic(B, (("*", C),))),))),
        ("A * B + C", Arithmetic(Arithmetic(A, (("*", B),)), (("+", C),))),
        ("-A * B", Arithmetic(Negate(A), (("*", B),))),
        ("A -5", Arithmetic(A, (("-", Literal(5.0)),))),
        ("A == -5", Compare("==", A, Literal(-5.0))),
        ("- -5", Negate(Literal(-5.0))),
        ("A + 1 < B", Compare("<", Arithmetic(A, (("+", Literal(1.0)),)), B)),
        ("A in [1, -2.5, 1e3]", In(A, (Literal(1.0), Literal(-2.5), Literal(1000.0)))),
        ("A not in ['x']", In(A, (Literal("x"),), True)),
        ("A between 1 and 2 and B", Junction("and", (Between(A, Literal(1.0), Literal(2.0)), B))),
        ("A not between 1 and B + 1", Between(A, Literal(1.0), Arithmetic(B, (("+", Literal(1.0)),)), True)),
        ("missing(IT.AETERM)", Call("missing", (Name("IT.AETERM"),))),
        ("`a ``b``` == 'it''s' ", Compare("==", Name("a `b`"), Literal("it's"))),
        ('A == "say ""x"""', Compare("==", A, Literal('say "x"'))),
        ("A == '\\n'", Compare("==", A, Literal("\\n"))),
        ("min == 1", Compare("==", Name("min"), Literal(1.0))),
        ("größe > .5", Compare(">", Name("größe"), Literal(0.5))),
        ("`and` == 1", Compare("==", Name("and"), Literal(1.0))),
    ],
)
def test_trees(text, tree):
    assert parse(text).root == tree


def test_names_are_in_order_of_first_use():
    assert parse("C > 1 and A in [1] or missing(`B b`) and A < C").names == ("C", "A", "B b")


@pytest.mark.parametrize(
    ("text", "offset", "expected_text"),
    [
        ("", 0, "empty"),
        ("  ", 0, "empty"),
        ("A ==", 4, "value is missing"),
        ("A == == B", 5, "value is missing before '=='"),
        ("A === B", 2, "write =="),
        ("A => B", 2, "write >="),
        ("A ** 2", 2, "write X * X"),
        ("A ^= B", 2, "write !="),
        ("A | B", 2, "write or"),
        ("A is null", 2, "missing(X)"),
        ("A like 'x'", 2, "contains"),
        ("DATE OF VISIT == 'x'", 5, "backticks"),
        ("A == “x”", 5, "straight quotes"),
        ("A \u2212 1", 2, "minus sign"),
        ("A\u00a0== 1", 1, "replace it by a blank"),
        ("A == 1\x00", 6, "is not allowed here"),
        ("1ST == 2", 0, "`1ST`"),
        ("A == 1.2.3", 5, "neither a number nor a name"),
        ("A == 1e999", 5, "too large"),
        ("A in []", 6, "list is empty"),
        ("A in [B]", 6, "'B'"),
        ("A in ['x',]", 10, "texts or numbers"),
        ("A in ['x' 'y']", 10, "or ]"),
        ("A in ['x'", 5, "never closed"),
        ("A not 5", 6, "in or between"),
        ("A between 1 or 2", 12, "joined by and"),
        ("A == not B", 5, "parentheses"),
        ("A == B == C", 7, "two comparisons"),
        ("A)", 1, "is not allowed here"),
        ("f(A", 0, "did you mean 'if'?"),
        ("missing(A", 7, "never closed"),
        ("missing()", 0, "0 arguments"),
        ("missing(A, B)", 0, "2 arguments"),
        ("A and contain(B, 'x')", 6, "did you mean 'contains'?"),
        ("zzzzzz(A)", 0, "functions: missing"),
        ("round(A, B)", 9, "whole number"),
        ("round(A, 1.5)", 9, "whole number"),
        ("matches(A, B)", 11, "quoted text"),
        ("matches(A, '(?=x)')", 11, "look-ahead"),
        ("``", 0, "empty"),
        ("A == '\ud800'", 6, "surrogate"),
        ("not " * 60 + "A", 200, "nested"),
        ("+A", 0, "value is missing before '+'"),
    ],
)
def test_mistakes_have_their_column_and_say_what_to_write(text, offset, expected_text):
    with pytest.raises(ExpressionError) as caught:
        parse(text)
    assert caught.value.offset == offset
    assert expected_text in f"{caught.value.message} ({caught.value.hint})"


@pytest.mark.parametrize("sign", ["-", "(", "not ", "abs(", "A in [", "A + (", "if(A, B, "])
def test_depth_and_length_are_limited_without_recursion_errors(sign):
    with pytest.raises(ExpressionError, match="longer than 10000"):
        parse(sign * 100_000)
    with pytest.raises(ExpressionError) as caught:
        parse((sign * 9_000)[:9_990])
    assert caught.value.offset <= 50 * len(sign) + len(sign)


def test_fifty_levels_are_allowed_and_long_chains_are_not_deep():
    assert parse("(" * 49 + "A" + ")" * 49).root == A
    with pytest.raises(ExpressionError, match="nested"):
        parse("(" * 50 + "A" + ")" * 50)
    parse(" and ".join(["A == 1"] * 900))
    parse("+".join(["A"] * 4_000))


def expected_message(text, wanted=None, **options):
    kind, problems = parse(text).check(TYPES, wanted, **options)
    return kind, [(p.severity, p.offset, f"{p.message} ({p.hint})") for p in problems]


@pytest.mark.parametrize(
    ("text", "offset", "expected_text"),
    [
        ("AGEE > 1", 0, "did you mean 'AGE'?"),
        ("`my agee` > 1", 0, "did you mean 'my age'?"),
        ("AGE == null", 7, "missing(X)"),
        ("TERM > 18", 0, "TERM is text here, 18 is a number (write number(TERM) > 18)"),
        ("TERM == 1", 0, "or quote the number: '1'"),
        ("18 < TERM", 0, "write number(TERM)"),
        ("TERM between 1 and 2", 0, "write number(TERM)"),
        ("AGE in [1, 'x']", 11, "write a number without quotes"),
        ("AGE == '18'", 7, "write 18 without quotes"),
        ("TERM == AGE", 0, "TERM is text here, AGE is a number"),
        ("TERM * 2 > 1", 0, "* works on numbers (write number(TERM))"),
        ("1 + 2 - TERM > 1", 8, "- works on numbers"),
        ("TERM + SEX == 'x'", 0, "concat(a, b)"),
        ("-TERM > 1", 1, "- works on numbers"),
        ("AGE > 1 and TERM", 12, "write TERM == 'Y'"),
        ("not AGE", 4, "a condition is needed"),
        ("if(SEX, 1, 2) > 1", 3, "a condition is needed"),
        ("if(AGE > 1, 'a', 2) == 'a'", 17, "the values before it are text"),
        ("upper(AGE) == 'X'", 6, "write text(AGE)"),
        ("number(AGE) > 1", 7, "number needs text here"),
        ("(AGE > 1) == (DOSE > 1)", 1, "a condition is not compared"),
        ("upper(AGE > 1) == 'X'", 6, "write if(AGE > 1, 'Y', 'N')"),
        ("AGE == ''", 0, "write missing(AGE)"),
        ("TERM < ''", 7, "write missing(X)"),
        ("TERM between ' ' and 'M'", 13, "write missing(X)"),
        ("'' in ['a']", 0, "write missing(X)"),
        ("contains(TERM, '')", 15, "empty text"),
        ("substr(TERM, 0, 1) == 'x'", 13, "from 1"),
        ("part(TERM, '/', 0) == 'x'", 16, "from the end from -1"),
        ("part(TERM, '', 1) == 'x'", 11, "empty text"),
        ("find(TERM, '') > 1", 11, "empty text"),
        ("extract(AGE, 'x') == 'x'", 8, "write text(AGE)"),
    ],
)
def test_type_errors(text, offset, expected_text):
    errors = [(o, t) for s, o, t in expected_message(text, "condition")[1] if s == "error"]
    assert len(errors) >= 1
    assert errors[0][0] == offset
    assert expected_text in errors[0][1]


def test_all_problems_come_at_once_in_order():
    _, problems = expected_message("X1 == 'a' and TERM > 1 or SEX + 1 > Y1")
    assert [o for _, o, _ in problems] == [0, 14, 26, 36]


@pytest.mark.parametrize(
    "text", ["X1 == ''", "'' == X1", "X1 + 1 > 2", "X1 in ['a']", "missing(X1)", "if(X1, X1 , 1) > 1"]
)
def test_an_unknown_column_is_one_problem_for_each_place(text):
    assert [o for _, o, _ in expected_message(text)[1]] == [i for i in range(len(text)) if text.startswith("X1", i)]


def test_result_types():
    assert expected_message("AGE + 1")[0] == "number"
    assert expected_message("coalesce(TERM, SEX)")[0] == "text"
    assert expected_message("coalesce(AGE, 0)")[0] == "number"
    assert expected_message("missing(AGE)")[0] == "boolean"
    assert "a condition is needed" in expected_message("AGE + 1", "condition")[1][0][2]
    assert "this is a condition" in expected_message("AGE > 1", "formula")[1][0][2]
    assert expected_message("AGE > 1", "condition")[1] == []


@pytest.mark.parametrize(
    ("text", "warned"),
    [
        ("SEX != 'F'", ["SEX"]),
        ("SEX not in ['F']", ["SEX"]),
        ("upper(SEX) != TERM", ["SEX", "TERM"]),
        ("SEX != 'F' or missing(SEX)", []),
        ("SEX != 'F' and SEX != ''", []),
        ("SEX != 'F' and missing(TERM)", ["SEX"]),
        ("coalesce(SEX, 'U') != 'F'", []),
        ("SEX not in ['F', '']", []),
        ("SEX == 'F'", []),
        ("SEX != ''", []),
    ],
)
def test_warning_for_not_equal_on_a_column_that_may_be_missing(text, warned):
    problems = expected_message(text)[1]
    assert [s for s, _, _ in problems] == ["warning"] * len(warned)
    assert all(f"missing({name})" in t for name, (_, _, t) in zip(warned, problems, strict=True))
    assert expected_message(text, never_missing={"SEX", "TERM"})[1] == []


def test_warnings_for_constant_conditions_and_repeated_values():
    assert "same for every record" in expected_message("AGE > 1 or 1 == 1")[1][0][2]
    assert expected_message("SEX in ['M', 'F', 'M']")[1][0][:2] == ("warning", 18)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("EXTRT == 'ISATUXIMAB' and EXDOSE > 0", "EXTRT equals 'ISATUXIMAB' and EXDOSE is greater than 0"),
        ("A == 1 or B <= 2 and C != 'x'", "A equals 1 or (B is at most 2 and C does not equal 'x')"),
        ("not missing(A) and not A == 'x'", "A is not missing and A does not equal 'x'"),
        ("A == '' or A != ''", "A is missing or A is not missing"),
        ("not (A == 1 and B == 2)", "not (A equals 1 and B equals 2)"),
        ("A in ['x', 'y'] or B not in [1]", "A is one of 'x', 'y' or B is none of 1"),
        ("A between 1 and 2", "A is between 1 and 2"),
        ("contains(A, 'x') and not matches(B, '^y')", "A contains 'x' and B does not match the pattern '^y'"),
        ("A * (B + 1) >= 2", "(A * (B + 1)) is at least 2"),
        ("substr(A, '', 3) == 'x'", "(3 characters of A from character '' on) equals 'x'"),
        ("substr(A, 2, 3) == 'x'", "(characters 2 to 4 of A) equals 'x'"),
        ("if(A > 1, 'x', upper(B))", "'x' if A is greater than 1, otherwise (B in upper case)"),
        ("coalesce(A, B, 'x')", "the first of A, B and 'x' that is not missing"),
        ("replace(A, '{1}', '{0}')", "A with '{1}' replaced by '{0}'"),
        ("power(A / 141, -0.241)", "(A / 141) to the power of -0.241"),
    ],
)
def test_sentences(text, sentence):
    assert parse(text).sentence() == sentence


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_every_function_has_words(name):
    arguments = (Name("A"), Literal("1"), Literal("2"))[: FUNCTIONS[name].least]
    expected_message = Expression(name, Call(name, arguments), ("A",)).sentence()
    assert "A" in expected_message and not re.search(r"[{}]", expected_message)


def test_range_checks():
    assert parse("A == 'x' and 5 <= B and (C in ['a', 'b'] and D not in [1, 2.5])").range_checks() == (
        ("A", "EQ", ("x",)),
        ("B", "GE", ("5",)),
        ("C", "IN", ("a", "b")),
        ("D", "NOTIN", ("1", "2.5")),
    )
    assert parse("A between -1 and 3 and B != 2").range_checks() == (
        ("A", "GE", ("-1",)),
        ("A", "LE", ("3",)),
        ("B", "NE", ("2",)),
    )


@pytest.mark.parametrize(
    ("text", "offset"),
    [("A == 1 or B == 1", 0), ("A == 1 and B == C", 11), ("A == ''", 5), ("not A == 1", 0), ("upper(A) == 'x'", 0)],
)
def test_what_a_where_clause_of_define_xml_cannot_say(text, offset):
    with pytest.raises(ExpressionError) as caught:
        parse(text).range_checks()
    assert caught.value.offset == offset


names = st.one_of(
    st.sampled_from(["A", "IT.AETERM", "x_1", "and", "IN", "1st", "a b", "a`b", "é"]), st.text(min_size=1)
)
names = names.filter(lambda t: bool(t.strip())).map(Name)
literals = st.one_of(st.text(), st.floats(allow_nan=False, allow_infinity=False)).map(Literal)
_comparisons = st.sampled_from(["==", "!=", "<", "<=", ">", ">="])


def _bigger(inner):
    some = st.lists(inner, min_size=2, max_size=3).map(tuple)
    rests = [st.lists(st.tuples(st.sampled_from(s), inner), min_size=1, max_size=3).map(tuple) for s in ("+-", "*/")]
    calls = [
        st.lists(inner, min_size=f.least, max_size=min(f.most, 4)).map(lambda a, n=n: Call(n, tuple(a)))
        for n, f in FUNCTIONS.items()
        if not {"pattern", "digits"} & set(f.parameters)
    ]
    return st.one_of(
        st.builds(Negate, inner),
        st.builds(Not, inner),
        st.builds(Arithmetic, inner, st.one_of(rests)),
        st.builds(Compare, _comparisons, inner, inner),
        st.builds(In, inner, st.lists(literals, min_size=1, max_size=3).map(tuple), st.booleans()),
        st.builds(Between, inner, inner, inner, st.booleans()),
        st.builds(Junction, st.sampled_from(["and", "or"]), some),
        st.one_of(calls),
    )


@settings(max_examples=examples(40), deadline=None)
@given(st.recursive(names | literals, _bigger, max_leaves=12))
def test_a_printed_tree_reads_back_the_same(tree):
    written = source_text(tree)
    expression = parse(written)
    assert expression.root == tree
    assert expression.source() == written
    expression.sentence()
    expression.check(dict.fromkeys(expression.names, "text"))


_SCRAPS = """A B.C 12 .5 1e 'x' "y" ` ' == = != < >= + - * / ( ) [ ] , && ! . and or not in between
missing( if( matches("""
_scraps = st.lists(st.sampled_from([*_SCRAPS.split(), " ", "\n"]), max_size=25).map(" ".join)


@settings(max_examples=examples(60), deadline=None)
@given(st.one_of(_scraps, st.text(st.characters(codec=None, exclude_categories=()), max_size=40)))
@example("matches(A, '\ud800')")
def test_any_text_parses_or_gives_an_expression_error(text):
    try:
        expression = parse(text)
    except ExpressionError as error:
        assert 0 <= error.offset <= len(text)
        return
    expression.check({"A": "text"}, "condition")
    expression.sentence()
    assert parse(expression.source()).root == expression.root


@pytest.mark.parametrize(
    ("text", "offset", "expected_text"),
    [
        ("extract(TERM, '(a)(b)')", 14, "the pattern has 2 groups; name the group that extract returns"),
        ("extract(TERM, '(a)(b)', 3)", 24, "the pattern has 2"),
        ("extract(TERM, 'a', 1)", 19, "the pattern has none: write (...) around what is wanted"),
        ("extract(TERM, '(a)', 0.5)", 21, "the number of one of its groups"),
        ("extract(TERM, '(a)', AGE)", 21, "the number of one of its groups"),
        ("extract(TERM, SEX)", 14, "the pattern of extract is a quoted text"),
        ("extract(TERM, '(a')", 14, "a regular expression that cannot be read"),
        ("extract(TERM, 'a(?=b)')", 14, "a regular expression that cannot be read"),
        (f"matches(TERM, '{'a' * 1001}')", 14, "a pattern may have 1000 characters"),
    ],
)
def test_patterns_are_checked_before_any_data_are_read(text, offset, expected_text):
    with pytest.raises(ExpressionError) as caught:
        parse(text)
    assert (caught.value.offset, expected_text in caught.value.message) == (offset, True), caught.value.message


def test_sentences_of_parts():
    assert parse("part(A, '/', 2)").sentence() == "part 2 of A at '/'"
    assert parse("extract(A, '(x)(y)', 2)").sentence() == "what group 2 of the pattern '(x)(y)' finds in A"
    assert parse("extract(A, 'x')").sentence() == "what the pattern 'x' finds in A"
    assert parse("find(A, '/')").sentence() == "the position of '/' in A"
