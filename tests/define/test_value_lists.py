"""Value-level metadata of results by test or parameter: which definitions there are, and what each states."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pandas as pd
import raw2adam.adam.standard
import raw2adam.sdtm.standard  # noqa: F401
from raw2adam.define.document import DefineDataset, DefineStudy
from raw2adam.define.value_lists import with_value_lists
from raw2adam.engine.building.code_levels import CodeFacts, code_facts, join_code_facts
from raw2adam.engine.building.value_levels import LevelFacts, join_facts, level_facts
from raw2adam.engine.tables.dataset import (
    BlockRule,
    Dataset,
    DatasetMetadata,
    Lineage,
    Origin,
    RangeCheck,
    ValueLevel,
    VariableMetadata,
)
from raw2adam.mappings.facts.terminology import Codelist, Term

SITE, VENDOR = Origin("Collected", "Investigator"), Origin("Collected", "Vendor")
DERIVED = Origin("Derived", "Sponsor")
UNIT = Codelist("UNIT", "Unit", (Term("g/L", "C1"), Term("mg/L", "C2"), Term("%", "C3")), "C71620", True, "SDTM CT X")
STUDY = DefineStudy("S", "S", "A study", "S", (), datetime(2025, 12, 31))
NAMES = (("ALB", "Albumin"), ("IFE", "Immunofixation"), ("PROT", "Protein"))


def lb(*variables, values=()):
    """LB of these variables."""
    identifying = (VariableMetadata("USUBJID", "Subject"), VariableMetadata("LBTESTCD", "Test Code", length=4))
    return DatasetMetadata(
        "LB", "Laboratory", (*identifying, *variables), ("USUBJID", "LBTESTCD"), "Findings", domain="LB", values=values
    )


def described(spec, facts, pairs=NAMES, code="LBTESTCD", name="LBTEST"):
    """The value-level definitions of a dataset: variable, values of the clause, label, type, length, digits."""
    data = DefineDataset(spec, 9, {}, "lb.xpt", {(code, name): pairs}, facts)
    return with_value_lists([data])[0]


def shown(data):
    return [
        (v.variable, *[(c.comparator, *c.values) for c in v.where], v.label, v.type, v.length, v.digits)
        for v in data.spec.values
    ]


RESULT = VariableMetadata("LBORRES", "Result", length=9, origin=SITE, blocks=(BlockRule(SITE), BlockRule(VENDOR)))
HERE, THERE = frozenset({0}), frozenset({1})


def test_each_test_has_type_length_digits_and_origin_of_its_records():
    facts = {
        ("LBORRES", "ALB"): CodeFacts(4, 2, 1, True, frozenset({"41.5", "9"}), HERE, open=True),
        ("LBORRES", "IFE"): CodeFacts(8, 0, 0, False, frozenset({"NEGATIVE", "faint"}), THERE, open=True),
        ("LBORRES", "PROT"): CodeFacts(2, 2, 0, True, frozenset({"70"}), HERE | THERE, open=True),
    }
    data = described(lb(RESULT), facts)
    assert shown(data) == [
        ("LBORRES", ("EQ", "ALB"), "Albumin", "float", 3, 1),
        ("LBORRES", ("EQ", "IFE"), "Immunofixation", "text", 8, None),
        ("LBORRES", ("EQ", "PROT"), "Protein", "integer", 2, None),
    ]
    assert [(v.origin, v.further_origins) for v in data.spec.values] == [(SITE, ()), (VENDOR, ()), (SITE, (VENDOR,))]


def test_a_variable_whose_tests_differ_in_the_length_of_texts_alone_has_no_definitions():
    facts = {
        ("LBORRES", "ALB"): CodeFacts(4, 0, 0, False, frozenset({"high"}), HERE, open=True),
        ("LBORRES", "IFE"): CodeFacts(8, 0, 0, False, frozenset({"NEGATIVE"}), HERE, open=True),
    }
    assert shown(described(lb(RESULT), facts)) == []


def test_tests_with_one_list_of_units_share_a_definition():
    units = VariableMetadata("LBORRESU", "Unit", length=4, codelist=UNIT, origin=SITE)
    facts = {
        ("LBORRESU", code): CodeFacts(len(text), texts=frozenset({text}), number=False, open=True)
        for code, text in (("ALB", "g/L"), ("PROT", "g/L"), ("IFE", "%"))
    }
    data = described(lb(units), facts)
    assert shown(data) == [
        ("LBORRESU", ("IN", "ALB", "PROT"), "Albumin; Protein", "text", 3, None),
        ("LBORRESU", ("EQ", "IFE"), "Immunofixation", "text", 1, None),
    ]
    assert [[(t.value, t.code) for t in v.codelist.terms] for v in data.spec.values] == [[("g/L", "C1")], [("%", "C3")]]


def test_a_definition_of_the_spec_wins_and_the_other_tests_have_theirs():
    by_hand = ValueLevel("LBORRES", (RangeCheck("LBTESTCD", "EQ", ("IFE",)),), label="Result", origin=SITE)
    facts = {
        ("LBORRES", "IFE"): CodeFacts(8, number=False, declared=True),
        ("LBORRES", "ALB"): CodeFacts(2, 2, 0, True, frozenset({"41"}), HERE, open=True),
        ("LBORRES", ""): CodeFacts(2, 2, 0, True, frozenset({"41"}), open=True),
    }
    assert shown(described(lb(RESULT, values=(by_hand,)), facts)) == [
        ("LBORRES", ("EQ", "IFE"), "Immunofixation", "text", 0, None),
        ("LBORRES", ("EQ", "ALB"), "Albumin", "integer", 2, None),
    ]


def test_the_rest_of_a_test_that_the_spec_describes_in_part_has_a_definition():
    where = (RangeCheck("LBTESTCD", "EQ", ("ALB",)), RangeCheck("LBNAM", "EQ", ("CENTRAL",)))
    by_hand = ValueLevel("LBORRES", where, label="Central", origin=VENDOR)
    facts = {
        ("LBORRES", "ALB"): CodeFacts(2, 2, 0, True, frozenset({"41"}), HERE, declared=True, open=True),
        ("LBORRES", ""): CodeFacts(2, 2, 0, True, frozenset({"41"}), open=True),
    }
    spec = lb(RESULT, VariableMetadata("LBNAM", "Laboratory"), values=(by_hand,))
    assert shown(described(spec, facts))[1:] == [
        ("LBORRES", ("EQ", "ALB"), ("NOTIN", "CENTRAL"), "Albumin", "integer", 2, None)
    ]


def test_the_rest_of_a_variable_without_codes_has_a_definition():
    by_hand = ValueLevel("CMDECOD", (RangeCheck("CMCAT", "IN", ("A", "B")),), label="Drug", origin=SITE)
    variables = (
        VariableMetadata("CMDECOD", "Drug", origin=DERIVED, method="M."),
        VariableMetadata("CMCAT", "Category"),
    )
    spec = DatasetMetadata(
        "CM", "Medications", variables, ("CMDECOD",), "Interventions", domain="CM", values=(by_hand,)
    )
    data = described(spec, {("CMDECOD", ""): CodeFacts(7, number=False, texts=None, open=True)})
    assert shown(data)[1:] == [("CMDECOD", ("NOTIN", "A", "B"), "Drug", "text", 7, None)]
    assert data.spec.values[1].method == "M."


def analysis(variable):
    identifying = (VariableMetadata("USUBJID", "Subject"), VariableMetadata("PARAMCD", "Code"))
    return DatasetMetadata(
        "ADX", "Analysis", (*identifying, variable), ("USUBJID", "PARAMCD"), "BASIC DATA STRUCTURE", purpose="Analysis"
    )


def test_changes_of_one_method_share_the_most_digits_of_a_division():
    rule = BlockRule(DERIVED, "PCHG is 100 * CHG / BASE.")
    percent = VariableMetadata("PCHG", "Percent Change", "float", 8, 11, origin=DERIVED, blocks=(rule,))
    facts = {
        ("PCHG", "A"): CodeFacts(0, 3, 11, texts=None, blocks=HERE, open=True),
        ("PCHG", "B"): CodeFacts(0, 2, 0, texts=None, blocks=HERE, open=True),
    }
    assert shown(described(analysis(percent), facts, (), "PARAMCD", "PARAM")) == []


def test_the_values_that_a_rule_states_are_the_list_of_a_parameter():
    rules = (
        BlockRule(DERIVED, "E.", texts=(("DEATH", ""), ("PROGRESSION", ""), ("ALIVE", ""))),
        BlockRule(DERIVED, "F.", texts=(("DEATH", ""), ("ALIVE", ""))),
    )
    event = VariableMetadata("EVNTDESC", "Event", length=11, origin=DERIVED, blocks=rules)
    facts = {
        ("EVNTDESC", "PFS"): CodeFacts(5, number=False, texts=frozenset({"DEATH"}), blocks=HERE, open=True),
        ("EVNTDESC", "OS"): CodeFacts(5, number=False, texts=frozenset({"ALIVE"}), blocks=THERE, open=True),
    }
    values = described(analysis(event), facts, (), "PARAMCD", "PARAM").spec.values
    assert [(v.where[0].values, [t.value for t in v.codelist.terms], v.method) for v in values] == [
        (("OS",), ["ALIVE", "DEATH"], "F."),
        (("PFS",), ["ALIVE", "DEATH", "PROGRESSION"], "E."),
    ]


def test_the_facts_are_the_same_over_any_partitions():
    frame = pd.DataFrame(
        {
            "USUBJID": ["1", "1", "2", "2", "3"],
            "LBTESTCD": ["ALB", "IFE", "ALB", "ALB", "IFE"],
            "LBORRES": ["41.5", "NEGATIVE", "", "9", "7"],
        }
    )
    blocks = pd.DataFrame({"block": np.array([0, 1, 0, 0, 0], dtype="int32")})

    def facts(rows):
        part = frame.iloc[rows].reset_index(drop=True)
        return code_facts(Dataset(lb(RESULT), part, Lineage(blocks.iloc[rows].reset_index(drop=True))))

    whole = facts([0, 1, 2, 3, 4])
    assert whole == {
        ("LBORRES", "ALB"): CodeFacts(4, 2, 1, True, frozenset({"41.5", "9"}), HERE, open=True),
        ("LBORRES", "IFE"): CodeFacts(8, 1, 0, False, frozenset({"NEGATIVE", "7"}), HERE | THERE, open=True),
    }
    assert join_code_facts(facts([0, 1]), facts([2, 3, 4])) == whole


def test_a_declared_definition_knows_its_values_so_that_its_list_has_those_outside_of_it():
    where = (RangeCheck("LBTESTCD", "EQ", ("IFE",)),)
    spec = lb(RESULT, values=(ValueLevel("LBORRES", where, codelist=Codelist("L", "L", (Term("A"),))),))

    def facts(*results):
        frame = pd.DataFrame({"USUBJID": "1", "LBTESTCD": ["IFE", "ALB"], "LBORRES": results})
        return level_facts(Dataset(spec, frame))

    first, second = facts("A", "7"), facts("faint 3", "9")
    key = ("LBORRES", where)
    assert join_facts(first, second) == {key: LevelFacts(7, 0, 0, frozenset({"A", "faint 3"}))}
    assert join_facts(second, first) == join_facts(first, second)
    many = {key: LevelFacts(texts=frozenset(map(str, range(201))))}
    assert join_facts(many, first)[key].texts is None
