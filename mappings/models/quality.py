"""What a study declares about the quality of its raw data: dates, numbers and texts that mean a missing value.

Not for finding them (validation/raw/checks.py) nor for checks of built datasets (validation/quality/study_checks.py).
"""

from __future__ import annotations

import datetime

from pydantic import Field

from ..binding.spec_model import SpecModel


class QualitySpec(SpecModel):
    """The defaults apply to any study; a key replaces its default. Patterns are RE2 and ignore case."""

    sentinel_dates: tuple[datetime.date, ...] = Field(
        default=(
            datetime.date(1899, 12, 30),
            datetime.date(1899, 12, 31),
            datetime.date(1900, 1, 1),
            datetime.date(1901, 1, 1),
        ),
        description="Days that mean that there is no date: read as missing, with a finding.",
    )
    earliest: datetime.date = Field(
        default=datetime.date(1902, 1, 1), description="A date before this day means that there is no date."
    )
    latest: datetime.date = Field(
        default=datetime.date(2200, 1, 1), description="A date from this day on means that there is no date."
    )
    future_days: int = Field(
        default=31, ge=0, description="Days after the declared date of the run that a date may lie in the future."
    )
    sentinel_numbers: tuple[str, ...] = Field(
        default=("-9", "-99", "-999", "888", "999", "8888", "9999", "88888", "99999"),
        description="Numbers that mean a missing value if they are outside plausible:, or far from all other numbers.",
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
        description="Whole cells that a spreadsheet writes for a failed formula.",
    )
    placeholders: tuple[str, ...] = Field(
        default=("ND", "NK", "NA", "N/A", "n.a.", "n.d.", "-", "--", ".", "..", "*", "NULL", "NaN"),
        description="Whole cells that mean a missing value, unless the column's map, codelist or dates contain them.",
    )


Window = tuple[float, float]
