"""Which formulas give another unit than the name of their variable states: days or seconds."""

from __future__ import annotations

import pytest
from raw2adam.engine.checks.date_units import contradicted, units_of
from raw2adam.engine.derivations.assign import Compute

UNITS = units_of({"TRTSDT": "number", "TRTSDTM": "number", "AVAL": "number"})


@pytest.mark.parametrize(
    ("variable", "formula", "refused"),
    [
        ("ASTDTM", "TRTSDT", True),
        ("ASTDT", "TRTSDTM", True),
        ("ASTDT", "TRTSDT + 30", False),
        ("ASTDTM", "TRTSDT + 30", True),
        # a formula that converts copies no date
        ("ASTDTM", "TRTSDT * 86400", False),
        ("ASTDT", "floor(TRTSDTM / 86400)", False),
        ("ASTDTM", "TRTSDT * 86400 + 3600", False),
        # another name states no unit
        ("AVAL", "TRTSDTM", False),
    ],
)
def test_a_formula_gives_the_unit_of_its_variable(variable: str, formula: str, refused: bool):
    rule = Compute.model_validate({"compute": formula})
    assert (contradicted(rule, variable, UNITS) is not None) == refused
