"""Values that rules compute one time for all datasets of a partition, such as the dates of visits.

Not for values of one dataset (engine/building/dataset_build.py).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, TypeVar, cast

T = TypeVar("T")


class PartitionCache:
    """Computed values by key. A key starts with the name of what it holds; no two callers share a name."""

    def __init__(self) -> None:
        self._values: dict[Hashable, Any] = {}

    def computed(self, key: Hashable, compute: Callable[[], T]) -> T:
        """The value of ``key``; the first call computes it."""
        if key not in self._values:
            self._values[key] = compute()
        return cast("T", self._values[key])

    def clear(self) -> None:
        """Forget all values. Call it when a table loses rows."""
        self._values.clear()
