"""Names in methods and predecessors that a reader cannot find, in define.xml written by hand."""

from __future__ import annotations

import pytest
from raw2adam.define.references import reference_problems
from raw2adam.errors import OutputError

ITEM = '<ItemDef OID="IT.{d}.{v}" Name="{v}"><Description><TranslatedText>{label}</TranslatedText></Description>{more}</ItemDef>'
REF = '<ItemRef ItemOID="IT.{d}.{v}"{method}/>'


def define(datasets: dict[str, list[str]], methods: dict[str, str] | None = None, more: str = "", origins: dict[str, str] | None = None, label: str = "Label") -> bytes:  # fmt: skip
    """define.xml of datasets. ``methods``: DATASET.VARIABLE -> text; ``origins``: the same to a predecessor."""
    methods, origins = methods or {}, origins or {}
    groups, items = "", ""
    for d, variables in datasets.items():
        refs = ""
        for v in variables:
            method = f' MethodOID="MT.{d}.{v}"' if f"{d}.{v}" in methods else ""
            refs += REF.format(d=d, v=v, method=method)
            text = origins.get(f"{d}.{v}", "")
            origin = f'<def:Origin Type="Predecessor"><Description><TranslatedText>{text}</TranslatedText></Description></def:Origin>'
            items += ITEM.format(d=d, v=v, label=label, more=origin if text else "")
        groups += f'<ItemGroupDef OID="IG.{d}" Name="{d}">{refs}</ItemGroupDef>'
    defs = "".join(
        f'<MethodDef OID="MT.{n}"><Description><TranslatedText>{t}</TranslatedText></Description></MethodDef>'
        for n, t in methods.items()
    )
    body = f'<MetaDataVersion OID="1">{more}{groups}{items}{defs}</MetaDataVersion>'
    return (
        '<ODM xmlns="http://www.cdisc.org/ns/odm/v1.3" xmlns:def="http://www.cdisc.org/ns/def/v2.1">'
        f"<Study>{body}</Study></ODM>"
    ).encode()


SUPP = define(
    {"AE": ["AETERM", "AESTDTC"], "SUPPAE": ["QNAM", "QVAL"]},
    more='<def:WhereClauseDef OID="W"><RangeCheck Comparator="EQ" def:ItemOID="IT.SUPPAE.QNAM"><CheckValue>RELISA</CheckValue>'
    "</RangeCheck></def:WhereClauseDef>",
)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ASTDT is AESTDTC as a numeric date.", []),
        ("ASTDT is AE.AESTDTC of the record in AE.", []),
        ("ASTDT is 'NOTHERE' if AETERM equals 'IT''S GONE'; the item's record of AE; missing otherwise.", []),
        ("ASTDT is the date of STORDER.\nSTORDER is AESTDTC.", []),
        ("ASTDT is the date by RISK of ISO 8601 text.", []),  # a word of a label
        ("ASTDT is (SUPPAE.QVAL where QNAM = 'RELISA').", []),
        ("ASTDT is STORDER.", ["STORDER"]),
        ("ASTDT is AE.AELOC, by -STORDER.", ["AE.AELOC"]),
        ("ASTDT is EX.EXSTDTC.", ["EX.EXSTDTC"]),
        ("ASTDT is (SUPPAE.QVAL where QNAM = 'RELX').", ["SUPPAE.QVAL where QNAM = 'RELX'"]),
        ("", []),
    ],
)
def test_names_of_a_method(text: str, found: list[str]):
    xml = define({"ADAE": ["ASTDT"]}, {"ADAE.ASTDT": text}, label="Score of RISK")
    lost = "is no variable of the package, and the method does not define it"
    assert reference_problems(xml, [SUPP]) == [f"MT.ADAE.ASTDT: {name} {lost}" for name in found]


@pytest.mark.parametrize(
    ("text", "circular"),
    [
        ("ADT is ADT.", ["ADT"]),
        ("ADT is ADRS.ADT.", ["ADT"]),
        ("For PARAMCD 'PD':\nADT is AVAL.\nAVAL is ADT.", ["ADT", "AVAL"]),
        ("ADT is ADT of the record with the same PARAMCD.", []),
        ("ADT is ADSL.ADT.", []),
    ],
)
def test_a_method_that_defines_a_name_by_itself(text: str, circular: list[str]):
    xml = define({"ADSL": ["ADT"], "ADRS": ["ADT", "AVAL", "PARAMCD"]}, {"ADRS.ADT": text})
    assert reference_problems(xml) == [f"MT.ADRS.ADT: {name} is defined by itself" for name in circular]


@pytest.mark.parametrize(
    ("predecessor", "problem"),
    [
        ("AE.AETERM", ""),
        ("AE.AETERM, AE.AESTDTC", ""),
        ("SUPPAE.QVAL where QNAM = 'RELISA'", ""),
        ("SUPPAE.QVAL where QNAM = 'X'", ": SUPPAE.QVAL where QNAM = 'X' is not in the package"),
        ("AE.RELISA", ": AE.RELISA is not in the package"),
        ("ADAE.ASTDT", " is in the same dataset"),
        ("the collected term", " is no DATASET.VARIABLE"),
    ],
)
def test_predecessors(predecessor: str, problem: str):
    xml = define({"ADAE": ["ASTDT", "AETERM"]}, origins={"ADAE.AETERM": predecessor})
    expected = [f"ADAE.AETERM: predecessor {predecessor!r}{problem}"] if problem else []
    assert reference_problems(xml, [SUPP]) == expected


def test_a_file_that_is_no_xml():
    with pytest.raises(OutputError):
        reference_problems(b"<ODM>")
    with pytest.raises(OutputError):
        reference_problems(define({}), [b""])
