"""The rules that SDTM conventions supply, so that a spec does not need to write them.

They derive STUDYID, DOMAIN, USUBJID, --SEQ, --DY, EPOCH, SUBJID and SITEID of DM, --TEST of --TESTCD, VISITNUM of
VISIT, standard numbers, units and limits, and the parts of an unpivoted item. Not for planning a dataset (planning.py).
"""

from __future__ import annotations

from ..engine.derivations.assign import From, Value
from ..engine.derivations.decode import Decode
from ..engine.derivations.sequence import Sequence
from ..engine.plan.planning import ordered_keys, record_sort
from ..mappings.binding.bind import place_of
from ..mappings.facts.facts import DatasetFacts
from ..mappings.models.dataset import DatasetSpec
from ..mappings.models.derivation import DerivationSpec
from ..mappings.models.study import StudySpec
from .derivations.limits import StandardLimit
from .derivations.range_indicator import RangeIndicator
from .derivations.results import StandardNumber, StandardResult, StandardUnit
from .derivations.timing import Epoch, StudyDay
from .derivations.visits import Visit, VisitNumber
from .identity_rules import identity_rule

#: labels of SDTM 2.0 of the days that a domain may have though SDTMIG does not list them with it
STUDY_DAYS = {"ST": "Study Day of Start of Observation", "EN": "Study Day of End of Observation"}


def add_unpivoted(file: DatasetSpec, facts: DatasetFacts, rules: dict, off: set[str]) -> None:
    """Adds --TESTCD, --ORRES and --ORRESU of the blocks that unpivot, where neither block nor dataset has a rule.

    A domain without --TESTCD, such as CM of a form with a box for each drug, names its variables itself.
    """
    prefix = file.dataset[:2]
    if f"{prefix}TESTCD" not in {v.name for v in facts.variables}:
        return
    for number, block in enumerate(file.blocks):
        parts = {"TESTCD": "ITEM", "ORRES": "RESULT"} if block.unpivot else {}
        if any(item.unit is not None for item in block.unpivot.values()):
            parts["ORRESU"] = "UNIT"
        for name, column in parts.items():
            variable = f"{prefix}{name}"
            shared, blocks, place = rules.get(variable, (None, {}, place_of(block, "unpivot")))
            if shared is None and number not in blocks and variable not in off:
                rule = From.model_validate({"from": column})
                rules[variable] = (None, {**blocks, number: rule}, place)


def conventions(
    file: DatasetSpec, study: StudySpec, facts: DatasetFacts, rules: dict, datasets: set[str]
) -> dict[str, DerivationSpec]:
    """The rules that a spec does not need to write."""
    prefix, names = file.dataset[:2], {v.name for v in facts.variables}
    out: dict[str, DerivationSpec] = {"STUDYID": Value(value=study.study.id)}
    if "USUBJID" in names:  # records of the trial design have no subject
        out["USUBJID"] = identity_rule("USUBJID", study.subject)
    if "DOMAIN" in names:
        out["DOMAIN"] = Value(value=file.dataset)
    if file.dataset == "DM":
        out["SUBJID"] = identity_rule("SUBJID", study.subject)
        out["SITEID"] = identity_rule("SITEID", study.subject)
    out |= standard_results(prefix, names, rules)
    if f"{prefix}TESTCD" in {**rules, **out} and f"{prefix}TEST" in names:
        out[f"{prefix}TEST"] = Decode(decode=f"{prefix}TESTCD")
    if "DM" in datasets:
        for stem in ("ST", "EN", ""):
            date, day = f"{prefix}{stem}DTC", f"{prefix}{stem}DY"
            if date in rules and (day in names or (stem and date in names)):
                out[day] = StudyDay(study_day=date, label=None if day in names else STUDY_DAYS[stem])
    start = next((d for d in (f"{prefix}STDTC", f"{prefix}DTC") if d in rules), None)
    if study.epochs and "EPOCH" in names and start:
        out["EPOCH"] = Epoch(epoch=start)
    out |= visit_numbers(study, names, rules)
    if f"{prefix}SEQ" in names:  # numbers follow the order of the records
        derived = {**rules, **out}.keys() - {"STUDYID", "USUBJID", f"{prefix}SEQ"}
        wanted = file.sequence or record_sort(file, ordered_keys(file, facts.keys, f"{prefix}SEQ"), "")
        within = () if "USUBJID" in names else tuple(k for k in facts.keys if k in derived)
        order = tuple(k for k in wanted if k.lstrip("-") in derived and k not in within)
        out[f"{prefix}SEQ"] = Sequence(sequence=order, within=within)
    return out


def visit_numbers(study: StudySpec, names: set[str], rules: dict) -> dict[str, DerivationSpec]:
    """VISITNUM of the visit that the raw column names, or, by another rule of VISIT, of the visit that VISIT names.

    None without ``visits:``, nor where a block has the rule ``visit``, which may number unscheduled visits by date.
    """
    shared, blocks, _ = rules.get("VISIT", (None, {}, None))
    if isinstance(shared, Visit):
        return {"VISITNUM": VisitNumber(visitnum=shared.visit, date=shared.date)}
    every = [r for r in (shared, *blocks.values()) if r is not None]
    if not every or not study.visits or "VISITNUM" not in names:
        return {}
    columns = {(r.visit, r.date) if isinstance(r, Visit) else ("VISIT", None) for r in every}
    if len(columns) == 1:
        column, date = columns.pop()
        return {"VISITNUM": VisitNumber(visitnum=column, date=date)}
    return {}


def standard_results(prefix: str, names: set[str], rules: dict) -> dict[str, DerivationSpec]:
    """The rules that follow a --STRESC with standard_result: number, unit, limits and indicator."""
    result = f"{prefix}STRESC"
    shared, blocks, _ = rules.get(result, (None, {}, None))
    if not any(isinstance(r, StandardResult) for r in (shared, *blocks.values())):
        return {}
    out: dict[str, DerivationSpec] = {
        f"{prefix}STRESN": StandardNumber(standard_number=result),
        f"{prefix}STRESU": StandardUnit(standard_unit=result),
    }
    for limit in ("NRLO", "NRHI"):
        if f"{prefix}OR{limit}" in rules and f"{prefix}ST{limit}" in names:
            out[f"{prefix}ST{limit}"] = StandardLimit(standard_limit=f"{prefix}OR{limit}")
    if f"{prefix}NRIND" in names and any(f"{prefix}OR{limit}" in rules for limit in ("NRLO", "NRHI")):
        out[f"{prefix}NRIND"] = RangeIndicator(range_indicator=result)
    return out
