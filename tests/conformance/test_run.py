"""A run of conformance rules: scope, causes and consequences, places of findings, mistakes in a file of rules."""

from __future__ import annotations

from pathlib import Path

import pytest
from raw2adam.conformance.consequences import in_order
from raw2adam.conformance.language.cases import package_of
from raw2adam.conformance.language.read import read_rules, shipped_rules
from raw2adam.conformance.language.rule import Case
from raw2adam.conformance.run import run_rules
from raw2adam.errors import SpecError
from raw2adam.findings.table import Findings

RULES = shipped_rules()


def _package(data: dict[str, dict[str, tuple[str, ...]]], *, complete: bool = False):
    return package_of(Case(data=data, complete=complete), "sdtm")


def test_a_rule_without_a_dataset_of_its_scope_is_not_applicable() -> None:
    runs = run_rules(_package({"AE": {"USUBJID": ("1",)}}), RULES, Findings())
    by_rule = {r.rule: r for r in runs}
    assert [r.rule for r in runs] == sorted(RULES)
    assert by_rule["R2A-DM-002"].status == "not applicable"
    assert by_rule["R2A-DM-002"].reason == "the package has no dataset of its scope"
    assert by_rule["R2A-DM-005"].reason == "DM is not in the package"


def test_a_finding_names_its_record_its_keys_and_its_value() -> None:
    data = {"DM": {"USUBJID": ("1", "2"), "DTHDTC": ("2024-05-01", ""), "DTHFL": ("", "")}}
    findings = Findings()
    run_rules(_package(data), {"R2A-DM-002": RULES["R2A-DM-002"]}, findings)
    (row,) = findings.frame().to_dict("records")
    assert (row["rule"], row["subject"], row["variable"]) == ("R2A-DM-002", "1", "DTHFL")
    assert (row["keys"], row["follows"]) == ("USUBJID=1", "")
    assert row["message"] == "DTHDTC is 2024-05-01, and DTHFL is empty"


def test_consequences_name_their_cause() -> None:
    data = {
        "DM": {
            "USUBJID": ("1",),
            "ARM": ("Screen Failure",),
            "ARMCD": ("SCRNFAIL",),
            "ACTARM": ("Screen Failure",),
            "ACTARMCD": ("SCRNFAIL",),
            "RFSTDTC": ("",),
            "ARMNRS": ("SCREEN FAILURE",),
        },
        "TA": {"ARMCD": ("A",), "ARM": ("Drug A",)},
    }
    findings = Findings()
    of_dm = {i: r for i, r in RULES.items() if i.startswith("R2A-DM-")}
    run_rules(_package(data), of_dm, findings)
    frame = findings.frame()
    (cause,) = frame.loc[frame["follows"] == "", "rule"]
    assert cause == "R2A-DM-023"
    assert set(frame.loc[frame["follows"] != "", "follows"]) == set(frame.loc[frame["rule"] == cause, "id"])


def test_of_findings_that_a_rule_reports_once_per_group_the_first_is_the_cause() -> None:
    data = {
        "ADSL": {"USUBJID": ("1", "2"), "AGE": ("50", "60")},
        "ADAE": {"USUBJID": ("1", "2"), "AETERM": ("a", "b"), "AGE": ("51", "60")},
        "ADVS": {"USUBJID": ("1", "1", "2"), "PARAMCD": ("A", "B", "A"), "AGE": ("51", "52", "61")},
    }
    findings = Findings()
    package = package_of(Case(data=data), "adam")
    run_rules(package, {"R2A-AD-017": RULES["R2A-AD-017"]}, findings)
    frame = findings.frame()
    causes = frame[frame["follows"] == ""]
    assert list(zip(causes["dataset"], causes["subject"], strict=True)) == [("ADAE", "1"), ("ADVS", "2")]
    assert set(frame.loc[frame["follows"] != "", "follows"]) == {causes["id"].iloc[0]}
    assert len(frame) == 4


def test_records_that_a_rule_groups_have_one_finding_with_their_number_and_the_first_of_them() -> None:
    visits = ("A", "B", "A", "A", "A", "")
    data = {"VS": {"USUBJID": ("1", "1", "2", "2", "3", "3"), "VSSEQ": ("1", "2", "1", "2", "1", "2"), "VISIT": visits}}
    findings = Findings()
    run_rules(package_of(Case(data=data), "sdtm"), {"R2A-TIME-037": RULES["R2A-TIME-037"]}, findings)
    frame = findings.frame()
    first = "USUBJID 1 VSSEQ 1, USUBJID 2 VSSEQ 1, USUBJID 2 VSSEQ 2, ..."
    assert frame["message"].tolist() == [
        f"VISIT is 'A' and VISITNUM is '' (4 records: {first})",
        "VISIT is 'B' and VISITNUM is ''",
    ]
    assert frame["keys"].tolist() == ["VISIT=A", "VISIT=B"] and frame["subject"].tolist() == ["1", "1"]


def test_a_build_judges_the_units_of_sdtm_that_it_only_reads() -> None:
    from raw2adam.engine.building.stored_partitions import Parts
    from raw2adam.engine.tables.existing import ExistingDataset
    from raw2adam.runs.check_conformance import check_conformance

    data = {
        "VS": {
            "USUBJID": tuple("112"),
            "VSSEQ": tuple("121"),
            "VSTESTCD": ("WEIGHT",) * 3,
            "VSSTRESU": ("kg", "kg", "LB"),
        }
    }
    read = package_of(Case(data=data), "sdtm").datasets
    findings = Findings()
    stored = Parts(None)
    stored.add({})
    check_conformance({}, stored, {"VS": ExistingDataset(read["VS"])}, findings)
    frame = findings.frame()
    assert list(zip(frame["rule"], frame["subject"], frame["message"], strict=True)) == [
        ("R2A-RSLT-008", "2", "VSSTRESU of WEIGHT is LB, and most results are in kg")
    ]


def test_a_value_that_a_codelist_lacks_has_one_finding_with_its_number() -> None:
    epochs = ("TREATMENT 1", "SCREENING", "TREATMENT 1", "TREATMENT 2", "TREATMENT 1", "TREATMENT 1")
    data = {"EX": {"USUBJID": ("1", "1", "1", "2", "2", "2"), "EXSEQ": tuple("123123"), "EPOCH": epochs}}
    findings = Findings()
    run_rules(package_of(Case(data=data), "sdtm"), {"R2A-CONF-005": RULES["R2A-CONF-005"]}, findings)
    frame = findings.frame()
    assert frame["value"].tolist() == ["TREATMENT 1", "TREATMENT 2"]
    assert frame["keys"].tolist() == ["EPOCH=TREATMENT 1", "EPOCH=TREATMENT 2"]
    first = "USUBJID 1 EXSEQ 1, USUBJID 1 EXSEQ 3, USUBJID 2 EXSEQ 2, ..."
    assert frame["message"].iloc[0].endswith(f"add it to the study's terms (4 records: {first})")


def test_a_variable_that_is_wrong_in_most_records_is_one_cause_with_the_number_of_records() -> None:
    subjects = tuple(f"{i:02}" for i in range(20))
    ages = tuple(str(40 + i) for i in range(20))
    wrong = tuple(str(41 + i) if i >= 8 else ages[i] for i in range(20))
    for shown, causes, of in ((wrong, 1, "(12 of 20 records)"), (wrong[:9] + ages[9:], 1, "")):
        data = {"DM": {"USUBJID": subjects, "AGE": ages}, "ADSL": {"USUBJID": subjects, "AGE": shown}}
        findings = Findings()
        run_rules(package_of(Case(data=data), "adam"), {"R2A-AD-205": RULES["R2A-AD-205"]}, findings)
        frame = findings.frame()
        assert len(frame) == sum(a != b for a, b in zip(ages, shown, strict=True))
        leading = frame[frame["follows"] == ""]
        assert len(leading) == causes and leading["message"].iloc[0].endswith(of)
        assert not frame.loc[frame["follows"] != "", "message"].str.contains("of 20 records").any()


def test_rules_that_follow_from_each_other_are_refused() -> None:
    rule = RULES["R2A-DM-023"]
    follows = RULES["R2A-DM-018"].follows
    with pytest.raises(ValueError, match="circle"):
        list(in_order({"R2A-DM-023": rule.model_copy(update={"follows": follows})}))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("finds: \"DTHFL == ''\"", "finds: \"DTHFL = ''\"", "is not part of the language"),
        ("condition: DTHFL", "condition: dthfl", "dthfl"),
        ("severity: error", "severity: fatal", "one of 'error', 'warning', 'note' is expected"),
        ("check: {condition", "check: {conditon", "none of the keys is a verb"),
        ("core: [CORE-000007]", "core: [CORE-7]", "CORE-7"),
        ("passes:", "passed:", "unknown key 'passed'"),
    ],
)
def test_a_mistake_in_a_file_of_rules_has_its_place(tmp_path: Path, old: str, new: str, message: str) -> None:
    text = """\
rules:
  R2A-XX-001:
    title: A date of death has no death flag
    severity: error
    published: {core: [CORE-000007]}
    scope: {standard: sdtm, domains: [DM]}
    check: {condition: DTHFL, when: "DTHDTC != ''", finds: "DTHFL == ''"}
    message: DTHFL is empty
    do: Set it.
    source: SDTMIG 3.4, 5.2
    passes: []
"""
    assert old in text
    file = tmp_path / "mine.yaml"
    file.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(SpecError) as error:
        read_rules([file])
    assert message in str(error.value)
    assert "mine.yaml:" in str(error.value)
