"""Every conformance rule passes and fails its literal cases, and says what it must."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from raw2adam.conformance.examples import found_in, mistakes_of
from raw2adam.conformance.kinds.kind import KINDS
from raw2adam.conformance.language.compiled import compiled_rules
from raw2adam.conformance.language.published import coverage
from raw2adam.conformance.language.read import FOLDER, cased_rules, shipped_rules
from raw2adam.conformance.language.rule import Case

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


def one_change(clean: Case, broken: Case) -> Iterator[Case]:
    """Clean data with one change: a value, a record, variable or dataset more or less, one dataset with its attributes."""
    for name, columns in clean.data.items():
        other = broken.data.get(name, {})
        for variable, cells in columns.items():
            for row, cell in enumerate(cells):
                for value in sorted({*other.get(variable, ()), ""} - {cell}):
                    yield with_dataset(clean, name, {**columns, variable: (*cells[:row], value, *cells[row + 1 :])})
            yield with_dataset(clean, name, {v: c for v, c in columns.items() if v != variable})
        for row in range(len(next(iter(columns.values()), ()))):
            yield with_dataset(clean, name, {v: (*c, c[row]) for v, c in columns.items()})
            yield with_dataset(clean, name, {v: (*c[:row], *c[row + 1 :]) for v, c in columns.items()})
        yield clean.model_copy(update={"data": {n: c for n, c in clean.data.items() if n != name}})
        more = {v: (c * 9)[: len(next(iter(columns.values())))] for v, c in other.items() if v not in columns}
        yield from (with_dataset(clean, name, {**columns, v: c}) for v, c in more.items())
    for name, columns in broken.data.items():
        changed = with_dataset(clean, name, columns)
        yield changed
        yield changed.model_copy(update={"about": broken.about})


def with_dataset(case: Case, name: str, columns) -> Case:
    return case.model_copy(update={"data": {**case.data, name: columns}})


#: the rules of define.xml have whole fragments; a change of one dataset breaks no rule of in_arm (test_mutations.py has it)
@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"define", "in_arm"}))
def test_each_kind_of_check_finds_one_change_of_clean_data(rules_with_cases, kind: str) -> None:
    """The clean data are those of a rule, which finds nothing in them; the new values are those of its failing case."""
    of_kind = [rule for rule in rules_with_cases.values() if rule.check.verb == kind]
    pairs = ((rule, a, b) for rule in of_kind for a in rule.passes if not found_in(rule, a) for b in rule.fails)
    assert any(found_in(rule, changed) for rule, clean, broken in pairs for changed in one_change(clean, broken))


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
