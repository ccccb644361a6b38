"""Values from other records: first, last, lookup, count, any, and the cut of a number into groups."""

from __future__ import annotations

import pytest
from raw2adam.errors import SpecError

DM = """\
dataset: DM
rows: {source: dm}
sort: [SOURCE]
variables:
  SEX: {value: U}
  COUNTRY: {value: DEU}
"""
EX = (
    "dataset: EX\nrows: {source: ex}\nvariables:\n  EXTRT: TRT\n  EXDOSE: DOSE\n  EXDOSU: {value: mg}\n  EXSTDTC: DAY\n"
)
FILES = {
    "dm.csv": "SUBJ,SITE\n2,B\n1,A\n3,\n",
    "ex.csv": "SUBJ,TRT,DOSE,DAY,NO\n"
    "1,ISA,0,2020-03-01,3\n1,ISA,10,2020-03-08,2\n1,POM,4,,1\n2,ISA,10,2020-05-02,1\n2,ISA,10,2020-05-02,2\n2,POM,,2020-04,3\n",
    "site.csv": "SITE,NAME\nA,Aachen\nB,Bonn\nB,Basel\n",
}
SOURCES = "sources:\n  dm: {file: dm.csv}\n  ex: {file: ex.csv}\n  site: {file: site.csv, subject: none}\n"


def dm(tiny, rule: str, variable: str = "DMDTC"):
    return tiny(FILES, SOURCES, {"dm": DM + f"  {variable}: {rule}\n", "ex": EX})


@pytest.mark.parametrize(
    ("rule", "subjects_1_2_3"),
    [
        ("{first: EX.EXSTDTC}", ["2020-03-01", "2020-04", ""]),
        ("{last: EX.EXSTDTC}", ["2020-03-08", "2020-05-02", ""]),
        ("{first: EX.EXSTDTC, where: EXDOSE > 0}", ["2020-03-08", "2020-05-02", ""]),
        ("{first: EX.EXTRT, where: EXDOSE > 100}", ["", "", ""]),
        ("{first: ex.TRT, order: [NO]}", ["POM", "ISA", ""]),
        ("{last: ex.TRT, order: [NO]}", ["ISA", "POM", ""]),
        ("{first: ex.TRT, order: [-NO]}", ["ISA", "POM", ""]),
        ("{first: ex.DAY, order: [NO]}", ["2020-03-08", "2020-05-02", ""]),
        ("{any: EX, where: EXTRT == 'POM' and missing(EXSTDTC)}", ["Y", "N", "N"]),
        ("{any: EX, yes: DOSED, no: ''}", ["DOSED", "DOSED", ""]),
        ("{first: EX.EXSTDTC, when: \"SITE == 'B'\"}", ["", "2020-04", ""]),
    ],
)
def test_by_subject(tiny, rule: str, subjects_1_2_3: list[str]):
    assert dm(tiny, rule).values("DM", "DMDTC") == subjects_1_2_3


def test_a_count(tiny):
    assert dm(tiny, "{count: EX}", "AGE").values("DM", "AGE") == [3.0, 3.0, 0.0]
    assert dm(tiny, "{count: EX, where: EXDOSE > 0}", "AGE").values("DM", "AGE") == [2.0, 2.0, 0.0]


def test_a_condition_may_compare_with_the_subjects_own_record(tiny):
    rule = "{count: EX, where: 'EXSTDTC > DM.RFSTDTC', label: Later Doses, type: integer}"
    study = tiny(FILES, SOURCES, {"dm": DM + f"  RFSTDTC: {{value: '2020-04-15'}}\n  NLATER: {rule}\n", "ex": EX})
    assert study.values("DM", "NLATER") == [0.0, 2.0, 0.0]


def test_a_lookup_of_a_repeated_key_takes_the_first_by_its_values_and_reports_the_record(tiny):
    study = dm(tiny, "{lookup: site.NAME, on: [SITE]}")
    assert study.values("DM", "DMDTC") == ["Aachen", "Basel", ""]
    assert study.found("R2A-JOIN-002") == [("dm.csv", 1, "", "")]
    assert study.findings["subject"][study.findings["rule"] == "R2A-JOIN-002"].tolist() == ["S1-02"]


def test_a_lookup_by_a_key_of_another_name(tiny):
    files = {**FILES, "site.csv": "NO,NAME\nA,Aachen\n"}
    study = tiny(files, SOURCES, {"dm": DM + "  DMDTC: {lookup: site.NAME, on: {SITE: NO}}\n"})
    assert study.values("DM", "DMDTC") == ["Aachen", "", ""]
    assert study.found("R2A-JOIN-002") == []


def test_rows_of_other_subjects_never_match(tiny):
    files = {"dm.csv": "SUBJ,KEY\n1,k\n2,k\n", "ex.csv": "SUBJ,KEY,NAME\n1,k,one\n"}
    study = tiny(files, "", {"dm": DM + "  DMDTC: {lookup: ex.NAME, on: [KEY]}\n  AGE: {count: ex, on: [KEY]}\n"})
    assert study.values("DM", "DMDTC") == ["one", ""]
    assert study.values("DM", "AGE") == [1.0, 0.0]


def test_a_date_may_be_taken_as_a_number(tiny):
    adsl = (
        "dataset: ADSL\nrows: {from: DM}\nvariables:\n"
        "  TRTSDT: {first: EX.EXSTDTC, as: date}\n  TRTEDT: {last: EX.EXSTDTC, as: date}\n"
    )
    study = tiny(FILES, SOURCES, {"dm": DM, "ex": EX, "adsl": adsl})
    assert study.values("ADSL", "TRTSDT") == [21975.0, None, None]  # 1 March 2020; April 2020 has no day
    assert study.values("ADSL", "TRTEDT") == [21982.0, 22037.0, None]


def test_keys_that_are_missing_everywhere(tiny):
    files = {"dm.csv": "SUBJ,KEY\n1,\n", "ex.csv": "SUBJ,KEY\n1,\n"}
    rules = "  AGE: {count: ex, on: [KEY]}\n  DMDTC: {any: ex, on: [KEY]}\n  RFSTDTC: {lookup: ex.KEY, on: [KEY]}\n"
    study = tiny(files, "", {"dm": DM + rules})
    assert (study.values("DM", "AGE"), study.values("DM", "DMDTC")) == ([0.0], ["N"])


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("{lookup: site.NAME}", "site has no column 'USUBJID'"),
        ("{lookup: site.NAM, on: [SITE]}", "there is no column or variable 'site.NAM'"),
        ("{lookup: site.NAME, on: {SITE: NUM}}", "site has no column 'NUM'"),
        ("{first: EY.EXSTDTC}", "EY"),
        ("{first: EX.EXSTDTX}", "EXSTDTX"),
    ],
)
def test_tables_and_columns_that_are_not_there(tiny, rule: str, words: str):
    with pytest.raises(SpecError, match=words) as error:
        dm(tiny, rule)
    assert (error.value.problems[0].place.line, error.value.problems[0].dataset) == (7, "DM")


def test_the_lower_bound_belongs_to_the_group(tiny):
    rule = "{cut: NUMBER, groups: {'<65': [null, 65], '65-74': [65, 75], '>=75': [75, null]}}"
    files = {"dm.csv": "SUBJ,NUMBER\n1,64.9\n2,65\n3,75\n4,\n5,x\n"}
    study = tiny(files, "", {"dm": DM + f"  DMDTC: {rule}\n"})
    assert study.values("DM", "DMDTC") == ["<65", "65-74", ">=75", "", ""]
