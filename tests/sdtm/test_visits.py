"""Visits and their numbers on literal tables: unscheduled visits have one number in every dataset."""

from __future__ import annotations

STUDY = """\
sources: {visit: {file: visit.csv}, vs: {file: vs.csv}, lb: {file: lb.csv, dates: {formats: [dd.mm.yyyy]}}}
visits:
  BASELINE: {num: 1, labels: [Screening]}
  MONTH 3: {num: 4, labels: [M3], day: 91}
  MONTH 6: {num: 5}
  UNSCHEDULED: {unscheduled: true, labels: [UNS]}
visit_dates:
  - {source: visit, visit: VISIT, date: DAY, where: DONE == 'Y'}
  - {source: lb, visit: WHEN, date: DT}
"""
VS = "dataset: VS\nrows: {source: vs}\nsort: [SOURCE]\nvariables:\n  VSTESTCD: {value: PULSE}\n  VSDTC: {date: DAY}\n  VISIT: {visit: WHEN}\n"
LB = "dataset: LB\nrows: {source: lb}\nsort: [SOURCE]\nvariables:\n  LBTESTCD: {value: HGB}\n  LBDTC: {date: DT, time: TM}\n  VISIT: {visit: WHEN}\n"
VISITS = """\
SUBJ,VISIT,DAY,DONE
1,screening,2020-01-10,Y
1,M3,2020-04-10,Y
1,UNS,2020-05-05,Y
1,UNS,2020-02-02,Y
1,MONTH 6,2020-07-01,N
2,UNS,2020-02-02,Y
2,Screening,2020-03-01,Y
2,UNS,2020-03-01,Y
"""


def visits(tiny, vs: str, lb: str = "", partitions: int = 1, study: str = STUDY, dates: str = VISITS):
    files = {
        "visit.csv": dates,
        "vs.csv": "SUBJ,DAY,WHEN\n" + "".join(f"{r}\n" for r in vs.split("|") if r),
        "lb.csv": "SUBJ,DT,TM,WHEN\n" + "".join(f"{r}\n" for r in lb.split("|") if r),
    }
    return tiny(files, study, {"vs": VS, "lb": LB}, partitions)


def shown(study, dataset: str) -> list[tuple]:
    return [(r["VISIT"], r["VISITNUM"]) for r in study.data[dataset]]


def test_unscheduled_visits_are_numbered_by_date_after_the_last_planned_one(tiny):
    study = visits(tiny, "1,2020-02-02,UNS|1,2020-05-05,Unscheduled|1,2020-04-12,M3|1,2020-01-10,BASELINE")
    assert shown(study, "VS") == [
        ("UNSCHEDULED 1.01", 1.01), ("UNSCHEDULED 4.01", 4.01), ("MONTH 3", 4.0), ("BASELINE", 1.0),
    ]  # fmt: skip


def test_a_date_has_one_number_in_every_dataset(tiny):
    lb = "1,02.02.2020,08:30,UNS|1,20.01.2020,,UNS|1,05.05.2020,,UNS|2,01.03.2020,,UNS"
    study = visits(tiny, "1,2020-02-02,UNS|1,2020-05-05,UNS|2,2020-03-01,UNS|2,2020-02-02,UNS", lb)
    assert shown(study, "LB") == [
        ("UNSCHEDULED 1.02", 1.02), ("UNSCHEDULED 1.01", 1.01), ("UNSCHEDULED 4.01", 4.01), ("UNSCHEDULED 1.01", 1.01),
    ]  # fmt: skip
    assert shown(study, "VS") == [
        ("UNSCHEDULED 1.02", 1.02), ("UNSCHEDULED 4.01", 4.01), ("UNSCHEDULED 1.01", 1.01), ("UNSCHEDULED 0.01", 0.01),
    ]  # fmt: skip
    assert study.found("R2A-VISIT-002") == []


def test_a_date_that_is_no_visit_of_the_subject_has_no_number(tiny):
    study = visits(tiny, "1,2020-02-03,UNS|1,2020-02,UNS|1,,UNS|3,2020-02-02,UNS")
    assert shown(study, "VS") == [("UNSCHEDULED", None)] * 4
    assert [f[1] for f in study.found("R2A-VISIT-002")] == [1, 2, 3, 4]


def test_a_visit_not_done_dates_nothing(tiny):
    dates = VISITS + "1,UNS,2020-08-01,Y\n"
    study = visits(tiny, "1,2020-08-01,UNS", dates=dates)
    assert shown(study, "VS") == [("UNSCHEDULED 4.02", 4.02)]  # month 6 was not done


def test_a_planned_visit_without_a_date_is_a_finding_where_unscheduled_visits_follow(tiny):
    rows = [
        "1,Screening,,Y",
        "1,UNS,2020-02-02,Y",
        "1,M3,2020-04,N",
        "2,Screening,2020-03,Y",
        "3,M3,,Y",
        "3,M3,2020-04-01,Y",
        "3,UNS,2020-05-01,Y",
    ]
    study = visits(tiny, "1,2020-02-02,UNS", dates="SUBJ,VISIT,DAY,DONE\n" + "\n".join(rows))
    assert shown(study, "VS") == [("UNSCHEDULED 0.01", 0.01)]
    assert study.found("R2A-VISIT-003") == [("visit.csv", 1, "DAY", "")]  # 2 has no unscheduled visit, 3 has a date


def test_the_first_source_that_dates_a_visit_counts(tiny):
    # the laboratory took month 3 in March, the visit itself was in April
    study = visits(
        tiny, "1,2020-03-15,UNS", "1,01.03.2020,,M3|1,15.03.2020,,UNS|1,01.07.2020,,MONTH 6|1,02.07.2020,,UNS"
    )
    assert shown(study, "VS") == [("UNSCHEDULED 1.02", 1.02)]
    assert shown(study, "LB") == [
        ("MONTH 3", 4.0), ("UNSCHEDULED 1.02", 1.02), ("MONTH 6", 5.0), ("UNSCHEDULED 5.01", 5.01),
    ]  # fmt: skip


def test_a_planned_visit_of_several_dates_counts_from_the_first_and_is_a_finding(tiny):
    dates = (
        "SUBJ,VISIT,DAY,DONE\n1,Screening,2020-02-10,Y\n1,BASELINE,2020-02-01,Y\n1,UNS,2020-02-05,Y\n"
        "1,M3,2020-04-10,Y\n1,MONTH 3,2020-04-10,Y\n2,M3,2020-04-11,Y\n2,M3,2020-04-10,Y\n"
    )
    study = visits(tiny, "1,2020-02-05,UNS", dates=dates)
    assert shown(study, "VS") == [("UNSCHEDULED 1.01", 1.01)]
    # one day twice is no tie; nothing depends on the dates of a subject without unscheduled visits
    assert study.found("R2A-TIE-001") == [("visit.csv", 2, "DAY", "2020-02-01")]
    (message,) = study.findings.loc[study.findings["rule"] == "R2A-TIE-001", "message"]
    assert message.startswith("visit dates one planned visit as 2020-02-01, 2020-02-10: the first of them counts")


def test_a_visit_that_another_rule_names_has_its_number(tiny):
    """VISIT by value: and by map:, in blocks; a text that is no visit has no number."""
    vs = VS.replace("VISIT: {visit: WHEN}", "VISIT: {from: WHEN, map: {a: BASELINE, b: MONTH 3}}")
    blocks = "dataset: LB\nrows:\n"
    for name in ("BASELINE", "MONTH 6"):
        blocks += f"  - {{source: lb, variables: {{VISIT: {{value: {name}}}}}}}\n"
    blocks += "sort: [VISITNUM]\nvariables: {LBTESTCD: {value: HGB}, LBDTC: {date: DT}}\n"
    files = {
        "vs.csv": "SUBJ,DAY,WHEN\n1,2020-02-02,a\n1,2020-02-03,b\n1,2020-02-04,c\n",
        "lb.csv": "SUBJ,DT\n1,02.02.2020\n",
    }
    study = tiny(
        {"visit.csv": VISITS, **files},
        STUDY.replace("  - {source: lb, visit: WHEN, date: DT}\n", ""),
        {"vs": vs, "lb": blocks},
    )
    assert shown(study, "VS") == [("BASELINE", 1.0), ("MONTH 3", 4.0), ("c", None)]
    assert shown(study, "LB") == [("BASELINE", 1.0), ("MONTH 6", 5.0)]


def test_numbers_do_not_depend_on_partitions(tiny):
    vs = "1,2020-02-02,UNS|2,2020-03-01,UNS|1,2020-05-05,UNS"
    assert visits(tiny, vs, partitions=2).data["VS"] == visits(tiny, vs).data["VS"]


def test_more_than_99_between_two_visits_have_no_number(tiny):
    days = [f"2020-{m:02}-{d:02}" for m in (2, 3, 4, 5) for d in range(1, 29)][:100]
    dates = "SUBJ,VISIT,DAY,DONE\n1,Screening,2020-01-01,Y\n" + "".join(f"1,UNS,{d},Y\n" for d in days)
    study = visits(tiny, f"1,{days[98]},UNS|1,{days[99]},UNS", dates=dates)
    assert shown(study, "VS") == [("UNSCHEDULED 1.99", 1.99), ("UNSCHEDULED", None)]


def test_lint_wants_to_know_where_visits_are_dated(spec_problems):
    sources = "sources: {vs: {file: vs.csv}}\n"
    found = spec_problems(sources + "visits: {UNS: {unscheduled: true}}\n", {})
    assert any("visit_dates" in p.message and p.place.line for p in found)
    found = spec_problems(sources + "visit_dates: [{source: visits, visit: V, date: D}]\n", {})
    assert any("there is no source 'visits'" in p.message for p in found)
    for visit in ("{labels: [UNS]}", "{num: 3, unscheduled: true}"):
        found = spec_problems(sources + f"visits: {{UNS: {visit}}}\n", {})
        assert any("num:, or is unscheduled" in p.message for p in found)
    found = spec_problems(sources + "visits: {UNS: {unscheduled: true, day: 5}}\n", {})
    assert any("neither day: nor starts:" in p.message for p in found)
