"""The typed models of a dataset's file: blocks of records with joins, variables, values, the data cut.

Not for reading files (mappings/loader.py) nor for what rules do (engine/, sdtm/, adam/). The JSON Schema and the
reference page are generated from these models, so every field describes itself.
"""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from ..binding.bind import ExpressionText, FieldMistake, Names, SpecModel
from .derivation import Condition, DerivationSpec, OriginSpec
from .item_range import expand_range
from .record_step import Step
from .time_to_event import ParameterSpec

_DATASET = re.compile(r"[A-Z][A-Z0-9]{1,7}", re.ASCII)


class JoinSpec(SpecModel):
    """Columns of another source or dataset, beside those of the block."""

    source: str | None = Field(default=None, description="Raw source to join.")
    from_: str | None = Field(default=None, alias="from", description="Dataset to join.")
    as_: str | None = Field(
        default=None, alias="as", description="Name of the joined table here, where a block joins it more than once."
    )
    on: tuple[str, ...] | dict[str, str] = Field(
        default=("USUBJID",), description="Key columns, or own column to theirs. USUBJID is always there."
    )
    cardinality: Literal["many-to-one", "one-to-one", "one-to-many"] = Field(
        default="many-to-one", description="How many rows of either side may share a key."
    )
    where: Condition | None = Field(default=None, description="Only rows of the other side where this holds.")
    take: Literal["first", "last"] | None = Field(
        default=None, description="Of several rows of a key, the first or last."
    )
    order: tuple[str, ...] = Field(
        default=(), description="Columns of the other side that order take:; - before a name turns it."
    )

    @model_validator(mode="after")
    def _one_side(self) -> JoinSpec:
        if bool(self.source) == bool(self.from_):
            raise ValueError("give either source: or from:")
        if self.take and not self.order:
            raise ValueError("take: needs order:, the columns that say which row comes first")
        return self

    @property
    def table(self) -> str:
        return self.source or self.from_ or ""

    @property
    def name(self) -> str:
        """What names of its columns begin with."""
        return self.as_ or self.table


class SplitCell(SpecModel):
    """The parts of one cell, of which each becomes a row."""

    split: str = Field(description="Column whose cells hold several values.")
    at: str | tuple[str, ...] = Field(description="The text between the values; of several, any.")
    distinct: bool = Field(default=False, description="Equal values of one cell give one row.")

    @property
    def separators(self) -> tuple[str, ...]:
        return (self.at,) if isinstance(self.at, str) else self.at

    @model_validator(mode="after")
    def _some_separator(self) -> SplitCell:
        if not self.separators or not all(self.separators):
            raise FieldMistake("at: needs the text between the values", "at")
        return self


class UnpivotItem(SpecModel):
    """One item of a wide form: where its result and attributes stand."""

    result: str = Field(description="Column of the result.")
    unit: str | DerivationSpec | None = Field(default=None, description="Unit as text, or {from: COLUMN}.")
    columns: dict[str, str] = Field(default_factory=dict, description="Further texts of the item, by column name.")


class RelateSpec(SpecModel):
    """One relation of RELREC: the records of two or more datasets that have the same value of a variable."""

    datasets: dict[str, str] = Field(
        description="Dataset to its variable that holds the link, submitted or working; the one side first."
    )
    id: str = Field(description="RELID; the value of the link is put behind it, but not between datasets.")
    idvar: dict[str, str] = Field(
        default_factory=dict, description="Dataset to the variable that RELREC names, by default --SEQ."
    )
    between: Literal["records", "datasets"] = Field(
        default="records", description="records: one per related record; datasets: one per dataset, of no subject."
    )
    split: dict[str, str] = Field(
        default_factory=dict,
        description="Dataset to the text between several links in one value: a record with the link 1, 2 is related "
        "to both.",
    )
    types: dict[str, Literal["ONE", "MANY"]] = Field(
        default_factory=dict, description="Between datasets: RELTYPE of each, by default ONE, then MANY."
    )

    @model_validator(mode="after")
    def _two(self) -> RelateSpec:
        if len(self.datasets) < 2:
            raise ValueError("a relation needs two datasets")
        odd = [n for n in (*self.idvar, *self.types, *self.split) if n not in self.datasets]
        if odd:
            raise ValueError(f"{odd[0]} is not one of datasets:")
        if not all(self.split.values()):
            raise FieldMistake("split: needs the text between the links", "split")
        return self


class RowBlock(SpecModel):
    """Where records come from. A dataset may have several blocks."""

    source: str | None = Field(
        default=None, description="Raw source: one record per row, unless exploded or unpivoted."
    )
    from_: str | None = Field(default=None, alias="from", description="Dataset whose records are the rows.")
    records: tuple[dict[str, str], ...] = Field(
        default=(), description="The records themselves, of no subject: variable to value. They are made once."
    )
    trial: Literal["TA", "TE", "TI", "TV", "TS", "SE"] | None = Field(
        default=None, description="The records that trial:, epochs: and visits: of study.yaml give this dataset."
    )
    relate: RelateSpec | None = Field(default=None, description="RELREC: the records that one relation gives.")
    where: Condition | None = Field(
        default=None, description="Only rows where this holds; the others are excluded, and counted."
    )
    join: JoinSpec | tuple[JoinSpec, ...] = Field(default=(), description="Columns of other tables.")
    explode: dict[str, tuple[str, ...] | SplitCell] = Field(
        default_factory=dict,
        description="New column to the columns whose filled cells become one row each; or {split: COLUMN, at: ','}: "
        "the parts of its cells.",
    )
    unpivot: dict[str, UnpivotItem] = Field(
        default_factory=dict,
        description="Item code to its columns; gives ITEM, RESULT, UNIT, one row per filled result.",
    )
    each: dict[str, tuple[str, ...]] = Field(
        default_factory=dict, description="New column to texts: every row once for each of them."
    )
    keep_empty: bool = Field(default=False, description="Items without a result give a record too.")
    derive: Step | None = Field(
        default=None, description="ADaM: a step that makes records and columns of the rows that where: leaves."
    )
    columns: Annotated[dict[str, DerivationSpec], Names("variable")] = Field(
        default_factory=dict, description="Further columns of the block, not submitted."
    )
    variables: Annotated[dict[str, DerivationSpec], Names("variable")] = Field(
        default_factory=dict, description="Rules of this block only."
    )
    supplemental: Annotated[dict[str, DerivationSpec], Names("variable")] = Field(
        default_factory=dict, description="QNAM to its rule in this block only."
    )
    working: Annotated[dict[str, DerivationSpec], Names("variable")] = Field(
        default_factory=dict, description="Working variables of this block only."
    )

    @field_validator("explode")
    @classmethod
    def _ranges(cls, value: dict[str, tuple[str, ...] | SplitCell]) -> dict[str, tuple[str, ...] | SplitCell]:
        return {
            k: v if isinstance(v, SplitCell) else tuple(n for name in v for n in expand_range(name))
            for k, v in value.items()
        }

    @model_validator(mode="after")
    def _one_table(self) -> RowBlock:
        given = [x for x in (self.source, self.from_, self.records, self.trial, self.relate) if x]
        if len(given) != 1:
            raise ValueError("give either source: (raw) or from: (a dataset), or one of records:, trial:, relate:")
        if sum(map(bool, (self.explode, self.unpivot, self.each))) > 1:
            raise ValueError("a block has only one of explode:, unpivot:, each:")
        if 0 < len(self.splits) < len(self.explode):
            raise FieldMistake("explode: takes columns or the parts of cells, not both in one block", "explode")
        if len(self.each) > 1:
            raise ValueError("each: makes one column")
        names = [j.name for j in self.joins]
        if again := next((n for i, n in enumerate(names) if n in names[:i]), ""):
            raise ValueError(f"{again} is joined twice; give the second join a name of its own, as: NAME")
        return self

    @property
    def splits(self) -> dict[str, SplitCell]:
        """New column to the cells of which ``explode:`` takes the parts."""
        return {k: v for k, v in self.explode.items() if isinstance(v, SplitCell)}

    @property
    def exploded(self) -> dict[str, tuple[str, ...]]:
        """New column to the columns that ``explode:`` reads for it."""
        return {k: (v.split,) if isinstance(v, SplitCell) else v for k, v in self.explode.items()}

    @property
    def table(self) -> str:
        return self.source or self.from_ or ""

    @property
    def joins(self) -> tuple[JoinSpec, ...]:
        return self.join if isinstance(self.join, tuple) else (self.join,)


class ValueSpec(SpecModel):
    """Value-level metadata: what a variable is in some records."""

    where: Annotated[str, ExpressionText()] = Field(description="Comparisons with literals, joined by and.")
    variable: str = Field(description="The variable it is about.")
    type: str = Field(default="text", description="Define-XML data type.")
    digits: int | None = Field(default=None, description="Significant digits.")
    format: str = Field(default="", description="SAS display format.")
    codelist: str | None = Field(default=None, description="Codelist by name.")
    origin: OriginSpec | None = Field(default=None, description="Origin of these values.")
    method: str = Field(default="", description="Sentence of the derivation.")
    comment: str = Field(default="", description="A comment.")


class CutSpec(SpecModel):
    """How the data cut-off holds for one dataset, where the convention does not fit."""

    by: str | tuple[str, ...] | None = Field(
        default=None,
        description="Variables of which the first filled one decides; by default --STDTC, else --DTC, "
        "of DM RFICDTC, else DMDTC.",
    )
    end: tuple[str, ...] | dict[str, dict[str, str]] | None = Field(
        default=None,
        description="Dates that become missing when they lie later, and what other variables then are; by default "
        "--ENDTC (then --ENRTPT is ONGOING and --ENTPT the cut-off), of DM DTHDTC (then no DTHFL) and RFICDTC.",
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
    label: str | None = Field(default=None, description="Label, where the standard has none.")
    class_: str | None = Field(
        default=None, alias="class", description="Observation class of a custom domain or ADaM dataset."
    )
    structure: str | None = Field(default=None, description="One record per ...; by default the standard's.")
    rows: RowBlock | tuple[RowBlock, ...] = Field(default=(), description="Where records come from.")
    parameters: dict[str, ParameterSpec] = Field(
        default_factory=dict, description="ADaM: PARAMCD to its time to event; these records follow those of rows:."
    )
    variables: Annotated[dict[str, DerivationSpec | None], Names("variable")] = Field(
        default_factory=dict, description="Rules of all blocks."
    )
    supplemental: Annotated[dict[str, DerivationSpec], Names("variable")] = Field(
        default_factory=dict, description="QNAM to its rule, with label."
    )
    working: Annotated[dict[str, DerivationSpec], Names("variable")] = Field(
        default_factory=dict,
        description="Variables that are not submitted, for rules of this and other datasets to read.",
    )
    keys: tuple[str, ...] = Field(
        default=(), description="Key variables for define.xml and uniqueness; by default the standard's."
    )
    sort: tuple[str, ...] = Field(
        default=(), description="Order of records; by default the keys. SOURCE: order of the raw rows."
    )
    sequence: tuple[str, ...] = Field(
        default=(), description="Order that --SEQ numbers, where it is not the order of records."
    )
    core: tuple[str, ...] = Field(default=(), description="ADSL: variables carried into every other ADaM dataset.")
    values: tuple[ValueSpec, ...] = Field(default=(), description="Value-level metadata.")
    not_submitted: dict[str, str] = Field(default_factory=dict, description="Raw columns left out, with the reason.")
    comment: str = Field(default="", description="A comment for define.xml.")
    cutoff: CutSpec | Literal["none"] | None = Field(
        default=None, description="Which dates the data cut-off is held against; none: no record leaves."
    )

    @field_validator("dataset")
    @classmethod
    def _name(cls, value: str) -> str:
        if not _DATASET.fullmatch(value):
            raise ValueError(f"'{value}' is no name of a dataset: 2 to 8 capital letters and digits, a letter first")
        return value

    @model_validator(mode="after")
    def _records_from_somewhere(self) -> DatasetSpec:
        if not {"rows", "parameters"} & self.model_fields_set:
            raise ValueError("the key 'rows' is missing, which says where records come from")
        return self

    @property
    def blocks(self) -> tuple[RowBlock, ...]:
        return self.rows if isinstance(self.rows, tuple) else (self.rows,)
