"""The comparison as plain text for a terminal or a log: per dataset the counts, then the first differences.

Not for the full lists: html_report.py and json_report.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .result import CellDifference, Comparison, DatasetResult, RecordsOfOneSide, RepeatedKeys
from .value_text import counted, difference_text, key_text, percent, shown


def text_report(comparison: Comparison, show: int = 20) -> str:
    """``show``: how many records and cells are printed for each dataset."""
    lines = [
        f"BASE     {comparison.base}",
        f"COMPARE  {comparison.compare}",
        f"numbers are equal where {comparison.options.method}"
        + (f"; not compared: {', '.join(sorted(comparison.options.ignore))}" if comparison.options.ignore else ""),
    ]
    for dataset in comparison.datasets:
        lines += ["", *_dataset(dataset, show)]
    lines += ["", *_accepted(comparison), verdict(comparison)]
    return "\n".join(lines)


def verdict(comparison: Comparison) -> str:
    """One sentence: equal or not, and in how many datasets."""
    differing = [d.name for d in comparison.datasets if d.differences]
    accepted = f"; {counted(comparison.accepted, 'difference')} accepted" if comparison.accepted else ""
    if not differing:
        return f"EQUAL: {counted(len(comparison.datasets), 'dataset')} compared{accepted}"
    return (
        f"DIFFERENT: {counted(comparison.differences, 'difference')} in {len(differing)} of "
        f"{counted(len(comparison.datasets), 'dataset')} ({', '.join(differing)}){accepted}"
    )


def attribute_sentence(kind: str, variable: str, base: str, compare: str) -> str:
    """One difference of attributes in words."""
    what = variable or "dataset"
    if kind in ("variable", "dataset"):
        side, kind_of = ("BASE", base) if base else ("COMPARE", compare)
        return f"{what} only in {side}" + (f" ({kind_of})" if kind == "variable" else "")
    return f"{what} {kind}: {shown(base)} -> {shown(compare)}"


def _dataset(result: DatasetResult, show: int) -> Iterator[str]:
    state = "different" if result.differences else "equal"
    yield f"{result.name}  {state}" + (
        f", {counted(result.accepted, 'difference')} accepted" if result.accepted else ""
    )
    sentences = [(attribute_sentence(a.kind, a.variable, a.base, a.compare), a.reason) for a in result.attributes]
    attributes = [f"  {_reasoned(*t)}" for t in sentences]
    if not (result.base_file and result.compare_file):
        yield from attributes
        return
    yield f"  {result.base_file}  against  {result.compare_file}"
    yield f"  key {', '.join(result.keys)} (from {result.keys_from})"
    yield (
        f"  records: {result.base_records:,} in BASE, {result.compare_records:,} in COMPARE, "
        f"{result.common:,} in both, {result.only_base.count:,} only in BASE, "
        f"{result.only_compare.count:,} only in COMPARE"
    )
    different = result.cells_different + result.cells_accepted
    yield (
        f"  cells: {result.cells_compared:,} compared, {different:,} different"
        + (f" ({result.cells_accepted:,} of them accepted)" if result.cells_accepted else "")
    )
    yield from (f"  note: {n}" for n in result.notes)
    for side, repeated in (("BASE", result.repeated_base), ("COMPARE", result.repeated_compare)):
        yield from _repeated(side, repeated, show)
    yield from attributes
    for side, records in (("BASE", result.only_base), ("COMPARE", result.only_compare)):
        yield from _records(side, records, show)
    yield from _variables(result)
    yield from _cells(result.cells, result.cells_different, show)


def _reasoned(text: str, reason: str) -> str:
    return f"{text}  [accepted: {reason}]" if reason else text


def _repeated(side: str, repeated: RepeatedKeys, show: int) -> Iterator[str]:
    if not repeated.keys:
        return
    problem = f"error: {counted(repeated.keys, 'key')} repeated in {side}, on {counted(repeated.records, 'record')}"
    yield f"  {_reasoned(problem, repeated.reason)}"
    for key, count in repeated.listed[: show or None]:
        yield f"    {key_text(key)}: {counted(count, 'record')}"
    yield from _more(repeated.keys, min(len(repeated.listed), show or repeated.keys))


def _records(side: str, records: RecordsOfOneSide, show: int) -> Iterator[str]:
    remaining = records.count - records.accepted
    if not remaining:
        return
    yield f"  {counted(remaining, 'record')} only in {side}:"
    listed = records.listed[: show or None]
    yield from (f"    {key_text(r.key)}" for r in listed)
    yield from _more(remaining, len(listed))


def _variables(result: DatasetResult) -> Iterator[str]:
    rows = [v for v in result.variables if v.different]
    if not rows:
        return
    heads = ("variable", "compared", "different", "accepted", "equal", "largest difference", "missing: BASE", "COMPARE")
    table = [heads]
    for v in rows:
        largest = "" if v.largest is None else f"{v.largest:.6g}"
        numbers = (f"{n:,}" for n in (v.base_missing, v.compare_missing))
        counts = (f"{v.compared:,}", f"{v.different:,}", f"{v.accepted:,}")
        table.append((v.name, *counts, percent(v.share_equal), largest, *numbers))
    widths = [max(len(r[i]) for r in table) for i in range(len(table[0]))]
    for name, *cells in table:
        yield "  ".join(["", name.ljust(widths[0]), *(c.rjust(w) for c, w in zip(cells, widths[1:], strict=True))])
    equal = len(result.variables) - len(rows)
    yield (
        f"  {counted(equal, 'other variable')} equal in every record" if equal else "  every variable differs somewhere"
    )


def _cells(cells: Sequence[CellDifference], total: int, show: int) -> Iterator[str]:
    if not total:
        return
    from .compare_datasets import shares

    names = list(dict.fromkeys(c.variable for c in cells))
    of = {n: [c for c in cells if c.variable == n] for n in names}
    for name, share in zip(names, shares([len(of[n]) for n in names], show), strict=True):
        for c in of[name][:share]:
            by = difference_text(c.base, c.compare)
            yield f"    {key_text(c.key)}: {name} {shown(c.base, c.format)} -> {shown(c.compare, c.format)}" + (
                f"  ({by})" if by else ""
            )
    yield from _more(total, min(len(cells), show or len(cells)))


def _more(total: int, listed: int) -> Iterator[str]:
    if total > listed:
        yield f"    ... and {total - listed:,} more"


def _accepted(comparison: Comparison) -> Iterator[str]:
    if not comparison.entries:
        return
    yield "accepted differences:"
    for entry in comparison.entries:
        count = f"{entry.took:,}" if entry.matched else "none, this entry is stale"
        also = f" (and {entry.matched - entry.took:,} that an earlier entry took)" if entry.matched > entry.took else ""
        yield f"  {entry.place}: {entry.text}: {count}{also}. {shown(entry.reason)[1:-1]}"
    yield ""
