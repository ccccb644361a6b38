"""ADTTE of the OBS16577 pack against tables written by hand from domain rules: PFS, FDA censoring, and the others.

The pack's adam/adtte.yaml runs on an ADSL, ADRS and ADQS whose records are here. Dates are study days: day 1 is the
first isatuximab dose, so that a date's day is AVAL of a parameter that starts there.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from kit.together import Cases
from raw2adam.conformance.language.read import shipped_rules
from raw2adam.conformance.package import Package
from raw2adam.conformance.run import run_rules
from raw2adam.findings.table import Findings

PACK = Path(__file__).parents[2] / "mappings" / "obs16577" / "adam" / "adtte.yaml"
#: day 1 is 2020-01-01
DAY = "{compute: number(%s) + 21914}"
ADSL = f"""\
dataset: ADSL
rows: {{source: sl}}
core: [TRTSDT]
variables:
  TRTSDT: {DAY % "TRT"}
  TRTEDT: {DAY % "DOSE"}
  DTHDT: {DAY % "DTH"}
  DTHFL: DTHFL
  LSTALVDT: {{compute: number(ALIVE) + 21914, label: Date Last Known Alive}}
  NACTDT: {{compute: number(NACT) + 21914, label: Date of New Therapy}}
  RFICDT: {{compute: number(CONSENT) + 21914, label: Date of Informed Consent}}
  EOTSTT: EOTSTT
  DCSREAS: DCSREAS
  SAFFL: SAFFL
"""
ADRS = f"""\
dataset: ADRS
label: Responses
class: BASIC DATA STRUCTURE
rows: {{source: rs}}
variables:
  PARAMCD: PARAM
  PARAM: PARAM
  AVALC: VALUE
  ADT: {DAY % "DAY"}
  ANL01FL: FLAG
  SRCDOM: DOM
  SRCVAR: VAR
  SRCSEQ: {{compute: number(SEQ)}}
"""
ADQS = f"""\
dataset: ADQS
label: Questionnaires
class: BASIC DATA STRUCTURE
rows: {{source: qs}}
variables:
  PARAMCD: SCALE
  PARAM: SCALE
  BASETYPE: TYPE
  ADT: {DAY % "DAY"}
  AVAL: {{compute: number(SCORE)}}
  CHG: {{compute: number(CHANGE)}}
  CHGCAT1: CAT
"""
SUBJECT = ("TRT", "DOSE", "DTH", "DTHFL", "ALIVE", "NACT", "CONSENT", "EOTSTT", "DCSREAS", "SAFFL")
DEFAULTS = {"TRT": "1", "DOSE": "300", "ALIVE": "320", "SAFFL": "Y", "EOTSTT": "ONGOING"}


TEXTS = {"adsl": ADSL, "adrs": ADRS, "adqs": ADQS, "adtte": PACK.read_text("utf-8")}
CASES = Cases()


def of(subjects: dict[str, dict[str, str]], responses: str, scales: str = ""):
    """Decorator: the test sees these subjects of a study that all tests share.

    ``responses``: lines of subject, PARAMCD, value, day[, flag, SRCDOM, SRCVAR, SRCSEQ].
    """
    lines = ["SUBJ," + ",".join(SUBJECT)]
    for number, given in subjects.items():
        filled = {**DEFAULTS, **({"DTHFL": "Y"} if "DTH" in given else {}), **given}
        lines.append(f"{number}," + ",".join(filled.get(n, "") for n in SUBJECT))
    return CASES.rows(
        {
            "sl.csv": "\n".join(lines) + "\n",
            "rs.csv": _csv("SUBJ,PARAM,VALUE,DAY,FLAG,DOM,VAR,SEQ", responses),
            "qs.csv": _csv("SUBJ,SCALE,TYPE,DAY,SCORE,CHANGE,CAT", scales),
        }
    )


@pytest.fixture(scope="module")
def whole(tiny):
    return tiny(CASES.files(), "", TEXTS)


@pytest.fixture
def built(whole, request):
    return CASES.alone(whole, request.node.originalname)


def _csv(header: str, lines: str) -> str:
    width = header.count(",") + 1
    rows = [[c.strip() for c in line.split(",")] for line in lines.strip().splitlines() if line.strip()]
    return "\n".join([header, *(",".join(r + [""] * (width - len(r))) for r in rows)]) + "\n"


def records_of(built, parameter: str) -> dict[str, tuple]:
    """Subject -> (AVAL, CNSR, EVNTDESC, CNSDTDSC, SRCDOM, SRCVAR) of a parameter."""
    names = ("AVAL", "CNSR", "EVNTDESC", "CNSDTDSC", "SRCDOM", "SRCVAR")
    found = [r for r in built.data["ADTTE"] if r["PARAMCD"] == parameter]
    return {str(r["USUBJID"])[3:]: tuple(r[n] for n in names) for r in found}


def rules(built) -> list[tuple[str, str]]:
    return sorted({(r, s[3:]) for r, s in zip(built.findings["rule"], built.findings["subject"], strict=True)})


LAST, DOSE = "LAST EVALUABLE RESPONSE ASSESSMENT", "DATE OF FIRST ISATUXIMAB DOSE"


@of({
    "01": {}, "02": {"DTH": "150"}, "03": {"DTH": "100"}, "04": {"DTH": "100"}, "05": {}, "06": {}, "07": {},
    "08": {"SAFFL": "N"}, "09": {"DTH": "120"},
}, """
    01, PD, Y, 100
    01, LSTA, SD, 130
    02, PD, Y, 100
    03, PD, Y, 100
    04, PD, N,
    04, LSTA, SD, 60
    05, PD, N,
    05, LSTA, PR, 90
    06, PD, N,
    06, LSTA, ,
    07, LSTA, SD, 1
    08, PD, Y, 50
    09, PD, Y, 130
    09, LSTA, PD, 130
    """)  # fmt: skip
def test_progression_free_survival(built):
    """Domain rules 3.1, each row; the last evaluable assessment counts, not the last contact."""
    assert records_of(built, "PFS") == {
        "01": (100, 0, "PROGRESSIVE DISEASE", "", "ADRS", "ADT"),
        "02": (100, 0, "PROGRESSIVE DISEASE", "", "ADRS", "ADT"),
        "03": (100, 0, "PROGRESSIVE DISEASE", "", "ADRS", "ADT"),  # and death on that day
        "04": (100, 0, "DEATH", "", "ADSL", "DTHDT"),
        "05": (90, 2, "NO PROGRESSION OR DEATH", LAST, "ADRS", "ADT"),
        "06": (1, 1, "NO POST-BASELINE ASSESSMENT", DOSE, "ADSL", "TRTSDT"),
        "07": (1, 1, "NO POST-BASELINE ASSESSMENT", DOSE, "ADSL", "TRTSDT"),  # the day of the dose is baseline
        "09": (120, 0, "DEATH", "", "ADSL", "DTHDT"),  # a progression after death
    }


#: subject -> (of ADSL, assessments as day and value, AVAL, CNSR, EVNTDESC); * before a value: it has no ANL01FL
FDA = {
    # (1) no post-baseline evaluable assessment, and no death within 200 days of the first dose
    "01": ({}, "", 1, 1, "NO POST-BASELINE ASSESSMENT"),
    "02": ({}, "1 SD", 1, 1, "NO POST-BASELINE ASSESSMENT"),
    "03": ({}, "60 *NE", 1, 1, "NO POST-BASELINE ASSESSMENT"),
    "04": ({"DTH": "202"}, "", 1, 1, "NO POST-BASELINE ASSESSMENT"),
    "05": ({"DTH": "201"}, "", 201, 0, "DEATH"),
    "06": ({"DTH": "300", "NACT": "30"}, "", 1, 1, "NO POST-BASELINE ASSESSMENT"),
    # (2) new therapy before progression or death, the last assessment on or before it
    "07": ({"NACT": "91"}, "30 SD, 90 SD, 100 PD", 90, 3, "NEW ANTI-CANCER THERAPY"),
    "08": ({"NACT": "90"}, "30 SD, 90 SD, 100 PD", 90, 3, "NEW ANTI-CANCER THERAPY"),
    "09": ({"NACT": "89"}, "30 SD, 90 SD, 100 PD", 30, 3, "NEW ANTI-CANCER THERAPY"),
    "10": ({"NACT": "100"}, "30 SD, 90 SD, 100 PD", 100, 0, "PROGRESSIVE DISEASE"),
    "11": ({"NACT": "101"}, "30 SD, 90 SD, 100 PD", 100, 0, "PROGRESSIVE DISEASE"),
    "12": ({"NACT": "95"}, "90 SD, 291 PD", 90, 3, "NEW ANTI-CANCER THERAPY"),
    "13": ({"NACT": "95", "DCSREAS": "LOST TO FOLLOW-UP"}, "90 SD, 120 SD", 90, 3, "NEW ANTI-CANCER THERAPY"),
    "14": ({"NACT": "30", "DTH": "100"}, "", 1, 3, "NEW ANTI-CANCER THERAPY"),
    "15": ({"NACT": "20"}, "30 SD, 90 SD", 1, 3, "NEW ANTI-CANCER THERAPY"),
    "16": ({"NACT": "1"}, "30 SD, 90 SD", 90, 2, "NO PROGRESSION OR DEATH"),  # on the first dose it is the regimen
    # (3) more than 200 days after the last evaluable assessment, (4) the event
    "17": ({}, "90 SD, 290 PD", 290, 0, "PROGRESSIVE DISEASE"),
    "18": ({}, "90 SD, 291 PD", 90, 4, "EVENT AFTER TWO OR MORE MISSED ASSESSMENTS"),
    "19": ({}, "90 SD, 200 *NE, 291 PD", 90, 4, "EVENT AFTER TWO OR MORE MISSED ASSESSMENTS"),
    "20": ({}, "90 SD, 200 SD, 291 PD", 291, 0, "PROGRESSIVE DISEASE"),
    "21": ({"DTH": "291"}, "90 SD", 90, 4, "EVENT AFTER TWO OR MORE MISSED ASSESSMENTS"),
    "22": ({"DTH": "290"}, "90 SD", 290, 0, "DEATH"),
    "23": ({"DTH": "291"}, "90 SD, 291 SD", 291, 0, "DEATH"),  # assessed on the day of death
    "24": ({}, "202 PD", 1, 4, "EVENT AFTER TWO OR MORE MISSED ASSESSMENTS"),
    "25": ({}, "201 PD", 201, 0, "PROGRESSIVE DISEASE"),
    "26": ({"DCSREAS": "LOST TO FOLLOW-UP"}, "90 SD, 100 PD", 100, 0, "PROGRESSIVE DISEASE"),
    "27": ({"DCSREAS": "LOST TO FOLLOW-UP", "DTH": "400"}, "90 SD", 90, 4, "EVENT AFTER TWO OR MORE MISSED ASSESSMENTS"),
    # (5) lost to follow-up or withdrawn, (6) otherwise
    "28": ({"DCSREAS": "LOST TO FOLLOW-UP"}, "30 SD, 90 SD", 90, 5, "LOST TO FOLLOW-UP"),
    "29": ({"DCSREAS": "WITHDRAWAL BY SUBJECT"}, "30 SD, 90 SD, 120 *NE", 90, 5, "WITHDRAWAL"),
    "30": ({"DCSREAS": "LOST TO FOLLOW-UP"}, "", 1, 1, "NO POST-BASELINE ASSESSMENT"),
    "31": ({}, "30 SD, 90 SD", 90, 2, "NO PROGRESSION OR DEATH"),
    "32": ({"DCSREAS": "STUDY TERMINATED BY SPONSOR"}, "30 SD, 90 SD", 90, 2, "NO PROGRESSION OR DEATH"),
}  # fmt: skip


def assessments(table: dict) -> str:
    """The ADRS lines of a table of subjects: OVR, and the PD and LSTA that follow from it."""
    lines = []
    for number, (_, text, *_rest) in table.items():
        seen = [(int(d), v) for d, v in (a.split() for a in text.split(",") if a.strip())]
        lines += [f"{number}, OVR, {v.lstrip('*')}, {d}, {'' if v.startswith('*') else 'Y'}" for d, v in seen]
        evaluable = [(d, v) for d, v in seen if not v.startswith("*")]
        lines.append(f"{number}, LSTA, {evaluable[-1][1]}, {evaluable[-1][0]}" if evaluable else f"{number}, LSTA, ,")
        progressed = [d for d, v in evaluable if v == "PD"]
        lines.append(f"{number}, PD, Y, {progressed[0]}" if progressed else f"{number}, PD, N,")
    return "\n".join(lines)


@of({n: given for n, (given, *_) in FDA.items()}, assessments(FDA))
def test_censoring_as_fda_guidance_asks(built):
    """Domain rules 3.2: the decided order, each step and each conflict of two steps; a gap of 200 and of 201 days."""
    got = {n: record[:3] for n, record in records_of(built, "PFSFDA").items()}
    assert got == {n: (aval, cnsr, what) for n, (_, _, aval, cnsr, what) in FDA.items()}


@pytest.fixture
def fda(whole):
    return CASES.alone(whole, "test_censoring_as_fda_guidance_asks")


def test_censored_by_fda_rules_names_the_source_of_the_date(fda):
    got = {n: record[3:] for n, record in records_of(fda, "PFSFDA").items()}
    assert got["01"] == (DOSE, "ADSL", "TRTSDT")
    assert got["07"] == (f"{LAST} BEFORE NEW THERAPY", "ADRS", "ADT")
    assert got["14"] == (DOSE, "ADSL", "TRTSDT")
    assert got["18"] == (f"{LAST} BEFORE THE GAP", "ADRS", "ADT")
    assert got["24"] == (DOSE, "ADSL", "TRTSDT")
    assert got["28"] == got["31"] == (LAST, "ADRS", "ADT")
    assert got["10"] == ("", "ADRS", "ADT")


@of({"01": {}, "02": {"DTH": "200"}, "03": {}, "04": {}, "05": {}}, """
    01, RSP, Y, 30
    01, CRSP, Y, 60
    01, PD, Y, 100
    01, CPD, Y, 130
    01, LSTA, PD, 130
    02, RSP, Y, 30
    02, CRSP, N,
    02, PD, N,
    02, LSTA, PR, 90
    03, RSP, Y, 30
    03, CRSP, Y, 30
    03, PD, Y, 100
    03, CPD, N,
    03, LSTA, PR, 190
    04, RSP, N,
    04, LSTA, SD, 90
    05, RSP, Y, 90
    05, CRSP, N,
    05, PD, N,
    05, LSTA, PR, 90
    """)  # fmt: skip
def test_durations_of_response(built):
    """Domain rules 3.3: responders only, from the first response; the confirmed one ends at a confirmed progression."""
    assert records_of(built, "DOR") == {
        "01": (71, 0, "PROGRESSIVE DISEASE", "", "ADRS", "ADT"),
        "02": (171, 0, "DEATH", "", "ADSL", "DTHDT"),
        "03": (71, 0, "PROGRESSIVE DISEASE", "", "ADRS", "ADT"),
        "05": (1, 2, "NO PROGRESSION OR DEATH", LAST, "ADRS", "ADT"),
    }
    assert records_of(built, "CDOR") == {
        "01": (71, 0, "CONFIRMED PROGRESSIVE DISEASE", "", "ADRS", "ADT"),
        "03": (161, 2, "NO PROGRESSION OR DEATH", LAST, "ADRS", "ADT"),
    }


@of({"01": {}, "02": {}, "03": {}}, """
    01, RSP, Y, 30
    01, BOR, VGPR, 90
    01, LSTA, PD, 200
    02, RSP, N,
    02, BOR, SD, 30
    02, LSTA, SD, 60
    03, RSP, N,
    03, BOR, NE,
    03, LSTA, ,
    """)  # fmt: skip
def test_times_to_response(built):
    """Domain rules 3.3: TTR and TTBR of responders, without censoring; TTRALL of all, at the last assessment."""
    assert records_of(built, "TTR") == {"01": (30, 0, "PARTIAL RESPONSE OR BETTER", "", "ADRS", "ADT")}
    assert records_of(built, "TTBR") == {"01": (90, 0, "BEST OVERALL RESPONSE", "", "ADRS", "ADT")}
    assert records_of(built, "TTRALL") == {
        "01": (30, 0, "PARTIAL RESPONSE OR BETTER", "", "ADRS", "ADT"),
        "02": (60, 2, "NO RESPONSE", LAST, "ADRS", "ADT"),
        "03": (1, 1, "NO POST-BASELINE ASSESSMENT", DOSE, "ADSL", "TRTSDT"),
    }


ALIVE = "DATE LAST KNOWN ALIVE"


@of({
    "01": {"NACT": "150"}, "02": {"DTH": "200"}, "03": {}, "04": {"NACT": "200", "DTH": "200"},
    "05": {"NACT": "1"}, "06": {"NACT": "250", "DTH": "200"},
}, """
    01, NEWTX, Y, 150, , CM, CMSTDTC, 7
    02, NEWTX, N,
    04, NEWTX, Y, 200, , CM, CMSTDTC, 3
    05, NEWTX, Y, 1, , CM, CMSTDTC, 2
    06, NEWTX, Y, 250
    """)  # fmt: skip
def test_time_to_next_therapy_and_survival(built):
    """Domain rules 3.3: death an event in TTNT and censored in TTNTC; OS; a therapy on the first dose is none."""
    new = "NEW ANTI-MYELOMA THERAPY"
    assert records_of(built, "TTNT") == {
        "01": (150, 0, new, "", "CM", "CMSTDTC"),
        "02": (200, 0, "DEATH", "", "ADSL", "DTHDT"),
        "03": (320, 1, "NO NEW ANTI-MYELOMA THERAPY OR DEATH", ALIVE, "ADSL", "LSTALVDT"),
        "04": (200, 0, new, "", "CM", "CMSTDTC"),
        "05": (320, 1, "NO NEW ANTI-MYELOMA THERAPY OR DEATH", ALIVE, "ADSL", "LSTALVDT"),
        "06": (200, 0, "DEATH", "", "ADSL", "DTHDT"),
    }
    assert records_of(built, "TTNTC") == {
        "01": (150, 0, new, "", "CM", "CMSTDTC"),
        "02": (200, 2, "DEATH", "DATE OF DEATH", "ADSL", "DTHDT"),
        "03": (320, 1, "NO NEW ANTI-MYELOMA THERAPY", ALIVE, "ADSL", "LSTALVDT"),
        "04": (200, 0, new, "", "CM", "CMSTDTC"),
        "05": (320, 1, "NO NEW ANTI-MYELOMA THERAPY", ALIVE, "ADSL", "LSTALVDT"),
        "06": (200, 2, "DEATH", "DATE OF DEATH", "ADSL", "DTHDT"),
    }
    assert records_of(built, "OS") == {
        "01": (320, 1, "ALIVE", ALIVE, "ADSL", "LSTALVDT"),
        "02": (200, 0, "DEATH", "", "ADSL", "DTHDT"),
        "03": (320, 1, "ALIVE", ALIVE, "ADSL", "LSTALVDT"),
        "04": (200, 0, "DEATH", "", "ADSL", "DTHDT"),
        "05": (320, 1, "ALIVE", ALIVE, "ADSL", "LSTALVDT"),
        "06": (200, 0, "DEATH", "", "ADSL", "DTHDT"),
    }
    sequences = {str(r["USUBJID"])[3:]: r["SRCSEQ"] for r in built.data["ADTTE"] if r["PARAMCD"] == "TTNT"}
    assert sequences == {"01": 7.0, "02": None, "03": None, "04": 3.0, "05": None, "06": None}


@of({
    "01": {"EOTSTT": "DISCONTINUED", "DOSE": "85"}, "02": {"EOTSTT": "COMPLETED", "DOSE": "400"},
    "03": {"EOTSTT": "ONGOING", "DOSE": "300"}, "04": {"EOTSTT": "ONGOING", "DOSE": "90", "DTH": "99"},
}, "")  # fmt: skip
def test_time_to_discontinuation(built):
    """Domain rules 3.3: the last dose when permanently stopped, also by death; censored there while ongoing."""
    stopped = "ISATUXIMAB PERMANENTLY STOPPED"
    assert records_of(built, "TTD") == {
        "01": (85, 0, stopped, "", "ADSL", "TRTEDT"),
        "02": (400, 0, stopped, "", "ADSL", "TRTEDT"),
        "03": (300, 1, "ISATUXIMAB ONGOING", "DATE OF LAST ISATUXIMAB DOSE", "ADSL", "TRTEDT"),
        "04": (90, 0, stopped, "", "ADSL", "TRTEDT"),
    }


@of({"01": {}, "02": {"DTH": "200"}, "03": {}, "04": {}, "05": {}}, "", """
    01, QL2, FIRST DOSE, 1, 60, ,
    01, QL2, FIRST DOSE, 90, 60, 0, STABLE
    01, QL2, FIRST DOSE, 180, 40, -20, WORSENED
    01, QL2, FIRST DOSE, 270, 70, 10, IMPROVED
    01, QL2, FIRST QUESTIONNAIRE, 90, 40, -20, WORSENED
    01, MYDS, FIRST DOSE, 90, 40, 11, WORSENED
    02, QL2, FIRST DOSE, -3, 60, ,
    02, QL2, FIRST DOSE, 90, 60, 0, STABLE
    02, QL2, FIRST DOSE, 180, , ,
    03, QL2, FIRST DOSE, 1, 60, ,
    04, QL2, FIRST QUESTIONNAIRE, 90, 60, ,
    """)  # fmt: skip
def test_time_to_deterioration(built):
    """Domain rules 4.3: the first worsening, death no event, a baseline and a questionnaire after it are needed."""
    assert records_of(built, "TDQL2") == {
        "01": (180, 0, "DETERIORATION", "", "ADQS", "ADT"),
        "02": (90, 1, "NO DETERIORATION", "LAST EVALUABLE QUESTIONNAIRE", "ADQS", "ADT"),
    }
    assert records_of(built, "TDMYDS") == {"01": (90, 0, "DETERIORATION", "", "ADQS", "ADT")}


@of({"01": {}, "02": {}, "03": {}, "04": {}}, "", """
    01, QL2, FIRST DOSE, 90, 40, -20, WORSENED
    01, QL2, FIRST DOSE, 180, 60, 0, STABLE
    01, QL2, FIRST DOSE, 270, 40, -20, WORSENED
    01, QL2, FIRST DOSE, 360, 30, -30, WORSENED
    02, QL2, FIRST DOSE, 90, 40, -20, WORSENED
    02, QL2, FIRST DOSE, 180, 70, 10, IMPROVED
    03, QL2, FIRST DOSE, 90, 40, -20, WORSENED
    03, QL2, FIRST DOSE, 180, , ,
    04, QL2, FIRST DOSE, 90, 60, 0, STABLE
    04, QL2, FIRST DOSE, 90, 40, -20, WORSENED
    """)  # fmt: skip
def test_definitive_deterioration_has_no_way_back(built):
    """Domain rules 4.3: the first worsening after which every questionnaire is worse by the threshold."""
    last = "LAST EVALUABLE QUESTIONNAIRE"
    assert records_of(built, "TDDQL2") == {
        "01": (270, 0, "DEFINITIVE DETERIORATION", "", "ADQS", "ADT"),
        "02": (180, 1, "NO DEFINITIVE DETERIORATION", last, "ADQS", "ADT"),
        "03": (90, 0, "DEFINITIVE DETERIORATION", "", "ADQS", "ADT"),
        "04": (90, 1, "NO DEFINITIVE DETERIORATION", last, "ADQS", "ADT"),  # not worse on that day alone
    }
    assert records_of(built, "TDQL2")["02"] == (90, 0, "DETERIORATION", "", "ADQS", "ADT")


@of({
    "01": {"NACT": "120"}, "02": {"NACT": "120", "DTH": "200"}, "03": {"NACT": "120"}, "04": {}, "05": {"NACT": "1"},
    "06": {"DTH": "90"}, "07": {},
}, """
    01, OVR, PD, 100, Y
    01, OVR, PD, 180, Y
    01, LSTA, PD, 180
    02, OVR, PD, 100, Y
    02, LSTA, PD, 100
    03, OVR, PD, 120, Y
    03, LSTA, PD, 120
    04, OVR, PD, 100, Y
    04, LSTA, SD, 150
    05, OVR, PD, 100, Y
    05, LSTA, PD, 100
    06, LSTA, SD, 60
    """)  # fmt: skip
def test_progression_on_the_next_therapy(built):
    """Domain rules 3.3: progression on the next line, or death; the first progression does not count."""
    none = "NO PROGRESSION ON NEXT THERAPY OR DEATH"
    assert records_of(built, "PFS2") == {
        "01": (180, 0, "PROGRESSIVE DISEASE ON NEXT THERAPY", "", "ADRS", "ADT"),
        "02": (200, 0, "DEATH", "", "ADSL", "DTHDT"),
        "03": (120, 2, none, LAST, "ADRS", "ADT"),  # on the day on which the next therapy starts
        "04": (150, 2, none, LAST, "ADRS", "ADT"),  # no next therapy
        "05": (100, 2, none, LAST, "ADRS", "ADT"),  # a therapy of the first day is the regimen
        "06": (90, 0, "DEATH", "", "ADSL", "DTHDT"),
        "07": (1, 1, "NO POST-BASELINE ASSESSMENT", DOSE, "ADSL", "TRTSDT"),
    }


@of({"01": {}, "02": {"DTH": "80"}, "03": {"DTH": "80"}, "04": {"DTH": "80"}, "05": {}, "06": {"DTH": "50"}, "07": {}}, """
    01, RSP, Y, 40
    01, PD, Y, 100
    01, NEWTX, Y, 120
    02, PD, Y, 60
    03, PD, Y, 80
    04, LSTA, SD, 60
    05, LSTA, SD, 60
    06, NEWTX, Y, 50
    07, PD, Y, 70
    07, NEWTX, Y, 71
    """)  # fmt: skip
def test_competing_events_have_their_codes(built):
    """CNSR 10 or more is a competing event, and EVNTDESC names it."""
    progression, death, alive = "PROGRESSIVE DISEASE", "DEATH", "DATE LAST KNOWN ALIVE"
    assert {s: r[:4] for s, r in records_of(built, "TTRCR").items()} == {
        "01": (40, 0, "PARTIAL RESPONSE OR BETTER", ""),
        "02": (60, 10, progression, "DATE OF PROGRESSIVE DISEASE"),
        "03": (80, 10, progression, "DATE OF PROGRESSIVE DISEASE"),  # and death on that day
        "04": (80, 11, death, "DATE OF DEATH"),
        "05": (60, 2, "NO RESPONSE", LAST),
        "06": (50, 11, death, "DATE OF DEATH"),
        "07": (70, 10, progression, "DATE OF PROGRESSIVE DISEASE"),
    }
    therapy, nothing = "NEW ANTI-MYELOMA THERAPY", "NO NEW ANTI-MYELOMA THERAPY OR DEATH"
    assert {s: r[:4] for s, r in records_of(built, "TTNTCR").items()} == {
        "01": (120, 0, therapy, ""),
        "02": (80, 10, death, "DATE OF DEATH"), "03": (80, 10, death, "DATE OF DEATH"),
        "04": (80, 10, death, "DATE OF DEATH"),
        "05": (320, 1, nothing, alive),
        "06": (50, 0, therapy, ""),  # and death on that day
        "07": (71, 0, therapy, ""),
    }  # fmt: skip


@of({"01": {}}, "")
def test_every_parameter_with_its_unit_in_its_name(built):
    planned = built.plan.datasets["ADTTE"].spec
    codes = [b.derive.parameter for b in planned.blocks]
    scales = [
        "QL2",
        "PF2",
        "RF2",
        "EF",
        "CF",
        "SF",
        "FA",
        "NV",
        "PA",
        "DY",
        "SL",
        "AP",
        "CO",
        "DI",
        "FI",
        "SUMSC",
        "MYDS",
        "MYSE",
        "MYBI",
        "MYFP",
    ]
    assert codes == [
        "PFS", "PFSFDA", "PFS2", "DOR", "CDOR", "TTR", "TTRALL", "TTRCR", "TTBR", "TTNT", "TTNTC", "TTNTCR", "OS", "TTD",
        *(f"TD{s}" for s in scales), *(f"TDD{s}" for s in ("QL2", "PF2", "FA", "PA", "SUMSC", "MYDS", "MYSE")),
    ]  # fmt: skip
    listed = built.plan.datasets["ADTTE"].variables["PARAMCD"].codelist
    assert listed is not None
    assert [t.value for t in listed.terms] == codes
    decodes = [t.decode for t in listed.terms]
    assert len(set(decodes)) == len(codes)
    assert all(d.endswith("(days)") for d in decodes)
    assert decodes[codes.index("TDFA")] == "Time to Deterioration, Fatigue (days)"


@of(
    {"01": {"DTH": "-9"}, "02": {"DTHFL": "Y"}, "03": {"TRT": "", "DOSE": ""}},
    "01, LSTA, SD, 30\n02, LSTA, SD, 30\n09, PD, Y, 20",
)
def test_data_that_cannot_be_right_are_reported(built):
    """A death before the first dose stays, as computed; a death without a date and a subject without a dose are reported."""
    assert records_of(built, "OS")["01"] == (-9, 0, "DEATH", "", "ADSL", "DTHDT")
    assert records_of(built, "PFS")["02"] == (30, 2, "NO PROGRESSION OR DEATH", LAST, "ADRS", "ADT")
    assert set(records_of(built, "PFS")) == {"01", "02"}  # 09 is in ADRS and not in ADSL
    assert {r for r in rules(built) if r[0].startswith("R2A-TTE")} == {
        ("R2A-TTE-001", "01"), ("R2A-TTE-002", "03"), ("R2A-TTE-005", "02"),
    }  # fmt: skip


@of({"01": {"CONSENT": "60"}, "02": {"CONSENT": "-5"}, "03": {}}, "")
def test_entry_for_left_truncation_is_a_consent_after_the_start(built):
    found = {str(r["USUBJID"])[3:]: r["ENTRYDT"] for r in built.data["ADTTE"] if r["PARAMCD"] == "OS"}
    assert found == {"01": 21974.0, "02": None, "03": None}


@pytest.mark.parametrize("partitions", [2])
def test_partitions_give_the_same(tiny, whole, partitions: int):
    """The subjects of all tests."""
    many = tiny(CASES.files(), "", TEXTS, partitions)
    assert many.data["ADTTE"] == whole.data["ADTTE"]
    assert many.lineage["ADTTE"].rows.equals(whole.lineage["ADTTE"].rows)


def test_traceability_points_to_records_that_exist(fda):
    there = {(r["USUBJID"], r["ASEQ"]): r for r in fda.data["ADRS"]}
    of_adrs = [r for r in fda.data["ADTTE"] if r["SRCDOM"] == "ADRS"]
    assert len(of_adrs) > 40
    for record in of_adrs:
        assert there[record["USUBJID"], record["SRCSEQ"]][record["SRCVAR"]] == record["ADT"]


@of(
    {"01": {}, "02": {}, "03": {}},
    "01, NEWTX, Y, 150, , ADRS, ADT, 77\n02, NEWTX, Y, 150, , ADRS, ADTM, 1\n03, NEWTX, Y, 150, , CM, CMSTDTC, 7",
)
def test_a_source_that_is_not_there_is_reported(built):
    """Conformance holds SRCVAR and SRCSEQ to the dataset that SRCDOM names; what it does not know it does not judge."""
    findings = Findings()
    datasets = built.datasets[0]
    rules = {i: r for i, r in shipped_rules().items() if i in ("R2A-AD-601", "R2A-AD-602")}
    adam = {n: d for n, d in datasets.items() if n.startswith("AD")}
    sdtm = Package(standard="sdtm", datasets={n: d for n, d in datasets.items() if n not in adam})
    run_rules(Package(standard="adam", datasets=adam, related=sdtm), rules, findings)
    table = findings.frame()
    records_of = sorted({(r, s[-2:], v, x) for r, s, v, x in zip(table["rule"], table["subject"], table["variable"], table["value"], strict=True)})  # fmt: skip
    assert records_of == [("R2A-AD-601", "02", "SRCVAR", "ADTM"), ("R2A-AD-602", "01", "SRCSEQ", "77")]
