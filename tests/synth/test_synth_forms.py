"""The forms of the synthetic export agree: values with categories, dates with courses.

The rules and numbers are those of the published criteria, written here by hand. The tests read the written forms.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd
import pytest
from raw2adam.synth import export
from raw2adam.synth.subjects.cohort import CUTOFF
from raw2adam.synth.subjects.disease import iss_stage, riss_stage
from raw2adam.synth.subjects.registry import Registry, draw_registry
from raw2adam.synth.subjects.tables import Table

KEY = ["SITE_ID", "SUBJ_ID"]
RESPONSE = {
    "Stringent complete response": "sCR", "Stringent CR": "sCR", "Complete response": "CR", "Complete remission": "CR",
    "Very good partial response": "VGPR", "Very good PR": "VGPR", "Partial response": "PR", "Partial remission": "PR",
    "Minimal response": "MR", "Minor response": "MR", "Stable disease": "SD", "No change": "SD",
    "Progressive disease": "PD", "Progression": "PD", "Not evaluable": "NE", "Not assessable": "NE",
}  # fmt: skip


def visits(cells: Any) -> Any:
    """Visits in the spelling of the vendor: M3, Month 3 -> MONTH 3."""
    named = {"BL": "BASELINE", "Baseline": "BASELINE", "UNS": "UNSCHEDULED", "Unscheduled": "UNSCHEDULED"}
    return cells.map({v: re.sub(r"^(?:M|Month )(\d+)$", r"MONTH \1", named.get(v, v)) for v in cells.unique()})


def number(cells: Any) -> Any:
    """Numbers with a point or a comma; a value below a limit counts as 0."""
    cells = cells.fillna("").astype(str)
    return pd.to_numeric(cells.where(~cells.str.startswith("<"), "0").str.replace(",", "."), errors="coerce")


@pytest.fixture(scope="module")
def registry() -> Registry:
    return draw_registry(1200, 3)


@pytest.fixture(scope="module")
def tables(registry: Registry) -> list[Table]:
    """All forms as they are written. Nobody changes them."""
    return [form(registry) for form in export.FORMS]


@pytest.fixture(scope="module")
def forms(tables: list[Table]) -> dict[str, Any]:
    """Each form's cells, dates as days since 1970-01-01 (NaN: none), visits and categories in one spelling."""
    out = {}
    for table in tables:
        frame = pd.DataFrame(table.columns, dtype=object)
        for column, days in table.days.items():
            frame[column] = np.where(days >= 0, days, np.nan).astype(float)
        if "PATNUM" in frame:
            frame[KEY] = frame["PATNUM"].str.split("-", expand=True)
        if "VISIT" in frame:
            frame["VISIT"] = visits(frame["VISIT"])
        for column in frame.columns.intersection(["RESP", "BEST_RESP"]):
            frame[column] = frame[column].replace(RESPONSE)
        out[table.part or table.name.partition(".")[0]] = frame
    # rows with the identifiers of a second site belong to the same subject
    every = out["enrol"]
    moved = every[(every["PRIMARY_YN"] == "N") & (every["PREV_SUBJ_ID"] != "")]
    home = dict(zip(moved["SITE_ID"] + moved["SUBJ_ID"], moved["PREV_SITE_ID"] + moved["PREV_SUBJ_ID"], strict=True))
    for frame in out.values():
        if "SUBJ_ID" in frame and frame is not every:
            key = frame["SITE_ID"] + frame["SUBJ_ID"]
            elsewhere = key.isin(list(home)).to_numpy()
            key = key[elsewhere].map(home)
            frame.loc[elsewhere, "SITE_ID"], frame.loc[elsewhere, "SUBJ_ID"] = key.str[:4], key.str[4:]
    out["enrol"] = every[every["PRIMARY_YN"] == "Y"].reset_index(drop=True)
    return out


@pytest.fixture(scope="module")
def start(forms) -> Any:
    administered = forms["isa"][forms["isa"]["GIVEN_YN"] == "Y"]
    return administered.groupby(KEY)["DOSE_DT"].min().rename("TRTSDT")


@pytest.fixture(scope="module")
def series(forms) -> Any:
    """One row per subject and visit: serum g/L, urine mg/24 h, dFLC mg/L, ratio, immunofixation; the category."""
    lab = forms["lab_central"]
    at = [*KEY, "VISIT"]
    wide = lab[lab["TESTCD"] != "IFE"].pivot_table(index=at, columns="TESTCD", values="RESULT", aggfunc="first")
    unit = lab[lab["TESTCD"] != "IFE"].pivot_table(index=at, columns="TESTCD", values="UNITS", aggfunc="first")
    out = pd.DataFrame(index=wide.index)
    out["SERUM"] = number(wide["MPROT"]) * unit["MPROT"].map({"g/L": 1.0, "g/dL": 10.0})
    daily = unit["UMPROT"] == "mg/day"
    out["URINE"] = number(wide["UMPROT"]).where(daily, number(wide["UMPROT"]) * number(wide["UVOL"]))
    out["KAPPA"], out["LAMBDA"], out["RATIO"] = (number(wide[c]) for c in ("KAPPA", "LAMBDA", "KLRATIO"))
    fixed = lab[(lab["TESTCD"] == "IFE")]
    seen = fixed[~fixed["RESULT"].str.contains("faint") & (fixed["RESULT"] != "NEGATIVE")]
    out["IFE_DONE"] = out.index.isin(fixed.set_index(at).index)
    out["IFE"] = out.index.isin(seen.set_index(at).index)
    resp = forms["resp"]
    out = out.join(resp[resp["RESP"] != ""].set_index(at)[["RESP", "PD_TYPE", "ASSESS_DT"]])
    base = out.xs("BASELINE", level="VISIT")
    out = out.join(base[["SERUM", "URINE", "RATIO", "KAPPA", "LAMBDA"]].add_suffix("_0"), on=KEY)
    sign = np.where(out["RATIO_0"] > 1.65, 1, -1)
    out["DFLC"] = sign * (out["KAPPA"] - out["LAMBDA"])
    out["DFLC_0"] = sign * (out["KAPPA_0"] - out["LAMBDA_0"])
    involved = out[["KAPPA_0", "LAMBDA_0"]].max(axis=1)
    out["MS"] = out["SERUM_0"] >= 10
    out["MU"] = out["URINE_0"] >= 200
    out["MF"] = ~out["MS"] & ~out["MU"] & (involved >= 100) & ~out["RATIO_0"].between(0.26, 1.65)
    return out


# ---- response values ----------------------------------------------------------------------------------------------


#: category -> bounds of the serum M-protein as a share of the baseline, lower excluded, upper included (IMWG 2016)
SERUM_SHARE = {"VGPR": (-1, 0.1), "PR": (0.1, 0.5), "MR": (0.5, 0.75), "SD": (0.75, 2)}


def test_serum_m_protein_agrees_with_the_category(series):
    measurable = series[series["MS"] & series["SERUM"].notna() & series["RESP"].notna()]
    share = measurable["SERUM"] / measurable["SERUM_0"]
    for category, (low, high) in SERUM_SHARE.items():
        shares = share[measurable["RESP"] == category]
        assert len(shares) > 60, category
        assert ((shares > low) & (shares <= high + 1e-9)).all(), (category, shares.min(), shares.max())
    complete = measurable[measurable["RESP"].isin(["CR", "sCR"])]
    assert len(complete) > 60
    assert (complete["SERUM"] < 2).all()  # nothing, or the faint band of isatuximab
    assert complete["IFE_DONE"].all()
    assert not complete["IFE"].any()
    others = measurable[measurable["IFE_DONE"] & measurable["RESP"].isin(["PR", "MR", "SD"])]
    assert others["IFE"].all()
    stringent = measurable[(measurable["RESP"] == "sCR") & measurable["RATIO"].notna()]
    assert len(stringent) > 10
    assert stringent["RATIO"].between(0.26, 1.65).all()


def test_urine_m_protein_agrees_with_the_category(series):
    measurable = series[series["MU"] & ~series["MS"] & series["URINE"].notna() & series["RESP"].notna()]
    urine, base, category = measurable["URINE"], measurable["URINE_0"], measurable["RESP"]
    assert (urine[category == "VGPR"] < 100).all()
    partial = category == "PR"
    assert ((urine < 200) | (urine <= 0.1 * base))[partial].all()
    assert (urine[partial] >= 100).all()
    minor = category == "MR"
    assert ((urine >= 200) & (urine <= 0.5 * base) & (urine > 0.1 * base))[minor].all()
    assert (urine > 0.5 * base)[category == "SD"].all()
    assert (urine[category.isin(["CR", "sCR"])] == 0).all()
    assert min((category == c).sum() for c in ("VGPR", "PR", "MR", "SD")) > 5


def test_light_chains_agree_with_the_category(series):
    measurable = series[series["MF"] & series["DFLC"].notna() & series["RESP"].notna()]
    share, category = measurable["DFLC"] / measurable["DFLC_0"], measurable["RESP"]
    assert (share[category == "VGPR"] <= 0.1).all()
    assert share[category == "PR"].between(0.1, 0.5).all()
    assert (share[category == "SD"] > 0.5).all()
    assert not (category == "MR").any()  # not defined for light chains
    assert measurable.loc[category.isin(["CR", "sCR"]), "RATIO"].between(0.26, 1.65).all()
    assert min((category == c).sum() for c in ("VGPR", "PR", "SD")) > 15


@pytest.mark.parametrize(
    ("measure", "who", "least"), [("SERUM", "MS", 5.0), ("URINE", "MU", 200.0), ("DFLC", "MF", 100.0)]
)
def test_only_biochemical_progression_rises_above_the_lowest_value(series, measure: str, who: str, least):
    """A rise of 25 % and of the absolute amount over the lowest value so far, baseline included."""
    # urine counts where serum cannot be measured; light chains where neither can
    measured = series[series[who] & ((measure != "URINE") | ~series["MS"]) & series[measure].notna()]
    measured = measured[measured["RESP"].notna()].sort_values("ASSESS_DT", kind="stable").copy()
    before = measured.groupby(level=KEY)[measure].cummin().groupby(level=KEY).shift()
    lowest = np.fmin(before, measured[f"{measure}_0"])
    rise = measured[measure] - lowest
    grown = (rise >= least - 0.3) & (rise >= 0.25 * lowest - 0.3)
    strictly = (rise >= least) & (rise >= 0.25 * lowest)
    progressed = measured["RESP"] == "PD"
    first = progressed & ~progressed.groupby(level=KEY).cumsum().gt(1)
    assert (measured["PD_TYPE"] == "biochemical").sum() > 10
    assert grown[first & (measured["PD_TYPE"] == "biochemical")].all()
    assert not strictly[~progressed].any()
    assert not strictly[first & (measured["PD_TYPE"] != "biochemical")].any()


def test_some_igg_kappa_patients_have_a_faint_band_of_isatuximab(forms):
    lab = forms["lab_central"]
    faint = lab[lab["RESULT"] == "IgG kappa, faint band"]
    assert 10 < len(faint) < 150
    assert (faint["IFECORR"] == "N").all()
    kind = forms["mmdiag"].set_index(KEY)
    who = kind.loc[pd.MultiIndex.from_frame(faint[KEY])]
    assert who["LC_TYPE"].str.lower().isin(["kappa", "k", "κ"]).all()
    assert who["IG_TYPE"].str.upper().str.startswith(("IGG", "G-K")).all()
    again = lab[lab["IFECORR"] == "Y"]
    assert len(again) > 3
    assert (again["RESULT"] == "NEGATIVE").all()
    assert again.merge(faint, on=["PATNUM", "ACCESS"]).shape[0] == len(again)
    complete = forms["resp"][forms["resp"]["RESP"].isin(["CR", "sCR"])].set_index([*KEY, "VISIT"]).index
    assert faint.set_index([*KEY, "VISIT"]).index.isin(complete).all()


def test_an_accession_number_is_one_sample_of_one_subject(forms):
    lab = forms["lab_central"]
    assert (lab.groupby("ACCESS")[["PATNUM", "VISIT", "COLLDT", "COLLTM", "SPEC"]].nunique() == 1).all().all()
    volume = lab[lab["TESTCD"] == "UVOL"]
    concentration = lab[(lab["TESTCD"] == "UMPROT") & (lab["UNITS"] == "mg/L")]
    assert set(volume["ACCESS"]) == set(concentration["ACCESS"])
    assert set(lab.loc[lab["TESTCD"] == "UMPROT", "UNITS"]) == {"mg/L", "mg/day"}
    deci = lab[(lab["TESTCD"] == "MPROT") & (lab["UNITS"] == "g/dL")]["SITE_ID"].str[:2]
    assert set(deci) == {"11", "15"}  # JPN, USA


def test_marrow_agrees_with_the_category(forms):
    marrow = forms["marrow"].merge(forms["resp"][[*KEY, "VISIT", "RESP"]], on=[*KEY, "VISIT"], how="left")
    percent = np.fmax(number(marrow["ASPIRATE_PCT"]), number(marrow["BIOPSY_PCT"]))
    assert percent.notna().all()
    complete = marrow["RESP"].isin(["CR", "sCR"])
    assert complete.sum() > 80
    assert (percent[complete] < 5).all()
    assert (marrow.loc[marrow["RESP"] == "sCR", "CLONAL_YN"] == "N").all()
    assert (marrow.loc[marrow["MRD_YN"] == "Y", "RESP"].isin(["CR", "sCR"])).all()
    assert ((marrow["MRD_RESULT"] != "") == (marrow["MRD_YN"] == "Y")).all()
    assert {"NEGATIVE", "POSITIVE"} <= set(marrow["MRD_RESULT"])
    # non-secretory: only marrow is measured
    silent = forms["mmdiag"].set_index(KEY)["IG_TYPE"].str.upper().str.startswith("NON-SECRETORY")
    marrow = marrow.join(silent.rename("SILENT"), on=KEY)
    base = marrow[marrow["VISIT"] == "BASELINE"].assign(PCT=percent).set_index(KEY)["PCT"].rename("BASE")
    only = marrow.assign(PCT=percent).join(base, on=KEY).query("SILENT")
    assert (only["BASE"] >= 30).all()
    assert (only["PCT"] <= 0.5 * only["BASE"])[only["RESP"] == "PR"].all()
    assert (only["PCT"] > 0.5 * only["BASE"])[only["RESP"] == "SD"].all()
    assert (only["RESP"] == "PR").sum() > 3


def test_plasmacytomas_shrink_with_response_and_grow_at_progression_by_imaging(forms):
    images = forms["imaging"].merge(forms["resp"][[*KEY, "VISIT", "RESP", "PD_TYPE"]], on=[*KEY, "VISIT"], how="left")
    images["L"], images["AREA"] = number(images["LDIAM_MM"]), number(images["LDIAM_MM"]) * number(images["PDIAM_MM"])
    done = images["NOT_DONE"] == ""
    assert (~done).any()
    assert (images.loc[~done, ["METHOD", "LESION_ID", "STATE"]] == "").all().all()
    assert ((images["STATE"] == "GONE") == (images["AREA"].isna() & done)).all()
    plasmacytomas = images[(images["KIND"] == "PLASMACYTOMA")]
    spd = (
        plasmacytomas.groupby([*KEY, "VISIT"])
        .agg(SPD=("AREA", "sum"), RESP=("RESP", "first"), TYPE=("PD_TYPE", "first"))
        .reset_index()
    )
    base = spd[spd["VISIT"] == "BASELINE"].set_index(KEY)["SPD"].rename("BASE")
    spd = spd.join(base, on=KEY)
    share = spd["SPD"] / spd["BASE"]
    for category, limit in {"sCR": 0, "CR": 0, "VGPR": 0.1, "PR": 0.5, "MR": 0.5}.items():
        assert (share[(spd["RESP"] == category) & spd["BASE"].notna()] <= limit).all(), category
    assert spd["RESP"].isin(["PR", "VGPR"]).sum() > 20
    by_imaging = forms["resp"].query("PD_TYPE == 'imaging'").groupby(KEY).head(1)
    assert len(by_imaging) > 50
    plasmacytomas = plasmacytomas.sort_values("IMG_DT", kind="stable")
    lesion = [plasmacytomas[c] for c in (*KEY, "LESION_ID")]
    least = plasmacytomas["L"].groupby(lesion).cummin().groupby(lesion).shift()
    worse = (plasmacytomas["STATE"] == "NEW") | (plasmacytomas["L"] >= 1.5 * least)
    shown = set(map(tuple, plasmacytomas.loc[worse, [*KEY, "VISIT"]].to_numpy()))
    assert shown == set(map(tuple, by_imaging[[*KEY, "VISIT"]].to_numpy()))


# ---- history ------------------------------------------------------------------------------------------------------


def test_stage_at_diagnosis_follows_its_definition():
    # beta-2 microglobulin in tenths of mg/L, albumin in g/L, by hand: I below 3.5 with albumin from 35; III from 5.5
    b2m = np.array([34, 34, 35, 54, 55, 20])
    albumin = np.array([35, 34, 40, 20, 45, 50])
    assert iss_stage(b2m, albumin).tolist() == [0, 1, 1, 1, 2, 0]
    iss = np.array([0, 0, 0, 2, 2, 2, 1])
    ldh = np.array([False, True, False, False, True, False, True])
    high = np.array([False, False, False, True, False, False, True])
    standard = np.array([True, True, False, False, True, True, False])
    assert riss_stage(iss, ldh, high, standard).tolist() == [0, 1, 3, 2, 2, 1, 1]


def test_diagnosis(forms, start):
    diagnosis = forms["mmdiag"]
    assert len(diagnosis) == 1200
    assert 0.09 < (diagnosis[["DEL17P", "T414", "T1416"]] == "POS").any(axis=1).mean() < 0.16
    assert ((diagnosis["FISH_YN"] == "Y") == diagnosis["FISH_DT"].notna()).all()
    tests = diagnosis[["DEL17P", "T414", "T1416", "GAIN1Q", "AMP1Q", "DEL13Q"]]
    assert set(np.unique(tests.to_numpy().astype(str))) == {"", "POS", "NEG", "NOT DONE", "UNK"}
    assert ((tests == "").all(axis=1) == (diagnosis["FISH_YN"] == "N")).all()
    assert ((diagnosis["DEL17P_PCT"] != "") == (diagnosis["DEL17P"] == "POS")).all()
    assert set(diagnosis["ISS"]) == set(diagnosis["RISS"]) == {"I", "II", "III", "UNK"}
    assert set(diagnosis["DS_STAGE"]) == {"IA", "IIA", "IIIA", "IB", "IIB", "IIIB", ""}
    # R-ISS I needs ISS I, III needs ISS III
    assert (diagnosis.loc[diagnosis["RISS"] == "I", "ISS"] == "I").all()
    assert (diagnosis.loc[diagnosis["RISS"] == "III", "ISS"] == "III").all()
    assert not (diagnosis.loc[diagnosis["EXTRAMED_YN"] == "Y", "PLASMACYTOMA_YN"] == "N").any()
    assert {"IgG", "IgA", "G-k", "G-l", "IgG kappa", "IGG", "LIGHT CHAIN", "NON-SECRETORY"} <= set(diagnosis["IG_TYPE"])
    assert {"KAPPA", "LAMBDA", "kappa", "κ", "k", ""} <= set(diagnosis["LC_TYPE"])
    born = forms["demo"].set_index(KEY)["BIRTH_YR"].astype(int).rename("BIRTH")
    diagnosis = diagnosis.join(born, on=KEY).join(start, on=KEY)
    assert (diagnosis["DX_DT"] / 365.25 + 1970 > diagnosis["BIRTH"] + 18).all()
    assert not (diagnosis["DX_DT"] >= diagnosis["TRTSDT"]).any()


def test_prior_lines_follow_each_other(forms, start):
    lines = forms["priortx"].join(start, on=KEY).join(forms["mmdiag"].set_index(KEY)["DX_DT"], on=KEY)
    by_subject = lines.groupby(KEY)
    assert len(by_subject) == 1200
    count = by_subject.size()
    assert (count.min(), count.median(), count.max()) == (1, 3, 7)
    assert (lines["LINE_NO"].astype(int) == by_subject.cumcount() + 1).all()
    assert (lines["EN_DT"] > lines["ST_DT"]).all()
    assert (lines["ST_DT"] > lines["DX_DT"]).all()
    following = by_subject["ST_DT"].shift(-1).fillna(lines["TRTSDT"])
    assert not (lines["EN_DT"] >= following).any()
    assert not (lines["PD_DT"] >= following).any()
    assert not (lines["PD_DT"] <= lines["ST_DT"]).any()
    stopped = lines["STOP_REASON"] == "PROGRESSIVE DISEASE"
    assert lines.loc[stopped, "PD_DT"].notna().all()
    assert (lines.loc[stopped, "PD_DT"] <= lines.loc[stopped, "EN_DT"]).all()
    # refractory: no MR, or progression on the line or within 60 days of its end
    within = (lines["PD_DT"] - lines["EN_DT"] <= 60) | lines["BEST_RESP"].isin(["SD", "PD"])
    known = (lines["REFR_YN"] != "UNK") & (lines["BEST_RESP"] != "")
    assert ((lines["REFR_YN"] == "Y") == within)[known].all()
    assert ((lines["ASCT_YN"] == "Y") == lines["ASCT_DT"].notna()).all()
    assert not ((lines["ASCT_DT"] < lines["ST_DT"]) | (lines["ASCT_DT"] > lines["EN_DT"])).any()
    assert 0.25 < (lines["ASCT_YN"] == "Y").groupby([lines[k] for k in KEY]).any().mean() < 0.65
    assert not ((lines["RT_DT"] < lines["ST_DT"]) | (lines["RT_DT"] > lines["EN_DT"])).any()
    plan = forms["enrol"].set_index(KEY)["PLAN_REGIMEN"]
    drugs = lines.join(plan, on=KEY)
    drug_names = drugs[["DRUG_1", "DRUG_2", "DRUG_3", "DRUG_4"]]
    assert not (drug_names == "Pomalidomide").any(axis=1)[drugs["PLAN_REGIMEN"] == "Isa-Pd"].any()
    assert not (drug_names == "Carfilzomib").any(axis=1)[drugs["PLAN_REGIMEN"] == "Isa-Kd"].any()


def test_comorbidities_began_before_and_are_never_myeloma(forms, start):
    comorbidities = forms["comorb"].join(start, on=KEY)
    assert not (comorbidities["DX_DT"] >= comorbidities["TRTSDT"]).any()
    assert not (comorbidities["EN_DT"] < comorbidities["DX_DT"]).any()
    assert ((comorbidities["ONGOING"] == "N") == comorbidities["EN_DT"].notna()).all()
    assert not comorbidities["PT"].str.contains("myeloma", case=False).any()
    items = comorbidities.loc[comorbidities["CHARLSON"] != "", "CHARLSON"].astype(int)
    assert items.between(1, 17).all()
    assert items.nunique() >= 12
    assert not comorbidities.duplicated([*KEY, "PT"]).any()


def test_eligibility_is_n_exactly_when_a_criterion_is_violated(forms):
    enrolments = forms["enrol"]
    violated = (enrolments[["INCL_1", "INCL_2", "INCL_3", "INCL_4"]] == "N").any(axis=1) | (
        enrolments[["EXCL_1", "EXCL_2"]] == "Y"
    ).any(axis=1)
    assert ((enrolments["ELIG_YN"] == "N") == violated).all()
    assert 0.02 < violated.mean() < 0.07
    # other forms have the lines and the age: these are never violated
    assert (enrolments[["INCL_1", "INCL_2"]] == "Y").all().all()


# ---- visits, laboratory, questionnaires ---------------------------------------------------------------------------


def test_nothing_comes_after_the_end_of_the_study(forms):
    """All forms. Only the report of a death and the search for a lost subject are later than the last contact."""
    eos = forms["eos"].query("FORM == 'EOS'").set_index(KEY)
    last = eos["LAST_CONTACT_DT"].fillna(eos["STOP_DT"]).rename("LAST")
    for name, table in forms.items():
        for column in [c for c in table.columns if c.endswith("DT")]:
            assert not (table[column] > CUTOFF).any(), (name, column)
            if name in ("enrol", "eos"):
                continue
            late = table[column] > table.join(last, on=KEY)["LAST"]
            if name == "FU":
                late &= table["STATUS"] == "ALIVE"
            assert not late.any(), (name, column, table[late].head())


def test_visits(forms, start):
    visits = forms["visit"].join(start, on=KEY)
    assert ((visits["DONE_YN"] == "N") == visits["VISIT_DT"].isna()).all()
    assert ((visits["CONTACT"] == "") == (visits["DONE_YN"] == "N")).all()
    assert not ((visits["ECOG"] != "") & (visits["CONTACT"] != "ON SITE")).any()
    base = visits[visits["VISIT"] == "BASELINE"]
    assert len(base) == 1200
    assert not (base["VISIT_DT"] > base["TRTSDT"]).any()
    assert not visits[visits["DONE_YN"] == "Y"].duplicated([*KEY, "VISIT"]).any()
    known = base["ECOG"][base["ECOG"] != ""]
    assert known.isin(["0", "1"]).mean() > 0.75
    # the status is worse near death
    death = forms["death"].set_index(KEY)["DTH_DT"].rename("DIED")
    late = visits.join(death, on=KEY)
    late = late[(late["ECOG"] != "") & (late["DIED"] - late["VISIT_DT"] < 60)]
    assert len(late) > 50
    assert late["ECOG"].astype(int).mean() > known.astype(int).mean() + 0.7
    comments = visits.loc[visits["COMMENT"] != "", "COMMENT"]
    assert 0.015 < len(comments) / len(visits) < 0.035
    assert (comments.str.len() > 200).any()
    assert comments.map(lambda t: not t.isascii()).any()
    # an assessment takes place at a visit
    done = visits[visits["DONE_YN"] == "Y"].set_index([*KEY, "VISIT"])["VISIT_DT"]
    assessed = forms["resp"][forms["resp"]["NOT_DONE"] == ""].set_index([*KEY, "VISIT"])["ASSESS_DT"]
    assert (done.reindex(assessed.index) == assessed).all()


def test_vital_signs_are_plausible_in_their_units(forms):
    vs = forms["VS"]
    kg = number(vs["WEIGHT"]) * vs["WEIGHT_UNIT"].map({"kg": 1, "lb": 0.45359237})
    assert kg.between(35, 150).all()
    assert set(vs.loc[vs["WEIGHT_UNIT"] == "lb", "SITE_ID"].str[:2]) == {"15"}
    celsius = number(vs["TEMP"])
    celsius = celsius.where(vs["TEMP_UNIT"] != "F", (celsius - 32) / 1.8).dropna()
    assert celsius.between(35.9, 37.6).all()
    pressure = vs[vs["SYSBP"] != ""]
    assert (number(pressure["SYSBP"]) > number(pressure["DIABP"]) + 5).all()
    base = vs[vs["StudyEventOID"] == "SE.BASELINE"]
    assert (base["HEIGHT"] != "").all()
    assert (vs.loc[vs["StudyEventOID"] != "SE.BASELINE", "HEIGHT"] == "").all()
    demo = forms["demo"].set_index(KEY)
    assert (base.set_index(KEY)["HEIGHT"] == demo["HEIGHT"].reindex(pd.MultiIndex.from_frame(base[KEY]))).all()
    repeats = (vs["StudyEventOID"] == "SE.UNSCHEDULED") == (vs["StudyEventRepeatKey"] != "")
    assert repeats.all()


def test_survival_follow_up(forms):
    fu = forms["FU"]
    death = forms["death"].set_index(KEY)["DTH_DT"].rename("DIED")
    fu = fu.join(death, on=KEY)
    dead = fu["STATUS"] == "DEAD"
    assert dead.sum() > 100
    assert (fu.loc[dead, "FU_DT"] - fu.loc[dead, "DIED"]).between(0, 14).all()
    assert not (fu["FU_DT"] >= fu["DIED"])[~dead].any()
    waived = forms["enrol"].query("WAIVER_YN == 'Y'").set_index(KEY).index
    assert not fu.set_index(KEY).index.isin(waived).any()
    assert (fu["StudyEventRepeatKey"].astype(int) == fu.groupby(KEY).cumcount() + 1).all()
    assert fu.groupby(KEY)["FU_DT"].diff().dropna().ge(0).all()


#: test -> plausible range in the unit of most sites, and the factor from the other unit
LOCAL = {
    "HGB": (5, 18, {"g/dL": 1, "g/L": 0.1}), "ALB": (15, 55, {"g/L": 1, "g/dL": 10}),
    "CREAT": (30, 400, {"umol/L": 1, "mg/dL": 88.42}), "CA": (1.8, 3.4, {"mmol/L": 1, "mg/dL": 1 / 4.008}),
    "B2MICG": (1, 30, {"mg/L": 1}), "PLAT": (5, 500, {"10^9/L": 1, "/nL": 1, "G/l": 1}),
}  # fmt: skip


def test_local_laboratory(forms):
    lab = forms["lab_local"].copy()
    names = {
        "Haemoglobin": "HGB", "Hemoglobin": "HGB", "Hémoglobine": "HGB", "Hämoglobin": "HGB", "Hemoglobina": "HGB",
        "Emoglobina": "HGB", "Albumin": "ALB", "Albumine": "ALB", "Albúmina": "ALB", "Albumina": "ALB",
        "Creatinine": "CREAT", "Créatinine": "CREAT", "Kreatinin": "CREAT", "Creatinina": "CREAT", "Calcium": "CA",
        "Kalzium": "CA", "Calcio": "CA", "Cálcio": "CA", "Platelets": "PLAT", "Plaquettes": "PLAT",
        "Thrombozyten": "PLAT", "Plaquetas": "PLAT", "Piastrine": "PLAT", "Beta-2 microglobulin": "B2MICG",
        "Bêta-2 microglobuline": "B2MICG", "Beta-2-Mikroglobulin": "B2MICG", "Beta-2 microglobulina": "B2MICG",
    }  # fmt: skip
    assert {"HGB", "Haemoglobin", "Hemoglobin", "Hämoglobin", "Hémoglobine"} <= set(lab["TEST"])
    lab["TEST"] = lab["TEST"].map({t: names.get(t, t) for t in lab["TEST"].unique()})
    for test, (low, high, units) in LOCAL.items():
        results = lab[lab["TEST"] == test]
        assert set(results["UNIT"]) == set(units), test
        factor = results["UNIT"].map(units)
        values = number(results["RESULT"]) * factor
        assert values.between(low, high).all(), (test, values.min(), values.max())
        # the range is in the unit of the row: after conversion it is the same everywhere, except for rounding
        upper = number(results["ULN"]) * factor
        assert upper.max() / upper.min() < 1.02, test
    words = set(lab.loc[~lab["RESULT"].str.fullmatch(r"\d+([.,]\d+)?"), "RESULT"])
    assert {"<0.10", "<0,10", "<10", "neg", "nicht nachweisbar", "non detectable", ">1000"} >= words
    assert {"<0,10", "<10", "nicht nachweisbar", "non detectable"} <= words
    assert (lab["RESULT"] != "").all()


def test_questionnaires(forms, start):
    questionnaires = (
        forms["qol"].join(start, on=KEY).join(forms["enrol"].set_index(KEY)[["COHORT", "ICF_DT", "WAIVER_YN"]], on=KEY)
    )
    items = questionnaires[[f"Q{k}" for k in range(1, 51)]]
    assert len(items.columns) == 50
    not_done = questionnaires["NOT_DONE"] == "Y"
    assert 0.08 < not_done.mean() < 0.2
    assert ((items == "").all(axis=1) == not_done).all()
    assert (questionnaires["FORM_DT"].isna() == not_done).all()
    assert (questionnaires["WAIVER_YN"] == "N").all()
    assert not (questionnaires["FORM_DT"] < questionnaires["ICF_DT"]).any()
    late = questionnaires["COHORT"] == "RETROSPECTIVE"
    assert late.any()
    assert not (questionnaires.loc[late, "VISIT"] == "BASELINE").any()
    assert (questionnaires.loc[late & ~not_done, "FORM_DT"] > questionnaires.loc[late & ~not_done, "TRTSDT"]).all()
    assert not questionnaires.duplicated([*KEY, "VISIT"]).any()
    answered = items[~not_done].apply(pd.to_numeric)
    assert answered.drop(columns=["Q29", "Q30"]).stack().dropna().isin([1, 2, 3, 4]).all()
    assert answered[["Q29", "Q30"]].stack().dropna().between(1, 7).all()
    assert (answered["Q29"].max(), answered["Q29"].min()) == (7, 1)
    # item 42 only after a loss of hair
    asked = answered["Q42"].notna()
    assert (answered.loc[asked, "Q41"] >= 2).all()
    assert asked.any()
    missing = answered.drop(columns="Q42").isna().mean().mean()
    assert 0.005 < missing < 0.05
    # subjects with worse functional items have worse global items
    worse = answered[[f"Q{k}" for k in range(1, 8)]].mean(axis=1)
    assert np.corrcoef(worse[answered["Q29"].notna()], answered["Q29"].dropna())[0, 1] < -0.4
    # forms are missing more often near death
    near = questionnaires.join(forms["death"].set_index(KEY)["DTH_DT"], on=KEY).join(
        forms["visit"].set_index([*KEY, "VISIT"])["VISIT_DT"], on=[*KEY, "VISIT"]
    )
    dying = (near["DTH_DT"] - near["VISIT_DT"] < 60) & near["VISIT_DT"].notna()
    assert dying.sum() > 30
    assert not_done[dying].mean() > 2 * not_done[~dying].mean()


def test_medication_for_events_names_the_event(forms):
    cm, ae = forms["conmed"], forms["ae"]
    assert (ae["AE_NO"].astype(int) == ae.groupby(KEY).cumcount() + 1).all()
    assert (cm["CM_NO"].astype(int) == cm.groupby(KEY).cumcount() + 1).all()
    for_event = cm[cm["AE_NO"] != ""].merge(ae, on=[*KEY, "AE_NO"], how="left", suffixes=("", "_AE"))
    assert len(for_event) > 500
    assert (for_event["INDICATION"] == for_event["PT"]).all()
    assert (for_event["ST_DT"] >= for_event["ST_DT_AE"]).all()
    assert not (for_event["ST_DT"] > for_event["EN_DT_AE"]).any()
    assert not (cm["EN_DT"] < cm["ST_DT"]).any()
    assert ((cm["ONGOING"] == "N") == cm["EN_DT"].notna()).all()
    assert cm["WHO_VER"].str.contains("not WHODrug").all()
    assert cm["ATC"].str.fullmatch(r"DEMO-[A-Z]\d\d").all()


def test_procedures(forms, start):
    procedures = forms["proc"].join(start, on=KEY)
    assert (procedures["ST_DT"] > procedures["TRTSDT"]).all()
    assert (procedures["EN_DT"] >= procedures["ST_DT"]).all()
    assert {"RADIOTHERAPY", "VERTEBROPLASTY"} <= set(procedures["PROC"])


def test_next_therapy_has_dates_response_and_intent(forms):
    therapies = forms["subtx"]
    assert not (therapies["EN_DT"] < therapies["ST_DT"]).any()
    assert therapies["EN_DT"].notna().any()
    levels = {"sCR", "CR", "VGPR", "PR", "MR", "SD", "PD", ""}
    assert set(therapies["BEST_RESP"].replace(RESPONSE)) <= levels
    planned = therapies["REASON"] == "PLANNED TRANSPLANT / CONSOLIDATION"
    assert (therapies.loc[planned, "INTENT"] == "BRIDGING").all()
    assert not ((therapies["INTENT"] == "CURATIVE") & (therapies["REASON"] == "PROGRESSIVE DISEASE")).any()


def test_second_race_differs_from_the_first(forms):
    demo = forms["demo"]
    two_races = demo[demo["RACE_2"] != ""]
    assert 0 < len(two_races) < 40
    assert (two_races["RACE"] != "").all()
    assert (two_races["RACE"] != two_races["RACE_2"]).all()


def test_every_text_has_an_encoding(tables):
    for table in tables:
        for name, cells in table.columns.items():
            texts = set(cells.tolist())
            assert [t for t in texts if not isinstance(t, str) or t != t.strip()] == [], (table.name, name)
            "".join(texts).encode(table.encoding)


def test_every_visit_has_a_known_spelling(forms):
    for name in ("visit", "resp", "lab_local", "lab_central", "marrow", "imaging", "qol"):
        spellings = forms[name]["VISIT"].unique().tolist()
        assert all(re.fullmatch(r"BASELINE|MONTH \d+|UNSCHEDULED", t) for t in spellings), name
