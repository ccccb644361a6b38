"""Analysis Results Metadata from the rows of an Excel specification. The other sheets are read by read_content.py."""

from __future__ import annotations

from collections.abc import Mapping

from ..define.content import AnalysisDataset, AnalysisResult, ResultDisplay
from .ids import oid_of
from .sheet_reader import SheetReader
from .sheets import COMMENTS, CRITERIA, DATASETS, DISPLAYS, RESULTS, WHERE
from .workbook import CellRow


def read_displays(
    reader: SheetReader, datasets: Mapping[str, str], items: Mapping[tuple[str, str], str]
) -> tuple[ResultDisplay, ...]:
    """The displays with their results. ``datasets``: name -> OID; ``items``: (dataset, variable) -> OID."""
    displays = reader.once(DISPLAYS)
    of_result: dict[tuple[str, str], list[AnalysisDataset]] = {}
    for row in reader.filled(CRITERIA, "Display", "Result"):
        dataset = _criterion(reader, row, datasets, items)
        of_result.setdefault((row.get("Display"), row.get("Result")), []).append(dataset)
    results: dict[str, list[AnalysisResult]] = {name: [] for name in displays}
    seen: dict[tuple[str, str], CellRow] = {}
    for row in reader.filled(RESULTS, "Display", "ID"):
        key = row.get("Display"), row.get("ID")
        if key[0] not in results:
            message = f"'{key[0]}' is not on the sheet {DISPLAYS.name}"
            reader.problem(row, "Display", message, near=results)
            continue
        if (first := seen.setdefault(key, row)) is not row:
            reader.problem(row, "ID", f"'{key[1]}' is there twice; the first is {first.at('ID')}")
        results[key[0]].append(_result(reader, row, tuple(of_result.get(key, ())), items))
    for row in reader.rows(CRITERIA):
        if (row.get("Display"), row.get("Result")) not in seen:
            message = f"'{row.get('Result')}' is no result of '{row.get('Display')}' on the sheet {RESULTS.name}"
            reader.problem(row, "Result", message)
    return tuple(
        ResultDisplay(
            oid=row.get("OID") or oid_of(name, "display"),
            name=row.get("Name") or name,
            description=row.get("Title"),
            documents=reader.documents(row, "Document", "Pages"),
            results=tuple(results[name]),
        )
        for name, row in displays.items()
    )


def _result(
    reader: SheetReader,
    row: CellRow,
    datasets: tuple[AnalysisDataset, ...],
    items: Mapping[tuple[str, str], str],
) -> AnalysisResult:
    parameter = row.get("Parameter")
    return AnalysisResult(
        oid=row.get("OID") or row.get("ID"),
        description=row.get("Description"),
        parameter=_item(parameter, items) if parameter else "",
        reason=row.get("Reason"),
        purpose=row.get("Purpose"),
        comment=reader.refer(row, "Join Comment", reader.comments, COMMENTS.name),
        datasets=datasets,
        documentation=row.get("Documentation"),
        documents=reader.documents(row, "Documentation Refs", "Documentation Pages"),
        code_context=row.get("Programming Context"),
        code=row.get("Programming Code"),
        code_documents=reader.documents(row, "Programming Document", "Pages"),
    )


def _criterion(
    reader: SheetReader, row: CellRow, datasets: Mapping[str, str], items: Mapping[tuple[str, str], str]
) -> AnalysisDataset:
    name = row.get("Dataset")
    if name not in datasets:
        message = f"'{name}' is not on the sheet {DATASETS.name}"
        reader.problem(row, "Dataset", message, near=datasets)
    where = []
    for clause in filter(None, map(str.strip, row.get("Where Clause").split("\n"))):
        if clause not in reader.where:
            message = f"'{clause}' is not on the sheet {WHERE.name}"
            reader.problem(row, "Where Clause", message, near=reader.where)
        where.append(reader.where.get(clause, ""))
    variables = (_item(v, items) for v in filter(None, map(str.strip, row.get("Variables").split("\n"))))
    return AnalysisDataset(datasets.get(name, ""), tuple(where), tuple(variables))


def _item(text: str, items: Mapping[tuple[str, str], str]) -> str:
    """The OID of a variable, which a cell names as DATASET.VARIABLE or by its OID."""
    dataset, _, name = text.partition(".")
    return items.get((dataset, name), text)
