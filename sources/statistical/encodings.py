"""Encodings of SAS, SPSS and Stata files that pyreadstat does not read correctly, and how they are refused.

pyreadstat converts one cell after the other with one converter. Some decoders wait for a mark that may follow a letter,
or for a shift: with them a letter moves to the next cell. Not for text files (sources/delimited/blocks.py).
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable

from ...errors import InputError

#: normalised names of encodings whose decoders hold a character back, or shift
_HELD_BACK = frozenset(
    [
        *("cp1255", "cp1258", "tcvn", "tcvn5712", "big5hkscs", "shiftjisx0213", "eucjisx0213", "shiftjis2004"),
        *("eucjis2004", "iso2022jp", "iso2022jp1", "iso2022jp2", "iso2022jp3", "iso2022jpext", "iso2022jp2004"),
        *("iso2022kr", "iso2022cn", "iso2022cnext", "utf7", "hz", "hzgb2312"),
        *("utf16", "utf16le", "utf16be", "utf32", "utf32le", "utf32be"),
    ]
)
#: code in the header of a SAS7BDAT file -> encoding in which letters would move
_SAS_HELD_BACK = {
    65: "windows-1255", 68: "windows-1258", 167: "ISO-2022-JP", 168: "ISO-2022-KR", 169: "ISO-2022-CN",
    172: "ISO-2022-CN-EXT", 248: "Shift_JISX0213",
}  # fmt: skip
#: code -> encoding for which pyreadstat has no decoder
_SAS_UNKNOWN = {
    55: "cp720", 69: "MacRoman", 70: "MacArabic", 71: "MacHebrew", 72: "MacGreek", 73: "MacThai", 75: "MacTurkish",
    76: "MacUkraine", 128: "cp1381", 137: "cp942", 163: "MacIceland", 245: "MacCroatian", 247: "MacRomania",
}  # fmt: skip
#: codes that pyreadstat reads
_SAS_READ = frozenset(
    [0, 20, *range(28, 55), *range(56, 65), 66, 67, 118, 119, 123, 125, 126, 134, 136, 138, 140, 141, 142]
    + [204, 205, 227, 242, 246]
)
#: encodings, by their names in Python, with letters of one or several bytes
_SEVERAL_BYTES = frozenset(
    ["utf-8", "big5", "cp950", "gb2312", "gbk", "gb18030", "euc_kr", "cp949", "johab", "cp932", "shift_jis", "euc_jp"]
)
#: how many bytes of a letter can remain without its last one
_MOST_CUT = 3
_SAS_MAGIC = bytes.fromhex("000000000000000000000000c2ea8160b31411cfbd92080009c7318c181f1011")
_ENCODING_BYTE = 70


def check_encoding(content: bytes, kind: str, declared: str, file: str) -> None:
    """Raises InputError if the text of a file would not be read correctly.

    ``content``: the file's bytes. ``declared``: the encoding of the spec. It counts for XPT, whose files name none, and
    for other files if it is not utf-8; else the encoding that the file names counts.
    """
    overridden = kind == "xpt" or declared.lower() not in ("utf-8", "utf8")
    if overridden:
        if moves_letters(declared):
            raise _refused(file, declared, "moves letters to the next cell", "declared", kind)
        return
    if kind != "sas7bdat" or not content.startswith(_SAS_MAGIC) or len(content) <= _ENCODING_BYTE:
        return
    code = content[_ENCODING_BYTE]
    if code in _SAS_HELD_BACK:
        raise _refused(file, _SAS_HELD_BACK[code], "moves letters to the next cell", f"SAS encoding {code}", kind)
    if code in _SAS_UNKNOWN:
        raise _refused(file, _SAS_UNKNOWN[code], "cannot decode it", f"SAS encoding {code}", kind)
    if code not in _SAS_READ:
        raise _refused(file, f"the SAS encoding {code}", "does not know it", "no name is known here", kind)


def check_named_encoding(named: str | None, kind: str, file: str) -> None:
    """The same check for the encoding that the file names. Raises InputError."""
    if named and moves_letters(named):
        raise _refused(file, named, "moves letters to the next cell", "as the file names it", kind)


def cuts_letters(encoding: str | None) -> bool:
    """Whether a letter of this encoding has several bytes, so that the width of a variable may cut the last one."""
    return python_name(encoding) in _SEVERAL_BYTES


def python_name(encoding: str | None) -> str:
    """The name of an encoding in Python, cp949 for windows-949; '' for an encoding that Python does not have."""
    for name in (encoding or "", re.sub(r"(?i)^(x-)?windows-", "cp", encoding or "")):
        try:
            return codecs.lookup(name).name
        except LookupError:
            continue
    return ""


def may_be_cut(texts: Iterable[str], width: int, encoding: str) -> bool:
    """Whether a text nearly fills the width of its variable, in bytes, so that a letter after it may have been cut.

    Stata counts a zero byte at the end of a text as a part of the width.
    """
    sizes = {len(t.encode(python_name(encoding), "replace")) for t in texts}
    return any(width - _MOST_CUT - 1 <= size < width for size in sizes)


def cut_at_end(content: bytes, encoding: str) -> bool:
    """Whether bytes end within a letter."""
    decoder = codecs.getincrementaldecoder(python_name(encoding))(errors="replace")
    decoder.decode(content)
    return bool(decoder.getstate()[0])


def moves_letters(encoding: str) -> bool:
    """Whether letters of this encoding would move between cells."""
    plain = re.sub(r"[^a-z0-9]", "", encoding.lower())
    try:
        known = re.sub(r"[^a-z0-9]", "", codecs.lookup(encoding).name)
    except LookupError:
        known = plain
    return bool({plain.replace("windows", "cp"), known} & _HELD_BACK)


def _refused(file: str, encoding: str, fault: str, how: str, kind: str) -> InputError:
    if kind in ("sas7bdat", "xpt"):
        way = "write it in SAS as UTF-8 (data new.x(encoding='utf-8'); set old.x; run;), or export it as CSV"
    else:
        way = "write it as UTF-8 in the program that wrote it, or export it as CSV"
    return InputError(f"{file}: its text is in {encoding} ({how}), and the reader of such files {fault}; {way}")
