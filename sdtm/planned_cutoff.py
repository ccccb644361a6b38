"""Plans how the data cut-off applies to an SDTM dataset.

Not for cutting records: engine/building/cutoff.py.
"""

from __future__ import annotations

from ..engine.plan.plan import PlannedCut, PlannedVariable
from ..errors import SpecProblem, nearest
from ..mappings.binding.bind import place_of
from ..mappings.facts.facts import DatasetFacts
from ..mappings.models.dataset import DatasetSpec

#: classes whose records a data cut-off concerns; the others describe the trial or relate records
CUT_CLASSES = ("Events", "Findings", "Findings About", "Interventions", "Special Purpose")


def planned_cut(
    file: DatasetSpec, facts: DatasetFacts, variables: dict[str, PlannedVariable], problems: list[SpecProblem]
) -> PlannedCut | None:
    """The data cut-off by --STDTC, else --DTC; in DM by RFICDTC, else DMDTC. None for the design of the trial.

    Ends are --ENDTC, in DM DTHDTC and RFICDTC. ``cutoff:`` of a spec replaces either.
    """
    prefix, spec = file.dataset[:2], file.cutoff
    if spec == "none" or facts.observation_class not in CUT_CLASSES:
        return None
    derived = {n for n, v in variables.items() if v.rules}
    by = ("RFICDTC", "DMDTC") if file.dataset == "DM" else (f"{prefix}STDTC", f"{prefix}DTC")
    by = tuple(n for n in by if n in derived)
    ends: dict[str, dict[str, str]] = (
        {"DTHDTC": {"DTHFL": ""}, "RFICDTC": {}} if file.dataset == "DM" else {f"{prefix}ENDTC": {}}
    )
    ends = {end: changes for end, changes in ends.items() if end in derived}
    place = place_of(file, "dataset")
    if spec is not None:
        place = place_of(file, "cutoff")
        by = by if spec.by_names is None else spec.by_names
        ends = ends if spec.ends is None else spec.ends
        for field, name in (
            *(("by", n) for n in by),
            *(("end", n) for end, changes in ends.items() for n in (end, *changes)),
        ):
            if name not in variables:
                message = f"{file.dataset} has no variable '{name}' for the data cut-off"
                hint = nearest(name, list(variables))
                problems.append(SpecProblem(place_of(spec, field), message, file.dataset, name, hint))
                return None
    ongoing = {f"{prefix}ENRTPT": "ONGOING", f"{prefix}ENTPT": "{CUTOFF}"}
    for end, changes in ends.items():
        if end == f"{prefix}ENDTC":
            ends = {**ends, end: {**{n: v for n, v in ongoing.items() if n in derived}, **changes}}
    return PlannedCut(by, {e: c for e, c in ends.items() if e not in by}, place)
