"""The examples of sources on the reference page are read as the page says."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pandas as pd
import pyreadstat
import pytest
from raw2adam.findings.table import Findings
from raw2adam.mappings.binding.bind import Binder
from raw2adam.mappings.models.source import SourceSpec
from raw2adam.mappings.models.source_examples import SOURCE_EXAMPLES, SourceExample
from raw2adam.mappings.yaml.read import examine_text
from raw2adam.runs.from_raw import source_options
from raw2adam.sources.cell_parts import divide
from raw2adam.sources.read import read_source


def workbook(folder: Path) -> None:
    book = openpyxl.Workbook()
    for row in (["SUBJ", "HCT"], ["01", 0.45]):
        book.worksheets[0].append(row)
    book.worksheets[0]["B2"].number_format = "0%"
    book.save(folder / "lab.xlsx")


def library(folder: Path) -> None:
    whole = b""
    for name, cells in (("DM", {"SUBJ": ["01"], "SEX": ["F"]}), ("AE", {"SUBJ": ["01"], "TERM": ["Cough"]})):
        pyreadstat.write_xport(pd.DataFrame(cells), folder / "one.xpt", table_name=name)
        content = (folder / "one.xpt").read_bytes()
        whole += content[240:] if whole else content  # one header of the library, then its members
    (folder / "export.xpt").write_bytes(whole)


def read(example: SourceExample, folder: Path) -> dict[str, list[str]]:
    for name, text in example.files.items():
        (folder / name).write_text(text, encoding="utf-8")
    if "xlsx" in example.source:
        workbook(folder)
    if "xpt" in example.source:
        library(folder)
    node, problems = examine_text(f"raw: {example.source}\n", "example")
    assert node is not None and not problems
    binder = Binder()
    source = binder.bind(node, dict[str, SourceSpec])["raw"]
    assert not binder.problems
    table = read_source("raw", folder, source_options(source), Findings())
    table = divide(table, source.cell_readers, Findings())
    return {name: table.frame[name].tolist() for name in example.gives}


@pytest.mark.parametrize("example", SOURCE_EXAMPLES, ids=lambda e: e.keys)
def test_an_example_of_a_source_is_read_as_the_page_says(example, tmp_path):
    assert read(example, tmp_path) == example.gives


def test_every_key_that_this_page_must_show_has_an_example():
    shown = " ".join(e.source for e in SOURCE_EXAMPLES)
    keys = ("header", "rename", "ragged", "number_formats", "types", "split", "extract", "dictionary", "member")
    for key in (*keys, "attributes", "rows", "instrument_labels"):
        assert f"{key}:" in shown and key in SourceSpec.model_fields
