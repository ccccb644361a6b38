"""LB and VS of the shipped study over hand-made tables: site labels, units, visits, the urine volume, the marrow."""

from __future__ import annotations

from pathlib import Path

import pytest
import raw2adam
import yaml
from kit.packs import study_yaml
from raw2adam.runs.close_accounts import topic_columns

PACK = Path(raw2adam.__file__).parent / "mappings" / "obs16577"
KEPT = ("sites", "enrol", "demo", "visit", "lab_local", "lab_central", "marrow", "mmdiag", "vitals")
DM = """\
dataset: DM
rows: {source: enrol}
variables:
  RFSTDTC: {date: FIRST_DOSE, time: FIRST_TM}
  RFXSTDTC: {date: FIRST_DOSE}
  SEX: {value: U}
  COUNTRY: {lookup: sites.COUNTRY, on: [SITE_ID]}
"""
SITES = "SITE_ID,COUNTRY,INVEST,INVEST_ID\n0101,FRA,x,1\n0201,USA,x,2\n"
ENROL = """\
SITE_ID,SUBJ_ID,ENR_DT,PRIMARY_YN,WAIVER_YN,FIRST_DOSE,FIRST_TM
0101,0001,10/02/2021,Y,N,01/03/2021,
0201,0001,02/10/2021,Y,N,03/01/2021,11:00
"""
DEMO = 'SITE_ID,SUBJ_ID,HEIGHT,WEIGHT\n0101,0001,172,"72,5"\n0201,0001,1.72,160.5\n'
VISIT = """\
SITE_ID,SUBJ_ID,VISIT,VISIT_DT,DONE_YN
0101,0001,BL,20/02/2021,Y
0101,0001,Month 3,02/06/2021,Y
0101,0001,UNS,15/06/2021,Y
"""
LOCAL = """\
SITE_ID,SUBJ_ID,VISIT,LAB_DT,LAB_TM,TEST,RESULT,UNIT,LLN,ULN
0101,0001,BL,20/02/2021,08:30,Hémoglobine,"12,5",g/dl,"12,0","16,5"
0101,0001,UNS,15/06/2021,,hémoglobine,98,g/L,120,165
0101,0001,Month 3,02/06/2021,,IgM,non detectable,g/L,"0,4","2,3"
0101,0001,Month 3,02/06/2021,,IgA,"<0,1",g/L,"0,7",4
0101,0001,Month 3,02/06/2021,,Neutrophiles,"3,2",G/l,"1,8","7,5"
0101,0001,Month 3,02/06/2021,,Créatinine,88,\u00b5mol/L,50,105
0201,0001,BASELINE,03/01/2021,09:00,Albumin,35,g/dL,3.5,5.0
0201,0001,BASELINE,03/01/2021,09:00,LDH,210,U/L,120,250
0201,0001,UNS,03/01/2021,14:00,LDH,260,U/L,120,250
"""
CENTRAL = """\
PATNUM,VISIT,COLLDT,COLLTM,SPEC,TESTCD,TEST,RESULT,UNITS,LOREF,HIREF,METHOD,IFECORR,ACCESS
0101-0001,BASELINE,20210220,07:10,SERUM,MPROT,x,35,g/L,,,CAPILLARY ELECTROPHORESIS,,11
0101-0001,BASELINE,20210220,07:10,SERUM,KAPPA,x,250,mg/L,3.3,19.4,NEPHELOMETRY,,11
0101-0001,BASELINE,20210220,07:10,URINE,UMPROT,x,250,mg/L,,,ELECTROPHORESIS,,12
0101-0001,BASELINE,20210220,07:10,URINE,UVOL,x,1.8,L/day,,,24 H COLLECTION,,12
0101-0001,MONTH 3,20210602,07:10,URINE,UMPROT,x,300,mg/L,,,ELECTROPHORESIS,,13
0101-0001,MONTH 3,20210602,07:10,SERUM,IFE,x,"IgG kappa, faint band",,,,IMMUNOFIXATION,N,14
0101-0001,MONTH 3,20210602,07:10,SERUM,IFE,x,NEGATIVE,,,,"IMMUNOFIXATION, ISATUXIMAB SHIFTED",Y,14
0101-0001,UNSCHEDULED,20210615,07:10,SERUM,MPROT,x,4.1,g/L,,,CAPILLARY ELECTROPHORESIS,,15
0101-0001,UNSCHEDULED,20210615,07:10,URINE,UMPROT,x,500,mg/24 h,,,ELECTROPHORESIS,,16
"""
MARROW = """\
SITE_ID,SUBJ_ID,VISIT,BM_DT,ASPIRATE_PCT,BIOPSY_PCT,MRD_YN,MRD_RESULT,MRD_METHOD,MRD_SENS,CLONAL_YN
0101,0001,BL,20/02/2021,40,55,N,,,,Y
"""
DIAGNOSIS = "SITE_ID,SUBJ_ID,DX_DT,BMPC\n0101,0001,04/11/2018,35\n0201,0001,05/01/2019,\n"


@pytest.fixture(scope="module")
def built(tiny):
    study = study_yaml("obs16577")
    study["parents"] = ["measurements"]
    study["sources"] = {n: s for n, s in study["sources"].items() if n in KEPT}
    study["visit_dates"] = [v for v in study["visit_dates"] if v["source"] in KEPT]
    for key in ("trial", "epochs", "subjects", "translations", "questions", "documents", "guide", "queries"):
        study.pop(key, None)
    study["subject"] = {k: v for k, v in study["subject"].items() if k in ("columns", "usubjid", "subjid", "siteid")}
    files = {
        "sites.csv": SITES, "enrol.csv": ENROL, "demo.csv": DEMO, "visit.csv": VISIT, "lab_local.csv": LOCAL,
        "lab_central.xpt": CENTRAL, "marrow.csv": MARROW, "mmdiag.csv": DIAGNOSIS,
    }  # fmt: skip
    specs = {n: (PACK / "sdtm" / f"{n}.yaml").read_text("utf-8") for n in ("lb", "vs")}
    head = "study:\n  id: OBS16577\n"
    del study["study"]
    coding = ("dictionaries/demo_tests.csv", "coding/laboratory.csv")
    extra = {name: (PACK / name).read_text("ascii") for name in coding}
    text = head + yaml.safe_dump(study, allow_unicode=True, sort_keys=False)
    return tiny(files, text, {**specs, "dm": DM}, extra=extra)


def records(built, dataset: str, where: str, *names: str) -> list[tuple]:
    prefix = dataset[:2]
    return [tuple(r[n] for n in names) for r in built.data[dataset] if where in (r[f"{prefix}TESTCD"], r["USUBJID"])]


def test_the_local_laboratory_in_the_words_of_its_sites(built):
    names = ("LBTEST", "LBCAT", "LBSPEC", "LBORRES", "LBORRESU", "LBSTRESC", "LBSTRESN", "LBSTRESU", "LBNRIND", "LBNAM")
    assert records(built, "LB", "HGB", *names) == [
        ("Hemoglobin", "HEMATOLOGY", "BLOOD", "12.5", "g/dL", "12.5", 12.5, "g/dL", "NORMAL", "LOCAL LABORATORY"),
        ("Hemoglobin", "HEMATOLOGY", "BLOOD", "98", "g/L", "9.8", 9.8, "g/dL", "LOW", "LOCAL LABORATORY"),
    ]
    # g/dL and g/L are one property of one test
    assert records(built, "LB", "HGB", "LBLOINC") == [("DEMO-T007",), ("DEMO-T007",)]
    names = ("LBORRES", "LBORRESU", "LBSTRESC", "LBSTRESN", "LBSTRESU", "LBSTNRLO", "LBSTNRHI", "LBNRIND")
    assert records(built, "LB", "IGA", *names) == [("<0.1", "g/L", "<10", None, "mg/dL", 70.0, 400.0, "LOW")]
    assert records(built, "LB", "IGM", *names) == [("non detectable", "g/L", "NOT DETECTED", None, "", 40.0, 230.0, "")]
    assert records(built, "LB", "NEUT", *names) == [("3.2", "10^9/L", "3.2", 3.2, "10^9/L", 1.8, 7.5, "NORMAL")]
    assert records(built, "LB", "CREAT", *names) == [
        ("88", "umol/L", "0.995", 0.995, "mg/dL", 0.565, 1.19, "NORMAL"),
    ]  # fmt: skip


def test_the_central_laboratory_with_and_without_the_urine_volume(built):
    # collected as a concentration, derived as the excretion of 24 hours where the sample has a volume
    names = ("LBSTRESC", "LBSTRESU", "LBDRVFL", "LBSTAT", "LBREASND", "LBREFID")
    assert records(built, "LB", "MPROTEXR", *names) == [
        ("450", "mg/day", "Y", "", "", "12"),
        ("", "", "", "NOT DONE", "NO VOLUME OF THE COLLECTION", "13"),
        ("500", "mg/day", "", "", "", "16"),
    ]
    assert [f[1] for f in built.found("R2A-UNIT-004")] == [5]
    names = ("LBORRES", "LBORRESU", "LBSTRESC", "LBSTRESN", "LBSTRESU", "LBDRVFL", "LBDTC", "LBREFID")
    assert [r for r in records(built, "LB", "MPROTEXR", *names) if r[2]] == [
        ("", "", "450", 450.0, "mg/day", "Y", "2021-02-20T07:10", "12"),
        ("500", "mg/day", "500", 500.0, "mg/day", "", "2021-06-15T07:10", "16"),
    ]
    urine = [r for r in built.data["LB"] if r["LBTESTCD"] == "MCPROT" and r["LBSPEC"] == "URINE"]
    assert [tuple(r[n] for n in names) for r in urine] == [
        ("250", "mg/L", "250", 250.0, "mg/L", "", "2021-02-20T07:10", "12"),
        ("300", "mg/L", "300", 300.0, "mg/L", "", "2021-06-02T07:10", "13"),
    ]
    serum = [r for r in built.data["LB"] if r["LBTESTCD"] == "MCPROT" and r["LBSPEC"] == "SERUM"]
    assert [(r["LBSTRESN"], r["LBSTRESU"]) for r in serum] == [(3.5, "g/dL"), (0.41, "g/dL")]
    assert records(built, "LB", "KLCFR", "LBSTRESN", "LBSTNRHI", "LBNRIND") == [(25.0, 1.94, "HIGH")]
    assert records(built, "LB", "MPIGISO", "LBORRES", "LBSTRESC", "LBMETHOD", "LBTSTCND") == [
        ("IgG kappa, faint band", "IGG KAPPA", "IMMUNOFIXATION ELECTROPHORESIS", ""),
        ("NEGATIVE", "NEGATIVE", "IMMUNOFIXATION ELECTROPHORESIS", "ISATUXIMAB SHIFTED"),
    ]
    corrected = [r["QVAL"] for r in built.data["SUPPLB"] if r["QNAM"] == "IFECORR"]
    assert corrected == ["N", "Y"]


def test_the_marrow_has_a_record_per_method(built):
    names = ("LBTEST", "LBSPEC", "LBMETHOD", "LBSTRESN", "LBSTRESU", "LBLOBXFL")
    name, site = "Total Plasma Cells/Total Cells", "BONE MARROW"
    assert records(built, "LB", "PLSTCECE", *names) == [
        (name, site, "", 35.0, "%", "Y"),  # of the diagnosis form, which names no method
        (name, site, "BIOPSY", 55.0, "%", "Y"),  # of one day, each the last by its method
        (name, site, "MICROSCOPY", 40.0, "%", "Y"),
    ]


def test_a_sample_of_the_first_day_that_was_taken_after_the_infusion_is_no_baseline(built):
    """The first exposure of any drug has a date alone; the time of the first isatuximab dose, 11:00, decides."""
    assert records(built, "LB", "LDH", "LBDTC", "LBLOBXFL") == [("2021-03-01T09:00", "Y"), ("2021-03-01T14:00", "")]


def test_an_unscheduled_visit_is_the_same_in_both_laboratories(built):
    found = {(r["LBNAM"], r["VISIT"], r["VISITNUM"]) for r in built.data["LB"] if r["LBDTC"].startswith("2021-06-15")}
    assert found == {
        ("LOCAL LABORATORY", "UNSCHEDULED 4.01", 4.01), ("CENTRAL LABORATORY", "UNSCHEDULED 4.01", 4.01),
    }  # fmt: skip


def test_grams_per_litre_under_grams_per_decilitre_are_reported(built):
    assert sorted(built.found("R2A-UNIT-002")) == [
        ("demo.csv", 2, "HEIGHT", "1.72"), ("lab_local.csv", 7, "RESULT", "35"),
    ]  # fmt: skip
    assert records(built, "LB", "ALB", "LBSTRESN", "LBLOBXFL") == [(35.0, "Y")]


def test_height_and_weight_as_each_country_writes_them(built):
    names = ("USUBJID", "VSORRES", "VSSTRESN", "VSSTRESU", "VSDTC", "VSLOBXFL")
    assert records(built, "VS", "WEIGHT", *names) == [
        ("OBS16577-0101-0001", "72.5", 72.5, "kg", "2021-02-10", "Y"),
        ("OBS16577-0201-0001", "160.5", 160.5, "kg", "2021-02-10", "Y"),
    ]


def test_the_topic_of_an_unpivoted_source_is_its_result_columns(built):
    assert topic_columns(built.plan, "demo") == ["HEIGHT", "WEIGHT"]
    assert topic_columns(built.plan, "lab_local") == ["TEST"]
