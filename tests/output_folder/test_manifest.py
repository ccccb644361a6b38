"""manifest.json: same files, same bytes; every change of a file is found; damaged and hostile manifests are refused."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kit.fuzzing import examples
from raw2adam.errors import InputError, OutputError
from raw2adam.output_folder import installed as installed_packages
from raw2adam.output_folder import manifest as module
from raw2adam.output_folder.installed import package_versions
from raw2adam.output_folder.manifest import (
    FileHash,
    files_of,
    hash_file,
    read_manifest,
    verify_manifest,
    write_manifest,
)

# sha256 of b"abc", from FIPS 180-2, appendix B.1
ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def build(folder: Path, **changed: Any) -> module.Manifest:
    (folder / "sdtm").mkdir(parents=True, exist_ok=True)
    (folder / "sdtm" / "dm.xpt").write_bytes(b"abc")
    (folder / "findings.json").write_bytes(b"{}\n")
    defaults: dict[str, Any] = {
        "study": "OBS16577",
        "version": "0.1.0",
        "declared": dt.date(2026, 3, 1),
        "inputs": {},
        "specs": {},
        "packages": {"pandas": "3.0.0"},
        "counts": {"DM": 3},
        "findings": {"error": 0},
        "options": {"only": "sdtm"},
    }
    return write_manifest(folder, **{**defaults, **changed})


def test_what_is_written_and_read_back(tmp_path: Path):
    raw = tmp_path / "ae.csv"
    raw.write_bytes(b"abc")
    used = FileHash(ABC, 3)
    written = build(tmp_path / "o", inputs={"raw/ae.csv": raw}, specs={"spec/study.yaml": used})
    content = json.loads((tmp_path / "o" / "manifest.json").read_bytes())
    assert content == {
        "schema": 1,
        "tool": "raw2adam",
        "study": "OBS16577",
        "version": "0.1.0",
        "declared": "2026-03-01",
        "inputs": {"raw/ae.csv": {"sha256": ABC, "bytes": 3}},
        "specs": {"spec/study.yaml": {"sha256": ABC, "bytes": 3}},
        "outputs": {
            "findings.json": {"sha256": hashlib.sha256(b"{}\n").hexdigest(), "bytes": 3},
            "sdtm/dm.xpt": {"sha256": ABC, "bytes": 3},
        },
        "packages": {"pandas": "3.0.0"},
        "counts": {"DM": 3},
        "findings": {"error": 0},
        "options": {"only": "sdtm"},
    }
    assert written == read_manifest(tmp_path / "o")
    assert written.outputs["sdtm/dm.xpt"] == used
    assert written.sha256 == hashlib.sha256((tmp_path / "o" / "manifest.json").read_bytes()).hexdigest()


def test_same_run_elsewhere_and_in_another_order_gives_the_same_bytes(tmp_path: Path):
    for place in ("here", "there/and/deeper"):
        (tmp_path / place).mkdir(parents=True)
        (tmp_path / place / "ae.csv").write_bytes(b"x")
    first, second = tmp_path / "here", tmp_path / "there/and/deeper"
    build(first / "o", inputs={"raw/ae.csv": first / "ae.csv"}, counts={"A": 1, "B": 2})
    build(second / "o", inputs={"raw/ae.csv": second / "ae.csv"}, counts={"B": np.int64(2), "A": np.int32(1)})
    one, two = ((p / "o" / "manifest.json").read_bytes() for p in (first, second))
    assert one == two
    assert str(tmp_path).encode() not in one


@given(st.lists(st.binary(max_size=40), min_size=1, max_size=4), st.data())
@settings(max_examples=examples(10), deadline=None)
def test_any_change_of_any_byte_is_found(tmp_path_factory: pytest.TempPathFactory, contents: list[bytes], data: Any):
    folder = tmp_path_factory.mktemp("o")
    for number, content in enumerate(contents):
        (folder / f"f{number}").write_bytes(content)
    build(folder)
    assert verify_manifest(folder) == []
    number = data.draw(st.integers(0, len(contents) - 1))
    changed = data.draw(st.binary(max_size=40).filter(lambda b: b != contents[number]))
    (folder / f"f{number}").write_bytes(changed)
    (problem,) = verify_manifest(folder)
    assert problem.startswith(f"f{number}: changed: ")


def test_missing_extra_and_replaced_files_are_told_apart(tmp_path: Path):
    build(tmp_path)
    (tmp_path / "findings.json").unlink()
    (tmp_path / "sdtm" / "ae.xpt").write_bytes(b"")
    (tmp_path / "sdtm" / "dm.xpt").unlink()
    (tmp_path / "sdtm" / "dm.xpt").symlink_to(tmp_path / "manifest.json")
    assert verify_manifest(tmp_path) == [
        "findings.json: missing",
        "sdtm/dm.xpt: no longer a regular file",
        "sdtm/ae.xpt: extra, not written by the run",
    ]


def test_a_linked_folder_counts_as_extra_and_is_not_entered(tmp_path: Path):
    build(tmp_path / "o")
    (tmp_path / "big").mkdir()
    (tmp_path / "big" / "file").touch()
    (tmp_path / "o" / "link").symlink_to(tmp_path / "big")
    assert list(files_of(tmp_path / "o")) == ["findings.json", "link", "sdtm/dm.xpt"]
    assert verify_manifest(tmp_path / "o") == ["link: extra, not written by the run"]
    with pytest.raises(OutputError, match="link: not a regular file"):
        build(tmp_path / "o")


def test_a_manifest_in_a_subfolder_is_an_output_like_any_other(tmp_path: Path):
    (tmp_path / "sdtm").mkdir()
    (tmp_path / "sdtm" / "manifest.json").write_bytes(b"abc")
    assert build(tmp_path).outputs["sdtm/manifest.json"].sha256 == ABC


def test_files_larger_than_a_chunk(tmp_path: Path):
    content = bytes(range(256)) * 4096 * 2 + b"tail"  # 2 MiB and a bit
    (tmp_path / "f").write_bytes(content)
    assert hash_file(tmp_path / "f") == FileHash(hashlib.sha256(content).hexdigest(), 2 * 1024 * 1024 + 4)
    (tmp_path / "f").write_bytes(b"")
    assert hash_file(tmp_path / "f").bytes == 0


def test_missing_input_is_named(tmp_path: Path):
    with pytest.raises(InputError, match=r"gone\.csv: cannot be read again for the manifest: No such file"):
        build(tmp_path, inputs={"raw/gone.csv": tmp_path / "gone.csv"})


@pytest.mark.parametrize("name", ["/etc/passwd", "../x", "a/../../x", "C:/x", "a\\b", "", "."])
def test_names_that_lead_outside_are_refused(tmp_path: Path, name: str):
    with pytest.raises(ValueError, match="manifest names are relative"):
        build(tmp_path, inputs={name: FileHash(ABC, 3)})


@pytest.mark.parametrize("value", ["/data/raw", "C:\\raw", "C:/raw", ["x", "/y"], {"raw": "/data"}])
def test_absolute_paths_in_options_are_refused(tmp_path: Path, value: object):
    with pytest.raises(ValueError, match="absolute path"):
        build(tmp_path, options={"raw": value})


def test_values_that_json_cannot_hold_are_refused(tmp_path: Path):
    with pytest.raises(TypeError, match=r"cannot hold a (Posix|Windows)Path"):
        build(tmp_path, options={"raw": Path("raw")})
    with pytest.raises(ValueError, match="JSON compliant"):
        build(tmp_path, counts={"DM": float("nan")})


def entry(name: str, sha256: object = ABC, size: object = 3) -> str:
    return json.dumps({name: {"sha256": sha256, "bytes": size}})


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("raw2adam", "other", "not a manifest of raw2adam"),
        ('"schema": 1', '"schema": 2', "schema 2, but this raw2adam reads schema 1"),
        ('"schema": 1', '"schema": 1, "schema": 1', "a key occurs twice"),
        ('"study": "OBS16577"', '"study": 5', '"study" is not a text'),
        ('"counts": {\n  "DM": 3\n }', '"counts": []', '"counts" is not a mapping'),
        ('"inputs": {}', f'"inputs": {entry("../../etc/passwd")}', "the entry '../../etc/passwd'"),
        ('"inputs": {}', f'"inputs": {entry("/etc/passwd")}', "the entry '/etc/passwd'"),
        ('"inputs": {}', f'"inputs": {entry("a", size=True)}', "the entry 'a'"),
        ('"inputs": {}', f'"inputs": {entry("a", size=-1)}', "the entry 'a'"),
        ('"inputs": {}', f'"inputs": {entry("a", sha256=ABC.upper())}', "the entry 'a'"),
        ('"inputs": {}', '"inputs": {"a": "b"}', "the entry 'a'"),
    ],
)
def test_damaged_manifests_are_refused_in_words(tmp_path: Path, old: str, new: str, message: str):
    build(tmp_path)
    path = tmp_path / "manifest.json"
    text = path.read_text("ascii")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), "ascii")
    with pytest.raises(InputError) as caught:
        read_manifest(tmp_path)
    assert message in str(caught.value)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"", r"manifest\.json:1:1: not JSON"),
        (b'{\n "schema": 1,\n', r"manifest\.json:3:1: not JSON"),
        (b"\xff\xfe{}", "damaged"),
        (b"[]", "not a manifest of raw2adam"),
        (b"[" * 100_000, r"damaged|not JSON"),
    ],
)
def test_broken_manifests_name_the_place(tmp_path: Path, raw: bytes, message: str):
    (tmp_path / "manifest.json").write_bytes(raw)
    with pytest.raises(InputError, match=message):
        verify_manifest(tmp_path)


def test_no_manifest(tmp_path: Path):
    with pytest.raises(InputError, match=r"holds no manifest\.json"):
        verify_manifest(tmp_path)


def test_a_full_disk_is_an_output_error(tmp_path: Path):
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full here")
    (tmp_path / "manifest.json").symlink_to("/dev/full")
    with pytest.raises(OutputError, match="No space left"):
        build(tmp_path)


def test_names_that_are_not_text_survive(tmp_path: Path):
    name = os.fsdecode(b"caf\xe9.txt")
    try:
        (tmp_path / name).write_bytes(b"abc")
    except OSError:
        pytest.skip("this file system takes Unicode names only")
    assert build(tmp_path).outputs[name].sha256 == ABC
    assert verify_manifest(tmp_path) == []


def test_package_versions_cover_the_direct_dependencies_without_importing_them():
    code = (
        "import sys, json; from raw2adam.output_folder.installed import package_versions; v = package_versions();"
        "assert not {'pandas', 'lxml', 'great_expectations', 'pydantic'} & set(sys.modules); print(json.dumps(v))"
    )
    versions = json.loads(subprocess.run([sys.executable, "-c", code], check=True, capture_output=True).stdout)
    import pandas

    assert versions["pandas"] == pandas.__version__
    assert versions["python"] == ".".join(map(str, sys.version_info[:3]))
    assert {"numpy", "pyarrow", "lxml", "typer", "great-expectations"} <= set(versions)
    assert "pytest" not in versions  # an extra
    assert "not installed" not in versions.values()


@pytest.fixture
def looked_up_again():
    """Whatever the process found before, the versions are looked up, and looked up again afterwards."""
    installed_packages._installed.cache_clear()
    yield
    installed_packages._installed.cache_clear()


def test_package_versions_from_a_source_tree(monkeypatch: pytest.MonkeyPatch, looked_up_again):
    """They are those of an installation of this tree. The one that runs the tests may be older, and declare others."""
    from importlib import metadata

    assert package_versions()["pandas"] == metadata.version("pandas")
    installed_packages._installed.cache_clear()
    pyproject = Path(installed_packages.__file__).parents[1] / "pyproject.toml"
    declared = tomllib.loads(pyproject.read_text("utf-8"))["project"]["dependencies"]
    monkeypatch.setattr(metadata, "requires", lambda name: [*declared, "pytest>=9; extra == 'test'"])
    installed = package_versions()
    assert len(installed) == len(declared) + 1  # Python
    assert installed["pandas"] == metadata.version("pandas")

    def not_installed(name: str):
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "requires", not_installed)
    installed_packages._installed.cache_clear()
    assert package_versions() == installed


def test_a_dependency_that_is_not_installed_is_said_so(monkeypatch: pytest.MonkeyPatch, looked_up_again):
    from importlib import metadata

    monkeypatch.setattr(metadata, "requires", lambda name: ["surely-no-such-package>=1", "dask; extra == 'cluster'"])
    found = package_versions()
    assert found.pop("python")
    assert found == {"surely-no-such-package": "not installed"}
