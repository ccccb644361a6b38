"""Fills a template with the cells of columns, one time per combination of cells.

Not for reading a template (mappings/models/template.py).
"""

from __future__ import annotations

import pandas as pd

from ...mappings.models.template import Template
from . import column as col


def fill_template(template: Template, columns: dict[str, pd.Series], n: int) -> pd.Series:
    """A template filled for every record; '' where any of its columns is missing."""
    if not template.names:
        return col.constant(template.text, n)
    names = template.names
    keys = [col.split_text(col.as_text(columns[name])) for name in names]
    if len(keys) == 1:
        codes, cells = keys[0][0], [keys[0][1]]
    else:
        codes, size = col.combined([(c, len(texts)) for c, texts in keys], n)
        first = col.first_positions(codes, size)
        cells = [texts[c[first]] if len(texts) else texts for c, texts in keys]
    place = {name: i for i, name in enumerate(names)}
    parts = [(p.text, place.get(p.name, -1), p.width) for p in template.parts]
    out = []
    for row in zip(*cells, strict=True):
        filled = all(row)
        out.append(
            "".join(text if at < 0 else row[at].rjust(width, "0") for text, at, width in parts) if filled else ""
        )
    return col.join_text(codes, out)
