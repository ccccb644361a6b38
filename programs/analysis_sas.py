"""The statements in SAS of the statistics of analyses: DATA and PROC steps of SAS 9.4.

Datasets are in the library ADAM, sorted by USUBJID. Each group has a PROC step for itself by BY or CLASS, and all
subjects one without it. Not for R (analysis_r.py).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..mappings.models.statistic import DAYS, StatisticSpec
from ..mappings.models.statistics import (
    AgreementSpec,
    ChangeSpec,
    CountsSpec,
    CumulativeIncidenceSpec,
    KaplanMeierSpec,
    OccurrencesSpec,
    ProportionSpec,
    RateSpec,
    ShiftSpec,
    SummarySpec,
    WaterfallSpec,
)
from .analysis_parts import AnalysisParts
from .language import NoEqual


def statements(spec: StatisticSpec, parts: AnalysisParts) -> str:
    """The statements of a statistic. Raises NoEqual for one without an equal in SAS."""
    if type(spec) not in _WRITERS:
        raise NoEqual
    lines = [*_selection(parts), *_WRITERS[type(spec)](spec, parts)]
    return "\n".join(lines) + "\n"


def _selection(parts: AnalysisParts) -> list[str]:
    lines = ["data population;", f"  set adam.{parts.population};"]
    lines += [f"  where {parts.subjects};"] if parts.subjects else []
    lines.append("run;")
    if parts.of_subjects:
        lines += ["data records;", "  set population;"]
        lines += [f"  where {parts.records};"] if parts.records else []
        return [*lines, "run;"]
    where = f" where=({parts.records})" if parts.records else ""
    kept = " ".join(("USUBJID", *parts.kept))
    return [
        *lines,
        "data records;",
        f"  merge adam.{parts.dataset}(in=R{where}) population(in=P keep={kept});",
        "  by USUBJID;",
        "  if R and P;",
        "run;",
    ]


def _grouped(parts: AnalysisParts, step: list[str], statement: str) -> list[str]:
    """A PROC step over all records and, with a BY or CLASS statement, for each group. ``step``: ends without run;."""
    lines = [*step, "run;"]
    if not parts.group:
        return lines
    sort = [f"proc sort data=records; by {parts.group}; run;"] if statement == "by" else []
    return [*lines, *sort, step[0], f"  {statement} {parts.group};", *step[1:], "run;"]


def _distinct(parts: AnalysisParts, variables: tuple[str, ...]) -> list[str]:
    """One record for each subject and category."""
    group = (parts.group,) if parts.group else ()
    names = " ".join(dict.fromkeys((*group, *variables, "USUBJID")))
    return [f"proc sort data=records nodupkey; by {names}; run;"]


def _counts(spec: CountsSpec, parts: AnalysisParts) -> list[str]:
    group = parts.group
    if spec.conditions:
        items = [
            f"  count(distinct case when {parts.condition(f'conditions.{k}')} then USUBJID else ' ' end) as N{i}"
            f" label='{_label(k)}'"
            for i, k in enumerate(spec.conditions, 1)
        ]
        selected = [f"{i}," for i in items[:-1]] + [items[-1]]
        lines = ["proc sql;", "  select", *(f"  {i}" for i in selected), "    from records;"]
        if group:
            lines += [f"  select {group},", *(f"  {i}" for i in selected), f"    from records group by {group};"]
        return [*lines, f"  select {_columns(group)} from population{_by(group)};", "quit;"]
    variables = (*((spec.by,) if spec.by else ()), spec.variable)
    tables = "*".join((*((group,) if group else ()), *variables))
    lines = [*_distinct(parts, variables), "proc freq data=records;", f"  tables {'*'.join(variables)} / missing;"]
    lines += [f"  tables {tables} / missing nocol nopercent;"] if group else []
    return [*lines, "run;", "proc sql;", f"  select {_columns(group)} from population{_by(group)};", "quit;"]


def _columns(group: str) -> str:
    return (f"{group}, " if group else "") + "count(distinct USUBJID) as DENOMINATOR"


def _by(group: str) -> str:
    return f" group by {group}" if group else ""


def _label(text: str) -> str:
    return text.replace("'", "''")


def _proportion(spec: ProportionSpec, parts: AnalysisParts) -> list[str]:
    condition = parts.condition("condition")
    alpha = f"{1 - spec.confidence:.6g}"
    keys = " ".join(dict.fromkeys((*((spec.by,) if spec.by else ()), "USUBJID")))
    lines = [
        "data records;",
        "  set records;",
        f"  RESPONSE = ({condition});",
        "run;",
        f"proc sort data=records; by {keys} descending RESPONSE; run;",
        f"proc sort data=records nodupkey; by {keys}; run;",
    ]
    if spec.percent_of == "population":
        lines += [
            "data records;",
            f"  merge population(keep={' '.join(('USUBJID', *parts.kept))}) records(keep=USUBJID RESPONSE);",
            "  by USUBJID;",
            "  RESPONSE = coalesce(RESPONSE, 0);",
            "run;",
        ]
    step = ["proc freq data=records;", f"  tables RESPONSE / binomial(level='1' exact) alpha={alpha};"]
    if spec.by:
        group = " ".join((*((parts.group,) if parts.group else ()), spec.by))
        return [*lines, f"proc sort data=records; by {group}; run;", step[0], f"  by {group};", step[1], "run;"]
    return [*lines, *_grouped(parts, step, "by")]


def _summary(spec: SummarySpec, parts: AnalysisParts) -> list[str]:
    step = ["proc means data=records n nmiss mean std median q1 q3 min max qntldef=5;", f"  var {spec.variable};"]
    if spec.by:
        step.insert(1, f"  class {spec.by};")
        group = f"  class {parts.group} {spec.by};"
        return [*step, "run;", *([step[0], group, step[2], "run;"] if parts.group else [])]
    return _grouped(parts, step, "class")


def _time(spec: KaplanMeierSpec | CumulativeIncidenceSpec) -> str:
    factor = DAYS[spec.unit] / DAYS[spec.measured_in]
    return spec.time + ("" if factor == 1 else f" / {factor:.10g}")


def _kaplan_meier(spec: KaplanMeierSpec, parts: AnalysisParts) -> list[str]:
    alpha = f"{1 - spec.confidence:.6g}"
    times = " ".join(f"{t:g}" for t in spec.landmarks)
    listed = f" timelist={times} reduceout outsurv=rates" if times else ""
    lines = [
        "data records;",
        "  set records;",
        f"  TIME = {_time(spec)};",
        f"  CENSORED = not ({parts.condition('event')});",
        "run;",
    ]
    step = [f"proc lifetest data=records conftype=loglog alpha={alpha}{listed};", "  time TIME*CENSORED(1);"]
    lines += _grouped(parts, step, "by")
    if spec.follow_up:
        reverse = [f"proc lifetest data=records conftype=loglog alpha={alpha};", "  time TIME*CENSORED(0);"]
        lines += _grouped(parts, reverse, "by")
    return lines


def _incidence(spec: CumulativeIncidenceSpec, parts: AnalysisParts) -> list[str]:
    times = " ".join(f"{t:g}" for t in spec.landmarks)
    lines = [
        "data records;",
        "  set records;",
        f"  TIME = {_time(spec)};",
        f"  if {parts.condition('event')} then STATUS = 1;",
        f"  else if {parts.condition('competing')} then STATUS = 2;",
        "  else STATUS = 0;",
        "run;",
    ]
    listed = f" timelist={times}" if times else ""
    step = [
        f"proc lifetest data=records conftype=loglog alpha={1 - spec.confidence:.6g}{listed} outcif=cif;",
        "  time TIME*STATUS(0) / eventcode=1;",
    ]
    return [*lines, *_grouped(parts, step, "by")]


def _change(spec: ChangeSpec, parts: AnalysisParts) -> list[str]:
    statistics = f"n mean std lclm uclm alpha={1 - spec.confidence:.6g}"
    lines = []
    for groups in ([], [parts.group] if parts.group else None):
        if groups is not None:
            names = " ".join([*groups, spec.order])
            lines += [f"proc means data=records {statistics};", f"  class {names};"]
            lines += [f"  var {spec.value} {spec.change};", "run;"]
    return lines


def _occurrences(spec: OccurrencesSpec, parts: AnalysisParts) -> list[str]:
    group = (parts.group,) if parts.group else ()
    numbers = "count(distinct USUBJID) as SUBJECTS, count(*) as EVENTS"
    lines = ["proc sql;", f"  select {numbers} from records;"]
    for depth in range(len(spec.terms)):
        terms = spec.terms[: depth + 1]
        for names in dict.fromkeys((terms, (*group, *terms))):
            listed = ", ".join(names)
            lines.append(f"  select {listed}, {numbers} from records group by {listed};")
    lines += [f"  select {_columns(parts.group)} from population{_by(parts.group)};", "quit;"]
    if spec.grade:
        names = " ".join((*group, *spec.terms))
        order = ", ".join(f"'{g}'" for g in spec.grade_order)
        lines += [
            "data records;",
            "  set records;",
            f"  WORST = whichc({spec.grade}, {order});",
            "run;",
            f"proc sort data=records; by {names} USUBJID descending WORST; run;",
            f"proc sort data=records nodupkey; by {names} USUBJID; run;",
            "proc freq data=records;",
            f"  tables {'*'.join((*group, *spec.terms, 'WORST'))} / list missing;",
            "run;",
        ]
    return lines


def _rate(spec: RateSpec, parts: AnalysisParts) -> list[str]:
    factor = DAYS[spec.unit] / DAYS[spec.measured_in]
    divided = "" if factor == 1 else f" / {factor:.10g}"
    tail = (1 - spec.confidence) / 2
    lines = ["proc sql;"]
    for group in dict.fromkeys(("", parts.group)):
        name = "groups" if group else "total"
        by = f" where r.{group} = p.{group}" if group else ""
        listed = f"p.{group}, " if group else ""
        lines += [
            f"  create table {name} as select {listed}sum(p.{spec.exposure}){divided} as TIME,",
            f"    (select count(*) from records as r{by}) as EVENTS",
            f"    from population as p{f' group by p.{group}' if group else ''};",
        ]
    lines.append("quit;")
    for name in ("total", *(("groups",) if parts.group else ())):
        lines += [
            f"data {name};",
            f"  set {name};",
            f"  RATE = {spec.per:g} * EVENTS / TIME;",
            f"  if EVENTS > 0 then LOWER = {spec.per:g} * cinv({tail:g}, 2 * EVENTS) / 2 / TIME;",
            "  else LOWER = 0;",
            f"  UPPER = {spec.per:g} * cinv({1 - tail:g}, 2 * EVENTS + 2) / 2 / TIME;",
            "run;",
            f"proc print data={name}; run;",
        ]
    return lines


def _agreement(spec: AgreementSpec, parts: AnalysisParts) -> list[str]:
    second = spec.second
    lines: list[str] = []
    if spec.other:
        keys = ("USUBJID", *spec.keys)
        equal = " and ".join(f"r.{k} = o.{k}" for k in keys)
        lines = [
            "proc sql;",
            "  create table pairs as",
            f"    select r.*, o.{spec.second} as SECOND from records as r",
            f"    inner join adam.{parts.dataset}(where=(PARAMCD = '{spec.other}')) as o on {equal};",
            "quit;",
        ]
        second = "SECOND"
    else:
        lines = ["data pairs;", "  set records;", "run;"]
    order = ", ".join(f"'{t}'" for t in spec.order)
    weights = {"none": "agree", "linear": "agree(wt=ca)", "quadratic": "agree(wt=fc)"}[spec.weights]
    lines += [
        "data pairs;",
        "  set pairs;",
        f"  ROW = whichc({spec.first}, {order});",
        f"  COLUMN = whichc({second}, {order});",
        "  if ROW > 0 and COLUMN > 0;",
        "run;",
    ]
    step = ["proc freq data=pairs;", f"  tables ROW*COLUMN / {weights} alpha={1 - spec.confidence:.6g};"]
    lines += [*step, "run;"]
    if parts.group:
        lines += [f"proc sort data=pairs; by {parts.group}; run;", step[0], f"  by {parts.group};", step[1], "run;"]
    return lines


def _shift(spec: ShiftSpec, parts: AnalysisParts) -> list[str]:
    variables = (spec.first, spec.second)
    group = (parts.group,) if parts.group else ()
    return [
        *_distinct(parts, variables),
        "proc freq data=records;",
        f"  tables {'*'.join(variables)} / missing;",
        *([f"  tables {'*'.join((*group, *variables))} / missing;"] if group else []),
        "run;",
    ]


def _waterfall(spec: WaterfallSpec, parts: AnalysisParts) -> list[str]:
    best = "min" if spec.best == "lowest" else "max"
    return [
        "proc means data=records noprint nway;",
        "  class USUBJID;",
        f"  var {spec.value};",
        f"  output out=best {best}=BEST;",
        "run;",
        "proc sort data=best; by descending BEST; run;",
        "proc print data=best; run;",
    ]


_WRITERS: dict[type[StatisticSpec], Callable[[Any, AnalysisParts], list[str]]] = {
    CountsSpec: _counts,
    ProportionSpec: _proportion,
    SummarySpec: _summary,
    KaplanMeierSpec: _kaplan_meier,
    CumulativeIncidenceSpec: _incidence,
    ChangeSpec: _change,
    OccurrencesSpec: _occurrences,
    RateSpec: _rate,
    AgreementSpec: _agreement,
    ShiftSpec: _shift,
    WaterfallSpec: _waterfall,
}
