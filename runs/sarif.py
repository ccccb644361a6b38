"""The findings of a check as SARIF 2.1.0, which code hosts and editors read.

One result for each cause; what follows from it is among its relatedLocations. Not for JSON and text (check_output.py).
Source: OASIS, Static Analysis Results Interchange Format (SARIF) 2.1.0.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from .. import __version__
from ..findings.catalogue import rule_of
from .check import CheckResult
from .check_output import consequences

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_FOLDED = 100
_NAMES = ("rule", "severity", "dataset", "subject", "sequence", "variable", "value", "message", "keys", "id")


def check_sarif(result: CheckResult) -> bytes:
    """The log in ASCII, one result a line. It does not depend on the clock."""
    table: Any = result.findings.frame()
    cause = consequences(table)
    rows = [dict(zip(_NAMES, row, strict=True)) for row in zip(*(table[n].tolist() for n in _NAMES), strict=True)]
    folded: dict[str, list[dict[str, Any]]] = {}
    for row, of in zip(rows, cause.tolist(), strict=True):
        if of:
            folded.setdefault(of, []).append(row)
    rules = sorted({row["rule"] for row in rows})
    index = {rule: number for number, rule in enumerate(rules)}
    files = _files(result)
    confirmed = result.core.confirmed if result.core is not None else {}
    results = [
        _result(row, index, files, folded.get(row["id"], []), confirmed.get(row["id"], ()))
        for row, of in zip(rows, cause.tolist(), strict=True)
        if not of
    ]
    head = {
        "tool": {"driver": {"name": "raw2adam", "version": __version__, "rules": [_rule(rule) for rule in rules]}},
        "artifacts": [{"location": {"uri": uri}} for uri in sorted(set(files.values()))],
        "columnKind": "unicodeCodePoints",
    }
    lines = ",\n".join(json.dumps(one) for one in results)
    text = f'{{"$schema": {json.dumps(SCHEMA)}, "version": "2.1.0", "runs": [{json.dumps(head)[:-1]}, "results": [\n'
    return (text + lines + "\n]}]}\n").encode("ascii")


def _files(result: CheckResult) -> dict[str, str]:
    """Dataset -> its file relative to what was checked, as a URI; 'define' of a standard for its define.xml."""
    found: dict[str, str] = {}
    for package in result.read.packages:
        for name, path in package.files.items():
            found[name] = _uri(result, path)
        if package.define is not None and package.folder is not None:
            found.setdefault("", _uri(result, package.folder / "define.xml"))
    return found


def _uri(result: CheckResult, path: Any) -> str:
    try:
        return quote(path.relative_to(result.read.root).as_posix())
    except ValueError:
        return quote(path.name)


def _rule(id_: str) -> dict[str, Any]:
    about = rule_of(id_)
    properties: dict[str, Any] = {"tags": list(about.published)} if about.published else {}
    if about.source:
        properties["source"] = about.source
    return {
        "id": id_,
        "shortDescription": {"text": about.title},
        "help": {"text": about.do},
        "defaultConfiguration": {"level": about.severities[0]},
        **({"properties": properties} if properties else {}),
    }


def _result(
    row: Mapping[str, Any],
    index: Mapping[str, int],
    files: Mapping[str, str],
    folded: list[dict[str, Any]],
    confirmed: tuple[str, ...],
) -> dict[str, Any]:
    related = [
        {**_location(one, files), "id": number, "message": {"text": one["message"] or one["rule"]}}
        for number, one in enumerate(folded[:_FOLDED], 1)
    ]
    properties = {n: row[n] for n in ("dataset", "subject", "variable", "value", "keys") if row[n]}
    if row["sequence"] >= 0:
        properties["sequence"] = row["sequence"]
    if folded:
        properties["follow"] = len(folded)
    if confirmed:
        properties["confirmedBy"] = list(confirmed)
    return {
        "ruleId": row["rule"],
        "ruleIndex": index[row["rule"]],
        "level": row["severity"],
        "message": {"text": row["message"] or rule_of(row["rule"]).title},
        "locations": [_location(row, files)],
        "partialFingerprints": {"raw2adam/v1": row["id"]},
        **({"relatedLocations": related} if related else {}),
        "properties": properties,
    }


def _location(row: Mapping[str, Any], files: Mapping[str, str]) -> dict[str, Any]:
    """The file, and the dataset, variable and record as a logical location."""
    uri = files.get(row["dataset"]) or files.get("")
    name = ".".join(p for p in (row["dataset"], row["variable"]) if p) or row["rule"]
    record = "; ".join(_record(row))
    logical = {"name": name, "fullyQualifiedName": f"{name}[{record}]" if record else name, "kind": "member"}
    physical = {"physicalLocation": {"artifactLocation": {"uri": uri}}} if uri else {}
    return {**physical, "logicalLocations": [logical]}


def _record(row: Mapping[str, Any]) -> Iterator[str]:
    if row["keys"]:
        yield row["keys"]
    elif row["subject"]:
        yield f"USUBJID={row['subject']}"
    if row["sequence"] >= 0:
        yield f"--SEQ={row['sequence']}"
