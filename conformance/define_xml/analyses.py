"""Checks of Analysis Results Metadata 1.0 within a define.xml: references, texts and terms."""

from __future__ import annotations

from collections.abc import Iterator

from ...define.content import AnalysisResult, ResultDisplay
from ...mappings.facts.facts import codelist
from .check import DefineProblem, DefineView, Needs, define_check


def _results(view: DefineView) -> Iterator[tuple[ResultDisplay, AnalysisResult]]:
    yield from ((display, result) for display in view.content.displays for result in display.results)


@define_check(Needs.ANALYSES)
def analysis_datasets(view: DefineView) -> Iterator[DefineProblem]:
    """An analysis uses datasets of define.xml."""
    known = {d.oid for d in view.content.datasets}
    for _, result in _results(view):
        if not result.datasets:
            yield DefineProblem(message="the analysis names no dataset", place=result.oid)
        for part in result.datasets:
            if part.dataset not in known:
                message, gone = "no ItemGroupDef has this OID", view.undescribed
                yield DefineProblem(message=message, dataset=gone, value=part.dataset, place=result.oid)


@define_check(Needs.ANALYSES)
def analysis_variables(view: DefineView) -> Iterator[DefineProblem]:
    """An analysis variable is a variable of its dataset."""
    items = {d.oid: (d.name, {i.oid for i in d.items}) for d in view.content.datasets}
    for _, result in _results(view):
        for part in result.datasets:
            name, known = items.get(part.dataset, ("", set()))
            for oid in part.variables:
                if name and oid not in known:
                    message = "the dataset of the analysis has no variable with this OID"
                    yield DefineProblem(message=message, dataset=name, value=oid, place=result.oid)


@define_check(Needs.ANALYSES)
def analysis_parameters(view: DefineView) -> Iterator[DefineProblem]:
    """The ParameterOID of an analysis is a variable of one of its datasets."""
    items = {d.oid: {i.oid for i in d.items} for d in view.content.datasets}
    for _, result in _results(view):
        known = set().union(*(items.get(part.dataset, set()) for part in result.datasets))
        whole = all(part.dataset in items for part in result.datasets)  # else analysis_datasets reports it
        if result.parameter and whole and result.parameter not in known:
            message = "no dataset of the analysis has a variable with this OID"
            yield DefineProblem(message=message, value=result.parameter, place=result.oid)


@define_check(Needs.ANALYSES)
def analysis_terms(view: DefineView) -> Iterator[DefineProblem]:
    """AnalysisReason and AnalysisPurpose have terms of the Define-XML terminology; both lists may be extended."""
    for code, attribute in (("C117744", "reason"), ("C117745", "purpose")):
        published = codelist(code, "define")
        terms = published.values if published else frozenset()
        for _, result in _results(view):
            value = getattr(result, attribute)
            if value not in terms:
                message = f"no term of Analysis {attribute.capitalize()}"
                yield DefineProblem(message=message, value=value, place=result.oid)


@define_check(Needs.ANALYSES)
def analysis_texts(view: DefineView) -> Iterator[DefineProblem]:
    """A display has a description and results, and each result has a description."""
    for display in view.content.displays:
        if not display.description:
            yield DefineProblem(message="the display has no Description", value=display.name, place=display.oid)
        if not display.results:
            yield DefineProblem(message="the display has no result", value=display.name, place=display.oid)
    for _, result in _results(view):
        if not result.description:
            yield DefineProblem(message="the result has no Description", place=result.oid)


@define_check(Needs.ANALYSES)
def analysis_documentation(view: DefineView) -> Iterator[DefineProblem]:
    """A result has documentation or programming code, so that a reviewer can repeat it."""
    for _, result in _results(view):
        if not (result.documentation or result.documents or result.code or result.code_documents):
            message = "the result has no arm:Documentation and no arm:ProgrammingCode"
            yield DefineProblem(message=message, place=result.oid)


@define_check(Needs.ANALYSES)
def analysis_programs(view: DefineView) -> Iterator[DefineProblem]:
    """Programming code of a result has its text or a document, and names its context."""
    for _, result in _results(view):
        if (result.code or result.code_documents) and not result.code_context:
            yield DefineProblem(message="arm:ProgrammingCode has no Context", place=result.oid)
