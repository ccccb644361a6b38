"""The different origins of the values of a variable, as Define-XML 2.1 lists them beside each other.

Not for finding the origin of one rule (engine/derivations/).
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from ...mappings.facts.document_pages import together
from ...mappings.models.derivation import OneOriginSpec
from .dataset import Origin, Predecessor

#: DM.SEX, and SUPPAE.QVAL where QNAM = 'AESOSP'
_PREDECESSOR = re.compile(r"([A-Z][A-Z0-9]*)\.([A-Z][A-Z0-9]*)(?: where ([A-Z]+) = '([A-Z][A-Z0-9]*)')?")
#: types of origin that values have, the first of several first
RANK = ("Derived", "Predecessor", "Collected", "Assigned", "Protocol", "Other")


def ranked_origins(origins: Iterable[Origin]) -> list[Origin]:
    """The different origins in the order of RANK; one of each type and source, with all pages and predecessors.

    A value that is not available has none.
    """
    kinds: dict[tuple[str, str], list[Origin]] = {}
    for origin in origins:
        if origin.type in RANK:
            kinds.setdefault((origin.type, origin.source), []).append(origin)
    found = []
    for same in kinds.values():
        predecessors = tuple(dict.fromkeys(p for o in same for p in o.predecessors))
        documents = together(d for o in same for d in o.documents)
        remarks = tuple(dict.fromkeys(r for o in same for r in o.remarks))
        found.append(Origin(same[0].type, same[0].source, predecessors, documents, remarks))
    return sorted(found, key=lambda o: (RANK.index(o.type), o.source))


def stated_origin(spec: OneOriginSpec) -> Origin:
    """The origin that a spec states; ``description`` of a copy has the notation of Define-XML."""
    named = [_PREDECESSOR.fullmatch(p) for p in spec.description.split(", ")] if spec.type == "Predecessor" else []
    predecessors = tuple(Predecessor(*m.groups("")) for m in named if m is not None)
    if not predecessors or len(predecessors) < len(named):
        return Origin(spec.type, spec.source, (), spec.documents, (spec.description,) if spec.description else ())
    return Origin(spec.type, spec.source, predecessors, spec.documents)
