"""Runs every registered conformance rule over finished datasets; what breaks a rule becomes a finding.

Not for the rules (the modules of the families beside this one), nor for the quality of raw data (validation/quality/).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

import numpy as np
import pandas as pd

from ...engine.columns import column as col
from ...engine.columns.verbs import has_earlier, record_codes
from ...engine.tables.dataset import Dataset, DatasetMetadata
from ...findings.table import Findings
from . import codelists, identifiers, metadata, parameters, relations, time_to_event, timing, values
from .example import Example, Found
from .report import Report, is_analysis
from .rule import ConformanceRule, Scope, conformance_rules

#: the modules whose import registers their rules
FAMILIES = (metadata, values, codelists, identifiers, timing, relations, parameters, time_to_event)

#: the different combinations of values that a rule over all subjects sees, by its id
Combinations = dict[str, frozenset[tuple[str, ...]]]


def check_partition(
    datasets: Mapping[str, Dataset], findings: Findings, *, dm: Dataset | None = None, leave_out: Collection[str] = ()
) -> None:
    """Check the datasets of one partition: each of them alone, and beside the others.

    ``dm``: DM, where it is not among the datasets. ``leave_out``: datasets that are not complete yet.
    """
    known = datasets.get("DM", dm)
    for name, dataset in datasets.items():
        if name not in leave_out:
            check_dataset(dataset, findings, dm=known, others=datasets)


def check_dataset(
    dataset: Dataset, findings: Findings, *, dm: Dataset | None = None, others: Mapping[str, Dataset] | None = None
) -> None:
    """Check one dataset by every rule that does not need all subjects.

    ``dm``: without it no subject is looked up. ``others``: the datasets of the same subjects by name.
    """
    subjects = None if dm is None else dm.columns["USUBJID"]
    for rule in conformance_rules():
        if rule.scope is not Scope.ALL_SUBJECTS and _applies(rule, dataset):
            rule.check(Report(dataset=dataset, findings=findings, rule=rule.id, subjects=subjects, others=others or {}))


def combinations(dataset: Dataset) -> Combinations:
    """The values of one partition of a dataset that the rules over all subjects need."""
    found: Combinations = {}
    for rule in _over_all_subjects():
        if set(rule.variables) <= set(dataset.metadata.names) and len(dataset):
            columns = [dataset.columns[n] for n in rule.variables]
            first = np.flatnonzero(~has_earlier(record_codes(columns)))
            texts = (col.objects(col.as_text(col.take(c, first))).tolist() for c in columns)
            found[rule.id] = frozenset(zip(*texts, strict=True))
    return found


def check_all_subjects(spec: DatasetMetadata, parts: Iterable[Combinations], findings: Findings) -> None:
    """Check the combinations of values that all partitions of a dataset have."""
    every = list(parts)
    no_records = Dataset.of_clean(spec, pd.DataFrame(columns=spec.names))
    for rule in _over_all_subjects():
        seen = sorted(frozenset().union(*(p.get(rule.id, ()) for p in every)))
        if seen:
            rule.check(Report(dataset=no_records, findings=findings, rule=rule.id, combinations=seen))


def _over_all_subjects() -> list[ConformanceRule]:
    return [r for r in conformance_rules() if r.scope is Scope.ALL_SUBJECTS]


def _applies(rule: ConformanceRule, dataset: Dataset) -> bool:
    if rule.scope in (Scope.SDTM, Scope.ADAM):
        return is_analysis(dataset) == (rule.scope is Scope.ADAM)
    return True


def run_example(rule: ConformanceRule, example: Example) -> list[Found]:
    """The findings of one rule in one of its cases, as (subject, sequence, variable, value), sorted."""
    findings = Findings()
    dataset, others = example.dataset, {d.name: d for d in (*example.others, example.dataset)}
    check_dataset(dataset, findings, dm=others.get("DM"), others=others)
    check_all_subjects(dataset.metadata, [combinations(dataset)], findings)
    table = findings.frame()
    of_rule = table[table["rule"] == rule.id]
    columns = (of_rule[n].tolist() for n in ("subject", "sequence", "variable", "value"))
    return [(str(s), int(n), str(v), str(x)) for s, n, v, x in zip(*columns, strict=True)]
