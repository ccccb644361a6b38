"""The kinds of checks that raw2adam runs itself: small tables written by hand, and the records that fail, with why.

Not for expectations of great-expectations (test_quality.py) nor for conditions (test_cross_checks.py).
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from kit.tiny import raw_table, write_study
from raw2adam.engine.columns.column import text_column
from raw2adam.engine.tables.dataset import Dataset, DatasetMetadata, VariableMetadata
from raw2adam.findings.table import Findings
from raw2adam.mappings.facts.terminology import Codelist, Term
from raw2adam.mappings.loader import load_study
from raw2adam.runs.plan_study import plan_study
from raw2adam.runs.read_raw import identified
from raw2adam.validation.quality.date_kinds import MOST_VISITS, _contradictions
from raw2adam.validation.quality.failing import failing_records
from raw2adam.validation.quality.run import add_findings, superseding
from raw2adam.validation.quality.source_tables import SourceTables
from raw2adam.validation.quality.study_checks import read_checks, study_checks
from raw2adam.validation.quality.value_kinds import medians


def dataset(name: str, numbers: str = "", **columns: list) -> Dataset:
    """A dataset of texts; ``numbers``: the names of its numeric variables."""
    kinds = {n: "float" if n in numbers.split() else "text" for n in columns}
    variables = tuple(VariableMetadata(n, n, kinds[n]) for n in columns)
    frame = pd.DataFrame({n: v if kinds[n] == "float" else text_column(v) for n, v in columns.items()})
    return Dataset(DatasetMetadata(name, name, variables, ("USUBJID",)), frame)


LB = dataset(
    "LB", "VISITNUM LBSTRESN",
    USUBJID=["1", "1", "1", "1", "2", "2", "2"],
    LBTESTCD=["HGB", "HGB", "ALB", "CA", "HGB", "HGB", "XYZ"],
    LBSTRESU=["g/dL", "g/L", "g/dL", "mmol/L", "g/dL", "", "g/dL"],
    LBSTRESN=[12.5, 125.0, 41.0, np.nan, 3.0, 12.0, 9e9],
    VISITNUM=[1.0, 2.0, 3.0, 4.0, 1.0, 2.0, 3.0],
    LBDTC=["2021-01-01", "2030-02-01", "2021-03-01", "2021-04-01", "2021-05", "2021-04-30", "2021-04-29"],
    LBENDTC=["2021-01-01", "2030-01-31T10:00", "2021", "", "20210501", "2021-02-30", "2021-05-01"],
    SEX=["M", "male", "", "W", "F", "f", "U"],
)  # fmt: skip
DM = dataset("DM", USUBJID=["1", "3"], DTHDTC=["2021-03", ""], DOMAIN=["DM", "DM"])
SEX = Codelist("SEX", "Sex", (Term("M", decode="Male"), Term("F", decode="Female"), Term("U")))

#: the check, and its failing records with the column and the detail of each
CASES = {
    "iso_dates: [LBDTC, LBENDTC]": [(4, "LBENDTC", ""), (5, "LBENDTC", "")],
    "order: [LBDTC, LBENDTC]": [(1, "LBENDTC", "LBDTC 2030-02-01 is after LBENDTC 2030-01-31T10:00")],
    "order: [LBDTC, DM.DTHDTC]": [
        (1, "LBDTC", "LBDTC 2030-02-01 is after DM.DTHDTC 2021-03"),
        (3, "LBDTC", "LBDTC 2021-04-01 is after DM.DTHDTC 2021-03"),
    ],
    "order: [LBDTC, LAST], with: {LAST: {last: LB.LBDTC}}": [],
    "order: [LBDTC, LBENDTC], at: USUBJID": [(1, "USUBJID", "LBDTC 2030-02-01 is after LBENDTC 2030-01-31T10:00")],
    "terms: {SEX: SEX}": [(1, "SEX", "the term is M"), (3, "SEX", ""), (5, "SEX", "the term is F")],
    "terms: {LBTESTCD: C65047}": [(6, "LBTESTCD", "")],  # Laboratory Test Code, published
    "exists: {values: [USUBJID], in: DM}": [(4, "USUBJID", ""), (5, "USUBJID", ""), (6, "USUBJID", "")],
    "exists: {values: [USUBJID], in: DM, where: not missing(DTHDTC)}, where: VISITNUM == 1": [(4, "USUBJID", "")],
    "exists: {values: [USUBJID, SEX], in: LB, as: [USUBJID, SEX]}": [],
    "exists: {values: [DM.DTHDTC], in: LB, as: [LBDTC]}": [(0, "", ""), (1, "", ""), (2, "", ""), (3, "", "")],
    "plausible: {value: LBSTRESN, test: LBTESTCD, unit: LBSTRESU, limits: {HGB: {g/dL: [3, 25]}, ALB: {g/dL: [1, 7]}}}": [
        (1, "LBSTRESN", "HGB has no limits in g/L"), (2, "LBSTRESN", "ALB 41 g/dL; plausible are 1 to 7"),
        (5, "LBSTRESN", "HGB has no limits without a unit"),
    ],
    "plausible: {value: LBSTRESN, test: LBTESTCD, unit: LBSTRESU, limits: {HGB: {g/dL: [3.1, 25]}}, other_units: true}": [
        (4, "LBSTRESN", "HGB 3 g/dL; plausible are 3.1 to 25")
    ],
    "plausible: {value: LBSTRESN, test: LBTESTCD, limits: {HGB: [3, 200], '*': [0, 1000]}}": [
        (6, "LBSTRESN", "XYZ 9000000000; plausible are 0 to 1000")
    ],
    "plausible: {value: LBSTRESN, limits: {'*': [4, 1e10]}}": [(4, "LBSTRESN", "3; plausible are 4 to 10000000000")],
    # one date in the future: only it fails, not the visits after it; a partial date is not compared
    "visits: {visit: VISITNUM, date: LBDTC}": [
        (1, "LBDTC", "VISITNUM 2 on 2030-02-01, VISITNUM 3 on 2021-03-01"),
        (5, "LBDTC", "VISITNUM 2 on 2021-04-30, VISITNUM 3 on 2021-04-29"),
        (6, "LBDTC", "VISITNUM 3 on 2021-04-29, VISITNUM 2 on 2021-04-30"),
    ],
    "outliers: {value: LBSTRESN, within: [LBTESTCD], percent: 100, least: 3}": [
        (1, "LBSTRESN", "125, percent away 920.4, median 12.25 of 4 records")
    ],
    "outliers: {value: LBSTRESN, within: [LBTESTCD], z: 8, least: 4}": [
        # median 12.25; distances 0.25, 112.75, 9.25, 0.25: their median is 4.75; 0.6745 x 112.75 / 4.75
        (1, "LBSTRESN", "125, robust z score 16.0, median 12.25 of 4 records")
    ],
    "outliers: {value: LBSTRESN, within: [LBTESTCD], z: 8, least: 5}": [],
    "once: [USUBJID, LBTESTCD]": [(0, "LBTESTCD", ""), (1, "LBTESTCD", ""), (4, "LBTESTCD", ""), (5, "LBTESTCD", "")],
    "unbroken: VISITNUM, where: VISITNUM != 2": [(2, "VISITNUM", ""), (6, "VISITNUM", "")],
}  # fmt: skip


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory):
    path = tmp_path_factory.mktemp("checks") / "lab.yaml"
    checks = [f"  - {{name: C{i}, dataset: LB, {check}}}\n" for i, check in enumerate(CASES)]
    path.write_text("checks:\n" + "".join(checks), "utf-8")
    found = study_checks([path], {"LB": LB, "DM": DM}, codelists={"SEX": SEX}, expectations=False)
    return dict(zip(CASES, found, strict=True))


@pytest.mark.parametrize("check", CASES)
def test_the_failing_records_of_a_check(results, check):
    result = results[check]
    details = result.details if result.details is not None else np.full(len(result.records), "", dtype=object)
    found = zip(result.records.tolist(), result.column_of_records().tolist(), details.tolist(), strict=True)
    assert list(found) == CASES[check]
    assert result.success is (not CASES[check]) and result.failed == len({r for r, _, _ in CASES[check]})


def test_a_check_has_a_title_in_plain_words(results):
    titles = [r.check.title for r in results.values()]
    assert titles[0] == "LBDTC and LBENDTC are dates of ISO 8601, complete or partial"
    assert titles[8] == "DM has a record with the same USUBJID, where VISITNUM equals 1"
    assert "{" not in "".join(titles)


def test_a_finding_names_subject_variable_value_and_what_is_wrong(results):
    findings = Findings()
    check = "plausible: {value: LBSTRESN, test: LBTESTCD, unit: LBSTRESU, limits: {HGB: {g/dL: [3, 25]}, ALB: {g/dL: [1, 7]}}}"
    add_findings([results[check]], findings, datasets={"LB": LB})
    (first, *_) = findings.frame().itertuples()
    assert (first.rule, first.subject, first.variable, first.value) == ("R2A-CHECK-C11", "1", "LBSTRESN", "125")
    assert first.message.endswith("within the limits of its test and unit: HGB has no limits in g/L")


def test_visits_that_contradict_each_other():
    cases = [
        ([1, 2, 3, 4], [1, 9, 3, 4], [1]),  # one date too late
        ([1, 2, 3, 4], [2, 3, 1, 4], [2]),  # one date too early
        ([1, 2, 3], [2, 1, 3], [0, 1]),  # exchanged: nobody knows which is wrong
        ([1, 2, 3], [1, 1, 1], []),
        ([2, 2, 2], [3, 1, 2], []),  # the same visit on several days
    ]
    for numbers, days, expected in cases:
        rows = np.unique(np.array([[0, n, d] for n, d in zip(numbers, days, strict=True)], dtype=float), axis=0)
        bad, partner = _contradictions(rows)
        wrong = [(rows[i, 1], rows[i, 2]) for i in np.flatnonzero(bad)]
        assert wrong == [(numbers[e], days[e]) for e in expected], (numbers, days)
        assert (partner[bad] >= 0).all()
    many = np.stack([np.zeros(3 * MOST_VISITS), np.arange(3 * MOST_VISITS), np.arange(3 * MOST_VISITS)], axis=1)
    assert not _contradictions(many)[0].any()  # one group with very many visits: no square of its size
    assert not _contradictions(np.zeros((0, 3)))[0].any()


def test_medians():
    found = medians(np.array([0, 2, 2, 0, 2, 0, 2]), np.array([3.0, 8, 1, 1, 2, 2, 4]), 3)
    assert found[[0, 2]].tolist() == [2.0, 3.0] and np.isnan(found[1])


def test_an_empty_dataset_passes(tmp_path):
    empty = Dataset(LB.metadata, LB.frame.iloc[:0])
    path = tmp_path / "lab.yaml"
    path.write_text(
        "checks:\n" + "".join(f"  - {{name: C{i}, dataset: LB, {c}}}\n" for i, c in enumerate(CASES)), "utf-8"
    )
    found = study_checks([path], {"LB": empty, "DM": DM}, codelists={"SEX": SEX}, expectations=False)
    assert [r.check.title for r in found if not r.success] == []


SOURCES = """\
study: {id: S, as_of: 2026-01-01}
subject: {columns: [SUBJ], usubjid: "{STUDYID}-{SUBJ}"}
dates: {formats: [dd/mm/yyyy, mm/yyyy]}
numbers: {decimal: ","}
sources:
  sites: {file: sites.csv, subject: none}
  dose: {file: dose.csv, plausible: {MG: [0, 2000]}}
  end: {file: end.csv, dates: {columns: {STOP: [dd/mm/yyyy]}}}
"""
EX = """\
dataset: EX
rows:
  - {source: dose}
variables:
  EXTRT: {value: ISA}
  EXDOSE: MG
  EXDOSU: {value: mg}
  EXSTDTC: {date: DAY}
"""
SOURCE_FILES = {
    "sites.csv": "SITE\nA\n",
    "dose.csv": 'SUBJ,DAY,MG,NOTE\n1,01/02/2021,"10,5", \n1,05/03/2021,x,late\n2,02/2021,20,\n2,?,,\n',
    "end.csv": "SUBJ,STOP\n1,28/02/2021\n2,01/01/2021\n",
}
SOURCE_CASES = {
    "source: dose, fails: MG > 10.4": [0, 2],  # numbers with a decimal comma; x is none
    "source: dose, order: [DAY, end.STOP]": [1, 2],
    "source: dose, fails: 'after(DAY, LAST)', with: {LAST: {last: end.STOP}}": [1, 2],
    "source: dose, exists: {values: [USUBJID], in: end, where: STOP > '2021-02-01'}": [2, 3],
    "source: end, exists: {values: [STOP], in: EX, as: [EXSTDTC]}": [0, 1],
    "dataset: EX, exists: {values: [EXSTDTC], in: dose, as: [DAY]}": [],
    "source: sites, once: [SITE]": [],
}  # fmt: skip


@pytest.fixture(scope="module")
def source_tables(tmp_path_factory):
    """The raw tables of the study above, and the same as checks see them."""
    folder = tmp_path_factory.mktemp("study")
    write_study(folder, SOURCES, {"ex": EX}, SOURCE_FILES)
    plan = plan_study(load_study(folder))[0]
    tables = {n: raw_table(n, s.file, SOURCE_FILES[s.file]) for n, s in plan.spec.sources.items()}
    read = identified(plan, folder, tables, Findings())
    return read.tables, SourceTables(plan, read.tables, read.identity)


def test_a_check_of_a_raw_source_reads_it_as_the_study_does(tmp_path, source_tables):
    tables, sources = source_tables
    assert {v.name: v.type for v in sources.specs["dose"].variables if v.name in ("SUBJ", "DAY", "MG", "NOTE")} == {
        "SUBJ": "text", "DAY": "partialDatetime", "MG": "float", "NOTE": "text",
    }  # fmt: skip
    assert sources["dose"].frame["DAY"].tolist() == ["2021-02-01", "2021-03-05", "2021-02", ""]
    path = tmp_path / "c.yaml"
    path.write_text("checks:\n" + "".join(f"  - {{name: C{i}, {c}}}\n" for i, c in enumerate(SOURCE_CASES)), "utf-8")
    ex = dataset("EX", USUBJID=["S-1", "S-2"], EXSTDTC=["2021-02-01", "2021-03-05"])
    found = study_checks([path], {"EX": ex}, sources=sources, expectations=False)
    assert {c: r.records.tolist() for c, r in zip(SOURCE_CASES, found, strict=True)} == SOURCE_CASES
    findings = Findings()
    who = {n: s for n in sources if (s := sources.subjects(n)) is not None}
    add_findings(found[:1], findings, tables=tables, subjects=who)
    rows = [(r.file, r.row, r.subject, r.column, r.value) for r in findings.frame().itertuples()]
    assert rows == [("dose.csv", 1, "S-1", "", ""), ("dose.csv", 3, "S-2", "", "")]
    failing = failing_records(found[1], tables, {}, who)
    assert failing.subjects.tolist() == ["S-1", "S-2"]
    assert failing.places.tolist() == ["row 2 of dose.csv", "row 3 of dose.csv"]
    assert failing.values.tolist() == ["05/03/2021", "02/2021"]  # as the file has them


def test_the_failing_records_of_a_dataset_have_subject_place_and_value(results):
    found = failing_records(results["iso_dates: [LBDTC, LBENDTC]"], {}, {"LB": LB})
    assert (found.subjects.tolist(), found.columns.tolist()) == (["2", "2"], ["LBENDTC", "LBENDTC"])
    assert found.places.tolist() == ["record 1 of the subject", "record 2 of the subject"]
    assert found.values.tolist() == ["20210501", "2021-02-30"]


@pytest.mark.parametrize(
    ("check", "message"),
    [
        ("source: dosis, once: [DAY]", "there is no source 'dosis' (did you mean 'dose'?)"),
        ("source: dose, once: [DAYS]", "dose has no variable 'DAYS' (did you mean 'DAY'?)"),
        ("source: sites, fails: end.STOP == ''", "there is no column 'end.STOP'"),
        ("source: sites, fails: N == 0, with: {N: {count: end}}", "sites has no subjects"),
        ("source: dose, dataset: EX, once: [DAY]", "a check has one of dataset: and source:"),
    ],
)
def test_mistakes_in_a_check_of_a_source(tmp_path, source_tables, check, message):
    path = tmp_path / "c.yaml"
    path.write_text(f"checks:\n  - {{name: A, {check}}}\n", "utf-8")
    _, problems = read_checks([path], {}, sources=source_tables[1], planned=["EX"])
    assert message in "\n".join(map(str, problems))


def test_a_check_gives_way_to_a_finding_about_the_same_cell(tmp_path, source_tables):
    tables, sources = source_tables
    path = tmp_path / "c.yaml"
    path.write_text(
        "checks:\n"
        "  - {name: HIGH, source: dose, plausible: {value: MG, limits: {'*': [0, 15]}}}\n"
        "  - {name: ANY, source: dose, fails: MG > 1, at: MG, unless: [HIGH, R2A-UNIT-002]}\n"
        "  - {name: DAY, source: dose, fails: MG > 1, at: DAY, unless: [HIGH]}\n",
        "utf-8",
    )
    found = study_checks([path], {}, sources=sources, expectations=False)
    assert superseding(found) == {
        "R2A-CHECK-ANY": ("R2A-CHECK-HIGH", "R2A-UNIT-002"), "R2A-CHECK-DAY": ("R2A-CHECK-HIGH",),
    }  # fmt: skip
    findings = Findings()
    add_findings(found, findings, tables=tables)
    findings.drop_superseded(superseding(found))
    rows = [(r.rule.removeprefix("R2A-CHECK-"), r.row, r.column) for r in findings.frame().itertuples()]
    assert rows == [("ANY", 1, "MG"), ("DAY", 1, "DAY"), ("DAY", 3, "DAY"), ("HIGH", 3, "MG")]
