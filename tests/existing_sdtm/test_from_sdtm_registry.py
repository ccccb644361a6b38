"""The shipped registry study: ADaM from the SDTM that it built is the ADaM of its raw data, byte for byte; and from less of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from kit.other_machine import PRESENT, on_another_machine
from kit.packs import CLEAN_SUBJECTS, clean_pack
from lxml import etree
from raw2adam.transport.dataset_files import read_dataset

#: what is still built with the domains PRESENT
STILL_BUILT = ("ADSL", "ADRS", "ADTTE", "ADQS")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return clean_pack(tmp_path_factory)


def test_a_clean_export_has_neither_errors_nor_warnings(root: Path) -> None:
    reported = json.loads((root / "out" / "reports" / "findings.json").read_text("utf-8"))["findings"]
    assert [(f["rule"], f["variable"], f["message"]) for f in reported if f["severity"] != "note"] == []


def without_codelists(xml: bytes) -> bytes:
    """define.xml without its codelists and the references to them."""
    root = etree.fromstring(xml)
    for element in list(root.iter("{*}CodeList", "{*}CodeListRef")):
        element.getparent().remove(element)
    return etree.tostring(root, method="c14n").replace(b" ", b"").replace(b"\n", b"")


def codelists(xml: bytes) -> list[str]:
    """The OIDs of the codelists of define.xml."""
    return [e.get("OID", "") for e in etree.fromstring(xml).iter("{*}CodeList")]


def dictionaries(xml: bytes) -> list[str]:
    """The external dictionaries of define.xml with their versions."""
    found = etree.fromstring(xml).iter("{*}ExternalCodeList")
    return [f"{e.get('Dictionary')} {e.get('Version')}" for e in found]


def test_the_round_trip_gives_the_same_bytes(root: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """The names of all files but the guide are compared, and the bytes of all but define.html and programs.

    Another machine has derived the SDTM, whose bytes are the same (tests/engine/test_row_order.py), and ADaM from it.
    """
    out = on_another_machine(tmp_path_factory, "pack") / "again"
    whole, again = (
        {p.relative_to(f).as_posix() for p in f.rglob("*") if p.is_file()}
        for f in (root / "out" / "adam", out / "adam")
    )
    assert again == whole - {"adrg.docx"}  # tests/guides has it
    for name in sorted(again):
        # a listing shows the rule of an SDTM variable where the run knows it
        if name not in ("define.xml", "define.html") and not name.startswith("programs/"):
            assert (out / "adam" / name).read_bytes() == (root / "out" / "adam" / name).read_bytes(), name
    assert len(read_dataset(out / "adam" / "adsl.xpt").frame) == CLEAN_SUBJECTS
    again, whole = (folder / "adam" / "define.xml" for folder in (out, root / "out"))
    assert without_codelists(again.read_bytes()) == without_codelists(whole.read_bytes())
    # the copies of SDTM variables have the lists of define.xml beside the SDTM
    assert sorted(codelists(again.read_bytes())) == sorted(codelists(whole.read_bytes()))
    assert dictionaries(again.read_bytes()) == dictionaries(whole.read_bytes()) != []
    reported = json.loads((out / "reports" / "findings.json").read_text("utf-8"))["findings"]
    about_sdtm = [f for f in reported if f["rule"].startswith("R2A-GIVEN") and f["severity"] != "note"]
    assert [f["message"] for f in about_sdtm] == []


def test_the_domains_that_must_do(tmp_path_factory: pytest.TempPathFactory) -> None:
    """ADaM from some of the domains, on the other machine."""
    folder = on_another_machine(tmp_path_factory, "pack")
    found = json.loads((folder / "fewer.json").read_text("utf-8"))
    for name in STILL_BUILT:
        assert found["records"][name] > 0, name
        assert (folder / "fewer" / "adam" / f"{name.lower()}.xpt").is_file()
    absent = {dataset for rule, dataset, _ in found["findings"] if rule == "R2A-GIVEN-001"}
    assert absent == set(found["needed"]) - {n.upper() for n in PRESENT}
    lacking = {(dataset, variable) for rule, dataset, variable in found["findings"] if rule == "R2A-GIVEN-002"}
    assert ("DM", "ELIGFL") in lacking  # SUPPDM is not among them
