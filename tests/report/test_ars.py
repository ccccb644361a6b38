"""The machine-readable file: the classes of the Analysis Results Standard 1.0, its references, and its results."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from raw2adam.analyses.masking import masked
from raw2adam.analyses.results import (
    Absent,
    Cell,
    Column,
    ComputedAnalyses,
    ComputedDisplay,
    ComputedResult,
    Curve,
    Interval,
    Row,
    SubjectSets,
    Value,
)
from raw2adam.errors import Place
from raw2adam.report.ars import ars_bytes
from raw2adam.report.ars_conditions import where_clause

PLACE = Place("analyses/x.yaml", 7)
#: class of the model -> (its required fields, its other fields) as this program uses it; a list has the class of its items
MODEL: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "ReportingEvent": (
        {"id": str, "name": str, "mainListOfContents": "ListOfContents"},
        {"@type": str, "version": int, "description": str, "analysisSets": ["AnalysisSet"], "dataSubsets": ["DataSubset"],
         "analysisGroupings": ["GroupingFactor"], "methods": ["AnalysisMethod"], "analyses": ["Analysis"], "outputs": ["Output"],
         "terminologyExtensions": ["TerminologyExtension"], "analysisOutputCategorizations": ["AnalysisOutputCategorization"], "globalDisplaySections": ["GlobalDisplaySection"]},
    ),
    "ListOfContents": ({"name": str, "contentsList": "NestedList"}, {}),
    "NestedList": ({}, {"listItems": ["OrderedListItem"]}),
    "OrderedListItem": ({"name": str, "level": int, "order": int}, {"outputId": str, "analysisId": str, "sublist": "NestedList"}),
    "TerminologyExtension": ({"id": str, "sponsorTerms": ["SponsorTerm"]}, {"enumeration": str}),
    "SponsorTerm": ({"id": str, "submissionValue": str}, {}),
    "AnalysisOutputCategorization": ({"id": str, "categories": ["AnalysisOutputCategory"]}, {"label": str}),
    "AnalysisOutputCategory": ({"id": str}, {"label": str}),
    "AnalysisSet": ({"id": str, "name": str, "level": int, "order": int}, {"description": str, "condition": "Condition", "compoundExpression": "Compound"}),
    "DataSubset": ({"id": str, "name": str, "level": int, "order": int}, {"condition": "Condition", "compoundExpression": "Compound"}),
    "Condition": ({}, {"dataset": str, "variable": str, "comparator": str, "value": [str]}),
    "Compound": ({"logicalOperator": str}, {"whereClauses": ["WhereClause"]}),
    "WhereClause": ({"level": int, "order": int}, {"condition": "Condition", "compoundExpression": "Compound"}),
    "GroupingFactor": ({"id": str, "name": str, "dataDriven": bool}, {"groupingDataset": str, "groupingVariable": str, "groups": ["Group"]}),
    "Group": ({"id": str, "name": str, "level": int, "order": int}, {"label": str, "description": str, "condition": "Condition", "compoundExpression": "Compound"}),
    "AnalysisMethod": ({"id": str, "name": str, "operations": ["Operation"]}, {"description": str}),
    "Operation": ({"id": str, "name": str, "order": int}, {"label": str, "referencedOperationRelationships": ["Relationship"]}),
    "Relationship": ({"id": str, "referencedOperationRole": "Term", "operationId": str}, {"description": str}),
    "Term": ({}, {"controlledTerm": str, "sponsorTermId": str}),
    "Analysis": (
        {"id": str, "name": str, "reason": "Term", "purpose": "Term", "methodId": str},
        {"version": int, "analysisSetId": str, "dataSubsetId": str, "dataset": str, "variable": str, "categoryIds": [str],
         "orderedGroupings": ["OrderedGroupingFactor"], "programmingCode": "Code", "results": ["OperationResult"],
         "referencedAnalysisOperations": ["ReferencedAnalysisOperation"]},
    ),
    "OrderedGroupingFactor": ({"order": int, "groupingId": str, "resultsByGroup": bool}, {}),
    "Code": ({"context": str}, {"code": str, "parameters": ["Parameter"]}),
    "Parameter": ({"name": str, "value": [str]}, {}),
    "OperationResult": ({"operationId": str}, {"rawValue": str, "formattedValue": str, "resultGroups": ["ResultGroup"]}),
    "ResultGroup": ({"groupingId": str}, {"groupId": str, "groupValue": str}),
    "ReferencedAnalysisOperation": ({"referencedOperationRelationshipId": str, "analysisId": str}, {}),
    "Output": ({"id": str, "name": str, "displays": ["OrderedDisplay"]}, {"version": int, "categoryIds": [str], "fileSpecifications": ["OutputFile"]}),
    "OrderedDisplay": ({"order": int, "display": "OutputDisplay"}, {}),
    "OutputDisplay": ({"id": str, "name": str}, {"version": int, "displayTitle": str, "displaySections": ["DisplaySection"]}),
    "GlobalDisplaySection": ({}, {"sectionType": str, "subSections": ["DisplaySubSection"]}),
    "DisplaySection": ({}, {"sectionType": str, "orderedSubSections": ["OrderedSubSection"]}),
    "OrderedSubSection": ({"order": int, "subSection": "DisplaySubSection"}, {}),
    "DisplaySubSection": ({"id": str, "text": str}, {}),
    "OutputFile": ({"name": str}, {"fileType": "Term", "location": str}),
}  # fmt: skip


def problems(value: Any, kind: Any, place: str = "") -> list[str]:
    """What a value lacks of a class of the model, or has too much."""
    if isinstance(kind, list):
        return [p for i, v in enumerate(value) for p in problems(v, kind[0], f"{place}[{i}]")]
    if not isinstance(kind, str):
        return [] if type(value) is kind else [f"{place} is no {kind.__name__}"]
    required, others = MODEL[kind]
    found = [f"{place} has no {n}" for n in required.keys() - value.keys()]
    found += [f"{place} has {n}" for n in value.keys() - required.keys() - others.keys()]
    known = required | others
    return found + [p for n, v in value.items() if n in known for p in problems(v, known[n], f"{place}.{n}")]


def numbers(text: str, **values: float | None) -> Cell:
    about = (
        Value(name=n, number=v, text="x" if v is None else f"{v:.1f}", absent=Absent.NOT_REACHED if v is None else None)
        for n, v in values.items()
    )
    return Cell(text=text, values=tuple(about), numerator=0, denominator=0)


@pytest.fixture(scope="module")
def analyses() -> ComputedAnalyses:
    subjects = SubjectSets([f"S{i}" for i in range(9)])
    subjects.add(np.ones(9))
    of_all = {"reason": "SPECIFIED IN SAP", "purpose": "Patient profile", "place": PLACE}
    sex = ComputedResult(
        id="SEX", title="Sex", statistic="counts", dataset="ADSL", variables=("SEX",), settings={"variable": "SEX"}, **of_all,
        rows=(Row(id="F", label="Female", category={"SEX": "F"}, cells=(numbers("3 (33.3)", n=3, total=9, percent=100 / 3), numbers("1 (20.0)", n=1, total=5, percent=20.0))),),
    )  # fmt: skip
    serious = ComputedResult(
        id="SER", title="Overview", statistic="counts", dataset="ADAE", where="TRTEMFL == 'Y'", settings={"conditions.Serious": "AESER == 'Y'"}, **of_all,
        rows=(Row(id="Serious", label="Serious", cells=(numbers("2", n=2), numbers("1", n=1))),),
    )  # fmt: skip
    curve = Curve(
        column="TOTAL",
        time=np.array([0.0]),
        estimate=np.array([1.0]),
        lower=np.array([np.nan]),
        upper=np.array([np.nan]),
        ticks=(0.0, 6.0),
        at_risk=(9, 4),
    )
    survival = ComputedResult(
        id="PFS", title="PFS", statistic="kaplan_meier", dataset="ADTTE", parameters=("PFS",), where="ANL01FL == 'Y'", unit="months", variables=("AVAL", "CNSR"), **of_all,
        rows=(Row(id="median", label="Median", cells=(numbers("not reached", median=None, lower=2.0), numbers("1", median=1.0, lower=0.1 + 0.2))),),
        curves=(curve,), forest=(Interval(label="<65", heading="Age", size=4, events=1, estimate=3.5),),
    )  # fmt: skip
    rate = ComputedResult(
        id="ORR", title="ORR", statistic="proportion", dataset="ADRS", parameters=("RSP", "CRSP"), settings={"condition": "AVALC == 'Y'", "label": "Responders"}, **of_all,
        rows=(Row(id="rate", label="Responders", cells=(numbers("5/9", n=5, total=9), numbers("2/5", n=2, total=5))),),
    )  # fmt: skip
    display = ComputedDisplay(
        id="T1", name="Table 1", title="Profile", population="Safety", dataset="ADSL", condition="SAFFL == 'Y'", section="Safety", figure="forest", notes=("NE",), place=PLACE,
        columns=(Column(id="TOTAL", label="Total", size=9, subjects=0), Column(id="A", label="Arm A", variable="TRT01A", value="A", size=5, subjects=0)),
        results=(sex, serious, survival, rate),
    )  # fmt: skip
    return ComputedAnalyses(study="OBS1", title="A study", notice="Synthetic.", displays=(display,), subjects=subjects)


@pytest.fixture(scope="module")
def event(analyses) -> dict[str, Any]:
    files = {"T1": [f"reports/analyses/T1.{s}" for s in ("rtf", "csv", "svg", "png")]}
    return json.loads(ars_bytes(analyses, None, files))


def test_it_has_the_classes_of_the_standard(event, analyses):
    assert problems(event, "ReportingEvent") == []
    assert ars_bytes(analyses) == ars_bytes(analyses)


def test_every_reference_has_what_it_refers_to(event):
    ids: set[str] = set()
    for name in ("analysisSets", "dataSubsets", "analysisGroupings", "methods", "analyses", "outputs"):
        of_list = [x["id"] for x in event[name]]
        assert len(set(of_list)) == len(of_list)
        ids |= set(of_list)
    ids |= {o["id"] for m in event["methods"] for o in m["operations"]}
    ids |= {
        r["id"]
        for m in event["methods"]
        for o in m["operations"]
        for r in o.get("referencedOperationRelationships", ())
    }
    ids |= {g["id"] for f in event["analysisGroupings"] for g in f.get("groups", ())}
    ids |= {t["id"] for x in event["terminologyExtensions"] for t in x["sponsorTerms"]}
    ids |= {c["id"] for c in event["analysisOutputCategorizations"][0]["categories"]}

    def referred(value: Any) -> list[str]:
        if isinstance(value, dict):
            here = [v for k, v in value.items() if k.endswith("Id") and isinstance(v, str)]
            return here + value.get("categoryIds", []) + [r for v in value.values() for r in referred(v)]
        return [r for v in value for r in referred(v)] if isinstance(value, list) else []

    assert set(referred(event)) - ids == set()


def results_of(event: dict[str, Any], analysis: str) -> list[tuple[str, str, str, str]]:
    """(operation, groups, raw value, formatted value)."""
    names = {g["id"]: g["name"] for f in event["analysisGroupings"] for g in f.get("groups", ())}
    (found,) = (a for a in event["analyses"] if a["id"] == analysis)
    return [
        (
            r["operationId"],
            "/".join(g.get("groupValue") or names[g["groupId"]] for g in r.get("resultGroups", ())),
            r.get("rawValue", "-"),
            r["formattedValue"],
        )
        for r in found["results"]
    ]


def test_results_have_their_operation_groups_and_numbers_in_full(event):
    assert results_of(event, "Subjects_1") == [
        ("Method_subjects.n", "", "9", "9"),
        ("Method_subjects.n", "A", "5", "5"),
    ]
    assert results_of(event, "T1.SEX") == [
        ("Method_counts.n", "F", "3", "3.0"),
        ("Method_counts.total", "F", "9", "9.0"),
        ("Method_counts.percent", "F", "33.333333333333336", "33.3"),
        ("Method_counts.n", "A/F", "1", "1.0"),
        ("Method_counts.total", "A/F", "5", "5.0"),
        ("Method_counts.percent", "A/F", "20", "20.0"),
    ]
    assert results_of(event, "T1.SER") == [
        ("Method_counts.n", "Serious", "2", "2.0"),
        ("Method_counts.n", "A/Serious", "1", "1.0"),
    ]
    assert results_of(event, "T1.PFS") == [
        ("Method_kaplan_meier.median.median", "", "-", "x"),
        ("Method_kaplan_meier.median.lower", "", "2", "2.0"),
        ("Method_kaplan_meier.median.median", "A", "1", "1.0"),
        ("Method_kaplan_meier.median.lower", "A", "0.30000000000000004", "0.3"),
        ("Method_kaplan_meier.forest.n", "<65", "4", "4"),
        ("Method_kaplan_meier.forest.events", "<65", "1", "1"),
        ("Method_kaplan_meier.forest.estimate", "<65", "3.5", "3.5"),
        ("Method_kaplan_meier.forest.lower", "<65", "-", "not estimable"),
        ("Method_kaplan_meier.forest.upper", "<65", "-", "not estimable"),
        ("Method_kaplan_meier.at_risk", "0", "9", "9"),
        ("Method_kaplan_meier.at_risk", "6", "4", "4"),
    ]
    assert results_of(event, "T1.ORR")[1:3] == [
        ("Method_proportion.rate.total", "", "9", "9.0"),
        ("Method_proportion.rate.n", "A/Responders", "2", "2.0"),
    ]


def test_sets_subsets_and_terms(event):
    (population,) = event["analysisSets"]
    assert population["condition"] == {"dataset": "ADSL", "variable": "SAFFL", "comparator": "EQ", "value": ["Y"]}
    ae, pfs, orr = event["dataSubsets"]
    assert ae["condition"] == {"dataset": "ADAE", "variable": "TRTEMFL", "comparator": "EQ", "value": ["Y"]}
    conditions = [c["condition"] for c in pfs["compoundExpression"]["whereClauses"]]
    assert [(c["variable"], c["value"]) for c in conditions] == [("PARAMCD", ["PFS"]), ("ANL01FL", ["Y"])]
    assert orr["condition"] == {"dataset": "ADRS", "variable": "PARAMCD", "comparator": "IN", "value": ["RSP", "CRSP"]}
    first = event["analyses"][1]
    assert first["reason"] == {"controlledTerm": "SPECIFIED IN SAP"}
    assert event["globalDisplaySections"][0]["subSections"] == [{"id": "Notice", "text": "Synthetic."}]
    terms = {t["id"]: t["submissionValue"] for x in event["terminologyExtensions"] for t in x["sponsorTerms"]}
    assert terms[first["purpose"]["sponsorTermId"]] == "Patient profile"
    assert [p["name"] for p in event["analyses"][3]["programmingCode"]["parameters"]] == [
        "unit_of_results",
        "variables",
    ]
    percent = next(o for o in event["methods"][0]["operations"] if o["name"] == "percent")
    assert [r["operationId"] for r in percent["referencedOperationRelationships"]] == [
        "Method_counts.n",
        "Method_counts.total",
    ]
    assert [f["location"] for f in event["outputs"][0]["fileSpecifications"]] == [
        f"analyses/T1.{s}" for s in ("rtf", "csv", "svg", "png")
    ]


def test_masked_results_have_no_raw_value(analyses):
    event = json.loads(ars_bytes(masked(analyses, 10)))
    assert problems(event, "ReportingEvent") == []
    shown = {(raw, text) for a in event["analyses"] for _, _, raw, text in results_of(event, a["id"])}
    assert shown == {("-", "masked")}


def leaf(name: str, comparator: str, *values: str, dataset: str = "ADXX") -> dict[str, Any]:
    return {"condition": {"dataset": dataset, "variable": name, "comparator": comparator, "value": list(values)}}


def joined(word: str, level: int, *clauses: dict[str, Any]) -> dict[str, Any]:
    inner = [{"level": level, "order": i, **c} for i, c in enumerate(clauses, 1)]
    return {"compoundExpression": {"logicalOperator": word, "whereClauses": inner}}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", {}),
        ("X == 'Y'", leaf("X", "EQ", "Y")),
        ("ADSL.X == 'Y'", leaf("X", "EQ", "Y", dataset="ADSL")),
        ("3 <= X", leaf("X", "GE", "3")),
        ("X != 'Y'", joined("AND", 2, leaf("X", "NE", "Y"), leaf("X", "NE", ""))),  # never true for a missing X
        ("X == ''", leaf("X", "EQ", "")),
        ("not missing(X)", leaf("X", "NE", "")),
        ("X in ['A', 'B']", leaf("X", "IN", "A", "B")),
        ("X not in ['A', '']", leaf("X", "NOTIN", "A", "")),
        ("X == 'A' or Y == 2.5", joined("OR", 2, leaf("X", "EQ", "A"), leaf("Y", "EQ", "2.5"))),
        ("not (X == 'A' or Y > 1)", joined("AND", 2, joined("AND", 3, leaf("X", "NE", "A"), leaf("X", "NE", "")), joined("AND", 3, leaf("Y", "LE", "1"), leaf("Y", "NE", "")))),
        ("X between 1 and 3", joined("AND", 2, leaf("X", "GE", "1"), joined("AND", 3, leaf("X", "LE", "3"), leaf("X", "NE", "")))),
        ("X - Y > 30", {}),  # the standard compares a variable with values only
        ("X == Y", {}),
    ],
)  # fmt: skip
def test_conditions_become_where_clauses(text, expected):
    assert where_clause(text, "ADXX") == expected
