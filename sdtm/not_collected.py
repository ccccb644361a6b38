"""Required and expected variables that a study does not collect: what ``not_collected:`` of a spec may name.

Not for the variables themselves (planning.py) nor for their findings (findings/table.py).
"""

from __future__ import annotations

from collections.abc import Collection

from ..errors import SpecProblem, nearest
from ..mappings.binding.bind import key_place_of
from ..mappings.facts.facts import DatasetFacts
from ..mappings.models.dataset import DatasetSpec

#: without a value of these no record is identified
_IDENTIFYING = ("STUDYID", "DOMAIN", "USUBJID", "RDOMAIN")


def not_collected_problems(file: DatasetSpec, facts: DatasetFacts, ruled: Collection[str]) -> list[SpecProblem]:
    """The mistakes of ``not_collected:``. ``ruled``: the variables that have a rule in the spec."""
    problems = []
    for variable, reason in file.not_collected.items():
        found = facts.variable(variable)
        hint = ""
        if found is None:
            message = f"{variable} is no variable of {file.dataset} in SDTMIG"
            hint = nearest(variable, [v.name for v in facts.variables])
        elif variable in ruled:
            message = "the variable has a rule, so it has values; remove the rule, or the entry of not_collected:"
        elif variable in _IDENTIFYING or variable.endswith("SEQ"):
            message = "the variable identifies records, so raw2adam derives it; remove the entry of not_collected:"
        elif found.core not in ("Req", "Exp"):
            message = "the variable is permissible, so it may be absent; remove the entry of not_collected:"
        elif not reason.strip():
            message = "the reason is empty; write why the study does not collect the variable"
        else:
            continue
        problems.append(
            SpecProblem(key_place_of(file, "not_collected", variable), message, file.dataset, variable, hint)
        )
    return problems
