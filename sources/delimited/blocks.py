"""The bytes of a text file as checked UTF-8 blocks: byte order marks, strict decoding, NUL bytes, and the sha256.

Not for records and fields (scan.py, read.py).
"""

from __future__ import annotations

import codecs
import hashlib
import io
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Executor, Future
from pathlib import Path

from ...errors import InputError

BLOCK = 512 * 1024  # small enough for the scan's arrays to stay in the processor's cache
_PENDING = 16  # blocks waiting for their hash; bounds memory if hashing is slower than scanning

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it starts with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_WIDE = ("utf-16", "utf-32")
_ASCII_AND_MORE = ("ascii", "cp125", "iso8859", "koi8")  # one byte per character, the first 128 those of ASCII


class Utf8Blocks:
    """Iterates over a file's text as UTF-8 blocks, without byte order mark; ``sha256`` is valid after that.

    In UTF-16 and UTF-32 every further mark is dropped too and counted in ``marks``: some exports write one before each
    field. Its only other meaning is a break of no width, for which Unicode has U+2060.

    ``name`` is the file in messages. ``pool``, of one thread, hashes meanwhile; the caller closes it when the blocks
    are read or abandoned. Iterating raises InputError with line and byte offset for a byte that the encoding does not
    define, for a NUL and for a byte order mark of another encoding.
    """

    def __init__(self, path: Path, name: str, encoding: str, pool: Executor):
        self.path, self.name = path, name
        self.encoding = codecs.lookup(encoding).name
        self.plain = self.encoding in ("utf-8", "utf-8-sig")
        self.marks = 0  # byte order marks within the file, which are dropped
        self._hash, self._pool = hashlib.sha256(), pool
        self._waiting: deque[Future[None]] = deque()

    @property
    def sha256(self) -> str:
        """The hash of all bytes read, in hexadecimal."""
        while self._waiting:
            self._waiting.popleft().result()
        return self._hash.hexdigest()

    def __iter__(self) -> Iterator[bytes]:
        with self.path.open("rb", buffering=0) as file:
            decoder = None
            offset = 0
            while block := file.read(BLOCK):
                self._waiting.append(self._pool.submit(self._hash.update, block))
                if len(self._waiting) > _PENDING:
                    self._waiting.popleft().result()
                if decoder is None:
                    length = len(block)
                    block = self._after_mark(block)
                    offset = length - len(block)
                    decoder = codecs.getincrementaldecoder(self._codec())("strict")
                yield self._utf8(decoder, block, offset, False)
                offset += len(block)
            if decoder is not None:
                yield self._utf8(decoder, b"", offset, True)

    def _codec(self) -> str:
        return "utf-8" if self.plain else self.encoding

    def _after_mark(self, block: bytes) -> bytes:
        """The first block without its byte order mark. Raises InputError if the mark contradicts the encoding."""
        wide = next((w for w in _WIDE if self.encoding.startswith(w)), "")
        for mark, encoding in _BOMS:
            if not block.startswith(mark):
                continue
            if self.plain and encoding == "utf-8":
                return block[len(mark) :]
            if encoding != wide:
                raise InputError(
                    f"{self.name}: the file begins with the byte order mark of {encoding.upper()}, but the encoding "
                    f"declared is {self.encoding}; declare encoding: {encoding}"
                )
            return block
        if self.encoding in _WIDE:
            raise InputError(
                f"{self.name}: {self.encoding} is declared, but no byte order mark shows the byte order; declare "
                f"encoding: {self.encoding}-le or {self.encoding}-be"
            )
        return block

    def _utf8(self, decoder: codecs.IncrementalDecoder, block: bytes, offset: int, final: bool) -> bytes:
        is_wide = self.encoding.startswith(_WIDE)
        if not is_wide and b"\0" in block:
            self._refuse_nul(offset + block.find(b"\0"), block)
        same = self.encoding.startswith(_ASCII_AND_MORE) or (self.plain and not decoder.getstate()[0])
        if same and block.isascii():
            return block
        try:
            text = decoder.decode(block, final)
        except UnicodeDecodeError as error:
            # error.object begins with the bytes that the decoder has stored from the block before
            raise self._undecodable(error, offset - (len(error.object) - len(block))) from None
        if self.plain:
            return block
        if is_wide:
            if offset == 0 and text.startswith("\ufeff"):
                text = text[1:]
            self.marks += text.count("\ufeff")
            text = text.replace("\ufeff", "")
        if is_wide and "\0" in text:
            raise InputError(f"{self.name}: a NUL character (U+0000); text files hold none. Export the file again")
        try:
            return text.encode("utf-8")
        except UnicodeEncodeError:  # utf-7 and similar encodings can decode to half of a surrogate pair
            raise InputError(f"{self.name}: not a valid {self.encoding} text; declare its encoding") from None

    def _refuse_nul(self, offset: int, block: bytes) -> None:
        hint = "the file is damaged or not text; export it again"
        if block.count(b"\0") * 3 > len(block):
            hint = "every other byte is NUL, as in UTF-16: declare encoding: utf-16-le or utf-16-be"
        line, column = self._position(offset)
        raise InputError(f"{self.name}:{line}:{column}: NUL byte at offset {offset}; {hint}")

    def _undecodable(self, error: UnicodeDecodeError, base: int) -> InputError:
        offset = base + error.start
        line, column = self._position(offset)
        found = error.object[error.start : max(error.end, error.start + 1)]
        shown = " ".join(f"0x{b:02X}" for b in found[:4])
        what = "the file ends inside a character" if error.reason == "unexpected end of data" else "not defined"
        others = "cp1252, latin-1" if self.plain else "utf-8, cp1252"
        return InputError(
            f"{self.name}:{line}:{column}: byte {shown} at offset {offset} is not {self.encoding} ({what}); declare "
            f"the encoding the file was written in (encoding: {others}, ...)"
        )

    def _position(self, offset: int) -> tuple[int, int]:
        """Line and column (both from 1, in characters) of a byte offset; reads the file again, for messages only."""
        # translating CR and CRLF to LF leaves one kind of line end to count, also where a block cuts a CRLF in two
        decoder = io.IncrementalNewlineDecoder(codecs.getincrementaldecoder(self._codec())("ignore"), translate=True)
        line, column = 1, 1
        with self.path.open("rb") as file:
            remaining = offset
            while True:
                block = file.read(min(BLOCK, remaining))
                remaining -= len(block)
                text = decoder.decode(block, final=not block).lstrip("\ufeff")
                line += text.count("\n")
                column = len(text) - text.rfind("\n") if "\n" in text else column + len(text)
                if not block:
                    return line, column
