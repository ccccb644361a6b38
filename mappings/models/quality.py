"""What a study declares about the quality of its raw data: stand-ins for missing values, texts that are no data.

Not for finding them (validation/raw/checks.py) nor for checks of finished datasets
(validation/quality/study_checks.py).
"""

from __future__ import annotations

import datetime

from pydantic import Field

from ..binding.spec_model import SpecModel


class QualitySpec(SpecModel):
    """Defaults hold for any study; what is given here replaces them. Patterns are RE2, and case does not count."""

    sentinel_dates: tuple[datetime.date, ...] = Field(
        default=(
            datetime.date(1899, 12, 30),
            datetime.date(1899, 12, 31),
            datetime.date(1900, 1, 1),
            datetime.date(1901, 1, 1),
        ),
        description="Days that stand for no date: read as missing, with a finding.",
    )
    earliest: datetime.date = Field(
        default=datetime.date(1902, 1, 1), description="A date before this day stands for no date."
    )
    latest: datetime.date = Field(
        default=datetime.date(2200, 1, 1), description="A date from this day on stands for no date."
    )
    future_days: int = Field(
        default=31, ge=0, description="Days after the declared date of the run that a date may lie in the future."
    )
    sentinel_numbers: tuple[str, ...] = Field(
        default=("-9", "-99", "-999", "888", "999", "8888", "9999", "88888", "99999"),
        description="Numbers that stand for no value where they lie outside plausible:, or far from all others.",
    )
    query_text: tuple[str, ...] = Field(
        default=(
            r"\bquery\b",
            r"^\?+$",
            r"\?\?\?",
            r"\bsee (comment|note|remark|attach)",
            r"\bto be (confirmed|clarified|checked|determined|verified)\b",
            r"\bplease (confirm|clarify|check|verify|specify)\b",
            r"^(tbc|tbd|to do|pending)$",
        ),
        description="Patterns of remarks of data management, found anywhere in a cell.",
    )
    spreadsheet_errors: tuple[str, ...] = Field(
        default=("#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!"),
        description="Whole cells that a spreadsheet writes for a formula that failed.",
    )
    placeholders: tuple[str, ...] = Field(
        default=("ND", "NK", "NA", "N/A", "n.a.", "n.d.", "-", "--", ".", "..", "*", "NULL", "NaN"),
        description="Whole cells that stand for no value, where the column's map, codelist or dates do not know them.",
    )


Window = tuple[float, float]
