"""The fixtures of all tests: ``tiny`` builds a study of a few rows, ``spec_problems`` lists the mistakes of a spec.

Not for how they build: kit/tiny.py.
"""

from __future__ import annotations

import gc
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from unittest import mock

import pytest
from kit.file_queue import join_queue
from kit.folder_in_memory import use_memory
from kit.fuzzing import (  # noqa: F401 (hooks of pytest)
    choose_profile,
    fuzzing,
    pytest_addoption,
    pytest_collection_modifyitems,
    pytest_runtest_call,
    pytest_runtest_makereport,
    pytest_terminal_summary,
)
from kit.packs import packs_planned_once
from kit.tiny import Tiny, build_study, write_study
from raw2adam.engine.plan.plan import PlannedStudy
from raw2adam.errors import SpecError
from raw2adam.mappings.loader import load_study
from raw2adam.runs.plan_study import plan_study


def pytest_configure(config: pytest.Config) -> None:
    """Where temporary files lie, how many examples are drawn, and which files this process runs."""
    use_memory(config)
    choose_profile(config)
    join_queue(config)


def pytest_collection_finish() -> None:
    """Look for no garbage in cycles: a run of the suite leaves some 300 MB of it, and looking costs seconds."""
    if not fuzzing():
        gc.disable()


def pytest_sessionfinish() -> None:
    """Nor at the end, where pytest does."""
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def no_waiting_for_the_disk():
    """No power fails while tests run. The tests of the swap check what is put on disk, and in which order."""
    with mock.patch.object(os, "fsync", lambda handle: None):
        yield


@pytest.fixture(scope="session", autouse=True)
def shipped_studies_are_planned_once():
    """See kit/packs.py."""
    with packs_planned_once():
        yield


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory):
    """``tiny({file: CSV text}, study YAML, {dataset: YAML}, partitions=1)`` builds a study; see Tiny.

    ``study`` may leave out study:, subject: and sources:; the subject is then the column SUBJ. ``extra``: further
    files of the study folder.
    """

    planned: dict[object, tuple[Path, PlannedStudy]] = {}  # a property test builds one plan many times

    def run(
        files: Mapping[str, str],
        study: str,
        datasets: Mapping[str, str],
        partitions: int = 1,
        extra: Mapping[str, str] | None = None,
    ) -> Tiny:
        key = (study, *datasets.items(), *files, *(extra or {}).items())
        if key not in planned:
            folder = tmp_path_factory.mktemp("study")
            write_study(folder, study, datasets, files)
            for name, text in (extra or {}).items():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                (folder / name).write_text(text, "utf-8")
            planned[key] = folder, plan_study(load_study(folder))[0]
        return build_study(*planned[key], files, partitions)

    return run


@pytest.fixture(scope="session")
def spec_problems(tmp_path_factory: pytest.TempPathFactory):
    """``spec_problems(study YAML, {dataset: YAML})`` gives the problems that planning reports."""

    def run(study: str, datasets: Mapping[str, str], files: tuple[str, ...] = ()) -> list:
        folder = tmp_path_factory.mktemp("study")
        write_study(folder, study, datasets, dict.fromkeys(files, ""))
        try:
            return plan_study(load_study(folder))[1]
        except SpecError as error:
            return error.problems

    return run


@pytest.fixture(scope="module")
def folder_of_module(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of one test file."""
    return tmp_path_factory.mktemp("module")


@pytest.fixture
def same_folder(folder_of_module: Path) -> Path:
    """An empty folder with one path for all tests of a file: a spec that they share is parsed once."""
    folder = folder_of_module / "same"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return folder
