"""The comparison of two runs as text and as JSON (schema 1). Not for comparing (compare_runs.py)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from .compare_runs import DatasetChange, RunComparison, VariableChange
from .run_causes import Cause, FileChange
from .run_folder import RunFolder
from .value_text import counted, difference_text, shown

NO_CAUSE = "not explained: no rule, raw file, spec, input, version or option of it has changed"


def run_text(comparison: RunComparison, show: int = 20) -> str:
    """``show``: how many records and cells are printed for each dataset, 0 for all that are listed."""
    lines = [_side("OLD", comparison.old), _side("NEW", comparison.new)]
    lines += _files("input", comparison.causes.inputs) + _files("spec", comparison.causes.specs)
    lines += [f"{c.kind} {c.what}: {c.old or 'none'} -> {c.new or 'none'}" for c in comparison.causes.settings]
    if comparison.findings is not None:
        lines.append(f"findings: {comparison.findings.came:,} new, {comparison.findings.resolved:,} resolved")
    for dataset in comparison.datasets:
        lines += ["", *_dataset(dataset, show)]
    return "\n".join([*lines, "", run_verdict(comparison)])


def run_verdict(comparison: RunComparison) -> str:
    """One sentence: equal or not, in how many datasets, and what is not explained."""
    if comparison.equal:
        return f"EQUAL: {counted(len(comparison.compared), 'dataset')} compared"
    names = ", ".join(d.name for d in comparison.datasets)
    text = f"DIFFERENT: {len(comparison.datasets)} of {counted(len(comparison.compared), 'dataset')} ({names})"
    if comparison.unexplained:
        return f"{text}; not explained: {', '.join(comparison.unexplained)}"
    return f"{text}; each change is explained"


def _side(side: str, run: RunFolder) -> str:
    manifest = run.manifest
    return f"{side}  {run.out}  {manifest.study}, declared {manifest.declared}, raw2adam {manifest.version}"


def _files(kind: str, changes: list[FileChange]) -> list[str]:
    return [f"{kind} {c.name}: {c.change}" for c in changes]


def _dataset(change: DatasetChange, show: int) -> Iterator[str]:
    if change.side:
        yield f"{change.name}  only in {change.side}, {counted(change.old_records or change.new_records, 'record')}"
        yield from _causes(change.causes, "  ")
        return
    yield f"{change.name}  {change.old_records:,} records in OLD, {change.new_records:,} in NEW"
    for side, (count, keys) in (("OLD", change.only_old), ("NEW", change.only_new)):
        if count:
            listed = keys[: show or None]
            yield f"  {counted(count, 'record')} only in {side}"
            yield from (f"    {k}" for k in listed)
            if count > len(listed):
                yield f"    ... and {count - len(listed):,} more"
    if change.records_differ:
        yield from _causes(change.causes, "    ")
    share = max(1, show // max(1, len(change.variables))) if show else 0
    for variable in change.variables:
        yield from _variable(variable, share)


def _variable(change: VariableChange, show: int) -> Iterator[str]:
    if change.side:
        yield f"  {change.name}: only in {change.side}"
    else:
        yield f"  {change.name}: {change.different:,} of {change.compared:,} values differ"
    yield from _causes(change.causes, "    ")
    listed = change.cells[: show or None]
    for cell in listed:
        more = difference_text(cell.old, cell.new)
        yield (
            f"      {cell.keys}: {shown(cell.old, cell.format)} -> {shown(cell.new, cell.format)}"
            + (f"  ({more})" if more else "")
        )
    if change.different > len(listed):
        yield f"      ... and {change.different - len(listed):,} more"


def _causes(causes: list[Cause], indent: str) -> Iterator[str]:
    if not causes:
        yield f"{indent}{NO_CAUSE}"
    for cause in causes:
        through = f", through {cause.through}" if cause.through else ""
        yield f"{indent}because: {cause_words(cause)}{through}"
        if cause.kind == "rule":
            yield from (f"{indent}  {s}: {t}" for s, t in (("OLD", cause.old), ("NEW", cause.new)) if t)


def cause_words(cause: Cause) -> str:
    """A cause in a few words."""
    if cause.kind == "rule":
        return f"its rule is another one, {cause.what}" if cause.old and cause.new else f"rule {cause.what}"
    if cause.kind == "raw":
        return f"the raw file {cause.what} has changed" + (f", column {cause.column}" if cause.column else "")
    if cause.kind in ("option", "version"):
        return f"{cause.kind} {cause.what}: {cause.old or 'none'} -> {cause.new or 'none'}"
    return f"the {cause.kind} {cause.what} has changed"


def run_json(comparison: RunComparison) -> str:
    """Deterministic, in ASCII. A missing number is null, a missing text ''."""
    findings = comparison.findings
    document = {
        "schema": 1,
        "kind": "runs",
        "old": _about(comparison.old),
        "new": _about(comparison.new),
        "equal": comparison.equal,
        "unexplained": comparison.unexplained,
        "inputs": [asdict(c) for c in comparison.causes.inputs],
        "specs": [asdict(c) for c in comparison.causes.specs],
        "settings": [asdict(c) for c in comparison.causes.settings],
        "findings": None if findings is None else {"new": findings.came, "resolved": findings.resolved},
        "compared": comparison.compared,
        "datasets": [_json(d) for d in comparison.datasets],
    }
    return json.dumps(document, indent=1, allow_nan=False)


def _about(run: RunFolder) -> dict[str, Any]:
    manifest = run.manifest
    return {
        "folder": str(run.out), "study": manifest.study, "declared": manifest.declared, "version": manifest.version
    }  # fmt: skip


def _json(change: DatasetChange) -> dict[str, Any]:
    records = {"old": change.old_records, "new": change.new_records}
    for side, (count, keys) in (("only_old", change.only_old), ("only_new", change.only_new)):
        records[side] = {"count": count, "listed": keys}  # pyright: ignore[reportArgumentType]
    return {
        "name": change.name,
        "side": change.side,
        "records": records,
        "causes": [asdict(c) for c in change.causes],
        "variables": [asdict(v) for v in change.variables],
    }
