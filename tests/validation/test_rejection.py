"""The pre-check of FDA's technical rejection criteria, on packages written by hand."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd
import pytest
from raw2adam.engine.columns import column as col
from raw2adam.engine.tables.dataset import DatasetMetadata, VariableMetadata
from raw2adam.findings.table import Findings
from raw2adam.transport.dataset_writer import FileContext
from raw2adam.transport.output_formats import submitted, write_dataset
from raw2adam.validation.pmda_rejection import pmda_rejection
from raw2adam.validation.rejection import StudyPackage, report_rejections, technical_rejection

DEFINE = (
    '<ODM xmlns="http://www.cdisc.org/ns/odm/v1.3" xmlns:def="http://www.cdisc.org/ns/def/v2.1"><Study OID="S">'
    "<GlobalVariables><StudyName>{study}</StudyName></GlobalVariables>"
    '<MetaDataVersion OID="M" Name="N" def:DefineVersion="2.1.0"/></Study></ODM>'
)
FULL = ["STUDYID", "DOMAIN", "TSSEQ", "TSPARMCD", "TSPARM", "TSVAL", "TSVALNF"]


def dataset(folder: Path, name: str, records: list[dict[str, str]]) -> None:
    names = list(records[0])
    variables = tuple(VariableMetadata(n, n, length=20) for n in names)
    frame = pd.DataFrame({n: col.text_column([r[n] for r in records]) for n in names})
    folder.mkdir(parents=True, exist_ok=True)
    write_dataset(
        folder, DatasetMetadata(name, name, variables, keys=()), [frame], records=len(records),
        context=FileContext(declared=dt.datetime(2026, 1, 31)), formats=[submitted()],
    )  # fmt: skip


def trial_summary(day: str, flavor: str = "", study: str = "S1", names: list[str] = FULL) -> dict[str, str]:
    values = {"STUDYID": study, "TSPARMCD": "SSTDTC", "TSVAL": day, "TSVALNF": flavor}
    return {n: values.get(n, "1") for n in names}


def package(root: Path, study: str = "S1") -> StudyPackage:
    """A package that FDA accepts."""
    sdtm, adam = root / "sdtm", root / "adam"
    dataset(sdtm, "TS", [trial_summary("2020-01-05")])
    dataset(sdtm, "DM", [{"STUDYID": "S1"}])
    dataset(adam, "ADSL", [{"STUDYID": "S1"}])
    for folder in (sdtm, adam):
        (folder / "define.xml").write_text(DEFINE.format(study="S1"), "utf-8")
    return StudyPackage(study, sdtm, adam)


def failed(about: StudyPackage) -> list[str]:
    return [f"{c.code}: {c.text}" for c in technical_rejection(about) if c.state == "failed"]


def test_a_good_package_fails_nothing_and_leaves_to_the_publisher_what_is_the_publishers(tmp_path):
    found = technical_rejection(package(tmp_path))
    assert [(c.code, c.state.value) for c in found] == [
        ("1789", "open"), ("1734", "passed"), ("1734", "passed"), ("1735", "open"),
        ("1736", "passed"), ("1736", "passed"), ("1736", "passed"), ("1736", "passed"),
    ]  # fmt: skip
    findings = Findings()
    report_rejections(found, findings)
    assert len(findings.frame()) == 0


# the record of SSTDTC in ts.xpt, what fails. From the self-check worksheet, fields 4b to 4g
STARTS = [
    (trial_summary("2020-01-05"), []),
    (trial_summary("2020-01-05T09:30"), []),
    (trial_summary("2020-01"), ["1734: TSVAL of SSTDTC is '2020-01', which is no date YYYY-MM-DD."]),
    (trial_summary("2020-02-30"), ["1734: TSVAL of SSTDTC is '2020-02-30', which is no date YYYY-MM-DD."]),
    (trial_summary("05JAN2020"), ["1734: TSVAL of SSTDTC is '05JAN2020', which is no date YYYY-MM-DD."]),
    (trial_summary("", "NA"), []),
    (trial_summary("", "NONE"), ["1734: TSVAL of SSTDTC is empty, and TSVALNF is 'NONE'"]),
    (trial_summary(""), ["1734: TSVAL of SSTDTC is empty, and TSVALNF is ''"]),
    (trial_summary("2020-01-05", study="S2"), ["1734: STUDYID of ts.xpt is 'S2'; the study-id"]),
    ({**trial_summary("2020-01-05"), "TSPARMCD": "TITLE"}, ["1734: ts.xpt has 0 records of SSTDTC"]),
    # a simplified ts.xpt is enough up to 2016-12-17 (NDA, BLA, ANDA) and 2017-12-17 (commercial IND)
    (trial_summary("2016-12-17", names=["STUDYID", "TSPARMCD", "TSVAL", "TSVALNF"]), []),
    (
        trial_summary("2016-12-18", names=["STUDYID", "TSPARMCD", "TSVAL", "TSVALNF"]),
        ["1734: A study that starts on 2016-12-18 needs a full TS for NDA, BLA or ANDA: ts.xpt has no DOMAIN, TSSEQ"],
    ),
    (
        trial_summary("2017-12-18", names=["STUDYID", "TSPARMCD", "TSVAL", "TSVALNF"]),
        ["1734: A study that starts on 2017-12-18 needs a full TS for NDA, BLA or ANDA and commercial IND"],
    ),
    ({"STUDYID": "S1", "TSVAL": "2020-01-05"}, ["1734: ts.xpt has no TSPARMCD."]),
]


@pytest.mark.parametrize(("record", "texts"), STARTS)
def test_ts_names_the_study_and_its_start(tmp_path, record, texts):
    about = package(tmp_path)
    dataset(about.sdtm, "TS", [record])
    found = failed(about)
    assert len(found) == len(texts)
    assert all(f.startswith(t) for f, t in zip(found, texts, strict=True)), found


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("sdtm/ts.xpt", "1734: The package has no ts.xpt."),
        ("sdtm/dm.xpt", ""),  # ts.xpt alone is the package of a study without SDTM
        ("sdtm/define.xml", "1736: The SDTM datasets have no define.xml beside them."),
        ("adam/define.xml", "1736: The ADaM datasets have no define.xml beside them."),
    ],
)
def test_each_file_must_be_there(tmp_path, file, text):
    about = package(tmp_path)
    (tmp_path / file).unlink()
    assert failed(about) == ([text] if text else [])


def test_other_datasets_need_dm_and_adsl(tmp_path):
    about = package(tmp_path)
    (about.sdtm / "dm.xpt").rename(about.sdtm / "ae.xpt")
    (about.adam / "adsl.xpt").rename(about.adam / "adae.xpt")
    assert failed(about) == ["1736: The package has no dm.xpt.", "1736: The package has no adsl.xpt."]


def test_two_starts_two_studies_and_damaged_files_fail(tmp_path):
    about = package(tmp_path)
    dataset(about.sdtm, "TS", [trial_summary("2020-01-05"), trial_summary("2020-01-06")])
    dataset(about.sdtm, "DM", [{"STUDYID": "S1"}, {"STUDYID": "S2"}])
    (about.adam / "adsl.xpt").write_bytes(b"HEADER RECORD")
    (about.adam / "define.xml").write_text(DEFINE.format(study="S9"), "utf-8")
    (about.sdtm / "define.xml").write_text("<ODM", "utf-8")
    found = failed(about)
    assert found[0] == "1734: ts.xpt has 2 records of SSTDTC, and it must have one."
    assert found[1] == "1736: STUDYID of dm.xpt is 'S1', 'S2'; the study-id of the study tagging file is 'S1'."
    assert found[2].startswith("1736: define.xml of SDTM cannot be read")
    assert found[3].startswith("1736: adsl.xpt: ")
    assert found[4] == "1736: StudyName in define.xml of ADaM is 'S9', not 'S1'."
    findings = Findings()
    report_rejections(technical_rejection(about), findings)
    assert findings.frame()["rule"].tolist() == ["R2A-FDA-001"] + ["R2A-FDA-002"] * 4
    assert sorted(set(findings.frame()["file"])) == ["adsl.xpt", "define.xml", "dm.xpt", "ts.xpt"]


def test_adam_alone_leaves_ts_to_the_package_of_sdtm(tmp_path):
    about = package(tmp_path)
    for file in about.sdtm.iterdir():
        file.unlink()
    about.sdtm.rmdir()
    found = technical_rejection(about)
    assert [c.code for c in found if c.state == "open"] == ["1789", "1734", "1735", "1736"]
    assert failed(about) == []


#: a package that PMDA accepts: DM with its required variables, ADSL, define.xml of both
DM = {
    "STUDYID": "S1", "DOMAIN": "DM", "USUBJID": "S1-1", "SUBJID": "1", "SITEID": "1", "SEX": "F", "COUNTRY": "JPN",
}  # fmt: skip


def pmda(root: Path) -> StudyPackage:
    sdtm, adam = root / "sdtm", root / "adam"
    dataset(sdtm, "DM", [DM])
    dataset(adam, "ADSL", [{"STUDYID": "S1", "USUBJID": "S1-1"}])
    for folder in (sdtm, adam):
        (folder / "define.xml").write_text(DEFINE.format(study="S1"), "utf-8")
    return StudyPackage("S1", sdtm, adam)


def test_a_package_that_pmda_accepts(tmp_path):
    found = pmda_rejection(pmda(tmp_path))
    assert [(c.code, c.state.value) for c in found] == [
        ("SD1020", "passed"), ("SD0062", "passed"), ("define.xml", "passed"),
        ("AD0001", "passed"), ("SD0062", "passed"), ("define.xml", "passed"),
        ("SD0056", "passed"), ("SD0002", "passed"), ("SD0064", "passed"), ("SD1074", "passed"), ("SD1073", "open"),
    ]  # fmt: skip
    assert {c.agency for c in found} == {"PMDA"}


def test_what_pmda_rejects(tmp_path):
    """Each rule with the severity Reject, broken once."""
    about = pmda(tmp_path)
    dataset(about.sdtm, "DM", [{n: v for n, v in DM.items() if n != "SITEID"} | {"SEX": "", "SPECIES": "HUMAN"}])
    dataset(
        about.sdtm,
        "AE",
        [{"STUDYID": "S1", "DOMAIN": "AE", "USUBJID": "S1-9", "AESEQ": "1", "AETERM": "A", "AEDECOD": "B"}],
    )
    (about.sdtm / "cm.xpt").write_bytes(b"HEADER RECORD")
    (about.sdtm / "define.xml").unlink()
    (about.adam / "adsl.xpt").rename(about.adam / "adae.xpt")
    found = [c for c in pmda_rejection(about) if c.state == "failed"]
    assert [(c.code, c.text) for c in found] == [
        ("SD0062", "Datasets of SDTM that are no transport files of version 5: " + found[0].text.partition(": ")[2]),
        ("define.xml", "The SDTM datasets have no define.xml beside them."),
        ("AD0001", "ADaM has no adsl.xpt."),
        ("SD0056", "Required variables that a dataset lacks: DM.SITEID; findings: 1."),
        ("SD0002", "Required variables without a value: DM.SEX; findings: 1."),
        ("SD0064", "Subjects that are not in DM: AE.USUBJID; findings: 1."),
        ("SD1074", "Variables that only SEND has: DM.SPECIES; findings: 1."),
    ]
    assert found[0].text.partition(": ")[2].startswith("cm.xpt")
    findings = Findings()
    report_rejections(found, findings)
    assert findings.frame()["rule"].tolist() == ["R2A-PMDA-001"] * 7
    (about.sdtm / "dm.xpt").unlink()
    assert "SDTM has no dm.xpt." in [c.text for c in pmda_rejection(about) if c.state == "failed"]
