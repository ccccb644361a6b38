"""The pre-check of what FDA rejects technically: criteria 1734, 1735, 1736 and 1789 for the data of a clinical study.

It reads the finished files of a package, as FDA's gateway does. Source: FDA Technical Rejection Criteria for Study Data
and its self-check worksheet. Not for the conformance of the data (conformance/), nor for names and lengths of paths
(output_folder/path_rules.py).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import pandas as pd

from ..define.reading import read_define
from ..engine.columns.iso_dates import EPOCH, days_of, parse
from ..errors import InputError, OutputError
from ..findings.catalogue import rule_of
from ..findings.table import Findings
from ..transport.dataset_files import read_records
from ..transport.output_formats import submitted

#: the days after which a study needs standardized data and a full TS, by kind of application
REQUIRED_AFTER = {"NDA, BLA or ANDA": dt.date(2016, 12, 17), "commercial IND": dt.date(2017, 12, 17)}
#: null flavours of ISO 21090 that TSVALNF may have where a study has no start date
NULL_FLAVORS = (
    "NI", "NINF", "ASKU", "TRC", "INV", "UNC", "NAV", "MSK", "OTH", "DER", "NASK", "NA", "PINF", "UNK", "QS"
)  # fmt: skip
SIMPLIFIED = ("STUDYID", "TSPARMCD", "TSVAL", "TSVALNF")
START = "SSTDTC"
#: criterion -> what it is about; the numbers of FDA and the rules of PMDA
TITLES = {
    "1789": "study tagging file",
    "1734": "ts.xpt and study start date",
    "1735": "file-tags",
    "1736": "DM, ADSL and define.xml",
    "SD1020": "DM",
    "AD0001": "ADSL",
    "SD0062": "format of datasets",
    "define.xml": "definitions",
    "SD0056": "required variables",
    "SD0002": "required values",
    "SD0064": "subjects",
    "SD1074": "variables of SEND",
    "SD1073": "inappropriate variables",
}
_FULL = ("STUDYID", "DOMAIN", "TSSEQ", "TSPARMCD", "TSPARM", "TSVAL")


class State(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    OPEN = "open"  # decided outside of the package


@dataclass(frozen=True)
class Criterion:
    """One check of a criterion. ``code``: the agency's number of it; ``file``: in the package, '' for none."""

    code: str
    state: State
    text: str
    file: str = ""
    agency: str = "FDA"

    @property
    def rule(self) -> str:
        """The rule of the finding where the check failed."""
        return "R2A-PMDA-001" if self.agency == "PMDA" else _RULES[self.code]

    @property
    def to_do(self) -> str:
        """What to do where the check failed, else ''."""
        return rule_of(self.rule).do if self.state is State.FAILED else ""


@dataclass(frozen=True)
class StudyPackage:
    """The package of one study. ``sdtm``, ``adam``: their folders; ``study``: study-id of the study tagging file."""

    study: str
    sdtm: Path
    adam: Path


def technical_rejection(package: StudyPackage) -> list[Criterion]:
    """Every check, in the order in which FDA runs the criteria: 1789, 1734, 1735, 1736."""
    stf = f"The publisher writes the study tagging file. Its study-id must be {package.study}, and it lists every file."
    tags = (
        "The publisher gives each dataset and define.xml its file-tag. The list of the files of the package has them."
    )
    return [
        Criterion("1789", State.OPEN, stf),
        *_trial_summary(package),
        Criterion("1735", State.OPEN, tags),
        *_required(package, "sdtm", package.sdtm, "dm"),
        *_required(package, "adam", package.adam, "adsl"),
    ]


def report_rejections(criteria: list[Criterion], findings: Findings) -> None:
    """A finding for each check that failed."""
    for found in criteria:
        if found.state is State.FAILED:
            findings.add(found.rule, f"{found.agency} {found.code}: {found.text}", file=found.file)


_RULES = {"1734": "R2A-FDA-001", "1736": "R2A-FDA-002"}


def _trial_summary(package: StudyPackage) -> Iterator[Criterion]:
    """Criterion 1734: ts.xpt, the STUDYID in it, and the start date of the study."""

    def result(state: State, text: str) -> Criterion:
        return Criterion("1734", state, text, "ts.xpt")

    if not package.sdtm.is_dir():
        yield result(State.OPEN, "The package has no tabulations. The study needs ts.xpt, here or in an earlier one.")
        return
    frame = _records(package.sdtm / "ts.xpt", lambda text: result(State.FAILED, text))
    if isinstance(frame, Criterion):
        yield frame
        return
    absent = [n for n in SIMPLIFIED[:3] if n not in frame]
    if absent:
        yield result(State.FAILED, f"ts.xpt has no {', '.join(absent)}.")
        return
    yield result(*_one_study(frame, package.study, "ts.xpt"))
    starts = frame[frame["TSPARMCD"].astype(str) == START]
    if len(starts) != 1:
        yield result(State.FAILED, f"ts.xpt has {len(starts)} records of {START}, and it must have one.")
        return
    day = str(starts["TSVAL"].iat[0]).strip()
    flavor = str(starts["TSVALNF"].iat[0]).strip() if "TSVALNF" in starts else ""
    if not day:
        good = flavor in NULL_FLAVORS
        text = (
            f"The study has no start date; TSVALNF of {START} is {flavor}."
            if good
            else f"TSVAL of {START} is empty, and TSVALNF is {flavor!r}: a date or a null flavour is needed."
        )
        yield result(State.PASSED if good else State.FAILED, text)
        return
    moment = _date(day)
    if moment is None:
        yield result(State.FAILED, f"TSVAL of {START} is {day!r}, which is no date YYYY-MM-DD.")
        return
    yield result(State.PASSED, f"The study start date is {day}.")
    lacking = [n for n in _FULL if n not in frame]
    needs = [what for what, last in REQUIRED_AFTER.items() if moment > last]
    if needs and lacking:
        text = f"A study that starts on {day} needs a full TS for {' and '.join(needs)}"
        yield result(State.FAILED, f"{text}: ts.xpt has no {', '.join(lacking)}.")


def _required(package: StudyPackage, kind: str, folder: Path, dataset: str) -> Iterator[Criterion]:
    """Criterion 1736: the dataset of subjects and define.xml. Only where the package has datasets of the kind.

    ts.xpt alone is the package of a study without SDTM.
    """
    name = {"sdtm": "SDTM", "adam": "ADaM"}[kind]
    there = {p.name for p in folder.iterdir() if p.suffix == submitted().suffix} if folder.is_dir() else set()
    if not there - {submitted().file("ts")}:
        text = f"The package has no {name} datasets. FDA needs them for a study that starts after 2016-12-17."
        yield Criterion("1736", State.OPEN, text)
        return
    file = submitted().file(dataset)
    frame = _records(folder / file, lambda text: Criterion("1736", State.FAILED, text, file))
    if isinstance(frame, Criterion):
        yield frame
    elif "STUDYID" not in frame:
        yield Criterion("1736", State.FAILED, f"{file} has no STUDYID.", file)
    else:
        yield Criterion("1736", *_one_study(frame, package.study, file), file)
    yield define_criterion(folder / "define.xml", package.study, name, "FDA", "1736")


def define_criterion(path: Path, study: str, name: str, agency: str, code: str) -> Criterion:
    """define.xml of SDTM or ADaM (``name``) is there, can be read, and is of the study."""

    def result(state: State, text: str) -> Criterion:
        return Criterion(code, state, text, path.name, agency)

    try:
        content = read_define(path.read_bytes(), path.name)
    except FileNotFoundError:
        return result(State.FAILED, f"The {name} datasets have no define.xml beside them.")
    except (OSError, InputError, OutputError) as error:
        return result(State.FAILED, f"define.xml of {name} cannot be read: {error}")
    if content.study != study:
        return result(State.FAILED, f"StudyName in define.xml of {name} is {content.study!r}, not {study!r}.")
    return result(State.PASSED, f"define.xml of {name} is there, and its study is {study}.")


def _records(path: Path, failed: Callable[[str], Criterion]) -> pd.DataFrame | Criterion:
    if not path.is_file():
        return failed(f"The package has no {path.name}.")
    try:
        frame = read_records(path)[1]
    except InputError as error:
        return failed(str(error).replace(str(path), path.name))
    return frame if len(frame) else failed(f"{path.name} has no record.")


def _one_study(frame: pd.DataFrame, study: str, file: str) -> tuple[State, str]:
    found = sorted(set(map(str, frame["STUDYID"].unique())))
    if found == [study]:
        return State.PASSED, f"STUDYID of {file} is {study}."
    shown = ", ".join(repr(s) for s in found[:3])
    return State.FAILED, f"STUDYID of {file} is {shown}; the study-id of the study tagging file is {study!r}."


def _date(text: str) -> dt.date | None:
    """The day at the start of a date or date and time in ISO 8601; None for anything else."""
    date = parse(text)
    return dt.date.fromordinal(EPOCH + int(days_of(date)[0])) if date is not None and date.complete else None
