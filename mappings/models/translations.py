"""The translations of a study: a CSV file with text, language and English, beside study.yaml.

Not for translating datasets (engine/derivations/translation.py).
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator

from ...errors import FileName, Place, SpecProblem
from ..binding.bind import place_of
from ..binding.spec_model import SpecModel

COLUMNS = ("text", "language", "english")
_LANGUAGE = re.compile(r"[a-z]{2,3}")
ENGLISH = "en"


class TranslationsSpec(SpecModel):
    """Collected texts in other languages: the datasets have their English.

    A text is looked up without blanks around it: first among the texts of the record's language, then among all texts,
    if they have only one English. A text that is not in the file is not changed and is reported;
    ``reports/translations.csv`` lists it for translation. Texts of English records need no
    line in the file.
    """

    file: str = Field(description="CSV in the study folder, UTF-8, with the columns text, language, english.")
    variables: tuple[str, ...] = Field(description="DATASET.VARIABLE whose collected texts are translated.")
    language: str = Field(default="", description="Language (ISO 639-1) of records for which by: and when: have none.")
    by: str | None = Field(
        default=None, description="Column or DATASET.VARIABLE whose value selects a key of when:, such as DM.COUNTRY."
    )
    when: dict[str, str] = Field(default_factory=dict, description="Language by the value of by:.")
    original: Literal["supplemental", "lineage"] = Field(
        default="supplemental",
        description="Where the collected text is written: to SUPP--, with the QNAM of the variable and O, or to the "
        "lineage only.",
    )

    @field_validator("language")
    @classmethod
    def _one(cls, value: str) -> str:
        if value and not _LANGUAGE.fullmatch(value):
            raise ValueError(f"'{value}' is not a language code of ISO 639, such as de")
        return value

    @field_validator("when")
    @classmethod
    def _each(cls, value: dict[str, str]) -> dict[str, str]:
        for language in value.values():
            if not _LANGUAGE.fullmatch(language):
                raise ValueError(f"'{language}' is not a language code of ISO 639, such as de")
        return value

    def of(self, group: str) -> str:
        """The language of records with this value of by:."""
        return self.when.get(group, self.language)


@dataclass(frozen=True)
class Translations:
    """``by_language``: (text, language) to English; ``by_text``: text to English, where all languages agree."""

    by_language: Mapping[tuple[str, str], str] = field(default_factory=dict)
    by_text: Mapping[str, str] = field(default_factory=dict)
    languages: Mapping[str, str] = field(default_factory=dict)  # text -> its language, if it has only one

    def english(self, text: str, language: str) -> str | None:
        """The English of a text; None if the file does not have it."""
        key = text.strip()
        found = self.by_language.get((key, language))
        return found if found is not None else self.by_text.get(key)


def read_translations(spec: TranslationsSpec, path: Path, problems: list[SpecProblem]) -> Translations:
    """The translations of a file. A mistake is a problem at its line; a line with a mistake is not used."""
    place = place_of(spec, "file")
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        problems.append(SpecProblem(place, f"there is no file '{spec.file}' in the study folder"))
        return Translations()
    except UnicodeDecodeError as error:
        problems.append(SpecProblem(place, f"'{spec.file}' is not UTF-8: byte {error.start + 1} cannot be read"))
        return Translations()
    name = FileName(spec.file, path)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    found: dict[tuple[str, str], str] = {}
    try:
        header = [name.strip().casefold() for name in next(reader, [])]
        missing = [name for name in COLUMNS if name not in header]
        if missing:
            message = f"the file has no column {', '.join(missing)}; it needs {', '.join(COLUMNS)}"
            problems.append(SpecProblem(Place(name, 1, 1), message))
            return Translations()
        at = [header.index(name) for name in COLUMNS]
        for row in reader:
            cells = [row[i].strip() if i < len(row) else "" for i in at]
            here = Place(name, reader.line_num, 1)
            if not cells[0] or not cells[2]:  # a line without a translation yet
                continue
            if cells[1] and not _LANGUAGE.fullmatch(cells[1]):
                problems.append(SpecProblem(here, f"'{cells[1]}' is not a language code of ISO 639, such as de"))
                continue
            key = (cells[0], cells[1])
            if found.setdefault(key, cells[2]) != cells[2]:
                message = f"'{cells[0]}' already has another English: '{found[key]}'"
                problems.append(SpecProblem(here, message))
    except csv.Error as error:
        problems.append(SpecProblem(Place(name, reader.line_num, 1), f"the file is not CSV: {error}"))
    every: dict[str, set[str]] = {}
    spoken: dict[str, set[str]] = {}
    for (text_, language), english in found.items():
        every.setdefault(text_, set()).add(english)
        spoken.setdefault(text_, set()).add(language)
    return Translations(
        found,
        {t: next(iter(e)) for t, e in every.items() if len(e) == 1},
        {t: next(iter(s)) for t, s in spoken.items() if len(s) == 1},
    )


def untranslated_csv(texts: Collection[tuple[str, str, str]]) -> bytes:
    """The texts (text, language, DATASET.VARIABLE) without English, as lines for a translations file."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([*COLUMNS, "variables"])
    found: dict[tuple[str, str], set[str]] = {}
    for text, language, variable in texts:
        found.setdefault((text, language), set()).add(variable)
    for (text, language), variables in sorted(found.items()):
        writer.writerow([text, language, "", " ".join(sorted(variables))])
    return out.getvalue().encode("utf-8-sig")
