"""What the first bytes of a file of the name .xpt show: a SAS transport file of version 5 or 8, or something else.

Not for its content (sas_transport.py).
"""

from __future__ import annotations

from ...errors import InputError

_LIBRARY = b"HEADER RECORD*******LIB"  # LIBRARY in v5; v8 and v9 write LIBV8
_LIBRARY_8 = b"HEADER RECORD*******LIBV"
_FIRST = 80
_CPORT = (
    "written by PROC CPORT, whose files only SAS reads; run PROC CIMPORT, then write it by the XPORT engine or %LOC2XPT"
)
#: what other files begin with -> what they are, and what to do
_OTHERS: tuple[tuple[bytes, str], ...] = (
    (b"**COMPRESSED**", _CPORT),
    (b"LIB CONTROL", _CPORT),
    (b"\xc8\xc5\xc1\xc4\xc5\xd9", "its text was converted to EBCDIC; transfer the file again, in binary mode"),
    (bytes(12) + b"\xc2\xea\x81\x60", "a SAS7BDAT file; rename it to .sas7bdat"),
    (b"PK\x03\x04", "a zip file; unpack it"),
    (b"\x1f\x8b", "a gzip file; unpack it"),
    (b"PAR1", "a Parquet file; rename it to .parquet"),
    (b"$FL", "an SPSS file; rename it to .sav"),
    (b"<stata_dta>", "a Stata file; rename it to .dta"),
)


def check_magic(content: bytes, name: str) -> None:
    """Raises InputError for a file that is no SAS transport file, with what it is where its first bytes show that."""
    if content.startswith(_LIBRARY):
        return
    for magic, what in _OTHERS:
        if content.startswith(magic):
            raise InputError(f"{name}: not a SAS transport file (XPT): {what}")
    raise InputError(
        f"{name}: not a SAS transport file (XPT): it does not begin with HEADER RECORD*******LIBRARY; write it with "
        "the XPORT engine or %LOC2XPT"
    )


def is_version_5(content: bytes) -> bool:
    """Whether the header is that of version 5; versions 8 and 9 write LIBV8."""
    return not content[:_FIRST].startswith(_LIBRARY_8)


def is_library_5(content: bytes) -> bool:
    """Whether bytes begin as a transport file of version 5."""
    return content.startswith(_LIBRARY) and is_version_5(content)


def check_version_5(content: bytes, name: str) -> None:
    """Raises InputError for a transport file of version 8 or 9, which the agencies do not accept."""
    if not is_version_5(content):
        raise InputError(
            f"{name}: a transport file of version 8 or 9; agencies accept version 5. raw2adam convert IN OUT --formats "
            "xpt writes it as version 5"
        )
