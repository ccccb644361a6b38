"""The translations of a study: a CSV file with text, language and English, beside study.yaml.

Not for translating datasets (engine/derivations/translation.py).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from pydantic import Field

from ...errors import SpecProblem
from ..binding.bind import place_of
from ..binding.spec_model import SpecModel
from .study_csv import AnyLanguage, Language, language_mistake, study_csv_rows

COLUMNS = ("text", "language", "english")
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
    language: AnyLanguage = Field(
        default="", description="Language (ISO 639-1) of records for which by: and when: have none."
    )
    by: str | None = Field(
        default=None, description="Column or DATASET.VARIABLE whose value selects a key of when:, such as DM.COUNTRY."
    )
    when: dict[str, Language] = Field(default_factory=dict, description="Language by the value of by:.")
    original: Literal["supplemental", "lineage"] = Field(
        default="supplemental",
        description="Where the collected text is written: to SUPP--, with the QNAM of the variable and O, or to the "
        "lineage only.",
    )

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
    found: dict[tuple[str, str], str] = {}
    for here, (text, language, english) in study_csv_rows(spec.file, path, COLUMNS, place_of(spec, "file"), problems):
        if not text or not english:  # a line without a translation yet
            continue
        if language and (message := language_mistake(language)):
            problems.append(SpecProblem(here, message))
        elif found.setdefault((text, language), english) != english:
            message = f"'{text}' already has another English: '{found[text, language]}'"
            problems.append(SpecProblem(here, message))
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
