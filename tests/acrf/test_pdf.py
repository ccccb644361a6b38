"""The annotated CRF as PDF, workbook and XFDF, read back by other readers; hostile forms; the command and the build."""

from __future__ import annotations

import io
import json
from pathlib import Path
from xml.etree import ElementTree

import pytest
from kit.command import raw2adam
from raw2adam.acrf.annotations import Annotation, Annotations
from raw2adam.acrf.colors import colors_of
from raw2adam.acrf.compose import compose
from raw2adam.acrf.forms import CrfField, CrfForm, RawColumn
from raw2adam.acrf.lettering import further_letters, lines, not_embedded, shown, width
from raw2adam.acrf.pages import BOTTOM, LEFT, RIGHT, TOP
from raw2adam.acrf.pdf import crf_pdf
from raw2adam.acrf.sponsor_pdf import find_fields, pages_yaml, read_pdf
from raw2adam.acrf.value_pages import with_pages_of_values
from raw2adam.acrf.xfdf import found_notes
from raw2adam.define.reading import read_define
from raw2adam.engine.plan.plan import PlannedStudy
from raw2adam.engine.tables.dataset import DatasetMetadata, Origin, RangeCheck, ValueLevel
from raw2adam.findings.table import Findings
from raw2adam.mappings.facts.document_pages import DocumentPages
from raw2adam.mappings.models.study import StudySpec
from raw2adam.runs.crf_letters import report_letters
from raw2adam.runs.drawn_crf import Drawn

STUDY_YAML = """\
study: {id: S1, title: A small study, as_of: 2021-06-01}
subject: {columns: [SUBJ], usubjid: "{STUDYID}-{SUBJ:02}"}
documents:
  acrf: {file: acrf.pdf, title: Annotated CRF, role: crf, generated: acrf}
visits: {BASELINE: {num: 1, labels: [SE.BL]}, MONTH 1: {num: 2, labels: [SE.M1]}}
sources:
  vs: {file: all.xml, item_group: IG.VS, subject: {columns: [SubjectKey]}, not_submitted: &keys {StudyEventOID: key, StudyEventRepeatKey: key, FormOID: key, FormRepeatKey: key, ItemGroupOID: key, ItemGroupRepeatKey: key}}
  dm: {file: all.xml, item_group: IG.DM, subject: {columns: [SubjectKey]}, not_submitted: *keys}
  lab: {file: lab.csv, origin: Vendor}
  sites: {file: sites.csv, subject: none}
"""
DM = """\
dataset: DM
rows: {source: dm, join: {source: sites, on: {SubjectKey: KEY}}}
variables: {SEX: SEX, COUNTRY: {value: DEU}, INVNAM: sites.INV}
"""
VS = """\
dataset: VS
rows: {source: vs, unpivot: {WEIGHT: {result: WT, unit: {from: WT_UNIT}}}}
variables: {VSORRESU: {original_unit: UNIT}, VSSTRESC: {standard_result: RESULT}, VISIT: {visit: StudyEventOID}}
"""
LB = "dataset: LB\nrows: {source: lab}\nvariables: {LBTESTCD: TEST, LBORRES: RESULT, LBSTRESC: RESULT}\n"
ODM = """\
<ODM xmlns="http://www.cdisc.org/ns/odm/v1.3" FileType="Snapshot" FileOID="1" ODMVersion="1.3.2" CreationDateTime="2021-01-01T00:00:00">
<Study OID="S"><GlobalVariables><StudyName>S</StudyName><StudyDescription>S</StudyDescription><ProtocolName>S</ProtocolName></GlobalVariables>
<BasicDefinitions><MeasurementUnit OID="U.KG" Name="kg"><Symbol><TranslatedText>kg</TranslatedText></Symbol></MeasurementUnit></BasicDefinitions>
<MetaDataVersion OID="M" Name="M">
<Protocol><StudyEventRef StudyEventOID="SE.BL" OrderNumber="1" Mandatory="Yes"/><StudyEventRef StudyEventOID="SE.M1" OrderNumber="2" Mandatory="Yes"/></Protocol>
<StudyEventDef OID="SE.M1" Name="Month 1" Repeating="No" Type="Scheduled"><FormRef FormOID="F.VS" Mandatory="No"/></StudyEventDef>
<StudyEventDef OID="SE.BL" Name="Baseline" Repeating="No" Type="Scheduled"><FormRef FormOID="F.DM" Mandatory="No"/><FormRef FormOID="F.VS" Mandatory="No"/></StudyEventDef>
<FormDef OID="F.DM" Name="Demography" Repeating="No"><ItemGroupRef ItemGroupOID="IG.DM" Mandatory="Yes"/></FormDef>
<FormDef OID="F.VS" Name="Vital signs" Repeating="No"><ItemGroupRef ItemGroupOID="IG.VS" Mandatory="Yes"/></FormDef>
<FormDef OID="F.X" Name="Nobody reads it" Repeating="No"><ItemGroupRef ItemGroupOID="IG.X" Mandatory="Yes"/></FormDef>
<ItemGroupDef OID="IG.DM" Name="DM" Repeating="No"><ItemRef ItemOID="I.SEX" Mandatory="No"/></ItemGroupDef>
<ItemGroupDef OID="IG.VS" Name="VS" Repeating="No"><ItemRef ItemOID="I.WT" Mandatory="No"/></ItemGroupDef>
<ItemGroupDef OID="IG.X" Name="X" Repeating="No"><ItemRef ItemOID="I.X" Mandatory="No"/></ItemGroupDef>
<ItemDef OID="I.SEX" Name="SEX" DataType="text"><Question><TranslatedText>What is the sex?</TranslatedText></Question><CodeListRef CodeListOID="CL.SEX"/></ItemDef>
<ItemDef OID="I.WT" Name="WT" DataType="float"><Question><TranslatedText>Weight &#8805; 1 &#26085;</TranslatedText></Question><MeasurementUnitRef MeasurementUnitOID="U.KG"/></ItemDef>
<ItemDef OID="I.X" Name="X" DataType="text"/>
<CodeList OID="CL.SEX" Name="SEX" DataType="text"><CodeListItem CodedValue="M"><Decode><TranslatedText>Male</TranslatedText></Decode></CodeListItem><CodeListItem CodedValue="F"><Decode><TranslatedText>Female</TranslatedText></Decode></CodeListItem></CodeList>
</MetaDataVersion></Study>
<ClinicalData StudyOID="S" MetaDataVersionOID="M"><SubjectData SubjectKey="01"><StudyEventData StudyEventOID="SE.BL">
<FormData FormOID="F.DM"><ItemGroupData ItemGroupOID="IG.DM"><ItemData ItemOID="I.SEX" Value="F"/></ItemGroupData></FormData>
<FormData FormOID="F.VS"><ItemGroupData ItemGroupOID="IG.VS"><ItemData ItemOID="I.WT" Value="70"><MeasurementUnitRef MeasurementUnitOID="U.KG"/></ItemData></ItemGroupData></FormData>
</StudyEventData></SubjectData></ClinicalData></ODM>
"""
FILES = {
    "study/study.yaml": STUDY_YAML,
    "study/sdtm/dm.yaml": DM,
    "study/sdtm/vs.yaml": VS,
    "study/sdtm/lb.yaml": LB,
    "raw/all.xml": ODM,
    "raw/sites.csv": "KEY,INV\n01,Smith\n",
    "raw/lab.csv": "SUBJ,TEST,RESULT\n01,ALB,40\n",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    root = tmp_path_factory.mktemp("acrf")
    for name, text in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, "utf-8")
    done = raw2adam("acrf", root / "study", "--raw", root / "raw", "--out", root / "acrf")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        f"{root / 'acrf'}: 3 forms, 3 fields, 4 pages; 1 fields are not submitted",
        f"{root / 'acrf'}: no rule of SDTM reads a field of these forms: Nobody reads it",
    ]
    return root


def read(data: bytes):
    from pypdf import PdfReader

    return PdfReader(io.BytesIO(data), strict=True)


def annotations(page) -> list[str]:
    found = [a.get_object() for a in page.get("/Annots", [])]
    return [a["/Contents"] for a in found if a["/Subtype"] == "/FreeText"]


def outline(reader, entries=None, level=0) -> list[tuple[int, str, int]]:
    out = []
    for entry in reader.outline if entries is None else entries:
        if isinstance(entry, list):
            out += outline(reader, entry, level + 1)
        else:
            out.append((level, entry.title, reader.get_destination_page_number(entry) + 1))
    return out


def test_forms_of_odm_have_questions_choices_units_and_annotations(folder):
    reader = read((folder / "acrf" / "acrf.pdf").read_bytes())
    assert len(reader.pages) == 4
    assert annotations(reader.pages[1]) == [
        "DM (Demographics)", 'DM.COUNTRY = "DEU"', "DM.SUBJID, DM.SITEID", "DM.SEX",
    ]  # fmt: skip
    assert annotations(reader.pages[2]) == [
        "VS (Vital Signs)", "VS.VISITNUM, VS.VISIT (assigned)", 'VS.VSORRES, VS.VSORRESU where VSTESTCD = "WEIGHT"',
    ]  # fmt: skip
    assert annotations(reader.pages[3]) == ["[NOT SUBMITTED]", "[NOT SUBMITTED]"]
    demography, vitals = (reader.pages[i].extract_text() for i in (1, 2))
    assert "What is the sex?" in demography and "M = Male" in demography and "F = Female" in demography
    assert "Weight ≥ 1" in vitals and "unit: kg" in vitals


def test_bookmarks_lead_to_forms_by_visit_and_by_form(folder):
    assert outline(read((folder / "acrf" / "acrf.pdf").read_bytes())) == [
        (0, "Legend and contents", 1),
        (0, "Visits", 1),
        (1, "BASELINE", 2), (2, "Demography", 2), (2, "Vital signs", 3),
        (1, "MONTH 1", 3), (2, "Vital signs", 3),
        (0, "Forms", 1),
        (1, "Demography", 2), (1, "Vital signs", 3), (1, "Nobody reads it", 4),
    ]  # fmt: skip


def test_the_workbook_has_the_page_and_the_rule_of_each_annotation(folder):
    import openpyxl

    book = openpyxl.load_workbook(folder / "acrf" / "acrf.xlsx")
    heads, *rows = [[c or "" for c in row] for row in book["Annotations"].iter_rows(values_only=True)]
    wanted = ["Form", "Field", "Page", "Dataset", "Variable", "Where", "Origin", "Rule", "Source columns"]
    at = [heads.index(name) for name in wanted]
    assert [[row[i] for i in at] for row in rows] == [
        ["Demography", "", "2", "DM", "COUNTRY", "", "Assigned (Sponsor)", "sdtm/dm.yaml:3:32", ""],
        ["Demography", "SEX", "2", "DM", "SEX", "", "Collected (Investigator)", "sdtm/dm.yaml:3:18", "dm.SEX"],
        ["Vital signs", "WT", "3", "VS", "VSORRES, VSORRESU", 'VSTESTCD = "WEIGHT"', "Collected (Investigator)",
         "sdtm/vs.yaml:3:23", "vs.WT, vs.WT_UNIT"],
        ["Nobody reads it", "X", "4", "", "", "", "", "", ""],
    ]  # fmt: skip
    assert [row[3:] for row in book["Choices"].iter_rows(min_row=2, values_only=True)] == [
        ("M", "Male"),
        ("F", "Female"),
    ]


def test_the_annotations_as_xfdf_lie_where_the_pdf_has_them(folder):
    root = ElementTree.fromstring((folder / "acrf" / "acrf.xfdf").read_bytes())
    name = "{http://ns.adobe.com/xfdf/}"
    found = root.findall(f"{name}annots/{name}freetext")
    page = read((folder / "acrf" / "acrf.pdf").read_bytes()).pages[2]
    here = [a for a in found if a.get("page") == "2"]
    assert [a.findtext(f"{name}contents") for a in here] == annotations(page)
    rects = [[round(float(v), 1) for v in a["/Rect"]] for a in (r.get_object() for r in page["/Annots"])]
    assert [[round(float(v), 1) for v in a.get("rect").split(",")] for a in here] == rects
    assert (root.find(f"{name}f").get("href"), here[0].get("color"), here[1].get("style")) == (
        "acrf.pdf", "#FFFF96", "dash",
    )  # fmt: skip


def test_a_build_writes_the_same_pdf_and_gives_its_pages_to_collected_variables(folder):
    out = folder / "out"
    words = ["--raw", folder / "raw", "--out", out, "--no-quality", "--no-raw-copy", "--fail-on", "never"]
    done = raw2adam("build", folder / "study", "--only", "sdtm", *words, pages=False)
    assert done.returncode == 0, done.stderr
    assert (out / "sdtm" / "acrf.pdf").read_bytes() == (folder / "acrf" / "acrf.pdf").read_bytes()
    content = read_define((out / "sdtm" / "define.xml").read_bytes())
    pages = {
        i.name: [p.pages for d in o.documents for p in d.pages]
        for dataset in content.datasets
        for i in dataset.items
        for o in i.origins
        if o.type == "Collected"
    }
    # the laboratory is a vendor: no form has its results
    assert pages == {
        "SUBJID": ["2"], "SITEID": ["2"], "SEX": ["2"], "VSORRES": ["3"], "VSORRESU": ["3"],
        "LBTESTCD": [], "LBORRES": [], "LBSTRESC": [], "INVNAM": [],
    }  # fmt: skip
    # nor does a form have the table of sites, which no vendor has recorded
    found = json.loads((out / "reports" / "findings.json").read_text("utf-8"))["findings"]
    assert [(f["dataset"], f["variable"]) for f in found if f["rule"] == "R2A-DOC-002"] == [("DM", "INVNAM")]
    # the letter of Japan in the question of the weight
    message = "fonts of the annotated CRF that are not embedded: STSong-Light"
    assert [f["message"] for f in found if f["rule"] == "R2A-DOC-004"] == [message]
    assert not [f for f in found if f["rule"] == "R2A-DOC-003"]


def test_a_value_level_definition_has_the_pages_of_its_values_alone():
    pages = {("RS", "RSORRES", "RSTESTCD", "A"): {3}, ("RS", "RSORRES", "RSTESTCD", "B"): {5, 9}}
    of_variable = (DocumentPages("acrf", (3, 5, 7)), DocumentPages("other", (1,)))

    def level(comparator: str, *codes: str, origin: str = "Collected") -> ValueLevel:
        documents = of_variable if origin == "Collected" else ()
        return ValueLevel(
            "RSORRES", (RangeCheck("RSTESTCD", comparator, codes),), origin=Origin(origin, "", (), documents)
        )

    levels = [
        level("EQ", "A"),
        level("IN", "A", "B"),
        level("EQ", "C"),
        level("NE", "A"),
        level("EQ", "A", origin="Derived"),
    ]
    spec = DatasetMetadata("RS", "", (), (), values=tuple(levels))
    found = with_pages_of_values(spec, "acrf", pages).values
    # C is in no annotation: the pages of the variable are all that is known; other documents stay
    assert [[d.pages for d in v.origin.documents] for v in found] == [
        [(3,), (1,)], [(3, 5), (1,)], [(3, 5, 7), (1,)], [(3, 5, 7), (1,)], [],
    ]  # fmt: skip


def test_pages_of_the_sponsors_own_pdf_get_the_annotations_in_the_xfdf(folder, tmp_path):
    for name in ("study/sdtm/dm.yaml", "study/sdtm/vs.yaml", "study/sdtm/lb.yaml"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(FILES[name], "utf-8")
    text = STUDY_YAML.replace(", generated: acrf", "").replace(
        "  dm: {file: all.xml,", "  dm: {crf: 12, file: all.xml,"
    )
    (tmp_path / "study/study.yaml").write_text(text, "utf-8")
    done = raw2adam("acrf", tmp_path / "study", "--raw", folder / "raw", "--out", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    name = "{http://ns.adobe.com/xfdf/}"
    root = ElementTree.fromstring((tmp_path / "out" / "acrf.xfdf").read_bytes())
    found = [(a.get("page"), a.findtext(f"{name}contents")) for a in root.iter(f"{name}freetext")]
    assert found == [("11", "DM.SEX")]
    assert "1 annotations on the pages that study.yaml names; 2 fields have no page" in done.stdout


def sponsors_pdf(*pages: list[tuple[float, float, str]]) -> bytes:
    """A PDF with these texts: (x, y, text)."""
    from reportlab.pdfgen.canvas import Canvas

    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(500, 700), invariant=1)
    for page in pages:
        for x, y, text in page:
            canvas.drawString(x, y, text)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def test_the_fields_are_found_in_the_sponsors_pdf(tmp_path):
    (tmp_path / "crf.pdf").write_bytes(
        sponsors_pdf(
            [(50, 650, "Contents"), (50, 600, "Adverse event 2"), (50, 580, "Vital signs 3")],
            [
                (50, 660, "ADVERSE  EVENT"),
                (50, 500, "1."),
                (70, 500, "What is"),
                (120, 501, "the event?"),
                (50, 400, "Serious"),
            ],
            [(50, 660, "Vital signs"), (50, 500, "Start date"), (50, 450, "Starting"), (50, 300, "What is the event?")],
        )
    )
    pdf = read_pdf(tmp_path / "crf.pdf")

    def form(title: str, *fields: tuple[str, str]) -> CrfForm:
        listed = tuple(CrfField(n, label, columns=(RawColumn("ae", n),)) for n, label in fields)
        return CrfForm(title, title, "ae.csv", listed, sources=("ae",))

    forms = [
        form("Adverse event", ("TERM", "What is the event?"), ("SER", "Serious?"), ("ST_DT", "Start date")),
        form("Vital signs", ("START", ""), ("ST_DT", "Start date"), ("ST_DT2", "Start date")),
        form("Death", ("TERM", "What is the event?")),
    ]
    found = find_fields(pdf, forms)
    # by hand: a number may come before a question, words are whole, a line is of one field, and Death is no title
    assert {k: (line.page, round(line.y)) for k, line in found.items()} == {
        (0, 0): (2, 501), (0, 1): (2, 400), (1, 1): (3, 500),
    }  # fmt: skip
    assert pages_yaml(found, forms, "crf.pdf") == (
        '# pages of "crf.pdf", for study.yaml; check them\nsources:\n  "ae":\n'
        '    crf: {columns: {"TERM": 2, "SER": 2, "ST_DT": 3}}\n'
    )
    many = [Annotation("collected", "AE", (f"AEV{i}",), ("AECAT", f"C{i}")) for i in range(3)]
    notes = found_notes(pdf, found, forms, Annotations({RawColumn("ae", "TERM"): many}), {"AE": "#BFFFFF"})
    assert [(page, n.rect[3], n.rect[2]) for page, n in notes[:3]] == [(2, 512, 476), (2, 496, 476), (2, 480, 476)]


def test_the_command_finds_its_forms_in_a_pdf(folder):
    words = ["--raw", folder / "raw", "--pdf", folder / "acrf" / "acrf.pdf", "--out", folder / "own"]
    done = raw2adam("acrf", folder / "study", *words)
    assert done.returncode == 0, done.stderr
    assert "acrf.xfdf: 3 annotations of 3 fields that acrf.pdf has; check them" in done.stdout
    assert (folder / "own" / "acrf-pages.yaml").read_text("utf-8").splitlines()[1:] == [
        "sources:", '  "dm":', '    crf: {columns: {"SEX": 2}}', '  "vs":', '    crf: {columns: {"WT": 3, "WT_UNIT": 3}}',
    ]  # fmt: skip


# hostile forms

SPEC = StudySpec.model_validate(
    {
        "study": {"id": "S(1)\\", "title": "<b>&\u0007"},
        "subject": {"columns": ["SUBJ"], "usubjid": "{SUBJ}"},
        "sources": {"ae": {"file": "ae.csv"}},
    }
)


def drawn(*fields: CrfField, title: str = "Form", found: Annotations | None = None):
    form = CrfForm("ae", title, "ae.csv", fields, sources=("ae",))
    return compose(SPEC, [form], found or Annotations(domains={"AE": "Adverse Events"}))


def test_the_same_forms_give_the_same_bytes_without_a_date():
    crf = drawn(CrfField("TERM", "Term", "text", columns=(RawColumn("ae", "TERM"),)))
    first, second = crf_pdf(crf), crf_pdf(drawn(CrfField("TERM", "Term", "text", columns=(RawColumn("ae", "TERM"),))))
    assert first == second
    assert b"CreationDate" not in first and b"ModDate" not in first


def test_hostile_labels_stay_text_inside_the_page():
    label = "(\\) <</Type>> %\r\n\u0000 endobj \U0001f600 " + "x" * 3_000
    choices = tuple((f"code{i}", f"choice {i}") for i in range(500))
    crf = drawn(
        CrfField("A", label, "text", choices),
        CrfField("A", "", "text"),
        CrfField("", "", ""),
        title="\u202e(bad\\ \u0001",
    )
    for page in crf.pages:
        for text in page.texts:
            assert LEFT <= text.x <= RIGHT and BOTTOM - 14 <= text.y <= TOP
            assert text.right or text.x + width(text.text, text.font, text.size) <= RIGHT + 1
        for note in page.notes:
            assert LEFT <= note.rect[0] < note.rect[2] <= RIGHT + 1 and BOTTOM <= note.rect[1] < note.rect[3] <= TOP
    reader = read(crf_pdf(crf))
    text = "".join(p.extract_text() for p in reader.pages)
    words = "".join(text.split())
    assert "(\\)<</Type>>%<U+0000>endobj<U+1F600>xxx" in words and "x...(3027letters)" in words
    assert "code39 = choice 39" in text and "code40" not in text
    assert "and 460 more choices" in text
    # two fields of one name are two rows, each with its annotation
    assert sum(annotations(p).count("[NOT SUBMITTED]") for p in reader.pages[1:]) == 4


def test_a_row_that_is_taller_than_a_page_goes_on_on_the_next():
    column = RawColumn("ae", "TERM")
    many = [Annotation("collected", "AE", (f"AEV{i:03}",), ("AECAT", f"C{i}")) for i in range(120)]
    crf = drawn(
        CrfField("TERM", columns=(column,)), found=Annotations({column: many}, domains={"AE": "Adverse Events"})
    )
    assert crf.fields[0, 0] == tuple(range(2, 2 + len(crf.forms[0])))
    assert len(crf.forms[0]) > 2
    shown_notes = [n.annotation for page in crf.pages[1:] for n in page.notes if n.annotation.kind == "collected"]
    assert shown_notes == many


def test_a_text_is_broken_at_blanks_and_within_a_long_word():
    from raw2adam.acrf.lettering import PLAIN

    assert lines("one two three", PLAIN, 9, 45) == ["one two", "three"]
    broken = lines("y" * 100, PLAIN, 9, 50)
    assert "".join(broken) == "y" * 100 and all(width(t, PLAIN, 9) <= 50 for t in broken)
    assert lines("", PLAIN, 9, 50) == [""]
    assert shown("e\u0301\tГ β ≤ 日") == "é Г β ≤ 日"
    assert shown("α ا日") == "α <U+0627>日"
    assert lines("اب" * 3, PLAIN, 9, 60) == ["<U+0627>", "<U+0628>"] * 3  # no code point is divided


def test_letters_of_china_japan_and_korea_have_their_fonts():
    from raw2adam.acrf.lettering import PLAIN, not_drawn, runs

    chinese, japanese, korean = "STSong-Light", "HeiseiMin-W3", "HYSMyeongJo-Medium"
    assert runs("Age 年", PLAIN) == [(PLAIN, "Age "), (chinese, "年")]
    assert runs("不良事件", PLAIN) == [(chinese, "不良事件")]
    assert runs("重症度テスト a", PLAIN) == [(japanese, "重症度テスト"), (PLAIN, " a")]
    assert runs("조치 研", PLAIN) == [(korean, "조치"), (PLAIN, " "), (chinese, "研")]
    assert round(width("年年", PLAIN, 9), 6) == 18
    assert not_drawn(["a <U+0627>", "<U+0627><U+0628>"]) == ["U+0627 ARABIC LETTER ALEF", "U+0628 ARABIC LETTER BEH"]


#: a font with Chinese letters that Debian has
DROID = Path("/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf")


@pytest.mark.skipif(not DROID.is_file(), reason="the machine has no such font")
def test_the_letters_of_the_font_of_a_study_are_embedded():
    form = CrfForm(
        "ae", "\u4e0d\u826f\u4e8b\u4ef6", "ae.csv", (CrfField("TERM", "\u91cd\u75c7\u5ea6 a"),), sources=("ae",)
    )

    def fonts(font):
        crf = compose(SPEC, [form], Annotations(domains={}), font=font)
        data = crf_pdf(crf)
        assert data == crf_pdf(compose(SPEC, [form], Annotations(domains={}), font=font))
        page = read(data).pages[1]
        named = {f.get_object()["/BaseFont"]: f.get_object() for f in page["/Resources"]["/Font"].values()}
        return {name[1:].partition("+")[2] or name[1:]: "/FontDescriptor" in f for name, f in named.items()}, page

    assert fonts(None)[0]["STSong-Light"] is False
    embedded, page = fonts(DROID)
    assert embedded == {"DejaVuSansCondensed": True, "DejaVuSansCondensed-Bold": True, "DroidSansFallback": True}
    assert "\u4e0d\u826f\u4e8b\u4ef6" in page.extract_text() and "\u91cd\u75c7\u5ea6" in page.extract_text()
    with further_letters(DROID):
        assert not_embedded(["\u4e0d a"]) == []
    assert not_embedded(["\u4e0d a"]) == ["STSong-Light"]  # the font is of that drawing alone


def test_each_text_with_letters_that_no_font_has_is_a_finding():
    labels = {"TERM": "Term \u0627", "GRADE": "Grade \u0628"}
    spec = StudySpec.model_validate(
        {
            "study": {"id": "S1"},
            "subject": {"columns": ["SUBJ"], "usubjid": "{SUBJ}"},
            "sources": {"ae": {"file": "ae.csv", "crf": {"labels": labels, "title": "Ev\u0627"}}},
        }
    )
    choices = (("1", "\u0627"), ("2", "mild"))
    fields = tuple(CrfField(n, t, "text", choices, columns=(RawColumn("ae", n),)) for n, t in labels.items())
    form = CrfForm("ae", "Ev\u0627", "ae.csv", fields, sources=("ae",))
    findings = Findings()
    annotations = Annotations(domains={})
    report_letters(PlannedStudy(spec, {}), Drawn(compose(spec, [form], annotations), [form], annotations), findings)
    table = findings.frame()
    assert sorted(v.replace("Ev\u0627", "F") for v in table["message"]) == [
        "a choice of TERM of the form F, ae.csv: no font has U+0627 ARABIC LETTER ALEF",
        "the question of GRADE of the form F, ae.csv: no font has U+0628 ARABIC LETTER BEH",
        "the question of TERM of the form F, ae.csv: no font has U+0627 ARABIC LETTER ALEF",
        "the title of the form F, ae.csv: no font has U+0627 ARABIC LETTER ALEF",
    ]
    assert set(table["rule"]) == {"R2A-DOC-003"}


@pytest.mark.parametrize("number", [1, 4, 30, 90])
def test_each_domain_has_a_colour_of_its_own(number):
    colors = colors_of(f"D{i}" for i in range(number))
    assert len(set(colors.values())) == number
