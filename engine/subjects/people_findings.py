"""The findings about identities: two people with one USUBJID, one person with two, texts that differ by zeros.

Not for deciding who is refused: people.py.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ...errors import Place
from ...findings.table import Findings
from ...mappings.models.study import StudySpec
from ...sources.table import RawTable
from .identity import identifying_columns
from .person import Person

#: what a program adds to a whole number that it holds as a decimal one, as 12.0
_WHOLE = re.compile(r"(?<=[0-9])\.0+$")
#: other identities that a message names
NAMED = 3


@dataclass(frozen=True)
class PeopleReport:
    """Reports findings about persons, with the raw cells of their identifiers."""

    findings: Findings
    tables: Mapping[str, RawTable]
    study: StudySpec

    def shown(self, person: Person) -> str:
        """A person as a message names it: identifiers as written, file and row."""
        identifiers = ", ".join(f"{n} '{_visible(t)}'" for n, t in zip(person.names, person.written, strict=True))
        raw = self.tables[person.source]
        return f"{identifiers} ({raw.file} row {int(raw.record[person.row])})"

    def shared(self, person: Person, others: list[Person], text: str, place: Place) -> str:
        """The message of R2A-SUBJ-004. ``others``: one more than are named means that there are more."""
        named = [self.shown(p) for p in others[:NAMED]]
        more = " and more" if len(others) > NAMED else ""
        written = "" if all(p.usubjid == person.usubjid for p in others) else " when it is written in ASCII"
        first = (
            f"two people would be one subject: {self.shown(person)} and {'; '.join(named)}{more} all have USUBJID "
            f"{text}{written}. "
        )
        if any(_visible(t) != t for p in (person, *others) for t in p.written):
            return f"{first}A sign that cannot be seen, as [U+200B], is probably a mistake: correct the cell"
        kinds = sorted({", ".join(p.names) for p in (person, *others)})
        if len(kinds) > 1:
            return (
                f"{first}The sources identify a subject by different columns, {' and '.join(kinds)}: name the same "
                "identifiers under subject: of the study and of each source"
            )
        return (
            f"{first}Change usubjid: at {place} so that they have different texts, as by a sign between the "
            "identifiers. If they are one person, declare it by crosswalk: or continues:. A column that does not "
            "identify a person belongs to siteid:, not to columns:"
        )

    def refused_rows(
        self,
        raw: RawTable,
        at: np.ndarray,
        codes: np.ndarray,
        refused: Mapping[int, tuple[str, str]],
        persons: list[Person],
    ) -> None:
        """A finding for each row at ``at``. ``codes``: the person of each row; ``refused``: person -> (id, message)."""
        column = self._last_column(raw.name)
        of_row = codes[at].tolist()
        for rule in ("R2A-SUBJ-004", "R2A-SUBJ-006"):
            here = np.array([refused[n][0] == rule for n in of_row], dtype=bool)
            if here.any():
                these = [n for n, h in zip(of_row, here.tolist(), strict=True) if h]
                self.findings.add(
                    rule,
                    np.array([refused[n][1] for n in these], dtype=object),
                    value=np.array([persons[n].usubjid for n in these], dtype=object),
                    source=raw.name,
                    file=raw.file,
                    row=raw.record[at[here]].astype("int64"),
                    column=column,
                )

    def likeness(self, persons: list[Person], refused: set[int]) -> None:
        """R2A-SUBJ-005: two USUBJIDs that may be one person. R2A-SUBJ-007: one identity with two USUBJIDs."""
        alike: dict[object, dict[str, Person]] = {}
        same: dict[object, dict[str, Person]] = {}
        for number, person in enumerate(persons):
            if number in refused:
                continue
            alike.setdefault(tuple(map(_bare, person.texts)), {}).setdefault(person.usubjid, person)
            same.setdefault(person.key, {}).setdefault(person.usubjid, person)
        split = {key for key, found in same.items() if len(found) > 1}
        for found in same.values():
            if len(found) > 1:
                self._report_each("R2A-SUBJ-007", found, "one identity has two USUBJIDs")
        for found in alike.values():
            keys = {p.key for p in found.values()}
            if len(found) > 1 and len(keys) > 1 and not keys & split:
                message = "two subjects differ by case, blanks or zeros only"
                self._report_each("R2A-SUBJ-005", found, message)

    def _report_each(self, rule: str, found: Mapping[str, Person], message: str) -> None:
        people = sorted(found.values(), key=lambda p: (p.usubjid, p.source, p.row))
        for person in people:
            others = "; ".join(f"{p.usubjid} of {self.shown(p)}" for p in people if p is not person)
            text = f"{message}: {person.usubjid} of {self.shown(person)}, and {others}"
            self._report(rule, text, person, self._last_column(person.source), person.usubjid)

    def zeros(self, persons: list[Person], refused: set[int]) -> None:
        """R2A-SUBJ-008: texts that differ, as 1 and 01, and that become one subject by the zeros of the template.

        A warning at each text if one source has several: they may be two people. One note for a subject if only
        sources differ, as when a spreadsheet removed the zeros.
        """
        subjects: dict[object, dict[tuple[str, tuple[str, ...]], Person]] = {}
        for number, person in enumerate(persons):
            if number not in refused and not person.crossed:
                subjects.setdefault(person.key, {}).setdefault((person.source, person.written), person)
        for found in subjects.values():
            if len({written for _, written in found}) < 2:
                continue
            by_source: dict[str, list[Person]] = {}
            by_text: dict[tuple[str, ...], Person] = {}
            for person in sorted(found.values(), key=lambda p: (p.source, p.written)):
                by_source.setdefault(person.source, []).append(person)
                by_text.setdefault(person.written, person)
            several = [people for people in by_source.values() if len(people) > 1]
            for people in several:
                for person in people:
                    self._report_spelling("warning", person, people)
            if not any(len(people) == len(by_text) for people in several):
                people = list(by_text.values())
                shortest = min(people, key=lambda p: (sum(map(len, p.written)), p.written))
                self._report_spelling("note", shortest, people)

    def _report_spelling(self, severity: str, person: Person, people: list[Person]) -> None:
        """One text of a subject that ``people`` write in several ways, at the first identifier that differs."""
        others = [p for p in people if p is not person]
        at = next(i for i, text in enumerate(person.written) if any(p.written[i] != text for p in others))
        columns = identifying_columns(self.study.sources[person.source], self.study)
        message = (
            f"{self.shown(person)} and {'; '.join(map(self.shown, others))} become one subject "
            f"{person.usubjid}, since usubjid: puts zeros in front"
        )
        column = columns[at] if len(columns) == len(person.written) else columns[0]
        self._report("R2A-SUBJ-008", message, person, column, person.written[at], severity=severity)

    def _last_column(self, source: str) -> str:
        return next(reversed(identifying_columns(self.study.sources[source], self.study)), "")

    def _report(self, rule: str, message: str, person: Person, column: str, value: str, *, severity: str = "") -> None:
        """A finding at the first row of an identity."""
        raw = self.tables[person.source]
        self.findings.add(
            rule,
            message,
            severity=severity,
            subject=person.usubjid,
            value=value,
            source=raw.name,
            file=raw.file,
            row=int(raw.record[person.row]),
            column=column,
        )


def _bare(text: str) -> str:
    """An identifier without case, width of characters, blanks, unseen signs and zeros that people or programs add."""
    folded = _WHOLE.sub("", unicodedata.normalize("NFKC", text).strip().casefold())
    return "".join(c for c in folded if c.isprintable() and not c.isspace()).lstrip("0")


def _visible(text: str) -> str:
    """The text with signs that cannot be seen, as a blank without width, as their code points."""
    return "".join(c if c.isprintable() else f"[U+{ord(c):04X}]" for c in text)
