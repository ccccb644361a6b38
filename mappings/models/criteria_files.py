"""The files of criteria: those that ship, and those of a study in the folder criteria/ beside its specs.

Not for what a file holds: toxicity_scale.py, tumor_criteria.py.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path

from ...errors import FileName
from ..binding.bind import SpecModel, place_of

#: the criteria that ship
FOLDER = Path(__file__).parents[1] / "criteria"
#: the folder of those of a study
OF_STUDY = "criteria"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)


def criteria_folder(rule: SpecModel, name: str, shipped: Collection[str]) -> Path | None:
    """The folder of the file that a rule means by ``name``: one that ships, else one of the rule's study; None."""
    if name in shipped:
        return FOLDER
    folder = _of_study(rule)
    found = folder is not None and _NAME.fullmatch(name) and (folder / f"{name}.yaml").is_file()
    return folder if found else None


def known_criteria(rule: SpecModel, shipped: Collection[str]) -> list[str]:
    """The names that a rule may mean."""
    folder = _of_study(rule)
    return sorted({*shipped, *(p.stem for p in folder.glob("[!.]*.yaml"))} if folder is not None else shipped)


def _of_study(rule: SpecModel) -> Path | None:
    """The folder of the criteria of the study whose file has the rule: beside adam/."""
    file = place_of(rule).file
    return file.path.resolve().parents[1] / OF_STUDY if isinstance(file, FileName) else None
