"""Checks the coding files of a study against its dictionaries, without raw data: `raw2adam coding check`.

Not for reading either (dictionaries/).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..dictionaries.read import read_dictionaries
from ..dictionaries.study_dictionary import StudyDictionary
from ..errors import InputError, UsageError
from ..findings.table import Findings
from ..mappings.loader import find_study, load_study
from .plan_study import plan_study


@dataclass(frozen=True)
class CheckedCoding:
    """What a check found. ``lines``: for a person; ``errors``: how many rows cannot be used."""

    lines: tuple[str, ...]
    errors: int


def check_coding(study: str, dictionaries: Path | None, raw: Path | None = None) -> CheckedCoding:
    """Read every dictionary of a study and its coding files, and report the rows that cannot be used.

    Raises SpecError, UsageError for a study without dictionaries, and InputError for files that a build refuses.
    """
    loaded = load_study(find_study(study))
    plan_study(loaded)
    specs = loaded.file.dictionaries
    if not specs:
        raise UsageError(f"{study}: study.yaml has no dictionaries:, so there is nothing to check")
    for folder in (dictionaries, raw):
        if folder is not None and not folder.is_dir():
            raise InputError(f"{folder}: is not a folder; name the folder of the coding dictionaries")
    folders = [p for p in (dictionaries, raw, loaded.root) if p is not None]
    findings = Findings()
    read = read_dictionaries(specs, specs, folders, loaded.root, findings)
    lines = [_summary(d) for d in read.dictionaries.values()]
    found = findings.frame()
    lines += [
        f"{severity}: {': '.join(filter(None, (file, message)))} ({rule})"
        for severity, file, message, rule in zip(
            found["severity"], found["file"], found["message"], found["rule"], strict=True
        )
    ]
    lines += [line for d in read.dictionaries.values() for line in _not_current(d)]
    return CheckedCoding(tuple(lines), findings.count("error"))


def _summary(dictionary: StudyDictionary) -> str:
    entries = "absent" if dictionary.dictionary is None else f"{len(dictionary.dictionary)} entries"
    spec = dictionary.spec
    return f"{dictionary.name}: {spec.name} {spec.version}, {entries}, {len(dictionary.terms)} coded terms"


def _not_current(dictionary: StudyDictionary) -> list[str]:
    """A line for each coded term whose entry may not be used any more."""
    if dictionary.dictionary is None:
        return []
    return [
        f"warning: {term.place}: the entry is not current in {dictionary.spec.name} {dictionary.spec.version} "
        "(R2A-DICT-004)"
        for term in dictionary.terms.values()
        if not dictionary.dictionary.is_current(term.entries)
    ]
