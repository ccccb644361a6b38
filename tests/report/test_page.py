"""The page of objectives: headline numbers, tables, what a number counts, masking, and texts that stay texts.

Not for the figures (test_figures.py). The analyses are literal (kit/computed_analyses.py).
"""

from __future__ import annotations

import base64
from dataclasses import replace

import numpy as np
import pytest
from kit.computed_analyses import ANALYSES, COLUMNS, EVENTS, RESPONSE, SUBJECTS, SURVIVAL, median
from lxml import html
from raw2adam.analyses.results import SubjectSets
from raw2adam.report.headline import tile_of
from raw2adam.report.page import objectives_html
from raw2adam.report.subject_data import SetsOfPage
from raw2adam.validation.reports.finding_data import unpacked

FILES = {"": ["reports/analyses.json"], "ORR12": ["reports/analyses/ORR12.csv", "reports/analyses/ORR12.rtf"]}


@pytest.fixture(scope="module")
def page():
    return html.fromstring(objectives_html(ANALYSES, figures={}, files=FILES))


def data(page) -> dict:
    return unpacked(page.xpath("string(//script[@id='data'])"))


def text(element) -> str:
    return " ".join(" ".join(element.itertext()).split())


def article(page, name: str):
    return page.xpath(f"//article[@id='{name}']")[0]


def test_headline_numbers_are_at_the_top(page):
    heads = [text(h) for h in page.xpath("//li[@class='head']")]
    assert heads == [
        "Title of ORR12 Responders, n (%) 41.7% 95% CI 15.2 to 72.3 5 of 12 subjects Effectiveness set, All subjects, N=12 "
        "All subjects N=12 41.7% Regimen A N=7 57.1% Regimen <B> & others N=5 20.0%",
        "Title of PFS Median (95% CI), months 9 months 95% CI 5 to not reached Effectiveness set, All subjects, N=12 "
        "All subjects N=12 9 Regimen A N=7 not reached Regimen <B> & others N=5 9",
    ]


def test_the_picture_of_an_interval_without_an_upper_end_goes_to_the_edge():
    tile = tile_of(SURVIVAL)
    assert tile is not None and [line.whisker for line in tile.lines] == [(48.7, 120.0), None, (22.5, 109.8)]
    assert tile_of(EVENTS) is None


def test_sections_and_their_displays_are_in_the_contents(page):
    names = [text(e) for e in page.xpath("//nav[@aria-label='Displays']//h2")]
    assert names == ["Effectiveness", "Quality of life", "Safety"]
    links = page.xpath("//nav[@aria-label='Displays']//li/a/@href")
    assert links == [f"#{d.id}" for d in ANALYSES.displays] and len(set(page.xpath("//@id"))) == len(
        page.xpath("//@id")
    )


def test_a_table_has_the_texts_of_the_cells(page):
    rows = [[text(c) for c in row] for row in article(page, "ORR12").xpath(".//tr")]
    assert rows == [
        ["", "All subjects N=12", "Regimen A N=7", "Regimen <B> & others N=5"],
        ["Responders, n (%)", "5 (41.7)", "4 (57.1)", "1 (20.0)"],
        ["95% interval", "(15.2, 72.3)", "(18.4, 90.1)", "(0.5, 71.6)"],
    ]
    assert [text(li) for li in article(page, "ORR12").xpath(".//ul[@class='notes']/li")] == [
        "Subjects without an assessment are no responders.", "Exact intervals.",
    ]  # fmt: skip
    assert article(page, "ORR12").xpath(".//span[@class='files']/a/@href") == [
        "analyses/ORR12.csv",
        "analyses/ORR12.rtf",
    ]
    assert page.xpath("//p[@id='hint']/a/@href") == ["analyses.json"]


def test_a_long_table_is_folded_and_opens(page):
    assert article(page, "ORR12").xpath("./details[not(@class)]/@open") == [""]
    assert text(article(page, "AE").xpath("./details/summary")[0]) == "Table, 6 rows"


def test_a_number_leads_to_its_subjects(page):
    block = data(page)
    size, bits = (len(block["subjects"]) + 7) // 8, base64.b64decode(block["sets"])

    def subjects(of: str) -> set[str]:
        found = set(block["subjects"])
        for at in map(int, of.split("&")):
            member = np.unpackbits(np.frombuffer(bits[at * size : at * size + size], dtype=np.uint8))[
                : len(block["subjects"])
            ]
            found &= set(np.array(block["subjects"])[member.astype(bool)])
        return found

    cells = article(page, "ORR12").xpath(".//tr[@data-r][1]//button/@data-s")
    numerators, denominators = zip(*(tuple(map(subjects, c.split(" "))) for c in cells), strict=True)
    assert numerators == ({"S-01", "S-02", "S-03", "S-04", "S-08"}, {"S-01", "S-02", "S-03", "S-04"}, {"S-08"})
    assert [len(d) for d in denominators] == [12, 7, 5]
    assert article(page, "ORR12").xpath(".//tr[@data-r][2]//button/@data-s") == []
    about = block["displays"]["ORR12"]
    assert about["condition"] == "EFFFL == 'Y'" and about["columns"][1]["condition"] == "TRT01A == 'A'"
    assert about["results"][0] == {
        "id": "RESPONDERS", "title": "Responders", "statistic": "proportion", "dataset": "ADRS", "parameter": "RSP12",
        "where": "EFFFL == 'Y'", "spec": "analyses/all.yaml:9:1",
    }  # fmt: skip


def test_a_set_of_a_group_that_follows_from_the_set_of_all_is_not_stored():
    sets, row = SetsOfPage(ANALYSES), RESPONSE.results[0].rows[0]
    assert [sets.cell(row.cells, i, COLUMNS) for i in range(3)] == ["0 1", "0&2 2", "0&3 3"]
    assert len(base64.b64decode(sets.block()["sets"])) == 4 * 2


def test_masked_analyses_have_no_subjects_in_the_page():
    masked = html.fromstring(objectives_html(ANALYSES, figures={}, files={}, mask_below=5))
    assert "subjects" not in data(masked) and masked.xpath("//@data-s") == []
    assert text(masked.xpath("//p[@class='masked']")[0]).startswith("Counts below 5 are masked, and numbers from which")
    assert "left out, because small counts are masked" in text(article(masked, "SWIM"))
    assert not any(s in masked.text_content() for s in SUBJECTS.subjects)


def test_an_empty_display_states_why(page):
    assert "Best change of a </script> protein: no results. There is no dataset ADLB." in text(article(page, "NONE"))


def test_texts_of_the_data_stay_texts_and_nothing_is_loaded(page):
    assert len(page.xpath("//script")) == 3 and page.xpath("//b[not(text())]") == []
    assert page.xpath("//@src | //link | //@href[contains(., '://')]") == []


def test_a_study_without_analyses_has_a_page():
    empty = html.fromstring(
        objectives_html(replace(ANALYSES, displays=(), subjects=SubjectSets([])), figures={}, files={})
    )
    assert "its folder analyses/ has no display" in empty.text_content()


def test_a_number_that_is_absent_is_in_words(page):
    assert [text(c) for c in article(page, "PFS").xpath(".//tr[@data-r][2]/td")] == [
        "9 (5, not reached)",
        "not reached",
        "9 (2, 12)",
    ]
    row = replace(SURVIVAL.results[0].rows[1], cells=(replace(median(None, "", None, None)),) * 3)
    shown = replace(SURVIVAL, results=(replace(SURVIVAL.results[0], rows=(row,)),))
    one = html.fromstring(objectives_html(replace(ANALYSES, displays=(shown,)), figures={}, files={}))
    assert [text(c) for c in article(one, "PFS").xpath(".//tr[@data-r]/td")] == ["not reached"] * 3
