"""DS and the end of exposure of DM of the shipped study over hand-made forms: ends, consent, transfer, last contact."""

from __future__ import annotations

from pathlib import Path

import raw2adam
import yaml
from kit.packs import study_yaml

PACK = Path(raw2adam.__file__).parent / "mappings" / "obs16577"
DM = "dataset: DM\nrows: {source: enrol, where: PRIMARY_YN == 'Y'}\nvariables:\n  SEX: {value: U}\n  COUNTRY: {value: SWE}\n"
ENROL = """\
SITE_ID,SUBJ_ID,ENR_DT,ICF_DT,WAIVER_YN,WAIVER_DT,PRIMARY_YN,PREV_SITE_ID,PREV_SUBJ_ID
0101,0001,2021-02-10,2021-02-09,N,,Y,,
0102,0009,2021-08-01,,N,,N,0101,0001
0101,0002,2021-03-01,,Y,2021-03-01,Y,,
0101,0003,2021-04-01,2021-04-01,N,,N,,
0101,0004,2021-05-01,2021-05-02,N,,Y,0101,0003
"""
EOS = """\
SITE_ID,SUBJ_ID,FORM,STATUS,STOP_DT,REASON,LAST_CONTACT_DT
0102,0009,EOT,ONGOING,,,
0102,0009,EOS,ONGOING,,,2021-12-30
0101,0002,EOT,DISCONTINUED,2021-02-01,Death,
0101,0002,EOS,DISCONTINUED,2021-02-01,Death,
0101,0004,EOT,DISCONTINUED,2021-06-01,Adverse event,
0101,0004,EOS,COMPLETED,2021-11-30,Completed,2021-11-30
"""


def test_every_end_consent_transfer_and_last_contact_is_a_record(tiny):
    """A second screening at the same site is no transfer; a subject in the study has a last contact and no end."""
    study = study_yaml("obs16577")
    head = {"study": {"id": "OBS16577"}, "subject": study["subject"], "codelists": study["codelists"]}
    head["sources"] = {"enrol": {"file": "enrol.csv"}, "eos": {"file": "eos.csv"}}
    head["dates"] = {"formats": ["yyyy-mm-dd"]}
    built = tiny(
        {"enrol.csv": ENROL, "eos.csv": EOS},
        yaml.safe_dump(head, allow_unicode=True, sort_keys=False),
        {"ds": (PACK / "sdtm" / "ds.yaml").read_text("utf-8"), "dm": DM},
    )
    got = sorted(
        (r["USUBJID"][-9:], r["DSSTDTC"], r["DSTERM"], r["DSDECOD"], r["DSCAT"], r["DSSCAT"]) for r in built.data["DS"]
    )
    consent, entered = ("INFORMED CONSENT OBTAINED",) * 2, ("ENTERED INTO TRIAL",) * 2
    end, milestone, other = "DISPOSITION EVENT", "PROTOCOL MILESTONE", "OTHER EVENT"
    assert got == [
        ("0101-0001", "2021-02-09", *consent, milestone, ""),
        ("0101-0001", "2021-02-10", *entered, milestone, ""),
        ("0101-0001", "2021-08-01", "SITE TRANSFER", "SITE TRANSFER", other, ""),
        ("0101-0001", "2021-12-30", "LAST CONTACT", "LAST CONTACT", other, ""),
        ("0101-0002", "2021-02-01", "Death", "DEATH", end, "STUDY PARTICIPATION"),
        ("0101-0002", "2021-02-01", "Death", "DEATH", end, "STUDY TREATMENT"),
        ("0101-0002", "2021-03-01", "CONSENT WAIVED", "CONSENT WAIVED", milestone, ""),
        ("0101-0002", "2021-03-01", *entered, milestone, ""),
        ("0101-0003", "2021-04-01", *consent, milestone, ""),
        ("0101-0003", "2021-05-01", *entered, milestone, ""),
        ("0101-0003", "2021-05-02", *consent, milestone, ""),
        ("0101-0003", "2021-06-01", "Adverse event", "ADVERSE EVENT", end, "STUDY TREATMENT"),
        ("0101-0003", "2021-11-30", "Completed", "COMPLETED", end, "STUDY PARTICIPATION"),
        ("0101-0003", "2021-11-30", "LAST CONTACT", "LAST CONTACT", other, ""),
    ]


DOSES = """\
SUBJ,ST,EN
01,2024-01-10T09:15,2024-01-10
01,2024-01-12,
02,2024-01-10,
03,2024-01-10,2024-03-01
03,2024-02-01,
04,2024-03-05,2024-03-01
05,2024-01-10T09:15,2024-01-10
06,,
"""


def test_the_last_exposure_is_the_later_of_starts_and_ends(tiny):
    """A period that goes on counts by its start. 04: an end before the start. 05: the end has no time."""
    pack = yaml.safe_load((PACK / "sdtm" / "dm.yaml").read_text("utf-8"))
    names = {"LASTEND", "LASTOPEN"}
    rules = {"SEX": {"value": "U"}, "COUNTRY": {"value": "SWE"}, "RFXENDTC": pack["variables"]["RFXENDTC"]}
    dm = {"dataset": "DM", "rows": {"source": "dm"}, "variables": rules}
    dm["working"] = {name: rule for name, rule in pack["working"].items() if name in names}
    ex = "dataset: EX\nrows: {source: ex}\nvariables:\n  EXTRT: {value: A}\n  EXDOSE: {value: '1'}\n  EXDOSU: {value: mg}\n"
    ex += "  EXSTDTC: ST\n  EXENDTC: EN\n"
    files = {"dm.csv": "SUBJ\n01\n02\n03\n04\n05\n06\n", "ex.csv": DOSES}
    built = tiny(files, "", {"dm": yaml.safe_dump(dm), "ex": ex})
    assert built.values("DM", "RFXENDTC") == ["2024-01-12", "2024-01-10", "2024-03-01", "2024-03-05", "2024-01-10", ""]
