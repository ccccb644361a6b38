"""Findings of a build about its specs: conditions with impossible texts, and variables without a value in any record.

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
from ..engine.derivations.step import OfStep
from ..engine.plan.plan import PlannedDataset, PlannedStudy, PlannedVariable
from ..engine.tables.dataset import SAME_RECORD, Lineage, Reading, RuleUse
from ..engine.tables.existing import ExistingDataset
from ..findings.table import Findings
from ..mappings.binding.bind import place_of
from ..sources.table import RawTable
from .conditions import never_filled
from .known_texts import KnownTexts
from .texts import RawCells, together


def report_conditions(plan: PlannedStudy, tables: Mapping[str, RawTable], findings: Findings) -> None:
    """R2A-SPEC-001 for each text in a condition that neither the specs nor the raw data can contain."""
    _report_conditions(KnownTexts(plan, RawCells(tables)), findings)


def report_conditions_on_existing(
    plan: PlannedStudy, adam: PlannedStudy, existing: Mapping[str, ExistingDataset], findings: Findings
) -> None:
    """The same for the ADaM specs alone with existing SDTM. ``plan``: SDTM and ADaM of the study."""
    _report_conditions(KnownTexts(adam, existing=existing, specs=KnownTexts(plan)), findings)


def report_site(plan: PlannedStudy, findings: Findings) -> None:
    """R2A-SPEC-005 where SITEID of DM copies the only identifier of the subject: then each subject is a site."""
    dm, subject = plan.datasets.get("DM"), plan.spec.subject
    site = dm.every.get("SITEID") if dm is not None else None
    if site is None or not site.by_convention or subject.siteid is not None or len(subject.names) != 1:
        return
    message = (
        f"SITEID is {subject.names[0]}, which identifies the subject, so each subject is a site; declare siteid: under "
        f"subject: at {place_of(subject)}, as a template of raw columns or a fixed text"
    )
    findings.add("R2A-SPEC-005", message, dataset="DM", variable="SITEID")


def _report_conditions(known: KnownTexts, findings: Findings) -> None:
    for never in never_filled(known):
        p = never.problem
        if p.severity != "warning":
            continue  # only this export lacks the text
        message = f"{p.message} ({p.hint}); {p.place}" if p.hint else f"{p.message}; {p.place}"
        findings.add("R2A-SPEC-001", message, dataset=p.dataset, variable=p.variable, value=never.text)


def report_empty_variables(
    plan: PlannedStudy,
    lineage: Mapping[str, Lineage],
    summary: Summary,
    cells: CellLedger,
    findings: Findings,
    existing: Mapping[str, ExistingDataset] | None = None,
) -> None:
    """R2A-SPEC-002 for each variable with a rule and without a value in any record of its dataset.

    It is a note if all that the rule reads is empty too, or if the rule derives a value under a condition only. It is a
    note too for a rule of blocks without a record, and if a step has read nothing for it, as for SRCSEQ of records of
    ADSL.
    ``existing``: existing SDTM by domain.
    """
    empty = _Empty(plan, lineage, summary, cells, existing or {})
    known = KnownTexts(plan)

    def can_have_value(dataset: PlannedDataset, name: str) -> bool:
        texts = together(known.variable(dataset, name, b) for b in range(len(dataset.spec.blocks)))
        return texts is None or texts.any(lambda text: bool(text.strip()))

    for dataset in plan.datasets.values():
        if not summary.records.get(dataset.name):
            continue
        for name, variable in {**dataset.variables, **dataset.supplemental}.items():
            if variable.by_convention or empty.filled(dataset.name, name) or not can_have_value(dataset, name):
                continue
            if empty.only_listed_records(dataset):
                continue
            places = ", ".join(dict.fromkeys(str(place_of(r)) for r in variable.rules))
            why = "" if empty.reads_something(dataset, name) else "; so is all that its rule reads"
            why = why or ("; its step gives these records no value" if empty.of_step_alone(dataset, variable) else "")
            why = why or ("; no record meets its condition" if _conditional(variable) else "")
            why = why or ("" if empty.has_records(dataset.name, variable) else "; no record is of its block")
            findings.add(
                "R2A-SPEC-002",
                f"empty in all {summary.records[dataset.name]} records although it has a rule{why}; its rule: {places}",
                severity="note" if why else "warning",
                dataset=dataset.name,
                variable=name,
            )


def _conditional(variable: PlannedVariable) -> bool:
    """Whether the rules derive a value in some records only: by a condition, or by the name of a flag."""
    if variable.name.endswith(("FL", "DTF", "TMF")):
        return True
    return all(r.when is not None or isinstance(r, Cases) for r in variable.rules)


class _Empty:
    """Which variables have values, and whether the columns that a rule reads have."""

    def __init__(
        self,
        plan: PlannedStudy,
        lineage: Mapping[str, Lineage],
        summary: Summary,
        cells: CellLedger,
        existing: Mapping[str, ExistingDataset],
    ):
        self._plan, self._summary, self._cells, self._existing = plan, summary, cells, existing
        self._uses: dict[tuple[str, str], list[RuleUse]] = {}
        self._blocks = {name: np.unique(line.rows["block"]).tolist() for name, line in lineage.items()}
        for name, line in lineage.items():
            for use in line.rules:
                self._uses.setdefault((name, use.variable), []).append(use)

    def filled(self, dataset: str, variable: str) -> bool:
        return (dataset, variable) in self._summary.filled

    def has_records(self, dataset: str, variable: PlannedVariable) -> bool:
        """Whether a block in which a variable has a rule has a record."""
        return any(variable.rule_in(b) is not None for b in self._blocks[dataset])

    def only_listed_records(self, dataset: PlannedDataset) -> bool:
        """Whether all records are those that the spec lists: it leaves a value empty on purpose.

        So RELREC between datasets has no USUBJID and no IDVARVAL (SDTMIG 3.4 section 8.3).
        """
        return all(dataset.spec.blocks[b].records for b in self._blocks[dataset.name])

    def of_step_alone(self, dataset: PlannedDataset, variable: PlannedVariable) -> bool:
        """Whether steps supply a variable and have read no column for it."""
        of_steps = all(isinstance(rule, OfStep) for rule in variable.rules)
        return of_steps and not self._reads(dataset, variable.name)

    def _reads(self, dataset: PlannedDataset, variable: str) -> list[Reading]:
        owner = dataset.name if variable in dataset.variables else f"SUPP{dataset.name}"
        uses = self._uses.get((owner, variable), []) or self._uses.get((dataset.name, variable), [])
        return [r for use in uses for r in use.reads]

    def reads_something(self, dataset: PlannedDataset, variable: str) -> bool:
        """Whether one of the columns that the rules of a variable read has a value."""
        reads = self._reads(dataset, variable)
        if not reads:
            return True  # a constant under a condition
        return any(self._has_value(dataset.name if r.node == SAME_RECORD else r.table, r.column) for r in reads)

    def _has_value(self, table: str, column: str) -> bool:
        source = self._cells.sources.get(table)
        if source is not None:
            return column not in source.raw.frame or bool(source.filled(column).any())
        if table in self._existing:
            frame = self._existing[table].dataset.frame
            return column not in frame or not col.missing(pd.Series(frame[column])).all()
        if table in self._plan.inputs:
            return False
        planned = self._plan.datasets.get(table)
        return planned is None or column not in planned.every or self.filled(table, column) or column in planned.working
