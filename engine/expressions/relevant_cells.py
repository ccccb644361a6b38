"""The records where a text that could not be read matters for the result of a condition or formula.

Not for finding such texts (cells.py) nor for their findings (unread_cells.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np

from ...mappings.expressions.tree import Arithmetic, Call, Compare, Junction, Name, Node, walk
from ...mappings.expressions.words import source_text
from .cells import Refused, Unreadable
from .functions import call
from .truth import FALSE, TRUE, is_missing
from .vectors import Vector, rows

#: functions that drop decimals
WHOLE = frozenset({"floor", "ceil", "round"})
#: more than the share of a number that the digits after the 15th are, in a product of several
_DROPPED = 1e-13


class RelevantCells:
    """Collects refused texts from an evaluated tree. ``n``: records. ``value``: the values of a node of the tree.

    A record counts only where the part matters: in the branch of ``if`` or ``coalesce`` that is taken, and where the
    other conditions of an ``and`` or ``or`` do not decide already.
    """

    def __init__(self, n: int, value: Callable[[Node], Vector]):
        self._n = n
        self._value = value
        self._digits = False

    def under(self, root: Node, refused: Mapping[int, list[Refused]]) -> list[Unreadable]:
        """One entry for each part of the tree that has refused texts. ``refused``: by the id of the node that reads."""
        found: list[Unreadable] = []
        if refused:
            self._collect(root, np.ones(self._n, dtype=bool), refused, found)
        return found

    def shortened(self, root: Node, shortened: Mapping[int, list[Refused]]) -> list[Unreadable]:
        """The same for numbers that have fewer digits than their texts, where these digits can change the result."""
        self._digits = True
        return self.under(root, shortened)

    def _collect(
        self, node: Node, matters: np.ndarray, refused: Mapping[int, list[Refused]], found: list[Unreadable]
    ) -> None:
        for part in refused.get(id(node), ()):
            bad = np.array([bool(w) for w in part.why], dtype=bool)
            mask = bad[part.codes] & matters
            if mask.any():
                texts, why = (np.array(t, dtype=object)[part.codes[mask]] for t in (part.texts, part.why))
                found.append(
                    Unreadable(
                        offset=node.offset,
                        argument=source_text(part.node),
                        name=next((n.name for n, _ in walk(part.node) if isinstance(n, Name)), ""),
                        kind=part.kind,
                        rows=mask,
                        texts=texts,
                        why=why,
                        cells=part.cells,
                    )
                )
        for child, here in self._branches(node):
            self._collect(child, matters & here if here is not None else matters, refused, found)

    def divisions(self, root: Node) -> np.ndarray:
        """The records whose value is missing because a part that matters is divided by 0."""
        found = np.zeros(self._n, dtype=bool)
        if any(isinstance(node, Arithmetic) and node.divides for node, _ in walk(root)):
            self._divided(root, np.ones(self._n, dtype=bool), found)
        return found & is_missing(rows(self._value(root), self._n)) if found.any() else found

    def _divided(self, node: Node, matters: np.ndarray, found: np.ndarray) -> None:
        if isinstance(node, Arithmetic) and node.divides:
            operands = [rows(self._value(part), self._n) for part in node.children]
            known = ~np.logical_or.reduce([np.isnan(operand) for operand in operands])
            for (sign, _), divisor in zip(node.rest, operands[1:], strict=True):
                if sign == "/":
                    found |= matters & known & (divisor == 0)
        for child, here in self._branches(node):
            self._divided(child, matters & here if here is not None else matters, found)

    def _branches(self, node: Node) -> Iterator[tuple[Node, np.ndarray | None]]:
        """(part, records where its value can change that of the node; None for all)."""
        if isinstance(node, Junction):
            yield from self._undecided(node)
        elif isinstance(node, Call) and node.function == "if":
            taken = rows(self._value(node.arguments[0]), self._n) == TRUE
            yield from zip(node.arguments, (None, taken, ~taken), strict=True)
        elif isinstance(node, Call) and node.function == "missing":
            # a test for missing expects that a pattern may find nothing
            yield from ((a, self._unless_pattern(a)) for a in node.arguments)
        elif isinstance(node, Compare) and (tested := node.missing_test) is not None:
            yield tested, self._unless_pattern(tested)
        elif isinstance(node, Call) and node.function == "coalesce":
            gap = np.ones(self._n, dtype=bool)
            all_missing = is_missing(rows(self._value(node), self._n))
            for part in node.arguments:
                # a pattern that finds nothing does not matter where another argument has a value
                yield part, gap & all_missing if _is_pattern(part) else gap
                gap = gap & is_missing(rows(self._value(part), self._n))
        elif self._digits and isinstance(node, Call) and node.function in WHOLE and _is_product(node.arguments[0]):
            yield node.arguments[0], self._digits_decide(node)
        else:
            yield from ((child, None) for child in node.children)

    def _undecided(self, node: Junction) -> Iterator[tuple[Node, np.ndarray]]:
        """Each condition of an and or or, with the records where no other condition decides the result."""
        deciding = FALSE if node.word == "and" else TRUE
        decides = [rows(self._value(item), self._n) == deciding for item in node.items]
        how_many = np.sum(decides, axis=0)
        for item, this_decides in zip(node.items, decides, strict=True):
            yield item, how_many == this_decides

    def _digits_decide(self, node: Call) -> np.ndarray:
        """Where a function that drops decimals would give another number if its argument had all its digits."""
        first, *others = [rows(self._value(part), self._n) for part in node.arguments]
        lower, upper = (call(node.function, [first * factor, *others]) for factor in (1 - _DROPPED, 1 + _DROPPED))
        return lower != upper

    def _unless_pattern(self, node: Node) -> np.ndarray | None:
        return np.zeros(self._n, dtype=bool) if _is_pattern(node) else None


def _is_product(node: Node) -> bool:
    """Whether a number is read, multiplied and divided alone: then the digits that it lacks remain a small share."""
    parts = [part for part, _ in walk(node)]
    return not any(isinstance(part, Call) and part.function != "number" for part in parts) and not any(
        isinstance(part, Arithmetic) and any(sign in "+-" for sign, _ in part.rest) for part in parts
    )


def _is_pattern(node: Node) -> bool:
    return isinstance(node, Call) and node.function == "extract"
