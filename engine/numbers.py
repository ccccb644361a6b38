"""Number texts of whole columns, each read once by the marks declared for its source, column and country.

Not for reading one text (number_text.py) nor for units (sdtm/units.py). Findings: R2A-NUM-002 for full-width
characters, R2A-NUM-004 for a number declared to stand for no value.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ..mappings.measurement_model import NumbersSpec, NumberStyle
from ..mappings.rule import Rule
from . import columns as col
from .number_text import NumberText, read_number, with_point
from .rows import BASE
from .settings import selector, selector_of
from .tables import RawSlice, Table

if TYPE_CHECKING:
    from .environment import Environment

#: results and limits as collected, behind the prefix of the domain
ORIGINAL_RESULTS = frozenset({"ORRES", "ORNRLO", "ORNRHI"})


@dataclass(frozen=True)
class NumberColumn:
    """A text column read as numbers. ``codes``: per record the position in ``texts`` and ``readings``.

    ``absent``: per text, whether it is a number declared to stand for no value (its reading has none then).
    ``styles``: per text, the marks that it was read by.
    """

    codes: np.ndarray
    texts: tuple[str, ...]
    readings: tuple[NumberText, ...]
    absent: np.ndarray
    styles: tuple[NumberStyle, ...] = ()


def read_numbers(
    env: Environment, values: pd.Series, name: str, picked: tuple[Table, np.ndarray, str] | None = None
) -> NumberColumn:
    """``values``, texts of the column ``name`` of the records, as numbers.

    ``picked``: the table, rows and column there that the values were taken from, where they are not the records' own.
    """
    if picked is None:
        values, name = _as_collected(env, values, name)
    spec, column = numbers_of(env, name, picked)
    codes, texts = col.split_text(values)
    if spec is None:
        spec = NumbersSpec()
    if spec.by and column not in spec.columns:
        groups = selector_of(env, spec.by, *picked[:2]) if picked else selector(env, spec.by)
        group_codes, group_texts = col.split_text(groups)
        pairs, codes = np.unique(group_codes.astype("int64") * len(texts) + codes, return_inverse=True)
        keys = [(str(group_texts[p // len(texts)]), str(texts[p % len(texts)])) for p in pairs.tolist()]
    else:
        keys = [("", str(t)) for t in texts]
    styles = {g: spec.style(column, g) for g, _ in keys}
    none = {read_number(t).value for t in spec.missing_numbers.get(column, ())} - {None}
    readings = [read_number(t, styles[g].decimal, styles[g].thousands) for g, t in keys]
    absent = np.array([not r.sign and r.value is not None and r.value in none for r in readings], dtype=bool)
    readings = [NumberText(None) if gone else r for r, gone in zip(readings, absent, strict=True)]
    return NumberColumn(codes, tuple(t for _, t in keys), tuple(readings), absent, tuple(styles[g] for g, _ in keys))


def written_with_point(variable: str, rule: Rule | None) -> bool:
    """Whether a rule makes an original result whose numbers are written with a point, whatever the source writes."""
    usual = rule is not None and rule.verb == "from" and not getattr(rule, "verbatim", True)
    return usual and variable[2:] in ORIGINAL_RESULTS and len(getattr(rule, "columns", ())) == 1


def with_points(env: Environment, values: pd.Series, rule: Rule) -> pd.Series:
    """Original results as every reader of SDTM reads numbers; the raw text stays in the lineage."""
    column = read_numbers(env, values, next(n for _, n in rule.reads()))
    given = set(getattr(rule, "map", {}).values())
    out = [
        text if reading.value is None or text in given else with_point(text, style.decimal, style.thousands)
        for text, reading, style in zip(column.texts, column.readings, column.styles, strict=True)
    ]
    return col.join_text(column.codes, out)


def _as_collected(env: Environment, values: pd.Series, name: str) -> tuple[pd.Series, str]:
    """(texts, their column): those of the raw cells where the variable ``name`` has them written with a point.

    A text of a comma site that is no number there, as 1.5, stays as it is, and must not be read as one later.
    """
    own = name.removeprefix(f"{env.dataset}.")
    planned = env.build.planned.every.get(own) if env.rows.find(name, joined=False) is None else None
    rule = planned.rule_in(env.block) if planned is not None and env.block is not None else None
    if rule is None or not written_with_point(own, rule):
        return values, name
    raw = next(n for _, n in rule.reads())
    if env.rows.find(raw) is None:
        return values, name
    codes, texts = col.split_text(values)
    cells, written = col.split_text(col.as_text(env.column(raw)))
    pairs, inverse = np.unique(codes.astype("int64") * len(written) + cells, return_inverse=True)
    given = {"", *getattr(rule, "map", {}).values()}
    out = []
    for pair in pairs.tolist():
        text = str(texts[pair // len(written)])
        out.append(text if text in given else str(written[pair % len(written)]))
    return col.join_text(inverse, out), raw


def report_readings(env: Environment, column: NumberColumn, name: str) -> None:
    """Findings about how texts were read."""
    widened = np.array([r.widened and r.value is not None for r in column.readings], dtype=bool)
    if widened.any():
        message = np.array([f"full-width characters, read as {r.plain}" for r in column.readings], dtype=object)
        env.report("R2A-NUM-002", "note", widened[column.codes], message[column.codes], name)
    if column.absent.any():
        env.report(
            "R2A-NUM-004",
            "warning",
            column.absent[column.codes],
            "a number that stands for no value, by missing_numbers:; left missing",
            name,
        )


def numeric_values(
    env: Environment, values: pd.Series, name: str, picked: tuple[Table, np.ndarray, str] | None, plain: frozenset[str]
) -> tuple[np.ndarray, np.ndarray]:
    """(numbers, where a filled text is no number) of texts for a numeric variable.

    ``plain``: texts that the spec itself gives, which are plain decimals whatever the source's marks are.
    """
    column = read_numbers(env, values, name, picked)
    numbers = np.full(len(column.texts), np.nan)
    bad = np.zeros(len(column.texts), dtype=bool)
    for i, (text, reading) in enumerate(zip(column.texts, column.readings, strict=True)):
        given = read_number(text) if text in plain else reading
        if given.value is not None and not given.sign:
            numbers[i] = float(given.value)
            bad[i] = not np.isfinite(numbers[i])
        else:
            bad[i] = bool(text.strip()) and not column.absent[i]
    if picked is None:
        report_readings(env, column, name)
    return np.where(bad, np.nan, numbers)[column.codes], bad[column.codes]


def numbers_of(
    env: Environment, name: str, picked: tuple[Table, np.ndarray, str] | None = None
) -> tuple[NumbersSpec | None, str]:
    """How the numbers of a column are written, and the column's name in its source; None for no raw source."""
    if picked is not None:
        table, _, column = picked
    else:
        table, column = source_column(env, name)
    if not isinstance(table, RawSlice):
        return None, column
    source = env.study.file.sources[table.name]
    return source.numbers or env.study.file.numbers, column


def source_column(env: Environment, name: str, deepest: int = 5) -> tuple[Table | None, str]:
    """The table and column that a name comes from: through variables that stand for one column alone.

    A column made for the block, such as an unpivoted result, is of the block's own source.
    """
    found = env.rows.find(name, joined=False)
    own = name.removeprefix(f"{env.dataset}.")
    if found is None and own in env.build.planned.every and env.block is not None:
        rule = env.build.planned.every[own].rule_in(env.block)
        reads = list(dict.fromkeys(n for _, n in rule.reads())) if rule is not None else []
        if len(reads) == 1 and deepest:
            return source_column(env, reads[0], deepest - 1)
        return env.rows.nodes[BASE][0] if BASE in env.rows.nodes else None, name
    found = found or env.rows.find(name)
    node = (found[0] or BASE) if found else BASE
    table = env.rows.nodes[node][0] if node in env.rows.nodes else None
    return table, found[1] if found else name
