"""All results of a study as one machine-readable file: a reporting event of CDISC's Analysis Results Standard 1.0.

A second program can read from it what each number is (analysis set, data subset, groups, method, arguments), compute it
again from ADaM and compare. Not for the look of displays, nor for the steps of curves (csv_table.py has them).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from ..analyses.masking import HIDDEN
from ..analyses.results import Absent, ComputedAnalyses, ComputedDisplay
from ..mappings.expressions.number_text import number_text
from ..mappings.models.analysis import PURPOSES, REASONS
from ..validation.reports.run_head import RunHead
from .ars_analyses import Methods, analysis_id, analysis_of
from .ars_groupings import Named, References

#: the formats of outputs that the standard lists
_PUBLISHED_FILES = ("pdf", "rtf", "txt")
#: where the files of displays lie, seen from this file
_FOLDER = "analyses"


def ars_bytes(
    analyses: ComputedAnalyses, head: RunHead | None = None, files: Mapping[str, Sequence[str]] | None = None
) -> bytes:
    """The reporting event as JSON in UTF-8; each result is one line. The same analyses give the same bytes.

    ``files``: display -> the files with it, in the folder analyses beside this one; by default none.
    """
    references, methods, sections = References(), Methods(), Named("Category")
    analysed = [
        {**analysis_of(d, r, references, methods), **_category(d, sections)}
        for d in analyses.displays
        for r in d.results
    ]
    sizes = _sizes(analyses, references, methods)
    methods.relationships()
    for analysis in analysed:
        statistic = analysis["methodId"].removeprefix("Method_")
        if related := methods.referenced(analysis["id"], statistic):
            analysis["referencedAnalysisOperations"] = related
    outputs = [_output(d, methods, sections, (files or {}).get(d.id, ())) for d in analyses.displays]
    event: dict[str, Any] = {
        "@type": "ReportingEvent",
        "id": analyses.study or "STUDY",
        "version": 1,
        "name": analyses.title or analyses.study or "Analyses",
        **_described(head),
        "mainListOfContents": _contents(analyses),
        "terminologyExtensions": [
            {"id": f"Terms_{enumeration}", "enumeration": enumeration, "sponsorTerms": terms.listed()}
            for enumeration, terms in methods.terms.items()
        ],
        "analysisOutputCategorizations": [
            {"id": "Sections", "label": "Sections of the report", "categories": sections.listed()}
        ],
        "analysisSets": references.sets.listed(),
        "dataSubsets": references.subsets.listed(),
        "analysisGroupings": references.groupings.listed(),
        "methods": list(methods.known.values()),
        "analyses": [*sizes, *analysed],
        "globalDisplaySections": _notice(analyses.notice),
        "outputs": outputs,
    }
    return _written({k: v for k, v in event.items() if v != []})


def _described(head: RunHead | None) -> dict[str, str]:
    if head is None:
        return {}
    return {"description": "; ".join(f"{name}: {text}" for name, text in head.facts())}


def _notice(text: str) -> list[dict[str, Any]]:
    """The sentence about the data that every output shows."""
    if not text:
        return []
    return [{"sectionType": "Footnote", "subSections": [{"id": "Notice", "text": text}]}]


def _category(display: ComputedDisplay, sections: Named) -> dict[str, list[str]]:
    if not display.section:
        return {}
    return {"categoryIds": [sections.find(display.section, label=display.section)["id"]]}


def _sizes(analyses: ComputedAnalyses, references: References, methods: Methods) -> list[dict[str, Any]]:
    """The subjects of each population by each grouping of columns, which are the N of the heads."""
    found: dict[tuple[str, ...], dict[str, Any]] = {}
    for display in analyses.displays:
        if not display.columns or not display.results:
            continue
        set_ = references.analysis_set(display)
        groups = [references.of_column(c, display) for c in display.columns]
        groupings = list(dict.fromkeys(g["groupingId"] for g in groups if g))
        key = (set_, *groupings)
        if key in found:
            continue
        operation = methods.operation("subjects", "n")
        first = display.results[0]
        found[key] = {
            "id": f"Subjects_{len(found) + 1}",
            "name": f"Subjects: {display.population}",
            "version": 1,
            "reason": methods.term("AnalysisReasonEnum", REASONS, first.reason),
            "purpose": methods.term("AnalysisPurposeEnum", PURPOSES, first.purpose),
            "methodId": "Method_subjects",
            "analysisSetId": set_,
            "dataset": display.dataset,
            "variable": "USUBJID",
            "orderedGroupings": [
                {"order": i, "groupingId": g, "resultsByGroup": True} for i, g in enumerate(groupings, 1)
            ],
            "results": [
                {
                    "operationId": operation,
                    **({"resultGroups": [group]} if group else {}),
                    **({} if column.size == HIDDEN else {"rawValue": number_text(column.size)}),
                    "formattedValue": Absent.MASKED.value if column.size == HIDDEN else f"{column.size:,}",
                }
                for column, group in zip(display.columns, groups, strict=True)
            ],
        }
    return list(found.values())


def _contents(analyses: ComputedAnalyses) -> dict[str, Any]:
    displays = [
        {
            "name": f"{d.name}: {d.title}",
            "level": 1,
            "order": i,
            "outputId": f"Output_{d.id}",
            "sublist": {
                "listItems": [
                    {"name": r.title, "level": 2, "order": k, "analysisId": analysis_id(d, r)}
                    for k, r in enumerate(d.results, 1)
                ]
            },
        }
        for i, d in enumerate(analyses.displays, 1)
    ]
    return {"name": "Displays and their results", "contentsList": {"listItems": displays}}


def _output(display: ComputedDisplay, methods: Methods, sections: Named, files: Sequence[str]) -> dict[str, Any]:
    names = [PurePosixPath(f) for f in files]
    notes = [*display.notes, *(n for r in display.results for n in r.notes)]
    texts = {"Title": [display.name, display.title, display.population], "Footnote": list(dict.fromkeys(notes))}
    return {
        "id": f"Output_{display.id}",
        "name": display.name,
        "version": 1,
        **_category(display, sections),
        "displays": [
            {
                "order": 1,
                "display": {
                    "id": f"Display_{display.id}",
                    "name": display.name,
                    "version": 1,
                    "displayTitle": display.title,
                    "displaySections": [_section(display, kind, lines) for kind, lines in texts.items() if lines],
                },
            }
        ],
        "fileSpecifications": [
            {
                "name": name.name,
                "fileType": methods.term("OutputFileTypeEnum", _PUBLISHED_FILES, name.suffix.removeprefix(".")),
                "location": f"{_FOLDER}/{name.name}",
            }
            for name in names
        ],
    }


def _section(display: ComputedDisplay, kind: str, lines: list[str]) -> dict[str, Any]:
    return {
        "sectionType": kind,
        "orderedSubSections": [
            {"order": i, "subSection": {"id": f"Display_{display.id}_{kind}_{i}", "text": text}}
            for i, text in enumerate(lines, 1)
        ],
    }


def _written(event: dict[str, Any]) -> bytes:
    """JSON with one line for each object of a list of the event, and for each result."""
    lines = ["{"]
    for position, (name, value) in enumerate(event.items()):
        comma = "," if position < len(event) - 1 else ""
        if isinstance(value, list):
            lines += [f"{_json(name)}: [", ",\n".join(_object(v) for v in value), f"]{comma}"]
        else:
            lines.append(f"{_json(name)}: {_json(value)}{comma}")
    return ("\n".join([*lines, "}"]) + "\n").encode("utf-8")


def _object(value: dict[str, Any]) -> str:
    results = value.get("results")
    if not results:
        return _json(value)
    rest = _json({k: v for k, v in value.items() if k != "results"})
    return rest.removesuffix("}") + ', "results": [\n' + ",\n".join(_json(r) for r in results) + "\n]}"


#: created one time: json.dumps creates one for each text
_json = json.JSONEncoder(ensure_ascii=False).encode
