"""The different origins of a variable whose records come from several places."""

from __future__ import annotations

import pytest
from raw2adam.engine.tables.dataset import Origin, Predecessor
from raw2adam.engine.tables.origins import ranked_origins, stated_origin
from raw2adam.mappings.facts.document_pages import DocumentPages
from raw2adam.mappings.models.derivation import OneOriginSpec


def test_origins_of_one_kind_are_one_with_all_pages_and_predecessors():
    response, event = Predecessor("RS", "RSSTRESC"), Predecessor("AE", "AETERM")
    page = [DocumentPages("acrf", (n,), ()) for n in (3, 1)]
    assert ranked_origins([
        Origin("Assigned", "Sponsor"),
        Origin("Collected", "Vendor"),
        Origin("Collected", "Investigator", (), (page[0],)),
        Origin("Not Available", "Sponsor"),
        Origin("Predecessor", "", (response,)),
        Origin("Collected", "Investigator", (), (page[1],)),
        Origin("Predecessor", "", (event, response)),
    ]) == [
        Origin("Predecessor", "", (response, event)),
        Origin("Collected", "Investigator", (), (DocumentPages("acrf", (1, 3), ()),)),
        Origin("Collected", "Vendor"),
        Origin("Assigned", "Sponsor"),
    ]  # fmt: skip


def test_explanations_stay_whole_and_occur_once():
    first, second = "diary, paper", "diary, electronic"
    origins = [Origin("Other", remarks=(first,)), Origin("Other", remarks=(second, first))]
    (found,) = ranked_origins(origins)
    assert found.description == "diary, paper, diary, electronic"


@pytest.mark.parametrize(
    ("text", "predecessors", "description"),
    [
        ("DM.SEX", (Predecessor("DM", "SEX"),), "DM.SEX"),
        ("DM.SEX, AE.AETERM", (Predecessor("DM", "SEX"), Predecessor("AE", "AETERM")), "DM.SEX, AE.AETERM"),
        (
            "SUPPAE.QVAL where QNAM = 'AESOSP'",
            (Predecessor("SUPPAE", "QVAL", "QNAM", "AESOSP"),),
            "SUPPAE.QVAL where QNAM = 'AESOSP'",
        ),
        ("DM.SEX, or the diary", (), "DM.SEX, or the diary"),
        ("", (), ""),
    ],
)
def test_the_predecessor_that_a_spec_states(text, predecessors, description):
    origin = stated_origin(OneOriginSpec(type="Predecessor", description=text))
    assert (origin.predecessors, origin.description) == (predecessors, description)


def test_a_variable_of_two_sources_has_both_origins(tiny):
    study = tiny(
        {"lab.csv": "SUBJ,TEST,RES\n1,ALB,41\n", "central.csv": "SUBJ,RES\n1,39\n", "dm.csv": "SUBJ,SEX\n1,F\n"},
        "sources: {lab: {file: lab.csv}, central: {file: central.csv}, dm: {file: dm.csv}}\n",
        {
            "dm": "dataset: DM\nrows: {source: dm}\nvariables: {SEX: SEX, COUNTRY: {value: DEU}}\n",
            "lb": (
                "dataset: LB\nrows:\n"
                "  - {source: lab, variables: {LBTESTCD: TEST, LBORRES: RES, LBNAM: {value: ''}}}\n"
                "  - {source: central, variables: {LBTESTCD: {value: PROT}, LBNAM: {value: CENTRAL},"
                " LBORRES: {from: RES, origin: {type: Collected, source: Vendor}}}}\n"
            ),
        },
    )
    found = {v.name: [(o.type, o.source) for o in (v.origin, *v.further_origins)] for v in study.specs["LB"].variables}
    assert found["LBORRES"] == [("Collected", "Investigator"), ("Collected", "Vendor")]
    assert found["LBTESTCD"] == [("Collected", "Investigator"), ("Assigned", "Sponsor")]
    assert found["LBNAM"] == [("Assigned", "Sponsor")]


def test_a_mapped_value_is_no_copy(tiny):
    """Predecessor means the values of the other variable; a map gives others."""
    study = tiny(
        {"dm.csv": "SUBJ,SEX\n1,F\n"},
        "sources: {dm: {file: dm.csv}}\n",
        {
            "dm": "dataset: DM\nrows: {source: dm}\nvariables: {SEX: SEX, COUNTRY: {value: DEU}}\n",
            "adsl": (
                "dataset: ADSL\nrows: {from: DM}\nvariables:\n  SEX: SEX\n"
                "  SEXN: {from: SEX, map: {F: '1', M: '2'}, type: integer, label: Sex (N)}\n"
                "  REGION1: {from: COUNTRY, prefix: 'Country '}\n"
            ),
        },
    )
    found = {v.name: (v.origin.type, v.origin.description) for v in study.specs["ADSL"].variables}
    assert found["SEX"] == ("Predecessor", "DM.SEX")
    assert found["SEXN"] == ("Derived", "")
    assert found["REGION1"] == ("Derived", "")
