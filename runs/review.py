"""The review of a run's findings: findings.yaml, checked, and the findings of an earlier output.

Not for comparing findings with them (findings/review.py).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..conformance.language import read as _conformance  # noqa: F401 - its rules are read at first need
from ..errors import InputError, SpecError, SpecProblem, nearest
from ..findings.catalogue import rules
from ..findings.entries import OPEN, Entry, glob, rules_like
from ..findings.review import REMEMBERED, Review
from ..mappings.binding.bind import place_of
from ..mappings.loader import LoadedStudy
from ..mappings.models.dispositions import FILE, DispositionSpec, read_dispositions
from ..output_folder.layout import layout_of_output
from ..output_folder.manifest import FileHash, read_manifest

#: findings of an output, below its folder
FINDINGS = "reports/findings.json"
#: rules that only run with the checks of data quality
_QUALITY = ("R2A-CHECK-", "R2A-QUAL-")


@dataclass(frozen=True)
class Previous:
    """The findings of an earlier output by identity, with the columns REMEMBERED, and the file that has them."""

    findings: Mapping[str, Mapping[str, Any]]
    file: Path
    hashed: FileHash


def entries_of(specs: Sequence[DispositionSpec]) -> list[Entry]:
    """The entries as findings are compared with them. Raises SpecError for a rule that is not known."""
    problems = unknown_rules(specs)
    if problems:
        raise SpecError(problems)
    return [spec.entry() for spec in specs]


def study_entries(study: LoadedStudy, file: Path | None) -> list[Entry]:
    """The entries of findings.yaml of a study, or of ``file`` in its place, which is then a spec. Raises SpecError."""
    if file is None:
        return entries_of(study.dispositions)
    study.specs[f"{study.root.name}/{FILE}"] = file
    return file_entries(file)


def file_entries(file: Path) -> list[Entry]:
    """The entries of a file like findings.yaml. Raises SpecError."""
    return entries_of(read_dispositions(file))


def unknown_rules(specs: Sequence[DispositionSpec]) -> list[SpecProblem]:
    """The entries whose rule no rule of the catalogue is like."""
    unknown = [s for s in specs if s.rule and not rules_like(s.rule)]
    known = [r.id for r in rules()] if unknown else []
    return [
        SpecProblem(place_of(s, "rule"), f"there is no rule '{s.rule}'", hint=nearest(s.rule, known)) for s in unknown
    ]


def open_entries(specs: Sequence[DispositionSpec]) -> list[SpecProblem]:
    """A warning for each entry that nobody has decided."""
    message = "the entry is open: its findings have no disposition; decide, and add explanation:, by: and on:"
    return [
        SpecProblem(place_of(s, "disposition"), message, severity="warning") for s in specs if s.disposition == OPEN
    ]


def findings_file(where: Path) -> Path:
    """The findings.json of an output folder; a file is itself one. Raises InputError where there is no such output."""
    if where.is_file():
        return where
    if not where.is_dir():
        raise InputError(f"{where}: there is no such output; name the folder of a build, or its findings.json")
    return where / layout_of_output(read_manifest(where)).place(FINDINGS)


def read_findings(file: Path) -> dict[str, Any]:
    """The content of a findings.json. Raises InputError where it is none, or where findings have no identity."""
    return _content(_read(file), file)


def _content(data: bytes, file: Path) -> dict[str, Any]:
    try:
        content = json.loads(data)
        without = [f for f in content["findings"] if "id" not in f or "rule" not in f]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        message = f"{file}: is no findings.json of raw2adam; name an output folder, or its findings.json"
        raise InputError(message) from error
    if without:
        raise InputError(f"{file}: its findings have no identities; build this output again with this version")
    return content


def previous_findings(where: Path) -> Previous:
    """The findings of an earlier output: its folder, or its findings.json.

    Raises InputError where there are none, or where they have no identities.
    """
    file = findings_file(where)
    data = _read(file)
    found = {str(f["id"]): _remembered(f) for f in _content(data, file)["findings"]}
    return Previous(found, file, FileHash(hashlib.sha256(data).hexdigest(), len(data)))


def _remembered(finding: Mapping[str, Any]) -> dict[str, Any]:
    """The columns REMEMBERED of a finding of findings.json, which has the raw cell as one object."""
    cell = finding.get("source")
    flat = {**finding, **cell} if isinstance(cell, Mapping) else finding
    return {name: flat.get(name, "") for name in REMEMBERED}


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise InputError(f"{file}: cannot be read: {error.strerror}") from error


@dataclass(frozen=True, kw_only=True)
class Earlier:
    """The findings of earlier outputs. ``compared``: of the one that --compare names.

    ``replaced``: of the output that the run replaces, by identity. No file depends on it, so that the same inputs
    give the same bytes; the summary of the run has it.
    """

    compared: Previous | None
    replaced: Mapping[str, Mapping[str, Any]] | None

    @classmethod
    def of(cls, out: Path, compare: Path | None) -> Earlier:
        """Read them. Raises InputError where ``compare`` has none."""
        compared = previous_findings(compare) if compare is not None else None
        if compared is not None or not out.is_dir():
            return cls(compared=compared, replaced=None)
        try:
            return cls(compared=None, replaced=previous_findings(out).findings)
        except InputError:
            return cls(compared=None, replaced=None)

    @property
    def files(self) -> dict[str, FileHash]:
        """What the run has read of them, for its manifest."""
        return {"previous/findings.json": self.compared.hashed} if self.compared is not None else {}


@dataclass(frozen=True, kw_only=True)
class Looked:
    """What a run looks at: whether it builds all from raw files, and with the checks of data quality.

    ``datasets``: those that it builds; ``raw``: whether it reads raw files; ``every``: whether it builds all datasets.
    """

    datasets: Collection[str]
    raw: bool
    every: bool
    quality: bool

    def at(self, entry: Entry) -> bool:
        """Whether the run looks for the findings of an entry."""
        if self.raw and self.every and self.quality:
            return True
        if entry.ids or (not self.quality and ("*" in entry.rule or entry.rule.startswith(_QUALITY))):
            return False
        if self.raw and self.every:
            return True
        if entry.dataset:
            like = glob(entry.dataset)
            return any(like.fullmatch(name) for name in self.datasets)
        return self.raw and bool(entry.source or entry.column)


def review(entries: Sequence[Entry], previous: Previous | None, looked: Looked | None = None) -> Review:
    """The review of findings by these entries, beside an earlier output."""
    found = previous.findings if previous is not None else None
    return Review(entries=entries, previous=found, judged=looked.at if looked is not None else lambda _: True)
