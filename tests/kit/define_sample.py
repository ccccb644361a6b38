"""Small SDTM and ADaM metadata for define.xml, and metadata whose every text is hostile."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from raw2adam.define.document import DefineDataset, DefineStudy
from raw2adam.define.standards import guide, terminology_package
from raw2adam.engine.tables.dataset import (
    DatasetMetadata,
    Origin,
    Predecessor,
    RangeCheck,
    ValueLevel,
    VariableMetadata,
)
from raw2adam.mappings.facts.terminology import Codelist, ExternalDictionary, Term

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
MEDDRA = ExternalDictionary("MedDRA", "28.0", "https://www.meddra.org/", "Events")

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
    standard="SDTMIG 3.4",
)
AE = DatasetMetadata(
    "AE",
    "Adverse Events",
    (
        *identifiers("AE"),
        VariableMetadata("AETERM", "Reported Term", length=40, role="Topic", core="Req", origin=COLLECTED),
        VariableMetadata(
            "AEDECOD", "Dictionary-Derived Term", length=30, core="Req", dictionary=MEDDRA, comment="Coded."
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
    standard="SDTMIG 3.4",
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
    standard="SDTMIG 3.4",
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
    standard="SDTMIG 3.4",
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
    standard="SDTMIG 3.4",
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
        "USUBJID",
        "Unique Subject Identifier",
        length=17,
        core="Req",
        origin=Origin("Predecessor", predecessors=(Predecessor("DM", "USUBJID"),)),
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
        origin=Origin("Other", remarks=(HOSTILE,)),
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


#: the first line of a define.xml of another author; version 2.0 or 2.1
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<ODM xmlns="http://www.cdisc.org/ns/odm/v1.3" xmlns:def="http://www.cdisc.org/ns/def/v{version}" xmlns:arm="http://www.cdisc.org/ns/arm/v1.0" xmlns:xlink="http://www.w3.org/1999/xlink" CreationDateTime="2025-01-02T03:04:05">'
#: a define.xml of another author with one of each element, and analysis results
WHOLE = (
    HEAD.format(version="2.1")
    + """
<Study OID="S"><GlobalVariables><StudyName>S1</StudyName><StudyDescription>A study</StudyDescription><ProtocolName>P1</ProtocolName></GlobalVariables>
<MetaDataVersion OID="MDV" Name="Data Definitions" def:DefineVersion="2.1.0">
<def:Standards><def:Standard OID="STD.1" Name="ADaMIG" Type="IG" Version="1.3" Status="Final" def:CommentOID="COM.1"/></def:Standards>
<def:AnnotatedCRF><def:DocumentRef leafID="LF.acrf"/></def:AnnotatedCRF>
<def:SupplementalDoc><def:DocumentRef leafID="LF.guide"/></def:SupplementalDoc>
<def:ValueListDef OID="VL.AVAL"><ItemRef ItemOID="IT.AVAL.1" OrderNumber="1" Mandatory="No" MethodOID="MT.1"><def:WhereClauseRef WhereClauseOID="WC.1"/></ItemRef></def:ValueListDef>
<def:WhereClauseDef OID="WC.1"><RangeCheck SoftHard="Soft" Comparator="IN" def:ItemOID="IT.PARAMCD"><CheckValue>PFS</CheckValue><CheckValue>OS</CheckValue></RangeCheck></def:WhereClauseDef>
<ItemGroupDef OID="IG.ADTTE" Name="ADTTE" Repeating="Yes" IsReferenceData="No" Purpose="Analysis" def:StandardOID="STD.1" def:Structure="One record per subject per parameter" def:ArchiveLocationID="LF.ADTTE">
<Description><TranslatedText xml:lang="en"> Time to event </TranslatedText></Description>
<ItemRef ItemOID="IT.AVAL" OrderNumber="2" Mandatory="No"/>
<ItemRef ItemOID="IT.PARAMCD" OrderNumber="1" KeySequence="1" Mandatory="Yes"/>
<ItemRef ItemOID="IT.GONE" OrderNumber="10" Mandatory="No" def:HasNoData="Yes"/>
<def:Class Name="BASIC DATA STRUCTURE"><def:SubClass Name="TIME-TO-EVENT"/></def:Class>
<def:leaf ID="LF.ADTTE" xlink:href="adtte.xpt"><def:title>adtte.xpt</def:title></def:leaf></ItemGroupDef>
<ItemDef OID="IT.PARAMCD" Name="PARAMCD" DataType="text" Length="8"><Description><TranslatedText>Parameter Code</TranslatedText></Description><CodeListRef CodeListOID="CL.P"/>
<def:Origin Type="Collected" Source="Investigator"><Description><TranslatedText>Form 3</TranslatedText></Description><def:DocumentRef leafID="LF.acrf"><def:PDFPageRef Type="PhysicalRef" PageRefs="3 5"/></def:DocumentRef></def:Origin></ItemDef>
<ItemDef OID="IT.AVAL" Name="AVAL" DataType="float" Length="8" SignificantDigits="2" def:DisplayFormat="8.2" def:CommentOID="COM.1"><def:ValueListRef ValueListOID="VL.AVAL"/></ItemDef>
<ItemDef OID="IT.AVAL.1" Name="AVAL" DataType="integer" Length="3"/>
<CodeList OID="CL.P" Name="Parameter" DataType="text"><CodeListItem CodedValue="PFS"><Decode><TranslatedText>Progression</TranslatedText></Decode><Alias Context="nci:ExtCodeID" Name="C1"/></CodeListItem><CodeListItem CodedValue="OS" def:ExtendedValue="Yes"><Decode><TranslatedText>Survival</TranslatedText></Decode></CodeListItem><Alias Context="nci:ExtCodeID" Name="C9"/></CodeList>
<CodeList OID="CL.D" Name="MedDRA" DataType="text"><ExternalCodeList Dictionary="MedDRA" Version="28.0" href="https://www.meddra.org/"/></CodeList>
<MethodDef OID="MT.1" Name="M" Type="Computation"><Description><TranslatedText>First line.
Second line.</TranslatedText></Description><FormalExpression Context="SAS">x = 1;</FormalExpression></MethodDef>
<def:CommentDef OID="COM.1"><Description><TranslatedText>See the guide.</TranslatedText></Description><def:DocumentRef leafID="LF.guide"><def:PDFPageRef Type="NamedDestination" PageRefs="Sec4" Title="Section 4"/></def:DocumentRef></def:CommentDef>
<def:leaf ID="LF.acrf" xlink:href="acrf.pdf"><def:title>Annotated CRF</def:title></def:leaf>
<def:leaf ID="LF.guide" xlink:href="adrg.pdf"><def:title>Guide</def:title></def:leaf>
<arm:AnalysisResultDisplays><arm:ResultDisplay OID="RD.1" Name="Table 1"><Description><TranslatedText>PFS</TranslatedText></Description>
<arm:AnalysisResult OID="AR.1" ParameterOID="IT.PARAMCD" AnalysisReason="SPECIFIED IN PROTOCOL" AnalysisPurpose="PRIMARY OUTCOME MEASURE"><Description><TranslatedText>Median</TranslatedText></Description>
<arm:AnalysisDatasets><arm:AnalysisDataset ItemGroupOID="IG.ADTTE"><def:WhereClauseRef WhereClauseOID="WC.1"/><arm:AnalysisVariable ItemOID="IT.AVAL"/></arm:AnalysisDataset></arm:AnalysisDatasets>
<arm:Documentation><Description><TranslatedText>Kaplan-Meier</TranslatedText></Description></arm:Documentation>
<arm:ProgrammingCode Context="R"><arm:Code>survfit()</arm:Code></arm:ProgrammingCode></arm:AnalysisResult></arm:ResultDisplay></arm:AnalysisResultDisplays>
</MetaDataVersion></Study></ODM>"""
)
