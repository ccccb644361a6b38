"""A form as a text file: CSV with any separator and encoding, and the "Unicode text" that Excel saves.

Not for the content of the form. UTF-16 has its byte order mark, little-endian on every machine, and CRLF line ends, as
from Excel. Every other encoding has LF.
"""

from __future__ import annotations

import codecs
import csv
import io

from ..subjects.tables import Table


def csv_bytes(table: Table) -> bytes:
    """The whole file: a header line, quotes only where needed.

    Raises UnicodeEncodeError for a letter that the encoding lacks.
    """
    text = io.StringIO(newline="")
    ends = "\r\n" if table.encoding == "utf-16" else "\n"
    writer = csv.writer(text, delimiter=table.delimiter, lineterminator=ends)
    writer.writerow(table.columns)
    writer.writerows(zip(*(c.tolist() for c in table.columns.values()), strict=True))
    return encoded(text.getvalue(), table.encoding)


def encoded(text: str, encoding: str) -> bytes:
    """``text`` in ``encoding``; utf-8-sig and utf-16 begin with their byte order mark."""
    if encoding == "utf-16":
        return codecs.BOM_UTF16_LE + text.encode("utf-16-le")
    return text.encode(encoding)
