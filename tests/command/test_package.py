"""build --layout ectd, raw2adam package and simplified-ts: the same bytes, in the folders that an agency opens."""

from __future__ import annotations

import hashlib
import json
import zipfile
from pathlib import Path

import pandas as pd
import pyreadstat
import pytest
from kit.command import raw2adam
from lxml import html
from raw2adam.output_folder.manifest import read_manifest

STUDY = """\
study: {id: S_1, title: A study}
subject: {columns: [SUBJ], usubjid: "{STUDYID}-{SUBJ}"}
dates: {formats: [yyyy-mm-dd]}
trial: {summary: {SSTDTC: {first: DM.RFICDTC}, TITLE: {study: title}}}
documents:
  acrf: {file: acrf.pdf, title: Annotated CRF, role: crf}
  guide: {file: adrg.pdf, title: Guide, of: adam}
  codes: {file: codes.txt, title: Codes of sites, role: misc}
  terms: {file: terms.xpt, title: Terms, role: misc}
  lost: {file: lost.xpt, title: A text, role: misc}
sources: {dm: {file: dm.csv}}
"""
SPECS = {
    "study.yaml": STUDY,
    "sdtm/dm.yaml": "dataset: DM\nrows: {source: dm}\nvariables: {SEX: SEX, COUNTRY: {value: DEU}, RFICDTC: {date: CONSENT}}\n",
    "sdtm/ts.yaml": "dataset: TS\nrows: {trial: TS}\n",
    "adam/adsl.yaml": "dataset: ADSL\nrows: {from: DM}\nvariables: {SEX: SEX}\n",
}
RAW = "SUBJ,SEX,CONSENT\n01,F,2020-03-05\n02,M,2020-02-01\n03,F,2020-05-01\n"
ROOT = "m5/datasets/s-1"
PACKAGE = [
    f"{ROOT}/{f}"
    for f in (
        "analysis/adam/datasets/adrg.pdf",
        "analysis/adam/datasets/adsl.xpt",
        "analysis/adam/datasets/define.xml",
        "analysis/adam/datasets/define2-1.xsl",
        "misc/codes.txt",
        "misc/terms.xpt",
        "tabulations/sdtm/acrf.pdf",
        "tabulations/sdtm/define.xml",
        "tabulations/sdtm/define2-1.xsl",
        "tabulations/sdtm/dm.xpt",
        "tabulations/sdtm/ts.xpt",
    )
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A study, its raw data, and its outputs: plain, and in the eCTD layout from 1 and from 2 partitions."""
    here = tmp_path_factory.mktemp("package")
    for name, text in SPECS.items():
        (here / "study" / name).parent.mkdir(parents=True, exist_ok=True)
        (here / "study" / name).write_text(text, "utf-8")
    (here / "study" / "acrf.pdf").write_bytes(b"%PDF-1.7\ncrf")
    (here / "study" / "adrg.pdf").write_bytes(b"%PDF-1.7\nguide")
    (here / "study" / "codes.txt").write_text("01 Paris\n", "ascii")
    pyreadstat.write_xport(
        pd.DataFrame({"TERM": ["rash"]}), str(here / "study" / "terms.xpt"), file_label="Terms of sites",
        table_name="TERMS", file_format_version=5,
    )  # fmt: skip
    (here / "study" / "lost.xpt").write_text("no dataset", "ascii")
    (here / "raw").mkdir()
    (here / "raw" / "dm.csv").write_text(RAW, "utf-8")
    for out, words in {
        "plain": (),
        "ectd": ("--layout", "ectd", "--formats", "json,parquet"),
        "two": ("--layout", "ectd", "--formats", "json,parquet", "--partitions", "2"),
    }.items():
        done = raw2adam(
            "build",
            "study",
            "--raw",
            "raw",
            "--out",
            out,
            "--as-of",
            "2026-01-31",
            "--no-quality",
            *words,
            cwd=here,
            pages=out != "plain",
        )
        assert done.returncode in (0, 1), done.stderr
    return here


def contents(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_the_package_has_what_an_agency_opens_and_nothing_else(folder):
    found = contents(folder / "ectd")
    programs = [n for n in found if "/programs/" in n]
    assert sorted(n for n in found if n.startswith("m5/") and n not in programs) == sorted(PACKAGE)
    beside = {n.split("/")[0] for n in found if not n.startswith("m5/")}
    assert beside == {
        "adam", "index.html", "lineage", "m5-md5.txt", "m5-sha256.txt", "manifest.json", "reports", "sdtm",
    }  # fmt: skip
    plain = contents(folder / "plain")
    for name in PACKAGE:
        kind = "sdtm" if "/sdtm/" in name else "misc" if "/misc/" in name else "adam"
        assert found[name] == plain[f"{kind}/{name.rpartition('/')[2]}"], name


def test_files_of_misc_are_in_no_define_xml_and_a_damaged_one_is_a_finding(folder):
    for kind in ("sdtm", "adam"):
        assert b"codes.txt" not in (folder / "plain" / kind / "define.xml").read_bytes()
    findings = json.loads((folder / "plain" / "reports" / "findings.json").read_text("utf-8"))["findings"]
    assert [f["message"] for f in findings if f["rule"] == "R2A-DOC-001"] == [
        "misc does not have the document lost: lost.xpt: not a SAS transport file (XPT): it does not begin with "
        "HEADER RECORD*******LIBRARY; write it with the XPORT engine or %LOC2XPT"
    ]


def test_the_bytes_do_not_depend_on_partitions(folder):
    assert contents(folder / "ectd") == contents(folder / "two")


def test_the_checksums_are_those_of_the_files(folder):
    found = contents(folder / "ectd")
    for kind in ("md5", "sha256"):
        lines = found[f"m5-{kind}.txt"].decode("ascii").splitlines()
        listed = dict(reversed(line.split("  ")) for line in lines)
        assert listed == {n: hashlib.new(kind, d).hexdigest() for n, d in found.items() if n.startswith("m5/")}


def test_each_file_has_its_file_tag(folder):
    about = json.loads((folder / "ectd" / "reports" / "package.json").read_text("utf-8"))
    tags = {f["path"].removeprefix(f"{ROOT}/"): (f["tag"], f["title"]) for f in about["files"]}
    expected = {
        "analysis/adam/datasets/adrg.pdf": ("analysis-data-definition", "Guide"),
        "analysis/adam/datasets/adsl.xpt": ("analysis-dataset-adam", "Subject-Level Analysis Dataset"),
        "analysis/adam/datasets/define.xml": ("analysis-data-definition", "Data definitions"),
        "misc/codes.txt": ("", ""),
        "misc/terms.xpt": ("", "Terms of sites"),
        "tabulations/sdtm/acrf.pdf": ("annotated-crf", "Annotated CRF"),
        "tabulations/sdtm/define.xml": ("data-tabulation-data-definition", "Data definitions"),
        "tabulations/sdtm/define2-1.xsl": ("data-tabulation-data-definition", "Stylesheet of define.xml"),
        "tabulations/sdtm/ts.xpt": ("data-tabulation-dataset-sdtm", "Trial Summary"),
    }
    assert {n: tags[n] for n in expected} == expected
    assert {c["code"]: c["state"] for c in about["criteria"]} == {
        "1789": "open", "1734": "passed", "1735": "open", "1736": "passed",
    }  # fmt: skip


def test_every_link_of_the_pages_leads_to_a_file(folder):
    out = folder / "ectd"
    for page in ("index.html", "sdtm/define.html", "adam/define.html", "reports/package.html", "reports/findings.html"):
        links = html.fromstring((out / page).read_bytes()).xpath("//@href")
        files = {str(link).partition("#")[0] for link in links if not str(link).startswith(("#", "https:"))}
        assert [f for f in files if f and not ((out / page).parent / f).is_file()] == [], page


def test_verify_trace_and_diff_know_the_layout(folder):
    assert raw2adam("verify", folder / "ectd").returncode == 0
    done = raw2adam("trace", folder / "ectd", "DM", "--limit", "1")
    assert done.returncode == 0 and "dm.csv" in done.stdout
    done = raw2adam("diff", folder / "plain" / "sdtm", folder / "ectd" / ROOT / "tabulations" / "sdtm")
    assert done.returncode == 0, done.stdout
    done = raw2adam("diff", folder / "plain", folder / "ectd")
    assert "EQUAL: " in done.stdout  # two runs
    done = raw2adam("diff", folder / "plain", folder / "ectd", "--ignore", "label")
    assert f"{ROOT}/tabulations/sdtm" in done.stderr or "adam, " in done.stderr


def test_verify_finds_a_changed_file_of_the_package(folder, tmp_path):
    file = folder / "two" / ROOT / "tabulations" / "sdtm" / "dm.xpt"
    data = file.read_bytes()
    file.write_bytes(data.replace(b"2020-03-05", b"2020-03-06"))
    done = raw2adam("verify", folder / "two")
    file.write_bytes(data)
    assert done.returncode == 3
    assert f"{ROOT}/tabulations/sdtm/dm.xpt: changed" in done.stdout
    assert "sdtm/json/dm.json: not as dm.xpt: RFICDTC, record 1" in done.stdout


def test_a_package_of_a_plain_output_has_the_files_of_a_build_in_the_layout(folder, tmp_path):
    done = raw2adam("package", folder / "plain", "--out", tmp_path / "package", "--zip")
    assert done.returncode == 0, done.stderr
    assert "FDA 1734 passed: The study start date is 2020-02-01." in done.stdout
    package, build = contents(tmp_path / "package"), contents(folder / "ectd")
    assert {n: d for n, d in package.items() if n.startswith("m5") and n != "m5.zip"} == {
        n: d for n, d in build.items() if n.startswith("m5")
    }
    assert read_manifest(tmp_path / "package").options == {"layout": "ectd", "package": "S_1"}
    with zipfile.ZipFile(tmp_path / "package" / "m5.zip") as archive:
        assert archive.namelist() == sorted(n for n in package if n.startswith("m5/"))
        assert {n: archive.read(n) for n in archive.namelist()} == {n: package[n] for n in archive.namelist()}
        assert {i.date_time for i in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert raw2adam("verify", tmp_path / "package").returncode == 0
    japan = raw2adam("package", folder / "plain", "--out", tmp_path / "japan", "--profile", "pmda")
    assert japan.returncode == 0 and "  PMDA SD1020 passed: SDTM has dm.xpt.\n" in japan.stdout
    assert "FDA" not in japan.stdout
    other = raw2adam("package", folder / "ectd", "--out", tmp_path / "other", "--study-id", "S-1")
    assert other.returncode == 1
    text = "FDA 1734 failed: STUDYID of ts.xpt is 'S_1'; the study-id of the study tagging file is 'S-1'."
    assert text in other.stdout


def test_a_simplified_ts_is_the_package_of_a_study_without_sdtm(tmp_path):
    words = ("simplified-ts", "OLD-001", "--as-of", "2026-01-31", "--out")
    done = raw2adam(*words, tmp_path / "one", "--start", "2014-05-02")
    assert done.returncode == 0, done.stderr
    file = tmp_path / "one" / "m5" / "datasets" / "old-001" / "tabulations" / "sdtm" / "ts.xpt"
    frame, about = pyreadstat.read_xport(str(file))
    assert frame.to_dict("records") == [
        {"STUDYID": "OLD-001", "TSPARMCD": "SSTDTC", "TSVAL": "2014-05-02", "TSVALNF": ""}
    ]
    assert (about.table_name, about.file_label) == ("TS", "Trial Summary")
    assert about.column_labels == [
        "Study Identifier", "Trial Summary Parameter Short Name", "Parameter Value", "Parameter Value Null Flavor",
    ]  # fmt: skip
    assert raw2adam("verify", tmp_path / "one").returncode == 0
    done = raw2adam(*words, tmp_path / "two", "--null-flavor", "na")
    frame, _ = pyreadstat.read_xport(str(next((tmp_path / "two").rglob("ts.xpt"))))
    assert frame[["TSVAL", "TSVALNF"]].to_numpy().tolist() == [["", "NA"]]
    late = raw2adam(*words, tmp_path / "late", "--start", "2020-05-02")
    assert late.returncode == 1 and "needs a full TS for NDA, BLA or ANDA and commercial IND" in late.stdout
