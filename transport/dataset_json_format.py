"""The three formats of Dataset-JSON 1.1 as formats of output files: written by dataset_json.py, read back strictly."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from ..errors import InputError
from .dataset_files import read_records
from .dataset_json import DatasetJsonWriter
from .dataset_writer import DescribedFile, DescribedVariable, OutputFormat
from .json_columns import TEXT_TYPES
from .read_dataset_json import read_dataset_json, read_header


def describe_dataset_json(path: Path) -> DescribedFile:
    """The attributes of a file, without its rows. Raises InputError."""
    found = read_header(path)
    variables = tuple(
        DescribedVariable(
            name=c["name"],
            label=c.get("label", ""),
            is_text=c["dataType"] in TEXT_TYPES and not c.get("targetDataType"),
            width=c.get("length"),
            oid=c.get("itemOID", ""),
        )
        for c in found["columns"]
    )
    oids = (found.get(key, "") for key in ("studyOID", "metaDataVersionOID", "itemGroupOID"))
    return DescribedFile(found.get("name", ""), found.get("label", ""), variables, *oids)


def readback_dataset_json(path: Path, records: int | None = None) -> list[str]:
    """The faults of a file in plain sentences; [] if it follows the standard and has the records of the manifest."""
    try:
        content = read_dataset_json(path)
    except (InputError, OSError) as error:
        return [f"{path.name}: cannot be read: {error}"]
    found = len(content.columns[0])
    return [] if records in (None, found) else [f"{path.name}: {found} records, and {records} by the manifest"]


JSON = OutputFormat(
    name="json",
    suffix=".json",
    title="Dataset-JSON",
    writer=partial(DatasetJsonWriter, lines=False),
    describe=describe_dataset_json,
    readback=readback_dataset_json,
    read=read_records,
    folder="json",
)
NDJSON = OutputFormat(
    name="ndjson",
    suffix=".ndjson",
    title="Dataset-JSON of one record a line (NDJSON)",
    listed="Dataset-JSON by lines",
    writer=partial(DatasetJsonWriter, lines=True),
    describe=describe_dataset_json,
    readback=readback_dataset_json,
    read=read_records,
    folder="ndjson",
)
DSJC = OutputFormat(
    name="dsjc",
    suffix=".dsjc",
    title="compressed Dataset-JSON",
    writer=partial(DatasetJsonWriter, lines=True, compressed=True),
    describe=describe_dataset_json,
    readback=readback_dataset_json,
    read=read_records,
    folder="dsjc",
)
