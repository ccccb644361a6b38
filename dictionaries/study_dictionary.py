"""A dictionary as a study uses it: its entries, the terms that the study codes, and the coding of one record's texts.

Not for columns of records (engine/derivations/coded.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from functools import cached_property

import numpy as np

from ..mappings.models.dictionaries import CodingDictionarySpec
from .coding_file import CodedTerm, Key, folded_key
from .dictionary import NO_ENTRIES, Dictionary, Disagreement, look_up


class CodedBy(Enum):
    """What decided the code of a record."""

    NOTHING = auto()
    FILE = auto()
    COLUMNS = auto()
    MATCH = auto()


@dataclass(frozen=True)
class Coding:
    """The coding of a record: its entries, what decided, and the texts of its columns that do not agree.

    ``texts``: level -> text, where the files of the dictionary are absent. ``row``: the row of the coding files, from 0
    in their order, -1 where none decided.
    """

    by: CodedBy
    entries: np.ndarray = field(default_factory=lambda: NO_ENTRIES)
    disagreements: tuple[Disagreement, ...] = ()
    texts: Mapping[str, str] = field(default_factory=dict)
    row: int = -1


@dataclass(frozen=True, eq=False)
class StudyDictionary:
    """A dictionary of study.yaml. ``dictionary`` None: its files are absent. ``terms``: by folded key."""

    name: str
    spec: CodingDictionarySpec
    dictionary: Dictionary | None = None
    terms: Mapping[Key, CodedTerm] = field(default_factory=dict)
    _codings: dict[tuple[Key, tuple[str, ...], tuple[str, ...], str], Coding] = field(
        default_factory=dict, init=False, repr=False
    )

    def coding(self, key: Key, levels: tuple[str, ...], texts: tuple[str, ...], match: str = "") -> Coding:
        """The coding of a record. ``key``: its term; ``texts``: of its raw columns, one for each of ``levels``.

        ``match``: the level whose current texts code a term that is equal to them. Each combination is looked up once.
        """
        asked = key, levels, texts, match
        if asked not in self._codings:
            self._codings[asked] = self._look_up(key, list(zip(levels, texts, strict=True)), match)
        return self._codings[asked]

    def level_text(self, coding: Coding, level: str) -> tuple[str, int]:
        """(text of a level, how many different texts the entries have); '' unless they have exactly one."""
        if self.dictionary is None:
            text = coding.texts.get(level, "")
            return text, int(bool(text))
        texts = self.dictionary.texts(level, coding.entries)
        return (texts[0] if len(texts) == 1 else ""), len(texts)

    def position(self, coding: Coding) -> int:
        """A number that stands for the row and the entry that coded a record; -1 for no code. See ``place_of``."""
        if coding.row >= 0:
            return coding.row
        if self.dictionary is None or not len(coding.entries):
            return -1
        return len(self.terms) + int(self.dictionary.narrowed(coding.entries)[0])

    def place_of(self, position: int) -> tuple[str, str]:
        """(row of a coding file, entry of the dictionary) of a position, each as file:line, '' where there is none."""
        rows = self._rows
        if position >= len(rows):
            return "", self.dictionary.place(position - len(rows)) if self.dictionary is not None else ""
        term = rows[position]
        if self.dictionary is None or not len(term.entries):
            return term.place, ""
        return term.place, self.dictionary.place(int(self.dictionary.narrowed(term.entries)[0]))

    @cached_property
    def _rows(self) -> list[CodedTerm]:
        return list(self.terms.values())

    @cached_property
    def _row_of(self) -> dict[Key, int]:
        return {key: i for i, key in enumerate(self.terms)}

    def finest(self, coding: Coding) -> str:
        """The text of the finest level of a record, so that its term needs no row of a coding file; '' for none.

        Without the files of the dictionary it is the first text that the record has.
        """
        if self.dictionary is None:
            return next(iter(coding.texts.values()), "")
        return self.level_text(coding, self.spec.level_names[0])[0]

    def _look_up(self, key: Key, levels: list[tuple[str, str]], match: str) -> Coding:
        chosen = self.terms.get(folded_key(key)) if any(key) else None
        row = self._row_of[folded_key(key)] if chosen is not None else -1
        filled = [(level, text) for level, text in levels if text.strip()]
        if self.dictionary is None:
            texts = dict(chosen.texts if chosen is not None else filled)
            by = CodedBy.FILE if chosen is not None else CodedBy.COLUMNS if filled else CodedBy.NOTHING
            return Coding(by, texts=texts, row=row)
        if chosen is not None:
            return Coding(CodedBy.FILE, chosen.entries, self._differing(chosen.entries, filled), row=row)
        entries, problems = look_up(self.dictionary, filled)
        if len(entries):
            return Coding(CodedBy.COLUMNS, entries, tuple(problems))
        if match and len(key) == 1:
            entries = self.dictionary.find(match, key[0])
            entries = entries[self.dictionary.current[entries]]
            if len(entries):
                return Coding(CodedBy.MATCH, entries, tuple(problems))
        return Coding(CodedBy.NOTHING, disagreements=tuple(problems))

    def _differing(self, entries: np.ndarray, filled: list[tuple[str, str]]) -> tuple[Disagreement, ...]:
        """The texts of raw columns that none of the chosen entries has."""
        assert self.dictionary is not None
        out = []
        for level, text in filled:
            found = self.dictionary.find(level, text)
            if not len(np.intersect1d(entries, found)):
                expected = tuple(self.dictionary.texts(level, entries))
                out.append(Disagreement(level, text, bool(len(found)), expected))
        return tuple(out)
