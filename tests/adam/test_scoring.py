"""Scores of the QLQ-C30 and the QLQ-MY20, against tables written by hand from the scoring rules."""

from __future__ import annotations

import numpy as np
import pytest
from kit.together import Cases
from raw2adam.adam.questionnaires.scale_scores import scale_scores
from raw2adam.mappings.loader import load_study

THIRD = 100 / 3
#: scale -> (its items, least number of answers, whether 100 is what the lowest answers give)
C30 = {
    "QL2": ([29, 30], 1, False), "PF2": ([1, 2, 3, 4, 5], 3, True), "RF2": ([6, 7], 1, True),
    "EF": ([21, 22, 23, 24], 2, True), "CF": ([20, 25], 1, True), "SF": ([26, 27], 1, True),
    "FA": ([10, 12, 18], 2, False), "NV": ([14, 15], 1, False), "PA": ([9, 19], 1, False), "DY": ([8], 1, False),
    "SL": ([11], 1, False), "AP": ([13], 1, False), "CO": ([16], 1, False), "DI": ([17], 1, False),
    "FI": ([28], 1, False),
}  # fmt: skip
MY20 = {
    "MYDS": ([31, 32, 33, 34, 35, 36], 3, False), "MYSE": ([37, 38, 39, 40, 41, 42, 43, 44, 45, 46], 5, False),
    "MYBI": ([47], 1, True), "MYFP": ([48, 49, 50], 2, True),
}  # fmt: skip
SUMMARY = ["PF2", "RF2", "EF", "CF", "SF", "FA", "NV", "PA", "DY", "SL", "AP", "CO", "DI"]


@pytest.fixture(scope="module")
def instruments(tmp_path_factory):
    folder = tmp_path_factory.mktemp("study")
    text = "parents: [instruments]\nstudy: {id: S1}\nsubject: {columns: [SUBJ], usubjid: 'S1-{SUBJ:02}'}\nsources: {}\n"
    (folder / "study.yaml").write_text(text, "utf-8")
    loaded = load_study(folder)
    assert loaded.problems == []
    return loaded.file.instruments


def scored(instruments, answers: dict[int, int]) -> dict[str, float | None]:
    """Scores of one form by item number; every instrument."""
    out: dict[str, float | None] = {}
    for name, first in (("qlq-c30-v3", 1), ("qlq-my20", 31)):
        spec = instruments[name]
        steps = np.array([[answers.get(first + i, 0)] for i in range(len(spec.items))], dtype="int16")
        values = scale_scores(spec, steps).values[:, 0].tolist()
        out |= {k: None if v != v else v for k, v in zip(spec.scores, values, strict=True)}
    return out


def all_items(low: int, quality: int) -> dict[int, int]:
    return {i: quality if i in (29, 30) else low for i in range(1, 51)}


@pytest.mark.parametrize(
    ("low", "quality", "functional", "symptom", "status"),
    [(1, 1, 100.0, 0.0, 0.0), (4, 7, 0.0, 100.0, 100.0), (2, 4, 2 * THIRD, THIRD, 50.0), (3, 5, THIRD, 2 * THIRD, 200 / 3)],
)  # fmt: skip
def test_every_scale_at_its_ends_and_between(instruments, low, quality, functional, symptom, status):
    """Range 3, for the global status 6 and no reversal."""
    got = scored(instruments, all_items(low, quality))
    for name, (_, _, turned) in {**C30, **MY20}.items():
        want = status if name == "QL2" else functional if turned else symptom
        assert got[name] == pytest.approx(want, abs=1e-12), name
    assert got["SUMSC"] == pytest.approx(functional, abs=1e-12)  # symptom scales turned


@pytest.mark.parametrize("name", [*C30, *MY20])
def test_a_scale_has_its_items_and_no_other(instruments, name):
    items, _, turned = {**C30, **MY20}[name]
    lowest = all_items(1, 1)
    got = scored(instruments, {**lowest, **{i: 7 if i in (29, 30) else 4 for i in items}})
    base = scored(instruments, lowest)
    assert got[name] == (0.0 if turned else 100.0)
    assert {n for n in got if got[n] != base[n]} == {name} | ({"SUMSC"} if name in SUMMARY else set())


@pytest.mark.parametrize(
    ("name", "answers", "score"),
    [
        ("QL2", {29: 7}, 100.0), ("QL2", {30: 2}, 100 / 6), ("QL2", {}, None),
        ("PF2", {1: 1, 2: 2, 3: 3}, 2 * THIRD), ("PF2", {1: 1, 2: 2}, None),
        ("RF2", {7: 2}, 2 * THIRD), ("RF2", {}, None),
        ("EF", {21: 1, 23: 4}, 50.0), ("EF", {24: 1}, None),
        ("CF", {25: 3}, THIRD), ("CF", {}, None), ("SF", {26: 4}, 0.0), ("SF", {}, None),
        ("FA", {10: 2, 18: 3}, 50.0), ("FA", {12: 2}, None),
        ("NV", {15: 4}, 100.0), ("NV", {}, None), ("PA", {9: 2}, THIRD), ("PA", {}, None), ("DY", {}, None),
        ("MYDS", {31: 1, 33: 2, 36: 3}, THIRD), ("MYDS", {31: 1, 33: 2}, None),
        ("MYSE", {37: 2, 38: 2, 39: 2, 40: 2, 46: 2}, THIRD), ("MYSE", {37: 2, 38: 2, 39: 2, 40: 2}, None),
        ("MYBI", {47: 2}, 2 * THIRD), ("MYBI", {}, None), ("MYFP", {48: 2, 50: 3}, 50.0), ("MYFP", {49: 2}, None),
    ],
)  # fmt: skip
def test_the_half_rule_on_both_sides(instruments, name, answers, score):
    assert scored(instruments, answers)[name] == (None if score is None else pytest.approx(score, abs=1e-12))


def test_item_42_not_asked_leaves_nine_answers(instruments):
    """Nine answers with the sum 15 give 22.22, not 16 of 10, which would be 20.0."""
    nine = {37: 2, 38: 2, 39: 2, 40: 2, 41: 1, 43: 2, 44: 2, 45: 1, 46: 1}
    assert sum(nine.values()) == 15
    assert scored(instruments, nine)["MYSE"] == pytest.approx(22.2222222222, abs=1e-9)
    assert scored(instruments, {**nine, 42: 1})["MYSE"] == pytest.approx(20.0, abs=1e-12)


@pytest.mark.parametrize("name", SUMMARY)
def test_the_summary_needs_all_thirteen_scales(instruments, name):
    answers = all_items(2, 4)
    assert scored(instruments, {i: a for i, a in answers.items() if i not in C30[name][0]})["SUMSC"] is None


def test_the_summary_does_not_need_global_status_and_finances(instruments):
    got = scored(instruments, {i: a for i, a in all_items(2, 4).items() if i not in (28, 29, 30)})
    assert (got["QL2"], got["FI"]) == (None, None)
    assert got["SUMSC"] == pytest.approx(2 * THIRD, abs=1e-12)


def test_the_summary_turns_symptoms_by_hand(instruments):
    """Functional 100 80 50 0 100, symptoms 0 but fatigue 50 and pain 100: (330 + 650) / 13."""
    answers = all_items(1, 1) | {3: 4, 6: 2, 7: 3, 21: 4, 22: 4, 23: 4, 24: 4, 10: 2, 12: 3, 18: 0, 9: 4, 19: 4}
    got = scored(instruments, answers)
    assert [got[n] for n in ("PF2", "RF2", "EF", "CF", "SF", "FA", "PA")] == pytest.approx(
        [80, 50, 0, 100, 100, 50, 100]
    )
    assert got["SUMSC"] == pytest.approx(980 / 13, abs=1e-12)


def test_thresholds_of_the_instruments(instruments):
    """Thresholds of Osoba (QLQ-C30) and of Sully (QLQ-MY20: improvement / worsening)."""
    my20 = instruments["qlq-my20"]
    found = {n: (t.better, t.improved, t.worsened) for n in my20.scores if (t := my20.threshold(n))}
    assert found == {
        "MYDS": ("lower", 16, 11), "MYSE": ("lower", 6, 9), "MYBI": ("higher", 33, 33), "MYFP": ("higher", 11, 11),
    }  # fmt: skip
    c30 = instruments["qlq-c30-v3"]
    every = [c30.threshold(n) for n in c30.scores]
    assert {(t.improved, t.worsened) for t in every if t is not None} == {(10, 10)}
    assert None not in every
    assert [n for n in c30.scores if c30.better(n) == "lower"] == ["FA", "NV", "PA", "DY", "SL", "AP", "CO", "DI", "FI"]
    codes = [(n, s.code) for n, s in c30.scales.items()]
    assert codes == [(n, f"EOR01{31 + i}") for i, n in enumerate(C30)]


HEAD = """\
parents: [eortc-qlq]
study: {id: S1}
subject: {columns: [SUBJ], usubjid: "{STUDYID}-{SUBJ:02}"}
sources: {dm: {file: dm.csv}, q: {file: q.csv, optional: true}}
"""
DM = "dataset: DM\nrows: {source: dm}\nvariables: {SEX: {value: U}, COUNTRY: {value: DEU}}\n"
QS = """\
dataset: QS
rows: {source: q}
sort: [USUBJID, QSTESTCD, QSDTC, SOURCE]
variables:
  QSTESTCD: {from: ITEM, codelist: none}
  QSTEST: {from: ITEM, codelist: none}
  QSCAT: {from: CAT, codelist: none}
  QSORRES: A
  QSSTRESC: A
  QSSTRESN: A
  QSSTAT: {from: STAT}
  QSDTC: {date: DAY, formats: [yyyy-mm-dd, yyyy-mm]}
  VISIT: {from: VIS}
"""
ADSL = "dataset: ADSL\nrows: {from: DM}\nvariables: {SUBJID: SUBJID}\n"
ADQS = """\
dataset: ADQS
label: Quality of Life
rows:
  - {from: QS, derive: {items: [qlq-my20]}}
  - {from: QS, derive: {score: [qlq-my20]}}
keys: [USUBJID, PARAMCD, ADT, ASEQ]
"""


def form(subject: str, day: str, answers: dict[int, str], visit: str = "V1", stat: str = "") -> str:
    return "".join(f"{subject},MYQ{i},EORTC QLQ-MY20,{a},{stat},{day},{visit}\n" for i, a in answers.items())


CASES = Cases()


def files_of(rows: str) -> dict[str, str]:
    return {"dm.csv": "SUBJ\n1\n2\n", "q.csv": "SUBJ,ITEM,CAT,A,STAT,DAY,VIS\n" + rows}


def of(rows: str):
    """Decorator: the test sees these forms of a study that all tests share."""
    return CASES.rows(files_of(rows))


@pytest.fixture(scope="module")
def whole(tiny):
    return tiny(CASES.files(), HEAD, {"dm": DM, "qs": QS, "adsl": ADSL, "adqs": ADQS})


@pytest.fixture
def study(whole, request):
    return CASES.alone(whole, request.node.originalname)


def built(tiny, rows: str, partitions: int = 1, adqs: str = ADQS):
    return tiny(files_of(rows), HEAD, {"dm": DM, "qs": QS, "adsl": ADSL, "adqs": adqs}, partitions)


def got(study, code: str, *names: str) -> list[tuple]:
    return [tuple(r[n] for n in names) for r in study.data["ADQS"] if r["PARAMCD"] == code]


def reported(study, rule: str) -> list[tuple]:
    table = study.findings[study.findings["rule"] == rule]
    return list(zip(table["subject"], table["value"], strict=True))


def test_a_form_becomes_item_and_scale_records_with_their_sources(tiny):
    study = built(tiny, form("1", "2020-01-02", {47: "2", 48: "2", 49: "3"}))
    assert got(study, "MYQ48", "PARAM", "PARCAT1", "PARCAT2", "AVAL", "ADT", "SRCDOM", "SRCVAR", "SRCSEQ") == [
        ("QLQ-MY20 Item MYQ48 (1 to 4)", "EORTC QLQ-MY20", "ITEM", 2.0, 21916.0, "QS", "QSSTRESN", 2.0)
    ]
    names = ("PARAM", "PARCAT2", "PARAMTYP", "AVAL", "NANSWER", "ADT", "SRCDOM", "SRCSEQ")
    assert got(study, "MYFP", *names) == [
        ("QLQ-MY20 Future Perspective", "SCALE", "DERIVED", 50.0, 2.0, 21916.0, "QS", None)
    ]
    assert got(study, "MYBI", "AVAL", "NANSWER", "SRCSEQ") == [(pytest.approx(200 / 3), 1.0, 1.0)]
    assert got(study, "MYDS", "AVAL", "NANSWER") == [(None, 0.0)]
    at = next(i for i, r in enumerate(study.data["ADQS"]) if r["PARAMCD"] == "MYFP")
    assert [study.traced("ADQS", f"row:ITEM{k}")[at] for k in (1, 2, 3, 4)] == [1, 2, -1, -1]
    (use,) = [u for u in study.lineage["ADQS"].rules if u.variable == "AVAL" and u.block == 1]
    of_fp = [r for r in use.reads if r.item == 3]  # scales in the order of the file
    assert [(r.node, r.table, r.column) for r in of_fp] == [(f"row:ITEM{k}", "QS", "QSSTRESN") for k in (1, 2, 3)]


OUT_OF_RANGE = ("5", "0", "2.5", "-1")
for answer in OUT_OF_RANGE:
    CASES.add(answer, files_of(form("1", "2020-01-02", {48: "2", 49: answer, 50: "2"})))


@pytest.mark.parametrize("bad", OUT_OF_RANGE)
def test_an_answer_out_of_range_is_missing_with_one_finding(whole, bad):
    study = CASES.alone(whole, bad)
    assert got(study, "MYFP", "AVAL", "NANSWER") == [(pytest.approx(200 / 3), 2.0)]
    assert got(study, "MYQ49", "AVAL") == [(None,)]
    assert reported(study, "R2A-SCORE-001") == [("S1-01", bad)]


def test_items_29_and_30_go_to_seven(tiny):
    rows = "".join(f"1,EOR01{i},EORTC QLQ-C30 V3.0,{a},,2020-01-02,V1\n" for i, a in ((29, 7), (30, 6), (28, 7)))
    rows += "2,EOR0129,EORTC QLQ-C30 V3.0,8,,2020-01-02,V1\n2,EOR0131,EORTC QLQ-C30 V3.0,50,,2020-01-02,V1\n"
    study = built(tiny, rows, adqs=ADQS.replace("qlq-my20", "qlq-c30-v3"))
    assert got(study, "QL2", "USUBJID", "AVAL") == [("S1-01", pytest.approx(550 / 6)), ("S1-02", None)]
    assert got(study, "FI", "AVAL") == [(None,), (None,)]
    assert reported(study, "R2A-SCORE-001") == [("S1-01", "7"), ("S1-02", "8")]
    assert reported(study, "R2A-SCORE-006") == []  # EOR0131 is a score that SDTM has already


@of(
    form("1", "2020-01-02", {48: "2", 50: "2"})
    + form("1", "2020-01-02", {49: "4"}, stat="NOT DONE")
    + form("1", "2020-01-02", {41: "1", 42: "4"})
)
def test_an_answer_of_an_item_that_is_not_done_or_not_asked(study):
    assert got(study, "MYFP", "AVAL") == [(pytest.approx(200 / 3),)]
    assert reported(study, "R2A-SCORE-001") == [("S1-01", "4")]
    assert reported(study, "R2A-SCORE-005") == [("S1-01", "4")]


@of(form("1", "", {47: "1", 48: "2", 49: "3"}) + form("2", "2020-01", {47: "4", 48: "4"}))
def test_a_form_without_a_complete_date_is_scored_with_one_finding(study):
    assert got(study, "MYBI", "USUBJID", "AVAL", "ADT") == [("S1-01", 100.0, None), ("S1-02", 0.0, None)]
    assert reported(study, "R2A-SCORE-002") == [("S1-01", ""), ("S1-02", "2020-01")]


@pytest.mark.parametrize("partitions", [1, 2])
def test_two_forms_on_a_day_are_two_records_and_a_finding(tiny, partitions):
    one = form("1", "2020-01-02", {47: "1", 48: "1", 49: "1"})
    other = form("1", "2020-01-02", {47: "4", 48: "4", 49: "4"})
    same_visit = built(tiny, one + other + form("2", "2020-01-02", {47: "2"}), partitions)
    assert got(same_visit, "MYBI", "AVAL") == [(100.0,), (0.0,), (pytest.approx(200 / 3),)]
    assert got(same_visit, "MYFP", "AVAL", "NANSWER")[:2] == [(100.0, 2.0), (0.0, 2.0)]
    assert reported(same_visit, "R2A-SCORE-003") == [("S1-01", "2020-01-02")]
    two_visits = built(tiny, one + form("1", "2020-01-02", {47: "4"}, visit="V2"), partitions)
    assert got(two_visits, "MYBI", "AVAL") == [(100.0,), (0.0,)]
    assert reported(two_visits, "R2A-SCORE-003") == [("S1-01", "2020-01-02")]


def test_a_subject_that_adsl_does_not_have_and_a_code_that_is_no_item(tiny):
    rows = (
        form("1", "2020-01-02", {47: "1"})
        + form("7", "2020-01-02", {47: "1", 48: "2"})
        + form("2", "2020-01-02", {99: "1"})
    )
    study = built(tiny, rows)
    assert got(study, "MYBI", "USUBJID", "AVAL") == [("S1-01", 100.0), ("S1-07", 100.0)]
    assert reported(study, "R2A-SCORE-004") == [("S1-07", "")]
    assert reported(study, "R2A-SCORE-006") == [("S1-02", "MYQ99")]


OWN = """\
instruments:
  five:
    category: FIVE
    label: Five
    items: {A1..A4: [0, 10]}
    scales:
      ONE: {label: One, type: global, items: [A1..A3]}
      TWO: {label: Two, type: functional, items: [A4]}
"""


def test_an_instrument_is_added_by_yaml_alone(tiny):
    rows = "".join(f"1,A{i},FIVE,{a},,2020-01-02,V1\n" for i, a in ((1, 0), (2, 5), (4, 10)))
    files = {"dm.csv": "SUBJ\n1\n2\n", "q.csv": "SUBJ,ITEM,CAT,A,STAT,DAY,VIS\n" + rows}
    adqs = ADQS.replace("qlq-my20", "five")
    study = tiny(files, HEAD + OWN, {"dm": DM, "qs": QS, "adsl": ADSL, "adqs": adqs})
    assert got(study, "ONE", "AVAL", "NANSWER") == [(25.0, 2.0)]  # half of three items is two
    assert got(study, "TWO", "AVAL") == [(0.0,)]


@pytest.mark.parametrize(
    ("old", "new", "place", "message"),
    [
        ("items: [A1..A3]", "items: [A1..A3, A9]", "study.yaml:11:46", "no item 'A9'"),
        ("items: [A1..A3]", "items: []", "study.yaml:11:46", "at least one item"),
        ("items: [A1..A3]", "items: [A1..A3, A2]", "study.yaml:11:46", "A2 is there twice"),
        ("A1..A4: [0, 10]", "A1..A4: [0, 10], A2: [0, 9]", "study.yaml:9:34", "A2 is there twice"),
        ("A1..A4: [0, 10]", "A1..A3: [0, 10], A4: [4, 1]", "study.yaml:9:34", "[lowest, highest]"),
        ("A1..A4: [0, 10]", "A1..A2: [0, 10], A3..A4: [0, 9]", "study.yaml:11:46", "one range"),
        ("TWO: {", "A4: {", "study.yaml:12:11", "A4 is an item already"),
        ("items: [A4]", "items: [A4], answered: 2", "study.yaml:12:66", "only 1 items"),
        ("items: [A4]", "items: [A4], improved: 3", "study.yaml:12:12", "declare both improved: and worsened:"),
    ],
)  # fmt: skip
def test_mistakes_in_an_instrument_have_their_place(spec_problems, old, new, place, message):
    problems = spec_problems(HEAD + OWN.replace(old, new), {"dm": DM}, ("dm.csv", "q.csv"))
    assert [(str(p.place), message in p.message) for p in problems if p.severity == "error"] == [(place, True)]


@pytest.mark.parametrize(
    ("names", "place", "message"),
    [
        ("[qlq-my21]", "adam/adqs.yaml:4:33", "no instrument 'qlq-my21'"),
        ("[qlq-my20, qlq-my20]", "adam/adqs.yaml:4:43", "there twice"),
        ("[qlq-my20, other]", "adam/adqs.yaml:4:43", "MYQ47 of other is a code of qlq-my20 too"),
    ],
)
def test_names_of_instruments_are_checked_at_their_place(spec_problems, names, place, message):
    other = "instruments: {other: {category: X, label: X, items: {MYQ47: [1, 2]}, scales: {XX: {label: X, type: global, items: [MYQ47]}}}}\n"
    adqs = f"dataset: ADQS\nlabel: Q\nrows:\n  - {{from: QS, derive: {{score: {names}}}}}\nkeys: [USUBJID]\n"
    problems = spec_problems(HEAD + other, {"dm": DM, "qs": QS, "adsl": ADSL, "adqs": adqs}, ("dm.csv", "q.csv"))
    assert [(str(p.place), message in p.message) for p in problems if p.severity == "error"] == [(place, True)]
