"""Displays and their results: which records and variables of which datasets an analysis uses, and how.

Not for planning them from the files of a study (analyses.py).
"""

from __future__ import annotations

from dataclasses import dataclass

from ...mappings.facts.document_pages import DocumentPages
from ..tables.dataset import RangeCheck


@dataclass(frozen=True)
class AnalysisDataset:
    """The records of a dataset that an analysis uses, and its analysis variables."""

    dataset: str
    where: tuple[RangeCheck, ...] = ()
    variables: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class AnalysisResult:
    """One result. ``parameter``: the variable with the code of its parameter, DATASET.NAME, '' for none."""

    id: str
    description: str
    reason: str
    purpose: str
    parameter: str = ""
    datasets: tuple[AnalysisDataset, ...] = ()
    join: str = ""
    join_documents: tuple[DocumentPages, ...] = ()
    documentation: str = ""
    documents: tuple[DocumentPages, ...] = ()
    code: str = ""
    code_context: str = ""
    code_documents: tuple[DocumentPages, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Display:
    """A table or figure with its results."""

    id: str
    name: str
    description: str
    documents: tuple[DocumentPages, ...] = ()
    results: tuple[AnalysisResult, ...] = ()
