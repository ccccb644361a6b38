"""Rules that read other records as R and SAS: first, last, lookup, count, any and flag.

Not for rules of one record (rules.py), nor for conditions and formulas (language.py)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ..engine.derivations.from_other_records import First, FromTable, Last
from ..engine.derivations.lookup import Lookup
from ..engine.derivations.sequence import Flag
from ..engine.derivations.totals import AnyRow, Count
from .language import NoEqual
from .r import R
from .rule_moments import R_DATE, SAS_DATE, moment_of_rule
from .sas import Sas
from .written_rule import Lines
from .written_rule import WrittenRule as _Rule

_SUBJECT = ("USUBJID",)


def _keys(rule: FromTable) -> dict[str, str]:
    """Variable of the records -> column of the table. Raises NoEqual for a key of a joined table."""
    keys = dict(rule.on) if isinstance(rule.on, dict) else {n: n for n in rule.on}
    if any("." in n for pair in keys.items() for n in pair):
        raise NoEqual
    return keys


def _by(keys: Mapping[str, str]) -> str:
    pairs = [f'"{a}"' if a == b else f'"{a}" = "{b}"' for a, b in keys.items()]
    return f"c({', '.join(pairs)})" if len(pairs) > 1 or "=" in pairs[0] else pairs[0]


def picked(about: _Rule) -> Lines:
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
        f"    transmute({', '.join(keys.values())}, {target} = {R_DATE.format(value) if rule.as_ else value}),",
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
        f"  {target} = {SAS_DATE.format(value) if rule.as_ else value};",
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


def counted(about: _Rule) -> Lines:
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


def flag(about: _Rule) -> Lines:
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
