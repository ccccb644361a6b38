"""A rule that is still to be written: what is known of it, and no value.

A first spec from a define.xml has it (specification/first_study.py), lint lists it, and a build reports it.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import pandas as pd
from pydantic import Field

from ...mappings.models.derivation import Example, register
from ...mappings.models.wording import AS_WRITTEN, Wording
from ..columns import column as col
from ..tables.dataset import Origin
from .derivation import Derivation, Derived
from .environment import Environment


@register
class ToWrite(Derivation):
    """The rule is still to be written: the value is missing, lint lists the variable, and a build reports it."""

    verb: ClassVar[str] = "to_write"
    default_origin = Origin("Not Available", "Sponsor")
    example = Example(
        rule="{to_write: the causality of the form}", rows={"REL": ["yes", "no"]}, gives=["", ""], variable="AEREL"
    )

    to_write: str = Field(description="What is known of the rule.")

    def describe(self, target: str, words: Wording = AS_WRITTEN) -> str:
        return f"The rule of {target} is to be written."

    def derive(self, env: Environment) -> Derived:
        env.report("R2A-SPEC-003", np.arange(env.n) == 0, f"the rule of {env.target} is to be written")
        numeric = env.variable is not None and env.variable.is_numeric
        return Derived(pd.Series(np.full(env.n, np.nan)) if numeric else col.constant("", env.n))
