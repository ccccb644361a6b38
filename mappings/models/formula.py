"""Named formulas of parameters, as BMI, read from mappings/criteria/formulas.yaml.

Not for evaluating them: adam/records/computed.py.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from pydantic import Field

from ...errors import SpecError
from ..binding.bind import Binder, SpecModel
from ..yaml.read import examine_file

FILE = Path(__file__).parents[1] / "criteria" / "formulas.yaml"


class NamedFormula(SpecModel):
    """One formula: what it computes, from which codes, in which units."""

    label: str = Field(description="The result.")
    unit: str = Field(description="Its unit.")
    formula: str = Field(description="The formula, in the language of docs/expressions.md.")
    inputs: dict[str, tuple[str, ...]] = Field(description="Code to the units that the formula is stated for.")
    source: str = Field(description="Where it was published.")


@lru_cache(maxsize=1)
def named_formulas() -> dict[str, NamedFormula]:
    """Name to formula. Raises SpecError with every mistake of the file."""
    node, problems = examine_file(FILE, FILE.parents[1])
    binder = Binder()
    found = binder.bind(node, dict[str, NamedFormula]) if node is not None else None
    if problems or binder.problems or found is None:
        raise SpecError([*problems, *binder.problems])
    return found
