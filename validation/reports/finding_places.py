"""Adds the raw file, row and column of the value, and the natural keys, to findings about records of datasets.

Not for finding the way (engine/tables/source_places.py). A finding that already names its place is not changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from ...engine.columns import column as col
from ...engine.columns import verbs
from ...engine.tables.dataset import Dataset
from ...engine.tables.source_places import Places, WayBack
from ...findings.table import Findings
from ...sdtm.natural_keys import natural_keys, occurrences, sequence_name


def place_findings(findings: Findings, datasets: Mapping[str, Dataset], way: WayBack) -> None:
    """Fill source, file, row, column and natural keys of findings that name a dataset and a subject.

    The record is the one with the finding's sequence number. In a dataset without such numbers (DM, ADSL) it is the
    subject's record that the finding counts, else the only one of the subject.
    """
    findings.fill(lambda batch: _places(batch, datasets, way))


def _places(batch: Mapping[str, Any], datasets: Mapping[str, Dataset], way: WayBack) -> dict[str, Any]:
    name, variable = batch["dataset"], batch["variable"]
    dataset = datasets.get(name) if isinstance(name, str) else None
    if dataset is None or "USUBJID" not in dataset.columns:
        return {}
    if isinstance(batch["subject"], str) and not batch["subject"]:
        return {}
    at = _records(batch, dataset)
    there = np.flatnonzero(at >= 0)
    if not len(there):
        return {}
    filled: dict[str, Any] = {}
    if isinstance(batch["keys"], str) and not batch["keys"]:
        filled["keys"] = np.full(len(at), "", dtype=object)
        filled["keys"][there] = natural_keys(dataset, at[there], datasets)
    if isinstance(variable, str):
        found = Places.none(len(at))
        found.put(there, way.places(dataset.name, variable, at[there]), np.ones(len(there), dtype=bool))
        filled |= vars(found)
    return filled


def _records(batch: Mapping[str, Any], dataset: Dataset) -> np.ndarray:
    """The record of each finding, 0-based; -1 where none or several could be meant."""
    n = batch["_n"]
    subject, sequence = (np.broadcast_to(np.asarray(batch[k], object), n) for k in ("subject", "sequence"))
    numbered = sequence_name(dataset)
    mine = [col.text_column(np.array(subject, dtype=object))]
    theirs = [dataset.columns["USUBJID"]]
    if numbered and col.is_number(dataset.columns[numbered]):
        mine.append(pd.Series(np.array(sequence, dtype="float64")))
        theirs.append(dataset.columns[numbered])
    elif isinstance(batch["_occurrence"], np.ndarray):
        mine.append(pd.Series(batch["_occurrence"].astype("float64")))
        theirs.append(pd.Series(occurrences(theirs[0]).astype("float64")))
    elif dataset.metadata.repeating:
        return np.full(n, -1)
    return verbs.match_rows(mine, theirs).right
