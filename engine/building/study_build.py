"""All datasets of one partition while they are built: tables by name, rows of subjects, circles, and the run itself.

Not for one dataset (dataset_build.py) nor for dividing a study into partitions (partitions.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from ...errors import Place, SpecError, SpecProblem
from ...findings.table import Findings
from ..accounts.ledger import Ledger
from ..accounts.outcomes import RowOutcome
from ..columns import column as col
from ..columns import verbs
from ..derivations.column_kinds import ColumnKinds, column_kinds
from ..expressions.unread_cells import UnreadCells
from ..plan.plan import PlannedStudy
from ..readers.cell_readers import Declarations
from ..tables.dataset import Finished
from ..tables.partition_cache import PartitionCache
from ..tables.table import ExistingDatasetTable, LiteralTable, RawSlice, SpecTable, Table
from .cell_readings import account_cells
from .cutoff import Cutoff
from .dataset_build import DatasetBuild
from .unfinished_table import DatasetInBuildTable

#: values that may need each other in one chain: a longer chain is a mistake, and would exhaust the interpreter
DEEPEST = 60


class StudyBuild:
    """All datasets of one partition."""

    def __init__(
        self,
        plan: PlannedStudy,
        tables: Mapping[str, Table],
        ledger: Ledger,
        findings: Findings,
        companion: Callable[[DatasetBuild, dict[str, pd.Series], Finished], Finished],
    ):
        self.plan, self.ledger, self.findings, self.companion = plan, ledger, findings, companion
        self.tables = dict(tables)
        self.of_spec = {name: SpecTable(name, t) for name, t in plan.tables.items()}
        self.builds = {name: DatasetBuild(self, d) for name, d in plan.datasets.items()}
        self.orders: dict[str, np.ndarray] = {}
        self.cache = PartitionCache()
        self.unread = UnreadCells()
        self._in_progress: dict[_Step, Place | None] = {}
        self._subject_codes: dict[tuple[int, int], tuple[pd.Series, pd.Series, np.ndarray, np.ndarray]] = {}
        self._subject_rows: dict[str, tuple[Table, pd.Series, np.ndarray]] = {}
        cutoff = plan.spec.study.cutoff
        self.cutoff = Cutoff(self, cutoff) if cutoff is not None else None
        ledger.cutoff = cutoff.isoformat() if cutoff is not None else ""

    @property
    def declarations(self) -> Declarations:
        """What study.yaml declares for raw columns, with the tables of this partition."""
        return Declarations(self.plan.spec, self.tables, self.cache)

    @property
    def kinds(self) -> ColumnKinds:
        """(source, column) -> the kinds of value that the specs read or declare it as."""
        return self.cache.computed("column kinds", lambda: column_kinds(self.plan))

    @property
    def first(self) -> bool:
        """Whether this is the study's first partition, which builds the records of no subject."""
        return all(t.first for t in self.tables.values())

    @property
    def built_now(self) -> tuple[str, str]:
        """(dataset, variable) that is being built; the variable is '' for the records, both are '' for nothing."""
        step = next(reversed(self._in_progress), _Step("", "", None))
        return step.dataset, step.variable

    def has_table(self, name: str) -> bool:
        return name in self.tables or name in self.builds or name in self.of_spec

    def table(self, name: str, reader: DatasetBuild, block: int | None) -> Table:
        """A table by name; a dataset that reads itself gets the blocks before ``block``."""
        if name in self.builds:
            build = self.builds[name]
            return DatasetInBuildTable(build, block if build is reader else None)
        if name in self.tables:
            return self.tables[name]
        if name in self.of_spec:
            return self.of_spec[name]
        raise SpecError(
            [SpecProblem(reader.planned.place, f"there is no source or dataset '{name}'", reader.planned.name)]
        )

    def subject_codes(self, one: pd.Series, other: pd.Series) -> tuple[np.ndarray, np.ndarray]:
        """Codes of the subjects of two tables, equal where the subject is; cached, because most rules need them."""
        key = id(one), id(other)
        cached = self._subject_codes.get(key)
        if cached is None or cached[0] is not one or cached[1] is not other:
            cached = self._subject_codes[key] = (one, other, *verbs.key_codes([one], [other]))
        return cached[2], cached[3]

    def subject_rows(self, table: Table, subject: pd.Series) -> np.ndarray:
        """Position of each subject's row in a table; a subject with several rows is reported one time per build."""
        of_rows = table.column("USUBJID")
        match = verbs.match_rows([subject], [of_rows])
        if len(match.repeated) and table.name not in self._subject_rows:
            self._subject_rows[table.name] = (table, of_rows, match.repeated)
            self.findings.add(
                "R2A-JOIN-003",
                f"{table.name} has more than one record of the subject: rules that look up a value read the first",
                dataset=table.name,
                subject=col.objects(of_rows)[match.repeated],
                variable="USUBJID",
            )
        return match.right

    def refer(self, table: Table, ids: np.ndarray) -> None:
        """Note in the ledger the rows of a raw source that a join or lookup used."""
        if isinstance(table, RawSlice) and table.name in self.ledger.sources:
            used = np.zeros(table.n, dtype=bool)
            used[ids[ids >= 0]] = True
            found = table.global_ids(np.flatnonzero(used))
            self.ledger.sources[table.name].mark(found, RowOutcome.REFERRED, "read by a join or lookup")

    def final_ids(self, table: Table, ids: np.ndarray) -> np.ndarray:
        """Positions in the finished table for positions in the order in which its records were built."""
        if isinstance(table, (RawSlice, ExistingDatasetTable)):
            return table.global_ids(ids).astype("int32")
        if isinstance(table, LiteralTable):  # records of the spec keep their positions there
            return ids.astype("int32")
        order = self.orders.get(table.name)
        if order is None:
            return ids.astype("int32")
        back = np.full(int(order.max(initial=-1)) + 2, -1, dtype="int32")
        back[order] = np.arange(len(order), dtype="int32")
        return back[np.where(ids < len(back) - 1, ids, -1)]

    def refuse_circle(self, dataset: str, variable: str, place: Place | None, block: int | None = None) -> _CircleGuard:
        """While a variable, or '' for the records, is built in a block, nothing may need it there: a SpecError.

        The same variable of another block may be needed.
        """
        return _CircleGuard(self._in_progress, _Step(dataset, variable, block), place)

    def run(self) -> dict[str, Finished]:
        """Every dataset, in the order of the plan."""
        if self.cutoff is not None:
            self.cutoff.cut_sources()
        finished = {name: build.finish() for name, build in self.builds.items()}
        for name, done in list(finished.items()):
            build = self.builds[name]
            companions = {q: build.value(q, None) for q in build.planned.supplemental}
            done.dataset.lineage = build.lineage(done.order)
            if companions:
                companion = self.companion(build, companions, done)
                finished[companion.dataset.name] = companion
        if self.cutoff is not None:
            self.cutoff.close(finished)
        shared = [n for n, t in self.tables.items() if isinstance(t, RawSlice) and not t.has_subject]
        self.unread.report(self.ledger, self.findings, shared)
        for build in self.builds.values():
            build.report_ties()
        account_cells(self)
        return finished


class _Step(NamedTuple):
    """A variable of a dataset in one block, or in all (None); the variable '' is the records."""

    dataset: str
    variable: str
    block: int | None

    def __str__(self) -> str:
        return f"{self.dataset}.{self.variable}" if self.variable else f"the records of {self.dataset}"


class _CircleGuard:
    """Refuses a circle. ``in_progress``: what is being built, in order."""

    def __init__(self, in_progress: dict[_Step, Place | None], step: _Step, place: Place | None):
        self.in_progress, self.step, self.place = in_progress, step, place

    def __enter__(self) -> None:
        if self.step in self.in_progress:
            steps = list(self.in_progress)
            circle = " needs ".join(map(str, [*steps[steps.index(self.step) :], self.step]))
            raise SpecError([SpecProblem(self.place or Place(""), f"this goes in a circle: {circle}")])
        if len(self.in_progress) >= DEEPEST:
            chain = " needs ".join(map(str, list(self.in_progress)[-3:]))
            message = f"a chain of more than {DEEPEST} values that need each other: ... {chain}; shorten it"
            raise SpecError([SpecProblem(self.place or Place(""), message)])
        self.in_progress[self.step] = self.place

    def __exit__(self, *_: object) -> None:
        self.in_progress.pop(self.step, None)
