"""Converts finished datasets of a folder into other formats, with metadata of define.xml where there is one.

Not for the formats (transport/), nor for building datasets (run.py). Every file that is written is read again and
compared with its input, cell by cell, before OUT appears.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from .. import __version__
from ..define.content import DatasetContent, DefineContent, Item
from ..define.reading import read_define
from ..engine.tables.dataset import NUMERIC_TYPES, DatasetMetadata, VariableMetadata
from ..errors import InputError, OutputError
from ..output_folder.installed import package_versions
from ..output_folder.manifest import FileHash, hash_file, write_manifest
from ..output_folder.swap import OutputFolder
from ..transport.dataset_files import FORMATS, dataset_names, find_datasets, read_records
from ..transport.dataset_writer import FileContext, OutputFormat
from ..transport.equality import differences_from
from ..transport.output_formats import chosen_formats, write_dataset
from ..transport.refused_values import moment_of
from ..transport.sas_moments import unwritable_moments
from ..transport.xpt_text import text_width

DEFINE = "define.xml"


@dataclass(kw_only=True)
class Conversion:
    """What is converted. ``source``: a folder or one file; ``define``: '' for define.xml beside the files.

    ``as_of``: the declared date; by default that of define.xml, else today. ``encoding``: of XPT and SAS7BDAT.
    """

    source: Path
    out: Path
    formats: tuple[str, ...]
    define: Path | None = None
    encoding: str = ""
    as_of: dt.date | None = None
    say: Callable[[str], None] = lambda _: None


def convert_datasets(about: Conversion) -> dict[str, int]:
    """Write every dataset of ``about.source`` in each format into ``about.out``; dataset -> number of its records.

    Raises UsageError for an unknown format; InputError and OutputError with all files that cannot be read, and all
    values that a format cannot hold. ``about.out`` then does not change.
    """
    formats = chosen_formats(about.formats)
    files = _one_file(about.source) if about.source.is_file() else find_datasets(about.source)
    define = about.define or _beside(about.source)
    defined = _read_define(define) if define else None
    context = _context(about, defined)
    folder = OutputFolder(about.out, inputs=[about.source, *([define] if define else [])])
    folder.check_writable()
    with folder.stage() as stage:
        for note in folder.notes:
            about.say(note)
        if define:
            (stage.path / DEFINE).write_bytes(define.read_bytes())
        records, hashes = _write_all(about, stage.path, files, formats, context, defined)
        if define:
            hashes[f"in/{define.name}"] = hash_file(define)
        write_manifest(
            stage.path,
            study=context.study_oid,
            version=__version__,
            declared=context.declared.date(),
            inputs=hashes,
            specs={},
            packages=package_versions(),
            counts={"records": records},
            findings={},
            options={"convert": [form.name for form in formats], "encoding": about.encoding},
        )
    return records


def _write_all(
    about: Conversion,
    stage: Path,
    files: Mapping[str, Path],
    formats: tuple[OutputFormat, ...],
    context: FileContext,
    defined: DefineContent | None,
) -> tuple[dict[str, int], dict[str, Path | FileHash]]:
    """Records by dataset, and the hash of each input. Raises InputError or OutputError with all problems."""
    records: dict[str, int] = {}
    hashes: dict[str, Path | FileHash] = {}
    unread: list[str] = []
    refused: list[str] = []
    datasets = _datasets(defined) if defined else {}
    for name, path in files.items():
        dataset = datasets.get(name)
        if defined and dataset is None:
            about.say(f"{name}: define.xml does not describe it, so it has the metadata of {path.name}")
        try:
            hashes[f"in/{path.name}"] = hash_file(path)
            metadata, frame = read_records(path, about.encoding, name)
            metadata = fitting(described(metadata, dataset, path, about.say), frame)
        except InputError as error:
            unread.append(str(error))
            continue
        about.say(f"{path.name}: {len(frame)} records")
        oids = {n: item.oid for n, item in _items(dataset).items()} if dataset else {}
        of_file = replace(context, group_oid=dataset.oid if dataset else "", item_oids=oids)
        for form in formats:
            try:
                write_dataset(stage, metadata, [frame], records=len(frame), context=of_file, formats=[form])
                found = differences_from((metadata, frame), (form, stage / form.file(name)))
                refused += [f"{name}: {form.file(name)} is not as {path.name}: {text}" for text in found]
            except OutputError as error:
                refused.append(f"{form.name}: {error}")
        records[name] = len(frame)
    if unread:
        raise InputError("\n".join(unread))
    if refused:
        raise OutputError("\n".join(refused))
    return records, hashes


def described(
    metadata: DatasetMetadata, defined: DatasetContent | None, path: Path, say: Callable[[str], None]
) -> DatasetMetadata:
    """The metadata of a file with labels, types, lengths, formats and keys of define.xml, where it has them.

    Raises InputError where define.xml has a number and the file text, or the reverse. Other differences are said.
    """
    if defined is None:
        return metadata
    items = _items(defined)
    opposite = [v for v in metadata.variables if v.name in items and _is_opposite(v, items[v.name])]
    if opposite:
        found = (f"{v.name} is {items[v.name].data_type} there and {_kind(v)} here" for v in opposite)
        raise InputError(f"{path}: define.xml differs: {'; '.join(found)}; correct it, or move it out of the folder")
    for v in metadata.variables:
        label = items[v.name].label if v.name in items else v.label
        if v.name not in items:
            say(f"{metadata.name}.{v.name}: define.xml does not describe it")
        elif v.label and label and v.label != label:
            say(f"{metadata.name}.{v.name}: label {label!r} of define.xml replaces {v.label!r} of {path.name}")
    for name in items:
        if name not in metadata.names:
            say(f"{metadata.name}.{name}: define.xml describes it, and {path.name} does not have it")
    variables = tuple(_described(v, items.get(v.name)) for v in metadata.variables)
    keyed = sorted((int(i.key), name) for name, i in items.items() if i.key.isdecimal() and name in metadata.names)
    keys = tuple(name for _, name in keyed) or metadata.keys
    return replace(metadata, label=defined.label or metadata.label, variables=variables, keys=keys)


def _items(defined: DatasetContent) -> dict[str, Item]:
    return {item.name.upper(): item for item in defined.items}


def _described(variable: VariableMetadata, item: Item | None) -> VariableMetadata:
    if item is None:
        return variable
    return replace(
        variable,
        label=item.label or variable.label,
        type=item.data_type or variable.type,
        length=max(variable.length, int(item.length) if item.length.isdecimal() and not variable.is_numeric else 0),
        format=item.format or variable.format,
    )


def _is_opposite(variable: VariableMetadata, item: Item) -> bool:
    return bool(item.data_type) and (item.data_type in NUMERIC_TYPES) != variable.is_numeric


def _kind(variable: VariableMetadata) -> str:
    return "a number" if variable.is_numeric else "text"


def fitting(metadata: DatasetMetadata, frame: pd.DataFrame) -> DatasetMetadata:
    """The metadata with lengths of at least the longest text.

    A number with a format of dates that is no date (a duration of 30 hours with TIME5.) stays a number.
    """
    return replace(metadata, variables=tuple(_fitting(v, pd.Series(frame[v.name])) for v in metadata.variables))


def _fitting(variable: VariableMetadata, column: pd.Series) -> VariableMetadata:
    if not variable.is_numeric:
        return replace(variable, length=max(variable.length, text_width(column), 1))
    moment = moment_of(variable)
    if moment and unwritable_moments(column.to_numpy("float64"), moment).any():
        return replace(variable, type="float")
    return variable


def _one_file(path: Path) -> dict[str, Path]:
    names = dataset_names(path)
    if not names:
        raise InputError(f"{path}: no dataset in it; name a folder or a file of {FORMATS}")
    return dict.fromkeys(names, path)


def _beside(source: Path) -> Path | None:
    path = (source if source.is_dir() else source.parent) / DEFINE
    return path if path.is_file() else None


def _read_define(path: Path) -> DefineContent:
    try:
        return read_define(path.read_bytes(), str(path))
    except OSError as error:
        raise InputError(
            f"{path}: cannot be read: {error.strerror or error}; name a define.xml that can be read"
        ) from None
    except OutputError as error:
        raise InputError(f"{error}; correct it, or move it out of the folder") from None


def _datasets(defined: DefineContent) -> dict[str, DatasetContent]:
    """The datasets of a define.xml by name in capitals. Raises InputError for two of one name."""
    found: dict[str, DatasetContent] = {}
    for dataset in defined.datasets:
        name = dataset.name.upper()
        if name in found:
            raise InputError(f"define.xml: it describes {name} twice; remove one")
        found[name] = dataset
    return found


def _context(about: Conversion, defined: DefineContent | None) -> FileContext:
    day = about.as_of
    if day is None and defined:
        try:
            day = dt.datetime.fromisoformat(defined.created).date()
        except ValueError:
            day = None
    day = day or dt.date.today()
    return FileContext(
        declared=dt.datetime(day.year, day.month, day.day),
        study_oid=defined.study_oid if defined else "",
        metadata_version_oid=defined.version_oid if defined else "",
        define=DEFINE if defined else "",
        originator="raw2adam",
        system="raw2adam",
        system_version=__version__,
    )
