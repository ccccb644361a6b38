"""The coding dictionaries of a run: those that the rules of its plan use, and the lists of terms that have no code.

Not for reading their files (dictionaries/).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from ..dictionaries.read import read_dictionaries
from ..engine.derivations.coded import coded_rules
from ..engine.plan.plan import PlannedStudy
from ..findings.table import Findings
from ..sdtm.trial.coded_values import coding_values, with_codes
from ..sdtm.trial.summary import TRIAL_SUMMARY


def with_dictionaries(
    plan: PlannedStudy,
    folders: Sequence[Path],
    root: Path,
    findings: Findings,
    kinds: Sequence[str] = ("sdtm", "adam"),
    *,
    lenient: bool = False,
) -> tuple[PlannedStudy, dict[str, Path]]:
    """The plan with the dictionaries that its rules use, and the files that were read, by their name in the manifest.

    ``folders``: where the files of dictionaries may lie, the first one first. ``root``: the study folder.
    ``kinds``: of the datasets that are built. ``lenient``: files that are missing are no error. Raises InputError.
    """
    used = {rule.by for dataset, _, rule in coded_rules(plan) if plan.datasets[dataset].kind in kinds}
    if TRIAL_SUMMARY in plan.datasets and "sdtm" in kinds:
        used |= {value.coded for _, value in coding_values(plan.spec.trial)}
    if not used:
        return plan, {}
    read = read_dictionaries(plan.spec.dictionaries, used, folders, root, findings, lenient=lenient)
    plan = with_codes(replace(plan, dictionaries=read.dictionaries), read.dictionaries, findings)
    return plan, read.files
