"""The annotations of fields: which variable has a field, for which records, and what a field without a variable shows."""

from __future__ import annotations

import pytest
from kit.tiny import raw_table, write_study
from raw2adam.mappings.loader import load_study
from raw2adam.runs.drawn_crf import draw
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
  chem: {file: chem.csv}
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
    "lb": "dataset: LB\nrows: [{source: lab}, {source: chem}]\nvariables: {LBTESTCD: TEST, LBORRES: RESULT, LBSTRESC: RESULT}\n",
}
FILES = {
    "enrol.csv": "SUBJ,SITE,SEX,CONSENT\n",
    "sites.csv": "SITE,COUNTRY\n",
    "ae.csv": "SUBJ,HAPPENED,TERM,PT,SER,REL,CAUSED,START,ENTERED,SPARE\n",
    "vs.csv": "SUBJ,DAY,WT,WT_U,HT\n",
    "ecog.csv": "SUBJ,SCORE\n",
    "lab.csv": "SUBJ,TEST,RESULT\n",
    "chem.csv": "SUBJ,TEST,RESULT\n",
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
    # one field has the test of each record: no where clause
    ("chem", "SUBJ"): ["USUBJID (identifies the subject)"],
    ("chem", "TEST"): ["LB.LBTESTCD"],
    ("chem", "RESULT"): ["LB.LBORRES, LB.LBSTRESC"],
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
    assert [form.title for form in drawn.forms] == ["Enrolment", "ae", "vs", "ecog", "chem"]


def test_the_head_of_a_form_has_the_constants_that_no_where_clause_names(drawn):
    constants = {form.title: [a.text for a in drawn.annotations.of_form(form)] for form in drawn.forms}
    assert constants == {
        "Enrolment": [],
        "ae": ['AE.AECAT = "ADVERSE EVENT"'],
        "vs": [],
        "ecog": ['RS.RSTEST = "ECOG1-Performance Status"', 'RS.RSCAT = "ECOG"'],
        "chem": [],
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


def test_a_redcap_dictionary_gives_instruments_with_labels_and_choices(tmp_path):
    from raw2adam.findings.table import Findings
    from raw2adam.sources.options import SourceOptions
    from raw2adam.sources.redcap.read import read_redcap

    head = 'Variable / Field Name,Form Name,Field Type,Field Label,"Choices, Calculations, OR Slider Labels"\n'
    rows = 'id,start,text,Subject,\nsex,start,radio,<b>Sex</b>,"1, Male | 2, Female"\ntools,extra,checkbox,Tools,"a, Saw | b, Axe"\n'
    (tmp_path / "d.csv").write_text(head + rows, "utf-8")
    (tmp_path / "e.csv").write_text("id,sex,start_complete,tools___a,tools___b,extra_complete\n1,2,2,1,0,2\n", "utf-8")
    options = SourceOptions("e.csv", "redcap", dictionary="d.csv", instrument="extra")
    table = read_redcap("extra", tmp_path / "e.csv", tmp_path / "d.csv", options, Findings())
    assert [(f.id, f.title) for f in table.forms] == [("start", "start"), ("extra", "extra")]
    (record, sex), (tools,) = (f.fields for f in table.forms)
    # of the other instrument the source reads the record id alone
    assert (record.columns, sex.columns, sex.label, sex.choices) == (
        ("id",),
        (),
        "Sex",
        (("1", "Male"), ("2", "Female")),
    )
    assert (tools.columns, tools.type, tools.choices) == (
        ("tools___a", "tools___b"), "checkbox", (("a", "Saw"), ("b", "Axe")),
    )  # fmt: skip


def test_a_file_has_questions_and_choices_of_fields(tmp_path):
    from raw2adam.engine.checks.document_check import document_problems

    study = STUDY.replace("generated: acrf}", "generated: acrf, questions: q.csv}")
    write_study(tmp_path, study, DATASETS, FILES)
    (tmp_path / "translations.csv").write_text("text,language,english\n", "utf-8")
    lines = [
        "source,column,question,choices",
        "enrol,SEX,Sex?,",
        'ae,SER,"Serious, or not?",Y = Yes |N= No| U',
        "ae,NONE,None?,",
    ]
    (tmp_path / "q.csv").write_text("\n".join(lines), "utf-8")
    plan = plan_study(load_study(tmp_path))[0]
    drawn = draw(plan, {n: raw_table(n, s.file, FILES[s.file]) for n, s in plan.spec.sources.items()})
    fields = {f.name: f for form in drawn.forms for f in form.fields}
    # labels: of study.yaml comes first, and choices of the file come before codes:
    assert fields["SEX"].label == "Sex at birth"
    assert fields["SER"].label == "Serious, or not?"
    assert fields["SER"].choices == (("Y", "Yes"), ("N", "No"), ("U", ""))
    problems = document_problems(plan, {n: FILES[x.file].strip().split(",") for n, x in plan.spec.sources.items()})
    assert [(p.place.line, p.message, p.severity) for p in problems if p.place.file == "q.csv"] == [
        (4, "ae has no column 'NONE'", "warning"),
    ]  # fmt: skip


def test_two_items_of_one_name_are_two_fields_and_two_sources_share_a_form():
    from raw2adam.acrf.forms import forms_of
    from raw2adam.mappings.models.study import StudySpec
    from raw2adam.sources.form_design import FormDesign, FormField

    def table(name: str, **columns: tuple[str, ...]):
        out = raw_table(name, "all.xml", "SubjectKey," + ",".join(c for cs in columns.values() for c in cs) + "\n")
        items = tuple(FormField(f"I.{i}", "RESULT", section=i, columns=columns.get(i, ())) for i in ("A", "B"))
        twice = tuple(FormField(f"T.{i}", "TEXT", columns=columns.get(f"T{i}", ())) for i in (1, 2))
        out.forms = (FormDesign("F", "Form", items + twice, (("SE.1", "Visit 1"),)),)
        return out

    spec = StudySpec.model_validate(
        {
            "study": {"id": "S"},
            "subject": {
                "columns": ["SubjectKey"],
                "usubjid": "{SubjectKey}",
                "continues": {"source": "two", "columns": ["Y"]},
            },
            "visits": {"BASELINE": {"num": 1, "labels": ["SE.1"]}},
            "sources": {"one": {"file": "all.xml", "item_group": "A"}, "two": {"file": "all.xml", "item_group": "B"}},
        }
    )
    tables = {"one": table("one", A=("RESULT",), T1=("X",)), "two": table("two", B=("RESULT",), T2=("Y",))}
    (form,) = forms_of(spec, tables, {})
    assert [(f.name, f.section, [(c.source, c.column) for c in f.columns]) for f in form.fields] == [
        ("RESULT", "A", [("one", "RESULT")]),
        ("RESULT", "B", [("two", "RESULT")]),
        ("TEXT", "", [("one", "X")]),
        ("TEXT", "", [("two", "Y")]),
    ]
    # Y is the key of an earlier enrolment of the subject
    assert [f.name for f in form.fields if f.identifies] == ["TEXT"]
    assert (form.sources, form.visits) == (("one", "two"), ("BASELINE",))
    assert [k.column for k in form.keys] == ["SubjectKey", "SubjectKey"]
