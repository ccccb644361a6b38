"""The records of the trial design datasets TA, TE, TI, TV and TS, from trial: and visits: of study.yaml.

SDTMIG 3.4 section 7. Not for SE, nor for values that need all subjects (summary.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ...engine.expressions.sentence import plain
from ...errors import SpecProblem, nearest
from ...mappings.binding.bind import key_place_of
from ...mappings.facts import facts
from ...mappings.models.study import StudySpec
from ...mappings.models.trial import SummaryValue, TrialSpec

Records = tuple[dict[str, str], ...]

#: TSPARMCD -> codelist of its values, by the names in SDTM CT; NY for the indicators
PARAMETER_CODELISTS = {
    "STYPE": "STYPE", "OBSMODEL": "OBSSMO", "OBSTIMP": "OBSSTP", "OBSTSMM": "OBSSSM", "TCNTRL": "TCNTRL",
    "TBLIND": "TBLIND", "TPHASE": "TPHASE", "TTYPE": "TTYPE", "INTMODEL": "INTMODEL", "INTTYPE": "INTTYPE",
    "SEXPOP": "SEXPOP", "ROUTE": "ROUTE", "DOSFRQ": "FREQ", "DOSFRM": "FRM", "DOSU": "UNIT", "TINDTP": "TINDTP",
} | dict.fromkeys(
    ("ADAPT", "ADDON", "BRDNAIND", "BRIND", "DMCIND", "EXTTIND", "FDADEIND", "FDADRIND", "HLTSUBJI", "ONGOSIND",
     "PASSIND", "PDPSTIND", "PDSTIND", "PIPIND", "RANDOM", "RDIND", "SSTDYIND"), "NY",
)  # fmt: skip
#: parameters whose values are dates or durations
ISO_8601 = frozenset(
    {"AGEMAX", "AGEMIN", "CRMDUR", "CSRARDTC", "DCUTDTC", "LENGTH", "PLNTRDUR", "PTRTDUR", "SDMDUR", "SENDTC", "SSTDTC"}
)
COUNTRIES, COUNTRY_CODELIST = frozenset({"FCNTRY", "MNFCNTRY"}), "COUNTRY"
#: expected variables (Core Exp), in the dataset also where no record fills them
_EXPECTED = frozenset({"TSVAL", "TSVALCD", "TSVCDREF", "TSVCDVER", "TABRANCH", "TATRANS", "ARMCD"})


def _ta(study: StudySpec, trial: TrialSpec, problems: list[SpecProblem]) -> Records:
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


def _te(study: StudySpec, trial: TrialSpec, problems: list[SpecProblem]) -> Records:
    return tuple(
        {"ETCD": etcd, "ELEMENT": e.label, "TESTRL": e.starts, "TEENRL": e.ends, "TEDUR": e.duration}
        for etcd, e in trial.elements.items()
    )


def _ti(study: StudySpec, trial: TrialSpec, problems: list[SpecProblem]) -> Records:
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


def _tv(study: StudySpec, trial: TrialSpec, problems: list[SpecProblem]) -> Records:
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


def _ts(study: StudySpec, trial: TrialSpec, problems: list[SpecProblem]) -> Records:
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


def _known_value(value: SummaryValue, study: StudySpec, trial: TrialSpec) -> str:
    """The value of the spec; '' for one that all subjects or the run decide."""
    if value.computed:
        return ""
    if value.count == "arms":
        return str(len(trial.arms))
    return str(getattr(study.study, value.study) or "") if value.study else value.value


def _coded(
    parameter: str, value: SummaryValue, study: StudySpec, trial: TrialSpec, problems: list[SpecProblem]
) -> dict[str, str]:
    """TSVALCD, TSVCDREF and TSVCDVER: those of the spec, else of the codelist or standard of the parameter."""
    if value.coded:
        spec = study.dictionaries.get(value.coded)
        if spec is None:
            place, known = key_place_of(trial, "summary", parameter), list(study.dictionaries)
            hint = nearest(value.coded, known) or "declare it under dictionaries: of study.yaml"
            problems.append(
                SpecProblem(
                    place,
                    f"study.yaml has no dictionary '{value.coded}'",
                    "TS",
                    "TSVALCD",
                    hint,
                    refers_to=frozenset({value.coded}),
                )
            )
            return {"TSVALCD": "", "TSVCDREF": "", "TSVCDVER": ""}
        return {"TSVALCD": "", "TSVCDREF": spec.name, "TSVCDVER": spec.version}
    declared = {"TSVALCD": value.code, "TSVCDREF": value.dictionary, "TSVCDVER": value.version}
    if any(declared.values()) or value.null_flavor:
        return declared
    if parameter in ISO_8601:
        return {**declared, "TSVCDREF": "ISO 8601"}
    if parameter in COUNTRIES:
        return {**declared, "TSVCDREF": "ISO 3166-1 alpha-3"}
    listed = facts.codelist(PARAMETER_CODELISTS[parameter], "sdtm") if parameter in PARAMETER_CODELISTS else None
    text = _known_value(value, study, trial)
    term = next((t for t in listed.terms if t.value == text), None) if listed else None
    if term is not None:
        return {"TSVALCD": term.code, "TSVCDREF": "CDISC CT", "TSVCDVER": study.study.ct.sdtm}
    if listed is not None and not listed.extensible:
        hint = nearest(text, sorted(listed.values))
        place = key_place_of(trial, "summary", parameter)
        problems.append(SpecProblem(place, f"'{text}' is not in the codelist {listed.name}", "TS", "TSVAL", hint))
    return declared


def computed_sentence(value: SummaryValue, study: StudySpec) -> str:
    """The rule of a computed value, in a sentence."""
    among = f" where {plain(value.where)}" if value.where else ""
    if value.study == "cutoff":
        return "TSVAL is the data cut-off date of the run."
    if value.count:
        return f"TSVAL is the number of records of {value.count}{among}."
    which, name = ("earliest", value.first) if value.first else ("latest", value.last)
    return f"TSVAL is the {which} complete {name} of all subjects{among}."


def _filled(records: Iterator[dict[str, str]] | list[dict[str, str]]) -> Records:
    """Records without the keys that none of them fills, but for the standard's expected ones."""
    every = list(records)
    keys = [k for k in (every[0] if every else {}) if any(r[k] for r in every) or k in _EXPECTED]
    return tuple({k: r[k] for k in keys} for r in every)


#: trial: of a block -> its records; problems are appended
MAKERS: dict[str, Callable[[StudySpec, TrialSpec, list[SpecProblem]], Records]] = {
    "TA": _ta, "TE": _te, "TI": _ti, "TV": _tv, "TS": _ts,
}  # fmt: skip
