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
from ...engine.derivations.environment import Environment
from ...engine.derivations.step import RecordStep
from ...engine.expressions.sentence import plain
from ...engine.tables.dataset import Reading
from ...engine.tables.rows import BASE, ColumnSources, Rows
from ...errors import SpecError
from ...mappings.binding.bind import SpecModel
from ...mappings.models.criteria_files import criteria_folder, known_criteria
from ...mappings.models.derivation import Condition
from ...mappings.models.record_step import StepColumn, register_step
from ...mappings.models.step_example import StepExample
from ...mappings.models.tumor_criteria import LesionRules, readable_criteria, tumor_criteria, tumor_criteria_names
from ...mappings.models.wording import AS_WRITTEN, Wording, quoted
from .evaluations import Evaluations
from .read import read_lesions
from .single import grown_alone

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
    "SINGLEPD": StepColumn("text", "Progression of a Single Lesion"),
    "ALLGONE": StepColumn("text", "All Target Lesions Gone or Normal"),
    "NTGRESP": StepColumn("text", "Response of Non-Target Lesions"),
    "NEWLFL": StepColumn("text", "New Lesion Flag"),
}


#: column -> the rows that it is derived from
_READS = {
    "AVAL": ("lesion", "perpendicular"),
    "PARTSUM": ("lesion", "perpendicular"),
    "ADT": ("lesion", "non-target", "new lesion"),
    "BLDT": ("baseline",),
    "ABLFL": ("lesion", "non-target", "new lesion"),
    "BASE": ("baseline",),
    "CHG": ("lesion", "perpendicular", "baseline"),
    "PCHG": ("lesion", "perpendicular", "baseline"),
    "NADIR": ("nadir",),
    "NADIRDT": ("nadir",),
    "CHGNAD": ("lesion", "perpendicular", "nadir"),
    "PCHGNAD": ("lesion", "perpendicular", "nadir"),
    "NTARGET": ("lesion",),
    "NMISSING": ("lesion", "baseline"),
    "SINGLEPD": ("lesion", "perpendicular"),
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

    tumor_burden: str = Field(
        description="The diameter as a number: the longest one, by RECIST of lymph nodes the short axis."
    )
    perpendicular: Condition | None = Field(
        default=None,
        description="The rows with the diameter across the longest one, of the same lesion and evaluation. AVAL is "
        "then the sum of products, in mm2.",
    )
    criteria: str = Field(
        default="recist-1.1",
        description="The criteria with the size of a normal node, and what one lesion alone shows.",
    )
    text: str | None = Field(default=None, description="The result as a text, for lesions without a number.")
    unit: str | None = Field(default=None, description="The unit of the diameter: mm or cm. By default mm.")
    lesion: str = Field(description="The identifier of the lesion, as TRLNKID.")
    date: str = Field(description="The date of the measurement, numeric or ISO 8601.")
    evaluation: tuple[str, ...] = Field(description="Variables that form the evaluations of a subject, as VISITNUM.")
    start: str = Field(
        default="TRTSDT", description="First dose: evaluations on or before it are baselines, the last counts."
    )
    target: Condition = Field(description="The rows with a diameter of a target lesion.")
    nodal: Condition | None = Field(
        default=None,
        description="Lymph nodes: by RECIST 1.1 a short axis below 10 mm is normal, by Lugano 15 mm at most.",
    )
    non_target: Condition | None = Field(default=None, description="The rows with the state of a non-target lesion.")
    new: Condition | None = Field(default=None, description="The rows of new lesions.")
    equivocal: tuple[str, ...] = Field(
        default=("EQUIVOCAL",),
        description="Texts of a new lesion that may be none: once a later image shows that it is new, it counts from "
        "its first image on.",
    )
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
        return (
            {"Y": "", "N": ""}
            if column == "NEWLFL"
            else {"Y": ""}
            if column in ("ABLFL", "ALLGONE", "SINGLEPD")
            else None
        )

    def reads(self) -> Iterator[tuple[str, str]]:
        for field in ("tumor_burden", "text", "unit", "lesion", "date", "start"):
            if (name := getattr(self, field)) is not None:
                yield field, name
        for name in self.evaluation:
            yield "evaluation", name

    def conditions(self) -> Iterator[tuple[str, str]]:
        for field in ("target", "perpendicular", "nodal", "non_target", "new"):
            if (text := getattr(self, field)) is not None:
                yield field, text

    def _rules(self) -> LesionRules:
        """What the criteria have about single lesions; by RECIST 1.1 where they have nothing."""
        found = readable_criteria(self, self.criteria)  # ``problems`` reports a file that cannot be read
        rules = (found.lesions if found is not None else None) or tumor_criteria("recist-1.1").lesions
        assert rules is not None  # the file that ships has them
        return rules

    def problems(self) -> Iterator[tuple[SpecModel, str, str]]:
        if (folder := criteria_folder(self, self.criteria, tumor_criteria_names())) is None:
            known = ", ".join(known_criteria(self, tumor_criteria_names()))
            yield self, "criteria", f"there are no criteria '{self.criteria}'; there is {known}"
        else:
            try:
                tumor_criteria(self.criteria, folder)
            except SpecError as error:
                yield from ((self, "criteria", str(problem)) for problem in error.problems)
            if self.perpendicular is None and self._rules().products():
                message = f"is missing: {self.criteria} compares products of two diameters"
                yield self, "perpendicular", f"perpendicular: {message}"
        if not self.evaluation:
            yield self, "evaluation", "at least one variable is needed, as VISITNUM"
        if self.small_is < 0:
            yield self, "small_is", "a diameter is 0 or more"
        if self.split and self.split == self.merged:
            yield self, "merged", "the marks of split and of merged lesions are the same"
        if self.text is None and self.non_target is not None:
            yield self, "non_target", "text: is missing: it has the state of a non-target lesion"

    def describe(self, column: str, words: Wording = AS_WRITTEN) -> str:
        summed, unit = words.name(self.tumor_burden), "mm"
        if self.perpendicular is not None:
            summed, unit = f"{summed} times its value where {plain(self.perpendicular, words)}", "mm2"
        what = {
            "AVAL": f"the sum of {summed} of the target lesions of an evaluation in {unit}; missing if one of them was "
            "not measured",
            "PARTSUM": f"the sum of {summed} of the target lesions that were measured, in {unit}",
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
            "SINGLEPD": f"'Y' if one target lesion alone shows progression by {quoted(self.criteria)}",
            "ALLGONE": "'Y' if all target lesions were measured, each 0 mm, or a lymph node of "
            f"{self._rules().normal_node} mm",
            "NTGRESP": "'PD' if a non-target lesion has progressed, 'NON-CR/NON-PD' if one is present, 'CR' if all of "
            "the baseline are gone, else 'NE'; missing if the baseline has none",
            "NEWLFL": "'Y' if the evaluation has a new lesion, or an equivocal one that is certain later, else 'N'",
        }
        return f"{column} is {what[column]}."

    def make(self, env: Environment, rows: Rows) -> Rows:
        rules = self._rules()
        lesions, beside = read_lesions(env, self)
        evaluations = Evaluations(lesions, self.which_date, rules.normal_node)
        message = "a target lesion that the baseline does not have: not summed"
        env.report("R2A-LES-005", evaluations.foreign, message, self.lesion)
        none = np.zeros(env.n, dtype=bool)
        none[evaluations.first_record[evaluations.baseline < 0]] = True
        env.report("R2A-LES-006", none, f"no evaluation on or before {self.start}: no baseline", self.date)
        found = evaluations.columns()
        grown = grown_alone(evaluations, rules.progression, evaluations.all_gone)
        found["SINGLEPD"] = np.where(grown, "Y", "").astype(object)
        columns = {name: _column(found[name]) for name in _COLUMNS}
        return self._with_lineage(rows, evaluations, beside, columns)

    def _with_lineage(
        self, rows: Rows, evaluations: Evaluations, beside: np.ndarray, columns: Mapping[str, pd.Series]
    ) -> Rows:
        """The records with their columns, and the rows of lesions that each column was derived from.

        ``beside``: for each row the row of the perpendicular diameter, -1 for none.
        """
        out = rows.take(evaluations.first_record)
        table, lesions = rows.nodes[BASE][0], evaluations.lesions
        targets = evaluations.listed(evaluations.summed)
        of_state = [np.flatnonzero(lesions.non_target), np.flatnonzero(lesions.new & ~lesions.non_target)]
        groups = {"lesion": targets, "non-target": evaluations.listed(of_state[0])}
        groups["new lesion"] = evaluations.listed(of_state[1])
        across = [np.where(of >= 0, beside[np.maximum(of, 0)], -1) for of in targets if len(beside)]
        groups["perpendicular"] = across if self.perpendicular is not None else []
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


def _columns_read(column: str, step: TumorBurden, results: list[str]) -> list[str]:
    """The columns of the rows that a column is derived from: dates or results."""
    return [step.date] if column in _DATES else results


def _column(values: np.ndarray) -> pd.Series:
    return pd.Series(values.astype("float64")) if values.dtype.kind in "fib" else col.text_column(values)
