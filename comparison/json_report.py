"""The comparison as JSON, schema 1: every count in full, and the differences up to the limit of the options.

Not for people: text_report.py and html_report.py.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from .result import CellDifference, Comparison, DatasetResult, RecordsOfOneSide, RepeatedKeys


def json_report(comparison: Comparison) -> str:
    """Deterministic, in ASCII. A missing number is null, a missing text ''."""
    options = comparison.options
    document = {
        "schema": 1,
        "base": comparison.base,
        "compare": comparison.compare,
        "options": {
            "criterion": options.criterion,
            "method": "relative" if options.relative else "absolute",
            "ignore": sorted(options.ignore),
            "limit": options.limit,
        },
        "summary": {
            "equal": comparison.equal,
            "differences": comparison.differences,
            "accepted": comparison.accepted,
            "stale": len(comparison.stale),
            "datasets": len(comparison.datasets),
            "different": [d.name for d in comparison.datasets if d.differences],
        },
        "datasets": [_dataset(d) for d in comparison.datasets],
        "accepted": [asdict(e) for e in comparison.entries],
    }
    return json.dumps(document, indent=1, allow_nan=False)


def _dataset(result: DatasetResult) -> dict[str, Any]:
    return {
        "name": result.name,
        "files": {"base": result.base_file or None, "compare": result.compare_file or None},
        "keys": list(result.keys),
        "keys_from": result.keys_from,
        "differences": result.differences,
        "accepted": result.accepted,
        "notes": result.notes,
        "records": {"base": result.base_records, "compare": result.compare_records, "common": result.common},
        "attributes": [asdict(a) for a in result.attributes],
        "repeated_keys": {"base": _repeated(result.repeated_base), "compare": _repeated(result.repeated_compare)},
        "only_in_base": _records(result.only_base),
        "only_in_compare": _records(result.only_compare),
        "cells": {
            "compared": result.cells_compared,
            "different": result.cells_different,
            "accepted": result.cells_accepted,
            "listed": [_cell(c) for c in (*result.cells, *result.accepted_cells)],
        },
        "variables": [{**asdict(v), "share_equal": v.share_equal} for v in result.variables],
    }


def _records(records: RecordsOfOneSide) -> dict[str, Any]:
    listed = [{"key": r.key, "reason": r.reason} for r in (*records.listed, *records.listed_accepted)]
    return {"count": records.count, "accepted": records.accepted, "listed": listed}


def _repeated(repeated: RepeatedKeys) -> dict[str, Any]:
    listed = [{"key": key, "records": count} for key, count in repeated.listed]
    return {"keys": repeated.keys, "records": repeated.records, "reason": repeated.reason, "listed": listed}


def _cell(cell: CellDifference) -> dict[str, Any]:
    return {
        "key": cell.key, "variable": cell.variable, "base": cell.base, "compare": cell.compare, "reason": cell.reason
    }  # fmt: skip
