"""Answers of the shipped study's forms that no condition expects: the text is kept, and the cell is reported.

Forms are written by hand. Not for the checks themselves (test_raw_checks.py).
"""

from __future__ import annotations

from pathlib import Path

import raw2adam
import yaml
from kit.packs import shipped_study, study_yaml

PACK = Path(raw2adam.__file__).parent / "mappings" / "obs16577"
DM = "dataset: DM\nrows: {source: enrol}\nvariables:\n  SEX: {value: U}\n  COUNTRY: {value: SWE}\n  RFPENDTC: {value: 2025-01-01}\n"
ENROL = "SITE_ID,SUBJ_ID\n0101,0001\n0101,0002\n0101,0003\n0101,0004\n"


def pack(tiny, dataset: str, files: dict[str, str]):
    """One domain of the pack over hand-made files; dates are ISO 8601."""
    study = study_yaml("obs16577")
    head = {
        "study": {"id": "OBS16577", "cutoff": "2025-12-31"},
        "subject": {k: study["subject"][k] for k in ("columns", "usubjid")},
    }
    head |= {"codelists": study["codelists"], "dates": {"formats": ["yyyy-mm-dd"]}}
    drugs = (PACK / "dictionaries" / "demo_drugs.csv").read_text("ascii")
    head["dictionaries"] = {"DRUGDICT": {**study["dictionaries"]["DRUGDICT"], "path": "demo_drugs.csv"}}
    head["sources"] = {Path(f).stem: {"file": f} for f in files}
    specs = {dataset: (PACK / "sdtm" / f"{dataset}.yaml").read_text("utf-8"), "dm": DM}
    return tiny(
        files, yaml.safe_dump(head, allow_unicode=True, sort_keys=False), specs, extra={"demo_drugs.csv": drugs}
    )


def test_a_result_of_fish_is_kept_where_the_form_has_no_answer_about_the_test(tiny):
    head = "SITE_ID,SUBJ_ID,FISH_YN,FISH_DT,DEL17P,T414,T1416,GAIN1Q,AMP1Q,DEL13Q,DEL17P_PCT,OTHER_CA\n"
    rows = (
        "0101,0001,Y,2021-01-02,POS,NEG,,,,,60,\n"
        "0101,0002,,2021-01-03,NEG,,,,,,,t(6;14)\n"
        "0101,0003,Ja,,POS,,,,,,,\n"
        "0101,0004,N,,,,,,,,,\n"
    )
    built = pack(tiny, "gf", {"enrol.csv": ENROL, "mmdiag.csv": head + rows})
    names = ("GFTESTCD", "GFTSTDTL", "GFCHROM", "GFGENLOC", "GFSTRESC", "GFSTAT", "GFREASND")
    assert sorted((r["USUBJID"][-4:], *(r[n] for n in names)) for r in built.data["GF"]) == [
        ("0001", "CPNUMVAR", "DELETION", "17", "17p", "POSITIVE", "", ""),
        ("0001", "SEQREAR", "TRANSLOCATION", "4;14", "t(4;14)", "NEGATIVE", "", ""),
        ("0002", "CPNUMVAR", "DELETION", "17", "17p", "NEGATIVE", "", ""),
        ("0002", "VARPROF", "", "", "", "t(6;14)", "", ""),
        ("0003", "CPNUMVAR", "DELETION", "17", "17p", "POSITIVE", "", ""),
        ("0004", "GFALL", "", "", "", "", "NOT DONE", "REASON NOT COLLECTED"),
    ]


def test_a_line_of_therapy_without_drugs_has_its_regimen_as_treatment(tiny):
    lines = (
        "SITE_ID,SUBJ_ID,LINE_NO,REGIMEN_TXT,DRUG_1,DRUG_2,DRUG_3,DRUG_4,ST_DT,EN_DT,BEST_RESP,STOP_REASON,PD_DT,REFR_YN\n"
        "0101,0001,1,Rd,Lenalidomide,Dexamethasone,,,2019-01-01,2019-06-01,PR,COMPLETED,,N\n"
        "0101,0001,2,VRd,,,,,2020-01-01,2020-06-01,VGPR,TOXICITY,,Y\n"
    )
    following = "SITE_ID,SUBJ_ID,DRUGS,ST_DT,REASON,INTENT,EN_DT,BEST_RESP\n0101,0001,Melphalan,2022-01-01,,,,\n"
    other = (
        "SITE_ID,SUBJ_ID,CM_NO,TERM,DECOD,ATC,WHO_VER,DOSE,UNIT,FREQ,ROUTE,ST_DT,EN_DT,ONGOING,INDICATION,AE_NO\n"
        "0101,0001,1,aciclovir,ACICLOVIR,DEMO,DEMO,,,,,2021-01-01,2021-02-01,N,,\n"
    )
    built = pack(tiny, "cm", {"enrol.csv": ENROL, "priortx.csv": lines, "subtx.csv": following, "conmed.csv": other})
    got = [(r["CMGRPID"], r["CMTRT"], r["CMSTDTC"]) for r in built.data["CM"] if r["CMCAT"].startswith("PRIOR")]
    assert sorted(got) == [
        ("1", "DEXAMETHASONE", "2019-01-01"), ("1", "LENALIDOMIDE", "2019-01-01"), ("2", "VRD", "2020-01-01"),
    ]  # fmt: skip


def test_every_column_that_only_conditions_ask_for_has_its_codes():
    """ONGOING Oui made an event look ended, INCL_3 Non hid a violated criterion: only the codes show it."""
    sources = shipped_study("obs16577").file.sources
    asked = {
        "enrol": ["WAIVER_YN", "PRIMARY_YN", "INCL_1", "INCL_4", "EXCL_1", "EXCL_2"], "isa": ["GIVEN_YN", "DOSE_MOD"],
        "resp": ["NOT_DONE"], "ae": ["ONGOING"], "eos": ["FORM"], "mmdiag": ["FISH_YN"],
        "priortx": ["ASCT_YN", "ALLO_YN", "RT_YN"], "comorb": ["ONGOING"], "marrow": ["MRD_YN"],
        "imaging": ["NOT_DONE", "KIND"], "conmed": ["ONGOING"], "qol": ["NOT_DONE"],
    }  # fmt: skip
    assert {s: [c for c in columns if c not in sources[s].codes] for s, columns in asked.items()} == {
        s: [] for s in asked
    }
