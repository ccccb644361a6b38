"""A define.xml as a tree of lxml, read without entities, DTD or network. Not for its content (reading.py)."""

from __future__ import annotations

from typing import Any

from ..errors import InputError, OutputError


def libxml() -> Any:
    """lxml.etree, loaded at first use, because most commands write no define.xml."""
    from lxml import etree  # pyright: ignore[reportAttributeAccessIssue]

    return etree


def parsed(xml: bytes, file: str = "define.xml") -> Any:
    """A define.xml as an lxml tree, without entities, DTD or network.

    Raises OutputError with line and column where it is not well-formed, InputError where it has a DOCTYPE.
    """
    refuse_document_type(xml, file)
    etree = libxml()
    try:
        return etree.fromstring(xml, _parser()).getroottree()
    except etree.XMLSyntaxError as error:
        line, column = error.position
        raise OutputError(f"{file}:{line}:{column}: not well-formed XML: {error.msg}") from error


class _Stop(Exception):
    """The first element starts, so that no DOCTYPE can follow; or a DOCTYPE has been found, at ``line``."""

    def __init__(self, line: int = 0):
        super().__init__()
        self.line = line


def refuse_document_type(xml: bytes, file: str) -> None:
    """Raise InputError where ``xml`` has a DOCTYPE: its entities could expand without end, or read other files.

    The text is read up to the first element only, before any parser expands an entity.
    """
    from xml.parsers import expat

    parser = expat.ParserCreate()

    def doctype(*_: Any) -> None:
        raise _Stop(parser.CurrentLineNumber)

    def element(*_: Any) -> None:
        raise _Stop

    parser.StartDoctypeDeclHandler, parser.StartElementHandler = doctype, element
    line = 0
    try:
        parser.Parse(xml, True)
    except _Stop as stop:
        line = stop.line
    except (expat.ExpatError, ValueError, LookupError):  # not well-formed, or an encoding that expat does not have
        line = xml.count(b"\n", 0, xml.index(b"<!DOCTYPE")) + 1 if b"<!DOCTYPE" in xml else 0
    if line:
        message = "a define.xml has no DOCTYPE, because entities can read other files or grow without end"
        raise InputError(f"{file}:{line}: {message}; remove it")


def _parser() -> Any:
    etree = libxml()
    # huge_tree: the define.xml of a large study may have long texts and deep elements; entities stay off
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True)
