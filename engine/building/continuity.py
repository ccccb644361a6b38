"""Subjects who were enrolled again, at another site or after re-screening: all their rows get the first USUBJID.

The enrolment source has the earlier identifiers that a row continues. A link that cannot be right (a circle, a subject
continued twice, one that does not exist) is reported and not followed: two persons never get one USUBJID. Source of the
rule: SDTMIG 3.4 section 5.2 (DM): USUBJID is one per person, SITEID and SUBJID those of the primary enrolment.

Not for the identifiers of one row (engine/subjects/identity.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from ...errors import SpecError, SpecProblem, nearest
from ...findings.table import Findings
from ...mappings.binding.bind import expression_place, place_of
from ...mappings.expressions.expression import ExpressionError, parse
from ...mappings.models.study import ContinuesSpec, StudySpec
from ...sources.table import RawTable
from ..columns import column as col
from ..columns import verbs
from ..derivations.column_kinds import declared_kinds
from ..expressions import kernels
from ..expressions.cells import KnownCells
from ..expressions.truth import TRUE
from ..expressions.unread_cells import FINDING_OF_KIND, unreadable_message
from ..readers.cell_readers import Declarations
from ..subjects.identity import identifying_columns, previous_subject
from ..tables.raw_cells import RawCells
from ..tables.table import RawSlice, Table, stripped

Identity = dict[str, dict[str, pd.Series]]


def continuity_problems(study: StudySpec, headers: Mapping[str, list[str]] | None = None) -> list[SpecProblem]:
    """The mistakes of ``subject: continues:``. ``headers``: source -> its columns, to check the names of columns."""
    spec = study.subject.continues
    if spec is None:
        return []
    source = study.sources.get(spec.source)
    if source is None:
        hint = nearest(spec.source, list(study.sources))
        return [_problem(spec, "source", f"there is no source '{spec.source}'", hint)]
    wanted = identifying_columns(source, study) if source.subject != "none" else ()
    if len(wanted) != len(spec.columns):
        columns = f"{len(wanted)} identifying columns ({', '.join(wanted)})" if wanted else "no subject"
        return [_problem(spec, "columns", f"{spec.source} has {columns}, but columns: names {len(spec.columns)}")]
    found: list[SpecProblem] = []
    names = list(spec.columns)
    if spec.primary is not None:
        try:
            names += list(parse(spec.primary).names)
        except ExpressionError as error:
            place = expression_place(spec, "primary", error.offset)
            found.append(SpecProblem(place, error.message, hint=error.hint))
    header = (headers or {}).get(spec.source)
    for name in names:
        if header is not None and name not in header:
            field = "columns" if name in spec.columns else "primary"
            found.append(_problem(spec, field, f"{spec.source} has no column '{name}'", nearest(name, header)))
    return found


@dataclass(frozen=True, kw_only=True)
class Continued:
    """Identities after enrolments were joined.

    ``identity``: source -> its identity columns, with the USUBJID that each chain of enrolments began with.
    ``enrolled``: source -> the USUBJID that each row had before; empty where no enrolment continues another.
    ``previous``: for each row of the source of enrolments the USUBJID that its enrolment continues, '' for none.
    """

    identity: Identity
    enrolled: Mapping[str, pd.Series] = field(default_factory=dict)
    previous: pd.Series | None = None


def continue_subjects(
    tables: Mapping[str, RawTable], identity: Identity, study: StudySpec, root: Path, findings: Findings
) -> Continued:
    """The identity of every source with the USUBJID that each chain of enrolments began with.

    Raises SpecError when a column is not in the enrolment file. Findings R2A-CONT-001 to R2A-CONT-007 name file and
    row of the enrolment.
    """
    spec = study.subject.continues
    if spec is None or not tables[spec.source].present:
        return Continued(identity=identity)
    raw = tables[spec.source]
    wrong = continuity_problems(study, {spec.source: [str(c) for c in raw.frame.columns]})
    if wrong:
        raise SpecError(wrong)
    ahead, previous = _links(spec, raw, identity[spec.source]["USUBJID"], study, root, findings)
    links = {name: _first(name, ahead) for name in ahead}
    enrolled: dict[str, pd.Series] = {}
    if links:
        enrolled = {name: parts["USUBJID"] for name, parts in identity.items() if "USUBJID" in parts}
        identity = {
            name: {**parts, "USUBJID": col.map_text(parts["USUBJID"], lambda t: links.get(t, t))}
            if "USUBJID" in parts
            else parts
            for name, parts in identity.items()
        }
    if spec.primary is not None:
        others = {name: RawSlice(table, {}) for name, table in tables.items()}
        _check_primary(spec.primary, raw, identity[spec.source]["USUBJID"], study, others, findings)
    return Continued(identity=identity, enrolled=enrolled, previous=previous if links else None)


def _links(
    spec: ContinuesSpec, raw: RawTable, subject: pd.Series, study: StudySpec, root: Path, findings: Findings
) -> tuple[dict[str, str], pd.Series]:
    """(USUBJID of each continuing enrolment -> the USUBJID that it continues, the latter of each row or '')."""
    previous = previous_subject(raw, study.sources[spec.source], study, root, findings, spec.columns)
    new, old = col.objects(subject), col.objects(previous)
    entered = np.zeros(len(raw), dtype=bool)
    for name in spec.columns:
        entered |= ~col.missing(raw.frame[name])
    rows = np.flatnonzero(entered & (new != ""))
    known = set(col.split_text(subject)[1])
    pairs: dict[tuple[str, str], list[int]] = {}  # only enrolments with a previous one: few
    for at in rows.tolist():
        pairs.setdefault((new[at], old[at]), []).append(at)

    def refuse(number: int, message: str, wrong: list[tuple[str, str]]) -> None:
        at = np.array(sorted(r for pair in wrong for r in pairs.pop(pair)), dtype="int64")
        findings.add(
            f"R2A-CONT-{number:03}",
            message,
            subject=new[at],
            value=old[at],
            source=raw.name,
            file=raw.file,
            row=raw.record[at],
            column=spec.columns[-1],
        )

    refuse(1, "the previous identifiers are incomplete: the enrolment continues nobody", [p for p in pairs if not p[1]])
    refuse(2, "the previous identifiers are those of this enrolment", [p for p in pairs if p[0] == p[1]])
    refuse(
        3,
        f"{raw.file} has no enrolment of the previous subject: this enrolment is a new subject",
        [p for p in pairs if p[1] not in known],
    )
    several = _several(pairs)
    refuse(4, "the subject continues several others: none of them was joined", [p for p in pairs if p[0] in several])
    several = _several((before, after) for after, before in pairs)
    refuse(
        5,
        "the previous subject is continued by several enrolments: none of them was joined",
        [p for p in pairs if p[1] in several],
    )
    ahead = dict(list(pairs))
    circles = {name for name in ahead if _returns(name, ahead)}
    refuse(6, "the enrolments continue each other in a circle: none was joined", [p for p in pairs if p[0] in circles])
    continues = np.full(len(raw), "", dtype=object)
    for (_, before), rows_of_pair in pairs.items():
        continues[rows_of_pair] = before
    return dict(list(pairs)), col.text_column(continues)


def _several(pairs: Iterable[tuple[str, str]]) -> set[str]:
    """The first members of pairs that have more than one second member."""
    seen: dict[str, str] = {}
    return {a for a, b in pairs if seen.setdefault(a, b) != b}


def _returns(name: str, ahead: Mapping[str, str]) -> bool:
    """Whether a chain of enrolments leads back to its start."""
    at = ahead[name]
    for _ in range(len(ahead)):
        if at == name:
            return True
        if at not in ahead:
            return False
        at = ahead[at]
    return False


def _first(name: str, ahead: Mapping[str, str]) -> str:
    """The enrolment with which a chain began."""
    while name in ahead:
        name = ahead[name]
    return name


def _check_primary(
    condition: str,
    raw: RawTable,
    subject: pd.Series,
    study: StudySpec,
    others: Mapping[str, Table],
    findings: Findings,
) -> None:
    """Exactly one enrolment of each subject is the primary one, the source of its SITEID and SUBJID.

    Cells are read by their declarations. ``others``: all sources; their cells may select among declarations.
    """
    cells = RawSlice(raw, {})
    known = KnownCells(
        lambda name: RawCells.of(cells, name, None, len(raw)),
        Declarations(study, {**others, raw.name: cells}),
        declared_kinds(study),
    )
    found = kernels.evaluate(parse(condition), lambda name: stripped(raw.frame[name]), len(raw), "condition", known)
    primary = found.truth == TRUE
    for part in (*found.unreadable(), *found.shortened()):
        at = np.flatnonzero(part.rows)
        findings.add(
            FINDING_OF_KIND[part.kind],
            unreadable_message(part),
            subject=col.objects(subject)[at],
            value=part.texts,
            source=raw.name,
            file=raw.file,
            row=raw.record[at],
            column=part.name,
        )
    counted = ~col.missing(subject)
    if study.sources[raw.name].duplicates == "merge" and len(raw):
        counted &= verbs.same_as_earlier([raw.frame[c] for c in raw.frame.columns]) == np.arange(len(raw))
    codes, texts = col.split_text(subject)
    chosen = np.bincount(codes[counted & primary], minlength=len(texts))
    first = col.first_positions(codes[counted], len(texts)) if counted.any() else np.full(len(texts), -1)
    none = np.flatnonzero(counted)[first[(chosen == 0) & (first >= 0)]]
    many = np.flatnonzero(counted & primary & (chosen[codes] > 1)) if len(texts) else none[:0]
    for at, message in (
        (np.sort(none), f"no enrolment of the subject is the primary one ({condition})"),
        (many, f"several enrolments of the subject are the primary one ({condition})"),
    ):
        findings.add(
            "R2A-CONT-007",
            message,
            subject=col.objects(subject)[at],
            source=raw.name,
            file=raw.file,
            row=raw.record[at],
        )


def _problem(spec: ContinuesSpec, field: str, message: str, hint: str = "") -> SpecProblem:
    return SpecProblem(place_of(spec, field), f"subject: continues: {message}", hint=hint)
