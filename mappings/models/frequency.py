"""How many doses a frequency means and on which days, read from mappings/criteria/frequencies.yaml.

Not for the records of doses: adam/records/expand.py.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from pydantic import Field

from ...errors import SpecError
from ..binding.bind import Binder, SpecModel
from ..yaml.read import examine_file

FILE = Path(__file__).parents[1] / "criteria" / "frequencies.yaml"


class Frequency(SpecModel):
    """The doses of one term."""

    times: int = Field(description="Doses on a day that has one.", ge=1)
    every: int | None = Field(
        default=None, description="Days from one such day to the next; without it there is one.", ge=1
    )


@lru_cache(maxsize=1)
def frequencies() -> dict[str, Frequency]:
    """Term of the codelist FREQ to its doses. Raises SpecError with every mistake of the file."""
    node, problems = examine_file(FILE, FILE.parents[1])
    binder = Binder()
    found = binder.bind(node, dict[str, Frequency]) if node is not None else None
    if problems or binder.problems or found is None:
        raise SpecError([*problems, *binder.problems])
    return found
