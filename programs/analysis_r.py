"""The statements in R of the statistics of analyses: base R and survival.

A dataset is a data frame with its name in lower case, in which a missing text is NA. Not for SAS (analysis_sas.py).
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
    """The statements of a statistic. Raises NoEqual for one without an equal in R."""
    if type(spec) not in _WRITERS:
        raise NoEqual
    before, body = _WRITERS[type(spec)](spec, parts)
    lines = [*_selection(parts), *before, "result <- lapply(groups, function(ids) {"]
    lines += ["  r <- records[records$USUBJID %in% ids, ]", *(f"  {line}" for line in body), "})"]
    return "\n".join([*lines, "print(result)"]) + "\n"


def _selection(parts: AnalysisParts) -> list[str]:
    names = ", ".join(f'"{n}"' for n in ("USUBJID", *parts.kept))
    subjects = f"subset({parts.population}, {parts.subjects})" if parts.subjects else parts.population
    lines = [f"population <- {subjects}"]
    if parts.of_subjects:
        lines.append(f"records <- subset(population, {parts.records})" if parts.records else "records <- population")
    else:
        records = f"subset({parts.dataset}, {parts.records})" if parts.records else parts.dataset
        lines.append(f"kept <- c({names})")
        lines.append(f"records <- {records}")
        lines.append('records <- merge(records[c("USUBJID", setdiff(names(records), kept))], population[kept])')
    total = "list(Total = population$USUBJID)"
    groups = f"split(population$USUBJID, population${parts.group})"
    return [*lines, f"groups <- c({total}, {groups})" if parts.group else f"groups <- {total}"]


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(f'"{n}"' for n in names)


def _counts(spec: CountsSpec, parts: AnalysisParts) -> tuple[list[str], list[str]]:
    if spec.conditions:
        body = ["n <- function(rows) length(unique(r$USUBJID[which(rows)]))", "c("]
        items = [f"  {_text(k)} = n(with(r, {parts.condition(f'conditions.{k}')}))" for k in spec.conditions]
        return [], [*body, *(f"{i}," for i in items[:-1]), items[-1], ")"]
    variables = (*((spec.by,) if spec.by else ()), spec.variable)
    body = [f'n <- table(unique(r[c("USUBJID", {_listed(variables)})])[c({_listed(variables)})])']
    if spec.percent_of == "population":
        return [], [*body, "list(n = n, percent = 100 * n / length(ids))"]
    of = f'unique(r[c("USUBJID", {_listed((spec.by,))})])${spec.by}' if spec.by else ""
    total = f"as.vector(table({of}))" if spec.by else "length(unique(r$USUBJID))"
    return [], [*body, f"list(n = n, percent = 100 * n / {total})"]


def _text(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _proportion(spec: ProportionSpec, parts: AnalysisParts) -> tuple[list[str], list[str]]:
    condition = parts.condition("condition")
    total = "length(ids)" if spec.percent_of == "population" else "length(unique(v$USUBJID))"
    body = [
        "exact <- function(v) {",
        f"  x <- length(unique(v$USUBJID[which(with(v, {condition}))]))",
        f"  n <- {total}",
        f"  if (n > 0) c(n = x, N = n, percent = 100 * x / n, 100 * binom.test(x, n, conf.level = {spec.confidence:g})"
        "$conf.int)",
        "}",
    ]
    return [], [*body, f"lapply(split(r, r${spec.by}), exact)" if spec.by else "exact(r)"]


def _summary(spec: SummarySpec, parts: AnalysisParts) -> tuple[list[str], list[str]]:
    body = [
        "describe <- function(x) c(n = sum(!is.na(x)), mean = mean(x, na.rm = TRUE), sd = sd(x, na.rm = TRUE),",
        "  quantile(x, c(0, 0.25, 0.5, 0.75, 1), type = 2, na.rm = TRUE))",
    ]
    value = f"r${spec.variable}"
    return [], [*body, f"tapply({value}, r${spec.by}, describe)" if spec.by else f"describe({value})"]


def _timed(spec: KaplanMeierSpec | CumulativeIncidenceSpec) -> list[str]:
    factor = DAYS[spec.unit] / DAYS[spec.measured_in]
    divided = "" if factor == 1 else f" / {factor:.10g}"
    return ["library(survival)", f"records$TIME <- records${spec.time}{divided}"]


def _kaplan_meier(spec: KaplanMeierSpec, parts: AnalysisParts) -> tuple[list[str], list[str]]:
    before = [*_timed(spec), f"records$EVENT <- as.numeric(with(records, {parts.condition('event')}))"]
    options = f'conf.type = "log-log", conf.int = {spec.confidence:g}'
    probabilities = "c(0.25, 0.5, 0.75)" if spec.quartiles else "0.5"
    body = [
        "if (nrow(r) == 0) return(NULL)",
        f"fit <- survfit(Surv(TIME, EVENT) ~ 1, data = r, {options})",
        f"found <- list(n = fit$n, events = sum(fit$n.event), quantiles = quantile(fit, {probabilities}))",
    ]
    if spec.landmarks:
        times = ", ".join(f"{t:g}" for t in spec.landmarks)
        body.append(f"found$rates <- summary(fit, times = c({times}), extend = TRUE)")
    if spec.follow_up:
        body.append(f"found$follow_up <- quantile(survfit(Surv(TIME, 1 - EVENT) ~ 1, data = r, {options}), 0.5)")
    return before, [*body, "found"]


def _incidence(spec: CumulativeIncidenceSpec, parts: AnalysisParts) -> tuple[list[str], list[str]]:
    before = [
        *_timed(spec),
        f"event <- with(records, {parts.condition('event')}) %in% TRUE",
        f"competing <- with(records, {parts.condition('competing')}) %in% TRUE & !event",
        'records$STATUS <- factor(ifelse(event, 1, ifelse(competing, 2, 0)), 0:2, c("censored", "event", "competing"))',
    ]
    times = ", ".join(f"{t:g}" for t in spec.landmarks) or "12"
    body = [
        "if (nrow(r) == 0) return(NULL)",
        f'fit <- survfit(Surv(TIME, STATUS) ~ 1, data = r, conf.type = "log-log", conf.int = {spec.confidence:g})',
        f"summary(fit, times = c({times}), extend = TRUE)",
    ]
    return before, body


def _change(spec: ChangeSpec, parts: AnalysisParts) -> tuple[list[str], list[str]]:
    body = [
        "interval <- function(x) {",
        "  x <- x[!is.na(x)]",
        f"  t <- if (length(x) > 1) qt({(1 + spec.confidence) / 2:g}, length(x) - 1) else NA",
        "  half <- t * sd(x) / sqrt(length(x))",
        "  c(n = length(x), mean = mean(x), lower = mean(x) - half, upper = mean(x) + half)",
        "}",
        f"list(value = tapply(r${spec.value}, r${spec.order}, interval),",
        f"  change = tapply(r${spec.change}, r${spec.order}, interval))",
    ]
    return [], body


def _occurrences(spec: OccurrencesSpec, parts: AnalysisParts) -> tuple[list[str], list[str]]:
    body = [
        "found <- list(any = c(subjects = length(unique(r$USUBJID)), events = nrow(r), N = length(ids)))",
    ]
    for depth, name in enumerate(spec.terms):
        terms = spec.terms[: depth + 1]
        body.append(f'subjects <- as.data.frame(table(unique(r[c("USUBJID", {_listed(terms)})])[c({_listed(terms)})]))')
        body.append(f"events <- as.data.frame(table(r[c({_listed(terms)})]))")
        body.append(f"found${name} <- cbind(subset(subjects, Freq > 0), events = subset(events, Freq > 0)$Freq)")
    if spec.grade:
        order = ", ".join(_text(g) for g in spec.grade_order)
        last = spec.terms[-1]
        body.append(f"r$WORST <- as.integer(factor(r${spec.grade}, c({order})))")
        body.append(f"worst <- aggregate(WORST ~ USUBJID + {last}, r, max)")
        body.append(f"found$worst <- table(worst[c({_listed((last, 'WORST'))})])")
    return [], [*body, "found"]


def _rate(spec: RateSpec, parts: AnalysisParts) -> tuple[list[str], list[str]]:
    factor = DAYS[spec.unit] / DAYS[spec.measured_in]
    divided = "" if factor == 1 else f" / {factor:.10g}"
    body = [
        f"time <- sum(population${spec.exposure}[population$USUBJID %in% ids], na.rm = TRUE){divided}",
        f"exact <- poisson.test(nrow(r), time, conf.level = {spec.confidence:g})",
        f"{spec.per:g} * c(rate = unname(exact$estimate), exact$conf.int)",
    ]
    return [], body


def _agreement(spec: AgreementSpec, parts: AnalysisParts) -> tuple[list[str], list[str]]:
    order = ", ".join(_text(t) for t in spec.order)
    first, second = spec.first, spec.second
    before: list[str] = []
    if spec.other:
        keys = _listed(("USUBJID", *spec.keys))
        before = [
            f'other <- subset({parts.dataset}, PARAMCD == "{spec.other}")[c({keys}, "{second}")]',
            'names(other)[ncol(other)] <- "SECOND"',
            "records <- merge(records, other)",
        ]
        second = "SECOND"
    body = [
        f"counts <- table(factor(r${first}, c({order})), factor(r${second}, c({order})))",
        "p <- counts / sum(counts)",
        f'distance <- abs(outer(1:{len(spec.order)}, 1:{len(spec.order)}, "-"))',
        {"none": "weight <- distance > 0", "linear": "weight <- distance", "quadratic": "weight <- distance^2"}[
            spec.weights
        ],
        "expected <- outer(rowSums(p), colSums(p))",
        "list(counts = counts, kappa = 1 - sum(weight * p) / sum(weight * expected))",
    ]
    return before, body


def _shift(spec: ShiftSpec, parts: AnalysisParts) -> tuple[list[str], list[str]]:
    order = ", ".join(_text(t) for t in spec.order)
    pairs = f'unique(r[c("USUBJID", "{spec.first}", "{spec.second}")])'
    body = [
        f"pairs <- {pairs}",
        f'table(factor(pairs${spec.first}, c({order})), factor(pairs${spec.second}, c({order})), useNA = "ifany")',
    ]
    return [], body


def _waterfall(spec: WaterfallSpec, parts: AnalysisParts) -> tuple[list[str], list[str]]:
    best = "min" if spec.best == "lowest" else "max"
    return [], [f"sort(tapply(r${spec.value}, r$USUBJID, {best}, na.rm = TRUE), decreasing = TRUE)"]


_WRITERS: dict[type[StatisticSpec], Callable[[Any, AnalysisParts], tuple[list[str], list[str]]]] = {
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
