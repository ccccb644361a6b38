"""A study's checks: YAML files that name an expectation for a finished dataset, read, checked and run.

Not for the fields of the files (check_files.py) nor for running great-expectations (run.py).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ...engine.building.stored_partitions import specs_of
from ...engine.columns import column as col
from ...engine.tables.dataset import Dataset, DatasetMetadata
from ...errors import Place, SpecError, SpecProblem, nearest
from ...mappings.binding.spec_model import place_of
from .check_files import ARGUMENTS, CROSS, CheckSpec, written_checks
from .check_mistakes import cross_mistakes, expectation_mistakes, is_number, missing_datasets, mistake, number_of
from .cross_checks import Scope, broken_series, failing, repeated
from .expectations import columns_read
from .run import QualityCheck, QualityResult, run_checks


def study_checks(
    paths: Sequence[Path],
    datasets: Mapping[str, Dataset],
    *,
    root: Path | None = None,
    planned: Collection[str] = (),
    expectations: bool = True,
) -> list[QualityResult]:
    """Read the files of checks and run them on ``datasets``. SpecError with every mistake of all files.

    ``expectations``: whether checks that great-expectations runs are among them; all others need only the datasets.

    ``root``: the study folder that messages name files against. ``planned``: datasets the study has but this run did
    not build; their checks do not run.
    """
    checks, problems = read_checks(paths, datasets, root=root, planned=planned)
    if problems:
        raise SpecError(problems)
    if not expectations:
        checks = [c for c in checks if c.expectation in CROSS]
    results = []
    for name in dict.fromkeys(c.table for c in checks):
        dataset, mine = datasets[name], [c for c in checks if c.table == name]
        results += run_checks([c for c in mine if c.expectation not in CROSS and not c.where], dataset.frame)
        for check in mine:
            scope = Scope(name, datasets, check.lookups)
            if check.expectation in CROSS:
                results.append(_crossed(check, scope))
            elif check.where:
                results += _on_part(check, scope)
    order = {c.name: i for i, c in enumerate(checks)}
    return sorted(results, key=lambda r: order[r.check.name])


def _crossed(check: QualityCheck, scope: Scope) -> QualityResult:
    rule, where = check.arguments[check.expectation], check.where or None
    if check.expectation == "fails":
        mask = failing(scope, rule, where)
    elif check.expectation == "unbroken":
        mask = broken_series(scope, rule, check.arguments["by"], where)
    else:
        mask = repeated(scope, rule, where)
    records = np.flatnonzero(mask)
    return QualityResult(check, not len(records), len(mask), len(records), "", records)


def _on_part(check: QualityCheck, scope: Scope) -> list[QualityResult]:
    """An expectation of the records where a condition holds; its records count in the whole dataset."""
    at = np.flatnonzero(scope.where(check.where))
    part = pd.DataFrame({n: col.take(pd.Series(scope.frame[n]), at) for n in scope.frame.columns})
    return [replace(r, records=at[r.records]) for r in run_checks([check], part)]


def read_checks(
    paths: Sequence[Path], datasets: Mapping[str, Dataset], *, root: Path | None = None, planned: Collection[str] = ()
) -> tuple[list[QualityCheck], list[SpecProblem]]:
    """The checks of all files that can run, and every mistake in them; nothing is run."""
    checks: list[QualityCheck] = []
    written, problems = written_checks(paths, root)
    names: dict[str, Place] = {}
    specs = specs_of(datasets)
    for spec in written:
        if spec.name in names:
            problems.append(mistake(spec, "name", f"the name '{spec.name}' is taken: {names[spec.name]}"))
        names.setdefault(spec.name, place_of(spec, "name"))
        if spec.dataset not in specs:
            if spec.dataset not in planned:
                hint = nearest(spec.dataset, [*specs, *planned])
                problems.append(mistake(spec, "dataset", f"there is no dataset '{spec.dataset}'", hint))
            continue
        if missing_datasets(spec, specs) & set(planned):
            continue
        found = cross_mistakes(spec, datasets, specs) or expectation_mistakes(spec, specs[spec.dataset])
        problems += found
        if not found:
            checks.append(_check(spec, specs[spec.dataset]))
    return checks, problems


def _cross_check(spec: CheckSpec) -> QualityCheck:
    kind = next(f for f in CROSS if getattr(spec, f))
    variable = spec.at or spec.unbroken or (spec.once[-1] if spec.once else "")
    arguments = {kind: getattr(spec, kind)} | ({"column": variable} if variable else {})
    if kind == "unbroken":
        arguments["by"] = spec.by
    sentence = spec.message or f"{variable or spec.dataset} fails the check {spec.name}"
    rule = f"R2A-CHECK-{spec.name}"
    place = place_of(spec)
    return QualityCheck(
        spec.name, spec.dataset, kind, arguments, spec.severity, sentence, rule, place, spec.where or "", spec.with_
    )


def _check(spec: CheckSpec, dataset: DatasetMetadata) -> QualityCheck:
    if not spec.expect:
        return _cross_check(spec)
    arguments: dict[str, Any] = {ARGUMENTS[f]: getattr(spec, f) for f in ARGUMENTS if getattr(spec, f) is not None}
    for name in ("value_set", "column_list"):
        if name in arguments:
            arguments[name] = list(arguments[name])
    if "value_set" in arguments and is_number(spec, dataset):
        arguments["value_set"] = [number_of(t) for t in arguments["value_set"]]
    expectation = spec.expect.removeprefix("expect_")
    if "lengths" in expectation or "count" in expectation:
        arguments |= {k: int(arguments[k]) for k in ("min_value", "max_value") if k in arguments}
    read = ", ".join(columns_read(arguments))
    sentence = spec.message or f"{read or spec.dataset} fails the check {spec.name} ({expectation.replace('_', ' ')})"
    return QualityCheck(
        spec.name,
        spec.dataset,
        expectation,
        arguments,
        spec.severity,
        sentence,
        f"R2A-CHECK-{spec.name}",
        place_of(spec),
        spec.where or "",
        spec.with_,
    )
