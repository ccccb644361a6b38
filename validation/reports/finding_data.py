"""The data of the findings page: columns of numbers into lists of different texts, as JSON, deflated, in base64.

Base64 has no character that ends a script element, so no text of the data can become markup. templates/
findings_data.html.j2 reads it. Not for the layout of the page.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ...findings.catalogue import rule_of
from .finding_lines import FindingLines, Use, texts
from .finding_traces import Traces
from .page import printable

#: columns of the block that are texts of the table of findings; those after the first nine may be absent from it
TEXTS = ("severity", "rule", "subject", "value", "message", "source", "file", "column",
         "keys", "id", "state", "disposition", "explanation")  # fmt: skip
_LEVEL = 6


@dataclass(frozen=True)
class Columns:
    """What the page lists. ``shown``: the lines in the block, by their numbers, in order. ``site``: of each finding."""

    table: Any
    lines: FindingLines
    shown: np.ndarray
    site: np.ndarray


def packed(data: Any) -> str:
    """``data`` as JSON in ASCII, deflated without a header, in base64."""
    text = json.dumps(data, separators=(",", ":"), ensure_ascii=True).encode("ascii")
    engine = zlib.compressobj(_LEVEL, zlib.DEFLATED, -15)
    return base64.b64encode(engine.compress(text) + engine.flush()).decode("ascii")


def unpacked(block: str) -> Any:
    """The data of a block."""
    return json.loads(zlib.decompress(base64.b64decode(block), -15))


def finding_data(columns: Columns, traces: Traces) -> dict[str, Any]:
    """The block: ``total`` findings; ``texts``: column -> {t: different texts, c: number of the text of each line}.

    ``numbers``: column -> number of each line (row, sequence: -1 for none; count: findings; cause: position of the
    line of the cause, -1 for none). ``uses``: different lists of [dataset, variable, findings], ``c`` their number for
    each line. ``several``: line -> the sequences of its uses, for lines with several findings. ``rules``, ``spec``,
    ``reached``: what the page shows of a rule, a variable and a raw column.
    """
    table, lines, shown = columns.table, columns.lines, columns.shown
    at = lines.first[shown]
    block: dict[str, Any] = {"total": len(table), "detailed": int(lines.counts[shown].sum()), "lines": len(shown)}
    block["texts"] = {n: _coded(texts(table, n)[at], printable) for n in TEXTS if n in table}
    block["texts"]["site"] = _coded(columns.site[at], printable)
    block["texts"]["message"] = _coded(_messages(table, lines)[shown], printable)
    place = np.full(len(lines.first), -1, dtype="int64")
    place[shown] = np.arange(len(shown))
    cause = lines.cause[shown]
    block["numbers"] = {
        "row": np.asarray(table["row"], dtype="int64")[at].tolist(),
        "sequence": np.asarray(table["sequence"], dtype="int64")[at].tolist(),
        "count": lines.counts[shown].tolist(),
        "cause": np.where(cause >= 0, place[np.maximum(cause, 0)], -1).tolist(),
    }
    several = {int(place[line]): uses for line, uses in lines.uses.items() if place[line] >= 0}
    block["uses"] = _uses(table, at, several)
    block["several"] = {str(i): [u.sequence for u in uses] for i, uses in sorted(several.items())}
    block["rules"] = {r: _rule(r) for r in block["texts"]["rule"]["t"]}
    block |= _traces(block, traces, at, table)
    return block


def _coded(values: np.ndarray, shown: Callable[[str], str]) -> dict[str, Any]:
    codes, different = pd.factorize(values)
    return {"t": [shown(str(t)) for t in different.tolist()], "c": codes.tolist()}


def _messages(table: Any, lines: FindingLines) -> np.ndarray:
    """The message of each line."""
    messages = texts(table, "message")[lines.first]
    for line, message in lines.messages.items():
        messages[line] = message
    return messages


def _uses(table: Any, at: np.ndarray, several: Mapping[int, Sequence[Use]]) -> dict[str, Any]:
    """The different uses, and their number for each line. ``at``: first findings; ``several``: line -> its uses."""
    codes, pairs = _paired(texts(table, "dataset")[at], texts(table, "variable")[at])
    different: dict[tuple[tuple[str, str, int], ...], int] = {}
    for dataset, variable in pairs:
        different.setdefault(((printable(dataset), printable(variable), 1),), len(different))
    known = np.array([different[(printable(d), printable(v), 1),] for d, v in pairs], dtype="int64")
    out = known[codes] if len(pairs) else codes
    for i, uses in several.items():
        key = tuple((printable(u.dataset), printable(u.variable), u.findings) for u in uses)
        out[i] = different.setdefault(key, len(different))
    return {"t": [[list(u) for u in uses] for uses in different], "c": out.tolist()}


def _paired(one: np.ndarray, other: np.ndarray) -> tuple[np.ndarray, list[tuple[str, str]]]:
    """(the number of the pair in each row, the different pairs)."""
    (a, names), (b, others) = pd.factorize(one), pd.factorize(other)
    width = max(len(others), 1)
    codes, pairs = pd.factorize(a.astype("int64") * width + b)
    return codes, [(str(names[p // width]), str(others[p % width])) for p in pairs.tolist()]


def _rule(name: str) -> dict[str, Any]:
    rule = rule_of(name)
    published: Sequence[str] = getattr(rule, "published", ())
    return {"title": rule.title, "do": rule.do, "source": rule.source, "published": list(published)}


def _traces(block: Mapping[str, Any], traces: Traces, at: np.ndarray, table: Any) -> dict[str, Any]:
    """``spec``: DATASET.VARIABLE -> spec lines; ``reached``: source -> column -> variables; ``declared``: of sources.

    ``sequences``: dataset -> variable that numbers its records; ``traced``: datasets that raw2adam trace knows.
    """
    wanted = sorted({(u[0], u[1]) for uses in block["uses"]["t"] for u in uses})
    _, pairs = _paired(texts(table, "source")[at], texts(table, "column")[at])
    reached: dict[str, dict[str, list[str]]] = {}
    for source, column in sorted(pairs):
        if found := traces.reached.get((source, column)):
            reached.setdefault(printable(source), {})[printable(column)] = list(found)
    datasets = {d for d, _ in wanted} | {v.partition(".")[0] for c in reached.values() for vs in c.values() for v in vs}
    return {
        "spec": {f"{d}.{v}": list(traces.spec_lines[d, v]) for d, v in wanted if (d, v) in traces.spec_lines},
        "reached": reached,
        "declared": {s: traces.declared[s] for s in block["texts"]["source"]["t"] if s in traces.declared},
        "sequences": {d: traces.sequences[d] for d in sorted(datasets) if d in traces.sequences},
        "traced": sorted(d for d in datasets if d in traces.datasets),
    }
