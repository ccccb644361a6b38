"""TRTEMFL: literal tables for complete, partial and missing starts against first and last dose.

First dose 2021-03-10, last dose 2021-05-11 unless a case has other dates: with 30 days, the last day is 2021-06-10.
"""

from __future__ import annotations

import pytest

HEAD = "study: {id: S1}\nsubject: {columns: [SUBJ], usubjid: '{STUDYID}-{SUBJ:02}'}\n"
DM = "dataset: DM\nrows: {source: dm}\nvariables:\n  SEX: {value: F}\n  COUNTRY: {value: DEU}\n"
AE = (
    "dataset: AE\nrows: {source: ae}\nsort: [SOURCE]\nvariables:\n  AETERM: {value: x}\n  AEDECOD: {value: x}\n"
    "  AESTDTC: ST\n  AEENDTC: EN\n  AESPID: WORSE\n"
)
ADSL = (
    "dataset: ADSL\nrows: {from: DM}\ncore: [TRTSDT, TRTEDT]\nvariables:\n  TRTSDT: {lookup: dm.FIRST, as: date}\n"
    "  TRTEDT: {lookup: dm.LAST, as: date}\n  EOTSTT: {lookup: dm.EOT}\n"
)
TREATED = "1,2021-03-10,2021-05-11,DISCONTINUED"


def flags(tiny, events: list[str], options: str = "", subject: str = TREATED, partitions: int = 1):
    """TRTEMFL of each event; a line is start, end, whether it became worse."""
    files = {
        "dm.csv": f"SUBJ,FIRST,LAST,EOT\n{subject}\n",
        "ae.csv": "SUBJ,ST,EN,WORSE\n" + "".join(f"1,{line}\n" for line in events),
    }
    days = "" if "days:" in options else ", days: 30"
    rule = f"{{treatment_emergent: AESTDTC, end: AEENDTC{days}{options}}}"
    adae = f"dataset: ADAE\nrows: {{from: AE}}\nvariables:\n  AESEQ: AESEQ\n  TRTEMFL: {rule}\nsort: [STUDYID, USUBJID, AESEQ]\n"
    study = tiny(files, HEAD, {"dm": DM, "ae": AE, "adsl": ADSL, "adae": adae}, partitions)
    return study.values("ADAE", "TRTEMFL"), study


COMPLETE = [
    ("2021-03-09,,", ""),
    ("2021-03-10,,", "Y"),  # the day of the first dose
    ("2021-03-10T00:01,,", "Y"),  # the first dose has no time: days count
    ("2021-05-11,,", "Y"),
    ("2021-06-10,,", "Y"),  # last dose + 30
    ("2021-06-11,,", ""),
    ("2021-03-09,2021-05-01,", ""),  # began before, went on: not emergent without a worsening
]
PARTIAL = [
    (",,", "Y"),  # start missing
    (",2021-03-09,", ""),  # ended before the first dose
    (",2021-03,", "Y"),
    (",2021-02,", ""),  # a partial end that is clearly before
    ("2021-03,,", "Y"),  # the month of the first dose
    ("2021-03,2021-03-09,", ""),  # but over before it
    ("2021-03,2021-03,", "Y"),
    ("2021-02,,", ""),  # a month before
    ("2021-04,,", "Y"),
    ("2021-06,,", "Y"),  # may lie in the 30 days
    ("2021-07,,", ""),
    ("2021,,", "Y"),
    ("2020,,", ""),
    ("2022,,", ""),
    ("--03-15,,", "Y"),  # no year: as missing
]


def test_complete_and_partial_starts(tiny):
    """6.2: from TRTSDT to TRTEDT + 30; start missing, or in the month of TRTSDT and not clearly before: emergent."""
    cases = COMPLETE + PARTIAL
    got, study = flags(tiny, [line for line, _ in cases])
    assert list(zip([line for line, _ in cases], got, strict=True)) == cases
    assert study.findings[study.findings["rule"].str.startswith("R2A-AE")].empty


def test_times_decide_where_the_first_dose_has_one(tiny):
    """First dose on 2021-03-10 at 14:00, as a datetime; an event of that day without a time is emergent."""
    events = [
        "2021-03-10T13:59,,",
        "2021-03-10T14:00,,",
        "2021-03-10,,",
        "2021-03,,",
        ",2021-03-10T09:00,",
        ",2021-03-10,",
    ]
    files = {
        "dm.csv": "SUBJ,FIRST,LAST,EOT\n1,2021-03-10T14:00,2021-05-11,\n",
        "ae.csv": "SUBJ,ST,EN,WORSE\n" + "".join(f"1,{line}\n" for line in events),
    }
    adsl = ADSL.replace("core: [TRTSDT, TRTEDT]", "core: [TRTSDTM, TRTEDT]").replace(
        "TRTSDT: {lookup: dm.FIRST, as: date}", "TRTSDTM: {impute: RFXSTDTC, highest: minute, time: first}"
    )
    adae = (
        "dataset: ADAE\nrows: {from: AE}\nvariables:\n  AESEQ: AESEQ\n  TRTEMFL: {treatment_emergent: AESTDTC,"
        " end: AEENDTC, days: 30, first_dose: TRTSDTM}\nsort: [STUDYID, USUBJID, AESEQ]\n"
    )
    dm = DM + "  RFXSTDTC: FIRST\n"
    study = tiny(files, HEAD, {"dm": dm, "ae": AE, "adsl": adsl, "adae": adae})
    assert study.values("ADAE", "TRTEMFL") == ["", "Y", "Y", "Y", "", "Y"]


def test_no_upper_bound_while_treatment_is_ongoing(tiny):
    """6.1, decided. Neither is there one without a last dose."""
    events = ["2021-06-11,,", "2022,,", "2021-03-09,,"]
    ongoing = ", ongoing: \"ADSL.EOTSTT == 'ONGOING'\""
    assert flags(tiny, events, ongoing)[0] == ["", "", ""]
    assert flags(tiny, events, ongoing, "1,2021-03-10,2021-05-11,ONGOING")[0] == ["Y", "Y", ""]
    assert flags(tiny, events, ongoing, "1,2021-03-10,,")[0] == ["Y", "Y", ""]


def test_the_number_of_days_is_an_option(tiny):
    events = ["2021-05-11,,", "2021-05-12,,", "2021-06-10,,", "2021-06-11,,"]
    assert flags(tiny, events, "")[0] == ["Y", "Y", "Y", ""]
    assert flags(tiny, events, ", days: 0")[0] == ["Y", "", "", ""]
    assert flags(tiny, events, ", days: 31")[0] == ["Y", "Y", "Y", "Y"]


def test_what_is_not_decided_is_an_option(tiny):
    """A partial start that lies wholly in the window stays emergent; only the ones on both sides change."""
    events = [",,", "2021-03,,", "2021-04,,", "2021,,", "2021-06,,"]
    assert flags(tiny, events, ", partial: not emergent")[0] == ["Y", "", "Y", "", "Y"]
    assert flags(tiny, events, ", unknown: not emergent")[0] == ["", "Y", "Y", "Y", "Y"]


def test_worsened_events_from_before_the_first_dose(tiny):
    """6.2: worsened pre-existing is emergent, where worsened: holds."""
    events = ["2021-03-09,,Y", "2021-03-09,,", "2021-02,,Y", "2021-03-01,2021-03-09,Y", "2021-07-01,,Y", "2021-04-01,,"]
    assert flags(tiny, events)[0] == ["", "", "", "", "", "Y"]
    got, _ = flags(tiny, events, ", worsened: \"AE.AESPID == 'Y'\"")
    assert got == ["Y", "", "Y", "", "", "Y"]


def test_a_subject_who_was_never_treated(tiny):
    """No first dose: never flagged, and reported."""
    got, study = flags(tiny, ["2021-04-01,,", ",,"], "", "1,,,")
    assert got == ["", ""]
    found = study.findings[study.findings["rule"] == "R2A-AE-001"]
    assert sorted(found[["severity", "dataset", "value"]].values.tolist()) == [
        ["warning", "ADAE", ""],
        ["warning", "ADAE", "2021-04-01"],
    ]


def test_mistakes_and_the_sentence(tiny, spec_problems):
    adae = "dataset: ADAE\nrows: {from: AE}\nvariables:\n  TRTEMFL: {treatment_emergent: AESTDTC, days: -1}\n"
    problem = str(spec_problems(HEAD, {"dm": DM, "ae": AE, "adsl": ADSL, "adae": adae}, ("dm.csv", "ae.csv"))[0])
    assert "adae.yaml:4" in problem
    _, study = flags(tiny, [",,"], ", ongoing: \"ADSL.EOTSTT == 'ONGOING'\"")
    method = next(v.method for v in study.specs["ADAE"].variables if v.name == "TRTEMFL")
    assert method == (
        "TRTEMFL is 'Y' if AE.AESTDTC lies from TRTSDT to 30 days after TRTEDT (without limit where ADSL.EOTSTT "
        "equals 'ONGOING'), or if it is partial or missing and may lie there; never if all that AE.AEENDTC can mean lies before "
        "TRTSDT; missing without TRTSDT."
    )


@pytest.mark.parametrize("partitions", [3])
def test_partitions_do_not_matter(tiny, partitions):
    cases = COMPLETE + PARTIAL
    assert flags(tiny, [line for line, _ in cases], partitions=partitions)[0] == [flag for _, flag in cases]


def test_an_event_that_goes_on_from_before_the_first_dose(tiny):
    """Where earlier: holds, an event on treatment is emergent only if it became worse; a missing start stays emergent."""
    options = ", earlier: \"contains(AESPID, 'OLD')\", worsened: \"contains(AESPID, 'WORSE')\""
    events = ["2021-04-01,,OLD", "2021-04-02,,OLD WORSE", "2021-04-03,,", "2021-03-01,,WORSE", ",,OLD", "2021-03-01,,"]
    got, study = flags(tiny, events, options)
    assert got == ["", "Y", "Y", "Y", "Y", ""]
    assert "lies before, or AE.AESPID contains 'OLD', and AE.AESPID contains 'WORSE'" in str(
        {v.name: v.method for v in study.specs["ADAE"].variables}["TRTEMFL"]
    )
