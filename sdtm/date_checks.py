"""The mistakes in the date formats of a study: formats of its sources, and formats of its rules.

Not for the formats of one set (sdtm/date_formats/ambiguity.py).
"""

from __future__ import annotations

from collections.abc import Iterator

from ..engine.plan.plan import PlannedStudy
from ..errors import SpecProblem
from ..mappings.binding.bind import place_of
from ..mappings.models.dates import DatesSpec
from ..mappings.models.row_block import RowBlock
from ..mappings.models.study import StudySpec
from .date_formats.ambiguity import format_problems
from .date_formats.notation import Notation
from .derivations.dates import Date


def declared_format_problems(study: StudySpec) -> Iterator[SpecProblem]:
    """Formats of ``dates:`` that cannot be used, or that read one text as two dates."""
    for spec in [study.dates, *(s.dates for s in study.sources.values() if s.dates)]:
        for field, formats in spec.sets:
            for problem in format_problems(formats, Notation.of(spec)):
                yield SpecProblem(place_of(spec, field), problem)


def rule_format_problems(plan: PlannedStudy) -> Iterator[SpecProblem]:
    """The mistakes in formats of ``date:`` rules, with the other declarations of the source of their columns."""
    for dataset in plan.datasets.values():
        for number, block in enumerate(dataset.spec.blocks):
            rules = [(name, v.rule_in(number)) for name, v in dataset.every.items()]
            for name, rule in (*rules, *block.columns.items()):
                if isinstance(rule, Date) and rule.formats:
                    for problem in _of_rule(rule, block, plan.spec):
                        yield SpecProblem(place_of(rule, "formats"), problem, dataset.name, name)


def _of_rule(rule: Date, block: RowBlock, study: StudySpec) -> Iterator[str]:
    for spec in {id(s): s for s in (_declared(name, block, study) for name in rule.columns)}.values():
        yield from format_problems(rule.formats, Notation.of(spec))


def _declared(column: str, block: RowBlock, study: StudySpec) -> DatesSpec:
    """``dates:`` of the source that a column is of, else of the study."""
    prefix = column.partition(".")[0]
    joined = {join.as_ or join.source or "": join.source for join in block.joins}
    source = joined.get(prefix) or (prefix if prefix in study.sources else block.source)
    return (study.sources[source].dates if source in study.sources else None) or study.dates
