"""RELREC and CO: records that belong together, on tables written by hand."""

from __future__ import annotations

import pytest
from raw2adam.errors import SpecError

STUDY = """\
study: {id: S1}
subject: {columns: [SUBJ], usubjid: "{STUDYID}-{SUBJ:02}"}
dates: {formats: [yyyy-mm-dd]}
sources: {dm: {file: dm.csv}, ae: {file: ae.csv}, cm: {file: cm.csv}, old: {file: old.csv}, tu: {file: tu.csv}}
"""
DATASETS = {
    "dm": "dataset: DM\nrows: {source: dm}\nvariables: {SEX: {value: F}, COUNTRY: {value: DEU}}\n",
    "ae": """\
dataset: AE
rows: {source: ae}
variables: {AESPID: NO, AETERM: TERM, AEDECOD: TERM}
sort: [AETERM]
working: {REMARK: REMARK}
""",
    "cm": """\
dataset: CM
rows:
  - {source: old}
  - {source: cm, working: {AENO: AE_NO}}
variables: {CMTRT: DRUG}
""",
    "relrec": """\
dataset: RELREC
rows:
  - relate: {datasets: {AE: AESPID, CM: AENO}, id: AECM}
  - relate: {datasets: {TU: TULNKID, TR: TRLNKID}, id: TUTR, between: datasets}
""",
    "tu": "dataset: TU\nrows: {source: tu, where: KIND == 'TU'}\nvariables: {TUTESTCD: {value: TUMIDENT}, TULNKID: LESION, TUORRES: {value: TARGET}}\n",
    "tr": "dataset: TR\nrows: {source: tu, where: KIND == 'TR'}\nvariables: {TRTESTCD: {value: LDIAM}, TRLNKID: LESION, TRORRES: {value: '12'}}\n",
    "co": """\
dataset: CO
rows:
  - {from: AE, where: not missing(REMARK), variables: {RDOMAIN: {value: AE}, IDVAR: {value: AESEQ}, IDVARVAL: AESEQ, COVAL: REMARK}}
  - {source: dm, where: not missing(NOTE), variables: {COVAL: NOTE, COREF: {value: DEMOGRAPHY}}}
variables: {CODTC: null}
""",
}
FILES = {
    "dm.csv": "SUBJ,NOTE\n1,moved house\n2,\n3,\n",
    # numbers of the form are not those of AESEQ: Rash sorts behind Fever
    "ae.csv": "SUBJ,NO,TERM,REMARK\n1,1,Rash,itchy\n1,2,Fever,\n2,1,Rash,\n3,1,Rash,\n",
    "old.csv": "SUBJ,DRUG\n1,AA\n",
    "cm.csv": "SUBJ,DRUG,AE_NO\n1,B,1\n1,C,1\n1,D,2\n1,E,\n2,F,7\n3,G,2\n3,H,1\n",
    "tu.csv": "SUBJ,KIND,LESION\n1,TU,P1\n1,TR,P1\n2,TU,P1\n2,TR,P2\n3,TR,\n",
}


@pytest.mark.parametrize("partitions", [1, 3])
def test_related_records(tiny, partitions):
    study = tiny(FILES, STUDY, DATASETS, partitions)
    names = ("RDOMAIN", "USUBJID", "IDVAR", "IDVARVAL", "RELTYPE", "RELID")
    every = [tuple(r[n] for n in names) for r in study.data["RELREC"]]
    assert every[:2] == [("TR", "", "TRLNKID", "", "MANY", "TUTR"), ("TU", "", "TULNKID", "", "ONE", "TUTR")]
    assert sorted(every[2:], key=lambda r: (r[1], r[5], r[0], r[3])) == [
        ("AE", "S1-01", "AESEQ", "2", "", "AECM1"),
        ("CM", "S1-01", "CMSEQ", "2", "", "AECM1"),
        ("CM", "S1-01", "CMSEQ", "3", "", "AECM1"),
        ("AE", "S1-01", "AESEQ", "1", "", "AECM2"),
        ("CM", "S1-01", "CMSEQ", "4", "", "AECM2"),
        ("AE", "S1-03", "AESEQ", "1", "", "AECM1"),
        ("CM", "S1-03", "CMSEQ", "2", "", "AECM1"),
    ]
    assert study.values("CM", "CMTRT") == ["AA", "B", "C", "D", "E", "F", "G", "H"]
    assert "AENO" not in study.specs["CM"].names


def test_links_without_a_partner_are_findings_at_their_cells(tiny):
    study = tiny(FILES, STUDY, DATASETS)
    assert sorted(study.found("R2A-REL-001")) == [
        ("cm.csv", 5, "AE_NO", "7"),
        ("cm.csv", 6, "AE_NO", "2"),
        ("tu.csv", 4, "LESION", "P2"),
    ]
    table = study.findings[study.findings["rule"] == "R2A-REL-001"]
    assert sorted(zip(table["dataset"], table["subject"], strict=True)) == [
        ("CM", "S1-02"), ("CM", "S1-03"), ("TR", "S1-02"),
    ]  # fmt: skip


def test_a_record_is_related_where_the_other_dataset_has_its_link(tiny):
    """Subject 1 has the lesion P1 in TU, subject 2 another one, subject 3 has no link; with report: the link is a finding."""
    tr = DATASETS["tr"] + "working: {KNOWN: {related: TU.TULNKID, link: LESION, report: true}}\n"
    tr = tr.replace("variables: {", "variables: {TREVAL: {from: KNOWN, codelist: none}, ")
    study = tiny(FILES, STUDY, {n: DATASETS[n] for n in ("dm", "tu")} | {"tr": tr})
    assert study.values("TR", "TREVAL") == ["Y", "N", ""]
    assert study.found("R2A-REL-001") == [("tu.csv", 4, "LESION", "P2")]


@pytest.mark.parametrize("partitions", [1, 3])
def test_comments_name_their_records(tiny, partitions):
    study = tiny(FILES, STUDY, DATASETS, partitions)
    names = ("RDOMAIN", "USUBJID", "COSEQ", "IDVAR", "IDVARVAL", "COREF", "COVAL")
    assert [tuple(r[n] for n in names) for r in study.data["CO"]] == [
        ("", "S1-01", 1.0, "", "", "DEMOGRAPHY", "moved house"),
        ("AE", "S1-01", 2.0, "AESEQ", "2", "", "itchy"),
    ]


def test_mistakes_of_a_relation_are_reported(spec_problems):
    def problems(old: str, new: str) -> str:
        changed = {**DATASETS, "relrec": DATASETS["relrec"].replace(old, new, 1)}
        return "\n".join(str(p) for p in spec_problems(STUDY, changed))

    assert "there is no dataset 'CN'" in problems("CM: AENO", "CN: AENO")
    assert "a relation needs two datasets" in problems("AE: AESPID, CM: AENO", "AE: AESPID")
    assert "TS is not one of datasets:" in problems("between: datasets", "between: datasets, types: {TS: ONE}")
    elsewhere = {**DATASETS, "co": "dataset: CO\nrows: {relate: {datasets: {AE: AESPID, CM: AENO}, id: X}}\n"}
    assert "relate: is for the dataset RELREC" in "\n".join(str(p) for p in spec_problems(STUDY, elsewhere))


def test_a_link_that_is_not_there_is_reported_at_its_line(tiny):
    wrong = {**DATASETS, "relrec": DATASETS["relrec"].replace("AENO", "AENR")}
    with pytest.raises(SpecError) as error:
        tiny(FILES, STUDY, wrong)
    places = {(p.place.file, p.place.line) for p in error.value.problems}
    assert places == {("sdtm/relrec.yaml", 3)}
    assert "'CM.AENR'" in str(error.value)


def test_a_working_variable_needs_another_name(spec_problems):
    again = {**DATASETS, "ae": DATASETS["ae"].replace("working: {REMARK", "working: {AETERM")}
    assert "a working variable needs another name" in "\n".join(str(p) for p in spec_problems(STUDY, again))


def test_a_row_for_each_of_several_texts(tiny):
    each = "dataset: CM\nrows: {source: old, each: {PART: [a, b]}}\nvariables: {CMTRT: DRUG, CMCAT: PART}\n"
    study = tiny(FILES, STUDY, {"dm": DATASETS["dm"], "cm": each})
    assert [(r["CMTRT"], r["CMCAT"]) for r in study.data["CM"]] == [("AA", "a"), ("AA", "b")]
    assert study.lineage["CM"].rows["item"].tolist() == [0, 1]
