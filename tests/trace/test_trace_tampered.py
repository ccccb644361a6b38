"""A file of the output folder that was changed since the build is named by trace; nothing is traced from it."""

import datetime as dt
import random
import shutil
from pathlib import Path

import pytest
from kit.command import build
from raw2adam.errors import InputError
from raw2adam.runs.from_raw import Options
from raw2adam.trace.records import trace_records

STUDY = {
    "study.yaml": """\
study: {id: S1, title: Two subjects}
subject: {columns: [SUBJ], usubjid: "{STUDYID}-{SUBJ}"}
dates: {formats: [yyyy-mm-dd]}
sources:
  dm: {file: dm.csv}
  ae: {file: ae.csv}
""",
    "sdtm/dm.yaml": "dataset: DM\nrows: {source: dm}\nvariables:\n  SEX: SEX\n  COUNTRY: {value: DEU}\n  RFSTDTC: {date: START}\n",
    "sdtm/ae.yaml": "dataset: AE\nrows: {source: ae}\nvariables:\n  AETERM: TERM\n  AEDECOD: TERM\n  AESTDTC: {date: DAY}\n",
}
RAW = {"dm.csv": "SUBJ,SEX,START\n01,F,2024-03-01\n02,M,2024-03-04\n", "ae.csv": "SUBJ,TERM,DAY\n01,Cough,2024-03-05\n"}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("built")
    for name, text in {**STUDY, **{f"raw/{n}": t for n, t in RAW.items()}}.items():
        path = folder / "study" / name if name in STUDY else folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    build(str(folder / "study"), folder / "raw", folder / "out", Options(as_of=dt.date(2026, 1, 31), quality=False))
    return folder / "out"


@pytest.fixture
def out(built: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(built, tmp_path / "out"))


def test_the_folder_as_built_is_traced(out: Path) -> None:
    (record,) = trace_records(out, "AE", "AESEQ == 1", 1)
    term = next(v for v in record["values"] if v["variable"] == "AETERM")
    assert term["value"] == "Cough"
    assert [(c["file"], c["row"], c["column"], c["cell"]) for c in term["cells"]] == [("ae.csv", 1, "TERM", "Cough")]


@pytest.mark.parametrize(
    "name", ["lineage/rules.json", "lineage/AE.parquet", "lineage/raw/ae.parquet", "sdtm/ae.xpt", "manifest.json"]
)
@pytest.mark.parametrize("change", ["one byte", "cut", "empty", "gone", "another file"])
def test_a_changed_file_is_named(out: Path, name: str, change: str) -> None:
    path = out / name
    content = path.read_bytes()
    if change == "one byte":
        # another sha256 in the manifest names the file that has it
        at = 0 if name == "manifest.json" else random.Random(name).randrange(len(content))
        path.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
    elif change == "gone":
        path.unlink()
    else:
        other = (out / "lineage/DM.parquet").read_bytes()
        path.write_bytes({"cut": content[: len(content) // 2], "empty": b"", "another file": other}[change])
    if (name, change) == ("lineage/raw/ae.parquet", "gone"):  # as with --no-raw-copy: the place without the cell
        (record,) = trace_records(out, "AE", "", 1)
        assert all("cell" not in cell for v in record["values"] for cell in v["cells"] if cell.get("file"))
        return
    with pytest.raises(InputError) as error:
        trace_records(out, "AE", "", 1)
    assert Path(name).name in str(error.value) or (change == "gone" and "AE" in str(error.value))
