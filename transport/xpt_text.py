"""Text columns on their way into a transport file: their width, what does not fit and why, and their padded bytes.

Not for numbers (ibm.py) nor for the file (xpt.py).
"""

# pyarrow.compute makes its functions when it is imported, so a type checker cannot see them
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from .xpt_header import MAX_TEXT

_TABLE_BYTES = 1 << 26  # padded categories are stored as one table up to this size
_SHOWN = 40  # characters of a refused value that a message shows
_BLANK = 0x20
_TILDE = 0x7E  # the last printable ASCII character
_NOT_PRINTABLE = "[^ -~]"


def text_width(column: pd.Series) -> int:
    """The longest value of a text column (category or str) in bytes, 0 when all are missing or there are none.

    Unused categories do not count. Text beyond ASCII counts in UTF-8; the writer refuses it.
    """
    if isinstance(column.dtype, pd.CategoricalDtype):
        lengths = pc.binary_length(_arrow(column.cat.categories)).to_numpy(zero_copy_only=False)
        used = np.zeros(len(lengths) + 1, dtype=bool)
        used[column.cat.codes.to_numpy()] = True  # missing is -1: the last place, which has no length
        return int(lengths[used[:-1]].max(initial=0))
    return pc.max(pc.binary_length(_arrow(column))).as_py() or 0


def text_column(column: pd.Series, width: int) -> TextArray | TextTable:
    """The filler of records for a text column (category of str, or str); missing values are blank.

    Raises ValueError when the column is of another kind or holds something other than text.
    """
    try:
        if isinstance(column.dtype, pd.CategoricalDtype):
            categories, codes = _arrow(column.cat.categories), column.cat.codes.to_numpy()
            if len(categories) <= len(column) and len(categories) * width <= _TABLE_BYTES:
                return TextTable(categories, codes, width)
            return TextArray(categories, width, codes)
        if isinstance(column.dtype, pd.StringDtype):
            return TextArray(_arrow(column), width)
    except (ValueError, TypeError) as error:
        raise ValueError(f"text column holds something other than text: {error}") from error
    raise ValueError(f"text must be category or str, not {column.dtype}")


class TextArray:
    """A text column: an Arrow string array, or with ``codes`` an array of categories (code -1 is missing)."""

    def __init__(self, texts: pa.Array, width: int, codes: np.ndarray | None = None):
        self._texts = texts
        self._width = width
        self._codes = codes

    def fill(self, field: np.ndarray, start: int) -> int | None:
        """Put the values from ``start`` on into ``field`` (V<width>); or the place in it of the first unfit one."""
        texts = self._texts
        if self._codes is None:
            texts = texts.slice(start, len(field))
        else:
            codes = self._codes[start : start + len(field)]
            texts = texts.take(pa.array(codes, mask=codes < 0))
        padded = _padded(texts, self._width)
        if padded is None:
            return int(_unwritable(texts, self._width).argmax())
        field[:] = padded
        return None


class TextTable:
    """A text column of few categories: each is padded in a table, and a record takes the row of its code."""

    def __init__(self, categories: pa.Array, codes: np.ndarray, width: int):
        padded = _padded(categories, width)
        self._bad: np.ndarray | None = None
        if padded is None:
            # an unfit category without a record is harmless
            self._bad = np.append(_unwritable(categories, width), False)
            padded = _padded(pc.if_else(pa.array(~self._bad[:-1]), categories, ""), width)
            assert padded is not None
        # code -1, missing, takes the last row
        self._table = np.append(padded, np.array([b" " * width]).view(f"V{width}"))
        self._codes = codes

    def fill(self, field: np.ndarray, start: int) -> int | None:
        """As TextArray.fill."""
        codes = self._codes[start : start + len(field)]
        if self._bad is not None and (bad := self._bad[codes]).any():
            return int(bad.argmax())
        field[:] = self._table.take(codes)
        return None


def _arrow(values: pd.Series | pd.Index) -> pa.Array:
    """Text as one Arrow array; absent values stay null."""
    # a plain array of objects is read many times faster than the extension array around it
    plain = values.to_numpy() if values.dtype == object else values.array
    texts = pa.array(plain, type=pa.large_string(), from_pandas=True)
    return texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts


def _padded(texts: pa.Array, width: int) -> np.ndarray | None:
    """Each text with blanks up to ``width`` bytes, as V<width>; None when one is too long or not printable ASCII."""
    if texts.null_count:
        texts = texts.fill_null("")
    padded = pc.ascii_rpad(texts, width=width, padding=" ")
    count = len(padded)
    _, ends, data = padded.buffers()
    if not count or data is None:
        return np.empty(0, dtype=f"V{width}")
    offsets = np.frombuffer(ends, dtype=np.int64)[padded.offset : padded.offset + count + 1]
    # padding never shortens, so the sum is right only if every single one is
    if offsets[-1] - offsets[0] != count * width:
        return None
    raw = np.frombuffer(data, dtype=np.uint8, count=count * width, offset=int(offsets[0]))
    if raw.min() < _BLANK or raw.max() > _TILDE:
        return None
    return raw.view(f"V{width}")


def _unwritable(texts: pa.Array, width: int) -> np.ndarray:
    """Which texts are too long or not printable ASCII."""
    long = pc.greater(pc.binary_length(texts), width)
    odd = pc.match_substring_regex(texts, _NOT_PRINTABLE)
    return pc.fill_null(pc.or_(long, odd), False).to_numpy(zero_copy_only=False)


def unfit_reason(text: str, width: int) -> str:
    """Why ``text`` cannot be stored in ``width`` bytes of printable ASCII."""
    odd = next((c for c in text if not " " <= c <= "~"), "")
    if odd:
        kind = "a control character" if odd < " " or odd == "\x7f" else "a character beyond ASCII"
        return f"has {kind} (U+{ord(odd):04X}) at position {text.index(odd) + 1}; XPT holds printable ASCII only"
    if len(text) > MAX_TEXT:
        return f"has {len(text)} bytes; XPT holds at most {MAX_TEXT}, longer text is split (SUPP--, CO)"
    return f"has {len(text)} bytes, more than the variable's length of {width}"


def shown(text: str) -> str:
    """``text`` quoted and escaped for a message, cut when it is long."""
    return ascii(text) if len(text) <= _SHOWN else f"{text[:_SHOWN]!a}..."
