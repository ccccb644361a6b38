"""The text of a define.xml: order, layout and escapes of elements, and a file of a run that is read and written again."""

from __future__ import annotations

from dataclasses import replace

from kit.define_sample import ADAM, ADAM_STUDY, SDTM, STUDY
from raw2adam.define.content import (
    Check,
    CodedTerm,
    CodelistContent,
    DatasetContent,
    DefineContent,
    Item,
    ItemOrigin,
    WhereClause,
)
from raw2adam.define.document import define_xml
from raw2adam.define.reading import read_define
from raw2adam.define.writing import define_of_content

_VALUE = Item(oid="IT.A.V.1", name="V", data_type="text", length="2", label="One", where=("WC.1",), order="1")
_VARIABLE = Item(
    oid="IT.A.V", name="V", data_type="text", length="2", label='1 < 2 & "3"\n4', order="1", key="1", mandatory=True,
    role="Topic", value_list="VL.V", codelist="CL.C", has_no_data=True,
    origins=(ItemOrigin("Assigned", "Sponsor"),),
)  # fmt: skip
_CONTENT = DefineContent(
    version="2.1.0",
    study="S",
    study_oid="S",
    version_oid="MDV",
    name="N",
    created="2026-01-31T00:00:00",
    language="en",
    odm={"FileOID": "F", "Context": "Other"},
    datasets=(DatasetContent(oid="IG.A", name="A", purpose="Tabulation", class_name="EVENTS", items=(_VARIABLE,)),),
    value_lists={"VL.V": (_VALUE,)},
    where={"WC.1": WhereClause("WC.1", (Check("IT.A.V", "EQ", ("it's", "")),))},
    codelists={"CL.C": CodelistContent(oid="CL.C", name="C", terms=(CodedTerm("", "Empty", "C1", order="1"),))},
)
#: as Define-XML 2.1 orders the elements; the item of a value list follows its variable
_WANTED = """<?xml version="1.0" encoding="UTF-8"?>
<?xml-stylesheet type="text/xsl" href="define2-1.xsl"?>
<ODM xmlns="http://www.cdisc.org/ns/odm/v1.3" xmlns:def="http://www.cdisc.org/ns/def/v2.1" \
xmlns:xlink="http://www.w3.org/1999/xlink" ODMVersion="1.3.2" FileType="Snapshot" FileOID="F" \
CreationDateTime="2026-01-31T00:00:00" def:Context="Other">
  <Study OID="S">
    <GlobalVariables>
      <StudyName>S</StudyName>
      <StudyDescription/>
      <ProtocolName/>
    </GlobalVariables>
    <MetaDataVersion OID="MDV" Name="N" def:DefineVersion="2.1.0">
      <def:ValueListDef OID="VL.V">
        <ItemRef ItemOID="IT.A.V.1" OrderNumber="1" Mandatory="No">
          <def:WhereClauseRef WhereClauseOID="WC.1"/>
        </ItemRef>
      </def:ValueListDef>
      <def:WhereClauseDef OID="WC.1">
        <RangeCheck Comparator="EQ" SoftHard="Soft" def:ItemOID="IT.A.V">
          <CheckValue>it&#39;s</CheckValue>
          <CheckValue/>
        </RangeCheck>
      </def:WhereClauseDef>
      <ItemGroupDef OID="IG.A" Name="A" Repeating="No" IsReferenceData="No" Purpose="Tabulation">
        <ItemRef ItemOID="IT.A.V" OrderNumber="1" Mandatory="Yes" KeySequence="1" def:HasNoData="Yes" Role="Topic"/>
        <def:Class Name="EVENTS"/>
      </ItemGroupDef>
      <ItemDef OID="IT.A.V" Name="V" DataType="text" Length="2">
        <Description><TranslatedText xml:lang="en">1 &lt; 2 &amp; &#34;3&#34;&#10;4</TranslatedText></Description>
        <CodeListRef CodeListOID="CL.C"/>
        <def:Origin Type="Assigned" Source="Sponsor"/>
        <def:ValueListRef ValueListOID="VL.V"/>
      </ItemDef>
      <ItemDef OID="IT.A.V.1" Name="V" DataType="text" Length="2">
        <Description><TranslatedText xml:lang="en">One</TranslatedText></Description>
      </ItemDef>
      <CodeList OID="CL.C" Name="C">
        <CodeListItem CodedValue="" OrderNumber="1">
          <Decode><TranslatedText xml:lang="en">Empty</TranslatedText></Decode>
          <Alias Context="nci:ExtCodeID" Name="C1"/>
        </CodeListItem>
      </CodeList>
    </MetaDataVersion>
  </Study>
</ODM>
"""


def test_the_text_of_a_small_file():
    assert define_of_content(_CONTENT).decode() == _WANTED


def test_a_definition_that_no_dataset_has_is_kept_and_an_empty_attribute_is_none():
    unused = Item(oid="IT.B.W", name="W", data_type="float", length="3", digits="1")
    whole = replace(_CONTENT, definitions=(unused,), odm={**_CONTENT.odm, "Description": ""})
    content = read_define(define_of_content(whole))
    assert content.definitions == (unused,) and content.unreferenced == ("IT.B.W",)
    assert "Description" not in content.odm and define_of_content(content) == define_of_content(whole)


def test_a_file_of_a_run_is_the_same_after_reading_and_writing():
    for study, datasets in ((STUDY, SDTM), (ADAM_STUDY, ADAM)):
        xml = define_xml(study, datasets)
        assert define_of_content(read_define(xml)) == xml
