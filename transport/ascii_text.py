"""Text for XPT: US-ASCII only. Letters lose their accents, typographic signs become plain ones, and each is told.

A character without a plain form is written as its code point, [U+5E74], so that a comment in another script stops no
build, takes the place it needs and can be turned back. The original stays in the lineage's raw copy.
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


def ascii_text(text: str) -> tuple[str, bool]:
    """(the nearest printable ASCII text, whether a character had no plain form and stands as its code point)."""
    out, coded = [], False
    for char in unicodedata.normalize("NFC", text.translate(_PLAIN)):
        plain = char if char.isascii() else unicodedata.normalize("NFKD", char).encode("ascii", "ignore").decode()
        if plain and plain.isprintable():
            out.append(plain)
        elif not unicodedata.combining(char) or not out:
            out.append(f"[U+{ord(char):04X}]")
            coded = True
    return "".join(out), coded


def ascii_dataset(dataset: Dataset, findings: Findings) -> Dataset:
    """The dataset with ASCII text; a note for every value that changed, a warning for one with code points in it."""
    changed = {}
    for v in dataset.spec.variables:
        if v.is_numeric:
            continue
        codes, texts = col.split_text(dataset.frame[v.name])
        found = [(t, False) if t.isascii() and t.isprintable() else ascii_text(t) for t in texts]
        plain = [p for p, _ in found]
        coded = np.array([c for _, c in found], dtype=bool)
        odd = np.array([p != t for p, t in zip(plain, texts, strict=True)], dtype=bool)
        if not odd.any():
            continue
        _report(dataset, v.name, np.flatnonzero((odd & ~coded)[codes]), texts[codes], findings, coded=False)
        _report(dataset, v.name, np.flatnonzero(coded[codes]), texts[codes], findings, coded=True)
        changed[v.name] = col.join_text(codes, plain)
    if not changed:
        return dataset
    frame = dataset.frame.assign(**changed)
    return Dataset(dataset.spec, pd.DataFrame(frame), dataset.lineage)


def _report(
    dataset: Dataset, variable: str, at: np.ndarray, values: np.ndarray, findings: Findings, *, coded: bool
) -> None:
    if not len(at):
        return
    sequence = next((n for n in dataset.spec.names if n.endswith("SEQ") and len(n) <= 5), "")
    findings.add(
        "R2A-TEXT-002" if coded else "R2A-TEXT-001",
        "warning" if coded else "note",
        "characters without a plain form are written as their code points, [U+5E74]"
        if coded
        else "written in plain ASCII for XPT",
        dataset=dataset.name,
        subject=col.objects(dataset.frame["USUBJID"])[at] if "USUBJID" in dataset.spec.names else "",
        sequence=dataset.frame[sequence].to_numpy()[at].astype("int64") if sequence else np.full(len(at), -1),
        variable=variable,
        value=values[at],
    )
