"""A second format of output files is one module and one entry of the list: a small one is written, verified and traced."""

from __future__ import annotations

import datetime as dt
import json
import re
from pathlib import Path

import pandas as pd
import pytest
from kit.command import build
from raw2adam.engine.tables.dataset import DatasetMetadata, VariableMetadata
from raw2adam.errors import OutputError
from raw2adam.runs.from_raw import Options
from raw2adam.runs.verify import verify_folder
from raw2adam.trace.records import trace_records
from raw2adam.transport import output_formats
from raw2adam.transport.dataset_files import read_records
from raw2adam.transport.dataset_writer import DescribedFile, FileContext, OutputFormat
from raw2adam.transport.xpt_format import XPT

ROOT = Path(__file__).parents[2]
STUDY = """\
study: {id: S1}
subject: {columns: [SITE, SUBJ], usubjid: "{STUDYID}-{SITE}-{SUBJ}"}
sources: {ae: {file: ae.csv}}
"""
AE = "dataset: AE\nrows: {source: ae}\nvariables: {AETERM: TERM, AEDECOD: TERM}\n"
RAW = "SITE,SUBJ,TERM\n01,001,Rash\n01,002,Fever\n"


class Lines:
    """A DatasetWriter of JSON lines: the names of the variables, then a list for each record."""

    def __init__(self, path: Path, context: FileContext):
        self.path = path

    def open(self, metadata: DatasetMetadata, records: int) -> None:
        self.names = list(metadata.names)
        self.path.write_text(json.dumps(self.names) + "\n")

    def append(self, frame: pd.DataFrame) -> None:
        if "Refused" in frame.to_numpy():
            raise OutputError("a text that these lines do not hold")
        with self.path.open("a") as file:
            file.writelines(json.dumps([str(v) for v in row]) + "\n" for row in frame[self.names].to_numpy().tolist())

    def close(self) -> None:
        with self.path.open("a") as file:
            file.write('"end"\n')

    def abort(self) -> None:
        self.path.unlink(missing_ok=True)


def readback(path: Path, records: int | None) -> list[str]:
    lines = path.read_text().splitlines()
    return [] if len(lines) - 2 == records and lines[-1] == '"end"' else [f"{path.name}: {len(lines) - 2} records"]


def describe(path: Path) -> DescribedFile:
    return XPT.describe(path.parents[1] / "ae.xpt")


def read(path: Path) -> tuple[DatasetMetadata, pd.DataFrame]:
    names, *records, _ = map(json.loads, path.read_text().splitlines())
    metadata = read_records(path.parents[1] / "ae.xpt")[0]
    return metadata, pd.DataFrame(records, columns=names).astype("str")


CONTEXT = FileContext(declared=dt.datetime(2026, 1, 31))
LINES = OutputFormat(
    name="lines",
    suffix=".lines",
    title="a file of lines",
    writer=Lines,
    describe=describe,
    readback=readback,
    read=read,
    folder="lines",
)


@pytest.fixture
def folders(tmp_path):
    (tmp_path / "study" / "sdtm").mkdir(parents=True)
    (tmp_path / "raw").mkdir()
    (tmp_path / "study" / "study.yaml").write_text(STUDY, "utf-8")
    (tmp_path / "study" / "sdtm" / "ae.yaml").write_text(AE, "utf-8")
    (tmp_path / "raw" / "ae.csv").write_text(RAW, "utf-8")
    return tmp_path


def run(folders: Path) -> Path:
    options = Options(as_of=dt.date(2026, 1, 31), quality=False, partitions=2, formats=("lines",))
    return build(str(folders / "study"), folders / "raw", folders / "out", options).out


def test_a_second_format_is_written_verified_and_traced(folders, monkeypatch):
    monkeypatch.setattr(output_formats, "OUTPUT_FORMATS", (XPT, LINES))
    out = run(folders)
    names, *records, end = map(json.loads, (out / "sdtm" / "lines" / "ae.lines").read_text().splitlines())
    assert [dict(zip(names, r, strict=True))["AETERM"] for r in records] == ["Rash", "Fever"] and end == "end"
    assert (out / "sdtm" / "ae.xpt").is_file()
    assert verify_folder(out) == []
    assert "sdtm/lines/ae.lines" in (out / "manifest.json").read_text()
    (record,) = trace_records(out, "AE", "AETERM == 'Fever'", 5, None)
    assert "S1-01-002" in json.dumps(record)
    (out / "sdtm" / "lines" / "ae.lines").write_text('[]\n"end"\n')
    assert [p for p in verify_folder(out) if "records" in p] == ["sdtm/lines/ae.lines: 0 records"]


def test_where_one_format_refuses_a_value_no_file_of_the_dataset_is_there(folders, monkeypatch):
    monkeypatch.setattr(output_formats, "OUTPUT_FORMATS", (XPT, LINES))
    (folders / "raw" / "ae.csv").write_text(RAW.replace("Fever", "Refused"), "utf-8")
    with pytest.raises(OutputError, match="do not hold"):
        run(folders)
    assert not (folders / "out").exists()


def test_a_refused_value_leaves_no_partial_file(tmp_path, monkeypatch):
    monkeypatch.setattr(output_formats, "OUTPUT_FORMATS", (XPT, LINES))
    text = VariableMetadata("AETERM", "Reported Term", "text", 7)
    metadata = DatasetMetadata("AE", "Adverse Events", (text,), ("AETERM",))
    frames = [pd.DataFrame({"AETERM": [term]}) for term in ("Rash", "Refused")]
    with pytest.raises(OutputError, match="do not hold"):
        output_formats.write_dataset(tmp_path, metadata, frames, records=2, context=CONTEXT, formats=(XPT, LINES))
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == []
    output_formats.write_dataset(tmp_path, metadata, frames[:1], records=1, context=CONTEXT, formats=(XPT, LINES))
    assert [p.name for _, p in output_formats.written_files(tmp_path)] == ["ae.xpt", "ae.lines"]


def test_no_room_but_transport_names_the_files_of_a_format():
    """A file pattern of transport files anywhere else is a place that a second format would have to know."""
    named = [
        f"{path.relative_to(ROOT)}: {found}"
        for room in (
            "runs",
            "define",
            "trace",
            "existing_sdtm",
            "output_folder",
            "validation",
            "comparison",
            "commands",
        )
        for path in sorted((ROOT / room).rglob("*.py"))
        for found in re.findall(r"""\*\.xpt|\}\.xpt["']""", path.read_text(encoding="utf-8"))
    ]
    assert named == []
