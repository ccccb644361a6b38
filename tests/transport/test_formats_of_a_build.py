"""build --formats: every dataset in each format with equal cells, the OIDs of define.xml, and what verify reports."""

from __future__ import annotations

import datetime as dt
import json
import re
import shutil
from pathlib import Path

import pytest
from kit.command import build, raw2adam
from raw2adam.output_folder.manifest import read_manifest
from raw2adam.runs.from_raw import Options
from raw2adam.runs.verify import verify_folder

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
RAW = 'SITE,SUBJ,TERM\n01,001,Rash\n01,002,Übelkeit\n01,003,"say ""no"""\n'
FORMATS = ("json", "ndjson", "dsjc", "parquet")


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("formats")
    (folder / "study" / "sdtm").mkdir(parents=True)
    (folder / "raw").mkdir()
    (folder / "study" / "study.yaml").write_text(STUDY, "utf-8")
    (folder / "study" / "sdtm" / "ae.yaml").write_text(AE, "utf-8")
    (folder / "raw" / "ae.csv").write_text(RAW, "utf-8")
    return folder


@pytest.fixture(scope="module")
def built(folders: Path) -> Path:
    """OUT in every format. Nobody changes it."""
    return run(folders)


@pytest.fixture
def out(built: Path, tmp_path: Path) -> Path:
    """A copy of OUT, for a test that spoils it."""
    return shutil.copytree(built, tmp_path / "out")


def run(folders: Path, out: str = "out", partitions: int = 1) -> Path:
    options = Options(as_of=dt.date(2026, 1, 31), quality=False, partitions=partitions, formats=FORMATS)
    return build(str(folders / "study"), folders / "raw", folders / out, options).out


def test_each_format_has_its_folder_and_the_manifest_lists_it(built):
    out = built
    files = [f"sdtm/{f}" for f in ("ae.xpt", *(f"{n}/ae.{n}" for n in FORMATS))]
    assert [f for f in files if not (out / f).is_file()] == []
    manifest = read_manifest(out)
    assert set(files) <= set(manifest.outputs) and manifest.options["formats"] == ["xpt", *FORMATS]
    assert verify_folder(out) == []
    content = json.loads((out / "sdtm" / "json" / "ae.json").read_text("utf-8"))
    terms = [dict(zip([c["name"] for c in content["columns"]], r, strict=True))["AETERM"] for r in content["rows"]]
    assert terms == ["Rash", "Uebelkeit", 'say "no"']  # the engine writes letters in ASCII before any format


def test_the_oids_are_those_of_define_xml(built):
    out = built
    define = (out / "sdtm" / "define.xml").read_text("utf-8")
    content = json.loads((out / "sdtm" / "json" / "ae.json").read_text("utf-8"))
    assert content["studyOID"] == re.findall(r'<Study OID="([^"]+)"', define)[0]
    assert content["metaDataVersionOID"] == re.findall(r'<MetaDataVersion OID="([^"]+)"', define)[0]
    assert content["itemGroupOID"] in re.findall(r'<ItemGroupDef OID="([^"]+)"', define)
    assert {c["itemOID"] for c in content["columns"]} <= set(re.findall(r'<ItemDef OID="([^"]+)"', define))
    assert (out / "sdtm" / "json" / content["metaDataRef"]).resolve() == (out / "sdtm" / "define.xml").resolve()


def test_the_bytes_do_not_depend_on_partitions(folders, built):
    one, three = built, run(folders, "three", 3)
    for file in [f"{n}/ae.{n}" for n in FORMATS]:
        assert (one / "sdtm" / file).read_bytes() == (three / "sdtm" / file).read_bytes(), file


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('"Rash"', '"Rush"', "sdtm/ndjson/ae.ndjson: not as ae.xpt: AETERM, record 1: 'Rush', not 'Rash'"),
        ('"IT.AE.AETERM"', '"IT.AE.AEXXXX"', "'IT.AE.AETERM' in define.xml, 'IT.AE.AEXXXX' in ae.ndjson"),
        ('"IG.AE"', '"IG.CM"', "'IG.AE' in define.xml, 'IG.CM' in ae.ndjson"),
        ('"records":3', '"records":4', "it declares records 4 and has 3 rows"),
        ('"AE",', '"AE",1,', "row 1 has "),
        ('"Rash"', "7", "AETERM, row 1: 7 is no string, which its dataType requires"),
    ],
    ids=["cell", "item", "group", "records", "width", "type"],
)
def test_verify_names_what_differs(out, old, new, problem):
    path = out / "sdtm" / "ndjson" / "ae.ndjson"
    head, rows = path.read_text("utf-8").split("\n", 1)
    where = head if old in head and not old.startswith('"AE') else rows
    assert old in where
    changed = where.replace(old, new, 1)
    path.write_text(f"{changed}\n{rows}" if where is head else f"{head}\n{changed}", "utf-8")
    found = verify_folder(out)
    assert any(problem in p for p in found), found
    assert any("changed: " in p for p in found)


def test_an_extra_file_of_a_format_is_reported(out):
    (out / "sdtm" / "json" / "zz.json").write_bytes((out / "sdtm" / "json" / "ae.json").read_bytes())
    assert any("json/zz.json: define.xml has no dataset with this file" in p for p in verify_folder(out))


def test_the_command_writes_xpt_also_where_it_is_not_named(folders):
    words = ("build", folders / "study", "--raw", folders / "raw", "--out", folders / "one", "--as-of", "2026-01-31")
    done = raw2adam(*words, "--no-quality", "--fail-on", "never", "--formats", "ndjson", pages=False)
    assert done.returncode == 0, done.stderr
    written = sorted(p.name for p in (folders / "one" / "sdtm").rglob("ae.*"))
    assert written == ["ae.ndjson", "ae.xpt"]
    assert raw2adam("verify", folders / "one").returncode == 0
