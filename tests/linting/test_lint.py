"""What lint and a build say of specs against data: once each, at its line, and nothing where nothing is wrong."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from raw2adam.errors import InputError, SpecError, SpecProblem
from raw2adam.findings.table import Findings
from raw2adam.linting.conditions import never_filled
from raw2adam.linting.findings import report_conditions, report_empty_variables, report_site
from raw2adam.linting.known_texts import KnownTexts
from raw2adam.linting.texts import RawCells
from raw2adam.mappings.loader import load_study
from raw2adam.runs.lint import lint_study
from raw2adam.runs.plan_study import plan_study
from raw2adam.runs.read_raw import read_raw

STUDY = """\
study: {id: T}
subject: {columns: [SUBJ], usubjid: "{STUDYID}-{SUBJ}"}
dates: {formats: [yyyy-mm-dd]}
sources:
  a: {file: a.csv}
"""
DM = "dataset: DM\nrows: {source: a}\nvariables: {RFSTDTC: {date: D}, SEX: SEX, COUNTRY: {value: DEU}}\n"
RAW = "SUBJ,D,SEX,X,Y\n1,2020-01-01,M,yes,\n2,2020-01-02,F,no,\n3,2020-01-03,F,no,\n"


def written(folder: Path, specs: dict[str, str], raw: dict[str, str]) -> tuple[Path, Path]:
    for name, text in {"study.yaml": STUDY, "sdtm/dm.yaml": DM, **specs}.items():
        path = folder / "study" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    (folder / "raw").mkdir(parents=True)
    for name, text in raw.items():
        (folder / "raw" / name).write_text(text, "utf-8")
    return folder / "study", folder / "raw"


def lint(folder: Path, specs: dict[str, str], raw: dict[str, str] | None = None) -> list[SpecProblem]:
    study, files = written(folder, specs, raw or {"a.csv": RAW})
    try:
        return lint_study(str(study), files)
    except SpecError as error:
        return error.problems


def test_mistakes_of_specs_and_of_columns_come_together(tmp_path: Path):
    ae = "dataset: AE\nrows: {source: a}\nvariables:\n  AETERM: TERMX\n  AEDECOD: {value: X, lenght: 3}\n  AESTDTC: {date: DX}\n"
    found = lint(tmp_path, {"sdtm/ae.yaml": ae})
    assert sorted({p.place.line for p in found if p.place.file == "sdtm/ae.yaml"}) == [4, 5, 6]


def test_every_file_that_is_missing_or_cannot_be_read_is_named_at_its_line(tmp_path: Path):
    study = STUDY + "  b: {file: b.csv}\n  c: {file: c.csv, encoding: klingon}\n  d: {file: d.csv, separator: ab}\n"
    found = lint(tmp_path, {"study.yaml": study}, {"a.csv": RAW, "c.csv": "SUBJ\n1\n", "d.csv": "SUBJ\n1\n"})
    assert [(p.place.line, p.place.column) for p in found] == [(6, 13), (7, 30), (8, 31)]
    assert ["no such file" in p.message for p in found] == [True, False, False]


def test_a_build_names_the_line_of_a_missing_file_and_of_an_unknown_encoding(tmp_path: Path):
    root, raw = written(tmp_path, {}, {})
    plan = plan_study(load_study(root))[0]
    with pytest.raises(InputError, match=r"study.yaml:5:13: a.csv: no such file"):
        read_raw(plan, root, raw, Findings())
    (root / "study.yaml").write_text(STUDY.replace("a.csv}", "a.csv, encoding: klingon}"), "utf-8")
    plan = plan_study(load_study(root))[0]
    with pytest.raises(SpecError, match=r"study.yaml:5:30: .*unknown encoding 'klingon'"):
        read_raw(plan, root, raw, Findings())


def test_places_can_be_opened_from_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    found = lint(tmp_path, {"sdtm/dm.yaml": DM.replace("SEX: SEX", "SEX: SEXX")})
    for folder, name in ((tmp_path, "study/sdtm/dm.yaml"), (tmp_path / "raw", "../study/sdtm/dm.yaml")):
        monkeypatch.chdir(folder)
        assert [p.shown().split(": ")[0] for p in found] == [f"{name}:3:38"]
        assert (Path.cwd() / name).is_file()
    assert str(found[0]).startswith("sdtm/dm.yaml:3:38: error: ")  # the same in reports of every machine


@pytest.mark.parametrize(
    ("rule", "severities"),
    [
        ("{from: X, map: {yes: Y, no: N}}", []),
        ("{from: X, map: {yes: Y, no: N, unknown: U}}", []),  # a text that this export happens not to have
        ("{from: X, map: {yes: Y, mo: N}}", ["warning"]),  # 'no' is a text without a key, and often
        ("{from: X, map: {ja: Y, nein: N}}", ["warning", "warning", "warning"]),  # no key is any text of the data
        ("{from: X, map: {no: N}}", ["note"]),  # 'yes' is a single cell
    ],
)
def test_maps_are_held_against_the_cells(tmp_path: Path, rule: str, severities: list[str]):
    dm = DM + "supplemental:\n  FLAG: " + rule.replace("{from", "{label: A Flag, from", 1) + "\n"
    assert sorted(p.severity for p in lint(tmp_path, {"sdtm/dm.yaml": dm}) if p.place.line == 5) == sorted(severities)


def test_a_copy_to_a_closed_codelist_is_held_against_the_cells(tmp_path: Path):
    """Codes without a map, as SPSS, Stata and REDCap store them; a placeholder is no value."""
    raw = {"a.csv": "SUBJ,D,SEX,X\n1,2020-01-01,1,x\n2,2020-01-02,2,x\n3,2020-01-02,M,x\n4,2020-01-02,NA,x\n"}
    (found,) = lint(tmp_path / "csv", {"sdtm/dm.yaml": DM}, raw)
    assert (found.severity, found.hint) == ("note", "write {from: SEX, map: {...}}")
    assert found.message == "SEX holds texts that codelist SEX does not have: '1' (1 cells), '2' (1 cells)"
    rows = DM.replace("{source: a}", "{source: a, where: \"SEX in ['M', '2'] and X == 'x'\"}")
    assert rows != DM
    (found,) = lint(tmp_path / "rows", {"sdtm/dm.yaml": rows}, raw)  # of the rows of the block
    assert found.message == "SEX holds texts that codelist SEX does not have: '2' (1 cells)"
    header = 'Variable / Field Name,Form Name,Section Header,Field Type,Field Label,"Choices, Calculations, OR Slider Labels"\n'
    fields = 'record_id,dm,,text,Record,\nd,dm,,text,Day,\nsex,dm,,radio,Sex,"1, Male | 2, Female"\n'
    study = STUDY.replace("{file: a.csv}", "{file: a.csv, format: redcap, dictionary: dd.csv}").replace(
        "SUBJ", "record_id"
    )
    dm = DM.replace("date: D", "date: d").replace("SEX: SEX", "SEX: sex")
    raw = {"a.csv": "record_id,d,sex\n1,2020-01-01,1\n2,2020-01-02,1\n", "dd.csv": header + fields}
    (found,) = lint(tmp_path / "redcap", {"study.yaml": study, "sdtm/dm.yaml": dm}, raw)
    assert (found.severity, found.hint) == ("warning", "the file states 1 = Male; write {from: sex, map: {...}}")


def test_a_dictionary_lists_the_possible_keys(tmp_path: Path):
    header = 'Variable / Field Name,Form Name,Section Header,Field Type,Field Label,"Choices, Calculations, OR Slider Labels"\n'
    fields = 'record_id,dm,,text,Record,\nd,dm,,text,Day,\nsex,dm,,radio,Sex,"1, Male | 2, Female"\n'
    study = (
        STUDY.replace("{file: a.csv}", "{file: a.csv, format: redcap, dictionary: dd.csv}")
        .replace("[SUBJ]", "[record_id]")
        .replace("{SUBJ}", "{record_id}")
    )
    dm = DM.replace("date: D", "date: d").replace("SEX: SEX", "SEX: {from: sex, map: {'1': M, '2': F, '3': U}}")
    raw = {"a.csv": "record_id,d,sex\n1,2020-01-01,1\n2,2020-01-02,1\n", "dd.csv": header + fields}
    found = lint(tmp_path, {"study.yaml": study, "sdtm/dm.yaml": dm}, raw)
    assert [(p.severity, p.message) for p in found] == [("warning", "no cell of sex holds '3'")], list(map(str, found))


@pytest.mark.parametrize(
    ("term", "found"),
    [
        ("{from: PARAMCD, map: {K: Hypokalemia}}", ["PLAT"]),  # map: keeps PLAT
        ("{cases: [{when: PARAMCD == 'K', value: Hypokalemia}]}", []),
        ("{from: PARAMCD, map: {K: Hypokalemia}, when: PARAMCD == 'K'}", []),  # the condition decides
        ("{cases: [{when: PARAMCD == 'K', value: Hypokalaemia}]}", ["Hypokalaemia"]),
    ],
)
def test_a_term_that_the_scale_of_a_grade_does_not_have(tmp_path: Path, term: str, found: list[str]):
    lb = "dataset: LB\nrows: {source: a, unpivot: {K: {result: X}, PLAT: {result: Y}}}\nvariables: {LBDTC: {date: D}}\n"
    adlb = "dataset: ADLB\nrows: {from: LB}\nvariables:\n  PARAMCD: LBTESTCD\n  PARAM: LBTEST\n  AVAL: {compute: number(LBORRES)}\n"
    adlb += "  ADT: {analysis_date: LBDTC}\n  U: {value: mmol/L, label: Unit}\n  ATOXDSCL: " + term + "\n"
    adlb += "  ATOXGRL: {toxicity_grade: AVAL, scale: ctcae-5.0, direction: low, term: ATOXDSCL, unit: U, low: null, high: null, base: null, base_indicator: null}\n"
    adsl = "dataset: ADSL\nrows: {from: DM}\nvariables: {SEX: SEX}\n"
    problems = lint(tmp_path, {"sdtm/lb.yaml": lb, "adam/adlb.yaml": adlb, "adam/adsl.yaml": adsl})
    odd = [p for p in problems if p.variable == "ATOXGRL"]
    assert [p.severity for p in odd] == ["warning"] * len(found), list(map(str, problems))
    assert all(repr(found[0]) in p.message or "'A1AGLP'" in p.message for p in odd), list(map(str, odd))


# what a build says


def built(tiny, adsl: str, raw: str = RAW):
    specs = {"dm": DM, "adsl": f"dataset: ADSL\nrows: {{from: DM}}\nvariables:\n{adsl}"}
    return tiny({"a.csv": raw}, "dates: {formats: [yyyy-mm-dd]}\n", specs)


def empty(created) -> list[tuple[str, str, str]]:
    findings = Findings()
    report_empty_variables(created.plan, created.lineage, created.summary, created.ledger.cells, findings)
    table = findings.frame()
    return list(zip(table["severity"], table["dataset"], table["variable"], strict=True))


def test_a_variable_that_is_empty_in_every_record_is_a_finding_with_its_rule(tiny):
    created = built(
        tiny,
        "  SEX: SEX\n"
        "  ONE: {first: a.X, where: SEX == 'W', label: No Such Sex}\n"
        "  TWO: {first: a.Y, label: An Empty Column}\n"
        "  THREE: {value: Z, when: SEX == 'U', label: A Condition}\n"
        "  FOUR: {value: '', label: Nothing on Purpose}\n"
        "  FIVEFL: {cases: [{when: SEX == 'U', value: Y}], label: A Flag}\n",
    )
    assert sorted(empty(created)) == sorted(
        [
            ("warning", "ADSL", "ONE"),
            ("note", "ADSL", "TWO"),
            ("note", "ADSL", "THREE"),
            ("note", "ADSL", "FIVEFL"),
        ]
    )


def test_a_site_that_is_the_number_of_the_subject_is_a_finding(tiny):
    one, two = "subject: {columns: [SUBJ]", "subject: {columns: [SITE, SUBJ]"
    expected = {one: 1, one + ", siteid: '{X}'": 0, two: 0}
    for subject, number in expected.items():
        study = "study: {id: S1}\n" + subject + ", usubjid: '{SUBJ}'}\n"
        created = tiny({"a.csv": "SITE,SUBJ,D,SEX,X\n7,1,2020-01-01,M,9\n"}, study, {"dm": DM})
        findings = Findings()
        report_site(created.plan, findings)
        assert findings.frame()["rule"].tolist() == ["R2A-SPEC-005"] * number


def test_a_rule_of_a_block_without_records_is_no_warning(tiny):
    adsl = (
        "dataset: ADSL\nrows:\n  - from: DM\n  - from: DM\n    where: SEX == 'U'\n"
        "    variables: {WHY: {value: NOT TOLD, label: Reason}}\nvariables:\n  SEX: SEX\n"
        "  NONE: {first: a.X, where: SEX == 'U', label: All Blocks}\n"
    )
    created = tiny({"a.csv": RAW}, "dates: {formats: [yyyy-mm-dd]}\n", {"dm": DM, "adsl": adsl})
    assert sorted(empty(created)) == [("note", "ADSL", "WHY"), ("warning", "ADSL", "NONE")]


def test_a_build_reports_the_text_that_a_condition_asks_for_in_vain(tmp_path: Path):
    adsl = "dataset: ADSL\nrows: {from: DM}\nvariables:\n  SEX: SEX\n  ONE: {first: DM.RFSTDTC, where: SEX == 'MALE', label: One}\n"
    root, raw = written(tmp_path, {"adam/adsl.yaml": adsl}, {"a.csv": RAW})
    plan = plan_study(load_study(root))[0]
    findings = Findings()
    report_conditions(plan, read_raw(plan, root, raw, findings).tables, findings)
    table = findings.frame()
    assert table[["rule", "severity", "dataset", "variable", "value"]].to_numpy().tolist() == [
        ["R2A-SPEC-001", "warning", "ADSL", "ONE", "MALE"]
    ]
    assert table["message"][0].endswith("adam/adsl.yaml:5:42")


@pytest.mark.parametrize(
    ("condition", "texts"),
    [
        ("SEX == 'W'", ["W"]),
        ("SEX == 'M' or COUNTRY == 'ATLANTIS'", []),  # another way is possible
        ("SEX == 'M' or COUNTRY == 'DUE'", ["DUE"]),  # a slip of DEU
        ("SEX == 'W' or COUNTRY == 'ATLANTIS'", ["W", "ATLANTIS"]),  # no way is possible
        ("SEX in ['M', 'W']", []),
        ("SEX in ['W', 'X']", ["W", "X"]),
        ("COUNTRY in ['DEU', 'FRA'] and SEX != 'W'", ["W"]),
        ("upper(SEX) == 'm'", ["m"]),
    ],
)
def test_which_texts_a_condition_asks_for_in_vain(tmp_path: Path, condition: str, texts: list[str]):
    adsl = f"dataset: ADSL\nrows: {{from: DM}}\nvariables:\n  SEX: SEX\n  ONE:\n    first: DM.RFSTDTC\n    label: One\n    where: {condition}\n"
    root, raw = written(tmp_path, {"adam/adsl.yaml": adsl}, {"a.csv": RAW})
    plan = plan_study(load_study(root))[0]
    tables = read_raw(plan, root, raw, Findings()).tables
    assert [n.text for n in never_filled(KnownTexts(plan, RawCells(tables)))] == texts


# the texts that columns can hold


@pytest.mark.parametrize(
    ("rule", "holds", "never"),
    [
        ("{value: A}", ["A", "A "], ["B", ""]),
        ("{from: X, map: {yes: Y}}", ["Y", "no"], ["yes", "NO"]),
        ("{from: X, case: upper}", ["YES", "NO"], ["yes"]),
        ("{from: X, prefix: P-}", ["P-yes"], ["yes"]),
        ("{from: Z, default: D}", [], []),  # a column that is not there: the header check says so
        ("{cases: [{when: X == 'yes', value: A}, {from: X}]}", ["A", "yes", "no"], ["B"]),
        ("{compute: \"if(X == 'yes', upper(X), 'other')\"}", ["YES", "other"], ["yes"]),
        ("{any: a, where: X == 'yes', no: ''}", ["Y", ""], ["N"]),
    ],
)
def test_texts_that_a_rule_can_give(tmp_path: Path, rule: str, holds: list[str], never: list[str]):
    dm = DM + "supplemental:\n  FLAG: " + rule.replace("{", "{label: A Flag, ", 1) + "\n"
    root, _ = written(tmp_path, {"sdtm/dm.yaml": dm}, {})
    plan = plan_study(load_study(root))[0]
    frame = pd.DataFrame({"SUBJ": ["1", "2"], "D": ["", ""], "SEX": ["M", "F"], "X": ["yes", " no "]}, dtype="category")

    class Table:
        present = True

    Table.frame = frame
    texts = KnownTexts(plan, RawCells({"a": Table()})).table("DM", "FLAG")  # pyright: ignore[reportArgumentType]
    assert texts is None or ([t for t in holds if not texts.holds(t)], [t for t in never if texts.holds(t)]) == ([], [])
    assert (texts is None) == (not holds)
