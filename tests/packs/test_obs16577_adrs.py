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
    "31": ("30 CR; 60 CR; 430 sCR", "", "", ""),
    "32": ("30 VGPR; 60 CR; 90 CR", "", "", ""),
    "33": ("30 CR; 60 CR", "", "", ""),
    "34": ("30 CR; 60 CR; 90 PD:IMAGING; 120 CR", "", "", ""),
    "35": ("30 CR; 60 CR", "50", "", ""),
    "36": ("30 CR; 60 CR", "", "", ""),
    "37": ("30 CR; 60 CR", "", "", ""),
    "38": ("30 CR; 60 CR", "", "", ""),
}
# subject: residual disease as day, result, method, sensitivity, number of the visit
MARROW = {
    "31": "60 NEGATIVE NGS 10-5 2; 430 NEGATIVE NGS 10-6 3",
    "32": "30 NEGATIVE NGF 10-5 1; 50 NEGATIVE NGS 10-5 2",  # with VGPR; before the CR, at its visit
    "33": "60 NEGATIVE NGF 10-4 2",  # the method finds 1 cell in 10000
    "34": "100 NEGATIVE NGS 10-5 9",  # after the first progression
    "35": "50 NEGATIVE NGF 10-6 9; 60 POSITIVE NGF 10-6 2",  # on the day of new therapy, and after it
    "36": "30 NEGATIVE NGS 10-5 1; 200 POSITIVE NGS 10-5 9; 420 NEGATIVE NGS 10-5 10; 600 NEGATIVE NGS 10-5 11",
    "37": "365 NEGATIVE NGS 10-5 9; 729 NEGATIVE NGF 10-5 10",  # study day 366; 364 days apart
    "38": "0 NEGATIVE NGS 10-5 9",  # on the day of the first dose
}
#: subject: MRDNEG, MRDNGS, MRDNGF, MRDNEG12, MRDSUST
NEGATIVE = """
31 Y@60 Y@60 N Y@60 Y@430
32 Y@50 Y@50 N Y@50 N
33 N N N N N
34 N N N N N
35 Y@50 N Y@50 Y@50 N
36 Y@30 Y@30 N Y@30 N
37 Y@365 Y@365 Y@729 N N
38 N N N N N
02 N N N N N
"""
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
31 sCR@430 CR@30   Y@30  Y@30  Y@30 Y@30 Y@30 Y@30 Y@30 Y@30 Y@30 Y@30 N    N     N     sCR@430 N
32 CR@60   CR@60   Y@30  Y@30  Y@30 Y@30 Y@60 Y@60 Y@30 Y@30 Y@30 Y@60 N    N     N     CR@90   N
33 CR@30   CR@30   Y@30  Y@30  Y@30 Y@30 Y@30 Y@30 Y@30 Y@30 Y@30 Y@30 N    N     N     CR@60   N
34 CR@30   CR@30   Y@30  Y@30  Y@30 Y@30 Y@30 Y@30 Y@30 Y@30 Y@30 Y@30 Y@90 Y@90  N     CR@120  N
35 CR@30   SD@30   Y@30  N     Y@30 N    Y@30 N    Y@30 N    Y@30 Y@30 N    N     N     CR@60   Y@50
36 CR@30   CR@30   Y@30  Y@30  Y@30 Y@30 Y@30 Y@30 Y@30 Y@30 Y@30 Y@30 N    N     N     CR@60   N
37 CR@30   CR@30   Y@30  Y@30  Y@30 Y@30 Y@30 Y@30 Y@30 Y@30 Y@30 Y@30 N    N     N     CR@60   N
38 CR@30   CR@30   Y@30  Y@30  Y@30 Y@30 Y@30 Y@30 Y@30 Y@30 Y@30 Y@30 N    N     N     CR@60   N
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
  RSTESTCD: {from: TEST, codelist: none}
  RSMETHOD: {from: METHOD, map: {NGS: NEXT GENERATION SEQUENCING, NGF: FLOW CYTOMETRY}, codelist: RSMETH}
  RSORRES: RESP
  RSSTRESC: {from: RESP, codelist: none}
  RSSTAT: STAT
  RSDTC: {date: DAY}
  VISIT: VIS
  VISITNUM: NO
supplemental:
  PDTYPE: {label: Type of Progression, from: TYPE}
  MRDSENS: {label: Sensitivity of the MRD Method, from: SENS}
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
                rs.append(f"{subject},{number},{day(when)},{response},{kind},,VISIT {number},OVRLRESP,,")
            cm += [f"{subject},{day(new)}"] if new else []
        rs += ["01,9,,,,NOT DONE,VISIT 9,OVRLRESP,,", "15,1,2021-02-01,PR,,,VISIT 1,OVRLRESP,,"]
        for subject, history in MARROW.items():
            for when, result, method, sensitivity, number in (part.split() for part in history.split(";")):
                place = f"VISIT {number},MRDRESP,{method},{sensitivity}"
                rs.append(f"{subject},{number},{day(when)},{result},,,{place}")
        files = {
            "rs.csv": ["SUBJ,NO,DAY,RESP,TYPE,STAT,VIS,TEST,METHOD,SENS", *rs],
            "dm.csv": ["SUBJ,START,DIED,CAUSE", *dm],
            "cm.csv": ["SUBJ,DAY", *cm],
        }
        if turned:
            files = {name: [rows[0], *rows[:0:-1]] for name, rows in files.items()}
        codelists = study_yaml("obs16577")["codelists"]
        shared = {name: codelists[name] for name in ("PARAMRS", "RSMETH", "MRDSENS")}
        dates = {"formats": ["yyyy-mm-dd", "yyyy-mm"]}
        study = HEAD + yaml.safe_dump({"codelists": shared, "dates": dates})
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


def test_negative_residual_disease_needs_a_cr_a_sensitive_method_and_the_window(built):
    """IMWG 2016: sequencing or flow with 1 in 100000, in CR; sustained where a second one is a year later."""
    codes = ("MRDNEG", "MRDNGS", "MRDNGF", "MRDNEG12", "MRDSUST")
    for line in NEGATIVE.strip().splitlines():
        subject, *expected = line.split()
        got = [" ".join(r["AVALC"] + offset(r["ADT"]) for r in of(built, subject, code)) for code in codes]
        assert (subject, got) == (subject, expected)
    reasons = {s: of(built, s, "MRDNEG")[0]["CONFREAS"] for s in ("31", "33", "02")}
    assert reasons == {
        "31": "FIRST ASSESSMENT THAT QUALIFIES", "33": "NO ASSESSMENT THAT QUALIFIES",
        "02": "NO ASSESSMENT OF RESIDUAL DISEASE",
    }  # fmt: skip
    first = of(built, "32", "MRD")[0]
    assert (first["AVALC"], first["AVAL"], first["MRDNEGFL"], first["MRDSENS"]) == ("NEGATIVE", 0.0, "", "10-5")


def test_bands_of_the_response(built):
    bands = {(r["AVALC"], r["AVALCAT1"]) for r in built.data["ADRS"] if r["PARAMCD"] == "BOR"}
    assert bands == {
        ("sCR", "CR OR BETTER"), ("CR", "CR OR BETTER"), ("VGPR", "VGPR"), ("PR", "PR"), ("MR", "LESS THAN PR"),
        ("SD", "LESS THAN PR"), ("PD", "LESS THAN PR"), ("NE", "NOT EVALUABLE"), ("MISSING", "NOT EVALUABLE"),
    }  # fmt: skip


def test_a_subject_without_a_dose_has_its_assessments_and_nothing_else(built):
    assert [r["PARAMCD"] for r in built.data["ADRS"] if r["USUBJID"] == "S1-15"] == ["OVR"]


def test_an_assessment_that_was_not_done_is_none(built):
    assert [r["SRCSEQ"] for r in of(built, "01", "OVR")] == [2.0, 3.0, 4.0, 5.0]  # 1 is the one not done


def test_codes(built):
    best = {r["AVALC"]: r["AVAL"] for r in built.data["ADRS"] if r["PARAMCD"] in ("OVR", "BOR")}
    assert best == {"sCR": 1.0, "CR": 2.0, "VGPR": 3.0, "PR": 4.0, "MR": 5.0, "SD": 6.0, "PD": 7.0, "NE": 8.0} | {
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
        ("R2A-RESP-008", "07"),
        ("R2A-RESP-009", "11"),
    ]
    assert reported(built, "R2A-EVENT") == [("R2A-EVENT-001", "10"), ("R2A-EVENT-002", "18")]


def test_twelve_months_by_the_calendar_in_any_order_and_two_partitions(build, built):
    """2021-01-01 plus 12 months is 2022-01-01, 365 days later, and in the window: subject 09 has its response there.

    This build has the rows in another order and two partitions, which change nothing; tests/engine/test_row_order.py
    compares all variables of the pack so.
    """
    text = investigator()
    assert text.count("days: 365") == 1
    by_calendar = build(text.replace("days: 365", "months: 12"), partitions=2, turned=True)
    assert "12 calendar months" in by_calendar.specs["ADRS"].variable("WIN12DT").method
    expected = {**table(built), "09": table(built)["09"].copy()}
    for code in ("RSP12", "CRSP12"):
        expected["09"][PARAMETERS.index(code)] = "Y@365"
    assert table(by_calendar) == expected != table(built)
