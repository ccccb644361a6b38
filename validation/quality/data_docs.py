"""The native Data Docs of great-expectations: its pages on the expectations of a run, in a folder that the user names.

They hold the time of the run and load their styles from the web when a browser opens them, so they are no part of OUT
and of its promises. quality.html is the page of raw2adam. Not for running the checks of a build (suite.py).
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ...engine.columns import column as col
from ...engine.columns.verbs import record_codes
from ...engine.tables.dataset import Dataset
from ...errors import UsageError
from ...sources.table import RawTable
from .expectations import OF_COLUMNS
from .offline_docs import without_web
from .run import RAW_RULE, WHOLE_ROW, QualityCheck, native
from .scope import Scope
from .study_checks import Tables
from .suite import documented

#: the file by which a folder of Data Docs is known
MARK = "raw2adam-data-docs.txt"
_TEXT = "Data Docs of great-expectations, written by raw2adam build --data-docs. The next run replaces this folder.\n"


def refuse_folder(folder: Path, others: Sequence[Path]) -> None:
    """UsageError where Data Docs cannot go into a folder: it holds something else, or lies in one of ``others``."""
    place = folder.resolve()
    for other in (o.resolve() for o in others):
        if place == other or place.is_relative_to(other) or other.is_relative_to(place):
            raise UsageError(f"--data-docs {folder}: choose a folder that neither holds {other.name} nor lies in it")
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"--data-docs {folder}: this is a file; name a folder")
    if folder.is_dir() and any(folder.iterdir()) and not (folder / MARK).is_file():
        raise UsageError(f"--data-docs {folder}: the folder holds other files; name a new or an empty folder")


def write_data_docs(folder: Path, checks: Sequence[QualityCheck], frame_of: Callable[[QualityCheck], Any]) -> int:
    """Write the pages about all expectations among ``checks``; the folder appears whole. Returns how many there are.

    ``frame_of``: the records that a check is about.
    """
    chosen = [c for c in checks if c.kind is None]
    suites = []
    for key in dict.fromkeys((c.rule == RAW_RULE, c.of_source, c.table, c.where) for c in chosen):
        of_raw, of_source, table, where = key
        mine = [c for c in chosen if (c.rule == RAW_RULE, c.of_source, c.table, c.where) == key]
        kind = "raw file" if of_raw else "source" if of_source else "dataset"
        title = f"{kind} {table}" + (", a part of it" if where else "")
        frame, expectations = _seen(mine, frame_of(mine[0]))
        name = re.sub(r"[^A-Za-z0-9_-]", "_", title)
        suites.append((f"{name} {len(suites) + 1}" if name in {n for n, _, _ in suites} else name, frame, expectations))
    folder = folder.absolute()  # great-expectations refuses a relative one
    folder.parent.mkdir(parents=True, exist_ok=True)
    stage = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        documented(stage, suites)
        without_web(stage)
        (stage / MARK).write_text(_TEXT, "utf-8")
        if folder.is_dir():
            shutil.rmtree(folder)
        stage.replace(folder)
    finally:
        shutil.rmtree(stage, ignore_errors=True)
    return len(chosen)


def frames(
    tables: Mapping[str, RawTable], sources: Mapping[str, Dataset], datasets: Mapping[str, Dataset]
) -> Callable[[QualityCheck], Any]:
    """For a check the records that it is about, in the tables of a run."""

    def frame_of(check: QualityCheck) -> Any:
        if check.rule == RAW_RULE:
            return tables[check.table].frame
        here = Tables(sources, datasets) if check.of_source else Tables(datasets, sources)
        scope = Scope(check.table, here, check.lookups)
        if not check.where:
            return scope.frame
        at = np.flatnonzero(scope.where(check.where))
        return pd.DataFrame({n: col.take(pd.Series(scope.frame[n]), at) for n in scope.frame.columns})

    return frame_of


def _seen(checks: Sequence[QualityCheck], frame: Any) -> tuple[pd.DataFrame, list[tuple[str, dict[str, Any]]]]:
    """The columns as great-expectations reads them, and the name and arguments of each expectation."""
    seen: dict[str, Any] = {"row": np.arange(len(frame))}
    expectations = []
    for check in checks:
        if check.arguments.get("column") == WHOLE_ROW:
            seen[WHOLE_ROW] = record_codes([frame[c] for c in frame.columns])
        elif check.expectation in OF_COLUMNS:
            seen |= {n: np.where(col.missing(frame[n]), None, "") for n in frame.columns if n not in seen}
        name, arguments = native(check, frame, seen)
        expectations.append((name, _safe({**arguments, "notes": check.title or check.name})))
    return pd.DataFrame({_safe(n): _safe_cells(values) for n, values in seen.items()}), expectations


#: the pages of the package do not escape text, so that a cell could be a script of the page
_SAFE = str.maketrans({"<": "\u2039", ">": "\u203a", '"': "\u201d", "'": "\u2019"})


def _safe(value: Any) -> Any:
    """Every text without the characters that mean markup; its length is the same."""
    if isinstance(value, str):
        return value.translate(_SAFE)
    if isinstance(value, dict):
        return {_safe(k): _safe(v) for k, v in value.items()}
    return type(value)(_safe(v) for v in value) if isinstance(value, (list, tuple)) else value


def _safe_cells(values: Any) -> Any:
    array = np.asarray(values)
    if array.dtype != object:
        return values
    codes, texts = pd.factorize(array)  # -1 is None
    return np.append(np.array([_safe(t) for t in texts], dtype=object), None)[codes]
