"""External dictionaries of define.xml: of a codelist of the study, of a variable, of a standard, of a copy in ADaM."""

from __future__ import annotations

from pathlib import Path

import pytest
from kit.command import raw2adam
from raw2adam.define.checks import xsd_problems
from raw2adam.define.reading import read_define

STUDY = """\
study: {id: S1, title: A small study}
subject: {columns: [SUBJ], usubjid: "{STUDYID}-{SUBJ:02}"}
sources: {enrol: {file: enrol.csv}, ae: {file: ae.csv}}
codelists:
  EVENTS:
    label: Terms of adverse events
    dictionary: {name: MedDRA, version: "27.1", href: "https://www.meddra.org/"}
    comment: Coded by the sponsor.
"""
DM = """\
dataset: DM
rows: {source: enrol}
variables: {SEX: SEX, COUNTRY: COUNTRY}
"""
AE = """\
dataset: AE
rows: {source: ae}
variables:
  AETERM: TERM
  AEDECOD: {from: PT, codelist: EVENTS}
  AEPTCD: {from: CODE, codelist: EVENTS}
supplemental:
  SUBST: {from: UNII, label: Substance, dictionary: {name: UNII, version: 2025-01}}
"""
ADSL = "dataset: ADSL\nrows: {from: DM}\nvariables: {COUNTRY: COUNTRY}\n"
ADAE = """\
dataset: ADAE
class: OCCURRENCE DATA STRUCTURE
label: Adverse Events
structure: One record per event
rows: {from: AE}
keys: [STUDYID, USUBJID, AESEQ]
variables: {AESEQ: AESEQ, AEDECOD: AEDECOD, AETERM: AETERM}
"""
FILES = {
    "study/study.yaml": STUDY, "study/sdtm/dm.yaml": DM, "study/sdtm/ae.yaml": AE, "study/adam/adsl.yaml": ADSL,
    "study/adam/adae.yaml": ADAE, "raw/enrol.csv": "SUBJ,SEX,COUNTRY\n01,F,DEU\n",
    "raw/ae.csv": "SUBJ,TERM,PT,CODE,UNII\n01,head ache,Headache,10019211,R16CO5Y76E\n",
}  # fmt: skip


@pytest.fixture(scope="module")
def defined(tmp_path_factory):
    folder: Path = tmp_path_factory.mktemp("dictionaries")
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    done = raw2adam(
        "build", folder / "study", "--raw", folder / "raw", "--out", folder / "out", "--as-of", "2021-06-01",
        "--no-quality", "--fail-on", "never", pages=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    xml = {kind: (folder / "out" / kind / "define.xml").read_bytes() for kind in ("sdtm", "adam")}
    assert [xsd_problems(x) for x in xml.values()] == [[], []]
    return {kind: read_define(x) for kind, x in xml.items()}


def dictionary(content, dataset: str, name: str) -> tuple[str, str, str, str, str]:
    """Name of the codelist, its data type, and dictionary, version and address."""
    (item,) = [i for d in content.datasets if d.name == dataset for i in d.items if i.name == name]
    found = content.codelists[item.codelist]
    assert found.terms == ()
    return found.name, found.data_type, found.dictionary, found.dictionary_version, found.dictionary_href


def test_a_codelist_of_the_study_is_a_dictionary_for_texts_and_for_codes(defined):
    address = "https://www.meddra.org/"
    assert dictionary(defined["sdtm"], "AE", "AEDECOD") == (
        "Terms of adverse events", "text", "MedDRA", "27.1", address,
    )  # fmt: skip
    assert dictionary(defined["sdtm"], "AE", "AEPTCD")[1:] == ("integer", "MedDRA", "27.1", address)


def test_a_comment_on_a_dictionary_is_that_of_its_codelist(defined):
    sdtm = defined["sdtm"]
    comments = {sdtm.comments[c.comment].text for c in sdtm.codelists.values() if c.dictionary == "MedDRA"}
    assert comments == {"Coded by the sponsor."}


def test_the_dictionary_of_a_qualifier_is_in_its_value_list(defined):
    sdtm = defined["sdtm"]
    (qval,) = [i for d in sdtm.datasets if d.name == "SUPPAE" for i in d.items if i.name == "QVAL"]
    (value,) = sdtm.value_lists[qval.value_list]
    found = sdtm.codelists[value.codelist]
    assert (found.name, found.dictionary, found.dictionary_version, found.dictionary_href) == (
        "UNII", "UNII", "2025-01", "",
    )  # fmt: skip


def test_countries_are_of_iso_3166(defined):
    expected = ("ISO 3166-1 alpha-3", "text", "ISO 3166", "ISO 3166-1:2020")
    assert dictionary(defined["sdtm"], "DM", "COUNTRY")[:4] == expected
    assert dictionary(defined["adam"], "ADSL", "COUNTRY")[:4] == expected


def test_a_copy_in_adam_has_the_dictionary_of_its_predecessor(defined):
    assert dictionary(defined["adam"], "ADAE", "AEDECOD")[2:4] == ("MedDRA", "27.1")
