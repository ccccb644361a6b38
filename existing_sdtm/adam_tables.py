"""Existing domains as the tables that ADaM reads: absent ones, types of variables, and problems that stop the run.

Not for reading files or merging SUPP-- (domains.py), nor for the values (checks.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from ..engine.building.run_rule import blank
from ..engine.columns import column as col
from ..engine.plan.plan import PlannedVariable
from ..engine.tables.dataset import Dataset
from ..engine.tables.existing import ExistingDataset
from ..errors import InputError
from ..findings.table import Findings
from .needs import ALWAYS, Needs, Reader, absent_table, existing_metadata, shown_readers


def tables_read(
    needs: Needs, domains: Mapping[str, ExistingDataset], supplemental: Iterable[str], findings: Findings
) -> dict[str, ExistingDataset]:
    """Every domain that ADaM reads, with exactly the variables and qualifiers that its spec plans, in their types.

    An optional domain that is absent has no records; an optional variable that is absent has no values. Each is a
    finding that names the variables it would have fed. ``supplemental``: domains that have SUPP-- records.
    Raises InputError that names all at once: required domains and variables that are absent, and variables that are
    text where the spec plans a number, or the reverse. A variable without any value has no type.
    """
    supplemental = set(supplemental)
    _require(needs, domains)
    wrong: list[str] = []
    out = {}
    for name, readers in needs.tables.items():
        if name in domains:
            out[name] = _fitted(needs, domains[name], name in supplemental, wrong, findings)
        else:
            out[name] = absent_table(needs.domain(name))
            findings.add(
                "R2A-GIVEN-001",
                f"the folder has no {name}; these read it and are missing: {shown_readers(readers)}",
                dataset=name,
            )
    if wrong:
        raise InputError("\n".join(wrong))
    return out


def _require(needs: Needs, domains: Mapping[str, ExistingDataset]) -> None:
    problems = []
    for name in dict.fromkeys(["DM", *needs.tables]):
        readers = needs.tables.get(name, {})
        if name not in domains:
            if needs.required(name):
                problems.append(f"{name}: the folder has no dataset of this name, and {_datasets(readers)} needs it")
            continue
        table = domains[name]
        wanted = [*needs.read_columns(name), *(["USUBJID"] if name == "DM" else [])]
        lacking = [
            v for v in dict.fromkeys(wanted) if v not in table.dataset.metadata.names and needs.required(name, v)
        ]
        for variable in lacking:
            needed_by = _datasets(needs.columns.get((name, variable), {}))
            problems.append(f"{table.files[0].name}: {name} has no {variable}, and {needed_by} needs it")
    if problems:
        hint = "add them, or list under inputs: {optional: [...]} of study.yaml those that may be absent"
        raise InputError("\n".join([*problems, hint]))


def _datasets(readers: Iterable[Reader]) -> str:
    return " and ".join(dict.fromkeys(r.dataset for r in readers)) or "every ADaM dataset"


def _fitted(
    needs: Needs, table: ExistingDataset, has_supplemental: bool, wrong: list[str], findings: Findings
) -> ExistingDataset:
    """A domain with the variables of its plan."""
    planned, frame = needs.domain(table.name), table.dataset.frame
    columns: dict[str, pd.Series] = {}
    for name, variable in planned.every.items():
        readers = needs.columns.get((table.name, name), {})
        if name not in frame:
            columns[name] = blank(variable.is_numeric, len(table))
            if readers:
                _report_absent(needs, table, name, readers, has_supplemental, findings)
            continue
        columns[name] = _typed(table, variable, bool(readers), wrong, findings)
    return table.with_dataset(Dataset(existing_metadata(planned), pd.DataFrame(columns)))


def _report_absent(
    needs: Needs,
    table: ExistingDataset,
    name: str,
    readers: Mapping[Reader, None],
    has_supplemental: bool,
    findings: Findings,
) -> None:
    qualifier = needs.is_qualifier(table.name, name)
    what = f"no record of SUPP{table.name} has the qualifier {name}" if qualifier else f"{table.name} has no {name}"
    findings.add(
        "R2A-GIVEN-002",
        f"{what}; these read it and are missing: {shown_readers(readers)}",
        # SUPP-- has filled values only: a qualifier that it lacks may be missing in all records
        severity="note" if qualifier and has_supplemental else "warning",
        dataset=table.name,
        variable=name,
        file=table.files[0].name,
    )


def _typed(
    table: ExistingDataset, variable: PlannedVariable, is_read: bool, wrong: list[str], findings: Findings
) -> pd.Series:
    """A variable in the type that the spec plans."""
    name = variable.name
    column = pd.Series(table.dataset.frame[name])
    if col.is_number(column) == variable.is_numeric:
        return column
    if name in table.qualifiers:  # QVAL is text
        numbers, bad = col.to_number(column)
        at = np.flatnonzero(bad)
        file, record = table.places(at)
        findings.add(
            "R2A-GIVEN-016",
            f"the qualifier {name} is a number, and this text is none: the value is missing",
            dataset=table.name,
            subject=col.objects(col.take(table.dataset.frame["USUBJID"], at))
            if ALWAYS[1] in table.dataset.frame
            else "",
            variable=name,
            value=col.objects(col.take(column, at)),
            file=file,
            row=record,
        )
        return pd.Series(numbers)
    if not col.missing(column).all():
        is_, planned = ("text", "a number") if variable.is_numeric else ("a number", "text")
        where = table.files[0].name
        if is_read:
            wrong.append(f"{where}: {table.name}.{name} is {is_}, and the study's specs plan {planned}")
        else:
            findings.add(
                "R2A-GIVEN-017",
                f"{name} is {is_}, and the study's specs plan {planned}; no rule reads it",
                dataset=table.name,
                variable=name,
                file=where,
            )
    return blank(variable.is_numeric, len(table))
