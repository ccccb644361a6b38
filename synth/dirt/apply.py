"""Injects defects of known kinds into the files of a clean, finished export, and lists the place of each defect.

Not for myeloma, nor for how defects are found: it knows the files, the recipes (recipes.py) and the dates of sites.
Cells without a defect do not change: in text files, every other byte is the same.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np

from ..subjects.cohort import CUTOFF, EPOCH
from ..subjects.draws import Draws
from .book import Book, Place
from .file import Layout
from .recipes import COPIES, HOSTILE, TYPICAL, AnyRecipe, LineGap, Recipe, Relation, Swap, TwinSubject
from .values import OFFERED, Cell

LEVELS: dict[str, tuple[AnyRecipe, ...]] = {"none": (), "typical": TYPICAL, "hostile": HOSTILE}
_LAST_DAY = CUTOFF + EPOCH  # an ordinal


@dataclass(frozen=True)
class Injected:
    """One changed cell, or one copied record. ``record`` counts data records of the file (of ``part``, if it has
    parts) from 1. ``of_record``: the source of a copy, 0 if it is no copy. ``subject``: site and number of the subject
    in the clean record, as 0101-0001. Cells with the same ``number`` are one defect."""

    file: str
    record: int
    column: str  # '' for an exact duplicate
    defect: str
    original: str
    injected: str
    of_record: int = 0
    part: str = ""
    number: int = 0
    subject: str = ""


@dataclass(frozen=True)
class _Change:
    """A change of the clean ``row``, before records are numbered; ``kind``: cell, copy or appended."""

    row: int
    column: str
    original: str
    injected: str
    kind: str = "cell"


def soil(
    clean: dict[str, bytes],
    layouts: list[Layout],
    subjects: int,
    seed: int,
    recipes: tuple[AnyRecipe, ...],
    declared: datetime,
) -> tuple[dict[str, bytes], list[Injected]]:
    """The files with defects, and the defects in the order of files and records.

    Counts are in proportion to ``subjects``, at least one of each where a fitting cell exists. A record has at most one
    defect. A copied record follows its source directly; the twin of a subject is at the end. ``declared``: the
    creation time in a rewritten workbook.
    """
    if not recipes:
        return dict(clean), []
    book = Book(clean, layouts, declared)
    found: list[tuple[Place, str, int, _Change]] = []
    number = 0
    for recipe in recipes:
        wanted = max(1, (recipe.count * subjects + 60) // 120)
        for _, defect in zip(range(wanted), _defects(book, recipe, seed), strict=False):
            number += 1
            found += [(place, recipe.defect, number, change) for place, change in defect]
    return book.contents(clean, declared), _placed(book, found)


def _defects(book: Book, recipe: AnyRecipe, seed: int) -> Iterator[list[tuple[Place, _Change]]]:
    """Defects of a recipe one by one; each is added to the edits of the book before the next is drawn."""
    defects = _MAKERS[type(recipe)]
    for changes in defects(book, recipe, _Order(seed, recipe)):
        for place, change in changes:
            edits = book.edits[place]
            book.free[place][change.row] = False
            if change.kind == "cell":
                edits.cells.setdefault(change.row, {})[change.column] = change.injected
            elif change.kind == "copy":
                edits.copies[change.row] = {change.column: change.injected} if change.column else {}
            else:
                site, _, subject = change.injected.partition("-")
                edits.appended.append((change.row, {"SITE_ID": site, "SUBJ_ID": subject}))
        yield changes


class _Order:
    """The rows of a file in an order drawn for one recipe, independent of the other recipes.

    The name of the recipe's class and of its fields are part of the draw: to rename one changes the export.
    """

    def __init__(self, seed: int, recipe: Any):
        self._seed, self._part = seed, zlib.crc32(repr(replace(recipe, count=0)).encode())

    def __call__(self, book: Book, place: Place, fit: np.ndarray) -> Iterator[int]:
        rank = Draws(self._seed, "dirt", self._part).below(2**31 - 1, len(fit))
        rows = np.flatnonzero(fit)
        for row in rows[np.argsort(rank[rows], kind="stable")].tolist():
            if book.free[place][row]:
                yield row


def _fitting(book: Book, place: Place, recipe: Any, filled: str = "") -> np.ndarray:
    """Free records that fulfil the conditions of the recipe, with a filled cell in the column ``filled``."""
    fit = book.free[place].copy()
    if filled:
        fit &= book.filled(place, filled)
    for column, texts in getattr(recipe, "where", ()):
        if not book.has(place, column):
            return np.zeros_like(fit)
        fit &= np.array([t in texts for t in book.cells(place, column)], dtype=bool)
    if limits := getattr(recipe, "number", None):
        column, low, high = limits
        numbers = book.numbers(place, column)
        fit &= (numbers >= low) & (numbers <= high)
    return fit


def _cells(book: Book, recipe: Recipe, order: _Order) -> Iterator[list[tuple[Place, _Change]]]:
    place = (recipe.file, recipe.part)
    if not book.has(place, recipe.column):
        return
    file, column = book.files[place], recipe.column
    kind = "copy" if recipe.defect in COPIES else "cell"
    texts = book.cells(place, column) if column else []
    subjects = book.subjects(place)
    hits = 0
    for row in order(book, place, _fitting(book, place, recipe, column)):
        if not column:
            yield [(place, _Change(row, "", "", "", kind))]
            continue
        cell = Cell(texts[row], *book.habits(place, subjects[row][:4]), recipe.value)
        offered = [t for t in OFFERED[recipe.defect](cell) if t != cell.text and file.fits(column, t)]
        if offered:
            yield [(place, _Change(row, column, cell.text, offered[hits % len(offered)], kind))]
            hits += 1


def _related(book: Book, recipe: Relation, order: _Order) -> Iterator[list[tuple[Place, _Change]]]:
    place, (other, other_column, which) = (recipe.file, ""), recipe.anchor
    if not (book.has(place, recipe.column) and book.has((other, ""), other_column)):
        return
    current, subjects = book.dates(place, recipe.column), book.subjects(place)
    anchors = None if which == "same" else _ends(book, (other, ""), other_column, which)
    firsts = _ends(book, place, recipe.column, "first") if recipe.own_first else {}
    later = _all_dates(book, recipe.least_after) if recipe.least_after else {}
    moved = book.moved()
    same = book.dates((other, ""), other_column)
    for row in order(book, place, _fitting(book, place, recipe) & (current > 0)):
        subject = subjects[row]
        at = (int(same[row]), row) if anchors is None else anchors.get(subject, (0, -1))
        new = at[0] + recipe.shift
        if subject in moved or not at[0] or not 0 < new <= _LAST_DAY or new == current[row]:
            continue
        if recipe.own_first and firsts[subject][1] != row:
            continue
        if recipe.least_after and int((later.get(subject, _NONE) > new).sum()) < recipe.least_after[2]:
            continue
        if anchors is not None:
            if not book.free[other, ""][at[1]]:
                continue
            book.free[other, ""][at[1]] = False  # another defect must not change the date of the anchor
        text = book.cells(place, recipe.column)[row]
        yield [(place, _Change(row, recipe.column, text, book.write(place, row, new)))]


_NONE = np.zeros(0, dtype=np.int64)


def _ends(book: Book, place: Place, column: str, which: str) -> dict[str, tuple[int, int]]:
    """Per subject the first or last date in a column and its row."""
    out: dict[str, tuple[int, int]] = {}
    sign = 1 if which == "first" else -1
    for row, (subject, day) in enumerate(zip(book.subjects(place), book.dates(place, column).tolist(), strict=True)):
        if day and (subject not in out or sign * day < sign * out[subject][0]):
            out[subject] = (day, row)
    return out


def _all_dates(book: Book, source: tuple[str, str, int]) -> dict[str, np.ndarray]:
    place = (source[0], "")
    if not book.has(place, source[1]):
        return {}
    out: dict[str, list[int]] = {}
    for subject, day in zip(book.subjects(place), book.dates(place, source[1]).tolist(), strict=True):
        out.setdefault(subject, []).append(day)
    return {subject: np.array(found) for subject, found in out.items()}


def _gaps(book: Book, recipe: LineGap, order: _Order) -> Iterator[list[tuple[Place, _Change]]]:
    place = (recipe.file, "")
    if not book.has(place, recipe.column):
        return
    subjects, texts = book.subjects(place), book.cells(place, recipe.column)
    last: dict[str, int] = {}
    for row, subject in enumerate(subjects):
        if texts[row].isdecimal() and int(texts[row]) >= int(texts[last[subject]] if subject in last else "0"):
            last[subject] = row
    moved = book.moved()
    fit = np.zeros(len(texts), dtype=bool)
    fit[[row for subject, row in last.items() if int(texts[row]) >= 3 and subject not in moved]] = True
    for row in order(book, place, fit & book.free[place]):
        yield [(place, _Change(row, recipe.column, texts[row], str(int(texts[row]) + 1)))]


def _twins(book: Book, recipe: TwinSubject, order: _Order) -> Iterator[list[tuple[Place, _Change]]]:
    places = [(file, "") for file in recipe.files]
    if not all(book.has(place, "SITE_ID", "SUBJ_ID") for place in places):
        return
    rows = [{subject: row for row, subject in enumerate(book.subjects(place))} for place in places]
    twice = {s for place in places for s, times in Counter(book.subjects(place)).items() if times > 1}
    moved = book.moved()
    taken = set(rows[0])
    for row in order(book, places[0], book.free[places[0]]):
        subject = book.subjects(places[0])[row]
        site = _other_site(book, subject[:4])
        if not site or subject in moved or subject in twice:
            continue
        at = [found.get(subject, -1) for found in rows]
        if not all(r >= 0 and book.free[place][r] for place, r in zip(places, at, strict=True)):
            continue
        new = next(f"{site}-{k:04}" for k in range(1, 10_000) if f"{site}-{k:04}" not in taken)
        taken.add(new)
        yield [(place, _Change(r, "SUBJ_ID", subject, new, "appended")) for place, r in zip(places, at, strict=True)]


def _other_site(book: Book, site: str) -> str:
    """Another site that writes dates, decimals and sexes alike, from the same country if possible; '' if none."""
    home = book.country.get(site, "")
    same = [s for s, country in book.country.items() if country == home and s != site]
    alike = [s for s, country in book.country.items() if country != home and book.alike(country, home)]
    return next(iter([*same, *alike]), "")


def _swaps(book: Book, recipe: Swap, order: _Order) -> Iterator[list[tuple[Place, _Change]]]:
    place, (one, other) = (recipe.file, ""), recipe.columns
    if not book.has(place, one, other):
        return
    file, texts, other_texts = book.files[place], book.cells(place, one), book.cells(place, other)
    for row in order(book, place, _fitting(book, place, recipe, one)):
        text, other_text = texts[row], other_texts[row]
        if other_text and text != other_text and file.fits(one, other_text) and file.fits(other, text):
            yield [(place, _Change(row, one, text, other_text)), (place, _Change(row, other, other_text, text))]


_MAKERS: dict[type, Any] = {
    Recipe: _cells, Relation: _related, LineGap: _gaps, TwinSubject: _twins, Swap: _swaps,
}  # fmt: skip


def _placed(book: Book, found: list[tuple[Place, str, int, _Change]]) -> list[Injected]:
    """The defects with the record numbers of the edited files."""
    order = {place: position for position, place in enumerate(book.files)}
    numbers = {place: book.records(place) for place in book.files}
    appended = dict.fromkeys(book.files, 0)
    out = []
    for place, defect, number, change in found:
        of_clean, of_copy = numbers[place]
        record, copied = int(of_clean[change.row]), 0
        if change.kind == "copy":
            record, copied = of_copy[change.row], record
        elif change.kind == "appended":
            appended[place] += 1
            record, copied = len(of_clean) + len(of_copy) + appended[place], record
        entry = Injected(
            place[0], record, change.column, defect, change.original, change.injected, copied, place[1], number,
            book.subjects(place)[change.row],
        )  # fmt: skip
        out.append((order[place], entry))
    out.sort(key=lambda pair: (pair[0], pair[1].record, pair[1].column))
    return [entry for _, entry in out]
