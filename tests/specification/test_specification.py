"""A define.xml as an Excel specification and back: equal content, the cells that teams read, and differences."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest
from kit.command import raw2adam
from kit.define_sample import HEAD, WHOLE
from raw2adam.define.content import (
    Check,
    CodedTerm,
    DefineContent,
    DocumentReference,
    ItemOrigin,
    PageReference,
    WhereClause,
)
from raw2adam.define.differences import counted, dangling, differences
from raw2adam.define.reading import read_define
from raw2adam.define.writing import define_of_content
from raw2adam.errors import OutputError
from raw2adam.specification.content_rows import specification_rows
from raw2adam.specification.element_rows import value_cell
from raw2adam.specification.pages import document_cells, page_references, references_of
from raw2adam.specification.read_content import read_content
from raw2adam.specification.read_elements import values_of
from raw2adam.specification.workbook import read_specification, specification_bytes

DAY = dt.datetime(2026, 1, 31)
HOSTILE = ['=HYPERLINK("http://x","y")', "=1+1", "+1", "@SUM(A1)", "#N/A", "_x0041_", "a\nb", "<b>&amp;", "'quoted"]


def _whole() -> DefineContent:
    """The sample with what else a define.xml may have."""
    content = read_define(WHOLE.encode())
    (dataset,) = content.datasets
    (code, value, gone) = dataset.items
    pages = (
        PageReference("PhysicalRef", first="4", last="9"),
        PageReference("NamedDestination", "12"),
        PageReference("NamedDestination", "Sec 4", title="Section; 4"),
    )
    origin = ItemOrigin("Collected", "Subject", "Diary", (DocumentReference("LF.guide", pages),))
    items = (
        dataclasses.replace(code, origins=(*code.origins, origin), sas_name="CODE"),
        dataclasses.replace(value, method="MT.2", origins=(ItemOrigin("Predecessor", text="LB.LBSTRESN"),)),
        dataclasses.replace(gone, name="DTYPE", data_type="text", key="3", role_codelist="CL.P", non_standard=True),
    )
    where = WhereClause(
        "WC.2",
        (Check("IT.PARAMCD", "NOTIN", ("a, b", 'say "x"', ""), "Hard"), Check("IT.AVAL", "EQ", (" ",), "Soft")),
        "COM.1",
    )
    (first,) = content.value_lists["VL.AVAL"]
    second = dataclasses.replace(
        first, oid="IT.AVAL.2", where=("WC.1", "WC.2"), order="2", method="", origins=(ItemOrigin("Derived"),)
    )
    terms = (CodedTerm("1", rank="1", order="1", aliases=(("Sponsor", "X=1"),)), CodedTerm("", order="2"))
    numbers = dataclasses.replace(content.codelists["CL.D"], oid="CL.N", name="N", dictionary="", terms=terms)
    numbers = dataclasses.replace(numbers, dictionary_version="", dictionary_href="", decoded=True)
    method = dataclasses.replace(
        content.methods["MT.1"], oid="MT.2", expressions=(("SAS", " x;"), ("R", "y\n")), documents=(content.crf[0],)
    )
    return dataclasses.replace(
        content,
        odm={"ODMVersion": "1.3.2", "FileType": "Snapshot", "FileOID": "F", "CreationDateTime": content.created},
        unresolved=(),
        translations={"ja": {"PFS": "無増悪生存期間"}},
        datasets=(dataclasses.replace(dataset, items=items, sas_name="ADTTE", domain="ADTTE"),),
        where={**content.where, "WC.2": where},
        value_lists={"VL.AVAL": (first, second)},
        codelists={**content.codelists, "CL.N": numbers},
        methods={**content.methods, "MT.2": method, "2": dataclasses.replace(method, oid="2", text="; ".join(HOSTILE))},
    )


def _again(content: DefineContent, folder) -> DefineContent:
    path = folder / "spec.xlsx"
    path.write_bytes(specification_bytes(specification_rows(content), DAY))
    found, reader = read_content(read_specification(path, path.name))
    assert reader.problems == []
    assert reader.sheets.unread == []
    return found


@pytest.fixture(scope="module")
def whole() -> DefineContent:
    return _whole()


def test_a_define_xml_is_written_as_it_was_read(whole):
    assert read_define(define_of_content(whole)) == whole


def test_define_xml_of_version_2_0(tmp_path):
    text = (
        HEAD.format(version="2.0")
        + """<Study OID="S"><GlobalVariables><StudyName>S1</StudyName></GlobalVariables>
<MetaDataVersion OID="MDV" Name="M" def:DefineVersion="2.0.0" def:StandardName="SDTM-IG" def:StandardVersion="3.1.2">
<ItemGroupDef OID="IG.DM" Name="DM" Domain="DM" Repeating="No" Purpose="Tabulation" def:Class="SPECIAL PURPOSE"><ItemRef ItemOID="IT.SEX" OrderNumber="1" Mandatory="Yes"/></ItemGroupDef>
<ItemDef OID="IT.SEX" Name="SEX" DataType="text" Length="1"><def:Origin Type="CRF"/></ItemDef>
</MetaDataVersion></Study></ODM>"""
    )
    content = read_define(define_of_content(read_define(text.encode())))
    assert differences(read_define(text.encode()), content) == []
    assert read_define(define_of_content(content)) == content
    assert _again(content, tmp_path) == content


def test_an_excel_specification_has_all_of_define_xml(whole, tmp_path):
    found = _again(whole, tmp_path)
    assert found == whole
    assert differences(whole, found) == []


def test_the_cells_that_a_team_reads(whole):
    rows = specification_rows(whole)
    assert rows["Datasets"][0]["Key Variables" if "Key Variables" in rows["Datasets"][0] else "Dataset"] == "ADTTE"
    code, value, _ = rows["Variables"]
    assert (code["Codelist"], code["Origin"], code["Source"], code["Pages"]) == (
        "P",
        "Collected",
        "Investigator",
        "3 5",
    )
    assert (value["Comment"], value["Predecessor"], value["OID"]) == ("1", "LB.LBSTRESN", "IT.AVAL")
    assert rows["ValueLevel"][1]["Where Clause"] == "1\n2"
    assert rows["WhereClauses"][0] == {
        "ID": "1", "Dataset": "ADTTE", "Variable": "PARAMCD", "Comparator": "IN", "Value": "PFS, OS",
    }  # fmt: skip
    assert rows["Dictionaries"][0]["Version"] == "28.0"
    assert [r["Role"] for r in rows["Documents"]] == ["AnnotatedCRF", "SupplementalDoc"]
    assert [r.get("Name", "") for r in rows["Methods"]] == ["M", "M", "", "M", ""]  # a row for each expression


def test_text_is_never_a_formula(whole, tmp_path):
    import openpyxl

    path = tmp_path / "spec.xlsx"
    comments = {
        f"COM.{i}": dataclasses.replace(whole.comments["COM.1"], oid=f"COM.{i}", text=t) for i, t in enumerate(HOSTILE)
    }
    content = dataclasses.replace(whole, comments={**comments, "COM.1": whole.comments["COM.1"]})
    assert _again(content, tmp_path) == content
    cells = [c for row in openpyxl.load_workbook(path)["Comments"].iter_rows() for c in row if c.value is not None]
    assert {c.data_type for c in cells} == {"s"}


def test_the_bytes_depend_on_the_content_only(whole):
    rows = specification_rows(whole)
    assert specification_bytes(rows, DAY) == specification_bytes(specification_rows(_whole()), DAY)


@pytest.mark.parametrize(
    ("comparator", "values", "cell"),
    [
        ("EQ", ("A, B",), "A, B"),
        ("EQ", (" ",), '" "'),
        ("EQ", ("",), ""),
        ("IN", ("A",), "A"),
        ("IN", ("A", "B"), "A, B"),
        ("IN", ("A, B", "C"), '"A, B",C'),
        ("NOTIN", ('say "x"', ""), '"say ""x""",'),
    ],
)
def test_values_of_conditions(comparator, values, cell):
    assert value_cell(comparator, values) == cell
    assert values_of(comparator, cell) == values


@pytest.mark.parametrize(
    ("cell", "pages"),
    [
        ("12", (PageReference("PhysicalRef", "12"),)),
        ("12, 14", (PageReference("PhysicalRef", "12 14"),)),
        ("4-9", (PageReference("PhysicalRef", first="4", last="9"),)),
        ("Section_4", (PageReference("NamedDestination", "Section_4"),)),
        ('NamedDestination:12 "Twelve"', (PageReference("NamedDestination", "12", title="Twelve"),)),
        ("PhysicalRef:iv", (PageReference("PhysicalRef", "iv"),)),
        ("1 2; Sec", (PageReference("PhysicalRef", "1 2"), PageReference("NamedDestination", "Sec"))),
    ],
)
def test_pages_of_documents(cell, pages):
    assert page_references(cell) == pages
    ids = {"LF.a": "a", "LF.b": "b"}
    references = (DocumentReference("LF.b"), DocumentReference("LF.a", pages))
    assert references_of(*document_cells(references, ids), {"a": "LF.a", "b": "LF.b"}) == references


def test_differences_name_element_and_field(whole):
    methods = {**whole.methods, "MT.2": dataclasses.replace(whole.methods["MT.2"], text="Corrected.")}
    terms = (dataclasses.replace(whole.codelists["CL.P"].terms[0], decode="Progression-free"),)
    other = dataclasses.replace(
        whole,
        methods=methods,
        codelists={**whole.codelists, "CL.P": dataclasses.replace(whole.codelists["CL.P"], terms=terms)},
    )
    found = differences(whole, other)
    assert [str(d) for d in found] == [
        "Variable ADTTE.AVAL, Method: 'First line.\\nSecond line.' -> 'Corrected.'",
        "Term Parameter [PFS], Decode: 'Progression' -> 'Progression-free'",
        "Term Parameter [OS]: only in the first",
    ]
    assert counted(found) == {("Variable", "Method"): 1, ("Term", "Decode"): 1, ("Term", ""): 1}
    assert dangling(dataclasses.replace(whole, methods={})) == [
        "ADTTE.AVAL refers to the method MT.2, which is not there",
        "ADTTE.AVAL refers to the method MT.1, which is not there",
    ]


def test_the_commands(tmp_path):
    (tmp_path / "define.xml").write_text(WHOLE, encoding="utf-8")
    done = raw2adam("define", "export", "define.xml", "--out", "spec.xlsx", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "spec.xlsx: written, read again: equal to define.xml\n")
    done = raw2adam("define", "export", "spec.xlsx", "--out", "again.xml", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert raw2adam("define", "diff", "define.xml", "again.xml", cwd=tmp_path).stdout == "0 differences\n"
    other = WHOLE.replace("See the guide.", "See section 4.")
    (tmp_path / "other.xml").write_text(other, encoding="utf-8")
    done = raw2adam("define", "diff", "spec.xlsx", "other.xml", "--show", "1", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stdout.splitlines() == [
        "Standard ADaMIG, Comment: 'See the guide.' -> 'See section 4.'",
        "and 1 more; --show 0 prints all",
        "     1  Standard, Comment",
        "     1  Variable, Comment",
        "2 differences",
    ]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["again.xml", "define.xml", "other.xml", "spec.xlsx"]


def test_a_text_longer_than_a_cell_is_refused(whole):
    comments = {"COM.1": dataclasses.replace(whole.comments["COM.1"], text="x" * 32_768)}
    rows = specification_rows(dataclasses.replace(whole, comments=comments))
    with pytest.raises(
        OutputError, match=r"^Comments, row 2, Description: 32768 characters; a cell of Excel holds 32767$"
    ):
        specification_bytes(rows, DAY)
