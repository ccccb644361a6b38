"""The listing of tables and figures: each result with its method in words, its code in R and its code in SAS.

Plain ASCII text, as the listings of datasets (listing.py). Not for the code (analysis_code.py).
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Sequence

from ..engine.plan.displays import AnalysisResult, Display
from .analysis_code import CONTEXTS, Numeric, conditions_text, result_code
from .listing import WIDTH, ListingHead

#: the file in adam/programs; no dataset can have its name
FILE = "tables-figures.txt"
_NOTES = (
    "Each result has its records, its method and the code that computes it again in R and in SAS. The code is "
    "generated from the specification of the result.",
    "R: base functions and the package survival. A dataset is a data frame with its name in lower case; missing texts "
    "are NA.",
    "SAS: version 9.4. The datasets are in the library ADAM, sorted by USUBJID.",
)


def analyses_listing(
    displays: Sequence[Display], numeric: Numeric, head: ListingHead, plain: Callable[[str], str]
) -> bytes:
    """The listing as ASCII text with line feeds; b'' where no display has a statistic. ``plain``: a text in ASCII."""
    shown = [d for d in displays if any(r.statistic is not None for r in d.results)]
    if not shown:
        return b""
    lines = [
        f"TABLES AND FIGURES OF {head.study}",
        f"raw2adam {head.version}, as of {head.as_of}",
        "",
    ]
    for note in _NOTES:
        lines += textwrap.wrap(note, WIDTH)
    for display in shown:
        lines += ["", "=" * WIDTH, f"{display.id}  {display.name}: {display.description}", "=" * WIDTH]
        for result in display.results:
            if result.statistic is not None:
                lines += ["", *_result(display, result, numeric)]
    return "".join(f"{plain(line)}\n" for line in lines).encode("ascii")


def _result(display: Display, result: AnalysisResult, numeric: Numeric) -> Iterator[str]:
    yield f"{display.id} {result.id}  {result.description}"
    for part in result.datasets:
        where = f" where {conditions_text(part.where)}" if part.where else ""
        yield from textwrap.wrap(f"{part.dataset}{where}", WIDTH, initial_indent="  ", subsequent_indent="    ")
    yield from textwrap.wrap(result.documentation, WIDTH, initial_indent="  ", subsequent_indent="  ")
    for language in ("R", "SAS"):
        code = result_code(display, result, language, numeric)
        if code:
            yield ""
            yield f"  {CONTEXTS[language]}:"
            yield from (f"    {line}" for line in code.rstrip("\n").split("\n"))
