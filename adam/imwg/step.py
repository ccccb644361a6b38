"""The step imwg_response: categories computed from laboratory, marrow and imaging results by the IMWG criteria.

Its records lie beside those of the investigator and never replace them. Not for the criteria (algorithm.py) nor for
the records (parameters.py): this is their spec.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar

import numpy as np
from pydantic import Field

from ...engine.columns.moments import days_of_variable
from ...engine.derivations.environment import Environment
from ...engine.derivations.step import RecordStep
from ...engine.tables.rows import Rows
from ...errors import SpecError, nearest
from ...mappings.binding.bind import SpecModel
from ...mappings.models.record_step import StepColumn, StepRead, register_step
from ...mappings.models.response_criteria import ImwgCriteria, criteria_names, imwg_criteria
from ...mappings.models.step_example import StepExample
from ...mappings.models.wording import AS_WRITTEN, Wording, quoted
from .algorithm import Algorithm
from .options import ImwgOptions
from .parameters import parameter_batches
from .reasons import CATEGORIES
from .records import COLUMNS, CRITERION, assembled
from .results import LISTS, TEXTS, ImwgInputs, Results, read_results
from .words import categories_by_rule, values_by_parameter

#: what a column is, where neither the criteria nor the options of the step decide it
_SENTENCES = {
    "PARAMCD": "the code of the result: the category, a component, a test or what is measurable",
    "PARAM": "the name of the result that PARAMCD names",
    "PARCAT1": "'ALGORITHM'",
    "VISIT": "the visit of the results of the evaluation",
    "VISITNUM": "the number of the visit of the results of the evaluation",
    "ABLFL": "'Y' for the baseline of a component or a test",
    "CHG": "AVAL minus BASE, for a component after its baseline",
    "PCHG": "100 * (AVAL - BASE) / BASE, for a component after its baseline; missing if BASE is 0",
    "NADIRDT": "the day of the result that is NADIR",
    "CHGNAD": "AVAL minus NADIR, for a component after its baseline",
    "PCHGNAD": "100 * (AVAL - NADIR) / NADIR, for a component after its baseline; missing if NADIR is 0",
    "DTYPE": "'MINIMUM' for the lowest value of a component of the subject",
    "IFEINTFL": "'Y' if the positive immunofixation may be the drug and not the disease",
    "SRCDOM": "the dataset of the record that decided",
    "SRCVAR": "the variable of the record that decided",
    "SRCSEQ": "the sequence number of the record that decided",
}


@register_step
class ImwgResponse(RecordStep):
    """Response by the IMWG criteria at each evaluation, computed from results; records with PARCAT1 ALGORITHM.

    The rows are one per subject. Parameters: IMWG (category), IMSERUM, IMURINE, IMDFLC, IMRATIO, IMMARROW, IMSPD,
    IMBLOOD (values with baseline and nadir), IMSIFE, IMUIFE, IMNEWLES, IMWGMS, IMWGMU, IMWGMF, IMWGMB, IMWGCHN. The
    category is unconfirmed and never replaces the investigator's.
    """

    verb: ClassVar[str] = "imwg_response"
    title: ClassVar[str] = "results of the response algorithm"

    example: ClassVar[StepExample | None] = StepExample(
        dataset="ADRS",
        sources={"lb": {"DAY": ["2024-02-20", "2024-04-01", "2024-05-01"], "RES": ["3.0", "1.2", "1.9"]}},
        datasets={
            "LB": (
                "LBTESTCD: {value: MCPROT}\nLBORRES: RES\nLBORRESU: {value: g/dL}\nLBSTRESC: RES\nLBSTRESN: RES\n"
                "LBSTRESU: {value: g/dL}\nLBDTC: {date: DAY}"
            ),
        },
        rows="""
from: ADSL
derive:
  imwg_response: imwg-2016
  start: TRTSDT
  inputs: {serum: {from: LB, where: LBTESTCD == 'MCPROT', visit: LBDTC}}
""",
        sort=("USUBJID", "PARAMCD", "ADT", "DTYPE"),
        gives={
            "PARAMCD": ["IMSERUM"] * 4 + ["IMWG", "IMWG", "IMWGCHN", "IMWGMB", "IMWGMF", "IMWGMS", "IMWGMU"],
            "ADT": ["2024-02-20", "2024-04-01", "2024-04-01", "2024-05-01", "2024-04-01", "2024-05-01"]
            + ["", "", "", "2024-02-20", ""],
            "DTYPE": ["", "", "MINIMUM"] + [""] * 8,
            "AVAL": ["3", "1.2", "1.2", "1.9", "4", "7", "", "0", "0", "1", ""],
            "AVALC": ["", "", "", "", "PR", "PD", "UNKNOWN", "N", "N", "Y", "U"],
        },
    )

    imwg_response: str = Field(description="File of the criteria under mappings/criteria: imwg-2016.")
    start: str = Field(default="TRTSDT", description="First dose; results on or before that day are baselines.")
    inputs: ImwgInputs = Field(description="The results of each test.")
    options: ImwgOptions = Field(default_factory=ImwgOptions, description="The choices that the criteria do not make.")

    def columns(self) -> Mapping[str, StepColumn]:
        return COLUMNS

    def texts(self, column: str) -> dict[str, str] | None:
        if column == "MCRIT1ML":
            return dict.fromkeys(CATEGORIES[1:], "")
        return {"ALGORITHM": ""} if column == "PARCAT1" else None

    def reads(self) -> Iterator[tuple[str, str]]:
        yield "start", self.start

    def parts(self) -> Iterator[StepRead]:
        for key, test in self.inputs.declared().items():
            yield from test.parts(key)
        if self.options.renal_ratio is not None:
            yield StepRead(self.options, "renal_ratio", self.options.renal_ratio)

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

    def describe(self, column: str, words: Wording = AS_WRITTEN) -> str:
        known = self.imwg_response in criteria_names()
        criteria = quoted(imwg_criteria(self.imwg_response).criteria if known else "IMWG")
        window, start = self.options.window, words.name(self.start)
        if known and column == "AVAL":
            return "\n".join(values_by_parameter(imwg_criteria(self.imwg_response)))
        if known and column == "AVALC":
            return "\n".join(categories_by_rule(imwg_criteria(self.imwg_response), self.options, start))
        sentences = {
            "AVALC": "the result that PARAMCD names",
            "AVAL": "the result that PARAMCD names, in the unit of the criteria",
            "ADT": f"the day of the result; for the category the last day of an evaluation (results of a visit within "
            f"{window} days), for progression the first day that shows it",
            "BASE": f"the last value on or before {start}",
            "NADIR": f"the {self.options.nadir} value before the record, baseline included",
            "IMWGREAS": f"the lines of the criteria {criteria} that decided, and what a better category lacked",
            "MCRIT1": f"'{CRITERION}' where the component has a level",
            "MCRIT1ML": f"the level that the component alone supports by the criteria {criteria}",
        }
        return f"{column} is {sentences.get(column) or _SENTENCES[column]}."

    def make(self, env: Environment, rows: Rows) -> Rows:
        criteria = imwg_criteria(self.imwg_response)
        begin = days_of_variable(env.column(self.start, "start"), self.start)
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
