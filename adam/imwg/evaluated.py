"""All that is known at every evaluation: tests, lesions, measurable disease, and the criteria that judge them.

Not for judging: levels.py, progression.py and response.py.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ...mappings.models.response_criteria import ImwgCriteria
from .components import Component, Measurable
from .evaluations import Evaluations, Known, carried, last_known, value_at
from .lesions import Lesions
from .options import ImwgOptions


@dataclass(kw_only=True, frozen=True)
class OtherTests:
    """The tests of an evaluation that are not followed numbers. Values: 1 found, 0 not found, NaN not done."""

    serum_ife: Known
    urine_ife: Known
    clonal: Known
    ratio: np.ndarray
    calcium: Known


@dataclass(kw_only=True, frozen=True)
class Evaluated:
    """The tests of all evaluations. Arrays have one element per evaluation.

    ``components``: serum, urine, dflc, marrow, spd, blood.
    """

    evaluations: Evaluations
    components: Mapping[str, Component]
    tests: OtherTests
    lesions: Lesions
    measurable: Measurable
    criteria: ImwgCriteria
    options: ImwgOptions

    @property
    def subject(self) -> np.ndarray:
        """Position of the subject of each evaluation."""
        return self.evaluations.subject

    @property
    def serum_measurable(self) -> np.ndarray:
        return self.measurable.serum[self.subject] == 1

    @property
    def urine_measurable(self) -> np.ndarray:
        return self.measurable.urine[self.subject] == 1

    @property
    def by_m_protein(self) -> np.ndarray:
        """Where M-protein of serum or urine decides the response."""
        return self.serum_measurable | self.urine_measurable

    @property
    def by_chains(self) -> np.ndarray:
        """Where light chains decide the response."""
        return self.measurable.chains[self.subject] == 1

    @property
    def by_marrow(self) -> np.ndarray:
        """Where plasma cells of the marrow decide the response."""
        return self.measurable.marrow[self.subject] == 1

    @property
    def has_plasmacytoma(self) -> np.ndarray:
        """Where the subject had a plasmacytoma at baseline."""
        return self.lesions.count[self.subject] > 0

    @functools.cached_property
    def image(self) -> np.ndarray:
        """The evaluation whose image counts for this one, itself included; -1 for none."""
        return carried(self.lesions.imaged, self.lesions.day, self.evaluations, self.options.imaging_carry)

    @property
    def ratio_abnormal(self) -> np.ndarray:
        ratio = self.tests.ratio
        return ~np.isnan(ratio) & ~self.measurable.normal_ratio(ratio, self.subject)

    def at_image(self, values: np.ndarray, empty: float = np.nan) -> np.ndarray:
        """The values at the image that counts; ``empty`` without one."""
        return value_at(values, self.image, empty)

    def since_progression(self, known: np.ndarray, day: np.ndarray, progressed: np.ndarray) -> np.ndarray:
        """The last evaluation with ``known`` after every progression; -1 for none."""
        at = carried(known, day, self.evaluations, self.options.marrow_carry)
        return np.where(at > last_known(progressed, self.evaluations.start), at, -1)
