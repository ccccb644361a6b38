"""Study days, epochs, visits and baseline flags, on literal tables from SDTMIG 3.4 section 4.4."""

from __future__ import annotations

import pytest

DM = """\
dataset: DM
rows: {source: dm}
variables:
  RFSTDTC: {date: START, formats: [yyyy-mm-dd, yyyy-mm]}
  RFENDTC: END
  RFXSTDTC: START
  SEX: {value: U}
  COUNTRY: {value: DEU}
"""
VS = """\
dataset: VS
rows: {source: vs}
sort: [SOURCE]
variables:
  VSTESTCD: TEST
  VSORRES: RESULT
  VSDTC: DAY
"""
DMS = "SUBJ,START,END\n1,2020-03-01,2020-03-31\n2,2020-03,2020-03-31\n3,,\n"
EPOCHS = "epochs: {SCREENING: {}, TREATMENT: {start: RFSTDTC}, FOLLOW-UP: {start: RFENDTC, after: true}}\n"
VISITS = "visits: {BASELINE: {num: 1, labels: [Screening, BL], day: -7}, MONTH 3: {num: 4.5}}\n"


def vs(tiny, days: str, more: str = "", study: str = "", dms: str = DMS):
    text = "SUBJ,TEST,RESULT,DAY,VIS\n" + "".join(f"{line}\n" for line in days.split("|"))
    return tiny({"dm.csv": dms, "vs.csv": text}, study, {"dm": DM, "vs": VS + more})


STUDY_DAYS = [
    ("1", "2020-02-29", -1.0),
    ("1", "2020-03-01", 1.0),
    ("1", "2020-03-02", 2.0),
    ("1", "2020-02-28", -2.0),
    ("1", "2021-03-01", 366.0),
    ("1", "2020-03-01T23:59", 1.0),
    ("1", "2020-03", None),
    ("1", "2020---01", None),
    ("1", "", None),
    ("2", "2020-03-05", None),
    ("3", "2020-03-05", None),
    ("4", "2020-03-05", None),
]


def each(study, cases: list[tuple], variable: str) -> dict[tuple[str, str], object]:
    """(subject, day) of each case -> the value of its record; VSORRES has the number of the case."""
    numbers = study.values("VS", "VSORRES")
    assert len(numbers) == len(cases)
    return {cases[int(n)][:2]: v for n, v in zip(numbers, study.values("VS", variable), strict=True)}


def one_study(tiny, cases: list[tuple], study: str = ""):
    return vs(tiny, "|".join(f"{c[0]},TEMP,{i},{c[1]}," for i, c in enumerate(cases)), study=study)


@pytest.fixture(scope="module")
def study_days(tiny):
    return each(one_study(tiny, STUDY_DAYS), STUDY_DAYS, "VSDY")


@pytest.mark.parametrize(("subject", "day", "study_day"), STUDY_DAYS)
def test_there_is_no_study_day_0(study_days, subject: str, day: str, study_day: float | None):
    """See docs/semantics.md S23."""
    assert study_days[subject, day] == study_day


OF_EPOCHS = [
    ("1", "2020-02-29", "SCREENING"),
    ("1", "2020-03-01", "TREATMENT"),
    ("1", "2020-03-31", "TREATMENT"),
    ("1", "2020-04-01", "FOLLOW-UP"),
    ("1", "2020-04", "FOLLOW-UP"),
    ("1", "2020-03", "TREATMENT"),
    ("1", "2020", ""),
    ("1", "2020-02", "SCREENING"),
    ("3", "2020-04-01", "SCREENING"),
]


@pytest.fixture(scope="module")
def epochs(tiny):
    return each(one_study(tiny, OF_EPOCHS, EPOCHS), OF_EPOCHS, "EPOCH")


@pytest.mark.parametrize(("subject", "day", "epoch"), OF_EPOCHS)
def test_the_last_epoch_that_has_started(epochs, subject: str, day: str, epoch: str):
    assert epochs[subject, day] == epoch


def test_a_visit_is_known_by_its_labels(tiny):
    lines = "1,TEMP,37,,screening|1,TEMP,37,, BL |1,TEMP,37,,Month 3|1,TEMP,37,,Extra visit|1,TEMP,37,,"
    study = vs(tiny, lines, "  VISIT: {visit: VIS}\n  VISITDY: {visitnum: VIS, day: true}\n", VISITS)
    assert study.values("VS", "VISIT") == ["BASELINE", "BASELINE", "MONTH 3", "EXTRA VISIT", ""]
    assert study.values("VS", "VISITNUM") == [1.0, 1.0, 4.5, None, None]
    assert study.values("VS", "VISITDY") == [-7.0, -7.0, None, None, None]
    assert study.found("R2A-VISIT-001") == [("vs.csv", 4, "VIS", "Extra visit")]


FLAG = "  VSLOBXFL: {baseline: VSDTC, by: [USUBJID, VSTESTCD], filled: VSORRES}\n"


def test_the_last_filled_record_up_to_first_exposure_is_flagged(tiny):
    lines = (
        "1,TEMP,37,2020-02-01,|1,TEMP,38,2020-02-20,|1,TEMP,,2020-02-25,|1,TEMP,39,2020-03-02,"
        "|1,PULSE,60,2020-03-01,|1,PULSE,61,2020-02-01,|1,PULSE,62,2020-03,|3,TEMP,37,2020-02-01,"
    )
    assert vs(tiny, lines, FLAG).values("VS", "VSLOBXFL") == ["", "Y", "", "", "Y", "", "", ""]


def test_a_record_on_the_day_of_exposure_may_be_excluded(tiny):
    lines = "1,PULSE,60,2020-03-01,|1,PULSE,61,2020-02-01,"
    flag = FLAG.replace("filled: VSORRES", "on_day: false, where: \"VSORRES != '99'\"")
    assert vs(tiny, lines, flag).values("VS", "VSLOBXFL") == ["", "Y"]


def test_of_two_records_of_one_day_the_later_row_is_flagged(tiny):
    lines = "1,PULSE,60,2020-02-01,|1,PULSE,61,2020-02-01,|1,PULSE,62,2020-02-01T00:00,"
    assert vs(tiny, lines.rpartition("|")[0], FLAG).values("VS", "VSLOBXFL") == ["", "Y"]
    assert vs(tiny, lines, FLAG).values("VS", "VSLOBXFL") == ["", "", "Y"]


def test_order_ranks_the_records_of_one_day_without_a_tie(tiny):
    lines = (
        "1,PULSE,62,2020-02-01,BL|1,PULSE,61,2020-02-01,|1,PULSE,60,2020-02-01,Month 3|1,PULSE,99,2020-01-20,Month 3"
    )
    visit = "  VISITNUM: {visitnum: VIS}\n"
    plain = vs(tiny, lines, visit + FLAG, VISITS)
    assert plain.values("VS", "VSLOBXFL") == ["Y", "", "", ""]  # the last by all its values
    assert len(plain.found("R2A-TIE-001")) == 1
    # a record without a visit comes first; the date decides before the visit
    for order, flags in (("VISITNUM", ["", "", "Y", ""]), ("-VISITNUM", ["", "Y", "", ""])):
        ranked = vs(tiny, lines, visit + FLAG.replace("filled", f"order: [{order}], filled"), VISITS)
        assert (ranked.values("VS", "VSLOBXFL"), ranked.found("R2A-TIE-001")) == (flags, [])


DATES = """\
sources:
  dm: {file: dm.csv}
  site: {file: site.csv, subject: none}
  cm:
    file: cm.csv
    dates:
      formats: [dd/mm/yyyy]
      columns: {LAB: [yyyymmdd]}
      unknown: [UN]
      missing: [NK]
"""
CM = "dataset: CM\nrows: {source: cm}\nsort: [SOURCE]\nvariables:\n  CMTRT: {value: X}\n  CMSTDTC: {date: DAY}\n"


def cm(tiny, cells: str, spec: str = CM, dates: str = DATES):
    text = "SUBJ,DAY,TIME,LAB\n" + "".join(f"1,{c}\n" for c in cells.split("|"))
    files = {"dm.csv": DMS, "site.csv": "SITE,COUNTRY\nA,FRA\nB,USA\n", "cm.csv": text}
    return tiny(files, dates, {"cm": spec})


def test_bad_dates_are_empty_and_reported_with_their_text(tiny):
    study = cm(tiny, "05/03/2021,,|30/02/2021,,|2021-03-05,,|UN/03/2021,,|NK,,|,,")
    assert study.values("CM", "CMSTDTC") == ["2021-03-05", "", "", "2021-03", "", ""]
    assert study.found("R2A-DATE-001") == [("cm.csv", 3, "DAY", "2021-03-05")]
    assert study.found("R2A-DATE-002") == [("cm.csv", 2, "DAY", "30/02/2021")]
    assert set(study.findings["severity"]) == {"error"}


def test_a_column_may_have_other_formats(tiny):
    spec = CM.replace("{date: DAY}", "{date: LAB}") + "  CMENDTC: {date: DAY, formats: [mm/dd/yyyy]}\n"
    study = cm(tiny, "05/03/2021,,20210305", spec)
    assert (study.values("CM", "CMSTDTC"), study.values("CM", "CMENDTC")) == (["2021-03-05"], ["2021-05-03"])


def test_a_time_needs_a_complete_date(tiny):
    spec = CM.replace("{date: DAY}", "{date: DAY, time: TIME}")
    study = cm(tiny, "05/03/2021,9:30,|UN/03/2021,9:30,|05/03/2021,,|05/03/2021,25:00,|,9:30,", spec)
    assert study.values("CM", "CMSTDTC") == ["2021-03-05T09:30", "2021-03", "2021-03-05", "2021-03-05", ""]
    assert study.found("R2A-DATE-003") == [("cm.csv", 4, "TIME", "25:00")]


def test_the_first_filled_of_several_date_columns(tiny):
    spec = CM.replace("{date: DAY}", "{date: [DAY, LAB]}")
    assert cm(tiny, "05/03/2021,,20210101|,,20210101", spec).values("CM", "CMSTDTC") == ["2021-03-05", "2021-01-01"]


def test_exploded_dates_are_read_with_the_formats_of_their_source(tiny):
    spec = CM.replace("rows: {source: cm}", "rows: {source: cm, explode: {ONE: [DAY, TIME]}}").replace(
        "DAY}\n", "ONE}\n"
    )
    study = cm(tiny, "05/03/2021,06/03/2021,", spec.replace("date: DAY", "date: ONE"))
    assert study.values("CM", "CMSTDTC") == ["2021-03-05", "2021-03-06"]


def test_formats_by_a_column_and_by_the_site(tiny):
    by = DATES.replace("columns: {LAB: [yyyymmdd]}", "by: TIME\n      when: {US: [mm/dd/yyyy]}")
    study = cm(tiny, "05/03/2021,US,|05/03/2021,FR,|05/03/2021,,", dates=by)
    assert study.values("CM", "CMSTDTC") == ["2021-05-03", "2021-03-05", "2021-03-05"]
    head = "study: {id: S1}\nsubject: {columns: [SITE, SUBJ], usubjid: '{SITE}{SUBJ}'}\n"
    sites = head + DATES.replace(
        "columns: {LAB: [yyyymmdd]}", "by: site.COUNTRY\n      when: {USA: [mm/dd/yyyy]}"
    ).replace("  dm: {file: dm.csv}\n", "")
    files = {"site.csv": "SITE,COUNTRY\nA,FRA\nB,USA\n", "cm.csv": "SITE,SUBJ,DAY\nA,1,05/03/2021\nB,1,05/03/2021\n"}
    assert tiny(files, sites, {"cm": CM}).values("CM", "CMSTDTC") == ["2021-03-05", "2021-05-03"]


TIMED = DM.replace("RFXSTDTC: START", "RFXSTDTC: {date: START, formats: ['yyyy-mm-dd', 'yyyy-mm-ddThh:mi']}")


FIRST_DOSES = [
    ("2020-03-01T09:00", ["2020-03-01T08:59", "2020-03-01T14:00"], ["Y", ""]),
    ("2020-03-01T09:00", ["2020-03-01T09:00", "2020-03-01T09:01"], ["Y", ""]),
    ("2020-03-01T09:00", ["2020-02-28", "2020-03-01T14:00"], ["Y", ""]),
    ("2020-03-01T09:00", ["2020-03-01T08:00", "2020-03-01"], ["Y", ""]),
    ("2020-03-01T09:00", ["2020-02-28", "2020-03-01"], ["", "Y"]),
    ("2020-03-01", ["2020-02-28", "2020-03-01T14:00"], ["", "Y"]),
    ("2020-03-01T09:00", ["2020-03-01T09:00:30", "2020-03-02T01:00"], ["Y", ""]),
]


@pytest.fixture(scope="module")
def flagged(tiny):
    """The flags of each case, which is a subject."""
    spec = VS.replace("VSDTC: DAY", "VSDTC: {date: DAY}") + FLAG
    dm = "SUBJ,START,END\n" + "".join(f"{i},{first},\n" for i, (first, *_) in enumerate(FIRST_DOSES))
    rows = [f"{i},TEMP,37,{d}\n" for i, (_, days, _) in enumerate(FIRST_DOSES) for d in days]
    study = tiny({"dm.csv": dm, "vs.csv": "SUBJ,TEST,RESULT,DAY\n" + "".join(rows)}, "", {"dm": TIMED, "vs": spec})
    return [[r["VSLOBXFL"] for r in study.data["VS"] if r["USUBJID"] == f"S1-{i:02}"] for i in range(len(FIRST_DOSES))]


@pytest.mark.parametrize(("first_dose", "days", "flags"), FIRST_DOSES)
def test_on_the_day_of_exposure_times_decide(flagged, first_dose: str, days: list[str], flags: list[str]):
    assert flagged[FIRST_DOSES.index((first_dose, days, flags))] == flags


def test_a_time_before_exposure_counts_where_the_day_does_not(tiny):
    spec = VS.replace("VSDTC: DAY", "VSDTC: {date: DAY}") + FLAG.replace("by:", "on_day: false, by:")
    text = "SUBJ,TEST,RESULT,DAY\n1,TEMP,37,2020-03-01T08:00\n1,TEMP,37,2020-03-01\n"
    study = tiny({"dm.csv": "SUBJ,START,END\n1,2020-03-01T09:00,\n", "vs.csv": text}, "", {"dm": TIMED, "vs": spec})
    assert study.values("VS", "VSLOBXFL") == ["Y", ""]
