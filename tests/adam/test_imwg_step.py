"""The step imwg_response through the engine: which results it reads, its records, their sources, mistakes of a spec."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kit.fuzzing import examples
from kit.together import Cases
from raw2adam.errors import SpecError
from raw2adam.mappings.models.criteria_files import FOLDER
from raw2adam.mappings.models.response_criteria import imwg_criteria

LB_HEAD = "SUBJ,TEST,SPEC,RESULT,UNIT,DAY,VISIT,CORR"
LB = """dataset: LB
rows: {source: lab}
variables:
  LBTESTCD: {from: TEST, codelist: none}
  LBTEST: {value: x, codelist: none}
  LBSPEC: {from: SPEC, codelist: none}
  LBORRES: RESULT
  LBORRESU: {from: UNIT, codelist: none}
  LBSTRESC: {from: RESULT, codelist: none}
  LBSTRESN: {cases: [{when: "RESULT in ['NEGATIVE', 'IGG KAPPA', 'HAZY', '<0.05']", value: ""}, {from: RESULT}]}
  LBSTRESU: {from: UNIT, codelist: none}
  LBDTC: DAY
  VISIT: VISIT
working:
  CORR: CORR
sort: [STUDYID, USUBJID, LBTESTCD, LBSPEC, LBDTC, LBSTRESC]
"""
TR = """dataset: TR
rows:
  - source: tr
    variables: {TRTESTCD: {from: TEST, codelist: none}, TRSTRESN: {from: RESULT}, TRSTRESC: {from: RESULT, codelist: none}, TRSTRESU: {value: mm}}
variables: {TRORRES: RESULT, TRTEST: {value: x, codelist: none}, TRLNKID: LESION, TRDTC: DAY, VISIT: VISIT}
"""
DM = """dataset: DM
rows: {source: dm}
variables: {RFSTDTC: FIRST, ARMCD: {value: A}, ARM: {value: A}, ACTARMCD: {value: A}, ACTARM: {value: A}, COUNTRY: {value: DEU}, SEX: {value: F}, DMDTC: FIRST, AGE: {value: "60"}, SUBJID: SUBJ, SITEID: {value: S}}
"""
ADSL = """dataset: ADSL
rows: {from: DM}
variables:
  TRTSDT: {analysis_date: RFSTDTC}
  SAFFL: {cases: [{when: not missing(TRTSDT), value: Y}, {value: N}]}
"""
INPUTS = """        serum: {from: LB, where: "LBTESTCD == 'MCPROT'"}
        urine: {from: LB, where: "LBTESTCD == 'MPROTEXR'"}
        kappa: {from: LB, where: "LBTESTCD == 'KLCFR'"}
        lambda: {from: LB, where: "LBTESTCD == 'LLCFR'"}
        marrow: {from: LB, where: "LBTESTCD == 'PLSTCECE'"}
        serum_ife: {from: LB, where: "LBTESTCD == 'MPIGISO' and LBSPEC == 'SERUM'", prefer: CORR == 'Y', negative: [NEGATIVE], positive: [IGG KAPPA], drug_band: [IGG KAPPA]}
        diameter: {from: TR, where: TRTESTCD == 'LDIAM'}
        perpendicular: {from: TR, where: TRTESTCD == 'LPERP'}
"""


def adrs(options: str = "", inputs: str = INPUTS) -> str:
    return f"""dataset: ADRS
class: BASIC DATA STRUCTURE
rows:
  - from: ADSL
    where: SAFFL == 'Y'
    derive:
      imwg_response: imwg-2016
      inputs:
{inputs}{f"      options: {{{options}}}" if options else ""}
keys: [STUDYID, USUBJID, PARAMCD, ADT, ASEQ]
"""


DM_ROWS = "SUBJ,FIRST\n1,2020-01-01\n2,2020-01-01\n3,\n"


CASES = Cases()


def files_of(lab: str, tr: str = "", dm: str = DM_ROWS) -> dict[str, str]:
    return {"dm.csv": dm, "lab.csv": LB_HEAD + "\n" + lab, "tr.csv": "SUBJ,TEST,RESULT,LESION,DAY,VISIT\n" + tr}


def of(lab: str, tr: str = "", dm: str = DM_ROWS):
    """Decorator: the test sees these results of a study that all tests share."""
    return CASES.rows(files_of(lab, tr, dm))


def study(tiny, lab: str, tr: str = "", dm: str = DM_ROWS, partitions: int = 1, **spec: Any):
    return build(tiny, files_of(lab, tr, dm), partitions, **spec)


def build(tiny, files: dict[str, str], partitions: int = 1, **spec: Any):
    return tiny(files, "", {"dm": DM, "lb": LB, "tr": TR, "adsl": ADSL, "adrs": adrs(**spec)}, partitions)


@pytest.fixture(scope="module")
def whole(tiny):
    return build(tiny, CASES.files())


@pytest.fixture
def built(whole, request):
    return CASES.alone(whole, request.node.originalname)


def records(built, paramcd: str = "IMWG", subject: str = "S1-01") -> list[dict]:
    return [r for r in built.data["ADRS"] if r["PARAMCD"] == paramcd and r["USUBJID"] == subject]


BASE = "1,MCPROT,SERUM,4.0,g/dL,2020-01-01,BASELINE,\n1,MPROTEXR,URINE,0,mg/day,2020-01-01,BASELINE,\n"
JAN1 = 21915.0  # 2020-01-01 as days since 1960-01-01


@of(BASE + (
    "1,MCPROT,SERUM,2.0,g/dL,2020-02-01,MONTH 1,\n"
    "1,MPROTEXR,URINE,10,mg/day,2020-02-03,MONTH 1,\n"
    "1,MCPROT,SERUM,2.6,g/dL,2020-03-01,MONTH 2,\n"
    "1,MPROTEXR,URINE,10,mg/day,2020-03-05,MONTH 2,\n"
))  # fmt: skip
def test_records_of_a_subject(built):
    got = [(r["AVALC"], r["AVAL"], r["ADT"], r["VISIT"], r["IMWGREAS"]) for r in records(built)]
    assert got == [
        # the day of a response is the last of its evaluation, that of a progression the first that shows it
        ("PR", 4.0, JAN1 + 33, "MONTH 1", "PR: SERUM >= 50 % DOWN"),
        ("PD", 7.0, JAN1 + 60, "MONTH 2", "PD: SERUM >= 25 % AND >= 0.5 G/DL OVER NADIR"),
    ]
    lb = {(r["LBTESTCD"], r["LBDTC"]): r["LBSEQ"] for r in built.data["LB"]}
    assert [(r["SRCDOM"], r["SRCVAR"], r["SRCSEQ"]) for r in records(built)] == [
        ("LB", "LBSTRESN", lb["MCPROT", "2020-02-01"]), ("LB", "LBSTRESN", lb["MCPROT", "2020-03-01"]),
    ]  # fmt: skip
    assert {r["PARCAT1"] for r in built.data["ADRS"]} == {"ALGORITHM"}
    serum = records(built, "IMSERUM")
    keys = ("AVAL", "ADT", "ABLFL", "BASE", "CHG", "PCHG", "NADIR", "NADIRDT", "CHGNAD", "PCHGNAD", "MCRIT1ML", "DTYPE")
    assert [tuple(r[k] for k in keys) for r in serum] == [
        (4.0, JAN1, "Y", 4.0, None, None, None, None, None, None, "", ""),
        (2.0, JAN1 + 31, "", 4.0, -2.0, -50.0, 4.0, JAN1, -2.0, -50.0, "PR", ""),
        (2.0, JAN1 + 31, "", 4.0, None, None, None, None, None, None, "", "MINIMUM"),
        (2.6, JAN1 + 60, "", 4.0, -1.4, -35.0, 2.0, JAN1 + 31, 0.6, 30.0, "MR", ""),
    ]
    criterion = "Response level that the component alone supports"
    assert [r["MCRIT1"] for r in serum] == ["", criterion, "", criterion]
    flags = {p: records(built, p)[0]["AVALC"] for p in ("IMWGMS", "IMWGMU", "IMWGMF", "IMWGMB", "IMWGCHN")}
    assert flags == {"IMWGMS": "Y", "IMWGMU": "N", "IMWGMF": "N", "IMWGMB": "N", "IMWGCHN": "UNKNOWN"}
    # a subject without results has what can be reported of it; one without a dose has nothing
    assert {r["PARAMCD"]: r["AVALC"] for r in built.data["ADRS"] if r["USUBJID"] == "S1-02"} == {
        "IMWGMS": "U", "IMWGMU": "U", "IMWGMF": "U", "IMWGMB": "U", "IMWGCHN": "UNKNOWN"
    }  # fmt: skip
    assert not [r for r in built.data["ADRS"] if r["USUBJID"] == "S1-03"]
    assert len(built.findings) == 0


def test_lineage_leads_to_the_results_the_baseline_and_the_nadir(tiny):
    lab = BASE + "1,MCPROT,SERUM,2.0,g/dL,2020-02-01,,\n1,MCPROT,SERUM,2.6,g/dL,2020-03-01,,\n"
    built = study(tiny, lab)
    rows = built.lineage["ADRS"].rows
    data = built.data["ADRS"]
    at = next(i for i, r in enumerate(data) if r["PARAMCD"] == "IMWG" and r["AVALC"] == "PD")
    dates = [built.data["LB"][int(rows[f"row:{node}"].iloc[at])]["LBDTC"]
             for node in ("serum", "serum baseline", "serum nadir")]  # fmt: skip
    assert dates == ["2020-03-01", "2020-01-01", "2020-02-01"]
    assert int(rows["row:urine"].iloc[at]) == -1
    use = next(u for u in built.lineage["ADRS"].rules if u.variable == "IMWGREAS")
    read = {r.node for r in use.reads if r.item == int(rows["item"].iloc[at])}
    assert {"row:serum", "row:serum baseline", "row:serum nadir"} <= read


UNITS = [
    ("MCPROT", "20", "g/L", 2.0, ""),
    ("MCPROT", "2000", "mg/dL", 2.0, ""),
    ("MCPROT", "35", "g/dL", None, "R2A-IMWG-003"),  # was g/L: implausible, not evaluable
    ("MCPROT", "2", "mmol/L", None, "R2A-IMWG-001"),
    ("MCPROT", "2", "", None, "R2A-IMWG-001"),
    ("MCPROT", "<0.05", "g/dL", 0.05, ""),
    ("MPROTEXR", "0.3", "g/day", 300.0, ""),
    ("MPROTEXR", "300", "mg/24 h", 300.0, ""),
    ("MPROTEXR", "300", "mg/L", None, "R2A-IMWG-001"),  # without the volume never converted
    ("MPROTEXR", "300", "mg/g", None, "R2A-IMWG-001"),  # a ratio to creatinine is another thing
]
for name, text, measured, *_ in UNITS:
    CASES.add(f"{name} {text} {measured}", files_of(BASE + f"1,{name},X,{text},{measured},2020-02-01,,\n"))


@pytest.mark.parametrize(("test", "result", "unit", "value", "rule"), UNITS)
def test_units(whole, test, result, unit, value, rule):
    built = CASES.alone(whole, f"{test} {result} {unit}")
    paramcd = {"MCPROT": "IMSERUM", "MPROTEXR": "IMURINE"}[test]
    later = [r["AVAL"] for r in records(built, paramcd) if r["ABLFL"] == "" and r["DTYPE"] == ""]
    assert later == ([] if value is None else [value])
    found = built.findings[built.findings["rule"].str.startswith("R2A-IMWG")]
    assert found["rule"].tolist() == ([rule] if rule else [])
    if rule == "R2A-IMWG-001":
        assert found["value"].tolist() == [unit]
        assert found["subject"].tolist() == ["S1-01"]


@of(
    "1,MCPROT,SERUM,0.2,g/dL,2020-01-01,,\n1,MPROTEXR,URINE,0,mg/day,2020-01-01,,\n"
    + "".join(
        f"1,KLCFR,SERUM,{k},{u},{d},,\n1,LLCFR,SERUM,{z},{u},{d},,\n"
        for k, z, u, d in (
            ("900", "10", "mg/L", "2020-01-01"), ("17", "1", "mg/dL", "2020-02-01"), ("260", "10", "mg/L", "2020-03-01"),
        )
    )
)  # fmt: skip
def test_light_chains_in_mg_per_litre_are_not_held_against_mg_per_decilitre(built):
    """250 mg/L are 25 mg/dL; over a nadir of 16 mg/dL that is a difference of 9, no progression."""
    assert [r["AVALC"] for r in records(built)] == ["PR", "PR"]
    assert [(r["AVAL"], r["CHGNAD"]) for r in records(built, "IMDFLC") if r["VISIT"] == "" and r["NADIR"]] == [
        (16.0, -73.0), (25.0, 9.0)
    ]  # fmt: skip


@of(BASE + (
    "1,MCPROT,SERUM,2.0,g/dL,2020-02,,\n"  # a partial date is never imputed
    "1,MCPROT,SERUM,2.0,g/dL,,,\n"
    "1,MPIGISO,SERUM,HAZY,,2020-02-01,,\n"
    "2,MPIGISO,SERUM,NEGATIVE,,2020-02-01,,\n"
    "3,MCPROT,SERUM,9,mmol/L,2020-02-01,,\n"  # of a subject who is not analysed
))  # fmt: skip
def test_dates_and_texts_that_cannot_be_used_are_reported(built):
    found = built.findings[built.findings["rule"].str.startswith("R2A-IMWG")]
    assert sorted(zip(found["rule"], found["subject"], found["value"], strict=True)) == [
        ("R2A-IMWG-002", "S1-01", ""), ("R2A-IMWG-002", "S1-01", "2020-02"), ("R2A-IMWG-003", "S1-01", "HAZY"),
    ]  # fmt: skip
    assert records(built) == []


@of(BASE + (
    "1,MCPROT,SERUM,0.1,g/dL,2020-02-01,,\n"
    "1,MPIGISO,SERUM,IGG KAPPA,,2020-02-01,,N\n"
    "1,MPIGISO,SERUM,NEGATIVE,,2020-02-01,,Y\n"
    "1,MCPROT,SERUM,0.1,g/dL,2020-03-01,,\n"
    "1,MPIGISO,SERUM,IGG KAPPA,,2020-03-01,,N\n"
))  # fmt: skip
def test_a_corrected_immunofixation_wins_over_the_band_of_the_drug(built):
    assert [r["AVALC"] for r in records(built, "IMSIFE")] == ["NEGATIVE", "POSITIVE"]
    assert [r["IFEINTFL"] for r in records(built)] == ["", "Y"]


SERUM, URINE = "{},MCPROT,SERUM,2.0,g/dL,{},{},\n", "{},MPROTEXR,URINE,10,mg/day,{},{},\n"
AT_VISITS = "".join(BASE.replace("1,M", f"{i},M") for i in range(1, 5)) + "".join(
    (
        SERUM.format(1, "2020-02-01", "MONTH 1") + URINE.format(1, "2020-02-15", "MONTH 1"),
        SERUM.format(2, "2020-02-01", "MONTH 1") + URINE.format(2, "2020-02-16", "MONTH 1"),
        SERUM.format(3, "2020-02-01", "") + URINE.format(3, "2020-02-01", "") + URINE.format(3, "2020-02-02", ""),
        SERUM.format(4, "2020-01-01", "MONTH 1") + SERUM.format(4, "2020-01-05", "MONTH 1"),
    )
)
FOUR = "SUBJ,FIRST\n" + "".join(f"{i},2020-01-01\n" for i in range(1, 5))


@of(AT_VISITS, dm=FOUR)
def test_results_of_a_visit_are_one_evaluation_within_the_window(tiny, built):
    def evaluations(subject: int, built: Any = built) -> list[tuple]:
        return [(r["VISIT"], r["ADT"] - JAN1) for r in records(built, subject=f"S1-{subject:02}")]

    assert evaluations(1) == [("MONTH 1", 45)]
    assert evaluations(2) == [("MONTH 1", 31), ("MONTH 1", 46)]
    assert evaluations(2, study(tiny, AT_VISITS, dm=FOUR, options="window: 15")) == [("MONTH 1", 46)]
    assert evaluations(3) == [("", 31), ("", 32)]  # without a visit results of one day belong together
    # what lies on or before the first dose is baseline, whatever the visit
    assert evaluations(4) == [("MONTH 1", 4)]


SIZES = (("2020-01-01", 60, 40), ("2020-02-01", 30, 20), ("2020-03-01", 45, 20))


@of(
    BASE + "1,MCPROT,SERUM,2.0,g/dL,2020-02-01,,\n1,MCPROT,SERUM,2.0,g/dL,2020-03-01,,\n",
    "".join(f"1,LDIAM,{a},P1,{d},\n1,LPERP,{b},P1,{d},\n" for d, a, b in SIZES),
)
def test_lesions_lead_to_their_records(built):
    assert [r["AVALC"] for r in records(built)] == ["PR", "PD"]
    got = records(built)[1]
    seq = next(r["TRSEQ"] for r in built.data["TR"] if r["TRTESTCD"] == "LDIAM" and r["TRDTC"] == "2020-03-01")
    assert (got["SRCDOM"], got["SRCVAR"], got["SRCSEQ"]) == ("TR", "TRSTRESN", seq)
    assert got["IMWGREAS"] == "PD: LESION DIAMETER >= 50 % OVER NADIR"
    assert [(r["AVAL"], r["PCHG"]) for r in records(built, "IMSPD") if r["DTYPE"] == ""] == [
        (2400.0, None), (600.0, -75.0), (900.0, -62.5)
    ]  # fmt: skip


def test_the_lineage_names_the_columns_of_lesions_where_the_first_subjects_have_none(tiny):
    lab = "".join(f"{n},MCPROT,SERUM,2.0,g/dL,{d},,\n" for n in (1, 2) for d in ("2019-12-20", "2020-02-01"))
    tr = "2,LDIAM,60,P1,2020-02-01,\n2,LPERP,40,P1,2020-02-01,\n"
    one, two = (study(tiny, lab, tr, partitions=n).lineage["ADRS"].rules for n in (1, 2))
    assert [r.reads for r in one] == [r.reads for r in two]
    assert "TRSTRESN" in {x.column for r in one for x in r.reads}


@pytest.mark.parametrize(
    ("change", "place", "message"),
    [
        (("imwg_response: imwg-2016", "imwg_response: imwg-2061"), "adrs.yaml:7", "there are no criteria 'imwg-2061'"),
        (("window: 3", "window: -3"), "adrs.yaml:17", "0 or more days"),
        (("lambda: {from: LB", "ratio: {from: LB"), "adrs.yaml", "declare both kappa and lambda"),
        (("window: 3", "hypercalcaemia_is_pd: true"), "adrs.yaml:17", "needs calcium under inputs:"),
        (("window: 3", "widow: 3"), "adrs.yaml:17", "unknown key 'widow'"),
        (("window: 3", "plasmacytoma_vgpr: 75"), "adrs.yaml:17", "90"),
    ],
)
def test_mistakes_of_a_spec(spec_problems, change, place, message):
    text = adrs("window: 3").replace(*change)
    assert change[1] in text
    problems = [str(p) for p in spec_problems("", {"dm": DM, "lb": LB, "tr": TR, "adsl": ADSL, "adrs": text},
                                              ("dm.csv", "lab.csv", "tr.csv"))]  # fmt: skip
    assert [p for p in problems if place in p and message in p], problems


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("serum: {from: LB", "serum: {from: LX"), "there is no dataset 'LX'"),
        (("serum: {from: LB", "serum: {value: LBRES, from: LB"), "LB has no column 'LBRES'"),
        (("LBTESTCD == 'MCPROT'", "LBTEST_CD == 'MCPROT'"), "LBTEST_CD"),
        (("LBTESTCD == 'MCPROT'", "LBTESTCD = 'MCPROT'"), "=="),
    ],
)
def test_mistakes_of_an_input_are_reported_at_its_line(tiny, change, message):
    with pytest.raises(SpecError) as error:
        study(tiny, BASE, inputs=INPUTS.replace(*change))
    assert message in str(error.value)
    assert "adrs.yaml:9:" in str(error.value)


def test_facts_of_the_criteria_have_a_source_and_a_mistake_its_place(tmp_path):
    facts = imwg_criteria("imwg-2016")
    for group in (facts.analytes, facts.ratio_ranges, facts.measurable, facts.response, facts.progression):
        assert all(fact.source for fact in group.values())
    text = (FOLDER / "imwg-2016.yaml").read_text("utf-8")
    (tmp_path / "a.yaml").write_text(
        text.replace("{at_least: 1.0, source", "{at_least: 1.0, above: 1, source"), "utf-8"
    )
    with pytest.raises(SpecError, match=r"a\.yaml:\d+:\d+.*exactly one"):
        imwg_criteria("a", tmp_path)
    (tmp_path / "b.yaml").write_text(text.replace("  renal: {low", "  standard2: {low"), "utf-8")
    with pytest.raises(SpecError, match=r"b\.yaml:\d+:\d+"):
        imwg_criteria("b", tmp_path)


TESTS = {"MCPROT": ("SERUM", "g/dL", ["4.0", "2.0", "0.3", "2.5"]), "MPROTEXR": ("URINE", "mg/day", ["0", "90", "400"]),
         "PLSTCECE": ("MARROW", "%", ["3", "5", "40"])}  # fmt: skip


@pytest.mark.slow_examples
@settings(max_examples=examples(2), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_results_do_not_depend_on_partitions_or_the_order_of_rows(tiny, data):
    rows = []
    for subject in range(1, 6):
        for _ in range(data.draw(st.integers(0, 6))):
            test = data.draw(st.sampled_from(sorted(TESTS)))
            spec, unit, values = TESTS[test]
            day = data.draw(st.sampled_from(["2020-01-01", "2020-02-01", "2020-02-03", "2020-03-01"]))
            visit = data.draw(st.sampled_from(["", "MONTH 1"]))
            rows.append(f"{subject},{test},{spec},{data.draw(st.sampled_from(values))},{unit},{day},{visit},")
    dm = "SUBJ,FIRST\n" + "".join(f"{i},2020-01-01\n" for i in range(1, 6))
    mixed = data.draw(st.permutations(rows))
    whole, other = (
        study(tiny, "".join(f"{r}\n" for r in order), dm=dm, partitions=n).data["ADRS"]
        for order, n in ((rows, 1), (mixed, 3))
    )
    assert other == whole


#: results that are there twice, once without a visit
TWICE = [
    "MCPROT,SERUM,4.0,g/dL,2020-02-03,,", "MCPROT,SERUM,4.0,g/dL,2020-02-03,MONTH 1,",
    "PLSTCECE,BONE MARROW,40,%,2020-02-01,,", "PLSTCECE,BONE MARROW,40,%,2020-02-01,MONTH 1,",
]  # fmt: skip
#: each of the two results in both orders of its rows, with the other's: one order for each subject
ORDERS = dict(enumerate(list(permutations(TWICE))[::4], start=1))


@of(
    "".join(f"{subject},{row}\n" for subject, rows in ORDERS.items() for row in rows),
    dm="SUBJ,FIRST\n" + "".join(f"{subject},2020-01-01\n" for subject in ORDERS),
)
def test_a_result_that_is_there_twice_gives_one_evaluation_in_every_order_of_its_rows(built):
    found = [
        [{**r, "USUBJID": ""} for r in built.data["ADRS"] if r["USUBJID"] == f"S1-{subject:02}"] for subject in ORDERS
    ]
    assert len(found) == 6
    assert all(data == found[0] for data in found)
    evaluations = [(r["AVALC"], r["ADT"], r["VISIT"]) for r in found[0] if r["PARAMCD"] == "IMWG"]
    assert evaluations == [("NE", JAN1 + 31, ""), ("NE", JAN1 + 33, "MONTH 1"), ("NE", JAN1 + 33, "")]
