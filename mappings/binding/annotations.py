"""Reads the type annotations of models: the kind of YAML that fits, and the member of a union that fits best.

Not for binding: ``bind.py`` does that.
"""

from __future__ import annotations

import types
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel

from ..yaml import nodes
from ..yaml.core_schema import expected, is_choice
from ..yaml.nodes import Node, Scalar
from .spec_model import fields_by_key

LISTS = (list, tuple, set, frozenset, Sequence)
MAPS = (dict, Mapping)


@cache
def unwrapped(annotation: Any) -> tuple[Any, tuple[Any, ...]]:
    """The annotation without Annotated and without type aliases, and the metadata that Annotated carried."""
    metadata: list[Any] = []
    while True:
        if get_origin(annotation) is Annotated:
            annotation, *extra = get_args(annotation)
            metadata += extra
        elif hasattr(annotation, "__value__"):
            annotation = annotation.__value__
        elif hasattr(annotation, "__supertype__"):
            annotation = annotation.__supertype__
        else:
            return annotation, tuple(metadata)


def plain_type(annotation: Any) -> Any:
    """The annotation without Annotated and without type aliases."""
    return unwrapped(annotation)[0]


@dataclass(frozen=True)
class Shape:
    """How YAML fills an annotation. ``what``: any | nothing | union | list | mapping | model | text | scalar.

    ``plain``: the annotation without Annotated and aliases; ``base``: its class or origin, with ``args``;
    ``metadata``: what Annotated carried.
    """

    what: str
    plain: Any
    base: Any
    args: tuple[Any, ...]
    metadata: tuple[Any, ...]


@cache
def shape_of(annotation: Any) -> Shape:
    """The shape of an annotation. Raises TypeError for one that YAML cannot fill."""
    plain, metadata = unwrapped(annotation)
    origin = get_origin(plain)
    base = origin or plain
    if plain is Any or plain is object:
        what = "any"
    elif plain is None or plain is type(None):
        what = "nothing"
    elif origin in (Union, types.UnionType):
        what = "union"
    elif base in LISTS:
        what = "list"
    elif base in MAPS:
        what = "mapping"
    elif isinstance(plain, type) and issubclass(plain, BaseModel):
        what = "model"
    elif isinstance(plain, type) or is_choice(plain):
        what = "text" if plain is str else "scalar"
    else:
        raise TypeError(f"YAML cannot fill a field of type {plain!r}")
    return Shape(what, plain, base, get_args(plain), metadata)


@cache
def members(annotation: Any) -> tuple[Any, ...]:
    """The members of a union, those of unions inside it included."""
    found: list[Any] = []
    for member in get_args(annotation):
        plain = plain_type(member)
        found += members(plain) if get_origin(plain) in (Union, types.UnionType) else [member]
    return tuple(found)


@cache
def kind(annotation: Any) -> str:
    """The kind of YAML that can fill it: scalar | list | mapping | none, or any (a model with a hook, Any)."""
    plain = plain_type(annotation)
    base = get_origin(plain) or plain
    if plain is Any or plain is object:
        return "any"
    if base in LISTS:
        return "list"
    if base in MAPS:
        return "mapping"
    if isinstance(plain, type) and issubclass(plain, BaseModel):
        return "any" if "__bind__" in plain.__dict__ else "mapping"
    return "none" if plain is type(None) else "scalar"


def accepts(annotation: Any, node: Node) -> bool:
    """Whether a node of this kind could fill the annotation."""
    of_node = "scalar" if isinstance(node, Scalar) else "list" if isinstance(node, nodes.Sequence) else "mapping"
    return kind(annotation) in ("any", of_node)


@cache
def wanted(annotation: Any) -> str:
    """Its name in messages."""
    named = {"any": "a mapping", "list": "a list", "mapping": "a mapping"}
    return named.get(kind(annotation)) or expected(plain_type(annotation))


def scalar_rank(annotation: Any, node: Scalar) -> int:
    """The order in which a scalar tries the members of a union: a quoted scalar is a text first, a plain one is a text
    only if nothing else fits; a model whose hook takes scalars comes last."""
    if kind(annotation) == "any":
        return 3
    if plain_type(annotation) is str:
        return 2 if node.plain else 0
    return 1


def misfit(annotation: Any, node: nodes.Mapping) -> int:
    """How many keys of ``node`` a model does not know, plus how many that it needs are missing."""
    plain = plain_type(annotation)
    if not (isinstance(plain, type) and issubclass(plain, BaseModel)) or "__bind__" in plain.__dict__:
        return 0
    keys = fields_by_key(plain)
    missing = sum(about.is_required() and node.get(key) is None for key, (_, about) in keys.items())
    return missing + sum(key not in keys for key in node.keys)
