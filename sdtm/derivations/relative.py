"""Relative timing: --STRTPT and --ENRTPT against a reference date, and the dates of the study that --ENTPT names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from ...engine.columns import column as col
from ...engine.columns.choose import choose
from ...engine.columns.iso_dates import EPOCH, periods
from ...engine.columns.moments import after, before, moments, same, unit_of
from ...engine.derivations.derivation import Derivation, Derived
from ...engine.derivations.environment import Environment
from ...engine.derivations.read_for_rule import iso_column
from ...engine.expressions.sentence import condition_sentence, plain
from ...engine.tables.dataset import Origin
from ...mappings.models.derivation import Condition, Example, register
from ...mappings.models.wording import AS_WRITTEN, Wording

_TERMS = ("", "BEFORE", "COINCIDENT", "AFTER", "ONGOING")


@register
class Relative(Derivation):
    """BEFORE, COINCIDENT or AFTER: a date against a reference date; ONGOING where ongoing: holds.

    Times count where both have one, else days. A partial date counts by all its possible days; where they lie on
    both sides of the reference, the value is missing. Source: SDTMIG 3.4 section 4.4.7, codelist STENRF.
    """

    verb: ClassVar[str] = "relative"
    carries = "compared"
    example = Example(
        rule="{relative: CMENDTC, to: DM.RFSTDTC, ongoing: ON == 'Y'}",
        rows={
            "TO": ["2020-02-29", "2020-03-01", "2020-04", "2020-03", "", ""],
            "ON": ["", "", "", "", "Y", ""],
        },
        gives=["BEFORE", "COINCIDENT", "AFTER", "", "ONGOING", ""],
        dataset="CM",
        variable="CMENRTPT",
        setting="CMENDTC: {date: TO}",
        sources={"dm": {"SUBJ": ["01"], "START": ["2020-03-01"]}},
        datasets={"DM": "RFSTDTC: {date: START}"},
    )

    relative: str = Field(description="The --DTC variable.")
    to: str = Field(description="The reference date.")
    ongoing: Condition | None = Field(
        default=None, description="Records that had not ended at the reference: ONGOING, unless the date is filled."
    )

    def reads(self) -> Iterator[tuple[str, str]]:
        yield "relative", self.relative
        yield "to", self.to

    def conditions(self) -> Iterator[tuple[str, str]]:
        yield from super().conditions()
        if self.ongoing is not None:
            yield "ongoing", self.ongoing

    def describe(self, target: str, words: Wording = AS_WRITTEN) -> str:
        date = words.name(self.relative)
        ongoing = f", 'ONGOING' if {date} is missing and {plain(self.ongoing, words)}" if self.ongoing else ""
        return (
            f"{target} is 'BEFORE', 'COINCIDENT' or 'AFTER' as {date} lies to {words.name(self.to)}{ongoing}; missing "
            f"if a partial date may lie on either side{condition_sentence(self.when, words)}."
        )

    def derive(self, env: Environment) -> Derived:
        dates = iso_column(env, self.relative, "relative")
        mine, reference = moments(dates), moments(iso_column(env, self.to, "to"), unit_of(self.to))
        codes = np.zeros(env.n, dtype="int8")
        codes[before(mine, reference)] = 1
        codes[same(mine, reference)] = 2
        codes[after(mine, reference)] = 3
        if self.ongoing is not None:
            codes[np.isnan(mine.low) & env.condition(self.ongoing, "ongoing")] = 4
        return Derived(col.join_text(codes, _TERMS))


@register
class StudyDate(Derivation):
    """A date that study.yaml declares: the data cut-off of the run, in ISO 8601 or as a numeric date."""

    verb: ClassVar[str] = "study_date"
    default_origin = Origin("Assigned", "Sponsor")
    example = Example(
        rule="{study_date: cutoff, when: ON == 'Y'}",
        rows={"ON": ["Y", ""]},
        gives=["2020-06-30", ""],
        variable="AEENTPT",
        info="cutoff: 2020-06-30",
    )

    study_date: Literal["cutoff"] = Field(description="cutoff: the date of `study: {cutoff: ...}` or of --cutoff.")
    earlier: str | None = Field(
        default=None, description="A --DTC variable, such as the end of participation: where it is earlier, it counts."
    )

    def date_unit(self) -> Literal["", "days", "seconds"]:
        return "days"

    def reads(self) -> Iterator[tuple[str, str]]:
        if self.earlier is not None:
            yield "earlier", self.earlier

    def describe(self, target: str, words: Wording = AS_WRITTEN) -> str:
        date = f"the earlier of {words.name(self.earlier)} and the date" if self.earlier else "the date"
        return f"{target} is {date} of the data cut-off{condition_sentence(self.when, words)}."

    def derive(self, env: Environment) -> Derived:
        day = env.study.spec.study.cutoff
        if day is None:
            raise env.error("the study has no data cut-off: give study: {cutoff: ...} or --cutoff", "study_date")
        number = float(day.toordinal() - EPOCH)
        numeric = env.variable is not None and env.variable.is_numeric
        cut = pd.Series(np.full(env.n, number)) if numeric else col.constant(day.isoformat(), env.n)
        if self.earlier is None:
            return Derived(cut)
        other = iso_column(env, self.earlier, "earlier")
        # a partial date counts only if all its possible days are earlier
        first, last = periods(other)
        if numeric:
            return Derived(pd.Series(np.where((first == last) & (last < number), last, number)))
        return Derived(choose(last < number, other, cut))
