"""Takes the datasets and the define.xml of an output there and back, and prints how many differences each way has.

    PYTHONPATH=tests python -m tools.round_trips OUT

OUT is the output folder of a build. Each trip is made by the commands. The differences of define.xml are counted element
by element, those of datasets cell by cell with label, type, length, format and order. A file that returns with other
bytes counts as a difference too. Exit code 1 where a trip that has to be exact has differences.
"""

from __future__ import annotations

import contextlib
import filecmp
import io
import json
import sys
import tempfile
from pathlib import Path

from raw2adam.cli import main as raw2adam
from raw2adam.define.differences import differences
from raw2adam.specification.first_study import read_study
from raw2adam.specification.open_content import open_content

KINDS = ("sdtm", "adam")
FORMATS = ("json", "ndjson", "dsjc", "parquet")


def run(*words: object) -> int:
    """A command in this process; its output is not shown."""
    before, sys.argv = sys.argv, ["raw2adam", *map(str, words)]
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()) as said:
            raw2adam()
    except SystemExit as stop:
        code = stop.code if isinstance(stop.code, int) else int(stop.code is not None)
        if code > 1:
            raise SystemExit(f"raw2adam {' '.join(map(str, words))}: exit code {code}\n{said.getvalue()}") from stop
        return code
    finally:
        sys.argv = before
    return 0


def compared(first: Path, second: Path) -> int:
    """The elements that differ in two specifications."""
    return len(differences(open_content(first, print), open_content(second, print)))


def through_excel(define: Path, work: Path) -> int:
    """define.xml to Excel to define.xml."""
    run("define", "export", define, "--out", work / "spec.xlsx")
    run("define", "export", work / "spec.xlsx", "--out", work / "again.xml")
    return compared(define, work / "again.xml")


def excel_through_define(define: Path, work: Path) -> int:
    """Excel to define.xml to Excel, cell by cell."""
    run("define", "export", define, "--out", work / "spec.xlsx")
    run("define", "export", work / "spec.xlsx", "--out", work / "again.xml")
    run("define", "export", work / "again.xml", "--out", work / "again.xlsx")
    return cells_that_differ(work / "spec.xlsx", work / "again.xlsx")


def cells_that_differ(first: Path, second: Path) -> int:
    import openpyxl

    books = [openpyxl.load_workbook(path, read_only=True) for path in (first, second)]
    cells = [{(s.title, c.coordinate): c.value for s in b for r in s.iter_rows() for c in r if c.value} for b in books]
    return sum(cells[0].get(k) != cells[1].get(k) for k in cells[0].keys() | cells[1].keys())


def through_specs(*paths: Path) -> int:
    """Specifications of one study to YAML and back: what its first specs lose. The last path is the working folder."""
    *files, work = paths
    return len(read_study(files, work / "study", lambda _: None).differences)


def excel_through_specs(define: Path, work: Path) -> int:
    """Excel to YAML to Excel."""
    run("define", "export", define, "--out", work / "spec.xlsx")
    return through_specs(work / "spec.xlsx", work)


def through_format(name: str, folder: Path, work: Path) -> int:
    """XPT to another format to XPT: differences of cells and attributes, and files with other bytes."""
    run("convert", folder, work / "there", "--formats", name)
    run("convert", work / "there" / name, work / "back", "--formats", "xpt", "--define", folder / "define.xml")
    returned = next(p for p in (work / "back" / "xpt", work / "back") if list(p.glob("*.xpt")))
    run("diff", folder, returned, "--criterion", "0", "--json", work / "diff.json", "--limit", "0")
    report = json.loads((work / "diff.json").read_text("utf-8"))
    files = sum(not filecmp.cmp(p, returned / p.name, shallow=False) for p in folder.glob("*.xpt"))
    return sum(d["differences"] for d in report["datasets"]) + files


def trips(out: Path) -> list[tuple[str, str, int, bool]]:
    """(kind, trip, differences, whether there may be none)."""
    found = []

    def add(kind: str, trip: str, exact: bool, function, *arguments) -> None:
        with tempfile.TemporaryDirectory() as work:
            found.append((kind, trip, function(*arguments, Path(work)), exact))

    for kind in KINDS:
        define = out / kind / "define.xml"
        add(kind, "define.xml, Excel, define.xml", True, through_excel, define)
        add(kind, "Excel, define.xml, Excel", True, excel_through_define, define)
        add(kind, "define.xml, YAML, define.xml", False, through_specs, define)
        add(kind, "Excel, YAML, Excel", False, excel_through_specs, define)
        for name in FORMATS:
            add(kind, f"XPT, {name}, XPT", True, through_format, name, out / kind)
    both = [out / kind / "define.xml" for kind in KINDS]
    add("both", "define.xml, YAML, define.xml", False, through_specs, *both)
    return found


def main() -> int:
    found = trips(Path(sys.argv[1]))
    print("| datasets | trip | differences |\n|---|---|---|")
    for kind, trip, count, _ in found:
        print(f"| {kind} | {trip} | {count} |")
    return int(any(count for _, _, count, exact in found if exact))


if __name__ == "__main__":
    sys.exit(main())
