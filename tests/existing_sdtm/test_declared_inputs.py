"""Inputs of ADaM that no spec of the study builds: existing datasets, builds from raw data, mistakes in the names."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import pytest
from kit.command import build, build_adam
from raw2adam.errors import InputError, SpecError
from raw2adam.mappings.loader import load_study
from raw2adam.runs.from_raw import Options
from raw2adam.runs.plan_study import plan_study
from raw2adam.transport.dataset_files import read_dataset

STUDY = """\
study: {id: S1}
subject: {columns: [SUBJ], usubjid: "{STUDYID}-{SUBJ:02}"}
sources: {raw: {file: raw.csv}}
inputs:
  required: [DM]
  optional: [LB, DM.BRTHDTC]
"""
DM = """\
dataset: DM
rows: {source: raw}
variables:
  SEX: SEX
  COUNTRY: {value: DEU}
  BRTHDTC: null
"""
ADSL = """\
dataset: ADSL
rows: {from: DM}
variables:
  SEX: SEX
  BRTHDTC: BRTHDTC
  LSTALVDT: {last: LB.LBDTC, as: date}
  NLB: {count: LB, where: LBSTRESN > 1, label: Number of Results above 1, type: integer}
"""
GIVEN: dict[str, dict[str, list[object]]] = {
    "dm": {"STUDYID": ["S1"] * 2, "USUBJID": ["S1-01", "S1-02"], "SEX": ["F", "M"], "BRTHDTC": ["1950-02-03", ""]},
    "lb": {"USUBJID": ["S1-01", "S1-01"], "LBDTC": ["1960-01-02", "1960-01-03T09:30"], "LBSTRESN": [1.0, 2.0]},
}


@pytest.fixture
def study(tmp_path: Path):
    """``study(adsl, study_text, dm)`` writes a study and gives its folder."""

    def write(adsl: str = ADSL, text: str = STUDY, **more: str) -> Path:
        root = tmp_path / "study"
        specs = {"study": text, "sdtm/dm": DM, "adam/adsl": adsl}
        for name, spec in {**specs, **{n.replace("_", "/"): s for n, s in more.items()}}.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / f"{name}.yaml").write_text(spec, "utf-8")
        return root

    return write


def from_existing(root: Path, folder: Path, existing: Mapping[str, Mapping[str, list[object]]], **options: int) -> Path:
    sdtm, out = folder / "sdtm", folder / "out"
    sdtm.mkdir(exist_ok=True, parents=True)
    for name, table in existing.items():
        pd.DataFrame(dict(table)).to_parquet(sdtm / f"{name}.parquet", index=False)
    build_adam(str(root), sdtm, out, Options(only="adam", as_of=dt.date(2026, 1, 31), quality=False, **options))  # pyright: ignore[reportArgumentType]
    return out


def records(out: Path, dataset: str, *names: str) -> list[tuple[object, ...]]:
    made = read_dataset(out / "adam" / f"{dataset}.xpt").frame
    rows = zip(*(made[n].tolist() for n in names), strict=True)
    return [tuple(None if isinstance(x, float) and x != x else x for x in row) for row in rows]


def reported(out: Path) -> list[tuple[str, str, str]]:
    found = json.loads((out / "reports" / "findings.json").read_text())["findings"]
    return [(f["rule"], f["dataset"], f["message"]) for f in found if f["rule"].startswith("R2A-GIVEN")]


def problems(root: Path) -> list[tuple[str, str]]:
    with pytest.raises(SpecError) as error:
        plan_study(load_study(root))
    return [(p.message, p.hint) for p in error.value.problems]


@pytest.mark.parametrize("partitions", [1, 2])
def test_a_domain_and_a_variable_that_the_study_does_not_map_are_read(study, tmp_path, partitions):
    out = from_existing(study(), tmp_path, GIVEN, partitions=partitions)
    assert records(out, "adsl", "USUBJID", "BRTHDTC", "LSTALVDT", "NLB") == [
        ("S1-01", "1950-02-03", 2.0, 1.0),  # 1960-01-03
        ("S1-02", "", None, 0.0),
    ]
    assert reported(out) == []


def test_what_is_not_given_is_told_with_what_it_would_have_fed(study, tmp_path):
    dm = {n: v for n, v in GIVEN["dm"].items() if n != "BRTHDTC"}
    out = from_existing(study(), tmp_path, {"dm": dm})
    assert records(out, "adsl", "USUBJID", "BRTHDTC", "LSTALVDT") == [("S1-01", "", None), ("S1-02", "", None)]
    assert [(rule, dataset, text.partition("missing: ")[2]) for rule, dataset, text in reported(out)] == [
        ("R2A-GIVEN-001", "LB", "ADSL.LSTALVDT, ADSL.NLB"),
        ("R2A-GIVEN-002", "DM", "ADSL.BRTHDTC"),
    ]


def test_a_build_from_raw_data_lacks_it_and_says_so(study, tmp_path):
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "raw.csv").write_text("SUBJ,SEX\n1,F\n2,M\n", "utf-8")
    out = tmp_path / "out"
    build(str(study()), tmp_path / "raw", out, Options(as_of=dt.date(2026, 1, 31), quality=False))
    assert records(out, "adsl", "USUBJID", "SEX", "BRTHDTC", "LSTALVDT") == [
        ("S1-01", "F", "", None),
        ("S1-02", "M", "", None),
    ]
    assert "BRTHDTC" not in read_dataset(out / "sdtm" / "dm.xpt").frame  # not submitted
    assert not (out / "sdtm" / "lb.xpt").exists()
    assert [(rule, dataset, text.partition("missing: ")[2]) for rule, dataset, text in reported(out)] == [
        ("R2A-GIVEN-001", "LB", "ADSL.LSTALVDT, ADSL.NLB"),
        ("R2A-GIVEN-002", "DM", "ADSL.BRTHDTC"),
    ]


def test_a_build_from_raw_data_stops_without_what_is_required(study, tmp_path):
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "raw.csv").write_text("SUBJ,SEX\n1,F\n", "utf-8")
    root = study(text=STUDY.replace("[DM]", "[DM, LB]").replace("[LB, ", "["))
    options = Options(as_of=dt.date(2026, 1, 31), quality=False)
    with pytest.raises(InputError, match=r"ADaM reads LB, and no spec of the study builds it from raw data"):
        build(str(root), tmp_path / "raw", tmp_path / "out", options)
    assert not (tmp_path / "out").exists()


def test_lint_knows_the_names_and_types_of_an_input(study):
    adsl = ADSL.replace("LB.LBDTC", "LB.LBDTCC") + "  SEX2: {from: LB.LBSTRESM, label: X}\n"
    assert ("there is no column or variable 'LB.LBDTCC' here", "did you mean 'LB.LBDTC'?") in problems(study(adsl))
    number = ADSL + "  Y: {cases: [{when: LB.LBSTRESN == 'A', value: B}], label: X}\n"
    assert any("text" in message or "number" in message for message, _ in problems(study(number)))


def test_a_domain_that_is_no_input_is_not_there(study, tmp_path):
    with pytest.raises(SpecError, match=r"adsl.yaml:\d+:\d+.*there is no dataset or source 'LB'"):
        from_existing(study(text=STUDY.replace("[LB, ", "[")), tmp_path, GIVEN)


def test_names_that_no_standard_knows(study):
    root = study(text=STUDY.replace("[DM]", "[DM, LBX, LB.LBDTCC]"))
    assert [message for message, _ in problems(root)] == [
        "the study has no SDTM dataset 'LBX'",
        "LB has no variable or qualifier 'LBDTCC'",
    ]


def test_sdtm_is_made_of_raw_data_alone(study):
    vs = "dataset: VS\nrows: {from: LB}\nvariables: {VSTESTCD: LBTESTCD, VSORRES: LBORRES}\n"
    assert "there is no dataset 'LB'" in [message for message, _ in problems(study(sdtm_vs=vs))]


ADTTE = """\
dataset: ADTTE
keys: [STUDYID, USUBJID, PARAMCD]
sort: [STUDYID, USUBJID, PARAMCD]
parameters:
  PFS:
    PARAM: Progression-Free Survival (days)
    population: SAFFL == 'Y'
    start: ADSL.TRTSDT
    events: [{from: ADRS, where: "PARAMCD == 'PD' and ANL01FL == 'Y'", date: ADT, EVNTDESC: PROGRESSION}]
    censor: [{from: ADSL, date: LSTALVDT, CNSR: 1, EVNTDESC: ALIVE}]
variables: {SEX: ADSL.SEX}
"""


def test_adam_made_elsewhere_is_an_input(tmp_path):
    root = tmp_path / "study"
    (root / "adam").mkdir(parents=True)
    text = STUDY.partition("sources:")[0] + "sources: {}\ninputs: {required: [ADSL, ADRS, ADRS.ANL01FL]}\n"
    (root / "study.yaml").write_text(text, "utf-8")
    (root / "adam" / "adtte.yaml").write_text(ADTTE, "utf-8")
    subjects: list[object] = ["S1-01", "S1-02", "S1-03"]
    adsl = {"STUDYID": ["S1"] * 3, "USUBJID": subjects, "SEX": ["F", "M", "M"], "SAFFL": ["Y", "Y", "N"], "TRTSDT": [10.0, 20.0, None],
            "LSTALVDT": [100.0, 90.0, 5.0]}  # fmt: skip
    adrs = {"USUBJID": ["S1-01", "S1-01"], "PARAMCD": ["PD", "PD"], "ANL01FL": ["", "Y"], "ADT": [30.0, 40.0],
            "ASEQ": [7.0, 8.0], "AVALC": ["Y", "Y"], "DOMAIN": ["", "RS"]}  # fmt: skip
    existing = {"dm": {"USUBJID": subjects}, "adsl": adsl, "adrs": adrs}
    out = from_existing(root, tmp_path, existing)
    assert records(out, "adtte", "USUBJID", "SEX", "AVAL", "CNSR", "SRCDOM", "SRCSEQ") == [
        ("S1-01", "F", 31.0, 0.0, "ADRS", 8.0),  # days 10 to 40, both included
        ("S1-02", "M", 71.0, 1.0, "ADSL", None),
    ]
