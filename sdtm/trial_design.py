"""Writes out the blocks of a spec that stand for records: ``trial:`` and ``relate:`` become records, columns and rules.

Trial design datasets of SDTMIG 3.4 section 7 come from trial:, epochs: and visits: of study.yaml; SE's dates are in
elements.py, values that need all subjects in trial_summary.py, relations in relations.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ..engine.assign import From, Value
from ..errors import SpecProblem, nearest
from ..mappings import facts
from ..mappings.binding import key_place_of, place_of, standing_at
from ..mappings.facts import DatasetFacts
from ..mappings.model import DatasetFile, OriginSpec, RowBlock, StudyFile, ValueSpec
from ..mappings.rule import Rule
from ..mappings.trial_model import SummaryValue, TrialSpec
from .elements import SubjectElement, named
from .relations import related_blocks

Records = tuple[dict[str, str], ...]

#: TSPARMCD -> codelist of its values, by the names in SDTM CT; NY for the indicators
PARAMETER_CODELISTS = {
    "STYPE": "STYPE", "OBSMODEL": "OBSSMO", "OBSTIMP": "OBSSTP", "OBSTSMM": "OBSSSM", "TCNTRL": "TCNTRL",
    "TBLIND": "TBLIND", "TPHASE": "TPHASE", "TTYPE": "TTYPE", "INTMODEL": "INTMODEL", "INTTYPE": "INTTYPE",
    "SEXPOP": "SEXPOP",
} | dict.fromkeys(
    ("ADAPT", "ADDON", "BRDNAIND", "BRIND", "DMCIND", "EXTTIND", "FDADEIND", "FDADRIND", "HLTSUBJI", "ONGOSIND",
     "PASSIND", "PDPSTIND", "PDSTIND", "PIPIND", "RANDOM", "RDIND", "SSTDYIND"), "NY",
)  # fmt: skip
#: parameters whose values are dates or durations
ISO_8601 = frozenset(
    {"AGEMAX", "AGEMIN", "CRMDUR", "CSRARDTC", "DCUTDTC", "LENGTH", "PLNTRDUR", "PTRTDUR", "SDMDUR", "SENDTC", "SSTDTC"}
)
COUNTRIES = frozenset({"FCNTRY", "MNFCNTRY"})
_STEP, _START = "STEP", "START"


def written_out(
    file: DatasetFile, study: StudyFile, standard: DatasetFacts, problems: list[SpecProblem], datasets: set[str]
) -> DatasetFile:
    """The same dataset with every block a plain one: from a source, a dataset, or records that stand in the spec."""
    if not any(b.trial or b.relate or b.records for b in file.blocks):
        return file
    blocks: list[RowBlock] = []
    values = list(file.values)
    for block in file.blocks:
        if block.trial:
            blocks += _trial_block(block, file, study, problems, datasets)
            if block.trial == "TS" and study.trial:
                values += _computed_levels(study.trial, study)
        elif block.relate:
            blocks += related_blocks(block, block.relate, file, problems, datasets)
        else:
            blocks.append(block)
    filled = tuple(
        _with_variables(b, file, standard, problems) if b.records else _of_subjects(b, standard) for b in blocks
    )
    return file.model_copy(update={"rows": filled, "values": tuple(values)})


def _of_subjects(block: RowBlock, standard: DatasetFacts) -> RowBlock:
    """A block beside one of records: its subjects are its own, where the records have none."""
    if all(v.name != "USUBJID" for v in standard.variables):
        return block
    own: dict[str, Rule] = {"USUBJID": From.model_validate({"from": "USUBJID"})}
    return block.model_copy(update={"variables": {**own, **block.variables}})


def _with_variables(
    block: RowBlock, file: DatasetFile, standard: DatasetFacts, problems: list[SpecProblem]
) -> RowBlock:
    """A block of records with a rule for each of their keys that is a variable of the dataset."""
    given = [*dict.fromkeys(k for r in block.records for k in r)]
    known = {v.name for v in standard.variables}
    written = {**file.variables, **block.variables}
    rules: dict[str, Rule] = {}
    read = {n for r in [*written.values(), *file.working.values(), *block.working.values()] if r for _, n in r.reads()}
    for key in given:
        if key == "USUBJID":
            message = "records: are of no subject; what is about subjects comes from a source or a dataset"
            problems.append(SpecProblem(place_of(block, "records"), message, file.dataset, key))
        elif key in known and key not in written:
            rules[key] = From.model_validate({"from": key, "method": f"{key} stands in the specification."})
        elif key not in known and key not in read:
            message = f"{key} is no variable of {file.dataset}, and no rule reads it"
            problems.append(
                SpecProblem(place_of(block, "records"), message, file.dataset, key, nearest(key, sorted(known)))
            )
    if "USUBJID" in known:
        rules["USUBJID"] = Value(value="")
    placed = {n: standing_at(r, block) for n, r in rules.items()}
    return block.model_copy(update={"variables": {**placed, **block.variables}})


def _trial_block(
    block: RowBlock, file: DatasetFile, study: StudyFile, problems: list[SpecProblem], datasets: set[str]
) -> Iterator[RowBlock]:
    assert block.trial is not None
    place = place_of(block, "trial")
    if study.trial is None:
        problems.append(SpecProblem(place, "study.yaml has no trial:, which gives these records", file.dataset))
        return
    if block.trial != file.dataset:
        problems.append(SpecProblem(place, f"trial: {block.trial} is for the dataset {block.trial}", file.dataset))
        return
    if block.trial == "SE":
        problems += _element_problems(study, study.trial, datasets)
        yield _subject_elements(block, study.trial)
        return
    records = _MAKERS[block.trial](study, study.trial, problems)
    if not records:
        what = {"TA": "arms", "TE": "elements", "TI": "criteria", "TS": "summary"}
        needs = f"trial: has no {what[block.trial]}:" if block.trial in what else "no visit of visits: has starts:"
        problems.append(SpecProblem(place, f"{needs}, so {file.dataset} would be empty", file.dataset))
        return
    yield block.model_copy(update={"trial": None, "records": records})


def _subject_elements(block: RowBlock, trial: TrialSpec) -> RowBlock:
    """SE: each subject once for each step of the longest path; the steps entered stay."""
    longest = max((len(a.steps) for a in trial.arms.values()), default=0)
    own: dict[str, Rule] = {v: SubjectElement(element=v) for v in ("ETCD", "ELEMENT", "TAETORD", "EPOCH", "SEENDTC")}
    own["SESTDTC"] = SubjectElement(element="SESTDTC")
    # the column decides which steps are records and reports nothing of its own
    columns: dict[str, Rule] = {_START: SubjectElement(element="ETCD")}
    where = f"not missing({_START})" + (f" and ({block.where})" if block.where else "")
    return block.model_copy(
        update={
            "trial": None,
            "from_": "DM",
            "each": {_STEP: tuple(str(n + 1) for n in range(longest))},
            "columns": {**{n: standing_at(r, block) for n, r in columns.items()}, **block.columns},
            "where": where,
            "variables": {**{n: standing_at(r, block) for n, r in own.items()}, **block.variables},
        }
    )


def _element_problems(study: StudyFile, trial: TrialSpec, datasets: set[str]) -> Iterator[SpecProblem]:
    if "DM" not in datasets:
        yield SpecProblem(place_of(trial), "SE needs DM, whose dates start the elements", "SE")
    for armcd, arm in trial.arms.items():
        for epoch, elements in arm.path.items():
            for position, etcd in enumerate(elements):
                spec, place = trial.elements.get(etcd), key_place_of(trial, "arms", armcd, "path", epoch)
                if spec is None or spec.start:
                    continue
                if position:
                    message = f"{etcd} is not the first element of {epoch}: give it start:, the date on which it starts"
                    yield SpecProblem(place, message, "SE", "SESTDTC")
                elif epoch in study.epochs and study.epochs[epoch].start is None:
                    yield SpecProblem(place, f"the epoch {epoch} has no start:, which SE needs", "SE", "SESTDTC")


def design_problems(study: StudyFile, datasets: set[str], variables: set[str]) -> Iterator[SpecProblem]:
    """What is wrong with trial: and epochs: in themselves. ``variables``: of DM, as planned."""
    for name, spec in study.epochs.items():
        for start in named(spec.start):
            if "DM" in datasets and start.startswith("DM.") and start[3:] not in variables:
                hint = nearest(start[3:], sorted(variables))
                yield SpecProblem(
                    key_place_of(study, "epochs", name), f"DM has no variable '{start[3:]}'", "DM", hint=hint
                )
        if spec.reached is not None and spec.reached.from_ not in datasets:
            hint = nearest(spec.reached.from_, sorted(datasets))
            yield SpecProblem(
                place_of(spec.reached, "from_"), f"there is no dataset '{spec.reached.from_}'", "", hint=hint
            )
    trial = study.trial
    if trial is None:
        return
    starts = [(n, trial, "end") for n in named(trial.end)]
    starts += [(n, e, "start") for e in trial.elements.values() for n in named(e.start)]
    for name, owner, field in starts:
        if "DM" in datasets and name.startswith("DM.") and name[3:] not in variables:
            hint = nearest(name[3:], sorted(variables))
            yield SpecProblem(place_of(owner, field), f"DM has no variable '{name[3:]}'", "DM", hint=hint)
    for etcd in trial.elements:
        if len(etcd) > 8:
            yield SpecProblem(key_place_of(trial, "elements", etcd), f"ETCD '{etcd}' has more than 8 characters", "TE")
    for armcd, arm in trial.arms.items():
        if len(armcd) > 20:
            yield SpecProblem(key_place_of(trial, "arms", armcd), f"ARMCD '{armcd}' has more than 20 characters", "TA")
        for epoch, etcd in arm.steps:
            place = key_place_of(trial, "arms", armcd, "path", epoch)
            if study.epochs and epoch not in study.epochs:
                hint = nearest(epoch, list(study.epochs))
                yield SpecProblem(place, f"epochs: has no '{epoch}'", "TA", "EPOCH", hint)
            if etcd not in trial.elements:
                yield SpecProblem(
                    place, f"elements: has no '{etcd}'", "TA", "ETCD", nearest(etcd, list(trial.elements))
                )
        for field, given in (("branch", arm.branch), ("transition", arm.transition)):
            for etcd in given:
                if etcd not in [e for _, e in arm.steps]:
                    yield SpecProblem(place_of(arm, field), f"the path of {armcd} has no '{etcd}'", "TA")
    for code in trial.criteria:
        if len(code) > 8:
            place = key_place_of(trial, "criteria", code)
            yield SpecProblem(place, f"IETESTCD '{code}' has more than 8 characters", "TI")


def _ta(study: StudyFile, trial: TrialSpec, problems: list[SpecProblem]) -> Records:
    return tuple(
        {
            "ARMCD": armcd,
            "ARM": arm.label,
            "TAETORD": str(number),
            "ETCD": etcd,
            "ELEMENT": trial.elements[etcd].label,
            "TABRANCH": arm.branch.get(etcd, ""),
            "TATRANS": arm.transition.get(etcd, ""),
            "EPOCH": epoch,
        }
        for armcd, arm in trial.arms.items()
        for number, (epoch, etcd) in enumerate(arm.steps, start=1)
        if etcd in trial.elements
    )


def _te(study: StudyFile, trial: TrialSpec, problems: list[SpecProblem]) -> Records:
    return tuple(
        {"ETCD": etcd, "ELEMENT": e.label, "TESTRL": e.starts, "TEENRL": e.ends, "TEDUR": e.duration}
        for etcd, e in trial.elements.items()
    )


def _ti(study: StudyFile, trial: TrialSpec, problems: list[SpecProblem]) -> Records:
    return _filled(
        {
            "IETESTCD": code,
            "IETEST": c.text,
            "IECAT": c.category,
            "IESCAT": c.subcategory,
            "TIRL": c.rule,
            "TIVERS": c.version,
        }
        for code, c in trial.criteria.items()
    )


def _tv(study: StudyFile, trial: TrialSpec, problems: list[SpecProblem]) -> Records:
    """Planned visits, of the one arm; where there are more arms, of all of them (ARMCD blank, SDTMIG 3.4 7.3.1)."""
    armcd, arm = next(iter(trial.arms.items())) if len(trial.arms) == 1 else ("", None)
    return _filled(
        {
            "VISITNUM": f"{v.num:g}",
            "VISIT": name,
            "VISITDY": "" if v.day is None else str(v.day),
            "ARMCD": armcd,
            "ARM": arm.label if arm else "",
            "TVSTRL": v.starts,
            "TVENRL": v.ends,
        }
        for name, v in study.visits.items()
        if v.starts and v.num is not None
    )


def _ts(study: StudyFile, trial: TrialSpec, problems: list[SpecProblem]) -> Records:
    codes = facts.codelist("C66738", "sdtm")
    names = facts.codelist("C67152", "sdtm")
    assert codes is not None
    assert names is not None
    by_code = {t.code: t.value for t in names.terms}
    decodes = {t.value: by_code.get(t.code, "") for t in codes.terms}
    out = []
    for parameter in trial.summary:
        place = key_place_of(trial, "summary", parameter)
        if parameter not in decodes:
            hint = nearest(parameter, sorted(decodes))
            problems.append(SpecProblem(place, f"'{parameter}' is no TSPARMCD of SDTM CT", "TS", "TSPARMCD", hint))
            continue
        for value in trial.values(parameter):
            out.append(
                {
                    "TSGRPID": value.group,
                    "TSPARMCD": parameter,
                    "TSPARM": decodes[parameter],
                    "TSVAL": _known_value(value, study, trial),
                    "TSVALNF": value.null_flavor,
                    **_coded(parameter, value, study, trial, problems),
                }
            )
    return _filled(out)


def _known_value(value: SummaryValue, study: StudyFile, trial: TrialSpec) -> str:
    """The value as far as the spec has it; '' for one that all subjects or the run decide."""
    if value.computed:
        return ""
    if value.count == "arms":
        return str(len(trial.arms))
    return str(getattr(study.study, value.study) or "") if value.study else value.value


def _coded(
    parameter: str, value: SummaryValue, study: StudyFile, trial: TrialSpec, problems: list[SpecProblem]
) -> dict[str, str]:
    """TSVALCD, TSVCDREF and TSVCDVER: as given, else those of the parameter's codelist or standard."""
    given = {"TSVALCD": value.code, "TSVCDREF": value.dictionary, "TSVCDVER": value.version}
    if any(given.values()) or value.null_flavor:
        return given
    if parameter in ISO_8601:
        return {**given, "TSVCDREF": "ISO 8601"}
    if parameter in COUNTRIES:
        return {**given, "TSVCDREF": "ISO 3166-1 alpha-3"}
    listed = facts.codelist(PARAMETER_CODELISTS[parameter], "sdtm") if parameter in PARAMETER_CODELISTS else None
    text = _known_value(value, study, trial)
    term = next((t for t in listed.terms if t.value == text), None) if listed else None
    if term is not None:
        return {"TSVALCD": term.code, "TSVCDREF": "CDISC CT", "TSVCDVER": study.study.ct.sdtm}
    if listed is not None and not listed.extensible:
        hint = nearest(text, sorted(listed.values))
        place = key_place_of(trial, "summary", parameter)
        problems.append(SpecProblem(place, f"'{text}' is not in the codelist {listed.name}", "TS", "TSVAL", hint))
    return given


def _computed_levels(trial: TrialSpec, study: StudyFile) -> Iterator[ValueSpec]:
    """Value-level metadata of the parameters that are computed: where their values come from."""
    for parameter in trial.summary:
        computed = [v for v in trial.values(parameter) if v.computed]
        if computed:
            sentence = " ".join(dict.fromkeys(computed_sentence(v, study) for v in computed))
            yield ValueSpec(
                where=f"TSPARMCD == '{parameter}'",
                variable="TSVAL",
                origin=OriginSpec(type="Derived", source="Sponsor"),
                method=sentence,
            )


def computed_sentence(value: SummaryValue, study: StudyFile) -> str:
    """How a computed value comes about, in a sentence."""
    among = f" where {value.where}" if value.where else ""
    if value.study == "cutoff":
        return "TSVAL is the data cut-off date of the run."
    if value.count:
        return f"TSVAL is the number of records of {value.count}{among}."
    which, name = ("earliest", value.first) if value.first else ("latest", value.last)
    return f"TSVAL is the {which} complete {name} of all subjects{among}."


def _filled(records: Iterator[dict[str, str]] | list[dict[str, str]]) -> Records:
    """Records without the keys that none of them fills, but for the standard's expected ones."""
    every = list(records)
    kept = [k for k in (every[0] if every else {}) if any(r[k] for r in every) or k in _EXPECTED]
    return tuple({k: r[k] for k in kept} for r in every)


_EXPECTED = frozenset({"TSVAL", "TSVALCD", "TSVCDREF", "TSVCDVER", "TABRANCH", "TATRANS", "ARMCD"})
_MAKERS: dict[str, Callable[[StudyFile, TrialSpec, list[SpecProblem]], Records]] = {
    "TA": _ta, "TE": _te, "TI": _ti, "TV": _tv, "TS": _ts,
}  # fmt: skip
