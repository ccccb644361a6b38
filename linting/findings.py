"""Findings of a build about its specs: conditions that nothing can meet, and variables that no record has a value of.

Not for mistakes that stop a build (runs/lint.py and engine/checks/check.py).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from ..engine.accounts.cells import CellLedger
from ..engine.building.summaries import Summary
from ..engine.columns import column as col
from ..engine.derivations.cases import Cases
from ..engine.plan.plan import PlannedDataset, PlannedStudy, PlannedVariable
from ..engine.tables.dataset import SAME_RECORD, Lineage, RuleUse
from ..engine.tables.existing import ExistingDataset
from ..findings.table import Findings
from ..mappings.binding.bind import place_of
from ..sources.table import RawTable
from .conditions import never_filled
from .texts import KnownTexts, RawCells, together


def report_conditions(plan: PlannedStudy, tables: Mapping[str, RawTable], findings: Findings) -> None:
    """R2A-SPEC-001 for each text that a condition asks for and that neither the specs nor the raw data can give."""
    _report_conditions(KnownTexts(plan, RawCells(tables)), findings)


def report_conditions_on_existing(
    plan: PlannedStudy, adam: PlannedStudy, given: Mapping[str, ExistingDataset], findings: Findings
) -> None:
    """The same for the ADaM specs alone over SDTM that was made elsewhere. ``plan``: SDTM and ADaM of the study."""
    _report_conditions(KnownTexts(adam, given=given, specs=KnownTexts(plan)), findings)


def _report_conditions(known: KnownTexts, findings: Findings) -> None:
    for never in never_filled(known):
        p = never.problem
        if p.severity != "warning":
            continue  # the text is only not there in this export
        message = f"{p.message} ({p.hint}); {p.place}" if p.hint else f"{p.message}; {p.place}"
        findings.add("R2A-SPEC-001", message, dataset=p.dataset, variable=p.variable, value=never.text)


def report_empty_variables(
    plan: PlannedStudy,
    lineage: Mapping[str, Lineage],
    summary: Summary,
    cells: CellLedger,
    findings: Findings,
    given: Mapping[str, ExistingDataset] | None = None,
) -> None:
    """R2A-SPEC-002 for each variable with a rule and without a value in any record of its dataset.

    A note where all that the rule reads is empty too, where it gives a value under a condition only, which no record
    may meet, and where it is a rule of blocks that made no record. ``given``: SDTM that was made elsewhere.
    """
    empty = _Empty(plan, lineage, summary, cells, given or {})
    known = KnownTexts(plan)

    def gives_something(dataset: PlannedDataset, name: str) -> bool:
        texts = together(known.variable(dataset, name, b) for b in range(len(dataset.spec.blocks)))
        return texts is None or texts.any(lambda text: bool(text.strip()))

    for dataset in plan.datasets.values():
        if not summary.records.get(dataset.name):
            continue
        for name, variable in {**dataset.variables, **dataset.supplemental}.items():
            if variable.by_convention or empty.filled(dataset.name, name) or not gives_something(dataset, name):
                continue
            places = ", ".join(dict.fromkeys(str(place_of(r)) for r in variable.rules))
            why = "" if empty.reads_something(dataset, name) else "; so is all that its rule reads"
            why = why or ("; no record meets its condition" if _conditional(variable) else "")
            why = why or ("" if empty.has_records(dataset.name, variable) else "; no record is of its block")
            findings.add(
                "R2A-SPEC-002",
                f"empty in all {summary.records[dataset.name]} records though it has a rule{why}; its rule: {places}",
                severity="note" if why else "warning",
                dataset=dataset.name,
                variable=name,
            )


def _conditional(variable: PlannedVariable) -> bool:
    """Whether the rules give a value in some records only: by a condition, or as flags do by their names."""
    if variable.name.endswith(("FL", "DTF", "TMF")):
        return True
    return all(r.when is not None or isinstance(r, Cases) for r in variable.rules)


class _Empty:
    """Which variables have values, and whether what a rule reads has."""

    def __init__(
        self,
        plan: PlannedStudy,
        lineage: Mapping[str, Lineage],
        summary: Summary,
        cells: CellLedger,
        given: Mapping[str, ExistingDataset],
    ):
        self._plan, self._summary, self._cells, self._given = plan, summary, cells, given
        self._uses: dict[tuple[str, str], list[RuleUse]] = {}
        self._blocks = {name: np.unique(line.rows["block"]).tolist() for name, line in lineage.items()}
        for name, line in lineage.items():
            for use in line.rules:
                self._uses.setdefault((name, use.variable), []).append(use)

    def filled(self, dataset: str, variable: str) -> bool:
        return (dataset, variable) in self._summary.filled

    def has_records(self, dataset: str, variable: PlannedVariable) -> bool:
        """Whether a block in which a variable has a rule made a record."""
        return any(variable.rule_in(b) is not None for b in self._blocks[dataset])

    def reads_something(self, dataset: PlannedDataset, variable: str) -> bool:
        """Whether one of the columns that the rules of a variable read has a value."""
        owner = dataset.name if variable in dataset.variables else f"SUPP{dataset.name}"
        uses = self._uses.get((owner, variable), []) or self._uses.get((dataset.name, variable), [])
        reads = [r for use in uses for r in use.reads]
        if not reads:
            return True  # a constant under a condition
        return any(self._has_value(dataset.name if r.node == SAME_RECORD else r.table, r.column) for r in reads)

    def _has_value(self, table: str, column: str) -> bool:
        source = self._cells.sources.get(table)
        if source is not None:
            return column not in source.raw.frame or bool(source.filled(column).any())
        if table in self._given:
            frame = self._given[table].dataset.frame
            return column not in frame or not col.missing(pd.Series(frame[column])).all()
        if table in self._plan.inputs:
            return False
        planned = self._plan.datasets.get(table)
        return planned is None or column not in planned.every or self.filled(table, column) or column in planned.working
