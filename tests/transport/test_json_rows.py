"""Rows of Dataset-JSON that are lines: read as columns, equal to what JSON says, or refused as JSON refuses them."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kit.fuzzing import examples
from raw2adam.errors import InputError
from raw2adam.transport import file_pieces, json_rows
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


#: a cell of the last row in place of another: JSON refuses it, or it needs another reading
OTHERS = [
    ('"1",7', "abc,7"), ('"1",7', 'abc,"7"'), ('"1",7', '"1""2",7'), ('"1",7', '"1"2,7'), ('"1",7', '"1","7"'),
    ('"1",7', '"1",07'), ('"1",7', '"1",+7'), ('"1",7', '"1",-'), ('"1",7', '"1",7.5'), ('"1",7', '"1",7 8'),
    ('"1",7', '"1\\",7'), ('"1",7', '"\\x",7'), ('"1",7', '"\\ud800",7'), ("1e+300", "inf"), ("1e+300", "-nan"),
    ("1e+300", ".5"), ("1e+300", "5."), ("1e+300", "5.e3"), ("1e+300", "1e999"), ("1e+300", "nan"), ("1e+300", "nul"),
    ("1e+300", "nulll"), ("1e+300", "true"), ("1e+300", "[1]"), ("1e+300", "{}"), ("1e+300", "-01"), ("1e+300", ""),
    ('"1959-12-31"', '"1959-12"'), ('"1959-12-31"', '"1959-02-30"'), ('"1959-12-31"', '"0000-01-01"'),
    ('"1959-12-31"', "12"), ('"1",7', "1,7"), ('"1",7', '"1"'), ('"1",7', '"1",7,8'), ('"1",7', '"1\t",7'),
    ('"1",7', '"1",12345678901234567890'), ("1e+300", "9007199254740993"), ('"1",7', '"1",9007199254740993'),
    ('["1"', '[["1"'), ('["1"', '"1"'), ('["1"', 'x["1"'), ('"1959-12-31"]', '"1959-12-31"]x'), ('["1"', '\u00e9["1"'),
]  # fmt: skip
#: such cells that are read as columns too
FORMS = [
    ('"1",7', '"1", 7'), ('"1",7', '"1",7.0'), ('"1",7', '"\\u0041",7'), ('"1",7', '"1\\"",7'), ('"1",7', "null,7"),
    ('"1",7', '"\\\\",7'), ('"1",7', '"\\\\\\"],[\\"",7'), ('"1",7', '"a, b ",7'), ('"1",7', '"a, \\u0062",7'),
    ("1e+300", "1E300"), ("1e+300", "1.50"), ("1e+300", "-0.0"), ("1e+300", "9007199254740993.0"), ("1e+300", "0"),
    ('"1",7', '"i.e. 5.e3",7'), ('"1",7', '"\U0001f600\\ud83d\\ude00",7'), ('"1959-12-31"', '""'), ('["1"', '[ "1"'),
]  # fmt: skip


@pytest.mark.parametrize("lines", [False, True])
def test_whatever_is_not_proved_is_parsed_as_json(tmp_path, fast, monkeypatch, lines):
    for old, new in [*OTHERS, *FORMS]:
        assert GOOD[4].count(old) == 1
        path = write(tmp_path / ("x.ndjson" if lines else "x.json"), [*GOOD[:4], GOOD[4].replace(old, new)], lines)
        fast.clear()
        monkeypatch.setattr(json_rows, "_LEAST", 0)
        found = outcome(path)
        assert [f is not None for f in fast] == [(old, new) in FORMS], new
        monkeypatch.setattr(json_rows, "_LEAST", 1 << 60)
        assert outcome(path) == found, new


def outcome(path):
    try:
        return content(path)
    except InputError as error:
        return str(error)


def test_files_of_other_programs(tmp_path, fast, monkeypatch):
    """Blanks behind commas, no line ends, line ends of Windows, a byte order mark: the same columns."""
    expected = content(write(tmp_path / "x.ndjson", GOOD, True))
    rows = [json.loads(r) for r in GOOD]
    head = {"datasetJSONVersion": "1.1.0", "records": 5, "name": "XX", "columns": COLUMNS}
    whole, lines = tmp_path / "y.json", tmp_path / "y.ndjson"
    spaced = json.dumps(head | {"rows": rows}, ensure_ascii=False)
    plain = "\n".join(json.dumps(x, ensure_ascii=False) for x in [head, *rows])
    texts = [
        (whole, spaced), (whole, spaced.replace(", ", ",").replace("a,b", "a, b")), (whole, spaced + "\r\n"),
        (whole, "\ufeff" + spaced), (lines, plain), (lines, plain.replace("\n", "\r\n") + "\r\n"), (lines, "\ufeff" + plain),
    ]  # fmt: skip
    for path, text in texts:
        fast.clear()
        path.write_text(text, "utf-8", newline="")
        assert content(path) == expected
        assert fast[0] is not None, text
    for text in (
        json.dumps(head | {"rows": rows}, indent=1),
        json.dumps({"rows": rows} | head),
        plain.replace("\n", "\n\n"),
    ):
        path = whole if text.startswith(("{\n", '{"rows')) else lines
        path.write_text(text, "utf-8", newline="")
        assert content(path) == expected


TEXTS = st.text(st.sampled_from('ab"\\,[] \n\u00e9\U0001f600.e1'), max_size=6)
NUMBERS = st.none() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
WHOLE = st.none() | st.integers(-(2**53) + 1, 2**53 - 1)


@settings(max_examples=examples(15), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(st.tuples(st.none() | TEXTS, WHOLE, NUMBERS, TEXTS, st.none() | st.dates().map(str)), min_size=1),
    separators=st.sampled_from([(",", ":"), (", ", ": ")]), ascii_only=st.booleans(), lines=st.booleans(),
    piece=st.sampled_from([40, 300, 1 << 20]),
)  # fmt: skip
def test_any_rows_are_read_as_json_reads_them(tmp_path, fast, rows, separators, ascii_only, lines, piece):
    texts = [json.dumps(r, separators=separators, ensure_ascii=ascii_only) for r in rows]
    path = write(tmp_path / ("x.ndjson" if lines else "x.json"), texts, lines)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(file_pieces, "_PIECE", max(piece, path.read_bytes().find(b"\n[") + 2))
        fast.clear()
        found = content(path)
        patch.setattr(json_rows, "_LEAST", 1 << 60)
        assert content(path) == found
    assert len(fast) == 1


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
