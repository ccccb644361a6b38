"""The variables that a dataset of parameters has: its parameter and its value."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from ..package import Package
from ..table import Table
from .kind import Check, Hit, register_check


@register_check
class ParameterVariablesCheck(Check):
    """A dataset of the Basic Data Structure has PARAMCD, PARAM, and AVAL or AVALC."""

    verb = "parameter_variables"

    parameter_variables: Literal[True] = Field(description="Always true.")

    def hits(self, table: Table, package: Package) -> Iterator[Hit]:
        for name in ("PARAM", "PARAMCD"):
            if name not in table.names:
                yield Hit(variable=name)
        if not table.names & {"AVAL", "AVALC"}:
            yield Hit(variable="AVAL")
