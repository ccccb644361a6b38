"""Whether a statistical file is whole, as far as its first and last bytes show it. Not for reading it (read.py)."""

from __future__ import annotations

from ...errors import InputError


def check_whole(content: bytes, kind: str, file: str) -> None:
    """Raises InputError for an empty file, and for a Stata file that is cut short or has a damaged header."""
    if not content:
        raise InputError(f"{file}: the file is empty (0 bytes); the format {kind.upper()} was expected")
    if kind == "dta" and content.startswith(b"<stata_dta>") and not content.rstrip().endswith(b"</stata_dta>"):
        raise InputError(f"{file}: </stata_dta> is missing at the end, so the file is cut short; copy it again")
    if kind == "dta" and (rows := stata_rows(content)) > len(content):
        # pyreadstat would allocate memory for all of them before it finds that they are missing
        raise InputError(
            f"{file}: damaged header: {rows} observations do not fit in a file of {len(content)} bytes; copy it again"
        )


def stata_rows(content: bytes) -> int:
    """The number of observations that the header of a Stata file names; 0 if it names none.

    Source: dta file formats 104 to 119, Stata Corp.: a binary header up to 115, elements from 117.
    """
    if content.startswith(b"<stata_dta>"):
        at = content.find(b"<N>", 0, 1024) + 3
        order = "big" if b"<byteorder>MSF<" in content[:1024] else "little"
        wide = 4 if b"<release>117<" in content[:1024] else 8
        return int.from_bytes(content[at : at + wide], order) if at > 2 else 0
    return int.from_bytes(content[6:10], "big" if content[1:2] == b"\x01" else "little")
