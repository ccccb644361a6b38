"""A rule of a variable as R and SAS, where the rule has an equal there.

Each function writes one kind of rule and raises NoEqual where the equal is not certain: then the words of the rule are
the program. Not for conditions and formulas (language.py), nor for the listing (listing.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from ..adam.dates.analysis_date import AnalysisDate
from ..engine.derivations.assign import Compute, From, Value
from ..engine.derivations.cases import Case, Cases
from ..engine.derivations.cut import Cut
from ..engine.derivations.from_other_records import First, Last
from ..engine.derivations.lookup import Lookup
from ..engine.derivations.sequence import Flag
from ..engine.derivations.totals import AnyRow, Count
from ..engine.plan.plan import PlannedVariable
from ..mappings.expressions.number_text import number_text
from ..mappings.models.derivation import DerivationSpec
from ..sdtm.derivations.timing import StudyDay
from .analysis_rules import ANALYSIS_WRITERS
from .language import Names, NoEqual
from .r import R
from .record_rules import counted, flag, picked
from .rule_moments import R_DATE, SAS_DATE
from .sas import Sas
from .written_rule import Lines, assigned
from .written_rule import WrittenRule as _Rule


@dataclass(frozen=True)
class RuleCode:
    """The code of one rule: lines of R and of SAS; [] in a language without an equal.

    ``merged``: name in the code -> the column of another table that it means.
    """

    r: list[str]
    sas: list[str]
    merged: Mapping[str, str]


def rule_code(rule: DerivationSpec, variable: PlannedVariable, dataset: str, names: Names) -> RuleCode:
    """The code of the rule of a variable of a dataset. ``names``: of the rule; what it merges is not known yet."""
    names = replace(names, merged={})
    about = _Rule(
        rule=rule,
        target=variable.name,
        numeric=variable.is_numeric,
        moment=names.moment(variable.name),
        dataset=dataset.lower(),
        r=R(names),
        sas=Sas(names),
    )
    write = next((w for kind, w in _WRITERS if isinstance(rule, kind)), None)
    if write is None:
        return RuleCode([], [], {})
    try:
        r, sas = write(about)
        return RuleCode(list(r), list(sas), dict(names.merged))
    except NoEqual:
        return RuleCode([], [], {})


def has_code(rule: DerivationSpec) -> bool:
    """Whether rules of this kind are written as code."""
    return any(isinstance(rule, kind) for kind, _ in _WRITERS)


def _value(about: _Rule) -> Lines:
    rule = about.rule
    assert isinstance(rule, Value)
    return assigned(about, about.constant(about.r, rule.value), about.constant(about.sas, rule.value))


def _compute(about: _Rule) -> Lines:
    rule = about.rule
    assert isinstance(rule, Compute)
    return assigned(about, *about.formula(rule.compute))


def _from(about: _Rule) -> Lines:
    """A copy, the first filled of several columns, or mapped texts."""
    rule = about.rule
    assert isinstance(rule, From)
    if rule.prefix or rule.case != "keep" or (rule.default is not None and rule.map):
        raise NoEqual
    if rule.map:
        return _mapped(about, rule, [about.r.names.code(c) for c in rule.columns])
    codes = about.columns(rule.columns)
    if codes == [about.target] and rule.default is None and rule.when is None:
        return [], []  # the record has it
    r = sas = codes[0]
    kind = "" if about.numeric else "c"
    if len(codes) > 1 or rule.default is not None:
        more = [] if rule.default is None else [rule.default]
        r = f"coalesce({', '.join([*codes, *(about.constant(about.r, d) for d in more)])})"
        sas = f"coalesce{kind}({', '.join([*codes, *(about.constant(about.sas, d) for d in more)])})"
    return assigned(about, r, sas)


def _mapped(about: _Rule, rule: From, codes: Sequence[str]) -> Lines:
    """Texts by a map, in which case and blanks around do not count. Another text stays, in a text variable."""
    if len(codes) != 1 or len({k.strip().casefold() for k in rule.map}) < len(rule.map) or rule.when is not None:
        raise NoEqual
    (code,) = codes
    pairs = [(k.strip().upper(), v) for k, v in rule.map.items()]
    r = [f"mutate({about.target} = case_when("]
    r += [f"  toupper(trimws({code})) == {about.r.text(k)} ~ {about.constant(about.r, v)}," for k, v in pairs]
    r += ["))" if about.numeric else f"  .default = {code}))"]
    sas = [f"select (upcase(strip({code})));"]
    sas += [f"  when ({about.sas.text(k)}) {about.target} = {about.constant(about.sas, v)};" for k, v in pairs]
    sas += ["  otherwise;" if about.numeric else f"  otherwise {about.target} = {code};", "end;"]
    return r, sas


def _cases(about: _Rule) -> Lines:
    rule = about.rule
    assert isinstance(rule, Cases)
    if rule.when is not None:
        raise NoEqual
    r, sas = [f"mutate({about.target} = case_when("], []
    for number, case in enumerate(rule.cases):
        value = _of_case(about, case)
        if case.when is None:
            r.append(f"  .default = {value[0]},")
            sas.append(f"{'else ' if number else ''}{about.target} = {value[1]};")
            continue
        r.append(f"  {about.r.condition(case.when)} ~ {value[0]},")
        test = f"if {about.sas.condition(case.when)} then"
        sas.append(f"{'else ' if number else ''}{test} {about.target} = {value[1]};")
    r[-1] = r[-1].removesuffix(",")
    return [*r, "))"], sas


def _of_case(about: _Rule, case: Case) -> tuple[str, str]:
    """The value of a case in R and SAS."""
    if case.value is not None:
        return about.constant(about.r, case.value), about.constant(about.sas, case.value)
    if case.from_ is not None:
        (code,) = about.columns([case.from_])
        return code, code
    return about.formula(case.compute or "")


def _cut(about: _Rule) -> Lines:
    rule = about.rule
    assert isinstance(rule, Cut)
    if rule.when is not None or about.numeric or about.r.names.moment(rule.cut):
        raise NoEqual
    code = about.r.names.code(rule.cut)
    r, sas = [f"mutate({about.target} = case_when("], []
    for number, (group, bounds) in enumerate(rule.groups.items()):
        low, high = (*bounds, None, None)[:2]
        tests = [f"{code} >= {number_text(low)}"] if low is not None else []
        tests += [f"{code} < {number_text(high)}"] if high is not None else []
        r.append(f"  {' & '.join(tests) or f'!is.na({code})'} ~ {about.r.text(group)},")
        first = "" if low is not None else f"not missing({code})" + (" and " if tests else "")
        test = f"{'else ' if number else ''}if {first}{' and '.join(tests)} then"
        sas.append(f"{test} {about.target} = {about.sas.text(group)};")
    r[-1] = r[-1].removesuffix(",")
    return [*r, "))"], sas


def _analysis_date(about: _Rule) -> Lines:
    rule = about.rule
    assert isinstance(rule, AnalysisDate)
    code = about.r.names.code(rule.analysis_date)
    return assigned(about, R_DATE.format(code), SAS_DATE.format(code))


def _study_day(about: _Rule) -> Lines:
    rule = about.rule
    assert isinstance(rule, StudyDay)
    pairs = [(about.r.names.code(n), about.r.names.numeric(n)) for n in (rule.study_day, rule.reference)]
    r = [c if number else R_DATE.format(c) for c, number in pairs]
    sas = [c if number else SAS_DATE.format(c) for c, number in pairs]
    both = " and ".join(f"not missing({c})" for c in sas)
    first = f"mutate({about.target} = as.numeric({r[0]} - {r[1]}) + ({r[0]} >= {r[1]}))"
    return [first], [f"if {both} then {about.target} = {sas[0]} - {sas[1]} + ({sas[0]} >= {sas[1]});"]


_WRITERS: tuple[tuple[type | tuple[type, ...], Callable[[_Rule], Lines]], ...] = (
    (Value, _value),
    (Compute, _compute),
    (From, _from),
    (Cases, _cases),
    (Cut, _cut),
    (AnalysisDate, _analysis_date),
    (StudyDay, _study_day),
    ((First, Last, Lookup), picked),
    ((Count, AnyRow), counted),
    (Flag, flag),
    *ANALYSIS_WRITERS,
)
