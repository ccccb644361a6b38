"""Dataset: the one object that everything passes on: a name, its records, its spec and its lineage.

Not for building records (engine/building/records.py) nor for combining them (engine/columns/verbs.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from ...errors import Place
from ...mappings.facts.document_pages import DocumentPages
from ...mappings.facts.terminology import Codelist, ExternalDictionary
from ..columns import column as col
from ..columns.rounding import COLLECTED_DIGITS, DIGITS, significant

#: Define-XML DataTypes whose cells are numbers; all others are text.
NUMERIC_TYPES = frozenset({"integer", "float"})


class Predecessor(NamedTuple):
    """A variable from which values are copied; with ``key`` and ``value`` a supplemental qualifier of that dataset."""

    dataset: str
    variable: str
    key: str = ""
    value: str = ""

    def __str__(self) -> str:
        """As Define-XML names it."""
        return f"{self.dataset}.{self.variable}" + (f" where {self.key} = '{self.value}'" if self.key else "")


@dataclass(frozen=True)
class Origin:
    """Where a variable's values come from: Define-XML 2.1 Origin Type and Source.

    ``predecessors``: what a copy is copied from. ``documents``: the pages of the annotated CRF with the raw columns of
    a collected variable. ``remarks``: explanations that a spec states.
    """

    type: str  # Assigned | Collected | Derived | Not Available | Other | Predecessor | Protocol
    source: str = ""  # Investigator | Sponsor | Subject | Vendor | ''
    predecessors: tuple[Predecessor, ...] = ()
    documents: tuple[DocumentPages, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def predecessor(self) -> Predecessor | None:
        """The one variable that all values are copied from; None where there are none or several."""
        return self.predecessors[0] if len(self.predecessors) == 1 and not self.remarks else None

    @property
    def description(self) -> str:
        """What define.xml shows: the predecessors, and the explanations behind them."""
        return ", ".join([*map(str, self.predecessors), *self.remarks])


@dataclass(frozen=True)
class BlockRule:
    """How one block of records has a variable: origin, method, and the line that names its records in a method.

    ``texts``: every value that its rule can give, with its meaning, if the spec states each; else None.
    """

    origin: Origin
    method: str = ""
    records: str = ""
    texts: tuple[tuple[str, str], ...] | None = None


@dataclass(frozen=True)
class VariableMetadata:
    """One variable of a finished dataset.

    ``type`` is a Define-XML DataType (text, integer, float, date, datetime, partialDate, incompleteDatetime ...).
    ``length`` is in bytes (8 for numbers), 0 until the data have been seen. ``method`` is the plain sentence of a
    derived variable (its MethodDef). ``rule`` is the line of the spec that derives it. ``gaps``: some record has no
    value; False until the data have been seen. ``empty``: no record has a value. ``whole_digits``: most digits before
    the point of its numbers, 0 until the data have been seen. ``precision``: significant digits that its numbers keep,
    0 for those of its origin: 12 of a derived number, 15 of any other. ``constant``: its rules give only values of
    the spec. ``blocks``: of a result, how each block of records has it, by the number of the block.
    ``further_origins``: of records that come from several places, the origins after the first. ``mapped``: of a
    variable whose one rule maps another one, (its value, that of the other one); ``mapped_from``: the other one.
    """

    name: str
    label: str
    type: str = "text"
    length: int = 0
    digits: int | None = None
    format: str = ""
    codelist: Codelist | None = None
    role: str = ""
    core: str = ""  # Req | Exp | Perm | Cond | ''
    origin: Origin = Origin("Assigned", "Sponsor")
    method: str = ""
    comment: str = ""
    rule: Place | None = None
    gaps: bool = False
    precision: int = 0
    comment_documents: tuple[DocumentPages, ...] = ()
    empty: bool = False
    whole_digits: int = 0
    dictionary: ExternalDictionary | None = None
    constant: bool = False
    blocks: tuple[BlockRule, ...] = ()
    further_origins: tuple[Origin, ...] = ()
    mapped_from: str = ""
    mapped: tuple[tuple[str, str], ...] = ()

    @property
    def significant_digits(self) -> int:
        """The significant digits that its numbers keep."""
        return self.precision or (DIGITS if self.origin.type == "Derived" else COLLECTED_DIGITS)

    @property
    def is_numeric(self) -> bool:
        return self.type in NUMERIC_TYPES

    def settled(self, **facts: Any) -> VariableMetadata:
        """The same variable with facts of the data.

        A study has hundreds of variables in each partition; ``replace`` takes many times as long.
        """
        copy = object.__new__(VariableMetadata)
        copy.__dict__.update(self.__dict__, **facts)
        return copy

    @property
    def shown_length(self) -> int:
        """The Length of Define-XML: bytes of a text, digits of a number before and after the point.

        The width of a number in the file (8) as long as its digits are not known.
        """
        if not self.is_numeric or not self.whole_digits:
            return max(self.length, 1)
        return self.whole_digits + (self.digits or 0 if self.type == "float" else 0)


@dataclass(frozen=True)
class RangeCheck:
    """One test of a where clause: ``variable`` EQ | NE | IN | NOTIN | LT | LE | GT | GE ``values``."""

    variable: str
    comparator: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class ValueLevel:
    """Value-level metadata: what ``variable`` is in the records where every check of ``where`` holds.

    ``further_origins``: of records that come from several places, the origins after the first. ``automatic``: no spec
    declares it; the records and the executed rules do. ``empty``: the dataset has records, and none with a value.
    ``or_where``: further clauses; the definition holds where one of all does.
    """

    variable: str
    where: tuple[RangeCheck, ...]
    type: str = "text"
    length: int = 0
    digits: int | None = None
    format: str = ""
    codelist: Codelist | None = None
    origin: Origin | None = None
    method: str = ""
    comment: str = ""
    label: str = ""  # of a supplemental qualifier: its QLABEL
    comment_documents: tuple[DocumentPages, ...] = ()
    dictionary: ExternalDictionary | None = None
    further_origins: tuple[Origin, ...] = ()
    automatic: bool = False
    empty: bool = False
    or_where: tuple[tuple[RangeCheck, ...], ...] = ()


@dataclass(frozen=True)
class DatasetMetadata:
    """All about a finished dataset but its records: enough for XPT, define.xml and conformance.

    ``keys``: what identifies a record, in the order of the records. ``sequence``: the variable that numbers the records
    of a subject, '' if there is none; it becomes the last key where the keys do not identify each record.
    """

    name: str
    label: str
    variables: tuple[VariableMetadata, ...]
    keys: tuple[str, ...]
    observation_class: str = ""  # Events, Findings, Interventions, Special Purpose, BASIC DATA STRUCTURE, ...
    structure: str = ""
    standard: str = ""
    purpose: str = "Tabulation"  # Tabulation | Analysis
    domain: str = ""
    values: tuple[ValueLevel, ...] = ()
    comment: str = ""
    place: Place | None = None
    comment_documents: tuple[DocumentPages, ...] = ()
    sequence: str = ""

    def variable(self, name: str) -> VariableMetadata:
        """The variable called ``name``; KeyError when there is none."""
        for v in self.variables:
            if v.name == name:
                return v
        raise KeyError(f"{self.name} has no variable {name}")

    @property
    def names(self) -> list[str]:
        return [v.name for v in self.variables]

    @property
    def repeating(self) -> bool:
        """Whether a subject may have more than one record: Define-XML Repeating.

        It has one record where the subject alone is the key. Without keys the whole text of the structure decides:
        "One record per subject per parameter" is more than one record.
        """
        if self.keys:
            return set(self.keys) - {"STUDYID"} != {"USUBJID"}
        return self.structure.lower().strip().rstrip(".") != "one record per subject"


@dataclass(frozen=True)
class Reading:
    """One column that a rule read: the lineage node that knows the row, the table, the column.

    ``node``: a column of Lineage.rows; SAME_RECORD for a variable of the same record; SUBJECT for the subject's row of
    a dataset; SPEC for a text of the spec, with ``table`` its file:line:column; STUDY for a value of all subjects, with
    ``column`` how it is computed. ``item``: only the records of that exploded or unpivoted item (in TS: that record)
    read it, -1 for all.
    """

    node: str
    table: str
    column: str
    item: int = -1


SAME_RECORD, SUBJECT, SPEC, STUDY = "own", "subject", "spec", "study"


@dataclass(frozen=True)
class Choice:
    """How a value was chosen among the rows of another table, so that trace can list the rows that were not chosen.

    ``verb``: first, last or lookup. ``keys``: (name in the dataset, name in the table). ``order``: columns of the table
    that rank the rows, - before a name: descending. ``kinds``: number, date or text for each that is a raw column.
    ``where``: the condition of the rule, '' if it has none. ``node``: the column of Lineage.rows that has the chosen
    row. With count and any no row is chosen, and ``column`` is ''. With summary every row that counts is used.
    ``before``: of the same dataset only rows of the blocks before this one, -1 for all.
    """

    verb: str
    table: str
    column: str
    keys: tuple[tuple[str, str], ...]
    order: tuple[str, ...] = ()
    where: str = ""
    node: str = ""
    kinds: tuple[str, ...] = ()
    before: int = -1


@dataclass(frozen=True)
class RuleUse:
    """How one variable of one block was derived: the spec line, its sentence, and what was read. Block -1: all blocks.

    ``through``: further columns of the block (``columns:``) that it read; ``reads`` has what those read too.
    """

    variable: str
    block: int
    place: Place | str | None
    sentence: str
    reads: tuple[Reading, ...] = ()
    choice: Choice | None = None
    through: tuple[str, ...] = ()


@dataclass(frozen=True)
class StepUse:
    """A step as it ran: its verb and arguments, the table of its rows, and the data cut-off ('' without one)."""

    verb: str
    arguments: dict[str, Any]
    base: str
    cutoff: str = ""


def coding_node(variable: str) -> str:
    """The column of Lineage.rows with the codings of a variable."""
    return f"coding:{variable}"


def coding_table(dictionary: str) -> str:
    """The table of that column: no dataset and no source has this name."""
    return f"coding {dictionary}"


@dataclass
class Lineage:
    """Row ids of every record, and the rule of every variable.

    ``rows`` is as long as the dataset: ``block`` (the block of rows: that built it), ``row`` (0-based row of that
    block's source), ``item`` (the exploded or unpivoted item, -1 if none), one ``row:<node>`` per join, lookup or
    aggregate (0-based row there, -1 if no match), ``column:<name>`` the same for a further column, ``subject:<source>``
    the subject's row of a raw source, ``coding:<variable>`` the position of its coding in a dictionary. All int32.
    ``columns``: the rules of further columns. ``steps``: block number to the step that built its records, where trace
    can run it again to explain them.
    """

    rows: pd.DataFrame
    rules: list[RuleUse] = field(default_factory=list)
    sources: tuple[str, ...] = ()  # block number -> source name
    tables: dict[str, str] = field(default_factory=dict)  # column of rows -> the table its row ids belong to
    columns: list[RuleUse] = field(default_factory=list)
    steps: dict[int, StepUse] = field(default_factory=dict)


class Dataset:
    """Records with their spec and lineage.

    ``frame`` holds exactly the spec's variables in order: numbers as float64 (missing NaN), text as pandas category
    or str (missing ''). Construction enforces it: absent text becomes '', trailing blanks go, derived floats are
    rounded to 12 significant digits so that the same inputs give the same bits on every processor, collected ones and
    their copies to 15. ``columns`` are the same values; each of the two is built from the other when it is first read.
    Raises ValueError when frame and spec name different variables.

    See docs/semantics.md S3, S13.
    """

    def __init__(self, metadata: DatasetMetadata, frame: pd.DataFrame, lineage: Lineage | None = None):
        self.metadata, self.lineage, self._n = metadata, lineage, len(frame)
        self.columns = _clean_columns(metadata, col.columns_of(frame))

    @property
    def name(self) -> str:
        return self.metadata.name

    @cached_property
    def frame(self) -> pd.DataFrame:
        return col.frame_of(self.columns, self._n)

    @cached_property
    def columns(self) -> dict[str, pd.Series]:
        """Variable -> its column. Each lookup in a frame makes another Series, and that takes time."""
        return col.columns_of(self.frame)

    def __len__(self) -> int:
        return self._n

    @classmethod
    def of_columns(
        cls, metadata: DatasetMetadata, columns: Mapping[str, pd.Series], n: int, lineage: Lineage | None = None
    ) -> Dataset:
        """A dataset of ``n`` records from its columns, as construction from a frame of them."""
        dataset = object.__new__(cls)
        dataset.metadata, dataset.lineage, dataset._n = metadata, lineage, n
        dataset.columns = _clean_columns(metadata, columns)
        return dataset

    @classmethod
    def of_clean(cls, spec: DatasetMetadata, frame: pd.DataFrame, lineage: Lineage | None = None) -> Dataset:
        """A dataset of columns that another one has cleaned: the spec's variables, in order."""
        dataset = object.__new__(cls)
        dataset.metadata, dataset.frame, dataset.lineage, dataset._n = spec, frame, lineage, len(frame)
        return dataset


def _clean_columns(metadata: DatasetMetadata, columns: Mapping[str, pd.Series]) -> dict[str, pd.Series]:
    names = metadata.names
    if set(columns) != set(names):
        odd = sorted(set(columns) ^ set(names))
        raise ValueError(f"{metadata.name}: frame and spec differ in {', '.join(odd)}")
    return {v.name: _clean(v, columns[v.name]) for v in metadata.variables}


def _clean(variable: VariableMetadata, column: pd.Series) -> pd.Series:
    values = _clean_number(column, variable.significant_digits) if variable.is_numeric else _clean_text(column)
    return column if col.is_column_of(column, values) else col.series(values, variable.name)


def _clean_number(column: pd.Series, digits: int) -> np.ndarray:
    values = column.to_numpy(dtype="float64", na_value=np.nan)
    if len(values) and not np.all(np.isnan(values) | (values == np.trunc(values))):
        return significant(values, digits)
    return np.where(values == 0, 0.0, values) if len(values) else values


def _clean_text(column: pd.Series) -> pd.api.extensions.ExtensionArray:
    """The texts of a column without its index, whose labels are not those of the records."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return _clean_categories(column)
    text = column.astype("str")
    if text.isna().any():
        text = text.fillna("")
    return text.str.rstrip(" ").array


def _clean_categories(column: pd.Series) -> pd.api.extensions.ExtensionArray:
    codes, texts = col.split_text(column)
    stored = column.array.codes  # pyright: ignore[reportAttributeAccessIssue]
    absent = len(stored) > 0 and int(stored.min()) < 0
    if not absent and not col.computed_once(texts, _trailing).any():
        return column.array
    return col.join_text(codes, [str(t).rstrip(" ") for t in texts]).array


def _trailing(texts: col.Texts) -> np.ndarray:
    return np.array([str(t).endswith(" ") for t in texts], dtype=bool)


@dataclass
class Finished:
    """A dataset of one partition in its final order. ``order``: the positions of these records as they were built."""

    dataset: Dataset
    order: np.ndarray
