"""The annotations of fields: which variable has a field, for which records, and what a field without a variable shows."""

from __future__ import annotations

import pytest
from kit.tiny import raw_table, write_study
from raw2adam.mappings.loader import load_study
from raw2adam.runs.acrf import draw
from raw2adam.runs.plan_study import plan_study

STUDY = """\
study: {id: S1, title: A small study}
subject: {columns: [SUBJ], usubjid: "{STUDYID}-{SUBJ:02}", subjid: "{SUBJ}"}
documents:
  acrf: {file: acrf.pdf, title: Annotated CRF, role: crf, generated: acrf}
translations: {file: translations.csv, variables: [AE.AETERM], language: en}
visits: {BASELINE: {num: 1, labels: [BL]}}
sources:
  enrol: {file: enrol.csv, crf: {title: Enrolment, labels: {SEX: Sex at birth}, visits: [BASELINE]}}
  sites: {file: sites.csv, subject: none}
  ae: {file: ae.csv, codes: {SER: [Y, N]}, not_submitted: {ENTERED: a field of the system}}
  vs: {file: vs.csv, plausible: {WT: [30, 250]}}
  ecog: {file: ecog.csv}
  lab: {file: lab.csv, origin: Vendor}
"""
DATASETS = {
    "dm": """\
dataset: DM
rows: {source: enrol, join: {source: sites, on: [SITE]}}
variables:
  SEX: {from: SEX, when: CONSENT == 'Y'}
  COUNTRY: {from: COUNTRY, origin: {type: Assigned, source: Sponsor}}
""",
    "ae": """\
dataset: AE
rows: {source: ae, where: HAPPENED == 'Y'}
variables:
  AETERM: TERM
  AEDECOD: {from: PT, origin: {type: Assigned, source: Sponsor}}
  AECAT: {value: ADVERSE EVENT}
  AESER: SER
  AEREL: {cases: [{when: REL == 'Y' or CAUSED == 'Y', value: RELATED}], codelist: none}
  AESTDTC: {date: START}
supplemental:
  RELISA: {from: REL, label: Relationship}
cutoff: none
""",
    "vs": """\
dataset: VS
rows:
  source: vs
  unpivot: {WEIGHT: {result: WT, unit: {from: WT_U}}, HEIGHT: {result: HT, unit: cm}}
variables:
  VSDTC: {date: DAY}
  VSORRESU: {original_unit: UNIT}
  VSSTRESC: {standard_result: RESULT}
""",
    "rs": """\
dataset: RS
rows: {source: ecog}
variables:
  RSTESTCD: {value: ECOG101}
  RSTEST: {value: ECOG1-Performance Status}
  RSCAT: {value: ECOG}
  RSORRES: SCORE
  RSSTRESC: SCORE
""",
    "lb": "dataset: LB\nrows: {source: lab}\nvariables: {LBTESTCD: TEST, LBORRES: RESULT, LBSTRESC: RESULT}\n",
}
FILES = {
    "enrol.csv": "SUBJ,SITE,SEX,CONSENT\n",
    "sites.csv": "SITE,COUNTRY\n",
    "ae.csv": "SUBJ,HAPPENED,TERM,PT,SER,REL,CAUSED,START,ENTERED,SPARE\n",
    "vs.csv": "SUBJ,DAY,WT,WT_U,HT\n",
    "ecog.csv": "SUBJ,SCORE\n",
    "lab.csv": "SUBJ,TEST,RESULT\n",
}
#: worked out by hand: (form, field) -> texts of its annotations
SHOWN = {
    ("Enrolment", "SUBJ"): ["DM.SUBJID, DM.SITEID"],
    ("Enrolment", "SITE"): ["Selects records of DM"],
    ("Enrolment", "SEX"): ["DM.SEX"],
    ("Enrolment", "CONSENT"): ["Read by the rules, no variable"],
    ("ae", "SUBJ"): ["USUBJID (identifies the subject)"],
    ("ae", "HAPPENED"): ["Selects records of AE"],
    ("ae", "TERM"): ["AE.AETERM", 'SUPPAE.QVAL where QNAM = "AETERMO"'],
    ("ae", "PT"): ["AE.AEDECOD (assigned)"],
    ("ae", "SER"): ["AE.AESER"],
    ("ae", "REL"): ['SUPPAE.QVAL where QNAM = "RELISA"', "AE.AEREL (derived)"],
    ("ae", "CAUSED"): ["AE.AEREL (derived)"],
    ("ae", "START"): ["AE.AESTDTC"],
    ("ae", "ENTERED"): ["[NOT SUBMITTED]"],
    ("ae", "SPARE"): ["[NOT SUBMITTED]"],
    ("vs", "SUBJ"): ["USUBJID (identifies the subject)"],
    ("vs", "DAY"): ["VS.VSDTC"],
    ("vs", "WT"): ['VS.VSORRES where VSTESTCD = "WEIGHT"'],
    ("vs", "WT_U"): ['VS.VSORRESU where VSTESTCD = "WEIGHT"'],
    ("vs", "HT"): ['VS.VSORRES where VSTESTCD = "HEIGHT"'],
    ("ecog", "SUBJ"): ["USUBJID (identifies the subject)"],
    ("ecog", "SCORE"): ['RS.RSORRES, RS.RSSTRESC where RSTESTCD = "ECOG101"'],
}


@pytest.fixture(scope="module")
def plan(tmp_path_factory):
    folder = tmp_path_factory.mktemp("acrf")
    write_study(folder, STUDY, DATASETS, FILES)
    (folder / "translations.csv").write_text("text,language,english\nHusten,de,cough\n", "utf-8")
    return plan_study(load_study(folder))[0]


def shown(drawn) -> dict[tuple[str, str], list[str]]:
    return {
        (form.title, f.name): [a.text for a in drawn.annotations.of_field(f)]
        for form in drawn.forms
        for f in form.fields
    }


@pytest.fixture(scope="module")
def drawn(plan):
    return draw(plan, {n: raw_table(n, s.file, FILES[s.file]) for n, s in plan.spec.sources.items()})


def test_each_field_has_the_annotations_of_its_rules(drawn):
    assert shown(drawn) == SHOWN


def test_a_vendor_and_a_table_without_subjects_are_no_forms(drawn):
    assert [form.title for form in drawn.forms] == ["Enrolment", "ae", "vs", "ecog"]


def test_the_head_of_a_form_has_the_constants_that_no_where_clause_names(drawn):
    constants = {form.title: [a.text for a in drawn.annotations.of_form(form)] for form in drawn.forms}
    assert constants == {
        "Enrolment": [],
        "ae": ['AE.AECAT = "ADVERSE EVENT"'],
        "vs": [],
        "ecog": ['RS.RSTEST = "ECOG1-Performance Status"', 'RS.RSCAT = "ECOG"'],
    }


def test_a_field_has_its_question_type_and_choices(drawn):
    fields = {f.name: f for form in drawn.forms for f in form.fields}
    assert (fields["SEX"].label, fields["SEX"].type) == ("Sex at birth", "text")
    assert fields["SER"].choices == (("Y", ""), ("N", ""))
    assert [fields[n].type for n in ("START", "WT", "TERM")] == ["date", "number", "text"]


def test_the_reason_for_a_field_that_is_not_submitted_is_that_of_the_specs(drawn):
    fields = {f.name: f for f in drawn.forms[1].fields}
    assert [drawn.annotations.of_field(fields[n])[0].reason for n in ("ENTERED", "SPARE")] == [
        "a field of the system", "",
    ]  # fmt: skip


def test_without_raw_files_the_specs_name_the_columns(plan):
    found = shown(draw(plan, {}))
    # no spec names SPARE; of two joined sources the specs do not say which one has COUNTRY: the first is taken
    expected = {k: v for k, v in SHOWN.items() if k != ("ae", "SPARE")}
    assert found == expected | {("Enrolment", "COUNTRY"): ["DM.COUNTRY (assigned)"]}
