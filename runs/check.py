"""A check of finished datasets: read the package, run the rules, add what CDISC CORE reports.

Not for its output (check_output.py, sarif.py) nor for the rules (conformance/).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..conformance.language.read import shipped_rules
from ..conformance.language.rule import Rule
from ..conformance.package import Package
from ..conformance.read_package import ReadPackages, read_packages
from ..conformance.run import RuleRun, run_rules
from ..define.not_collected import not_collected
from ..errors import UsageError, nearest
from ..findings.review import NEW_ERROR, is_new_error
from ..findings.rule import SEVERITIES
from ..findings.table import Findings
from .core_engine import CoreError, CoreReport, core_command, run_core
from .core_merge import Merged, merge
from .review import file_entries, previous_findings, review

#: a required variable has no values; define.xml has it as not mandatory
_REQUIRED = ("R2A-CONF-001", "R2A-DEF-221")


@dataclass(frozen=True, kw_only=True)
class CheckRequest:
    """What is checked. ``rules``: ids, published ids, or beginnings of ids with ``*``; () for all.

    ``core``: the command of CDISC CORE; ``core_seconds``: how long it may take for each standard. ``dispositions``: a
    file like findings.yaml; ``compare``: an earlier output, or its findings.json.
    """

    path: Path
    define: Path | None = None
    standard: str = ""
    encoding: str = ""
    rules: Sequence[str] = ()
    core: Path | None = None
    core_seconds: float = 3600
    dispositions: Path | None = None
    compare: Path | None = None
    say: Callable[[str], None] = lambda _: None


@dataclass(frozen=True, kw_only=True)
class CheckResult:
    """What a check found. ``runs``: what became of each rule, by standard. ``seconds``: reading, then rules."""

    read: ReadPackages
    findings: Findings
    runs: Mapping[str, Sequence[RuleRun]]
    rules: Mapping[str, Rule]
    core: Merged | None = None
    seconds: tuple[float, float] = (0.0, 0.0)
    reviewed: bool = field(default=False)

    def exit_code(self, fail_on: str) -> int:
        """1 if there is a finding of this severity or a worse one, or with new-error a new error; else 0."""
        if fail_on == "never":
            return 0
        if fail_on == NEW_ERROR:
            return int(bool(is_new_error(self.findings.frame()).any()))
        return int(any(self.findings.count(s) for s in SEVERITIES[: SEVERITIES.index(fail_on) + 1]))


def check(request: CheckRequest) -> CheckResult:
    """Check a folder of datasets, an output of a build, a package for an agency, or one file.

    A file that cannot be read is a finding, and the others are checked. Raises UsageError for a request that cannot
    work, SpecError for a wrong file of dispositions, InputError where there is nothing to check.
    """
    rules = chosen_rules(shipped_rules(), request.rules)
    command = core_command(request.core) if request.core is not None else None
    entries = file_entries(request.dispositions) if request.dispositions is not None else ()
    previous = previous_findings(request.compare) if request.compare is not None else None
    started = time.perf_counter()
    read = read_packages(request.path, define=request.define, standard=request.standard, encoding=request.encoding)
    was_read = time.perf_counter()
    findings = Findings()
    for problem in read.problems:
        findings.add(problem.rule, problem.message, dataset=problem.dataset, value=problem.file)
    runs = {package.standard: run_rules(package, rules, findings) for package in read.packages}
    judged = time.perf_counter()
    core = _with_core(command, read.packages, findings, request) if command is not None else None
    reasons = [not_collected(package.define) for package in read.packages if package.define is not None]
    findings.fold_not_collected({about: text for of in reasons for about, text in of.items()}, _REQUIRED)
    if entries or previous is not None:
        findings.reviewed(review(entries, previous))
        findings.report_entries()
    return CheckResult(
        read=read,
        findings=findings,
        runs=runs,
        rules=rules,
        core=core,
        seconds=(was_read - started, judged - was_read),
        reviewed=bool(entries) or previous is not None,
    )


def chosen_rules(rules: Mapping[str, Rule], wanted: Sequence[str]) -> dict[str, Rule]:
    """The rules that have one of the ids, or a published one; ``R2A-DEF-*`` stands for all that begin so.

    Raises UsageError for an id that no rule has.
    """
    if not wanted:
        return dict(rules)
    found: dict[str, Rule] = {}
    for word in wanted:
        start = word.removesuffix("*")
        ids = [
            id_
            for id_, rule in rules.items()
            if (id_.startswith(start) if word.endswith("*") else word == id_ or word in _published(rule))
        ]
        if not ids:
            known = [*rules, *(p for rule in rules.values() for p in _published(rule))]
            hint = nearest(word, known)
            raise UsageError(
                f"--rules {word}: no rule has this id" + (f"; {hint}" if hint else "; docs/findings.md lists all")
            )
        found |= {id_: rules[id_] for id_ in ids}
    return dict(sorted(found.items()))


def _published(rule: Rule) -> tuple[str, ...]:
    """Published ids of a rule, with and without the name of the agency."""
    return (*rule.published.ids, *rule.published.fda)


def _with_core(command: list[str], packages: Sequence[Package], findings: Findings, request: CheckRequest) -> Merged:
    reports: list[CoreReport] = []
    for package in packages:
        request.say(f"CDISC CORE checks {package.standard.upper()} ...")
        try:
            reports.append(run_core(command, package, request.core_seconds))
        except CoreError as error:
            findings.add("R2A-CORE-001", f"{package.standard.upper()}: {error}")
    return merge(findings, reports)
