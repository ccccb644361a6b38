"""`raw2adam diff OLD NEW` of two outputs: what differs, and the rule or raw file that explains it."""

import json

import pytest
from kit.command import raw2adam
from raw2adam.comparison.compare_runs import compare_runs
from raw2adam.comparison.options import Options
from raw2adam.comparison.run_folder import RunFolder
from raw2adam.comparison.run_report import run_text

STUDY = """\
study: {id: S1}
subject: {columns: [SUBJ], usubjid: "{STUDYID}-{SUBJ:02}"}
sources:
  enrol: {file: enrol.csv}
  ae: {file: ae.csv}
"""
DM = """\
dataset: DM
rows: {source: enrol}
variables:
  SEX: SEX
  COUNTRY: {value: DEU}
  RFSTDTC: {date: DOSE}
"""
AE = """\
dataset: AE
rows: {source: ae}
variables:
  AETERM: TERM
  AEDECOD: TERM
  AESEV: {from: GRADE, map: {1: MILD, 2: MODERATE}}
  AESTDTC: {date: START}
supplemental:
  NOTE: {from: REMARK, label: Remark of the Site}
"""
ADSL = "dataset: ADSL\nrows: {from: DM}\nvariables:\n  SEX: SEX\n  TRTSDT: {analysis_date: RFSTDTC}\n"
ENROL = "SUBJ,SEX,DOSE\n01,F,2021-02-01\n02,M,2021-02-02\n"
EVENTS = "SUBJ,TERM,GRADE,START,REMARK\n01,Headache,1,2021-02-05,a\n01,Rash,2,2021-02-06,b\n02,Fever,2,2021-02-06,\n"


@pytest.fixture(scope="module")
def outs(tmp_path_factory):
    """Outputs: old; new, with another first dose, an earlier event, a changed remark and a changed map; same."""
    root = tmp_path_factory.mktemp("runs")
    changes = {
        "old": {},
        "new": {
            "raw/enrol.csv": ENROL.replace("2021-02-01", "2021-02-03"),
            "raw/ae.csv": EVENTS.replace("01,Headache", "01,Cough,1,2021-02-04,\n01,Headache").replace(",b", ",c"),
            "study/sdtm/ae.yaml": "# a comment\n" + AE.replace("2: MODERATE", "2: SEVERE"),
        },
    }
    for name, changed in changes.items():
        files = {
            "study/study.yaml": STUDY, "study/sdtm/dm.yaml": DM, "study/sdtm/ae.yaml": AE,
            "study/adam/adsl.yaml": ADSL, "raw/enrol.csv": ENROL, "raw/ae.csv": EVENTS,
        }  # fmt: skip
        for file, text in {**files, **changed}.items():
            (root / name / file).parent.mkdir(parents=True, exist_ok=True)
            (root / name / file).write_text(text)
        words = ("--raw", f"{name}/raw", "--out", f"{name}/out", "--as-of", "2022-01-31", "--no-quality")
        done = raw2adam("build", f"{name}/study", *words, "--fail-on", "never", cwd=root, pages=False)
        assert done.returncode == 0, done.stderr
    return root


@pytest.fixture(scope="module")
def found(outs):
    done = raw2adam("diff", "old/out", "new/out", "--format", "json", cwd=outs)
    assert done.returncode == 1, done.stderr
    return json.loads(done.stdout)


def causes(found, dataset, variable=""):
    (one,) = [d for d in found["datasets"] if d["name"] == dataset]
    if not variable:
        about = one
    else:
        (about,) = [v for v in one["variables"] if v["name"] == variable]
    return about, [(c["kind"], c["what"], c["column"], c["through"]) for c in about["causes"]]


def test_inputs_specs_and_findings_are_compared(found):
    assert (found["schema"], found["kind"], found["equal"], found["unexplained"]) == (1, "runs", False, [])
    assert found["inputs"] == [
        {"name": "raw/ae.csv", "change": "changed"},
        {"name": "raw/enrol.csv", "change": "changed"},
    ]
    assert found["specs"] == [{"name": "sdtm/ae.yaml", "change": "changed"}]
    assert found["settings"] == [] and set(found["findings"]) == {"new", "resolved"}
    assert [d["name"] for d in found["datasets"]] == ["ADSL", "AE", "DM", "SUPPAE"]


def test_a_record_more_shifts_no_other_record(found):
    about, why = causes(found, "AE")
    assert about["records"] == {
        "old": 3, "new": 4, "only_old": {"count": 0, "listed": []},
        "only_new": {"count": 1, "listed": ["USUBJID=S1-01; AEDECOD=Cough; AESTDTC=2021-02-04; AETERM=Cough"]},
    }  # fmt: skip
    assert ("raw", "ae.csv", "", "") in why
    assert [v["name"] for v in about["variables"]] == ["AESEV", "AESTDY"]


def test_a_rule_explains_the_variable_at_its_line(found):
    about, why = causes(found, "AE", "AESEV")
    assert (about["compared"], about["different"]) == (3, 2)
    assert why[0] == ("rule", "sdtm/ae.yaml:7:10", "", "")
    assert "'2' to 'MODERATE'" in about["causes"][0]["old"] and "'2' to 'SEVERE'" in about["causes"][0]["new"]
    assert about["cells"][0] == {
        "keys": "USUBJID=S1-01; AEDECOD=Rash; AESTDTC=2021-02-06; AETERM=Rash", "old": "MODERATE", "new": "SEVERE",
        "format": "",
    }  # fmt: skip


def test_a_raw_file_explains_what_reads_its_column_and_what_follows(found):
    assert causes(found, "DM", "RFSTDTC")[1] == [("raw", "enrol.csv", "DOSE", "")]
    assert causes(found, "ADSL", "TRTSDT")[1] == [("raw", "enrol.csv", "DOSE", "DM.RFSTDTC")]
    assert ("raw", "enrol.csv", "DOSE", "DM.RFSTDTC") in causes(found, "AE", "AESTDY")[1]


def test_a_qualifier_is_a_variable_of_its_record(found):
    about, why = causes(found, "SUPPAE", "NOTE")
    assert about["different"] == 1 and about["cells"][0]["old"] == "b" and about["cells"][0]["new"] == "c"
    assert about["cells"][0]["keys"] == (
        "RDOMAIN=AE; USUBJID=S1-01; AEDECOD=Rash; AESTDTC=2021-02-06; AETERM=Rash; QNAM=NOTE"
    )
    assert why == [("raw", "ae.csv", "REMARK", "")]


def test_the_text_has_changes_and_reasons(outs):
    done = raw2adam("diff", "old/out", "new/out", "--only", "AE,ADSL", "--show", "1", cwd=outs)
    lines = done.stdout.splitlines()
    assert done.returncode == 1
    assert "input raw/ae.csv: changed" in lines and "spec sdtm/ae.yaml: changed" in lines
    assert "  AESEV: 2 of 3 values differ" in lines
    assert "    because: its rule is another one, sdtm/ae.yaml:7:10" in lines
    assert "    because: the raw file enrol.csv has changed, column DOSE, through DM.RFSTDTC" in lines
    assert "      USUBJID=S1-01: 22312 (2021-02-01) -> 22314 (2021-02-03)  (+2)" in lines
    assert lines[-1] == "DIFFERENT: 2 of 2 datasets (ADSL, AE); each change is explained"


def test_an_output_is_equal_to_itself(outs):
    same = raw2adam("diff", "old/out", "old/out", cwd=outs)
    assert (same.returncode, same.stdout.splitlines()[-1]) == (0, "EQUAL: 4 datasets compared")


def test_a_change_without_a_cause_is_named(outs, monkeypatch):
    old = RunFolder(outs / "old" / "out")
    monkeypatch.setattr(RunFolder, "index", old.index)  # the rules and raw files of both are those of the old one
    monkeypatch.setattr(RunFolder, "spec_files", lambda _: {})
    found = compare_runs(outs / "old" / "out", outs / "new" / "out", Options(), ["DM"])
    assert found.unexplained == ["DM.RFSTDTC"]
    assert run_text(found).splitlines()[-1].endswith("(DM); not explained: DM.RFSTDTC")


def test_the_page_has_each_change_with_its_cause(outs):
    from lxml import html

    done = raw2adam("diff", "old/out", "new/out", "--html", "page.html", cwd=outs)
    assert done.returncode == 1 and (outs / "page.html").is_file()
    page = html.parse(str(outs / "page.html"), html.HTMLParser(encoding="utf-8")).getroot()
    lines = {}
    for row in page.xpath("//table[@id='changed']/tbody/tr"):
        dataset, variable, change, because = (" ".join(c.text_content().split()) for c in row)
        lines[dataset, variable] = (change, because, row.get("data-change"), row.get("data-kind").split())
    change, because, _, kinds = lines["AE", "AESEV"]
    assert (
        change.startswith("values: 2 of 3 differ") and "'MODERATE' -> 'SEVERE'" in change and kinds == ["rule", "raw"]
    )
    assert because.startswith("its rule is another one, sdtm/ae.yaml:7:10")
    assert lines["AE", "(records)"][0].startswith("records: 1 only in NEW")
    assert lines["ADSL", "TRTSDT"][1:] == (
        "the raw file enrol.csv has changed, column DOSE, through DM.RFSTDTC", "values", ["raw"]
    )  # fmt: skip
    assert page.xpath("//select[@name='kind']/option/@value") == ["", "rule", "raw", "spec"]
    assert [t.split(",")[0] for t in page.xpath("//li[@class='tile']/span/a/text()")] == [
        "new",
        "resolved",
        "recurring",
    ]
    assert not page.xpath("//*[@src] | //link")
