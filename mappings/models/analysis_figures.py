"""Which statistics each kind of figure shows, and the mistakes of a display whose figure would be empty.

Not for drawing them (report/figures/).
"""

from __future__ import annotations

from collections.abc import Iterator

from ...errors import SpecProblem, nearest
from ..binding.bind import place_of
from .analysis import DisplaySpec
from .analysis_groups import DisplayGroups

_SURVIVAL = ("kaplan_meier", "cumulative_incidence")
#: kind of figure -> the verbs of the results that it shows, each in a panel; other results are in the table alone
FIGURE_VERBS: dict[str, tuple[str, ...]] = {
    "kaplan_meier": _SURVIVAL,
    "cumulative_incidence": _SURVIVAL,
    "means_by_visit": ("change",),
    "forest": ("proportion", "kaplan_meier"),
    "swimmer": ("swimmer",),
    "waterfall": ("waterfall",),
    "stacked_bars": ("counts",),
    "response_over_time": ("counts",),
    "bars": ("counts", "occurrences"),
    "tornado": ("counts", "occurrences"),
}


def figure_problems(display: DisplaySpec, groups: DisplayGroups) -> Iterator[SpecProblem]:
    """Why the figure of a display shows nothing, or not all of its results; each at its line."""
    kind = display.figure
    if kind is None:
        return
    verbs = FIGURE_VERBS[kind]
    drawn = {n: s for n, r in display.results.items() if (s := r.statistic) is not None and s.verb in verbs}
    if not drawn:
        message = f"figure: {kind} shows results with {' or '.join(f'{v}:' for v in verbs)}, and the display has none"
        yield SpecProblem(place_of(display, "figure"), message)
    elif kind == "forest" and not groups.subgroups:
        message = "figure: forest has a line for each of subgroups:, and the display has none"
        yield SpecProblem(place_of(display, "figure"), message)
    for number, name in enumerate(display.figure_results):
        if name not in drawn:
            message = f"the figure {kind} cannot show '{name}'; it can show {', '.join(drawn) or 'no result'}"
            place, hint = place_of(display, "figure_results", number), nearest(name, list(drawn))
            yield SpecProblem(place, message, hint=hint, refers_to=frozenset({name}))
    for name, statistic in drawn.items():
        if display.figure_results and name not in display.figure_results:
            continue
        by = getattr(statistic, "by", "")
        if kind == "forest" and by:
            message = f"figure: forest does not show the result {name}, which has by:; subgroups: are its lines"
            yield SpecProblem(place_of(statistic, "by"), message)
        if kind == "response_over_time" and not (by and getattr(statistic, "variable", "")):
            message = f"figure: {kind} shows the categories of variable: for each value of by:, and {name} lacks one"
            yield SpecProblem(place_of(statistic), message)
