"""Text longer than XPT holds (200 bytes): the first part stays, the rest goes to the place of the standard.

SDTMIG 3.4 section 4.5.3: COVAL1, COVAL2 ... and TSVAL1, TSVAL2 ... in the same dataset; of any other variable SUPP--
records whose QNAM is the variable's name and a number; a long QVAL likewise. Where a dataset has no SUPP-- (ADaM, trial
design), the first part alone is written, and a finding has the whole text.

Not for cutting a text (text_parts.py) nor for letters beyond ASCII: transport/ascii_text.py changes those first, since
a letter may become several bytes.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from ..engine.columns import column as col
from ..engine.tables.dataset import Dataset, DatasetMetadata, Finished, VariableMetadata
from ..findings.table import Findings
from .further_qualifiers import qualifier, qualifiers_of, refuse_taken, split_qualifiers, with_qualifiers
from .text_parts import LIMIT, LongTexts, long_blanks, long_texts, most_blanks

CONTINUED, SHORTENED = "R2A-TEXT-003", "R2A-TEXT-004"
#: variables whose further parts are variables of the same dataset
IN_DATASET = {"CO": "COVAL", "TS": "TSVAL"}


def split_long_texts(finished: dict[str, Finished], findings: Findings) -> dict[tuple[str, str], int]:
    """Split every text over 200 bytes, in place. Gives (dataset, variable) -> the number of further variables.

    The counts go into the Summary of the partition: long_text_partitions.py adds the variables to all partitions.
    """
    further: dict[tuple[str, str], int] = {}
    for name in list(finished):
        done = finished[name]
        dataset = done.dataset
        long: dict[str, int] = {}  # variable -> parts of its longest text
        if name.startswith("SUPP"):
            continue  # below, after the parents, which add records to them
        for v in dataset.metadata.variables:
            found = None if v.is_numeric else long_texts(dataset.columns[v.name])
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
                refuse_taken(name, taken, qualifiers_of(supp), v.name, found.most, v.rule)
                long[v.name] = found.most
                number = f"{qualifier(v.name, 1)} and so on"
                _report(dataset, v, found, findings, CONTINUED, f"it goes on in SUPP{name}, QNAM {number}")
                finished[f"SUPP{name}"] = with_qualifiers(finished.get(f"SUPP{name}"), dataset, v, found)
            else:
                where = (
                    "its SDTM dataset has the rest"
                    if dataset.metadata.purpose == "Analysis"
                    else "the dataset has no place for the rest"
                )
                rule = CONTINUED if dataset.metadata.purpose == "Analysis" else SHORTENED
                _report(dataset, v, found, findings, rule, where)
            frame = {**{n: dataset.frame[n] for n in dataset.metadata.names}, v.name: found.part(0)}
            spec = dataset.metadata
            if (name, v.name) in further:
                spec = widened(spec, v.name, found.most - 1)
                frame |= {f"{v.name}{k}": found.part(k) for k in range(1, found.most)}
            dataset = Dataset(spec, pd.DataFrame(frame, index=dataset.frame.index), dataset.lineage)
        done.dataset = dataset
    for name in [n for n in finished if n.startswith("SUPP")]:
        done, parent = finished[name], finished.get(name.removeprefix("SUPP"))
        dataset = done.dataset
        found = long_texts(pd.Series(dataset.frame["QVAL"]))
        if found is not None:
            where = "it goes on in records with a QNAM each"
            _report(dataset, dataset.metadata.variable("QVAL"), found, findings, CONTINUED, where)
            split_qualifiers(done, found, parent.dataset.metadata.names if parent is not None else [])
    return {k: n for k, n in further.items() if n}


def _has_supplemental(spec: DatasetMetadata) -> bool:
    return "USUBJID" in spec.names and (spec.name == "DM" or f"{spec.name[:2]}SEQ" in spec.names)


def _report(dataset: Dataset, v: VariableMetadata, found: LongTexts, findings: Findings, rule: str, where: str) -> None:
    frame = dataset.frame
    sequence = next((n for n in dataset.metadata.names if n.endswith("SEQ") and len(n) <= 5), "")
    texts = col.split_text(pd.Series(frame[v.name]))[1]
    long = [t.rstrip(" ") if len(t) > LIMIT else "" for t in texts]
    shortened = np.array([long_blanks(LIMIT).search(t) is not None for t in long], dtype=bool)[found.codes]
    for at, about, message in (
        (
            np.flatnonzero(found.records),
            rule,
            f"longer than the {LIMIT} bytes of XPT: {where}",
        ),
        (
            np.flatnonzero(shortened),
            SHORTENED,
            f"a run of more than {most_blanks()} blanks has {most_blanks()} now: XPT has no text of blanks alone",
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


def widened(spec: DatasetMetadata, name: str, count: int) -> DatasetMetadata:
    """The metadata with ``count`` further variables right behind ``name``; existing ones stay."""
    at = spec.names.index(name)
    base = spec.variables[at]
    new = [
        replace(base, name=f"{name}{k}", label=f"{base.label[:37]} {k}", length=0, core="Perm")
        for k in range(1, count + 1)
        if f"{name}{k}" not in spec.names
    ]
    existing = sum(1 for n in spec.names if n[: len(name)] == name and n[len(name) :].isdigit())
    variables = (*spec.variables[: at + 1 + existing], *new, *spec.variables[at + 1 + existing :])
    return replace(spec, variables=variables)
