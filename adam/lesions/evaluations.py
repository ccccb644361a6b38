"""The evaluations of each subject: sum of the target lesions, baseline, nadir, state of the other lesions.

RECIST 1.1 (Eisenhauer et al., Eur J Cancer 2009;45:228-47), section 4.3. Not for reading the measurements (step.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ...engine.columns import verbs
from ...engine.columns.rounding import difference, significant
from ...mappings.models.response_criteria import Limit
from .measurements import Covered

TEXTS = np.array(["", "CR", "NON-CR/NON-PD", "PD", "NE"], dtype=object)


@dataclass(frozen=True, kw_only=True)
class Lesions:
    """Rows of lesions, one element each. ``day``, ``start`` in days since 1960-01-01.

    ``value`` is what is summed, a diameter in mm or a product in mm2; ``diameter``, ``across`` are in mm. NaN: none.
    ``evaluation``: its code. ``order``: ranks of the variables that form an evaluation. ``lesion``: code of the
    identifier, ``lesion_rank`` its place by value. ``covered``, ``others``: the lesions that target rows and non-target
    rows cover.
    """

    subject: np.ndarray
    evaluation: np.ndarray
    order: Sequence[np.ndarray]
    day: np.ndarray
    start: np.ndarray
    value: np.ndarray
    diameter: np.ndarray
    across: np.ndarray
    lesion: np.ndarray
    lesion_rank: np.ndarray
    target: np.ndarray
    nodal: np.ndarray
    non_target: np.ndarray
    new: np.ndarray
    gone: np.ndarray
    progressed: np.ndarray
    no_state: np.ndarray
    covered: Covered
    others: Covered


def repeated(
    at: np.ndarray, evaluation: np.ndarray, lesion: np.ndarray, day: np.ndarray, size: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """(of the rows ``at`` those of a lesion with another row in its evaluation that counts, those with another size).

    The one with a size counts, of several the latest, of one day the largest.
    """
    keys = [evaluation[at], lesion[at], np.isnan(size[at]), -day[at], -np.nan_to_num(size[at])]
    at = at[verbs.order_rows(keys)]
    first = np.ones(len(at), dtype=bool)
    first[1:] = (evaluation[at][1:] != evaluation[at][:-1]) | (lesion[at][1:] != lesion[at][:-1])
    chosen = at[np.maximum.accumulate(np.where(first, np.arange(len(at)), 0))] if len(at) else at
    again, differing = np.zeros(len(day), dtype=bool), np.zeros(len(day), dtype=bool)
    again[at[~first]] = True
    differing[at] = ~np.isnan(size[at]) & (size[at] != size[chosen])
    return again, differing


class Evaluations:
    """The evaluations of all subjects, by subject and date. ``first_record``: a row of each, with its variables."""

    def __init__(self, lesions: Lesions, which_date: str, normal_node: Limit):
        self.lesions, self.normal_node = lesions, normal_node
        used = lesions.target | lesions.non_target | lesions.new
        at = np.flatnonzero(used)
        value = np.nan_to_num(lesions.value[at], nan=-1.0)
        keys = [lesions.evaluation[at], ~lesions.target[at], lesions.day[at], lesions.lesion_rank[at], value]
        at = at[verbs.order_rows(keys)]
        begins = np.ones(len(at), dtype=bool)
        begins[1:] = lesions.evaluation[at][1:] != lesions.evaluation[at][:-1]
        first = at[begins]
        code = np.zeros(len(used), dtype="int64")
        code[at] = np.cumsum(begins) - 1
        day = np.full(len(first), -np.inf if which_date == "last" else np.inf)
        (np.maximum if which_date == "last" else np.minimum).at(day, code[at], lesions.day[at])
        order = verbs.order_rows([lesions.subject[first], day, *(ranks[first] for ranks in lesions.order)])
        place = np.empty(len(first), dtype="int64")
        place[order] = np.arange(len(first))
        self.first_record, self.day = first[order], day[order]
        self.n = len(first)
        self.of_row = np.where(used, place[code] if self.n else 0, -1)
        self.subject = lesions.subject[self.first_record]
        #: the evaluation of the nadir of each; ``columns`` derives it
        self.nadir_of = np.full(self.n, -1, dtype="int64")

    @cached_property
    def baseline(self) -> np.ndarray:
        """For each evaluation the one that is the baseline of its subject; -1 for none."""
        start = self.lesions.start[self.first_record]
        lesions = self.lesions
        has = np.zeros(self.n, dtype=bool)
        has[self.of_row[lesions.target | lesions.non_target]] = True
        before = has & (self.day <= start)
        count = int(self.subject.max(initial=-1)) + 1
        last = np.full(count, -1, dtype="int64")
        at = np.flatnonzero(before)  # in the order of the days: the last one remains
        last[self.subject[at]] = at
        return last[self.subject] if self.n else np.zeros(0, dtype="int64")

    @property
    def after(self) -> np.ndarray:
        """Where an evaluation comes after the baseline of its subject."""
        return (self.baseline >= 0) & (np.arange(self.n) > self.baseline)

    def pairs(self, covered: Covered) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """(evaluation, lesion of the subject, whether the lesion is of the baseline) of each pair."""
        if not len(covered.record):
            none = np.zeros(0, dtype="int64")
            return none, none, none.astype(bool)
        evaluation = self.of_row[covered.record].astype("int64")
        size = int(covered.lesion.max()) + 1
        lesion = self.subject[evaluation] * size + covered.lesion
        at_base = _distinct(lesion[evaluation == self.baseline[evaluation]])
        place = np.minimum(np.searchsorted(at_base, lesion), len(at_base) - 1)
        return evaluation, lesion, at_base[place] == lesion if len(at_base) else np.zeros(len(lesion), dtype=bool)

    def expected(self, covered: Covered) -> np.ndarray:
        """The number of lesions at the baseline of the subject."""
        evaluation, lesion, _ = self.pairs(covered)
        here = evaluation == self.baseline[evaluation]
        count = self._lesions_of(evaluation[here], lesion[here])
        return np.where(self.baseline >= 0, count[self.baseline], 0) if self.n else count

    def _lesions_of(self, evaluation: np.ndarray, lesion: np.ndarray) -> np.ndarray:
        """The number of different lesions of each evaluation."""
        size = int(lesion.max(initial=0)) + 1
        return np.bincount(_distinct(evaluation * size + lesion) // size, minlength=self.n)

    @cached_property
    def foreign(self) -> np.ndarray:
        """Target rows of a lesion that the baseline does not have: they are not summed."""
        evaluation, _, inside = self.pairs(self.lesions.covered)
        out = np.zeros(len(self.of_row), dtype=bool)
        strange = ~inside & (self.baseline[evaluation] >= 0)
        out[self.lesions.covered.record[strange]] = True
        out[self.lesions.covered.record[inside]] = False  # a merged lesion of which one part is of the baseline
        return out

    def columns(self) -> dict[str, np.ndarray]:
        """The columns of the step."""
        total, measured, missing, _ = self._sums
        complete = (missing == 0) & (measured > 0)
        value = np.where(complete, total, np.nan)
        after, place = self.after, np.arange(self.n)
        base = np.where(self.baseline >= 0, value[np.maximum(self.baseline, 0)], np.nan) if self.n else value
        change = np.where(after, difference(value, base), np.nan)
        nadir, self.nadir_of = self._nadir(value)
        nadir_day = np.where(self.nadir_of >= 0, self.day[self.nadir_of], np.nan) if self.n else value
        rise = difference(value, nadir)
        return {
            "AVAL": value,
            "PARTSUM": np.where(measured > 0, total, np.nan),
            "ADT": self.day,
            "BLDT": np.where(self.baseline >= 0, self.day[np.maximum(self.baseline, 0)], np.nan)
            if self.n
            else self.day,
            "ABLFL": np.where(place == self.baseline, "Y", "").astype(object),
            "BASE": base,
            "CHG": change,
            "PCHG": _percent(change, base),
            "NADIR": nadir,
            "NADIRDT": nadir_day,
            "CHGNAD": rise,
            "PCHGNAD": _percent(rise, nadir),
            "NTARGET": measured.astype("float64"),
            "NMISSING": missing.astype("float64"),
            "ALLGONE": np.where(self.all_gone, "Y", "").astype(object),
            "NTGRESP": TEXTS[self._non_target()],
            "NEWLFL": np.where(self._has(self.lesions.new), "Y", "N").astype(object),
        }

    def _has(self, rows: np.ndarray) -> np.ndarray:
        found = np.zeros(self.n, dtype=bool)
        found[self.of_row[rows]] = True
        return found

    @cached_property
    def _valued(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """(evaluation, lesion, row) of each pair of a lesion of the baseline and a row with its diameter."""
        lesions = self.lesions
        evaluation, lesion, inside = self.pairs(lesions.covered)
        valued = inside & ~np.isnan(lesions.value[lesions.covered.record])
        return evaluation[valued], lesion[valued], lesions.covered.record[valued]

    @cached_property
    def summed(self) -> np.ndarray:
        """The rows that are summed; a merged lesion counts once."""
        found = np.zeros(len(self.of_row), dtype=bool)
        found[self._valued[2]] = True
        return np.flatnonzero(found)

    def listed(self, rows: np.ndarray) -> list[np.ndarray]:
        """Rows as columns: the first one of each evaluation, the second one, and so on, by lesion; -1 for none."""
        evaluation = self.of_row[rows]
        order = verbs.order_rows([evaluation, self.lesions.lesion_rank[rows]])
        rows, evaluation = rows[order], evaluation[order].astype("int64")
        count = np.bincount(evaluation, minlength=self.n)
        within = np.arange(len(rows)) - (np.cumsum(count) - count)[evaluation]
        out = [np.full(self.n, -1, dtype="int64") for _ in range(int(count.max(initial=0)))]
        for number, column in enumerate(out):
            here = within == number
            column[evaluation[here]] = rows[here]
        return out

    @cached_property
    def all_gone(self) -> np.ndarray:
        """Where all target lesions were measured, and each is gone or a node of normal size."""
        _, measured, missing, gone = self._sums
        return (missing == 0) & (measured > 0) & gone

    @cached_property
    def _sums(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """(sum, lesions measured, lesions not measured, whether all that were measured are gone or normal)."""
        lesions = self.lesions
        evaluation, lesion, _ = self._valued
        rows = self.summed
        total = np.bincount(self.of_row[rows], weights=lesions.value[rows], minlength=self.n)
        measured = self._lesions_of(evaluation, lesion)
        there = np.where(lesions.nodal, ~self.normal_node.holds(lesions.diameter), lesions.diameter > 0)
        some = np.zeros(self.n, dtype=bool)
        some[self.of_row[rows[there[rows]]]] = True
        return significant(total), measured, self.expected(lesions.covered) - measured, ~some

    def _nadir(self, value: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(lowest value from the baseline on and before each evaluation, the first evaluation that has it; -1)."""
        if not self.n:
            return value, np.zeros(0, dtype="int64")
        counts = ~np.isnan(value) & (self.baseline >= 0) & (np.arange(self.n) >= self.baseline)
        unique, rank = np.unique(np.where(counts, value, np.inf), return_inverse=True)
        bits = self.n.bit_length()
        new = np.append(True, self.subject[1:] != self.subject[:-1])
        step = np.cumsum(new) * ((len(unique) + 1) << bits)
        lowest = np.minimum.accumulate((rank << bits) + np.arange(self.n) - step) + step
        before = np.append(0, lowest[:-1])
        usable = self.after & ~new
        found = np.where(usable, unique[np.where(usable, before >> bits, 0)], np.nan)
        found = np.where(np.isfinite(found), found, np.nan)
        of = np.where(usable, before & ((1 << bits) - 1), 0)
        return found, np.where(np.isnan(found), -1, of)

    def _non_target(self) -> np.ndarray:
        """Code of the response of the non-target lesions, 0 where the baseline has none."""
        lesions, others = self.lesions, self.lesions.others
        evaluation, lesion, inside = self.pairs(others)
        expected = self.expected(others)
        state = ~lesions.no_state[others.record]
        progressed = np.zeros(self.n, dtype=bool)
        progressed[evaluation[lesions.progressed[others.record]]] = True
        present = np.zeros(self.n, dtype=bool)
        present[evaluation[state & inside & ~lesions.gone[others.record]]] = True
        gone = inside & state & lesions.gone[others.record]
        all_gone = self._lesions_of(evaluation[gone], lesion[gone]) == expected
        code = np.select([progressed, present, all_gone], [3, 2, 1], 4)
        return np.where((expected == 0) & ~progressed | ~self.after, 0, code)


def _distinct(codes: np.ndarray) -> np.ndarray:
    """Each whole number once, in order; for many numbers faster than np.unique, which hashes them."""
    codes = np.sort(codes)
    return codes[np.append(True, codes[1:] != codes[:-1])] if len(codes) else codes


def _percent(change: np.ndarray, of: np.ndarray) -> np.ndarray:
    with np.errstate(divide="ignore", invalid="ignore"):
        return significant(np.where(of > 0, change / of * 100, np.nan))
