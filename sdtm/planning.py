"""Plans SDTM datasets: standard attributes from the facts, and the variables that conventions supply.

Conventions supply STUDYID, DOMAIN, USUBJID, --SEQ, --DY, EPOCH, SUBJID and SITEID of DM, --TEST of --TESTCD,
VISITNUM of VISIT, and the parts of an unpivoted item, unless a spec says otherwise (or null). A variable that the
standard expects (core Exp) and no rule makes is there, empty: SDTMIG 3.4 section 4.1.5 wants its column.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from dataclasses import replace

from ..engine.building.original_text import OriginalText
from ..engine.derivations.assign import From, Value
from ..engine.derivations.decode import Decode
from ..engine.derivations.sequence import Sequence
from ..engine.plan.plan import PlannedCut, PlannedDataset, PlannedVariable
from ..engine.plan.planning import (
    collected_rules,
    label_problems,
    place_of_variable,
    planned_variable,
    removed,
    rule_problems,
    value_levels,
    working_variables,
)
from ..errors import SpecProblem, nearest
from ..mappings.binding.bind import place_of
from ..mappings.facts.facts import DatasetFacts, custom_domain_name, sdtm_class_dataset, sdtm_dataset
from ..mappings.facts.terminology import Codelist
from ..mappings.models.dataset import DatasetSpec
from ..mappings.models.derivation import DerivationSpec
from ..mappings.models.study import StudySpec
from .derivations.range_indicator import RangeIndicator
from .derivations.results import StandardLimit, StandardNumber, StandardResult, StandardUnit
from .derivations.timing import Epoch, StudyDay
from .derivations.visits import Visit, VisitNumber
from .trial.design import written_out

#: the variable whose filled source cell makes an excluded row worth a finding
TOPICS = ("TERM", "TRT", "TESTCD", "ORRES")
_QNAM = re.compile(r"[A-Z][A-Z0-9_]{0,7}", re.ASCII)
#: the variables of SUPP-- itself (SDTMIG 3.4 section 8.4.1)
_OF_SUPPLEMENTAL = ("STUDYID", "RDOMAIN", "USUBJID", "IDVAR", "IDVARVAL", "QNAM", "QLABEL", "QVAL", "QORIG", "QEVAL")
#: labels of SDTM 2.0 of the days that a domain may have though SDTMIG does not list them with it
STUDY_DAYS = {"ST": "Study Day of Start of Observation", "EN": "Study Day of End of Observation"}
#: classes whose records have supplemental qualifiers; comments go on in COVALn and have none
QUALIFIED_CLASSES = ("Events", "Findings", "Findings About", "Interventions")
#: classes whose records a data cut-off concerns; the others describe the trial or relate records
CUT_CLASSES = ("Events", "Findings", "Findings About", "Interventions", "Special Purpose")


def plan_sdtm(
    file: DatasetSpec, study: StudySpec, own: dict[str, Codelist], problems: list[SpecProblem], datasets: set[str]
) -> PlannedDataset | None:
    """A planned SDTM dataset; None (with problems) when its domain is not known."""
    facts = _facts(file, problems)
    if facts is None:
        return None
    file = written_out(file, study, facts, problems, datasets)
    if file.parameters:
        problems.append(SpecProblem(place_of(file, "parameters"), "parameters: is for ADaM datasets", file.dataset))
    if not file.blocks:
        return None  # what would have given the records is wrong, and has been told
    name, prefix = file.dataset, file.dataset[:2]
    for block in file.blocks:
        if block.derive is not None:
            problems.append(SpecProblem(place_of(block, "derive"), "derive: is for ADaM datasets", name))
    problems += label_problems(file)
    rules = collected_rules(file)
    off = removed(file)
    _unpivoted(file, rules, off)
    for conventional, rule in conventions(file, study, facts, rules, datasets).items():
        if conventional not in off and conventional not in rules:
            rules[conventional] = (rule, {}, place_of(file, "dataset"))
    variables: dict[str, PlannedVariable] = {}
    known = [v.name for v in facts.variables]
    for variable, (rule, blocks, _) in rules.items():
        found = facts.variable(variable)
        place = place_of_variable(file, variable)
        given = [r for r in (rule, *blocks.values()) if r is not None]
        if found is None and not any(r.label for r in given):
            problems.append(
                SpecProblem(
                    place,
                    f"{variable} is no variable of {name} in SDTMIG {study.study.sdtmig}; "
                    "give it a label:, or put it under supplemental:",
                    name,
                    variable,
                    nearest(variable, known),
                )
            )
            continue
        variables[variable] = planned_variable(
            variable,
            found,
            rule,
            blocks,
            own,
            place,
            problems,
            name,
            "sdtm",
            by_convention=variable not in file.variables and not blocks,
        )
        if any(isinstance(r, StandardResult) for r in given) and not any(r.codelist for r in given):
            # numbers are no terms: the standard's codelist of texts belongs to value-level metadata of single tests
            variables[variable] = replace(variables[variable], codelist=None)
    for v in facts.variables:
        if v.core == "Req" and v.name not in variables:
            problems.append(
                SpecProblem(place_of(file, "dataset"), f"{v.name} is required in {name} and has no rule", name, v.name)
            )
        if v.core == "Exp" and v.name not in variables and v.name not in off:
            place = place_of(file, "dataset")
            variables[v.name] = planned_variable(
                v.name, v, None, {}, own, place, problems, name, "sdtm", by_convention=True
            )
    order = {v: i for i, v in enumerate(_order(facts, list(variables)))}
    variables = dict(sorted(variables.items(), key=lambda kv: order[kv[0]]))
    file = _with_originals(file, study, facts, variables)
    supplemental = _supplemental(file, facts, variables, own, problems)
    for qualifier, planned in supplemental.items():
        for rule in planned.rules:
            if rule.idvar is not None and rule.idvar not in variables:
                message = f"idvar: {name} has no variable '{rule.idvar}'"
                hint = nearest(rule.idvar, list(variables))
                about = frozenset({rule.idvar})
                problems.append(SpecProblem(place_of(rule, "idvar"), message, name, qualifier, hint, refers_to=about))
    working = working_variables(file, own, {**variables, **supplemental}, problems, "sdtm")
    every = [(n, r) for n, v in {**variables, **supplemental, **working}.items() for r in v.rules]
    problems += rule_problems(every, name)
    sequence = f"{prefix}SEQ" if f"{prefix}SEQ" in variables else ""
    keys = tuple(k for k in (file.keys or facts.keys) if k in variables)
    sort = tuple(file.sort or keys)
    if "USUBJID" in variables:  # a partition is a range of subjects, so they come first
        sort = ("USUBJID", *(k for k in sort if k != "USUBJID"))
    topic = next((f"{prefix}{t}" for t in TOPICS if f"{prefix}{t}" in variables), "")
    return PlannedDataset(
        name=name,
        label=file.label or facts.label,
        kind="sdtm",
        observation_class=facts.observation_class,
        structure=file.structure or facts.structure,
        standard=f"SDTMIG {study.study.sdtmig}",
        spec=file,
        place=place_of(file, "dataset"),
        variables=variables,
        supplemental=supplemental,
        keys=keys,
        sort=tuple(sort),
        sequence=sequence,
        topic=topic,
        values=value_levels(file, own, problems),
        working=working,
        cut=planned_cut(file, facts, {**variables, **supplemental, **working}, problems),
    )


def planned_cut(
    file: DatasetSpec, facts: DatasetFacts, variables: dict[str, PlannedVariable], problems: list[SpecProblem]
) -> PlannedCut | None:
    """How the data cut-off holds: by --STDTC, else --DTC, of DM RFICDTC, else DMDTC; none for the trial's design.

    Ends are --ENDTC and of DM DTHDTC and RFICDTC; a spec's ``cutoff:`` replaces either.
    """
    prefix, spec = file.dataset[:2], file.cutoff
    if spec == "none" or facts.observation_class not in CUT_CLASSES:
        return None
    made = {n for n, v in variables.items() if v.rules}
    by = ("RFICDTC", "DMDTC") if file.dataset == "DM" else (f"{prefix}STDTC", f"{prefix}DTC")
    by = tuple(n for n in by if n in made)
    ends: dict[str, dict[str, str]] = (
        {"DTHDTC": {"DTHFL": ""}, "RFICDTC": {}} if file.dataset == "DM" else {f"{prefix}ENDTC": {}}
    )
    ends = {end: changes for end, changes in ends.items() if end in made}
    place = place_of(file, "dataset")
    if spec is not None:
        place = place_of(file, "cutoff")
        by = by if spec.by_names is None else spec.by_names
        ends = ends if spec.ends is None else spec.ends
        for field, name in (
            *(("by", n) for n in by),
            *(("end", n) for end, changes in ends.items() for n in (end, *changes)),
        ):
            if name not in variables:
                message = f"{file.dataset} has no variable '{name}' that the data cut-off could be held against"
                hint = nearest(name, list(variables))
                problems.append(SpecProblem(place_of(spec, field), message, file.dataset, name, hint))
                return None
    ongoing = {f"{prefix}ENRTPT": "ONGOING", f"{prefix}ENTPT": "{CUTOFF}"}
    for end, changes in ends.items():
        if end == f"{prefix}ENDTC":
            ends = {**ends, end: {**{n: v for n, v in ongoing.items() if n in made}, **changes}}
    return PlannedCut(by, {e: c for e, c in ends.items() if e not in by}, place)


def _facts(file: DatasetSpec, problems: list[SpecProblem]) -> DatasetFacts | None:
    facts = sdtm_dataset(file.dataset)
    if facts is not None:
        if file.class_ and file.class_.casefold() != facts.observation_class.casefold():
            message = f"{file.dataset} is of the class {facts.observation_class} in SDTMIG 3.4; leave out class:"
            problems.append(SpecProblem(place_of(file, "class"), message, file.dataset))
        return facts
    if file.class_ and file.label:
        try:
            return sdtm_class_dataset(file.dataset, file.class_, file.label)
        except ValueError as error:
            field = "class" if custom_domain_name(file.dataset) else "dataset"
            problems.append(SpecProblem(place_of(file, field), str(error), file.dataset))
            return None
    message = f"{file.dataset} is no SDTMIG 3.4 dataset; a custom domain needs class: and label:"
    problems.append(SpecProblem(place_of(file, "dataset"), message, file.dataset))
    return None


def _unpivoted(file: DatasetSpec, rules: dict, off: set[str]) -> None:
    """Adds --TESTCD, --ORRES and --ORRESU of the blocks that unpivot, where neither block nor dataset has a rule."""
    prefix = file.dataset[:2]
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
    """The rules that the spec need not write."""
    prefix, names = file.dataset[:2], {v.name for v in facts.variables}
    out: dict[str, DerivationSpec] = {"STUDYID": Value(value=study.study.id)}
    if "USUBJID" in names:  # trial design is of no subject
        out["USUBJID"] = From.model_validate({"from": "USUBJID"})
    if "DOMAIN" in names:
        out["DOMAIN"] = Value(value=file.dataset)
    if file.dataset == "DM":
        out["SUBJID"] = From.model_validate({"from": "SUBJID"})
        out["SITEID"] = From.model_validate({"from": "SITEID"})
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
    visit = rules.get("VISIT", (None,))[0]
    if isinstance(visit, Visit):
        out["VISITNUM"] = VisitNumber(visitnum=visit.visit, date=visit.date)
    if f"{prefix}SEQ" in names:  # numbered along the order of the records, whoever makes the variables
        made = {**rules, **out}.keys() - {"STUDYID", "USUBJID", f"{prefix}SEQ"}
        wanted = file.sequence or file.sort or file.keys or facts.keys
        within = () if "USUBJID" in names else tuple(k for k in facts.keys if k in made)
        order = tuple(k for k in wanted if k.lstrip("-") in made and k not in within)
        out[f"{prefix}SEQ"] = Sequence(sequence=order, within=within)
    return out


def standard_results(prefix: str, names: set[str], rules: dict) -> dict[str, DerivationSpec]:
    """What follows from a --STRESC that is a standard_result: number, unit, limits and indicator."""
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


def _order(facts: DatasetFacts, names: list[str]) -> list[str]:
    """Variables in the standard's order; those it does not have come last, in the order of the spec.

    A --STDY or --ENDY that the guide does not list with the domain follows the dates, as in every other domain.
    """
    found = {n: facts.variable(n) for n in names}
    known = sorted((n for n in names if found[n] is not None), key=lambda n: found[n].order)  # pyright: ignore[reportOptionalMemberAccess]
    others = [n for n in names if found[n] is None]
    prefix = facts.name[:2]
    days = [n for n in (f"{prefix}STDY", f"{prefix}ENDY") if n in others]
    dates = [i for i, n in enumerate(known) if n in (f"{prefix}STDTC", f"{prefix}ENDTC", f"{prefix}DTC", f"{prefix}DY")]
    if days and dates:
        known[dates[-1] + 1 : dates[-1] + 1] = days
    return [*known, *(n for n in others if n not in days)]


def _with_originals(file: DatasetSpec, study: StudySpec, facts: DatasetFacts, variables: Container[str]) -> DatasetSpec:
    """The dataset file with a qualifier for the collected text of each of its variables that the study translates."""
    spec = study.translations
    if spec is None or spec.original != "supplemental" or facts.observation_class not in QUALIFIED_CLASSES:
        return file
    added = {}
    for name in spec.variables:
        dataset, _, variable = name.partition(".")
        qualifier = f"{variable[:7]}O"
        if dataset == file.dataset and variable in variables and qualifier not in file.supplemental:
            label = f"{variable} in the Original Language"
            added[qualifier] = OriginalText(original_text=variable, label=label)
    return file.model_copy(update={"supplemental": {**file.supplemental, **added}}) if added else file


def _supplemental(
    file: DatasetSpec,
    facts: DatasetFacts,
    variables: Container[str],
    own: dict[str, Codelist],
    problems: list[SpecProblem],
) -> dict[str, PlannedVariable]:
    collected: dict[str, tuple[DerivationSpec | None, dict[int, DerivationSpec]]] = {
        n: (r, {}) for n, r in file.supplemental.items()
    }
    for number, block in enumerate(file.blocks):
        for name, rule in block.supplemental.items():
            collected.setdefault(name, (None, {}))[1][number] = rule
    out = {}
    for name, (shared, blocks) in collected.items():
        rules = [r for r in (shared, *blocks.values()) if r is not None]
        place = place_of(rules[0])
        if not any(r.label for r in rules):
            problems.append(SpecProblem(place, "a supplemental qualifier needs label:, its QLABEL", file.dataset, name))
        problems += [p for r in rules if r.label for p in _label_of_qualifier(r, file.dataset, name)]
        if not _QNAM.fullmatch(name):
            message = f"'{name}' is no QNAM: at most 8 capital letters, digits and underscores, a letter first"
            problems.append(SpecProblem(place, message, file.dataset, name))
        elif name in variables or facts.variable(name) is not None or name in _OF_SUPPLEMENTAL:
            where = file.dataset if name not in _OF_SUPPLEMENTAL else f"SUPP{file.dataset}"
            message = f"'{name}' is a variable of {where}; a QNAM has a name of its own"
            hint = f"put {name} under variables:" if where == file.dataset else ""
            problems.append(SpecProblem(place, message, file.dataset, name, hint))
        out[name] = planned_variable(name, None, shared, blocks, own, place, [], file.dataset, "sdtm")
    return out


def _label_of_qualifier(rule: DerivationSpec, dataset: str, name: str) -> Iterator[SpecProblem]:
    """A QLABEL that is longer than 40 characters, the limit of SDTMIG 3.4 section 8.4.2, or not plain ASCII."""
    label = rule.label or ""
    if len(label) > 40 or not (label.isascii() and label.isprintable()):
        message = f"the label '{label}' has {len(label)} characters; QLABEL holds 40, of printable ASCII"
        yield SpecProblem(place_of(rule, "label"), message, dataset, name)
