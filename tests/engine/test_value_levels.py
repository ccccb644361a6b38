"""Value-level metadata have the length and digits of the records that they describe, in one partition and in several."""

from __future__ import annotations

import pytest
from raw2adam.engine.tables.dataset import Origin

SOURCE = """\
SUBJ,CODE,RESULT,UNIT
01,HGT,180.25,cm
01,WGT,80,kg
02,WGT,104,kg
02,FRAME,MEDIUM SIZED,
"""
VS = """\
dataset: VS
rows: {source: vs}
variables:
  VSTESTCD: {from: CODE, codelist: none}
  VSTEST: {from: CODE, codelist: none}
  VSORRES: RESULT
  VSORRESU: {from: UNIT, codelist: none}
  VSSTRESC: {from: RESULT, codelist: none}
  VSSTRESN: {from: RESULT, when: CODE != 'FRAME'}
  VSSTRESU: {from: UNIT, codelist: none}
  VSDTC: {value: 2021-02-03}
values:
  - {where: VSTESTCD == 'HGT', variable: VSORRES, label: Height as collected}
  - {where: "VSTESTCD in ['WGT', 'FRAME']", variable: VSORRES, origin: {type: Derived, source: Sponsor}, method: Read.}
  - {where: VSTESTCD == 'NONE', variable: VSORRES}
  - {where: VSTESTCD == 'HGT', variable: VSSTRESN, type: float}
  - {where: VSTESTCD == 'WGT', variable: VSSTRESN, type: float}
  - {where: VSTESTCD == 'WGT' and VSSTRESN > 100, variable: VSSTRESN, type: float, digits: 1}
"""
DM = "dataset: DM\nrows: {source: dm}\nvariables: {SEX: {value: F}, COUNTRY: {value: DEU}}\n"
COLLECTED = Origin("Collected", "Investigator")


@pytest.mark.parametrize("partitions", [1, 2])
def test_each_definition_has_the_length_and_digits_of_its_records(tiny, partitions):
    study = tiny({"vs.csv": SOURCE, "dm.csv": "SUBJ\n01\n02\n"}, "", {"dm": DM, "vs": VS}, partitions=partitions)
    spec = study.specs["VS"]
    assert (spec.variable("VSORRES").length, spec.variable("VSSTRESN").shown_length) == (12, 5)
    assert [(v.type, v.length, v.digits) for v in spec.values] == [
        ("text", 6, None),  # 180.25
        ("text", 12, None),  # MEDIUM SIZED
        ("text", 0, None),  # no record
        ("float", 5, 2),  # 180.25
        ("integer", 3, None),  # 80, 104
        ("float", 4, 1),  # 104 with the digit that the spec asks for
    ]


def test_label_origin_and_method_are_those_of_the_variable_unless_the_definition_has_them(tiny):
    study = tiny({"vs.csv": SOURCE, "dm.csv": "SUBJ\n01\n02\n"}, "", {"dm": DM, "vs": VS})
    height, others, *_, number = study.specs["VS"].values
    variable = study.specs["VS"].variable("VSORRES")
    assert (height.label, height.origin, height.method) == ("Height as collected", COLLECTED, "")
    assert (others.label, others.origin, others.method) == (variable.label, Origin("Derived", "Sponsor"), "Read.")
    assert (number.label, number.origin) == ("Numeric Result/Finding in Standard Units", COLLECTED)
