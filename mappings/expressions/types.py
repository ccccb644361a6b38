"""Checks of an expression before data are read: its type, unknown columns, and misleading comparisons.

Not for syntax (parser.py).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from ...errors import nearest
from .tokens import clip
from .tree import (
    FUNCTIONS,
    Arithmetic,
    Call,
    Compare,
    ExpressionProblem,
    In,
    Junction,
    Literal,
    Name,
    Negate,
    Node,
    Not,
    Type,
    names_of,
    walk,
)
from .words import source_text

_WORDS = {"text": "text", "number": "a number", "boolean": "a condition"}


class TypeCheck:
    """One pass over a tree. It fills ``problems``; a part with a mistake is 'unknown' to the parts around it."""

    def __init__(self, root: Node, types: Mapping[str, str], never_missing: Collection[str]):
        self._types = types
        self._known_missing = set(never_missing) | set(_tested(root))
        self.problems: list[ExpressionProblem] = []
        self.type: Type = self._type(root)
        self.problems.sort(key=lambda p: p.offset)

    def _error(self, node: Node, message: str, hint: str = "") -> Type:
        self.problems.append(ExpressionProblem("error", message, node.offset, hint, names_of(node)))
        return "unknown"

    def _warn(self, node: Node, message: str, hint: str = "") -> None:
        self.problems.append(ExpressionProblem("warning", message, node.offset, hint, names_of(node)))

    def _type(self, node: Node) -> Type:
        if isinstance(node, Literal):
            return "text" if isinstance(node.value, str) else "number"
        if isinstance(node, Name):
            return self._column(node)
        if isinstance(node, Arithmetic | Negate):
            return self._arithmetic(node)
        if isinstance(node, Call):
            return self._call(node)
        if isinstance(node, Not | Junction):
            for item in node.children:
                self._want_condition(item)
            return "boolean"
        self._comparison(node)
        if not any(isinstance(part, Name) for part, _ in walk(node)):
            self._warn(node, "this condition reads no column: it is the same for every record")
        return "boolean"

    def _column(self, node: Name) -> Type:
        kind = self._types.get(node.name)
        if kind == "text" or kind == "number":
            return kind
        hint = nearest(node.name, list(self._types))
        if not hint and node.name.lower() in ("null", "none", "na", "nan"):
            hint = "a missing value is tested with missing(X)"
        if not hint and node.name.lower() in ("true", "false"):
            hint = "true and false are not needed: write the condition itself, SAFFL == 'Y'"
        return self._error(node, f"there is no column {clip(node.name)}", hint)

    def _arithmetic(self, node: Arithmetic | Negate) -> Type:
        signs = ["-"] if isinstance(node, Negate) else [node.rest[0][0], *(sign for sign, _ in node.rest)]
        for sign, operand in zip(signs, node.children, strict=True):
            kind = self._type(operand)
            if kind in ("text", "boolean"):
                written = source_text(operand)
                hint = ""
                if kind == "text":
                    hint = f"write number({clip_source(written)})"
                    hint += "; texts are joined by concat(a, b)" if sign == "+" else ""
                self._error(operand, f"{clip_source(written)} is {_WORDS[kind]} here; {sign} works on numbers", hint)
            if sign == "/" and operand is not node.children[0] and isinstance(operand, Literal) and operand.value == 0:
                self._error(operand, "a division by 0 has no value")
        return "number"

    def _want_condition(self, node: Node) -> None:
        kind = self._type(node)
        if kind in ("text", "number"):
            written = clip_source(source_text(node))
            hint = f"write {written} == 'Y'" if kind == "text" else f"write {written} == 1, or not missing({written})"
            self._error(node, f"{written} is {_WORDS[kind]}; a condition is needed here", hint)

    def _call(self, node: Call) -> Type:
        function = FUNCTIONS[node.function]
        alike: Type = "unknown"
        for position, argument in enumerate(node.arguments):
            wanted = function.parameter(position)
            if wanted == "boolean":
                self._want_condition(argument)
                continue
            kind = self._type(argument)
            if kind == "unknown" or wanted in ("pattern", "digits", "group"):
                continue
            written = clip_source(source_text(argument))
            if kind == "boolean":
                hint = f"write if({written}, 'Y', 'N')"
                self._error(argument, f"{node.function} works on values; {written} is a condition", hint)
            elif wanted in ("text", "number") and kind != wanted:
                change = "" if node.function in ("number", "text") else f"write {wanted}({written})"
                self._error(
                    argument, f"{node.function} needs {_WORDS[wanted]} here; {written} is {_WORDS[kind]}", change
                )
            elif wanted == "alike" and alike not in ("unknown", kind):
                hint = f"write {alike}({written})"
                self._error(argument, f"{written} is {_WORDS[kind]}, the values before it are {alike}s", hint)
            elif wanted == "alike":
                alike = kind
        self._check_text_arguments(node)
        return alike if function.result == "alike" else function.result  # pyright: ignore[reportReturnType]

    def _check_text_arguments(self, node: Call) -> None:
        """An empty text to look for never finds anything; a start before the first character is a slip."""
        searched = ("contains", "starts_with", "ends_with", "replace", "part", "find")
        if node.function in searched and node.arguments[1] == Literal(""):
            self._error(
                node.arguments[1], f"{node.function} looks for an empty text", "write missing(X) to test for ''"
            )
        if node.function == "part" and node.arguments[2] == Literal(0.0):
            self._error(node.arguments[2], "part counts from 1, and from the end from -1", "write part(X, '/', 1)")
        if node.function == "substr" and isinstance(node.arguments[1], Literal):
            start = node.arguments[1].value
            if isinstance(start, float) and start < 1:
                self._error(node.arguments[1], "substr counts characters from 1", "write substr(X, 1, 3)")

    def _comparison(self, node: Node) -> None:
        first, *others = node.children
        kind = self._type(first)
        if kind == "boolean":
            self._error(
                first, "a condition is not compared", "join conditions by and, or; write not (..) for the opposite"
            )
        elif isinstance(node, Compare) and (tested := node.missing_test) is not None:
            if (kind if tested is first else self._type(tested)) == "number":
                written = clip_source(source_text(tested))
                hint = f"write missing({written})" if node.operator == "==" else f"write not missing({written})"
                self._error(tested, f"{written} is a number here and never ''", hint)
            return
        for other in others:
            self._compare_types(node, first, kind, other)
        if isinstance(node, In):
            seen: set[str | float] = set()
            for value in node.values:
                if value.value in seen:
                    self._warn(value, f"{source_text(value)} is in the list twice")
                seen.add(value.value)
        # '' tests for missing only beside == and !=, and inside a list
        for side in (node.operand,) if isinstance(node, In) else node.children:
            if isinstance(side, Literal) and side.is_missing_text and not _is_equality(node):
                message = "only == and != can compare with a missing text"
                self._error(side, message, "write missing(X) or not missing(X)")
        if (isinstance(node, Compare) and node.operator == "!=") or (isinstance(node, In) and node.negated):
            self._warn_missing(node)

    def _compare_types(self, node: Node, first: Node, kind: Type, other: Node) -> None:
        other_kind = self._type(other)
        if other_kind == "boolean":
            self._error(
                other, "a condition is not compared", "join conditions by and, or; write not (..) for the opposite"
            )
            return
        if "unknown" in (kind, other_kind) or kind == "boolean" or kind == other_kind:
            return
        text, number = (first, other) if kind == "text" else (other, first)
        written = clip_source(source_text(text))
        hint = f"write number({written})"
        if isinstance(node, Compare):
            hint += f" {node.operator} {clip_source(source_text(number))}" if text is first else ""
        equality = isinstance(node, In) or _is_equality(node)
        if isinstance(number, Literal) and equality:
            hint += f", or quote the number: '{source_text(number)}'"
        if isinstance(text, Literal):
            try:
                hint = f"write {float(text.value):g} without quotes"
            except ValueError:
                hint = "write a number without quotes"
            message = f"{clip_source(source_text(number))} is a number here, {written} is text"
        else:
            message = f"{written} is text here, {clip_source(source_text(number))} is a number"
        # the place is that of the literal, where the pen has to go, unless both are columns
        self._error(other if isinstance(other, Literal) and other is text else first, message, hint)

    def _warn_missing(self, node: Compare | In) -> None:
        if isinstance(node, In) and any(v.is_missing_text for v in node.values):
            return
        for name in dict.fromkeys(_read_bare(node)):
            if name in self._known_missing or name not in self._types:
                continue
            shown = source_text(Name(name))
            written = "not in" if isinstance(node, In) else "!="
            message = f"{written} is false if {shown} is missing"
            self._warn(
                node, message, f"add 'or missing({shown})' or 'and not missing({shown})' to decide about missing values"
            )


def _is_equality(node: Node) -> bool:
    return isinstance(node, Compare) and node.operator in ("==", "!=")


def clip_source(written: str) -> str:
    """A part of an expression for a message: at most 60 characters."""
    return written if len(written) <= 60 else written[:57] + "..."


def _tested(root: Node) -> Iterator[str]:
    """Columns whose missing values the expression itself speaks of."""
    for node, _ in walk(root):
        if isinstance(node, Call) and node.function == "missing" and isinstance(node.arguments[0], Name):
            yield node.arguments[0].name
        elif isinstance(node, Compare) and isinstance(node.missing_test, Name):
            yield node.missing_test.name
        elif isinstance(node, In) and isinstance(node.operand, Name) and any(v.is_missing_text for v in node.values):
            yield node.operand.name


def _read_bare(node: Node) -> Iterator[str]:
    """Columns whose missing values reach this comparison: those in coalesce or if have been thought of."""
    if isinstance(node, Name):
        yield node.name
    elif not (isinstance(node, Call) and node.function in ("coalesce", "if")):
        for child in node.children:
            yield from _read_bare(child)
