"""The transport files of a run under the profile of an agency: refused, reported, and split where they are too large.

Not for the rules (validation/agency_rules.py) nor for the split itself (transport/split_xpt.py).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..engine.tables.dataset import DatasetMetadata
from ..errors import OutputError
from ..findings.table import Findings
from ..transport.agency_profiles import AgencyProfile, size_text
from ..transport.pandas_records import pandas_records
from ..transport.split_xpt import SplitPart, split_problems, split_xpt
from ..transport.xpt_format import unholdable


def refuse_metadata(datasets: Iterable[DatasetMetadata]) -> None:
    """Raise OutputError with every name, label, length and format that no transport file can hold, of all datasets."""
    problems = [text for dataset in datasets for text in unholdable(dataset)]
    if problems:
        raise OutputError("\n".join(problems))


def check_files(
    files: Mapping[str, Path],
    datasets: Mapping[str, DatasetMetadata],
    records: Mapping[str, int],
    profile: AgencyProfile,
    findings: Findings,
) -> dict[str, Any]:
    """Report files that other tools misread, and split those that are too large; what the manifest has of the split.

    ``files``: dataset -> its transport file.
    """
    splits: dict[str, Any] = {}
    for name, path in files.items():
        found = pandas_records(path) if profile.checked else records[name]
        if found != records[name]:
            text = f"pandas.read_sas finds {found} of {records[name]} records"
            findings.add("R2A-XPT-009", f"{text}: blanks in the last 80 bytes are padding for it", dataset=name)
        size = path.stat().st_size
        if profile.limit and size > profile.limit:
            parts = split_xpt(path, records[name], profile.limit, list(datasets))
            text = guide_text(path, size, profile, datasets[name].keys, parts)
            findings.add("R2A-XPT-010", text, dataset=name)
            splits[name] = {"parts": [[p.dataset, p.first, p.last, *p.subjects] for p in parts], "text": text}
    return splits


def guide_text(path: Path, size: int, profile: AgencyProfile, keys: Sequence[str], parts: Sequence[SplitPart]) -> str:
    """The sentences for the reviewer's guide."""
    limit = size_text(profile.limit)
    taken = f"the limit of {limit}" if profile.chosen else f"the {limit} that {profile.agency} takes"
    listed = "; ".join(
        f"{p.file}, records {p.first} to {p.last}"
        + (f", USUBJID {p.subjects[0]} to {p.subjects[1]}" if p.subjects[0] else "")
        for p in parts
    )
    order = f" ({', '.join(keys)})" if keys else ""
    whole = all(a.subjects[1] != b.subjects[0] for a, b in itertools.pairwise(parts)) and parts[0].subjects[0]
    subjects = " No subject is in two of them." if whole else ""
    return (
        f"{path.name} has {size_text(size)}, more than {taken}. It is also split into "
        f"{len(parts)} files by the order of its records{order}: {listed}.{subjects}"
    )


def split_faults(splits: Mapping[str, Any], files: Mapping[str, Path], records: Mapping[str, int]) -> list[str]:
    """The faults of the split files that the manifest lists. ``files``: dataset -> its transport file."""
    problems: list[str] = []
    for name, entry in splits.items():
        path = files.get(name)
        if path is None or not path.is_file():
            problems.append(f"{name}: the manifest has its split files, and its whole file is missing")
            continue
        parts = [SplitPart(str(p[0]), int(p[1]), int(p[2])) for p in entry["parts"]]
        problems += split_problems(path, records.get(name, 0), parts)
    return problems
