"""The typed models of study.yaml but for its sources (source.py): study, subject, visits, epochs, codelists.

Not for reading files (mappings/loader.py). The JSON Schema and the reference page are generated from these models, so
every field describes itself.
"""

from __future__ import annotations

import datetime
from typing import Literal

from pydantic import Field, model_validator

from ...errors import nearest
from ..binding.bind import FieldMistake, SpecModel
from .derivation import Condition
from .instrument import InstrumentSpec
from .measurement import MeasurementSpec, NumbersSpec
from .quality import QualitySpec
from .source import DatesSpec, SourceSpec
from .template import parse_template, template_problem
from .translations import TranslationsSpec
from .trial import TrialSpec


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
    subjid: str | None = Field(
        default=None,
        description="Template of SUBJID, of identifiers or other raw columns; by default the last identifier.",
    )
    siteid: str | None = Field(
        default=None,
        description="Template of SITEID, of identifiers or other raw columns; by default the first identifier.",
    )
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
        for field, text in (
            ("as", self.as_),
            ("usubjid", self.usubjid),
            ("subjid", self.subjid),
            ("siteid", self.siteid),
        ):
            if text is not None and (problem := template_problem(text, read_back=field == "as")):
                raise FieldMistake(problem, field)
        known = ("STUDYID", *self.names)
        for name in parse_template(self.usubjid).names:
            if name not in known:
                message = f"'{name}' is no identifier of a subject; usubjid: may name {', '.join(known)}"
                raise FieldMistake(message, "usubjid", hint=nearest(name, list(known)))
        return self

    @property
    def names(self) -> tuple[str, ...]:
        """What the identifiers of a subject are called: the columns, or the fields of ``as:``."""
        return self.columns or parse_template(self.as_ or "").names


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


class StudySpec(SpecModel):
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
    translations: TranslationsSpec | None = Field(
        default=None, description="Collected text in other languages, and its English."
    )
    sources: dict[str, SourceSpec] = Field(description="Name to raw file.")
    codelists: dict[str, CodelistSpec] = Field(default_factory=dict, description="Codelists of the study.")

    @model_validator(mode="after")
    def _parts_are_read_as_their_columns(self) -> StudySpec:
        for name, source in self.sources.items():
            self.sources[name] = source.with_parts_read(self.dates, self.numbers)
        return self
