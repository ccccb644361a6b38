"""How long the statistics of a million subjects take: Kaplan-Meier, cumulative incidence, descriptions.

Not a test: it prints seconds, the best of several runs, with times in days (many ties) and without ties.

    python benchmarks/statistics.py [subjects] [runs]
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import numpy as np
from raw2adam.statistics.description import describe_groups
from raw2adam.statistics.incidence import cumulative_incidence, incidence_at_times
from raw2adam.statistics.survival import at_times, kaplan_meier, quantile


def best(run: Callable[[], object], runs: int) -> float:
    """Seconds, best of ``runs``."""
    seconds = []
    for _ in range(runs):
        start = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def main() -> None:
    subjects = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    runs = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    draw = np.random.default_rng(16577)
    without_ties = draw.exponential(400, subjects)
    in_days = np.ceil(without_ties)
    cause = draw.choice(3, subjects, p=(0.4, 0.5, 0.1))
    event, codes = cause == 1, draw.integers(0, 3, subjects)
    landmarks = np.array([182.0, 365.0, 730.0])

    def survive(times: np.ndarray) -> None:
        curve = kaplan_meier(times, event)
        quantile(curve)
        at_times(curve, landmarks)

    seconds = {
        "Kaplan-Meier, times in days": best(lambda: survive(in_days), runs),
        "Kaplan-Meier, no ties": best(lambda: survive(without_ties), runs),
        "cumulative incidence, in days": best(
            lambda: incidence_at_times(cumulative_incidence(in_days, cause), landmarks), runs
        ),
        "cumulative incidence, no ties": best(
            lambda: incidence_at_times(cumulative_incidence(without_ties, cause), landmarks), runs
        ),
        "descriptions of 3 groups": best(lambda: describe_groups(without_ties, codes, 3), runs),
    }
    print(f"{subjects:,} subjects")
    for name, value in seconds.items():
        print(f"  {name:<36}{value:8.3f} s")


if __name__ == "__main__":
    main()
