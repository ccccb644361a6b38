"""Rows of Dataset-JSON that are lines: read as columns, equal to what JSON says, or refused as JSON refuses them."""

from __future__ import annotations

import json

import pytest
from raw2adam.errors import InputError
from raw2adam.transport import json_rows
from raw2adam.transport.read_dataset_json import read_dataset_json

COLUMNS = [
    {"name": "TEXT", "dataType": "string", "label": "T"},
    {"name": "WHOLE", "dataType": "integer", "label": "W"},
    {"name": "FLOAT", "dataType": "float", "label": "F"},
    {"name": "DTC", "dataType": "date", "label": "C"},
    {"name": "ADT", "dataType": "date", "targetDataType": "integer", "displayFormat": "DATE9.", "label": "D"},
]
GOOD = [
    '["a, b",1,0.5,"2024-01-01","1960-01-02"]',
    '["null",-12,-1.25e-7,"",null]',
    '["Ménière  ",null,null,"2024-01-02","2024-02-29"]',
    '["],",0,12.5,"",null]',
    '["1",7,1e+300,"","1959-12-31"]',
]


@pytest.fixture
def fast(monkeypatch):
    """Every file is long enough; the calls that read columns."""
    monkeypatch.setattr(json_rows, "_LEAST", 0)
    found = []

    def counted(*arguments, **named):
        found.append(json_rows.row_columns(*arguments, **named))
        return found[-1]

    monkeypatch.setattr("raw2adam.transport.read_dataset_json.row_columns", counted)
    return found


def write(path, rows, lines):
    head = {"datasetJSONVersion": "1.1.0", "itemGroupOID": "IG.XX", "records": len(rows), "name": "XX", "label": "X",
            "columns": COLUMNS}  # fmt: skip
    text = json.dumps(head, separators=(",", ":"))
    if lines:
        text += "\n" + "".join(f"{r}\n" for r in rows)
    else:
        text = f'{text[:-1]},"rows":[' + ",".join(f"\n{r}" for r in rows) + "\n]}\n"
    path.write_text(text, "utf-8", newline="\n")
    return path


def content(path):
    read = read_dataset_json(path)
    return [v.type for v in read.variables], [c.astype(object).where(c.notna(), None).tolist() for c in read.columns]


@pytest.mark.parametrize("lines", [False, True])
@pytest.mark.parametrize("many", [1, 5])
def test_columns_are_those_of_json(tmp_path, fast, monkeypatch, lines, many):
    path = write(tmp_path / ("x.ndjson" if lines else "x.json"), GOOD[:many], lines)
    quick = content(path)
    assert fast[0] is not None
    monkeypatch.setattr(json_rows, "_LEAST", 1 << 60)
    assert content(path) == quick
    assert quick[0] == ["text", "integer", "float", "date", "integer"]
    assert quick[1][4][0] == 1.0
    assert quick[1][0] == ["a, b", "null", "Ménière", "],", "1"][:many]


#: a cell of the last row in place of another: JSON refuses it, or reads it in another way
OTHERS = [
    ('"1",7', "abc,7"), ('"1",7', 'abc,"7"'), ('"1",7', '"1""2",7'), ('"1",7', '"1"2,7'), ('"1",7', '"1","7"'),
    ('"1",7', '"1",07'), ('"1",7', '"1",+7'), ('"1",7', '"1", 7'), ('"1",7', '"1",7.0'), ('"1",7', '"1",7.5'),
    ('"1",7', '"\\u0041",7'), ('"1",7', '"1\\"",7'), ('"1",7', "null,7"), ("1e+300", "inf"), ("1e+300", "-nan"),
    ("1e+300", ".5"), ("1e+300", "1E300"), ("1e+300", "nan"), ('"1959-12-31"', '"1959-12"'), ('"1959-12-31"', "12"),
    ('"1",7', "1,7"), ('"1",7', '"1"'), ('"1",7', '"1",7,8'), ('"1",7', '"1",12345678901234567890'), ('"1",7', '"1\t",7'),
    ("1e+300", "9007199254740993"), ('"1",7', '"1",9007199254740993'),
]  # fmt: skip


@pytest.mark.parametrize("lines", [False, True])
@pytest.mark.parametrize(("old", "new"), OTHERS)
def test_whatever_is_not_proved_is_parsed_as_json(tmp_path, fast, monkeypatch, old, new, lines):
    assert GOOD[4].count(old) == 1
    path = write(tmp_path / ("x.ndjson" if lines else "x.json"), [*GOOD[:4], GOOD[4].replace(old, new)], lines)

    def outcome():
        try:
            return content(path)
        except InputError as error:
            return str(error)

    found = outcome()
    assert fast in ([None], [])
    monkeypatch.setattr(json_rows, "_LEAST", 1 << 60)
    assert outcome() == found


def test_a_file_that_is_cut(tmp_path, fast):
    path = write(tmp_path / "x.json", GOOD, False)
    data = path.read_bytes()
    for cut in range(2, 120, 7):
        path.write_bytes(data[:-cut])
        with pytest.raises(InputError, match=r"cut short|not JSON|not UTF-8"):
            read_dataset_json(path)
    path = write(tmp_path / "x.ndjson", GOOD, True)
    path.write_bytes(path.read_bytes().rpartition(b'["1"')[0])
    with pytest.raises(InputError, match="declares records 5 and has 4 rows"):
        read_dataset_json(path)
