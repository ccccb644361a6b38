"""What the results of a reporting event refer to: analysis sets, data subsets, groupings and their groups.

Each is listed one time, however many analyses use it. Not for the analyses themselves (ars_analyses.py).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ..analyses.results import Column, ComputedDisplay, ComputedResult, Row
from .ars_conditions import all_of, equals, where_clause

#: groupings of results that are no variable of a dataset
TIME, ROWS = "Time", "Rows"


@dataclass
class Named:
    """Objects with identifiers PREFIX_1, PREFIX_2 ... in the order in which they are met."""

    prefix: str
    known: dict[Any, dict[str, Any]] = field(default_factory=dict)

    def find(self, key: Any, **fields: Any) -> dict[str, Any]:
        """The object of a key; a new one has ``fields``."""
        if key not in self.known:
            self.known[key] = {"id": f"{self.prefix}_{len(self.known) + 1}", **fields}
        return self.known[key]

    def listed(self) -> list[dict[str, Any]]:
        return list(self.known.values())


@dataclass
class References:
    """The sets, subsets and groupings that were referred to so far."""

    sets: Named = field(default_factory=lambda: Named("Set"))
    subsets: Named = field(default_factory=lambda: Named("Subset"))
    groupings: Named = field(default_factory=lambda: Named("Grouping"))

    def analysis_set(self, display: ComputedDisplay) -> str:
        """The population of a display."""
        clause = where_clause(display.condition, display.dataset)
        found = self.sets.find(
            (display.dataset, display.condition, display.population),
            name=display.population,
            **({"description": display.condition} if display.condition else {}),
            level=1,
            order=len(self.sets.known) + 1,
            **clause,
        )
        return found["id"]

    def subset(self, result: ComputedResult) -> str | None:
        """The records of a result; None for all records of its dataset."""
        clauses = [equals(result.dataset, "PARAMCD", *result.parameters)] if result.parameters else []
        described = [f"PARAMCD in {', '.join(result.parameters)}"] if result.parameters else []
        if result.where:
            clauses.append(where_clause(result.where, result.dataset))
            described.append(result.where)
        if not described:
            return None
        text = f"{result.dataset}: {' and '.join(described)}"
        clause = all_of(clauses) if all(clauses) else {}
        order = len(self.subsets.known) + 1
        return self.subsets.find(text, name=text, level=1, order=order, **clause)["id"]

    def of_column(self, column: Column, display: ComputedDisplay) -> dict[str, str] | None:
        """The group of a column; None for the column of all subjects."""
        if not column.variable:
            return None
        grouping = self._predefined(display.dataset, column.variable)
        clause = equals(display.dataset, column.variable, column.value)
        return self._group(grouping, column.value, column.label, clause)

    def of_row(self, row: Row, display: ComputedDisplay, result: ComputedResult) -> list[dict[str, str]]:
        """The groups of a row: the values that it counts, or its condition."""
        groups = [
            {"groupingId": self._of_data(result.dataset, name)["id"], "groupValue": value}
            for name, value in row.category.items()
        ]
        condition = result.settings.get(f"conditions.{row.label}")
        if condition is not None:
            key = (ROWS, display.id, result.id)
            grouping = self.groupings.find(
                key, name=f"{result.title}: rows", dataDriven=False, groupingDataset=result.dataset, groups=[]
            )
            groups.append(self._conditional(grouping, row.label, condition, result.dataset))
        return groups

    def counted(self, display: ComputedDisplay, result: ComputedResult) -> dict[str, str] | None:
        """The records whose subjects a proportion counts; None for other statistics."""
        condition = result.settings.get("condition")
        if condition is None:
            return None
        grouping = self.groupings.find(
            (display.id, result.id), name=f"{result.title}: counted", dataDriven=False, groups=[]
        )
        return self._conditional(grouping, result.settings.get("label", condition), condition, result.dataset)

    def of_subgroup(self, heading: str, label: str) -> dict[str, str]:
        """A subgroup of a forest plot."""
        grouping = self.groupings.find(("subgroup", heading), name=f"Subgroups: {heading}", dataDriven=True)
        return {"groupingId": grouping["id"], "groupValue": label}

    def of_time(self, unit: str, time: float) -> dict[str, str]:
        """A time after the start, as of numbers at risk."""
        grouping = self.groupings.find((TIME, unit), name=f"Time, {unit or 'no unit'}", dataDriven=True)
        return {"groupingId": grouping["id"], "groupValue": f"{time:g}"}

    def _conditional(self, grouping: dict[str, Any], label: str, condition: str, dataset: str) -> dict[str, str]:
        """The group of the records where a condition holds."""
        return self._group(grouping, label, label, {"description": condition, **where_clause(condition, dataset)})

    def _of_data(self, dataset: str, variable: str) -> dict[str, Any]:
        return self.groupings.find(
            (dataset, variable),
            name=f"{dataset}.{variable}",
            dataDriven=True,
            groupingDataset=dataset,
            groupingVariable=variable,
        )

    def _predefined(self, dataset: str, variable: str) -> dict[str, Any]:
        return self.groupings.find(
            (dataset, variable, "columns"),
            name=f"Columns by {dataset}.{variable}",
            dataDriven=False,
            groupingDataset=dataset,
            groupingVariable=variable,
            groups=[],
        )

    def _group(self, grouping: dict[str, Any], value: str, label: str, clause: dict[str, Any]) -> dict[str, str]:
        """The group of a value in a grouping whose groups are listed."""
        groups = grouping["groups"]
        found = next((g for g in groups if g["name"] == (value or label)), None)
        if found is None:
            order = len(groups) + 1
            found = {
                "id": f"{grouping['id']}_{order}",
                "name": value or label,
                "label": label,
                "level": 1,
                "order": order,
            }
            groups.append(found | clause)
        return {"groupingId": grouping["id"], "groupId": found["id"]}
