"""The elements of Analysis Results Metadata 1.0 in a define.xml. Not for the rest of define.xml (writing.py)."""

from __future__ import annotations

from .content import AnalysisDataset, AnalysisResult, ResultDisplay
from .markup import Element, Parts, element


def result_display(display: ResultDisplay, parts: Parts) -> Element:
    """arm:ResultDisplay with its results."""
    found = element("arm:ResultDisplay", {"OID": display.oid, "Name": display.name})
    found.add(parts.described(display.description), *parts.documents(display.documents))
    found.add(*(_result(r, parts) for r in display.results))
    return found


def _result(result: AnalysisResult, parts: Parts) -> Element:
    attributes = {
        "OID": result.oid,
        "ParameterOID": result.parameter,
        "AnalysisReason": result.reason,
        "AnalysisPurpose": result.purpose,
    }
    found = element("arm:AnalysisResult", attributes)
    datasets = element("arm:AnalysisDatasets", {"def:CommentOID": result.comment})
    datasets.add(*map(_dataset, result.datasets))
    found.add(parts.described(result.description), datasets)
    if result.documentation or result.documents:
        about = element("arm:Documentation")
        about.add(parts.described(result.documentation), *parts.documents(result.documents))
        found.add(about)
    if result.code_context or result.code or result.code_documents:
        program = element("arm:ProgrammingCode", {"Context": result.code_context})
        program.add(element("arm:Code", text=result.code) if result.code else None)
        program.add(*parts.documents(result.code_documents))
        found.add(program)
    return found


def _dataset(dataset: AnalysisDataset) -> Element:
    found = element("arm:AnalysisDataset", {"ItemGroupOID": dataset.dataset})
    found.add(*(element("def:WhereClauseRef", {"WhereClauseOID": oid}) for oid in dataset.where))
    found.add(*(element("arm:AnalysisVariable", {"ItemOID": oid}) for oid in dataset.variables))
    return found
