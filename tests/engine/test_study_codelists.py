"""Codelists of a study that extend published ones. Not for lint of the values that use them."""

from __future__ import annotations

from raw2adam.engine.plan.codelists import study_codelists
from raw2adam.mappings.loader import load_study
from raw2adam.runs import plan_study  # noqa: F401  registers the standards

STUDY = """\
study: {id: S1}
subject: {columns: [SUBJ], usubjid: "{STUDYID}-{SUBJ:02}"}
sources: {dm: {file: dm.csv}}
codelists:
  RESPONSES:
    label: Responses
    extends: ONCRSR
    terms: {NEGATIVE: No residual disease, STAGE I: Stage I}
"""


def test_a_published_term_that_the_study_lists_keeps_its_code(tmp_path):
    (tmp_path / "study.yaml").write_text(STUDY, encoding="utf-8")
    problems = []
    terms = {t.value: t for t in study_codelists(load_study(tmp_path).file, problems)["RESPONSES"].terms}
    assert problems == []
    assert (terms["NEGATIVE"].code, terms["NEGATIVE"].decode) == ("C38757", "No residual disease")
    assert (terms["STAGE I"].code, terms["STAGE I"].decode) == ("", "Stage I")
    assert terms["POSITIVE"].code == "C38758"


def test_a_list_that_joins_published_ones_has_their_codes_and_is_none_of_them(tmp_path):
    joined = STUDY.replace("extends: ONCRSR", "joins: [ONCRSR, ECOG101STR]")
    (tmp_path / "study.yaml").write_text(joined, encoding="utf-8")
    problems = []
    found = study_codelists(load_study(tmp_path).file, problems)["RESPONSES"]
    terms = {t.value: (t.code, t.decode) for t in found.terms}
    assert problems == []
    assert (found.code, found.label, found.extensible) == ("", "Responses", True)
    assert terms["NEGATIVE"] == ("C38757", "No residual disease")
    assert terms["STAGE I"] == ("", "Stage I")
    assert (terms["CR"][0], terms["0"][0]) == ("C4870", "C180255")
