"""Compares the defects of a synthetic export with the reports of its build.

    python tests/tools/compare_truth.py RAW OUT [--clean-findings]

reads RAW/truth.json, OUT/reports/findings.json and OUT/reports/accounting.json and prints by class of defect how many
were injected, caught and missed, each missed one with its place and text; then the false alarms. A defect is caught

- by its record: a finding of any severity is at the file and record (of a copy: at one of the two records) and, if the
  finding names a column, at the column. For a duplicate or a defect between forms the column does not matter. A wrong
  unit is caught by a finding about the result with its unit: only the site knows which of the two cells is wrong;
- by the ledger: accounting.json lists the verbatim text of that column, in at most as many cells as were injected; or
  it counts as many merged rows of the file as exact duplicates were injected;
- beside it: for a defect between forms, a finding is at a record of the subject in another of the compared forms.

A rule that has findings on more clean records than records with a defect catches no defect. The count is by file and
column, without notes.

A false alarm is an error or a warning at a file and record that truth.json does not name. Subjects with a defect
between forms or in their identifiers do not count: their other records are incomplete. The rate is per 1,000 rows
without a defect. --clean-findings lists the false alarms by rule.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

#: class -> other files in which the defect may be reported
BETWEEN_FORMS: dict[str, tuple[str, ...]] = {
    "death_before_dose": ("isa.csv",),
    "consent_after_death": ("death.csv",),
    "progression_after_death": ("death.csv",),
    "response_before_dose": ("isa.csv",),
    "exposure_too_early": ("enrol.csv",),
    "duplicate_subject": ("demo.csv", "enrol.csv"),
    "line_gap": ("priortx.txt",),
    "end_before_start": (),
}
IDENTIFIERS = ("SITE_ID", "SUBJ_ID", "PATNUM")
COPIES = ("exact_duplicate", "conflicting_duplicate", "unknown_subject")
#: class -> rules about two cells together, whose finding names one of them and both values
OF_BOTH: dict[str, tuple[str, ...]] = {"wrong_unit": ("R2A-UNIT-002",)}
HOW = ("record", "ledger", "beside")
SHOWN = 3  # examples of each rule of false alarms

Spot = tuple[str, int]  # file and record


@dataclass
class Tally:
    """One class: the number of injected and caught defects; the missed ones, as their first entry of truth.json."""

    injected: int = 0
    caught: Counter[str] = field(default_factory=Counter)
    missed: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class Comparison:
    """Tallies by class; ``alarms``: findings on clean records; ``clean``: records without a defect, None if unknown."""

    classes: dict[str, Tally]
    alarms: list[dict[str, Any]]
    clean: int | None

    @property
    def rate(self) -> float | None:
        """False alarms per 1,000 clean records, one per record and rule."""
        return 1000 * len(self.alarms) / self.clean if self.clean else None


def compare(truth: dict[str, Any], findings: dict[str, Any], accounting: dict[str, Any]) -> Comparison:
    """Compare the three files. A missing part counts as empty."""
    defects: dict[Any, list[dict[str, Any]]] = defaultdict(list)
    for number, entry in enumerate(truth.get("defects") or ()):
        defects[entry.get("defect") or f"entry {number}"].append(entry)
    reported = [f for f in findings.get("findings") or () if _spot(f)]
    alarms = _alarms(reported, defects.values())
    evidence = _Evidence(reported, alarms, accounting, [e for cells in defects.values() for e in cells])
    classes: dict[str, Tally] = {}
    for cells in defects.values():
        tally = classes.setdefault(cells[0]["class"], Tally())
        tally.injected += 1
        if how := evidence.of(cells):
            tally.caught[how] += 1
        else:
            tally.missed.append(cells[0])
    return Comparison(dict(sorted(classes.items())), alarms, _clean(accounting, defects))


class _Evidence:
    """The reports of the build, by place."""

    def __init__(
        self,
        findings: list[dict[str, Any]],
        alarms: list[dict[str, Any]],
        accounting: dict[str, Any],
        entries: list[dict[str, Any]],
    ):
        self._at: dict[Spot, list[dict[str, Any]]] = defaultdict(list)
        self._named = {spot for entry in entries for spot in _spots(entry)}
        excess = Counter(_kind(f) for f in alarms)  # of clean records over records with a defect
        excess.subtract(_kind(f) for f in findings if _spot(f) in self._named)
        for finding in findings:
            if excess[_kind(finding)] <= 0 or finding.get("severity") == "note":
                self._at[_spot(finding) or ("", 0)].append(finding)
        self._subjects: dict[str, set[str]] = defaultdict(set)  # file -> subjects of findings where no defect is
        for spot, at_spot in self._at.items():
            if spot not in self._named:
                self._subjects[spot[0]] |= {f.get("subject") or "" for f in at_spot}
        self._texts = dict(_ledger_texts(accounting))
        self._merged = {s.get("file"): (s.get("rows") or {}).get("merged", 0) for s in accounting.get("sources") or ()}
        self._injected = Counter((e["file"], e["column"], e["injected"]) for e in entries)
        self._duplicates = Counter(e["file"] for e in entries if e["class"] == "exact_duplicate")

    def of(self, cells: list[dict[str, Any]]) -> str:
        """How the defect of these cells was caught; '' if it was not."""
        if any(self._at_record(entry) for entry in cells):
            return "record"
        if any(self._in_ledger(entry) for entry in cells):
            return "ledger"
        return "beside" if any(self._beside(entry) for entry in cells) else ""

    def _at_record(self, entry: dict[str, Any]) -> bool:
        any_column = entry["class"] in COPIES or entry["class"] in BETWEEN_FORMS or not entry["column"]
        for spot in _spots(entry):
            for finding in self._at.get(spot, ()):
                column = finding["source"].get("column") or ""
                of_both = finding.get("rule") in OF_BOTH.get(entry["class"], ())
                if any_column or of_both or column in ("", entry["column"]):
                    return True
        return False

    def _in_ledger(self, entry: dict[str, Any]) -> bool:
        if entry["class"] == "exact_duplicate":
            return self._merged.get(entry["file"], 0) >= self._duplicates[entry["file"]]
        key = (entry["file"], entry["column"], entry["injected"])
        return bool(entry["injected"]) and 0 < self._texts.get(key, 0) <= self._injected[key]

    def _beside(self, entry: dict[str, Any]) -> bool:
        subject = entry.get("subject") or ""
        if not subject:
            return False
        files = BETWEEN_FORMS.get(entry["class"], ())
        return any(_same_subject(s, subject) for file in files for s in self._subjects.get(file, ()))


def _ledger_texts(node: Any, file: str = "", column: str = "") -> Iterator[tuple[tuple[str, str, str], int]]:
    """(file, column, verbatim text) -> cells, from wherever accounting.json lists texts of a column."""
    if isinstance(node, dict):
        file, column = node.get("file") or file, node.get("column") or column
        if "verbatim" in node:
            yield (file, column, str(node["verbatim"])), int(node.get("cells") or 1)
        for value in node.values():
            yield from _ledger_texts(value, file, column)
    elif isinstance(node, list):
        for value in node:
            yield from _ledger_texts(value, file, column)


def _spot(finding: dict[str, Any]) -> Spot | None:
    source = finding.get("source") or {}
    return (source["file"], int(source["row"])) if source.get("file") and source.get("row") else None


def _kind(finding: dict[str, Any]) -> tuple[str, ...]:
    source = finding.get("source") or {}
    return finding.get("rule", ""), source.get("file", ""), source.get("column") or ""


def _spots(entry: dict[str, Any]) -> list[Spot]:
    return [(entry["file"], r) for r in (entry["record"], entry.get("of_record") or 0) if r]


def _same_subject(usubjid: str, subject: str) -> bool:
    return usubjid == subject or usubjid.endswith(f"-{subject}")


def _alarms(findings: list[dict[str, Any]], defects: Iterable[list[dict[str, Any]]]) -> list[dict[str, Any]]:
    entries = [e for cells in defects for e in cells]
    named = {spot for e in entries for spot in _spots(e)}
    touched: set[str] = set()
    for entry in entries:
        if entry["class"] in BETWEEN_FORMS or entry["column"] in IDENTIFIERS:
            touched |= {
                entry.get("subject") or "",
                entry["injected"] if entry["class"] == "duplicate_subject" else "",
            } - {""}
    out: dict[tuple[str, Spot], dict[str, Any]] = {}
    for finding in findings:
        spot = _spot(finding)
        if finding.get("severity") not in ("error", "warning") or spot is None or spot in named:
            continue
        if finding.get("follows"):  # its cause is the alarm
            continue
        # a USUBJID ends with the subject: STUDY-0101-0001
        if (finding.get("subject") or "").split("-", 1)[-1] in touched or (finding.get("subject") or "") in touched:
            continue
        out.setdefault((finding.get("rule", ""), spot), finding)
    return list(out.values())


def _clean(accounting: dict[str, Any], defects: dict[Any, list[dict[str, Any]]]) -> int | None:
    rows = (accounting.get("total") or {}).get("rows")
    if not rows:
        return None
    return int(rows) - len({spot for cells in defects.values() for e in cells for spot in _spots(e)})


def report(result: Comparison, clean_findings: bool = False) -> Iterator[str]:
    """The comparison as lines of text."""
    yield f"{'class':<26}{'injected':>9}{'caught':>8}{'missed':>8}   caught by"
    for name, tally in result.classes.items():
        ways = ", ".join(f"{how} {tally.caught[how]}" for how in HOW if tally.caught[how])
        caught = sum(tally.caught.values())
        yield f"{name:<26}{tally.injected:>9}{caught:>8}{len(tally.missed):>8}   {ways}"
    injected = sum(t.injected for t in result.classes.values())
    missed = sum(len(t.missed) for t in result.classes.values())
    yield f"{'all':<26}{injected:>9}{injected - missed:>8}{missed:>8}"
    for name, tally in result.classes.items():
        for e in tally.missed:
            change = f"{e['original']!r} -> {e['injected']!r}"
            yield f"missed {name}: {e['file']} record {e['record']} {e['column'] or '(record)'}: {change}"
    rate = "number of clean rows unknown"
    if result.rate is not None:
        rate = f"{result.rate:.2f} per 1,000 of {result.clean} clean rows"
    yield f"false alarms: {len(result.alarms)} ({rate})"
    if clean_findings:
        by_rule: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for f in result.alarms:
            by_rule[f.get("rule", "")].append(f)
        for rule, found in sorted(by_rule.items(), key=lambda pair: (-len(pair[1]), pair[0])):
            yield f"  {rule}: {len(found)}"
            for f in found[:SHOWN]:
                s = f["source"]
                yield f"    {s['file']} record {s['row']} {s.get('column') or ''}: {f.get('value')!r}: {f.get('message')}"


def _read(path: Path) -> dict[str, Any]:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        print(f"{path}: not there, read as empty", file=sys.stderr)
        return {}


def main(arguments: list[str] | None = None) -> int:
    """Print the comparison; 0, or 2 where RAW has no truth.json."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("raw", type=Path, metavar="RAW")
    parser.add_argument("out", type=Path, metavar="OUT")
    parser.add_argument("--clean-findings", action="store_true", help="list the false alarms by rule")
    options = parser.parse_args(arguments)
    if not (options.raw / "truth.json").is_file():
        print(f"{options.raw}: no truth.json; name the folder of a synthetic export", file=sys.stderr)
        return 2
    reports = options.out / "reports"
    result = compare(
        _read(options.raw / "truth.json"), _read(reports / "findings.json"), _read(reports / "accounting.json")
    )
    print("\n".join(report(result, options.clean_findings)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
