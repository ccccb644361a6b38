"""The query list: who is asked what, where; the same bytes for the same findings; no text becomes a formula."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from openpyxl import load_workbook
from raw2adam.engine.columns import column as col
from raw2adam.engine.subjects.sites import Sites, site_directory
from raw2adam.findings.table import Findings
from raw2adam.mappings.models.study import StudySpec
from raw2adam.validation.reports.queries import file_name, queries_json, site_queries, write_queries

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
    found = site_queries(findings(), sites())
    shown = [(q.country, q.site, q.subject, q.form, q.row, q.field, q.rule) for q in found]
    assert shown == [
        ("DEU", "202", "", "ae.csv", "2", "", "R2A-SUBJ-001"),
        ("DEU", "202", "202-1", "AE", "", "USUBJID", "R2A-CONF-007"),
        ("FRA", "101", "101-1", "ae.csv", "1", "B", "R2A-CT-001"),
        ("FRA", "101", "101-1", "ae.csv", "1", "ST_DT", "R2A-DATE-002"),  # reported by two domains, asked once
        ("UNKNOWN", "UNKNOWN", "S-9", "other.csv", "7", "=A", "R2A-NUM-001"),
    ]
    assert found[3].question == "'30FEB2021' is not a day of the calendar. Please check the date."
    assert found[1].sequence == "3"


def test_the_number_depends_on_the_cell_and_the_rule_alone():
    numbers = {(q.row, q.field): q.number for q in site_queries(findings(), sites())}
    # sha256 of "R2A-DATE-002\x1fae.csv\x1f1\x1fST_DT"
    assert numbers["1", "ST_DT"] == "Q" + "61E76DC2BF1D"
    other = Findings()
    other.add("R2A-DATE-002", "another text", value="31FEB2021", source="ae", file="ae.csv", row=1, column="ST_DT")
    (query,) = site_queries(other, Sites())
    assert query.number == numbers["1", "ST_DT"]
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
        ("DEU", "202", "2", "2", "0", "0"),
        ("FRA", "101", "2", "2", "0", "0"),
        ("UNKNOWN", "UNKNOWN", "1", "1", "0", "0"),
    ]
    (head, *queries) = rows(tmp_path / "queries" / "FRA.xlsx", "Queries")
    assert head[:8] == ("Query", "Country", "Site", "Subject", "Form", "Row", "Field", "Value")
    assert [q[6] for q in queries] == ["B", "ST_DT"]
    assert queries[0][-3:] == (None, None, None)  # the answer is the site's
    (_, odd) = rows(tmp_path / "queries" / "UNKNOWN.xlsx", "Queries")
    assert (odd[6], odd[7]) == ("=A", FORMULA)


def test_json_counts_by_site():
    data = json.loads(queries_json(site_queries(findings(), sites())))
    assert data["summary"][0] == {"country": "DEU", "site": "202", "queries": 2, "error": 2, "warning": 0, "note": 0}
    assert len(data["queries"]) == 5
    assert json.loads(queries_json([])) == {"schema": 1, "queries": [], "summary": []}


def test_no_queries_still_leave_a_workbook(tmp_path):
    write_queries(tmp_path, [], DECLARED)
    assert rows(tmp_path / "queries.xlsx", "Queries")[0][0] == "Query"
    assert list((tmp_path / "queries").iterdir()) == []


def test_a_value_cannot_add_to_the_question():
    out = Findings()
    out.add("R2A-NUM-001", "x", value="{message}\x1b" + "9" * 500, file="a.csv", row=1, column="A")
    (query,) = site_queries(out, Sites())
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
