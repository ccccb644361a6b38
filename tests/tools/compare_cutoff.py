"""Compares a build with a data cut-off with the build of raw data that end on that day, cell by cell.

    PYTHONPATH=tests python -m tools.compare_cutoff RAW CUTOFF

RAW is a synthetic export without defects (raw2adam synth --dirt none). One build has --cutoff. For the other build the
raw tables are truncated, form by form, to the content of an export on that day, and the cut of the engine is switched
off. TRUNCATED has for each form its date, the later ends that are not known yet, and the cells that the form then has.
Nothing here uses the engine to read a date or to decide which rows are excluded. docs/data-cut.md lists the differences
by design.
"""

from __future__ import annotations

import re
import sys
import tempfile
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
from kit.parts_of_a_run import ReportsRun
from raw2adam.engine.building import study_build
from raw2adam.engine.building.stored_partitions import WholeDatasets
from raw2adam.engine.columns import column as col
from raw2adam.runs import from_raw, read_raw
from raw2adam.runs.build_partitions import build_partitions
from raw2adam.sources.table import RawTable
from raw2adam.validation.reports.accounting import accounting_json
from raw2adam.validation.reports.data_cut import data_cut_csv

#: after the last date of the export
EXPORTED = date(2026, 1, 31)
#: country -> the order of day, month and year in its dates; the others write the year first
ORDERS = dict.fromkeys(("FRA", "ITA", "ESP", "BEL", "GRC", "BRA", "DEU", "CZE", "GBR", "NLD", "MEX"), "dmy") | {
    "USA": "mdy"
}
MONTHS = {
    m: i
    for i, m in enumerate(["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"], start=1)
}


@dataclass(frozen=True)
class Form:
    """How one form is truncated: rows with a later date (the first filled one of ``by``) are excluded.

    ``ends``: column of an end -> the cells of a row whose end is later and not known yet. ``blank``: the cells of rows
    with a later date, which are then not excluded.
    """

    by: tuple[str, ...] = ()
    ends: dict[str, dict[str, str]] = field(default_factory=dict)
    blank: dict[str, str] = field(default_factory=dict)


GOES_ON = {"EN_DT": {"EN_DT": "", "ONGOING": "Y"}}
TRUNCATED = {
    "enrol": Form(("ENR_DT",), {"ICF_DT": {"ICF_DT": ""}, "WAIVER_DT": {"WAIVER_DT": "", "WAIVER_YN": ""}}),
    "isa": Form(("DOSE_DT",)),
    "combo": Form(("ST_DT",), {"EN_DT": {"EN_DT": ""}}),
    "resp": Form(("ASSESS_DT",)),
    "ae": Form(("ST_DT",), {"EN_DT": {"EN_DT": "", "ONGOING": "Y", "OUTCOME": "Not recovered", "SAE_DTH": ""}}),
    "death": Form(("DTH_DT",)),
    "eos": Form(
        ("STOP_DT", "LAST_CONTACT_DT"), blank={"STATUS": "ONGOING", "STOP_DT": "", "REASON": "", "LAST_CONTACT_DT": ""}
    ),
    "subtx": Form(("ST_DT",), {"EN_DT": {"EN_DT": ""}}),
    "mmdiag": Form(("DX_DT",)),
    "priortx": Form(("ST_DT",), {"EN_DT": {"EN_DT": ""}}),
    "comorb": Form(("DX_DT",), GOES_ON),
    "visit": Form(("VISIT_DT",)),
    "marrow": Form(("BM_DT",)),
    "imaging": Form(("IMG_DT",)),
    "conmed": Form(("ST_DT",), GOES_ON),
    "proc": Form(("ST_DT",), {"EN_DT": {"EN_DT": ""}}),
    "qol": Form(("FORM_DT",)),
    "lab_local": Form(("LAB_DT",)),
    "lab_central": Form(("COLLDT",)),
    "vitals": Form(("VS_DT",)),
    "followup": Form(("FU_DT",)),
}


def day_of(text: str, order: str) -> str:
    """A full date of the synthetic export as yyyy-mm-dd; '' for anything else."""
    text = re.sub(r"T\d.*", "", text.strip())
    if re.fullmatch(r"\d{8}", text):
        return f"{text[:4]}-{text[4:6]}-{text[6:]}"
    parts = re.split(r"[-/.]", text)
    if len(parts) != 3:
        return ""
    if len(parts[0]) == 4:
        year, month, day = parts
    else:
        day, month, year = parts if order == "dmy" or not parts[1].isdigit() else (parts[1], parts[0], parts[2])
    number = MONTHS.get(month.upper()) or int(month)
    return f"{int(year):04}-{number:02}-{int(day):02}"


def subjects(frame: pd.DataFrame) -> list[str]:
    """Site and subject of each row: SITE_ID and SUBJ_ID, or the one text that holds both; '' without any."""
    if "SUBJ_ID" in frame:
        return [f"{s.strip()}-{n.strip()}" for s, n in zip(frame["SITE_ID"], frame["SUBJ_ID"], strict=True)]
    both = next((c for c in ("PATNUM", "SubjectKey") if c in frame), None)
    return [s.strip() for s in frame[both]] if both else [""] * len(frame)


class Truncation:
    """Replaces the reader of the pipeline: each raw table with its content on ``cutoff``."""

    def __init__(self, raw: Path, cutoff: str):
        self.read, self.cutoff = read_raw.read_source, cutoff
        sites = pd.read_csv(raw / "sites.csv", dtype=str, keep_default_na=False)
        self.order = {s: ORDERS.get(c, "ymd") for s, c in zip(sites["SITE_ID"], sites["COUNTRY"], strict=True)}
        enrol = pd.read_csv(raw / "enrol.csv", dtype=str, keep_default_na=False)
        self.later = {
            s
            for s, when, primary in zip(subjects(enrol), enrol["ENR_DT"], enrol["PRIMARY_YN"], strict=True)
            if primary == "Y" and day_of(when, self.order[s[:4]]) > cutoff
        }

        # a transfer after the cut-off has not happened: rows without a date still belong to the earlier site
        self.before = {
            s: f"{site}-{number}"
            for s, when, primary, site, number in zip(
                subjects(enrol),
                enrol["ENR_DT"],
                enrol["PRIMARY_YN"],
                enrol["PREV_SITE_ID"],
                enrol["PREV_SUBJ_ID"],
                strict=True,
            )
            if primary != "Y" and number and day_of(when, self.order[s[:4]]) > cutoff
        }

    def __call__(self, name: str, *arguments: object) -> RawTable:
        table = self.read(name, *arguments)  # pyright: ignore[reportArgumentType] - the arguments of the reader
        frame, form = table.frame.astype(str), TRUNCATED.get(name, Form())
        who = subjects(frame)
        orders = [self.order.get(s[:4], "ymd") if name != "conmed" and name != "qol" else "ymd" for s in who]
        when = {
            c: [day_of(t, o) for t, o in zip(frame[c], orders, strict=True)]
            for c in (*form.by, *form.ends)
            if c in frame
        }
        keep = np.array([self.before.get(s, s) not in self.later for s in who], dtype=bool)
        decided = [
            "".join(x)[:10] if any(x) else "" for x in zip(*(when[c] for c in form.by if c in when), strict=True)
        ]
        if decided:
            late = np.array([d > self.cutoff for d in decided], dtype=bool)
            for column, cell in form.blank.items():
                frame.loc[late, column] = cell
            if not form.blank:
                keep &= ~late
        for end, cells in form.ends.items():
            unknown = np.array([d > self.cutoff for d in when.get(end, [])], dtype=bool)
            for column, cell in cells.items() if unknown.any() else ():
                frame.loc[unknown, column] = cell
        if name != "enrol":
            _put_back(frame, who, self.before)
        at = np.flatnonzero(keep)
        columns = {str(c): col.text_column(frame[c].to_numpy(dtype=object)[at]) for c in frame.columns}
        return replace(
            table, frame=pd.DataFrame(columns, index=range(len(at))), record=table.record[at], line=table.line[at]
        )


def _put_back(frame: pd.DataFrame, who: list[str], before: dict[str, str]) -> None:
    """Give the rows of these identifiers their earlier identifiers."""
    moved = {i: before[s] for i, s in enumerate(who) if s in before}
    both = next((c for c in ("PATNUM", "SubjectKey") if c in frame), None)
    for i, earlier in moved.items():
        if "SUBJ_ID" in frame:
            frame.loc[i, "SITE_ID"], frame.loc[i, "SUBJ_ID"] = earlier.split("-")
        elif both:
            frame.loc[i, both] = earlier


class Tabulated(ReportsRun):
    """Keeps the datasets with records; writes accounting.json and data-cut.csv, and checks no rules of conformance."""

    frames: dict[str, pd.DataFrame]

    def build(self) -> None:
        raw = self.raw_data
        self.built = build_partitions(
            self.plan, raw.tables, raw.identity, self.findings, void=self.examined.void, shared=raw.shared, rules=()
        )

    def write(self) -> None:
        whole = WholeDatasets(self.built.stored)
        self.frames = {n: whole[n].frame for n in sorted(self.written())}
        if self.built.ledger.cutoff:
            folder = self.stage / "reports"
            folder.mkdir()
            (folder / "accounting.json").write_bytes(accounting_json(self.built.ledger))
            (folder / "data-cut.csv").write_bytes(data_cut_csv(self.built.ledger))
        self.built.stored.close()


def built(raw: Path, out: Path, cutoff: str, truncate: bool) -> dict[str, pd.DataFrame]:
    """SDTM of the study with a cut-off; or, with ``truncate``, of the truncated raw data, without the engine's cut."""
    options = from_raw.Options(
        only="sdtm", as_of=EXPORTED, cutoff=date.fromisoformat(cutoff), quality=False, raw_copy=False
    )
    reader, cut = read_raw.read_source, study_build.Cutoff
    try:
        if truncate:
            read_raw.read_source = Truncation(raw, cutoff)
            study_build.Cutoff = lambda *_: None  # the date is still declared, but nothing is cut
        run = Tabulated("obs16577", raw, out, options)
        run.execute()
    finally:
        read_raw.read_source, study_build.Cutoff = reader, cut
    return run.frames


def differences(cut: dict[str, pd.DataFrame], ended: dict[str, pd.DataFrame]) -> list[str]:
    """The differences as lines of text: datasets, records, then the first cells of each variable."""
    out = []
    for name in sorted(cut.keys() | ended.keys()):
        one, other = cut.get(name), ended.get(name)
        if one is None or other is None or list(one.columns) != list(other.columns) or len(one) != len(other):
            sizes = [len(f) if f is not None else 0 for f in (one, other)]
            out.append(f"{name}: {sizes[0]} records with the cut-off, {sizes[1]} of the data that end there")
            continue
        for variable in one.columns:
            if one[variable].equals(other[variable]):
                continue
            pair = [f[variable].astype(object).where(f[variable].notna(), "").astype(str) for f in (one, other)]
            unequal = np.flatnonzero((pair[0] != pair[1]).to_numpy())
            for at in unequal[:3].tolist():
                subject = one["USUBJID"].iat[at] if "USUBJID" in one else ""
                texts = f"{pair[0].iat[at]!r} with the cut-off, {pair[1].iat[at]!r}"
                out.append(f"{name}.{variable} of {subject}, record {at + 1} ({len(unequal)} differ): {texts}")
    return out


def compare(raw: Path, cutoff: str, folder: Path) -> tuple[dict[str, pd.DataFrame], list[str]]:
    """(SDTM of the build with the cut-off, differences from the build of the truncated data)."""
    cut = built(raw, folder / "cut", cutoff, truncate=False)
    return cut, differences(cut, built(raw, folder / "ended", cutoff, truncate=True))


def main() -> int:
    raw, cutoff = Path(sys.argv[1]), sys.argv[2]
    with tempfile.TemporaryDirectory() as folder:
        cut, found = compare(raw, cutoff, Path(folder))
    cells = sum(f.shape[0] * f.shape[1] for f in cut.values())
    print(f"{len(cut)} datasets, {sum(map(len, cut.values()))} records, {cells} cells; {len(found)} differences")
    print("\n".join(found))
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())
