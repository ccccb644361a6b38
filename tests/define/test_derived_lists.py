"""Codelists of flags, pairs, groups and copies, which neither a standard nor the study declares.

Not for the elements of the lists (test_codelists).
"""

from __future__ import annotations

from dataclasses import replace

from raw2adam.define.derived_lists import with_lists
from raw2adam.define.document import DefineDataset
from raw2adam.engine.tables.dataset import DatasetMetadata, RangeCheck, ValueLevel, VariableMetadata
from raw2adam.engine.tables.origins import stated_origin
from raw2adam.mappings.facts import facts
from raw2adam.mappings.facts.terminology import Codelist, Term
from raw2adam.mappings.models.derivation import OneOriginSpec
from raw2adam.runs import plan_study  # noqa: F401  registers the standards


def variable(name: str, **more) -> VariableMetadata:
    return VariableMetadata(name, f"Label of {name}", **more)


def copy_of(name: str, origin: str) -> VariableMetadata:
    return variable(name, origin=stated_origin(OneOriginSpec(type="Predecessor", description=origin)))


def described(name: str, variables, terms, pairs=None, purpose="Tabulation") -> DefineDataset:
    spec = DatasetMetadata(name, name, tuple(variables), ("USUBJID",), purpose=purpose)
    return DefineDataset(spec, 1, terms, f"{name.lower()}.xpt", pairs or {})


def lists(datasets, others=None) -> dict[str, Codelist | None]:
    return {f"{d.spec.name}.{v.name}": v.codelist for d in with_lists(datasets, others) for v in d.spec.variables}


def items(codelist: Codelist | None) -> list[tuple[str, str]]:
    assert codelist is not None
    return [(t.value, t.decode) for t in codelist.terms]


def test_an_arm_and_its_code():
    dm = described(
        "DM",
        [variable("ARMCD"), variable("ARM"), variable("SUBJID", role="Identifier", constant=True)],
        {"ARMCD": ("B", "A"), "ARM": ("Drug", "None"), "SUBJID": ("1",)},
        {("ARMCD", "ARM"): (("B", "Drug"), ("A", "None"))},
    )
    found = lists([dm])
    assert items(found["DM.ARMCD"]) == [("A", "None"), ("B", "Drug")]
    assert items(found["DM.ARM"]) == [("None", ""), ("Drug", "")]
    assert found["DM.SUBJID"] is None


def test_a_qualifier_without_records_is_in_the_list_of_names():
    names = [variable("QNAM"), variable("QLABEL"), variable("QVAL")]
    pairs = {("QNAM", "QLABEL"): (("B", "Second"),)}
    supp = described("SUPPAE", names, {"QNAM": ("B",), "QLABEL": ("Second",)}, pairs)
    never = ValueLevel("QVAL", (RangeCheck("QNAM", "EQ", ("A",)),), label="First", empty=True)
    found = lists([replace(supp, spec=replace(supp.spec, values=(never,)))])
    assert items(found["SUPPAE.QNAM"]) == [("A", "First"), ("B", "Second")]


def test_visits_are_in_the_order_of_their_numbers_and_one_list_in_all_datasets():
    names = [variable("VISITNUM", type="float"), variable("VISIT")]
    pair = ("VISITNUM", "VISIT")
    lb = described("LB", names, {"VISITNUM": ("1", "10"), "VISIT": ("V1", "V10")}, {pair: (("1", "V1"), ("10", "V10"))})
    vs = described("VS", names, {"VISITNUM": ("2", "1"), "VISIT": ("V2", "V1")}, {pair: (("2", "V2"), ("1", "V1"))})
    found = lists([lb, vs])
    assert items(found["LB.VISITNUM"]) == [("1", "V1"), ("2", "V2"), ("10", "V10")]
    assert found["VS.VISITNUM"] == found["LB.VISITNUM"]
    assert found["VS.VISIT"] == found["LB.VISIT"]


def test_a_code_with_another_text_in_another_dataset_has_a_list_for_each():
    names = [variable("AVISITN", type="integer"), variable("AVISIT")]
    pair = ("AVISITN", "AVISIT")
    adqs = described(
        "ADQS", names, {"AVISITN": ("3",), "AVISIT": ("Month 3",)}, {pair: (("3", "Month 3"),)}, "Analysis"
    )
    adrs = described(
        "ADRS", names, {"AVISITN": ("3",), "AVISIT": ("Cycle 3",)}, {pair: (("3", "Cycle 3"),)}, "Analysis"
    )
    found = lists([adqs, adrs])
    assert items(found["ADQS.AVISITN"]) == [("3", "Month 3")]
    assert items(found["ADRS.AVISITN"]) == [("3", "Cycle 3")]
    assert (found["ADRS.AVISIT"].name, found["ADRS.AVISIT"].label) == ("ADRS-AVISIT", "Label of AVISIT (ADRS)")


def test_a_code_with_two_texts_in_one_dataset_has_no_list():
    names = [variable("AGEGR1N", type="integer"), variable("AGEGR1")]
    two = {("AGEGR1N", "AGEGR1"): (("1", "<65"), ("1", "18-64"))}
    found = lists([described("ADSL", names, {"AGEGR1N": ("1",), "AGEGR1": ("18-64", "<65")}, two, "Analysis")])
    assert set(found.values()) == {None}


def test_qualifiers_have_a_list_for_each_dataset():
    names = [variable("RDOMAIN", role="Identifier"), variable("QNAM", role="Topic"), variable("QLABEL")]
    pair = ("QNAM", "QLABEL")
    ae = described("SUPPAE", names, {"RDOMAIN": ("AE",), "QNAM": ("A",), "QLABEL": ("a",)}, {pair: (("A", "a"),)})
    cm = described("SUPPCM", names, {"RDOMAIN": ("CM",), "QNAM": ("B",), "QLABEL": ("b",)}, {pair: (("B", "b"),)})
    found = lists([ae, cm])
    assert items(found["SUPPAE.QNAM"]) == [("A", "a")]
    assert items(found["SUPPCM.QNAM"]) == [("B", "b")]
    assert found["SUPPCM.RDOMAIN"] == facts.codelist("C66734")


def test_a_flag_has_the_terms_of_the_published_list():
    names = [variable("SAFFL"), variable("TRTEMFL"), variable("DISCFL"), variable("EMPTYFL")]
    found = lists([described("ADSL", names, {"SAFFL": ("N", "Y"), "TRTEMFL": ("Y",), "DISCFL": ("U", "Y")})])
    assert items(found["ADSL.SAFFL"]) == [("N", "No"), ("Y", "Yes")]
    assert items(found["ADSL.TRTEMFL"]) == [("Y", "Yes")]
    assert (found["ADSL.SAFFL"].code, found["ADSL.SAFFL"].terms[1].code) == ("C66742", "C49488")
    assert found["ADSL.DISCFL"] is None  # U is no value of a flag
    assert found["ADSL.EMPTYFL"] is None


def test_a_variable_of_constants_has_its_values_and_another_has_none():
    names = [variable("LBCAT", constant=True), variable("LBREASND")]
    found = lists([described("LB", names, {"LBCAT": ("URINALYSIS", "CHEMISTRY"), "LBREASND": ("BROKEN",)})])
    assert items(found["LB.LBCAT"]) == [("CHEMISTRY", ""), ("URINALYSIS", "")]
    assert found["LB.LBREASND"] is None


def test_a_copy_has_the_list_of_its_origin_over_several_copies():
    sex = Codelist("SEX", "Sex", (Term("F"), Term("M")), "C66731", False, "SDTM CT 2025-03-28")
    dm = DatasetMetadata("DM", "DM", (variable("SEX", codelist=sex), variable("AGE")), ("USUBJID",))
    adsl = described("ADSL", [copy_of("SEX", "DM.SEX"), copy_of("AGE", "DM.AGE")], {"SEX": ("F",)}, purpose="Analysis")
    adae = described("ADAE", [copy_of("SEX", "ADSL.SEX")], {"SEX": ("F",)}, purpose="Analysis")
    found = lists([adsl, adae], {"DM": dm})
    assert found == {"ADSL.SEX": sex, "ADSL.AGE": None, "ADAE.SEX": sex}


def test_copies_in_a_circle_and_origins_that_are_not_there_have_no_list():
    names = [copy_of("A", "XX.B"), copy_of("B", "XX.A"), copy_of("C", "YY.C"), copy_of("D", "the last record")]
    assert set(lists([described("XX", names, {"A": ("1",)}, purpose="Analysis")]).values()) == {None}


def test_a_variable_has_the_list_that_another_dataset_declares_if_it_has_its_values():
    criteria = Codelist("IETESTCD", "Criteria", (Term("IN01"), Term("EX01")))
    ie = described("IE", [variable("IETESTCD", codelist=criteria)], {"IETESTCD": ("IN01",)})
    ti = described("TI", [variable("IETESTCD", constant=True)], {"IETESTCD": ("EX01", "IN01")})
    xx = described("XX", [variable("IETESTCD")], {"IETESTCD": ("OTHER",)})
    found = lists([ie, ti, xx])
    assert found["TI.IETESTCD"] == criteria
    assert found["XX.IETESTCD"] is None


def test_a_number_that_the_spec_maps_from_a_text_has_every_value_of_the_map():
    groups = (("1", "MYELOMA"), ("2", "OTHER"), ("3", "UNKNOWN"))
    number = variable("DTHCGR1N", type="integer", mapped_from="DTHCGR1", mapped=groups)
    other = variable("RISKN", type="integer", mapped_from="CYTORISK", mapped=(("9", "UNKNOWN"), ("1", "HIGH")))
    names = [variable("DTHCGR1"), number, variable("CYTORISK"), other]
    terms = {"DTHCGR1": ("MYELOMA",), "DTHCGR1N": ("1",), "CYTORISK": ("HIGH",), "RISKN": ("1",)}
    pairs = {("DTHCGR1N", "DTHCGR1"): (("1", "MYELOMA"),)}
    found = lists([described("ADSL", names, terms, pairs, "Analysis")])
    assert items(found["ADSL.DTHCGR1N"]) == list(groups)
    assert items(found["ADSL.DTHCGR1"]) == [(text, "") for _, text in groups]
    assert items(found["ADSL.RISKN"]) == [("1", "HIGH"), ("9", "UNKNOWN")]
    contradicted = {**pairs, ("DTHCGR1N", "DTHCGR1"): (("1", "OTHER"),)}
    found = lists([described("ADSL", names, terms, contradicted, "Analysis")])
    assert items(found["ADSL.DTHCGR1N"]) == [("1", "OTHER")]  # what the data have


def test_a_number_that_two_texts_map_to_has_no_list():
    """AVAL is 1 for Y and for CR: a code has one decode."""
    number = variable("AVAL", type="integer", mapped_from="AVALC", mapped=(("0", "N"), ("1", "CR"), ("1", "Y")))
    found = lists([described("ADRS", [variable("AVALC"), number], {"AVALC": ("CR", "Y"), "AVAL": ("1",)})])
    assert found["ADRS.AVAL"] is None
