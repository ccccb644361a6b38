"""Existing SDTM files as domains: split datasets are joined, and SUPP-- is merged into its domains.

Not for comparing them with the specs of the study (adam_tables.py, checks.py) nor for reading files.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from ..engine.columns import column as col
from ..engine.tables.dataset import Dataset, VariableMetadata
from ..engine.tables.existing import ExistingDataset, ExistingFile
from ..errors import InputError
from ..findings.table import Findings
from ..mappings.facts.facts import sdtm_dataset
from .merge_supplemental import NEEDED, merge_qualifiers


@dataclass
class ExistingDomains:
    """Domains by name, qualifiers merged. ``supplemental``: all SUPP-- records, None for none; ``outcome``: of each."""

    domains: dict[str, ExistingDataset]
    supplemental: ExistingDataset | None = None
    outcome: np.ndarray = field(default_factory=lambda: np.zeros(0, "int8"))

    @property
    def supplemented(self) -> set[str]:
        """The domains that have supplemental records."""
        table = self.supplemental
        return set(map(str, col.split_text(table.dataset.frame["RDOMAIN"])[1])) if table is not None else set()


def existing_domains(files: Sequence[tuple[ExistingFile, Dataset]], findings: Findings) -> ExistingDomains:
    """The domains in these files. Raises InputError for SUPP-- without its key variables, and for parts that
    differ in the type of a variable."""
    parts_of: dict[str, list[tuple[ExistingFile, Dataset]]] = {}
    supplemental: list[tuple[ExistingFile, Dataset]] = []
    problems: list[str] = []
    for file, dataset in files:
        if is_supplemental(dataset):
            lacking = [n for n in NEEDED if n not in dataset.metadata.names]
            numeric = [n for n in NEEDED if n in dataset.metadata.names and dataset.metadata.variable(n).is_numeric]
            blank = [n for n in numeric if bool(np.isnan(dataset.frame[n].to_numpy()).all())]
            if lacking:
                problems.append(
                    f"{file.name}: {dataset.name} has no {', '.join(lacking)}, which identify the parent record"
                )
            if wrong := [n for n in numeric if n not in blank]:
                problems.append(f"{file.name}: {', '.join(wrong)} of {dataset.name} is a number; SUPP-- is text")
            if not lacking and not wrong:
                supplemental.append((file, _as_text(dataset, blank)))
        else:
            parts_of.setdefault(domain_of(dataset), []).append((file, dataset))
    domains = {}
    for name, parts in parts_of.items():
        try:
            domains[name] = together(name, parts)
        except InputError as error:
            problems.append(str(error))
    if problems:
        raise InputError("\n".join(problems))
    if not supplemental:
        return ExistingDomains(domains)
    table = together("SUPPQUAL", supplemental)
    merged, outcome = merge_qualifiers(domains, table, findings)
    return ExistingDomains(merged, table, outcome)


def is_supplemental(dataset: Dataset) -> bool:
    """Whether a dataset is SUPP-- or a part of it (SQ-- of long names): by RDOMAIN and QNAM, or by its name."""
    return {"RDOMAIN", "QNAM"} <= set(dataset.metadata.names) or dataset.name.startswith("SUPP")


def domain_of(dataset: Dataset) -> str:
    """The domain of a dataset or of a part of it: QSCG and QSPH with DOMAIN QS are QS (SDTMIG 3.4 section 4.1.7)."""
    name = dataset.name
    if sdtm_dataset(name) is not None or "DOMAIN" not in dataset.metadata.names or not len(dataset):
        return name
    if dataset.metadata.variable("DOMAIN").is_numeric:
        return name
    codes, texts = col.split_text(dataset.frame["DOMAIN"])
    found = {str(texts[c]) for c in np.unique(codes)}
    (domain, *others) = sorted(found)
    part = not others and len(domain) == 2 and len(name) > 2 and name.startswith(domain)
    return domain if part else name


def together(name: str, parts: Sequence[tuple[ExistingFile, Dataset]]) -> ExistingDataset:
    """Join the parts of a domain; a variable that a part lacks is missing in its records. InputError as above."""
    files = tuple(file for file, _ in parts)
    if len(parts) == 1:
        dataset = parts[0][1]
        return ExistingDataset(Dataset(replace(dataset.metadata, name=name), dataset.frame), files)
    variables: dict[str, VariableMetadata] = {}
    for file, dataset in parts:
        for v in dataset.metadata.variables:
            known = variables.setdefault(v.name, v)
            if known.is_numeric != v.is_numeric:
                kinds = "a number" if v.is_numeric else "text"
                raise InputError(f"{file.name}: {v.name} is {kinds}, but not in the other parts of {name}")
            if v.type == "float" and known.type == "integer":
                variables[v.name] = v
    columns = {
        v: col.concat([_column(dataset, v, about.is_numeric) for _, dataset in parts]) for v, about in variables.items()
    }
    spec = replace(parts[0][1].metadata, name=name, variables=tuple(variables.values()), keys=())
    return ExistingDataset(Dataset(spec, pd.DataFrame(columns)), files)


def _column(dataset: Dataset, name: str, numeric: bool) -> pd.Series:
    if name in dataset.frame:
        return pd.Series(dataset.frame[name])
    return pd.Series(np.full(len(dataset), np.nan)) if numeric else col.constant("", len(dataset))


def _as_text(dataset: Dataset, names: Sequence[str]) -> Dataset:
    """A dataset whose variables ``names``, all without a value, are text: the file does not show their type."""
    if not names:
        return dataset
    variables = tuple(replace(v, type="text") if v.name in names else v for v in dataset.metadata.variables)
    blank = {n: col.constant("", len(dataset)) for n in names}
    return Dataset(replace(dataset.metadata, variables=variables), dataset.frame.assign(**blank))


def files_of(domains: Mapping[str, ExistingDataset], supplemental: ExistingDataset | None) -> list[ExistingFile]:
    """Every file, in order of name."""
    found = [f for table in domains.values() for f in table.files]
    return sorted([*found, *(supplemental.files if supplemental else ())], key=lambda f: f.name)
