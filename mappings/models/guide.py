"""The typed models of ``guide:`` of study.yaml: the sentences of the reviewer's guides that only a person can write.

The JSON Schema and the reference page are generated from these models, so every field has a description. Not for the
guides themselves (guides/), which take all else from the run.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from ..binding.bind import FieldMistake, SpecModel


def _has_words(text: str) -> str:
    if not text.strip():
        raise ValueError("the text is empty; write it, or remove the key: the guide then marks the place")
    return text


GuideText = Annotated[str, AfterValidator(_has_words)]


class SdtmGuideSpec(SpecModel):
    """Texts of the cSDRG alone."""

    trial_design: GuideText | None = Field(default=None, description="On the trial design datasets (section 2.3).")
    not_submitted: GuideText | None = Field(
        default=None, description="Which collected data are not submitted, and why (section 3.1)."
    )
    crf: GuideText | None = Field(default=None, description="On the annotated CRF (section 3.2).")
    conformance: GuideText | None = Field(
        default=None, description="Other validators, with versions of software and rules (section 4.1)."
    )
    datasets: dict[str, GuideText] = Field(
        default_factory=dict, description="Dataset to what a reviewer must know of it (section 3.3)."
    )


class AdamGuideSpec(SpecModel):
    """Texts of the ADRG alone."""

    source: GuideText | None = Field(default=None, description="On the source data of the analysis (section 1.4).")
    design: GuideText | None = Field(
        default=None, description="The protocol design in relation to ADaM concepts: treatments, periods (section 2.2)."
    )
    treatment: GuideText | None = Field(default=None, description="On the treatment variables (section 3.2).")
    subject_rules: GuideText | None = Field(
        default=None, description="Subjects that need special analysis rules (section 3.3)."
    )
    visits: GuideText | None = Field(
        default=None, description="Visit windows, unscheduled visits, selection of records (section 3.4)."
    )
    imputation: GuideText | None = Field(default=None, description="On imputation and derivation (section 3.5).")
    objectives: GuideText | None = Field(
        default=None, description="The objectives that the datasets support, and those that they do not (section 5.1)."
    )
    conformance: GuideText | None = Field(
        default=None, description="Other validators, with versions of software and rules (section 6.1)."
    )
    programs: GuideText | None = Field(
        default=None, description="The programs of the analysis results, and their platform (section 7.3)."
    )
    datasets: dict[str, GuideText] = Field(
        default_factory=dict, description="Dataset to what a reviewer must know of it (section 5.2)."
    )


class ExplanationSpec(SpecModel):
    """Why the findings of one rule are in the submitted data."""

    rule: str = Field(description="Rule of findings, R2A-CONF-025.")
    places: tuple[str, ...] = Field(
        default=(), description="Datasets (LB) or raw files (ae.csv); by default all that no other entry names."
    )
    text: GuideText = Field(description="The explanation that reviewers read.")


class GuideSpec(SpecModel):
    """Texts of the reviewer's guides. Blank lines separate paragraphs. The guides mark each text that is missing."""

    acronyms: dict[str, GuideText] = Field(
        default_factory=dict, description="Further acronyms and what they mean (section 1.2)."
    )
    protocol_versions: GuideText | None = Field(
        default=None, description="Versions of the protocol, and amendments that changed the data (section 2.1)."
    )
    protocol_design: GuideText | None = Field(default=None, description="The design of the study (section 2.2).")
    sdtm: SdtmGuideSpec = Field(default_factory=lambda: SdtmGuideSpec(), description="Texts of the cSDRG.")
    adam: AdamGuideSpec = Field(default_factory=lambda: AdamGuideSpec(), description="Texts of the ADRG.")
    explanations: tuple[ExplanationSpec, ...] = Field(
        default=(), description="Explanations of findings (sections 4.2 and 6.2)."
    )

    @model_validator(mode="after")
    def _one_explanation(self) -> GuideSpec:
        seen: set[tuple[str, str]] = set()
        for number, entry in enumerate(self.explanations):
            for place in entry.places or ("",):
                if (entry.rule, place) in seen:
                    of = f" of {place}" if place else ""
                    message = f"{entry.rule}{of} has two explanations; remove one of them"
                    raise FieldMistake(message, "explanations", number)
                seen.add((entry.rule, place))
        return self

    def explanation(self, rule: str, place: str) -> str:
        """The explanation of the findings of a rule in a dataset or file; '' for none."""
        found = {p: e.text for e in self.explanations if e.rule == rule for p in e.places or ("",)}
        return found.get(place, found.get("", ""))
