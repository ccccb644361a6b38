"""Variables, terms, value-level rows and documents that a specification adds or removes, in the specs of a study."""

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
  # of the sponsor
  MINE:
    label: Mine
    terms:
      A: First   # the first one
      B: Second  # the second one
documents:
  acrf: {file: acrf.pdf, title: Annotated CRF, role: crf}
"""
AE = """\
# adverse events
dataset: AE
rows: {to_write: those of one form}
variables:
  AETERM: {to_write: the term}   # collected
  AEDECOD: {to_write: the preferred term}
  # what the sponsor assigns
  AEMINE: {to_write: mine, label: Mine, codelist: MINE}   # to review
  AESER: {to_write: serious}
  AEACN: {to_write: the action}
  AELOC: {to_write: the place}
  AEOUT: {to_write: the outcome}
  # the end
supplemental:
  EMERGE: {to_write: derived, label: Emergent, origin: {type: Derived, source: Sponsor}}
values:
# of the first category
- {where: AESER == 'Y', variable: AETERM, label: Serious term}
"""


@pytest.fixture
def study(tmp_path):
    folder = tmp_path / "study"
    (folder / "sdtm").mkdir(parents=True)
    (folder / "study.yaml").write_text(STUDY, encoding="utf-8")
    (folder / "sdtm" / "ae.yaml").write_text(AE, encoding="utf-8")
    xml = define_of_spec(plan_study(load_study(folder))[0], "sdtm")
    assert xml is not None
    (tmp_path / "define.xml").write_bytes(xml)
    return tmp_path


def applied(study, rows, base="define.xml"):
    """The lines of the command after a workbook with the rows, and the two files."""
    (study / "other.xlsx").write_bytes(specification_bytes(rows, dt.datetime(2026, 1, 1)))
    done = raw2adam("define", "apply", "other.xlsx", "study", "--base", base, cwd=study)
    folder = study / "study"
    files = [(folder / name).read_text(encoding="utf-8") for name in ("study.yaml", "sdtm/ae.yaml")]
    return done.stdout.splitlines() + done.stderr.splitlines(), *files


def rows_of(study):
    return specification_rows(read_define((study / "define.xml").read_bytes()))


def variable(rows, name):
    return next(r for r in rows["Variables"] if r["Variable"] == name and r["Dataset"] == "AE")


def test_a_workbook_adds_elements(study):
    rows = rows_of(study)
    rows["Variables"].append(
        {"Dataset": "AE", "Variable": "AEPATT", "Label": "Pattern of Adverse Event", "Data Type": "text",
         "Length": "20", "Origin": "Collected", "Source": "Investigator", "Codelist": variable(rows, "AEMINE")["Codelist"]}
    )  # fmt: skip
    rows["WhereClauses"] += [
        {"ID": "N", "Dataset": "AE", "Variable": "AESER", "Comparator": "EQ", "Value": "N"},
        {"ID": "Q", "Dataset": "SUPPAE", "Variable": "QNAM", "Comparator": "EQ", "Value": "LATE"},
    ]
    rows["ValueLevel"] += [
        {"Dataset": "AE", "Variable": "AETERM", "Where Clause": "N", "Label": "Other term", "Data Type": "text"},
        {"Dataset": "SUPPAE", "Variable": "QVAL", "Where Clause": "Q", "Label": "Late", "Data Type": "text"},
    ]
    rows["Codelists"].append({"ID": "MINE", "Name": "Mine", "Term": "C: c", "Decoded Value": "Third"})
    rows["Documents"].append({"ID": "guide", "Title": "Guide", "Href": "csdrg.pdf", "Role": "SupplementalDoc"})
    out, study_yaml, ae = applied(study, rows)
    rule = (
        "{to_write: the raw column of this collected value, label: Pattern of Adverse Event, length: 20, "
        "codelist: MINE, origin: {type: Collected, source: Investigator}}"
    )
    late = '{to_write: "nothing, because define.xml states no origin", label: Late}'
    value = "{where: AESER == 'N', variable: AETERM, label: Other term}"
    guide = "guide: {file: csdrg.pdf, title: Guide, of: sdtm}"
    assert out == [
        f"sdtm/ae.yaml: Variable AE.AEPATT: variables: AEPATT: {rule}",
        f"sdtm/ae.yaml: Value level AE.AETERM [AESER EQ N]: values: {value}",
        f"sdtm/ae.yaml: Value level SUPPAE.QVAL [QNAM EQ LATE]: supplemental: LATE: {late}",
        "study.yaml: Term Mine [C: c]: codelists: C: c: Third",
        f"study.yaml: Document csdrg.pdf: documents: {guide}",
        "study: 5 corrections, 0 not applied; files written: sdtm/ae.yaml, study.yaml",
    ]
    second, crf = "      B: Second  # the second one\n", "role: crf}\n"
    assert study_yaml == STUDY.replace(second, f'{second}      "C: c": Third\n').replace(crf, f"{crf}  {guide}\n")
    outcome, of_y = "  AEOUT: {to_write: the outcome}\n", "label: Serious term}\n"
    pattern = "  AEPATT:\n    to_write: the raw column of this collected value\n    label: Pattern of Adverse Event\n"
    assert ae == AE.replace(
        outcome,
        f"{outcome}{pattern}    length: 20\n    codelist: MINE\n    origin: {{type: Collected, source: Investigator}}\n",
    ).replace("source: Sponsor}}\n", f"source: Sponsor}}}}\n  LATE: {late}\n").replace(of_y, f"{of_y}- {value}\n")


def test_a_workbook_removes_elements(study):
    rows = rows_of(study)
    gone = ("AEMINE", "AEOUT", "AEACN")
    rows["Variables"] = [r for r in rows["Variables"] if r["Variable"] not in gone]
    rows["ValueLevel"] = []
    rows["WhereClauses"] = []
    rows["Codelists"] = [r for r in rows["Codelists"] if r["Term"] != "B"]
    rows["Documents"] = []
    for row in rows["Variables"]:
        row["Value List OID"] = ""
    out, study_yaml, ae = applied(study, rows)
    assert out == [
        "sdtm/ae.yaml: Variable AE.AEACN: variables: AEACN: null",  # SDTMIG expects it
        "sdtm/ae.yaml: Value level AE.AETERM [AESER EQ Y]: values: item 1: removed",
        "sdtm/ae.yaml: Variable AE.AEOUT: variables: AEOUT: removed",
        "sdtm/ae.yaml: Variable AE.AEMINE: variables: AEMINE: removed",
        "sdtm/ae.yaml: Value level SUPPAE.QVAL [QNAM EQ EMERGE]: supplemental: EMERGE: removed",
        "study.yaml: Term Mine [B]: codelists: B: removed",
        "study.yaml: Document acrf.pdf: documents: acrf: removed",
        "study: 7 corrections, 0 not applied; files written: sdtm/ae.yaml, study.yaml",
    ]
    assert study_yaml == STUDY.replace("      B: Second  # the second one\n", "").replace(
        "documents:\n  acrf: {file: acrf.pdf, title: Annotated CRF, role: crf}\n", "documents: {}\n"
    )
    assert ae == (
        AE.replace("  AEMINE: {to_write: mine, label: Mine, codelist: MINE}   # to review\n", "")
        .replace("AEACN: {to_write: the action}", "AEACN: null")
        .replace("  AEOUT: {to_write: the outcome}\n", "")
        .replace(AE[AE.index("supplemental:") : AE.index("values:")], "supplemental: {}\n")
        .replace(AE[AE.index("values:") :], "values: []\n# of the first category\n")
    )


def test_terms_of_published_lists(study):
    rows = rows_of(study)
    lists = {"AELOC": ("LOC", "C74456", "Anatomical Location"), "AESER": ("NY", "C66742", "No Yes Response")}
    for name, (key, code, label) in lists.items():
        variable(rows, name)["Codelist"] = key
        about = {"ID": key, "Name": label, "NCI Codelist Code": code, "Data Type": "text"}
        if key == "LOC":
            rows["Codelists"].append({**about, "Term": "ARM"})
    (study / "base.xlsx").write_bytes(specification_bytes(rows, dt.datetime(2026, 1, 1)))
    for (key, code, label), term in zip(lists.values(), ("ELBOW, INNER", "MAYBE"), strict=True):
        about = {"ID": key, "Name": label, "NCI Codelist Code": code, "Data Type": "text"}
        rows["Codelists"].append({**about, "Term": term, "Decoded Value": "Added"})
    out, study_yaml, ae = applied(study, rows, base="base.xlsx")
    entry = 'LOC: {label: Anatomical Location, extends: C74456, terms: {"ELBOW, INNER": Added}}'
    assert out == [
        f"study.yaml: Codelist Anatomical Location: codelists: {entry}",
        "sdtm/ae.yaml: Variable AE.AELOC: variables: codelist: LOC",
        "not applied: Codelists!H24: Term No Yes Response [MAYBE]: NY is not extensible",
        "study: 2 corrections, 1 not applied; files written: sdtm/ae.yaml, study.yaml",
    ]
    assert study_yaml == STUDY.replace("documents:\n", f"  {entry}\ndocuments:\n")
    assert ae == AE.replace("the place}", "the place, codelist: LOC}")


def test_what_the_specs_need_stays(study):
    rows = rows_of(study)
    rows["Variables"] = [r for r in rows["Variables"] if r["Variable"] != "AETERM"]
    rows["ValueLevel"] = []
    rows["WhereClauses"] = [{"ID": "N", "Dataset": "AE", "Variable": "AESER", "Comparator": "LT", "Value": "N"}]
    rows["ValueLevel"].append(
        {"Dataset": "AE", "Variable": "AELOC", "Where Clause": "N", "Label": "Other place", "Data Type": "text"}
    )
    rows["Datasets"][0]["Key Variables"] = "STUDYID, USUBJID, AEDECOD"
    rows["Datasets"].append({"Dataset": "XX", "Label": "Others"})
    out, _, ae = applied(study, rows)
    value = "{where: AESER < 'N', variable: AELOC, label: Other place}"
    assert out == [
        "sdtm/ae.yaml: Dataset AE: keys: [STUDYID, USUBJID, AEDECOD]",
        "sdtm/ae.yaml: Value level SUPPAE.QVAL [QNAM EQ EMERGE]: supplemental: EMERGE: removed",
        f"sdtm/ae.yaml: Value level AE.AELOC [AESER LT N]: values: {value}",
        "not applied: Variables: sdtm/ae.yaml: Variable AE.AETERM: the specs would have a mistake: "
        "AETERM is required in AE and has no rule; write one, or the reason why it has no values under not_collected:",
        "not applied: Datasets!A4: Dataset XX: its records need rules: write its spec; raw2adam define read FILE "
        "writes a first one",
        "study: 3 corrections, 2 not applied; files written: sdtm/ae.yaml",
    ]
    serious = "- {where: AESER == 'Y', variable: AETERM, label: Serious term}\n"
    assert serious in ae and ae.endswith(f"{serious}- {value}\n")
    assert "AETERM: {to_write: the term}   # collected\n" in ae
