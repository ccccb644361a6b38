"""Documents of define.xml: leafs, the annotated CRF, supplements, pages of collected variables, comments."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from kit.command import raw2adam
from kit.define_sample import AE, DM, STUDY
from raw2adam.define.checks import unresolved_leaves, xsd_problems
from raw2adam.define.content import DocumentReference, Leaf, PageReference
from raw2adam.define.document import DefineDataset, define_xml
from raw2adam.define.documents import DefineDocument
from raw2adam.define.reading import read_define
from raw2adam.define.standards import guide
from raw2adam.mappings.facts.document_pages import DocumentPages, together

PDF = "%PDF-1.7\n"
STUDY_YAML = """\
study:
  id: S1
  title: A small study
  comments: {sdtm: Data of three years., sdtmig: {text: See the guide., document: csdrg, pages: [Sec_4, 3]}}
subject: {columns: [SUBJ], usubjid: "{STUDYID}-{SUBJ:02}"}
documents:
  acrf: {file: acrf.pdf, title: Annotated CRF, role: crf}
  csdrg: {file: csdrg.pdf, title: Reviewer's Guide, of: sdtm}
sources:
  enrol: {file: enrol.csv, crf: [4, 6-7]}
  ae:
    file: ae.csv
    split: {TIMES: "{START}/{END}"}
    crf: {pages: 12, columns: {GRADE: [AE_GRADE, 13], TIMES: 14, REL: []}}
  vendor: {file: vendor.csv, origin: Vendor}
codelists:
  SEV: {label: Severity, terms: {MILD: "", MODERATE: ""}, comment: {text: Two grades., document: acrf, pages: 13}}
"""
DM_YAML = """\
dataset: DM
comment: {text: One record per subject., document: csdrg}
rows: {source: enrol, join: {source: vendor}}
variables:
  SEX: SEX
  AGE: vendor.AGE
  COUNTRY: {value: DEU}
"""
AE_YAML = """\
dataset: AE
rows:
  - source: ae
    where: GRADE == '1'
    variables: {AETERM: TERM}
  - source: ae
    where: GRADE != '1'
    variables: {AETERM: {value: OTHER}}
variables:
  AEDECOD: {from: TERM, comment: As collected.}
  AESEV: {from: GRADE, map: {1: MILD, 2: MODERATE}, codelist: SEV}
  AESTDTC: {date: START}
  AEREL: REL
supplemental:
  NOTE: {from: REMARK, label: Remark}
"""
ADSL_YAML = """\
dataset: ADSL
rows: {from: DM}
variables:
  SEX: {from: SEX, comment: {text: As on the CRF., document: acrf, pages: 4}}
"""
SEX_YAML = """\
display: T-SEX
name: Table 1
description: Subjects
results:
  COUNT:
    description: Number of women
    reason: SPECIFIED IN SAP
    purpose: EXPLORATORY OUTCOME MEASURE
    datasets: [{dataset: ADSL, where: SEX == 'F', variables: [SEX]}]
"""
FILES = {
    "study/study.yaml": STUDY_YAML,
    "study/sdtm/dm.yaml": DM_YAML,
    "study/sdtm/ae.yaml": AE_YAML,
    "study/adam/adsl.yaml": ADSL_YAML,
    "study/analyses/sex.yaml": SEX_YAML,
    "study/acrf.pdf": PDF,
    "docs/csdrg.pdf": PDF + "guide",
    "raw/enrol.csv": "SUBJ,SEX\n01,F\n02,M\n03,F\n",
    "raw/ae.csv": "SUBJ,TERM,GRADE,TIMES,REL,REMARK\n"
    "01,Headache,1,2021-02-05/2021-02-06,Y,mild\n02,Fever,2,2021-02-06/2021-02-07,N,short\n",
    "raw/vendor.csv": "SUBJ,AGE\n01,41\n02,52\n03,63\n",
}


def write(folder: Path, **changed: str) -> None:
    for name, text in {**FILES, **changed}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


def built(folder: Path, *words: str, code: int = 0, pages: bool = False) -> Path:
    out = folder / "out"
    done = raw2adam(
        "build", folder / "study", "--raw", folder / "raw", "--out", out, "--as-of", "2021-06-01", "--no-quality",
        "--fail-on", "never", *words, pages=pages,
    )  # fmt: skip
    assert done.returncode == code, done.stderr
    return out


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    folder = tmp_path_factory.mktemp("documents")
    write(folder)
    return built(folder, "--documents", str(folder / "docs"), pages=True)


def content(out: Path, kind: str = "sdtm"):
    return read_define((out / kind / "define.xml").read_bytes())


def origins(out: Path, dataset: str) -> dict[str, tuple]:
    (found,) = [d for d in content(out).datasets if d.name == dataset]
    return {i.name: tuple((o.type, o.source, o.documents) for o in i.origins) for i in found.items}


def crf(*pages: PageReference) -> tuple[DocumentReference, ...]:
    return (DocumentReference("LF.DOC.acrf", pages),)


def numbered(pages: str) -> PageReference:
    return PageReference("PhysicalRef", pages)


def test_the_documents_are_listed_and_lie_beside_define(out):
    sdtm, adam = content(out), content(out, "adam")
    assert sdtm.crf == (DocumentReference("LF.DOC.acrf"),)
    assert sdtm.supplements == (DocumentReference("LF.DOC.csdrg"),)
    assert list(sdtm.leaves.values()) == [
        Leaf("LF.DOC.acrf", "acrf.pdf", "Annotated CRF"), Leaf("LF.DOC.csdrg", "csdrg.pdf", "Reviewer's Guide"),
    ]  # fmt: skip
    assert (out / "sdtm" / "csdrg.pdf").read_bytes() == b"%PDF-1.7\nguide"
    # ADaM lists none of them, and a comment refers to the CRF
    assert (adam.crf, adam.supplements) == ((), ())
    assert list(adam.leaves) == ["LF.DOC.acrf"]
    assert (out / "adam" / "acrf.pdf").is_file()
    assert not (out / "adam" / "csdrg.pdf").exists()


def test_both_files_are_valid_and_every_leaf_is_there(out):
    for kind in ("sdtm", "adam"):
        xml = (out / kind / "define.xml").read_bytes()
        assert xsd_problems(xml) == []
        assert unresolved_leaves(xml, out / kind) == []


def test_a_collected_variable_has_the_pages_of_its_columns(out):
    assert origins(out, "DM")["SEX"] == (("Collected", "Investigator", crf(numbered("4 6 7"))),)
    ae = origins(out, "AE")
    grade = (numbered("13"), PageReference("NamedDestination", "AE_GRADE"))
    assert ae["AESEV"] == (("Collected", "Investigator", crf(*grade)),)
    assert ae["AESTDTC"] == (("Collected", "Investigator", crf(numbered("14"))),)  # a part of TIMES
    assert ae["AEDECOD"] == (("Collected", "Investigator", crf(numbered("12"))),)


def test_a_column_that_is_not_on_the_crf_has_no_page(out):
    assert origins(out, "AE")["AEREL"] == (("Collected", "Investigator", ()),)
    assert origins(out, "DM")["AGE"] == (("Collected", "Vendor", ()),)  # its source, the vendor's, has no crf:


def test_a_block_with_a_constant_adds_no_page(out):
    assert origins(out, "AE")["AETERM"] == (
        ("Collected", "Investigator", crf(numbered("12"))),
        ("Assigned", "Sponsor", ()),
    )


def test_a_supplemental_qualifier_has_the_page_of_its_column(out):
    found = content(out)
    (suppae,) = [d for d in found.datasets if d.name == "SUPPAE"]
    (qval,) = [i for i in suppae.items if i.name == "QVAL"]
    (note,) = found.value_lists[qval.value_list]
    assert [o.documents for o in (*qval.origins, *note.origins)] == [crf(numbered("12"))] * 2


def test_comments_of_datasets_variables_codelists_and_standards(out):
    found = content(out)
    by_dataset = {d.name: d for d in found.datasets}

    def comment(oid: str) -> tuple[str, tuple]:
        return found.comments[oid].text, found.comments[oid].documents

    assert comment(by_dataset["DM"].comment) == ("One record per subject.", (DocumentReference("LF.DOC.csdrg"),))
    (decod,) = [i for i in by_dataset["AE"].items if i.name == "AEDECOD"]
    assert comment(decod.comment) == ("As collected.", ())
    (severity,) = [c for c in found.codelists.values() if c.name == "Severity"]
    assert comment(severity.comment) == ("Two grades.", crf(numbered("13")))
    (sdtmig,) = [s for s in found.standards.values() if s.name == "SDTMIG"]
    pages = (numbered("3"), PageReference("NamedDestination", "Sec_4"))
    assert comment(found.version_comment) == ("Data of three years.", ())
    assert comment(sdtmig.comment) == ("See the guide.", (DocumentReference("LF.DOC.csdrg", pages),))


def test_the_page_links_to_the_pages_of_the_crf(out):
    page = (out / "sdtm" / "define.html").read_text("utf-8")
    for link in ('href="acrf.pdf"', 'href="acrf.pdf#page=12"', 'href="acrf.pdf#AE_GRADE"', 'href="csdrg.pdf#page=3"'):
        assert link in page, link


def test_the_manifest_has_the_documents_that_were_read(out):
    manifest = json.loads((out / "manifest.json").read_text("utf-8"))
    assert {n for n in manifest["inputs"] if n.startswith("documents/")} == {
        "documents/acrf.pdf", "documents/csdrg.pdf",
    }  # fmt: skip
    assert raw2adam("verify", out).returncode == 0


def test_partitions_give_the_same_bytes(tmp_path, out):
    write(tmp_path)
    again = built(tmp_path, "--documents", str(tmp_path / "docs"), "--partitions", "3")
    assert (again / "sdtm" / "define.xml").read_bytes() == (out / "sdtm" / "define.xml").read_bytes()


def test_a_document_without_a_usable_file_is_reported_and_not_named(tmp_path):
    """One that is absent, one that is empty, one that is no PDF."""
    guide = "  csdrg: {file: csdrg.pdf, title: Reviewer's Guide, of: sdtm}\n"
    others = "".join(f"  {name}: {{file: {name}.pdf, title: Text, of: sdtm}}\n" for name in ("blank", "page"))
    assert guide in STUDY_YAML
    study = STUDY_YAML.replace(guide, guide + others)
    write(tmp_path, **{"study/study.yaml": study, "study/blank.pdf": "", "study/page.pdf": "<html>"})
    result = built(tmp_path)
    found = json.loads((result / "reports" / "findings.json").read_text("utf-8"))
    rows = [f for f in found["findings"] if f["rule"] == "R2A-DOC-001"]
    assert {f["source"]["file"]: (f["severity"], f["message"]) for f in rows} == {
        "csdrg.pdf": ("error", "define.xml does not name the document csdrg: the study folder does not have it"),
        "blank.pdf": ("error", "define.xml does not name the document blank: the file is empty"),
        "page.pdf": ("error", "define.xml does not name the document page: the file is no PDF"),
    }
    assert len(rows) == 3
    sdtm = content(result)
    assert (sdtm.supplements, list(sdtm.leaves)) == ((), ["LF.DOC.acrf"])
    xml = (result / "sdtm" / "define.xml").read_text("utf-8")
    for name in ("csdrg", "blank", "page"):
        assert f"LF.DOC.{name}" not in xml
        assert not (result / "sdtm" / f"{name}.pdf").exists()
    assert raw2adam("verify", result).returncode == 0


def test_without_documents_nothing_is_written(tmp_path):
    study = STUDY_YAML.split("documents:")[0].split("  comments")[0] + (
        'subject: {columns: [SUBJ], usubjid: "{STUDYID}-{SUBJ:02}"}\nsources: {enrol: {file: enrol.csv}}\n'
    )
    write(tmp_path, **{"study/study.yaml": study, "study/sdtm/dm.yaml": "dataset: DM\nrows: {source: enrol}\n"
                       "variables: {SEX: SEX, COUNTRY: {value: DEU}}\n", "study/adam/adsl.yaml": "dataset: ADSL\nrows: {from: DM}\n"})  # fmt: skip
    (tmp_path / "study" / "sdtm" / "ae.yaml").unlink()
    (tmp_path / "study" / "analyses" / "sex.yaml").unlink()
    xml = (built(tmp_path) / "sdtm" / "define.xml").read_text("utf-8")
    assert not [w for w in ("DocumentRef", "AnnotatedCRF", "SupplementalDoc", "LF.DOC") if w in xml]


def test_a_document_that_nothing_refers_to_has_no_leaf_unless_it_is_listed():
    documents = (
        DefineDocument("a", "a.pdf", "A", "supplement", listed=False),
        DefineDocument("b", "b.pdf", "B", "supplement", listed=False),
    )
    study = replace(STUDY, documents=documents, comments={guide("SDTMIG", "3.4"): ("See B.", (DocumentPages("b"),))})
    xml = define_xml(study, [DefineDataset(AE, 1, {}, "ae.xpt"), DefineDataset(DM, 1, {}, "dm.xpt")])
    assert xsd_problems(xml) == []
    assert list(read_define(xml).leaves) == ["LF.DOC.b"]


def test_hostile_titles_and_comments_are_escaped():
    text = "<b>&\"'\u00e9</b>"
    documents = (DefineDocument("a", "a.pdf", text, "crf"),)
    study = replace(STUDY, documents=documents, comments={guide("SDTMIG", "3.4"): (text, (DocumentPages("a", (1,)),))})
    found = read_define(define_xml(study, [DefineDataset(DM, 1, {}, "dm.xpt")]))
    assert [leaf.title for leaf in found.leaves.values()] == [text]
    assert [c.text for c in found.comments.values()] == [text]


def test_pages_of_several_parts_are_joined():
    parts = [DocumentPages("b", (3, 1)), DocumentPages("a", (), ("X",)), DocumentPages("b", (2, 3), ("Y",))]
    assert together(parts) == (DocumentPages("a", (), ("X",)), DocumentPages("b", (1, 2, 3), ("Y",)))
    assert together([]) == ()


@pytest.mark.parametrize("kind", ["sdtm", "adam"])
def test_an_independent_reader_loads_define_xml_and_finds_no_dangling_oid(out, kind):
    from odmlib import define_loader, loader
    from odmlib.oid_generator import create_oid_checker

    reader = loader.ODMLoader(define_loader.XMLDefineLoader("define_2_1", "http://www.cdisc.org/ns/def/v2.1"))
    reader.open_odm_document(str(out / kind / "define.xml"))
    odm, checker = reader.load_odm(), create_oid_checker("define_2_1")
    odm.verify_oids(checker)  # raises an error for an OID that is there twice
    assert checker.check_oid_refs()  # raises an error for a reference that leads nowhere
    # standards without a list here, and the reader does not know the analyses, which have the where clause
    of_define = "STD.CT.DEFINE-XML.2026-03-27"
    unused = {"sdtm": [of_define], "adam": ["STD.CT.ADaM.2026-03-27", of_define, "WC.ADSL.F"]}
    assert sorted(odm.unreferenced_oids(checker)) == unused[kind]
    assert {i.OID for i in odm.Study.MetaDataVersion.ItemDef} == {
        i.oid for c in [content(out, kind)] for d in c.datasets for i in d.items
    } | {i.oid for c in [content(out, kind)] for items in c.value_lists.values() for i in items}
