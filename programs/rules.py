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
from ..engine.derivations.from_other_records import First, FromTable, Last
from ..engine.derivations.lookup import Lookup
from ..engine.derivations.sequence import Flag
from ..engine.derivations.totals import AnyRow, Count
from ..engine.plan.plan import PlannedVariable
from ..mappings.expressions.expression import parse
from ..mappings.expressions.number_text import number_text
from ..mappings.models.derivation import DerivationSpec
from ..sdtm.derivations.timing import StudyDay
from .analysis_rules import ANALYSIS_WRITERS
from .language import Names, NoEqual
from .r import R
from .sas import Sas
from .written_rule import Lines, assigned
from .written_rule import WrittenRule as _Rule

_SUBJECT = ("USUBJID",)
_R_DATE = 'as.Date({}, "%Y-%m-%d")'
_SAS_DATE = "input(substrn({}, 1, 10), ?? e8601da10.)"


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


def moment_of_rule(rule: DerivationSpec, names: Names) -> str:
    """date, datetime or time where the rule of a variable without a format gives R such a value, else ''."""
    if isinstance(rule, AnalysisDate):
        return "date"
    if isinstance(rule, First | Last | Lookup):
        return "date" if rule.as_ else names.of(rule.table_and_column()[0]).moment(rule.table_and_column()[1])
    kinds = {""}
    if isinstance(rule, From):
        kinds = {names.moment(c) for c in rule.columns}
    elif isinstance(rule, Compute):
        kinds = {R(names).moment(parse(rule.compute).root)}
    elif isinstance(rule, Cases):
        kinds = {names.moment(c.from_) for c in rule.cases if c.from_}
        kinds |= {R(names).moment(parse(c.compute).root) for c in rule.cases if c.compute}
    return kinds.pop() if len(kinds) == 1 else ""


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
    return assigned(about, _R_DATE.format(code), _SAS_DATE.format(code))


def _study_day(about: _Rule) -> Lines:
    rule = about.rule
    assert isinstance(rule, StudyDay)
    pairs = [(about.r.names.code(n), about.r.names.numeric(n)) for n in (rule.study_day, rule.reference)]
    r = [c if number else _R_DATE.format(c) for c, number in pairs]
    sas = [c if number else _SAS_DATE.format(c) for c, number in pairs]
    both = " and ".join(f"not missing({c})" for c in sas)
    first = f"mutate({about.target} = as.numeric({r[0]} - {r[1]}) + ({r[0]} >= {r[1]}))"
    return [first], [f"if {both} then {about.target} = {sas[0]} - {sas[1]} + ({sas[0]} >= {sas[1]});"]


def _keys(rule: FromTable) -> dict[str, str]:
    """Variable of the records -> column of the table. Raises NoEqual for a key of a joined table."""
    keys = dict(rule.on) if isinstance(rule.on, dict) else {n: n for n in rule.on}
    if any("." in n for pair in keys.items() for n in pair):
        raise NoEqual
    return keys


def _by(keys: Mapping[str, str]) -> str:
    pairs = [f'"{a}"' if a == b else f'"{a}" = "{b}"' for a, b in keys.items()]
    return f"c({', '.join(pairs)})" if len(pairs) > 1 or "=" in pairs[0] else pairs[0]


def _picked(about: _Rule) -> Lines:
    """The value of the first, the last or the only record of another table."""
    rule = about.rule
    assert isinstance(rule, First | Last | Lookup)
    table, column = rule.table_and_column()
    if about.moment != moment_of_rule(rule, about.r.names):
        raise NoEqual
    keys, target, end = _keys(rule), about.target, "tail" if isinstance(rule, Last) else "head"
    names = about.r.names.of(table)
    ordered = () if isinstance(rule, Lookup) else rule.order or (column,)
    order = [(n.lstrip("-"), n.startswith("-")) for n in ordered]
    value = names.code(column)
    if isinstance(rule, Lookup) and rule.where is None and rule.as_ is None:
        return _merged_column(about, rule, keys, value)
    r_where = f" %>% filter({R(names).condition(rule.where)})" if rule.where else ""
    filled = "" if isinstance(rule, Lookup) else f" %>% filter(!is.na({value}))"
    known = names if isinstance(rule, Lookup) else replace(names, filled=lambda n: n == column or names.filled(n))
    sort = R(known).ordered(ordered)
    r = [
        "left_join(",
        f"  {table.lower()}{r_where}{filled} %>%",
        *([f"    arrange({', '.join([*keys.values(), *sort])}) %>%"] if sort else []),
        f"    group_by({', '.join(keys.values())}) %>% slice_{end}(n = 1) %>% ungroup() %>%",
        f"    transmute({', '.join(keys.values())}, {target} = {_R_DATE.format(value) if rule.as_ else value}),",
        f"  by = {_by(keys)})",
    ]
    where = [f"({Sas(names).condition(rule.where)})"] if rule.where else []
    where += [] if isinstance(rule, Lookup) else [f"not missing({value})"]
    chosen = f"(where=({' and '.join(where)}))" if where else ""
    by = " ".join([*keys.values(), *(f"descending {n}" if down else n for n, down in order)])
    renamed = " ".join(f"{b}={a}" for a, b in keys.items() if a != b)
    work, last = f"_{target.lower()}", list(keys.values())[-1]
    sas = [
        f"proc sort data={table.lower()}{chosen} out={work}; by {by}; run;",
        f"data {work}(keep={' '.join(keys.values())} {target}{f' rename=({renamed})' if renamed else ''});",
        f"  set {work}; by {by}; if {'last' if end == 'tail' else 'first'}.{last};",
        f"  {target} = {_SAS_DATE.format(value) if rule.as_ else value};",
        "run;",
        f"* merge {work} into {about.dataset} by {' '.join(keys)};",
    ]
    return _where_applies(about, r, sas)


def _merged_column(about: _Rule, rule: Lookup, keys: Mapping[str, str], column: str) -> Lines:
    """The column of the one record of another table with the same key."""
    table = rule.table_and_column()[0].lower()
    renamed = column if column == about.target else f"{about.target} = {column}"
    r = [f"left_join({table} %>% select({', '.join(keys.values())}, {renamed}), by = {_by(keys)})"]
    new = "" if column == about.target else f" as {about.target}"
    same = ", ".join(a if a == b else f"{a} = {b}" for a, b in keys.items())
    return _where_applies(about, r, [f"* merge {column}{new} of {table} into {about.dataset} by {same};"])


def _where_applies(about: _Rule, r: list[str], sas: list[str]) -> Lines:
    """The condition of the rule, after the merge."""
    when = about.rule.when
    if when is None:
        return r, sas
    blank = "NA" if about.numeric else "NA_character_"
    r[-1] += " %>%"
    kept = f"{about.target}, {blank}, missing = {blank}"
    return (
        [*r, f"mutate({about.target} = if_else({about.r.condition(when)}, {kept}))"],
        [*sas, f"if not ({about.sas.condition(when)}) then call missing({about.target});"],
    )


def _counted(about: _Rule) -> Lines:
    """How many records another table has, or whether it has any."""
    rule = about.rule
    assert isinstance(rule, Count | AnyRow)
    table = rule.table_and_column()[0]
    if _keys(rule) != dict.fromkeys(_SUBJECT, "USUBJID") or rule.within is not None:
        raise NoEqual
    names = about.r.names.of(table)
    target, work = about.target, f"_{about.target.lower()}"
    r_where = f" %>% filter({R(names).condition(rule.where)})" if rule.where else ""
    where = f" where {Sas(names).condition(rule.where)}" if rule.where else ""
    if isinstance(rule, AnyRow):
        yes, no = (about.constant(about.r, v) for v in (rule.yes, rule.no))
        r = [f"mutate({target} = if_else(USUBJID %in% ({table.lower()}{r_where})$USUBJID, {yes}, {no}))"]
        yes, no = (about.constant(about.sas, v) for v in (rule.yes, rule.no))
        sas = [
            f"proc sql; create table {work} as select distinct USUBJID from {table.lower()}{where}; quit;",
            f"* merge {work}(in=found) into {about.dataset} by USUBJID;",
            f"if found then {target} = {yes}; else {target} = {no};",
        ]
        return _where_applies(about, r, sas)
    distinct = f" %>% filter(!is.na({rule.distinct})) %>% distinct(USUBJID, {rule.distinct})" if rule.distinct else ""
    r = [
        "left_join(",
        f'  {table.lower()}{r_where}{distinct} %>% count(USUBJID, name = "{target}"),',
        '  by = "USUBJID") %>%',
        f"mutate({target} = coalesce({target}, 0L))",
    ]
    what = f"count(distinct {rule.distinct})" if rule.distinct else "count(*)"
    select = f"select USUBJID, {what} as {target} from {table.lower()}{where} group by USUBJID"
    sas = [
        f"proc sql; create table {work} as {select}; quit;",
        f"* merge {work} into {about.dataset} by USUBJID;",
        f"{target} = coalesce({target}, 0);",
    ]
    return _where_applies(about, r, sas)


def _flag(about: _Rule) -> Lines:
    rule = about.rule
    assert isinstance(rule, Flag)
    if rule.when is not None or about.numeric or rule.ties == "all":
        raise NoEqual
    by = [about.r.names.code(n) for n in rule.by]
    order = [(about.r.names.code(n.lstrip("-")), n.startswith("-")) for n in rule.order]
    r_order = ", ".join(about.r.ordered(rule.order))
    arguments = (
        f'by_vars = exprs({", ".join(by)}), order = exprs({r_order}), new_var = {about.target}, mode = "{rule.flag}"'
    )
    r = [f"derive_var_extreme_flag({arguments})"]
    where = ""
    if rule.where is not None:
        r = [
            "restrict_derivation(derivation = derive_var_extreme_flag,",
            f"  args = params({arguments}),",
            f"  filter = {about.r.condition(rule.where)})",
        ]
        where = f"(where=({about.sas.condition(rule.where)}))"
    work, keys = f"_{about.target.lower()}", " ".join([*by, *(f"descending {n}" if d else n for n, d in order)])
    sas = [
        f"proc sort data={about.dataset}{where} out={work}; by {keys}; run;",
        f"data {work}; set {work}; by {keys}; if {rule.flag}.{by[-1]}; {about.target} = 'Y'; run;",
        f"* merge {about.target} of {work} into {about.dataset} by the keys of {about.dataset};",
    ]
    return r, sas


_WRITERS: tuple[tuple[type | tuple[type, ...], Callable[[_Rule], Lines]], ...] = (
    (Value, _value),
    (Compute, _compute),
    (From, _from),
    (Cases, _cases),
    (Cut, _cut),
    (AnalysisDate, _analysis_date),
    (StudyDay, _study_day),
    ((First, Last, Lookup), _picked),
    ((Count, AnyRow), _counted),
    (Flag, _flag),
    *ANALYSIS_WRITERS,
)
