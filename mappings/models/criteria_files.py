"""The files of criteria: those that ship, and those of a study in the folder criteria/ beside its specs.

Not for what a file holds: toxicity_scale.py, tumor_criteria.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Generic, TypeVar

from ...errors import FileName, SpecError, SpecProblem
from ..binding.bind import SpecModel, bound_once, place_of
from ..yaml.read import examine_file

#: the criteria that ship
FOLDER = Path(__file__).parents[1] / "criteria"
#: the folder of those of a study
OF_STUDY = "criteria"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)
_Model = TypeVar("_Model", bound=SpecModel)


class CriteriaFiles(Generic[_Model]):
    """The files of one kind of criteria. ``patterns``: the names of those that ship; ``mistakes``: those that the model
    does not find."""

    def __init__(
        self, model: type[_Model], patterns: Sequence[str], mistakes: Callable[[_Model], Iterable[SpecProblem]]
    ):
        self.model, self.patterns, self.mistakes = model, patterns, mistakes
        self._shipped = lru_cache(maxsize=16)(lambda name: self._read(name, FOLDER))

    def names(self) -> list[str]:
        """The names of those that ship."""
        return sorted(p.stem for pattern in self.patterns for p in FOLDER.glob(pattern))

    def criteria(self, name: str, folder: Path) -> _Model:
        """The criteria of a file: one that ships, else one of a study in ``folder``, which is read again at each call.

        Raises SpecError with every mistake at its place.
        """
        return self._shipped(name) if folder == FOLDER else self._read(name, folder)

    def _read(self, name: str, folder: Path) -> _Model:
        node, problems = examine_file(folder / f"{name}.yaml", folder.parent)
        criteria, found = bound_once(node, self.model) if node is not None else (None, ())
        problems = [*problems, *found]
        if criteria is not None and not problems:
            problems = list(self.mistakes(criteria))
        if problems or criteria is None:
            raise SpecError(problems)
        return criteria


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
