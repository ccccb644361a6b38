"""The comparison of two runs as one HTML page: each changed variable with what explains it, and the findings by state.

Not for comparing (compare_runs.py) nor for the text and JSON of it (run_report.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from ..conformance.language import read as _conformance  # noqa: F401 - its rules are read at first need
from ..engine.subjects.sites import Sites
from ..findings.review import NEW, RECURRING, RESOLVED
from ..output_folder.notice import notice_file, notice_text
from ..validation.reports.changes import in_order, listed_changes, remembered_table
from ..validation.reports.finding_traces import Traces
from ..validation.reports.page import html_page, printable
from .compare_runs import DatasetChange, FindingChanges, RunComparison, VariableChange
from .run_causes import Cause
from .run_folder import RunFolder
from .run_report import NO_CAUSE, cause_words, run_verdict
from .value_text import counted, difference_text, shown

#: cells and records that the page shows of one variable or dataset
MOST = 100
#: kind of a cause -> its name in the filter
_KINDS = {
    "rule": "a rule of the spec", "raw": "a raw file", "spec": "a spec", "input": "another input",
    "option": "an option", "version": "a version", "": "nothing that is known",
}  # fmt: skip


def run_page(comparison: RunComparison) -> bytes:
    """The page in UTF-8. It has up to MOST cells of each variable, and all findings of both runs."""
    lines = [line for d in comparison.datasets for line in _lines(d)]
    kinds = {k for line in lines for k in line["kinds"]}
    causes = comparison.causes
    files = [(f"input {c.name}", c.change) for c in causes.inputs] + [
        (f"spec {c.name}", c.change) for c in causes.specs
    ]
    files += [(f"{c.kind} {c.what}", f"{c.old or 'none'} -> {c.new or 'none'}") for c in causes.settings]
    findings = comparison.findings
    return html_page(
        "run_diff.html.j2", __package__ or "raw2adam.comparison", head=_head(comparison.old, comparison.new),
        title="What changed between two runs", lead=[], verdict=printable(run_verdict(comparison)),
        equal=comparison.equal, explained=not comparison.unexplained, compared=len(comparison.compared),
        datasets=[printable(d.name) for d in comparison.datasets], lines=lines,
        files=[(printable(a), printable(b)) for a, b in files],
        kinds=[(k, name) for k, name in _KINDS.items() if k in kinds],
        changes=sorted({line["change"] for line in lines}),
        with_findings=findings is not None, beside=False, **listed_changes(_table(findings), Sites(), Traces()),
    )  # fmt: skip


def _head(old: RunFolder, new: RunFolder) -> dict[str, Any]:
    sides = (("OLD", old), ("NEW", new))
    facts = [(s, f"{r.out}, as of {r.manifest.declared[:10]}, raw2adam {r.manifest.version}") for s, r in sides]
    studies = " and ".join(dict.fromkeys(r.manifest.study for _, r in sides))
    notices = dict.fromkeys(filter(None, (notice_text(notice_file(r.out)) for _, r in sides)))
    lines = [(s, printable(t)) for s, t in facts]
    return {
        "study": printable(studies),
        "title": "",
        "notice": printable(" ".join(notices)),
        "facts": lines,
        "pages": [],
    }


def _table(changes: FindingChanges | None) -> pd.DataFrame:
    """The findings of both runs with their states."""
    old, new = (changes.old, changes.new) if changes is not None else ({}, {})
    states = {
        NEW: [f for i, f in new.items() if i not in old],
        RECURRING: [f for i, f in new.items() if i in old],
        RESOLVED: [f for i, f in old.items() if i not in new],
    }
    return in_order(pd.concat([remembered_table(f, s) for s, f in states.items()], ignore_index=True))


def _lines(change: DatasetChange) -> Iterator[dict[str, Any]]:
    """One line for the records of a dataset that one run alone has, and one for each variable that differs."""
    if change.side:
        count = counted(change.old_records or change.new_records, "record")
        yield _line(change.name, "", f"dataset only in {change.side}", count, change.causes, [])
        return
    if change.records_differ:
        sides = (("OLD", change.only_old), ("NEW", change.only_new))
        words = ", ".join(f"{n:,} only in {side}" for side, (n, _) in sides if n)
        records = [[printable(k), f"only in {side}", ""] for side, (_, keys) in sides for k in keys[:MOST]]
        yield _line(change.name, "", "records", words, change.causes, records)
    for variable in change.variables:
        yield _variable(change.name, variable)


def _variable(dataset: str, change: VariableChange) -> dict[str, Any]:
    if change.side:
        return _line(dataset, change.name, f"variable only in {change.side}", "", change.causes, [])
    words = f"{change.different:,} of {change.compared:,} differ"
    cells = [
        [printable(c.keys), f"{shown(c.old, c.format)} -> {shown(c.new, c.format)}", difference_text(c.old, c.new)]
        for c in change.cells[:MOST]
    ]
    return _line(dataset, change.name, "values", words, change.causes, cells)


def _line(
    dataset: str, variable: str, change: str, words: str, causes: list[Cause], cells: list[list[str]]
) -> dict[str, Any]:
    because = [
        {
            "text": printable(cause_words(c) + (f", through {c.through}" if c.through else "")),
            "sides": [(s, printable(t)) for s, t in (("OLD", c.old), ("NEW", c.new)) if t and c.kind == "rule"],
        }
        for c in causes
    ]
    return {
        "dataset": printable(dataset), "variable": printable(variable), "change": change, "words": words,
        "because": because or [{"text": NO_CAUSE, "sides": []}], "cells": cells,
        "kinds": list(dict.fromkeys(c.kind for c in causes)) or [""],
    }  # fmt: skip
