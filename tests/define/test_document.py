"""define.xml of small SDTM and ADaM folders: valid against CDISC's schema, and each element what the spec says.

Not for codelist terms (test_define_codelists) nor for files on disk (test_define_checks).
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kit.define_sample import (
    ADAM,
    ADAM_STUDY,
    ADRS,
    AE,
    COLLECTED,
    DEF,
    HOSTILE,
    HREF,
    NS,
    NY,
    SDTM,
    STUDY,
    SUPPAE,
    adam,
    hostile_sdtm,
    identifiers,
)
from kit.fuzzing import examples
from kit.other_machine import on_another_machine
from lxml import etree
from raw2adam.define.checks import xsd_problems
from raw2adam.define.document import DefineDataset, define_xml
from raw2adam.define.reading import read_define
from raw2adam.engine.tables.dataset import Origin, RangeCheck, ValueLevel, VariableMetadata
from raw2adam.errors import OutputError, Place
from raw2adam.mappings.facts.terminology import Codelist, Term


@pytest.fixture(scope="module")
def sdtm() -> bytes:
    return define_xml(STUDY, SDTM)


@pytest.fixture(scope="module")
def analysis() -> bytes:
    return define_xml(ADAM_STUDY, ADAM)


def found(xml: bytes, path: str):
    return etree.fromstring(xml).xpath(path, namespaces=NS)


def one(xml: bytes, path: str):
    hits = found(xml, path)
    assert len(hits) == 1, path
    return hits[0]


def test_sdtm_and_adam_are_valid_against_the_cdisc_schema(sdtm, analysis):
    assert xsd_problems(sdtm) == []
    assert xsd_problems(analysis) == []


def test_the_file_opens_with_declaration_and_stylesheet(sdtm):
    assert sdtm.splitlines()[:2] == [
        b'<?xml version="1.0" encoding="UTF-8"?>',
        b'<?xml-stylesheet type="text/xsl" href="define2-1.xsl"?>',
    ]


def test_the_root_names_originator_time_and_context(sdtm):
    root = etree.fromstring(sdtm)
    assert dict(root.attrib) == {
        "ODMVersion": "1.3.2",
        "FileType": "Snapshot",
        "FileOID": "DEF.OBS16577.SDTMIG.3.4",
        "CreationDateTime": "2025-12-31T18:30:00+00:00",
        "Originator": "raw2adam",
        "SourceSystem": "raw2adam",
        "SourceSystemVersion": "0.1.0",
        f"{DEF}Context": "Submission",
    }
    assert found(sdtm, "//o:GlobalVariables/*/text()") == ["OBS16577", "Isatuximab in routine practice", "OBS16577"]
    assert found(sdtm, "//o:MetaDataVersion/@d:DefineVersion") == ["2.1.0"]


def test_the_metadata_version_names_study_data_and_guide(sdtm, analysis):
    assert [dict(one(x, "//o:MetaDataVersion").attrib) for x in (sdtm, analysis)] == [
        {
            "OID": "MDV.OBS16577.SDTMIG.3.4",
            "Name": "Study OBS16577, SDTM Data Definitions",
            "Description": "SDTM datasets of study OBS16577 by SDTMIG 3.4",
            f"{DEF}DefineVersion": "2.1.0",
        },
        {
            "OID": "MDV.OBS16577.ADaMIG.1.3",
            "Name": "Study OBS16577, ADaM Data Definitions",
            "Description": "ADaM datasets of study OBS16577 by ADaMIG 1.3",
            f"{DEF}DefineVersion": "2.1.0",
        },
    ]


def test_standards_are_the_declared_ones_and_those_in_use(sdtm, analysis):
    assert [dict(s.attrib) for s in found(sdtm, "//d:Standard")] == [
        {"OID": "STD.SDTMIG.3.4", "Name": "SDTMIG", "Type": "IG", "Version": "3.4", "Status": "Final"},
        {
            "OID": "STD.CT.SDTM.2025-03-28",
            "Name": "CDISC/NCI",
            "Type": "CT",
            "PublishingSet": "SDTM",
            "Version": "2025-03-28",
            "Status": "Final",
        },
    ]
    with_sdtm_terms = replace(
        ADRS, variables=(*ADRS.variables, VariableMetadata("ANL01FL", "Flag", length=1, codelist=NY))
    )
    mixed = define_xml(ADAM_STUDY, [DefineDataset(with_sdtm_terms, 1, {}, "adrs.xpt")])
    assert found(mixed, "//d:Standard/@OID") == [
        "STD.ADaMIG.1.3",
        "STD.CT.ADaM.2026-03-27",
        "STD.CT.SDTM.2025-03-28",
    ]


def test_datasets_come_in_class_order_for_any_order_of_the_argument(sdtm, analysis):
    assert found(sdtm, "//o:ItemGroupDef/@Name") == ["TA", "DM", "CM", "AE", "RS", "SUPPAE"]
    assert found(analysis, "//o:ItemGroupDef/@Name") == ["ADSL", "ADRS", "ADTTE"]


def test_identical_input_gives_identical_bytes_in_any_order_and_process(sdtm, tmp_path_factory):
    assert define_xml(STUDY, list(reversed(SDTM))) == sdtm
    # values seen arrive as tuples, but they were sets once: a process with another hash seed must agree
    sums = json.loads((on_another_machine(tmp_path_factory, "define") / "sums.json").read_text("utf-8"))
    assert sums == [hashlib.sha256(sdtm).hexdigest()]


def test_an_sdtm_dataset_has_its_attributes_class_and_file(sdtm):
    group = one(sdtm, "//o:ItemGroupDef[@Name='AE']")
    assert dict(group.attrib) == {
        "OID": "IG.AE",
        "Domain": "AE",
        "Name": "AE",
        "Repeating": "Yes",
        "IsReferenceData": "No",
        "SASDatasetName": "AE",
        "Purpose": "Tabulation",
        f"{DEF}StandardOID": "STD.SDTMIG.3.4",
        f"{DEF}Structure": "One record per adverse event per subject",
        f"{DEF}ArchiveLocationID": "LF.AE",
    }
    assert group.xpath("string(o:Description)", namespaces=NS).strip() == "Adverse Events"
    assert group.xpath("d:Class/@Name", namespaces=NS) == ["EVENTS"]
    leaf = one(sdtm, "//o:ItemGroupDef[@Name='AE']/d:leaf")
    assert (leaf.get("ID"), leaf.get(HREF), leaf[0].text) == ("LF.AE", "ae.xpt", "ae.xpt")


@pytest.mark.parametrize(
    ("name", "domain", "repeating", "reference", "kind"),
    [
        ("DM", "DM", "No", "No", "SPECIAL PURPOSE"),
        ("TA", "TA", "No", "Yes", "TRIAL DESIGN"),
        ("SUPPAE", "AE", "Yes", "No", "RELATIONSHIP"),
    ],
)
def test_domain_repeating_and_reference_data(sdtm, name, domain, repeating, reference, kind):
    group = one(sdtm, f"//o:ItemGroupDef[@Name='{name}']")
    assert (group.get("Domain"), group.get("Repeating"), group.get("IsReferenceData")) == (domain, repeating, reference)
    assert group.xpath("d:Class/@Name", namespaces=NS) == [kind]


@pytest.mark.parametrize(
    ("keys", "structure", "repeating"),
    [
        (("STUDYID", "USUBJID"), "One record per subject", "No"),
        (("USUBJID",), "One record per subject per parameter", "No"),
        (("STUDYID", "USUBJID", "PARAMCD"), "One record per subject per parameter", "Yes"),
        (("STUDYID", "USUBJID", "AESEQ"), "One record per subject", "Yes"),
        ((), "One record per subject", "No"),
        ((), "One record per subject.", "No"),
        ((), "One record per subject per adverse event", "Yes"),
    ],
)
def test_a_dataset_repeats_unless_the_subject_alone_is_its_key(keys, structure, repeating):
    more = tuple(VariableMetadata(n, n, length=8) for n in ("STUDYID", "PARAMCD", "AESEQ"))
    spec = replace(adam("ADX", "X", "BASIC DATA STRUCTURE", *more, structure=structure), keys=keys)
    xml = define_xml(ADAM_STUDY, [DefineDataset(spec, 1, {}, "adx.xpt")])
    assert found(xml, "//o:ItemGroupDef/@Repeating") == [repeating]


def test_a_dataset_without_records_has_no_file_and_a_comment(sdtm):
    group = one(sdtm, "//o:ItemGroupDef[@Name='CM']")
    assert group.get(f"{DEF}HasNoData") == "Yes"
    assert group.get(f"{DEF}ArchiveLocationID") is None
    assert group.xpath("d:leaf", namespaces=NS) == []
    comment = one(sdtm, f"//d:CommentDef[@OID='{group.get(f'{DEF}CommentOID')}']")
    assert "".join(comment.itertext()).strip() == "The dataset has no records and is not submitted."


def test_adam_datasets_have_no_domain_and_the_subclass_of_time_to_event(analysis):
    assert found(analysis, "//o:ItemGroupDef/@Domain") == []
    assert found(analysis, "//o:ItemGroupDef/@Purpose") == ["Analysis"] * 3
    assert found(analysis, "//o:ItemGroupDef/d:Class/@Name") == [
        "SUBJECT LEVEL ANALYSIS DATASET",
        "BASIC DATA STRUCTURE",
        "BASIC DATA STRUCTURE",
    ]
    assert found(analysis, "//o:ItemGroupDef[d:Class/d:SubClass/@Name='TIME-TO-EVENT']/@Name") == ["ADTTE"]


def test_item_refs_carry_order_core_keys_role_and_method(sdtm, analysis):
    refs = found(sdtm, "//o:ItemGroupDef[@Name='AE']/o:ItemRef")
    assert [(r.get("ItemOID"), r.get("OrderNumber"), r.get("Mandatory"), r.get("KeySequence")) for r in refs] == [
        ("IT.AE.STUDYID", "1", "Yes", "1"),
        ("IT.AE.DOMAIN", "2", "Yes", None),
        ("IT.AE.USUBJID", "3", "Yes", "2"),
        ("IT.AE.AETERM", "4", "Yes", None),
        ("IT.AE.AEDECOD", "5", "Yes", "3"),
        ("IT.AE.AESER", "6", "No", None),
        ("IT.AE.AESTDTC", "7", "No", "4"),
        ("IT.AE.AESTDY", "8", "No", None),
    ]
    assert refs[3].get("Role") == "Topic"
    assert refs[7].get("MethodOID") == "MT.CM.AESTDY"  # CM, sorted before AE, has the same sentence
    assert found(analysis, "//o:ItemRef/@Role") == []


def test_a_variable_without_data_is_marked_and_has_a_comment_with_the_reason(sdtm):
    empty = VariableMetadata("AELLT", "Lowest Level Term", length=1, empty=True, origin=Origin("Not Available"))
    unanswered = VariableMetadata("AESCONG", "Birth Defect", length=1, empty=True, origin=COLLECTED, comment="Coded.")
    spec = replace(AE, variables=(*AE.variables, empty, unanswered))
    xml = define_xml(STUDY, [DefineDataset(spec, 3, {}, "ae.xpt")])
    assert found(xml, "//o:ItemRef[@d:HasNoData='Yes']/@ItemOID") == ["IT.AE.AELLT", "IT.AE.AESCONG"]
    comments = {c.get("OID"): "".join(c.itertext()).strip() for c in found(xml, "//d:CommentDef")}
    (lacking,) = found(xml, "//o:ItemDef[@OID='IT.AE.AELLT']/@d:CommentOID")
    (asked,) = found(xml, "//o:ItemDef[@OID='IT.AE.AESCONG']/@d:CommentOID")
    assert comments[lacking] == "No data: the standard expects this variable, and the study does not have it."
    assert comments[asked] == "Coded. No data: no record has a value."
    assert xsd_problems(xml) == []
    assert found(sdtm, "//o:ItemRef/@d:HasNoData") == []


def test_a_qualifier_that_no_record_has_is_described_and_marked():
    never = ValueLevel(
        "QVAL", (RangeCheck("QNAM", "EQ", ("AEIRR",)),), length=9, codelist=NY, origin=COLLECTED, label="Reaction",
        empty=True,
    )  # fmt: skip
    spec = replace(SUPPAE, values=(*SUPPAE.values, never))
    xml = define_xml(STUDY, [replace(d, spec=spec) if d.spec.name == "SUPPAE" else d for d in SDTM])
    refs = found(xml, "//d:ValueListDef[@OID='VL.SUPPAE.QVAL']/o:ItemRef")
    assert [r.get(f"{DEF}HasNoData") for r in refs] == [None, "Yes"]
    (comment,) = found(xml, "//o:ItemDef[@OID='IT.SUPPAE.QVAL.AEIRR']/@d:CommentOID")
    assert (
        "".join(one(xml, f"//d:CommentDef[@OID='{comment}']").itertext()).strip() == "No data: no record has a value."
    )
    assert xsd_problems(xml) == []


def test_of_adam_a_required_variable_with_gaps_is_not_mandatory():
    """Core Req wants the variable in an analysis dataset; Mandatory would promise a value in every record."""
    filled, gaps = (
        VariableMetadata("AVAL", "Analysis Value", "float", 8, core="Req", digits=1),
        VariableMetadata("ADT", "Date", core="Req"),
    )
    spec = adam("ADRS", "Response Analysis", "BASIC DATA STRUCTURE", filled, replace(gaps, length=8, gaps=True))
    xml = define_xml(STUDY, [DefineDataset(spec, 1, {}, "adrs.xpt")])
    refs = found(xml, "//o:ItemGroupDef[@Name='ADRS']/o:ItemRef")
    assert [r.get("Mandatory") for r in refs] == ["Yes", "Yes", "No"]


def test_identical_method_sentences_are_one_method(sdtm):
    assert found(sdtm, "//o:ItemRef[contains(@ItemOID, '.USUBJID')]/@MethodOID") == ["MT.DM.USUBJID"] * 4
    method = one(sdtm, "//o:MethodDef[@OID='MT.DM.USUBJID']")
    assert (method.get("Name"), method.get("Type")) == (
        "Derivation of DM.USUBJID, CM.USUBJID, AE.USUBJID, RS.USUBJID",
        "Computation",
    )
    assert "".join(method.itertext()).strip() == "STUDYID, site and subject number joined by hyphens."


def test_an_imputing_sentence_is_an_imputation(analysis):
    assert found(analysis, "//o:MethodDef/@Type") == ["Imputation"]


@pytest.mark.parametrize(
    ("oid", "attributes"),
    [
        ("IT.AE.AETERM", {"Name": "AETERM", "DataType": "text", "Length": "40", "SASFieldName": "AETERM"}),
        ("IT.AE.AESTDTC", {"Name": "AESTDTC", "DataType": "partialDate", "SASFieldName": "AESTDTC"}),
        ("IT.AE.AESTDY", {"Name": "AESTDY", "DataType": "integer", "Length": "8", "SASFieldName": "AESTDY"}),
        (
            "IT.RS.RSSTRESN",
            {
                "Name": "RSSTRESN",
                "DataType": "float",
                "Length": "8",
                "SignificantDigits": "2",
                "SASFieldName": "RSSTRESN",
                f"{DEF}DisplayFormat": "8.2",
            },
        ),
        (
            "IT.AE.AEDECOD",
            {
                "Name": "AEDECOD",
                "DataType": "text",
                "Length": "30",
                "SASFieldName": "AEDECOD",
                f"{DEF}CommentOID": "COM.CM.AEDECOD",
            },
        ),
    ],
)
def test_item_defs(sdtm, oid, attributes):
    assert dict(one(sdtm, f"//o:ItemDef[@OID='{oid}']").attrib) == {"OID": oid, **attributes}


def test_origins_have_type_source_and_the_predecessor(sdtm, analysis):
    origin = one(sdtm, "//o:ItemDef[@OID='IT.AE.AETERM']/d:Origin")
    assert dict(origin.attrib) == {"Type": "Collected", "Source": "Investigator"}
    predecessor = one(analysis, "//o:ItemDef[@OID='IT.ADRS.USUBJID']/d:Origin")
    assert dict(predecessor.attrib) == {"Type": "Predecessor"}
    assert "".join(predecessor.itertext()).strip() == "DM.USUBJID"


def test_a_value_list_leads_from_variable_to_where_clause(sdtm):
    assert found(sdtm, "//o:ItemDef[@OID='IT.RS.RSSTRESC']/d:ValueListRef/@ValueListOID") == ["VL.RS.RSSTRESC"]
    refs = found(sdtm, "//d:ValueListDef[@OID='VL.RS.RSSTRESC']/o:ItemRef")
    assert [(r.get("ItemOID"), r.get("MethodOID"), r[0].get("WhereClauseOID")) for r in refs] == [
        ("IT.RS.RSSTRESC.OVRLRESP-KUMAR-IMWG-2016-OTHER", None, "WC.RS.OVRLRESP-KUMAR-IMWG-2016-OTHER"),
        ("IT.RS.RSSTRESC.ISSSTG", "MT.RS.RSSTRESC.ISSSTG", "WC.RS.ISSSTG"),
    ]
    # the same condition on another variable is the same where clause
    assert found(sdtm, "//d:ValueListDef[@OID='VL.RS.RSSTRESN']//@WhereClauseOID") == ["WC.RS.ISSSTG"]
    clause = one(sdtm, "//d:WhereClauseDef[@OID='WC.RS.OVRLRESP-KUMAR-IMWG-2016-OTHER']")
    assert [(c.get("Comparator"), c.get("SoftHard"), c.get(f"{DEF}ItemOID"), [v.text for v in c]) for c in clause] == [
        ("EQ", "Soft", "IT.RS.RSTESTCD", ["OVRLRESP"]),
        ("IN", "Soft", "IT.RS.RSCAT", ["KUMAR IMWG 2016", "OTHER"]),
    ]
    item = one(sdtm, "//o:ItemDef[@OID='IT.RS.RSSTRESC.ISSSTG']")
    assert item.xpath("o:CodeListRef/@CodeListOID", namespaces=NS) == ["CL.ISSSTG"]
    assert item.xpath("d:Origin/@Type", namespaces=NS) == ["Derived"]


def test_every_reference_has_its_definition_and_no_oid_is_used_twice(sdtm, analysis):
    pairs = [
        ("//@ItemOID | //@d:ItemOID", "//o:ItemDef/@OID"),
        ("//@MethodOID", "//o:MethodDef/@OID"),
        ("//@d:CommentOID", "//d:CommentDef/@OID"),
        ("//@CodeListOID", "//o:CodeList/@OID"),
        ("//@ValueListOID", "//d:ValueListDef/@OID"),
        ("//@WhereClauseOID", "//d:WhereClauseDef/@OID"),
        ("//@d:StandardOID", "//d:Standard/@OID"),
        ("//@d:ArchiveLocationID", "//d:leaf/@ID"),
    ]
    for xml in (sdtm, analysis):
        for references, definitions in pairs:
            defined = set(found(xml, definitions))
            if "Standard" in references:  # a study may declare a package that nothing uses
                defined &= set(found(xml, references))
            assert set(found(xml, references)) == defined, references
        oids = found(xml, "//@OID")
        assert len(oids) == len(set(oids))


def test_hostile_text_stays_text_in_xml():
    xml = define_xml(replace(STUDY, description=HOSTILE), hostile_sdtm())
    assert xsd_problems(xml) == []
    assert one(xml, "//o:StudyDescription").text == HOSTILE
    # attributes keep even line ends and tabs
    assert found(xml, "//o:ItemGroupDef/@d:Structure") == [HOSTILE]
    assert found(xml, "//o:CodeList[@OID='CL.EVIL-alert-1']/*/@CodedValue") == [
        HOSTILE,
        "bell \ufffd cell",
        "\ufffd half",
    ]
    assert found(xml, "//o:CheckValue/text()") == [HOSTILE]
    assert b"<script" not in xml


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"label": "a\x00b"}, "spec.AE label: character 2 is U+0000"),
        ({"keys": ("AESEQ",)}, "AE: key AESEQ is not one of its variables"),
        ({"observation_class": "Evnets"}, "did you mean 'EVENTS'?"),
        ({"observation_class": ""}, "AE: has no observation class"),
        ({"standard": "SDTMIG"}, "standard 'SDTMIG' is not a name and a version"),
        ({"values": (ValueLevel("AEX", ()),)}, "AE: value-level metadata for AEX"),
        ({"values": (ValueLevel("AETERM", ()),)}, "AE.AETERM: value-level metadata without a where clause"),
        (
            {"values": (ValueLevel("AETERM", (RangeCheck("NOPE", "EQ", ("1",)),)),)},
            "AETERM where NOPE EQ 1: NOPE is not a variable of AE",
        ),
        ({"values": (ValueLevel("AETERM", (RangeCheck("AESER", "LIKE", ("1",)),)),)}, "expected one of EQ, GE"),
    ],
)
def test_a_spec_that_define_xml_cannot_hold_is_refused_with_its_place(change, message):
    with pytest.raises(OutputError) as refused:
        define_xml(STUDY, [DefineDataset(replace(AE, **change), 1, {}, "ae.xpt")])
    assert message in str(refused.value)


def test_an_illegal_character_is_refused_with_the_line_of_the_spec():
    variable = replace(AE.variables[3], method="bad \x0b", rule=Place("sdtm/ae.yaml", 7, 3))
    spec = replace(AE, variables=(*AE.variables[:3], variable), keys=("USUBJID",))
    with pytest.raises(
        OutputError, match=r"sdtm/ae\.yaml:7:3: spec\.AE variables\.AETERM method: character 5 is U\+000B"
    ):
        define_xml(STUDY, [DefineDataset(spec, 1, {}, "ae.xpt")])


@pytest.mark.parametrize(
    "file", ["../ae.xpt", "/ae.xpt", "http://x/ae.xpt", "javascript:alert(1)", "a b.xpt", "", "a\\b"]
)
def test_a_file_name_that_leads_elsewhere_is_refused(file):
    with pytest.raises(OutputError, match="not a plain file name"):
        define_xml(STUDY, [DefineDataset(AE, 1, {}, file)])


def test_no_datasets_two_of_one_name_or_both_purposes_are_refused():
    with pytest.raises(OutputError, match="at least one dataset"):
        define_xml(STUDY, [])
    with pytest.raises(OutputError, match="two datasets are called AE"):
        define_xml(STUDY, [SDTM[2], SDTM[2]])
    with pytest.raises(OutputError, match="Analysis, Tabulation"):
        define_xml(STUDY, [SDTM[2], ADAM[0]])


def test_a_part_of_a_domain_names_its_domain():
    spec = replace(AE, name="AEX")
    xml = define_xml(STUDY, [DefineDataset(spec, 1, {}, "split/aex.xpt")])
    assert xsd_problems(xml) == []
    assert dict(one(xml, "//o:ItemGroupDef/o:Alias").attrib) == {
        "Context": "DomainDescription",
        "Name": "Adverse Events",
    }


def test_definitions_of_similar_values_have_different_oids():
    checks = [(RangeCheck("AETERM", "EQ", (value,)),) for value in ("A B", "A.B", "A-B")]
    spec = replace(AE, values=tuple(ValueLevel("AESER", c, length=1) for c in checks))
    xml = define_xml(STUDY, [DefineDataset(spec, 1, {}, "ae.xpt")])
    assert xsd_problems(xml) == []
    assert found(xml, "//d:WhereClauseDef/@OID") == ["WC.AE.A-B", "WC.AE.A-B.2", "WC.AE.A-B.3"]


@settings(max_examples=examples(12), deadline=None)
@given(label=st.text(min_size=1, max_size=40), seen=st.lists(st.text(max_size=12), max_size=5))
def test_any_text_gives_valid_xml_or_a_clear_refusal(label, seen):
    own = Codelist("OWN", "Own", (Term("A"),))
    variables = (*identifiers("AE"), VariableMetadata("AETERM", label, length=4, codelist=own))
    spec = replace(AE, variables=variables, keys=("USUBJID",))
    try:
        xml = define_xml(STUDY, [DefineDataset(spec, 1, {"AETERM": tuple(seen)}, "ae.xpt")])
    except OutputError as refused:
        assert "AETERM label: character" in str(refused)
        return
    assert xsd_problems(xml) == []
    # what a parser reads back is what was written
    assert one(xml, "//o:ItemDef[@OID='IT.AE.AETERM']/o:Description/o:TranslatedText").text == label


def test_a_method_has_its_formal_expressions():
    code = (("SAS 9.4", "if a < 1 then\n  x = 'b';"), ("R (dplyr)", "mutate(x = 1)"))
    xml = define_xml(STUDY, [DefineDataset(AE, 1, {}, "ae.xpt", expressions={"AESTDY": code})])
    assert xsd_problems(xml) == []
    (method,) = [m for m in read_define(xml).methods.values() if m.text == AE.variable("AESTDY").method]
    assert method.expressions == code
