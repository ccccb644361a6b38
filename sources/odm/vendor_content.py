"""What vendors add to the clinical data of an ODM-XML file: attributes, elements and comments, stored in an OdmFile.

Not for columns of these attributes (attributes.py), nor for the items and rows of ODM (elements.py).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from .log import CONTEXT_LEVELS, Attributes, OdmFile
from .metadata import ODM
from .tags import COMMENT, STANDARD, W3C

if TYPE_CHECKING:
    from lxml.etree import _Element

_DEFINED = ("{" + W3C, f"{{{ODM}}}")  # namespaces whose attributes are not those of a vendor


class VendorContent:
    """Stores the additions of vendors in ``out``, element by element in document order."""

    def __init__(self, out: OdmFile):
        self.out = out
        self._last: dict[str, tuple[_Element, Attributes | None]] = {}  # tag -> its last element, and its attributes

    def count(self, element: _Element) -> None:
        """Count an element of a vendor among the data."""
        space, _, name = str(element.tag).rpartition("}")
        space = space.removeprefix("{")
        if space != ODM:
            prefix = self.out.prefixes.get(space, space)
            self.out.unused[f"<{prefix}:{name}>" if prefix else f"<{name}>"] += 1

    def add_comments(self, annotation: _Element) -> None:
        """Store the comments of an annotation, which become findings."""
        for comment in annotation.iterfind(COMMENT):
            text = " ".join("".join(comment.itertext()).split())
            if text:
                self.out.comments.append((comment.sourceline or 0, text))

    def attributes(self, element: _Element) -> Attributes | None:
        """The filled attributes of an element that ODM does not define; None if there are none."""
        standard = STANDARD[element.tag]
        found = {n: v for n, v in element.items() if n not in standard and v and not n.startswith(_DEFINED)}
        if not found:
            return None
        level = str(element.tag).rpartition("}")[2]
        self.out.attributes.update(dict.fromkeys((level, n) for n in found))
        return found

    def attributes_once(self, element: _Element | None) -> Attributes | None:
        """As ``attributes``, read once for an element that several contexts share."""
        if element is None:
            return None
        before = self._last.get(element.tag)
        if before is None or before[0] is not element:
            before = self._last[element.tag] = (element, self.attributes(element))
        return before[1]

    def remember(self, element: _Element, key_of: Callable[[_Element], tuple[str, ...]]) -> None:
        """Store the attributes of a subject, event or form; a later value replaces an earlier one.

        ``key_of``: the context key of an element.
        """
        attributes = self.attributes(element)
        if attributes:
            level = str(element.tag).rpartition("}")[2]
            key = key_of(element)[: CONTEXT_LEVELS[level][0]]
            state = self.out.entities.setdefault((level, key), {})
            self.out.restated.update((level, key, n) for n, v in attributes.items() if state.get(n, v) != v)
            state.update(attributes)
