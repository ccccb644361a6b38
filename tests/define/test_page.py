"""define.html: everything of define.xml is on the page, every link leads somewhere, no text becomes markup or code."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import unquote

import pytest
from kit.define_sample import ADAM, ADAM_STUDY, AE, SDTM, STUDY, WHOLE, hostile_sdtm
from lxml import etree
from raw2adam.define.document import DefineDataset, define_xml
from raw2adam.define.page import Anchors, define_html, stylesheet
from raw2adam.define.page_links import opening
from raw2adam.errors import InputError


def tree(page: bytes):
    return etree.fromstring(page, etree.HTMLParser())


def text_of(element) -> str:
    return " ".join("".join(element.itertext()).split())


PAGES = {
    "sdtm": define_xml(STUDY, SDTM),
    "adam": define_xml(ADAM_STUDY, ADAM),
    "whole": WHOLE.encode(),
    "hostile": define_xml(STUDY, hostile_sdtm()),
}


@pytest.mark.parametrize("xml", PAGES.values(), ids=PAGES)
def test_every_internal_link_leads_to_one_element(xml: bytes):
    page = tree(define_html(xml))
    ids = page.xpath("//@id")
    assert len(ids) == len(set(ids))
    links = {unquote(h[1:]) for h in page.xpath("//@href") if h.startswith("#")}
    assert links and links <= set(ids)


@pytest.mark.parametrize("xml", PAGES.values(), ids=PAGES)
def test_the_page_loads_nothing_from_anywhere(xml: bytes):
    page = tree(define_html(xml))
    assert list(page.iter("link", "img", "iframe", "object", "embed", "base", "source", "video")) == []
    assert page.xpath("//@src | //@data | //@background") == []
    styles = "".join(page.xpath("//style/text() | //@style"))
    assert "@import" not in styles and "url(" not in styles
    assert "default-src 'none'" in page.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")[0]


def test_the_page_shows_the_study_and_is_the_same_each_time():
    page = define_html(PAGES["sdtm"])
    text = text_of(tree(page))
    for expected in ("OBS16577", "Adverse Events", "AETERM", "KUMAR IMWG 2016", "From B2MICG and ALB.", "Coded."):
        assert expected in text
    assert define_html(PAGES["sdtm"]) == page


def test_every_part_of_a_define_xml_is_on_the_page():
    page = tree(define_html(PAGES["whole"]))
    text = text_of(page)
    for expected in (
        "A study", "P1", "ADaMIG", "1.3", "Time to event", "BASIC DATA STRUCTURE / TIME-TO-EVENT",
        "One record per subject per parameter", "Repeating", "Parameter Code", "Collected (Investigator): Form 3",
        "8.2", "Progression", "C1", "C9", "added by the sponsor", "MedDRA 28.0", "x = 1;", "See the guide.",
        "Table 1", "Median", "SPECIFIED IN PROTOCOL", "PRIMARY OUTCOME MEASURE", "Kaplan-Meier", "survfit()",
    ):  # fmt: skip
        assert expected in text, expected
    assert [text_of(p) for p in page.xpath("//section[@id='methods']//p")][:2] == ["First line.", "Second line."]


def test_the_front_page_of_the_run_is_linked_where_there_is_one():
    page = tree(define_html(PAGES["whole"], "../index.html"))
    assert text_of(page.xpath("//nav//a[@href='../index.html']")[0]) == "Front page of the run"
    assert b"Front page" not in define_html(PAGES["whole"])


def test_pages_of_a_document_are_linked():
    page = tree(define_html(PAGES["whole"]))
    links = {text_of(a): a.get("href") for a in page.iter("a")}
    assert links["page 3"] == "acrf.pdf#page=3"
    assert links["page 5"] == "acrf.pdf#page=5"
    assert links["Section 4"] == "adrg.pdf#Sec4"
    assert links["Annotated CRF"] == "acrf.pdf"
    assert links["adtte.xpt"] == "adtte.xpt"


@pytest.mark.parametrize(
    "href",
    ["javascript:alert(1)", "../../etc/passwd", "file:" + "///etc/passwd", "data:text/html,x", "a b.pdf", "//host/x"],
)
def test_an_address_that_leads_elsewhere_is_shown_and_not_linked(href: str):
    xml = WHOLE.replace('xlink:href="acrf.pdf"', f'xlink:href="{href}"').encode()
    page = tree(define_html(xml))
    assert [h for h in page.xpath("//@href") if h.startswith(href)] == []
    assert "Annotated CRF" in text_of(page)


def test_value_level_rows_follow_their_variable_with_their_condition():
    page = tree(define_html(PAGES["whole"]))
    (row,) = page.xpath("//tr[@class='value']")
    assert text_of(row).startswith("PARAMCD is one of PFS, OS")
    variable = row.getparent().getprevious()
    assert text_of(variable.xpath(".//th")[0]).startswith("AVAL")
    assert variable.xpath(".//button/@aria-expanded") == ["true"]  # without a script all rows are visible


def test_a_method_and_a_codelist_link_back_to_their_variables():
    page = tree(define_html(PAGES["whole"]))
    used = {
        s.get("id"): text_of(s.xpath(".//p[@class='users']")[0])
        for s in page.xpath("//*[@data-search][.//p[@class='users']]")
    }
    assert used["method.MT.1"] == "Used by ADTTE.AVAL where PARAMCD is one of PFS, OS"
    assert used["codelist.CL.P"] == "Used by ADTTE.PARAMCD"
    assert used["comment.COM.1"] == "Used by ADTTE.AVAL, ADaMIG"


def test_hostile_text_stays_text():
    page = define_html(PAGES["hostile"])
    plain = define_html(define_xml(STUDY, [DefineDataset(replace(AE, comment="x"), 1, {}, "ae.xpt")]))
    # the page's one script, the same whatever the data
    assert [s.text for s in tree(page).iter("script")] == [s.text for s in tree(plain).iter("script")]
    assert len(list(tree(page).iter("script"))) == 1
    assert tree(page).xpath("//@*[starts-with(name(), 'on')]") == []
    assert b"&lt;script&gt;alert" in page


def test_an_entity_is_refused(tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("KEEP-THIS")
    head, rest = PAGES["sdtm"].split(b"<ODM", 1)
    attack = f'<!DOCTYPE ODM [<!ENTITY leak SYSTEM "{secret.as_uri()}">]>'.encode()
    body = rest.replace(b"Isatuximab in routine practice", b"&leak;")
    with pytest.raises(InputError, match="has no DOCTYPE"):
        define_html(head + attack + b"<ODM" + body)


def test_anchors_are_safe_and_different():
    anchors = Anchors()
    assert anchors.add("method", "MT.AE.AEDY") == "method.MT.AE.AEDY"
    assert anchors.add("method", "a b") == "method.a-b"
    assert anchors.add("method", "a/b") == "method.a-b.2"
    assert anchors.add("method", "a b") == "method.a-b"
    assert anchors.add("method", "\u00e4") == "method.x"
    assert anchors.find("method", "absent") == ""


def test_the_stylesheet_is_the_one_that_define_xml_names():
    assert b"<xsl:stylesheet" in stylesheet()
    assert b"Define-XML 2.1" in stylesheet()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("AVAL is 1.\nMore.", "AVAL is 1."),
        ("For PARAMCD 'OVR':\nAVAL is 1.\nFor others:\nAVAL is 2.", "For PARAMCD 'OVR': AVAL is 1."),
        ("For nothing:", "For nothing:"),
        ("", ""),
        ("word " * 60, "word " * 44 + "..."),
    ],
)
def test_the_opening_of_a_method(text, shown):
    assert opening(text) == shown
