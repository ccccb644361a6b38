"""Reads the Analysis Results Metadata 1.0 of a define.xml. Not for the rest of it (reading.py)."""

from __future__ import annotations

from typing import Any

from .content import AnalysisDataset, AnalysisResult, ResultDisplay
from .reading_parts import Parts, described

_ARM = "{http://www.cdisc.org/ns/arm/v1.0}"


def result_displays(version: Any, parts: Parts) -> tuple[ResultDisplay, ...]:
    """The displays of a MetaDataVersion with their results."""
    return tuple(
        ResultDisplay(
            oid=element.get("OID", ""),
            name=element.get("Name", ""),
            description=described(element),
            documents=parts.documents(element),
            results=tuple(_result(e, parts) for e in element.findall(f"{_ARM}AnalysisResult")),
        )
        for element in version.iter(f"{_ARM}ResultDisplay")
    )


def _result(element: Any, parts: Parts) -> AnalysisResult:
    datasets = element.find(f"{_ARM}AnalysisDatasets")
    about = element.find(f"{_ARM}Documentation")
    program = element.find(f"{_ARM}ProgrammingCode")
    return AnalysisResult(
        oid=element.get("OID", ""),
        description=described(element),
        parameter=element.get("ParameterOID", ""),
        reason=element.get("AnalysisReason", ""),
        purpose=element.get("AnalysisPurpose", ""),
        comment=parts.attribute(datasets, "CommentOID") if datasets is not None else "",
        datasets=tuple(
            AnalysisDataset(
                e.get("ItemGroupOID", ""),
                tuple(w.get("WhereClauseOID", "") for w in e.findall(f"{parts.prefix}WhereClauseRef")),
                tuple(v.get("ItemOID", "") for v in e.findall(f"{_ARM}AnalysisVariable")),
            )
            for e in element.iter(f"{_ARM}AnalysisDataset")
        ),
        documentation=described(about) if about is not None else "",
        documents=parts.documents(about) if about is not None else (),
        code_context=program.get("Context", "") if program is not None else "",
        code=(program.findtext(f"{_ARM}Code") or "") if program is not None else "",
        code_documents=parts.documents(program) if program is not None else (),
    )
