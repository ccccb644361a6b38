"""Variables that a study does not collect: what ``not_collected:`` of a spec may name.

Not for the variables themselves (the planning of each standard) nor for their findings (findings/table.py).
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from ...errors import SpecProblem, nearest
from ...mappings.binding.bind import key_place_of
from ...mappings.facts.variable import VariableFacts
from ...mappings.models.dataset import DatasetSpec


@dataclass(frozen=True, kw_only=True)
class Absence:
    """What a standard lets a study leave without values.

    ``guide``: its name in messages. ``cores``: the core status of these variables; a variable of another one may be
    absent. ``facts``: what the guide states of a variable. ``listed``: the names among which a mistaken one is sought.
    ``identifies``: whether a variable identifies records, so that it has values in any case.
    """

    guide: str
    cores: frozenset[str]
    facts: Callable[[str], VariableFacts | None]
    listed: Collection[str]
    identifies: Callable[[str], bool]


def not_collected_problems(file: DatasetSpec, standard: Absence, ruled: Collection[str]) -> list[SpecProblem]:
    """The mistakes of ``not_collected:``. ``ruled``: the variables that have a rule in the spec."""
    problems = []
    for variable, reason in file.not_collected.items():
        found = standard.facts(variable)
        hint = ""
        if found is None:
            message = f"{variable} is no variable of {file.dataset} in {standard.guide}"
            hint = nearest(variable, list(standard.listed))
        elif variable in ruled:
            message = "the variable has a rule, so it has values; remove the rule, or the entry of not_collected:"
        elif standard.identifies(variable):
            message = "the variable identifies records, so raw2adam derives it; remove the entry of not_collected:"
        elif found.core not in standard.cores:
            message = "the variable is permissible, so it may be absent; remove the entry of not_collected:"
        elif not reason.strip():
            message = "the reason is empty; write why the study does not collect the variable"
        else:
            continue
        problems.append(
            SpecProblem(key_place_of(file, "not_collected", variable), message, file.dataset, variable, hint)
        )
    return problems


def reason_of(file: DatasetSpec, variable: str) -> str:
    """Why the study does not collect a variable, on one line; '' where the spec does not name it."""
    return " ".join(file.not_collected.get(variable, "").split())
