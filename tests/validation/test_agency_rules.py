"""The rules of agencies for all datasets of a package: each has a case with a finding and one without."""

from __future__ import annotations

from typing import Any

import pytest
import raw2adam.sdtm.standard  # noqa: F401 - registers SDTM
from raw2adam.engine.tables.dataset import DatasetMetadata, VariableMetadata
from raw2adam.errors import UsageError
from raw2adam.findings.table import Findings
from raw2adam.transport.agency_profiles import FDA, NMPA, NONE, PMDA, agency_profile, size_text
from raw2adam.validation.agency_rules import PackageFacts, check_package


def dataset(name: str, *variables: VariableMetadata, label: str = "A dataset") -> DatasetMetadata:
    purpose = "Analysis" if name.startswith("AD") else "Tabulation"
    return DatasetMetadata(name, label, variables, purpose=purpose, keys=())


def text(name: str, label: str = "A variable", length: int = 1) -> VariableMetadata:
    return VariableMetadata(name, label, "text", length)


def number(name: str, label: str = "A variable") -> VariableMetadata:
    return VariableMetadata(name, label, "float", 8)


def found(*datasets: DatasetMetadata, profile: Any = FDA, **facts: Any) -> list[tuple[str, str, str, str]]:
    """(rule, dataset, variable, message) of every finding; the longest values fill their variables by default."""
    widths = {(d.name, v.name): v.length for d in datasets for v in d.variables if not v.is_numeric}
    findings = Findings()
    check_package(PackageFacts(datasets=datasets, **{"widths": widths, **facts}), profile, findings)
    table = findings.frame()
    columns = (table[n].tolist() for n in ("rule", "dataset", "variable", "message"))
    return [(r.removeprefix("R2A-XPT-"), d, v, m) for r, d, v, m in zip(*columns, strict=True)]


def test_a_sound_package_has_no_finding():
    ae = dataset("AE", text("STUDYID", "Study Identifier"), text("AETERM", "Reported Term for the Adverse Event", 12))
    assert found(ae, dataset("ADAE", text("AETERM", "Reported Term for the Adverse Event", 12))) == []


@pytest.mark.parametrize("profile", [FDA, PMDA, NMPA])
def test_reserved_names(profile):
    reported = found(dataset("AUX", text("_N_", "Number"), text("N")), profile=profile)
    assert [f[:3] for f in reported if f[0] == "001"] == [("001", "AUX", ""), ("001", "AUX", "_N_")]


def test_names_of_letters_and_digits_are_for_the_fda():
    odd = dataset("AD_X", text("A_B", "Label"))
    assert [f[:3] for f in found(odd)] == [("002", "AD_X", ""), ("002", "AD_X", "A_B")]
    assert found(odd, profile=PMDA) == []


@pytest.mark.parametrize(
    ("label", "message"),
    [
        ("", "there is no label"),
        ("Parkinson's Disease", "the label has the mark ' without its pair"),
        ('Term "as reported', 'the label has the mark " without its pair'),
        ("Size (mm", "the label has a bracket ( or ) without its pair"),
        ("Size [mm}", "the label has a bracket [ or ] without its pair"),
    ],
)
def test_labels_with_half_a_pair(label, message):
    odd = dataset("ADX", text("SIZE", label))
    assert found(odd) == [("003", "ADX", "SIZE", message)]
    assert [f[0] for f in found(odd, profile=PMDA)] == (["003"] if not label else [])
    assert found(dataset("ADX", text("SIZE", "Size (mm) of 'Target' {sum} [all]"))) == []
    assert found(dataset("ADX", text("A"), label=label)) == [("003", "ADX", "", message)]


def test_one_type_in_all_datasets():
    assert found(dataset("LB", number("VISITNUM")), dataset("ADLB", text("VISITNUM"))) == [
        ("004", "ADLB", "VISITNUM", "VISITNUM is character here and numeric in LB"),
    ]


def test_one_label_in_all_datasets():
    places = [
        dataset("ADAE", text("FL", "Flag")),
        dataset("ADQS", text("FL", "Mark")),
        dataset("ADRS", text("FL", "Mark")),
    ]
    assert found(*places) == [("005", "ADAE", "FL", "the label is 'Flag' here and 'Mark' in ADQS, ADRS")]
    copy = [
        dataset("QS", text("VISIT", "Visit")),
        dataset("ADQS", text("VISIT", "V")),
        dataset("ADRS", text("VISIT", "V")),
    ]
    assert [f[1] for f in found(*copy)] == ["ADQS", "ADRS"]  # SDTM decides


def test_labels_that_differ_in_sdtmig_itself():
    ie = dataset("IE", text("IETESTCD", "Inclusion/Exclusion Criterion Short Name"))
    ti = dataset("TI", text("IETESTCD", "Incl/Excl Criterion Short Name"))
    assert found(ie, ti) == []


def test_one_length_in_all_datasets_but_supp():
    assert found(dataset("CM", text("CMTRT", length=41)), dataset("ADCM", text("CMTRT", length=16))) == [
        ("006", "ADCM", "CMTRT", "the length is 16 here and 41 in CM"),
    ]
    assert found(dataset("SUPPAE", text("QNAM", length=4)), dataset("SUPPCM", text("QNAM", length=7))) == []


def test_lengths_of_the_longest_value():
    wide = [dataset("LB", text("LBTEST", length=40)), dataset("SUPPLB", text("QVAL", length=9))]
    widths = {("LB", "LBTEST"): 12, ("SUPPLB", "QVAL"): 8}
    assert found(*wide, widths=widths) == [
        ("007", "LB", "LBTEST", "the length is 40, and the longest value in the study has 12 bytes"),
        ("007", "SUPPLB", "QVAL", "the length is 9, and the longest value in the dataset has 8 bytes"),
    ]
    assert found(*wide, widths=widths, profile=PMDA) == []
    assert found(dataset("ADLB", text("LBTEST", length=40)), widths={}, lengths={"LBTEST": 40}) == []
    assert found(dataset("ADLB", text("EMPTY")), widths={}) == []  # an empty variable takes one byte


def test_the_order_of_sdtmig():
    swapped = [text(n) for n in ("STUDYID", "DOMAIN", "USUBJID", "AETERM", "AESEQ", "AEXTRA")]
    assert [f for f in found(dataset("AE", *swapped)) if f[0] == "008"] == [
        ("008", "AE", "AESEQ", "AESEQ comes after AETERM, and SDTMIG lists it before"),
    ]
    assert [f for f in found(dataset("ADAE", *swapped)) if f[0] == "008"] == []


def test_chinese_labels_and_no_profile():
    assert [f[0] for f in found(dataset("ADX", text("A")), profile=NMPA)] == ["011"]
    assert found(dataset("AUX", text("A_B", "")), profile=NONE) == []


@pytest.mark.parametrize(
    ("size", "limit"),
    [("", 5_000_000_000), ("4.5GB", 4_500_000_000), ("200 mb", 200_000_000), ("1500", 1500), ("2KB", 2000)],
)
def test_limits(size, limit):
    assert agency_profile("FDA", size).limit == limit
    assert [p.limit for p in (PMDA, NMPA, NONE)] == [10_000_000_000, 4_000_000_000, 0]


def test_limits_and_profiles_that_are_none():
    for size in ("0", "5 TB", "much", "-1", "1e9"):
        with pytest.raises(UsageError, match="expected a size such as 5GB"):
            agency_profile("fda", size)
    with pytest.raises(
        UsageError, match=r"--profile 'fdaa': expected one of fda, pmda, nmpa, none \(did you mean 'fda'"
    ):
        agency_profile("fdaa")
    assert [size_text(n) for n in (5_000_000_000, 1_234_567, 980)] == ["5 GB", "1.235 MB", "980 bytes"]
