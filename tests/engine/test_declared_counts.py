"""Counts, primary enrolments, serious events and copies read raw cells by what is declared for them."""

from __future__ import annotations

import json
from pathlib import Path

import pyreadstat
import pytest
from kit.command import build
from raw2adam.runs.from_raw import Options
from raw2adam.runs.lint import lint_study

DM = "dataset: DM\nrows: {source: dm}\nvariables: {SEX: SEX, COUNTRY: {value: DEU}}\n"
HEAD = 'study: {id: S1}\nsubject: {columns: [SUBJ], usubjid: "{STUDYID}-{SUBJ}"%s}\n'
PEOPLE = "SUBJ,SEX\n01,F\n02,M\n"


def study(folder: Path, text: str, datasets: dict[str, str], files: dict[str, str]) -> Path:
    for part in ("raw", "study/sdtm", "study/adam"):
        (folder / part).mkdir(parents=True)
    (folder / "study" / "study.yaml").write_text(text if text.startswith("study:") else HEAD % "" + text)
    for name, dataset in {"sdtm/dm": DM, **datasets}.items():
        (folder / "study" / f"{name}.yaml").write_text(dataset)
    for name, rows in {"dm.csv": PEOPLE, **files}.items():
        (folder / "raw" / name).write_text(rows)
    return folder


def findings(folder: Path) -> list[dict]:
    build(str(folder / "study"), folder / "raw", folder / "out", Options(quality=False))
    return json.loads((folder / "out" / "reports" / "findings.json").read_text())["findings"]


def test_different_values_are_counted_by_what_they_mean(tiny):
    built = tiny(
        {
            "dm.csv": PEOPLE,
            "dose.csv": 'SUBJ,CYC,DAY\n01,"1,0",01/02/2024\n01,1,2024-02-01\n01,2,03/02/2024\n02,x,01/02/2024\n02,,\n',
        },
        "numbers: {decimal: ','}\ndates: {formats: [dd/mm/yyyy, yyyy-mm-dd]}\n"
        "sources:\n  dm: {file: dm.csv}\n  dose: {file: dose.csv, types: {CYC: number, DAY: date}}\n",
        {
            "dm": DM,
            "adsl": "dataset: ADSL\nrows: {from: DM}\nvariables:\n"
            "  NCYC: {count: dose, distinct: CYC, label: Cycles}\n  NDAY: {count: dose, distinct: DAY, label: Days}\n",
        },
    )
    assert built.values("ADSL", "NCYC") == [2.0, 1.0]
    assert built.values("ADSL", "NDAY") == [2.0, 1.0]
    assert built.ledger.cells is not None and not built.found("R2A-ROW-002")


@pytest.mark.parametrize(
    ("table", "source", "asked"),
    [
        ("dose", "", True),
        ("dose", ", types: {CYC: number}", False),
        ("dose", ", types: {CYC: text}", False),
        ("dose", ", numbers: {columns: {CYC: ','}}", False),
        ("CM", "", False),  # a variable of a dataset has a type
    ],
)
def test_lint_asks_for_the_type_of_a_column_whose_values_are_counted(spec_problems, table, source, asked):
    study = f"sources:\n  dm: {{file: dm.csv}}\n  dose: {{file: dose.csv{source}}}\n"
    column = "CYC" if table == "dose" else "CMTRT"
    specs = {
        "dm": DM,
        "cm": "dataset: CM\nrows: {source: dose}\nvariables: {CMTRT: DRUG}\n",
        "adsl": "dataset: ADSL\nrows: {from: DM}\nvariables:\n"
        f"  NCYC: {{count: {table}, distinct: {column}, label: Cycles}}\n",
    }
    found = [p for p in spec_problems(study, specs) if "counted by its different texts" in p.message]
    assert [(p.severity, p.place.line, p.hint) for p in found] == (
        [("warning", 4, "write types: {CYC: number} (or date, text) at the source dose")] if asked else []
    )


def test_the_primary_enrolment_is_found_in_cells_as_declared(tiny):
    built = tiny(
        {"dm.csv": 'SUBJ,SEX,OLD,W\n01,F,,"1,0"\n02,F,01,"0,5"\n03,M,,"0,5"\n'},
        HEAD % ", continues: {source: dm, columns: [OLD], primary: number(W) >= 1}"
        + "sources: {dm: {file: dm.csv, numbers: {columns: {W: ','}}}}\n",
        {"dm": DM.replace("source: dm", "source: dm, where: number(W) >= 1")},
    )
    assert built.values("DM", "USUBJID") == ["S1-01"]
    assert [f[1] for f in built.found("R2A-CONT-007")] == [3]


def test_serious_events_of_the_first_line_are_counted_as_declared(tmp_path):
    folder = study(
        tmp_path,
        "sources: {dm: {file: dm.csv}, ae: {file: ae.csv, numbers: {columns: {GRADE: ','}}}}\n",
        {
            "sdtm/ae": "dataset: AE\nrows: {source: ae, where: not missing(TERM)}\nvariables:\n  AETERM: TERM\n  AEDECOD: TERM\n"
            "  AESER: {cases: [{when: number(GRADE) >= 4, value: Y}, {value: N}]}\n"
        },
        {"ae.csv": 'SUBJ,TERM,GRADE\n01,,"4,5"\n01,,"3,5"\n02,Cough,"1,0"\n'},
    )
    lead = build(str(folder / "study"), folder / "raw", folder / "out", Options(quality=False)).lead
    assert lead == ["ERROR: 2 of 3 adverse event rows of ae.csv did not reach SDTM, 1 of them serious"]


def test_a_copy_of_a_raw_number_keeps_fifteen_digits_and_names_its_cell(tmp_path):
    folder = study(
        tmp_path,
        "sources: {dm: {file: dm.csv}, lab: {file: lab.csv, types: {N: number}}}\n",
        {
            "adam/adsl": "dataset: ADSL\nrows: {from: DM}\nvariables:\n"
            "  FIRSTN: {first: lab.N, label: First, type: float}\n  FIRSTD: {first: lab.D, as: date, label: Day}\n"
        },
        {"lab.csv": "SUBJ,N,D\n01,0.1234567890123456,2024-13-01\n02,12345678901234567,2024-01-02\n"},
    )
    found = findings(folder)
    places = {(f["rule"], f["source"]["file"], f["source"]["row"], f["source"]["column"]) for f in found}
    assert ("R2A-NUM-007", "lab.csv", 1, "N") in places and ("R2A-NUM-007", "lab.csv", 2, "N") in places
    assert ("R2A-DATE-001", "lab.csv", 1, "D") in places
    assert not [p for p in places if p[0] == "R2A-CELL-001"]
    cells, _ = pyreadstat.read_xport(folder / "out" / "adam" / "adsl.xpt", output_format="dict")
    assert abs(cells["FIRSTN"][0] - 0.123456789012346) < 1e-16


def test_a_column_with_the_name_of_a_variable_of_a_dataset_is_read(tmp_path):
    ae = "dataset: AE\nrows: {source: ae}\nvariables: {AETERM: AE.TERM, AEDECOD: %s}\n"
    folder = study(
        tmp_path,
        "sources: {dm: {file: dm.csv}, ae: {file: ae.csv}}\n",
        {"sdtm/ae": ae % "DM.CODED"},
        {"ae.csv": "SUBJ,AE.TERM,DM.CODED\n01,cough,Cough\n"},
    )
    assert not lint_study(str(folder / "study"), folder / "raw")
    assert not [f for f in findings(folder) if f["severity"] == "error"]
    (folder / "study" / "sdtm" / "ae.yaml").write_text(ae % "DM.CODES")
    (problem,) = lint_study(str(folder / "study"), folder / "raw")
    assert "no column or variable 'DM.CODES'" in problem.message and problem.place.line == 3
    assert len(lint_study(str(folder / "study"))) == 2  # without the header, both look like variables


def test_a_code_without_a_decode_is_one_finding_at_its_cell(tmp_path):
    decode = "{decode: TERM, map: {'1': Cough}}"
    folder = study(
        tmp_path,
        "sources: {dm: {file: dm.csv}, ae: {file: ae.csv}}\n",
        {"sdtm/ae": f"dataset: AE\nrows: {{source: ae}}\nvariables: {{AETERM: TERM, AEDECOD: {decode}}}\n"},
        {"ae.csv": "SUBJ,TERM\n01,1\n02,2\n"},
    )
    reported = [f for f in findings(folder) if f["variable"] == "AEDECOD"]
    assert [(f["rule"], f["source"]["row"], f["source"]["column"]) for f in reported] == [("R2A-CT-002", 2, "TERM")]


def test_a_number_among_standard_results_is_no_missing_term(tmp_path):
    lb = (
        "dataset: LB\nrows: {source: lb}\nvariables:\n  LBTESTCD: {value: HCT}\n  LBTEST: {value: Hematocrit}\n"
        "  LBORRES: RES\n  LBSTRESC: RES\n"
    )
    folder = study(
        tmp_path,
        "sources: {dm: {file: dm.csv}, lb: {file: lb.csv}}\n",
        {"sdtm/lb": lb},
        {"lb.csv": "SUBJ,RES\n01,41.5\n02,<3\n02,Weird\n"},
    )
    reported = [f["value"] for f in findings(folder) if f["variable"] == "LBSTRESC"]
    assert reported == ["Weird"]


def test_lint_knows_the_parts_of_divided_cells(tmp_path):
    vs = (
        "dataset: VS\nrows: {source: vs, unpivot: {SYSBP: {result: SYS, unit: mmHg}, DIABP: {result: %s, unit: mmHg}}}\n"
        "variables: {VSTEST: {decode: VSTESTCD}}\n"
    )
    folder = study(
        tmp_path,
        'sources: {dm: {file: dm.csv}, vs: {file: vs.csv, split: {BP: "{SYS}/{DIA}"}, numbers: {columns: {DIA: "."}}}}\n',
        {"sdtm/vs": vs % "DIA"},
        {"vs.csv": "SUBJ,BP\n01,120/80\n"},
    )
    assert not lint_study(str(folder / "study"), folder / "raw")
    (folder / "study" / "sdtm" / "vs.yaml").write_text(vs % "DIAS")
    (problem,) = lint_study(str(folder / "study"), folder / "raw")
    assert "no column or variable 'DIAS'" in problem.message and problem.place.line == 2


def test_a_finding_on_a_part_of_a_cell_names_the_column_of_the_file(tmp_path):
    folder = study(
        tmp_path,
        "sources: {dm: {file: dm.csv}, ae: {file: ae.csv, split: {PERIOD: '{BEGIN} to {END}'}}}\n",
        {
            "sdtm/ae": "dataset: AE\nrows: {source: ae}\n"
            "variables: {AETERM: TERM, AEDECOD: TERM, AESTDTC: {date: BEGIN}, AEENDTC: {date: END}}\n"
        },
        {"ae.csv": "SUBJ,TERM,PERIOD\n01,Cough,2024-01-05 to soon\n"},
    )
    (reported,) = [f for f in findings(folder) if f["rule"] == "R2A-DATE-001"]
    assert reported["source"]["column"] == "END" and reported["message"].endswith("; a part of PERIOD")


def test_a_constant_of_an_item_with_the_name_of_a_raw_column_is_reported(tmp_path):
    lb = (
        "dataset: LB\nrows: {source: lb, unpivot: {HGB: {result: HGB, unit: %s}}}\n"
        "variables: {LBTEST: {decode: LBTESTCD}}\n"
    )
    folder = study(
        tmp_path,
        "sources: {dm: {file: dm.csv}, lb: {file: lb.csv, not_submitted: {NOTE: free}}}\n",
        {"sdtm/lb": lb % "HGBU"},
        {"lb.csv": "SUBJ,HGB,HGBU,NOTE\n01,13.1,g/dL,x\n"},
    )
    reported = lint_study(str(folder / "study"), folder / "raw")
    assert [(p.severity, p.place.line, p.place.column, p.hint) for p in reported if "'HGBU'" in p.message] == [
        ("warning", 2, 55, "write {from: HGBU} for its cells")
    ]
    (folder / "study" / "sdtm" / "lb.yaml").write_text(lb % "{from: HGBU}")
    assert not lint_study(str(folder / "study"), folder / "raw")
