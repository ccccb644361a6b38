"""The content of a Dataset-JSON file, some bytes at a time: of a .dsjc file that of its zlib stream.

Not for what the content is (read_dataset_json.py).
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from pathlib import Path

from ..errors import InputError

_PIECE = 1 << 22  # bytes of content that are read at a time: they and their masks fit into the cache of a processor
_PACKED = 1 << 20  # bytes of a zlib stream that are read at a time
_MOST_UNPACKED = 1 << 26  # bytes; a larger content must not be _MOST_TIMES its file: zlib reaches 1032 times
_MOST_TIMES = 800
#: zlib finds out by itself: the header of zlib, or that of gzip, which the published examples of CDISC have
_ANY_HEADER = 32 + zlib.MAX_WBITS


def pieces(path: Path, size: int = 0) -> Iterator[bytes]:
    """The content of a file, ``size`` bytes at a time. Raises InputError for a damaged zlib stream."""
    size = size or _PIECE
    if path.suffix.lower() == ".dsjc":
        yield from _unpacked(path, size)
        return
    with path.open("rb") as file:
        while piece := file.read(size):
            yield piece


def _unpacked(path: Path, size: int) -> Iterator[bytes]:
    """The content of a zlib stream, at most ``size`` bytes at a time. Raises InputError."""
    unpacker = zlib.decompressobj(wbits=_ANY_HEADER)
    limit, found = max(_MOST_UNPACKED, _MOST_TIMES * path.stat().st_size), 0
    with path.open("rb") as file:
        packed = file.read(_PACKED)
        while not unpacker.eof:
            try:
                piece = unpacker.decompress(packed, size)
            except zlib.error:
                raise InputError(
                    f"{path}: not a zlib stream, which compressed Dataset-JSON is; the file is damaged or of another "
                    "format: copy or write it again"
                ) from None
            found += len(piece)
            if found > limit:
                raise InputError(f"{path}: its content is over {_MOST_TIMES} times its size; this is no dataset")
            if piece:
                yield piece
            packed = unpacker.unconsumed_tail or file.read(_PACKED)
            if not packed and not piece and not unpacker.eof:
                raise InputError(f"{path}: the zlib stream has no end; the file is cut short, copy it again")
        after = len(unpacker.unused_data) + len(file.read())
    if after:
        raise InputError(f"{path}: {after} bytes after the end of the zlib stream; copy it again")
