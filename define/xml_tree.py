"""A define.xml as a tree of lxml, read without entities, DTD or network. Not for its content (reading.py)."""

from __future__ import annotations

from typing import Any

from ..errors import OutputError


def libxml() -> Any:
    """lxml.etree, loaded at first use, because most commands write no define.xml."""
    from lxml import etree  # pyright: ignore[reportAttributeAccessIssue]

    return etree


def parsed(xml: bytes, file: str = "define.xml") -> Any:
    """A define.xml as an lxml tree, without entities, DTD or network. Raises OutputError with line and column."""
    etree = libxml()
    try:
        return etree.fromstring(xml, _parser()).getroottree()
    except etree.XMLSyntaxError as error:
        line, column = error.position
        raise OutputError(f"{file}:{line}:{column}: not well-formed XML: {error.msg}") from error


def _parser() -> Any:
    etree = libxml()
    # huge_tree: the define.xml of a large study may have long texts and deep elements; entities stay off
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True)
