"""One slip of the pen each: lint with the raw data finds it at its line, and finds nothing in the spec without it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from unittest import mock

import pytest
from kit.linted_study import RAW, SPECS
from raw2adam.errors import SpecError, SpecProblem
from raw2adam.findings.table import Findings
from raw2adam.mappings.models.source import SourceSpec
from raw2adam.runs import lint as lint_run
from raw2adam.runs.lint import lint_study
from raw2adam.selftest.files import write_files
from raw2adam.sources.options import SourceOptions
from raw2adam.sources.read import read_source
from raw2adam.sources.reader import ParsedFiles
from raw2adam.sources.table import RawTable


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The study and its raw files; each test changes one file and restores it, so the others are parsed once."""
    folder = tmp_path_factory.mktemp("typos")
    write_files(folder, {f"study/{name}": text for name, text in SPECS.items()})
    write_files(folder, {f"raw/{name}": text for name, text in RAW.items()})
    return folder


@pytest.fixture(scope="module", autouse=True)
def raw_files_are_read_once() -> Iterator[None]:
    """The raw files never change, so one that is read by the same options has the same cells; lint reports no finding."""
    tables: dict[tuple[str, SourceOptions], RawTable] = {}

    def read(name: str, raw: Path, source: SourceSpec, findings: Findings, parsed: ParsedFiles) -> RawTable:
        key = name, SourceOptions.of(source)
        if key not in tables:
            tables[key] = read_source(name, raw, source, findings, parsed)
        return replace(tables[key])

    with mock.patch.object(lint_run, "read_source", read):
        yield


def lint(folder: Path) -> list[SpecProblem]:
    try:
        return lint_study(str(folder / "study"), folder / "raw")
    except SpecError as error:
        return error.problems


def test_the_study_itself_has_no_mistake(folder: Path):
    assert [str(p) for p in lint(folder)] == []


#: (file, text as it stands, text with the slip, line that lint names, a part of what it says)
TYPOS = [
    # columns
    ("study.yaml", "key: [SUBJ]", "key: [SUBJJ]", 7, "no column 'SUBJJ'"),
    ("study.yaml", "{columns: [SITE, SUBJ]", "{columns: [SITE, SUBJID]", 2, "'SUBJ' is no identifier of a subject"),
    ("study.yaml", "codes: {CONSENT:", "codes: {CONSENTS:", 8, "no column 'CONSENTS'"),
    ("study.yaml", "\"CONSENT == 'Y'\"", "\"CONSNT == 'Y'\"", 9, "no column 'CONSNT'"),
    ("study.yaml", "{INITIALS:", "{INITIAL:", 10, "no column 'INITIAL'"),
    ("sdtm/dm.yaml", "date: START}\n  RFX", "date: STRAT}\n  RFX", 4, "'STRAT'"),
    ("sdtm/dm.yaml", "  AGE: AGE", "  AGE: AEG", 8, "'AEG'"),
    ("sdtm/dm.yaml", "on: {SITE: NUMBER}", "on: {SITE: NUMBR}", 12, "site has no column 'NUMBR'"),
    ("sdtm/dm.yaml", "on: {SITE: NUMBER}", "on: {STIE: NUMBER}", 12, "'STIE'"),
    ("sdtm/dm.yaml", "where: ACTIVE", "where: ACTVE", 13, "'ACTVE'"),
    ("sdtm/lb.yaml", "  COMMENT:", "  COMENT:", 14, "no column 'COMENT'"),
    ("sdtm/lb.yaml", "where: \"SEX ==", "where: \"SX ==", 5, "'SX'"),
    ("sdtm/vs.yaml", "result: W", "result: WW", 6, "'WW'"),
    ("sdtm/ae.yaml", "from: HOSP", "from: HOPS", 9, "'HOPS'"),
    ("adam/adsl.yaml", "order: [LBDTC, LBSEQ]", "order: [LBDTC, LBSQE]", 16, "LB has no column 'LBSQE'"),
    ("adam/adsl.yaml", "where: VSTESTCD", "where: VSTSTCD", 12, "'VSTSTCD'"),
    ("adam/adsl.yaml", "first: VS.VSSTRESC", "first: VS.VSSTRSC", 12, "'VS.VSSTRSC'"),
    # values
    ("study.yaml", "[Y, N]", "[Z, N]", 8, "'Y' (2 cells)"),
    ("sdtm/dm.yaml", "where: CONSENT == 'Y'", "where: CONSENT == 'J'", 2, "CONSENT is never 'J'"),
    ("sdtm/dm.yaml", "ACTIVE == 'Y'", "ACTIVE == 'y'", 13, "ACTIVE is never 'y'"),
    ("sdtm/lb.yaml", "SEX == 'M'", "SEX == 'MALE'", 5, "SEX is never 'MALE'"),
    ("sdtm/vs.yaml", "VSTESTCD == 'HEIGHT'", "VSTESTCD == 'HIEGHT'", 10, "VSTESTCD is never 'HIEGHT'"),
    ("adam/adsl.yaml", "VSTESTCD == 'HEIGHT'", "VSTESTCD == 'HIEGHT'", 12, "did you mean 'HEIGHT'?"),
    ("adam/adsl.yaml", "LBTESTCD == 'ALB'", "LBTESTCD == 'ALBU'", 15, "LBTESTCD is never 'ALBU'"),
    ("adam/adsl.yaml", "['MILD', 'MODERATE']", "['MILD', 'MODERAT']", 18, "AESEV is never 'MODERAT'"),
    ("checks/own.yaml", "'MODERATE'", "'MODERTE'", 4, "AESEV is never 'MODERTE'"),
    # verbs, keys, tables, functions, formats
    ("sdtm/dm.yaml", "    lookup: site", "    lokup: site", 11, "did you mean 'lookup'?"),
    ("sdtm/dm.yaml", "map: {male", "mpa: {male", 6, "'mpa'"),
    ("sdtm/lb.yaml", "  source: lab", "  source: lb", 3, "no source 'lb'"),
    ("adam/adsl.yaml", "count: AE", "count: EA", 18, "no dataset or source 'EA'"),
    ("adam/adsl.yaml", "last: LB.LB", "last: BL.LB", 14, "'BL.LBSTRESC'"),
    ("adam/adsl.yaml", "rows: {from: DM}", "rows: {from: MD}", 2, "no dataset 'MD'"),
    ("sdtm/ae.yaml", "upper(TERM)", "uper(TERM)", 5, "uper"),
    ("study.yaml", "[yyyy-mm-dd]", "[yyyy-mmm-dd]", 3, "yyyy-mmm-dd"),
    ("study.yaml", "encoding: cp1252", "encoding: cp12525", 12, "unknown encoding 'cp12525'"),
    ("study.yaml", "file: ae.csv", "file: aes.csv", 13, "no such file"),
    ("study.yaml", "extends: LBTESTCD", "extends: LBTSTCD", 15, "no codelist 'LBTSTCD'"),
    ("checks/own.yaml", "at: AESEV", "at: AESVE", 5, "no variable 'AESVE'"),
    ("checks/own.yaml", "missing(AEDECOD)", "missing(AEDECD)", 4, "'AEDECD'"),
    # codelists
    ("sdtm/dm.yaml", "male: M,", "male: MM,", 6, "codelist SEX has no term 'MM'"),
    ("sdtm/dm.yaml", "NOT HISPANIC OR LATINO", "NOT HISPANIC OR LATNO", 7, "no term 'NOT HISPANIC OR LATNO'"),
    ("sdtm/dm.yaml", "value: YEARS", "value: YEAR", 9, "no term 'YEAR'"),
    ("sdtm/vs.yaml", "    WEIGHT:", "    WIEGHT:", 6, "no term 'WIEGHT'"),
    ("sdtm/vs.yaml", "value: STANDING", "value: STANDNG", 10, "no term 'STANDNG'"),
    ("sdtm/lb.yaml", "Calcium: CA}", "Calcium: CCA}", 7, "no term 'CCA'"),
    # maps and groups
    ("sdtm/dm.yaml", "female: F", "femal: F", 6, "no cell of SEX holds 'femal'"),
    ("sdtm/lb.yaml", "Albumin: ALB", "Albumine: ALB", 7, "did you mean 'Albumin'?"),
    ("sdtm/ae.yaml", "medium: MODERATE", "severe: MODERATE", 6, "'medium' (1 cells)"),
    ("sdtm/ae.yaml", "medium: MODERATE", "medum: MODERATE", 6, "no cell of SEV holds 'medum' (did you mean 'medium'?)"),
    ("adam/adsl.yaml", "[65, 75]", "[64, 75]", 10, "overlap"),
    ("adam/adsl.yaml", "[65, 75]", "[66, 75]", 10, "from 65 to below 66"),
    ("adam/adsl.yaml", "[75, null]", "[75, 7]", 11, "no number is in"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "right", "wrong", "line", "message"), TYPOS)
def test_a_slip_is_found_at_its_line(folder: Path, file: str, right: str, wrong: str, line: int, message: str):
    assert SPECS[file].count(right) >= 1
    changed = folder / "study" / file
    changed.write_text(SPECS[file].replace(right, wrong, 1), "utf-8")
    try:
        found = lint(folder)
    finally:
        changed.write_text(SPECS[file], "utf-8")
    here = [p for p in found if p.place.file == file and p.place.line == line and message in str(p)]
    assert here, [str(p) for p in found]
    assert len([p for p in found if p.severity == "error"]) <= 3, [str(p) for p in found]
