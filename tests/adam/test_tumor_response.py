"""Sums of lesions and responses of tumors: literal tables from RECIST 1.1, RANO, Lugano, GCIG, PCWG3, and the edges.

RECIST 1.1: Eisenhauer et al., Eur J Cancer 2009;45:228-47, section 4.3 and tables 1 to 3.
"""

from __future__ import annotations

import datetime
import re

import pytest

#: lesions by evaluation: day of the image and "id:diameter"; N before an id is a lymph node, K a non-target lesion, X a new
#: one. Expected by evaluation: sum, sum of measured, nadir, NTGRESP, new, response of target, overall response
SUBJECTS = [
    # 30 % down is PR, 20 % and 5 mm over the nadir is PD
    (
        ["-5 T1:60 T2:40", "30 T1:40 T2:30", "60 T1:44 T2:39", "90 T1:45 T2:39"],
        ["100 100 - - N - -", "70 70 100 - N PR PR", "83 83 70 - N SD SD", "84 84 70 - N PD PD"],
    ),
    # 20 % of a small sum is less than 5 mm
    (
        ["-5 T1:20", "30 T1:10", "60 T1:14.9", "90 T1:15"],
        ["20 20 - - N - -", "10 10 20 - N PR PR", "14.9 14.9 10 - N SD SD", "15 15 10 - N PD PD"],
    ),
    # the first dose day is baseline; of two evaluations before it the last one
    (["-20 T1:50", "0 T1:40", "30 T1:28"], ["50 50 - - N - -", "40 40 - - N - -", "28 28 40 - N PR PR"]),
    # lymph nodes below 10 mm are normal: CR with a sum above 0
    (
        ["-5 N1:20 T2:30", "30 N1:9.9 T2:0", "60 N1:10 T2:0"],
        ["50 50 - - N - -", "9.9 9.9 50 - N CR CR", "10 10 9.9 - N PR PR"],
    ),
    # absent is 0, too small is 5 mm
    (
        ["-5 T1:30 T2:20", "30 T1:ABSENT T2:TOO SMALL TO MEASURE", "60 T1:absent T2:absent"],
        ["50 50 - - N - -", "5 5 50 - N PR PR", "0 0 5 - N CR CR"],
    ),
    # back after all were gone: progression, however small
    (["-5 T1:30", "30 T1:0", "60 T1:3"], ["30 30 - - N - -", "0 0 30 - N CR CR", "3 3 0 - N PD PD"]),
    # ... and where the nodes of a complete response are still measured; a node alone grows by the sum
    (
        ["-5 N1:20 T2:30", "30 N1:9 T2:0", "60 N1:9 T2:2", "90 N1:9.5 T2:0"],
        ["50 50 - - N - -", "9 9 50 - N CR CR", "11 11 9 - N PD PD", "9.5 9.5 9 - N CR CR"],
    ),
    # back while others are there: the sum decides
    (
        ["-5 T1:50 T2:30", "30 T1:20 T2:0", "60 T1:20 T2:3"],
        ["80 80 - - N - -", "20 20 80 - N PR PR", "23 23 20 - N PR PR"],
    ),
    # a missing target lesion: no sum, not evaluable; but what was measured may show progression
    (
        ["-5 T1:30 T2:20", "30 T1:20", "60 T1:20 T2:15", "90 T1:43", "120 T1:NOT DONE T2:15"],
        ["50 50 - - N - -", "- 20 50 - N NE NE", "35 35 50 - N PR PR", "- 43 35 - N PD PD", "- 15 35 - N NE NE"],
    ),
    # a split lesion is added, a merged one counts once
    (["-5 T1:30 T2:20 T3:10", "30 T1.1:10 T1.2:8 T2/T3:12"], ["60 60 - - N - -", "30 30 60 - N PR PR"]),
    # non-target lesions
    (
        [
            "-5 T1:30 K1:PRESENT K2:PRESENT",
            "30 T1:0 K1:ABSENT K2:ABSENT",
            "60 T1:0 K1:PRESENT K2:ABSENT",
            "90 T1:0 K1:ABSENT",
        ],
        ["30 30 - - N - -", "0 0 30 CR N CR CR", "0 0 0 NON-CR/NON-PD N CR PR", "0 0 0 NE N CR PR"],
    ),
    (["-5 T1:30 K1:PRESENT", "30 T1:29 K1:UNEQUIVOCAL PROGRESSION"], ["30 30 - - N - -", "29 29 30 PD N SD PD"]),
    # a new lesion
    (["-5 T1:30", "30 T1:10 X1:PRESENT"], ["30 30 - - N - -", "10 10 30 - Y PR PD"]),
    (["-5 T1:30", "30 T1:10 X1:NOT EVALUABLE"], ["30 30 - - N - -", "10 10 30 - N PR PR"]),
    # an equivocal new lesion counts from its first image on, once a later one shows it
    (
        ["-5 T1:30", "30 T1:20 X1:EQUIVOCAL", "60 T1:20 X1:Equivocal", "90 T1:20 X1:PRESENT X2:EQUIVOCAL"],
        ["30 30 - - N - -", "20 20 30 - Y PR PD", "20 20 20 - Y PR PD", "20 20 20 - Y PR PD"],
    ),
    (
        ["-5 T1:30", "30 T1:20 X1:EQUIVOCAL X2:ABSENT", "60 T1:20 X1:ABSENT", "90 T1:20 X1:EQUIVOCAL"],
        ["30 30 - - N - -", "20 20 30 - N PR PR", "20 20 20 - N PR PR", "20 20 20 - N PR PR"],
    ),
    # without target lesions: table 2
    (
        ["-5 K1:PRESENT", "30 K1:ABSENT", "60 K1:PRESENT"],
        ["- - - - N - -", "- - - CR N - CR", "- - - NON-CR/NON-PD N - NON-CR/NON-PD"],
    ),
    # no baseline
    (["30 T1:30", "60 T1:10"], ["- - - - N - -", "- - - - N - -"]),
    # an evaluation without the target lesion, between others
    (
        ["-5 T1:30 K1:PRESENT", "30 K1:PRESENT", "60 T1:20 K1:PRESENT"],
        ["30 30 - - N - -", "- - 30 NON-CR/NON-PD N NE NE", "20 20 30 NON-CR/NON-PD N PR PR"],
    ),
    # a target lesion that the baseline does not have is not summed
    (["-5 T1:30", "30 T1:20 T9:50"], ["30 30 - - N - -", "20 20 30 - N PR PR"]),
    # measured twice: the later, of one day the larger
    (["-5 T1:30 T1:32", "30 T1:20"], ["32 32 - - N - -", "20 20 32 - N PR PR"]),
]
TR = """\
dataset: ADTR
class: BASIC DATA STRUCTURE
rows:
  source: tr
  derive:
    tumor_burden: SIZE
    text: RESULT
    unit: UNIT
    lesion: ID
    date: DAY
    evaluation: [VISIT]
    start: START
    target: KIND == 'T' or KIND == 'N'
    nodal: KIND == 'N'
    non_target: KIND == 'K'
    new: KIND == 'X'
variables:
  PARAMCD: {value: SDIAM}
  PARAM: {value: Sum of Diameters (mm)}
  AVISITN: {compute: VISIT}
  TARGET: {level_by_change: AVAL, criteria: recist-1.1, measurement: target, base: BASE, nadir: NADIR, complete: ALLGONE == 'Y', single: SINGLEPD == 'Y', partial: PARTSUM, label: t, when: ADT > BLDT}
  OVERALL: {overall_response: {target: TARGET, non_target: NTGRESP, new: NEWLFL}, criteria: recist-1.1, label: o, when: ADT > BLDT}
sort: [STUDYID, USUBJID, AVISITN]
"""


def date(day) -> str:
    """The first dose is on 2024-03-01."""
    return (datetime.date(2024, 3, 1) + datetime.timedelta(int(day))).isoformat()


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    from kit.tiny import HEAD, build_study, write_study
    from raw2adam.mappings.loader import load_study
    from raw2adam.runs.plan_study import plan_study

    lines = []
    for subject, (evaluations, _) in enumerate(SUBJECTS, 1):
        for visit, text in enumerate(evaluations, 1):
            day, rest = text.split(" ", 1)
            for lesion in re.findall(r"([TNKX]\S*?):([^:]+?)(?= [TNKX]\S*:|$)", rest):
                number = lesion[1] if lesion[1].replace(".", "").isdigit() else ""
                unit = "mm" if subject != 2 else "cm"
                size = number if subject != 2 or not number else f"{float(number) / 10:g}"
                word = "" if number else lesion[1]
                lines.append(
                    f"{subject},{visit},{date(day)},{date(0)},{lesion[0]},{lesion[0][0]},{size},{word},{unit if number else ''}"
                )
    files = {"tr.csv": "SUBJ,VISIT,DAY,START,ID,KIND,SIZE,RESULT,UNIT\n" + "\n".join(lines) + "\n"}
    folder = tmp_path_factory.mktemp("tumors")
    write_study(folder, HEAD, {"adtr": TR}, files)
    return build_study(folder, plan_study(load_study(folder))[0], files)


@pytest.mark.parametrize("number", range(len(SUBJECTS)))
def test_evaluations_of_a_subject(built, number):
    mine = [r for r in built.data["ADTR"] if r["USUBJID"] == f"S1-{number + 1:02}"]

    def shown(value):
        return "-" if value in (None, "") else f"{value:g}" if isinstance(value, float) else value

    names = ("AVAL", "PARTSUM", "NADIR", "NTGRESP", "NEWLFL", "TARGET", "OVERALL")
    assert [" ".join(shown(r[n]) for n in names) for r in mine] == SUBJECTS[number][1]


#: criteria, measurement, value, baseline, nadir, complete, level
CHANGES = [
    ("recist-1.1", "target", 70, 100, 100, False, "PR"),
    ("recist-1.1", "target", 70.1, 100, 100, False, "SD"),
    ("recist-1.1", "target", 120, 100, 100, False, "PD"),
    ("recist-1.1", "target", 119.9, 100, 100, False, "SD"),
    ("recist-1.1", "target", 60, 100, 50, False, "PD"),  # progression before response
    ("recist-1.1", "target", 8, 100, 3, True, "CR"),  # nodes below 10 mm that grew
    ("recist-1.1", "target", 70, None, None, False, "NE"),
    ("recist-1.1", "target", 0, None, None, True, "NE"),
    ("rano-2010", "enhancing", 500, 1000, 1000, False, "PR"),
    ("rano-2010", "enhancing", 501, 1000, 1000, False, "SD"),
    ("rano-2010", "enhancing", 625, 1000, 500, False, "PD"),
    ("rano-2010", "enhancing", 624, 1000, 500, False, "SD"),
    ("rano-2010", "enhancing", 1, 1000, 0, False, "PD"),
    ("rano-2010", "enhancing", 0, 1000, 500, True, "CR"),
    ("lugano-2014-ct", "spd", 500, 1000, None, False, "PR"),
    ("lugano-2014-ct", "spd", 501, 1000, None, False, "SD"),
    ("lugano-2014-ct", "spd", 2000, 1000, None, False, "SD"),  # progression is of single lesions
    # the spleen, in mm beyond 130
    ("lugano-2014-ct", "spleen", 30.1, 20, 20, False, "PD"),  # of 15 cm to more than 16 cm
    ("lugano-2014-ct", "spleen", 30, 20, 20, False, "SD"),
    ("lugano-2014-ct", "spleen", 16, 40, 10, False, "PD"),  # from the nadir
    ("lugano-2014-ct", "spleen", 15, 40, 10, False, "PR"),
    ("lugano-2014-ct", "spleen", 19.9, 40, 40, False, "PR"),  # more than half of what is beyond normal
    ("lugano-2014-ct", "spleen", 20, 40, 40, False, "SD"),
    ("lugano-2014-ct", "spleen", 0, 40, 40, False, "CR"),
    ("lugano-2014-ct", "spleen", 15, -5, -5, False, "PD"),  # was normal: 2 cm more, and enlarged
    ("lugano-2014-ct", "spleen", 14.9, -5, -20, False, "SD"),  # ... than at baseline
    ("lugano-2014-ct", "spleen", 0, -30, -30, False, "CR"),
    ("lugano-2014-ct", "spleen", 10, 40, -10, False, "PD"),  # enlarged again, 2 cm over the nadir
    ("lugano-2014-ct", "spleen", 9, 40, -10, False, "PR"),
    ("lugano-2014-ct", "spleen", 9, None, -10, False, "NE"),
    ("gcig-2011", "ca125_response", 100, 200, None, False, "PR"),
    ("gcig-2011", "ca125_response", 30, 200, None, True, "CR"),
    ("gcig-2011", "ca125_response", 101, 200, None, False, "NON-RESPONSE"),
    ("gcig-2011", "ca125_progression", 70, 200, 35, False, "PD"),  # twice the limit of normal, 35
    ("gcig-2011", "ca125_progression", 69, 200, 35, False, "NON-PD"),
    ("pcwg3-2016", "psa_response", 50, 100, None, False, "PSA50"),
    ("pcwg3-2016", "psa_response", 10, 100, None, False, "PSA90"),
    ("pcwg3-2016", "psa_response", 51, 100, None, False, "NON-RESPONSE"),
    ("pcwg3-2016", "psa_progression", 12.5, 100, 10, False, "PD"),
    ("pcwg3-2016", "psa_progression", 5, 100, 3.5, False, "NON-PD"),  # 43 %, but 1.5 ng/mL
    ("pcwg3-2016", "psa_progression", 12, 100, 10, False, "NON-PD"),  # 2 ng/mL, but 20 %
]
#: criteria, components in the order of the file, overall response
TABLES = [
    # RECIST 1.1, table 1
    ("recist-1.1", "CR CR N", "CR"),
    ("recist-1.1", "CR NON-CR/NON-PD N", "PR"),
    ("recist-1.1", "CR NE N", "PR"),
    ("recist-1.1", "PR NON-CR/NON-PD N", "PR"),
    ("recist-1.1", "PR NE N", "PR"),
    ("recist-1.1", "SD NON-CR/NON-PD N", "SD"),
    ("recist-1.1", "SD NE N", "SD"),
    ("recist-1.1", "NE NON-CR/NON-PD N", "NE"),
    ("recist-1.1", "PD CR N", "PD"),
    ("recist-1.1", "PR PD N", "PD"),
    ("recist-1.1", "CR CR Y", "PD"),
    # table 2
    ("recist-1.1", "NONE CR N", "CR"),
    ("recist-1.1", "NONE NON-CR/NON-PD N", "NON-CR/NON-PD"),
    ("recist-1.1", "NONE NE N", "NE"),
    ("recist-1.1", "NONE PD N", "PD"),
    ("recist-1.1", "NONE CR Y", "PD"),
    ("recist-1.1", "NONE NONE N", "NED"),
    # RANO, table 4
    ("rano-2010", "CR STABLE N OFF STABLE", "CR"),
    ("rano-2010", "CR IMPROVED N OFF IMPROVED", "CR"),
    ("rano-2010", "CR STABLE N STABLE STABLE", "PR"),  # on steroids
    ("rano-2010", "PR STABLE N DECREASED STABLE", "PR"),
    ("rano-2010", "PR STABLE N INCREASED STABLE", "SD"),
    ("rano-2010", "SD STABLE N INCREASED STABLE", "SD"),  # more steroids alone are no progression
    ("rano-2010", "PR WORSE N STABLE STABLE", "PD"),
    ("rano-2010", "PR STABLE N STABLE WORSE", "PD"),
    ("rano-2010", "PR STABLE Y STABLE STABLE", "PD"),
    ("rano-2010", "PR NE N STABLE STABLE", "NE"),
    # Lugano, table 3, PET-CT
    ("lugano-2014", "3 REDUCED N NORMAL", "CR"),
    ("lugano-2014", "4 REDUCED N NORMAL", "PR"),
    ("lugano-2014", "5 UNCHANGED N NORMAL", "SD"),
    ("lugano-2014", "5 INCREASED N NORMAL", "PD"),
    ("lugano-2014", "2 REDUCED Y NORMAL", "PD"),
    ("lugano-2014", "2 REDUCED N REDUCED", "PR"),
    ("lugano-2014", "2 REDUCED N INCREASED", "PD"),
    ("lugano-2014", "NE REDUCED N NORMAL", "NE"),
    # a marrow that is as before, or not evaluable, is no response
    ("lugano-2014", "4 REDUCED N REDUCED", "PR"),
    ("lugano-2014", "4 REDUCED N UNCHANGED", "SD"),
    ("lugano-2014", "4 REDUCED N NE", "NE"),
    ("lugano-2014", "2 REDUCED N UNCHANGED", "SD"),
    ("lugano-2014", "5 UNCHANGED N REDUCED", "SD"),
    ("lugano-2014", "5 UNCHANGED N NE", "SD"),
    # Lugano, table 3, CT
    ("lugano-2014-ct", "CR NONE NONE N NONE", "CR"),
    ("lugano-2014-ct", "CR CR CR N NORMAL", "CR"),
    ("lugano-2014-ct", "CR PR CR N NORMAL", "PR"),
    ("lugano-2014-ct", "CR CR NON-CR/NON-PD N NORMAL", "PR"),
    ("lugano-2014-ct", "CR CR NE N NORMAL", "PR"),
    ("lugano-2014-ct", "CR CR CR N INVOLVED", "PR"),
    ("lugano-2014-ct", "CR CR CR N NE", "PR"),
    ("lugano-2014-ct", "PR PR NON-CR/NON-PD N INVOLVED", "PR"),
    ("lugano-2014-ct", "PR SD CR N NORMAL", "SD"),  # the spleen has not regressed by more than half
    ("lugano-2014-ct", "CR SD CR N NORMAL", "SD"),
    ("lugano-2014-ct", "SD CR CR N NORMAL", "SD"),
    ("lugano-2014-ct", "PD CR CR N NORMAL", "PD"),
    ("lugano-2014-ct", "PR PD CR N NORMAL", "PD"),
    ("lugano-2014-ct", "PR CR PD N NORMAL", "PD"),
    ("lugano-2014-ct", "PR CR CR Y NORMAL", "PD"),
    ("lugano-2014-ct", "PR CR CR N NEW", "PD"),
    ("lugano-2014-ct", "NE CR CR N NORMAL", "NE"),
    ("lugano-2014-ct", "PR NE CR N NORMAL", "NE"),
    ("lugano-2014-ct", "NE NE NE Y NE", "PD"),
    ("lugano-2014-ct", "NONE CR NONE N NONE", "CR"),
    ("lugano-2014-ct", "NONE PR NONE N NONE", "PR"),
    ("lugano-2014-ct", "NONE NONE CR N NONE", "CR"),
    ("lugano-2014-ct", "NONE NONE NON-CR/NON-PD N NONE", "SD"),
    ("lugano-2014-ct", "NONE NONE NE N NONE", "NE"),
    ("lugano-2014-ct", "NONE NONE NONE N NE", "NE"),
    ("lugano-2014-ct", "NONE NONE NONE N NONE", "NED"),
    # PCWG3, soft tissue and bone
    ("pcwg3-2016", "CR NED Y", "CR"),
    ("pcwg3-2016", "CR NON-PD Y", "PR"),
    ("pcwg3-2016", "CR NON-PD N", "NON-CR/NON-PD"),
    ("pcwg3-2016", "PR PDu Y", "PR"),
    ("pcwg3-2016", "SD NE Y", "SD"),
    ("pcwg3-2016", "SD PD Y", "PD"),
    ("pcwg3-2016", "NED NON-PD N", "NON-CR/NON-PD"),
    ("pcwg3-2016", "NED PDu N", "PDu"),
    ("pcwg3-2016", "NE NON-PD Y", "NE"),
]


def test_levels_by_change():
    import numpy as np
    from raw2adam.adam.response.level_by_change import levels_of
    from raw2adam.mappings.models.tumor_criteria import tumor_criteria

    def one(x):
        return np.array([np.nan if x is None else float(x)])

    wrong = []
    for case in CHANGES:
        criteria, measurement, value, base, nadir, complete, level = case
        levels = tumor_criteria(criteria).changes[measurement]
        numbers = [one(x) for x in (value, base, nadir)]
        code = levels_of(levels, *numbers, np.array([complete]), np.array([False]))[0]
        got = ["", *levels.levels, levels.otherwise, "NE"][code]
        wrong += [(*case, "got", got)] if got != level else []
    assert not wrong


def test_no_shipped_table_takes_a_missing_cell_for_a_good_state():
    """A missing component is NONE where the criteria have it: NONE says that the subject has no such disease."""
    from raw2adam.mappings.models.tumor_criteria import tumor_criteria, tumor_criteria_names

    none = {
        (name, component)
        for name in tumor_criteria_names()
        if (table := tumor_criteria(name).overall) is not None
        for component, values in table.components.items()
        if "NONE" in values
    }
    lesions = {"target", "non_target"}
    gcig, lugano = {*lesions, "ca125"}, {*lesions, "spleen", "marrow"}
    pairs = {"recist-1.1": lesions, "gcig-2011": gcig, "lugano-2014-ct": lugano}
    assert none == {(name, x) for name, of in pairs.items() for x in of}


def test_overall_responses():
    from raw2adam.mappings.models.tumor_criteria import tumor_criteria

    wrong = []
    for criteria, values, overall in TABLES:
        table = tumor_criteria(criteria).overall
        assert table is not None
        place = tuple(of.index(v) for of, v in zip(table.components.values(), values.split(), strict=True))
        got = table.rows[table.table()[place]].gives
        wrong += [(criteria, values, overall, "got", got)] if got != overall else []
    assert not wrong


#: criteria with one mistake, and the message
MISTAKES = [
    (
        "changes: {a: {measurement: x, unit: mm, levels: {PD: [{}]}, otherwise: SD, source: x}}",
        "a line has at least one of",
    ),
    (
        "changes: {a: {measurement: x, unit: mm, levels: {PD: [{complete: true}]}, otherwise: SD, rising: [PR], source: x}}",
        "rising: 'PR' is no level",
    ),
    ("overall: {components: {a: [CR]}, rows: [{when: {a: [PR]}, gives: PR}], source: x}", "row 1: a has no value 'PR'"),
    (
        "overall: {components: {a: [CR, PR]}, rows: [{when: {a: [PR]}, gives: PR}], source: x}",
        "no row gives the response of a CR",
    ),
]


@pytest.mark.parametrize(("text", "message"), MISTAKES)
def test_criteria_with_a_mistake_are_refused(tmp_path, text, message):
    from raw2adam.errors import SpecError
    from raw2adam.mappings.models.tumor_criteria import tumor_criteria

    (tmp_path / "mine.yaml").write_text(f"criteria: x\nsource: x\n{text}\n", "utf-8")
    with pytest.raises(SpecError) as error:
        tumor_criteria("mine", tmp_path)
    assert message in str(error.value)


def test_findings_of_lesions(built):
    rules = built.findings[built.findings["rule"].str.startswith("R2A-LES")]
    assert sorted(set(zip(rules["rule"], rules["subject"], strict=True))) == [
        ("R2A-LES-004", "S1-21"),
        ("R2A-LES-005", "S1-20"),
        ("R2A-LES-006", "S1-18"),
    ]


def test_the_rows_that_are_summed_and_those_of_the_nadir(built):
    """Subject 1 has rows 0 to 7: T1 and T2 of four evaluations. The nadir of the last one is of the second."""
    mine = [i for i, r in enumerate(built.data["ADTR"]) if r["USUBJID"] == "S1-01"]

    def rows(node):
        return [built.traced("ADTR", f"row:{node}")[i] for i in mine]

    assert rows("lesion 1") == [0, 2, 4, 6]
    assert rows("lesion 2") == [1, 3, 5, 7]
    assert rows("baseline 1") == [0, 0, 0, 0]
    assert rows("nadir 2") == [-1, 1, 3, 3]
