"""The interface of a format of output files: writing a dataset, describing a file, reading it back by other tools.

Not for a format itself: each has a module (xpt_format.py), and output_formats.py lists them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

import pandas as pd

from ..engine.tables.dataset import DatasetMetadata


@dataclass(frozen=True, kw_only=True)
class FileContext:
    """What a file states about its run and its define.xml, where the format has a place for it.

    ``declared``: the run's declared moment. ``study_oid``, ``metadata_version_oid``: the OIDs of Study and
    MetaDataVersion in define.xml. ``define``: define.xml, relative to the folder of the file. '' for what is not known.
    ``group_oid``, ``item_oids``: the OIDs of the dataset and of variables by name, where they are not those of oids.py.
    """

    declared: datetime
    study_oid: str = ""
    metadata_version_oid: str = ""
    define: str = ""
    originator: str = ""
    system: str = ""
    system_version: str = ""
    group_oid: str = ""
    item_oids: Mapping[str, str] = field(default_factory=dict)


class DatasetWriter(Protocol):
    """Writes one dataset as one file, records appended partition by partition.

    The same records give the same bytes however append divides them, and no byte depends on the clock.
    """

    def open(self, metadata: DatasetMetadata, records: int) -> None:
        """Begin the file of a dataset; append brings so many ``records``.

        Raises OutputError for metadata that the format cannot hold.
        """
        ...

    def append(self, frame: pd.DataFrame) -> None:
        """Write records: numbers as float64 (missing is NaN), text as category or str (missing is '').

        Raises OutputError for a value that the format cannot hold; the file is gone then.
        """
        ...

    def close(self) -> None:
        """Complete the file. Raises OutputError if it cannot be completed."""
        ...

    def abort(self) -> None:
        """Remove the partial file. Does nothing if the file is complete."""
        ...


@dataclass(frozen=True)
class DescribedVariable:
    """A variable as the header of a file describes it.

    ``width``: its bytes, None where the format has none. ``oid``: its OID in define.xml, '' where the format has none.
    """

    name: str
    label: str
    is_text: bool
    width: int | None
    oid: str = ""


@dataclass(frozen=True)
class DescribedFile:
    """A dataset as the header of its file describes it.

    The OIDs of Study, MetaDataVersion and ItemGroupDef in define.xml are '' where the format has none.
    """

    name: str
    label: str
    variables: tuple[DescribedVariable, ...]
    study_oid: str = ""
    metadata_version_oid: str = ""
    group_oid: str = ""


@dataclass(frozen=True, kw_only=True)
class OutputFormat:
    """One format of output files.

    ``name``: as --formats names it. ``suffix``: of its files, with the dot. ``title``: the format in a message.
    ``listed``: in the list of files, if that is another text. ``folder``: where the files lie below the folder of their
    standard, '' for beside define.xml. ``writer``: makes a writer, still closed, of the path and the context.
    ``describe``: raises InputError for a file that is not in this format. ``readback``: what is wrong with a file when
    it is read again, with the number of records that the manifest has (None: not known). ``read``: metadata and records
    of a file; raises InputError.
    """

    name: str
    suffix: str
    title: str
    writer: Callable[[Path, FileContext], DatasetWriter]
    describe: Callable[[Path], DescribedFile]
    readback: Callable[[Path, int | None], list[str]]
    read: Callable[[Path], tuple[DatasetMetadata, pd.DataFrame]]
    folder: str = ""
    listed: str = ""

    def file(self, dataset: str) -> str:
        """The file of a dataset, relative to the folder of its standard."""
        return f"{self.folder}/{dataset.lower()}{self.suffix}".lstrip("/")
