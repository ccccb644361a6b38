"""The lines that a command prints after a build: records, accounting, corrections, findings.

Not for the reports of the output folder (write_outputs.py) nor for printing (commands/).
"""

from __future__ import annotations

from collections.abc import Iterator

from ..findings.rule import SEVERITIES
from .run import Outcome


def summary_lines(outcome: Outcome) -> Iterator[str]:
    """What the run built, what became of the raw rows, and how many findings there are."""
    yield f"{outcome.study}: built into {outcome.out}"
    yield "  records: " + ", ".join(f"{n} {r}" for n, r in outcome.records.items())
    for name, account in outcome.ledger.sources.items():
        t = account.totals()
        yield (
            f"  {name} ({account.file}): {t['rows']} rows = {t['mapped']} mapped + {t['excluded']} excluded + "
            f"{t['merged']} merged + {t['quarantined']} quarantined"
            + (f" + {t['after_cutoff']} after the cut-off" if t["after_cutoff"] else "")
        )
    for name, account in outcome.ledger.sources.items():
        if account.corrected[0]:
            yield f"  {name}: {account.corrected[0]} rows corrected, {account.corrected[1]} cells"
        if account.totals()["quarantined"]:
            yield f"  quarantined rows of {name}: {outcome.out / 'quarantine' / f'{name}.csv'}"
    for line in outcome.existing:
        yield f"  {line}"
    counts = ", ".join(f"{outcome.findings.count(s)} {s}s" for s in SEVERITIES)
    yield f"  findings: {counts} (reports/findings.html)"
