"""The languages of define.xml beside English, and the file with its texts in them.

Not for writing define.xml (define/).
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from pydantic import Field, field_validator

from ...errors import SpecProblem
from ..binding.spec_model import SpecModel
from .queries import read_texts
from .translations import COLUMNS, ENGLISH

_LANGUAGE = re.compile(r"[a-z]{2,3}")

#: language -> English -> the text in the language
DefineTexts = Mapping[str, Mapping[str, str]]


class DefineSpec(SpecModel):
    """The languages of define.xml beside English, such as zh for NMPA and ja for PMDA.

    Labels, decodes, methods, comments and descriptions are written in English and in each language for which the file
    has the text. ``reports/define-texts.csv`` lists those of a run that it does not have.
    """

    file: str = Field(description="CSV in the study folder, UTF-8, with the columns text, language, english.")
    languages: tuple[str, ...] = Field(description="Languages (ISO 639), in the order in which they are written.")

    @field_validator("languages")
    @classmethod
    def _each(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for language in value:
            if not _LANGUAGE.fullmatch(language):
                raise ValueError(f"'{language}' is not a language code of ISO 639, such as ja")
            if language == ENGLISH:
                raise ValueError("define.xml is in English already; name the other languages")
        return value


def read_define_texts(spec: DefineSpec, path: Path, problems: list[SpecProblem]) -> DefineTexts:
    """The texts of a file by language. A mistake is a problem at its line; a line with a mistake is not used."""
    found = read_texts(spec, spec.file, path, problems)
    return {
        language: {english: text for (english, of), text in found.items() if of == language}
        for language in spec.languages
    }


def missing_texts(texts: Iterable[str], known: DefineTexts) -> list[tuple[str, str]]:
    """(English, language) of the texts that the file does not have; a text without a letter needs no translation."""
    worded = [t for t in dict.fromkeys(texts) if any(c.isalpha() for c in t)]
    return [(t, language) for language, found in known.items() for t in worded if t not in found]


def missing_csv(missing: Iterable[tuple[str, str]]) -> bytes:
    """The texts that the file does not have, as lines to fill in."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(("", language, english) for english, language in missing)
    return out.getvalue().encode("utf-8-sig")
