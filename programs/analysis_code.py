"""The code of a result of an analysis in SAS and in R, generated from its statistic.

Both select the population and the records and then compute the statistic for all subjects and for each group. SAS uses
PROC steps, R base functions and the package survival. Not for the rules of variables (rules.py).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from ..engine.plan.displays import AnalysisResult, Display
from ..engine.tables.dataset import RangeCheck
from ..mappings.expressions.expression import ExpressionError, parse
from ..mappings.models.analysis_groups import DisplayGroups
from ..mappings.models.statistic import StatisticSpec
from . import analysis_r, analysis_sas
from .analysis_parts import AnalysisParts
from .language import Language, Names, NoEqual
from .r import R
from .sas import Sas

#: language -> what the context of the code states in define.xml
CONTEXTS = {"SAS": "SAS 9.4", "R": "R 4.2 or later"}
_SIGNS = {"EQ": "==", "NE": "!=", "LT": "<", "LE": "<=", "GT": ">", "GE": ">="}
Numeric = Callable[[str, str], bool]


@dataclass(frozen=True)
class _Selection:
    """The records of a result and its population, as expressions of the spec language."""

    dataset: str
    records: str
    population: str
    subjects: str


def result_code(display: Display, result: AnalysisResult, language: str, numeric: Numeric) -> str:
    """The statements of one result, '' where the statistic or a condition has no certain equal in the language.

    ``numeric``: whether a variable of a dataset is a number.
    """
    statistic, groups = result.statistic, display.groups
    if statistic is None or groups.population is None or not result.datasets:  # planning reports what is unknown
        return ""
    selection = _selection(result, groups)

    def is_number(name: str) -> bool:
        dataset, dot, plain = name.rpartition(".")
        if dot:
            return numeric(dataset, plain)
        return numeric(selection.dataset, name) or numeric(selection.population, name)

    writer = (Sas if language == "SAS" else R)(Names(is_number))
    try:
        parts = _parts(statistic, groups, selection, writer)
        write = analysis_sas.statements if language == "SAS" else analysis_r.statements
        return write(statistic, parts)
    except (NoEqual, ExpressionError):  # planning reports a condition with a mistake
        return ""


def with_code(displays: Sequence[Display], numeric: Numeric, language: str = "SAS") -> tuple[Display, ...]:
    """The displays; each result with a statistic and without code has the generated code in ``language``."""
    found = []
    for display in displays:
        results = []
        for result in display.results:
            stated = result.code or result.code_documents
            code = "" if stated else result_code(display, result, language, numeric)
            results.append(replace(result, code=code, code_context=CONTEXTS[language]) if code else result)
        found.append(replace(display, results=tuple(results)))
    return tuple(found)


def _selection(result: AnalysisResult, groups: DisplayGroups) -> _Selection:
    assert groups.population is not None
    first = result.datasets[0]
    where = groups.population.where or ""
    return _Selection(first.dataset, conditions_text(first.where), groups.population.dataset, where)


def conditions_text(checks: Sequence[RangeCheck]) -> str:
    """Range checks as an expression of the spec language; numbers are quoted where the variable is text."""
    return " and ".join(_check_text(c) for c in checks)


def _check_text(check: RangeCheck) -> str:
    values = [f'"{v}"' if "'" in v else f"'{v}'" for v in check.values]
    if check.comparator in _SIGNS:
        return f"{check.variable} {_SIGNS[check.comparator]} {values[0]}"
    return f"{check.variable} {'not in' if check.comparator == 'NOTIN' else 'in'} [{', '.join(values)}]"


def _parts(statistic: StatisticSpec, groups: DisplayGroups, selection: _Selection, writer: Language) -> AnalysisParts:
    texts = {".".join(map(str, path)): writer.condition(t) for path, t in statistic.condition_texts()}
    variables = [groups.columns.variable] if groups.columns is not None else []
    variables += [getattr(statistic, f) for f in statistic.subject_fields]
    return AnalysisParts(
        dataset=selection.dataset.lower(),
        records=writer.condition(_with_numbers(selection.records, writer)) if selection.records else "",
        population=selection.population.lower(),
        subjects=writer.condition(_with_numbers(selection.subjects, writer)) if selection.subjects else "",
        kept=tuple(dict.fromkeys(variables)),
        group=groups.columns.variable if groups.columns is not None else "",
        conditions=texts,
    )


def _with_numbers(text: str, writer: Language) -> str:
    """An expression in which the literals that are compared with numbers have no quotes."""
    found = []
    for variable, comparator, values in parse(text).range_checks():
        check = RangeCheck(variable, comparator, tuple(values))
        written = _check_text(check)
        if writer.names.numeric(variable):
            written = written.replace("'", "")
        found.append(written)
    return " and ".join(found)
