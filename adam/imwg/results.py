"""Results that the IMWG algorithm reads: the records of SDTM with their unit, day and visit.

A result in a unit that no declared factor converts, outside the plausible values, without a complete date, or with a
text that the spec does not name is not evaluable and is reported. Not for grouping results (evaluations.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
import pandas as pd
from pydantic import Field

from ...engine.columns import column as col
from ...engine.columns import verbs
from ...engine.columns.iso_dates import days_of_text
from ...engine.columns.number_text import read_number
from ...engine.derivations.environment import Environment
from ...engine.tables.rows import Rows
from ...engine.tables.table import Table
from ...errors import nearest
from ...mappings.binding.bind import SpecModel
from ...mappings.models.derivation import Condition
from ...mappings.models.record_step import StepRead
from ...mappings.models.response_criteria import Analyte

TEXTS = ("serum_ife", "urine_ife", "clonal", "lesion_state")
#: inputs of which a record counts, not a value in it
LISTS = ("plasmacytoma", "new_lesion")
#: inputs whose records are of a lesion
OF_LESIONS = ("diameter", "perpendicular", "lesion_state", *LISTS)


def needed_columns(table: str, key: str) -> dict[str, str]:
    """Field of an input -> the usual column that the test ``key`` needs, where the spec names none."""
    prefix = table[:2]
    value = f"{prefix}{'STRESC' if key in (*TEXTS, *LISTS) else 'STRESN'}"
    lesion = {"lesion": f"{prefix}LNKID"} if key in OF_LESIONS else {}
    return {"value": value, "date": f"{prefix}DTC", **lesion}


class ResultInput(SpecModel):
    """The dataset and columns of the results of one test. By default the columns are LBSTRESN, LBDTC, VISIT."""

    from_: str = Field(alias="from", description="Dataset.")
    where: Condition | None = Field(default=None, description="Its records of this test.")
    value: str | None = Field(default=None, description="Result; --STRESN, or --STRESC of a result that is a text.")
    text: str | None = Field(default=None, description="Result as text, for <0.1; by default --STRESC.")
    unit: str | None = Field(default=None, description="Unit of the result; by default --STRESU.")
    date: str | None = Field(default=None, description="Date; by default --DTC. Never imputed.")
    visit: str | None = Field(default=None, description="Visit; by default VISIT, with VISITNUM where there is one.")
    sequence: str | None = Field(default=None, description="Number for SRCSEQ; by default --SEQ.")
    lesion: str | None = Field(default=None, description="Lesion; by default --LNKID.")
    prefer: Condition | None = Field(
        default=None, description="Records that win over others of the same evaluation: corrected for the drug."
    )
    negative: tuple[str, ...] = Field(default=(), description="Texts that mean: not found, or disappeared.")
    positive: tuple[str, ...] = Field(default=(), description="Texts that mean: found, present.")
    drug_band: tuple[str, ...] = Field(default=(), description="Positive texts that the drug itself may cause.")

    def parts(self, key: str) -> Iterator[StepRead]:
        """What the test ``key`` reads of its dataset: the columns that the spec names, and those that it needs."""
        yield StepRead(self, "from_", "USUBJID", self.from_, condition=False)
        for named, text in (("where", self.where), ("prefer", self.prefer)):
            if text is not None:
                yield StepRead(self, named, text, self.from_)
        defaults = needed_columns(self.from_, key)
        for named in ("value", "text", "unit", "date", "visit", "sequence", "lesion"):
            name = getattr(self, named)
            if name is not None:
                yield StepRead(self, named, name, self.from_, condition=False)
            elif named in defaults:
                yield StepRead(self, "from_", defaults[named], self.from_, condition=False)


class ImwgInputs(SpecModel):
    """The tests. A study leaves out a test that it does not have: the test decides nothing."""

    serum: ResultInput | None = Field(default=None, description="M-protein in serum.")
    urine: ResultInput | None = Field(default=None, description="M-protein in urine of 24 hours.")
    kappa: ResultInput | None = Field(default=None, description="Free kappa chains.")
    lambda_: ResultInput | None = Field(default=None, alias="lambda", description="Free lambda chains.")
    ratio: ResultInput | None = Field(default=None, description="Kappa/lambda ratio; else it is computed.")
    serum_ife: ResultInput | None = Field(default=None, description="Immunofixation of serum.")
    urine_ife: ResultInput | None = Field(default=None, description="Immunofixation of urine.")
    marrow: ResultInput | None = Field(default=None, description="Plasma cells in marrow.")
    clonal: ResultInput | None = Field(default=None, description="Whether clonal plasma cells were found.")
    diameter: ResultInput | None = Field(default=None, description="Longest diameter of lesions.")
    perpendicular: ResultInput | None = Field(default=None, description="Diameter across the longest one.")
    lesion_state: ResultInput | None = Field(default=None, description="Whether a lesion is there.")
    plasmacytoma: ResultInput | None = Field(
        default=None, description="Lesions that are soft-tissue plasmacytomas; without it all lesions are."
    )
    new_lesion: ResultInput | None = Field(default=None, description="Lesions that are new.")
    blood: ResultInput | None = Field(default=None, description="Circulating plasma cells.")
    calcium: ResultInput | None = Field(
        default=None, description="Calcium; already corrected, unless the spec has albumin."
    )
    albumin: ResultInput | None = Field(default=None, description="Albumin that corrects the calcium.")

    def declared(self) -> dict[str, ResultInput]:
        """The tests that the study has, by their key in the spec."""
        found = {name.rstrip("_"): getattr(self, name) for name in type(self).model_fields}
        return {name: model for name, model in found.items() if model is not None}


@dataclass(frozen=True)
class Results:
    """Usable results of one test. One element per result, in the order of the table.

    ``at``: position in ``table``; ``subject``: position among the subjects; ``value``: a number in the analysis unit,
    or 1 for found and 0 for not found; ``below``: under the limit of quantification, which is the value.
    """

    table: Table | None = None
    column: str = ""  # SRCVAR
    date: str = ""
    number_column: str = ""  # SRCSEQ
    at: np.ndarray = field(default_factory=lambda: np.zeros(0, "int64"))
    subject: np.ndarray = field(default_factory=lambda: np.zeros(0, "int64"))
    day: np.ndarray = field(default_factory=lambda: np.zeros(0))
    value: np.ndarray = field(default_factory=lambda: np.zeros(0))
    sequence: np.ndarray = field(default_factory=lambda: np.zeros(0))
    below: np.ndarray = field(default_factory=lambda: np.zeros(0, bool))
    preferred: np.ndarray = field(default_factory=lambda: np.zeros(0, bool))
    band: np.ndarray = field(default_factory=lambda: np.zeros(0, bool))
    visit: pd.Series = field(default_factory=lambda: col.constant("", 0))
    number: np.ndarray = field(default_factory=lambda: np.zeros(0))  # VISITNUM; NaN without
    lesion: pd.Series = field(default_factory=lambda: col.constant("", 0))
    several: Literal["last", "highest"] = "last"

    def take(self, at: np.ndarray) -> Results:
        """These results only (positions or a mask)."""
        at = np.flatnonzero(at) if at.dtype == bool else at
        arrays = {n: getattr(self, n)[at] for n in ARRAYS}
        return replace(self, **arrays, visit=col.take(self.visit, at), lesion=col.take(self.lesion, at))

    @property
    def n(self) -> int:
        return len(self.at)


ARRAYS = ("at", "subject", "day", "value", "sequence", "below", "preferred", "band", "number")


def read_results(
    env: Environment,
    key: str,
    spec: ResultInput,
    analyte: Analyte | None,
    subject: pd.Series,
    below_limit: Literal["limit", "zero"],
) -> Results:
    """The usable results of one test for these subjects. SpecError at the line of an unknown name."""
    here = Environment(env.build, env.rows, env.block, env.variable, spec)
    if not env.build.study.has_table(spec.from_):
        raise here.error(f"there is no dataset '{spec.from_}'", "from_", nearest(spec.from_, [*env.study.datasets]))
    table = env.table(spec.from_)
    if table.absent:
        return Results(table)
    if table.n == 0:  # of this partition: the lineage names the same columns in every one
        names = _Names(here, table, spec, key)
        return Results(table, names.value, names.date, names.sequence)
    wanted = np.ones(table.n, bool) if spec.where is None else here.condition_on(table, spec.where, "where")
    owner = verbs.match_rows([table.column("USUBJID")], [subject]).right
    at = np.flatnonzero(wanted & (owner >= 0))
    names = _Names(here, table, spec, key)
    records = Environment(env.build, Rows.of(table).take(at), env.block, None, spec)
    value, below, band, usable = _values(records, names, analyte, at, below_limit)
    # TRLNKID and --DTC are text, VISITNUM a number; a column that the table does not have stays missing
    day = days_of_text(col.take(table.column(names.date), at))
    undated = usable & np.isnan(day)
    records.report("R2A-IMWG-002", undated, f"{key}: a result without a complete date is not used", names.date)
    use = usable & ~np.isnan(day)
    prefer = np.zeros(table.n, bool) if spec.prefer is None else here.condition_on(table, spec.prefer, "prefer")

    def texts(column: str) -> pd.Series:
        return col.take(table.column(column), at) if column else col.constant("", len(at))

    def numbers(column: str) -> np.ndarray:
        return col.to_number(col.take(table.column(column), at))[0] if column else np.full(len(at), np.nan)

    every = Results(
        table=table,
        column=names.value,
        date=names.date,
        number_column=names.sequence,
        at=at,
        subject=owner[at],
        day=day,
        value=value,
        sequence=numbers(names.sequence),
        below=below,
        preferred=prefer[at],
        band=band,
        visit=texts(names.visit),
        number=numbers(names.number),
        lesion=texts(names.lesion),
        several=analyte.several if analyte is not None else "last",
    )
    return every.take(use)


class _Names:
    """The columns of an input: those that the spec names, else the usual ones that the dataset has."""

    def __init__(self, env: Environment, table: Table, spec: ResultInput, key: str):
        self.env, self.table, self.spec, self.key = env, table, spec, key
        prefix = spec.from_[:2]
        needed = needed_columns(spec.from_, key)
        self.value = self._name("value", needed["value"], needed=True)
        self.text = self._name("text", f"{prefix}STRESC")
        self.unit = self._name("unit", f"{prefix}STRESU")
        self.date = self._name("date", f"{prefix}DTC", needed=True)
        self.visit = self._name("visit", "VISIT")
        self.number = "VISITNUM" if spec.visit is None and self.visit and table.has("VISITNUM") else ""
        self.sequence = self._name("sequence", f"{prefix}SEQ")
        self.lesion = self._name("lesion", needed["lesion"], needed=True) if "lesion" in needed else ""

    def _name(self, field: str, default: str, needed: bool = False) -> str:
        declared = getattr(self.spec, field)
        name = declared or default
        if self.table.has(name):
            return name
        if (declared or needed) and self.table.n:
            hint = nearest(name, self.table.names())
            raise self.env.error(f"{self.table.name} has no column '{name}'", field if declared else "from_", hint)
        return ""


def _values(
    env: Environment,
    names: _Names,
    analyte: Analyte | None,
    at: np.ndarray,
    below_limit: str,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """(value, below the limit, a band of the kind of the drug, usable) of the records at ``at``."""
    key, spec = names.key, names.spec
    column, n = col.take(names.table.column(names.value), at), len(at)
    nothing = np.zeros(n, bool)
    if key in LISTS:
        return np.ones(n), nothing, nothing, np.ones(n, bool)
    if key in TEXTS:
        codes, texts = col.split_text(col.as_text(column))
        meaning = np.array([0.0 if t in spec.negative else 1.0 if t in spec.positive else np.nan for t in texts])
        value = meaning[codes] if len(texts) else np.zeros(0)
        unknown = np.isnan(value) & ~col.missing(column)
        env.report("R2A-IMWG-003", unknown, f"{key}: the text is neither negative: nor positive:", names.value)
        band = np.isin(np.asarray(texts, dtype=object), list(spec.drug_band))[codes] if len(texts) else nothing
        return value, nothing, band, ~np.isnan(value)
    assert analyte is not None
    value = col.to_number(column)[0]
    value, below = _under_limit(value, names, at, below_limit)
    filled = ~np.isnan(value)
    unit = col.take(names.table.column(names.unit), at) if names.unit else col.constant("", n)
    value = _converted(value, unit, analyte)
    no_unit = filled & np.isnan(value)
    message = f"{key}: the unit is not {analyte.unit} and has no factor to it: not evaluable"
    env.report("R2A-IMWG-001", no_unit, message, names.value, col.objects(unit))
    low, high = float(analyte.plausible[0]), float(analyte.plausible[1])
    with np.errstate(invalid="ignore"):
        odd = filled & ~no_unit & ~((value >= low) & (value <= high))
    message = f"{key}: outside {analyte.plausible[0]} to {analyte.plausible[1]} {analyte.unit}: not evaluable"
    env.report("R2A-IMWG-003", odd, message, names.value, col.objects(pd.Series(value)))
    return value, below, nothing, filled & ~no_unit & ~odd


def _under_limit(value: np.ndarray, names: _Names, at: np.ndarray, policy: str) -> tuple[np.ndarray, np.ndarray]:
    """Where the number is missing and the text is <x: x, or 0, by the policy. >x stays missing: it has no bound."""
    if not names.text:
        return value, np.zeros(len(value), bool)
    codes, texts = col.split_text(col.as_text(col.take(names.table.column(names.text), at)))
    read = [read_number(t) if t.startswith("<") else None for t in texts]
    limit = np.array([float(r.value) if r is not None and r.value is not None else np.nan for r in read] or [np.nan])
    found = limit[codes] if len(texts) else np.full(len(value), np.nan)
    below = ~np.isnan(found)
    return np.where(below, found if policy == "limit" else 0.0, value), below


def _converted(value: np.ndarray, unit: pd.Series, analyte: Analyte) -> np.ndarray:
    """Values in the analysis unit; NaN where the unit has no factor."""
    codes, texts = col.split_text(unit)
    terms = np.full((max(len(texts), 1), 3), np.nan)
    for i, text in enumerate(texts):
        if text == analyte.unit or text in analyte.spellings or (not text and analyte.unit_optional):
            terms[i] = 0, 1, 1
        elif text in analyte.convert:
            rule = analyte.convert[text]
            terms[i] = float(rule.minus), float(rule.times), float(rule.over)
    if not len(texts):
        return value
    minus, times, over = terms[codes].T
    return (value - minus) * times / over
