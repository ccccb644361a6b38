"""The texts of define.xml that the study has in no other language, as a list to fill in.

Not for define.xml itself (write_outputs.py).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ..define.reading import read_define
from ..define.translatable import translatable
from ..engine.plan.plan import PlannedStudy
from ..mappings.models.define_texts import missing_csv, missing_texts
from ..output_folder.layout import Layout, datasets_folders

MISSING = "define-texts.csv"


def write_missing_texts(stage: Path, plan: PlannedStudy, layout: Layout, say: Callable[[str], None]) -> None:
    """reports/define-texts.csv with the texts of every define.xml that ``define:`` of the study does not have."""
    if not plan.define_texts:
        return
    files = [folder / "define.xml" for folder, _ in datasets_folders(stage, layout).values()]
    texts = [t for f in files if f.is_file() for t in translatable(read_define(f.read_bytes()))]
    missing = missing_texts(texts, plan.define_texts)
    if missing:
        (stage / "reports" / MISSING).write_bytes(missing_csv(missing))
        say(f"{plan.id}: {len(missing)} texts of define.xml are in English only; reports/{MISSING} lists them")
