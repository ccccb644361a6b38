"""Where each file of an output lies: the plain layout, and the eCTD layout with a package for an agency.

Everybody names a file as it lies in the plain layout (``sdtm/ae.xpt``); ``Layout.place`` gives its path in OUT, and
``Layout.logical`` the way back. No other module knows a path of the eCTD layout. Not for the rules that its names
follow (``path_rules.py``).

The folders of the eCTD layout are those of the FDA Study Data Technical Conformance Guide, section 7, which the
technical conformance guide of PMDA, section 3.5, has too. ``m5`` has only what an agency opens. Pages, other formats,
reports and lineage stay beside it: the lineage has raw cells, and no agency reads them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from ..errors import InputError, UsageError
from .manifest import Manifest

PLAIN, ECTD = "plain", "ectd"
LAYOUTS = (PLAIN, ECTD)
#: the halves of an output: the first part of the name of a dataset's file
KINDS = ("sdtm", "adam")
#: the folder of the package in an output of the eCTD layout
PACKAGE = "m5"
_DATASETS = {"sdtm": "tabulations/sdtm", "adam": "analysis/adam/datasets"}
_PROGRAMS = {"adam": "analysis/adam/programs"}
_SPLIT = "split"
#: files that are neither tabulation nor analysis, such as lookup tables; the same name in both layouts
MISC = "misc"
#: pages are for the team: an agency opens define.xml
_NOT_SUBMITTED = {".html"}


@dataclass(frozen=True)
class Layout:
    """A layout of an output folder. ``study``: the folder of the study in the eCTD layout, '' in the plain one."""

    name: str = PLAIN
    study: str = ""

    def place(self, name: str) -> str:
        """The path in OUT of the file that the plain layout calls ``name``, with '/'."""
        if self.name == PLAIN:
            return name
        kind, *inner, file = name.split("/") if "/" in name else ("", name)
        if kind in _DATASETS and PurePosixPath(file).suffix not in _NOT_SUBMITTED:
            if inner in ([], [_SPLIT]):
                return "/".join((self._root, _DATASETS[kind], *inner, file))
            if inner == ["programs"] and kind in _PROGRAMS:
                return f"{self._root}/{_PROGRAMS[kind]}/{file}"
        if kind == MISC:
            return f"{self._root}/{name}"
        return name

    def logical(self, path: str) -> str:
        """The name in the plain layout of the file at ``path`` in OUT."""
        if self.name == ECTD and path.startswith(f"{self._root}/{MISC}/"):
            return path.removeprefix(f"{self._root}/")
        for kind, folder in _PROGRAMS.items() if self.name == ECTD else ():
            if path.startswith(f"{self._root}/{folder}/"):
                return f"{kind}/programs/{path.removeprefix(f'{self._root}/{folder}/')}"
        for kind, folder in _DATASETS.items() if self.name == ECTD else ():
            if path.startswith(f"{self._root}/{folder}/"):
                return f"{kind}/{path.removeprefix(f'{self._root}/{folder}/')}"
        return path

    def datasets(self, kind: str) -> str:
        """The folder of define.xml, of the submitted datasets and of the documents of SDTM or ADaM."""
        return PurePosixPath(self.place(f"{kind}/define.xml")).parent.as_posix()

    @property
    def _root(self) -> str:
        return f"{PACKAGE}/datasets/{self.study}"


def layout_of(name: str, study: str) -> Layout:
    """The layout of this name for a study. Raises UsageError for a STUDYID that no folder can be named after."""
    if name == PLAIN:
        return Layout()
    folder = study_folder(study)
    if not folder:
        raise UsageError(
            f"--layout {ECTD}: the study {study!r} has no letter a to z and no digit, and the layout names a folder "
            "after it; build with --layout plain"
        )
    return Layout(ECTD, folder)


def layout_of_output(manifest: Manifest) -> Layout:
    """The layout that the manifest of an output states. Raises InputError for one that this raw2adam does not know."""
    name = manifest.options.get("layout", PLAIN)
    if name not in LAYOUTS:
        raise InputError(
            f"manifest.json: the layout {name!r} is none of {', '.join(LAYOUTS)}; use the version that built the folder"
        )
    return layout_of(name, manifest.study)


def study_folder(study: str) -> str:
    """The name of a study's folder: its STUDYID in lower case, each run of other characters as one hyphen."""
    return re.sub(r"[^a-z0-9]+", "-", study.lower()).strip("-")


def datasets_folders(out: Path, layout: Layout) -> dict[str, tuple[Path, Path]]:
    """Kind -> the folder of the submitted datasets and define.xml, and the folder of all other formats, in ``out``."""
    return {kind: (out / layout.datasets(kind), out / kind) for kind in KINDS}
