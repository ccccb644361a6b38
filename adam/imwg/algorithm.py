"""The IMWG criteria applied to the results of all subjects at once.

From results to evaluations, components, lesions, lines of progression and categories, in this order. Not for reading
results (results.py) nor for making records of what is found (parameters.py).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ...engine.columns.rounding import difference, significant
from ...mappings.models.response_criteria import ImwgCriteria
from .components import KAPPA, LAMBDA, Component, Measurable, Source, component, measurable_disease
from .evaluations import Evaluations, Known, baseline_of, group_results, known_at
from .lesions import Lesions, lesions
from .options import ImwgOptions
from .progression import Line, carried, progression_lines
from .reasons import PD
from .response import Findings, Response, responses
from .results import Results

CALCIUM_OF_ALBUMIN, NORMAL_ALBUMIN = 0.8, 4.0  # corrected = calcium + 0.8 x (4 - albumin), mg/dL and g/dL


class Algorithm:
    """The criteria applied to the results of all subjects at once. ``begin``: day of first dose, NaN without one."""

    def __init__(
        self,
        results: Mapping[str, Results],
        begin: np.ndarray,
        renal: np.ndarray,
        criteria: ImwgCriteria,
        options: ImwgOptions,
    ):
        self.results, self.begin, self.criteria, self.options = results, begin, criteria, options
        lists = {k: r for k, r in results.items() if k not in ("plasmacytoma", "albumin")}
        self.e: Evaluations = group_results(lists, begin, options.window)
        tests = [k for k in lists if k not in ("diameter", "perpendicular", "lesion_state", "new_lesion")]
        self.at: dict[str, Known] = {k: known_at(results[k], self.e.of[k], self.e.n) for k in tests}
        self.base: dict[str, Known] = {k: baseline_of(results[k], begin, options.baseline_days) for k in tests}
        self.images: Lesions = lesions(results, self.e, begin, criteria, options)
        self.ratio = _ratio(self.at)
        base_ratio = _ratio(self.base)
        b = self.base
        self.m: Measurable = measurable_disease(
            b["serum"], b["urine"], b["kappa"], b["lambda"], base_ratio, b["marrow"], renal, criteria, options
        )
        self.parts: dict[str, Component] = {
            "serum": self._plain("serum"),
            "urine": self._plain("urine"),
            "dflc": self._chains(),
            "marrow": self._plain("marrow"),
            "spd": self._lesion_sum(),
            "blood": self._plain("blood"),
        }
        self.ratios = component(
            self.ratio, self.ratio_day(self.at), base_ratio, self.ratio_day(self.base), self.e, options,
            tuple(self._source(k) for k in ("ratio", "kappa", "lambda")),
        )  # fmt: skip
        self.calcium = self._calcium()
        found = Findings(self.at["serum_ife"], self.at["urine_ife"], self.at["clonal"], self.ratio, self.calcium)
        self.lines: list[Line] = progression_lines(
            self.parts, self.images, self.calcium, self.m, self.e, criteria, options
        )
        self.response: Response = responses(
            self.parts, found, self.images, self.lines, self.m, self.e, criteria, options
        )

    def _source(self, key: str) -> Source:
        return Source(key, self.results[key], self.at[key].at, self.base[key].at)

    def _plain(self, key: str) -> Component:
        now, base = self.at[key], self.base[key]
        return component(
            now.value, now.day, base.value, base.day, self.e, self.options, (self._source(key),), below=now.below
        )

    def _chains(self) -> Component:
        """Involved minus uninvolved chain; both are of one day. The involved one is fixed at baseline."""
        involved = self.m.involved

        def involved_minus_other(known: Mapping[str, Known], chain: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            kappa, lambda_ = known["kappa"], known["lambda"]
            less = difference(kappa.value, lambda_.value)
            value = np.where(chain == KAPPA, less, np.where(chain == LAMBDA, -less, np.nan))
            value = np.where(kappa.day == lambda_.day, value, np.nan)
            return value, np.where(np.isnan(value), np.nan, kappa.day)

        value, day = involved_minus_other(self.at, involved[self.e.subject])
        base, base_day = involved_minus_other(self.base, involved)
        sources = (self._source("kappa"), self._source("lambda"))
        return component(
            value, day, base, base_day, self.e, self.options, sources, (involved == LAMBDA).astype("int64")
        )

    def _lesion_sum(self) -> Component:
        i = self.images
        day = np.where(np.isnan(i.spd), np.nan, i.day)
        sources = tuple(Source(k, self.results[k], i.spd_at[k], i.spd_base_at[k]) for k in ("diameter", "lesion_state"))
        return component(i.spd, day, i.spd_base, i.spd_base_day, self.e, self.options, sources)

    def ratio_day(self, known: Mapping[str, Known]) -> np.ndarray:
        """The day of the ratio that counts."""
        return np.where(known["ratio"].has, known["ratio"].day, known["kappa"].day)

    def _calcium(self) -> Known:
        """Calcium, corrected by the albumin of the same evaluation where the spec names albumin."""
        calcium, albumin = self.at["calcium"], self.results["albumin"]
        if albumin.table is None or not albumin.n:
            return calcium if albumin.table is None else _without(calcium)
        # albumin opens no evaluation of its own: the result of the same day and subject
        key = albumin.subject * 1_000_000 + albumin.day
        order = np.argsort(key, kind="stable")
        mine = self.e.subject * 1_000_000 + np.nan_to_num(calcium.day, nan=-1.0)
        at = np.searchsorted(key[order], mine, side="right") - 1
        found = (at >= 0) & (key[order][np.maximum(at, 0)] == mine)
        value = np.where(found, albumin.value[order][np.maximum(at, 0)], np.nan)
        corrected = significant(calcium.value + CALCIUM_OF_ALBUMIN * (NORMAL_ALBUMIN - value))
        return Known(corrected, calcium.day, calcium.at, calcium.below, calcium.preferred, calcium.band)

    def image(self) -> np.ndarray:
        """Per evaluation the one whose image stands for it, itself included; -1 for none."""
        return carried(self.images.imaged, self.images.day, self.e, self.options.imaging_carry)

    def response_day(self) -> np.ndarray:
        """The last day of the evaluation; for a progression the first day of a result that shows it."""
        image = self.image()
        own_image = np.where(image == np.arange(self.e.n), self.images.day, np.nan)
        days = {k: p.day for k, p in self.parts.items() if k != "spd"}
        days |= {"calcium": self.calcium.day, **dict.fromkeys(("spd", "new_lesion", "diameter"), own_image)}
        first = np.full(self.e.n, np.nan)
        for line in self.lines:
            first = np.where(line.met, np.fmin(first, days[line.of]), first)
        shown = (self.response.category == PD) & ~np.isnan(first)
        return np.where(shown, first, self.e.last)


def _ratio(known: Mapping[str, Known]) -> np.ndarray:
    """The reported ratio, else kappa divided by lambda of one day; missing where lambda is 0."""
    kappa, lambda_, ratio = known["kappa"], known["lambda"], known["ratio"]
    with np.errstate(divide="ignore", invalid="ignore"):
        made = np.where((kappa.day == lambda_.day) & (lambda_.value > 0), kappa.value / lambda_.value, np.nan)
    return np.where(ratio.has, ratio.value, made)


def _without(known: Known) -> Known:
    """Calcium that no albumin corrects is no corrected calcium."""
    return Known(np.full(len(known.value), np.nan), known.day, known.at, known.below, known.preferred, known.band)
