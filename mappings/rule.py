"""What the rule of a variable is, before any data: its verb, its arguments, the names it reads, its plain sentence.

Not for what a rule does: engine/, sdtm/ and adam/ subclass Rule, one class per derivation, and register it here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from .binding import Binder, ExpressionText, SpecModel, bind_verb
from .yaml_text import Node

Condition = Annotated[str, ExpressionText()]
DATA_TYPES = (
    "text", "integer", "float", "date", "time", "datetime", "partialDate", "partialTime", "partialDatetime",
    "incompleteDatetime", "durationDatetime", "intervalDatetime", "incompleteDate",
)  # fmt: skip


class OriginSpec(SpecModel):
    """Where the values come from, when the mapping does not tell it by itself."""

    type: Literal["Assigned", "Collected", "Derived", "Not Available", "Other", "Predecessor", "Protocol"]
    source: Literal["Investigator", "Sponsor", "Subject", "Vendor", ""] = ""
    description: str = ""


class Rule(SpecModel):
    """Base of every derivation: what all rules may say beside their own arguments."""

    verb: ClassVar[str] = ""
    #: a complete, runnable variable rule for the reference page: (YAML of the rule, raw columns and cells, expected)
    example: ClassVar[Example | None] = None

    label: str | None = Field(None, description="Label, where the standard's does not fit or there is none.")
    type: str | None = Field(None, description="Define-XML data type, where the standard's does not fit.")
    length: int | None = Field(None, description="Length in bytes; by default the longest value.")
    digits: int | None = Field(None, description="Significant digits after the decimal point, for define.xml.")
    format: str | None = Field(None, description="SAS display format, such as DATE9.")
    codelist: str | None = Field(None, description="Codelist by name or NCI code; by default the standard's.")
    when: Condition | None = Field(None, description="The rule applies where this holds; elsewhere the value is missing.")
    origin: OriginSpec | None = Field(None, description="Origin for define.xml, where the mapping does not tell it.")
    method: str | None = Field(None, description="Replaces the sentence that the derivation writes for define.xml.")
    comment: str | None = Field(None, description="A comment for define.xml.")
    evaluator: str | None = Field(None, description="QEVAL of a supplemental qualifier.")

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

    def problems(self) -> Iterator[tuple[str, str]]:
        """(field, message) for what is wrong with the arguments beyond their types."""
        yield from ()

    @classmethod
    def __bind__(cls, node: Node, binder: Binder) -> Any:
        """A rule as it stands in a spec: a mapping with exactly one verb, or a column's name alone (``from``)."""
        if cls is not Rule:
            return binder.bind_model(node, cls)
        return bind_verb(node, RULES, binder, shorthand="from")

    @classmethod
    def __schema__(cls) -> list[type]:
        """The models a rule may be, for the JSON Schema."""
        return [*dict.fromkeys(RULES.values()), str]


class Example(SpecModel):
    """A runnable example of one derivation for the reference page; the tests run it."""

    rule: str  # YAML of the variable's rule
    rows: Mapping[str, list[str]]  # raw column -> cells
    gives: list[str]  # the variable's cells, missing as ''
    dataset: str = "AE"
    variable: str = ""
    setting: str = ""  # YAML merged into the example's study file
    datasets: str = ""  # YAML of other datasets that the example needs


#: verb -> rule class, filled by engine/, sdtm/ and adam/ when they are imported
RULES: dict[str, type[Rule]] = {}


def register(rule: type[Rule]) -> type[Rule]:
    """Class decorator: make a derivation available to specs under its verb. ValueError when the verb is taken."""
    if RULES.get(rule.verb, rule).__qualname__ != rule.__qualname__:
        raise ValueError(f"verb {rule.verb!r} is already taken by {RULES[rule.verb].__name__}")
    RULES[rule.verb] = rule
    return rule

