"""def:Structure of a dataset: the text of the guide, with the units that the keys of this study have.

The guide writes one text for all studies, such as "One record per lab test per time point per visit per subject". Where
the keys of a dataset have no time point, its text has none. Not for a text that the spec of the dataset has.
"""

from __future__ import annotations

import re

from ..engine.tables.dataset import DatasetMetadata
from ..mappings.facts import facts

_PER = re.compile(r",? per ")
#: a unit of the guide -> the variables of which one is a key where the unit holds; -- is the domain
_UNITS = {
    "time point": ("--TPTNUM", "--TPT", "--ELTM"),
    "visit": ("VISITNUM", "VISIT"),
    "object": ("--OBJ",),
    "mood": ("--MOOD",),
    "assessor": ("--EVAL",),
    "medical evaluator": ("--EVALID",),
}
#: the unit of a key that no unit of the guide has, in the order of the text
_FURTHER = {
    "--SPEC": "specimen",
    "--METHOD": "method",
    "--TSTCND": "test condition",
    "--LOC": "location",
    "VISITNUM": "visit",
}
_FINDINGS = ("FINDINGS", "FINDINGS ABOUT")


def structure(spec: DatasetMetadata) -> str:
    """What one record of a dataset is: the text of its spec, else that of the guide by its keys."""
    text = spec.structure or f"One record per {', '.join(spec.keys)}"
    guide = facts.sdtm_dataset(spec.name) if spec.purpose == "Tabulation" else None
    if guide is None or text != guide.structure:
        return text
    units = _PER.split(text)
    domain = spec.domain or spec.name
    keys = {f"--{k.removeprefix(domain)}" if k.startswith(domain) else k for k in spec.keys}
    used = [u for u in units if u not in _UNITS or keys & set(_UNITS[u])]
    if "visit" in units and "visit" not in used and "--DTC" in keys:
        used.insert(used.index("subject") if "subject" in used else len(used), "date")
    if spec.observation_class.upper() in _FINDINGS and "subject" in used:
        missing = [u for k, u in _FURTHER.items() if k in keys and not any(u in known for known in used)]
        at = next((i for i, u in enumerate(used) if u in ("visit", "date")), used.index("subject"))
        for unit in missing:
            used.insert(used.index("subject") if unit == "visit" else at, unit)
            at += 1
    return text if used == units else " per ".join(used)
