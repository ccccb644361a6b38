"""A conformance rule: one function with its record and its cases, registered by a decorator.

Not for the rules (the modules of the families beside this one) nor for running them (check.py).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from ...findings import catalogue
from ...findings.rule import FindingRule, rule
from .example import Example
from .report import Report


class Scope(Enum):
    """The part of a dataset that a rule reads, which decides when it runs."""

    #: one dataset, the subjects of one partition; a rule must not compare subjects
    DATASET = "dataset"
    #: the same, if it is SDTM or ADaM
    SDTM = "SDTM dataset"
    ADAM = "ADaM dataset"
    #: one dataset beside the other datasets of the same subjects
    RELATED = "related datasets"
    #: the different combinations of values that some variables have over all subjects of a dataset
    ALL_SUBJECTS = "all subjects"


@dataclass(frozen=True, kw_only=True)
class ConformanceRule:
    """One rule. ``variables``: for a rule over all subjects the variables whose combinations it sees."""

    finding: FindingRule
    scope: Scope
    check: Callable[[Report], None]
    passes: tuple[Example, ...]
    fails: tuple[Example, ...]
    variables: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return self.finding.id


_RULES: dict[str, ConformanceRule] = {}


def conformance(
    id_: str,
    severity: str,
    title: str,
    *,
    source: str,
    do: str,
    passes: Example | tuple[Example, ...],
    fails: Example | tuple[Example, ...],
    ask: str = "",
    superseded_by: str = "",
    scope: Scope = Scope.DATASET,
    variables: tuple[str, ...] = (),
) -> Callable[[Callable[[Report], None]], Callable[[Report], None]]:
    """Register a function as the rule ``id_``, and its record in the catalogue of findings.

    ``source``: the document and section that the rule follows. ``do``, ``ask``, ``superseded_by``: as in FindingRule.
    ``passes``, ``fails``: datasets without and with findings of the rule, which the tests run.
    Raises ValueError where another rule has the id.
    """
    record = rule(id_, severity, title, do, ask, source=source, superseded_by=superseded_by)

    def register(check: Callable[[Report], None]) -> Callable[[Report], None]:
        catalogue.register(record)
        _RULES[id_] = ConformanceRule(
            finding=record,
            scope=scope,
            check=check,
            passes=passes if isinstance(passes, tuple) else (passes,),
            fails=fails if isinstance(fails, tuple) else (fails,),
            variables=variables,
        )
        return check

    return register


def conformance_rules() -> tuple[ConformanceRule, ...]:
    """Every registered rule, sorted by id."""
    return tuple(_RULES[id_] for id_ in sorted(_RULES))
