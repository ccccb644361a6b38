"""Two small packages with define.xml, written by hand: SDTM (DM, AE, SUPPAE, TA) and ADaM (ADSL, with an analysis).

No check of define.xml finds anything in them. ``changed`` gives the text of one with a change, ``view`` what the checks
read. The elements and attributes are those of Define-XML 2.1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<ODM xmlns="http://www.cdisc.org/ns/odm/v1.3" xmlns:def="http://www.cdisc.org/ns/def/v2.1"
 xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:arm="http://www.cdisc.org/ns/arm/v1.0" FileType="Snapshot"
 FileOID="F.1" ODMVersion="1.3.2" CreationDateTime="2026-01-31T00:00:00" Originator="Sponsor" def:Context="Submission">
<Study OID="S.1"><GlobalVariables><StudyName>S1</StudyName><StudyDescription>One study</StudyDescription>
<ProtocolName>S1</ProtocolName></GlobalVariables>
<MetaDataVersion OID="MDV.1" Name="S1" Description="Data of S1" def:DefineVersion="2.1.0">
"""
FOOT = "</MetaDataVersion></Study></ODM>"


def _text(text: str) -> str:
    return f'<Description><TranslatedText xml:lang="en">{text}</TranslatedText></Description>' if text else ""


def group(name: str, label: str, refs: Sequence[str], **about: str) -> str:
    """An ItemGroupDef; ``about``: its attributes, ``cls`` its class, ``href`` its file."""
    cls, href = about.pop("cls"), about.pop("href", f"{name.lower()}.xpt")
    attributes = " ".join(f'{k.replace("def_", "def:")}="{v}"' for k, v in about.items())
    numbered = "".join(r.replace("/>", f' OrderNumber="{n}"/>', 1) for n, r in enumerate(refs, 1))
    return (
        f'<ItemGroupDef OID="IG.{name}" Name="{name}" SASDatasetName="{name}" {attributes} '
        f'def:ArchiveLocationID="LF.{name}">{_text(label)}{numbered}<def:Class Name="{cls}"/>'
        f'<def:leaf ID="LF.{name}" xlink:href="{href}"><def:title>{href}</def:title></def:leaf></ItemGroupDef>\n'
    )


def ref(oid: str, key: int = 0, method: str = "", mandatory: str = "No") -> str:
    """An ItemRef."""
    more = (f' KeySequence="{key}"' if key else "") + (f' MethodOID="{method}"' if method else "")
    return f'<ItemRef ItemOID="IT.{oid}" Mandatory="{mandatory}"{more}/>'


def item(oid: str, kind: str, label: str, origin: str = "", inside: str = "", **about: str) -> str:
    """An ItemDef. ``origin``: the def:Origin, ``inside``: what comes before it."""
    name = oid.split(".")[1]
    attributes = " ".join(f'{k.replace("def_", "def:")}="{v}"' for k, v in about.items())
    return (
        f'<ItemDef OID="IT.{oid}" Name="{name}" SASFieldName="{name}" DataType="{kind}" {attributes}>'
        f"{_text(label)}{inside}{origin}</ItemDef>\n"
    )


PROTOCOL = '<def:Origin Type="Protocol" Source="Sponsor"/>'
ASSIGNED = '<def:Origin Type="Assigned" Source="Sponsor"/>'
DERIVED = '<def:Origin Type="Derived" Source="Sponsor"/>'
CRF = (
    '<def:Origin Type="Collected" Source="Investigator"><def:DocumentRef leafID="LF.crf">'
    '<def:PDFPageRef PageRefs="3" Type="PhysicalRef"/></def:DocumentRef></def:Origin>'
)


def predecessor(text: str) -> str:
    """An origin of the type Predecessor."""
    return f'<def:Origin Type="Predecessor" Source="Sponsor">{_text(text)}</def:Origin>'


def code_list(oid: str) -> str:
    """A CodeListRef."""
    return f'<CodeListRef CodeListOID="CL.{oid}"/>'


STUDYID = ("text", "Study Identifier", PROTOCOL)
USUBJID = ("text", "Unique Subject Identifier")
SDTM = (
    HEAD
    + """<def:Standards>
<def:Standard OID="ST.IG" Name="SDTMIG" Type="IG" Version="3.4" Status="Final"/>
<def:Standard OID="ST.CT" Name="CDISC/NCI" Type="CT" PublishingSet="SDTM" Version="2025-03-28" Status="Final"/>
</def:Standards>
<def:AnnotatedCRF><def:DocumentRef leafID="LF.crf"/></def:AnnotatedCRF>
<def:ValueListDef OID="VL.SUPPAE.QVAL">
<ItemRef ItemOID="IT.SUPPAE.QVAL.AEREL2" Mandatory="No" OrderNumber="1"><def:WhereClauseRef WhereClauseOID="WC.REL"/></ItemRef>
<ItemRef ItemOID="IT.SUPPAE.QVAL.DOSEAE" Mandatory="No" OrderNumber="2"><def:WhereClauseRef WhereClauseOID="WC.DOSE"/></ItemRef>
</def:ValueListDef>
<def:WhereClauseDef OID="WC.REL"><RangeCheck Comparator="EQ" SoftHard="Soft" def:ItemOID="IT.SUPPAE.QNAM"><CheckValue>AEREL2</CheckValue></RangeCheck></def:WhereClauseDef>
<def:WhereClauseDef OID="WC.DOSE"><RangeCheck Comparator="IN" SoftHard="Soft" def:ItemOID="IT.SUPPAE.QNAM"><CheckValue>DOSEAE</CheckValue></RangeCheck></def:WhereClauseDef>
"""
    + group(
        "TA", "Trial Arms",
        [ref("TA.STUDYID", 1, mandatory="Yes"), ref("TA.DOMAIN", mandatory="Yes"), ref("TA.ARMCD", 2, mandatory="Yes")],
        Domain="TA", Repeating="Yes", IsReferenceData="Yes", Purpose="Tabulation", def_Structure="One record per arm",
        def_StandardOID="ST.IG", cls="TRIAL DESIGN",
    )
    + group(
        "DM", "Demographics",
        [ref("DM.STUDYID", 1, mandatory="Yes"), ref("DM.DOMAIN", mandatory="Yes"), ref("DM.USUBJID", 2, mandatory="Yes"),
         ref("DM.SEX", mandatory="Yes"), ref("DM.AGE")],
        Domain="DM", Repeating="No", IsReferenceData="No", Purpose="Tabulation",
        def_Structure="One record per subject", def_StandardOID="ST.IG", cls="SPECIAL PURPOSE",
    )
    + group(
        "AE", "Adverse Events",
        [ref("AE.STUDYID", 1, mandatory="Yes"), ref("AE.DOMAIN", mandatory="Yes"), ref("AE.USUBJID", 2, mandatory="Yes"),
         ref("AE.AESEQ", 3, mandatory="Yes"), ref("AE.AETERM", mandatory="Yes"), ref("AE.AEDECOD", mandatory="Yes"), ref("AE.AESER"),
         ref("AE.AESTDTC"), ref("AE.AESTDY", method="MT.DY")],
        Domain="AE", Repeating="Yes", IsReferenceData="No", Purpose="Tabulation",
        def_Structure="One record per event", def_StandardOID="ST.IG", cls="EVENTS",
    )
    + group(
        "SUPPAE", "Supplemental Qualifiers for AE",
        [ref("SUPPAE.STUDYID", 1, mandatory="Yes"), ref("SUPPAE.USUBJID", 2, mandatory="Yes"),
         ref("SUPPAE.IDVARVAL", 3), ref("SUPPAE.QNAM", 4, mandatory="Yes"), ref("SUPPAE.QVAL", mandatory="Yes")],
        Domain="SUPPAE", Repeating="Yes", IsReferenceData="No", Purpose="Tabulation",
        def_Structure="One record per qualifier", def_StandardOID="ST.IG", cls="RELATIONSHIP",
    )
    + item("TA.STUDYID", *STUDYID, Length="2")
    + item("TA.DOMAIN", "text", "Domain Abbreviation", ASSIGNED, Length="2")
    + item("TA.ARMCD", "text", "Planned Arm Code", PROTOCOL, Length="1")
    + item("DM.STUDYID", *STUDYID, Length="2")
    + item("DM.DOMAIN", "text", "Domain Abbreviation", ASSIGNED, Length="2", def_CommentOID="COM.DM")
    + item("DM.USUBJID", *USUBJID, ASSIGNED, Length="1")
    + item("DM.SEX", "text", "Sex", CRF, code_list("SEX"), Length="1")
    + item("DM.AGE", "float", "Age", CRF, Length="3", SignificantDigits="1")
    + item("AE.STUDYID", *STUDYID, Length="2")
    + item("AE.DOMAIN", "text", "Domain Abbreviation", ASSIGNED, Length="2")
    + item("AE.USUBJID", *USUBJID, ASSIGNED, Length="1")
    + item("AE.AESEQ", "integer", "Sequence Number", ASSIGNED, Length="1")
    + item("AE.AETERM", "text", "Reported Term for the Adverse Event", CRF, Length="5")
    + item("AE.AEDECOD", "text", "Dictionary-Derived Term", ASSIGNED, code_list("MEDDRA"), Length="5")
    + item("AE.AESER", "text", "Serious Event", CRF, code_list("NY"), Length="1")
    + item("AE.AESTDTC", "date", "Start Date/Time of Adverse Event", CRF)
    + item("AE.AESTDY", "integer", "Study Day of Start of Adverse Event", DERIVED, Length="2")
    + item("SUPPAE.STUDYID", *STUDYID, Length="2")
    + item("SUPPAE.USUBJID", *USUBJID, ASSIGNED, Length="1")
    + item("SUPPAE.IDVARVAL", "text", "Identifying Variable Value", ASSIGNED, Length="1")
    + item("SUPPAE.QNAM", "text", "Qualifier Variable Name", ASSIGNED, code_list("QNAM"), Length="6")
    + item("SUPPAE.QVAL", "text", "Data Value", inside='<def:ValueListRef ValueListOID="VL.SUPPAE.QVAL"/>', Length="4")
    + item("SUPPAE.QVAL.AEREL2", "text", "", CRF, code_list("NY2"), Length="1").replace('Name="QVAL"', 'Name="AEREL2"', 1)
    + item("SUPPAE.QVAL.DOSEAE", "float", "", CRF, Length="3", SignificantDigits="1").replace('Name="QVAL"', 'Name="DOSEAE"', 1)
    + """<CodeList OID="CL.SEX" Name="Sex" DataType="text" def:StandardOID="ST.CT">
<CodeListItem CodedValue="F"><Decode><TranslatedText>Female</TranslatedText></Decode><Alias Context="nci:ExtCodeID" Name="C16576"/></CodeListItem>
<CodeListItem CodedValue="M"><Decode><TranslatedText>Male</TranslatedText></Decode><Alias Context="nci:ExtCodeID" Name="C20197"/></CodeListItem>
<Alias Context="nci:ExtCodeID" Name="C66731"/></CodeList>
<CodeList OID="CL.NY" Name="No Yes Response" DataType="text" def:StandardOID="ST.CT">
<EnumeratedItem CodedValue="N"><Alias Context="nci:ExtCodeID" Name="C49487"/></EnumeratedItem>
<EnumeratedItem CodedValue="Y"><Alias Context="nci:ExtCodeID" Name="C49488"/></EnumeratedItem>
<Alias Context="nci:ExtCodeID" Name="C66742"/></CodeList>
<CodeList OID="CL.NY2" Name="Related" DataType="text" def:IsNonStandard="Yes"><EnumeratedItem CodedValue="Y"/></CodeList>
<CodeList OID="CL.QNAM" Name="Qualifiers of AE" DataType="text" def:IsNonStandard="Yes">
<EnumeratedItem CodedValue="AEREL2"/><EnumeratedItem CodedValue="DOSEAE"/></CodeList>
<CodeList OID="CL.MEDDRA" Name="MedDRA" DataType="text"><ExternalCodeList Dictionary="MedDRA" Version="28.0"/></CodeList>
<MethodDef OID="MT.DY" Name="Study day" Type="Computation">"""
    + _text("AESTDTC minus the first dose.")
    + '</MethodDef><def:CommentDef OID="COM.DM">'
    + _text("One record per subject.")
    + """</def:CommentDef><def:leaf ID="LF.crf" xlink:href="acrf.pdf"><def:title>Annotated CRF</def:title></def:leaf>
"""
    + FOOT
)  # fmt: skip

ADAM = (
    HEAD
    + """<def:Standards>
<def:Standard OID="ST.IG" Name="ADaMIG" Type="IG" Version="1.3" Status="Final"/>
<def:Standard OID="ST.CT" Name="CDISC/NCI" Type="CT" PublishingSet="ADaM" Version="2026-03-27" Status="Final"/>
</def:Standards>
<def:WhereClauseDef OID="WC.SAF"><RangeCheck Comparator="EQ" SoftHard="Soft" def:ItemOID="IT.ADSL.SAFFL"><CheckValue>Y</CheckValue></RangeCheck></def:WhereClauseDef>
"""
    + group(
        "ADSL", "Subject Level",
        [ref("ADSL.STUDYID", 1, mandatory="Yes"), ref("ADSL.USUBJID", 2, mandatory="Yes"), ref("ADSL.AGE"),
         ref("ADSL.SAFFL", method="MT.SAFFL")],
        Repeating="No", IsReferenceData="No", Purpose="Analysis", def_Structure="One record per subject",
        def_StandardOID="ST.IG", cls="SUBJECT LEVEL ANALYSIS DATASET",
    )
    + item("ADSL.STUDYID", "text", "Study Identifier", predecessor("DM.STUDYID"), Length="2")
    + item("ADSL.USUBJID", *USUBJID, predecessor("DM.USUBJID"), Length="1")
    + item("ADSL.AGE", "float", "Age", predecessor("DM.AGE"), Length="3", SignificantDigits="1")
    + item("ADSL.SAFFL", "text", "Safety Population Flag", DERIVED, code_list("SAFFL"), Length="1")
    + """<CodeList OID="CL.SAFFL" Name="Flag" DataType="text" def:IsNonStandard="Yes"><EnumeratedItem CodedValue="Y"/></CodeList>
<MethodDef OID="MT.SAFFL" Name="Flag" Type="Computation">"""
    + _text("Y where AGE is known.")
    + "</MethodDef>"
    + '<arm:AnalysisResultDisplays><arm:ResultDisplay OID="RD.1" Name="Table 1">'
    + _text("Ages")
    + '<arm:AnalysisResult OID="AR.1" ParameterOID="IT.ADSL.AGE" AnalysisReason="SPECIFIED IN SAP" '
    'AnalysisPurpose="PRIMARY OUTCOME MEASURE">'
    + _text("Mean age")
    + '<arm:AnalysisDatasets><arm:AnalysisDataset ItemGroupOID="IG.ADSL"><def:WhereClauseRef WhereClauseOID="WC.SAF"/>'
    '<arm:AnalysisVariable ItemOID="IT.ADSL.AGE"/></arm:AnalysisDataset></arm:AnalysisDatasets>'
    "<arm:Documentation>"
    + _text("The mean.")
    + '</arm:Documentation><arm:ProgrammingCode Context="SAS 9.4"><arm:Code>proc means;</arm:Code></arm:ProgrammingCode>'
    "</arm:AnalysisResult></arm:ResultDisplay></arm:AnalysisResultDisplays>"
    + FOOT
)  # fmt: skip

#: dataset -> (label, variables with their values); numbers are numeric variables
Records = Mapping[str, tuple[str, Mapping[str, Sequence[Any]]]]
SDTM_RECORDS: Records = {
    "TA": ("Trial Arms", {"STUDYID": ["S1"], "DOMAIN": ["TA"], "ARMCD": ["A"]}),
    "DM": (
        "Demographics",
        {"STUDYID": ["S1"] * 2, "DOMAIN": ["DM"] * 2, "USUBJID": ["1", "2"], "SEX": ["F", "M"], "AGE": [40.5, 50]},
    ),
    "AE": (
        "Adverse Events",
        {
            "STUDYID": ["S1"] * 3, "DOMAIN": ["AE"] * 3, "USUBJID": ["1", "1", "2"], "AESEQ": [1, 2, 1],
            "AETERM": ["fever", "rash", "rash"], "AEDECOD": ["Fever", "Rash", "Rash"], "AESER": ["N", "Y", "N"],
            "AESTDTC": ["2025-01-02", "2025-01-03", "2025-01-04"], "AESTDY": [1, 2, 10],
        },
    ),
    "SUPPAE": (
        "Supplemental Qualifiers for AE",
        {
            "STUDYID": ["S1"] * 2, "USUBJID": ["1", "2"], "IDVARVAL": ["1", "1"], "QNAM": ["AEREL2", "DOSEAE"],
            "QVAL": ["Y", "12.5"],
        },
    ),
}  # fmt: skip
ADAM_RECORDS: Records = {
    "ADSL": (
        "Subject Level", {"STUDYID": ["S1"] * 2, "USUBJID": ["1", "2"], "AGE": [40.5, 50], "SAFFL": ["Y", "Y"]}
    )
}  # fmt: skip


def changed(xml: str, *changes: tuple[str, str]) -> str:
    """``xml`` with each first text replaced by the second one. A text that is not there is a fault of the test."""
    for old, new in changes:
        if old not in xml:
            raise AssertionError(f"define.xml of the case has no {old!r}")
        xml = xml.replace(old, new)
    return xml


def datasets(records: Records) -> dict[str, Any]:
    """The datasets of a case, without metadata that a file does not have."""
    import pandas as pd
    from raw2adam.engine.columns import column as col
    from raw2adam.engine.tables.dataset import Dataset, DatasetMetadata, VariableMetadata

    found = {}
    for name, (label, columns) in records.items():
        key = (name, label, repr(columns))
        if key in _BUILT:
            found[name] = _BUILT[key]
            continue
        numeric = {n for n, values in columns.items() if not any(isinstance(v, str) for v in values)}
        variables = tuple(
            VariableMetadata(n, "", "float" if n in numeric else "text", 8 if n in numeric else 0) for n in columns
        )
        frame = pd.DataFrame({n: values if n in numeric else col.text_column(values) for n, values in columns.items()})
        found[name] = _BUILT[key] = Dataset(DatasetMetadata(name, label, variables, ()), frame)
    return found


#: datasets that cases share: checks do not change them
_BUILT: dict[tuple[str, str, str], Any] = {}


def view(
    xml: str,
    records: Records,
    standard: str = "sdtm",
    sources: str = "",
    folder: Path | None = None,
    files: Mapping[str, str] | None = None,
) -> Any:
    """What the checks of define.xml read."""
    from raw2adam.conformance.define_xml.check import DefineView
    from raw2adam.define.reading import read_define

    return DefineView(
        content=read_define(xml.encode()),
        datasets=datasets(records),
        xml=xml.encode(),
        folder=folder,
        standard=standard,
        sources=read_define(sources.encode()) if sources else None,
        source_xml=sources.encode(),
        files={n: f"{n.lower()}.xpt" for n in records} if files is None else files,
    )
