"""The crossover trial that ships, from raw to ADTTE: values worked out by hand from the readings in raw/.

docs/crossover.md shows them. Of three readings the mean is the sum divided by 3; a day of a period counts from its first dose.
"""

from __future__ import annotations

import datetime as dt
import json
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from kit.packs import crossover
from raw2adam.transport.dataset_files import read_dataset


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return crossover(tmp_path_factory) / "out"


def records(built: Path, dataset: str, variables: str, where: str = "") -> list[tuple[Any, ...]]:
    """The values of some variables; dates as 2024-02-05, numbers rounded to 4 decimals, missing ones None."""
    kind = "adam" if dataset.startswith("AD") else "sdtm"
    frame = _frame(built / kind / f"{dataset.lower()}.xpt")
    frame = frame.query(where) if where else frame
    return [tuple(_plain(n, x) for n, x in zip(variables.split(), r, strict=True)) for r in _rows(frame, variables)]


@cache
def _frame(path: Path) -> pd.DataFrame:
    return read_dataset(path).frame


def _rows(frame: pd.DataFrame, variables: str) -> list[tuple[Any, ...]]:
    return list(frame[variables.split()].itertuples(index=False, name=None))


def _plain(name: str, value: Any) -> Any:
    if isinstance(value, str):
        return value
    if value != value:
        return None
    if name.endswith("DT"):
        return (dt.date(1960, 1, 1) + dt.timedelta(days=int(value))).isoformat()
    return round(float(value), 4)


def test_nothing_is_wrong(built: Path) -> None:
    """Every error and warning would be there: of the raw data, of the records, of the conformance rules."""
    found = json.loads((built / "reports" / "findings.json").read_text("utf-8"))["findings"]
    assert found
    assert [f for f in found if f["severity"] in ("error", "warning")] == []


def test_arms_and_elements(built: Path) -> None:
    assert records(built, "TA", "ETCD EPOCH", "ARMCD == 'BA'") == [
        ("SCRN", "SCREENING"), ("PBO", "TREATMENT 1"), ("WASH", "WASHOUT"), ("VELT", "TREATMENT 2"), ("FUP", "FOLLOW-UP"),
    ]  # fmt: skip
    # who left on 10 March, three days after the last dose
    assert records(built, "SE", "ETCD SESTDTC SEENDTC", "USUBJID == 'BPX01-01-003'") == [
        ("SCRN", "2024-02-05", "2024-02-19T09:00"),
        ("VELT", "2024-02-19T09:00", "2024-03-08"),
        ("WASH", "2024-03-08", "2024-03-10"),
    ]
    assert records(built, "DM", "ARMCD ARMNRS RFXSTDTC", "USUBJID == 'BPX01-02-007'") == [("", "SCREEN FAILURE", "")]
    # the last of the three readings before the dose at 9:00
    assert records(built, "VS", "VISIT VSREPNUM VSORRES", "USUBJID == 'BPX01-01-001' and VSTESTCD == 'SYSBP' and VSLOBXFL == 'Y'") == [
        ("PERIOD 1 DAY 1", 3, "150")
    ]  # fmt: skip


def test_periods_and_phases(built: Path) -> None:
    names = "TRTSEQP TRT01A TRT02A TR01SDT TR01EDT TR02SDT TR02EDT AP01EDT AP02EDT"
    assert records(built, "ADSL", names, "USUBJID in ['BPX01-01-001', 'BPX01-01-003', 'BPX01-01-004']") == [
        ("Veltapril - Placebo", "Veltapril", "Placebo", "2024-02-05", "2024-03-03", "2024-03-18", "2024-04-14", "2024-03-17", "2024-04-29"),
        ("Veltapril - Placebo", "Veltapril", "", "2024-02-19", "2024-03-07", None, None, "2024-03-10", None),
        ("Placebo - Veltapril", "Placebo", "Veltapril", "2024-02-26", "2024-03-24", "2024-04-08", "2024-05-05", "2024-04-07", "2024-05-20"),
    ]  # fmt: skip
    assert records(built, "ADSL", "APHASE3 PH3SDT PH3EDT APHASE5 PH5SDT PH5EDT", "USUBJID == 'BPX01-01-001'") == [
        ("WASHOUT", "2024-03-04", "2024-03-17", "FOLLOW-UP", "2024-04-15", "2024-04-29")
    ]


#: systolic means of the windows: subject -> period, AVISIT, ADT, AVAL, BASE, CHG, CRIT1FL, CRIT2FL, DTYPE, ANL01FL, ANL02FL
SYSTOLIC = {
    "01-001": [
        # (152 + 154 + 150) / 3; (144 + 147 + 142) / 3; (137 + 138 + 134) / 3
        (1, "Baseline", "2024-02-05", 152, 152, None, "N", "", "AVERAGE", "Y", "Y"),
        (1, "Week 2", "2024-02-19", 144.3333, 152, -7.6667, "N", "N", "AVERAGE", "Y", "Y"),
        (1, "Week 4", "2024-03-03", 136.3333, 152, -15.6667, "Y", "Y", "AVERAGE", "Y", "Y"),
        # (154 + 157 + 152) / 3; (151 + 153 + 149) / 3; (152 + 154 + 151) / 3
        (2, "Baseline", "2024-03-18", 154.3333, 154.3333, None, "N", "", "AVERAGE", "Y", "Y"),
        (2, "Week 2", "2024-04-01", 151, 154.3333, -3.3333, "N", "N", "AVERAGE", "Y", "Y"),
        (2, "Week 4", "2024-04-14", 152.3333, 154.3333, -2, "N", "N", "AVERAGE", "Y", "Y"),
    ],
    "01-002": [
        (1, "Baseline", "2024-02-12", 153.3333, 153.3333, None, "N", "", "AVERAGE", "Y", "Y"),
        (1, "Week 2", "2024-02-26", 150.3333, 153.3333, -3, "N", "N", "AVERAGE", "Y", "Y"),
        # abroad at week 4: the value of week 2
        (1, "Week 4", "2024-02-26", 150.3333, 153.3333, -3, "N", "N", "LOCF", "", "Y"),
        (2, "Baseline", "2024-03-25", 150.3333, 150.3333, None, "N", "", "AVERAGE", "Y", "Y"),
        (2, "Week 2", "2024-04-08", 142.3333, 150.3333, -8, "N", "N", "AVERAGE", "Y", "Y"),
        (2, "Week 4", "2024-04-21", 134.3333, 150.3333, -16, "Y", "Y", "AVERAGE", "Y", "Y"),
    ],
    "01-004": [
        (1, "Week 2", "2024-03-11", 148.3333, 147.3333, 1, "N", "N", "AVERAGE", "Y", "Y"),
        (1, "Week 4", "2024-03-24", 144.3333, 147.3333, -3, "N", "N", "AVERAGE", "Y", "Y"),
        (2, "Baseline", "2024-04-08", 148.3333, 148.3333, None, "N", "", "AVERAGE", "Y", "Y"),
        # two readings: (136 + 137) / 2
        (2, "Week 2", "2024-04-22", 136.5, 148.3333, -11.8333, "Y", "Y", "AVERAGE", "Y", "Y"),
        (2, "Week 4", "2024-05-05", 132, 148.3333, -16.3333, "Y", "Y", "AVERAGE", "Y", "Y"),
    ],
}  # fmt: skip


@pytest.mark.parametrize("subject", SYSTOLIC)
def test_systolic_means(built: Path, subject: str) -> None:
    where = f"USUBJID == 'BPX01-{subject}' and PARAMCD == 'SYSBP' and AVISIT != '' and APERIOD == APERIOD"
    names = "APERIOD AVISIT ADT AVAL BASE CHG CRIT1FL CRIT2FL DTYPE ANL01FL ANL02FL"
    assert sorted(records(built, "ADVS", names, where), key=lambda r: (r[0], r[1])) == SYSTOLIC[subject]


def test_baselines_and_ties(built: Path) -> None:
    """Without a reading on day 1 the screening is the baseline; of two means as near to day 14 the earlier one counts."""
    where = "USUBJID == 'BPX01-01-004' and PARAMCD == 'SYSBP' and ABLFL == 'Y'"
    assert records(built, "ADVS", "BASETYPE VISIT ADT AVAL", where) == [
        ("PERIOD 1", "SCREENING", "2024-02-12", 147.3333), ("PERIOD 2", "PERIOD 2 DAY 1", "2024-04-08", 148.3333),
    ]  # fmt: skip
    where = "USUBJID == 'BPX01-01-005' and PARAMCD == 'SYSBP' and AVISIT == 'Week 2' and APERIOD == 1"
    assert records(built, "ADVS", "VISIT AVAL AWTDIFF ANL01FL", where) == [
        ("UNSCHEDULED 2.01", 140, 1, "Y"), ("PERIOD 1 WEEK 2", 143.3333, 1, ""),
    ]  # fmt: skip


def test_computed_from_means(built: Path) -> None:
    """Diastolic 94, 89 and 85 beside systolic 152, 144.3333 and 136.3333."""
    where = "USUBJID == 'BPX01-01-001' and PARAMCD == '{}' and APERIOD == 1"
    assert [v for (v,) in records(built, "ADVS", "AVAL", where.format("MAP"))] == [113.3333, 107.4444, 102.1111]
    assert [v for (v,) in records(built, "ADVS", "AVALC", where.format("BPCTL"))] == ["N", "N", "Y"]


def test_events_by_period(built: Path) -> None:
    assert records(built, "ADAE", "USUBJID AEDECOD ASTDT ASTDTF APERIOD APHASE TRTA TRTEMFL AOCC01FL") == [
        ("BPX01-01-001", "Dizziness on standing", "2024-02-09", "", 1, "TREATMENT 1", "Veltapril", "Y", "Y"),
        ("BPX01-01-001", "Headache", "2024-03-20", "", 2, "TREATMENT 2", "Placebo", "Y", "Y"),
        ("BPX01-01-002", "Headache", "2024-03-15", "", 1, "WASHOUT", "Placebo", "Y", "Y"),
        ("BPX01-01-003", "Fainting", "2024-03-06", "", 1, "TREATMENT 1", "Veltapril", "Y", "Y"),
        ("BPX01-01-004", "Tiredness", "2024-04-01", "D", 1, "WASHOUT", "Placebo", "Y", "Y"),
        ("BPX01-02-001", "Common cold", "2024-01-30", "", None, "SCREENING", "", "", ""),
        ("BPX01-02-002", "Headache", "2024-02-15", "", 1, "TREATMENT 1", "Veltapril", "Y", "Y"),
        ("BPX01-02-002", "Headache", "2024-03-01", "", 1, "TREATMENT 1", "Veltapril", "Y", ""),
        ("BPX01-02-002", "Headache", "2024-03-28", "", 2, "TREATMENT 2", "Placebo", "Y", "Y"),
        # 15 days after the last dose
        ("BPX01-02-005", "Pain of the back", "2024-05-28", "", 2, "FOLLOW-UP", "Veltapril", "", ""),
    ]  # fmt: skip


def test_time_to_control(built: Path) -> None:
    where = "USUBJID in ['BPX01-01-001', 'BPX01-01-002', 'BPX01-01-003', 'BPX01-01-004']"
    assert records(built, "ADTTE", "USUBJID APERIOD TRTA STARTDT ADT AVAL CNSR", where) == [
        ("BPX01-01-001", 1, "Veltapril", "2024-02-05", "2024-03-03", 28, 0),
        ("BPX01-01-001", 2, "Placebo", "2024-03-18", "2024-04-14", 28, 1),
        # the carried week 4 is no assessment
        ("BPX01-01-002", 1, "Placebo", "2024-02-12", "2024-02-26", 15, 1),
        ("BPX01-01-002", 2, "Veltapril", "2024-03-25", "2024-04-21", 28, 0),
        ("BPX01-01-003", 1, "Veltapril", "2024-02-19", "2024-03-04", 15, 1),
        ("BPX01-01-004", 1, "Placebo", "2024-02-26", "2024-03-24", 28, 1),
        ("BPX01-01-004", 2, "Veltapril", "2024-04-08", "2024-04-22", 15, 0),
    ]
