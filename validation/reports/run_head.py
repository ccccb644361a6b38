"""The head that every page of a run has: study, run and navigation; and the pages and files that a run can leave.

The head names nothing of the clock or the machine, so that the same run gives the same bytes. Not for the contents of a
page, nor for its layout (templates/base.html.j2).
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote

from .page import printable

FRONT_PAGE = "index.html"
#: path in the output folder -> name in the navigation, in its order
PAGES = {
    FRONT_PAGE: "Front page",
    "sdtm/define.html": "SDTM definitions",
    "adam/define.html": "ADaM definitions",
    "reports/objectives.html": "Objectives",
    "reports/findings.html": "Findings",
    "reports/changes.html": "Changes",
    "reports/queries.xlsx": "Queries",
    "reports/accounting.html": "Accounts",
    "reports/quality.html": "Data quality",
    "reports/response-agreement.html": "Response agreement",
    "reports/csdrg.html": "cSDRG draft",
    "reports/adrg.html": "ADRG draft",
    "reports/package.html": "Package",
}
_SHOWN_DIGITS = 16  # of the sha256 of inputs and specs


@dataclass(frozen=True, kw_only=True)
class RunHead:
    """What tells a run from another. ``as_of`` and ``cutoff``: ISO 8601 dates, cutoff '' without one.

    ``command``: the choices of the run as a command, with words in capitals for the folders. ``fingerprint``: of the
    files that were read and the specs. ``pages``: the keys of PAGES that this run writes. ``notice``: a sentence about
    the data that every page shows, as that they are synthetic.
    """

    study: str
    title: str
    version: str
    as_of: str
    cutoff: str
    command: str
    fingerprint: str
    pages: tuple[str, ...] = ()
    notice: str = ""

    def linked(self, pages: Collection[str]) -> RunHead:
        """The same head with links to the front page and to those of ``pages`` that are in PAGES."""
        return replace(self, pages=tuple(p for p in PAGES if p == FRONT_PAGE or p in pages))

    def facts(self) -> list[tuple[str, str]]:
        """(name, text) of each fact of the run that is shown on every page."""
        return [
            ("As of", self.as_of),
            ("Data cut-off", self.cutoff or "none"),
            ("raw2adam", self.version),
            ("Inputs and specs", self.fingerprint),
        ]

    def values(self, page: str) -> dict[str, Any]:
        """The values of the template for the page at the path ``page`` of the output folder."""
        return {
            "study": printable(self.study),
            "title": printable(self.title),
            "notice": printable(self.notice),
            "facts": [(name, printable(text)) for name, text in self.facts()],
            "pages": [{"name": PAGES[p], "href": href(p, page), "here": p == page} for p in self.pages],
        }


def head_values(head: RunHead | None, page: str) -> dict[str, Any] | None:
    """The head for the page at ``page``; None where the page is not of a run."""
    return head.values(page) if head is not None else None


def fingerprint(files: Mapping[str, str]) -> str:
    """The first digits of the sha256 over name and sha256 of each file, in the order of their names."""
    lines = "".join(f"{name}\0{sha256}\n" for name, sha256 in sorted(files.items()))
    return hashlib.sha256(lines.encode("utf-8", "surrogatepass")).hexdigest()[:_SHOWN_DIGITS]


def href(path: str, page: str) -> str:
    """The relative address of the file ``path`` from ``page``, both paths in the output folder."""
    up = "../" * (len(PurePosixPath(page).parts) - 1)
    return up + quote(path)
