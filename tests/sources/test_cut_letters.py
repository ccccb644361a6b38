"""Letters of several bytes that the width of a variable cuts, and ODM attributes that differ within one row."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyreadstat
import pytest
from raw2adam.errors import InputError
from raw2adam.findings.table import Findings
from raw2adam.sources.odm.read import read_odm
from raw2adam.sources.options import SourceOptions
from raw2adam.sources.statistical.encodings import cuts_letters
from raw2adam.sources.statistical.read import read_statistical

WRITE = {"xpt": pyreadstat.write_xport, "sav": pyreadstat.write_sav, "dta": pyreadstat.write_dta}
PADDING = {"xpt": b" ", "sav": b" ", "dta": b"\0"}


def cut(folder: Path, kind: str, encoding: str, letter: str) -> bytes:
    """A file of three rows: two letters and the first bytes of a third in five bytes, two letters, QQ."""
    path = folder / f"ae.{kind}"
    WRITE[kind](pd.DataFrame({"SUBJ": ["01", "02", "03"], "T": ["AB123", "AB12", "QQ"]}), path)
    two, pad = letter.encode(encoding), PADDING[kind]
    return (
        path.read_bytes()
        .replace(b"AB123", (two * 3)[:5])
        .replace(b"AB12" + pad, (two * 3)[: 5 // len(two) * len(two)].ljust(5, pad))
    )


@pytest.mark.parametrize("kind", ["xpt", "sav", "dta"])
@pytest.mark.parametrize(
    ("encoding", "letter"), [("cp950", "中"), ("gb18030", "中"), ("euc_kr", "가"), ("EUC-KR", "가"), ("cp932", "痛")]
)
def test_a_letter_cut_by_the_width_of_its_variable_is_a_finding(tmp_path, kind, encoding, letter):
    (tmp_path / f"ae.{kind}").write_bytes(cut(tmp_path, kind, encoding, letter))
    findings = Findings()
    options = SourceOptions(file=f"ae.{kind}", format=kind, encoding=encoding)
    table = read_statistical("ae", tmp_path / f"ae.{kind}", options, findings)
    assert table.frame["T"].tolist() == [letter * 2, letter * 2, "QQ"]
    reported = findings.frame()
    assert reported[["rule", "row", "column"]].to_numpy().tolist() == [["R2A-SRC-042", 1, "T"]]
    assert encoding in reported["message"][0]


@pytest.mark.parametrize(
    ("named", "encoding", "letter"), [("CP949", "cp949", "가"), ("CP936", "gbk", "中"), ("EUCKR", "euc_kr", "가")]
)
def test_a_letter_cut_in_the_encoding_that_an_spss_file_names_is_a_finding(tmp_path, named, encoding, letter):
    page = {"CP949": 949, "CP936": 936, "EUCKR": 51949}[named]
    content = cut(tmp_path, "sav", encoding, letter).replace(b"UTF-8", named.encode())
    (tmp_path / "ae.sav").write_bytes(content.replace((65001).to_bytes(4, "little"), page.to_bytes(4, "little")))
    findings = Findings()
    table = read_statistical("ae", tmp_path / "ae.sav", SourceOptions(file="ae.sav"), findings)
    assert table.frame["T"].tolist() == [letter * 2, letter * 2, "QQ"]
    assert findings.frame()[["rule", "row", "column"]].to_numpy().tolist() == [["R2A-SRC-042", 1, "T"]]


@pytest.mark.parametrize("kind", ["xpt", "sav"])
def test_a_letter_of_utf8_that_is_cut_is_a_finding(tmp_path, kind):
    (tmp_path / f"ae.{kind}").write_bytes(cut(tmp_path, kind, "utf-8", "中"))
    findings = Findings()
    table = read_statistical("ae", tmp_path / f"ae.{kind}", SourceOptions(file=f"ae.{kind}"), findings)
    assert table.frame["T"].tolist() == ["中", "中", "QQ"]
    assert findings.frame()[["rule", "row", "column"]].to_numpy().tolist() == [["R2A-SRC-042", 1, "T"]]


def test_a_stata_file_with_a_cut_letter_of_utf8_is_refused_with_what_may_be_wrong(tmp_path):
    (tmp_path / "ae.dta").write_bytes(cut(tmp_path, "dta", "utf-8", "中"))
    with pytest.raises(InputError, match=r"ae\.dta: .*the width of a variable cuts a letter"):
        read_statistical("ae", tmp_path / "ae.dta", SourceOptions(file="ae.dta"), Findings())


@pytest.mark.parametrize(
    ("name", "several"),
    [
        ("windows-949", True),
        ("windows-950", True),
        ("UTF-8", True),
        ("windows-1252", False),
        ("x-none", False),
        (None, False),
    ],
)
def test_which_encodings_have_letters_of_several_bytes(name, several):
    assert cuts_letters(name) is several


ODM = """<?xml version="1.0"?><ODM xmlns="http://www.cdisc.org/ns/odm/v1.3" xmlns:v="http://example.org/v"
 ODMVersion="1.3.2" FileType="Snapshot" FileOID="f" CreationDateTime="2024-01-01T00:00:00">
<ClinicalData StudyOID="S" MetaDataVersionOID="1"><SubjectData SubjectKey="01"><StudyEventData StudyEventOID="E">
<FormData FormOID="F" v:Status="done"><ItemGroupData ItemGroupOID="G"><ItemData ItemOID="A" Value="a"/></ItemGroupData>
</FormData><FormData FormOID="F" v:Status="SECOND"><ItemGroupData ItemGroupOID="H"><ItemData ItemOID="B" Value="b"/>
</ItemGroupData></FormData></StudyEventData></SubjectData></ClinicalData></ODM>"""


@pytest.mark.parametrize(("second", "expected"), [("open", [["R2A-ODM-004", "open", "Status"]]), ("done", [])])
def test_an_attribute_that_differs_within_one_row_is_a_finding(tmp_path, second, expected):
    (tmp_path / "o.xml").write_text(ODM.replace("SECOND", second))
    findings = Findings()
    table = read_odm(
        "f", tmp_path / "o.xml", SourceOptions(file="o.xml", format="odm", form=("F",), rows="form"), findings
    )
    assert table.frame[["A", "B", "Status"]].to_numpy().tolist() == [["a", "b", "done"]]
    reported = findings.frame()
    assert reported.loc[reported["rule"] == "R2A-ODM-004", ["rule", "value", "column"]].to_numpy().tolist() == expected
