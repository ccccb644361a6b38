"""Corrections of a specification in the specs of a study: which keys change, what is not applied, and why."""

from __future__ import annotations

import datetime as dt

import pytest
from kit.command import raw2adam
from raw2adam.define.reading import read_define
from raw2adam.mappings.loader import load_study
from raw2adam.runs.define_of_spec import define_of_spec
from raw2adam.runs.plan_study import plan_study
from raw2adam.specification.content_rows import specification_rows
from raw2adam.specification.workbook import specification_bytes

STUDY = """\
study: {id: S1, title: A study}
subject: {columns: [SUBJID], usubjid: "{STUDYID}-{SUBJID}"}
sources: {}
codelists:
  MINE: {label: Mine, terms: {A: First, B: Second}}
documents:
  acrf: {file: acrf.pdf, title: Annotated CRF, role: crf}
"""
AE = """\
# adverse events
dataset: AE
rows:
  - to_write: those of one form
    variables:
      AECAT: {to_write: a category, method: One., origin: {type: Derived, source: Sponsor}}
  - to_write: those of another form
    variables:
      AECAT: {to_write: another category, method: Two., origin: {type: Derived, source: Sponsor}}
variables:
  AETERM: {to_write: the term, origin: {type: Collected, source: Investigator, document: acrf, pages: 3}}
  AEDECOD: {to_write: the preferred term}   # coded
  AEMINE: {to_write: mine, label: Mine, codelist: MINE}
supplemental:
  EMERGE: {to_write: derived, label: Emergent, method: Old., origin: {type: Derived, source: Sponsor}}
values:
- {where: AECAT == 'A', variable: AETERM, label: Term of A}
"""


@pytest.fixture
def study(tmp_path):
    (tmp_path / "study" / "sdtm").mkdir(parents=True)
    (tmp_path / "study" / "study.yaml").write_text(STUDY, encoding="utf-8")
    (tmp_path / "study" / "sdtm" / "ae.yaml").write_text(AE, encoding="utf-8")
    xml = define_of_spec(plan_study(load_study(tmp_path / "study"))[0], "sdtm")
    assert xml is not None
    (tmp_path / "define.xml").write_bytes(xml)
    return tmp_path


def corrected(folder, *pairs):
    """other.xml: define.xml with other texts, each of which is once in it."""
    text = (folder / "define.xml").read_text(encoding="utf-8")
    for old, new in pairs:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    (folder / "other.xml").write_text(text, encoding="utf-8")
    return read_define(text.encode())


CORRECTIONS = [
    ("Reported Term for the Adverse Event", "Reported Term"),
    (">Old.<", ">After the first dose.&#10;Or on it.<"),
    ('PageRefs="3"', 'PageRefs="3 5"'),
    (">Term of A<", ">Term of category A<"),
    (">First<", ">The first<"),
    (">Annotated CRF<", ">The annotated CRF<"),
    ("<StudyDescription>A study<", "<StudyDescription>Another study<"),
    ("<Description><TranslatedText xml:lang=\"en\">Mine</TranslatedText>", "<Description><TranslatedText xml:lang=\"en\">Ours</TranslatedText>"),
]  # fmt: skip


def test_corrections_are_written_into_the_specs(study):
    corrected(study, *CORRECTIONS)
    done = raw2adam("define", "apply", "other.xml", "study", "--base", "define.xml", cwd=study)
    assert done.stdout.splitlines() == [
        "study.yaml: Study: title: Another study",
        "study.yaml: Term Mine [A]: A: The first",
        "study.yaml: Document acrf.pdf: title: The annotated CRF",
        "sdtm/ae.yaml: Variable AE.AETERM: label: Reported Term",
        "sdtm/ae.yaml: Variable AE.AETERM: origin: "
        "{type: Collected, source: Investigator, document: acrf, pages: [3, 5]}",
        "sdtm/ae.yaml: Value level AE.AETERM [AECAT EQ A]: label: Term of category A",
        "sdtm/ae.yaml: Variable AE.AEMINE: label: Ours",
        'sdtm/ae.yaml: Value level SUPPAE.QVAL [QNAM EQ EMERGE]: method: "After the first dose.\\nOr on it."',
        "study: 8 corrections, 0 not applied; files written: sdtm/ae.yaml, study.yaml",
    ]
    assert done.returncode == 0
    ae = (study / "study" / "sdtm" / "ae.yaml").read_text(encoding="utf-8")
    assert ae == (
        AE.replace("pages: 3}}", "pages: [3, 5]}, label: Reported Term}")
        .replace("label: Term of A}", "label: Term of category A}")
        .replace("label: Mine,", "label: Ours,")
        .replace("method: Old.", 'method: "After the first dose.\\nOr on it."')
    )
    assert (study / "study" / "study.yaml").read_text(encoding="utf-8") == (
        STUDY.replace("A study", "Another study").replace("First", "The first").replace("Annotated", "The annotated")
    )


def test_a_method_of_several_blocks_is_written_into_each(study):
    text = (study / "define.xml").read_text(encoding="utf-8")
    start = text.index("One.")
    start = text.rindex(">", 0, start) + 1
    old = text[start : text.index("<", start)]
    corrected(study, (old, "Both."))
    done = raw2adam("define", "apply", "other.xml", "study", "--base", "define.xml", cwd=study)
    assert done.returncode == 0
    ae = (study / "study" / "sdtm" / "ae.yaml").read_text(encoding="utf-8")
    assert ae == AE.replace("method: One.", "method: Both.").replace("method: Two.", "method: Both.")


def test_what_no_spec_has_is_listed_with_its_cell(study):
    content = read_define((study / "define.xml").read_bytes())
    rows = specification_rows(content)
    for row in rows["Variables"]:
        if row["Variable"] == "AETERM":
            row["Role"] = "Identifier"
        if row["Variable"] == "AESEQ":
            row["Label"] = "Number"
    (study / "other.xlsx").write_bytes(specification_bytes(rows, dt.datetime(2026, 1, 1)))
    done = raw2adam("define", "apply", "other.xlsx", "study", "--base", "define.xml", cwd=study)
    assert done.stdout.splitlines() == [
        "not applied: Variables!D5: Variable AE.AESEQ, Label: "
        "no rule of AESEQ is in the specs of the study: a convention, a step or a layer has it",
        "not applied: Variables!R6: Variable AE.AETERM, Role: it follows from the standard",
        "study: 0 corrections, 2 not applied; files written: none",
    ]
    assert done.returncode == 1


def test_line_ends_and_the_byte_order_mark_stay(study):
    file = study / "study" / "sdtm" / "ae.yaml"
    file.write_bytes(b"\xef\xbb\xbf" + AE.replace("\n", "\r\n").encode())
    corrected(study, ("Reported Term for the Adverse Event", "Reported Term"))
    assert raw2adam("define", "apply", "other.xml", "study", "--base", "define.xml", cwd=study).returncode == 0
    wanted = AE.replace("pages: 3}}", "pages: 3}, label: Reported Term}").replace("\n", "\r\n")
    assert file.read_bytes() == b"\xef\xbb\xbf" + wanted.encode()


def test_no_file_changes_without_write_or_with_a_mistake(study):
    corrected(study, ("Reported Term for the Adverse Event", "Reported Term"))
    done = raw2adam("define", "apply", "other.xml", "study", "--base", "define.xml", "--no-write", cwd=study)
    assert done.stdout.splitlines()[-1] == "study: 1 corrections, 0 not applied; files to write: sdtm/ae.yaml"
    corrected(
        study, ("Reported Term for the Adverse Event", "A label of more than forty characters, which no XPT holds")
    )
    done = raw2adam("define", "apply", "other.xml", "study", "--base", "define.xml", cwd=study)
    assert done.returncode == 2
    assert "sdtm/ae.yaml:11:3: error: AE.AETERM: the label 'A label of more than forty" in done.stderr
    assert (study / "study" / "sdtm" / "ae.yaml").read_text(encoding="utf-8") == AE
