"""All checks of a define.xml by name. Importing this module registers them."""

from __future__ import annotations

from collections.abc import Mapping

from . import analyses, codelists, guide, identifiers, origins, records, structure, value_level, values
from .check import DefineCheck, registered

MODULES = (identifiers, structure, guide, origins, records, values, codelists, value_level, analyses)


def define_checks() -> Mapping[str, DefineCheck]:
    """Every check by its name."""
    return registered()
