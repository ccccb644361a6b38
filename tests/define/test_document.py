"""define.xml of small SDTM and ADaM folders: valid against CDISC's schema, and each element what the spec says.

Not for codelist terms (test_define_codelists) nor for files on disk (test_define_checks).
"""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kit.fuzzing import examples
from lxml import etree
from raw2adam.define.checks import xsd_problems
from raw2adam.define.document import DefineDataset, DefineStudy, define_xml
from raw2adam.define.page import define_html, stylesheet
from raw2adam.define.standards import guide, terminology_package
from raw2adam.engine.tables.dataset import DatasetMetadata, Origin, RangeCheck, ValueLevel, VariableMetadata
from raw2adam.errors import OutputError, Place
from raw2adam.mappings.facts.terminology import Codelist, Term

NS = {"o": "http://www.cdisc.org/ns/odm/v1.3", "d": "http://www.cdisc.org/ns/def/v2.1"}
DEF = "{http://www.cdisc.org/ns/def/v2.1}"
HREF = "{http://www.w3.org/1999/xlink}href"
SDTM_CT = "SDTM CT 2025-03-28"

STUDY = DefineStudy(
    oid="OBS16577",
    name="OBS16577",
    description="Isatuximab in routine practice",
    protocol="OBS16577",
    standards=(guide("SDTMIG", "3.4"), terminology_package("SDTM", "2025-03-28")),
    declared=datetime(2025, 12, 31, 18, 30),
    system_version="0.1.0",
)
ADAM_STUDY = replace(STUDY, standards=(guide("ADaMIG", "1.3"), terminology_package("ADaM", "2026-03-27")))

NY = Codelist(
    "NY", "No Yes Response", (Term("N", "C49487", "No"), Term("Y", "C49488", "Yes")), "C66742", False, SDTM_CT
)
TESTCD = Codelist(
    "ONCRTSCD",
    "Oncology Response Assessment Test Code",
    (Term("OVRLRESP", "C96613", "Overall Response"), Term("ISSSTG", "", "ISS Stage")),
    "C96782",
    True,
    SDTM_CT,
)
RESPONSE = Codelist("ONCRSR", "Oncology Response Assessment Result", (Term("sCR"), Term("PD")), "C96785", True, SDTM_CT)
STAGE = Codelist("ISSSTG", "ISS Stage", (Term("I"), Term("II"), Term("III")))
MEDDRA = Codelist("MEDDRA", "28.0", ())

PROTOCOL = Origin("Protocol", "Sponsor")
COLLECTED = Origin("Collected", "Investigator")
DERIVED = Origin("Derived", "Sponsor")


def identifiers(domain: str) -> tuple[VariableMetadata, ...]:
    return (
        VariableMetadata("STUDYID", "Study Identifier", length=8, role="Identifier", core="Req", origin=PROTOCOL),
        VariableMetadata("DOMAIN", "Domain Abbreviation", length=2, role="Identifier", core="Req"),
        VariableMetadata(
            "USUBJID",
            "Unique Subject Identifier",
            length=17,
            role="Identifier",
            core="Req",
            origin=DERIVED,
            method="STUDYID, site and subject number joined by hyphens.",
        ),
    )


DM = DatasetMetadata(
    "DM",
    "Demographics",
    (
        *identifiers("DM"),
        VariableMetadata("AGE", "Age", "integer", 8, role="Record Qualifier", core="Exp", origin=COLLECTED),
    ),
    ("STUDYID", "USUBJID"),
    "Special Purpose",
    "One record per subject",
    domain="DM",
)
AE = DatasetMetadata(
    "AE",
    "Adverse Events",
    (
        *identifiers("AE"),
        VariableMetadata("AETERM", "Reported Term", length=40, role="Topic", core="Req", origin=COLLECTED),
        VariableMetadata(
            "AEDECOD", "Dictionary-Derived Term", length=30, core="Req", codelist=MEDDRA, comment="Coded."
        ),
        VariableMetadata("AESER", "Serious Event", length=1, core="Exp", codelist=NY, origin=COLLECTED),
        VariableMetadata("AESTDTC", "Start Date/Time", "partialDate", 10, role="Timing", core="Exp", origin=COLLECTED),
        VariableMetadata(
            "AESTDY",
            "Study Day of Start",
            "integer",
            8,
            origin=DERIVED,
            method="AESTDTC - RFSTDTC + 1.",
        ),
    ),
    ("STUDYID", "USUBJID", "AEDECOD", "AESTDTC"),
    "Events",
    "One record per adverse event per subject",
    domain="AE",
)
SUPPAE = DatasetMetadata(
    "SUPPAE",
    "Supplemental Qualifiers for AE",
    (
        VariableMetadata("STUDYID", "Study Identifier", length=8, core="Req", origin=PROTOCOL),
        VariableMetadata("RDOMAIN", "Related Domain Abbreviation", length=2, core="Req"),
        VariableMetadata("USUBJID", "Unique Subject Identifier", length=17, core="Req"),
        VariableMetadata("QNAM", "Qualifier Variable Name", length=8, core="Req"),
        VariableMetadata("QVAL", "Data Value", length=20, core="Req", origin=COLLECTED),
    ),
    ("STUDYID", "USUBJID", "QNAM"),
    "Relationship",
    "One record per qualifier per parent record",
    domain="SUPPAE",
    values=(ValueLevel("QVAL", (RangeCheck("QNAM", "EQ", ("RELISA",)),), length=1, codelist=NY, origin=COLLECTED),),
)
RS = DatasetMetadata(
    "RS",
    "Disease Response and Clin Classification",
    (
        *identifiers("RS"),
        VariableMetadata("RSTESTCD", "Assessment Short Name", length=8, role="Topic", core="Req", codelist=TESTCD),
        VariableMetadata("RSCAT", "Category", length=20, role="Grouping Qualifier"),
        VariableMetadata("RSSTRESC", "Result in Std Format", length=3, role="Result Qualifier", core="Exp"),
        VariableMetadata("RSSTRESN", "Numeric Result in Std Units", "float", 8, digits=2, format="8.2"),
    ),
    ("STUDYID", "USUBJID", "RSTESTCD"),
    "Findings",
    "One record per assessment per time point per subject",
    domain="RS",
    values=(
        ValueLevel(
            "RSSTRESC",
            (RangeCheck("RSTESTCD", "EQ", ("OVRLRESP",)), RangeCheck("RSCAT", "IN", ("KUMAR IMWG 2016", "OTHER"))),
            length=3,
            codelist=RESPONSE,
            origin=COLLECTED,
        ),
        ValueLevel(
            "RSSTRESC",
            (RangeCheck("RSTESTCD", "EQ", ("ISSSTG",)),),
            length=3,
            codelist=STAGE,
            origin=DERIVED,
            method="From B2MICG and ALB.",
        ),
        ValueLevel("RSSTRESN", (RangeCheck("RSTESTCD", "EQ", ("ISSSTG",)),), "integer", 8),
    ),
)
TA = DatasetMetadata(
    "TA",
    "Trial Arms",
    (
        VariableMetadata("STUDYID", "Study Identifier", length=8, core="Req"),
        VariableMetadata("ARMCD", "Planned Arm Code", length=3),
    ),
    ("STUDYID", "ARMCD"),
    "Trial Design",
    "One record per planned element per arm",
    domain="TA",
)
CM = replace(AE, name="CM", label="Concomitant Medications", observation_class="Interventions", domain="CM")

SDTM = [
    DefineDataset(SUPPAE, 2, {}, "suppae.xpt"),
    DefineDataset(RS, 5, {"RSTESTCD": ("OVRLRESP", "ISSSTG"), "RSSTRESC": ("PD", "II")}, "rs.xpt"),
    DefineDataset(AE, 3, {"AESER": ("Y", "")}, "ae.xpt"),
    DefineDataset(CM, 0, {}, "cm.xpt"),
    DefineDataset(DM, 4, {}, "dm.xpt"),
    DefineDataset(TA, 1, {}, "ta.xpt"),
]


def adam(
    name: str, label: str, kind: str, *variables: VariableMetadata, structure: str = "One record per parameter"
) -> DatasetMetadata:
    key = VariableMetadata(
        "USUBJID", "Unique Subject Identifier", length=17, core="Req", origin=Origin("Predecessor", "", "DM.USUBJID")
    )
    return DatasetMetadata(
        name, label, (key, *variables), ("USUBJID",), kind, structure, "ADaMIG 1.3", "Analysis", values=()
    )


ADSL = adam(
    "ADSL",
    "Subject-Level Analysis Dataset",
    "SUBJECT LEVEL ANALYSIS DATASET",
    VariableMetadata(
        "TRTSDT",
        "Date of First Exposure to Treatment",
        "integer",
        8,
        format="DATE9.",
        origin=DERIVED,
        method="First EXSTDTC with a missing day imputed as the first.",
    ),
    structure="One record per subject",
)
AVAL = VariableMetadata("AVAL", "Analysis Value", "float", 8, digits=1)
ADRS = adam("ADRS", "Response Analysis", "BASIC DATA STRUCTURE", AVAL)
ADTTE = adam(
    "ADTTE", "Time-to-Event Analysis", "BASIC DATA STRUCTURE", AVAL, VariableMetadata("CNSR", "Censor", "integer", 8)
)
ADAM = [DefineDataset(s, 4, {}, f"{s.name.lower()}.xpt") for s in (ADTTE, ADRS, ADSL)]


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
        "CreationDateTime": "2025-12-31T18:30:00",
        "Originator": "raw2adam",
        "SourceSystem": "raw2adam",
        "SourceSystemVersion": "0.1.0",
        f"{DEF}Context": "Submission",
    }
    assert found(sdtm, "//o:GlobalVariables/*/text()") == ["OBS16577", "Isatuximab in routine practice", "OBS16577"]
    assert found(sdtm, "//o:MetaDataVersion/@d:DefineVersion") == ["2.1.0"]


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


def test_identical_input_gives_identical_bytes_in_any_order_and_process(sdtm):
    assert define_xml(STUDY, list(reversed(SDTM))) == sdtm
    # values seen arrive as tuples, but they were sets once: a process with other hash seeds must agree
    code = (
        "import hashlib, importlib.util as u;"
        f"s = u.spec_from_file_location('sample', {__file__!r}); m = u.module_from_spec(s); s.loader.exec_module(m);"
        "print(hashlib.sha256(m.define_xml(m.STUDY, m.SDTM)).hexdigest())"
    )
    sums = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(Path(__file__).parents[1])},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(sums) == 1


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
    assert (method.get("Name"), method.get("Type")) == ("Derivation of USUBJID", "Computation")
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


HOSTILE = "<script>alert('x')</script> \"quoted\" & ]]> <img src=http://evil.example/x>\n\ttab"


def hostile_sdtm() -> list[DefineDataset]:
    term = Codelist("EVIL'); alert(1); ('", HOSTILE, (Term(HOSTILE, "", "</CodeList>" + HOSTILE),))
    variable = VariableMetadata(
        "AETERM",
        HOSTILE,
        length=40,
        codelist=term,
        method=HOSTILE,
        comment=HOSTILE,
        origin=Origin("Other", "", HOSTILE),
    )
    value = ValueLevel("AETERM", (RangeCheck("USUBJID", "EQ", (HOSTILE,)),), method=HOSTILE + "!", length=4)
    spec = replace(
        AE,
        label=HOSTILE,
        structure=HOSTILE,
        variables=(*identifiers("AE"), variable),
        keys=("USUBJID",),
        values=(value,),
    )
    return [DefineDataset(spec, 1, {"AETERM": (HOSTILE, "bell \x07 cell", "\ud800 half")}, "ae.xpt")]


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


#: the stylesheet's own calls: none has anything of the data in it
HANDLERS = {"reset_menus();", "toggle_submenu(this);", "toggle_vlm(this);", "expand_all_vlm();", "collapse_all_vlm();"}


def test_hostile_text_stays_text_in_html():
    page = define_html(define_xml(STUDY, hostile_sdtm()))
    plain = define_html(define_xml(STUDY, [DefineDataset(replace(AE, comment="x"), 1, {}, "ae.xpt")]))
    tree, other = (etree.fromstring(text, etree.HTMLParser()) for text in (page, plain))
    # the stylesheet's one script, the same whatever the data
    assert [s.text for s in tree.iter("script")] == [s.text for s in other.iter("script")]
    assert len(list(tree.iter("script"))) == 1
    assert set(tree.xpath("//@*[starts-with(name(), 'on')]")) == HANDLERS
    assert b"alert(&#39;x&#39;)" in page or b"&lt;script&gt;alert" in page


def test_the_page_loads_nothing_from_anywhere(sdtm):
    page = define_html(sdtm)
    tree = etree.fromstring(page, etree.HTMLParser())
    loading = [e.tag for e in tree.iter("link", "img", "iframe", "object", "embed", "base", "source", "video")]
    assert loading == []
    assert tree.xpath("//@src | //@data | //@background") == []
    styles = "".join(tree.xpath("//style/text() | //@style"))
    assert "@import" not in styles
    assert styles.count("url(") == styles.count("url(data:")
    assert [
        h
        for h in tree.xpath("//@href")
        if "://" in h or (h.lower().startswith("javascript:void") is False and ":" in h)
    ] == []


def test_the_page_shows_the_study_and_is_the_same_each_time(sdtm):
    page = define_html(sdtm)
    text = "".join(etree.fromstring(page, etree.HTMLParser()).itertext())
    for expected in (
        "OBS16577",
        "Adverse Events",
        "AETERM",
        "KUMAR IMWG 2016",
        "From B2MICG and ALB.",
        "Coded.",
    ):
        assert expected in text
    assert define_html(sdtm) == page


def test_an_entity_is_not_expanded_in_the_page(tmp_path, sdtm):
    secret = tmp_path / "secret.txt"
    secret.write_text("KEEP-THIS")
    head, rest = sdtm.split(b"<ODM", 1)
    attack = f'<!DOCTYPE ODM [<!ENTITY leak SYSTEM "{secret.as_uri()}">]>'.encode()
    body = rest.replace(b"Isatuximab in routine practice", b"&leak;")
    assert b"KEEP-THIS" not in define_html(head + attack + b"<ODM" + body)


def test_the_stylesheet_is_the_one_that_define_xml_names():
    assert b"<xsl:stylesheet" in stylesheet()
    assert b"Define-XML 2.1" in stylesheet()


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


@settings(max_examples=examples(30), deadline=None)
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
