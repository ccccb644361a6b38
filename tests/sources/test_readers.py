"""Each raw format has one record of facts and one reader; the two agree, and a reader lists what it may report."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest
import raw2adam.sources.read as sources_read
from kit.source_facts import facts_of_package, modules
from raw2adam.errors import InputError
from raw2adam.findings.table import Findings
from raw2adam.mappings.facts.raw_formats import RAW_FORMATS, RawFormat, format_of, key_problem
from raw2adam.mappings.models.source import SourceSpec
from raw2adam.sources.header import HEADER_FINDINGS
from raw2adam.sources.options import SourceOptions
from raw2adam.sources.read import read_source, readers
from raw2adam.sources.reader import ParsedFiles, SourceFile, reads
from raw2adam.sources.table import RawTable

HERE = Path(__file__).parents[2]


def test_every_format_has_a_reader_and_every_reader_a_format():
    assert readers().keys() == RAW_FORMATS.keys()
    assert all(name == r.format.name for name, r in readers().items())


def test_the_keys_that_only_some_formats_take_are_keys_of_a_source():
    keys = {k for f in RAW_FORMATS.values() for k in (*f.keys, *f.needs, *f.refuses)}
    assert keys <= SourceSpec.model_fields.keys()
    assert SourceSpec.model_json_schema()["properties"]["format"]["anyOf"][0]["enum"] == list(RAW_FORMATS)


def test_a_suffix_belongs_to_one_format():
    suffixes = [s for f in RAW_FORMATS.values() for s in f.suffixes]
    assert len(suffixes) == len(set(suffixes))
    assert [format_of("a/B.XPT", None), format_of("b.txt", "redcap"), format_of("c.export", None)] == [
        "xpt",
        "redcap",
        None,
    ]


@pytest.mark.parametrize(
    ("key", "format_name", "problem"),
    [
        ("encoding", "odm", ""),
        ("ragged", "redcap", ""),
        ("member", "csv", "member: is for a source with format: xpt"),
        ("header", "odm", "header: is for a text file or a workbook"),
        ("header", "redcap", "header: is not for format: redcap, whose dictionary names the columns"),
        ("number_formats", None, "number_formats: is for a workbook"),
        ("ragged", "excel", "ragged: is for a text file or a source with format: redcap"),
        ("checkboxes", "odm", "checkboxes: is for a source with format: redcap"),
    ],
)
def test_a_key_of_another_format_is_named(key, format_name, problem):
    assert key_problem(key, format_name) == problem


def findings_in(module: Path) -> set[str]:
    """The ids of findings that a module names outside its docstrings."""
    return set(re.findall(r'"(R2A-[A-Z]+-\d{3})"', module.read_text(encoding="utf-8")))


@pytest.mark.parametrize("room", sorted({r.read.__module__.split(".")[-2] for r in readers().values()}))
def test_a_reader_lists_every_finding_that_its_modules_report(room):
    """What the modules of the room and those that name columns report, and what other rooms read for it."""
    known, found = modules(), facts_of_package().imports
    used = {n for n in known if n.startswith(f"sources.{room}.")}
    while more := {target for name, target, _ in found if name in used and target.endswith(".read")} - used:
        used |= more
    reported = set().union(*(findings_in(known[n]) for n in used))
    listed = {f for r in readers().values() if r.read.__module__.split(".")[-2] == room for f in r.findings}
    of_headers = findings_in(HERE / "sources" / "header.py")
    assert of_headers == set(HEADER_FINDINGS)
    assert listed - of_headers == reported - of_headers


def test_a_new_format_needs_its_facts_and_its_reader(tmp_path, monkeypatch):
    monkeypatch.setitem(RAW_FORMATS, "lines", RawFormat(name="lines", suffixes=(".lines",)))
    monkeypatch.setattr(sources_read, "READERS", sources_read.READERS.copy())
    readers()

    @reads("lines", findings=("R2A-SRC-001",))
    def read_lines(file: SourceFile) -> RawTable:
        lines = file.path.read_text(encoding=file.options.encoding).splitlines()
        frame = pd.DataFrame({"LINE": pd.Categorical(lines)})
        record = pd.RangeIndex(1, len(lines) + 1).to_numpy("int32")
        return RawTable(file.source, file.path, "0" * 64, frame, record, record)

    try:
        (tmp_path / "a.lines").write_text("first\nsecond\n")
        table = read_source("a", tmp_path, SourceOptions("a.lines", format="lines"), Findings())
        assert table.frame["LINE"].tolist() == ["first", "second"] and table.file == "a.lines"
        with pytest.raises(InputError, match=r"b\.lines: no such file"):
            read_source("b", tmp_path, SourceOptions("b.lines", format="lines"), Findings())
    finally:
        readers().pop("lines")


def test_a_source_of_study_yaml_is_read_as_its_options_are():
    source = SourceSpec.model_validate(
        {
            "file": "r.csv",
            "format": "redcap",
            "encoding": "cp1252",
            "dictionary": {"file": "d.csv", "separator": ";"},
            "instrument_labels": {"Adverse events": "ae"},
            "rename": {"a": "B"},
        }
    )
    assert SourceOptions.of(source) == SourceOptions(
        "r.csv",
        format="redcap",
        encoding="cp1252",
        dictionary="d.csv",
        dictionary_separator=";",
        instrument_labels=(("Adverse events", "ae"),),
        rename=(("a", "B"),),
    )
    header = SourceSpec.model_validate({"file": "x.csv", "header": {"rows": 2, "join": "/", "skip": 1}})
    assert SourceOptions.of(header) == SourceOptions("x.csv", header_rows=2, header_join="/", skip_rows=1)


def test_parsed_files_are_held_by_their_class_and_key():
    parsed, calls = ParsedFiles(), []

    def parse(value: object) -> object:
        calls.append(value)
        return value

    assert parsed.get(str, "a", lambda: str(parse("one"))) == parsed.get(str, "a", lambda: str(parse("two"))) == "one"
    assert parsed.get(int, "a", lambda: int(str(parse("3")))) == 3
    assert calls == ["one", "3"]
