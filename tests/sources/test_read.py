"""The way into the raw folder: paths that are refused, hints about names, formats by suffix."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from raw2adam.errors import InputError, UsageError
from raw2adam.findings.table import Findings
from raw2adam.sources.read import SourceOptions, empty_table, read_source


@pytest.fixture
def raw(tmp_path) -> Path:
    folder = tmp_path / "raw"
    (folder / "sub").mkdir(parents=True)
    for name in ("raw/ae.csv", "raw/sub/lab.csv", "secret.csv"):
        (tmp_path / name).write_text("A\n1\n")
    return folder


def refused(raw: Path, file: str) -> str:
    with pytest.raises(InputError) as caught:
        read_source("s", raw, SourceOptions(file), Findings())
    return str(caught.value)


def test_inside_the_folder(raw):
    for file in ("ae.csv", "sub/lab.csv"):
        assert read_source("s", raw, SourceOptions(file), Findings()).frame["A"].tolist() == ["1"]


@pytest.mark.parametrize(
    "file", ["../secret.csv", "sub/../../secret.csv", "/etc/hosts", "C:\\x.csv", "\\\\host\\x.csv", "..\\secret.csv",
             "", "a\0.csv"],
)  # fmt: skip
def test_paths_that_leave_the_folder(raw, file):
    assert "relative to the raw folder" in refused(raw, file)


def test_links_that_leave_the_folder(raw):
    (raw / "link.csv").symlink_to(raw.parent / "secret.csv")
    assert "relative to the raw folder" in refused(raw, "link.csv")
    (raw / "sub" / "up").symlink_to(raw.parent)
    assert "relative to the raw folder" in refused(raw, "sub/up/secret.csv")
    (raw / "near.csv").symlink_to(raw / "ae.csv")
    assert len(read_source("s", raw, SourceOptions("near.csv"), Findings())) == 1
    (raw / "loop.csv").symlink_to(raw / "loop.csv")
    assert refused(raw, "loop.csv").startswith("loop.csv: ")


def test_missing_files_name_the_nearest(raw):
    assert "did you mean 'sub/lab.csv'?" in refused(raw, "sub/labs.csv")
    assert "but 'ae.csv': upper and lower case count" in refused(raw, "AE.CSV")
    assert "it has ae.csv, sub/lab.csv" in refused(raw, "vitalsigns.csv")
    assert "optional: true" in refused(raw, "vitalsigns.csv")
    assert "the raw folder" in refused(raw.parent / "absent", "ae.csv")


def test_what_is_no_file(raw):
    assert "a folder, not a file" in refused(raw, "sub")
    os.mkfifo(raw / "pipe.csv")
    assert "not a regular file" in refused(raw, "pipe.csv")


def test_a_file_without_permission(raw, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    assert "no permission to read" in refused(raw, "ae.csv")


def test_format_by_suffix_or_declared(raw):
    (raw / "ae.export").write_text("A\n1\n")
    with pytest.raises(UsageError, match="declare format: csv"):
        read_source("s", raw, SourceOptions("ae.export"), Findings())
    assert len(read_source("s", raw, SourceOptions("ae.export", format="csv"), Findings())) == 1
    assert SourceOptions("x/LAB.XPT").kind == "xpt"


def test_empty_table(raw):
    table = empty_table("subtx", raw / "subtx.csv")
    assert not table.present and len(table) == 0 and len(table.frame.columns) == 0
