"""Two people never become one subject: a USUBJID of two identities is refused, and the message names both."""

from __future__ import annotations

import numpy as np
import pytest
from kit.tiny import raw_table
from raw2adam.engine.columns import column as col
from raw2adam.engine.subjects.identity import identify
from raw2adam.engine.subjects.people import distinct_people
from raw2adam.errors import SpecError
from raw2adam.findings.table import Findings
from raw2adam.mappings.loader import load_study
from raw2adam.mappings.models.study import SubjectSpec
from raw2adam.mappings.models.template import field_of, parse_template, template_problem
from raw2adam.transport.ascii_text import ascii_text


def people(tmp_path, subject: str, files: dict[str, str], subject_of: dict[str, str] | None = None, extra=None):
    """(source -> USUBJID of its rows, findings) of a study with this ``subject:``; source names are those of files."""
    sources = "".join(
        f"  {n}: {{file: {n}.csv{', subject: ' + (subject_of or {})[n] if n in (subject_of or {}) else ''}}}\n"
        for n in files
    )
    (tmp_path / "study.yaml").write_text(f"study: {{id: S}}\nsubject: {subject}\nsources:\n{sources}", "utf-8")
    for name, text in (extra or {}).items():
        (tmp_path / name).write_text(text, "utf-8")
    study = load_study(tmp_path).file
    assert study is not None
    findings = Findings()
    tables = {n: raw_table(n, f"{n}.csv", text) for n, text in files.items()}
    identity = {n: identify(t, study.sources[n], study, tmp_path, findings) for n, t in tables.items()}
    built, rows = distinct_people(tables, identity, study, findings, lambda t: ascii_text(t)[0])
    texts = {n: col.objects(parts["USUBJID"]).tolist() for n, parts in built.items()}
    for name, at in rows.items():
        assert [texts[name][i] for i in at.tolist()] == [""] * len(at)
    return texts, findings.frame()


JOINED = '{columns: [SITE, SUBJ], usubjid: "{STUDYID}-{SITE}{SUBJ}"}'
APART = '{columns: [SITE, SUBJ], usubjid: "{STUDYID}-{SITE}-{SUBJ}"}'
NUMBER = '{columns: [SITE, SUBJ], usubjid: "{STUDYID}-{SUBJ}"}'


def test_identifiers_without_a_sign_between_them_make_two_people_one(tmp_path):
    """Site 1 subject 11 and site 11 subject 1 are both S-111; site 2 subject 3 is alone."""
    files = {"dm": "SITE,SUBJ\n1,11\n2,3\n", "ae": "SITE,SUBJ\n11,1\n1,11\n2,3\n"}
    got, found = people(tmp_path, JOINED, files)
    assert got == {"dm": ["", "S-23"], "ae": ["", "", "S-23"]}
    assert found["rule"].tolist() == ["R2A-SUBJ-004"] * 3
    assert found["value"].tolist() == ["S-111"] * 3
    assert sorted(zip(found["file"], found["row"].tolist(), strict=True)) == [
        ("ae.csv", 1),
        ("ae.csv", 2),
        ("dm.csv", 1),
    ]
    message = found.loc[found["file"] == "dm.csv", "message"].item()
    assert "SITE '1', SUBJ '11' (dm.csv row 1)" in message and "SITE '11', SUBJ '1' (ae.csv row 1)" in message
    assert "study.yaml:2:" in message


def test_sources_that_identify_a_subject_by_other_columns_are_named(tmp_path):
    """One source divides STUDY-SUBJ, the other has SUBJ alone: the texts are one, the identities are not."""
    subject = '{columns: [SUBJ], usubjid: "{STUDYID}-{SUBJ}"}'
    files = {"dm": "PAT\nX-1\n", "ae": "SUBJ\n1\n"}
    _, found = people(tmp_path, subject, files, {"dm": "{split: PAT, as: '{STUDY}-{SUBJ}'}"})
    assert len(found) == 2 and all("by different columns, STUDY, SUBJ and SUBJ: name" in m for m in found["message"])


def test_a_number_that_a_program_holds_as_a_decimal_one_is_alike(tmp_path):
    """pandas writes the whole numbers of a column with an empty cell as 1.0."""
    _, found = people(tmp_path, APART, {"dm": "SITE,SUBJ\n1,7\n", "ae": "SITE,SUBJ\n1.0,7.0\n1,70\n"})
    seen = sorted(zip(found["rule"], found["subject"], strict=True))
    assert seen == [("R2A-SUBJ-005", "S-1-7"), ("R2A-SUBJ-005", "S-1.0-7.0")]


def test_signs_that_cannot_be_seen_are_shown(tmp_path):
    """U+200B, a blank without width, in a key: its ASCII form is that of another subject; U+FEFF has no ASCII form."""
    files = {"dm": "SITE,SUBJ\n1,11\n2,3\n", "ae": "SITE,SUBJ\n1,1\u200b1\n2,\ufeff3\n"}
    got, found = people(tmp_path, APART, files)
    assert got["dm"] == ["", "S-2-3"] and got["ae"][0] == ""
    twins, alike = (found[found["rule"] == f"R2A-SUBJ-00{n}"]["message"].tolist() for n in (4, 5))
    assert len(twins) == 2 and all("SUBJ '1[U+200B]1'" in m and "correct the cell" in m for m in twins)
    assert len(alike) == 2 and all("SUBJ '[U+FEFF]3'" in m for m in alike)


def test_a_number_that_starts_again_at_each_site_needs_the_site(tmp_path):
    got, found = people(tmp_path, NUMBER, {"dm": "SITE,SUBJ\n1,5\n2,5\n2,6\n"})
    assert got == {"dm": ["", "", "S-6"]} and len(found) == 2
    # where the number alone is the identity, the site is a column like another
    alone = '{columns: [SUBJ], usubjid: "{STUDYID}-{SUBJ}", siteid: "{SITE}"}'
    got, found = people(tmp_path, alone, {"dm": "SITE,SUBJ\n1,5\n2,5\n", "lb": "SUBJ\n5\n"})
    assert got == {"dm": ["S-5", "S-5"], "lb": ["S-5"]} and not len(found)


def test_zeros_that_the_template_puts_in_front_are_one_identity(tmp_path):
    padded = '{columns: [SITE, SUBJ], usubjid: "{STUDYID}-{SITE:02}-{SUBJ:03}"}'
    got, found = people(tmp_path, padded, {"dm": "SITE,SUBJ\n1,7\n01,007\n2,007\n2,007 \n"})
    assert got == {"dm": ["S-01-007", "S-01-007", "S-02-007", "S-02-007"]}
    assert found[["rule", "severity", "subject", "row", "column", "value"]].to_numpy().tolist() == [
        ["R2A-SUBJ-008", "warning", "S-01-007", 1, "SITE", "1"],
        ["R2A-SUBJ-008", "warning", "S-01-007", 2, "SITE", "01"],
    ]


ZEROS = '{columns: [SUBJ], usubjid: "{STUDYID}-{SUBJ:03}"}'


def test_identifiers_that_differ_by_zeros_in_one_file_are_a_warning_at_each_text(tmp_path):
    """Subject 1 and subject 01 of one file may be two people."""
    got, found = people(tmp_path, ZEROS, {"dm": "SUBJ\n1\n2\n01\n1\n"})
    assert got == {"dm": ["S-001", "S-002", "S-001", "S-001"]}
    assert found[["rule", "severity", "file", "row", "column", "value"]].to_numpy().tolist() == [
        ["R2A-SUBJ-008", "warning", "dm.csv", 1, "SUBJ", "1"],
        ["R2A-SUBJ-008", "warning", "dm.csv", 3, "SUBJ", "01"],
    ]
    assert found["message"][0] == (
        "SUBJ '1' (dm.csv row 1) and SUBJ '01' (dm.csv row 3) become one subject S-001, since usubjid: puts zeros in front"
    )


def test_identifiers_that_differ_by_zeros_in_two_files_are_a_note_once_a_subject(tmp_path):
    got, found = people(tmp_path, ZEROS, {"dm": "SUBJ\n001\n002\n", "ae": "SUBJ\n3\n1\n1\n", "lb": "SUBJ\n1\n"})
    assert got == {"dm": ["S-001", "S-002"], "ae": ["S-003", "S-001", "S-001"], "lb": ["S-001"]}
    assert found[["rule", "severity", "file", "row", "column", "value"]].to_numpy().tolist() == [
        ["R2A-SUBJ-008", "note", "ae.csv", 2, "SUBJ", "1"]
    ]
    assert "SUBJ '1' (ae.csv row 2) and SUBJ '001' (dm.csv row 1)" in found["message"][0]


def test_a_crosswalk_that_names_both_texts_declares_one_person(tmp_path):
    walk = {"walk.csv": "SUBJ,USUBJID\n1,S-001\n01,S-9\n"}
    got, found = people(tmp_path, ZEROS[:-1] + ", crosswalk: walk.csv}", {"dm": "SUBJ\n1\n01\n"}, extra=walk)
    assert got == {"dm": ["S-001", "S-9"]} and found["rule"].tolist() == ["R2A-SUBJ-007"] * 2


def test_a_split_text_is_reported_with_the_column_that_is_split(tmp_path):
    split = '{split: PAT, as: "{SITE}/{SUBJ}", usubjid: "{STUDYID}-{SITE}-{SUBJ:03}"}'
    _, found = people(tmp_path, split, {"dm": "PAT\n1/5\n1/05\n"})
    assert found[["rule", "row", "column", "value"]].to_numpy().tolist() == [
        ["R2A-SUBJ-008", 1, "PAT", "5"],
        ["R2A-SUBJ-008", 2, "PAT", "05"],
    ]


@pytest.mark.parametrize("other", ["007", "7 ", "\uff17", "07"])
def test_subjects_that_differ_by_zeros_width_or_blanks_only_are_reported(tmp_path, other):
    got, found = people(tmp_path, APART, {"dm": "SITE,SUBJ\n1,7\n", "ae": f"SITE,SUBJ\n1,{other}\n"})
    if other == "7 ":  # blanks around a cell are not read
        assert got["dm"] == got["ae"] and not len(found)
    elif other == "\uff17":  # a full-width digit becomes a plain one in XPT: then the two are one text
        assert got == {"dm": [""], "ae": [""]} and set(found["rule"]) == {"R2A-SUBJ-004"}
    else:
        assert got == {"dm": ["S-1-7"], "ae": [f"S-1-{other}"]}
        assert sorted(zip(found["rule"], found["file"], strict=True)) == [
            ("R2A-SUBJ-005", "ae.csv"), ("R2A-SUBJ-005", "dm.csv"),
        ]  # fmt: skip


def test_subjects_that_differ_by_case_are_reported(tmp_path):
    got, found = people(tmp_path, APART, {"dm": "SITE,SUBJ\nab,7\nAB,7\n"})
    assert got == {"dm": ["S-ab-7", "S-AB-7"]} and found["rule"].tolist() == ["R2A-SUBJ-005"] * 2


def test_letters_that_become_one_text_in_xpt_are_two_people(tmp_path):
    """XPT is ASCII: \u00c4-1 is written Ae-1, which another subject has already."""
    got, found = people(tmp_path, APART, {"dm": "SITE,SUBJ\n\u00c4,1\nAe,1\nB,1\n"})
    assert got == {"dm": ["", "", "S-B-1"]}
    assert found["rule"].tolist() == ["R2A-SUBJ-004"] * 2 and "written in ASCII" in found["message"][0]


def test_a_usubjid_that_xpt_would_cut_is_refused(tmp_path):
    long = "9" * 199
    got, found = people(tmp_path, APART, {"dm": f"SITE,SUBJ\n1,{long}\n1,{long[:190]}\n"})
    assert got == {"dm": ["", f"S-1-{long[:190]}"]}
    assert found["rule"].tolist() == ["R2A-SUBJ-006"]


def test_a_crosswalk_declares_that_two_identities_are_one_person(tmp_path):
    walk = {"walk.csv": "SITE,SUBJ,USUBJID\n9,9,S-1-7\n"}
    got, found = people(tmp_path, APART[:-1] + ", crosswalk: walk.csv}", {"dm": "SITE,SUBJ\n1,7\n9,9\n"}, extra=walk)
    assert got == {"dm": ["S-1-7", "S-1-7"]} and not len(found)


def test_a_crosswalk_of_one_source_alone_splits_a_person(tmp_path):
    walk = {"walk.csv": "SITE,SUBJ,USUBJID\n1,7,S-OTHER\n"}
    files = {"dm": "SITE,SUBJ\n1,7\n", "lb": "SITE,SUBJ\n1,7\n"}
    got, found = people(tmp_path, APART, files, {"lb": "{columns: [SITE, SUBJ], crosswalk: walk.csv}"}, walk)
    assert got == {"dm": ["S-1-7"], "lb": ["S-OTHER"]}
    assert sorted(zip(found["rule"], found["value"], strict=True)) == [
        ("R2A-SUBJ-007", "S-1-7"), ("R2A-SUBJ-007", "S-OTHER"),
    ]  # fmt: skip


def test_parts_of_a_split_text_are_identifiers_like_columns(tmp_path):
    split = '{split: PAT, as: "{SITE}/{SUBJ}", usubjid: "{STUDYID}-{SITE}{SUBJ}"}'
    got, found = people(tmp_path, split, {"dm": "PAT\n1/11\n11/1\n1 / 12\n1/12\n"})
    assert got == {"dm": ["", "", "S-112", "S-112"]} and found["value"].tolist() == ["S-111", "S-111"]


def test_sources_with_other_names_of_columns_have_one_identity(tmp_path):
    files = {"dm": "SITE,SUBJ\n1,11\n", "lb": "CTR,PAT\n11,1\n1,11\n"}
    got, found = people(tmp_path, JOINED, files, {"lb": "{columns: [CTR, PAT]}"})
    assert got == {"dm": [""], "lb": ["", ""]} and found["value"].tolist() == ["S-111"] * 3


def test_rows_that_two_people_share_are_quarantined_once(tiny):
    head = f"study: {{id: S}}\nsubject: {JOINED}\n"
    cm = "dataset: CM\nrows: {source: cm}\nvariables: {CMTRT: DRUG}\n"
    built = tiny({"cm.csv": "SITE,SUBJ,DRUG\n1,11,a\n11,1,b\n3,3,c\n"}, head, {"cm": cm})
    assert built.values("CM", "CMTRT") == ["c"]
    account = built.ledger.sources["cm"]
    assert account.totals()["quarantined"] == 2 and built.ledger.reconciled() == []
    assert [r for _, r, _ in account.by_reason() if r] == [
        "its identifiers give a USUBJID that is not this subject's alone"
    ]
    assert built.found("R2A-SUBJ-001") == [] and len(built.found("R2A-SUBJ-004")) == 2


def test_many_people_with_one_text_do_not_take_long(tmp_path):
    rows = "".join(f"{n},1\n" for n in range(3000))
    got, found = people(tmp_path, NUMBER, {"dm": "SITE,SUBJ\n" + rows})
    assert set(got["dm"]) == {""} and len(found) == 3000
    assert found["message"].str.len().max() < 700


HOSTILE = ["Pat.-Nr.", "Site no.", "and", "1st", "Größe", "a:b", "{x}", "a`b", "line\nbreak", "x" * 300, "'q'", '"q"']


@pytest.mark.parametrize("name", HOSTILE)
def test_a_column_of_any_name_identifies_a_subject(name):
    assert parse_template(f"{{STUDYID}}-{field_of(name)}").names == ("STUDYID", name)
    spec = SubjectSpec(columns=("SITE", name), usubjid="{STUDYID}-" + field_of(name))
    assert spec.names == ("SITE", name)


@pytest.mark.parametrize("name", HOSTILE)
def test_the_default_subjid_comes_from_a_column_of_any_name(tmp_path, name):
    study = "study: {id: S}\nsubject:\n  columns: [SITE, C]\n  usubjid: '{STUDYID}-{SITE}-{C}'\nsources: {dm: {file: dm.csv}}\n"
    (tmp_path / "study.yaml").write_text(study, "utf-8")
    read = load_study(tmp_path).file
    assert read is not None
    subject = read.subject.model_copy(update={"columns": ("SITE", name), "usubjid": "{STUDYID}-" + field_of(name)})
    read = read.model_copy(update={"subject": subject})
    table = raw_table("dm", "dm.csv", "SITE,C\n1,7\n")
    table.frame.columns = ["SITE", name]
    parts = identify(table, read.sources["dm"], read, tmp_path, Findings())
    assert [col.objects(parts[n]).tolist() for n in ("USUBJID", "SUBJID", "SITEID")] == [["S-7"], ["7"], ["1"]]


@pytest.mark.parametrize(
    ("subject", "place", "expected"),
    [
        ("{columns: [A], usubjid: '{A'}", "study.yaml:2:34", "is not part of a field"),
        ("{columns: [A], usubjid: '{B}'}", "study.yaml:2:34", "'B' is no identifier"),
        ("{columns: [A], usubjid: '{A}', siteid: '{}'}", "study.yaml:2:49", "is not a field"),
        ("{split: P, as: '{A}{B}', usubjid: '{A}'}", "study.yaml:2:25", "touch"),
        ("{split: P, as: 'AB', usubjid: 'x'}", "study.yaml:2:25", "has no field"),
    ],
)
def test_a_template_that_cannot_be_read_is_reported_at_its_line(spec_problems, subject, place, expected):
    head = f"study: {{id: S}}\nsubject: {subject}\nsources: {{dm: {{file: dm.csv}}}}\n"
    problems = spec_problems(head, {"cm": "dataset: CM\nrows: {source: dm}\nvariables: {CMTRT: A}\n"})
    assert [str(p.place) for p in problems if expected in p.message] == [place]


def test_a_name_in_siteid_that_no_source_has_is_reported_at_its_line(tiny):
    head = 'study: {id: S}\nsubject: {columns: [SUBJ], usubjid: "{SUBJ}", siteid: "{CENTRE}"}\n'
    cm = "dataset: CM\nrows: {source: cm}\nvariables: {CMTRT: DRUG}\n"
    with pytest.raises(SpecError, match=r"study.yaml:2:55.*'CENTRE' is neither an identifier"):
        tiny({"cm.csv": "SUBJ,DRUG\n1,a\n"}, head, {"cm": cm})


def test_wrong_templates_have_one_message():
    assert template_problem("{A:04}-{`B: c`}") == ""
    assert "zeros in front" in template_problem("{A:4}")
    assert np.all([template_problem(t) for t in ("{", "}", "{}", "{ A}", "{`}", "{``}")])
