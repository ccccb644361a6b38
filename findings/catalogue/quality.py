"""Expectations of data quality and the checks of a study."""

from __future__ import annotations

from ..rule import rule

# fmt: off
RULES = (
    rule("R2A-CHECK-", "error warning note", "A check of the study (checks/*.yaml) fails for a record",
      "Ask the site, or correct the check.",
      "A check of the data reports: {message}. The value is '{value}'. Please confirm the value, or correct it."),
    rule("R2A-QUAL-001", "error warning note", "A raw column or row fails a data quality expectation",
      "See quality.html."),
)
