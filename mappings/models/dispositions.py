"""The typed model of findings.yaml: what the team decided about findings, carried from data cut to data cut.

The JSON Schema and the reference page are generated from it, so every field has a description. Not for comparing the
entries with findings (findings/entries.py).
"""

from __future__ import annotations

import datetime
import re
from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from ...errors import SpecError, SpecProblem
from ...findings.entries import OPEN, PATTERNS, Entry
from ..binding.bind import Binder, FieldMistake, SpecModel, place_of
from ..yaml.read import examine_file, node_data

#: the file in the folder of a study
FILE = "findings.yaml"
_ID = re.compile(r"[0-9a-f]{12}", re.ASCII)
#: the dispositions that reviewers read
_EXPLAINED = ("explained", "accepted")


class DispositionSpec(SpecModel):
    """One entry: the findings that it describes, and what was decided about them.

    It has id: with exact identities, or rule: and further parts of a pattern, which all must hold. In rule, dataset,
    variable, source, column and subject * is any text. An entry with the id of a finding comes first; of several
    patterns the first in the file.
    """

    id: str | tuple[str, ...] = Field(default=(), description="Identity of a finding, or several: id in findings.json.")
    rule: str = Field(default="", description="Rule of the findings: R2A-CONF-004, or R2A-RAW-*.")
    dataset: str = Field(default="", description="Their dataset: AE, or SUPP*.")
    variable: str = Field(default="", description="Their variable.")
    keys: dict[str, str] = Field(
        default_factory=dict, description="Natural keys of the record with their values: {USUBJID: S-0101-0003}."
    )
    value: str | None = Field(default=None, description="Their exact value.")
    source: str = Field(default="", description="Source of a finding on raw data.")
    column: str = Field(default="", description="Raw column.")
    subject: str = Field(default="", description="Subject: USUBJID.")
    disposition: Literal["fixed in source", "explained", "accepted", "query sent", "open"] = Field(
        description="The decision: fixed in source, explained, accepted, query sent; or open, if there is none yet."
    )
    explanation: str = Field(
        default="", description="The explanation that the reviewer's guides print; explained and accepted need it."
    )
    by: str = Field(default="", description="Who decided.")
    on: datetime.date | None = Field(default=None, description="The date of the decision.")

    @model_validator(mode="after")
    def _describes_findings(self) -> DispositionSpec:
        pattern = [n for n in (*PATTERNS, "keys", "value") if n in self.model_fields_set]
        if not self.ids and not self.rule:
            raise ValueError("an entry has id:, the identity of findings, or rule: with a pattern")
        if self.ids and pattern:
            raise FieldMistake(f"id: is exact; remove {', '.join(f'{n}:' for n in pattern)}", pattern[0])
        for at, identity in enumerate(self.ids):
            if identity in self.ids[:at]:
                raise FieldMistake(f"the identity '{identity}' is there twice", "id", at)
            if not _ID.fullmatch(identity):
                hint = "raw2adam findings OUT --each lists them"
                raise FieldMistake(f"'{identity}' is no identity: it has 12 digits 0-9 and a-f", "id", hint=hint)
        return self

    @model_validator(mode="after")
    def _decided(self) -> DispositionSpec:
        if self.disposition in _EXPLAINED and not self.explanation.strip():
            raise FieldMistake(
                f"findings that are {self.disposition} need explanation:, the sentences that reviewers read",
                "disposition",
            )
        if self.disposition != OPEN and (not self.by.strip() or self.on is None):
            raise FieldMistake(
                "a decision has by:, who decided, and on:, the date; an entry without a decision is open", "disposition"
            )
        return self

    @property
    def ids(self) -> tuple[str, ...]:
        return (self.id,) if isinstance(self.id, str) else self.id

    def entry(self) -> Entry:
        """The entry as findings are compared with it."""
        return Entry(
            ids=self.ids, rule=self.rule, dataset=self.dataset, variable=self.variable, source=self.source,
            column=self.column, subject=self.subject, value=self.value, keys=self.keys, disposition=self.disposition,
            explanation=" ".join(self.explanation.split()), by=self.by,
            on=self.on.isoformat() if self.on is not None else "", place=str(place_of(self)),
        )  # fmt: skip


class DispositionsFile(SpecModel):
    """findings.yaml."""

    findings: tuple[DispositionSpec, ...] | None = Field(
        default=(), description="The entries, the more precise ones first."
    )

    @model_validator(mode="after")
    def _no_entry_twice(self) -> DispositionsFile:
        seen: dict[object, int] = {}
        for number, spec in enumerate(self.findings or ()):
            pattern = (*(getattr(spec, n) for n in PATTERNS), spec.value, tuple(sorted(spec.keys.items())))
            for identity in [("id", i) for i in spec.ids] or [pattern]:
                first = seen.setdefault(identity, number)
                if first != number:
                    message = f"entry {first + 1} describes the same findings; remove one of the two"
                    raise FieldMistake(message, "findings", number)
        return self


def read_dispositions(path: Path, root: Path | None = None) -> list[DispositionSpec]:
    """The entries of a file. Raises SpecError with every mistake. ``root``: of the name of the file in messages."""
    specs, problems = examine_dispositions(path, root or path.parent)
    if problems:
        raise SpecError(problems)
    return specs


def examine_dispositions(path: Path, root: Path) -> tuple[list[DispositionSpec], list[SpecProblem]]:
    """The entries of a file and its mistakes; with a mistake there are no entries."""
    node, problems = examine_file(path, root)
    if node is None or problems or node_data(node) is None:  # comments alone are no mistake
        return [], problems
    binder = Binder()
    file = binder.bind(node, DispositionsFile)
    return ([*(file.findings or ())] if file is not None else []), binder.problems
