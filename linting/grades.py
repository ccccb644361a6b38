"""Terms of toxicity that a rule can give and its scale does not have: their records would have no grade.

Not for the grades (adam/grading) nor for the values of a codelist (terms.py).
"""

from __future__ import annotations

from ..adam.grading.toxicity import ToxicityGrade
from ..errors import SpecProblem
from ..mappings.binding.bind import place_of
from .known_texts import KnownTexts

_SHOWN = 3


def grade_problems(known: KnownTexts) -> list[SpecProblem]:
    """A warning for each rule of grades whose term can be a text that the scale does not have in its direction.

    A rule with when: is not judged, nor one whose term has when:, since the condition may exclude those records.
    """
    problems = []
    for dataset in known.plan.datasets.values():
        for variable in dataset.every.values():
            for rule in variable.rules:
                if not isinstance(rule, ToxicityGrade) or not (terms := rule.terms()):
                    continue
                term = dataset.every.get(rule.term)
                if any(r.when is not None for r in (rule, *(term.rules if term is not None else ()))):
                    continue
                odd: set[str] = set()
                for number in range(len(dataset.spec.blocks)):
                    texts = known.variable(dataset, rule.term, number) if variable.rule_in(number) is rule else None
                    if texts is not None:
                        odd |= {t for t in texts.values if t.strip() and t.strip().casefold() not in terms}
                if odd:
                    shown = ", ".join(repr(t) for t in sorted(odd)[:_SHOWN]) + (" ..." if len(odd) > _SHOWN else "")
                    message = f"{rule.term} can be no term of {rule.scale} for {rule.direction} values, as {shown}"
                    hint = "map: keeps a text that it does not have; write cases:, a lookup: of a table, or when:"
                    place = place_of(rule, "term")
                    problems.append(SpecProblem(place, message, dataset.name, variable.name, hint, "warning"))
    return problems
