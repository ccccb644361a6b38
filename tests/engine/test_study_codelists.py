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
