"""Texts of raw files and specs cannot steer the terminal."""

import pytest
from raw2adam.errors import visible
from typer.testing import CliRunner


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("AE.AETERM: Atemnot, Fieber > 38 °C", "AE.AETERM: Atemnot, Fieber > 38 °C"),
        ("two\nlines\tand a tab", "two\nlines\tand a tab"),
        ("\x1b[2Jcleared", "\\x1b[2Jcleared"),
        ("over\rwritten", "over\\x0dwritten"),
        ("bell\x07 back\x08 null\x00 delete\x7f", "bell\\x07 back\\x08 null\\x00 delete\\x7f"),
        ("C1 \x9b31m", "C1 \\x9b31m"),
        ("turned \u202etxt.exe", "turned \\u202etxt.exe"),
        ("isolated \u2066x\u2069", "isolated \\u2066x\\u2069"),
    ],
)
def test_control_characters_are_written_out(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_an_error_about_a_hostile_header_steers_no_terminal(tmp_path) -> None:
    from raw2adam.cli import app

    study, raw = tmp_path / "study", tmp_path / "raw"
    (study / "sdtm").mkdir(parents=True)
    raw.mkdir()
    (study / "study.yaml").write_text(
        "study: {id: S1, title: T}\nsubject: {columns: [SUBJ], usubjid: '{STUDYID}-{SUBJ}'}\nsources:\n  dm: {file: dm.csv}\n"
    )
    (study / "sdtm" / "dm.yaml").write_text(
        'dataset: DM\nrows: {source: dm}\nvariables:\n  COUNTRY: {value: DEU}\n  SEX: "S\\x1bEX"\n'
    )
    (raw / "dm.csv").write_text("SUBJ,S\x1b[31mEX\n01,M\n")
    result = CliRunner().invoke(app, ["lint", str(study), "--raw", str(raw)])
    assert "\x1b" not in result.output
    assert "\\x1b" in result.output
