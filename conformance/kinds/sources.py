"""The sources of analysis records: SRCDOM, SRCVAR and SRCSEQ name a dataset, a variable and a record that are there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import numpy as np
from pydantic import Field

from ...engine.columns import column as col
from ...engine.columns import verbs
from ...mappings.facts.facts import sdtm_names
from ..package import Package
from ..table import Table
from .kind import Check, Hit, absent, register_check

#: what numbers the records of a dataset of this standard, beside the domain's --SEQ
_ANALYSIS_NUMBER = "ASEQ"


@register_check
class SourceCheck(Check):
    """SRCDOM is a dataset, SRCVAR a variable of it, SRCSEQ the number of a record of the subject in it.

    A domain of SDTM that is not in the package is no finding: the package may be a part of a study.
    """

    verb = "source"

    source: Literal["dataset", "variable", "record"] = Field(description="Which of them is judged.")

    def parts(self) -> frozenset[str]:
        return frozenset({"source"})

    def applies(self, table: Table) -> str:
        needed = {"dataset": (), "variable": ("SRCVAR",), "record": ("SRCSEQ", "USUBJID")}[self.source]
        return absent(table, "SRCDOM", *needed)

    def hits(self, table: Table, package: Package) -> Iterator[Hit]:
        codes, texts = table.texts("SRCDOM")
        for number, name in enumerate(texts):
            rows = np.flatnonzero(codes == number)
            if not name or not len(rows):
                continue
            others = _tables(package, name)
            if self.source == "dataset" and not others and self._unknown(package, name):
                yield Hit(rows=rows, variable="SRCDOM", parts={"source": name})
            if self.source == "variable" and others:
                yield from self._variables(table, rows, others, name)
            if self.source == "record" and others:
                yield from self._records(table, rows, others, name)

    def _unknown(self, package: Package, name: str) -> bool:
        """Whether no dataset can have this name: it is none of the guide, or all datasets are here."""
        related = package.related
        return (name not in sdtm_names() and not name.startswith("AD")) or (
            related is not None and related.complete and package.complete
        )  # fmt: skip

    def _variables(self, table: Table, rows: np.ndarray, others: list[Table], name: str) -> Iterator[Hit]:
        known = frozenset().union(*(t.names for t in others))
        codes, texts = table.texts("SRCVAR")
        lost = np.array([bool(t) and t not in known for t in texts], dtype=bool)
        found = rows[lost[codes[rows]]] if len(texts) else rows[:0]
        if len(found):
            yield Hit(rows=found, variable="SRCVAR", parts={"source": name})

    def _records(self, table: Table, rows: np.ndarray, others: list[Table], name: str) -> Iterator[Hit]:
        wanted = rows[~table.missing("SRCSEQ")[rows]]
        numbered = [(t, n) for t in others if (n := _number(t)) and "USUBJID" in t.names]
        if not len(wanted) or not numbered:
            return
        mine = [col.take(table.columns[n], wanted) for n in ("USUBJID", "SRCSEQ")]
        theirs = [col.concat([t.columns["USUBJID"] for t, _ in numbered])]
        theirs.append(col.concat([col.as_text(t.columns[n]) for t, n in numbered]))
        lost = wanted[verbs.match_rows(mine, theirs).right < 0]
        if len(lost):
            yield Hit(rows=lost, variable="SRCSEQ", parts={"source": name})


def _tables(package: Package, name: str) -> list[Table]:
    """The datasets of a domain or with a name, in the package or beside it."""
    found = package.table(name)
    if found is not None:
        return [found]
    return package.related.by_domain.get(name, []) if package.related is not None else []


def _number(table: Table) -> str:
    names = (f"{table.domain[:2]}SEQ", f"{table.name[:2]}SEQ", _ANALYSIS_NUMBER)
    return next((n for n in names if n in table.names), "")
