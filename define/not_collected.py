"""The variables that a define.xml describes as not available, with the reason of its comment.

Not for writing them (items.py).
"""

from __future__ import annotations

from .content import DefineContent

_NOT_AVAILABLE = "Not Available"


def not_collected(definition: DefineContent) -> dict[tuple[str, str], str]:
    """(dataset, variable) -> the reason, of variables without data whose origin is Not Available."""
    found = {}
    for dataset in definition.datasets:
        for item in dataset.items:
            comment = definition.comments.get(item.comment)
            absent = item.has_no_data and any(o.type == _NOT_AVAILABLE for o in item.origins)
            if absent and comment is not None and comment.text.strip():
                found[dataset.name, item.name] = " ".join(comment.text.split())
    return found
