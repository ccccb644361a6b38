"""The lengths and values of the datasets of a partition, from which all partitions together decide the metadata.

A Summary has the facts that all subjects decide together, so that the bytes written do not depend on the number of
partitions. Not for the metadata that one partition decides (dataset_metadata.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from ..columns import column as col
from ..columns import verbs
from ..columns.iso_types import ISO_TYPES, TIMES, iso_forms, iso_type
from ..columns.point_digits import digits_of, without_exponent
from ..standard import code_pairs, tabulation
from ..tables.dataset import Dataset, DatasetMetadata, Finished, VariableMetadata
from .code_levels import CodeFacts, CodeKey, code_facts, join_code_facts
from .value_levels import LevelFacts, LevelKey, join_facts, level_facts, settled_level

#: a variable with this many distinct values or more has no terms in the summary of the study
MANY_TERMS = 10_000
#: a variable without a codelist that has more distinct values has none of them in the summary; so has a pair
LISTED = 200


@dataclass
class Summary:
    """Facts about the datasets of a partition or of the study, by dataset and variable.

    ``widths``: longest text in bytes. ``terms``: values of variables with a codelist; ``values``: those of any
    other variable; ``pairs``: values of a variable with codes and of that with their texts; None for too many.
    ``fractions``: most digits after the point, 0 for whole numbers; ``wholes``: most digits before it. ``forms``:
    the forms of ISO 8601 texts. ``further``: variables that the longest text needs beside the first, COVAL1,
    COVAL2. ``gaps``: variables without a value in some record. ``filled``: variables with a value in some record,
    and the supplemental qualifiers with one by the name of their domain. ``study_values``: a value of all subjects,
    as far as these subjects decide it: (rule, first | last | count) -> text. ``levels``: dataset -> facts of its
    value-level definitions. ``codes``: dataset -> facts of its results by code. ``repeated``: datasets in which keys
    identify several records.
    """

    records: dict[str, int] = field(default_factory=dict)
    widths: dict[tuple[str, str], int] = field(default_factory=dict)
    terms: dict[tuple[str, str], frozenset[str]] = field(default_factory=dict)
    values: dict[tuple[str, str], frozenset[str] | None] = field(default_factory=dict)
    pairs: dict[tuple[str, str, str], frozenset[tuple[str, str]] | None] = field(default_factory=dict)
    fractions: dict[tuple[str, str], int] = field(default_factory=dict)
    wholes: dict[tuple[str, str], int] = field(default_factory=dict)
    forms: dict[tuple[str, str], frozenset[str]] = field(default_factory=dict)
    further: dict[tuple[str, str], int] = field(default_factory=dict)
    gaps: set[tuple[str, str]] = field(default_factory=set)
    filled: set[tuple[str, str]] = field(default_factory=set)
    repeated: set[str] = field(default_factory=set)
    study_values: dict[tuple[str, str], str] = field(default_factory=dict)
    levels: dict[str, dict[LevelKey, LevelFacts]] = field(default_factory=dict)
    codes: dict[str, dict[CodeKey, CodeFacts]] = field(default_factory=dict)


def summarise(finished: Mapping[str, Finished]) -> Summary:
    """The summary of one partition. The caller adds ``further`` and ``study_values``."""
    out, standard = Summary(), tabulation()
    for name, done in finished.items():
        dataset = done.dataset
        out.records[name] = len(dataset)
        out.levels[name] = level_facts(dataset)
        out.codes[name] = code_facts(dataset)
        if dataset.metadata.sequence and repeats_keys(dataset).any():
            out.repeated.add(name)
        for variable in dataset.metadata.variables:
            key = (name, variable.name)
            column = dataset.columns[variable.name]
            if variable.is_numeric:
                unique, gap = _different(column.to_numpy())
                values = _of_numbers(unique, gap, every=variable.codelist is not None)
                out.wholes[key], out.fractions[key] = digits_of(unique)
            else:
                values = _of_texts(column)
                out.widths[key] = max((len(t.encode()) for t in values.texts), default=0)
                if variable.type in ISO_TYPES:
                    out.forms[key] = iso_forms(values.texts, times=variable.type in TIMES)
            if variable.codelist is not None or variable.name == standard.qualifier:
                out.terms[key] = frozenset(values.texts)
            else:
                out.values[key] = frozenset(values.texts) if values.distinct <= LISTED else None
            if values.gap:
                out.gaps.add(key)
            if values.filled:
                out.filled.add(key)
            if variable.name == standard.qualifier:
                out.filled |= {(standard.qualified(name), t) for t in values.texts}
        for code, text in code_pairs(dataset.metadata.names, dataset.metadata.purpose):
            out.pairs[name, code, text] = _pairs(dataset, code, text)
    return out


def _pairs(dataset: Dataset, code: str, text: str) -> frozenset[tuple[str, str]] | None:
    """The different values of two variables in one record, where both are filled; None for more than LISTED."""
    (codes, code_texts), (texts, text_texts) = (_numbered(dataset.columns[name]) for name in (code, text))
    together = np.unique(codes.astype("int64") * max(len(text_texts), 1) + texts)
    found = ((code_texts[i // len(text_texts)], text_texts[i % len(text_texts)]) for i in together.tolist())
    filled = frozenset(pair for pair in found if all(pair))
    return filled if len(filled) <= LISTED else None


def _numbered(column: pd.Series) -> tuple[np.ndarray, list[str]]:
    """The value of each record as a position in the list of the different values, as texts; '' is missing."""
    if col.is_number(column):
        unique, positions = np.unique(col.floats(column), return_inverse=True)
        return positions, ["" if np.isnan(x) else without_exponent(x) for x in unique.tolist()]
    positions, texts = col.split_text(column)
    return np.asarray(positions), [str(t) for t in texts]


class _Values(NamedTuple):
    """The different values of a variable as texts, whether a record has none, and whether a record has one.

    ``distinct``: how many there are; ``texts`` of many numbers may be none.
    """

    texts: list[str]
    gap: bool
    filled: bool
    distinct: int


def _different(numbers: np.ndarray) -> tuple[np.ndarray, bool]:
    """The different numbers, ascending, and whether one is missing."""
    present = numbers[~np.isnan(numbers)]
    return np.unique(present), len(present) < len(numbers)


def _of_numbers(unique: np.ndarray, gap: bool, *, every: bool) -> _Values:
    """``unique``: the different numbers. ``every``: also the texts of many of them."""
    texts = [without_exponent(x) for x in unique.tolist()] if every or len(unique) <= LISTED else []
    return _Values(texts, gap, bool(len(unique)), len(unique))


def _of_texts(column: pd.Series) -> _Values:
    occurring = col.occurring(column)
    filled = [t for t in occurring if t]
    return _Values(filled, len(filled) < len(occurring), bool(filled), len(filled))


def merge(summaries: Sequence[Summary]) -> Summary:
    """The summary of the study; the order and number of partitions do not matter."""
    out = Summary()
    for part in summaries:
        for name, n in part.records.items():
            out.records[name] = out.records.get(name, 0) + n
        for key, text in part.study_values.items():
            out.study_values[key] = _together(key[1], out.study_values.get(key, ""), text)
        largest = (
            (out.widths, part.widths),
            (out.fractions, part.fractions),
            (out.wholes, part.wholes),
            (out.further, part.further),
        )
        for of_study, of_part in largest:
            for key, value in of_part.items():
                of_study[key] = max(of_study.get(key, 0), value)
        for name, facts in part.levels.items():
            out.levels[name] = join_facts(out.levels.get(name, {}), facts)
        for name, of_codes in part.codes.items():
            out.codes[name] = join_code_facts(out.codes.get(name, {}), of_codes)
        out.gaps |= part.gaps
        out.filled |= part.filled
        out.repeated |= part.repeated
        for of_study, of_part in ((out.terms, part.terms), (out.forms, part.forms)):
            for key, value in of_part.items():
                of_study[key] = of_study.get(key, frozenset()) | value
        for key, few in part.values.items():
            out.values[key] = _joined(out.values.get(key, frozenset()), few)
        for pair, values in part.pairs.items():
            out.pairs[pair] = _joined(out.pairs.get(pair, frozenset()), values)
    # only here, over all partitions: a study in one partition and in many must drop the same terms
    out.terms = {key: value for key, value in out.terms.items() if len(value) < MANY_TERMS}
    return out


def _joined(one: frozenset[Any] | None, other: frozenset[Any] | None) -> frozenset[Any] | None:
    """The values of two parts; None if one has too many, or both together."""
    if one is None or other is None or len(one | other) > LISTED:
        return None
    return one | other


def with_dataset(summary: Summary, dataset: Dataset) -> Summary:
    """The summary with new facts about one dataset, from all its records."""
    new = summarise({dataset.name: Finished(dataset, np.arange(len(dataset)))})
    return replace(
        summary,
        records={**summary.records, **new.records},
        levels={**summary.levels, **new.levels},
        codes={**summary.codes, **new.codes},
        widths={**summary.widths, **new.widths},
        terms={**summary.terms, **new.terms},
        values={**summary.values, **new.values},
        pairs={**summary.pairs, **new.pairs},
        fractions={**summary.fractions, **new.fractions},
        wholes={**summary.wholes, **new.wholes},
        forms={**summary.forms, **new.forms},
        gaps={key for key in summary.gaps if key[0] != dataset.name} | new.gaps,
        filled={key for key in summary.filled if key[0] != dataset.name} | new.filled,
    )


def _together(what: str, one: str, other: str) -> str:
    """Two parts of a value that all subjects decide: the first or last of the texts, or the sum of the counts."""
    if what == "count":
        return str(int(one or "0") + int(other or "0"))
    filled = [t for t in (one, other) if t]
    return (min(filled) if what == "first" else max(filled)) if filled else ""


def settle(
    specs: Mapping[str, DatasetMetadata], summary: Summary, existing: Mapping[str, int] | None = None
) -> dict[str, DatasetMetadata]:
    """Specs with final lengths and number types.

    A text variable is as long as its longest value in any dataset that has it, as the agencies ask; the standard names
    the exceptions. A variable with the name of one of the collected data is a copy of it, and at least as long;
    ``existing``: name -> length of those that exist already. A number is an integer when no value has a fraction; it
    has the digits of its values. A date has the data type of its values. ``gaps`` and ``empty`` are set from the
    records.
    """
    longest: dict[tuple[str, str], int] = {}
    for (dataset, name), width in summary.widths.items():
        if dataset in specs:
            longest[_pool(specs[dataset], name)] = max(longest.get(_pool(specs[dataset], name), 0), width)
    out = {}
    collected = dict(existing or {})
    standard = tabulation()
    for name, spec in sorted(specs.items(), key=lambda pair: pair[1].purpose != standard.purpose):  # stable
        is_collected = spec.purpose == standard.purpose
        at_least = {} if is_collected else collected
        variables = tuple(_settled(spec, v, summary, longest, at_least) for v in spec.variables)
        if is_collected and summary.records.get(name):
            for v in variables:
                if not v.is_numeric and not standard.separate_width(name, v.name):
                    collected[v.name] = max(collected.get(v.name, 0), v.length)
        by_name, facts = {v.name: v for v in variables}, summary.levels.get(name, {})
        values = tuple(
            settled_level(v, by_name[v.variable], facts.get((v.variable, v.where))) if v.variable in by_name else v
            for v in spec.values
        )
        out[name] = replace(spec, variables=variables, values=values, keys=_settled_keys(spec, summary))
    return {name: out[name] for name in specs}


def _settled_keys(spec: DatasetMetadata, summary: Summary) -> tuple[str, ...]:
    """The keys that have a value in some record, and the number of the record where they do not identify each."""
    if not summary.records.get(spec.name):
        return spec.keys
    filled = tuple(k for k in spec.keys if (spec.name, k) in summary.filled)
    more = (spec.sequence,) if spec.name in summary.repeated and spec.sequence not in filled else ()
    return filled + more


def repeats_keys(dataset: Dataset) -> np.ndarray:
    """Whether an earlier record has the keys of a record; a missing value equals another missing value."""
    keys = [dataset.columns[k] for k in dataset.metadata.keys if k in dataset.columns]
    if not keys or not len(dataset):
        return np.zeros(len(dataset), dtype=bool)
    return verbs.has_earlier(verbs.record_codes(keys))


def _pool(spec: DatasetMetadata, name: str) -> tuple[str, str]:
    """The key of all variables that have one length: those of a name in all datasets of a purpose, mostly."""
    alone = spec.name if tabulation().separate_width(spec.name, name) else ""
    return f"{spec.purpose}{alone}", name


def _settled(
    spec: DatasetMetadata,
    v: VariableMetadata,
    summary: Summary,
    longest: Mapping[tuple[str, str], int],
    at_least: Mapping[str, int],
) -> VariableMetadata:
    """``at_least``: name -> the length of the collected data that a text variable copies."""
    key = (spec.name, v.name)
    empty = summary.records.get(spec.name, 0) > 0 and key not in summary.filled
    found: dict[str, Any] = {"gaps": key in summary.gaps, "empty": empty}
    if not v.is_numeric:
        kind = iso_type(summary.forms.get(key, ())) or v.type
        length = max(v.length, longest.get(_pool(spec, v.name), 0), at_least.get(v.name, 0), 1)
        return v.settled(type=kind, length=length, **found)
    after = summary.fractions.get(key, 0)
    found |= {"length": 8, "whole_digits": summary.wholes.get(key, 0)}
    if after == 0 and v.digits is None:
        return v.settled(type="integer", **found)
    return v.settled(type="float", digits=max(v.digits or 0, after), **found)
