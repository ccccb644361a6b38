"""The declaration of the rule of a variable: its verb, its arguments, the names it reads, its plain sentence.

Not for deriving values: engine/, sdtm/ and adam/ subclass DerivationSpec, one class per derivation, and register it
here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Annotated, Any, ClassVar, Literal, TypeVar

from pydantic import Field, model_validator

from ..binding.bind import Binder, ExpressionText, FieldMistake, SpecModel
from ..binding.verb import bind_verb
from ..facts.document_pages import DocumentPages
from ..yaml.read import Node
from .documents import PAGES, CommentText, Pages, document_pages, refuse_pages
from .external_dictionary import ExternalDictionarySpec
from .verbs import Verbs
from .wording import AS_WRITTEN, Wording

Condition = Annotated[str, ExpressionText()]
DATA_TYPES = (
    "text", "integer", "float", "date", "time", "datetime", "partialDate", "partialTime", "partialDatetime",
    "incompleteDatetime", "durationDatetime", "intervalDatetime", "incompleteDate",
)  # fmt: skip


class OneOriginSpec(SpecModel, defer_build=False):  # every rule has it: built once, not again for each
    """One origin of values."""

    type: Literal["Assigned", "Collected", "Derived", "Not Available", "Other", "Predecessor", "Protocol"] = Field(
        description="Origin Type of Define-XML 2.1."
    )
    source: Literal["Investigator", "Sponsor", "Subject", "Vendor", ""] = Field(
        default="", description="Origin Source of Define-XML 2.1."
    )
    description: str = Field(default="", description="For Predecessor the variable, ADSL.TRTSDT; else free text.")
    document: str | None = Field(
        default=None,
        description="Document by its id in documents: of study.yaml, if its pages do not follow from crf: of sources.",
    )
    pages: Pages = Field(default=(), description=f"Pages of the document: {PAGES}.")

    @model_validator(mode="after")
    def _pages_of_a_document(self) -> OneOriginSpec:
        if self.pages != () and self.document is None:
            raise FieldMistake("pages: needs document:, the document that has the pages", "pages")
        refuse_pages(self.pages, "pages")
        return self

    @property
    def documents(self) -> tuple[DocumentPages, ...]:
        """The document with its pages; () for none."""
        return () if self.document is None else (document_pages(self.document, self.pages),)


class OriginSpec(OneOriginSpec):
    """The origin of the values, if it does not follow from the mapping."""

    further: tuple[OneOriginSpec, ...] = Field(
        default=(), description="Further origins, in their order, of a variable whose records come from several places."
    )


class DerivationSpec(SpecModel):
    """Base of every derivation: the arguments that all rules may have."""

    verb: ClassVar[str] = ""
    #: the example of the reference page, which the tests run
    example: ClassVar[Example | None] = None
    #: a convention that writes this rule names variables of the dataset, never raw columns of the same names
    of_variables: ClassVar[bool] = False

    label: str | None = Field(default=None, description="Label, if the standard has none or its label does not fit.")
    type: str | None = Field(
        default=None,
        description="Define-XML data type, if the standard's does not fit. In ADaM a variable that the standard does "
        "not have is a number where all its rules copy or compute numbers; else it is text.",
    )
    length: int | None = Field(default=None, description="Length in bytes; by default the longest value.")
    digits: int | None = Field(default=None, description="Significant digits after the decimal point, for define.xml.")
    format: str | None = Field(default=None, description="SAS display format, such as DATE9.")
    codelist: str | None = Field(
        default=None, description="Codelist by name or NCI code, or none; by default the standard's."
    )
    dictionary: ExternalDictionarySpec | None = Field(
        default=None, description="The external dictionary with the terms or codes, such as MedDRA, for define.xml."
    )
    when: Condition | None = Field(
        default=None, description="The rule applies if this is true; else the value is missing."
    )
    origin: OriginSpec | None = Field(
        default=None, description="Origin for define.xml, if it does not follow from the mapping."
    )
    method: str | None = Field(
        default=None, description="Replaces the sentence that the derivation writes for define.xml."
    )
    formal: dict[str, str] = Field(
        default_factory=dict,
        description="Formal expressions of the method for define.xml, by language (SAS, R), in place of those that a "
        "build writes.",
    )
    comment: CommentText | None = Field(
        default=None, description="A comment for define.xml: a text, or {text:, document:, pages:}."
    )
    evaluator: str | None = Field(default=None, description="QEVAL of a supplemental qualifier.")
    idvar: str | None = Field(
        default=None,
        description="IDVAR of a supplemental qualifier about a group of records, such as QSGRPID: one record for the "
        "group if all its records have the same value. By default one record for each record, by --SEQ.",
    )

    def reads(self) -> Iterator[tuple[str, str]]:
        """(field, name) for each column or variable the rule reads by name; conditions are read by the caller."""
        yield from ()

    def conditions(self) -> Iterator[tuple[str, str]]:
        """(field, text) of each condition or formula in the rule."""
        if self.when is not None:
            yield "when", self.when

    def table_conditions(self) -> Iterator[tuple[SpecModel, str, str, str]]:
        """(model, field, text, table) of each condition on the rows of another table in a part of the rule."""
        yield from ()

    def describe(self, target: str, words: Wording = AS_WRITTEN) -> str:
        """One plain sentence: the MethodDef, the tooltip and the line in the spec listing."""
        raise NotImplementedError(self.verb)  # every registered verb defines it

    def dictionary_name(self) -> str | None:
        """The codelist of study.yaml whose dictionary has every value of the rule; None if no such codelist is sure."""
        return None

    def gives(self) -> str:
        """The Define-XML data type of the values if neither the standard nor the spec has one; '' for text."""
        return ""

    def copies_number(self, is_number: Callable[[str], bool]) -> bool:
        """Whether every value is a number because of what the rule reads; ``is_number`` tells it of a name."""
        return False

    def problems(self) -> Iterator[tuple[str, ...]]:
        """(field, message, key below the field ...) for each mistake in the arguments beyond their types."""
        yield from ()

    def doubts(self) -> Iterator[tuple[str, ...]]:
        """The same for warnings."""
        yield from ()

    @classmethod
    def __bind__(cls, node: Node, binder: Binder) -> Any:
        """Bind a rule of a spec: a mapping with exactly one verb, or the name of a column (``from``)."""
        if cls is not DerivationSpec:
            return binder.bind_model(node, cls)
        return bind_verb(node, DERIVATIONS, binder, shorthand="from")

    @classmethod
    def __schema__(cls) -> list[type]:
        """The models a rule may be, for the JSON Schema."""
        return [*dict.fromkeys(DERIVATIONS.values()), str]


class Example(SpecModel):
    """A runnable example of one derivation: a study that is small enough for the reference page. The tests run it.

    ``example.py`` writes it as the files of a study. Cells are listed by column. The records of an SDTM dataset are
    the rows of the source of its name, or of ``raw``, in their order; those of an ADaM dataset are the records of DM.
    All rows of a source without SUBJ are of subject 01.
    """

    rule: str = Field(description="YAML of the variable's rule.")
    rows: Mapping[str, list[str]] = Field(description="Raw column to cells, of the source raw.")
    gives: list[str] = Field(description="The expected values, written by hand; '' for a missing value.")
    variable: str = Field(description="The variable that the rule is for.")
    dataset: str = Field(default="AE", description="Its dataset; a name that begins with AD is ADaM.")
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


#: verb -> rule class; the modules are imported when a spec names their verbs (runs/registered.py)
DERIVATIONS: Verbs[DerivationSpec] = Verbs()


_R = TypeVar("_R", bound=type[DerivationSpec])


def register(rule: _R) -> _R:
    """Class decorator: make a derivation available to specs under its verb. ValueError if the verb is taken."""
    DERIVATIONS.add(rule.verb, rule)
    return rule
