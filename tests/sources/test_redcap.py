"""REDCap exports: rows and columns of an instrument, checkboxes, repeating instruments, raw and labels exports, and
what the export and its data dictionary do not agree upon."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kit.fuzzing import examples
from raw2adam.errors import InputError, UsageError
from raw2adam.findings.table import Findings
from raw2adam.sources.read import SourceOptions, read_source
from raw2adam.sources.redcap.choices import Evidence, plain_text, read_choices
from raw2adam.sources.table import RawTable

DICT = """\
"Variable / Field Name","Form Name","Section Header","Field Type","Field Label","Choices, Calculations, OR Slider Labels"
record_id,demog,,text,"Record ID",
sex,demog,,radio,"Sex","1, Male | 2, Female"
race,demog,,checkbox,"<b>Race</b>
 of the subject","W, White | B, Black, or African | -9, Unknown"
note1,demog,,descriptive,"Please fill in",
term,ae,,text,"Adverse event",
serious,ae,,yesno,"Serious?",
act,ae,,checkbox,"Action","1, Dose reduced | 2, Withdrawn"
scan,ae,,file,"Upload",
weight,vitals,,text,"Weight",
bmi,vitals,,calc,"BMI","[weight]/2"
"""
RAW = """\
record_id,redcap_event_name,redcap_repeat_instrument,redcap_repeat_instance,redcap_data_access_group,sex,race___w,race___b,race____9,demog_complete,term,serious,act___1,act___2,scan,ae_complete,weight,bmi,vitals_complete
1,base_arm_1,,,fra_01,2,1,0,0,2,,,0,0,,0,70,35,2
1,base_arm_1,ae,1,fra_01,,,,,,Rash,1,1,0,[document],2,,,
1,base_arm_1,ae,2,fra_01,,,,,,Cough,0,0,0,,2,,,
1,month_1_arm_1,,,fra_01,,,,,,,,,,,,71,35.5,1
2,base_arm_1,,,deu_02,1,0,0,1,2,,,0,0,,0,,,0
3,base_arm_1,,,deu_02,,0,0,0,0,,,0,0,,,,,
"""
LABELS = """\
"Record ID","Event Name","Repeat Instrument","Repeat Instance",Sex,"Race of the subject (choice=White)","Race of the subject (choice=Black, or African)","Race of the subject (choice=Unknown)",Complete?,"Adverse event",Serious?,"Action (choice=Dose reduced)","Action (choice=Withdrawn)",Upload,Complete?,Weight,BMI,Complete?
1,Baseline,,,Female,Checked,Unchecked,Unchecked,Complete,,,Unchecked,Unchecked,,Incomplete,70,35,Complete
1,Baseline,AE,1,,,,,,Rash,Yes,Checked,Unchecked,,Complete,,,
"""


def read(
    folder: Path, raw: str = RAW, dictionary: str = DICT, instrument: str | None = "ae", **options: str
) -> tuple[RawTable, Findings]:
    (folder / "r.csv").write_text(raw, "utf-8")
    (folder / "d.csv").write_text(dictionary, "utf-8")
    given = SourceOptions("r.csv", format="redcap", dictionary="d.csv", instrument=instrument, **options)
    findings = Findings()
    return read_source("s", folder, given, findings), findings


def refused(folder: Path, raw: str = RAW, dictionary: str = DICT, instrument: str | None = "ae", **options: str) -> str:
    with pytest.raises(InputError) as caught:
        read(folder, raw, dictionary, instrument, **options)
    return str(caught.value)


def found(findings: Findings, rule: str) -> list[tuple[int, str, str]]:
    """(row, column, value) of the findings of a rule."""
    table = findings.frame()
    table = table[table["rule"] == rule]
    return list(zip(table["row"].tolist(), table["column"], table["value"], strict=True))


def messages(findings: Findings, rule: str) -> list[str]:
    table = findings.frame()
    return table.loc[table["rule"] == rule, "message"].tolist()


# rows and columns


def test_a_repeating_instrument(tmp_path):
    table, findings = read(tmp_path)
    assert table.frame.to_dict("list") == {
        "record_id": ["1", "1"],
        "redcap_event_name": ["base_arm_1", "base_arm_1"],
        "redcap_repeat_instance": ["1", "2"],
        "redcap_data_access_group": ["fra_01", "fra_01"],
        "term": ["Rash", "Cough"],
        "serious": ["1", "0"],
        "act___1": ["1", "0"],
        "act___2": ["0", "0"],
        "scan": ["[document]", ""],
        "ae_complete": ["2", "2"],
    }
    assert table.record.tolist() == [2, 3]
    assert table.line.tolist() == [3, 4]
    assert table.value_labels == {
        "serious": {"1": "Yes", "0": "No"},
        "act___1": {"0": "Unchecked", "1": "Checked"},
        "act___2": {"0": "Unchecked", "1": "Checked"},
        "ae_complete": {"0": "Incomplete", "1": "Unverified", "2": "Complete"},
    }
    assert table.column_labels["act___1"] == "Action (choice=Dose reduced)"
    assert table.others == {"instrument demog": 2, "instrument vitals": 2}
    assert table.notes == [
        "2 of 6 records are of instrument ae; 4 hold nothing of it",
        "not used: uploaded files, because the export has only their names: scan",
    ]
    assert sorted(messages(findings, "R2A-SRC-012")) == [
        "1 records hold no data of any instrument (record 6)",
        "2 of 6 records are of instrument ae; 4 hold nothing of it",
        "not used: uploaded files, because the export has only their names: scan",
    ]
    assert list(table.companions) == [tmp_path / "d.csv"]


def test_an_instrument_that_does_not_repeat(tmp_path):
    """A row of an instrument is one with a filled cell of it: no unchecked box, and no Incomplete, makes one."""
    table, findings = read(tmp_path, instrument="demog")
    assert table.record.tolist() == [1, 5]
    assert table.frame["sex"].tolist() == ["2", "1"]
    assert table.frame["race____9"].tolist() == ["0", "1"]
    assert list(table.frame.columns) == [
        "record_id", "redcap_event_name", "redcap_repeat_instance", "redcap_data_access_group", "sex", "race___w",
        "race___b", "race____9", "demog_complete",
    ]  # fmt: skip
    assert table.value_labels["sex"] == {"1": "Male", "2": "Female"}
    assert table.column_labels["race___b"] == "Race of the subject (choice=Black, or African)"
    assert table.notes == ["2 of 6 records are of instrument demog; 4 hold nothing of it"]
    vitals, _ = read(tmp_path, instrument="vitals")
    assert vitals.frame[["record_id", "redcap_event_name", "weight", "bmi"]].values.tolist() == [
        ["1", "base_arm_1", "70", "35"],
        ["1", "month_1_arm_1", "71", "35.5"],
    ]
    assert set(findings.frame()["rule"]) == {"R2A-SRC-012"}


def test_every_record_is_of_an_instrument_or_reported(tmp_path):
    records = [set(read(tmp_path, instrument=i)[0].record.tolist()) for i in ("demog", "ae", "vitals")]
    assert set().union(*records) == {1, 2, 3, 4, 5}  # 6 is the record that the note names


def test_marked_complete_is_filled(tmp_path):
    raw = RAW.replace("3,base_arm_1,,,deu_02,,0,0,0,0", "3,base_arm_1,,,deu_02,,0,0,0,2")
    assert read(tmp_path, raw, instrument="demog")[0].record.tolist() == [1, 5, 6]


def test_all_instruments(tmp_path):
    table, _ = read(tmp_path, instrument=None)
    assert len(table) == 6
    assert len(table.frame.columns) == 19
    assert table.others == {}


def test_checkboxes_as_code_or_label(tmp_path):
    table, _ = read(tmp_path, instrument="demog", checkboxes="code")
    assert table.frame[["race___w", "race___b", "race____9"]].values.tolist() == [["W", "", ""], ["", "", "-9"]]
    assert table.value_labels["race___w"] == {"W": "White"}
    table, _ = read(tmp_path, instrument="demog", checkboxes="label")
    assert table.frame[["race___w", "race____9"]].values.tolist() == [["White", ""], ["", "Unknown"]]
    assert "race___w" not in table.value_labels
    table, _ = read(tmp_path, LABELS, instrument="demog", checkboxes="code")
    assert table.frame["race___w"].tolist() == ["W"]


def test_a_labels_export(tmp_path):
    table, findings = read(tmp_path, LABELS)
    assert table.frame.to_dict("list") == {
        "record_id": ["1"],
        "redcap_event_name": ["Baseline"],
        "redcap_repeat_instance": ["1"],
        "term": ["Rash"],
        "serious": ["Yes"],
        "act___1": ["Checked"],
        "act___2": ["Unchecked"],
        "scan": [""],
        "ae_complete": ["Complete"],
    }
    assert table.value_labels == {}
    assert "cells that are labels, not codes: serious, act___1, act___2, ae_complete" in table.notes
    demog, _ = read(tmp_path, LABELS, instrument="demog")
    assert demog.frame[["sex", "demog_complete"]].values.tolist() == [["Female", "Complete"]]
    assert set(findings.frame()["rule"]) == {"R2A-SRC-012"}


def test_headings_of_the_api(tmp_path):
    heads = "field_name,form_name,section_header,field_type,field_label,select_choices_or_calculations"
    dictionary = heads + "\n" + DICT.partition("\n")[2]
    assert len(read(tmp_path, dictionary=dictionary)[0]) == 2


def test_separator_and_encoding_hold_for_both_files(tmp_path):
    (tmp_path / "r.csv").write_bytes("id;x\n1;è\n".encode("cp1252"))
    (tmp_path / "d.csv").write_bytes(
        "field_name;form_name;field_type;field_label;select_choices_or_calculations\nid;a;text;Id;\nx;a;text;Fièvre;\n".encode(
            "cp1252"
        )
    )
    given = SourceOptions("r.csv", "redcap", "cp1252", ";", dictionary="d.csv", instrument="a")
    table = read_source("s", tmp_path, given, Findings())
    assert (table.frame["x"].tolist(), table.column_labels["x"]) == (["è"], "Fièvre")


# what does not agree


def test_codes_that_are_not_among_the_choices(tmp_path):
    raw = RAW.replace("fra_01,2,1,0,0,2", "fra_01,3,2,0,0,2").replace("deu_02,1,", "deu_02,1,")
    table, findings = read(tmp_path, raw, instrument="demog")
    assert found(findings, "R2A-SRC-022") == [(1, "race___w", "2"), (1, "sex", "3")]
    assert table.frame["sex"].tolist() == ["3", "1"]
    assert "not among the choices of the dictionary (1, 2)" in messages(findings, "R2A-SRC-022")


def test_columns_and_fields_that_only_one_of_them_has(tmp_path):
    raw = RAW.replace("term,", "extra,").replace("act___2", "act___99")
    table, findings = read(tmp_path, raw)
    assert table.frame["extra"].tolist() == ["Rash", "Cough"]
    assert messages(findings, "R2A-SRC-020") == [
        "checkbox columns of choices that the dictionary does not have: act___99",
        "columns that the data dictionary does not have: extra; every source of the file has them",
    ]
    assert messages(findings, "R2A-SRC-021") == ["2 fields of instrument ae are not in the export: term, act___2"]
    assert table.frame["act___99"].tolist() == ["0", "0"]


def test_repeated_instruments_that_are_not_there_and_stray_cells(tmp_path):
    raw = RAW.replace("ae,2,", "aex,2,").replace("ae,1,fra_01,,", "ae,1,fra_01,1,")
    _, findings = read(tmp_path, raw)
    assert found(findings, "R2A-SRC-023") == [(3, "redcap_repeat_instrument", "aex")]
    table, findings = read(tmp_path, raw, instrument="demog")
    assert table.record.tolist() == [1, 5]
    assert [r for r, _, _ in found(findings, "R2A-SRC-024")] == [2]


def test_an_export_without_records(tmp_path):
    table, findings = read(tmp_path, RAW.partition("\n")[0] + "\n")
    assert len(table) == 0 and "term" in table.frame.columns
    assert "R2A-SRC-001" in set(findings.frame()["rule"])


# faults


@pytest.mark.parametrize(
    ("raw", "dictionary", "message"),
    [
        (RAW, "", "d.csv: the file is empty"),
        (RAW, "a,b\n1,2\n", "d.csv: no column 'Variable / Field Name' (nor field_name)"),
        (RAW, DICT.partition("\n")[0] + "\n", "d.csv: the data dictionary has no fields"),
        (RAW, DICT + "term,ae,,text,Again,\n", "d.csv: record 11, line 13: the field 'term' is defined already, in record 5"),
        (RAW, DICT + ",ae,,text,Nameless,\n", "d.csv: record 11, line 13: a field without a name"),
        (RAW, DICT + "x,,,text,Formless,\n", "d.csv: record 11, line 13: a field without a form name"),
        (RAW, DICT.replace("record_id,demog,,text", "record_id,demog,,descriptive"), "the first field, 'record_id', is no field with data"),
        (RAW.replace("record_id", "recordid"), DICT, "neither the record id 'record_id' nor its label 'Record ID'"),
        (RAW.replace(",", ";"), DICT, "Check dictionary: and separator:"),
        (RAW + "4,base\n", DICT, "r.csv: record 7, line 8: 2 fields where the header has 19"),
        ("", DICT, "r.csv: the file is empty"),
    ],
)  # fmt: skip
def test_faults(tmp_path, raw, dictionary, message):
    assert message in refused(tmp_path, raw, dictionary)


def test_names_that_are_not_there(tmp_path):
    assert "the dictionary has no instrument 'aes' (did you mean 'ae'?)" in refused(tmp_path, instrument="aes")
    (tmp_path / "r.csv").write_text(RAW)
    with pytest.raises(InputError, match="no such file in the raw folder"):
        read_source("s", tmp_path, SourceOptions("r.csv", format="redcap", dictionary="none.csv"), Findings())
    with pytest.raises(InputError, match="relative to the raw folder"):
        read_source("s", tmp_path, SourceOptions("r.csv", format="redcap", dictionary="../d.csv"), Findings())
    with pytest.raises(UsageError, match="needs dictionary:"):
        SourceOptions("r.csv", format="redcap")
    with pytest.raises(UsageError, match="checkboxes is 'yes'"):
        SourceOptions("r.csv", format="redcap", dictionary="d.csv", checkboxes="yes")


def test_labels_without_tags():
    assert plain_text("<b>A</b>  of\n <span style='x'>B &amp; C</span>, 3 < 4 > 2") == "A of B & C , 3 < 4 > 2"


@settings(max_examples=examples(12), deadline=None)
@given(
    rows=st.lists(
        st.tuples(st.sampled_from(["", "ae", "vitals"]), *[st.sampled_from(["", "0", "1", "x"])] * 3), max_size=8
    )
)
def test_no_record_is_lost(rows, tmp_path_factory):
    """Every record is read by the source of an instrument, or holds no data, or is a finding."""
    folder = tmp_path_factory.mktemp("redcap")
    head = "record_id,redcap_repeat_instrument,redcap_repeat_instance,sex,term,weight\n"
    raw = head + "".join(f"{n},{form},{'1' if form else ''},{a},{b},{c}\n" for n, (form, a, b, c) in enumerate(rows, 1))
    taken: list[int] = []
    reported: list[int] = []
    for instrument in ("demog", "ae", "vitals"):
        table, findings = read(folder, raw, instrument=instrument)
        taken += table.record.tolist()
        reported += [r for r, _, _ in found(findings, "R2A-SRC-024")]
    for n, (form, *cells) in enumerate(rows, 1):
        assert (n in taken) == bool(form or any(cells)), (n, form, cells)
        own = {"ae": 1, "vitals": 2}.get(form)
        stray = form and any(c for i, c in enumerate(cells) if i != own)
        assert (n in reported) == bool(stray)


def test_the_dictionary_may_have_another_separator(tmp_path):
    raw = RAW.replace(",", ";")
    table, _ = read(tmp_path, raw, separator=";")  # REDCap's headings show the comma
    assert len(table) == 2 and table.frame["term"].tolist() == ["Rash", "Cough"]
    assert "the dictionary is separated by ',', as its header shows, the export by ';'" in table.notes
    table, _ = read(tmp_path, raw, separator=";", dictionary_separator=",")
    assert not [n for n in table.notes if "separated" in n]
    api = DICT.replace("Variable / Field Name", "field_name").replace("Form Name", "form_name")
    assert len(read(tmp_path, raw, api, separator=";")[0]) == 2
    wrong = refused(tmp_path, raw, separator=";", dictionary_separator=";")
    assert (
        "the dictionary is read with separator ';' and encoding utf-8; if it is written in another way, declare"
        in wrong
    )
    assert "dictionary: {file: d.csv, separator: ..., encoding: ...}" in wrong


def test_the_dictionary_may_have_another_encoding(tmp_path):
    (tmp_path / "r.csv").write_text(RAW.replace("Rash", "Übelkeit"), "utf-8")
    (tmp_path / "d.csv").write_text(DICT.replace("Adverse event", "Unerwünschtes"), "cp1252")
    given = SourceOptions("r.csv", format="redcap", dictionary="d.csv", instrument="ae", dictionary_encoding="cp1252")
    table = read_source("s", tmp_path, given, Findings())
    assert table.column_labels["term"] == "Unerwünschtes" and table.frame["term"].tolist() == ["Übelkeit", "Cough"]
    with pytest.raises(InputError, match=r"declare dictionary: \{file: d.csv, separator: \.\.\."):
        read_source("s", tmp_path, SourceOptions("r.csv", format="redcap", dictionary="d.csv"), Findings())
    with pytest.raises(UsageError, match=r"d\.csv: unknown encoding 'latin9000'"):
        SourceOptions("r.csv", format="redcap", dictionary="d.csv", dictionary_encoding="latin9000")


UNWANTED = LABELS.replace("AE,1", "Unwanted events,1")


def test_a_label_is_declared_to_be_an_instrument(tmp_path):
    table, findings = read(tmp_path, UNWANTED, instrument_labels=(("Unwanted  events", "ae"),))
    assert table.frame["term"].tolist() == ["Rash"] and not found(findings, "R2A-RED-001")
    assert table.left_out is None
    wrong = refused(tmp_path, UNWANTED, instrument_labels=(("Unwanted events", "aes"),))
    assert (
        "instrument_labels: 'Unwanted events' names the instrument 'aes', which the dictionary does not have" in wrong
    )
    assert "did you mean 'ae'?" in wrong


def test_the_cells_of_its_records_show_the_instrument_of_a_label(tmp_path):
    table, findings = read(tmp_path, UNWANTED)
    assert table.frame["term"].tolist() == ["Rash"]
    [message] = findings.frame().query("rule == 'R2A-RED-001'")["message"]
    assert "fill cells of ae only" in message and "instrument_labels: {Unwanted events: ae}" in message
    assert not found(findings, "R2A-SRC-023")


@pytest.mark.parametrize(
    "more",
    [
        "2,Baseline,Unwanted events,2,,,,,,Cough,Yes,,,,Complete,80,,\n",  # a cell of another instrument
        "2,Baseline,AE,2,,,,,,Cough,Yes,,,,Complete,,,\n",  # another text names the instrument
        "2,Baseline,Other events,2,,,,,,Cough,Yes,,,,Complete,,,\n",  # two labels for one instrument
    ],
)
def test_a_label_in_doubt_is_not_read_and_its_cells_count_as_lost(tmp_path, more):
    table, findings = read(tmp_path, UNWANTED + more)
    assert "Rash" not in table.frame["term"].tolist() and not found(findings, "R2A-RED-001")
    unknown = findings.frame().query("rule == 'R2A-SRC-023'")
    assert set(unknown["severity"]) == {"error"} and "Unwanted events" in unknown["value"].tolist()
    assert table.left_out is not None and "Rash" in table.left_out["term"].tolist()


def test_columns_outside_the_dictionary_leave_a_label_in_doubt(tmp_path):
    lines = UNWANTED.splitlines()
    raw = "\n".join([lines[0] + ",Extra", lines[1] + ",", lines[2] + ",new"]) + "\n"
    table, findings = read(tmp_path, raw)
    assert not len(table) and not found(findings, "R2A-RED-001") and found(findings, "R2A-SRC-023")


@pytest.mark.parametrize(
    ("text", "evidence", "expected", "doubt"),
    [
        ("1, Mild | 2, Moderate", Evidence(), {"1": "Mild", "2": "Moderate"}, ""),
        ("1, Mild|2, Moderate|", Evidence(), {"1": "Mild", "2": "Moderate"}, ""),
        ("Yes | No", Evidence(), {"Yes": "Yes", "No": "No"}, ""),
        ("1, Red |or| Blue | 2, Green", Evidence(), {"1": "Red |or| Blue", "2": "Green"}, ""),
        ("1, A|B | 2, C", Evidence(), {"1": "A|B", "2": "C"}, ""),
        # a code and a comma within a label: the columns of the export tell
        ("1, Red | or, maybe | Blue | 2, Green", Evidence(frozenset("12"), complete=True), {"1": "Red | or, maybe | Blue", "2": "Green"}, ""),
        ("1, Red|3, deep | 2, Green", Evidence(frozenset("12"), complete=True), {"1": "Red|3, deep", "2": "Green"}, ""),
        ("1, Red|3, deep | 2, Green", Evidence(frozenset("123"), complete=True), {"1": "Red", "3": "deep", "2": "Green"}, ""),
        ("1, Red|3, deep | 2, Green", Evidence(labels=frozenset({"Red|3, deep", "Green"}), complete=True), {"1": "Red|3, deep", "2": "Green"}, ""),
        # nothing tells
        ("1, Red|3, deep | 2, Green", Evidence(), {"1": "Red|3, deep", "2": "Green"}, "there is a bar before '3, deep'"),
        ("1, Red | 1, Green", Evidence(), {"1": "Green"}, "two choices have the code 1"),
        ("1, Red | Unknown", Evidence(frozenset({"unknown"}), complete=True), {"1": "Red", "Unknown": "Unknown"}, ""),
        ("a, Red | b, Green", Evidence(frozenset("a"), complete=True), {"a": "Red", "b": "Green"}, ""),
    ],
)  # fmt: skip
def test_where_a_choice_ends(text, evidence, expected, doubt):
    read = read_choices(text, evidence)
    assert read.labels == expected and read.doubt == doubt


BARS = DICT.replace('"1, Dose reduced | 2, Withdrawn"', '"1, Dose |or cycle| reduced | -2, Withdrawn"')


def test_a_bar_in_a_label_of_a_checkbox(tmp_path):
    raw = RAW.replace("act___2", "act____2")
    table, _ = read(tmp_path, raw, BARS, checkboxes="label")
    assert table.frame["act___1"].tolist() == ["Dose |or cycle| reduced", ""]
    assert table.column_labels["act____2"] == "Action (choice=Withdrawn)"


def test_checkbox_cells_that_are_labels(tmp_path):
    raw = RAW.replace(",Rash,1,1,0,", ",Rash,1,Dose reduced,,").replace(",Cough,0,0,0,", ",Cough,0,,Withdrawn,")
    table, findings = read(tmp_path, raw, checkboxes="code")
    assert table.frame["act___1"].tolist() == ["1", ""] and table.frame["act___2"].tolist() == ["", "2"]
    assert messages(findings, "R2A-SRC-022") == []


def test_choices_that_cannot_be_separated_are_a_finding(tmp_path):
    dictionary = DICT.replace("1, Male | 2, Female", "1, Male|3, by birth | 2, Female")
    _, findings = read(tmp_path, RAW, dictionary)
    reported = "d.csv: the choices of sex cannot be separated for certain: there is a bar before '3, by birth'. They are read as"
    assert messages(findings, "R2A-SRC-041") == [reported + " 1, Male|3, by birth; 2, Female"]


def test_bars_in_a_labels_export(tmp_path):
    labels = LABELS.replace("choice=Black, or African", "choice=Black | or, African")
    dictionary = DICT.replace("B, Black, or African", "B, Black | or, African")
    table, _ = read(tmp_path, labels, dictionary, "demog", checkboxes="label")
    assert list(table.frame)[3:7] == ["sex", "race___w", "race___b", "race____9"]
