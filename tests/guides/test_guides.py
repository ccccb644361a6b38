"""The drafts of the reviewer's guides: sections, figures of the run, texts of the team, links, the same bytes."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from kit.command import no_pages, raw2adam
from lxml import html
from raw2adam.guides.counts import Group, count_dataset
from raw2adam.guides.document import Bullets, Code, Guide, Link, Paragraph, Section, Table, ToWrite, missing_lines
from raw2adam.guides.page import page_bytes
from raw2adam.guides.word import word_bytes
from raw2adam.transport.read_xpt import read_xpt
from raw2adam.validation.reports.run_head import RunHead

HOSTILE = "<script>alert(1)</script>&\x1b"
STUDY = """\
study:
  id: S1
  title: A small study
  cutoff: 2021-06-30
subject: {columns: [SUBJ], usubjid: "{STUDYID}-{SUBJ:02}"}
documents:
  csdrg: {file: csdrg.docx, title: Reviewer's Guide, generated: csdrg}
codelists:
  ROUTE: {label: Route, extends: ROUTE, terms: {BY HAND: By hand of the nurse}}
guide:
  acronyms: {ABC: "<script>alert(1)</script>&"}
  protocol_design: |
    Two visits. Überprüft.

    One arm.
  sdtm:
    datasets: {AE: Events of both visits.}
  explanations:
    - {rule: R2A-CT-001, text: The list is closed., places: [AE]}
sources:
  enrol: {file: enrol.csv}
  ae: {file: ae.csv}
"""
FILES = {
    "study/study.yaml": STUDY,
    "study/sdtm/dm.yaml": "dataset: DM\nrows: {source: enrol}\nvariables: {RFSTDTC: {date: START}, SEX: SEX, AGE: AGE, COUNTRY: {value: DEU}}\n",
    "study/sdtm/ae.yaml": """\
dataset: AE
rows: {source: ae, where: TERM != 'none'}
variables:
  AETERM: TERM
  AEDECOD: TERM
  AESTDTC: {date: START}
  AESER: {from: SER, codelist: NY}
supplemental:
  NOTE: {from: REMARK, label: Remark of the Site}
""",
    "study/adam/adsl.yaml": """\
dataset: ADSL
rows: {from: DM}
variables:
  TRTSDT: {analysis_date: RFSTDTC}
  SAFFL: {cases: [{when: not missing(TRTSDT), value: "Y"}, {value: "N"}]}
""",
    "study/adam/adtte.yaml": """\
dataset: ADTTE
class: TTE
parameters:
  TTAE:
    PARAM: Time to First Event (days)
    population: SAFFL == 'Y'
    start: ADSL.TRTSDT
    options: {GAP: 5}
    dates: {LASTDT: {from: ADSL, date: TRTSDT, CNSDTDSC: FIRST DOSE}}
    events:
      - {from: AE, where: AETERM == 'Headache', date: AESTDTC, EVNTDESC: EVENT}
    censor:
      - {at: LASTDT, CNSR: 1, EVNTDESC: NO EVENT}
""",
    "study/findings.yaml": """\
findings:
  - rule: R2A-ROW-*
    source: ae
    value: none
    disposition: explained
    explanation: "<b>Not</b> an event."
    by: J. Doe
    on: 2021-07-01
  - rule: R2A-CT-001
    disposition: fixed in source
    by: J. Doe
    on: 2021-07-01
""",
    "raw/enrol.csv": "SUBJ,START,SEX,AGE\n01,2021-02-01,F,40\n02,2021-02-02,M,50\n03,2021-02-03,F,60\n",
    "raw/ae.csv": "SUBJ,TERM,START,SER,REMARK\n"
    "01,Headache,2021-02-05,Q,mild\n01,Cough,2021-02-09,N,\n02,none,,,\n03,Fever,2021-08-01,Y,late\n",
}


def built(folder: Path, *words: object) -> Path:
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    out = folder / "out"
    done = raw2adam(
        "build", folder / "study", "--out", out, "--as-of", "2021-07-01", "--no-quality", "--fail-on", "never",
        *(words or ("--raw", folder / "raw")), "--guides",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return out


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    return built(tmp_path_factory.mktemp("guides"))


class Read:
    """A guide as a reader sees it, from its page: sections, and the tables by caption."""

    def __init__(self, data: bytes):
        self.tree = html.fromstring(data)
        self.headings = [h.text_content() for h in self.tree.xpath("//main//h2|//main//h3|//main//h4")]
        self.text = " ".join(self.tree.xpath("//main")[0].text_content().split())

    def table(self, caption: str) -> list[list[str]]:
        (found,) = self.tree.xpath("//table[caption=$c]", c=caption)
        rows = found.xpath("./tbody/tr")
        return [[" ".join(c.text_content().split()) for c in r.xpath("./th|./td")] for r in rows]


@pytest.fixture(scope="module")
def sdtm(out):
    return Read((out / "reports" / "csdrg.html").read_bytes())


@pytest.fixture(scope="module")
def adam(out):
    return Read((out / "reports" / "adrg.html").read_bytes())


def test_sections_are_in_the_order_of_the_templates(sdtm, adam):
    assert sdtm.headings == [
        "1 Introduction", "1.1 Purpose", "1.2 Acronyms", "1.3 Study Data Standards and Dictionary Inventory",
        "2 Protocol Description", "2.1 Protocol Number and Title", "2.2 Protocol Design", "2.3 Trial Design Datasets",
        "3 Subject Data Description", "3.1 Overview", "3.2 Annotated CRFs", "3.3 SDTM Subject Domains",
        "3.3.1 DM - Demographics", "3.3.2 AE - Adverse Events", "3.4 Supplemental Qualifiers",
        "3.5 Sponsor-Extended Terminology", "3.6 Split Datasets",
        "4 Data Conformance Summary", "4.1 Conformance Inputs", "4.2 Issues Summary",
        "4.3 Additional Conformance Details",
        "Appendix I: Inclusion and Exclusion Criteria", "Appendix II: Conformance Issues Details",
    ]  # fmt: skip
    assert adam.headings == [
        "1 Introduction", "1.1 Purpose", "1.2 Acronyms", "1.3 Study Data Standards and Dictionary Inventory",
        "1.4 Source Data Used for Analysis Dataset Creation",
        "2 Protocol Description", "2.1 Protocol Number and Title", "2.2 Protocol Design in Relation to ADaM Concepts",
        "3 Analysis Considerations Related to Multiple Analysis Datasets", "3.1 Core Variables",
        "3.2 Treatment Variables", "3.3 Subject Issues that Require Special Analysis Rules",
        "3.4 Use of Visit Windowing, Unscheduled Visits, and Record Selection", "3.5 Imputation and Derivation Methods",
        "4 Analysis Data Creation and Processing Issues", "4.1 Split Datasets", "4.2 Data Dependencies",
        "4.3 Intermediate Datasets",
        "5 Analysis Dataset Descriptions", "5.1 Overview", "5.2 Analysis Datasets",
        "5.2.1 ADSL - Subject-Level Analysis Dataset", "5.2.2 ADTTE - Time-to-Event Analysis Dataset",
        "6 Data Conformance Summary", "6.1 Conformance Inputs", "6.2 Issues Summary",
        "7 Submission of Programs", "7.1 Description", "7.2 ADaM Programs", "7.3 Analysis Output Programs",
    ]  # fmt: skip


def test_datasets_have_the_counts_of_their_files(sdtm, adam):
    rows = [(r[0], r[4], *r[7:]) for r in sdtm.table("Subject datasets")]
    assert rows == [("DM", "", "3", "3"), ("AE", "yes", "2", "1"), ("SUPPAE", "", "1", "1")]
    assert [(r[0], *r[5:]) for r in adam.table("Analysis datasets")] == [("ADSL", "3", "3"), ("ADTTE", "3", "3")]
    assert sdtm.table("Supplemental qualifiers") == [
        ["SUPPAE", "NOTE", "Remark of the Site", "Collected (Investigator)", "1", "1"]
    ]


def test_rows_of_the_sources_and_the_cut_off_are_accounted_for(sdtm):
    assert sdtm.table("Collected rows by outcome") == [
        ["ae", "ae.csv", "4", "2", "1", "1", "0", "0"],
        ["enrol", "enrol.csv", "3", "3", "0", "0", "0", "0"],
        ["All", "", "7", "5", "1", "1", "0", "0"],
    ]
    assert "The data cut-off is 2021-06-30." in sdtm.text
    assert sdtm.table("Records that the data cut-off concerns") == [
        ["AE", "after the cut-off", "it starts after the cut-off and is excluded", "1"]
    ]


def test_a_time_to_event_has_its_population_events_and_censoring(adam):
    assert adam.table("Times to event") == [
        ["TTAE", "Time to First Event (days)", "SAFFL equals 'Y'", "ADSL.TRTSDT", "1", "2"]
    ]
    assert adam.table("Events and censoring") == [
        ["TTAE", "0", "EVENT", "AE.AESTDTC", "AETERM equals 'Headache'", "1"],
        ["TTAE", "1", "NO EVENT", "ADSL.TRTSDT (FIRST DOSE)", "", "2"],
    ]
    assert "In conditions GAP is 5." in adam.text


def test_dependencies_and_analysis_sets_come_from_the_rules(adam):
    assert adam.table("Data dependencies") == [["ADSL", "", "DM"], ["ADTTE", "ADSL", "AE"]]
    (safety,) = [r for r in adam.table("Analysis sets") if r[0] == "SAFFL"]
    assert safety == [
        "SAFFL", "Safety Population Flag", "SAFFL is 'Y' if TRTSDT is not missing; 'N' otherwise.", "3"
    ]  # fmt: skip


def test_an_explanation_stands_beside_its_findings_and_a_missing_text_is_marked(sdtm):
    (row,) = [r for r in sdtm.table("Findings on SDTM datasets") if r[0] == "R2A-CT-001"]
    assert row[3:] == ["AE", "1", "The list is closed."]  # it is there, whatever its entry calls it
    assert not [r for r in sdtm.table("Findings on collected data") if r[0].startswith("R2A-DISP")]
    (row,) = [r for r in sdtm.table("Findings on collected data") if r[0] == "R2A-ROW-001"]
    assert row[3:] == ["ae.csv", "1", "<b>Not</b> an event."]  # of findings.yaml
    marked = sdtm.tree.xpath("//mark")
    (count,) = sdtm.tree.xpath("//div[@class='draft']/p/b")
    assert count.text_content() == f"This is a draft. {len(marked)} texts are to be written by the team:"
    keys = [k.text_content().rpartition(" ")[2] for k in sdtm.tree.xpath("//div[@class='draft']//li")]
    assert keys[:3] == ["(guide.protocol_versions)", "(guide.sdtm.not_submitted)", "(guide.sdtm.crf)"]
    assert "Two visits. Überprüft." in sdtm.text and "(guide.protocol_design)" not in sdtm.text
    assert "Events of both visits." in sdtm.text


def test_texts_never_become_markup_and_every_link_resolves(out, sdtm, adam):
    assert sdtm.table("Acronyms")[0] == ["ABC", "<script>alert(1)</script>&"]
    for page, where in ((sdtm, out / "reports"), (adam, out / "reports")):
        assert not page.tree.xpath("//main//script")
        for href in page.tree.xpath("//a/@href"):
            path, _, fragment = href.partition("#")
            target = where / path
            assert not path or target.is_file(), href
            if fragment and "=" not in fragment:
                there = html.fromstring(target.read_bytes()) if path else page.tree
                assert there.xpath("//*[@id=$i]", i=fragment), href


def test_the_word_document_has_the_same_sections_and_tables(out, sdtm):
    import docx

    document = docx.Document(str(out / "reports" / "csdrg.docx"))
    headings = [p.text for p in document.paragraphs if p.style.name.startswith("Heading")]
    assert headings == sdtm.headings
    tables = [[[c.text for c in row.cells] for row in t.rows] for t in document.tables]
    (found,) = [t for t in tables if t[0][:2] == ["Dataset", "QNAM"]]
    assert found[1:] == sdtm.table("Supplemental qualifiers")
    links = [r.target_ref for r in document.part.rels.values() if r.is_external]
    assert "../sdtm/define.html#dataset.IG.AE" in links and "findings.html" in links
    assert document.core_properties.created.isoformat().startswith("2021-07-01T00:00:00")


def test_only_the_variables_that_are_counted_are_read(out):
    read = read_xpt(out / "sdtm" / "ae.xpt", wanted=lambda name: name == "AETERM")
    assert [v.name for v in read.variables] == ["STUDYID", "AETERM"]
    assert count_dataset(out / "sdtm" / "suppae.xpt").by("QNAM") == [Group(("NOTE",), 1, 1)]
    times = count_dataset(out / "adam" / "adtte.xpt")
    assert times.by("PARAMCD", "CNSR", "EVNTDESC") == [
        Group(("TTAE", "0", "EVENT"), 1, 1), Group(("TTAE", "1", "NO EVENT"), 2, 2)
    ]  # fmt: skip
    assert times.by("QNAM") == [] and times.rows == () and (times.records, times.subjects) == (3, 3)


def test_define_names_the_draft_and_the_run_lists_it(out):
    assert "csdrg.docx" in (out / "sdtm" / "define.xml").read_text("utf-8")
    assert "csdrg.docx" not in (out / "adam" / "define.xml").read_text("utf-8")
    front = html.fromstring((out / "index.html").read_bytes())
    pages = front.xpath("//nav//a/@href")
    assert "reports/csdrg.html" in pages and "reports/adrg.html" in pages
    assert "../reports/adrg.html" in html.fromstring((out / "reports" / "findings.html").read_bytes()).xpath(
        "//nav//a/@href"
    )
    assert raw2adam("verify", out).returncode == 0


def test_partitions_do_not_change_the_bytes(out, tmp_path):
    again = built(tmp_path, "--raw", tmp_path / "raw", "--partitions", "3")
    for name in (
        "reports/csdrg.docx",
        "reports/csdrg.html",
        "reports/adrg.docx",
        "reports/adrg.html",
        "sdtm/csdrg.docx",
    ):
        assert (again / name).read_bytes() == (out / name).read_bytes(), name


def test_a_finished_folder_gives_the_same_guides_without_links(out, tmp_path):
    done = raw2adam("guide", out, "--to", tmp_path / "new", "--study", out.parent / "study")
    assert done.returncode == 0, done.stderr
    page = Read((tmp_path / "new" / "csdrg.html").read_bytes())
    assert page.text == Read((out / "reports" / "csdrg.html").read_bytes()).text
    assert not [h for h in page.tree.xpath("//a/@href") if not h.startswith("#")]
    assert sorted(p.name for p in (tmp_path / "new").iterdir()) == [
        "adrg.docx", "adrg.html", "csdrg.docx", "csdrg.html"
    ]  # fmt: skip


def test_adam_from_existing_sdtm_has_its_guide_alone(out, tmp_path):
    with no_pages(guides=True):
        again = built(tmp_path, "--only", "adam", "--sdtm", out / "sdtm")
    assert not (again / "sdtm").exists()
    page = Read((again / "reports" / "adrg.html").read_bytes())
    assert [(r[0], r[2]) for r in page.table("SDTM datasets read")] == [("AE", "2"), ("DM", "3"), ("SUPPAE", "1")]
    assert "6.3 Findings on the Source Data" in page.headings
    assert "The run began with finished SDTM: it reports records after the cut-off." in page.text


HEAD = RunHead(study="S1", title="", version="9", as_of="2021-07-01", cutoff="", command="", fingerprint="ab")
GUIDE = Guide(
    name="csdrg",
    title="Guide",
    study=HOSTILE,
    study_title="Ä 患者",
    facts=(("As of", "2021-07-01"),),
    sections=(
        Section("One", (Paragraph((HOSTILE, Code("a < b")), lead="Lead"),), (Section("Inner"),)),
        Section("Two", (Bullets(((ToWrite("guide.x", "a text"),),)), Table("T", ("A", "N"), (("Ä 患者\nb", 1234),)))),
        Section("Last", (Paragraph((Link("there", "reports/findings.html#place=a&rule=b"),)),), numbered=False),
    ),
)


def test_numbers_and_marks_of_a_guide():
    assert [(s.heading, s.depth) for s in GUIDE.numbered()] == [
        ("1 One", 1),
        ("1.1 Inner", 2),
        ("2 Two", 1),
        ("Last", 1),
    ]
    assert [(s.heading, t.ask) for s, t in GUIDE.to_write()] == [("2 Two", "a text")]
    assert replace(GUIDE, sections=()).numbered() == []
    several = Section("One", (Bullets(((ToWrite("k", "a"),), (ToWrite("k", "b"),), (ToWrite("x", "c"),))),))
    lines = [line for _, line in missing_lines(replace(GUIDE, sections=(several,)))]
    assert lines == ["2 texts, the first: a (k)", "c (x)"]


def test_hostile_and_foreign_letters_stay_text_in_both_files():
    import datetime as dt

    import docx

    def address(target: str) -> str:
        return f"../{target}"

    word = word_bytes(GUIDE, dt.datetime(2021, 7, 1), address)
    document = docx.Document(io.BytesIO(word))
    text = "\n".join(p.text for p in document.paragraphs)
    assert "<script>alert(1)</script>&\\x1b" in text and "To be written by the team: a text (guide.x)" in text
    assert document.tables[1].rows[1].cells[0].text == "Ä 患者\nb"
    assert document.tables[1].rows[1].cells[1].text == "1,234"
    with zipfile.ZipFile(io.BytesIO(word)) as archive:
        assert {i.date_time for i in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    page = html.fromstring(page_bytes(GUIDE, address, HEAD, "sdtm/csdrg.html"))
    assert not page.xpath("//main//script") and "<script>alert(1)</script>&\\x1b" in page.text_content()
    assert page.xpath("//a[.='there']/@href") == ["../reports/findings.html#place=a&rule=b"]
