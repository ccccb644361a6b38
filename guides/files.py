"""The files of the guides: which ones a run has, where they are, and their bytes.

Not for the content (sdtm_guide.py, adam_guide.py).
"""

from __future__ import annotations

import datetime as dt
import posixpath
from collections.abc import Callable, Iterator, Mapping
from urllib.parse import quote

from ..mappings.models.guide import GuideSpec
from .adam_guide import adam_guide
from .document import Guide
from .package import RunPackage
from .page import page_bytes
from .sdtm_guide import sdtm_guide
from .word import word_bytes

_GUIDES: Mapping[str, Callable[[RunPackage, GuideSpec], Guide]] = {"sdtm": sdtm_guide, "adam": adam_guide}
_NAMES = {"sdtm": "csdrg", "adam": "adrg"}
#: the drafts are for the team, so they are not beside the datasets
_FOLDER = "reports"


def guide_document(kind: str) -> str:
    """The file name of the Word document of sdtm or adam."""
    return f"{_NAMES[kind]}.docx"


def guide_page(kind: str) -> str:
    """The path of the page in the output folder."""
    return f"{_FOLDER}/{_NAMES[kind]}.html"


def guide_paths(kind: str) -> tuple[str, str]:
    """The paths of the Word document and of the page in the output folder."""
    return f"{_FOLDER}/{guide_document(kind)}", guide_page(kind)


def draft(package: RunPackage, spec: GuideSpec, kind: str) -> Guide:
    """The guide of sdtm or adam. Raises InputError for a file of the run that cannot be read."""
    return _GUIDES[kind](package, spec)


def guide_files(package: RunPackage, guide: Guide, kind: str, *, linked: bool) -> Iterator[tuple[str, bytes]]:
    """(path, bytes) of the Word document and the page. ``linked``: whether they lie in the output folder."""
    declared = dt.datetime.fromisoformat(package.run.head.as_of)
    word, page = guide_paths(kind)

    def address_from(path: str) -> Callable[[str], str]:
        return lambda target: _address(target, path) if linked else ""

    yield word, word_bytes(guide, declared, address_from(word))
    yield page, page_bytes(guide, address_from(page), package.run.head, page)


def unlinked_document(package: RunPackage, guide: Guide) -> bytes:
    """The Word document without links to other files."""
    return word_bytes(guide, dt.datetime.fromisoformat(package.run.head.as_of), lambda _target: "")


def _address(target: str, page: str) -> str:
    path, mark, fragment = target.partition("#")
    return f"{quote(posixpath.relpath(path, posixpath.dirname(page)))}{mark}{fragment}"
