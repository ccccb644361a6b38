"""SpecModel, the base of every typed part of a spec: its instances know their places in the files.

Not for filling them from YAML: ``bind.py`` does that.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import cache
from typing import Any, Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict
from pydantic.fields import FieldInfo

from ...errors import Place
from ..yaml.nodes import Mapping, Node, Scalar, Sequence


class ExpressionText:
    """Marks a text that a later parser reads: ``Annotated[str, ExpressionText()]``.

    ``expression_place`` turns an offset in such a text into file, line and column.
    """


class Names:
    """Marks the field that is the context of messages.

    ``Annotated[dict[str, X], Names("variable")]``: each key is the variable of the problems below it.
    ``Annotated[str, Names("dataset")]``: the text is the dataset of all problems of its model.
    """

    def __init__(self, kind: Literal["dataset", "variable"]) -> None:
        self.kind = kind


class FieldMistake(ValueError):
    """Raised by a validator to place its message: at ``path`` below the model, at character ``offset`` of a text.

    ``path`` consists of YAML keys and 0-based list positions. ``refers_to``: the names that the mistake is about (see
    SpecProblem).
    """

    def __init__(
        self,
        message: str,
        *path: str | int,
        hint: str = "",
        offset: int | None = None,
        refers_to: Collection[str] = (),
    ) -> None:
        super().__init__(message)
        self.refers_to = frozenset(refers_to)
        self.path = path
        self.hint = hint
        self.offset = offset


class SpecModel(BaseModel):
    """Base of the typed models: no unknown fields, immutable, compared by value, with its places remembered."""

    # defer_build: pydantic builds a validator when a value first needs it, because a run uses a third of the models
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, defer_build=True)

    # The node that the model was bound from. It is a slot, because a private attribute of pydantic takes a third of the
    # time of a model: each class of a line of subclasses initializes it again. Models do not compare it.
    __slots__ = ("_node",)

    def __copy__(self) -> Self:
        return with_place_of(super().__copy__(), self)

    def __deepcopy__(self, memo: dict[int, Any] | None = None) -> Self:
        return with_place_of(super().__deepcopy__(memo), self)

    def __getstate__(self) -> dict[Any, Any]:
        return {**super().__getstate__(), "node": node_of(self)}

    def __setstate__(self, state: dict[Any, Any]) -> None:
        set_node(self, state["node"])
        super().__setstate__({key: value for key, value in state.items() if key != "node"})


def node_of(instance: SpecModel) -> Node | None:
    """The node that a model was bound from; None for a default and for a model built in Python."""
    try:
        return _node(instance)
    except AttributeError:
        return None


#: the slot of the node, read and written without the machinery of pydantic
_node: Callable[[SpecModel], Node] = SpecModel.__dict__["_node"].__get__
set_node: Callable[[SpecModel, Node | None], None] = SpecModel.__dict__["_node"].__set__


@cache
def yaml_key(model: type[BaseModel], name: str) -> str:
    """The YAML key of the field ``name``: its alias if it has one."""
    field = (
        model.model_fields.get(name)
        or model.model_fields[next(n for n, f in model.model_fields.items() if f.alias == name)]
    )
    alias = field.validation_alias if isinstance(field.validation_alias, str) else field.alias
    return alias or name


@cache
def fields_by_key(model: type[BaseModel]) -> dict[str, tuple[str, FieldInfo]]:
    """YAML key -> (name, description) of each field of a model, whose types are resolved first; not to be changed."""
    if not model.__pydantic_fields_complete__:
        model.model_rebuild()
    return {yaml_key(model, name): (name, about) for name, about in model.model_fields.items()}


@cache
def required_keys(model: type[BaseModel]) -> tuple[str, ...]:
    """The YAML keys that a model needs."""
    return tuple(key for key, (_, about) in fields_by_key(model).items() if about.is_required())


def place_of(instance: SpecModel, field: str | None = None, *path: str | int) -> Place:
    """Where the model, or the value of one of its fields, was written.

    ``path`` continues below the field with map keys and 0-based list positions. For a value that was not written (a
    default, a model built in Python) it is the nearest enclosing place, else Place('').
    """
    node = _below(instance, field, path)
    return node.place if node is not None else Place("")


M = TypeVar("M", bound=SpecModel)


def with_place_of(built: M, written: SpecModel) -> M:
    """A model built in Python, with the place of the model of the spec that it comes from."""
    set_node(built, node_of(written))
    return built


def key_place_of(instance: SpecModel, field: str, *path: str | int) -> Place:
    """Where the key of a field, or of an entry below it, was written; the value's place for a list item."""
    whole = node_of(instance)
    steps = [yaml_key(type(instance), field), *path]
    parent = walk(whole, steps[:-1]) if whole is not None else None
    if isinstance(parent, Mapping) and (key := parent.key(str(steps[-1]))) is not None:
        return key.place
    return place_of(instance, field, *path)


def expression_place(instance: SpecModel, field: str, offset: int, *path: str | int) -> Place:
    """The place of character ``offset`` of a text; see ``Scalar.place_at`` for when it is exact."""
    node = _below(instance, field, path)
    if isinstance(node, Scalar):
        return node.place_at(offset)
    return node.place if node is not None else Place("")


def _below(instance: SpecModel, field: str | None, path: tuple[str | int, ...]) -> Node | None:
    node = node_of(instance)
    if node is None or field is None:
        return node
    return walk(node, [yaml_key(type(instance), field), *path])


def walk(node: Node, steps: list[Any] | tuple[Any, ...]) -> Node:
    """The deepest node that ``steps`` (map keys, list positions) lead to; steps that lead nowhere are skipped."""
    for step in steps:
        if isinstance(node, Mapping):
            node = node.get(str(step)) or node
        elif isinstance(node, Sequence) and isinstance(step, int) and 0 <= step < len(node.items):
            node = node.items[step]
    return node
