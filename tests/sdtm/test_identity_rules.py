"""USUBJID is Derived with a method where a template puts it together; a single collected identifier is Collected."""

import pytest
from raw2adam.mappings.models.study import SubjectSpec
from raw2adam.sdtm.identity_rules import identity_rule

TWO = {"columns": ["SITE_ID", "SUBJ_ID"], "usubjid": "{STUDYID}-{SITE_ID:04}-{SUBJ_ID:04}"}


def subject(**fields) -> SubjectSpec:
    return SubjectSpec.model_validate({**TWO, **fields})


@pytest.mark.parametrize(
    ("name", "fields", "sentence"),
    [
        (
            "USUBJID",
            {},
            "USUBJID consists of STUDYID, '-', the collected site identifier with leading zeros to 4 characters, '-' "
            "and the collected subject identifier with leading zeros to 4 characters.",
        ),
        (
            "SUBJID",
            {"subjid": "{SITE_ID}/{SUBJ_ID}"},
            "SUBJID consists of the collected site identifier, '/' and the collected subject identifier.",
        ),
        (
            "USUBJID",
            {"columns": ["SUBJ_ID"], "usubjid": "{STUDYID}.{SUBJ_ID}"},
            "USUBJID consists of STUDYID, '.' and the collected subject identifier.",
        ),
        (
            "USUBJID",
            {"columns": ["CTRY", "SITE", "SUBJ"], "usubjid": "{CTRY}{SITE}-{SUBJ}", "siteid": "{SITE}"},
            "USUBJID consists of the collected identifier 1, the collected site identifier, '-' and the collected "
            "subject identifier.",
        ),
        (
            "USUBJID",
            {"columns": ["SUBJ"], "usubjid": "{SUBJ}", "crosswalk": "crosswalk.csv"},
            "USUBJID consists of the collected subject identifier. An identifier that has changed is replaced by the "
            "crosswalk of the study.",
        ),
        (
            "USUBJID",
            {
                "columns": ["SUBJ"],
                "usubjid": "{SUBJ}",
                "continues": {"source": "enrol", "columns": ["PREV"], "primary": "P == 'Y'"},
            },
            "USUBJID consists of the collected subject identifier. An enrolment that continues an earlier one has its "
            "identifier.",
        ),
    ],
)
def test_a_composed_identifier_is_derived_and_has_a_method(name, fields, sentence):
    rule = identity_rule(name, subject(**fields))
    assert (rule.origin.type, rule.origin.source, rule.method) == ("Derived", "Sponsor", sentence)
    assert rule.columns == (name,)


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("SITEID", {}),
        ("SUBJID", {}),
        ("SITEID", {"siteid": "{SITE_ID:04}"}),
        ("USUBJID", {"columns": ["SUBJ"], "usubjid": "{SUBJ}"}),
        ("USUBJID", {"columns": ["SUBJ"], "usubjid": "{SUBJ:06}"}),
    ],
)
def test_a_single_identifier_has_the_origin_of_its_column(name, fields):
    rule = identity_rule(name, subject(**fields))
    assert (rule.origin, rule.method) == (None, None)
