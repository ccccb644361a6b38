"""The step imwg_response: categories computed from laboratory, marrow and imaging results by the IMWG criteria.

Its records lie beside those of the investigator and never replace them. Not for the criteria (algorithm.py) nor for
the records (parameters.py): this is their spec.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar

import numpy as np
from pydantic import Field

from ...engine.columns.iso_dates import days_of_text
from ...engine.derivations.environment import Environment
from ...engine.derivations.step import RecordStep
from ...engine.tables.rows import Rows
from ...errors import SpecError, nearest
from ...mappings.binding.bind import SpecModel
from ...mappings.models.record_step import StepColumn, register_step
from ...mappings.models.response_criteria import ImwgCriteria, criteria_names, imwg_criteria
from .algorithm import Algorithm
from .options import ImwgOptions
from .parameters import parameter_batches
from .records import COLUMNS, assembled
from .results import LISTS, TEXTS, ImwgInputs, Results, read_results


@register_step
class ImwgResponse(RecordStep):
    """Response by the IMWG criteria at each evaluation, computed from results; records with PARCAT1 ALGORITHM.

    The rows are one per subject. Parameters: IMWG (category), IMSERUM, IMURINE, IMDFLC, IMRATIO, IMMARROW, IMSPD,
    IMBLOOD (values with baseline and nadir), IMSIFE, IMUIFE, IMNEWLES, IMWGMS, IMWGMU, IMWGMF, IMWGMB, IMWGCHN. The
    category is unconfirmed and never replaces the investigator's.
    """

    verb: ClassVar[str] = "imwg_response"

    imwg_response: str = Field(description="File of the criteria under mappings/criteria: imwg-2016.")
    start: str = Field(default="TRTSDT", description="First dose; results on or before that day are baselines.")
    inputs: ImwgInputs = Field(description="The results of each test.")
    options: ImwgOptions = Field(default_factory=ImwgOptions, description="The choices that the criteria do not make.")

    def columns(self) -> Mapping[str, StepColumn]:
        return COLUMNS

    def reads(self) -> Iterator[tuple[str, str]]:
        yield "start", self.start

    def problems(self) -> Iterator[tuple[SpecModel, str, str]]:
        try:
            imwg_criteria(self.imwg_response)
        except SpecError as error:
            known = ", ".join(criteria_names())
            hint = nearest(self.imwg_response, criteria_names())
            if self.imwg_response not in criteria_names():
                text = f"there are no criteria '{self.imwg_response}'; there is {known} {hint}".rstrip()
                yield self, "imwg_response", text
            else:
                yield from ((self, "imwg_response", str(p)) for p in error.problems)
        if self.options.window < 0:
            yield self.options, "window", "a window has 0 or more days"
        pair = (self.inputs.kappa is None, self.inputs.lambda_ is None)
        if pair[0] != pair[1]:
            yield self.inputs, "kappa" if pair[1] else "lambda_", "declare both kappa and lambda, or neither"
        if self.options.hypercalcaemia_is_pd and self.inputs.calcium is None:
            yield self.options, "hypercalcaemia_is_pd", "this option needs calcium under inputs:"

    def describe(self, column: str) -> str:
        texts = {
            "AVALC": "AVALC is the worst level of the tests that count by {c}: IMWG the category, others the result.",
            "AVAL": "AVAL is the result in the unit of {c}; for IMWG 1 sCR to 8 NE.",
            "ADT": f"ADT is the day of the result; for IMWG the last day of an evaluation (results of a visit within "
            f"{self.options.window} days), for PD the first day that shows it.",
            "BASE": "BASE is the last value on or before {s}.",
            "NADIR": f"NADIR is the {self.options.nadir} value before the record, baseline included.",
            "IMWGREAS": "IMWGREAS names the lines of {c} that decided, and what a better category lacked.",
            "AVALCAT1": "AVALCAT1 is the level that the component alone supports by {c}.",
            "SRCSEQ": "SRCSEQ is the number of the record that decided.",
        }
        text = texts.get(column, f"{column} is given by the algorithm of {{c}} (docs/imwg-algorithm.md).")
        name = imwg_criteria(self.imwg_response).criteria if self.imwg_response in criteria_names() else "IMWG"
        return text.format(c=name, s=self.start)

    def make(self, env: Environment, rows: Rows) -> Rows:
        criteria = imwg_criteria(self.imwg_response)
        begin = days_of_text(env.column(self.start, "start"))
        results = self._results(env, criteria)
        renal = np.zeros(env.n, bool)
        if self.options.renal_ratio is not None:
            here = Environment(env.build, env.rows, env.block, env.variable, self.options)
            renal = here.condition(self.options.renal_ratio, "renal_ratio")
        algorithm = Algorithm(results, begin, renal, criteria, self.options)
        return assembled(rows, parameter_batches(algorithm))

    def _results(self, env: Environment, criteria: ImwgCriteria) -> dict[str, Results]:
        """Results of every test; none where the study does not declare an input."""
        subject = env.subject()
        inputs = self.inputs.declared()
        if not self.options.hypercalcaemia_is_pd:
            inputs = {k: v for k, v in inputs.items() if k not in ("calcium", "albumin")}
        out = {}
        for key in (*criteria.analytes, *TEXTS, *LISTS):
            if key in inputs:
                analyte = criteria.analytes.get(key)
                out[key] = read_results(env, key, inputs[key], analyte, subject, self.options.below_limit)
            else:
                out[key] = Results()
        return out
