"""Data classes that write their methods at first use.

``@dataclass`` of this module takes the same keywords as that of the standard library, and its classes behave the same.
The standard library compiles five or six methods of each class when a module is imported. A command imports hundreds
of data classes and uses few of them, so this module compiles ``__init__`` when the first object is created, and
compiles no other method. Not for slots and ``InitVar``: a class that needs them takes the standard library's decorator.
"""

from __future__ import annotations

import dataclasses
import operator
from collections.abc import Callable
from dataclasses import MISSING, FrozenInstanceError, asdict, field, fields, is_dataclass, replace
from reprlib import recursive_repr
from typing import TYPE_CHECKING, Any

__all__ = ["asdict", "dataclass", "field", "fields", "is_dataclass", "replace"]

if TYPE_CHECKING:
    from dataclasses import dataclass
else:

    def dataclass(cls=None, /, *, frozen=False, eq=True, order=False, kw_only=False):
        """The class with the methods of a data class; ``frozen``, ``eq``, ``order``, ``kw_only`` as in dataclasses."""

        def decorate(cls: type) -> type:
            return _with_methods(cls, frozen=frozen, eq=eq, order=order, kw_only=kw_only)

        return decorate if cls is None else decorate(cls)


def _with_methods(cls: type, *, frozen: bool, eq: bool, order: bool, kw_only: bool) -> type:
    if not cls.__doc__:
        cls.__doc__ = cls.__name__  # else the standard library writes the signature, which takes long
    written = set(cls.__dict__)
    dataclasses.dataclass(init=False, repr=False, eq=False, kw_only=kw_only)(cls)
    found = dataclasses.fields(cls)  # type: ignore[arg-type]
    methods: dict[str, Any] = {
        "__init__": _late_init(cls, frozen),
        "__repr__": _repr([f.name for f in found if f.repr]),
    }
    compared = _values([f.name for f in found if f.compare])
    if eq:
        methods["__eq__"] = _comparison(operator.eq, compared)
        if cls.__dict__.get("__hash__") is None:  # Python puts None there for a class with __eq__
            methods["__hash__"] = (lambda self: hash(compared(self))) if frozen else None
    if order:
        for name in ("lt", "le", "gt", "ge"):
            methods[f"__{name}__"] = _comparison(getattr(operator, name), compared)
    if frozen:
        names = frozenset(f.name for f in found)
        methods["__setattr__"] = _refusal(cls, names, "assign to")
        methods["__delattr__"] = _refusal(cls, names, "delete")
    for name, method in methods.items():
        if name not in written or name == "__hash__":
            setattr(cls, name, method)
    return cls


def _late_init(cls: Any, frozen: bool) -> Callable[..., None]:
    """An ``__init__`` that compiles the real one and puts it in its place."""

    def __init__(self: Any, *args: Any, **keywords: Any) -> None:
        cls.__init__ = real = _init(cls, frozen)
        real(self, *args, **keywords)

    return __init__


def _init(cls: Any, frozen: bool) -> Callable[..., None]:
    """``__init__`` of the fields, in their order; those by keyword alone are last."""
    known: dict[str, Any] = {"_set": object.__setattr__, "_missing": MISSING}
    by_place, by_keyword, lines = [], [], []
    for i, f in enumerate(dataclasses.fields(cls)):
        known[f"_default{i}"] = f.default if f.default_factory is MISSING else f.default_factory
        value = f.name if f.init else f"_default{i}"
        default = "" if f.default is MISSING else f"=_default{i}"
        if f.default_factory is not MISSING:
            default = "=_missing"
            value = f"_default{i}() if {f.name} is _missing else {f.name}" if f.init else f"_default{i}()"
        elif not f.init:
            continue  # a default is an attribute of the class
        if f.init:
            (by_keyword if f.kw_only else by_place).append(f.name + default)
        lines.append(f" _set(self, {f.name!r}, {value})" if frozen else f" self.{f.name} = {value}")
    if hasattr(cls, "__post_init__"):
        lines.append(" self.__post_init__()")
    parameters = ["self", *by_place, *(["*", *by_keyword] if by_keyword else [])]
    exec(f"def __init__({', '.join(parameters)}):\n" + "\n".join(lines or [" pass"]), known)
    made = known["__init__"]
    made.__qualname__ = f"{cls.__qualname__}.__init__"
    return made


def _values(names: list[str]) -> Callable[[Any], tuple[Any, ...]]:
    """What compares an object: the values of its fields."""
    if len(names) > 1:
        return operator.attrgetter(*names)
    return lambda self: tuple(getattr(self, name) for name in names)


def _comparison(compare: Callable[[Any, Any], Any], values: Callable[[Any], Any]) -> Callable[[Any, Any], Any]:
    def method(self: Any, other: Any) -> Any:
        return compare(values(self), values(other)) if other.__class__ is self.__class__ else NotImplemented

    return method


def _repr(names: list[str]) -> Callable[[Any], str]:
    @recursive_repr()
    def __repr__(self: Any) -> str:
        return f"{self.__class__.__qualname__}({', '.join(f'{name}={getattr(self, name)!r}' for name in names)})"

    return __repr__


def _refusal(cls: type, names: frozenset[str], what: str) -> Callable[..., None]:
    """``__setattr__`` or ``__delattr__`` of a frozen class: subclasses that are no data classes may have attributes."""

    def method(self: Any, name: str, *value: Any) -> None:
        if type(self) is cls or name in names:
            raise FrozenInstanceError(f"cannot {what} field {name!r}")
        (super(cls, self).__setattr__ if value else super(cls, self).__delattr__)(name, *value)

    return method
