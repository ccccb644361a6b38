"""Every conformance rule passes and fails its literal cases, and says what it must."""

from __future__ import annotations

import re

import pytest
from raw2adam.conformance.examples import mistakes_of
from raw2adam.conformance.language.compiled import compiled_rules
from raw2adam.conformance.language.published import coverage
from raw2adam.conformance.language.read import FOLDER, cased_rules, shipped_rules

#: the beginnings of the ids
FAMILIES = tuple(sorted({id_.rsplit("-", 1)[0] for id_ in shipped_rules()}))


@pytest.fixture(scope="module")
def rules_with_cases():
    """The rules with their cases, as the YAML has them: reading them takes a second."""
    return cased_rules()


@pytest.mark.parametrize("family", FAMILIES)
def test_every_rule_finds_what_its_cases_state(rules_with_cases, family: str) -> None:
    wrong = [f"{i}: {m}" for i, r in rules_with_cases.items() if i.startswith(f"{family}-") for m in mistakes_of(r)]
    assert not wrong


def test_every_rule_has_a_case_that_passes_and_one_that_fails(rules_with_cases) -> None:
    assert not [id_ for id_, rule in rules_with_cases.items() if not (rule.passes and rule.fails)]


def test_a_case_of_define_xml_that_passes_applies_so_that_it_does_not_pass_by_absence(rules_with_cases) -> None:
    from raw2adam.conformance.language.cases import package_of

    absent = []
    for id_, rule in rules_with_cases.items():
        for case in rule.passes if rule.check.verb == "define" and id_ != "R2A-DEF-401" else ():
            package = package_of(case, "adam" if rule.scope.standard == "adam" else "sdtm")
            absent += [f"{id_}: {reason}"] if (reason := rule.check.package_applies(package)) else []
    assert not absent


def test_no_two_rules_have_one_title(rules_with_cases) -> None:
    titles = [rule.title for rule in rules_with_cases.values()]
    assert len(titles) == len(set(titles))


def test_messages_are_short_sentences_without_a_full_stop(rules_with_cases) -> None:
    assert not [
        i
        for i, r in rules_with_cases.items()
        if len(r.message) > 160 or r.title.endswith(".") or not r.do.endswith(".")
    ]


def test_published_ids_are_written_as_their_publishers_do(rules_with_cases) -> None:
    for id_, rule in rules_with_cases.items():
        for published in (*rule.published.cdisc, *rule.published.fda):
            assert re.fullmatch(r"(CG|FB|SD|TRC|AD|DD|OD|SE)\d+[a-z]?|\d+", published), (id_, published)


def test_the_compiled_rules_are_those_of_the_yaml(rules_with_cases) -> None:
    bare = {id_: rule.model_copy(update={"passes": (), "fails": ()}) for id_, rule in rules_with_cases.items()}
    assert compiled_rules(FOLDER) == bare
    assert shipped_rules() == bare


def test_every_published_rule_of_core_has_a_status(rules_with_cases) -> None:
    listed = coverage(rules_with_cases)
    assert len(listed) == 430
    known = {c.id for c in listed}
    assert not {p for rule in rules_with_cases.values() for p in rule.published.core} - known
    assert not [c.id for c in listed if c.rules and c.why]
    assert sum(c.status == "missing" for c in listed) <= 5


def test_there_are_more_than_170_rules_of_sdtm_and_250_in_all(rules_with_cases) -> None:
    assert sum(rule.scope.standard == "sdtm" for rule in rules_with_cases.values()) > 170
    assert len(rules_with_cases) > 250
