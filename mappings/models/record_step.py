"""The declaration of a step of a block: its verb, its arguments, the columns that it derives, their sentences.

A step derives records with columns that a rule of one variable cannot derive: confirmed responses, scores, times to
event. Not for deriving them: engine/derivations/step.py and adam/ subclass Step and register the subclass here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from typing import Any, ClassVar, TypeVar

from ..binding.bind import Binder, SpecModel
from ..binding.verb import bind_verb
from ..yaml.read import Node
from .step_example import StepExample
from .verbs import Verbs
from .wording import AS_WRITTEN, Wording


@dataclass(frozen=True)
class StepColumn:
    """A column that a step derives. ``variable``: it is a variable of the dataset if the spec has no rule for it.

    ``type``: text, integer, float; ``label``: for a variable that the standard does not have. ``new``: the dataset
    gets the variable if it has none of the name.
    """

    type: str = "text"
    label: str = ""
    variable: bool = True
    new: bool = True


@dataclass(frozen=True)
class StepRead:
    """What a part of a step reads: a name, or with ``condition`` all names of a condition.

    ``owner`` and ``field``: its place in the spec. ``table``: the dataset of names without a dataset, '' for the rows
    of the block. ``further``: further names that it can read, to text or number.
    """

    owner: SpecModel
    field: str
    text: str
    table: str = ""
    condition: bool = True
    further: Mapping[str, str] = dataclass_field(default_factory=dict)


class Step(SpecModel):
    """Base of every step of a block.

    ``explains``: the step can run again for one subject on the outputs of a build, and show why it derived its values.
    ``overrides``: its columns come before the rules of the dataset for all records, which read rows of other blocks.
    ``copies``: each record is a copy of one row, so that a variable without a rule of the block has the value of that
    row. ``not_copied``: variables that a copy does not have.
    """

    verb: ClassVar[str] = ""
    explains: ClassVar[bool] = False
    overrides: ClassVar[bool] = False
    copies: ClassVar[bool] = False
    not_copied: ClassVar[frozenset[str]] = frozenset()
    #: the records that it derives, in a sentence
    title: ClassVar[str] = "records"
    #: a study and the records that the step derives, for the reference page, the tests and the self-test
    example: ClassVar[StepExample | None] = None

    def columns(self) -> Mapping[str, StepColumn]:
        """The columns that the step derives, by name."""
        raise NotImplementedError(self.verb)  # every registered verb defines it

    def describe(self, column: str, words: Wording = AS_WRITTEN) -> str:
        """One plain sentence on a column: the MethodDef and the line in the spec listing."""
        raise NotImplementedError(self.verb)  # every registered verb defines it

    def chosen(self, words: Wording = AS_WRITTEN) -> str:
        """Which record a derived record is a copy of, after 'The source record is'; '' if each row gives a record."""
        return ""

    def texts(self, column: str) -> dict[str, str] | None:
        """Every value of a column to its meaning ('' for none), if the spec states each; None for another column."""
        return None

    def arguments(self) -> dict[str, Any]:
        """The arguments of the step as JSON: ``model_validate`` of them is the same step."""
        return self.model_dump(mode="json", by_alias=True, exclude_defaults=True)

    def reads(self) -> Iterator[tuple[str, str]]:
        """(field, name) for each column of the block's rows that the step reads by name."""
        yield from ()

    def conditions(self) -> Iterator[tuple[str, str]]:
        """(field, text) of each condition on the block's rows."""
        yield from ()

    def parts(self) -> Iterator[StepRead]:
        """The names that the parts of the step read, in the block's rows or in other datasets."""
        yield from ()

    def nodes(self) -> Mapping[str, str]:
        """NAME -> its table, for records that variables of the block read as NAME.VARIABLE; '' is that of the rows."""
        return {}

    def problems(self) -> Iterator[tuple[SpecModel, str, str]]:
        """(model, field, message) for each mistake in the arguments beyond their types."""
        yield from ()

    @classmethod
    def __bind__(cls, node: Node, binder: Binder) -> Any:
        """Bind a step of a spec: a mapping with exactly one verb."""
        return binder.bind_model(node, cls) if cls is not Step else bind_verb(node, STEPS, binder)

    @classmethod
    def __schema__(cls) -> list[type]:
        """The models a step may be, for the JSON Schema."""
        return list(dict.fromkeys(STEPS.values()))


#: verb -> step class; the modules are imported when a spec names their verbs (runs/registered.py)
STEPS: Verbs[Step] = Verbs()

_S = TypeVar("_S", bound=type[Step])


def register_step(step: _S) -> _S:
    """Class decorator: make a step available to specs under its verb. ValueError if the verb is taken."""
    STEPS.add(step.verb, step)
    return step
