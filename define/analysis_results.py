"""Analysis Results Metadata 1.0 of a define.xml: arm:ResultDisplay with its results, datasets, documentation and code.

OIDs consist of the identifiers of the study: ARD.T-ORR, AR.T-ORR.RATE. Not for planning the analyses
(engine/plan/analyses.py).
"""

from __future__ import annotations

from collections.abc import Iterable

from ..engine.plan import displays as planned
from ..errors import OutputError
from ..transport.oids import item_group_oid, item_oid
from .content import AnalysisDataset, AnalysisResult, ResultDisplay
from .items import ItemTable


def result_displays(displays: Iterable[planned.Display], items: ItemTable) -> tuple[ResultDisplay, ...]:
    """The displays with their results. Their where clauses, comments and documents are collected with ``items``.

    Raises OutputError for a dataset or variable that the document does not have.
    """
    return tuple(
        ResultDisplay(
            oid=f"ARD.{display.id}",
            name=display.name,
            description=display.description,
            documents=items.documents.references(display.documents),
            results=tuple(_result(display, result, items) for result in display.results),
        )
        for display in displays
    )


def _result(display: planned.Display, result: planned.AnalysisResult, items: ItemTable) -> AnalysisResult:
    name = f"{display.id}.{result.id}"
    dataset, _, code = result.parameter.rpartition(".")
    return AnalysisResult(
        oid=f"AR.{name}",
        parameter=item_oid(dataset, code) if code else "",
        reason=result.reason,
        purpose=result.purpose,
        description=result.description,
        comment=items.comments.oid(result.join, f"AR.{name}", result.join_documents),
        datasets=tuple(_dataset(name, part, items) for part in result.datasets),
        documentation=result.documentation,
        documents=items.documents.references(result.documents),
        code=result.code,
        code_context=result.code_context,
        code_documents=items.documents.references(result.code_documents),
    )


def _dataset(name: str, part: planned.AnalysisDataset, items: ItemTable) -> AnalysisDataset:
    known = items.variables.get(part.dataset)
    unknown = [v for v in part.variables if known is None or v not in known]
    if known is None or unknown:
        raise OutputError(f"{name}: {', '.join([part.dataset, *unknown])} is not in this define.xml")
    return AnalysisDataset(
        item_group_oid(part.dataset),
        (items.where(part.dataset, part.where, f"analysis {name}"),) if part.where else (),
        tuple(item_oid(part.dataset, v) for v in part.variables),
    )
