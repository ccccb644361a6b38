"""raw2adam diff: each kind of difference on tables written by hand, keys, the criterion, and what must always hold."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kit.fuzzing import examples
from raw2adam.comparison.accepted import AcceptedDifferences
from raw2adam.comparison.attributes import Side
from raw2adam.comparison.compare_datasets import compare_datasets, shares
from raw2adam.comparison.json_report import json_report
from raw2adam.comparison.keys import KeySources, define_keys, option_keys
from raw2adam.comparison.options import Options
from raw2adam.comparison.result import Comparison, DatasetResult
from raw2adam.comparison.text_report import text_report
from raw2adam.comparison.value_text import percent, shown
from raw2adam.engine.tables.dataset import DatasetMetadata, VariableMetadata
from raw2adam.errors import InputError, UsageError

NAN = float("nan")
KEY = ("USUBJID", "PARAMCD")
#: one record a line; a number column holds floats only
TABLE = [
    {"USUBJID": "S-1", "PARAMCD": "OS", "AVAL": 120.0, "AVALC": "Y", "ADT": 22000.0},
    {"USUBJID": "S-1", "PARAMCD": "PFS", "AVAL": 60.0, "AVALC": "", "ADT": NAN},
    {"USUBJID": "S-2", "PARAMCD": "OS", "AVAL": NAN, "AVALC": "N", "ADT": 21000.0},
    {"USUBJID": "S-3", "PARAMCD": "PFS", "AVAL": 0.0, "AVALC": "Y", "ADT": -1.0},
]


def side(
    records: list[dict[str, object]],
    path: str = "adtte.xpt",
    columns: tuple[str, ...] = (),
    name: str = "ADTTE",
    label: str = "Time to Event",
    **changed: VariableMetadata,
) -> Side:
    """A dataset unchanged from its file; ``changed``: variables in place of the plain ones."""
    names = columns or tuple(records[0])
    variables, data = [], {}
    for n in names:
        values = [r[n] for r in records]
        numeric = n in ("AVAL", "ADT", "AESEQ")
        data[n] = np.array(values, dtype="float64") if numeric else pd.Categorical(values)
        plain = VariableMetadata(
            n, f"Label of {n}", "float" if numeric else "text", 8, format="DATE9." if n == "ADT" else ""
        )
        variables.append(changed.get(n, plain))
    return Side(Path(path), DatasetMetadata(name, label, tuple(variables), ()), pd.DataFrame(data))


def compared(base: Side, compare: Side, options: Options = Options(), key: tuple[str, ...] = KEY) -> DatasetResult:  # noqa: B008
    return compare_datasets(base, compare, key, options, AcceptedDifferences(), "--keys")


def edited(*changes: tuple[int, str, object]) -> list[dict[str, object]]:
    records = [dict(r) for r in TABLE]
    for row, name, value in changes:
        records[row][name] = value
    return records


def cells(result: DatasetResult) -> list[tuple]:
    return [(*c.key.values(), c.variable, c.base, c.compare) for c in result.cells]


# --- cells -----------------------------------------------------------------------------------------------------------


def test_equal_tables_are_equal() -> None:
    result = compared(side(TABLE), side(TABLE))
    assert (result.differences, result.common, result.cells_compared, result.notes) == (0, 4, 12, [])


def test_changed_cells_one_by_one() -> None:
    changes = [
        (0, "AVAL", 121.0), (1, "AVALC", "N"), (1, "ADT", 22001.0), (2, "AVAL", 3.0), (3, "AVAL", NAN), (3, "AVALC", ""),
    ]  # fmt: skip
    result = compared(side(TABLE), side(edited(*changes)))
    assert cells(result) == [
        ("S-1", "OS", "AVAL", 120, 121),
        ("S-2", "OS", "AVAL", None, 3),
        ("S-3", "PFS", "AVAL", 0, None),
        ("S-1", "PFS", "AVALC", "", "N"),
        ("S-3", "PFS", "AVALC", "Y", ""),
        ("S-1", "PFS", "ADT", None, 22001),
    ]
    reported = [
        (v.name, v.compared, v.different, v.base_missing, v.compare_missing, v.largest) for v in result.variables
    ]
    assert reported == [("AVAL", 4, 3, 1, 1, 1.0), ("AVALC", 4, 2, 1, 1, None), ("ADT", 4, 1, 1, 0, None)]
    assert result.differences == 6
    assert result.cells[-1].format == "DATE9."


def test_each_text_is_compared_as_it_is() -> None:
    changes = [(0, "AVALC", "y"), (1, "AVALC", " "), (2, "AVALC", " N"), (3, "AVALC", "Y  ")]
    records = edited(*changes)
    for record in records:  # a reader takes trailing blanks off; leading ones stay
        record["AVALC"] = str(record["AVALC"]).rstrip(" ")
    assert [c[3:] for c in cells(compared(side(TABLE), side(records)))] == [("Y", "y"), ("N", " N")]


@pytest.mark.parametrize(
    ("options", "compare", "different"),
    [
        (Options(), 120.0 + 1e-8, False),
        (Options(), 120.0 + 3e-8, True),
        (Options(), 120.0 - 3e-8, True),
        (Options(criterion=0), 120.0, False),
        (Options(criterion=0), np.nextafter(120.0, 121), True),
        (Options(criterion=0.5), 120.5, False),
        (Options(criterion=0.5), 120.6, True),
        (Options(criterion=0.01, relative=True), 121.2, False),  # |1.2| <= 0.01 x 120.6
        (Options(criterion=0.01, relative=True), 121.3, True),
        (Options(criterion=0.01, relative=True), 118.9, False),  # |1.1| <= 0.01 x 119.45
        (Options(criterion=0.01, relative=True), 118.8, True),  # |1.2| > 0.01 x 119.4
        (Options(criterion=10), NAN, True),
    ],
)
def test_the_criterion(options: Options, compare: float, different: bool) -> None:
    result = compared(side(TABLE), side(edited((0, "AVAL", compare))), options)
    assert result.cells_different == int(different)


def test_zero_and_minus_zero_are_equal_by_every_method() -> None:
    for options in (Options(), Options(criterion=0), Options(relative=True), Options(criterion=0, relative=True)):
        assert compared(side(TABLE), side(edited((3, "AVAL", -0.0))), options).differences == 0


def test_a_number_against_a_text_is_a_type_difference_and_compared_by_its_text() -> None:
    records = [{**r, "AVAL": {120.0: "120", 60.0: "60.0", 0.0: "0"}.get(r["AVAL"], "")} for r in TABLE]
    numbers, texts = side(TABLE), side(TABLE, AVAL=VariableMetadata("AVAL", "Label of AVAL", "text", 8))
    texts.frame["AVAL"] = pd.Categorical([r["AVAL"] for r in records])
    result = compared(numbers, texts)
    assert [(a.kind, a.variable, a.base, a.compare) for a in result.attributes] == [("type", "AVAL", "Num", "Char")]
    assert cells(result) == [("S-1", "PFS", "AVAL", 60, "60.0")]


# --- records and keys ------------------------------------------------------------------------------------------------


def test_records_of_one_side_are_listed_by_key() -> None:
    added = [{**TABLE[0], "USUBJID": "S-0"}, {**TABLE[0], "PARAMCD": "DOR"}]
    result = compared(side(TABLE), side([added[0], *TABLE[1:], added[1]]))
    assert [r.key for r in result.only_base.listed] == [{"USUBJID": "S-1", "PARAMCD": "OS"}]
    assert [tuple(r.key.values()) for r in result.only_compare.listed] == [("S-0", "OS"), ("S-1", "DOR")]
    assert (result.common, result.differences, result.cells_different) == (3, 3, 0)


def test_a_missing_key_value_matches_a_missing_one() -> None:
    records = edited((0, "PARAMCD", ""), (2, "ADT", NAN))
    result = compared(side(records), side(records[::-1]), key=("USUBJID", "PARAMCD", "ADT"))
    assert (result.common, result.differences) == (4, 0)


def test_repeated_keys_are_errors_and_compared_in_the_order_of_occurrence() -> None:
    base = [TABLE[0], {**TABLE[0], "AVAL": 7.0}, *TABLE[1:]]
    compare = [{**TABLE[0], "AVAL": 7.0}, TABLE[0], {**TABLE[0], "AVAL": 9.0}, *TABLE[1:]]
    result = compared(side(base), side(compare))
    one, two = result.repeated_base, result.repeated_compare
    assert (one.keys, one.records, one.listed) == (1, 2, [({"USUBJID": "S-1", "PARAMCD": "OS"}, 2)])
    assert (two.keys, two.records, two.listed) == (1, 3, [({"USUBJID": "S-1", "PARAMCD": "OS"}, 3)])
    assert cells(result) == [("S-1", "OS", "AVAL", 120, 7), ("S-1", "OS", "AVAL", 7, 120)]
    assert result.only_compare.count == 1
    assert result.notes == ["the records of a repeated key are compared in the order in which they occur"]
    assert result.differences == 1 + 1 + 2 + 1


def test_repeated_keys_alone_are_a_difference() -> None:
    result = compared(side([TABLE[0], TABLE[0]]), side([TABLE[0], TABLE[0]]))
    assert (result.cells_different, result.only_base.count, result.differences) == (0, 0, 2)


def test_empty_datasets() -> None:
    none = side(TABLE)
    none = Side(none.path, none.spec, none.frame.iloc[:0])
    assert compared(none, none).differences == 0
    result = compared(side(TABLE), none)
    assert (result.only_base.count, result.common, result.differences) == (4, 0, 4)
    assert compared(none, side(TABLE)).only_compare.count == 4


# --- attributes ------------------------------------------------------------------------------------------------------


def attributes(result: DatasetResult) -> list[tuple[str, str, str, str]]:
    return [(a.kind, a.variable, a.base, a.compare) for a in result.attributes]


def test_attributes_of_datasets_and_variables() -> None:
    other = side(
        TABLE,
        columns=("USUBJID", "AVAL", "PARAMCD", "ADT"),
        label="Time To Event",
        AVAL=VariableMetadata("AVAL", "Analysis Value", "float", 5, format="8.2"),
        PARAMCD=VariableMetadata("PARAMCD", "Label of PARAMCD", "text", 4),
        ADT=VariableMetadata("ADT", "Label of ADT", "integer", 8, format="date9."),
    )
    result = compared(side(TABLE), other)
    assert attributes(result) == [
        ("label", "", "Time to Event", "Time To Event"),
        ("length", "PARAMCD", "8", "4"),
        ("label", "AVAL", "Label of AVAL", "Analysis Value"),
        ("format", "AVAL", "", "8.2"),
        ("variable", "AVALC", "Char", ""),
    ]
    assert result.notes == ["the variables have another order in COMPARE, from PARAMCD on"]
    assert result.differences == 5
    assert attributes(compared(other, side(TABLE)))[-1] == ("variable", "AVALC", "", "Char")
    left_aside = Options(ignore=frozenset({"label", "length", "format", "order"}))
    result = compared(side(TABLE), other, left_aside)
    assert (attributes(result), result.notes) == ([("variable", "AVALC", "Char", "")], [])


def test_an_attribute_that_a_file_does_not_have_is_not_compared_and_noted() -> None:
    blank = {n: VariableMetadata(n, "", "float" if n in ("AVAL", "ADT") else "text", 0) for n in TABLE[0]}
    result = compared(side(TABLE), side(TABLE, "adtte.parquet", label="", **blank))
    assert result.attributes == []
    assert result.notes == [
        "dataset label not compared for 1, which one of the files does not have",
        "label not compared for 5, which one of the files does not have",
        "length not compared for 3, which one of the files does not have",
        "format not compared for 1, which one of the files does not have",
    ]
    # an XPT file has a place for labels: a blank one is a difference
    assert len(compared(side(TABLE), side(TABLE, label="", **blank)).attributes) == 1 + 5 + 1


# --- keys ------------------------------------------------------------------------------------------------------------


def test_option_keys() -> None:
    assert option_keys(["usubjid, aeseq"]) == ({}, ("USUBJID", "AESEQ"))
    assert option_keys(["ADSL=USUBJID", "adae = USUBJID,AESEQ"]) == (
        {"ADSL": ("USUBJID",), "ADAE": ("USUBJID", "AESEQ")}, (),
    )  # fmt: skip
    for wrong in (
        ["=USUBJID"],
        ["USUBJID,,AESEQ"],
        ["ADSL="],
        ["A=B=C"],
        ["USUBJID", "AESEQ"],
        ["A=X", "a=Y"],
        ["X,X"],
    ):
        with pytest.raises(UsageError, match="--keys"):
            option_keys(wrong)


DEFINE = """<?xml version="1.0"?>
<ODM xmlns="http://www.cdisc.org/ns/odm/v1.3"><Study OID="S"><MetaDataVersion OID="M" Name="M">
<ItemGroupDef OID="IG.ADTTE" Name="ADTTE" Repeating="Yes">
<ItemRef ItemOID="IT.1" Mandatory="Yes"/><ItemRef ItemOID="IT.2" Mandatory="Yes" KeySequence="2"/>
<ItemRef ItemOID="IT.3" Mandatory="Yes" KeySequence="1"/></ItemGroupDef>
<ItemDef OID="IT.1" Name="AVAL" DataType="float"/><ItemDef OID="IT.2" Name="PARAMCD" DataType="text"/>
<ItemDef OID="IT.3" Name="USUBJID" DataType="text"/></MetaDataVersion></Study></ODM>
"""


def test_keys_from_the_first_source_that_has_them(tmp_path: Path) -> None:
    for name in ("base", "compare"):
        (tmp_path / name).mkdir()
    one, two = side(TABLE, str(tmp_path / "base" / "adtte.xpt")), side(TABLE, str(tmp_path / "compare" / "adtte.xpt"))
    sides = [("BASE", one.path, one.spec), ("COMPARE", two.path, two.spec)]
    with pytest.raises(UsageError, match="ADTTE: the key of its records is unknown"):
        KeySources().of("ADTTE", sides)
    (tmp_path / "compare" / "define.xml").write_text(DEFINE, "utf-8")
    assert define_keys(tmp_path / "compare" / "define.xml") == {"ADTTE": ("USUBJID", "PARAMCD")}
    assert KeySources().of("ADTTE", sides) == (("USUBJID", "PARAMCD"), "define.xml of COMPARE")
    assert KeySources(study={"ADTTE": ("AVAL",)}).of("ADTTE", sides) == (("AVAL",), "--study")
    assert KeySources({}, ("ADT",), {"ADTTE": ("AVAL",)}).of("ADTTE", sides) == (("ADT",), "--keys")
    assert KeySources({"ADTTE": ("AVALC",)}, ("ADT",)).of("ADTTE", sides) == (("AVALC",), "--keys")
    with pytest.raises(UsageError, match=r"names PARAMDC, which BASE .* \(did you mean 'PARAMCD'\?\)"):
        KeySources({}, ("USUBJID", "PARAMDC")).of("ADTTE", sides)
    (tmp_path / "base" / "define.xml").write_text("<ODM", "utf-8")
    with pytest.raises(InputError, match="cannot be read for the keys"):
        KeySources().of("ADTTE", sides)


# --- what is listed --------------------------------------------------------------------------------------------------


def test_limits_are_shared_by_the_variables_and_counts_stay_full() -> None:
    assert shares([50, 1, 50], 11) == [5, 1, 5]
    assert shares([2, 3], 0) == [2, 3]
    assert shares([2, 3], 10) == [2, 3]
    assert shares([0, 9, 9], 3) == [0, 1, 2]
    records = [{**TABLE[0], "USUBJID": f"S-{i:02}", "AVAL": float(i)} for i in range(30)]
    other = [{**r, "AVAL": r["AVAL"] + 1, "AVALC": "N"} for r in records]
    result = compared(side(records), side(other), Options(limit=4))
    assert [(c.key["USUBJID"], c.variable) for c in result.cells] == [
        ("S-00", "AVAL"), ("S-01", "AVAL"), ("S-00", "AVALC"), ("S-01", "AVALC"),
    ]  # fmt: skip
    assert result.cells_different == 60
    assert len(compared(side(records), side(other), Options(limit=0)).cells) == 60


def test_options_that_make_no_sense() -> None:
    for options, reported in (
        ({"criterion": -1}, "--criterion"),
        ({"criterion": NAN}, "--criterion"),
        ({"limit": -1}, "--limit"),
        ({"ignore": frozenset({"lable"})}, "did you mean 'label'"),
    ):
        with pytest.raises(UsageError, match=reported):
            Options(**options)


def test_values_as_reports_write_them() -> None:
    assert shown(22000.0, "DATE9.") == "22000 (2020-03-26)"
    assert shown(22000, "8.2") == "22000"
    assert shown(0.1) == "0.1"
    assert shown(None, "DATE9.") == "."
    assert shown("a\x1b[31m\u202e") == "'a\\x1b[31m\\u202e'"
    assert len(shown("x" * 5000)) < 250
    assert (percent(1.0), percent(0.999999), percent(0.5)) == ("100 %", "99.99 %", "50.00 %")


def report(result: DatasetResult) -> Comparison:
    return Comparison("base", "compare", Options(), [result])


def test_text_report() -> None:
    text = text_report(report(compared(side(TABLE), side(edited((0, "AVAL", 121.0), (1, "ADT", 22000.0))))))
    lines = text.splitlines()
    assert "  records: 4 in BASE, 4 in COMPARE, 4 in both, 0 only in BASE, 0 only in COMPARE" in lines
    assert "  cells: 12 compared, 2 different" in lines
    assert "    USUBJID='S-1', PARAMCD='OS': AVAL 120 -> 121  (+1)" in lines
    assert "    USUBJID='S-1', PARAMCD='PFS': ADT . -> 22000 (2020-03-26)" in lines
    assert lines[-1] == "DIFFERENT: 2 differences in 1 of 1 dataset (ADTTE)"
    assert text_report(report(compared(side(TABLE), side(TABLE)))).endswith("EQUAL: 1 dataset compared")


def test_text_report_stops_and_says_so() -> None:
    records = [{**TABLE[0], "USUBJID": f"S-{i:02}"} for i in range(30)]
    other = [{**r, "AVALC": "N"} for r in records]
    text = text_report(report(compared(side(records), side(other))), show=3)
    assert text.count("AVALC 'Y' -> 'N'") == 3
    assert "... and 27 more" in text


# --- what must always hold -------------------------------------------------------------------------------------------

values = st.fixed_dictionaries(
    {
        "AVAL": st.one_of(st.just(NAN), st.floats(-1e9, 1e9)),
        "AVALC": st.sampled_from(["", "Y", "N", "a longer text", "\u00e9"]),
        "ADT": st.one_of(st.just(NAN), st.integers(-1000, 30000).map(float)),
    }
)
tables = st.lists(values, min_size=1, max_size=25).map(
    lambda rows: [
        {"USUBJID": f"S-{i // 3}", "PARAMCD": f"P{i % 3}", **{n: r[n] for n in sorted(r)}} for i, r in enumerate(rows)
    ]
)


@pytest.mark.slow_examples
@settings(max_examples=examples(8), deadline=None)
@given(tables, st.randoms(use_true_random=False))
def test_a_shuffled_dataset_is_equal_to_itself(records: list[dict], random) -> None:
    shuffled = list(records)
    random.shuffle(shuffled)
    result = compared(side(records), side(shuffled), Options(criterion=0))
    assert (result.differences, result.common) == (0, len(records))


@pytest.mark.slow_examples
@settings(max_examples=examples(8), deadline=None)
@given(tables, st.randoms(use_true_random=False), st.data())
def test_a_single_changed_cell_is_found_and_is_the_only_one(records: list[dict], random, data) -> None:
    row = data.draw(st.integers(0, len(records) - 1))
    name = data.draw(st.sampled_from(["AVAL", "AVALC", "ADT"]))
    old = records[row][name]
    if name == "AVALC":
        new = data.draw(st.sampled_from([v for v in ("", "Y", "N", "Z") if v != old]))
    elif old != old:
        new = 1.0
    else:
        new = data.draw(st.sampled_from([NAN, old + max(abs(old), 1) * 1e-6]))
    changed = [dict(r) for r in records]
    changed[row][name] = new
    random.shuffle(changed)
    result = compared(side(records), side(changed))
    assert (result.differences, result.cells_different) == (1, 1)
    assert [(c.key["USUBJID"], c.key["PARAMCD"], c.variable) for c in result.cells] == [
        (records[row]["USUBJID"], records[row]["PARAMCD"], name)
    ]


@pytest.mark.slow_examples
@settings(max_examples=examples(8), deadline=None)
@given(tables, tables, st.randoms(use_true_random=False))
def test_the_order_of_records_changes_nothing_in_the_report(base: list[dict], compare: list[dict], random) -> None:
    expected = json_report(report(compared(side(base), side(compare), Options(limit=7))))
    one, two = list(base), list(compare)
    random.shuffle(one)
    random.shuffle(two)
    assert json_report(report(compared(side(one), side(two), Options(limit=7)))) == expected
    assert json.loads(expected)["schema"] == 1
