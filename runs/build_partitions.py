"""Builds a study in partitions of its subjects, of which one at a time is in memory, and merges what they tell.

Not for one partition (engine/building/study_build.py), reading raw data (from_raw.py) or writing files
(write_outputs.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from ..engine.accounts.ledger import Ledger
from ..engine.building.partitions import (
    Summary,
    join_lineage,
    merge,
    open_ledger,
    ranges,
    settle,
    slice_tables,
    subjects_of,
    summarise,
    with_dataset,
)
from ..engine.building.stored_partitions import Parts
from ..engine.building.study_build import StudyBuild
from ..engine.plan.plan import PlannedStudy
from ..engine.tables.dataset import Dataset, DatasetMetadata, Finished, Lineage
from ..engine.tables.existing import ExistingDataset
from ..engine.tables.table import RawSlice
from ..findings.table import Findings
from ..sdtm.long_text import agree, split_long_texts
from ..sdtm.supplemental import supplemental_dataset
from ..sdtm.trial.summary import fill_summary, partition_values
from ..sources.table import RawTable
from ..transport.ascii_text import ascii_dataset, ascii_text
from ..validation.conformance.check import (
    Combinations,
    check_all_subjects,
    check_dataset,
    check_partition,
    combinations,
)
from .close_accounts import account_columns, count_blocks


@dataclass
class Built:
    """A study as built. ``stored``: its datasets by partition; ``lineage``: of every dataset over all partitions."""

    specs: dict[str, DatasetMetadata]
    stored: Parts
    ledger: Ledger
    lineage: dict[str, Lineage]
    summary: Summary


def build_partitions(
    plan: PlannedStudy,
    raw: Mapping[str, RawTable],
    identity: Mapping[str, Mapping[str, pd.Series]],
    findings: Findings,
    *,
    partitions: int = 1,
    say: Callable[[str], None] = lambda _: None,
    void: Mapping[str, Mapping[str, frozenset[str]]] | None = None,
    scratch: Path | None = None,
    given: Mapping[str, ExistingDataset] | None = None,
    shared: Mapping[str, np.ndarray] | None = None,
    submission: bool = True,
) -> Built:
    """Build every partition and merge what they tell. ``void``: source -> column -> texts read as missing.

    ``scratch``: a folder for the finished partitions, which then leave the memory. ``given``: datasets that are there
    already, by name; ``plan`` then has none of them. ``shared``: source -> rows whose USUBJID two people would share.
    ``submission``: the datasets become what is submitted: texts that XPT holds, the values of the trial summary, no
    empty permissible variables, checked. Without it they are what the rules give.
    """
    given = given or {}
    merging = frozenset(n for n, s in plan.spec.sources.items() if s.duplicates == "merge")
    ledger, left = open_ledger(raw, identity, merging, shared)
    if submission:
        ledger.cells.plain = partial(plain_text, languages=plan.translations.languages)
    subjects = subjects_of(identity, given)
    if not len(subjects.names):
        findings.add("R2A-SUBJ-003", "no raw source has a row with a subject: every dataset is empty")
    stored = Parts(scratch)
    seen_values: dict[str, list[Combinations]] = {}
    summaries: list[Summary] = []
    offsets: list[dict[str, int]] = []
    seen: dict[str, int] = {}
    read_columns: dict[str, set[str]] = {n: set() for n in raw}
    parts = ranges(len(subjects.names), partitions)
    for number, (low, high) in enumerate(parts, start=1):
        say(f"{plan.id}: building partition {number} of {len(parts)}, {high - low} subjects")
        tables = slice_tables(raw, identity, given, subjects, left, low, high, void)
        run = StudyBuild(plan, tables, ledger, findings, supplemental_dataset)
        finished = run.run()
        further = _finish_partition(plan, finished, given, findings) if submission else {}
        of_partition = summarise(finished)
        of_partition.further = further
        if submission and "TS" in finished:
            of_partition.study_values = partition_values(plan.spec, finished)
        summaries.append(of_partition)
        offsets.append(dict(seen))
        for name, done in finished.items():
            if "USUBJID" in done.dataset.metadata.names:  # what is of no subject, every partition numbers alike
                seen[name] = seen.get(name, 0) + len(done.dataset)
        stored.add({n: d.dataset for n, d in finished.items()})
        for name, done in finished.items():
            seen_values.setdefault(name, []).append(combinations(done.dataset))
        for name, table in tables.items():
            if isinstance(table, RawSlice):
                read_columns[name] |= table.read_columns()
        del run, finished, tables  # before the next partition is made
    findings.drop_repeated()
    summary = merge(summaries)
    if submission:
        summary = _finish_study(plan, stored, summary, findings)
        for name, spec in stored.specs[0].items():
            check_all_subjects(spec, seen_values.get(name, ()), findings)
        leave_out_empty(stored, plan, summary)
    specs = settle(stored.specs[0], summary)
    lineages = stored.lineages
    lineage = {n: join_lineage([p[n] for p in lineages], offsets) for n in lineages[0]}
    count_blocks(plan, lineage, ledger)
    account_columns(plan, raw, lineage, read_columns, ledger, findings)
    return Built(specs, stored, ledger, lineage, summary)


def _finish_partition(
    plan: PlannedStudy, finished: dict[str, Finished], given: Mapping[str, ExistingDataset], findings: Findings
) -> dict[tuple[str, str], int]:
    """Datasets of one partition as XPT holds them, checked; the further variables that long texts take."""
    for done in finished.values():
        done.dataset = ascii_dataset(done.dataset, findings, plan.translations.languages)
    further = split_long_texts(finished, findings)
    check_partition(
        {n: d.dataset for n, d in finished.items()},
        findings,
        dm=given["DM"].dataset if "DM" in given else None,
        leave_out=("TS",),  # its values are not all there yet
    )
    return further


def _finish_study(plan: PlannedStudy, stored: Parts, summary: Summary, findings: Findings) -> Summary:
    """The same variables in every partition, and the trial summary with the values that all subjects decide."""
    agree(stored, summary.further, plan)
    if "TS" in stored.specs[0]:
        filled = fill_summary(plan.spec, stored.dataset(0, "TS"), summary.study_values)
        stored.put_dataset(0, "TS", filled)
        summary = with_dataset(summary, filled)
        check_dataset(filled, findings)
    return summary


def leave_out_empty(stored: Parts, plan: PlannedStudy, summary: Summary) -> None:
    """Takes the permissible variables that only a convention supplies out of SDTM datasets where no record has a value.

    SDTMIG 3.4 section 4.1.5: a permissible variable without data need not be there. What a spec names stays.
    """
    for name, spec in list(stored.specs[0].items()):
        planned = plan.datasets.get(name)
        if planned is None or planned.kind != "sdtm" or not summary.records.get(name):
            continue
        empty = {
            v.name
            for v in spec.variables
            if v.core == "Perm"
            and (name, v.name) not in summary.filled
            and v.name not in spec.keys
            and v.name in planned.variables
            and planned.variables[v.name].by_convention
        }
        for part in range(len(stored)) if empty else ():
            dataset = stored.dataset(part, name)
            kept = tuple(v for v in dataset.metadata.variables if v.name not in empty)
            frame = pd.DataFrame(dataset.frame[[v.name for v in kept]])
            left = Dataset.of_clean(replace(dataset.metadata, variables=kept), frame, dataset.lineage)
            stored.put_dataset(part, name, left)


def plain_text(text: str, languages: Mapping[str, str] | None = None) -> str:
    """A text as XPT holds it. ``languages``: text to its language, where the study declares it."""
    if text.isascii() and text.isprintable():
        return text
    return ascii_text(text, (languages or {}).get(text, ""))[0]
