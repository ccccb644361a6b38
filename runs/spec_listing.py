"""The spec of a study as a listing: each variable with its rule in a sentence and the line of the spec.

Not for define.xml (define/), which has the same sentences.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..engine.derivations.derivation import derivation
from ..mappings.loader import find_study, load_study
from .plan_study import plan_study


def spec_listing(study: str) -> Iterator[str]:
    """The lines of the listing, dataset by dataset. Raises UsageError and SpecError."""
    plan, _ = plan_study(load_study(find_study(study)))
    for dataset in plan.datasets.values():
        yield f"\n{dataset.name}  {dataset.label}  ({dataset.structure}; keys {', '.join(dataset.keys)})"
        for name, variable in dataset.every.items():
            sentences = [r.method or derivation(r).describe(name) for r in variable.rules] or [
                "no rule: the column is empty"
            ]
            yield f"  {name:8}  {variable.type:9}  {' | '.join(sentences)}  [{variable.place or 'convention'}]"
