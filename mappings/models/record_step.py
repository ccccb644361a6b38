"""What a step of a block is, before any data: its verb, its arguments, the columns that it gives, their sentences.

A step turns the records of a block into records with columns that one rule of one variable cannot give: confirmed
responses, scores, times to event. Not for what it does: engine/derivations/step.py and adam/ subclass Step and register
it here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from dataclasses import field as made_anew
from typing import Any, ClassVar, TypeVar

from ..binding.bind import Binder, SpecModel, bind_verb
from ..yaml.read import Node


@dataclass(frozen=True)
class StepColumn:
    """A column that a step gives. ``variable``: it is a variable of the dataset where the spec has no rule for it.

    ``type``: text, integer, float; ``label``: where the standard has no such variable.
    """

    type: str = "text"
    label: str = ""
    variable: bool = True


@dataclass(frozen=True)
class StepRead:
    """What a part of a step reads: a name, or with ``condition`` all names of a condition.

    ``owner`` and ``field``: where it stands. ``table``: the dataset whose columns are the bare names, '' for the rows
    of the block. ``made``: further names that it can read, to text or number.
    """

    owner: SpecModel
    field: str
    text: str
    table: str = ""
    condition: bool = True
    made: Mapping[str, str] = made_anew(default_factory=dict)


class Step(SpecModel):
    """Base of every step of a block.

    ``explains``: the step can be run again for one subject on what a build left, and tell why it gave what it gave.
    """

    verb: ClassVar[str] = ""
    explains: ClassVar[bool] = False

    def columns(self) -> Mapping[str, StepColumn]:
        """The columns that the step gives, by name."""
        raise NotImplementedError(self.verb)  # every registered verb has its own

    def describe(self, column: str) -> str:
        """One plain sentence on a column: the MethodDef and the line in the spec listing."""
        raise NotImplementedError(self.verb)  # every registered verb has its own

    def arguments(self) -> dict[str, Any]:
        """What the step was given, as JSON: ``model_validate`` of it is the same step."""
        return self.model_dump(mode="json", by_alias=True, exclude_defaults=True)

    def reads(self) -> Iterator[tuple[str, str]]:
        """(field, name) for each column of the block's rows that the step reads by name."""
        yield from ()

    def conditions(self) -> Iterator[tuple[str, str]]:
        """(field, text) of each condition on the block's rows."""
        yield from ()

    def parts(self) -> Iterator[StepRead]:
        """What the parts of the step read, of the block's rows or of other datasets."""
        yield from ()

    def problems(self) -> Iterator[tuple[SpecModel, str, str]]:
        """(model, field, message) for what is wrong with the arguments beyond their types."""
        yield from ()

    @classmethod
    def __bind__(cls, node: Node, binder: Binder) -> Any:
        """A step as it stands in a spec: a mapping with exactly one verb."""
        return binder.bind_model(node, cls) if cls is not Step else bind_verb(node, STEPS, binder)

    @classmethod
    def __schema__(cls) -> list[type]:
        """The models a step may be, for the JSON Schema."""
        return list(dict.fromkeys(STEPS.values()))


#: verb -> step class, filled by engine/ and adam/ when they are imported
STEPS: dict[str, type[Step]] = {}

_S = TypeVar("_S", bound=type[Step])


def register_step(step: _S) -> _S:
    """Class decorator: make a step available to specs under its verb. ValueError when the verb is taken."""
    if STEPS.get(step.verb, step).__qualname__ != step.__qualname__:
        raise ValueError(f"step {step.verb!r} is already taken by {STEPS[step.verb].__name__}")
    STEPS[step.verb] = step
    return step
