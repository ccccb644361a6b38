"""Plans one variable: the facts of its standard, and the settings of its rules in their place.

Not for which variables a dataset has (planning.py, and the planning of each standard).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache

from ...errors import Place, SpecProblem
from ...mappings.binding.bind import place_of
from ...mappings.facts.facts import VariableFacts, codelist
from ...mappings.facts.terminology import Codelist, ExternalDictionary
from ...mappings.models.derivation import DerivationSpec
from ..standard import number_formats, tabulation
from .codelists import published, union
from .plan import PlannedVariable

_TEMPORAL = (("duration", "durationDatetime"), ("iso 8601", "datetime"))


def planned_variable(
    name: str,
    facts: VariableFacts | None,
    *,
    rule: DerivationSpec | None = None,
    block_rules: dict[int, DerivationSpec] | None = None,
    study_codelists: dict[str, Codelist],
    place: Place,
    problems: list[SpecProblem],
    dataset: str,
    package: str,
    by_convention: bool = False,
) -> PlannedVariable:
    """A planned variable: the facts of its standard, and the settings of its rules in their place.

    ``problems`` gets the mistakes. ``package``: the terminology of the codelists of the standard, sdtm or adam.
    """
    if rule is None and not block_rules and facts is not None and not any(c.code for c in study_codelists.values()):
        return _of_the_standard(name, facts, dataset, package).placed(place, by_convention=by_convention)
    block_rules = block_rules or {}
    rules = [r for r in (rule, *block_rules.values()) if r is not None]

    def setting(field: str):
        return next((value for r in rules if (value := getattr(r, field)) is not None), None)

    label = setting("label") or (facts.label if facts else "")
    problems += [SpecProblem(place, message, dataset, name) for message in _label_mistakes(label)]
    stated = setting("type") or (
        data_type(name, facts) if facts else next(filter(None, (r.gives() for r in rules)), "")
    )
    type_ = stated or "text"
    wanted = setting("codelist") or _of_one_dictionary(rules, study_codelists)
    if wanted is None:
        lists = _standard_codelists(name, facts, study_codelists, package)
    else:
        lists = _wanted_codelist(wanted, rules, study_codelists, problems, dataset=dataset, name=name)
    beyond = tabulation().codelists.get(name, ()) if wanted is None else ()
    other_lists = [c for code in beyond if (c := codelist(code)) is not None]
    dictionary = named_dictionary(rules, lists or other_lists, dataset, name, problems)
    lists = [c for c in lists if c.terms or c.dictionary is None]
    return PlannedVariable(
        name=name,
        label=label,
        type=type_,
        length=setting("length") or 0,
        digits=setting("digits"),
        format=setting("format") or display_format(name, type_, facts),
        codelist=union(lists, f"{dataset}.{name}"),
        role=facts.role if facts else "",
        core=facts.core if facts else "",
        rule=rule,
        block_rules=block_rules,
        place=place,
        by_convention=by_convention,
        dictionary=dictionary,
        typed=bool(stated),
    )


def _label_mistakes(label: str) -> Iterator[str]:
    """What is wrong with the label of a variable."""
    if not label:
        yield "a variable that the standard does not have needs label:"
    if len(label) > 40 or not (label.isascii() and label.isprintable()):
        yield f"the label '{label}' has {len(label)} characters; XPT holds 40, of printable ASCII"


def _standard_codelists(
    name: str, facts: VariableFacts | None, study_codelists: dict[str, Codelist], package: str
) -> list[Codelist]:
    """The codelists that the standard has for a variable, each as the study extends it."""
    if facts is None:
        return []
    named = {c.code: c for c in study_codelists.values() if c.code}
    codes = facts.codelist or tabulation().codelists.get(name, ())
    return [c for code in codes if (c := named.get(code) or codelist(code, package)) is not None]


def _wanted_codelist(
    wanted: str,
    rules: Sequence[DerivationSpec],
    study_codelists: dict[str, Codelist],
    problems: list[SpecProblem],
    *,
    dataset: str,
    name: str,
) -> list[Codelist]:
    """The codelist that a rule names; none for 'none': then values: names the codelist of some records."""
    if wanted.casefold() == "none":
        return []
    owner = next((r for r in rules if r.codelist is not None), rules[0])
    found = study_codelists.get(wanted) or published(wanted, place_of(owner, "codelist"), problems, dataset, name)
    return [found] if found else []


@cache
def _of_the_standard(name: str, facts: VariableFacts, dataset: str, package: str) -> PlannedVariable:
    """A variable without a rule, as the facts of its standard define it; they have a label that XPT holds."""
    type_ = data_type(name, facts)
    codes = facts.codelist or tabulation().codelists.get(name, ())
    lists = [c for code in codes if (c := codelist(code, package)) is not None]
    beyond = [c for code in tabulation().codelists.get(name, ()) if (c := codelist(code)) is not None]
    dictionary = next((c.dictionary for c in lists or beyond if c.dictionary is not None), None)
    return PlannedVariable(
        name,
        facts.label,
        type_,
        format=display_format(name, type_, facts),
        codelist=union([c for c in lists if c.terms or c.dictionary is None], f"{dataset}.{name}"),
        role=facts.role,
        core=facts.core,
        dictionary=dictionary,
    )


def _of_one_dictionary(rules: Sequence[DerivationSpec], study_codelists: dict[str, Codelist]) -> str | None:
    """The codelist of the dictionary that has the values of all rules; None if there is no such one."""
    names = {r.dictionary_name() for r in rules if r.dictionary is None}
    name = next(iter(names)) if len(names) == 1 else None
    return name if name in study_codelists else None


def named_dictionary(
    rules: Sequence[DerivationSpec], lists: Sequence[Codelist], dataset: str, name: str, problems: list[SpecProblem]
) -> ExternalDictionary | None:
    """The external dictionary of a variable: that of its rules, else that of one of its ``lists``."""
    for rule in rules:
        if rule.dictionary is None:
            continue
        if rule.codelist is not None and rule.codelist.casefold() != "none":
            message = "codelist: and dictionary: exclude each other; a dictionary has its own terms"
            problems.append(SpecProblem(place_of(rule, "dictionary"), message, dataset, name))
        return rule.dictionary.named()
    return next((c.dictionary for c in lists if c.dictionary is not None), None)


def data_type(name: str, facts: VariableFacts | None) -> str:
    """The Define-XML data type by the facts of the standard; the data decide whether a number is integer or float."""
    if facts is None:
        return "text"
    if facts.type == "Num":
        return "integer" if tabulation().is_whole_number(name) else "float"
    described = facts.described.casefold()
    return next((t for word, t in _TEMPORAL if word in described), "text")


def display_format(name: str, type_: str, facts: VariableFacts | None) -> str:
    """The SAS format of a numeric variable by the ending of its name; '' for none."""
    if type_ not in ("integer", "float") or facts is None:
        return ""
    for ending, form in number_formats():
        if name.endswith(ending):
            return form
    return ""
