"""What an unpivoting block supplies stays in that block: --TESTCD, --ORRES and --ORRESU (docs/spec-reference.md)."""

from __future__ import annotations

DM = "dataset: DM\nrows: {source: dm}\nvariables: {SEX: SEX, COUNTRY: {value: DEU}}\n"
VS = """\
dataset: VS
rows:
  - source: size
    unpivot:
      HEIGHT: {result: CM, unit: cm}
  - source: pulse
    variables: {VSTESTCD: {value: PULSE}, VSORRES: BEATS}
"""
FILES = {
    "dm.csv": "SUBJ,SEX\n1,M\n",
    "size.csv": "SUBJ,CM\n1,180\n",
    "pulse.csv": "SUBJ,BEATS\n1,64\n",
}


def test_a_block_beside_an_unpivoting_one_needs_no_unit(tiny):
    study = tiny(FILES, "", {"dm": DM, "vs": VS})
    got = sorted((r["VSTESTCD"], r["VSORRES"], r["VSORRESU"]) for r in study.data["VS"])
    assert got == [("HEIGHT", "180", "cm"), ("PULSE", "64", "")]


def test_items_without_a_unit_make_no_unit_variable(tiny):
    study = tiny(FILES, "", {"dm": DM, "vs": VS.replace(", unit: cm", "")})
    assert [r["VSTESTCD"] for r in study.data["VS"]] == ["HEIGHT", "PULSE"]
    assert {r.get("VSORRESU", "") for r in study.data["VS"]} == {""}


def test_a_rule_of_the_dataset_holds_in_the_unpivoting_block_too(tiny):
    study = tiny(FILES, "", {"dm": DM, "vs": VS + "variables: {VSORRESU: {value: units}}\n"})
    assert {r["VSORRESU"] for r in study.data["VS"]} == {"units"}


def test_boxes_of_a_form_are_records_of_a_domain_without_tests(tiny):
    """A box for each drug, as REDCap and ODM export them: CM has no --TESTCD, so no convention names one."""
    cm = """\
dataset: CM
rows:
  source: boxes
  unpivot:
    A: {result: BOX_A, columns: {DRUG: Aspirin}}
    B: {result: BOX_B, columns: {DRUG: Ibuprofen}}
  where: RESULT == '1'
variables: {CMTRT: DRUG, CMSPID: ITEM}
"""
    study = tiny({"dm.csv": "SUBJ,SEX\n1,M\n", "boxes.csv": "SUBJ,BOX_A,BOX_B\n1,0,1\n"}, "", {"dm": DM, "cm": cm})
    assert [(r["CMTRT"], r["CMSPID"]) for r in study.data["CM"]] == [("Ibuprofen", "B")]
    assert not {"CMTESTCD", "CMORRES"} & set(study.data["CM"][0])
