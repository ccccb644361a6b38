"""The query list: who is asked what, where; the same bytes for the same findings; no text becomes a formula."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from openpyxl import load_workbook
from raw2adam.engine.columns import column as col
from raw2adam.engine.subjects.sites import Sites, site_directory
from raw2adam.findings.table import Findings
from raw2adam.mappings.models.queries import Phrases, QueriesSpec, read_phrases
from raw2adam.mappings.models.study import StudySpec
from raw2adam.validation.reports.finding_traces import Traces
from raw2adam.validation.reports.form_words import FormWords, form_words
from raw2adam.validation.reports.queries import QueryList, site_queries
from raw2adam.validation.reports.query_files import file_name, queries_json, write_queries

DECLARED = datetime(2026, 1, 31)
FORMULA = "=cmd|' /C calc'!A0"


def sites() -> Sites:
    record = np.array([1, 2, 3], dtype="int32")
    return Sites(
        {"ae": (record, np.array(["101", "202", ""], dtype=object))},
        {"S-101-1": ("101", "101-1"), "S-202-1": ("202", "202-1")},
        {"101": "FRA", "202": "DEU"},
        {"ae": "ae.csv"},
    )


def findings(reverse: bool = False) -> Findings:
    adding = [
        lambda f: f.add("R2A-DATE-002", "x", dataset="AE", subject="S-101-1", variable="AESTDTC",
                        value="30FEB2021", source="ae", file="ae.csv", row=1, column="ST_DT"),
        lambda f: f.add("R2A-DATE-002", "y", dataset="CM", subject="S-101-1", variable="CMSTDTC",
                        value="30FEB2021", source="ae", file="ae.csv", row=1, column="ST_DT"),
        lambda f: f.add("R2A-CONF-007", "z", dataset="AE", subject="S-202-1", sequence=3, variable="USUBJID",
                        value="S-202-1"),
        lambda f: f.add("R2A-SUBJ-001", "no subject", source="ae", file="ae.csv", row=2),
        lambda f: f.add("R2A-NUM-001", "n", subject="S-9", value=FORMULA, file="other.csv", row=7, column="=A"),
        lambda f: f.add("R2A-CT-001", "closed", severity="error", subject="S-101-1", value="?", source="ae", file="ae.csv", row=1, column="B"),
        # not for the site: a mapping that is missing, a column that no spec reads
        lambda f: f.add("R2A-CT-001", "extensible", severity="warning", subject="S-101-1", source="ae", file="ae.csv", row=1, column="C"),
        lambda f: f.add("R2A-COL-001", "no spec reads it", source="ae", file="ae.csv", column="D"),
    ]  # fmt: skip
    out = Findings()
    for add in reversed(adding) if reverse else adding:
        add(out)
    return out


def test_what_is_asked_of_whom():
    found = site_queries(findings(), sites()).queries
    shown = [(q.country, q.site, q.subject, q.form, q.row, q.field, q.rule) for q in found]
    assert shown == [
        ("DEU", "202", "", "ae.csv", 2, "", "R2A-SUBJ-001"),
        ("DEU", "202", "202-1", "AE", None, "USUBJID", "R2A-CONF-007"),
        ("FRA", "101", "101-1", "ae.csv", 1, "B", "R2A-CT-001"),
        ("FRA", "101", "101-1", "ae.csv", 1, "ST_DT", "R2A-DATE-002"),  # reported by two domains, asked once
        ("UNKNOWN", "UNKNOWN", "S-9", "other.csv", 7, "=A", "R2A-NUM-001"),
    ]
    assert found[3].question == "'30FEB2021' is not a day of the calendar. Please check the date."
    assert found[1].sequence == 3


def test_the_number_depends_on_the_cell_and_the_rule_alone():
    numbers = {(q.row, q.field): q.number for q in site_queries(findings(), sites()).queries}
    # sha256 of "R2A-DATE-002\x1fae.csv\x1f1\x1fST_DT"
    assert numbers[1, "ST_DT"] == "Q" + "61E76DC2BF1D"
    other = Findings()
    other.add("R2A-DATE-002", "another text", value="31FEB2021", source="ae", file="ae.csv", row=1, column="ST_DT")
    (query,) = site_queries(other, Sites()).queries
    assert query.number == numbers[1, "ST_DT"]
    assert (query.country, query.site) == ("UNKNOWN", "UNKNOWN")
    assert len(set(numbers.values())) == 5


def test_the_order_of_findings_does_not_matter(tmp_path):
    for name, reverse in (("a", False), ("b", True)):
        (tmp_path / name).mkdir()
        write_queries(tmp_path / name, site_queries(findings(reverse), sites()), DECLARED)
    names = sorted(p.relative_to(tmp_path / "a").as_posix() for p in (tmp_path / "a").rglob("*.*"))
    assert names == ["queries.json", "queries.xlsx", "queries/DEU.xlsx", "queries/FRA.xlsx", "queries/UNKNOWN.xlsx"]
    for name in names:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def rows(path: Path, sheet: str) -> list[tuple[str | None, ...]]:
    book = load_workbook(path)
    assert all(c.data_type in ("s", "n") and c.data_type != "f" for r in book[sheet] for c in r)
    return [tuple(c.value for c in r) for r in book[sheet]]


def test_workbooks_by_country_and_site(tmp_path):
    write_queries(tmp_path, site_queries(findings(), sites()), DECLARED)
    whole = rows(tmp_path / "queries.xlsx", "Summary")
    assert whole == [
        ("Country", "Site", "Queries", "Errors", "Warnings", "Notes"),
        ("DEU", "202", 2, 2, 0, 0),
        ("FRA", "101", 2, 2, 0, 0),
        ("UNKNOWN", "UNKNOWN", 1, 1, 0, 0),
    ]
    (head, *queries) = rows(tmp_path / "queries" / "FRA.xlsx", "Queries")
    assert head[:14] == (
        "Query", "Site", "Subject", "Form", "Page", "Visit", "Record", "Field", "Value", "Question", "Kind of answer",
        "Answer", "Answered by", "Answered on",
    )  # fmt: skip
    assert [q[7] for q in queries] == ["B", "ST_DT"] and [q[head.index("Row")] for q in queries] == [1, 1]
    assert queries[0][10:14] == (None, None, None, None)  # the answer is the site's
    (_, odd) = rows(tmp_path / "queries" / "UNKNOWN.xlsx", "Queries")
    assert (odd[7], odd[8]) == ("=A", FORMULA)


def test_a_site_can_change_its_answer_alone(tmp_path):
    write_queries(tmp_path, site_queries(findings(), sites()), DECLARED)
    sheet = load_workbook(tmp_path / "queries" / "FRA.xlsx")["Queries"]
    open_ = {c.column_letter for r in sheet for c in r if not c.protection.locked}
    assert sheet.protection.sheet and open_ == set("KLMN")
    (listed,) = sheet.data_validations.dataValidation
    assert listed.formula1 == '"Corrected,Correct as entered,Not known,Not done"' and str(listed.sqref) == "K2:K3"
    page = sheet.page_setup
    assert (page.orientation, page.fitToWidth, sheet.print_title_rows) == ("landscape", 1, "$1:$1")
    assert sheet.print_area == "'Queries'!$A$1:$N$3" and sheet["J2"].alignment.wrap_text


def test_json_counts_by_site():
    data = json.loads(queries_json(site_queries(findings(), sites()).queries))
    assert data["summary"][0] == {"country": "DEU", "site": "202", "queries": 2, "error": 2, "warning": 0, "note": 0}
    assert len(data["queries"]) == 5
    assert json.loads(queries_json([])) == {"schema": 2, "queries": [], "summary": []}


def test_no_queries_still_leave_a_workbook(tmp_path):
    write_queries(tmp_path, QueryList([]), DECLARED)
    assert rows(tmp_path / "queries.xlsx", "Queries")[0][0] == "Query"
    assert list((tmp_path / "queries").iterdir()) == []


def test_a_value_cannot_add_to_the_question():
    out = Findings()
    out.add("R2A-NUM-001", "x", value="{message}\x1b" + "9" * 500, file="a.csv", row=1, column="A")
    (query,) = site_queries(out, Sites()).queries
    assert "{message}\\x1b999" in query.question
    assert len(query.question) < 400


@pytest.mark.parametrize(
    ("country", "name"),
    [("FRA", "FRA"), ("deu", "DEU"), ("../x", "X"), ("Côte d'Ivoire", "C-TE-D-IVOIRE"), ("con", "CON-"), ("", "UNKNOWN"), ("日本", "UNKNOWN")],
)  # fmt: skip
def test_a_country_is_a_file_name_anywhere(country, name):
    assert file_name(country) == name


def study(**subject) -> StudySpec:
    return StudySpec.model_validate(
        {
            "study": {"id": "S"},
            "subject": {"columns": ["SITE", "SUBJ"], "usubjid": "{SITE}-{SUBJ}", "siteid": "{SITE:03}", **subject},
            "sources": {"sites": {"file": "sites.csv", "subject": "none"}, "ae": {"file": "ae.csv"}},
        }
    )


def test_the_country_of_a_site_comes_from_the_declared_column(tiny):
    from raw2adam.sources.table import RawTable

    def table(name, columns):
        import pandas as pd

        frame = pd.DataFrame({c: col.text_column(v) for c, v in columns.items()})
        numbers = np.arange(1, len(frame) + 1, dtype="int32")
        return RawTable(name, Path(f"{name}.csv"), "", frame, numbers, numbers)

    tables = {
        "sites": table("sites", {"SITE": ["7", "8 "], "LAND": ["FRA", "DEU"]}),
        "ae": table("ae", {"SITE": ["8", "7", ""], "SUBJ": ["1", "2", "3"]}),
    }
    identity = {
        "sites": {},
        "ae": {
            "SITEID": col.text_column(["008", "007", ""]),
            "USUBJID": col.text_column(["8-1", "7-2", ""]),
            "SUBJID": col.text_column(["1", "2", "3"]),
        },
    }
    found = site_directory(study(country="sites.LAND"), tables, identity)
    assert found.countries == {"007": "FRA", "008": "DEU"}
    assert found.subjects == {"8-1": ("008", "1"), "7-2": ("007", "2")}
    assert found.of_rows("ae", np.array([1, 2, 3, 4])).tolist() == ["008", "007", "", ""]
    assert site_directory(study(), tables, identity).countries == {}


def test_a_wrong_country_column_is_a_problem_of_the_spec(spec_problems):
    text = """\
study: {id: S1}
subject: {columns: [SUBJ], usubjid: "{SUBJ}", country: %s}
sources: {sites: {file: sites.csv, subject: none}}
"""
    dm = "dataset: DM\nrows: {source: sites}\nvariables: {SEX: SEX}\n"
    (problem,) = [p for p in spec_problems(text % "site.LAND", {"dm": dm}) if "LAND" in p.message]
    assert str(problem.place).endswith("study.yaml:2:56")
    assert "did you mean 'sites'" in problem.hint
    assert not [p for p in spec_problems(text % "sites.LAND", {"dm": dm}) if "LAND" in p.message]


WORDS = FormWords(
    titles={"lab": "Laboratory"},
    labels={("lab", "DT"): "Date of sample", ("lab", "TM"): "Time of sample", ("lab", "RES"): "Result"},
    pages={("lab", "DT"): "12"},
    datasets={"AE": "Adverse Events"},
    analysis=("ADRS",),
)


def asked(*adding, words: FormWords = WORDS, reached=None) -> list[tuple[str, str]]:
    """(rule, column) of each query."""
    out = Findings()
    for rule, column, more in adding:
        out.add(rule, more.pop("message", "m"), column=column, **{"source": "lab", "file": "lab.csv", "row": 4, **more})
    found = site_queries(out, Sites(), words, reached=reached or {}).queries
    return [(q.rule, q.column) for q in found]


NOWHERE = {"source": "", "file": "", "row": -1}


@pytest.mark.parametrize(
    ("adding", "expected"),
    [
        # the worst finding of a cell asks; of equal ones that about the raw cell
        ([("R2A-NUM-003", "RES", {"dataset": "LB"}), ("R2A-RAW-001", "RES", {})], [("R2A-RAW-001", "RES")]),
        ([("R2A-DATE-001", "DT", {"dataset": "LB"}), ("R2A-RAW-021", "DT", {})], [("R2A-DATE-001", "DT")]),
        # an analysis dataset is no question to a site, unless the raw cell is known
        ([("R2A-RESP-001", "", {"dataset": "ADRS", **NOWHERE})], []),
        ([("R2A-RESP-001", "RESP", {"dataset": "ADRS"})], [("R2A-RESP-001", "RESP")]),
        ([("R2A-RESP-001", "", {"dataset": "ADRS", "source": ""})], []),  # the file and row behind a record of SDTM
        ([("R2A-CT-001", "AEOUT", {"dataset": "ADRS", "source": "", "severity": "error"})], []),
        ([("R2A-CONF-007", "", {"dataset": "AE", **NOWHERE})], [("R2A-CONF-007", "")]),
        # rows with one key, and their records with one key, are one question
        ([("R2A-RAW-033", "RES", {}), ("R2A-CONF-025", "", {"dataset": "LB"})], [("R2A-RAW-033", "RES")]),
        ([("R2A-RAW-033", "RES", {"row": 5}), ("R2A-CONF-025", "", {})], [("R2A-CONF-025", ""), ("R2A-RAW-033", "RES")]),
        ([("R2A-RAW-041", "SUBJ", {}), ("R2A-CONF-007", "", {"dataset": "LB"})], [("R2A-RAW-041", "SUBJ")]),
        # a time without its date: the date is asked
        ([("R2A-DATE-002", "DT", {"dataset": "LB", "variable": "LBDTC"}),
          ("R2A-DATE-004", "TM", {"dataset": "LB", "variable": "LBDTC"})], [("R2A-DATE-002", "DT")]),
        ([("R2A-RAW-031", "DT", {}), ("R2A-DATE-004", "TM", {"dataset": "LB", "variable": "LBDTC"})],
         [("R2A-RAW-031", "DT")]),
        ([("R2A-RAW-031", "RES", {}), ("R2A-DATE-004", "TM", {"dataset": "LB", "variable": "LBDTC"})],
         [("R2A-RAW-031", "RES"), ("R2A-DATE-004", "TM")]),
    ],
)  # fmt: skip
def test_a_site_has_one_question_for_one_problem(adding, expected):
    assert asked(*adding, reached={("lab", "DT"): ("LB.LBDTC",)}) == expected


def test_rows_with_one_key_are_one_question():
    from raw2adam.sources.table import RawTable

    frame = {"VISIT": ["MONTH 1", "MONTH 1", "MONTH 2"], "TEST": ["HGB", "HGB", "HGB"], "RES": ["1", "2", "3"]}
    numbers = np.arange(1, 4, dtype="int32")
    raw = RawTable("lab", Path("lab.csv"), "", pd.DataFrame({c: col.text_column(v) for c, v in frame.items()}), numbers,
                   numbers)  # fmt: skip
    spec = StudySpec.model_validate(
        {
            "study": {"id": "S"},
            "subject": {"columns": ["SUBJ"], "usubjid": "{SUBJ}"},
            "sources": {"lab": {"file": "lab.csv", "key": ["VISIT", "TEST"], "crf": {"title": "Laboratory", "labels": {"RES": "Result", "TEST": "Test"}}}},
        }
    )  # fmt: skip
    traces = Traces(reached={("lab", "VISIT"): ("LB.VISIT",)})
    words = form_words(spec, {"lab": raw}, {}, traces, datasets={}, analysis=())
    out = Findings()
    out.add("R2A-RAW-033", "rows share VISIT", source="lab", file="lab.csv", row=[1, 2, 3], column="RES")
    found = site_queries(out, Sites(), words).queries
    assert [(q.row, q.form, q.visit, q.record, q.field) for q in found] == [
        (1, "Laboratory", "MONTH 1", "Test: HGB", "Result"),
        (3, "Laboratory", "MONTH 2", "Test: HGB", "Result"),
    ]


def test_questions_are_in_the_language_of_the_site(tmp_path):
    out = Findings()
    cell = {"source": "ae", "file": "ae.csv", "column": "DT"}
    out.add("R2A-DATE-002", "x", value="30/02/2024", subject="S-101-1", row=1, **cell)
    out.add("R2A-RAW-031", "x", subject="S-101-1", row=3, **cell)
    english = "'{value}' is not a day of the calendar. Please check the date."
    texts = {
        (english, "fr"): "« {value} » n'est pas un jour du calendrier. Veuillez vérifier la date.",
        ("Start date", "fr"): "Date de début", ("Query", "fr"): "Demande", ("Corrected", "fr"): "Corrigé",
    }  # fmt: skip
    phrases = Phrases(texts, {"FRA": "fr"})
    found = site_queries(out, sites(), FormWords(labels={("ae", "DT"): "Start date"}), phrases)
    one, other = found.queries
    assert one.question == "« 30/02/2024 » n'est pas un jour du calendrier. Veuillez vérifier la date."
    assert (one.english, one.field, one.language) == (
        "'30/02/2024' is not a day of the calendar. Please check the date.", "Date de début", "fr"
    )  # fmt: skip
    # a question without a phrase is asked in English, and listed
    assert other.question == "The field 'Date de début' is empty. Please enter the value."
    assert other.english == "The field 'Start date' is empty. Please enter the value."
    assert found.missing == {("The field '{column}' is empty. Please enter the value.", "fr"), ("ae.csv", "fr")}
    write_queries(tmp_path, found, DECLARED, phrases)
    head = rows(tmp_path / "queries" / "FRA.xlsx", "Queries")[0]
    assert head[0] == "Demande" and head[14] == "Question in English"
    assert rows(tmp_path / "queries.xlsx", "Queries")[0][0] == "Query"
    lines = (tmp_path / "phrases.csv").read_text("utf-8-sig").splitlines()
    assert lines[0] == "text,language,english" and ",fr,Answered by" in lines and ",fr,Query" not in lines


def test_a_phrase_has_the_parts_of_its_english(tmp_path):
    path = tmp_path / "phrases.csv"
    lines = [
        "text,language,english", "« {value} »,fr,'{value}'", ",fr,not yet", "« {valeur} »,fr,{value}!", "x,FR,y",
        "Non,fr,'{value}'", "Nein,fr,No",
    ]  # fmt: skip
    path.write_text("\n".join(lines), "utf-8")
    problems: list = []
    found = read_phrases(QueriesSpec(file="phrases.csv", when={"FRA": "fr"}), path, problems)
    assert found.texts == {("'{value}'", "fr"): "« {value} »", ("No", "fr"): "Nein"}
    assert [(p.place.line, p.message) for p in problems] == [
        (4, "'« {valeur} »' must have {value}, as its English '{value}!'"),
        (5, "'FR' is not a language code of ISO 639, such as de"),
        (6, "''{value}'' already has another text in this language: '« {value} »'"),
    ]
    assert (found.language_of("FRA"), found.language_of("DEU"), found.text("x", "en")) == ("fr", "en", "x")


def test_a_check_of_the_study_has_its_question_with_the_cells_of_the_record():
    from raw2adam.engine.tables.dataset import Dataset, DatasetMetadata, VariableMetadata
    from raw2adam.sources.table import RawTable
    from raw2adam.validation.reports.check_questions import CheckQuestions

    frame = {"DT": ["2024-01-02", "2024-02-30"], "PLAN": ["10", "<b>{value}"], "DOSE": ["90", "7,5"]}
    numbers = np.arange(1, 3, dtype="int32")
    raw = RawTable("isa", Path("isa.csv"), "", pd.DataFrame({c: col.text_column(v) for c, v in frame.items()}), numbers,
                   numbers)  # fmt: skip
    about = (VariableMetadata("USUBJID", ""), VariableMetadata("AESEQ", "", "integer"), VariableMetadata("AESTDTC", ""))
    ae = Dataset(
        DatasetMetadata("AE", "AE", about, ("USUBJID", "AESEQ"), sequence="AESEQ"),
        pd.DataFrame({"USUBJID": ["S-1", "S-1"], "AESEQ": [1.0, 2.0], "AESTDTC": ["2024-01-02", "2024-03-04"]}),
    )
    dose = "On {DT} the plan was {PLAN} and the dose {value}. Please check {column}."
    texts = {"R2A-CHECK-DOSE": dose, "R2A-CHECK-AE": "The event began on {AESTDTC}. Is {value} right?"}
    out = Findings()
    cell = {"source": "isa", "file": "isa.csv", "column": "DOSE", "subject": "S-101-1"}
    out.add("R2A-CHECK-DOSE", "m", severity="note", value=["90", "7,5"], row=[1, 2], **cell)
    for number in (2, 9):
        out.add("R2A-CHECK-AE", "m", severity="warning", value="MILD", dataset="AE", subject="S-1", sequence=number)
    words = FormWords(labels={("isa", "DOSE"): "Dose given"}, tables={"isa": raw})
    phrases = Phrases(
        {(dose, "fr"): "Le {DT} : {value} au lieu de {PLAN} ?", ("Dose given", "fr"): "Dose"}, {"FRA": "fr"}
    )
    found = site_queries(out, sites(), words, phrases, None, CheckQuestions(texts=texts, datasets={"AE": ae}))
    assert sorted((q.english, q.question) for q in found.queries) == [
        ("On 2024-01-02 the plan was 10 and the dose 90. Please check Dose given.", "Le 2024-01-02 : 90 au lieu de 10 ?"),
        ("On 2024-02-30 the plan was <b>{value} and the dose 7,5. Please check Dose given.",
         "Le 2024-02-30 : 7,5 au lieu de <b>{value} ?"),
        ("The event began on . Is MILD right?", "The event began on . Is MILD right?"),
        ("The event began on 2024-03-04. Is MILD right?", "The event began on 2024-03-04. Is MILD right?"),
    ]  # fmt: skip
