"""The formats that a run writes its datasets in, and the files of a built folder in each of them.

Not for the interface of a format (dataset_writer.py), nor for existing datasets (dataset_files.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

import pandas as pd

from ..engine.tables.dataset import DatasetMetadata
from .dataset_writer import DatasetWriter, OutputFormat
from .xpt_format import XPT

#: every format that datasets are written in; define.xml names the files of the first one
OUTPUT_FORMATS: tuple[OutputFormat, ...] = (XPT,)


def submitted() -> OutputFormat:
    """The format whose files define.xml names."""
    return OUTPUT_FORMATS[0]


def write_dataset(folder: Path, metadata: DatasetMetadata, frames: Iterable[pd.DataFrame], declared: datetime) -> None:
    """Write a dataset into the folder of its standard, one file in each format.

    ``frames``: its records, partition by partition. ``declared``: the run's declared moment. Raises OutputError for
    what a format cannot hold; partial files are removed.
    """
    writers: list[DatasetWriter] = []
    try:
        for form in OUTPUT_FORMATS:
            path = folder / form.file(metadata.name)
            path.parent.mkdir(exist_ok=True)
            writers.append(form.writer(path, declared))
            writers[-1].open(metadata)
        for frame in frames:
            for writer in writers:
                writer.append(frame)
        for writer in writers:
            writer.close()
    except BaseException:
        for writer in writers:
            writer.abort()
        raise


def written_files(folder: Path) -> Iterator[tuple[OutputFormat, Path]]:
    """Every file of a dataset below the folder of a standard, with its format; sorted within a format."""
    for form in OUTPUT_FORMATS:
        for path in sorted(folder.rglob(f"*{form.suffix}"), key=lambda p: p.as_posix()):
            yield form, path


def format_of(path: Path) -> OutputFormat:
    """The format of a file by its suffix; for any other suffix the submitted one, whose reader refuses the file."""
    return next((f for f in OUTPUT_FORMATS if path.suffix == f.suffix), submitted())


def built_dataset(folders: Iterable[Path], name: str) -> Path | None:
    """The file of a dataset in the first of ``folders`` that has it, in the first format that has it."""
    return next((p for d in folders for f in OUTPUT_FORMATS if (p := d / f.file(name)).is_file()), None)


def built_names(folders: Iterable[Path]) -> list[str]:
    """The names of all datasets in ``folders``, in capitals, sorted."""
    return sorted({path.stem.upper() for folder in folders for _, path in written_files(folder)})
