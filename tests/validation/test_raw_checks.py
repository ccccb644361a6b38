"""Raw tables: each defect of a cell, row or identifier is found where it is, and a clean table has no finding.

Tables are written by hand. Not for reading files (test_sources_*) nor for finished datasets (test_cross_checks).
"""

from __future__ import annotations

import datetime
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from raw2adam.engine.columns import column as col
from raw2adam.engine.plan.plan import PlannedStudy
from raw2adam.engine.subjects.identity import identify
from raw2adam.engine.tables.table import RawSlice
from raw2adam.errors import SpecError
from raw2adam.findings.table import Findings
from raw2adam.mappings.loader import load_study
from raw2adam.runs.plan_study import plan_study
from raw2adam.sources.table import RawTable
from raw2adam.validation.raw.checks import examine, report_unreported_dates
from raw2adam.validation.raw.identity import form_of
from raw2adam.validation.raw.texts import mojibake

TODAY = datetime.date(2025, 12, 31)
STUDY = """\
study: {id: S}
subject: {columns: [SITE, SUBJ], usubjid: "{STUDYID}-{SITE:04}-{SUBJ:04}"}
dates: {by: sites.COUNTRY, formats: [yyyy-mm-dd], when: {FRA: [dd/mm/yyyy, mm/yyyy], USA: [mm/dd/yyyy]}, unknown: [UN, "??", "--"], missing: [UNK]}
sources:
  sites: {file: sites.csv, subject: none}
  enrol: {file: enrol.csv}
  form: {file: form.csv%s}
"""
DM = """\
dataset: DM
rows: {source: enrol}
variables:
  RFSTDTC: {value: 2020-01-01}
  SEX: {from: SEX, map: {1: M, 2: F}}
  COUNTRY: {value: FRA}
  ARMCD: {value: A}
  ARM: {value: A}
  ACTARMCD: {value: A}
  ACTARM: {value: A}
"""
AE = """\
dataset: AE
rows: {source: form}
variables:
  AETERM: TERM
  AEDECOD: {value: X}
  AESER: {from: SER, map: {ja: Y, nein: N, ND: U}}
  AESTDTC: {date: START}
"""
SITES = {"SITE": ["0101", "0201"], "COUNTRY": ["FRA", "USA"]}
ENROL = {"SITE": ["0101"] * 3 + ["0201"], "SUBJ": ["0001", "0002", "0003", "0001"], "SEX": ["1", "2", "1", "2"]}


def raw(name: str, columns: dict[str, list[str]]) -> RawTable:
    frame = pd.DataFrame({c: col.text_column(v) for c, v in columns.items()})
    record = np.arange(1, len(frame) + 1, dtype="int32")
    return RawTable(name, Path(f"{name}.csv"), "", frame, record, record + 1)


@pytest.fixture(scope="session")
def look(tmp_path_factory):
    """``look({column: cells}, declared of the source)``: findings (rule, row, column) of form.csv, and what is void."""

    sites, enrolled = raw("sites", SITES), raw("enrol", ENROL)

    @cache
    def planned(declared: str, study: str) -> tuple[Path, PlannedStudy]:
        folder = tmp_path_factory.mktemp("study")
        (folder / "sdtm").mkdir()
        (folder / "study.yaml").write_text(STUDY % (f", {declared}" if declared else "") + study, "utf-8")
        (folder / "sdtm" / "dm.yaml").write_text(DM, "utf-8")
        (folder / "sdtm" / "ae.yaml").write_text(AE, "utf-8")
        return folder, plan_study(load_study(folder))[0]

    def run(form: dict[str, list[str]], declared: str = "", study: str = "", enrol: bool = True):
        folder, plan = planned(declared, study)
        n = len(next(iter(form.values())))
        cells = {"SITE": ["0101"] * n, "SUBJ": ["0001"] * n, "TERM": ["pain"] * n, "SER": ["ja"] * n}
        cells |= {"START": ["01/02/2024"] * n, **form}
        people = enrolled if enrol else raw("enrol", {n: [] for n in ENROL})
        tables = {"sites": sites, "enrol": people, "form": raw("form", cells)}
        findings = Findings()
        identity = {k: identify(t, plan.spec.sources[k], plan.spec, folder, findings) for k, t in tables.items()}
        identifying = {"sites": (), "enrol": ("SITE", "SUBJ"), "form": ("SITE", "SUBJ")}
        found = examine(plan, tables, identity, identifying, TODAY, findings)
        report_unreported_dates(found, findings)
        rows = findings.frame()
        seen = [(r.rule, r.row, r.column) for r in rows.itertuples() if r.file == "form.csv"]
        assert all(m for m in rows["message"])
        return sorted(seen), {k: sorted(v) for k, v in found.void.get("form", {}).items()}, rows, found, tables

    return run


def test_a_clean_table_has_no_finding(look):
    seen, void, rows, *_ = look({"TERM": ["pain", "fièvre", "20 °C", "?", ""]})
    assert (seen[1:], void) == ([], {})  # only the lone question mark
    assert seen == [("R2A-RAW-001", 4, "TERM")]
    assert rows["value"].tolist() == ["?"]


@pytest.mark.parametrize(
    ("cell", "rule"),
    [
        ("[QUERY OPEN] please confirm", "R2A-RAW-001"),
        ("???", "R2A-RAW-001"),
        ("See comment", "R2A-RAW-001"),
        ("to be confirmed", "R2A-RAW-001"),
        ("#N/A", "R2A-RAW-002"),
        ("#REF!", "R2A-RAW-002"),
        ("n/a", "R2A-RAW-003"),
        ("-", "R2A-RAW-003"),
        (".", "R2A-RAW-003"),
    ],
)
def test_a_remark_is_missing_in_a_code_or_date_and_kept_in_text(look, cell, rule):
    """See docs/semantics.md S4."""
    seen, void, *_ = look({"SER": ["ja", cell], "START": ["01/02/2024", cell], "TERM": ["pain"] * 2})
    assert seen == [(rule, 2, "SER"), (rule, 2, "START")]
    assert void == {"SER": [cell], "START": [cell]}
    terms = ["pain"] * 40 + [cell]
    seen, void, *_ = look({"TERM": terms})
    assert seen == [(rule, 41, "TERM")]
    assert void == ({"TERM": [cell]} if rule == "R2A-RAW-002" else {})


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("<b>severe</b> pain", True), ("pain<br/>", True), ("pain &amp; fever", True), ("&lt;5", True), ("&#160;x", True),
        ("<5", False), ("a < b and b > c", False), ("R&D; more", False), ("<unknown>", False),
    ],
)  # fmt: skip
def test_marks_of_html_are_reported(look, text, found):
    assert look({"TERM": ["pain", text]})[0] == ([("R2A-RAW-009", 2, "TERM")] if found else [])


def test_a_code_that_the_map_knows_is_no_placeholder(look):
    assert look({"SER": ["ja", "ND", "nd"]})[0] == []


def test_a_frequent_placeholder_in_free_text_is_an_answer_of_the_form(look):
    assert look({"TERM": ["-"] * 5 + ["pain"] * 5})[0] == []


def test_a_void_cell_reads_as_missing_and_its_raw_text_stays(look):
    *_, found, tables = look({"SER": ["ja", " #N/A "], "TERM": ["a", "b"]})
    table = RawSlice(tables["form"], {}, void=found.void["form"])
    assert col.objects(table.column("SER")).tolist() == ["ja", ""]
    assert col.objects(tables["form"].frame["SER"]).tolist() == ["ja", " #N/A "]


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("neutropÃ©nie", True),
        ("GÃ¶teborg", True),
        ("Itâ€™s", True),
        ("\ufffdtat", True),
        ("neutropénie", False),
        ("SÃO PAULO", False),
        ("Ã la carte", False),
        ("Ärzte", False),
        ("ΑΒΓ", False),
        ("日本", False),
        ("°C «x»", False),
    ],
)
def test_mojibake(cell, expected):
    assert mojibake(cell) is expected


@given(st.text(st.characters(codec="cp1252", min_codepoint=0xA1), min_size=1, max_size=6))
def test_every_accented_text_read_in_the_wrong_encoding_is_seen(text):
    assert mojibake("a" + text.encode("utf-8").decode("latin-1"))


def test_blanks_and_full_width(look):
    seen, *_ = look({"SUBJ": ["0001", "0001\u00a0", "\u3000 0001", "0001 ", "0\u200b001", "０００１"]})
    rules = {(r, row) for r, row, _ in seen}
    assert {("R2A-RAW-005", 2), ("R2A-RAW-005", 3), ("R2A-RAW-006", 4), ("R2A-RAW-005", 5), ("R2A-RAW-008", 6)} <= rules
    assert {("R2A-RAW-041", 5), ("R2A-RAW-041", 6)} <= rules
    assert not {(r, 1) for r in ("R2A-RAW-005", "R2A-RAW-006", "R2A-RAW-008")} & rules
    assert look({"TERM": ["fi\u00a0evre", "a b"]})[0] == []  # ordinary writing within a text


def test_case_that_is_not_the_habit_of_its_site(look):
    sites = ["0101"] * 40 + ["0201"] * 4
    terms = ["PAIN"] * 39 + ["pain"] + ["pain"] * 0 + ["PAIN"] * 4
    assert look({"SITE": sites, "TERM": terms})[0] == [("R2A-RAW-007", 40, "TERM")]
    # the second site writes everything in lower case
    terms = ["PAIN"] * 40 + ["pain", "rash", "rash", "fever"]
    assert look({"SITE": sites, "TERM": terms})[0] == []


@pytest.mark.parametrize(
    ("cell", "rule", "void"),
    [
        ("01/01/1900", "R2A-RAW-021", True),
        ("01/01/1901", "R2A-RAW-021", True),
        ("31/12/9999", "R2A-RAW-021", True),
        ("1900-01-01", "R2A-RAW-021", True),
        ("99/99/9999", "R2A-RAW-021", True),
        ("00.00.0000", "R2A-RAW-021", True),
        ("12/03/1850", "R2A-RAW-021", True),
        ("15/06/2031", "R2A-RAW-022", False),
        ("03/2024", "R2A-RAW-023", False),
        ("15/??/2020", "R2A-RAW-023", False),
        ("--/03/2021", "R2A-RAW-023", False),
        ("UNK", "R2A-RAW-024", False),
        ("03/04/21", "R2A-DATE-001", False),
        ("2021.04.03", "R2A-DATE-001", False),
        ("44289", "R2A-DATE-001", False),
        ("2021年4月3日", "R2A-DATE-001", False),
        ("令和3年4月3日", "R2A-DATE-001", False),
        ("2021-04-03T09:00+09:00", "R2A-DATE-001", False),
        ("30/02/2021", "R2A-DATE-002", False),
        ("30/01/2026", None, False),  # within the tolerance of 31 days
    ],
)
def test_dates(look, cell, rule, void):
    seen, voided, *_ = look({"START": ["01/02/2024", cell]})
    assert seen == ([(rule, 2, "START")] if rule else [])
    assert voided == ({"START": [cell]} if void else {})


@pytest.mark.parametrize(
    ("cells", "rule", "found"),
    [
        (["2024-03-01T00:00:00", "2024-03-08T00:00:00", ""], "", True),
        (["2024-03-01T00:00:00", "2024-03-08T00:01:00", ""], "", False),
        (["2024-03-01T00:00:00", "", ""], "", False),  # one record may be of midnight
        (["2024-03-01T00:00:00", "2024-03-08T00:00:00", ""], ", time: TERM", False),  # TERM has the times
    ],
)
def test_a_column_whose_times_are_all_midnight(cells, rule, found, tmp_path):
    files = {"study.yaml": STUDY % "" + "", "sdtm/dm.yaml": DM}
    files["sdtm/ae.yaml"] = AE.replace("{date: START}", f'{{date: START, formats: ["yyyy-mm-ddThh:mi:ss"]{rule}}}')
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    plan, findings = plan_study(load_study(tmp_path))[0], Findings()
    table = raw(
        "form", {"SITE": ["1"] * 3, "SUBJ": ["1"] * 3, "TERM": ["10:30"] * 3, "SER": ["ja"] * 3, "START": cells}
    )
    identity = {"form": identify(table, plan.spec.sources["form"], plan.spec, tmp_path, findings)}
    examine(plan, {"form": table}, identity, {"form": ("SITE", "SUBJ")}, TODAY, findings)
    midnight = [r.message for r in findings.frame().itertuples() if r.rule == "R2A-RAW-025"]
    assert len(midnight) == found and all("yyyy-mm-dd'T00:00:00' reads the days" in m for m in midnight)


def test_a_file_of_demography_without_rows_enrols_nobody(look):
    assert look({"TERM": ["pain"]})[0] == []
    assert look({"TERM": ["pain"]}, enrol=False)[0] == [("R2A-RAW-041", 1, "SUBJ")]


def test_a_date_is_read_by_the_format_of_its_site(look):
    seen, *_ = look({"SITE": ["0101", "0201", "0201"], "START": ["25/12/2024", "12/25/2024", "25/12/2024"]})
    assert seen == [("R2A-DATE-002", 3, "START")]


def test_a_column_of_dates_that_no_rule_reads_is_seen_as_one(look):
    seen, void, *_ = look({"SEEN": ["01/02/2024"] * 30 + ["01/01/1900", "2024.02.01"]})
    assert seen == [("R2A-DATE-001", 32, "SEEN"), ("R2A-RAW-021", 31, "SEEN")]
    assert void == {"SEEN": ["01/01/1900"]}


def test_a_date_that_a_rule_reported_is_not_reported_again(look):
    *_, found, _ = look({"START": ["2024.02.01", "2024.02.02"]})
    findings = Findings()
    findings.add("R2A-DATE-001", "x", source="form", file="form.csv", row=np.array([1]), column="START")
    report_unreported_dates(found, findings)
    assert findings.frame()["row"].tolist() == [1, 2]


WEIGHTS = [str(50 + i) for i in range(40)]


@pytest.mark.parametrize(
    ("cell", "rule", "void"),
    [
        ("999", "R2A-RAW-011", True),
        ("-9", "R2A-RAW-011", True),
        ("720", "R2A-RAW-012", False),
        ("1.72", "R2A-RAW-012", False),
        ("approx 70", "R2A-RAW-014", False),
        ("1 250", "R2A-RAW-014", False),
        ("１.２５", "R2A-RAW-008", False),
        ("70.5", None, False),
    ],
)
def test_numbers_with_a_window(look, cell, rule, void):
    """See docs/semantics.md S4."""
    seen, voided, *_ = look({"KG": [*WEIGHTS, cell]}, "plausible: {KG: [30, 250]}")
    assert seen[-1:] == ([("R2A-RAW-014" if rule == "R2A-RAW-008" else rule, 41, "KG")] if rule else [])
    assert (rule, 41, "KG") in seen or not rule
    assert voided == ({"KG": [cell]} if void else {})


def test_a_stand_in_without_a_window_lies_far_from_all_others(look):
    assert look({"KG": [*WEIGHTS, "999", "-9"]})[0] == [("R2A-RAW-011", 41, "KG"), ("R2A-RAW-011", 42, "KG")]
    doses = [str(500 + 10 * i) for i in range(50)]  # 500 to 990
    assert look({"MG": [*doses, "999", "888"]})[0] == []
    assert look({"KG": ["1", "999"]})[0] == []  # two cells do not decide


def test_another_decimal_mark_than_the_site_writes(look):
    cells = [f"{i},5" for i in range(20)] + ["3.5"] + [f"{i}.5" for i in range(20)] + ["3,5"]
    seen, *_ = look({"SITE": ["0101"] * 21 + ["0201"] * 21, "X": cells})
    assert seen == [("R2A-RAW-015", 21, "X"), ("R2A-RAW-015", 42, "X")]


def test_another_decimal_mark_than_declared(look):
    cells = [f"{i},5" for i in range(20)] + ["3.5", "4"]
    study = "numbers: {by: sites.COUNTRY, decimal: '.', when: {FRA: ','}}\n"
    assert look({"X": cells}, "", study)[0] == [("R2A-RAW-015", 21, "X")]
    sites = ["0101"] * 10 + ["0201"] * 12  # the second site is to write points
    seen, *_ = look({"SITE": sites, "X": cells, "START": [""] * 22}, "", study)
    assert seen == [("R2A-RAW-015", i, "X") for i in range(11, 21)]


def test_a_site_that_lost_its_zeros_still_has_its_date_formats(look):
    sites = ["0101"] * 30 + ["101"]
    assert look({"SITE": sites})[0] == [("R2A-RAW-042", 31, "SITE")]


def test_items_of_a_questionnaire(look):
    form = {"DONE": ["Y", "Y", "Y", "N", "Y"], "Q1": ["1", "5", "2.5", "", ""], "Q2": ["4", "2", "9", "", "1"]}
    seen, *_ = look(form, "items: {Q1..Q2: [1, 4]}, required: {Q1..Q2: \"DONE == 'Y'\"}")
    assert seen == [
        ("R2A-RAW-013", 2, "Q1"), ("R2A-RAW-013", 3, "Q1"), ("R2A-RAW-013", 3, "Q2"), ("R2A-RAW-032", 5, "Q1"),
    ]  # fmt: skip


def test_required_cells(look):
    form = {"RESULT": ["1.2", "<0,1", "neg", ""], "UNIT": ["", "g/L", "", ""]}
    seen, *_ = look(form, "required: {RESULT: '', UNIT: \"matches(RESULT, '[0-9]')\"}")
    assert seen == [("R2A-RAW-031", 1, "UNIT"), ("R2A-RAW-031", 4, "RESULT")]


def test_a_text_that_is_no_code_of_its_column_does_not_pass_by_unseen(look):
    form = {"ONGOING": ["Y", "", " Y ", "Oui", "y", "???", "N"], "MET": ["1", "0", "2", "", "1", "-", "0"]}
    seen, void, rows, *_ = look(form, "codes: {ONGOING: [Y, N], MET: ['0', '1']}")
    reported = [s for s in seen if s[0] == "R2A-RAW-016"]
    assert reported == [("R2A-RAW-016", 3, "MET"), ("R2A-RAW-016", 4, "ONGOING"), ("R2A-RAW-016", 5, "ONGOING")]
    assert void == {"ONGOING": ["???"], "MET": ["-"]}  # another check reports a text that means no value
    assert rows.loc[rows["rule"] == "R2A-RAW-016", "severity"].tolist() == ["error"] * 3


def test_a_declared_code_is_no_placeholder(look):
    assert look({"KNOWN": ["Y"] * 40 + ["ND"]}, "codes: {KNOWN: [Y, N, ND]}")[:2] == ([], {})


def test_cells_that_must_be_empty_by_another_answer(look):
    form = {"DONE": ["N", "N", "N", "Y", "", "N"], "SEEN": ["x", "", "???", "x", "x", " "], "NEVER": [""] * 5 + ["a"]}
    seen, _, rows, *_ = look(form, "codes: {SEEN: [x]}, empty: {SEEN: DONE == 'N', NEVER: ''}")
    assert [s for s in seen if s[0] == "R2A-RAW-035"] == [("R2A-RAW-035", 1, "SEEN"), ("R2A-RAW-035", 6, "NEVER")]
    reported = rows[rows["rule"] == "R2A-RAW-035"]
    assert sorted(reported["message"]) == ["filled, though DONE == 'N'", "filled, though the form has no such answer"]


def test_rows_of_one_key_that_differ(look):
    form = {
        "VISIT": ["M1", "M1", "M2", "M2", "M3", "M3", ""],
        "RESP": ["PR", "SD", "PR", "PR", "CR", "CR", "SD"],
        "BY": ["a", "b", "a", "a", "x", "x ", "a"],
        "SUBJ": ["0001"] * 6 + ["0002"],
    }
    seen, _, rows, *_ = look(form, "key: [VISIT]")
    assert [s for s in seen if s[0] == "R2A-RAW-033"] == [("R2A-RAW-033", 1, "RESP"), ("R2A-RAW-033", 2, "RESP")]
    messages = rows.loc[rows["rule"] == "R2A-RAW-033", "message"].unique().tolist()
    assert messages == ["rows share VISIT and differ in RESP, BY"]


def test_one_person_under_two_numbers(look):
    form = {
        "SITE": ["0101", "0101", "0201", "0101"], "SUBJ": ["0001", "0002", "0001", "0001"],
        "BIRTH": ["1950", "1951", "1950", "1950"], "KG": ["70.1", "80.2", "70.1", "70.1"], "CM": ["", "", "", ""],
    }  # fmt: skip
    seen, _, rows, *_ = look(form, "person: [BIRTH, KG, CM]")
    assert [(r, n) for r, n, _ in seen] == [("R2A-RAW-034", 1), ("R2A-RAW-034", 3), ("R2A-RAW-034", 4)]
    assert "equal to S-0201-0001 in BIRTH, KG, CM" in rows["message"].tolist()


def test_identifiers(look):
    subjects = ["0001", "0002"] * 20 + ["1", "O001", "9999", "A-1"]
    sites = ["0101"] * 41 + ["0101", "101", "0101"]
    seen, *_ = look({"SITE": sites, "SUBJ": subjects, "START": [""] * 44})
    assert seen == [
        ("R2A-RAW-041", 42, "SUBJ"), ("R2A-RAW-041", 43, "SUBJ"), ("R2A-RAW-041", 44, "SUBJ"),
        ("R2A-RAW-042", 41, "SUBJ"), ("R2A-RAW-042", 43, "SITE"),
        ("R2A-RAW-043", 42, "SUBJ"), ("R2A-RAW-043", 44, "SUBJ"),
    ]  # fmt: skip
    assert form_of("A-07b") == "A-99A"
    assert look({"SUBJ": ["0001", "1", "2", "0003"]})[0] == []  # no form is the usual one


@pytest.mark.parametrize(
    ("declared", "study", "message"),
    [
        ("key: [VISTI]", "", "form.csv has no column 'VISTI'"),
        ("plausible: {TERN: [1, 2]}", "", "did you mean 'TERM'?"),
        ("required: {TERM: SER = 1}", "", "write =="),
        ("required: {TERM: SER > 1}", "", "number(SER)"),
        ("items: {Q9..Q1: [1, 2]}", "", "must rise"),
        ("codes: {SRE: [Y, N]}", "", "did you mean 'SER'?"),
        ("empty: {TERN: ''}", "", "did you mean 'TERM'?"),
        ("empty: {TERM: SER = 1}", "", "write =="),
        ("", "quality: {query_text: ['(?=x)']}", "no look-around"),
    ],
)
def test_mistakes_of_declarations_are_placed(look, declared, study, message):
    with pytest.raises(SpecError) as caught:
        look({"TERM": ["a"]}, declared, study)
    assert "study.yaml:" in str(caught.value) and message in str(caught.value)


def test_a_study_replaces_the_defaults(look):
    study = "quality: {sentinel_dates: [2001-01-01], placeholders: [leer], future_days: 0, query_text: [rückfrage]}\n"
    seen, void, *_ = look({"START": ["01/01/2001", "leer", "Rückfrage", "01/01/2026", "31/12/2025"]}, "", study)
    assert seen == [
        ("R2A-RAW-001", 3, "START"), ("R2A-RAW-003", 2, "START"), ("R2A-RAW-021", 1, "START"),
        ("R2A-RAW-022", 4, "START"),
    ]  # fmt: skip
    assert void == {"START": ["01/01/2001", "Rückfrage", "leer"]}


@pytest.mark.parametrize("n", [0, 1])
def test_empty_and_tiny_tables(look, n):
    declared = "key: [TERM], person: [TERM], required: {TERM: ''}, empty: {SER: TERM == 'none'}"
    declared += ", codes: {TERM: [pain]}, plausible: {SER: [1, 2]}, items: {START: [1, 4]}"
    assert look({"TERM": ["pain"] * n}, declared)[0] == []


# what is declared is no defect

GERMAN = "numbers: {decimal: ',', thousands: '.', columns: {P: '.'}}"


def test_a_declared_thousands_mark_is_no_finding(look):
    cells = [f"{i}.250" for i in range(150, 190)]
    assert look({"X": cells}, GERMAN)[0] == []
    assert look({"X": [*cells, "1.250.000,5"]}, GERMAN)[0] == []


def test_a_number_in_other_marks_than_the_declared_ones_is_a_finding(look):
    cells = [f"{i},5" for i in range(40)]
    assert look({"X": [*cells, "1.5"]}, GERMAN)[0] == [("R2A-RAW-015", 41, "X")]
    assert look({"P": [*cells[:0], *[f"{i}.5" for i in range(40)], "1,5"]}, GERMAN)[0] == [("R2A-RAW-015", 41, "P")]


def test_a_plausible_range_and_answers_are_held_against_the_number_as_declared(look):
    cells = ["1.250", "999,5", "2.500"]
    assert look({"X": cells}, GERMAN + ", plausible: {X: [500, 2000]}")[0] == [("R2A-RAW-012", 3, "X")]
    assert look({"X": ["1,0", "2", "2,5"]}, GERMAN + ", items: {X: [1, 4]}")[0] == [("R2A-RAW-013", 3, "X")]


def test_marks_by_country_are_held_against_each_row(look):
    declared = "numbers: {by: SITE, decimal: '.', when: {'0101': ','}}, plausible: {X: [1, 2]}"
    seen = look({"SITE": ["0101", "0201"] * 20, "SUBJ": ["0001"] * 40, "X": ["1,5", "1.5"] * 20}, declared)[0]
    assert seen == []
    seen = look({"SITE": ["0101", "0201"] * 20, "SUBJ": ["0001"] * 40, "X": ["1,5"] * 39 + ["7.5"]}, declared)[0]
    assert [s for s in seen if s[0] == "R2A-RAW-012"] == [("R2A-RAW-012", 40, "X")]
    assert len([s for s in seen if s[0] == "R2A-RAW-015"]) == 19


def test_a_condition_of_a_required_cell_reads_numbers_and_dates_as_declared(look):
    declared = GERMAN + ", required: {WHY: \"number(X) > 1000 and year(START) == 2024 and START < '2024-02-15'\"}"
    form = {"X": ["1.250", "1,250", "1.250"], "WHY": ["", "", ""], "START": ["01/02/2024", "01/02/2024", "01/03/2024"]}
    assert look(form, declared)[0] == [("R2A-RAW-031", 1, "WHY")]
