"""Letters of several bytes that the width of a variable cuts, and ODM attributes that differ within one row."""

from __future__ import annotations

import pandas as pd
import pyreadstat
import pytest
from raw2adam.findings.table import Findings
from raw2adam.sources.odm.read import read_odm
from raw2adam.sources.options import SourceOptions
from raw2adam.sources.statistical.read import read_statistical


@pytest.mark.parametrize(
    ("encoding", "letter"), [("cp950", "中"), ("gb18030", "中"), ("euc_kr", "가"), ("EUC-KR", "가"), ("cp932", "痛")]
)
def test_a_letter_cut_by_the_width_of_its_variable_is_a_finding(tmp_path, encoding, letter):
    path = tmp_path / "ae.xpt"
    pyreadstat.write_xport(pd.DataFrame({"SUBJ": ["01", "02", "03"], "T": ["AB123", "AB12", "QQ"]}), path)
    two = letter.encode(encoding)
    path.write_bytes(path.read_bytes().replace(b"AB123", two * 2 + two[:1]).replace(b"AB12 ", two * 2 + b" "))
    findings = Findings()
    table = read_statistical("ae", path, SourceOptions(file="ae.xpt", format="xpt", encoding=encoding), findings)
    assert table.frame["T"].tolist() == [letter * 2, letter * 2, "QQ"]
    told = findings.frame()
    assert told[["rule", "row", "column"]].to_numpy().tolist() == [["R2A-SRC-042", 1, "T"]]
    assert encoding in told["message"][0]


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
    told = findings.frame()
    assert told.loc[told["rule"] == "R2A-ODM-004", ["rule", "value", "column"]].to_numpy().tolist() == expected
