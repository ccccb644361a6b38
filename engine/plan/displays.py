"""Displays and their results: which records and variables of which datasets an analysis uses, and how.

Not for planning them from the files of a study (analyses.py).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ...mappings.facts.document_pages import DocumentPages
from ...mappings.models.analysis_groups import DisplayGroups
from ...mappings.models.statistic import StatisticSpec
from ..tables.dataset import RangeCheck


@dataclass(frozen=True)
class AnalysisDataset:
    """The records of a dataset that an analysis uses, and its analysis variables."""

    dataset: str
    where: tuple[RangeCheck, ...] = ()
    variables: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class AnalysisResult:
    """One result. ``parameter``: the variable with the code of its parameter, DATASET.NAME, '' for none.

    ``statistic``: None for a result that is described only.
    """

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
    statistic: StatisticSpec | None = None


@dataclass(frozen=True, kw_only=True)
class Display:
    """A table or figure with its results. ``groups``: the subjects that its statistics count."""

    id: str
    name: str
    description: str
    documents: tuple[DocumentPages, ...] = ()
    results: tuple[AnalysisResult, ...] = ()
    groups: DisplayGroups = field(default_factory=DisplayGroups)
