"""Derivations that assign: a constant, a column, a formula, a template.

Not for cases (cases.py), decodes (decode.py), dates (sdtm/derivations/dates.py) nor values of other records
(from_other_records.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import ClassVar, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from ...mappings.expressions.expression import gives_number
from ...mappings.facts.terminology import Codelist
from ...mappings.models.derivation import Condition, Example, register
from ...mappings.models.template import TemplateError, parse_template
from ...mappings.models.wording import AS_WRITTEN, Wording, quoted
from ..accounts.changes import ChangeKind
from ..accounts.outcomes import CellOutcome
from ..columns import column as col
from ..columns.choose import choose, first_filled, same_text
from ..columns.filled_template import fill_template
from ..columns.number_text import plain_number
from ..expressions.sentence import condition_sentence, plain
from ..expressions.truth import TRUE
from ..plan.codelists import numeric_result
from ..tables.dataset import Origin
from ..tables.raw_cells import RawCells, first_filled_cells, united
from .derivation import Derivation, Derived
from .environment import Environment

ASSIGNED = Origin("Assigned", "Sponsor")
#: a sentence lists a map of so many texts
LISTED = 6


@register
class Value(Derivation):
    """A constant."""

    verb: ClassVar[str] = "value"
    default_origin = ASSIGNED
    example = Example(
        rule="{value: ADVERSE EVENT}", rows={"TERM": ["a", "b"]}, gives=["ADVERSE EVENT"] * 2, variable="AECAT"
    )

    value: str = Field(description="The text or number that every record gets.")

    def texts(self) -> dict[str, str]:
        return {self.value: ""}

    def describe(self, target: str, words: Wording = AS_WRITTEN) -> str:
        return f"{target} is {quoted(self.value)}{condition_sentence(self.when, words)}."

    def derive(self, env: Environment) -> Derived:
        return Derived(col.constant(self.value, env.n))


@register
class From(Derivation):
    """The text of a column, or of the first filled one of several; mapped to the codelist of the variable."""

    verb: ClassVar[str] = "from"
    change = ChangeKind.MAPPED
    carries = "first"
    default_origin = Origin("Collected", "Investigator")
    example = Example(
        rule="{from: SEV, map: {light: MILD}}",
        rows={"SEV": ["light", "Moderate", "severe"]},
        gives=["MILD", "MODERATE", "SEVERE"],
        variable="AESEV",
    )

    from_: str | tuple[str, ...] = Field(
        alias="from", description="Column, or columns of which the first filled one counts."
    )
    map: dict[str, str] = Field(default_factory=dict, description="Raw text to submission value, before the codelist.")
    case: Literal["upper", "lower", "keep"] = Field(default="keep", description="Turn the text to upper or lower case.")
    default: str | None = Field(default=None, description="Value where the column is missing.")
    prefix: str = Field(default="", description="Text put before every filled value.")
    verbatim: bool = Field(
        default=False,
        description="--ORRES, --ORNRLO, --ORNRHI: a number keeps the marks of its source; by default it has a point "
        "and no thousands separators.",
    )

    @property
    def columns(self) -> tuple[str, ...]:
        return (self.from_,) if isinstance(self.from_, str) else self.from_

    @property
    def is_copy(self) -> bool:
        """Whether the values are those of the column as they are."""
        return not self.map and not self.prefix and self.case == "keep" and self.default is None

    def reads(self) -> Iterator[tuple[str, str]]:
        for name in self.columns:
            yield "from", name

    def reads_as(self, numeric: bool) -> Iterator[tuple[str, str]]:
        if numeric and not self.map:
            yield from ((name, "number") for name in self.columns)

    def copies_number(self, is_number: Callable[[str], bool]) -> bool:
        fitting = self.default is None or plain_number(self.default) is not None
        return fitting and not self.map and not self.prefix and all(map(is_number, self.columns))

    def describe(self, target: str, words: Wording = AS_WRITTEN) -> str:
        names = self.columns
        first = words.name(names[0]) if len(names) == 1 else f"the first of {words.names(names)} that is not missing"
        case = {"upper": " in upper case", "lower": " in lower case", "keep": ""}[self.case]
        prefix = f"{quoted(self.prefix)} followed by " if self.prefix else ""
        default = f", {quoted(self.default)} where it is missing" if self.default else ""
        pairs = ", ".join(f"{quoted(a)} to {quoted(b)}" for a, b in self.map.items())
        how = f" ({pairs})" if len(self.map) <= LISTED else ""
        mapped = f" mapped to submission values{how}" if self.map else ""
        return f"{target} is {prefix}{first}{case}{mapped}{default}{condition_sentence(self.when, words)}."

    def derive(self, env: Environment) -> Derived:
        values = env.column(self.columns[0], "from")
        for name in self.columns[1:]:
            values = first_filled(values, env.column(name, "from"))
        numeric = env.variable is not None and env.variable.is_numeric
        if not numeric or self.map:
            values = self._texts(env, col.as_text(values))
        if self.default is not None:
            gaps = col.missing(values)
            if gaps.any():
                filler = col.constant(self.default, env.n)
                values = choose(gaps, filler, col.as_text(values))
        return Derived(values)

    def raw_cells(self, env: Environment, values: pd.Series) -> RawCells:
        read = [env.column(name, "from") for name in self.columns]
        cells = first_filled_cells([env.raw_cells(name) for name in self.columns], read)
        listed = env.variable is not None and env.variable.codelist is not None
        if cells.none or not (listed or self.map or self.prefix or self.default is not None or self.case != "keep"):
            return cells
        found = read[0]
        for other in read[1:]:
            found = first_filled(found, other)
        return cells.without(~same_text(found, values))  # a text of the spec is read without declarations

    def _texts(self, env: Environment, values: pd.Series) -> pd.Series:
        if self.case != "keep":
            values = col.map_text(values, str.upper if self.case == "upper" else str.lower)
        if self.prefix:
            values = col.map_text(values, lambda t: self.prefix + t if t else "")
        codelist = env.variable.codelist if env.variable and not env.variable.is_numeric else None
        if not self.map and codelist is None:
            return values
        codes, texts = col.split_text(values)
        submitted = self._submission_values(texts, codelist)
        out = [text if value is None else value for text, value in zip(texts, submitted, strict=True)]
        blanked = np.array([bool(text) and not value for text, value in zip(texts, out, strict=True)], dtype=bool)
        if blanked.any():  # map: declares that this text means no value
            for name in self.columns:
                env.note_unused(name, blanked[codes], CellOutcome.NO_VALUE)
        unmapped = np.array(
            [
                value is None
                and (codelist is None or not (codelist.unshipped or numeric_result(env.target, codelist, text)))
                for text, value in zip(texts, submitted, strict=True)
            ],
            dtype=bool,
        )
        if unmapped.any():
            # a value is submitted only where the rule applies
            here = env.truth(self.when)[0] == TRUE if self.when is not None else np.ones(env.n, dtype=bool)
            self._report_unmapped(env, codelist, unmapped[codes] & here, values)
        return col.join_text(codes, out)

    def _submission_values(self, texts: np.ndarray, codelist: Codelist | None) -> list[str | None]:
        """The submission value of each text by map:, then by the codelist; None where neither has one."""
        terms = codelist.lookup() if codelist else {}
        folded = {k.strip().casefold(): v for k, v in self.map.items()}
        found: list[str | None] = []
        for text in texts:
            key = text.strip().casefold()
            if text in self.map:
                found.append(self.map[text])
            elif key in folded:
                found.append(folded[key])
            elif not text or (codelist and text in codelist.values):
                found.append(text)
            else:
                found.append(terms.get(key))
        return found

    def _report_unmapped(
        self, env: Environment, codelist: Codelist | None, where: np.ndarray, values: pd.Series
    ) -> None:
        closed = codelist is not None and not codelist.extensible
        name = f"codelist {codelist.name}" if codelist else "the map of the rule"
        more = " and is not extensible" if closed else ""
        env.report(
            "R2A-CT-001",
            where,
            f"{name} does not have this value{more}: it is submitted unchanged; add it to map: or correct the data",
            self.columns[0],
            col.objects(values),
            severity="error" if closed else "warning",
        )


@register
class Compute(Derivation):
    """A formula of the expression language."""

    verb: ClassVar[str] = "compute"
    change = ChangeKind.COMPOSED
    example = Example(
        rule="{compute: number(MG) / number(KG), label: Dose per Weight, type: float}",
        rows={"MG": ["700", "650", ""], "KG": ["70", "0", "80"]},
        gives=["10", "", ""],
        dataset="EX",
        variable="EXDOSE",
    )

    compute: Condition = Field(description="The formula.")

    def conditions(self) -> Iterator[tuple[str, str]]:
        yield from super().conditions()
        yield "compute", self.compute

    def copies_number(self, is_number: Callable[[str], bool]) -> bool:
        return gives_number(self.compute, is_number)

    def describe(self, target: str, words: Wording = AS_WRITTEN) -> str:
        return f"{target} is {plain(self.compute, words)}{condition_sentence(self.when, words)}."

    def derive(self, env: Environment) -> Derived:
        return Derived(env.compute(self.compute, "compute"))

    def raw_cells(self, env: Environment, values: pd.Series) -> RawCells:
        return RawCells(env.n) if col.is_number(values) else env.formula_cells(self.compute, "compute")


@register
class FromTemplate(Derivation):
    """A text put together from columns; missing where any of them is missing."""

    verb: ClassVar[str] = "template"
    change = ChangeKind.COMPOSED
    example = Example(
        rule="{template: 'E{NO:02}'}", rows={"NO": ["1", "12", ""]}, gives=["E01", "E12", ""], variable="AESPID"
    )

    template: str = Field(description="Text with {COLUMN}; {COLUMN:02} pads the column with zeros to 2 characters.")

    def problems(self) -> Iterator[tuple[str, str]]:
        try:
            parse_template(self.template)
        except TemplateError as error:
            yield "template", str(error)

    def reads(self) -> Iterator[tuple[str, str]]:
        try:
            for name in parse_template(self.template).names:
                yield "template", name
        except TemplateError:
            return

    def describe(self, target: str, words: Wording = AS_WRITTEN) -> str:
        try:
            parts = parse_template(self.template).parts
        except TemplateError:
            return f"{target} is put together as {self.template}."
        texts = [_padded(words.name(p.name), p.width) if p.name else quoted(p.text) for p in parts]
        return f"{target} is {' followed by '.join(texts)}{condition_sentence(self.when, words)}."

    def derive(self, env: Environment) -> Derived:
        template = parse_template(self.template)
        return Derived(fill_template(template, {n: env.column(n, "template") for n in template.names}, env.n))

    def raw_cells(self, env: Environment, values: pd.Series) -> RawCells:
        names = parse_template(self.template).names
        return united([env.raw_cells(n) for n in names]) if names else RawCells(env.n)


def _padded(text: str, width: int) -> str:
    return f"{text} with zeros before it up to {width} characters" if width else text
