"""The formats that a run writes its datasets in, and the files of a built folder in each of them.

Not for the interface of a format (dataset_writer.py), nor for existing datasets (dataset_files.py).
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from ..engine.tables.dataset import DatasetMetadata
from ..errors import UsageError, nearest
from .dataset_json_format import DSJC, JSON, NDJSON
from .dataset_writer import DatasetWriter, FileContext, OutputFormat
from .parquet_format import PARQUET
from .split_xpt import SPLIT
from .xpt_format import XPT

#: every format that datasets can be written in; define.xml names the files of the first one, which is always written
OUTPUT_FORMATS: tuple[OutputFormat, ...] = (XPT, JSON, NDJSON, DSJC, PARQUET)


def submitted() -> OutputFormat:
    """The format whose files define.xml names."""
    return OUTPUT_FORMATS[0]


def further_formats() -> tuple[OutputFormat, ...]:
    """All other formats."""
    return OUTPUT_FORMATS[1:]


def chosen_formats(names: Iterable[str]) -> tuple[OutputFormat, ...]:
    """The formats of these names, each one time, in the order of OUTPUT_FORMATS. Raises UsageError for another name."""
    known = {form.name: form for form in OUTPUT_FORMATS}
    wanted = [n.strip().lower() for n in names]
    for name in wanted:
        if name not in known:
            near = nearest(name, list(known))
            raise UsageError(
                f"--formats {name!r}: expected one or more of {','.join(known)}" + (f" ({near})" if near else "")
            )
    return tuple(form for name, form in known.items() if name in wanted)


def write_dataset(
    folder: Path,
    metadata: DatasetMetadata,
    frames: Iterable[pd.DataFrame],
    *,
    records: int,
    context: FileContext,
    formats: Sequence[OutputFormat],
    further: Path | None = None,
) -> None:
    """Write a dataset into the folder of its standard, one file in each of ``formats``.

    ``frames``: its ``records``, partition by partition. ``context.define`` is relative to ``folder``. ``further``: the
    folder of the folders of all formats but the submitted one; by default ``folder``. Raises OutputError for what a
    format cannot hold; partial files are removed.
    """
    writers: list[DatasetWriter] = []
    try:
        for form in formats:
            path = _folder(form, folder, further) / form.file(metadata.name)
            path.parent.mkdir(exist_ok=True, parents=True)
            define = context.define and posixpath.relpath((folder / context.define).as_posix(), path.parent.as_posix())
            writers.append(form.writer(path, replace(context, define=define)))
            writers[-1].open(metadata, records)
        for frame in frames:
            for writer in writers:
                writer.append(frame)
        for writer in writers:
            writer.close()
    except BaseException:
        for writer in writers:
            writer.abort()
        raise


def written_files(folder: Path, further: Path | None = None) -> Iterator[tuple[OutputFormat, Path]]:
    """Every file of a dataset below the folder of a standard, with its format; sorted within a format.

    The parts of a split file are not among them.
    ``further``: as in ``write_dataset``.
    """
    for form in OUTPUT_FORMATS:
        inside = _folder(form, folder, further) / form.folder
        for path in sorted(inside.rglob(f"*{form.suffix}"), key=lambda p: p.as_posix()):
            if SPLIT not in path.relative_to(inside).parts[:-1]:
                yield form, path


def _folder(form: OutputFormat, folder: Path, further: Path | None) -> Path:
    return folder if further is None or form is submitted() else further


def format_of(path: Path) -> OutputFormat:
    """The format of a file by its suffix; for any other suffix the submitted one, whose reader refuses the file."""
    return next((f for f in OUTPUT_FORMATS if path.suffix == f.suffix), submitted())


def built_dataset(folders: Iterable[Path], name: str) -> Path | None:
    """The file of a dataset in the first of ``folders`` that has it, in the first format that has it."""
    return next((p for d in folders for f in OUTPUT_FORMATS if (p := d / f.file(name)).is_file()), None)


def built_names(folders: Iterable[Path]) -> list[str]:
    """The names of all datasets in ``folders``, in capitals, sorted."""
    return sorted({path.stem.upper() for folder in folders for _, path in written_files(folder)})
