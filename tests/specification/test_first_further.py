"""First specs of a define.xml with several origins, formal expressions, lists of several published ones, and results."""

from __future__ import annotations

import pytest
from kit.define_sample import HEAD
from raw2adam.specification.first_study import read_study


def ref(name: str, number: int, more: str = "") -> str:
    return f'<ItemRef ItemOID="IT.ADRS.{name}" OrderNumber="{number}" Mandatory="No"{more}/>'


def item(name: str, kind: str, label: str, inside: str) -> str:
    length = "8" if kind == "integer" else "20"
    text = f"<Description><TranslatedText>{label}</TranslatedText></Description>{inside}"
    return f'<ItemDef OID="IT.ADRS.{name}" Name="{name}" DataType="{kind}" Length="{length}">{text}</ItemDef>'


def predecessor(text: str) -> str:
    return f'<def:Origin Type="Predecessor"><Description><TranslatedText>{text}</TranslatedText></Description></def:Origin>'


DERIVED = '<def:Origin Type="Derived" Source="Sponsor"/>'
PAGES = '<def:DocumentRef leafID="LF.csr"><def:PDFPageRef Type="PhysicalRef" PageRefs="55"/></def:DocumentRef>'
ADAM = (
    HEAD.format(version="2.1")
    + f"""<Study OID="S"><GlobalVariables><StudyName>S1</StudyName><StudyDescription>A study</StudyDescription><ProtocolName>P1</ProtocolName></GlobalVariables>
<MetaDataVersion OID="MDV" Name="M" def:DefineVersion="2.1.0">
<def:Standards><def:Standard OID="STD.1" Name="ADaMIG" Type="IG" Version="1.3" Status="Final"/></def:Standards>
<def:WhereClauseDef OID="WC.RSP"><RangeCheck SoftHard="Soft" Comparator="EQ" def:ItemOID="IT.ADRS.PARAMCD"><CheckValue>RSP</CheckValue></RangeCheck><RangeCheck SoftHard="Soft" Comparator="EQ" def:ItemOID="IT.ADRS.SAFFL"><CheckValue>Y</CheckValue></RangeCheck></def:WhereClauseDef>
<ItemGroupDef OID="IG.ADRS" Name="ADRS" Repeating="Yes" IsReferenceData="No" Purpose="Analysis" def:StandardOID="STD.1" def:Structure="One record per subject per parameter">
<Description><TranslatedText>Responses</TranslatedText></Description>
{ref("STUDYID", 1)}{ref("USUBJID", 2, ' KeySequence="1"')}{ref("PARAMCD", 3, ' KeySequence="2"')}{ref("SAFFL", 4)}{ref("AVALC", 5, ' MethodOID="MT.1"')}{ref("CRIT", 6)}{ref("FAST", 7)}
<def:Class Name="BASIC DATA STRUCTURE"/></ItemGroupDef>
{item("STUDYID", "text", "Study Identifier", predecessor("RS.STUDYID, ADSL.STUDYID"))}
{item("USUBJID", "text", "Unique Subject Identifier", predecessor("RS.USUBJID"))}
{item("PARAMCD", "text", "Parameter Code", DERIVED + '<def:Origin Type="Assigned" Source="Sponsor"/>')}
{item("SAFFL", "text", "Safety Population Flag", '<CodeListRef CodeListOID="CL.NY"/>' + predecessor("ADSL.SAFFL"))}
{item("AVALC", "text", "Analysis Value (C)", DERIVED)}
{item("CRIT", "text", "Criteria", '<CodeListRef CodeListOID="CL.C"/><def:Origin Type="Assigned" Source="Sponsor"/>')}
{item("FAST", "text", "Fasting Status", predecessor("RS.RSFAST"))}
<CodeList OID="CL.C" Name="Criteria" DataType="text" def:IsNonStandard="Yes"><EnumeratedItem CodedValue="ECOG"><Alias Context="nci:ExtCodeID" Name="C102116"/></EnumeratedItem><EnumeratedItem CodedValue="RECIST 1.1"><Alias Context="nci:ExtCodeID" Name="C124415"/></EnumeratedItem><EnumeratedItem CodedValue="MINE"/></CodeList>
<CodeList OID="CL.NY" Name="No Yes Response" DataType="text"><CodeListItem CodedValue="Y"><Decode><TranslatedText>Yes</TranslatedText></Decode><Alias Context="nci:ExtCodeID" Name="C49488"/></CodeListItem><Alias Context="nci:ExtCodeID" Name="C66742"/></CodeList>
<MethodDef OID="MT.1" Name="M" Type="Computation"><Description><TranslatedText>Y for a response.</TranslatedText></Description><FormalExpression Context="SAS 9.4">AVALC = 'Y';</FormalExpression></MethodDef>
<def:leaf ID="LF.csr" xlink:href="csr.pdf"><def:title>Report</def:title></def:leaf>
<arm:AnalysisResultDisplays><arm:ResultDisplay OID="RD.T-1" Name="Table 1"><Description><TranslatedText>Response</TranslatedText></Description>{PAGES}
<arm:AnalysisResult OID="AR.T-1.RATE" ParameterOID="IT.ADRS.PARAMCD" AnalysisReason="SPECIFIED IN SAP" AnalysisPurpose="PRIMARY OUTCOME MEASURE">
<Description><TranslatedText>The rate</TranslatedText></Description>
<arm:AnalysisDatasets><arm:AnalysisDataset ItemGroupOID="IG.ADRS"><def:WhereClauseRef WhereClauseOID="WC.RSP"/><arm:AnalysisVariable ItemOID="IT.ADRS.AVALC"/></arm:AnalysisDataset></arm:AnalysisDatasets>
<arm:Documentation><Description><TranslatedText>An exact interval.</TranslatedText></Description>{PAGES}</arm:Documentation>
<arm:ProgrammingCode Context="SAS 9.4"><arm:Code>proc freq;</arm:Code></arm:ProgrammingCode>
</arm:AnalysisResult></arm:ResultDisplay></arm:AnalysisResultDisplays>
</MetaDataVersion></Study></ODM>"""
)

DISPLAY = """\
display: T-1
name: Table 1
description: Response
documents: [{document: csr, pages: 55}]
results:
  RATE:
    description: The rate
    reason: SPECIFIED IN SAP
    purpose: PRIMARY OUTCOME MEASURE
    parameter: RSP
    datasets: [{dataset: ADRS, where: PARAMCD == 'RSP' and SAFFL == 'Y', variables: [AVALC]}]
    documentation: {text: An exact interval., document: csr, pages: 55}
    code: {context: SAS 9.4, text: "proc freq;"}
"""


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    folder = tmp_path_factory.mktemp("further")
    (folder / "define.xml").write_text(ADAM, "utf-8")
    done = read_study([folder / "define.xml"], folder / "study", lambda _: None)
    return {p.name: p.read_text("utf-8") for p in (folder / "study").rglob("*.yaml")}, done


def test_a_variable_has_all_of_its_origins(first):
    files, _ = first
    assert (
        "    origin: {type: Derived, source: Sponsor, further: [{type: Assigned, source: Sponsor}]}\n"
        in files["adrs.yaml"]
    )
    assert '"RS.STUDYID, ADSL.STUDYID"' in files["adrs.yaml"]


def test_a_copied_variable_that_sdtmig_does_not_list_is_an_input(first):
    """RSFAST is a variable of the class of RS alone."""
    files, _ = first
    assert "inputs: {required: [RS, RS.RSFAST]}\n" in files["study.yaml"]


def test_a_method_has_its_formal_expressions(first):
    files, _ = first
    assert "    formal: {SAS 9.4: AVALC = 'Y';}\n" in files["adrs.yaml"].replace('"', "")


def test_a_list_of_several_published_ones_joins_them(first):
    """ECOG is C102116 in CCCAT (C118971), RECIST 1.1 is C124415 in ONCRSCAT (C124298)."""
    files, _ = first
    assert "C: {label: Criteria, joins: [C118971, C124298], terms: {ECOG: " in files["study.yaml"]


def test_a_display_has_its_file(first):
    files, _ = first
    assert files["t-1.yaml"] == DISPLAY


def test_the_specs_lose_nothing_of_these(first):
    """What differs is what raw2adam writes of its own accord: standards, roles, comments on assigned values."""
    _, done = first
    assert done.errors == []
    lost = [str(d) for d in done.differences]
    kinds = ("Origin", "Expressions", "Result", ", Codelist", "Term", "only in the first")
    assert [d for d in lost if any(k in d for k in kinds)] == []
