"""Reads a study folder whole into typed models, with its layers: study.yaml, sdtm/, adam/ and analyses/*.yaml.

All mistakes of all files are reported together. Not for checks that need the standards or the data (sdtm/planning.py,
engine/checks/check.py).
"""

from __future__ import annotations

import fnmatch
import os
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from ..errors import Place, SpecError, SpecProblem, UsageError, nearest
from .binding.bind import bound_once, place_of
from .binding.layers import merge_layers, resolve_parents
from .models.analysis import DisplaySpec
from .models.analysis_groups import GROUPS_FILE, GroupsFile
from .models.crf_questions import CrfQuestions
from .models.criteria_files import OF_STUDY as CRITERIA
from .models.dataset import DatasetSpec
from .models.define_texts import DefineTexts
from .models.dispositions import DispositionSpec
from .models.queries import Phrases
from .models.study import StudySpec
from .models.study_table import StudyTable
from .models.translations import Translations
from .named_files import (
    check_font,
    define_texts_of,
    dispositions_of,
    phrases_of,
    questions_of,
    tables_of,
    translations_of,
)
from .study_problems import study_problems
from .yaml.nodes import Mapping, Node, Sequence
from .yaml.read import examine_file

PACKS = Path(__file__).parent
KINDS = ("sdtm", "adam")
ANALYSES = "analyses"
#: how often entries with a mistake are removed and the others bound again: a mistake may hide another one
DEEPEST_REPAIR = 4
M = TypeVar("M")


@dataclass
class LoadedStudy:
    """A study as its files declare it. ``datasets``: (kind, file) in reading order; ``specs``: name -> file read.

    ``left_out``: the keys and names of the entries with a mistake, which are not in the models. ``analyses``: the
    displays of analyses/*.yaml, in the order of the file names. ``dispositions``: the entries of findings.yaml.
    ``groups``: what the displays share.
    """

    root: Path
    file: StudySpec
    datasets: list[tuple[str, DatasetSpec]]
    specs: dict[str, Path]
    problems: list[SpecProblem] = field(default_factory=list)
    left_out: frozenset[str] = frozenset()
    translations: Translations = field(default_factory=Translations)
    questions: CrfQuestions = field(default_factory=dict)
    analyses: tuple[DisplaySpec, ...] = ()
    dispositions: tuple[DispositionSpec, ...] = ()
    phrases: Phrases = field(default_factory=Phrases)
    define_texts: DefineTexts = field(default_factory=dict)
    tables: dict[str, StudyTable] = field(default_factory=dict)
    groups: GroupsFile = field(default_factory=GroupsFile)


@dataclass
class LoadedAnalyses:
    """The displays of a folder, what they share, the files that were read, and the mistakes."""

    displays: tuple[DisplaySpec, ...]
    groups: GroupsFile
    specs: dict[str, Path]
    problems: list[SpecProblem]


def find_study(name: str) -> Path:
    """The folder of a study: a path, or the name of a pack that ships with raw2adam. UsageError when there is none."""
    folder = Path(name)
    if (folder / "study.yaml").is_file():
        return folder
    if folder.suffix in (".yaml", ".yml") and folder.is_file():
        return folder.parent
    packs = sorted(p.parent.name for p in PACKS.glob("*/study.yaml"))
    if name in packs:
        return PACKS / name
    if folder.is_dir():
        raise UsageError(f"{name} has no study.yaml; a study is a folder with study.yaml, sdtm/*.yaml and adam/*.yaml")
    hint = nearest(name, packs)
    raise UsageError(
        f"there is no study '{name}'; name a folder, or one of the packs {', '.join(packs)}"
        + (f" ({hint})" if hint else "")
    )


def load_study(root: Path) -> LoadedStudy:
    """Read a study folder.

    Mistakes are in ``problems``, so that planning can add those that the standards show, and all are reported together.
    Entries that could not be bound are not in the models; ``left_out`` has their names. Raises SpecError if study.yaml
    itself cannot be used.
    """
    problems: list[SpecProblem] = []
    specs: dict[str, Path] = {}
    left_out: set[str] = set()
    try:
        layers = resolve_parents(root / "study.yaml", root, (PACKS,))
    except SpecError as error:
        problems += error.problems
        layers = [root]
    study_node = _study_node(layers, root, specs, problems)
    file = _bound(study_node, StudySpec, problems, left_out)
    datasets = _datasets(layers, root, specs, problems, left_out)
    if file is None:
        raise SpecError(sorted(dict.fromkeys(problems), key=_by_place))
    problems += [p for p in study_problems(file, datasets) if not follows(p, left_out)]
    translations = translations_of(file, layers, specs, problems)
    questions = questions_of(file, layers, specs, problems)
    check_font(file, layers, specs, problems)
    phrases = phrases_of(file, layers, specs, problems)
    define_texts = define_texts_of(file, layers, specs, problems)
    tables = tables_of(file, frozenset(d.dataset for _, d in datasets), layers, specs, problems)
    for name in _file_names(CRITERIA, layers):  # rules read them by name; here they become files of the study
        specs |= {f"{CRITERIA}/{name}": p for layer in layers if (p := layer / CRITERIA / name).is_file()}
    analyses, groups = _analyses(f"{ANALYSES}/", layers, root, specs, problems, left_out)
    dispositions = dispositions_of(root, specs, problems)
    problems = sorted(dict.fromkeys(problems), key=_by_place)
    return LoadedStudy(
        root=root,
        file=file,
        datasets=datasets,
        specs=specs,
        problems=problems,
        left_out=frozenset(left_out),
        translations=translations,
        questions=questions,
        analyses=analyses,
        dispositions=dispositions,
        phrases=phrases,
        define_texts=define_texts,
        tables=tables,
        groups=groups,
    )


def _datasets(
    layers: list[Path], root: Path, specs: dict[str, Path], problems: list[SpecProblem], left_out: set[str]
) -> list[tuple[str, DatasetSpec]]:
    """(kind, file) of each dataset; of two files with one dataset the first one counts."""
    found: dict[str, tuple[str, DatasetSpec]] = {}
    for kind in KINDS:
        for name in _file_names(kind, layers):
            node = _layered(f"{kind}/{name}", layers, root, specs, problems)
            bound = _bound(node, DatasetSpec, problems, left_out)
            if bound is None:
                left_out.add(Path(name).stem.upper())
            elif bound.dataset in found:
                message = f"{bound.dataset} is defined already, at {place_of(found[bound.dataset][1], 'dataset')}"
                problems.append(SpecProblem(place_of(bound, "dataset"), message, bound.dataset))
            else:
                found[bound.dataset] = kind, bound
    return list(found.values())


def load_analyses(folder: Path) -> LoadedAnalyses:
    """The analyses of a folder alone, without a study: its displays and groups.yaml, with all mistakes.

    Raises UsageError if the folder has no display.
    """
    if not folder.is_dir():
        raise UsageError(f"{folder}: no such folder; --analyses names the folder with the YAML files of displays")
    specs: dict[str, Path] = {}
    problems: list[SpecProblem] = []
    displays, groups = _analyses("", [folder], folder, specs, problems, set())
    if not displays and not problems:
        raise UsageError(f"{folder} has no display; a display is a YAML file with display:, name: and results:")
    return LoadedAnalyses(displays, groups, specs, sorted(dict.fromkeys(problems), key=_by_place))


def _analyses(
    folder: str, layers: list[Path], root: Path, specs: dict[str, Path], problems: list[SpecProblem], left_out: set[str]
) -> tuple[tuple[DisplaySpec, ...], GroupsFile]:
    """The displays of a folder in the order of the file names, and what they share. ``folder``: '' or with '/'."""
    found: list[DisplaySpec] = []
    groups = GroupsFile()
    for name in _file_names(folder, layers):
        node = _layered(f"{folder}{name}", layers, root, specs, problems)
        if name == GROUPS_FILE:
            groups = _bound(node, GroupsFile, problems, left_out) or groups
        else:
            display = _bound(node, DisplaySpec, problems, left_out)
            found += [display] if display is not None else []
    return tuple(found), groups


def _file_names(folder: str, layers: list[Path]) -> list[str]:
    """The names of the specs in a folder of all layers; files that a file manager adds (._ae.yaml) are none."""
    return sorted({name for layer in layers for name in _yaml_files(layer / folder)})


def _yaml_files(folder: Path) -> list[str]:
    try:
        with os.scandir(folder) as entries:
            return fnmatch.filter([e.name for e in entries], "[!.]*.yaml")
    except OSError:  # a study has no folder of this kind, or it cannot be read
        return []


def follows(problem: SpecProblem, left_out: Collection[str]) -> bool:
    """Whether a problem exists only because an entry with a mistake was removed."""
    return problem.variable in left_out or not problem.refers_to.isdisjoint(left_out)


def _layered(
    name: str, layers: list[Path], root: Path, specs: dict[str, Path], problems: list[SpecProblem]
) -> Node | None:
    nodes = []
    for layer in layers:
        path = layer / name
        if not path.exists() and (layer != root or name != "study.yaml"):
            continue
        node, found = examine_file(path, layer)
        problems += found
        if node is not None:
            nodes.append(node)
            specs[f"{layer.name}/{name}"] = path
    return merge_layers(nodes) if nodes else None


def _study_node(layers: list[Path], root: Path, specs: dict[str, Path], problems: list[SpecProblem]) -> Node | None:
    """study.yaml merged with its layers. In a layer of facts each YAML file at its top is a part of study.yaml."""
    nodes = []
    for layer in layers:
        whole = (layer / "study.yaml").exists() or layer == root
        names = ["study.yaml"] if whole else sorted(p.name for p in layer.glob("[!.]*.yaml"))
        nodes += [n for name in names if (n := _layered(name, [layer], root, specs, problems)) is not None]
    return merge_layers(nodes) if nodes else None


def _bound(node: Node | None, model: type[M], problems: list[SpecProblem], left_out: set[str]) -> M | None:
    """The model of a node. Entries with a mistake are removed and the others are bound, so that checks can continue.

    A key that a mapping lacks after that is no mistake of the author: problems at its place follow from the reported
    one.
    """
    lacking: set[Place] = set()
    for repair in range(DEEPEST_REPAIR):
        if node is None:
            return None
        bound, found = bound_once(node, model)
        problems += [p for p in found if not (repair and (p.place in lacking or follows(p, left_out)))]
        if bound is not None and not found:
            return bound
        node = _without(node, {p.place for p in found}, left_out, lacking)
    return None


def _without(node: Node, places: set[Place], left_out: set[str], lacking: set[Place]) -> Node | None:
    """A node without the entries at ``places``; None if the node itself is at one of them.

    Adds the removed keys to ``left_out``, and the places of the mappings that lack one to ``lacking``.
    """
    if node.place in places:
        return None
    if isinstance(node, Mapping):
        entries = []
        for key, value in node.entries:
            remaining = None if key.place in places else _without(value, places, left_out, lacking)
            if remaining is None:
                left_out.add(key.text or "")
                lacking.add(node.place)
            else:
                entries.append((key, remaining))
        return replace(node, entries=tuple(entries))
    if isinstance(node, Sequence):
        items = tuple(k for i in node.items if (k := _without(i, places, left_out, lacking)) is not None)
        return replace(node, items=items)
    return node


def _by_place(problem: SpecProblem) -> tuple[str, int, int]:
    return problem.place.file, problem.place.line, problem.place.column
