"""ONTRTFL: literal cases against a first dose on 2020-01-10 and a last dose on 2020-03-01."""

from __future__ import annotations

import pytest

DM = "dataset: DM\nrows: {source: dm}\nvariables:\n  SEX: {value: F}\n  COUNTRY: {value: DEU}\n"
ADSL = """\
dataset: ADSL
rows: {from: DM}
core: [TRTSDT, TRTEDT, TRTEDTM]
variables:
  TRTSDT: {lookup: dm.FIRST, as: date}
  TRTEDT: {lookup: dm.LAST, as: date}
  TRTEDTM: {impute: dm.LASTTIME, highest: hour, time: last}
"""
CM = """\
dataset: CM
rows: {source: cm}
sort: [SOURCE]
variables:
  CMTRT: {value: x}
  CMSTDTC: START
  CMENDTC: END
  CMSPID: TPT
"""
ADCM = """\
dataset: ADCM
label: Medication
class: OCCURRENCE DATA STRUCTURE
rows: {from: CM}
variables:
  CMSTDTC: CMSTDTC
  PLAIN: {on_treatment: CMSTDTC, label: A}
  WINDOW: {on_treatment: CMSTDTC, days: 10, label: B}
  OPEN: {on_treatment: CMSTDTC, last_dose: null, label: C}
  PRE: {on_treatment: CMSTDTC, pre_dose: CMSPID == 'PRE', label: D}
  ENDS: {on_treatment: CMSTDTC, end: CMENDTC, label: E}
  SPAN: {on_treatment: CMSTDTC, end: CMENDTC, span: true, days: 10, label: F}
  KNOWN: {on_treatment: CMSTDTC, unknown: "off", label: G}
  TIMED: {on_treatment: CMSTDTC, last_dose: TRTEDTM, days: 10, last_dose_time: true, label: H}
"""
CASES = [
    # start, end, time point, PLAIN, WINDOW, OPEN, PRE, ENDS, SPAN, KNOWN
    ("2020-01-09", "", "", "", "", "", "", "", "Y", ""),
    ("2020-01-09", "2020-01-09", "", "", "", "", "", "", "", ""),
    ("2020-01-09", "2020-01-10", "", "", "", "", "", "", "Y", ""),
    ("2020-01-10", "", "", "Y", "Y", "Y", "Y", "Y", "Y", "Y"),
    ("2020-01-10", "", "PRE", "Y", "Y", "Y", "", "Y", "Y", "Y"),
    ("2020-01-11", "", "PRE", "Y", "Y", "Y", "Y", "Y", "Y", "Y"),
    ("2020-03-01", "", "", "Y", "Y", "Y", "Y", "Y", "Y", "Y"),
    ("2020-03-01T23:00", "", "", "Y", "Y", "Y", "Y", "Y", "Y", "Y"),  # the last dose counts as a day
    ("2020-03-02", "", "", "", "Y", "Y", "", "", "Y", ""),
    ("2020-03-11", "", "", "", "Y", "Y", "", "", "Y", ""),
    ("2020-03-11T12:00", "", "", "", "Y", "Y", "", "", "Y", ""),
    ("2020-03-11T12:01", "", "", "", "Y", "Y", "", "", "Y", ""),
    ("2020-03-12", "", "", "", "", "Y", "", "", "", ""),
    ("", "", "", "Y", "Y", "Y", "Y", "Y", "Y", ""),
    ("", "2020-01-09", "", "Y", "Y", "Y", "Y", "", "", ""),
    ("2020-01", "", "", "Y", "Y", "Y", "Y", "Y", "Y", "Y"),  # may be on treatment
    ("2019-12", "", "", "", "", "", "", "", "Y", ""),
    ("soon", "", "", "Y", "Y", "Y", "Y", "Y", "Y", ""),  # no date: like a missing one, with a finding
]
FLAGS = ("PLAIN", "WINDOW", "OPEN", "PRE", "ENDS", "SPAN", "KNOWN")


@pytest.fixture(scope="module")
def medication(tiny):
    rows = [f"1,{start},{end},{point}" for start, end, point, *_ in CASES]
    rows += ["2,2020-01-11,,", "2,,,"]  # no first dose
    files = {
        "dm.csv": "SUBJ,FIRST,LAST,LASTTIME\n1,2020-01-10,2020-03-01,2020-03-01T12:00:00\n2,,2020-03-01,\n",
        "cm.csv": "\n".join(["SUBJ,START,END,TPT", *rows]) + "\n",
    }
    return tiny(files, "", {"dm": DM, "cm": CM, "adsl": ADSL, "adcm": ADCM})


def test_the_time_of_the_last_dose_counts_on_request(medication):
    """The last dose was on 1 March at 12:00; ten days later is 11 March at 12:00."""
    starts = [case[0] for case in CASES]
    got = dict(zip(starts, medication.values("ADCM", "TIMED"), strict=False))
    assert [got[s] for s in ("2020-03-11T12:00", "2020-03-11T12:01", "2020-03-11", "2020-03-12")] == ["Y", "", "Y", ""]


@pytest.mark.parametrize("number", range(len(FLAGS)), ids=FLAGS)
def test_each_record(medication, number: int):
    got = medication.values("ADCM", FLAGS[number])
    starts = [case[:3] for case in CASES]
    assert list(zip(starts, got, strict=False)) == [(case[:3], case[3 + number]) for case in CASES]
    assert got[len(CASES) :] == ["", ""]  # without a first dose
    unread = medication.findings[medication.findings["rule"] == "R2A-EXPR-002"]
    assert ((unread["variable"] == FLAGS[number]) & (unread["value"] == "soon")).sum() == 1
