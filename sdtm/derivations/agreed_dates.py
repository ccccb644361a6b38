"""One date that several forms report: the most precise of those that agree, and a finding where they differ.

Not for reading dates (dates.py) nor for imputing their missing parts (adam/dates/imputation.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

import numpy as np
from pydantic import Field

from ...engine.columns import column as col
from ...engine.columns.iso_dates import period
from ...engine.derivations.derivation import Derivation, Derived
from ...engine.derivations.environment import Environment
from ...engine.expressions.sentence import condition_sentence
from ...mappings.models.derivation import Example, register
from ...mappings.models.wording import AS_WRITTEN, Wording

NONE, AGREE, CONFLICT = range(3)


@register
class AgreedDate(Derivation):
    """The date of one event that several columns have, as the death that two forms report.

    The first filled one counts, unless a later one agrees with it and is more precise: of 2024-01 and 2024-01-21 the
    second. Both cases are findings, and so is a date that does not agree: 2024-01 and 2024-02-03. Two dates agree where
    every possible day of the one is a possible day of the other.
    """

    verb: ClassVar[str] = "agreed_date"
    example = Example(
        rule="{agreed_date: [RFENDTC, RFPENDTC]}",
        rows={
            "SUBJ": ["01", "02", "03", "04", "05"],
            "FORM": ["2024-01", "2024-01-21", "", "2024-01", "2024-01-20"],
            "OTHER": ["2024-01-21", "2024", "2024-03-02", "2024-02-03", "2024-01-20T10:30"],
        },
        gives=["2024-01-21", "2024-01-21", "2024-03-02", "2024-01", "2024-01-20T10:30"],
        dataset="DM",
        variable="DTHDTC",
        setting="RFENDTC: {date: FORM}\n"
        "RFPENDTC: {date: OTHER, formats: [yyyy-mm-ddThh:mi, yyyy-mm-dd, yyyy-mm, yyyy]}",
    )

    agreed_date: tuple[str, ...] = Field(
        description="Columns or variables with the date in ISO 8601; the first filled one counts first."
    )
    report: bool = Field(
        default=True, description="false: differences are no findings, since another variable reports them."
    )

    def reads(self) -> Iterator[tuple[str, str]]:
        for name in self.agreed_date:
            yield "agreed_date", name

    def problems(self) -> Iterator[tuple[str, str]]:
        if len(self.agreed_date) < 2:
            yield "agreed_date", "agreed_date: is a list of two or more dates"

    def describe(self, target: str, words: Wording = AS_WRITTEN) -> str:
        names = words.names(self.agreed_date)
        return (
            f"{target} is the first of {names} that is not missing, or one that agrees with it and is more precise"
            f"{condition_sentence(self.when, words)}."
        )

    def derive(self, env: Environment) -> Derived:
        columns = [col.split_text(col.as_text(env.column(name, "agreed_date"))) for name in self.agreed_date]
        codes, size = col.combined([(c, len(texts)) for c, texts in columns], env.n)
        first = col.first_positions(codes, size)
        rows = zip(*(texts[c[first]].tolist() for c, texts in columns), strict=True)
        found = [agreed(row) for row in rows]
        if self.report:
            self._report(env, codes, found)
        return Derived(col.join_text(codes, [text for text, _ in found]))

    def _report(self, env: Environment, codes: np.ndarray, found: list[tuple[str, list[tuple[int, int, str]]]]) -> None:
        """A finding at the cell of every date that a more precise one replaces, or that another one contradicts."""
        for at, name in enumerate(self.agreed_date):
            for kind, rule in ((AGREE, "R2A-DATE-005"), (CONFLICT, "R2A-DATE-006")):
                texts = ["; ".join(m for i, k, m in reports if i == at and k == kind) for _, reports in found]
                here = np.array([bool(m) for m in texts], dtype=bool)[codes]
                if here.any():
                    message = np.array(texts, dtype=object)[codes]
                    env.report(rule, here, message, _cell(env, name), col.objects(env.column(name)))


def agreed(dates: tuple[str, ...]) -> tuple[str, list[tuple[int, int, str]]]:
    """(the date that counts, the reports: (position, AGREE or CONFLICT, message)) of dates in ISO 8601."""
    filled = [(i, d) for i, d in enumerate(dates) if d]
    if not filled:
        return "", []
    best_at, best = filled[0]
    reports = []
    for i, date in filled[1:]:
        kind, more = _compare(best, date)
        if kind == CONFLICT:
            reports.append((i, CONFLICT, f"{date} here and {best} elsewhere are dates of one event; {best} counts"))
        elif kind == AGREE and more:
            reports.append((best_at, AGREE, f"{best} here and {date} elsewhere are dates of one event; {date} counts"))
            best_at, best = i, date
        elif kind == AGREE:
            reports.append((i, AGREE, f"{date} here and {best} elsewhere are dates of one event; {best} counts"))
    return best, reports


def _compare(first: str, second: str) -> tuple[int, bool]:
    """(NONE for one text, AGREE or CONFLICT, whether the second date is more precise)."""
    if first == second:
        return NONE, False
    (a, b), (c, d) = period(first[:10]), period(second[:10])
    inside, outside = c >= a and d <= b, a >= c and b <= d
    if not (inside or outside):  # also where one of them is no date
        return CONFLICT, False
    if inside and outside:  # the same days: their times decide
        clock, other = first[11:], second[11:]
        if clock and other and not (clock.startswith(other) or other.startswith(clock)):
            return CONFLICT, False
        return AGREE, len(other) > len(clock)
    return AGREE, inside


def _cell(env: Environment, name: str) -> str:
    """The raw column of a further column or variable of the block; ``name`` where it reads several."""
    if env.block is None:
        return name
    planned = env.build.planned.every.get(name.removeprefix(f"{env.dataset}."))
    rule = env.build.blocks[env.block].columns.get(name) or (planned.rule_in(env.block) if planned else None)
    reads = list(dict.fromkeys(n for _, n in rule.reads())) if rule is not None else []
    return reads[0] if len(reads) == 1 and env.rows.find(reads[0]) is not None else name
