"""Values that typed formats (Dataset-JSON, Parquet) cannot hold: refused with variable, subject, record and value.

Not for XPT, which refuses others (xpt_text.py, ibm.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ..engine.tables.dataset import VariableMetadata
from ..errors import OutputError
from ..sources.statistical.display_formats import sas_moment
from .sas_moments import unwritable_moments
from .xpt_text import shown

_WHOLE = 2.0**53  # above, not every whole number is a double


def moment_of(variable: VariableMetadata) -> str:
    """date, datetime or time for a whole number with such a SAS format, which typed formats write as one; else ''."""
    return sas_moment(variable.format) if variable.type == "integer" else ""


@dataclass(frozen=True)
class Refusal:
    """Refuses values of a variable in a frame. ``before``: records of the dataset before this frame."""

    dataset: str
    variable: VariableMetadata
    frame: pd.DataFrame
    before: int

    def numbers(self) -> np.ndarray:
        """The numbers of the variable. Raises OutputError for one that its type cannot hold."""
        column: Any = self.frame[self.variable.name]
        numbers = column.to_numpy(dtype="float64")
        moment = moment_of(self.variable)
        if moment:
            why = (
                f"is no {moment} between the years 1 and 9999, as its format {self.variable.format} declares; correct "
                "the value or the format"
            )
            self.refuse(unwritable_moments(numbers, moment), numbers, why)
        elif self.variable.type == "integer":
            whole = np.isnan(numbers) | (np.abs(numbers) <= _WHOLE) & (numbers == np.trunc(numbers))
            self.refuse(~whole, numbers, "is no whole number of up to 53 bits, as its type integer declares; use float")
        else:
            self.refuse(np.isinf(numbers), numbers, "is not finite; correct the value")
        return numbers

    def half_pairs(self, codes: np.ndarray, texts: np.ndarray) -> np.ndarray:
        """The texts, those without a record empty where they are invalid. Raises OutputError for one of a record."""
        half = np.array([any("\ud800" <= c <= "\udfff" for c in t) for t in texts], dtype=bool)
        self.refuse(half[codes], texts[codes], "has half a surrogate pair, which is no text; correct the value")
        return np.where(half, "", texts)

    def refuse(self, bad: np.ndarray, values: np.ndarray, why: str) -> None:
        """Raise OutputError for the first bad value, if there is one."""
        if not bad.any():
            return
        at = int(bad.argmax())
        subject = f", subject {shown(str(self.frame['USUBJID'].iloc[at]))}" if "USUBJID" in self.frame else ""
        value = shown(values[at]) if isinstance(values[at], str) else repr(float(values[at]))
        place = f"{self.dataset}.{self.variable.name}{subject}, record {self.before + at + 1}"
        raise OutputError(f"{place}: {value} {why}")
