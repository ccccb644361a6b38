"""The list of records that the data cut-off removed or could not decide, as reports/data-cut.csv.

Not for cutting: engine/building/cutoff.py. Texts from the data that a spreadsheet would take for a formula get an
apostrophe.
"""

from __future__ import annotations

import csv
import io

import numpy as np

from ...engine.accounts.ledger import Ledger
from ...engine.columns import column as col
from ...engine.columns import verbs

HEADER = ("what", "file", "row", "subject", "dataset", "variable", "value")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def data_cut_csv(ledger: Ledger) -> bytes:
    """One line per record in UTF-8: what became of it, file, row, subject, dataset, variable and its date; sorted.

    Records of one raw row that are equal in all of these, such as the items of a form, are one line.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(HEADER)
    cuts = ledger.cuts
    if cuts:
        columns = [
            col.concat([col.constant(c.what.value, len(c.record)) for c in cuts]),
            col.concat([col.constant(c.file, len(c.record)) for c in cuts]),
            np.concatenate([c.record for c in cuts]),
            col.concat([col.text_column(c.subject) for c in cuts]),
            col.concat([col.constant(c.dataset, len(c.record)) for c in cuts]),
            col.concat([col.constant(c.variable, len(c.record)) for c in cuts]),
            col.concat([col.text_column(c.value) for c in cuts]),
        ]
        order = verbs.order_rows(columns)
        texts = [
            c[order].tolist() if isinstance(c, np.ndarray) else col.objects(col.map_text(c, _plain))[order].tolist()
            for c in columns
        ]
        writer.writerows(dict.fromkeys(zip(*texts, strict=True)))
    return out.getvalue().encode("utf-8")


def _plain(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text
