"""Writes out the short blocks of a spec: ``trial:`` and ``relate:`` become records, columns and rules.

Not for the records of the trial (records.py), the mistakes in a design (checks.py), the dates of SE
(sdtm/derivations/elements.py), values that need all subjects (summary.py) nor relations (sdtm/relations.py).
"""

from __future__ import annotations

from collections.abc import Iterator

from ...engine.derivations.assign import From, Value
from ...errors import SpecProblem, nearest
from ...mappings.binding.bind import place_of, with_place_of
from ...mappings.facts.facts import DatasetFacts
from ...mappings.models.dataset import DatasetSpec, ValueSpec
from ...mappings.models.derivation import DerivationSpec, OriginSpec
from ...mappings.models.row_block import RowBlock
from ...mappings.models.study import StudySpec, SubjectSpec
from ...mappings.models.trial import TrialSpec
from ..derivations.elements import SubjectElement
from ..identity_rules import identity_rule
from ..relations import related_blocks
from .checks import element_problems
from .records import COUNTRIES, COUNTRY_CODELIST, ISO_8601, MAKERS, PARAMETER_CODELISTS, computed_sentence

_STEP, _START = "STEP", "START"


def written_out(
    file: DatasetSpec, study: StudySpec, standard: DatasetFacts, problems: list[SpecProblem], datasets: set[str]
) -> DatasetSpec:
    """The same dataset with plain blocks only: from a source, a dataset, or records of the spec."""
    if not any(b.trial or b.relate or b.records for b in file.blocks):
        return file
    blocks: list[RowBlock] = []
    values = list(file.values)
    for block in file.blocks:
        if block.trial:
            blocks += _trial_block(block, file, study, problems, datasets)
            if block.trial == "TS" and study.trial:
                values += _levels(study.trial, study)
        elif block.relate:
            blocks += related_blocks(block, block.relate, file, problems, datasets)
        else:
            blocks.append(block)
    filled = tuple(
        _with_variables(b, file, standard, problems) if b.records else _of_subjects(b, standard, study.subject)
        for b in blocks
    )
    return file.model_copy(update={"rows": filled, "values": tuple(values)})


def _of_subjects(block: RowBlock, standard: DatasetFacts, subject: SubjectSpec) -> RowBlock:
    """A block beside one of records: it has USUBJID of its rows, since the records have no subject."""
    if all(v.name != "USUBJID" for v in standard.variables):
        return block
    identity: dict[str, DerivationSpec] = {"USUBJID": identity_rule("USUBJID", subject)}
    return block.model_copy(update={"variables": {**identity, **block.variables}})


def _with_variables(
    block: RowBlock, file: DatasetSpec, standard: DatasetFacts, problems: list[SpecProblem]
) -> RowBlock:
    """A block of records with a rule for each of their keys that is a variable of the dataset."""
    keys = [*dict.fromkeys(k for r in block.records for k in r)]
    known = {v.name for v in standard.variables}
    written = {**file.variables, **block.variables}
    rules: dict[str, DerivationSpec] = {}
    read = {n for r in [*written.values(), *file.working.values(), *block.working.values()] if r for _, n in r.reads()}
    for key in keys:
        if key == "USUBJID":
            message = "records: have no subject; read the records of subjects from a source or a dataset"
            problems.append(SpecProblem(place_of(block, "records"), message, file.dataset, key))
        elif key in known and key not in written:
            rules[key] = From.model_validate(
                {"from": key, "method": f"{key} is the text that the specification of the records states."}
            )
        elif key not in known and key not in read:
            message = f"{key} is no variable of {file.dataset}, and no rule reads it"
            problems.append(
                SpecProblem(place_of(block, "records"), message, file.dataset, key, nearest(key, sorted(known)))
            )
    if "USUBJID" in known:
        rules["USUBJID"] = Value(value="", method="USUBJID is empty, because the record has no subject.")
    placed = {n: with_place_of(r, block) for n, r in rules.items()}
    return block.model_copy(update={"variables": {**placed, **block.variables}})


def _trial_block(
    block: RowBlock, file: DatasetSpec, study: StudySpec, problems: list[SpecProblem], datasets: set[str]
) -> Iterator[RowBlock]:
    assert block.trial is not None
    place = place_of(block, "trial")
    if study.trial is None:
        problems.append(SpecProblem(place, "study.yaml has no trial:, which these records need", file.dataset))
        return
    if block.trial != file.dataset:
        problems.append(SpecProblem(place, f"trial: {block.trial} is for the dataset {block.trial}", file.dataset))
        return
    if block.trial == "SE":
        problems += element_problems(study, study.trial, datasets)
        yield _subject_elements(block, study.trial)
        return
    records = MAKERS[block.trial](study, study.trial, problems)
    if not records:
        what = {"TA": "arms", "TE": "elements", "TI": "criteria", "TS": "summary"}
        needs = f"trial: has no {what[block.trial]}:" if block.trial in what else "no visit of visits: has starts:"
        problems.append(SpecProblem(place, f"{needs}, so {file.dataset} would be empty", file.dataset))
        return
    yield block.model_copy(update={"trial": None, "records": records})


def _subject_elements(block: RowBlock, trial: TrialSpec) -> RowBlock:
    """SE: a record for each subject and step of the longest path, where the subject entered the step."""
    longest = max((len(a.steps) for a in trial.arms.values()), default=0)
    elements: dict[str, DerivationSpec] = {
        v: SubjectElement(element=v) for v in ("ETCD", "ELEMENT", "TAETORD", "EPOCH", "SEENDTC")
    }
    elements["SESTDTC"] = SubjectElement(element="SESTDTC")
    # the column decides which steps are records; the variable SESTDTC reports findings, the column does not
    columns: dict[str, DerivationSpec] = {_START: SubjectElement(element="ETCD")}
    where = f"not missing({_START})" + (f" and ({block.where})" if block.where else "")
    return block.model_copy(
        update={
            "trial": None,
            "from_": "DM",
            "each": {_STEP: tuple(str(n + 1) for n in range(longest))},
            "columns": {**{n: with_place_of(r, block) for n, r in columns.items()}, **block.columns},
            "where": where,
            "variables": {**{n: with_place_of(r, block) for n, r in elements.items()}, **block.variables},
        }
    )


def _levels(trial: TrialSpec, study: StudySpec) -> Iterator[ValueSpec]:
    """Value-level metadata of parameters: the method of computed values, the published list, the type of a date."""
    for parameter in trial.summary:
        filled = [v for v in trial.values(parameter) if not v.null_flavor]
        computed = [v for v in filled if v.computed]
        sentence = " ".join(dict.fromkeys(computed_sentence(v, study) for v in computed))
        listed = COUNTRY_CODELIST if parameter in COUNTRIES else PARAMETER_CODELISTS.get(parameter)
        kind = "text"
        if parameter in ISO_8601:
            kind = "durationDatetime" if any(v.value.startswith("P") for v in filled) else "date"
        if filled and (computed or listed or kind != "text"):
            yield ValueSpec(
                where=f"TSPARMCD == '{parameter}'",
                variable="TSVAL",
                type=kind,
                codelist=listed,
                origin=OriginSpec(type="Derived", source="Sponsor") if computed else None,
                method=sentence,
            )
