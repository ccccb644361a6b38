"""ODM-XML as vendors write it: attributes of their own, parts without an OID, item groups side by side in a row."""

from __future__ import annotations

from pathlib import Path

import pytest
from raw2adam.errors import InputError, UsageError
from raw2adam.findings.table import Findings
from raw2adam.sources.read import SourceOptions, read_source
from raw2adam.sources.table import RawTable

HEAD = (
    '<ODM xmlns="http://www.cdisc.org/ns/odm/v1.3" xmlns:v="urn:vendor" xmlns:w="urn:other" ODMVersion="1.3" '
    'FileType="{}" FileOID="F" CreationDateTime="2021-01-01T00:00:00">\n'
)
META = """\
<Study OID="S"><MetaDataVersion OID="1" Name="1">
<FormDef OID="F" Name="f" Repeating="Yes"><ItemGroupRef ItemGroupOID="A"/><ItemGroupRef ItemGroupOID="B"/></FormDef>
<ItemGroupDef OID="A" Name="a" Repeating="No"><ItemRef ItemOID="TERM"/></ItemGroupDef>
<ItemGroupDef OID="B" Name="b" Repeating="No"><ItemRef ItemOID="START"/><ItemRef ItemOID="STATUS"/></ItemGroupDef>
<ItemDef OID="TERM" Name="Term" DataType="text"/><ItemDef OID="START" Name="Start" DataType="date"/>
<ItemDef OID="STATUS" Name="Status" DataType="text"/>
</MetaDataVersion></Study>
"""


def read(folder: Path, data: str, kind: str = "Snapshot", meta: str = META, **options) -> tuple[RawTable, Findings]:
    text = f"{HEAD.format(kind)}{meta}<ClinicalData StudyOID='S' MetaDataVersionOID='1'>\n{data}</ClinicalData></ODM>\n"
    (folder / "o.xml").write_text(text, "utf-8")
    findings = Findings()
    return read_source("s", folder, SourceOptions("o.xml", **options), findings), findings


def columns(table: RawTable, *names: str) -> list[list[str]]:
    return [table.frame[n].tolist() for n in names]


def found(findings: Findings, rule: str) -> list[str]:
    table = findings.frame()
    return table.loc[table["rule"] == rule, "message"].tolist()


def group(oid: str, more: str = "", **items: str) -> str:
    cells = "".join(f'<ItemData ItemOID="{k}" Value="{v}"/>' for k, v in items.items())
    return f'<ItemGroupData ItemGroupOID="{oid}" {more}>{cells}</ItemGroupData>\n'


def page(*groups: str, key: str = "1", more: str = "") -> str:
    repeat = f'FormRepeatKey="{key}"' if key else ""
    return f'<FormData FormOID="F" {repeat} {more}>{"".join(groups)}</FormData>\n'


def subject(*pages: str, key: str = "01", more: str = "", event: str = "") -> str:
    return (
        f'<SubjectData SubjectKey="{key}" {more}><StudyEventData StudyEventOID="E" {event}>{"".join(pages)}'
        "</StudyEventData></SubjectData>\n"
    )


# attributes of vendors


def test_attributes_are_columns_of_every_item_group_below(tmp_path):
    data = subject(
        page(group("A", TERM="Rash"), more='v:Visitor="kw"'),
        more='v:SubjectName="101-7" v:Sex="m"',
        event='v:StartDate="2021-03-04" v:Empty=""',
    ) + subject(page(group("A", TERM="Cough")), key="02")
    table, _ = read(tmp_path, data, item_group="A")
    assert columns(table, "SubjectName", "Sex", "StartDate", "Visitor", "Term") == [
        ["101-7", ""], ["m", ""], ["2021-03-04", ""], ["kw", ""], ["Rash", "Cough"],
    ]  # fmt: skip
    assert "Empty" not in table.frame.columns
    assert table.shared_columns == {"SubjectName", "Sex", "StartDate", "Visitor"}
    assert list(table.frame.columns)[8:] == ["SubjectName", "Sex", "StartDate", "Visitor", "Term"]


def test_attributes_of_one_name_at_several_levels_have_different_columns(tmp_path):
    data = subject(
        page(group("A", 'v:Lock="g"', TERM="Rash"), group("B", STATUS="open")),
        more='v:State="in" v:Version="1" w:Version="2"',
        event='v:State="done" v:Status="signed"',
    )
    table, _ = read(tmp_path, data, item_group="A")
    assert columns(table, "SubjectData.State", "StudyEventData.State", "Status", "Lock") == [
        ["in"], ["done"], ["signed"], ["g"],
    ]  # fmt: skip
    assert columns(table, "SubjectData.v:Version", "SubjectData.w:Version") == [["1"], ["2"]]
    table, _ = read(tmp_path, data, item_group="B")  # an item is called Status
    assert columns(table, "StudyEventData.Status", "Status") == [["signed"], ["open"]]
    assert "Lock" not in table.frame.columns


def test_a_row_of_a_snapshot_has_the_attributes_of_its_page(tmp_path):
    pages = page(group("A", TERM="Rash"), key="", more='v:Seen="d1"') + page(
        group("A", TERM="Cough"), key="", more='v:Seen="d2"'
    )
    data = subject(pages, more='v:Sex="f"') + subject(page(group("A", TERM="Fever")))  # the subject goes on
    table, _ = read(tmp_path, data, item_group="A")
    assert columns(table, "Seen", "Sex") == [["d1", "d2", ""], ["f", "f", "f"]]


def test_a_row_of_a_transactional_file_has_the_last_attributes(tmp_path):
    first = subject(page(group("A", 'TransactionType="Insert"', TERM="Rash")), more='v:Name="old" v:Sex="f"')
    later = '<SubjectData SubjectKey="01" v:Name="new"/>\n'
    table, _ = read(tmp_path, first + later, "Transactional", item_group="A")
    assert columns(table, "Name", "Sex") == [["new"], ["f"]]


def test_the_study_is_a_column_where_there_are_several(tmp_path):
    one = subject(page(group("A", TERM="Rash")))
    assert "StudyOID" not in read(tmp_path, one, item_group="A")[0].frame.columns
    two = one + "</ClinicalData><ClinicalData StudyOID='S.SITE2' MetaDataVersionOID='1'>" + one
    table, _ = read(tmp_path, two, item_group="A")
    assert columns(table, "StudyOID") == [["S", "S.SITE2"]]


def test_declared_attributes_are_columns_in_every_export(tmp_path):
    cell = '<ItemData ItemOID="START" IsNull="Yes" v:Why="lost" v:Frozen="yes"/>'
    data = subject(page(f'<ItemGroupData ItemGroupOID="B">{cell}</ItemGroupData>'))
    table, _ = read(tmp_path, data, item_group="B", attributes=("Why", "Age"))
    assert columns(table, "Start", "Start.Why", "Age") == [[""], ["lost"], [""]]
    assert any("not used: attributes of items (1 v:Frozen)" in n for n in table.notes)
    plain, _ = read(tmp_path, data, item_group="B")
    assert not {"Start.Why", "Age"} & set(plain.frame.columns)
    assert any("(1 v:Frozen, 1 v:Why)" in n for n in plain.notes)


def test_comments_of_annotations_are_reported(tmp_path):
    note = "<Annotation SeqNum='1'><Comment>Taken  by\nphone</Comment><Flag/></Annotation>"
    data = subject(page(group("A", TERM="Rash").replace("</ItemGroupData>", note + "</ItemGroupData>")))
    table, findings = read(tmp_path, data, item_group="A")
    reported = findings.frame().query("rule == 'R2A-ODM-003'")
    assert reported["value"].tolist() == ["Taken by phone"] and reported["severity"].tolist() == ["warning"]
    assert "1 Annotation" in " ".join(table.notes)


# parts without an OID


def test_an_item_group_without_an_oid_does_not_refuse_the_file(tmp_path):
    data = subject(page(group("A", TERM="Rash"), group("", ASK_1="0"), group("", ASK_2="1")))
    table, findings = read(tmp_path, data, item_group="A")
    assert columns(table, "Term") == [["Rash"]]
    assert table.others == {"item group (without an OID) of form F": 2}
    (text,) = found(findings, "R2A-ODM-001")
    assert text.startswith("2 <ItemGroupData> without ItemGroupOID (line ") and "form: does" in text
    table, _ = read(tmp_path, data, form="F")
    assert columns(table, "ItemGroupOID", "Term", "ASK_1", "ASK_2") == [
        ["A", "", ""], ["Rash", "", ""], ["", "0", ""], ["", "", "1"],
    ]  # fmt: skip
    table, _ = read(tmp_path, data, form="F", rows="form")
    assert columns(table, "Term", "ASK_1", "ASK_2") == [["Rash"], ["0"], ["1"]]
    again = data.replace("ASK_2", "ASK_1")
    with pytest.raises(InputError, match="the item group without an OID occurs several times in one form page"):
        read(tmp_path, again, form="F", rows="form")


def test_values_without_an_item_oid_are_errors_and_the_rest_is_read(tmp_path):
    data = subject(page(group("A", TERM="Rash").replace("</Item", '<ItemData ItemOID="" Value="lost"/></Item')))
    table, findings = read(tmp_path, data, item_group="A")
    reported = findings.frame().query("rule == 'R2A-ODM-002'")
    assert columns(table, "Term") == [["Rash"]]
    assert reported[["severity", "value", "row"]].values.tolist() == [["error", "lost", 1]]
    empty, quiet = read(tmp_path, data.replace('"lost"', '""'), item_group="A")
    assert len(empty) == 1 and not found(quiet, "R2A-ODM-002")


def test_forms_and_subjects_without_an_oid_are_reported(tmp_path):
    data = subject(page(group("A", TERM="Rash")).replace('FormOID="F"', ""), key="")
    table, findings = read(tmp_path, data, item_group="A")
    assert columns(table, "Term", "FormOID", "SubjectKey") == [["Rash"], [""], [""]]
    assert [t.partition(" (")[0] for t in found(findings, "R2A-ODM-001")] == [
        "1 <FormData> without FormOID", "1 <SubjectData> without SubjectKey",
    ]  # fmt: skip


# item groups side by side


def test_a_form_page_is_one_row(tmp_path):
    data = subject(
        page(group("A", TERM="Rash"), group("B", START="2021-01-02")),
        page(group("B", START="2021-01-03", STATUS="open"), group("A", TERM="Cough"), key="2"),
        page(group("B", STATUS="empty"), key="3"),
    ) + subject(page(group("A", TERM="Fever")), key="02")
    table, _ = read(tmp_path, data, form="F", rows="form")
    assert list(table.frame.columns) == [
        "SubjectKey", "SiteOID", "StudyEventOID", "StudyEventRepeatKey", "FormOID", "FormRepeatKey", "Term", "Start",
        "Status",
    ]  # fmt: skip
    assert columns(table, "SubjectKey", "FormRepeatKey", "Term", "Start", "Status") == [
        ["01", "01", "01", "02"],
        ["1", "2", "3", "1"],
        ["Rash", "Cough", "", "Fever"],
        ["2021-01-02", "2021-01-03", "", ""],
        ["", "open", "empty", ""],
    ]
    assert table.record.tolist() == [1, 3, 5, 6] and table.others == {}
    assert [n for n in table.line.tolist() if not n] == []


def test_elements_of_one_form_page_go_together(tmp_path):
    """Rave writes a FormData for each item group; it stays one page."""
    data = subject(page(group("A", TERM="Rash"))) + subject(page(group("B", START="2021-01-02")))
    for kind in ("Snapshot", "Transactional"):
        table, _ = read(tmp_path, data, kind, form="F", rows="form")
        assert columns(table, "Term", "Start") == [["Rash"], ["2021-01-02"]]


def test_pages_without_a_repeat_key_are_not_mixed(tmp_path):
    data = subject(
        page(group("A", TERM="Rash"), key=""),
        page(group("A", TERM="Cough"), group("B", START="2021-01-03"), key=""),
    )
    table, findings = read(tmp_path, data, form="F", rows="form")
    assert columns(table, "Term", "Start") == [["Rash", "Cough"], ["", "2021-01-03"]]
    assert found(findings, "R2A-SRC-017")


def test_an_item_of_two_item_groups_is_two_columns(tmp_path):
    meta = META.replace('<ItemRef ItemOID="TERM"/>', '<ItemRef ItemOID="TERM"/><ItemRef ItemOID="START"/>')
    data = subject(page(group("A", TERM="Rash", START="2021-01-01"), group("B", START="2021-01-02")))
    table, _ = read(tmp_path, data, meta=meta, form="F", rows="form")
    assert columns(table, "Term", "A.Start", "B.Start") == [["Rash"], ["2021-01-01"], ["2021-01-02"]]
    table, _ = read(tmp_path, data, meta=meta, form="F")
    assert columns(table, "Start") == [["2021-01-01", "2021-01-02"]]


def test_an_item_group_that_repeats_has_no_place_in_the_row_of_its_page(tmp_path):
    data = subject(
        page(group("A", TERM="Rash"), *(group("B", f'ItemGroupRepeatKey="{i}"', START=f"2021-01-0{i}") for i in (1, 2)))
    )
    with pytest.raises(InputError) as caught:
        read(tmp_path, data, form="F", rows="form")
    text = str(caught.value)
    assert text.startswith(
        "o.xml:11: item group B occurs several times in one form page (subject 01; 1 such form pages)"
    )
    assert "a separate source (item_group: B) and name the others here (item_group: [A])" in text
    table, _ = read(tmp_path, data, form="F", item_group=("A",), rows="form")
    assert columns(table, "Term") == [["Rash"]] and table.others == {"item group B of form F": 2}


def test_item_groups_of_an_event_and_of_a_subject_side_by_side(tmp_path):
    data = subject(page(group("A", TERM="Rash")), page(group("B", STATUS="open")).replace('"F"', '"G"'))
    table, _ = read(tmp_path, data, rows="event")
    assert columns(table, "StudyEventOID", "Term", "Status") == [["E"], ["Rash"], ["open"]]
    assert "FormOID" not in table.frame.columns
    table, _ = read(tmp_path, data, rows="subject", item_group=("A", "B"))
    assert list(table.frame.columns)[:2] == ["SubjectKey", "SiteOID"] and len(table) == 1
    with pytest.raises(InputError, match="item group A occurs several times in one subject"):
        read(tmp_path, data.replace('"B"', '"A"'), rows="subject")


def test_removals_leave_the_other_item_groups_of_the_page(tmp_path):
    data = subject(page(group("A", TERM="Rash"), group("B", START="2021-01-02"))) + subject(
        page(group("B", 'TransactionType="Remove"'))
    )
    table, findings = read(tmp_path, data, "Transactional", form="F", rows="form")
    assert columns(table, "Term", "Start") == [["Rash"], [""]]
    assert len(found(findings, "R2A-SRC-013")) == 1


def test_what_a_row_is_must_be_known():
    with pytest.raises(UsageError, match="rows is 'page'; one of item_group, form, event, subject was expected"):
        SourceOptions("o.xml", rows="page")
