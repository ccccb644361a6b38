"""The decode of a coded variable by the codelists of the study.

Not for mapping a raw text to a submission value (assign.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import ClassVar

import numpy as np
from pydantic import Field

from ...mappings.models.derivation import Example, register
from ...mappings.models.wording import AS_WRITTEN, Wording
from ..columns import column as col
from ..plan.plan import PlannedVariable
from .assign import ASSIGNED, From
from .derivation import Derivation, Derived
from .environment import Environment


@register
class Decode(Derivation):
    """The decode of a coded variable: --TEST of --TESTCD, PARAM of PARAMCD, by the codelist of the coded one.

    Where both have a codelist, as --TESTCD and --TEST, it is the term with the same NCI code. A code without a decode
    is reported. A required variable then has the code, as the coded variable beside it has.
    """

    verb: ClassVar[str] = "decode"
    of_variables: ClassVar[bool] = True
    default_origin = ASSIGNED
    example = Example(
        rule="{decode: RSTESTCD}",
        rows={"X": ["1"]},
        gives=["Overall Response"],
        dataset="RS",
        variable="RSTEST",
        setting="RSTESTCD: {value: OVRLRESP}",
    )

    decode: str = Field(description="The coded variable.")
    map: dict[str, str] = Field(default_factory=dict, description="Decodes of codes that the codelist does not have.")

    def reads(self) -> Iterator[tuple[str, str]]:
        yield "decode", self.decode

    def describe(self, target: str, words: Wording = AS_WRITTEN) -> str:
        return f"{target} is the decode of {words.name(self.decode)}."

    def derive(self, env: Environment) -> Derived:
        codes, texts = col.split_text(env.column(self.decode, "decode"))
        coded = env.build.planned.every.get(self.decode)
        decode_of = _decodes(env.variable, coded)
        required = coded is not None and env.variable is not None and env.variable.core == "Req"
        out, unknown = [], np.zeros(len(texts), dtype=bool)
        for i, text in enumerate(texts):
            decode = self.map.get(text) or decode_of(text)
            unknown[i] = bool(text) and not decode
            out.append(decode or (text if required else ""))
        if unknown.any():
            rule = coded.rule_in(env.block) if coded is not None and env.block is not None else None
            env.report(
                "R2A-CT-002",
                unknown[codes],
                f"a code without a decode; add it to map: of {env.target}",
                rule.columns[0] if isinstance(rule, From) else self.decode if coded is None else "",
                texts[codes],
            )
        return Derived(col.join_text(codes, out))


def _decodes(variable: PlannedVariable | None, coded: PlannedVariable | None) -> Callable[[str], str]:
    """The decode of a code by the codelists of both variables; '' for none."""
    lists = [owner.codelist for owner in (coded, variable) if owner is not None and owner.codelist is not None]
    # a code and its name are two submission values of one concept: RSTESTCD and RSTEST share the NCI code
    codes, names = lists if len(lists) == 2 else (None, None)

    def decode(text: str) -> str:
        if codes is not None and names is not None and text in codes.by_value:
            name = names.value_of_code.get(codes.by_value[text].code)
            if name is not None:
                return name
        found = (codelist.by_value[text].decode for codelist in lists if text in codelist.by_value)
        return next(filter(None, found), "")

    return decode
