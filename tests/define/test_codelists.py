"""Which terms a CodeList of define.xml shows, with which codes and decodes.

Not for the rest of define.xml (test_define_document).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest
from raw2adam.define.codelists import CodelistTable, CodelistUse, listed_by_value_level
from raw2adam.define.decodes import decodes, written_out
from raw2adam.define.document import DefineDataset, DefineStudy, define_xml
from raw2adam.define.items import value_level_name
from raw2adam.engine.tables.dataset import DatasetMetadata, RangeCheck, ValueLevel, VariableMetadata
from raw2adam.mappings.facts import facts
from raw2adam.mappings.facts.terminology import Codelist, ExternalDictionary, Term

SDTM_CT = "SDTM CT 2025-03-28"
CLOSED = Codelist("ABC", "Letters", (Term("A", "C1"), Term("B", "C2"), Term("C", "C3")), "C10", False, SDTM_CT)
OPEN = Codelist("UNIT", "Unit", (Term("mg", "C4"), Term("g", "C5"), Term("IU")), "C11", True, SDTM_CT)
LONG = Codelist("LONG", "Long", tuple(Term(f"T{n:02}", f"C{n}") for n in range(21)), "C12", False, SDTM_CT)
UNSHIPPED = Codelist("SCALE", "Scale", (), "C13", False, SDTM_CT)
OWN = Codelist("OWN", "Own", (Term("LOW", order=2), Term("HIGH", order=1)), extensible=False)


def shown(codelist: Codelist, *seen: str, data_type: str = "text", tests: Codelist | None = None):
    table = CodelistTable()
    use = CodelistUse(codelist, data_type, tests)
    table.add(use, seen)
    element = table.elements().get(use)
    return element and [(i.value, i.code, i.extended) for i in element.items]


@pytest.mark.parametrize(
    ("codelist", "seen", "expected"),
    [
        (CLOSED, (), [("A", "C1", False), ("B", "C2", False), ("C", "C3", False)]),
        (CLOSED, ("B", ""), [("A", "C1", False), ("B", "C2", False), ("C", "C3", False)]),
        # a value that is not published is marked, in a closed list too, where it is a finding besides
        (CLOSED, ("Z",), [("A", "C1", False), ("B", "C2", False), ("C", "C3", False), ("Z", "", True)]),
        (OPEN, ("zz", "g", "aa"), [("g", "C5", False), ("aa", "", True), ("zz", "", True)]),
        (OPEN, ("IU",), [("IU", "", True)]),
        (OPEN, (), [("mg", "C4", False), ("g", "C5", False), ("IU", "", True)]),
        (LONG, ("T20", "T03"), [("T03", "C3", False), ("T20", "C20", False)]),
        (LONG, (), None),
        # the facts hold no term of this list: whether Q is published is not known
        (UNSHIPPED, ("Q",), [("Q", "", False)]),
        (OWN, ("HIGH", "MID"), [("HIGH", "", False), ("LOW", "", False), ("MID", "", False)]),
    ],
)
def test_terms_shown(codelist, seen, expected):
    assert shown(codelist, *seen) == expected


def test_values_of_all_datasets_meet_in_one_codelist():
    table = CodelistTable()
    use = CodelistUse(OPEN, "text")
    table.add(use, ["g"])
    table.add(CodelistUse(OPEN, "text"), ["mg"])
    assert [i.value for i in table.elements()[use].items] == ["mg", "g"]


def test_codelists_of_one_name_that_differ_have_different_oids_and_names():
    table = CodelistTable()
    other = Codelist("ABC", "Letters", (Term("1"),))
    uses = [CodelistUse(CLOSED, "text"), CodelistUse(other, "text"), CodelistUse(other, "integer")]
    for use in uses:
        table.add(use, [])
    found = table.elements()
    assert [(found[u].oid, found[u].name) for u in uses] == [
        ("CL.ABC.2", "Letters"),
        ("CL.ABC", "Letters (2)"),
        ("CL.ABC.integer", "Letters (3)"),
    ]


def test_the_oid_of_a_list_does_not_depend_on_the_order_of_use_nor_on_further_lists():
    part = replace(CLOSED, label="A, B", terms=CLOSED.terms[:2])
    uses = [CodelistUse(c, "text") for c in (CLOSED, part)]
    further = CodelistUse(replace(CLOSED, label="Other"), "text")
    oids = []
    for order in (uses, uses[::-1], [further, *uses]):
        table = CodelistTable()
        for use in order:
            table.add(use, [])
        oids.append([table.elements()[u].oid for u in uses])
    assert oids == [oids[0]] * 3
    assert oids[0][1] == "CL.ABC.A-B"


def test_decodes_only_where_they_say_more_than_the_values():
    same = Codelist("S", "S", (Term("DOSE REDUCED", "C1", "Dose Reduced"),), "C9", False, SDTM_CT)
    more = Codelist("M", "M", (Term("M", "C1", "Male"), Term("X", "C2")), "C9", False, SDTM_CT)
    table = CodelistTable()
    uses = [CodelistUse(same, "text"), CodelistUse(more, "text")]
    for use in uses:
        table.add(use, [])
    found = [table.elements()[u] for u in uses]
    assert [f.decoded for f in found] == [False, True]
    assert [(i.value, i.decode) for i in found[1].items] == [("M", "Male"), ("X", "X")]


@pytest.mark.parametrize(
    ("codelist", "value", "text"),
    [
        ("UNIT", "g/L", "Gram per Liter"),  # the NCI preferred term is Kilogram per Cubic Meter
        ("UNIT", "mg/L", ""),  # Microgram per Milliliter
        ("UNIT", "mm", ""),
        ("ONCRSR", "CR", "Complete Response"),  # Complete Remission
        ("ONCRSR", "PD", "Progressive Disease"),
        ("ONCRSR", "NEGATIVE", ""),
        ("NCOMPLT", "COMPLETED", ""),  # Complete
        ("NCOMPLT", "DEATH", ""),  # Dead
        ("NY", "NA", "Not Applicable"),
        ("NY", "U", "Unknown"),
        ("SEX", "F", "Female"),
        ("LOC", "EYE", ""),  # Eyeball
        ("DATEFL", "D", "Day Imputed"),
        ("C179944", "0", ""),  # ... Standardized Character Result 0
        ("RACE", "ASIAN", ""),
    ],
)
def test_a_text_of_the_terminology_writes_out_a_value(codelist, value, text):
    term = next(t for t in facts.codelist(codelist).terms if t.value == value)
    assert written_out(term) == text


def test_a_published_list_is_decoded_where_most_of_its_values_are_abbreviations():
    unit, response = facts.codelist("UNIT"), facts.codelist("ONCRSR")
    shown = [(unit, ("g/L", "mg/L", "mm")), (response, ("CR", "PD", "NEGATIVE")), (response, ("NEGATIVE", "POSITIVE"))]
    assert [
        decodes([t for t in c.terms if t.value in values], None, published=True, names=False) for c, values in shown
    ] == [
        {},
        {"CR": "Complete Response", "PD": "Progressive Disease"},
        {},
    ]


def test_names_of_tests_have_no_decodes():
    names = facts.codelist("LBTEST")
    assert decodes([t for t in names.terms if t.value == "Albumin"], None, published=True, names=True) == {}


def test_a_published_list_keeps_its_name():
    response = facts.codelist("ONCRSR")
    extended = replace(response, label="Responses of the study", terms=(*response.terms, Term("I")))
    joined = replace(response, code="", label="Responses / Stages")
    uses = [CodelistUse(c, "text") for c in (extended, response, joined)]
    table = CodelistTable()
    for use in uses:
        table.add(use, ["CR"])
    found = table.elements()
    assert [(found[u].oid, found[u].name) for u in uses] == [
        ("CL.ONCRSR.Responses-of-the-study", "Oncology Response Assessment Result (Responses of the study)"),
        ("CL.ONCRSR", "Oncology Response Assessment Result"),
        ("CL.ONCRSR.Responses-Stages", "Responses / Stages"),
    ]


def test_a_list_that_joins_several_published_ones_is_none_of_them():
    joined = Codelist("DSDECOD", "A / B", (Term("COMPLETED", "C1"), Term("LAST CONTACT")), "", True, SDTM_CT)
    # the term of the study extends no published list
    assert shown(joined, "COMPLETED", "LAST CONTACT") == [("COMPLETED", "C1", False), ("LAST CONTACT", "", False)]


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        (("mg", "T03"), {"LBSTRESC"}),
        (("mg", "other"), set()),  # a value of no list: the variable keeps its list
        ((), set()),
    ],
)
def test_a_variable_whose_values_all_have_a_list_at_value_level_has_none_beside_them(seen, expected):
    assert listed_by_value_level(LB, {"LBSTRESC": seen}) == expected


ALB = Term("ALB", "C64431", "Albumin Measurement")
LBTESTCD = Codelist("LBTESTCD", "Test Code", (ALB, Term("XYZ", "", "Study Test")), "C65047", True, SDTM_CT)
LBTEST = Codelist("LBTEST", "Test Name", (Term("Albumin", "C64431", "Albumin Measurement"),), "C67154", True, SDTM_CT)
LB = DatasetMetadata(
    "LB",
    "Laboratory Test Results",
    (
        VariableMetadata("USUBJID", "Unique Subject Identifier", length=5),
        VariableMetadata("LBTESTCD", "Test Code", length=8, codelist=LBTESTCD),
        VariableMetadata("LBTEST", "Test Name", length=40, codelist=LBTEST),
        VariableMetadata("LBSTRESC", "Result", length=10),
        VariableMetadata("LBNAM", "Country of Laboratory", length=3, dictionary=ExternalDictionary("ISO 3166", "2020")),
    ),
    ("USUBJID", "LBTESTCD"),
    "Findings",
    "One record per test per subject",
    values=(
        ValueLevel("LBSTRESC", (RangeCheck("LBTESTCD", "EQ", ("ALB",)),), codelist=OPEN),
        ValueLevel("LBSTRESC", (RangeCheck("LBTESTCD", "EQ", ("XYZ",)),), codelist=LONG),
    ),
)
STUDY = DefineStudy("S", "S", "A study", "S", (), datetime(2025, 12, 31))


def written(terms: dict[str, tuple[str, ...]]) -> str:
    return define_xml(STUDY, [DefineDataset(LB, 1, terms, "lb.xpt")]).decode()


def codelist_xml(xml: str, oid: str) -> list[str]:
    start = xml.index(f'<CodeList OID="{oid}"')
    return [line.strip() for line in xml[start : xml.index("</CodeList>", start)].strip().splitlines()]


def test_a_test_code_is_decoded_by_the_test_name_of_the_same_code():
    xml = written({"LBTESTCD": ("XYZ", "ALB"), "LBTEST": ("Albumin", "Study Test")})
    assert codelist_xml(xml, "CL.LBTESTCD") == [
        '<CodeList OID="CL.LBTESTCD" Name="Laboratory Test Code" DataType="text" def:StandardOID="STD.CT.SDTM.2025-03-28">',
        '<CodeListItem CodedValue="ALB" OrderNumber="1">',
        '<Decode><TranslatedText xml:lang="en">Albumin</TranslatedText></Decode>',
        '<Alias Context="nci:ExtCodeID" Name="C64431"/>',
        "</CodeListItem>",
        '<CodeListItem CodedValue="XYZ" OrderNumber="2" def:ExtendedValue="Yes">',
        '<Decode><TranslatedText xml:lang="en">Study Test</TranslatedText></Decode>',
        "</CodeListItem>",
        '<Alias Context="nci:ExtCodeID" Name="C65047"/>',
    ]


def test_a_dictionary_is_external():
    assert codelist_xml(written({}), "CL.ISO-3166") == [
        '<CodeList OID="CL.ISO-3166" Name="ISO 3166" DataType="text" def:IsNonStandard="Yes">',
        '<ExternalCodeList Dictionary="ISO 3166" Version="2020"/>',
    ]


def test_a_sponsor_list_is_nonstandard():
    spec_line = '<CodeList OID="CL.OWN" Name="Own" DataType="text" def:IsNonStandard="Yes">'
    variables = (*LB.variables[:1], VariableMetadata("LBX", "X", length=4, codelist=OWN))
    spec = DatasetMetadata("LB", "L", variables, ("USUBJID",), "Findings", "One record per test")
    xml = define_xml(STUDY, [DefineDataset(spec, 1, {}, "lb.xpt")]).decode()
    assert codelist_xml(xml, "CL.OWN") == [
        spec_line,
        '<EnumeratedItem CodedValue="HIGH" OrderNumber="1"/>',
        '<EnumeratedItem CodedValue="LOW" OrderNumber="2"/>',
    ]


def test_a_value_level_list_shows_its_own_values_not_those_of_other_tests():
    xml = written({"LBSTRESC": ("g", "T02", "text")})
    assert '<EnumeratedItem CodedValue="g" OrderNumber="1">' in codelist_xml(xml, "CL.UNIT")
    assert not any('CodedValue="text"' in line for line in codelist_xml(xml, "CL.UNIT"))
    assert [line for line in codelist_xml(xml, "CL.LONG") if "CodedValue" in line] == [
        '<EnumeratedItem CodedValue="T02" OrderNumber="1">'
    ]
    name = value_level_name(LB.values[0])
    assert name == "LBSTRESC where LBTESTCD EQ ALB"
    own = codelist_xml(written({name: ("text",), "LBSTRESC": ("g",)}), "CL.UNIT")
    assert own[1] == '<EnumeratedItem CodedValue="text" OrderNumber="1" def:ExtendedValue="Yes"/>'


def test_a_list_with_nothing_to_show_leaves_no_reference():
    xml = written({})
    assert "CL.LONG" not in xml
    assert 'CodeListOID="CL.UNIT"' in xml
