"""Names of sources, joined tables and raw columns that already have another meaning.

The name of a source begins SOURCE.COLUMN, and the files of its lineage and quarantine. Not for checking that a name in
a rule exists (check.py).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence

from ...errors import SpecProblem
from ...mappings.binding.bind import key_place_of, place_of
from ...mappings.facts.windows_names import is_device
from ..plan.plan import PlannedStudy
from ..subjects.identity import IDENTITY_COLUMNS

#: the columns that unpivot: adds for its items; explode: adds ITEM
OF_ITEMS = ("ITEM", "RESULT", "UNIT")
_NAME = re.compile(r"\w[\w-]{0,63}")


def source_name_problems(plan: PlannedStudy) -> Iterator[SpecProblem]:
    """Names of sources and joined tables that another thing has, each at its line."""
    datasets = {*plan.datasets, *plan.inputs}
    seen: dict[str, str] = {}
    for name in plan.spec.sources:
        place = key_place_of(plan.spec, "sources", name)
        if why := _refused(name, datasets):
            yield SpecProblem(place, f"a source cannot be called '{name}': {why}")
        elif (other := seen.setdefault(name.casefold(), name)) != name:
            message = f"the sources '{other}' and '{name}' differ by case only: on some systems their files are one"
            yield SpecProblem(place, message)
    for dataset in plan.datasets.values():
        for join in (j for block in dataset.spec.blocks for j in block.joins):
            name = join.as_
            if name is None or name == join.table:
                continue
            why = _refused(name, datasets) or ("a source has this name" if name in plan.spec.sources else "")
            if why:
                message = f"a joined table cannot be called '{name}': {why}"
                yield SpecProblem(place_of(join, "as"), message, dataset.name)


def _refused(name: str, datasets: Collection[str]) -> str:
    if not _NAME.fullmatch(name):
        return "a name is at most 64 letters, digits, hyphens and underscores"
    if is_device(name):
        return "Windows accepts no file of this name"
    if name in datasets:
        return f"a dataset has this name; the datasets are {', '.join(sorted(datasets))}"
    return ""


def taken_names(plan: PlannedStudy, source: str, header: Sequence[str]) -> list[tuple[str, str]]:
    """(raw column, meaning of its bare name in a rule) of columns with the name of a column that raw2adam derives.

    ``header``: the raw columns, then the identity columns of the source; a name that is both occurs twice.
    """
    spec = plan.spec.sources[source].subject
    identifying = (spec.columns if spec is not None and spec != "none" else ()) or plan.spec.subject.columns
    found = [
        (name, "the identity that subject: declares")
        for name in IDENTITY_COLUMNS
        if header.count(name) > 1 and name not in identifying
    ]
    blocks = [b for d in plan.datasets.values() for b in d.spec.blocks if b.source == source]
    derived = {n for b in blocks if b.unpivot for n in OF_ITEMS}
    derived |= {n for b in blocks for n, columns in b.exploded.items() if n not in columns}
    derived |= {"ITEM" for b in blocks if b.explode}
    return found + [
        (name, "the column that the block derives from its items") for name in sorted(derived) if name in header
    ]


def taken_name_problems(plan: PlannedStudy, headers: Mapping[str, Sequence[str]]) -> Iterator[SpecProblem]:
    """A warning at the line of the source for each raw column with the name of a column that raw2adam derives."""
    for source in (n for n in plan.spec.sources if n in headers):
        for column, means in taken_names(plan, source, headers[source]):
            place = key_place_of(plan.spec, "sources", source)
            yield SpecProblem(place, taken_name_message(source, column, means), severity="warning")


def taken_name_message(source: str, column: str, means: str) -> str:
    """The message for such a column."""
    return f"the file has a column {column}; in a rule {column} is {means}, and {source}.{column} is that column"
