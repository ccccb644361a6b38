"""The pages of a run: every link of every page leads to a file and a place in it, whatever half of the study is built.

The front page does not depend on the number of partitions. Not for the values of a page: tests/validation/.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote

import pytest
from lxml import html
from raw2adam.findings.rule import SEVERITIES
from raw2adam.output_folder.manifest import files_of, read_manifest, verify_manifest
from raw2adam.runs import write_reports
from raw2adam.runs.from_raw import Options, build
from raw2adam.runs.from_sdtm import build_from_sdtm
from raw2adam.validation.quality.raw_tables import equal_rows
from raw2adam.validation.reports.finding_data import unpacked

SPECS = {
    "study.yaml": """\
study: {id: PAGES, title: Pages & links, as_of: 2026-01-31, cutoff: 2025-06-30}
subject: {columns: [SUBJ], usubjid: "{STUDYID}-{SUBJ:02}"}
sources:
  enrol: {file: enrol.csv, not_submitted: {NOTE: not collected for the analysis}}
  resp: {file: resp.csv}
""",
    "sdtm/dm.yaml": """\
dataset: DM
rows: {source: enrol}
variables:
  SEX: SEX
  ETHNIC: {from: ETHNIC, codelist: none}
  COUNTRY: {value: DEU}
supplemental:
  COHORT: {label: Cohort, from: COHORT}
""",
    "sdtm/rs.yaml": """\
dataset: RS
rows: {source: resp}
variables:
  RSTESTCD: {value: OVRLRESP}
  RSCAT: {value: IMWG}
  RSORRES: RESP
  RSSTRESC: {from: RESP, codelist: none}
  RSDTC: {date: DAY}
""",
    "sdtm/ex.yaml": """\
dataset: EX
rows: {source: resp, where: "RESP == 'NEVER'"}
variables:
  EXTRT: RESP
""",
    "adam/adsl.yaml": """\
dataset: ADSL
rows: {from: DM}
variables:
  SEX: SEX
""",
    "adam/adrs.yaml": """\
dataset: ADRS
rows:
  - {from: RS, variables: {PARAMCD: {value: OVR}}}
  - {from: RS, variables: {PARAMCD: {value: IMWG}}}
variables:
  PARAM: {value: Response}
  AVALC: RSSTRESC
  ADT: {analysis_date: RSDTC}
keys: [STUDYID, USUBJID, PARAMCD, ADT]
""",
}
RAW = {
    "enrol.csv": "SUBJ,SEX,ETHNIC,COHORT,NOTE\n1,F,<b>x</b>,A,n\n2,X,,B,\n,M,,C,\n",
    "resp.csv": "SUBJ,DAY,RESP\n1,2025-01-02,PR\n1,2025-03-02,CR\n2,2025-02-02,PD\n2,2025-08-02,PD\n2,none,PD\n",
}
SHARED = {"index.html", "reports/findings.html", "reports/accounting.html"}
RAW_PAGES = SHARED | {"reports/response-agreement.html", "sdtm/define.html", "adam/define.html"}


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    return folder


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pages")
    write(folder / "study", SPECS)
    write(folder / "raw", RAW)
    return folder


def built(root: Path, name: str, **options: object) -> Path:
    """A build from raw data without the expectations of data quality, unless ``options`` asks for them."""
    build(str(root / "study"), root / "raw", root / name, Options(**{"quality": False, **options}))  # pyright: ignore
    return root / name


@pytest.fixture(scope="module")
def whole(root: Path) -> Path:
    return built(root, "whole")


def pages(out: Path) -> dict[str, html.HtmlElement]:
    return {n: html.fromstring((out / n).read_bytes()) for n in files_of(out) if n.endswith(".html")}


def dead_links(out: Path) -> tuple[int, list[str]]:
    """How many links all pages have, and those that lead nowhere."""
    found = pages(out)
    count, dead = 0, []
    for name, page in found.items():
        for address in page.xpath("//@href | //@src"):
            count += 1
            path, _, fragment = address.partition("#")
            goal = (out / name).parent / unquote(path) if path else out / name
            there = goal.is_file() and goal.resolve().is_relative_to(out.resolve())
            if there and fragment and goal.suffix == ".html":
                other = found[goal.resolve().relative_to(out.resolve()).as_posix()]
                there = all(place_exists(other, part) for part in fragment.split("&"))
            if not there:
                dead.append(f"{name}: {address}")
    return count, dead


def place_exists(page: html.HtmlElement, part: str) -> bool:
    """``part`` of an address after #: the id of an element, or a condition of the filter of the findings."""
    field, condition, value = part.partition("=")
    if not condition:
        return bool(page.xpath("//*[@id=$i]", i=unquote(part)))
    data, value = unpacked(page.xpath("string(//script[@id='data'])")), unquote(value)
    datasets = {u[0] for uses in data["uses"]["t"] for u in uses}
    if field == "text":  # what the search looks through
        return any(value in text for part in data["texts"].values() for text in part["t"])
    if field == "place":
        return value == "study" or value in datasets or value in data["texts"]["file"]["t"]
    return value in (
        datasets if field == "dataset" else SEVERITIES if field == "severity" else data["texts"][field]["t"]
    )


def test_every_link_of_a_whole_build_leads_somewhere(whole: Path) -> None:
    count, dead = dead_links(whole)
    assert dead == [] and count > 80
    assert set(pages(whole)) == RAW_PAGES


def test_the_front_page_links_every_file(whole: Path) -> None:
    linked = {unquote(a) for a in pages(whole)["index.html"].xpath("//section[@aria-labelledby='files']//a/@href")}
    assert linked == {n for n in files_of(whole) if n != "index.html"} | {"manifest.json"}


def test_the_manifest_has_the_front_page(whole: Path) -> None:
    assert "index.html" in read_manifest(whole).outputs and verify_manifest(whole) == []
    page = whole / "index.html"
    before = page.read_bytes()
    page.write_bytes(before.replace(b"balanced", b"Balanced", 1))
    assert verify_manifest(whole) != []
    page.write_bytes(before)


def test_pages_say_which_run_they_are_of(whole: Path) -> None:
    heads = []
    for name, page in pages(whole).items():
        if name.endswith("define.html"):
            assert page.xpath("//nav//a/@href")[0] == "../index.html"
            continue
        head = page.xpath("//header[@class='run']")[0]
        heads.append(" ".join(head.xpath("string(p)").split()) + "|" + head.xpath("string(dl)"))
        assert head.xpath(".//a[@aria-current='page']/@href") == [("../" if "/" in name else "") + name]
        assert page.xpath("string(//h1)").startswith("PAGES: ")
    assert len(heads) == 4 and len(set(heads)) == 1
    for text in ("PAGES Pages & links", "As of2026-01-31", "Data cut-off2025-06-30"):
        assert text in heads[0]


@pytest.mark.parametrize(("only", "absent"), [("sdtm", "adam"), ("adam", "sdtm")])
def test_half_a_build_links_its_half(root: Path, only: str, absent: str) -> None:
    out = built(root, f"only-{only}", only=only)
    assert dead_links(out)[1] == []
    page = (out / "index.html").read_text("utf-8")
    assert f"{only}/define.html" in page and f"{absent}/define.html" not in page and f"--only {only}" in page


def test_data_quality_is_linked_where_it_is_written(root: Path, whole: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The links, not the results: the checks that need great-expectations are left out."""
    monkeypatch.setattr(write_reports, "raw_quality", lambda present, checks: equal_rows(present))
    assert "quality.html" not in (whole / "index.html").read_text("utf-8")
    out = built(root, "quality", quality=True, formats=("json", "parquet"))
    assert dead_links(out)[1] == [] and set(pages(out)) == RAW_PAGES | {"reports/quality.html"}
    page = pages(out)["index.html"]
    row = next(
        r for r in page.xpath("//section[@aria-labelledby='datasets']//tbody/tr") if r.xpath("string(th)") == "DM"
    )
    assert [unquote(a).rpartition(".")[2] for a in row.xpath("td[last()]//a/@href")] == ["xpt", "json", "parquet"]
    assert "--formats xpt,json,parquet" in page.text_content()
    assert "../reports/quality.html" in (out / "reports" / "findings.html").read_text("utf-8")


def test_a_build_from_sdtm_links_what_it_writes(root: Path, whole: Path) -> None:
    build_from_sdtm(str(root / "study"), whole / "sdtm", root / "existing", Options(quality=False))
    assert dead_links(root / "existing")[1] == []
    assert set(pages(root / "existing")) == SHARED | {"adam/define.html"}
    page = pages(root / "existing")["index.html"]
    assert "--only adam --sdtm SDTM" in page.text_content() and "queries.xlsx" not in page.text_content()
    # 2 records of DM and 4 of RS feed ADaM; the 2 qualifiers are merged
    sentence = " ".join(page.xpath("string(//section[@aria-labelledby='balance']/p)").split())
    assert sentence.startswith("8 records read = 6 feed ADaM + 0 feed nothing + 2 merged")


def test_partitions_and_folders_change_no_byte(root: Path, whole: Path, tmp_path: Path) -> None:
    write(tmp_path / "other" / "raw", RAW)
    build(str(root / "study"), tmp_path / "other" / "raw", tmp_path / "there", Options(quality=False, partitions=7))
    for name in sorted(SHARED):
        assert (tmp_path / "there" / name).read_bytes() == (whole / name).read_bytes(), name
    assert str(root) not in (whole / "index.html").read_text("utf-8")


def test_figures_of_the_front_page(whole: Path) -> None:
    page = pages(whole)["index.html"]
    tiles = {t.xpath("string(span)"): t.xpath("string(b)") for t in page.xpath("//a[@class='tile']")}
    # DM 2, SUPPDM 2, RS 3 (one is after the cut-off, one has no date: it stays), ADSL 2, ADRS 2 for each RS
    assert tiles["rows read"] == "8" and tiles["account of rows"] == "balanced"
    sentence = " ".join(page.xpath("string(//section[@aria-labelledby='balance']/p)").split())
    assert sentence.startswith("8 rows read = 6 mapped + 0 excluded + 1 after the cut-off + 0 merged + 1 quarantined")
    datasets = {r.xpath("string(th)"): r.xpath("string(td[2])") for r in page.xpath("//section[@aria-labelledby='datasets']//tbody/tr")}  # fmt: skip
    assert datasets == {"DM": "2", "RS": "4", "EX": "0", "SUPPDM": "2", "ADSL": "2", "ADRS": "8"}
    assert "no records, so no file" in page.text_content()


def test_tables_and_landmarks_of_every_page(whole: Path) -> None:
    for name, page in pages(whole).items():
        assert page.xpath("count(//main)") == 1 and page.xpath("count(//h1)") == 1, name
        assert page.xpath("//a[@class='skip']/@href") == ["#content"] and page.xpath("//main[@id='content']"), name
        assert page.xpath("//html/@lang") == ["en"] and page.xpath("//nav/@aria-label"), name
        assert not page.xpath("//th[not(@scope)]"), name
        if not name.endswith("define.html"):
            assert not page.xpath("//table[not(caption)]"), name
        text = (whole / name).read_text("utf-8")
        assert "@media print" in text and "size: landscape" in text, name
        # every field has a name for those who hear the page
        assert not page.xpath("//input[not(ancestor::label) and not(@id=//label/@for)]"), name
