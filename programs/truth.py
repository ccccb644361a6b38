"""A condition without ``not``: each comparison is turned round, so that no part of it negates an unknown.

In this form a condition is true in R and SAS where it is true here: R has the same unknown (NA), and SAS gets a test
for missing beside each comparison (sas.py). Not for writing code.
"""

from __future__ import annotations

from dataclasses import replace

from ..mappings.expressions.tree import Between, Compare, In, Junction, Node, Not

_TURNED = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}


def without_not(node: Node, negated: bool = False) -> Node:
    """The condition, or its negation, with ``not`` only before a function. See docs/semantics.md S7."""
    if isinstance(node, Not):
        return without_not(node.operand, not negated)
    if isinstance(node, Junction):
        word = {"and": "or", "or": "and"}[node.word] if negated else node.word
        return Junction(word, tuple(without_not(item, negated) for item in node.items), offset=node.offset)
    if not negated:
        return node
    if isinstance(node, Compare):
        return replace(node, operator=_TURNED[node.operator])
    if isinstance(node, In | Between):
        return replace(node, negated=not node.negated)
    return Not(node, offset=node.offset)
