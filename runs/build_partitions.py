"""Builds a study in partitions of its subjects, one at a time in memory, and merges their facts.

Not for one partition (engine/building/study_build.py), reading raw data (from_raw.py) or writing files
(write_outputs.py).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from ..engine.accounts.ledger import Ledger
from ..engine.building.partitions import StudyTables, join_lineage, open_ledger, ranges, subjects_of
from ..engine.building.stored_partitions import Parts
from ..engine.building.study_build import StudyBuild
from ..engine.building.summaries import Summary, merge, settle, summarise, with_dataset
from ..engine.plan.plan import PlannedStudy
from ..engine.tables.dataset import Dataset, DatasetMetadata, Finished, Lineage
from ..engine.tables.existing import ExistingDataset
from ..engine.tables.table import RawSlice, Table
from ..findings.table import Findings
from ..sdtm.long_text import split_long_texts
from ..sdtm.long_text_partitions import same_variables_in_every_partition
from ..sdtm.supplemental import supplemental_dataset
from ..sdtm.trial.summary import TRIAL_SUMMARY, fill_summary, partition_values
from ..sources.table import RawTable
from ..transport.ascii_text import ascii_dataset, ascii_text
from .check_conformance import WaitingRules, check_conformance
from .close_accounts import account_columns, count_blocks


@dataclass
class Built:
    """A study as built. ``stored``: its datasets by partition; ``lineage``: of every dataset over all partitions.

    ``waiting``: the rules of conformance that wait for a whole study.
    """

    specs: dict[str, DatasetMetadata]
    stored: Parts
    ledger: Ledger
    lineage: dict[str, Lineage]
    summary: Summary
    waiting: WaitingRules = field(default_factory=WaitingRules)


@dataclass(kw_only=True)
class _Gathered:
    """The partitions that are built: their datasets, and the facts that cross partitions.

    ``offsets``: by partition, dataset -> its records in earlier partitions. ``read_columns``: source -> columns read.
    """

    stored: Parts
    read_columns: dict[str, set[str]]
    summaries: list[Summary] = field(default_factory=list)
    offsets: list[dict[str, int]] = field(default_factory=list)
    records: dict[str, int] = field(default_factory=dict)

    def add(self, summary: Summary, finished: Mapping[str, Finished], tables: Mapping[str, Table]) -> None:
        """Add a partition; the caller can then drop it from memory."""
        self.summaries.append(summary)
        self.offsets.append(dict(self.records))
        for name, done in finished.items():
            if "USUBJID" in done.dataset.metadata.names:  # records without subject have the same numbers in each
                self.records[name] = self.records.get(name, 0) + len(done.dataset)
        self.stored.add({n: d.dataset for n, d in finished.items()})
        for name, table in tables.items():
            if isinstance(table, RawSlice):
                self.read_columns[name] |= table.read_columns()

    def lineage(self) -> dict[str, Lineage]:
        """The lineage of every dataset over all partitions."""
        lineages = self.stored.lineages
        return {n: join_lineage([p[n] for p in lineages], self.offsets) for n in lineages[0]}


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
    existing: Mapping[str, ExistingDataset] | None = None,
    shared: Mapping[str, np.ndarray] | None = None,
    submission: bool = True,
    lengths: Mapping[str, int] | None = None,
    rules: Collection[str] | None = None,
) -> Built:
    """Build every partition and merge their facts. ``void``: source -> column -> texts read as missing.

    ``scratch``: a folder for the finished partitions, which then leave the memory. ``existing``: datasets that exist
    already, by name; ``plan`` then has none of them. ``shared``: source -> rows whose USUBJID two people would share.
    ``submission``: the datasets become what is submitted: texts that XPT holds, the values of the trial summary, no
    empty permissible variables, checked. Without it they are the plain values of the rules. ``lengths``: of the text
    variables of SDTM that exists already, by name. ``rules``: the rules of conformance that run, by id; None for all.
    """
    existing = existing or {}
    merging = frozenset(n for n, s in plan.spec.sources.items() if s.duplicates == "merge")
    ledger, remaining = open_ledger(raw, identity, merging, shared)
    if submission:
        ledger.cells.plain = partial(plain_text, languages=plan.translations.languages)
    whole = StudyTables(raw=raw, identity=identity, remaining=remaining, existing=existing, void=void or {})
    subjects = subjects_of(identity, existing)
    if not len(subjects.names):
        findings.add("R2A-SUBJ-003", "no raw source has a row with a subject: every dataset is empty")
    gathered = _Gathered(stored=Parts(scratch), read_columns={n: set() for n in raw})
    parts = ranges(len(subjects.names), partitions)
    for number, (low, high) in enumerate(parts, start=1):
        say(f"{plan.id}: building partition {number} of {len(parts)}, {high - low} subjects")
        tables = whole.of_subjects(subjects, low, high)
        run = StudyBuild(plan, tables, ledger, findings, supplemental_dataset)
        finished = run.run()
        further = _finish_partition(plan, finished, findings) if submission else {}
        summary = summarise(finished)
        summary.further = further
        if submission and TRIAL_SUMMARY in finished:
            summary.study_values = partition_values(plan.spec, finished)
        gathered.add(summary, finished, tables)
        del run, finished, tables  # before the next partition is built
    findings.drop_repeated()
    built = _merged(plan, raw, gathered, ledger, findings, submission=submission, lengths=lengths or {})
    if submission and (rules is None or rules):
        built.waiting = check_conformance(built.specs, built.stored, existing, findings, rules)
    return built


def _merged(
    plan: PlannedStudy,
    raw: Mapping[str, RawTable],
    gathered: _Gathered,
    ledger: Ledger,
    findings: Findings,
    *,
    submission: bool,
    lengths: Mapping[str, int],
) -> Built:
    """The study over all partitions, with its records and columns in the ledger."""
    stored, summary = gathered.stored, merge(gathered.summaries)
    if submission:
        summary = _finish_study(plan, stored, summary, findings)
        leave_out_empty(stored, plan, summary)
    specs = settle(stored.specs[0], summary, lengths)
    lineage = gathered.lineage()
    count_blocks(plan, lineage, ledger)
    account_columns(plan, raw, lineage, gathered.read_columns, ledger, findings)
    return Built(specs, stored, ledger, lineage, summary)


def _finish_partition(
    plan: PlannedStudy, finished: dict[str, Finished], findings: Findings
) -> dict[tuple[str, str], int]:
    """Turn the datasets of one partition into what XPT holds; the further variables of long texts."""
    for done in finished.values():
        done.dataset = ascii_dataset(done.dataset, findings, plan.translations.languages)
    return split_long_texts(finished, findings)


def _finish_study(plan: PlannedStudy, stored: Parts, summary: Summary, findings: Findings) -> Summary:
    """Give every partition the same variables, and the trial summary the values that all subjects decide."""
    same_variables_in_every_partition(stored, summary.further, plan)
    if TRIAL_SUMMARY in stored.specs[0]:
        filled = fill_summary(plan.spec, stored.dataset(0, TRIAL_SUMMARY), summary.study_values)
        stored.put_dataset(0, TRIAL_SUMMARY, filled)
        summary = with_dataset(summary, filled)
    return summary


def leave_out_empty(stored: Parts, plan: PlannedStudy, summary: Summary) -> None:
    """Remove permissible variables without a value from SDTM datasets, if only a convention supplies them.

    SDTMIG 3.4 section 4.1.5: a permissible variable without data may be absent. A variable that a spec names stays.
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
            variables = tuple(v for v in dataset.metadata.variables if v.name not in empty)
            frame = pd.DataFrame(dataset.frame[[v.name for v in variables]])
            metadata = replace(dataset.metadata, variables=variables)
            stored.put_dataset(part, name, Dataset.of_clean(metadata, frame, dataset.lineage))


def plain_text(text: str, languages: Mapping[str, str] | None = None) -> str:
    """A text as XPT holds it. ``languages``: text to its language, where the study declares it."""
    if text.isascii() and text.isprintable():
        return text
    return ascii_text(text, (languages or {}).get(text, ""))[0]
