"""The page of a package: its files with checksums and file-tags, and the pre-check of technical rejection.

Not for the checks (validation/rejection.py) nor for where a file lies (output_folder/layout.py).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from ..rejection import TITLES, Criterion, State
from .page import html_page, printable
from .run_head import RunHead, head_values, href

PACKAGE_PAGE = "reports/package.html"
PACKAGE_DATA = "reports/package.json"
_CLASSES = {State.PASSED: "good", State.FAILED: "error", State.OPEN: "note"}


@dataclass(frozen=True, kw_only=True)
class PackageFile:
    """A file of the package. ``path``: in the output folder; ``tag``: file-tag of the study tagging file."""

    path: str
    title: str
    tag: str
    bytes: int
    md5: str
    sha256: str


def package_html(
    study: str, files: Sequence[PackageFile], criteria: Sequence[Criterion], head: RunHead | None
) -> bytes:
    """The page: criteria first, then the files by folder."""
    folders: dict[str, list[dict[str, Any]]] = {}
    for file in files:
        pure = PurePosixPath(file.path)
        one = {
            "name": pure.name,
            "href": href(file.path, PACKAGE_PAGE),
            "title": printable(file.title),
            "tag": file.tag,
            "bytes": file.bytes,
            "md5": file.md5,
        }
        folders.setdefault(pure.parent.as_posix(), []).append(one)
    return html_page(
        "package.html.j2",
        head=head_values(head, PACKAGE_PAGE),
        title=f"{printable(study)}: the package for an agency",
        lead=[printable(c.text) for c in criteria if c.state is State.FAILED],
        criteria=[
            {
                "code": c.code,
                "about": TITLES[c.code],
                "state": c.state.value,
                "class": _CLASSES[c.state],
                "text": printable(f"{c.text} {c.to_do}".strip()),
            }
            for c in criteria
        ],
        folders=[{"name": name, "files": found} for name, found in folders.items()],
        agency=criteria[0].agency if criteria else "",
        count=len(files),
        size=sum(f.bytes for f in files),
        longest=max((len(f.path) for f in files), default=0),
    )


def package_json(study: str, files: Sequence[PackageFile], criteria: Sequence[Criterion]) -> bytes:
    """The same for programs."""
    data = {
        "schema": 1,
        "study": study,
        "criteria": [
            {"agency": c.agency, "code": c.code, "state": c.state.value, "text": c.text, "file": c.file}
            for c in criteria
        ],
        "files": [vars(f) for f in files],
    }
    return (json.dumps(data, indent=1, ensure_ascii=True) + "\n").encode("ascii")


def checksum_list(files: Sequence[PackageFile], kind: str) -> bytes:
    """The checksums as ``md5sum -c`` and ``sha256sum -c`` read them. ``kind``: md5 or sha256."""
    return "".join(f"{getattr(f, kind)}  {f.path}\n" for f in files).encode("ascii")
