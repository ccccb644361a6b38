"""What is written of a rule: the rule, its variable and the languages; and the value that a rule assigns.

Not for the code of the kinds of rules (rules.py, analysis_rules.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..mappings.expressions.number_text import number_text
from ..mappings.models.derivation import DerivationSpec
from .language import Language, NoEqual
from .r import R
from .sas import Sas

#: lines of R and of SAS
Lines = tuple[Sequence[str], Sequence[str]]


@dataclass(frozen=True, kw_only=True)
class WrittenRule:
    """What is written: the rule, its variable, its dataset, and the languages with the names of the rule."""

    rule: DerivationSpec
    target: str
    numeric: bool
    moment: str
    dataset: str
    r: R
    sas: Sas

    def constant(self, language: Language, text: str) -> str:
        """A text of the spec as a value of the variable."""
        if not self.numeric:
            return language.text(text)
        if self.moment and isinstance(language, R):
            if text or self.moment != "date":
                raise NoEqual
            return "as.Date(NA)"
        try:
            return number_text(float(text)) if text else {"R": "NA_real_", "Sas": "."}[type(language).__name__]
        except ValueError:
            raise NoEqual from None

    def formula(self, text: str) -> tuple[str, str]:
        """A formula as a value of the variable, in R and SAS."""
        return self.r.formula_of(text, self.moment), self.sas.formula(text)

    def columns(self, names: Sequence[str]) -> list[str]:
        """Columns as values of the variable. Raises NoEqual for a date in a number, and the other way round."""
        if any(self.r.names.moment(n) != self.moment for n in names):
            raise NoEqual
        return [self.r.names.code(n) for n in names]


def assigned(about: WrittenRule, r: str, sas: str) -> Lines:
    """The value of a record, where the rule applies."""
    when = about.rule.when
    blank = "NA" if about.numeric else "NA_character_"
    if when is None:
        return [f"mutate({about.target} = {r})"], [f"{about.target} = {sas};"]
    return (
        [f"mutate({about.target} = if_else({about.r.condition(when)}, {r}, {blank}, missing = {blank}))"],
        [f"if {about.sas.condition(when)} then {about.target} = {sas};"],
    )
