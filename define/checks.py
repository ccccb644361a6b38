"""Is a define.xml right: against CDISC's schema, against the files beside it, against the transport files themselves.

Not for the conformance of the data: validation/ checks that.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from ..engine.tables.dataset import NUMERIC_TYPES
from ..errors import InputError
from ..transport.output_formats import format_of, further_formats, submitted, written_files
from .installed_schemas import defineutils_file
from .xml_tree import libxml, parsed

_ODM = "{http://www.cdisc.org/ns/odm/v1.3}"
_DEF = "{http://www.cdisc.org/ns/def/v2.1}"
_ARM = "{http://www.cdisc.org/ns/arm/v1.0}"
_HREF = "{http://www.w3.org/1999/xlink}href"


def xsd_problems(xml: bytes) -> list[str]:
    """The errors of ``xml`` by CDISC's Define-XML 2.1 schema, from the installed package defineutils.

    ``line: message`` each, in the order of the document; [] if it is valid. Raises OutputError if ``xml`` is
    not well-formed.
    """
    return [f"{line}: {message}" for line, message in schema_errors(xml)]


def schema_errors(xml: bytes) -> list[tuple[int, str]]:
    """The same as (line, message). Raises OutputError if ``xml`` is not well-formed."""
    document = parsed(xml)
    schema = _schema(analyses=next(document.iter(f"{_ARM}AnalysisResultDisplays"), None) is not None)
    schema.validate(document)
    return [(int(entry.line), str(entry.message)) for entry in schema.error_log]


def unresolved_leaves(xml: bytes, folder: Path) -> list[str]:
    """The def:leaf hrefs that lead to no file below ``folder``, the folder of define.xml.

    Upper and lower case differ on every system, because they may on the reader's.
    """
    found = []
    for leaf in parsed(xml).iter(f"{_DEF}leaf"):
        href = leaf.get(_HREF, "")
        problem = unresolved_href(href, folder)
        if problem:
            found.append(f"{leaf.sourceline}: def:leaf {leaf.get('ID')}: {href!r} {problem}")
    return found


def define_against_data(xml: bytes, folder: Path, further: Path | None = None) -> list[str]:
    """The differences between define.xml and the files of datasets in ``folder``, in every format.

    Compares name, label, OIDs and def:HasNoData of datasets. Compares the order of variables, their labels, OIDs,
    character or numeric, and lengths of texts: a Length is the width in the file. Names the files that define.xml does
    not have. [] if all agree. ``further``: the folder of the other formats, by default ``folder``.
    """
    root = parsed(xml).getroot()
    above = {
        "study_oid": next(root.iter(f"{_ODM}Study")).get("OID"),
        "metadata_version_oid": next(root.iter(f"{_ODM}MetaDataVersion")).get("OID"),
    }
    items = {item.get("OID"): item for item in root.iter(f"{_ODM}ItemDef")}
    problems = []
    known = set()
    for group in root.iter(f"{_ODM}ItemGroupDef"):
        name = group.get("Name", "")
        leaf = group.find(f"{_DEF}leaf")
        if leaf is None:
            if group.get(f"{_DEF}HasNoData") != "Yes":
                problems.append(f"{name}: define.xml names no file for it")
            continue
        href = leaf.get(_HREF, "")
        missing = unresolved_href(href, folder)
        if missing:
            problems.append(f"{name}: {href!r} {missing}")
            continue
        path = folder / unquote(href)
        known.add(path.resolve())
        problems += [f"{name}: {text}" for text in _differences(group, items, path, above)]
        for form in further_formats():
            path = (further or folder) / form.file(name)
            if path.is_file():
                known.add(path.resolve())
                problems += [f"{name}: {text}" for text in _differences(group, items, path, above)]
    for form, path in written_files(folder, further):
        if path.resolve() not in known:
            inside = folder if form is submitted() else further or folder
            problems.append(f"{path.relative_to(inside).as_posix()}: define.xml has no dataset with this file")
    return problems


def unresolved_href(href: str, folder: Path) -> str:
    """Why ``href`` is no file below ``folder``, '' where it is one."""
    parts = urlsplit(href)
    path = unquote(parts.path)
    if parts.scheme or parts.netloc or not path or path.startswith("/") or "\\" in path or ".." in path.split("/"):
        return "is not a file beside define.xml"
    here = folder
    for part in path.split("/"):
        if not here.is_dir() or part not in {p.name for p in here.iterdir()}:
            return "is not there"
        here = here / part
    return "" if here.is_file() else "is not a file"


def _differences(group: Any, items: dict[str | None, Any], path: Path, above: Mapping[str, str | None]) -> list[str]:
    form = format_of(path)
    try:
        data = form.describe(path)
    except InputError as error:
        return [f"{path.name} cannot be read as {form.title}: {error}"]
    oids = [(getattr(data, key), oid) for key, oid in above.items()] + [(data.group_oid, group.get("OID"))]
    found = [f"OID {oid!r} in define.xml, {stated!r} in {path.name}" for stated, oid in oids if stated not in ("", oid)]
    if data.name != group.get("SASDatasetName"):
        found.append(f"define.xml calls the dataset {group.get('SASDatasetName')!r}, {path.name} {data.name!r}")
    if data.label != _label(group):
        found.append(f"label {_label(group)!r} in define.xml, {data.label!r} in {path.name}")
    refs = [items.get(ref.get("ItemOID")) for ref in _in_order(group)]
    defined = {item.get("SASFieldName", ""): item for item in refs if item is not None}
    variables = {v.name: v for v in data.variables}
    names = list(variables)
    for name in [n for n in defined if n not in names]:
        found.append(f"{name} is in define.xml, not in {path.name}")
    for name in [n for n in names if n not in defined]:
        found.append(f"{name} is in {path.name}, not in define.xml")
    if set(defined) == set(names) and list(defined) != names:
        found.append(f"order {', '.join(defined)} in define.xml, {', '.join(names)} in {path.name}")
    for name, item in defined.items():
        variable = variables.get(name)
        if variable is None:
            continue
        if variable.oid not in ("", item.get("OID")):
            found.append(f"{name}: OID {item.get('OID')!r} in define.xml, {variable.oid!r} in {path.name}")
        if variable.label != _label(item):
            found.append(f"{name}: label {_label(item)!r} in define.xml, {variable.label!r} in {path.name}")
        kind = item.get("DataType", "")
        # a numeric SAS date is an integer with a display format; the date types are ISO 8601 text
        if variable.is_text == (kind in NUMERIC_TYPES):
            in_file = "character" if variable.is_text else "numeric"
            found.append(f"{name}: {kind} in define.xml, {in_file} in {path.name}")
        length, width = item.get("Length"), variable.width
        # the Length of a number is its digits: the conformance rules compare it with the values
        if variable.is_text and length is not None and width is not None and int(length) != width:
            found.append(f"{name}: length {length} in define.xml, {width} in {path.name}")
    return found


def _in_order(group: Any) -> list[Any]:
    return sorted(group.findall(f"{_ODM}ItemRef"), key=lambda ref: int(ref.get("OrderNumber", "0")))


def _label(element: Any) -> str:
    return element.findtext(f"{_ODM}Description/{_ODM}TranslatedText") or ""


@lru_cache(maxsize=2)
def _schema(*, analyses: bool) -> Any:
    """The schema of Define-XML; with ``analyses`` that of Analysis Results Metadata, which contains it."""
    etree = libxml()
    # the schema's parts name each other by relative path, so the whole folder must lie on disk
    names = ("cdisc-arm-1.0", "arm1-0-0.xsd") if analyses else ("cdisc-define-2.1", "define2-1-0.xsd")
    path = defineutils_file("validate", "schema", *names)
    return etree.XMLSchema(etree.parse(str(path), etree.XMLParser(no_network=True)))
