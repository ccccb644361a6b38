"""Holds USUBJID to its meaning: one person, one text. What two people would share is given to neither.

An identity is what the identifying columns of a row hold, with the zeros that the template of USUBJID puts in front.
Source of the rule: SDTMIG 3.4 section 3.2.1.1: USUBJID identifies a subject uniquely across all studies. A crosswalk
and ``continues:`` declare that one person had several identities, so what they join is not refused.

Not for making USUBJID (identity.py) nor for following enrolments (engine/building/continuity.py).
"""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from ...findings.table import Findings
from ...mappings.binding.bind import place_of
from ...mappings.models.study import StudySpec
from ...sources.table import RawTable
from ..columns import column as col
from .identity import Identity, identifiers, identifying_columns, template_widths

#: bytes of a text that XPT holds in one variable: a longer USUBJID would be cut, and could become another subject's
MAX_USUBJID = 200
#: what an account says of the rows
_MANY = 3  # other identities that a message names


@dataclass(kw_only=True, frozen=True)
class Person:
    """One identity as one source writes it: identifiers by name, USUBJID, whether a crosswalk gave it, the first row.

    ``texts``: the identifiers with the zeros that the template puts in front. ``written``: as the cells hold them.
    """

    source: str
    names: tuple[str, ...]
    written: tuple[str, ...]
    texts: tuple[str, ...]
    usubjid: str
    crossed: bool
    row: int

    @property
    def key(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        return self.names, self.texts


@dataclass
class People:
    """Who the rows of all sources are. ``codes``: source -> the position in ``persons`` of each row, -1 for nobody."""

    persons: list[Person] = field(default_factory=list)
    codes: dict[str, np.ndarray] = field(default_factory=dict)


def distinct_people(
    tables: Mapping[str, RawTable],
    identity: Identity,
    study: StudySpec,
    findings: Findings,
    plain: Callable[[str], str] = lambda text: text,
) -> tuple[Identity, dict[str, np.ndarray]]:
    """The identity of every source, without USUBJID where two people would share it; and those rows by source.

    ``plain``: a text as the output format holds it, where two texts may become one. Findings, one per row: R2A-SUBJ-004
    (two identities, one USUBJID), 006 (longer than XPT holds); one per identity: 005 (two USUBJIDs that differ by case,
    blanks or zeros in front only), 007 (one identity, two USUBJIDs), 008 (one identity, in texts that differ by zeros).
    """
    people = _people(tables, identity, study)
    refused: dict[int, tuple[str, str]] = {}  # person -> rule, message
    place = place_of(study.subject, "usubjid")
    by_text: dict[str, list[int]] = {}
    for number, person in enumerate(people.persons):
        by_text.setdefault(plain(person.usubjid), []).append(number)
    for text, numbers in by_text.items():
        for number in numbers:
            if len(text.encode()) > MAX_USUBJID:
                message = f"USUBJID has {len(text.encode())} bytes, and XPT holds {MAX_USUBJID}: shorten it at {place}"
                refused[number] = "R2A-SUBJ-006", message
        for number, others in _sharing(people.persons, numbers).items():
            refused[number] = "R2A-SUBJ-004", _shared(people.persons, number, others, text, tables, place)
    out, rows = dict(identity), {}
    for source, codes in people.codes.items():
        at = np.flatnonzero(np.isin(codes, list(refused))) if refused else np.zeros(0, "int64")
        if not len(at):
            continue
        rows[source] = at
        _report(findings, tables[source], at, codes, refused, people.persons, study)
        usubjid = identity[source]["USUBJID"]
        kept = np.arange(len(usubjid))
        kept[at] = -1
        out[source] = {**identity[source], "USUBJID": col.compact(col.take(usubjid, kept))}
    _report_likeness(findings, people.persons, set(refused), tables, study)
    _report_zeros(findings, people.persons, set(refused), tables, study)
    return out, rows


def _people(tables: Mapping[str, RawTable], identity: Identity, study: StudySpec) -> People:
    people = People()
    widths = template_widths(study)
    for name, raw in tables.items():
        if not raw.present or "USUBJID" not in identity[name] or not len(raw):
            continue
        parts, by_template = identifiers(raw, study.sources[name], study)
        split = [col.split_text(c) for c in (*parts.values(), by_template, identity[name]["USUBJID"])]
        codes, size = col.combined([(c, len(texts)) for c, texts in split], len(raw))
        number = np.full(size, -1, dtype="int64")
        for at in col.first_positions(codes, size).tolist():
            *written, by_rule, usubjid = (str(texts[c[at]]) for c, texts in split)
            if usubjid:
                number[codes[at]] = len(people.persons)
                texts = [t and t.rjust(widths.get(n, 0), "0") for n, t in zip(parts, written, strict=True)]
                person = Person(
                    source=name,
                    names=tuple(parts),
                    written=tuple(written),
                    texts=tuple(texts),
                    usubjid=usubjid,
                    crossed=by_rule != usubjid,
                    row=at,
                )
                people.persons.append(person)
        people.codes[name] = number[codes]
    return people


def _sharing(persons: list[Person], numbers: list[int]) -> dict[int, list[int]]:
    """Person -> some others of another identity with the same text; none where a crosswalk says so of one of the two.

    One more than a message names, so that it can say that there are more.
    """
    found: dict[object, int] = {}
    for n in numbers:
        person = persons[n]
        found.setdefault((person.usubjid, None if person.crossed else person.key), n)
    if len(found) < 2:
        return {}
    out: dict[int, list[int]] = {}
    for n in numbers:
        others = itertools.islice((o for o in found.values() if _differ(persons[n], persons[o])), _MANY + 1)
        if differing := list(others):
            out[n] = differing
    return out


def _differ(one: Person, other: Person) -> bool:
    if one.usubjid != other.usubjid:  # the same only as the output format writes them
        return True
    return one.key != other.key and not one.crossed and not other.crossed


def _shared(
    persons: list[Person], number: int, others: list[int], text: str, tables: Mapping[str, RawTable], place: object
) -> str:
    mine, different = persons[number], [persons[o] for o in others]
    named = [_said(p, tables) for p in different[:_MANY]]
    more = " and more" if len(different) > _MANY else ""
    written = "" if all(p.usubjid == mine.usubjid for p in different) else " when it is written in ASCII"
    return (
        f"two people would be one subject: {_said(mine, tables)} and {'; '.join(named)}{more} all give USUBJID "
        f"{text}{written}. Change usubjid: at {place} so that they get different texts, as by a sign between the "
        "identifiers; if they are one person, declare it by crosswalk: or continues:; a column that does not identify "
        "anybody belongs to siteid:, not to columns:"
    )


def _said(person: Person, tables: Mapping[str, RawTable]) -> str:
    identifiers = ", ".join(f"{n} '{t}'" for n, t in zip(person.names, person.written, strict=True))
    raw = tables[person.source]
    return f"{identifiers} ({raw.file} row {int(raw.record[person.row])})"


def _report(
    findings: Findings,
    raw: RawTable,
    at: np.ndarray,
    codes: np.ndarray,
    refused: Mapping[int, tuple[str, str]],
    persons: list[Person],
    study: StudySpec,
) -> None:
    column = next(reversed(identifying_columns(study.sources[raw.name], study)), "")
    of_row = codes[at].tolist()
    for rule in ("R2A-SUBJ-004", "R2A-SUBJ-006"):
        here = np.array([refused[n][0] == rule for n in of_row], dtype=bool)
        if here.any():
            these = [n for n, h in zip(of_row, here.tolist(), strict=True) if h]
            findings.add(
                rule,
                np.array([refused[n][1] for n in these], dtype=object),
                value=np.array([persons[n].usubjid for n in these], dtype=object),
                source=raw.name,
                file=raw.file,
                row=raw.record[at[here]].astype("int64"),
                column=column,
            )


def _report_likeness(
    findings: Findings, persons: list[Person], refused: set[int], tables: Mapping[str, RawTable], study: StudySpec
) -> None:
    """Two USUBJIDs that look like one person, and one identity that two sources take for two subjects."""
    alike: dict[object, dict[str, Person]] = {}
    same: dict[object, dict[str, Person]] = {}
    for number, person in enumerate(persons):
        if number in refused:
            continue
        alike.setdefault(tuple(map(_bare, person.texts)), {}).setdefault(person.usubjid, person)
        same.setdefault(person.key, {}).setdefault(person.usubjid, person)
    split = {key for key, found in same.items() if len(found) > 1}
    told = (
        ("R2A-SUBJ-007", same, "one identity has two USUBJIDs"),
        ("R2A-SUBJ-005", alike, "two subjects differ by case, blanks or zeros in front only"),
    )
    for rule, groups, message in told:
        for found in groups.values():
            keys = {p.key for p in found.values()}
            if len(found) < 2 or (rule == "R2A-SUBJ-005" and (len(keys) < 2 or keys & split)):
                continue
            people = sorted(found.values(), key=lambda p: (p.usubjid, p.source, p.row))
            for person in people:
                others = "; ".join(f"{p.usubjid} of {_said(p, tables)}" for p in people if p is not person)
                text = f"{message}: {person.usubjid} of {_said(person, tables)}, and {others}"
                column = next(reversed(identifying_columns(study.sources[person.source], study)), "")
                _report_person(findings, rule, text, person, tables, column, person.usubjid)


def _report_zeros(
    findings: Findings, persons: list[Person], refused: set[int], tables: Mapping[str, RawTable], study: StudySpec
) -> None:
    """R2A-SUBJ-008: texts that differ, as 1 and 01, and that the zeros of the template make one subject.

    A warning at each text where one source has several: they may be two people. A note, once a subject, where sources
    differ, as where a spreadsheet lost the zeros.
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
                _report_spelling(findings, "warning", person, people, tables, study)
        if not any(len(people) == len(by_text) for people in several):
            people = list(by_text.values())
            shortest = min(people, key=lambda p: (sum(map(len, p.written)), p.written))
            _report_spelling(findings, "note", shortest, people, tables, study)


def _report_spelling(
    findings: Findings,
    severity: str,
    person: Person,
    people: list[Person],
    tables: Mapping[str, RawTable],
    study: StudySpec,
) -> None:
    """One text of a subject that ``people`` write in several ways, at the first identifier that differs."""
    others = [p for p in people if p is not person]
    at = next(i for i, text in enumerate(person.written) if any(p.written[i] != text for p in others))
    columns = identifying_columns(study.sources[person.source], study)
    message = (
        f"{_said(person, tables)} and {'; '.join(_said(p, tables) for p in others)} become one subject "
        f"{person.usubjid}, since usubjid: puts zeros in front"
    )
    column = columns[at] if len(columns) == len(person.written) else columns[0]
    _report_person(findings, "R2A-SUBJ-008", message, person, tables, column, person.written[at], severity=severity)


def _report_person(
    findings: Findings,
    rule: str,
    message: str,
    person: Person,
    tables: Mapping[str, RawTable],
    column: str,
    value: str,
    *,
    severity: str = "",
) -> None:
    """A finding at the first row of an identity."""
    raw = tables[person.source]
    findings.add(
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
    """An identifier without what people add or leave out: case, width of characters, blanks, zeros in front."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(folded.split()).lstrip("0")
