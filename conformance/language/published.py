"""The rules that others publish, and which of them a rule of raw2adam implements. Not for the rules themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import Field

from ...errors import SpecError
from ...mappings.binding.bind import Binder, SpecModel
from ...mappings.yaml.read import examine_file
from .rule import Rule

CORE_OF_SDTMIG = Path(__file__).parents[1] / "published" / "core-sdtmig-3-4.yaml"


class PublishedRule(SpecModel):
    """One published rule. ``also``: its other ids. ``why``: why it does not apply."""

    also: tuple[str, ...] = ()
    why: str = ""


class _File(SpecModel):
    rules: Mapping[Annotated[str, Field(pattern=r"^CORE-\d{6}$")], PublishedRule]


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """A published rule and what raw2adam does about it: the rules that implement it, or why it does not apply."""

    id: str
    also: tuple[str, ...]
    rules: tuple[str, ...]
    why: str

    @property
    def status(self) -> str:
        """implemented, not applicable or missing."""
        return "implemented" if self.rules else "not applicable" if self.why else "missing"


def coverage(rules: Mapping[str, Rule]) -> list[Coverage]:
    """Every rule that CDISC CORE publishes for SDTMIG 3.4. Raises SpecError where the list cannot be read."""
    node, problems = examine_file(CORE_OF_SDTMIG, CORE_OF_SDTMIG.parent)
    binder = Binder()
    file = binder.bind(node, _File) if node is not None else None
    if file is None or problems or binder.problems:
        raise SpecError([*problems, *binder.problems])
    by_id: dict[str, list[str]] = {}
    for id_, rule in rules.items():
        for published in rule.published.core:
            by_id.setdefault(published, []).append(id_)
    return [
        Coverage(id=id_, also=p.also, rules=tuple(sorted(by_id.get(id_, ()))), why=p.why)
        for id_, p in file.rules.items()
    ]
