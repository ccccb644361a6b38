"""Reading a define.xml of any author: Define-XML 2.1 with analysis results, Define-XML 2.0, and what is none of them."""

from __future__ import annotations

import pytest
from kit.define_sample import HEAD, SDTM, STUDY, WHOLE
from raw2adam.define.content import Check, CodedTerm, DocumentReference, ItemOrigin, Leaf, PageReference
from raw2adam.define.document import define_xml
from raw2adam.define.reading import read_define
from raw2adam.errors import InputError, OutputError

#: entities that expand without end, in texts and in attributes
DOCTYPE = b"""<?xml version="1.0"?>
<!DOCTYPE ODM [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;"><!ENTITY c SYSTEM "secret.txt">]>
"""


@pytest.fixture(scope="module")
def content():
    return read_define(WHOLE.encode())


def test_the_study_its_standards_and_documents(content):
    assert (content.version, content.study, content.description, content.protocol) == ("2.1.0", "S1", "A study", "P1")
    assert content.created == "2025-01-02T03:04:05"
    assert [(s.name, s.version, s.comment) for s in content.standards.values()] == [("ADaMIG", "1.3", "COM.1")]
    assert content.crf == (DocumentReference("LF.acrf"),)
    assert content.supplements == (DocumentReference("LF.guide"),)
    assert content.leaves["LF.guide"] == Leaf("LF.guide", "adrg.pdf", "Guide")


def test_a_dataset_has_its_variables_by_their_order(content):
    (dataset,) = content.datasets
    assert (dataset.name, dataset.label, dataset.class_name, dataset.subclasses, dataset.repeating) == (
        "ADTTE", "Time to event", "BASIC DATA STRUCTURE", ("TIME-TO-EVENT",), True,
    )  # fmt: skip
    assert dataset.leaf == Leaf("LF.ADTTE", "adtte.xpt", "adtte.xpt")
    assert [(i.name, i.key, i.mandatory, i.has_no_data) for i in dataset.items] == [
        ("PARAMCD", "1", True, False), ("AVAL", "", False, False), ("IT.GONE", "", False, True),
    ]  # fmt: skip
    code, value, _ = dataset.items
    assert (code.label, code.data_type, code.length, code.codelist) == ("Parameter Code", "text", "8", "CL.P")
    pages = (PageReference("PhysicalRef", "3 5"),)
    assert code.origins == (ItemOrigin("Collected", "Investigator", "Form 3", (DocumentReference("LF.acrf", pages),)),)
    assert (value.digits, value.format, value.comment, value.value_list) == ("2", "8.2", "COM.1", "VL.AVAL")


def test_value_lists_codelists_methods_and_comments(content):
    (value,) = content.value_lists["VL.AVAL"]
    assert (value.data_type, value.where, value.method) == ("integer", ("WC.1",), "MT.1")
    assert content.where["WC.1"].checks == (Check("IT.PARAMCD", "IN", ("PFS", "OS"), "Soft"),)
    assert content.codelists["CL.P"].code == "C9"
    assert content.codelists["CL.P"].terms == (
        CodedTerm("PFS", "Progression", "C1"), CodedTerm("OS", "Survival", "", True),
    )  # fmt: skip
    dictionary = content.codelists["CL.D"]
    assert (dictionary.dictionary, dictionary.dictionary_version) == ("MedDRA", "28.0")
    assert content.methods["MT.1"].text == "First line.\nSecond line."
    assert content.methods["MT.1"].expressions == (("SAS", "x = 1;"),)
    assert content.comments["COM.1"].documents == (
        DocumentReference("LF.guide", (PageReference("NamedDestination", "Sec4", title="Section 4"),)),
    )


def test_analysis_results(content):
    (display,) = content.displays
    (result,) = display.results
    assert (display.name, display.description, result.description) == ("Table 1", "PFS", "Median")
    assert (result.parameter, result.reason, result.purpose) == (
        "IT.PARAMCD", "SPECIFIED IN PROTOCOL", "PRIMARY OUTCOME MEASURE",
    )  # fmt: skip
    assert (result.datasets[0].dataset, result.datasets[0].where, result.datasets[0].variables) == (
        "IG.ADTTE", ("WC.1",), ("IT.AVAL",),
    )  # fmt: skip
    assert (result.documentation, result.code_context, result.code) == ("Kaplan-Meier", "R", "survfit()")


def test_define_xml_2_0_is_read_too():
    text = (
        HEAD.format(version="2.0")
        + """<Study OID="S"><GlobalVariables><StudyName>S1</StudyName></GlobalVariables>
<MetaDataVersion OID="MDV" Name="M" def:DefineVersion="2.0.0" def:StandardName="SDTM-IG" def:StandardVersion="3.1.2">
<ItemGroupDef OID="IG.DM" Name="DM" Repeating="No" Purpose="Tabulation" def:Class="SPECIAL PURPOSE"><ItemRef ItemOID="IT.SEX" OrderNumber="1" Mandatory="Yes"/></ItemGroupDef>
<ItemDef OID="IT.SEX" Name="SEX" DataType="text" Length="1"><def:Origin Type="CRF"/></ItemDef>
</MetaDataVersion></Study></ODM>"""
    )
    content = read_define(text.encode())
    assert [(s.name, s.version) for s in content.standards.values()] == [("SDTM-IG", "3.1.2")]
    assert content.datasets[0].class_name == "SPECIAL PURPOSE"
    assert content.datasets[0].items[0].origins == (ItemOrigin("CRF"),)


def test_our_own_define_xml_reads_back():
    content = read_define(define_xml(STUDY, SDTM))
    assert content.study == STUDY.name
    assert {d.name: [i.name for i in d.items] for d in content.datasets} == {d.spec.name: d.spec.names for d in SDTM}
    links = {i.codelist for d in content.datasets for i in d.items if i.codelist}
    assert links and links <= set(content.codelists)


@pytest.mark.parametrize(
    ("xml", "error", "message"),
    [
        (b"", OutputError, r"^theirs\.xml:1:1: not well-formed XML"),
        (b"<ODM", OutputError, r"^theirs\.xml:1:5: not well-formed XML"),
        (b"<ODM/>", InputError, r"^theirs\.xml: no MetaDataVersion of ODM 1\.3"),
        (DOCTYPE + WHOLE[WHOLE.index("<ODM") :].encode(), InputError, r"^theirs\.xml:2: a define\.xml has no DOCTYPE"),
        (b"<!DOCTYPE ODM SYSTEM 'odm.dtd'>" + WHOLE[WHOLE.index("<ODM") :].encode(), InputError, r"has no DOCTYPE"),
        (
            "<!DOCTYPE ODM [<!ENTITY a 'b'>]><ODM x='&a;'/>".encode("utf-16"),
            InputError,
            r"^theirs\.xml:1: .* no DOCTYPE",
        ),
        (b"<?xml version='1.0' encoding='shift_jis'?>\n<!DOCTYPE ODM><ODM/>", InputError, r"has no DOCTYPE"),
        (WHOLE.replace("def:DefineVersion", "def:Other").encode(), InputError, r"^theirs\.xml: MetaDataVersion has no"),
        (WHOLE.replace("/def/v2.1", "/def/v3.0").encode(), InputError, r"^theirs\.xml: MetaDataVersion has no"),
    ],
)
def test_what_is_no_define_xml_is_refused(xml: bytes, error: type[Exception], message: str):
    with pytest.raises(error, match=message):
        read_define(xml, "theirs.xml")
