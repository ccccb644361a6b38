"""Text longer than XPT holds (200 bytes): the first part stays, the rest goes where the standard puts it.

SDTMIG 3.4 section 4.5.3: COVAL1, COVAL2 ... and TSVAL1, TSVAL2 ... in the dataset itself; of any other variable SUPP--
records whose QNAM is the variable's name and a number; a long QVAL likewise. Text is cut between words. Where a
dataset has no SUPP-- (ADaM, trial design), the first part alone is written, and a finding has the whole.

``split_text`` and ``join_parts`` are each other's inverse. Not for letters beyond ASCII: transport/ascii_text.py does
those first, since a letter may become several bytes.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from ..engine.building.stored_partitions import Parts
from ..engine.columns import column as col
from ..engine.plan.plan import PlannedStudy
from ..engine.tables.dataset import (
    SAME_RECORD,
    Dataset,
    DatasetMetadata,
    Finished,
    Lineage,
    Reading,
    RuleUse,
    VariableMetadata,
)
from ..errors import Place, SpecError, SpecProblem
from ..findings.table import Findings
from .supplemental import PARENT, QORIG, supplemental_spec

CONTINUED, SHORTENED = "R2A-TEXT-003", "R2A-TEXT-004"
LIMIT = 200
#: variables whose further parts are variables of the same dataset
IN_DATASET = {"CO": "COVAL", "TS": "TSVAL"}


def split_text(text: str, limit: int = LIMIT) -> list[str]:
    """The parts of a text, each of at most ``limit`` bytes and cut at a blank, which is left out.

    A word that does not fit is cut where it must, and only such a part has exactly ``limit`` bytes with more to come:
    that tells ``join_parts`` where a blank stood. Trailing blanks go, as XPT has none, and so no part is of blanks
    alone: of a text that is split, a run of blanks is shortened to the most that a part can begin with.
    """
    text = text.rstrip(" ")
    if len(text.encode()) > limit:
        text = _endless(limit).sub(" " * most_blanks(limit), text)
    parts = []
    while len(text.encode()) > limit:
        whole = text.encode()[:limit].decode(errors="ignore")
        # a blank after a word: the part before it is shorter than the limit and ends in no blank
        cut = next((i for i in range(len(whole) - 1, 0, -1) if whole[i] == " " and whole[i - 1] != " "), 0)
        if cut:
            parts.append(whole[:cut])
            text = text[cut + 1 :]
        else:
            parts.append(whole)
            text = text[len(whole) :]
    return [*parts, text]


def most_blanks(limit: int = LIMIT) -> int:
    """The most blanks that a part can begin with: a character of up to four bytes follows them."""
    return limit - 4


@functools.lru_cache
def _endless(limit: int) -> re.Pattern[str]:
    return re.compile(f" {{{most_blanks(limit) + 1},}}")


def join_parts(parts: list[str], limit: int = LIMIT) -> str:
    """The ASCII text whose parts these are."""
    return "".join(p if len(p) == limit else f"{p} " for p in parts[:-1]) + "".join(parts[-1:])


@dataclass
class _Long:
    """The long texts of one variable: parts per unique text, and the code of each record's text."""

    codes: np.ndarray
    parts: list[list[str]]

    def part(self, number: int) -> pd.Series:
        """Part ``number`` (0: the first) of each record; '' where there is none."""
        return col.join_text(self.codes, [p[number] if number < len(p) else "" for p in self.parts])

    @property
    def most(self) -> int:
        return max((len(p) for p in self.parts), default=1)

    @property
    def records(self) -> np.ndarray:
        return np.array([len(p) > 1 for p in self.parts], dtype=bool)[self.codes]


def _long(column: pd.Series) -> _Long | None:
    codes, texts = col.split_text(column)
    occurs = np.bincount(codes, minlength=len(texts)) > 0
    if not any(o and len(t) > LIMIT // 4 and len(t.encode()) > LIMIT for o, t in zip(occurs, texts, strict=True)):
        return None
    return _Long(codes, [split_text(t) if o else [""] for o, t in zip(occurs, texts, strict=True)])


def split_long_texts(finished: dict[str, Finished], findings: Findings) -> dict[tuple[str, str], int]:
    """Split every text over 200 bytes, in place. Gives (dataset, variable) -> further variables that this took.

    The counts go into the partition's Summary: ``agree`` makes all partitions alike.
    """
    further: dict[tuple[str, str], int] = {}
    for name in list(finished):
        done = finished[name]
        dataset = done.dataset
        long: dict[str, int] = {}  # variable -> parts of its longest text
        if name.startswith("SUPP"):
            continue  # after their parents, which add to them
        for v in dataset.metadata.variables:
            found = None if v.is_numeric else _long(pd.Series(dataset.frame[v.name]))
            if found is None:
                continue
            if IN_DATASET.get(name) == v.name:
                further[name, v.name] = found.most - 1
                _report(dataset, v, found, findings, CONTINUED, f"it goes on in {v.name}1 and so on")
            elif dataset.metadata.purpose == "Tabulation" and _has_supplemental(dataset.metadata):
                supp = finished.get(f"SUPP{name}")
                taken = {qualifier(n, k) for n, most in long.items() for k in range(1, most)} | set(
                    dataset.metadata.names
                )
                _refuse_taken(name, taken, _qualifiers(supp), v.name, found.most, v.rule)
                long[v.name] = found.most
                number = f"{qualifier(v.name, 1)} and so on"
                _report(dataset, v, found, findings, CONTINUED, f"it goes on in SUPP{name}, QNAM {number}")
                finished[f"SUPP{name}"] = _with_qualifiers(finished.get(f"SUPP{name}"), dataset, v, found)
            else:
                where = (
                    "its SDTM dataset has the rest"
                    if dataset.metadata.purpose == "Analysis"
                    else "the rest is left out"
                )
                rule = CONTINUED if dataset.metadata.purpose == "Analysis" else SHORTENED
                _report(dataset, v, found, findings, rule, where)
            frame = {**{n: dataset.frame[n] for n in dataset.metadata.names}, v.name: found.part(0)}
            spec = dataset.metadata
            if (name, v.name) in further:
                spec = _widened(spec, v.name, found.most - 1)
                frame |= {f"{v.name}{k}": found.part(k) for k in range(1, found.most)}
            dataset = Dataset(spec, pd.DataFrame(frame, index=dataset.frame.index), dataset.lineage)
        done.dataset = dataset
    for name in [n for n in finished if n.startswith("SUPP")]:
        parent = finished.get(name.removeprefix("SUPP"))
        _split_qualifiers(finished[name], findings, parent.dataset.metadata.names if parent is not None else [])
    return {k: n for k, n in further.items() if n}


def qualifier(name: str, number: int) -> str:
    """The QNAM of a further part: AETERM1; of a name of eight characters the last ones give way, AEACNOT1."""
    return f"{name[: 8 - len(str(number))]}{number}"


def _qualifiers(supplemental: Finished | None) -> tuple[str, ...]:
    """The QNAMs that the spec of a domain gives."""
    values = supplemental.dataset.metadata.values if supplemental is not None else ()
    return tuple(t for value in values for check in value.where if check.variable == "QNAM" for t in check.values)


def _refuse_taken(
    domain: str, taken: Iterable[str], qualifiers: tuple[str, ...], name: str, most: int, place: Place | None
) -> None:
    """SpecError where the QNAM of a further part is that of another value: two values would become one.

    ``taken``: names that are there already, and those of further parts. ``qualifiers``: the QNAMs of the spec. Whether
    another qualifier, whose parts would be called alike, has a long text too does not count: its records may be in
    another partition.
    """
    parts = [qualifier(name, k) for k in range(1, most)]
    others = [q for q in qualifiers if q != name]
    alike = {qualifier(q, k): q for q in others for k in range(1, most)}
    for part in parts:
        if part in others or part in taken:
            told = "that of another value"
        elif part in alike:
            told = f"that of the next part of {alike[part]}"
        else:
            continue
        message = f"a text has more than {LIMIT} bytes, and the QNAM of its next part, {part}, is {told} too"
        hint = "give one of the two another name, or shorten the text in its rule"
        raise SpecError([SpecProblem(place or Place(""), message, domain, name, hint)])


def _has_supplemental(spec: DatasetMetadata) -> bool:
    return "USUBJID" in spec.names and (spec.name == "DM" or f"{spec.name[:2]}SEQ" in spec.names)


def _report(dataset: Dataset, v: VariableMetadata, found: _Long, findings: Findings, rule: str, where: str) -> None:
    frame = dataset.frame
    sequence = next((n for n in dataset.metadata.names if n.endswith("SEQ") and len(n) <= 5), "")
    texts = col.split_text(pd.Series(frame[v.name]))[1]
    long = [t.rstrip(" ") if len(t) > LIMIT else "" for t in texts]
    shortened = np.array([_endless(LIMIT).search(t) is not None for t in long], dtype=bool)[found.codes]
    for at, about, message in (
        (
            np.flatnonzero(found.records),
            rule,
            f"longer than the {LIMIT} bytes of XPT: {where}",
        ),
        (
            np.flatnonzero(shortened),
            SHORTENED,
            f"a run of more than {most_blanks()} blanks is shortened to that: XPT has no text of blanks alone",
        ),
    ):
        findings.add(
            about,
            message,
            dataset=dataset.name,
            subject=col.objects(pd.Series(frame["USUBJID"]))[at] if "USUBJID" in frame else "",
            sequence=frame[sequence].to_numpy()[at].astype("int64") if sequence else np.full(len(at), -1),
            variable=v.name,
            value=col.objects(pd.Series(frame[v.name]))[at],
        )


def _widened(spec: DatasetMetadata, name: str, count: int) -> DatasetMetadata:
    """The spec with ``count`` further variables right behind ``name``; those that are there already stay."""
    at = spec.names.index(name)
    base = spec.variables[at]
    new = [
        replace(base, name=f"{name}{k}", label=f"{base.label[:37]} {k}", length=0, core="Perm")
        for k in range(1, count + 1)
        if f"{name}{k}" not in spec.names
    ]
    there = sum(1 for n in spec.names if n[: len(name)] == name and n[len(name) :].isdigit())
    variables = (*spec.variables[: at + 1 + there], *new, *spec.variables[at + 1 + there :])
    return replace(spec, variables=variables)


def _with_qualifiers(supplemental: Finished | None, parent: Dataset, v: VariableMetadata, found: _Long) -> Finished:
    """The SUPP-- dataset with a record for each further part of a variable of its parent."""
    domain, sequence = parent.name, "" if parent.name == "DM" else f"{parent.name[:2]}SEQ"
    pieces = []
    for k in range(1, found.most):
        values = found.part(k)
        at = np.flatnonzero(~col.missing(values))
        numbers = parent.frame[sequence].to_numpy(dtype="float64")[at] if sequence else np.full(len(at), np.nan)
        unique, inverse = np.unique(numbers, return_inverse=True)
        n = len(at)
        pieces.append(
            (
                at,
                {
                    "STUDYID": col.take(pd.Series(parent.frame["STUDYID"]), at),
                    "RDOMAIN": col.constant(domain, n),
                    "USUBJID": col.take(pd.Series(parent.frame["USUBJID"]), at),
                    "IDVAR": col.constant(sequence, n),
                    "IDVARVAL": col.join_text(inverse, [col.number_text(x) for x in unique.tolist()]),
                    "QNAM": col.constant(qualifier(v.name, k), n),
                    "QLABEL": col.constant(v.label, n),
                    "QVAL": col.take(values, at),
                    "QORIG": col.constant(QORIG.get(v.origin.type, "CRF"), n),
                    "QEVAL": col.constant("", n),
                },
            )
        )
    known = supplemental.dataset.metadata.values if supplemental is not None else ()
    spec = supplemental_spec(f"SUPP{domain}", domain, parent.metadata.standard, known)
    rows = [at for at, _ in pieces]
    frames = [columns for _, columns in pieces]
    lines: list[pd.DataFrame] = []
    uses: list[RuleUse] = []
    if supplemental is not None:
        old = supplemental.dataset
        lineage = old.lineage
        rows.insert(0, lineage.rows[PARENT].to_numpy() if lineage is not None else np.zeros(len(old), dtype="int64"))
        frames.insert(0, {n: pd.Series(old.frame[n]) for n in old.metadata.names})
        lines += [lineage.rows] if lineage is not None else []
        uses += lineage.rules if lineage is not None else []
    if parent.lineage is not None:
        for at, _ in pieces:
            line = parent.lineage.rows.take(at).reset_index(drop=True)
            lines.append(line.assign(**{PARENT: at.astype("int32")}))
        told = f"the next part of {v.name}, which is longer than {LIMIT} bytes."
        for k in range(1, found.most):
            name = qualifier(v.name, k)
            uses.append(RuleUse(name, -1, v.rule, f"{name} is {told}", (Reading(PARENT, domain, v.name),)))
    order = np.argsort(np.concatenate(rows), kind="stable")
    data = {n: col.take(col.concat([f[n] for f in frames]), order) for n in spec.names}
    joined = None
    if parent.lineage is not None:
        every = pd.concat(lines, ignore_index=True).fillna(-1).astype("int32").take(order).reset_index(drop=True)
        tables = {**(supplemental.dataset.lineage.tables if supplemental and supplemental.dataset.lineage else {}),
                  **parent.lineage.tables, PARENT: domain}  # fmt: skip
        joined = Lineage(every, uses, parent.lineage.sources, tables, parent.lineage.columns)
    return Finished(Dataset(spec, pd.DataFrame(data, index=pd.RangeIndex(len(order))), joined), np.arange(len(order)))


def _split_qualifiers(done: Finished, findings: Findings, parent: list[str]) -> None:
    """A QVAL of more than 200 bytes goes on in a record with the next QNAM. ``parent``: variables of its domain."""
    dataset = done.dataset
    found = _long(pd.Series(dataset.frame["QVAL"]))
    if found is None:
        return
    _report(
        dataset, dataset.metadata.variable("QVAL"), found, findings, CONTINUED, "it goes on in records with a QNAM each"
    )
    codes, names = col.split_text(pd.Series(dataset.frame["QNAM"]))
    places = {u.variable: u.place for u in dataset.lineage.rules} if dataset.lineage is not None else {}
    most = np.array([len(p) for p in found.parts])[found.codes]
    for code in np.unique(codes[found.records]).tolist():
        name = str(names[code])
        taken = {*parent, *(str(n) for n in names)}
        longest = int(most[codes == code].max())
        _refuse_taken(dataset.name[4:], taken, _qualifiers(done), name, longest, places.get(name))
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


def _all_rules(lineages: list[Lineage]) -> list[RuleUse]:
    """The rules of a SUPP-- in all partitions, in an order that does not depend on which of them split a text."""
    every = {(u.variable, u.block, u.sentence): u for line in lineages for u in line.rules}
    return [every[k] for k in sorted(every)]


def _refuse_two_owners(name: str, rules: list[RuleUse]) -> None:
    """SpecError where one QNAM is that of the next part of two variables, each long in another partition."""
    owners: dict[str, str] = {}
    for use in rules:
        for reading in use.reads:
            if reading.node == PARENT and owners.setdefault(use.variable, reading.column) != reading.column:
                taken = {use.variable}
                _refuse_taken(name[4:], taken, (), reading.column, 100, use.place)


def agree(parts: Parts, further: Mapping[tuple[str, str], int], plan: PlannedStudy) -> None:
    """Gives every partition the same datasets in the same order, and the same variables in each.

    ``further``: (dataset, variable) -> number of further variables, the most of all partitions.
    """
    there = {n for specs in parts.specs for n in specs}
    names = [n for n in plan.datasets if n in there] + [f"SUPP{n}" for n in plan.datasets if f"SUPP{n}" in there]
    lines = {n: line for lineages in parts.lineages for n, line in lineages.items()}
    for name in names:
        if name.startswith("SUPP"):
            own = [lineages[name] for lineages in parts.lineages if name in lineages]
            rules = _all_rules(own)
            _refuse_two_owners(name, rules)
            for line in own:
                line.rules = rules
    for (owner, variable), count in further.items():
        for line in (lineages[owner] for lineages in parts.lineages if owner in lineages):
            place = next((u.place for u in line.rules if u.variable == variable), None)
            told = f"the next part of {variable}, where that is longer than {LIMIT} bytes."
            parts_of = [f"{variable}{k}" for k in range(1, count + 1)]
            reads = (Reading(SAME_RECORD, owner, variable),)
            line.rules = [*line.rules, *(RuleUse(n, -1, place, f"{n} is {told}", reads) for n in parts_of)]
    widened = {owner for owner, _ in further}
    for number, specs in enumerate(parts.specs):
        made: dict[str, Dataset] = {}
        for name in names:
            if name not in specs:
                spec = next(there[name] for there in parts.specs if name in there)
                empty = pd.DataFrame({v: col.constant("", 0) for v in spec.names})
                line = lines.get(name)
                lineage = (
                    Lineage(line.rows.head(0), line.rules, line.sources, line.tables, line.columns) if line else None
                )
                made[name] = Dataset(spec, empty, lineage)
            elif name in widened:
                made[name] = _agreed(parts.dataset(number, name), further)
        parts.arrange(number, names, made)


def _agreed(dataset: Dataset, further: Mapping[tuple[str, str], int]) -> Dataset:
    for (owner, variable), count in further.items():
        if owner == dataset.name:
            spec = _widened(dataset.metadata, variable, count)
            new = {v: col.constant("", len(dataset)) for v in spec.names if v not in dataset.metadata.names}
            dataset = Dataset(spec, pd.DataFrame(dataset.frame.assign(**new)), dataset.lineage)
    return dataset
