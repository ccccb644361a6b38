"""``raw2adam selftest``: runs the examples and the refusals, and writes a record for qualification.

Not for printing (commands/) nor for the checks themselves (``examples.py``, ``refusals.py``).
"""

from __future__ import annotations

import datetime as dt
import html
import json
import platform
import sys
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from .. import __version__
from ..errors import OutputError
from ..output_folder.installed import package_versions
from .examples import example_results
from .refusals import Main, read_refusals, run_refusals
from .result import Result


@dataclass(frozen=True)
class SelfTest:
    """The results of a self-test. ``versions``: package to version; ``moment``: its end, with the time zone."""

    results: tuple[Result, ...]
    versions: dict[str, str]
    python: str
    system: str
    moment: dt.datetime
    place: str

    @property
    def failed(self) -> list[Result]:
        return [r for r in self.results if not r.passed]

    @property
    def areas(self) -> dict[str, tuple[int, int]]:
        """Area to the number of its checks and of those that passed, in the order in which they ran."""
        counts: dict[str, tuple[int, int]] = {}
        for r in self.results:
            every, passed = counts.get(r.area, (0, 0))
            counts[r.area] = every + 1, passed + r.passed
        return counts


def run_selftest(main: Main, say: Callable[[str], None], out: Path | None = None) -> SelfTest:
    """Run all examples and refusals. ``main`` runs a command by sys.argv; ``say`` gets a line on each area.

    ``out``: a folder for selftest.html and selftest.json. Raises OutputError where they cannot be written.
    """
    results: list[Result] = []
    area = ""
    for result in _checks(main):
        if area and result.area != area:
            say(_line(area, results))
        area = result.area
        results.append(result)
    say(_line(area, results))
    test = SelfTest(
        tuple(results),
        package_versions(),
        sys.version.split()[0],
        platform.platform(),
        dt.datetime.now().astimezone().replace(microsecond=0),
        str(Path(__file__).parents[1]),
    )
    if out is not None:
        _write(test, out)
    return test


def _checks(main: Main) -> Iterable[Result]:
    yield from example_results()
    yield from run_refusals(read_refusals(), main)


def _line(area: str, results: list[Result]) -> str:
    found = [r.passed for r in results if r.area == area]
    return f"{area}: {sum(found)} of {len(found)} passed"


def _write(test: SelfTest, out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
        (out / "selftest.json").write_text(_as_json(test), "utf-8")
        (out / "selftest.html").write_text(_as_html(test), "utf-8")
    except OSError as error:
        raise OutputError(f"{out}: the record cannot be written: {error.strerror or error}") from error


def _as_json(test: SelfTest) -> str:
    record = {
        "tool": "raw2adam",
        "version": __version__,
        "installed": test.place,
        "time": test.moment.isoformat(),
        "python": test.python,
        "system": test.system,
        "packages": test.versions,
        "checks": len(test.results),
        "failed": len(test.failed),
        "results": [asdict(r) for r in test.results],
    }
    return json.dumps(record, indent=1, ensure_ascii=False) + "\n"


_PAGE = """\
<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>raw2adam self-test</title>
<style>
body {{ font: 14px/1.4 sans-serif; margin: 2em; max-width: 70em }}
table {{ border-collapse: collapse; margin-bottom: 1.5em }}
td, th {{ border: 1px solid #bbb; padding: .2em .5em; text-align: left; vertical-align: top }}
pre {{ margin: 0; white-space: pre-wrap }}
.failed {{ background: #fdd }}
</style></head><body>
<h1>Self-test of raw2adam {version}: {verdict}</h1>
<table>{facts}</table>
<h2>Areas</h2><table><tr><th>area</th><th>checks</th><th>passed</th></tr>{areas}</table>
<h2>Packages</h2><table>{packages}</table>
<h2>Checks</h2><table><tr><th>area</th><th>check</th><th>result</th><th>expected</th>
<th>found, where it differs</th></tr>
{checks}</table>
<p>Carried out by: ____________________ &nbsp; Date: ____________ &nbsp; Reviewed by: ____________________</p>
</body></html>
"""


def _as_html(test: SelfTest) -> str:
    failed = len(test.failed)
    verdict = f"{failed} of {len(test.results)} checks failed" if failed else f"all {len(test.results)} checks passed"
    facts = {
        "installed in": test.place,
        "ended": test.moment.isoformat(),
        "Python": test.python,
        "system": test.system,
    }
    rows = [
        f"<tr{'' if r.passed else ' class=failed'}><td>{_text(r.area)}</td><td>{_text(r.name)}</td>"
        f"<td>{'passed' if r.passed else 'FAILED'}</td><td><pre>{_text(r.wanted)}</pre></td>"
        f"<td><pre>{'' if r.passed else _text(r.got)}</pre></td></tr>"
        for r in test.results
    ]
    return _PAGE.format(
        version=__version__,
        verdict=verdict,
        facts=_rows(facts.items()),
        areas=_rows((area, *counts) for area, counts in test.areas.items()),
        packages=_rows(test.versions.items()),
        checks="\n".join(rows),
    )


def _rows(rows: Iterable[Iterable[object]]) -> str:
    return "".join(f"<tr>{''.join(f'<td>{_text(str(c))}</td>' for c in row)}</tr>" for row in rows)


def _text(text: str) -> str:
    return html.escape(text)
