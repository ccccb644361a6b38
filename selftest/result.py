"""The result of one check of the self-test. Not for running checks nor for writing the record."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Result:
    """Whether a check of an area passed, with the text that was expected and the one that came."""

    area: str
    name: str
    passed: bool
    wanted: str
    got: str
