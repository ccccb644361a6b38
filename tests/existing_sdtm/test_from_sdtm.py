"""ADaM from existing SDTM: it is read, merged, refused and reported, with data in the test itself."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from kit.command import no_pages
from raw2adam.engine.columns import column as col
from raw2adam.engine.plan.plan import PlannedStudy
from raw2adam.engine.tables.dataset import Dataset, DatasetMetadata, VariableMetadata
from raw2adam.engine.tables.existing import ExistingFile
from raw2adam.errors import InputError, SpecError, UsageError
from raw2adam.existing_sdtm.condition_names import literals
from raw2adam.existing_sdtm.domains import existing_domains
from raw2adam.existing_sdtm.merge_supplemental import QualifierOutcome
from raw2adam.existing_sdtm.needs import Reader, needs_of
from raw2adam.findings.table import Findings
from raw2adam.mappings.loader import load_study
from raw2adam.output_folder.manifest import read_manifest, verify_manifest
from raw2adam.runs.from_raw import Options
from raw2adam.runs.from_sdtm import build_from_sdtm
from raw2adam.runs.plan_study import plan_study
from raw2adam.runs.read_existing import ExistingSdtm, read_existing
from raw2adam.trace.records import trace_records
from raw2adam.transport.dataset_files import read_dataset

STUDY = """\
study: {id: S1}
subject: {columns: [SUBJ], usubjid: "{STUDYID}-{SUBJ:02}"}
sources: {raw: {file: raw.csv}}
inputs:
  required: [EX]
  optional: [RS, CM]
"""
SPECS = {
    "sdtm/dm": """\
dataset: DM
rows: {source: raw}
variables:
  SEX: SEX
  COUNTRY: {value: DEU}
  ETHNIC: ETHNIC
supplemental:
  COHORT: {label: Cohort, from: COHORT}
  DOSES: {label: Planned Doses, from: DOSES, type: integer}
""",
    "sdtm/ex": """\
dataset: EX
rows: {source: raw}
variables:
  EXTRT: DRUG
  EXDOSE: DOSE
  EXSTDTC: {date: DAY}
""",
    "sdtm/rs": """\
dataset: RS
rows: {source: raw}
variables:
  RSTESTCD: {value: OVRLRESP}
  RSCAT: {value: IMWG}
  RSORRES: RESP
  RSSTRESC: {from: RESP, codelist: none}
  RSDTC: {date: DAY}
supplemental:
  PDTYPE: {label: Type of Progression, from: TYPE}
values:
  - {where: RSTESTCD == 'OVRLRESP', variable: RSSTRESC, codelist: ONCRSR}
""",
    "sdtm/cm": """\
dataset: CM
rows: {source: raw}
variables:
  CMTRT: DRUG
  CMCAT: CAT
  CMSTDTC: {date: DAY}
""",
    "adam/adsl": """\
dataset: ADSL
rows: {from: DM}
variables:
  SEX: SEX
  ETHNIC: ETHNIC
  TRTSDT: {first: EX.EXSTDTC, where: EXDOSE > 0, as: date}
  NACTDT: {first: CM.CMSTDTC, where: "CMCAT == 'SUBSEQUENT'", as: date, label: Date of New Therapy}
  COHORT: {from: DM.COHORT, label: Cohort}
  NDOSE: {from: DM.DOSES, type: float, label: Planned Doses}
""",
    "adam/adrs": """\
dataset: ADRS
rows: {from: RS, where: "RSTESTCD == 'OVRLRESP'"}
variables:
  PARAMCD: {value: OVR}
  PARAM: {value: Overall Response}
  AVALC: RSSTRESC
  ADT: {analysis_date: RSDTC}
  PDTYPE: {from: PDTYPE, label: Type of Progression}
keys: [STUDYID, USUBJID, PARAMCD, ADT]
""",
}

Table = Mapping[str, Sequence[str | float | None]]

DM: Table = {
    "STUDYID": ["S1", "S1", "S1"], "DOMAIN": ["DM"] * 3, "USUBJID": ["S1-01", "S1-02", "S1-03"],
    "SEX": ["F", "M", "F"], "ETHNIC": ["", "", "UNKNOWN"],
}  # fmt: skip
EX: Table = {
    "STUDYID": ["S1"] * 4, "USUBJID": ["S1-01", "S1-01", "S1-02", "S1-03"], "EXSEQ": [1.0, 2.0, 1.0, 1.0],
    "EXTRT": ["A"] * 4, "EXDOSE": [0.0, 10.0, 10.0, 10.0],
    "EXSTDTC": ["2020-01-01", "2020-01-08", "2020-02-01", "2020-03-01"],
}  # fmt: skip
RS: Table = {
    "STUDYID": ["S1"] * 4, "DOMAIN": ["RS"] * 4, "USUBJID": ["S1-01", "S1-01", "S1-02", "S1-02"],
    "RSSEQ": [1.0, 2.0, 1.0, 2.0], "RSTESTCD": ["OVRLRESP"] * 4, "RSSTRESC": ["PR", "PD", "VGPR", "PD"],
    "RSDTC": ["2020-03-01", "2020-04-01", "2020-04-01", "2020-05-01"],
}  # fmt: skip
CM: Table = {
    "STUDYID": ["S1"] * 3, "USUBJID": ["S1-01", "S1-01", "S1-02"], "CMSEQ": [1.0, 2.0, 1.0], "CMTRT": ["B", "C", "B"],
    "CMCAT": ["PRIOR", "SUBSEQUENT", "PRIOR"], "CMSTDTC": ["2019-01-01", "2020-06-01", "2018-01-01"],
}  # fmt: skip


def supp(domain: str, *records: tuple[str, str, str, str, str], **more: Sequence[str]) -> Table:
    """SUPP-- of (USUBJID, IDVAR, IDVARVAL, QNAM, QVAL)."""
    names = ("USUBJID", "IDVAR", "IDVARVAL", "QNAM", "QVAL")
    columns = {n: [r[i] for r in records] for i, n in enumerate(names)}
    return {"STUDYID": ["S1"] * len(records), "RDOMAIN": [domain] * len(records), **columns, **more}


SUPPDM = supp("DM", ("S1-01", "", "", "COHORT", "A"), ("S1-02", "", "", "DOSES", "12"))
SUPPRS = supp("RS", ("S1-02", "RSSEQ", "2", "PDTYPE", "IMAGING"), ("S1-01", "RSSEQ", "       2", "PDTYPE", "CLINICAL"))
ALL = {"dm": DM, "ex": EX, "rs": RS, "cm": CM, "suppdm": SUPPDM, "supprs": SUPPRS}


def frame(table: Table) -> pd.DataFrame:
    """Numbers as float, text as text; a column of None as text without values."""
    return pd.DataFrame(
        {
            n: pd.Series(list(v), dtype="float64" if any(isinstance(x, float) for x in v) else "object")
            for n, v in table.items()
        }
    )


def write(folder: Path, tables: Mapping[str, Table]) -> Path:
    """The existing datasets as Parquet files."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in tables.items():
        frame(table).to_parquet(folder / f"{name}.parquet", index=False)
    return folder


@pytest.fixture
def study(tmp_path: Path) -> Path:
    return write_study(tmp_path / "study")


def write_study(root: Path) -> Path:
    for name, text in SPECS.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / f"{name}.yaml").write_text(text, "utf-8")
    (root / "study.yaml").write_text(STUDY, "utf-8")
    return root


#: texts of the specs -> their plan: most tests have the same specs
PLANS: dict[tuple[str, ...], PlannedStudy] = {}


@pytest.fixture
def delivery(study: Path, tmp_path: Path):
    """``delivery(tables)``: the checked tables of a delivery, and its findings as (rule, dataset, subject, value)."""

    def read(tables: Mapping[str, Table], cutoff: dt.date | None = None) -> tuple[ExistingSdtm, list[tuple[str, ...]]]:
        specs = tuple(p.read_text("utf-8") for p in sorted(study.rglob("*.yaml")))
        plan = PLANS[specs] if specs in PLANS else PLANS.setdefault(specs, plan_study(load_study(study))[0])
        findings = Findings()
        plan = plan if cutoff is None else plan.with_cutoff(cutoff)
        read_in = read_existing(plan, write(tmp_path / "sdtm", tables), findings)
        reported = findings.frame()
        return read_in, list(
            zip(reported["rule"], reported["dataset"], reported["subject"], reported["value"], strict=True)
        )

    return read


@pytest.fixture
def built(study: Path, tmp_path: Path):
    """``built(tables)`` builds ADaM from a delivery, without pages for people; gives OUT."""

    def run(tables: Mapping[str, Table] = ALL, name: str = "out", **options: object) -> Path:
        with no_pages():
            return build_adam(study, write(tmp_path / f"{name}-sdtm", tables), tmp_path / name, **options)

    return run


def build_adam(study: Path, sdtm: Path, out: Path, **options: object) -> Path:
    declared = dt.date(2026, 1, 31)
    build_from_sdtm(str(study), sdtm, out, Options(only="adam", as_of=declared, quality=False, **options))  # pyright: ignore[reportArgumentType]
    return out


def trace_of(out: Path, dataset: str, where: str, variable: str, folder: Path | None = None) -> dict[str, object]:
    """The only cell to which a value of the only record leads."""
    (record,) = trace_records(out, dataset, where, 1, folder)
    (cell,) = next(v for v in record["values"] if v["variable"] == variable)["cells"]
    return cell


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """OUT of the delivery as it is. Nobody changes it."""
    folder = tmp_path_factory.mktemp("plain")
    return build_adam(write_study(folder / "study"), write(folder / "out-sdtm", ALL), folder / "out")


def values(delivery: ExistingSdtm, domain: str, variable: str) -> list[object]:
    return delivery.tables[domain].dataset.frame[variable].tolist()


def adam(out: Path, dataset: str, *names: str) -> list[tuple[object, ...]]:
    """Variables of a dataset that was built, record by record; a missing number is None."""
    built_dataset = read_dataset(out / "adam" / f"{dataset.lower()}.xpt").frame
    return [
        tuple(None if isinstance(x, float) and x != x else x for x in record)
        for record in zip(*(built_dataset[n].tolist() for n in names), strict=True)
    ]


def found(out: Path) -> list[dict[str, str]]:
    return json.loads((out / "reports" / "findings.json").read_text())["findings"]


# what is built


def test_adam_of_a_small_delivery(plain):
    out = plain
    assert adam(out, "ADSL", "USUBJID", "SEX", "TRTSDT", "NACTDT", "COHORT", "NDOSE") == [
        ("S1-01", "F", 21922.0, 22067.0, "A", None),  # 2020-01-08, the first dose above 0; 2020-06-01
        ("S1-02", "M", 21946.0, None, "", 12.0),
        ("S1-03", "F", 21975.0, None, "", None),
    ]
    assert adam(out, "ADRS", "USUBJID", "ASEQ", "AVALC", "ADT", "PDTYPE") == [
        ("S1-01", 1.0, "PR", 21975.0, ""),
        ("S1-01", 2.0, "PD", 22006.0, "CLINICAL"),
        ("S1-02", 1.0, "VGPR", 22006.0, ""),
        ("S1-02", 2.0, "PD", 22036.0, "IMAGING"),
    ]
    assert not (out / "sdtm").exists()
    assert found(out) == []
    assert verify_manifest(out) == []


def test_manifest_and_accounts_name_every_file_and_record(built):
    stray = {**RS, "USUBJID": ["S1-01", "S1-01", "S1-02", "S1-99"]}
    out = built({**ALL, "rs": stray, "vs": {"USUBJID": ["S1-01"], "VSSEQ": [1.0]}})
    inputs = read_manifest(out).inputs
    assert sorted(inputs) == [f"sdtm/{n}.parquet" for n in ("cm", "dm", "ex", "rs", "suppdm", "supprs", "vs")]
    account = json.loads((out / "reports" / "accounting.json").read_text())
    by_name = {d["dataset"]: d for d in account["given"]}
    assert by_name["RS"]["sha256"] == [inputs["sdtm/rs.parquet"].sha256]
    counts = ("records", "feed", "feed_nothing", "used_by")
    assert [by_name["RS"][k] for k in counts] == [4, 3, 1, {"ADRS": 3}]
    assert [by_name["CM"][k] for k in counts] == [3, 3, 0, {"ADSL": 1}]
    assert (by_name["VS"]["read"], by_name["VS"]["records"]) == (False, 1)
    assert by_name["SUPPRS"]["outcomes"] == {"merged": 1, "no parent record": 1}
    assert [c["read_by"] for c in by_name["RS"]["columns"] if c["column"] == "RSDTC"] == [["ADRS.ADT"]]


@pytest.mark.parametrize("partitions", [3])
def test_partitions_give_the_same_bytes(built, partitions):
    tables = {**ALL, "rs": {**RS, "RSSTRESC": ["PR", "pd", "VGPR", "PD"]}}
    one, more = built(tables, "one"), built(tables, "more", partitions=partitions)
    for name in ("adam/adsl.xpt", "adam/adrs.xpt", "adam/define.xml", "reports/findings.json",
                 "reports/accounting.json", "lineage/ADRS.parquet", "lineage/rules.json"):  # fmt: skip
        assert (one / name).read_bytes() == (more / name).read_bytes(), name


def test_conditions_and_empty_variables_are_reported_as_in_a_build_from_raw_data(built, study):
    adsl = SPECS["adam/adsl"] + (
        "  ONE: {first: CM.CMSTDTC, where: \"CMCAT == 'SUBSEQENT'\", label: A Slip}\n"
        "  TWO: {first: CM.CMSTDTC, where: \"CMCAT == 'RADIATION'\", label: Not in This Delivery}\n"
        "  THREE: {value: Z, when: \"ETHNIC == 'UNKNOWN' and SEX == 'M'\", label: No Record}\n"
        "  FOUR: {first: CM.CMDOSFRQ, label: An Empty Column}\n"
    )
    adtte = (
        "dataset: ADTTE\nkeys: [STUDYID, USUBJID, PARAMCD]\nparameters:\n  TTNT:\n    PARAM: Time to Next Therapy (days)\n"
        "    population: not missing(TRTSDT)\n    start: ADSL.TRTSDT\n"
        "    events: [{from: ADSL, date: NACTDT, EVNTDESC: NEW THERAPY}]\n"
        "    censor: [{from: ADSL, date: TRTSDT, CNSR: 1, EVNTDESC: NO FOLLOW-UP, CNSDTDSC: FIRST DOSE}]\n"
    )
    (study / "adam/adtte.yaml").write_text(adtte, "utf-8")
    (study / "adam/adsl.yaml").write_text(adsl, "utf-8")
    (study / "sdtm/cm.yaml").write_text(SPECS["sdtm/cm"] + "  CMDOSFRQ: FREQ\n", "utf-8")
    reported = [
        f for f in found(built({**ALL, "cm": {**CM, "CMDOSFRQ": [""] * 3}})) if f["rule"].startswith("R2A-SPEC")
    ]
    assert [(f["rule"], f["severity"], f["dataset"], f["variable"], f["value"]) for f in reported] == [
        ("R2A-SPEC-001", "warning", "ADSL", "ONE", "SUBSEQENT"),
        ("R2A-SPEC-002", "warning", "ADSL", "ONE", ""),
        ("R2A-SPEC-002", "warning", "ADSL", "TWO", ""),
        ("R2A-SPEC-002", "note", "ADSL", "FOUR", ""),
        ("R2A-SPEC-002", "note", "ADSL", "THREE", ""),
        ("R2A-SPEC-002", "note", "ADTTE", "SRCSEQ", ""),  # ADSL has one record of a subject
    ]
    assert "adsl.yaml:10:" in reported[0]["message"] and "SUBSEQUENT" in reported[0]["message"]
    assert reported[3]["message"].startswith(
        "empty in all 3 records although it has a rule; so is all that its rule reads"
    )


def test_the_order_of_records_does_not_matter(built, plain):
    turned = {name: {n: list(v)[::-1] for n, v in table.items()} for name, table in ALL.items()}
    one, other = plain, built(turned, "turned")
    for name in ("adsl", "adrs"):
        assert (one / "adam" / f"{name}.xpt").read_bytes() == (other / "adam" / f"{name}.xpt").read_bytes()


def test_a_value_traces_to_the_given_file(plain):
    out = plain
    value = {v["variable"]: v for v in trace_records(out, "ADRS", "AVALC == 'PD'", 1)[0]["values"]}
    (cell,) = value["ADT"]["cells"]
    assert cell == {"source": "RS", "file": "rs.parquet", "row": 2, "column": "RSDTC", "cell": "2020-04-01"}
    (cell,) = value["PDTYPE"]["cells"]  # the second record of SUPPRS belongs to the second of RS
    assert (cell["file"], cell["row"], cell["column"], cell["cell"]) == (
        "supprs.parquet", 2, "QVAL of PDTYPE", "CLINICAL",
    )  # fmt: skip
    adsl = {v["variable"]: v for v in trace_records(out, "ADSL", "USUBJID == 'S1-01'", 1)[0]["values"]}
    assert [(c["row"], c["outcome"]) for c in adsl["NACTDT"]["candidates"]] == [
        (2, "chosen"),
        (1, "CMCAT == 'SUBSEQUENT' does not hold"),
    ]


def test_a_trace_without_a_copy_reads_the_files_again(built, tmp_path):
    rs = {**RS, "RSDTC": ["2020-03-01", "2020-04", "2020-04-01", "2020-05-01"]}
    out = built({**ALL, "rs": rs}, raw_copy=False)
    assert not (out / "lineage" / "given").exists()
    # findings of ADaM name the existing record
    (reported,) = [f for f in found(out) if f["rule"] == "R2A-ADAM-001"]
    assert reported["source"] == {"source": "RS", "file": "rs.parquet", "row": 2, "column": "RSDTC"}

    def cell(folder: Path | None) -> dict[str, object]:
        return trace_of(out, "ADRS", "AVALC == 'VGPR'", "ADT", folder)

    assert cell(None) == {"source": "RS", "file": "rs.parquet", "row": 3, "column": "RSDTC"}
    folder = tmp_path / "out-sdtm"
    assert cell(folder)["cell"] == "2020-04-01"
    write(folder, {"rs": {**rs, "RSSTRESC": ["PR", "PD", "VGPR", "SD"]}})
    with pytest.raises(InputError, match=r"rs\.parquet: has changed since the build"):
        cell(folder)


# SUPP--


def merged(*supplemental: Table, parent: Table = RS) -> tuple[list[object], list[str], Findings]:
    """PDTYPE of each RS record and what became of each supplemental record."""
    findings, files = Findings(), []
    for number, table in enumerate([parent, *supplemental]):
        data = frame(table).fillna("") if number else frame(table)
        columns = {n: data[n] if data[n].dtype.kind == "f" else col.text_column(data[n].to_numpy()) for n in data}
        variables = tuple(
            VariableMetadata(str(n), "", "float" if c.dtype == "float64" else "text") for n, c in columns.items()
        )
        name = f"SUPPRS{number}" if number else "RS"
        dataset = Dataset(DatasetMetadata(name, "", variables, ()), pd.DataFrame(columns))
        files.append((ExistingFile(f"{name}.xpt", "0" * 64, 1, name, len(dataset)), dataset))
    out = existing_domains(files, findings)
    rs = out.domains["RS"].dataset.frame
    pdtype = rs["PDTYPE"].tolist() if "PDTYPE" in rs else []
    return pdtype, [QualifierOutcome(x).label for x in out.outcome], findings


def test_split_supplemental_datasets_are_one():
    one = supp("RS", ("S1-01", "RSSEQ", "1", "PDTYPE", "A"))
    two = supp("RS", ("S1-02", "RSSEQ", "1.0", "PDTYPE", "B"))
    assert merged(one, two)[:2] == (["A", "", "B", ""], ["merged", "merged"])


def test_idvar_blank_is_every_record_of_the_subject():
    assert merged(supp("RS", ("S1-02", "", "", "PDTYPE", "X")))[:2] == (["", "", "X", "X"], ["merged"])


def test_idvar_of_several_records_and_of_text():
    parent = {**RS, "RSGRPID": ["g1", "g1", "g1", "g2"]}
    table = supp("RS", ("S1-01", "RSGRPID", "g1", "PDTYPE", "X"), ("S1-02", "RSGRPID", " g2 ", "PDTYPE", "Y"))
    assert merged(table, parent=parent)[:2] == (["X", "X", "", "Y"], ["merged", "merged"])


@pytest.mark.parametrize(
    ("records", "values", "outcomes", "rules"),
    [
        ([("S1-01", "RSSEQ", "9", "PDTYPE", "X")], ["", "", "", ""], ["no parent record"], ["R2A-GIVEN-003"]),
        ([("S1-9", "RSSEQ", "1", "PDTYPE", "X")], ["", "", "", ""], ["no parent record"], ["R2A-GIVEN-003"]),
        ([("S1-01", "RSSEQ", "", "PDTYPE", "X")], ["", "", "", ""], ["no parent record"], ["R2A-GIVEN-003"]),
        ([("S1-01", "RSSEQ", "one", "PDTYPE", "X")], ["", "", "", ""], ["no parent record"], ["R2A-GIVEN-003"]),
        ([("", "RSSEQ", "1", "PDTYPE", "X")], ["", "", "", ""], ["no parent record"], ["R2A-GIVEN-003"]),
        (
            [("S1-01", "RSSEQ", "1", "PDTYPE", "X"), ("S1-01", "RSSEQ", "1", "PDTYPE", "Y")],
            ["", "", "", ""],
            ["another value of the qualifier for the same record"] * 2,
            ["R2A-GIVEN-004"] * 2,
        ),
        (  # by subject and by sequence number
            [("S1-01", "", "", "PDTYPE", "X"), ("S1-01", "RSSEQ", "1", "PDTYPE", "Y")],
            ["", "X", "", ""],
            ["another value of the qualifier for the same record"] * 2,
            ["R2A-GIVEN-004"] * 2,
        ),
        (
            [("S1-01", "RSSEQ", "1", "PDTYPE", "X"), ("S1-01", "RSSEQ", "1", "PDTYPE", "X")],
            ["X", "", "", ""],
            ["merged", "the same value again"],
            ["R2A-GIVEN-009"],
        ),
        (
            [("S1-01", "rsseq", "1", "PDTYPE", "X")],
            [],
            ["IDVAR is no variable of the domain"],
            ["R2A-GIVEN-005"],
        ),
        ([("S1-01", "RSSEQ", "1", "pdtype", "X")], [], ["QNAM is no variable name"], ["R2A-GIVEN-008"]),
        ([("S1-01", "RSSEQ", "1", "", "X")], [], ["QNAM is no variable name"], ["R2A-GIVEN-008"]),
        ([("S1-01", "RSSEQ", "1", "../PDTYPE", "X")], [], ["QNAM is no variable name"], ["R2A-GIVEN-008"]),
        ([("S1-01", "RSSEQ", "1", "PDTYPE", "")], [], ["no value"], []),
        (
            [("S1-01", "RSSEQ", "1", "RSDTC", "2021")],
            [],
            ["the domain has a variable of that name"],
            ["R2A-GIVEN-006"],
        ),
    ],
)
def test_supplemental_records_that_cannot_be_merged(records, values, outcomes, rules):
    got, became, findings = merged(supp("RS", *records))
    reported = findings.frame()
    assert (got or [""] * 4, became, reported["rule"].tolist()) == (values or [""] * 4, outcomes, rules)


def test_the_variable_counts_where_a_qualifier_has_its_name():
    out = existing_domains([], Findings())
    assert (out.domains, out.supplemental) == ({}, None)
    parent = {**RS, "PDTYPE": ["local"] * 4}
    values_, became, _ = merged(supp("RS", ("S1-01", "RSSEQ", "1", "PDTYPE", "X")), parent=parent)
    assert (values_, became) == (["local"] * 4, ["the domain has a variable of that name"])


def test_records_of_a_domain_that_is_not_in_the_folder():
    _, became, findings = merged(supp("AE", ("S1-01", "AESEQ", "1", "AEX", "X")))
    assert became == ["its domain is not in the folder"]
    assert findings.frame()["rule"].tolist() == ["R2A-GIVEN-007"]


def test_parts_of_a_text_stay_parts():
    table = supp("RS", ("S1-01", "RSSEQ", "1", "PDTYPE", "a"), ("S1-01", "RSSEQ", "1", "PDTYPE1", "b"))
    assert merged(table)[:2] == (["a", "", "", ""], ["merged", "merged"])


def test_suppqual_of_several_domains(delivery):
    both = {n: [*SUPPDM[n], *SUPPRS[n]] for n in SUPPDM}
    tables = {n: t for n, t in ALL.items() if not n.startswith("supp")}
    read, reported = delivery({**tables, "suppqual": both})
    assert values(read, "RS", "PDTYPE") == ["", "CLINICAL", "", "IMAGING"]
    assert values(read, "DM", "COHORT") == ["A", "", ""]
    assert reported == []


def test_supplemental_without_its_keys_is_refused(delivery):
    with pytest.raises(InputError, match=r"supprs\.parquet: SUPPRS has no IDVAR, QNAM"):
        delivery({**ALL, "supprs": {n: v for n, v in SUPPRS.items() if n not in ("IDVAR", "QNAM")}})


def test_a_numeric_qualifier_that_is_no_number(delivery):
    read, reported = delivery(
        {**ALL, "suppdm": supp("DM", ("S1-01", "", "", "DOSES", "12"), ("S1-02", "", "", "DOSES", "x"))}
    )
    assert np.array_equal(values(read, "DM", "DOSES"), [12.0, np.nan, np.nan], equal_nan=True)
    assert [t for t in reported if t[0] != "R2A-GIVEN-002"] == [("R2A-GIVEN-016", "DM", "S1-02", "x")]


# what is absent


def test_an_absent_optional_domain_says_what_it_would_have_fed(built):
    out = built({n: ALL[n] for n in ("dm", "ex", "suppdm")})
    reported = {f["dataset"]: f for f in found(out) if f["rule"] == "R2A-GIVEN-001"}
    assert reported["CM"]["message"].endswith("these read it and are missing: ADSL.NACTDT")
    assert reported["RS"]["message"].partition("missing: ")[2].split(", ") == [
        "ADRS (records)", "ADRS.STUDYID", "ADRS.USUBJID", "ADRS.ADT", "ADRS.AVALC", "ADRS.PDTYPE",
    ]  # fmt: skip
    assert adam(out, "ADSL", "USUBJID", "TRTSDT", "NACTDT") == [
        ("S1-01", 21922.0, None), ("S1-02", 21946.0, None), ("S1-03", 21975.0, None),
    ]  # fmt: skip
    assert not (out / "adam" / "adrs.xpt").exists()  # no records: agencies refuse an empty file
    (record,) = trace_records(out, "ADSL", "USUBJID == 'S1-01'", 1)
    assert next(v for v in record["values"] if v["variable"] == "NACTDT")["cells"][0]["note"].startswith("CM is not")


def test_an_absent_optional_variable_and_qualifier(delivery):
    dm = {n: v for n, v in DM.items() if n != "ETHNIC"}
    read, reported = delivery({**{n: t for n, t in ALL.items() if n != "supprs"}, "dm": dm})
    assert values(read, "DM", "ETHNIC") == ["", "", ""]
    assert reported == [("R2A-GIVEN-002", "DM", "", ""), ("R2A-GIVEN-002", "RS", "", "")]


def test_all_that_is_required_and_absent_is_named_at_once(delivery):
    rs = {n: v for n, v in RS.items() if n not in ("RSDTC", "USUBJID")}
    with pytest.raises(InputError) as error:
        delivery({"dm": {n: v for n, v in DM.items() if n != "SEX"}, "rs": rs})
    assert str(error.value).splitlines()[:-1] == [
        "dm.parquet: DM has no SEX, and ADSL needs it",
        "EX: the folder has no dataset of this name, and ADSL needs it",
        "rs.parquet: RS has no USUBJID, and ADRS needs it",
        "rs.parquet: RS has no RSDTC, and ADRS needs it",
    ]


@pytest.mark.parametrize(
    ("tables", "reported"),
    [
        ({n: t for n, t in ALL.items() if n != "dm"}, "DM: the folder has no dataset of this name"),
        ({**ALL, "dm": {n: v for n, v in DM.items() if n != "USUBJID"}}, "dm.parquet: DM has no USUBJID"),
        ({**ALL, "dm": {**DM, "USUBJID": ["S1-01", "S1-02", "S1-02"]}}, "DM has several records of S1-02"),
        ({**ALL, "dm": {**DM, "USUBJID": ["", "", ""]}}, "so there are no subjects"),
    ],
)
def test_a_demography_that_cannot_be_used(delivery, tables, reported):
    with pytest.raises(InputError, match=reported):
        delivery(tables)


def test_inputs_name_what_the_study_has(study):
    text = STUDY.replace("[EX]", "[EXX, CM.CMDTX, RS]").replace("[RS, CM]", "[RS, DM]")
    (study / "study.yaml").write_text(text, "utf-8")
    with pytest.raises(SpecError) as error:
        plan_study(load_study(study))
    assert [(p.place.line, p.message) for p in error.value.problems if p.severity == "error"] == [
        (5, "the study has no SDTM dataset 'EXX'"),
        (5, "CM has no variable or qualifier 'CMDTX'"),
        (6, "RS is required as well"),
        (6, "DM cannot be absent: it identifies the subjects"),
    ]


def test_required_overrides_what_sdtmig_permits(study, delivery):
    (study / "study.yaml").write_text(STUDY.replace("[EX]", "[EX, DM.ETHNIC]"), "utf-8")
    with pytest.raises(InputError, match="DM has no ETHNIC, and ADSL needs it"):
        delivery({**ALL, "dm": {n: v for n, v in DM.items() if n != "ETHNIC"}})


# values


def test_a_variable_of_another_type_is_named(delivery):
    ex = {**EX, "EXDOSE": ["0", "10", "10", "10"], "EXSTDTC": [1.0, 2.0, 3.0, 4.0]}
    with pytest.raises(InputError) as error:
        delivery({**ALL, "ex": ex})
    assert str(error.value).splitlines() == [
        "ex.parquet: EX.EXDOSE is text, and the study's specs plan a number",
        "ex.parquet: EX.EXSTDTC is a number, and the study's specs plan text",
    ]


def test_a_variable_without_values_has_no_type(delivery):
    read, reported = delivery({**ALL, "ex": {**EX, "EXDOSE": [""] * 4}})
    assert np.isnan(values(read, "EX", "EXDOSE")).all()
    assert reported == []


def test_a_wrong_type_that_no_rule_reads_is_reported(delivery):
    assert delivery({**ALL, "ex": {**EX, "EXTRT": [1.0, 1.0, 1.0, 1.0]}})[1] == [("R2A-GIVEN-017", "EX", "", "")]


def test_terms_in_the_wrong_case_stay_and_are_reported(delivery):
    rs = {**RS, "RSSTRESC": ["pr", "PD", " VGPR", "better"]}
    cm = {**CM, "CMCAT": ["prior", "Subsequent", "PRIOR"]}
    read, reported = delivery({**ALL, "rs": rs, "cm": cm, "dm": {**DM, "SEX": ["f", "M", "F"]}})
    assert values(read, "RS", "RSSTRESC") == ["pr", "PD", " VGPR", "better"]
    assert reported == [
        ("R2A-GIVEN-014", "CM", "S1-01", "Subsequent"),  # a condition names SUBSEQUENT, and none PRIOR
        ("R2A-GIVEN-014", "DM", "S1-01", "f"),
        ("R2A-GIVEN-014", "RS", "S1-01", "pr"),
        ("R2A-GIVEN-014", "RS", "S1-02", " VGPR"),
    ]


def test_subjects_that_are_not_in_dm_feed_nothing(built):
    rs = {**RS, "USUBJID": ["S1-01", "s1-01", " S1-02", ""]}
    ex = {**EX, "USUBJID": ["S1-01", "S1-01 ", "S1-02", "S1-77"]}
    out = built({**ALL, "rs": rs, "ex": ex, "supprs": supp("RS")})
    reported = [(f["rule"], f["dataset"], f["subject"]) for f in found(out) if f["severity"] == "error"]
    assert reported == [
        ("R2A-GIVEN-010", "RS", "s1-01"),
        ("R2A-GIVEN-010", "RS", " S1-02"),
        ("R2A-GIVEN-011", "EX", "S1-77"),
        ("R2A-GIVEN-012", "RS", ""),
    ]
    assert adam(out, "ADRS", "USUBJID", "AVALC") == [("S1-01", "PR")]
    assert adam(out, "ADSL", "USUBJID", "TRTSDT") == [("S1-01", 21922.0), ("S1-02", 21946.0), ("S1-03", None)]


def test_two_subjects_of_dm_that_look_alike(delivery):
    _, reported = delivery(
        {**ALL, "dm": {**DM, "USUBJID": ["S1-01", "S1-02", "s1-02"]}, "ex": {**EX, "USUBJID": ["S1-01"] * 4}}
    )
    assert reported == [("R2A-GIVEN-018", "DM", "s1-02", "s1-02")]


def test_another_study_is_reported(delivery):
    _, reported = delivery({**ALL, "rs": {**RS, "STUDYID": ["S1", "S1", "S2", "S2"]}})
    assert reported == [("R2A-GIVEN-013", "RS", "", "S2")]


def test_dates_after_the_cutoff_stay_and_are_reported(delivery):
    read, reported = delivery(ALL, dt.date(2020, 4, 1))
    assert len(read.tables["RS"].dataset) == 4
    assert reported == [("R2A-GIVEN-015", "CM", "", "2020-06-01"), ("R2A-GIVEN-015", "RS", "", "2020-05-01")]


# files and the command


def test_folders_and_files_that_cannot_be_read(built, study, tmp_path):
    for folder, reported in ((tmp_path / "none", "no such folder"), (study, "no dataset in it")):
        with pytest.raises(InputError, match=reported):
            build_from_sdtm(str(study), folder, tmp_path / "out")
    sdtm = write(tmp_path / "sdtm", ALL)
    document = {"datasetJSONVersion": "1.1.0", "name": "RS", "columns": [], "rows": []}
    (sdtm / "rs.json").write_text(json.dumps(document), "utf-8")
    with pytest.raises(InputError, match="both contain RS"):
        build_from_sdtm(str(study), sdtm, tmp_path / "out")
    (sdtm / "rs.json").unlink()
    for name in ("rs", "cm"):
        path = sdtm / f"{name}.parquet"
        path.write_bytes(path.read_bytes()[:-50])
    with pytest.raises(InputError) as error:
        build_from_sdtm(str(study), sdtm, tmp_path / "out")
    assert [line.partition(":")[0].rpartition("/")[2] for line in str(error.value).splitlines()] == [
        "cm.parquet",
        "rs.parquet",
    ]
    assert not (tmp_path / "out").exists()


def test_formats_may_be_mixed_and_split_domains_are_put_together(plain, study, tmp_path):
    half = {"rsa": slice(0, 2), "rsb": slice(2, 4)}
    parts = {name: {n: list(v)[s] for n, v in RS.items()} for name, s in half.items()}
    sdtm = write(tmp_path / "sdtm", {**{n: t for n, t in ALL.items() if n not in ("cm", "rs")}, **parts})
    kinds = {n: "double" if n == "CMSEQ" else "string" for n in CM}
    columns = [{"itemOID": f"IT.CM.{n}", "name": n, "label": n, "dataType": kind} for n, kind in kinds.items()]
    rows = [list(record) for record in zip(*CM.values(), strict=True)]
    document = {
        "datasetJSONVersion": "1.1.0",
        "name": "CM",
        "label": "",
        "records": 3,
        "columns": columns,
        "rows": rows,
    }
    (sdtm / "whatever.json").write_text(json.dumps(document), "utf-8")
    with no_pages():
        out = build_adam(study, sdtm, tmp_path / "mixed")
    for name in ("adsl", "adrs"):
        assert (out / "adam" / f"{name}.xpt").read_bytes() == (plain / "adam" / f"{name}.xpt").read_bytes()
    assert "sdtm/whatever.json" in read_manifest(out).inputs
    assert adam(out, "ADRS", "AVALC") == [("PR",), ("PD",), ("VGPR",), ("PD",)]
    cell = trace_of(out, "ADRS", "AVALC == 'VGPR'", "AVALC")
    assert (cell["file"], cell["row"]) == ("rsb.parquet", 1)


def test_a_truncated_transport_file(plain, study, tmp_path):
    data = (plain / "adam" / "adsl.xpt").read_bytes()
    sdtm = write(tmp_path / "sdtm", ALL)
    (sdtm / "vs.xpt").write_bytes(data[:-50])  # of a dataset that no rule reads: every file is read to its end
    with pytest.raises(InputError, match=r"vs\.xpt"):
        build_from_sdtm(str(study), sdtm, tmp_path / "cut")


def test_names_that_could_lead_elsewhere(delivery):
    read, _ = delivery({**ALL, "zz..x": {"USUBJID": ["S1-01"]}, "<b>": {"USUBJID": ["S1-01"]}})
    assert {"ZZ..X", "<B>"} <= set(read.whole.domains)
    with pytest.raises(InputError, match="backslash or control character"):
        delivery({**ALL, "a\\x": {"USUBJID": ["S1-01"]}})


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["--sdtm", "x"],
        ["--sdtm", "x", "--only", "sdtm"],
        ["--sdtm", "x", "--raw", "y"],
        ["--sdtm", "x", "--only", "adam", "--corrections", "y"],
    ],
)
def test_a_build_says_what_it_starts_from(words, tmp_path):
    import typer
    from raw2adam.cli import app

    command = typer.main.get_command(app)
    with pytest.raises(UsageError) as error:
        command.main(["build", "obs16577", "--out", str(tmp_path / "o"), *words], standalone_mode=False)
    assert error.value.exit_code == 2


def test_the_command_builds_verifies_and_traces(study, tmp_path, capsys):
    import typer
    from raw2adam.cli import app

    command = typer.main.get_command(app)
    sdtm, out = write(tmp_path / "sdtm", {n: ALL[n] for n in ("dm", "ex", "suppdm")}), tmp_path / "out"

    def run(*words: object) -> tuple[object, str]:
        code = command.main([str(w) for w in words], standalone_mode=False)
        return code or 0, capsys.readouterr().out

    code, reported = run("build", study, "--only", "adam", "--sdtm", sdtm, "--out", out, "--as-of", "2026-01-31")
    assert code == 0  # warnings on absent domains are none at or above --fail-on
    assert "EX (ex.parquet): 4 records for ADSL" in reported
    assert "SUPPDM (suppdm.parquet): 2 records = 2 merged" in reported
    assert run("verify", out)[0] == 0
    code, reported = run("trace", out, "ADSL", "--where", "USUBJID == 'S1-01'")
    assert (code, "<- suppdm.parquet row 1 QVAL of COHORT = 'A'" in reported) == (0, True)


# what ADaM reads


def test_what_adam_reads_is_what_a_build_asks_for(study):
    needs = needs_of(plan_study(load_study(study))[0])
    assert list(needs.tables) == ["CM", "DM", "EX", "RS"]
    assert list(needs.columns["CM", "CMCAT"]) == [Reader("ADSL", "NACTDT")]
    assert list(needs.columns["RS", "RSTESTCD"]) == [Reader("ADRS")]
    assert list(needs.columns["DM", "COHORT"]) == [Reader("ADSL", "COHORT")]
    assert ("EX", "EXTRT") not in needs.columns
    assert {k: list(v) for k, v in needs.named.items()} == {
        ("CM", "CMCAT"): ["SUBSEQUENT"],
        ("RS", "RSTESTCD"): ["OVRLRESP"],
    }
    assert [needs.required(*k) for k in (("CM",), ("EX",), ("DM", "SEX"), ("DM", "ETHNIC"), ("RS", "PDTYPE"))] == [
        False, True, True, False, False,
    ]  # fmt: skip


def test_literals_of_a_condition():
    text = "A == 'x' and not (B in ['y', 'z'] or 'w' != DM.C) and D == '' and E > 1"
    assert list(literals(text)) == [("A", "x"), ("B", "y"), ("B", "z"), ("DM.C", "w")]
    assert list(literals("A == ")) == []
