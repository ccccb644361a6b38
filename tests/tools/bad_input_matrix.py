"""Prints what bad input makes of the example of each derivation and step: the values, and the findings that are new.

    python tests/tools/bad_input_matrix.py [--silent] [VERB ...]

Each raw column of an example gets each kind of bad cell in its first filled row, and each raw table is emptied, doubled,
and gets a second row that differs in one column. Printed is a line for each of them: verb, kind, column, new findings,
values before and after. With --silent only those without a finding whose values changed: read each of them. A value that
is missing since its cell is missing is no fault; another number is one, unless the rule has it so.
"""

from __future__ import annotations

import argparse
import csv
import io
import re
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from raw2adam.engine.columns import column as col
from raw2adam.errors import SpecError
from raw2adam.findings.table import Findings
from raw2adam.mappings.loader import load_study
from raw2adam.mappings.models.derivation import DERIVATIONS
from raw2adam.mappings.models.example import example_files
from raw2adam.mappings.models.record_step import STEPS
from raw2adam.mappings.models.step_example import step_example_files
from raw2adam.runs.build_partitions import build_partitions
from raw2adam.runs.dictionaries import with_dictionaries
from raw2adam.runs.plan_study import plan_study
from raw2adam.runs.read_raw import read_raw
from raw2adam.selftest.files import write_files

_NUMBER, _DATE = re.compile(r"-?\d+(\.\d+)?"), re.compile(r"\d{4}-\d{2}-\d{2}")
#: kind of bad cell -> its text, for cells of numbers and of dates
_OF_NUMBERS = {"text": "abc", "zero": "0", "negative": "-7", "large": "1e300", "too large": "1e400"}
_OF_DATES = {
    "text": "abc",
    "partial": "2020-03",
    "early": "1900-01-01",
    "late": "2199-12-31",
    "impossible": "2020-02-30",
}


def cells(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))


def as_text(table: list[list[str]]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(table)
    return out.getvalue()


def bad_tables(text: str) -> Iterator[tuple[str, str, str]]:
    """(kind, column, the table as text) of each change of a raw table."""
    header, *rows = cells(text)
    if not rows:
        return
    yield "empty", "", as_text([header])
    yield "rows twice", "", as_text([header, *rows, *rows])
    for at, name in enumerate(header):
        if name == "SUBJ":
            continue
        filled = [n for n, row in enumerate(rows) if row[at].strip()]
        if not filled:
            continue
        cell, first = rows[filled[0]][at], filled[0]
        yield "all missing", name, as_text([header, *(_with(row, at, "") for row in rows)])
        yield "missing", name, as_text([header, *_changed(rows, first, at, "")])
        is_date, is_number = bool(_DATE.fullmatch(cell)), bool(_NUMBER.fullmatch(cell))
        for kind, bad in (_OF_DATES if is_date else _OF_NUMBERS if is_number else {"unknown text": "ZZ"}).items():
            yield kind, name, as_text([header, *_changed(rows, first, at, bad)])
        other = "2020-03-07" if is_date else str(float(cell) + 3) if is_number else "ZZ"
        yield "second row", name, as_text([header, *rows, _with(rows[first], at, other)])


def _with(row: list[str], at: int, cell: str) -> list[str]:
    return [*row[:at], cell, *row[at + 1 :]]


def _changed(rows: list[list[str]], number: int, at: int, cell: str) -> list[list[str]]:
    return [_with(row, at, cell) if n == number else row for n, row in enumerate(rows)]


def built(files: dict[str, str], dataset: str, names: list[str], rules=()) -> tuple[str, Counter[str]]:
    """(the values of some variables, or the error; how many findings of each rule)."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        write_files(folder, files)
        findings = Findings()
        try:
            loaded = load_study(folder)
            plan, _ = plan_study(loaded)
            plan, _ = with_dictionaries(plan, [loaded.root], loaded.root, findings)
            read = read_raw(plan, loaded.root, folder / "raw", findings)
            found = build_partitions(plan, read.tables, read.identity, findings, shared=read.shared, rules=rules)
        except SpecError as error:
            return f"STOPS {error.problems[0]}", Counter()
        except Exception as error:
            return f"CRASH {type(error).__name__} {error}", Counter()
        frame = found.stored.part(0)[dataset]
        columns = [[str(v) for v in col.objects(frame.columns[n])] for n in names]
        values = " ".join("/".join(c or "." for c in row) for row in zip(*columns, strict=True))
        rules = Counter(findings.frame()["rule"].tolist())
        rules.pop("R2A-COL-001", None)
    return values, rules


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("verbs", nargs="*")
    parser.add_argument("--silent", action="store_true")
    options = parser.parse_args()
    for verb, model in (*sorted(DERIVATIONS.items()), *sorted(STEPS.items())):
        example = model.example
        if example is None or (options.verbs and verb not in options.verbs):
            continue
        step = verb in STEPS
        files = step_example_files(example) if step else example_files(example)
        names = list(example.gives) if step else [example.variable]
        before, usual = built(files, example.dataset, names)
        for path in [p for p in files if p.startswith("raw/")]:
            for kind, column, text in bad_tables(files[path]):
                after, rules = built({**files, path: text}, example.dataset, names)
                new = " ".join(sorted(rules - usual))
                if options.silent and (new or after == before):
                    continue
                where = f"{Path(path).stem}.{column}".rstrip(".")
                print(f"{verb:20} {kind:13} {where:18} {new or 'SILENT':32} {before} -> {after}"[:260], flush=True)


if __name__ == "__main__":
    main()
