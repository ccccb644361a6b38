"""The IMWG criteria applied to the results of all subjects in one pass.

From results to evaluations, components, lesions, lines of progression and categories, in this order. Not for reading
results (results.py) nor for building records (parameters.py).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ...engine.columns.rounding import difference, significant
from ...mappings.models.response_criteria import ImwgCriteria
from .components import KAPPA, LAMBDA, Component, FollowedNumber, Measurable, Source, component, measurable_disease
from .evaluated import Evaluated, OtherTests
from .evaluations import Evaluations, Known, baseline_of, group_results, known_at
from .lesions import Lesions, lesions
from .options import ImwgOptions
from .progression import Line, progression_lines
from .reasons import PD
from .response import Response, responses
from .results import Results

CALCIUM_OF_ALBUMIN, NORMAL_ALBUMIN = 0.8, 4.0  # corrected = calcium + 0.8 x (4 - albumin), mg/dL and g/dL


class Algorithm:
    """The criteria applied to the results of all subjects.

    ``begin``: day of first dose, NaN without one. ``known``, ``baseline``: the result of each test at each evaluation,
    and at the baseline of each subject.
    """

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
        evaluations = group_results(lists, begin, options.window)
        self.evaluations: Evaluations = evaluations
        tests = [k for k in lists if k not in ("diameter", "perpendicular", "lesion_state", "new_lesion")]
        self.known: dict[str, Known] = {k: known_at(results[k], evaluations.of[k], evaluations.n) for k in tests}
        self.baseline: dict[str, Known] = {k: baseline_of(results[k], begin, options.baseline_days) for k in tests}
        self.lesions: Lesions = lesions(results, evaluations, begin, criteria, options)
        base_ratio = _ratio(self.baseline)
        self.measurable: Measurable = measurable_disease(self.baseline, base_ratio, renal, criteria, options)
        self.components: dict[str, Component] = {
            "serum": self._plain("serum"),
            "urine": self._plain("urine"),
            "dflc": self._chains(),
            "marrow": self._plain("marrow"),
            "spd": self._lesion_sum(),
            "blood": self._plain("blood"),
        }
        ratio = FollowedNumber(
            value=_ratio(self.known),
            day=self.ratio_day(self.known),
            base=base_ratio,
            base_day=self.ratio_day(self.baseline),
        )
        self.ratios = self._component(ratio, *(self._source(k) for k in ("ratio", "kappa", "lambda")))
        self.calcium = self._calcium()
        self.evaluated = Evaluated(
            evaluations=evaluations,
            components=self.components,
            tests=OtherTests(
                serum_ife=self.known["serum_ife"],
                urine_ife=self.known["urine_ife"],
                clonal=self.known["clonal"],
                ratio=ratio.value,
                calcium=self.calcium,
            ),
            lesions=self.lesions,
            measurable=self.measurable,
            criteria=criteria,
            options=options,
        )
        self.lines: list[Line] = progression_lines(self.evaluated)
        self.response: Response = responses(self.evaluated, self.lines)

    def _source(self, key: str) -> Source:
        return Source(key, self.results[key], self.known[key].at, self.baseline[key].at)

    def _component(
        self,
        number: FollowedNumber,
        *sources: Source,
        main: np.ndarray | None = None,
        below: np.ndarray | None = None,
    ) -> Component:
        return component(number, sources, self.evaluations, self.options.nadir, main=main, below=below)

    def _plain(self, key: str) -> Component:
        now, base = self.known[key], self.baseline[key]
        number = FollowedNumber(value=now.value, day=now.day, base=base.value, base_day=base.day)
        return self._component(number, self._source(key), below=now.below)

    def _chains(self) -> Component:
        """Involved minus uninvolved chain; both are of one day. The involved one is fixed at baseline."""
        involved = self.measurable.involved

        def involved_minus_other(known: Mapping[str, Known], chain: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            kappa, lambda_ = known["kappa"], known["lambda"]
            less = difference(kappa.value, lambda_.value)
            value = np.where(chain == KAPPA, less, np.where(chain == LAMBDA, -less, np.nan))
            value = np.where(kappa.day == lambda_.day, value, np.nan)
            return value, np.where(np.isnan(value), np.nan, kappa.day)

        value, day = involved_minus_other(self.known, involved[self.evaluations.subject])
        base, base_day = involved_minus_other(self.baseline, involved)
        number = FollowedNumber(value=value, day=day, base=base, base_day=base_day)
        main = (involved == LAMBDA).astype("int64")
        return self._component(number, self._source("kappa"), self._source("lambda"), main=main)

    def _lesion_sum(self) -> Component:
        images = self.lesions
        number = FollowedNumber(
            value=images.spd,
            day=np.where(np.isnan(images.spd), np.nan, images.day),
            base=images.spd_base,
            base_day=images.spd_base_day,
        )
        return self._component(
            number,
            *(
                Source(k, self.results[k], images.spd_at[k], images.spd_base_at[k])
                for k in ("diameter", "lesion_state")
            ),
        )

    def ratio_day(self, known: Mapping[str, Known]) -> np.ndarray:
        """The day of the ratio that counts."""
        return np.where(known["ratio"].has, known["ratio"].day, known["kappa"].day)

    def _calcium(self) -> Known:
        """Calcium, corrected by the albumin of the same evaluation where the spec names albumin."""
        calcium, albumin = self.known["calcium"], self.results["albumin"]
        if albumin.table is None or not albumin.n:
            return calcium if albumin.table is None else _without(calcium)
        # albumin opens no evaluation: the result of the same day and subject counts
        key = albumin.subject * 1_000_000 + albumin.day
        order = np.argsort(key, kind="stable")
        wanted = self.evaluations.subject * 1_000_000 + np.nan_to_num(calcium.day, nan=-1.0)
        at = np.searchsorted(key[order], wanted, side="right") - 1
        found = (at >= 0) & (key[order][np.maximum(at, 0)] == wanted)
        value = np.where(found, albumin.value[order][np.maximum(at, 0)], np.nan)
        corrected = significant(calcium.value + CALCIUM_OF_ALBUMIN * (NORMAL_ALBUMIN - value))
        return Known(corrected, calcium.day, calcium.at, calcium.below, calcium.preferred, calcium.band)

    def response_day(self) -> np.ndarray:
        """The last day of the evaluation; for a progression the first day of a result that shows it."""
        count = self.evaluations.n
        imaged_here = np.where(self.evaluated.image == np.arange(count), self.lesions.day, np.nan)
        days = {k: part.day for k, part in self.components.items() if k != "spd"}
        days |= {"calcium": self.calcium.day, **dict.fromkeys(("spd", "new_lesion", "diameter"), imaged_here)}
        first = np.full(count, np.nan)
        for line in self.lines:
            first = np.where(line.met, np.fmin(first, days[line.of]), first)
        shown = (self.response.category == PD) & ~np.isnan(first)
        return np.where(shown, first, self.evaluations.last)


def _ratio(known: Mapping[str, Known]) -> np.ndarray:
    """The reported ratio, else kappa divided by lambda of one day; missing where lambda is 0."""
    kappa, lambda_, ratio = known["kappa"], known["lambda"], known["ratio"]
    with np.errstate(divide="ignore", invalid="ignore"):
        computed = np.where((kappa.day == lambda_.day) & (lambda_.value > 0), kappa.value / lambda_.value, np.nan)
    return np.where(ratio.has, ratio.value, computed)


def _without(known: Known) -> Known:
    """The calcium without its values: no albumin corrects it."""
    return Known(np.full(len(known.value), np.nan), known.day, known.at, known.below, known.preferred, known.band)
