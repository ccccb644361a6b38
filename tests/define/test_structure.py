"""def:Structure: the units of the guide that the keys of a dataset have, by hand."""

from __future__ import annotations

import pytest
from raw2adam.define.structure import structure
from raw2adam.engine.tables.dataset import DatasetMetadata

LB = "One record per lab test per time point per visit per subject"  # SDTMIG 3.4
FA = "One record per finding, per object, per time point, per visit per subject"
RS = (
    "One record per response assessment or clinical classification assessment per time point per visit per subject "
    "per assessor per medical evaluator"
)


@pytest.mark.parametrize(
    ("name", "text", "keys", "wanted"),
    [
        ("LB", LB, "USUBJID LBTESTCD LBTPTNUM VISITNUM", LB),
        ("LB", LB, "USUBJID LBSPEC LBTESTCD LBMETHOD VISITNUM",
         "One record per lab test per specimen per method per visit per subject"),
        ("LB", LB, "USUBJID LBTESTCD LBDTC", "One record per lab test per date per subject"),
        ("FA", FA, "USUBJID FATESTCD FAOBJ FADTC", "One record per finding per object per date per subject"),
        ("RS", RS, "USUBJID RSTESTCD RSEVAL VISITNUM",
         "One record per response assessment or clinical classification assessment per visit per subject per assessor"),
        # the text of the spec stays, and so does that of a guide whose units are no variables
        ("LB", "One record per tube per time point", "USUBJID LBDTC", "One record per tube per time point"),
        ("AE", "One record per adverse event per subject", "USUBJID AETERM", "One record per adverse event per subject"),
        ("XX", "", "USUBJID XXTESTCD", "One record per USUBJID, XXTESTCD"),
    ],
)  # fmt: skip
def test_the_text_has_the_units_of_the_keys(name, text, keys, wanted):
    kind = "Events" if name == "AE" else "Findings About" if name == "FA" else "Findings"
    assert structure(DatasetMetadata(name, name, (), tuple(keys.split()), kind, text, domain=name)) == wanted
