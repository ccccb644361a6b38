"""not_collected: a required variable without values has one note, its reason in define.xml and in the guide."""

import json

import pytest
from kit.command import raw2adam
from lxml import etree, html

REASON = "Adverse events are not coded in this registry."
FILES = {
    "study/study.yaml": "study: {id: S1, title: Small}\n"
    'subject: {columns: [SUBJ], usubjid: "{STUDYID}-{SUBJ:02}"}\n'
    "sources: {enrol: {file: enrol.csv}, ae: {file: ae.csv}}\n",
    "study/sdtm/dm.yaml": "dataset: DM\nrows: {source: enrol}\nvariables: {SEX: SEX, COUNTRY: {value: DEU}}\n",
    "study/sdtm/ae.yaml": "dataset: AE\nrows: {source: ae}\nvariables: {AETERM: TERM}\n"
    f"not_collected:\n  AEDECOD: {REASON}\n  AEBODSYS: {REASON}\n",
    "study/adam/adsl.yaml": "dataset: ADSL\nrows: {from: DM}\nvariables: {SEX: SEX}\n"
    "not_collected: {AGE: The registry does not ask the age.}\n",
    "raw/enrol.csv": "SUBJ,SEX\n01,F\n02,M\n",
    "raw/ae.csv": "SUBJ,TERM\n01,Headache\n02,Fever\n02,\n",
}


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    root = tmp_path_factory.mktemp("absent")
    for name, text in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    words = ("--raw", "raw", "--out", "out", "--as-of", "2022-01-31", "--no-quality", "--guides", "--fail-on", "never")
    done = raw2adam("build", "study", *words, cwd=root)
    assert done.returncode == 0, done.stderr
    return root / "out"


def test_its_findings_are_one_note_with_the_reason(out):
    found = json.loads((out / "reports" / "findings.json").read_text())["findings"]
    of = [f for f in found if f["dataset"] == "AE"]
    assert [(f["rule"], f["severity"], f["variable"], f["value"]) for f in of if f["variable"] != "AETERM"] == [
        ("R2A-SPEC-004", "note", "AEBODSYS", REASON),
        ("R2A-SPEC-004", "note", "AEDECOD", REASON),
    ]
    assert [f["rule"] for f in of if f["variable"] == "AETERM"] == ["R2A-CONF-001"]  # another variable stays an error
    (note,) = [f for f in of if f["variable"] == "AEDECOD"]
    assert note["message"].endswith(": 3")


def test_a_variable_of_an_analysis_dataset_is_there_without_values(out):
    found = json.loads((out / "reports" / "findings.json").read_text())["findings"]
    assert [(f["rule"], f["value"]) for f in found if (f["dataset"], f["variable"]) == ("ADSL", "AGE")] == [
        ("R2A-SPEC-004", "The registry does not ask the age.")
    ]
    tree = etree.parse(out / "adam" / "define.xml")
    (item,) = tree.xpath("//*[local-name()='ItemDef'][@Name='AGE']")
    assert item.xpath("./*[local-name()='Origin']/@Type") == ["Not Available"]
    (ref,) = tree.xpath("//*[local-name()='ItemRef'][@ItemOID='IT.ADSL.AGE']")
    assert ref.xpath("@*[local-name()='HasNoData']") == ["Yes"]


def test_define_xml_and_the_guide_have_the_reason(out):
    tree = etree.parse(out / "sdtm" / "define.xml")
    (item,) = tree.xpath("//*[local-name()='ItemDef'][@Name='AEDECOD']")
    assert item.xpath("./*[local-name()='Origin']/@Type") == ["Not Available"]
    comment = item.xpath("@*[local-name()='CommentOID']")[0]
    (text,) = tree.xpath("//*[local-name()='CommentDef'][@OID=$o]//*[local-name()='TranslatedText']/text()", o=comment)
    assert text.startswith(REASON)
    (ref,) = tree.xpath("//*[local-name()='ItemRef'][@ItemOID='IT.AE.AEDECOD']")
    assert ref.get("Mandatory") == "No" and ref.xpath("@*[local-name()='HasNoData']") == ["Yes"]
    page = html.fromstring((out / "reports" / "csdrg.html").read_bytes())
    assert f"AEDECOD: {REASON}" in page.text_content()


def test_a_check_of_the_output_reads_the_reason_from_define_xml(out):
    done = raw2adam("check", out, "--rules", "R2A-CONF-001", "--format", "json")
    found = [(f["rule"], f["variable"]) for f in json.loads(done.stdout)["findings"]]
    assert found == [("R2A-CONF-001", "AETERM"), ("R2A-SPEC-004", "AEDECOD")]
