"""ADAE of the shipped study over hand-made events: dates, emergence, retrospective events, occurrence flags, bad input.

docs/adam-dates.md and docs/adae.md have the rules. Cut-off 2021-12-31. Subjects:

1 on treatment 2021-03-10 to 2021-05-11, consent 2021-03-01, alive
2 exposed before consent: first dose 2021-02-01, consent 2021-03-15, still on treatment
3 deceased, with a waiver: doses 2021-02-01 to 2021-04-01, died 2021-05-10
4 never treated, consent 2021-03-01
"""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest
import raw2adam
import yaml
from kit.packs import study_yaml
from kit.together import Cases

PACK = Path(raw2adam.__file__).parent / "mappings" / "obs16577"
SUBJECTS = """\
SUBJ,FIRST,LAST,ICF,WAIVER,DEATH,EOT
1,2021-03-10,2021-05-11,2021-03-01,N,,DISCONTINUED
2,2021-02-01,2021-11-01,2021-03-15,N,,ONGOING
3,2021-02-01,2021-04-01,,Y,2021-05-10,DISCONTINUED
4,,,2021-03-01,N,,
"""
ADSL = """\
dataset: ADSL
rows: {from: DM}
core: [TRT01A, TRTSDT, TRTEDT, SAFFL]
variables:
  TRTSDT: {lookup: dm.FIRST, as: date}
  TRTEDT: {lookup: dm.LAST, as: date}
  RFICDT: {lookup: dm.ICF, as: date, label: Date of Informed Consent}
  WAIVERFL: {lookup: dm.WAIVER, label: Consent Waiver Flag}
  DTHDT: {lookup: dm.DEATH, as: date}
  DTHFL: {cases: [{when: not missing(DTHDT), value: "Y"}]}
  EOTSTT: {lookup: dm.EOT}
  TRT01A: {value: ISA-PD, when: not missing(TRTSDT)}
  SAFFL: {cases: [{when: not missing(TRTSDT), value: "Y"}, {value: "N"}]}
"""
COLUMNS = "SUBJ,NO,ST,EN,PT,SOC,GRADE,SER,ISA,IRR"


CASES = Cases(mark="", digits=1)


def of(events: str):
    """Decorator: the test sees these events of a study that all tests share, with subjects 1 to 4 of each."""
    return CASES.rows({"dm.csv": SUBJECTS, "ae.csv": f"{COLUMNS}\n{events}"})


def build(tiny, files: dict[str, str], partitions: int = 1):
    """ADAE of the pack; AE reads its dates without a change, so that bad ones reach it too."""
    study = study_yaml("obs16577")
    head = {
        "study": {"id": "S", "cutoff": "2021-12-31"},
        "subject": {"columns": ["SUBJ"], "usubjid": "{SUBJ}"},
        "sources": {"dm": {"file": "dm.csv"}, "ae": {"file": "ae.csv"}},
        "codelists": study["codelists"],
    }
    dm = "dataset: DM\nrows: {source: dm}\nvariables:\n  SEX: {value: F}\n  COUNTRY: {value: DEU}\ncutoff: none\n"
    dtc = {"AESTDTC": "ST", "AEENDTC": "EN"}
    plain = {"AESPID": "NO", "AEDECOD": "PT", "AEBODSYS": "SOC", "AESOC": "SOC", "AESER": "SER", "AETOXGR": "GRADE"}
    constant = {"AETERM": "x", "AEACN": "DOSE NOT CHANGED", "AEOUT": "UNKNOWN", "AEREL": "RELATED", "AEENRTPT": ""}
    constant |= dict.fromkeys(("AESCONG", "AESDISAB", "AESDTH", "AESHOSP", "AESLIFE", "AESMIE"), "")
    ae = {
        "dataset": "AE",
        "rows": {"source": "ae"},
        "sort": ["SOURCE"],
        "variables": {**dtc, **plain, **{k: {"value": v} for k, v in constant.items()}},
        "supplemental": {
            "RELISA": {"label": "Relationship to Isatuximab", "from": "ISA"},
            "RELCOMB": {"label": "Relationship to Combination Drugs", "from": "ISA"},
            "AEIRR": {"label": "Infusion Reaction", "from": "IRR"},
        },
        "cutoff": "none",
    }
    return tiny(
        files,
        yaml.safe_dump(head, allow_unicode=True, sort_keys=False),
        {
            "dm": dm,
            "ae": yaml.safe_dump(ae, sort_keys=False),
            "adsl": ADSL,
            "adae": (PACK / "adam" / "adae.yaml").read_text("utf-8"),
        },
        partitions,
    )


@pytest.fixture(scope="module")
def whole(tiny):
    return build(tiny, CASES.files())


@pytest.fixture
def study(whole, request):
    return CASES.alone(whole, request.node.originalname)


def shown(value: object) -> object:
    """A numeric date in ISO 8601."""
    if value is None or isinstance(value, str):
        return value or ""
    assert isinstance(value, float)
    return (datetime.date(1960, 1, 1) + datetime.timedelta(days=value)).isoformat()


def reported(study, family: str) -> list[tuple[str, ...]]:
    found = study.findings[study.findings["rule"].str.startswith(family)]
    return sorted(found[["rule", "subject", "variable", "value"]].itertuples(index=False, name=None))


DATES = """\
1,1,2021-03-09,2021-03-20,A,S,1,N,,N
1,2,2021-03,2021-03,A,S,1,N,,N
1,3,2021-03,2021-03-09,A,S,1,N,,N
1,4,2021,,A,S,1,N,,N
1,5,,2021,A,S,1,N,,N
2,1,2021-03-14,2021-03-15,A,S,1,N,,N
2,2,2021-12-30,2021-12,A,S,1,N,,N
3,1,2021-05-01,2021-05,A,S,5,Y,,N
4,1,2021-03-02,2021-03-03,A,S,1,N,,N
"""


@of(DATES)
def test_dates_days_and_emergence(study):
    got = [
        (
            r["USUBJID"], r["AESPID"], shown(r["ASTDT"]), r["ASTDTF"], shown(r["AENDT"]), r["AENDTF"],
            r["ASTDY"], r["AENDY"], r["ADURN"], r["ADURU"], r["TRTEMFL"], r["RETROFL"], r["ANL01FL"],
        )
        for r in sorted(study.data["ADAE"], key=lambda r: (r["USUBJID"], r["AESPID"]))
    ]  # fmt: skip
    assert got == [
        ("1", "1", "2021-03-09", "", "2021-03-20", "", -1, 11, 12, "DAYS", "", "", ""),
        ("1", "2", "2021-03-10", "D", "2021-03-31", "D", 1, 22, 22, "DAYS", "Y", "", "Y"),
        ("1", "3", "2021-03-01", "D", "2021-03-09", "", -9, -1, 9, "DAYS", "", "", ""),  # over before the first dose
        ("1", "4", "2021-03-10", "M", "", "", 1, None, None, "", "Y", "", "Y"),
        ("1", "5", "", "", "2021-12-31", "M", None, 297, None, "", "Y", "", "Y"),
        ("2", "1", "2021-03-14", "", "2021-03-15", "", 42, 43, 2, "DAYS", "Y", "Y", "Y"),  # a day before consent
        ("2", "2", "2021-12-30", "", "2021-12-31", "D", 333, 333 + 1, 2, "DAYS", "Y", "", "Y"),  # ongoing: no limit
        ("3", "1", "2021-05-01", "", "2021-05-10", "D", 90, 99, 10, "DAYS", "Y", "Y", "Y"),  # capped at death, waiver
        ("4", "1", "2021-03-02", "", "2021-03-03", "", None, None, 2, "DAYS", "", "", ""),  # never treated
    ]
    assert reported(study, "R2A-AE") == [("R2A-AE-001", "4", "TRTEMFL", "2021-03-02")]
    assert reported(study, "R2A-IMP") == []
    assert [r["TRT01A"] for r in study.data["ADAE"]] == ["ISA-PD"] * 8 + [""]


FLAGGED = """\
1,1,2021-03-01,,Rash,Skin,4,Y,RELATED,N
1,2,2021-03-12,,Rash,Skin,1,N,NOT RELATED,N
1,3,2021-03-11,,Fever,General,2,N,NOT RELATED,Y
1,4,2021-03-11,,Chills,General,3,N,RELATED,Y
1,5,,,Fever,General,3,Y,RELATED,N
1,6,2021-04-01,,Rash,Skin,1,N,RELATED,N
2,1,2021-03-01,,Rash,Skin,7,N,,N
2,2,2021-03-02,,Rash,Skin,2,N,,N
2,3,2021-03-03,,Rash,Skin,2,N,,N
"""


@of(FLAGGED)
def test_occurrence_flags(study):
    """Among emergent events; of equal starts the lower AESEQ, an event without a start last; grades only 1 to 5."""
    names = ("1ST", "S", "P", "I", "SI", "PI", "01", "02", "03", "04")
    got = {
        f"{r['USUBJID']}.{r['AESPID']}": " ".join(n for n in names if r[f"AOCC{n.removeprefix('1ST')}FL"])
        for r in study.data["ADAE"]
    }
    assert got == {
        "1.1": "",  # before the first dose: grade 4 and serious, and never flagged
        "1.2": "S P SI PI",  # of two of grade 1 the earlier
        "1.3": "1ST S P 03",  # begins on the day of 1.4 and comes before it
        "1.4": "P I SI PI 02 04",
        "1.5": "PI 01",  # no start: behind the others, but the worst fever and the only serious event
        "1.6": "",
        "2.1": "1ST S P",  # a grade of 7 is no grade
        "2.2": "I SI PI",
        "2.3": "",
    }


@of(FLAGGED)
def test_grades_and_groups(study):
    got = [(r["AETOXGR"], r["AETOXGRN"], r["TOXGGR1"], r["TOXGGR1N"]) for r in study.data["ADAE"]]
    assert sorted(set(got), key=str) == [
        ("1", 1.0, "GRADE 1-2", 1.0),
        ("2", 2.0, "GRADE 1-2", 1.0),
        ("3", 3.0, "GRADE >=3", 2.0),
        ("4", 4.0, "GRADE >=3", 2.0),
        ("7", None, "", None),
    ]
    assert [f for f in reported(study, "R2A-CT") if f[2] == "AETOXGR"] == [("R2A-CT-001", "2", "AETOXGR", "7")]


BAD = """\
1,1,2021-04-10,2021-04-01,A,S,1,N,,N
1,2,2021-04-10,2021-03,A,S,1,N,,N
1,3,2021-02-30,2021-04-01,A,S,1,N,,N
3,1,2021-05-11,2021-05-20,A,S,1,N,,N
3,2,2021-06,2021-07,A,S,1,N,,N
"""


@of(BAD)
def test_bad_input_is_reported_and_gives_no_wrong_number(study):
    """An end before its start, a day that is none, events after death."""
    got = {
        f"{r['USUBJID']}.{r['AESPID']}": (shown(r["ASTDT"]), shown(r["AENDT"]), r["ADURN"]) for r in study.data["ADAE"]
    }
    assert got == {
        "1.1": ("2021-04-10", "2021-04-01", None),  # as collected, no duration
        "1.2": ("2021-04-10", "2021-04-10", 1),  # an imputed end is never before the start
        "1.3": ("", "2021-04-01", None),
        "3.1": ("2021-05-11", "2021-05-20", 10),
        "3.2": ("2021-06-01", "2021-06-01", 1),  # capped at death, then never before the start
    }
    assert reported(study, "R2A-IMP") == [
        ("R2A-IMP-003", "3", "AENDT", "2021-05-20"),
        ("R2A-IMP-003", "3", "AENDT", "2021-07"),
        ("R2A-IMP-003", "3", "ASTDT", "2021-05-11"),
        ("R2A-IMP-003", "3", "ASTDT", "2021-06"),
        ("R2A-IMP-004", "1", "AENDT", "2021-03"),
        ("R2A-IMP-004", "1", "AENDT", "2021-04-01"),
        ("R2A-IMP-005", "1", "ASTDT", "2021-02-30"),
    ]


def test_neither_partitions_nor_the_order_of_rows_matter(tiny, whole):
    """AESEQ follows the raw rows here, so only rows of different subjects change places. The events of all tests."""
    files = CASES.files()
    header, *lines = files["ae.csv"].splitlines(keepends=True)
    other = header + "".join(sorted(lines, key=lambda line: -int(line.partition(",")[0])))
    assert build(tiny, {**files, "ae.csv": other}, partitions=3).data["ADAE"] == whole.data["ADAE"]


def test_every_event_of_sdtm_is_there_and_labels_fit(whole):
    assert len(whole.data["ADAE"]) == len(whole.data["AE"]) == 9 + 9 + 9 + 5
    assert {(r["USUBJID"], r["AESEQ"]) for r in whole.data["ADAE"]} == {
        (r["USUBJID"], r["AESEQ"]) for r in whole.data["AE"]
    }
    for variable in whole.specs["ADAE"].variables:
        assert len(variable.name) <= 8
        assert 0 < len(variable.label) <= 40
