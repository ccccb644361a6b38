"""Turns the text of one scalar into a typed value by the YAML 1.2 core schema, or reports the expected type.

Not for lists, mappings and models (mappings/binding/bind.py).
"""

from __future__ import annotations

import datetime
import re
from enum import Enum
from typing import Any, Literal, get_args, get_origin

from ...errors import nearest
from .nodes import Node, Scalar, Sequence, shown

_INT = re.compile(r"[-+]?[0-9]{1,18}")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_INFINITE = re.compile(r"([-+]?)\.(inf|Inf|INF)")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_BOOL = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}


class ScalarMistake(ValueError):
    """The scalar is not of the wanted type. ``hint`` as in SpecProblem."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


def is_choice(annotation: Any) -> bool:
    """Whether the annotation lists its values: a Literal or an Enum."""
    return get_origin(annotation) is Literal or (isinstance(annotation, type) and issubclass(annotation, Enum))


def choices(annotation: Any) -> dict[str, Any]:
    """The text in YAML of each value of a Literal or Enum, and the value."""
    if get_origin(annotation) is Literal:
        return {_written(value): value for value in get_args(annotation)}
    return {_written(member.value): member for member in annotation}


def scalar_value(node: Scalar, annotation: Any) -> Any:
    """``node`` as ``annotation``: str, int, float, bool, datetime.date, a Literal or an Enum; else its text.

    Numbers and booleans are recognised without quotes only; a text field takes any scalar. Else ScalarMistake.
    """
    if is_choice(annotation):
        return _choice(node, annotation)
    if node.text is None:
        hint = f'write "{node.source}" in quotes if this text is meant' if node.source else "write '' for an empty text"
        raise ScalarMistake(
            f"{expected(annotation)} is expected, found {found(node)}", hint if annotation is str else ""
        )
    text = node.text
    if annotation is bool and node.plain and text in _BOOL:
        return _BOOL[text]
    if annotation is int and node.plain and _INT.fullmatch(text):
        return int(text)
    if annotation is float and node.plain:
        value = _float(text)
        if value is not None:
            return value
    if annotation is datetime.date and _DATE.fullmatch(text):
        try:
            return datetime.date.fromisoformat(text)
        except ValueError:
            raise ScalarMistake(f"{shown(text)} is not a day of the calendar") from None
    if annotation in (bool, int, float, datetime.date):
        unquoted = Scalar(text, True, node.place)
        hint = "remove the quotes" if not node.plain and _fits(unquoted, annotation) else ""
        raise ScalarMistake(f"{expected(annotation)} is expected, found {found(node)}", hint)
    return text


def expected(annotation: Any) -> str:
    """The name of the values of a scalar type in messages."""
    if is_choice(annotation):
        names = [shown(name) for name in choices(annotation)]
        return names[0] if len(names) == 1 else "one of " + ", ".join(names)
    named = {str: "a text", int: "a whole number", float: "a number", bool: "true or false"}
    if annotation is datetime.date:
        return "a date YYYY-MM-DD"
    return named.get(annotation, "a text")


def found(node: Node) -> str:
    """The name in messages of a node in the wrong place."""
    if isinstance(node, Scalar):
        if node.text is None:
            return "nothing" if not node.source else f"{node.source} (no value)"
        return shown(node.text) if node.plain else f"the quoted text {shown(node.text)}"
    return "a list" if isinstance(node, Sequence) else "a mapping"


def _fits(node: Scalar, annotation: Any) -> bool:
    try:
        scalar_value(node, annotation)
    except ScalarMistake:
        return False
    return True


def _float(text: str) -> float | None:
    if sign := _INFINITE.fullmatch(text):
        return float(f"{sign[1]}inf")
    if text in (".nan", ".NaN", ".NAN"):
        return float("nan")
    if not _FLOAT.fullmatch(text):
        return None
    value = float(text)
    return None if value in (float("inf"), float("-inf")) else value  # 1e999 is a slip, not infinity


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "null" if value is None else str(value)


def _choice(node: Scalar, annotation: Any) -> Any:
    options = choices(annotation)
    if node.text is None:
        if "null" in options and options["null"] is None:
            return None
    elif node.text in options:
        return options[node.text]
    hint = nearest(node.text or node.source, list(options))
    raise ScalarMistake(f"{expected(annotation)} is expected, found {found(node)}", hint)
