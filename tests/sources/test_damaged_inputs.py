"""Damaged, oversized and hostile files end in an error of raw2adam about the file: no traceback, no hang."""

import random
import re
import zipfile
from pathlib import Path

import openpyxl
import pandas as pd
import pyreadstat
import pytest
from raw2adam.errors import InputError, Raw2AdamError, UsageError
from raw2adam.findings.table import Findings
from raw2adam.sources.options import SourceOptions
from raw2adam.sources.read import read_source
from raw2adam.transport.dataset_files import read_dataset

SHEET = "xl/worksheets/sheet1.xml"
STYLES = "xl/styles.xml"


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("book") / "book.xlsx"
    workbook = openpyxl.Workbook()
    for row in (["SUBJ", "AGE"], ["01", 61], ["02", 58]):
        workbook.active.append(row)
    workbook.save(path)
    return path


def refused(folder: Path, file: str, **options: object) -> str:
    with pytest.raises(InputError) as error:
        read_source("s", folder, SourceOptions(file, **options), Findings())
    return str(error.value)


def changed(book: Path, folder: Path, part: str, old: bytes, new: bytes) -> Path:
    path = folder / "x.xlsx"
    with zipfile.ZipFile(book) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for member in source.infolist():
            content = source.read(member)
            if member.filename == part:
                assert old in content
                content = content.replace(old, new)
            target.writestr(member.filename, content)
    return path


@pytest.mark.parametrize(
    ("part", "old", "new", "message"),
    [
        (SHEET, b'<row r="3"', b'<row r="9999999"', "row 9999999 of the sheet; Excel has 1048576"),
        (SHEET, b'<row r="3"', b'<row r="-3"', "row -3 of the sheet"),
        (SHEET, b'r="A3"', b'r="ZZZZ3"', "damaged workbook"),
        (STYLES, b"<cellXfs", b'<dxfs2><xf numFmtId="0"/></dxfs2><cellXfs'.replace(b'<xf numFmtId="0"/>', b'<xf numFmtId="0"/>' * 140_000), "cell formats"),
        (SHEET, b"</sheetData>", b"</sheetData><mergeCells>" + b'<mergeCell ref="A1:B1"/>' * 50_001 + b"</mergeCells>", "50000 elements mergeCell"),
        (SHEET, b"<sheetData>", b"<a>" * 5_000 + b"</a>" * 5_000 + b"<sheetData>", "damaged workbook"),
    ],
    ids=["row number", "negative row", "column letters", "formats", "merged cells", "depth"],
)  # fmt: skip
def test_a_workbook_beyond_what_excel_holds(book, tmp_path, part, old, new, message):
    changed(book, tmp_path, part, old, new)
    assert message in refused(tmp_path, "x.xlsx")


def test_a_workbook_whose_compressed_data_are_damaged(book, tmp_path):
    content = bytearray(book.read_bytes())
    with zipfile.ZipFile(book) as package:
        start = package.getinfo(SHEET).header_offset + 30 + len(SHEET) + 10
    content[start : start + 20] = b"\xff" * 20
    (tmp_path / "x.xlsx").write_bytes(content)
    assert "cut short" in refused(tmp_path, "x.xlsx")


@pytest.mark.parametrize("encoding", ["idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "hex"])
def test_codecs_that_are_no_encoding_of_a_file(encoding):
    with pytest.raises(UsageError, match=f"unknown encoding '{encoding}'"):
        SourceOptions("a.csv", encoding=encoding)


def test_a_file_of_too_many_columns(tmp_path):
    (tmp_path / "a.csv").write_text(",".join(f"C{i}" for i in range(16_385)) + "\n")
    assert "16385 columns; at most 16384 are read" in refused(tmp_path, "a.csv")


@pytest.mark.parametrize(
    ("suffix", "old", "new"),
    [("sav", b"AGE ", b"\0\0\0\0"), ("xpt", b"AGE ", b"    "), ("dta", b"AGE\0", b"\0\0\0\0")],
)
def test_a_variable_without_a_name(tmp_path, suffix, old, new):
    frame = pd.DataFrame({"SUBJ": ["01", "02"], "AGE": [61.0, 58.0]})
    path = tmp_path / f"a.{suffix}"
    write = {"sav": pyreadstat.write_sav, "dta": pyreadstat.write_dta, "xpt": pyreadstat.write_xport}[suffix]
    write(frame, str(path))
    content = path.read_bytes()
    assert old in content
    path.write_bytes(content.replace(old, new))
    assert f"a.{suffix}: " in refused(tmp_path, f"a.{suffix}")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (b"HEADER RECORD*******MEMBER ", b"HEADER RECORD*******MEMBXX ", "no variable or observation header"),
        # NAMESTR of AGE: its width, 8, and its place in an observation, 2
        (
            b"\0\0\0\x02" + b"\0" * 52,
            b"\0\0\0\x7a" + b"\0" * 52,
            "AGE, a number, has 8 bytes at place 122 of an observation",
        ),
        (b"\0\x08\0\x02AGE ", b"\x80\0\0\x02AGE ", "AGE, a number, has -32768 bytes at place 2"),
        (b"\0\x08\0\x02AGE ", b"\0\0\0\x02AGE ", "AGE, a number, has 0 bytes at place 2"),
        (
            b"\0\0\0\x02" + b"\0" * 52,
            b"\xff\xff\xff\x02" + b"\0" * 52,
            "at place -254 of an observation; .* place 2 is free",
        ),
    ],
    ids=["no member", "place beyond the observation", "negative width", "number without width", "negative place"],
)
def test_a_transport_file_with_a_damaged_header(tmp_path, old, new, message):
    path = tmp_path / "a.xpt"
    frame = pd.DataFrame({"SUBJ": ["01", "02"], "AGE": [61.0, 58.0]})
    pyreadstat.write_xport(frame, str(path), file_format_version=5)
    content = path.read_bytes()
    assert content.count(old) == 1
    path.write_bytes(content.replace(old, new))
    assert re.search(message, refused(tmp_path, "a.xpt"))


@pytest.mark.parametrize("version", [8, 12, 13, 14, 15])
def test_a_stata_file_that_names_more_observations_than_it_has_bytes(tmp_path, version):
    """The parser would make room for two billion rows first."""
    path = tmp_path / "a.dta"
    pyreadstat.write_dta(pd.DataFrame({"SUBJ": ["01", "02"], "AGE": [61.0, 58.0]}), str(path), version=version)
    content = path.read_bytes()
    at = content.index(b"<N>") + 3 if version > 12 else 6
    path.write_bytes(content[:at] + b"\x02\0\0\x7f" + content[at + 4 :])
    assert "a.dta: damaged header: 2130706434 observations do not fit" in refused(tmp_path, "a.dta")


HEAD = '{"datasetJSONVersion":"1.1.0","itemGroupOID":"IG.AE","records":1,"name":"AE","label":"Events","columns":['
COLUMNS = (
    '{"itemOID":"I.U","name":"USUBJID","label":"Subject","dataType":"string"},'
    '{"itemOID":"I.N","name":"AESEQ","label":"Number","dataType":"integer"}],"rows":['
)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("\ufeff", "the file is empty"),
        (HEAD + COLUMNS + '["01",12345678901234567890]]}', "row 1: 12345678901234567890 has more digits"),
        (HEAD + COLUMNS.replace("AESEQ", "\\ud800") + '["01",1]]}', "half a surrogate pair"),
        (HEAD + COLUMNS.replace("Number", "\\udc00") + '["01",1]]}', "half a surrogate pair"),
        (HEAD + COLUMNS + '["\\ud800",1]]}', "half a surrogate pair"),
        (HEAD + COLUMNS + "[" * 100_000, "AE"),
    ],
    ids=["mark only", "20 digits", "name", "label", "text", "depth"],
)
@pytest.mark.parametrize("suffix", ["json", "ndjson"])
def test_dataset_json(tmp_path, content, message, suffix):
    path = tmp_path / f"AE.{suffix}"
    if suffix == "ndjson":
        content = content.replace(',"rows":[', "}\n").removesuffix("]}")
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InputError) as error:
        read_dataset(path)
    assert message in str(error.value)


def test_removals_of_many_forms_cost_no_more_than_the_forms(tmp_path):
    """Many removals took minutes when each looked at every form of the subject."""
    forms = [
        f'<FormData FormOID="F" FormRepeatKey="{i}"><ItemGroupData ItemGroupOID="G" TransactionType="Insert">'
        '<ItemData ItemOID="I" Value="1"/></ItemGroupData></FormData>'
        for i in range(3_000)
    ]
    removals = [f'<FormData FormOID="F" FormRepeatKey="{i}" TransactionType="Remove"/>' for i in range(1, 3_000)]
    (tmp_path / "a.xml").write_text(
        '<ODM xmlns="http://www.cdisc.org/ns/odm/v1.3" ODMVersion="1.3.2" FileType="Transactional" FileOID="f" '
        'CreationDateTime="2024-01-01T00:00:00"><ClinicalData StudyOID="S" MetaDataVersionOID="M">'
        '<SubjectData SubjectKey="1"><StudyEventData StudyEventOID="E">'
        + "".join(forms + removals)
        + "</StudyEventData></SubjectData></ClinicalData></ODM>"
    )
    table = read_source("s", tmp_path, SourceOptions("a.xml", item_group="G"), Findings())
    assert table.frame["FormRepeatKey"].tolist() == ["0"]


def mutated(rng: random.Random, content: bytes) -> bytes:
    data = bytearray(content)
    if rng.random() < 0.1:
        return bytes(data[: rng.randrange(len(data) + 1)])
    for _ in range(rng.choice([1, 2, 8, 40])):
        at = rng.randrange(len(data))
        size = rng.randrange(1, 30)
        what = rng.randrange(4)
        if what == 0:
            data[at] ^= 1 << rng.randrange(8)
        elif what == 1:
            del data[at : at + size]
        elif what == 2:
            data[at:at] = data[at : at + size]
        else:
            data[at : at + size] = bytes([rng.choice([0, 32, 57, 255])]) * size
    return bytes(data)


@pytest.mark.parametrize("suffix", ["xlsx", "xpt", "sav", "dta", "parquet"])
def test_changed_bytes_give_a_table_or_an_error_of_ours(tmp_path, book, suffix):
    """The same thirty changes in every run; make fuzz draws new ones."""
    frame = pd.DataFrame({"SUBJ": ["01", "02"], "AGE": [61.0, 58.5]})
    path = tmp_path / f"a.{suffix}"
    if suffix == "xlsx":
        path.write_bytes(book.read_bytes())
    elif suffix == "parquet":
        frame.to_parquet(path)
    else:
        write = {"sav": pyreadstat.write_sav, "dta": pyreadstat.write_dta, "xpt": pyreadstat.write_xport}[suffix]
        write(frame, str(path))
    content = path.read_bytes()
    rng = random.Random(f"damaged {suffix}")
    for _ in range(30):
        path.write_bytes(mutated(rng, content))
        try:
            read_source("s", tmp_path, SourceOptions(path.name), Findings())
        except Raw2AdamError as error:
            assert path.name in str(error)
