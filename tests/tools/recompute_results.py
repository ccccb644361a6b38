"""Computes the results of a report again, from reports/analyses.json and the ADaM datasets alone, and compares them.

    python tests/tools/recompute_results.py REPORT ADAM

REPORT is a folder that `raw2adam report` or a build has written, ADAM the folder with the datasets (XPT or Parquet). This
is a second program: it imports nothing of raw2adam and uses loops where raw2adam uses arrays. It reads sets, subsets,
groups and operations from the file. Printed are, for each method, the results, those that are equal to 9 digits, those
that differ, and those that it does not compute: lines of forest plots, pairs of agreement, conditions that the standard
cannot hold. The exit code is 1 where a result differs.
"""

from __future__ import annotations

import json
import math
import sys
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

#: what a result is compared with where this program does not compute it
SKIP = object()
DAYS = {"days": 1.0, "weeks": 7.0, "months": 30.4375, "years": 365.25}


def read(folder: Path, name: str) -> pd.DataFrame | None:
    """A dataset with missing texts as '' and missing numbers as NaN; None if there is none."""
    parquet, xpt = (folder / f"{name.lower()}.{s}" for s in ("parquet", "xpt"))
    if parquet.exists():
        frame = pd.read_parquet(parquet)
    elif xpt.exists():
        import pyreadstat

        frame = pyreadstat.read_xport(str(xpt), disable_datetime_conversion=True)[0]
    else:
        return None
    for column in frame.columns:
        if not pd.api.types.is_numeric_dtype(frame[column]):
            frame[column] = frame[column].astype(object).where(frame[column].notna(), "").astype(str).str.rstrip(" ")
    return frame


def holds(frame: pd.DataFrame, clause: dict[str, Any]) -> pd.Series:
    """Where a where clause holds on the records of a frame."""
    if "compoundExpression" in clause:
        compound = clause["compoundExpression"]
        parts = [holds(frame, c) for c in compound["whereClauses"]]
        found = parts[0]
        for part in parts[1:]:
            found = found & part if compound["logicalOperator"] == "AND" else found | part
        return found
    condition = clause["condition"]
    column, values, comparator = frame[condition["variable"]], condition["value"], condition["comparator"]
    if pd.api.types.is_numeric_dtype(column):
        wanted = [math.nan if v == "" else float(v) for v in values]
        equal = pd.Series(False, index=frame.index)
        for value in wanted:
            equal |= column.isna() if math.isnan(value) else column == value
        first = wanted[0]
    else:
        equal, first = column.isin(values), values[0]
    if comparator in ("EQ", "IN"):
        return equal
    if comparator in ("NE", "NOTIN"):
        return ~equal
    compared = {"LT": column.lt, "LE": column.le, "GT": column.gt, "GE": column.ge}[comparator]
    return compared(first)


class Recomputed:
    """The results of a reporting event, computed from datasets."""

    def __init__(self, event: dict[str, Any], dataset: Callable[[str], pd.DataFrame | None]):
        self.event, self.dataset = event, dataset
        self.sets = {x["id"]: x for x in event["analysisSets"]}
        self.subsets = {x["id"]: x for x in event.get("dataSubsets", [])}
        self.factors = {x["id"]: x for x in event["analysisGroupings"]}
        self.groups = {g["id"]: g for f in event["analysisGroupings"] for g in f.get("groups", [])}
        #: (subjects, records) of the columns of one analysis, and the steps of their curves
        self.of_groups: dict[Any, Any] = {}
        self.operations = {o["id"]: o["name"] for m in event["methods"] for o in m["operations"]}

    def compare(self) -> tuple[dict[str, Counter], list[str]]:
        """Counts by method (equal, differs, text, skipped), and a line for each result that differs."""
        counts: dict[str, Counter] = defaultdict(Counter)
        different = []
        for analysis in self.event["analyses"]:
            method = analysis["methodId"].removeprefix("Method_")
            if not analysis["results"] or self.dataset(analysis["dataset"]) is None:
                continue
            frames = self._frames(analysis)
            self.of_groups.clear()
            for result in analysis["results"]:
                mine = SKIP if frames is None else self.value(analysis, method, result, *frames)
                if mine is SKIP:
                    counts[method]["not computed"] += 1
                elif self._same(mine, result):
                    counts[method]["equal"] += 1
                else:
                    counts[method]["different"] += 1
                    groups = [g.get("groupValue") or g.get("groupId") for g in result.get("resultGroups", [])]
                    shown = result.get("rawValue", result["formattedValue"])
                    different.append(f"{analysis['id']} {result['operationId']} {groups}: {shown}, here {mine}")
        return counts, different

    @staticmethod
    def _same(mine: float, result: dict[str, Any]) -> bool:
        if "rawValue" not in result:
            return math.isnan(mine)
        theirs = float(result["rawValue"])
        return math.isclose(mine, theirs, rel_tol=1e-9, abs_tol=1e-9)

    def _frames(self, analysis: dict[str, Any]) -> tuple[pd.DataFrame, pd.DataFrame, dict[str, str]] | None:
        """(subjects of the set, records of the subset, arguments); None where a clause has no form."""
        population, subset = self.sets[analysis["analysisSetId"]], self.subsets.get(analysis.get("dataSubsetId", ""))
        subjects = self.dataset("ADSL").drop_duplicates("USUBJID")
        if "condition" in population or "compoundExpression" in population:
            subjects = subjects[holds(subjects, population)]
        elif population.get("description"):
            return None
        records = self.dataset(analysis["dataset"])
        records = records[records["USUBJID"].isin(subjects["USUBJID"])]
        if subset is not None:
            if "condition" not in subset and "compoundExpression" not in subset:
                return None
            records = records[holds(records, subset)]
        parameters = analysis.get("programmingCode", {}).get("parameters", [])
        return subjects, records, {p["name"]: p["value"][0] for p in parameters}

    def value(
        self,
        analysis: dict[str, Any],
        method: str,
        result: dict[str, Any],
        subjects: pd.DataFrame,
        records: pd.DataFrame,
        arguments: dict[str, str],
    ) -> Any:
        """The value of one result, NaN where it does not exist, SKIP where this program does not compute it."""
        name = self.operations[result["operationId"]]
        rows: dict[str, str] = {}
        counted, time, columns = None, None, []
        for group in result.get("resultGroups", []):
            factor = self.factors[group["groupingId"]]
            if "groupId" in group:
                found = self.groups[group["groupId"]]
                if "condition" not in found and "compoundExpression" not in found:
                    return SKIP
                if factor.get("groupingVariable"):
                    columns.append(group["groupId"])
                else:
                    counted = found
            elif factor.get("groupingVariable"):
                rows[factor["groupingVariable"]] = group["groupValue"]
            else:
                time = group["groupValue"]
        key = tuple(columns)
        if key not in self.of_groups:
            for column in columns:
                subjects = subjects[holds(subjects, self.groups[column])]
            self.of_groups[key] = subjects, records[records["USUBJID"].isin(subjects["USUBJID"])], {}
        subjects, records, curves = self.of_groups[key]
        compute = getattr(self, f"_{method}", None)
        if compute is None or name.startswith("forest."):
            return SKIP
        return compute(name, subjects, records, Cell(rows, counted, time, arguments, curves))

    def _subjects(self, name: str, subjects: pd.DataFrame, records: pd.DataFrame, cell: Cell) -> Any:
        return len(subjects)

    def _counts(self, name: str, subjects: pd.DataFrame, records: pd.DataFrame, cell: Cell) -> Any:
        by = cell.arguments.get("by")
        if by:
            records = records[as_text(records[by]) == cell.rows[by]]
        of = set(subjects["USUBJID"])
        if cell.arguments["percent_of"] == "records":
            of &= set(records["USUBJID"])
        if cell.counted is not None:
            inside = set(records[holds(records, cell.counted)]["USUBJID"])
        else:
            variable = cell.arguments.get("variable")
            if variable not in cell.rows:
                inside = set(records["USUBJID"])
            elif cell.rows[variable] == "":
                inside = of - set(records[as_text(records[variable]) != ""]["USUBJID"])
            else:
                inside = set(records[as_text(records[variable]) == cell.rows[variable]]["USUBJID"])
        return share(name, len(inside & of), len(of))

    def _proportion(self, name: str, subjects: pd.DataFrame, records: pd.DataFrame, cell: Cell) -> Any:
        by = cell.arguments.get("by")
        if by:
            records = records[as_text(records[by]) == cell.rows[by]]
        of = set(subjects["USUBJID"])
        if cell.arguments["percent_of"] == "records":
            of &= set(records["USUBJID"])
        name = name.rsplit(".", 1)[-1]
        if name == "total":
            return len(of)
        n = len(set(records[holds(records, cell.counted)]["USUBJID"]) & of) if cell.counted else math.nan
        if name in ("lower", "upper"):
            return 100 * exact(n, len(of), name, float(cell.arguments["confidence"]))
        return share(name, n, len(of))

    def _summary(self, name: str, subjects: pd.DataFrame, records: pd.DataFrame, cell: Cell) -> Any:
        by = cell.arguments.get("by")
        if by:
            records = records[as_text(records[by]) == cell.rows[by]]
        numbers = records[["USUBJID", cell.arguments["variable"]]].dropna()
        if name.endswith("missing"):
            return len(set(subjects["USUBJID"]) - set(numbers["USUBJID"]))
        return described(numbers[cell.arguments["variable"]].tolist(), name.rsplit(".", 1)[-1])

    def _change(self, name: str, subjects: pd.DataFrame, records: pd.DataFrame, cell: Cell) -> Any:
        of, _, statistic = name.split(".")
        records = records[as_text(records[cell.arguments["visit"]]) == cell.rows[cell.arguments["visit"]]]
        numbers = records[cell.arguments[of]].dropna().tolist()
        return described(numbers, statistic, float(cell.arguments["confidence"]))

    def _kaplan_meier(self, name: str, subjects: pd.DataFrame, records: pd.DataFrame, cell: Cell) -> Any:
        times = cell.once("times", lambda: timed(records, cell.arguments))
        return survival(name, [(t, cause == 1) for t, cause in times], cell)

    def _cumulative_incidence(self, name: str, subjects: pd.DataFrame, records: pd.DataFrame, cell: Cell) -> Any:
        times = cell.once("times", lambda: timed(records, cell.arguments))
        row, _, statistic = name.rpartition(".")
        if not row.startswith("rate-"):
            return count_of_times(name, times, cell)
        if statistic != "rate":
            return SKIP
        return 100 * incidence(times, float(row.removeprefix("rate-")))

    def _occurrences(self, name: str, subjects: pd.DataFrame, records: pd.DataFrame, cell: Cell) -> Any:
        grade = cell.arguments.get("grade")
        terms = {v: text for v, text in cell.rows.items() if v != grade}
        records = cell.once(str(terms), lambda: of_terms(records, terms))
        if grade in cell.rows:
            order = cell.arguments["grade_order"].split(", ")
            worst: dict[str, int] = {}
            for subject, text in zip(records["USUBJID"], as_text(records[grade]), strict=True):
                rank = order.index(text) if text in order else -1
                worst[subject] = max(worst.get(subject, -1), rank)
            wanted = order.index(cell.rows[grade]) if cell.rows[grade] in order else -1
            return share(name, sum(v == wanted for v in worst.values()), len(subjects))
        if name == "events":
            return len(records)
        return share(name, records["USUBJID"].nunique(), len(subjects))

    def _rate(self, name: str, subjects: pd.DataFrame, records: pd.DataFrame, cell: Cell) -> Any:
        row, _, statistic = name.rpartition(".")
        usable = subjects[subjects[cell.arguments["exposure"]] >= 0]
        unit = DAYS[cell.arguments["measured_in"]] / DAYS[cell.arguments["unit"]]
        time = float(usable[cell.arguments["exposure"]].sum()) * unit
        events = int(records["USUBJID"].isin(usable["USUBJID"]).sum())
        if row == "exposure":
            return time
        if row == "events":
            return events
        if row == "subjects":
            inside = set(records["USUBJID"]) & set(usable["USUBJID"])
            return share(statistic, len(inside), len(usable))
        return poisson(events, time, statistic, float(cell.arguments["per"]), float(cell.arguments["confidence"]))

    def _shift(self, name: str, subjects: pd.DataFrame, records: pd.DataFrame, cell: Cell) -> Any:
        order = cell.arguments["order"].split(", ")
        first, second = cell.arguments["first"], cell.arguments["second"]

        def of(variable: str) -> pd.Series:
            text = as_text(records[variable])
            wanted = cell.rows[variable]
            return text == wanted if wanted else ~text.isin(order)

        before = set(records[of(first)]["USUBJID"])
        if second not in cell.rows:
            return share(name, len(before), len(subjects))
        both = set(records[of(first) & of(second)]["USUBJID"])
        return share(name, len(both), len(before))


class Cell:
    """What a result is of: values of row variables, the condition that counts, a time, the arguments.

    ``curves``: what was computed for the column before.
    """

    def __init__(self, rows: dict[str, str], counted: Any, time: str | None, arguments: dict[str, str], curves: dict):
        self.rows, self.counted, self.time, self.curves = rows, counted, time, curves
        self.arguments = {"confidence": "0.95", "percent_of": "population", **arguments}

    def once(self, key: str, compute: Callable[[], Any]) -> Any:
        if key not in self.curves:
            self.curves[key] = compute()
        return self.curves[key]


def as_text(column: pd.Series) -> pd.Series:
    """A column as text, whole numbers without a point."""
    if not pd.api.types.is_numeric_dtype(column):
        return column
    return column.map(lambda v: "" if pd.isna(v) else f"{v:.15g}")


def of_terms(records: pd.DataFrame, terms: dict[str, str]) -> pd.DataFrame:
    """The records with these terms; a missing one is Not coded."""
    for variable, text in terms.items():
        column = as_text(records[variable])
        records = records[(column == text) | ((column == "") & (text == "Not coded"))]
    return records


def share(name: str, n: float, total: int) -> float:
    if name.endswith("percent"):
        return 100 * n / total if total else math.nan
    return total if name.endswith("total") else n


def exact(n: int, total: int, side: str, confidence: float) -> float:
    from scipy.stats import beta

    if not total:
        return math.nan
    tail = (1 - confidence) / 2
    if side == "lower":
        return float(beta.ppf(tail, n, total - n + 1)) if n else 0.0
    return float(beta.ppf(1 - tail, n + 1, total - n)) if n < total else 1.0


def poisson(n: int, time: float, statistic: str, per: float, confidence: float) -> float:
    from scipy.stats import chi2

    if not time:
        return math.nan
    tail = (1 - confidence) / 2
    count = {"rate": n, "lower": chi2.ppf(tail, 2 * n) / 2 if n else 0.0, "upper": chi2.ppf(1 - tail, 2 * n + 2) / 2}
    return float(per * count[statistic] / time)


def described(numbers: list[float], statistic: str, confidence: float = 0.95) -> float:
    """A statistic of numbers; quartiles are the mean of two numbers where the share falls between them."""
    from scipy.stats import t

    n = len(numbers)
    if statistic == "n":
        return n
    if not n:
        return math.nan
    ordered = sorted(numbers)
    if statistic in ("minimum", "maximum"):
        return ordered[0] if statistic == "minimum" else ordered[-1]
    if statistic in ("q1", "median", "q3"):
        at = n * {"q1": 1, "median": 2, "q3": 3}[statistic]
        if at % 4:
            return ordered[at // 4]
        return (ordered[at // 4 - 1] + ordered[at // 4]) / 2
    mean = math.fsum(numbers) / n
    if statistic == "mean":
        return mean
    if n < 2:
        return math.nan
    sd = math.sqrt(math.fsum((x - mean) ** 2 for x in numbers) / (n - 1))
    half = float(t.ppf((1 + confidence) / 2, n - 1)) * sd / math.sqrt(n)
    return {"sd": sd, "lower": mean - half, "upper": mean + half}[statistic]


def timed(records: pd.DataFrame, arguments: dict[str, str]) -> list[tuple[float, int]]:
    """(time in the unit of the results, 1 event, 2 competing, 0 censored) of each subject with a valid time."""
    unit = DAYS[arguments["measured_in"]] / DAYS[arguments["unit"]]
    event = records.eval(arguments["event"]) if len(records) else []
    competing = (
        records.eval(arguments["competing"]) if "competing" in arguments and len(records) else [False] * len(records)
    )
    found: dict[str, tuple[float, int]] = {}
    for subject, time, is_event, is_competing in zip(
        records["USUBJID"], records[arguments["time"]], event, competing, strict=True
    ):
        if not time >= 0:
            continue
        cause = 1 if is_event else 2 if is_competing else 0
        before = found.get(subject)
        if before is None or (time * unit, -(cause > 0)) < (before[0], -(before[1] > 0)):
            found[subject] = (time * unit, cause)
    return list(found.values())


def count_of_times(name: str, times: list[tuple[float, int]], cell: Cell) -> Any:
    counts = {
        "subjects.n": len(times),
        "events.events": sum(c == 1 for _, c in times),
        "competing.competing": sum(c == 2 for _, c in times),
        "censored.censored": sum(c == 0 for _, c in times),
    }
    if name == "at_risk":
        return sum(t >= float(cell.time) for t, _ in times)
    return len(times) if name.endswith(".total") else counts.get(name, SKIP)


def survival(name: str, times: list[tuple[float, bool]], cell: Cell) -> Any:
    """A number of a Kaplan-Meier estimate, by loops over the times."""
    from scipy.stats import norm

    row, _, statistic = name.rpartition(".")
    if row == "follow-up":
        times = [(t, not e) for t, e in times]
    z = float(norm.ppf((1 + float(cell.arguments["confidence"])) / 2))
    steps = cell.once("reverse" if row == "follow-up" else "steps", lambda: product_limit(times, z))
    s = steps[-1][1]
    last = max((t for t, _ in times), default=math.nan)
    if row in ("median", "q1", "q3", "follow-up"):
        which = {"lower": 2, "upper": 3}.get(statistic, 1)
        return crossing(steps, which, {"q1": 0.75, "q3": 0.25}.get(row, 0.5), last)
    if row.startswith("rate-"):
        landmark = float(row.removeprefix("rate-"))
        if not times or (landmark > last and s > 0):
            return math.nan
        return 100 * [x for x in steps if x[0] <= landmark][-1][{"rate": 1, "lower": 2, "upper": 3}[statistic]]
    return count_of_times(name, [(t, int(e)) for t, e in times], cell)


def product_limit(times: list[tuple[float, bool]], z: float) -> list[tuple[float, ...]]:
    """(time, S, lower, upper) from each time of an event on."""
    steps, s, greenwood = [(0.0, 1.0, math.nan, math.nan)], 1.0, 0.0
    for at in sorted({t for t, e in times if e}):
        n, d = sum(t >= at for t, _ in times), sum(t == at and e for t, e in times)
        s *= 1 - d / n
        limits = (math.nan, math.nan)
        if n > d:
            greenwood += d / (n * (n - d))
            width = z * math.sqrt(greenwood) / -math.log(s)
            limits = (s ** math.exp(width), s ** math.exp(-width))
        steps.append((at, s, *limits))
    return steps


def crossing(steps: list[tuple[float, ...]], which: int, level: float, last: float) -> float:
    """The first time at which a curve is at most ``level``, or the middle of the times at which it is equal."""
    for i, step in enumerate(steps[1:], 1):
        if abs(step[which] - level) < 1e-8:
            return (step[0] + (steps[i + 1][0] if i + 1 < len(steps) else last)) / 2
        if step[which] < level:
            return step[0]
    return math.nan


def incidence(times: list[tuple[float, int]], landmark: float) -> float:
    if not times:
        return math.nan
    s, found, n = 1.0, 0.0, len(times)
    for at in sorted({t for t, c in times if c and t <= landmark}):
        n = sum(t >= at for t, _ in times)
        found += s * sum(t == at and c == 1 for t, c in times) / n
        s *= 1 - sum(t == at and c > 0 for t, c in times) / n
    return found if landmark <= max(t for t, _ in times) or s < 1e-12 else math.nan


def recompute(report: Path, adam: Path) -> tuple[dict[str, Counter], list[str]]:
    """The comparison of the results of a report with those of its datasets."""
    event = json.loads((report / "reports" / "analyses.json").read_text("utf-8"))
    frames: dict[str, pd.DataFrame | None] = {}

    def dataset(name: str) -> pd.DataFrame | None:
        if name not in frames:
            frames[name] = read(adam, name)
        return frames[name]

    return Recomputed(event, dataset).compare()


def printed(counts: dict[str, Counter], different: list[str]) -> int:
    """Prints the comparison; 1 where a result differs."""
    kinds = ("equal", "different", "not computed")
    print(f"{'method':<24}" + "".join(f"{k:>14}" for k in kinds))
    for method, found in sorted(counts.items()):
        print(f"{method:<24}" + "".join(f"{found[k]:>14,}" for k in kinds))
    print(f"{'all':<24}" + "".join(f"{sum(f[k] for f in counts.values()):>14,}" for k in kinds))
    for line in different[:50]:
        print(line)
    return int(bool(different))


if __name__ == "__main__":
    sys.exit(printed(*recompute(*map(Path, sys.argv[1:3]))))
