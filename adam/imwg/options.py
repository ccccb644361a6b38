"""The choices that the criteria do not make: named options of the IMWG algorithm, each with its default.

Not for thresholds: those are facts of mappings/criteria/*.yaml.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ...mappings.binding.bind import SpecModel
from ...mappings.models.derivation import Condition

Missing = Literal["next_lower", "not_evaluable", "ignore"]


class ImwgOptions(SpecModel):
    """Choices of the algorithm. The default is the decision of the study, else the more careful reading."""

    window: int = Field(
        default=14, description="Results of a visit up to so many days after its first result are one evaluation."
    )
    baseline_days: int | None = Field(
        default=None, description="Oldest baseline in days before the first dose; by default any age."
    )
    serum_measurable: float | None = Field(
        default=None, description="Measurable serum M-protein in g/dL; by default that of the criteria (1.0)."
    )
    unknown_baseline: Literal["block", "pass"] = Field(
        default="block",
        description="Without baseline serum M-protein, light chains and marrow decide nothing (block), or they decide "
        "as if serum was not measurable (pass). Without baseline light chains the same holds for marrow.",
    )
    renal_ratio: Condition | None = Field(
        default=None, description="Subjects with the light chain range for reduced kidney function."
    )
    nadir: Literal["lowest", "confirmed"] = Field(
        default="lowest",
        description="lowest: lowest value so far, baseline included; confirmed: only what the next result confirms.",
    )
    high_nadir_needs_percent: bool = Field(
        default=False, description="At a nadir of 5 g/dL or more, 25 % is needed beside 1 g/dL."
    )
    hypercalcaemia_is_pd: bool = Field(
        default=False, description="Corrected calcium above 11.5 mg/dL is a progression, as before 2016."
    )
    missing_urine: Literal["accept", "block"] = Field(
        default="accept",
        description="VGPR where urine was not measurable at baseline and is missing. accept: the baseline was below "
        "200 mg/day, or there is no baseline and no earlier urine reached 200 mg/day. block: never.",
    )
    missing_measurable: Missing = Field(
        default="next_lower",
        description="Serum or urine was measurable and only the other one was measured: one level lower than the other "
        "one, NE, or the level of the other one.",
    )
    missing_imaging: Missing = Field(
        default="next_lower", description="The same where no image shows a plasmacytoma of the baseline since."
    )
    missing_urine_ife: Literal["block", "accept"] = Field(
        default="block", description="Whether CR needs immunofixation of urine where it was not done."
    )
    missing_marrow: Literal["block", "accept"] = Field(
        default="block", description="Whether CR needs a marrow where none was done."
    )
    band_with_negative_ife: Literal["block", "ignore"] = Field(
        default="block",
        description="An M-protein above 0 beside a negative immunofixation that is not corrected for the drug: no CR.",
    )
    plasmacytoma_vgpr: Literal[90, 50] = Field(
        default=90, description="Percent down of plasmacytomas for VGPR: more than 90, or at least 50."
    )
    plasmacytoma_mr: Literal[50, 25] = Field(default=50, description="Percent down of plasmacytomas for MR.")
    lesion_axis: Literal["nadir", "ever"] = Field(
        default="nadir",
        description="A growing lesion had a short axis above 1 cm at its smallest (nadir), or at any earlier image.",
    )
    reappearing_is_new: bool = Field(default=True, description="A lesion that disappeared and is back is a new lesion.")
    imaging_carry: int | None = Field(
        default=None, description="Days for which an image counts where no other was taken; by default until the next."
    )
    marrow_carry: int | None = Field(
        default=None,
        description="Days for which a marrow counts for CR; by default until the next one or a progression.",
    )
    below_limit: Literal["limit", "zero"] = Field(default="limit", description="The value of a result <x: x, or 0.")
