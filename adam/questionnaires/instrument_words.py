"""What a score consists of, as lines of a method: the items of each scale, the scales of each summary.

Not for the arithmetic (scale_scores.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...mappings.models.instrument import InstrumentSpec, ScaleSpec
from ...mappings.models.wording import quoted

#: so many items that follow each other are listed one by one
_FEW = 2


def scoring_rules(instrument: InstrumentSpec) -> Iterator[str]:
    """The scales of each kind, then the summaries."""
    kinds: dict[str, list[str]] = {}
    for code, scale in instrument.scales.items():
        kinds.setdefault(scale.type, []).append(f"{quoted(code)} of {_items(scale, list(instrument.items))}")
    for kind, scales in kinds.items():
        yield f"{kind.capitalize()} scales of {quoted(instrument.category)}: {'; '.join(scales)}."
    for code, summary in instrument.summaries.items():
        scales = ", ".join(map(quoted, summary.scales))
        yield (
            f"Summary {quoted(code)} is the mean of the scores {scales}, symptom scores subtracted from 100; missing "
            "unless all have a value."
        )


def _items(scale: ScaleSpec, order: Sequence[str]) -> str:
    """The items of a scale, and how many of them must be answered."""
    first, last = scale.items[0], scale.items[-1]
    at = order.index(first) if first in order else 0
    if len(scale.items) > _FEW and tuple(order[at : at + len(scale.items)]) == scale.items:
        listed = f"{quoted(first)} to {quoted(last)}"
    else:
        listed = ", ".join(map(quoted, scale.items))
    return listed if len(scale.items) == 1 else f"{listed} (at least {scale.minimum} answered)"
