"""The dataset that a conformance rule reads, and its reports on records or the dataset. Not for the rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from ...engine.columns import column as col
from ...engine.columns import verbs
from ...engine.tables.dataset import Dataset, DatasetMetadata, VariableMetadata
from ...findings.table import Findings
from ...sdtm.natural_keys import natural_keys, sequence_name


@dataclass(kw_only=True)
class Report:
    """One dataset under one rule. Every report becomes findings of that rule.

    ``rule``: the id of the rule. ``subjects``: USUBJID of DM; None where DM is not known. ``others``: the datasets of
    the same subjects by name, itself included. ``combinations``: for a rule over all subjects the different
    combinations of values of its ``variables`` (ConformanceRule), sorted.
    """

    dataset: Dataset
    findings: Findings
    rule: str
    subjects: pd.Series | None = None
    others: Mapping[str, Dataset] = field(default_factory=dict)
    combinations: Sequence[tuple[str, ...]] = ()

    @property
    def spec(self) -> DatasetMetadata:
        return self.dataset.metadata

    @property
    def frame(self) -> Mapping[str, pd.Series]:
        """Variable -> its column."""
        return self.dataset.columns

    @property
    def names(self) -> set[str]:
        return set(self.dataset.metadata.names)

    def has(self, *names: str) -> bool:
        """Whether the dataset has all these variables."""
        return self.names.issuperset(names)

    def texts(self, name: str) -> tuple[np.ndarray, Sequence[str]]:
        """(code of each record, different texts) of a character variable; a missing value is the text ''."""
        return col.split_text(self.frame[name])

    def numbers(self, name: str) -> np.ndarray:
        """The values of a numeric variable as float64, missing as NaN."""
        return np.asarray(self.frame[name], dtype="float64")

    def is_number(self, *names: str) -> bool:
        """Whether the dataset has all these variables and they are numeric."""
        return self.has(*names) and all(col.is_number(self.frame[n]) for n in names)

    def character_variables(self) -> Iterator[VariableMetadata]:
        """The variables whose values are texts."""
        return (v for v in self.spec.variables if not col.is_number(self.frame[v.name]))

    def records(self, where: np.ndarray, variable: str, message: str) -> None:
        """One finding per record of the mask ``where``; its value is that of ``variable``, if the dataset has it."""
        at = np.flatnonzero(where)
        if not len(at):
            return
        frame = self.frame
        subject: object = col.objects(col.take(frame["USUBJID"], at)) if "USUBJID" in frame else ""
        sequence: object = -1
        occurrence: object = -1
        numbered = sequence_name(self.dataset)
        if numbered and col.is_number(frame[numbered]):
            numbers = self.numbers(numbered)[at]
            whole = np.isfinite(numbers) & (np.abs(numbers) < 2**53)
            sequence = np.where(whole, np.where(whole, numbers, 0), -1).astype("int64")
        elif "USUBJID" in frame:
            occurrence = occurrences(frame["USUBJID"])[at]
        value: object = col.objects(col.take(frame[variable], at)) if variable in frame else ""
        self.findings.add(
            self.rule,
            np.full(len(at), message, dtype=object),
            dataset=self.dataset.name,
            subject=subject,
            sequence=sequence,
            variable=variable,
            value=value,
            keys=natural_keys(self.dataset, at, self.others),
            occurrence=occurrence,
        )

    def whole(self, message: str, variable: str = "", value: str = "") -> None:
        """One finding about the dataset itself."""
        self.findings.add(self.rule, message, dataset=self.dataset.name, variable=variable, value=value)


def occurrences(subjects: pd.Series) -> np.ndarray:
    """The number of each record among those of its subject, from 1, in the order of the dataset."""
    codes, _ = col.split_text(subjects)
    return verbs.number_within(codes, np.arange(len(codes))).astype("int64")


def is_analysis(dataset: Dataset) -> bool:
    """Whether a dataset is ADaM."""
    return dataset.metadata.purpose == "Analysis" or dataset.metadata.standard.upper().startswith("ADAM")
