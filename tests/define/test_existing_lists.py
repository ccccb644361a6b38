"""The codelists of an existing define.xml, which the copies of ADaM have."""

from __future__ import annotations

import pytest
from kit.define_sample import MEDDRA, SDTM, STUDY
from raw2adam.define.derived_lists import with_lists
from raw2adam.define.document import DefineDataset, define_xml
from raw2adam.define.existing_lists import existing_lists
from raw2adam.define.reading import read_define
from raw2adam.engine.tables.dataset import DatasetMetadata, Origin, Predecessor, VariableMetadata
from raw2adam.engine.tables.origins import stated_origin
from raw2adam.findings.table import Findings
from raw2adam.mappings.models.derivation import OneOriginSpec
from raw2adam.runs import read_existing


@pytest.fixture(scope="module")
def existing():
    return existing_lists(read_define(define_xml(STUDY, SDTM)))


def test_variables_have_the_lists_and_dictionaries_of_the_file(existing):
    serious = existing["AE"].variable("AESER").codelist
    assert (serious.code, serious.label, serious.standard) == ("C66742", "No Yes Response", "SDTM CT 2025-03-28")
    assert {"N", "Y", "NA", "U"} == {t.value for t in serious.terms}  # the list ships, so it is whole
    decoded = existing["AE"].variable("AEDECOD")
    assert (decoded.codelist, decoded.dictionary) == (None, MEDDRA)
    codes = existing["RS"].variable("RSTESTCD").codelist
    assert {t.value: t.code for t in codes.terms if t.value in ("ISSSTG", "OVRLRESP")} == {
        "ISSSTG": "",
        "OVRLRESP": "C96613",
    }


def test_a_variable_with_a_list_in_each_definition_has_the_terms_of_all(existing):
    result = existing["RS"].variable("RSSTRESC").codelist
    assert {"PD", "sCR", "I", "II", "III"} <= {t.value for t in result.terms}
    assert result.code == ""
    assert [v.codelist.code for v in existing["SUPPAE"].values] == ["C66742"]


@pytest.mark.parametrize(
    ("predecessor", "code"),
    [("AE.AESER", "C66742"), ("SUPPAE.QVAL where QNAM = 'RELISA'", "C66742"), ("AE.AETERM", None), ("XX.Y", None)],
)
def test_a_copy_has_the_list_of_its_origin(existing, predecessor, code):
    copy = VariableMetadata(
        "COPY", "Copy", length=1, origin=stated_origin(OneOriginSpec(type="Predecessor", description=predecessor))
    )
    spec = DatasetMetadata("ADAE", "A", (copy,), (), "OCCURRENCE DATA STRUCTURE", purpose="Analysis")
    (data,) = with_lists([DefineDataset(spec, 1, {"COPY": ("Y",)}, "adae.xpt")], existing)
    found = data.spec.variable("COPY").codelist
    assert (found.code if found else None) == code


def test_a_copy_of_a_coded_variable_has_its_dictionary(existing):
    copy = VariableMetadata(
        "AEDECOD", "Copy", length=1, origin=Origin("Predecessor", predecessors=(Predecessor("AE", "AEDECOD"),))
    )
    spec = DatasetMetadata("ADAE", "A", (copy,), (), "OCCURRENCE DATA STRUCTURE", purpose="Analysis")
    (data,) = with_lists([DefineDataset(spec, 1, {}, "adae.xpt")], existing)
    assert data.spec.variable("AEDECOD").dictionary == MEDDRA


@pytest.mark.parametrize("text", ["", "<ODM", "<ODM/>", "no markup", "\xe9"])
def test_a_define_xml_that_cannot_be_read_is_reported_and_stops_nothing(tmp_path, text):
    (tmp_path / "define.xml").write_bytes(text.encode("latin-1"))
    findings = Findings()
    assert read_existing._read_lists(tmp_path, findings) == ({}, None)
    assert findings.frame()["rule"].tolist() == ["R2A-GIVEN-019"]


def test_a_folder_without_define_xml_gives_no_lists(tmp_path):
    findings = Findings()
    assert (read_existing._read_lists(tmp_path, findings), len(findings.frame())) == (({}, None), 0)
