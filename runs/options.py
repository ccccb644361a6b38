"""The choices of a run, the command that names them, and the date that it declares.

Not for the stages of a run (run.py).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..engine.plan.plan import PlannedStudy
from ..output_folder.layout import PLAIN
from ..transport.agency_profiles import FDA


@dataclass(kw_only=True)
class Options:
    """The choices of a run beside the study and its data."""

    only: str = ""  # sdtm | adam | ''
    partitions: int = 1
    as_of: dt.date | None = None
    cutoff: dt.date | None = None
    raw_copy: bool = True
    quality: bool = True
    report: bool = True  # the analyses of the study as tables and figures
    formats: tuple[str, ...] = ()  # of datasets, by name; define.xml names the first of all, which is always written
    layout: str = PLAIN  # plain | ectd
    profile: str = FDA.name  # of an agency
    max_file_size: str = ""  # above which a transport file is split too; '' for that of the profile
    corrections: Path | None = None  # folder of corrected quarantine files
    documents: Path | None = None  # folder of the documents of define.xml
    guides: bool = False  # drafts of the reviewer's guides
    dictionaries: Path | None = None  # folder of the coding dictionaries
    dispositions: Path | None = None  # file in place of findings.yaml of the study
    data_docs: Path | None = None  # folder for the pages of great-expectations
    compare: Path | None = None  # an earlier output, whose findings these are compared with
    say: Callable[[str], None] = lambda _: None
    argv: tuple[str, ...] = ()  # the command, for the run log; () for no run log


def command_words(options: Options, start: Sequence[str], declared: dt.date, formats: Sequence[str]) -> list[str]:
    """The words of the command with these choices. Nothing of the machine, and nothing that changes no output.

    ``start``: the words for the data that the run reads. ``formats``: of datasets; the first one is always written.
    """
    chosen = {
        f"--cutoff {options.cutoff}": options.cutoff is not None,
        "--corrections CORRECTIONS": options.corrections is not None,
        f"--formats {','.join(formats)}": len(formats) > 1,
        f"--layout {options.layout}": options.layout != PLAIN,
        f"--profile {options.profile}": options.profile != FDA.name,
        f"--max-file-size {options.max_file_size}": bool(options.max_file_size),
        "--documents DOCUMENTS": options.documents is not None,
        "--guides": options.guides,
        "--dictionaries DICTIONARIES": options.dictionaries is not None,
        "--dispositions FILE": options.dispositions is not None,
        "--compare PREVIOUS": options.compare is not None,
        "--no-raw-copy": not options.raw_copy,
        "--no-quality": not options.quality,
        "--no-report": not options.report,
    }
    named = [words for words, holds in chosen.items() if holds]
    return ["raw2adam build STUDY", *start, f"--out OUT --as-of {declared.isoformat()}", *named]


def declared_time(plan: PlannedStudy, options: Options) -> dt.datetime:
    """The run's declared date: --as-of, else the study's as_of, else its cut-off, else today."""
    day = options.as_of or plan.spec.study.as_of or plan.spec.study.cutoff or dt.date.today()
    return dt.datetime(day.year, day.month, day.day)
