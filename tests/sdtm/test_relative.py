"""Relative timing against references, the date of the cut-off, and date formats of a column by country."""

from __future__ import annotations

import pytest
from raw2adam.errors import SpecError

RELATIVE = "dataset: CM\nrows: {source: cm}\nsort: [SOURCE]\nvariables:\n  CMTRT: {value: x}\n  CMSTDTC: {date: DAY}\n"


def test_relative_timing_of_partial_dates_and_references(tiny):
    """A partial date is before or after only if all the days it can mean are; so is a partial reference."""
    files = {
        "cm.csv": "SUBJ,DAY\n1,2020-03-01\n1,2020-02\n1,2020-04\n1,2020\n1,2019\n1,\n2,2020-03-15\n2,2020-02-28\n2,2020-03\n",
        "dm.csv": "SUBJ,START\n1,2020-03-01\n2,2020-03\n",
    }
    dm = "dataset: DM\nrows: {source: dm}\nvariables:\n  SEX: {value: F}\n  COUNTRY: {value: DEU}\n  RFSTDTC: {date: START}\n"
    cm = RELATIVE + "  CMSTRTPT: {relative: CMSTDTC, to: DM.RFSTDTC}\n"
    assert tiny(files, "", {"dm": dm, "cm": cm}).values("CM", "CMSTRTPT") == [
        "COINCIDENT", "BEFORE", "AFTER", "", "BEFORE", "", "", "BEFORE", "",
    ]  # fmt: skip


def test_the_date_of_the_cut_off_is_that_of_the_run(tiny):
    cm = RELATIVE + "  CMENTPT: {study_date: cutoff}\n  CUTDT: {study_date: cutoff, type: integer, label: Cut-off}\n"
    head = "study: {id: S1, cutoff: 1960-01-31}\nsubject: {columns: [SUBJ], usubjid: '{STUDYID}-{SUBJ:02}'}\n"
    study = tiny({"cm.csv": "SUBJ,DAY\n1,1959\n"}, head, {"cm": cm})
    assert (study.values("CM", "CMENTPT"), study.values("CM", "CUTDT")) == (["1960-01-31"], [30.0])
    with pytest.raises(SpecError, match="the study has no data cut-off") as error:
        tiny({"cm.csv": "SUBJ,DAY\n1,1959\n"}, "", {"cm": cm})
    assert error.value.problems[0].place.line == 7


def test_date_formats_of_a_column_by_country(tiny, spec_problems):
    """LAB_DT has another format in the USA; elsewhere, and for other columns, the format of the country counts."""
    head = (
        "study: {id: S1}\nsubject: {columns: [SUBJ], usubjid: '{STUDYID}-{SUBJ:02}'}\n"
        "dates: {by: LAND, formats: [yyyy-mm-dd], when: {USA: [mm/dd/yyyy], FRA: [dd/mm/yyyy]},\n"
        "  columns: {LAB_DT: {USA: [yyyymmdd]}, OLD_DT: [dd-mm-yyyy]}}\n"
    )
    cm = (
        "dataset: CM\nrows: {source: cm}\nsort: [SOURCE]\nvariables:\n  CMTRT: {value: x}\n  CMSTDTC: {date: DAY}\n"
        "  CMENDTC: {date: LAB_DT}\n  CMDTC: {date: OLD_DT, label: Date}\n"
    )
    files = {
        "cm.csv": "SUBJ,LAND,DAY,LAB_DT,OLD_DT\n1,USA,03/04/2020,20200304,01-02-2020\n"
        "1,FRA,03/04/2020,03/04/2020,01-02-2020\n1,JPN,2020-04-03,2020-04-03,01-02-2020\n"
    }
    study = tiny(files, head, {"cm": cm})
    got = [(r["CMSTDTC"], r["CMENDTC"], r["CMDTC"]) for r in study.data["CM"]]
    assert got == [
        ("2020-03-04", "2020-03-04", "2020-02-01"),
        ("2020-04-03", "2020-04-03", "2020-02-01"),
        ("2020-04-03", "2020-04-03", "2020-02-01"),
    ]
    assert study.findings.empty
    wrong = head.replace("{USA: [yyyymmdd]}", "{USA: [dd/mm/yyyy, mm/dd/yyyy]}")
    assert "read" in str(spec_problems(wrong, {"cm": cm}, ("cm.csv",))[0])
    assert "needs by:" in str(spec_problems(head.replace("by: LAND, ", ""), {"cm": cm}, ("cm.csv",))[0])


def test_an_ongoing_record_refers_to_the_end_of_participation_where_that_is_earlier(tiny):
    """A subject who left in April 2020 had an event ongoing then, not at the cut-off; a month that the cut-off is in decides nothing."""
    head = "study: {id: S1, cutoff: 2020-06-15}\nsubject: {columns: [SUBJ], usubjid: '{STUDYID}-{SUBJ:02}'}\n"
    dm = "dataset: DM\nrows: {source: dm}\nvariables:\n  SEX: {value: F}\n  COUNTRY: {value: DEU}\n  RFPENDTC: {date: LEFT}\n"
    cm = RELATIVE + "  CMENTPT: {study_date: cutoff, earlier: DM.RFPENDTC, when: DAY != ''}\n"
    files = {
        "cm.csv": "SUBJ,DAY\n1,2019\n1,\n2,2019\n3,2019\n4,2019\n5,2019\n",
        "dm.csv": "SUBJ,LEFT\n1,2020-04-20\n2,2020-07-01\n3,\n4,2020-05\n5,2020-06\n",
    }
    study = tiny(files, head, {"dm": dm, "cm": cm})
    assert study.values("CM", "CMENTPT") == ["2020-04-20", "", "2020-06-15", "2020-06-15", "2020-05", "2020-06-15"]
