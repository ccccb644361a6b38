"""Sums of products and progression of a single node by CT: literal courses from table 3 of the Lugano classification.

Cheson et al., J Clin Oncol 2014;32:3059-68. An evaluation is its day and "id:longest x across" in mm, N is a node, E an
extranodal lesion. Expected: SPD, whether one lesion alone has progressed, response of the target lesions.
"""

from __future__ import annotations

import datetime

import pytest

SUBJECTS = [
    # a lesion of 2 cm at most: 50 % over its lowest product, and 5 mm over the lowest of one of its diameters
    (
        ["-5 N1:20x10", "30 N1:16x8", "60 N1:20.9x9.2", "90 N1:21x10"],
        ["200 - -", "128 - SD", "192.28 - SD", "210 Y PD"],
    ),
    (["-5 N1:20x10", "30 N1:16x8", "60 N1:17x13"], ["200 - -", "128 - SD", "221 Y PD"]),  # the one across
    (["-5 N1:18x16", "30 N1:23x18"], ["288 - -", "414 - SD"]),  # 43.75 %
    (["-5 N1:20x10", "30 N1:25x12"], ["200 - -", "300 Y PD"]),  # 50 %, from the baseline
    # it is abnormal: longer than 15 mm
    (["-5 N1:20x5", "30 N1:10x5", "60 N1:15x8", "90 N1:15.1x8"], ["100 - -", "50 - CR", "120 - CR", "120.8 Y PD"]),
    # a longer one: 10 mm
    (
        ["-5 N1:40x20", "30 N1:20.1x10", "60 N1:30x15", "90 N1:30.1x15"],
        ["800 - -", "201 - PR", "450 - SD", "451.5 Y PD"],
    ),
    (["-5 N1:40x20", "30 N1:20x10", "60 N1:25x15"], ["800 - -", "200 - PR", "375 Y PD"]),
    # half of the sum, but one node has grown
    (["-5 N1:50x40 N2:16x10", "30 N1:20x20 N2:21x12"], ["2160 - -", "652 Y PD"]),
    # ... and where another one was not measured
    (["-5 N1:50x40 N2:16x10", "30 N2:21x12", "60 N2:20x10"], ["2160 - -", "- Y PD", "- - NE"]),
    # normal: nodes of 15 mm, an extranodal lesion that is gone; too small is 5 x 5 mm
    (["-5 N1:20x15 E1:20x10", "30 N1:15x10 E1:0x0", "60 N1:15.1x10 E1:0x0"], ["500 - -", "150 - CR", "151 - PR"]),
    (["-5 N1:20x15 E1:20x10", "30 N1:15x10 E1:SMALL", "60 N1:15x10 E1:ABSENT"], ["500 - -", "175 - PR", "150 - CR"]),
    # a lesion that is back: a node over 15 mm, an extranodal one over 10 mm
    (["-5 N1:20x10", "30 N1:ABSENT", "60 N1:15x6", "90 N1:15.1x6"], ["200 - -", "0 - CR", "90 - CR", "90.6 Y PD"]),
    (["-5 E1:20x10", "30 E1:ABSENT", "60 E1:10x6", "90 E1:10.1x6"], ["200 - -", "0 - CR", "60 - PR", "60.6 Y PD"]),
    # merged: against the sum of the products, and the longest of the diameters
    (["-5 N1:20x10 N2:16x8", "30 N1/N2:30x15", "60 N1/N2:35x15"], ["328 - -", "450 - SD", "525 Y PD"]),
    # split: the products are added, the longest diameter counts
    (["-5 N1:20x10", "30 N1.1:15x10 N1.2:15x10", "60 N1.1:25x10 N1.2:15x10"], ["200 - -", "300 - CR", "400 Y PD"]),
    # without the diameter across it is not measured
    (["-5 N1:20x10", "30 N1:10x"], ["200 - -", "- - NE"]),
    # two baselines: the last one counts, and the lowest values from it on
    (["-30 N1:10x5", "-5 N1:20x10", "30 N1:24x12"], ["50 - -", "200 - -", "288 - SD"]),
]
ADTR = """\
dataset: ADTR
class: BASIC DATA STRUCTURE
rows:
  source: tr
  derive:
    tumor_burden: SIZE
    perpendicular: TEST == 'LPERP'
    criteria: lugano-2014-ct
    text: STATE
    lesion: ID
    date: DAY
    evaluation: [VISIT]
    start: START
    target: TEST == 'LDIAM'
    nodal: KIND == 'N'
    small: [SMALL]
variables:
  PARAMCD: {value: SPD}
  PARAM: {value: Sum of Products of Diameters (mm2)}
  AVISITN: {compute: VISIT}
  TARGET: {level_by_change: AVAL, criteria: lugano-2014-ct, measurement: spd, complete: ALLGONE == 'Y', single: SINGLEPD == 'Y', partial: PARTSUM, expected: NMISSING > 0, label: t, when: ADT > BLDT}
sort: [STUDYID, USUBJID, AVISITN]
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    from kit.tiny import HEAD, build_study, write_study
    from raw2adam.mappings.loader import load_study
    from raw2adam.runs.plan_study import plan_study

    first, lines = datetime.date(2024, 3, 1), []
    for subject, (evaluations, _) in enumerate(SUBJECTS, 1):
        for visit, text in enumerate(evaluations, 1):
            day, *lesions = text.split()
            date = (first + datetime.timedelta(int(day))).isoformat()
            for lesion in lesions:
                name, size = lesion.split(":")
                longest, _, across = size.partition("x") if size[0].isdigit() else ("", "", "")
                state = "" if longest else size
                row = f"{subject},{visit},{date},{first},{name},{name[0]}"
                lines.append(f"{row},LDIAM,{longest},{state}")
                if longest:
                    lines.append(f"{row},LPERP,{across},")
    files = {"tr.csv": "SUBJ,VISIT,DAY,START,ID,KIND,TEST,SIZE,STATE\n" + "\n".join(lines) + "\n"}
    folder = tmp_path_factory.mktemp("nodes")
    write_study(folder, HEAD, {"adtr": ADTR}, files)
    return build_study(folder, plan_study(load_study(folder))[0], files)


def test_nodes(built):
    def shown(value):
        return "-" if value in (None, "") else f"{value:g}" if isinstance(value, float) else value

    got = []
    for number, (evaluations, _) in enumerate(SUBJECTS, 1):
        mine = [r for r in built.data["ADTR"] if r["USUBJID"] == f"S1-{number:02}"]
        got.append((evaluations, [" ".join(shown(r[n]) for n in ("AVAL", "SINGLEPD", "TARGET")) for r in mine]))
    assert got == SUBJECTS


def test_findings_and_rows(built):
    found = built.findings[built.findings["rule"].str.startswith("R2A-LES")]
    assert sorted(zip(found["rule"], found["subject"], strict=True)) == [("R2A-LES-007", "S1-16")]
    rows = built.traced("ADTR", "row:perpendicular 1")[
        :4
    ]  # of subject 1: rows 0 to 7, the one across after the longest
    assert rows == [1, 3, 5, 7]
