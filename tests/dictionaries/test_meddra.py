"""The ASCII files of MedDRA as a dictionary: entries, paths, versions, and damaged files."""

from __future__ import annotations

import numpy as np
import pytest
from kit.dictionary_files import LLT, MDHIER, write_meddra
from raw2adam.dictionaries.dictionary import look_up
from raw2adam.dictionaries.meddra import read_meddra
from raw2adam.errors import InputError
from raw2adam.mappings.models.dictionaries import CodingDictionarySpec

SPEC = CodingDictionarySpec(name="MedDRA", version="27.1", format="meddra", path="meddra")
PATH = ("LLT", "LLT_CODE", "PT", "PT_CODE", "HLT", "HLT_CODE", "HLGT", "HLGT_CODE", "SOC", "SOC_CODE")


@pytest.fixture(scope="module")
def dictionary(tmp_path_factory):
    return read_meddra("dictionary MEDDRA", write_meddra(tmp_path_factory.mktemp("meddra")), SPEC)[0]


def levels(dictionary, *texts: tuple[str, str]) -> list[str]:
    entries, problems = look_up(dictionary, texts)
    assert problems == []
    return ["|".join(dictionary.texts(level, entries)) for level in PATH]


def test_a_term_has_the_levels_of_its_path(dictionary):
    fall = ["Fall", "90000005", "Fall", "90000005", "Falls", "91000003", "Accidents", "92000003", "Injury", "93000003"]
    assert levels(dictionary, ("LLT_CODE", "90000005")) == fall


def test_the_primary_soc_counts_unless_a_record_names_another(dictionary):
    sick = ["Feeling sick", "90000004", "Nausea", "90000003"]
    primary = [*sick, "Sickness", "91000002", "Gut signs", "92000002", "Gut", "93000002"]
    other = [*sick, "Brain sickness", "91000009", "Brain signs", "92000009", "Nervous system", "93000001"]
    assert levels(dictionary, ("LLT", "feeling  SICK")) == primary
    assert levels(dictionary, ("LLT", "Feeling sick"), ("SOC", "Nervous system")) == other
    assert levels(dictionary, ("SOC_CODE", "93000001"), ("LLT_CODE", "90000004")) == other
    entries, _ = look_up(dictionary, [("LLT", "Feeling sick"), ("SOC", "Nervous system")])
    assert dictionary.texts("PRIMARY_SOC", entries) == ["Gut"]
    assert dictionary.texts("PRIMARY_HLT_CODE", entries) == ["91000002"]


def test_a_pt_has_several_lowest_level_terms(dictionary):
    entries, _ = look_up(dictionary, [("PT", "Headache")])
    assert dictionary.texts("LLT", entries) == ["Headache", "Head pain"]
    assert dictionary.texts("SOC", entries) == ["Nervous system"]


def test_a_text_that_does_not_fit_is_told_from_one_that_is_unknown(dictionary):
    entries, problems = look_up(dictionary, [("LLT_CODE", "90000005"), ("PT", "Nausea"), ("SOC", "Gutt")])
    assert dictionary.texts("LLT", entries) == ["Fall"]
    assert [(p.level, p.text, p.known, p.expected) for p in problems] == [
        ("PT", "Nausea", True, ("Fall",)),
        ("SOC", "Gutt", False, ("Injury",)),
    ]


def test_a_term_that_was_withdrawn_is_not_current(dictionary):
    assert not dictionary.is_current(dictionary.find("LLT", "Head pain"))
    assert dictionary.is_current(dictionary.find("LLT", "Headache"))


def test_the_version_is_that_of_the_release_file(tmp_path):
    write_meddra(tmp_path / "a", meddra_release="26.0$English$$$$\n")
    assert read_meddra("d", tmp_path / "a", SPEC)[1] == "26.0"
    (tmp_path / "a" / "meddra_release.asc").unlink()
    assert read_meddra("d", tmp_path / "a", SPEC)[1] == ""


def test_names_of_files_in_capitals_and_letters_of_the_declared_encoding(tmp_path):
    folder = write_meddra(tmp_path, pt="90000001$Headache$$93000001$$$$$$$$\n")
    (folder / "llt.asc").rename(folder / "LLT.ASC")
    text = LLT.replace("Feeling sick", "Ménière").encode("cp1252")
    (folder / "LLT.ASC").write_bytes(text)
    spec = SPEC.model_copy(update={"encoding": "cp1252"})
    dictionary, _, tables = read_meddra("d", folder, spec)
    assert len(dictionary.find("LLT", "MÉNIÈRE")) == 2  # one entry for each of its paths
    assert [t.path.name for t in tables] == ["LLT.ASC", "mdhier.asc", "pt.asc", "meddra_release.asc"]


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"llt": ""}, "llt.asc: the first line has 1 fields separated by '$', and 10 were expected"),
        ({"llt": "code,name\n1,2\n"}, "llt.asc: the first line has 1 fields separated by '$'"),
        ({"llt": LLT[:90]}, "llt.asc"),
        ({"llt": LLT.replace("90000003$Nausea", "9000000X$Nausea")}, "llt.asc:3: llt_code is '9000000X'"),
        ({"llt": LLT.replace("90000002$", "90000001$")}, "llt.asc:2: the LLT code 90000001 is in an earlier line too"),
        ({"llt": LLT.replace("$90000005$$", "$90000099$$")}, "llt.asc:5: the PT 90000099 of this LLT is not in mdhier.asc"),
        ({"mdhier": MDHIER.replace("$Y$", "").replace("$N$", "")}, "mdhier.asc: the first line has 11 fields"),
        ({"pt": "90000001$Head ache$$93000001$$$$$$$$\n"}, "pt.asc:1: pt_code 90000001 is 'Head ache' here and 'Headache' in"),
    ],
)  # fmt: skip
def test_damaged_files_are_refused_with_their_place(tmp_path, changed, message):
    with pytest.raises(InputError, match="dictionary MEDDRA") as refused:
        read_meddra("dictionary MEDDRA", write_meddra(tmp_path, **changed), SPEC)
    assert message in str(refused.value)


def test_bytes_of_another_encoding_and_a_folder_without_the_files_are_refused(tmp_path):
    folder = write_meddra(tmp_path / "a")
    (folder / "llt.asc").write_bytes(LLT.replace("Headache", "Ménière").encode("cp1252"))
    with pytest.raises(InputError, match=r"llt\.asc: byte 11 of the first line is not utf-8; declare encoding:"):
        read_meddra("d", folder, SPEC)
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match=r"there is no llt\.asc in the folder \(it is empty\)"):
        read_meddra("d", tmp_path / "empty", SPEC)


def test_a_dictionary_of_real_size_is_read_and_searched_in_moments(tmp_path):
    """20,000 terms: each finds its entry, and none the entry of another."""
    n = 20_000
    llt = "".join(f"{90_000_000 + i}$Term {i}${91_000_000 + i % 5000}$$$$$$$Y$$\n" for i in range(n))
    paths = "".join(
        f"{91_000_000 + i}$92${i % 50 + 93}$94$PT {i}$HLT$HLGT {i % 50}$SOC$S$$94$Y$\n" for i in range(5000)
    )
    dictionary, _, _ = read_meddra("d", write_meddra(tmp_path, llt=llt, mdhier=paths), SPEC)
    assert len(dictionary) == n
    found = [dictionary.find("LLT_CODE", str(90_000_000 + i)) for i in range(0, n, 997)]
    assert [len(f) for f in found] == [1] * len(found)
    assert [dictionary.texts("PT", f) for f in found] == [[f"PT {i % 5000}"] for i in range(0, n, 997)]
    assert np.array_equal(dictionary.find("PT", "pt 7"), [7, 5007, 10007, 15007])
