"""Times to event in hours: literal moments, of two events on one day the earlier moment."""

from __future__ import annotations

import pytest

DM = "dataset: DM\nrows: {source: dm}\nvariables:\n  SEX: {value: F}\n  COUNTRY: {value: DEU}\n"
AE = "dataset: AE\nrows: {source: ae}\nvariables:\n  AETERM: TERM\n  AEDECOD: TERM\n  AESTDTC: {date: DAY}\n"
ADSL = """\
dataset: ADSL
rows: {from: DM}
variables:
  TRTSDTM: {impute: dm.FIRST, highest: never, time: first}
  EOSDTM: {impute: dm.LAST, highest: never, time: first, label: End of Study Datetime}
"""
ADAE = "dataset: ADAE\nrows: {from: AE}\nvariables:\n  AETERM: AETERM\n  ASTDTM: {impute: AESTDTC, highest: never, time: first}\n"
ADTTE = """\
dataset: ADTTE
keys: [STUDYID, USUBJID, PARAMCD]
parameters:
  TTR:
    PARAM: Time to Relief (hours)
    unit: HOURS
    start: ADSL.TRTSDTM
    events:
      - {from: ADAE, where: AETERM == 'Relief', date: ASTDTM, EVNTDESC: RELIEF}
      - {from: ADAE, where: AETERM == 'Rescue', date: ASTDTM, EVNTDESC: RESCUE}
    censor: [{from: ADSL, date: EOSDTM, CNSR: 1, EVNTDESC: END}]
"""
#: the end of study, the events, the expected hours, CNSR and EVNTDESC; all start at 2024-03-01T08:00:00
CASES = [
    ("2024-03-02T08:00:00", [("Relief", "2024-03-01T20:30:00")], 12.5, 0, "RELIEF"),
    ("2024-03-02T08:00:00", [("Relief", "2024-03-01T15:00:00"), ("Rescue", "2024-03-01T10:00:00")], 2, 0, "RESCUE"),
    ("2024-03-02T08:00:00", [("Rescue", "2024-03-01T10:00:00"), ("Relief", "2024-03-01T10:00:00")], 2, 0, "RELIEF"),
    ("2024-03-02T08:00:00", [], 24, 1, "END"),
    ("2024-03-03T07:59:24", [("Other", "2024-03-01T09:00:00")], 47.99, 1, "END"),
    ("2024-03-02T08:00:00", [("Relief", "2024-03-01T08:00:00")], 0, 0, "RELIEF"),
]


@pytest.fixture(scope="module")
def built(tiny):
    subjects = list(enumerate(CASES, start=1))
    dm = "SUBJ,FIRST,LAST\n" + "".join(f"{n},2024-03-01T08:00:00,{end}\n" for n, (end, *_) in subjects)
    ae = "SUBJ,TERM,DAY\n" + "".join(f"{n},{term},{day}\n" for n, case in subjects for term, day in case[1])
    specs = {"dm": DM, "ae": AE, "adsl": ADSL, "adae": ADAE, "adtte": ADTTE}
    return tiny({"dm.csv": dm, "ae.csv": ae}, "", specs)


def test_hours_from_one_moment_to_the_other(built):
    got = [(r["AVAL"], r["CNSR"], r["EVNTDESC"]) for r in built.data["ADTTE"]]
    assert got == [(float(hours), float(censored), event) for _, _, hours, censored, event in CASES]


def test_days_and_moments_are_there(built):
    """2024-03-01 is day 23436 since 1960-01-01."""
    first = built.data["ADTTE"][0]
    start = 23436 * 86400 + 8 * 3600
    assert (first["STARTDT"], first["ADT"], first["STARTDTM"], first["ADTM"]) == (23436, 23436, start, start + 45000)


def test_a_day_has_no_hours(spec_problems):
    found = spec_problems("sources: {dm: {file: dm.csv}}\n", {
        "dm": DM + "  RFSTDTC: {date: FIRST}\n",
        "adsl": "dataset: ADSL\nrows: {from: DM}\nvariables:\n  TRTSDT: {analysis_date: RFSTDTC}\n",
        "adtte": "dataset: ADTTE\nkeys: [STUDYID, USUBJID, PARAMCD]\nparameters:\n  T:\n    PARAM: T (hours)\n    unit: HOURS\n"
        "    start: ADSL.TRTSDT\n    events: [{from: ADSL, date: TRTSDT, EVNTDESC: E}]\n",
    })  # fmt: skip
    messages = [p.message for p in found]
    assert messages.count("unit: HOURS needs a time, and TRTSDT is a day; name a variable --DTM") == 1
    assert messages.count("unit: HOURS needs a time, and ADSL.TRTSDT is a day; name a variable --DTM") == 1
