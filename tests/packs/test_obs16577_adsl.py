"""ADSL and ADPRIOR of the OBS16577 pack on SDTM written by hand: each value worked out from the rules of docs/adsl.md.

The first isatuximab dose of every treated subject is on 1 January 2021. The specs of the pack run as they ship.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pyreadstat
import pytest
import raw2adam
from kit.parts_of_a_run import AdamRun
from raw2adam.runs.from_raw import Options

PACK = Path(raw2adam.__file__).parent / "mappings" / "obs16577"
DM = """\
no|AGE|SEX|COUNTRY|RFICDTC|DTHDTC|DTHFL
1|76|M|DEU|2020-12-20|2021-05|Y
2|64|F|JPN|2021-03-01|2021-06|Y
3|65|M|USA|2020-12-20|2021|Y
4|81|F|MEX|2020-12-20|2021-03-10|Y
5|50|M|KOR|2020-12-20||
6|75|F|CAN|2020-12-20||
"""
EX = """\
no|EXTRT|EXDOSE|EXSTDTC|EXENDTC
1|POMALIDOMIDE|4|2020-12-25|2021-04-01
1|ISATUXIMAB|700|2021-01-01|2021-01-01
1|ISATUXIMAB|700|2021-04-10|2021-04-10
2|CARFILZOMIB|40|2021-01-29|2021-02-20
2|ISATUXIMAB|700|2021-01-01|2021-01-01
3|POMALIDOMIDE|4|2021-01-30|2021-02-20
3|ISATUXIMAB|700|2021-01-01|2021-01-01
4|POMALIDOMIDE|4|2021-01-01|2021-02-20
4|CARFILZOMIB|40|2021-01-01|2021-02-20
4|ISATUXIMAB|700|2021-01-01|2021-01-01
5|ISATUXIMAB|0|2021-01-01|2021-01-01
6|ISATUXIMAB|700|2021-01-01|2021-01-01
6|ISATUXIMAB|700|2021-03-20|2021-03-20
"""
# of two next therapies of subject 6 in March, the one without a day is the 21st at the earliest, the day after the last
# dose; that of subject 3 was before isatuximab. Prior lines: (drug, line, end, best response, progression, refractory as reported); later therapy: (start, reason)
CM = """\
no|CMDECOD|CMCAT|CMGRPID|CMSTDTC|CMENDTC|BSTRESP|PDDTC|REFRFL|NTREAS
1|LENALIDOMIDE|PRIOR ANTI-MYELOMA THERAPY|1|2018-01-01|2020-06-01|PR|2020-07-31||
1|BORTEZOMIB|PRIOR ANTI-MYELOMA THERAPY|2|2018-01-01|2020-06-01|PR|2020-08-01|Y|
1|DARATUMUMAB|PRIOR ANTI-MYELOMA THERAPY|3|2018-01-01|2020-06-01|SD|||
1|MELPHALAN|SUBSEQUENT ANTI-MYELOMA THERAPY||2021-04||||| TOXICITY
2|BORTEZOMIB|PRIOR ANTI-MYELOMA THERAPY|1|2018-01-01|2020-06-01|MR|2020-05-01||
2|LENALIDOMIDE|PRIOR ANTI-MYELOMA THERAPY|1|2018-01-01|2020-06-01|MR|2020-05-01||
2|DARATUMUMAB|PRIOR ANTI-MYELOMA THERAPY|2|2018-01-01|2020-06-01|||Y|
2|X|SUBSEQUENT ANTI-MYELOMA THERAPY||2021-01-01||||| WRONG
2|Y|SUBSEQUENT ANTI-MYELOMA THERAPY||2021-05-03||||| PROGRESSIVE DISEASE
3|LENALIDOMIDE|PRIOR ANTI-MYELOMA THERAPY|1|2018-01-01|2020-06-01||||
3|OLDER|SUBSEQUENT ANTI-MYELOMA THERAPY||2020||||| WRONG
4|LENALIDOMIDE|PRIOR ANTI-MYELOMA THERAPY|1|2018-01-01|2020-06|PR||N|
6|PARTIAL|SUBSEQUENT ANTI-MYELOMA THERAPY||2021-03||||| WRONG
6|COMPLETE|SUBSEQUENT ANTI-MYELOMA THERAPY||2021-03-15||||| TOXICITY
"""
LB = """\
no|LBTESTCD|LBSPEC|LBSTRESN|LBSTNRHI|LBNRIND|LBDTC
1|B2MICG|SERUM|3.4|||2020-12-20
1|B2MICG|SERUM|9.9|||2021-01-02
1|ALB|SERUM|3.5|||2021-01-01
1|LDH|SERUM|250|250||2020-12-20
1|CREAT|SERUM|1|||2020-12-20
1|MCPROT|SERUM|2|||2020-12-20
2|B2MICG|SERUM|5.5|||2020-12-20
2|LDH|SERUM|251|250||2020-12-20
2|CREAT|SERUM|1.5|||2020-12-20
3|B2MICG|SERUM|3.5|||2020-12-20
3|MCPROT|SERUM|2|||2020-12-20
4|B2MICG|SERUM|3.4|||2020-12-20
4|ALB|SERUM|3.4|||2020-12-20
4|HGB|BLOOD|10|||2021-03-05
4|HGB|BLOOD|10|||2021-03-20
6|B2MICG|SERUM|3.4|||2020-12-20
4|LDH|SERUM|||HIGH|2020-12-30
6|LDH|SERUM|300|250|HIGH|2020-12-20
5|LDH|SERUM|300|250|HIGH|2020-12-20
"""
# subject 3 as SDTM of an earlier version has it: the abnormality in the test code
GF = """\
no|GFTESTCD|GFGENLOC|GFSTRESC
1|CPNUMVAR|17p|NEGATIVE
1|SEQREAR|t(4;14)|NEGATIVE
1|SEQREAR|t(14;16)|NEGATIVE
1|CPNUMVAR|1q|NEGATIVE
2|CPNUMVAR|17p|POSITIVE
2|CPNUMAMP|1q|POSITIVE
2|CPNUMVAR|1q|NEGATIVE
3|DEL17P||NEGATIVE
3|T414||NEGATIVE
"""
MH = "no|MHCAT|CHARLSON\n1|COMORBIDITY|10\n1|COMORBIDITY|14\n1|COMORBIDITY|14\n2|COMORBIDITY|1\n"
RS = """\
no|RSTESTCD|RSSTRESC|RSSTRESN|RSDTC
1|OVRLRESP|PR||2021-02-01
1|ECOG101|1|1|2020-12-20
2|OVRLRESP|PR||2021-01-01
2|ECOG101|0|0|2020-12-20
3|OVRLRESP|PR||2021-02-01
3|ECOG101|2|2|2020-12-20
4|ECOG101|0|0|2021-01-05
6|ECOG101|3|3|2020-12-20
"""
DS = """\
no|DSDECOD|DSSCAT|DSSTDTC
1|LAST CONTACT||2021-05-12
1|PROGRESSIVE DISEASE|STUDY TREATMENT|2021-04-12
2|LAST CONTACT||2021-04-01
"""
# a contact that found the subject alive counts; the news of a death and a search do not
SS = """\
no|SSTESTCD|SSSTRESC|SSDTC
1|SURVSTAT|DEAD|2021-05-20
6|SURVSTAT|ALIVE|2021-06-02
6|SURVSTAT|ALIVE|2021-09-02
6|SURVSTAT|UNKNOWN|2021-12-01
"""
IE = "no|IETESTCD\n3|INCL01\n"
FA = "no|FATESTCD|FASTRESC\n2|EXTRAMED|Y\n"
# worked out by hand
EXPECTED = """\
variable|1|2|3|4|5|6
TRT01A|ISA-PD|ISA-KD|ISA-OTHER|ISA-OTHER||ISA-OTHER
TRTSDT|2021-01-01|2021-01-01|2021-01-01|2021-01-01||2021-01-01
TRTEDT|2021-04-10|2021-01-01|2021-01-01|2021-01-01||2021-03-20
TRTDURD|100|1|1|1||79
REGION1|EUROPE|JAPAN|NORTH AMERICA|LATIN AMERICA|ASIA|NORTH AMERICA
AGEGR1|>=75|<65|65-74|>=75|<65|>=75
AGEGR2|>=75|<75|<75|>=75|<75|>=75
EXPPRED|0|59|0|0||0
SAFFL|Y|Y|Y|Y|N|Y
EFFFL|Y|Y|N|Y|N|Y
RESPFL|Y|N|N|N|N|N
LSTALVDT|2021-05-12|2021-05-03|2021-02-20|2021-03-05|2021-01-01|2021-09-02
DTHDT|2021-05-12|2021-06-01||2021-03-10||
DTHDTF|D|D||||
NACTDT|2021-04-11|2021-05-03||||2021-03-15
NACTDTF|D|||||
NTRTREAS|TOXICITY|PROGRESSIVE DISEASE||||TOXICITY
EOTSTT|DISCONTINUED|ONGOING|ONGOING|ONGOING||ONGOING
DCTREAS|PROGRESSIVE DISEASE|||||
ISS|I|III|II|II|UNKNOWN|UNKNOWN
CYTORISK|STANDARD|HIGH|UNKNOWN|UNKNOWN|UNKNOWN|UNKNOWN
LDHBLIND|NORMAL|HIGH||HIGH||HIGH
LDHBL|250|251||||300
RISS|I|III|II|II|UNKNOWN|II
GAIN1QFL|N|Y||||
R2ISS|I|IV|UNKNOWN|UNKNOWN|UNKNOWN|UNKNOWN
R2ISSPT|0|||||
EMDFL|N|Y|N|N|N|N
NPRLINES|3|2|1|1|0|0
LINEGR1|3|2|1|1||
LENREFFL|Y|Y|N|N|N|N
BORREFFL|N|Y|N|N|N|N
PIREFFL|N|Y|N|N|N|N
IMDREFFL|Y|Y|N|N|N|N
CD38RFFL|Y|Y|N|N|N|N
DBLREFFL|N|Y|N|N|N|N
TRPREFFL|N|Y|N|N|N|N
PENREFFL|N|N|N|N|N|N
ECOGBL|1|0|2|||3
ECOGGR1|1|0|>=2|||>=2
CHARLSON|3|1|0|0|0|0
CHARLGR1|>1|<=1|<=1|<=1|<=1|<=1
FRAILSCR|3|0|2|||2
FRAILGR1|FRAIL|NON-FRAIL|FRAIL|UNKNOWN|UNKNOWN|FRAIL
RENALGR1|>=60|<60||||
RENALGR2|>=60|30-59||||
"""


def table(text: str) -> list[dict[str, str]]:
    head, *lines = [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()]
    return [dict(zip(head, line, strict=True)) for line in lines]


def write(folder: Path, name: str, text: str, numbers: tuple[str, ...] = (), qualifiers: tuple[str, ...] = ()) -> None:
    """A domain of these lines as XPT, with --SEQ; qualifiers go to SUPP--."""
    records, supplemental, seen = [], [], {}
    for line in table(text):
        subject = f"OBS16577-{line.pop('no')}"
        seen[subject] = seen.get(subject, 0) + 1
        for q in qualifiers:
            if value := line.pop(q):
                supplemental.append({
                    "STUDYID": "OBS16577", "RDOMAIN": name, "USUBJID": subject, "IDVAR": f"{name}SEQ",
                    "IDVARVAL": str(seen[subject]), "QNAM": q, "QLABEL": q, "QVAL": value, "QORIG": "CRF", "QEVAL": "",
                })  # fmt: skip
        typed = {k: (float(v) if v else float("nan")) if k in numbers else v for k, v in line.items()}
        number = {} if name == "DM" else {f"{name}SEQ": float(seen[subject])}
        records.append({"STUDYID": "OBS16577", "DOMAIN": name, "USUBJID": subject, **number, **typed})
    for dataset, rows in ((name, records), (f"SUPP{name}", supplemental)):
        if rows:
            path = folder / f"{dataset.lower()}.xpt"
            pyreadstat.write_xport(pd.DataFrame(rows), str(path), table_name=dataset, file_format_version=5)


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    root = tmp_path_factory.mktemp("adsl")
    shutil.copytree(PACK, root / "study", ignore=shutil.ignore_patterns("checks", "analyses"))
    for spec in (root / "study" / "adam").glob("*.yaml"):
        if spec.stem not in ("adsl", "adprior"):
            spec.unlink()
    sdtm = root / "sdtm"
    sdtm.mkdir()
    write(sdtm, "DM", DM, ("AGE",))
    write(sdtm, "EX", EX, ("EXDOSE",))
    extra = "CMTRT"
    head, *lines = CM.splitlines()
    doubled = "\n".join([f"{head}|{extra}", *(f"{line}|{line.split('|')[1]}" for line in lines)])
    write(sdtm, "CM", doubled, (), ("BSTRESP", "PDDTC", "REFRFL", "NTREAS"))
    write(sdtm, "LB", LB, ("LBSTRESN", "LBSTNRHI"))
    write(sdtm, "GF", GF)
    write(sdtm, "MH", MH, (), ("CHARLSON",))
    write(sdtm, "RS", RS, ("RSSTRESN",))
    write(sdtm, "DS", DS)
    write(sdtm, "SS", SS)
    write(sdtm, "IE", IE)
    write(sdtm, "FA", FA)
    options = Options(only="adam", quality=False, report=False, raw_copy=False)
    done = AdamRun(str(root / "study"), sdtm, root / "out", options).execute()

    def read(name: str) -> pd.DataFrame:
        return pyreadstat.read_xport(str(root / "out" / "adam" / f"{name}.xpt"))[0]

    return read("adsl"), read("adprior"), done.findings.frame()


def shown(value: object) -> str:
    if value is None or value != value:
        return ""
    return f"{value:.12g}" if isinstance(value, float) else str(value)


@pytest.mark.parametrize("row", table(EXPECTED), ids=lambda row: row["variable"])
def test_a_variable_of_every_subject(built, row: dict[str, str]):
    expected = dict(row)
    name = expected.pop("variable")
    found = dict(zip(built[0]["USUBJID"].str[-1], map(shown, built[0][name]), strict=True))
    assert found == expected


def test_renal_function(built):
    """MDRD: 175 x 1.5^-1.154 x 64^-0.203 x 0.742; CKD-EPI 2021 of a man: 142 x (1/0.9)^-1.2 x 0.9938^76."""
    adsl = built[0].set_index(built[0]["USUBJID"].str[-1])
    assert adsl["EGFRMDRD"]["1"] == pytest.approx(72.65, abs=0.01)
    assert adsl["EGFRMDRD"]["2"] == pytest.approx(34.96, abs=0.01)
    assert adsl["EGFRCKD"]["1"] == pytest.approx(78.00, abs=0.01)
    assert adsl["EGFRCKD"]["2"] == pytest.approx(38.67, abs=0.01)


def test_refractory_to_each_drug_and_why(built):
    rows = built[1][["USUBJID", "CMDECOD", "REFRACFL", "REFREAS"]].to_numpy().tolist()
    assert [(u[-1], drug, flag, why.split()[0]) for u, drug, flag, why in rows] == [
        ("1", "LENALIDOMIDE", "Y", "PROGRESSION"),
        ("1", "BORTEZOMIB", "N", "RESPONSE"),
        ("1", "DARATUMUMAB", "Y", "NO"),
        ("2", "BORTEZOMIB", "Y", "PROGRESSION"),
        ("2", "LENALIDOMIDE", "Y", "PROGRESSION"),
        ("2", "DARATUMUMAB", "Y", "AS"),
        ("3", "LENALIDOMIDE", "", "NOT"),
        ("4", "LENALIDOMIDE", "N", "AS"),
    ]


def test_a_year_alone_of_a_death_is_reported(built):
    found = built[2]
    reported = found[(found["variable"] == "DTHDT") & (found["value"] == "2021")]
    assert reported["subject"].tolist() == ["OBS16577-3"]
