"""The listing of an ADaM dataset: every variable with its words, and the code of rules that have an equal."""

from __future__ import annotations

import pytest
from raw2adam.programs.listing import ListingHead, dataset_listing
from tools.sas_pieces import pieces, problems

DM = "dataset: DM\nrows: {source: dm}\nvariables: {SEX: SEX, COUNTRY: {value: DEU}, RFSTDTC: {date: DOSE}, AGE: AGE}\n"
AE = "dataset: AE\nrows: {source: ae}\nvariables: {AETERM: TERM, AEDECOD: TERM, AESTDTC: {date: DAY}}\n"
ADSL = """\
dataset: ADSL
rows: {from: DM, where: "SEX != 'U'"}
variables:
  SEX: SEX
  SEXN: {from: SEX, map: {F: "1", M: "2"}, type: integer, label: Sex (N)}
  AGE: AGE
  AGEGR1: {cut: AGE, groups: {"<65": [0, 65], ">=65": [65, null]}}
  TRTSDT: {analysis_date: RFSTDTC}
  NAE: {count: AE, where: "AETERM != 'Rash'", label: Number of Events, type: integer}
  FIRSTAE: {first: AE.AETERM, order: [AESTDTC], label: First Event}
  SAFFL: {cases: [{when: not missing(TRTSDT), value: "Y"}, {value: "N"}]}
  PCT: {change: AGE, from: AGEB, as: percent, label: A}
  SHIFT1: {shift: SEX, to: SEX, label: B}
  SHIFT2: {shift: SEX, to: SEX, missing: 'NULL', label: C}
  CRIT1FL: {criterion: AGE > 64, label: D}
  CRIT2FL: {criterion: AGE > 64, flags: Y/N, label: E}
  MEANAGE: {group_statistic: AGE, of: mean, by: [SEX], label: F}
  BEFORE: {previous: AGE, by: [SEX], order: [TRTSDT], label: G}
  DAYS: {duration: TRTSDT, since: TRTSDT, both_days: true, label: H}
  OLDEST: {base_value: AGE, by: [SEX], where: AGE > 64, label: I}
working:
  AGEB: {compute: AGE - 1, type: float}
  ANYAE: {any: AE}
"""
RAW = {
    "dm.csv": "SUBJ,SEX,DOSE,AGE\n01,F,2020-03-05,64\n02,M,,65\n",
    "ae.csv": "SUBJ,TERM,DAY\n01,Rash,2020-03-06\n",
}
STUDY = "dates: {formats: [yyyy-mm-dd]}\n"


@pytest.fixture(scope="module")
def listing(tiny) -> str:
    study = tiny(RAW, STUDY, {"dm": DM, "ae": AE, "adsl": ADSL})
    head = ListingHead("S1", "9.9", "2026-01-31")
    return dataset_listing(study.plan, "ADSL", study.specs["ADSL"], head, lambda text: text).decode("ascii")


def section(listing: str, name: str) -> str:
    """The part of the listing about one variable."""
    parts = listing.split("\n\n")
    (found,) = [p for p in parts if p.startswith((f"{name}  ", f"{name}\n"))]
    return found


def test_the_listing_has_every_variable_and_the_records(listing):
    assert listing.startswith("ADSL: Subject-Level Analysis Dataset\n====")
    assert "Study S1. raw2adam 9.9, as of 2026-01-31." in listing
    assert "One record for each record of DM where SEX != 'U'." in listing
    for name in ("STUDYID", "USUBJID", "SEX", "SEXN", "AGEGR1", "TRTSDT", "NAE", "FIRSTAE", "SAFFL", "ANYAE"):
        assert section(listing, name)
    assert max(map(len, listing.splitlines())) <= 110


EXPECTED = {
    "SEXN": """\
    R:   mutate(SEXN = case_when(
           toupper(trimws(SEX)) == "F" ~ 1,
           toupper(trimws(SEX)) == "M" ~ 2,
         ))
    SAS: select (upcase(strip(SEX)));
           when ('F') SEXN = 1;
           when ('M') SEXN = 2;
           otherwise;
         end;""",
    "AGEGR1": """\
    R:   mutate(AGEGR1 = case_when(
           AGE >= 0 & AGE < 65 ~ "<65",
           AGE >= 65 ~ ">=65"
         ))
    SAS: if AGE >= 0 and AGE < 65 then AGEGR1 = '<65';
         else if AGE >= 65 then AGEGR1 = '>=65';""",
    "TRTSDT": """\
    R:   mutate(TRTSDT = as.Date(RFSTDTC, "%Y-%m-%d"))
    SAS: TRTSDT = input(substrn(RFSTDTC, 1, 10), ?? e8601da10.);""",
    "NAE": """\
    R:   left_join(
           ae %>% filter(AETERM != "Rash") %>% count(USUBJID, name = "NAE"),
           by = "USUBJID") %>%
         mutate(NAE = coalesce(NAE, 0L))""",
    "FIRSTAE": """\
    R:   left_join(
           ae %>% filter(!is.na(AETERM)) %>%
             arrange(USUBJID, !is.na(AESTDTC), AESTDTC) %>%
             group_by(USUBJID) %>% slice_head(n = 1) %>% ungroup() %>%
             transmute(USUBJID, FIRSTAE = AETERM),
           by = "USUBJID")
    SAS: proc sort data=ae(where=(not missing(AETERM))) out=_firstae; by USUBJID AESTDTC; run;
         data _firstae(keep=USUBJID FIRSTAE);
           set _firstae; by USUBJID AESTDTC; if first.USUBJID;
           FIRSTAE = AETERM;
         run;
         * merge _firstae into adsl by USUBJID;""",
    "SAFFL": """\
    R:   mutate(SAFFL = case_when(
           !is.na(TRTSDT) ~ "Y",
           .default = "N"
         ))
    SAS: if not missing(TRTSDT) then SAFFL = 'Y';
         else SAFFL = 'N';""",
    "PCT": """\
    R:   mutate(PCT = 100 * (AGE - AGEB) / na_if(AGEB, 0))
    SAS: PCT = ifn(AGEB ne 0, 100 * (AGE - AGEB) / AGEB, .);""",
    "SHIFT1": """\
    R:   mutate(SHIFT1 = if_else(is.na(SEX) | is.na(SEX), NA_character_, paste0(SEX, " to ", SEX)))
    SAS: SHIFT1 = ifc(missing(SEX) or missing(SEX), ' ', strip(SEX) || ' to ' || strip(SEX));""",
    "SHIFT2": """\
    R:   mutate(SHIFT2 = paste0(coalesce(SEX, "NULL"), " to ", coalesce(SEX, "NULL")))
    SAS: SHIFT2 = strip(coalescec(SEX, 'NULL')) || ' to ' || strip(coalescec(SEX, 'NULL'));""",
    "CRIT1FL": """\
    R:   mutate(CRIT1FL = case_when(
           AGE > 64 ~ "Y",
           AGE <= 64 ~ "N"
         ))
    SAS: if AGE > 64 then CRIT1FL = 'Y';
         else if (not missing(AGE) and AGE <= 64) then CRIT1FL = 'N';""",
    "CRIT2FL": """\
    R:   mutate(CRIT2FL = case_when(
           AGE > 64 ~ "Y",
           TRUE ~ "N"
         ))
    SAS: if AGE > 64 then CRIT2FL = 'Y';
         else CRIT2FL = 'N';""",
    "MEANAGE": """\
    R:   group_by(SEX) %>%
         mutate(MEANAGE = if (all(is.na(AGE))) NA_real_ else mean(AGE, na.rm = TRUE)) %>%
         ungroup()
    SAS: proc sql; create table _meanage as select SEX, mean(AGE) as MEANAGE
           from adsl group by SEX; quit;
         * merge _meanage into adsl by SEX;""",
    "BEFORE": """\
    R:   arrange(SEX, TRTSDT) %>%
         group_by(SEX) %>%
         mutate(BEFORE = lag(AGE, 1)) %>%
         ungroup()
    SAS: proc sort data=adsl; by SEX TRTSDT; run;
         data adsl; set adsl; by SEX TRTSDT; BEFORE = lag(AGE);
           if first.SEX then call missing(BEFORE); run;""",
    "DAYS": """\
    R:   mutate(DAYS = as.numeric(TRTSDT - TRTSDT) + (TRTSDT >= TRTSDT))
    SAS: DAYS = TRTSDT - TRTSDT + (TRTSDT >= TRTSDT);""",
    "OLDEST": """\
    R:   derive_var_base(by_vars = exprs(SEX), source_var = AGE, new_var = OLDEST,
           filter = AGE > 64)
    SAS: data _oldest(keep=SEX OLDEST);
           set adsl(where=(AGE > 64)); OLDEST = AGE; run;
         * merge _oldest into adsl by SEX;""",
    "ANYAE": """\
    R:   mutate(ANYAE = if_else(USUBJID %in% (ae)$USUBJID, "Y", "N"))
    SAS: proc sql; create table _anyae as select distinct USUBJID from ae; quit;
         * merge _anyae(in=found) into adsl by USUBJID;
         if found then ANYAE = 'Y'; else ANYAE = 'N';""",
}


@pytest.mark.parametrize(("name", "code"), EXPECTED.items())
def test_each_rule_has_its_code(listing, name, code):
    assert code in section(listing, name)


def test_a_copy_of_the_same_name_needs_no_code(listing):
    assert section(listing, "SEX") == "SEX  Sex\n  Copied from DM.SEX."


def test_the_sas_is_sas(listing):
    """Its statements end, its functions exist, its names are of the listing or of SDTM."""
    names = "dm ae adsl SEX SEXN AGE AGEGR1 TRTSDT RFSTDTC NAE FIRSTAE SAFFL ANYAE AETERM AESTDTC USUBJID"
    names += " PCT AGEB SHIFT1 SHIFT2 CRIT1FL CRIT2FL MEANAGE BEFORE DAYS OLDEST"
    known = frozenset(names.split())
    found = [(name, problem) for name, code, merged in pieces(listing) for problem in problems(code, known | {*merged})]
    assert found == []
    assert len(list(pieces(listing))) == 17


@pytest.mark.parametrize(
    ("code", "problem"),
    [
        ("X = 'a;", "a quote without its end"), ("X = (1;", "parentheses"), ("X = 1", "the last statement has no ;"),
        ("X = '%a&b'; Y = &x;", "a macro"), ("data x; set y;", "a step without run"), ("X = is.na(Y);", "function na"),
        ("select (X); when (1) X = 2;", "SELECT without end"), ("proc sql; select X;", "PROC SQL without quit"),
        ("X = Z;", "the name Z"), ("mutate X;", "statement 'mutate X'"), ("X = upper(Y);", "function upper"),
    ],
)  # fmt: skip
def test_what_the_check_of_sas_finds(code, problem):
    assert problem in list(problems(code, frozenset(["X", "Y", "x", "y"])))
    assert list(problems("if not missing(X) then Y = 'it''s';", frozenset("XY"))) == []
