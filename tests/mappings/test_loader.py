"""A study with many mistakes: all of them at once, each at its line and column, with the nearest valid name."""

from __future__ import annotations

from pathlib import Path

import pytest
from raw2adam.errors import SpecError
from raw2adam.mappings.loader import load_study
from raw2adam.runs.plan_study import plan_study

TEN = Path(__file__).parent / "ten_mistakes"
EXPECTED = [
    ("sdtm/ae.yaml:2:16", "AE", "", "there is no source 'cn' in study.yaml", ""),
    ("sdtm/ae.yaml:6:3", "AE", "AESERR", "AESERR is no variable of AE", "did you mean 'AESER'?"),
    ("sdtm/ae.yaml:7:32", "AE", "AESEV", "there is no codelist 'AESVE'", ""),
    ("sdtm/ae.yaml:8:33", "AE", "AESTDTC", "dd/mm/yyyy and mm/dd/yyyy read", ""),
    ("sdtm/ae.yaml:9:18", "AE", "AEOUT", "=", "=="),
    ("sdtm/cm.yaml:2:1", "CM", "", "unknown key 'lable'", "did you mean 'label'?"),
    ("sdtm/cm.yaml:5:10", "CM", "CMTRT", "none of the keys is a verb, which says what to do", "did you mean 'from'?"),
    ("sdtm/cm.yaml:6:21", "CM", "CMCAT", "'value' and 'from' exclude each other: one rule ", "keep one"),
    ("sdtm/cm.yaml:8:3", "", "", "the key 'CMINDC' is there twice", "remove one of them"),
    ("sdtm/cm.yaml:9:39", "CM", "CMSCAT", "a text is expected, found nothing", "write '' for an empty te"),
    ("sdtm/ex.yaml:1:1", "EX", "", "the key 'rows' is missing", ""),
    ("sdtm/vs.yaml:2:14", "VS", "", "there is no dataset 'AEE'", "did you mean 'AE'?"),
    ("study.yaml:4:44", "", "", "the visit BASELINE also has the label 'bl'", ""),
    ("study.yaml:7:14", "", "", "source vs: '../elsewhere/vs.csv' leaves the raw ", ""),
]


def test_ten_mistakes_at_once():
    """Fourteen by now: those of the files and those that only the standards show come together."""
    with pytest.raises(SpecError) as error:
        plan_study(load_study(TEN))
    got = [(str(p.place), p.dataset, p.variable) for p in error.value.problems]
    assert got == [(place, dataset, variable) for place, dataset, variable, *_ in EXPECTED]
    for problem, (*_, words, hint) in zip(error.value.problems, EXPECTED, strict=True):
        assert words in problem.message
        assert hint in problem.hint


PLANNED = """\
dataset: AE
rows: {source: ae, where: "TERM = 'x'"}
variables:
  AETERM: TERM
  AEDECOD: PT
  AESERR: SER
  AESEV: {from: SEV, codelist: AESVE}
  AESTDTC: {date: DAY, formats: [dd/mm/yyyy, mm/dd/yyyy]}
  AEENDTC: {date: DAY, formats: [dd/mm/yy]}
  AEOUT: {template: "{OUT"}
  AESPID: {from: ID, type: flaot}
supplemental:
  TOOLONGNAME: {from: X, label: Too Long}
"""


def test_mistakes_that_need_the_standards(spec_problems):
    problems = spec_problems("", {"ae": PLANNED}, ("ae.csv",))
    got = [(str(p.place), p.variable, p.message, p.hint) for p in problems if p.severity == "error"]
    expected = [
        ("sdtm/ae.yaml:2:33", "", "=", "=="),
        ("sdtm/ae.yaml:6:3", "AESERR", "no variable of AE", "AESER"),
        ("sdtm/ae.yaml:7:32", "AESEV", "there is no codelist 'AESVE'", ""),
        ("sdtm/ae.yaml:8:33", "AESTDTC", "as different days", ""),
        ("sdtm/ae.yaml:9:33", "AEENDTC", "yy", ""),
        ("sdtm/ae.yaml:10:21", "AEOUT", "is not part of a field", ""),
        ("sdtm/ae.yaml:11:28", "AESPID", "no data type of Define-XML", "did you mean 'float'?"),
        ("sdtm/ae.yaml:13:16", "TOOLONGNAME", "is no QNAM", ""),
    ]
    assert [g[:2] for g in got] == [e[:2] for e in expected]
    for (_, _, message, hint), (_, _, words, near) in zip(got, expected, strict=True):
        assert words in message
        assert near in hint
