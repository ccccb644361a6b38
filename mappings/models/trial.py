"""The typed models of ``trial:`` in study.yaml: arms, elements, criteria and summary parameters of the trial design.

Not for deriving TA, TE, TI, TV and TS (sdtm/trial/records.py) or SE (sdtm/trial/design.py) from them, nor for epochs
and visits (study.py).
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from ..binding.spec_model import FieldMistake, SpecModel
from .derivation import Condition


class ArmSpec(SpecModel):
    """One planned arm: the elements that its subjects pass through."""

    label: str = Field(description="ARM, the name of the arm.")
    path: dict[str, tuple[str, ...]] = Field(description="Epoch to the ETCD of its elements, all in order.")
    branch: dict[str, str] = Field(default_factory=dict, description="ETCD to TABRANCH, the branch after the element.")
    transition: dict[str, str] = Field(
        default_factory=dict, description="ETCD to TATRANS, the transition to another element than the next one."
    )

    @property
    def steps(self) -> list[tuple[str, str]]:
        """(epoch, ETCD) in the order of TAETORD, which numbers them from 1."""
        return [(epoch, etcd) for epoch, elements in self.path.items() for etcd in elements]


class ElementSpec(SpecModel):
    """One planned element."""

    label: str = Field(description="ELEMENT, the name of the element.")
    starts: str = Field(description="TESTRL, the rule by which it starts.")
    ends: str = Field(default="", description="TEENRL, the rule by which it ends.")
    duration: str = Field(default="", description="TEDUR, its planned duration in ISO 8601.")
    start: str | tuple[str, ...] = Field(
        default=(),
        description="DM variable with its first day, or several: the first filled one counts. By default the start "
        "of its epoch.",
    )
    after: bool = Field(default=False, description="The element starts the day after start:.")


class CriterionSpec(SpecModel):
    """One inclusion or exclusion criterion."""

    text: str = Field(description="IETEST, the criterion; at most 200 bytes.")
    category: Literal["INCLUSION", "EXCLUSION"] = Field(description="IECAT.")
    subcategory: str = Field(default="", description="IESCAT.")
    rule: str = Field(default="", description="TIRL, the criterion as a computable rule.")
    version: str = Field(default="", description="TIVERS, the version of the protocol.")


class SummaryValue(SpecModel):
    """One value of a summary parameter: a text, a value of study.yaml, or a value computed over all subjects."""

    value: str = Field(default="", description="TSVAL.")
    null_flavor: str = Field(default="", description="TSVALNF, why there is no value: NA, PINF, UNK ...")
    study: Literal["id", "title", "description", "protocol", "cutoff"] | None = Field(
        default=None, description="The value of this key of study:."
    )
    first: str | None = Field(default=None, description="DATASET.VARIABLE: the earliest complete date of all subjects.")
    last: str | None = Field(default=None, description="DATASET.VARIABLE: the latest complete date of all subjects.")
    count: str | None = Field(default=None, description="DATASET: the number of its records; arms: of planned arms.")
    where: Condition | None = Field(
        default=None, description="With first:, last: or count: only records for which this is true."
    )
    group: str = Field(default="", description="TSGRPID.")
    code: str = Field(default="", description="TSVALCD; by default that of the parameter's CDISC codelist.")
    coded: str = Field(
        default="",
        description="A dictionary of dictionaries: in study.yaml, which has the value: TSVALCD is its code of the "
        "first level, TSVCDREF its name, TSVCDVER its version.",
    )
    dictionary: str = Field(default="", description="TSVCDREF, where the code is from; by default as code:.")
    version: str = Field(default="", description="TSVCDVER, the version of the dictionary; by default as code:.")

    @model_validator(mode="after")
    def _one_value(self) -> SummaryValue:
        declared = [x for x in (self.value, self.null_flavor, self.study, self.first, self.last, self.count) if x]
        if len(declared) != 1:
            raise ValueError("a value has exactly one of value:, null_flavor:, study:, first:, last:, count:")
        if self.coded and not self.value:
            raise FieldMistake("coded: needs value:, the text that the dictionary has", "coded")
        if self.coded and (self.code or self.dictionary or self.version):
            raise FieldMistake("coded: gives the code, its dictionary and version; remove the other keys", "coded")
        if self.where is not None and not (self.first or self.last or self.count):
            raise ValueError("where: needs first:, last: or count:")
        return self

    @property
    def computed(self) -> bool:
        """Whether the value depends on the data or the run, and is not known from the spec."""
        return bool(self.first or self.last or (self.count and self.count != "arms") or self.study == "cutoff")


class TrialSpec(SpecModel):
    """The trial design, for TA, TE, TI, TV, TS and SE: a dataset file with ``rows: {trial: TA}`` has its records."""

    arms: dict[str, ArmSpec] = Field(default_factory=dict, description="ARMCD to the arm.")
    elements: dict[str, ElementSpec] = Field(default_factory=dict, description="ETCD to the element.")
    end: str | tuple[str, ...] = Field(
        default=(),
        description="DM variable with the last day of a subject's last element, or several: the first filled one.",
    )
    criteria: dict[str, CriterionSpec] = Field(default_factory=dict, description="IETESTCD to the criterion.")
    summary: dict[str, str | SummaryValue | tuple[str | SummaryValue, ...]] = Field(
        default_factory=dict, description="TSPARMCD to its value or values."
    )

    def values(self, parameter: str) -> list[SummaryValue]:
        """The values of a summary parameter; a text is a value:."""
        found = self.summary[parameter]
        several = found if isinstance(found, tuple) else (found,)
        return [SummaryValue(value=v) if isinstance(v, str) else v for v in several]
