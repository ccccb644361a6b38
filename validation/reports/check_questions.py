"""The questions of a study's checks to the sites: texts with columns in braces, and the values of their records.

Not for the checks (validation/quality/) nor for choosing and translating questions (queries.py).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from ...engine.columns import column as col
from ...engine.columns.verbs import key_codes, match_rows
from ...engine.tables.dataset import Dataset
from ...sdtm.natural_keys import sequence_name
from .form_words import FormWords

_BRACES = re.compile(r"\{([^{}]+)\}")


def placeholders(text: str) -> list[str]:
    """The names in braces of a question, in order, each one time."""
    return list(dict.fromkeys(_BRACES.findall(text)))


def pieces(text: str) -> list[str]:
    """A question in parts: every second one is a name in braces."""
    return _BRACES.split(text)


@dataclass(frozen=True, kw_only=True)
class CheckQuestions:
    """``texts``: rule of a check -> its question. ``datasets``: finished datasets, from which values are read."""

    texts: Mapping[str, str] = field(default_factory=dict)
    datasets: Mapping[str, Dataset] = field(default_factory=dict)

    def values(self, name: str, asked: pd.DataFrame, words: FormWords) -> list[str]:
        """The value of a column or variable in the record of each finding; '' where the record is not known.

        ``asked``: findings of one check: of raw rows, or of records of one dataset.
        """
        out = np.full(len(asked), "", dtype=object)
        source, dataset = (np.asarray(asked[n], dtype=object) for n in ("source", "dataset"))
        for of in dict.fromkeys(dataset.tolist()):
            at = np.flatnonzero(dataset == of)
            if of:
                out[at] = self._of_dataset(name, of, asked.iloc[at])
            else:
                for table in dict.fromkeys(source[at].tolist()):
                    here = at[source[at] == table]
                    found = words.cells(table, (name,), np.asarray(asked["row"], dtype="int64")[here])
                    out[here] = found[0] if found else ""
        return out.tolist()

    def _of_dataset(self, name: str, dataset: str, asked: pd.DataFrame) -> Any:
        """By subject and number of the record; by subject alone where a subject has one record."""
        data = self.datasets.get(dataset)
        if data is None or not {name, "USUBJID"} <= set(data.metadata.names):
            return ""
        number = sequence_name(data)
        mine, theirs = [col.text_column(asked["subject"].tolist())], [data.columns["USUBJID"]]
        if number and col.is_number(data.columns[number]):
            mine.append(pd.Series(np.asarray(asked["sequence"], dtype="float64")))
            theirs.append(pd.Series(np.asarray(data.columns[number], dtype="float64")))
        codes, known = key_codes(mine, theirs)
        counts = np.bincount(known[known >= 0], minlength=int(codes.max(initial=-1)) + 2)
        at = match_rows(mine, theirs).right
        one = (at >= 0) & (counts[codes] == 1)
        texts = col.objects(col.as_text(data.columns[name]))
        return np.where(one, texts[np.maximum(at, 0)] if len(texts) else "", "")
