"""Analysis criteria of BDS datasets: the text of a criterion (CRITy) and whether it is met (CRITyFL, CRITyFN).

Not for a criterion of several levels (MCRITyML): the first of several cases that holds is engine/derivations/cases.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from ..engine.columns import column as col
from ..engine.columns.filled_template import fill_template
from ..engine.derivations.derivation import Derivation, Derived
from ..engine.derivations.environment import Environment
from ..engine.expressions.sentence import condition_sentence, plain
from ..engine.expressions.truth import TRUE, UNKNOWN
from ..mappings.models.derivation import Condition, Example, register
from ..mappings.models.template import TemplateError, parse_template
from ..mappings.models.wording import AS_WRITTEN, Wording, quoted


@register
class Criterion(Derivation):
    """The text of a criterion, or the flag whether a record meets it, by one condition (ADaMIG 1.3, CRITy, CRITyFL).

    flags: Y has Y where the condition holds, else missing; Y/N has N on all other records; Y/N/missing has N only
    where the condition is known not to hold. With text: the text is there where the flag would be: only on records
    that meet the criterion with flags: Y, on all with Y/N, on those with Y or N with Y/N/missing. when: limits both
    to the parameter of the criterion.
    """

    verb: ClassVar[str] = "criterion"
    carries = "compared"
    example = Example(
        rule="{criterion: AVAL >= 160, flags: Y/N/missing}",
        rows={"SUBJ": ["01", "02", "03"], "SYS": ["160", "159", ""]},
        gives=["Y", "N", ""],
        dataset="ADVS",
        variable="CRIT1FL",
        setting="AVAL: AGE\nPARAMCD: {value: SYSBP}\nPARAM: {value: X}\n"
        "CRIT1: {criterion: AVAL >= 160, flags: Y/N/missing, text: '{PARAMCD} >= 160'}",
        datasets={"DM": "AGE: SYS"},
    )

    criterion: Condition = Field(description="The condition.")
    flags: Literal["Y", "Y/N", "Y/N/missing"] = Field(
        default="Y/N/missing", description="The values of the flag; see above."
    )
    text: str | None = Field(
        default=None, description="The text of the criterion, in which {NAME} is a variable; then it is the value."
    )
    number: bool = Field(default=False, description="true: 1 in place of Y and 0 in place of N, for CRITyFN.")

    def reads(self) -> Iterator[tuple[str, str]]:
        try:
            for name in parse_template(self.text or "").names:
                yield "text", name
        except TemplateError:
            return

    def conditions(self) -> Iterator[tuple[str, str]]:
        yield from super().conditions()
        yield "criterion", self.criterion

    def problems(self) -> Iterator[tuple[str, ...]]:
        try:
            parse_template(self.text or "")
        except TemplateError as error:
            yield "text", str(error)
        if self.text is not None and self.number:
            yield "number", "number: and text: exclude each other"

    def texts(self) -> dict[str, str] | None:
        if self.number:
            return None
        if self.text is None:
            return dict.fromkeys(["Y"] if self.flags == "Y" else ["Y", "N"], "")
        return None if any(self.reads()) else {self.text: ""}

    def gives(self) -> str:
        return "integer" if self.number else ""

    def describe(self, target: str, words: Wording = AS_WRITTEN) -> str:
        met, when = plain(self.criterion, words), condition_sentence(self.when, words)
        known = "it is known whether " if self.flags == "Y/N/missing" else ""
        if self.text is not None:
            where = {"Y": f" on records where {met}", "Y/N": "", "Y/N/missing": f" on records where {known}{met}"}
            return f"{target} is {quoted(self.text)}{where[self.flags]}{when}."
        yes, no = ("1", "0") if self.number else ("'Y'", "'N'")
        other = {"Y": "missing otherwise", "Y/N": f"{no} otherwise", "Y/N/missing": f"{no} if not; missing if unknown"}
        return f"{target} is {yes} if {met}; {other[self.flags]}{when}."

    def derive(self, env: Environment) -> Derived:
        truth, unread = env.truth(self.criterion, "criterion")
        env.note_unread(unread)
        met = truth == TRUE
        not_met = {"Y": met & False, "Y/N": ~met, "Y/N/missing": ~met & (truth != UNKNOWN)}[self.flags]
        if self.text is not None:
            template = parse_template(self.text)
            texts = fill_template(template, {n: env.column(n, "text") for n in template.names}, env.n)
            codes, known = col.split_text(texts)
            return Derived(col.join_text(np.where(met | not_met, codes, len(known)), [*known, ""]))
        if self.number:
            return Derived(pd.Series(np.select([met, not_met], [1.0, 0.0], np.nan)))
        return Derived(col.join_text(np.select([met, not_met], [1, 2], 0).astype("int8"), ["", "Y", "N"]))
