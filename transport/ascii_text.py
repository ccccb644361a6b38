"""Text for XPT: US-ASCII only. A table replaces letters, typographic signs become plain ones, and each is reported.

Letters: the table of ICAO Doc 9303, part 3, section 6 (machine readable travel documents): ä ae, ö oe, ü ue, ß ss,
å aa, ø oe, æ ae, þ th and so on; a letter with another accent loses it (é e, ñ n, č c). LANGUAGES lists languages in
which two dots over a vowel only separate it from the vowel before, or whose writers spell ö as o. ü is ue in every
language.

A character without a plain form is written as its code point, [U+5E74]: a comment in another script stops no build and
can be converted back. The raw copy of the lineage has the original. Not for text of define.xml.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

import numpy as np
import pandas as pd

from ..engine.columns import column as col
from ..engine.tables.dataset import Dataset
from ..findings.table import Findings

_LETTERS = {
    "ä": "ae", "Ä": "Ae", "ö": "oe", "Ö": "Oe", "ü": "ue", "Ü": "Ue", "ß": "ss", "ẞ": "SS",
    "å": "aa", "Å": "Aa", "æ": "ae", "Æ": "Ae", "ø": "oe", "Ø": "Oe", "œ": "oe", "Œ": "Oe",
    "ĳ": "ij", "Ĳ": "IJ", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ð": "d", "Ð": "D", "þ": "th", "Þ": "Th",
    "ı": "i", "ħ": "h", "Ħ": "H", "ŧ": "t", "Ŧ": "T", "ŋ": "n", "Ŋ": "N", "ĸ": "k",
    "α": "alpha", "β": "beta", "γ": "gamma", "κ": "kappa", "λ": "lambda",
}  # fmt: skip
#: a blank that belongs to a sign, or a blank character of another kind; beside another blank it adds none
_SOFT = "\0"
_SIGNS = {
    "‘": "'", "’": "'", "‚": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"',
    "–": "-", "—": "-", "−": "-", "…": "...", "µ": "u", "μ": "u", "°": f"{_SOFT}deg", "±": "+/-", "×": "x",
    "≤": "<=", "≥": ">=", "½": "1/2", "\u200b": "", "\u00ad": "",
    **dict.fromkeys("\u00a0\u2009\u202f\u3000\t\r\n", _SOFT),
}  # fmt: skip
_SOFT_RUN = re.compile(f"[ {_SOFT}]*{_SOFT}[ {_SOFT}]*")
_TWO_DOTS: Mapping[str, str] = {"ä": "a", "Ä": "A", "ö": "o", "Ö": "O"}

#: language (ISO 639-1) to the letters for which it differs from the table
LANGUAGES: Mapping[str, Mapping[str, str]] = {
    **dict.fromkeys(("nl", "fr", "it", "pt", "ca", "es"), _TWO_DOTS),
    "hu": {"ö": "o", "Ö": "O"},
    "tr": {"ö": "o", "Ö": "O"},
}


def ascii_text(text: str, language: str = "") -> tuple[str, bool]:
    """(the nearest printable ASCII text, whether a character had no plain form and is written as its code point).

    ``language``: ISO 639-1, '' if it is unknown. Blanks of the text remain; the conversion adds none beside a blank.
    """
    table = {**_LETTERS, **_SIGNS, **LANGUAGES.get(language, {})}
    out, coded = [], False
    letters = unicodedata.normalize("NFC", text)
    for at, char in enumerate(letters):
        plain = table.get(char)
        if plain is None:
            bare = char if char.isascii() else unicodedata.normalize("NFKD", char).encode("ascii", "ignore").decode()
            plain = bare if bare.isprintable() else ""
            if not plain and not (unicodedata.combining(char) and out):
                plain, coded = f"[U+{ord(char):04X}]", True
        elif len(plain) == 2 and plain[0].isupper() and _among_capitals(letters, at):
            plain = plain.upper()  # FÜR is FUER, Für is Fuer
        out.append(plain)
    return _SOFT_RUN.sub(_hard, "".join(out)), coded


def _among_capitals(text: str, at: int) -> bool:
    """Whether the letter is in a word of capitals: the next letter decides, at the end of a word the one before."""
    beside = next((c for c in (text[at + 1 : at + 2], text[at - 1 : at] if at else "") if c.isalpha()), "")
    return beside.isupper()


def _hard(run: re.Match[str]) -> str:
    """The blanks of a run: those of the text, else one, and none at the beginning or end of the text."""
    blanks = run[0].replace(_SOFT, "")
    return blanks or ("" if run.start() == 0 or run.end() == len(run.string) else " ")


def ascii_dataset(dataset: Dataset, findings: Findings, languages: Mapping[str, str] | None = None) -> Dataset:
    """The dataset with ASCII text; a note for every value that changed, a warning for one with code points in it.

    ``languages``: text to its language, as the translations of the study declare it.
    """
    known = languages or {}
    changed = {}
    for v in dataset.metadata.variables:
        if v.is_numeric:
            continue
        codes, texts = col.split_text(dataset.columns[v.name])
        found = [(t, False) if t.isascii() and t.isprintable() else ascii_text(t, known.get(t, "")) for t in texts]
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
    return Dataset(dataset.metadata, pd.DataFrame(frame), dataset.lineage)


def _report(
    dataset: Dataset, variable: str, at: np.ndarray, values: np.ndarray, findings: Findings, *, coded: bool
) -> None:
    if not len(at):
        return
    sequence = next((n for n in dataset.metadata.names if n.endswith("SEQ") and len(n) <= 5), "")
    findings.add(
        "R2A-TEXT-002" if coded else "R2A-TEXT-001",
        "characters without a plain form are written as their code points, [U+5E74]"
        if coded
        else "written in plain ASCII for XPT",
        dataset=dataset.name,
        subject=col.objects(dataset.frame["USUBJID"])[at] if "USUBJID" in dataset.metadata.names else "",
        sequence=dataset.frame[sequence].to_numpy()[at].astype("int64") if sequence else np.full(len(at), -1),
        variable=variable,
        value=values[at],
    )
