"""What the rule of a variable is, before any data: its verb, its arguments, the names it reads, its plain sentence.

Not for what a rule does: engine/, sdtm/ and adam/ subclass Rule, one class per derivation, and register it here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar, Literal, TypeVar

from pydantic import Field

from ..binding.bind import Binder, ExpressionText, SpecModel, bind_verb
from ..yaml.read import Node

Condition = Annotated[str, ExpressionText()]
DATA_TYPES = (
    "text", "integer", "float", "date", "time", "datetime", "partialDate", "partialTime", "partialDatetime",
    "incompleteDatetime", "durationDatetime", "intervalDatetime", "incompleteDate",
)  # fmt: skip


class OriginSpec(SpecModel):
    """Where the values come from, when the mapping does not tell it by itself."""

    type: Literal["Assigned", "Collected", "Derived", "Not Available", "Other", "Predecessor", "Protocol"] = Field(
        description="Origin Type of Define-XML 2.1."
    )
    source: Literal["Investigator", "Sponsor", "Subject", "Vendor", ""] = Field(
        default="", description="Origin Source of Define-XML 2.1."
    )
    description: str = Field(default="", description="For Predecessor, the variable: ADSL.TRTSDT; else free text.")


class DerivationSpec(SpecModel):
    """Base of every derivation: what all rules may say beside their own arguments."""

    verb: ClassVar[str] = ""
    #: what the reference page shows of the derivation, and the tests run
    example: ClassVar[Example | None] = None
    #: a convention that writes this rule names variables of the dataset, never raw columns that are called like them
    of_variables: ClassVar[bool] = False

    label: str | None = Field(default=None, description="Label, where the standard's does not fit or there is none.")
    type: str | None = Field(default=None, description="Define-XML data type, where the standard's does not fit.")
    length: int | None = Field(default=None, description="Length in bytes; by default the longest value.")
    digits: int | None = Field(default=None, description="Significant digits after the decimal point, for define.xml.")
    format: str | None = Field(default=None, description="SAS display format, such as DATE9.")
    codelist: str | None = Field(
        default=None, description="Codelist by name or NCI code, or none; by default the standard's."
    )
    when: Condition | None = Field(
        default=None, description="The rule applies where this holds; elsewhere the value is missing."
    )
    origin: OriginSpec | None = Field(
        default=None, description="Origin for define.xml, where the mapping does not tell it."
    )
    method: str | None = Field(
        default=None, description="Replaces the sentence that the derivation writes for define.xml."
    )
    comment: str | None = Field(default=None, description="A comment for define.xml.")
    evaluator: str | None = Field(default=None, description="QEVAL of a supplemental qualifier.")
    idvar: str | None = Field(
        default=None,
        description="IDVAR of a supplemental qualifier that is true of a group of records, as QSGRPID: one record "
        "for the group where all its records have the same value; by default one for each record, by --SEQ.",
    )

    def reads(self) -> Iterator[tuple[str, str]]:
        """(field, name) for each column or variable the rule reads by name; conditions are read by the caller."""
        yield from ()

    def conditions(self) -> Iterator[tuple[str, str]]:
        """(field, text) of each condition or formula in the rule."""
        if self.when is not None:
            yield "when", self.when

    def describe(self, target: str) -> str:
        """One plain sentence: the MethodDef, the tooltip and the line in the spec listing."""
        raise NotImplementedError(self.verb)  # every registered verb has its own

    def gives(self) -> str:
        """The Define-XML data type of the values where neither the standard nor the spec says one; '' for text."""
        return ""

    def problems(self) -> Iterator[tuple[str, ...]]:
        """(field, message, key below the field ...) for what is wrong with the arguments beyond their types."""
        yield from ()

    def doubts(self) -> Iterator[tuple[str, ...]]:
        """The same for what is worth a warning."""
        yield from ()

    @classmethod
    def __bind__(cls, node: Node, binder: Binder) -> Any:
        """A rule as it stands in a spec: a mapping with exactly one verb, or a column's name alone (``from``)."""
        if cls is not DerivationSpec:
            return binder.bind_model(node, cls)
        return bind_verb(node, DERIVATIONS, binder, shorthand="from")

    @classmethod
    def __schema__(cls) -> list[type]:
        """The models a rule may be, for the JSON Schema."""
        return [*dict.fromkeys(DERIVATIONS.values()), str]


class Example(SpecModel):
    """A runnable example of one derivation: a study so small that it fits on the reference page; the tests run it.

    ``example.py`` writes it as the files of a study. Cells are given by column. The records of an SDTM
    dataset are the rows of the source of its name, or of ``raw``, in their order; those of an ADaM dataset are the
    records of DM. A source without SUBJ is all of subject 01.
    """

    rule: str = Field(description="YAML of the variable's rule.")
    rows: Mapping[str, list[str]] = Field(description="Raw column to cells, of the source raw.")
    gives: list[str] = Field(description="The variable's values, written by hand; a missing one is ''.")
    variable: str = Field(description="The variable that the rule is for.")
    dataset: str = Field(default="AE", description="Its dataset; one that begins with AD is ADaM.")
    setting: str = Field(default="", description="Lines of YAML: further variables of the dataset.")
    study: str = Field(default="", description="Lines of YAML at the end of study.yaml.")
    info: str = Field(default="", description="Further keys of study: in study.yaml.")
    sources: Mapping[str, Mapping[str, list[str]]] = Field(
        default_factory=dict, description="Further raw sources, by name: column to cells."
    )
    files: Mapping[str, str] = Field(
        default_factory=dict, description="Further files of the study folder: name to text."
    )
    datasets: Mapping[str, str] = Field(
        default_factory=dict, description="Further datasets: name to lines of YAML, its variables."
    )


#: verb -> rule class, filled by engine/, sdtm/ and adam/ when they are imported
DERIVATIONS: dict[str, type[DerivationSpec]] = {}


_R = TypeVar("_R", bound=type[DerivationSpec])


def register(rule: _R) -> _R:
    """Class decorator: make a derivation available to specs under its verb. ValueError when the verb is taken."""
    if DERIVATIONS.get(rule.verb, rule).__qualname__ != rule.__qualname__:
        raise ValueError(f"verb {rule.verb!r} is already taken by {DERIVATIONS[rule.verb].__name__}")
    DERIVATIONS[rule.verb] = rule
    return rule
