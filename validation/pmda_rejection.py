"""The pre-check of the rules that PMDA publishes with the severity Reject: review does not begin with a finding of one.

It reads the finished files of a package. Sources: PMDA, Study Data Validation Rules; the rules and severities are those
of the PMDA configurations of the validation engine that PMDA uses, SDTMIG 3.1.2 and 3.1.3, ADaMIG 1.0 to 1.3. Each rule
of data is a conformance rule of raw2adam with the same meaning. Not for the criteria of FDA (rejection.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..conformance.language.read import shipped_rules
from ..conformance.read_package import ReadPackages, read_packages
from ..conformance.run import run_rules
from ..findings.table import Findings
from ..transport.output_formats import submitted
from ..transport.read_xpt import is_version_5_file
from .rejection import Criterion, State, StudyPackage, define_criterion

_AGENCY = "PMDA"
#: rule of PMDA -> the conformance rule of raw2adam, what the rule finds, and that nothing was found
_OF_DATA = {
    "SD0056": ("R2A-CONF-002", "Required variables that a dataset lacks", "Every dataset has its required variables."),
    "SD0002": ("R2A-CONF-001", "Required variables without a value", "Every required variable has its values."),
    "SD0064": ("R2A-CONF-007", "Subjects that are not in DM", "Every subject is in DM."),
    "SD1074": ("R2A-GEN-019", "Variables that only SEND has", "No dataset has a variable that only SEND has."),
}
_SHOWN = 3


@dataclass(frozen=True)
class _Half:
    """SDTM or ADaM of a package. ``dataset``: the one of its subjects; ``rule``: PMDA's rule that asks for it."""

    kind: str
    name: str
    folder: Path
    dataset: str
    rule: str

    @property
    def files(self) -> list[Path]:
        if not self.folder.is_dir():
            return []
        return sorted(p for p in self.folder.iterdir() if p.suffix == submitted().suffix)


def pmda_rejection(package: StudyPackage) -> list[Criterion]:
    """Every check: the files first, then the rules of the data. A half that the package lacks is open."""
    sdtm = _Half("sdtm", "SDTM", package.sdtm, "dm", "SD1020")
    adam = _Half("adam", "ADaM", package.adam, "adsl", "AD0001")
    read = {h.kind: read_packages(h.folder, standard=h.kind) for h in (sdtm, adam) if h.files}
    return [
        *(c for half in (sdtm, adam) for c in _files(half, read.get(half.kind), package.study)),
        *(_data(read[sdtm.kind]) if sdtm.files else ()),
        _result(
            "SD1073",
            State.OPEN,
            "PMDA does not list the variables that SDTMIG calls inappropriate; run the validation software.",
        ),
    ]


def _result(code: str, state: State, text: str, file: str = "") -> Criterion:
    return Criterion(code, state, text, file, _AGENCY)


def _files(half: _Half, read: ReadPackages | None, study: str) -> Iterator[Criterion]:
    """The dataset of subjects and define.xml are there, and every dataset is a transport file of version 5."""
    if read is None:
        yield _result(half.rule, State.OPEN, f"The package has no {half.name} datasets.")
        return
    wanted = submitted().file(half.dataset)
    there = wanted in {p.name for p in half.files}
    text = f"{half.name} has {wanted}." if there else f"{half.name} has no {wanted}."
    yield _result(half.rule, State.PASSED if there else State.FAILED, text, wanted)
    wrong = sorted(p.name for p in half.files if not is_version_5_file(p))
    wrong += sorted({p.message for p in read.problems if p.rule != "R2A-FILE-005"})
    text = f"All {len(half.files)} datasets of {half.name} are transport files of version 5."
    if wrong:
        text = f"Datasets of {half.name} that are no transport files of version 5: {_some(wrong)}."
    yield _result("SD0062", State.FAILED if wrong else State.PASSED, text)
    yield define_criterion(half.folder / "define.xml", study, half.name, _AGENCY, "define.xml")


def _data(read: ReadPackages) -> Iterator[Criterion]:
    """The rules of the data of SDTM; those of ADaM have another severity."""
    rules = shipped_rules()
    wanted = {ours: rules[ours] for ours, _, _ in _OF_DATA.values()}
    findings = Findings()
    for package in read.packages:
        run_rules(package, wanted, findings)
    found = findings.frame()
    for code, (ours, what, good) in _OF_DATA.items():
        of_rule = found[found["rule"] == ours]
        if of_rule.empty:
            yield _result(code, State.PASSED, good)
            continue
        about = {f"{d}.{v}" if v else str(d) for d, v in zip(of_rule["dataset"], of_rule["variable"], strict=True)}
        yield _result(code, State.FAILED, f"{what}: {_some(sorted(about))}; findings: {len(of_rule):,}.")


def _some(names: list[str]) -> str:
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
