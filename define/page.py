"""define.html: define.xml as a page that opens in any browser without network, and the CDISC stylesheet itself.

Not for other pages of a run. The stylesheet is CDISC's define2-1.xsl, read from the installed package defineutils; it
runs here, when define.xml is written, since browsers are dropping XSLT.
"""

from __future__ import annotations

from functools import lru_cache
from importlib import resources
from typing import Any

from ..errors import OutputError

#: parameters of the stylesheet (strings of XPath): whole codelists beside a variable are too long, comments are needed
_SETTINGS = {"nCodeListItemDisplay": "5", "displayMethodsTable": "1", "displayCommentsTable": "1", "displayPrefix": "1"}


def stylesheet() -> bytes:
    """CDISC's define2-1.xsl, for the folder of define.xml. Raises OutputError if it is not installed."""
    try:
        return resources.files("defineutils").joinpath("definehtml", "define2-1.xsl").read_bytes()
    except (ModuleNotFoundError, FileNotFoundError) as error:
        raise OutputError("define2-1.xsl is missing: it comes with the Python package defineutils") from error


def define_html(xml: bytes) -> bytes:
    """define.xml as one HTML page in UTF-8: the same bytes for the same define.xml.

    Nothing is fetched: no entities, no network, no file access from the stylesheet. Text of define.xml is escaped by
    the HTML writer. Raises OutputError when ``xml`` is not well-formed or the stylesheet fails.
    """
    etree = libxml()
    document = parsed(xml)
    try:
        result = _transform()(document, **_SETTINGS)
    except etree.XSLTError as error:
        raise OutputError(f"define.html: the stylesheet failed: {error}") from error
    # not etree.tostring: only the output method of the stylesheet writes its script as script and data as text
    return bytes(result)


def libxml() -> Any:
    """lxml.etree, loaded at first use, because most commands write no define.xml."""
    from lxml import etree  # pyright: ignore[reportAttributeAccessIssue]

    return etree


def parsed(xml: bytes) -> Any:
    """define.xml as an lxml tree, without entities, DTD or network. Raises OutputError with line and column."""
    etree = libxml()
    try:
        return etree.fromstring(xml, _parser()).getroottree()
    except etree.XMLSyntaxError as error:
        line, column = error.position
        raise OutputError(f"define.xml:{line}:{column}: not well-formed XML: {error.msg}") from error


def _parser() -> Any:
    etree = libxml()
    # huge_tree: the define.xml of a large study may have long texts and deep elements; entities stay off
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True)


@lru_cache(maxsize=1)
def _transform() -> Any:
    etree = libxml()
    return etree.XSLT(etree.fromstring(stylesheet(), _parser()), access_control=etree.XSLTAccessControl.DENY_ALL)
