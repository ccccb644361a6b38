"""build --profile and --max-file-size: what is split, reported, refused and verified, in one small study."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from pathlib import Path

import pytest
from raw2adam.errors import OutputError, UsageError
from raw2adam.output_folder.layout import layout_of_output
from raw2adam.output_folder.manifest import read_manifest
from raw2adam.runs.agency_files import guide_text
from raw2adam.runs.from_raw import Options, RawRun, build
from raw2adam.runs.verify import verify_folder
from raw2adam.transport.agency_profiles import FDA, agency_profile
from raw2adam.transport.dataset_files import read_records
from raw2adam.transport.split_xpt import SplitPart

STUDY = """\
study: {id: S1}
subject: {columns: [SITE, SUBJ], usubjid: "{STUDYID}-{SITE}-{SUBJ}"}
sources: {ae: {file: ae.csv}}
"""
AE = """\
dataset: AE
rows: {source: ae}
variables: {AETERM: TERM, AEDECOD: TERM}
"""
ROWS = [f"01,{subject:03},Rash {number}" for subject in range(1, 9) for number in range(5)]


@pytest.fixture
def study(tmp_path: Path) -> Path:
    (tmp_path / "study" / "sdtm").mkdir(parents=True)
    (tmp_path / "raw").mkdir()
    (tmp_path / "study" / "study.yaml").write_text(STUDY, "utf-8")
    (tmp_path / "study" / "sdtm" / "ae.yaml").write_text(AE, "utf-8")
    (tmp_path / "raw" / "ae.csv").write_text("SITE,SUBJ,TERM\n" + "\n".join(ROWS) + "\n", "utf-8")
    return tmp_path


def options(**choices: str) -> Options:
    return Options(as_of=dt.date(2026, 1, 31), quality=False, **choices)


def test_a_file_above_the_limit_is_split_too(study: Path) -> None:
    out = study / "out"
    build(str(study / "study"), study / "raw", out, replace(options(max_file_size="6000", layout="ectd"), guides=True))
    manifest = read_manifest(out)
    assert (manifest.options["profile"], manifest.options["max_file_size"]) == ("fda", 6000)
    folder = out / layout_of_output(manifest).datasets("sdtm")
    parts = sorted((folder / "split").iterdir())
    assert [p.name for p in parts] == ["ae1.xpt", "ae2.xpt"]
    assert [len(read_records(p)[1]) for p in (folder / "ae.xpt", *parts)] == [40, 20, 20]
    (finding,) = [
        f for f in json.loads((out / "reports" / "findings.json").read_text())["findings"] if f["rule"] == "R2A-XPT-010"
    ]
    assert finding["message"] == (
        "ae.xpt has 7.52 KB, more than the limit of 6 KB. It is also split into 2 files by the order of its "
        "records (STUDYID, USUBJID, AEDECOD, AETERM): split/ae1.xpt, records 1 to 20, USUBJID S1-01-001 to S1-01-004; "
        "split/ae2.xpt, records 21 to 40, USUBJID S1-01-005 to S1-01-008. No subject is in two of them."
    )
    assert finding["message"] in (out / "reports" / "csdrg.html").read_text("utf-8")
    assert manifest.counts["split"]["AE"]["text"] == finding["message"]
    assert verify_folder(out) == []
    parts[1].write_bytes(parts[1].read_bytes().replace(b"Rash 4", b"Rash 5"))
    assert "split/ae2.xpt: not the records 21 to 40 of ae.xpt" in verify_folder(out)


def test_a_limit_without_room_for_a_record_leaves_no_output(study: Path) -> None:
    with pytest.raises(OutputError, match=r"ae\.xpt: its header has .* more than the limit of 700 bytes"):
        build(str(study / "study"), study / "raw", study / "out", options(max_file_size="700"))
    assert not (study / "out").exists()
    with pytest.raises(UsageError, match="--max-file-size 'big': expected a size"):
        build(str(study / "study"), study / "raw", study / "out", options(max_file_size="big"))


def test_what_no_file_can_hold_is_refused_of_all_datasets_at_once(study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lint refuses such labels; metadata that come another way are refused before a file is written."""
    built = RawRun.build

    def with_labels(run: RawRun) -> None:
        built(run)
        ae = run.built.specs["AE"]
        run.built.specs |= {"AE": replace(ae, label="x" * 41), "AX": replace(ae, name="AX", label="é")}
        run.built.summary.records["AX"] = 40
        monkeypatch.setattr("raw2adam.runs.from_raw.kind_of", lambda plan, name: "sdtm")

    monkeypatch.setattr(RawRun, "build", with_labels)
    with pytest.raises(OutputError) as refused:
        build(str(study / "study"), study / "raw", study / "out", options())
    assert str(refused.value).splitlines() == [
        f"AE: the dataset label ('{'x' * 41}') has 41 characters, at most 40 fit",
        "AX: the dataset label ('\\xe9') has characters other than printable ASCII",
    ]


def test_the_text_for_the_guide_names_the_agency_or_the_limit_of_the_user(tmp_path: Path) -> None:
    parts = [SplitPart("TA1", 1, 2), SplitPart("TA2", 3, 4)]
    start = "ta.xpt has 6 GB, more than the 5 GB that FDA takes. It is also split into 2 files by the order of its records: "
    listed = "split/ta1.xpt, records 1 to 2; split/ta2.xpt, records 3 to 4."
    assert guide_text(Path("ta.xpt"), 6_000_000_000, FDA, [], parts) == start + listed
    chosen = agency_profile("none", "5GB")
    assert guide_text(Path("ta.xpt"), 6_000_000_000, chosen, [], parts).startswith(
        "ta.xpt has 6 GB, more than the limit of 5 GB. It is also split"
    )
