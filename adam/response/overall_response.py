"""The overall response at a time point by the table of published criteria, from its components.

The tables are data: mappings/criteria. Not for the response of target lesions (level_by_change.py), nor for the best
response of a subject: an extreme record.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

import numpy as np
from pydantic import Field

from ...engine.columns import column as col
from ...engine.derivations.derivation import Derivation, Derived
from ...engine.derivations.environment import Environment
from ...engine.expressions.sentence import condition_sentence
from ...errors import SpecError, nearest
from ...mappings.models.criteria_files import criteria_folder, known_criteria
from ...mappings.models.derivation import Example, register
from ...mappings.models.tumor_criteria import (
    NONE,
    OverallTable,
    TumorCriteria,
    readable_criteria,
    tumor_criteria,
    tumor_criteria_names,
)
from ...mappings.models.wording import AS_WRITTEN, Wording, quoted


@register
class OverallResponse(Derivation):
    """The overall response by the table of the criteria: the first row that fits the components.

    A missing component is NONE (the subject has no such disease) where the criteria have that value, else NE, else N.
    A value that the criteria do not have is a finding, and the response is not evaluable. docs/response-criteria.md has
    the tables.
    """

    verb: ClassVar[str] = "overall_response"
    example = Example(
        rule="{overall_response: {target: TGTRESP, non_target: NTGRESP, new: NEWLFL}, criteria: recist-1.1}",
        rows={
            "SUBJ": ["01", "02", "03", "04", "05", "06", "07"],
            "T": ["CR", "CR", "PR", "SD", "", "NE", "PX"],
            "N": ["CR", "NON-CR/NON-PD", "", "PD", "NON-CR/NON-PD", "CR", "CR"],
            "L": ["N", "N", "Y", "N", "", "N", "N"],
        },
        gives=["CR", "PR", "PD", "PD", "NON-CR/NON-PD", "NE", "NE"],
        dataset="ADRS",
        variable="AVALC",
        setting="PARAMCD: {value: OVR}\nPARAM: {value: Overall Response}\nTGTRESP: {from: ARMCD, label: Target}\n"
        "NTGRESP: {from: ARM, label: Non-Target}\nNEWLFL: {from: ACTARMCD, label: New Lesion}",
        datasets={"DM": "ARMCD: T\nARM: N\nACTARMCD: L"},
    )

    overall_response: dict[str, str] = Field(description="Component of the criteria to its variable.")
    criteria: str = Field(
        description="The criteria: recist-1.1, rano-2010, lugano-2014, lugano-2014-ct, gcig-2011, pcwg3-2016, or a "
        "file NAME.yaml in criteria/ of the study."
    )
    not_evaluable: str = Field(default="NE", description="The response where a component has an unknown value.")

    def problems(self) -> Iterator[tuple[str, ...]]:
        if (folder := criteria_folder(self, self.criteria, tumor_criteria_names())) is None:
            known = ", ".join(known_criteria(self, tumor_criteria_names()))
            yield "criteria", f"there are no criteria '{self.criteria}'; there is {known}"
            return
        try:
            criteria = tumor_criteria(self.criteria, folder)
        except SpecError as error:
            yield from (("criteria", str(problem)) for problem in error.problems)
            return
        table = criteria.overall
        if table is None:
            yield "criteria", f"{self.criteria} has no table of overall responses"
            return
        for component in self.overall_response:
            if component not in table.components:
                hint = f" ({found})" if (found := nearest(component, table.components)) else ""
                known = ", ".join(table.components)
                message = f"{self.criteria} has no component '{component}'; it has {known}{hint}"
                yield "overall_response", message, component
        for component, values in table.components.items():
            if component not in self.overall_response and NONE not in values:
                yield "overall_response", f"{component}: is missing: the table needs it"

    def reads(self) -> Iterator[tuple[str, str]]:
        for name in self.overall_response.values():
            yield "overall_response", name

    def texts(self) -> dict[str, str] | None:
        table = self._table()
        if table is None:
            return None
        return dict.fromkeys([*(row.gives for row in table.rows), self.not_evaluable], "")

    def describe(self, target: str, words: Wording = AS_WRITTEN) -> str:
        found = self._criteria()
        criteria = found.criteria if found is not None else self.criteria
        parts = [
            f"{words.name(name)} ({component.replace('_', ' ')})" for component, name in self.overall_response.items()
        ]
        return (
            f"{target} is the overall response by the table of {quoted(criteria)} from {', '.join(parts)}"
            f"{condition_sentence(self.when, words)}."
        )

    def _criteria(self) -> TumorCriteria | None:
        return readable_criteria(self, self.criteria)  # ``problems`` reports a file that cannot be read

    def _table(self) -> OverallTable | None:
        criteria = self._criteria()
        return criteria.overall if criteria is not None else None

    def derive(self, env: Environment) -> Derived:
        table = self._table()
        assert table is not None  # lint has refused criteria without one
        places, unknown = [], np.zeros(env.n, dtype=bool)
        for component, values in table.components.items():
            name = self.overall_response.get(component)
            if name is None:
                places.append(np.full(env.n, values.index(NONE)))
                continue
            codes, texts = col.split_text(env.column(name, "overall_response"))
            missing = next((v for v in (NONE, "NE", "N") if v in values), None)
            found = [values.index(w) if (w := t.strip() or missing) in values else -1 for t in texts]
            place = np.array(found, dtype="int64")[codes]
            message = f"{name} has none of {', '.join(values)}: not evaluable"
            env.report("R2A-RESP-001", place < 0, message, name)
            unknown |= place < 0
            places.append(np.maximum(place, 0))
        row = table.table()[tuple(places)]
        responses = [*(r.gives for r in table.rows), self.not_evaluable]
        return Derived(col.join_text(np.where(unknown, len(table.rows), row), responses))
