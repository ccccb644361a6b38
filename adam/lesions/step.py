"""The step ``tumor_burden``: one record for each evaluation of a subject, with the sum of its target lesions.

Not for the response that a sum shows: level_by_change and overall_response of adam/response/.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from ...engine.columns import column as col
from ...engine.columns import verbs
from ...engine.columns.iso_dates import days_of_text
from ...engine.derivations.environment import Environment
from ...engine.derivations.numbers import read_as_numbers
from ...engine.derivations.step import RecordStep
from ...engine.tables.dataset import Reading
from ...engine.tables.rows import BASE, ColumnSources, Rows
from ...mappings.binding.bind import SpecModel
from ...mappings.models.derivation import Condition
from ...mappings.models.record_step import StepColumn, register_step
from ...mappings.models.step_example import StepExample
from ...mappings.models.wording import AS_WRITTEN, Wording
from .evaluations import Evaluations, Lesions
from .measurements import covered, diameters, millimetres, split_column, text_in

_COLUMNS = {
    "AVAL": StepColumn("float", "Analysis Value"),
    "PARTSUM": StepColumn("float", "Sum of Measured Target Lesions"),
    "ADT": StepColumn("float", "Analysis Date"),
    "BLDT": StepColumn("float", "Date of Baseline Evaluation"),
    "ABLFL": StepColumn("text", "Baseline Record Flag"),
    "BASE": StepColumn("float", "Baseline Value"),
    "CHG": StepColumn("float", "Change from Baseline"),
    "PCHG": StepColumn("float", "Percent Change from Baseline"),
    "NADIR": StepColumn("float", "Lowest Sum Before"),
    "NADIRDT": StepColumn("float", "Date of Lowest Sum Before"),
    "CHGNAD": StepColumn("float", "Change from Lowest Sum Before"),
    "PCHGNAD": StepColumn("float", "Percent Change from Lowest Sum"),
    "NTARGET": StepColumn("integer", "Number of Target Lesions Measured"),
    "NMISSING": StepColumn("integer", "Number of Target Lesions Not Measured"),
    "ALLGONE": StepColumn("text", "All Target Lesions Gone or Normal"),
    "NTGRESP": StepColumn("text", "Response of Non-Target Lesions"),
    "NEWLFL": StepColumn("text", "New Lesion Flag"),
}


#: column -> the rows that it is derived from
_READS = {
    "AVAL": ("lesion",),
    "PARTSUM": ("lesion",),
    "ADT": ("lesion", "non-target", "new lesion"),
    "BLDT": ("baseline",),
    "ABLFL": ("lesion", "non-target", "new lesion"),
    "BASE": ("baseline",),
    "CHG": ("lesion", "baseline"),
    "PCHG": ("lesion", "baseline"),
    "NADIR": ("nadir",),
    "NADIRDT": ("nadir",),
    "CHGNAD": ("lesion", "nadir"),
    "PCHGNAD": ("lesion", "nadir"),
    "NTARGET": ("lesion",),
    "NMISSING": ("lesion", "baseline"),
    "ALLGONE": ("lesion",),
    "NTGRESP": ("non-target",),
    "NEWLFL": ("new lesion",),
}
_DATES = ("ADT", "BLDT", "ABLFL", "NADIRDT")


@register_step
class TumorBurden(RecordStep):
    """The sum of the target lesions of each evaluation, with baseline and nadir, and the state of the other lesions.

    The rows are measurements of lesions, as TR. An evaluation is the records of a subject with the same ``evaluation``
    variables. The lesions of the baseline are the target lesions. AVAL is missing where one of them was not measured;
    PARTSUM is the sum of those that were. A lesion that is too small to measure counts as ``small_is``, a lesion that
    is gone as 0. The parts of a split lesion are added, a merged lesion counts once. The nadir is the lowest complete
    sum before the evaluation, the baseline included. docs/response-criteria.md has the rules.
    """

    verb: ClassVar[str] = "tumor_burden"
    title: ClassVar[str] = "evaluations of lesions"

    example: ClassVar[StepExample | None] = StepExample(
        dataset="ADTR",
        sources={
            "tr": {
                "LESION": ["T01", "T02", "T01", "T02", "T01"],
                "MM": ["30", "20", "10", "15", "12"],
                "DAY": ["2024-02-20", "2024-02-20", "2024-04-01", "2024-04-01", "2024-05-01"],
            }
        },
        datasets={
            "TR": (
                "TRGRPID: {value: TARGET}\nTRLNKID: LESION\nTRTESTCD: {value: LDIAM}\nTRORRES: MM\nTRSTRESN: MM\n"
                "TRDTC: {date: DAY}"
            ),
        },
        rows="""
from: TR
derive:
  tumor_burden: TRSTRESN
  lesion: TRLNKID
  date: TRDTC
  evaluation: [TRDTC]
  start: ADSL.TRTSDT
  target: TRGRPID == 'TARGET'
""",
        variables="PARAMCD: {value: SDIAM}\nPARAM: {value: Sum of Diameters of Target Lesions (mm)}",
        gives={
            "ADT": ["2024-02-20", "2024-04-01", "2024-05-01"],
            "AVAL": ["50", "25", ""],
            "PARTSUM": ["50", "25", "12"],
            "ABLFL": ["Y", "", ""],
            "PCHG": ["", "-50", ""],
            "NADIR": ["", "50", "25"],
            "NMISSING": ["0", "0", "1"],
        },
    )

    tumor_burden: str = Field(description="The diameter as a number: the longest one, of lymph nodes the short axis.")
    text: str | None = Field(default=None, description="The result as a text, for lesions without a number.")
    unit: str | None = Field(default=None, description="The unit of the diameter: mm or cm. By default mm.")
    lesion: str = Field(description="The identifier of the lesion, as TRLNKID.")
    date: str = Field(description="The date of the measurement, numeric or ISO 8601.")
    evaluation: tuple[str, ...] = Field(description="Variables that form the evaluations of a subject, as VISITNUM.")
    start: str = Field(
        default="TRTSDT", description="First dose: evaluations on or before it are baselines, the last counts."
    )
    target: Condition = Field(description="The rows with a diameter of a target lesion.")
    nodal: Condition | None = Field(default=None, description="Lymph nodes: a short axis below 10 mm is normal.")
    non_target: Condition | None = Field(default=None, description="The rows with the state of a non-target lesion.")
    new: Condition | None = Field(default=None, description="The rows of new lesions.")
    absent: tuple[str, ...] = Field(default=("ABSENT", "0"), description="Texts of a lesion that is gone.")
    small: tuple[str, ...] = Field(
        default=("TOO SMALL TO MEASURE",), description="Texts of a lesion that is there and too small to measure."
    )
    small_is: float = Field(default=5, description="The diameter of such a lesion, in mm.")
    progression: tuple[str, ...] = Field(
        default=("UNEQUIVOCAL PROGRESSION",), description="Texts of a non-target lesion that has progressed."
    )
    not_evaluable: tuple[str, ...] = Field(
        default=("NOT EVALUABLE", "NE", "NOT DONE", "UNEVALUABLE"), description="Texts that give no state."
    )
    split: str = Field(default=".", description="The mark before the part of a split lesion: T01.1 is a part of T01.")
    merged: str = Field(default="/", description="The mark between merged lesions: T02/T03.")
    which_date: Literal["first", "last"] = Field(default="last", description="Which date of an evaluation is ADT.")

    def columns(self) -> Mapping[str, StepColumn]:
        return _COLUMNS

    def texts(self, column: str) -> dict[str, str] | None:
        if column == "NTGRESP":
            return dict.fromkeys(["CR", "NON-CR/NON-PD", "PD", "NE"], "")
        return {"Y": "", "N": ""} if column == "NEWLFL" else {"Y": ""} if column in ("ABLFL", "ALLGONE") else None

    def reads(self) -> Iterator[tuple[str, str]]:
        for field in ("tumor_burden", "text", "unit", "lesion", "date", "start"):
            if (name := getattr(self, field)) is not None:
                yield field, name
        for name in self.evaluation:
            yield "evaluation", name

    def conditions(self) -> Iterator[tuple[str, str]]:
        for field in ("target", "nodal", "non_target", "new"):
            if (text := getattr(self, field)) is not None:
                yield field, text

    def problems(self) -> Iterator[tuple[SpecModel, str, str]]:
        if not self.evaluation:
            yield self, "evaluation", "at least one variable is needed, as VISITNUM"
        if self.small_is < 0:
            yield self, "small_is", "a diameter is 0 or more"
        if self.split and self.split == self.merged:
            yield self, "merged", "the marks of split and of merged lesions are the same"
        if self.text is None and self.non_target is not None:
            yield self, "non_target", "text: is missing: it has the state of a non-target lesion"

    def describe(self, column: str, words: Wording = AS_WRITTEN) -> str:
        what = {
            "AVAL": f"the sum of {words.name(self.tumor_burden)} of the target lesions of an evaluation in mm; missing "
            "if one of them was not measured",
            "PARTSUM": f"the sum of {words.name(self.tumor_burden)} of the target lesions that were measured, in mm",
            "ADT": f"the {self.which_date} {words.name(self.date)} of an evaluation",
            "BLDT": "ADT of the baseline",
            "ABLFL": f"'Y' for the last evaluation on or before {words.name(self.start)}",
            "BASE": "AVAL of the baseline",
            "CHG": "AVAL minus BASE, after the baseline",
            "PCHG": "100 * (AVAL - BASE) / BASE, after the baseline; missing if BASE is 0",
            "NADIR": "the lowest AVAL of the evaluations before, from the baseline on",
            "NADIRDT": "the first date of NADIR",
            "CHGNAD": "AVAL minus NADIR",
            "PCHGNAD": "100 * (AVAL - NADIR) / NADIR; missing if NADIR is 0",
            "NTARGET": "the number of target lesions of the baseline that were measured",
            "NMISSING": "the number of target lesions of the baseline that were not measured",
            "ALLGONE": "'Y' if all target lesions were measured, each 0 mm, or a lymph node below 10 mm",
            "NTGRESP": "'PD' if a non-target lesion has progressed, 'NON-CR/NON-PD' if one is present, 'CR' if all of "
            "the baseline are gone, else 'NE'; missing if the baseline has none",
            "NEWLFL": "'Y' if the evaluation has a new lesion, else 'N'",
        }
        return f"{column} is {what[column]}."

    def make(self, env: Environment, rows: Rows) -> Rows:
        lesions = self._lesions(env)
        evaluations = Evaluations(lesions, self.which_date)
        message = "a target lesion that the baseline does not have: not summed"
        env.report("R2A-LES-005", evaluations.foreign, message, self.lesion)
        none = np.zeros(env.n, dtype=bool)
        none[evaluations.first_record[evaluations.baseline < 0]] = True
        env.report("R2A-LES-006", none, f"no evaluation on or before {self.start}: no baseline", self.date)
        columns = {name: _column(values) for name, values in evaluations.columns().items()}
        return self._with_lineage(rows, rows.take(evaluations.first_record), evaluations, columns)

    def _with_lineage(self, rows: Rows, out: Rows, evaluations: Evaluations, columns: Mapping[str, pd.Series]) -> Rows:
        """The records with their columns, and the rows of lesions that each column was derived from."""
        table, lesions = rows.nodes[BASE][0], evaluations.lesions
        targets = evaluations.listed(evaluations.summed)
        of_state = [np.flatnonzero(lesions.non_target), np.flatnonzero(lesions.new & ~lesions.non_target)]
        groups = {"lesion": targets, "non-target": evaluations.listed(of_state[0])}
        groups["new lesion"] = evaluations.listed(of_state[1])
        for name, of in (("baseline", evaluations.baseline), ("nadir", evaluations.nadir_of)):
            groups[name] = [np.where(of >= 0, rows_of[np.maximum(of, 0)], -1) for rows_of in targets if len(of)]
        results = [name for name in (self.tumor_burden, self.text, self.unit) if name is not None]
        reads: dict[str, tuple[Reading, ...]] = {}
        for name, columns_of in groups.items():
            found: tuple[Reading, ...] = ()
            for number, at in enumerate(columns_of, start=1):
                node = f"{name} {number}"
                out = out.with_node(node, table, np.where(at >= 0, rows.ids()[np.maximum(at, 0)], -1))
                found += tuple(Reading(f"row:{node}", table.name, read) for read in (*results, self.date))
            reads[name] = found
        sources = {}
        for name in columns:
            used = [r for group in _READS[name] for r in reads[group] if r.column in _columns_read(name, self, results)]
            sources[name] = ColumnSources((), tuple(used))
        return out.with_columns(columns, None, sources)

    def _lesions(self, env: Environment) -> Lesions:
        """The rows as arrays, with findings about rows that cannot be used."""
        dates = env.column(self.date, "date")
        day = np.floor(np.asarray(dates, dtype="float64") if col.is_number(dates) else days_of_text(dates))
        target = env.condition(self.target, "target")
        other = np.zeros(env.n, dtype=bool)
        non_target = other if self.non_target is None else env.condition(self.non_target, "non_target") & ~target
        new = other if self.new is None else env.condition(self.new, "new")
        used = target | non_target | new
        env.report("R2A-LES-001", used & np.isnan(day), "a lesion without a complete date: not used", self.date)
        text = split_column(env.column(self.text, "text")) if self.text is not None else (np.zeros(env.n, "int8"), [""])
        numbers = read_as_numbers(env, self.tumor_burden, "tumor_burden")
        if self.unit is not None:
            factor = millimetres(split_column(env.column(self.unit, "unit")))
            wrong = target & ~np.isnan(numbers) & np.isnan(factor)
            env.report("R2A-LES-002", wrong, "a diameter in a unit that is neither mm nor cm: not used", self.unit)
            numbers = numbers * factor
        below = target & (numbers < 0)
        env.report("R2A-LES-002", below, "a diameter below 0: not used", self.tumor_burden)
        value = diameters(np.where(below, np.nan, numbers), text, self.absent, self.small, self.small_is)
        codes, names = split_column(env.column(self.lesion, "lesion"))
        nameless = used & np.array([not n.strip() for n in names], dtype=bool)[codes]
        env.report("R2A-LES-003", nameless, "a lesion without an identifier: not used", self.lesion)
        used &= ~np.isnan(day) & ~nameless
        start = env.column(self.start, "start")
        begin = np.asarray(start, dtype="float64") if col.is_number(start) else days_of_text(start)
        keys = [env.subject(), *(env.column(name, "evaluation") for name in self.evaluation)]
        at = np.flatnonzero(used & target)
        found = Lesions(
            subject=verbs.key_codes([env.subject()])[0],
            evaluation=verbs.key_codes(keys, missing_matches=True)[0],
            order=[col.ranks(env.column(name, "evaluation")) for name in self.evaluation],
            day=day,
            start=np.floor(begin),
            value=value,
            lesion=codes,
            lesion_rank=col.ranks(env.column(self.lesion, "lesion")),
            target=used & target,
            nodal=other if self.nodal is None else env.condition(self.nodal, "nodal"),
            non_target=used & non_target,
            new=used & new & ~text_in(text, self.absent) & ~text_in(text, self.not_evaluable),
            gone=text_in(text, self.absent),
            progressed=text_in(text, self.progression),
            no_state=text_in(text, self.not_evaluable) | text_in(text, [""]),
            covered=covered(codes, names, at, self.split, self.merged),
            others=covered(codes, names, np.flatnonzero(used & non_target), self.split, self.merged),
        )
        again, differing = found.repeated()
        message = "another diameter of the lesion in the same evaluation: the latest counts, of one day the largest"
        env.report("R2A-LES-004", differing, message, self.tumor_burden)
        return found.without(again)


def _columns_read(column: str, step: TumorBurden, results: list[str]) -> list[str]:
    """The columns of the rows that a column is derived from: dates or results."""
    return [step.date] if column in _DATES else results


def _column(values: np.ndarray) -> pd.Series:
    return pd.Series(values.astype("float64")) if values.dtype.kind in "fib" else col.text_column(values)
