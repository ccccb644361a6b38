"""Package: the datasets of one standard that the conformance rules read together.

Not for reading files, nor for one dataset with what the rules compute once of it (table.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np

from ..define.content import DefineContent
from ..engine.tables.dataset import Dataset
from .table import Standard, Table


@dataclass(frozen=True, kw_only=True, eq=False)
class Package:
    """Datasets of SDTM or of ADaM, by name, each with all records and the facts that are known of it.

    ``define``: the define.xml of these datasets, ``define_xml`` its bytes. ``related``: the SDTM beside ADaM, which
    rules may read and which they do not check. ``planned``: a build derived these datasets from specs. ``complete``:
    every dataset of the study is here, so that a missing one can be reported. ``folder``, ``files``: where the datasets
    were read, by dataset.
    """

    standard: Standard
    datasets: Mapping[str, Dataset]
    define: DefineContent | None = None
    related: Package | None = None
    complete: bool = False
    planned: bool = False
    folder: Path | None = None
    files: Mapping[str, Path] = field(default_factory=dict)
    define_xml: bytes = b""

    @cached_property
    def tables(self) -> dict[str, Table]:
        """The datasets with at least one record, by name."""
        return {n: Table(d, self.standard, self.table) for n, d in self.datasets.items() if len(d)}

    @cached_property
    def by_domain(self) -> dict[str, list[Table]]:
        """Domain -> its tables; a domain may be split into several datasets."""
        found: dict[str, list[Table]] = {}
        for table in self.tables.values():
            found.setdefault(table.domain, []).append(table)
        return found

    @cached_property
    def declares_codelists(self) -> bool:
        """Whether the metadata decide which codelist a variable has, so that one without has none."""
        return (
            self.planned
            or self.define is not None
            or any(v.codelist is not None for d in self.datasets.values() for v in d.metadata.variables)
        )

    @cached_property
    def study_types(self) -> frozenset[str]:
        """The types of the study in the trial summary (STYPE in TS); none where TS does not state any."""
        summary = self.table("TS")
        if summary is None or not {"TSPARMCD", "TSVAL"} <= set(summary.about):
            return frozenset()
        (codes, parameters), (values, texts) = summary.texts("TSPARMCD"), summary.texts("TSVAL")
        stated = np.unique(values[parameters[codes] == "STYPE"])
        return frozenset(map(str, texts[stated]))

    def table(self, name: str) -> Table | None:
        """The dataset called ``name``, of this package or of the related one."""
        found = self.tables.get(name)
        return self.related.table(name) if found is None and self.related is not None else found
