"""Methods in reading form and predecessors: what define.xml states of a rule, written out by hand."""

from __future__ import annotations

from kit.tiny import Tiny

AE = "SUBJ,TERM,DAY,REL\n1,Rash,2020-03-29,Y\n1,Fever,2020-03-01,\n"
LAB = "SUBJ,CODE,RESULT\n1,HGB,9\n"
OTHER = "SUBJ,TEST,VALUE\n1,ALB,40\n"
HEAD = "study: {id: S1, cutoff: 2021-01-01}\nsubject: {columns: [SUBJ], usubjid: '{STUDYID}-{SUBJ:02}'}\n"
SDTM = {
    "dm": "dataset: DM\nrows: {source: dm}\nvariables: {SUBJID: SUBJ, SEX: {value: M}, COUNTRY: {value: DEU}, RFSTDTC: {date: START}}\nworking: {LASTDAY: {last: AE.AESTDTC}}\n",
    "ae": "dataset: AE\nrows: {source: ae}\nvariables:\n  AETERM: TERM\n  AEDECOD: TERM\n  AESTDTC: {date: DAY}\n"
    "  AEOUT: {cases: [{when: \"REL == ''\", value: ''}, {when: \"REL == 'Y'\", value: RESOLVED}], codelist: none}\n"
    "supplemental: {RELISA: {from: REL, label: Related}}\n",
}
FILES = {"dm.csv": "SUBJ,START\n1,2020-01-01\n", "ae.csv": AE}


def methods(built: Tiny, dataset: str) -> dict[str, str]:
    return {v.name: v.method for v in built.specs[dataset].variables if v.method}


def origins(built: Tiny, dataset: str) -> dict[str, tuple[str, str]]:
    return {v.name: (v.origin.type, v.origin.description) for v in built.specs[dataset].variables}


def study(tiny, adam: str, **more: str) -> Tiny:
    """The SDTM above with one ADaM dataset."""
    return tiny(FILES, HEAD, {**SDTM, "adsl": "dataset: ADSL\nrows: {from: DM}\n" + adam, **more})


def test_a_working_variable_is_defined_in_the_method_that_reads_it(tiny):
    adsl = """\
variables:
  LSTALVDT: {analysis_date: LASTWORK}
working:
  LASTWORK: {last: AE.AESTDTC, where: "not after(AESTDTC, ADSL.CUTDTC)"}
  CUTDTC: {study_date: cutoff}
"""
    assert methods(study(tiny, adsl), "ADSL")["LSTALVDT"] == (
        "LSTALVDT is LASTWORK as a numeric date; missing if the date is not complete.\n"
        "LASTWORK is the last AE.AESTDTC of the subject, among records where AESTDTC is not after CUTDTC.\n"
        "CUTDTC is the date of the data cut-off."
    )


def test_a_working_variable_of_another_dataset_is_defined_too(tiny):
    adsl = "variables: {LSTALVDT: {analysis_date: DM.LASTDAY}}\n"
    assert methods(study(tiny, adsl), "ADSL")["LSTALVDT"] == (
        "LSTALVDT is LASTDAY as a numeric date; missing if the date is not complete.\n"
        "LASTDAY is the last AE.AESTDTC of the subject."
    )


def test_raw_columns_qualifiers_and_missing_texts(tiny):
    adae = "dataset: ADAE\nrows: {from: AE}\nvariables:\n  RELFL: {cases: [{when: \"RELISA == 'Y'\", value: Y}, {value: ''}], label: Related}\n"
    built = study(tiny, "variables: {SUBJID: SUBJID}\n", adae=adae)
    assert methods(built, "AE")["AEOUT"] == (
        "AEOUT is missing if the raw column 'REL' of ae is missing; 'RESOLVED' if the raw column 'REL' of ae equals 'Y'."
    )
    assert methods(built, "ADAE")["RELFL"] == (
        "RELFL is 'Y' if (SUPPAE.QVAL where QNAM = 'RELISA') equals 'Y'; missing otherwise."
    )


def test_a_source_with_a_title_is_a_form(tiny):
    head = HEAD + "sources: {ae: {file: ae.csv, crf: {title: Patient's events}}, dm: {file: dm.csv}}\n"
    dm = SDTM["dm"].replace("SEX: {value: M}", "SEX: {value: M}, DTHFL: {any: ae}")
    built = tiny(FILES, head, {**SDTM, "dm": dm})
    assert methods(built, "AE")["AEOUT"].startswith(
        "AEOUT is missing if the field 'REL' of the form 'Patient's events' is"
    )
    assert methods(built, "DM")["DTHFL"] == (
        "DTHFL is 'Y' if there is a record of the form 'Patient's events' of the subject, else 'N'."
    )


def test_a_join_with_a_choice_is_defined(tiny):
    adsl = """\
variables:
  SUBJID: SUBJID
  DTHCAUS: {compute: upper(FIRST.AETERM)}
"""
    rows = "rows: {from: DM, join: {from: AE, as: FIRST, where: \"RELISA == 'Y'\", take: last, order: [-AESTDTC, AESEQ]}}\n"
    built = tiny(FILES, HEAD, {**SDTM, "adsl": "dataset: ADSL\n" + rows + adsl})
    assert methods(built, "ADSL")["DTHCAUS"] == (
        "DTHCAUS is AE.AETERM of record FIRST in upper case.\n"
        "FIRST is the last record of AE of the subject by AESTDTC (descending), AESEQ, among records where "
        "(SUPPAE.QVAL where QNAM = 'RELISA') equals 'Y'."
    )


def test_blocks_with_different_rules_have_paragraphs_and_equal_ones_are_merged(tiny):
    lb = """\
dataset: LB
rows:
  - {source: lab, columns: {LONG: {compute: upper(CODE)}}, variables: {LBTEST: {compute: lower(LONG)}}}
  - {source: other, variables: {LBTEST: {compute: lower(TEST)}}}
variables:
  LBTESTCD: {value: HGB}
  LBSTRESC: {compute: upper(LBTESTCD)}
"""
    built = tiny({**FILES, "lab.csv": LAB, "other.csv": OTHER}, HEAD, {**SDTM, "lb": lb})
    assert methods(built, "LB")["LBTEST"] == (
        "For records from the raw table lab:\n"
        "LBTEST is LONG in lower case.\n"
        "LONG is the raw column 'CODE' of lab in upper case.\n"
        "For records from the raw table other:\n"
        "LBTEST is the raw column 'TEST' of other in lower case."
    )
    assert methods(built, "LB")["LBSTRESC"] == "LBSTRESC is LBTESTCD in upper case."


def test_a_definition_of_some_blocks_names_them(tiny):
    bds = """\
dataset: ADRS
label: Responses
class: BASIC DATA STRUCTURE
rows:
  - {from: ADSL, each: {CODE: [ONE]}, columns: {POST: {any: AE}}, variables: &rules {PARAMCD: {from: CODE, codelist: none}, AVALC: {cases: [{when: "POST == 'Y'", value: Y}, {value: N}]}}}
  - {from: ADSL, each: {CODE: [TWO]}, columns: {POST: {any: AE, where: "AETERM == 'Rash'"}}, variables: *rules}
  - {from: ADSL, each: {CODE: [THREE]}, variables: {PARAMCD: {from: CODE, codelist: none}, AVALC: {compute: upper(SUBJID)}}}
keys: [STUDYID, USUBJID, PARAMCD]
"""
    built = study(tiny, "variables: {SUBJID: SUBJID}\n", adrs=bds)
    assert methods(built, "ADRS")["AVALC"] == (
        "For PARAMCD 'ONE', 'TWO':\n"
        "AVALC is 'Y' if POST equals 'Y'; 'N' otherwise.\n"
        "Of these, for PARAMCD 'ONE':\n"
        "POST is 'Y' if there is a record of AE of the subject, else 'N'.\n"
        "Of these, for PARAMCD 'TWO':\n"
        "POST is 'Y' if there is a record of AE of the subject, among records where AETERM equals 'Rash', else 'N'.\n"
        "For PARAMCD 'THREE':\n"
        "AVALC is ADSL.SUBJID in upper case."
    )


def test_predecessors_are_found_by_a_reader(tiny):
    """A qualifier by QNAM; a copy in the same dataset has the origin of what it copies, or a method."""
    adae = """\
dataset: ADAE
rows:
  - {from: AE, variables: {KIND: {value: ONE, label: Kind}, AETERM: AETERM, RELISA: {from: RELISA, label: Related}, UP: {compute: upper(AETERM), label: Upper}}}
  - {from: ADAE, where: KIND == 'ONE', variables: {KIND: {value: TWO}, AETERM: ADAE.AETERM, RELISA: ADAE.RELISA, UP: ADAE.UP}}
variables: {LAST: {from: DM.LASTDAY, label: Last}}
"""
    found = origins(study(tiny, "variables: {SUBJID: SUBJID}\n", adae=adae), "ADAE")
    assert found["AETERM"] == ("Predecessor", "AE.AETERM")
    assert found["RELISA"] == ("Predecessor", "SUPPAE.QVAL where QNAM = 'RELISA'")
    assert found["UP"] == ("Derived", "")
    assert found["LAST"] == ("Derived", "")
    assert found["STUDYID"] == ("Predecessor", "AE.STUDYID")
