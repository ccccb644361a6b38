"""The typed models of questionnaires: items, scales, summary scores, thresholds of change.

Not for computing scores (adam/questionnaires/scale_scores.py). The facts themselves are YAML under
mappings/instruments/; a study uses them with ``parents: [instruments]`` (or [eortc-qlq]), may change any of them, and
adds others under ``instruments:`` of its study.yaml. The wording of items is licensed, so it must not be written here.
"""

from __future__ import annotations

import re
from typing import Literal

from pydantic import Field, field_validator, model_validator

from ...errors import nearest
from ..binding.spec_model import FieldMistake, SpecModel
from .item_range import expand_range

#: answers are stored in 16 bits
LARGEST_ANSWER = 9_999

_CODE = re.compile(r"[A-Z][A-Z0-9_]{0,7}")


class ChangeThreshold(SpecModel):
    """The smallest changes that count as improved or worsened. Both are positive, whichever direction is better."""

    better: Literal["higher", "lower"] = Field(description="Which values are better.")
    improved: float = Field(gt=0, description="Smallest change for the better that is an improvement.")
    worsened: float = Field(gt=0, description="Smallest change for the worse that is a deterioration.")
    source: str = Field(default="", description="The source of the two numbers.")


class ScoreSpec(SpecModel):
    """The common arguments of all scores."""

    label: str = Field(description="Label of the scale, not the wording of the instrument.")
    improved: float | None = Field(
        default=None, gt=0, description="Smallest change for the better that is an improvement."
    )
    worsened: float | None = Field(
        default=None, gt=0, description="Smallest change for the worse that is a deterioration."
    )
    source: str = Field(default="", description="The source of rule and thresholds.")

    @model_validator(mode="after")
    def _both(self) -> ScoreSpec:
        if (self.improved is None) != (self.worsened is None):
            raise ValueError("declare both improved: and worsened:, or neither")
        return self


class ScaleSpec(ScoreSpec):
    """A scale from 0 to 100: the mean of its answered items, relative to their range.

    functional: the lowest answers give 100, and higher is better. symptom: the highest answers give 100, and higher is
    worse. global: the highest answers give 100, and higher is better.
    """

    items: tuple[str, ...] = Field(description="Its items; CODE01..CODE09 for a range.")
    type: Literal["functional", "symptom", "global"] = Field(description="Direction of the scale.")
    answered: int | None = Field(
        default=None, ge=1, description="Items that must be answered; by default half of them, rounded up."
    )
    code: str = Field(
        default="", description="--TESTCD of the same score in SDTM; if SDTM has it, it is not scored again."
    )

    @field_validator("items")
    @classmethod
    def _ranges(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(n for name in value for n in expand_range(name))

    @model_validator(mode="after")
    def _items(self) -> ScaleSpec:
        if not self.items:
            raise FieldMistake("a scale needs at least one item", "items")
        twice = next((i for n, i in enumerate(self.items) if i in self.items[:n]), None)
        if twice is not None:
            raise FieldMistake(f"the item {twice} is there twice; remove one", "items")
        if self.answered is not None and self.answered > len(self.items):
            raise FieldMistake(f"the scale has only {len(self.items)} items", "answered")
        return self

    @property
    def minimum(self) -> int:
        """How many items must be answered: half of them, unless the spec declares answered:."""
        return self.answered if self.answered is not None else (len(self.items) + 1) // 2

    @property
    def better(self) -> Literal["higher", "lower"]:
        return "lower" if self.type == "symptom" else "higher"


class SummarySpec(ScoreSpec):
    """The mean of scales, with symptom scales reversed (100 minus the score). All of them must have a score."""

    scales: tuple[str, ...] = Field(description="The scales of the mean.")

    @model_validator(mode="after")
    def _scales(self) -> SummarySpec:
        if not self.scales:
            raise FieldMistake("a summary score needs at least one scale", "scales")
        twice = next((s for n, s in enumerate(self.scales) if s in self.scales[:n]), None)
        if twice is not None:
            raise FieldMistake(f"the scale {twice} is there twice", "scales")
        return self


class ConditionalItem(SpecModel):
    """An item that is asked only after certain answers to another item."""

    after: str = Field(description="The other item.")
    not_after: tuple[int, ...] = Field(description="Its answers after which this item is not asked.")


class InstrumentSpec(SpecModel):
    """One questionnaire."""

    category: str = Field(description="--CAT of its records, and PARCAT1.")
    label: str = Field(description="Short name; PARAM begins with it.")
    source: str = Field(default="", description="The source of the rules.")
    items: dict[str, tuple[int, int]] = Field(
        description="--TESTCD of an item, or CODE01..CODE09, to its lowest and highest answer, both whole numbers."
    )
    scales: dict[str, ScaleSpec] = Field(description="PARAMCD to scale.")
    summaries: dict[str, SummarySpec] = Field(default_factory=dict, description="PARAMCD to summary score.")
    conditional: dict[str, ConditionalItem] = Field(
        default_factory=dict,
        description="Items that are asked only after certain answers. An item that is not asked counts as not "
        "answered.",
    )

    @field_validator("items")
    @classmethod
    def _ranges(cls, value: dict[str, tuple[int, int]]) -> dict[str, tuple[int, int]]:
        out: dict[str, tuple[int, int]] = {}
        for name, window in value.items():
            if window[0] >= window[1]:
                raise FieldMistake("the range of an item is [lowest, highest]", name)
            if max(map(abs, window)) > LARGEST_ANSWER:
                raise FieldMistake(f"an answer must be between -{LARGEST_ANSWER} and {LARGEST_ANSWER}", name)
            for code in expand_range(name):
                if code in out:
                    raise FieldMistake(f"the item {code} is there twice", name)
                if not _CODE.fullmatch(code):
                    raise FieldMistake(f"'{code}' is not a code of at most 8 capital letters, digits and _", name)
                out[code] = window
        return out

    @model_validator(mode="after")
    def _consistent(self) -> InstrumentSpec:
        taken = dict.fromkeys(self.items, "an item")
        for name, scale in self.scales.items():
            self._code(name, "scales", taken, "a scale")
            for item in scale.items:
                if item not in self.items:
                    hint = nearest(item, list(self.items))
                    message = f"there is no item '{item}'"
                    raise FieldMistake(message, "scales", name, "items", hint=hint, refers_to=[item])
            if len({self.items[i] for i in scale.items}) > 1:
                raise FieldMistake("the items of a scale have one range of answers", "scales", name, "items")
        for name, summary in self.summaries.items():
            self._code(name, "summaries", taken, "a summary score")
            for scale in summary.scales:
                if scale not in self.scales:
                    hint = nearest(scale, list(self.scales))
                    message = f"there is no scale '{scale}'"
                    raise FieldMistake(message, "summaries", name, "scales", hint=hint, refers_to=[scale])
        for name, conditional in self.conditional.items():
            for item, path in ((name, ()), (conditional.after, ("after",))):
                if item not in self.items:
                    hint = nearest(item, list(self.items))
                    message = f"there is no item '{item}'"
                    raise FieldMistake(message, "conditional", name, *path, hint=hint, refers_to=[item])
        return self

    def _code(self, name: str, field: str, taken: dict[str, str], what: str) -> None:
        if not _CODE.fullmatch(name):
            raise FieldMistake(f"'{name}' is not a code of at most 8 capital letters, digits and _", field, name)
        if name in taken:
            raise FieldMistake(f"{name} is {taken[name]} already", field, name)
        taken[name] = what

    @property
    def scores(self) -> dict[str, ScaleSpec | SummarySpec]:
        """Scales, then summary scores, by PARAMCD."""
        return {**self.scales, **self.summaries}

    def items_of(self, score: str) -> tuple[str, ...]:
        """The items of a score; those of a summary in the order of its scales."""
        if score in self.scales:
            return self.scales[score].items
        return tuple(dict.fromkeys(i for s in self.summaries[score].scales for i in self.scales[s].items))

    def better(self, score: str) -> Literal["higher", "lower"]:
        """Which values of a score are better; for a summary always the higher ones."""
        return self.scales[score].better if score in self.scales else "higher"

    def threshold(self, score: str) -> ChangeThreshold | None:
        """The thresholds of change of a score; None if the instrument has none."""
        spec = self.scores[score]
        if spec.improved is None or spec.worsened is None:
            return None
        return ChangeThreshold(
            better=self.better(score), improved=spec.improved, worsened=spec.worsened, source=spec.source
        )
