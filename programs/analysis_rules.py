"""Rules of analysis variables as R and SAS: changes, shifts, criteria, statistics, neighbours and durations.

Not for rules of any dataset (rules.py).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..adam.baseline.base_value import BaseValue
from ..adam.baseline.change import Change
from ..adam.baseline.shift import Shift
from ..adam.criterion import Criterion
from ..engine.derivations.duration import Duration
from ..engine.derivations.neighbours import Neighbour, Previous
from ..engine.derivations.statistic import GroupStatistic
from ..mappings.models.template import parse_template
from .language import NoEqual
from .written_rule import Lines, WrittenRule, assigned

#: statistic -> its function in R, which leaves out missing values, and in PROC SQL
_FUNCTIONS = {
    "mean": ("mean({}, na.rm = TRUE)", "mean"),
    "median": ("median({}, na.rm = TRUE)", "median"),
    "sd": ("sd({}, na.rm = TRUE)", "std"),
    "sum": ("sum({}, na.rm = TRUE)", "sum"),
    "min": ("min({}, na.rm = TRUE)", "min"),
    "max": ("max({}, na.rm = TRUE)", "max"),
}


def _change(about: WrittenRule) -> Lines:
    rule = about.rule
    assert isinstance(rule, Change)
    value, base = about.r.names.code(rule.number), about.r.names.code(rule.from_)
    if rule.as_ == "difference":
        return assigned(about, f"{value} - {base}", f"{value} - {base}")
    if rule.as_ == "ratio":
        return assigned(about, f"{value} / na_if({base}, 0)", f"ifn({base} ne 0, {value} / {base}, .)")
    size = f"abs({base})" if rule.negative == "absolute" else base
    r = f"100 * ({value} - {base}) / na_if({size}, 0)"
    return assigned(about, r, f"ifn({base} ne 0, 100 * ({value} - {base}) / {size}, .)")


def _shift(about: WrittenRule) -> Lines:
    rule = about.rule
    assert isinstance(rule, Shift)
    names = [about.r.names.code(rule.shift), about.r.names.code(rule.to)]
    if rule.give != "text" or any(about.r.names.numeric(n) for n in (rule.shift, rule.to)):
        raise NoEqual
    between_r, between_sas = about.r.text(rule.between), about.sas.text(rule.between)
    if rule.missing is None:
        either = f"is.na({names[0]}) | is.na({names[1]})"
        r = f"if_else({either}, NA_character_, paste0({names[0]}, {between_r}, {names[1]}))"
        sas = f"strip({names[0]}) || {between_sas} || strip({names[1]})"
        return assigned(about, r, f"ifc(missing({names[0]}) or missing({names[1]}), ' ', {sas})")
    first, second = (f"coalesce({n}, {about.r.text(rule.missing)})" for n in names)
    filled = [f"strip(coalescec({n}, {about.sas.text(rule.missing)}))" for n in names]
    return assigned(about, f"paste0({first}, {between_r}, {second})", f"{filled[0]} || {between_sas} || {filled[1]}")


def _criterion(about: WrittenRule) -> Lines:
    """The flag, or the text where the flag would be. Where a condition is unknown, its negation is too."""
    rule = about.rule
    assert isinstance(rule, Criterion)
    if rule.when is not None or (rule.text is not None and parse_template(rule.text).names):
        raise NoEqual
    met, not_met = rule.criterion, f"not ({rule.criterion})"
    yes, no = (rule.text, rule.text) if rule.text is not None else ("1", "0") if rule.number else ("Y", "N")
    values = [about.constant(language, text) for language in (about.r, about.sas) for text in (yes, no)]
    cases = [(about.r.condition(met), values[0], about.sas.condition(met), values[2])]
    if rule.flags == "Y/N/missing":
        cases.append((about.r.condition(not_met), values[1], about.sas.condition(not_met), values[3]))
    elif rule.flags == "Y/N":
        cases.append(("TRUE", values[1], "", values[3]))
    r = [f"  {test} ~ {value}" for test, value, _, _ in cases]
    sas = [f"{f'if {test} then ' if test else ''}{about.target} = {value};" for _, _, test, value in cases]
    return (
        [f"mutate({about.target} = case_when(", *(f"{line}," for line in r[:-1]), r[-1], "))"],
        [sas[0], *(f"else {line}" for line in sas[1:])],
    )


def _base_value(about: WrittenRule) -> Lines:
    rule = about.rule
    assert isinstance(rule, BaseValue)
    if rule.when is not None or rule.missing_by != "none":
        raise NoEqual
    value, by = about.r.names.code(rule.base_value), [about.r.names.code(n) for n in rule.by]
    r = [
        f"derive_var_base(by_vars = exprs({', '.join(by)}), source_var = {value}, new_var = {about.target},",
        f"  filter = {about.r.condition(rule.where)})",
    ]
    work = f"_{about.target.lower()}"
    sas = [
        f"data {work}(keep={' '.join(by)} {about.target});",
        f"  set {about.dataset}(where=({about.sas.condition(rule.where)})); {about.target} = {value}; run;",
        f"* merge {work} into {about.dataset} by {' '.join(by)};",
    ]
    return r, sas


def _group_statistic(about: WrittenRule) -> Lines:
    """The statistic of a whole group; in SAS min and max of a group without a value are missing, in R infinite."""
    rule = about.rule
    assert isinstance(rule, GroupStatistic)
    plain = rule.when is None and rule.where is None and rule.over == "group" and rule.least == 1
    if not plain or rule.missing_by != "none" or rule.of not in _FUNCTIONS:
        raise NoEqual
    value, by = about.r.names.code(rule.group_statistic), [about.r.names.code(n) for n in rule.by]
    function, key = _FUNCTIONS[rule.of]
    found = f"if (all(is.na({value}))) NA_real_ else {function.format(value)}"
    work = f"_{about.target.lower()}"
    return (
        [f"group_by({', '.join(by)}) %>%", f"mutate({about.target} = {found}) %>%", "ungroup()"],
        [
            f"proc sql; create table {work} as select {', '.join(by)}, {key}({value}) as {about.target}",
            f"  from {about.dataset} group by {', '.join(by)}; quit;",
            f"* merge {work} into {about.dataset} by {' '.join(by)};",
        ],
    )


def _neighbour(about: WrittenRule) -> Lines:
    rule = about.rule
    assert isinstance(rule, Neighbour)
    if rule.when is not None or rule.where is not None or rule.missing_by != "none" or rule.ties == "together":
        raise NoEqual
    value, by = about.r.names.code(rule.taken()), [about.r.names.code(n) for n in rule.by]
    order = [(about.r.names.code(n.lstrip("-")), n.startswith("-")) for n in rule.order]
    along = ", ".join(f"desc({n})" if down else n for n, down in order)
    function = "lag" if isinstance(rule, Previous) else "lead"
    r = [
        f"arrange({', '.join([*by, along])}) %>%",
        f"group_by({', '.join(by)}) %>%",
        f"mutate({about.target} = {function}({value}, {rule.places})) %>%",
        "ungroup()",
    ]
    if function == "lead" or rule.places > 1:
        return r, []
    keys = " ".join([*by, *(f"descending {n}" if down else n for n, down in order)])
    sas = [
        f"proc sort data={about.dataset}; by {keys}; run;",
        f"data {about.dataset}; set {about.dataset}; by {keys}; {about.target} = lag({value});",
        f"  if first.{by[-1]} then call missing({about.target}); run;",
    ]
    return r, sas


def _duration(about: WrittenRule) -> Lines:
    """Days between numeric dates."""
    rule = about.rule
    assert isinstance(rule, Duration)
    names = (rule.duration, rule.since)
    dates = all(about.r.names.numeric(n) and not n.upper().endswith("DTM") for n in names)
    if rule.unit != "days" or not dates:
        raise NoEqual
    end, start = map(about.r.names.code, names)
    both = f" + ({end} >= {start})" if rule.both_days else ""
    return assigned(about, f"as.numeric({end} - {start}){both}", f"{end} - {start}{both}")


ANALYSIS_WRITERS: Sequence[tuple[type, Callable[[WrittenRule], Lines]]] = (
    (Change, _change),
    (Shift, _shift),
    (Criterion, _criterion),
    (BaseValue, _base_value),
    (GroupStatistic, _group_statistic),
    (Neighbour, _neighbour),
    (Duration, _duration),
)
