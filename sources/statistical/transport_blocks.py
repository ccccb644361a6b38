"""The observations of a SAS transport file of version 5 in blocks, each as the bytes of a smaller file.

For files that do not fit in memory. Not for the cells of a block (transport_cells.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .sas_transport import RECORD, TransportLayout
from .transport_cells import TransportCells
from .transport_magic import check_version_5

_LEAST_HEAD = 8 * RECORD  # up to the header of the variables
_COUNT = slice(614, 618)
_SIZE = slice(314, 318)
BLOCK_BYTES = 1 << 23


@dataclass(frozen=True)
class TransportBlock:
    """A block of observations. ``content``: a file of them; ``first``: observations before it.

    ``last``: whether it is the last block. ``rows``: None for the last, whose content decides it.
    """

    content: bytes
    first: int
    rows: int | None
    last: bool

    def cells(self, name: str) -> TransportCells:
        """The cells of the block. Raises InputError."""
        return TransportCells(TransportLayout(self.content, name), self.rows)


def transport_blocks(path: Path, block_bytes: int = BLOCK_BYTES) -> Iterator[TransportBlock]:
    """The blocks of a file with one dataset, at least one. Raises InputError for a damaged file, OSError.

    A block has about ``block_bytes``, and a multiple of 80 observations, so that it fills whole records.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        head = head_size(file.read(min(size, _LEAST_HEAD)), path.name)
        file.seek(0)
        head = file.read(head)
        width = TransportLayout(head, path.name).row_width
        rows = max(1, block_bytes // max(width * RECORD, 1)) * RECORD
        first = 0
        while True:
            data = file.read(rows * width) if width else b""
            last = not width or file.tell() >= size
            yield TransportBlock(head + data, first, None if last else rows, last)
            if last:
                return
            first += rows


def head_size(start: bytes, name: str) -> int:
    """The bytes before the first observation, by the first 640 bytes of a file with one dataset. Raises InputError."""
    check_version_5(start, name)
    try:
        count, size = int(start[_COUNT]), int(start[_SIZE])
    except ValueError:
        count = size = 0  # reading the header reports the damage
    return _LEAST_HEAD + -(-count * size // RECORD) * RECORD + RECORD
