"""Static checks of the instruments that steps and rules name: they exist, and can be used together.

Not for the contents of an instrument: mappings/models/instrument.py checks them where the file is read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from ...engine.plan.plan import PlannedStudy
from ...errors import SpecProblem, nearest
from ...mappings.binding.bind import SpecModel, place_of
from ...mappings.models.instrument import InstrumentSpec
from . import items, scoring  # noqa: F401 - register their steps
from .item_records import OfQuestionnaire


def instrument_problems(plan: PlannedStudy) -> Iterator[SpecProblem]:
    """Every unknown or repeated name, and codes that two instruments of one step or rule share, at their lines."""
    for dataset in plan.datasets.values():
        named: dict[int, tuple[SpecModel, str, Sequence[str], str]] = {}
        for step in (s for b in dataset.spec.blocks for s in b.steps):
            if isinstance(step, OfQuestionnaire):
                named[id(step)] = step, step.verb, step.names(), ""
        for variable in dataset.every.values():
            for rule in variable.rules:
                if _takes_instruments(type(rule)) and (names := getattr(rule, "instruments")):  # noqa: B009
                    named[id(rule)] = rule, "instruments", names, variable.name
        for owner, field, names, variable in named.values():
            yield from _named(plan.spec.instruments, owner, field, names, dataset.name, variable)


@cache  # pydantic looks for an attribute that a model does not have in several places
def _takes_instruments(rule: type[SpecModel]) -> bool:
    return "instruments" in rule.model_fields


def _named(
    known: Mapping[str, InstrumentSpec],
    owner: SpecModel,
    field: str,
    names: Sequence[str],
    dataset: str,
    variable: str,
) -> Iterator[SpecProblem]:
    taken: dict[str, str] = {}
    for number, name in enumerate(names):
        place = place_of(owner, field, number)
        if name not in known:
            hint = nearest(name, list(known)) or "parents: [instruments] brings those that ship"
            yield SpecProblem(place, f"there is no instrument '{name}'", dataset, variable, hint)
        elif name in names[:number]:
            yield SpecProblem(place, f"the instrument {name} is there twice", dataset, variable)
        else:
            shared = [c for c in (*known[name].items, *known[name].scores) if taken.setdefault(c, name) != name]
            if shared:
                listed = ", ".join(shared[:5])
                yield SpecProblem(place, f"{listed} of {name} is a code of {taken[shared[0]]} too", dataset, variable)
