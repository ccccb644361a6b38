"""No result depends on the order of the rows or columns of a source: every derivation, every step, the shipped pack.

The studies are the examples of the derivations with drawn rows. Literal cases of the faults that this test
has found are at the end.
"""

from __future__ import annotations

import hashlib
import json
import random
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from kit.fuzzing import examples, fuzzing
from kit.other_machine import on_another_machine
from kit.packs import AS_OF, clean_pack
from kit.row_orders import build_permuted
from kit.tiny import values_of
from raw2adam.engine.columns import column as col
from raw2adam.engine.columns import verbs
from raw2adam.mappings.models.derivation import DERIVATIONS, Example
from raw2adam.mappings.models.example import SOURCE, csv_text, example_files
from raw2adam.runs import from_raw
from raw2adam.synth.export import synthesise

#: findings that name rows: which ones is part of the message
NAMES_ROWS = "R2A-TIE-001"
OPTIONS = from_raw.Options(as_of=AS_OF, report=False)


def result(built) -> tuple[list[dict[str, dict[str, list[object]]]], list[tuple]]:
    """The variables of the datasets as built, and the findings without the numbers of raw rows."""
    data = [{name: values_of(dataset) for name, dataset in part.items()} for part in built.datasets]
    columns = {str(n): built.findings[n].tolist() for n in built.findings.columns if n != "row"}
    columns["message"] = [
        "" if rule == NAMES_ROWS else m for rule, m in zip(columns["rule"], columns["message"], strict=True)
    ]
    return data, sorted(zip(*(map(str, values) for values in columns.values()), strict=True))


def tables_of(example: Example) -> dict[str, dict[str, list[str]]]:
    """The raw tables of an example, each with the subject where its rows have one."""
    found = {name: dict(columns) for name, columns in {SOURCE: example.rows, **example.sources}.items()}
    if "SUBJ" not in found[SOURCE]:
        found[SOURCE] = {"SUBJ": ["01"] * max(map(len, found[SOURCE].values()), default=1), **found[SOURCE]}
    return found


MOST_ROWS = 7


def cells_like(columns: dict[str, list[str]]) -> list[list[str]]:
    """For each column the cells that it has, and an empty one; a subject is never empty."""
    return [
        sorted({*values, "02"} - {""}) if name == "SUBJ" else sorted({*values, ""}) for name, values in columns.items()
    ]


def rows_like(columns: dict[str, list[str]]) -> st.SearchStrategy[list[tuple[str, ...]]]:
    return st.lists(st.tuples(*map(st.sampled_from, cells_like(columns))), max_size=MOST_ROWS)


def compare_orders(tiny, verb: str, drawn: dict[str, list[tuple[str, ...]]], orders: random.Random) -> None:
    """The example of a derivation with the ``drawn`` rows, built as they are and with rows and columns shuffled."""
    example = DERIVATIONS[verb].example
    files = example_files(example)
    tables = tables_of(example)

    def built(shuffled: bool):
        raw = {}
        for name, columns in tables.items():
            names, rows = list(columns), list(drawn[name])
            if shuffled:
                orders.shuffle(names)
                orders.shuffle(rows)
            cells = [dict(zip(columns, row, strict=True)) for row in rows]
            raw[f"{name}.csv"] = csv_text({n: [c[n] for c in cells] for n in names}, name)
        datasets = {n.removesuffix(".yaml"): text for n, text in files.items() if n.startswith(("sdtm/", "adam/"))}
        extra = {n: t for n, t in files.items() if n not in datasets and not n.startswith(("raw/", "sdtm/", "adam/", "study.yaml"))}  # fmt: skip
        return tiny(raw, files["study.yaml"], datasets, extra=extra)

    straight, permuted = result(built(False)), result(built(True))
    assert permuted[0] == straight[0]
    assert permuted[1] == straight[1]


@pytest.mark.parametrize("verb", sorted(DERIVATIONS))
def test_every_derivation_gives_the_same_whatever_the_order_of_rows_and_columns(tiny, verb: str):
    """Seven rows of each table; make fuzz draws others."""
    orders = random.Random(verb)
    drawn = {
        name: [tuple(map(orders.choice, cells_like(columns))) for _ in range(MOST_ROWS)]
        for name, columns in tables_of(DERIVATIONS[verb].example).items()
    }
    compare_orders(tiny, verb, drawn, orders)


@pytest.mark.slow_examples
@pytest.mark.skipif(not fuzzing(), reason="make fuzz runs it")
@pytest.mark.parametrize("verb", sorted(DERIVATIONS) if fuzzing() else [])
@settings(
    max_examples=examples(1),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
@given(data=st.data())
def test_drawn_rows_give_the_same_in_any_order(tiny, verb: str, data):
    tables = tables_of(DERIVATIONS[verb].example)
    drawn = {name: data.draw(rows_like(columns), label=name) for name, columns in tables.items()}
    compare_orders(tiny, verb, drawn, random.Random(data.draw(st.integers(0, 2**16), label="order")))


# the shipped pack


#: the kinds of a package, with the least number of files that an export of OBS16577 has of both
KINDS, LEAST = ("sdtm", "adam"), 60


def found(out: Path, kinds: tuple[str, ...] = KINDS) -> list[tuple]:
    """The findings about datasets of some kinds, without the numbers of raw rows, which a permutation changes."""
    findings = json.loads((out / "reports" / "findings.json").read_text("utf-8"))["findings"]
    return sorted(
        (*(str(f[k]) for k in ("rule", "severity", "dataset", "subject", "sequence", "variable", "value")),
         "" if f["rule"] == NAMES_ROWS else f["message"], f["source"]["file"], f["source"]["column"])
        for f in findings if "adam" in kinds or not f["dataset"].startswith("AD")
    )  # fmt: skip


#: the annotated CRF has the forms and fields in the order of the sources and their columns, and what names its pages
IN_ORDER = ("acrf.pdf", "define.html")


def sums(out: Path, kinds: tuple[str, ...]) -> dict[str, str]:
    """The hash of the files of the packages, without the pages of the annotated CRF."""
    files = [p for kind in kinds for p in sorted((out / kind).rglob("*")) if p.is_file()]
    content = {p.relative_to(out).as_posix(): p.read_bytes() for p in files if p.name not in IN_ORDER}
    without_pages = {name: re.sub(rb' PageRefs="[0-9 ]*"', b"", data) for name, data in content.items()}
    return {name: hashlib.sha256(data).hexdigest() for name, data in without_pages.items()}


def check_same(permuted: Path, straight: Path, kinds: tuple[str, ...] = KINDS, least: int = LEAST) -> None:
    """The packages, without what the permuted build does not write: the drafts of the reviewer's guides."""
    got, expected = sums(permuted, kinds), sums(straight, kinds)
    assert expected.keys() - got.keys() <= {"sdtm/csdrg.docx", "adam/adrg.docx"}
    differing = [name for name in got if got[name] != expected.get(name)]
    assert (differing, len(got) > least) == ([], True), SEPARATE
    assert found(permuted, kinds) == found(straight, kinds), SEPARATE


#: what the message of a difference adds
SEPARATE = """the order of rows and the settings of the machine differ at once. To find which of them it is:
.venv/bin/python -m pytest --hypothesis-profile=fuzz tests/command/test_end_to_end.py -k settings
.venv/bin/python -m pytest --hypothesis-profile=fuzz tests/engine/test_row_order.py -k exports"""


def test_the_shipped_pack_gives_the_same_in_any_order_and_on_another_machine(tmp_path_factory):
    """SDTM of rows, columns and sources in another order, and a process with other settings.

    The process derives ADaM from that SDTM: tests/existing_sdtm/test_from_sdtm_registry.py compares it.
    """
    pack = clean_pack(tmp_path_factory)
    check_same(on_another_machine(tmp_path_factory, "pack") / "permuted", pack / "out", ("sdtm",), 30)


@pytest.mark.slow_examples
@pytest.mark.skipif(not fuzzing(), reason="two builds of the pack for each export: make fuzz runs it")
@settings(
    max_examples=examples(1),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
@given(seed=st.integers(1, 2**16), dirt=st.sampled_from(["typical", "none"]))
def test_drawn_exports_give_the_same_in_any_order(tmp_path_factory, seed: int, dirt: str):
    folder = tmp_path_factory.mktemp("order")
    synthesise(folder / "raw", subjects=4, seed=seed, dirt=dirt)
    from_raw.build("obs16577", folder / "raw", folder / "straight", OPTIONS)
    build_permuted(folder / "raw", folder / "permuted", seed, OPTIONS)
    check_same(folder / "permuted", folder / "straight")


# the order of all values


def test_rows_are_ordered_by_all_their_values():
    """See docs/semantics.md S8."""
    columns = [col.text_column(["b", "", "10", "9", "b", "b"]), col.text_column(["1", "1", "1", "1", "0", "1"])]
    # missing, then numbers by value, then texts; equal rows keep their order
    assert verbs.value_order(columns).tolist() == [1, 3, 2, 4, 0, 5]
    assert verbs.value_order([pd.Series([2.0, np.nan, -1.0])]).tolist() == [1, 2, 0]
    assert verbs.value_order([]).tolist() == []


ROWS = st.lists(st.tuples(*[st.sampled_from(["", "a", "b", "9", "10", "1.0", "1"])] * 4), max_size=12)


@settings(max_examples=examples(24), deadline=None)
@given(ROWS)
def test_the_order_of_values_agrees_with_sorting_tuples(rows: list):
    def key(text: str) -> tuple:
        return (0, 0.0, "") if not text else (1, float(text), text) if text[0].isdigit() else (2, 0.0, text)

    columns = [col.text_column([r[i] for r in rows]) for i in range(4)]
    expected = sorted(range(len(rows)), key=lambda i: [key(t) for t in rows[i]])
    got = verbs.value_order(columns).tolist() if rows else []
    assert got == expected
