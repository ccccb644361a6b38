"""The identity of a finding: the same text in every data cut that has the same problem.

It follows from what the finding is about: rule, dataset, natural keys, variable, value; of a raw cell source, column,
subject, value. Row numbers, sequence numbers, files and messages change between data cuts and are no part of it.
Not for the natural keys of a record (sdtm/natural_keys.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256

import numpy as np
import pandas as pd

#: letters of an identity: hexadecimal
DIGITS = 12
#: the columns of the table of findings that an identity reads
READ = ("rule", "dataset", "keys", "subject", "variable", "value", "source", "column")
#: a value of such a variable is the number of a record, which another data cut may count anew
_NUMBERS_OF_RECORDS = ("SEQ", "IDVARVAL")


def identities(columns: Mapping[str, np.ndarray]) -> np.ndarray:
    """The identity of each finding, as 12 hexadecimal digits of a sha256.

    ``columns``: the columns READ of the table of findings, as object arrays of equal length. Findings that are equal
    in all of them are numbered in the order of the table, so that each has its identity; the set of identities does
    not depend on that order.
    """
    n = len(columns["rule"])
    if not n:
        return np.zeros(0, dtype=object)
    about_record = columns["dataset"] != ""
    keyed = about_record & (columns["keys"] != "")
    value = np.where(about_record & _numbers_records(columns["variable"]), "", columns["value"])
    parts = [
        columns["rule"],
        columns["dataset"],
        columns["keys"],
        np.where(keyed, "", columns["subject"]),
        columns["variable"],
        value,
        np.where(about_record, "", columns["source"]),
        np.where(about_record, "", columns["column"]),
    ]
    texts = ["\x1f".join(t) for t in zip(*(p.tolist() for p in parts), strict=True)]
    codes, unique = pd.factorize(np.array(texts, dtype=object))
    first = np.array([sha256(t.encode("utf-8", "surrogatepass")).hexdigest()[:DIGITS] for t in unique], dtype=object)
    found = first[codes]
    number = _number_of_equal(codes, len(unique))
    for at in np.flatnonzero(number).tolist():
        text = f"{unique[codes[at]]}\x1f{number[at] + 1}"
        found[at] = sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:DIGITS]
    return found


def _numbers_records(variables: np.ndarray) -> np.ndarray:
    """Where a variable numbers records, as AESEQ, SRCSEQ and IDVARVAL."""
    codes, names = pd.factorize(variables)
    return np.array([str(n).endswith(_NUMBERS_OF_RECORDS) for n in names], dtype=bool)[codes]


def _number_of_equal(codes: np.ndarray, count: int) -> np.ndarray:
    """The number of each element among those with its code, from 0."""
    order = np.argsort(codes, kind="stable")
    size = np.bincount(codes, minlength=count)
    number = np.empty(len(codes), dtype="int64")
    number[order] = np.arange(len(codes)) - np.repeat(np.cumsum(size) - size, size)
    return number
