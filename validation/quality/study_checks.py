"""A study's checks: YAML files that name an expectation for a finished dataset, read, checked and run.

Not for the fields of the files (check_files.py) nor for running great-expectations (run.py).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ...engine.building.stored_partitions import specs_of
from ...engine.columns import column as col
from ...engine.columns.number_text import plain_number
from ...engine.tables.dataset import Dataset, DatasetMetadata
from ...errors import Place, SpecError, SpecProblem, nearest
from ...mappings.binding.spec_model import place_of
from ...mappings.expressions.expression import parse
from ...mappings.facts.terminology import Codelist
from .check_files import CheckSpec, kind_of, written_checks
from .check_mistakes import ARGUMENTS, is_number, missing_datasets, mistake, mistakes_of, unless_rules
from .expectations import OF_COLUMNS, columns_read, words
from .kind import Known
from .run import QualityCheck, QualityResult, run_checks
from .scope import Scope


def study_checks(
    paths: Sequence[Path],
    datasets: Mapping[str, Dataset],
    *,
    root: Path | None = None,
    planned: Collection[str] = (),
    expectations: bool = True,
    codelists: Mapping[str, Codelist] | None = None,
    sources: Mapping[str, Dataset] | None = None,
) -> list[QualityResult]:
    """Read the files of checks and run them on ``datasets`` and ``sources``. SpecError with every mistake of all files.

    ``expectations``: whether checks that great-expectations runs are among them; all others need only the datasets.
    ``root``: the study folder that messages name files against. ``planned``: datasets the study has but this run did
    not build, and sources that it did not read; their checks do not run. ``codelists``: those of the study, by name.
    ``sources``: raw sources by name (source_tables.py). A dataset of the same name hides a source in conditions.
    """
    checks, problems = read_checks(paths, datasets, root=root, planned=planned, codelists=codelists, sources=sources)
    if problems:
        raise SpecError(problems)
    if not expectations:
        checks = [c for c in checks if c.kind is not None]
    tables = Tables(datasets, sources or {})
    known = Known({n: s.names for n, s in tables.specs.items()}, codelists or {})
    results = []
    for name, of_source in dict.fromkeys((c.table, c.of_source) for c in checks):
        mine = [c for c in checks if (c.table, c.of_source) == (name, of_source)]
        here = Tables(sources or {}, datasets) if of_source else tables
        # one scope for all checks of a table that look up nothing: each column and condition is read one time
        shared = Scope(name, here, {})
        results += [_computed(c, Scope(name, here, c.lookups) if c.lookups else shared, known) for c in mine if c.kind]
        for where in dict.fromkeys(c.where for c in mine if not c.kind):
            part = [c for c in mine if not c.kind and c.where == where]
            results += _on_part(part, shared, where) if where else run_checks(part, shared.frame)
    order = {c.name: i for i, c in enumerate(checks)}
    return sorted(results, key=lambda r: order[r.check.name])


class Tables(Mapping[str, Dataset]):
    """Datasets and sources by name; one of ``first`` hides one of ``second`` with its name."""

    def __init__(self, first: Mapping[str, Dataset], second: Mapping[str, Dataset]):
        self._parts = (first, second)
        self.specs: Mapping[str, DatasetMetadata] = {**specs_of(second), **specs_of(first)}

    def __getitem__(self, name: str) -> Dataset:
        return next(part for part in self._parts if name in part)[name] if name in self.specs else self._parts[0][name]

    def __contains__(self, name: object) -> bool:
        return name in self.specs  # without reading it

    def __iter__(self) -> Iterator[str]:
        return iter(self.specs)

    def __len__(self) -> int:
        return len(self.specs)


def _computed(check: QualityCheck, scope: Scope, known: Known) -> QualityResult:
    """The result of a kind that raw2adam runs; each failing record counts one time, at its first reason."""
    assert check.kind is not None
    found = [f for f in check.kind.failing(scope, scope.where(check.where or None), known) if len(f.records)]
    rows = len(scope.frame)
    if not found:
        return QualityResult(check, True, rows, 0)
    records = np.concatenate([f.records for f in found])
    columns = np.concatenate([np.full(len(f.records), check.column or f.column, dtype=object) for f in found])
    blank = [np.full(len(f.records), "", dtype=object) if f.detail is None else f.detail for f in found]
    details = np.concatenate(blank)
    order = np.argsort(records, kind="stable")
    failed = len(np.unique(records))
    return QualityResult(
        check=check,
        success=False,
        rows=rows,
        failed=failed,
        observed="",
        records=records[order],
        columns=columns[order],
        details=details[order],
    )


def _on_part(checks: Sequence[QualityCheck], scope: Scope, where: str) -> list[QualityResult]:
    """Expectations of the records where a condition holds; their records count in the whole dataset."""
    at = np.flatnonzero(scope.where(where))
    read = {n for c in checks for n in columns_read(c.arguments)}
    every = any(c.expectation in OF_COLUMNS for c in checks)
    names = [n for n in scope.frame.columns if every or n in read]
    part = pd.DataFrame({n: col.take(pd.Series(scope.frame[n]), at) for n in names}, index=pd.RangeIndex(len(at)))
    return [replace(r, records=at[r.records]) for r in run_checks(checks, part)]


def read_checks(
    paths: Sequence[Path],
    datasets: Mapping[str, Dataset],
    *,
    root: Path | None = None,
    planned: Collection[str] = (),
    codelists: Mapping[str, Codelist] | None = None,
    sources: Mapping[str, Dataset] | None = None,
) -> tuple[list[QualityCheck], list[SpecProblem]]:
    """The checks of all files that can run, and every mistake in them; nothing is run."""
    checks: list[QualityCheck] = []
    written, problems = written_checks(paths, root)
    names: dict[str, Place] = {}
    of_datasets, of_sources = Tables(datasets, sources or {}), Tables(sources or {}, datasets)
    known = Known({n: s.names for n, s in of_datasets.specs.items()}, codelists or {})
    for spec in written:
        if spec.name in names:
            problems.append(mistake(spec, "name", f"the name '{spec.name}' is taken: {names[spec.name]}"))
        names.setdefault(spec.name, place_of(spec, "name"))
        word, there = ("source", sources or {}) if spec.source else ("dataset", datasets)
        tables = of_sources if spec.source else of_datasets
        if spec.table not in there:
            if spec.table not in planned:
                hint = nearest(spec.table, [*there, *planned])
                problems.append(mistake(spec, word, f"there is no {word} '{spec.table}'", hint))
            continue
        if missing_datasets(spec, tables.specs) & set(planned):
            continue
        found = mistakes_of(spec, tables, tables.specs, known)
        unless, unknown = unless_rules(spec, {s.name for s in written})
        problems += found + unknown
        if not found:
            checks.append(replace(_check(spec, tables.specs[spec.table]), unless=unless))
    return checks, problems


def _check(spec: CheckSpec, dataset: DatasetMetadata) -> QualityCheck:
    kind = kind_of(spec)
    expectation = kind.verb if kind is not None else spec.expect.removeprefix("expect_")
    arguments: dict[str, Any] = {} if kind is not None else _arguments(spec, expectation, dataset)
    asks = kind.words() if kind is not None else words(expectation, arguments)
    if spec.where:
        asks += f", where {parse(spec.where).sentence()}"
    return QualityCheck(
        name=spec.name,
        table=spec.table,
        expectation=expectation,
        arguments=arguments,
        severity=spec.severity,
        sentence=spec.message or spec.title or f"fails the check: {asks}",
        rule=f"R2A-CHECK-{spec.name}",
        place=place_of(spec),
        where=spec.where or "",
        lookups=spec.with_,
        title=spec.title or asks,
        words=asks,
        column=spec.at or "",
        kind=kind,
        of_source=bool(spec.source),
        question=spec.question,
    )


def _arguments(spec: CheckSpec, expectation: str, dataset: DatasetMetadata) -> dict[str, Any]:
    """The arguments of an expectation as great-expectations takes them."""
    arguments: dict[str, Any] = {a: getattr(spec, a) for a in ARGUMENTS if getattr(spec, a) is not None}
    for name in ("value_set", "column_list", "column_set", "regex_list"):
        if name in arguments:
            arguments[name] = list(arguments[name])
    if "value_pairs_set" in arguments:
        arguments["value_pairs_set"] = [tuple(pair) for pair in arguments["value_pairs_set"]]
    if spec.quantile_ranges is not None:
        ranges = spec.quantile_ranges
        limits = [list(r) for r in ranges.value_ranges]
        arguments["quantile_ranges"] = {"quantiles": list(ranges.quantiles), "value_ranges": limits}
    if "value_set" in arguments and is_number(spec, dataset):
        arguments["value_set"] = [plain_number(t) for t in arguments["value_set"]]
    if "lengths" in expectation or "count" in expectation:
        arguments |= {k: int(arguments[k]) for k in ("min_value", "max_value") if k in arguments}
    return arguments
