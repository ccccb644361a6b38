"""Formal expressions: which rules have one, and that define.xml has it in the method."""

from __future__ import annotations

from raw2adam.programs.formal_expressions import formal_expressions

ADSL = """\
dataset: ADSL
rows: {from: DM}
variables:
  AGE: AGE
  SEX: SEX
  AGEGR1: {cut: AGE, groups: {"<65": [0, 65], ">=65": [65, null]}}
  OLDFL: {cases: [{when: AGE >= HALF, value: Y}, {value: N}], label: Old}
  MALEFL: {cases: [{when: "SEX == 'M'", value: Y}, {value: N}], label: Male}
  MONTHS: {compute: 12 * AGE, label: Months, type: integer}
  WORDS: {compute: 12 * AGE, label: Months, type: integer, method: Twelve months a year.}
working: {HALF: {compute: AGE / 2, type: float}}
"""


def test_a_rule_of_variables_of_the_dataset_has_sas_and_r(tiny):
    dm = "dataset: DM\nrows: {source: dm}\nvariables: {SEX: SEX, AGE: AGE, COUNTRY: {value: DEU}}\n"
    study = tiny({"dm.csv": "SUBJ,SEX,AGE\n1,F,70\n"}, "sources: {dm: {file: dm.csv}}\n", {"dm": dm, "adsl": ADSL})
    found = formal_expressions(study.plan, study.plan.datasets["ADSL"])
    # a working variable is not in the package, and a method in words replaces the rule
    assert sorted(found) == ["AGEGR1", "MALEFL", "MONTHS"]
    assert found["MONTHS"] == (("SAS 9.4", "MONTHS = (12 * AGE);"), ("R (dplyr)", "mutate(MONTHS = (12 * AGE))"))
    assert found["AGEGR1"][0] == (
        "SAS 9.4",
        "if AGE >= 0 and AGE < 65 then AGEGR1 = '<65';\nelse if AGE >= 65 then AGEGR1 = '>=65';",
    )
