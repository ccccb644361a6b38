"""Permissible variables that a convention supplies leave SDTM where no record of the study has a value."""

from __future__ import annotations

from pathlib import Path

import pyreadstat
import pytest
from kit.command import build
from raw2adam.runs.from_raw import Options

STUDY = """\
study: {id: S1, as_of: 2021-01-01}
subject: {columns: [SUBJ], usubjid: 'S1-{SUBJ}'}
dates: {formats: [yyyy-mm-dd, yyyy-mm]}
epochs: {TREATMENT: {start: RFSTDTC}}
sources: {dm: {file: dm.csv}, ae: {file: ae.csv}}
"""
DM = "dataset: DM\nrows: {source: dm}\nvariables:\n  SEX: {value: U}\n  COUNTRY: {value: DEU}\n  RFSTDTC: {date: START}\n"
AE = (
    "dataset: AE\nrows: {source: ae}\nvariables:\n  AETERM: TERM\n  AEDECOD: TERM\n  AESTDTC: {date: DAY}\n"
    "  AEENDTC: {date: TO}\n  AESEV: SEV\n"
)


@pytest.mark.parametrize("partitions", [1, 2])
def test_an_empty_variable_is_dropped_unless_the_spec_names_it(tmp_path: Path, partitions: int):
    study, raw, out = tmp_path / "study", tmp_path / "raw", tmp_path / "out"
    (study / "sdtm").mkdir(parents=True)
    raw.mkdir()
    (study / "study.yaml").write_text(STUDY, "utf-8")
    (study / "sdtm" / "dm.yaml").write_text(DM, "utf-8")
    (study / "sdtm" / "ae.yaml").write_text(AE, "utf-8")
    (raw / "dm.csv").write_text("SUBJ,START\n1,2020-03-01\n2,2020-03-01\n", "utf-8")
    # no start is complete and no event lies in the epoch; one subject's end is: AEENDY stays for both partitions
    (raw / "ae.csv").write_text("SUBJ,TERM,DAY,TO,SEV\n1,cough,2020-01,2020-02-01,\n2,rash,2020-01,,\n", "utf-8")
    build(str(study), raw, out, Options(partitions=partitions, quality=False))
    frame = pyreadstat.read_xport(str(out / "sdtm" / "ae.xpt"))[0]
    assert {"EPOCH", "AESTDY"}.isdisjoint(frame.columns)
    assert {"AEENDY", "AESEV", "AELLT"} <= set(frame.columns)  # AESEV by the spec, AELLT is expected by the standard
    define = (out / "sdtm" / "define.xml").read_text("utf-8")
    assert 'Name="EPOCH"' not in define
    assert 'Name="AEENDY"' in define
