"""Analysis Results Metadata 1.0 of a define.xml: arm:ResultDisplay with its results, datasets, documentation and code.

OIDs consist of the identifiers of the study: ARD.T-ORR, AR.T-ORR.RATE. Not for planning the analyses
(engine/plan/analyses.py).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..engine.plan.displays import AnalysisDataset, AnalysisResult, Display
from ..errors import OutputError
from ..transport.oids import item_group_oid, item_oid
from .items import ItemTable


def result_displays(displays: Iterable[Display], items: ItemTable) -> list[dict[str, Any]]:
    """The arm:ResultDisplays. Their where clauses, comments and documents are collected with those of ``items``.

    Raises OutputError for a dataset or variable that the document does not have.
    """
    return [
        {
            "attributes": {"OID": f"ARD.{display.id}", "Name": display.name},
            "description": display.description,
            "documents": items.documents.references(display.documents),
            "results": [_result(display, result, items) for result in display.results],
        }
        for display in displays
    ]


def _result(display: Display, result: AnalysisResult, items: ItemTable) -> dict[str, Any]:
    name = f"{display.id}.{result.id}"
    dataset, _, code = result.parameter.rpartition(".")
    return {
        "attributes": {
            "OID": f"AR.{name}",
            "ParameterOID": item_oid(dataset, code) if code else "",
            "AnalysisReason": result.reason,
            "AnalysisPurpose": result.purpose,
        },
        "description": result.description,
        "comment": items.comments.oid(result.join, f"AR.{name}", result.join_documents),
        "datasets": [_dataset(name, part, items) for part in result.datasets],
        "documentation": result.documentation,
        "documents": items.documents.references(result.documents),
        "code": result.code,
        "context": result.code_context,
        "code_documents": items.documents.references(result.code_documents),
    }


def _dataset(name: str, part: AnalysisDataset, items: ItemTable) -> dict[str, Any]:
    known = items.variables.get(part.dataset)
    unknown = [v for v in part.variables if known is None or v not in known]
    if known is None or unknown:
        raise OutputError(f"{name}: {', '.join([part.dataset, *unknown])} is not in this define.xml")
    return {
        "group_oid": item_group_oid(part.dataset),
        "where_oid": items.where(part.dataset, part.where, f"analysis {name}") if part.where else "",
        "variables": [item_oid(part.dataset, v) for v in part.variables],
    }
