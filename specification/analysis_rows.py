"""The rows of Analysis Results Metadata. The way back is read_analyses.py."""

from __future__ import annotations

from dataclasses import dataclass

from .ids import oid_of
from .row_names import Row, RowNames, unusual


@dataclass
class AnalysisRows:
    """The rows of displays, results, and the records and variables of each result."""

    names: RowNames

    def displays(self) -> list[Row]:
        found = []
        for display in self.names.content.displays:
            name = self.names.displays[display.oid]
            documents, pages = self.names.documents(display.documents)
            row = {"ID": name, "Title": display.description, "Document": documents, "Pages": pages}
            row |= {"Name": unusual(display.name, name), "OID": unusual(display.oid, oid_of(name, "display"))}
            found.append(row)
        return found

    def results(self) -> list[Row]:
        found = []
        for display in self.names.content.displays:
            for result in display.results:
                about, about_pages = self.names.documents(result.documents)
                program, program_pages = self.names.documents(result.code_documents)
                found.append(
                    {
                        "Display": self.names.displays[display.oid],
                        "ID": result.oid,
                        "Description": result.description,
                        "Reason": result.reason,
                        "Purpose": result.purpose,
                        "Join Comment": self.names.comment(result.comment),
                        "Documentation": result.documentation,
                        "Documentation Refs": about,
                        "Documentation Pages": about_pages,
                        "Programming Context": result.code_context,
                        "Programming Code": result.code,
                        "Programming Document": program,
                        "Pages": program_pages,
                        "Parameter": self.names.item(result.parameter),
                    }
                )
        return found

    def criteria(self) -> list[Row]:
        return [
            {
                "Display": self.names.displays[display.oid],
                "Result": result.oid,
                "Dataset": self.names.datasets.get(dataset.dataset, dataset.dataset),
                "Variables": "\n".join(map(self.names.item, dataset.variables)),
                "Where Clause": self.names.clauses(dataset.where),
            }
            for display in self.names.content.displays
            for result in display.results
            for dataset in result.datasets
        ]
