"""A first study spec from a define.xml: rules that are known, rules that are to be written, metadata, and the way back."""

from __future__ import annotations

import datetime as dt

import pytest
from kit.command import raw2adam
from kit.define_sample import HEAD
from raw2adam.define.content import Check, Item, WhereClause
from raw2adam.define.reading import read_define
from raw2adam.mappings.yaml.read import node_data, parse_yaml
from raw2adam.specification.content_rows import specification_rows
from raw2adam.specification.first_conditions import condition
from raw2adam.specification.first_study import FirstStudy
from raw2adam.specification.read_content import read_content
from raw2adam.specification.workbook import read_specification, specification_bytes
from raw2adam.specification.yaml_text import scalar, yaml_text

SDTM = (
    HEAD.format(version="2.1")
    + """<Study OID="S"><GlobalVariables><StudyName>S1</StudyName><StudyDescription>A study</StudyDescription><ProtocolName>P1</ProtocolName></GlobalVariables>
<MetaDataVersion OID="MDV" Name="M" def:DefineVersion="2.1.0">
<def:Standards><def:Standard OID="STD.1" Name="SDTMIG" Type="IG" Version="3.4" Status="Final"/></def:Standards>
<def:AnnotatedCRF><def:DocumentRef leafID="LF.acrf"/></def:AnnotatedCRF>
<def:ValueListDef OID="VL.S"><ItemRef ItemOID="IT.QVAL.EM" OrderNumber="1" Mandatory="No" MethodOID="MT.EM"><def:WhereClauseRef WhereClauseOID="WC.EM"/></ItemRef></def:ValueListDef>
<def:ValueListDef OID="VL.T"><ItemRef ItemOID="IT.T.1" OrderNumber="1" Mandatory="No"><def:WhereClauseRef WhereClauseOID="WC.SEV"/></ItemRef></def:ValueListDef>
<def:WhereClauseDef OID="WC.EM"><RangeCheck SoftHard="Soft" Comparator="EQ" def:ItemOID="IT.QNAM"><CheckValue>EMERGE</CheckValue></RangeCheck></def:WhereClauseDef>
<def:WhereClauseDef OID="WC.SEV"><RangeCheck SoftHard="Soft" Comparator="IN" def:ItemOID="IT.AESEV"><CheckValue>MILD</CheckValue><CheckValue>SEVERE</CheckValue></RangeCheck></def:WhereClauseDef>
<ItemGroupDef OID="IG.AE" Name="AE" Domain="AE" Repeating="Yes" IsReferenceData="No" Purpose="Tabulation" def:StandardOID="STD.1" def:Structure="One record per adverse event per subject">
<Description><TranslatedText>Adverse Events</TranslatedText></Description>
<ItemRef ItemOID="IT.STUDYID" OrderNumber="1" Mandatory="Yes" KeySequence="1"/><ItemRef ItemOID="IT.DOMAIN" OrderNumber="2" Mandatory="Yes"/>
<ItemRef ItemOID="IT.USUBJID" OrderNumber="3" Mandatory="Yes" KeySequence="2"/><ItemRef ItemOID="IT.AESEQ" OrderNumber="4" Mandatory="Yes"/>
<ItemRef ItemOID="IT.AETERM" OrderNumber="5" Mandatory="Yes" KeySequence="3"/><ItemRef ItemOID="IT.AEDECOD" OrderNumber="6" Mandatory="Yes"/>
<ItemRef ItemOID="IT.AESEV" OrderNumber="7" Mandatory="No" MethodOID="MT.SEV"/><ItemRef ItemOID="IT.AEMINE" OrderNumber="8" Mandatory="No"/>
<def:Class Name="EVENTS"/></ItemGroupDef>
<ItemGroupDef OID="IG.SUPPAE" Name="SUPPAE" Domain="AE" Repeating="Yes" IsReferenceData="No" Purpose="Tabulation" def:Structure="One record"><ItemRef ItemOID="IT.QNAM" OrderNumber="1" Mandatory="Yes"/><ItemRef ItemOID="IT.QVAL" OrderNumber="2" Mandatory="Yes"/></ItemGroupDef>
<ItemDef OID="IT.STUDYID" Name="STUDYID" DataType="text" Length="2"><def:Origin Type="Protocol" Source="Sponsor"/></ItemDef>
<ItemDef OID="IT.DOMAIN" Name="DOMAIN" DataType="text" Length="2"/><ItemDef OID="IT.USUBJID" Name="USUBJID" DataType="text" Length="9"/>
<ItemDef OID="IT.AESEQ" Name="AESEQ" DataType="integer" Length="2"/>
<ItemDef OID="IT.AETERM" Name="AETERM" DataType="text" Length="200" def:CommentOID="COM.1"><Description><TranslatedText>Reported Term for the Adverse Event</TranslatedText></Description><def:Origin Type="Collected" Source="Investigator"><def:DocumentRef leafID="LF.acrf"><def:PDFPageRef Type="PhysicalRef" PageRefs="7 9"/></def:DocumentRef></def:Origin></ItemDef>
<ItemDef OID="IT.AEDECOD" Name="AEDECOD" DataType="text" Length="99"><CodeListRef CodeListOID="CL.D"/><def:Origin Type="Assigned" Source="Sponsor"/></ItemDef>
<ItemDef OID="IT.AESEV" Name="AESEV" DataType="text" Length="8"><Description><TranslatedText>Severity</TranslatedText></Description><CodeListRef CodeListOID="CL.SEV"/><def:Origin Type="Derived" Source="Sponsor"/></ItemDef>
<ItemDef OID="IT.AEMINE" Name="AEMINE" DataType="float" Length="6" SignificantDigits="2"><Description><TranslatedText>Mine</TranslatedText></Description><CodeListRef CodeListOID="CL.M"/><def:ValueListRef ValueListOID="VL.T"/></ItemDef>
<ItemDef OID="IT.T.1" Name="AEMINE" DataType="float" Length="6" SignificantDigits="1"><Description><TranslatedText>Mine if mild or severe</TranslatedText></Description></ItemDef>
<ItemDef OID="IT.QNAM" Name="QNAM" DataType="text" Length="8"/><ItemDef OID="IT.QVAL" Name="QVAL" DataType="text" Length="200"><def:ValueListRef ValueListOID="VL.S"/></ItemDef>
<ItemDef OID="IT.QVAL.EM" Name="QVAL" DataType="text" Length="1"><Description><TranslatedText>Emergent</TranslatedText></Description><def:Origin Type="Derived" Source="Sponsor"/></ItemDef>
<CodeList OID="CL.D" Name="Events" DataType="text"><ExternalCodeList Dictionary="MEDDRA" Version="27.1"/></CodeList>
<CodeList OID="CL.M" Name="Mine" DataType="float"><CodeListItem CodedValue="1"><Decode><TranslatedText>One</TranslatedText></Decode></CodeListItem></CodeList>
<CodeList OID="CL.SEV" Name="Severity" DataType="text"><EnumeratedItem CodedValue="MILD"><Alias Context="nci:ExtCodeID" Name="C41338"/></EnumeratedItem><Alias Context="nci:ExtCodeID" Name="C66769"/></CodeList>
<MethodDef OID="MT.SEV" Name="M" Type="Computation"><Description><TranslatedText>The worst severity.
A line more.</TranslatedText></Description></MethodDef>
<MethodDef OID="MT.EM" Name="N" Type="Computation"><Description><TranslatedText>After the first dose.</TranslatedText></Description></MethodDef>
<def:CommentDef OID="COM.1"><Description><TranslatedText>As the site writes it.</TranslatedText></Description></def:CommentDef>
<def:leaf ID="LF.acrf" xlink:href="../crf/acrf.pdf"><def:title>Annotated CRF</def:title></def:leaf>
</MetaDataVersion></Study></ODM>"""
)

AE = """\
# AE from a define.xml of S1 (SDTMIG 3.4). What is to be written is marked by to_write.
dataset: AE
rows: {to_write: One record per adverse event per subject}
keys: [STUDYID, USUBJID, AETERM]
variables:
  STUDYID: {value: S1, length: 2, origin: {type: Protocol, source: Sponsor}}
  DOMAIN: {value: AE, length: 2}
  USUBJID: {from: USUBJID, length: 9}
  AETERM:
    to_write: the raw column of this collected value
    length: 200
    origin: {type: Collected, source: Investigator, document: acrf, pages: [7, 9]}
    comment: As the site writes it.
  AEDECOD:
    to_write: the value that the sponsor assigns
    length: 99
    codelist: D
    origin: {type: Assigned, source: Sponsor}
  AESEV:
    to_write: the rule that method states
    label: Severity
    length: 8
    origin: {type: Derived, source: Sponsor}
    method: |-
      The worst severity.
      A line more.
  AEMINE: {to_write: "nothing, because define.xml states no origin", label: Mine, type: float, digits: 2, codelist: M}
  AELLT: null
"""


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    folder = tmp_path_factory.mktemp("first")
    (folder / "define.xml").write_text(SDTM, encoding="utf-8")
    return folder, raw2adam("define", "read", "define.xml", "--out", "study", "--show", "0", cwd=folder)


def test_the_spec_of_a_dataset(study):
    folder, done = study
    text = (folder / "study" / "sdtm" / "ae.yaml").read_text(encoding="utf-8")
    assert text.startswith(AE), text
    assert text.endswith(
        "supplemental:\n"
        "  EMERGE:\n"
        "    to_write: the rule that method states\n"
        "    label: Emergent\n"
        "    length: 1\n"
        "    origin: {type: Derived, source: Sponsor}\n"
        "    method: After the first dose.\n"
        "values:\n"
        "  - {where: \"AESEV in ['MILD', 'SEVERE']\", variable: AEMINE, label: Mine if mild or severe, "
        "type: float, digits: 1}\n"
    )
    assert not (folder / "study" / "sdtm" / "suppae.yaml").exists()
    assert done.returncode == 0


def test_the_file_of_the_study(study):
    folder, _ = study
    assert node_data(parse_yaml((folder / "study" / "study.yaml").read_text(encoding="utf-8"), "study.yaml")) == {
        "study": {"id": "S1", "title": "A study", "protocol": "P1"},
        "subject": {"columns": ["SUBJID"], "usubjid": "{STUDYID}-{SUBJID}"},
        "sources": {},
        "codelists": {
            "D": {"label": "Events", "dictionary": {"name": "MedDRA", "version": "27.1"}},
            "M": {"label": "Mine", "terms": {"1": "One"}},
        },
        "documents": {"acrf": {"file": "acrf.pdf", "title": "Annotated CRF", "role": "crf"}},
    }


def test_what_differs_between_define_xml_and_the_specs_is_printed(study):
    _, done = study
    lines = done.stdout.splitlines()
    assert lines[-1] == "study: 1 datasets, 6 rules to write, 0 errors, 63 differences between define.xml and the specs"
    assert "Codelist Events, Dictionary: 'MEDDRA' -> 'MedDRA'" in lines
    # what the data decide is that of the file
    assert not [line for line in lines if "Length:" in line or "Has No Data:" in line]
    assert [line for line in lines if line.startswith(("Variable AE.AETERM", "Value level SUPPAE.QVAL"))] == [
        "Variable AE.AETERM, Pages: '../crf/acrf.pdf 7 9' -> 'acrf.pdf 7 9'",
        "Variable AE.AETERM, Role: '' -> 'Topic'",
    ]


def test_lint_lists_the_rules_to_write(study):
    folder, _ = study
    done = raw2adam("lint", "study", cwd=folder)
    assert done.returncode == 0
    first, second, *_ = done.stdout.splitlines()
    assert first == (
        "study/sdtm/ae.yaml:3:18: warning: AE: the source of the records is to be written: "
        "One record per adverse event per subject"
    )
    assert second == (
        "study/sdtm/ae.yaml:10:15: warning: AE.AETERM: the rule is to be written: the raw column of this collected value"
    )


def test_the_specs_become_an_excel_specification(study):
    folder, _ = study
    done = raw2adam("define", "export", "study", "--out", "again.xlsx", cwd=folder)
    assert done.stdout == "again.xlsx: written, read again: equal to study\n"


def test_an_excel_specification_gives_the_same_specs(study, tmp_path):
    folder, _ = study
    content = read_define(SDTM.encode())
    (tmp_path / "spec.xlsx").write_bytes(specification_bytes(specification_rows(content), dt.datetime(2026, 1, 1)))
    files = FirstStudy([read_content(read_specification(tmp_path / "spec.xlsx", "spec.xlsx"))[0]]).files()
    assert files["sdtm/ae.yaml"] == (folder / "study" / "sdtm" / "ae.yaml").read_text(encoding="utf-8")
    assert files["study.yaml"] == (folder / "study" / "study.yaml").read_text(encoding="utf-8")


def test_a_build_reports_rules_to_write(tiny):
    dm = "dataset: DM\nrows: {source: dm}\nvariables:\n  SEX: {to_write: a raw column}\n  AGE: {to_write: years}\n  COUNTRY: {value: DEU}\n"
    built = tiny({"dm.csv": "SUBJ,S\n1,M\n2,F\n"}, "", {"dm": dm})
    assert built.values("DM", "SEX") == ["", ""]
    assert built.values("DM", "AGE") == [None, None]
    found = built.findings[built.findings["rule"] == "R2A-SPEC-003"]
    assert sorted(found["message"]) == ["the rule of AGE is to be written", "the rule of SEX is to be written"]


@pytest.mark.parametrize(
    ("checks", "wanted"),
    [
        ([("C", "EQ", ("it's",))], "C == 'it''s'"),
        ([("N", "GE", ("2.5",)), ("C", "NOTIN", ("A", "B"))], "N >= 2.5 and C not in ['A', 'B']"),
        ([("O", "NE", ("X",))], "DM.O != 'X'"),
        ([("N", "EQ", ("two",))], ""),
        ([("C", "EQ", ("",))], ""),
        ([("GONE", "EQ", ("A",))], ""),
    ],
)
def test_where_clauses_become_conditions(checks, wanted):
    items = {
        "C": ("AE", Item(oid="C", name="C", data_type="text")),
        "N": ("AE", Item(oid="N", name="N", data_type="float")),
        "O": ("DM", Item(oid="O", name="O", data_type="text")),
    }
    assert condition(WhereClause("W", tuple(Check(*c) for c in checks)), "AE", items) == wanted


TEXTS = [
    "plain", "Y", "no", "null", "12", "012", "1e3", "12:30", "a: b", "a #b", "#a", "- a", "{a", "a,b", "[", "'q'", '"',
    "back\\slash", "two\nlines", "two\n\n  indented", "end ", " start", "tab\t", "\u2028", "\x85", "é", "%", "!a", "*", "@",
    "-", "?", "=1", "yes.", "|", ">", "", "a\nb ",
]  # fmt: skip


def test_every_text_is_read_as_it_was():
    tree = {t: {"value": t, "listed": [t, {"again": t}]} for t in TEXTS}
    assert node_data(parse_yaml(yaml_text(tree), "x.yaml")) == tree
    assert [scalar(t) for t in ("AE", "12", "Y", "a: b")] == ["AE", "12", '"Y"', '"a: b"']
