"""The site and country of a raw row or subject, and the name by which a site knows the form of a source.

Not for the subject of a row: identity.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from ...mappings.models.study import StudySpec
from ...mappings.models.template import field_of, parse_template
from ...sources.table import RawTable
from ..columns import column as col
from ..columns import verbs
from ..columns.filled_template import fill_template
from ..tables.table import stripped


@dataclass
class Sites:
    """``rows``: source -> (data records, sites) of its table; ``subjects``: USUBJID -> (site, SUBJID).

    ``countries``: of sites. ``forms``: source -> form, the file and the part of it that the source reads; sources that
    read the same rows have one form, so that a site has one query about a cell.
    """

    rows: dict[str, tuple[np.ndarray, np.ndarray]] = field(default_factory=dict)
    subjects: dict[str, tuple[str, str]] = field(default_factory=dict)
    countries: dict[str, str] = field(default_factory=dict)
    forms: dict[str, str] = field(default_factory=dict)

    def of_rows(self, source: str, rows: np.ndarray) -> np.ndarray:
        """The site of each data record, from the source, else from another source of the form; '' if none has it."""
        form = self.forms.get(source, "")
        same = [n for n in self.rows if n != source and form and self.forms.get(n) == form]
        out = np.full(len(rows), "", dtype=object)
        for record, site in (self.rows[n] for n in (source, *same) if n in self.rows):
            at = np.searchsorted(record, rows)
            found = at < len(record)
            found[found] = record[at[found]] == rows[found]
            found &= out == ""
            out[found] = np.asarray(site, dtype=object)[at[found]]
        return out


def country_column(study: StudySpec) -> tuple[str, str]:
    """(source, column) of the country of a site: ``country:`` of subject:, else of the date formats; or ('', '')."""
    named = study.subject.country or study.dates.by or ""
    source, dot, column = named.partition(".")
    return (source, column) if dot and source in study.sources else ("", "")


#: settings of a source that do not decide which rows of its file are read
_MEANING = {
    "subject", "dates", "numbers", "duplicates", "key", "person", "required", "empty", "codes", "plausible", "items",
    "origin", "not_submitted", "cutoff", "optional", "file",
}  # fmt: skip


def forms_of(study: StudySpec, tables: Mapping[str, RawTable]) -> dict[str, str]:
    """Source -> its form in words: the file, and the sheet, form, item group or instrument that it reads.

    Sources that read the same rows in the same way have one form; any two others have different ones.
    """
    known: dict[str, str] = {}  # form -> how its rows are read
    out = {}
    for name, raw in tables.items():
        spec = study.sources[name]
        parts = {"sheet": spec.sheet, "form": spec.form, "item group": spec.item_group, "instrument": spec.instrument}
        form = ", ".join([raw.file, *(f"{what} {part}" for what, part in parts.items() if part)])
        read = spec.model_dump_json(exclude=_MEANING)
        if known.setdefault(form, read) != read:
            form = f"{form}, source {name}"
        out[name] = form
    return out


def site_directory(
    study: StudySpec, tables: Mapping[str, RawTable], identity: Mapping[str, Mapping[str, pd.Series]]
) -> Sites:
    """The sites of rows and subjects. The site of a subject is the lowest in the first source that has the subject."""
    sites = Sites(forms=forms_of(study, tables))
    for name, raw in tables.items():
        parts = identity[name]
        if not raw.present or "SITEID" not in parts:
            continue
        site = col.objects(parts["SITEID"])
        sites.rows[name] = raw.record, site
        if not len(raw):
            continue
        codes, texts = col.split_text(parts["USUBJID"])
        by_value = verbs.value_order([parts["SITEID"], parts["SUBJID"]])
        first = col.first_positions(codes[by_value], len(texts))
        first = np.where(first < 0, -1, by_value[np.maximum(first, 0)])
        short = col.objects(col.take(parts["SUBJID"], np.maximum(first, 0)))
        for subject, at, subjid in zip(texts.tolist(), first.tolist(), short, strict=True):
            if subject and at >= 0:
                sites.subjects.setdefault(subject, (str(site[at]), str(subjid)))
    source, column = country_column(study)
    raw = tables.get(source)
    if raw is not None and raw.present and column in raw.frame.columns:
        of_rows = _site_column(study, raw, identity[source])
        if of_rows is not None:
            countries = col.objects(stripped(raw.frame[column]))
            for site, country in sorted(set(zip(col.objects(of_rows).tolist(), countries.tolist(), strict=True))):
                if site and country:
                    sites.countries.setdefault(site, country)
    return sites


def _site_column(study: StudySpec, raw: RawTable, parts: Mapping[str, pd.Series]) -> pd.Series | None:
    """SITEID of the rows of a table, also of sites without subjects; None if it cannot be derived."""
    if "SITEID" in parts:
        return parts["SITEID"]
    subject = study.subject
    names = subject.names
    template = parse_template(subject.siteid or field_of(names[0]))
    if any(n not in raw.frame.columns for n in template.names):
        return None
    return fill_template(template, {n: stripped(raw.frame[n]) for n in template.names}, len(raw))
