"""A variable --DTM holds seconds: every rule that counts days takes its day. One study whose records are the cases."""

from __future__ import annotations

import pytest

ADLB = """\
dataset: ADLB
rows: {source: lb}
sort: [SOURCE]
variables:
  PARAMCD: {value: X}
  PARAM: {value: X}
  AVAL: {from: RES, type: float}
  TRTSDTM: {impute: DOSE, highest: hour, time: first}
  TRTSDT: {analysis_date: TRTSDTM}
  ADTM: {impute: WHEN, highest: hour, time: first}
  ADT: {analysis_date: ADTM}
  ADY: {study_day: ADTM, reference: TRTSDTM}
  ADYD: {study_day: ADTM, reference: TRTSDT, label: A}
  ADYR: {study_day: ADT, reference: TRTSDTM, label: B}
  PAIRFL: {paired: AVAL > 5, with: AVAL > 5, date: ADTM, at_least: 1, at_most: 2, label: C}
  WINDT: {window_end: ADTM, days: 10, label: D}
  ROOM: {lookup: stay.ROOM, between: {value: ADTM, from: FIRST, to: LAST, kind: date}, label: E}
  LASTKG: {lookup: ADVS.AVAL, nearest: {value: ADT, to: ADTM, direction: before, within: 1}, type: float, label: F}
  FIRSTDT: {first: ADVS.ADTM, as: date, label: G}
  DOSEDT: {compute: floor(TRTSDTM / 86400), label: H}
  LATERDTM: {cases: [{when: AVAL > 5, compute: (ADT + 1) * 86400}, {compute: ADTM - 60}], label: I}
"""
ADVS = """\
dataset: ADVS
rows: {source: vs}
variables:
  PARAMCD: {value: W}
  PARAM: {value: W}
  AVAL: {from: KG, type: float}
  ADTM: {impute: WHEN, highest: hour, time: first}
"""
ADSL = """\
dataset: ADSL
rows: {source: vs, where: KG == '70'}
variables: {SITEID: {value: A}}
"""
ADCB = """\
dataset: ADCB
class: BASIC DATA STRUCTURE
label: Combined
rows:
  from: ADSL
  derive: {combined: [{from: ADVS, variables: {AVAL: AVAL}, date: ADTM}], by: [ADT]}
variables: {PARAMCD: {value: W}, PARAM: {value: W}}
"""
FILES = {
    "lb.csv": "SUBJ,WHEN,DOSE,RES\n"
    "1,1960-01-11T06:00,1960-01-10T23:59,6\n"  # 7 hours after the dose, on the next day
    "1,1960-01-10T00:01,1960-01-10T23:59,9\n"  # before the dose, on its day
    "1,1960-01-09T23:59,1960-01-10T23:59,3\n"  # on the day before
    "1,1960-01-20,1960-01-10T23:59,8\n",
    "vs.csv": "SUBJ,WHEN,KG\n1,1960-01-10T08:00,70\n1,1960-01-11T20:00,71\n",
    "stay.csv": "SUBJ,FIRST,LAST,ROOM\n1,1960-01-10,1960-01-11,A\n1,1960-01-12,1960-01-31,B\n",
}
WANTED = {
    "TRTSDT": [9, 9, 9, 9],
    "ADT": [10, 9, 8, 19],
    "ADY": [2, 1, -1, 11],
    "ADYD": [2, 1, -1, 11],
    "ADYR": [2, 1, -1, 11],
    "PAIRFL": ["", "Y", "", ""],
    "WINDT": [19, 18, 17, 28],
    "ROOM": ["A", "A", "", "B"],
    "LASTKG": [71, 70, None, None],  # the record of 20:00 is one of that day
    "FIRSTDT": [9, 9, 9, 9],
    "DOSEDT": [9, 9, 9, 9],
    "LATERDTM": [950400, 864000, 777480, 1728000],
}


@pytest.fixture(scope="module")
def visits(tiny):
    dates = "dates: {formats: [yyyy-mm-dd, 'yyyy-mm-ddThh:mi']}\n"
    return tiny(FILES, dates, {"adlb": ADLB, "advs": ADVS, "adsl": ADSL, "adcb": ADCB})


@pytest.mark.parametrize("variable", WANTED)
def test_a_datetime_counts_as_its_day(visits, variable: str):
    assert visits.values("ADLB", variable) == WANTED[variable]


def test_a_combined_record_has_the_day_of_its_datetime(visits):
    assert visits.values("ADCB", "ADT") == [9, 10]
