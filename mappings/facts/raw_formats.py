"""The formats of raw files: their names, their suffixes, and the keys of a source that only some formats take.

Not for reading them: sources/ registers a reader for each, and a test holds the two against each other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Literal


@dataclass(frozen=True, kw_only=True)
class RawFormat:
    """One format of raw files.

    ``suffixes``: of the files in this format, if the source declares no format. ``keys``: the keys of a source that
    this format takes and others do not. ``needs``: required key -> its description. ``refuses``: a key of other
    formats -> why it has no meaning here. ``title``: the format in a message.
    """

    name: str
    suffixes: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    needs: Mapping[str, str] = field(default_factory=dict)
    refuses: Mapping[str, str] = field(default_factory=dict)
    title: str = ""

    @property
    def called(self) -> str:
        """The format in a message."""
        return self.title or f"a source with format: {self.name}"


#: every format, by name
RAW_FORMATS = {
    f.name: f
    for f in (
        RawFormat(
            name="csv",
            suffixes=(".csv", ".txt", ".tsv", ".tab", ".dat"),
            keys=("header", "ragged"),
            title="a text file",
        ),
        RawFormat(
            name="excel",
            suffixes=(".xlsx", ".xlsm", ".xls"),
            keys=("header", "number_formats"),
            title="a workbook",
        ),
        RawFormat(name="parquet", suffixes=(".parquet",), keys=("time_zone",)),
        RawFormat(name="feather", suffixes=(".feather", ".arrow"), keys=("time_zone",)),
        RawFormat(name="xpt", suffixes=(".xpt",), keys=("member",)),
        RawFormat(name="sas7bdat", suffixes=(".sas7bdat",)),
        RawFormat(name="sav", suffixes=(".sav", ".zsav")),
        RawFormat(name="dta", suffixes=(".dta",)),
        RawFormat(name="odm", suffixes=(".xml",), keys=("item_group", "form", "rows", "attributes", "names")),
        RawFormat(
            name="redcap",
            keys=("dictionary", "instrument", "instrument_labels", "checkboxes", "ragged"),
            needs={"dictionary": "the CSV file of the project's data dictionary"},
            refuses={"header": "whose dictionary names the columns"},
        ),
    )
}
#: suffix of a file name -> format
SUFFIXES = {suffix: f.name for f in RAW_FORMATS.values() for suffix in f.suffixes}

if TYPE_CHECKING:
    FormatName = str
else:
    FormatName = Literal[tuple(RAW_FORMATS)]


def format_of(file: str, declared: str | None) -> str | None:
    """The format of a file: the declared one, else that of its suffix; None if both are unknown."""
    return declared or SUFFIXES.get(PurePosixPath(file).suffix.lower())


def key_problem(key: str, format_name: str | None) -> str:
    """The mistake of a key of a source in a format; '' if the format or every format takes the key."""
    takers = [f for f in RAW_FORMATS.values() if key in f.keys]
    if not takers or any(f.name == format_name for f in takers):
        return ""
    why = RAW_FORMATS[format_name].refuses.get(key) if format_name in RAW_FORMATS else None
    if why:
        return f"{key}: is not for format: {format_name}, {why}"
    return f"{key}: is for {' or '.join(f.called for f in takers)}"
