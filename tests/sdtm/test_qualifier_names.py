"""Names and labels of supplemental qualifiers: limits of SDTMIG 3.4 section 8.4, and QNAMs that a long text needs."""

from __future__ import annotations

import numpy as np
import pytest
from raw2adam.engine.tables.dataset import Finished
from raw2adam.errors import SpecError
from raw2adam.findings.table import Findings
from raw2adam.sdtm.long_text import split_long_texts

DM = "dataset: DM\nrows: {source: a}\nvariables: {RFSTDTC: {date: D}, SEX: {value: U}, COUNTRY: {value: DEU}}\n"
LONG = " ".join(["word"] * 50)  # 249 bytes


@pytest.mark.parametrize(
    ("qualifier", "expected"),
    [
        (f"TUM: {{label: {'x' * 41}, from: T}}", "sdtm/dm.yaml:4:29: error: DM.TUM: the label"),
        ("TUM: {label: Größe, from: T}", "QLABEL holds 40, of printable ASCII"),
        ("TUMOURSIZ: {label: Size, from: T}", "'TUMOURSIZ' is no QNAM"),
        ("tum: {label: Size, from: T}", "'tum' is no QNAM"),
        ("1TUM: {label: Size, from: T}", "'1TUM' is no QNAM"),
        ("TUM-1: {label: Size, from: T}", "'TUM-1' is no QNAM"),
        ("SEX: {label: Size, from: T}", "'SEX' is a variable of DM"),
        ("ETHNIC: {label: Size, from: T}", "'ETHNIC' is a variable of DM"),
        ("QVAL: {label: Size, from: T}", "'QVAL' is a variable of SUPPDM"),
    ],
)
def test_a_name_or_label_that_supp_cannot_hold(spec_problems, qualifier: str, expected: str):
    found = [str(p) for p in spec_problems("", {"dm": DM + f"supplemental: {{{qualifier}}}\n"}, ("a.csv",))]
    assert [p for p in found if expected in p], found


@pytest.mark.parametrize("qualifier", [f"TUM: {{label: {'x' * 40}, from: T}}", "TUM_1: {label: Size, from: T}"])
def test_a_name_and_label_that_fit(spec_problems, qualifier: str):
    assert spec_problems("", {"dm": DM + f"supplemental: {{{qualifier}}}\n"}, ("a.csv",)) == []


def _built(tiny, lines: str, cells: dict[str, str]):
    rows = "\n".join(["SUBJ,D," + ",".join(cells), "01,2020-01-01," + ",".join(cells.values())])
    study = "dates: {formats: [yyyy-mm-dd]}\n"
    ae = f"dataset: AE\nrows: {{source: a}}\nvariables: {{AESTDTC: {{date: D}}, AEDECOD: {{value: X}}, {lines}\n"
    built = tiny({"a.csv": rows + "\n"}, study, {"dm": DM, "ae": ae})
    finished = {n: Finished(d, np.arange(len(d))) for n, d in built.datasets[0].items()}
    split_long_texts(finished, Findings())
    return finished


@pytest.mark.parametrize(
    ("lines", "cells", "part"),
    [
        ("AETERM: T}\nsupplemental: {AETERM1: {label: Further, from: U}}", {"T": LONG, "U": "short"}, "AETERM1"),
        # AEACNOTH and AEACNOTX of eight characters give way to the same number
        (
            "AETERM: T, AEACNOTH: {from: U}}\nsupplemental: {AEACNOTX: {label: Further, from: T}}",
            {"T": "t", "U": LONG},
            "AEACNOT1",
        ),
        # the second part of a qualifier has the name of another qualifier
        (
            "AETERM: U}\nsupplemental: {FUR: {label: Further, from: T}, FUR1: {label: More, from: U}}",
            {"T": LONG, "U": "u"},
            "FUR1",
        ),
    ],
)
def test_a_qnam_that_a_long_text_needs_and_that_is_taken(tiny, lines: str, cells: dict[str, str], part: str):
    with pytest.raises(SpecError, match=f"the QNAM of its next part, {part}, is that of"):
        _built(tiny, lines, cells)


def test_variables_whose_parts_would_be_called_alike_are_no_mistake_while_one_is_short(tiny):
    finished = _built(tiny, "AETERM: T, AEACNOTH: {from: U}, AEACN: {value: DOSE NOT CHANGED}}", {"T": "t", "U": LONG})
    assert finished["SUPPAE"].dataset.frame["QNAM"].tolist() == ["AEACNOT1"]
