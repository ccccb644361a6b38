"""The errors of pydantic as mistakes at their places in a spec, worded by the type of the error.

Not for mistakes that binding finds before pydantic checks a value (bind.py).
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass
from typing import Any

import pydantic

from ...errors import Place
from ..yaml.core_schema import found
from ..yaml.nodes import Node, Scalar
from .spec_model import walk

#: type of an error of pydantic -> the sentence about a value, with the numbers of the error's context
_SENTENCES = {
    "greater_than": "must be greater than {gt:g}",
    "greater_than_equal": "must be {ge:g} or more",
    "less_than": "must be less than {lt:g}",
    "less_than_equal": "must be {le:g} or less",
}


@dataclass(frozen=True)
class Mistake:
    """A mistake at its place. ``hint`` and ``refers_to`` as in SpecProblem."""

    place: Place
    message: str
    hint: str = ""
    refers_to: frozenset[str] = frozenset()


def mistakes(error: pydantic.ValidationError, node: Node, failed: Container[str]) -> Iterator[Mistake]:
    """The errors of a model or value that was bound from ``node``. ``failed``: fields that are reported already."""
    details = []
    for detail in error.errors(include_url=False):
        loc = detail["loc"]
        if failed and (not loc or str(loc[0]) in failed):
            continue
        details.append((walk(node, loc), detail))
    for target, detail in details:
        # a union has an error for each member; if another member accepts the type, its error is the mistake
        same_value = [d for t, d in details if t is target]
        if _is_of_type(detail) and any(not _is_of_type(d, literal=False) for d in same_value if d is not detail):
            continue
        cause = detail.get("ctx", {}).get("error")
        yield _raised(cause, target) if isinstance(cause, Exception) else _constraint(detail, target)


def _is_of_type(detail: Any, literal: bool = True) -> bool:
    """Whether an error is about the type of the value, or with ``literal`` about a list of values."""
    return detail["type"].endswith(("_type", "_parsing")) or (literal and detail["type"] == "literal_error")


def _raised(cause: Exception, target: Node) -> Mistake:
    """The mistake that a validator of a model raised: a FieldMistake has its own place."""
    target = walk(target, getattr(cause, "path", ()))
    offset = getattr(cause, "offset", None)
    place = target.place
    if isinstance(target, Scalar) and isinstance(offset, int):
        place = target.place_at(offset)
    return Mistake(place, str(cause), getattr(cause, "hint", ""), getattr(cause, "refers_to", frozenset()))


def _constraint(detail: Any, target: Node) -> Mistake:
    """The mistake of a value that breaks a constraint of its field."""
    names = [str(step) for step in detail["loc"] if isinstance(step, str)]
    subject = f"'{names[0]}'" if names else "the value"
    sentence = _SENTENCES.get(detail["type"])
    text = f"{subject} {sentence.format(**detail['ctx'])}" if sentence else f"{subject}: {detail['msg']}"
    return Mistake(target.place, text, f"found {found(target)}")
