"""define.xml in further languages: the elements, the page, and the list of texts that have no translation."""

from __future__ import annotations

from dataclasses import replace

from kit.define_sample import NS, SDTM, STUDY
from lxml import etree, html
from raw2adam.define.checks import xsd_problems
from raw2adam.define.document import define_xml
from raw2adam.define.page import define_html
from raw2adam.define.reading import read_define
from raw2adam.define.translatable import translatable
from raw2adam.define.writing import define_of_content
from raw2adam.mappings.models.define_texts import missing_csv, missing_texts

TEXTS = {
    "zh": {"Adverse Events": "不良事件", "Yes": "是", "From B2MICG and ALB.": "<由> B2MICG 和 ALB"},
    "ja": {"Adverse Events": "有害事象"},
}
XML = define_xml(replace(STUDY, translations=TEXTS), SDTM)


def texts(path: str) -> list[tuple[str | None, str | None]]:
    lang = "{http://www.w3.org/XML/1998/namespace}lang"
    return [(e.get(lang), e.text) for e in etree.fromstring(XML).xpath(f"{path}//o:TranslatedText", namespaces=NS)]


def test_a_text_is_in_english_and_in_each_language_that_has_it():
    assert texts("//o:ItemGroupDef[@Name='AE']/o:Description") == [
        ("en", "Adverse Events"), ("zh", "不良事件"), ("ja", "有害事象"),
    ]  # fmt: skip
    assert texts("//o:CodeListItem[@CodedValue='Y']") == [("en", "Yes"), ("zh", "是")]
    assert texts("//o:CodeListItem[@CodedValue='N']") == [("en", "No")]
    assert texts("//o:MethodDef[contains(@OID, 'RSSTRESC')]")[1] == ("zh", "<由> B2MICG 和 ALB")
    assert xsd_problems(XML) == []


def test_the_languages_are_read_and_written_again():
    content = read_define(XML)
    assert (content.language, dict(content.translations)) == ("en", TEXTS)
    assert define_of_content(content) == XML


def test_the_page_shows_them():
    page = html.fromstring(define_html(XML).decode())
    shown = {(s.get("lang"), s.text) for s in page.xpath("//span[@class='also']")}
    assert shown == {(language, text) for language, found in TEXTS.items() for text in found.values()}


def test_the_texts_without_a_translation_are_listed():
    found = set(translatable(read_define(XML)))
    assert {"Adverse Events", "Yes", "Coded.", "From B2MICG and ALB."} <= found
    assert missing_texts(["Yes", "No", "1", "", "No"], TEXTS) == [("No", "zh"), ("Yes", "ja"), ("No", "ja")]
    assert missing_csv([('A "b"\nc', "zh")]).decode("utf-8-sig") == 'text,language,english\n,zh,"A ""b""\nc"\n'
