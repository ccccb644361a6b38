"""The end of a trace in existing SDTM: file, data record, variable and cell.

Not for datasets that raw2adam built (records.py).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from ..engine.columns import column as col
from ..runs.lineage_files import QUALIFIER, existing_frame
from .stored_lineage import StoredLineage


class ExistingData:
    """The existing datasets of a built folder: from the copy of the build, else from their files in ``folder``."""

    def __init__(self, stored: StoredLineage, folder: Path | None):
        self.stored, self.folder = stored, folder
        self._names = stored.index.get("given", {})
        self._frames: dict[str, pd.DataFrame] = {}

    def has(self, dataset: str) -> bool:
        return dataset in self._names

    def is_absent(self, dataset: str) -> bool:
        """Whether a dataset that a rule reads was optional and absent."""
        return "given" in self.stored.index and not self.has(dataset) and dataset not in self.stored.index["datasets"]

    def frame(self, dataset: str) -> pd.DataFrame | None:
        """The records of an existing dataset; None without copy and folder. InputError if a file has changed."""
        if dataset not in self._frames:
            found = self.stored.existing(dataset)
            if found is not None:
                self._frames[dataset] = found
            elif self.folder is not None:
                from ..runs.read_existing import same_files

                files = [f for name in (*self._names, "") for f in self.stored.existing_files(name)]
                domains = same_files(files, self.folder).domains
                self._frames |= {n: existing_frame(t) for n, t in domains.items() if self.has(n)}
        return self._frames.get(dataset)

    def place(self, dataset: str, at: int, name: str) -> dict[str, Any]:
        """File, data record and variable of a cell; for a qualifier those of its supplemental record."""
        frame = self.frame(dataset)
        if frame is not None and QUALIFIER + name in frame.columns:
            position = int(frame[QUALIFIER + name].iat[at])
            if position < 0:
                return {"source": f"SUPP{dataset}", "note": f"the record has no supplemental record with {name}"}
            place = self.stored.existing_place("", position)
            return {"source": f"SUPP{dataset}", **place, "column": f"QVAL of {name}"}
        return {"source": dataset, **self.stored.existing_place(dataset, at), "column": name}

    def cell(self, dataset: str, at: int, name: str) -> dict[str, Any]:
        """The place with the verbatim cell, if the records can be read."""
        frame = self.frame(dataset)
        if frame is None:
            return self.place(dataset, at, name)
        if name not in frame.columns:
            return {"source": dataset, "note": f"the existing {dataset} has no {name}"}
        place, value = self.place(dataset, at, name), frame[name].iat[at]
        text = value if isinstance(value, str) else col.number_text(float(value))
        return place if "note" in place else place | {"cell": text}
