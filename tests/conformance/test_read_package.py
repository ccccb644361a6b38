"""Which datasets a check reads, from which files, and what it reports of files that it cannot read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from raw2adam.conformance.read_package import ReadPackages, read_packages
from raw2adam.errors import InputError

from tests.kit.define_case import ADAM, SDTM


def dataset_json(name: str, *subjects: str, further: str = "DOMAIN", declared: int | None = None) -> str:
    """A Dataset-JSON of USUBJID and one further variable, which has the name of the dataset."""
    columns = [{"name": n, "label": "", "dataType": "string"} for n in ("USUBJID", further) if n]
    rows = [[s, name][: len(columns)] for s in subjects]
    about = {"datasetJSONVersion": "1.1.0", "name": name, "records": len(rows) if declared is None else declared}
    return json.dumps({**about, "columns": columns, "rows": rows})


def lines(name: str, *subjects: str) -> str:
    """The same as NDJSON."""
    content = json.loads(dataset_json(name, *subjects))
    rows = content.pop("rows")
    return "\n".join(map(json.dumps, [content, *rows]))


def read(folder: Path, files: dict[str, Any], **options: Any) -> ReadPackages:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_packages(folder, **options)


def shown(found: ReadPackages) -> list[tuple[str, dict[str, int], bool]]:
    """(standard, dataset -> records, with define.xml) of each package."""
    return [(p.standard, {n: len(d) for n, d in p.datasets.items()}, p.define is not None) for p in found.packages]


def problems(found: ReadPackages) -> list[tuple[str, str, str]]:
    return [(p.rule, p.file, p.dataset) for p in found.problems]


DM, AE = dataset_json("DM", "1", "2"), dataset_json("AE", "1")
ADSL = dataset_json("ADSL", "1", further="")

PLACES = {
    "one folder": ({"dm.json": DM, "ae.json": AE}, [("sdtm", {"AE": 1, "DM": 2}, False)]),
    "formats": ({"dm.ndjson": lines("DM", "1"), "ae.json": AE}, [("sdtm", {"AE": 1, "DM": 1}, False)]),
    "define.xml": ({"dm.json": DM, "define.xml": SDTM}, [("sdtm", {"DM": 2}, True)]),
    "ADaM": ({"adsl.json": ADSL}, [("adam", {"ADSL": 1}, False)]),
    "ADaM with define.xml": ({"adsl.json": ADSL, "define.xml": ADAM}, [("adam", {"ADSL": 1}, True)]),
    "two folders": (
        {"sdtm/dm.json": DM, "sdtm/define.xml": SDTM, "adam/adsl.json": ADSL},
        [("sdtm", {"DM": 2}, True), ("adam", {"ADSL": 1}, False)],
    ),
    "package": (
        {"m5/datasets/s1/tabulations/sdtm/dm.json": DM, "m5/datasets/s1/analysis/adam/datasets/adsl.json": ADSL},
        [("sdtm", {"DM": 2}, False), ("adam", {"ADSL": 1}, False)],
    ),
    "split": (
        {"dm.json": DM, "split/lb2.json": dataset_json("LB2", "3"), "split/lb1.json": dataset_json("LB1", "1", "2")},
        [("sdtm", {"DM": 2, "LB": 3}, False)],
    ),
    "split beside the whole": (
        {"lb.json": dataset_json("LB", "1", "2"), "split/lb1.json": dataset_json("LB1", "1")},
        [("sdtm", {"LB": 2}, False)],
    ),
    "other files": ({"dm.json": DM, "manifest.json": "{}", ".x.json": "?"}, [("sdtm", {"DM": 2}, False)]),
}


@pytest.mark.parametrize("case", PLACES)
def test_places(case: str, tmp_path: Path) -> None:
    files, wanted = PLACES[case]
    found = read(tmp_path, files)
    assert shown(found) == wanted
    assert found.problems == ()


def test_parts_are_put_together_in_their_order(tmp_path: Path) -> None:
    parts = {f"split/lb{n}.json": dataset_json(f"LB{n}", str(n)) for n in (10, 2, 1)}
    (package,) = read(tmp_path, parts).packages
    assert package.datasets["LB"].columns["USUBJID"].tolist() == ["1", "2", "10"]
    assert package.datasets["LB"].name == "LB"


BROKEN: dict[str, tuple[dict[str, Any], list[tuple[str, str, str]]]] = {
    "cut": ({"ae.json": AE[:-9]}, [("R2A-FILE-001", "ae.json", "AE")]),
    "no text": ({"ae.xpt": b"\x00" * 100}, [("R2A-FILE-001", "ae.xpt", "AE")]),
    "empty": ({"ae.json": ""}, [("R2A-FILE-001", "ae.json", "AE")]),
    "other number of records": (
        {"ae.json": dataset_json("AE", "1", declared=2)}, [("R2A-FILE-001", "ae.json", "AE")]
    ),
    "twice": ({"dm_old.json": DM}, [("R2A-FILE-002", "dm_old.json", "DM")]),
    "two formats": ({"dm.ndjson": lines("DM", "7")}, [("R2A-FILE-003", ".", "")]),
    "ADaM beside SDTM": ({"adsl.json": ADSL}, [("R2A-FILE-004", ".", "")]),
    "define.xml cut": ({"define.xml": SDTM[:900]}, [("R2A-FILE-005", "define.xml", "")]),
    "define.xml with entities": (
        {"define.xml": '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><x>&b;</x>'},
        [("R2A-FILE-005", "define.xml", "")],
    ),
    "other XML": ({"define.xml": "<ODM/>"}, [("R2A-FILE-005", "define.xml", "")]),
    "parts that differ": (
        {"split/lb1.json": dataset_json("LB1", "1"), "split/lb2.json": dataset_json("LB2", "1", further="X")},
        [("R2A-FILE-001", "split/lb2.json", "LB")],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_file_is_a_finding_and_the_others_are_read(case: str, tmp_path: Path) -> None:
    files, wanted = BROKEN[case]
    found = read(tmp_path, {"dm.json": DM, **files})
    assert problems(found) == wanted
    assert found.packages[0].datasets["DM"].columns["USUBJID"].tolist() == ["1", "2"]
    assert all(p.message and str(tmp_path) not in p.message for p in found.problems)


def test_a_folder_whose_only_file_is_broken(tmp_path: Path) -> None:
    assert problems(read(tmp_path, {"ae.json": AE[:-9]})) == [("R2A-FILE-001", "ae.json", "AE")]


def test_nothing_to_read(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no dataset in it .* in its folders data: name one of them"):
        read(tmp_path, {"data/dm.json": DM})
    with pytest.raises(InputError, match="no such file or folder"):
        read_packages(tmp_path / "x")


def test_the_facts_of_define_are_those_of_the_dataset(tmp_path: Path) -> None:
    (package,) = read(tmp_path, {"dm.json": DM, "define.xml": SDTM}).packages
    about = package.datasets["DM"].metadata
    assert (about.keys, about.observation_class, about.domain) == (("USUBJID",), "SPECIAL PURPOSE", "DM")
    assert package.complete
    (one,) = read_packages(tmp_path / "dm.json").packages
    assert list(one.datasets) == ["DM"]
    assert not one.complete


def test_the_standard_that_the_user_names(tmp_path: Path) -> None:
    assert shown(read(tmp_path, {"adsl.json": ADSL, "dm.json": DM}, standard="sdtm")) == [
        ("sdtm", {"ADSL": 1, "DM": 2}, False)
    ]


def test_the_text_of_another_encoding(tmp_path: Path) -> None:
    import datetime as dt

    import pandas as pd
    from raw2adam.engine.columns import column as col
    from raw2adam.engine.tables.dataset import DatasetMetadata, VariableMetadata
    from raw2adam.transport.dataset_writer import FileContext
    from raw2adam.transport.xpt_format import XPT

    path = tmp_path / "dm.xpt"
    about = DatasetMetadata("DM", "", (VariableMetadata("USUBJID", "", length=5),), ())
    writer = XPT.writer(path, FileContext(declared=dt.datetime(2026, 1, 1)))
    writer.open(about, 1)
    writer.append(pd.DataFrame({"USUBJID": col.text_column(["Mxxer"])}))
    writer.close()
    path.write_bytes(path.read_bytes().replace(b"Mxxer", b"M\xfcler"))
    found = read_packages(tmp_path)
    assert problems(found) == [("R2A-FILE-001", "dm.xpt", "DM")]
    assert found.problems[0].message.endswith("name the encoding the file was written in (cp1252, latin-1, ...)")
    (package,) = read_packages(tmp_path, encoding="cp1252").packages
    assert package.datasets["DM"].columns["USUBJID"].tolist() == ["M\xfcler"]


def test_a_value_outside_a_closed_list_is_one_cause_with_what_define_xml_repeats(tmp_path):
    """AESER is U, which the study added to the closed list of NY: the record is the cause, define.xml follows."""
    from raw2adam.conformance.language.read import shipped_rules
    from raw2adam.conformance.run import run_rules
    from raw2adam.findings.table import Findings

    columns = [{"name": n, "label": "", "dataType": "string"} for n in ("DOMAIN", "USUBJID", "AESER")]
    about = {"datasetJSONVersion": "1.1.0", "name": "AE", "records": 2, "columns": columns}
    rows = [["AE", "1", "Y"], ["AE", "2", "MAYBE"]]
    added = '<EnumeratedItem CodedValue="N"><Alias', '<EnumeratedItem CodedValue="MAYBE" def:ExtendedValue="Yes"/>'
    define = SDTM.replace(added[0], added[1] + added[0])
    package = read(tmp_path, {"ae.json": json.dumps({**about, "rows": rows}), "define.xml": define}).packages[0]
    rules = {i: r for i, r in shipped_rules().items() if i in ("R2A-CONF-004", "R2A-DEF-601", "R2A-DEF-610")}
    findings = Findings()
    run_rules(package, rules, findings)
    table = findings.frame()
    found = list(zip(table["rule"], table["dataset"], table["variable"], table["value"], strict=True))
    assert found == [("R2A-CONF-004", "AE", "AESER", "MAYBE"), ("R2A-DEF-610", "AE", "AESER", "MAYBE")]
    assert table["follows"].tolist() == ["", table["id"].iloc[0]]
