"""A spec that is damaged at random: lint says what is wrong with it, or nothing, and never fails itself."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kit.fuzzing import examples
from kit.linted_study import RAW, SPECS
from raw2adam.errors import Raw2AdamError
from raw2adam.runs.lint import lint_study

WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*|\"[^\"]*\"|'[^']*'|[0-9.]+")
#: what takes the place of a word: nothing, other kinds of values, references, texts at the bounds
PIECES = [
    "", "null", "[]", "{}", "-1", "1e999", "nan", "''", "true", "{A: B}", "[1, 2]", "'{X'", "{SUBJ:99}", "AE", "DM.X", "é", "x" * 300,
    "[[1]]", "missing(X)", "a ==", "..", "Q1..Q9", "Q9..Q1", "!tag x", "&a *a", "none", "C66742", "2020-13-01", "999999999999999999999",
    "'('", "[0, null]", "[null, null]", "{value: X}", "~", "{", "- -",
]  # fmt: skip
CHANGES = st.tuples(
    st.sampled_from(sorted(SPECS)), st.sampled_from(["word", "swap", "drop", "again", "cut"]), st.integers(0), st.integers(0)
)  # fmt: skip


def changed(text: str, how: str, first: int, second: int) -> str:
    words, lines = list(WORD.finditer(text)), text.split("\n")
    at, other, line = words[first % len(words)], words[second % len(words)], first % len(lines)
    if how in ("word", "swap"):
        piece = PIECES[second % len(PIECES)] if how == "word" else other.group()
        return text[: at.start()] + piece + text[at.end() :]
    if how == "cut":
        return text[: at.start()] + text[at.start() + 1 :]
    here = lines[second % len(lines)]
    return "\n".join([*lines[:line], *([here] if how == "again" else []), *lines[line + (how == "drop") :]])


@pytest.mark.slow_examples
@settings(max_examples=examples(4), suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(CHANGES, min_size=1, max_size=3))
def test_a_damaged_spec_is_an_error_with_its_place_and_no_failure_of_lint(changes: list[tuple[str, str, int, int]]):
    specs = dict(SPECS)
    for file, how, first, second in changes:
        if WORD.search(specs[file]):
            specs[file] = changed(specs[file], how, first, second)
    with tempfile.TemporaryDirectory() as folder:
        for name, text in {
            **{f"study/{n}": t for n, t in specs.items()},
            **{f"raw/{n}": t for n, t in RAW.items()},
        }.items():
            path = Path(folder) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
        try:
            problems = lint_study(f"{folder}/study", Path(folder) / "raw")
        except Raw2AdamError as error:
            problems = getattr(error, "problems", [])
        assert all(p.place.file and p.message for p in problems)
