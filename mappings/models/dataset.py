"""The typed models of a dataset's file: its blocks, variables, value-level metadata, and the data cut.

The JSON Schema and the reference page are generated from these models, so every field has a description. Not for
blocks (row_block.py), reading files (mappings/loader.py) nor for deriving values (engine/, sdtm/, adam/).
"""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from ..binding.bind import ExpressionText, Names, SpecModel
from .derivation import DerivationSpec, OriginSpec
from .dictionaries import CodingSpec
from .documents import CommentText
from .row_block import RowBlock
from .time_to_event import ParameterSpec

_DATASET = re.compile(r"[A-Z][A-Z0-9]{1,7}", re.ASCII)


class ValueSpec(SpecModel):
    """Value-level metadata: the metadata of a variable for some records."""

    where: Annotated[str, ExpressionText()] = Field(description="Comparisons with literals, joined by and.")
    variable: str = Field(description="The variable that it describes.")
    label: str = Field(default="", description="Label of these values; by default that of the variable.")
    type: str = Field(default="text", description="Define-XML data type.")
    digits: int | None = Field(default=None, description="Significant digits.")
    format: str = Field(default="", description="SAS display format.")
    codelist: str | None = Field(default=None, description="Codelist by name.")
    origin: OriginSpec | None = Field(default=None, description="Origin of these values.")
    method: str = Field(default="", description="Sentence of the derivation.")
    comment: CommentText | None = Field(default=None, description="A comment.")


class CutSpec(SpecModel):
    """How the data cut-off applies to one dataset, if the convention does not fit."""

    by: str | tuple[str, ...] | None = Field(
        default=None,
        description="Variables of which the first filled one decides; by default --STDTC, else --DTC, "
        "of DM RFICDTC, else DMDTC.",
    )
    end: tuple[str, ...] | dict[str, dict[str, str]] | None = Field(
        default=None,
        description="Dates that become missing if they are after the cut-off, and the values of other variables "
        "then; by default --ENDTC (then --ENRTPT is ONGOING and --ENTPT the cut-off), of DM DTHDTC (then no DTHFL) "
        "and RFICDTC.",
    )

    @property
    def by_names(self) -> tuple[str, ...] | None:
        return (self.by,) if isinstance(self.by, str) else self.by

    @property
    def ends(self) -> dict[str, dict[str, str]] | None:
        return self.end if isinstance(self.end, dict) or self.end is None else {name: {} for name in self.end}


class DatasetSpec(SpecModel):
    """One dataset: sdtm/ae.yaml, adam/adsl.yaml."""

    dataset: Annotated[str, Names("dataset")] = Field(description="Name of the dataset.")
    label: str | None = Field(default=None, description="Label, if the standard has none.")
    class_: str | None = Field(
        default=None,
        alias="class",
        description="Observation class of a custom domain, or class of an ADaM dataset: BASIC DATA STRUCTURE, which is "
        "the default, or OCCURRENCE DATA STRUCTURE. ADSL, ADAE and ADTTE have theirs.",
    )
    structure: str | None = Field(default=None, description="One record per ...; by default the standard's.")
    rows: RowBlock | tuple[RowBlock, ...] = Field(default=(), description="Where records come from.")
    parameters: dict[str, ParameterSpec] = Field(
        default_factory=dict, description="ADaM: PARAMCD to its time to event; its records follow those of rows:."
    )
    variables: Annotated[dict[str, DerivationSpec | None], Names("variable")] = Field(
        default_factory=dict, description="Rules of all blocks."
    )
    supplemental: Annotated[dict[str, DerivationSpec], Names("variable")] = Field(
        default_factory=dict, description="QNAM to its rule, with label."
    )
    working: Annotated[dict[str, DerivationSpec], Names("variable")] = Field(
        default_factory=dict,
        description="Variables that are not submitted; rules of this and other datasets may read them.",
    )
    coding: CodingSpec | tuple[CodingSpec, ...] = Field(
        default=(), description="SDTM: the dictionaries that fill variables of all blocks; see docs/dictionaries.md."
    )
    keys: tuple[str, ...] = Field(
        default=(),
        description="Natural key variables: what identifies a record; by default the standard's without --SEQ.",
    )
    sort: tuple[str, ...] = Field(
        default=(),
        description="Order of records; by default the keys. Its variables become the first keys. SOURCE, or - before a "
        "name (descending): an order that keys cannot have, which verify reports. See docs/order.md.",
    )
    sequence: tuple[str, ...] = Field(
        default=(), description="Order in which --SEQ numbers the records, if it is not their order in the dataset."
    )
    core: tuple[str, ...] = Field(
        default=(),
        description="ADSL: variables that every other ADaM dataset also has. Another ADaM dataset: those of them that "
        "it has, if not all.",
    )
    values: tuple[ValueSpec, ...] = Field(default=(), description="Value-level metadata.")
    not_submitted: dict[str, str] = Field(
        default_factory=dict, description="Raw columns that are not submitted, each with its reason."
    )
    not_collected: Annotated[dict[str, str], Names("variable")] = Field(
        default_factory=dict,
        description="Required or expected variables that the study does not collect, each with the reason. The "
        "variable is there without values; define.xml and the reviewer's guide have the reason. See "
        "docs/dispositions.md.",
    )
    comment: CommentText | None = Field(
        default=None, description="A comment for define.xml: a text, or {text:, document:, pages:}."
    )
    cutoff: CutSpec | Literal["none"] | None = Field(
        default=None, description="The dates that are compared with the data cut-off; none: no record is excluded."
    )

    @field_validator("dataset")
    @classmethod
    def _name(cls, value: str) -> str:
        if not _DATASET.fullmatch(value):
            raise ValueError(
                f"'{value}' is not a name of a dataset: it has 2 to 8 capital letters and digits, a letter first"
            )
        return value

    @model_validator(mode="after")
    def _records_from_somewhere(self) -> DatasetSpec:
        if not {"rows", "parameters"} & self.model_fields_set:
            raise ValueError("the key 'rows' is missing: it declares where records come from")
        return self

    @property
    def codings(self) -> tuple[CodingSpec, ...]:
        return self.coding if isinstance(self.coding, tuple) else (self.coding,)

    @property
    def blocks(self) -> tuple[RowBlock, ...]:
        return self.rows if isinstance(self.rows, tuple) else (self.rows,)
