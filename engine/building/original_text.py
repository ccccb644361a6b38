"""The collected text behind a translated one, as a supplemental qualifier has it.

Not for translating (engine/derivations/translation.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from pydantic import Field

from ...findings.table import Findings
from ...mappings.models.derivation import Example, register
from ...mappings.models.wording import AS_WRITTEN, Wording
from ..columns import column as col
from ..columns.choose import choose
from ..derivations.derivation import Derivation, Derived
from ..derivations.environment import Environment
from ..tables.dataset import Origin
from .run_rule import collected_text


@register
class OriginalText(Derivation):
    """The text as it was collected, where the variable has a translation; missing where the two are the same."""

    verb: ClassVar[str] = "original_text"
    default_origin = Origin("Collected", "Investigator")
    example = Example(
        rule="{original_text: AETERM, label: Term as Collected}",
        rows={"TERM": ["Übelkeit", "nausea", "Husten"]},
        gives=["Uebelkeit", "", ""],
        variable="AECAT",
        setting="AETERM: TERM",
        study="translations: {file: translations.csv, variables: [AE.AETERM], original: lineage}",
        files={"translations.csv": "text,language,english\nÜbelkeit,de,nausea\nnausea,en,nausea\n"},
    )

    original_text: str = Field(description="The variable that translations: of study.yaml names.")

    def reads(self) -> Iterator[tuple[str, str]]:
        yield "original_text", self.original_text

    def describe(self, target: str, words: Wording = AS_WRITTEN) -> str:
        return f"{target} is the collected text of {words.name(self.original_text)}, where that is a translation."

    def derive(self, env: Environment) -> Derived:
        values = env.column(self.original_text, "original_text")
        planned = env.build.planned.every.get(self.original_text)
        rule = planned.rule_in(env.block) if planned is not None and env.block is not None else None
        none = col.constant("", env.n)
        if planned is None or rule is None:
            return Derived(none, origin=Origin("Collected", "Investigator"))
        of_variable = Environment(env.build, env.rows, env.block, planned, rule)
        of_variable.findings = Findings()  # the variable itself has reported them
        original = collected_text(of_variable, rule)
        changed = choose(col.objects(original) != col.objects(values), original, none)
        return Derived(changed, origin=Origin("Collected", "Investigator"))
