"""TSVALCD of the values of the trial summary that a dictionary codes, as the substance by UNII.

The files of dictionaries are read after the planning, so the records of TS get these codes when they are. Not for
the other records (records.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ...dictionaries.dictionary import NO_ENTRIES
from ...dictionaries.study_dictionary import StudyDictionary
from ...engine.plan.plan import PlannedStudy
from ...findings.table import Findings
from ...mappings.models.trial import SummaryValue, TrialSpec
from .summary import TRIAL_SUMMARY


def coding_values(trial: TrialSpec | None) -> list[tuple[str, SummaryValue]]:
    """(parameter, value) of each value of the trial summary that a dictionary codes."""
    if trial is None:
        return []
    return [(p, v) for p in trial.summary for v in trial.values(p) if v.coded]


def with_codes(plan: PlannedStudy, dictionaries: Mapping[str, StudyDictionary], findings: Findings) -> PlannedStudy:
    """The plan with TSVALCD in the records of TS whose value is coded.

    A value without one code is a finding, and has no dictionary and no version either.
    """
    planned = plan.datasets.get(TRIAL_SUMMARY)
    codes = {
        (parameter, value.value): _code(parameter, value, dictionaries[value.coded], findings)
        for parameter, value in coding_values(plan.spec.trial)
        if value.coded in dictionaries
    }
    if planned is None or not codes:
        return plan
    blocks = []
    for block in planned.spec.blocks:
        records = tuple(_with_code(r, codes) for r in block.records)
        blocks.append(block.model_copy(update={"records": records}) if records else block)
    spec = planned.spec.model_copy(update={"rows": tuple(blocks)})
    return replace(plan, datasets={**plan.datasets, TRIAL_SUMMARY: replace(planned, spec=spec)})


def _with_code(record: dict[str, str], codes: Mapping[tuple[str, str], str]) -> dict[str, str]:
    code = codes.get((record.get("TSPARMCD", ""), record.get("TSVAL", "")))
    if code is None:
        return record
    return {**record, "TSVALCD": code} if code else {**record, "TSVALCD": "", "TSVCDREF": "", "TSVCDVER": ""}


def _code(parameter: str, value: SummaryValue, dictionary: StudyDictionary, findings: Findings) -> str:
    """The text of the first level of the entry whose text at any level is the value; '' with a finding for none."""
    entries = dictionary.dictionary
    if entries is None:
        return ""
    first, *others = dictionary.spec.level_names
    found = next((f for level in (*others, first) if len(f := entries.find(level, value.value))), NO_ENTRIES)
    codes = entries.texts(first, found) if len(found) else []
    if len(codes) == 1:
        return codes[0]
    about = f"{dictionary.spec.name} {dictionary.spec.version}"
    rule, what = ("R2A-DICT-001", "no entry") if not codes else ("R2A-DICT-005", f"{len(codes)} entries")
    findings.add(
        rule,
        f"{parameter}: {dictionary.name} ({about}) has {what} with this value",
        dataset=TRIAL_SUMMARY,
        variable="TSVALCD",
        value=value.value,
    )
    return ""
