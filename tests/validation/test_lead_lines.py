"""The first line of the summary: adverse events that did not reach SDTM, and how many of them are serious."""

from __future__ import annotations

import sys

import pytest
from kit.command import no_pages
from raw2adam import cli

STUDY = """\
study: {id: S1}
subject: {columns: [SUBJ], usubjid: "{STUDYID}-{SUBJ}"}
sources: {ae: {file: ae.csv}}
"""


REDCAP = """\
study: {id: S1}
subject: {columns: [id], usubjid: "{STUDYID}-{id}"}
sources: {ae: {file: ae.csv, format: redcap, dictionary: d.csv, instrument: ae}}
"""
DICTIONARY = """\
field_name,form_name,field_type,field_label,select_choices_or_calculations
id,base,text,Id,
term,ae,text,Term,
ser,ae,text,Serious,
kg,vit,text,Weight,
"""


@pytest.fixture
def first_line(tmp_path, monkeypatch, capsys):
    def run(raw: str, ae: str, more: str = "", study: str = STUDY) -> str:
        (tmp_path / "study" / "sdtm").mkdir(parents=True)
        (tmp_path / "raw").mkdir()
        (tmp_path / "study" / "study.yaml").write_text(study, "utf-8")
        (tmp_path / "raw" / "d.csv").write_text(DICTIONARY, "utf-8")
        (tmp_path / "study" / "sdtm" / "ae.yaml").write_text(ae, "utf-8")
        if more:
            (tmp_path / "study" / "sdtm" / "fa.yaml").write_text(more, "utf-8")
        (tmp_path / "raw" / "ae.csv").write_text(raw, "utf-8")
        words = ["build", tmp_path / "study", "--raw", tmp_path / "raw", "--out", tmp_path / "out", "--no-quality"]
        monkeypatch.setattr(sys, "argv", ["raw2adam", *map(str, words), "--fail-on", "never"])
        with no_pages(), pytest.raises(SystemExit) as stop:
            cli.main()
        captured = capsys.readouterr()
        assert stop.value.code == 0, captured.err
        return captured.out.splitlines()[0]

    return run


def test_excluded_and_quarantined_rows(first_line):
    ae = "dataset: AE\nrows: {source: ae, where: KEEP == 'Y'}\nvariables: {AETERM: T, AEDECOD: T, AESER: {from: SER, map: {ja: Y}}}\n"
    raw = "SUBJ,T,KEEP,SER\n1,a,Y,ja\n1,b,N,ja\n,c,Y,Y\n2,d,N,nein\n"
    assert first_line(raw, ae) == "ERROR: 3 of 4 adverse event rows of ae.csv did not reach SDTM, 2 of them serious"


def test_one_item_of_an_exploded_row(first_line):
    ae = "dataset: AE\nrows: {source: ae, explode: {T: [T1, T2]}, where: T != 'x'}\nvariables: {AETERM: T, AEDECOD: T, AESER: SER}\n"
    raw = "SUBJ,T1,T2,SER\n1,a,x,Y\n2,b,c,Y\n3,d,,N\n"
    assert first_line(raw, ae) == "ERROR: 1 of 3 adverse event rows of ae.csv did not reach SDTM, 1 of them serious"


def test_a_row_that_only_another_domain_took(first_line):
    ae = "dataset: AE\nrows: {source: ae, where: KEEP == 'Y'}\nvariables: {AETERM: T, AEDECOD: T, AESER: SER}\n"
    ce = "dataset: CE\nrows: {source: ae}\nvariables: {CETERM: T}\n"
    raw = "SUBJ,T,KEEP,SER\n1,a,Y,Y\n1,b,N,N\n"
    assert first_line(raw, ae, ce) == "ERROR: 1 of 2 adverse event rows of ae.csv did not reach SDTM, 0 of them serious"


def test_seriousness_that_cases_tell(first_line):
    ae = (
        "dataset: AE\nrows: {source: ae, where: KEEP == 'Y'}\nvariables:\n  AETERM: T\n  AEDECOD: T\n"
        "  AESER: {cases: [{when: \"HOSP == 'Y' or DIED == 'Y'\", value: Y}, {value: N}]}\n"
    )
    raw = "SUBJ,T,KEEP,HOSP,DIED\n1,a,N,Y,N\n1,b,N,N,N\n2,c,N,N,Y\n2,d,Y,Y,Y\n"
    assert first_line(raw, ae) == "ERROR: 3 of 4 adverse event rows of ae.csv did not reach SDTM, 2 of them serious"


def test_nothing_lost_has_no_lead_line(first_line):
    ae = "dataset: AE\nrows: {source: ae}\nvariables: {AETERM: T, AEDECOD: T}\n"
    assert first_line("SUBJ,T\n1,a\n", ae).startswith("S1: built into ")


def test_events_in_records_of_an_unknown_instrument(first_line):
    ae = "dataset: AE\nrows: {source: ae}\nvariables: {AETERM: term, AEDECOD: term, AESER: ser}\n"
    raw = (
        "id,redcap_repeat_instrument,redcap_repeat_instance,term,ser,kg\n"
        "1,ae,1,Rash,N,\n1,Other,1,Cough,Y,\n1,Other,2,Fever,N,70\n"
    )
    expected = "ERROR: 2 of 3 adverse event rows of ae.csv did not reach SDTM, 1 of them serious"
    assert first_line(raw, ae, study=REDCAP) == expected


ODM_STUDY = """\
study: {id: S1}
subject: {columns: [SubjectKey], usubjid: "{STUDYID}-{SubjectKey}"}
sources: {ae: {file: ae.csv, format: odm, form: F, names: oid}}
"""


def odm(*pages: str) -> str:
    """A form of three item groups: T has the term, S the seriousness, X the state of the page."""
    groups = [f'<FormData FormOID="F" FormRepeatKey="{n}">{p}</FormData>' for n, p in enumerate(pages)]
    return (
        '<ODM xmlns="http://www.cdisc.org/ns/odm/v1.3" ODMVersion="1.3" FileType="Snapshot"><ClinicalData>'
        f'<SubjectData SubjectKey="1">{"".join(groups)}</SubjectData></ClinicalData></ODM>'
    )


def part(group: str, item: str, value: str) -> str:
    return f'<ItemGroupData ItemGroupOID="{group}"><ItemData ItemOID="{item}" Value="{value}"/></ItemGroupData>'


PAGES = [
    part("T", "TERM", t) + part("S", "SER", s) + part("X", "STATE", "saved") for t, s in (("Rash", "N"), ("Cough", "Y"))
]
JOINED = (
    "dataset: AE\nrows:\n  source: ae\n  where: {where}\n"
    "  join: {{source: ae, as: H, where: ItemGroupOID == 'S', on: [FormRepeatKey]}}\n"
    "variables: {{AETERM: TERM, AEDECOD: TERM, AESER: H.SER}}\n"
)


def test_item_groups_that_hold_nothing_of_an_event_are_no_events(first_line):
    ae = JOINED.format(where="ItemGroupOID == 'T'")
    assert first_line(odm(*PAGES), ae, study=ODM_STUDY).startswith("S1: built into ")


def test_an_event_of_several_item_groups_that_is_lost(first_line):
    ae = JOINED.format(where="ItemGroupOID == 'T' and TERM != 'Cough'")
    line = first_line(odm(*PAGES), ae, study=ODM_STUDY)
    assert line.startswith("ERROR: 1 of 4 adverse event rows of ae.csv did not reach SDTM")
