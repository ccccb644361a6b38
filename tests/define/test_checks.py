"""define.xml against the schema, the folder it lies in and the transport files: each kind of mistake is found.

Not for what define.xml says of a spec (test_define_document).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pandas as pd
import pyreadstat
import pytest
from raw2adam.define import checks, installed_schemas, page
from raw2adam.define.checks import define_against_data, unresolved_leaves, xsd_problems
from raw2adam.define.document import DefineDataset, DefineStudy, define_xml
from raw2adam.engine.tables.dataset import DatasetMetadata, VariableMetadata
from raw2adam.errors import OutputError

STUDY = DefineStudy("S", "S", "A study", "S", (), datetime(2025, 12, 31))
DM = DatasetMetadata(
    "DM",
    "Demographics",
    (VariableMetadata("USUBJID", "Unique Subject Identifier", length=6), VariableMetadata("AGE", "Age", "integer", 8)),
    ("USUBJID",),
    "Special Purpose",
    "One record per subject",
    standard="SDTMIG 3.4",
)


def write(folder: Path, name: str = "dm.xpt", table: str = "DM", label: str = "Demographics", **columns) -> None:
    frame = pd.DataFrame(columns or {"USUBJID": ["S-0001"], "AGE": [61.0]})
    labels = [{"USUBJID": "Unique Subject Identifier", "AGE": "Age"}.get(c, c) for c in frame]
    pyreadstat.write_xport(
        frame, str(folder / name), table_name=table, file_label=label, column_labels=labels, file_format_version=5
    )


def defined(spec: DatasetMetadata = DM, records: int = 1, file: str = "dm.xpt") -> bytes:
    return define_xml(STUDY, [DefineDataset(spec, records, {}, file)])


def test_a_define_that_describes_its_folder_has_no_differences(tmp_path):
    write(tmp_path)
    assert define_against_data(defined(), tmp_path) == []
    assert unresolved_leaves(defined(), tmp_path) == []


def test_a_dataset_without_records_needs_no_file(tmp_path):
    assert define_against_data(defined(records=0), tmp_path) == []
    assert unresolved_leaves(defined(records=0), tmp_path) == []


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        (
            {"AGE": [61.0], "USUBJID": ["S-0001"]},
            ["DM: order USUBJID, AGE in define.xml, AGE, USUBJID in dm.xpt"],
        ),
        ({"USUBJID": ["S-0001"]}, ["DM: AGE is in define.xml, not in dm.xpt"]),
        (
            {"USUBJID": ["S-0001"], "AGE": [61.0], "SEX": ["F"]},
            ["DM: SEX is in dm.xpt, not in define.xml"],
        ),
        ({"USUBJID": ["S-00001"], "AGE": [61.0]}, ["DM: USUBJID: length 6 in define.xml, 7 in dm.xpt"]),
        (
            {"USUBJID": ["S-0001"], "AGE": ["61 years"]},
            ["DM: AGE: integer in define.xml, character in dm.xpt"],
        ),
    ],
)
def test_variables_order_type_and_length_are_compared(tmp_path, columns, expected):
    write(tmp_path, **columns)
    assert define_against_data(defined(), tmp_path) == expected


def test_names_and_labels_are_compared(tmp_path):
    write(tmp_path, table="DX", label="Demography")
    variables = (replace(DM.variables[0], label="Subject"), DM.variables[1])
    assert define_against_data(defined(replace(DM, variables=variables)), tmp_path) == [
        "DM: define.xml calls the dataset 'DM', dm.xpt 'DX'",
        "DM: label 'Demographics' in define.xml, 'Demography' in dm.xpt",
        "DM: USUBJID: label 'Subject' in define.xml, 'Unique Subject Identifier' in dm.xpt",
    ]


def test_a_file_that_define_does_not_know_is_named(tmp_path):
    write(tmp_path)
    (tmp_path / "more").mkdir()
    write(tmp_path / "more", "ae.xpt")
    assert define_against_data(defined(), tmp_path) == ["more/ae.xpt: define.xml has no dataset with this file"]


def test_a_file_that_is_no_transport_file_is_named(tmp_path):
    for content in (b"", b"not a transport file", b"HEADER RECORD*******LIBRARY"):
        (tmp_path / "dm.xpt").write_bytes(content)
        problems = define_against_data(defined(), tmp_path)
        assert len(problems) == 1, content
        assert problems[0].startswith("DM: dm.xpt cannot be read as a SAS transport file: ")


def test_a_leaf_without_its_file_is_named_with_its_line(tmp_path):
    xml = defined()
    line = 1 + xml[: xml.index(b"<def:leaf")].count(b"\n")
    assert unresolved_leaves(xml, tmp_path) == [f"{line}: def:leaf LF.DM: 'dm.xpt' is not there"]
    assert define_against_data(xml, tmp_path) == ["DM: 'dm.xpt' is not there"]
    (tmp_path / "dm.xpt").mkdir()
    assert unresolved_leaves(xml, tmp_path) == [f"{line}: def:leaf LF.DM: 'dm.xpt' is not a file"]


def test_upper_and_lower_case_of_a_leaf_count(tmp_path):
    write(tmp_path, "DM.xpt")
    assert [p.split(": ", 1)[1] for p in unresolved_leaves(defined(), tmp_path)] == [
        "def:leaf LF.DM: 'dm.xpt' is not there"
    ]


@pytest.mark.parametrize("href", ["https://example.org/dm.xpt", "../dm.xpt", "/dm.xpt", "split/../../dm.xpt", ""])
def test_a_leaf_that_leads_out_of_the_folder_is_not_followed(tmp_path, href):
    inner = tmp_path / "inner"
    inner.mkdir()
    write(tmp_path)
    xml = defined().replace(b'xlink:href="dm.xpt"', f'xlink:href="{href}"'.encode())
    (problem,) = unresolved_leaves(xml, inner)
    assert problem.endswith("is not a file beside define.xml")


def test_a_leaf_below_the_folder_resolves(tmp_path):
    (tmp_path / "split").mkdir()
    write(tmp_path / "split")
    xml = defined(file="split/dm.xpt")
    assert unresolved_leaves(xml, tmp_path) == []
    assert define_against_data(xml, tmp_path) == []


@pytest.mark.parametrize(
    ("old", "new", "part"),
    [
        (b'Repeating="No"', b'Repeating="Maybe"', "Maybe"),
        (b'DataType="integer"', b'DataType="number"', "number"),
        (b'<def:Class Name="SPECIAL PURPOSE"/>', b"<Nonsense/>", "Nonsense"),
        (b' def:DefineVersion="2.1.0"', b"", "DefineVersion"),
        (b' Status="Final"', b"", "Status"),
    ],
)
def test_the_schema_finds_a_mistake_and_its_line(old, new, part):
    xml = defined()
    assert xsd_problems(xml) == []
    assert xml.count(old) >= 1
    problems = xsd_problems(xml.replace(old, new, 1))
    line = 1 + xml[: xml.index(old)].count(b"\n")
    assert problems[0].startswith(f"{line}: ")
    assert part in problems[0]


@pytest.mark.parametrize("xml", [b"", b"<ODM>", b"not xml", defined()[:500], b"\xff\xfe\x00", defined() + b"<x/>"])
def test_what_is_not_xml_is_refused_with_its_line(xml):
    for use in (xsd_problems, page.define_html, lambda text: unresolved_leaves(text, Path())):
        with pytest.raises(OutputError, match=r"^define\.xml:\d+:\d+: not well-formed XML"):
            use(xml)


def test_a_missing_package_is_named(monkeypatch):
    monkeypatch.setattr(installed_schemas, "find_spec", lambda name: None)
    checks._schema.cache_clear()
    try:
        with pytest.raises(OutputError, match="comes with the Python package defineutils"):
            xsd_problems(defined_once)
        with pytest.raises(OutputError, match="comes with the Python package defineutils"):
            page.stylesheet()
    finally:
        checks._schema.cache_clear()


defined_once = defined()
