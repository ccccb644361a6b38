"""ODM-XML 1.3.2: rows and columns of an item group, typed and untyped items, transactions, metadata, faults."""

from __future__ import annotations

import textwrap
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kit.fuzzing import examples
from raw2adam.errors import InputError, UsageError
from raw2adam.findings.table import Findings
from raw2adam.sources.read import SourceOptions, read_source
from raw2adam.sources.reader import ParsedFiles
from raw2adam.sources.table import RawTable
from raw2adam.sources.xml_text import element_lines

ODM = '<ODM xmlns="http://www.cdisc.org/ns/odm/v1.3" ODMVersion="1.3.2" FileType="{}" FileOID="F" CreationDateTime="2021-01-01T00:00:00">'
META = """\
<Study OID="S"><GlobalVariables/><BasicDefinitions>
 <MeasurementUnit OID="MU.KG" Name="kilogram"><Symbol><TranslatedText>kg</TranslatedText></Symbol></MeasurementUnit>
 <MeasurementUnit OID="MU.LB" Name="lb"/>
</BasicDefinitions>
<MetaDataVersion OID="V1" Name="one">
 <FormDef OID="F.VS" Name="Vital signs" Repeating="No"><ItemGroupRef ItemGroupOID="IG.VS" OrderNumber="2"/><ItemGroupRef ItemGroupOID="IG.HD" OrderNumber="1"/></FormDef>
 <ItemGroupDef OID="IG.HD" Name="Head" Repeating="No"><ItemRef ItemOID="I.DT"/></ItemGroupDef>
 <ItemGroupDef OID="IG.VS" Name="Vital signs" Repeating="Yes">
  <ItemRef ItemOID="I.POS"/><ItemRef ItemOID="I.WT" OrderNumber="10"/><ItemRef ItemOID="I.DT" OrderNumber="9"/>
 </ItemGroupDef>
 <ItemDef OID="I.DT" Name="VS_DT" DataType="date" SASFieldName="VSDT"><Question>
  <TranslatedText xml:lang="de">Datum</TranslatedText><TranslatedText xml:lang="en">Date of
   examination</TranslatedText></Question></ItemDef>
 <ItemDef OID="I.WT" Name="WEIGHT" DataType="float"><MeasurementUnitRef MeasurementUnitOID="MU.KG"/><MeasurementUnitRef MeasurementUnitOID="MU.LB"/></ItemDef>
 <ItemDef OID="I.POS" Name="POSITION" DataType="text"><CodeListRef CodeListOID="CL.POS"/></ItemDef>
 <CodeList OID="CL.POS" Name="Position" DataType="text">
  <CodeListItem CodedValue="1"><Decode><TranslatedText>Sitting</TranslatedText></Decode></CodeListItem>
  <CodeListItem CodedValue="2"><Decode><TranslatedText>Standing</TranslatedText></Decode></CodeListItem>
 </CodeList>
</MetaDataVersion></Study>
"""
DATA = """\
<ClinicalData StudyOID="S" MetaDataVersionOID="V1">
<SubjectData SubjectKey="0101-0001"><SiteRef LocationOID="L.1"/>
<StudyEventData StudyEventOID="SE.BASELINE"><FormData FormOID="F.VS">
<ItemGroupData ItemGroupOID="IG.HD"><ItemDataDate ItemOID="I.DT">2021-02-01</ItemDataDate></ItemGroupData>
<ItemGroupData ItemGroupOID="IG.VS" ItemGroupRepeatKey="1">
 <ItemData ItemOID="I.DT" Value="2021-02-01"/>
 <ItemData ItemOID="I.WT" Value=" 70.50 "><AuditRecord><UserRef UserOID="U"/></AuditRecord><MeasurementUnitRef MeasurementUnitOID="MU.KG"/></ItemData>
 <ItemData ItemOID="I.POS" Value="1"/>
</ItemGroupData>
<ItemGroupData ItemGroupOID="IG.VS" ItemGroupRepeatKey="2">
 <ItemDataDate ItemOID="I.DT">2021-02-02</ItemDataDate>
 <ItemDataFloat ItemOID="I.WT" MeasurementUnitOID="MU.LB">155.4</ItemDataFloat>
 <ItemData ItemOID="I.POS" IsNull="Yes"/>
</ItemGroupData>
</FormData></StudyEventData>
<StudyEventData StudyEventOID="SE.UNS" StudyEventRepeatKey="3"><FormData FormOID="F.VS" FormRepeatKey="2">
<ItemGroupData ItemGroupOID="IG.VS" ItemGroupRepeatKey="1"/>
</FormData></StudyEventData></SubjectData>
</ClinicalData>
"""


def document(data: str, meta: str = META, kind: str = "Snapshot") -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ODM.format(kind)}\n{meta}{data}</ODM>\n'


def read(
    folder: Path, content: str | bytes, item_group: str | None = "IG.VS", **options: str
) -> tuple[RawTable, Findings]:
    (folder / "s.xml").write_bytes(content.encode() if isinstance(content, str) else content)
    findings = Findings()
    return read_source("vs", folder, SourceOptions("s.xml", item_group=item_group, **options), findings), findings


def refused(folder: Path, content: str | bytes, item_group: str | None = "IG.VS", **options: str) -> str:
    with pytest.raises(InputError) as caught:
        read(folder, content, item_group, **options)
    return str(caught.value)


def found(findings: Findings, rule: str) -> list[tuple[int, str, str]]:
    """(row, column, value) of the findings of a rule."""
    table = findings.frame()
    table = table[table["rule"] == rule]
    return list(zip(table["row"].tolist(), table["column"], table["value"], strict=True))


def messages(findings: Findings, rule: str) -> list[str]:
    table = findings.frame()
    return table.loc[table["rule"] == rule, "message"].tolist()


def group(repeat: str, items: str = "", transaction: str = "") -> str:
    kind = f' TransactionType="{transaction}"' if transaction else ""
    return f'<ItemGroupData ItemGroupOID="IG.VS" ItemGroupRepeatKey="{repeat}"{kind}>{items}</ItemGroupData>\n'


def item(oid: str, value: str, transaction: str = "") -> str:
    kind = f' TransactionType="{transaction}"' if transaction else ""
    return f'<ItemData ItemOID="{oid}" Value="{value}"{kind}/>'


def subject(groups: str, key: str = "A", transaction: str = "", form: str = "", event: str = "") -> str:
    kinds = [f' TransactionType="{t}"' if t else "" for t in (transaction, event, form)]
    return (
        f'<SubjectData SubjectKey="{key}"{kinds[0]}><StudyEventData StudyEventOID="SE.1"{kinds[1]}>'
        f'<FormData FormOID="F.VS"{kinds[2]}>\n{groups}</FormData></StudyEventData></SubjectData>\n'
    )


def clinical(*subjects: str) -> str:
    return f'<ClinicalData StudyOID="S" MetaDataVersionOID="V1">\n{"".join(subjects)}</ClinicalData>'


# rows, columns, labels


def test_an_item_group(tmp_path):
    table, findings = read(tmp_path, document(DATA))
    assert table.frame.to_dict("list") == {
        "SubjectKey": ["0101-0001"] * 3,
        "SiteOID": ["L.1"] * 3,
        "StudyEventOID": ["SE.BASELINE", "SE.BASELINE", "SE.UNS"],
        "StudyEventRepeatKey": ["", "", "3"],
        "FormOID": ["F.VS"] * 3,
        "FormRepeatKey": ["", "", "2"],
        "ItemGroupOID": ["IG.VS"] * 3,
        "ItemGroupRepeatKey": ["1", "2", "1"],
        "VS_DT": ["2021-02-01", "2021-02-02", ""],
        "WEIGHT": [" 70.50 ", "155.4", ""],
        "WEIGHT_UNIT": ["kg", "lb", ""],
        "POSITION": ["1", "", ""],
    }
    assert all(str(t) == "category" for t in table.frame.dtypes)
    assert table.record.tolist() == [1, 2, 3]
    written = document(DATA).splitlines()
    assert [written[n - 1].split(">")[0] for n in table.line.tolist()] == [
        '<ItemGroupData ItemGroupOID="IG.VS" ItemGroupRepeatKey="1"',
        '<ItemGroupData ItemGroupOID="IG.VS" ItemGroupRepeatKey="2"',
        '<ItemGroupData ItemGroupOID="IG.VS" ItemGroupRepeatKey="1"/',
    ]
    assert table.column_labels == {"VS_DT": "Date of examination", "WEIGHT": "WEIGHT", "POSITION": "POSITION"}
    assert table.value_labels == {"POSITION": {"1": "Sitting", "2": "Standing"}}
    assert table.notes == ["not used: 1 AuditRecord"]
    assert messages(findings, "R2A-SRC-012") == ["not used: 1 AuditRecord"]
    assert len(findings) == 1
    assert table.others == {"item group IG.HD of form F.VS": 1}


def test_a_form_has_all_its_item_groups(tmp_path):
    table, _ = read(tmp_path, document(DATA), None, form="F.VS")
    assert table.frame["ItemGroupOID"].tolist() == ["IG.HD", "IG.VS", "IG.VS", "IG.VS"]
    assert list(table.frame.columns)[8:] == ["VS_DT", "WEIGHT", "WEIGHT_UNIT", "POSITION"]
    assert table.frame["VS_DT"].tolist() == ["2021-02-01", "2021-02-01", "2021-02-02", ""]
    assert table.frame["WEIGHT"].tolist() == ["", " 70.50 ", "155.4", ""]
    assert table.record.tolist() == [1, 2, 3, 4]
    assert table.others == {}


def test_an_item_group_of_one_form(tmp_path):
    other = DATA.replace('"F.VS" FormRepeatKey="2"', '"F.OTHER"')
    table, _ = read(tmp_path, document(other), form="F.VS")
    assert table.frame["ItemGroupRepeatKey"].tolist() == ["1", "2"]
    assert table.others == {"item group IG.HD of form F.VS": 1, "item group IG.VS of form F.OTHER": 1}
    assert "form 'F.OTHER' has no item group 'IG.HD' (did you mean 'IG.VS'?)" in refused(
        tmp_path, document(other), "IG.HD", form="F.OTHER"
    )


@pytest.mark.parametrize(
    ("names", "columns"),
    [
        ("name", ["VS_DT", "WEIGHT", "WEIGHT_UNIT", "POSITION"]),
        ("oid", ["I.DT", "I.WT", "I.WT_UNIT", "I.POS"]),
        ("sas", ["VSDT", "I.WT", "I.WT_UNIT", "I.POS"]),
    ],
)
def test_names_of_the_columns(tmp_path, names, columns):
    table, _ = read(tmp_path, document(DATA), names=names)
    assert list(table.frame.columns)[8:] == columns


def test_two_items_of_one_name(tmp_path):
    same = META.replace('Name="POSITION"', 'Name="WEIGHT"')
    assert "the items I.WT and I.POS are both named 'WEIGHT'; declare names: oid" in refused(
        tmp_path, document(DATA, same)
    )
    assert len(read(tmp_path, document(DATA, same), names="oid")[0]) == 3
    key = META.replace('Name="POSITION"', 'Name="FormOID"')
    assert "the item I.POS is named 'FormOID', as a key column is" in refused(tmp_path, document(DATA, key))


def test_an_item_named_as_the_unit_of_another(tmp_path):
    both = META.replace('Name="POSITION"', 'Name="WEIGHT_UNIT"')
    table, _ = read(tmp_path, document(DATA, both))
    assert list(table.frame.columns)[9:] == ["WEIGHT", "WEIGHT_UNIT_REF", "WEIGHT_UNIT"]
    assert table.frame["WEIGHT_UNIT_REF"].tolist() == ["kg", "lb", ""]


def test_the_only_unit_of_an_item_is_that_of_its_values(tmp_path):
    one = META.replace('<MeasurementUnitRef MeasurementUnitOID="MU.LB"/>', "")
    data = clinical(subject(group("1", item("I.WT", "70")) + group("2", item("I.WT", "")) + group("3")))
    table, _ = read(tmp_path, document(data, one))
    assert table.frame["WEIGHT_UNIT"].tolist() == ["kg", "", ""]
    table, _ = read(tmp_path, document(data))  # two units: none is told
    assert table.frame["WEIGHT_UNIT"].tolist() == ["", "", ""]


def test_items_that_the_metadata_do_not_have(tmp_path):
    data = clinical(subject(group("1", item("I.NEW", "x") + item("I.WT", "70"))))
    table, findings = read(tmp_path, document(data))
    assert table.frame["I.NEW"].tolist() == ["x"]
    assert list(table.frame.columns)[-1] == "I.NEW"
    (text,) = messages(findings, "R2A-SRC-016")
    assert text.startswith("1 values of items that the metadata do not have in item group IG.VS: I.NEW;")
    table, _ = read(tmp_path, document(data, meta=""))  # no metadata at all
    assert list(table.frame.columns)[8:] == ["I.NEW", "I.WT"]


def test_an_item_group_without_rows(tmp_path):
    table, findings = read(tmp_path, document(clinical()))
    assert len(table) == 0 and "WEIGHT" in table.frame.columns
    assert messages(findings, "R2A-SRC-001") == ["no rows of item group IG.VS"]


def test_the_only_item_group_needs_no_name(tmp_path):
    assert len(read(tmp_path, document(clinical(subject(group("1"))), meta=""), None)[0]) == 1
    text = refused(tmp_path, document(DATA), None)
    assert "the file has 2 item groups (IG.HD, IG.VS); name one by item_group:" in text


def test_all_unused_content_is_noted(tmp_path):
    data = DATA.replace("</SubjectData>", "<Annotation SeqNum='1'/><Signature/></SubjectData>").replace(
        "</ClinicalData>", "<AuditRecords><AuditRecord ID='A1'/><AuditRecord ID='A2'/></AuditRecords></ClinicalData>"
    )
    data = data.replace("<SubjectData ", '<SubjectData xmlns:v="urn:vendor" v:Status="locked" ')
    extra = "<AdminData><User OID='U'/></AdminData><ReferenceData StudyOID='S' MetaDataVersionOID='V1'><ItemGroupData ItemGroupOID='IG.VS'/></ReferenceData>"
    table, _ = read(tmp_path, document(data, META + extra))
    assert table.notes == [
        "not used: 1 AdminData (users, locations), 1 Annotation, 3 AuditRecord, 1 ItemGroupData outside of subjects "
        "(reference data), 1 Signature"
    ]
    assert table.record.tolist() == [1, 2, 3]
    named = document(DATA).replace("<ODM ", '<ODM xmlns:v="urn:vendor" ')
    note = "not used: what vendors' namespaces add to the metadata"
    assert note not in read(tmp_path, named)[0].notes
    assert note in read(tmp_path, named.replace("<FormDef ", "<FormDef v:Icon='x' "))[0].notes
    data = DATA.replace("</FormData>", "<v:Notes/></FormData><v:Group v:Name='x'/>", 1)
    assert (
        "not used: 1 <v:Group>, 1 <v:Notes>, 1 AuditRecord"
        in read(tmp_path, document(data).replace("<ODM ", '<ODM xmlns:v="urn:vendor" '))[0].notes
    )


def test_the_last_metadata_version_that_the_data_use_is_on_top(tmp_path):
    second = META.split("</BasicDefinitions>\n")[1].replace('"V1" Name="one"', '"V2" Name="two"')
    second = second.replace(">Sitting<", ">Seated<").replace('Name="WEIGHT"', 'Name="BODY_WEIGHT"')
    third = second.replace('"V2"', '"V3"').replace("Seated", "Unused")
    meta = META.replace("</Study>\n", "") + second.replace("</Study>\n", "") + third
    data = clinical(subject(group("1", item("I.WT", "70")))) + clinical(
        subject(group("1", item("I.WT", "80")), key="B")
    ).replace("V1", "V2")
    table, _ = read(tmp_path, document(data, meta))
    assert table.frame["BODY_WEIGHT"].tolist() == ["70", "80"]
    assert table.value_labels["POSITION"]["1"] == "Seated"
    assert table.notes == [
        "metadata version V2 defines 2 items in another way than an earlier one (I.WT, I.POS); the names, labels and codes "
        "of V2 are used"
    ]
    table, _ = read(tmp_path, document(data.replace("V2", "V9"), meta))
    assert "metadata version V9 of study S is not in the file" in table.notes


def test_a_metadata_version_that_includes_another(tmp_path):
    second = '<MetaDataVersion OID="V2" Name="two"><Include StudyOID="S" MetaDataVersionOID="V1"/><ItemDef OID="I.WT" Name="BODY" DataType="float"/></MetaDataVersion></Study>'
    data = clinical(subject(group("1", item("I.WT", "70")))).replace("V1", "V2")
    table, _ = read(tmp_path, document(data, META.replace("</Study>\n", second)))
    assert list(table.frame.columns)[8:] == ["VS_DT", "BODY", "POSITION"]
    lost = second.replace('MetaDataVersionOID="V1"', 'MetaDataVersionOID="V0"')
    table, _ = read(tmp_path, document(data, META.replace("</Study>\n", lost)))
    assert "metadata version V2 includes V0, which is not in the file" in table.notes


# transactions


def test_transactions_are_applied_in_document_order(tmp_path):
    data = clinical(
        subject(
            group("1", item("I.WT", "70") + item("I.POS", "1")) + group("2", item("I.WT", "60")), transaction="Insert"
        ),
        subject(group("1", item("I.WT", "71"), "Update")),
        subject(group("1", item("I.POS", "1", "Remove"), "Context") + group("2", "", "Remove")),
        subject(group("3", item("I.WT", "50"), "Upsert")),
        subject(group("1", item("I.WT", "72"), "Upsert")),
    )
    table, findings = read(tmp_path, document(data, kind="Transactional"))
    assert table.frame["ItemGroupRepeatKey"].tolist() == ["1", "3"]
    assert table.frame["WEIGHT"].tolist() == ["72", "50"]
    assert table.frame["POSITION"].tolist() == ["", ""]
    assert table.record.tolist() == [1, 6]
    assert found(findings, "R2A-SRC-013") == [(2, "SubjectKey", "A")]
    assert found(findings, "R2A-SRC-014") == [(1, "POSITION", "1")]
    assert table.notes == [
        "1 rows of item group IG.VS are excluded, because the export removes them",
        "1 values of item group IG.VS are excluded, because the export removes them",
        "2 values of item group IG.VS were replaced by later transactions",
    ]


@pytest.mark.parametrize(
    ("level", "empty"),
    [
        ("subject", '<SubjectData SubjectKey="A" TransactionType="Remove"/>'),
        ("study event", '<SubjectData SubjectKey="A"><StudyEventData StudyEventOID="SE.1" TransactionType="Remove"/></SubjectData>'),
        ("form", subject("", form="Remove")),
    ],
)  # fmt: skip
def test_removing_what_is_above(tmp_path, level, empty):
    rows = subject(group("1", item("I.WT", "70")) + group("2"), transaction="Insert")
    other = subject(group("1", item("I.WT", "80")), key="B", transaction="Insert")
    table, findings = read(tmp_path, document(clinical(rows, other, empty), kind="Transactional"))
    assert table.frame["SubjectKey"].tolist() == ["B"]
    assert table.record.tolist() == [3]
    assert found(findings, "R2A-SRC-013") == [(1, "SubjectKey", "A"), (2, "SubjectKey", "A")]
    assert set(messages(findings, "R2A-SRC-013")) == {f"the export removes the {level} of this record: excluded"}
    again = subject(group("1", item("I.POS", "2")), transaction="Insert")
    table, _ = read(tmp_path, document(clinical(rows, other, empty, again), kind="Transactional"))
    assert table.frame[["SubjectKey", "WEIGHT", "POSITION"]].values.tolist() == [["B", "80", ""], ["A", "", "2"]]
    assert table.record.tolist() == [3, 4]


def test_removals_of_what_is_not_there(tmp_path):
    data = clinical(subject(group("7", "", "Remove")), '<SubjectData SubjectKey="Z" TransactionType="Remove"/>')
    table, findings = read(tmp_path, document(data, kind="Transactional"))
    assert len(table) == 0
    assert messages(findings, "R2A-SRC-013") == [
        "the export removes this record, and has no other row of its keys: excluded"
    ]
    assert "not used: 1 removals of a subject without rows in the file" in table.notes


def test_a_removed_value_may_come_back(tmp_path):
    data = clinical(
        subject(group("1", item("I.WT", "70")), transaction="Insert"),
        subject(group("1", item("I.WT", "70", "Remove"), "Context")),
        subject(group("1", item("I.WT", "69", "Insert"), "Context")),
    )
    table, findings = read(tmp_path, document(data, kind="Transactional"))
    assert table.frame["WEIGHT"].tolist() == ["69"]
    assert found(findings, "R2A-SRC-014") == []


def test_context_does_not_replace_and_fills_what_is_not_known(tmp_path):
    data = clinical(
        subject(group("1", item("I.WT", "70")), transaction="Insert"),
        subject(group("1", item("I.WT", "99") + item("I.POS", "2"), "Context")),
        subject(group("9", "", "Context")),
    )
    table, _ = read(tmp_path, document(data, kind="Transactional"))
    assert table.frame[["WEIGHT", "POSITION"]].values.tolist() == [["70", "2"]]


def test_updates_and_insertions_at_odds_with_the_file(tmp_path):
    data = clinical(
        subject(group("1", item("I.WT", "70")), transaction="Update"),
        subject(group("1", item("I.WT", "71"), "Insert")),
    )
    text = document(data, kind="Transactional").replace("FileOID=", 'PriorFileOID="P" FileOID=')
    table, findings = read(tmp_path, text)
    assert table.frame["WEIGHT"].tolist() == ["71"]
    assert found(findings, "R2A-SRC-017") == [(2, "", "")]
    assert "the file continues P, which is not read: rows that only that file has are missing" in table.notes
    assert "not used: 1 Update of a row that the file does not insert (read as its first state)" in table.notes


def test_a_snapshot_with_removed_items_and_rows(tmp_path):
    data = clinical(
        subject(
            group("1", item("I.WT", "70", "Remove") + item("I.POS", "1", "Update"))
            + group("2", item("I.WT", "5"), "Remove")
        ),
        subject(group("1", item("I.WT", "80")), key="B"),
    )
    table, findings = read(tmp_path, document(data))
    assert table.frame[["SubjectKey", "WEIGHT", "POSITION"]].values.tolist() == [["A", "", "1"], ["B", "80", ""]]
    assert table.record.tolist() == [1, 3]
    assert found(findings, "R2A-SRC-014") == [(1, "WEIGHT", "70")]
    assert found(findings, "R2A-SRC-013") == [(2, "SubjectKey", "A")]


def test_an_item_of_two_item_groups_of_a_form(tmp_path):
    """Each cell is resolved in its own item group, and its removal told once."""
    head = '<ItemGroupData ItemGroupOID="IG.HD">{}</ItemGroupData>\n'.format(item("I.DT", "2021-01-01", "Remove"))
    data = clinical(
        subject(head + group("1", item("I.DT", "2021-01-02", "Remove")) + group("2", item("I.DT", "2021-01-03")))
    )
    table, findings = read(tmp_path, document(data), None, form="F.VS")
    assert table.frame["VS_DT"].tolist() == ["", "", "2021-01-03"]
    assert found(findings, "R2A-SRC-014") == [(1, "VS_DT", "2021-01-01"), (2, "VS_DT", "2021-01-02")]


def test_one_item_twice_in_a_record(tmp_path):
    data = clinical(
        subject(group("1", item("I.WT", "70") + item("I.POS", "1") + item("I.WT", "71") + item("I.WT", "72")))
    )
    table, findings = read(tmp_path, document(data))
    assert table.frame["WEIGHT"].tolist() == ["72"]
    assert found(findings, "R2A-SRC-015") == [(1, "WEIGHT", "70"), (1, "WEIGHT", "71")]
    assert not [n for n in table.notes if "replaced" in n]


def test_one_record_twice_in_a_snapshot(tmp_path):
    """Both rows stay: which one is right is for the checks of duplicates, and for the site, to say."""
    data = clinical(subject(group("1", item("I.WT", "70")) + group("1", item("I.WT", "75"))))
    table, findings = read(tmp_path, document(data))
    assert table.frame["WEIGHT"].tolist() == ["70", "75"]
    assert [r for r, _, _ in found(findings, "R2A-SRC-017")] == [2]
    assert "as record 1; both kept" in messages(findings, "R2A-SRC-017")[0]


def test_a_null_with_a_value(tmp_path):
    data = clinical(subject(group("1", '<ItemData ItemOID="I.WT" Value="70" IsNull="Yes"/>')))
    table, findings = read(tmp_path, document(data))
    assert table.frame["WEIGHT"].tolist() == [""]
    assert found(findings, "R2A-SRC-018") == [(1, "WEIGHT", "70")]


# faults


def test_text_is_text(tmp_path):
    data = clinical(subject(group("1", item("I.POS", "&lt;b&gt; &amp; &#x4E2D; NA")), key="=cmd()"))
    table, _ = read(tmp_path, document(data))
    assert table.frame["POSITION"].tolist() == ["<b> & 中 NA"]
    assert table.frame["SubjectKey"].tolist() == ["=cmd()"]


def test_encodings(tmp_path):
    data = clinical(subject(group("1", item("I.POS", "Fièvre"))))
    text = document(data)
    for encoding, declared in (("utf-8-sig", "UTF-8"), ("utf-16", "UTF-16"), ("cp1252", "windows-1252")):
        content = text.replace('encoding="UTF-8"', f'encoding="{declared}"').encode(encoding)
        table, _ = read(tmp_path, content)
        assert table.frame["POSITION"].tolist() == ["Fièvre"]
        assert text.splitlines()[int(table.line[0]) - 1].startswith("<ItemGroupData")
    assert read(tmp_path, text.encode("cp1252"), encoding="cp1252")[0].frame["POSITION"].tolist() == ["Fièvre"]
    refusal = refused(tmp_path, text.encode("cp1252"))
    assert "the bytes are not in the encoding that the XML declaration names" in refusal
    assert refusal.startswith(f"s.xml:{text[: text.index('Fiè')].count(chr(10)) + 1}:")
    wrong = text.replace('encoding="UTF-8"', 'encoding="utf-7"')
    assert "names the encoding 'utf-7', which cannot be read" in refused(tmp_path, wrong)


BOMB = '<!DOCTYPE ODM [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: "", "s.xml: the file is empty (0 bytes)"),
        (lambda t: "SITE,SUBJ\n01,001\n", "s.xml:1:1: not XML: an element was expected, and 'SITE,SUBJ' was found"),
        (lambda t: "<?xml version='1.0'?>\n\n", "s.xml:3:1: not XML: an element was expected, and 'nothing' was found"),
        (lambda t: t[: len(t) // 2], "the file does not end with </ODM>, so it is cut short"),
        (lambda t: t.replace("?>\n", "?>\n" + BOMB), "s.xml:2:1: a document type declaration (DOCTYPE)"),
        (lambda t: t.replace("?>\n", "?>\n<!-- <!ELEMENT -->\n" + BOMB), "s.xml:3:1: a document type declaration"),
        (lambda t: t.replace("?>\n", '?>\n<!--x-->\n<!DOCTYPE ODM SYSTEM "http://x/odm.dtd">'), "s.xml:3:1: a document type"),
        (lambda t: t.replace("Value=\" 70.50 \"", 'Value="&secret;"'), "not well-formed XML (Entity 'secret' not defined)"),
        (lambda t: t.replace("<ODM ", "<XML ").replace("</ODM>", "</XML>"), "s.xml:2: the root element is <XML>"),
        (lambda t: t.replace("odm/v1.3", "odm/v2.0"), "s.xml:2: <ODM> has the namespace 'http://www.cdisc.org/ns/odm/v2.0'"),
        (lambda t: t.replace('xmlns="http://www.cdisc.org/ns/odm/v1.3"', ""), "s.xml:2: <ODM> has no namespace"),
        (lambda t: t.replace('"1.3.2"', '"1.4"'), "s.xml:2: ODMVersion is '1.4'"),
        (lambda t: t.replace('"Snapshot"', '"Delta"'), "s.xml:2: FileType is 'Delta'; Snapshot or Transactional"),
        (lambda t: t.replace("</FormData>", "", 1), "s.xml:37:18: not well-formed XML (Opening and ending tag mismatch: FormData line 25 and StudyEventData)"),
        (lambda t: t.replace('Value="1"', 'Value="1" TransactionType="Delete"'), "<ItemData>: TransactionType is 'Delete'"),
    ],
)  # fmt: skip
def test_faults(tmp_path, change, message):
    text = refused(tmp_path, change(document(DATA)))
    assert message in text
    assert len(text) < 500


def test_a_truncated_file_is_placed(tmp_path):
    whole = document(DATA)
    cut = whole[: whole.index('Value=" 70')]
    line = cut.count("\n") + 1
    assert refused(tmp_path, cut).startswith(f"s.xml:{line}:")


def test_nearest_names(tmp_path):
    assert "has no item group 'IG.VX' (did you mean 'IG.VS'?)" in refused(tmp_path, document(DATA), "IG.VX")
    assert "has no form 'F.VSX' (did you mean 'F.VS'?)" in refused(tmp_path, document(DATA), None, form="F.VSX")
    with pytest.raises(UsageError, match="names is 'label'"):
        SourceOptions("s.xml", names="label")


def test_a_file_is_parsed_once_for_several_sources(tmp_path):
    (tmp_path / "s.xml").write_text(document(DATA))
    parsed = ParsedFiles()
    first = read_source("vs", tmp_path, SourceOptions("s.xml", item_group="IG.VS"), Findings(), parsed)
    (tmp_path / "s.xml").write_text("<changed/>")
    second = read_source("hd", tmp_path, SourceOptions("s.xml", item_group="IG.HD"), Findings(), parsed)
    assert second.frame["VS_DT"].tolist() == ["2021-02-01"]
    assert second.sha256 == first.sha256


def test_lines_beyond_what_the_parser_counts(tmp_path):
    """libxml2 keeps lines in 16 bits."""
    filler = "\n" * 70_000
    data = clinical(
        subject(group("1", item("I.WT", "70")) + filler + group("2") + "<!-- <ItemGroupData/> -->" + group("3"))
    )
    table, _ = read(tmp_path, document(data))
    assert np.diff(table.line).tolist() == [70_001, 1]


def test_lines_of_elements(tmp_path):
    text = """\
    <a><!-- <G/> --><G/>
    <p:G x='1'/><![CDATA[
    <G>]]><Gx/><?pi <G> ?>
    <G
    />"""
    (tmp_path / "a.xml").write_text(textwrap.dedent(text))
    assert element_lines(tmp_path / "a.xml", "G").tolist() == [1, 2, 4]


OPERATIONS = st.lists(
    st.tuples(
        st.sampled_from(["1", "2", "3"]),  # repeat key
        st.sampled_from(["Insert", "Update", "Upsert", "Remove"]),
        st.lists(
            st.tuples(st.sampled_from(["I.WT", "I.POS"]), st.sampled_from(["", "1", "2"]), st.booleans()), max_size=3
        ),
    ),
    max_size=8,
)


@settings(max_examples=examples(50), deadline=None)
@given(operations=OPERATIONS)
def test_any_transactions_give_the_last_state(operations, tmp_path_factory):
    """Against the plainest model of them: a dict of dicts, changed one operation after the other."""
    folder = tmp_path_factory.mktemp("odm")
    state: dict[str, dict[str, str]] = {}
    built: dict[str, int] = {}
    elements = []
    for number, (repeat, kind, items) in enumerate(operations, 1):
        elements.append(
            group(repeat, "".join(item(o, v, "Remove" if gone else "Upsert") for o, v, gone in items), kind)
        )
        if kind == "Remove":
            state.pop(repeat, None)
            continue
        if repeat not in state:
            state[repeat], built[repeat] = {}, number
        for oid, value, gone in items:
            state[repeat][oid] = "" if gone else value
    table, _ = read(folder, document(clinical(subject("".join(elements))), kind="Transactional"))
    rows = zip(*(table.frame[c].tolist() for c in ("ItemGroupRepeatKey", "WEIGHT", "POSITION")), strict=True)
    expected = sorted((built[r], r, s.get("I.WT", ""), s.get("I.POS", "")) for r, s in state.items())
    assert [(n, *row) for n, row in zip(table.record.tolist(), rows, strict=True)] == expected
