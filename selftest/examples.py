"""Runs the examples of the reference page, and the cases of the conformance rules.

Of the raw cells shown on the page, each example gives the values shown there.

The raw files are read, and the study is built, by what builds every study. Not for writing outputs nor for what must be
refused (``refusals.py``).
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path

from ..conformance.examples import found_in
from ..conformance.language.read import cased_rules
from ..engine.columns import column as col
from ..engine.plan.plan import PlannedStudy
from ..findings.table import Findings
from ..mappings.binding.bind import Binder
from ..mappings.loader import load_study
from ..mappings.models.derivation import DERIVATIONS, Example
from ..mappings.models.example import example_files
from ..mappings.models.record_step import STEPS
from ..mappings.models.source import SourceSpec
from ..mappings.models.source_examples import SOURCE_EXAMPLES, SourceExample
from ..mappings.models.step_example import StepExample, step_example_files
from ..mappings.yaml.read import examine_text
from ..runs.build_partitions import Built, build_partitions
from ..runs.dictionaries import with_dictionaries
from ..runs.plan_study import plan_study
from ..runs.read_raw import read_raw
from ..sources.cell_parts import divide
from ..sources.read import read_source
from .files import write_files
from .result import Result
from .source_order import source_order, whole_columns

OF_DERIVATIONS, OF_STEPS, OF_SOURCES = "examples of derivations", "examples of steps", "examples of sources"
CONFORMANCE = "cases of conformance rules"


def example_results() -> Iterator[Result]:
    """The result of every example: derivations and steps by verb, sources as on the page, then conformance rules."""
    with tempfile.TemporaryDirectory(prefix="raw2adam-selftest-") as name:
        # one folder for all: a file that examples share has one path, so it is parsed once
        folder = Path(name, "example")
        for verb in sorted(DERIVATIONS):
            example = DERIVATIONS[verb].example
            if example is not None:
                values = run_example(example, _emptied(folder))
                yield Result(OF_DERIVATIONS, verb, values == example.gives, "\n".join(example.gives), "\n".join(values))
        for verb in sorted(STEPS):
            of_step = STEPS[verb].example
            if of_step is not None:
                records = run_step_example(of_step, _emptied(folder))
                yield Result(OF_STEPS, verb, records == dict(of_step.gives), str(dict(of_step.gives)), str(records))
        for source in SOURCE_EXAMPLES:
            cells = run_source_example(source, _emptied(folder))
            yield Result(OF_SOURCES, source.keys, cells == source.gives, str(source.gives), str(cells))
    for id_, rule in cased_rules().items():
        for number, case in enumerate((*rule.passes, *rule.fails), start=1):
            wanted, found = sorted(case.finds), found_in(rule, case)
            yield Result(CONFORMANCE, f"{id_} {number}", found == wanted, str(wanted), str(found))


def _emptied(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return folder


def run_example(example: Example, folder: Path) -> list[str]:
    """Build the example's study in ``folder``; the values of its variable, in the order of the raw rows."""
    plan, built = _built(example_files(example), folder)
    datasets = built.stored.part(0)
    places = source_order(plan, whole_columns([{n: d.columns for n, d in datasets.items()}]), built.lineage)
    values = col.objects(datasets[example.dataset].frame[example.variable])
    return [str(v) for v in values[places[example.dataset]]]


def run_step_example(example: StepExample, folder: Path) -> dict[str, list[str]]:
    """Build the example's study in ``folder``; the values of its variables, numeric dates as dates."""
    _, built = _built(step_example_files(example), folder)
    dataset = built.stored.part(0)[example.dataset]
    dates = {v.name for v in dataset.metadata.variables if v.is_numeric and v.format.startswith("DATE")}
    return {n: [_shown(str(v), n in dates) for v in col.objects(dataset.columns[n])] for n in example.gives}


def _shown(value: str, is_date: bool) -> str:
    return (date(1960, 1, 1) + timedelta(days=int(value))).isoformat() if is_date and value else value


def _built(files: Mapping[str, str], folder: Path) -> tuple[PlannedStudy, Built]:
    write_files(folder, files)
    loaded = load_study(folder)
    plan, _ = plan_study(loaded)
    findings = Findings()
    plan, _ = with_dictionaries(plan, [loaded.root], loaded.root, findings)
    read = read_raw(plan, loaded.root, folder / "raw", findings)
    # an example shows values, so no rule of conformance runs over its datasets
    return plan, build_partitions(plan, read.tables, read.identity, findings, shared=read.shared, rules=())


def run_source_example(example: SourceExample, folder: Path) -> dict[str, list[str]]:
    """Read the example's file in ``folder``; the cells of each column that the example shows."""
    write_files(folder, {**example.files, **example.written})
    node, problems = examine_text(f"raw: {example.source}\n", "example")
    binder = Binder()
    source: SourceSpec | None = None
    if node is not None and not problems:
        source = (binder.bind(node, dict[str, SourceSpec]) or {}).get("raw")
    if source is None:
        return {"problems": [str(p) for p in (*problems, *binder.problems)]}
    table = read_source("raw", folder, source, Findings())
    table = divide(table, source.cell_readers, Findings())
    return {name: table.frame[name].tolist() for name in example.gives}
