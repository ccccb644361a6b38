"""The analyses of a reporting event: methods with their operations, and the results of each analysis.

An operation is one number of a statistic: n, percent, the median of a Kaplan-Meier estimate. Its result has the number
at full precision as rawValue and the text that readers see as formattedValue; a number that does not exist, or that is
masked, has the text alone. Not for outputs and lists of contents (ars.py).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ..analyses.masking import HIDDEN
from ..analyses.results import Absent, ComputedDisplay, ComputedResult, Curve, Interval, Row
from ..mappings.expressions.number_text import number_text
from ..mappings.models.analysis import PURPOSES, REASONS
from ..mappings.models.statistics import STATISTICS
from .ars_groupings import Named, References

#: statistics whose rows are statistics; rows of the others are categories
_FIXED_ROWS = ("proportion", "summary", "change", "kaplan_meier", "cumulative_incidence", "rate")
#: its rows are terms; the row of all events has none
_TERMS = "occurrences"
#: numbers that are the percentage of two others of the same cell
_PERCENT, _NUMERATOR, _DENOMINATOR = "percent", "n", "total"


@dataclass
class Methods:
    """The methods, one for each statistic, and the terms that the standard does not list."""

    known: dict[str, dict[str, Any]] = field(default_factory=dict)
    terms: dict[str, Named] = field(default_factory=dict)
    _operations: dict[tuple[str, str], str] = field(default_factory=dict)

    def operation(self, statistic: str, name: str) -> str:
        """The identifier of an operation of a method."""
        known = self._operations.get((statistic, name))
        if known is not None:
            return known
        method = self._method(statistic)
        id_, operations = f"{method['id']}.{name}", method["operations"]
        operations.append({"id": id_, "name": name, "label": name, "order": len(operations) + 1})
        self._operations[statistic, name] = id_
        return id_

    def term(self, enumeration: str, published: tuple[str, ...], text: str) -> dict[str, str]:
        """A published term, or a term of the sponsor."""
        if text in published:
            return {"controlledTerm": text}
        terms = self.terms.setdefault(enumeration, Named(f"Term_{enumeration}"))
        return {"sponsorTermId": terms.find(text, submissionValue=text)["id"]}

    def relationships(self) -> None:
        """Names the numerator and the denominator of each percentage, once all operations are known."""
        for method in self.known.values():
            ids = {o["id"]: o for o in method["operations"]}
            for id_, operation in ids.items():
                stem = id_.removesuffix(_PERCENT)
                parts = {"NUMERATOR": stem + _NUMERATOR, "DENOMINATOR": stem + _DENOMINATOR}
                if stem != id_ and all(p in ids for p in parts.values()):
                    operation["referencedOperationRelationships"] = [
                        {
                            "id": f"{id_}.{role}",
                            "referencedOperationRole": {"controlledTerm": role},
                            "operationId": part,
                            "description": "Of the same cell.",
                        }
                        for role, part in parts.items()
                    ]

    def referenced(self, analysis: str, statistic: str) -> list[dict[str, str]]:
        """The relationships of a method, for an analysis whose own results they are about."""
        return [
            {"referencedOperationRelationshipId": r["id"], "analysisId": analysis}
            for o in self.known[statistic]["operations"]
            for r in o.get("referencedOperationRelationships", ())
        ]

    def _method(self, statistic: str) -> dict[str, Any]:
        if statistic not in self.known:
            model = STATISTICS.get(statistic)
            about = " ".join((model.__doc__ or "").split()) if model is not None else "Subjects of a population."
            self.known[statistic] = {
                "id": f"Method_{statistic}",
                "name": statistic,
                "description": about,
                "operations": [],
            }
        return self.known[statistic]


def analysis_id(display: ComputedDisplay, result: ComputedResult) -> str:
    """The identifier of an analysis."""
    return f"{display.id}.{result.id}"


def analysis_of(
    display: ComputedDisplay, result: ComputedResult, references: References, methods: Methods
) -> dict[str, Any]:
    """An analysis with its results."""
    results = [r for row in result.rows for r in _of_row(row, display, result, references, methods)]
    results += [r for line in result.forest for r in _of_interval(line, result, references, methods)]
    columns = {c.id: references.of_column(c, display) for c in display.columns}
    for curve in result.curves:
        if curve.step:
            results += _of_curve(curve, columns[curve.column], result, references, methods)
    methods.operation(result.statistic, _NUMERATOR)  # a method has an operation, also without results
    subset = references.subset(result)
    groupings = dict.fromkeys(g["groupingId"] for r in results for g in r.get("resultGroups", ()))
    settings = {**result.settings, **({"unit_of_results": result.unit} if result.unit else {})}
    if len(result.variables) > 1:
        settings["variables"] = ", ".join(result.variables)
    return {
        "id": analysis_id(display, result),
        "name": result.title,
        "version": 1,
        "reason": methods.term("AnalysisReasonEnum", REASONS, result.reason),
        "purpose": methods.term("AnalysisPurposeEnum", PURPOSES, result.purpose),
        "methodId": f"Method_{result.statistic}",
        "analysisSetId": references.analysis_set(display),
        **({"dataSubsetId": subset} if subset else {}),
        "dataset": result.dataset,
        **({"variable": result.variables[0]} if result.variables else {}),
        "orderedGroupings": [{"order": i, "groupingId": g, "resultsByGroup": True} for i, g in enumerate(groupings, 1)],
        "programmingCode": {
            "context": "raw2adam",
            "code": f"{result.place.file}, line {result.place.line}",
            "parameters": [{"name": n, "value": [v]} for n, v in settings.items()],
        },
        "results": results,
    }


def _of_row(
    row: Row, display: ComputedDisplay, result: ComputedResult, references: References, methods: Methods
) -> list[dict[str, Any]]:
    rows = references.of_row(row, display, result)
    prefix = _statistic_of_row(row, result)
    counted = references.counted(display, result)
    found = []
    for column, cell in zip(display.columns, row.cells, strict=True):
        group = references.of_column(column, display)
        groups = [*([group] if group else []), *rows]
        for value in cell.values:
            operation = methods.operation(result.statistic, f"{prefix}{value.name}")
            of_value = [*groups, counted] if counted and value.name != _DENOMINATOR else groups
            found.append(_result(operation, of_value, value.number, value.text))
    return found


def _statistic_of_row(row: Row, result: ComputedResult) -> str:
    """The prefix of the names of the numbers of a row: the statistic of the row, as ``rate-12.``"""
    if result.statistic not in _FIXED_ROWS and (row.category or result.statistic == _TERMS):
        return ""
    if f"conditions.{row.label}" in result.settings:
        return ""
    name = row.id
    for value in row.category.values():
        name = name.removeprefix(value).removeprefix(".")
    return f"{name}." if name else ""


def _of_interval(
    line: Interval, result: ComputedResult, references: References, methods: Methods
) -> list[dict[str, Any]]:
    groups = [references.of_subgroup(line.heading, line.label)] if line.heading else []
    gone = Absent.MASKED.value if line.size == HIDDEN else Absent.NOT_ESTIMABLE.value
    numbers: dict[str, float | None] = {
        "n": None if line.size == HIDDEN else line.size,
        "events": line.events,
        "estimate": line.estimate,
        "lower": line.lower,
        "upper": line.upper,
    }
    return [
        _result(methods.operation(result.statistic, f"forest.{name}"), groups, number, gone if number is None else "")
        for name, number in numbers.items()
    ]


def _of_curve(
    curve: Curve, group: dict[str, str] | None, result: ComputedResult, references: References, methods: Methods
) -> list[dict[str, Any]]:
    operation = methods.operation(result.statistic, "at_risk")
    found = []
    for tick, number in zip(curve.ticks, curve.at_risk, strict=True):
        groups = [*([group] if group else []), references.of_time(result.unit, tick)]
        shown = None if number == HIDDEN else float(number)
        found.append(_result(operation, groups, shown, Absent.MASKED.value if shown is None else ""))
    return found


def _result(operation: str, groups: list[dict[str, str]], number: float | None, text: str) -> dict[str, Any]:
    raw = {} if number is None else {"rawValue": number_text(number)}
    groups_of_result = {"resultGroups": groups} if groups else {}
    return {"operationId": operation, **groups_of_result, **raw, "formattedValue": text or number_text(number or 0)}
