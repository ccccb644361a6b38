"""The kind of the rules about define.xml: each runs one check of conformance/define_xml/ over a package."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar
from weakref import WeakKeyDictionary

from pydantic import Field, field_validator

from ..define_xml.check import DefineView
from ..define_xml.checks import define_checks
from ..package import Package
from .kind import Check, Hit, register_check

_VIEWS: WeakKeyDictionary[Package, DefineView] = WeakKeyDictionary()


def view_of(package: Package) -> DefineView:
    """What the checks of define.xml read, once for each package. The package has a define.xml."""
    if package not in _VIEWS:
        assert package.define is not None
        related = package.related
        _VIEWS[package] = DefineView(
            content=package.define,
            datasets=package.datasets,
            xml=package.define_xml,
            folder=package.folder,
            standard=package.standard,
            sources=related.define if related is not None else None,
            source_xml=related.define_xml if related is not None else b"",
            files={name: path.name for name, path in package.files.items()},
            complete=package.complete,
        )
    return _VIEWS[package]


@register_check
class DefineCheck(Check):
    """A check of define.xml, alone or against the datasets, by its name."""

    verb: ClassVar[str] = "define"
    of_package: ClassVar[bool] = True

    define: str = Field(description="The name of a check of define.xml, such as unused_codelists.")

    @field_validator("define")
    @classmethod
    def _known(cls, name: str) -> str:
        if name not in define_checks():
            raise ValueError(f"there is no check of define.xml called {name!r}")
        return name

    def package_applies(self, package: Package) -> str:
        if package.define is None:
            return "the package has no define.xml"
        return define_checks()[self.define].not_applicable(view_of(package))

    def package_hits(self, package: Package) -> Iterator[Hit]:
        for problem in define_checks()[self.define].found(view_of(package)):
            place = f"{problem.place}: " if problem.place and problem.place != problem.value else ""
            yield Hit(
                dataset=problem.dataset,
                variable=problem.variable,
                value=problem.value,
                parts={"problem": f"{place}{problem.message}"},
            )

    def parts(self) -> frozenset[str]:
        return frozenset({"problem"})
