"""Writes the files of a refusal: texts as they are written in the case, and other files from a short description.

Not for reading cases (``refusals.py``) nor for synthetic exports (synth/).
"""

from __future__ import annotations

import base64
import io
import shutil
import zipfile
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

#: a text, or a mapping with one of the keys of WRITERS
Content = str | Mapping[str, Any]


class NoLinks(Exception):
    """The system makes no links for this user, so a case with a link cannot be run."""


def write_files(folder: Path, files: Mapping[str, Content]) -> None:
    """Write ``files`` (path below ``folder`` to content). An existing file is replaced.

    A text is written in UTF-8. A mapping has one key of WRITERS, or ``absent:``, ``folder:``, ``link: TARGET``. Four
    more keys change the bytes: ``parts: {NAME: {OLD: NEW}}`` of a zip file, ``replace: {OLD: NEW}`` in hexadecimal,
    ``first: N``, ``last: N`` bytes of the file.
    Raises ValueError for a mapping with no such key, NoLinks where the system makes no link.
    """
    for name, content in files.items():
        path = folder / name
        if not path.parent.is_dir():
            path.parent.mkdir(parents=True)
        if isinstance(content, str):
            path.write_bytes(content.encode())
        elif "absent" in content:
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
        elif "folder" in content:
            path.mkdir(exist_ok=True)
        elif "link" in content:
            try:
                path.symlink_to(content["link"])
            except (OSError, NotImplementedError) as error:  # Windows asks for a right to make links
                raise NoLinks from error
        else:
            path.write_bytes(_changed(_bytes(content), content))


def _bytes(content: Mapping[str, Any]) -> bytes:
    kinds = [kind for kind in WRITERS if kind in content]
    if len(kinds) != 1:
        raise ValueError(f"a file has one of {', '.join(WRITERS)}, absent, folder, link; found {', '.join(content)}")
    return WRITERS[kinds[0]](content)


def _changed(data: bytes, content: Mapping[str, Any]) -> bytes:
    if "parts" in content:
        data = _with_parts(data, content["parts"])
    for old, new in content.get("replace", {}).items():
        if bytes.fromhex(old) not in data:
            raise ValueError(f"the file does not hold the bytes {old}")
        data = data.replace(bytes.fromhex(old), bytes.fromhex(new))
    if "first" in content:
        data = data[: int(content["first"])]
    return data[-int(content["last"]) :] if "last" in content else data


def _text(content: Mapping[str, Any]) -> bytes:
    return content["text"].encode(content.get("encoding", "utf-8"))


def _repeat(content: Mapping[str, Any]) -> bytes:
    parts = content.get("before", ""), content["repeat"] * int(content["times"]), content.get("after", "")
    return "".join(parts).encode()


def _zip(content: Mapping[str, Any]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in content["zip"].items():
            data = _bytes(text) if isinstance(text, Mapping) else text.encode()
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _with_parts(archive: bytes, changes: Mapping[str, Mapping[str, Any]]) -> bytes:
    """A zip file whose parts have other text: name of the part to old text to new text, which may be a description."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for member in source.infolist():
            data = source.read(member)
            for old, new in changes.get(member.filename, {}).items():
                if old.encode() not in data:
                    raise ValueError(f"{member.filename} does not hold the text {old}")
                data = data.replace(old.encode(), _bytes(new) if isinstance(new, Mapping) else new.encode())
            target.writestr(zipfile.ZipInfo(member.filename), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _workbook(content: Mapping[str, Any]) -> bytes:
    """Sheets by title: rows of cells, each a text or ``{number: 0.45, format: 0%}``."""
    import openpyxl

    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for title, rows in content["workbook"].items():
        sheet = book.create_sheet(title)
        for number, row in enumerate(rows, 1):
            for column, cell in enumerate(row, 1):
                if isinstance(cell, Mapping):
                    sheet.cell(number, column, float(cell["number"])).number_format = cell.get("format", "General")
                else:
                    sheet.cell(number, column, cell)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _parquet(content: Mapping[str, Any]) -> bytes:
    """Columns: name to a list of texts, or of ``[type of Arrow, values...]`` written as ``type: [...]``."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    arrays, names = [], []
    for name, values in content["parquet"].items():
        kind, texts = next(iter(values.items())) if isinstance(values, Mapping) else ("string", values)
        names.append(name)
        arrays.append(_arrow(pa, kind, texts))
    out = io.BytesIO()
    pq.write_table(pa.table(arrays, names=names), out)
    return out.getvalue()


def _arrow(pa: Any, kind: str, texts: list[str]) -> Any:
    special = {
        "list": pa.list_(pa.string()),
        "timestamp with a zone": pa.timestamp("s", "UTC"),
        "timestamp of nowhere": pa.timestamp("s", "Nowhere/Town"),
        "number": pa.float64(),
        "duration": pa.duration("s"),
    }
    if kind == "list":
        return pa.array([[t] for t in texts], special[kind])
    if kind == "bytes":
        return pa.array([bytes.fromhex(t) for t in texts], pa.binary())
    if kind == "number":
        return pa.array([float(t) for t in texts], special[kind])
    if kind == "bytes as text":
        return pa.Array.from_buffers(
            pa.string(), 1, [None, pa.array([0, 2], pa.int32()).buffers()[1], pa.py_buffer(bytes.fromhex(texts[0]))]
        )
    if kind in special:
        return pa.array([int(t) for t in texts], special[kind])
    return pa.array(texts, pa.string())


def _statistical(kind: str, content: Mapping[str, Any]) -> bytes:
    """A file of SAS, SPSS or Stata: column to texts, or to ``{number: [...]}``. ``dataset:`` is its name."""
    import tempfile

    import pandas as pd
    import pyreadstat

    columns = {n: [float(x) for x in v["number"]] if isinstance(v, Mapping) else v for n, v in content[kind].items()}
    frame = pd.DataFrame(columns)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"file.{kind}"
        if kind == "xpt":
            pyreadstat.write_xport(frame, path, table_name=content.get("dataset", "DATA"), file_format_version=5)
        elif kind == "sav":
            pyreadstat.write_sav(frame, path)
        else:
            pyreadstat.write_dta(frame, path)
        return path.read_bytes()


def _library(content: Mapping[str, Any]) -> bytes:
    """A SAS transport file of several datasets, by name: one header of the library, then its members."""
    whole = b""
    for name, columns in content["members"].items():
        one = _statistical("xpt", {"xpt": columns, "dataset": name})
        whole += one[240:] if whole else one
    return whole


#: the key of a description -> the bytes of the file
WRITERS: dict[str, Callable[[Mapping[str, Any]], bytes]] = {
    "text": _text,
    "repeat": _repeat,
    "hex": lambda content: bytes.fromhex(content["hex"]),
    "base64": lambda content: base64.b64decode(content["base64"]),
    "zip": _zip,
    "workbook": _workbook,
    "parquet": _parquet,
    "xpt": partial(_statistical, "xpt"),
    "members": _library,
    "sav": partial(_statistical, "sav"),
    "dta": partial(_statistical, "dta"),
}
