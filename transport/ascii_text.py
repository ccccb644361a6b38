"""Text for XPT: US-ASCII only. Letters lose their accents, typographic signs become plain ones, and each is told.

The original stays in the lineage's raw copy. What has no plain form is left, and the XPT writer refuses it.
"""

from __future__ import annotations

import unicodedata

import numpy as np
import pandas as pd

from ..engine import columns as col
from ..engine.dataset import Dataset
from ..findings import Findings

_PLAIN = str.maketrans(
    {
        "ß": "ss",
        "æ": "ae",
        "Æ": "AE",
        "ø": "o",
        "Ø": "O",
        "œ": "oe",
        "Œ": "OE",
        "ł": "l",
        "Ł": "L",
        "đ": "d",
        "Đ": "D",
        "ı": "i",
        "þ": "th",
        "Þ": "Th",
        "ð": "d",
        "Ð": "D",
        "‘": "'",
        "’": "'",
        "‚": "'",
        "“": '"',
        "”": '"',
        "„": '"',
        "«": '"',
        "»": '"',
        "–": "-",
        "—": "-",
        "−": "-",
        "…": "...",
        "µ": "u",
        "μ": "u",
        "°": " deg",
        "±": "+/-",
        "×": "x",
        "≤": "<=",
        "≥": ">=",
        "½": "1/2",
        "\u00a0": " ",
        "\t": " ",
        "\r": " ",
        "\n": " ",
        "\u200b": "",
        "α": "alpha",
        "β": "beta",
        "γ": "gamma",
        "κ": "kappa",
        "λ": "lambda",
    }
)


def ascii_text(text: str) -> str:
    """The nearest printable ASCII text; characters without one are kept."""
    out = []
    for char in text.translate(_PLAIN):
        if char.isascii():
            out.append(char)
            continue
        plain = unicodedata.normalize("NFKD", char).encode("ascii", "ignore").decode()
        out.append(plain or char)
    return "".join(out)


def ascii_dataset(dataset: Dataset, findings: Findings) -> Dataset:
    """The dataset with ASCII text; a note for every value that changed."""
    changed = {}
    for v in dataset.spec.variables:
        if v.is_numeric:
            continue
        codes, texts = col.split_text(dataset.frame[v.name])
        plain = [t if t.isascii() and t.isprintable() else ascii_text(t) for t in texts]
        odd = np.array([p != t for p, t in zip(plain, texts, strict=True)], dtype=bool)
        if not odd.any():
            continue
        at = np.flatnonzero(odd[codes])
        sequence = next((n for n in dataset.spec.names if n.endswith("SEQ") and len(n) <= 5), "")
        findings.add(
            "R2A-TEXT-001",
            "note",
            "written in plain ASCII for XPT",
            dataset=dataset.name,
            subject=col.objects(dataset.frame["USUBJID"])[at],
            sequence=dataset.frame[sequence].to_numpy()[at].astype("int64") if sequence else -1,
            variable=v.name,
            value=texts[codes[at]],
        )
        changed[v.name] = col.join_text(codes, plain)
    if not changed:
        return dataset
    frame = dataset.frame.assign(**changed)
    return Dataset(dataset.spec, pd.DataFrame(frame), dataset.lineage)
