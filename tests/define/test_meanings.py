"""Numbers that stand for texts, and texts that are terms of a published list, by parameter."""

from __future__ import annotations

import pandas as pd
import pytest
import raw2adam.adam.standard  # noqa: F401
from raw2adam.define.document import DefineDataset
from raw2adam.define.meanings import with_joined_meanings
from raw2adam.define.value_lists import with_value_lists
from raw2adam.engine.building.code_levels import CodeFacts, code_facts, join_code_facts
from raw2adam.engine.tables.dataset import BlockRule, Dataset, DatasetMetadata, Origin, Predecessor, VariableMetadata
from raw2adam.mappings.facts import facts
from raw2adam.runs import plan_study  # noqa: F401  registers the standards

DERIVED = Origin("Derived", "Sponsor")
COPY = BlockRule(Origin("Predecessor", predecessors=(Predecessor("RS", "RSSTRESC"),)))
NUMBER = VariableMetadata("AVAL", "Analysis Value", "float", 8, origin=DERIVED, method="The code of AVALC.")
TEXT = VariableMetadata("AVALC", "Analysis Value (C)", length=4, origin=DERIVED, blocks=(BlockRule(DERIVED), COPY))
NAMES = (VariableMetadata("USUBJID", "Subject"), VariableMetadata("PARAMCD", "Code", length=8))


def bds(*variables):
    return DatasetMetadata(
        "ADRS", "Response", (*NAMES, *variables), ("USUBJID", "PARAMCD"), "BASIC DATA STRUCTURE", purpose="Analysis"
    )


def meanings(*pairs):
    return CodeFacts(meanings=frozenset(pairs))


@pytest.mark.parametrize(
    ("found", "wanted"),
    [
        # best responses share those of the time points; Y and N do not
        ({"BOR": {("2", "CR")}, "OVR": {("2", "CR"), ("7", "PD")}, "RSP": {("1", "Y")}},
         {"BOR": {("2", "CR"), ("7", "PD")}, "OVR": {("2", "CR"), ("7", "PD")}, "RSP": {("1", "Y")}}),
        ({"A": {("1", "Y"), ("0", "N")}, "B": {("1", "Y"), ("2", "N")}},
         {"A": {("1", "Y"), ("0", "N")}, "B": {("1", "Y"), ("2", "N")}}),  # they contradict each other
        ({"A": {("1", "Y"), ("1", "N")}}, {"A": set()}),  # a number of two texts
        ({"A": {("1", "Y"), ("2", "")}}, {"A": set()}),  # a number without a text
        ({"A": {("12.5", "12.5")}}, {"A": set()}),  # a text that is the number
    ],
)  # fmt: skip
def test_meanings_that_agree_are_joined(found, wanted):
    joined = with_joined_meanings({code: meanings(*pairs) for code, pairs in found.items()})
    assert {code: set(f.meanings or ()) for code, f in joined.items()} == wanted


def test_the_records_of_a_code_give_its_meanings_in_any_partition():
    frame = pd.DataFrame(
        {"USUBJID": list("12345"), "PARAMCD": ["OVR", "OVR", "OVR", "FLC", "OVR"], "AVAL": [2.0, 7.0, 2.0, 1.5, None],
         "AVALC": ["CR", "PD", "CR", "", "NE"]}
    )  # fmt: skip
    spec = bds(NUMBER, TEXT)
    whole = code_facts(Dataset(spec, frame, None))
    assert whole["AVAL", "OVR"].meanings == {("2", "CR"), ("7", "PD")}
    assert whole["AVAL", "FLC"].meanings == {("1.5", "")}
    assert whole["AVALC", "OVR"].meanings == frozenset()
    parts = [code_facts(Dataset(spec, frame.iloc[r].reset_index(drop=True), None)) for r in ([0], [1, 2, 3, 4])]
    assert join_code_facts(*parts) == whole


def test_numbers_have_their_texts_as_decodes_and_derived_texts_the_published_list():
    response = facts.codelist("C96785")
    spec = bds(NUMBER, TEXT)
    rs = DatasetMetadata("RS", "Response", (VariableMetadata("RSSTRESC", "Result", codelist=response),), ())
    of_codes = {
        ("AVAL", "BOR"): CodeFacts(whole=1, meanings=frozenset({("2", "CR")})),
        ("AVAL", "FLC"): CodeFacts(whole=1, fraction=1, texts=frozenset({"1.5"})),
        ("AVAL", "OVR"): CodeFacts(
            whole=1, texts=frozenset({"2", "7"}), meanings=frozenset({("2", "CR"), ("7", "PD")})
        ),
        ("AVALC", "BOR"): CodeFacts(2, number=False, texts=frozenset({"CR"}), blocks=frozenset({0})),
        ("AVALC", "OVR"): CodeFacts(2, number=False, texts=frozenset({"CR", "PD"}), blocks=frozenset({1})),
    }
    of_codes["AVAL", "BOR"] = of_codes["AVAL", "BOR"]._replace(texts=frozenset({"2"}))
    (data,) = with_value_lists([DefineDataset(spec, 9, {}, "adrs.xpt", {}, of_codes)], {"RS": rs})
    lists = {(v.variable, v.where[0].values): v.codelist for v in data.spec.values}
    numbers = lists["AVAL", ("BOR", "OVR")]
    assert numbers is not None and [(t.value, t.decode) for t in numbers.terms] == [("2", "CR"), ("7", "PD")]
    assert lists["AVAL", ("FLC",)] is None
    best = lists["AVALC", ("BOR",)]
    assert best is not None and (best.code, [t.code for t in best.terms]) == ("C96785", ["C4870"])
