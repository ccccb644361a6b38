"""The data classes of the package behave as those of the standard library: each case is built with both decorators."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from dataclasses import field, replace
from typing import ClassVar

import pytest
import raw2adam.dataclass as late


def classes(dataclass):
    @dataclass(frozen=True)
    class Point:
        x: int
        y: list = field(default_factory=list)
        z: float = 0.5
        hidden: str = field(default="h", repr=False, compare=False)
        kind: ClassVar[str] = "k"

    @dataclass
    class Counter:
        name: str
        n: int = field(default=0, init=False)
        seen: set = field(default_factory=set, init=False)
        key: str = field(default="", kw_only=True)

        def __post_init__(self):
            self.n = len(self.name)

    @dataclass(frozen=True)
    class Sub(Point):
        w: tuple = ()

    @dataclass(frozen=True, order=True, kw_only=True)
    class Version:
        """Ordered."""

        major: int
        minor: int = 0

    @dataclass(frozen=True, eq=False)
    class Same:
        x: int = 1

        def __repr__(self):
            return "same"

    @dataclass(frozen=True)
    class Hashed:
        x: float

        def __eq__(self, other):
            return True

    return Point, Counter, Sub, Version, Same, Hashed


BOTH = [classes(dataclasses.dataclass), classes(late.dataclass)]


@pytest.mark.parametrize(
    "what",
    [
        lambda c: repr(c[0](1)),
        lambda c: repr(c[0](1, [2], hidden="q")),
        lambda c: (c[0](1) == c[0](1, hidden="q"), c[0](1) == c[0](2), c[0](1) == 1, c[0](1) == c[2](1)),
        lambda c: hash(c[2](1, y=(), w=(3,))),
        lambda c: hash(c[0](1)),
        lambda c: c[0](),
        lambda c: c[0](1, [], 2.0, "h", 5),
        lambda c: c[0](1, zz=3),
        lambda c: setattr(c[0](1), "x", 2),
        lambda c: delattr(c[2](1), "w"),
        lambda c: setattr(c[2](1), "x", 2),
        lambda c: repr(replace(c[2](1), x=5, w=(1,))),
        lambda c: c[0](1).y is c[0](1).y,
        lambda c: vars(c[1]("abc", key="k")),
        lambda c: c[1]("abc", "k"),
        lambda c: hash(c[1]("abc")),
        lambda c: c[1]("a") == c[1]("a"),
        lambda c: (c[3](major=1) < c[3](major=1, minor=1), c[3](major=2) >= c[3](major=1)),
        lambda c: c[3](major=1) < 1,
        lambda c: c[3](1),
        lambda c: sorted([c[3](major=2), c[3](major=1)])[0].major,
        lambda c: (c[4]() == c[4](), repr(c[4]()), len({c[4](), c[4]()})),
        lambda c: (hash(c[5](1.5)), c[5](1) == 2),
        lambda c: (c[0].__match_args__, c[3].__match_args__, [f.name for f in dataclasses.fields(c[2])]),
        lambda c: dataclasses.asdict(c[2](1)),
        lambda c: vars(copy.deepcopy(c[2](1, [2]))),
        lambda c: c[3].__doc__,
    ],
)
def test_a_class_does_what_that_of_the_standard_library_does(what):
    def shown(made):
        try:
            return repr(what(made))
        except (TypeError, AttributeError) as error:
            return f"{type(error).__name__}: {error}"

    wanted, got = map(shown, BOTH)
    assert got == wanted


def test_an_object_goes_through_pickle():
    from raw2adam.errors import Place

    assert pickle.loads(pickle.dumps(Place("a.yaml", 3))) == Place("a.yaml", 3)
