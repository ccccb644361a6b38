"""The supplemental qualifiers that hold the further parts of a long text, with their names and lineage.

Source: SDTMIG 3.4 section 4.5.3. Not for cutting a text (text_parts.py) nor for choosing its place (long_text.py).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pandas as pd

from ..engine.columns import column as col
from ..engine.columns import verbs
from ..engine.tables.dataset import Dataset, Finished, Lineage, Reading, RuleUse, VariableMetadata
from ..errors import Place, SpecError, SpecProblem
from .supplemental import PARENT, QORIG, supplemental_spec, with_parent_identity
from .text_parts import LIMIT, LongTexts


def qualifier(name: str, number: int) -> str:
    """The QNAM of a further part: AETERM1. It replaces the last characters of a name of eight: AEACNOT1."""
    return f"{name[: 8 - len(str(number))]}{number}"


def qualifiers_of(supplemental: Finished | None) -> tuple[str, ...]:
    """The QNAMs that the spec of a domain declares."""
    values = supplemental.dataset.metadata.values if supplemental is not None else ()
    return tuple(t for value in values for check in value.where if check.variable == "QNAM" for t in check.values)


def refuse_taken(
    domain: str, taken: Iterable[str], qualifiers: tuple[str, ...], name: str, most: int, place: Place | None
) -> None:
    """SpecError where the QNAM of a further part is that of another value: two values would become one.

    ``taken``: variables of the domain, and names of further parts. ``qualifiers``: the QNAMs of the spec. Another
    qualifier whose parts would have the same names counts also without a long text: its long text may be in another
    partition.
    """
    parts = [qualifier(name, k) for k in range(1, most)]
    others = [q for q in qualifiers if q != name]
    alike = {qualifier(q, k): q for q in others for k in range(1, most)}
    for part in parts:
        if part in others or part in taken:
            owner = "that of another value"
        elif part in alike:
            owner = f"that of the next part of {alike[part]}"
        else:
            continue
        message = f"a text has more than {LIMIT} bytes, and the QNAM of its next part, {part}, is {owner} too"
        hint = "give one of the two another name, or shorten the text in its rule"
        raise SpecError([SpecProblem(place or Place(""), message, domain, name, hint)])


def with_qualifiers(supplemental: Finished | None, parent: Dataset, v: VariableMetadata, found: LongTexts) -> Finished:
    """The SUPP-- dataset with a record for each further part of a variable of its parent."""
    domain = parent.name
    parts = [_records_of_part(parent, v, found, k) for k in range(1, found.most)]
    known = supplemental.dataset.metadata.values if supplemental is not None else ()
    spec = supplemental_spec(f"SUPP{domain}", domain, parent.metadata.standard, known)
    spec = with_parent_identity(spec, parent.metadata)
    frames = [columns for _, columns in parts]
    if supplemental is not None:
        old = supplemental.dataset
        frames.insert(0, {n: pd.Series(old.frame[n]) for n in old.metadata.names})
    whole = {n: col.concat([f[n] for f in frames]) for n in spec.names}
    order = verbs.order_rows([whole[k] for k in spec.keys])
    data = {n: col.take(column, order) for n, column in whole.items()}
    lineage = _lineage(supplemental, parent, v, [at for at, _ in parts], order)
    return Finished(Dataset(spec, pd.DataFrame(data, index=pd.RangeIndex(len(order))), lineage), np.arange(len(order)))


def _records_of_part(
    parent: Dataset, v: VariableMetadata, found: LongTexts, number: int
) -> tuple[np.ndarray, dict[str, pd.Series]]:
    """(records of the parent, columns of SUPP--) of one further part of a variable."""
    sequence = "" if parent.name == "DM" else f"{parent.name[:2]}SEQ"
    values = found.part(number)
    at = np.flatnonzero(~col.missing(values))
    numbers = parent.frame[sequence].to_numpy(dtype="float64")[at] if sequence else np.full(len(at), np.nan)
    unique, inverse = np.unique(numbers, return_inverse=True)
    n = len(at)
    return at, {
        "STUDYID": col.take(pd.Series(parent.frame["STUDYID"]), at),
        "RDOMAIN": col.constant(parent.name, n),
        "USUBJID": col.take(pd.Series(parent.frame["USUBJID"]), at),
        "IDVAR": col.constant(sequence, n),
        "IDVARVAL": col.join_text(inverse, [col.number_text(x) for x in unique.tolist()]),
        "QNAM": col.constant(qualifier(v.name, number), n),
        "QLABEL": col.constant(v.label, n),
        "QVAL": col.take(values, at),
        "QORIG": col.constant(QORIG.get(v.origin.type, "CRF"), n),
        "QEVAL": col.constant("", n),
    }


def _lineage(
    supplemental: Finished | None,
    parent: Dataset,
    v: VariableMetadata,
    parts: list[np.ndarray],
    order: np.ndarray,
) -> Lineage | None:
    """The lineage of SUPP-- with the further parts; None where the parent has none. ``parts``: records of each part."""
    if parent.lineage is None:
        return None
    old = supplemental.dataset.lineage if supplemental is not None else None
    lines: list[pd.DataFrame] = [old.rows] if old is not None else []
    uses: list[RuleUse] = list(old.rules) if old is not None else []
    for at in parts:
        line = parent.lineage.rows.take(at).reset_index(drop=True)
        lines.append(line.assign(**{PARENT: at.astype("int32")}))
    sentence = f"the next part of {v.name}, which is longer than {LIMIT} bytes."
    for k in range(1, len(parts) + 1):
        name = qualifier(v.name, k)
        uses.append(RuleUse(name, -1, v.rule, f"{name} is {sentence}", (Reading(PARENT, parent.name, v.name),)))
    every = pd.concat(lines, ignore_index=True).fillna(-1).astype("int32").take(order).reset_index(drop=True)
    tables = {**(old.tables if old is not None else {}), **parent.lineage.tables, PARENT: parent.name}
    return Lineage(every, uses, parent.lineage.sources, tables, parent.lineage.columns)


def split_qualifiers(done: Finished, found: LongTexts, parent: list[str]) -> None:
    """A QVAL of more than 200 bytes goes on in a record with the next QNAM. ``parent``: variables of its domain."""
    dataset = done.dataset
    codes, names = col.split_text(pd.Series(dataset.frame["QNAM"]))
    places = {u.variable: u.place for u in dataset.lineage.rules} if dataset.lineage is not None else {}
    most = np.array([len(p) for p in found.parts])[found.codes]
    for code in np.unique(codes[found.records]).tolist():
        name = str(names[code])
        taken = {*parent, *(str(n) for n in names)}
        longest = int(most[codes == code].max())
        refuse_taken(dataset.name[4:], taken, qualifiers_of(done), name, longest, places.get(name))
    at, frames = [np.arange(len(dataset))], [{n: pd.Series(dataset.frame[n]) for n in dataset.metadata.names}]
    frames[0]["QVAL"] = found.part(0)
    for k in range(1, found.most):
        values = found.part(k)
        here = np.flatnonzero(~col.missing(values))
        piece = {n: col.take(pd.Series(dataset.frame[n]), here) for n in dataset.metadata.names}
        piece["QVAL"] = col.take(values, here)
        piece["QNAM"] = col.join_text(codes[here], [qualifier(str(n), k) for n in names])
        at.append(here)
        frames.append(piece)
    rows = np.concatenate(at)
    order = np.argsort(rows, kind="stable")
    data = {n: col.take(col.concat([f[n] for f in frames]), order) for n in dataset.metadata.names}
    lineage = dataset.lineage
    if lineage is not None:
        taken = lineage.rows.take(rows[order]).reset_index(drop=True)
        uses = list(lineage.rules)
        long = {str(names[c]) for c in np.unique(codes[found.records])}
        for use in lineage.rules:
            if use.variable in long:
                uses += [replace(use, variable=qualifier(use.variable, k)) for k in range(1, found.most)]
        lineage = Lineage(taken, uses, lineage.sources, lineage.tables, lineage.columns)
    done.dataset = Dataset(dataset.metadata, pd.DataFrame(data, index=pd.RangeIndex(len(order))), lineage)
    done.order = np.arange(len(order))
