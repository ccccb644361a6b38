"""Opens an ODM-XML 1.3 file and reads it as a stream of elements, which elements.py writes into compact logs.

An element is dropped as soon as it is read, so memory grows with the data that is stored, not with the XML. Not for
tables, names and findings.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ...errors import InputError
from ..xml_text import check_prolog, element_lines, syntax_fault
from .elements import ElementReader
from .log import OdmFile
from .metadata import ODM
from .tags import CLINICAL, CONTAINERS, DATA, GROUP, UNIT, UNUSED, VERSION, W3C

if TYPE_CHECKING:
    from lxml.etree import _Element


def read_odm_file(path: Path, file: str, encoding: str) -> OdmFile:
    """Read a whole ODM-XML file. ``encoding``: if it is not utf-8, it replaces the encoding that the file declares.

    Raises InputError, with the line, for an empty, cut, damaged or foreign file, a DOCTYPE, another root, namespace or
    version, and an unknown TransactionType.
    """
    from lxml import etree  # pyright: ignore[reportAttributeAccessIssue]

    found = check_prolog(path, file)
    override = encoding if encoding.lower() not in ("utf-8", "utf8") else None
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    # without huge_tree, libxml2 limits texts to 10 million characters and elements to a depth of 256, and limits names
    safe = {"resolve_entities": False, "load_dtd": False, "no_network": True, "huge_tree": False}
    tags = [VERSION, UNIT, CLINICAL, GROUP, *DATA, *UNUSED, *CONTAINERS]
    out = OdmFile(path, digest)
    try:
        with path.open("rb") as stream:
            for _, root in etree.iterparse(stream, events=("start",), encoding=override, **safe):
                _check_root(root, file, out)
                break
        reader = ElementReader(out, file)
        wanted = {"events": ("end",), "tag": tags, "remove_comments": True, "remove_pis": True, "encoding": override}
        with path.open("rb") as stream:
            for _, element in etree.iterparse(stream, **wanted, **safe):
                reader.take(element)
    except etree.XMLSyntaxError as error:
        raise syntax_fault(error, path, file, "ODM") from None
    lines = element_lines(path, "ItemGroupData") if not found.startswith("utf-16") else np.zeros(0, np.int32)
    out.lines = lines if len(lines) == reader.elements else np.array(reader.lines, np.int32)
    return out


def _check_root(root: _Element, file: str, out: OdmFile) -> None:
    place = f"{file}:{root.sourceline}"
    space, _, name = str(root.tag).rpartition("}")
    space = space.removeprefix("{")
    if root.getroottree().docinfo.internalDTD is not None:
        raise InputError(f"{place}: a document type declaration (DOCTYPE); export the file again without it")
    if name != "ODM":
        raise InputError(f"{place}: the root element is <{name}>, and <ODM> was expected; check the format:")
    if space != ODM:
        namespace = f"the namespace '{space}'" if space else "no namespace"
        raise InputError(f"{place}: <ODM> has {namespace}; ODM-XML 1.3.2 ({ODM}) is read. Export the file as ODM 1.3.2")
    version = root.get("ODMVersion", "1.3")
    if version not in ("1.3", "1.3.0", "1.3.1", "1.3.2"):
        raise InputError(f"{place}: ODMVersion is '{version}'; 1.3 to 1.3.2 are read. Export the file as ODM 1.3.2")
    kind = root.get("FileType", "")
    if kind not in ("Snapshot", "Transactional"):
        raise InputError(f"{place}: FileType is '{kind}'; Snapshot or Transactional was expected")
    out.transactional = kind == "Transactional"
    if root.get("PriorFileOID") and out.transactional:
        out.notes.append(
            f"the file continues {root.get('PriorFileOID')}, which is not read: rows that only that file has are "
            "missing"
        )
    out.prefixes = {s: p or "" for p, s in root.nsmap.items() if s and s != ODM and not s.startswith(W3C)}
