"""Dates of records by the declarations of study.yaml: notations, impossible times, epochs by times, messages of lint."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from raw2adam.engine.columns import column as col
from raw2adam.mappings.models.dates import DatesSpec
from raw2adam.sdtm.raw_dates import read_column
from raw2adam.sources.table import RawTable

CM = "dataset: CM\nrows: {source: cm}\nsort: [SOURCE]\nvariables:\n  CMTRT: {value: X}\n  CMSTDTC: {date: DAY}\n"


def dates(tiny, declared: str, *texts: str, spec: str = CM, columns: str = "DAY"):
    text = f"SUBJ,{columns}\n" + "".join(f"1,{t}\n" for t in texts)
    return tiny({"cm.csv": text}, f"dates: {declared}\n", {"cm": spec})


def test_a_column_may_mix_the_notations_of_several_sites(tiny):
    declared = (
        "{formats: [dd-mon-yy, dd-mon-yyyy, 'dd-mon-yyyy hh:mi am', 'yyyy-mm-ddThh:mi:sstz', excel-1900], pivot: 1940,"
        " languages: [en, de], unknown: {day: [UN], month: [UNK]}}"
    )
    texts = ["03-Apr-19", "07-DEZ-2020", "07-Sept-2020", "07-JAN-2020 1:05 PM", "43924", "UN-UNK-2020"]
    study = dates(tiny, declared, *texts, "2020-04-03T08:30:00.5+02:00")
    assert study.values("CM", "CMSTDTC") == [
        "2019-04-03", "2020-12-07", "2020-09-07", "2020-01-07T13:05", "2020-04-03", "2020",
        "2020-04-03T08:30:00.5+02:00",
    ]  # fmt: skip
    assert study.findings.empty


def test_an_impossible_time_keeps_the_day_and_is_reported(tiny):
    texts = ["11-MAY-2022 24:00", "11-MAY-2022 26:05", "31-APR-2022 10:00", "11-MAY-2022 00:00", "UN-MAY-2022 09:00"]
    study = dates(tiny, "{formats: [dd-mon-yyyy hh:mi], unknown: [UN]}", *texts)
    assert study.values("CM", "CMSTDTC") == ["2022-05-11", "2022-05-11", "", "2022-05-11T00:00", "2022-05"]
    assert study.found("R2A-DATE-003") == [
        ("cm.csv", 1, "DAY", "11-MAY-2022 24:00"),
        ("cm.csv", 2, "DAY", "11-MAY-2022 26:05"),
    ]
    assert study.found("R2A-DATE-002") == [("cm.csv", 3, "DAY", "31-APR-2022 10:00")]
    assert study.found("R2A-DATE-004") == [("cm.csv", 5, "DAY", "UN-MAY-2022 09:00")]
    assert study.ledger.cells.sources["cm"].totals["DAY"] is not None


def test_a_year_of_two_digits_beside_unknown_words_is_never_a_day(tiny):
    study = dates(tiny, "{formats: [dd-mon-yyyy, yyyy-mm-dd], unknown: [NK, NKN]}", "NK-NKN-19", "NK-NKN-2019")
    assert study.values("CM", "CMSTDTC") == ["", "2019"]
    assert study.found("R2A-DATE-001") == [("cm.csv", 1, "DAY", "NK-NKN-19")]


@pytest.mark.parametrize(
    ("cells", "value", "rule"),
    [
        ("2022-05-11,00:00", "2022-05-11T00:00", ""),
        ("2022-05-11,10:20:30.25", "2022-05-11T10:20:30.25", ""),
        ("2022-05-11,2:20 PM", "2022-05-11T14:20", ""),
        ("2022-05-11,UN:UN", "2022-05-11", ""),
        ("2022-05-11,UN:30", "2022-05-11", "R2A-DATE-008"),
        ("2022-05-11,14:UN:20", "2022-05-11T14", "R2A-DATE-008"),
        ("2022-05-11,UN:30 PM", "2022-05-11", "R2A-DATE-008"),
        ("2022-05-11,24:00", "2022-05-11", "R2A-DATE-003"),
        ("2022-05-11T00:00:00,10:20", "2022-05-11T10:20", ""),  # midnight is what a datetime column gives for a day
        ("2022-05-11T10:20:30,10:20", "2022-05-11T10:20:30", ""),
        ("2022-05-11T09:00,10:20", "2022-05-11T09:00", "R2A-DATE-004"),
        ("2022-05,10:20", "2022-05", "R2A-DATE-004"),
    ],
)
def test_a_time_in_another_column(tiny, cells: str, value: str, rule: str):
    spec = CM.replace("{date: DAY}", "{date: DAY, time: TIME}")
    study = dates(tiny, "{unknown: [UN, '00']}", cells, spec=spec, columns="DAY,TIME")
    assert study.values("CM", "CMSTDTC") == [value]
    assert study.findings["rule"].tolist() == ([rule] if rule else [])


DM = """\
dataset: DM
rows: {source: dm}
variables:
  RFSTDTC: {date: START}
  RFENDTC: {date: END}
  RFXSTDTC: {date: START}
  SEX: {value: U}
  COUNTRY: {value: DEU}
"""
VS = """\
dataset: VS
rows: {source: vs}
sort: [SOURCE]
variables:
  VSTESTCD: {value: TEMP}
  VSORRES: RESULT
  VSDTC: {date: DAY}
  VSLOBXFL: {baseline: VSDTC, filled: VSORRES}
"""


def test_epoch_and_baseline_agree_on_the_day_of_the_first_dose(tiny):
    """First dose on 5 May at 11:00, last one on 9 May at 12:00; follow-up from the time after it."""
    days = ["2021-05-05T10:59", "2021-05-05T11:00", "2021-05-05", "2021-05-09T11:30", "2021-05-09T12:30", "2021-06"]
    study = tiny(
        {"dm.csv": "SUBJ,START,END\n1,2021-05-05T11:00,2021-05-09T12:00\n",
         "vs.csv": "SUBJ,RESULT,DAY\n" + "".join(f"1,37,{d}\n" for d in days)},
        "epochs: {SCREENING: {}, TREATMENT: {start: RFSTDTC}, FOLLOW-UP: {start: RFENDTC}}\n",
        {"dm": DM, "vs": VS},
    )  # fmt: skip
    assert study.values("VS", "EPOCH") == ["SCREENING", "TREATMENT", "TREATMENT", "TREATMENT", "FOLLOW-UP", "FOLLOW-UP"]
    assert study.values("VS", "VSLOBXFL") == ["", "Y", "", "", "", ""]  # at the very minute is not after it


def test_a_partial_start_of_an_epoch_leaves_open_only_what_may_lie_before_it(tiny):
    days = ["2021-04-30", "2021-05-03", "2021-06-01", "2021-05", "2021"]
    study = tiny(
        {"dm.csv": "SUBJ,START,END\n1,2021-05,\n", "vs.csv": "SUBJ,RESULT,DAY\n" + "".join(f"1,37,{d}\n" for d in days)},
        "epochs: {SCREENING: {}, TREATMENT: {start: RFSTDTC}}\n",
        {"dm": DM, "vs": VS},
    )  # fmt: skip
    assert study.values("VS", "EPOCH") == ["SCREENING", "", "TREATMENT", "", ""]


@pytest.mark.parametrize(
    ("declared", "rule", "place", "words"),
    [
        ("{formats: [dd-mon-yy]}", "", "study.yaml:3:", "pivot:"),
        ("{formats: [dd-mon-yyyy]}", ", formats: [dd-mon-yy]", "cm.yaml:6:", "pivot:"),
        ("{formats: [yyyy-mm-dd], pivot: 40}", "", "study.yaml:3:", "1000"),
        ("{formats: [yyyy-mm-dd], languages: [klingon]}", "", "study.yaml:3:", "klingon"),
        ("{formats: [yyyy-mm-dd], unknown: {hour: [UN]}}", "", "study.yaml:3:", "year, month, day, time"),
        ("{formats: [yyyy-mm-dd], unknown: ['15']}", "", "study.yaml:3:", "is a day of the month"),
        ("{formats: [yyyy-mm-dd], counted: [2020-01-01]}", "", "study.yaml:3:", "two days"),
        ("{formats: [yyyy-mm-dd], offset: shift}", "", "study.yaml:3:", "keep"),
        ("{formats: [mm/dd/yyyy, dd/mon/yyyy]}", "", "study.yaml:3:", "02/UN/2001"),
        ("{formats: [yyyy-mm-dd]}", ", formats: [excel-1900, yyyy]", "cm.yaml:6:", "counted:"),
    ],
)
def test_lint_names_what_is_wrong_with_a_declaration(spec_problems, declared, rule, place, words):
    spec = CM.replace("{date: DAY}", f"{{date: DAY{rule}}}")
    found = [str(p) for p in spec_problems(f"dates: {declared}\n", {"cm": spec}, ("cm.csv",))]
    assert any(place in p and words in p for p in found), found


def test_a_rule_with_other_formats_has_the_pivot_of_its_source(tiny):
    spec = CM.replace("{date: DAY}", "{date: DAY, formats: [dd-mon-yy]}")
    study = dates(tiny, "{formats: [yyyy-mm-dd], pivot: 1950}", "03-Apr-19", spec=spec)
    assert study.values("CM", "CMSTDTC") == ["2019-04-03"]


def test_raw_columns_are_checked_by_the_formats_of_their_country():
    spec = DatesSpec(by="LAND", formats=("yyyy-mm-dd",), columns={"LAB": {"USA": ("yyyymmdd",)}})
    groups = col.text_column(["USA", "DEU"])
    read = read_column("LAB", np.array([0, 1]), ["20200304", "2020-03-04"], spec, groups, ())
    assert [read.readings[p].iso for p in read.pairs.tolist()] == ["2020-03-04", "2020-03-04"]
    assert spec.every("LAB") == ("yyyy-mm-dd", "yyyymmdd")


def test_a_number_of_a_statistical_file_is_known_by_its_display_format():
    numbers = np.zeros(0, "int32")
    table = RawTable("ae", Path("ae.xpt"), "", pd.DataFrame(), numbers, numbers)
    table.package, table.number_formats = "SAS", {"ST": "MYDATE9."}
    assert table.shown_as("ST") == ("SAS", "MYDATE9.")
    assert table.shown_as("TERM") == ("", "")
