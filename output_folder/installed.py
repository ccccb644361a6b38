"""The versions of Python and of the packages that a run used. Not for the manifest that lists them: ``manifest.py``."""

from __future__ import annotations

import platform
import re
import tomllib
from functools import cache
from importlib import metadata
from pathlib import Path


def package_versions() -> dict[str, str]:
    """Installed versions of Python and of the direct dependencies, without importing them.

    A dependency that is not installed is "not installed". Names as the package declares them, without extras. The
    environment does not change while a process runs, so a process looks one time.
    """
    return dict(_installed())


@cache
def _installed() -> dict[str, str]:
    try:
        declared = metadata.requires("raw2adam") or []
    except metadata.PackageNotFoundError:  # run from a source tree that was never installed
        declared = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text("utf-8"))["project"][
            "dependencies"
        ]
    versions = {"python": platform.python_version()}
    for requirement in declared:
        name = re.match(r"[A-Za-z0-9._-]+", requirement)
        if name is None or re.search(r";.*\bextra\b", requirement):
            continue
        try:
            versions[name[0]] = metadata.version(name[0])
        except metadata.PackageNotFoundError:
            versions[name[0]] = "not installed"
    return versions
