"""Reads a finished dataset of any author: XPT, SAS7BDAT, Dataset-JSON 1.1 or Parquet.

Not for raw exports, whose cells do not change (sources/read.py), nor for the rules of a format (read_*.py).
"""

from __future__ import annotations

import codecs
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from ..engine.tables.dataset import Dataset, DatasetMetadata
from ..errors import InputError
from ..output_folder.layout import PACKAGE
from .file_content import FileContent
from .read_dataset_json import json_name, read_dataset_json
from .read_parquet import parquet_name, read_parquet
from .read_sas import read_sas, sas_name
from .read_xpt import is_version_5_file, read_xpt, transport_name, transport_names

_NAMES: dict[str, Callable[[Path], str | None]] = {
    ".xpt": transport_name,
    ".sas7bdat": sas_name,
    ".json": json_name,
    ".ndjson": json_name,
    ".dsjc": json_name,
    ".parquet": parquet_name,
}
FORMATS = ", ".join(_NAMES)


def find_datasets(folder: Path) -> dict[str, Path]:
    """Dataset name in capitals -> its file, sorted; other files (define.xml, a manifest) are ignored.

    The name is that in the file, else the stem of the file name. An XPT file of several datasets is the file of each.
    Raises InputError for a folder that does not exist or
    has no dataset, and if two files contain a dataset of one name.
    """
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder" if not folder.exists() else f"{folder}: a file, not a folder")
    try:
        files = sorted(p for p in folder.iterdir() if p.suffix.lower() in _NAMES and not p.name.startswith("."))
        found: dict[str, Path] = {}
        for path in files:
            if not path.is_file():
                continue
            for name in dataset_names(path):
                if name in found:
                    files = f"{found[name].name} and {path.name} both contain"
                    files = f"{path.name} contains two datasets" if found[name] == path else files
                    raise InputError(f"{folder}: {files} {name}; keep one of them")
                found[name] = path
    except OSError as error:
        raise InputError(f"{folder}: cannot be read: {error.strerror or error}; check its permissions") from None
    if not found:
        below = sorted({p.parent.relative_to(folder).as_posix() for p in _below(folder)})
        hint = f"; there are some in its folders {', '.join(below[:5])}: name one of them" if below else ""
        raise InputError(f"{folder}: no dataset in it ({FORMATS}){hint}")
    return dict(sorted(found.items()))


def _below(folder: Path) -> list[Path]:
    """Files of datasets in the folders of ``folder``, or deeper in a package for an agency (m5/datasets/STUDY)."""
    near = [p for p in folder.glob("*/*") if p.suffix.lower() in _NAMES]
    package = folder / PACKAGE
    return [*near, *(package.rglob("*.xpt") if package.is_dir() else ())]


def dataset_name(path: Path) -> str | None:
    """The name of the dataset in a file, without reading its rows: the name in it, else its stem; None for others."""
    read = _NAMES.get(path.suffix.lower())
    name = read(path) if read else None
    return None if name is None else (name.strip() or path.stem).upper()


def dataset_names(path: Path) -> list[str]:
    """The names of all datasets in a file: an XPT file of version 5 may have several; [] for another file."""
    several = transport_names(path) if path.suffix.lower() == ".xpt" else []
    name = dataset_name(path)
    if len(several) > 1:
        return [n.upper() for n in several]
    return [] if name is None else [name]


def read_dataset(path: Path, encoding: str = "", dataset: str = "") -> Dataset:
    """A finished dataset: as read_records, its numbers with 15 significant digits, as in every Dataset."""
    return Dataset(*read_records(path, encoding, dataset))


def read_records(path: Path, encoding: str = "", dataset: str = "") -> tuple[DatasetMetadata, pd.DataFrame]:
    """Metadata and records of a finished dataset, every number as in the file.

    Names are in capitals; text is a category, missing '' and without trailing blanks; numbers are float64, missing NaN
    (SAS special missing values too); SAS dates stay numbers. ``keys`` only from Dataset-JSON; a length of 0 and a
    format of '' are unknown. ``encoding``: of XPT (default UTF-8) and SAS7BDAT (default that of the file). ``dataset``:
    the one to read of an XPT file of several; other files have one.
    Raises InputError for a file that is missing, empty, cut short, of another format or encoding, or inconsistent.
    """
    try:
        codecs.lookup(encoding or "utf-8")
    except LookupError:
        raise InputError(f"{path}: there is no encoding '{encoding}'; write utf-8, cp1252, latin-1, ...") from None
    try:
        if not path.is_file():
            raise InputError(f"{path}: a folder, not a file" if path.is_dir() else f"{path}: no such file")
        if not path.stat().st_size:
            raise InputError(f"{path}: the file is empty (0 bytes)")
        return _content(path, encoding, dataset).finished(path)
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror or error}; check its permissions") from None


def _content(path: Path, encoding: str, dataset: str) -> FileContent:
    kind = path.suffix.lower()
    if kind == ".xpt":
        encoding = encoding or "utf-8"
        return read_xpt(path, encoding, dataset) if is_version_5_file(path) else read_sas(path, encoding)
    if kind == ".sas7bdat":
        return read_sas(path, encoding)
    if kind in (".json", ".ndjson", ".dsjc"):
        return read_dataset_json(path)
    if kind == ".parquet":
        return read_parquet(path)
    raise InputError(f"{path}: a dataset is read from {FORMATS}; export it as one of them")
