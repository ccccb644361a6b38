"""The rules of a kind by their verb: each class is imported when a spec first names its verb.

Not for the classes (derivation.py, record_step.py) nor for the list of verbs (runs/registered.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TypeVar

T = TypeVar("T")


class Verbs(Mapping[str, type[T]]):
    """Verb -> class. A verb that is announced counts as there, and its module is imported when its class is read."""

    def __init__(self) -> None:
        self._classes: dict[str, type[T]] = {}
        self._announced: dict[str, Callable[[], object]] = {}

    def announce(self, verbs: Iterable[str], load: Callable[[], object]) -> None:
        """``load`` imports the module whose classes have these verbs."""
        self._announced |= dict.fromkeys(verbs, load)

    def add(self, verb: str, rule: type[T]) -> None:
        """Make a class available. ValueError if another one has its verb."""
        known = self._classes.get(verb, rule)
        if known.__qualname__ != rule.__qualname__:
            raise ValueError(f"verb {verb!r} is already taken by {known.__name__}")
        self._classes[verb] = rule

    def __getitem__(self, verb: str) -> type[T]:
        if verb not in self._classes and verb in self._announced:
            self._announced[verb]()
        return self._classes[verb]

    def __contains__(self, verb: object) -> bool:
        return verb in self._announced or verb in self._classes

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys((*self._announced, *self._classes)))

    def __len__(self) -> int:
        return len({*self._announced, *self._classes})
