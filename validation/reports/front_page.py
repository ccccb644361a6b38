"""index.html: the front page of a run. What was run, its results in figures, and a link to every page and file.

Not for the figures themselves: the run counts records, rows and findings. Nothing of the clock or the machine.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from ...engine.accounts.ledger import Ledger
from ...findings.rule import SEVERITIES
from ...findings.table import Findings
from ...output_folder.layout import Layout
from .finding_counts import PlaceCounts, address, counts_by_place, picture
from .findings import FINDINGS_PAGE
from .output_files import described
from .page import html_page, printable
from .run_head import FRONT_PAGE, RunHead, href

ACCOUNTS_PAGE = "reports/accounting.html"
_KINDS = {"sdtm": "SDTM", "adam": "ADaM"}
#: folders with a file for each dataset or source: folded on the page
_FOLDED = ("lineage", "lineage/raw")


@dataclass(frozen=True, kw_only=True)
class DatasetLine:
    """One dataset of a run. ``kind``: sdtm or adam; ``definition``: where its page describes it, '' if nowhere."""

    kind: str
    name: str
    label: str
    records: int
    definition: str = ""


@dataclass(frozen=True, kw_only=True)
class BalanceLine:
    """One source: ``counts`` has one number for each outcome of the balance; they add up to ``read``."""

    name: str
    file: str
    read: int
    counts: tuple[int, ...]

    @property
    def balanced(self) -> bool:
        return self.read == sum(self.counts)


@dataclass(frozen=True)
class Balance:
    """Rows or records that were read, by outcome. ``unit``: what is counted."""

    unit: str
    outcomes: tuple[str, ...]
    lines: tuple[BalanceLine, ...]

    def total(self) -> BalanceLine:
        """All sources together."""
        counts = tuple(sum(line.counts[i] for line in self.lines) for i in range(len(self.outcomes)))
        return BalanceLine(name="All", file="", read=sum(line.read for line in self.lines), counts=counts)


@dataclass(frozen=True, kw_only=True)
class FrontPage:
    """What the page shows. ``files``: path in the output folder -> bytes, all but the page and the manifest.

    ``layout``: how the output lays out its files.
    """

    head: RunHead
    datasets: Sequence[DatasetLine]
    findings: Findings
    balance: Balance
    files: Mapping[str, int]
    layout: Layout = field(default_factory=Layout)


def row_balance(ledger: Ledger) -> Balance:
    """The rows of each raw source by outcome."""
    outcomes = {
        "mapped": "Mapped", "excluded": "Excluded", "after_cutoff": "After the cut-off", "merged": "Merged",
        "quarantined": "Quarantined",
    }  # fmt: skip
    lines = []
    for _, account in sorted(ledger.sources.items()):
        totals = account.totals()
        counts = tuple(totals[o] for o in outcomes)
        lines.append(BalanceLine(name=account.name, file=account.file, read=totals["rows"], counts=counts))
    return Balance("rows", tuple(outcomes.values()), tuple(lines))


def front_page(page: FrontPage) -> bytes:
    """index.html in UTF-8: the same bytes for the same run."""
    found = counts_by_place(page.findings.frame())
    severities = {s: sum(p.counts[s] for p in found) for s in SEVERITIES}
    total = page.balance.total()
    return html_page(
        "index.html.j2",
        head=page.head.values(FRONT_PAGE),
        title=f"{printable(page.head.study)}: front page of the run",
        lead=[],
        command=printable(page.head.command),
        tiles=_tiles(page, severities, total),
        kinds=[k for k in (_kind(page, kind, found) for kind in _KINDS) if k["datasets"]],
        picture=picture(found) if found else None,
        places=[_place(p) for p in found],
        severities=severities,
        findings_page=FINDINGS_PAGE,
        accounts_page=ACCOUNTS_PAGE,
        balance=_balance(page.balance, total),
        folders=_folders({**page.files, "manifest.json": None}, page.layout),
    )


def _tiles(page: FrontPage, severities: Mapping[str, int], total: BalanceLine) -> list[dict[str, Any]]:
    written = [d for d in page.datasets if d.records]
    tiles: list[dict[str, Any]] = [
        {"figure": f"{len(written):,}", "what": "datasets", "href": "#datasets", "class": ""},
        {"figure": f"{sum(d.records for d in written):,}", "what": "records", "href": "#datasets", "class": ""},
    ]
    for severity, count in severities.items():
        link = f"{FINDINGS_PAGE}#{address(severity=severity)}"
        what = severity if count == 1 else f"{severity}s"
        tiles.append({"figure": f"{count:,}", "what": what, "href": link, "class": severity if count else "good"})
    balanced = all(line.balanced for line in page.balance.lines)
    tiles += [
        {"figure": f"{total.read:,}", "what": f"{page.balance.unit} read", "href": "#balance", "class": ""},
        {
            "figure": "balanced" if balanced else "does not balance",
            "what": f"account of {page.balance.unit}",
            "href": "#balance",
            "class": "good" if balanced else "error",
        },
    ]
    return tiles


def _kind(page: FrontPage, kind: str, found: Sequence[PlaceCounts]) -> dict[str, Any]:
    """The datasets of SDTM or ADaM, each with its files and findings."""
    counts = {p.place: p for p in found}
    files: dict[str, list[str]] = {}
    for path in page.files:
        pure = PurePosixPath(page.layout.logical(path))
        if pure.parts[0] == kind:
            files.setdefault(pure.stem.upper(), []).append(path)
    return {
        "name": _KINDS[kind],
        "datasets": [
            {
                "name": printable(d.name),
                "label": printable(d.label),
                "records": d.records,
                "definition": d.definition,
                "files": [
                    {"href": href(p, FRONT_PAGE), "name": PurePosixPath(p).name} for p in files.get(d.name.upper(), ())
                ],
                "findings": counts[d.name].total if d.name in counts else 0,
                "findings_href": f"{FINDINGS_PAGE}#{address(dataset=d.name)}",
            }
            for d in page.datasets
            if d.kind == kind
        ],
    }


def _place(counts: PlaceCounts) -> dict[str, Any]:
    link = f"{FINDINGS_PAGE}#{address(**counts.conditions)}"
    return {"name": printable(counts.place), "href": link, "counts": counts.counts, "total": counts.total}


def _balance(balance: Balance, total: BalanceLine) -> dict[str, Any]:
    parts = [f"{n:,} {o[0].lower()}{o[1:]}" for o, n in zip(balance.outcomes, total.counts, strict=True)]
    return {
        "unit": balance.unit,
        "headings": balance.outcomes,
        "sentence": f"{total.read:,} {balance.unit} read = {' + '.join(parts)}",
        "lines": [
            {
                "name": printable(line.name),
                "file": printable(line.file),
                "read": line.read,
                "counts": list(zip(balance.outcomes, line.counts, strict=True)),
                "balanced": line.balanced,
            }
            for line in balance.lines
        ],
        "total": {"read": total.read, "counts": list(zip(balance.outcomes, total.counts, strict=True))},
    }


def _folders(files: Mapping[str, int | None], layout: Layout) -> list[dict[str, Any]]:
    """The files by folder, both in the order of their names; ``bytes`` None where the file is not written yet."""
    folders: dict[str, list[dict[str, Any]]] = {}
    for path in sorted(files):
        folder = PurePosixPath(path).parent.as_posix()
        one = {
            "href": href(path, FRONT_PAGE),
            "name": printable(PurePosixPath(path).name),
            "bytes": files[path],
            "what": described(layout.logical(path)),
        }
        folders.setdefault(folder, []).append(one)
    return [
        {
            "name": "Output folder" if name == "." else printable(name),
            "files": folders[name],
            "open": name not in _FOLDED,
        }
        for name in sorted(folders)
    ]
