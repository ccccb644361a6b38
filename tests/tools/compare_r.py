"""The statistics of raw2adam against R (package survival) on random samples and edge cases; run by hand, needs Rscript.

    python tests/tools/compare_r.py [SAMPLES] [--seed SEED]

The published samples are those of the package: aml, colon, lung, mgus2, veteran. It prints, for each statistic, the values compared, how many are missing in one of the two alone, and the largest
difference: absolute for probabilities and their limits, relative for the others. It fails on a difference above 1e-8.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from raw2adam.statistics.description import describe
from raw2adam.statistics.incidence import cumulative_incidence
from raw2adam.statistics.proportions import clopper_pearson
from raw2adam.statistics.rates import incidence_rate
from raw2adam.statistics.survival import at_times, follow_up, kaplan_meier, quantile

GRID = np.array([3.0, 6.0, 12.0, 18.0, 24.0])
LIMIT = 1e-8
#: survival samples that random draws meet rarely: (time, cause)
EDGES = {
    "one-event": ([3], [1]),
    "one-censored": ([3], [0]),
    "all-censored": ([2, 5, 5, 9], [0, 0, 0, 0]),
    "all-events": ([1, 2, 3, 4], [1, 1, 1, 1]),
    "all-at-once": ([4, 4, 4], [1, 1, 1]),
    "flat-at-half": ([1, 2, 5, 7], [1, 1, 1, 1]),
    "flat-to-the-end": ([1, 2, 3, 8], [1, 1, 0, 0]),
    "event-and-censoring-tied": ([2, 2, 2, 6, 6, 9], [1, 0, 1, 0, 1, 0]),
    "time-zero": ([0, 0, 1, 3], [1, 0, 1, 0]),
    "last-is-competing": ([1, 2, 3, 4], [1, 2, 1, 2]),
    "only-competing": ([1, 2, 3, 4], [2, 2, 0, 2]),
}


#: published samples: name -> time, cause, as R writes them
PUBLISHED = {
    "aml": ("aml$time", "aml$status"),
    "aml-maintained": ("aml$time[aml$x == 'Maintained']", "aml$status[aml$x == 'Maintained']"),
    "lung": ("lung$time", "as.integer(lung$status == 2)"),
    "veteran": ("veteran$time", "veteran$status"),
    "colon-death": ("colon$time[colon$etype == 2]", "colon$status[colon$etype == 2]"),
    "mgus2": ("with(mgus2, ifelse(pstat == 1, ptime, futime))", "with(mgus2, ifelse(pstat == 1, 1, 2 * death))"),
}


def published() -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """(name, times, causes) of the published samples."""
    for name, (time, cause) in PUBLISHED.items():
        code = f"suppressPackageStartupMessages(library(survival)); write.csv(data.frame({time}, {cause}), row.names = FALSE)"
        done = subprocess.run(["Rscript", "--vanilla", "-e", code], check=True, capture_output=True, text=True)
        rows = np.loadtxt(done.stdout.splitlines()[1:], delimiter=",")
        yield name, rows[:, 0], rows[:, 1].astype(int)


def survival_samples(samples: int, draw: np.random.Generator) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """(name, times, causes): the edges, then samples of 1 to 400 subjects with many ties, some or none."""
    for name, (time, cause) in EDGES.items():
        yield name, np.asarray(time, dtype=float), np.asarray(cause)
    for i in range(samples):
        n = int(np.exp(draw.uniform(0, np.log(400))))
        time = draw.exponential(draw.uniform(3, 30), n)
        unit = (0, 1, 30.4375)[i % 3]
        if unit:
            time = np.ceil(time * unit) / unit
        yield f"random-{i}", time, draw.choice(3, n, p=draw.dirichlet((1, 2, 1)))


def of_curve(prefix: str, curve, time: np.ndarray) -> dict[str, np.ndarray]:
    """The values of a Kaplan-Meier estimate, by the names that compare_r.R uses."""
    grid = at_times(curve, GRID)
    quartiles = [quantile(curve, share) for share in (0.25, 0.5, 0.75)]
    return {
        f"{prefix}.time": curve.time,
        f"{prefix}.at_risk": curve.at_risk,
        f"{prefix}.estimate": curve.estimate,
        f"{prefix}.error": curve.error,
        f"{prefix}.lower": curve.lower,
        f"{prefix}.upper": curve.upper,
        f"{prefix}.quantile.quantile": np.array([q.time for q in quartiles]),
        f"{prefix}.quantile.lower": np.array([q.lower for q in quartiles]),
        f"{prefix}.quantile.upper": np.array([q.upper for q in quartiles]),
        f"{prefix}.grid.at_risk": grid.at_risk,
        f"{prefix}.grid.estimate": grid.estimate,
    }


def of_incidence(time: np.ndarray, cause: np.ndarray) -> dict[str, np.ndarray]:
    """The values of a cumulative incidence; none without both kinds of events, for which R has another kind of curve."""
    if not {1, 2} <= set(cause.tolist()):
        return {}
    curve = cumulative_incidence(time, cause)
    return {f"incidence.{n}": getattr(curve, n) for n in ("time", "estimate", "error", "lower", "upper")}


def of_numbers(values: np.ndarray) -> dict[str, np.ndarray]:
    """The description of numbers."""
    d = describe(values)
    return {
        "describe.mean": np.array([d.mean]),
        "describe.sd": np.array([d.sd]),
        "describe.quartiles": np.array([d.q1, d.median, d.q3]),
        "describe.range": np.array([d.minimum, d.maximum]),
        "describe.limits": np.array([d.lower, d.upper]),
    }


def of_counts(events: int, subjects: int, exposure: float) -> dict[str, np.ndarray]:
    """The limits of a proportion and of a rate."""
    rate = incidence_rate(events, exposure)
    return {
        "proportion.limits": np.array(clopper_pearson(events, subjects)).ravel(),
        "rate.limits": np.array([rate.lower, rate.upper]).ravel(),
    }


def by_r(survival: list, numbers: list, counts: list) -> pd.DataFrame:
    """What R computes: set, statistic, position, value."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / f"{name}.csv" for name in ("survival", "numbers", "counts", "out")]
        pd.concat([pd.DataFrame({"set": n, "time": t, "cause": c}) for n, t, c in survival]).to_csv(
            paths[0], index=False
        )
        pd.concat([pd.DataFrame({"set": n, "value": v}) for n, v in numbers]).to_csv(paths[1], index=False)
        pd.DataFrame(counts, columns=["set", "events", "subjects", "exposure"]).to_csv(paths[2], index=False)
        script = Path(__file__).with_suffix(".R")
        subprocess.run(["Rscript", "--vanilla", script, *paths], check=True)
        return pd.read_csv(paths[3])


def ours(survival: list, numbers: list, counts: list) -> pd.DataFrame:
    """The same by raw2adam."""
    rows = []
    for name, time, cause in survival:
        found = of_curve("km", kaplan_meier(time, cause == 1), time)
        found |= of_curve("followup", follow_up(time, cause == 1), time)
        rows += [(name, key, values) for key, values in (found | of_incidence(time, cause)).items()]
    rows += [(name, key, values) for name, sample in numbers for key, values in of_numbers(sample).items()]
    rows += [(name, key, values) for name, *sample in counts for key, values in of_counts(*sample).items()]
    return pd.DataFrame(
        [(n, k, i, v) for n, k, values in rows for i, v in enumerate(values.tolist())],
        columns=["set", "statistic", "position", "value"],
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("samples", nargs="?", type=int, default=600)
    parser.add_argument("--seed", type=int, default=16577)
    options = parser.parse_args()
    draw = np.random.default_rng(options.seed)
    survival = [*published(), *survival_samples(options.samples, draw)]
    numbers = [
        (f"numbers-{i}", np.round(draw.normal(50, 20, draw.integers(1, 60)), i % 3)) for i in range(options.samples)
    ]
    counts = [
        (f"counts-{i}", int(draw.integers(0, n + 1)), n, float(draw.uniform(0.1, 400)))
        for i, n in enumerate(draw.integers(1, 1300, options.samples).tolist())
    ]
    samples = (survival, numbers, counts)
    both = ours(*samples).merge(by_r(*samples), on=["set", "statistic", "position"], how="outer", suffixes=("", "_r"))
    mine, theirs = both["value"].to_numpy(float), both["value_r"].to_numpy(float)
    both["alone"] = np.isnan(mine) != np.isnan(theirs)
    both["difference"] = np.abs(mine - theirs) / np.maximum(1, np.abs(theirs))
    table = both.groupby("statistic").agg(
        values=("value", "size"),
        both_missing=("value", lambda v: int(v.isna().sum())),
        missing_in_one=("alone", "sum"),
        largest_difference=("difference", "max"),
    )
    print(f"{len(survival)} survival samples, {len(numbers)} samples of numbers, {len(counts)} pairs of counts")
    print(table.to_string(float_format=lambda v: f"{v:.1e}"))
    wrong = both[both["alone"] | (both["difference"] > LIMIT)]
    if len(wrong):
        print(wrong.head(40).to_string())
        sys.exit(1)


if __name__ == "__main__":
    main()
