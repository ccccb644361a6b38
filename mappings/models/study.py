"""The typed models of study.yaml except its sources (source.py): study, subject, visits, epochs, codelists.

The JSON Schema and the reference page are generated from these models, so every field has a description. Not for
reading files (mappings/loader.py).
"""

from __future__ import annotations

import datetime
import re
from typing import Literal

from pydantic import Field, model_validator

from ...errors import nearest
from ..binding.bind import FieldMistake, SpecModel
from ..facts.windows_names import is_device
from .dates import DatesSpec
from .define_texts import DefineSpec
from .derivation import Condition
from .dictionaries import CodingDictionarySpec
from .documents import CommentText, DocumentSpec, StandardComments, annotated_crf, documents_problem
from .external_dictionary import ExternalDictionarySpec
from .guide import GuideSpec
from .instrument import InstrumentSpec
from .measurement import MeasurementSpec, NumbersSpec
from .quality import QualitySpec
from .queries import QueriesSpec
from .source import SourceSpec
from .study_table import StudyTableSpec
from .template import parse_template, template_problem
from .translations import TranslationsSpec
from .trial import TrialSpec
from .visits_and_epochs import EpochSpec, VisitDatesSpec, VisitSpec

_DICTIONARY = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,31}", re.ASCII)


class CtVersions(SpecModel):
    """Controlled terminology packages."""

    sdtm: str = Field(default="2025-03-28", description="SDTM CT package date.")
    adam: str = Field(default="2026-03-27", description="ADaM CT package date.")


class StudyInfo(SpecModel):
    """The study: identifiers, texts for define.xml, standards, data cut-off."""

    id: str = Field(description="STUDYID of every dataset.")
    title: str = Field(default="", description="Title of the study: StudyDescription of define.xml.")
    description: str = Field(default="", description="One or two sentences that follow the title in define.xml.")
    protocol: str = Field(default="", description="Protocol name for define.xml; by default the id.")
    sdtmig: Literal["3.4"] = Field(default="3.4", description="SDTMIG version.")
    adamig: Literal["1.3"] = Field(default="1.3", description="ADaMIG version.")
    ct: CtVersions = Field(default_factory=lambda: CtVersions(), description="Terminology packages.")
    cutoff: datetime.date | None = Field(
        default=None, description="Data cut-off date: SDTM excludes records that start later."
    )
    as_of: datetime.date | None = Field(
        default=None, description="Declared date of the run, if the command has no --as-of."
    )
    comments: StandardComments = Field(
        default_factory=lambda: StandardComments(),
        description="Comments on the standards and on define.xml as a whole.",
    )


class ContinuesSpec(SpecModel):
    """Enrolments that continue an earlier one of the same person, after a transfer or re-screening.

    USUBJID stays the same.
    """

    source: str = Field(description="Source of the enrolments.")
    columns: tuple[str, ...] = Field(
        description="Its columns with the previous identifiers, in the order of the subject's columns."
    )
    primary: Condition | None = Field(
        default=None, description="Condition that must be true for exactly one enrolment of each subject."
    )


class SubjectSpec(SpecModel):
    """How sources identify a subject, unless a source declares subject:."""

    columns: tuple[str, ...] = Field(default=(), description="Columns that together identify a subject in a source.")
    split: str | None = Field(default=None, description="A column that has several identifiers in one text.")
    as_: str | None = Field(
        default=None, alias="as", description="Template that reads the split column, {SITE}-{SUBJ}."
    )
    crosswalk: str | None = Field(
        default=None,
        description="CSV file in the study folder with the columns above and USUBJID, if identifiers have changed.",
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
            raise ValueError("declare either columns: or split: with as:")
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
        """The names of the identifiers of a subject: the columns, or the fields of ``as:``."""
        return self.columns or parse_template(self.as_ or "").names


class CodelistSpec(SpecModel):
    """A codelist of the study."""

    label: str = Field(description="Name of the codelist.")
    extends: str | None = Field(default=None, description="CT codelist to which this one adds terms.")
    joins: tuple[str, ...] = Field(
        default=(),
        description="CT codelists whose terms it has too. It is no published list; their terms keep their codes.",
    )
    terms: dict[str, str] = Field(default_factory=dict, description="Submission value to decode ('' for none).")
    dictionary: ExternalDictionarySpec | None = Field(
        default=None, description="The external dictionary with the terms, in place of terms:."
    )
    comment: CommentText | None = Field(default=None, description="A comment for define.xml.")

    @model_validator(mode="after")
    def _has_terms(self) -> CodelistSpec:
        if self.dictionary is None and not self.joins and "terms" not in self.model_fields_set:
            raise ValueError("the key 'terms' is missing: a codelist has terms:, or dictionary: for an external one")
        if self.dictionary is not None and (self.terms or self.extends is not None or self.joins):
            raise FieldMistake("a dictionary has its own terms: remove terms:, extends: and joins:", "dictionary")
        if self.joins and self.extends is not None:
            raise FieldMistake("a list either extends: one published list or joins: several; remove one", "joins")
        return self


class InputsSpec(SpecModel):
    """The domains and variables that ADaM needs, and those that it may lack, when it starts from existing SDTM.

    study.yaml has this list because a delivery has or lacks a domain for all ADaM datasets. For data that ADaM reads
    and no list names: each domain is required, and so are its variables that SDTMIG calls Required or Expected. Its
    other variables and its supplemental qualifiers are optional.

    A dataset without a spec in the study is an input too: its names and types are those of SDTMIG, or of ADaMIG if its
    name begins with AD. It has the variables that the guide lists and those named here. A variable named here that the
    spec of its dataset does not derive is read from existing data only. In a build from raw data such a dataset has no
    records, and such a variable no values.
    """

    required: tuple[str, ...] = Field(
        default=(),
        description="Domains (EX) and variables or qualifiers (CM.CMSTDTC); without one of them the build stops.",
    )
    optional: tuple[str, ...] = Field(
        default=(),
        description="Domains and variables that may be absent: values derived from them are missing, with a finding.",
    )


class StudySpec(SpecModel):
    """study.yaml."""

    parents: tuple[str, ...] = Field(default=(), description="Layers under this study: organisation, instrument.")
    study: StudyInfo = Field(description="Identifiers, texts and standards of the study.")
    subject: SubjectSpec = Field(description="How sources identify a subject.")
    dates: DatesSpec = Field(default_factory=lambda: DatesSpec(), description="Date formats of all sources.")
    quality: QualitySpec = Field(
        default_factory=lambda: QualitySpec(), description="Texts and numbers of the raw data that mean no value."
    )
    numbers: NumbersSpec = Field(default_factory=lambda: NumbersSpec(), description="How numbers are written.")
    measurements: dict[str, MeasurementSpec] = Field(
        default_factory=dict, description="--TESTCD to standard unit, conversions and plausible values."
    )
    instruments: dict[str, InstrumentSpec] = Field(
        default_factory=dict, description="Name to questionnaire: items, scales, thresholds."
    )
    units: dict[str, tuple[str, ...]] = Field(
        default_factory=dict, description="Unit in CDISC spelling to its other spellings."
    )
    visits: dict[str, VisitSpec] = Field(default_factory=dict, description="VISIT to its number and raw labels.")
    visit_dates: tuple[VisitDatesSpec, ...] = Field(
        default=(), description="Sources of the dates of visits; the first source that has a date for a visit counts."
    )
    epochs: dict[str, EpochSpec] = Field(default_factory=dict, description="Epochs in order, for EPOCH.")
    trial: TrialSpec | None = Field(default=None, description="The trial design.")
    inputs: InputsSpec = Field(
        default_factory=lambda: InputsSpec(), description="What ADaM needs when it starts from existing SDTM."
    )
    translations: TranslationsSpec | None = Field(
        default=None, description="Collected texts in other languages and their English."
    )
    queries: QueriesSpec | None = Field(default=None, description="The languages of the query list.")
    define: DefineSpec | None = Field(default=None, description="The languages of define.xml beside English.")
    sources: dict[str, SourceSpec] = Field(description="Name to raw file.")
    tables: dict[str, StudyTableSpec] = Field(
        default_factory=dict, description="Name to a small table that rules look up: limits, queries, periods."
    )
    codelists: dict[str, CodelistSpec] = Field(default_factory=dict, description="Codelists of the study.")
    dictionaries: dict[str, CodingDictionarySpec] = Field(
        default_factory=dict,
        description="Name to a coding dictionary: its files, and the terms that are coded with it.",
    )
    documents: dict[str, DocumentSpec] = Field(
        default_factory=dict, description="Id to a document that define.xml refers to: annotated CRF, reviewer's guide."
    )
    guide: GuideSpec = Field(
        default_factory=lambda: GuideSpec(), description="Texts of the reviewer's guides, which a build drafts."
    )

    @model_validator(mode="after")
    def _parts_are_read_as_their_columns(self) -> StudySpec:
        for name, source in self.sources.items():
            self.sources[name] = source.with_parts_read(self.dates, self.numbers)
        return self

    @model_validator(mode="after")
    def _names_of_dictionaries(self) -> StudySpec:
        folded: dict[str, str] = {}
        for name in self.dictionaries:
            if not _DICTIONARY.fullmatch(name):
                message = f"'{name}' is no name of a dictionary: at most 32 letters, digits and '_', a letter first"
                raise FieldMistake(message, "dictionaries", name)
            if name in self.codelists:
                message = f"a codelist is called '{name}' too; rules name both, so give the dictionary another name"
                raise FieldMistake(message, "dictionaries", name)
            if is_device(name):
                message = f"Windows accepts no file of the name '{name}', and lineage has one; choose another name"
                raise FieldMistake(message, "dictionaries", name)
            if (other := folded.setdefault(name.casefold(), name)) != name:
                message = (
                    f"the dictionaries '{other}' and '{name}' differ by case only: on some systems their files are one"
                )
                raise FieldMistake(message, "dictionaries", name)
        return self

    @model_validator(mode="after")
    def _documents_of_pages(self) -> StudySpec:
        documents_problem(self.documents)
        for name, source in self.sources.items():
            if source.crf is not None:
                crf = annotated_crf(self.documents, source.crf, source.parts, "sources", name, "crf")
                self.sources[name] = source.model_copy(update={"crf": crf})
                for number, visit in enumerate(crf.visits if crf.visits != "all" else ()):
                    if visit not in self.visits:
                        path = ("sources", name, "crf", "visits", number)
                        hint = nearest(visit, list(self.visits))
                        raise FieldMistake(f"visits: of study.yaml has no '{visit}'", *path, hint=hint)
        return self
