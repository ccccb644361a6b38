"""Where files lie in the plain and in the eCTD layout, and which paths an agency refuses."""

from __future__ import annotations

import pytest
from raw2adam.errors import UsageError
from raw2adam.output_folder.layout import Layout, layout_of, study_folder
from raw2adam.output_folder.path_rules import path_problems

ECTD = Layout("ectd", "abc-123")
# name in the plain layout, path in the eCTD layout (FDA Study Data Technical Conformance Guide, folder structure)
PLACES = [
    ("sdtm/ae.xpt", "m5/datasets/abc-123/tabulations/sdtm/ae.xpt"),
    ("sdtm/split/qs1.xpt", "m5/datasets/abc-123/tabulations/sdtm/split/qs1.xpt"),
    ("sdtm/define.xml", "m5/datasets/abc-123/tabulations/sdtm/define.xml"),
    ("sdtm/define2-1.xsl", "m5/datasets/abc-123/tabulations/sdtm/define2-1.xsl"),
    ("sdtm/acrf.pdf", "m5/datasets/abc-123/tabulations/sdtm/acrf.pdf"),
    ("adam/adsl.xpt", "m5/datasets/abc-123/analysis/adam/datasets/adsl.xpt"),
    ("adam/split/adlb1.xpt", "m5/datasets/abc-123/analysis/adam/datasets/split/adlb1.xpt"),
    ("adam/define.xml", "m5/datasets/abc-123/analysis/adam/datasets/define.xml"),
    ("adam/programs/adsl.txt", "m5/datasets/abc-123/analysis/adam/programs/adsl.txt"),
    # what no agency opens stays where it is
    ("sdtm/define.html", "sdtm/define.html"),
    ("sdtm/json/ae.json", "sdtm/json/ae.json"),
    ("adam/parquet/adsl.parquet", "adam/parquet/adsl.parquet"),
    ("lineage/raw/ae.parquet", "lineage/raw/ae.parquet"),
    ("reports/findings.html", "reports/findings.html"),
    ("index.html", "index.html"),
]


@pytest.mark.parametrize(("name", "path"), PLACES)
def test_each_file_has_one_place(name, path):
    assert ECTD.place(name) == path
    assert ECTD.logical(path) == name
    assert Layout().place(name) == name == Layout().logical(name)


@pytest.mark.parametrize(
    ("study", "folder"),
    [("OBS16577", "obs16577"), ("CDISC-Pilot_01", "cdisc-pilot-01"), ("../../A b", "a-b"), ("--Ü1", "1"), ("??", "")],
)
def test_the_folder_of_a_study_is_its_studyid_in_lower_case(study, folder):
    assert study_folder(study) == folder


def test_a_study_without_letters_has_no_folder():
    with pytest.raises(UsageError, match="'\\?\\?' has no letter a to z and no digit"):
        layout_of("ectd", "??")
    assert layout_of("plain", "??") == Layout()


@pytest.mark.parametrize(
    ("path", "problems"),
    [
        ("m5/datasets/s1/tabulations/sdtm/ae.xpt", []),
        ("m5/datasets/s1/tabulations/sdtm/define2-1.xsl", []),
        ("m5/datasets/s1/tabulations/sdtm/aCRF.pdf", ["the name 'aCRF.pdf' has other characters"]),
        ("m5/datasets/s1/tabulations/sdtm/study_guide.pdf", ["the name 'study_guide.pdf' has other characters"]),
        ("m5/datasets/s1/tabulations/sdtm/a crf.pdf", ["the name 'a crf.pdf' has other characters"]),
        ("m5/datasets/s1/tabulations/sdtm/acrf.v2.pdf", ["not exactly one extension"]),
        ("m5/datasets/s1/tabulations/sdtm/readme", ["not exactly one extension"]),
        ("m5/datasets/S_1/ae.xpt", ["the folder 'S_1' has other characters"]),
        ("m5/datasets/s1/adsl-long.xpt", ["'adsl-long.xpt' is no name of a dataset"]),
        ("m5/datasets/s1/2ae.xpt", ["'2ae.xpt' is no name of a dataset"]),
        (f"m5/{'a' * 60}.txt", []),  # 64 with its extension
        (f"m5/{'a' * 61}.txt", ["has 65 characters, and 64 are allowed"]),
        (f"m5/{'a' * 55}/{'b' * 55}/{'c' * 56}.txt", []),  # 180 with 0000/
        (f"m5/{'a' * 55}/{'b' * 55}/{'c' * 57}.txt", ["the path has 181 characters"]),
    ],
)
def test_names_and_paths_follow_the_ectd(path, problems):
    found = path_problems([path])
    assert len(found) == len(problems)
    for text, part in zip(found, problems, strict=True):
        assert text.startswith(f"{path}: ") and part in text
