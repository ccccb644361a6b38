"""The coding files of the pack: they code the terms of the synthetic export, with the groups that it has."""

from __future__ import annotations

from pathlib import Path

import pytest
import raw2adam
from kit.packs import shipped_study
from raw2adam.dictionaries.read import read_dictionaries
from raw2adam.findings.table import Findings

PACK = Path(raw2adam.__file__).parent / "mappings" / "obs16577"
#: English terms that the pack does not code, because adverse events and comorbidities have different terms for them
NOT_CODED = {"heart failure", "congestive heart failure"}


@pytest.fixture(scope="module")
def events():
    loaded = shipped_study("obs16577")
    findings = Findings()
    read = read_dictionaries(loaded.file.dictionaries, loaded.file.dictionaries, [PACK], PACK, findings)
    assert len(findings) == 0
    return read.dictionaries["EVENTDICT"], loaded.translations


def test_each_english_term_has_the_preferred_term_and_the_group_of_the_form(events):
    from raw2adam.synth.terms.events import EVENTS, FATAL, REACTION

    dictionary, translations = events
    seen = 0
    for event in (*EVENTS, REACTION, *FATAL):
        for number, word in enumerate(event.words):
            english = translations.english(word, "") or (word if number == 0 else None)
            if english is None or english in NOT_CODED:
                continue
            coding = dictionary.coding((english,), (), ())
            levels = [dictionary.level_text(coding, level)[0] for level in ("PT", "PRIMARY_SOC")]
            assert levels == [event.term, event.group], english
            assert dictionary.finest(coding), english
            seen += 1
    assert seen > 100


def test_each_comorbidity_has_its_preferred_term(events):
    from raw2adam.synth.terms.conditions import CONDITIONS

    dictionary, translations = events
    for condition in CONDITIONS:
        english = [translations.english(w, "") or condition.words[0] for w in condition.words]
        found = {dictionary.level_text(dictionary.coding((e,), (), ()), "PT")[0] for e in english if e not in NOT_CODED}
        assert found <= {condition.term}, condition.term


def test_no_code_of_the_demonstration_is_in_the_range_of_meddra(events):
    """MedDRA numbers its terms from 10000001 on; the invented codes start with 9."""
    entries = events[0].dictionary
    codes = {c for level, texts in entries.levels.items() if level.endswith("_CODE") for c in texts}
    assert {len(c) for c in codes} == {8}
    assert {c[0] for c in codes} == {"9"}


def test_each_term_of_another_language_has_its_english(events):
    """Those of rare events too: a clean export reports no text without a translation."""
    from raw2adam.synth.terms.conditions import CONDITIONS
    from raw2adam.synth.terms.events import EVENTS, FATAL, LANGUAGES, REACTION

    translations = events[1]
    words = {
        (language, word)
        for item in (*EVENTS, REACTION, *FATAL, *CONDITIONS)
        for language, word in zip(LANGUAGES, item.words, strict=True)
        if language != "en"
    }
    assert [(language, word) for language, word in sorted(words) if not translations.english(word, language)] == []
