"""An analysis with ``confidence: 0.9``: page, figures, their words and tables name that level."""

from __future__ import annotations

from dataclasses import replace

from kit.computed_analyses import ANALYSES, FOREST
from raw2adam.analyses.results import ComputedDisplay
from raw2adam.report.figures.draw import figure_of
from raw2adam.report.figures.parts import levels_text
from raw2adam.report.headline import tile_of
from raw2adam.report.page import objectives_html
from raw2adam.report.rtf_table import rtf_bytes


def at_90(display: ComputedDisplay) -> ComputedDisplay:
    return replace(display, results=tuple(replace(r, settings={"confidence": "0.9"}) for r in display.results))


NINETY = replace(ANALYSES, displays=tuple(at_90(d) for d in ANALYSES.displays))


def test_figures_and_their_words_name_the_level_of_the_analysis():
    named = []
    for display in NINETY.displays:
        if (figure := figure_of(display, NINETY.subjects)) is not None:
            shown = figure.svg.decode("utf-8") + figure.alt
            assert "95%" not in shown, display.id
            named += [display.id] if "90%" in shown else []
    assert named == ["PFS", "TTNT", "SUB", "QOL"]


def test_results_with_two_levels_name_both():
    assert levels_text([*at_90(FOREST).results, *FOREST.results]) == "90% and 95%"


def test_tables_headlines_and_the_page_name_the_level_of_the_analysis():
    assert b"Estimate (90% CI)" in rtf_bytes(at_90(FOREST), NINETY)
    assert b"Estimate (90% CI)" in objectives_html(NINETY, figures={}, files={})
    tiles = [tile for d in NINETY.displays if (tile := tile_of(replace(d, headline=True))) is not None]
    assert {line.interval[:6] for tile in tiles for line in tile.lines} == {"", "90% CI"}
