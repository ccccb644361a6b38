"""Analysis results of a define.xml as files of analyses/: each display with its results, which are described only.

The statistics of the results are not in a define.xml. Not for the datasets (first_dataset.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from ..define.content import AnalysisDataset, AnalysisResult, DefineContent, Item, ResultDisplay
from .first_codelists import FirstDocuments
from .first_conditions import condition
from .yaml_text import Tree

_PARAMETER = "PARAMCD"
#: before the identifier of a display in its OID, by the authors that are known
_DISPLAY = re.compile(r"A?RD\.", re.ASCII)
_NOT_IN_ID = re.compile(r"[^A-Za-z0-9_-]+", re.ASCII)


@dataclass
class FirstAnalyses:
    """The displays of one define.xml. ``notes``: what has no place in a spec."""

    content: DefineContent
    documents: FirstDocuments
    notes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.by_oid = {i.oid: (d.name, i) for d in self.content.datasets for i in d.items}
        self.names = {d.oid: d.name for d in self.content.datasets}

    def files(self) -> Iterator[tuple[str, Tree]]:
        """(identifier, file) of each display that a spec can have."""
        taken: set[str] = set()
        for display in self.content.displays:
            name = _identifier(_DISPLAY.sub("", display.oid, count=1), taken)
            found = dict(self._results(display))
            if found and display.name.strip() and display.description.strip():
                yield name, self._display(name, display, found)
            elif display.results:
                self.notes.append(f"display {display.name or display.oid}: its results are not in the specs")

    def _display(self, name: str, display: ResultDisplay, results: dict[str, Tree]) -> Tree:
        found: dict[str, Tree] = {"display": name, "name": display.name, "description": display.description}
        documents: list[Tree] = [d for r in display.documents if (d := self.documents.of(self.content, [r]))]
        return found | ({"documents": documents} if documents else {}) | {"results": results}

    def _results(self, display: ResultDisplay) -> Iterator[tuple[str, Tree]]:
        taken: set[str] = set()
        for result in display.results:
            about = f"result {result.description or result.oid}"
            datasets = [self._dataset(part) for part in result.datasets]
            if not datasets or None in datasets:
                self.notes.append(f"{about}: a spec cannot express its datasets or where clauses")
            elif not all(t.strip() for t in (result.description, result.reason, result.purpose)):
                self.notes.append(f"{about}: it has no description, reason or purpose")
            else:
                # the last part of an identifier, which begins with that of its display
                yield _identifier(result.oid.rpartition(".")[2], taken), self._result(result, datasets, about)

    def _result(self, result: AnalysisResult, datasets: list[dict[str, Tree] | None], about: str) -> Tree:
        found: dict[str, Tree] = {
            "description": result.description, "reason": result.reason, "purpose": result.purpose,
        }  # fmt: skip
        codes = self._parameters(result)
        if codes:
            found["parameter"] = codes[0] if len(codes) == 1 else [*codes]
        found["datasets"] = [d for d in datasets if d is not None]
        comment = self.content.comments.get(result.comment)
        if comment is not None and comment.text.strip():
            if len(datasets) > 1:
                found["join"] = self._text(comment.text, self.documents.of(self.content, comment.documents))
            else:
                self.notes.append(f"{about}: a result of one dataset has no comment on a join")
        if result.documentation.strip():
            document = self.documents.of(self.content, result.documents)
            found["documentation"] = self._text(result.documentation, document)
        program = self.documents.of(self.content, result.code_documents)
        if result.code_context and (result.code.strip() or program):
            text: dict[str, Tree] = {"text": result.code} if result.code.strip() else {}
            found["code"] = {"context": result.code_context, **text, **program}
        return found

    def _text(self, text: str, document: dict[str, Tree]) -> Tree:
        return {"text": text, **document} if document else text

    def _dataset(self, part: AnalysisDataset) -> dict[str, Tree] | None:
        """The records and variables of one dataset; None where a spec cannot express them."""
        name = self.names.get(part.dataset, "")
        variables = [self.by_oid[v][1].name for v in part.variables if v in self.by_oid]
        clauses = [self.content.where[oid] for oid in part.where if oid in self.content.where]
        if not name or len(variables) < len(part.variables) or len(clauses) < len(part.where) or len(clauses) > 1:
            return None
        found: dict[str, Tree] = {"dataset": name}
        if clauses:
            where = condition(clauses[0], name, self.by_oid)
            if not where:
                return None
            found["where"] = where
        return found | ({"variables": [*variables]} if variables else {})

    def _parameters(self, result: AnalysisResult) -> tuple[str, ...]:
        """The parameters that are analysed: the values of the first check of their code."""
        item: Item | None = self.by_oid.get(result.parameter, ("", None))[1]
        if item is None or item.name != _PARAMETER:
            return ()
        clauses = (self.content.where.get(oid) for part in result.datasets for oid in part.where)
        checks = (c for clause in clauses if clause is not None for c in clause.checks)
        return next((c.values for c in checks if c.item == result.parameter and c.comparator in ("EQ", "IN")), ())


def _identifier(text: str, taken: set[str]) -> str:
    """A free identifier of a spec from an ID: letters, digits, - and _, a letter first."""
    plain = free = _NOT_IN_ID.sub("-", text).lstrip("-_0123456789").rstrip("-_") or "R"
    number = 1
    while free.casefold() in taken:
        number += 1
        free = f"{plain}-{number}"
    taken.add(free.casefold())
    return free
