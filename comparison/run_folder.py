"""An output folder as one side of a comparison of two runs: its manifest, its rules, its datasets with natural keys.

Not for comparing (compare_runs.py) nor for the reasons of a change (run_causes.py).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from ..engine.tables.dataset import Dataset
from ..errors import InputError
from ..output_folder.layout import datasets_folders, layout_of_output
from ..output_folder.manifest import MANIFEST_NAME, BuiltFiles
from ..runs.lineage_files import RULES
from ..transport.dataset_files import read_records
from ..transport.output_formats import built_dataset, built_names
from .keys import define_keys

#: datasets in memory at a time, beside the one that is compared
_IN_MEMORY = 4


def is_run(path: Path) -> bool:
    """Whether a path is an output folder with lineage."""
    return (path / MANIFEST_NAME).is_file() and (path / "lineage" / RULES).is_file()


@dataclass(frozen=True)
class Use:
    """A rule of a variable in one block. ``place``: file:line:column of the spec, '' for a convention.

    ``reads``: (table, column) of what it reads, without texts of the spec.
    """

    block: int
    place: str
    sentence: str
    reads: tuple[tuple[str, str], ...]


class RunFolder(Mapping[str, Dataset]):
    """The datasets of an output by name, read when they are asked for."""

    def __init__(self, out: Path):
        self.out = out
        self.files = BuiltFiles(out)
        self.manifest = self.files.manifest
        placed = datasets_folders(out, layout_of_output(self.manifest)).values()
        self._folders = list(dict.fromkeys(folder for pair in placed for folder in pair))
        self._read: dict[str, Dataset] = {}
        self._raw: dict[tuple[str, str], dict[str, int] | None] = {}

    @cached_property
    def names(self) -> list[str]:
        return built_names(f for f in self._folders if f.is_dir())

    @cached_property
    def index(self) -> dict[str, Any]:
        """The index of the lineage. Raises InputError for a damaged one."""
        path = self.out / "lineage" / RULES
        self.files.check(path)
        try:
            return json.loads(path.read_bytes())
        except (OSError, ValueError) as error:
            raise InputError(f"{path}: cannot be read: {error}") from None

    @cached_property
    def _keys(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, tuple[str, ...]] = {}
        for folder in self._folders:
            found |= define_keys(folder / "define.xml")
        return found

    def path(self, name: str) -> Path | None:
        """The file of a dataset."""
        return built_dataset(self._folders, name)

    def sha256(self, name: str) -> str:
        """The sha256 of the file of a dataset, as the manifest has it; '' where there is none."""
        path = self.path(name)
        found = self.manifest.outputs.get(path.relative_to(self.out).as_posix()) if path is not None else None
        return found.sha256 if found is not None else ""

    def __getitem__(self, name: str) -> Dataset:
        if name not in self._read:
            path = self.path(name)
            if path is None:
                raise KeyError(name)
            self.files.check(path)
            spec, frame = read_records(path, dataset=name)
            domain = spec.domain or (name if len(name) == 2 else "")
            metadata = replace(spec, keys=spec.keys or self._keys.get(name, ()), domain=domain)
            while len(self._read) >= _IN_MEMORY:
                self._read.pop(next(iter(self._read)))
            self._read[name] = Dataset.of_clean(metadata, frame)
        return self._read[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __len__(self) -> int:
        return len(self.names)

    def uses(self, dataset: str, variable: str) -> list[Use]:
        """The rules of a variable, or of a further column of a block."""
        return self._uses.get((dataset, variable), [])

    @cached_property
    def _uses(self) -> dict[tuple[str, str], list[Use]]:
        found: dict[tuple[str, str], list[Use]] = {}
        for name, about in self.index["datasets"].items():
            for rule in (*about.get("rules", ()), *about.get("columns", ())):
                reads = [(name if r[0] == "own" else str(r[1]), str(r[2])) for r in rule["reads"] if r[0] != "spec"]
                use = Use(rule["block"], str(rule["place"] or ""), rule["sentence"], tuple(dict.fromkeys(reads)))
                found.setdefault((name, rule["variable"]), []).append(use)
        return found

    def key_of(self, dataset: str) -> tuple[str, ...]:
        """The keys of a dataset, as define.xml has them."""
        return self._keys.get(dataset, ())

    def tables(self, dataset: str, *, every: bool) -> list[str]:
        """The sources and datasets whose rows become the records of a dataset; ``every``: those that it joins too."""
        about = self.index["datasets"].get(dataset, {})
        joined = about.get("tables", {}).values() if every else ()
        return list(dict.fromkeys(str(t) for t in (*about.get("sources", ()), *joined) if t))

    def raw_values(self, source: str, column: str) -> dict[str, int] | None:
        """How often a raw column has each value; None without a copy of the raw cells, or of this column."""
        if (source, column) not in self._raw:
            path = self.out / "lineage" / "raw" / f"{source}.parquet"
            self._raw[source, column] = _counts(path, column, self.files) if path.is_file() else None
        return self._raw[source, column]

    def source(self, name: str) -> tuple[str, str] | None:
        """(file, sha256) of a raw source; None for a table that is none."""
        about = self.index["sources"].get(name)
        return (str(about["file"]), str(about.get("sha256", ""))) if about is not None else None

    def spec_files(self) -> dict[str, str]:
        """Spec -> sha256. The name of the study's folder is no part of the name of its files."""
        hashed = {name: f.sha256 for name, f in self.manifest.specs.items()}
        folders = [n.partition("/")[0] for n in hashed if n.endswith("/study.yaml")]
        # study.yaml of the study itself is the one whose folder has the datasets
        base = next((f for f in folders if any(n.startswith((f"{f}/sdtm/", f"{f}/adam/")) for n in hashed)), None)
        return {n.removeprefix(f"{base}/") if base else n: sha for n, sha in hashed.items()}


def _counts(path: Path, column: str, files: BuiltFiles) -> dict[str, int] | None:
    files.check(path)
    try:
        stored = pq.ParquetFile(path)
        if column not in stored.schema_arrow.names:
            return None
        cells = stored.read(columns=[column]).column(0)
    except (OSError, pa.ArrowException) as error:
        raise InputError(f"{path}: damaged ({str(error).splitlines()[0]}); build the folder again") from None
    counted = cells.cast(pa.string()).value_counts().to_pylist()
    return {str(c["values"]): int(c["counts"]) for c in counted}
