"""The decode of a coded variable by the codelists of the study.

Not for mapping a raw text to a submission value (assign.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

import numpy as np
from pydantic import Field

from ...mappings.models.derivation import Example, register
from ...mappings.models.wording import AS_WRITTEN, Wording
from ..columns import column as col
from .assign import ASSIGNED, From
from .derivation import Derivation, Derived
from .environment import Environment


@register
class Decode(Derivation):
    """The decode of a coded variable: --TEST of --TESTCD, PARAM of PARAMCD, by the codelist of the coded one.

    Where both have a codelist, as --TESTCD and --TEST, it is the term with the same NCI code.
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
        decodes: dict[str, str] = {}
        for owner in (env.variable, coded):
            if owner is not None and owner.codelist is not None:
                decodes |= {t.value: t.decode for t in owner.codelist.terms if t.decode}
        if coded is not None and coded.codelist is not None and env.variable is not None and env.variable.codelist:
            # a code and its name are two submission values of one concept: RSTESTCD and RSTEST share the NCI code
            named = {t.code: t.value for t in env.variable.codelist.terms if t.code}
            decodes |= {t.value: named[t.code] for t in coded.codelist.terms if t.code in named}
        out, unknown = [], np.zeros(len(texts), dtype=bool)
        for i, text in enumerate(texts):
            decode = self.map.get(text) or decodes.get(text, "")
            unknown[i] = bool(text) and not decode
            out.append(decode)
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
