"""Examines all raw tables before records are built: every defect of a cell, row or identifier becomes a finding.

The build reads a text that means no value (a remark, a spreadsheet's error, a stand-in) as missing. The examination
changes nothing else. Not for the checks themselves: the other modules of this folder.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from ...engine.plan.plan import PlannedStudy
from ...engine.subjects.identity import identifying_columns
from ...engine.tables.table import stripped
from ...errors import SpecError, SpecProblem, nearest
from ...findings.table import Findings
from ...mappings.binding.bind import expression_place, key_place_of, place_of
from ...mappings.expressions.expression import Expression, ExpressionError, parse
from ...mappings.models.quality import QualitySpec
from ...mappings.models.source import SourceSpec
from ...sdtm.date_formats.advice import PARTLY_READ
from ...sdtm.raw_dates import format_groups
from ...sources.table import RawTable
from ..quality.expectations import regex_problem
from .dates import DateCheck, looks_like_dates
from .declared import RawDeclarations
from .identity import check_enrolled, check_forms, enrolled_subjects
from .kinds import Use, column_uses, raw_columns
from .numbers import check_decimal_marks, check_declared_marks, check_numbers
from .rows import check_empty, check_key, check_person, check_required, check_twins
from .rules import CheckedTable, RawColumn, RawReport
from .texts import check_codes, check_texts, remarks, site_codes

Identity = Mapping[str, Mapping[str, pd.Series]]
Conditions = dict[str, Expression | None]  # column -> condition, None for always
#: rules by which the build reports the cell of a date
REPORTED_BY_BUILD = frozenset({"R2A-DATE-001", "R2A-DATE-002", *(rule for rule, _ in PARTLY_READ.values())})


@dataclass
class Examined:
    """The result of the examination.

    ``void``: source -> column -> texts that are read as missing. ``dates``: the columns of dates with their reports.
    """

    void: dict[str, dict[str, frozenset[str]]] = field(default_factory=dict)
    dates: list[tuple[DateCheck, RawReport]] = field(default_factory=list)


def examine(
    plan: PlannedStudy,
    tables: Mapping[str, RawTable],
    identity: Identity,
    identifying: Mapping[str, tuple[str, ...]],
    today: datetime.date,
    findings: Findings,
) -> Examined:
    """Check every present raw table. ``identifying``: source -> its columns that identify the subject.

    Raises SpecError where a declaration names a column that the file does not have, or a pattern that RE2 refuses.
    """
    present = {n: t for n, t in tables.items() if t.present}
    conditions = _conditions(plan, present, identity)
    uses = column_uses(plan, present)
    enrolment, enrolled = enrolled_subjects(plan, identity)
    enrols = any(n in present for n in enrolment)  # a file of DM without rows enrols nobody, and is there
    others = {n: _cells(t, identity[n]) for n, t in present.items()}
    declarations = RawDeclarations(plan, present, identity)
    out, twins = Examined(), dict[str, str]()
    for name, table in present.items():
        source = plan.spec.sources[name]
        subjects = identity[name].get("USUBJID")
        report = RawReport(table, subjects, findings)
        columns = raw_columns(name, table, uses, identifying[name], declarations)
        by = (source.dates or plan.spec.dates).by
        groups = format_groups(by, others[name], others, plan.spec)
        checked = CheckedTable(
            table=table,
            source=source,
            cells=others[name],
            columns=columns,
            known=declarations.expression(name),
            report=report,
        )
        dates = _date_checks(plan, name, columns, uses, groups, today=today)
        _check_cells(checked, dates, declarations, plan.spec.quality, site=identity[name].get("SITEID"), groups=groups)
        out.dates += [(check, report) for check in dates.values()]
        if subjects is not None and enrols and name not in enrolment:
            check_enrolled(subjects, enrolled, ", ".join(enrolment), _subject_column(plan, name), report)
        check_key(checked)
        twins |= check_person(checked, _subject_column(plan, name))
        required, empty = conditions[name]
        check_required(checked, required)
        check_empty(checked, empty)
        void = {n: frozenset(c.void) for n, c in columns.items() if c.void}
        if void:
            out.void[name] = void
    for name in (n for n in enrolment if n in present and not plan.spec.sources[n].person):
        report = RawReport(present[name], identity[name].get("USUBJID"), findings)
        check_twins(identity[name], twins, _subject_column(plan, name), report)
    return out


def _date_checks(
    plan: PlannedStudy,
    name: str,
    columns: Mapping[str, RawColumn],
    uses: Mapping[tuple[str, str], Use],
    groups: pd.Series | None,
    *,
    today: datetime.date,
) -> dict[str, DateCheck]:
    """Column -> its check, for columns of dates. A column of texts that are nearly all dates becomes one of them."""
    spec = plan.spec.sources[name].dates or plan.spec.dates
    checks = {}
    for label, column in columns.items():
        if column.kind in ("date", "text"):
            use = uses.get((name, label), Use())
            check = DateCheck(column, spec, groups, next(iter(use.formats), ()), plan.spec.quality, today)
            check.timed = use.timed or "date" not in use.kinds
            if column.kind == "text" and looks_like_dates(check):
                column.kind = "date"
            if column.kind == "date":
                checks[label] = check
    return checks


def _check_cells(
    table: CheckedTable,
    dates: Mapping[str, DateCheck],
    declarations: RawDeclarations,
    quality: QualitySpec,
    *,
    site: pd.Series | None,
    groups: pd.Series | None,
) -> None:
    """The checks of single cells. ``groups``: per row who writes the dates and numbers, where formats depend on it."""
    source, report = table.source, table.report
    sites = site_codes(site)
    writers = site_codes(groups) if groups is not None else sites
    remark = remarks(list(table.columns.values()), quality)
    for (label, column), remark_here in zip(table.columns.items(), remark, strict=True):
        check_texts(column, quality, report, sites, remark_here)
        if label in source.codes:
            check_codes(column, source.codes[label], report)
        if column.kind == "identity":
            check_forms(column, report)
        elif column.kind == "date":
            dates[label].run(report)
        else:
            window, item = source.plausible.get(label), source.items.get(label)
            declared = declarations.numbers(column) if column.kind == "number" or window or item else None
            if column.kind == "number" or window or item:
                check_numbers(column, declared, quality, window, item, report)
            if declared is not None:
                check_declared_marks(declared, report)
            elif writers is not None:
                check_decimal_marks(column, writers, report)


def report_unreported_dates(examined: Examined, findings: Findings) -> None:
    """After the build: report date cells that cannot be read and that no rule of the build has reported."""
    records: dict[tuple[str, str], set[int]] = {}
    for source, column, row in findings.cells(REPORTED_BY_BUILD):
        records.setdefault((source, column), set()).add(row)
    for check, report in examined.dates:
        rows = records.get((report.table.name, check.column.name), set())
        reported = np.isin(report.table.record, np.fromiter(sorted(rows), "int64", len(rows)))
        check.report_unreported(reported, report, findings)


def _cells(table: RawTable, identity: Mapping[str, pd.Series]) -> dict[str, pd.Series]:
    """The columns by the names that rules use; an identity column replaces a raw column of the same name."""
    return {**{str(c): stripped(pd.Series(table.frame[c])) for c in table.frame.columns}, **identity}


def _subject_column(plan: PlannedStudy, name: str) -> str:
    return next(reversed(identifying_columns(plan.spec.sources[name], plan.spec)), "")


def _conditions(
    plan: PlannedStudy, tables: Mapping[str, RawTable], identity: Identity
) -> dict[str, tuple[Conditions, Conditions]]:
    """Per source the parsed conditions of required: and empty:, and every mistake of the declarations in one error."""
    problems: list[SpecProblem] = _pattern_problems(plan.spec.quality)
    out: dict[str, tuple[Conditions, Conditions]] = {}
    for name, table in tables.items():
        source = plan.spec.sources[name]
        known = {**dict.fromkeys(identity[name], "text"), **dict.fromkeys(map(str, table.frame.columns), "text")}
        for spec_field in ("key", "person", "required", "empty", "codes", "plausible", "items"):
            for column in getattr(source, spec_field):
                if column not in known:
                    listed = spec_field in ("key", "person")
                    place = place_of(source, spec_field) if listed else key_place_of(source, spec_field, column)
                    message = f"{table.file} has no column '{column}'"
                    problems.append(SpecProblem(place, message, hint=nearest(column, list(known))))
        out[name] = (
            {
                c: _condition(source, "required", c, t, known, problems)
                for c, t in source.required.items()
                if c in known
            },
            {c: _condition(source, "empty", c, t, known, problems) for c, t in source.empty.items() if c in known},
        )
    if problems:
        raise SpecError(problems)
    return out


def declaration_problems(plan: PlannedStudy, tables: Mapping[str, RawTable], identity: Identity) -> list[SpecProblem]:
    """The mistakes in the declarations of the sources that are present: columns, conditions and patterns."""
    try:
        _conditions(plan, tables, identity)
    except SpecError as error:
        return error.problems
    return []


def _condition(
    source: SourceSpec, key: str, column: str, text: str, known: Mapping[str, str], problems: list[SpecProblem]
) -> Expression | None:
    if not text.strip():
        return None
    try:
        expression = parse(text)
    except ExpressionError as error:
        place = expression_place(source, key, error.offset, column)
        problems.append(SpecProblem(place, error.message, hint=error.hint))
        return None
    for p in expression.check(known)[1]:
        if p.severity == "error":
            place = expression_place(source, key, p.offset, column)
            problems.append(SpecProblem(place, p.message, hint=p.hint))
    return expression


def _pattern_problems(quality: QualitySpec) -> list[SpecProblem]:
    return [
        SpecProblem(place_of(quality, "query_text", i), why, hint="RE2 has no look-around and no back-references")
        for i, pattern in enumerate(quality.query_text)
        if (why := regex_problem(pattern))
    ]
