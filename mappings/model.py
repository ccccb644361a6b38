"""The typed models of the spec language: study.yaml, and one file per dataset.

Not for reading files (loader.py) nor for what rules do (engine/, sdtm/, adam/). The JSON Schema and the reference page
are generated from these models, so every field describes itself.
"""

from __future__ import annotations

import datetime
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from .binding import ExpressionText, FieldMistake, Names, SpecModel
from .instrument_model import InstrumentSpec
from .item_range import expand_range
from .measurement_model import MeasurementSpec, NumbersSpec
from .quality_model import QualitySpec, Window
from .rule import Condition, OriginSpec, Rule
from .steps import Step
from .time_to_event_model import ParameterSpec
from .trial_model import TrialSpec


class CtVersions(SpecModel):
    """Controlled terminology packages."""

    sdtm: str = Field(default="2025-03-28", description="SDTM CT package date.")
    adam: str = Field(default="2026-03-27", description="ADaM CT package date.")


class StudyInfo(SpecModel):
    """What the study is."""

    id: str = Field(description="STUDYID of every dataset.")
    title: str = Field(default="", description="Title of the study.")
    description: str = Field(default="", description="One or two sentences for define.xml.")
    protocol: str = Field(default="", description="Protocol name for define.xml; by default the id.")
    sdtmig: Literal["3.4"] = Field(default="3.4", description="SDTMIG version.")
    adamig: Literal["1.3"] = Field(default="1.3", description="ADaMIG version.")
    ct: CtVersions = Field(default_factory=lambda: CtVersions(), description="Terminology packages.")
    cutoff: datetime.date | None = Field(default=None, description="Data cut-off date: what starts later leaves SDTM.")
    as_of: datetime.date | None = Field(
        default=None, description="Declared date of the run, where the command gives none."
    )


class ContinuesSpec(SpecModel):
    """Enrolments that continue an earlier one of the same person, after a transfer or re-screening: USUBJID stays."""

    source: str = Field(description="Source of the enrolments.")
    columns: tuple[str, ...] = Field(
        description="Its columns with the previous identifiers, in the order of the subject's columns."
    )
    primary: Condition | None = Field(
        default=None, description="Condition that holds for exactly one enrolment of each subject; checked."
    )


class SubjectSpec(SpecModel):
    """Who a subject is, in every source that does not say otherwise."""

    columns: tuple[str, ...] = Field(default=(), description="Columns that together identify a subject in a source.")
    split: str | None = Field(default=None, description="A column that holds several identifiers in one text.")
    as_: str | None = Field(
        default=None, alias="as", description="Template that reads the split column, {SITE}-{SUBJ}."
    )
    crosswalk: str | None = Field(
        default=None,
        description="CSV with the columns above and USUBJID, where identifiers changed; in the study folder.",
    )
    usubjid: str = Field(description="Template of USUBJID, {STUDYID}-{SITE_ID}-{SUBJ_ID:04}.")
    subjid: str | None = Field(default=None, description="Template of SUBJID; by default the last column.")
    siteid: str | None = Field(default=None, description="Template of SITEID; by default the first column.")
    country: str | None = Field(
        default=None,
        description="source.COLUMN with the country of a site, for the query list; by default by: of dates:.",
    )
    continues: ContinuesSpec | None = Field(
        default=None, description="Enrolments under new identifiers that continue an earlier subject."
    )

    @model_validator(mode="after")
    def _one_identity(self) -> SubjectSpec:
        if bool(self.columns) == bool(self.split):
            raise ValueError("give either columns: or split: with as:")
        if self.split and not self.as_:
            raise ValueError("split: needs as:, the template that reads the column")
        return self


class SourceSubject(SpecModel):
    """Who a subject is in one source."""

    columns: tuple[str, ...] = Field(
        default=(), description="Columns of this source, in the order of the study's columns."
    )
    split: str | None = Field(default=None, description="A column that holds several identifiers in one text.")
    as_: str | None = Field(
        default=None, alias="as", description="Template that reads the split column, {SITE}-{SUBJ}."
    )
    crosswalk: str | None = Field(default=None, description="CSV with this source's columns and USUBJID.")


class DatesSpec(SpecModel):
    """How date texts are read. A text is read only by a declared format."""

    formats: tuple[str, ...] = Field(default=(), description="Formats of dd, mm, mon, yyyy and separators.")
    by: str | None = Field(
        default=None, description="Column whose value selects among when:, own or source.COLUMN by subject."
    )
    when: dict[str, tuple[str, ...]] = Field(default_factory=dict, description="Formats by the value of by:.")
    columns: dict[str, tuple[str, ...] | dict[str, tuple[str, ...]]] = Field(
        default_factory=dict, description="Formats of single columns, or of single columns by the value of by:."
    )
    unknown: tuple[str, ...] = Field(
        default=("UN", "UNK", "--", "---", "----", "??", "???", "????"),
        description="Texts that stand for an unknown part.",
    )
    missing: tuple[str, ...] = Field(default=(), description="Whole texts that stand for no date.")

    def whole(self, column: str) -> tuple[str, ...] | None:
        """The formats of a column whatever the value of ``by`` is; None where that value selects."""
        own = self.columns.get(column)
        if isinstance(own, tuple):
            return own
        return None if self.by else self.formats

    def of(self, column: str, group: str) -> tuple[str, ...]:
        """The formats of a column for one value of ``by``."""
        own = self.columns.get(column)
        if isinstance(own, dict) and group in own:
            return own[group]
        return self.when.get(group) or self.formats

    @property
    def sets(self) -> list[tuple[str, tuple[str, ...]]]:
        """(field, formats) of every set of formats that is declared."""
        found = [("formats", self.formats), *(("when", f) for f in self.when.values())]
        for own in self.columns.values():
            found += [("columns", f) for f in (own.values() if isinstance(own, dict) else (own,))]
        return found

    @model_validator(mode="after")
    def _groups_need_by(self) -> DatesSpec:
        if not self.by and any(isinstance(own, dict) for own in self.columns.values()):
            raise ValueError("columns: by country or other value needs by:, the column that has it")
        return self


class SourceSpec(SpecModel):
    """One raw file."""

    file: str = Field(description="Path in the raw folder.")
    format: Literal["csv", "excel", "parquet", "xpt", "sas7bdat", "sav", "dta", "odm", "redcap"] | None = Field(
        default=None, description="File format; by default from the suffix."
    )
    encoding: str = Field(default="utf-8", description="Encoding of a text file; read strictly.")
    separator: str = Field(default=",", description="Field separator of a CSV file.")
    quote: str = Field(default='"', description="Quote character of a CSV file.")
    sheet: str | None = Field(default=None, description="Sheet of a workbook; by default the only one.")
    header_row: int = Field(default=1, description="Row of the header in a workbook or CSV file.")
    item_group: str | None = Field(default=None, description="ODM: OID of the item group whose rows are read.")
    form: str | None = Field(
        default=None, description="ODM: OID of the form whose item groups are read; with item_group: only that one."
    )
    names: Literal["name", "oid", "sas"] = Field(
        default="name", description="ODM: what columns are named by, the items' Name, OID or SASFieldName."
    )
    dictionary: str | None = Field(
        default=None, description="REDCap: path of the data dictionary (CSV) in the raw folder."
    )
    instrument: str | None = Field(
        default=None, description="REDCap: the instrument (form name) whose rows and columns are read; by default all."
    )
    checkboxes: Literal["cells", "code", "label"] = Field(
        default="cells",
        description="REDCap: a checkbox column keeps its cells (0, 1), or has the code or label of its choice where "
        "checked, for explode:.",
    )
    optional: bool = Field(
        default=False, description="The file may be absent from a data cut; then a finding, not an error."
    )
    subject: SourceSubject | Literal["none"] | None = Field(
        default=None, description="Identity in this source, or none for a table without subjects."
    )
    dates: DatesSpec | None = Field(default=None, description="Date formats of this source; by default the study's.")
    numbers: NumbersSpec | None = Field(
        default=None, description="How numbers of this source are written; by default the study's."
    )
    duplicates: Literal["keep", "merge"] = Field(
        default="keep",
        description="Rows that are equal in every cell: keep all (reported), or merge them into the first.",
    )
    key: tuple[str, ...] = Field(
        default=(),
        description="Columns that, with the subject, tell rows apart; rows that share them and differ are reported.",
    )
    person: tuple[str, ...] = Field(
        default=(), description="Columns that tell people apart: two subjects equal in all of them are reported."
    )
    required: dict[str, str] = Field(
        default_factory=dict,
        description="Column, or Q1..Q9, to the condition under which its cell is filled; '' for always.",
    )
    empty: dict[str, str] = Field(
        default_factory=dict,
        description="Column, or Q1..Q9, to the condition under which its cell is empty; one filled all the same is "
        "reported.",
    )
    codes: dict[str, tuple[str, ...]] = Field(
        default_factory=dict,
        description="Column, or Q1..Q9, to its texts, in this case of letters; any other is reported. For columns that "
        "conditions ask for: another text would pass them by unseen.",
    )
    plausible: dict[str, Window] = Field(
        default_factory=dict, description="Column to its lowest and highest plausible number."
    )
    items: dict[str, Window] = Field(
        default_factory=dict, description="Column, or Q1..Q9, to the lowest and highest answer, both whole numbers."
    )
    origin: Literal["Investigator", "Subject", "Vendor"] = Field(
        default="Investigator", description="Who recorded it: Origin Source in define.xml."
    )
    not_submitted: dict[str, str] = Field(default_factory=dict, description="Columns left out, each with its reason.")
    cutoff: str | tuple[str, ...] | None = Field(
        default=None,
        description="Date column (of several, the first filled): rows dated after the cut-off are there for no rule.",
    )

    @property
    def cutoff_columns(self) -> tuple[str, ...]:
        return (self.cutoff,) if isinstance(self.cutoff, str) else self.cutoff or ()

    @model_validator(mode="after")
    def _keys_of_the_format(self) -> SourceSpec:
        kinds = {
            "odm": ("item_group", "form", "names"),
            "redcap": ("dictionary", "instrument", "checkboxes"),
        }
        for kind, keys in kinds.items():
            given = [k for k in keys if getattr(self, k) != type(self).model_fields[k].default]
            fits = self.format == kind or (kind == "odm" and not self.format and self.file.lower().endswith(".xml"))
            if given and not fits:
                raise FieldMistake(f"{given[0]}: is for a source with format: {kind}", given[0])
        if self.format == "redcap" and not self.dictionary:
            raise ValueError("format: redcap needs dictionary:, the CSV file of the project's data dictionary")
        return self

    @field_validator("required", "empty", "codes", "items")
    @classmethod
    def _ranges(cls, value: dict[str, Any]) -> dict[str, Any]:
        return {n: v for name, v in value.items() for n in expand_range(name)}


class VisitSpec(SpecModel):
    """One visit, or with unscheduled: true all visits between those of the plan."""

    num: float | None = Field(default=None, description="VISITNUM; none for unscheduled visits, which follow a visit.")
    labels: tuple[str, ...] = Field(
        default=(), description="Texts of the raw data that mean this visit, besides its name."
    )
    day: int | None = Field(default=None, description="VISITDY, the planned study day.")
    starts: str = Field(
        default="", description="TVSTRL, the rule by which a planned visit starts; it brings it into TV."
    )
    ends: str = Field(default="", description="TVENRL, the rule by which it ends.")
    unscheduled: bool = Field(
        default=False, description="Numbered n.01, n.02 by date after the subject's visit n; needs visit_dates:."
    )

    @model_validator(mode="after")
    def _numbered(self) -> VisitSpec:
        if (self.num is None) != self.unscheduled:
            raise ValueError("a visit has num:, or is unscheduled: true")
        if self.unscheduled and (self.starts or self.day is not None):
            raise ValueError("an unscheduled visit has neither day: nor starts:, which are of planned ones")
        return self


class VisitDatesSpec(SpecModel):
    """Where a subject's visits and their dates stand, so that a visit has one number in every dataset."""

    source: str = Field(description="Raw source.")
    visit: str = Field(description="Column with the visit.")
    date: str = Field(description="Column with its date.")
    where: Condition | None = Field(default=None, description="Only rows where this holds.")


class ReachedSpec(SpecModel):
    """A record without which a subject has not reached an epoch."""

    from_: str = Field(alias="from", description="Dataset with the record.")
    where: Condition | None = Field(default=None, description="Only records where this holds.")


class EpochSpec(SpecModel):
    """One epoch: it lasts from start (inclusive) to the start of the next one.

    A date before the first start has no epoch, and neither has one after the end that trial: names. An epoch that
    starts after a later one did is not passed through: a subject treated before consent has no screening.
    """

    start: str | tuple[str, ...] | None = Field(
        default=None,
        description="DM variable with its first day, or several of which the first filled one counts; none for a "
        "first epoch without a beginning.",
    )
    after: bool = Field(default=False, description="The epoch starts the day after.")
    reached: ReachedSpec | None = Field(
        default=None, description="Only subjects with such a record reach the epoch, as one that ends treatment."
    )


class CodelistSpec(SpecModel):
    """A codelist of the study."""

    label: str = Field(description="Name of the codelist.")
    extends: str | None = Field(default=None, description="CT codelist that this one adds terms to.")
    terms: dict[str, str] = Field(description="Submission value to decode ('' for none).")


class InputsSpec(SpecModel):
    """What ADaM must have and may lack when it starts from SDTM made elsewhere.

    It stands in study.yaml because a delivery has a domain or lacks it for all ADaM datasets alike. What ADaM reads
    and no list names: a domain is required, and of a domain that is there the variables that SDTMIG calls Required or
    Expected; its other variables and its supplemental qualifiers are optional.

    A dataset that no spec of the study makes is an input too: its names and types are those of SDTMIG or, for a name
    that begins with AD, of ADaMIG. It has the variables that the guide lists, and those that are named here. A
    variable named here that the spec of a dataset does not make is read from given data only. Built from raw data,
    such a dataset has no records, and such a variable no values.
    """

    required: tuple[str, ...] = Field(
        default=(), description="Domains (EX) and variables or qualifiers (CM.CMSTDTC) without which there is no build."
    )
    optional: tuple[str, ...] = Field(
        default=(),
        description="Domains and variables that may be absent: what they would feed is missing, and told.",
    )


class StudyFile(SpecModel):
    """study.yaml."""

    parents: tuple[str, ...] = Field(default=(), description="Layers under this study: organisation, instrument.")
    study: StudyInfo = Field(description="What the study is.")
    subject: SubjectSpec = Field(description="Who a subject is.")
    dates: DatesSpec = Field(default_factory=lambda: DatesSpec(), description="Date formats of all sources.")
    quality: QualitySpec = Field(
        default_factory=lambda: QualitySpec(), description="Texts and numbers of the raw data that are no data."
    )
    numbers: NumbersSpec = Field(default_factory=lambda: NumbersSpec(), description="How numbers are written.")
    measurements: dict[str, MeasurementSpec] = Field(
        default_factory=dict, description="--TESTCD to standard unit, conversions and plausible values."
    )
    instruments: dict[str, InstrumentSpec] = Field(
        default_factory=dict, description="Name to questionnaire: items, scales, thresholds."
    )
    units: dict[str, tuple[str, ...]] = Field(
        default_factory=dict, description="Unit as CDISC submits it to other spellings of it."
    )
    visits: dict[str, VisitSpec] = Field(default_factory=dict, description="VISIT to its number and raw labels.")
    visit_dates: tuple[VisitDatesSpec, ...] = Field(
        default=(), description="Where dates of visits stand; the first source that dates a visit counts."
    )
    epochs: dict[str, EpochSpec] = Field(default_factory=dict, description="Epochs in order; they supply EPOCH.")
    trial: TrialSpec | None = Field(default=None, description="The trial design.")
    inputs: InputsSpec = Field(
        default_factory=lambda: InputsSpec(), description="What ADaM needs when it starts from SDTM made elsewhere."
    )
    sources: dict[str, SourceSpec] = Field(description="Name to raw file.")
    codelists: dict[str, CodelistSpec] = Field(default_factory=dict, description="Codelists of the study.")


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


class UnpivotItem(SpecModel):
    """One item of a wide form: where its result and attributes stand."""

    result: str = Field(description="Column of the result.")
    unit: str | Rule | None = Field(default=None, description="Unit as text, or {from: COLUMN}.")
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
    types: dict[str, Literal["ONE", "MANY"]] = Field(
        default_factory=dict, description="Between datasets: RELTYPE of each, by default ONE, then MANY."
    )

    @model_validator(mode="after")
    def _two(self) -> RelateSpec:
        if len(self.datasets) < 2:
            raise ValueError("a relation needs two datasets")
        odd = [n for n in (*self.idvar, *self.types) if n not in self.datasets]
        if odd:
            raise ValueError(f"{odd[0]} is not one of datasets:")
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
    explode: dict[str, tuple[str, ...]] = Field(
        default_factory=dict, description="New column to the columns whose filled cells become one row each."
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
    columns: Annotated[dict[str, Rule], Names("variable")] = Field(
        default_factory=dict, description="Further columns of the block, not submitted."
    )
    variables: Annotated[dict[str, Rule], Names("variable")] = Field(
        default_factory=dict, description="Rules of this block only."
    )
    supplemental: Annotated[dict[str, Rule], Names("variable")] = Field(
        default_factory=dict, description="QNAM to its rule in this block only."
    )
    working: Annotated[dict[str, Rule], Names("variable")] = Field(
        default_factory=dict, description="Working variables of this block only."
    )

    @field_validator("explode")
    @classmethod
    def _ranges(cls, value: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        return {k: tuple(n for name in v for n in expand_range(name)) for k, v in value.items()}

    @model_validator(mode="after")
    def _one_table(self) -> RowBlock:
        given = [x for x in (self.source, self.from_, self.records, self.trial, self.relate) if x]
        if len(given) != 1:
            raise ValueError("give either source: (raw) or from: (a dataset), or one of records:, trial:, relate:")
        if sum(map(bool, (self.explode, self.unpivot, self.each))) > 1:
            raise ValueError("a block has only one of explode:, unpivot:, each:")
        if len(self.each) > 1:
            raise ValueError("each: makes one column")
        names = [j.name for j in self.joins]
        if again := next((n for i, n in enumerate(names) if n in names[:i]), ""):
            raise ValueError(f"{again} is joined twice; give the second join a name of its own, as: NAME")
        return self

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


class DatasetFile(SpecModel):
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
    variables: Annotated[dict[str, Rule | None], Names("variable")] = Field(
        default_factory=dict, description="Rules of all blocks."
    )
    supplemental: Annotated[dict[str, Rule], Names("variable")] = Field(
        default_factory=dict, description="QNAM to its rule, with label."
    )
    working: Annotated[dict[str, Rule], Names("variable")] = Field(
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

    @model_validator(mode="after")
    def _records_from_somewhere(self) -> DatasetFile:
        if not {"rows", "parameters"} & self.model_fields_set:
            raise ValueError("the key 'rows' is missing, which says where records come from")
        return self

    @property
    def blocks(self) -> tuple[RowBlock, ...]:
        return self.rows if isinstance(self.rows, tuple) else (self.rows,)
