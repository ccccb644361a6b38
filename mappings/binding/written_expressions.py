"""The conditions and formulas of a spec with their places: every text that the expression parser reads.

Not for parsing them (mappings/expressions/expression.py) nor for the meaning of their names (engine/checks/check.py).
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

from .spec_model import ExpressionText, SpecModel


@dataclass(frozen=True)
class Written:
    """A condition or formula as written: ``field`` of ``owner``, and below it ``path``."""

    owner: SpecModel
    field: str
    path: tuple[str | int, ...]
    text: str


def written_expressions(model: SpecModel, without: Container[str] = ()) -> Iterator[Written]:
    """Every condition and formula of a model and of the models below it. ``without``: its fields to skip."""
    for name, marked in _fields(type(model)):
        value = getattr(model, name)
        if value is None or name in without:
            continue
        for path, leaf in _leaves(value, ()):
            if isinstance(leaf, SpecModel):
                yield from written_expressions(leaf)
            elif marked and isinstance(leaf, str):
                yield Written(model, name, path, leaf)


@cache
def _fields(model: type[SpecModel]) -> tuple[tuple[str, bool], ...]:
    """The fields of a model that may hold expressions, and whether an expression parser reads the texts of each."""
    fields = (
        (name, any(isinstance(m, ExpressionText) for m in about.metadata) or _is_marked(about.annotation), about)
        for name, about in model.model_fields.items()
    )
    return tuple((name, marked) for name, marked, about in fields if marked or not _is_plain(about.annotation))


def _is_marked(annotation: Any) -> bool:
    inner = (*getattr(annotation, "__metadata__", ()), *getattr(annotation, "__args__", ()))
    value = getattr(annotation, "__value__", None)
    return any(isinstance(m, ExpressionText) or _is_marked(m) for m in (*inner, *([value] if value else ())))


def _is_plain(annotation: Any) -> bool:
    """Whether only texts, numbers, truth values and lists or mappings of them fit: no model is among them."""
    if annotation in (str, int, float, bool, None, type(None), Ellipsis):
        return True
    origin = get_origin(annotation)
    if origin is Literal:
        return True
    return origin in (Union, UnionType, tuple, list, dict, Mapping) and all(map(_is_plain, get_args(annotation)))


def _leaves(value: Any, path: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _leaves(inner, (*path, str(key)))
    elif isinstance(value, (list, tuple)):
        for number, inner in enumerate(value):
            yield from _leaves(inner, (*path, number))
    elif value is not None:
        yield path, value
