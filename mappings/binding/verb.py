"""Binds a mapping whose verb chooses the model: the rule of a variable, a step of a block.

Not for the verbs themselves (mappings/models/derivation.py, record_step.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from ...errors import nearest
from ..yaml import nodes as yaml_nodes
from ..yaml.core_schema import found
from ..yaml.nodes import Node, Scalar, shown
from .bind import Binder
from .spec_model import fields_by_key


def bind_verb(node: Node, verbs: Mapping[str, type[BaseModel]], binder: Binder, shorthand: str | None = None) -> Any:
    """The model whose verb is a key of the mapping ``node``, filled with all its keys; for use in ``__bind__``.

    Exactly one verb is permitted. A second verb is permitted only as a field of the first one's model, and not vice
    versa. A scalar means ``{shorthand: scalar}``. Returns None, with problems in ``binder``, for any other node.
    """
    if isinstance(node, Scalar) and node.text is not None and shorthand is not None:
        node = yaml_nodes.Mapping(((Scalar(shorthand, True, node.place), node),), node.place)
    if not isinstance(node, yaml_nodes.Mapping):
        binder.problem(
            node.place, f"a mapping with one of these keys is expected, found {found(node)}", ", ".join(sorted(verbs))
        )
        return None
    present = [verb for verb in node.keys if verb in verbs]
    if len(present) > 1:
        owners = [v for v in present if all(o == v or o in _yaml_keys(verbs[v]) for o in present)]
        if len(owners) != 1:
            second = node.key(present[1])
            named = " and ".join(shown(verb) for verb in present)
            place = second.place if second else node.place
            binder.problem(place, f"{named} exclude each other: one rule has one of them", "keep one")
            return None
        present = owners
    if not present:
        near = next((hint for key in node.keys if (hint := nearest(key, list(verbs)))), "")
        hint = near or "one of: " + ", ".join(sorted(verbs))
        binder.problem(node.place, "none of the keys is a verb, which says what to do", hint)
        return None
    model = verbs[present[0]]
    if "__bind__" in model.__dict__:
        return model.__dict__["__bind__"].__get__(None, model)(node, binder)
    return binder.bind_model(node, model)


def _yaml_keys(model: type[BaseModel]) -> list[str]:
    return list(fields_by_key(model))
