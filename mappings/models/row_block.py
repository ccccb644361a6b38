"""The typed models of a block of records: its rows, joins, items of wide forms, relations, and its rules.

Not for the dataset around it (dataset.py) nor for reading the rows (engine/building/).
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from ..binding.bind import FieldMistake, Names, SpecModel
from .derivation import Condition, DerivationSpec
from .dictionaries import CodingSpec
from .item_range import expand_range
from .record_step import Step, StepColumn


class JoinSpec(SpecModel):
    """Columns of another source or dataset, beside those of the block."""

    source: str | None = Field(default=None, description="Raw source to join.")
    from_: str | None = Field(default=None, alias="from", description="Dataset to join.")
    as_: str | None = Field(
        default=None,
        alias="as",
        description="Name of the joined table in this block, if the block joins it more than once.",
    )
    on: tuple[str, ...] | dict[str, str] = Field(
        default=("USUBJID",),
        description="Key columns; or column of the block to column of the joined table. USUBJID always exists.",
    )
    cardinality: Literal["many-to-one", "one-to-one", "one-to-many"] = Field(
        default="many-to-one", description="How many rows of each side may share a key."
    )
    where: Condition | None = Field(default=None, description="Only rows of the other side for which this is true.")
    take: Literal["first", "last"] | None = Field(
        default=None, description="Of several rows with one key, the first or last."
    )
    order: tuple[str, ...] = Field(
        default=(),
        description="Columns of the other side that order the rows for take:; - before a name reverses the order.",
    )

    @model_validator(mode="after")
    def _one_side(self) -> JoinSpec:
        if bool(self.source) == bool(self.from_):
            raise ValueError("a join has exactly one of source:, from:")
        if self.take and not self.order:
            raise ValueError("take: needs order:, the columns that decide which row is first")
        return self

    @property
    def table(self) -> str:
        return self.source or self.from_ or ""

    @property
    def name(self) -> str:
        """The beginning of the names of its columns."""
        return self.as_ or self.table


class SplitCell(SpecModel):
    """A cell with several values: each becomes a row."""

    split: str = Field(description="Column whose cells have several values.")
    at: str | tuple[str, ...] = Field(description="The text between the values, or several such texts.")
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
    """One item of a wide form: the columns of its result and attributes."""

    result: str = Field(description="Column of the result.")
    unit: str | DerivationSpec | None = Field(default=None, description="Unit as text, or {from: COLUMN}.")
    columns: dict[str, str] = Field(default_factory=dict, description="Further texts of the item, by column name.")


class RelateSpec(SpecModel):
    """One relation of RELREC: the records of two or more datasets that have the same value of a variable."""

    datasets: dict[str, str] = Field(
        description="Dataset to its variable with the link, submitted or working; the side with one record first."
    )
    id: str = Field(description="RELID. Between records, the value of the link follows it.")
    idvar: dict[str, str] = Field(
        default_factory=dict, description="Dataset to the variable that RELREC names, by default --SEQ."
    )
    between: Literal["records", "datasets"] = Field(
        default="records",
        description="records: one record per related record; datasets: one per dataset, without a subject.",
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
        default=(), description="The records themselves, without a subject: variable to value."
    )
    trial: Literal["TA", "TE", "TI", "TV", "TS", "SE"] | None = Field(
        default=None, description="The records of this dataset that trial:, epochs: and visits: of study.yaml define."
    )
    relate: RelateSpec | None = Field(default=None, description="RELREC: the records of one relation.")
    to_write: str | None = Field(
        default=None,
        description="In place of a table: what is known of the records, if their rule is to be written. The block has "
        "no record, and lint reports it.",
    )
    where: Condition | None = Field(
        default=None, description="Only rows for which this is true; the others are excluded, and counted."
    )
    join: JoinSpec | tuple[JoinSpec, ...] = Field(default=(), description="Columns of other tables.")
    explode: dict[str, tuple[str, ...] | SplitCell] = Field(
        default_factory=dict,
        description="New column to columns: each filled cell of them becomes a row. Or {split: COLUMN, at: ','}: "
        "each part of its cells becomes a row.",
    )
    unpivot: dict[str, UnpivotItem] = Field(
        default_factory=dict,
        description="Item code to its columns: one row per filled result, with the columns ITEM, RESULT, UNIT.",
    )
    each: dict[str, tuple[str, ...]] = Field(
        default_factory=dict, description="New column to texts: each row is repeated for each of them."
    )
    keep_empty: bool = Field(default=False, description="Items without a result are records too.")
    derive: Step | tuple[Step, ...] = Field(
        default=(),
        description="ADaM: a step that derives records and columns from the rows that where: selects. Of several steps "
        "each reads the records of the step before it.",
    )
    finished: bool = Field(
        default=False,
        description="ADaM: the block reads the records of the blocks above as finished. A rule that sees all records "
        "of the dataset, such as flag: or base_value:, sees those above only. Here and in the blocks below its values "
        "are copied.",
    )
    columns: Annotated[dict[str, DerivationSpec], Names("variable")] = Field(
        default_factory=dict,
        description="Further columns of the block, not submitted. With type: integer or float a column is a number.",
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

    coding: CodingSpec | tuple[CodingSpec, ...] = Field(
        default=(), description="SDTM: the dictionaries that fill variables of this block; see docs/dictionaries.md."
    )

    @field_validator("explode")
    @classmethod
    def _ranges(cls, value: dict[str, tuple[str, ...] | SplitCell]) -> dict[str, tuple[str, ...] | SplitCell]:
        return {
            k: v if isinstance(v, SplitCell) else tuple(n for name in v for n in expand_range(name))
            for k, v in value.items()
        }

    @property
    def codings(self) -> tuple[CodingSpec, ...]:
        return self.coding if isinstance(self.coding, tuple) else (self.coding,)

    @model_validator(mode="after")
    def _one_table(self) -> RowBlock:
        declared = [x for x in (self.source, self.from_, self.records, self.trial, self.relate, self.to_write) if x]
        if len(declared) != 1:
            raise ValueError(
                "a block has exactly one of source: (raw), from: (a dataset), records:, trial:, relate:, to_write:"
            )
        if sum(map(bool, (self.explode, self.unpivot, self.each))) > 1:
            raise ValueError("a block has only one of explode:, unpivot:, each:")
        if 0 < len(self.splits) < len(self.explode):
            raise FieldMistake("explode: takes columns or the parts of cells, not both in one block", "explode")
        if len(self.each) > 1:
            raise ValueError("each: takes exactly one new column")
        names = [j.name for j in self.joins]
        if again := next((n for i, n in enumerate(names) if n in names[:i]), ""):
            raise ValueError(f"{again} is joined twice; give the second join another name, as: NAME")
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
    def steps(self) -> tuple[Step, ...]:
        """The steps of ``derive:`` in order."""
        return self.derive if isinstance(self.derive, tuple) else (self.derive,)

    @property
    def step_columns(self) -> dict[str, tuple[Step, StepColumn]]:
        """Column that a step derives -> the last step that derives it, and what it is."""
        return {name: (step, about) for step in self.steps for name, about in step.columns().items()}

    @property
    def joins(self) -> tuple[JoinSpec, ...]:
        return self.join if isinstance(self.join, tuple) else (self.join,)
