"""The query list of a study: the language of each country, and a file with phrases in these languages.

Not for the questions (findings/catalogue/) nor for writing the list (validation/reports/queries.py).
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import Field

from ...errors import SpecProblem
from ..binding.bind import place_of
from ..binding.spec_model import SpecModel
from .study_csv import Language, language_mistake, study_csv_rows
from .translations import COLUMNS, ENGLISH

_PART = re.compile(r"\{[a-z]+\}")


class QueriesSpec(SpecModel):
    """The languages of the query list.

    A phrase is a question with its parts in braces, a heading, the title of a form, the question of a field or an
    answer. A question is in the language of its site if the file has it, else in English.
    ``reports/phrases.csv`` lists the phrases of a run that the file does not have.
    """

    file: str = Field(description="CSV in the study folder, UTF-8, with the columns text, language, english.")
    language: Language = Field(
        default=ENGLISH, description="Language (ISO 639-1) of countries that when: does not have."
    )
    when: dict[str, Language] = Field(
        default_factory=dict, description="Country, as the sources write it, to its language."
    )


@dataclass(frozen=True)
class Phrases:
    """``texts``: (English, language) to the phrase. ``when``: country to language; ``language``: of other countries."""

    texts: Mapping[tuple[str, str], str] = field(default_factory=dict)
    when: Mapping[str, str] = field(default_factory=dict)
    language: str = ENGLISH

    def language_of(self, country: str) -> str:
        """The language of the sites of a country."""
        return self.when.get(country, self.language)

    def text(self, english: str, language: str) -> str | None:
        """The phrase in a language; None if the file does not have it."""
        return english if language == ENGLISH else self.texts.get((english, language))


def read_phrases(spec: QueriesSpec, path: Path, problems: list[SpecProblem]) -> Phrases:
    """The phrases of a file. A mistake is a problem at its line; a line with a mistake is not used."""
    return Phrases(read_texts(spec, spec.file, path, problems), spec.when, spec.language)


def read_texts(spec: SpecModel, file: str, path: Path, problems: list[SpecProblem]) -> dict[tuple[str, str], str]:
    """(English, language) to the text of a file that ``file`` of a spec names, with the mistakes of its lines."""
    found: dict[tuple[str, str], str] = {}
    for here, (phrase, language, english) in study_csv_rows(file, path, COLUMNS, place_of(spec, "file"), problems):
        if not phrase or not english:  # a line without a translation yet
            continue
        if message := _mistake(phrase, language, english, found.get((english, language))):
            problems.append(SpecProblem(here, message))
        else:
            found[english, language] = phrase
    return found


def _mistake(phrase: str, language: str, english: str, known: str | None) -> str:
    if message := language_mistake(language):
        return message
    if known not in (None, phrase):
        return f"'{english}' already has another text in this language: '{known}'"
    one, other = (sorted(set(_PART.findall(text))) for text in (english, phrase))
    if one != other:
        return f"'{phrase}' must have {', '.join(one) or 'no part in braces'}, as its English '{english}'"
    return ""


def phrases_csv(missing: Collection[tuple[str, str]]) -> bytes:
    """The phrases (English, language) that the file does not have, as lines to fill in."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(("", language, english) for english, language in sorted(missing, key=lambda m: (m[1], m[0])))
    return out.getvalue().encode("utf-8-sig")
