"""Checks that a USUBJID is one person. A USUBJID that two people would share is removed from both.

An identity is the texts of the identifying columns of a row, with the zeros that the template of USUBJID puts in front.
Source of the rule: SDTMIG 3.4 section 3.2.1.1: USUBJID identifies a subject uniquely across all studies. A crosswalk
and ``continues:`` declare that one person had several identities, so identities that they join are not refused.

Not for deriving USUBJID (identity.py), for the messages (people_findings.py) nor for following enrolments
(engine/building/continuity.py).
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from ...findings.table import Findings
from ...mappings.binding.bind import place_of
from ...mappings.models.study import StudySpec
from ...sources.table import RawTable
from ..columns import column as col
from .identity import Identity, identifiers, template_widths
from .people_findings import NAMED, PeopleReport
from .person import Person

#: bytes of a text that XPT holds in one variable: a longer USUBJID would be cut, and could be that of another subject
MAX_USUBJID = 200


@dataclass
class People:
    """The persons of the rows of all sources. ``codes``: source -> position in ``persons`` of each row, -1 for none."""

    persons: list[Person] = field(default_factory=list)
    codes: dict[str, np.ndarray] = field(default_factory=dict)


def distinct_people(
    tables: Mapping[str, RawTable],
    identity: Identity,
    study: StudySpec,
    findings: Findings,
    plain: Callable[[str], str] = lambda text: text,
) -> tuple[Identity, dict[str, np.ndarray]]:
    """The identity of every source, without USUBJID where two people would share it; and these rows by source.

    ``plain``: a text as the output format writes it; two texts may become one. Findings, one per row: R2A-SUBJ-004
    (two identities, one USUBJID), 006 (longer than XPT holds); one per identity: 005 (two USUBJIDs that differ by case,
    blanks or zeros only), 007 (one identity, two USUBJIDs), 008 (one identity, in texts that differ by zeros).
    """
    people, report = _people(tables, identity, study), PeopleReport(findings, tables, study)
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
            refused[number] = (
                "R2A-SUBJ-004",
                report.shared(people.persons[number], [people.persons[o] for o in others], text, place),
            )
    out, rows = dict(identity), {}
    for source, codes in people.codes.items():
        at = np.flatnonzero(np.isin(codes, list(refused))) if refused else np.zeros(0, "int64")
        if not len(at):
            continue
        rows[source] = at
        report.refused_rows(tables[source], at, codes, refused, people.persons)
        usubjid = identity[source]["USUBJID"]
        rows_of = np.arange(len(usubjid))
        rows_of[at] = -1
        out[source] = {**identity[source], "USUBJID": col.compact(col.take(usubjid, rows_of))}
    report.likeness(people.persons, set(refused))
    report.zeros(people.persons, set(refused))
    return out, rows


def _people(tables: Mapping[str, RawTable], identity: Identity, study: StudySpec) -> People:
    people = People()
    widths = template_widths(study)
    for name, raw in tables.items():
        if not raw.present or "USUBJID" not in identity[name] or not len(raw):
            continue
        of_rows = identity[name]["USUBJID"]
        parts, by_template = identifiers(raw, study.sources[name], study, of_rows)
        split = [col.split_text(c) for c in (*parts.values(), by_template, of_rows)]
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
    """Person -> some others of another identity with the same text; none if a crosswalk declares it for one of them.

    One more than a message names, so that the message can state that there are more.
    """
    found: dict[object, int] = {}
    for n in numbers:
        person = persons[n]
        found.setdefault((person.usubjid, None if person.crossed else person.key), n)
    if len(found) < 2:
        return {}
    out: dict[int, list[int]] = {}
    for n in numbers:
        others = itertools.islice((o for o in found.values() if _differ(persons[n], persons[o])), NAMED + 1)
        if differing := list(others):
            out[n] = differing
    return out


def _differ(one: Person, other: Person) -> bool:
    if one.usubjid != other.usubjid:  # equal only as the output format writes them
        return True
    return one.key != other.key and not one.crossed and not other.crossed
