"""Tries to find masked counts of a report by linear equations, as a reader of its files could.

    raw2adam report OUT --study STUDY --to WHOLE
    raw2adam report OUT --study STUDY --to MASKED --mask-below 5
    python tests/tools/attack_masked.py MASKED WHOLE 5

This is a second program: it imports nothing of raw2adam. From the CSV files it takes each count as an unknown or a
known number, and writes the equations of the layout: a total of its columns, rows of the row above or of all, n and
missing, events and censored, lines of a forest plot, weighted means and squares, and equal counts of other displays.
WHOLE decides which of these hold, and what is small: a real reader would have to guess, so this one knows more. Printed
are the masked counts that follow and are small, small counts of the rest of a shown part, masked cells with a number in
any file, and whether the others have one value since none is negative. The exit code is 1 where a small count follows.
"""

from __future__ import annotations

import csv
import json
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import linprog

COUNTS = ("n", "total", "events", "censored", "competing", "missing")
#: a count of one cell: display, result, part, position of its row, column, statistic
Key = tuple[str, ...]
Equation = dict[Key, float]


class Report:
    """The counts of the CSV files of a report. ``numbers``: of each, None where it is masked."""

    def __init__(self, folder: Path):
        self.numbers: dict[Key, float | None] = {}
        self.means: dict[Key, float] = {}
        #: (display, result) -> its rows in order: row, label, indent, category
        self.rows: dict[tuple[str, str], dict[tuple[str, ...], int]] = defaultdict(dict)
        self.columns: dict[str, list[str]] = {}
        self.labels: dict[tuple[str, str], str] = {}
        self.leaking: list[str] = []
        self.known_numbers: dict[str, list[float]] = defaultdict(list)
        content = json.loads((folder / "reports" / "analyses.json").read_text(encoding="utf-8"))
        #: display.result -> the records that it is of
        self.records = {
            a["id"]: f"{a['dataset']} {a.get('dataSubsetId', '')}" for a in content["analyses"] if "dataset" in a
        }
        for path in sorted((folder / "reports" / "analyses").glob("*.csv")):
            with path.open(encoding="utf-8-sig", newline="") as file:
                for line in csv.DictReader(file):
                    self._add(line)

    def _add(self, line: dict[str, str]) -> None:
        display, result, part, column, statistic = (
            line[k] for k in ("display", "result", "part", "column", "statistic")
        )
        if part == "column":
            self.columns.setdefault(display, []).append(column)
            self.labels[(display, column)] = line["column_label"]
        masked = line["absent"] == "masked"
        if masked and (line["number"] or any(c.isdigit() for c in line["text"] + line["shown"])):
            self.leaking.append(f"{display} {result} {line['label']} {column}: masked, but {line}")
        number = float(line["number"]) if line["number"] else None
        if number is not None and part in ("table", "forest", "at_risk"):
            self.known_numbers[f"{display}.{result}"].append(number)
        at = line["time"] or line["row"] if part == "at_risk" else ""
        if part in ("table", "forest"):
            about = (part, line["row"], line["label"], line["indent"], line["category"])
            at = str(self.rows[(display, result)].setdefault(about, len(self.rows[(display, result)])))
        key = (display, result, part, at, column, statistic)
        if statistic in COUNTS and (masked or number is not None):
            self.numbers[key] = number
        elif part == "table" and statistic in ("mean", "sd") and number is not None:
            self.means[key] = number


def groups_of(report: Report, display: str) -> tuple[str, list[str]]:
    """The total column of a display and its groups; '' without a total."""
    columns = report.columns[display]
    total = "TOTAL" if "TOTAL" in columns else ""
    return total, [c for c in columns if c != total]


def equations(masked: Report, whole: Report) -> Iterator[Equation]:
    """All equations of the layout that hold in ``whole``."""
    by_cell: dict[tuple[str, ...], dict[str, Key]] = defaultdict(dict)
    for key in whole.numbers:
        display, result, part, at, column, statistic = key
        by_cell[(display, result, part, at, statistic)][column] = key
    for (display, *_), cells in by_cell.items():
        total, groups = groups_of(whole, display)
        if total in cells and groups and all(g in cells for g in groups):
            yield from holding(whole, cells[total], [cells[g] for g in groups])
    for (display, result), rows in whole.rows.items():
        yield from of_rows(whole, display, result, list(rows))
        yield from of_lines(whole, display, result, list(rows))
        yield from of_means(masked, whole, display, result, list(rows))
    yield from equal_counts(whole)


def holding(whole: Report, total: Key, parts: list[Key]) -> Iterator[Equation]:
    """The equation of a total, if it is true."""
    numbers = [whole.numbers.get(k) for k in (total, *parts)]
    if None not in numbers and parts and numbers[0] == sum(n for n in numbers[1:] if n is not None):
        yield {total: -1.0} | {p: 1.0 for p in parts if p != total}


def of_rows(whole: Report, display: str, result: str, rows: list[tuple[str, ...]]) -> Iterator[Equation]:
    """Rows below a row, and statistics of one group that add up to its size."""
    above: list[int] = []
    families: dict[tuple[int, str], list[int]] = defaultdict(list)
    for at, (part, _, _, indent, category) in enumerate(rows):
        if part != "table":
            continue
        while above and int(rows[above[-1]][3]) >= int(indent):
            above.pop()
        names = ";".join(c.partition("=")[0].strip() for c in category.split(";"))
        families[(above[-1] if above else -1, names)].append(at)
        above.append(at)
    for column in whole.columns[display]:
        size = (display, "", "column", "", column, "n")
        for (parent, _), members in families.items():
            for statistic in ("n", "events"):
                parts = [
                    k for m in members if (k := (display, result, "table", str(m), column, statistic)) in whole.numbers
                ]
                totals = {(display, result, "table", str(m), column, "total") for m in members}
                totals |= {(display, result, "table", str(parent), column, statistic), size}
                for total in sorted(t for t in totals if t in whole.numbers):
                    yield from holding(whole, total, parts)
            parts = [
                k
                for m in members
                for s in ("n", "missing", "events", "censored", "competing")
                if (k := (display, result, "table", str(m), column, s)) in whole.numbers
            ]
            firsts = [k for k in parts if k[-1] == "n"]
            yield from holding(whole, size, [k for k in parts if k[-1] in ("n", "missing")])
            if firsts:
                yield from holding(whole, firsts[0], [k for k in parts if k[-1] in ("events", "censored", "competing")])


def of_lines(whole: Report, display: str, result: str, rows: list[tuple[str, ...]]) -> Iterator[Equation]:
    """The lines of a heading are together the first line; it is the total column, and a group is its column."""
    lines = [(at, row) for at, row in enumerate(rows) if row[0] == "forest"]
    if not lines:
        return
    tables = [at for at, row in enumerate(rows) if row[0] == "table"]
    for statistic in ("n", "events"):

        def of(at: int, name: str = statistic) -> Key:
            return (display, result, "forest", str(at), "", name)

        for heading in dict.fromkeys(row[1] for _, row in lines if row[1]):
            yield from holding(whole, of(lines[0][0]), [of(at) for at, row in lines if row[1] == heading])
        for at, row in lines:
            columns = [c for c in whole.columns[display] if row[2] == whole.labels[(display, c)]]
            for column in ["TOTAL"] if at == lines[0][0] else columns:
                for t in tables:
                    for name in ("n", "total", "events"):
                        key = (display, result, "table", str(t), column, name)
                        if key in whole.numbers:
                            yield from holding(whole, of(at), [key])


def of_means(
    masked: Report, whole: Report, display: str, result: str, rows: list[tuple[str, ...]]
) -> Iterator[Equation]:
    """The mean of all weighted by numbers of subjects, and the squares, where no mean is masked."""
    total, groups = groups_of(whole, display)
    counts = {
        row[4] + row[3]: at
        for at, row in enumerate(rows)
        if (display, result, "table", str(at), total, "n") in whole.numbers
    }
    for at, row in enumerate(rows):
        keys = {c: (display, result, "table", str(at), c, "mean") for c in (total, *groups)}
        beside = counts.get(row[4] + row[3])
        shown = {c for c, k in keys.items() if k in whole.means}
        if (
            beside is None
            or total not in shown
            or any(k in whole.means and k not in masked.means for k in keys.values())
        ):
            continue
        for power in (1, 2):
            equation: Equation = {}
            for column in shown:
                mean = masked.means[keys[column]]
                sd = masked.means.get((*keys[column][:-1], "sd"), 0.0)
                weight = mean if power == 1 else mean**2 + sd**2
                equation[(display, result, "table", str(beside), column, "n")] = -weight if column == total else weight
            yield equation


def equal_counts(whole: Report) -> Iterator[Equation]:
    """The same row in the same group of another display, and the size of a group in each display."""
    same: dict[tuple[object, ...], Key] = {}
    for key, number in whole.numbers.items():
        display, result, part, at, column, statistic = key
        size = whole.numbers.get((display, "", "column", "", column, "n"))
        if part == "column":
            about: tuple[object, ...] = ("size", column, number)
        elif statistic == "total" and number == size:
            about = ("size", column, number)
        elif part == "table":
            row = list(whole.rows[(display, result)])[int(at)]
            records = whole.records.get(f"{display}.{result}", "")
            about = ("row", records, row[2], row[4], column, size, statistic, number)
        else:
            continue
        first = same.setdefault(about, key)
        if first != key:
            yield {first: -1.0, key: 1.0}


def solve(found: list[Equation], known: dict[Key, float]) -> tuple[set[Key], list[tuple[list[Key], list[Equation]]]]:
    """(unknown counts that have one value, connected unknown counts with their equations)."""
    unknown = [{k: c for k, c in e.items() if k not in known} for e in found]
    parent: dict[Key, Key] = {}

    def root(k: Key) -> Key:
        while parent[k] != k:
            k = parent[k]
        return k

    for equation in unknown:
        keys = list(equation)
        for k in keys:
            parent.setdefault(k, k)
            parent[root(k)] = root(keys[0])
    parts: dict[Key, list[int]] = defaultdict(list)
    for at, equation in enumerate(unknown):
        if equation:
            parts[root(next(iter(equation)))].append(at)
    fixed: set[Key] = set()
    connected = []
    for ats in parts.values():
        keys = sorted({k for at in ats for k in unknown[at]})
        matrix = np.zeros((len(ats), len(keys)))
        for i, at in enumerate(ats):
            for k, c in unknown[at].items():
                matrix[i, keys.index(k)] = c
        matrix /= np.abs(matrix).max(axis=1, keepdims=True)
        _, singular, right = np.linalg.svd(matrix, full_matrices=False)
        space = right[singular > 1e-9 * max(1.0, singular.max())]
        fixed |= {k for i, k in enumerate(keys) if float(space[:, i] @ space[:, i]) > 1 - 1e-7}
        connected.append((keys, [found[at] for at in ats]))
    return fixed, connected


def narrow(
    connected: list[tuple[list[Key], list[Equation]]], known: dict[Key, float], whole: Report, below: int
) -> tuple[int, int]:
    """(small masked counts that are fixed since no number is negative, small masked counts that were tried)."""
    pinned = tried = 0
    for keys, found in connected:
        small = [k for k in keys if 0 < (whole.numbers[k] or 0) < below]
        if not small or len(keys) > 60:
            continue
        rows = np.array([[e.get(k, 0.0) for k in keys] for e in found])
        sums = np.array([-sum(c * known[k] for k, c in e.items() if k in known) for e in found])
        for k in small:
            costs = np.array([1.0 if k == other else 0.0 for other in keys])
            ends = [linprog(sign * costs, A_eq=rows, b_eq=sums, bounds=(0, None)) for sign in (1, -1)]
            if all(e.status == 0 for e in ends):
                tried += 1
                low, high = (np.ceil(ends[0].fun - 1e-6), np.floor(-ends[1].fun + 1e-6))
                pinned += bool(low == high)
    return pinned, tried


def rests(masked: Report, below: int) -> Iterator[str]:
    """Shown parts of a shown denominator whose rest is small; not sizes of groups, which are always shown."""
    sizes = {n for k, n in masked.numbers.items() if k[2] == "column"}
    for key, n in masked.numbers.items():
        display, result, part, at, column, statistic = key
        if part != "table" or statistic not in ("n", "events") or n is None or n in sizes:
            continue
        total = masked.numbers.get((display, result, part, at, column, "total"))
        if total is not None and 0 < total - n < below:
            yield f"{display} {result} {list(masked.rows[(display, result)])[int(at)][2]} {column}: {n:g} of {total:g}"


def in_json(folder: Path, masked: Report) -> Iterator[str]:
    """Numbers of the machine-readable file that the CSV files do not show."""
    content: dict[str, Any] = json.loads((folder / "reports" / "analyses.json").read_text(encoding="utf-8"))
    for analysis in content["analyses"]:
        left = sorted(masked.known_numbers.get(analysis["id"], []))
        for result in analysis["results"]:
            if "rawValue" in result and analysis["id"] in masked.known_numbers:
                number = float(result["rawValue"])
                if number in left:
                    left.remove(number)
                else:
                    yield f"{analysis['id']}: {number:g} {result['operationId']}"


def main(masked_folder: str, whole_folder: str, below_text: str) -> int:
    masked, whole, below = Report(Path(masked_folder)), Report(Path(whole_folder)), int(below_text)
    known = {k: n for k, n in masked.numbers.items() if n is not None}
    # the sizes of populations are always shown, so those outside of one follow; this is the limit that the page states
    populations = {n for k, n in known.items() if k[2] == "column" and k[4] == "TOTAL"}
    of_sizes = {k for k, n in known.items() if k[2] != "column" and k[4] == "TOTAL" and n in populations}
    hidden = {k: n for k, n in whole.numbers.items() if n is not None and k not in known}
    found = list(equations(masked, whole))
    fixed, connected = solve(found, {k: n for k, n in known.items() if k not in of_sizes})
    small = sorted(k for k in fixed if 0 < (whole.numbers[k] or 0) < below)
    # those outside of a population may be a group of a larger one
    outside = [k for k in small if k[2] == "column" or k[-1] == "total"]
    small = [k for k in small if k not in outside]
    pinned, tried = narrow(connected, {k: n for k, n in known.items() if k not in of_sizes}, whole, below)
    shown_rests, numbers = list(rests(masked, below)), list(in_json(Path(masked_folder), masked))
    shown_small = [k for k, n in known.items() if 0 < n < below]
    print(
        f"{len(whole.numbers)} counts, {len(hidden)} masked, {sum(0 < n < below for n in hidden.values())} of them small"
    )
    print(
        f"{len(found)} equations; {len(fixed)} masked counts follow, {len(small)} of them are small, and "
        f"{len(outside)} sizes of a small group, by the sizes of populations"
    )
    print(f"{len(shown_small)} small counts are shown; {len(shown_rests)} shown parts have a small rest")
    print(
        f"{len(masked.leaking)} masked cells have a number; {len(numbers)} numbers of the JSON file are in no CSV file"
    )
    print(f"by whole numbers of at least 0, {pinned} of {tried} small masked counts have one value only")
    for line in [*(" ".join(k) for k in [*small, *shown_small]), *shown_rests, *masked.leaking, *numbers][:20]:
        print(f"  {line}")
    return 1 if small or shown_small or shown_rests or masked.leaking or numbers else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:4]))
