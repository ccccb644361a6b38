"""An assigned variable of ADaM has a comment with its rule; one of SDTM has none, as in the examples of CDISC."""

DM = "dataset: DM\nrows: {source: dm}\nvariables:\n  SEX: {value: U}\n  COUNTRY: {value: DEU}\n"
ADSL = (
    "dataset: ADSL\nrows: {from: DM}\nvariables:\n  SEX: SEX\n  TRT01P: {value: ISA, comment: One arm.}\n"
    "  ENRLFL: {value: Y}\n"
)


def test_of_adam_the_comment_has_the_rule_of_an_assigned_variable(tiny):
    built = tiny({"dm": "SUBJ\n1\n"}, "", {"DM": DM, "adsl": ADSL})
    adsl, dm = built.specs["ADSL"], built.specs["DM"]
    assert (adsl.variable("ENRLFL").origin.type, adsl.variable("ENRLFL").comment) == ("Assigned", "ENRLFL is 'Y'.")
    assert adsl.variable("TRT01P").comment == "One arm."
    assert (adsl.variable("SEX").origin.type, adsl.variable("SEX").comment) == ("Predecessor", "")
    assert (dm.variable("SEX").origin.type, dm.variable("SEX").comment) == ("Assigned", "")


def test_usubjid_of_a_template_is_derived_in_every_dataset_and_its_qualifiers(tiny):
    ae = "dataset: AE\nrows: {source: ae}\nvariables:\n  AETERM: TERM\n  AEDECOD: TERM\nsupplemental:\n  "
    ae += "AEREAS: {from: WHY, label: Reason}\n"
    built = tiny({"dm": "SUBJ\n1\n", "ae": "SUBJ,TERM,WHY\n1,rash,x\n"}, "", {"DM": DM, "AE": ae})
    found = {n: built.specs[n].variable("USUBJID") for n in ("DM", "AE", "SUPPAE")}
    sentence = (
        "USUBJID consists of STUDYID, '-' and the collected subject identifier with leading zeros to 2 characters."
    )
    assert {(v.origin.type, v.method) for v in found.values()} == {("Derived", sentence)}
    subjid = built.specs["DM"].variable("SUBJID")
    assert (subjid.origin.type, subjid.origin.source, subjid.method) == ("Collected", "Investigator", "")
