"""Analysis Results Metadata: from the file of a display to define.xml and its page."""

from __future__ import annotations

from dataclasses import replace

import raw2adam.adam.standard
import raw2adam.sdtm.standard  # noqa: F401
from kit.define_sample import ADAM_STUDY
from raw2adam.define.checks import xsd_problems
from raw2adam.define.document import DefineDataset, define_xml
from raw2adam.define.documents import DefineDocument
from raw2adam.define.page import define_html
from raw2adam.define.reading import read_define
from raw2adam.engine.plan.analyses import planned_displays
from raw2adam.engine.plan.plan import PlannedDataset, PlannedVariable
from raw2adam.engine.tables.dataset import DatasetMetadata, VariableMetadata
from raw2adam.errors import Place
from raw2adam.mappings.binding.bind import Binder
from raw2adam.mappings.models.analysis import DisplaySpec
from raw2adam.mappings.models.analysis_groups import GroupsFile
from raw2adam.mappings.models.dataset import DatasetSpec
from raw2adam.mappings.yaml.read import parse_yaml

DISPLAY = """\
display: T-ORR
name: Table 14.2.1
description: Overall Response
documents: [{document: csr, pages: [12, 14-15]}]
results:
  RATE:
    description: Proportion of responders
    reason: specified in SAP
    purpose: PRIMARY OUTCOME MEASURE
    parameter: RSP
    datasets:
      - {dataset: ADRS, where: SAFFL == 'Y', variables: [AVALC]}
      - {dataset: ADSL, variables: [COHORT]}
    join: By USUBJID.
    documentation: {text: Exact interval., document: csr, pages: 3}
    code: {context: R 4.4, text: "a < b\\nc"}
  RISK:
    description: By risk
    reason: Asked for by the investigators
    purpose: EXPLORATORY OUTCOME MEASURE
    datasets: [{dataset: ADRS, where: "PARAMCD in ['RSP', 'CRSP']"}]
"""
NAMES = {"ADRS": ("USUBJID", "PARAMCD", "SAFFL", "AVALC", "AVAL"), "ADSL": ("USUBJID", "COHORT")}


def planned(name):
    """An analysis dataset with these variables, all texts."""
    variables = {n: PlannedVariable(n, n) for n in NAMES[name]}
    spec = DatasetSpec.model_validate({"dataset": name, "rows": {"from": "DM"}})
    return PlannedDataset(
        name=name, label=name, kind="adam", observation_class="BASIC DATA STRUCTURE", structure="", standard="",
        spec=spec, place=Place(""), variables=variables,
    )  # fmt: skip


def displays():
    binder = Binder()
    display = binder.bind(parse_yaml(DISPLAY, "analyses/orr.yaml"), DisplaySpec)
    problems = []
    assert display is not None
    found = planned_displays([display], GroupsFile(), {n: planned(n) for n in NAMES}, {"csr": None}, problems)
    assert [p.message for p in (*binder.problems, *problems)] == []
    return found


def document():
    specs = [
        DatasetMetadata(
            name, name, tuple(VariableMetadata(n, n, length=8) for n in names), ("USUBJID",), "BASIC DATA STRUCTURE",
            standard="ADaMIG 1.3", purpose="Analysis",
        )
        for name, names in NAMES.items()
    ]  # fmt: skip
    csr = DefineDocument("csr", "csr.pdf", "Study Report", "supplement", listed=False)
    study = replace(ADAM_STUDY, displays=displays(), documents=(csr,))
    return define_xml(study, [DefineDataset(s, 1, {}, f"{s.name.lower()}.xpt") for s in specs])


def test_a_display_is_in_define_xml_with_its_records_documents_and_code():
    xml = document()
    assert xsd_problems(xml) == []
    content = read_define(xml)
    (display,) = content.displays
    assert (display.oid, display.name, display.description) == ("ARD.T-ORR", "Table 14.2.1", "Overall Response")
    assert [p.pages for d in display.documents for p in d.pages] == ["12 14 15"]
    rate, risk = display.results
    assert (rate.oid, rate.reason, rate.purpose, rate.parameter) == (
        "AR.T-ORR.RATE", "SPECIFIED IN SAP", "PRIMARY OUTCOME MEASURE", "IT.ADRS.PARAMCD",
    )  # fmt: skip
    clauses = [[content.where[w] for w in d.where] for d in rate.datasets]
    assert [[(c.item, c.comparator, c.values) for w in of_one for c in w.checks] for of_one in clauses] == [
        [("IT.ADRS.PARAMCD", "EQ", ("RSP",)), ("IT.ADRS.SAFFL", "EQ", ("Y",))],
        [],
    ]
    assert [d.variables for d in rate.datasets] == [("IT.ADRS.AVALC",), ("IT.ADSL.COHORT",)]
    assert (content.comments[rate.comment].text, rate.documentation) == ("By USUBJID.", "Exact interval.")
    assert (rate.code_context, rate.code) == ("R 4.4", "a < b\nc")
    assert (risk.reason, risk.parameter, risk.documentation, risk.code) == (
        "Asked for by the investigators",
        "",
        "",
        "",
    )
    (where,) = risk.datasets[0].where
    assert [(c.comparator, c.values) for c in content.where[where].checks] == [("IN", ("RSP", "CRSP"))]


def test_the_page_of_define_xml_has_the_results():
    page = define_html(document()).decode()
    for text in ("Table 14.2.1", "Proportion of responders", "Exact interval.", "a &lt; b", "SPECIFIED IN SAP"):
        assert text in page


def test_a_document_without_displays_has_no_element_of_them():
    plain = define_xml(ADAM_STUDY, [DefineDataset(
        DatasetMetadata("ADSL", "ADSL", (VariableMetadata("USUBJID", "S", length=1),), ("USUBJID",),
                        "SUBJECT LEVEL ANALYSIS DATASET", standard="ADaMIG 1.3", purpose="Analysis"), 1, {}, "adsl.xpt",
    )])  # fmt: skip
    assert b"arm" not in plain.lower().replace(b"charm", b"")
