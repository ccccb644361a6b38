"""Cells that hold no data: remarks, spreadsheet errors, placeholders, damaged or unusual characters.

Not for numbers, dates or identifiers. Every check decides each unique text one time.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from ...engine.columns import column as col
from ...mappings.models.quality import QualitySpec
from .rules import RawColumn, RawReport, matching

#: kinds of columns in which a remark cannot be a value
TYPED = frozenset({"date", "time", "number", "code"})
_CONTROL = r"[\x{0001}-\x{0008}\x{000B}\x{000C}\x{000E}-\x{001F}\x{007F}]"
_INVISIBLE = r"[\x{00AD}\x{061C}\x{180E}\x{200B}-\x{200F}\x{202A}-\x{202E}\x{2060}-\x{2064}\x{2066}-\x{206F}\x{FEFF}]"
_ODD_BLANK = r"[\x{0085}\x{00A0}\x{1680}\x{2000}-\x{200A}\x{2028}\x{2029}\x{202F}\x{205F}\x{3000}]"
_FULL_WIDTH = r"[\x{FF01}-\x{FF5E}]"
_TAGS = "a|b|br|div|em|font|h[1-6]|i|li|ol|p|span|strong|sub|sup|table|td|tr|u|ul"
_HTML = rf"(?i)</?(?:{_TAGS})(?:\s[^<>]*)?/?>|&(?:amp|apos|gt|lt|nbsp|quot|#[0-9]+|#x[0-9a-f]+);"
#: a spelling in another case, or a placeholder, has at most this share of the rows
RARE = 0.05


def remarks(columns: Sequence[RawColumn], quality: QualitySpec) -> list[np.ndarray]:
    """For each column where its unique texts match a pattern of a remark.

    All texts are searched at once: a pattern takes longer to compile than to search the texts of a column.
    """
    texts = [column.texts for column in columns]
    if not texts or not quality.query_text:
        return [np.zeros(len(of_column), dtype=bool) for of_column in texts]
    found = matching(np.concatenate(texts), _pattern(quality.query_text))
    return np.split(found, np.cumsum([len(of_column) for of_column in texts])[:-1])


def check_texts(
    column: RawColumn, quality: QualitySpec, report: RawReport, sites: np.ndarray | None, remark: np.ndarray
) -> None:
    """All checks of one column. ``sites``: a code per row of its site, which may have a habit of writing.

    ``remark``: that of ``remarks`` for this column.
    """
    texts = column.texts
    odd = _errors(column, quality, report) | _remarks(column, remark, report)
    _placeholders(column, quality, report, odd)
    if len(texts) and not all(map(str.isascii, texts.tolist())):
        damaged = matching(texts, r"[^\x00-\x7F]")
        damaged[damaged] = [mojibake(t) for t in texts[damaged].tolist()]
        message = "the text looks decoded wrongly (UTF-8 read as another encoding)"
        report.cells("R2A-RAW-004", column, damaged, message)
        _full_width(column, report)
    _marks(column, report)
    _blanks(column, report)
    if column.kind in ("code", "text"):
        _cases(column, report, sites)


def _marks(column: RawColumn, report: RawReport) -> None:
    """Tags and entities of HTML, as forms with rich text export them."""
    if any("<" in t or "&" in t for t in column.texts.tolist()):
        message = "the text holds marks of HTML, which a reader of the data sees as they are"
        report.cells("R2A-RAW-009", column, matching(column.texts, _HTML), message)


def _errors(column: RawColumn, quality: QualitySpec, report: RawReport) -> np.ndarray:
    listed = {e.casefold() for e in quality.spreadsheet_errors}
    wrong = np.array([t.casefold() in listed for t in column.bare()], dtype=bool)
    report.cells("R2A-RAW-002", column, wrong, "the cell holds an error of a spreadsheet and is read as missing")
    column.treat_as_missing(wrong)  # no study has a value of this form, not even as free text
    return wrong


@lru_cache(maxsize=64)
def _pattern(patterns: tuple[str, ...]) -> str:
    return "(?i)" + "|".join(f"(?:{p})" for p in patterns)


def _remarks(column: RawColumn, remark: np.ndarray, report: RawReport) -> np.ndarray:
    found = remark & np.array([t.casefold() not in column.known for t in column.bare()], dtype=bool)
    if column.kind in TYPED:
        report.cells("R2A-RAW-001", column, found, "the cell holds a remark, not a value, and is read as missing")
        column.treat_as_missing(found)
    else:
        report.cells(
            "R2A-RAW-001",
            column,
            found,
            "the text looks like a remark of data management; it is kept",
            value_stays=True,
        )
    return found


def check_codes(column: RawColumn, codes: tuple[str, ...], report: RawReport) -> None:
    """Filled texts that are none of the declared codes; blanks around a text do not count.

    Runs after check_texts, which marks the texts that are read as missing.
    """
    found = np.array([bool(t) and t not in codes and t not in column.void for t in column.bare()], dtype=bool)
    listed = ", ".join(codes[:8]) + (" ..." if len(codes) > 8 else "")
    report.cells(
        "R2A-RAW-016", column, found, f"none of the codes of this column ({listed}); conditions on the codes exclude it"
    )


def _placeholders(column: RawColumn, quality: QualitySpec, report: RawReport, reported: np.ndarray) -> None:
    listed = {p.casefold() for p in quality.placeholders}
    found = np.array([t.casefold() in listed and t.casefold() not in column.known for t in column.bare()], dtype=bool)
    found &= ~reported
    if not found.any() or column.kind == "identity":
        return
    if column.kind == "text":
        filled = column.counts[np.array([bool(t) for t in column.bare()], dtype=bool)].sum()
        found &= column.counts <= RARE * filled  # a frequent one is an answer of the form
    if column.kind in TYPED:
        report.cells("R2A-RAW-003", column, found, "the cell holds a placeholder and is read as missing")
        column.treat_as_missing(found)
    else:
        report.cells("R2A-RAW-003", column, found, "the text looks like a placeholder; it is kept", value_stays=True)


#: a lead byte of UTF-8 read as one character, and the characters of the bytes that follow it
_LEADS = re.compile(
    "[\u00c2-\u00f4]"
    "[\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013\u2014"
    "\u2018-\u201a\u201c-\u201e\u2020-\u2022\u2026\u2030\u2039\u203a\u20ac\u2122]+"
)


def mojibake(text: str) -> bool:
    """Whether a text holds characters that are UTF-8 bytes read one by one as cp1252 or Latin-1, or a lost one.

    Each run of such characters must itself be valid UTF-8 of another character, so that a real letter followed by a
    sign does not count.
    """
    if "\ufffd" in text:
        return True
    for run in _LEADS.findall(text):
        for end in range(len(run), 1, -1):
            if _decodes(run[:end]):
                return True
    return False


def _decodes(run: str) -> bool:
    try:
        data = b"".join(c.encode("latin-1") if ord(c) < 256 else c.encode("cp1252") for c in run)
        return len(data.decode("utf-8")) < len(run)
    except (UnicodeEncodeError, UnicodeDecodeError):
        return False


def _full_width(column: RawColumn, report: RawReport) -> None:
    """Full-width digits and letters in numbers, dates, codes and identifiers; free text may have them."""
    if column.kind == "text":
        return
    wide = matching(column.texts, _FULL_WIDTH)
    report.cells("R2A-RAW-008", column, wide, "full-width digits or letters in place of plain ones")


def _blanks(column: RawColumn, report: RawReport) -> None:
    texts = column.texts
    if all(t.isascii() and t.isprintable() for t in texts.tolist()):  # most columns: a pattern takes 20 times as long
        strange = inside = np.zeros(len(texts), dtype=bool)
    else:
        strange, inside = matching(texts, f"{_INVISIBLE}|{_CONTROL}"), matching(texts, _ODD_BLANK)
    around = np.array([t != t.strip() and bool(t.strip()) for t in texts.tolist()], dtype=bool)
    odd = strange | inside
    if column.kind == "text":
        # a no-break blank within free text is ordinary writing in some languages; around it, it is not
        odd = strange | (inside & around)
    report.cells("R2A-RAW-005", column, odd, "the text holds invisible or unusual blank characters")
    report.cells("R2A-RAW-006", column, around & ~odd, "blanks around the text, read without them")


def _cases(column: RawColumn, report: RawReport, sites: np.ndarray | None) -> None:
    """A text that differs from a frequent one by case only, where it is neither frequent nor its site's habit."""
    texts, counts = column.texts, column.counts
    if len(texts) > 5_000:
        return  # not a column of codes
    folded, groups = np.unique(np.array([t.strip().casefold() for t in texts.tolist()], dtype=str), return_inverse=True)
    forms, form_of = np.unique(np.array([t.strip() for t in texts.tolist()], dtype=str), return_inverse=True)
    if len(forms) == len(folded):
        return
    rows_of_form = np.bincount(form_of, weights=counts, minlength=len(forms))
    rows_of_text = np.bincount(groups, weights=counts, minlength=len(folded))
    spelled, whole = rows_of_form[form_of], rows_of_text[groups]
    rare = (spelled <= np.maximum(RARE * whole, 1)) & (spelled * 2 < whole)
    rare &= np.array([bool(t.strip()) for t in texts.tolist()], dtype=bool)
    if not rare.any():
        return
    at = np.flatnonzero(rare[column.codes])
    if sites is not None:
        at = at[~_habit(column, sites, at)]
    report.rows("R2A-RAW-007", at, "the text differs from others by case only", column)


def _habit(column: RawColumn, sites: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Where a row is written in the case of at least half of the other rows of its site."""
    kinds = np.array([1 if t.isupper() else 2 if t.islower() else 3 if t.strip() else 0 for t in column.texts.tolist()])
    kind = kinds[column.codes]
    rows = np.bincount(sites * 4 + kind, minlength=4 * (int(sites.max(initial=0)) + 1)).reshape(-1, 4)
    filled = rows[:, 1:].sum(axis=1)[sites[at]] - 1
    alike = rows[sites[at], kind[at]] - 1
    return (filled > 0) & (alike * 2 >= filled)


def plain_width(text: str) -> str:
    """The text with full-width and compatibility characters as plain ones (NFKC)."""
    return unicodedata.normalize("NFKC", text)


def site_codes(site: object) -> np.ndarray | None:
    """A code per row of SITEID; None without one."""
    return None if site is None else col.split_text(site)[0].astype("int64")  # pyright: ignore[reportArgumentType]
