"""Binds YAML nodes to typed models and reports every mistake at its place, with dataset and variable.

Not for the models (mappings/models/) nor for reading files (mappings/yaml/read.py).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from functools import cache, lru_cache
from typing import Any, TypeVar

import pydantic
from pydantic import BaseModel, TypeAdapter
from pydantic.fields import FieldInfo

from ...errors import Place, SpecProblem, nearest
from ..yaml import nodes as yaml_nodes
from ..yaml.core_schema import ScalarMistake, choices, expected, found, is_choice, scalar_value
from ..yaml.nodes import Node, Scalar, node_data, shown
from .annotations import accepts, members, misfit, plain_type, scalar_rank, shape_of, wanted
from .pydantic_mistakes import mistakes
from .spec_model import (
    ExpressionText,
    FieldMistake,
    Names,
    SpecModel,
    expression_place,
    fields_by_key,
    key_place_of,
    place_of,
    required_keys,
    set_node,
    with_place_of,
)

__all__ = [
    "Binder", "ExpressionText", "FieldMistake", "Names", "SpecModel", "bound_once", "expression_place", "key_place_of",
    "place_of", "with_place_of",
]  # fmt: skip

M = TypeVar("M", bound=BaseModel)


class _Failed:
    """In place of a value that could not be bound; pydantic refuses it, and that refusal is not reported again."""


_FAILED = _Failed()


class Binder:
    """Binds nodes and collects ``problems``; ``dataset`` and ``variable`` are the context of the problems."""

    def __init__(self, dataset: str = "", variable: str = "") -> None:
        self.dataset = dataset
        self.variable = variable
        self.problems: list[SpecProblem] = []

    def bind(self, node: Node, annotation: Any) -> Any:
        """``node`` as a value of ``annotation`` (a model, or any type a model field can have); None when it fails.

        A model class may bind itself with a classmethod ``__bind__(cls, node, binder)``; subclasses do not inherit the
        hook. TypeError for an annotation that YAML cannot fill.
        """
        value = self._bind(node, annotation)
        if isinstance(value, _Failed):
            return None
        plain = plain_type(annotation)
        if not (isinstance(plain, type) and issubclass(plain, BaseModel)):
            value = self._validated(TypeAdapter(annotation).validate_python, value, node, set())
        return None if isinstance(value, _Failed) else value

    def bind_model(self, node: Node, model: type[M]) -> M | None:
        """``node`` as an instance of ``model``, without its hook; None if it fails."""
        value = self._model(node, model)
        return None if isinstance(value, _Failed) else value

    def problem(self, place: Place, message: str, hint: str = "", refers_to: frozenset[str] = frozenset()) -> None:
        """Report a mistake in the current context. ``refers_to``: the names that it is about."""
        self.problems.append(SpecProblem(place, message, self.dataset, self.variable, hint, refers_to=refers_to))

    @contextmanager
    def naming(self, kind: str, name: str) -> Iterator[None]:
        """Problems inside belong to this ``dataset`` or ``variable``."""
        before = self.dataset, self.variable
        if kind == "dataset":
            self.dataset, self.variable = name, ""
        else:
            self.variable = name
        try:
            yield
        finally:
            self.dataset, self.variable = before

    def _bind(self, node: Node, annotation: Any, metadata: Sequence[Any] = ()) -> Any:
        shape = shape_of(annotation)
        what = shape.what
        if what == "text" and isinstance(node, Scalar) and node.text is not None:  # most values
            return node.text
        if what == "any":
            return node_data(node)
        if what == "nothing":
            return None if _is_null(node) else self._refuse(node, "nothing")
        if what == "union":
            return self._union(node, shape.plain, (*metadata, *shape.metadata))
        if what == "list":
            return self._list(node, shape.base, shape.args)
        if what == "mapping":
            return self._dict(node, shape.args or (str, Any), (*metadata, *shape.metadata))
        if what == "model":
            return self._hooked(node, shape.plain)
        if not isinstance(node, Scalar):
            return self._refuse(node, expected(shape.plain))
        try:
            return scalar_value(node, shape.plain)
        except ScalarMistake as mistake:
            self.problem(node.place, str(mistake), mistake.hint)
            return _FAILED

    def _refuse(self, node: Node, wanted: str, hint: str = "") -> _Failed:
        self.problem(node.place, f"{wanted} is expected, found {found(node)}", hint)
        return _FAILED

    def _hooked(self, node: Node, model: type[BaseModel]) -> Any:
        hook = model.__dict__.get("__bind__")
        if hook is None:
            return self._model(node, model)
        before = len(self.problems)
        value = hook.__get__(None, model)(node, self)
        return _FAILED if value is None and len(self.problems) > before else value

    def _list(self, node: Node, kind: Any, args: tuple[Any, ...]) -> Any:
        if not isinstance(node, yaml_nodes.Sequence):
            hint = f"write [{node.text}]" if isinstance(node, Scalar) and node.text and node.plain else ""
            return self._refuse(node, "a list", hint)
        if kind is tuple and args and args[-1] is not Ellipsis:
            if len(args) != len(node.items):
                self.problem(node.place, f"a list of {len(args)} is expected, found {len(node.items)}")
                return _FAILED
            item_types = list(args)
        else:
            item_types = [args[0] if args else Any] * len(node.items)
        values = [self._bind(item, item_type) for item, item_type in zip(node.items, item_types, strict=True)]
        if any(isinstance(value, _Failed) for value in values):
            return _FAILED
        return tuple(values) if kind is tuple else values

    def _dict(self, node: Node, args: tuple[Any, ...], metadata: Sequence[Any]) -> Any:
        if not isinstance(node, yaml_nodes.Mapping):
            return self._refuse(node, "a mapping")
        key_type, value_type = args
        kind = next((m.kind for m in metadata if isinstance(m, Names)), "")
        result: dict[Any, Any] = {}
        failed = False
        for key, item in node.entries:
            bound_key = self._bind(key, key_type)
            if kind:
                with self.naming(kind, key.text or ""):
                    value = self._bind(item, value_type)
            else:
                value = self._bind(item, value_type)
            if isinstance(bound_key, _Failed) or isinstance(value, _Failed):
                failed = True
            elif bound_key in result:
                self.problem(key.place, f"the key {shown(key.text or '')} means the same as a key above it")
                failed = True
            else:
                result[bound_key] = value
        return _FAILED if failed else result

    def _union(self, node: Node, annotation: Any, metadata: Sequence[Any]) -> Any:
        options = members(annotation)
        if _is_null(node) and type(None) in options:
            return None
        fitting = [m for m in options if accepts(m, node)]
        if not fitting:
            return self._refuse(node, _wishes(options))
        if isinstance(node, yaml_nodes.Mapping):
            fitting.sort(key=lambda m: misfit(m, node))
        elif isinstance(node, Scalar):
            fitting.sort(key=lambda m: scalar_rank(m, node))
        if len(fitting) == 1:
            before = len(self.problems)
            value = self._bind(node, fitting[0], metadata)
            return value if len(self.problems) == before else _FAILED
        trials = []
        for member in fitting:
            trial = Binder(self.dataset, self.variable)
            value = trial._bind(node, member, metadata)
            if not trial.problems:
                return value
            trials.append(trial)
        if isinstance(node, Scalar) and len(fitting) > 1:
            names = [name for m in fitting if is_choice(plain_type(m)) for name in choices(plain_type(m))]
            return self._refuse(node, _wishes(options), nearest(node.text or node.source, names))
        self.problems += trials[0].problems
        return _FAILED

    def _model(self, node: Node, model: type[BaseModel]) -> Any:
        keys = fields_by_key(model)
        if not isinstance(node, yaml_nodes.Mapping):
            return self._refuse(node, "a mapping", "its keys: " + ", ".join(keys))
        if not _named_by(model):
            return self._fields(node, model, keys)
        with _context(self, node, model):
            return self._fields(node, model, keys)

    def _fields(self, node: yaml_nodes.Mapping, model: type[BaseModel], keys: dict[str, tuple[str, FieldInfo]]) -> Any:
        by_name = bool(model.model_config.get("populate_by_name") or model.model_config.get("validate_by_name"))
        values: dict[str, Any] = {}
        failed: set[str] = set()
        unknown = False
        for number, (key, item) in enumerate(node.entries):
            text = key.text or ""
            if text not in keys:
                if model.model_config.get("extra") == "allow":
                    values[text] = node_data(item)
                    continue
                unknown = True
                hint = _key_hint(text, keys)
                if number and isinstance(item, yaml_nodes.Scalar) and item.text is None and not item.source:
                    hint = "it has no value: is it a part of the text before it? Quote a text that has a comma"
                self.problem(key.place, f"unknown key {shown(text)}", hint)
                continue
            name, info = keys[text]
            value = self._bind(item, info.annotation, info.metadata)
            if isinstance(value, _Failed):
                failed.add(text)
            values[name if by_name else text] = value
        for text in required_keys(model):
            if node.get(text) is None:
                failed.add(text)
                values[keys[text][0] if by_name else text] = _FAILED
                self.problem(node.place, f"the key {shown(text)} is missing")
        reported = failed | {keys[text][0] for text in failed}  # pydantic names a field by its key or by its name
        value = self._validated(model.model_validate, values, node, reported)
        if unknown or failed or isinstance(value, _Failed):
            return _FAILED
        if isinstance(value, SpecModel):
            set_node(value, node)
        return value

    def _validated(self, validate: Any, values: Any, node: Node, failed: set[str]) -> Any:
        """Run the checks of pydantic; each message is reported at its value. ``failed``: reported already."""
        try:
            return validate(values)
        except pydantic.ValidationError as error:
            for mistake in mistakes(error, node, failed):
                self.problem(mistake.place, mistake.message, mistake.hint, mistake.refers_to)
        except Exception:
            if not failed:  # else a validator failed on the substitute of a value that is reported already
                raise
        return _FAILED


def bound_once(node: Node, model: type[M]) -> tuple[M | None, tuple[SpecProblem, ...]]:
    """The model of a node and the mistakes in it, for a model that stays as it is.

    A file that a process reads again, as the self-test does for each of its studies, is the same node
    (mappings/yaml/read.py), and is not bound again.
    """
    return _bound(_Identity(node), model)


class _Identity:
    """A node as the key of a cache: equal to itself alone, since to compare all of two nodes takes long."""

    def __init__(self, node: Node) -> None:
        self.node = node

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Identity) and other.node is self.node

    def __hash__(self) -> int:
        return id(self.node)


@lru_cache(maxsize=256)
def _bound(node: _Identity, model: type[M]) -> tuple[M | None, tuple[SpecProblem, ...]]:
    binder = Binder()
    return binder.bind(node.node, model), tuple(binder.problems)


#: from this likeness on, a key is the one that was meant: 'form' and 'from', 'lable' and 'label'
_SURE = 0.75


def _key_hint(text: str, keys: Collection[str]) -> str:
    """The key that was meant; all valid ones too, if none is so near."""
    near = nearest(text, list(keys), _SURE)
    if near or not keys:
        return near or "no key is valid here"
    return " ".join(filter(None, (nearest(text, list(keys)), "valid keys: " + ", ".join(keys))))


@contextmanager
def _context(binder: Binder, node: yaml_nodes.Mapping, model: type[BaseModel]) -> Iterator[None]:
    """The context that fields marked with Names give to all problems of their model."""
    before = binder.dataset, binder.variable
    for key, kind in _named_by(model):
        value = node.get(key)
        if isinstance(value, Scalar) and value.text:
            setattr(binder, kind, value.text)
    try:
        yield
    finally:
        binder.dataset, binder.variable = before


def _is_null(node: Node) -> bool:
    return isinstance(node, Scalar) and node.text is None


@cache
def _named_by(model: type[BaseModel]) -> tuple[tuple[str, str], ...]:
    """(key, dataset or variable) of each field that names what problems are about."""
    fields = fields_by_key(model).items()
    return tuple((key, mark.kind) for key, (_, info) in fields for mark in info.metadata if isinstance(mark, Names))


def _wishes(options: Sequence[Any]) -> str:
    """What a union takes, in words."""
    return " or ".join(dict.fromkeys(wanted(m) for m in options if m is not type(None)))
