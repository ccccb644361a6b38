"""Text over 200 bytes: split between words, put at the place of the standard, and joined again to the same text."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from raw2adam.engine.building.stored_partitions import Parts
from raw2adam.engine.building.summaries import merge, settle, summarise
from raw2adam.engine.tables.dataset import Dataset, Finished
from raw2adam.findings.table import Findings
from raw2adam.sdtm.further_qualifiers import qualifier
from raw2adam.sdtm.long_text import split_long_texts
from raw2adam.sdtm.long_text_partitions import same_variables_in_every_partition
from raw2adam.sdtm.text_parts import join_parts, split_text
from raw2adam.transport.ascii_text import ascii_text

WORDS = " ".join(f"word{n:04}" for n in range(60))  # 539 bytes: a word and its blank are 9


def test_a_text_is_cut_between_words():
    parts = split_text(WORDS)
    assert [len(p) for p in parts] == [197, 197, 143]
    assert [p[:8] for p in parts] == ["word0000", "word0022", "word0044"]
    assert [p[-8:] for p in parts] == ["word0021", "word0043", "word0059"]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", [""]),
        ("a" * 200, ["a" * 200]),
        ("a" * 201, ["a" * 200, "a"]),
        ("a" * 200 + " b", ["a" * 200, " b"]),
        ("a" * 199 + " b", ["a" * 199, "b"]),
        ("a" * 198 + "  b", ["a" * 198, " b"]),
        ("a " + "b" * 300, ["a", "b" * 200, "b" * 100]),
        ("a" * 200 + "   ", ["a" * 200]),
        ("é" * 150, ["é" * 100, "é" * 50]),  # bytes, not characters
        ("a" + " " * 160 + "b", ["a" + " " * 160 + "b"]),  # what is short enough stays, whatever is in it
        ("a" + " " * 160 + "b" * 60, ["a", " " * 159 + "b" * 41, "b" * 19]),
        ("a" * 200 + " " * 300 + "b", ["a" * 200, " " * 196 + "b"]),
    ],
)
def test_where_a_text_is_cut(text: str, parts: list[str]):
    assert split_text(text) == parts


PIECES = st.lists(st.sampled_from(["a", "bc", "x" * 60, "y" * 230, " ", "  ", ", ", "-"]), max_size=40)


@given(PIECES.map("".join), st.integers(5, 260))
def test_the_parts_join_to_the_text(text: str, limit: int):
    parts = split_text(text, limit)
    assert all(len(p.encode()) <= limit for p in parts)
    if " " * (limit - 3) not in text:  # so many blanks would make a part of nothing else
        assert all(p == p.rstrip(" ") for p in parts)  # XPT has no blanks at the end of a text
        assert join_parts(parts, limit) == text.rstrip(" ")


def test_names_of_further_parts():
    assert [qualifier(n, 1) for n in ("AETERM", "RSORRES", "AEACNOTH")] == ["AETERM1", "RSORRES1", "AEACNOT1"]
    assert qualifier("AEACNOTH", 12) == "AEACNO12"


def agreed(parts: list[dict[str, Dataset]], further: dict[tuple[str, str], int], plan) -> list[dict[str, Dataset]]:
    stored = Parts()
    for part in parts:
        stored.add(part)
    same_variables_in_every_partition(stored, further, plan)
    return [stored.part(number) for number in range(len(stored))]


STUDY = "sources: {dm: {file: dm.csv}, ae: {file: ae.csv}}\n"
DM = "dataset: DM\nrows: {source: dm}\nvariables: {SEX: {value: F}, COUNTRY: {value: DEU}}\n"
AE = """\
dataset: AE
rows: {source: ae}
variables: {AETERM: TERM, AEDECOD: {value: X}}
supplemental: {NOTE: {label: A Note, from: NOTE}}
sort: [SOURCE]
"""
CO = """\
dataset: CO
rows: {source: ae, where: not missing(TERM)}
variables: {COVAL: TERM, RDOMAIN: {value: AE}}
"""
ADAE = "dataset: ADAE\nrows: {from: AE}\nvariables: {AETERM: AETERM}\n"
ADSL = "dataset: ADSL\nrows: {from: DM}\nvariables: {}\n"
RAW = {
    "dm.csv": "SUBJ\n1\n2\n3\n",
    "ae.csv": f'SUBJ,TERM,NOTE\n1,Short,n1\n2,"{WORDS}",n2\n2,Rash,"{WORDS}"\n3,Fever,n4\n',
}


def finished_parts(study) -> tuple[list[dict[str, Dataset]], list, Findings, list[dict[tuple[str, str], int]]]:
    findings, parts, summaries, further = Findings(), [], [], []
    for part in study.datasets:
        finished = {n: Finished(d, None) for n, d in part.items()}
        counts = split_long_texts(finished, findings)
        summary = summarise(finished)
        summary.further = counts
        summaries.append(summary)
        further.append(counts)
        parts.append({n: f.dataset for n, f in finished.items()})
    return parts, summaries, findings, further


@pytest.mark.parametrize("partitions", [1, 3])
def test_where_the_rest_goes(tiny, partitions):
    datasets = {"dm": DM, "ae": AE, "co": CO, "adsl": ADSL, "adae": ADAE}
    study = tiny(RAW, STUDY, datasets, partitions)
    parts, summaries, findings, further = finished_parts(study)
    assert {k: v for f in further for k, v in f.items()} == {("CO", "COVAL"): 2}
    summary = merge(summaries)
    whole = agreed(parts, summary.further, study.plan)
    frames = {n: pd.concat([p[n].frame.astype(str) for p in whole], ignore_index=True) for n in whole[0]}
    # the standard's place for a comment: COVAL1, COVAL2, in every partition
    assert list(frames["CO"].columns)[-3:] == ["COVAL", "COVAL1", "COVAL2"]
    assert frames["CO"][["COVAL", "COVAL1", "COVAL2"]].iloc[1].tolist() == split_text(WORDS)
    assert frames["CO"]["COVAL1"].tolist()[0] == ""
    # of any other variable: SUPP--, sorted by its keys
    assert frames["AE"]["AETERM"].tolist()[1] == split_text(WORDS)[0]
    supp = frames["SUPPAE"][["USUBJID", "IDVARVAL", "QNAM", "QLABEL"]].apply(tuple, axis=1).tolist()
    assert supp == [
        ("S1-01", "1", "NOTE", "A Note"),
        ("S1-02", "1", "AETERM1", "Reported Term for the Adverse Event"),
        ("S1-02", "1", "AETERM2", "Reported Term for the Adverse Event"),
        ("S1-02", "1", "NOTE", "A Note"),
        ("S1-02", "2", "NOTE", "A Note"),
        ("S1-02", "2", "NOTE1", "A Note"),
        ("S1-02", "2", "NOTE2", "A Note"),
        ("S1-03", "1", "NOTE", "A Note"),
    ]
    values = frames["SUPPAE"].set_index("QNAM")["QVAL"]
    assert join_parts([split_text(WORDS)[0], values["AETERM1"], values["AETERM2"]]) == WORDS
    assert join_parts([v for q, v in values.items() if q.startswith("NOTE") and len(v) > 5]) == WORDS
    assert frames["ADAE"]["AETERM"].tolist()[1] == frames["AE"]["AETERM"].tolist()[1]
    specs = settle({n: d.metadata for n, d in whole[0].items()}, summary)
    assert [specs["CO"].variable(n).length for n in ("COVAL", "COVAL1", "COVAL2")] == [197, 197, 143]
    assert specs["CO"].variable("COVAL1").label == "Comment 1"
    table = findings.frame()
    assert sorted(zip(table["rule"], table["dataset"], table["variable"], strict=True)) == [
        ("R2A-TEXT-003", "ADAE", "AETERM"),
        ("R2A-TEXT-003", "AE", "AETERM"),
        ("R2A-TEXT-003", "CO", "COVAL"),
        ("R2A-TEXT-003", "SUPPAE", "QVAL"),
    ]
    assert table["value"].tolist() == [WORDS] * 4
    for part in whole:
        rules = [u.variable for u in part["SUPPAE"].lineage.rules]
        assert [r for r in rules if r not in part["SUPPAE"].metadata.names] == [
            "AETERM1", "AETERM2", "NOTE", "NOTE1", "NOTE2",
        ]  # fmt: skip
        for name, dataset in part.items():
            assert dataset.lineage is None or len(dataset.lineage.rows) == len(dataset), name


@pytest.mark.parametrize("partitions", [1, 2])
def test_blanks_of_a_short_text_stay_whatever_others_of_its_partition_have(tiny, partitions):
    apart, endless = "a" + " " * 170 + "b", "c" + " " * 220 + "d"
    raw = {
        "dm.csv": "SUBJ\n1\n2\n",
        "ae.csv": f"SUBJ,TERM,NOTE\n1,{apart},\n2,{WORDS},\n2,{endless},\n",
        "co.csv": "SUBJ\n",
    }
    plain = AE.replace("supplemental: {NOTE: {label: A Note, from: NOTE}}\n", "")
    study = tiny(raw, STUDY, {"dm": DM, "ae": plain}, partitions)
    parts, _, findings, _ = finished_parts(study)
    terms = [t for p in parts for t in p["AE"].frame["AETERM"].tolist()]
    assert sorted(terms) == [apart, "c" + " " * 196 + "d", split_text(WORDS)[0]]
    table = findings.frame()
    shortened = table[table["rule"] == "R2A-TEXT-004"]
    assert shortened["value"].tolist() == [endless]
    assert shortened["message"].tolist() == [
        "a run of more than 196 blanks has 196 now: XPT has no text of blanks alone"
    ]


def test_a_supp_that_only_one_partition_has(tiny):
    plain = AE.replace("supplemental: {NOTE: {label: A Note, from: NOTE}}\n", "")
    for partitions in (1, 3):
        study = tiny(RAW, STUDY, {"dm": DM, "ae": plain, "adsl": ADSL}, partitions)
        parts, summaries, _, _ = finished_parts(study)
        whole = agreed(parts, merge(summaries).further, study.plan)
        assert [list(p) for p in whole] == [["AE", "DM", "ADSL", "SUPPAE"]] * partitions
        assert sum(len(p["SUPPAE"]) for p in whole) == 2


def test_a_text_without_a_place_for_the_rest_is_reported(tiny):
    long = f"dataset: TI\nrows: {{records: [{{IETESTCD: A, IETEST: {WORDS}, IECAT: INCLUSION}}]}}\n"
    study = tiny(RAW, STUDY, {"dm": DM, "ti": long})
    parts, _, findings, _ = finished_parts(study)
    assert parts[0]["TI"].frame["IETEST"].tolist() == [split_text(WORDS)[0]]
    table = findings.frame()
    assert list(zip(table["rule"], table["severity"], table["value"], strict=True)) == [
        ("R2A-TEXT-004", "warning", WORDS)
    ]


@pytest.mark.parametrize(
    ("text", "plain", "coded"),
    [
        ("Fièvre à 39°", "Fievre a 39 deg", False),
        ("３．５", "3.5", False),
        ("頭痛", "[U+982D][U+75DB]", True),
        ("Bell\x07", "Bell[U+0007]", True),
        ("cafe\u0301", "cafe", False),
        ("\U0001f600 ok", "[U+1F600] ok", True),
        ("Übelkeit für 3 Tage, Straße, Öl, nächtlich", "Uebelkeit fuer 3 Tage, Strasse, Oel, naechtlich", False),
        ("u\u0308ber", "ueber", False),  # the same letter in two characters
        ("FÜR ÜBELKEIT", "FUER UEBELKEIT", False),
        ("Ångström, smørbrød, Œdème", "Aangstroem, smoerbroed, Oedeme", False),
        ("ñ ç ł ó ř", "n c l o r", False),
        ("38 °C", "38 degC", False),
        ("38°C", "38 degC", False),
        ("38\u00a0°C", "38 degC", False),
        ("°C", "degC", False),
        ("one\u00a0 two\r\nthree\u00a0", "one two three", False),
        ("two  blanks of the text stay, é", "two  blanks of the text stay, e", False),
        ("боль", "[U+0431][U+043E][U+043B][U+044C]", True),
        ("", "", False),
    ],
)
def test_plain_ascii(text: str, plain: str, coded: bool):
    assert ascii_text(text) == (plain, coded)


@pytest.mark.parametrize(
    ("text", "language", "plain"),
    [
        ("coördinatie", "", "cooerdinatie"),
        ("coördinatie", "nl", "coordinatie"),
        ("Noël", "fr", "Noel"),
        ("können", "de", "koennen"),
        ("köhögés", "hu", "kohoges"),
        ("pingüino", "es", "pingueino"),
        ("düşük", "tr", "duesuek"),
    ],
)
def test_a_language_may_write_two_dots_otherwise(text: str, language: str, plain: str):
    assert ascii_text(text, language) == (plain, False)


@given(st.text(max_size=30))
def test_plain_ascii_is_printable_ascii(text: str):
    plain, _ = ascii_text(text)
    assert plain.isascii()
    assert plain.isprintable()
    assert text.strip() == "" or plain != "" or not any(c.isalnum() for c in text)
