"""The shipped study, built once for all test files that ask for the same build.

The folders lie beside those of the workers, so that the workers of one run share them. Nobody changes what is in them: a
test that spoils a file copies the folder first.
"""

from __future__ import annotations

import copy
import dataclasses
import datetime as dt
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
import yaml
from raw2adam.engine.plan.plan import PlannedStudy
from raw2adam.errors import SpecProblem
from raw2adam.existing_sdtm.needs import Needs, needs_of
from raw2adam.mappings.loader import PACKS, LoadedStudy, load_study
from raw2adam.runs import lint, read_existing, run, spec_listing
from raw2adam.runs.plan_study import examine_study, plan_study

from .command import raw2adam
from .file_queue import shared_folder

#: the declared date of every shared build
AS_OF = dt.date(2026, 1, 31)
#: subjects and seed of the clean export that is shared
CLEAN_SUBJECTS, CLEAN_SEED = 16, 5


def once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """The folder ``name`` that ``make`` fills, once in a run of the suite; other workers wait for it."""
    base = factory.getbasetemp()
    shared = shared_folder() or (base.parent if base.name.startswith("popen-") else base)
    folder, ready, taken = shared / name, shared / f"{name}.ready", shared / f"{name}.taken"
    try:
        taken.mkdir()
    except FileExistsError:
        end = time.monotonic() + 900
        while not ready.exists():
            assert taken.exists() and time.monotonic() < end, f"another worker could not build {name}"
            time.sleep(0.2)
        return folder
    try:
        folder.mkdir()
        make(folder)
        ready.touch()
    except BaseException:
        taken.rmdir()  # whoever waits fails as well
        raise
    return folder


def clean_pack(factory: pytest.TempPathFactory) -> Path:
    """raw/ and out/ of an export without defects: all that the command writes by default."""

    def build(folder: Path) -> None:
        words = ("--subjects", CLEAN_SUBJECTS, "--seed", CLEAN_SEED, "--dirt", "none", "--out", folder / "raw")
        created = raw2adam("synth", "obs16577", *words)
        assert created.returncode == 0, created.stderr
        assert str(folder / "raw" / "ae.csv") in created.stdout.splitlines()
        words = ("--as-of", AS_OF, "--no-report")
        done = raw2adam("build", "obs16577", "--raw", folder / "raw", "--out", folder / "out", *words)
        assert done.returncode == 0, done.stderr
        assert "OBS16577: built into" in done.stdout

    return once(factory, "clean-pack", build)


def crossover(factory: pytest.TempPathFactory) -> Path:
    """out/ of the crossover trial that ships: all that the command writes, with its tables and figures."""
    return once(factory, "crossover", build_crossover)


def build_crossover(folder: Path, *words: object) -> None:
    """Build the crossover trial into out/ of a folder, with further words of the command."""
    export = shutil.copytree(PACKS / "bp-crossover" / "raw", folder / "export")
    done = raw2adam("build", "bp-crossover", "--raw", export, "--out", folder / "out", *words)
    assert done.returncode == 0, done.stderr
    assert not words or "building partition 2 of 2" in done.stderr


def study_yaml(name: str) -> dict[str, Any]:
    """study.yaml of a study that ships, as PyYAML reads it; the caller may change it."""
    return copy.deepcopy(_study_yaml(name))


@cache
def _study_yaml(name: str) -> dict[str, Any]:
    return yaml.load((PACKS / name / "study.yaml").read_bytes(), yaml.CSafeLoader)


#: what this process, or the one that it was forked from, has loaded, planned and found of the studies that ship
_plans: dict[Path, tuple[PlannedStudy, list[SpecProblem]]] = {}
_read: list[Needs] = []


@cache
def _loaded(root: Path) -> LoadedStudy:
    return load_study(root)


def _load(root: Path) -> LoadedStudy:
    return _loaded(root) if root.parent == PACKS else load_study(root)


def _plan(study: LoadedStudy, *, headers_follow: bool = False) -> tuple[PlannedStudy, list[SpecProblem]]:
    if study.root.parent != PACKS or study is not _loaded(study.root):
        return plan_study(study, headers_follow=headers_follow)
    if study.root not in _plans:
        _plans[study.root] = plan_study(study)
    planned, warnings = _plans[study.root]
    if warnings and headers_follow:  # fewer names are checked where headers follow, so there may be fewer warnings
        return plan_study(study, headers_follow=True)
    return planned, list(warnings)


def _examine(study: LoadedStudy, *, headers_follow: bool = False) -> tuple[PlannedStudy, list[SpecProblem]]:
    if study.root.parent == PACKS:  # a study that ships can be planned
        return _plan(study, headers_follow=headers_follow)
    return examine_study(study, headers_follow=headers_follow)


def _needs(plan: PlannedStudy) -> Needs:
    known = next((n for n in _read if n.plan.datasets is plan.datasets), None)
    if known is None:
        known = needs_of(plan)
        if any(plan.datasets is planned.datasets for planned, _ in _plans.values()):
            _read.append(known)
    return dataclasses.replace(known, plan=plan)


def shipped_study(name: str) -> LoadedStudy:
    """A study that ships, as it was loaded once; nobody changes it."""
    return _load(PACKS / name)


def plan_ahead() -> None:
    """Plan the shipped study that most tests build, for the processes that are forked from this one."""
    _plan(shipped_study("obs16577"))


@contextmanager
def packs_planned_once() -> Iterator[None]:
    """The runs of one process share what was loaded and planned of a study that ships: its files do not change.

    They also share what its ADaM reads, which a run without records finds out.
    """
    with (
        mock.patch.object(run, "load_study", _load),
        mock.patch.object(run, "plan_study", _plan),
        mock.patch.object(lint, "load_study", _load),
        mock.patch.object(lint, "examine_study", _examine),
        mock.patch.object(spec_listing, "load_study", _load),
        mock.patch.object(spec_listing, "plan_study", _plan),
        mock.patch.object(read_existing, "needs_of", _needs),
    ):
        yield
