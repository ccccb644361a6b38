"""The result of a run. Not for its words (summary.py)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from ..engine.accounts.ledger import Ledger
from ..errors import SpecProblem
from ..findings.review import Counts, Review, count, is_new_error
from ..findings.table import Findings
from .check_conformance import WaitingRules


@dataclass(kw_only=True)
class Outcome:
    """The result of a run, for the summary that the command prints."""

    study: str
    out: Path
    records: dict[str, int]
    findings: Findings
    ledger: Ledger
    lead: list[str] = field(default_factory=list)
    warnings: list[SpecProblem] = field(default_factory=list)
    existing: list[str] = field(default_factory=list)  # a line on each dataset of existing SDTM
    kinds: dict[str, str] = field(default_factory=dict)  # dataset -> sdtm or adam
    waiting: WaitingRules = field(default_factory=WaitingRules)
    before: Mapping[str, Any] | None = None  # the findings of the output that this one replaced, by identity

    @cached_property
    def reviewed(self) -> tuple[pd.DataFrame, Counts]:
        """The findings with their state, and their numbers: beside --compare, else the output that this replaced."""
        review = self.findings.review or Review()
        if review.previous is None and self.before is not None:
            review = replace(review, previous=self.before)
        table = self.findings.frame()
        table = table.assign(**review.columns(table))
        return table, count(table, review)

    @property
    def new_errors(self) -> int:
        """How many errors without a disposition are not in the earlier output."""
        return int(is_new_error(self.reviewed[0]).sum())
