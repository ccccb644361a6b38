"""The different origins of the values of a variable, as Define-XML 2.1 lists them beside each other.

Not for finding the origin of one rule (engine/derivations/).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ...mappings.facts.document_pages import together
from ...mappings.models.derivation import OneOriginSpec
from .dataset import Origin

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
        described = ", ".join(dict.fromkeys(d for o in same for d in o.description.split(", ") if d))
        documents = together(d for o in same for d in o.documents)
        found.append(replace(same[0], description=described, documents=documents))
    return sorted(found, key=lambda o: (RANK.index(o.type), o.source))


def stated_origin(spec: OneOriginSpec) -> Origin:
    """The origin that a spec states."""
    return Origin(spec.type, spec.source, spec.description, spec.documents)
