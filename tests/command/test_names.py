"""Names of raw columns and sources are names and nothing else, whatever the tool or its language call so."""

from __future__ import annotations

import json

import pytest
from kit.command import no_pages
from raw2adam.engine.checks.name_check import taken_names
from raw2adam.runs.from_raw import Options, build
from raw2adam.runs.lint import lint_study
from raw2adam.trace.records import trace_records

HEAD = """\
study: {id: S}
subject: {columns: [SITE, SUBJ], usubjid: "{STUDYID}-{SITE}-{SUBJ}"}
dates: {formats: [yyyy-mm-dd]}
"""
DM = "dataset: DM\nrows: {source: dm}\nvariables: {RFSTDTC: {date: FD}, SEX: {value: M}, COUNTRY: {value: DEU}}\n"
DM_CSV = "SITE,SUBJ,FD\n1,1,2024-01-05\n1,2,2024-01-06\n"


def sources(*names: str) -> str:
    return HEAD + "sources:\n" + "".join(f"  {n}: {{file: {n}.csv}}\n" for n in names)


AE_CSV = (
    "SITE,SUBJ,TERM,ST,NO,USUBJID,SUBJID,SITEID,STUDYID,DOMAIN\n"
    "1,1,rash,2024-01-06,a,LOCAL-77,L7,BERLIN,OTHER,XX\n"
    "1,2,cough,2024-03-07,b,LOCAL-78,L8,PARIS,OTHER,XX\n"
)
AE = """\
dataset: AE
rows: {source: ae, join: {source: det, on: [USUBJID]}}
variables:
  AETERM: TERM
  AEDECOD: {value: X}
  AESTDTC: {date: ST}
  AESPID: DET
  AELOC: ae.USUBJID
  AEGRPID: {template: "{ae.SUBJID}/{SUBJID}"}
  AELLT: SITEID
  AEHLT: {cases: [{when: "ae.SITEID == 'BERLIN' and SITEID == '1'", value: BOTH}, {value: NO}]}
  AEHLGT: {from: ae.STUDYID}
"""


def test_a_raw_column_called_like_the_identity_is_a_raw_column(tiny):
    """USUBJID joins and identifies by what subject: says; SOURCE.USUBJID is the cell of the file."""
    files = {"dm.csv": DM_CSV, "ae.csv": AE_CSV, "det.csv": "SITE,SUBJ,DET,USUBJID\n1,1,d1,LOCAL-78\n1,2,d2,LOCAL-77\n"}
    built = tiny(files, sources("dm", "ae", "det"), {"dm": DM, "ae": AE})
    assert built.values("AE", "USUBJID") == ["S-1-1", "S-1-2"]
    assert built.values("AE", "AESPID") == ["d1", "d2"]
    assert built.values("AE", "AELOC") == ["LOCAL-77", "LOCAL-78"]
    assert built.values("AE", "AEGRPID") == ["L7/1", "L8/2"]
    assert built.values("AE", "AELLT") == ["1", "1"]
    assert built.values("AE", "AEHLT") == ["BOTH", "NO"]
    assert built.values("AE", "AEHLGT") == ["OTHER", "OTHER"]
    assert built.values("AE", "STUDYID") == ["S", "S"] and built.values("AE", "DOMAIN") == ["AE", "AE"]
    assert built.values("AE", "AESTDY") == [2.0, 62.0]
    columns = built.ledger.sources["ae"].columns
    assert str(columns["USUBJID"]) == "mapped to AE.AELOC" and str(columns["DOMAIN"]) == "not mapped"
    assert built.ledger.reconciled() == []
    reads = {u.variable: {r.column for r in u.reads} for u in built.lineage["AE"].rules}
    assert (reads["AELOC"], reads["USUBJID"]) == ({"USUBJID"}, {"<USUBJID>"})


def test_a_key_may_be_a_raw_column_called_usubjid(tiny):
    """A laboratory's own USUBJID is a key like another; the subject is part of the key all the same."""
    ae = "dataset: AE\nrows: {source: ae, join: {source: det, on: {LOCAL: det.USUBJID}}}\nvariables: {AETERM: TERM, AEDECOD: {value: X}, AESPID: DET}\n"
    files = {
        "dm.csv": DM_CSV,
        "ae.csv": "SITE,SUBJ,TERM,LOCAL\n1,1,rash,P\n1,2,cough,P\n",
        "det.csv": "SITE,SUBJ,DET,USUBJID\n1,1,d1,P\n1,2,d2,Q\n",
    }
    built = tiny(files, sources("dm", "ae", "det"), {"dm": DM, "ae": ae})
    assert built.values("AE", "AESPID") == ["d1", ""]


def test_identifying_columns_may_have_the_names_of_derived_variables(tiny):
    head = 'study: {id: S}\nsubject: {columns: [SITEID, SUBJID], usubjid: "{STUDYID}-{SITEID:03}-{SUBJID}", siteid: "{SITEID:03}"}\n'
    cm = (
        "dataset: CM\nrows: {source: cm}\nvariables: {CMTRT: DRUG, CMCAT: SITEID, CMSCAT: SUBJID, CMGRPID: cm.SITEID}\n"
    )
    built = tiny({"cm.csv": "SITEID,SUBJID,DRUG\n7,1,a\n"}, head, {"cm": cm})
    (record,) = built.data["CM"]
    assert [record[n] for n in ("USUBJID", "CMCAT", "CMSCAT", "CMGRPID")] == ["S-007-1", "007", "1", "7"]
    assert taken_names(built.plan, "cm", ["SITEID", "SUBJID", "DRUG", "SITEID", "SUBJID"]) == []


def test_a_raw_column_called_like_a_variable_does_not_feed_a_convention(tiny):
    """AESTDY and the sequence read AE.AESTDTC, not the raw text 06.01.2024 of a column AESTDTC."""
    head = sources("dm", "ae").replace("formats: [yyyy-mm-dd]", "formats: [yyyy-mm-dd, dd.mm.yyyy]")
    ae = "dataset: AE\nrows: {source: ae}\nvariables: {AETERM: AETERM, AEDECOD: {value: X}, AESTDTC: {date: AESTDTC}}\n"
    files = {"dm.csv": DM_CSV, "ae.csv": "SITE,SUBJ,AETERM,AESTDTC\n1,1,rash,06.01.2024\n"}
    built = tiny(files, head, {"dm": DM, "ae": ae})
    assert (built.values("AE", "AESTDTC"), built.values("AE", "AESTDY")) == (["2024-01-06"], [2.0])


UNPIVOT = """\
dataset: LB
rows:
  source: lb
  unpivot:
    GLUC: {result: RESULT, unit: {from: UNIT}}
    ALB: {result: OTHER, unit: g/L}
variables:
  LBTEST: {value: T}
  LBCAT: ITEM
  LBSPID: lb.ITEM
  LBNAM: lb.RESULT
"""


def test_raw_columns_called_item_result_and_unit(tiny):
    """The block's own ITEM, RESULT and UNIT are made of items; the file's are lb.ITEM, lb.RESULT, lb.UNIT."""
    files = {"lb.csv": "SITE,SUBJ,RESULT,UNIT,OTHER,ITEM\n1,1,5.1,mmol/L,40,first\n"}
    built = tiny(files, sources("lb"), {"lb": UNPIVOT})
    got = [
        tuple(r[n] for n in ("LBTESTCD", "LBORRES", "LBORRESU", "LBCAT", "LBSPID", "LBNAM")) for r in built.data["LB"]
    ]
    assert sorted(got) == [
        ("ALB", "40", "g/L", "ALB", "first", "5.1"),
        ("GLUC", "5.1", "mmol/L", "GLUC", "first", "5.1"),
    ]
    assert built.ledger.reconciled() == []
    means = "the column that the block derives from its items"
    assert taken_names(built.plan, "lb", ["RESULT", "UNIT", "OTHER", "ITEM"]) == [
        (n, means) for n in ("ITEM", "RESULT", "UNIT")
    ]


@pytest.mark.parametrize(
    "name", ["row", "values", "true", "and", "base", "0", "AESPID", "join", "not", "study", "ae-1"]
)
def test_a_source_may_be_called_like_a_word_of_the_language(tiny, name):
    quoted = f"'{name}'"
    study = HEAD + f"sources:\n  dm: {{file: dm.csv}}\n  ae: {{file: ae.csv}}\n  {quoted}: {{file: x.csv}}\n"
    ae = f"""\
dataset: AE
rows: {{source: ae, join: {{source: {quoted}, on: [USUBJID, NO]}}}}
variables:
  AETERM: TERM
  AEDECOD: {{value: X}}
  AELOC: {{from: '{name}.TERM'}}
  AESPID: DET
  AEGRPID: {{first: '{name}.DET', order: [NO]}}
"""
    files = {
        "dm.csv": DM_CSV,
        "ae.csv": "SITE,SUBJ,TERM,NO\n1,1,T1,1\n1,2,T2,2\n",
        "x.csv": "SITE,SUBJ,NO,DET,TERM\n1,1,1,d1,x1\n1,2,2,d2,x2\n",
    }
    built = tiny(files, study, {"dm": DM, "ae": ae})
    got = [tuple(r[n] for n in ("AETERM", "AELOC", "AESPID", "AEGRPID")) for r in built.data["AE"]]
    assert got == [("T1", "x1", "d1", "d1"), ("T2", "x2", "d2", "d2")]
    line = built.lineage["AE"]
    joined = [n for n, t in line.tables.items() if t == name and n.startswith("row:") and n != "row:AEGRPID"]
    assert line.rows["row"].tolist() == [0, 1] and all(
        line.rows[n].tolist() == [0, 1] for n in joined if n in line.rows
    )
    assert line.tables["row:0"] == "ae" and line.sources == ("ae",)


@pytest.mark.parametrize(
    ("name", "expected_message"),
    [("AE", "a dataset has this name; the datasets are AE, DM"), ("a.b", "letters, digits"), ("x/y", "letters, digits"),
     ("a b", "letters, digits"), ("con", "Windows"), ("Dm", "differ by case only"), ("n" * 65, "at most 64")],
)  # fmt: skip
def test_a_name_that_a_source_cannot_have_is_refused_at_its_line(spec_problems, name, expected_message):
    study = HEAD + f"sources:\n  dm: {{file: dm.csv}}\n  '{name}': {{file: x.csv}}\n"
    ae = f"dataset: AE\nrows: {{source: '{name}'}}\nvariables: {{AETERM: TERM, AEDECOD: {{value: X}}}}\n"
    found = [p for p in spec_problems(study, {"dm": DM, "ae": ae}) if expected_message in p.message]
    assert [str(p.place) for p in found] == ["study.yaml:6:3"]


def test_a_joined_table_is_not_called_like_another_source(spec_problems):
    ae = "dataset: AE\nrows: {source: ae, join: {source: dm, as: ae}}\nvariables: {AETERM: TERM, AEDECOD: {value: X}}\n"
    found = [p for p in spec_problems(sources("dm", "ae"), {"dm": DM, "ae": ae}) if "joined table" in p.message]
    assert [str(p.place) for p in found] == ["sdtm/ae.yaml:2:43"]


HOSTILE = [
    "Pat.-Nr.", "Event no", "and", "1st", "Größe", "a:b", "{x}", "a`b", "l\nb", "x" * 300, "'q'", '"q"', "missing", "=1+1",
    "row.TERM", "USUBJID", "DM", "DM.SEX",
]  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_column_of_any_name_is_read_by_rules_conditions_templates_keys_and_items(tiny, name):
    quoted = "`" + name.replace("`", "``") + "`"
    taken = name in ("USUBJID", "DM.SEX")  # SOURCE.COLUMN is always the column
    where = f"ae.{name}" if taken else name
    code = where if taken else quoted
    ae = {
        "dataset": "AE",
        "rows": {"source": "ae", "where": f"not missing({code})", "join": {"source": "det", "on": {where: "KEY"}}},
        "variables": {
            "AETERM": where, "AEDECOD": {"value": "X"}, "AESPID": {"template": "N{" + code + ":03}"},
            "AELOC": "DET", "AEGRPID": {"compute": f"concat({code}, '!')"},
        },
    }  # fmt: skip
    cm = {
        "dataset": "CM",
        "rows": {"source": "ae", "explode": {"DRUG": [where, "SECOND"]}},
        "variables": {"CMTRT": "DRUG"},
    }
    header = '"' + name.replace('"', '""') + '"'
    files = {
        "dm.csv": DM_CSV,
        "ae.csv": f"SITE,SUBJ,{header},SECOND\n1,1,5,6\n1,2,,7\n",
        "det.csv": "SITE,SUBJ,KEY,DET\n1,1,5,five\n",
    }
    built = tiny(files, sources("dm", "ae", "det"), {"dm": DM, "ae": json.dumps(ae), "cm": json.dumps(cm)})
    (record,) = built.data["AE"]
    assert [record[n] for n in ("USUBJID", "AETERM", "AESPID", "AELOC", "AEGRPID")] == [
        "S-1-1",
        "5",
        "N005",
        "five",
        "5!",
    ]
    assert sorted(str(r["CMTRT"]) for r in built.data["CM"]) == ["5", "6", "7"]
    assert str(built.ledger.sources["ae"].columns[name]).startswith("mapped to AE.AEGRPID")
    assert built.ledger.reconciled() == []


def test_hostile_names_reach_every_file_of_a_build(tmp_path):
    """Accounts, findings, queries, quarantine, corrections and trace of a file whose header has such names."""
    header = [*(n for n in HOSTILE if n != "DM"), "RAW_FILE", "RECORD", "__record__", "__usubjid__", "SITE", "SUBJ"]
    cells = [f"c{i}" for i in range(len(header) - 2)]
    line = ",".join('"' + n.replace('"', '""') + '"' for n in header)
    for name, text in {
        "raw/dm.csv": DM_CSV,
        "raw/ae.csv": f"{line}\n{','.join(cells)},1,1\n{','.join(cells)},1,\n",
        "study/study.yaml": sources("dm", "ae"),
        "study/sdtm/dm.yaml": DM,
        "study/sdtm/ae.yaml": json.dumps(
            {
                "dataset": "AE",
                "rows": {"source": "ae"},
                "variables": {
                    "AETERM": "Pat.-Nr.",
                    "AEDECOD": {"value": "X"},
                    "AESPID": "ae.USUBJID",
                    "AESTDTC": {"date": "l\nb"},
                },
            }
        ),
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    build(str(tmp_path / "study"), tmp_path / "raw", tmp_path / "out", Options(quality=False))
    at = header.index("USUBJID")
    (record,) = trace_records(tmp_path / "out", "AE", "", 5)
    way = {v["variable"]: (v["value"], [(c["column"], c.get("cell")) for c in v["cells"]]) for v in record["values"]}
    assert way["AESPID"] == (f"c{at}", [("USUBJID", f"c{at}")])
    assert way["USUBJID"] == ("S-1-1", [("SITE", "1"), ("SUBJ", "1")])
    assert way["AETERM"] == ("c0", [("Pat.-Nr.", "c0")])
    findings = json.loads((tmp_path / "out" / "reports" / "findings.json").read_text())["findings"]
    assert [(f["source"]["source"], f["source"]["column"]) for f in findings if f["rule"] == "R2A-COL-002"] == [
        ("ae", "USUBJID")
    ]
    assert [f["source"]["column"] for f in findings if f["rule"] == "R2A-DATE-001" and f["dataset"] == "AE"] == ["l\nb"]
    kept = tmp_path / "out" / "quarantine" / "ae.csv"
    (tmp_path / "fixed").mkdir()
    (tmp_path / "fixed" / "ae.csv").write_bytes(kept.read_bytes().replace(b'"1",""\r\n', b'"1","2"\r\n'))
    options = Options(quality=False, corrections=tmp_path / "fixed")
    with no_pages():
        done = build(str(tmp_path / "study"), tmp_path / "raw", tmp_path / "again", options)
    assert done.ledger.sources["ae"].totals()["mapped"] == 2


LOOKED_UP = """\
dataset: AE
rows: {source: ae, where: "not missing(ae.USUBJID)"}
variables:
  AETERM: TERM
  AEDECOD: {value: X}
  AESPID: {first: det.DET, on: {NO: det.NO}}
  AELOC: det.USUBJID
  AEGRPID: {lookup: dm.SITEID}
  AELLT: {last: det.SITEID, order: [det.USUBJID], where: "det.USUBJID == 'q2' or USUBJID == 'S-1-1'"}
  AEHLT: {count: det, where: "USUBJID == 'S-1-1'"}
  AEHLGT: {first: lab.NAME, on: {ae.SITEID: USUBJID}}
"""


def test_lookups_keys_orders_and_conditions_name_raw_columns_by_their_source(tiny):
    """Of another table too, USUBJID is the subject and det.USUBJID the column of its file."""
    study = sources("dm", "ae", "det") + "  lab: {file: lab.csv, subject: none}\n"
    files = {
        "dm.csv": "SITE,SUBJ,FD,SITEID\n1,1,2024-01-05,BER\n1,2,2024-01-06,PAR\n",
        "ae.csv": "SITE,SUBJ,TERM,NO,USUBJID,SITEID\n1,1,T1,1,L1,BER\n1,2,T2,2,L2,PAR\n",
        "det.csv": "SITE,SUBJ,NO,DET,USUBJID,SITEID\n1,1,1,d1,q1,r1\n1,2,2,d2,q2,r2\n",
        "lab.csv": "USUBJID,NAME\nBER,Berlin\nPAR,Paris\n",
    }
    built = tiny(files, study, {"dm": DM, "ae": LOOKED_UP})
    got = [tuple(r[n] for n in ("AESPID", "AELOC", "AEGRPID", "AELLT", "AEHLT", "AEHLGT")) for r in built.data["AE"]]
    assert got == [("d1", "q1", "BER", "r1", "1", "Berlin"), ("d2", "q2", "PAR", "r2", "0", "Paris")]
    (choice,) = (u.choice for u in built.lineage["AE"].rules if u.variable == "AELLT")
    assert choice is not None and (choice.column, choice.order) == ("SITEID", ("det.USUBJID",))


def test_lint_knows_what_a_bare_name_means(tmp_path):
    """No value is called impossible for USUBJID because a column of the file is called so; each such column is told."""
    for name, text in {
        "study/study.yaml": sources("dm", "ae"),
        "study/sdtm/dm.yaml": DM,
        "study/sdtm/ae.yaml": "dataset: AE\nrows: {source: ae, where: \"USUBJID == 'S-1-1'\"}\nvariables: {AETERM: TERM, AEDECOD: {value: X}, AELOC: ae.USUBJID}\n",
        "raw/dm.csv": DM_CSV,
        "raw/ae.csv": "SITE,SUBJ,TERM,USUBJID\n1,1,rash,L1\n",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    problems = lint_study(str(tmp_path / "study"), tmp_path / "raw")
    assert [(p.severity, p.place.line, p.message.partition(";")[0]) for p in problems] == [
        ("warning", 6, "the file has a column USUBJID")
    ]
