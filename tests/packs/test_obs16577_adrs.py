"""ADRS of the shipped study over a literal study: one subject per rule or trap, every parameter worked out by hand.

Dates are written as days after the first dose, 2021-01-01 (study day is one more). ADSL is a small one of this test.
"""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest
import raw2adam
import yaml
from kit.packs import study_yaml

PACK = Path(raw2adam.__file__).parent / "mappings" / "obs16577"
START = datetime.date(2021, 1, 1)
ALGORITHM = "  # Response by the IMWG algorithm"
PARAMETERS = (
    "BOR", "CBOR", "RSP", "CRSP", "VGPRRSP", "CVGPRRSP", "CRRSP", "CCRRSP", "RSP12", "CRSP12", "VGPR12", "CR12", "PD",
    "CPD", "DEATH", "LSTA", "NEWTX",
)  # fmt: skip

# subject: (assessments, new therapy, death, cause)
STUDY = {
    "01": ("30 PR; 60 VGPR; 90 VGPR; 120 PD:IMAGING", "", "", ""),
    "02": ("", "", "", ""),  # no assessment at all
    "03": ("30 NE; 60 NE", "", "", ""),
    "04": ("30 SD; 60 PR; 90 PR", "45", "", ""),  # response after new therapy
    "05": ("30 PR; 60 PR", "60", "", ""),  # the day of new therapy itself counts
    "06": ("30 PD:LABORATORY; 60 VGPR; 90 VGPR", "", "", ""),  # a progression that is not repeated
    "07": ("-10 CR; 0 CR; 30 MR; 60 MR", "", "", ""),  # before the first dose, and on its day
    "08": ("364 PR; 400 PR", "", "", ""),  # study day 365; confirmed outside the 12 months
    "09": ("365 PR; 400 PR", "", "", ""),  # study day 366, the same day of the next year
    "10": ("30 PR; 60 PR", "", "-10", ""),  # death before the first dose
    "11": ("30 PR; 60 PR; 90 PD:IMAGING", "", "70", "SEPSIS"),  # progression after death
    "12": ("30 PR; ? VGPR", "", "", ""),  # no date
    "13": ("30 VGPR; 30 SD; 60 VGPR", "", "", ""),  # two different responses on one date
    "14": ("30 vgpr; 60 PR; 90 PR", "", "", ""),  # wrong case
    "16": ("30 SD; 60 PD:CLINICAL", "40", "", ""),  # progression after new therapy
    "17": ("30 PD:LABORATORY", "", "50", "MULTIPLE MYELOMA"),  # death before a second sample
    "18": ("30 PR; 60 PR", "2021-02", "", ""),  # new therapy with a partial date
    "20": ("30 vgpr; 60 NE; 90 PD:LABORATORY", "80", "", ""),  # nothing evaluable before new therapy
    "21": ("30 PR; 60 PR; 1900 CR; 1930 CR", "", "", ""),  # after the data cut-off, in existing SDTM
    "19": ("30 PR; 60 CR; 90 PD:LABORATORY; 120 PD:LABORATORY", "", "", ""),
}
# subject: level, or Y or N, with @ the day of ADT
EXPECTED = """
01 VGPR@60 VGPR@60 Y@30  Y@30  Y@60 Y@60 N    N Y@30  Y@30  Y@60 N    Y@120 Y@120 N     PD@120  N
02 MISSING MISSING N     N     N    N    N    N N     N     N    N    N     N     N     MISSING N
03 NE@30   NE@30   N     N     N    N    N    N N     N     N    N    N     N     N     NE      N
04 SD@30   SD@30   N     N     N    N    N    N N     N     N    N    N     N     N     PR@90   Y@45
05 PR@30   PR@30   Y@30  Y@30  N    N    N    N Y@30  Y@30  N    N    N     N     N     PR@60   Y@60
06 PD@30   VGPR@60 N     Y@60  N    Y@60 N    N N     Y@60  N    N    Y@30  N     N     VGPR@90 N
07 MR@30   MR@30   N     N     N    N    N    N N     N     N    N    N     N     N     MR@60   N
08 PR@364  PR@364  Y@364 Y@364 N    N    N    N Y@364 Y@364 N    N    N     N     N     PR@400  N
09 PR@365  PR@365  Y@365 Y@365 N    N    N    N N     N     N    N    N     N     N     PR@400  N
10 PR@30   PR@30   Y@30  Y@30  N    N    N    N Y@30  Y@30  N    N    N     N     Y@-10 PR@60   N
11 PR@30   PR@30   Y@30  Y@30  N    N    N    N Y@30  Y@30  N    N    N     N     Y@70  PR@60   N
12 PR@30   SD@30   Y@30  N     N    N    N    N Y@30  N     N    N    N     N     N     PR@30   N
13 VGPR@60 SD@30   Y@60  N     Y@60 N    N    N Y@60  N     Y@60 N    N     N     N     VGPR@60 N
14 PR@60   PR@60   Y@60  Y@60  N    N    N    N Y@60  Y@60  N    N    N     N     N     PR@90   N
16 SD@30   SD@30   N     N     N    N    N    N N     N     N    N    Y@60  Y@60  N     PD@60   Y@40
17 PD@30   PD@30   N     N     N    N    N    N N     N     N    N    Y@30  Y@30  Y@50  PD@30   N
18 PR@30   PR@30   Y@30  Y@30  N    N    N    N Y@30  Y@30  N    N    N     N     N     PR@60   Y
20 NE@30   NE@30   N     N     N    N    N    N N     N     N    N    Y@90  N     N     PD@90   Y@80
21 PR@30   PR@30   Y@30  Y@30  N    N    N    N Y@30  Y@30  N    N    N     N     N     PR@60   N
19 CR@60   PR@30   Y@30  Y@30  Y@60 N    Y@60 N Y@30  Y@30  Y@60 Y@60 Y@90  Y@90  N     PD@120  N
"""
HEAD = """\
study: {id: S1, cutoff: 2025-12-31}
subject: {columns: [SUBJ], usubjid: "{STUDYID}-{SUBJ:02}"}
"""
SDTM = {
    "dm": """\
dataset: DM
rows: {source: dm}
variables: {SEX: {value: U}, COUNTRY: {value: SWE}, RFSTDTC: {date: START}, DTHDTC: {date: DIED}, DTHFL: {cases: [{when: not missing(DIED), value: Y}]}}
""",
    "rs": """\
dataset: RS
cutoff: none
rows: {source: rs}
sort: [USUBJID, SOURCE]
variables:
  RSTESTCD: {value: OVRLRESP}
  RSORRES: RESP
  RSSTRESC: {from: RESP, codelist: none}
  RSSTAT: STAT
  RSDTC: {date: DAY}
  VISIT: VIS
  VISITNUM: NO
supplemental:
  PDTYPE: {label: Type of Progression, from: TYPE}
""",
    "cm": """\
dataset: CM
rows: {source: cm}
variables: {CMTRT: {value: NEW}, CMCAT: {value: SUBSEQUENT ANTI-MYELOMA THERAPY}, CMSTDTC: {date: DAY}}
""",
    "dd": """\
dataset: DD
rows: {source: dm, where: not missing(DIED)}
variables: {DDTESTCD: {value: PRCDTH}, DDORRES: CAUSE, DDSTRESC: CAUSE, DDDTC: {date: DIED}}
""",
    "adsl": """\
dataset: ADSL
rows: {from: DM}
core: [TRTSDT, SAFFL]
variables:
  TRTSDT: {analysis_date: RFSTDTC}
  DTHDT: {analysis_date: DTHDTC}
  DTHFL: DTHFL
  DTHCAUS: {first: DD.DDSTRESC}
  NACTDT: {first: CM.CMSTDTC, as: date, label: Date of New Therapy}
  SAFFL: {cases: [{when: not missing(TRTSDT), value: Y}, {value: N}]}
working:
  NACTSEQ: {first: CM.CMSEQ, order: [CMSTDTC, CMSEQ], where: not missing(CMSTDTC), type: integer}
""",
}


def investigator() -> str:
    """The spec without its last block, the algorithm on laboratory and imaging, which this study does not have."""
    text = (PACK / "adam" / "adrs.yaml").read_text("utf-8")
    blocks, _, rest = text.partition(ALGORITHM)
    assert rest, "the block of the algorithm is no longer where it was"
    return blocks + rest[rest.index("\nvariables:") + 1 :]


def day(number: str) -> str:
    if not number.lstrip("-").isdigit():
        return number.replace("?", "")
    return (START + datetime.timedelta(days=int(number))).isoformat()


@pytest.fixture(scope="module")
def build(tiny):
    def run(adrs: str = investigator(), partitions: int = 1, turned: bool = False):
        rs, dm, cm = [], ["15,,,"], []
        for subject, (history, new, died, cause) in STUDY.items():
            dm.append(f"{subject},{START.isoformat()},{day(died)},{cause}")
            for number, part in enumerate(history.split(";") if history else [], start=1):
                when, what = part.split()
                response, _, kind = what.partition(":")
                rs.append(f"{subject},{number},{day(when)},{response},{kind},,VISIT {number}")
            cm += [f"{subject},{day(new)}"] if new else []
        rs += ["01,9,,,,NOT DONE,VISIT 9", "15,1,2021-02-01,PR,,,VISIT 1"]
        files = {
            "rs.csv": ["SUBJ,NO,DAY,RESP,TYPE,STAT,VIS", *rs],
            "dm.csv": ["SUBJ,START,DIED,CAUSE", *dm],
            "cm.csv": ["SUBJ,DAY", *cm],
        }
        if turned:
            files = {name: [rows[0], *rows[:0:-1]] for name, rows in files.items()}
        terms = study_yaml("obs16577")["codelists"]["PARAMRS"]
        dates = {"formats": ["yyyy-mm-dd", "yyyy-mm"]}
        study = HEAD + yaml.safe_dump({"codelists": {"PARAMRS": terms}, "dates": dates})
        texts = {name: "\n".join(rows) + "\n" for name, rows in files.items()}
        return tiny(texts, study, SDTM | {"adrs": adrs}, partitions)

    return run


@pytest.fixture(scope="module")
def built(build):
    return build()


def offset(number) -> str:
    return "" if number is None else f"@{int(number) - (START - datetime.date(1960, 1, 1)).days}"


def of(built, subject: str, code: str) -> list[dict]:
    return [r for r in built.data["ADRS"] if r["USUBJID"] == f"S1-{subject}" and r["PARAMCD"] == code]


def reported(built, prefix: str) -> list[tuple[str, str]]:
    found = built.findings[built.findings["rule"].str.startswith(prefix)]
    return sorted(zip(found["rule"], found["subject"].str[-2:], strict=True))


def table(built) -> dict[str, list[str]]:
    """Subject to its value of every parameter, in the notation of EXPECTED."""
    return {
        subject: [" ".join(r["AVALC"] + offset(r["ADT"]) for r in of(built, subject, code)) for code in PARAMETERS]
        for subject in STUDY
    }


def test_every_parameter_of_every_subject(built):
    assert table(built) == {line.split()[0]: line.split()[1:] for line in EXPECTED.strip().splitlines()}


def test_a_subject_without_a_dose_has_its_assessments_and_nothing_else(built):
    assert [r["PARAMCD"] for r in built.data["ADRS"] if r["USUBJID"] == "S1-15"] == ["OVR"]


def test_an_assessment_that_was_not_done_is_none(built):
    assert [r["SRCSEQ"] for r in of(built, "01", "OVR")] == [2.0, 3.0, 4.0, 5.0]  # 1 is the one not done


def test_codes(built):
    best = {r["AVALC"]: r["AVAL"] for r in built.data["ADRS"] if r["PARAMCD"] in ("OVR", "BOR")}
    assert best == {"CR": 2.0, "VGPR": 3.0, "PR": 4.0, "MR": 5.0, "SD": 6.0, "PD": 7.0, "NE": 8.0} | {
        "vgpr": None, "MISSING": None}  # fmt: skip
    assert {(r["AVALC"], r["AVAL"]) for r in built.data["ADRS"] if r["PARAMCD"] == "RSP"} == {("Y", 1.0), ("N", 0.0)}


def test_categories_and_numbers_of_the_parameters(built):
    record = of(built, "01", "CRSP12")[0]
    assert record["PARAM"] == "Response of PR or Better Within 12 Months by Investigator (confirmed)"
    assert (record["PARAMN"], record["PARCAT1"], record["PARCAT2"], record["ADY"]) == (
        12.0, "INVESTIGATOR", "CONFIRMED", 31.0)  # fmt: skip
    assert {c: of(built, "01", c)[0]["PARCAT2"] for c in ("OVR", "COVR", "PD", "DEATH", "NEWTX")} == {
        "OVR": "UNCONFIRMED", "COVR": "CONFIRMED", "PD": "UNCONFIRMED", "DEATH": "", "NEWTX": ""}  # fmt: skip


@pytest.mark.parametrize(
    ("subject", "code", "flags"),
    [
        ("01", "OVR", ["YYY", "YYY", "YYY", "YYY"]),
        ("03", "OVR", [" Y ", " Y "]),  # not evaluable
        ("04", "OVR", ["YYY", "Y Y", "Y Y"]),  # after new therapy
        ("06", "OVR", ["YYY", "YY ", "YY "]),  # after the first progression of any kind
        ("06", "COVR", ["YYY", "YYY", "YYY"]),  # which is not confirmed
        ("07", "OVR", ["YY ", "YY ", "YYY", "YYY"]),  # on or before the first dose
        ("11", "OVR", ["YYY", "YYY", "YY "]),  # after death
        ("12", "OVR", ["   ", "YYY"]),  # without a date, which comes first
        ("21", "OVR", ["YYY", "YYY", "   ", "   "]),  # after the data cut-off
        ("21", "COVR", ["YYY", "YYY"]),
        ("13", "OVR", [" Y ", "YYY", "YYY"]),  # the worst of a date
        ("14", "OVR", [" Y ", "YYY", "YYY"]),
    ],
)
def test_flags(built, subject, code, flags):
    got = ["".join(r[f"ANL0{i}FL"] or " " for i in (1, 2, 3)) for r in of(built, subject, code)]
    assert got == flags


@pytest.mark.parametrize(
    ("subject", "code", "reason"),
    [
        ("01", "CRSP", "CONFIRMED BY NEXT ASSESSMENT"),
        ("01", "RSP", "FIRST ASSESSMENT THAT QUALIFIES"),
        ("01", "CRRSP", "NO ASSESSMENT THAT QUALIFIES"),
        ("01", "CPD", "STANDS ALONE: IMAGING"),
        ("02", "BOR", "NO ASSESSMENT AFTER THE FIRST DOSE"),
        ("02", "CRSP", "NO ASSESSMENT AFTER THE FIRST DOSE"),
        ("16", "CRSP", "NO ASSESSMENT THAT QUALIFIES"),
        ("20", "BOR", "NO EVALUABLE ASSESSMENT IN THE WINDOW"),
        ("03", "BOR", "NO EVALUABLE ASSESSMENT IN THE WINDOW"),
        ("03", "LSTA", "NO EVALUABLE ASSESSMENT AFTER THE FIRST DOSE"),
        ("04", "CRSP", "NO ASSESSMENT THAT QUALIFIES"),
        ("06", "CPD", "NOT CONFIRMED: NEXT EVALUABLE ASSESSMENT IS NO PROGRESSION"),
        ("12", "CRSP", "NOT CONFIRMED: NO LATER EVALUABLE ASSESSMENT"),
        ("17", "CPD", "STANDS ALONE: DEATH FROM THE DISEASE"),
        ("18", "NEWTX", "NEW THERAPY WITHOUT A DATE"),
        ("19", "CPD", "CONFIRMED BY REPEATED PROGRESSION"),
        ("19", "CCRRSP", "CARRIED FORWARD; NOT CONFIRMED: NEXT EVALUABLE ASSESSMENT IS PROGRESSION"),
    ],
)
def test_reasons(built, subject, code, reason):
    assert [r["CONFREAS"] for r in of(built, subject, code)] == [reason]


def test_what_confirms_is_named(built):
    record = of(built, "01", "CRSP")[0]
    assert (offset(record["CNFDT"]), record["CNFSEQ"]) == ("@60", 3.0)


def test_every_source_is_there(built):
    """What SRCDOM, SRCVAR and SRCSEQ name exists, and has the date of the record."""
    dates = {("RS", r["USUBJID"], r["RSSEQ"]): r["RSDTC"] for r in built.data["RS"]}
    dates |= {("CM", r["USUBJID"], r["CMSEQ"]): r["CMSTDTC"] for r in built.data["CM"]}
    for record in built.data["ADRS"]:
        key = record["SRCDOM"], record["USUBJID"], record["SRCSEQ"]
        if record["SRCDOM"] == "ADSL":
            assert record["SRCSEQ"] is None and record["SRCVAR"] in built.data["ADSL"][0]
        elif record["ADT"] is not None:
            assert dates[key] == (datetime.date(1960, 1, 1) + datetime.timedelta(days=record["ADT"])).isoformat()
        else:
            assert len(dates[key]) < 10


def test_bad_input_is_reported(built):
    assert reported(built, "R2A-RESP") == [
        ("R2A-RESP-001", "14"),
        ("R2A-RESP-001", "20"),
        ("R2A-RESP-003", "12"),
        ("R2A-RESP-004", "13"),
        ("R2A-RESP-008", "07"),
        ("R2A-RESP-009", "11"),
    ]
    assert reported(built, "R2A-EVENT") == [("R2A-EVENT-001", "10"), ("R2A-EVENT-002", "18")]


def test_twelve_months_by_the_calendar(build):
    """2021-01-01 plus 12 months is 2022-01-01, 365 days later, and in the window."""
    text = investigator()
    assert text.count("days: 365") == 1
    by_calendar = build(text.replace("days: 365", "months: 12"))
    assert [of(by_calendar, "09", c)[0]["AVALC"] for c in ("RSP12", "CRSP12")] == ["Y", "Y"]
    assert "12 calendar months" in by_calendar.specs["ADRS"].variable("WIN12DT").method


def test_partitions_and_the_order_of_rows_change_nothing(build, built):
    assert build(partitions=3).data["ADRS"] == built.data["ADRS"]
    turned = build(turned=True)
    assert table(turned) == table(built)
