"""How many records pandas.read_sas finds in a transport file, where it takes blanks of the last record for padding.

CDISC CORE and other tools read transport files by it. Where a record has at most 80 bytes, it counts blank words of 8
bytes anywhere in the last 80 bytes as padding. Not for reading files.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ..sources.statistical.sas_transport import RECORD, TransportLayout
from ..sources.statistical.transport_blocks import head_size

_BLANK_WORD = int.from_bytes(b" " * 8, "little")  # the same in either order


def pandas_records(path: Path) -> int:
    """The number of records that pandas.read_sas finds in a file of version 5 with one dataset. Raises InputError."""
    size = path.stat().st_size
    with path.open("rb") as file:
        head = head_size(file.read(8 * RECORD), path.name)
        file.seek(0)
        width = TransportLayout(file.read(head), path.name).row_width
        file.seek(-RECORD, 2)
        words = np.frombuffer(file.read(RECORD), "u8")
    if not width:
        return 0
    blank = 0 if width > RECORD else 8 * int((words == _BLANK_WORD).sum())
    return (size - head - blank) // width
