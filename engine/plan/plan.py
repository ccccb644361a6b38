"""The planned study: every dataset with its variables, rules and metadata settled, before any data is read.

sdtm/planning.py and adam/planning.py derive it from the spec files and the facts of the standards;
engine/building/dataset_build.py builds it. Not for running rules.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from ...dictionaries.study_dictionary import StudyDictionary
from ...errors import Place
from ...mappings.facts.terminology import Codelist, ExternalDictionary
from ...mappings.models.crf_questions import CrfQuestions
from ...mappings.models.dataset import DatasetSpec
from ...mappings.models.define_texts import DefineTexts
from ...mappings.models.derivation import DerivationSpec
from ...mappings.models.queries import Phrases
from ...mappings.models.study import StudySpec
from ...mappings.models.study_table import StudyTable
from ...mappings.models.translations import Translations
from ..standard import Tabulation, standard_of
from ..tables.dataset import ValueLevel
from .displays import Display


@dataclass(frozen=True)
class PlannedVariable:
    """One variable. ``rule`` is for all blocks; ``block_rules`` replaces it in single blocks (by block number)."""

    name: str
    label: str
    type: str = "text"
    length: int = 0
    digits: int | None = None
    format: str = ""
    codelist: Codelist | None = None
    role: str = ""
    core: str = ""
    rule: DerivationSpec | None = None
    block_rules: Mapping[int, DerivationSpec] = field(default_factory=dict)
    place: Place | None = None
    by_convention: bool = False
    dictionary: ExternalDictionary | None = None  # with a codelist, its terms are from it
    typed: bool = True  # the spec, the standard or the kind of rule decides the type
    not_collected: str = ""  # the reason why it has no values, of a variable without a rule

    @property
    def is_numeric(self) -> bool:
        return self.type in ("integer", "float")

    def placed(self, place: Place, *, by_convention: bool) -> PlannedVariable:
        """The same variable at another place.

        A study has hundreds of variables that only the standard defines; ``replace`` takes many times as long.
        """
        copy = object.__new__(PlannedVariable)
        copy.__dict__.update(self.__dict__, place=place, by_convention=by_convention)
        return copy

    def rule_in(self, block: int) -> DerivationSpec | None:
        return self.block_rules.get(block, self.rule)

    @cached_property
    def rules(self) -> list[DerivationSpec]:
        """All different rules of the variable."""
        found = [r for r in (self.rule, *self.block_rules.values()) if r is not None]
        return list({id(r): r for r in found}.values())


@dataclass(frozen=True)
class PlannedCut:
    """The data cut-off of a dataset of raw rows.

    ``by``: variables; the first filled one decides whether a record is kept. ``ends``: end date -> the variables that
    change when the date is later than the cut-off and becomes missing, with their new texts. ``place``: the line of the
    spec, else of the dataset.
    """

    by: tuple[str, ...]
    ends: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    place: Place | None = None


@dataclass(kw_only=True, frozen=True)
class PlannedDataset:
    """One dataset. ``topic``: the variable whose filled source cell makes an excluded row worth a finding."""

    name: str
    label: str
    kind: str  # sdtm | adam | input
    observation_class: str
    structure: str
    standard: str
    spec: DatasetSpec
    place: Place
    variables: Mapping[str, PlannedVariable]
    supplemental: Mapping[str, PlannedVariable] = field(default_factory=dict)
    keys: tuple[str, ...] = ()
    sort: tuple[str, ...] = ()
    sequence: str = ""  # --SEQ or ASEQ, '' if there is none
    topic: str = ""
    values: tuple[ValueLevel, ...] = ()
    working: Mapping[str, PlannedVariable] = field(default_factory=dict)  # not submitted, for other rules to read
    cut: PlannedCut | None = None  # None: the data cut-off does not change it

    @cached_property
    def every(self) -> Mapping[str, PlannedVariable]:
        """Variables, supplemental qualifiers and working variables by name."""
        more = {**self.supplemental, **self.working}
        return {**self.variables, **more} if more else self.variables

    @property
    def tabulated(self) -> bool:
        """Whether it has collected data: then it is a domain, and other datasets read it."""
        return isinstance(standard_of(self.kind), Tabulation)

    @property
    def purpose(self) -> str:
        return standard_of(self.kind).purpose

    @property
    def domain(self) -> str:
        return self.name if self.tabulated else ""


def is_number_of(datasets: Mapping[str, PlannedDataset], dataset: str, variable: str) -> bool:
    """Whether a variable of a dataset is a number; False for one that does not exist."""
    found = datasets[dataset].variables.get(variable) if dataset in datasets else None
    return found is not None and found.is_numeric


@dataclass(frozen=True, eq=False)  # compared by identity: results computed from a plan are cached by it
class PlannedStudy:
    """Everything that a build needs to know before it reads data. ``displays``: the analyses of its datasets."""

    spec: StudySpec
    datasets: Mapping[str, PlannedDataset]
    codelists: Mapping[str, Codelist] = field(default_factory=dict)
    inputs: Mapping[str, PlannedDataset] = field(default_factory=dict)  # read by ADaM, built by no spec of the study
    translations: Translations = field(default_factory=Translations)
    #: the dictionaries of study.yaml by name; a run reads their files after the planning
    dictionaries: Mapping[str, StudyDictionary] = field(default_factory=dict)
    #: of the generated annotated CRF
    questions: CrfQuestions = field(default_factory=dict)
    displays: tuple[Display, ...] = ()
    #: of the query list
    phrases: Phrases = field(default_factory=Phrases)
    define_texts: DefineTexts = field(default_factory=dict)
    #: the small tables of study.yaml that rules look up
    tables: Mapping[str, StudyTable] = field(default_factory=dict)

    def is_number(self, dataset: str, variable: str) -> bool:
        """Whether a variable of a dataset is a number; False for one that does not exist."""
        return is_number_of(self.datasets, dataset, variable)

    @property
    def analysis_inputs(self) -> dict[str, PlannedDataset]:
        """The datasets that ADaM can read as existing SDTM: those of the study, and those that it only declares."""
        return {**{n: d for n, d in self.datasets.items() if d.tabulated}, **self.inputs}

    def known_to(self, kind: str) -> Mapping[str, PlannedDataset]:
        """The datasets that rules of an SDTM or an ADaM dataset can read."""
        return {**self.datasets, **self.inputs} if standard_of(kind).reads_all else self.datasets

    @property
    def id(self) -> str:
        return self.spec.study.id

    def with_cutoff(self, day: datetime.date) -> PlannedStudy:
        """The same study with another data cut-off date."""
        info = self.spec.study.model_copy(update={"cutoff": day})
        return replace(self, spec=self.spec.model_copy(update={"study": info}))
