# The statistics of samples by R, for tests/tools/compare_r.py:
#   Rscript compare_r.R SURVIVAL.csv NUMBERS.csv COUNTS.csv OUT.csv
# SURVIVAL: set,time,cause (0 censored, 1 event, 2 competing). NUMBERS: set,value. COUNTS: set,events,subjects,exposure.
# OUT: set,statistic,position,value

suppressPackageStartupMessages(library(survival))
files <- commandArgs(trailingOnly = TRUE)
rows <- list()

add <- function(set, statistic, values) {
  if (length(values) == 0) return(invisible())
  rows[[length(rows) + 1]] <<- data.frame(
    set = set, statistic = statistic, position = seq_along(values) - 1,
    value = ifelse(is.na(values), "", sprintf("%.17g", as.numeric(values)))
  )
}

curve <- function(set, prefix, time, event) {
  fit <- survfit(Surv(time, event) ~ 1, conf.type = "log-log")
  at <- fit$n.event > 0
  add(set, paste0(prefix, ".time"), fit$time[at])
  add(set, paste0(prefix, ".at_risk"), fit$n.risk[at])
  add(set, paste0(prefix, ".estimate"), fit$surv[at])
  greenwood <- fit$std.err * fit$surv
  add(set, paste0(prefix, ".error"), ifelse(fit$surv == 0, NA, greenwood)[at])
  add(set, paste0(prefix, ".lower"), fit$lower[at])
  add(set, paste0(prefix, ".upper"), fit$upper[at])
  q <- quantile(fit, c(0.25, 0.5, 0.75))
  for (limit in c("quantile", "lower", "upper")) add(set, paste0(prefix, ".quantile.", limit), q[[limit]])
  grid <- c(3, 6, 12, 18, 24)
  part <- summary(fit, times = grid, extend = TRUE)
  add(set, paste0(prefix, ".grid.at_risk"), part$n.risk)
  inside <- grid <= max(time)
  add(set, paste0(prefix, ".grid.estimate"), ifelse(inside | part$surv == 0, part$surv, NA))
}

survival <- read.csv(files[1])
for (set in unique(survival$set)) {
  d <- survival[survival$set == set, ]
  curve(set, "km", d$time, d$cause == 1)
  curve(set, "followup", d$time, d$cause != 1)
  if (any(d$cause == 1) && any(d$cause == 2)) {
    fit <- survfit(Surv(d$time, factor(d$cause, 0:2)) ~ 1, conf.type = "log-log", influence = FALSE)
    at <- rowSums(fit$n.event[, 2:3, drop = FALSE]) > 0
    add(set, "incidence.time", fit$time[at])
    add(set, "incidence.estimate", fit$pstate[at, 2])
    add(set, "incidence.error", fit$std.err[at, 2])
    add(set, "incidence.lower", ifelse(fit$pstate[, 2] %in% c(0, 1), NA, fit$lower[, 2])[at])
    add(set, "incidence.upper", ifelse(fit$pstate[, 2] %in% c(0, 1), NA, fit$upper[, 2])[at])
  }
}

numbers <- read.csv(files[2])
for (set in unique(numbers$set)) {
  x <- numbers$value[numbers$set == set]
  add(set, "describe.mean", mean(x))
  add(set, "describe.sd", sd(x))
  add(set, "describe.quartiles", quantile(x, c(0.25, 0.5, 0.75), type = 2))
  add(set, "describe.range", range(x))
  limits <- if (length(x) > 1 && sd(x) > 0) t.test(x)$conf.int else rep(if (length(x) > 1) mean(x) else NA, 2)
  add(set, "describe.limits", limits)
}

counts <- read.csv(files[3])
for (i in seq_len(nrow(counts))) {
  d <- counts[i, ]
  add(d$set, "proportion.limits", binom.test(d$events, d$subjects)$conf.int)
  add(d$set, "rate.limits", 100 * poisson.test(d$events, d$exposure)$conf.int)
}

write.csv(do.call(rbind, rows), files[4], row.names = FALSE, quote = FALSE)
