"""A study on top of an organisation's layer, and value-level metadata down to define.xml, through the installed command."""

from __future__ import annotations

from pathlib import Path

import pytest
from kit.command import raw2adam

ORGANISATION = {
    "study.yaml": """\
subject: {columns: [SITE, SUBJ], usubjid: "{STUDYID}-{SITE}-{SUBJ}"}
dates: {formats: [dd/mm/yyyy]}
""",
    "sdtm/dm.yaml": """\
dataset: DM
rows: {source: dm}
variables:
  RFSTDTC: {date: FIRST}
  SEX: SEX
  COUNTRY: {value: FRA}
  ARMCD: {value: A}
  ARM: {value: A}
  ACTARMCD: {value: A}
  ACTARM: {value: A}
""",
}
STUDY = {
    "study.yaml": """\
parents: [org]
study: {id: LAYERS, as_of: 2026-01-01}
sources:
  dm: {file: dm.csv}
  vs: {file: vs.csv}
""",
    "sdtm/dm.yaml": """\
dataset: DM
variables:
  COUNTRY: {value: DEU}
""",
    "sdtm/vs.yaml": """\
dataset: VS
rows:
  source: vs
  unpivot:
    SYSBP: {result: SYS, unit: mmHg}
    WEIGHT: {result: KG, unit: kg}
variables:
  VSSTRESC: {from: RESULT}
  VSSTRESN: {from: RESULT}
  VSSTRESU: {from: UNIT}
  VSDTC: {date: DAY}
values:
  - {where: VSTESTCD == 'WEIGHT', variable: VSSTRESN, type: float, digits: 1}
  - {where: VSTESTCD == 'SYSBP', variable: VSSTRESN, type: integer}
""",
}
RAW = {
    "dm.csv": "SITE,SUBJ,FIRST,SEX\n1,001,02/03/2024,F\n",
    "vs.csv": "SITE,SUBJ,DAY,SYS,KG\n1,001,01/03/2024,120,71.5\n1,001,02/03/2024,,72\n",
}


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("layers")
    files = {f"study/{n}": t for n, t in STUDY.items()} | {f"study/org/{n}": t for n, t in ORGANISATION.items()}
    for name, text in {**files, **{f"raw/{n}": t for n, t in RAW.items()}}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    folders = "--raw", root / "raw", "--out", root / "out"
    done = raw2adam("build", root / "study", *folders, "--no-quality", "--fail-on", "never", pages=False)
    assert done.returncode == 0, done.stderr
    return root / "out"


def test_the_study_wins_over_its_parent(out: Path) -> None:
    import pyreadstat

    dm, _ = pyreadstat.read_xport(str(out / "sdtm" / "dm.xpt"))
    assert dm[["USUBJID", "COUNTRY", "SEX", "RFSTDTC"]].values.tolist() == [["LAYERS-1-001", "DEU", "F", "2024-03-02"]]


def test_an_unpivoted_form(out: Path) -> None:
    import pyreadstat

    vs, _ = pyreadstat.read_xport(str(out / "sdtm" / "vs.xpt"))
    names = ["VSSEQ", "VSTESTCD", "VSTEST", "VSORRES", "VSORRESU", "VSSTRESN", "VSDTC", "VSDY"]
    assert vs[names].values.tolist() == [
        [1, "SYSBP", "Systolic Blood Pressure", "120", "mmHg", 120, "2024-03-01", -1],
        [2, "WEIGHT", "Weight", "71.5", "kg", 71.5, "2024-03-01", -1],
        [3, "WEIGHT", "Weight", "72", "kg", 72, "2024-03-02", 1],
    ]


def test_value_level_metadata(out: Path) -> None:
    from lxml import etree

    tree = etree.parse(out / "sdtm" / "define.xml")
    spaces = {"o": "http://www.cdisc.org/ns/odm/v1.3", "d": "http://www.cdisc.org/ns/def/v2.1"}
    lists = {v.get("OID"): v for v in tree.findall(".//d:ValueListDef", spaces)}
    assert set(lists) == {f"VL.VS.VS{name}" for name in ("ORRES", "ORRESU", "STRESC", "STRESN", "STRESU")}
    items = {i.get("OID"): i for i in tree.findall(".//o:ItemDef", spaces)}
    types = [items[r.get("ItemOID")].get("DataType") for r in lists["VL.VS.VSSTRESN"].findall("o:ItemRef", spaces)]
    assert sorted(types) == ["float", "integer"]
    checks = tree.findall(".//d:WhereClauseDef/o:RangeCheck/o:CheckValue", spaces)
    assert sorted(c.text for c in checks) == ["SYSBP", "WEIGHT"]
