"""The shipped standards facts against literals that were written by hand from the standards."""

from __future__ import annotations

import gzip
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kit.fuzzing import examples
from raw2adam.mappings.facts import facts
from raw2adam.mappings.facts.terminology import Codelist
from tools.build_sdtm_terms import terms_text

STANDARDS = Path(facts.__file__).parents[1] / "standards"


def adam(structure: str, name: str) -> facts.VariableFacts:
    found = facts.adam_structure(structure).variable(name)
    assert found is not None, f"{structure} has no {name}"
    return found


# -- SDTM ----------------------------------------------------------------------------------------------------------


def test_dm_is_as_the_guide_lists_it():
    dm = facts.sdtm_dataset("DM")
    assert dm.names[:4] == ["STUDYID", "DOMAIN", "USUBJID", "SUBJID"]
    assert dm.names[4] == "RFSTDTC"
    assert (dm.label, dm.observation_class, dm.structure) == (
        "Demographics",
        "Special Purpose",
        "One record per subject",
    )
    assert dm.keys == ("STUDYID", "USUBJID")
    assert dm.variable("COUNTRY").described == "ISO 3166-1 alpha-3"
    assert dm.variable("DOMAIN").values == ("DM",)
    assert dm.variable("DMSPID") is None  # a special-purpose dataset takes no class variables


@pytest.mark.parametrize(
    ("dataset", "name", "label", "type_", "role", "core", "codelist", "described"),
    [
        ("AE", "AETERM", "Reported Term for the Adverse Event", "Char", "Topic", "Req", (), ""),
        (
            "AE",
            "AESTDTC",
            "Start Date/Time of Adverse Event",
            "Char",
            "Timing",
            "Exp",
            (),
            "ISO 8601 datetime or interval",
        ),
        ("AE", "AEDECOD", "Dictionary-Derived Term", "Char", "Synonym Qualifier", "Req", (), "MedDRA"),
        ("AE", "AEDUR", "Duration of Adverse Event", "Char", "Timing", "Perm", (), "ISO 8601 duration"),
        ("AE", "AESEQ", "Sequence Number", "Num", "Identifier", "Req", (), ""),
        ("DM", "SEX", "Sex", "Char", "Record Qualifier", "Req", ("C66731",), ""),
        (
            "RS",
            "RSSTRESC",
            "Character Result/Finding in Std Format",
            "Char",
            "Result Qualifier",
            "Exp",
            ("C96785",),
            "",
        ),
        ("SUPPAE", "QNAM", "Qualifier Variable Name", "Char", "Topic", "Req", (), ""),
    ],
)
def test_listed_variables(dataset, name, label, type_, role, core, codelist, described):
    v = facts.sdtm_dataset(dataset).variable(name)
    assert (v.label, v.type, v.role, v.core, v.codelist, v.described) == (label, type_, role, core, codelist, described)


def test_dsdecod_has_three_codelists():
    assert set(facts.sdtm_dataset("DS").variable("DSDECOD").codelist) == {"C66727", "C114118", "C150811"}


def test_all_63_datasets_are_there_and_whole():
    assert len(facts.sdtm_names()) == 63
    assert sum(len(facts.sdtm_dataset(n).variables) for n in facts.sdtm_names()) == 1917
    for name in facts.sdtm_names():
        d = facts.sdtm_dataset(name)
        assert d.observation_class in {
            *facts.OBSERVATION_CLASSES, "Special Purpose", "Trial Design", "Relationship", "Study Reference",
        }  # fmt: skip
        assert [v.order for v in d.variables] == list(range(1, len(d.variables) + 1))
        assert {v.type for v in d.variables} <= {"Char", "Num"}
        assert {v.core for v in d.variables} <= {"Req", "Exp", "Perm"}
        assert all(len(v.label) <= 40 and len(v.name) <= 8 for v in d.variables)
        assert d.structure.startswith("One record per")


def test_every_key_is_a_variable_and_ends_with_the_sequence_where_there_is_one():
    for name in facts.sdtm_names():
        d = facts.sdtm_dataset(name)
        assert d.keys[0] == "STUDYID" and len(set(d.keys)) == len(d.keys)
        assert [k for k in d.keys if d.variable(k) is None] == []
        if name + "SEQ" in d.names:
            assert d.keys[-1] == name + "SEQ"


def test_ae_keys_and_supp_keys():
    assert facts.sdtm_dataset("AE").keys == ("STUDYID", "USUBJID", "AEDECOD", "AESTDTC", "AETERM", "AESEQ")
    supp = facts.sdtm_dataset("SUPPAE")
    assert (supp.name, supp.label) == ("SUPPAE", "Supplemental Qualifiers for AE")
    assert supp.keys == ("STUDYID", "RDOMAIN", "USUBJID", "IDVAR", "IDVARVAL", "QNAM")
    assert facts.sdtm_dataset("SUPPQSCG").name == "SUPPQSCG"


@pytest.mark.parametrize("name", ["XX", "", "SUPP", "ae", "SUPPae", "AESUPP", "../keys"])
def test_no_such_dataset(name):
    assert facts.sdtm_dataset(name) is None


def test_class_variables_take_the_prefix_and_a_place():
    ae = facts.sdtm_dataset("AE")
    assert ae.variable("AESPID").order == 8  # listed
    assert "AETPT" not in ae.names
    tpt = ae.variable("AETPT")
    assert (tpt.label, tpt.type, tpt.role, tpt.core) == ("Planned Time Point Name", "Char", "Timing", "Perm")
    assert ae.variable("AEDUR").order < tpt.order < ae.variable("AEENRF").order
    dtc = ae.variable("AEDTC")
    assert ae.variable("EPOCH").order < dtc.order < ae.variable("AESTDTC").order
    assert dtc.described == "ISO 8601 datetime or interval"
    assert tpt.order < ae.variable("AETPTNUM").order  # two placed behind the same variable keep the model's order
    assert facts.sdtm_dataset("VS").variable("VSOBJ") is None  # of Findings About only
    assert facts.sdtm_dataset("FA").variable("FAOBJ").core == "Req"
    assert facts.sdtm_dataset("MH").variable("MHSER").codelist == ("C66742",)
    assert facts.sdtm_dataset("CM").variable("VISITNUM").label == "Visit Number"


@pytest.mark.parametrize("name", ["AEUSCHFL", "FETUSID", "AEDETECT", "AENOMDY", "CMTRT", "AETRT", "--SEQ", "AETESTCD"])
def test_variables_that_ae_cannot_have(name):
    assert facts.sdtm_dataset("AE").variable(name) is None


def test_a_sponsors_domain_comes_from_its_class():
    xf = facts.sdtm_class_dataset("XF", "findings", "Fish Findings")
    assert (xf.name, xf.label, xf.observation_class) == ("XF", "Fish Findings", "Findings")
    required = [v.name for v in xf.variables if v.core == "Req"]
    assert required == ["STUDYID", "DOMAIN", "USUBJID", "XFSEQ", "XFTESTCD", "XFTEST"]
    assert xf.variable("DOMAIN").values == ("XF",)
    assert xf.variable("XFORRES").core == "Perm"
    assert xf.keys[-1] == "XFSEQ"
    about = facts.sdtm_class_dataset("XA", "Findings About", "About")
    assert about.names.index("XAOBJ") == about.names.index("XATEST") + 1


@pytest.mark.parametrize(
    ("name", "class_", "words"),
    [
        ("XFF", "Events", "two characters"),
        ("AE", "Events", "SDTMIG 3.4 already"),
        ("XE", "Event", "did you mean 'Events'"),
    ],
)
def test_a_sponsors_domain_that_cannot_be(name, class_, words):
    with pytest.raises(ValueError, match=re.escape(words)):
        facts.sdtm_class_dataset(name, class_, "x")


# -- ADaM ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("structure", "name", "label", "type_"),
    [
        ("ADSL", "TRT01P", "Planned Treatment for Period 01", "Char"),
        ("ADSL", "TRT02AN", "Actual Treatment for Period 02 (N)", "Num"),
        ("ADSL", "TR01SDT", "Date of First Exposure in Period 01", "Num"),
        ("ADSL", "AGEGR1N", "Pooled Age Group 1 (N)", "Num"),
        ("ADSL", "P01S2EDT", "Period 01 Subperiod 2 End Date", "Num"),
        ("ADSL", "STRAT3R", "Strat Factor 3 Value Used for Rand", "Char"),
        ("ADSL", "ETHNIC", "Ethnicity", "Char"),
        ("ADSL", "RFSTDTC", "Subject Reference Start Date/Time", "Char"),
        ("ADSL", "NACTDT", "", "Num"),
        ("ADSL", "NACTDTF", "", "Char"),
        ("ADSL", "LSTTM", "", "Num"),
        ("ADSL", "ISSGR1", "", "Char"),
        ("ADSL", "EFFFL", "", "Char"),
        ("BDS", "ANL01FL", "Analysis Flag 01", "Char"),
        ("BDS", "A1LO", "Analysis Range 1 Lower Limit", "Num"),
        ("BDS", "CRIT1", "Analysis Criterion 1", "Char"),
        ("BDS", "CRIT1FL", "Criterion 1 Evaluation Result Flag", "Char"),
        ("BDS", "CRIT12FN", "Criterion 12 Evaluation Result Flag (N)", "Num"),
        ("BDS", "SHIFT1", "Shift 1", "Char"),
        ("BDS", "AGE", "Age", "Num"),
        ("BDS", "SEX", "Sex", "Char"),
        ("BDS", "TRT01A", "Actual Treatment for Period 01", "Char"),
        ("BDS", "LBSEQ", "Sequence Number", "Num"),
        ("BDS", "VISITNUM", "Visit Number", "Num"),
        ("BDS", "LBELTM", "Planned Elapsed Time from Time Point Ref", "Char"),  # not the suffix *TM
        ("TTE", "CNSR", "Censor", "Num"),
        ("TTE", "EVNTDESC", "Event or Censoring Description", "Char"),
        ("ADAE", "AETERM", "Reported Term for the Adverse Event", "Char"),
        ("ADAE", "TRTEMFL", "Treatment Emergent Analysis Flag", "Char"),
        ("ADAE", "SMQ01NAM", "SMQ 01 Name", "Char"),
        ("ADAE", "AETOXGRN", "Standard Toxicity Grade (N)", "Num"),
        ("ADAE", "AEOUT", "Outcome of Adverse Event", "Char"),
        ("ADAE", "TRTA", "Actual Treatment", "Char"),
        ("ADAE", "AOCC01FL", "", "Char"),
        ("OCCDS", "CMTRT", "Reported Name of Drug, Med, or Therapy", "Char"),
        ("OCCDS", "MHTERM", "Reported Term for the Medical History", "Char"),
        ("OCCDS", "ATC2", "ATC Level 2 Text", "Char"),
    ],
)
def test_adam_variables(structure, name, label, type_):
    v = adam(structure, name)
    assert (v.name, v.label, v.type) == (name, label, type_)
    assert v.role == ""


@pytest.mark.parametrize(
    ("structure", "name"),
    [
        ("ADSL", "TRT1P"),
        ("ADSL", "TRT00P"),
        ("ADSL", "PARAMCD"),
        ("ADSL", "CNSR"),
        ("BDS", "CRIT0"),
        ("BDS", "DT"),
        ("BDS", "SHIFT"),
        ("BDS", "NOSUCH"),
        ("BDS", "TRTxxP"),
        ("BDS", "--SEQ"),
        ("ADAE", "--TERM"),
        ("BDS", "VERYLONGDT"),
    ],
)
def test_names_that_a_structure_does_not_have(structure, name):
    assert facts.adam_structure(structure).variable(name) is None


def test_adam_codelists_cores_and_values():
    assert adam("ADSL", "TRTSDTF").codelist == ("C81223",)
    assert adam("ADSL", "NACTDTF").codelist == ("C81223",)
    assert adam("ADSL", "SEX").codelist == ("C66731",)
    assert adam("ADSL", "TRT01P").core == "Req"
    assert adam("BDS", "TRT01P").core == "Perm"  # a copy
    assert adam("BDS", "ANL01FL").values == ("Y",)
    assert adam("ADSL", "SAFFL").values == ("Y", "N")
    assert (adam("BDS", "AVAL").core, adam("TTE", "AVAL").core) == ("Cond", "Req")
    assert adam("ADAE", "AESTDTC").described == "ISO 8601 datetime or interval"
    assert adam("ADAE", "AEDECOD").described == "MedDRA"


def test_adam_order_puts_copies_in_sensible_places():
    assert adam("ADSL", "RACE").order < adam("ADSL", "ETHNIC").order < adam("ADSL", "RACEGR1").order
    assert adam("ADSL", "TRT01P").order < adam("ADSL", "TRT02P").order < adam("ADSL", "TRT01PN").order
    assert adam("BDS", "USUBJID").order < adam("BDS", "AGE").order < adam("BDS", "PARAMCD").order
    assert adam("BDS", "USUBJID").order < adam("BDS", "LBSEQ").order < adam("BDS", "PARAMCD").order
    assert adam("BDS", "AVAL").order < adam("BDS", "PDDT").order


def test_occds_by_domain():
    cm = facts.adam_structure("OCCDS", "CM")
    assert {"CMSEQ", "CMTRT", "CMSTDTC", "ATCy"} <= set(cm.names)
    assert not {"CMTERM", "CMSER", "TRTEMFL"} & set(cm.names)
    assert cm.variable("DECDORG1").label == "Standardized Med Name in Orig Dict 1"
    mh = facts.adam_structure("OCCDS", "MH")
    assert "MHTERM" in mh.names and "CMTRT" not in mh.names
    assert mh.variable("DECDORG1").label == "PT in Original Dictionary 1"
    assert "CMTRT" not in facts.adam_structure("ADAE").names
    assert not [v for v in facts.adam_structure("ADAE").variables if v.core.lower() == "not used"]


def test_adam_keys_and_structures():
    assert facts.adam_structure("ADSL").keys == ("STUDYID", "USUBJID")
    assert facts.adam_structure("TTE").keys == ("STUDYID", "USUBJID", "PARAMCD", "ASEQ")
    assert facts.adam_structure("ADSL").structure == "One record per subject"
    assert facts.adam_structure("TTE").observation_class == "BASIC DATA STRUCTURE"
    assert facts.adam_structure("ADAE").observation_class == "OCCURRENCE DATA STRUCTURE"
    assert facts.adam_structure("ADXX") is None


def test_where_a_copy_comes_from():
    assert facts.sdtm_copy("AESEQ")[0] == "AE"
    assert facts.sdtm_copy("AGE")[0] == "DM"
    assert facts.sdtm_copy("VISITNUM")[0] == ""
    assert facts.sdtm_copy("AVAL") is None
    assert facts.sdtm_copy("DOMAIN") is None


@settings(max_examples=examples(40), deadline=None)
@given(st.sampled_from(facts.ADAM_STRUCTURES), st.text(max_size=12))
def test_any_text_is_a_name_or_none(structure, text):
    found = facts.adam_structure(structure).variable(text)
    assert found is None or found.name == text
    sdtm = facts.sdtm_dataset("LB").variable(text)
    assert sdtm is None or sdtm.name == text


@settings(max_examples=examples(25), deadline=None)
@given(st.integers(1, 99))
def test_periods_are_filled_in(period):
    assert adam("ADSL", f"TRT{period:02}A").label == f"Actual Treatment for Period {period:02}"
    assert adam("ADSL", f"AGEGR{period}").label == f"Pooled Age Group {period}"


# -- terminology ---------------------------------------------------------------------------------------------------


def terms(name: str, package: str = "sdtm") -> list[str]:
    return [t.value for t in facts.codelist(name, package).terms]


def test_no_yes_response_contains_na_and_is_closed():
    ny = facts.codelist("C66742", "sdtm")
    assert ny is facts.codelist("C66742", "sdtm")
    assert ny == facts.codelist("NY", "sdtm")
    assert set(terms("NY")) == {"N", "NA", "U", "Y"}
    assert (ny.name, ny.code, ny.label, ny.extensible) == ("NY", "C66742", "No Yes Response", False)
    assert ny.standard == "SDTM CT 2025-03-28"
    assert {t.value: t.code for t in ny.terms}["Y"] == "C49488"
    lookup = ny.lookup()
    assert (lookup["yes"], lookup["unk"], lookup["not applicable"]) == ("Y", "U", "NA")


def test_terms_that_surprise():
    assert set(terms("SEX")) == {"F", "M", "U", "INTERSEX"}
    assert not facts.codelist("RACE", "sdtm").extensible
    assert len(terms("RACE")) == 8
    category = facts.codelist("C124298", "sdtm")
    assert category.extensible and "KUMAR IMWG 2016" in category.values and "IMWG" not in category.values
    assert "C124298" in facts.sdtm_dataset("RS").variable("RSCAT").codelist
    assert {"sCR", "CR", "VGPR", "PR", "MR", "SD", "PD", "NE"} <= facts.codelist("ONCRSR", "sdtm").values
    assert "SCR" not in facts.codelist("ONCRSR", "sdtm").values
    assert "mL/min/1.73 m2" in facts.codelist("UNIT", "sdtm").values
    items = facts.codelist("C161619", "sdtm")
    assert (items.name, items.extensible, len(items.terms)) == ("EOR01TC", False, 45)
    assert {"EOR0101", "EOR0130", "EOR0131", "EOR0145"} <= items.values
    assert {"STUDY PARTICIPATION", "STUDY TREATMENT"} <= facts.codelist("DSSCAT", "sdtm").values
    assert "EORTC QLQ-C30 V3.0" in facts.codelist("QSCAT", "sdtm").values


@pytest.mark.parametrize(
    ("codelist", "value", "code"),
    [
        ("LOC", "EYE", "C12401"),
        ("LOC", "JUGULAR VEIN", "C12738"),
        ("LOC", "SUBCLAVIAN VEIN", "C12794"),
        ("LOC", "CHEST WALL", "C62484"),
        ("UNIT", "mm", "C28251"),
        ("UNIT", "L/day", "C69110"),
        ("ONCRSR", "NEGATIVE", "C38757"),
        ("ONCRSR", "POSITIVE", "C38758"),
        ("NY", "NA", "C48660"),
    ],
)
def test_every_published_term_has_its_code(codelist, value, code):
    assert {t.value: t.code for t in facts.codelist(codelist, "sdtm").terms}[value] == code


def test_every_codelist_of_sdtm_ships_whole():
    index = facts.codelist_index("sdtm")
    assert len(index) == 1158
    assert list(index) == sorted(index)
    entry = index["LBTESTCD"]
    assert (entry.code, entry.size, entry.shipped, entry.extensible) == ("C65047", 2438, 2438, True)
    assert [n for n, e in index.items() if len(facts.codelist(n, "sdtm").terms) != e.size] == []
    assert sum(e.size for e in index.values()) == 43698
    last = facts.codelist("C141657", "sdtm")
    assert (last.name, last.extensible, last.unshipped) == ("TENMW1TC", False, False)
    assert [t.value for t in last.terms] == ["TENMW101", "TENMW102", "TENMW103", "TENMW104"]
    assert facts.codelist("NOSUCH", "sdtm") is None


def test_a_published_codelist_whose_terms_do_not_ship():
    scale = facts.codelist("CHSFPC", "adam")
    assert (scale.code, scale.terms, scale.unshipped, scale.extensible) == ("C187458", (), True, False)
    assert not Codelist("MEDDRA", "28.0", ()).unshipped  # a dictionary of the study


def test_the_other_packages():
    assert terms("DATEFL", "adam") == ["D", "M", "Y"]
    assert facts.codelist("C81223", "adam").standard == "ADaM CT 2026-03-27"
    assert "Collected" in terms("ORIGINT", "define")
    assert facts.codelist("NY", "adam") is None
    assert facts.codelist("C81223").name == "DATEFL"  # whichever package has it
    assert facts.codelist("NY").standard == "SDTM CT 2025-03-28"
    assert facts.codelist_index("adam")["DTYPE"].size == 29


def test_countries():
    country = facts.codelist("COUNTRY")
    assert (len(country.terms), country.extensible, country.standard) == (249, False, "")
    assert country.code == ""
    lookup = country.lookup()
    written = ("Norway", "nor", "United States", "Viet Nam", "Czech Republic", "Türkiye")
    assert [lookup[w.casefold()] for w in written] == ["NOR", "NOR", "USA", "VNM", "CZE", "TUR"]
    assert "korea" not in lookup  # there are two
    assert facts.codelist_index("iso3166")["COUNTRY"].size == 249


def test_every_codelist_of_the_guides_is_published():
    gone = {"C85495"}  # MSRESCAT: in SDTMIG 3.4, no longer in this CT
    for name in facts.sdtm_names():
        for v in facts.sdtm_dataset(name).variables:
            assert [c for c in v.codelist if c not in gone and facts.codelist(c, "sdtm") is None] == []
    for structure in facts.ADAM_STRUCTURES:
        for v in facts.adam_structure(structure).variables:
            assert [c for c in v.codelist if facts.codelist(c) is None] == []


def test_versions():
    assert facts.packages() == {"sdtm": "2025-03-28", "adam": "2026-03-27", "define": "2026-03-27"}
    assert facts.require_package("sdtm", "2025-03-28") == "SDTM CT 2025-03-28"
    with pytest.raises(ValueError, match=r"SDTM CT 2024-09-27 is not shipped; shipped: SDTM CT 2025-03-28, ADaM CT"):
        facts.require_package("sdtm", "2024-09-27")
    with pytest.raises(ValueError, match="did you mean 'sdtm'"):
        facts.require_package("sdtmct", "2025-03-28")
    with pytest.raises(ValueError, match="no terminology package 'send'"):
        facts.codelist("NY", "send")
    with pytest.raises(ValueError, match=r"SDTMIG 3\.3 is not shipped; shipped: SDTMIG 3\.4"):
        facts.sdtm_dataset("DM", version="3.3")


# -- the files -----------------------------------------------------------------------------------------------------


def texts(node):
    if isinstance(node, str):
        yield node
    elif isinstance(node, dict):
        for key, value in node.items():
            yield key
            yield from texts(value)
    elif isinstance(node, list):
        for value in node:
            yield from texts(value)


def test_the_files_hold_facts_and_no_prose():
    files = sorted(STANDARDS.glob("*.json"))
    assert len(files) == 7
    for path in files:
        found = list(texts(json.loads(path.read_text(encoding="utf-8"))))
        assert max(map(len, found)) <= 200, path.name
        assert not [t for t in found if t.casefold() in ("definition", "notes", "cdiscnotes", "description")], path.name


HEAD = "codelist\tcodelist_name\tcodelist_value\textensible\tterm\tvalue\tnci_preferred_term\tsynonyms"


def test_the_terms_file_from_a_table():
    rows = [
        "C66742\tNo Yes Response\tNY\tNo\tC49487\tN\tNo\tNo",
        "C66742\tNo Yes Response\tNY\tNo\tC48660\t\tNot Applicable\tNA; Not Applicable",
        "C99079\tEpoch\tEPOCH\tYes\tC101526\tTREATMENT\tTREATMENT\t",
    ]
    assert terms_text("\n".join((HEAD, *rows)) + "\n", "SDTM CT 2025-03-28") == (
        "SDTM CT 2025-03-28\nEPOCH\tC99079\tEpoch\tYes\t1\nNY\tC66742\tNo Yes Response\tNo\t2\n\n"
        "#C66742\nN\tC49487\tNo\tNo\nNA\tC48660\tNot Applicable\tNot Applicable\n#C99079\nTREATMENT\tC101526\n"
    )


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("codelist\tvalue\nC1\tA\n", "expected codelist codelist_name"),
        (f"{HEAD}\nC1\tOne\tONE\tNo\tC2\t\tA\t\n", "has no value or no code"),
        (f"{HEAD}\nC1\tOne\tONE\tNo\tC2\tA\t\t\nC3\tTwo\tTWO\tNo\tC4\tB\t\t\nC1\tOne\tONE\tNo\tC5\tC\t\t\n",
         "do not follow each other"),
        (f"{HEAD}\nC1\tOne\tONE\tNo\tC2\tA\t\tB|C\n", "a synonym holds"),
    ],
)  # fmt: skip
def test_a_table_that_no_terms_file_is_written_from(table, message):
    with pytest.raises(ValueError, match=message):
        terms_text(table, "SDTM CT 2025-03-28")


def test_the_shipped_terms_file_is_that_of_the_published_table():
    source = Path(__file__).parents[3] / "shared" / "standards" / "ct-sdtm-2025-03-28-full.tsv"
    if not source.is_file():
        pytest.skip("the published table is not here")
    shipped = gzip.decompress((STANDARDS / "ct-sdtm-2025-03-28.txt.gz").read_bytes()).decode("utf-8")
    assert shipped == terms_text(source.read_text(encoding="utf-8"), "SDTM CT 2025-03-28")


def in_a_fresh_interpreter(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_one_package_is_read_and_the_others_are_not():
    code = (
        "from raw2adam.mappings.facts import facts as f\nf.packages()\nprint(f.files_read())\n"
        "f.adam_structure('ADSL')\nprint(f.files_read())\n"
        "f.codelist('NY', 'sdtm')\nprint(f.files_read())"
    )
    assert in_a_fresh_interpreter(code).splitlines() == [
        "()",
        "('adamig-1-3.json', 'keys.json')",
        "('adamig-1-3.json', 'ct-sdtm-2025-03-28.txt.gz', 'keys.json')",
    ]
