"""The defects of the synthetic export: exactly those that truth.json lists, in files that are still readable."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kit.fuzzing import examples
from kit.other_machine import DIRTY, on_another_machine
from lxml import etree
from raw2adam.findings.table import Findings
from raw2adam.sources.options import SourceOptions
from raw2adam.sources.read import read_source
from raw2adam.sources.reader import ParsedFiles
from raw2adam.synth.dirt.apply import LEVELS, soil
from raw2adam.synth.dirt.book import open_file
from raw2adam.synth.dirt.csv import CsvFile
from raw2adam.synth.dirt.file import Edits, Layout
from raw2adam.synth.dirt.recipes import HOSTILE, Recipe
from raw2adam.synth.dirt.values import OFFERED, Cell, parse_date
from raw2adam.synth.export import CUTOFF_DATE, SynthReport, synthesise
from raw2adam.synth.subjects.tables import Table
from raw2adam.synth.writers.files import DECLARED, file_contents

NS = "{http://www.cdisc.org/ns/odm/v1.3}"
#: encoding and separator of the text files that are not UTF-8 with commas
DIALECT = {
    "ae.csv": ("cp1252", ";"), "comorb.csv": ("cp1252", ";"), "lab_local.csv": ("cp1252", ";"),
    "mmdiag.csv": ("utf-8", ";"), "priortx.txt": ("utf-16", "\t"),
}  # fmt: skip


def texts(cells) -> np.ndarray:
    cells = list(cells)
    out = np.empty(len(cells), dtype=object)
    out[:] = cells
    return out


READ: dict[tuple[str, str, bytes], pd.DataFrame] = {}
PARSED = ParsedFiles()  # a snapshot is parsed once for its parts


def read(folder: Path, name: str, part: str = "") -> pd.DataFrame:
    """Every cell as text, by the reader of raw2adam; a content is read once. Nobody changes the table."""
    key = (name, part, (folder / name).read_bytes())
    if key not in READ:
        options = {"format": "csv"} if name.endswith((".csv", ".txt")) else {}
        if name in DIALECT:
            options["encoding"], options["separator"] = DIALECT[name]
        if name.endswith(".xlsx"):
            options["sheet"] = "CONMED"
        if part:
            options["item_group"] = f"IG.{part}"
        frame = read_source("t", folder, SourceOptions(file=name, **options), Findings(), PARSED).frame
        cells = {str(c): frame[c].to_numpy(dtype=object) for c in frame.columns}
        READ[key] = pd.DataFrame(cells, dtype=object)
    return READ[key]


def undone(after: pd.DataFrame, defects: list[dict]) -> dict[str, np.ndarray]:
    """The cells by column without the defects of truth.json; checks that each of them is in the table."""
    cells = {str(c): after[c].to_numpy(copy=True) for c in after}
    of_clean = np.ones(len(after), dtype=bool)
    for d in defects:
        at = d["record"] - 1
        if d["of_record"]:
            of_clean[at] = False
        elif d["column"]:
            shown = cells[d["column"]][at]
            assert shown == d["injected"] != d["original"], d
            cells[d["column"]][at] = d["original"]
    return {name: column[of_clean] for name, column in cells.items()}


def check_undone(clean: Path, dirty: Path, defects: list[dict], parts: list[tuple[str, str]]) -> None:
    for name, part in parts:
        listed = [d for d in defects if (d["file"], d["part"]) == (name, part)]
        before, after = read(clean, name, part), read(dirty, name, part)
        if after is before and not listed:  # a content is read once
            continue
        found = undone(after, listed)
        assert list(found) == list(before)
        assert [(name, part, c) for c in found if not np.array_equal(found[c], before[c].to_numpy())] == []


# ---- a whole export -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory):
    """``exported(dirt)`` gives (folder, report) of an export of 120 subjects, written one time; or of fewer."""
    base, written = tmp_path_factory.mktemp("exports"), {}

    def of(dirt: str, subjects: int = 120) -> tuple[Path, SynthReport]:
        if (dirt, subjects) not in written:
            folder = base / f"{dirt}-{subjects}"
            written[dirt, subjects] = folder, synthesise(folder, subjects, seed=DIRTY[1], dirt=dirt)
        return written[dirt, subjects]

    return of


@pytest.fixture(scope="module", params=["typical", "hostile"])
def pair(request: pytest.FixtureRequest, exported):
    """Folder of a clean export, of the same with defects, the defects of its truth.json, and the report."""
    dirty, report = exported(request.param)
    return exported("none")[0], dirty, json.loads((dirty / "truth.json").read_text(encoding="utf-8")), report


def test_truth_lists_every_difference_and_no_other(pair):
    """Without the defects of truth.json, the export is the clean export, cell by cell."""
    clean, dirty, truth, report = pair
    assert json.loads((clean / "truth.json").read_text(encoding="utf-8"))["defects"] == []
    assert truth["cutoff"] == CUTOFF_DATE.isoformat() == "2025-12-31"
    assert len(truth["defects"]) == len(report.defects) > 60
    tabular = [(name, "") for name in report.files if not name.endswith(".xml")]
    snapshot = [("snapshot.xml", p) for p in ("VS", "FU") if "snapshot.xml" in report.files]
    check_undone(clean, dirty, truth["defects"], tabular + snapshot)
    for name, _ in tabular:
        assert report.rows[name] == len(read(dirty, name))


def test_text_files_keep_every_byte_that_no_defect_names(pair):
    clean, dirty, truth, report = pair
    touched = {d["file"] for d in truth["defects"]}
    for name in report.files:
        if name not in touched:
            assert (dirty / name).read_bytes() == (clean / name).read_bytes(), name
    for name in touched & {n for n in report.files if n.endswith((".csv", ".txt"))}:
        encoding = DIALECT.get(name, ("utf-8", ","))[0]
        before, after = ((f / name).read_bytes().decode(encoding).splitlines() for f in (clean, dirty))
        changed = {d["record"] for d in truth["defects"] if d["file"] == name}
        unchanged = [line for number, line in enumerate(after) if number not in changed]
        assert len(unchanged) + len(changed) == len(after), name
        assert set(unchanged) <= set(before), name


def test_copies_differ_from_their_record_in_the_column_named(pair):
    _, dirty, truth, _ = pair
    copies = [d for d in truth["defects"] if d["of_record"]]
    assert len(copies) > 5
    for d in copies:
        frame = read(dirty, d["file"])
        copy, source = frame.iloc[d["record"] - 1], frame.iloc[d["of_record"] - 1]
        differing = [c for c in frame.columns if copy[c] != source[c]]
        if d["class"] == "duplicate_subject":
            assert set(differing) <= {"SITE_ID", "SUBJ_ID"}
            assert f"{copy['SITE_ID']}-{copy['SUBJ_ID']}" == d["injected"]
            assert f"{source['SITE_ID']}-{source['SUBJ_ID']}" == d["original"]
            assert copy["SITE_ID"] != source["SITE_ID"]
        else:
            assert differing == ([d["column"]] if d["column"] else []), d
            assert d["record"] == d["of_record"] + 1


def test_a_record_takes_part_in_one_defect_only(pair):
    _, _, truth, _ = pair
    of = defaultdict(set)
    for d in truth["defects"]:
        for record in {d["record"], d["of_record"]} - {0}:
            of[d["file"], d["part"], record].add(d["defect"])
    assert all(len(found) == 1 for found in of.values())
    assert all(
        a["record"] <= b["record"]
        for a, b in zip(truth["defects"], truth["defects"][1:], strict=False)
        if (a["file"], a["part"]) == (b["file"], b["part"])
    )


def test_the_same_bytes_in_another_process_with_another_hash_seed_locale_and_time_zone(exported, tmp_path_factory):
    """Every format, with all defects; and nothing of the exports before it in this process."""
    other = on_another_machine(tmp_path_factory, "synth")
    subjects, _, levels = DIRTY
    for dirt in levels:
        here, there = (
            {p.name: p.read_bytes() for p in f.iterdir()} for f in (exported(dirt, subjects)[0], other / dirt)
        )
        assert {Path(name).suffix for name in here} == {".csv", ".txt", ".xpt", ".sav", ".xlsx", ".xml", ".json"}
        assert here == there


def test_defects_grow_with_the_number_of_subjects(exported):
    few, many = exported("hostile", DIRTY[0])[1], exported("hostile")[1]
    assert len(many.defects) > 2 * len(few.defects)


def test_hostile_has_at_least_five_of_every_class(exported):
    truth = exported("hostile")[1].defects
    of = {(d.defect, d.number) for d in truth}
    found = Counter(name for name, _ in of)
    assert set(found) == {r.defect for r in HOSTILE}
    assert {name: n for name, n in found.items() if n < 5} == {}


def test_hostile_has_every_class_of_typical_and_more_of_each(exported):
    typical, hostile = (Counter(d.defect for d in exported(k)[1].defects) for k in ("typical", "hostile"))
    assert set(typical) < set(hostile)
    assert all(hostile[k] >= typical[k] for k in typical)
    assert sum(hostile.values()) > 2 * sum(typical.values())


# ---- defects between forms: read here by the countries' formats, written by hand ------------------------------------

FORMATS = {
    "FRA": "%d/%m/%Y", "DEU": "%d.%m.%Y", "ITA": "%d/%m/%Y", "ESP": "%d/%m/%Y", "GBR": "%d-%b-%Y", "NLD": "%d-%m-%Y",
    "BEL": "%d/%m/%Y", "SWE": "%Y-%m-%d", "GRC": "%d/%m/%Y", "CZE": "%d.%m.%Y", "JPN": "%Y-%m-%d", "KOR": "%Y-%m-%d",
    "BRA": "%d/%m/%Y", "MEX": "%d-%b-%Y", "USA": "%m/%d/%Y",
}  # fmt: skip


@pytest.fixture(scope="module")
def hostile(exported):
    """Folder and truth of the hostile export, and a reader of dates: (site, text) -> date or None."""
    out = exported("hostile")[0]
    country = read(out, "sites.csv").set_index("SITE_ID")["COUNTRY"].to_dict()

    def day(site: str, text: str) -> date | None:
        try:
            return datetime.strptime(text, FORMATS[country[site]]).date()
        except (ValueError, KeyError):
            return None

    return out, json.loads((out / "truth.json").read_text(encoding="utf-8"))["defects"], day


def of_class(hostile, name: str) -> list[tuple[dict, pd.Series]]:
    out, truth, _ = hostile
    found = [d for d in truth if d["class"] == name]
    assert len(found) >= 5, name
    return [(d, read(out, d["file"]).iloc[d["record"] - 1]) for d in found]


def dates_of(hostile, file: str, column: str, record: pd.Series) -> list[date]:
    """Readable dates of the record's subject in another file."""
    out, _, day = hostile
    frame = read(out, file)
    records = frame[(frame["SITE_ID"] == record["SITE_ID"]) & (frame["SUBJ_ID"] == record["SUBJ_ID"])]
    return [d for d in (day(record["SITE_ID"], t) for t in records[column]) if d]


def test_death_is_before_at_least_three_doses(hostile):
    for d, record in of_class(hostile, "death_before_dose"):
        death = hostile[2](record["SITE_ID"], record["DTH_DT"])
        assert d["injected"] == record["DTH_DT"]
        assert sum(dose > death for dose in dates_of(hostile, "isa.csv", "DOSE_DT", record)) >= 2  # one may be dirty


def test_consent_and_progression_are_after_death(hostile):
    for name, column in (("consent_after_death", "ICF_DT"), ("progression_after_death", "ASSESS_DT")):
        for d, record in of_class(hostile, name):
            assert d["column"] == column
            (death,) = dates_of(hostile, "death.csv", "DTH_DT", record)
            assert death < hostile[2](record["SITE_ID"], record[column]) <= CUTOFF_DATE
            assert name == "consent_after_death" or record["PD_TYPE"]


def test_response_is_before_the_first_dose(hostile):
    for _, record in of_class(hostile, "response_before_dose"):
        assert hostile[2](record["SITE_ID"], record["ASSESS_DT"]) < min(dates_of(hostile, "isa.csv", "DOSE_DT", record))


def test_exposure_begins_more_than_92_days_before_consent(hostile):
    for _, record in of_class(hostile, "exposure_too_early"):
        (consent,) = dates_of(hostile, "enrol.csv", "ICF_DT", record)
        first = hostile[2](record["SITE_ID"], record["DOSE_DT"])
        assert first < consent - timedelta(days=92)
        assert first == min(dates_of(hostile, "isa.csv", "DOSE_DT", record))
        assert record["GIVEN_YN"] == "Y"


def test_an_end_is_before_its_start(hostile):
    for d, record in of_class(hostile, "end_before_start"):
        if d["file"] != "conmed.xlsx":
            day = hostile[2]
            assert day(record["SITE_ID"], record["EN_DT"]) < day(record["SITE_ID"], record["ST_DT"])


def test_line_numbers_have_a_gap(hostile):
    out, _, _ = hostile
    lines = read(out, "priortx.txt")
    for d, record in of_class(hostile, "line_gap"):
        numbers = lines[(lines["SITE_ID"] == record["SITE_ID"]) & (lines["SUBJ_ID"] == record["SUBJ_ID"])]["LINE_NO"]
        assert int(d["injected"]) == int(d["original"]) + 1 >= 4
        assert d["original"] not in set(numbers)


def test_a_twin_has_the_same_demography_and_no_other_form(hostile):
    out, truth, _ = hostile
    twins = [d for d in truth if d["class"] == "duplicate_subject"]
    assert {d["file"] for d in twins} == {"enrol.csv", "demo.csv"}
    assert len(twins) == 2 * len({d["defect"] for d in twins}) >= 10
    country = read(out, "sites.csv").set_index("SITE_ID")["COUNTRY"]
    dosed = read(out, "isa.csv")
    for d in twins:
        assert FORMATS[country[d["original"][:4]]] == FORMATS[country[d["injected"][:4]]]  # dates read the same
        assert d["subject"] == d["original"]
        site, subject = d["injected"].split("-")
        assert not ((dosed["SITE_ID"] == site) & (dosed["SUBJ_ID"] == subject)).any()


# ---- all formats, on tables written by hand -------------------------------------------------------------------------


def small_export() -> list[Table]:
    """Forms of every format for 40 subjects of sites 0101 (FRA) and 0201 (USA), two visits each."""
    n, subjects = 80, 40
    site = texts(("0101", "0201")[k // (2 * 20)] for k in range(n))
    number = texts(f"{1 + k // 2 % 20:04}" for k in range(n))
    who = {"SITE_ID": site, "SUBJ_ID": number}
    visit = texts(["BASELINE", "MONTH 3"] * subjects)
    french = site == "0101"
    day = np.array([18_800 + 7 * k for k in range(n)])
    iso = texts((date(1970, 1, 1) + timedelta(days=int(d))).isoformat() for d in day)
    local = texts(
        f"{t[8:]}/{t[5:7]}/{t[:4]}" if f else f"{t[5:7]}/{t[8:]}/{t[:4]}" for t, f in zip(iso, french, strict=True)
    )
    hgb = texts(f"{11 + k % 3},5" if f else f"{11 + k % 3}.5" for k, f in enumerate(french))
    return [
        Table("sites.csv", {"SITE_ID": texts(["0101", "0201"]), "COUNTRY": texts(["FRA", "USA"])}),
        Table(
            "lab_local.csv",
            {**who, "VISIT": visit, "LAB_DT": local, "TEST": texts(["HGB", "Hémoglobine"] * subjects), "RESULT": hgb, "UNIT": texts(["g/dL"] * n)},
            delimiter=";", encoding="cp1252",
        ),
        Table(
            "lab_central.xpt",
            {
                "PATNUM": texts(f"{s}-{k}" for s, k in zip(site, number, strict=True)), "COLLDT": texts(t.replace("-", "") for t in iso),
                "SPEC": texts(["SERUM"] * n), "TESTCD": texts(["MPROT"] * n), "RESULT": texts(f"{20 + k % 9}.5" for k in range(n)),
                "UNITS": texts(["g/L"] * n), "ACCESS": texts(str(900 + k) for k in range(n)),
            },
            format="xpt", numeric=("ACCESS",),
        ),
        Table(
            "conmed.xlsx",
            {**who, "TERM": texts(["Aspirin", "Aciclovir"] * subjects), "DOSE": texts(["100", "2.5"] * subjects), "ROUTE": texts(["ORAL"] * n), "ST_DT": iso, "EN_DT": iso},
            {"ST_DT": day, "EN_DT": day + 30}, format="xlsx", numeric=("DOSE",),
        ),
        Table(
            "qol.sav",
            {**who, "VISIT": visit, "FORM_DT": iso, **{f"Q{k}": texts([str(1 + k % 4), "2"] * subjects) for k in (3, 5, 12, 17, 29, 30, 35)}, "NOT_DONE": texts([""] * n)},
            format="sav", numeric=("Q3", "Q5", "Q12", "Q17", "Q29", "Q30", "Q35"),
        ),
        Table(
            "snapshot.xml",
            {**who, "StudyEventOID": texts(["SE.BASELINE", "SE.MONTH3"] * subjects), "VS_DT": iso, "WEIGHT": texts(f"{60 + k}.5" for k in range(n)), "WEIGHT_UNIT": texts(["kg"] * n), "HEIGHT": texts(["170", ""] * subjects), "PULSE": texts(["70"] * n)},
            {"VS_DT": day}, format="odm", part="VS",
        ),
        Table("snapshot.xml", {**who, "StudyEventOID": texts(["SE.FU"] * n), "FU_DT": iso, "STATUS": texts(["ALIVE"] * n)}, {"FU_DT": day}, format="odm", part="FU"),
    ]  # fmt: skip


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory):
    """Folders of the small export, clean and hostile, and the defects."""
    base = tmp_path_factory.mktemp("small")
    tables = small_export()
    clean = file_contents(tables)
    dirty, defects = soil(clean, layouts(tables), 120, 3, LEVELS["hostile"], DECLARED)
    for folder, contents in (("clean", clean), ("dirty", dirty)):
        (base / folder).mkdir()
        for name, content in contents.items():
            (base / folder / name).write_bytes(content)
    named = [{**vars(d), "class": d.defect, "defect": d.number} for d in defects]
    return base / "clean", base / "dirty", named


def layouts(tables: list[Table]) -> list[Layout]:
    return [Layout(t.name, t.format, t.encoding, t.delimiter, t.part) for t in tables]


def test_undoing_gives_the_clean_files_in_every_format(small):
    clean, dirty, defects = small
    parts = [(t.name, t.part) for t in small_export()]
    assert {(d["file"], d["part"]) for d in defects} == set(parts) - {("sites.csv", "")}
    check_undone(clean, dirty, defects, parts)


def test_each_typed_format_has_its_classes_of_defects(small):
    """The classes of defects in each file of the small export; a recipe without a fitting cell fails here."""
    _, _, defects = small
    found = {(d["file"], d["part"]): set() for d in defects}
    for d in defects:
        found[d["file"], d["part"]].add(d["class"])
    assert found["lab_central.xpt", ""] == {
        "impossible_date", "lower_case", "query_text", "foreign_date", "future_date", "decimal_comma", "wrong_unit",
        "missing_unit", "letter_for_digit", "exact_duplicate",
    }  # fmt: skip
    assert found["qol.sav", ""] == {
        "blank_item", "foreign_date", "unknown_visit", "out_of_range_item", "exact_duplicate",
    }  # fmt: skip
    assert found["conmed.xlsx", ""] == {
        "end_before_start", "impossible_date", "sentinel_date", "exact_duplicate", "foreign_date", "ambiguous_part",
        "lost_zeros", "unknown_subject", "excel_error", "unmapped_code", "conflicting_duplicate",
    }  # fmt: skip
    assert found["snapshot.xml", "VS"] == {
        "query_text", "impossible_date", "decimal_comma", "full_width", "number_sentinel", "missing_unit", "implausible",
    }  # fmt: skip
    assert found["snapshot.xml", "FU"] == {"future_date"}
    assert {"wrong_unit", "swapped_result_unit", "missing_unit", "decimal_comma", "foreign_date"} <= found[
        "lab_local.csv", ""
    ]


def test_item_groups_of_an_edited_snapshot_are_typed_throughout_or_not_at_all(small):
    """The ODM schema requires it."""
    root = etree.fromstring((small[1] / "snapshot.xml").read_bytes())
    for group in root.iter(f"{NS}ItemGroupData"):
        assert len({item.tag == f"{NS}ItemData" for item in group}) <= 1


def test_other_columns_and_sheets_of_a_workbook_do_not_change(small):
    import openpyxl

    book = openpyxl.load_workbook(small[1] / "conmed.xlsx")
    assert book.sheetnames == ["CONMED", "NOTES"]
    assert book["NOTES"]["A1"].value.startswith("Synthetic data")
    sheet = book["CONMED"]
    dates = [c.value for c in sheet["F"][1:]]
    assert sum(isinstance(d, datetime) for d in dates) > 70
    assert [c.value for c in sheet["A"][1:]].count("101") + [c.value for c in sheet["A"][1:]].count("201") == 2
    errors = [c for row in sheet.iter_rows() for c in row if c.data_type == "e"]
    assert len(errors) == 2


# ---- the text of a defect -------------------------------------------------------------------------------------------


def offered(defect: str, text: str, dates: str = "dd/mm/yyyy", comma: bool = False, value: str = "") -> list[str]:
    return OFFERED[defect](Cell(text, dates, comma, value))


@pytest.mark.parametrize(
    ("defect", "arguments", "expected"),
    [
        ("partial_date", ("03/04/2021",), ["UN/APR/2021"]),
        ("partial_date", ("03/04/2021", "mm/dd/yyyy", False, "year"), ["2021"]),
        ("impossible_date", ("20210403", "yyyymmdd"), ["20210230", "20210631"]),
        ("impossible_date", ("03-APR-2021", "dd-mon-yyyy"), ["30-FEB-2021", "31-JUN-2021"]),
        ("sentinel_date", ("03.04.2021", "dd.mm.yyyy"), ["01.01.1900", "31.12.9999", "01.01.1901", "99.99.9999", "ND", "NK"]),
        ("foreign_date", ("03/04/2021",), ["2021.04.03", "20210403", "44289", "2021年4月3日", "令和3年4月3日", "2021-04-03T09:00+09:00", "3-avr.-2021"]),
        ("foreign_date", ("04/27/2018", "mm/dd/yyyy"), ["2018.04.27", "20180427", "43217", "2018年4月27日", "2018-04-27T09:00+09:00", "27-avr.-2018", "27/04/2018"]),
        ("foreign_date", ("27.04.2018", "dd.mm.yyyy"), ["2018.04.27", "20180427", "43217", "2018年4月27日", "2018-04-27T09:00+09:00", "27-avr.-2018", "04/27/2018"]),
        ("two_digit_year", ("2021-04-03", "yyyy-mm-dd"), ["21-04-03"]),
        ("two_digit_year", ("20/04/2020",), ["20/04/20"]),
        ("future_date", ("29-FEB-2024", "dd-mon-yyyy"), ["28-FEB-2031", "28-FEB-2033", "28-FEB-2050", "28-FEB-2121"]),
        ("ambiguous_part", ("15/03/2020",), ["15/??/2020", "--/03/2020"]),
        ("ambiguous_part", ("03/15/2020", "mm/dd/yyyy"), ["??/15/2020", "03/--/2020"]),
        ("decimal_comma", ("72.5",), ["72,5"]),
        ("decimal_comma", ("72.5", "dd/mm/yyyy", True), []),
        ("thousands", ("1250,5", "dd/mm/yyyy", True), ["1.250,5", "1 250"]),
        ("thousands", ("1250",), ["1,250.0", "1 250"]),
        ("thousands", ("999",), []),
        ("full_width", ("1.25",), ["１．２５"]),
        ("approximate", ("3",), ["approx 3", "ca. 3", "3+"]),
        ("wrong_unit", ("12,5", "dd/mm/yyyy", True, "10"), ["125"]),
        ("wrong_unit", ("172", "dd/mm/yyyy", True, "0.01"), ["1,72"]),
        ("wrong_unit", ("g/L", "dd/mm/yyyy", True, "g/dL"), ["g/dL"]),
        ("lost_zeros", ("0012",), ["12"]),
        ("letter_for_digit", ("0101-0001",), ["O101-0001", "O101-0001"]),
        ("mojibake", ("fièvre",), ["fiÃ¨vre"]),
        ("partial_date", ("not a date",), []),
        ("approximate", ("<0.1",), []),
    ],
)  # fmt: skip
def test_a_defect_looks_as_in_real_exports(defect: str, arguments: tuple, expected: list[str]):
    assert offered(defect, *arguments) == expected


@settings(max_examples=examples(12), deadline=None)
@given(
    day=st.dates(date(1990, 1, 1), date(2025, 12, 31)),
    dates=st.sampled_from(["dd/mm/yyyy", "dd.mm.yyyy", "dd-mm-yyyy", "dd-mon-yyyy", "mm/dd/yyyy", "yyyy-mm-dd"]),
)
def test_a_foreign_or_broken_date_is_no_date_of_the_site(day: date, dates: str):
    """03/04/2021 with day and month exchanged would be a date of the site: it is not offered."""
    cell = Cell("", dates, False, "site")
    text = cell.spell(day)
    assert parse_date(text, dates) == day
    for defect in ("foreign_date", "impossible_date", "ambiguous_part", "two_digit_year"):
        for other in offered(defect, text, dates, False, "site"):
            found = parse_date(other, dates)
            assert found is None or found.year < 100, (defect, other)


# ---- files and edits ------------------------------------------------------------------------------------------------


@given(
    rows=st.lists(st.lists(st.text('ab;,"\n é', max_size=4), min_size=2, max_size=2), min_size=1, max_size=6),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "cp1252", "utf-16"]),
    new=st.text('xy;"\n ', max_size=3),
    data=st.data(),
)
def test_one_edited_field_of_a_text_file_changes_and_no_other(rows, encoding, new, data):
    rows = [[a or "-", b] for a, b in rows]  # an empty line is no record
    columns = {"A": texts(r[0] for r in rows), "B": texts(r[1] for r in rows)}
    content = file_contents([Table("t.csv", columns, delimiter=";", encoding=encoding)])["t.csv"]
    file = CsvFile(content, encoding, ";")
    assert [file.cells("A"), file.cells("B")] == [columns["A"].tolist(), columns["B"].tolist()]
    row, column = data.draw(st.integers(0, len(rows) - 1)), data.draw(st.sampled_from(["A", "B"]))
    edited = file.edited(Edits({row: {column: new}}, {0: {}}))
    again = CsvFile(edited, encoding, ";")
    expected = {name: cells.tolist() for name, cells in columns.items()}
    copied = {name: cells[0] for name, cells in expected.items()}
    expected[column][row] = new
    for name in ("A", "B"):
        assert again.cells(name) == [expected[name][0], copied[name], *expected[name][1:]]
    assert file.edited(Edits({row: {column: str(columns[column][row])}})) == content
    assert file.edited(Edits()) == content


def test_a_text_that_the_encoding_lacks_does_not_fit():
    content = file_contents([Table("t.csv", {"A": texts(["x"])}, encoding="cp1252")])["t.csv"]
    file = CsvFile(content, "cp1252", ",")
    assert file.fits("A", "Ã©")
    assert not file.fits("A", "2021年4月3日")


def test_a_transport_file_takes_only_text_that_reads_back_unchanged():
    tables = [Table("t.xpt", {"A": texts(["12345678"]), "N": texts(["1"])}, format="xpt", numeric=("N",))]
    file = open_file(file_contents(tables)["t.xpt"], layouts(tables)[0], DECLARED)
    assert file.columns == ("A",)
    assert not file.fits("A", "123456789")
    assert not file.fits("A", "1 ")
    assert not file.fits("A", "é")


def test_an_item_group_is_not_copied():
    tables = small_export()[-2:]
    content = file_contents(tables)["snapshot.xml"]
    with pytest.raises(ValueError, match="cannot be copied"):
        open_file(content, layouts(tables)[0], DECLARED).edited(Edits(copies={0: {}}))


def test_recipes_of_missing_files_do_nothing():
    content = file_contents([Table("t.csv", {"A": texts(["x"])})])
    assert soil(content, [Layout("t.csv")], 120, 1, HOSTILE, DECLARED) == (content, [])


def test_a_recipe_stops_without_a_fitting_cell():
    content = file_contents([Table("t.csv", {"A": texts(["x", "", "x"])})])
    dirty, defects = soil(content, [Layout("t.csv")], 120, 1, (Recipe("query_text", "t.csv", "A", 9, "???"),), DECLARED)
    assert dirty["t.csv"] == b'A\n???\n""\n???\n'
    assert [(d.record, d.injected) for d in defects] == [(1, "???"), (3, "???")]


def test_typical_defects_have_the_expected_form(pair):
    _, _, truth, _ = pair
    shapes = {
        "partial_date": r"UN/[A-Z]{3}/(19|20)\d\d|(19|20)\d\d", "unknown_date": "UNK", "missing_date": "",
        "trailing_blanks": r".*\S  ", "lower_case": r"[a-z +,()0-9/-]+", "exact_duplicate": "", "blank_item": "",
        "unknown_subject": "9999", "query_text": r"\[QUERY OPEN\].*|\?\?\?|see comment|to be confirmed",
    }  # fmt: skip
    for d in truth["defects"]:
        assert re.fullmatch(shapes.get(d["class"], ".*"), d["injected"]), d
        if d["class"] == "partial_date" and d["injected"].startswith("UN/"):
            assert d["injected"][-4:] in d["original"], d


def test_the_documents_list_every_class_and_no_other():
    text = (Path(__file__).parents[2] / "docs" / "synthetic-export.md").read_text(encoding="utf-8")
    listed = dict(re.findall(r"^\| ([a-z_]+) \|.*\| (yes)? ?\|$", text[text.index("## Defects") :], re.MULTILINE))
    assert set(listed) - {"class"} == {r.defect for r in LEVELS["hostile"]}
    assert {name for name, mark in listed.items() if mark == "yes"} == {r.defect for r in LEVELS["typical"]}


def test_no_medication_of_a_clean_export_ends_after_the_cut_off(exported):
    ends = read(exported("none")[0], "conmed.xlsx")["EN_DT"]
    assert (ends != "").any()
    assert ends.max() <= CUTOFF_DATE.isoformat()
